"""The seeded records that every store of the key-value benchmark is given: the same keys, bodies and order each run."""

from __future__ import annotations

import random
from dataclasses import dataclass

KEY_BYTES = 16
SHORTEST, LONGEST, MEAN = 64, 2048, 256


@dataclass(frozen=True, slots=True)
class Workload:
    """`count` records in arrival order: unique random 16-byte keys at offset 0, 64..2048 bytes, mean 256."""

    count: int
    seed: int
    records: list[bytes]
    extra: list[bytes]
    """Records that the load does not hold, for durable single inserts."""

    @property
    def keys(self) -> list[bytes]:
        return [record[:KEY_BYTES] for record in self.records]

    @property
    def user_bytes(self) -> int:
        return sum(map(len, self.records))


def workload(count: int, extra: int, seed: int) -> Workload:
    """Bodies are random bytes, so that a store that compresses gains nothing; lengths fall off exponentially."""
    source = random.Random(seed)
    keys: dict[bytes, None] = {}
    while len(keys) < count + extra:
        keys[source.randbytes(KEY_BYTES)] = None
    body = source.randbytes(1 << 20)
    made = []
    for key in keys:
        length = record_length(source)
        start = source.randrange(len(body) - length)
        made.append(key + body[start : start + length - KEY_BYTES])
    return Workload(count, seed, made[:count], made[count:])


def record_length(source: random.Random) -> int:
    """64 and an exponential tail of mean 192, cut at 2048."""
    return min(LONGEST, SHORTEST + int(source.expovariate(1 / (MEAN - SHORTEST))))


def same_length(key: bytes, length: int, source: random.Random) -> bytes:
    """The record of `key` with a new body, as long as before."""
    return key + source.randbytes(length - KEY_BYTES)


def new_length(key: bytes, length: int, source: random.Random) -> bytes:
    """The record of `key` with a new body of a length drawn afresh."""
    return key + source.randbytes(record_length(source) - KEY_BYTES)
