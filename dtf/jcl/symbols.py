"""JCL symbols: &NAME in a parameter field, replaced before the field is parsed.

Rules (JCL Reference, "Using system symbols and JCL symbols", "Determining equivalent JCL"):
a name ends at the first character that is not A-Z 0-9 @ # $; one period right behind it is swallowed;
&& is left alone; the result is not scanned again; inside apostrophes only PARM, ACCT, AMP, PATH and
SUBSYS are substituted, and text directly behind a symbol; a symbol without a value stays as it stands.
System symbols come last, and only they have substrings: &SYSNAME(2:3) is three characters from the second on,
&SYSNAME(-1:1) the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dtf.jcl.cards import Field, FieldBuilder, is_name
from dtf.jcl.diagnostics import JclSyntaxError

MAXIMUM_VALUE = 255
_SYMBOL_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ@#$0123456789")
_MARKS = re.compile(r"[&'=,(]")
_IN_DATA = re.compile(r"&&|&([A-Z@#$][A-Z0-9@#$]{0,7})\.?")
EVERY = "*"
"""SYMLIST=*: every symbol is exported."""
_DATES = {
    **{"YR4": "%Y", "YR2": "%y", "MON": "%m", "DAY": "%d", "JDAY": "%j", "WDAY": "%w", "YYMMDD": "%y%m%d"},
    **{"HR": "%H", "MIN": "%M", "SEC": "%S", "HHMMSS": "%H%M%S"},
}
_SUBSTRING = re.compile(r"\((-?[1-9]\d?)(?::([1-9]\d?))?\)\.?")
_QUOTED_KEYWORDS = frozenset({"PARM", "ACCT", "AMP", "PATH", "SUBSYS"})


@dataclass(slots=True)
class SymbolTable:
    """Values in force at a point of the job, looked up in this order: the procedure being expanded (values of its
    EXEC, then defaults of its PROC), the procedures around it, `overrides` from the command line, SET.
    """

    overrides: Mapping[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)
    """System symbols; a JCL symbol of the same name wins."""
    _names_exported: set[str] = field(default_factory=set)
    _values_exported: dict[str, str] = field(default_factory=dict)
    _calls: list[Mapping[str, str]] = field(default_factory=list)
    _used: list[set[str]] = field(default_factory=list)

    def set(self, name: str, value: str) -> None:
        """Assign a value, which in-stream data see if the name is exported."""
        self.values[name] = value
        if self._is_exported(name):
            self._values_exported[name] = value

    def export(self, names: Iterable[str]) -> None:
        """EXPORT SYMLIST: in-stream data may use what is assigned to these names from here on."""
        self._names_exported |= set(names)
        self._values_exported |= {name: self.overrides[name] for name in self.overrides if self._is_exported(name)}

    def exported(self) -> dict[str, str]:
        """What in-stream data may use: exported symbols with the values assigned since, null without one."""
        found = dict.fromkeys(self._names_exported - {EVERY}, "") | self._values_exported
        for values in self._calls:
            found |= {name: value for name, value in values.items() if self._is_exported(name)}
        return found

    def _is_exported(self, name: str) -> bool:
        return EVERY in self._names_exported or name in self._names_exported

    def get(self, name: str) -> str | None:
        for values, used in zip(reversed(self._calls), reversed(self._used), strict=True):
            if name in values:
                used.add(name)
                return values[name]
        return self.overrides.get(name, self.values.get(name))

    def enter(self, values: Mapping[str, str]) -> None:
        """Begin a procedure whose symbols have these values."""
        self._calls.append(values)
        self._used.append(set())

    def leave(self) -> list[str]:
        """End the procedure; the symbols of it that no statement used."""
        used = self._used.pop()
        return [name for name in self._calls.pop() if name not in used]


def system_symbols(name: str, volume: str, now: datetime) -> dict[str, str]:
    """The system symbols of system `name`: SYSNAME, SYSCLONE, SYSPLEX, SYSR1, and the time, with L in front the local
    one, which is the same here."""
    static = {"SYSNAME": name, "SYSCLONE": name[-2:], "SYSPLEX": name, "SYSR1": volume}
    times = {symbol: f"{now:{form}}" for symbol, form in _DATES.items()}
    return static | times | {f"L{symbol}": value for symbol, value in times.items()}


def check_symbol(name: str, value: str) -> str | None:
    """Why this assignment is not possible, or None."""
    if not is_name(name):
        return f"{name[:20]!r} IS NOT A SYMBOL NAME"
    if len(value) > MAXIMUM_VALUE:
        return f"THE VALUE OF {name} IS LONGER THAN {MAXIMUM_VALUE} CHARACTERS"
    return None


def substitute(source: Field, symbols: SymbolTable) -> Field:
    """The field with its symbols replaced; the same object if there were none.

    Replaced text has the position of its ampersand. Raises JclSyntaxError if the result is absurdly long.
    """
    if "&" not in source.text:
        return source
    scan = _Substitution(source, symbols)
    scan.run()
    return scan.result()


def substitute_data(text: str, symbols: Mapping[str, str]) -> str:
    """A record of in-stream data with its symbols replaced; && and what has no value stay as they are."""
    if "&" not in text:
        return text
    return _IN_DATA.sub(lambda found: symbols.get(found[1], found[0]) if found[1] else found[0], text)


def _substring(value: str, found: re.Match[str]) -> str:
    """The characters that (start:length) means; without a length one."""
    start = int(found[1])
    start = start - 1 if start > 0 else max(len(value) + start, 0)
    return value[start : start + int(found[2] or 1)]


class _Substitution:
    MAXIMUM_LENGTH = 1 << 21

    def __init__(self, source: Field, symbols: SymbolTable) -> None:
        self._source = source
        self._text = source.text
        self._symbols = symbols
        self._builder = FieldBuilder()
        self._copied = 0
        self._piece = 0
        self._length = 0
        self._replaced = False

    def run(self) -> None:
        in_quotes, behind_symbol, keyword, word_start = False, False, "", 0
        mark = _MARKS.search(self._text)
        while mark is not None:
            character, offset = mark[0], mark.end()
            if character == "&" and (not in_quotes or behind_symbol or keyword in _QUOTED_KEYWORDS):
                offset = self._ampersand(mark.start())
            elif character == "'":
                in_quotes = not in_quotes
                behind_symbol = in_quotes and self._replaced and self._copied == mark.start()
            elif not in_quotes and character == "=":
                keyword = self._text[word_start : mark.start()].partition(".")[0]
            elif not in_quotes and character in ",(":
                word_start = offset
            mark = _MARKS.search(self._text, offset)

    def _ampersand(self, offset: int) -> int:
        """Handle && or &NAME at `offset`; the offset behind it."""
        if self._text.startswith("&&", offset):
            return offset + 2
        end = offset + 1
        while end < len(self._text) and end - offset <= 8 and self._text[end] in _SYMBOL_CHARACTERS:
            end += 1
        name = self._text[offset + 1 : end]
        value = self._symbols.get(name)
        behind = end + 1 if self._text.startswith(".", end) else end
        if value is None:
            value = self._symbols.system.get(name)
            part = _SUBSTRING.match(self._text, end)
            if value is not None and part is not None:
                value, behind = _substring(value, part), part.end()
        if value is None:
            return end
        self._copy(offset)
        self._add(value, offset)
        self._replaced = True
        self._copied = behind
        return behind

    def _copy(self, end: int) -> None:
        """Copy unchanged text up to `end`, piece by piece so that every character keeps its position."""
        pieces = self._source.pieces
        start = self._copied
        while start < end:
            while self._piece < len(pieces) and pieces[self._piece][0] <= start:
                self._piece += 1
            stop = min(end, pieces[self._piece][0]) if self._piece < len(pieces) else end
            self._add(self._text[start:stop], start)
            start = stop

    def _add(self, text: str, offset: int) -> None:
        self._length += len(text)
        if self._length > self.MAXIMUM_LENGTH:
            raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE OPERAND FIELD", self._source.at(offset))
        self._builder.add(text, self._source.at(offset))

    def result(self) -> Field:
        if not self._replaced:
            return self._source
        self._copy(len(self._text))
        return self._builder.build(self._source.at(0))
