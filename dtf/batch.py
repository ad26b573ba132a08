"""The batch interface (DMBATCH, DGADBATC): commands to the DTF from the SYSIN of a job step.

    SIGNON USERID=(user)               first; SIGNOFF is last
    SUBMIT DSN=A.B MAXDELAY=UNLIMITED -
           &DSN1=X.Y                   queues a Process; with MAXDELAY waits for it and takes its completion code
    SELECT PROCESS                     the queue
    SELECT STATISTICS                  what has happened
    SIGNOFF

Commands start in column 2 or later; what stands in column 1 is a label, an asterisk there makes a comment; a hyphen
at the end of a line continues it; a command has at most 4096 bytes. PARM (default YYSLYNN) says what is printed: 1 the
command, 2 return code and message id, 3 the text after code 0 (S, L or N), 4 the text after a higher one.
Without MAXDELAY the Process stays in the queue and the code says only that it got there.
Sources: Connect:Direct for z/OS, "Batch interface job requirements", "DGADBATC EXEC parameters", "SUBMIT Command".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dtf import statistics_log, transmission_queue
from dtf.errors import DtfError, NodeError, ProcessSyntaxError
from dtf.process.tokens import Kind, Source, Token, tokenize
from dtf.selection import check_selectors, is_selected
from dtf.statistics_log import Statistic
from dtf.transmission_queue import QueuedProcess
from ksds.errors import CatalogError, KsdsError

COMMAND_LIMIT = 4096
DEFAULT_PARAMETER = "YYSLYNN"
_SECRET = frozenset({"USERID", "SNODEID", "PNODEID"})
_OVERRIDES = frozenset(
    {
        "NEWNAME",
        "HOLD",
        "RETAIN",
        "REQUEUE",
        "PRTY",
        "CLASS",
        "PNODE",
        "SNODE",
        "SNODEID",
        "PNODEID",
        "STARTT",
        "NOTIFY",
    }
    | {"PACCT", "SACCT", "CRC", "CASE", "SECURE", "DEBUG", "PLEXCLASS"}
)
_VERBS: Mapping[str, str] = {"SUB": "SUBMIT", "SEL": "SELECT"}


class Outcome(Protocol):
    """How a Process stands; `queue` is empty when it has ended."""

    @property
    def name(self) -> str: ...
    @property
    def condition_code(self) -> int: ...
    @property
    def message_id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def status(self) -> str: ...


class Dtf(Protocol):
    """What the batch interface needs of a node."""

    def submit(
        self,
        text: str,
        *,
        symbols: Mapping[str, str] | None = None,
        submitter: str = "",
        overrides: Mapping[str, str] | None = None,
    ) -> int: ...
    def run(self, number: int | None = None) -> None: ...
    def outcome(self, number: int) -> Outcome: ...
    def processes(self) -> list[QueuedProcess]: ...
    def statistics(self) -> list[Statistic]: ...


@dataclass(frozen=True, slots=True)
class Command:
    """One command: verb, bare words behind it, keyword values, symbolics (names without &), selectors of WHERE."""

    verb: str
    words: tuple[str, ...]
    keywords: Mapping[str, str]
    symbols: Mapping[str, str]
    where: Mapping[str, str]
    line: int
    shown: str
    """The command in one line, passwords replaced."""


class CommandError(DtfError):
    """A command cannot be carried out; nothing of it was."""

    default_id = "DTX500E"


def parse_commands(records: Sequence[str]) -> list[Command]:
    """The commands of a SYSIN. Raises CommandError naming line and column."""
    try:
        tokens, _ = tokenize(Source("\n".join(_without_sequence_number(record) for record in records)))
    except ProcessSyntaxError as error:
        raise CommandError(str(error).partition(" ")[2], message_id="DTX501E") from error
    commands: list[Command] = []
    statement: list[Token] = []
    for token in tokens:
        if token.kind not in (Kind.END, Kind.SEMICOLON):
            statement.append(token)
        elif statement:
            commands += _CommandParser(statement).parse()
            statement = []
    return commands


def _without_sequence_number(record: str) -> str:
    """Columns 73-80 are dropped if they hold eight digits."""
    return record[:72] if len(record) >= 80 and record[72:80].isdigit() else record


class _CommandParser:
    """One statement's tokens -> a command (none for a label alone)."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._words: list[str] = []
        self._keywords: dict[str, str] = {}
        self._symbols: dict[str, str] = {}
        self._where: dict[str, str] = {}

    def parse(self) -> list[Command]:
        if self._tokens[0].column == 1:
            self._next = 1
            if len(self._tokens) == 1:
                return []
        first = self._tokens[self._next]
        if first.kind is not Kind.WORD:
            raise self._error("A COMMAND EXPECTED", first)
        if sum(len(token.text) + 1 for token in self._tokens) > COMMAND_LIMIT:
            raise self._error(f"COMMAND IS LONGER THAN {COMMAND_LIMIT} BYTES", first)
        self._next += 1
        while self._next < len(self._tokens):
            self._operand(self._keywords)
        verb = first.text.upper()
        return [self._command(_VERBS.get(verb, verb), first.line)]

    def _command(self, verb: str, line: int) -> Command:
        parts = [verb, *self._words]
        parts += [f"{name}={_redacted(value) if name in _SECRET else value}" for name, value in self._keywords.items()]
        parts += [f"&{name}={value}" for name, value in self._symbols.items()]
        if self._where:
            parts.append(f"WHERE({' '.join(f'{name}={value}' for name, value in self._where.items())})")
        shown = " ".join(parts)
        return Command(verb, tuple(self._words), self._keywords, self._symbols, self._where, line, shown)

    def _operand(self, keywords: dict[str, str]) -> None:
        """operand := name "=" value | &name "=" value | WHERE "(" operands ")" | word"""
        token = self._tokens[self._next]
        self._next += 1
        following = self._kind()
        if token.kind is Kind.COMMA:
            return
        if token.kind in (Kind.WORD, Kind.SYMBOL) and following is Kind.EQUALS:
            self._next += 1
            target = self._symbols if token.kind is Kind.SYMBOL else keywords
            name = token.text.upper()
            if name in target:
                raise self._error(f"{name[:20]} IS CODED TWICE", token)
            target[name] = self._value(token)
        elif token.kind is Kind.WORD and token.text.upper() == "WHERE" and following is Kind.OPEN:
            self._selectors(token)
        elif token.kind is Kind.WORD and keywords is self._keywords:
            self._words.append(token.text.upper())
        else:
            raise self._error(f"{token.text[:20]!r} IS NOT AN OPERAND", token)

    def _selectors(self, where: Token) -> None:
        """The operands between the parentheses of WHERE."""
        self._next += 1
        while self._kind() is not Kind.CLOSE:
            if self._next >= len(self._tokens) or self._tokens[self._next].text.upper() == "WHERE":
                raise self._error("PARENTHESIS IS NOT CLOSED", where)
            self._operand(self._where)
        self._next += 1

    def _value(self, keyword: Token) -> str:
        """value := group | piece { ["||"] piece }, an empty one if nothing stands behind the equals sign."""
        parts: list[str] = []
        glue = True
        while (token := self._peek()) is not None and (glue or token.glued or token.kind is Kind.JOIN):
            glue = token.kind is Kind.JOIN
            if token.kind is Kind.OPEN:
                parts.append(self._group())
                continue
            if token.kind is Kind.SYMBOL:
                raise self._error("A SYMBOLIC HAS NO VALUE IN A COMMAND", token)
            if token.kind not in (Kind.JOIN, Kind.WORD, Kind.LITERAL, Kind.QUOTED):
                break
            if token.kind is not Kind.JOIN:
                parts.append(token.text if token.kind is not Kind.WORD else token.text.upper())
            self._next += 1
        return "".join(parts)

    def _group(self) -> str:
        """Everything up to the matching parenthesis, written back without quotes."""
        start = self._tokens[self._next]
        depth = 0
        parts: list[str] = []
        while (token := self._peek()) is not None:
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            parts.append(token.text)
            self._next += 1
            if depth == 0:
                return "".join(parts)
        raise self._error("PARENTHESIS IS NOT CLOSED", start)

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _kind(self) -> Kind | None:
        token = self._peek()
        return token.kind if token else None

    def _error(self, what: str, at: Token) -> CommandError:
        return CommandError(f"{what} AT LINE {at.line} COLUMN {at.column}", message_id="DTX501E")


