"""IEBPTPCH: print or punch a data set or the members of a library, SYSUT1 to SYSUT2.

    PRINT | PUNCH [TYPORG=PO] [PREFORM=A|M] [TOTCONV=XE|PZ] [CNTRL=1|2|3] [STRTAFT=n] [STOPAFT=n] [SKIP=n] [MAXLINE=n]
                  [CDSEQ=n,CDINCR=n] [MAXFLDS= MAXGPS= MAXLITS= MAXNAME= INITPG=: the numbers are not needed here]
    TITLE  ITEM=('text'[,column]),...              lines at the top of each page, at most two
    MEMBER NAME=name                               one member; all of them without MEMBER
    RECORD [IDENT=(length,'text',position)][,FIELD=(length[,position[,conversion[,column]]]),...]

Without FIELD a printed record is in groups of eight characters, two blanks between them, and ends with an asterisk; a
punched one is 80 columns. Conversions: XE hexadecimal, PZ packed to zoned. EXITS and LABELS are refused, code 12.
Source: z/OS DFSMSdfp Utilities, IEBPTPCH.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from dtf.jcl.operands import Operand, items_of, text_of
from dtf.jcl.programs import StepContext, open_abend
from dtf.jcl.utilities.control import Control, ControlError, parse_control, require_dds
from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes, split_member
from ksds.errors import KsdsError

PRINT_COLUMNS, PUNCH_COLUMNS = 120, 80
_GROUP, _GAP = 8, 2
_PRINTED, _PUNCHED = DataSetAttributes("FBA", PRINT_COLUMNS + 1), DataSetAttributes("FB", PUNCH_COLUMNS)
_OPERANDS = (
    *("TYPORG", "PREFORM", "TOTCONV", "CNTRL", "STRTAFT", "STOPAFT", "SKIP", "MAXLINE", "CDSEQ", "CDINCR"),
    *("MAXFLDS", "MAXGPS", "MAXLITS", "MAXNAME", "INITPG"),
)
_DEFAULT_LINES = 60


def _zoned(data: bytes) -> bytes:
    return code_page().encode(data.hex().upper()[:-1])


_CONVERSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "XE": lambda data: code_page().encode(data.hex().upper()),
    "PZ": _zoned,
}


@dataclass(frozen=True, slots=True)
class _Field:
    """Part of a record: `length` bytes from `source` to `target`, both from 0."""

    length: int
    source: int
    conversion: str
    target: int


@dataclass(frozen=True, slots=True)
class _Group:
    """The records up to the one that IDENT names, and how they are shown; without fields by default."""

    identity: tuple[int, bytes] | None = None
    fields: tuple[_Field, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    """What the control statements ask for."""

    how: Control
    titles: tuple[bytes, ...]
    members: tuple[str, ...]
    groups: tuple[_Group, ...]

    @property
    def punches(self) -> bool:
        return self.how.operation == "PUNCH"


def iebptpch(step: StepContext) -> int:
    """IEBPTPCH as a step program: 0, 4 if a member is not there, 8 or 12."""
    control = step.control_statements("SYSIN")
    heading = "PRINT/PUNCH DATA SET UTILITY"
    lines = [f"1{heading:<99}PAGE 0001", *(f" {line.rstrip()}" for line in control)]
    code = 12
    try:
        require_dds(step.dds, "SYSUT1", "SYSUT2")
        job = _compiled(parse_control(control))
        step.write("SYSUT2", _output(step, job), _PUNCHED if job.punches else _PRINTED)
        lines.append(" END OF DATA FOR SDS OR MEMBER")
        code = 0
    except (ControlError, KsdsError) as error:
        if abend := open_abend(error):
            raise abend from error
        lines.append(f" {error}")
    step.print("SYSPRINT", lines)
    return code


# --- control statements -------------------------------------------------------------------------------


def _compiled(statements: list[Control]) -> _Job:
    if not statements or statements[0].operation not in ("PRINT", "PUNCH"):
        raise ControlError("DTX471E PRINT OR PUNCH EXPECTED")
    how, *others = statements
    how.only(*_OPERANDS)
    titles: list[bytes] = []
    members: list[str] = []
    groups: list[_Group] = []
    for statement in others:
        if statement.operation == "TITLE":
            titles.append(_title(statement))
        elif statement.operation == "MEMBER":
            members += [text_of(item) for item in items_of(_required(statement, "NAME"))]
        elif statement.operation == "RECORD":
            statement.only("IDENT", "FIELD")
            groups.append(
                _Group(_identity(statement), tuple(_field(statement, value) for value in statement.all("FIELD")))
            )
        else:
            raise ControlError(f"DTX474E LINE {statement.line}: {statement.operation[:8]} IS NOT SUPPORTED")
    return _Job(how, tuple(titles[:2]), tuple(members), tuple(groups))


def _required(statement: Control, name: str) -> Operand:
    value = statement.keyword(name)
    if value is None:
        raise ControlError(f"DTX471E LINE {statement.line}: {statement.operation} NEEDS {name}=")
    return value


def _title(statement: Control) -> bytes:
    line = bytearray()
    for value in statement.all("ITEM"):
        text, column = [*items_of(value), None][:2]
        place = _number(column, statement) - 1 if column is not None else 0
        data = code_page().encode(text_of(text) if text is not None else "")
        line += code_page().encode(" ") * (place - len(line))
        line[place : place + len(data)] = data
    return bytes(line)


def _identity(statement: Control) -> tuple[int, bytes] | None:
    value = statement.keyword("IDENT")
    if value is None:
        return None
    items = items_of(value)
    if len(items) != 3:
        raise ControlError(f"DTX471E LINE {statement.line}: IDENT IS NOT (LENGTH,'TEXT',POSITION)")
    return _number(items[2], statement) - 1, code_page().pad(text_of(items[1]), _number(items[0], statement))


def _field(statement: Control, value: Operand) -> _Field:
    items = [item if item is not None and text_of(item) else None for item in [*items_of(value), None, None, None][:4]]
    conversion = text_of(items[2]) if items[2] is not None else ""
    if conversion not in _CONVERSIONS:
        raise ControlError(f"DTX471E LINE {statement.line}: CONVERSION {conversion[:8]} IS NOT SUPPORTED")
    length, source, target = (
        _number(item, statement) if item is not None else 1 for item in (items[0], items[1], items[3])
    )
    return _Field(length, source - 1, conversion, target - 1)


def _number(operand: Operand, statement: Control) -> int:
    text = text_of(operand)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 32760):
        raise ControlError(f"DTX471E LINE {statement.line}: {text[:20]!r} IS NOT A LENGTH OR POSITION")
    return int(text)


def _option(job: _Job, name: str, default: int) -> int:
    value = job.how.keyword(name)
    return default if value is None else _number(value, job.how)


# --- what is printed ----------------------------------------------------------------------------------


def _output(step: StepContext, job: _Job) -> Iterator[bytes]:
    lines = (line for records in _parts(step, job) for line in _shown(job, records))
    if job.punches:
        return _numbered(job, lines)
    return lines if job.how.text("PREFORM") else _paged(job, lines)


def _parts(step: StepContext, job: _Job) -> Iterator[Iterable[bytes]]:
    """The records of the data set, or of each member."""
    if job.how.text("TYPORG") != "PO" and not job.members:
        yield step.system.records(step.dds["SYSUT1"])
        return
    if not step.dds["SYSUT1"].data_sets:
        raise ControlError("DTX472E SYSUT1 IS NOT A LIBRARY")
    library = split_member(step.dds["SYSUT1"].data_sets[0])[0]
    with step.system.library(library) as members:
        for name in job.members or [member.name for member in members.members()]:
            yield step.system.records(f"{library}({name})")


def _shown(job: _Job, records: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of the records that are asked for."""
    start, every = _option(job, "STRTAFT", 1) if job.how.keyword("STRTAFT") else 0, _option(job, "SKIP", 1)
    stop = _option(job, "STOPAFT", 1) if job.how.keyword("STOPAFT") else None
    waiting = list(job.groups) or [_Group()]
    for record in islice(islice(records, start, None, None), every - 1, None, every):
        if stop is not None and stop <= 0:
            return
        stop = stop - 1 if stop is not None else None
        group = waiting[0]
        yield from _lines(job, group, record)
        if group.identity is not None and record[group.identity[0] :].startswith(group.identity[1]):
            waiting.pop(0)
            if not waiting:
                return


