"""The converted job: what the runner works from. No JCL text is left in it, only values and positions."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from dtf.jcl.cards import Position
from dtf.jcl.conditions import Conditions


@dataclass(frozen=True, slots=True)
class Disposition:
    """DISP=(status,normal,abnormal) as coded; "" where nothing was coded."""

    status: str = ""
    normal: str = ""
    abnormal: str = ""

    def filled(self, *, found: bool) -> Disposition:
        """With the defaults of the JCL Reference: `found` says whether the data set exists, which decides about MOD.

        No status is NEW; MOD of what is not there is NEW; normal is DELETE for NEW, KEEP for what exists;
        abnormal is as normal, but behind PASS as normal's default.
        """
        status = self.status or "NEW"
        if status == "MOD" and not found:
            status = "NEW"
        default = "DELETE" if status == "NEW" else "KEEP"
        abnormal = self.abnormal or (default if self.normal in ("", "PASS") else self.normal)
        return Disposition(status, self.normal or default, abnormal)


@dataclass(frozen=True, slots=True)
class DcbOperands:
    """RECFM, LRECL, BLKSIZE, DSORG as coded; "" and None where not."""

    recfm: str = ""
    lrecl: int | None = None
    blksize: int | None = None
    dsorg: str = ""


@dataclass(frozen=True, slots=True)
class SpaceRequest:
    """SPACE as coded: unit TRK, CYL or a block length, primary and secondary quantity."""

    unit: str
    primary: int
    secondary: int


class DdKind(enum.Enum):
    DATA_SET = "data set"
    TEMPORARY = "temporary data set"
    INSTREAM = "in-stream data"
    SYSOUT = "sysout"
    DUMMY = "dummy"


@dataclass(frozen=True, slots=True)
class DdPart:
    """One DD statement: a DD of its own, or one member of a concatenation."""

    kind: DdKind
    statement: int
    at: Position
    data_set: str = ""
    """Permanent name, or the name behind && of a temporary one ("" = unnamed)."""
    disposition: Disposition = Disposition()
    dcb: DcbOperands = DcbOperands()
    space: SpaceRequest | None = None
    records: tuple[str, ...] = ()
    sysout_class: str = ""


@dataclass(frozen=True, slots=True)
class Dd:
    """All DD statements under one ddname, in order."""

    name: str
    parts: tuple[DdPart, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One EXEC PGM= with its DDs."""

    name: str
    program: str
    statement: int
    at: Position
    parameter: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    dds: tuple[Dd, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job that may run."""

    name: str
    steps: tuple[Step, ...]
    conditions: Conditions = field(default_factory=Conditions)
    job_class: str = "A"
    message_level: tuple[int, int] = (1, 1)
    programmer: str = ""
    notify: str = ""
    restart: str = ""
    scan_only: bool = False
