"""Allocation and disposition: what happens to the data sets of a step before and after its program.

Allocation looks every name up first and only then makes anything: if one data set is missing or there
already, no other is touched (IEF212I, IGD17101I) and the job ends. Disposition runs in DD order at step
end with the normal or, after an abend, the abnormal word. What is passed waits for a later step; at job
end a passed data set that was new is deleted, one that existed is kept.

Every data set here is cataloged while it exists, temporary ones under their generated name.
Source: z/OS MVS JCL Reference, DISP; reference listings for order and texts of the messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from dtf.jcl.job import DcbOperands, Dd, DdKind, DdPart, Disposition, Step
from dtf.jcl.spool import Spool, SpoolFile
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes
from ksds.errors import KsdsError
from ksds.system import VOLUME, System

CARD_LENGTH = 80
DISK_UNIT = "0A80"
"""Unit address shown for the one volume there is: ours."""
NOT_ALLOCATED = frozenset({"STEPLIB", "JOBLIB", "DMMSGFIL", "DMNETMAP"})
"""What nothing here reads: programs and messages are built in, and the DTF knows its own netmap."""
_UNDEFINED = DataSetAttributes("U")
_CARDS = DataSetAttributes("FB", CARD_LENGTH)
_UNITS = {DdKind.SYSOUT: "JES2", DdKind.INSTREAM: "JES2", DdKind.DUMMY: "DMY "}


class AllocationFailed(Exception):
    """A step cannot be given its data sets. `messages` go to JESYSMSG."""

    def __init__(self, *messages: str) -> None:
        super().__init__(messages[0])
        self.messages = messages


@dataclass(slots=True)
class Passed:
    """A data set between two steps; `created` in this job."""

    name: str
    created: bool


@dataclass(frozen=True, slots=True)
class DataSetEvent:
    """What became of a data set at the end of a step: `status` is the word of IEF285I or IEF287I."""

    step: str
    ddname: str
    name: str
    status: str
    created: bool


@dataclass(slots=True)
class AllocatedDataSet:
    """One data set of one DD. `disposition` has its defaults filled in."""

    ddname: str
    name: str
    part: DdPart
    disposition: Disposition
    created: bool
    """NEW in this step."""
    job_created: bool
    """NEW in this step, or passed on by the step that made it."""
    made: bool = False
    """NEW and by now really there."""


@dataclass(slots=True)
class JobDataSets:
    """What the data sets of a job remember from step to step."""

    system: System
    job: str
    started: datetime
    spool: Spool
    passed: dict[str, Passed] = field(default_factory=dict)
    temporary: dict[str, str] = field(default_factory=dict)
    """Name behind && -> generated data set name."""
    events: list[DataSetEvent] = field(default_factory=list)
    _unnamed: dict[int, str] = field(default_factory=dict)
    _serial: int = 0
    _spool_serial: int = 100

    def temporary_name(self, name: str, serial: int = 0) -> str:
        """SYSyyddd.Thhmmss.RA000.jobname.NAME.H01, or ...R0000001 for a DD without DSN, told apart by `serial`."""
        stem = f"SYS{self.started:%y%j}.T{self.started:%H%M%S}.RA000.{self.job}"
        if not name and serial in self._unnamed:
            return self._unnamed[serial]
        if not name:
            self._serial += 1
            return self._unnamed.setdefault(serial or -self._serial, f"{stem}.R{self._serial:07d}")
        return self.temporary.setdefault(name, f"{stem}.{name}.H01")

    def spool_name(self) -> str:
        """userid.jobname.jobid.D000nnnn.? as IEF285I shows spool data sets."""
        self._spool_serial += 1
        return f"IBMUSER.{self.job}.{self.spool.job_id}.D{self._spool_serial:07d}.?"

    def delete(self, name: str) -> str:
        """Delete a data set; the status word of IEF285I, or of IEF287I if it could not be."""
        try:
            self.system.delete(name, today=self.started.date())
        except KsdsError:
            return "NOT DELETED 8"
        return "DELETED"

    def say_disposition(self, name: str, status: str, say: Callable[[str], None]) -> None:
        message = "IEF287I" if status.startswith("NOT ") else "IEF285I"
        say(f"{message}   {name:<44} {status:<14}".rstrip())
        say(f"{message}   VOL SER NOS= {VOLUME}.")

    def end(self, say: Callable[[str], None]) -> None:
        """What was passed and never received: deleted if this job made it, else kept."""
        for passed in self.passed.values():
            if self.system.exists(passed.name):
                status = self.delete(passed.name) if passed.created else "KEPT"
                self.events.append(DataSetEvent("", "", passed.name, status, passed.created))
                self.say_disposition(passed.name, status, say)
        self.passed.clear()


class StepAllocation:
    """The data sets of one step, from allocation to disposition. `say` takes lines for JESYSMSG."""

    def __init__(self, job: JobDataSets, step: Step, say: Callable[[str], None]) -> None:
        self._job = job
        self._step = step
        self._say = say
        self._data_sets: list[AllocatedDataSet] = []
        self._spool_lines: list[str] = []
        self._readers: list[SpoolFile] = []
        self._work: list[str] = []
        self.dds: dict[str, DD] = {}
        self.spool_files: dict[str, SpoolFile] = {}

    # --- before the program -----------------------------------------------------------------------

    def allocate(self) -> None:
        """Find or make every data set. Raises AllocationFailed with nothing left behind."""
        for dd in self._step.dds:
            if dd.name not in NOT_ALLOCATED:
                self._look_up(dd)
        try:
            for data_set in self._data_sets:
                if data_set.created:
                    self._create(data_set, attributes_of(data_set.part.dcb, self._model(data_set.part)))
        except KsdsError as error:
            self._undo()
            raise self._failed(data_set.ddname, str(error)) from error
        except OSError as error:
            self._undo()
            raise AllocationFailed(f"IEF257I {self._where(data_set.ddname)} - SPACE REQUESTED NOT AVAILABLE") from error
        self._say(f"IEF236I ALLOC. FOR {self._where()}".rstrip())
        for dd in self._step.dds:
            if dd.name in NOT_ALLOCATED:
                self._say(f"DTX461I {dd.name} NOT ALLOCATED, NOTHING HERE READS IT")
            else:
                self._present(dd)

    def _look_up(self, dd: Dd) -> None:
        for index, part in enumerate(dd.parts):
            if part.kind in (DdKind.DATA_SET, DdKind.TEMPORARY):
                shown = dd.name if index == 0 else f"{dd.name} +{index:03d}"
                self._data_sets.append(self._found(dd.name, shown, part))

    def _found(self, ddname: str, shown: str, part: DdPart) -> AllocatedDataSet:
        job = self._job
        name = job.temporary_name(part.data_set, part.serial) if part.kind is DdKind.TEMPORARY else part.data_set
        self._refuse(shown, part)
        found = job.system.exists(name) or any(other.name == name for other in self._data_sets)
        disposition = part.disposition.filled(found=found)
        if disposition.status == "NEW" and found:
            raise self._failed(shown, f"IGD17101I DATA SET {name} NOT DEFINED BECAUSE DUPLICATE NAME EXISTS IN CATALOG")
        if disposition.status != "NEW" and not found:
            raise AllocationFailed(f"IEF212I {self._where(shown)} - DATA SET NOT FOUND")
        new = disposition.status == "NEW"
        passed = job.passed.get(name)
        return AllocatedDataSet(ddname, name, part, disposition, new, new or (passed is not None and passed.created))

    def _refuse(self, shown: str, part: DdPart) -> None:
        """What the data sets of this system cannot be."""
        what = "MEMBER" if part.member else "GENERATION" if part.generation is not None else ""
        if part.dcb.dsorg == "PO" or (part.space is not None and part.space.directory):
            what = "PARTITIONED DATA SET"
        if part.vsam is not None:
            what = "CLUSTER MADE BY A DD"
        if what:
            raise self._failed(shown, f"DTX466E {what} {part.data_set} IS NOT SUPPORTED")

    def _where(self, *more: str) -> str:
        return " ".join(word for word in (self._job.job, self._step.procstep, self._step.name, *more) if word)

    def _failed(self, ddname: str, detail: str) -> AllocationFailed:
        first = f"IEF344I {self._where(ddname)} - ALLOCATION FAILED DUE TO DATA FACILITY SYSTEM ERROR"
        return AllocationFailed(first, detail)

    def _create(self, data_set: AllocatedDataSet, attributes: DataSetAttributes | None) -> None:
        today = self._job.started.date()
        self._job.system.allocate(data_set.name, attributes or _UNDEFINED, created=today)
        data_set.made = True

    def _model(self, part: DdPart) -> DataSetAttributes | None:
        """The attributes of the data set that DCB=dsname or LIKE= names. Raises DataSetError if there is none."""
        if not part.dcb.model:
            return None
        with self._job.system.sequential(part.dcb.model) as model:
            return model.attributes

    def _undo(self) -> None:
        for data_set in self._data_sets:
            if data_set.made:
                self._job.system.delete(data_set.name, purge=True)

    def _present(self, dd: Dd) -> None:
        """Tell JESYSMSG what the DD got, and make the DD for the program."""
        for index, part in enumerate(dd.parts):
            unit = _UNITS.get(part.kind, DISK_UNIT)
            self._say(f"IEF237I {unit} ALLOCATED TO {dd.name if index == 0 else ''}".rstrip())
        self.dds[dd.name] = self._dd(dd)

    def _dd(self, dd: Dd) -> DD:
        first = dd.parts[0]
        if first.kind is DdKind.DUMMY:
            return DD(name=dd.name, dummy=True)
        if first.kind is DdKind.SYSOUT:
            return self._sysout(dd.name, first)
        if all(part.kind is DdKind.INSTREAM for part in dd.parts):
            records = tuple(record for part in dd.parts for record in self._instream(part))
            return DD(name=dd.name, instream=records)
        own = iter([data_set for data_set in self._data_sets if data_set.ddname == dd.name])
        names = []
        for part in takewhile(lambda part: part.kind is not DdKind.DUMMY, dd.parts):
            names.append(self._work_file(part) if part.kind is DdKind.INSTREAM else next(own).name)
        disposition = next((d.disposition for d in self._data_sets if d.ddname == dd.name), Disposition("SHR"))
        return DD(
            name=dd.name,
            data_sets=tuple(names),
            attributes=attributes_of(first.dcb),
            disposition=(disposition.status, disposition.normal, disposition.abnormal),
        )

    def _instream(self, part: DdPart) -> list[bytes]:
        self._spool_lines.append(f"IEF285I   {self._job.spool_name():<44} SYSIN")
        pad = code_page().pad
        return [pad(text, CARD_LENGTH) for text in part.records]

    def _work_file(self, part: DdPart) -> str:
        """In-stream data between data sets: a temporary data set of cards, for this step only."""
        name = self._job.temporary_name("", part.serial)
        self._job.system.allocate(name, _CARDS, created=self._job.started.date())
        self._work.append(name)
        with self._job.system.sequential(name, "w") as cards:
            cards.append(self._instream(part))
        return name

    def _sysout(self, ddname: str, part: DdPart) -> DD:
        self._spool_lines.append(f"IEF285I   {self._job.spool_name():<44} SYSOUT")
        if part.internal_reader:
            self.spool_files[ddname] = SpoolFile(self._step.name, ddname)
            self._readers.append(self.spool_files[ddname])
        else:
            self.spool_files[ddname] = self._job.spool.open(self._step.procstep or self._step.name, ddname)
        return DD(name=ddname, spool=self.spool_files[ddname].write)

    def submitted(self) -> list[str]:
        """The decks that the step wrote to the internal reader."""
        return ["\n".join(reader.lines) for reader in self._readers if reader.lines]

    def reshape(self, ddname: str, model: DataSetAttributes) -> None:
        """A new data set whose DCB is not complete takes what is missing from `model`. Raises DataSetError."""
        for data_set in self._data_sets:
            if data_set.ddname == ddname and data_set.made and attributes_of(data_set.part.dcb) is None:
                attributes = attributes_of(data_set.part.dcb, model)
                self._job.system.delete(data_set.name, purge=True)
                self._create(data_set, attributes)

    # --- after the program ------------------------------------------------------------------------

    def dispose(self, *, abended: bool) -> None:
        """Carry out the dispositions: data sets first, then the spool files, as listings show them."""
        for data_set in self._data_sets:
            disposition = data_set.disposition
            word = disposition.abnormal if abended else disposition.normal
            if data_set.part.kind is DdKind.TEMPORARY and word in ("KEEP", "CATLG"):
                word = "PASS"
            self._job.passed.pop(data_set.name, None)
            if self._job.system.exists(data_set.name):
                status = self._carry_out(data_set, word)
                event = DataSetEvent(self._step.label, data_set.ddname, data_set.name, status, data_set.created)
                self._job.events.append(event)
                self._job.say_disposition(data_set.name, status, self._say)
        for name in self._work:
            self._job.delete(name)
        for line in self._spool_lines:
            self._say(line)

    def _carry_out(self, data_set: AllocatedDataSet, word: str) -> str:
        """Do it, and return the status word of IEF285I."""
        if word == "PASS":
            self._job.passed[data_set.name] = Passed(data_set.name, data_set.job_created)
            return "PASSED"
        if word == "DELETE":
            return self._job.delete(data_set.name)
        return "CATALOGED" if word == "CATLG" and data_set.job_created else "KEPT"


def attributes_of(dcb: DcbOperands, model: DataSetAttributes | None = None) -> DataSetAttributes | None:
    """The attributes that the DCB operands give, completed from `model`; None if something is missing.

    Raises DataSetError for a combination that cannot be.
    """
    recfm = dcb.recfm or (model.recfm if model else "")
    lrecl = dcb.lrecl or (model.lrecl if model else 0)
    if not recfm or (not lrecl and not recfm.startswith("U")):
        return None
    blksize = dcb.blksize or 0
    if not blksize and model and (recfm, lrecl) == (model.recfm, model.lrecl):
        blksize = model.blksize
    return DataSetAttributes(recfm, lrecl, blksize)
