"""JOINKEYS: the records of two files joined by their keys, as the input of the sort proper.

    JOINKEYS FILE=F1,FIELDS=(p,m,s,...)[,SORTED[,NOSEQCK]][,INCLUDE=|OMIT=(...)][,STOPAFT=n][,TASKID=id][,TYPE=F|V]
    JOINKEYS F2=ddname,FIELDS=(p,m,s,...)         FILE=Fn means SORTJNFn
    JOIN UNPAIRED[,F1][,F2][,ONLY]                without it only pairs
    REFORMAT FIELDS=(F1:p,m,...,F2:p,m,...,?)[,FILL=byte]

Keys compare as unsigned bytes. Each file is selected, edited and sorted by itself first: control statements of
JNF1CNTL and JNF2CNTL (idFnCNTL with TASKID) say how. Records with equal keys pair each with each. ? is B, 1 or 2: where
the key was found; FILL stands for what a missing record would give. A p without m makes the joined records variable.
Source: z/OS DFSORT Application Programming Guide, "Using a JOINKEYS application for joining two files".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice

from dtf.jcl.programs import StepContext
from dtf.jcl.sorting.context import Context, Reach
from dtf.jcl.sorting.external_merge import WorkSpace, in_sequence, sort_records, sum_records
from dtf.jcl.sorting.formats import Extract
from dtf.jcl.sorting.language import Node, SortError, SortStatement, listed, number, parse_statements, parse_symbols
from dtf.jcl.sorting.plan import Plan, compile_key, compile_plan
from dtf.jcl.sorting.reading import chosen, records_of
from dtf.jcl.sorting.records import with_descriptor
from dtf.jcl.sorting.reformatting import check_descriptor
from dtf.jcl.sorting.selection import compile_selection, constant
from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes

_FILES = ("F1", "F2")
_OPERANDS = ("FILE", "FILES", "F1", "F2", "FIELDS", "SORTED", "NOSEQCK", "INCLUDE", "OMIT", "STOPAFT", "TASKID", "TYPE")
_OF_ONE_FILE = frozenset({"INCLUDE", "OMIT", "INREC", "SUM", "OPTION", "RECORD", "MODS", "DEBUG"})
"""What may be said of the records of one file alone."""
Piece = Callable[[bytes | None, bytes | None], bytes]
"""A part of a joined record from the records of F1 and F2, one of them perhaps missing."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two files."""

    ddname: str
    key: Extract
    width: int
    plan: Plan
    variable: bool
    lrecl: int
    reach: Reach
    sorted: bool
    checked: bool


@dataclass(frozen=True, slots=True)
class Join:
    """A join ready to run. `shape` is that of the joined records."""

    sides: tuple[_Side, _Side]
    unpaired: frozenset[str]
    pairs: bool
    build: Callable[[bytes | None, bytes | None], bytes]
    shape: DataSetAttributes

    def records(self, step: StepContext) -> Iterator[bytes]:
        """The joined records in the order of their keys. Raises SortError for a SORTED file that is not."""
        one, other = (_groups(step, side) for side in self.sides)
        left, right = next(one, None), next(other, None)
        while left is not None or right is not None:
            if right is None or (left is not None and left[0] < right[0]):
                assert left is not None
                yield from (self.build(record, None) for record in left[1] if "F1" in self.unpaired)
                left = next(one, None)
            elif left is None or right[0] < left[0]:
                yield from (self.build(None, record) for record in right[1] if "F2" in self.unpaired)
                right = next(other, None)
            else:
                yield from self._paired(left[1], right[1])
                left, right = next(one, None), next(other, None)

    def _paired(self, left: Iterator[bytes], right: Iterator[bytes]) -> Iterator[bytes]:
        if self.pairs:
            others = list(right)
            yield from (self.build(record, other) for record in left for other in others)


