"""Sorting in runs gives what sorting at once gives, in bounded memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from ksds.external_sort import sort_records

FIRST = itemgetter(slice(1))


@given(st.lists(st.binary(min_size=2, max_size=2), max_size=60), st.integers(1, 2000))
def test_equal_keys_stay_in_their_order(records: list[bytes], run_bytes: int) -> None:
    assert list(sort_records(records, FIRST, list, run_bytes)) == sorted(records, key=FIRST)


def test_no_run_is_longer_than_it_may_be_and_one_run_is_not_spilled() -> None:
    rng = random.Random(7)
    records = [rng.randbytes(10) for _ in range(20_000)]
    runs: list[list[bytes]] = []

    def spill(run: list[bytes]) -> Iterator[bytes]:
        runs.append(run)
        return iter(run)

    assert list(sort_records(records, FIRST, spill, 1 << 20)) == sorted(records, key=FIRST)
    assert [len(run) for run in runs] == [8192, 8192, 3616]
    runs.clear()
    assert list(sort_records(records, FIRST, spill)) == sorted(records, key=FIRST)
    assert runs == []
