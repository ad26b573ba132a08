"""Every way a request can fail, and the real code for each.

    KsdsError                         one line for people, an exit status (condition code)
    |-- VsamError                     R15, feedback (reason), component, RBA
    |   |-- RplBusy        R15 = 4    not accepted
    |   |-- LogicalError   R15 = 8    the request was wrong; the data set is as it was
    |   |   |-- EndOfData, DuplicateKey, OutOfSequence, RecordNotFound, NoSpace, ...
    |   |-- PhysicalError  R15 = 12   a control interval cannot be read or written
    |   |   |-- Damaged               its bytes contradict their checksum or their own structure
    |   |-- OpenError                 OPEN failed; feedback is ACBERFLG
    |-- CatalogError                  a name could not be defined, found or deleted
    |-- DataSetError                  a sequential data set's blocks or records are wrong
    |-- BundleError                   a TensorFlow checkpoint set is not one, or not whole
    |   |-- TensorDamaged             the data of a tensor contradict the index
    |-- CopybookError                 a copybook's text, a choice among its redefinitions, or a value for a field

Numbers are those of macro IDARMRCD and z/OS DFSMS Macro Instructions for Data Sets.
"""

from __future__ import annotations

from typing import ClassVar


def one_line(text: str) -> str:
    """The text with a period for each character that does not print: what a damaged record says ends up in messages."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "." for c in text)


class KsdsError(Exception):
    """Base of every error that this package raises on purpose. `str()` is one line."""

    condition_code: ClassVar[int] = 12


class VsamError(KsdsError):
    """A VSAM outcome: return code (R15), feedback (reason code), component and RBA.

    `component` is "data" or "index" where known, `rba` the byte offset of the control interval
    inside it, `data_set` the cluster's name (filled in by whoever knows it). `component_code` is RPLCMPON: 0 the base
    cluster, 2 the alternate index of a path, 4 the upgrade set; it is never odd here, for a request that an alternate
    index refuses is undone.
    """

    return_code: ClassVar[int] = 8
    component_code: int = 0
    feedback: int = 0
    symbol: ClassVar[str] = ""
    condition_code: ClassVar[int] = 8

    def __init__(
        self,
        what: str,
        *,
        feedback: int | None = None,
        component: str | None = None,
        rba: int | None = None,
        data_set: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = one_line(what)
        if feedback is not None:
            self.feedback = feedback
        self.component = component
        self.rba = rba
        self.data_set = data_set

    def __str__(self) -> str:
        where = ""
        if self.data_set:
            where += f" IN {self.data_set}"
        if self.component:
            where += f" {self.component.upper()}"
        if self.rba is not None:
            where += f" RBA {self.rba}"
        symbol = f" {self.symbol}" if self.symbol else ""
        code = f"{self.feedback} (X'{self.feedback:02X}')"
        return f"VSAM RETURN CODE {self.return_code} FEEDBACK {code}{symbol}: {self.what}{where}"


class RplBusy(VsamError):
    """R15 = 4: the request parameter list still has an asynchronous request to CHECK; this one was not accepted."""

    return_code = 4
    condition_code = 4


class LogicalError(VsamError):
    """R15 = 8: the request could not be honoured; nothing changed."""


class EndOfData(LogicalError):
    """Feedback 4: no record at or after the position."""

    feedback = 4
    symbol = "RPLEODER"
    condition_code = 4


class DuplicateKey(LogicalError, KeyError):
    """Feedback 8: a record with this key exists."""

    feedback = 8
    symbol = "RPLDUP"


class OutOfSequence(LogicalError, ValueError):
    """Feedback 12: keys must ascend in load mode and sequential insertion."""

    feedback = 12
    symbol = "RPLSEQCK"


class RecordNotFound(LogicalError, KeyError):
    """Feedback 16: no record with this key."""

    feedback = 16
    symbol = "RPLNOREC"


class ExclusiveControl(LogicalError):
    """Feedback 20: another string of the ACB has read a record of this control interval for update, or another program
    is changing the data set (SHAREOPTIONS 3 and 4)."""

    feedback = 20
    symbol = "RPLEXCL"


class NoSpace(LogicalError, OSError):
    """Feedback 28: the data set cannot be extended."""

    feedback = 28
    symbol = "RPLNOEXT"


class InvalidRba(LogicalError, ValueError):
    """Feedback 32: the RBA is not a record's address."""

    feedback = 32
    symbol = "RPLINRBA"


