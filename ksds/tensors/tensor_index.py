"""An index whose every row was held against the others: what the set can be trusted to say about itself.

Key "" is the header, keys that begin with X'00' are slices, all others are names of tensors. A partitioned tensor is a
row without data that lists slices, each with a row of its own; together they must cover the tensor once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from ksds.errors import BundleError, one_line
from ksds.tensors import table
from ksds.tensors.dtypes import STRING, VARIANT, dtype_name, element_bytes
from ksds.tensors.entries import Entry, Header, decode_entry, decode_header
from ksds.tensors.slice_keys import Slice, slice_key
from ksds.tensors.table import Pair

HEADER_KEY = b""
_PAIRWISE = 256
"""Slices of one tensor that may be cut along several dimensions: each is compared with each."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A name and what is kept under it. Of a partitioned tensor `parts` are its slices and their rows."""

    name: bytes
    entry: Entry
    parts: tuple[tuple[Slice, Entry], ...] = ()

    @property
    def places(self) -> tuple[Entry, ...]:
        """The rows that say where data lies."""
        return tuple(entry for _, entry in self.parts) if self.parts else (self.entry,)

    @property
    def size(self) -> int:
        """Bytes of data."""
        return sum(entry.size for entry in self.places)


@dataclass(frozen=True, slots=True)
class TensorIndex:
    """`pairs` are the rows as they are on disk, `header` and `tensors` (by name) what they say."""

    pairs: tuple[Pair, ...]
    header: Header
    tensors: tuple[Tensor, ...]

    @classmethod
    def from_bytes(cls, data: bytes) -> TensorIndex:
        """The index in the bytes of a `.index` file. Raises BundleError."""
        return cls.from_pairs(table.parse(data))

    @classmethod
    def from_pairs(cls, pairs: Iterable[Pair]) -> TensorIndex:
        """The index of rows whose keys ascend. Raises BundleError if they contradict themselves or each other."""
        rows = tuple(pairs)
        if not rows or rows[0][0] != HEADER_KEY:
            raise BundleError("THE FIRST KEY OF THE INDEX IS NOT THAT OF A HEADER")
        header = decode_header(rows[0][1])
        entries = {key: _row(key, value, header) for key, value in rows[1:]}
        loose = {key for key in entries if key.startswith(b"\0")}
        tensors = []
        for key, entry in entries.items():
            if not key.startswith(b"\0"):
                tensors.append(_tensor(key, entry, entries, loose))
        if loose:
            raise BundleError(f"SLICE {shown(min(loose))} IS ONE OF NO TENSOR")
        return cls(rows, header, tuple(tensors))

    def to_bytes(self) -> bytes:
        """The `.index` file, as TensorFlow writes it."""
        return table.build(self.pairs)

    def shard_bytes(self) -> dict[int, int]:
        """The data files that are needed, and how long each is at least."""
        needed: dict[int, int] = {}
        for tensor in self.tensors:
            for entry in tensor.places:
                needed[entry.shard] = max(needed.get(entry.shard, 0), entry.offset + entry.size)
        return needed


def shown(name: bytes) -> str:
    """A name for people: what does not print, or is not UTF-8, as an escape."""
    text = name.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _row(key: bytes, value: bytes, header: Header) -> Entry:
    try:
        entry = decode_entry(value)
        if not entry.slices:
            _check_place(entry, header)
    except BundleError as error:
        raise BundleError(f"TENSOR {one_line(shown(key))}: {error.what}") from None
    return entry


def _check_place(entry: Entry, header: Header) -> None:
    """Raises BundleError unless the size is one that a tensor of this type and shape can have."""
    if entry.shard >= header.shards:
        raise BundleError(f"IT LIES IN SHARD {entry.shard} OF {header.shards}")
    elements, width = prod(entry.shape), element_bytes(entry.dtype)
    if width is not None and elements * width != entry.size:
        raise BundleError(f"{list(entry.shape)} OF {dtype_name(entry.dtype)} ARE NOT {entry.size} BYTES")
    if entry.dtype == STRING and elements + 4 > entry.size:
        raise BundleError(f"{elements} STRINGS DO NOT FIT {entry.size} BYTES")
    if entry.dtype == VARIANT and elements * 5 > entry.size:
        raise BundleError(f"{elements} VARIANTS DO NOT FIT {entry.size} BYTES")


def _tensor(name: bytes, entry: Entry, entries: dict[bytes, Entry], loose: set[bytes]) -> Tensor:
    parts = []
    for found in entry.slices:
        key = slice_key(name, found)
        if key not in loose:
            raise BundleError(f"TENSOR {shown(name)}: ITS SLICE {_extents(found)} IS NOT THERE, OR TWICE")
        loose.discard(key)
        parts.append((found, entries[key]))
    if parts:
        _check_parts(Tensor(name, entry, tuple(parts)))
    return Tensor(name, entry, tuple(parts))


def _check_parts(tensor: Tensor) -> None:
    """Raises BundleError unless the slices lie in the tensor and cover it once."""
    shape = tensor.entry.shape
    boxes = []
    for found, entry in tensor.parts:
        box = [extent.within(size) for extent, size in zip(found, shape, strict=False)]
        sides = tuple(end - start for start, end in box)
        inside = len(found) == len(shape) and all(
            0 <= start <= end <= size for (start, end), size in zip(box, shape, strict=True)
        )
        if not inside or entry.shape != sides or entry.dtype != tensor.entry.dtype or entry.slices:
            raise BundleError(f"TENSOR {shown(tensor.name)}: ITS SLICE {_extents(found)} DOES NOT FIT IT")
        boxes.append(box)
    volume = sum(prod(end - start for start, end in box) for box in boxes)
    if volume != prod(shape) or _overlap(boxes):
        raise BundleError(f"TENSOR {shown(tensor.name)}: ITS SLICES DO NOT COVER IT ONCE")


Box = Sequence[tuple[int, int]]


def _overlap(boxes: Sequence[Box]) -> bool:
    """True if two of the boxes share an element. Raises BundleError if that would take too long to tell."""
    solid = sorted((box for box in boxes if all(start < end for start, end in box)), key=list)
    cut = [axis for axis, sides in enumerate(zip(*solid, strict=True)) if len(set(sides)) > 1]
    if len(cut) == 1:  # cut along one dimension, as TensorFlow's partitioners do
        (axis,) = cut
        return any(left[axis][1] > right[axis][0] for left, right in pairwise(solid))
    if len(solid) > _PAIRWISE:
        raise BundleError(f"{len(solid)} SLICES OF A TENSOR, CUT ALONG {len(cut)} DIMENSIONS")
    return any(
        all(left[axis][0] < right[axis][1] and right[axis][0] < left[axis][1] for axis in cut)
        for at, left in enumerate(solid)
        for right in solid[at + 1 :]
    )


def _extents(extents: Slice) -> str:
    sides = (("" if e.length is None else f"{e.start}:{e.start + e.length}") or ":" for e in extents)
    return f"[{','.join(sides)}]"
