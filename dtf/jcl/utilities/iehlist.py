"""IEHLIST: what a volume, a catalog and libraries hold, in listings of ours.

    LISTVTOC [FORMAT | DUMP][,DATE=dddyy][,VOL=dev=ser][,DSNAME=(name,...)]   data sets with dates and DCB
    LISTPDS  DSNAME=(name,...)[,VOL=dev=ser][,FORMAT | ,DUMP]                 members, with DUMP the user data too
    LISTCTLG [VOL=dev=ser][,NODE=qualifier]                                   names of the catalog

There is one volume; its serial is not compared. A request that cannot be carried out is code 8, the others are.
Source: z/OS DFSMSdfp Utilities, IEHLIST (statements and codes; layouts are shortened).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from dtf.jcl.operands import items_of, text_of
from dtf.jcl.programs import StepContext
from dtf.jcl.utilities.control import Control, ControlError, parse_control
from ksds.catalog.entries import Entry, NonVsamEntry
from ksds.errors import KsdsError

_FLAG = re.compile(r"(?:^|(?<=[ ,]))(FORMAT|DUMP)(?=[ ,]|$)")
"""Words without a value, wherever they stand."""
REQUEST_FAILED, STATEMENT_WRONG = 8, 12


def iehlist(step: StepContext) -> int:
    """IEHLIST as a step program."""
    lines = [
        f"1{'SYSTEMS SUPPORT UTILITIES---IEHLIST':<99}PAGE 1",
        f" DATE: {step.now():%Y.%j}  TIME: {step.now():%H.%M.%S}",
    ]
    code = 0
    try:
        for statement in parse_control(_FLAG.sub(r"\1=YES", line) for line in step.control_statements("SYSIN")):
            try:
                lines += _carry_out(step, statement)
            except (ControlError, KsdsError) as error:
                lines.append(f" {error}")
                code = REQUEST_FAILED
    except ControlError as error:
        lines.append(f" {error}")
        code = STATEMENT_WRONG
    step.print("SYSPRINT", lines)
    return code


def _carry_out(step: StepContext, statement: Control) -> list[str]:
    request = _REQUESTS.get(statement.operation)
    if request is None:
        raise ControlError(f"DTX474E LINE {statement.line}: {statement.operation[:10]} IS NOT SUPPORTED")
    statement.only("VOL", "DSNAME", "NODE", "DATE", "FORMAT", "DUMP", "INDEXDSN")
    return list(request(step, statement))


def _names(statement: Control) -> list[str]:
    value = statement.keyword("DSNAME")
    return [] if value is None else [text_of(item) for item in items_of(value)]


def _data_sets(step: StepContext, names: list[str]) -> Iterator[NonVsamEntry]:
    """The data sets of the volume, or those that are named. Raises KsdsError for one that is not there."""
    entries: list[Entry] = [step.system.entry(name) for name in names] if names else step.system.entries()
    yield from (entry for entry in entries if isinstance(entry, NonVsamEntry))


def _list_vtoc(step: StepContext, statement: Control) -> Iterator[str]:
    yield f"0{'':20}CONTENTS OF VTOC ON VOL {_volume(statement)}"
    yield f" {'DATA SET NAME':<44}  CREATED   EXPIRES   DSORG  RECFM  LRECL  BLKSIZE"
    for entry in _data_sets(step, _names(statement)):
        shape = entry.attributes
        created, expires = (f"{day:%Y.%j}" if day is not None else "0000.000" for day in (entry.created, entry.expires))
        yield (
            f" {entry.name:<44}  {created}  {expires}  {shape.dsorg:<5}  {shape.recfm:<5}"
            f"  {shape.lrecl:>5}  {shape.blksize:>7}"
        )


def _list_pds(step: StepContext, statement: Control) -> Iterator[str]:
    names = _names(statement)
    if not names:
        raise ControlError(f"DTX471E LINE {statement.line}: LISTPDS NEEDS DSNAME=")
    for name in names:
        yield f"0{'':20}DIRECTORY INFO FOR SPECIFIED PDS ON VOL {_volume(statement)}"
        yield f" {'':20}{name}"
        yield " MEMBERS"
        with step.system.library(name) as library:
            for member in library.members():
                data = member.user_data.hex().upper() if statement.keyword("DUMP") is not None else ""
                yield f" {member.name:<8}  {data}".rstrip()


def _list_catalog(step: StepContext, statement: Control) -> Iterator[str]:
    yield f"0{'':20}CATALOG OF SYSTEM {step.system.name}"
    pattern = f"{statement.text('NODE')}.*" if statement.text("NODE") else "*"
    yield from (f" {entry.name}" for entry in step.system.entries() if fnmatchcase(entry.name, pattern))


def _volume(statement: Control) -> str:
    """The serial of VOL=3390=VOL001."""
    return statement.text("VOL").rpartition("=")[2] or "VOL001"


_REQUESTS: dict[str, Callable[[StepContext, Control], Iterator[str]]] = {
    "LISTVTOC": _list_vtoc,
    "LISTPDS": _list_pds,
    "LISTCTLG": _list_catalog,
}
