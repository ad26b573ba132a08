"""The converted job: what the runner works from. No JCL text is left in it, only values and positions."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from dtf.jcl.cards import Position
from dtf.jcl.conditions import Conditions, ReturnCodeTest
from dtf.jcl.relational import Expression


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
    """RECFM, LRECL, BLKSIZE, DSORG (PS, PO, PDSE) as coded; "" and None where not.

    `model`: the cataloged data set named by DCB=dsname or LIKE=, whose attributes fill what is not coded.
    """

    recfm: str = ""
    lrecl: int | None = None
    blksize: int | None = None
    dsorg: str = ""
    model: str = ""

    def over(self, base: DcbOperands) -> DcbOperands:
        """These operands, completed from those of a DD referred to."""
        return DcbOperands(
            self.recfm or base.recfm,
            self.lrecl if self.lrecl is not None else base.lrecl,
            self.blksize if self.blksize is not None else base.blksize,
            self.dsorg or base.dsorg,
            self.model or base.model,
        )


@dataclass(frozen=True, slots=True)
class VsamOperands:
    """RECORG=KS, ES, RR or LS with KEYLEN and KEYOFF: a DD that makes a cluster."""

    organization: str
    key_length: int = 0
    key_offset: int = 0


@dataclass(frozen=True, slots=True)
class SpaceRequest:
    """SPACE as coded: unit TRK, CYL or a block length, primary and secondary quantity, directory blocks."""

    unit: str
    primary: int
    secondary: int
    directory: int = 0


@dataclass(frozen=True, slots=True)
class UnixPath:
    """PATH with PATHOPTS, PATHDISP, PATHMODE and FILEDATA."""

    path: str
    options: frozenset[str] = frozenset()
    normal: str = "KEEP"
    abnormal: str = "KEEP"
    is_text: bool = True
    mode: int = 0o644
    """Permissions of a file that the step makes."""


class DdKind(enum.Enum):
    """What a DD stands for."""

    DATA_SET = "data set"
    TEMPORARY = "temporary data set"
    INSTREAM = "in-stream data"
    SYSOUT = "sysout"
    DUMMY = "dummy"
    DEFERRED = "DDNAME="
    PATH = "UNIX file"
    VOLUME = "volume"


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
    member: str = ""
    generation: int | None = None
    """Relative number of a generation of the group `data_set`."""
    vsam: VsamOperands | None = None
    serial: int = 0
    """Tells unnamed temporary data sets apart."""
    internal_reader: bool = False
    """SYSOUT=(class,INTRDR): what is written is a job."""
    later: str = ""
    """The ddname of DDNAME=."""
    unix: UnixPath | None = None
    symbols: str = ""
    """JCLONLY, EXECSYS or CNVTSYS of SYMBOLS=: which symbols of in-stream data are replaced."""
    symbol_log: str = ""
    """The ddname that logs what was replaced."""
    symbol_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dd:
    """All DD statements under one ddname, in order."""

    name: str
    parts: tuple[DdPart, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """The THEN (`taken_if` True) or ELSE part of an IF that a step is in. `group` tells the IFs of a job apart."""

    group: int
    statement: int
    expression: Expression
    taken_if: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One EXEC PGM= with its DDs. In a procedure `name` is the calling step's and `procstep` its own."""

    name: str
    program: str
    statement: int
    at: Position
    parameter: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    dds: tuple[Dd, ...] = ()
    procstep: str = ""
    branches: tuple[Branch, ...] = ()
    """The IFs around the step, the outermost first."""
    parameter_dd: str = ""
    abnormal_codes: ReturnCodeTest | None = None
    """ABDISPCC: return codes that take the abnormal disposition."""

    @property
    def label(self) -> str:
        """How conditions name the step: STEP or STEP.PROCSTEP."""
        return f"{self.name}.{self.procstep}" if self.procstep else self.name


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
    type_of_run: str = ""
    """SCAN, HOLD, JCLHOLD or COPY of TYPRUN=, or empty."""
    return_code_of: str = ""
    """JOBRC: "" the highest code, "*" the last step's, else the label of a step."""
