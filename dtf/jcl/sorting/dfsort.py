"""PGM=SORT, DFSORT, ICEMAN, SYNCSORT: the order in which DFSORT works.

    SORTIN (or SORTIN01 ... for MERGE, or two files joined) -> SKIPREC -> E15 -> INCLUDE or OMIT -> STOPAFT -> INREC
    -> SORT, MERGE or COPY -> SUM -> OUTREC -> E35 -> SORTOUT, and each OUTFIL

Control statements come from SYSIN; those of DFSPARM take the place of the same ones there, its options win over SYSIN
and PARM. SYMNAMES names fields. The listing goes to SYSOUT. A statement in error ends with code 16 before anything is
read. Variable records carry their descriptor in front while they are worked on, so that positions are DFSORT's.
Source: z/OS DFSORT Application Programming Guide; Messages, Codes and Diagnosis Guide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

from dtf.jcl.programs import CARDS, MAXIMUM_BLOCK, MAXIMUM_LRECL, WORK, StepContext, open_abend
from dtf.jcl.sorting.context import Context
from dtf.jcl.sorting.external_merge import WorkSpace, merge_records, sort_records, sum_records
from dtf.jcl.sorting.joining import Join, compile_join
from dtf.jcl.sorting.language import SortError, SortStatement, listed, number, parse_statements, parse_symbols
from dtf.jcl.sorting.outfil import Outfil
from dtf.jcl.sorting.plan import Plan, compile_plan
from dtf.jcl.sorting.reading import Counter, chosen, records_of, through
from dtf.jcl.sorting.records import DESCRIPTOR_BYTES
from dtf.jcl.sorting.reformatting import Build
from ksds.datasets import DataSetAttributes
from ksds.errors import KsdsError

FAILED = 16
_OF_PARM = frozenset({"SKIPREC", "STOPAFT", "Y2PAST", "NULLOUT", "NZDPRINT", "CHALT"})
_OF_PARM |= {"VLSHRT", "NOVLSHRT", "VLSCMP", "NOVLSCMP"}
_COUNTERPARTS = {"MERGE": "SORT", "OMIT": "INCLUDE"}
_SELECTIVE = frozenset({"OPTION", "DEBUG"})
"""Statements whose operands count one by one, wherever they are said."""
BLANK, ZERO = b"\x40", b"\0"
"""What fills records of an OUTFIL, and of SORTOUT."""


def dfsort(step: StepContext) -> int:
    """SORT as a step program."""
    listing = Listing(step)
    code = run_sort(step, step.control_statements("SYSIN"), listing, parameter=_options_of(step.parameter))
    step.print("SYSOUT", listing.lines)
    return code


def _options_of(parameter: str) -> list[str]:
    """The options of PARM that make a difference here, as a statement: it comes behind those of SYSIN, so it wins."""
    words = [word.strip().upper() for word in parameter.split(",")]
    chosen = [word for word in words if word.partition("=")[0] in _OF_PARM]
    return [f" OPTION {','.join(chosen)}"] if chosen else []


class Listing:
    """The messages of one run."""

    def __init__(self, step: StepContext) -> None:
        self.lines: list[str] = []
        self._stamp = f"{step.now():%H:%M ON %a %b %d, %Y}".upper()

    def control(self, records: Iterable[str]) -> None:
        """The heading and the control statements as they were read."""
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
    parameter: Iterable[str] = (),
) -> int:
    """Carry out the control statements, with those of PARM and DFSPARM; 0, or 16 with the reason in the listing.

    ICETOOL gives ddnames and kind.
    """
    above = step.control_statements("DFSPARM")
    listing.control([*above, *control])
    try:
        symbols = parse_symbols(step.control_statements("SYMNAMES"))
        statements = [*parse_statements(control, symbols), *parse_statements(parameter)]
        statements = _overridden(statements, parse_statements(above, symbols))
        join = compile_join(step, statements, Context(step.now()))
        if join and any(statement.operation == "MERGE" for statement in statements):
            raise SortError("ICE007A", "SYNTAX ERROR: MERGE OF JOINED RECORDS")
        sources = [] if join else inputs or _inputs(step, statements)
        if inputs and any(name not in step.dds for name in inputs):
            raise SortError("ICE056A", f"{inputs[0]} NOT DEFINED")
        shape = join.shape if join else _input_shape(step, sources[0], output, statements)
        _check_alike(step, sources)
        plan = compile_plan(statements, context_of(step, shape), kind)
        plan.inputs, plan.output = sources, output
        counts = carry_out(step, plan, shape, join)
    except SortError as error:
        listing.say(error.message_id, error.text)
    except KsdsError as error:
        if abend := open_abend(error):
            raise abend from error
        listing.say("ICE046A", str(error))
    else:
        if join:
            listing.say("ICE411I", "THIS IS THE JOINKEYS MAIN TASK FOR JOINING F1 AND F2")
            listing.say("ICE421I", f"JOINED RECORDS: COUNT={counts.read}")
        listing.say("ICE201I", f"RECORD TYPE IS {shape.kind} - DATA STARTS IN POSITION {5 if shape.kind == 'V' else 1}")
        for name, (written, data) in counts.outputs.items():
            report = max(written - data, 0)
            listing.say("ICE227I", f"{name} : DELETED = {counts.left - data}, REPORT = {report}, DATA = {data}")
        listing.say("ICE055I", f"INSERT 0, DELETE {counts.read - counts.left}")
        listing.say("ICE054I", f"RECORDS - IN: {counts.read}, OUT: {counts.left}")
        listing.say("ICE052I", "END OF DFSORT")
        return _code_for_nothing(plan, counts)
    listing.say("ICE751I", "ENDED WITH CODE 16")
    return FAILED


def _overridden(statements: list[SortStatement], above: list[SortStatement]) -> list[SortStatement]:
    """The statements with those of DFSPARM, which leave no other of their kind; SORT and MERGE are one kind."""
    kinds = {_COUNTERPARTS.get(one.operation, one.operation) for one in above} - _SELECTIVE
    kept = [one for one in statements if _COUNTERPARTS.get(one.operation, one.operation) not in kinds]
    return [*kept, *above]


def context_of(step: StepContext, shape: DataSetAttributes) -> Context:
    """What statements about records of this shape are compiled for."""
    context = Context(step.now(), variable=shape.kind == "V")
    return context.of_length(shape.lrecl if shape.kind == "F" else None)


def _check_alike(step: StepContext, sources: list[str]) -> None:
    """Data sets that are concatenated, or merged, have one kind of records, fixed ones of one length."""
    first: DataSetAttributes | None = None
    for name in sources:
        dd = step.dds.get(name)
        for data_set in dd.data_sets if dd is not None and not step.is_cluster(dd) else ():
            shape = step.shape_of(data_set)
            first = first or shape
            if shape.kind != first.kind:
                raise SortError("ICE043A", f"INVALID DATA SET ATTRIBUTES: {name} RECFM")
            if shape.kind == "F" and shape.lrecl != first.lrecl:
                raise SortError("ICE043A", f"INVALID DATA SET ATTRIBUTES: {name} LRECL")


def _code_for_nothing(plan: Plan, counts: Counts) -> int:
    """What NULLOUT= and NULLOFL= say of outputs that got no record."""
    codes = [outfil.null_code for outfil in plan.outfils if not any(counts.outputs[name][1] for name in outfil.names)]
    return max([0 if counts.left else plan.null_code, *codes])


def _input_shape(step: StepContext, source: str, output: str, statements: list[SortStatement]) -> DataSetAttributes:
    """The shape of the first input; a cluster's records are fixed or variable as RECORD TYPE= or SORTOUT says."""
    if source not in step.dds:
        return _shape_from_output(step, output, statements)
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


