"""Symbolics: `&name` from SUBMIT, PROCESS and SYMBOL, and the intrinsic `%name` of the moment of submission.

A value is put in after parsing and is never read again as language: a value with a comma is one value with a comma.
Values are frozen when the Process is submitted; whoever queues the Process keeps them, so a restart resolves to the
same names. A period after a symbolic is a period (unlike JCL); `||` joins where a letter follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dtf.errors import SymbolError
from dtf.process.parser import Text
from dtf.process.tokens import Kind, Source, Token

VALUE_LIMIT = 1024
TEXT_LIMIT = 4096
INTRINSICS = frozenset(
    [
        "JDATE",
        "SUBDATE",
        "SUBDATE1",
        "SUBDATE2",
        "SUBTIME",
        "NUM1",
        "NUM2",
        "JOBID",
        "JOBNM",
        "JUSER",
        "PNODE",
        "PRAND",
        "USER",
        "MAXRC",
        "MSGID",
    ]
)
DD_TO_DSN = "DD2DSN"
_AT_RUN_TIME = frozenset({"MAXRC", "MSGID"})


@dataclass(frozen=True, slots=True)
class SubmittingJob:
    """The job whose step submits a Process: name and number, and the data set (or member) of each DD of the step."""

    name: str = ""
    number: str = ""
    dds: Mapping[str, str] = field(default_factory=dict)


NO_JOB = SubmittingJob()


def intrinsic_values(
    submitted: datetime, *, pnode: str, user: str = "", job: SubmittingJob = NO_JOB, random: int = 0
) -> dict[str, str]:
    """The values of %JDATE, %SUBDATE ... for a Process submitted at that moment, by `job` if a job did it."""
    century = "0" if submitted.year < 2000 else "1"
    values = {
        "JDATE": submitted.strftime("%Y%j"),
        "SUBDATE": century + submitted.strftime("%y%m%d"),
        "SUBDATE1": submitted.strftime("%Y%m%d"),
        "SUBDATE2": submitted.strftime("%Y%d%m"),
        "SUBTIME": submitted.strftime("%H%M%S"),
        "NUM1": submitted.strftime("%M%S") + f"{submitted.microsecond // 10_000:02d}",
        "NUM2": f"{random & 0xF:X}",
        "JOBID": job.number,
        "JOBNM": job.name,
        "JUSER": user,
        "PNODE": pnode,
        "PRAND": f"{random & 0xFFFFFF:06X}",
        "USER": user,
    }
    return values | {f"{DD_TO_DSN}({name.upper()})": dsn for name, dsn in job.dds.items()}


class Symbols:
    """Values of symbolics, and the joining of a Text with them."""

    def __init__(self, source: Source, given: Mapping[str, str], intrinsics: Mapping[str, str]) -> None:
        self._source = source
        self._values: dict[str, str] = {}
        self._intrinsics = intrinsics
        self.fold = True  # unquoted text becomes upper case
        for name, value in given.items():
            self._check(name, value)
        self._given = {name.lstrip("&").upper(): value for name, value in given.items()}
        self._values.update(self._given)

    def default(self, name: str, value: str, at: Token) -> None:
        """&name=value on PROCESS: what SUBMIT gives counts more."""
        if name not in self._given:
            self.define(name, value, at)

    def define(self, name: str, value: str, at: Token) -> None:
        """SYMBOL &name=value."""
        self._check(name, value, at)
        self._values[name] = value

    def items(self) -> tuple[tuple[str, str], ...]:
        """All names and values."""
        return tuple(self._values.items())

    def text(self, value: Text, *, fold: bool | None = None) -> str:
        """The pieces joined, in upper case unless quoted or `fold` is False. SymbolError for a name without value."""
        joined = "".join(self._pieces(value.pieces))
        if len(joined) > TEXT_LIMIT:
            raise self._error(f"VALUE IS LONGER THAN {TEXT_LIMIT} CHARACTERS", value.at)
        fold = self.fold if fold is None else fold
        return joined.upper() if fold and not value.is_quoted else joined

    def _pieces(self, pieces: tuple[Token, ...]) -> list[str]:
        found: list[str] = []
        index = 0
        while index < len(pieces):
            piece = pieces[index]
            if piece.kind is Kind.SYMBOL:
                found.append(self._value(piece.text, piece))
            elif piece.kind is Kind.WORD and piece.text.upper().endswith("%" + DD_TO_DSN) and index + 3 < len(pieces):
                found.append(piece.text[: -len(DD_TO_DSN) - 1] + self._dd(pieces[index + 2]))
                index += 3
            elif piece.kind is Kind.WORD:
                found.append(self._scan(piece.text, piece, ampersand=False))
            elif piece.kind is Kind.QUOTED:
                found.append(self._scan(piece.text, piece, ampersand=True))
            else:
                found.append(piece.text)
            index += 1
        return found

    def _scan(self, text: str, at: Token, *, ampersand: bool) -> str:
        """Replaces %name (known names only) and, where wanted, &name within a text."""
        found: list[str] = []
        start = 0
        while start < len(text):
            mark = _first_of(text, start, "&%" if ampersand else "%")
            found.append(text[start:mark])
            if mark == len(text):
                break
            end = mark + 1
            while end < len(text) and text[end].isalnum():
                end += 1
            name = text[mark + 1 : end].upper()
            if text[mark] == "&" and name:
                found.append(self._value(name, at))
            elif text[mark] == "%" and name in INTRINSICS:
                found.append(self._intrinsic(name, at))
            else:
                found.append(text[mark:end])
            start = end
        return "".join(found)

    def _value(self, name: str, at: Token) -> str:
        if name not in self._values:
            raise self._error(f"SYMBOLIC &{name} HAS NO VALUE", at)
        return self._values[name]

    def _intrinsic(self, name: str, at: Token) -> str:
        if name in _AT_RUN_TIME:
            raise self._error(f"%{name} IS KNOWN ONLY WHILE THE PROCESS RUNS", at)
        if name not in self._intrinsics:
            raise self._error(f"%{name} HAS NO VALUE", at)
        return self._intrinsics[name]

    def _dd(self, dd: Token) -> str:
        name = f"{DD_TO_DSN}({dd.text.upper()})"
        if name not in self._intrinsics:
            raise self._error(f"%{name}: THE SUBMITTING JOB HAS NO SUCH DD", dd)
        return self._intrinsics[name]

    def _check(self, name: str, value: str, at: Token | None = None) -> None:
        bare = name.lstrip("&")
        if not bare or len(bare) > 32 or not all(c.isalnum() or c in "@#$_" for c in bare) or not bare.isascii():
            raise self._error(f"{name[:40]!a} IS NOT A SYMBOLIC NAME", at)
        if len(value) > VALUE_LIMIT or not value.isprintable():
            raise self._error(f"VALUE OF &{bare} IS LONGER THAN {VALUE_LIMIT} OR NOT PRINTABLE", at)

    def _error(self, what: str, at: Token | None) -> SymbolError:
        if at is None:
            return SymbolError(what)
        marked = self._source.marked(at.line, at.column, at.end)
        return SymbolError(what, line=at.line, column=at.column, marked=marked)


def _first_of(text: str, start: int, marks: str) -> int:
    """Index of the first of `marks` at or after `start`, or the length of the text."""
    found = [at for mark in marks if (at := text.find(mark, start)) >= 0]
    return min(found, default=len(text))
