"""A library's directory and member headers: what is read and written without construct is what construct declares."""

from __future__ import annotations

import pytest
from construct import ConstructError
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import DataSetError
from ksds.layout.library import (
    DIRECTORY_BLOCK,
    MEMBER_HEADER,
    UNIT,
    DirectoryEntry,
    build_directory,
    build_member_header,
    parse_directory,
)

LAST = b"\xff" * 8
ENTRIES = st.builds(
    DirectoryEntry,
    st.binary(min_size=8, max_size=8).filter(lambda name: name != LAST),
    st.integers(0, 0xFFFFFF),
    st.booleans(),
    st.integers(0, 31).flatmap(lambda halfwords: st.binary(min_size=2 * halfwords, max_size=2 * halfwords)),
)


def declared(data: bytes) -> list[DirectoryEntry]:
    """The directory as the declared layout reads it."""
    found = []
    for at in range(0, len(data), UNIT):
        for fields in DIRECTORY_BLOCK.parse(data[at : at + UNIT]).entries:
            if fields.name == LAST:
                return found
            found.append(DirectoryEntry(fields.name, fields.ttr, bool(fields.indicator & 0x80), fields.user_data))
    raise DataSetError("no end")


@given(st.lists(ENTRIES, max_size=40))
def test_a_directory_comes_back_and_is_what_the_layout_declares(entries: list[DirectoryEntry]) -> None:
    data = build_directory(entries)
    assert len(data) % UNIT == 0
    assert parse_directory(data) == entries == declared(data)
    rebuilt = [DIRECTORY_BLOCK.build(DIRECTORY_BLOCK.parse(data[at : at + UNIT])) for at in range(0, len(data), UNIT)]
    assert b"".join(rebuilt) == data


@given(st.lists(ENTRIES, max_size=30), st.data())
def test_damage_is_read_as_the_layout_reads_it(entries: list[DirectoryEntry], data: st.DataObject) -> None:
    damaged = bytearray(build_directory(entries))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.sampled_from([0, 1, 2, 10, 13, 14]) | st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    del damaged[len(damaged) - data.draw(st.sampled_from([0, 0, 1, 200])) :]
    try:
        wanted = declared(bytes(damaged))
    except (ConstructError, DataSetError):
        with pytest.raises(DataSetError):
            parse_directory(bytes(damaged))
    else:
        assert parse_directory(bytes(damaged)) == wanted


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_a_member_header_is_what_the_layout_declares(length: int, checksum: int) -> None:
    assert build_member_header(length, checksum) == MEMBER_HEADER.build({"length": length, "checksum": checksum})
