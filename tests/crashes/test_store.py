"""Power cuts: the write log of real work on a cluster, cut at every call, each result recovered and judged.

After every cut the data set must be sound (`verify` silent), hold what it held at the last acknowledged commit or
after some later request (each request all or nothing), give the same again after a second recovery, and take
five more requests. `KSDS_TEST_SCALE` multiplies the counts; every failure names its seed, position and choice.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import VsamError
from tests.crashes.recording_device import RecordingFolder, crash_states, memory_folder
from tests.crashes.store_trace import (
    STEM,
    Judge,
    Request,
    Trace,
    content_of,
    random_requests,
    record,
    small_limits,
    tiny,
)

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
TRACES = max(1, round(8 * SCALE))


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def report(what: str, judges: list[Judge], seconds: float) -> None:
    """Assert that all is well; say what was looked at (visible with `pytest -s`)."""
    states = sum(len(judge.seen) for judge in judges)
    cut = sum(judge.recoveries_cut for judge in judges)
    rate = (states + cut) / max(seconds, 0.001)
    print(f"\n{what}: {states} distinct crash states, {cut} of recoveries, {rate:.0f} a second")
    bad = [line for judge in judges for line in judge.bad]
    assert not bad, f"{len(bad)} bad states, first: " + "\n".join(bad[:5])


@pytest.mark.parametrize("seed", range(TRACES))
def test_a_crash_anywhere_in_random_work_loses_nothing_acknowledged(seed: int) -> None:
    began = time.perf_counter()
    definition = tiny()
    trace = Trace.begin(definition).run(random_requests(seed, 40, definition))
    judge = Judge(trace, seed).judge(cut_recovery_every=300)
    report(f"random trace {seed}", [judge], time.perf_counter() - began)


@pytest.mark.parametrize("seed", range(TRACES))
def test_a_crash_after_a_crash_after_a_crash(seed: int) -> None:
    """What a crash leaves is where the next work begins: stale groups of the first life must not return in the third."""
    began = time.perf_counter()
    definition, rng = tiny(), random.Random(seed)
    judges = []
    start: dict[str, bytes] | None = None
    for life in range(6):
        present = None if start is None else [int(data[2:6]) for data in content_of(memory_folder(start), definition)]
        requests = list(random_requests(seed * 100 + life, 12, definition, present))
        trace = Trace.begin(definition, start).run(requests)
        judges.append(Judge(trace, seed).judge(most=150))
        log = trace.folder.log
        states = [state for _, state in crash_states(trace.folder.start, log, seed=seed, begin=trace.created)]
        start = rng.choice(states).files
    report(f"lives {seed}", judges, time.perf_counter() - began)
