"""A tiny run of each benchmark, so that they do not rot. Nothing here is timed: figures come from a user's own run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksds.system import System
from tests.benchmarks import copybooks, copying, copying_kinds, keyed, utilities
from tests.benchmarks.records import KEY_BYTES, LONGEST, SHORTEST, workload
from tests.benchmarks.stores import STORES


@pytest.mark.parametrize("name", list(STORES))
def test_a_keyed_store_goes_through_all_phases(name: str, tmp_path: Path) -> None:
    rates = keyed.run_phases(name, 200, 20, tmp_path)
    assert set(rates) >= set(keyed.PHASES)
    assert set(rates) >= set(keyed.MEASURES)
    assert all(rates[phase] > 0 for phase in keyed.PHASES)


def test_the_report_has_a_ratio_for_each_peer() -> None:
    rates = dict.fromkeys([*keyed.PHASES, *keyed.MEASURES], 3.0)
    table = keyed.report({"ksds": rates, "sqlite3": rates | {"load": 1.5}}, 200, 1)
    assert "| load | 3 | 2 | 2.00 |" in table


def test_the_records_are_those_of_the_seed() -> None:
    work = workload(2000, extra=10, seed=1)
    assert work.records == workload(2000, extra=10, seed=1).records
    assert work.records != workload(2000, extra=10, seed=2).records
    assert len({record[:KEY_BYTES] for record in work.records + work.extra}) == 2010
    lengths = [len(record) for record in work.records]
    assert min(lengths) >= SHORTEST and max(lengths) <= LONGEST
    assert abs(sum(lengths) / len(lengths) - 256) < 20


def test_the_copies_are_made_and_compared(tmp_path: Path) -> None:
    seconds = copying.measure(tmp_path, megabytes=1, rounds=1, interval="256K", seed=20)
    assert next(iter(seconds)) == "python loop, 64 KiB" and "dtf, CKPT=256K" in seconds
    assert "| cp |" in copying.report(seconds, 1, 1)


def test_copies_of_other_kinds_are_made_and_compared(tmp_path: Path) -> None:
    lines = copying_kinds.measure(tmp_path, scale=0.001, rounds=1)
    assert [line.partition(":")[0] for line in lines[:3]] == ["1 MiB, CKPT=0", "1 MiB, CKPT=10M", "1 MiB, CKPT=1M"]
    assert "only writes" in lines[3] and "members" in lines[5] and "2 Processes" in lines[6]


def test_the_utilities_copy_and_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with System.open(tmp_path / "bench") as system:
        phases = utilities.repro_benchmark(system, 300, 1)
        listed = utilities.catalog_benchmark(system, 20)
    assert set(phases) == {"load", "in", "browse", "loop", "out"} and set(listed) == {"LISTCAT", "LISTCAT ALL"}
    assert all(seconds > 0 for seconds in [*phases.values(), *listed.values()])
    assert "20 entries: LISTCAT" in capsys.readouterr().out


def test_records_through_a_copybook_are_those_of_a_program_by_hand(tmp_path: Path) -> None:
    seconds = copybooks.measure(tmp_path, 300)
    assert list(seconds) == ["plain loop", "by hand", "JSON lines", "CSV", "Parquet"]
    assert "| JSON lines |" in copybooks.report(seconds, 300)
