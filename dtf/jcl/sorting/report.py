"""Reports of OUTFIL: headers, trailers and sections around the records.

    HEADER1=(item,...)  on a page in front of all   HEADER2, TRAILER2 of each page   TRAILER1 behind the last record
    SECTIONS=(p,m[,SKIP=P|nL][,HEADER3=(...)][,PAGEHEAD][,TRAILER3=(...)],p,m,...)   a break where a field changes
    LINES=n   LINES=ANSI   LINES=(ANSI,n)   NODETAIL   REMOVECC   BLKCCH1, BLKCCH2: no new page for HEADER1, HEADER2
    item := those of BUILD, / and n/ (new lines), DATE, TIME, PAGE, PAGE=(mask), and in trailers
            COUNT COUNT15 COUNT+n COUNT=(mask)   TOTAL= MIN= MAX= AVG=(p,m,format[,mask|,TO=...]) of the section or page
            SUBCOUNT SUBTOTAL= SUBMIN= SUBMAX= SUBAVG=      the same of all records so far

A section that ends ends those behind it in SECTIONS too. Column 1 is a carriage control character unless REMOVECC.
Source: z/OS DFSORT Application Programming Guide, "OUTFIL control statements", reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from dtf.jcl.sorting.context import Context
from dtf.jcl.sorting.formats import digits_of, number_of
from dtf.jcl.sorting.items import Placed, compile_items, number_writer
from dtf.jcl.sorting.language import Cursor, Named, Node, SortError, SortStatement, listed, number, size
from ksds.codepage import code_page

_SLASHES = re.compile(r"(\d*)/")
_COUNT = re.compile(r"(?:(\d+):)?(SUBCOUNT|COUNT)(15)?(?:([+-]\d+))?")
_STATISTIC = re.compile(r"(?:(\d+):)?(SUB)?(TOTAL|TOT|MIN|MAX|AVG)")
_SUBTOTAL = re.compile(r"(\d+:)?SUB$")
_COUNT_DIGITS = 8
_LONG = 15
Field = tuple[int, int, str]
"""Position (from 0), length, format."""


@dataclass(slots=True)
class Totals:
    """What trailers ask of the records since the last break."""

    count: int = 0
    values: dict[Field, list[int]] = field(default_factory=dict)
    """Field -> [total, lowest, highest]."""

    def add(self, values: dict[Field, int]) -> None:
        self.count += 1
        for place, value in values.items():
            seen = self.values.setdefault(place, [0, value, value])
            seen[:] = seen[0] + value, min(seen[1], value), max(seen[2], value)

    def of(self, word: str, place: Field) -> int:
        """COUNT, TOT, MIN, MAX or AVG (without its fraction)."""
        total, lowest, highest = self.values.get(place, [0, 0, 0])
        if word == "AVG":
            return int(total / self.count) if self.count else 0
        return {"COUNT": self.count, "TOT": total, "MIN": lowest, "MAX": highest}[word]


@dataclass(slots=True)
class _State:
    """Where the report is: the totals of what ends, those of all, the page."""

    totals: Totals
    whole: Totals
    page: int


@dataclass(frozen=True, slots=True)
class _Computed:
    """An item that the report knows, not a record; `column` from 0 or None."""

    column: int | None
    text: Callable[[_State], bytes]


_Line = list[Placed | _Computed]


@dataclass(slots=True)
class _Section:
    """A field whose change ends a section, and what is printed then."""

    position: int
    length: int
    header: list[_Line] = field(default_factory=list)
    trailer: list[_Line] = field(default_factory=list)
    new_page: bool = False
    blank_lines: int = 0
    page_head: bool = False

    def key(self, record: bytes) -> bytes:
        return record[self.position : self.position + self.length]


@dataclass(slots=True)
class Report:
    """Headers and trailers around the records of one OUTFIL."""

    first: list[_Line]
    page: list[_Line]
    foot: list[_Line]
    last: list[_Line]
    sections: list[_Section]
    lines: int
    detail: bool
    control: bool
    """Records get a carriage control character in front (no REMOVECC)."""
    fields: set[Field]
    same_page: frozenset[str] = frozenset()
    """Headers that do not begin a page: HEADER1, HEADER2."""

    def printed(self, pairs: Iterable[tuple[bytes, list[bytes]]]) -> Iterator[bytes]:
        """The lines of the report; a pair is (record, what BUILD made of it)."""
        return _Printing(self).lines(pairs)


class _Printing:
    """One report as it is printed."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._whole, self._on_page = Totals(), Totals()
        self._sums = [Totals() for _ in report.sections]
        self._page, self._used = 0, report.lines
        self._keys: list[bytes] | None = None
        self._previous = b""
        self._eject = True
        """The next line begins a page."""

    def lines(self, pairs: Iterable[tuple[bytes, list[bytes]]]) -> Iterator[bytes]:
        report = self._report
        if report.first:
            self._page += 1
            self._eject = "HEADER1" not in report.same_page
            yield from self._block(report.first, b"", self._whole)
            self._eject = True
        for record, shown in pairs:
            keys = [section.key(record) for section in report.sections]
            changed = self._first_change(keys)
            yield from self._ended(changed)
            yield from self._paged(record, begins=changed)
            for section in report.sections[changed:]:
                yield from self._block(section.header, record, Totals())
            self._keys, self._previous = keys, record
            self._count(record)
            for line in shown if report.detail else ():
                yield self._text(line)
        yield from self._ended(0, goes_on=False)
        yield from self._block(report.last, self._previous, self._whole)
        yield from self._block(report.foot, self._previous, self._on_page)

    def _first_change(self, keys: list[bytes]) -> int:
        """The outermost section that begins with a record with these keys."""
        if self._keys is None:
            return 0
        return next(
            (index for index, (old, new) in enumerate(zip(self._keys, keys, strict=True)) if old != new), len(keys)
        )

    def _ended(self, changed: int, *, goes_on: bool = True) -> Iterator[bytes]:
        """The trailers of the sections that are over, the innermost first; `goes_on` if another section follows."""
        if self._keys is None:
            return
        for index in range(len(self._sums) - 1, changed - 1, -1):
            section = self._report.sections[index]
            yield from self._block(section.trailer, self._previous, self._sums[index])
            self._sums[index] = Totals()
            for _ in range(section.blank_lines if goes_on else 0):
                yield self._text(b"")
            if section.new_page:
                self._used = self._report.lines

    def _paged(self, record: bytes, *, begins: int) -> Iterator[bytes]:
        """The end of a page that is full, and the head of the next."""
        report = self._report
        if self._used < report.lines - len(report.foot):
            return
        if self._keys is not None:
            yield from self._block(report.foot, self._previous, self._on_page)
        self._on_page = Totals()
        self._page += 1
        self._used, self._eject = 0, "HEADER2" not in report.same_page
        yield from self._block(report.page, record, self._whole)
        for section in report.sections[:begins]:
            if section.page_head:
                yield from self._block(section.header, record, Totals())

    def _count(self, record: bytes) -> None:
        values = {place: number_of(place[2])(record[place[0] : place[0] + place[1]]) for place in self._report.fields}
        for totals in (self._whole, self._on_page, *self._sums):
            totals.add(values)

    def _block(self, lines: list[_Line], record: bytes, totals: Totals) -> Iterator[bytes]:
        blank, state = code_page().encode(" "), _State(totals, self._whole, self._page)
        for line in lines:
            output = b""
            for item in line:
                output = output.ljust(item.column or 0, blank)
                if isinstance(item, _Computed):
                    output += item.text(state)
                elif item.piece is not None:
                    output += item.piece(record)
            yield self._text(output)

    def _text(self, text: bytes) -> bytes:
        control, self._eject = "1" if self._eject else " ", False
        self._used += 1
        return (code_page().encode(control) if self._report.control else b"") + text