class AreaTooSmall(LogicalError, ValueError):
    """Feedback 44: the record does not fit the work area (AREALEN)."""

    feedback = 44
    symbol = "RPLINBUF"


class NoString(LogicalError):
    """Feedback 64: every string of the ACB (STRNO) holds a position."""

    feedback = 64
    symbol = "RPLNOPLH"


class InvalidAccess(LogicalError, ValueError):
    """Feedback 68: the data set was not opened for this kind of request."""

    feedback = 68
    symbol = "RPLINACC"


class InvalidKeyedRequest(LogicalError, ValueError):
    """Feedback 72: an entry-sequenced data set has no keys."""

    feedback = 72
    symbol = "RPLINKEY"


class InvalidInsertion(LogicalError, ValueError):
    """Feedback 76: no insertion by address into a KSDS, nor by control interval into a KSDS or RRDS."""

    feedback = 76
    symbol = "RPLINADR"


class InvalidErase(LogicalError, ValueError):
    """Feedback 80: records of an entry-sequenced data set cannot be erased, through a path neither."""

    feedback = 80
    symbol = "RPLERSER"


class InvalidLocate(LogicalError, ValueError):
    """Feedback 84: locate mode is for reading only."""

    feedback = 84
    symbol = "RPLINLOC"


class NoPosition(LogicalError):
    """Feedback 88: no position, or one that was taken in another mode or direction."""

    feedback = 88
    symbol = "RPLNOPTR"


class NotReadForUpdate(LogicalError):
    """Feedback 92: PUT UPD or ERASE without a GET UPD before it."""

    feedback = 92
    symbol = "RPLINUPD"


class KeyChange(LogicalError, ValueError):
    """Feedback 96: an update may change neither the prime key nor the alternate key of the path it goes through."""

    feedback = 96
    symbol = "RPLKEYCH"


class LengthChange(LogicalError, ValueError):
    """Feedback 100: the record's length may not change (ESDS, RRDS)."""

    feedback = 100
    symbol = "RPLDLCER"


class InvalidOptions(LogicalError, ValueError):
    """Feedback 104: options that exclude each other, or that this data set does not know."""

    feedback = 104
    symbol = "RPLINVP"


class InvalidLength(LogicalError, ValueError):
    """Feedback 108: record too long, or too short to hold its key."""

    feedback = 108
    symbol = "RPLINLEN"


class InvalidKeyLength(LogicalError, ValueError):
    """Feedback 112: key argument empty or longer than the key."""

    feedback = 112
    symbol = "RPLKEYLC"


class LoadModeViolation(LogicalError, ValueError):
    """Feedback 116: not possible while the data set is being loaded."""

    feedback = 116
    symbol = "RPLINLRQ"


class SpannedLocate(LogicalError, ValueError):
    """Feedback 132: a spanned record cannot be read in locate mode."""

    feedback = 132
    symbol = "RPLSRLOC"


class SpannedAddressed(LogicalError, ValueError):
    """Feedback 136: a spanned record of a KSDS cannot be read by address."""

    feedback = 136
    symbol = "RPLARSRK"


class InconsistentSpanned(LogicalError):
    """Feedback 140: the control intervals of a spanned record do not hold segments of one and the same state."""

    feedback = 140
    symbol = "RPLSRISG"


