"""Descriptor words of host files: the bytes that the references show, both ways, and every kind of wrong one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.descriptors import BLOCK, CANDIDATES, LENGTH, Descriptor, Framing, Order, framed, unframed
from ksds.errors import DataSetError

ABC = bytes.fromhex("C1C2C3")
IBM, COBRIX = Descriptor.usual(Order.IBM), Descriptor.usual(Order.COBRIX)


@pytest.mark.parametrize(
    ("framing", "expected"),
    [
        (Framing(IBM), "00070000 C1C2C3"),
        (Framing(Descriptor(Order.IBM, 0)), "00030000 C1C2C3"),
        (Framing(COBRIX), "00000300 C1C2C3"),
        (Framing(Descriptor(Order.COBRIX, -4)), "00000700 C1C2C3"),
        (Framing(IBM, IBM), "000B0000 00070000 C1C2C3"),
        (Framing(COBRIX, COBRIX), "00000700 00000300 C1C2C3"),
    ],
)
def test_a_record_behind_its_words(framing: Framing, expected: str) -> None:
    data = b"".join(framed([ABC], framing))
    assert data.hex().upper() == expected.replace(" ", "")
    assert list(unframed([data], framing, 0, 80)) == [ABC]


def test_little_endian_lengths_are_read_in_either_half() -> None:
    """Issue 430 of Cobrix: most files have them in the second half, some ("twisted") in the first."""
    for word in ("00000300", "03000000"):
        assert list(unframed([bytes.fromhex(word) + ABC], Framing(COBRIX), 0, 80)) == [ABC]
    long = bytes(256)
    assert list(unframed([bytes.fromhex("00010000") + long], Framing(COBRIX), 0, 300)) == [long]


RECORDS = st.lists(st.binary(min_size=1, max_size=400), max_size=60)


@given(RECORDS, st.sampled_from(CANDIDATES), st.lists(st.integers(1, 200), min_size=1))
def test_records_survive_every_framing_however_they_are_cut(
    records: list[bytes], framing: Framing, cuts: list[int]
) -> None:
    data = b"".join(framed(records, framing))
    chunks, at = [], 0
    while at < len(data):
        size = cuts[len(chunks) % len(cuts)]
        chunks.append(data[at : at + size])
        at += size
    assert list(unframed(chunks, framing, 0, 400)) == records


def test_blocks_are_filled_as_far_as_whole_records_go() -> None:
    data = b"".join(framed([bytes(1000)] * 30, Framing(IBM, IBM)))
    first = int.from_bytes(data[:2], "big")
    assert first == 4 + 27 * 1004 <= BLOCK < first + 1004
    assert int.from_bytes(data[first : first + 2], "big") == 4 + 3 * 1004


def test_a_long_record_has_a_block_of_its_own() -> None:
    data = b"".join(framed([bytes(10), bytes(32000), bytes(10)], Framing(IBM, IBM)))
    assert [len(r) for r in unframed([data], Framing(IBM, IBM), 0, 32752)] == [10, 32000, 10]
    assert int.from_bytes(data[18:20], "big") == 32008


@pytest.mark.parametrize(
    ("framing", "length"),
    [
        (Framing(IBM), 32757),
        (Framing(COBRIX), 65536),
        (Framing(IBM, IBM), 32753),
        (Framing(COBRIX), 0),
        (Framing(Descriptor(Order.IBM, 0)), 0),
    ],
)
def test_a_record_that_no_word_can_describe_is_refused(framing: Framing, length: int) -> None:
    with pytest.raises(DataSetError, match=f"{length} BYTES"):
        list(framed([bytes(length)], framing))


@pytest.mark.parametrize("framing", CANDIDATES)
def test_every_cut_is_noticed_with_its_offset(framing: Framing) -> None:
    """A file that ends inside a record or word is refused: no record is lost silently."""
    data = b"".join(framed([b"AB", b"CDE", b"F"], framing))
    whole = {len(b"".join(framed(records, framing))) for records in ([], [b"AB"], [b"AB", b"CDE"])}
    for size in range(len(data)):
        if size in whole and (framing.block is None or not size):
            continue
        with pytest.raises(DataSetError) as error:
            list(unframed([data[:size]], framing, 0, 80))
        assert error.value.offset is not None


@pytest.mark.parametrize(
    ("framing", "data", "offset", "said"),
    [
        (Framing(IBM), "00030000", 0, "IS NOT A DESCRIPTOR"),
        (Framing(IBM), "00000000", 0, "IS NOT A DESCRIPTOR"),
        (Framing(IBM), "00050000C100060001C1C2", 5, "X'00060001' IS NOT A DESCRIPTOR"),
        (Framing(IBM), "00550000", 0, "TELLS 81 BYTES, MORE THAN 80"),
        (Framing(IBM), "00050000C10007", 5, "2 BYTES AT THE END"),
        (Framing(IBM), "00080000C1C2", 0, "TELLS 4 BYTES, 2 ARE THERE"),
        (Framing(COBRIX), "00000300C1C2C301020304", 7, "IS NOT A DESCRIPTOR"),
        (Framing(COBRIX, COBRIX), "0000080000000300C1C2C3", 0, "TELLS 8 BYTES, 7 ARE THERE"),
        (Framing(IBM, IBM), "000A000000070000C1C2", 4, "TELLS 3 BYTES, 2 ARE THERE"),
    ],
)
def test_a_wrong_word_is_named_with_its_offset(framing: Framing, data: str, offset: int, said: str) -> None:
    with pytest.raises(DataSetError, match=said) as error:
        list(unframed([bytes.fromhex(data)], framing, 0, 80))
    assert error.value.offset == offset


def test_a_record_that_is_too_short_for_fixed_records() -> None:
    with pytest.raises(DataSetError, match="A RECORD OF 3 BYTES, NOT 4") as error:
        list(unframed([b"".join(framed([bytes(4), bytes(3)], Framing(IBM)))], Framing(IBM), 4, 4))
    assert error.value.offset == 8


@given(st.binary(max_size=60), st.sampled_from(CANDIDATES))
def test_any_bytes_are_records_or_one_error(data: bytes, framing: Framing) -> None:
    try:
        records = list(unframed([data], framing, 0, 80))
    except DataSetError as error:
        assert error.offset is not None and 0 <= error.offset <= len(data)
    else:
        assert sum(map(len, records)) + LENGTH * len(records) <= len(data)
