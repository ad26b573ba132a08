"""Statements of TOOLIN: an operator with operands in parentheses. A hyphen at the end goes on in the next record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dtf.jcl.sorting.formats import CHARACTER, NUMERIC
from dtf.jcl.sorting.language import SortError

_OPERAND = re.compile(r"([A-Z][A-Z0-9]*)(?:\(((?:[^()']|'(?:[^']|'')*')*)\))?")
_SYMBOL = re.compile(r"'(?:[^']|'')*'|[A-Z@#$_][A-Z0-9@#$_-]*")
Field = tuple[int, int, str]


RECORD_LENGTH: Field = (0, 2, "BI")
"""ON(VLEN): the length in the descriptor of a variable record."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One statement of TOOLIN: its name, operands in order."""

    name: str
    operands: tuple[tuple[str, str], ...]

    def all(self, word: str) -> list[str]:
        return [value for name, value in self.operands if name == word]

    def one(self, word: str) -> str:
        """The value of a keyword that must be there. Raises SortError."""
        values = self.all(word)
        if not values:
            raise SortError("ICE613A", f"REQUIRED KEYWORD {word} OF {self.name} IS MISSING")
        return values[0]

    def has(self, *words: str) -> bool:
        """True if any of these words is there."""
        return any(name in words for name, _ in self.operands)

    def number(self, *words: str, default: int) -> int:
        """The number in parentheses behind one of these words; `default` without parentheses, 0 without the word."""
        found = next((value for name, value in self.operands if name in words), None)
        if found is None:
            return 0
        if not found:
            return default
        if not (found.isascii() and found.isdecimal()):
            raise SortError("ICE614A", f"INVALID OPERAND IN {words[0]}({found[:20]})")
        return int(found)

    def texts(self, word: str) -> list[str]:
        """The quoted texts in parentheses behind a word."""
        return [
            part[1:-1].replace("''", "'") for value in self.all(word) for part in re.findall(r"'(?:[^']|'')*'", value)
        ]

    def fields(self) -> list[Field]:
        """The fields of ON(p,m,f). Raises SortError."""
        fields = []
        for text in self.all("ON"):
            parts = text.split(",")
            if text == "VALCNT":
                continue
            if text == "VLEN":
                fields.append(RECORD_LENGTH)
                continue
            if len(parts) < 3 or not all(part.isdecimal() for part in parts[:2]) or parts[2] not in NUMERIC | CHARACTER:
                raise SortError("ICE614A", f"INVALID OPERAND IN ON({text[:20]})")
            fields.append((int(parts[0]) - 1, int(parts[1]), parts[2]))
        if not fields:
            raise SortError("ICE613A", f"REQUIRED KEYWORD ON OF {self.name} IS MISSING")
        return fields


def parse_operators(records: Iterable[str], symbols: dict[str, str]) -> Iterator[Operator]:
    """The statements of TOOLIN; a hyphen at the end goes on in the next record. Raises SortError."""
    pending = ""
    for record in records:
        text = record[:72].strip()
        if not text or record.startswith("*"):
            continue
        pending += " " + text
        if pending.endswith("-"):
            pending = pending[:-1].rstrip()
            continue
        yield _operator(pending.strip(), symbols)
        pending = ""
    if pending.strip():
        yield _operator(pending.strip(), symbols)


def _operator(text: str, symbols: dict[str, str]) -> Operator:
    name, _, rest = text.partition(" ")
    if name.upper() not in ALLOWED:
        raise SortError("ICE611A", f"OPERATOR {name[:12]} IS NOT SUPPORTED")
    if symbols:
        rest = _SYMBOL.sub(lambda found: symbols.get(found[0], found[0]), rest)
    found = tuple((part[1], part[2] or "") for part in _OPERAND.finditer(rest))
    left = _OPERAND.sub("", rest).replace(",", " ").split()
    unknown = [*left, *(word for word, _ in found if word not in ALLOWED[name.upper()])]
    if unknown:
        raise SortError("ICE614A", f"INVALID OPERAND {unknown[0][:20]} OF {name.upper()}")
    return Operator(name.upper(), found)


COMPARISONS = frozenset({"HIGHER", "LOWER", "EQUAL", "NOTEQUAL"})
_LISTING = frozenset({"FROM", "LIST", "ON", "TITLE", "HEADER", "NOHEADER", "DATE", "TIME", "PAGE", "BLANK", "PLUS"})
_LISTING |= {"BETWEEN", "INDENT", "LINES", "WIDTH", "USING"}
_TOTALS = frozenset({"TOTAL", "MAXIMUM", "MINIMUM", "AVERAGE", "COUNT", "LIMIT"})
_ORDERING = frozenset({"FROM", "TO", "USING", "VSAMTYPE", "JKFROM"})
_GROUPING = frozenset({"FROM", "TO", "ON", "USING", "VSAMTYPE"})
_COUNTING = frozenset({"ADD", "SUB", "WRITE", "TEXT", "DIGITS"})
_ENDS = frozenset({"HEADER", "FIRST", "TRAILER", "LAST"})
CHOICES = frozenset({"FIRST", "LAST", "FIRSTDUP", "LASTDUP", "ALLDUPS", "NODUPS"})
ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(("COPY", "SORT", "MERGE"), _ORDERING),
    **dict.fromkeys(("OCCUR", "OCCURS"), _LISTING | COMPARISONS | {"ALLDUPS", "NODUPS"}),
    "DISPLAY": _LISTING | _TOTALS,
    "STATS": frozenset({"FROM", "ON", "USING", "NOMIN", "NOMAX"}),
    "UNIQUE": frozenset({"FROM", "ON", "USING"}),
    "VERIFY": frozenset({"FROM", "ON", "USING", "LIMIT", "NOHEADER"}),
    "COUNT": COMPARISONS
    | {"FROM", "USING", "EMPTY", "NOTEMPTY", "RC4", "RC8", "ADD", "SUB", "WRITE", "TEXT", "DIGITS"},
    "RANGE": COMPARISONS | {"FROM", "ON", "USING"},
    "SELECT": _GROUPING | COMPARISONS | CHOICES | {"DISCARD"},
    "SPLICE": _GROUPING | {"WITH", "WITHALL", "WITHEACH", "WITHANY", "KEEPNODUPS", "KEEPBASE"},
    "SUBSET": _ORDERING | _ENDS | {"DISCARD", "KEEP", "REMOVE", "INPUT", "OUTPUT", "RRN"},
    "DATASORT": _ORDERING | _ENDS,
    "RESIZE": frozenset({"FROM", "TO", "TOLEN", "USING"}),
    "MODE": frozenset({"STOP", "CONTINUE", "SCAN"}),
}
"""Operator -> the operands it knows."""
