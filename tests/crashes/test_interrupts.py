"""Ctrl-C anywhere: between any two instructions of a request, a commit or a browse.

The program then leaves the data set as `with` does. What the next open finds is the data set between two requests, no
older than the last commit: never half of a request, never anything that VERIFY finds fault with.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import PhysicalError
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import SUBJECTS, Content, Model, Request, Subject, small_limits, tiny
from tests.crashes.test_sphere import KeyedWithIndexes

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
CUTS = max(10, round(60 * SCALE))
"""Interrupts of each organization."""
REQUESTS = 24


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


class Interrupt:
    """Inside, KeyboardInterrupt comes up before instruction number `at` of `ksds`; `count` is how many there were."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __enter__(self) -> Interrupt:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if f"{os.sep}ksds{os.sep}" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            self.count += 1
            if self.count == self.at:
                raise KeyboardInterrupt
        return self._trace


def run(subject: Subject, requests: Sequence[Request], at: int) -> tuple[MemoryFolder, list[Content], int]:
    """Carry out requests until the interrupt, and close: the files, the contents that they may have, instructions."""
    folder, model, may_be = MemoryFolder(), Model(), [()]
    subject.create(folder)
    interrupt = Interrupt(at)
    with subject.open(folder) as cluster:
        try:
            with interrupt:
                for request in requests:
                    subject.on_model(model, request)
                    may_be.append(tuple(model.items()))
                    subject.perform(cluster, request)
                    if request.hardens:
                        del may_be[:-1]
                subject.content(cluster)
        except KeyboardInterrupt:
            pass
    return folder, may_be, interrupt.count


@pytest.mark.parametrize("subject", [*SUBJECTS, KeyedWithIndexes("KSDS with indexes", tiny(reuse=False))], ids=str)
def test_an_interrupt_leaves_no_half_of_a_request(subject: Subject) -> None:
    rng = random.Random(str(subject))
    requests = [each for each in subject.requests(rng.randrange(1000), REQUESTS) if each.what != "reopen"]
    _, _, instructions = run(subject, requests, at=0)
    assert instructions > 1000
    for at in sorted(rng.sample(range(1, instructions + 1), CUTS)):
        folder, may_be, _ = run(subject, requests, at)
        with subject.open(folder) as cluster:
            assert cluster.verify() == [], at
            assert subject.content(cluster) in may_be, at


def test_whoever_goes_on_after_an_interrupt_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, definition = MemoryFolder(), tiny(reuse=False)
    KeySequenced.create(folder, "T", definition)
    cluster = KeySequenced.open(folder, "T", definition, mode="w")
    cluster.insert(b"R:0001")
    cluster.commit()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cluster.index, "add_ci", interrupted)
    with pytest.raises(KeyboardInterrupt):
        for number in range(2, 99):
            cluster.insert(b"R:%04d" % number + bytes(90))
    with pytest.raises(PhysicalError, match="cut short"):
        cluster.get(b"0002")
    with pytest.raises(PhysicalError, match="cut short"):
        cluster.commit()
    cluster.close()
    with KeySequenced.open(folder, "T", definition) as again:
        assert list(again.browse()) == [b"R:0001"]
