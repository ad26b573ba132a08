"""Two nodes in two folders, NYC and LON, that know each other: what most stories of copying begin with."""

import hashlib
import random
import shutil
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.errors import DtfError, SessionLost
from dtf.netmap import HOST, AdjacentNode
from dtf.node import LocalNode, Node
from dtf.simulation.faults import FaultPlan, parse_fault
from dtf.transport import memory, tcp, tls
from ksds import DataSetAttributes, System, idcams
from ksds.errors import KsdsError

NOW = 1_790_000_000.0
CERTIFICATES = Path(__file__).parent / "transport" / "certificates"


@dataclass
class Pair:
    """The two systems, and short ways to put data in and get them out."""

    nyc: System
    lon: System
    console: list[str] = field(default_factory=list)
    transport: str = "memory"

    def node(self, *faults: str) -> Node:
        plan = FaultPlan([parse_fault(spec) for spec in faults])
        connect = TRANSPORTS[self.transport]
        return Node.open(self.nyc, clock=lambda: NOW, connect=connect, log=self.console.append, observer=plan)

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


class TwoEnds:
    """A call over TCP whose partner listens in the same thread: each turn is a turn of both. `secure`: over TLS."""

    def __init__(self, node: LocalNode, partner: AdjacentNode, talk, *, secure: bool = False) -> None:
        self._system = None
        self._is_shut = False
        try:
            self._system = System.open(partner.address, create=False)
            self._other = LocalNode(self._system, node.clock, lambda line: None, node.observer, node.programs)
        except (DtfError, KsdsError, FileNotFoundError) as error:
            if self._system:
                self._system.close()
            raise SessionLost(f"node {partner.name} cannot be reached: {error}") from None
        pinned = b""
        if secure:
            pinned = self._show_certificates(node)
        self._listener = tcp.Listener(self._other, "127.0.0.1:0")
        address = "{}:{}".format(*self._listener.address)
        self._call = tcp.connect(node, AdjacentNode(partner.name, HOST, address, certificate=pinned), talk)

    def _show_certificates(self, node: LocalNode) -> bytes:
        """Each gets its own, and the other's is pinned; that of the partner."""
        certificates = {}
        for one in (node, self._other):
            pem = CERTIFICATES / f"{one.name.lower()}.pem"
            shutil.copy(pem, one.system.folder / tls.CERTIFICATE_FILE)
            certificates[one.name] = tls.pinned_certificate(pem.read_text(encoding="ascii"))
        caller = self._other.partners[node.name]
        self._other.partners[node.name] = replace(caller, certificate=certificates[node.name])
        return certificates[self._other.name]

    finished = property(lambda self: self._call.finished)
    error = property(lambda self: self._call.error)

    def fileno(self) -> int:
        return self._call.fileno()

    def poll_mask(self) -> int:
        return self._call.poll_mask()

    def deadline(self) -> float | None:
        return self._call.deadline()

    def advance(self) -> bool:
        moved = self._listener.advance()
        moved |= self._call.advance()
        while self.finished and self._listener.calls:
            self._listener.advance()
        if self.finished:
            self._shut()
        return moved or bool(self._listener.calls)

    def close(self) -> None:
        self._call.close()
        self._shut()

    def _shut(self) -> None:
        if self._is_shut:
            return
        self._is_shut = True
        self._listener.close()
        self._other.close()
        self._system.close()


def by_tcp(node: LocalNode, partner: AdjacentNode, talk):
    """As `memory.connect`, but every byte goes through sockets of the loopback."""
    return memory.connect(node, partner, talk) if partner.name == node.name else TwoEnds(node, partner, talk)


def by_tls(node: LocalNode, partner: AdjacentNode, talk):
    """As `by_tcp`, encrypted, each side with its pinned certificate."""
    own = partner.name == node.name
    return memory.connect(node, partner, talk) if own else TwoEnds(node, partner, talk, secure=True)


TRANSPORTS = {"memory": memory.connect, "tcp": by_tcp, "tls": by_tls}


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
