"""What a power cut leaves of two nodes at work, and the judgement of what the DTF makes of it when it starts again.

    run = Run.of(STORIES["KSDS"])                   the copy undisturbed, every call on every file in one log
    for at, state in run.states(seed=3): ...        what the disk may hold if the power fails after `at` calls
    run.judge(at, run.restarted(state.files))       raises AssertionError

A state may be what several places of the log leave. It is restarted once, and judged at each of them: what may be lost
and what may be sent again is less at the later ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.step import COMPLETED
from dtf.errors import NodeError
from dtf.simulation.faults import FaultPlan
from ksds.storage.device import Folder
from tests.crashes.recording_device import CrashState, Disk, RecordingFolder
from tests.dtf.crashes.machine import CopyOnWrite, Machine
from tests.dtf.crashes.stories import Story

BUFFER = 32_768
TRIES = 4
"""So many times the states that are wanted of a place are looked at, before it has no others."""


@dataclass(frozen=True, slots=True)
class Restart:
    """How the DTF went on: the bytes it sent until the Process had ended, or that it knew of no Process."""

    sent: int = 0
    is_lost: bool = False


class Counting(FaultPlan):
    """Notes how long the log was whenever data went out."""

    def __init__(self, folder: RecordingFolder) -> None:
        super().__init__()
        self._folder = folder
        self.notes: list[tuple[int, int]] = []

    def payload(self, progress: object, payload: bytes) -> bytes:
        data = super().payload(progress, payload)
        self.notes.append((len(self._folder.log), self.data_bytes))
        return data


@dataclass(frozen=True, slots=True)
class Run:
    """A copy that was run undisturbed: its log, when SUBMIT had answered, how much had been sent at each call."""

    story: Story
    folder: RecordingFolder
    submitted_at: int
    sent: list[tuple[int, int]]
    expected: object

    @classmethod
    def of(cls, story: Story) -> Run:
        machine = Machine.installed()
        story.prepare(machine)
        folder = RecordingFolder(machine.disk.image())
        recorded, plan = Machine(folder), Counting(folder)
        with recorded.node(plan) as node:
            node.submit(f"P PROCESS SNODE=LON\nS1 COPY {story.copy}\n")
            submitted_at = len(folder.log)
            node.run()
            assert node.outcome(1).condition_code == 0, node.outcome(1)
        return cls(story, folder, submitted_at, plan.notes, story.look(recorded))

    def sent_before(self, position: int) -> int:
        """Bytes that had gone out before the disk's call at `position`."""
        return max((count for at, count in self.sent if at <= position), default=0)

    def states(self, seed: int, of_each_place: int) -> Iterator[tuple[int, CrashState]]:
        """(position, state) at every place of the log: a seeded choice of those that no place before has left, and
        what else was met on the way to them."""
        disk, seen = Disk.at_start(self.folder.start), set[object]()
        for position in range(len(self.folder.log) + 1):
            if position:
                disk.step(self.folder.log[position - 1])
            arrivals = list(disk.arrivals(seed * 1_000_003 + position))
            fresh = 0
            for arrival in random.Random(position).sample(arrivals, min(len(arrivals), TRIES * of_each_place)):
                state = disk.state(arrival)
                key = state.key()
                if key not in seen and fresh < of_each_place:
                    seen.add(key)
                    fresh += 1
                if key in seen:
                    yield position, state

    def restarted(self, disk: Folder) -> Restart:
        """Start the DTF on what the crash left: a Process that it knows ends well, with nothing left behind."""
        machine, plan = Machine(disk), FaultPlan()
        with machine.node(plan) as node:
            try:
                node.outcome(1)
            except NodeError:
                return Restart(is_lost=True)
            node.run()
            outcome = node.outcome(1)
            assert (outcome.condition_code, outcome.queue, outcome.message_id) == (0, "", COMPLETED), outcome
            assert node.processes() == []
        assert self.story.look(machine) == self.expected, "the target is another"
        for system in (machine.nyc, machine.lon):
            with CheckpointFile(system) as file:
                assert file.records() == [], "a checkpoint record is left"
        return Restart(plan.data_bytes)

    def judge(self, position: int, restart: Restart) -> None:
        """What was acknowledged is not lost; no more than an interval and a buffer was sent twice."""
        if restart.is_lost:
            assert position < self.submitted_at, "a submitted Process is lost"
            return
        again = self.sent_before(position) + restart.sent - self.sent_before(len(self.folder.log))
        assert again <= self.story.interval + BUFFER, f"{again} bytes sent again"

    def cut_again(self, position: int, state: CrashState, seed: int) -> int:
        """The power goes once more, at five places of the recovery and of what follows it. How many were tried."""
        second = RecordingFolder(state.files)
        self.judge(position, self.restarted(second))
        rng, disk = random.Random(seed), Disk.at_start(state.files)
        places = set(rng.sample(range(len(second.log) + 1), min(len(second.log), 5)))
        for at in range(len(second.log) + 1):
            if at:
                disk.step(second.log[at - 1])
            if at in places:
                again = disk.state(rng.choice(list(disk.arrivals(seed + at))))
                restart = self.restarted(CopyOnWrite(again.files))  # the limit on what is sent is that of one crash
                assert not restart.is_lost or position < self.submitted_at, "lost in a second crash"
        return len(places)