def _groups(step: StepContext, side: _Side) -> Iterator[tuple[bytes, Iterator[bytes]]]:
    """The records of a file that take part, those with one key together."""
    records = records_of(step, side.ddname, variable=side.variable)
    records = chosen(step, islice(records, side.plan.skip, None), side.plan)
    if not side.sorted:
        records = sort_records(records, side.key, WorkSpace(step.system, step.work_data_set))
    elif side.checked:
        records = in_sequence(records, side.key, side.ddname)
    if side.plan.sums is not None:
        records = sum_records(records, side.key, side.plan.sums)
    return groupby(records, side.key)


def compile_join(step: StepContext, statements: list[SortStatement], context: Context) -> Join | None:
    """The join that JOINKEYS, JOIN and REFORMAT ask for; None without JOINKEYS. Raises SortError, KsdsError."""
    found = {_file(statement): statement for statement in statements if statement.operation == "JOINKEYS"}
    if not found:
        return None
    if set(found) != set(_FILES):
        raise SortError("ICE007A", "SYNTAX ERROR: JOINKEYS IS NEEDED ONCE FOR F1 AND ONCE FOR F2")
    one, other = (_side(step, name, found[name], context) for name in _FILES)
    if one.width != other.width:
        raise SortError("ICE007A", "SYNTAX ERROR: THE KEYS OF F1 AND F2 HAVE DIFFERENT LENGTHS")
    unpaired, pairs = _unpaired(_last(statements, "JOIN"))
    reformat = _last(statements, "REFORMAT")
    if reformat is not None:
        build, shape = _compile_reformat(reformat, (one, other))
    elif pairs:
        raise SortError("ICE007A", "SYNTAX ERROR: A JOIN OF PAIRS NEEDS REFORMAT")
    else:
        build = lambda left, right: left if left is not None else right or b""  # noqa: E731
        side = other if unpaired == {"F2"} else one
        shape = DataSetAttributes("VB" if side.variable else "FB", side.lrecl)
    return Join((one, other), unpaired, pairs, build, shape)


def _last(statements: list[SortStatement], operation: str) -> SortStatement | None:
    return next((statement for statement in reversed(statements) if statement.operation == operation), None)


def _file(statement: SortStatement) -> str:
    statement.only(*_OPERANDS)
    named = [name for name in _FILES if statement.value(name)]
    name = named[0] if named else str(statement.value("FILE", "FILES"))
    if name not in _FILES:
        raise SortError("ICE007A", "SYNTAX ERROR: JOINKEYS DOES NOT SAY FILE=F1 OR FILE=F2")
    return name


def _side(step: StepContext, name: str, statement: SortStatement, context: Context) -> _Side:
    ddname = str(statement.value(name) or f"SORTJN{name}")
    if ddname not in step.dds:
        raise SortError("ICE056A", f"{ddname} NOT DEFINED")
    shape = step.attributes(step.dds[ddname])
    kind = str(statement.value("TYPE") or shape.kind)
    variable = kind == "V" and shape.kind != "F"
    control = step.control_statements(f"{statement.value('TASKID') or 'JN'}{name}CNTL")
    own = replace(context, variable=variable).of_length(shape.lrecl if shape.kind == "F" else None)
    statements = parse_statements(control, parse_symbols(step.control_statements("SYMNAMES")))
    if any(other.operation not in _OF_ONE_FILE for other in statements):
        raise SortError("ICE007A", f"SYNTAX ERROR: JN{name}CNTL TAKES {', '.join(sorted(_OF_ONE_FILE))}")
    plan = compile_plan(statements, own, "SORT")
    _select(plan, statement, own)
    lrecl = plan.inrec.length(shape.lrecl) if plan.inrec is not None else shape.lrecl
    fixed = lrecl if shape.kind == "F" and not plan.exits else None
    fields = listed(statement.value("FIELDS"))
    if not fields or len(fields) % 3:
        raise SortError("ICE007A", "SYNTAX ERROR: JOINKEYS FIELDS IS NOT (POSITION,LENGTH,ORDER,...)")
    return _Side(
        ddname,
        compile_key(fields, own.of_length(fixed), "BI"),
        sum(number(length) for length in fields[1::3]),
        plan,
        variable,
        lrecl,
        Reach(fixed),
        sorted=statement.value("SORTED") is not None,
        checked=statement.value("NOSEQCK") is None,
    )


