"""Alternate index records: golden fact 20, two codecs held equal, bytes that nobody should trust."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import Damaged
from ksds.layout import aix_record
from ksds.layout.aix_record import AIX_RECORD, AixRecord


@st.composite
def records(draw: st.DrawFn) -> AixRecord:
    prime_keys = draw(st.booleans())
    length = draw(st.integers(1, 255)) if prime_keys else 4
    pointers = draw(st.lists(st.binary(min_size=length, max_size=length), min_size=1, max_size=20))
    return AixRecord(draw(st.binary(min_size=1, max_size=255)), tuple(pointers), prime_keys)


def test_golden_fact_20_length_of_an_alternate_index_record() -> None:
    """An alternate key of 2 bytes: three 9-byte prime keys make 34 bytes, three RBAs 19."""
    by_key = AixRecord(b"TX", (b"000000001", b"000000002", b"000000003"), prime_keys=True)
    by_rba = AixRecord(b"TX", tuple(rba.to_bytes(4) for rba in (0, 80, 160)), prime_keys=False)

    assert len(aix_record.build(by_key)) == aix_record.record_length(2, 9, 3) == 34
    assert len(aix_record.build(by_rba)) == aix_record.record_length(2, 4, 3) == 19


def test_the_header_says_what_the_pointers_are() -> None:
    by_key = aix_record.build(AixRecord(b"TX", (b"000000001", b"000000002"), prime_keys=True))
    by_rba = aix_record.build(AixRecord(b"TX", ((160).to_bytes(4),), prime_keys=False))

    assert by_key == bytes.fromhex("01 09 0002 02") + b"TX" + b"000000001000000002"
    assert by_rba == bytes.fromhex("00 04 0001 02") + b"TX" + bytes.fromhex("000000A0")


@given(records())
def test_what_was_built_parses_and_construct_agrees(record: AixRecord) -> None:
    data = aix_record.build(record)

    assert aix_record.parse(data) == record
    assert AIX_RECORD.build(
        {
            "flags": int(record.prime_keys),
            "pointer_length": len(record.pointers[0]),
            "count": len(record.pointers),
            "key_length": len(record.key),
            "key": record.key,
            "pointers": record.pointers,
        }
    ) == (data)
    assert tuple(AIX_RECORD.parse(data).pointers) == record.pointers


@given(records(), st.data())
def test_a_pointer_comes_last_and_goes_from_where_it_is(record: AixRecord, data: st.DataObject) -> None:
    stored = aix_record.build(record)
    gone = data.draw(st.sampled_from(record.pointers))
    first = record.pointers.index(gone)

    added = aix_record.parse(aix_record.with_pointer(stored, gone))
    assert added.pointers == (*record.pointers, gone)

    left = aix_record.without_pointer(stored, aix_record.find(stored, gone))
    rest = record.pointers[:first] + record.pointers[first + 1 :]
    assert (aix_record.parse(left).pointers if left else ()) == rest
    assert aix_record.pointer_count(stored) == len(record.pointers)


def test_a_pointer_is_not_found_across_two_others() -> None:
    stored = aix_record.build(AixRecord(b"TX", (b"AB", b"CD"), prime_keys=True))

    assert aix_record.find(stored, b"BC") == -1
    assert aix_record.find(stored, b"CD") == 9


@pytest.mark.parametrize(
    ("digits", "why"),
    [
        ("01 04 00", "shorter than a header"),
        ("01 04 0000 02 C1C2", "no pointer"),
        ("01 04 8000 02 C1C2", "more pointers than a record may have"),
        ("02 04 0001 02 C1C2 00000000", "an unknown flag"),
        ("00 05 0001 02 C1C2 0000000000", "an RBA of five bytes"),
        ("01 04 0002 02 C1C2 00000000", "fewer pointers than counted"),
        ("01 04 0001 02 C1C2 0000000000", "a byte too many"),
        ("01 04 0001 00 00000000", "no key"),
    ],
)
def test_malformed_bytes_are_damage(digits: str, why: str) -> None:
    with pytest.raises(Damaged):
        aix_record.parse(bytes.fromhex(digits))


@given(st.binary(max_size=64))
def test_any_bytes_parse_or_are_damage(data: bytes) -> None:
    try:
        record = aix_record.parse(data)
    except Damaged:
        return
    assert aix_record.build(record) == data
