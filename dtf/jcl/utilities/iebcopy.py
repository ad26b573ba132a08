"""IEBCOPY: members from libraries to a library.

    COPY OUTDD=dd,INDD=(dd,(dd,R),...)          or without statements everything from SYSUT1 to SYSUT2
    SELECT MEMBER=(A,(B,NEWNAME),(C,,R),...)    only these; R replaces a member of that name
    EXCLUDE MEMBER=(A,B)                        all but these

Without R a member that the output has stays as it is there. User data (ISPF statistics) and aliases go along. Into a
sequential data set the members are unloaded (`dtf.library_unload`), from one they are loaded, checked first, by way of
a work library. A library copied to itself is compressed (`ksds.catalog.compression`).
Source: z/OS DFSMSdfp Utilities, IEBCOPY.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from dtf import library_unload
from dtf.jcl.operands import Operand, items_of, text_of
from dtf.jcl.programs import MAXIMUM_LRECL, StepContext
from dtf.jcl.utilities.control import Control, ControlError, parse_control
from ksds.datasets import DD, DataSetAttributes, PartitionedDataSet
from ksds.errors import KsdsError


@dataclass(slots=True)
class _Copy:
    """One COPY with its SELECT or EXCLUDE statements."""

    output: str
    inputs: list[tuple[str, bool]]
    """(ddname, replace)"""
    selected: list[tuple[str, str, bool]] = field(default_factory=list)
    """(member, new name, replace)"""
    excluded: set[str] = field(default_factory=set)


def iebcopy(step: StepContext) -> int:
    """IEBCOPY as a step program: 0, 4 if a selected member was nowhere, 8 if a copy failed."""
    lines = [f"1{'IEBCOPY MESSAGES AND CONTROL STATEMENTS':<99}PAGE 1"]
    control = step.control_statements("SYSIN") if "SYSIN" in step.dds else []
    lines += [f" {line.rstrip()}" for line in control if line.strip()]
    code = 0
    try:
        for copy in _copies(parse_control(control)):
            code = max(code, _run(step, copy, lines))
    except (ControlError, KsdsError) as error:
        lines.append(f" {error}")
        code = 8
    lines.append(f" IEB147I END OF JOB - {code} WAS HIGHEST SEVERITY CODE")
    step.print("SYSPRINT", lines)
    return code


def _copies(statements: list[Control]) -> list[_Copy]:
    copies: list[_Copy] = []
    for statement in statements or []:
        if statement.operation in ("COPY", "COPYMOD", "C"):
            statement.only("OUTDD", "O", "INDD", "I", "LIST", "L", "MAXBLK", "MINBLK")
            output = statement.text("OUTDD", "O") or "SYSUT2"
            inputs = statement.keyword("INDD", "I")
            copies.append(_Copy(output, [_input(item) for item in items_of(inputs)] if inputs else [("SYSUT1", False)]))
        elif statement.operation in ("SELECT", "S") and copies:
            copies[-1].selected += [_selection(item) for item in _members(statement)]
        elif statement.operation in ("EXCLUDE", "E") and copies:
            copies[-1].excluded |= {text_of(item) for item in _members(statement)}
        else:
            raise ControlError(f"IEB120E LINE {statement.line}: {statement.operation[:10]} CANNOT STAND HERE")
    return copies or [_Copy("SYSUT2", [("SYSUT1", False)])]


def _members(statement: Control) -> tuple[Operand, ...]:
    statement.only("MEMBER", "M")
    value = statement.keyword("MEMBER", "M")
    return items_of(value) if value is not None else ()


def _input(item: Operand) -> tuple[str, bool]:
    parts = [text_of(part) for part in items_of(item)]
    return parts[0], parts[1:2] == ["R"]


def _selection(item: Operand) -> tuple[str, str, bool]:
    name, new, replace = [*(text_of(part) for part in items_of(item)), "", ""][:3]
    if new == "R" and not replace:
        new, replace = "", "R"
    return name, new or name, replace == "R"


def _run(step: StepContext, copy: _Copy, lines: list[str]) -> int:
    """Carry out one COPY; its code."""
    inputs = [(dd, source, replace) for dd, replace in copy.inputs for source in _sources(step, dd)]
    shape = step.attributes(DD(name=copy.inputs[0][0], data_sets=(inputs[0][1],)))
    unloads = not _is_library(step, copy.output)
    loads = not _is_library(step, copy.inputs[0][0])
    if unloads and loads:
        raise ControlError(f"DTX477E NEITHER {copy.inputs[0][0]} NOR {copy.output} IS A LIBRARY")
    if not unloads:
        step.reshape(copy.output, shape)
    target = step.work_data_set(shape) if unloads else _libraries(step, copy.output)[0]
    if any(source == target for _, source, _ in inputs):
        return _compress(step, copy, target, lines)
    missing = _copy_all(step, copy, inputs, target, lines, "UNLOADED" if unloads else "LOADED" if loads else "COPIED")
    if unloads:
        _unload(step, target, copy.output)
    for name in sorted(missing):
        lines.append(f" IEB177I {name} WAS SELECTED BUT NOT FOUND IN ANY INPUT DATA SET")
    return 4 if missing else 0


def _compress(step: StepContext, copy: _Copy, library: str, lines: list[str]) -> int:
    """Input and output are one library: it is written anew, all of it."""
    if copy.selected or copy.excluded:
        raise ControlError(f"DTX476E {library} IS COMPRESSED WHOLE: NO SELECT, NO EXCLUDE")
    gained = step.system.compression.compress(library)
    lines.append(f" DTX476I LIBRARY {library} COMPRESSED IN PLACE, {gained} BYTES GAINED")
    return 0


def _copy_all(
    step: StepContext, copy: _Copy, inputs: list[tuple[str, str, bool]], target: str, lines: list[str], done: str
) -> set[str]:
    """Copy from each input library; the members that were selected and found in none."""
    missing = {name for name, _, _ in copy.selected}
    for ddname, source, replace in inputs:
        lines.append(f" IEB167I FOLLOWING MEMBER(S) {done} FROM INPUT DATA SET REFERENCED BY {ddname}")
        with step.system.library(source) as old, step.system.library(target, "w") as new:
            wanted = _wanted(copy, old, replace)
            for name, as_name, force in wanted:
                missing.discard(name)
                lines.append(f" {_copy_member(old, new, name, as_name, done, force=force)}")
            if not copy.selected:
                _copy_aliases(old, new, {name for name, _, _ in wanted})
    return missing


def _sources(step: StepContext, ddname: str) -> list[str]:
    """The libraries of an input DD; of a sequential data set a work library with what was unloaded into it."""
    names = _libraries(step, ddname)
    if _is_library(step, ddname):
        return names
    dd = step.dds[ddname]
    parts = library_unload.read(step.system.records(dd))
    work = step.work_data_set(library_unload.attributes_of(next(parts)))
    deque(parts, maxlen=0)
    with step.system.library(work, "w") as library:
        library_unload.load(library_unload.read(step.system.records(dd)), library)
    return [work]


def _unload(step: StepContext, work: str, ddname: str) -> None:
    step.reshape(ddname, DataSetAttributes("VB", MAXIMUM_LRECL))
    shape = step.attributes(step.dds[ddname])
    with step.system.library(work) as library:
        stream = library_unload.unload(library, {member.name for member in library.members() if not member.is_alias})
        step.write(ddname, library_unload.cut(stream, shape.maximum_data, fixed=shape.kind == "F"), shape)


def _is_library(step: StepContext, ddname: str) -> bool:
    _libraries(step, ddname)
    return step.attributes(step.dds[ddname]).dsorg == "PO"


def _libraries(step: StepContext, ddname: str) -> list[str]:
    """The data sets of a DD without members, a concatenation in its order."""
    dd = step.dds.get(ddname)
    if dd is None or not dd.data_sets:
        raise ControlError(f"IEB1075E DD STATEMENT {ddname} IS MISSING OR NO DATA SET")
    return [name.partition("(")[0] for name in dd.data_sets]


def _wanted(copy: _Copy, old: PartitionedDataSet, replace: bool) -> list[tuple[str, str, bool]]:
    if copy.selected:
        return [(name, new, force or replace) for name, new, force in copy.selected if name in old]
    names = [member.name for member in old.members() if not member.is_alias]
    return [(name, name, replace) for name in names if name not in copy.excluded]


def _copy_member(
    old: PartitionedDataSet, new: PartitionedDataSet, name: str, as_name: str, done: str, *, force: bool
) -> str:
    if as_name in new and not force:
        return f"DTX478I {as_name} IS IN THE OUTPUT DATA SET AND WAS NOT REPLACED"
    with new.create(as_name, old.member(name).user_data) as member:
        member.append(old.records(name))
    return f"IEB154I {as_name} HAS BEEN SUCCESSFULLY {done}"


def _copy_aliases(old: PartitionedDataSet, new: PartitionedDataSet, names: Iterable[str]) -> None:
    for member in old.members():
        if member.is_alias and member.alias_of in set(names) and member.name not in new:
            new.add_alias(member.name, member.alias_of)