def _select(plan: Plan, statement: SortStatement, context: Context) -> None:
    """INCLUDE=, OMIT= and STOPAFT= of the JOINKEYS statement itself."""
    for word in ("INCLUDE", "OMIT"):
        condition = statement.value(word)
        if condition is not None:
            plan.keep = compile_selection(listed(condition), context, omit=word == "OMIT")
    stop = statement.value("STOPAFT")
    plan.stop = number(stop) if stop is not None else plan.stop


def _unpaired(statement: SortStatement | None) -> tuple[frozenset[str], bool]:
    """The files whose records without a partner are kept, and whether pairs are."""
    if statement is None:
        return frozenset(), True
    statement.only("UNPAIRED", "F1", "F2", "ONLY")
    if statement.value("UNPAIRED") is None:
        raise SortError("ICE007A", "SYNTAX ERROR: JOIN IS NOT UNPAIRED,F1,F2,ONLY")
    files = frozenset(name for name in _FILES if statement.value(name))
    return files or frozenset(_FILES), statement.value("ONLY") is None


# --- joined records -----------------------------------------------------------------------------------


def _compile_reformat(
    statement: SortStatement, sides: tuple[_Side, _Side]
) -> tuple[Callable[[bytes | None, bytes | None], bytes], DataSetAttributes]:
    """What REFORMAT makes of two records, and the shape of that."""
    statement.only("FIELDS", "FILL")
    fill = constant(str(statement.value("FILL") or "C' '"))
    if not isinstance(fill, bytes) or len(fill) != 1:
        raise SortError("ICE007A", "SYNTAX ERROR: FILL IS NOT ONE BYTE")
    pieces, length, variable = _pieces(listed(statement.value("FIELDS")), fill, sides)
    if not pieces:
        raise SortError("ICE007A", "SYNTAX ERROR: REFORMAT FIELDS IS EMPTY")

    def build(one: bytes | None, other: bytes | None) -> bytes:
        return b"".join([piece(one, other) for piece in pieces])

    if not variable:
        return build, DataSetAttributes("FB", length)
    check_descriptor([text.rpartition(":")[2] for text in map(str, listed(statement.value("FIELDS")))], "REFORMAT")
    longest = min(length + sum(side.lrecl for side in sides), 32756)
    return lambda one, other: with_descriptor(build(one, other)), DataSetAttributes("VB", longest)


def _pieces(items: list[Node], fill: bytes, sides: tuple[_Side, _Side]) -> tuple[list[Piece], int, bool]:
    """The parts of a joined record, how long they are together, and whether one takes the rest of a record."""
    pieces: list[Piece] = []
    total, variable, second, at = 0, False, False, 0
    while at < len(items):
        text = str(items[at])
        at += 1
        if text == "?":
            pieces.append(_indicator())
            total += 1
            continue
        name, colon, position = text.rpartition(":")
        if colon and name not in _FILES:
            raise SortError("ICE007A", f"SYNTAX ERROR: {text[:20]!r} IS NOT F1:POSITION OR F2:POSITION")
        second = name == "F2" if colon else second
        start = number(position, "A POSITION") - 1
        following = items[at] if at < len(items) else ""
        if isinstance(following, str) and following.isdecimal():
            at += 1
            total += number(following)
            sides[second].reach.field(start, number(following))
            pieces.append(_field(start, number(following), fill, second=second))
        else:
            variable = True
            pieces.append(_rest(start, second=second))
    return pieces, total, variable


def _field(start: int, length: int, fill: bytes, *, second: bool) -> Piece:
    end, missing = start + length, fill * length

    def piece(one: bytes | None, other: bytes | None) -> bytes:
        record = other if second else one
        return missing if record is None else record[start:end].ljust(length, fill)

    return piece


def _rest(start: int, *, second: bool) -> Piece:
    return lambda one, other: ((other if second else one) or b"")[start:]


def _indicator() -> Piece:
    both, first, second = (code_page().encode(text) for text in ("B", "1", "2"))
    return lambda one, other: second if one is None else first if other is None else both
