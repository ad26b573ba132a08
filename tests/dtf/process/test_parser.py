"""How a Process may be written: labels, continuation, comments, strings, the two layouts; and where an error points."""

from __future__ import annotations

import pytest

from dtf.errors import ProcessSyntaxError
from dtf.process.parser import Draft, Group, Operand, Text, Value, parse, parse_value
from dtf.process.tokens import Kind, Source


def outline(draft: Draft) -> list[tuple[str, str, list[str]]]:
    """(label, verb, operands as keyword= or word)."""
    return [
        (
            statement.label,
            statement.verb,
            [operand.keyword + "=" * bool(operand.keyword) + operand.word for operand in statement.operands],
        )
        for statement in draft.statements
    ]


def pieces(value: Value) -> list[str]:
    assert isinstance(value, Text)
    return [piece.text for piece in value.pieces]


def first_value(text: str) -> Value:
    """The value of the first operand of PROCESS."""
    return parse(f"P PROCESS X={text}").statements[0].operands[0].value


ZOS = """\
* A Process as it stands in the Process library
PAYDAY   PROCESS SNODE=CD.BRANCH   -          /* the partner */
                 &DSN1=PROD.PAY.EXTRACT
/* one step only */
STEP01   COPY FROM (DSN=&DSN1             -
* a comment does not end a continuation
                    DISP=SHR)             -

              CKPT=10M                    - /* after the mark */
              TO   (DSN=BR.PAY.INPUT      -
                    DISP=(NEW,CATLG))
         IF (STEP01 > 4) THEN
         EXIT
         EIF
"""


def test_a_process_as_on_zos() -> None:
    draft = parse(ZOS)
    assert not draft.is_free
    assert outline(draft) == [
        ("PAYDAY", "PROCESS", ["SNODE=", "&DSN1="]),
        ("STEP01", "COPY", ["FROM", "", "CKPT=", "TO", ""]),
        ("", "IF", []),
        ("", "EXIT", []),
        ("", "EIF", []),
    ]
    condition = draft.statements[2].condition
    assert condition is not None
    assert (condition.step.text, condition.comparison, condition.code.text) == ("STEP01", ">", "4")


UNIX = """\
submit PAY process snode=NODE2
  step1 copy from (file=/a/b/c pnode sysopts=":datatype=text:") ckpt=10m compress extended
     to (file=/c/d snode disp=rpl)
  step2
    copy from (file=x snode) to (file=y pnode)
  if (step1 = 0) then
  else exit eif
pend;
"""


@pytest.mark.parametrize("text", [UNIX, UNIX.replace("\n", " "), UNIX.replace("\n", "\r\n"), UNIX + "\n\n"])
def test_a_process_as_on_unix_in_any_arrangement_of_lines(text: str) -> None:
    draft = parse(text)
    assert draft.is_free
    assert outline(draft) == [
        ("PAY", "PROCESS", ["SNODE="]),
        ("STEP1", "COPY", ["FROM", "", "CKPT=", "COMPRESS", "EXTENDED", "TO", ""]),
        ("STEP2", "COPY", ["FROM", "", "TO", ""]),
        ("", "IF", []),
        ("", "ELSE", []),
        ("", "EXIT", []),
        ("", "EIF", []),
        ("", "PEND", []),
    ]


def test_pend_may_close_a_process_on_zos() -> None:
    for pend in (" PEND\n", "PEND\n"):
        assert outline(parse("P PROCESS SNODE=B\n" + pend))[-1] == ("", "PEND", [])


def test_a_host_and_port_are_one_word() -> None:
    draft = parse("pay process snode=10.20.30.40;1364 pend;")
    assert pieces(draft.statements[0].operands[0].value) == ["10.20.30.40;1364"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A.B.C", ["A.B.C"]),
        ("LIB(MEMBER)", ["LIB", "(", "MEMBER", ")"]),
        ("GDG.BASE(+1)", ["GDG.BASE", "(", "+1", ")"]),
        ("&HLQ.DATA", ["HLQ", ".DATA"]),
        ("CD || NODE", ["CD", "NODE"]),
        ("CD||NODE", ["CD", "NODE"]),
        ("&A || &B", ["A", "B"]),
        ("&A || -\n   .X", ["A", ".X"]),
        ("'it''s'", ["it's"]),
        ('"a ""b"""', ['a "b"']),
        (r"\'DEPT\\MIS\ || \602'\ ".strip(), ["'DEPT\\MIS", "602'"]),
        ("X'40'", ["X", "40"]),
        ("/usr/lpp/x-y_z", ["/usr/lpp/x-y_z"]),
        ("''", [""]),
    ],
)
def test_values(written: str, expected: list[str]) -> None:
    assert pieces(first_value(written)) == expected


