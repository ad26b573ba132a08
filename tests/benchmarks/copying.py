"""Copy benchmark: a DTF copy with checkpoints beside cp, rsync and a plain Python loop, the same file in one run.

    python -m tests.benchmarks.copying                       1 GiB, CKPT=10M
    python -m tests.benchmarks.copying --megabytes 64 --rounds 1

The file is random, its pages are warm, every copy goes to a new file and is timed until it is durable (fsync), and is
compared with its source. The copies take turns within a round; figures are medians over the rounds. Writing a new file
through the page cache varies two- or threefold here from one moment to the next: read a ratio as a rough one.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from dtf.netmap import FOLDER, HOST, AdjacentNode, Netmap
from dtf.node import Node, install
from dtf.transport import tcp
from ksds.datasets.attributes import DataSetAttributes
from ksds.system import System

LOOP_BYTES = 64 * 1024
ATTRIBUTES = DataSetAttributes("FB", 128, 27904)
SOURCE, TARGET = "BENCH.SOURCE", "BENCH.TARGET"
PROCESS = """BENCH    PROCESS SNODE={snode} CRC={crc}
STEP01   COPY FROM (DSN={source} DISP=SHR PNODE) -
              TO   (DSN={target} DISP=RPL SNODE) -
              {checkpoint}
         PEND
"""


def copy_by_program(words: list[str], source: Path, target: Path) -> None:
    subprocess.run([*words, str(source), str(target)], check=True)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def copy_by_loop(source: Path, target: Path) -> None:
    """What anybody would write: 64 KiB at a time."""
    buffer = memoryview(bytearray(LOOP_BYTES))
    with source.open("rb", buffering=0) as reading, target.open("wb", buffering=0) as writing:
        while count := reading.readinto(buffer):
            writing.write(buffer[:count])
        os.fsync(writing.fileno())


class DtfCopy:
    """Two systems in two folders, each a node; the copy is submitted to the first and runs to its end."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.here, self.there = folder / "here", folder / "there"
        for own, partner in ((self.here, self.there), (self.there, self.here)):
            with System.open(own) as system:
                install(system, time.time())
                with Netmap(system, "w") as nodes:
                    nodes.add(AdjacentNode(partner.name.upper(), FOLDER, str(partner)))
        with System.open(self.here) as system:
            staged = system.stage(SOURCE, ATTRIBUTES)
            with staged.data_set as data_set, source.open("rb") as file:
                while chunk := file.read(LOOP_BYTES * 16):
                    data_set.write(data_set.size(), chunk)
            system.publish(SOURCE, ATTRIBUTES, staged.file_name)

    def listening(self) -> subprocess.Popen[str]:
        """The other node in a process of its own, known here by its port."""
        command = [sys.executable, "-c", "from dtf.cli import main; main()", "--system", str(self.there)]
        listener = subprocess.Popen(
            [*command, "node", "start", "--at", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
        )
        assert listener.stdout is not None
        address = listener.stdout.readline().split()[-1]
        with System.open(self.here) as system, Netmap(system, "w") as nodes:
            nodes.add(AdjacentNode("THERE", HOST, address))
        return listener

    def in_one_process(self) -> None:
        """From now on the other node is reached in its folder."""
        with System.open(self.here) as system, Netmap(system, "w") as nodes:
            nodes.add(AdjacentNode("THERE", FOLDER, str(self.there)))

    def run(self, checkpoint: str, crc: str = "OFF") -> None:
        text = PROCESS.format(source=SOURCE, target=TARGET, checkpoint=checkpoint, snode="THERE", crc=crc)
        with (
            System.open(self.here) as system,
            Node.open(system, clock=time.time, connect=tcp.connect) as node,
        ):
            number = node.submit(text)
            node.run(number)
            outcome = node.outcome(number)
        if outcome.condition_code or outcome.queue:
            raise SystemExit(f"the copy failed: {outcome}")

    def target(self) -> Path:
        """The host file of the copy."""
        (path,) = (self.there / "volumes").rglob(f"{TARGET}.*")
        return path

    def remove_target(self) -> None:
        with System.open(self.there) as system:
            if system.exists(TARGET):
                system.delete(TARGET)


def make_file(path: Path, size: int, seed: int) -> None:
    source = random.Random(seed)
    with path.open("wb") as file:
        while size > 0:
            size -= file.write(source.randbytes(min(size, 1 << 20)))


def run_round(folder: Path, source: Path, dtf: DtfCopy, interval: str) -> dict[str, float]:
    """Seconds of each copy of one round."""
    target = folder / "target"
    copies: dict[str, Callable[[], None]] = {
        "python loop, 64 KiB": partial(copy_by_loop, source, target),
        "cp": partial(copy_by_program, ["cp"], source, target),
    }
    if shutil.which("rsync"):
        copies["rsync --whole-file"] = partial(copy_by_program, ["rsync", "--whole-file"], source, target)
    copies[f"dtf, CKPT={interval}"] = partial(dtf.run, f"CKPT={interval}")
    copies["dtf, CKPT=0"] = partial(dtf.run, "CKPT=0K")
    copies[f"dtf over TCP, CRC, CKPT={interval}"] = partial(dtf.run, f"CKPT={interval}", "ON")
    seconds = {}
    for name, copy in copies.items():
        listener = dtf.listening() if "TCP" in name else None
        os.sync()
        start = time.perf_counter()
        copy()
        seconds[name] = time.perf_counter() - start
        if listener is not None:
            listener.terminate()
            listener.communicate()
            dtf.in_one_process()
        made = dtf.target() if name.startswith("dtf") else target
        if not filecmp.cmp(source, made, shallow=False):
            raise SystemExit(f"{name}: the copy differs from its source")
        target.unlink(missing_ok=True)
        dtf.remove_target()
    return seconds


def measure(folder: Path, megabytes: int, rounds: int, interval: str, seed: int) -> dict[str, float]:
    """Median seconds by copy."""
    source = folder / "source"
    make_file(source, megabytes << 20, seed)
    dtf = DtfCopy(folder, source)
    taken = []
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        taken.append(run_round(folder, source, dtf, interval))
    return {name: statistics.median(one[name] for one in taken) for name in taken[0]}


def report(seconds: dict[str, float], megabytes: int, rounds: int) -> str:
    loop = next(iter(seconds.values()))
    lines = [f"{megabytes} MiB, median of {rounds}, durable at the end", ""]
    lines += ["| copy | MB/s | to the Python loop |", "| --- | ---: | ---: |"]
    for name, taken in seconds.items():
        lines.append(f"| {name} | {(megabytes << 20) / taken / 1e6:,.0f} | {loop / taken:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--interval", default="10M", help="CKPT of the copy")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where the files are made (default: the temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        seconds = measure(Path(folder), options.megabytes, options.rounds, options.interval, options.seed)
    print(report(seconds, options.megabytes, options.rounds))


if __name__ == "__main__":
    main()
