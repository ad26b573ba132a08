"""IEBUPDTE: members made and changed from a stream with ./ statements.

    ./ ADD NAME=M          ./ REPL NAME=M         the records up to the next ./ are the member
    ./ CHANGE NAME=M       records replace those with the same number in 73-80, or are put in; with
    ./ DELETE SEQ1=n,SEQ2=n                       these go; NUMBER and REPRO as below
    ./ REPRO NAME=M        copied from SYSUT1 to SYSUT2      ./ NUMBER NEW1=n,INCR=n     ./ ALIAS NAME=A      ./ ENDUP

SYSPRINT shows the ./ statements, of a CHANGE the records that came with it, with LIST=ALL the whole new member.
The new library is SYSUT2, the old one SYSUT1 (PARM=NEW has none, PARM=MOD or nothing may use one for both).
Source: z/OS DFSMSdfp Utilities, IEBUPDTE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dtf.jcl.programs import CARDS, StepContext
from dtf.jcl.utilities.control import Control, ControlError, parse_control
from ksds.codepage import code_page
from ksds.datasets import split_member
from ksds.errors import KsdsError

_FUNCTIONS = ("ADD", "REPL", "CHANGE", "REPRO")
_SEQUENCE = slice(72, 80)
_DIGITS = 8


@dataclass(slots=True)
class _Function:
    """One ./ function with its detail statements and records."""

    statement: Control
    records: list[bytes] = field(default_factory=list)
    details: list[Control] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """Its ./ statements as they were read."""


def iebupdte(step: StepContext) -> int:
    """IEBUPDTE as a step program: 0, 4 if a member to change is not there, 12 for a statement in error."""
    lines = [f"1{'NEW MASTER':<20}IEBUPDTE LOG PAGE 0001"]
    code = 0
    try:
        for function in _functions(step):
            lines += [f" {text}" for text in function.texts]
            code = max(code, _carry_out(step, function, lines))
    except (ControlError, KsdsError) as error:
        lines.append(f" {error}")
        code = 12
    lines.append(f" IEB818I HIGHEST CONDITION CODE WAS {code:08d}")
    lines.append(" IEB819I END OF JOB IEBUPDTE.")
    step.print("SYSPRINT", lines)
    return code


def _functions(step: StepContext) -> Iterator[_Function]:
    current: _Function | None = None
    decode = code_page().decode
    for number, record in enumerate(step.system.records(step.dds["SYSIN"]) if "SYSIN" in step.dds else (), 1):
        text = decode(record)
        if not text.startswith("./"):
            if current is None:
                raise ControlError(f"DTX474E LINE {number}: A ./ STATEMENT EXPECTED")
            current.records.append(record)
            continue
        statements = parse_control([f"  {text[2:71]}"])
        if not statements or statements[0].operation == "ENDUP":
            break
        statement = statements[0]
        if statement.operation in _FUNCTIONS:
            if current is not None:
                yield current
            current = _Function(statement)
        elif statement.operation in ("NUMBER", "DELETE", "ALIAS") and current is not None:
            current.details.append(statement)
        else:
            raise ControlError(f"DTX474E LINE {number}: {statement.operation[:10]} IS NOT SUPPORTED")
        current.texts.append(text[:72].rstrip())
    if current is not None:
        yield current


def _carry_out(step: StepContext, function: _Function, lines: list[str]) -> int:
    statement = function.statement
    statement.only("NAME", "LIST", "SEQFLD", "NEW", "MEMBER", "COLUMN", "UPDATE", "LEVEL", "SOURCE", "SSI")
    name = statement.text("NAME")
    if not name:
        raise ControlError(f"DTX474E LINE {statement.line}: {statement.operation} NEEDS NAME=")
    new = _library(step, "SYSUT2")
    old = _library(step, "SYSUT1") if "SYSUT1" in step.dds else new
    records = function.records
    if statement.operation in ("CHANGE", "REPRO"):
        with step.system.library(old) as library:
            if name not in library:
                lines.append(f" IEB807I {name} IS NOT IN {old}")
                return 4
            master = list(library.records(name))
        records = master if statement.operation == "REPRO" else _changed(master, function)
    records = _numbered(records, function)
    step.reshape("SYSUT2", CARDS)
    with step.system.library(new, "w") as library:
        if statement.operation == "ADD" and name in library:
            raise ControlError(f"DTX479E MEMBER {name} IS THERE ALREADY, USE ./ REPL")
        with library.create(name) as member:
            member.append(records)
        for alias in (detail.text("NAME") for detail in function.details if detail.operation == "ALIAS"):
            library.add_alias(alias, name)
    shown = records if statement.text("LIST") == "ALL" else function.records if statement.operation == "CHANGE" else []
    lines += [f" {code_page().decode(record).rstrip()}" for record in shown]
    done = "FOUND IN NM DIRECTORY. TTR IS NOW ALTERED." if statement.operation != "ADD" else "ADDED TO NM DIRECTORY."
    lines.append(f" IEB816I MEMBER NAME ({name}) {done}")
    return 0


def _library(step: StepContext, ddname: str) -> str:
    dd = step.dds.get(ddname)
    if dd is None or not dd.data_sets:
        raise ControlError(f"DTX470E DD STATEMENT {ddname} IS MISSING")
    return split_member(dd.data_sets[0])[0]


def _changed(master: list[bytes], function: _Function) -> list[bytes]:
    """The old records with deletions taken out and new ones in the place that their sequence numbers say."""
    for detail in function.details:
        if detail.operation == "DELETE":
            first = _sequence(detail, "SEQ1", 0)
            last = _sequence(detail, "SEQ2", first)
            master = [record for record in master if not _between(record, first, last)]
    merged = {(_number(record), index): record for index, record in enumerate(master)}
    for record in function.records:
        number = _number(record)
        for key in [key for key in merged if key[0] == number]:
            del merged[key]
        merged[number, 0] = record
    return [merged[key] for key in sorted(merged)]


def _number(record: bytes) -> str:
    return code_page().decode(record[_SEQUENCE])


def _sequence(detail: Control, word: str, default: int) -> int:
    """A sequence number of a detail statement. Raises ControlError."""
    text = detail.text(word) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise ControlError(f"DTX474E LINE {detail.line}: {word}={text[:20]} IS NO SEQUENCE NUMBER")
    return int(text)


def _between(record: bytes, first: int, last: int) -> bool:
    number = _number(record)
    return number.isascii() and number.isdecimal() and first <= int(number) <= last


def _numbered(records: list[bytes], function: _Function) -> list[bytes]:
    detail = next((detail for detail in function.details if detail.operation == "NUMBER"), None)
    if detail is None:
        return records
    number, increment = _sequence(detail, "NEW1", 10), _sequence(detail, "INCR", 10)
    if number + len(records) * increment >= 10**_DIGITS:
        raise ControlError(f"DTX474E LINE {detail.line}: MORE THAN {_DIGITS} DIGITS OF SEQUENCE NUMBERS")
    encode = code_page().encode
    return [
        record[:72] + encode(f"{number + index * increment:08d}") + record[80:] for index, record in enumerate(records)
    ]