def test_blanks_round_the_equal_sign_do_not_matter() -> None:
    assert outline(parse("P PROCESS SNODE = B PRTY= 3 CLASS =1")) == [("P", "PROCESS", ["SNODE=", "PRTY=", "CLASS="])]


def test_lists_may_leave_values_out() -> None:
    group = first_value("(,CATLG,,A=(B C))")
    assert isinstance(group, Group)
    shown = [None if operand is None else operand.keyword or operand.word for operand in group.operands]
    assert shown == [None, "CATLG", None, "A"]
    inner = group.operands[3]
    assert isinstance(inner, Operand)
    assert isinstance(inner.value, Group)
    assert len(inner.value.operands) == 2


def test_a_value_from_a_command_is_read_alone() -> None:
    value = parse_value(Source("(IBMUSER,SECRET)"))
    assert isinstance(value, Group)
    for text in ("A B", "(A", "A)", "=", ""):
        with pytest.raises(ProcessSyntaxError):
            parse_value(Source(text))


def test_case_of_keywords_and_labels_does_not_matter() -> None:
    assert outline(parse("pay process snode=x\ns1 copy from (dsn=a)")) == [
        ("PAY", "PROCESS", ["SNODE="]),
        ("S1", "COPY", ["FROM", ""]),
    ]


def test_tokens_know_where_they_stand() -> None:
    statement = parse(ZOS).statements[1]
    assert (statement.at.kind, statement.at.line, statement.at.column) == (Kind.WORD, 5, 10)


# ---- errors point at what is wrong