def _lines(job: _Job, group: _Group, record: bytes) -> Iterator[bytes]:
    if job.how.text("PREFORM"):
        yield record
        return
    width = PUNCH_COLUMNS if job.punches else PRINT_COLUMNS
    if group.fields:
        yield _placed(group.fields, record)[:width]
        return
    data = _CONVERSIONS[job.how.text("TOTCONV")](record) if job.how.text("TOTCONV") in _CONVERSIONS else record
    if not job.punches:
        data = b"".join(data[at : at + _GROUP] + code_page().encode(" ") * _GAP for at in range(0, len(data), _GROUP))
        data = data[: -_GAP or None] + code_page().encode("*")
    yield from (data[at : at + width] for at in range(0, max(len(data), 1), width))


def _placed(fields: Iterable[_Field], record: bytes) -> bytes:
    output, blank = bytearray(), code_page().encode(" ")
    for field in fields:
        data = _CONVERSIONS[field.conversion](record[field.source : field.source + field.length])
        output += blank * (field.target - len(output))
        output[field.target : field.target + len(data)] = data
    return bytes(output)


def _paged(job: _Job, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Carriage control in front; titles at the top of each page."""
    page, spacing = code_page(), {1: " ", 2: "0", 3: "-"}.get(_option(job, "CNTRL", 1), " ")
    used, full = 0, _option(job, "MAXLINE", _DEFAULT_LINES)
    for number, line in enumerate(lines):
        if used >= full or number == 0:
            for index, title in enumerate(job.titles):
                yield page.encode("1" if index == 0 else " ") + title
            used = len(job.titles)
        control = "1" if used == 0 else spacing
        yield page.encode(control) + line
        used += 1 if control == "1" else {" ": 1, "0": 2, "-": 3}[spacing]


def _numbered(job: _Job, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Punched records, with CDSEQ a sequence number in columns 73 to 80."""
    if job.how.keyword("CDSEQ") is None:
        yield from lines
        return
    first, step = _option(job, "CDSEQ", 1), _option(job, "CDINCR", 10)
    for number, line in enumerate(lines):
        yield line[:72].ljust(72, code_page().encode(" ")) + code_page().encode(f"{first + number * step:08d}")
