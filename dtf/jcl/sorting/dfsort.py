"""PGM=SORT, DFSORT, ICEMAN, SYNCSORT: the order in which DFSORT works.

    SORTIN (or SORTIN01 ... for MERGE) -> SKIPREC -> INCLUDE or OMIT -> STOPAFT -> INREC
    -> SORT, MERGE or COPY -> SUM -> OUTREC -> SORTOUT, and each OUTFIL

Control statements come from SYSIN, or from DFSPARM before it; SYMNAMES names fields. The listing goes to SYSOUT. A
statement in error ends with code 16 before anything is read. Variable records carry their descriptor in front while
they are worked on, so that positions are DFSORT's.
Source: z/OS DFSORT Application Programming Guide; Messages, Codes and Diagnosis Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count, islice
from operator import itemgetter

from dtf.jcl.programs import WORK, StepContext, open_abend
from dtf.jcl.sorting.external_merge import SumField, WorkSpace, merge_records, sort_records, sum_records
from dtf.jcl.sorting.formats import CHARACTER, NUMERIC, key_part
from dtf.jcl.sorting.language import Node, SortError, SortStatement, listed, number, parse_statements, parse_symbols
from dtf.jcl.sorting.outfil import Outfil, compile_outfil
from dtf.jcl.sorting.reformatting import Build, Context, compile_reformat, with_descriptor
from dtf.jcl.sorting.selection import Test, compile_condition
from ksds.datasets import DataSetAttributes
from ksds.errors import KsdsError

FAILED = 16
_OPERATIONS = frozenset(
    {"SORT", "MERGE", "INCLUDE", "OMIT", "INREC", "OUTREC", "SUM", "OPTION", "OUTFIL", "RECORD", "DEBUG"}
)
_OPTIONS = (
    *("COPY", "SKIPREC", "STOPAFT", "EQUALS", "NOEQUALS", "VLSHRT", "NOVLSHRT", "DYNALLOC", "MSGPRT", "LIST", "NOLIST"),
    *("FILSZ", "SIZE", "MAINSIZE", "NOBLKSET", "ZDPRINT", "NOZDPRINT", "SPANINC", "SORTDD", "SORTIN", "SORTOUT"),
    *(
        "ABEND",
        "NOABEND",
        "CKPT",
        "VERIFY",
        "NOVERIFY",
        "RESET",
        "NORESET",
        "OVFLO",
        "PAD",
        "TRUNC",
        "SOLRF",
        "HIPRMAX",
    ),
)


@dataclass(slots=True)
class Plan:
    """What the control statements ask for."""

    kind: str = ""
    """SORT, MERGE or COPY."""
    key: Callable[[bytes], bytes] = bytes
    keep: Test | None = None
    inrec: Build | None = None
    outrec: Build | None = None
    sums: list[SumField] | None = None
    outfils: list[Outfil] = field(default_factory=list)
    skip: int = 0
    stop: int | None = None
    inputs: list[str] = field(default_factory=list)
    output: str = "SORTOUT"


def dfsort(step: StepContext) -> int:
    """SORT as a step program."""
    control = [*step.control_statements("DFSPARM"), *step.control_statements("SYSIN")]
    listing = Listing(step)
    code = run_sort(step, control, listing)
    step.print("SYSOUT", listing.lines)
    return code


class Listing:
    """The messages of one run."""

    def __init__(self, step: StepContext) -> None:
        self.lines: list[str] = []
        self._stamp = f"{step.now():%H:%M ON %a %b %d, %Y}".upper()

    def control(self, records: Iterable[str]) -> None:
        self.lines.append("1ICE143I 0 BLOCKSET     SORT  TECHNIQUE SELECTED")
        self.lines.append(f" ICE000I 0 - CONTROL STATEMENTS FOR DFSORT - {self._stamp}")
        self.lines += [f"{'':11}{record[:71].rstrip()}" for record in records if record.strip()]

    def say(self, message_id: str, text: str) -> None:
        self.lines.append(f" {message_id} 0 {text}")


def run_sort(
    step: StepContext,
    control: list[str],
    listing: Listing,
    *,
    inputs: list[str] | None = None,
    output: str = "SORTOUT",
    kind: str = "",
) -> int:
    """Carry out the control statements; 0, or 16 with the reason in the listing. ICETOOL gives ddnames and kind."""
    listing.control(control)
    try:
        symbols = parse_symbols(step.control_statements("SYMNAMES"))
        statements = parse_statements(control, symbols)
        sources = inputs or _inputs(step, statements)
        if not sources or any(name not in step.dds for name in sources):
            raise SortError("ICE056A", f"{sources[0] if sources else 'SORTIN'} NOT DEFINED")
        shape = _input_shape(step, sources[0], output, statements)
        context = Context(step.now(), variable=shape.kind == "V")
        plan = compile_plan(statements, context, kind)
        plan.inputs, plan.output = sources, output
        counts = carry_out(step, plan, shape)
    except SortError as error:
        listing.say(error.message_id, error.text)
    except KsdsError as error:
        if abend := open_abend(error):
            raise abend from error
        listing.say("ICE046A", str(error))
    else:
        listing.say("ICE201I", f"RECORD TYPE IS {shape.kind} - DATA STARTS IN POSITION {5 if shape.kind == 'V' else 1}")
        for name, (written, data) in counts.outputs.items():
            report = max(written - data, 0)
            listing.say("ICE227I", f"{name} : DELETED = {counts.left - data}, REPORT = {report}, DATA = {data}")
        listing.say("ICE055I", f"INSERT 0, DELETE {counts.read - counts.left}")
        listing.say("ICE054I", f"RECORDS - IN: {counts.read}, OUT: {counts.left}")
        listing.say("ICE052I", "END OF DFSORT")
        return 0
    listing.say("ICE751I", "ENDED WITH CODE 16")
    return FAILED


def _input_shape(step: StepContext, source: str, output: str, statements: list[SortStatement]) -> DataSetAttributes:
    """The shape of the first input; a cluster's records are fixed or variable as RECORD TYPE= or SORTOUT says."""
    shape = step.attributes(step.dds[source])
    if not step.is_cluster(step.dds[source]):
        return shape
    said = next((statement.value("TYPE") for statement in statements if statement.operation == "RECORD"), None)
    target = step.dds.get(output)
    known = target is not None and bool(target.data_sets) and not step.is_cluster(target)
    kind = target.attributes.kind if known and target is not None and target.attributes is not None else ""
    if not kind and known and target is not None and target.disposition[0] != "NEW":
        kind = step.attributes(target).kind
    return DataSetAttributes("FB", shape.lrecl - 4) if (said or kind) == "F" else shape