@pytest.mark.parametrize(
    ("text", "line", "column", "why"),
    [
        ("", 1, 1, "THE TEXT HOLDS NO PROCESS"),
        ("* only\n\n/* a comment */\n", 1, 1, "THE TEXT HOLDS NO PROCESS"),
        ("P PROCESS SNODE=B\n  TO (DSN=A)", 2, 3, "HYPHEN MISSING ON THE LINE BEFORE, OR PEND; AT THE END?"),
        ("P PROCESS SNODE=B\nSTEP1 COPPY FROM", 2, 7, "A STATEMENT WAS EXPECTED, NOT 'COPPY'"),
        ("P PROCESS SNODE=B\nSTEP12345 COPY", 2, 1, "IS NOT A LABEL"),
        ("P PROCESS SNODE=B\n1STEP COPY", 2, 1, "IS NOT A LABEL"),
        ("P PROCESS SNODE='B", 1, 17, "STRING IS NOT CLOSED"),
        ('P PROCESS SNODE="B\n"', 1, 17, "STRING IS NOT CLOSED"),
        ("P PROCESS SNODE=(A,(B)", 1, 17, "PARENTHESIS IS NOT CLOSED"),
        ("P PROCESS SNODE=A)", 1, 18, "A VALUE WAS EXPECTED, NOT ')'"),
        ("P PROCESS SNODE=", 1, 17, "A VALUE WAS EXPECTED, NOT THE END OF THE STATEMENT"),
        ("P PROCESS SNODE=A || ", 1, 21, "A VALUE WAS EXPECTED"),
        ("P PROCESS SNODE=A | B", 1, 19, "A SINGLE VERTICAL BAR"),
        ("P PROCESS SNODE=&", 1, 17, "A SYMBOLIC NAME MUST FOLLOW"),
        ("P PROCESS SNODE=&&A", 1, 17, "A SYMBOLIC NAME MUST FOLLOW"),
        ("P PROCESS SNODE=&ABCDEFGHI", 1, 17, "SYMBOLIC NAME ABCDEFGHI IS TOO LONG"),
        ("P PROCESS - SNODE=A", 1, 11, "A HYPHEN CONTINUES A LINE ONLY AT ITS END"),
        ("P PROCESS SNODE=A -", 1, 19, "NOTHING FOLLOWS THE CONTINUATION"),
        ("P PROCESS SNODE=A /* open", 1, 19, "COMMENT IS NOT CLOSED"),
        ("/* open\n*/\nP PROCESS", 2, 1, "MAY NOT STAND IN COLUMN 1"),
        ("P PROCESS SNODE=A\n IF STEP1 = 0 THEN", 2, 5, "'(' AFTER IF WAS EXPECTED"),
        ("P PROCESS SNODE=A\n IF (STEP1 = 0)", 2, 16, "THEN WAS EXPECTED"),
        ("P PROCESS SNODE=A\n IF (STEP1 = 0) THEM", 2, 17, "THEN WAS EXPECTED"),
        ("P PROCESS SNODE=A\n IF (STEP1 , 0) THEN", 2, 12, "A CONDITION WAS EXPECTED"),
        ("P PROCESS SNODE=A\n IF (STEP1 > 4) THEN EXIT", 2, 22, "BEGINS ON ITS OWN LINE"),
        ("P PROCESS SNODE=A\n RUN AWAY", 2, 6, "JOB OR TASK"),
        ("P PROCESS SNODE=A\n PEND\n EXIT", 3, 2, "NOTHING MAY FOLLOW PEND"),
        ("P PROCESS SNODE=A\x07", 1, 18, "CONTROL CHARACTER"),
        ("P PROCESS SNODE=A\n\x1b[2J", 2, 1, "CONTROL CHARACTER"),
    ],
)
def test_an_error_has_a_line_a_column_and_a_reason(text: str, line: int, column: int, why: str) -> None:
    with pytest.raises(ProcessSyntaxError) as caught:
        parse(text)
    error = caught.value
    assert why in error.what
    assert (error.line, error.column) == (line, column)
    assert str(error) == f"DTX001E {error.what} AT LINE {line} COLUMN {column}"
    assert error.condition_code == 8


def test_the_marked_span_stands_below_its_word() -> None:
    with pytest.raises(ProcessSyntaxError) as caught:
        parse("P PROCESS SNODE=B\nSTEP1 COPPY FROM")
    assert caught.value.marked == "STEP1 COPPY FROM\n      ^^^^^"
    with pytest.raises(ProcessSyntaxError) as caught:
        parse("P PROCESS " + "A" * 500 + "= |")
    shown, marks = caught.value.marked.split("\n")
    assert len(shown) <= 100
    assert shown[len(marks) - 1] == "|"


def test_in_free_layout_the_word_behind_goto_is_its_label_whatever_follows() -> None:
    draft = parse("p process snode=b s1 copy from (dsn=a) to (dsn=c) if (s1 = 0) then goto s2 eif s2 exit pend;")
    assert [(s.label, s.verb) for s in draft.statements][-5:] == [
        ("", "IF"),
        ("", "GOTO"),
        ("", "EIF"),
        ("S2", "EXIT"),
        ("", "PEND"),
    ]


@pytest.mark.parametrize("following", ["pend;", "if (s1 > 4) then exit eif pend;", "s2 exit pend;"])
@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("copy from (dsn=a) to (dsn=c) compress", ["COMPRESS"]),
        ("copy from (dsn=a) to (dsn=c)\n compress extended", ["COMPRESS", "EXTENDED"]),
        ("run job (dsn=a.b) snode", ["SNODE"]),
        ("run task (pgm=a) SNODE", ["SNODE"]),
    ],
)
def test_in_free_layout_the_last_word_of_a_step_is_no_label_of_what_follows(step, words, following) -> None:
    draft = parse(f"p process snode=b\n s1 {step}\n{following}")
    assert [operand.word for operand in draft.statements[1].operands][-len(words) :] == words
    assert (draft.statements[2].label, draft.statements[-1].verb) == ("S2" if "s2" in following else "", "PEND")
