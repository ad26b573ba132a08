"""Real work on a tiny data set, recorded, and the judgement of what a crash leaves of it.

`Trace` carries out requests and notes after each what the data set holds and whether it was acknowledged as hard;
`Judge` says of a crash state what is wrong with it. Both know a data set by its `Subject` and the public methods of
an open cluster only.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ksds.storage.device import Folder, MemoryFolder
from tests.crashes.recording_device import (
    CrashState,
    RecordingFolder,
    crash_states,
    files_of,
    memory_folder,
    some_crash_states,
)
from tests.crashes.subjects import Content, Model, Request, Subject

LOOKED_AT = 4
"""States made for each that is recovered: equal ones are compared at each place that may leave them."""


@dataclass(slots=True)
class Step:
    """One request: log positions before and after it, what the data set then holds, whether it was hardened."""

    begun: int
    done: int
    content: Content
    hardened: bool
    what: str


@dataclass(slots=True)
class Trace:
    """Requests carried out on a recording folder."""

    subject: Subject
    folder: RecordingFolder
    steps: list[Step] = field(default_factory=list)
    model: Model = field(default_factory=Model)
    created: int = 0

    @classmethod
    def begin(cls, subject: Subject, start: dict[str, bytes] | None = None) -> Trace:
        """On an empty data set, or on the files of `start` (their content is read, not recorded)."""
        trace = cls(subject, RecordingFolder(start))
        if start is None:
            subject.create(trace.folder)
        else:
            trace.model.update(subject.content_of(memory_folder(start)))
        trace.created = len(trace.folder.log)
        trace._note(trace.created, True, "start")
        return trace

    def _note(self, begun: int, hardened: bool, what: str) -> None:
        self.steps.append(Step(begun, len(self.folder.log), tuple(self.model.items()), hardened, what))

    def run(self, requests: Iterable[Request], *, buffer_bytes: int = 0) -> Trace:
        """Carry out the requests, then close."""
        cluster = self.subject.open(self.folder, buffer_bytes=buffer_bytes)
        for request in requests:
            begun = len(self.folder.log)
            if request.what == "reopen":
                cluster.close()
                cluster = self.subject.open(self.folder, buffer_bytes=buffer_bytes)
            else:
                self.subject.perform(cluster, request)
            self.subject.on_model(self.model, request)
            self._note(begun, request.hardens, f"{request.what} {request.key!r}")
        begun = len(self.folder.log)
        cluster.close()
        self._note(begun, True, "close")
        return self

    def allowed(self, position: int) -> tuple[int, int]:
        """First and last step whose content a crash at this log position may show."""
        lowest = max(at for at, step in enumerate(self.steps) if step.hardened and step.done <= position)
        highest = max(at for at, step in enumerate(self.steps) if at == lowest or step.begun < position)
        return lowest, highest


@dataclass(slots=True)
class Judge:
    """Recovers crash states of one trace and compares; equal states are recovered once."""

    trace: Trace
    seed: int
    bad: list[str] = field(default_factory=list)
    seen: dict[object, Content | None] = field(default_factory=dict)
    recoveries_cut: int = 0

    def judge(self, *, most: int = 10**9, cut_recovery_every: int = 0) -> Judge:
        """Look at the states of every log position (where they are more than `most`, a seeded choice)."""
        for _ in self.in_batches(10**9, most=most, cut_recovery_every=cut_recovery_every):
            pass
        return self

    def in_batches(self, size: int, *, most: int = 10**9, cut_recovery_every: int = 0) -> Iterator[None]:
        """As `judge`, with a pause after each `size` recoveries."""
        trace = self.trace
        states, chosen = self._choose(most)
        for position, state in states:
            key = state.key()
            where = f"{trace.subject} seed {self.seed} position {position} of {len(trace.folder.log)}: {state.choice}"
            if key not in self.seen:
                if chosen is not None and key not in chosen:
                    continue
                self.seen[key] = self._recover(state.folder(), where)
                if cut_recovery_every and len(self.seen) % cut_recovery_every == 0:
                    self._cut_recovery(state.files, self.seen[key], where)
                if len(self.seen) % size == 0:
                    yield
            self._compare(self.seen[key], position, where)
        yield

    def _choose(self, most: int) -> tuple[Iterable[tuple[int, CrashState]], set[object] | None]:
        """The states to look at, and the keys of those to recover, None for all."""
        start, log, begin = self.trace.folder.start, self.trace.folder.log, self.trace.created
        if most >= 10**9:
            return crash_states(start, log, seed=self.seed, begin=begin), None
        states = some_crash_states(start, log, LOOKED_AT * most, seed=self.seed, begin=begin)
        keys = list(dict.fromkeys(state.key() for _, state in states))
        return states, set(random.Random(self.seed).sample(keys, min(most, len(keys))))

    def _compare(self, found: Content | None, position: int, where: str) -> None:
        if found is None:
            return
        low, high = self.trace.allowed(position)
        if not any(found == step.content for step in self.trace.steps[low : high + 1]):
            later = [at for at, step in enumerate(self.trace.steps) if step.content == found]
            self.bad.append(f"{where}: content is of steps {later}, not {low}..{high} ({self.trace.steps[low].what})")

    def _recover(self, folder: MemoryFolder, where: str) -> Content | None:
        """The content after recovery, None if anything is wrong with it."""
        try:
            return recover_and_go_on(self.trace.subject, folder)
        except Exception as error:  # any exception at all is the finding
            self.bad.append(f"{where}: {type(error).__name__}: {error}")
            return None

    def _cut_recovery(self, files: dict[str, bytes], expected: Content | None, where: str) -> None:
        """A crash during recovery: record it, cut it everywhere, recover again."""
        second = RecordingFolder(files)
        self.trace.subject.open(second).close()
        seen = set()
        for position, state in crash_states(files, second.log, seed=self.seed):
            if (key := state.key()) in seen:
                continue
            seen.add(key)
            again = self._recover(state.folder(), f"{where}; recovery position {position}: {state.choice}")
            if again is not None and again != expected:
                self.bad.append(f"{where}; recovery cut at {position}, {state.choice}: other content than without")
        self.recoveries_cut += len(seen)


def recover_and_go_on(subject: Subject, folder: Folder) -> Content:
    """Recover twice, check, work on, close; the content after the recovery. Raises on any oddity."""
    cluster = subject.open(folder)
    findings = cluster.verify()
    assert not findings, f"verify: {[str(finding) for finding in findings]}"
    content = subject.content(cluster)
    assert len(content) == subject.count(cluster), f"{len(content)} records, {subject.count(cluster)} counted"
    subject.read_back(cluster, content)
    folder = memory_folder(files_of(folder))  # as a dying process leaves it: locks go, nothing is written
    with subject.open(folder) as cluster:
        assert subject.content(cluster) == content, "a second recovery gives other content"
        model = Model(content)
        _five_more(subject, cluster, model)
    with subject.open(folder, "r") as cluster:
        assert subject.content(cluster) == tuple(model.items()), "five more requests went wrong"
        findings = cluster.verify()
        assert not findings, f"verify after five more: {[str(finding) for finding in findings]}"
    return content


def _five_more(subject: Subject, cluster: Any, model: Model) -> None:
    rng = random.Random(len(model))
    for turn in range(5):
        request = subject.change(rng, model)
        subject.perform(cluster, request)
        subject.on_model(model, request)
        if turn == 2:
            cluster.commit()
