"""PGM=DMBATCH and PGM=DGADBATC: the batch interface of the DTF as a step program.

DDs: SYSIN the commands, DMPUBLIB the Process library, DMPRINT (or SYSPRINT) the report. The node's console
lines, which on the real system go to the DTF's own log, are shown in the report below the command that caused
them: a restart is only worth watching if it is seen.
Source: Connect:Direct for z/OS, "Batch interface job requirements".
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from dtf.batch import Batch
from dtf.command_language import CommandError
from dtf.jcl.programs import Program, StepContext
from dtf.node import Node, process_text
from dtf.process import SubmittingJob
from ksds.errors import MemberNotFound

OpenNode = Callable[[StepContext, Callable[[str], None]], AbstractContextManager[Node]]
"""Opens the local node for one step; the callable takes its console lines."""


def dmbatch(open_node: OpenNode) -> Program:
    """The program, for the mapping handed to the runner."""

    def run(step: StepContext) -> int:
        report: list[str] = []
        try:
            with open_node(step, lambda line: report.append(f"   {line}")) as node:
                batch = Batch(
                    node=node,
                    write=lambda line: report.append(f" {line}"),
                    read_process=lambda name: process_text(step.system, name),
                    read_member=lambda member: member_text(step, member),
                    parameter=step.parameter,
                    job=SubmittingJob(step.job, step.job_id, _data_sets(step)),
                )
                return batch.run(step.control_statements("SYSIN"))
        finally:
            step.print("DMPRINT" if "DMPRINT" in step.dds else "SYSPRINT", report)

    return run


def _data_sets(step: StepContext) -> dict[str, str]:
    """The first data set of each DD that has any."""
    return {name: dd.data_sets[0] for name, dd in step.dds.items() if dd.data_sets}


def member_text(step: StepContext, member: str) -> str:
    """A Process from the first library of DMPUBLIB that has it. Raises CommandError."""
    dd = step.dds.get("DMPUBLIB")
    if dd is None or not dd.data_sets:
        raise CommandError("SUBMIT PROC= NEEDS DD DMPUBLIB", message_id="DTX508E")
    for library in dd.data_sets:
        try:
            return process_text(step.system, f"{library}({member})")
        except MemberNotFound:
            continue
    raise CommandError(f"MEMBER {member[:20]} IS NOT IN DMPUBLIB", message_id="DTX508E")
