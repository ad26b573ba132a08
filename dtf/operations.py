"""The operator's commands, carried out on a node: from SYSIN of DMBATCH, the command line, or another process.

    SUBMIT   DSN=name | PROC=member  keywords of PROCESS  MAXDELAY=  &symbol=value
    SELECT   PROCESS | STATISTICS | NETMAP  WHERE(...)  DETAIL=YES
    CHANGE   PROCESS WHERE(...)  RELEASE  HOLD=YES|NO|CALL  PRTY=n  CLASS=n  RETAIN=  STARTT=  DEST=node
    SUSPEND  PROCESS WHERE(...)  FORCE      stops an executing Process, Hold HS
    FLUSH    PROCESS WHERE(...)  FORCE      stops an executing Process, it leaves the queue
    DELETE   PROCESS WHERE(...)             a Process that is not executing leaves the queue
    VIEW     PROCESS WHERE(...)             the text that was submitted
    INSERT | UPDATE | DELETE  NETMAP NODE=name ADDRESS=host:port PARSESS=(max,default)
                                            COMPRESS=ALLOW|DISALLOW|FORCE
    INQUIRE  INITPARMS | STATISTICS    MODIFY INITPARMS KEY=value
    STATISTICS SWITCH                       goes on in the next file pair
    STOP     CD                             ends a DTF that listens

Selectors: PNUM PNAME SNODE (or NODE) SUBMITTER QUEUE STATUS, with * and lists. A command about Processes that selects
none fails. Source: connect-direct.md 5.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from dtf import initparms, netmap, queue_listing, statistics_listing, statistics_log
from dtf.command_language import Command, CommandError
from dtf.errors import NodeError
from dtf.netmap import COMPRESSIONS, HOST, AdjacentNode, Netmap, NetmapError, host_address, node_name
from dtf.node import Node, process_text
from dtf.process import NO_JOB, SubmittingJob
from dtf.selection import check_selectors, is_selected
from dtf.transmission_queue import QueuedProcess

_OVERRIDES = frozenset(
    [
        *("NEWNAME", "HOLD", "RETAIN", "REQUEUE", "PRTY", "CLASS", "PNODE", "SNODE", "SNODEID", "PNODEID", "STARTT"),
        *("NOTIFY", "PACCT", "SACCT", "CRC", "CASE", "SECURE", "DEBUG", "PLEXCLASS"),
    ]
)
_RECORDED = {
    ("SELECT", "PROCESS"): "SP",
    ("SELECT", "STATISTICS"): "SS",
    ("SELECT", "NETMAP"): "SN",
    ("INQUIRE", "INITPARMS"): "IT",
    ("INQUIRE", "STATISTICS"): "IA",
    ("STATISTICS", "SWITCH"): "CS",
}
"""Commands that leave a statistics record of their own; the others leave one for each Process they touch."""
AT_A_PLACE = " AT THE NEXT CHECKPOINT OR END OF A STEP"
_ALIASES = {"NODE": "SNODE", "PNUMBER": "PNUM"}


COMPLETE = "DTX512I"
"""The message of a command that shows something and changes nothing."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command has to show, and how it ended."""

    lines: tuple[str, ...] = ()
    code: int = 0
    message_id: str = COMPLETE
    text: str = ""


def _no_library(member: str) -> str:
    raise CommandError(f"{member}: NO PROCESS LIBRARY HERE, SUBMIT DSN=LIBRARY({member})", message_id="DTX508E")