def _shape_from_output(step: StepContext, output: str, statements: list[SortStatement]) -> DataSetAttributes:
    """Without SORTIN all records come from E15: they are what RECORD or the DCB of the output says."""
    record = next((statement for statement in statements if statement.operation == "RECORD"), None)
    lengths = listed(record.value("LENGTH")) if record else []
    if record is not None and lengths:
        return DataSetAttributes(f"{record.value('TYPE') or 'F'}B", number(lengths[0]))
    target = step.dds.get(output)
    return target.attributes if target is not None and target.attributes is not None else CARDS


def _inputs(step: StepContext, statements: list[SortStatement]) -> list[str]:
    names = ["SORTIN"]
    if any(statement.operation == "MERGE" for statement in statements):
        names = sorted(name for name in step.dds if name.startswith("SORTIN") and name[6:].isdecimal())
    feeds = any(statement.operation == "MODS" and statement.value("E15") for statement in statements)
    if not names or (any(name not in step.dds for name in names) and not feeds):
        raise SortError("ICE056A", f"{names[0] if names else 'SORTIN'} NOT DEFINED")
    return names


@dataclass(slots=True)
class Counts:
    """Records read, and left after sorting and summing."""

    read: int
    left: int
    outputs: dict[str, tuple[int, int]]
    """Data set of an OUTFIL -> (records written, records chosen)."""


