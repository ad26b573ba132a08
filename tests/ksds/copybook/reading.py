"""Copybooks in tests: their text as it is typed, and records through them."""

from __future__ import annotations

from ksds.codepage import code_page
from ksds.copybook import Encoder, RecordView, parse
from ksds.copybook.decoder import Fault, Values
from ksds.copybook.placement import Field, Layout

PAGE = code_page("cp037")


def fields(text: str) -> dict[str, Field]:
    """The fields of a copybook by name."""
    return {field.item.name: field for field in parse(text).fields()}


def places(text: str) -> dict[str, tuple[int, int]]:
    """(offset, length of one occurrence) by name."""
    return {name: (field.offset, field.length) for name, field in fields(text).items()}


def view(text: str | Layout, *choices: str) -> RecordView:
    return RecordView(parse(text) if isinstance(text, str) else text, PAGE, choices)


def decoded(text: str, record: bytes, *choices: str) -> Values:
    """The values of a record that is as the copybook says."""
    values, faults = view(text, *choices).decoder().decode(record)
    assert not faults, list(map(str, faults))
    return values


def faults(text: str, record: bytes, *choices: str) -> tuple[Values, list[Fault]]:
    return view(text, *choices).decoder().decode(record)


def encoded(text: str, values: Values) -> bytes:
    return Encoder(parse(text), PAGE).encode(values)


def ebcdic(text: str) -> bytes:
    return PAGE.encode(text)
