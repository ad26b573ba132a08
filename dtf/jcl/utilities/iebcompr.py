"""IEBCOMPR: are two data sets, or the members of two libraries, the same? 0 if so, 8 if not.

    COMPARE TYPORG=PS or PO          PS if there is no statement and SYSUT1 is sequential
Source: z/OS DFSMSdfp Utilities, IEBCOMPR.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from dtf.jcl.programs import StepContext
from dtf.jcl.utilities.control import ControlError, parse_control, require_dds
from ksds.errors import KsdsError

MAXIMUM_SHOWN = 10


def iebcompr(step: StepContext) -> int:
    """IEBCOMPR as a step program."""
    lines = [f"1{'COMPARE UTILITY':<99}PAGE 0001"]
    try:
        control = parse_control(step.control_statements("SYSIN")) if "SYSIN" in step.dds else []
        for statement in control:
            if statement.operation != "COMPARE":
                raise ControlError(f"DTX474E LINE {statement.line}: {statement.operation[:10]} IS NOT SUPPORTED")
            statement.only("TYPORG")
        require_dds(step.dds, "SYSUT1", "SYSUT2")
        wanted = control[0].text("TYPORG") if control else ""
        libraries = (wanted or step.attributes(step.dds["SYSUT1"]).dsorg) == "PO"
        differences = _compare_libraries(step, lines) if libraries else _compare(step, lines)
    except (ControlError, KsdsError) as error:
        lines.append(f" {error}")
        step.print("SYSPRINT", lines)
        return 12
    code = 8 if differences else 0
    lines.append(f" END OF JOB-TOTAL NUMBER OF RECORDS COMPARED = {step_total(lines):08d}")
    step.print("SYSPRINT", lines)
    return code


def step_total(lines: list[str]) -> int:
    """The records compared so far, as the lines about members say."""
    return sum(int(line.rsplit("=", 1)[1]) for line in lines if line.startswith(" RECORDS COMPARED"))


def _compare(step: StepContext, lines: list[str]) -> int:
    one, other = step.dds["SYSUT1"], step.dds["SYSUT2"]
    return _differences(step.system.records(one), step.system.records(other), lines)


def _differences(one: Iterable[bytes], other: Iterable[bytes], lines: list[str]) -> int:
    """Compare record by record; the number of differences, the first ten of them listed."""
    found, compared = 0, 0
    for compared, (left, right) in enumerate(zip_longest(one, other), 1):
        if left == right:
            continue
        found += 1
        if left is None or right is None:
            lines.append(f" IEB223I EXTRA RECORD ON {'SYSUT2' if left is None else 'SYSUT1'}: RECORD {compared:08d}")
        if found <= MAXIMUM_SHOWN and left is not None and right is not None:
            lines.append(f" IEB221I RECORDS ARE NOT EQUAL: RECORD {compared:08d}")
        if left is None or right is None or found > MAXIMUM_SHOWN:
            break
    lines.append(f" RECORDS COMPARED = {compared}")
    return found


def _compare_libraries(step: StepContext, lines: list[str]) -> int:
    names = [step.dds[name].data_sets[0] for name in ("SYSUT1", "SYSUT2")]
    found = 0
    with step.system.library(names[0]) as one, step.system.library(names[1]) as other:
        members = sorted({member.name for library in (one, other) for member in library.members()})
        for member in members:
            if member not in one or member not in other:
                lines.append(f" IEB210I MEMBER {member} IS ONLY IN {names[1] if member not in one else names[0]}")
                found += 1
                continue
            lines.append(f" MEMBER {member}")
            found += _differences(one.records(member), other.records(member), lines)
    return found
