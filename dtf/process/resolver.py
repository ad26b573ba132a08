"""A draft and its symbolics -> a Process: once, at submission.

What is wrong in the text is said here or in the parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dtf.errors import ProcessSyntaxError
from dtf.process.flow import Flow
from dtf.process.operands import OperandReader
from dtf.process.parser import Draft, DraftStatement, Group, Operand, Text, Value, is_label, parse_value
from dtf.process.start_time import StartTimeError, first_start
from dtf.process.statements import Copy, Process, Statement
from dtf.process.symbols import Symbols
from dtf.process.tokens import Source

_ANY_DAY = datetime(2026, 1, 1)


def resolve(
    draft: Draft,
    symbols: Mapping[str, str] | None = None,
    intrinsics: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Process:
    """The Process that `draft` means with these values. Raises ProcessError (syntax, not supported, symbolic).

    `symbols` are those of the SUBMIT command, name -> text, and `overrides` its keywords (SNODE, PRTY, HOLD, NEWNAME
    ...) as text: both count more than what PROCESS says. `intrinsics` are `symbols.intrinsic_values(...)`.
    """
    given = {key.upper(): text for key, text in (overrides or {}).items()}
    table = Symbols(draft.source, symbols or {}, intrinsics or {})
    table.fold = not _keeps_case(draft, given)
    reader = OperandReader(draft.source, table, keep_paths=draft.is_free)
    first = draft.statements[0]
    if first.verb != "PROCESS":
        raise reader.error("THE FIRST STATEMENT MUST BE PROCESS", first.at)
    options = _ProcessOptions(reader)
    for operand in sorted(first.operands, key=_is_setting):
        options.take(operand)
    for keyword, text in given.items():
        options.override(keyword, text)
    statements = Flow(reader).run(draft.statements[1:])
    return options.finish(first, statements, table)


def _is_setting(operand: Operand) -> bool:
    """Symbolics first: any other operand may use them, wherever they stand."""
    return not operand.keyword.startswith("&")


def _keeps_case(draft: Draft, given: Mapping[str, str]) -> bool:
    """CASE=YES must be known before the first value is read."""
    if "CASE" in given:
        return given["CASE"].upper() == "YES"
    return any(
        operand.keyword == "CASE" and isinstance(operand.value, Text) and operand.value.at.text.upper() == "YES"
        for operand in draft.statements[0].operands
    )


class _ProcessOptions:
    """Collects the keywords of PROCESS and of the SUBMIT command."""

    def __init__(self, reader: OperandReader) -> None:
        self._reader = reader
        self._values: dict[str, Any] = {}

    def take(self, operand: Operand) -> None:
        """One operand of the PROCESS statement."""
        if operand.keyword.startswith("&"):
            value = self._reader.text(operand.value)
            self._reader.symbols.default(operand.keyword[1:], value, operand.at)
        elif not operand.keyword:
            raise self._reader.error("PROCESS HAS KEYWORDS ONLY", operand.at)
        elif not self._set(operand.keyword, operand.value, self._reader):
            raise self._reader.error(f"{operand.keyword[:40]} IS NOT A KEYWORD OF PROCESS", operand.at)

    def override(self, keyword: str, text: str) -> None:
        """One keyword of the SUBMIT command."""
        source = Source(text)
        reader = OperandReader(source, self._reader.symbols, keep_paths=False)
        try:
            known = self._set(keyword, parse_value(source), reader)
        except ProcessSyntaxError as error:
            raise ProcessSyntaxError(f"{keyword[:40]} OF SUBMIT: {error.what}", marked=error.marked) from None
        if not known:
            raise ProcessSyntaxError(f"{keyword[:40]!a} IS NOT A KEYWORD OF SUBMIT")

    def _set(self, keyword: str, value: Value, reader: OperandReader) -> bool:
        match keyword:
            case "SNODE":
                self._values["snode"] = _snode(reader, value)
            case "PNODE" | "PACCT" | "SACCT" | "NOTIFY":
                self._values[keyword.lower()] = reader.text(value)
            case "NEWNAME":
                self._values["name"] = reader.text(value)
            case "PNODEID" | "SNODEID":
                self._values[keyword.lower()] = reader.texts(value, 3)[:2]
            case "HOLD":
                self._values["hold"] = reader.choice(value, "YES", "NO", "CALL")
            case "RETAIN":
                self._values["retain"] = reader.choice(value, "YES", "NO", "INITIAL")
            case "REQUEUE":
                self._values["requeue"] = reader.choice(value, "YES", "NO") == "YES"
            case "CASE":
                reader.choice(value, "YES", "NO")
            case "CRC":
                self._values["crc"] = reader.choice(value, "ON", "OFF") == "ON"
            case "PRTY":
                self._values["priority"] = reader.number(value, 0, 15)
            case "CLASS":
                self._values["class_"] = reader.number(value, 1, 255)
            case "SECURE":
                self._values["secure"] = reader.secure(value)
            case "MAXDELAY":
                self._values["maxdelay"] = _maxdelay(reader, value)
            case "STARTT":
                self._values["startt"] = _startt(reader, value)
            case _:
                return self._set_unused(keyword, value, reader)
        return True

    def _set_unused(self, keyword: str, value: Value, reader: OperandReader) -> bool:
        """Keywords of the product that change nothing here: only their form is looked at."""
        if keyword == "DEBUG":
            text = reader.text(value)
            if not re.fullmatch(r"[0-9A-Fa-f]{1,8}", text):
                raise reader.error(f"DEBUG={text[:40]!a} IS NOT 1-8 HEXADECIMAL DIGITS", value.at)
            return True
        if keyword == "PLEXCLASS":
            if any(text not in ("", "*") and not is_label(text) for text in reader.texts(value, 2)):
                raise reader.error("PLEXCLASS IS (PNODE CLASS,SNODE CLASS), NAMES OF 1-8 CHARACTERS", value.at)
            return True
        return False

    def finish(self, first: DraftStatement, statements: tuple[Statement, ...], symbols: Symbols) -> Process:
        """The Process, or an error if SNODE is missing."""
        name = self._values.pop("name", first.label)
        if not is_label(name):
            raise self._reader.error("THE PROCESS HAS NO NAME (1-8 LETTERS AND DIGITS, A LETTER FIRST)", first.at)
        if not self._values.get("snode"):
            raise self._reader.error("SNODE IS REQUIRED", first.at)
        if self._values.get("retain") == "INITIAL" and self._values.get("startt"):
            raise self._reader.error("STARTT IS NOT ALLOWED WITH RETAIN=INITIAL", first.at)
        asked = any(isinstance(statement, Copy) and statement.secure for statement in statements)
        self._values["secure"] = asked or self._values.get("secure", False)
        return Process(name=name, statements=statements, symbols=symbols.items(), **self._values)


def _maxdelay(reader: OperandReader, value: Value) -> str:
    text = reader.text(value, fold=True)
    if text not in ("UNLIMITED", "QUEUED", "0") and not re.fullmatch(r"\d{1,2}:[0-5]\d:[0-5]\d", text):
        raise reader.error(f"MAXDELAY={text[:20]!a} IS NOT UNLIMITED, QUEUED, 0 OR HH:MM:SS", value.at)
    return text


def _startt(reader: OperandReader, value: Value) -> tuple[str, ...]:
    startt = reader.texts(value, 2, fold=True)
    try:
        first_start((startt[0], startt[1]), _ANY_DAY)
    except StartTimeError as error:
        raise reader.error(error.what.upper(), value.at) from None
    return startt


def _snode(reader: OperandReader, value: Value) -> str:
    """node, host;port or TCPNAME=host;port."""
    first = value.operands[0] if isinstance(value, Group) and len(value.operands) == 1 else None
    return reader.text(first.value if first is not None and first.keyword == "TCPNAME" else value)
