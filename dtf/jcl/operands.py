"""The parameter field of a JCL statement as a tree, every token with its line and column.

    parameters := item { "," item }
    item       := [ name "=" ] value
    value      := group | item | word | nothing
    group      := "(" parameters ")"
    word       := { character | quoted | "(" balanced text ")" }     A.B.C   A.B(MEM)   *.STEP1.DD   'O''HARA'
    quoted     := "'" { character | "''" } "'"

One pass, one character at a time, nesting limited: linear in the length of the field.
Source: z/OS MVS JCL Reference, "Parameter field".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dtf.jcl.cards import Field, Position
from dtf.jcl.diagnostics import JclSyntaxError

MAXIMUM_NESTING = 8
_KEYWORD = re.compile(r"([A-Z@#$0-9.]++)=")
_PLAIN = re.compile(r"[^',()]*")


@dataclass(frozen=True, slots=True)
class Word:
    """A value without structure. `text` has its apostrophes taken off and doubled ones halved."""

    text: str
    at: Position
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A list in parentheses. A missing positional is an empty Word."""

    items: tuple[Operand, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Keyword:
    """KEYWORD=value, and where it stands."""

    name: str
    value: Operand
    at: Position


Operand = Word | Group | Keyword


@dataclass(frozen=True, slots=True)
class Operands:
    """A parsed parameter field: positionals in order (missing ones empty), then keywords."""

    positionals: tuple[Word | Group, ...]
    keywords: tuple[Keyword, ...]


def parse_operands(source: Field) -> Operands:
    """Parse a whole parameter field. Raises JclSyntaxError (IEFC622I, DTX4xxE) at the offending column."""
    if not source.text:
        return Operands((), ())
    items = _Parser(source).parse()
    keywords = tuple(item for item in items if isinstance(item, Keyword))
    positionals: list[Word | Group] = []
    for index, item in enumerate(items):
        if isinstance(item, Keyword):
            continue
        if index != len(positionals) and not _is_empty(item):
            raise JclSyntaxError("DTX402E", "A POSITIONAL PARAMETER FOLLOWS A KEYWORD PARAMETER", item.at)
        if index == len(positionals):
            positionals.append(item)
    return Operands(tuple(positionals), keywords)


def items_of(operand: Operand) -> tuple[Operand, ...]:
    """The elements of a list; one element needs no parentheses; an empty value has none."""
    if isinstance(operand, Group):
        return operand.items
    return () if _is_empty(operand) else (operand,)


def text_of(operand: Operand) -> str:
    """The value written back as JCL without apostrophes: for messages and values kept only for the record."""
    if isinstance(operand, Word):
        return operand.text
    if isinstance(operand, Keyword):
        return f"{operand.name}={text_of(operand.value)}"
    return "(" + ",".join(text_of(item) for item in operand.items) + ")"


def words_of(operand: Operand) -> Iterator[Word]:
    """Every word in the tree, from left to right."""
    if isinstance(operand, Word):
        yield operand
    elif isinstance(operand, Keyword):
        yield from words_of(operand.value)
    else:
        for item in operand.items:
            yield from words_of(item)


def _is_empty(operand: Operand) -> bool:
    return isinstance(operand, Word) and not operand.text and not operand.quoted


class _Parser:
    def __init__(self, source: Field) -> None:
        self._source = source
        self._text = source.text
        self._offset = 0

    def parse(self) -> list[Operand]:
        items = self._parameters(0)
        if self._offset < len(self._text):
            raise self._error("IEFC622I", "UNBALANCED PARENTHESIS")
        return items

    def _parameters(self, depth: int) -> list[Operand]:
        """parameters := item { "," item }"""
        items = [self._item(depth)]
        while self._peek() == ",":
            self._offset += 1
            items.append(self._item(depth))
        return items

    def _item(self, depth: int) -> Operand:
        """item := [ name "=" ] value"""
        name = _KEYWORD.match(self._text, self._offset)
        if name is None:
            return self._value(depth)
        self._check_depth(depth)
        self._offset = name.end()
        return Keyword(name[1], self._value(depth + 1), self._source.at(name.start()))

    def _value(self, depth: int) -> Operand:
        """value := group | item | word | nothing"""
        if self._peek() == "(":
            return self._group(depth)
        if depth and _KEYWORD.match(self._text, self._offset):
            return self._item(depth)
        return self._word()

    def _group(self, depth: int) -> Group:
        """group := "(" parameters ")" """
        self._check_depth(depth)
        at = self._source.at(self._offset)
        self._offset += 1
        items = self._parameters(depth + 1)
        if self._peek() != ")":
            raise JclSyntaxError("IEFC622I", "UNBALANCED PARENTHESIS", at)
        self._offset += 1
        if self._peek() not in ("", ",", ")"):
            raise self._error("DTX403E", f"COMMA EXPECTED BEFORE {self._peek()!r}")
        return Group(tuple(items), at)

    def _word(self) -> Word:
        """word := { character | quoted | "(" balanced text ")" }"""
        start = self._offset
        parts: list[str] = []
        open_parentheses = 0
        quoted = False
        while plain := _PLAIN.match(self._text, self._offset):
            parts.append(plain[0])
            self._offset = plain.end()
            character = self._peek()
            if character == "'":
                quoted = True
                parts.append(self._quoted())
                continue
            if not character or (not open_parentheses and character in ",)"):
                break
            open_parentheses += (character == "(") - (character == ")")
            parts.append(character)
            self._offset += 1
        if open_parentheses:
            raise JclSyntaxError("IEFC622I", "UNBALANCED PARENTHESIS", self._source.at(start))
        return Word("".join(parts), self._source.at(start), quoted)

    def _quoted(self) -> str:
        """quoted := "'" { character | "''" } "'" """
        start = self._offset
        parts: list[str] = []
        while True:
            end = self._text.find("'", self._offset + 1)
            if end < 0:
                raise JclSyntaxError("DTX404E", "APOSTROPHE WITHOUT ITS PARTNER", self._source.at(start))
            parts.append(self._text[self._offset + 1 : end])
            self._offset = end + 1
            if self._peek() != "'":
                return "'".join(parts)

    def _peek(self) -> str:
        return self._text[self._offset : self._offset + 1]

    def _check_depth(self, depth: int) -> None:
        if depth >= MAXIMUM_NESTING:
            raise self._error("DTX405E", f"PARAMETERS NESTED MORE THAN {MAXIMUM_NESTING} DEEP")

    def _error(self, message_id: str, text: str) -> JclSyntaxError:
        return JclSyntaxError(message_id, text, self._source.at(self._offset))
