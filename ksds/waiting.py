"""What takes its time, on standard error and on a terminal only: a bar where the bytes are known, else a line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

PATIENCE_SECONDS = 1.0
"""Silence before the line appears."""
BEAT_SECONDS = 0.25
_ERASE = "\r\x1b[K"


def byte_bar() -> Progress:
    """A bar for bytes, which goes when it ends. What is printed meanwhile goes above it on one and the same terminal;
    in a pipe it stays where it belongs."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),
        redirect_stderr=False,
    )


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], object]]:
    """A bar while this lasts; what it gives is told of each number of bytes that is done."""
    with byte_bar() as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


class Waiting:
    """Shows `what` and how long it has taken so far, from the second second of silence on.

    Who prints meanwhile does so inside `silent()`: the line is gone first, and comes back after another silence.
    """

    def __init__(self, what: str, terminal: TextIO | None = None) -> None:
        self._what = what
        self._terminal = sys.stderr if terminal is None else terminal
        self._begun = self._heard = time.monotonic()
        self._is_drawn = False
        self._turn = Lock()
        self._ended = Event()
        self._beat = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        if self._terminal.isatty():
            self._beat.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        if self._beat.is_alive():
            self._beat.join()
        self._erase()

    def now(self, what: str) -> None:
        """Say that this is under way from here on."""
        self._what = what

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing is drawn while this lasts."""
        with self._turn:
            self._erase()
            try:
                yield
            finally:
                self._heard = time.monotonic()

    def tick(self, moment: float) -> None:
        """Draw the line, if it was silent for long enough; `moment` as the monotonic clock has it."""
        with self._turn:
            if moment - self._heard < PATIENCE_SECONDS:
                return
            seconds = int(moment - self._begun)
            self._terminal.write(f"{_ERASE}{self._what} {seconds // 60}:{seconds % 60:02}")
            self._terminal.flush()
            self._is_drawn = True

    def _run(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            self.tick(time.monotonic())

    def _erase(self) -> None:
        if self._is_drawn:
            self._terminal.write(_ERASE)
            self._terminal.flush()
            self._is_drawn = False
