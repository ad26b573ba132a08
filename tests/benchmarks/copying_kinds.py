"""Copy benchmark beyond whole files: what checkpoints cost, records re-blocked, members, many Processes at a time.

    python -m tests.benchmarks.copying_kinds                  256 MiB, 1,000,000 records, 2,000 members, 100 Processes
    python -m tests.benchmarks.copying_kinds --scale 0.1

Both nodes are in this process. Every copy is timed until it is durable and its Process has ended, and is compared with
its source. `cp -r` copies the members as files of a folder; it syncs nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from dtf.netmap import FOLDER, AdjacentNode, Netmap
from dtf.node import Node, install
from dtf.transport import tcp
from ksds.datasets.attributes import DataSetAttributes
from ksds.system import System

SESSIONS = 8
MEMBER_RECORDS = 50
INTERVALS = ("CKPT=0", "CKPT=10M", "CKPT=1M")


def two_nodes(folder: Path) -> tuple[Path, Path]:
    """Two systems that know each other, with SESSIONS sessions between them."""
    here, there = folder / "here", folder / "there"
    for own, partner in ((here, there), (there, here)):
        with System.open(own) as system:
            install(system, time.time())
            with Netmap(system, "w") as nodes:
                nodes.add(AdjacentNode(partner.name.upper(), FOLDER, str(partner), SESSIONS))
    return here, there


def fill(system: System, name: str, attributes: DataSetAttributes, records: int, seed: int) -> None:
    """A data set of seeded records as long as they may be, a thousand different ones again and again."""
    source = random.Random(seed)
    batch = [source.randbytes(attributes.maximum_data) for _ in range(1000)]
    system.allocate(name, attributes)
    with system.sequential(name, "w") as data_set:
        for at in range(0, records, len(batch)):
            data_set.append(batch[: records - at])


def run(system: System, *operands: str) -> float:
    """Seconds for the Processes that make these copies, all submitted at once."""
    with Node.open(system, clock=time.time, connect=tcp.connect) as node:
        numbers = [node.submit(f"BENCH PROCESS SNODE=THERE\nS COPY {text}\n") for text in operands]
        start = time.perf_counter()
        node.run()
        taken = time.perf_counter() - start
        outcomes = [node.outcome(number) for number in numbers]
    if any(outcome.condition_code or outcome.queue for outcome in outcomes):
        raise SystemExit(f"a copy failed: {outcomes}")
    return taken


def check(here: System, there: System, source: str, target: str) -> None:
    if any(a != b for a, b in zip(here.records(source), there.records(target), strict=True)):
        raise SystemExit(f"{target} differs from {source}")


def checkpoints(here: System, there: System, megabytes: int, rounds: int) -> dict[str, float]:
    """Median seconds by interval; the copies take turns."""
    fill(here, "BENCH.FIXED", DataSetAttributes("FB", 128, 27904), (megabytes << 20) // 128, 1)
    taken: dict[str, list[float]] = {interval: [] for interval in INTERVALS}
    for _ in range(rounds):
        for interval, seconds in taken.items():
            seconds.append(run(here, f"FROM (DSN=BENCH.FIXED) {interval} TO (DSN=BENCH.COPY DISP=RPL)"))
            check(here, there, "BENCH.FIXED", "BENCH.COPY")
    return {interval: statistics.median(seconds) for interval, seconds in taken.items()}


def bare(folder: Path, megabytes: int, interval: int, rounds: int) -> float:
    """Median seconds of a loop that writes a file and does nothing else, but with an `interval` in bytes syncs it after
    each and then a record in a second file, which is written ahead: the least that checkpoints may cost."""
    buffer, record = random.Random(5).randbytes(256 * 1024), bytes(512)
    taken = []
    for _ in range(rounds):
        target = os.open(folder / "bare", os.O_RDWR | os.O_CREAT)
        records = os.open(folder / "records", os.O_RDWR | os.O_CREAT)
        os.write(records, bytes(1 << 20))
        os.sync()
        start = time.perf_counter()
        for end in range(len(buffer), (megabytes << 20) + 1, len(buffer)):
            os.write(target, buffer)
            os.posix_fadvise(target, end - len(buffer), len(buffer), os.POSIX_FADV_DONTNEED)
            if interval and end % interval == 0:
                os.fdatasync(target)
                os.pwrite(records, record, end // interval % 2048 * 512)
                os.fdatasync(records)
        os.fdatasync(target)
        taken.append(time.perf_counter() - start)
        os.close(target)
        os.close(records)
        (folder / "bare").unlink()
        (folder / "records").unlink()
    return statistics.median(taken)


def reblocked(here: System, there: System, records: int, rounds: int) -> float:
    """Records of 256 bytes a second, from blocks of 27,998 into blocks of 13,030."""
    fill(here, "BENCH.VAR", DataSetAttributes("VB", 260, 27998), records, 2)
    target = "TO (DSN=BENCH.BLOCKS DISP=RPL DCB=(RECFM=VB,LRECL=260,BLKSIZE=13030))"
    seconds = statistics.median(run(here, f"FROM (DSN=BENCH.VAR) CKPT=10M {target}") for _ in range(rounds))
    check(here, there, "BENCH.VAR", "BENCH.BLOCKS")
    return records / seconds


def members(here: System, there: System, folder: Path, count: int, rounds: int) -> tuple[float, float]:
    """Median seconds for a library of `count` members, and for `cp -r` of the same as files."""
    source, lines = folder / "members", [random.Random(3).randbytes(80) for _ in range(MEMBER_RECORDS)]
    source.mkdir()
    here.allocate("BENCH.LIB", DataSetAttributes("FB", 80, 27920, dsorg="PO"))
    with here.library("BENCH.LIB", "w") as library:
        for n in range(count):
            with library.create(f"M{n:06d}") as writer:
                writer.append(lines)
            (source / f"M{n:06d}").write_bytes(b"".join(lines))
    ours, theirs = [], []
    for n in range(rounds):
        start = time.perf_counter()
        subprocess.run(["cp", "-r", str(source), str(folder / f"copy{n}")], check=True)
        theirs.append(time.perf_counter() - start)
        ours.append(run(here, f"FROM (DSN=BENCH.LIB) TO (DSN=BENCH.LIB{n} DISP=NEW)"))
    with there.library(f"BENCH.LIB{rounds - 1}") as library:
        if [list(library.records(m.name)) for m in library.members()] != [lines] * count:
            raise SystemExit("the library differs from its source")
    return statistics.median(ours), statistics.median(theirs)


def many(here: System, there: System, processes: int) -> tuple[float, int]:
    """Seconds for so many Processes of 4 MiB on SESSIONS sessions, and KB that the second half needed more."""
    fill(here, "BENCH.SMALL", DataSetAttributes("FB", 128, 27904), 32_768, 4)
    copies = [f"FROM (DSN=BENCH.SMALL) CKPT=1M TO (DSN=BENCH.MANY.N{n} DISP=RPL)" for n in range(processes)]
    half = processes // 2
    seconds = run(here, *copies[:half])
    before = peak_kilobytes()
    seconds += run(here, *copies[half:])
    for n in (0, processes - 1):
        check(here, there, "BENCH.SMALL", f"BENCH.MANY.N{n}")
    return seconds, peak_kilobytes() - before


def peak_kilobytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(folder: Path, scale: float, rounds: int) -> list[str]:
    """Lines with all figures."""
    megabytes, records = max(1, int(256 * scale)), max(1000, int(1_000_000 * scale))
    least, least_with = (bare(folder, megabytes, interval, rounds) for interval in (0, 1 << 20))
    paths = two_nodes(folder)
    with System.open(paths[0]) as here, System.open(paths[1]) as there:
        count, processes = max(10, int(2000 * scale)), max(2, int(100 * scale))
        by_interval = checkpoints(here, there, megabytes, rounds)
        rate = reblocked(here, there, records, rounds)
        ours, theirs = members(here, there, folder, count, rounds)
        seconds, more = many(here, there, processes)
    base = by_interval["CKPT=0"]
    lines = [
        f"{megabytes} MiB, {interval}: {taken:.2f} s, {taken / base:.2f} of CKPT=0"
        for interval, taken in by_interval.items()
    ]
    lines.append(
        f"a loop that only writes: {least:.2f} s; with the two syncs of each MiB {least_with:.2f} s, "
        f"{least_with / least:.2f} of it"
    )
    lines.append(f"{records:,} records of 256 bytes, VB re-blocked: {rate:,.0f} a second")
    lines.append(f"{count:,} members: {ours:.2f} s, cp -r of files {theirs:.2f} s: {theirs / ours:.2f} times as fast")
    lines.append(
        f"{processes} Processes of 4 MiB on {SESSIONS} sessions: {seconds:.2f} s, the second half took {more} KB more"
    )
    lines.append(f"at most {peak_kilobytes() / 1024:.0f} MB of memory")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(measure(Path(folder), options.scale, options.rounds)))


if __name__ == "__main__":
    main()
