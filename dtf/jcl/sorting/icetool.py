"""ICETOOL: several small jobs over the sort, from TOOLIN; messages to TOOLMSG, those of each sort to DFSMSG.

    COPY   FROM(dd,...) TO(dd,...) [USING(xxxx)]       control statements of USING come from DD xxxxCNTL
    SORT   FROM(dd) TO(dd) USING(xxxx)                  MERGE the same
    SELECT FROM(dd) TO(dd) ON(p,m,f) ... FIRST | LAST | FIRSTDUP | LASTDUP | ALLDUPS | NODUPS | HIGHER(n) | LOWER(n)
           | EQUAL(n) [DISCARD(dd)]
    SPLICE FROM(dd) TO(dd) ON(p,m,f) ... WITH(p,m) ... [WITHALL | WITHEACH] [KEEPNODUPS] [KEEPBASE]
    SUBSET FROM(dd) TO(dd) KEEP | REMOVE INPUT | OUTPUT [HEADER | FIRST(n)] [TRAILER | LAST(n)] [RRN(n,m)] [DISCARD(dd)]
    DATASORT FROM(dd) TO(dd) USING(xxxx) [HEADER | FIRST(n)] [TRAILER | LAST(n)]     sorts what lies between
    RESIZE FROM(dd) TO(dd) TOLEN(n)                   short records put together, long ones cut
    COUNT  FROM(dd) [EMPTY | NOTEMPTY | HIGHER(n) | LOWER(n) | EQUAL(n) | NOTEQUAL(n) [RC4 | RC8]]  code 12 (4, 8) if so
           [ADD(n) | SUB(n)] [WRITE(dd) [TEXT('text')] [DIGITS(n)]]
    VERIFY FROM(dd) ON(p,m,PD | ZD) ... [LIMIT(n)]    code 12 if a field is not decimal
    STATS  FROM(dd) ON(p,m,f) ...        UNIQUE FROM(dd) ON(p,m,f)
    RANGE  FROM(dd) ON(p,m,f) HIGHER(n) | LOWER(n) | EQUAL(n) | NOTEQUAL(n)       how many values are there
    MODE   STOP | CONTINUE               whether operators go on behind one that ended with 12 or 16
    OCCUR  FROM(dd) LIST(dd) ON(p,m,f) ON(VALCNT)     DISPLAY FROM(dd) LIST(dd) ON(p,m,f) ...     (`tool_listing`)

USING(xxxx) of the other operators chooses and builds the records that they see, its OUTFIL statements what they write.
An operand that an operator does not know is ICE614A. The step ends with the highest code of an operator: 12 for what
ICETOOL cannot do, 16 for what DFSORT cannot.
Source: z/OS DFSORT Application Programming Guide, "Using ICETOOL".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from dtf.jcl.programs import MAXIMUM_BLOCK, StepContext, open_abend
from dtf.jcl.sorting.dfsort import (
    FAILED,
    Listing,
    check_kind,
    context_of,
    processed,
    reshaped,
    run_sort,
    write_outputs,
    write_records,
)
from dtf.jcl.sorting.formats import CHARACTER, is_number, number_of
from dtf.jcl.sorting.language import SortError, parse_statements, parse_symbols
from dtf.jcl.sorting.plan import Plan, compile_plan
from dtf.jcl.sorting.reading import records_of
from dtf.jcl.sorting.tool_listing import Column, Value, listing_lines
from dtf.jcl.sorting.tool_statements import CHOICES, COMPARISONS, RECORD_LENGTH, Field, Operator, parse_operators
from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes
from ksds.errors import KsdsError

CONDITION_MET = NOT_DONE = 12
COUNT_DIGITS = 15


def icetool(step: StepContext) -> int:
    """ICETOOL as a step program."""
    lines = ["1ICE600I 0 DFSORT ICETOOL UTILITY RUN STARTED"]
    sorts: list[str] = []
    code, goes_on = 0, False
    try:
        symbols = parse_symbols(step.control_statements("SYMNAMES"))
        for operator in parse_operators(step.control_statements("TOOLIN"), symbols):
            shown = " ".join(f"{name}({value})" if value else name for name, value in operator.operands)
            mode = "CONTINUE" if goes_on else "STOP"
            lines.append(f" ICE630I 0 MODE IN EFFECT:  {mode}\n          {operator.name} {shown}")
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
        code = _code_of(error)
    except KsdsError as error:
        if abend := open_abend(error):
            raise abend from error
        lines.append(f" ICE046A 0 {error}")
        code = 16
    lines.append(f" ICE601I 0 DFSORT ICETOOL UTILITY RUN ENDED - RETURN CODE:  {code:02d}")
    step.print("TOOLMSG", [part for line in lines for part in line.split("\n")])
    step.print("DFSMSG", sorts)
    return code


def _carry_out(step: StepContext, operator: Operator, lines: list[str], sorts: list[str], *, goes_on: bool) -> int:
    """The code of an operator; with `goes_on` an error is said and has its code."""
    try:
        return _OPERATORS[operator.name](step, operator, lines, sorts)
    except SortError as error:
        if not goes_on:
            raise
        lines.append(f" {error.message_id} 0 {error.text}")
        return _code_of(error)


def _code_of(error: SortError) -> int:
    """12 for what ICETOOL finds wrong itself (ICE6nnA), 16 for what DFSORT does."""
    return NOT_DONE if error.message_id.startswith("ICE6") else FAILED


def _defined(step: StepContext, ddname: str) -> str:
    """The name of a DD that the step must have. Raises SortError."""
    if ddname not in step.dds:
        raise SortError("ICE056A", f"{ddname} NOT DEFINED")
    return ddname


def _control(step: StepContext, operator: Operator) -> list[str]:
    """The control statements of USING."""
    using = operator.all("USING")
    return step.control_statements(_defined(step, f"{using[0]}CNTL")) if using else []


class _Source:
    """What FROM and USING of an operator give: records, and the plan for what becomes of them."""

    def __init__(self, step: StepContext, operator: Operator, kind: str = "COPY") -> None:
        self._step = step
        names = operator.one("FROM").split(",")
        for name in names:
            _defined(step, name)
        control = _control(step, operator)
        self._names = names
        self.shape = step.attributes(step.dds[names[0]])
        statements = parse_statements(control, parse_symbols(step.control_statements("SYMNAMES")))
        self.plan: Plan = compile_plan(statements, context_of(step, self.shape), kind)
        if operator.has("ON"):
            seen = context_of(step, reshaped(self.shape, self.plan))
            for position, length, _ in operator.fields():
                seen.reach.field(position, length)

    def inputs(self) -> Iterator[bytes]:
        """The records as they are, variable ones with their descriptor."""
        variable = self.shape.kind == "V"
        return chain.from_iterable(records_of(self._step, name, variable=variable) for name in self._names)

    def processed(self, records: Iterable[bytes]) -> list[bytes]:
        """Records as the statements of USING choose, order and build them."""
        return list(processed(self._step, self.plan, [iter(records)]))

    def records(self) -> list[bytes]:
        return self.processed(self.inputs())

    def write(self, name: str, records: Iterable[bytes]) -> None:
        """Write to an output: as its OUTFIL statement says, if USING has one for it."""
        shape = reshaped(self.shape, self.plan)
        _defined(self._step, name)
        if any(name in outfil.names for outfil in self.plan.outfils):
            self.plan.output = name
            write_outputs(self._step, self.plan, iter(records), self.shape)
        else:
            check_kind(self._step, name, shape.kind)
            write_records(self._step, name, iter(records), shape)


def _records(step: StepContext, operator: Operator) -> list[bytes]:
    return _Source(step, operator).records()


def _order(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """COPY, SORT, MERGE; with JKFROM of two files that JOINKEYS names."""
    control = _control(step, operator)
    if operator.has("JKFROM") and operator.has("FROM"):
        raise SortError("ICE614A", "INVALID OPERAND JKFROM WITH FROM")
    inputs = None if operator.has("JKFROM") else [name for text in operator.all("FROM") for name in text.split(",")]
    if inputs == []:
        raise SortError("ICE613A", f"REQUIRED KEYWORD FROM OF {operator.name} IS MISSING")
    targets = [name for text in operator.all("TO") for name in text.split(",")]
    code = 0
    for target in targets or ["SORTOUT"]:
        listing = Listing(step)
        kind = "COPY" if operator.name == "COPY" else ""
        code = max(code, run_sort(step, control, listing, inputs=inputs, output=target, kind=kind))
        sorts += listing.lines
        call = sum("ICE143I" in line for line in sorts)
        where = f"{operator.name} FROM {inputs[0] if inputs else 'JKFROM'} TO {target}"
        lines.append(f" ICE606I 0 DFSORT CALL {call:04d} FOR {where} COMPLETED")
    return code


def _value(record: bytes, field: Field) -> Value:
    data = record[field[0] : field[0] + field[1]]
    return data if field[2] in CHARACTER else number_of(field[2])(data)


def _groups(records: Iterable[bytes], operator: Operator) -> list[list[bytes]]:
    """The records with equal ON fields together, in the order of these."""
    fields = operator.fields()
    groups: dict[tuple[Value, ...], list[bytes]] = {}
    for record in records:
        groups.setdefault(tuple(_value(record, field) for field in fields), []).append(record)
    return [groups[key] for key in sorted(groups, key=_sortable)]


def _sortable(key: tuple[Value, ...]) -> tuple[tuple[bytes, int], ...]:
    return tuple((part, 0) if isinstance(part, bytes) else (b"", part) for part in key)


def _say_counts(lines: list[str], read: int, resulting: int) -> None:
    lines.append(f" ICE628I 0 RECORD COUNT:  {read:015d}")
    lines.append(f" ICE638I 0 NUMBER OF RECORDS RESULTING FROM CRITERIA:  {resulting:015d}")


# --- SELECT, SPLICE, SUBSET, DATASORT, RESIZE ---------------------------------------------------------


def _splice(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """The first record of each group with fields of the others put over it."""
    places = []
    for text in operator.all("WITH"):
        position, _, length = text.partition(",")
        if not position.isdecimal() or not length.isdecimal():
            raise SortError("ICE614A", f"INVALID OPERAND IN WITH({text[:20]})")
        places.append((int(position) - 1, int(length)))
    if not places:
        raise SortError("ICE613A", "REQUIRED KEYWORD WITH OF SPLICE IS MISSING")
    source = _Source(step, operator)
    groups = _groups(source.records(), operator)
    made = [record for group in groups for record in _spliced(operator, group, places)]
    source.write(operator.one("TO"), made)
    _say_counts(lines, sum(map(len, groups)), len(made))
    return 0


def _spliced(operator: Operator, group: list[bytes], places: list[tuple[int, int]]) -> Iterator[bytes]:
    first, *others = group
    if not others:
        yield from [first] if operator.has("KEEPNODUPS") else []
        return
    if operator.has("KEEPBASE"):
        yield first
    if operator.has("WITHALL"):
        yield from (_put_over(first, [(other, place) for place in places]) for other in others)
    elif operator.has("WITHANY"):
        yield _put_over(first, [(other, place) for place in places for other in others if _filled(other, place)])
    elif operator.has("WITHEACH"):
        yield _put_over(first, list(zip(others, places, strict=False)))
    else:
        yield _put_over(first, [(others[-1], place) for place in places])


def _filled(record: bytes, place: tuple[int, int]) -> bool:
    """True if a field is not blank."""
    return bool(record[place[0] : place[0] + place[1]].strip(code_page().encode(" ")))


def _put_over(base: bytes, sources: list[tuple[bytes, tuple[int, int]]]) -> bytes:
    output = bytearray(base)
    for record, (start, length) in sources:
        data = record[start : start + length].ljust(length, code_page().encode(" "))
        output = output.ljust(start, code_page().encode(" "))
        output[start : start + length] = data
    return bytes(output)


def _select(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    if not operator.has(*CHOICES, *COMPARISONS):
        raise SortError("ICE613A", "REQUIRED KEYWORD OF SELECT IS MISSING: WHICH RECORDS OF A GROUP")
    source = _Source(step, operator)
    groups = _groups(source.records(), operator)
    chosen: list[bytes] = []
    rest: list[bytes] = []
    for group in groups:
        taken = set(_kept(operator, len(group)))
        chosen += [record for index, record in enumerate(group) if index in taken]
        rest += [record for index, record in enumerate(group) if index not in taken]
    for name in operator.all("TO"):
        source.write(name, chosen)
    for name in operator.all("DISCARD"):
        source.write(name, rest)
    _say_counts(lines, sum(map(len, groups)), len(chosen))
    return 0


def _kept(operator: Operator, size: int) -> range:
    """Which records of a group of that size SELECT keeps; FIRST(n) and LAST(n) as many as n."""
    if operator.has("FIRST"):
        return range(min(operator.number("FIRST", default=1), size))
    if operator.has("LAST"):
        return range(max(size - operator.number("LAST", default=1), 0), size)
    if operator.has("FIRSTDUP"):
        return range(min(operator.number("FIRSTDUP", default=1), size) if size > 1 else 0)
    if operator.has("LASTDUP"):
        return range(max(size - operator.number("LASTDUP", default=1), 0), size) if size > 1 else range(0)
    if operator.has("ALLDUPS"):
        return range(size if size > 1 else 0)
    if operator.has("NODUPS"):
        return range(size if size == 1 else 0)
    return range(size if _met(operator, size) else 0)


def _subset(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """The records at the ends and at relative record numbers kept or removed, before or behind the sort."""
    if operator.has("KEEP") == operator.has("REMOVE") or operator.has("INPUT") == operator.has("OUTPUT"):
        raise SortError("ICE613A", "REQUIRED KEYWORD OF SUBSET IS MISSING: KEEP OR REMOVE, INPUT OR OUTPUT")
    source = _Source(step, operator, kind="COPY")
    before = operator.has("INPUT")
    records = list(source.inputs()) if before else source.records()
    inside = _criteria(operator, len(records))
    keep = operator.has("KEEP")
    chosen = [record for number, record in enumerate(records, 1) if (number in inside) is keep]
    rest = [record for number, record in enumerate(records, 1) if (number in inside) is not keep]
    if before:
        chosen, rest = source.processed(chosen), source.processed(rest)
    for name in operator.all("TO"):
        source.write(name, chosen)
    for name in operator.all("DISCARD"):
        source.write(name, rest)
    _say_counts(lines, len(records), len(chosen))
    return 0


def _criteria(operator: Operator, count: int) -> set[int]:
    """The relative record numbers, from 1, that HEADER, TRAILER and RRN name."""
    inside = set(range(1, min(operator.number("HEADER", "FIRST", default=1), count) + 1))
    inside |= set(range(max(count - operator.number("TRAILER", "LAST", default=1), 0) + 1, count + 1))
    for text in operator.all("RRN"):
        ends = [part.strip() for part in text.split(",")]
        if len(ends) not in (1, 2) or not all(end.isdecimal() or (end == "*" and len(ends) == 2) for end in ends):
            raise SortError("ICE614A", f"INVALID OPERAND IN RRN({text[:20]})")
        numbers = [count if end == "*" else int(end) for end in ends]
        inside |= set(range(max(min(numbers), 1), min(max(numbers), count) + 1))
    return inside


def _datasort(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """Records at the ends stay where they are, those between them are sorted."""
    operator.one("USING")
    source = _Source(step, operator, kind="")
    if source.plan.kind != "SORT":
        raise SortError("ICE640A", "A SORT STATEMENT IS NEEDED FOR DATASORT")
    records = list(source.inputs())
    first = min(operator.number("HEADER", "FIRST", default=1), len(records))
    last = max(len(records) - operator.number("TRAILER", "LAST", default=1), first)
    if not operator.has("HEADER", "FIRST", "TRAILER", "LAST"):
        raise SortError("ICE613A", "REQUIRED KEYWORD HEADER OR TRAILER OF DATASORT IS MISSING")
    between = source.processed(records[first:last])
    source.write(operator.one("TO"), [*records[:first], *between, *records[last:]])
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(records):015d}")
    return 0


def _resize(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """Fixed records of another length: as many whole ones as fit in one, or each cut into several."""
    source = _Source(step, operator)
    operator.one("TOLEN")
    length = operator.number("TOLEN", default=0)
    old = reshaped(source.shape, source.plan).lrecl
    if source.shape.kind != "F" or not 1 <= length <= MAXIMUM_BLOCK or length == old:
        raise SortError("ICE614A", f"INVALID OPERAND IN TOLEN({length})")
    records, blank = source.records(), code_page().encode(" ")
    if length > old:
        size = length // old
        made = [b"".join(records[at : at + size]).ljust(length, blank) for at in range(0, len(records), size)]
    else:
        made = [record[at : at + length].ljust(length, blank) for record in records for at in range(0, old, length)]
    write_records(step, operator.one("TO"), iter(made), DataSetAttributes("FB", length))
    _say_counts(lines, len(records), len(made))
    return 0


# --- figures ------------------------------------------------------------------------------------------


def _met(operator: Operator, count: int) -> bool:
    tests: dict[str, Callable[[int, int], bool]] = {
        "HIGHER": lambda found, limit: found > limit,
        "LOWER": lambda found, limit: found < limit,
        "EQUAL": lambda found, limit: found == limit,
        "NOTEQUAL": lambda found, limit: found != limit,
    }
    for word, test in tests.items():
        if operator.has(word):
            limit = operator.one(word)
            if not limit.removeprefix("-").removeprefix("+").isdecimal():
                raise SortError("ICE614A", f"INVALID OPERAND IN {word}({limit[:20]})")
            return test(count, int(limit))
    return False


def _count(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """How many records; EMPTY and the like set a code, WRITE makes a record of the number."""
    source = _Source(step, operator)
    count = len(source.records()) + operator.number("ADD", default=0) - operator.number("SUB", default=0)
    count = max(count, 0)
    lines.append(f" ICE628I 0 RECORD COUNT:  {count:015d}")
    if operator.has("WRITE"):
        digits = operator.number("DIGITS", default=COUNT_DIGITS) or COUNT_DIGITS
        text = "".join(operator.texts("TEXT")) + f"{count:0{digits}d}"
        made = code_page().encode(text)
        write_records(step, operator.one("WRITE"), iter([made]), DataSetAttributes("FB", len(made)))
    met = (operator.has("EMPTY") and not count) or (operator.has("NOTEMPTY") and count > 0) or _met(operator, count)
    return (4 if operator.has("RC4") else 8 if operator.has("RC8") else CONDITION_MET) if met else 0


def _verify(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """Each decimal field that is none, up to LIMIT of them."""
    limit = operator.number("LIMIT", default=200) or 200
    found = 0
    for number, record in enumerate(_records(step, operator), 1):
        for position, length, kind in operator.fields():
            data = record[position : position + length]
            if kind not in CHARACTER and not is_number(kind, data):
                found += 1
                where = f"({position + 1},{length},{kind})"
                lines.append(
                    f" ICE618I 0 INVALID {where} VALUE - RECORD: {number:015d}, HEX VALUE: {data.hex().upper()}"
                )
                if found >= limit:
                    return CONDITION_MET
    return CONDITION_MET if found else 0


def _stats(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    records = _records(step, operator)
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(records):015d}")
    for place, length, kind in operator.fields():
        worth = number_of(kind)
        values = [worth(record[place : place + length]) for record in records]
        lines.append(f" ICE608I 0 STATISTICS FOR {_named((place, length, kind))}:")
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


def _unique(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    records = _records(step, operator)
    [field] = operator.fields()[:1]
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(records):015d}")
    count = len({_value(record, field) for record in records})
    lines.append(f" ICE648I 0 NUMBER OF UNIQUE VALUES:  {count:015d}")
    return 0


def _range(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    [(place, length, kind), *_] = operator.fields()
    worth = number_of(kind)
    values = [worth(record[place : place + length]) for record in _records(step, operator)]
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(values):015d}")
    lines.append(f" ICE631I 0 NUMBER OF VALUES IN RANGE:  {sum(_met(operator, value) for value in values):015d}")
    return 0


# --- lists --------------------------------------------------------------------------------------------


def _named(field: Field) -> str:
    return "RECORD LENGTH" if field == RECORD_LENGTH else f"({field[0] + 1},{field[1]},{field[2]})"


def _occur(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    """Each value with how often it is there; ALLDUPS, NODUPS, HIGHER and so on choose by that."""
    fields = operator.fields()
    records = _records(step, operator)
    counts = Counter(tuple(_value(record, field) for field in fields) for record in records)
    keys = [key for key in sorted(counts, key=_sortable) if _occurs(operator, counts[key])]
    columns = [Column(_named(field), field[2] not in CHARACTER) for field in fields]
    rows: list[list[Value]] = [[*key, counts[key]] for key in keys]
    shown: list[list[Value]] = rows if "VALCNT" in operator.all("ON") else [row[:-1] for row in rows]
    if "VALCNT" in operator.all("ON"):
        columns.append(Column("VALUE COUNT", numeric=True, signed=False))
    step.print(_defined(step, operator.one("LIST")), listing_lines(operator, columns, shown, step.now()))
    _say_counts(lines, len(records), len(rows))
    return 0


def _occurs(operator: Operator, count: int) -> bool:
    if operator.has("ALLDUPS", "NODUPS"):
        return (count > 1) is operator.has("ALLDUPS")
    return _met(operator, count) if operator.has("HIGHER", "LOWER", "EQUAL", "NOTEQUAL") else True


def _display(step: StepContext, operator: Operator, lines: list[str], sorts: list[str]) -> int:
    fields = operator.fields()
    records = _records(step, operator)
    if operator.has("LIMIT"):
        records = records[: operator.number("LIMIT", default=0)]
    rows = [[_value(record, field) for field in fields] for record in records]
    columns = [Column(_named(field), field[2] not in CHARACTER) for field in fields]
    step.print(_defined(step, operator.one("LIST")), listing_lines(operator, columns, rows, step.now()))
    lines.append(f" ICE628I 0 RECORD COUNT:  {len(rows):015d}")
    return 0


_OPERATORS: dict[str, Callable[[StepContext, Operator, list[str], list[str]], int]] = {
    **dict.fromkeys(("COPY", "SORT", "MERGE"), _order),
    **dict.fromkeys(("OCCUR", "OCCURS"), _occur),
    "SELECT": _select,
    "SPLICE": _splice,
    "SUBSET": _subset,
    "DATASORT": _datasort,
    "RESIZE": _resize,
    "COUNT": _count,
    "VERIFY": _verify,
    "STATS": _stats,
    "UNIQUE": _unique,
    "RANGE": _range,
    "DISPLAY": _display,
}
