"""A script of requests: one statement a line, written as the macros are.

    * a comment
    OPEN  MACRF=(KEY,SEQ,DIR,OUT) STRNO=2
    POINT RPL=A OPTCD=(KEY,SEQ,KGE) ARG=0006
    GET   RPL=A COUNT=3
    GET   RPL=B OPTCD=(DIR,UPD) ARG='0007' EXPECT=8/16
    PUT   RPL=B OPTCD=NUP RECORD='0007 NEW' RECLEN=80
    SHOWCB FIELDS=(NLOGR,ENDRBA)

A value is a word, a list in parentheses, text in apostrophes (also C'...'), or bytes as X'...'. An RPL keeps what a
statement sets, as after MODCB; RPL= may be left out if there is one only. EXPECT is R15 or R15/reason: what the author
of the script thinks will happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ksds.errors import KsdsError

VERBS = ("OPEN", "RPL", "GET", "PUT", "ERASE", "POINT", "GETIX", "PUTIX", "ENDREQ", "CHECK", "SHOWCB", "CLOSE")
_RPL_OPERANDS = frozenset({"RPL", "OPTCD", "ARG", "KEYLEN", "AREALEN", "NXTRPL", "EXPECT"})
_OPERANDS = {
    "OPEN": frozenset({"MACRF", "STRNO", "EXLST", "EXPECT"}),
    "RPL": _RPL_OPERANDS - {"EXPECT"} | {"RECORD", "RECLEN"},
    "GET": _RPL_OPERANDS | {"COUNT"},
    "PUT": _RPL_OPERANDS | {"RECORD", "RECLEN"},
    "ERASE": _RPL_OPERANDS,
    "POINT": _RPL_OPERANDS,
    "GETIX": _RPL_OPERANDS,
    "PUTIX": _RPL_OPERANDS | {"RECORD", "RECLEN"},
    "ENDREQ": frozenset({"RPL", "EXPECT"}),
    "CHECK": frozenset({"RPL", "EXPECT"}),
    "SHOWCB": frozenset({"RPL", "FIELDS", "OBJECT"}),
    "CLOSE": frozenset({"TYPE", "EXPECT"}),
}
_MODCB = ("RPL", "MODCB")
_OPERAND = re.compile(
    r"""(?P<name>[A-Za-z]+)=(?:
        (?P<list>\([^()]*\))
      | [Xx]'(?P<hex>[^']*)'
      | [Cc]?'(?P<text>(?:[^']|'')*)'
      | (?P<word>[^\s,()']+)
    )(?=[\s,]|$)""",
    re.VERBOSE,
)
LONGEST_LINE = 70_000
"""Characters: room for the longest record of a control interval as X'...'."""
HIGHEST = {"STRNO": 255, "KEYLEN": 255, "AREALEN": 1_000_000, "RECLEN": 1_000_000}
"""Operands that are numbers; no record is longer than a control area."""


class RequestScriptError(KsdsError, ValueError):
    """A statement that cannot be understood. `line` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what

    def __str__(self) -> str:
        return f"KSD401E LINE {self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One line. Text values are str (`literals` names those written in apostrophes), bytes values are bytes."""

    line: int
    verb: str
    operands: dict[str, str | bytes]
    expected: tuple[int, int | None] | None = None

    def text(self, name: str, default: str = "") -> str:
        """A text operand's value. Raises RequestScriptError if it is X'...'."""
        value = self.operands.get(name, default)
        if isinstance(value, bytes):
            raise RequestScriptError(self.line, f"{name} IS NOT TEXT")
        return value

    def number(self, name: str) -> int | None:
        """A number operand's value, None if it is not there."""
        return int(self.text(name)) if name in self.operands else None


def parse(lines: Iterable[str]) -> list[Statement]:
    """The statements of a script. Raises RequestScriptError at the first that is wrong."""
    statements = []
    for line, written in enumerate(lines, 1):
        if written.strip() and not written.lstrip().startswith("*"):
            statements.append(_statement(line, written.strip()))
    return statements


def _statement(line: int, written: str) -> Statement:
    if len(written) > LONGEST_LINE:
        raise RequestScriptError(line, f"LONGER THAN {LONGEST_LINE} CHARACTERS")
    verb, _, rest = written.partition(" ")
    verb = verb.upper()
    verb = "RPL" if verb in _MODCB else verb
    if verb not in _OPERANDS:
        raise RequestScriptError(line, f"{verb[:20]} IS NOT ONE OF {' '.join(VERBS)}")
    operands = _operands(line, rest)
    for name in operands:
        if name not in _OPERANDS[verb]:
            raise RequestScriptError(line, f"{verb} HAS NO OPERAND {name[:20]}")
    statement = Statement(line, verb, operands, _expected(line, operands.pop("EXPECT", None)))
    for name, highest in HIGHEST.items():
        if name in operands and (
            not re.fullmatch("[0-9]{1,7}", statement.text(name)) or int(statement.text(name)) > highest
        ):
            raise RequestScriptError(line, f"{name} IS NOT A NUMBER UP TO {highest}")
    if not re.fullmatch(r"\*|[1-9][0-9]{0,8}", statement.text("COUNT", "1")):
        raise RequestScriptError(line, "COUNT IS NEITHER A NUMBER NOR *")
    return statement


def _operands(line: int, rest: str) -> dict[str, str | bytes]:
    operands: dict[str, str | bytes] = {}
    at = 0
    while rest[at:].strip(" \t,"):
        at += len(rest[at:]) - len(rest[at:].lstrip(" \t,"))
        match = _OPERAND.match(rest, at)
        if match is None:
            raise RequestScriptError(line, f"NOT AN OPERAND: {rest[at : at + 30]}")
        name = match["name"].upper()
        if name in operands:
            raise RequestScriptError(line, f"{name} TWICE")
        operands[name] = _value(line, name, match)
        at = match.end()
    return operands


def _value(line: int, name: str, match: re.Match[str]) -> str | bytes:
    if match["hex"] is not None:
        try:
            return bytes.fromhex(match["hex"])
        except ValueError:
            raise RequestScriptError(line, f"{name} IS NOT A ROW OF HEXADECIMAL DIGITS IN PAIRS") from None
    if match["text"] is not None:
        return match["text"].replace("''", "'")
    return match["list"] or match["word"]


def _expected(line: int, value: str | bytes | None) -> tuple[int, int | None] | None:
    if value is None:
        return None
    match = re.fullmatch(r"\(?([0-9]{1,3})(?:[/,]([0-9]{1,3}))?\)?", value) if isinstance(value, str) else None
    if match is None:
        raise RequestScriptError(line, "EXPECT IS R15 OR R15/REASON")
    return int(match[1]), int(match[2]) if match[2] else None