class NoBaseRecord(LogicalError, KeyError):
    """Feedback 144: an alternate index points to a record that its base cluster does not have."""

    feedback = 144
    symbol = "RPLNBRCD"


class TooManyPointers(LogicalError, OverflowError):
    """Feedback 148: the alternate index record of this key can take no more pointers."""

    feedback = 148
    symbol = "RPLNXPTR"


class InvalidInterval(LogicalError, ValueError):
    """Feedback 156: not a control interval that the data set could hold."""

    feedback = 156
    symbol = "RPLINCNV"


class InvalidRecordNumber(LogicalError, KeyError):
    """Feedback 192: relative record number outside the data set."""

    feedback = 192
    symbol = "RPLIRRNO"


class AddressedRelative(LogicalError, ValueError):
    """Feedback 196: a relative-record data set has no addressed access."""

    feedback = 196
    symbol = "RPLRRADR"


class AddressedPath(LogicalError, ValueError):
    """Feedback 200: no access by address or control interval through a path."""

    feedback = 200
    symbol = "RPLPAACI"


class BackwardInsertion(LogicalError, ValueError):
    """Feedback 204: records are not inserted backward."""

    feedback = 204
    symbol = "RPLPUTBK"


class PhysicalError(VsamError, OSError):
    """R15 = 12: feedback 4/8/12 read error in data, index set, sequence set; 16/20/24 write error."""

    return_code = 12
    condition_code = 12

    READ_DATA: ClassVar[int] = 4
    READ_INDEX_SET: ClassVar[int] = 8
    READ_SEQUENCE_SET: ClassVar[int] = 12
    WRITE_DATA: ClassVar[int] = 16
    WRITE_INDEX_SET: ClassVar[int] = 20
    WRITE_SEQUENCE_SET: ClassVar[int] = 24


class Damaged(PhysicalError):
    """The bytes of a control interval, side file or journal contradict their checksum or structure.

    `image` are those of a control interval that does not match its checksum: to look at, never to use.
    """

    image: bytes = b""


class OpenError(VsamError):
    """OPEN failed: feedback is ACBERFLG (4 = open already, or not open, 160 = options, 168 = in use or share options,
    184 = I/O error, 185 = requests to CHECK, 188 = nothing that an ACB can open, 196 = the path's alternate index is
    empty, 232 = not reusable)."""

    condition_code = 12

    OPEN_OR_CLOSED: ClassVar[int] = 4
    NOT_AVAILABLE: ClassVar[int] = 168
    IO_ERROR: ClassVar[int] = 184
    STILL_ACTIVE: ClassVar[int] = 185
    EMPTY_PATH: ClassVar[int] = 196
    NO_CLUSTER: ClassVar[int] = 188
    NOT_REUSABLE: ClassVar[int] = 232
    INCONSISTENT: ClassVar[int] = 160
    UPGRADE_EMPTY: ClassVar[int] = 100
    NOT_CLOSED: ClassVar[int] = 118
    """These two are no errors: an OPEN that succeeds with attention (R15 = 4)."""

    def __str__(self) -> str:
        name = f" OF {self.data_set}" if self.data_set else ""
        code = f"{self.feedback} (X'{self.feedback:02X}')"
        return f"OPEN{name} FAILED, RETURN CODE {self.return_code} ACBERFLG {code}: {self.what}"


class NeverLoaded(OpenError):
    """ACBERFLG 160: an empty data set cannot be opened for input only."""

    feedback = OpenError.INCONSISTENT


class CatalogError(KsdsError):
    """A catalog request failed. `message_id` is the IDC message, return and reason code as IDC3009I prints them."""

    condition_code = 8

    def __init__(self, message_id: str, what: str, *, return_code: int = 0, reason: int = 0) -> None:
        super().__init__(what)
        self.message_id = message_id
        self.what = one_line(what)
        self.return_code = return_code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.message_id} {self.what}"


