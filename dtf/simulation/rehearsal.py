"""The rehearsal of a Process: once undisturbed, then again and again with its session cut at another place.

Every run has its own copy of the two systems, so nothing of the user's is touched and every run begins alike. The
cuts are spread evenly over all bytes that go over the link, from the first word of the handshake to the last, so they
fall into every phase. A run is good if the Process ends with the code of the undisturbed one and its targets hold the
same records. Files of the host have no copies, so a Process that writes or deletes one is not rehearsed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dtf import initparms
from dtf.copying.host_paths import HostFileError
from dtf.errors import NodeError
from dtf.netmap import FOLDER, AdjacentNode, Netmap
from dtf.node import Node, ProcessOutcome
from dtf.node.calls import Connector
from dtf.simulation.faults import Fault, FaultPlan
from dtf.statistics_log import Statistic
from dtf.transmission_queue import EXECUTION, WAIT
from ksds.errors import KsdsError
from ksds.system import System


class RehearsalError(NodeError):
    """The Process cannot be rehearsed: its partner is not a folder, or it does not even end undisturbed."""

    default_id = "DTX390E"


@dataclass(frozen=True, slots=True)
class Cut:
    """One run. `at` is the byte of the link behind which it was cut; `status` how the Process then stood."""

    at: int
    status: str
    restarted_from: int
    sent_again: int
    condition_code: int
    equal: bool


@dataclass(frozen=True, slots=True)
class Clean:
    """The undisturbed run."""

    link_bytes: int
    data_bytes: int
    condition_code: int
    digest: str


@dataclass(frozen=True, slots=True)
class Script:
    """What is rehearsed: the text, its symbolics, and how nodes are joined and timed."""

    text: str
    symbols: dict[str, str]
    connect: Connector
    clock: Callable[[], float]


class Rehearsal:
    """Rehearses `script` on copies of the system in `folder`, made below `scratch`."""

    def __init__(self, script: Script, folder: Path, scratch: Path) -> None:
        self._script = script
        self._folder = folder
        self._scratch = scratch
        self._scratch.mkdir(parents=True, exist_ok=True)
        self.clean = self._undisturbed()

    def cuts(self, count: int) -> Iterator[Cut]:
        """`count` runs, one after the other."""
        for n in range(1, count + 1):
            yield self._cut(max(1, self.clean.link_bytes * n // (count + 1)))

    def _undisturbed(self) -> Clean:
        plan = FaultPlan()
        _, code, digest, steps = self._run(plan)
        if any(step.fields["MSGI"] == HostFileError.default_id for step in steps):
            raise RehearsalError("files of the host are only read in a rehearsal")
        return Clean(plan.link_bytes, plan.data_bytes, code, digest)

    def _cut(self, at: int) -> Cut:
        plan = FaultPlan([Fault("session", "link", at)])
        status, code, digest, steps = self._run(plan)
        again = plan.data_bytes - self.clean.data_bytes
        restarted = [int(s.fields["SRCB"]) for s in steps if s.fields.get("RSTR") == "Y"]
        equal = (code, digest) == (self.clean.condition_code, self.clean.digest)
        return Cut(at, status, max(restarted, default=0), again, code, equal)

    def _run(self, plan: FaultPlan) -> tuple[str, int, str, list[Statistic]]:
        """How the Process stood after the cut, its end, its targets, its CT records."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            here, partners = self._copy(Path(folder))
            with System.open(here) as system:
                stood, outcome, steps = self._play(system, plan)
                digest = _digest(system, partners, steps)
        if outcome.queue:
            raise RehearsalError(f"the Process does not end: {outcome.queue} {outcome.status} {outcome.text}".rstrip())
        status = f"{stood.queue} {stood.status}" if stood.queue else f"ended {stood.condition_code}"
        return status, outcome.condition_code, digest, steps

    def _play(self, system: System, plan: FaultPlan) -> tuple[ProcessOutcome, ProcessOutcome, list[Statistic]]:
        """How the Process stood when it no longer ran, and how it ended."""
        script = self._script
        with Node.open(system, clock=script.clock, connect=script.connect, observer=plan) as node:
            number = node.submit(script.text, symbols=script.symbols)
            while node.outcome(number).queue in (WAIT, EXECUTION):
                node.turn()
            stood = node.outcome(number)
            node.run(number)
            steps = [s for s in node.statistics() if s.kind == "CT" and s.number == number]
            return stood, node.outcome(number), steps

    def _copy(self, run: Path) -> tuple[Path, dict[str, Path]]:
        """The system and its partners in folders, copied, and their netmaps led to the copies."""
        here = run / self._folder.resolve().name
        shutil.copytree(self._folder, here, ignore=shutil.ignore_patterns("dtf.console"))
        with System.open(here) as system, Netmap(system, "w") as nodes:
            partners = {}
            _write_no_files(system)
            for n, partner in enumerate(nodes.nodes()):
                if partner.kind == FOLDER and Path(partner.address).is_dir():
                    copy = run / f"partner{n}" / Path(partner.address).name
                    shutil.copytree(partner.address, copy, ignore=shutil.ignore_patterns("dtf.console"))
                    nodes.add(AdjacentNode(partner.name, FOLDER, str(copy)))
                    partners[partner.name] = copy
                    with System.open(copy) as there:
                        _write_no_files(there)
        return here, partners


def _write_no_files(system: System) -> None:
    """FILE.WRITE of a copy: nothing."""
    parameters = initparms.read(system)
    if parameters.file_write:
        initparms.write(system, replace(parameters, file_write=()))


def _digest(system: System, partners: dict[str, Path], steps: list[Statistic]) -> str:
    """A digest over the records of every target of the steps, where it is."""
    digest = hashlib.sha256()
    for step in steps:
        name = step.fields["DFIL"]
        digest.update(f"{step.fields['SNAM']} {step.fields['CCOD']} {name}\n".encode())
        if step.fields["FROM"] == "S" or step.fields["SNOD"] not in partners:
            _add(digest, system, name)
        else:
            with System.open(partners[step.fields["SNOD"]], create=False) as partner:
                _add(digest, partner, name)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, system: System, name: str) -> None:
    try:
        for record in system.records(name):
            digest.update(len(record).to_bytes(4, "big") + record)
    except KsdsError as error:
        digest.update(f"{type(error).__name__}\n".encode())
