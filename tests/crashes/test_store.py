"""Power cuts: the write log of real work on a data set, cut at every call, each result recovered and judged.

After every cut the data set must be sound (`verify` silent), hold what it held at the last acknowledged commit or
after some later request (each request all or nothing), give the same again after a second recovery, and take
five more requests. `KSDS_TEST_SCALE` multiplies the counts; every failure names its seed, position and choice
(`pytest -s` prints what was reached).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from itertools import product

import pytest
from sortedcontainers import SortedDict

from ksds.errors import VsamError
from tests.crashes.recording_device import RecordingFolder, crash_states, memory_folder
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import (
    KSDS,
    Keyed,
    Model,
    Request,
    Subject,
    every_subject,
    key_of,
    record,
    small_limits,
    tiny,
)

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
TRACES = max(1, round(3 * SCALE))
"""Seeds of each kind of work on each organization."""
STATES_OF_A_TRACE = max(100, round(600 * SCALE))
STATES_OF_A_PAIR = max(10, round(20 * SCALE))


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


@every_subject
@pytest.mark.parametrize("seed", range(TRACES))
def test_a_crash_anywhere_in_random_work_loses_nothing_acknowledged(subject: Subject, seed: int) -> None:
    began = time.perf_counter()
    judge = Judge(Trace.begin(subject).run(subject.requests(seed, 40)), seed)
    judge.judge(most=STATES_OF_A_TRACE, cut_recovery_every=250)
    report(f"random work on a {subject}, seed {seed}", [judge], began)


@every_subject
@pytest.mark.parametrize("seed", range(TRACES))
def test_a_crash_after_a_crash_after_a_crash(subject: Subject, seed: int) -> None:
    """What a crash leaves is where the next work begins: an earlier life's groups must not come back in a later one."""
    began = time.perf_counter()
    rng = random.Random(seed)
    judges = []
    start: dict[str, bytes] | None = None
    for life in range(6):
        present = None if start is None else subject.content_of(memory_folder(start))
        trace = Trace.begin(subject, start).run(subject.requests(seed * 100 + life, 12, present))
        judges.append(Judge(trace, seed).judge(most=80))
        log = trace.folder.log
        states = [state for _, state in crash_states(trace.folder.start, log, seed=seed, begin=trace.created)]
        start = rng.choice(states).files
    report(f"six lives of a {subject}, seed {seed}", judges, began)


@pytest.mark.parametrize("free_ci_percent, cis_per_ca", [(0, 1), (50, 2), (0, 12)])
def test_other_shapes_of_control_areas(free_ci_percent: int, cis_per_ca: int) -> None:
    """One CI a CA makes every split a CA split; twelve make the index record the limit."""
    began = time.perf_counter()
    subject = Keyed("KSDS", tiny(free_ci_percent=free_ci_percent, cis_per_ca=cis_per_ca))
    trace = Trace.begin(subject).run(subject.requests(77, 30))
    report(f"CA of {cis_per_ca}", [Judge(trace, 77).judge(most=400)], began)


@every_subject
def test_creation_is_nothing_or_an_empty_cluster(subject: Subject) -> None:
    """Until CREATE returns a crash may leave any of the files; opening fails by code or finds no records."""
    trace = Trace.begin(subject)
    outcomes: set[int | str] = set()
    for position, state in crash_states({}, trace.folder.log, seed=1):
        try:
            content = subject.content_of(state.folder())
        except VsamError as error:
            assert position < trace.created, f"{state.choice}: {error}"
            outcomes.add(error.return_code)
        else:
            assert content == ()
            outcomes.add("empty")
    assert outcomes == {8, 12, "empty"}


# -- every short trace ---------------------------------------------------------------------------------------


def _nth(model: Model, part: float) -> int:
    return int(model.keys()[int((len(model) - 1) * part)])


def _between(model: Model, part: float) -> int:
    number = _nth(model, part) + 1 if model else 500
    while f"{number:04d}".encode() in model:
        number += 1
    return number


def _put(what: str, number: int, length: int) -> Request:
    data = record(number, length)
    return Request(what, key_of(data), data)


OPERATIONS: dict[str, Callable[[Model], Request]] = {
    "insert low": lambda model: _put("insert", _nth(model, 0) - 1 if model else 1, 200),
    "insert middle": lambda model: _put("insert", _between(model, 0.5), 200),
    "insert high": lambda model: _put("insert", _between(model, 1), 200),
    "sequential middle": lambda model: _put("sequential", _between(model, 0.5), 200),
    "sequential high": lambda model: _put("sequential", _between(model, 1), 200),
    "insert long": lambda model: _put("insert", _between(model, 0.3), 400),
    "grow": lambda model: _put("update", _nth(model, 0.4), 400),
    "shrink": lambda model: _put("update", _nth(model, 0.4), 10),
    "rewrite": lambda model: _put("update", _nth(model, 0.9), 111),
    "erase low": lambda model: Request("erase", model.keys()[0]),
    "erase high": lambda model: Request("erase", model.keys()[-1]),
    "reset": lambda model: Request("reset"),
}
NEED_RECORDS = {"grow", "shrink", "rewrite", "erase low", "erase high"}
START_RECORDS = {"empty": [], "one record a CI": [390] * 4, "one full CA": [110] * 16, "two CAs": [150] * 24}


def _start_files(name: str) -> dict[str, bytes]:
    folder = RecordingFolder()
    KSDS.create(folder)
    with KSDS.open(folder) as cluster:
        for at, length in enumerate(START_RECORDS[name]):
            cluster.insert(record(10 + 10 * at, length))
    return folder.image()


def _short_trace(files: dict[str, bytes], operations: tuple[str, ...]) -> Trace | None:
    model = SortedDict(KSDS.content_of(memory_folder(files)))
    requests: list[Request] = []
    for name in operations:
        if name in NEED_RECORDS and not model:
            return None
        requests += [OPERATIONS[name](model), Request("commit")]
        KSDS.on_model(model, requests[-2])
    return Trace.begin(KSDS, files).run(requests)


@pytest.mark.parametrize("start", START_RECORDS)
def test_every_single_operation(start: str) -> None:
    began = time.perf_counter()
    files = _start_files(start)
    traces = [trace for name in OPERATIONS if (trace := _short_trace(files, (name,)))]
    report(f"single operations on {start}", [Judge(trace, 5).judge() for trace in traces], began)


@pytest.mark.parametrize("start", START_RECORDS)
def test_every_pair_of_operations(start: str) -> None:
    """All 144, a seeded choice of the states of each."""
    began = time.perf_counter()
    files = _start_files(start)
    traces = [trace for pair in product(OPERATIONS, repeat=2) if (trace := _short_trace(files, pair))]
    judges = [Judge(trace, 9).judge(most=STATES_OF_A_PAIR) for trace in traces]
    report(f"pairs of operations on {start}", judges, began)
