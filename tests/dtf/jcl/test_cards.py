"""A deck of host text becomes cards: what a person's editor, or a download from a mainframe, may leave in the file."""

from __future__ import annotations

import pytest

from dtf.jcl.cards import CardKind, FieldBuilder, Position, is_name, read_cards


def texts(deck: bytes | str) -> list[str]:
    return [card.text for card in read_cards(deck)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("//STEP EXEC PGM=IEFBR14", CardKind.STATEMENT),
        ("//* A COMMENT", CardKind.COMMENT),
        ("//", CardKind.NULL),
        ("//" + " " * 70 + "00010000", CardKind.NULL),
        ("/*", CardKind.DELIMITER),
        ("/* END OF DATA", CardKind.DELIMITER),
        ("/*JOBPARM SYSAFF=*", CardKind.JES_CONTROL),
        ("HELLO", CardKind.OTHER),
        ("", CardKind.OTHER),
    ],
)
def test_a_card_is_known_by_its_first_columns(text: str, kind: CardKind) -> None:
    assert read_cards(text + "\n//")[0].kind is kind


def test_line_ends_of_either_kind_and_a_missing_last_one() -> None:
    assert texts("//A JOB\r\n//B EXEC PGM=X\r\n//") == ["//A JOB", "//B EXEC PGM=X", "//"]


def test_blank_lines_at_the_end_are_not_cards_but_those_inside_are() -> None:
    assert texts("//A JOB\n\n//B EXEC PGM=X\n\n\n") == ["//A JOB", "", "//B EXEC PGM=X"]


def test_columns_73_to_80_are_kept_for_data_and_no_more_than_80_are_read() -> None:
    [card] = read_cards("D" * 72 + "00010000" + "LOST")
    assert card.text == "D" * 72 + "00010000"
    assert card.cut
    assert card.body == "D" * 71
    assert card.continues_comment


def test_tabs_go_to_the_next_multiple_of_eight() -> None:
    assert texts("//A\tJOB") == ["//A     JOB"]


def test_control_characters_and_odd_blanks_become_blanks() -> None:
    assert texts("//A\x00JOB\x1b[31m") == ["//A JOB [31m"]
    assert texts("//A\u00a0JOB") == ["//A JOB"]


def test_a_deck_downloaded_in_binary_is_read_as_ebcdic_cards() -> None:
    cards = [line.ljust(80).encode("cp037") for line in ("//A JOB (1),'X'", "//S EXEC PGM=IEFBR14", "//")]
    assert texts(b"".join(cards)) == ["//A JOB (1),'X'", "//S EXEC PGM=IEFBR14", "//"]


def test_an_ebcdic_deck_with_new_line_characters() -> None:
    assert texts(b"\x15".join(line.encode("cp037") for line in ("//A JOB", "//"))) == ["//A JOB", "//"]


def test_bytes_that_are_no_utf8_are_taken_as_latin_1() -> None:
    assert texts(b"//* caf\xe9") == ["//* caf\u00e9"]
    assert texts(b"\xef\xbb\xbf//A JOB") == ["//A JOB"]


def test_names() -> None:
    assert all(map(is_name, ("A", "STEP0001", "@#$", "X1")))
    assert not any(map(is_name, ("", "1A", "TOOLONG01", "a", "A-B", "\u00c4")))


def test_a_field_gathered_from_two_cards_knows_where_each_character_came_from() -> None:
    builder = FieldBuilder()
    builder.add("DSN=A,", Position(3, 12))
    builder.add("DISP=SHR", Position(4, 5))
    field = builder.build(Position(3, 12))
    assert field.text == "DSN=A,DISP=SHR"
    assert field.at(4) == (3, 16)
    assert field.at(6) == (4, 5)
    assert field.at(11) == (4, 10)
    assert field.at(14) == (4, 13)
