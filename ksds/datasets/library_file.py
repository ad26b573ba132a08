"""The file of a partitioned data set: two headers, and behind them members and directories in units of 256 bytes.

A member is a run of blocks behind a small header that tells its length and checksum. Nothing that the directory on
disk refers to is ever written over, so the order of writes is simple:

    1. a member's bytes go to free space, then its header
    2. the new directory goes to free space; all is made durable
    3. the older of the two library headers is overwritten with one that refers to the new directory; made durable

A crash before the end of 3 leaves the library as it was. The first header, of a library without members, is durable
before anything is written behind it: a file that ends with the headers was never more. Layouts in
`ksds.layout.library`.
"""

from __future__ import annotations

from collections.abc import Collection

import google_crc32c

from ksds.datasets.sequential import RUN_BYTES
from ksds.errors import DataSetError
from ksds.layout import library
from ksds.layout.library import MEMBER_HEADER_BYTES, UNIT, DirectoryEntry, Header
from ksds.storage.device import Device

HIGHEST_UNIT = 0xFFFFFF
"""A directory entry's TTR has three bytes: a library holds 4 GiB."""


class Window:
    """Part of a device as a device: `length` bytes from `offset`, growing as it is written."""

    def __init__(self, device: Device, offset: int, length: int) -> None:
        self._device = device
        self._offset = offset
        self._length = length

    def size(self) -> int:
        return self._length

    def read(self, offset: int, length: int) -> bytes:
        return self._device.read(self._offset + offset, max(0, min(length, self._length - offset)))

    def write(self, offset: int, data: bytes) -> None:
        self._device.write(self._offset + offset, data)
        self._length = max(self._length, offset + len(data))

    def resize(self, size: int) -> None:
        if size > self._length:
            self.write(self._length, bytes(size - self._length))
        self._length = size

    def write_back(self, offset: int, length: int) -> None:
        self._device.write_back(self._offset + offset, length)

    def sync(self) -> None:
        self._device.sync()

    def lock(self, exclusive: bool, *, wait: bool = False) -> bool:
        return True

    def release(self) -> None:
        """The library holds the lock."""

    def close(self) -> None:
        """The library closes the file."""


