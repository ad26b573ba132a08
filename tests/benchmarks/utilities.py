"""Utilities benchmark: REPRO beside the loops that do its work and nothing else, and LISTCAT of a large catalog.

    python -m tests.benchmarks.utilities                       1,000,000 records of 256 bytes; 10,000 entries
    python -m tests.benchmarks.utilities --records 100000 --entries 1000

In: REPRO from an FB data set into an empty KSDS, beside `load` of the same records from a list. Out: REPRO of the KSDS
into an FB data set, beside `browse` alone, which writes nothing, and the plain loop, `append` of what `browse` gives.
Everything is durable when its time ends. Three in ten entries are a cluster, its data and its index; the others are
sequential data sets. LISTCAT ALL opens each cluster.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from statistics import median

from ksds import idcams
from ksds.catalog.entries import NonVsamEntry
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from ksds.system import System

LENGTH = 256
SHAPE = DataSetAttributes("FB", LENGTH)
NOW = datetime(2026, 11, 23)


def seconds(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def command(system: System, text: str) -> None:
    """Run an IDCAMS command that must end well."""
    lines: list[str] = []
    result = idcams.run(system, f" {text}\n", now=NOW, sysprint=lines.append)
    assert result.max_cc == 0, "\n".join(lines)


def define(system: System, name: str) -> None:
    """An empty KSDS that takes two million records."""
    shape = {"average_record": LENGTH, "maximum_record": LENGTH, "ci_size": 4096, "index_ci_size": 4096}
    space = {"cis_per_ca": 180, "ca_tracks": 15, "primary": 15_000, "secondary": 1_500}
    system.define_cluster(ClusterDefinition(name=name, key_length=16, **shape, **space))


def filled(number: int) -> bytes:
    return b"%016d" % number + bytes(LENGTH - 16)


def repro_round(system: System, records: list[bytes], number: int) -> Iterator[tuple[str, float]]:
    """Each of the phases once, and its seconds."""
    for name in ("LOADED", "COPIED"):
        define(system, f"BENCH.{name}{number}")
    for name in ("LOOP", "OUT"):
        system.allocate(f"BENCH.{name}{number}", SHAPE)

    def load() -> None:
        with system.cluster(f"BENCH.LOADED{number}", "w") as cluster:
            cluster.load(records)

    def browse() -> None:
        with system.cluster(f"BENCH.LOADED{number}") as cluster:
            for _ in cluster.browse():
                pass

    def loop() -> None:
        with system.cluster(f"BENCH.LOADED{number}") as cluster, system.sequential(f"BENCH.LOOP{number}", "w") as out:
            out.append(cluster.browse())

    yield "load", seconds(load)
    yield "in", seconds(lambda: command(system, f"REPRO INDATASET(BENCH.FB) OUTDATASET(BENCH.COPIED{number})"))
    yield "browse", seconds(browse)
    yield "loop", seconds(loop)
    yield (
        "out",
        seconds(lambda: command(system, f"REPRO INDATASET(BENCH.COPIED{number}) OUTDATASET(BENCH.OUT{number})")),
    )
    assert all(map(bytes.__eq__, system.records(f"BENCH.OUT{number}"), records))
    for name in ("LOADED", "COPIED", "LOOP", "OUT"):
        system.delete(f"BENCH.{name}{number}")


def repro_benchmark(system: System, count: int, rounds: int) -> dict[str, float]:
    """The median seconds of each phase."""
    records = [filled(number) for number in range(count)]
    system.allocate("BENCH.FB", SHAPE)
    with system.sequential("BENCH.FB", "w") as source:
        source.append(records)
    measured = list(chain.from_iterable(repro_round(system, records, number) for number in range(rounds)))
    found = {name: median(took for other, took in measured if other == name) for name, _ in measured}
    print(f"load {found['load']:.2f} s, REPRO in {found['in']:.2f} s: ratio {found['in'] / found['load']:.2f}")
    print(f"browse {found['browse']:.2f} s, the loop {found['loop']:.2f} s, REPRO out {found['out']:.2f} s: ", end="")
    print(f"ratio {found['out'] / found['loop']:.2f} to the loop, {found['out'] / found['browse']:.2f} to browse alone")
    return found


def catalog_benchmark(system: System, entries: int) -> dict[str, float]:
    """Seconds of LISTCAT and LISTCAT ALL over so many entries more."""
    clusters = entries // 10
    for number in range(clusters):
        define(system, f"BENCH.CAT.K{number:05}")
    with system.catalog.turn() as turn:
        for number in range(entries - 3 * clusters):
            name = f"BENCH.CAT.S{number:05}"
            turn.add(NonVsamEntry(name=name, attributes=SHAPE, file_name=f"{name}.none"))
    found = {text: seconds(lambda text=text: command(system, text)) for text in ("LISTCAT", "LISTCAT ALL")}
    print(f"{entries:,} entries: " + ", ".join(f"{name} {took:.2f} s" for name, took in found.items()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entries", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, System.open(Path(folder) / "bench") as system:
        repro_benchmark(system, options.records, options.rounds)
        catalog_benchmark(system, options.entries)


if __name__ == "__main__":
    main()