def compile_report(statement: SortStatement, context: Context) -> Report | None:
    """The report that an OUTFIL statement asks for, or None. Raises SortError."""
    words = ("HEADER1", "HEADER2", "TRAILER2", "TRAILER1")
    sections, lines = statement.value("SECTIONS"), statement.value("LINES")
    if sections is None and lines is None and not any(statement.value(word) for word in words):
        return None
    fields: set[Field] = set()
    first, page, foot, last = (_lines(listed(statement.value(word)), context, fields) for word in words)
    parts = _sections(listed(sections), context, fields)
    for place in fields:
        context.reach.field(place[0], place[1])
    for section in parts:
        context.reach.field(section.position, section.length)
    sizes = [word for word in listed(lines) if word != "ANSI"]
    return Report(
        *(first, page, foot, last),
        sections=parts,
        lines=number(sizes[0]) if sizes else 60,
        detail=statement.value("NODETAIL") is None,
        control=statement.value("REMOVECC") is None,
        fields=fields,
        same_page=frozenset(
            header for header, word in (("HEADER1", "BLKCCH1"), ("HEADER2", "BLKCCH2")) if statement.value(word)
        ),
    )


def _sections(items: list[Node], context: Context, fields: set[Field]) -> list[_Section]:
    cursor, sections = Cursor(items), []
    while cursor.more():
        if not isinstance(cursor.peek(), str) or not str(cursor.peek()).isdecimal():
            raise SortError("ICE007A", "SYNTAX ERROR: SECTIONS IS NOT (POSITION,LENGTH,...)")
        section = _Section(number(cursor.take()) - 1, number(cursor.take(), "A LENGTH"))
        while isinstance(cursor.peek(), Named) or cursor.peek() == "PAGEHEAD":
            _section_option(section, cursor.take(), context, fields)
        sections.append(section)
    return sections


