"""What a node has on its own system: name, partners, statistics log, clock, console; and the making of its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Protocol

from dtf import initparms, netmap, statistics_log, transmission_queue, user_table
from dtf.copying import checkpoint_file
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.endpoints import Site
from dtf.copying.host_paths import HostPaths
from dtf.copying.progress import Observer
from dtf.errors import DtfError, NodeError, SessionLost, in_words
from dtf.netmap import FOLDER, HOST, AdjacentNode, Netmap, NetmapError, node_name
from dtf.statistics_log import Statistic, StatisticsLog
from ksds.codepage import code_page
from ksds.errors import KsdsError
from ksds.system import System

BUFFER_BYTES = 256 * 1024

Submitter = Callable[[str, Mapping[str, str], Mapping[str, str]], int]
"""Takes text, symbolics and keywords of a Process to the queue; its number."""


def install(system: System, now: float) -> None:
    """Define the DTF's own clusters that are not there yet, and name the local node after the system."""
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    wanted = [(module.NAME, module.DEFINE) for module in (checkpoint_file, netmap, transmission_queue)]
    for pair in range(1, initparms.read(system).stat_file_pairs + 1):
        wanted.append((statistics_log.names(pair)[0], statistics_log.define(pair)))
    there = {entry.name for entry in system.catalog.find_all(name for name, _ in wanted)}
    missing = [(name, statements) for name, statements in wanted if name not in there]
    if missing:
        from ksds import idcams

        for name, statements in missing:
            result = idcams.run(system, statements, now=moment)
            if not system.exists(name):
                raise NodeError(f"{name} cannot be defined, IDCAMS ended with {result.max_cc}", condition_code=12)
    with Netmap(system) as nodes:
        named = nodes.local
    if not named:
        with Netmap(system, "w") as nodes:
            nodes.name_local(system.name)


def process_text(system: System, name: str) -> str:
    """The text of a Process in a data set, or a member given as LIB(MEMBER). Raises KsdsError.

    Eight digits in columns 73-80 are sequence numbers.
    """
    decode = code_page().decode
    lines = [decode(record).rstrip() for record in system.records(name)]
    return "\n".join(line[:72].rstrip() if len(line) == 80 and line[72:].isdecimal() else line for line in lines)


class Task(Protocol):
    """A program or job that was set going, beside the node."""

    @property
    def text(self) -> str:
        """What it says of itself, once it has ended."""
        ...

    def ended(self) -> int | None:
        """Its return code; None while it runs."""
        ...

    def stop(self) -> None:
        """End it, if it runs."""
        ...


class Programs(Protocol):
    """What RUN TASK and RUN JOB set going. Both may raise DtfError and KsdsError."""

    def start_task(self, system: System, program: str, parameter: str) -> Task:
        """Begin a program of the system."""
        ...

    def start_job(self, system: System, name: str) -> Task:
        """Hand the job in a data set to the system's job entry."""
        ...


class NoPrograms:
    """A node that runs nothing."""

    def start_task(self, system: System, program: str, parameter: str) -> Task:
        raise NodeError(f"no programs are run here, {program[:20]} neither")

    def start_job(self, system: System, name: str) -> Task:
        raise NodeError("no jobs are run here")


