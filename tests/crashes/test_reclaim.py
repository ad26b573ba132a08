"""Power cuts while control areas are given back and used again, and with them the records of a tall index set.

The same harness as for clusters by themselves (`tests/crashes/test_store.py`), on a KSDS whose index records take five
entries or so: a few dozen records make three levels, whose records come and go.
"""

from __future__ import annotations

import hashlib
import random
import time

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.storage.device import MemoryFolder
from tests.crashes.recording_device import files_of
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import Content, Keyed, Model, Request, small_limits, tiny
from tests.crashes.test_store import SCALE, report

pytestmark = pytest.mark.crash

TALL = tiny(
    key_length=60, key_offset=0, cis_per_ca=1, maximum_record=150, secondary=9, free_ci_percent=0, free_ca_percent=0
)


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def tall(number: int) -> bytes:
    """Three to a control area. Four in a row have all but the last digits of their keys in common."""
    group = b"%04d" % (number // 4)
    return group + hashlib.sha512(group).digest()[:50] + b"%06d" % number + bytes(80)


def put(number: int) -> Request:
    return Request("sequential", tall(number)[:60], tall(number))


class TallKeyed(Keyed):
    """A KSDS of such records."""

    def content(self, cluster: KeySequenced) -> Content:
        return tuple((data[:60], data) for data in cluster.browse())

    def change(self, rng: random.Random, model: Model) -> Request:
        number = rng.randrange(2000)
        while tall(number)[:60] in model:
            number += 1
        return put(number)

    def carry_out(self, cluster: KeySequenced, request: Request) -> None:
        if request.what == "erase":
            cluster.erase(request.key)
        else:
            cluster.insert(request.data, sequential=True)


@pytest.mark.parametrize("seed", range(max(1, round(SCALE))))
def test_no_crash_loses_an_index_record_that_comes_and_goes(seed: int) -> None:
    began = time.perf_counter()
    rng = random.Random(seed)
    subject = TallKeyed("tall KSDS", TALL)
    folder = MemoryFolder()
    subject.create(folder)
    with subject.open(folder) as cluster:
        cluster.load(map(tall, range(120)))
    trace = Trace.begin(subject, files_of(folder))
    numbers = range(20, 90)
    requests: list[Request] = []
    for number in rng.sample(numbers, len(numbers)) if seed % 2 else numbers:
        requests += [Request("erase", tall(number)[:60])] + [Request("commit")] * (rng.random() < 0.1)
    trace.run(requests)
    with subject.open(trace.folder, "r") as cluster:
        assert len(cluster.index.emptied) > 2
    trace.run([*map(put, numbers), Request("commit")])
    with subject.open(trace.folder, "r") as cluster:
        assert cluster.index.emptied == [] and cluster.statistics.ca_reuses > 15
    report(f"a tall index, seed {seed}", [Judge(trace, seed).judge(most=max(40, round(60 * SCALE)))], began)
