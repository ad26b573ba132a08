"""Source text to tokens: fixed and free format, comments, continuation, literals."""

from __future__ import annotations

import pytest

from ksds.copybook import parse
from ksds.copybook.scanner import LONGEST_TEXT, Kind, scan
from ksds.errors import CopybookError


def words(text: str) -> list[str]:
    return [token.text for token in scan(text, "T")]


def test_fixed_format_has_sequence_numbers_indicators_and_nothing_behind_column_72() -> None:
    text = (
        "000100* A COMMENT                                                       \n"
        "000200 01  ACCOUNT.                                                     ACCT0001\n"
        "000300/ ANOTHER, ON A NEW PAGE\n"
        "000400D    05  DEBUGGING PIC X.\n"
        "      $SET DIRECTIVE\n"
        "000500     05  Id PIC 9(4). *> and a remark\n"
        "\n"
        "   \n"
    )
    tokens = scan(text, "ACCT.cpy")
    assert [token.text for token in tokens] == ["01", "ACCOUNT", ".", "05", "ID", "PIC", "9(4)", "."]
    assert (tokens[4].source, tokens[4].line) == ("ACCT.cpy", 6)


@pytest.mark.parametrize(
    "text",
    [
        "01 ACCOUNT.\n05 ID PIC 9(4).",
        "  01 ACCOUNT.\n     05 ID PIC 9(4).",
        "01 ACCOUNT.\r\n*> a remark\r\n      * and another\r\n    05 ID PIC 9(4).\r\n",
        "\t01 ACCOUNT.\n\t05 ID PIC 9(4).",
        "01 ACCOUNT.\n      05 ID\n      PIC 9(4).",
        "01\tACCOUNT.\n 05 ID" + " " * 80 + "PIC 9(4).",
    ],
)
def test_free_format_is_seen_by_what_cannot_be_fixed(text: str) -> None:
    assert words(text) == ["01", "ACCOUNT", ".", "05", "ID", "PIC", "9(4)", "."]


def test_lines_longer_than_a_card_are_of_the_extended_format() -> None:
    wide = "       01  A. 05 B PIC X(10)." + " " * 50 + "05 C PIC X."
    assert words(wide) == ["01", "A", ".", "05", "B", "PIC", "X(10)", ".", "05", "C", "PIC", "X", "."]
    card = "       01  A. 05 B PIC X(10). 05 C PIC X(20). 05 D PIC X(9). 05 E PIC X(30)."
    assert len(card) in range(73, 81) and words(card)[-1] == "X("
    with pytest.raises(CopybookError, match=r"COLUMNS 73 TO 80 ARE NOT READ\) IN T LINE 1"):
        parse(card, "T")


def test_a_word_that_begins_with_d_is_no_debugging_line() -> None:
    text = "       01  R. 05 N PIC 9. 05 T PIC X\n           OCCURS 9\n      DEPENDING ON N.\n"
    assert words(text)[-4:] == ["DEPENDING", "ON", "N", "."]


def test_frames_of_comments_may_be_as_wide_as_they_like() -> None:
    frame = "      " + "*" * 90 + "\n* ITEMS\n**********\n"
    assert words(frame + "       01  A PIC X(10).".ljust(72) + "ACCT0001\n" + frame) == ["01", "A", "PIC", "X(10)", "."]


def test_a_word_and_a_literal_are_continued() -> None:
    literal = "           88 A VALUE 'BEGUN HERE".ljust(72) + "\n" + "      -    'AND ENDED'.\n"
    begun = "BEGUN HERE".ljust(72 - len("           88 A VALUE '"))
    assert words(literal) == ["88", "A", "VALUE", f"'{begun}AND ENDED'", "."]
    assert words("\n".join(line.rstrip() for line in literal.split("\n"))) == words(literal)
    assert words("       01 ACCO\n      -    UNT.\n") == ["01", "ACCOUNT", "."]
    assert words("       88 B VALUES 'ONE',\n      *  between\n      -    'TWO'.\n")[-3:] == ["'ONE'", "'TWO'", "."]


def test_what_ends_an_entry_and_what_is_part_of_a_picture() -> None:
    assert words("01 A PIC 9.99. 01 B PIC ZZ,ZZ9.") == ["01", "A", "PIC", "9.99", ".", "01", "B", "PIC", "ZZ,ZZ9", "."]
    assert words("88 A VALUES 1, 2; -3.5.") == ["88", "A", "VALUES", "1", "2", "-3.5", "."]


def test_literals_keep_their_case_and_their_quotes() -> None:
    tokens = scan("""88 A VALUES 'it''s' "x" X'C1c2' n'y','z'.""", "T")
    assert [token.text for token in tokens if token.kind is Kind.LITERAL] == [
        "'it''s'",
        '"x"',
        "X'C1c2'",
        "n'y'",
        "'z'",
    ]


def test_what_has_no_end_is_named_with_its_line() -> None:
    for text, what in (("01 A.\n88 B VALUE 'ab", "A LITERAL"), ("01 A.\nCOPY B REPLACING ==C", "PSEUDO-TEXT")):
        with pytest.raises(CopybookError, match=what) as error:
            scan(text, "T.cpy")
        assert str(error.value).startswith("KSD121E ") and str(error.value).endswith("IN T.cpy LINE 2")


def test_a_text_has_an_end() -> None:
    with pytest.raises(CopybookError, match="AT MOST"):
        scan(" " * (LONGEST_TEXT + 1), "T")