def _inputs(step: StepContext, statements: list[SortStatement]) -> list[str]:
    if any(statement.operation == "MERGE" for statement in statements):
        return sorted(name for name in step.dds if name.startswith("SORTIN") and name[6:].isdecimal())
    return ["SORTIN"]


def compile_plan(statements: list[SortStatement], context: Context, kind: str = "") -> Plan:
    """Turn statements into a plan; each operation but OUTFIL counts once. Raises SortError."""
    plan = Plan(kind=kind)
    for statement in statements:
        operation = statement.operation
        if operation not in _OPERATIONS:
            raise SortError("ICE005A", f"STATEMENT DEFINER ERROR: {operation[:10]}")
        if operation in ("SORT", "MERGE"):
            _compile_order(plan, statement)
        elif operation in ("INCLUDE", "OMIT"):
            plan.keep = _compile_selection(statement)
        elif operation == "INREC":
            plan.inrec = compile_reformat(statement, context)
        elif operation == "OUTREC":
            plan.outrec = compile_reformat(statement, context)
        elif operation == "SUM":
            plan.sums = _compile_sums(listed(statement.value("FIELDS")), statement)
        elif operation == "OUTFIL":
            plan.outfils.append(compile_outfil(statement, context))
        elif operation == "OPTION":
            statement.only(*_OPTIONS)
        if operation in ("SORT", "MERGE", "OPTION"):
            _compile_options(plan, statement)
    if not plan.kind:
        raise SortError("ICE010A", "NO SORT OR MERGE CONTROL STATEMENT")
    if plan.sums is not None and plan.kind == "COPY":
        raise SortError("ICE110A", "SUM OPERATOR WITH COPY")
    return plan


def _compile_options(plan: Plan, statement: SortStatement) -> None:
    if statement.value("COPY") is not None:
        plan.kind = "COPY"
    skip, stop = statement.value("SKIPREC"), statement.value("STOPAFT")
    plan.skip = number(skip) if skip is not None else plan.skip
    plan.stop = number(stop) if stop is not None else plan.stop


