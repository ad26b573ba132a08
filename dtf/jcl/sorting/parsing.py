"""PARSE= of INREC, OUTREC and OUTFIL: pieces of free text, such as comma separated values, as fields of fixed length.

    PARSE=(%01=(ENDBEFR=C',',FIXLEN=8),%=(ENDBEFR=C','),%03=(STARTAFT=C'"',ENDBEFR=C'"',FIXLEN=5)),BUILD=(%03,X,%01)
    PARSE=(%01=(ENDBEFR=C';',FIXLEN=4,REPEAT=3))     three fields cut alike: %01, %02, %03

Fields are cut one behind the other; % alone is passed over. %1, %01 and %001 are one field. A field that does not begin
is blank, one that does not end goes to the end of the record. The fields stand in front of the record while its items
are built: `width` bytes.
Source: z/OS DFSORT Application Programming Guide, "INREC control statement", PARSE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dtf.jcl.sorting.language import Named, Node, SortError, listed, size
from dtf.jcl.sorting.selection import constant
from ksds.codepage import code_page

MAXIMUM_FIELDS = 1000
_FIELD = re.compile(r"%(\d{0,3})")
_OPTIONS = frozenset(
    {"ABSPOS", "ADDPOS", "SUBPOS", "STARTAFT", "STARTAT", "ENDBEFR", "ENDAT", "FIXLEN", "PAIR", "REPEAT"}
)
_PAIRS = {"APOST": "'", "QUOTE": '"'}


@dataclass(frozen=True, slots=True)
class _Cut:
    """How one field is cut."""

    length: int
    """0 = passed over."""
    absolute: int = 0
    offset: int = 0
    start: tuple[bytes, ...] = ()
    start_included: bool = False
    end: tuple[bytes, ...] = ()
    end_included: bool = False
    pair: bytes = b""


@dataclass(frozen=True, slots=True)
class Parse:
    """All fields of a PARSE, each with its place in front of the record."""

    cuts: tuple[_Cut, ...] = ()
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    """%nn -> (offset, length)."""
    width: int = 0
    first: int = 0
    """Where data begins: behind the descriptor of a variable record."""

    def extended(self, record: bytes) -> bytes:
        """The fields, then the record."""
        if not self.cuts:
            return record
        output, at = b"", self.first
        blank = code_page().encode(" ")
        for cut in self.cuts:
            at = max(cut.absolute - 1 if cut.absolute else at + cut.offset, self.first)
            data, at = _cut_out(record, at, cut)
            if cut.length:
                output += data[: cut.length].ljust(cut.length, blank)
        return output + record


def compile_parse(items: Sequence[Node], *, variable: bool) -> Parse:
    """PARSE=(%nn=(...),...). Raises SortError."""
    cuts: list[_Cut] = []
    places: dict[str, tuple[int, int]] = {}
    width = 0
    for item in items:
        name = _FIELD.fullmatch(item.name) if isinstance(item, Named) else None
        if not isinstance(item, Named) or name is None:
            raise SortError("ICE007A", "SYNTAX ERROR: PARSE IS NOT (%NN=(...),...)")
        cut, times = _compile_cut(listed(item.value), is_field=bool(name[1]))
        for index in range(times):
            if cut.length:
                spellings = _spellings(int(name[1]) + index)
                if spellings[0] in places:
                    raise SortError("ICE007A", f"SYNTAX ERROR: {spellings[0]} IS PARSED TWICE")
                places |= dict.fromkeys(spellings, (width, cut.length))
                width += cut.length
            cuts.append(cut)
    return Parse(tuple(cuts), places, width, 4 if variable else 0)


def _spellings(field: int) -> tuple[str, ...]:
    return f"%{field}", f"%{field:02d}", f"%{field:03d}"


def _compile_cut(items: list[Node], *, is_field: bool) -> tuple[_Cut, int]:
    """How a field is cut, and how many of them."""
    options: dict[str, list[Node]] = {}
    for item in items:
        if not isinstance(item, Named) or item.name not in _OPTIONS:
            raise SortError("ICE007A", "SYNTAX ERROR: A FIELD OF PARSE IS NOT (ENDBEFR=...,FIXLEN=...)")
        options.setdefault(item.name, []).append(item.value)
    if is_field and "FIXLEN" not in options:
        raise SortError("ICE007A", "SYNTAX ERROR: A FIELD OF PARSE NEEDS FIXLEN=")
    pair = str(options.get("PAIR", [""])[0])
    if pair and pair not in _PAIRS:
        raise SortError("ICE007A", "SYNTAX ERROR: PAIR IS NOT APOST OR QUOTE")

    def of(word: str) -> int:
        return size(options[word][0]) if word in options else 0

    times = of("REPEAT") if "REPEAT" in options else 1
    if not 0 < times <= MAXIMUM_FIELDS:
        raise SortError("ICE007A", f"SYNTAX ERROR: REPEAT={times}")
    cut = _Cut(
        of("FIXLEN") if is_field else 0,
        of("ABSPOS"),
        of("ADDPOS") - of("SUBPOS"),
        _texts(options.get("STARTAFT", []) + options.get("STARTAT", [])),
        "STARTAT" in options,
        _texts(options.get("ENDBEFR", []) + options.get("ENDAT", [])),
        "ENDAT" in options,
        code_page().encode(_PAIRS[pair]) if pair else b"",
    )
    return cut, times


def _texts(values: list[Node]) -> tuple[bytes, ...]:
    texts = [code_page().encode(" ") if value == "BLANKS" else constant(str(value)) for value in values]
    if not all(isinstance(text, bytes) and text for text in texts):
        raise SortError("ICE007A", "SYNTAX ERROR: PARSE LOOKS FOR TEXTS")
    return tuple(text for text in texts if isinstance(text, bytes))


def _cut_out(record: bytes, at: int, cut: _Cut) -> tuple[bytes, int]:
    """The data of a field and where the next one is looked for."""
    if cut.start:
        found, text = _first(record, at, cut.start, b"")
        if not text:
            return b"", len(record)
        at = found if cut.start_included else found + len(text)
    if not cut.end:
        end = at + cut.length if cut.length else at
        return record[at:end], end
    skip = len(cut.start[0]) if cut.start_included and cut.start else 0
    found, text = _first(record, at + skip, cut.end, cut.pair)
    if not text:
        return record[at:], len(record)
    behind = found + len(text)
    while text == code_page().encode(" ") and record[behind : behind + 1] == text:
        behind += 1
    return record[at : behind if cut.end_included else found], behind


def _first(record: bytes, at: int, texts: tuple[bytes, ...], pair: bytes) -> tuple[int, bytes]:
    """Where the first of the texts stands, and which it is; an empty one if none does. Not between `pair`s."""
    if not pair:
        found = [(place, text) for text in texts if (place := record.find(text, at)) >= 0]
        return min(found, default=(len(record), b""), key=lambda one: one[0])
    inside = False
    for place in range(at, len(record)):
        if record.startswith(pair, place):
            inside = not inside
        elif not inside:
            for text in texts:
                if record.startswith(text, place):
                    return place, text
    return len(record), b""
