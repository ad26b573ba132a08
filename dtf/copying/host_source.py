"""Files of the host as the source of a COPY: one, or all that fit a name with wildcards (`*` and `?`).

For a data set the lines of a text file become records, and the bytes of a binary one records as long as the target
takes (the last of fixed ones filled up with X'00'). For another file of the host they go as they are. A row of files
goes as `file_set` describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from fnmatch import translate as pattern_of
from re import compile as compiled

from dtf.copying.checkpoint import Shape, SourceIdentity
from dtf.copying.file_set import PIECE_BYTES, FileRow
from dtf.copying.folder_library import members_of
from dtf.copying.host_paths import WILDCARDS, HostFileError, HostPaths, has_wildcards
from dtf.copying.host_text import HostOptions, host_options, lines_to_lines, lines_to_records, split_lines
from dtf.copying.library_rows import LONGEST_RECORD
from dtf.copying.open_source import OpenSource
from dtf.copying.prefixes import READ_BYTES
from dtf.copying.shaping import FILE, FILES, HOST, VSAM
from dtf.copying.sources import FixedSource, Source, UnitSource, open_records, shaped
from dtf.protocol.events import FileSide
from ksds.host_folder import FileDevice, FileFolder

TEXT = Shape(FILE, "VB", 23036, 23040)
BINARY = Shape(FILE, "U", 0, 23040)
"""What a data set becomes that a COPY makes of such a file (connect-direct UNIX Sysopts Syntax)."""

SET = Shape(FILES, "U", 0, 0)


class HostSource(OpenSource):
    """The open files of FROM, in the order of their names; to be deleted they must be writable.

    Raises HostFileError, HostTextError.
    """

    def __init__(self, paths: HostPaths, side: FileSide) -> None:
        self._paths = paths
        self._path = side.name
        self._options = host_options(dict(side.operands))
        with ExitStack() as opened:
            self._folder, pattern = paths.readable(side.name)
            opened.callback(self._folder.close)
            self._several = has_wildcards(pattern)
            names = matching(self._folder, pattern) if self._several else [pattern]
            if not names:
                raise HostFileError(f"{side.name}: no file has such a name")
            self._row = FileRow(self._folder, names, side.name)
            self._file = self._row.open(names[0])
            opened.callback(self._file.close)
            self.identity = self._row.identity() if self._several else SourceIdentity(*self._file.identity())
            if "DELETE" in side.disposition:
                paths.writable(side.name)[0].close()
            self._opened = opened.pop_all()
        self.shape = SET if self._several else TEXT if self._options.text else BINARY

    def cursor(self, target: Shape, mode: str, there: FileSide) -> Source:
        """The files as bytes, lines or records in the form of this target."""
        if target.organization == FILES:
            return UnitSource(self._row.units, PIECE_BYTES)
        if target.organization == "PO":
            return open_records(lambda: members_of(self._files(target), target), LONGEST_RECORD, target)
        if target.organization == "LD":
            return FixedSource(self._file, 1)
        if target.organization in HOST:
            return self._for_host(self._file, host_options(dict(there.operands)))
        return UnitSource(lambda: shaped(self._records(self._file, target), target), target.blksize or target.lrecl)

    def _for_host(self, file: FileDevice, there: HostOptions) -> Source:
        def units() -> Iterator[tuple[bytes, int]]:
            lines = lines_to_lines(split_lines(_chunks(file)), self._options, there)
            return ((line, 1) for line in lines or ())

        if lines_to_lines((), self._options, there) is None:
            return FixedSource(file, 1)
        return UnitSource(units, 1)

    def _records(self, file: FileDevice, target: Shape) -> Iterator[bytes]:
        if self._options.text:
            return lines_to_records(split_lines(_chunks(file)), self._options)
        return _cut(file, target)

    def _files(self, target: Shape) -> Iterator[tuple[str, Iterator[bytes]]]:
        for name in self._row.names:
            with closing(self._row.open(name)) as file:
                yield name, self._records(file, replace(target, organization="PS"))

    def close(self) -> None:
        self._opened.close()

    def _remove(self) -> None:
        folder, _ = self._paths.writable(self._path)
        with closing(folder):
            for name in self._row.names:
                folder.remove(name)
            folder.sync()


def matching(folder: FileFolder, pattern: str) -> list[str]:
    """The names in `folder` that fit `pattern`, in order; those with a dot in front only if it has one there."""
    literal = "".join(sign if sign in WILDCARDS else f"[{sign}]" if sign == "[" else sign for sign in pattern)
    fits = compiled(pattern_of(literal)).match
    return [name for name in folder.files() if fits(name) and name.startswith(".") == pattern.startswith(".")]


def _chunks(file: FileDevice) -> Iterator[bytes]:
    offset = 0
    while chunk := file.read(offset, READ_BYTES):
        offset += len(chunk)
        yield chunk


def _cut(file: FileDevice, target: Shape) -> Iterator[bytes]:
    """Records as long as the target takes."""
    longest = {"V": target.lrecl - 4, "U": target.blksize}.get(target.recfm[:1], target.lrecl)
    longest = target.lrecl if target.organization in VSAM else longest
    fixed = target.organization == "PS" and target.recfm[:1] == "F"
    offset = 0
    while record := file.read(offset, longest):
        offset += len(record)
        yield record.ljust(longest, b"\0") if fixed else record
