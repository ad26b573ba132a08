"""The file of a partitioned data set: two headers, and behind them members and directories in units of 256 bytes.

A member is a run of blocks behind a small header that tells its length and checksum. Nothing that the directory on
disk refers to is ever written over, so the order of writes is simple:

    1. members go to free space, behind their headers; short ones that follow each other in one write
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
    """Part of a device as a device: `length` bytes from `offset`, growing as it is written.

    `held` are all bytes of a short one, in memory: as they have been read, or until `finish_member` writes them.
    """

    def __init__(self, device: Device, offset: int, length: int) -> None:
        self._device = device
        self._offset = offset
        self._length = length
        self.held: bytearray | None = None

    def size(self) -> int:
        return self._length

    def read(self, offset: int, length: int) -> bytes:
        if self.held is not None:
            return bytes(self.held[offset : offset + length])
        return self._device.read(self._offset + offset, max(0, min(length, self._length - offset)))

    def write(self, offset: int, data: bytes) -> None:
        end = offset + len(data)
        if self.held is not None and end > RUN_BYTES:
            self._device.write(self._offset, bytes(self.held))
            self.held = None
        if self.held is not None:
            self.held[offset:end] = data
        else:
            self._device.write(self._offset + offset, data)
        self._length = max(self._length, end)

    def resize(self, size: int) -> None:
        if size > self._length:
            self.write(self._length, bytes(size - self._length))
        elif self.held is not None:
            del self.held[size:]
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
        self._heads: dict[int, tuple[int, int]] = {}  # length and checksum of members that were looked at
        self._waiting = bytearray()  # short new members in a row, from unit _waiting_at, for one write
        self._waiting_at = 0
        self.committed = self._read_directory()

    def length(self, ttr: int) -> int:
        """Bytes of the member at a place. Raises DataSetError if there is none."""
        return self._head(ttr)[0]

    def member(self, ttr: int) -> Window:
        """A member's bytes. Raises DataSetError if they contradict their checksum."""
        length, checksum = self._head(ttr)
        window = self._window(ttr, length)
        if length <= RUN_BYTES:
            at = (ttr - self._waiting_at) * UNIT + MEMBER_HEADER_BYTES
            waits = 0 <= at < len(self._waiting)
            window.held = self._waiting[at : at + length] if waits else bytearray(window.read(0, length))
        if _checksum(window) != checksum:
            raise self._error("THE MEMBER'S BYTES CONTRADICT THEIR CHECKSUM", ttr * UNIT)
        return window

    def space(self) -> tuple[int, int]:
        """(bytes up to the end of what is committed, bytes of them that nothing refers to)."""
        return self._end * UNIT, sum(count for _, count in self._gaps(self.committed)) * UNIT

    def begin_member(self) -> Window:
        """A new member, to be written; what is too long to be held goes to free space behind everything."""
        self._begin()
        window = self._window(self._end, 0)
        window.held = bytearray()
        return window

    def finish_member(self, written: Window, entries: Collection[DirectoryEntry], *, reuse_space: bool) -> int:
        """The place of a member that is written; with `reuse_space` it moves to the lowest gap that holds it."""
        length, checksum, place = written.size(), _checksum(written), self._end
        needed = library.units(MEMBER_HEADER_BYTES + length)
        gap = self._gap(needed, entries) if reuse_space else None
        if gap is None:
            self._end += needed
        else:
            place = gap
        head = library.build_member_header(length, checksum)
        if written.held is not None:
            self._gather(place, head + written.held)
        else:
            self._write_waiting()  # the gap may be where one waits that has been deleted since
            if gap is not None:
                self._move(written, gap)
            self._device.write(place * UNIT, head)
        self._heads[place] = length, checksum
        return place

    def _gather(self, place: int, image: bytes) -> None:
        waiting = self._waiting
        if len(waiting) >= RUN_BYTES or place != self._waiting_at + library.units(len(waiting)):
            self._write_waiting()
        if not waiting:
            self._waiting_at = place
        waiting += bytes(-len(waiting) % UNIT)
        waiting += image

    def _write_waiting(self) -> None:
        if self._waiting:
            self._device.write(self._waiting_at * UNIT, bytes(self._waiting))
            self._waiting.clear()

    def _move(self, written: Window, place: int) -> None:
        target = self._window(place, 0)
        for at in range(0, written.size(), RUN_BYTES):
            target.write(at, written.read(at, RUN_BYTES))

    def commit(self, entries: list[DirectoryEntry]) -> None:
        """Make `entries`, in order, the directory, durably. A failure is final."""
        self._begin()
        self._write_waiting()
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

    def _head(self, ttr: int) -> tuple[int, int]:
        """Length and checksum of the member at a place."""
        if ttr not in self._heads:
            data = self._device.read(ttr * UNIT, MEMBER_HEADER_BYTES)
            length = int.from_bytes(data[:8], "big")
            if len(data) < MEMBER_HEADER_BYTES or ttr * UNIT + MEMBER_HEADER_BYTES + length > self._device.size():
                raise self._error("NO MEMBER STANDS HERE", ttr * UNIT)
            self._heads[ttr] = length, int.from_bytes(data[8:12], "big")
        return self._heads[ttr]

    def _error(self, what: str, offset: int | None) -> DataSetError:
        return DataSetError(what, data_set=self._name, offset=offset)


def _checksum(window: Window) -> int:
    value = 0
    for at in range(0, window.size(), RUN_BYTES):
        value = google_crc32c.extend(value, window.read(at, RUN_BYTES))
    return value
