"""The programs a step may run: a plain mapping from the name on EXEC PGM= to a callable.

A program gets its step (DDs, PARM, the system) and returns its condition code, or raises Abend. It
catches what it can explain itself: whatever package error escapes is the runner's, condition code 12.
Sources: z/OS DFSMSdfp Utilities (IEBGENER); Access Method Services (IDCAMS); JCL facts of each program.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dtf.jcl.spool import SpoolFile
from ksds import idcams
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes, SequentialDataSet
from ksds.errors import DataSetError, KsdsError
from ksds.system import System

CARDS = DataSetAttributes("FB", 80)
"""What in-stream data looks like to a program."""
LISTING = DataSetAttributes("VBA", 125)
"""What a listing becomes when its DD is a data set without DCB."""


class Abend(Exception):
    """A program ended abnormally: `code` S806 or U0100, `reason` in hexadecimal, messages for the job log."""

    def __init__(self, code: str, reason: int = 0, *messages: str) -> None:
        super().__init__(f"ABEND={code}")
        self.code = code
        self.reason = reason
        self.messages = messages


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What a program sees of its step. `log` writes to the job log, `now` tells the time."""

    system: System
    job: str
    job_id: str
    step: str
    parameter: str
    dds: Mapping[str, DD]
    spool_files: Mapping[str, SpoolFile]
    now: Callable[[], datetime]
    log: Callable[[str], None]
    reshape: Callable[[str, DataSetAttributes], None]
    """Gives a new data set without complete DCB the attributes that the program wants."""

    def control_statements(self, ddname: str) -> list[str]:
        """The records of a DD as text; empty if there is no such DD."""
        dd = self.dds.get(ddname)
        decode = code_page().decode
        return [decode(record) for record in self.system.records(dd)] if dd else []

    def print(self, ddname: str, lines: Iterable[str], *, carriage_control: bool = True) -> None:
        """Write a listing to a DD: spool, data set, or nowhere if it is DUMMY or missing."""
        dd = self.dds.get(ddname)
        if dd is None or dd.dummy:
            return
        if ddname in self.spool_files:
            self.spool_files[ddname].carriage_control = carriage_control
            for line in lines:
                self.spool_files[ddname].write(line)
        elif dd.data_sets:
            self.reshape(ddname, LISTING)
            with self.open_output(dd) as output:
                output.append(fit(line, output.attributes) for line in lines)

    def open_output(self, dd: DD) -> SequentialDataSet:
        """The data set of an output DD, emptied unless its disposition is MOD."""
        return self.system.sequential(dd.data_sets[0], "a" if dd.disposition[0] == "MOD" else "w")


Program = Callable[[StepContext], int]


def fit(line: str, attributes: DataSetAttributes) -> bytes:
    """A text line as a record: cut to the record length, padded if the format is fixed."""
    page = code_page()
    text = "".join(character if ord(character) < 256 else "." for character in line)[: attributes.maximum_data]
    return page.pad(text, attributes.maximum_data) if attributes.kind == "F" else page.encode(text)


def stub(code: int) -> Program:
    """A program that only ends with `code`."""
    return lambda step: code


def not_found(name: str) -> Program:
    """What happens for a program that is not there: abend S806 with reason 4."""

    def fetch(step: StepContext) -> int:
        raise Abend(
            "S806",
            4,
            f"CSV003I REQUESTED MODULE {name:<8} NOT FOUND",
            f"CSV028I ABEND806-04  JOBNAME={step.job:<8}  STEPNAME={step.step}",
        )

    return fetch


def iefbr14(step: StepContext) -> int:
    """Does nothing; everything happens in allocation and disposition."""
    return 0


def run_idcams(step: StepContext) -> int:
    """IDCAMS: SYSIN to SYSPRINT; the condition code is MAXCC."""
    result = idcams.run(step.system, step.control_statements("SYSIN"), dds=step.dds, now=step.now())
    step.print("SYSPRINT", result.sysprint)
    return result.max_cc


# --- IEBGENER -------------------------------------------------------------------------------------

_HEADING = f"1{'DATA SET UTILITY - GENERATE':<99}PAGE 0001"


class _GenerateError(Exception):
    """IEBGENER ends with condition code 12."""


def iebgener(step: StepContext) -> int:
    """IEBGENER without control statements: copies SYSUT1 to SYSUT2, which takes the DCB it lacks from SYSUT1."""
    lines = [_HEADING, "-"]
    try:
        if _generate(step):
            lines.append(" IEB352I WARNING: ONE OR MORE OF THE OUTPUT DCB PARMS COPIED FROM INPUT")
            lines.append(" ")
        lines.append(" PROCESSING ENDED AT EOD")
        code = 0
    except (_GenerateError, KsdsError) as error:
        lines += [f" {error}", " PROCESSING TERMINATED"]
        code = 12
    step.print("SYSPRINT", lines)
    return code


def _generate(step: StepContext) -> bool:
    """Copy; True if the output took attributes from the input."""
    missing = [name for name in ("SYSUT1", "SYSUT2", "SYSPRINT", "SYSIN") if name not in step.dds]
    if missing:
        raise _GenerateError(f"DTX470E DD STATEMENT {missing[0]} IS MISSING")
    if any(line.strip() for line in step.control_statements("SYSIN")):
        raise _GenerateError("DTX471E CONTROL STATEMENTS OF IEBGENER ARE NOT SUPPORTED")
    source, target = step.dds["SYSUT1"], step.dds["SYSUT2"]
    shape = _shape(step.system, source)
    if target.dummy:
        return False
    if target.spool:
        page = code_page()
        for record in step.system.records(source):
            target.spool(page.printable(record).rstrip())
        return True
    return _copy(step, source, target, shape)


def _copy(step: StepContext, source: DD, target: DD, shape: DataSetAttributes) -> bool:
    if len(target.data_sets) != 1:
        raise _GenerateError("DTX472E SYSUT2 IS NOT ONE SEQUENTIAL DATA SET")
    step.reshape("SYSUT2", shape)
    goal = _shape(step.system, dataclasses.replace(target, attributes=None))
    if shape.kind != goal.kind or (shape.lrecl != goal.lrecl if shape.kind == "F" else shape.lrecl > goal.lrecl):
        raise _GenerateError(
            f"DTX473E RECORDS OF SYSUT1 (RECFM={shape.recfm},LRECL={shape.lrecl}) DO NOT FIT "
            f"SYSUT2 (RECFM={goal.recfm},LRECL={goal.lrecl})"
        )
    with step.open_output(target) as output:
        output.append(step.system.records(source))
    return target.attributes is None


def _shape(system: System, dd: DD) -> DataSetAttributes:
    """Attributes of the first data set of a DD; in-stream data and DUMMY are card images."""
    if not dd.data_sets:
        return CARDS
    try:
        with system.sequential(dd.data_sets[0]) as data_set:
            return data_set.attributes
    except DataSetError as error:
        raise _GenerateError(f"{error}") from error


PROGRAMS: Mapping[str, Program] = {
    "IEFBR14": iefbr14,
    "IEBGENER": iebgener,
    "ICEGENER": iebgener,
    "IDCAMS": run_idcams,
}
"""The programs that need nothing but the system. DMBATCH comes from whoever has a node (replay_command)."""
