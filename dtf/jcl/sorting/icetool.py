"""ICETOOL: several small jobs over the sort, from TOOLIN; messages to TOOLMSG, those of each sort to DFSMSG.

    COPY   FROM(dd,...) TO(dd,...) [USING(xxxx)]       control statements of USING come from DD xxxxCNTL
    SORT   FROM(dd) TO(dd) USING(xxxx)                  MERGE the same
    SELECT FROM(dd) TO(dd) ON(p,m,f) ... FIRST | LAST | FIRSTDUP | LASTDUP | ALLDUPS | NODUPS | HIGHER(n) | LOWER(n)
           | EQUAL(n) [DISCARD(dd)]
    SPLICE FROM(dd) TO(dd) ON(p,m,f) ... WITH(p,m) ... [WITHALL | WITHEACH] [KEEPNODUPS] [KEEPBASE]
    COUNT  FROM(dd) [EMPTY | NOTEMPTY | HIGHER(n) | LOWER(n) | EQUAL(n)]     code 12 if so
    STATS  FROM(dd) ON(p,m,f) ...        UNIQUE FROM(dd) ON(p,m,f)
    RANGE  FROM(dd) ON(p,m,f) HIGHER(n) | LOWER(n) | EQUAL(n) | NOTEQUAL(n)       how many values are there
    MODE   STOP | CONTINUE               whether operators go on behind one that ended with 12 or 16
    OCCUR  FROM(dd) LIST(dd) ON(p,m,f) ON(VALCNT)
    DISPLAY FROM(dd) LIST(dd) ON(p,m,f) ... [HEADER('text')] [TITLE('text')]

An operand that an operator does not know is ICE614A. The step ends with the highest code of an operator: 0, 12 or 16.
Source: z/OS DFSORT Application Programming Guide, "Using ICETOOL".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dtf.jcl.programs import StepContext, open_abend
from dtf.jcl.sorting.dfsort import Listing, run_sort, write_records
from dtf.jcl.sorting.formats import CHARACTER, NUMERIC, number_of
from dtf.jcl.sorting.language import SortError, parse_symbols
from dtf.jcl.sorting.records import with_descriptor
from ksds.codepage import code_page
from ksds.errors import KsdsError

CONDITION_MET = 12
_OPERAND = re.compile(r"([A-Z]+)(?:\(((?:[^()']|'(?:[^']|'')*')*)\))?")
_SYMBOL = re.compile(r"'(?:[^']|'')*'|[A-Z@#$_][A-Z0-9@#$_-]*")
Field = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class _Operator:
    """One statement of TOOLIN: its name, operands in order."""

    name: str
    operands: tuple[tuple[str, str], ...]

    def all(self, word: str) -> list[str]:
        return [value for name, value in self.operands if name == word]

    def one(self, word: str) -> str:
        values = self.all(word)
        if not values:
            raise SortError("ICE613A", f"REQUIRED KEYWORD {word} OF {self.name} IS MISSING")
        return values[0]

    def has(self, word: str) -> bool:
        return any(name == word for name, _ in self.operands)

    def fields(self) -> list[Field]:
        """The fields of ON(p,m,f). Raises SortError."""
        fields = []
        for text in self.all("ON"):
            parts = text.split(",")
            if text in ("VALCNT", "VLEN"):
                continue
            if (
                len(parts) != 3
                or not all(part.isdecimal() for part in parts[:2])
                or parts[2] not in NUMERIC | CHARACTER
            ):
                raise SortError("ICE614A", f"INVALID OPERAND IN ON({text[:20]})")
            fields.append((int(parts[0]) - 1, int(parts[1]), parts[2]))
        if not fields:
            raise SortError("ICE613A", f"REQUIRED KEYWORD ON OF {self.name} IS MISSING")
        return fields


def icetool(step: StepContext) -> int:
    """ICETOOL as a step program."""
    lines = ["1ICE600I 0 DFSORT ICETOOL UTILITY RUN STARTED"]
    sorts: list[str] = []
    code, goes_on = 0, False
    try:
        symbols = parse_symbols(step.control_statements("SYMNAMES"))
        for operator in _operators(step.control_statements("TOOLIN"), symbols):
            shown = " ".join(f"{name}({value})" if value else name for name, value in operator.operands)
            lines.append(f" ICE630I 0 MODE IN EFFECT:  STOP\n          {operator.name} {shown}")
            if operator.name == "MODE":
                goes_on = operator.has("CONTINUE")
                continue
            ended = _carry_out(step, operator, lines, sorts, goes_on=goes_on)
            lines.append(f" ICE602I 0 OPERATION RETURN CODE:  {ended:02d}")
            code = max(code, ended)
            if ended >= CONDITION_MET and not goes_on:
                break
    except SortError as error:
        lines.append(f" {error.message_id} 0 {error.text}")
        code = 16
    except KsdsError as error:
        if abend := open_abend(error):
            raise abend from error
        lines.append(f" ICE046A 0 {error}")
        code = 16
    lines.append(f" ICE601I 0 DFSORT ICETOOL UTILITY RUN ENDED - RETURN CODE:  {code:02d}")
    step.print("TOOLMSG", [part for line in lines for part in line.split("\n")])
    step.print("DFSMSG", sorts)
    return code


def _carry_out(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str], *, goes_on: bool) -> int:
    """The code of an operator; with `goes_on` an error is said and is code 16."""
    try:
        return _OPERATORS[operator.name](step, operator, lines, sorts)
    except SortError as error:
        if not goes_on:
            raise
        lines.append(f" {error.message_id} 0 {error.text}")
        return 16


def _operators(records: Iterable[str], symbols: dict[str, str]) -> Iterator[_Operator]:
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


def _operator(text: str, symbols: dict[str, str]) -> _Operator:
    name, _, rest = text.partition(" ")
    if name.upper() not in _ALLOWED:
        raise SortError("ICE611A", f"OPERATOR {name[:12]} IS NOT SUPPORTED")
    if symbols:
        rest = _SYMBOL.sub(lambda found: symbols.get(found[0], found[0]), rest)
    found = tuple((part[1], part[2] or "") for part in _OPERAND.finditer(rest))
    left = _OPERAND.sub("", rest).replace(",", " ").split()
    unknown = [*left, *(word for word, _ in found if word not in _ALLOWED[name.upper()])]
    if unknown:
        raise SortError("ICE614A", f"INVALID OPERAND {unknown[0][:20]} OF {name.upper()}")
    return _Operator(name.upper(), found)


def _order(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    """COPY, SORT, MERGE."""
    using = operator.all("USING")
    control = step.control_statements(f"{using[0]}CNTL") if using else []
    inputs = operator.one("FROM").split(",")
    targets = [name for text in operator.all("TO") for name in text.split(",")]
    code = 0
    for target in targets or ["SORTOUT"]:
        listing = Listing(step)
        kind = "COPY" if operator.name == "COPY" else ""
        code = max(code, run_sort(step, control, listing, inputs=inputs, output=target, kind=kind))
        sorts += listing.lines
        call = sum("ICE143I" in line for line in sorts)
        where = f"{operator.name} FROM {inputs[0]} TO {target}"
        lines.append(f" ICE606I 0 DFSORT CALL {call:04d} FOR {where} COMPLETED")
    return code


def _records(step: StepContext, operator: _Operator) -> list[bytes]:
    """What FROM names, variable records with their descriptor."""
    records: list[bytes] = []
    for name in operator.one("FROM").split(","):
        if name not in step.dds:
            raise SortError("ICE056A", f"{name} NOT DEFINED")
        variable = step.attributes(step.dds[name]).kind == "V"
        for record in step.system.records(step.dds[name]):
            records.append(with_descriptor(b"\0\0\0\0" + record) if variable else record)
    return records


def _value(record: bytes, field: Field) -> bytes | int:
    data = record[field[0] : field[0] + field[1]]
    return data if field[2] in CHARACTER else number_of(field[2])(data)


def _groups(step: StepContext, operator: _Operator) -> list[list[bytes]]:
    """The records with equal ON fields together, in the order of these."""
    fields = operator.fields()
    groups: dict[tuple[bytes | int, ...], list[bytes]] = {}
    for record in _records(step, operator):
        groups.setdefault(tuple(_value(record, field) for field in fields), []).append(record)
    return [groups[key] for key in sorted(groups, key=_sortable)]


def _splice(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    """The first record of each group with fields of the others put over it."""
    places = []
    for text in operator.all("WITH"):
        position, _, length = text.partition(",")
        if not position.isdecimal() or not length.isdecimal():
            raise SortError("ICE614A", f"INVALID OPERAND IN WITH({text[:20]})")
        places.append((int(position) - 1, int(length)))
    if not places:
        raise SortError("ICE613A", "REQUIRED KEYWORD WITH OF SPLICE IS MISSING")
    groups = _groups(step, operator)
    made = [record for group in groups for record in _spliced(operator, group, places)]
    write_records(step, operator.one("TO"), iter(made), step.attributes(step.dds[operator.one("FROM").split(",")[0]]))
    lines.append(f" ICE628I 0 RECORD COUNT:  {sum(map(len, groups)):015d}")
    lines.append(f" ICE638I 0 NUMBER OF RECORDS RESULTING FROM CRITERIA:  {len(made):015d}")
    return 0


def _spliced(operator: _Operator, group: list[bytes], places: list[tuple[int, int]]) -> Iterator[bytes]:
    first, *others = group
    if not others:
        yield from [first] if operator.has("KEEPNODUPS") else []
        return
    if operator.has("KEEPBASE"):
        yield first
    if operator.has("WITHALL"):
        yield from (_put_over(first, [(other, place) for place in places]) for other in others)
    elif operator.has("WITHEACH"):
        yield _put_over(first, list(zip(others, places, strict=False)))
    else:
        yield _put_over(first, [(others[-1], place) for place in places])


def _put_over(base: bytes, sources: list[tuple[bytes, tuple[int, int]]]) -> bytes:
    output = bytearray(base)
    for record, (start, length) in sources:
        data = record[start : start + length].ljust(length, code_page().encode(" "))
        output = output.ljust(start, code_page().encode(" "))
        output[start : start + length] = data
    return bytes(output)


def _select(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    groups = _groups(step, operator)
    chosen: list[bytes] = []
    rest: list[bytes] = []
    for group in groups:
        kept = _kept(operator, group)
        chosen += kept
        rest += [record for record in group if not any(record is one for one in kept)]
    shape = step.attributes(step.dds[operator.one("FROM").split(",")[0]])
    write_records(step, operator.one("TO"), iter(chosen), shape)
    for name in operator.all("DISCARD"):
        write_records(step, name, iter(rest), shape)
    lines.append(f" ICE628I 0 RECORD COUNT:  {sum(map(len, groups)):015d}")
    lines.append(f" ICE638I 0 NUMBER OF RECORDS RESULTING FROM CRITERIA:  {len(chosen):015d}")
    return 0


def _sortable(key: tuple[bytes | int, ...]) -> tuple[tuple[bytes, int], ...]:
    return tuple((part, 0) if isinstance(part, bytes) else (b"", part) for part in key)


def _kept(operator: _Operator, group: list[bytes]) -> list[bytes]:
    if operator.has("FIRST"):
        return group[:1]
    if operator.has("LAST"):
        return group[-1:]
    if operator.has("FIRSTDUP"):
        return group[:1] if len(group) > 1 else []
    if operator.has("LASTDUP"):
        return group[-1:] if len(group) > 1 else []
    if operator.has("ALLDUPS"):
        return group if len(group) > 1 else []
    if operator.has("NODUPS"):
        return group if len(group) == 1 else []
    return group if _met(operator, len(group)) else []


def _met(operator: _Operator, count: int) -> bool:
    tests: dict[str, Callable[[int, int], bool]] = {
        "HIGHER": lambda found, limit: found > limit,
        "LOWER": lambda found, limit: found < limit,
        "EQUAL": lambda found, limit: found == limit,
        "NOTEQUAL": lambda found, limit: found != limit,
    }
    for word, test in tests.items():
        if operator.has(word):
            limit = operator.one(word)
            if not limit.isdecimal():
                raise SortError("ICE614A", f"INVALID OPERAND IN {word}({limit[:20]})")
            return test(count, int(limit))
    return False


def _count(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    count = len(_records(step, operator))
    lines.append(f" ICE628I 0 RECORD COUNT:  {count:015d}")
    met = (operator.has("EMPTY") and not count) or (operator.has("NOTEMPTY") and count > 0) or _met(operator, count)
    return CONDITION_MET if met else 0


def _stats(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    records = _records(step, operator)
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(records):015d}")
    for place, length, kind in operator.fields():
        worth = number_of(kind)
        values = [worth(record[place : place + length]) for record in records]
        lines.append(f" ICE608I 0 STATISTICS FOR ({place + 1},{length},{kind}):")
        total = sum(values)
        average = int(total / len(values)) if values else 0
        for word, value in (
            ("MINIMUM", min(values, default=0)),
            ("MAXIMUM", max(values, default=0)),
            ("AVERAGE", average),
            ("TOTAL", total),
        ):
            lines.append(f" ICE609I 0 {word}: {value:+016d}")
    return 0


def _unique(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    records = _records(step, operator)
    [field] = operator.fields()[:1]
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(records):015d}")
    count = len({_value(record, field) for record in records})
    lines.append(f" ICE648I 0 NUMBER OF UNIQUE VALUES:  {count:015d}")
    return 0


def _range(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    [(place, length, kind), *_] = operator.fields()
    worth = number_of(kind)
    values = [worth(record[place : place + length]) for record in _records(step, operator)]
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(values):015d}")
    lines.append(f" ICE631I 0 NUMBER OF VALUES IN RANGE:  {sum(_met(operator, value) for value in values):015d}")
    return 0


def _shown(value: bytes | int) -> str:
    return code_page().printable(value) if isinstance(value, bytes) else f"{value:+016d}"


def _occur(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    fields = operator.fields()
    counts = Counter(tuple(_value(record, field) for field in fields) for record in _records(step, operator))
    rows = [[*(_shown(part) for part in key), f"{counts[key]:015d}"] for key in sorted(counts, key=_sortable)]
    _list(step, operator, rows)
    return 0


def _display(step: StepContext, operator: _Operator, lines: list[str], sorts: list[str]) -> int:
    fields = operator.fields()
    rows = [[_shown(_value(record, field)) for field in fields] for record in _records(step, operator)]
    _list(step, operator, rows)
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(rows):015d}")
    return 0


def _list(step: StepContext, operator: _Operator, rows: list[list[str]]) -> None:
    """A listing with title, headings and columns."""
    titles = [title.strip("'") for title in operator.all("TITLE")]
    headings = [heading.strip("'") for heading in operator.all("HEADER")]
    table = [headings, *rows] if headings else rows
    columns = max(map(len, table), default=0)
    widths = [max((len(row[n]) for row in table if n < len(row)), default=0) for n in range(columns)]
    text = ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in table]
    printed = [f"1{' '.join(titles)}"] if titles else []
    step.print(operator.one("LIST"), [*printed, *(f" {line}" for line in text)])


_OPERATORS: dict[str, Callable[[StepContext, _Operator, list[str], list[str]], int]] = {
    "COPY": _order,
    "SORT": _order,
    "MERGE": _order,
    "SELECT": _select,
    "COUNT": _count,
    "STATS": _stats,
    "UNIQUE": _unique,
    "OCCUR": _occur,
    "OCCURS": _occur,
    "DISPLAY": _display,
    "SPLICE": _splice,
    "RANGE": _range,
}
_COMPARISONS = frozenset({"HIGHER", "LOWER", "EQUAL", "NOTEQUAL"})
_LISTING = frozenset({"FROM", "LIST", "ON", "TITLE", "HEADER"})
_ORDERING = frozenset({"FROM", "TO", "USING"})
_GROUPING = frozenset({"FROM", "TO", "ON"})
_ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(("COPY", "SORT", "MERGE"), _ORDERING),
    **dict.fromkeys(("OCCUR", "OCCURS", "DISPLAY"), _LISTING),
    **dict.fromkeys(("STATS", "UNIQUE"), frozenset({"FROM", "ON"})),
    "COUNT": _COMPARISONS | {"FROM", "EMPTY", "NOTEMPTY"},
    "RANGE": _COMPARISONS | {"FROM", "ON"},
    "SELECT": _GROUPING | _COMPARISONS | {"FIRST", "LAST", "FIRSTDUP", "LASTDUP", "ALLDUPS", "NODUPS", "DISCARD"},
    "SPLICE": _GROUPING | {"WITH", "WITHALL", "WITHEACH", "KEEPNODUPS", "KEEPBASE"},
    "MODE": frozenset({"STOP", "CONTINUE"}),
}
"""Operator -> the operands it knows."""
