"""What the data sets of a job remember from step to step: names, what was passed, what relative generations mean.

Relative numbers keep their meaning for the whole job: (+1) made in one step is (+1) in the next, (0) stays the newest
from before the job.
Sources: z/OS MVS JCL Reference, DISP and DSNAME; DFSMS Using Data Sets, "Processing Generation Data Groups".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from dtf.jcl.spool import Spool
from dtf.jcl.unix_files import UnixFiles
from ksds.catalog.entries import NonVsamEntry, Status
from ksds.catalog.generations import Group
from ksds.errors import KsdsError
from ksds.system import VOLUME, System


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
class JobDataSets:
    """What the data sets of a job remember from step to step."""

    system: System
    job: str
    started: datetime
    spool: Spool
    files: UnixFiles = field(default_factory=UnixFiles)
    passed: dict[str, Passed] = field(default_factory=dict)
    temporary: dict[str, str] = field(default_factory=dict)
    """Name behind && -> generated data set name."""
    made: set[str] = field(default_factory=set)
    """What this job created and did not delete."""
    events: list[DataSetEvent] = field(default_factory=list)
    _groups: dict[str, Group] = field(default_factory=dict)
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

    def generations(self, base: str, number: int | None) -> list[str]:
        """The data sets of a relative number, or with None of the whole group; [base] if it is no group.

        What a number means is fixed at the first use of the group in the job. Raises DataSetNotFound, CatalogError.
        """
        if base not in self._groups:
            if number is None and not (self.system.exists(base) and self.system.entry(base).type == "GDG"):
                return [base]
            self._groups[base] = self.system.generations.group(base)
        group = self._groups[base]
        return group.names() if number is None else [group.relative(number)]

    def is_there(self, name: str) -> bool:
        """True for a cataloged data set; a generation that an earlier job made and never rolled in is not there."""
        if not self.system.exists(name):
            return False
        return not self._is_deferred(name) or name in self.made

    def _is_deferred(self, name: str) -> bool:
        entry = self.system.entry(name)
        return isinstance(entry, NonVsamEntry) and entry.status is Status.DEFERRED

    def catalog(self, name: str) -> list[tuple[str, str]]:
        """Roll a new generation in; (name, status word) of those that roll off."""
        if not self._is_deferred(name):
            return []
        rolled = self.system.generations.roll_in(name, today=self.started.date())
        return [(off.entry.name, "DELETED" if off.scratched else "UNCATALOGED") for off in rolled]

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
        self.made.discard(name)
        return "DELETED"

    def say_disposition(self, name: str, status: str, say: Callable[[str], None]) -> None:
        """The two lines of the job log about what became of a data set."""
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