class DataSetNotFound(CatalogError, KeyError):
    """IDC3012I: no such entry."""

    def __init__(self, name: str) -> None:
        super().__init__("IDC3012I", f"ENTRY {name} NOT FOUND", return_code=8, reason=42)
        self.name = name


class DuplicateName(CatalogError, KeyError):
    """IDC3013I: the name is taken."""

    def __init__(self, name: str) -> None:
        super().__init__("IDC3013I", f"DUPLICATE DATA SET NAME {name}", return_code=8, reason=38)
        self.name = name


class InvalidName(CatalogError, ValueError):
    """The text is not a data set name."""

    condition_code = 12

    def __init__(self, name: str, why: str) -> None:
        shown = name if len(name) <= 60 else name[:60] + "..."
        super().__init__("IDC3203I", f"{shown!r} IS NOT A DATA SET NAME: {why}")
        self.name = name


class DataSetError(KsdsError, ValueError):
    """A sequential data set's attributes, blocks or records are wrong. `offset` is the byte offset, where known."""

    def __init__(self, what: str, *, data_set: str | None = None, offset: int | None = None) -> None:
        super().__init__(what)
        self.what = one_line(what)
        self.data_set = data_set
        self.offset = offset

    @property
    def detail(self) -> str:
        """What is wrong, and where, without the message id."""
        where = f" IN {self.data_set}" if self.data_set else ""
        at = f" AT OFFSET {self.offset}" if self.offset is not None else ""
        return f"{self.what}{where}{at}"

    def __str__(self) -> str:
        return f"KSD101E {self.detail}"


class DataSetInUse(DataSetError):
    """Another user has the data set open: it may be tried again."""


class MemberNotFound(DataSetError, KeyError):
    """IDC3330I: the library has no such member."""

    def __init__(self, member: str, data_set: str) -> None:
        super().__init__(f"MEMBER {member} NOT FOUND", data_set=data_set or None)
        self.member = member


class DuplicateMember(DataSetError, KeyError):
    """IDC3331I: the library has a member of that name."""

    def __init__(self, member: str, data_set: str) -> None:
        super().__init__(f"MEMBER {member} ALREADY EXISTS", data_set=data_set or None)
        self.member = member


class MissingExtra(KsdsError):
    """KSD012E: an optional library is not installed. `extra` is the name in `pip install 'ksds-dtf[extra]'`."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(library)
        self.library = library
        self.extra = extra

    def __str__(self) -> str:
        return f"KSD012E {self.library} IS NOT INSTALLED: pip install 'ksds-dtf[{self.extra}]'"


class BundleError(KsdsError, ValueError):
    """A TensorFlow checkpoint set is not one, or not whole. `offset` is that in the file `file`, where known."""

    message_id: ClassVar[str] = "KSD201E"

    def __init__(self, what: str, *, file: str = "", offset: int | None = None) -> None:
        super().__init__(what)
        self.what = one_line(what)
        self.file = one_line(file)
        self.offset = offset

    def __str__(self) -> str:
        where = f" IN {self.file}" if self.file else ""
        at = f" AT OFFSET {self.offset}" if self.offset is not None else ""
        return f"{self.message_id} {self.what}{where}{at}"


class TensorDamaged(BundleError):
    """The bytes of a tensor are not those that the index knows the checksum of; other tensors may be sound."""

    message_id = "KSD202E"
    condition_code = 8


class CopybookError(KsdsError, ValueError):
    """The text of a copybook, a choice among its redefinitions, or a value for one of its fields is wrong. `source` is
    the file or member and `line` the line in it, where known."""

    def __init__(self, what: str, *, source: str = "", line: int = 0) -> None:
        super().__init__(what)
        self.what = one_line(what)
        self.source = one_line(source)
        self.line = line

    def __str__(self) -> str:
        where = f" IN {self.source}" if self.source else ""
        at = f" LINE {self.line}" if self.line else ""
        return f"KSD121E {self.what}{where}{at}"
