"""OUTFIL: one pass over the sorted records into several data sets, with selection, editing and simple reports.

    FNAMES= FILES=           where to; INCLUDE= OMIT= SAVE  STARTREC= ENDREC= SAMPLE=n  SPLIT SPLITBY=n SPLIT1R=n
    BUILD= OUTREC= OVERLAY= IFTHEN= FINDREP=   VTOF, CONVERT: variable to fixed   FTOV: fixed to variable   VLTRIM=byte
    HEADER1= HEADER2= TRAILER1= SECTIONS=(p,m,SKIP=..,HEADER3=,TRAILER3=)  LINES=  REMOVECC NODETAIL
    report items: those of BUILD, /, n/, DATE, TIME, PAGE, COUNT, COUNT=(edit), TOT= MIN= MAX= AVG=(p,m,format,edit)

Source: z/OS DFSORT Application Programming Guide, "OUTFIL control statements".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from dtf.jcl.sorting.formats import edit, mask_length, number_of
from dtf.jcl.sorting.language import Named, Node, SortError, SortStatement, listed, number
from dtf.jcl.sorting.reformatting import Build, Context, Placed, compile_items, compile_reformat
from dtf.jcl.sorting.selection import Test, compile_condition, constant
from ksds.codepage import code_page

_OPERANDS = (
    *("FNAMES", "FILES", "INCLUDE", "OMIT", "SAVE", "STARTREC", "ENDREC", "SAMPLE", "SPLIT", "SPLITBY", "SPLIT1R"),
    *(
        "BUILD",
        "OUTREC",
        "OVERLAY",
        "IFTHEN",
        "FINDREP",
        "PARSE",
        "HEADER1",
        "HEADER2",
        "TRAILER1",
        "SECTIONS",
        "LINES",
    ),
    *("REMOVECC", "NODETAIL", "NULLOFL", "VTOF", "CONVERT", "FTOV", "VLTRIM"),
)
_STATISTICS = frozenset({"TOT", "TOTAL", "MIN", "MAX", "AVG"})
_SLASHES = re.compile(r"(\d*)/")


@dataclass(slots=True)
class Outfil:
    """One OUTFIL statement at work."""

    names: list[str]
    test: Test | None
    save: bool
    build: Callable[[], Build | None]
    """Makes what builds the records of one data set: sequence numbers and groups begin anew for each."""
    start: int = 1
    end: int | None = None
    sample: int = 1
    split: int = 0
    """Records that each data set gets in turn; 0 = all get all."""
    split_once: bool = False
    report: Report | None = None
    to_fixed: bool = False
    to_variable: bool = False
    trim: bytes = b""
    """A byte that variable records lose at their end."""

    def takes(self, record: bytes, place: int, taken: bool) -> bool:
        """Whether the record at `place` (from 1) goes here; `taken` says whether another OUTFIL took it."""
        if self.save and taken:
            return False
        inside = self.start <= place and (self.end is None or place <= self.end)
        return inside and (place - self.start) % self.sample == 0 and (self.test is None or self.test(record))

    def target(self, index: int) -> list[str]:
        """The data sets that the record number `index` (from 0) taken here goes to."""
        if not self.split:
            return self.names
        turn = index // self.split
        return [self.names[min(turn, len(self.names) - 1) if self.split_once else turn % len(self.names)]]


def compile_outfil(statement: SortStatement, context: Context) -> Outfil:
    """An OUTFIL statement ready to run. Raises SortError."""
    statement.only(*_OPERANDS)
    names = [str(name) for name in listed(statement.value("FNAMES"))]
    names += [f"SORTOF{name}" for name in listed(statement.value("FILES"))]
    include, omit = statement.value("INCLUDE"), statement.value("OMIT")
    test = compile_condition(listed(include), sequence=context.sequence) if include is not None else None
    if omit is not None:
        out = compile_condition(listed(omit), sequence=context.sequence)
        test = lambda record: not out(record)  # noqa: E731
    split_by, once = statement.value("SPLITBY"), statement.value("SPLIT1R")
    end = statement.value("ENDREC")
    to_fixed = context.variable and (statement.value("VTOF") or statement.value("CONVERT")) is not None
    if to_fixed and statement.value("BUILD", "OUTREC") is None:
        raise SortError("ICE007A", "SYNTAX ERROR: VTOF AND CONVERT NEED BUILD OR OUTREC")
    own = replace(context, variable=False) if to_fixed else context
    compile_reformat(statement, own)
    return Outfil(
        names or ["SORTOUT"],
        test,
        save=statement.value("SAVE") is not None,
        build=partial(compile_reformat, statement, own),
        start=number(statement.value("STARTREC") or "1"),
        end=number(end) if end is not None else None,
        sample=number(listed(statement.value("SAMPLE") or "1")[0]),
        split=number(split_by or once or "1") if split_by or once else int(statement.value("SPLIT") is not None),
        split_once=once is not None,
        report=_compile_report(statement, context),
        to_fixed=to_fixed,
        to_variable=statement.value("FTOV") is not None,
        trim=_compile_trim(statement),
    )


def _compile_trim(statement: SortStatement) -> bytes:
    value = statement.value("VLTRIM")
    trim = constant(str(value)) if value is not None else b""
    if not isinstance(trim, bytes) or (value is not None and len(trim) != 1):
        raise SortError("ICE007A", "SYNTAX ERROR: VLTRIM IS NOT ONE BYTE")
    return trim


# --- reports ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Totals:
    """What TRAILER items ask of the records since the last break."""

    count: int = 0
    values: dict[tuple[int, int, str], list[int]] = field(default_factory=dict)
    """Field -> [total, lowest, highest]."""

    def add(self, record: bytes, fields: Iterable[tuple[int, int, str]]) -> None:
        self.count += 1
        for place in fields:
            value = number_of(place[2])(record[place[0] : place[0] + place[1]])
            seen = self.values.setdefault(place, [0, value, value])
            seen[0] += value
            seen[1:] = [min(seen[1], value), max(seen[2], value)]


@dataclass(frozen=True, slots=True)
class _Statistic:
    """COUNT, TOT=, MIN=, MAX= or AVG= of a report line; `column` from 0 or None."""

    word: str
    column: int | None
    place: tuple[int, int, str] = (0, 0, "")
    mask: str = ""
    length: int | None = None

    def text(self, totals: Totals) -> str:
        total, lowest, highest = totals.values.get(self.place, [0, 0, 0])
        value = {"COUNT": totals.count, "TOT": total, "TOTAL": total, "MIN": lowest, "MAX": highest}.get(self.word)
        if value is None:
            value = int(total / totals.count) if totals.count else 0
        if self.mask:
            width = self.length or mask_length(self.mask, "ZD" if self.word != "COUNT" else "BI", 15)
            return edit(value, self.mask, length=width)
        width = self.length or (8 if self.word == "COUNT" else 15)
        return str(value).rjust(width)


_Line = list[Placed | _Statistic]


@dataclass(frozen=True, slots=True)
class Section:
    """SECTIONS=: a break whenever the field changes."""

    position: int
    length: int
    header: list[_Line]
    trailer: list[_Line]
    skip_page: bool = False
    skip_lines: int = 0


@dataclass(slots=True)
class Report:
    """Headers and trailers around the records of one OUTFIL."""

    first: list[_Line]
    page: list[_Line]
    last: list[_Line]
    section: Section | None
    lines: int
    detail: bool
    control: bool
    """Records get a carriage control character in front (no REMOVECC)."""
    fields: set[tuple[int, int, str]]

    def printed(self, pairs: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
        """The lines of the report; a pair is (record, the record as BUILD made it)."""
        whole, group = Totals(), Totals()
        at = self.lines
        group_key: bytes | None = None
        previous = b""
        yield from self._block(self.first, b"", whole, new_page=True)
        for record, shown in pairs:
            key = self._key(record)
            if self.section is not None and group_key is not None and key != group_key:
                yield from self._block(self.section.trailer, previous, group)
                yield from [self._text(b"")] * self.section.skip_lines
                at = self.lines if self.section.skip_page else at
                group = Totals()
            if at >= self.lines:
                yield from self._block(self.page, record, whole, new_page=True)
                at = len(self.page)
            if self.section is not None and key != group_key:
                yield from self._block(self.section.header, record, group)
            group_key, previous = key, record
            whole.add(record, self.fields)
            group.add(record, self.fields)
            if self.detail:
                at += 1
                yield self._text(shown)
        if self.section is not None and group_key is not None:
            yield from self._block(self.section.trailer, previous, group)
        yield from self._block(self.last, previous, whole)

    def _key(self, record: bytes) -> bytes:
        if self.section is None:
            return b""
        return record[self.section.position : self.section.position + self.section.length]

    def _block(self, lines: list[_Line], record: bytes, totals: Totals, *, new_page: bool = False) -> Iterator[bytes]:
        blank = code_page().encode(" ")
        for index, line in enumerate(lines):
            output = b""
            for item in line:
                output = output.ljust(item.column or 0, blank)
                if isinstance(item, _Statistic):
                    output += code_page().encode(item.text(totals))
                elif item.piece is not None:
                    output += item.piece(record)
            yield self._text(output, "1" if new_page and index == 0 else " ")

    def _text(self, text: bytes, control: str = " ") -> bytes:
        return (code_page().encode(control) if self.control else b"") + text


def _compile_report(statement: SortStatement, context: Context) -> Report | None:
    if not any(statement.value(name) for name in ("HEADER1", "HEADER2", "TRAILER1", "SECTIONS")):
        return None
    fields: set[tuple[int, int, str]] = set()
    first, page, last = (
        _lines(listed(statement.value(name)), context, fields) for name in ("HEADER1", "HEADER2", "TRAILER1")
    )
    sections = statement.value("SECTIONS")
    return Report(
        first,
        page,
        last,
        section=_section(listed(sections), context, fields) if sections is not None else None,
        lines=number(statement.value("LINES") or "60"),
        detail=statement.value("NODETAIL") is None,
        control=statement.value("REMOVECC") is None,
        fields=fields,
    )


def _section(items: list[Node], context: Context, fields: set[tuple[int, int, str]]) -> Section:
    if len(items) < 2:
        raise SortError("ICE007A", "SYNTAX ERROR: SECTIONS IS NOT (POSITION,LENGTH,...)")
    values = {item.name: item.value for item in items[2:] if isinstance(item, Named)}
    skip = str(values.get("SKIP", ""))
    return Section(
        number(items[0]) - 1,
        number(items[1]),
        _lines(listed(values.get("HEADER3")), context, fields),
        _lines(listed(values.get("TRAILER3")), context, fields),
        skip_page=skip == "P",
        skip_lines=int(skip[:-1] or 0) if skip.endswith("L") and skip[:-1].isdecimal() else 0,
    )


def _lines(items: list[Node], context: Context, fields: set[tuple[int, int, str]]) -> list[_Line]:
    """The items of a header or trailer, cut into lines at each slash."""
    if not items:
        return []
    lines: list[_Line] = [[]]
    plain: list[Node] = []

    def flush() -> None:
        if plain:
            lines[-1].extend(compile_items(plain, context))
            plain.clear()

    for item in items:
        slashes = _SLASHES.fullmatch(item) if isinstance(item, str) else None
        statistic = _statistic(item, fields)
        if slashes is not None:
            flush()
            lines += [[] for _ in range(int(slashes[1] or 1))]
        elif statistic is not None:
            flush()
            lines[-1].append(statistic)
        else:
            plain.append(_stamp(item, context))
    flush()
    return lines


def _stamp(item: Node, context: Context) -> Node:
    """DATE and TIME as constants."""
    if isinstance(item, str):
        column, colon, word = item.rpartition(":")
        text = {"DATE": "%m/%d/%y", "TIME": "%H:%M:%S", "PAGE": ""}.get(word)
        if text is not None:
            return f"{column}{colon}C'{context.now.strftime(text) if text else '     1'}'"
    return item


def _statistic(item: Node, fields: set[tuple[int, int, str]]) -> _Statistic | None:
    name = item.name if isinstance(item, Named) else item if isinstance(item, str) else ""
    column, colon, word = name.rpartition(":")
    place = int(column) - 1 if colon and column.isdecimal() else None
    if word == "COUNT":
        options = listed(item.value) if isinstance(item, Named) else []
        mask, length = _mask(options)
        return _Statistic("COUNT", place, mask=mask, length=length)
    if word not in _STATISTICS or not isinstance(item, Named):
        return None
    values = listed(item.value)
    if len(values) < 3 or not isinstance(values[2], str):
        raise SortError("ICE007A", f"SYNTAX ERROR: {word} IS NOT (POSITION,LENGTH,FORMAT,...)")
    of = (number(values[0]) - 1, number(values[1]), values[2])
    number_of(of[2])
    fields.add(of)
    mask, length = _mask(values[3:])
    return _Statistic(word, place, of, mask, length)


def _mask(options: list[Node]) -> tuple[str, int | None]:
    mask, length = "", None
    for option in options:
        if isinstance(option, Named) and option.name == "EDIT":
            mask = ",".join(str(part) for part in listed(option.value))
        elif isinstance(option, Named) and option.name == "LENGTH":
            length = number(option.value)
        elif isinstance(option, str):
            mask = option
    return mask, length
