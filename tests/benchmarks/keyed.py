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
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from tests.benchmarks.records import KEY_BYTES, Workload, new_length, same_length, workload
from tests.benchmarks.stores import STORES, Store

if importlib.util.find_spec("lmdb"):
    from tests.benchmarks.lmdb_store import Lmdb

    STORES["lmdb"] = Lmdb

RANGE_LENGTH = 100
BATCH = 1000
COLD_GETS = 10_000
PHASES = {
    "load": "load in ascending order, durable at the end",
    "insert": "insert in random order into an empty store, one commit",
    "insert, batches": f"the same, a commit after each {BATCH:,} records",
    "cold open": f"open and {COLD_GETS:,} gets at random in a new process, nothing cached (rate: gets)",
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


MEASURES = {
    "bytes on disk / user bytes, after load": 2,
    "bytes on disk / user bytes, after insert": 2,
    "peak memory beyond the data, MiB": 0,
}
"""What else is reported, with its decimal places."""

P = ParamSpec("P")
T = TypeVar("T")


class Stopwatch:
    """Rates by phase, operations a second, as the phases end; and the most memory that a phase took beyond `base`."""

    def __init__(self) -> None:
        self.rates: dict[str, float] = {}
        self.peak = 0.0
        self.base = resident("VmRSS")

    def time(self, phase: str, operations: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        Path("/proc/self/clear_refs").write_text("5")
        start = time.perf_counter()
        result = work(*args, **kwargs)
        self.rates[phase] = operations / (time.perf_counter() - start)
        self.peak = max(self.peak, resident("VmHWM") - self.base)
        return result


def resident(field: str) -> float:
    """Memory of this process in MiB: VmRSS now, VmHWM at most since it was last cleared (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


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


def in_batches(store: Store, change: Callable[[Iterable[bytes]], None], what: list[bytes]) -> None:
    for first in range(0, len(what), BATCH):
        in_one_commit(store, change, what[first : first + BATCH])


def run_phases(name: str, count: int, seed: int, folder: Path) -> dict[str, float]:
    """All phases for one store; it is filled three times, at random twice and once in order."""
    work = workload(count, extra=min(2000, count), seed=seed)
    plan = Plan.of(work)
    watch = Stopwatch()
    for phase, fill in (("insert", in_one_commit), ("insert, batches", in_batches)):
        store = STORES[name](made(folder / phase), count)
        watch.time(phase, count, fill, store, store.insert, work.records)
        expect(phase, store.browse(), work.user_bytes)
        store.close()
        os.sync()
    watch.rates["bytes on disk / user bytes, after insert"] = folder_bytes(folder / "insert") / work.user_bytes
    store = STORES[name](made(folder / "load"), count)
    watch.time("load", count, store.load, plan.ascending)
    store.close()
    watch.rates["bytes on disk / user bytes, after load"] = folder_bytes(folder / "load") / work.user_bytes
    watch.rates["cold open"] = COLD_GETS / cold_seconds(name, folder / "load", count, seed)
    store = STORES[name](folder / "load", count)
    read_phases(store, work, plan, watch)
    write_phases(store, work, plan, watch)
    store.close()
    watch.rates["peak memory beyond the data, MiB"] = watch.peak
    return watch.rates


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the phases ask for, made before any store takes memory."""

    ascending: list[bytes]
    wanted: list[bytes]
    starts: list[bytes]
    same: list[bytes]
    new: list[bytes]
    gone: list[bytes]
    left: int

    @classmethod
    def of(cls, work: Workload) -> Plan:
        reads, writes = random.Random(work.seed + 1), random.Random(work.seed + 2)
        ordered = sorted(work.keys)
        length = min(RANGE_LENGTH, work.count)
        wanted = reads.choices(work.keys, k=min(200_000, 2 * work.count))
        starts = reads.choices(ordered[: work.count - length + 1], k=min(10_000, work.count))
        sizes = {record[:KEY_BYTES]: len(record) for record in work.records}
        changed = []
        for change in (same_length, new_length):
            chosen = writes.sample(work.records, k=min(100_000, work.count))
            changed.append([change(record[:KEY_BYTES], sizes[record[:KEY_BYTES]], writes) for record in chosen])
            sizes.update((record[:KEY_BYTES], len(record)) for record in changed[-1])
        sizes.update((record[:KEY_BYTES], len(record)) for record in work.extra)
        gone = writes.sample(list(sizes), k=len(sizes) // 2)
        left = sum(sizes.values()) - sum(sizes[key] for key in gone)
        return cls(sorted(work.records), wanted, starts, changed[0], changed[1], gone, left)


def read_phases(store: Store, work: Workload, plan: Plan, watch: Stopwatch) -> None:
    first = watch.time("get, first", len(plan.wanted), store.get, plan.wanted)
    expect("get", watch.time("get, warm", len(plan.wanted), store.get, plan.wanted), first)
    expect("browse", watch.time("browse", work.count, store.browse), work.user_bytes)
    length = min(RANGE_LENGTH, work.count)
    found = watch.time("range", len(plan.starts), store.ranges, plan.starts, length)
    expect("range", found, len(plan.starts) * length)


def write_phases(store: Store, work: Workload, plan: Plan, watch: Stopwatch) -> None:
    for phase, changed in (("update, same", plan.same), ("update, new", plan.new)):
        watch.time(phase, len(changed), in_one_commit, store, store.update, changed)
        expect(phase, store.get([record[:KEY_BYTES] for record in changed]), sum(map(len, changed)))
    os.sync()
    watch.time("durable insert", len(work.extra), each_in_its_commit, store, store.insert, work.extra)
    watch.time("erase", len(plan.gone), in_one_commit, store, store.erase, plan.gone)
    left = work.count + len(work.extra) - len(plan.gone)
    expect("erase", watch.time("browse after", left, store.browse), plan.left)


def cold_seconds(name: str, folder: Path, count: int, seed: int) -> float:
    """Open the store and get records, in a new process, after the kernel has forgotten its files."""
    os.sync()
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    command = [sys.executable, "-m", "tests.benchmarks.keyed", "--cold", name, "--folder", str(folder)]
    command += ["--count", str(count), "--seed", str(seed)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def run_cold(name: str, count: int, seed: int, folder: Path) -> float:
    """Seconds from open to the last of COLD_GETS gets."""
    keys = random.Random(seed + 3).choices(workload(count, extra=min(2000, count), seed=seed).keys, k=COLD_GETS)
    start = time.perf_counter()
    store = STORES[name](folder, count)
    store.get(keys)
    seconds = time.perf_counter() - start
    store.close()
    return seconds


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
    for measure, digits in MEASURES.items():
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
    parser.add_argument("--cold", choices=list(STORES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(run_phases(options.alone, options.count, options.seed, options.folder)))
        return
    if options.cold:
        print(run_cold(options.cold, options.count, options.seed, options.folder))
        return
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in options.stores}
    for number in range(options.rounds):
        for name in options.stores:
            print(f"round {number + 1} of {options.rounds}: {name}", file=sys.stderr)
            rounds[name].append(run_alone(name, options.count, options.seed, options.folder))
    print(report({name: medians(found) for name, found in rounds.items()}, options.count, options.rounds))


if __name__ == "__main__":
    main()