def _compile_order(plan: Plan, statement: SortStatement) -> None:
    statement.only("FIELDS", "FORMAT", *_OPTIONS)
    fields = listed(statement.value("FIELDS"))
    plan.kind = statement.operation
    if fields == ["COPY"]:
        plan.kind = "COPY"
        return
    default = statement.value("FORMAT")
    plan.key = compile_key(fields, str(default) if default is not None else "")


def compile_key(fields: list[Node], default: str = "") -> Callable[[bytes], bytes]:
    """The bytes that sort as FIELDS=(p,m,f,s,...) says, or (p,m,s,...) with FORMAT=f. Raises SortError."""
    width = 3 if default else 4
    if not fields or len(fields) % width:
        raise SortError("ICE007A", "SYNTAX ERROR: FIELDS IS NOT (POSITION,LENGTH,FORMAT,ORDER,...)")
    parts = []
    for at in range(0, len(fields), width):
        position, length, *rest = fields[at : at + width]
        kind, order = (default, rest[0]) if default else (rest[0], rest[1])
        if not isinstance(kind, str) or kind not in NUMERIC | CHARACTER or order not in ("A", "D"):
            raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind!s:.8}")
        parts.append(key_part(number(position) - 1, number(length), str(kind), str(order)))
    if len(parts) == 1:
        return parts[0]
    return lambda record: b"".join([part(record) for part in parts])


def _compile_selection(statement: SortStatement) -> Test:
    statement.only("COND", "FORMAT")
    default = statement.value("FORMAT")
    test = compile_condition(listed(statement.value("COND")), str(default) if default is not None else "")
    if statement.operation == "INCLUDE":
        return test
    return lambda record: not test(record)


def _compile_sums(fields: list[Node], statement: SortStatement) -> list[SumField]:
    statement.only("FIELDS", "FORMAT")
    if fields == ["NONE"]:
        return []
    if not fields or len(fields) % 3:
        raise SortError("ICE007A", "SYNTAX ERROR: SUM FIELDS IS NOT (POSITION,LENGTH,FORMAT,...)")
    sums = []
    for at in range(0, len(fields), 3):
        kind = fields[at + 2]
        if kind not in ("BI", "FI", "PD", "ZD"):
            raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind!s:.8}")
        sums.append(SumField(number(fields[at]) - 1, number(fields[at + 1]), str(kind)))
    return sums


# --- running ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Counts:
    """Records read, and left after sorting and summing."""

    read: int
    left: int
    outputs: dict[str, tuple[int, int]]
    """Data set of an OUTFIL -> (records written, records chosen)."""


def carry_out(step: StepContext, plan: Plan, shape: DataSetAttributes) -> Counts:
    """Read, order, write. Raises KsdsError, SortError."""
    read, left = _Counter(), _Counter()
    streams = [_input(step, name, plan, read, variable=shape.kind == "V") for name in plan.inputs]
    if plan.kind == "SORT":
        work = WorkSpace(step.system, step.work_data_set)
        ordered = sort_records(chain(*streams), plan.key, work)
    else:
        ordered = merge_records(streams, plan.key) if plan.kind == "MERGE" else chain(*streams)
    if plan.sums is not None:
        ordered = sum_records(ordered, plan.key, plan.sums)
    if plan.outrec is not None:
        ordered = map(plan.outrec, ordered)
    outputs = _write_all(step, plan, left.over(ordered), shape)
    return Counts(read.value(), left.value(), outputs)


class _Counter:
    """Counts records as they pass, at the speed of the iterators it is made of."""

    def __init__(self) -> None:
        self._numbers = count()

    def over(self, records: Iterable[bytes]) -> Iterator[bytes]:
        return map(itemgetter(0), zip(records, self._numbers, strict=False))

    def value(self) -> int:
        """How many passed. Asked once, in the end."""
        return next(self._numbers)


def _input(step: StepContext, name: str, plan: Plan, read: _Counter, *, variable: bool) -> Iterator[bytes]:
    """The records of one input that get as far as sorting."""
    records = read.over(islice(step.system.records(step.dds[name]), plan.skip, None))
    if variable:
        records = (with_descriptor(b"\0\0\0\0" + record) for record in records)
    if plan.keep is not None:
        records = filter(plan.keep, records)
    if plan.stop is not None:
        records = islice(records, plan.stop)
    return map(plan.inrec, records) if plan.inrec is not None else records


