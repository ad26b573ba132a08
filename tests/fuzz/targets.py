"""What is fuzzed, and how: a parser says what it read, or that the input is wrong; nothing else.

Each target makes fifty or so sound inputs, from its own `build`, and gets 20,000 mutations of them (`KSDS_TEST_SCALE`
multiplies). Where a checksum would refuse nearly all of them, half have it put right again: a CRC shows accidents, it
does not prove that the bytes are meant well. Whatever a parser accepts is written and parsed again, to the same value.
A parser that takes five seconds of processor time for one input hangs.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ksds.errors import Damaged
from tests.fuzz.alarm import Hang, alarm, one_more
from tests.fuzz.mutations import mutated

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EXECUTIONS = max(1000, round(20_000 * SCALE))
SEEDS = 56

Make = Callable[[random.Random], bytes]
Mend = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """`read` gives a value, None or raises `refusal`; `write`, where there is one, bytes for a value, or ValueError if
    no build makes it."""

    name: str
    make: Make
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes] | None
    mend: Mend = bytes
    refusal: type[Exception] = Damaged


def judge(target: Target, data: bytes) -> bool:
    """True if the input was accepted. Raises on any oddity."""
    one_more()
    try:
        value = target.read(data)
    except target.refusal as error:
        assert "\n" not in str(error)
        assert not isinstance(error, Damaged) or error.return_code in (8, 12)
        return False
    if value is None:
        return False
    if target.write is None:
        return True
    try:
        written = target.write(value)
    except ValueError:
        return True  # sound, but no record of ours
    assert target.read(written) == value, "written again it reads differently"
    return True


def hammer(target: Target) -> None:
    """All sound inputs, then mutations of them."""
    rng = random.Random(target.name)
    seeds = [target.make(rng) for _ in range(SEEDS)]
    accepted = 0
    with alarm():
        for seed in seeds:
            assert judge(target, seed), f"{target.name} refuses what it wrote: {seed.hex()}"
        for turn in range(EXECUTIONS):
            data = mutated(rng.choice(seeds), seeds, rng)
            if turn % 2:
                data = target.mend(data)
            try:
                accepted += judge(target, data)
            except (Exception, Hang) as error:
                raise AssertionError(f"{target.name}, turn {turn}: {error!r} on X'{data.hex().upper()}'") from error
    print(f"\n{target.name}: {EXECUTIONS} inputs, {accepted} accepted")
    assert 0 < accepted < EXECUTIONS
