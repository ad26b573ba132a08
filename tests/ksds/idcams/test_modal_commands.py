"""IF, THEN, ELSE, DO, END and SET; LASTCC and MAXCC; what happens to commands that are not taken."""

from __future__ import annotations

import pytest

from ksds import idcams
from tests.ksds.idcams.conftest import NOW

GOOD = "LISTCAT LEVEL(NONE)"  # 0
NOT_FOUND = "LISTCAT ENTRIES(NO.SUCH)"  # 4
NOT_DELETED = "DELETE NO.SUCH"  # 8
BAD = "DELETE"  # 12


@pytest.mark.parametrize(("command", "code"), [(GOOD, 0), (NOT_FOUND, 4), (NOT_DELETED, 8), (BAD, 12)])
def test_the_codes_these_tests_are_made_of(console, command, code):
    assert console.run(command).max_cc == code


def test_maxcc_is_the_highest_and_lastcc_the_last(console):
    text = f"{NOT_DELETED}\n{NOT_FOUND}\nIF LASTCC = 4 THEN SET LASTCC = 5\nIF MAXCC = 8 THEN SET MAXCC = 3"
    assert console.run(text).max_cc == 3


def test_an_empty_stream_ends_with_zero(console):
    assert console.run("").max_cc == 0
    assert console.messages("") == ["0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("LASTCC = 4", True),
        ("LASTCC=4", True),
        ("LASTCC EQ 04", True),
        ("LASTCC \u00ac= 4", False),
        ("LASTCC NE 8", True),
        ("LASTCC > 3", True),
        ("LASTCC GT 4", False),
        ("LASTCC<8", True),
        ("LASTCC LT 4", False),
        ("LASTCC >= 4", True),
        ("LASTCC GE 5", False),
        ("MAXCC LE 4", True),
        ("maxcc <= 3", False),
    ],
)
def test_comparisons(console, condition, holds):
    text = f"{NOT_FOUND}\nIF {condition} THEN SET MAXCC = 1\nELSE SET MAXCC = 2"
    assert console.run(text).max_cc == (1 if holds else 2)


def test_set(console):
    assert console.run("SET MAXCC = 8\nSET LASTCC EQ 4").max_cc == 8
    assert console.run("SET LASTCC = 12").max_cc == 12
    assert console.run(f"{NOT_DELETED}\nSET MAXCC = 0\nIF LASTCC = 8 THEN SET MAXCC = 1").max_cc == 1


def test_sixteen_ends_everything(console):
    result = console.run(f"SET MAXCC = 99\n{NOT_FOUND}")
    assert result.max_cc == 16
    assert not any("NO.SUCH" in line for line in result.sysprint)


def test_groups(console):
    text = f"IF LASTCC = 0 THEN DO\n{NOT_FOUND}\n{NOT_DELETED}\nEND\nELSE DO\n{BAD}\nEND\nIF MAXCC=8 THEN SET MAXCC=1"
    assert console.run(text).max_cc == 1


def test_else_belongs_to_the_nearest_then(console):
    nested = "IF LASTCC = 0 THEN -\nIF LASTCC = 1 THEN -\nSET MAXCC = 1\nELSE -\nSET MAXCC = 2"
    assert console.run(nested).max_cc == 2
    skipping = "IF LASTCC = 1 THEN -\nIF LASTCC = 1 THEN -\nSET MAXCC = 1\nELSE\nELSE SET MAXCC = 3"
    assert console.run(skipping).max_cc == 3


def test_then_with_nothing_behind_it(console):
    assert console.run("IF LASTCC = 0 THEN\nELSE SET MAXCC = 5").max_cc == 0
    assert console.run("IF LASTCC = 1 THEN\nELSE SET MAXCC = 5").max_cc == 5


def test_a_comment_between_then_and_else_parts_them(console):
    result = console.run("IF LASTCC = 0 THEN\n/* why */\nELSE SET MAXCC = 5")
    assert result.max_cc == 16
    assert "0IDC4227I AN 'ELSE' COMMAND APPEARS IMPROPERLY" in result.sysprint
    assert "0IDC3207I REMAINDER OF COMMAND INPUT STREAM IGNORED" in result.sysprint


