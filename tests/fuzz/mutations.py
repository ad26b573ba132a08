"""Seeded damage to bytes: what a stranger, a bad cable or a wrong program makes of a sound file."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

INTERESTING = (0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, 0x1FF, 0x200, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def mutated(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """`data` with one to four changes; some splice in a piece of one of `others`."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        rng.choice(CHANGES)(changed, rng.choice(others), rng)
    return bytes(changed)


def _place(data: bytearray, rng: random.Random) -> int:
    """An offset; more often near an end, where the control fields are."""
    size = max(1, len(data))
    draw = rng.random()
    if draw < 0.3:
        return max(0, size - 1 - rng.randrange(16))
    return rng.randrange(min(size, 32)) if draw < 0.5 else rng.randrange(size)


def _flip_a_bit(data: bytearray, other: bytes, rng: random.Random) -> None:
    if data:
        data[min(_place(data, rng), len(data) - 1)] ^= 1 << rng.randrange(8)


def _set_a_byte(data: bytearray, other: bytes, rng: random.Random) -> None:
    if data:
        data[min(_place(data, rng), len(data) - 1)] = rng.randrange(256)


def _set_a_number(data: bytearray, other: bytes, rng: random.Random) -> None:
    width, at = rng.choice((1, 2, 3, 4)), _place(data, rng)
    value = rng.choice(INTERESTING) if rng.random() < 0.7 else len(data) + rng.randrange(-9, 9)
    data[at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width)


def _add_to_a_number(data: bytearray, other: bytes, rng: random.Random) -> None:
    at = _place(data, rng)
    field = data[at : at + 2]
    changed = int.from_bytes(field) + rng.choice((-4, -3, -1, 1, 3, 4, 256, -256))
    data[at : at + 2] = (changed & (1 << 8 * len(field)) - 1).to_bytes(len(field))


def _cut_out(data: bytearray, other: bytes, rng: random.Random) -> None:
    at = _place(data, rng)
    del data[at : at + rng.choice((1, 2, 3, 5, 7, 512))]


def _cut_off(data: bytearray, other: bytes, rng: random.Random) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _repeat(data: bytearray, other: bytes, rng: random.Random) -> None:
    at, length = _place(data, rng), rng.choice((1, 2, 3, 5, 7))
    data[at:at] = data[at : at + length]


def _copy_over(data: bytearray, other: bytes, rng: random.Random) -> None:
    at, length = _place(data, rng), rng.choice((1, 3, 6, 20))
    start = rng.randrange(len(data) + 1)
    data[at : at + length] = data[start : start + length]


def _splice(data: bytearray, other: bytes, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:] = other[at:]


CHANGES: list[Callable[[bytearray, bytes, random.Random], None]] = [
    _flip_a_bit,
    _set_a_byte,
    _set_a_number,
    _set_a_number,
    _add_to_a_number,
    _add_to_a_number,
    _cut_out,
    _cut_off,
    _repeat,
    _copy_over,
    _splice,
]
