"""Operands of FROM and TO that are carried to the node of the file as text, and what each may look like.

What an operand means is that node's business; here only its form is looked at, so that a mistake is told where it
stands. Operands that mean nothing on this emulator (docs/FIDELITY.md names them) are read all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dtf.process.operands import OperandReader
from dtf.process.parser import Group, Value

Check = Callable[[OperandReader, Value], str]
"""The value as text; complains at its place."""

_NAME = re.compile(r"[A-Z@#$][A-Z0-9@#$]{0,7}")
_DATA_SET = re.compile(r"[A-Z0-9@#$.\-]{1,44}(\([A-Z0-9@#$+\-]{1,8}\))?")
_DATA_SET_TYPES = ("PDS", "LIBRARY", "BASIC", "LARGE", "EXTREQ", "EXTPREF", "HFS", "PIPE")


def _as_written(reader: OperandReader, value: Value) -> str:
    return reader.as_written(value)


def _number(low: int, high: int) -> Check:
    return lambda reader, value: str(reader.number(value, low, high))


def _choice(*allowed: str) -> Check:
    return lambda reader, value: reader.choice(value, *allowed)


def _name(reader: OperandReader, value: Value) -> str:
    text = reader.text(value, fold=True)
    if not _NAME.fullmatch(text):
        raise reader.error(f"{text[:40]!a} IS NOT A NAME OF 1-8 CHARACTERS", value.at)
    return text


def _data_set(reader: OperandReader, value: Value) -> str:
    text = reader.text(value, fold=True)
    if not _DATA_SET.fullmatch(text):
        raise reader.error(f"{text[:60]!a} IS NOT THE NAME OF A DATA SET", value.at)
    return text


def _name_and_more(reader: OperandReader, value: Value) -> str:
    """name, or (name,parameter,...)."""
    first = value.operands[0] if isinstance(value, Group) and value.operands else None
    _name(reader, first.value if first is not None and not first.keyword else value)
    return reader.as_written(value)


CARRIED: Mapping[str, Check] = {
    **dict.fromkeys(
        ("SPACE", "UNIT", "VOL", "LABEL", "RESGDG", "SYSOPTS", "SELECT", "EXCLUDE", "SECMODEL"), _as_written
    ),
    **dict.fromkeys(("MSVGP", "DATACLAS", "STORCLAS", "MGMTCLAS", "TYPE"), _name),
    **dict.fromkeys(("IOEXIT", "DATAEXIT", "SUBSYS"), _name_and_more),
    "LIKE": _data_set,
    "AVGREC": _choice("U", "K", "M"),
    "DSNTYPE": _choice(*_DATA_SET_TYPES),
    "RECORG": _choice("KS", "ES", "RR", "LS"),
    "ALIAS": _choice("Y", "N", "YES", "NO"),
    "KEYLEN": _number(0, 255),
    "KEYOFF": _number(0, 32759),
    "LRECL": _number(1, 32760),
    "BUFND": _number(1, 510),
}
CARRIED_WORDS = frozenset({"REPLACE", "NOREPLACE"})
