"""IEBDG: test data from descriptions of fields.

    DSD     OUTPUT=(dd)[,INPUT=(dd)]
    FD      NAME=field,LENGTH=n[,STARTLOC=n][,FILL='c' | X'nn'][,FORMAT=AL|AN|ZD|PD|BI|CO[,CHARACTER='c']][,SIGN=+|-]
            [,PICTURE=n,'text' | P'n' | B'n'][,ACTION=FX|RP|SL|SR|TL|TR][,INDEX=n[,CYCLE=n][,RANGE=n]]
            [,INPUT=dd,FROMLOC=n]
    CREATE  [QUANTITY=n][,NAME=(field,...)][,INPUT=dd][,FILL='c' | X'nn']
    END                              ends the statements for one output; another DSD may follow

A field without STARTLOC stands behind the one before it. FORMAT makes a pattern: AL the alphabet, AN letters and
digits, CO all characters from a blank on, ZD PD BI the number 1. ACTION says what a text does from record to record: it
stays (FX), begins one character further on (RP), moves left or right into blanks (SL, SR), loses characters at its left
or right (TL, TR), over again when nothing is left. INDEX is added every CYCLE records, over again behind RANGE.
ACTION=RO and WV, FORMAT=RA, REPEAT and PICTURE= of CREATE are refused by name, code 12. Records have the length of the
output's DCB, or of the fields.
Source: z/OS DFSMSdfp Utilities, IEBDG.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from dtf.jcl.operands import Operand, Word, items_of, text_of
from dtf.jcl.programs import StepContext, open_abend
from dtf.jcl.sorting.formats import encode_number
from dtf.jcl.utilities.control import Control, ControlError, parse_control, require_dds
from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes
from ksds.errors import KsdsError

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PATTERNS = {"AL": _LETTERS, "AN": _LETTERS + "0123456789"}
_NUMBERS = {"ZD": "ZDC", "PD": "PDC", "BI": "BI"}
_FIELD_WORDS = (
    *("NAME", "LENGTH", "STARTLOC", "FILL", "FORMAT", "CHARACTER", "SIGN", "PICTURE", "ACTION", "INDEX", "CYCLE"),
    *("RANGE", "INPUT", "FROMLOC"),
)
_MAXIMUM = 32760
_PICTURE = re.compile(r"PICTURE=(\d+),([PB]?)('(?:[^']|'')*')")
"""Its values have no parentheses."""


def _moved(text: bytes, length: int, times: int) -> bytes:
    """RP: the pattern from another character on."""
    start = times % len(text)
    return (text * (length // len(text) + 2))[start : start + length]


def _blanks(count: int) -> bytes:
    return code_page().encode(" ") * count


_ACTIONS: Mapping[str, Callable[[bytes, int, int], bytes]] = {
    "FX": lambda text, length, times: text,
    "RP": _moved,
    "SL": lambda text, length, times: text[times % length :] + _blanks(times % length),
    "SR": lambda text, length, times: _blanks(times % length) + text[: length - times % length],
    "TL": lambda text, length, times: _blanks(times % length) + text[times % length :],
    "TR": lambda text, length, times: text[: length - times % length] + _blanks(times % length),
}


@dataclass(slots=True)
class _Field:
    """FD: what stands at `start` (from 0) of each record."""

    name: str
    length: int
    start: int
    text: bytes = b""
    kind: str = ""
    """The format of a number."""
    number: int = 0
    action: str = "FX"
    index: int = 0
    cycle: int = 1
    range: int = 0
    from_input: int | None = None
    """Where it stands in the input record, from 0."""
    used: int = 0

    def value(self, record: bytes) -> bytes:
        """The bytes of the next record."""
        turn, self.used = self.used, self.used + 1
        if self.from_input is not None:
            return record[self.from_input : self.from_input + self.length].ljust(self.length, _blanks(1))
        if not self.kind:
            text = self.text if self.action == "RP" else _moved(self.text, self.length, 0)
            return _ACTIONS[self.action](text, self.length, turn)
        added = self.index * (turn // self.cycle)
        if self.range and self.index:
            added %= (self.range // self.index + 1) * self.index
        digits = 2 * self.length - 1 if self.kind == "PDC" else self.length
        limit: int = 256**self.length if self.kind == "BI" else 10**digits
        value = self.number + (-added if self.number < 0 else added)
        return encode_number(value % limit if value > 0 else -(-value % limit), self.kind, self.length) or b""


@dataclass(frozen=True, slots=True)
class _Create:
    """CREATE: so many records of these fields."""

    quantity: int | None
    names: tuple[str, ...]
    source: str
    fill: bytes


@dataclass(slots=True)
class _Set:
    """DSD: one output with its fields and records."""

    output: str
    fields: dict[str, _Field] = field(default_factory=dict)
    creates: list[_Create] = field(default_factory=list)


def iebdg(step: StepContext) -> int:
    """IEBDG as a step program: 0, or 12 with what is wrong."""
    control = step.control_statements("SYSIN")
    heading = "DATA GENERATOR UTILITY"
    lines = [f"1{heading:<99}PAGE 0001", *(f" {line.rstrip()}" for line in control)]
    code = 0
    try:
        for made in _compiled(parse_control(_PICTURE.sub(r"PICTURE=(\1,\2,\3)", line) for line in control)):
            require_dds(step.dds, made.output)
            length = max((one.start + one.length for one in made.fields.values()), default=80)
            count = step.write(made.output, _records(step, made, length), DataSetAttributes("FB", length))
            lines.append(f" {count} RECORDS WRITTEN TO {made.output}")
    except (ControlError, KsdsError) as error:
        if abend := open_abend(error):
            raise abend from error
        lines.append(f" {error}")
        code = 12
    step.print("SYSPRINT", lines)
    return code


def _records(step: StepContext, made: _Set, length: int) -> Iterator[bytes]:
    dd = step.dds[made.output]
    shape = dd.attributes or (step.attributes(dd) if dd.data_sets and dd.disposition[0] != "NEW" else None)
    length = shape.maximum_data if shape is not None else length
    for create in made.creates:
        inputs: Iterator[bytes]
        if create.source:
            require_dds(step.dds, create.source)
            inputs = islice(step.system.records(step.dds[create.source]), create.quantity)
        else:
            inputs = iter([b""] * (1 if create.quantity is None else create.quantity))
        for record in inputs:
            yield _built(made, create, record, length)


def _built(made: _Set, create: _Create, record: bytes, length: int) -> bytes:
    output = bytearray(record[:length].ljust(length, create.fill))
    for name in create.names:
        one = made.fields[name]
        output[one.start : one.start + one.length] = one.value(record)
    return bytes(output[:length])


# --- control statements -------------------------------------------------------------------------------


def _compiled(statements: list[Control]) -> list[_Set]:
    sets: list[_Set] = []
    for statement in statements:
        if statement.operation == "DSD":
            statement.only("OUTPUT", "INPUT")
            sets.append(_Set(text_of(_one(statement, "OUTPUT"))))
        elif statement.operation == "FD" and sets:
            made = _field_of(statement, sets[-1])
            sets[-1].fields[made.name] = made
        elif statement.operation == "CREATE" and sets:
            sets[-1].creates.append(_create(statement, sets[-1]))
        elif statement.operation not in ("END", "DUMP"):
            raise ControlError(f"DTX474E LINE {statement.line}: {statement.operation[:8]} IS NOT SUPPORTED HERE")
    if not sets:
        raise ControlError("DTX471E DSD EXPECTED")
    return sets


def _one(statement: Control, name: str) -> Operand:
    """The value of a keyword that must be there, alone in its parentheses."""
    value = statement.keyword(name)
    items = items_of(value) if value is not None else ()
    if not items:
        raise ControlError(f"DTX471E LINE {statement.line}: {statement.operation} NEEDS {name}=")
    return items[0]


def _number(statement: Control, name: str, default: int | None = None) -> int:
    value = statement.keyword(name)
    text = text_of(value) if value is not None else "" if default is None else str(default)
    if not (text.isascii() and text.isdecimal() and int(text[:9]) <= 99_999_999):
        raise ControlError(f"DTX471E LINE {statement.line}: {name}={text[:20]} IS NOT A NUMBER")
    return int(text)


def _field_of(statement: Control, made: _Set) -> _Field:
    statement.only(*_FIELD_WORDS)
    length = _number(statement, "LENGTH")
    behind = max((one.start + one.length for one in made.fields.values()), default=0)
    start = _number(statement, "STARTLOC", behind + 1) - 1
    kind, action = statement.text("FORMAT"), statement.text("ACTION") or "FX"
    if not 0 < length <= _MAXIMUM or not 0 <= start < _MAXIMUM or action not in _ACTIONS:
        raise ControlError(f"DTX471E LINE {statement.line}: LENGTH, STARTLOC OR ACTION={action[:4]} CANNOT BE")
    one = _Field(text_of(_one(statement, "NAME")), length, start, action=action)
    one.index, one.cycle = _number(statement, "INDEX", 0), max(_number(statement, "CYCLE", 1), 1)
    one.range = _number(statement, "RANGE", 0)
    if statement.keyword("INPUT") is not None:
        one.from_input = _number(statement, "FROMLOC", 1) - 1
    elif statement.keyword("PICTURE") is not None:
        one.kind, one.number, one.text = _picture(statement, length)
    elif kind in _NUMBERS:
        one.kind, one.number = _NUMBERS[kind], -1 if statement.text("SIGN") == "-" else 1
    elif kind in _PATTERNS or kind == "CO":
        one.text = _pattern(statement, kind)
    elif kind:
        raise ControlError(f"DTX474E LINE {statement.line}: FORMAT={kind[:4]} IS NOT SUPPORTED")
    else:
        one.text = _byte(statement, "FILL") * length
    if one.kind and encode_number(one.number, one.kind, length) is None:
        raise ControlError(f"DTX471E LINE {statement.line}: {one.number} HAS NO ROOM IN {length} BYTES")
    return one


def _pattern(statement: Control, kind: str) -> bytes:
    """The characters of a format, CHARACTER= first."""
    page = code_page()
    data = bytes(range(0x40, 0x100)) if kind == "CO" else page.encode(_PATTERNS[kind])
    first = page.encode(statement.text("CHARACTER")) if statement.text("CHARACTER") else data[:1]
    if first not in data:
        raise ControlError(f"DTX471E LINE {statement.line}: CHARACTER= IS NOT OF FORMAT={kind}")
    place = data.index(first)
    return data[place:] + data[:place]


def _picture(statement: Control, length: int) -> tuple[str, int, bytes]:
    """PICTURE=n,'text' or n,P'digits' or n,B'digits': the format of a number, what it is, or a text."""
    value = statement.keyword("PICTURE")
    parts = [text_of(item) for item in items_of(value)] if value is not None else []
    if len(parts) != 3:
        raise ControlError(f"DTX471E LINE {statement.line}: PICTURE= IS NOT LENGTH,'TEXT'")
    kind, content = {"P": "PDC", "B": "BI"}.get(parts[1], ""), parts[2]
    if not kind:
        return "", 0, code_page().encode(content[:length].ljust(length))
    if not content.removeprefix("-").removeprefix("+").isdecimal():
        raise ControlError(f"DTX471E LINE {statement.line}: PICTURE {content[:20]} IS NO NUMBER")
    return kind, int(content), b""


def _byte(statement: Control, name: str) -> bytes:
    """One byte: 'c', X'nn', or a binary zero if nothing is said."""
    value = statement.keyword(name)
    text = text_of(value) if value is not None else ""
    if isinstance(value, Word) and not value.quoted and text.startswith("X"):
        digits = text[1:].strip("'")
        if not re.fullmatch("[0-9A-F]{2}", digits):
            raise ControlError(f"DTX471E LINE {statement.line}: {name}={text[:10]} IS NOT ONE BYTE")
        return bytes.fromhex(digits)
    return code_page().encode(text[:1]) if text else b"\0"


def _create(statement: Control, made: _Set) -> _Create:
    statement.only("QUANTITY", "NAME", "INPUT", "FILL")
    value = statement.keyword("NAME")
    names = tuple(text_of(item) for item in items_of(value)) if value is not None else ()
    unknown = [name for name in names if name not in made.fields]
    if unknown:
        raise ControlError(f"DTX471E LINE {statement.line}: FIELD {unknown[0][:20]} IS NOT DESCRIBED")
    quantity = _number(statement, "QUANTITY") if statement.keyword("QUANTITY") is not None else None
    return _Create(quantity, names, statement.text("INPUT"), _byte(statement, "FILL"))