def _write_all(
    step: StepContext, plan: Plan, records: Iterator[bytes], shape: DataSetAttributes
) -> dict[str, tuple[int, int]]:
    """SORTOUT alone in one stream; with OUTFIL the records go to every data set that takes them.

    Returns what each data set of an OUTFIL got: records written, records chosen.
    """
    outputs: dict[str, tuple[int, int]] = {}
    writes_sortout = plan.output in step.dds and all(plan.output not in outfil.names for outfil in plan.outfils)
    if not plan.outfils:
        if plan.output not in step.dds:
            raise SortError("ICE056A", f"{plan.output} NOT DEFINED")
        write_records(step, plan.output, records, shape, changed=plan.inrec is not None or plan.outrec is not None)
        return outputs
    for outfil in plan.outfils:
        for name in outfil.names:
            if name not in step.dds:
                raise SortError("ICE056A", f"{name} NOT DEFINED")
    kept = _keep(step, records, shape)
    if writes_sortout:
        write_records(step, plan.output, kept(), shape, changed=plan.inrec is not None or plan.outrec is not None)
    for index, outfil in enumerate(plan.outfils):
        others = plan.outfils if outfil.save else []
        for name in outfil.names:
            made = partial(_made_for, outfil, index, name, kept, others)
            longest = max(map(len, made()), default=1) if outfil.report is not None else None
            written = write_records(
                step, name, made(), shape, changed=True, fixed=outfil.to_fixed or longest is not None, longest=longest
            )
            data = sum(1 for _ in _selected(kept(), outfil, index, name, others))
            outputs[name] = (written, data)
    return outputs


def _made_for(
    outfil: Outfil, index: int, name: str, kept: Callable[[], Iterator[bytes]], others: list[Outfil]
) -> Iterator[bytes]:
    """What one data set of an OUTFIL gets."""
    return _made(_selected(kept(), outfil, index, name, others), outfil)


def _keep(step: StepContext, records: Iterator[bytes], shape: DataSetAttributes) -> Callable[[], Iterator[bytes]]:
    """The sorted records on a work data set, to be read once for every output."""
    name = step.work_data_set(WORK)
    with step.system.sequential(name, "w") as work:
        work.append(records)
    return lambda: step.system.records(name)


def _selected(records: Iterator[bytes], outfil: Outfil, index: int, name: str, others: list[Outfil]) -> Iterator[bytes]:
    taken = 0
    for place, record in enumerate(records, 1):
        elsewhere = any(
            number != index and not other.save and other.takes(record, place, False)
            for number, other in enumerate(others)
        )
        if outfil.takes(record, place, elsewhere):
            if name in outfil.target(taken):
                yield record
            taken += 1


def _made(records: Iterator[bytes], outfil: Outfil) -> Iterator[bytes]:
    build = outfil.build
    if outfil.report is not None:
        return outfil.report.printed((record, build(record) if build is not None else record) for record in records)
    return map(build, records) if build is not None else records


def write_records(
    step: StepContext,
    name: str,
    records: Iterator[bytes],
    shape: DataSetAttributes,
    *,
    changed: bool = False,
    fixed: bool = False,
    longest: int | None = None,
) -> int:
    """Write one output; how many records.

    A new data set without DCB gets the length of the first record (or `longest`) if the records were `changed`, else
    SORTIN's attributes.
    """
    variable = shape.kind == "V" and not fixed
    first = next(records, None)
    model = DataSetAttributes(shape.recfm, shape.lrecl, shape.blksize)
    dd = step.dds[name]
    if changed and not variable and first is not None and shape.kind != "U":
        model = DataSetAttributes("FB", longest or max(len(first), 1))
    if dd.data_sets:
        step.reshape(name, model)
    goal = step.attributes(dd) if dd.data_sets else model
    rest = iter(()) if first is None else chain((first,), records)
    if not changed and shape.kind == "F" == goal.kind and shape.lrecl == goal.lrecl:
        return step.write(name, rest, model)
    return step.write(name, _fitted(rest, goal, variable=variable), model)


def _fitted(records: Iterator[bytes], goal: DataSetAttributes, *, variable: bool) -> Iterator[bytes]:
    """Descriptors off; short fixed records filled with blanks, long ones cut, as DFSORT does for SORTOUT."""
    for record in records:
        data = record[4:] if variable else record
        yield data[: goal.lrecl].ljust(goal.lrecl, b"\x40") if goal.kind == "F" else data