class LocalNode:
    """The node of `system`, open. Its clock is the given one plus what was jumped over. Close it.

    Its sessions share the statistics log and the CKPT file, which it alone may write. `answered` holds the sessions
    in which it is SNODE: (partner, session id) of each; `called` is told when one of them stands. `tasks` are the
    programs that run, by Process and step: they go on when their session is lost.
    """

    def __init__(
        self,
        system: System,
        clock: Callable[[], float],
        log: Callable[[str], None],
        observer: Observer,
        programs: Programs | None = None,
    ) -> None:
        install(system, clock())
        self.system = system
        self.observer = observer
        self.log = log
        self.answered: set[tuple[str, int]] = set()
        self.programs = programs or NoPrograms()
        self.tasks: dict[tuple[str, int, int, int], Task] = {}
        self.submit: Submitter = _no_queue
        self.called: Callable[[str], None] = _nobody_waits
        self._clock = clock
        self._skipped = 0.0
        self._neighbours: dict[str, tuple[LocalNode, ExitStack]] = {}
        self._guests: dict[str, int] = {}
        self.refresh()
        self.statistics = StatisticsLog(system, "w", self.parameters.stat_file_size, self._filled)
        try:
            self.checkpoints = CheckpointFile(system, "w")
        except KsdsError:
            self.statistics.close()
            raise

    def refresh(self) -> None:
        """Read the netmap, the users and the initialization parameters again."""
        self.parameters = initparms.read(self.system)
        self.users = user_table.read(self.system)
        paths = HostPaths(self.system.folder, self.parameters.file_read, self.parameters.file_write)
        self.site = Site(self.system, paths)
        with Netmap(self.system) as nodes:
            self.name = nodes.local
            self.partners = {node.name: node for node in nodes.nodes()}

    def close(self) -> None:
        """Let the files go. A program that still runs is ended: its record says so at the next start."""
        for task in self.tasks.values():
            task.stop()
        self.statistics.close()
        self.checkpoints.close()

    def neighbour(self, folder: str, name: str) -> LocalNode:
        """The node in another folder, opened for the first of the calls to it. Raises SessionLost."""
        if folder not in self._neighbours:
            with ExitStack() as undo:
                try:
                    system = undo.enter_context(System.open(folder, create=False))
                    node = LocalNode(system, self.clock, _unheard, self.observer, self.programs)
                except (FileNotFoundError, NotADirectoryError, DtfError, KsdsError) as error:
                    raise SessionLost(f"node {name} cannot be reached: {in_words(error)}") from None
                undo.callback(node.close)
                self._neighbours[folder] = node, undo.pop_all()
        self._guests[folder] = self._guests.get(folder, 0) + 1
        return self._neighbours[folder][0]

    def leave(self, folder: str) -> None:
        """One call to that node has ended; the last one closes it."""
        self._guests[folder] -= 1
        if not self._guests[folder]:
            self._neighbours.pop(folder)[1].close()

    def clock(self) -> float:
        """Seconds since 1970."""
        return self._clock() + self._skipped

    def now_ns(self) -> int:
        return int(self.clock() * 1_000_000_000)

    def jump_to(self, moment: float) -> None:
        """Make `clock` say at least `moment`: waiting without sleeping."""
        self._skipped += max(0.0, moment - self.clock())

    def record(self, kind: str, number: int, name: str, **fields: object) -> None:
        """Add a statistics record of a Process; empty fields are left out."""
        texts = {key: str(value) for key, value in fields.items() if value != ""}
        self.statistics.write(Statistic(kind=kind, when=self.now_ns(), number=number, name=name, fields=texts))

    def has_ended(self, number: int, submitted: int, pnode: str = "") -> bool:
        """Whether the end of this very Process, of this node or of `pnode`, is in the statistics already.

        It ends once more if its session was lost, or the DTF was, just then.
        """
        ends = (s.fields for s in self.statistics.of_process(number) if s.kind == "PT")
        return any((end.get("PNOD", ""), end.get("SUBT")) == (pnode, str(submitted)) for end in ends)

    def record_command(self, kind: str, submitter: str, text: str = "") -> None:
        """Add a statistics record of a command that concerns no Process."""
        self.record(kind, 0, "", SUBM=submitter, TEXT=text)

    def _filled(self, log: str) -> None:
        """A log of the statistics is full: the Process of STAT.SWITCH.SUBMIT is to archive it before its turn comes."""
        data_set = self.parameters.stat_switch_submit
        if not data_set:
            return
        try:
            self.submit(process_text(self.system, data_set), {"EDSN": log}, {})
        except (DtfError, KsdsError) as error:
            self.log(f"DTX333E STAT.SWITCH.SUBMIT={data_set} CANNOT BE SUBMITTED, {log} IS NOT ARCHIVED: {error}")
            self.record("WT", 0, "", MSGI="DTX333E", MSST=f"{log} is not archived: {error}")

    def partner(self, name: str) -> AdjacentNode:
        """The netmap's entry, or this node itself; `name` may be host;port of an entry. Raises NetmapError."""
        if ";" in name:
            address = name.replace(";", ":").lower()
            known = next((p for p in self.partners.values() if p.kind == HOST and p.address.lower() == address), None)
            if known is None:
                raise NetmapError(f"no node at {name[:60]} is in the netmap")
            return known
        wanted = node_name(name)
        if wanted == self.name:
            return AdjacentNode(wanted, FOLDER, str(self.system.folder))
        try:
            return self.partners[wanted]
        except KeyError:
            raise NetmapError(f"node {wanted} is not in the netmap; dtf node add {wanted} puts it there") from None


def _unheard(line: str) -> None:
    """A neighbour's console: its own operator would read it."""


def _no_queue(text: str, symbols: Mapping[str, str], overrides: Mapping[str, str]) -> int:
    raise NodeError("no DTF works the queue of this node")


def _nobody_waits(partner: str) -> None:
    """No queue is worked here."""
