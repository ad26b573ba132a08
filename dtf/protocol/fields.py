"""The kinds of field that frames are made of.

Each checks its value in both directions: what may not be said is not read either.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from construct import (
    Array,
    Bytes,
    Construct,
    ExprAdapter,
    GreedyBytes,
    Int8ub,
    Int16ub,
    OneOf,
    Prefixed,
    PrefixedArray,
    Sequence,
    Struct,
)


class FrameError(ValueError):
    """These bytes are no frame, or this event does not fit its frame. The session decides whose fault it is."""


def name(length: int) -> Construct:
    """Printable ASCII without blanks, padded with blanks to a fixed length; empty = all blanks."""

    def checked(text: str) -> str:
        if not text.isascii() or not text.isprintable() or " " in text or len(text) > length:
            raise FrameError(f"{text[:40]!a} is not a name of at most {length} characters")
        return text

    return ExprAdapter(
        Bytes(length),
        lambda raw, context: checked(raw.decode("latin-1").rstrip(" ")),
        lambda text, context: checked(text).encode("ascii").ljust(length),
    )


def text(limit: int) -> Construct:
    """Printable text in UTF-8 after a two-byte length, at most `limit` bytes."""

    def checked(raw: bytes) -> bytes:
        if len(raw) > limit:
            raise FrameError(f"text of {len(raw)} bytes, the limit is {limit}")
        if not raw.decode("utf-8").isprintable():
            raise FrameError("text with control characters")
        return raw

    return ExprAdapter(
        Prefixed(Int16ub, GreedyBytes),
        lambda raw, context: checked(raw).decode("utf-8"),
        lambda value, context: checked(value.encode("utf-8")),
    )


def flag() -> Construct:
    """One byte, 0 or 1."""
    return ExprAdapter(OneOf(Int8ub, (0, 1)), lambda number, context: number == 1, lambda value, context: int(value))


def index_or_none(limit: int) -> Construct:
    """One byte: an index below `limit`, or X'FF' for None."""
    return ExprAdapter(
        OneOf(Int8ub, (*range(limit), 0xFF)),
        lambda number, context: None if number == 0xFF else number,
        lambda value, context: 0xFF if value is None else value,
    )


def several(limit: int, item: Construct) -> Construct:
    """A one-byte count and that many items; a tuple."""

    def checked(items: Any) -> Any:
        if len(items) > limit:
            raise FrameError(f"{len(items)} items, the limit is {limit}")
        return items

    return ExprAdapter(
        PrefixedArray(Int8ub, item),
        lambda items, context: tuple(checked(items)),
        lambda items, context: list(checked(items)),
    )


def exactly(count: int, item: Construct) -> Construct:
    """A fixed number of items side by side; a tuple."""
    return ExprAdapter(Array(count, item), lambda items, context: tuple(items), lambda items, context: list(items))


def pair(first: Construct, second: Construct) -> Construct:
    """Two fields side by side; a tuple."""
    return ExprAdapter(Sequence(first, second), lambda two, context: tuple(two), lambda two, context: list(two))


def record(kind: type, layout: Struct) -> Construct:
    """A dataclass from a layout whose fields are the fields of the class, in any order."""
    names = [member.name for member in layout.subcons]
    if set(names) != {field.name for field in fields(kind)}:
        raise TypeError(f"the layout of {kind.__name__} differs from its fields")
    return ExprAdapter(
        layout,
        lambda parsed, context: kind(**{name: parsed[name] for name in names}),
        lambda value, context: {name: getattr(value, name) for name in names},
    )
