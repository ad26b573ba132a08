"""Real work on a tiny key-sequenced cluster, recorded, and the judgement of what a crash leaves of it.

The control intervals are so small (512 bytes, 4 to a control area) that a trace of 40 requests meets CI splits,
CA splits, a second index level, reclaim, growth and checkpoints. `Trace` runs requests and notes after each what
the data set holds and whether it was acknowledged as hard; `Judge` says of a crash state what is wrong with it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from sortedcontainers import SortedDict

from ksds.cluster import index as index_module
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.storage import journal as journal_module
from ksds.storage import pager as pager_module
from ksds.storage.device import Folder, MemoryFolder
from tests.crashes.recording_device import RecordingFolder, crash_states, memory_folder

KEY_LENGTH = 4
KEY_OFFSET = 2
STEM = "T"

Content = tuple[bytes, ...]
Request = tuple[str, bytes]
"""What to do, and the record (or key) to do it with."""


def tiny(**changes: object) -> ClusterDefinition:
    """A KSDS in which four or so records fill a CI and four CIs a CA."""
    fields: dict[str, object] = {
        "name": "TEST.TINY", "key_length": KEY_LENGTH, "key_offset": KEY_OFFSET, "average_record": 100,
        "maximum_record": 400, "ci_size": 512, "index_ci_size": 512, "cis_per_ca": 4, "primary": 2, "secondary": 1,
        "free_ci_percent": 20, "free_ca_percent": 25, "reuse": True,
    }  # fmt: skip
    return ClusterDefinition(**{**fields, **changes})  # type: ignore[arg-type]


def small_limits(patch: pytest.MonkeyPatch, *, checkpoint_bytes: int = 24 << 10) -> None:
    """Make checkpoints, growth and pre-writing happen in traces of some dozen requests."""
    patch.setattr(pager_module, "CHECKPOINT_BYTES", checkpoint_bytes)
    patch.setattr(journal_module, "PREWRITTEN", 8 << 10)
    patch.setattr(index_module, "EXTENT_CIS", 4)


def record(number: int, length: int = 100) -> bytes:
    """A record whose key is `number` in decimal, its body recognisable."""
    front = b"R:" + f"{number:04d}".encode()
    return front + bytes((number * 7 + length + at) % 251 for at in range(length - len(front)))


def key_of(data: bytes) -> bytes:
    return data[KEY_OFFSET : KEY_OFFSET + KEY_LENGTH]


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

    definition: ClusterDefinition
    folder: RecordingFolder
    steps: list[Step] = field(default_factory=list)
    model: SortedDict = field(default_factory=SortedDict)
    created: int = 0

    @classmethod
    def begin(cls, definition: ClusterDefinition, start: dict[str, bytes] | None = None) -> Trace:
        """On an empty cluster, or on the files of `start` (their content is read, not recorded)."""
        trace = cls(definition, RecordingFolder(start))
        if start is None:
            KeySequenced.create(trace.folder, STEM, definition)
        else:
            trace.model.update((key_of(data), data) for data in content_of(memory_folder(start), definition))
        trace.created = len(trace.folder.log)
        trace._note(trace.created, True, "start")
        return trace

    def _note(self, begun: int, hardened: bool, what: str) -> None:
        content = tuple(self.model.values())
        self.steps.append(Step(begun, len(self.folder.log), content, hardened, what))

    def run(self, requests: Iterator[Request] | list[Request], *, buffer_bytes: int = 0) -> Trace:
        """Carry out the requests, then close."""
        cluster = KeySequenced.open(self.folder, STEM, self.definition, mode="w", buffer_bytes=buffer_bytes)
        for what, data in requests:
            begun = len(self.folder.log)
            if what == "reopen":
                cluster.close()
                cluster = KeySequenced.open(self.folder, STEM, self.definition, mode="w", buffer_bytes=buffer_bytes)
            else:
                perform(cluster, self.model, what, data)
            self._note(begun, what in ("commit", "load", "reset", "reopen"), f"{what} {data[:8]!r}")
        begun = len(self.folder.log)
        cluster.close()
        self._note(begun, True, "close")
        return self

    def allowed(self, position: int) -> tuple[int, int]:
        """First and last step whose content a crash at this log position may show."""
        lowest = max(at for at, step in enumerate(self.steps) if step.hardened and step.done <= position)
        highest = max(at for at, step in enumerate(self.steps) if at == lowest or step.begun < position)
        return lowest, highest


def perform(cluster: KeySequenced, model: SortedDict, what: str, data: bytes) -> None:
    """One request on the cluster and on the model."""
    if what in ("insert", "sequential"):
        cluster.insert(data, sequential=what == "sequential")
        model[key_of(data)] = data
    elif what == "update":
        cluster.update(data)
        model[key_of(data)] = data
    elif what == "erase":
        assert cluster.erase(data) == model.pop(data)
    elif what == "commit":
        cluster.commit()
    elif what == "peek":  # brings changed CIs into the journal without a sync
        if cluster.index.levels:
            cluster.read_ci("data", 0)
    elif what == "reset":
        cluster.reset()
        model.clear()
    elif what == "load":
        records = [record(number, 60 + number % 90) for number in range(5, 5 + 20 * data[0], 20)]
        cluster.load(records)
        model.update((key_of(data), data) for data in records)
    else:
        raise AssertionError(what)


def random_requests(
    seed: int, count: int, definition: ClusterDefinition, present: Iterable[int] | None = None
) -> Iterator[Request]:
    """A seeded mix that keeps its own idea of which keys exist (`present` at the start, None: no records ever)."""
    rng = random.Random(seed)
    keys: SortedDict = SortedDict((number, None) for number in present or ())
    if present is None and rng.random() < 0.4:
        loaded = rng.randrange(3, 30)
        yield "load", bytes([loaded])
        keys.update((number, None) for number in range(5, 5 + 20 * loaded, 20))
    upward = rng.randrange(1000, 2000)
    for _ in range(count):
        kind = rng.choices(
            ("insert", "sequential", "append", "update", "erase", "commit", "peek", "reopen", "reset"),
            (20, 8, 14, 12, 10, 14, 4, 2, 0.7),
        )[0]
        if kind in ("insert", "sequential", "append"):
            number = rng.randrange(1000)
            if kind == "append":
                upward += rng.randrange(1, 5)
                number = upward
            if number not in keys:
                keys[number] = None
                way = "insert" if kind == "insert" or rng.random() < 0.5 else "sequential"
                yield way, record(number, rng.choice((30, 90, 150, 240, 390)))
        elif kind in ("update", "erase") and keys:
            number = rng.choice(keys.keys()[:6] if rng.random() < 0.4 else keys.keys())
            if kind == "update":
                yield "update", record(number, rng.choice((20, 60, 140, 230, 399)))
            else:
                del keys[number]
                yield "erase", f"{number:04d}".encode()
        elif kind in ("commit", "peek", "reopen"):
            yield kind, b""
        elif kind == "reset" and definition.reuse:
            keys.clear()
            yield "reset", b""


def content_of(folder: Folder, definition: ClusterDefinition) -> Content:
    """Every record in key order, after a recovery if one is due."""
    with KeySequenced.open(folder, STEM, definition) as cluster:
        return tuple(cluster.browse())


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
        chosen = self._choose(most)
        states = crash_states(trace.folder.start, trace.folder.log, seed=self.seed, begin=trace.created)
        for position, state in states:
            key = state.key()
            where = f"seed {self.seed} position {position} of {len(trace.folder.log)}: {state.choice}"
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

    def _choose(self, most: int) -> set[object] | None:
        """Keys of the states to recover, None for all."""
        if most >= 10**9:
            return None
        trace = self.trace
        states = crash_states(trace.folder.start, trace.folder.log, seed=self.seed, begin=trace.created)
        keys = list(dict.fromkeys(state.key() for _, state in states))
        return set(random.Random(self.seed).sample(keys, min(most, len(keys))))

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
            return recover_and_go_on(folder, self.trace.definition)
        except Exception as error:  # any exception at all is the finding
            self.bad.append(f"{where}: {type(error).__name__}: {error}")
            return None

    def _cut_recovery(self, files: dict[str, bytes], expected: Content | None, where: str) -> None:
        """A crash during recovery: record it, cut it everywhere, recover again."""
        second = RecordingFolder(files)
        KeySequenced.open(second, STEM, self.trace.definition, mode="w").close()
        seen = set()
        for position, state in crash_states(files, second.log, seed=self.seed):
            if (key := state.key()) in seen:
                continue
            seen.add(key)
            again = self._recover(state.folder(), f"{where}; recovery position {position}: {state.choice}")
            if again is not None and again != expected:
                self.bad.append(f"{where}; recovery cut at {position}, {state.choice}: other content than without")
        self.recoveries_cut += len(seen)


def recover_and_go_on(folder: MemoryFolder, definition: ClusterDefinition) -> Content:
    """Recover twice, check, work on, close; the content after the recovery. Raises on any oddity."""
    cluster = KeySequenced.open(folder, STEM, definition, mode="w", buffer_bytes=0)
    findings = cluster.verify()
    assert not findings, f"verify: {[str(finding) for finding in findings]}"
    content = tuple(cluster.browse())
    assert len(content) == len(cluster), f"{len(content)} records, {len(cluster)} counted"
    release(cluster)
    with KeySequenced.open(folder, STEM, definition, mode="w", buffer_bytes=0) as cluster:
        assert tuple(cluster.browse()) == content, "a second recovery gives other content"
        model = SortedDict((key_of(data), data) for data in content)
        _five_more(cluster, model)
    with KeySequenced.open(folder, STEM, definition) as cluster:
        assert tuple(cluster.browse()) == tuple(model.values()), "five more requests went wrong"
        findings = cluster.verify()
        assert not findings, f"verify after five more: {[str(finding) for finding in findings]}"
    return content


def _five_more(cluster: KeySequenced, model: SortedDict) -> None:
    perform(cluster, model, "insert", record(9999, 300) if b"9999" not in model else record(9998, 300))
    middle = model.keys()[len(model) // 2]
    perform(cluster, model, "update", record(int(middle), 380))
    perform(cluster, model, "commit", b"")
    perform(cluster, model, "erase", model.keys()[0])
    if b"0000" not in model:
        perform(cluster, model, "insert", record(0, 350))


def release(cluster: KeySequenced) -> None:
    """Let go as a dying process does: locks go, nothing is written."""
    for device in (*cluster.pager.devices, cluster.pager.side, cluster.pager.journal._device):
        device.close()
