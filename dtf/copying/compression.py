"""COMPRESS on the COPY statement: prime-character and extended compression, buffer by buffer.

Each DATA buffer is packed by itself, so a restart needs no history: a row of string control bytes (prime
character) or one zlib stream (EXTended). The length it unpacks to travels in the DATA frame.

A string control byte holds two bits of kind and six of count, as in SNA: B'00' that many bytes follow as they
are, B'10' the prime character so many times (2-63), B'11' the next byte so many times (3-63). A prime run is
one byte, another run two (connect-direct.md 4.3).

The declared length is the receiver's shield (reliability.md 4, row 10): it is checked against the limit before
anything is unpacked, no more than it is ever produced, and a ratio above 1000:1 is refused beyond 1 MiB.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from dtf.errors import StepError

BLANK_EBCDIC = 0x40
RATIO_LIMIT = 1000
RATIO_FREE_BYTES = 1024 * 1024
STEP_BYTES = 64 * 1024
_PRIME_RUN, _OTHER_RUN, _COUNT = 0x80, 0xC0, 0x3F
_LONGEST = 63
_EQUAL = re.compile(rb"\x00+")


class CompressionError(StepError):
    """A packed buffer is not sound, or unpacks to more than it may."""

    default_id = "DTX230E"


@dataclass(frozen=True, slots=True)
class Compression:
    """What a COPY asks for: `kind` "" none, "P" prime character, "E" extended; the character; zlib's three numbers."""

    kind: str = ""
    prime: int = BLANK_EBCDIC
    level: int = 1
    window: int = 15
    memory: int = 8

    def __post_init__(self) -> None:
        if self.kind not in ("", "P", "E"):
            raise CompressionError(f"COMPRESS {self.kind!r} is not known")
        if not (0 <= self.prime <= 255 and 1 <= self.level <= 9 and 9 <= self.window <= 15 and 1 <= self.memory <= 9):
            raise CompressionError("COMPRESS: CMPRLEVEL is 1-9, WINDOWSIZE 9-15, MEMLEVEL 1-9")


NO_COMPRESSION = Compression()


def packer(compression: Compression) -> Callable[[bytes], bytes] | None:
    """The function that packs a buffer, or None where there is nothing to do."""
    if compression.kind == "P":
        return lambda data: _pack_runs(data, compression.prime)
    if compression.kind == "E":

        def pack_extended(data: bytes) -> bytes:
            stream = zlib.compressobj(compression.level, zlib.DEFLATED, compression.window, compression.memory)
            return stream.compress(data) + stream.flush()

        return pack_extended
    return None


def unpack(packed: bytes, compression: Compression, declared: int, limit: int) -> bytes:
    """The `declared` bytes that `packed` holds; `limit` is the most that may be declared. Raises CompressionError."""
    if declared > limit:
        raise CompressionError(f"packed buffer declares {declared} bytes, limit {limit}")
    if declared > RATIO_FREE_BYTES and declared > RATIO_LIMIT * len(packed):
        raise CompressionError(f"packed buffer of {len(packed)} bytes declares {declared}: more than {RATIO_LIMIT}:1")
    data = _unpack_runs(packed, compression.prime, declared) if compression.kind == "P" else _inflate(packed, declared)
    if len(data) != declared:
        raise CompressionError(f"packed buffer declares {declared} bytes and holds {len(data)} or more")
    return data


def _pack_runs(data: bytes, prime: int) -> bytes:
    """Runs are found where neighbours do not differ: two big integers exclusive-or'ed are quicker than any loop."""
    out = bytearray()
    at = 0
    number = int.from_bytes(data, "little")
    differences = (number ^ number >> 8).to_bytes(len(data), "little")[:-1]
    for equal in _EQUAL.finditer(differences):
        start, end = equal.start(), equal.end() + 1
        value = data[start]
        shortest = 2 if value == prime else 3
        if end - start < shortest:
            continue
        if start > at:
            if start - at <= _LONGEST:
                out.append(start - at)
                out += data[at:start]
            else:
                _literals(out, data, at, start)
        while end - start >= shortest:
            count = min(end - start, _LONGEST)
            if value == prime:
                out.append(_PRIME_RUN | count)
            else:
                out += bytes((_OTHER_RUN | count, value))
            start += count
        at = start
    _literals(out, data, at, len(data))
    return bytes(out)


def _literals(out: bytearray, data: bytes, start: int, end: int) -> None:
    for at in range(start, end, _LONGEST):
        piece = data[at : min(at + _LONGEST, end)]
        out.append(len(piece))
        out += piece


def _unpack_runs(packed: bytes, prime: int, declared: int) -> bytes:
    out = bytearray()
    at, end = 0, len(packed)
    while at < end and len(out) <= declared:
        control = packed[at]
        kind, count = control & _OTHER_RUN, control & _COUNT
        at += 1
        if count == 0 or kind == 0x40:
            raise CompressionError(f"string control byte X'{control:02X}' is not valid")
        if kind == _PRIME_RUN:
            out += bytes((prime,)) * count
            continue
        taken = 1 if kind == _OTHER_RUN else count
        if at + taken > end:
            raise CompressionError("packed buffer ends inside a string")
        out += packed[at : at + 1] * count if kind == _OTHER_RUN else packed[at : at + count]
        at += taken
    return bytes(out)


def _inflate(packed: bytes, declared: int) -> bytes:
    """Unpack in steps of at most 64 KiB and stop as soon as more than `declared` comes out."""
    stream = zlib.decompressobj()
    pieces: list[bytes] = []
    total = 0
    try:
        while total <= declared and not stream.eof:
            piece = stream.decompress(packed, STEP_BYTES)
            packed = stream.unconsumed_tail
            total += len(piece)
            pieces.append(piece)
            if not piece and not packed:
                break
    except zlib.error as error:
        raise CompressionError(f"packed buffer is not sound: {error}") from None
    if total <= declared and (not stream.eof or stream.unused_data):
        raise CompressionError("packed buffer ends too early or goes on after its end")
    return b"".join(pieces)
