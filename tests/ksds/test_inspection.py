"""Bytes beside their text, as people of the mainframe read them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ksds.codepage import code_page
from ksds.inspection import COLUMNS, ruler, vertical_lines

PAGE = code_page()


def test_the_ruler_of_ispf() -> None:
    assert ruler(1, 25) == "----+----1----+----2----+"
    assert ruler(95, 12) == "+----0----+-"


def test_a_record_with_hex_on() -> None:
    assert list(vertical_lines(PAGE.encode("A1") + b"\x00\x5c", PAGE)) == [
        "        ----",
        "     1  A1.*",
        "        CF05",
        "        110C",
    ]


@given(st.binary(max_size=3 * COLUMNS))
def test_every_byte_can_be_read_back_from_its_two_digits(data: bytes) -> None:
    lines = list(vertical_lines(data, PAGE))
    assert len(lines) == 4 * -(-len(data) // COLUMNS)
    back = ""
    for at in range(0, len(lines), 4):
        columns, text, high, low = (line[8:] for line in lines[at : at + 4])
        assert len(columns) == len(text) == len(high) == len(low) <= COLUMNS
        assert int(lines[at + 1][:6]) == at // 4 * COLUMNS + 1
        back += "".join(first + second for first, second in zip(high, low, strict=True))
    assert bytes.fromhex(back) == data
