"""Bytes come in any slices and go out in any others; nothing is lost, and whole chunks are not copied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtf.protocol.receive_buffer import ReceiveBuffer


@given(st.lists(st.binary(max_size=20), max_size=20), st.lists(st.integers(0, 30), max_size=40))
def test_the_stream_comes_out_as_it_went_in(chunks: list[bytes], takes: list[int]) -> None:
    buffer = ReceiveBuffer()
    stream = b"".join(chunks)
    for chunk in chunks:
        buffer.append(chunk)
    assert len(buffer) == len(stream)
    at = 0
    for length in takes:
        if at + length > len(stream):
            with pytest.raises(IndexError):
                buffer.take(length)
            break
        assert buffer.take(length) == stream[at : at + length]
        at += length
    assert buffer.take(len(buffer)) == stream[at : at + len(buffer)] + stream[at:]
    assert len(buffer) == 0


def test_a_chunk_that_is_just_what_is_wanted_is_not_copied() -> None:
    buffer = ReceiveBuffer()
    payload = bytes(1000)
    buffer.append(b"head")
    buffer.append(payload)
    assert buffer.take(4) == b"head"
    assert buffer.take(1000) is payload


def test_clear_forgets_everything() -> None:
    buffer = ReceiveBuffer()
    buffer.append(b"abc")
    buffer.take(1)
    buffer.clear()
    buffer.append(b"xyz")
    assert buffer.take(3) == b"xyz"
