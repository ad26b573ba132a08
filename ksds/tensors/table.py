"""The `.index` file: an immutable sorted table of keys and values, as LevelDB has them.

    data blocks | metaindex block (empty) | index block | footer of 48 bytes
    block:   entries | restarts: 4 bytes each | their number: 4 | type: 1 (0 = stored) | masked CRC-32C: 4
    entry:   varints: key bytes shared with the key before, key bytes that follow, value length | key bytes | value
    footer:  handles (varints: offset, size) of metaindex and index block | zeros to 40 | 57 FB 80 8B 24 75 47 DB

Read strictly: blocks back to back, every checksum, restarts where entries begin, keys ascending, zeros where nobody
looks. `build` writes as TensorFlow does, byte for byte: blocks are closed at 256 KiB, a restart every 16 entries, index
keys shortened. Source: tensorflow core/lib/io format.cc, table_builder.cc, block_builder.cc.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ksds.errors import BundleError
from ksds.tensors.checksums import masked_crc
from ksds.tensors.varints import read_varint, varint

FOOTER_BYTES = 48
HANDLES_BYTES = 40
TRAILER_BYTES = 5
MAGIC = 0xDB4775248B80FB57
MAGIC_BYTES = MAGIC.to_bytes(8, "little")
STORED, SNAPPY = 0, 1

BLOCK_BYTES = 262144
RESTART_INTERVAL = 16
MAXIMUM_BYTES = 64 << 20
"""No index is that long: a million tensors take about as much."""
MAXIMUM_EXPANDED = 256 << 20
"""Keys and values together, when what keys share is written out."""

Pair = tuple[bytes, bytes]
Handle = tuple[int, int]


def parse(data: bytes) -> list[Pair]:
    """All keys and values, keys ascending. Raises BundleError with the offset of what is wrong."""
    size = len(data)
    if size > MAXIMUM_BYTES:
        raise BundleError(f"{size} BYTES ARE TOO MANY FOR AN INDEX")
    if size < FOOTER_BYTES or data[size - 8 :] != MAGIC_BYTES:
        what = f"{size} BYTES ARE TOO SHORT" if size < FOOTER_BYTES else "THE LAST BYTES ARE NOT THOSE"
        raise BundleError(f"{what} OF A SORTED TABLE", offset=max(0, size - FOOTER_BYTES))
    footer = size - FOOTER_BYTES
    meta, at = _handle(data, footer, footer + HANDLES_BYTES)
    index, at = _handle(data, at, footer + HANDLES_BYTES)
    if any(data[at : footer + HANDLES_BYTES]):
        raise BundleError("THE FOOTER IS NOT PADDED WITH ZEROS", offset=at)
    _expect_block(index, meta[0] + meta[1] + TRAILER_BYTES, footer, last=True)
    _expect_block(meta, meta[0], footer)
    if list(_block_entries(data, meta)):
        raise BundleError("THE METAINDEX BLOCK IS NOT EMPTY", offset=meta[0])
    return _data_blocks(data, list(_block_entries(data, index)), meta[0], footer)


def _handle(data: bytes, at: int, end: int) -> tuple[Handle, int]:
    offset, at = read_varint(data, at, end)
    size, at = read_varint(data, at, end)
    return (offset, size), at


def _expect_block(handle: Handle, start: int, limit: int, *, last: bool = False) -> int:
    """Where the block behind this one begins. Raises BundleError unless the handle is of bytes from `start`."""
    offset, size = handle
    end = offset + size + TRAILER_BYTES
    if offset != start or size < 8 or end > limit or (last and end != limit):
        raise BundleError(f"A BLOCK OF {size} BYTES AT {offset} IS NOT WHERE ONE CAN BE", offset=start)
    return end


def _data_blocks(data: bytes, handles: list[Pair], end: int, limit: int) -> list[Pair]:
    pairs: list[Pair] = []
    at = expanded = 0
    before: bytes | None = None
    for boundary, value in handles:
        handle, used = _handle(value, 0, len(value))
        if used != len(value):
            raise BundleError("BYTES BEHIND A BLOCK HANDLE", offset=at)
        following = _expect_block(handle, at, limit)
        first = len(pairs)
        for key, found in _block_entries(data, handle):
            expanded += len(key) + len(found)
            if expanded > MAXIMUM_EXPANDED:
                raise BundleError("THE KEYS AND VALUES ARE TOO LONG TOGETHER", offset=at)
            pairs.append((key, found))
        if first == len(pairs) or boundary < pairs[-1][0] or (before is not None and before >= pairs[first][0]):
            raise BundleError("THE BLOCK AND ITS KEY IN THE INDEX BLOCK CONTRADICT EACH OTHER", offset=at)
        at, before = following, boundary
    if at != end:
        raise BundleError("THE DATA BLOCKS DO NOT END WHERE THE METAINDEX BLOCK BEGINS", offset=at)
    return pairs


def _contents(data: bytes, handle: Handle) -> bytes:
    """A block whose checksum and type are right."""
    offset, size = handle
    body = data[offset : offset + size + 1]
    (stored,) = struct.unpack_from("<I", data, offset + size + 1)
    if masked_crc(body) != stored:
        raise BundleError("THE BLOCK FAILS ITS CHECKSUM", offset=offset)
    if body[-1] != STORED:
        kind = "SNAPPY" if body[-1] == SNAPPY else f"TYPE {body[-1]}"
        raise BundleError(f"THE BLOCK IS COMPRESSED ({kind}), WHICH TENSORFLOW NEVER WRITES", offset=offset)
    return body[:-1]


def _block_entries(data: bytes, handle: Handle) -> Iterator[Pair]:
    block = _contents(data, handle)
    count = int.from_bytes(block[-4:], "little")
    if not 0 < count <= len(block) // 4 - 1:
        raise BundleError(f"{count} RESTARTS DO NOT FIT THE BLOCK", offset=handle[0])
    end = len(block) - 4 - 4 * count
    restarts = struct.unpack_from(f"<{count}I", block, end)
    if restarts[0] or any(one >= other for one, other in pairwise(restarts)):
        raise BundleError("THE RESTARTS OF THE BLOCK ARE NOT ASCENDING FROM 0", offset=handle[0])
    return _entries(block[:end], frozenset(restarts), handle[0])


def _entries(block: bytes, restarts: frozenset[int], offset: int) -> Iterator[Pair]:
    at, met, key = 0, 0, b""
    while at < len(block):
        start = at
        shared, at = read_varint(block, at, len(block))
        unshared, at = read_varint(block, at, len(block))
        length, at = read_varint(block, at, len(block))
        is_restart = start in restarts
        if shared > len(key) or unshared + length > len(block) - at or (is_restart and shared):
            raise BundleError("AN ENTRY'S LENGTHS DO NOT FIT THE BLOCK", offset=offset + start)
        following = key[:shared] + block[at : at + unshared]
        if start and following <= key:
            raise BundleError("THE KEYS ARE NOT ASCENDING", offset=offset + start)
        key, met = following, met + is_restart
        at += unshared
        yield key, block[at : at + length]
        at += length
    if met != len(restarts) and (block or len(restarts) > 1):
        raise BundleError("A RESTART IS NOT WHERE AN ENTRY BEGINS", offset=offset)


# -- writing ---------------------------------------------------------------------------------------------------


class _Block:
    """A block as it grows."""

    def __init__(self, interval: int) -> None:
        self._interval = interval
        self._out = bytearray()
        self._restarts = [0]
        self._since = 0
        self.key = b""

    def __bool__(self) -> bool:
        return bool(self._out)

    def size(self) -> int:
        return len(self._out) + 4 * len(self._restarts) + 4

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self._since < self._interval:
            shared = _shared(self.key, key)
        else:
            self._restarts.append(len(self._out))
            self._since = 0
        self._out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        self._since += 1
        self.key = key

    def finish(self) -> bytes:
        """The block with its trailer."""
        restarts = struct.pack(f"<{len(self._restarts)}II", *self._restarts, len(self._restarts))
        body = bytes(self._out) + restarts + bytes([STORED])
        return body + masked_crc(body).to_bytes(4, "little")


def build(pairs: Iterable[Pair]) -> bytes:
    """The table of these keys and values, keys ascending, as TensorFlow writes it."""
    out = bytearray()
    index = _Block(1)
    block = _Block(RESTART_INTERVAL)
    pending: tuple[bytes, bytes] | None = None  # last key and handle of a block whose index key waits for the next

    def close() -> None:
        nonlocal block, pending
        pending = (block.key, _append(out, block))
        block = _Block(RESTART_INTERVAL)

    for key, value in pairs:
        if block and len(key) + len(value) >= 2 * BLOCK_BYTES:
            close()
        if pending:
            index.add(_between(pending[0], key), pending[1])
            pending = None
        block.add(key, value)
        if block.size() >= BLOCK_BYTES:
            close()
    if block:
        close()
    meta = _append(out, _Block(RESTART_INTERVAL))
    if pending:
        index.add(_above(pending[0]), pending[1])
    handles = meta + _append(out, index)
    return bytes(out) + handles.ljust(HANDLES_BYTES, b"\0") + MAGIC_BYTES


def _append(out: bytearray, block: _Block) -> bytes:
    """Write a block; its handle."""
    finished = block.finish()
    handle = varint(len(out)) + varint(len(finished) - TRAILER_BYTES)
    out += finished
    return handle


def _shared(left: bytes, right: bytes) -> int:
    for place, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return place
    return min(len(left), len(right))


def _between(left: bytes, right: bytes) -> bytes:
    """A short key that is not below `left` and below `right`."""
    at = _shared(left, right)
    if at < len(left) and left[at] < 0xFF and left[at] + 1 < right[at]:
        return left[:at] + bytes([left[at] + 1])
    return left


def _above(key: bytes) -> bytes:
    """A short key that is not below `key`."""
    for at, byte in enumerate(key):
        if byte != 0xFF:
            return key[:at] + bytes([byte + 1])
    return key
