"""PGM=DMBATCH and PGM=DGADBATC: the batch interface of the DTF as a step program.

DDs: SYSIN the commands, DMPUBLIB the Process library, DMPRINT (or SYSPRINT) the report. The node's console
lines, which on the real system go to the DTF's own log, are shown in the report below the command that caused
them: a restart is only worth watching if it is seen.
Source: Connect:Direct for z/OS, "Batch interface job requirements".
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from dtf.batch import Batch, CommandError, Dtf
from dtf.jcl.programs import Program, StepContext
from ksds.codepage import code_page

OpenNode = Callable[[StepContext, Callable[[str], None]], AbstractContextManager[Dtf]]
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
                    read_process=lambda name: process_text(step, name),
                    read_member=_no_library,
                    parameter=step.parameter,
                )
                return batch.run(step.control_statements("SYSIN"))
        finally:
            step.print("DMPRINT" if "DMPRINT" in step.dds else "SYSPRINT", report)

    return run


def process_text(step: StepContext, name: str) -> str:
    """The text of a Process kept in a sequential data set; eight digits in columns 73-80 are sequence numbers."""
    if name.endswith(")"):
        _no_library(name)
    decode = code_page().decode
    lines = [decode(record).rstrip() for record in step.system.records(name)]
    return "\n".join(line[:72].rstrip() if len(line) == 80 and line[72:].isdecimal() else line for line in lines)


def _no_library(member: str) -> str:
    text = f"MEMBER {member[:60]}: PROCESS LIBRARIES ARE NOT SUPPORTED, USE DSN= OF A SEQUENTIAL DATA SET"
    raise CommandError(text, message_id="DTX508E")
