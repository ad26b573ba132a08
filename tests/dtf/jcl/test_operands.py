"""The parameter field as a tree, with the column of everything in it."""

from __future__ import annotations

import pytest

from dtf.jcl.cards import Field, Position
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.operands import Group, Keyword, Operands, Word, items_of, parse_operands, text_of, words_of


def parsed(text: str) -> Operands:
    return parse_operands(Field(text, ((0, Position(1, 1)),)))


def shown(text: str) -> tuple[list[str], list[str]]:
    operands = parsed(text)
    return [text_of(item) for item in operands.positionals], [text_of(item) for item in operands.keywords]


def test_positionals_come_first_and_keywords_follow() -> None:
    assert shown("(ACCT,1),'A. NAME',CLASS=A,MSGLEVEL=(1,1)") == (
        ["(ACCT,1)", "A. NAME"],
        ["CLASS=A", "MSGLEVEL=(1,1)"],
    )


def test_a_missing_positional_is_shown_by_its_comma() -> None:
    assert shown(",'NAME',CLASS=A") == (["", "NAME"], ["CLASS=A"])
    assert shown("") == ([], [])


def test_apostrophes_hold_anything_and_a_doubled_one_is_one() -> None:
    [parm] = parsed("PARM='A=(B),''C'' D'").keywords
    assert parm.value == Word("A=(B),'C' D", Position(1, 6), quoted=True)


def test_a_name_may_have_something_in_parentheses_glued_to_it() -> None:
    assert shown("DSN=A.B(MEM),DISP=SHR")[1] == ["DSN=A.B(MEM)", "DISP=SHR"]
    assert shown("DSN=A.B(+1)")[1] == ["DSN=A.B(+1)"]


def test_lists_nest_and_keywords_may_stand_in_them() -> None:
    [dcb, space, volume] = parsed("DCB=(RECFM=FB,LRECL=80),SPACE=(CYL,(1,,5),RLSE),VOL=SER=WORK01").keywords
    assert [item.name for item in items_of(dcb.value) if isinstance(item, Keyword)] == ["RECFM", "LRECL"]
    inner = items_of(space.value)[1]
    assert isinstance(inner, Group)
    assert [text_of(item) for item in inner.items] == ["1", "", "5"]
    assert isinstance(volume.value, Keyword)
    assert text_of(volume) == "VOL=SER=WORK01"


def test_one_element_needs_no_parentheses_and_nothing_is_no_element() -> None:
    [disp] = parsed("DISP=SHR").keywords
    [empty] = parsed("DISP=").keywords
    assert [text_of(item) for item in items_of(disp.value)] == ["SHR"]
    assert items_of(empty.value) == ()


def test_every_word_has_its_column() -> None:
    [keyword] = parsed("COND=((4,LT),EVEN)").keywords
    assert [(word.text, word.at.column) for word in words_of(keyword)] == [("4", 8), ("LT", 10), ("EVEN", 14)]


@pytest.mark.parametrize(
    ("text", "message_id", "column"),
    [
        ("DISP=(NEW,CATLG", "IEFC622I", 6),
        ("DISP=NEW)", "IEFC622I", 9),
        ("DSN=A(B", "IEFC622I", 5),
        ("PARM='ABC", "DTX404E", 6),
        ("DISP=(A)(B)", "DTX403E", 9),
        ("PGM=A,B", "DTX402E", 7),
        ("A=((((((((1))))))))", "DTX405E", 10),
    ],
)
def test_what_cannot_be_read_is_told_with_its_column(text: str, message_id: str, column: int) -> None:
    with pytest.raises(JclSyntaxError) as caught:
        parsed(text)
    assert caught.value.message_id == message_id
    assert caught.value.at == (1, column)