def carry_out(step: StepContext, plan: Plan, shape: DataSetAttributes, join: Join | None = None) -> Counts:
    """Read (or join), order, write. Raises KsdsError, SortError, Abend of an exit."""
    read, left = Counter(), Counter()
    variable = shape.kind == "V"
    sources = [join.records(step)] if join else [records_of(step, name, variable=variable) for name in plan.inputs]
    ordered = processed(step, plan, [read.over(source) for source in sources])
    outputs = write_outputs(step, plan, left.over(ordered), shape)
    return Counts(read.value(), left.value(), outputs)


def processed(step: StepContext, plan: Plan, sources: list[Iterator[bytes]]) -> Iterator[bytes]:
    """Records on their way from the inputs to the outputs: chosen, built, in order, added up, built again."""
    streams = [chosen(step, islice(source, plan.skip, None), plan) for source in sources]
    if plan.kind == "SORT":
        work = WorkSpace(step.system, step.work_data_set)
        ordered = sort_records(chain(*streams), plan.key, work)
    else:
        ordered = (
            merge_records(zip(plan.inputs, streams, strict=True), plan.key) if plan.kind == "MERGE" else chain(*streams)
        )
    if plan.sums is not None:
        ordered = sum_records(ordered, plan.key, plan.sums)
    if plan.outrec is not None:
        ordered = map(plan.outrec.build, ordered)
    return through(step, plan, "E35", iter(ordered))


def reshaped(shape: DataSetAttributes, plan: Plan) -> DataSetAttributes:
    """What the records are like behind INREC and OUTREC."""
    length = shape.lrecl
    for made in (plan.inrec, plan.outrec):
        length = made.length(length) if made is not None else length
    if length == shape.lrecl or shape.kind == "U":
        return shape
    return _of_length(shape, length)


def _of_length(shape: DataSetAttributes, length: int) -> DataSetAttributes:
    """Records of another length, as long as there can be."""
    least, most = (5, MAXIMUM_LRECL) if shape.kind == "V" else (1, MAXIMUM_BLOCK)
    return DataSetAttributes(shape.recfm, min(max(length, least), most))


def write_outputs(
    step: StepContext, plan: Plan, records: Iterator[bytes], shape: DataSetAttributes
) -> dict[str, tuple[int, int]]:
    """SORTOUT alone in one stream; with OUTFIL the records go to every data set that takes them.

    The records were of `shape` when they were read. Returns what each data set of an OUTFIL got: records written, and
    chosen.
    """
    shape = reshaped(shape, plan)
    _check_kinds(step, plan, shape)
    outputs: dict[str, tuple[int, int]] = {}
    writes_sortout = plan.output in step.dds and all(plan.output not in outfil.names for outfil in plan.outfils)
    if not plan.outfils:
        if plan.output not in step.dds:
            if "E35" not in plan.exits:
                raise SortError("ICE056A", f"{plan.output} NOT DEFINED")
            deque(records, maxlen=0)
            return outputs
        as_read = plan.inrec is None and plan.outrec is None and not plan.exits
        write_records(step, plan.output, records, shape, filler=ZERO, exact=as_read)
        return outputs
    for outfil in plan.outfils:
        for name in outfil.names:
            if name not in step.dds:
                raise SortError("ICE056A", f"{name} NOT DEFINED")
    kept = _keep(step, records, shape)
    if writes_sortout:
        write_records(step, plan.output, kept(), shape, filler=ZERO)
    for index, outfil in enumerate(plan.outfils):
        others = plan.outfils if outfil.save else []
        for name in outfil.names:
            made = partial(_made_for, outfil, index, name, kept, others)
            fixed = outfil.to_fixed or outfil.report is not None
            model = _outfil_shape(outfil, shape, made)
            written = write_records(step, name, _trimmed(made(), outfil, shape), shape, model, fixed=fixed)
            data = sum(1 for _ in _selected(kept(), outfil, index, name, others))
            outputs[name] = (written, data)
    return outputs


