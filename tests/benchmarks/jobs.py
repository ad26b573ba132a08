"""Job benchmark: SORT beside Python's own sorted, and a deck of many small steps.

    python -m tests.benchmarks.jobs                          1,000,000 records of 100 bytes; 1,000 steps
    python -m tests.benchmarks.jobs --records 100000 --steps 100

SORT reads a data set, sorts it by a key of 10 bytes and writes another; beside it stands what it takes to read all
records into a list, call sorted and write them. The steps are IEFBR14 and IDCAMS DEFINE and DELETE, 250 to a job.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path

from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.runner import Replay
from ksds.datasets import DataSetAttributes
from ksds.system import System

SHAPE = DataSetAttributes("FB", 100)
STEPS_A_JOB = 250
SORT = """//SORT     JOB
//S        EXEC PGM=SORT
//SYSOUT   DD SYSOUT=*
//SORTIN   DD DSN=BENCH.IN,DISP=SHR
//SORTOUT  DD DSN=BENCH.OUT,DISP=(,CATLG)
//SYSIN    DD *
  SORT FIELDS=(1,10,CH,A)
"""
PAIR = """//A        EXEC PGM=IEFBR14
//D        DD DSN=BENCH.X,DISP=(MOD,DELETE),SPACE=(TRK,0)
//B        EXEC PGM=IDCAMS
//SYSPRINT DD DUMMY
//SYSIN    DD *
  DEFINE CLUSTER (NAME(BENCH.K) KEYS(8 0) RECORDSIZE(80 80) TRACKS(1 1))
  DELETE BENCH.K
/*
"""


def replayed(system: System, deck: str) -> float:
    """Seconds for a deck that must end well."""
    before = time.perf_counter()
    for result in Replay(system=system, programs=PROGRAMS, clock=datetime.now).run(deck):
        assert result.condition_code == 0, result.status
    return time.perf_counter() - before


def by_sorted(system: System) -> float:
    before = time.perf_counter()
    records = sorted(system.records("BENCH.IN"), key=lambda record: record[:10])
    system.allocate("BENCH.SORTED", SHAPE)
    with system.sequential("BENCH.SORTED", "w") as output:
        output.append(records)
    return time.perf_counter() - before


def sort_benchmark(system: System, count: int) -> None:
    random_ = random.Random(1)
    system.allocate("BENCH.IN", SHAPE)
    with system.sequential("BENCH.IN", "w") as source:
        source.append(b"%010d" % random_.randrange(10**10) + bytes(90) for _ in range(count))
    ours = replayed(system, SORT)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    python = by_sorted(system)
    assert list(system.records("BENCH.OUT")) == list(system.records("BENCH.SORTED"))
    print(f"SORT of {count:,} records {ours:.2f} s, sorted {python:.2f} s, ratio {ours / python:.2f}, peak {peak} MB")


def step_benchmark(system: System, steps: int) -> None:
    jobs = [min(STEPS_A_JOB, steps - first) // 2 for first in range(0, steps, STEPS_A_JOB)]
    seconds = replayed(system, "".join(f"//STEPS    JOB\n{PAIR * pairs}" for pairs in jobs))
    print(f"{steps:,} steps {seconds:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, System.open(Path(folder) / "bench") as system:
        sort_benchmark(system, options.records)
        step_benchmark(system, options.steps)


if __name__ == "__main__":
    main()
