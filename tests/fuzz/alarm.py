"""No single input may take longer than HANG seconds of processor time: however busy the machine is, that is a hang."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

HANG = 5.0


class Hang(BaseException):
    """Nothing that the code under test could mistake for an error of its own."""


@contextmanager
def alarm() -> Iterator[None]:
    """Watch from the first `one_more` on."""

    def hang(number: int, frame: object) -> None:
        raise Hang(f"more than {HANG} s for one input")

    before = signal.signal(signal.SIGVTALRM, hang)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def one_more() -> None:
    """The next input begins."""
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG)