class Operations:
    """Carries out one command after another. `read_process` and `read_member` give the texts that SUBMIT names."""

    def __init__(
        self,
        node: Node,
        read_process: Callable[[str], str] | None = None,
        read_member: Callable[[str], str] = _no_library,
        submitter: str = "",
        job: SubmittingJob = NO_JOB,
    ) -> None:
        self._job = job
        self._node = node
        self._read_process = read_process or (lambda name: process_text(node.local.system, name))
        self._read_member = read_member
        self._submitter = submitter
        self.submitted = 0
        self.stopping = False
        self._verbs: Mapping[tuple[str, str], Callable[[Command], Reply]] = {
            ("SELECT", "PROCESS"): self._select_process,
            ("SELECT", "STATISTICS"): self._select_statistics,
            ("SELECT", "NETMAP"): self._select_netmap,
            ("CHANGE", "PROCESS"): self._change,
            ("SUSPEND", "PROCESS"): self._suspend,
            ("FLUSH", "PROCESS"): self._flush,
            ("DELETE", "PROCESS"): self._delete,
            ("VIEW", "PROCESS"): self._view,
            ("INSERT", "NETMAP"): self._insert_netmap,
            ("UPDATE", "NETMAP"): self._insert_netmap,
            ("DELETE", "NETMAP"): self._delete_netmap,
            ("INQUIRE", "INITPARMS"): self._inquire,
            ("INQUIRE", "STATISTICS"): self._file_pairs,
            ("STATISTICS", "SWITCH"): self._switch_statistics,
            ("MODIFY", "INITPARMS"): self._modify,
            ("STOP", "CD"): self._stop,
        }

    def carry_out(self, command: Command) -> Reply:
        """Raises CommandError, NodeError, ProcessError, KsdsError: then nothing was done."""
        if command.verb == "SUBMIT":
            return self._submit(command)
        what = command.words[0] if command.words else ""
        for (verb, noun), operation in self._verbs.items():
            if verb == command.verb and len(what) >= 2 and noun.startswith(what):
                reply = operation(command)
                if (verb, noun) in _RECORDED:
                    self._node.record(_RECORDED[verb, noun], self._submitter, command.shown)
                return reply
        asked = f"{command.verb[:20]} {what[:20]}".rstrip()
        raise CommandError(f"COMMAND {asked} IS NOT SUPPORTED", message_id="DTX504E")

    # -- SUBMIT -----------------------------------------------------------------------------------------

    def _submit(self, command: Command) -> Reply:
        given = dict(command.keywords)
        name, member = given.pop("DSN", ""), given.pop("PROC", "")
        _check_maxdelay(given.pop("MAXDELAY", ""))
        unknown = [*sorted(given.keys() - _OVERRIDES), *command.words]
        if unknown:
            raise CommandError(f"SUBMIT OPERAND {unknown[0][:20]} IS UNKNOWN", message_id="DTX505E")
        if bool(name) == bool(member):
            raise CommandError("SUBMIT NEEDS EITHER DSN= OR PROC=", message_id="DTX505E")
        text = self._read_process(name) if name else self._read_member(member)
        return self.submit_text(text, command.symbols, given)

    def submit_text(
        self, text: str, symbols: Mapping[str, str], overrides: Mapping[str, str], submitter: str = ""
    ) -> Reply:
        """SUBMIT of a text that is at hand."""
        submitter = submitter or self._submitter
        number = self._node.submit(text, symbols=symbols, submitter=submitter, overrides=overrides, job=self._job)
        self.submitted = number
        return Reply(message_id="DTX513I", text=f"PROCESS {self._node.outcome(number).name}({number:06d}) SUBMITTED")

    def wait(self) -> Reply:
        """Works the queue until what was submitted last has ended; its completion code."""
        number = self.submitted
        self._node.run(number)
        outcome = self._node.outcome(number)
        process = f"PROCESS {outcome.name}({number:06d})"
        if outcome.queue:
            stands = f"{process} HAS NOT ENDED, IT STANDS IN QUEUE {outcome.queue} STATUS {outcome.status}"
            raise NodeError(f"{stands}: {outcome.text}", message_id=outcome.message_id or "DTX506E")
        text = f"{process} ENDED. {outcome.text}".rstrip()
        return Reply(code=outcome.condition_code, message_id=outcome.message_id, text=text)

    # -- SELECT -----------------------------------------------------------------------------------------

    def _select_process(self, command: Command) -> Reply:
        chosen = queue_listing.select(self._node.processes, command.where)
        show = queue_listing.detail if command.keywords.get("DETAIL") == "YES" else queue_listing.listing
        return Reply(tuple(show(chosen)), text="SELECT COMPLETE")

    def _select_statistics(self, command: Command) -> Reply:
        chosen = statistics_listing.select(self._node.statistics, self._archive, command.where)
        if command.keywords.get("DETAIL") == "YES":
            lines = [line for statistic in chosen for line in statistics_listing.detail(statistic)]
        else:
            lines = statistics_listing.listing(chosen)
        return Reply(tuple(lines), text="SELECT COMPLETE")

    def _archive(self, name: str) -> Iterable[bytes]:
        return self._node.local.system.records(name)

    def _select_netmap(self, command: Command) -> Reply:
        check_selectors(command.where, netmap.SELECTORS)
        local = self._node.local
        lines = [f"LOCAL    {local.name:<16} {local.system.folder}"]
        for partner in local.partners.values():
            if not is_selected({"NODE": partner.name}, command.where):
                continue
            sessions = f"PARSESS=({partner.sessions},{partner.default_class})"
            lines.append(f"ADJACENT {partner.name:<16} {partner.location} {sessions} COMPRESS={partner.compression}")
        return Reply(tuple(lines), text="SELECT COMPLETE")

    # -- the queue --------------------------------------------------------------------------------------

    def _change(self, command: Command) -> Reply:
        settings = dict(command.keywords)
        if "RELEASE" in command.words:
            settings["HOLD"] = "NO"
        if not settings or set(command.words) - {"RELEASE", command.words[0]}:
            raise CommandError("CHANGE PROCESS NEEDS RELEASE OR KEYWORD=VALUE", message_id="DTX505E")
        return self._each(command, "CHANGED", lambda p: self._node.change(p.number, settings))

    def _suspend(self, command: Command) -> Reply:
        force = _forced(command)
        done = "SUSPENDED" if force else f"TO BE SUSPENDED{AT_A_PLACE}"
        return self._each(command, done, lambda p: self._node.stop(p.number, "SUSPEND", force=force))

    def _flush(self, command: Command) -> Reply:
        force = _forced(command)
        done = "FLUSHED" if force else f"TO BE FLUSHED{AT_A_PLACE}"
        return self._each(command, done, lambda p: self._node.stop(p.number, "FLUSH", force=force))

    def _delete(self, command: Command) -> Reply:
        def delete(process: QueuedProcess) -> str:
            left = self._node.delete(process.number)
            return f"DTX215I THE CHECKPOINT RECORD OF PROCESS {process.number} STAYS IN THE CKPT FILE" if left else ""

        return self._each(command, "DELETED", delete)

    def _view(self, command: Command) -> Reply:
        lines = [line for process in self._chosen(command) for line in self._node.text(process.number).splitlines()]
        return Reply(tuple(lines), text="VIEW COMPLETE")

    def _each(self, command: Command, done: str, action: Callable[[QueuedProcess], str]) -> Reply:
        """The action on each selected Process; what it says is shown."""
        chosen = self._chosen(command)
        lines = [line for process in chosen if (line := action(process))]
        return Reply(tuple(lines), message_id="DTX514I", text=f"{len(chosen)} PROCESS(ES) {done}")

    def _chosen(self, command: Command) -> list[QueuedProcess]:
        where = {_ALIASES.get(key, key): value for key, value in command.where.items()}
        if not where:
            raise CommandError("A COMMAND ABOUT PROCESSES NEEDS WHERE(...)", message_id="DTX505E")
        chosen = queue_listing.select(self._node.processes, where)
        if not chosen:
            raise NodeError("NO PROCESS IN THE QUEUE IS SELECTED", message_id="DTX321E")
        return chosen

    # -- netmap, initialization parameters --------------------------------------------------------------

    def _insert_netmap(self, command: Command) -> Reply:
        given = dict(command.keywords)
        name, address = node_name(given.pop("NODE", "")), given.pop("ADDRESS", "")
        sessions, compression = given.pop("PARSESS", ""), given.pop("COMPRESS", "")
        if given:
            raise CommandError(f"NETMAP OPERAND {next(iter(given))[:20]} IS UNKNOWN", message_id="DTX505E")
        local = self._node.local
        known = local.partners.get(name)
        if (known is None) != (command.verb == "INSERT"):
            raise NetmapError(f"node {name} is {'not' if known is None else 'already'} in the netmap")
        if name == local.name:
            raise NetmapError(f"{name} is this node itself")
        entry = known or AdjacentNode(name, HOST, "")
        if address or known is None:
            entry = replace(entry, kind=HOST, address=host_address(address))
        if compression:
            if compression not in COMPRESSIONS:
                raise NetmapError(f"COMPRESS={compression[:20]} is not one of {' '.join(COMPRESSIONS)}")
            entry = replace(entry, compression=compression)
        if sessions:
            maximum, default = _parallel_sessions(sessions)
            entry = replace(entry, sessions=maximum, default_class=default)
        with Netmap(local.system, "w") as nodes:
            nodes.add(entry)
        local.refresh()
        return Reply(message_id="DTX360I", text=f"{local.name}: NODE {name} IS {entry.location}")

    def _delete_netmap(self, command: Command) -> Reply:
        name, local = node_name(command.keywords.get("NODE", "")), self._node.local
        if any(process.snode == name for process in self._node.processes()):
            raise NetmapError(f"node {name} has Processes in the queue")
        with Netmap(local.system, "w") as nodes:
            nodes.remove(name)
        local.refresh()
        return Reply(message_id="DTX360I", text=f"{local.name}: NODE {name} DELETED")

    def _inquire(self, command: Command) -> Reply:
        self._node.local.refresh()
        return Reply(tuple(self._node.local.parameters.lines()), text="INQUIRE COMPLETE")

    def _modify(self, command: Command) -> Reply:
        local = self._node.local
        settings = [f"{key}={value}" for key, value in command.keywords.items()]
        initparms.write(local.system, initparms.changed(local.parameters, settings))
        local.refresh()
        return Reply(tuple(local.parameters.lines()), text="MODIFY COMPLETE")

    def _file_pairs(self, command: Command) -> Reply:
        lines = statistics_listing.pairs_listing(self._node.local.statistics.pairs())
        return Reply(tuple(lines), text="INQUIRE COMPLETE")

    def _switch_statistics(self, command: Command) -> Reply:
        local = self._node.local
        if not local.statistics.switch(local.now_ns()):
            raise NodeError("THE NEXT FILE PAIR OF THE STATISTICS IS BEING READ", message_id="DTX334E")
        active = next(pair for pair in local.statistics.pairs() if pair.active)
        return Reply(message_id=statistics_log.SWITCHED, text=f"STATISTICS GO ON IN FILE PAIR {active.number}")

    def _stop(self, command: Command) -> Reply:
        self.stopping = True
        return Reply(message_id="DTX381I", text=f"{self._node.name} ENDS")


