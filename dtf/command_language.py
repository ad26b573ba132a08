"""Commands to the DTF as text: verb, words, keywords, symbolics, the selectors of WHERE.

    SUBMIT DSN=A.B MAXDELAY=UNLIMITED -
           &DSN1=X.Y
    CHANGE PROCESS WHERE(PNUM=3) RELEASE

Commands start in column 2 or later; what stands in column 1 is a label, an asterisk there makes a comment; a hyphen
at the end of a line continues it; a command has at most 4096 bytes. Verbs may be cut to their first three letters.
Source: connect-direct.md 1.2, 5.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dtf.errors import DtfError, ProcessSyntaxError
from dtf.process.tokens import Kind, Source, Token, tokenize

COMMAND_LIMIT = 4096
_SECRET = frozenset({"USERID", "SNODEID", "PNODEID"})
_VERBS = (
    *("SUBMIT", "SELECT", "CHANGE", "SUSPEND", "FLUSH", "DELETE", "VIEW", "INSERT", "UPDATE", "INQUIRE", "MODIFY"),
    *("STOP", "SIGNON", "SIGNOFF", "STATISTICS"),
)
_SHORT = {"SUB": "SUBMIT", "CH": "CHANGE", "FL": "FLUSH"}


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
        return [self._command(_full(verb), first.line)]

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


def _full(verb: str) -> str:
    """The verb that `verb` begins, if it is one alone; else `verb`."""
    candidates = [name for name in _VERBS if len(verb) >= 3 and name.startswith(verb)]
    return _SHORT.get(verb, candidates[0] if len(candidates) == 1 else verb)