def _section_option(section: _Section, option: Node, context: Context, fields: set[Field]) -> None:
    if not isinstance(option, Named):
        section.page_head = True
    elif option.name == "HEADER3":
        section.header = _lines(listed(option.value), context, fields)
    elif option.name == "TRAILER3":
        section.trailer = _lines(listed(option.value), context, fields)
    elif option.name == "SKIP" and option.value == "P":
        section.new_page = True
    elif option.name == "SKIP" and str(option.value).endswith("L"):
        section.blank_lines = size(str(option.value)[:-1] or "1")
    else:
        raise SortError("ICE007A", f"SYNTAX ERROR: {option.name[:10]} OF SECTIONS")


def in_lines(items: list[Node]) -> list[list[Node]]:
    """Items cut at each slash: / begins a new line, n/ as many."""
    lines: list[list[Node]] = [[]]
    for item in items:
        found = _SLASHES.fullmatch(item) if isinstance(item, str) else None
        if found is None:
            lines[-1].append(item)
        else:
            lines += [[] for _ in range(size(found[1] or "1", "A NUMBER"))]
    return lines


def _lines(items: list[Node], context: Context, fields: set[Field]) -> list[_Line]:
    """The lines of a header or trailer."""
    return [_line(line, context, fields) for line in in_lines(items)] if items else []


def _line(items: list[Node], context: Context, fields: set[Field]) -> _Line:
    line: _Line = []
    plain: list[Node] = []
    for item in items:
        computed = _page(item) or _count(item) or _statistic(item, fields)
        if computed is None:
            plain.append(_stamp(item, context))
            continue
        line += [*compile_items(plain, context), computed]
        plain.clear()
    return [*line, *compile_items(plain, context)]


def _stamp(item: Node, context: Context) -> Node:
    """DATE (mm/dd/yy) and TIME as constants."""
    if isinstance(item, str):
        column, colon, word = item.rpartition(":")
        pattern = {"DATE": "%m/%d/%y", "&DATE": "%m/%d/%y", "TIME": "%H:%M:%S", "&TIME": "%H:%M:%S"}.get(word)
        if pattern is not None:
            return f"{column}{colon}C'{context.now.strftime(pattern)}'"
    return item


def _edited(value: Callable[[_State], int], options: list[Node], digits: int) -> Callable[[_State], bytes]:
    """A number of the report as its mask or TO= shows it."""
    chosen: dict[str, Node] = {}
    for option in options:
        if isinstance(option, Named) and option.name in ("EDIT", "SIGNS", "LENGTH", "TO"):
            chosen[option.name] = option.value
        elif isinstance(option, str):
            chosen["EDIT"] = option
    write, _ = number_writer(digits, chosen)
    return lambda state: write(value(state))


def _page(item: Node) -> _Computed | None:
    name = item.name if isinstance(item, Named) else item if isinstance(item, str) else ""
    column, _, word = name.rpartition(":")
    if word not in ("PAGE", "&PAGE"):
        return None
    options: list[Node] = listed(item.value) if isinstance(item, Named) else [Named("EDIT", "I" * 5 + "T")]
    return _Computed(int(column) - 1 if column else None, _edited(lambda state: state.page, options, _LONG))


def _count(item: Node) -> _Computed | None:
    name = item.name if isinstance(item, Named) else item if isinstance(item, str) else ""
    found = _COUNT.fullmatch(name)
    if found is None:
        return None
    running, more, width = found[2] == "SUBCOUNT", int(found[4] or 0), size(found[3] or str(_COUNT_DIGITS))
    options: list[Node] = listed(item.value) if isinstance(item, Named) else [Named("EDIT", "I" * (width - 1) + "T")]
    return _Computed(
        int(found[1]) - 1 if found[1] else None,
        _edited(lambda state: (state.whole if running else state.totals).count + more, options, _LONG),
    )


def _statistic(item: Node, fields: set[Field]) -> _Computed | None:
    if not isinstance(item, Named):
        return None
    found = _STATISTIC.fullmatch(_SUBTOTAL.sub(r"\1SUBTOT", item.name))
    if found is None:
        return None
    values = listed(item.value)
    if len(values) < 3 or not isinstance(values[2], str):
        raise SortError("ICE007A", f"SYNTAX ERROR: {found[3]} IS NOT (POSITION,LENGTH,FORMAT,...)")
    place: Field = (number(values[0]) - 1, number(values[1]), values[2])
    number_of(place[2])
    fields.add(place)
    word, running = found[3][:3], bool(found[2])
    digits = 31 if digits_of(place[2], place[1]) > _LONG else _LONG
    return _Computed(
        int(found[1]) - 1 if found[1] else None,
        _edited(lambda state: (state.whole if running else state.totals).of(word, place), values[3:], digits),
    )
