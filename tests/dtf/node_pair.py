"""Two nodes in two folders, NYC and LON, that know each other: what most stories of copying begin with."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.node import Node
from dtf.simulation.faults import FaultPlan, parse_fault
from dtf.transport import memory
from ksds import DataSetAttributes, System, idcams

NOW = 1_790_000_000.0


@dataclass
class Pair:
    """The two systems, and short ways to put data in and get them out."""

    nyc: System
    lon: System
    console: list[str] = field(default_factory=list)

    def node(self, *faults: str) -> Node:
        plan = FaultPlan([parse_fault(spec) for spec in faults])
        return Node.open(self.nyc, clock=lambda: NOW, connect=memory.connect, log=self.console.append, observer=plan)

    def run(self, text: str, *faults: str, **symbols: str):
        """Submit and run a Process; its outcome."""
        with self.node(*faults) as node:
            number = node.submit(text, symbols=symbols)
            node.run(number)
            return node.outcome(number)

    def copy(self, operands: str, *faults: str):
        """Submit and run one COPY; its outcome. `operands` is all that stands behind COPY."""
        return self.run(f"PAYDAY   PROCESS SNODE=LON\nSTEP01   COPY {operands}\n", *faults)

    def resume(self, *faults: str):
        """Start the DTF again; what is left in the queue."""
        with self.node(*faults) as node:
            node.run()
            return node.processes()

    def step(self) -> dict[str, str]:
        """The fields of the newest CT record on the PNODE."""
        with self.node() as node:
            return [s for s in node.statistics() if s.kind == "CT"][-1].fields

    def checkpoints(self, system: System | None = None):
        with CheckpointFile(system or self.lon) as file:
            return file.records()


def fill(system: System, name: str, recfm: str, lrecl: int, blksize: int, count: int, seed: int = 1) -> list[bytes]:
    """Allocate a data set with `count` seeded records, each with its number in front; the records."""
    rng = random.Random(seed)
    attributes = DataSetAttributes(recfm, lrecl, blksize)
    system.allocate(name, attributes)
    longest = attributes.maximum_data
    records = []
    for n in range(count):
        length = longest if attributes.kind == "F" else rng.randrange(12, longest + 1)
        records.append(f"{n:012d}".encode("cp037") + rng.randbytes(length - 12))
    with system.sequential(name, "w") as data_set:
        data_set.append(records)
    return records


def contents(system: System, name: str) -> bytes:
    """The bytes of a sequential data set's file."""
    with system.sequential(name) as data_set:
        return data_set.read(0, data_set.size())


def records_of(system: System, name: str) -> list[bytes]:
    with system.sequential(name) as data_set:
        return list(data_set.records())


def digest(system: System, name: str) -> str:
    return hashlib.sha256(contents(system, name)).hexdigest()


def define_keyed(system: System, name: str, maximum: int = 300, average: int = 0, reuse: bool = True) -> None:
    text = f"""  DEFINE CLUSTER(NAME({name}) INDEXED KEYS(12 0) -
      RECORDSIZE({average or maximum} {maximum}) CYLINDERS(5 5) {"REUSE" if reuse else "NOREUSE"})
"""
    assert idcams.run(system, text, now=datetime(2026, 1, 1)).max_cc == 0
