"""Header and entries: measured bytes of TensorFlow mean what they should; numbers that cannot be true are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import BundleError
from ksds.tensors.entries import Entry, Header, decode_entry, decode_header
from ksds.tensors.slice_keys import Extent, ordered, slice_key
from tests.ksds.tensors import sets

EXTENTS = st.builds(Extent, st.integers(0, 1 << 40), st.none() | st.integers(0, 1 << 40))


def test_the_entry_of_a_real_tensor() -> None:
    """conv1/biases of the set v1_mixed, as TensorFlow 2.21 wrote it."""
    value = bytes.fromhex("0801 1204 1202 0808 2820 35 aeb81541")
    assert decode_entry(value) == Entry(dtype=1, shape=(8,), size=32, crc=0x4115B8AE)
    assert sets.entry(1, (8,), 0, 0, 32, 0x4115B8AE) == value


def test_the_headers_of_real_sets() -> None:
    assert decode_header(bytes.fromhex("0801 1a020801")) == Header(1, producer=1)
    assert decode_header(bytes.fromhex("0802 1a020801")) == Header(2, producer=1)


@given(
    st.integers(0, 40),
    st.lists(st.integers(0, 1 << 62), max_size=5),
    st.integers(0, 99),
    st.integers(0, 1 << 62),
    st.integers(0, 1 << 62),
    st.integers(0, 0xFFFFFFFF),
    st.lists(st.lists(EXTENTS, max_size=3), max_size=3),
)
def test_an_entry_is_what_was_written(
    dtype: int, shape: list[int], shard: int, offset: int, size: int, crc: int, slices: list[list[Extent]]
) -> None:
    found = decode_entry(sets.entry(dtype, shape, shard, offset, size, crc, slices))
    assert found == Entry(dtype, tuple(shape), shard, offset, size, crc, tuple(map(tuple, slices)))


def test_fields_of_a_later_tensorflow_are_passed_over() -> None:
    later = sets.integer(40, 7) + sets.part(41, b"new") + b"\xcd\x02" + bytes(4) + b"\xc9\x02" + bytes(8)
    assert decode_entry(sets.entry(1, (2,), size=8) + later) == Entry(1, (2,), size=8)


HOSTILE = {
    "a negative offset": sets.entry(offset=-1, size=4),
    "a negative size": sets.entry(size=-4),
    "an end beyond int64": sets.entry(offset=(1 << 63) - 2, size=4),
    "a negative shard": sets.entry(shard=-1),
    "a negative dimension": sets.entry(shape=(-1,)),
    "an unknown rank": sets.integer(1, 1) + sets.part(2, sets.integer(3, 1)),
    "more dimensions than a tensor has": sets.entry(shape=[1] * 255),
    "a negative dtype": sets.entry(dtype=-1),
    "a field twice": sets.entry(size=4) + sets.integer(5, 8),
    "a field of another type": sets.part(5, b"\4"),
    "a checksum as a varint": sets.integer(6, 1),
    "a field past the end": b"\x12\x7f",
    "a length of 2**64 - 1": b"\x12" + sets.number(-1),
    "a number of 11 bytes": b"\x08" + b"\x80" * 10 + b"\1",
    "a number longer than it need be": b"\x08\x81\x00",
    "a number above 64 bits": b"\x08" + b"\xff" * 9 + b"\x7f",
    "a group": b"\x0b\x0c",
    "field number 0": b"\x00\x00",
    "a slice of -1 rows": sets.part(7, sets.part(1, b"\x10" + sets.number(-1))),
    "a slice beyond int64": sets.part(7, sets.part(1, sets.integer(1, (1 << 63) - 1) + b"\x10\x01")),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_numbers_that_cannot_be_true(what: str) -> None:
    with pytest.raises(BundleError):
        decode_entry(HOSTILE[what])


@pytest.mark.parametrize(
    "value",
    [b"", sets.header(0), sets.header(-1), sets.header(1 << 31), sets.header(1, min_consumer=2),
     sets.integer(1, 1) + sets.integer(2, 2), sets.integer(1, 1) + sets.part(3, sets.part(3, b"\1"))],
)  # fmt: skip
def test_a_header_that_no_reader_of_today_should_take(value: bytes) -> None:
    with pytest.raises(BundleError):
        decode_header(value)


def test_measured_keys_of_slices() -> None:
    assert slice_key(b"embedding", [Extent(4, 3), Extent(0, 6)]) == b"\0embedding\0\1\1\2\x84\x83\x80\x86"
    assert slice_key(b"wide", [Extent(0, 4), Extent(5, 4)]) == b"\0wide\0\1\1\2\x80\x84\x85\x84"
    assert slice_key(b"t", [Extent(2, 4), Extent()]) == b"\0t\0\1\1\2\x82\x84\x80\x7f"
    assert slice_key(b"\0\xff", []) == b"\0\0\xff\xff\0\0\1\0"


@pytest.mark.parametrize(
    ("value", "code"), [(0, "80"), (6, "86"), (63, "bf"), (64, "c040"), (256, "c100"), (8192, "e02000"), (-1, "7f")]
)
def test_measured_codes_of_numbers(value: int, code: str) -> None:
    assert ordered(value).hex() == code


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=2))
def test_codes_sort_as_their_numbers_do(values: list[int]) -> None:
    assert sorted(values) == sorted(values, key=ordered)
    assert max(len(ordered(value)) for value in values) <= 10