def _check_kinds(step: StepContext, plan: Plan, shape: DataSetAttributes) -> None:
    """Outputs are fixed or variable as the input is, unless OUTFIL converts it; reports are left alone."""
    kinds = {plan.output: shape.kind}
    for outfil in plan.outfils:
        converted = "F" if outfil.to_fixed else "V" if outfil.to_variable else shape.kind
        kinds |= dict.fromkeys(outfil.names, "" if outfil.report is not None else converted)
    for name, kind in kinds.items():
        check_kind(step, name, kind)


def check_kind(step: StepContext, name: str, kind: str) -> None:
    """Raises SortError for an output that is fixed where `kind` is V, or variable where it is F."""
    dd = step.dds.get(name)
    if dd is None or not dd.data_sets or step.is_cluster(dd):
        return
    if {kind, step.attributes(dd).kind} == {"F", "V"}:
        raise SortError("ICE043A", f"INVALID DATA SET ATTRIBUTES: {name} RECFM")


def _outfil_shape(outfil: Outfil, shape: DataSetAttributes, made: Callable[[], Iterator[bytes]]) -> DataSetAttributes:
    """What a new data set of an OUTFIL becomes without DCB."""
    if outfil.report is not None:
        longest = max(map(len, made()), default=1)
        return DataSetAttributes("FBA" if outfil.report.control else "FB", min(max(longest, 1), MAXIMUM_BLOCK))
    if shape.kind == "U":
        return shape
    length = outfil.length(shape.lrecl)
    if outfil.to_fixed:
        return _of_length(DataSetAttributes("FB", 80), length)
    if outfil.to_variable and shape.kind == "F":
        return _of_length(DataSetAttributes("VB", 84), length + DESCRIPTOR_BYTES)
    return shape if length == shape.lrecl else _of_length(shape, length)


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
    """The records that an OUTFIL makes of those it takes, or the lines of its report."""
    builds, times = outfil.lines(), range(outfil.repeat)
    if outfil.report is not None:
        return outfil.report.printed((record, [*_built(record, builds, times)]) for record in records)
    if not builds and outfil.repeat == 1:
        return records
    if len(builds) == 1 and outfil.repeat == 1:
        return map(builds[0], records)
    return (line for record in records for line in _built(record, builds, times))


def _built(record: bytes, builds: list[Build], times: range) -> Iterator[bytes]:
    for _ in times:
        if not builds:
            yield record
        for build in builds:
            yield build(record)


def _trimmed(records: Iterator[bytes], outfil: Outfil, shape: DataSetAttributes) -> Iterator[bytes]:
    """Without the VLTRIM byte at the end of variable records; of each at least one byte of data stays."""
    if not outfil.trim or outfil.to_fixed or (shape.kind != "V" and not outfil.to_variable):
        return records
    least = 1 + (DESCRIPTOR_BYTES if shape.kind == "V" else 0)
    return (record[:least] + record[least:].rstrip(outfil.trim) for record in records)


def write_records(
    step: StepContext,
    name: str,
    records: Iterator[bytes],
    shape: DataSetAttributes,
    model: DataSetAttributes | None = None,
    *,
    fixed: bool = False,
    filler: bytes = BLANK,
    exact: bool = False,
) -> int:
    """Write one output; how many records. They are of `shape`; `fixed` ones of variable input have no descriptor.
    `exact` promises that all fixed ones have its length.

    Fixed records that are shorter than those of the data set are filled. A new data set without DCB becomes what
    `model` is, or `shape`.
    """
    variable = shape.kind == "V" and not fixed
    model = model or DataSetAttributes(shape.recfm, shape.lrecl, shape.blksize)
    dd = step.dds[name]
    if dd.data_sets:
        step.reshape(name, model)
    goal = step.attributes(dd) if dd.data_sets else model
    if exact and shape.kind == "F" == goal.kind and shape.lrecl == goal.lrecl:
        return step.write(name, records, model)
    return step.write(name, _fitted(records, goal, filler, variable=variable), model)


def _fitted(records: Iterator[bytes], goal: DataSetAttributes, filler: bytes, *, variable: bool) -> Iterator[bytes]:
    """Descriptors off; short fixed records filled, long ones cut."""
    for record in records:
        data = record[4:] if variable else record
        yield data[: goal.lrecl].ljust(goal.lrecl, filler) if goal.kind == "F" else data
