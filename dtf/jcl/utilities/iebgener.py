"""IEBGENER and ICEGENER: copy SYSUT1 to SYSUT2, edited if SYSIN says so.

ICEGENER leaves a copy without control statements to DFSORT, which fills or cuts fixed records to the length of SYSUT2
(GNPAD and GNTRUNC are RC0); its messages come to SYSPRINT.

    GENERATE MAXFLDS=n,MAXLITS=n,MAXNAME=n,MAXGPS=n        announces the rest; the numbers are not needed here
    MEMBER   NAME=name                                     the member of the group of records that follows
    RECORD   IDENT=(length,'text',position),FIELD=(length,position or 'text',conversion,position),...

IDENT names the last record of a group. Conversions: ZP zoned to packed, PZ packed to zoned.
Source: z/OS DFSMSdfp Utilities, IEBGENER.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from dtf.jcl.operands import Operand, Word, items_of, text_of
from dtf.jcl.programs import StepContext, open_abend
from dtf.jcl.sorting.dfsort import Listing, run_sort
from dtf.jcl.utilities.control import Control, ControlError, parse_control, require_dds
from ksds.catalog.entries import NonVsamEntry
from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes, split_member
from ksds.errors import KsdsError

_HEADING = f"1{'DATA SET UTILITY - GENERATE':<99}PAGE 0001"
MAXIMUM_LITERAL = 40


class _GenerateError(Exception):
    """IEBGENER ends with condition code 12."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """FIELD=: `length` bytes from `source` of the input, or `literal`, to `target`; places from 0."""

    length: int
    source: int
    literal: bytes | None
    conversion: str
    target: int


@dataclass(frozen=True, slots=True)
class _Group:
    """The records up to the one that IDENT names, how they are edited, and the member they go to."""

    member: str = ""
    identity: tuple[int, bytes] | None = None
    pieces: tuple[_Piece, ...] = ()


def iebgener(step: StepContext) -> int:
    """Copies SYSUT1 to SYSUT2, which takes the DCB it lacks from SYSUT1. Codes 0 and 12."""
    lines = [_HEADING, "-"]
    try:
        if _generate(step, lines):
            lines.append(" IEB352I WARNING: ONE OR MORE OF THE OUTPUT DCB PARMS COPIED FROM INPUT")
            lines.append(" ")
        lines.append(" PROCESSING ENDED AT EOD")
        code = 0
    except (_GenerateError, ControlError, KsdsError) as error:
        if abend := open_abend(error):
            raise abend from error
        lines += [f" {error}", " PROCESSING TERMINATED"]
        code = 12
    step.print("SYSPRINT", lines)
    return code


def icegener(step: StepContext) -> int:
    """ICEGENER: a copy by DFSORT if there is nothing to edit and the formats are alike, else IEBGENER."""
    edits = any(line.strip() for line in step.control_statements("SYSIN"))
    if edits or not {"SYSUT1", "SYSUT2", "SYSPRINT"} <= step.dds.keys() or not _alike(step):
        return iebgener(step)
    listing = Listing(step)
    code = run_sort(step, [" OPTION COPY"], listing, inputs=["SYSUT1"], output="SYSUT2")
    step.print("SYSPRINT", listing.lines)
    return code


def _alike(step: StepContext) -> bool:
    """True if both are fixed, or both variable, or nothing is known of SYSUT2 yet."""
    source, target = step.dds["SYSUT1"], step.dds["SYSUT2"]
    try:
        kinds = {step.attributes(dd).kind for dd in (source, target) if dd.data_sets and not step.is_cluster(dd)}
    except KsdsError:
        return False
    return len(kinds) == 1 or (target.data_sets != () and target.attributes is None and target.disposition[0] == "NEW")


def _generate(step: StepContext, lines: list[str]) -> bool:
    """Copy; True if the output took attributes from the input."""
    require_dds(step.dds, "SYSUT1", "SYSUT2", "SYSPRINT", "SYSIN")
    control = step.control_statements("SYSIN")
    lines += [f" {line.rstrip()}" for line in control]
    groups = _groups(parse_control(control))
    source, target = step.dds["SYSUT1"], step.dds["SYSUT2"]
    if source.data_sets and not isinstance(step.system.entry(split_member(source.data_sets[0])[0]), NonVsamEntry):
        raise _GenerateError("DTX472E SYSUT1 IS NOT A SEQUENTIAL DATA SET")
    shape = replace(step.attributes(source), dsorg="PS", pdse=False)
    if target.data_sets and len(target.data_sets) != 1:
        raise _GenerateError("DTX472E SYSUT2 IS NOT ONE SEQUENTIAL DATA SET")
    records = step.system.records(source)
    if any(group.member for group in groups):
        _to_members(step, records, groups, shape)
        return False
    if target.data_sets:
        step.reshape("SYSUT2", shape)
        _check_fit(shape, step.attributes(target), edited=bool(groups))
    first = next(records, None)
    goal = step.attributes(target) if target.data_sets else shape
    rest = iter(()) if first is None else chain((first,), records)
    step.write("SYSUT2", (_edited(record, group, goal) for record, group in _assigned(rest, groups)), shape)
    return bool(target.spool) or (bool(target.data_sets) and target.attributes is None)


def _check_fit(shape: DataSetAttributes, goal: DataSetAttributes, *, edited: bool) -> None:
    if edited:
        return
    if shape.kind != goal.kind or (shape.lrecl != goal.lrecl if shape.kind == "F" else shape.lrecl > goal.lrecl):
        raise _GenerateError(
            f"DTX473E RECORDS OF SYSUT1 (RECFM={shape.recfm},LRECL={shape.lrecl}) DO NOT FIT "
            f"SYSUT2 (RECFM={goal.recfm},LRECL={goal.lrecl})"
        )


def _to_members(step: StepContext, records: Iterator[bytes], groups: list[_Group], shape: DataSetAttributes) -> None:
    """Each group becomes a member of the library SYSUT2."""
    target = step.dds["SYSUT2"]
    if not target.data_sets:
        raise _GenerateError("DTX472E MEMBERS NEED A LIBRARY AS SYSUT2")
    step.reshape("SYSUT2", shape)
    library, goal = split_member(target.data_sets[0])[0], step.attributes(target)
    assigned = _assigned(records, groups)
    pair = next(assigned, None)
    for group in groups:
        with step.system.sequential(f"{library}({group.member})", "w") as member:
            while pair is not None and pair[1] is group:
                member.append([_edited(pair[0], group, goal)])
                pair = next(assigned, None)


def _assigned(records: Iterator[bytes], groups: list[_Group]) -> Iterator[tuple[bytes, _Group]]:
    """Every record with the group it belongs to; the last group takes all that is left."""
    waiting = list(groups) or [_Group()]
    for record in records:
        group = waiting[0]
        yield record, group
        if group.identity is not None and len(waiting) > 1:
            place, text = group.identity
            if record[place : place + len(text)] == text:
                waiting.pop(0)


def _edited(record: bytes, group: _Group, goal: DataSetAttributes) -> bytes:
    if not group.pieces:
        return record
    blank = code_page().encode(" ")
    output = bytearray()
    for piece in group.pieces:
        data = piece.literal if piece.literal is not None else record[piece.source : piece.source + piece.length]
        data = _CONVERSIONS[piece.conversion](data)
        output += blank * (piece.target - len(output))
        output[piece.target : piece.target + len(data)] = data
    if goal.kind == "F":
        return bytes(output[: goal.lrecl].ljust(goal.lrecl, blank))
    return bytes(output)


def _packed(zoned: bytes) -> bytes:
    digits = "".join(f"{byte & 0x0F:X}" for byte in zoned) + f"{zoned[-1] >> 4:X}" if zoned else "F"
    return bytes.fromhex(digits.rjust(len(digits) + len(digits) % 2, "0"))


def _zoned(packed: bytes) -> bytes:
    digits = packed.hex().upper()
    sign = digits[-1:]
    plain = [0xF0 | int(digit, 16) for digit in digits[:-1]]
    if plain:
        plain[-1] = int(sign, 16) << 4 | plain[-1] & 0x0F
    return bytes(plain)


_CONVERSIONS: Mapping[str, Callable[[bytes], bytes]] = {"": bytes, "ZP": _packed, "PZ": _zoned}


def _groups(statements: list[Control]) -> list[_Group]:
    """The MEMBER and RECORD statements behind GENERATE."""
    groups: list[_Group] = []
    member = ""
    if statements and statements[0].operation != "GENERATE":
        raise _GenerateError(f"DTX471E LINE {statements[0].line}: GENERATE EXPECTED")
    for statement in statements[1:]:
        if statement.operation == "MEMBER":
            if member:
                groups.append(_Group(member))
            name = statement.keyword("NAME")
            member = text_of(items_of(name)[0]) if name is not None and items_of(name) else ""
        elif statement.operation == "RECORD":
            statement.only("IDENT", "FIELD", "LABELS")
            groups.append(_Group(member, _identity(statement), _pieces(statement)))
            member = ""
        else:
            raise _GenerateError(f"DTX471E LINE {statement.line}: {statement.operation[:8]} IS NOT SUPPORTED")
    return [*groups, _Group(member)] if member else groups


def _identity(statement: Control) -> tuple[int, bytes] | None:
    value = statement.keyword("IDENT")
    if value is None:
        return None
    length, text, place = _three(value, statement)
    return _number(place, statement) - 1, code_page().pad(text_of(text), _number(length, statement))


def _three(value: Operand, statement: Control) -> tuple[Operand, Operand, Operand]:
    items = items_of(value)
    if len(items) != 3:
        raise _GenerateError(f"DTX471E LINE {statement.line}: IDENT IS NOT (LENGTH,'TEXT',POSITION)")
    return items[0], items[1], items[2]


def _pieces(statement: Control) -> tuple[_Piece, ...]:
    pieces = []
    for value in statement.all("FIELD"):
        items = [*items_of(value), None, None, None, None][:4]
        length = _number(items[0], statement) if items[0] is not None and text_of(items[0]) else 80
        source, literal = 0, None
        if isinstance(items[1], Word) and items[1].quoted:
            if len(items[1].text) > MAXIMUM_LITERAL:
                raise _GenerateError(f"DTX471E LINE {statement.line}: A LITERAL HAS MORE THAN {MAXIMUM_LITERAL} BYTES")
            literal = code_page().pad(items[1].text, length)
        elif items[1] is not None and text_of(items[1]):
            source = _number(items[1], statement) - 1
        conversion = text_of(items[2]) if items[2] is not None else ""
        if conversion not in _CONVERSIONS:
            raise _GenerateError(f"DTX471E LINE {statement.line}: CONVERSION {conversion[:8]} IS NOT SUPPORTED")
        target = _number(items[3], statement) - 1 if items[3] is not None and text_of(items[3]) else 0
        pieces.append(_Piece(length, source, literal, conversion, target))
    return tuple(pieces)


def _number(operand: Operand, statement: Control) -> int:
    text = text_of(operand)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 32760):
        raise _GenerateError(f"DTX471E LINE {statement.line}: {text[:20]!r} IS NOT A LENGTH OR POSITION")
    return int(text)
