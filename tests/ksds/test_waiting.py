"""The line that says what takes its time: on a terminal only, after a silence, and gone before anything is printed."""

from __future__ import annotations

import io
import time

from ksds.waiting import PATIENCE_SECONDS, Waiting

ERASED = "\r\x1b[K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_appears_after_a_silence_and_counts_from_the_beginning() -> None:
    screen = Terminal()
    waiting = Waiting("IDCAMS", screen)
    begun = time.monotonic()
    waiting.tick(begun - PATIENCE_SECONDS)
    assert screen.getvalue() == ""
    waiting.tick(begun + 75.5)
    assert screen.getvalue() == f"{ERASED}IDCAMS 1:15"
    waiting.now("STEP SORT")
    waiting.tick(begun + 76.5)
    assert screen.getvalue().endswith(f"{ERASED}STEP SORT 1:16")


def test_it_is_gone_before_something_is_printed_and_when_the_work_is_done() -> None:
    screen = Terminal()
    waiting = Waiting("IDCAMS", screen)
    waiting.tick(time.monotonic() + 10)
    with waiting.silent():
        assert screen.getvalue().endswith(ERASED)
        drawn = screen.getvalue()
    waiting.tick(time.monotonic())
    assert screen.getvalue() == drawn, "the silence begins anew"
    with waiting:
        waiting.tick(time.monotonic() + 10)
    assert screen.getvalue().endswith(ERASED)


def test_nothing_is_drawn_in_a_pipe() -> None:
    pipe = io.StringIO()
    with Waiting("IDCAMS", pipe) as waiting:
        assert not waiting._beat.is_alive()
    assert pipe.getvalue() == ""
