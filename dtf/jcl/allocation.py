"""Allocation and disposition: what happens to the data sets of a step before and after its program.

Allocation looks every name up first and only then makes anything: if one data set is missing or there
already, no other is touched (IEF212I, IGD17101I) and the job ends. Disposition runs in DD order at step
end with the normal or, after an abend, the abnormal word. What is passed waits for a later step; at job
end a passed data set that was new is deleted, one that existed is kept.

Every data set here is cataloged while it exists, temporary ones under their generated name.
Source: z/OS MVS JCL Reference, DISP; reference listings for order and texts of the messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from dtf.errors import DtfError
from dtf.jcl.job import DcbOperands, Dd, DdKind, DdPart, Disposition, SpaceRequest, Step
from dtf.jcl.job_data_sets import DataSetEvent, JobDataSets, Passed
from dtf.jcl.spool import SpoolFile
from dtf.jcl.unix_files import OpenFile
from ksds import SpaceQuantity, derive
from ksds import SpaceRequest as ClusterRequest
from ksds.catalog.entries import NonVsamEntry, Space
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes, split_member
from ksds.errors import DataSetError, DataSetNotFound, KsdsError

CARD_LENGTH = 80
DISK_UNIT = "0A80"
"""Unit address shown for the one volume there is: ours."""
NOT_ALLOCATED = frozenset({"STEPLIB", "JOBLIB", "DMMSGFIL", "DMNETMAP"})
"""What nothing here reads: programs and messages are built in, and the DTF knows its own netmap."""
_UNDEFINED = DataSetAttributes("U")
_CARDS = DataSetAttributes("FB", CARD_LENGTH)
_ORGANIZATIONS = {"KS": "INDEXED", "ES": "NONINDEXED", "RR": "NUMBERED", "LS": "LINEAR"}
_TRACK_BYTES = {"TRK": 2 * 27_998, "CYL": 15 * 2 * 27_998}
_FATES = {"KEEP": "KEPT", "DELETE": "DELETED"}
_UNITS = {DdKind.PATH: "UNIX", DdKind.SYSOUT: "JES2", DdKind.INSTREAM: "JES2", DdKind.DUMMY: "DMY "}


class AllocationFailed(Exception):
    """A step cannot be given its data sets. `messages` go to JESYSMSG."""

    def __init__(self, *messages: str) -> None:
        super().__init__(messages[0])
        self.messages = messages


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
    index: int = 0
    """Which DD statement of a concatenation it belongs to."""

    @property
    def reference(self) -> str:
        """The name for programs: with the member, if the DD names one."""
        return f"{self.name}({self.part.member})" if self.part.member else self.name


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
        self._files: dict[int, OpenFile] = {}
        self._written: list[tuple[str, OpenFile, str]] = []
        self.dds: dict[str, DD] = {}
        self.spool_files: dict[str, SpoolFile] = {}

    # --- before the program -----------------------------------------------------------------------

    def allocate(self) -> None:
        """Find or make every data set. Raises AllocationFailed with nothing left behind."""
        for dd in self._step.dds:
            if dd.name not in NOT_ALLOCATED:
                self._look_up(dd)
        if wrong := _wrong_attributes(self._step.dds):
            raise self._failed(*wrong)
        self._open_files()
        try:
            for data_set in self._data_sets:
                if data_set.created:
                    self._create(data_set, attributes_of(_operands(data_set.part), self._model(data_set.part)))
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
        for part in (part for dd in self._step.dds for part in dd.parts if part.symbol_changes):
            if part.symbol_log in self.spool_files:
                self.spool_files[part.symbol_log].lines += part.symbol_changes

    def _open_files(self) -> None:
        parts = [(dd.name, part) for dd in self._step.dds if dd.name not in NOT_ALLOCATED for part in dd.parts]
        for ddname, part in parts:
            if part.unix is not None:
                try:
                    self._files[part.statement] = self._job.files.open(part.unix, attributes_of(_operands(part)))
                except (DtfError, OSError) as error:
                    raise self._failed(ddname, str(error)) from error

    def _look_up(self, dd: Dd) -> None:
        for index, part in enumerate(dd.parts):
            if part.kind in (DdKind.DATA_SET, DdKind.TEMPORARY):
                shown = dd.name if index == 0 else f"{dd.name} +{index:03d}"
                for name in self._names(shown, part):
                    self._data_sets.append(self._found(dd.name, shown, part, name))
                    self._data_sets[-1].index = index

    def _names(self, shown: str, part: DdPart) -> list[str]:
        """The data sets that a DD statement means: more than one for a whole generation data group."""
        if part.kind is DdKind.TEMPORARY:
            return [self._job.temporary_name(part.data_set, part.serial)]
        try:
            names = self._job.generations(part.data_set, part.generation)
        except DataSetNotFound:
            names = []
        except KsdsError as error:
            raise self._failed(shown, str(error)) from error
        if not names:
            raise AllocationFailed(f"IEF212I {self._where(shown)} - DATA SET NOT FOUND")
        return names

    def _found(self, ddname: str, shown: str, part: DdPart, name: str) -> AllocatedDataSet:
        job = self._job
        found = job.is_there(name) or any(other.name == name for other in self._data_sets)
        disposition = part.disposition.filled(found=found)
        if disposition.status == "NEW" and found:
            raise self._failed(shown, f"IGD17101I DATA SET {name} NOT DEFINED BECAUSE DUPLICATE NAME EXISTS IN CATALOG")
        if disposition.status != "NEW" and not found:
            raise AllocationFailed(f"IEF212I {self._where(shown)} - DATA SET NOT FOUND")
        new = disposition.status == "NEW"
        passed = job.passed.get(name)
        return AllocatedDataSet(ddname, name, part, disposition, new, new or (passed is not None and passed.created))

    def _where(self, *more: str) -> str:
        return " ".join(word for word in (self._job.job, self._step.procstep, self._step.name, *more) if word)

    def _failed(self, ddname: str, detail: str) -> AllocationFailed:
        first = f"IEF344I {self._where(ddname)} - ALLOCATION FAILED DUE TO DATA FACILITY SYSTEM ERROR"
        return AllocationFailed(first, detail)

    def _create(self, data_set: AllocatedDataSet, attributes: DataSetAttributes | None) -> None:
        system, part, today = self._job.system, data_set.part, self._job.started.date()
        if part.vsam is not None:
            system.define_cluster(derive(_cluster(data_set.name, part)), created=today)
        else:
            system.allocate(
                data_set.name,
                attributes or _undefined(part),
                created=today,
                space=_space(part.space),
                deferred=part.generation is not None,
            )
        data_set.made = True
        self._job.made.add(data_set.name)

    def _model(self, part: DdPart) -> DataSetAttributes | None:
        """The attributes of the data set that DCB=dsname or LIKE= names. Raises DataSetNotFound, DataSetError."""
        if not part.dcb.model:
            return None
        base, _, generation = part.dcb.model.rstrip(")").partition("(")
        [name, *_] = self._job.generations(base, int(generation)) if generation else [base]
        entry = self._job.system.entry(name)
        if not isinstance(entry, NonVsamEntry):
            raise DataSetError(f"{entry.type} IS NO MODEL FOR A DATA SET", data_set=entry.name)
        return entry.attributes

    def _undo(self) -> None:
        for data_set in self._data_sets:
            if data_set.made:
                self._job.system.delete(data_set.name, purge=True)
                self._job.made.discard(data_set.name)

    def _present(self, dd: Dd) -> None:
        """Tell JESYSMSG what the DD got, and make the DD for the program."""
        for index, part in enumerate(dd.parts):
            unit = _UNITS.get(part.kind, DISK_UNIT)
            self._say(f"IEF237I {unit} ALLOCATED TO {dd.name if index == 0 else ''}".rstrip())
        self.dds[dd.name] = self._dd(dd)

    def _dd(self, dd: Dd) -> DD:
        first = dd.parts[0]
        if first.kind in (DdKind.DUMMY, DdKind.VOLUME):
            return DD(name=dd.name, dummy=True)
        if first.kind is DdKind.SYSOUT:
            return self._sysout(dd.name, first)
        if all(part.kind is DdKind.INSTREAM for part in dd.parts):
            records = tuple(record for part in dd.parts for record in self._instream(part))
            return DD(name=dd.name, instream=records)
        own = [data_set for data_set in self._data_sets if data_set.ddname == dd.name]
        names = []
        for index, part in enumerate(takewhile(lambda part: part.kind is not DdKind.DUMMY, dd.parts)):
            if part.kind is DdKind.INSTREAM:
                names.append(self._work_file(_CARDS, self._instream(part)))
            if part.statement in self._files:
                names.append(self._unix_file(dd.name, self._files[part.statement]))
            names += [data_set.reference for data_set in own if data_set.index == index]
        status = self._files[first.statement].status if first.statement in self._files else "SHR"
        disposition = next((data_set.disposition for data_set in own), Disposition(status))
        return DD(
            name=dd.name,
            data_sets=tuple(names),
            attributes=attributes_of(_operands(first)),
            disposition=(disposition.status, disposition.normal, disposition.abnormal),
        )

    def _instream(self, part: DdPart) -> list[bytes]:
        self._spool_lines.append(f"IEF285I   {self._job.spool_name():<44} SYSIN")
        pad = code_page().pad
        return [pad(text, CARD_LENGTH) for text in part.records]

    def _work_file(self, attributes: DataSetAttributes, records: Iterable[bytes]) -> str:
        """In-stream data between data sets, or a UNIX file: a temporary data set, for this step only."""
        name = self.work_data_set(attributes)
        with self._job.system.sequential(name, "w") as work:
            work.append(records)
        return name

    def _unix_file(self, ddname: str, file: OpenFile) -> str:
        name = self._work_file(file.attributes, file.records)
        self._written.append((ddname, file, name))
        return name

    def work_data_set(self, attributes: DataSetAttributes) -> str:
        """Make a data set that goes when the step ends; its name."""
        name = self._job.temporary_name("")
        self._job.system.allocate(name, attributes, created=self._job.started.date())
        self._work.append(name)
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
            operands = _operands(data_set.part)
            if (
                data_set.ddname == ddname
                and data_set.made
                and attributes_of(operands, self._model(data_set.part)) is None
            ):
                attributes = attributes_of(operands, model)
                self._job.system.delete(data_set.name, purge=True)
                self._create(data_set, attributes)

    # --- after the program ------------------------------------------------------------------------

    def overflow(self) -> tuple[str, str] | None:
        """(abend code, data set) of the first data set that has outgrown its SPACE, or None.

        Space counts in tracks of half-track blocks: the primary quantity, and the secondary one fifteen times.
        """
        for data_set in self._data_sets:
            space = data_set.part.space
            if not data_set.made or space is None or space.unit not in _TRACK_BYTES or data_set.part.vsam is not None:
                continue
            if not self._job.system.exists(data_set.name):
                continue
            size = self._job.system.identity(data_set.name).size
            room = (space.primary + 15 * space.secondary) * _TRACK_BYTES[space.unit]
            if size > room:
                library = _operands(data_set.part).dsorg in ("PO", "PDSE")
                return "SE37" if library else "SB37" if space.secondary else "SD37", data_set.reference
        return None

    def ddname_of(self, reference: str) -> str:
        """The ddname of a data set, with its place in the concatenation if that is not the first; empty if unknown."""
        name = split_member(reference)[0]
        found = next((data_set for data_set in self._data_sets if data_set.name == name), None)
        if found is None:
            return ""
        return f"{found.ddname}-{found.index + 1}" if found.index else found.ddname

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
                for name, fate in self._job.catalog(data_set.name) if status == "CATALOGED" else ():
                    self._job.events.append(DataSetEvent(self._step.label, data_set.ddname, name, fate, False))
                    self._job.say_disposition(name, fate, self._say)
        self._end_files(abended=abended)
        for name in self._work:
            self._job.delete(name)
        for line in self._spool_lines:
            self._say(line)

    def _end_files(self, *, abended: bool) -> None:
        """Write UNIX files that were open for output, then keep or remove them as PATHDISP says."""
        for ddname, file, work in self._written:
            fate = file.said.abnormal if abended else file.said.normal
            try:
                if fate == "DELETE":
                    file.remove()
                elif file.is_output or not file.host.exists():
                    file.write(self._job.system.records(work))
            except OSError as error:
                fate = f"NOT WRITTEN: {error.strerror}"
            self._say(f"DTX466I PATH {file.said.path} OF {ddname} {fate if ' ' in fate else _FATES[fate]}")

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
    library = dcb.dsorg in ("PO", "PDSE") or (not dcb.dsorg and model is not None and model.dsorg == "PO" and dcb.model)
    pdse = dcb.dsorg == "PDSE" or bool(library and model and model.pdse)
    return DataSetAttributes(recfm, lrecl, blksize, "PO" if library else "PS", pdse=pdse)


def _wrong_attributes(dds: Iterable[Dd]) -> tuple[str, str] | None:
    """The first DD whose RECFM, LRECL and BLKSIZE do not go together, of an existing data set too, and why."""
    for dd in dds:
        try:
            attributes_of(_operands(dd.parts[0]))
        except DataSetError as error:
            return dd.name, str(error)
    return None


def _operands(part: DdPart) -> DcbOperands:
    """The DCB of a DD; a member or directory blocks make it a library."""
    if not part.dcb.dsorg and (part.member or (part.space is not None and part.space.directory)):
        return replace(part.dcb, dsorg="PO")
    return part.dcb


def _undefined(part: DdPart) -> DataSetAttributes:
    """The shape of a new data set that nothing describes."""
    dsorg = _operands(part).dsorg
    return DataSetAttributes("U", dsorg="PO", pdse=dsorg == "PDSE") if dsorg in ("PO", "PDSE") else _UNDEFINED


def _space(request: SpaceRequest | None) -> Space:
    units = {"TRK": "TRACK", "CYL": "CYLINDER"}
    if request is None or request.unit not in units:
        return Space()
    return Space(unit=units[request.unit], primary=request.primary, secondary=request.secondary)


def _cluster(name: str, part: DdPart) -> ClusterRequest:
    """RECORG=KS, ES, RR or LS as DEFINE CLUSTER would say it."""
    assert part.vsam is not None
    unit = "CYLINDERS" if part.space is not None and part.space.unit == "CYL" else "TRACKS"
    primary, secondary = (part.space.primary, part.space.secondary) if part.space else (1, 1)
    length = part.dcb.lrecl or 4089
    return ClusterRequest(
        name=name,
        space=SpaceQuantity(unit, max(primary, 1), secondary),
        organization=_ORGANIZATIONS[part.vsam.organization],
        key_length=part.vsam.key_length or 64,
        key_offset=part.vsam.key_offset,
        average_record=length,
        maximum_record=length,
    )
