"""COPY with REPLACING: members found, words and parts of words replaced."""

from __future__ import annotations

import pytest

from ksds.copybook.copying import after_replace, expanded
from ksds.copybook.scanner import scan
from ksds.errors import CopybookError

MEMBERS = {
    "NAMES": "05 :TAG:-FIRST PIC X(:LEN:). 05 :TAG:-LAST PIC X(20).",
    "DATES": "05 D-YEAR PIC 9(4). 05 D-DAY PIC 9(3).",
    "LOOP": "COPY LOOP.",
    "WORDS": "A " * 10,
    "TAGS": ":A:" * 30,
    "WIDE": "COPY WIDER. " * 60,
    "WIDER": "COPY WIDEST. " * 60,
    "WIDEST": "05 A PIC X. " * 60,
    "OUTER": "COPY NAMES REPLACING ==:TAG:== BY ==IN== ==:LEN:== BY ==4==.",
}


def copied(text: str) -> str:
    def library(member: str, library: str) -> tuple[str, str] | None:
        return (member, MEMBERS[member]) if member in MEMBERS else None

    return " ".join(token.text for token in after_replace(expanded(scan(text, "T"), library)))


def test_a_member_takes_the_place_of_the_statement() -> None:
    assert copied("01 A. COPY DATES. 05 B PIC X.") == f"01 A . {spaced(MEMBERS['DATES'])} 05 B PIC X ."
    assert copied("COPY 'DATES' OF COPYLIB SUPPRESS.") == spaced(MEMBERS["DATES"])


def spaced(text: str) -> str:
    return text.replace(".", " .")


def test_tags_in_colons_are_replaced_inside_words_and_pictures() -> None:
    text = copied("COPY NAMES REPLACING ==:TAG:== BY ==CUST== ==:LEN:== BY ==12==.")
    assert text == "05 CUST-FIRST PIC X(12) . 05 CUST-LAST PIC X(20) ."


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("LEADING ==D-== BY ==DUE-==", "05 DUE-YEAR PIC 9(4) . 05 DUE-DAY PIC 9(3) ."),
        ("TRAILING ==-DAY== BY ==-DAYS==", "05 D-YEAR PIC 9(4) . 05 D-DAYS PIC 9(3) ."),
        ("D-YEAR BY YYYY", "05 YYYY PIC 9(4) . 05 D-DAY PIC 9(3) ."),
        ("==PIC 9(3)== BY ==PIC S9(3) COMP-3==", "05 D-YEAR PIC 9(4) . 05 D-DAY PIC S9(3) COMP-3 ."),
        ("==05 D-YEAR PIC 9(4).== BY ====", "05 D-DAY PIC 9(3) ."),
        ("D-YEA BY X", spaced(MEMBERS["DATES"])),
    ],
)
def test_whole_words_and_beginnings_and_ends_are_replaced(how: str, expected: str) -> None:
    assert copied(f"COPY DATES REPLACING {how}.") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("REPLACE ==:T:== BY ==CUST==. 05 :T:-A PIC X. 05 B PIC X.", "05 CUST-A PIC X . 05 B PIC X ."),
        ("05 A PIC X. REPLACE ==A== BY ==B==. 05 A PIC X.", "05 A PIC X . 05 B PIC X ."),
        ("REPLACE ==A== BY ==B==. 05 A. REPLACE ==C== BY ==D==. 05 A. 05 C.", "05 B . 05 A . 05 D ."),
        ("REPLACE ==A== BY ==B==. 05 A. REPLACE OFF. 05 A.", "05 B . 05 A ."),
        ("REPLACE LEADING ==D-== BY ==X-==. COPY DATES.", "05 X-YEAR PIC 9(4) . 05 X-DAY PIC 9(3) ."),
        (
            "REPLACE ==CUST-LAST== BY ==NAME==. COPY NAMES REPLACING ==:TAG:== BY ==CUST== ==:LEN:== BY ==1==.",
            "05 CUST-FIRST PIC X(1) . 05 NAME PIC X(20) .",
        ),
    ],
)
def test_replace_changes_what_stands_behind_it_once_all_is_copied(text: str, expected: str) -> None:
    assert copied(text) == expected


def test_members_copy_members() -> None:
    assert copied("COPY OUTER.") == "05 IN-FIRST PIC X(4) . 05 IN-LAST PIC X(20) ."


def test_sql_includes_copy_and_other_blocks_are_left_out() -> None:
    assert copied("EXEC SQL INCLUDE DATES END-EXEC. 01 A.") == f"{spaced(MEMBERS['DATES'])} . 01 A ."
    assert copied("EXEC SQL DECLARE T TABLE (A CHAR(1)) END-EXEC. 01 A.") == ". 01 A ."


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("01 A.\nCOPY NOWHERE.", "COPY MEMBER NOWHERE NOT FOUND IN T LINE 2"),
        ("COPY DATES", "COPY WITHOUT PERIOD"),
        ("COPY .", "COPY WITHOUT MEMBER NAME"),
        ("COPY LOOP.", "NESTED DEEPER THAN 20 IN LOOP"),
        ("COPY WIDE.", "MORE THAN 200000 WORDS"),
        ("COPY WORDS REPLACING ==A== BY ==" + "B " * 30_000 + "==.", "MORE THAN 200000 WORDS"),
        ("COPY TAGS REPLACING ==:A:== BY ==" + "B" * 9_000 + "==.", "REPLACING MAKES A WORD TOO LONG"),
        ("COPY DATES REPLACING A B C.", "REPLACING IS NOT old BY new"),
        ("COPY DATES REPLACING ==== BY ==X==.", "REPLACING NOTHING"),
        ("COPY DATES GARBAGE.", "GARBAGE IN COPY"),
        ("EXEC SQL SELECT 1.", "EXEC WITHOUT END-EXEC"),
        ("REPLACE ==A== BY ==B==", "REPLACE WITHOUT PERIOD"),
        ("REPLACE .", "REPLACE WITHOUT old BY new"),
        ("REPLACE ==A== ==B==.", "REPLACING IS NOT old BY new"),
    ],
)
def test_what_cannot_be_copied_is_said_in_one_line(text: str, what: str) -> None:
    with pytest.raises(CopybookError) as error:
        copied(text)
    assert what in str(error.value) and "\n" not in str(error.value)
