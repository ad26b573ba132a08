"""Power cuts under a whole node at work: data sets, CKPT, TCQ, statistics and catalog of both ends on one disk.

A copy of each kind is run with every call on every file in one log. The log is cut at seeded places; of what was not
synced, any part arrives (`tests/crashes/recording_device.py`). Then the DTF is started again: a Process that was
submitted ends with code 0, its target holds the source's records once, nothing is left in the queue or in either
CKPT file, and no more than an interval and a buffer is sent again. `KSDS_TEST_SCALE=9` tries 10,000 states.
"""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.errors import NodeError
from dtf.simulation.faults import FaultPlan
from dtf.transport import memory
from ksds.catalog import volume
from ksds.storage import journal, pager
from tests.crashes.recording_device import CrashState, Disk, RecordingFolder
from tests.dtf.crashes.machine import CopyOnWrite, Machine
from tests.dtf.node_pair import define_keyed, fill
from tests.dtf.test_every_kind import define, library, members_of

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
STATES = max(40, round(220 * SCALE))
STATES_A_CUT = 12
RECOVERY_CUT_EVERY = 70
BUFFER = 32_768


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short journals and buffers; file names that are the same in every run."""
    names = itertools.count()
    monkeypatch.setattr(volume.secrets, "token_hex", lambda size: f"{next(names):08x}")
    monkeypatch.setattr(journal, "PREWRITTEN", 8 << 10)
    monkeypatch.setattr(pager, "CHECKPOINT_BYTES", 256 << 10)
    monkeypatch.setattr(memory, "BUFFER_BYTES", BUFFER)


@dataclass(frozen=True, slots=True)
class Story:
    """What is there before, the COPY, and what is to be there after it."""

    prepare: Callable[[Machine], object]
    copy: str
    look: Callable[[Machine], object]
    interval: int = 8_000
    """As it is after rounding to blocks."""


def records(name: str, at: str = "lon") -> Callable[[Machine], object]:
    return lambda machine: list(getattr(machine, at).records(name))


def into_cluster(kind: str) -> Callable[[Machine], object]:
    def prepare(machine: Machine) -> object:
        if kind == "KSDS":
            define_keyed(machine.lon, "PAY.DST", maximum=100, average=100)
        else:
            define(machine.lon, "PAY.DST", kind)
        return fill(machine.nyc, "PAY.SRC", "FB", 80, 800, 800)

    return prepare


def a_library(machine: Machine) -> object:
    code = {"ALPHA": ["A 1", "A 2"], "BETA": [f"B {n}" for n in range(500)], "GAMMA": ["G"] * 90}
    library(machine.nyc, "A.LIB", code)
    library(machine.lon, "B.LIB", {"OTHER": ["kept"]})
    return {"OTHER": ["kept"], **code}


def over_an_old_one(machine: Machine) -> object:
    fill(machine.lon, "PAY.DST", "VB", 104, 1000, 300, seed=2)
    return fill(machine.nyc, "PAY.SRC", "VB", 104, 1000, 900)


def appended(machine: Machine) -> object:
    old = fill(machine.nyc, "PAY.DST", "FB", 80, 800, 100, seed=2)
    return old + fill(machine.lon, "PAY.SRC", "FB", 80, 800, 700)


STORIES = {
    "PS, new": Story(
        lambda machine: fill(machine.nyc, "PAY.SRC", "FB", 80, 800, 800),
        "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=(NEW,CATLG,DELETE))",
        records("PAY.DST"),
    ),
    "PS, replaced": Story(over_an_old_one, "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=RPL)", records("PAY.DST")),
    "PS, added to, from the SNODE": Story(
        appended,
        "FROM (DSN=PAY.SRC SNODE) CKPT=8K TO (DSN=PAY.DST PNODE DISP=MOD)",
        records("PAY.DST", "nyc"),
    ),
    "KSDS": Story(into_cluster("KSDS"), "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=RPL)", records("PAY.DST")),
    "ESDS": Story(into_cluster("ESDS"), "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=SHR)", records("PAY.DST")),
    "library": Story(
        a_library,
        "FROM (DSN=A.LIB) CKPT=8K TO (DSN=B.LIB DISP=RPL)",
        lambda machine: members_of(machine.lon, "B.LIB"),
        interval=32_760,
    ),
}


@dataclass(frozen=True, slots=True)
class Played:
    """A copy that was run undisturbed: its log, when submit had answered, how much had been sent at each call."""

    start: dict[str, bytes]
    folder: RecordingFolder
    submitted_at: int
    sent: list[tuple[int, int]]
    expected: object

    def sent_before(self, position: int) -> int:
        return max((count for at, count in self.sent if at <= position), default=0)


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


def played(story: Story) -> Played:
    machine = Machine.installed()
    expected = story.prepare(machine)
    start = {name: bytes(data) for name, data in machine.disk.files.items()}
    folder = RecordingFolder(start)
    recorded, plan = Machine(folder), Counting(folder)
    with recorded.node(plan) as node:
        node.submit(f"P PROCESS SNODE=LON\nS1 COPY {story.copy}\n")
        submitted_at = len(folder.log)
        node.run()
        assert node.outcome(1).condition_code == 0, node.outcome(1)
    assert story.look(recorded) == expected
    return Played(start, folder, submitted_at, plan.notes, expected)


def cut(run: Played, seed: int, count: int) -> list[tuple[int, CrashState]]:
    """`count` distinct states at seeded positions, a dozen of each."""
    rng = random.Random(seed)
    positions = range(len(run.folder.log) + 1)
    chosen = set(rng.sample(positions, min(len(positions), count // STATES_A_CUT * 5 // 4)))
    disk, found, seen = Disk.at_start(run.start), [], set()
    for position in positions:
        if position:
            disk.step(run.folder.log[position - 1])
        if position in chosen:
            states = {state.key(): state for state in disk.states(seed * 1_000_003 + position)}
            fresh = [state for key, state in states.items() if key not in seen]
            seen |= states.keys()
            found += [(position, state) for state in rng.sample(fresh, min(len(fresh), STATES_A_CUT))]
    return found


def restarted(story: Story, run: Played, position: int, disk: object) -> None:
    """Start the DTF again on what the crash left. Raises on any oddity."""
    machine, plan = Machine(disk), FaultPlan()
    with machine.node(plan) as node:
        try:
            node.outcome(1)
        except NodeError:
            assert position < run.submitted_at, "a submitted Process is lost"
            return
        node.run()
        outcome = node.outcome(1)
        assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
        assert node.processes() == []
    assert story.look(machine) == run.expected, "the target is another"
    for system in (machine.nyc, machine.lon):
        with CheckpointFile(system) as file:
            assert file.records() == [], "a checkpoint record is left"
    again = run.sent_before(position) + plan.data_bytes - run.sent_before(len(run.folder.log))
    assert again <= story.interval + BUFFER, f"{again} bytes sent again"


@pytest.mark.parametrize("kind", STORIES)
def test_a_copy_survives_a_power_cut_anywhere(kind: str) -> None:
    began, story = time.perf_counter(), STORIES[kind]
    seed = sorted(STORIES).index(kind)
    run = played(story)
    states = cut(run, seed, STATES)
    for turn, (position, state) in enumerate(states):
        where = f"{kind}: seed {seed}, position {position} of {len(run.folder.log)}: {state.choice}"
        try:
            if turn % RECOVERY_CUT_EVERY:
                restarted(story, run, position, CopyOnWrite(state.files))
            else:
                cut_again(story, run, position, state, seed)
        except Exception as error:
            raise AssertionError(f"{where}: {error!r}") from error
    rate = len(states) / (time.perf_counter() - began)
    print(f"\n{kind}: {len(states)} crash states of {len(run.folder.log)} calls, {rate:.0f} a second")


def cut_again(story: Story, run: Played, position: int, state: CrashState, seed: int) -> None:
    """The power goes again while the DTF recovers or goes on."""
    folder = RecordingFolder(state.files)
    restarted(story, run, position, folder)
    rng, disk = random.Random(seed), Disk.at_start(state.files)
    places = set(rng.sample(range(len(folder.log) + 1), min(len(folder.log), 5)))
    for at in range(len(folder.log) + 1):
        if at:
            disk.step(folder.log[at - 1])
        if at in places:
            for again in rng.sample(list(disk.states(seed + at)), 1):
                restarted_twice(story, run, position, CopyOnWrite(again.files))


def restarted_twice(story: Story, run: Played, position: int, disk: object) -> None:
    """As `restarted`, without the limit on what is sent again: two tries had their part."""
    machine = Machine(disk)
    with machine.node(FaultPlan()) as node:
        try:
            node.run()
            assert node.outcome(1).condition_code == 0
        except NodeError:
            assert position < run.submitted_at, "a submitted Process is lost"
            return
    assert story.look(machine) == run.expected, "the target is another, after a second crash"
