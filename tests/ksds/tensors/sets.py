"""Checkpoint sets made for tests: messages and data files by their own short writer, the table by the product's.

The three real sets of TensorFlow (../shared/data/tf_checkpoints) say whether both are right.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import google_crc32c
import pytest
from hypothesis import strategies as st

from ksds.tensors import table
from ksds.tensors.slice_keys import Extent, slice_key

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "tf_checkpoints"
REAL_SETS = {
    "v1_mixed": ("model.ckpt-55695",),
    "v1_sharded": ("model.ckpt-100", "model.ckpt-200"),
    "v2_object": ("ckpt-1", "ckpt-2"),
}
needs_real_sets = pytest.mark.skipif(not REAL.is_dir(), reason="reads ../shared and it is absent")

FLOAT, INT32, STRING, INT64, VARIANT = 1, 3, 7, 9, 21
WIDTHS = {FLOAT: 4, 2: 8, INT32: 4, 4: 1, INT64: 8, 10: 1, 14: 2}


@dataclass(frozen=True, slots=True)
class Made:
    """A tensor to write. `data`: its bytes in row-major order, or its strings. `cuts`: where its rows are parted."""

    name: bytes
    dtype: int
    shape: tuple[int, ...]
    data: bytes | tuple[bytes, ...]
    shard: int = 0
    cuts: tuple[int, ...] = ()


def number(value: int) -> bytes:
    value %= 1 << 64
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def integer(field: int, value: int) -> bytes:
    return number(field << 3) + number(value) if value else b""


def part(field: int, data: bytes) -> bytes:
    return number(field << 3 | 2) + number(len(data)) + data


def masked(crc: int) -> int:
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def crc_of(data: bytes) -> int:
    return int(google_crc32c.value(data))


def header(shards: int = 1, *, big: bool = False, min_consumer: int = 0) -> bytes:
    return integer(1, shards) + integer(2, big) + part(3, integer(1, 1) + integer(2, min_consumer))


def entry(
    dtype: int = FLOAT,
    shape: Sequence[int] = (),
    shard: int = 0,
    offset: int = 0,
    size: int = 0,
    crc: int = 0,
    slices: Sequence[Sequence[Extent]] = (),
) -> bytes:
    out = integer(1, dtype) + part(2, b"".join(part(2, integer(1, n)) for n in shape))
    out += integer(3, shard) + integer(4, offset) + integer(5, size)
    out += b"\x35" + struct.pack("<I", crc) if crc else b""
    for extents in slices:
        sides = (integer(1, e.start) + (b"" if e.length is None else b"\x10" + number(e.length)) for e in extents)
        out += part(7, b"".join(part(1, side) for side in sides))
    return out


def string_data(strings: Sequence[bytes], order: str = "<") -> tuple[bytes, int]:
    """The bytes of a string tensor and their (masked) checksum."""
    lengths = crc_of(b"".join(struct.pack(f"{order}I", len(s)) for s in strings))
    check = struct.pack(f"{order}I", masked(lengths))
    crc = google_crc32c.extend(google_crc32c.extend(lengths, check), b"".join(strings))
    return b"".join(number(len(s)) for s in strings) + check + b"".join(strings), masked(crc)


def rows_and_data(
    tensors: Sequence[Made], shards: int = 1, *, big: bool = False
) -> tuple[list[table.Pair], list[bytes]]:
    """The rows of the index, in its order, and the data files."""
    files = [b""] * shards
    rows = {b"": header(shards, big=big)}

    def place(made: Made, shape: Sequence[int], data: bytes, crc: int, shard: int) -> bytes:
        offset = len(files[shard])
        files[shard] += data
        return entry(made.dtype, shape, shard, offset, len(data), crc)

    for made in tensors:
        if isinstance(made.data, tuple):
            data, crc = string_data(made.data, ">" if big else "<")
            rows[made.name] = place(made, made.shape, data, crc, made.shard)
        elif not made.cuts:
            rows[made.name] = place(made, made.shape, made.data, masked(crc_of(made.data)), made.shard)
        else:
            ends = [*made.cuts, made.shape[0]]
            width = len(made.data) // made.shape[0]
            slices = []
            for turn, (start, end) in enumerate(zip([0, *made.cuts], ends, strict=True)):
                extents = (Extent(start, end - start), *[Extent()] * (len(made.shape) - 1))
                piece = made.data[start * width : end * width]
                shape = (end - start, *made.shape[1:])
                rows[slice_key(made.name, extents)] = place(
                    made, shape, piece, masked(crc_of(piece)), (made.shard + turn) % shards
                )
                slices.append(extents)
            rows[made.name] = entry(made.dtype, made.shape, slices=slices)
    return sorted(rows.items()), files


def write(
    folder: Path, stem: str, tensors: Sequence[Made], shards: int = 1, *, meta: bytes | None = None, big: bool = False
) -> None:
    """The set `stem` in a folder."""
    rows, files = rows_and_data(tensors, shards, big=big)
    for shard, data in enumerate(files):
        (folder / f"{stem}.data-{shard:05d}-of-{shards:05d}").write_bytes(data)
    if meta is not None:
        (folder / f"{stem}.meta").write_bytes(meta)
    (folder / f"{stem}.index").write_bytes(table.build(rows))


def some(kilobytes: int = 1) -> list[Made]:
    """Numbers, strings, a scalar, no rows, a partitioned one; the first is as long as asked for."""
    long = bytes(n * 7 % 251 for n in range(1024)) * kilobytes
    return [
        Made(b"conv/weights", FLOAT, (len(long) // 4,), long),
        Made(b"embedding", INT32, (6, 2), bytes(range(48)), cuts=(2, 5)),
        Made(b"global_step", INT64, (), (200).to_bytes(8, "little")),
        Made(b"none", FLOAT, (0, 4), b""),
        Made(b"words", STRING, (2, 2), (b"", b"a\0b", b"\xff" * 200, b"word")),
    ]


@st.composite
def tensor_lists(draw: st.DrawFn, shards: int = 1) -> list[Made]:
    """Any tensors that a saver could write."""
    names = st.binary(min_size=1, max_size=40).filter(lambda name: name[0] != 0)
    made = []
    for name in draw(st.lists(names, unique=True, max_size=40)):
        shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
        elements = 1
        for side in shape:
            elements *= side
        shard = draw(st.integers(0, shards - 1))
        dtype = draw(st.sampled_from([*WIDTHS, STRING]))
        if dtype == STRING:
            strings = draw(st.lists(st.binary(max_size=20), min_size=elements, max_size=elements))
            made.append(Made(name, dtype, shape, tuple(strings), shard))
            continue
        size = elements * WIDTHS[dtype]
        data = draw(st.binary(min_size=size, max_size=size))
        cuts = draw(st.sets(st.integers(1, shape[0] - 1), max_size=3)) if elements and shape and shape[0] > 1 else ()
        made.append(Made(name, dtype, shape, data, shard, tuple(sorted(cuts))))
    return made