def test_commands_not_taken_are_scanned_and_echoed(console):
    result = console.run(f"IF LASTCC = 4 THEN {BAD} A.B\nELSE IF LASTCC = 4 THEN DO\n{NOT_FOUND}\nSET MAXCC = 9\nEND")
    assert result.max_cc == 0
    bypassed = "0IDC0204I PRECEDING COMMAND BYPASSED DUE TO CONDITION CODES"
    assert [line for line in result.sysprint if "IDC0" in line][:2] == [bypassed, bypassed]
    assert result.sysprint[-1] == "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0"


def test_a_syntax_error_not_taken_changes_no_code(console):
    messages = console.messages(f"IF LASTCC = 4 THEN {GOOD} WRONG")
    assert messages[:2] == [
        "0IDC3211I KEYWORD 'WRONG' IS IMPROPER",
        "0IDC3216I ABOVE TEXT BYPASSED UNTIL NEXT COMMAND",
    ]
    assert messages[-1].endswith("WAS 0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("IF LASTCC THEN", "IDC4229I"),
        ("IF RC = 4 THEN", "IDC4229I"),
        ("IF LASTCC = X THEN", "IDC4229I"),
        ("IF LASTCC = 4\nTHEN SET MAXCC = 1", "IDC4232I"),
        ("IF LASTCC = 4 SET MAXCC = 1", "IDC4232I"),
        ("SET MAXCC", "IDC4230I"),
        ("SET MAXCC = -1", "IDC4230I"),
        ("SET RC = 1", "IDC4230I"),
        ("SET MAXCC = 1 2", "IDC4230I"),
        ("END", "IDC4228I"),
        ("ELSE", "IDC4227I"),
        ("DELETE A.B -", "IDC4236I"),
        ("IF LASTCC = 0 THEN DO\nSET MAXCC = 0", "IDC4236I"),
        ("IF LASTCC = 0 THEN " * 11, "IDC4232I"),
    ],
)
def test_modal_errors_end_the_stream(console, text, message):
    result = console.run(text + f"\n{NOT_FOUND}" if text[-1] != "-" and "DO" not in text else text)
    assert result.max_cc == 16
    assert any(line.startswith(f"0{message}") for line in result.sysprint)
    assert any(line.startswith("0IDC3207I") for line in result.sysprint)
    assert not any("NO.SUCH NOT" in line for line in result.sysprint)


def test_ten_levels_of_if_and_no_more(console):
    def nest(levels):
        return "\n".join(["IF MAXCC = 0 THEN -"] * levels) + "\nSET MAXCC = 1"

    assert console.run(nest(10)).max_cc == 1
    assert "0IDC4237I TOO MANY LEVELS OF 'IF' COMMAND NESTING" in console.run(nest(11)).sysprint


def test_verbs_nobody_knows_and_verbs_not_here_yet(console):
    assert console.messages("FOO BAR")[:2] == [
        "0IDC3219I VERB NAME 'FOO' UNKNOWN",
        "0IDC3202I ABOVE TEXT BYPASSED UNTIL NEXT COMMAND. CONDITION CODE IS 12",
    ]
    assert console.messages("DCOLLECT OFILE(OUT)")[:2] == [
        "0KSD301E COMMAND 'DCOLLECT' IS NOT SUPPORTED BY THIS VERSION",
        "0IDC3003I FUNCTION TERMINATED. CONDITION CODE IS 12",
    ]
    assert console.messages("DEFINE PAGESPACE(NAME(A) CYL(1))")[:1] == [
        "0KSD302E PARAMETER 'PAGESPACE' IS NOT SUPPORTED BY THIS VERSION"
    ]


def test_margins_can_be_changed(console):
    result = console.run("PARM MARGINS(1 80)\n" + " " * 60 + "SET MAXCC = 7")
    assert result.max_cc == 7
    assert any(line.startswith("0IDC1927I") for line in console.run("PARM MARGINS(9 9)").sysprint)


def test_margins_may_come_from_the_exec_statement(system):
    result = idcams.run(system, "SET MAXCC = 7" + " " * 60, now=NOW, parm="MARGINS(1 80)")
    assert result.max_cc == 7


def test_a_wrong_parm_changes_nothing(system):
    result = idcams.run(system, " SET LASTCC = 4\n", now=NOW, parm="MARGIN(1 80)")
    assert "0IDC3211I KEYWORD 'MARGIN' IS IMPROPER" in result.sysprint
    assert result.max_cc == 12
    result = idcams.run(system, " SET LASTCC = 1\n", now=NOW, parm="MARGINS(80 1)")
    assert result.max_cc == 4
