"""The record of a tensor index: layout and struct path agree, rows come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import BundleError
from ksds.layout.tensor_record import TENSOR_RECORD, TensorRecord, build, parse

WIDTHS = st.integers(1, 255)
VALUES = st.binary(max_size=300)


@given(WIDTHS.flatmap(lambda n: st.tuples(st.just(n), st.binary(max_size=n))), VALUES, st.binary(max_size=50))
def test_a_record_is_what_the_layout_says(key: tuple[int, bytes], value: bytes, origin: bytes) -> None:
    width, name = key
    data = build(TensorRecord(name, value, origin), width)
    fields = TENSOR_RECORD.parse(data, key_width=width)
    assert (fields.key[: fields.length], fields.value, fields.origin) == (name, value, origin)
    assert TENSOR_RECORD.build(fields, key_width=width) == data
    assert parse(data, width) == TensorRecord(name, value, origin)


@pytest.mark.parametrize(
    "data", [b"", bytes(8), b"abcd\x05" + bytes(4), b"abcd\x02" + bytes(4), b"ab\0\0\x02\0\0\0\x05ROW"]
)
def test_what_is_no_row(data: bytes) -> None:
    assert parse(b"ab\0\0\x02\0\0\0\x03ROW", 4) == TensorRecord(b"ab", b"ROW")
    with pytest.raises(BundleError):
        parse(data, 4)
