"""Power cuts under an entry-sequenced and a relative-record data set: after every cut of the write log the data set is
sound, holds what it held at the last commit or after some later request, and can be worked on.

`KSDS_TEST_SCALE` multiplies the number of traces; every failure names its seed, position and choice.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import ksds.storage.journal as journal_module
import ksds.storage.pager as pager_module
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.relative_record import RelativeRecord
from tests.crashes.recording_device import RecordingFolder, crash_states

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
TRACES = max(1, round(4 * SCALE))
REQUESTS = 30
STEM = "T"

Cluster = EntrySequenced | RelativeRecord
Content = tuple[tuple[int, bytes], ...]


def tiny(organization: str) -> ClusterDefinition:
    return ClusterDefinition(
        name="TEST.TINY", organization=organization, average_record=100, maximum_record=100, ci_size=512, cis_per_ca=2,
        primary=2, secondary=3, reuse=True,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints and pre-writing happen in traces of some dozen requests."""
    monkeypatch.setattr(pager_module, "CHECKPOINT_BYTES", 12 << 10)
    monkeypatch.setattr(journal_module, "PREWRITTEN", 8 << 10)


def log_request(log: EntrySequenced, rng: random.Random) -> None:
    """One change of a log: mostly growth."""
    if rng.random() < 0.75 or not len(log):
        log.append(rng.randbytes(rng.choice((10, 10, 60, 100))))
    else:
        rba, record = rng.choice(list(log.browse()))
        log.update(rba, rng.randbytes(len(record)))


def queue_request(queue: RelativeRecord, rng: random.Random) -> None:
    """One change of a queue: slots fill, empty, and now and then one far above appears."""
    full = [number for number, _ in queue.browse()]
    if full and rng.random() < 0.35:
        queue.erase(rng.choice(full))
    else:
        number = rng.choice((queue.first_free(), rng.randrange(1, 40)))
        queue.put(number, rng.randbytes(100))


@dataclass(slots=True)
class Trace:
    """What was done on a recording folder: (log position before, after, content then, hardened) of each request."""

    kind: Any
    request: Callable[[Any, random.Random], None]
    definition: ClusterDefinition
    folder: RecordingFolder = field(default_factory=RecordingFolder)
    steps: list[tuple[int, int, Content, bool]] = field(default_factory=list)

    def run(self, seed: int) -> Trace:
        rng = random.Random(seed)
        self.kind.create(self.folder, STEM, self.definition)
        self._note(len(self.folder.log), (), True)
        cluster = self._open()
        for _ in range(REQUESTS):
            begun, hardened = len(self.folder.log), True
            what = rng.choices(("change", "commit", "reopen", "reset", "peek"), (30, 6, 2, 0.7, 2))[0]
            if what == "commit":
                cluster.commit()
            elif what == "reopen":
                cluster.close()
                cluster = self._open()
            elif what == "reset":
                cluster.reset()
            else:
                hardened = False
                if what == "change":
                    self.request(cluster, rng)
                elif cluster.statistics.high_used_rba:
                    cluster.read_ci("data", 0)  # changed CIs go to the journal without a sync
            self._note(begun, tuple(cluster.browse()), hardened)
        begun, content = len(self.folder.log), tuple(cluster.browse())
        cluster.close()
        self._note(begun, content, True)
        return self

    def _open(self) -> Any:
        return self.kind.open(self.folder, STEM, self.definition, mode="w", buffer_bytes=0)

    def _note(self, begun: int, content: Content, hardened: bool) -> None:
        self.steps.append((begun, len(self.folder.log), content, hardened))

    def allowed(self, position: int) -> Iterator[Content]:
        """What a crash at this position may show."""
        lowest = max(at for at, (_, done, _, hardened) in enumerate(self.steps) if hardened and done <= position)
        for at, (begun, _, content, _) in enumerate(self.steps):
            if at == lowest or (at > lowest and begun < position):
                yield content


@pytest.mark.parametrize("seed", range(TRACES))
@pytest.mark.parametrize(
    ("kind", "organization", "request_"),
    [(EntrySequenced, "NONINDEXED", log_request), (RelativeRecord, "NUMBERED", queue_request)],
    ids=["entry-sequenced", "relative-record"],
)
def test_a_crash_anywhere_loses_nothing_acknowledged(
    kind: type[Cluster], organization: str, request_: Callable[[Any, random.Random], None], seed: int
) -> None:
    trace = Trace(kind, request_, tiny(organization)).run(seed)
    log, created = trace.folder.log, trace.steps[0][1]
    found: dict[object, Content] = {}
    for position, state in crash_states({}, log, seed=seed, begin=created):
        key = state.key()
        where = f"seed {seed} position {position} of {len(log)}: {state.choice}"
        if key not in found:
            with kind.open(state.folder(), STEM, trace.definition, mode="w") as cluster:
                found[key] = tuple(cluster.browse())
                assert [str(finding) for finding in cluster.verify()] == [], where
                request_(cluster, random.Random(seed))
                assert cluster.verify() == [], where
        assert found[key] in trace.allowed(position), where
    print(f"\n{organization} seed {seed}: {len(found)} distinct crash states")
