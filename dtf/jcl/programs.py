"""What a program of a step is: a callable that gets the step's context. `dtf.jcl.program_list` names them.

A program gets its step (DDs, PARM, the system) and returns its condition code, or raises Abend. It
catches what it can explain itself: whatever package error escapes is the runner's, condition code 12.
Source: z/OS DFSMS Access Method Services Commands (IDCAMS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dtf.errors import DtfError
from dtf.jcl.spool import SpoolFile
from ksds import idcams
from ksds.catalog.entries import NonVsamEntry
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes, SequentialDataSet, split_member
from ksds.errors import DataSetError, MemberNotFound
from ksds.system import System

CARDS = DataSetAttributes("FB", 80)
"""What in-stream data looks like to a program."""
MAXIMUM_LRECL = 32756
MAXIMUM_BLOCK = 32760
WORK = DataSetAttributes("VB", MAXIMUM_LRECL)
"""A work data set takes whatever record there is."""
LISTING = DataSetAttributes("VBA", 125)
"""What a listing becomes when its DD is a data set without DCB."""


class Abend(Exception):
    """A program ended abnormally: `code` S806 or U0100, `reason` in hexadecimal, messages for the job log.

    `data_set` is what an IEC message, the first of `messages`, is about: the runner adds job, step and ddname to it.
    """

    def __init__(self, code: str, reason: int = 0, *messages: str, data_set: str = "") -> None:
        super().__init__(f"ABEND={code}")
        self.code = code
        self.reason = reason
        self.messages = messages
        self.data_set = data_set


def open_abend(error: Exception) -> Abend | None:
    """What OPEN makes an abend: S013-18 for a missing member, S213-04 for a data set that is not on its volume."""
    if isinstance(error, MemberNotFound):
        name = f"{split_member(error.data_set or '')[0]}({error.member})"
        return Abend("S013", 0x18, "IEC141I 013-18,IGG0191B", f"DTX465E {error}", data_set=name)
    if isinstance(error, DataSetError) and isinstance(error.__cause__, FileNotFoundError):
        return Abend("S213", 4, "IEC143I 213-04,IFG0194D", f"DTX465E {error}", data_set=error.data_set or "")
    return None


RecordExit = Callable[[Iterator[bytes]], Iterable[bytes]]
"""An exit of the site (E15, E35 of SORT): takes the records that come by and gives back those that go on."""


def _nothing_to_call(name: str, parameter: str) -> int:
    raise Abend("S806", 4, f"CSV003I REQUESTED MODULE {name:<8} NOT FOUND")


def _nobody_reads(deck: str) -> None:
    raise DtfError("A STEP OUTSIDE A JOB HAS NO INTERNAL READER", message_id="DTX485E", condition_code=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What a program sees of its step. `log` writes to the job log, `now` tells the time."""

    system: System
    job: str
    job_id: str
    step: str
    parameter: str
    dds: dict[str, DD]
    spool_files: Mapping[str, SpoolFile]
    now: Callable[[], datetime]
    log: Callable[[str], None]
    reshape: Callable[[str, DataSetAttributes], None]
    """Gives a new data set without complete DCB the attributes that the program wants."""
    work_data_set: Callable[[DataSetAttributes], str]
    """Makes a data set that goes when the step ends; its name."""
    exits: Mapping[str, RecordExit] = field(default_factory=dict)
    call: Callable[[str, str], int] = _nothing_to_call
    """Runs another program in this step, by name and PARM; its condition code. Raises Abend (S806: unknown)."""
    submit: Callable[[str], None] = _nobody_reads
    """Takes a deck for the internal reader."""

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
        elif dd.spool is not None:
            for line in lines:
                dd.spool(line[1:] if carriage_control else line)
        elif dd.data_sets:
            self.reshape(ddname, LISTING)
            with self.open_output(dd) as output:
                output.append(fit(line, output.attributes) for line in lines)

    def open_output(self, dd: DD) -> SequentialDataSet:
        """The data set of an output DD, emptied unless its disposition is MOD."""
        name = dd.data_sets[0]
        return self.system.sequential(name, "a" if dd.disposition[0] == "MOD" and not split_member(name)[1] else "w")

    def attributes(self, dd: DD) -> DataSetAttributes:
        """The shape of a DD's first data set, of the library for a member, of cards for in-stream data and DUMMY.

        A cluster counts as variable records of its maximum length. Raises DataSetNotFound.
        """
        return self.shape_of(dd.data_sets[0]) if dd.data_sets else CARDS

    def shape_of(self, name: str) -> DataSetAttributes:
        """The shape of a data set, of the library for a member; of a cluster as of `attributes`. Or DataSetNotFound."""
        entry = self.system.entry(split_member(name)[0])
        if isinstance(entry, NonVsamEntry):
            return entry.attributes
        with self.system.cluster(name) as cluster:
            return DataSetAttributes("VB", min(cluster.definition.maximum_record + 4, MAXIMUM_LRECL))

    def is_cluster(self, dd: DD) -> bool:
        """True if the DD's first data set is VSAM."""
        return bool(dd.data_sets) and not isinstance(self.system.entry(split_member(dd.data_sets[0])[0]), NonVsamEntry)

    def write(self, ddname: str, records: Iterable[bytes], model: DataSetAttributes) -> int:
        """Write records to an output DD of the step; how many. A new data set without DCB takes that of `model`.

        Raises DataSetError for a record that does not fit, KsdsError, Abend SB37 or SD37 when the space is used up.
        """
        dd = self.dds[ddname]
        if dd.dummy:
            return sum(1 for _ in records)
        if dd.spool is not None:
            page, count = code_page(), 0
            for record in records:
                dd.spool(page.printable(record).rstrip())
                count += 1
            return count
        if len(dd.data_sets) != 1:
            raise DataSetError(f"{ddname} IS NOT ONE DATA SET FOR OUTPUT")
        if self.is_cluster(dd):
            return self._load(dd.data_sets[0], records)
        self.reshape(ddname, model)
        with self.open_output(dd) as output:
            return output.append(records)

    def _load(self, cluster: str, records: Iterable[bytes]) -> int:
        """Put records into a cluster, as REPRO does. Raises DataSetError with its message if it could not."""
        work = self.work_data_set(WORK)
        with self.system.sequential(work, "w") as output:
            count = output.append(records)
        result = idcams.run(
            self.system, [f"  REPRO INDATASET({work}) -", f"    OUTDATASET({cluster})"], dds={}, now=self.now()
        )
        if result.max_cc:
            said = [line[1:].strip() for line in result.sysprint if line[1:].strip().startswith(("IDC3", "KSD"))]
            raise DataSetError(said[-1] if said else f"REPRO ENDED WITH CODE {result.max_cc}", data_set=cluster)
        return count


Program = Callable[[StepContext], int]


def fit(line: str, attributes: DataSetAttributes) -> bytes:
    """A text line as a record: cut to the record length, padded if the format is fixed."""
    page = code_page()
    text = "".join(character if ord(character) < 256 else "." for character in line)[: attributes.maximum_data]
    return page.pad(text, attributes.maximum_data) if attributes.kind == "F" else page.encode(text)


def stub(code: int, name: str = "") -> Program:
    """A program that only ends with `code`; with a name it says so in the job log."""

    def run(step: StepContext) -> int:
        if name:
            step.log(f"DTX481I {name} IS A STUB, NOTHING RAN, CODE {code}")
        return code

    return run


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
    """IDCAMS: SYSIN to SYSPRINT; PARM as in its PARM command; the condition code is MAXCC."""
    commands = step.control_statements("SYSIN")
    for what in idcams.behind_the_margin(commands, step.parameter):
        step.log(f"DTX487W SYSIN {what}")
    result = idcams.run(step.system, commands, dds=step.dds, now=step.now(), parm=step.parameter)
    step.print("SYSPRINT", result.sysprint)
    return result.max_cc
