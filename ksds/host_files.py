"""Records to and from a file of the host that the user named: bytes, lines of text, descriptor words.

A file is made whole or not at all. What is wrong in one that is read is a DataSetError that names the line or offset.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from ksds.codepage import CodePage
from ksds.datasets.attributes import DataSetAttributes
from ksds.descriptors import CANDIDATES, Framing, unframed
from ksds.errors import DataSetError

CHUNK = 256 * 1024
_OPEN_FILES = {Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd")}
"""Folders of names for files that are open: they are not to be replaced."""

STANDARD = Path("-")
"""Standard input to what reads, standard output to what writes."""

STANDARD_INPUT, STANDARD_OUTPUT = Path("/dev/stdin"), Path("/dev/stdout")

Advance = Callable[[int], object]
"""Told how many bytes went by."""


def size(path: Path) -> int:
    """Bytes of a host file, as far as that is known before it is read: of standard input 0."""
    return 0 if path == STANDARD else path.stat().st_size


def chunks(path: Path, advance: Advance) -> Iterator[bytes]:
    """The bytes of a host file."""
    with _to_read(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk
            advance(len(chunk))


def lines(path: Path, advance: Advance) -> Iterator[str]:
    """The lines of a host file in UTF-8, without their ends. DataSetError names the line that is not UTF-8."""
    with _to_read(path) as file:
        for number, line in enumerate(file, 1):
            try:
                yield line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                raise DataSetError(f"LINE {number} OF {path.name} IS NOT TEXT IN UTF-8") from None
            advance(len(line))


def _to_read(path: Path) -> BinaryIO:
    return (STANDARD_INPUT if path == STANDARD else path).open("rb")


def write_whole(path: Path, pieces: Iterable[bytes], advance: Advance) -> None:
    """Make the host file, or leave it as it was: written beside its place and moved there at the end. What a link leads
    to is made; a pipe, a terminal, /dev/stdout or `-`, which means that, is written to as it is."""
    path = STANDARD_OUTPUT if path == STANDARD else path
    path = path if path.parent in _OPEN_FILES else path.resolve()
    if path.parent in _OPEN_FILES or (path.exists() and not path.is_file()):
        with path.open("ab") as file:
            _write(file, pieces, advance)
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with ExitStack() as undo:
        with _new_file(beside, path) as file:
            undo.callback(beside.unlink)
            _write(file, pieces, advance)
        beside.replace(path)
        undo.pop_all()


def _write(file: BinaryIO, pieces: Iterable[bytes], advance: Advance) -> None:
    for piece in pieces:
        file.write(piece)
        advance(len(piece))


def _new_file(beside: Path, path: Path) -> BinaryIO:
    """A file beside the one wanted, which is what an error names."""
    try:
        return beside.open("xb")
    except OSError as error:
        error.filename = str(path)
        raise


def write_folder(folder: Path, files: Iterable[tuple[str, Iterable[bytes]]], advance: Advance) -> None:
    """Make host files by name in a folder, all of them or none: they are written beside it and moved at the end."""
    folder = folder.resolve()
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    beside.mkdir()
    try:
        for name, pieces in files:
            write_whole(beside / name, pieces, advance)
        folder.mkdir(exist_ok=True)
        for path in beside.iterdir():
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(beside)


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


@dataclass(frozen=True, slots=True)
class Detected:
    """The only framing by which a host file can be read to its end, and how many records it then has."""

    framing: Framing
    records: int


def framed_records(path: Path, framing: Framing, attributes: DataSetAttributes, advance: Advance) -> Iterator[bytes]:
    """The records of a host file behind descriptor words, each of a length that the data set allows."""
    highest = attributes.maximum_data
    lowest = {"F": highest, "V": 0, "U": 1}[attributes.kind]
    return unframed(chunks(path, advance), framing, lowest, highest)


def detect(path: Path, attributes: DataSetAttributes) -> Detected:
    """Try every framing on the whole file. Raises DataSetError if none fits, or several that give different records."""
    if not path.is_file():
        raise DataSetError(f"{path.name} IS NOT A FILE THAT CAN BE READ TWICE: SAY --rdw")
    found: dict[tuple[int, int], Framing] = {}
    for framing in CANDIDATES:
        if framing.block is None and any(other.block for other in found.values()):
            break
        try:
            found.setdefault(_survey(framed_records(path, framing, attributes, lambda read: None)), framing)
        except DataSetError:
            continue
    if len(found) > 1:
        raise DataSetError(f"{path.name} CAN BE READ IN {len(found)} WAYS: {', OR '.join(map(str, found.values()))}")
    if not found:
        raise DataSetError(f"{path.name} HAS NO DESCRIPTOR WORDS THAT FIT RECORDS OF {attributes.maximum_data} BYTES")
    (((count, _), framing),) = found.items()
    return Detected(framing, count)


def _survey(records: Iterator[bytes]) -> tuple[int, int]:
    """(how many records there are, a sum over their lengths): what tells one way of reading from another."""
    count = lengths = 0
    for record in records:
        count += 1
        lengths = crc32(len(record).to_bytes(4, "big"), lengths)
    return count, lengths