def _redacted(value: str) -> str:
    user, comma, _ = value.partition(",")
    return f"{user},***)" if comma else value


@dataclass(slots=True)
class Batch:
    """Runs the commands of one step. `write` takes the lines of the report, `node` stands from SIGNON to SIGNOFF.

    `read_process` gives the text of a Process by data set name, `read_member` by member of DMPUBLIB; both may
    raise KsdsError or DtfError.
    """

    node: Dtf
    write: Callable[[str], None]
    read_process: Callable[[str], str]
    read_member: Callable[[str], str]
    parameter: str = DEFAULT_PARAMETER
    submitter: str = ""
    highest_code: int = 0
    _signed_on: bool = field(default=False, init=False)

    def run(self, records: Sequence[str]) -> int:
        """All commands in order; the return code is the highest of any command."""
        try:
            commands = parse_commands(records)
        except CommandError as error:
            self._result(8, error.message_id, error.what)
            return self.highest_code
        for command in commands:
            if self._option(0) == "Y":
                self.write(command.shown)
            try:
                self._command(command)
            except (DtfError, KsdsError) as error:
                self._failed(error)
            if command.verb == "SIGNOFF":
                break
        if not commands:
            self._result(8, "DTX502E", "SYSIN HOLDS NO COMMAND")
        return self.highest_code

    def _option(self, index: int) -> str:
        text = self.parameter.strip("()") or DEFAULT_PARAMETER
        return (text + DEFAULT_PARAMETER[len(text) :])[index].upper()

    def _result(self, code: int, message_id: str, text: str = "") -> None:
        self.highest_code = max(self.highest_code, code)
        line = f"  RC={code:08d} MSGID={message_id}" if self._option(1) == "Y" else " "
        if self._option(2 if code == 0 else 3) in "SL":
            line += f" {text}"
        if line.strip():
            self.write(line)

    def _failed(self, error: DtfError | KsdsError) -> None:
        code = max(error.condition_code, 8)
        if isinstance(error, DtfError | CatalogError):
            self._result(code, error.message_id, str(error).removeprefix(error.message_id).strip())
        else:
            self._result(code, "DTX507E", str(error))

    def _command(self, command: Command) -> None:
        if command.verb == "SIGNON":
            self._signed_on = True
            self._result(0, "DTX510I", "SIGNON COMPLETE")
        elif not self._signed_on:
            raise CommandError("THE FIRST COMMAND MUST BE SIGNON", message_id="DTX503E")
        elif command.verb == "SIGNOFF":
            self._result(0, "DTX511I", "SIGNOFF COMPLETE")
        elif command.verb == "SUBMIT":
            self._submit(command)
        elif command.verb == "SELECT":
            for line in self._select(command):
                self.write(line)
            self._result(0, "DTX512I", "SELECT COMPLETE")
        else:
            raise CommandError(f"COMMAND {command.verb[:20]} IS NOT SUPPORTED", message_id="DTX504E")

    def _select(self, command: Command) -> list[str]:
        """SELECT PROCESS or SELECT STATISTICS, with the selectors of WHERE."""
        what = command.words[0] if command.words else ""
        if what in ("PROCESS", "PROC"):
            check_selectors(command.where, transmission_queue.SELECTORS)
            queued = self.node.processes()
            return transmission_queue.listing(
                process for process in queued if is_selected(transmission_queue.selectable(process), command.where)
            )
        if what in ("STATISTICS", "STAT"):
            check_selectors(command.where, statistics_log.SELECTORS)
            chosen = [s for s in self.node.statistics() if is_selected(statistics_log.selectable(s), command.where)]
            if command.keywords.get("DETAIL") == "YES":
                return [line for statistic in chosen for line in statistics_log.detail(statistic)]
            return statistics_log.listing(chosen)
        raise CommandError(f"SELECT {what[:20]} IS NOT SUPPORTED", message_id="DTX504E")

    def _submit(self, command: Command) -> None:
        given = dict(command.keywords)
        name, member = given.pop("DSN", ""), given.pop("PROC", "")
        maxdelay = given.pop("MAXDELAY", "")
        unknown = sorted(given.keys() - _OVERRIDES)
        if unknown or command.words:
            raise CommandError(f"SUBMIT OPERAND {[*unknown, *command.words][0][:20]} IS UNKNOWN", message_id="DTX505E")
        if bool(name) == bool(member):
            raise CommandError("SUBMIT NEEDS EITHER DSN= OR PROC=", message_id="DTX505E")
        _check_maxdelay(maxdelay)
        text = self.read_process(name) if name else self.read_member(member)
        number = self.node.submit(text, symbols=command.symbols, submitter=self.submitter, overrides=given)
        process = f"PROCESS {self.node.outcome(number).name}({number:06d})"
        self._result(0, "DTX513I", f"{process} SUBMITTED")
        if maxdelay:
            self.node.run(number)
            self._ended(process, self.node.outcome(number))

    def _ended(self, process: str, outcome: Outcome) -> None:
        if outcome.queue:
            text = (
                f"{process} HAS NOT ENDED, IT STANDS IN QUEUE {outcome.queue} STATUS {outcome.status}: {outcome.text}"
            )
            raise NodeError(text, message_id=outcome.message_id or "DTX506E")
        self._result(outcome.condition_code, outcome.message_id, f"{process} ENDED. {outcome.text}".rstrip())


def _check_maxdelay(value: str) -> None:
    """UNLIMITED, QUEUED, 0 or hh:mm:ss. All wait for the end: waits are virtual and cost nothing."""
    parts = value.split(":")
    if value not in ("", "UNLIMITED", "QUEUED", "0") and not (len(parts) == 3 and all(p.isdecimal() for p in parts)):
        raise CommandError(f"MAXDELAY={value[:20]} IS NOT UNLIMITED, QUEUED, 0 OR HH:MM:SS", message_id="DTX505E")
