"""Data description entries: from tokens to items, clause by clause.

Source: Enterprise COBOL for z/OS Language Reference, "Data division - data description entry".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from ksds.copybook.items import CONDITION, RECORD_LEVELS, RENAMES, USAGES, Item, Occurs, Usage, forest
from ksds.copybook.picture import picture
from ksds.copybook.scanner import Kind, Token
from ksds.errors import CopybookError

MOST_ENTRIES = 20_000

_NAME = re.compile(r"[A-Z0-9_-]{1,60}")
_LEVEL = re.compile(r"\d{1,2}")
_LISTING = {"EJECT", "SKIP1", "SKIP2", "SKIP3"}


def items(tokens: list[Token]) -> list[Item]:
    """The items of the highest levels in the order of the text. Raises CopybookError at what it does not understand."""
    found: list[Item] = []
    reader = _Reader(tokens)
    while reader.at < len(tokens):
        entry = _entry(reader)
        if entry is not None:
            found.append(entry)
        if len(found) > MOST_ENTRIES:
            raise found[-1].error(f"IS ENTRY {MOST_ENTRIES + 1}, A COPYBOOK HAS AT MOST {MOST_ENTRIES}")
    if not found:
        raise CopybookError("NO DATA DESCRIPTION ENTRY", source=tokens[0].source if tokens else "")
    return forest(found)


@dataclass(slots=True)
class _Reader:
    """The tokens of the text and how far they are read."""

    tokens: list[Token]
    at: int = 0

    @property
    def next(self) -> Token:
        if self.at == len(self.tokens):
            raise self.tokens[-1].error("THE LAST ENTRY DOES NOT END WITH A PERIOD")
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def skip(self, *words: str) -> bool:
        """Pass over the next token if it is one of these words."""
        token = self.next
        if token.kind is Kind.WORD and token.text in words:
            self.at += 1
            return True
        return False

    def name(self) -> str:
        token = self.take()
        if token.kind is not Kind.WORD or not _NAME.fullmatch(token.text):
            raise token.error(f"{token.text[:40]} IS NOT A NAME")
        return token.text

    def number(self) -> int:
        token = self.take()
        if not re.fullmatch(r"\d{1,9}", token.text):
            raise token.error(f"{token.text[:40]} IS NOT A NUMBER")
        return int(token.text)

    def finish(self) -> None:
        """Go to the end of an entry that does not matter here."""
        while self.take().kind is not Kind.PERIOD:
            pass


def _entry(reader: _Reader) -> Item | None:
    """The next entry; None for what describes no data (FD, SD, TITLE, EJECT, SKIP)."""
    first = reader.take()
    if first.kind is Kind.PERIOD or first.text in _LISTING:
        return None
    if first.text in ("FD", "SD", "TITLE"):
        reader.finish()
        return None
    if first.kind is not Kind.WORD or not _LEVEL.fullmatch(first.text):
        raise first.error(f"{first.text[:40]} IS NOT A LEVEL NUMBER")
    level = int(first.text)
    if not (1 <= level <= 49 or level in (RENAMES, 77, CONDITION)):
        raise first.error(f"{level} IS NOT A LEVEL NUMBER")
    name = ""
    if reader.next.kind is Kind.WORD and reader.next.text not in CLAUSES:
        name = reader.name()
    item = Item(level, "" if name == "FILLER" else name, first)
    if level == RENAMES:
        return _renaming(reader, item)
    while reader.next.kind is not Kind.PERIOD:
        clause = reader.take()
        read = CLAUSES.get(clause.text) if clause.kind is Kind.WORD else None
        if read is None:
            raise clause.error(f"{clause.text[:40]} IS NOT A CLAUSE OF A DATA DESCRIPTION ENTRY")
        item = read(reader, item, clause)
    reader.take()
    if level == CONDITION and not (item.name and item.values):
        raise item.error("IS A CONDITION WITHOUT NAME OR VALUE")
    return item


def _renaming(reader: _Reader, item: Item) -> Item:
    if not reader.skip("RENAMES"):
        raise item.error("IS OF LEVEL 66 AND DOES NOT RENAME")
    first = last = reader.name()
    while reader.skip("OF", "IN"):
        reader.name()
    if reader.skip("THRU", "THROUGH"):
        last = reader.name()
    reader.finish()
    return replace(item, renames=(first, last))


def _picture(reader: _Reader, item: Item, clause: Token) -> Item:
    reader.skip("IS")
    token = reader.take()
    if token.kind is not Kind.WORD:
        raise token.error(f"{item.name or 'FILLER'} HAS AN EMPTY PICTURE")
    try:
        return replace(item, picture=picture(token.text))
    except ValueError as error:
        raise token.error(f"PICTURE {token.text[:40]} {error}") from None


def _usage(reader: _Reader, item: Item, clause: Token) -> Item:
    if clause.text == "USAGE":
        reader.skip("IS")
        clause = reader.take()
    if clause.text == "OBJECT":
        if reader.skip("REFERENCE") and reader.next.text not in CLAUSES and reader.next.kind is Kind.WORD:
            reader.take()
        return replace(item, usage=Usage.OBJECT)
    if clause.text not in USAGES:
        raise clause.error(f"USAGE {clause.text[:40]} IS NOT KNOWN")
    return replace(item, usage=USAGES[clause.text])


def _occurs(reader: _Reader, item: Item, clause: Token) -> Item:
    if item.level in (*RECORD_LEVELS, CONDITION):
        raise item.error(f"IS OF LEVEL {item.level:02} AND CANNOT OCCUR")
    least = most = reader.number()
    if reader.skip("TO"):
        most = reader.number()
    reader.skip("TIMES")
    depending: tuple[str, ...] = ()
    if reader.skip("DEPENDING"):
        reader.skip("ON")
        depending = (reader.name(),)
        while reader.skip("OF", "IN"):
            depending += (reader.name(),)
        if least == most:
            least = min(1, most)
    elif least != most:
        raise clause.error("OCCURS ... TO WITHOUT DEPENDING ON")
    if most < max(1, least):
        raise clause.error(f"OCCURS {least} TO {most} TIMES")
    while reader.skip("ASCENDING", "DESCENDING", "INDEXED"):
        while reader.skip("KEY", "IS", "BY"):
            pass
        while reader.next.kind is Kind.WORD and reader.next.text not in CLAUSES.keys() | _KEY_WORDS:
            reader.name()
    return replace(item, occurs=Occurs(least, most, depending))


def _redefines(reader: _Reader, item: Item, clause: Token) -> Item:
    return replace(item, redefines=reader.name())


def _sign(reader: _Reader, item: Item, clause: Token) -> Item:
    if clause.text == "SIGN":
        reader.skip("IS")
        clause = reader.take()
    if clause.text not in ("LEADING", "TRAILING"):
        raise clause.error("SIGN IS NEITHER LEADING NOR TRAILING")
    separate = reader.skip("SEPARATE")
    if separate:
        reader.skip("CHARACTER")
    return replace(item, sign_leading=clause.text == "LEADING", sign_separate=separate)


def _synchronized(reader: _Reader, item: Item, clause: Token) -> Item:
    reader.skip("LEFT", "RIGHT")
    return replace(item, synchronized=True)


def _justified(reader: _Reader, item: Item, clause: Token) -> Item:
    reader.skip("RIGHT")
    return replace(item, justified=True)


def _blank(reader: _Reader, item: Item, clause: Token) -> Item:
    reader.skip("WHEN")
    if not reader.skip("ZERO", "ZEROS", "ZEROES"):
        raise reader.next.error("BLANK WHEN WHAT?")
    return replace(item, blank_when_zero=True)


def _value(reader: _Reader, item: Item, clause: Token) -> Item:
    reader.skip("IS", "ARE")
    values: list[tuple[str, str]] = []
    while reader.next.kind is not Kind.PERIOD and (reader.next.kind is Kind.LITERAL or reader.next.text not in CLAUSES):
        first = last = _literal(reader)
        if reader.skip("THRU", "THROUGH"):
            last = _literal(reader)
        values.append((first, last))
    if not values:
        raise clause.error("VALUE OF NOTHING")
    return replace(item, values=tuple(values))


def _literal(reader: _Reader) -> str:
    """A literal as written; ALL "x" as one."""
    token = reader.take()
    if token.text == "ALL" and token.kind is Kind.WORD:
        return f"ALL {reader.take().text}"
    if token.kind not in (Kind.LITERAL, Kind.WORD):
        raise token.error("VALUE IS NOT A LITERAL")
    return token.text


def _without_effect(reader: _Reader, item: Item, clause: Token) -> Item:
    if clause.text == "GROUP-USAGE":
        reader.skip("IS")
        if not reader.skip("NATIONAL"):
            raise clause.error("GROUP-USAGE IS NOT NATIONAL")
        return replace(item, usage=Usage.NATIONAL)
    return item


_Clause = Callable[[_Reader, Item, Token], Item]

CLAUSES: dict[str, _Clause] = {
    **dict.fromkeys(("PIC", "PICTURE"), _picture),
    **dict.fromkeys(("USAGE", "OBJECT", *USAGES), _usage),
    **dict.fromkeys(("SIGN", "LEADING", "TRAILING"), _sign),
    **dict.fromkeys(("SYNC", "SYNCHRONIZED"), _synchronized),
    **dict.fromkeys(("JUST", "JUSTIFIED"), _justified),
    **dict.fromkeys(("VALUE", "VALUES"), _value),
    **dict.fromkeys(("IS", "EXTERNAL", "GLOBAL", "VOLATILE", "GROUP-USAGE"), _without_effect),
    **{"OCCURS": _occurs, "REDEFINES": _redefines, "BLANK": _blank},
}
_KEY_WORDS = {"ASCENDING", "DESCENDING", "INDEXED"}