class LibraryFile:
    """Members by place. `committed` are the entries of the directory on disk; a place is a TTR, in units."""

    def __init__(self, device: Device, name: str) -> None:
        self._device = device
        self._name = name or None
        self._header = self._read_header()
        self._end = self._header.end
        self._lengths: dict[int, int] = {}
        self.committed = self._read_directory()

    def length(self, ttr: int) -> int:
        """Bytes of the member at a place. Raises DataSetError if there is none."""
        if ttr not in self._lengths:
            self._lengths[ttr] = self._read_member_header(ttr)[0]
        return self._lengths[ttr]

    def member(self, ttr: int) -> Window:
        """A member's bytes. Raises DataSetError if they contradict their checksum."""
        length, checksum = self._read_member_header(ttr)
        window = self._window(ttr, length)
        if _checksum(window) != checksum:
            raise self._error("THE MEMBER'S BYTES CONTRADICT THEIR CHECKSUM", ttr * UNIT)
        return window

    def space(self) -> tuple[int, int]:
        """(bytes up to the end of what is committed, bytes of them that nothing refers to)."""
        return self._end * UNIT, sum(count for _, count in self._gaps(self.committed)) * UNIT

    def begin_member(self) -> Window:
        """Free space for a new member, behind everything."""
        self._begin()
        return self._window(self._end, 0)

    def finish_member(self, written: Window, entries: Collection[DirectoryEntry], *, reuse_space: bool) -> int:
        """The place of a member that is written; with `reuse_space` it moves to the lowest gap that holds it."""
        length, checksum, place = written.size(), _checksum(written), self._end
        needed = library.units(MEMBER_HEADER_BYTES + length)
        gap = self._gap(needed, entries) if reuse_space else None
        if gap is None:
            self._end += needed
        else:
            place = gap
            target = self._window(place, 0)
            for at in range(0, length, RUN_BYTES):
                target.write(at, written.read(at, RUN_BYTES))
        self._device.write(place * UNIT, library.build_member_header(length, checksum))
        self._lengths[place] = length
        return place

    def commit(self, entries: list[DirectoryEntry]) -> None:
        """Make `entries`, in order, the directory, durably. A failure is final."""
        self._begin()
        directory = library.build_directory(entries)
        blocks = len(directory) // UNIT
        place = self._gap(blocks, entries)
        end = self._end
        if place is None:
            place, end = self._end, self._end + blocks
        if end > HIGHEST_UNIT:
            raise self._error(f"THE LIBRARY IS FULL: {HIGHEST_UNIT * UNIT} BYTES", None)
        header = Header(self._header.sequence + 1, place, blocks, end, google_crc32c.value(directory))
        self._device.write(place * UNIT, directory)
        self._device.sync()
        self._write_header(header)
        self._end = end
        self.committed = entries

    def close(self) -> None:
        self._device.close()

    def _begin(self) -> None:
        """The first header, before anything stands behind it."""
        if not self._header.sequence:
            self._write_header(Header(1, library.FIRST_UNIT, 0, library.FIRST_UNIT, google_crc32c.value(b"")))

    def _write_header(self, header: Header) -> None:
        self._device.write(header.sequence % 2 * library.HEADER_BYTES, library.build_header(header))
        self._device.sync()
        self._header = header

    def _window(self, ttr: int, length: int) -> Window:
        return Window(self._device, ttr * UNIT + MEMBER_HEADER_BYTES, length)

    def _gap(self, needed: int, entries: Collection[DirectoryEntry]) -> int | None:
        """The lowest gap of `needed` units that neither the directory on disk nor `entries` refer to."""
        return next((first for first, count in self._gaps(entries) if count >= needed), None)

    def _gaps(self, entries: Collection[DirectoryEntry]) -> list[tuple[int, int]]:
        taken = [(self._header.directory, self._header.blocks), (self._end, 0)]
        for ttr in {entry.ttr for entry in (*self.committed, *entries)}:
            taken.append((ttr, library.units(MEMBER_HEADER_BYTES + self.length(ttr))))
        return library.free_runs(taken)

    def _read_header(self) -> Header:
        images = [self._device.read(slot * library.HEADER_BYTES, library.HEADER_BYTES) for slot in (0, 1)]
        found = [header for header in map(library.parse_header, images) if header]
        if found:
            return max(found, key=lambda header: header.sequence)
        if self._device.size() > 2 * library.HEADER_BYTES:
            raise self._error("NEITHER HEADER OF THE LIBRARY IS WHOLE", 0)
        return Header(0, library.FIRST_UNIT, 0, library.FIRST_UNIT, 0)

    def _read_directory(self) -> list[DirectoryEntry]:
        header = self._header
        if not header.blocks:
            return []
        data = self._device.read(header.directory * UNIT, header.blocks * UNIT)
        if len(data) != header.blocks * UNIT or google_crc32c.value(data) != header.checksum:
            raise self._error("THE DIRECTORY CONTRADICTS ITS CHECKSUM", header.directory * UNIT)
        return library.parse_directory(data)

    def _read_member_header(self, ttr: int) -> tuple[int, int]:
        data = self._device.read(ttr * UNIT, MEMBER_HEADER_BYTES)
        length = int.from_bytes(data[:8], "big")
        if len(data) < MEMBER_HEADER_BYTES or ttr * UNIT + MEMBER_HEADER_BYTES + length > self._device.size():
            raise self._error("NO MEMBER STANDS HERE", ttr * UNIT)
        return length, int.from_bytes(data[8:12], "big")

    def _error(self, what: str, offset: int | None) -> DataSetError:
        return DataSetError(what, data_set=self._name, offset=offset)


def _checksum(window: Window) -> int:
    value = 0
    for at in range(0, window.size(), RUN_BYTES):
        value = google_crc32c.extend(value, window.read(at, RUN_BYTES))
    return value
