"""Key-value benchmark: a KSDS beside sqlite3 and lmdb, the same seeded records, in one run.

    python -m tests.benchmarks.keyed --count 100000
    python -m tests.benchmarks.keyed --count 1000000 --rounds 1

Each store runs alone in a process of its own, the stores take turns within a round so that drift of the machine is
shared, and the figure of a phase is the median over the rounds. Read a ratio, never an absolute rate; differences under
10% (25% where each operation ends in fsync) are noise. Every phase checks what it did.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ParamSpec, TypeVar

from tests.benchmarks.records import KEY_BYTES, Workload, new_length, same_length, workload
from tests.benchmarks.stores import STORES, Store

if importlib.util.find_spec("lmdb"):
    from tests.benchmarks.lmdb_store import Lmdb

    STORES["lmdb"] = Lmdb

RANGE_LENGTH = 100
PHASES = {
    "load": "load in ascending order, durable at the end",
    "insert": "insert in random order into an empty store, one commit",
    "get, first": "get at random, the store just loaded",
    "get, warm": "get at random, again",
    "browse": "read every record in key order",
    "range": f"ranges of {RANGE_LENGTH} records from a random key (rate: ranges)",
    "update, same": "update, same length, one commit",
    "update, new": "update, length drawn afresh, one commit",
    "durable insert": "insert one record, commit, repeat",
    "erase": "erase half of the records in random order, one commit",
    "browse after": "read every remaining record in key order",
}


P = ParamSpec("P")
T = TypeVar("T")


class Stopwatch:
    """Rates by phase, operations a second, as the phases end."""

    def __init__(self) -> None:
        self.rates: dict[str, float] = {}

    def time(self, phase: str, operations: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        start = time.perf_counter()
        result = work(*args, **kwargs)
        self.rates[phase] = operations / (time.perf_counter() - start)
        return result


def in_one_commit(store: Store, change: Callable[[Iterable[bytes]], None], what: list[bytes]) -> None:
    change(what)
    store.commit()


def each_in_its_commit(store: Store, change: Callable[[Iterable[bytes]], None], what: list[bytes]) -> None:
    for one in what:
        change((one,))
        store.commit()


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise SystemExit(f"wrong result in {what}: {found} instead of {wanted}")


def run_phases(name: str, count: int, seed: int, folder: Path) -> dict[str, float]:
    """All phases for one store; two stores are built, one loaded in order and one filled at random."""
    work = workload(count, extra=min(2000, count), seed=seed)
    watch = Stopwatch()
    for part in ("loaded", "inserted"):
        (folder / part).mkdir()
    inserted = STORES[name](folder / "inserted", count)
    watch.time("insert", count, in_one_commit, inserted, inserted.insert, work.records)
    expect("insert", inserted.browse(), work.user_bytes)
    inserted.close()
    os.sync()
    loaded = STORES[name](folder / "loaded", count)
    watch.time("load", count, loaded.load, sorted(work.records))
    read_phases(loaded, work, watch)
    write_phases(loaded, work, watch)
    loaded.close()
    watch.rates["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    watch.rates["bytes on disk / user bytes"] = folder_bytes(folder / "inserted") / work.user_bytes
    return watch.rates


def read_phases(store: Store, work: Workload, watch: Stopwatch) -> None:
    source = random.Random(work.seed + 1)
    lengths = {record[:KEY_BYTES]: len(record) for record in work.records}
    keys = work.keys
    wanted = source.choices(keys, k=min(200_000, 2 * work.count))
    total = sum(lengths[key] for key in wanted)
    expect("get", watch.time("get, first", len(wanted), store.get, wanted), total)
    expect("get", watch.time("get, warm", len(wanted), store.get, wanted), total)
    expect("browse", watch.time("browse", work.count, store.browse), work.user_bytes)
    ordered = sorted(keys)
    length = min(RANGE_LENGTH, work.count)
    starts = source.choices(ordered[: work.count - length + 1], k=min(10_000, work.count))
    found = watch.time("range", len(starts), store.ranges, starts, length)
    expect("range", found, len(starts) * length)


def write_phases(store: Store, work: Workload, watch: Stopwatch) -> None:
    source = random.Random(work.seed + 2)
    sizes = {record[:KEY_BYTES]: len(record) for record in work.records}
    for phase, change in (("update, same", same_length), ("update, new", new_length)):
        chosen = source.sample(work.records, k=min(100_000, work.count))
        changed = [change(record[:KEY_BYTES], sizes[record[:KEY_BYTES]], source) for record in chosen]
        sizes.update((record[:KEY_BYTES], len(record)) for record in changed)
        watch.time(phase, len(changed), in_one_commit, store, store.update, changed)
        expect(phase, store.get([record[:KEY_BYTES] for record in changed]), sum(map(len, changed)))
    os.sync()
    watch.time("durable insert", len(work.extra), each_in_its_commit, store, store.insert, work.extra)
    sizes.update((record[:KEY_BYTES], len(record)) for record in work.extra)
    gone = source.sample(list(sizes), k=len(sizes) // 2)
    watch.time("erase", len(gone), in_one_commit, store, store.erase, gone)
    for key in gone:
        del sizes[key]
    expect("erase", watch.time("browse after", len(sizes), store.browse), sum(sizes.values()))


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())


def run_alone(name: str, count: int, seed: int, scratch: Path) -> dict[str, float]:
    """One store's phases in a process of its own."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        command = [sys.executable, "-m", "tests.benchmarks.keyed", "--alone", name, "--folder", folder]
        command += ["--count", str(count), "--seed", str(seed)]
        os.sync()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    rates: dict[str, float] = json.loads(done.stdout)
    return rates


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {phase: statistics.median(one[phase] for one in rounds) for phase in rounds[0]}


def report(results: dict[str, dict[str, float]], count: int, rounds: int) -> str:
    """Operations a second by store, and the KSDS's ratio to each peer."""
    peers = [name for name in results if name != "ksds"]
    ratios = [f"ksds : {peer}" for peer in peers]
    lines = [f"{count:,} records, median of {rounds}, operations a second", ""]
    lines.append("| phase | " + " | ".join([*results, *ratios]) + " |")
    lines.append("| --- |" + " ---: |" * (len(results) + len(peers)))
    for phase in PHASES:
        rates = [f"{results[name][phase]:,.0f}" for name in results]
        against = [f"{results['ksds'][phase] / results[peer][phase]:.2f}" for peer in peers]
        lines.append(f"| {phase} | " + " | ".join(rates + against) + " |")
    for measure, digits in (("peak MB", 0), ("bytes on disk / user bytes", 2)):
        values = [f"{results[name][measure]:,.{digits}f}" for name in results]
        lines.append(f"| {measure} | " + " | ".join(values) + " |" + "  |" * len(peers))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="records")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--stores", nargs="+", choices=list(STORES), default=list(STORES))
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the stores' files are made; default: the temporary folder"
    )
    parser.add_argument("--alone", choices=list(STORES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(run_phases(options.alone, options.count, options.seed, options.folder)))
        return
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in options.stores}
    for number in range(options.rounds):
        for name in options.stores:
            print(f"round {number + 1} of {options.rounds}: {name}", file=sys.stderr)
            rounds[name].append(run_alone(name, options.count, options.seed, options.folder))
    print(report({name: medians(found) for name, found in rounds.items()}, options.count, options.rounds))


if __name__ == "__main__":
    main()
