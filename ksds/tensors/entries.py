"""What the values of an index say: the header, tensors, slices. BundleHeaderProto and BundleEntryProto.

Values are decoded to be checked and shown; what goes back to disk are their own bytes, with all fields that a later
TensorFlow may add. Source: tensorflow core/protobuf/tensor_bundle.proto, core/framework/tensor_shape.proto,
tensor_slice.proto, versions.proto.
"""

from __future__ import annotations

from dataclasses import dataclass

from ksds.errors import BundleError
from ksds.tensors.slice_keys import Extent, Slice
from ksds.tensors.varints import SIGNED_64
from ksds.tensors.wire import Message

VERSION = 1
"""The version of the format since 2016; a header that needs a younger reader is refused."""
MAXIMUM_RANK = 254
_MAXIMUM_SHARDS = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Header:
    """`shards` is the MMMMM in the names of all data files; `big_endian` tells of tensor bytes only."""

    shards: int
    big_endian: bool = False
    producer: int = VERSION
    min_consumer: int = 0
    bad_consumers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A tensor or a slice of one: `size` bytes from `offset` of data file `shard`. `crc` is masked.

    Of a partitioned tensor `slices` says where the slices lie in its shape; its own place is not to be looked at.
    """

    dtype: int
    shape: tuple[int, ...]
    shard: int = 0
    offset: int = 0
    size: int = 0
    crc: int = 0
    slices: tuple[Slice, ...] = ()


def decode_header(value: bytes) -> Header:
    """Raises BundleError for anything but a header that this reader understands."""
    message = Message(value, "THE HEADER")
    version = Message(message.part(3) or b"", "THE HEADER'S VERSION")
    header = Header(
        message.integer(1),
        bool(message.integer(2)),
        version.integer(1),
        version.integer(2),
        tuple(version.integers(3)),
    )
    if not 0 < header.shards <= _MAXIMUM_SHARDS or message.integer(2) not in (0, 1):
        raise BundleError(f"A HEADER OF {header.shards} SHARDS, ENDIANNESS {message.integer(2)}")
    if header.min_consumer > VERSION or VERSION in header.bad_consumers:
        raise BundleError(f"THE SET IS FOR READERS OF VERSION {header.min_consumer} AND ABOVE, THIS IS {VERSION}")
    return header


def decode_entry(value: bytes) -> Entry:
    """Raises BundleError for anything but an entry whose numbers can be true."""
    message = Message(value, "AN ENTRY")
    entry = Entry(
        message.integer(1),
        _shape(message.part(2) or b""),
        message.integer(3),
        message.integer(4),
        message.integer(5),
        message.fixed32(6),
        tuple(_slice(part) for part in message.parts(7)),
    )
    if not 0 <= entry.dtype < 1 << 31:
        raise BundleError(f"DTYPE {entry.dtype}")
    if entry.shard < 0 or entry.offset < 0 or entry.size < 0 or entry.offset + entry.size >= SIGNED_64:
        raise BundleError(f"NO DATA FILE HAS {entry.size} BYTES AT {entry.offset} (SHARD {entry.shard})")
    return entry


def _shape(value: bytes) -> tuple[int, ...]:
    message = Message(value, "A SHAPE")
    if message.integer(3):
        raise BundleError("A TENSOR OF UNKNOWN RANK")
    sizes = tuple(Message(part, "A DIMENSION").integer(1) for part in message.parts(2))
    if len(sizes) > MAXIMUM_RANK or any(size < 0 for size in sizes):
        raise BundleError(f"NO TENSOR HAS THE SHAPE {list(sizes[:8])}")
    return sizes


def _slice(value: bytes) -> Slice:
    extents = []
    for part in Message(value, "A SLICE").parts(1):
        message = Message(part, "AN EXTENT")
        start, length = message.integer(1), message.integer(2) if message.has(2) else None
        if start < 0 or (length is not None and length < 0) or start + (length or 0) >= SIGNED_64:
            raise BundleError(f"NO SLICE HAS {length} ELEMENTS FROM {start}")
        extents.append(Extent(start, length))
    return tuple(extents)