def _forced(command: Command) -> bool:
    extra = set(command.words[1:]) - {"FORCE"}
    if extra or command.keywords:
        raise CommandError(f"OPERAND {[*extra, *command.keywords][0][:20]} IS UNKNOWN", message_id="DTX505E")
    return "FORCE" in command.words


def _parallel_sessions(text: str) -> tuple[int, int]:
    """PARSESS=(max,default)."""
    numbers = text.strip("()").split(",")
    if len(numbers) == 2 and all(number.isdecimal() for number in numbers):
        maximum, default = int(numbers[0][:4]), int(numbers[1][:4])
        if 2 <= maximum <= 255 and 1 <= default <= maximum:
            return maximum, default
    raise NetmapError(f"PARSESS={text[:20]} is not (max,default), max 2-255, default 1-max")


def _check_maxdelay(value: str) -> None:
    """UNLIMITED, QUEUED, 0 or hh:mm:ss. All wait for the end: waits are virtual and cost nothing."""
    parts = value.split(":")
    if value not in ("", "UNLIMITED", "QUEUED", "0") and not (len(parts) == 3 and all(p.isdecimal() for p in parts)):
        raise CommandError(f"MAXDELAY={value[:20]} IS NOT UNLIMITED, QUEUED, 0 OR HH:MM:SS", message_id="DTX505E")
