"""Cards: a deck of JCL as 80-column records, and text that remembers which column it came from.

A deck is what a person submits: a host text file (ASCII or UTF-8, LF or CRLF) or a file of EBCDIC
records. `read_cards` makes Cards of it. Columns count from 1, as in the books: 1-2 identify the
statement, 3-71 hold it, 72 continues a comment, 73-80 hold sequence numbers.
Source: z/OS MVS JCL Reference, "JCL statement fields" and "Continuing JCL statements".
"""

from __future__ import annotations

import bisect
import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

CARD_COLUMNS = 80
LAST_STATEMENT_COLUMN = 71
_EBCDIC_SLASHES = b"\x61\x61"
_NUMBERED_LINE = re.compile(r"\s*(\d{1,8} ?)//")
_EBCDIC_LINE_ENDS = (b"\x15", b"\x25")
_NAME_START = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ@#$")
_NAME_REST = _NAME_START | frozenset("0123456789")


class Position(NamedTuple):
    """Where a character stands: line of the deck and column of the card, both from 1."""

    line: int
    column: int


class CardKind(enum.Enum):
    """What a card is, by its first columns."""

    STATEMENT = "//"
    COMMENT = "//*"
    NULL = "// and nothing else"
    DELIMITER = "/*"
    JES_CONTROL = "/*name"
    OTHER = "not job control"


@dataclass(frozen=True, slots=True)
class Card:
    """One record. `text` is at most 80 columns, without trailing blanks."""

    line: int
    text: str
    cut: bool = False
    """The line was longer than 80 columns; the rest is lost, as in a card reader."""
    tabs: bool = False
    """The line held tabs."""
    carriage_return: bool = False
    """The line ended in CR LF."""
    stripped: bool = False
    """A line number in front of the // was taken off."""

    @property
    def kind(self) -> CardKind:
        text = self.text
        if text.startswith("//*"):
            return CardKind.COMMENT
        if text.startswith("//"):
            return CardKind.STATEMENT if text[2:LAST_STATEMENT_COLUMN].strip() else CardKind.NULL
        if text.startswith("/*"):
            return CardKind.JES_CONTROL if text[2:3].strip() else CardKind.DELIMITER
        return CardKind.OTHER

    @property
    def body(self) -> str:
        """Columns 1-71."""
        return self.text[:LAST_STATEMENT_COLUMN]

    @property
    def continues_comment(self) -> bool:
        """Column 72 is not blank."""
        return bool(self.text[LAST_STATEMENT_COLUMN : LAST_STATEMENT_COLUMN + 1].strip())


@dataclass(frozen=True, slots=True)
class Field:
    """Text gathered from one or more cards. `pieces` are (offset, position), ascending."""

    text: str = ""
    pieces: tuple[tuple[int, Position], ...] = ((0, Position(0, 0)),)

    def at(self, offset: int) -> Position:
        """The deck position of the character at `offset`."""
        index = bisect.bisect_left(self.pieces, (offset + 1,)) - 1
        start, position = self.pieces[max(index, 0)]
        return Position(position.line, position.column + offset - start)


@dataclass(slots=True)
class FieldBuilder:
    """Collects pieces of text, each with the position of its first character."""

    _texts: list[str] = field(default_factory=list)
    _pieces: list[tuple[int, Position]] = field(default_factory=list)
    _length: int = 0

    def add(self, text: str, position: Position) -> None:
        if text:
            self._pieces.append((self._length, position))
            self._texts.append(text)
            self._length += len(text)

    def build(self, start: Position) -> Field:
        """`start` is the position of the field when it is empty."""
        return Field("".join(self._texts), tuple(self._pieces) or ((0, start),))


def is_name(text: str) -> bool:
    """1-8 characters A-Z 0-9 @ # $, the first not a digit."""
    return 1 <= len(text) <= 8 and text[0] in _NAME_START and _NAME_REST.issuperset(text)


def read_cards(deck: bytes | str) -> list[Card]:
    """Cut a deck into cards. Tabs go to the next multiple of 8, other control characters become blanks.

    If the first line has a line number in front of its //, as notes pasted from an editor have, a number of that
    width is taken off every line.
    """
    text = _decode(deck) if isinstance(deck, bytes) else deck
    numbered = _NUMBERED_LINE.match(text)
    return list(_cards(text.split("\n"), len(numbered[1]) if numbered else 0))


def _cards(lines: Iterable[str], number_width: int) -> Iterator[Card]:
    pending: list[Card] = []
    for number, line in enumerate(lines, start=1):
        stripped = bool(number_width) and line[:number_width].strip().isdecimal()
        image = _printable((line[number_width:] if stripped else line).removesuffix("\r"))
        card = Card(
            number,
            image[:CARD_COLUMNS].rstrip(),
            cut=bool(image[CARD_COLUMNS:].strip()),
            tabs="\t" in line,
            carriage_return=line.endswith("\r"),
            stripped=stripped,
        )
        pending.append(card)
        if card.text:
            yield from pending
            pending.clear()


def _printable(line: str) -> str:
    line = line[: CARD_COLUMNS * 2].expandtabs(8)
    if line.isprintable():
        return line
    return "".join(character if character.isprintable() else " " for character in line)


def _decode(deck: bytes) -> str:
    if deck.lstrip(b"\x40").startswith(_EBCDIC_SLASHES):
        for line_end in _EBCDIC_LINE_ENDS:
            if line_end in deck:
                return "\n".join(line.decode("cp037") for line in deck.split(line_end))
        records = (deck[start : start + CARD_COLUMNS] for start in range(0, len(deck), CARD_COLUMNS))
        return "\n".join(record.decode("cp037") for record in records)
    try:
        return deck.decode("utf-8-sig")
    except UnicodeDecodeError:
        return deck.decode("latin-1")
