"""Power cuts: the write log of real work on a cluster, cut at every call, each result recovered and judged.

After every cut the data set must be sound (`verify` silent), hold what it held at the last acknowledged commit or
after some later request (each request all or nothing), give the same again after a second recovery, and take
five more requests. `KSDS_TEST_SCALE` multiplies the counts; every failure names its seed, position and choice.
Default counts: some 15,000 distinct states at 300 to 500 a second on one core (`pytest -s` prints them).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from itertools import product

import pytest
from sortedcontainers import SortedDict

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import VsamError
from tests.crashes.recording_device import RecordingFolder, crash_states, memory_folder
from tests.crashes.store_trace import (
    STEM,
    Judge,
    Request,
    Trace,
    content_of,
    key_of,
    perform,
    random_requests,
    record,
    small_limits,
    tiny,
)

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
TRACES = max(1, round(6 * SCALE))
PAIRS = max(1, round(30 * SCALE))


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def report(what: str, judges: list[Judge], began: float) -> None:
    """Assert that all is well; say what was looked at (visible with `pytest -s`)."""
    states = sum(len(judge.seen) for judge in judges)
    cut = sum(judge.recoveries_cut for judge in judges)
    rate = (states + cut) / max(time.perf_counter() - began, 0.001)
    print(f"\n{what}: {states} distinct crash states, {cut} of recoveries, {rate:.0f} a second")
    bad = [line for judge in judges for line in judge.bad]
    assert not bad, f"{len(bad)} bad states, first:\n" + "\n".join(bad[:5])


@pytest.mark.parametrize("seed", range(TRACES))
def test_a_crash_anywhere_in_random_work_loses_nothing_acknowledged(seed: int) -> None:
    began = time.perf_counter()
    definition = tiny()
    trace = Trace.begin(definition).run(random_requests(seed, 40, definition))
    judge = Judge(trace, seed).judge(cut_recovery_every=400)
    report(f"random work {seed}", [judge], began)


@pytest.mark.parametrize("seed", range(TRACES))
def test_a_crash_after_a_crash_after_a_crash(seed: int) -> None:
    """What a crash leaves is where the next work begins: an earlier life's groups must not come back in a later one."""
    began = time.perf_counter()
    definition, rng = tiny(), random.Random(seed)
    judges = []
    start: dict[str, bytes] | None = None
    for life in range(6):
        present = None if start is None else [int(key_of(r)) for r in content_of(memory_folder(start), definition)]
        requests = list(random_requests(seed * 100 + life, 12, definition, present))
        trace = Trace.begin(definition, start).run(requests)
        judges.append(Judge(trace, seed).judge(most=120))
        log = trace.folder.log
        states = [state for _, state in crash_states(trace.folder.start, log, seed=seed, begin=trace.created)]
        start = rng.choice(states).files
    report(f"six lives {seed}", judges, began)


@pytest.mark.parametrize("free_ci_percent, cis_per_ca", [(0, 1), (50, 2), (0, 12)])
def test_other_shapes_of_control_areas(free_ci_percent: int, cis_per_ca: int) -> None:
    """One CI a CA makes every split a CA split; twelve make the index record the limit."""
    began = time.perf_counter()
    definition = tiny(free_ci_percent=free_ci_percent, cis_per_ca=cis_per_ca)
    trace = Trace.begin(definition).run(random_requests(77, 30, definition))
    report(f"CA of {cis_per_ca}", [Judge(trace, 77).judge(most=400)], began)


def test_creation_is_nothing_or_an_empty_cluster() -> None:
    """Until CREATE returns a crash may leave any of the files; opening fails by code or finds no records."""
    definition = tiny()
    trace = Trace.begin(definition)
    outcomes: set[int | str] = set()
    for position, state in crash_states({}, trace.folder.log, seed=1):
        try:
            content = content_of(state.folder(), definition)
        except VsamError as error:
            assert position < trace.created, f"{state.choice}: {error}"
            outcomes.add(error.return_code)
        else:
            assert content == ()
            outcomes.add("empty")
    assert outcomes == {8, 12, "empty"}


# -- every short trace ---------------------------------------------------------------------------------------


def _nth(model: SortedDict, part: float) -> int:
    return int(model.keys()[int((len(model) - 1) * part)])


def _between(model: SortedDict, part: float) -> int:
    number = _nth(model, part) + 1 if model else 500
    while f"{number:04d}".encode() in model:
        number += 1
    return number


Operation = Callable[[SortedDict], Request]
OPERATIONS: dict[str, Operation] = {
    "insert low": lambda model: ("insert", record(_nth(model, 0) - 1 if model else 1, 200)),
    "insert middle": lambda model: ("insert", record(_between(model, 0.5), 200)),
    "insert high": lambda model: ("insert", record(_between(model, 1), 200)),
    "sequential middle": lambda model: ("sequential", record(_between(model, 0.5), 200)),
    "sequential high": lambda model: ("sequential", record(_between(model, 1), 200)),
    "insert long": lambda model: ("insert", record(_between(model, 0.3), 400)),
    "grow": lambda model: ("update", record(_nth(model, 0.4), 400)),
    "shrink": lambda model: ("update", record(_nth(model, 0.4), 10)),
    "rewrite": lambda model: ("update", record(_nth(model, 0.9), 111)),
    "erase low": lambda model: ("erase", model.keys()[0]),
    "erase high": lambda model: ("erase", model.keys()[-1]),
    "reset": lambda model: ("reset", b""),
}
NEED_RECORDS = {"grow", "shrink", "rewrite", "erase low", "erase high"}
START_RECORDS = {"empty": [], "one record a CI": [390] * 4, "one full CA": [110] * 16, "two CAs": [150] * 24}


def _start_files(name: str) -> dict[str, bytes]:
    folder, definition = RecordingFolder(), tiny()
    KeySequenced.create(folder, STEM, definition)
    with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
        for at, length in enumerate(START_RECORDS[name]):
            cluster.insert(record(10 + 10 * at, length))
    return folder.image()


def _short_trace(start: str, operations: tuple[str, ...]) -> Judge | None:
    files = _start_files(start)
    definition = tiny()
    model: SortedDict = SortedDict((key_of(data), data) for data in content_of(memory_folder(files), definition))
    requests: list[Request] = []
    folder = memory_folder(files)
    with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
        for name in operations:
            if name in NEED_RECORDS and not model:
                return None
            requests += [OPERATIONS[name](model), ("commit", b"")]
            perform(cluster, model, *requests[-2])
    return Judge(Trace.begin(definition, files).run(requests), 5).judge()


@pytest.mark.parametrize("start", START_RECORDS)
def test_every_single_operation(start: str) -> None:
    began = time.perf_counter()
    judges = [judge for name in OPERATIONS if (judge := _short_trace(start, (name,)))]
    report(f"single operations on {start}", judges, began)


def test_pairs_of_operations() -> None:
    """A seeded choice of the 576 pairs on four starts; all of them with KSDS_TEST_SCALE=20."""
    began = time.perf_counter()
    every = list(product(START_RECORDS, OPERATIONS, OPERATIONS))
    chosen = random.Random(9).sample(every, min(PAIRS, len(every)))
    judges = [judge for start, one, two in chosen if (judge := _short_trace(start, (one, two)))]
    report("pairs of operations", judges, began)
