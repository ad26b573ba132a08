"""SIGTERM and Ctrl-C for a program that stays: a word between two turns, never an exception in one of them."""

from __future__ import annotations

import select
import signal
import socket
from collections.abc import Iterable
from types import FrameType, TracebackType
from typing import Self

from dtf.node.calls import Call


class StopSignals:
    """A door that nobody comes in by: a signal wakes whoever waits and is `asked` for from then on. A second one of its
    kind is KeyboardInterrupt, for those who cannot wait. Use as a context manager."""

    calls: Iterable[Call] = ()

    def __init__(self) -> None:
        self.asked = False
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)

    def __enter__(self) -> Self:
        self._fd_before = signal.set_wakeup_fd(self._mouth.fileno())
        self._before = {number: signal.signal(number, self._came) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd_before)
        self._ear.close()
        self._mouth.close()

    def _came(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.default_int_handler)

    def fileno(self) -> int:
        """Where the signal is heard."""
        return self._ear.fileno()

    def poll_mask(self) -> int:
        """It only listens."""
        return select.POLLIN

    def advance(self) -> bool:
        """There is never anything to serve."""
        return False
