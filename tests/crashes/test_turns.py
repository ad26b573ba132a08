"""Several writers of one data set (SHAREOPTIONS 3 and 4): they take turns, and nobody loses what another committed.

Three programs have the data set open for output at once. Whoever changes something has the turn until it commits; what
the others want to change meanwhile is refused, and what they see is a commit. Some close, some die in the midst of a
turn. Then the disk is cut at every write, as everywhere in this folder.
"""

from __future__ import annotations

import errno
import os
import random
from typing import Any

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import ExclusiveControl, OpenError, PhysicalError
from tests.crashes.faulty_device import Fault, FaultyFolder
from tests.crashes.recording_device import memory_folder
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import (
    STEM,
    Content,
    Model,
    Request,
    Subject,
    every_subject,
    key_of,
    record,
    roomy,
    small_limits,
    tiny,
)

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
RUNS = max(4, round(8 * SCALE))
"""Of each organization."""
CRASHED = 4
"""One run in so many is cut at its writes, too."""
STEPS = 60
PROGRAMS = 3
STATES = max(40, round(60 * SCALE))
"""Crash states recovered of each run."""


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


class Programs:
    """`holder` is the program whose turn it is; `committed` what the data set held at the last commit."""

    def __init__(self, subject: Subject, seed: int) -> None:
        self.rng = random.Random(seed)
        self.trace = Trace.begin(subject)
        self.subject, self.folder = subject, self.trace.folder
        self.open: list[Any] = [self._opened() for _ in range(PROGRAMS)]
        self.holder: Any = None
        self.committed: Content = ()
        self.past: list[Content] = [()]
        self.refused = 0

    def _opened(self) -> Any:
        return self.subject.open(self.folder, in_turns=True)

    def step(self) -> None:
        which = self.rng.randrange(PROGRAMS) if self.holder is None or self.rng.random() < 0.2 else None
        program = self.holder if which is None else self.open[which]
        kinds = ("change", "commit", "look", "reset", "reopen", "die")
        kind = self.rng.choices(kinds, (30, 14, 4, 0.5, 2, 1))[0]
        begun, turn_of = len(self.folder.log), self.holder
        if kind == "look":
            self._look(program)
        elif kind in ("reopen", "die"):
            self._leave(program, dies=kind == "die")
        else:
            self._work(program, kind)
        self.trace._note(begun, turn_of is not None and self.holder is None and kind != "die", kind)

    def _work(self, program: Any, kind: str) -> None:
        try:
            if kind == "commit":
                program.commit()
            else:
                program.sphere.take_turn()
        except ExclusiveControl as error:
            assert self.holder not in (None, program) and (error.return_code, error.feedback) == (8, 20)
            self.refused += 1
            return
        if kind == "commit":
            self._turn_ends(program)
            return
        self.holder = program
        model = self.trace.model
        request = self.subject.change(self.rng, model) if kind == "change" else Request(kind)
        try:
            self.subject.perform(program, request)
        except OpenError as error:  # REUSE while others have the data set open
            assert kind == "reset" and error.feedback == 168
            self._committed()  # what came before it
        else:
            self.subject.on_model(model, request)

    def _turn_ends(self, program: Any) -> None:
        if self.holder is program:
            self.holder = None
            self._committed()

    def _committed(self) -> None:
        self.committed = tuple(self.trace.model.items())
        self.past.append(self.committed)

    def _look(self, program: Any) -> None:
        content = self.subject.content(program)
        if program is self.holder:
            assert content == tuple(self.trace.model.items())
            return
        assert content in self.past
        program.sphere.refresh()
        assert self.subject.content(program) == self.committed
        assert self.subject.count(program) == len(self.committed)
        assert program.verify() == []

    def _leave(self, program: Any, *, dies: bool) -> None:
        at = self.open.index(program)
        if not dies:
            program.close()
            self._turn_ends(program)
        else:
            _die(program)
            if self.holder is program:
                self.holder = None
                self.trace.model = Model(self.committed)
        self.open[at] = self._opened()

    def finish(self) -> None:
        for program in self.open:
            program.close()
            if program is self.holder:
                self._turn_ends(program)
        with self.subject.open(self.folder) as cluster:
            assert self.subject.content(cluster) == self.committed
            assert cluster.verify() == []


def _die(program: Any) -> None:
    """As SIGKILL does it: locks go, memory goes, what was written stays."""
    pager = program.sphere.pager
    for component in pager.present():
        component.device.close()
    for device in pager.sides:
        if device is not None:
            device.close()
    pager.journal.close()


@every_subject
def test_programs_take_turns(subject: Subject) -> None:
    states = refused = 0
    for seed in range(RUNS):
        programs = Programs(roomy(subject), seed)
        for step in range(STEPS):
            try:
                programs.step()
            except AssertionError as error:
                raise AssertionError(f"{subject} seed {seed} step {step}: {error}") from error
        programs.finish()
        refused += programs.refused
        if seed % CRASHED == 0:
            judge = Judge(programs.trace, seed).judge(most=STATES)
            assert not judge.bad, judge.bad[:3]
            states += len(judge.seen)
    print(f"\n{subject}: {RUNS} runs of {PROGRAMS} programs, {refused} changes refused, {states} crash states")
    assert refused


@pytest.mark.parametrize("before", ["a turn", "opened", "nothing"])
def test_a_commit_behind_a_failed_sync_of_another_program_is_there_after_a_crash(before: str) -> None:
    """What the other one could not make durable is read by the one behind, and its sync has to write it."""
    definition = tiny(reuse=False, secondary=2000)
    folder = FaultyFolder()
    KeySequenced.create(folder, STEM, definition)

    def opened() -> Any:
        return KeySequenced.open(folder, STEM, definition, mode="w", in_turns=True)

    one, _reader = opened(), KeySequenced.open(folder, STEM, definition, beside=True)
    other = None if before == "nothing" else opened()
    for number, program in enumerate((one, other if before == "a turn" else one)):
        program.insert(record(number))
        program.commit()
    one.insert(record(50))
    folder.fault = Fault("sync", folder.calls["sync"], errno.EIO)
    with pytest.raises(PhysicalError):
        one.commit()
    one.close()
    other = other or opened()
    for number in (60, 61):
        other.insert(record(number))
        other.commit()
    with KeySequenced.open(memory_folder(folder.after_power_cut()), STEM, definition) as cluster:
        assert [int(key_of(each)) for each in cluster.browse()] == [0, 1, 50, 60, 61] and cluster.verify() == []
