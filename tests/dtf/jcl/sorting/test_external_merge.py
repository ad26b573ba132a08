"""Sorting in runs gives what sorting in memory gives."""

from __future__ import annotations

import random

from dtf.jcl.sorting.external_merge import SumField, WorkSpace, sort_records, sum_records
from ksds.datasets import DataSetAttributes
from ksds.system import System


def test_many_small_runs_are_one_stable_sort(system: System) -> None:
    names: list[str] = []

    def new(attributes: DataSetAttributes) -> str:
        names.append(f"WORK.N{len(names)}")
        system.allocate(names[-1], attributes)
        return names[-1]

    for seed in range(5):
        random_ = random.Random(seed)
        records = [b"%03d-%06d" % (random_.randrange(50), place) for place in range(20_000)]
        work = WorkSpace(system, new, run_bytes=500_000)
        assert list(sort_records(records, lambda record: record[:3], work)) == sorted(
            records, key=lambda record: record[:3]
        ), f"seed {seed}"
    assert len(names) > 10


def test_nothing_is_nothing_and_one_run_needs_no_work_data_set(system: System) -> None:
    work = WorkSpace(system, lambda attributes: "NEVER")
    assert list(sort_records([], bytes, work)) == []
    assert list(sort_records([b"B", b"A"], bytes, work)) == [b"A", b"B"]


def test_sums_of_equal_keys() -> None:
    records = [b"A\x01", b"A\x02", b"B\xff", b"B\x01"]
    assert list(sum_records(records, lambda record: record[:1], [SumField(1, 1, "BI", "BI")])) == [
        b"A\x03",
        b"B\xff",
        b"B\x01",
    ]
