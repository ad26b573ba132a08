"""Records to and from a file of the host that the user named: bytes, lines of text, record descriptor words.

    form     length field                                bytes of a record ABC
    none     no descriptor                               C1 C2 C3
    ibm      big-endian, counts its own 4 bytes          00 07 00 00 C1 C2 C3
    cobrix   little-endian, counts the data only         03 00 00 00 C1 C2 C3

`cobrix` is what the Spark data source Cobrix reads without options (is_rdw_big_endian and rdw_adjustment at their
defaults). Source of `ibm`: z/OS DFSMS Using Data Sets, "Record Descriptor Word".
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Literal

from ksds.codepage import CodePage
from ksds.datasets.attributes import DataSetAttributes
from ksds.errors import DataSetError

CHUNK = 256 * 1024

Advance = Callable[[int], object]
"""Told how many bytes went by."""


class RdwForm(StrEnum):
    """How records of a host file tell their lengths."""

    NONE = "none"
    IBM = "ibm"
    COBRIX = "cobrix"


def chunks(path: Path, advance: Advance) -> Iterator[bytes]:
    """The bytes of a host file."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
            advance(len(chunk))


def lines(path: Path, advance: Advance) -> Iterator[str]:
    """The lines of a host file in UTF-8, without their ends. DataSetError names the line that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                raise DataSetError(f"LINE {number} OF {path.name} IS NOT TEXT IN UTF-8") from None
            advance(len(line))


def write_whole(path: Path, pieces: Iterable[bytes], advance: Advance) -> None:
    """Make the host file, or leave it as it was: written beside its place and moved there at the end."""
    if path.exists() and not path.is_file():  # a pipe or a terminal
        with path.open("wb") as file:
            file.writelines(pieces)
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with ExitStack() as undo:
        with beside.open("xb") as file:
            undo.callback(beside.unlink)
            for piece in pieces:
                file.write(piece)
                advance(len(piece))
        beside.replace(path)
        undo.pop_all()


def records_from_lines(texts: Iterable[str], attributes: DataSetAttributes, page: CodePage) -> Iterator[bytes]:
    """Lines as records in `page`, padded with blanks for fixed formats. DataSetError names a line that does not fit."""
    longest = attributes.maximum_data
    for number, text in enumerate(texts, 1):
        if len(text) > longest:
            raise DataSetError(f"LINE {number} HAS {len(text)} CHARACTERS, A RECORD HOLDS {longest}")
        try:
            record = page.pad(text, longest) if attributes.kind == "F" else page.encode(text)
        except DataSetError as error:
            raise DataSetError(f"LINE {number}: {error.what}") from None
        yield record


def lines_from_records(records: Iterable[bytes], page: CodePage) -> Iterator[bytes]:
    """Records as lines in UTF-8, trailing blanks dropped. DataSetError for a record that holds a line end."""
    for number, record in enumerate(records, 1):
        text = page.decode(record).rstrip(" ")
        if "\n" in text or "\r" in text:
            raise DataSetError(f"RECORD {number} HOLDS A LINE END AND CANNOT BE A LINE OF TEXT")
        yield f"{text}\n".encode()


def with_descriptors(records: Iterable[bytes], form: RdwForm) -> Iterator[bytes]:
    """Each record behind its descriptor of this form."""
    order, counted = _shape(form)
    for record in records:
        if form is RdwForm.NONE:
            yield record
        else:
            yield (len(record) + counted).to_bytes(2, order) + b"\0\0" + record


def without_descriptors(data: bytes, form: RdwForm) -> Iterator[bytes]:
    """The records of a host file of this form (not `none`). DataSetError names the offset of a wrong descriptor."""
    order, counted = _shape(form)
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], order) - counted
        if len(data) - at < 4 or data[at + 2 : at + 4] != b"\0\0" or not 0 < length <= len(data) - at - 4:
            raise DataSetError(f"X'{data[at : at + 4].hex().upper()}' IS NOT THE DESCRIPTOR OF A RECORD", offset=at)
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def _shape(form: RdwForm) -> tuple[Literal["big", "little"], int]:
    return ("little", 0) if form is RdwForm.COBRIX else ("big", 4)
