"""What a command line of `ksds` gave; the fixture `ksds` runs one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command line gave."""

    status: int
    out: str
    err: str


Ksds = Callable[..., Outcome]


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and "Traceback" not in text
