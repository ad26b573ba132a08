"""A portable data set, written and read as parts: see `ksds.layout.portable_record`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import google_crc32c

from ksds.catalog.entries import Entry, IndexableEntry, from_record, to_record
from ksds.cluster import whole_intervals
from ksds.datasets import DataSetAttributes, SequentialDataSet
from ksds.errors import Damaged, DataSetError
from ksds.layout import portable_record as layout
from ksds.layout.portable_record import HEADER_BYTES, Kind, Stamp
from ksds.system import System

DEFAULT = DataSetAttributes("VB", 2044, 2048)
"""Of a portable data set whose DD does not say: block size 2048, as in the manual."""


class PortableWriter:
    """Parts into a sequential data set of variable or undefined records."""

    def __init__(self, target: SequentialDataSet) -> None:
        if target.attributes.kind == "F" or target.attributes.maximum_data <= HEADER_BYTES:
            raise DataSetError("A PORTABLE DATA SET HAS VARIABLE RECORDS", data_set=target.name)
        self._target = target
        self._longest = target.attributes.maximum_data - HEADER_BYTES
        self._checksum = 0
        self._records = 0

    def begin(self, now: datetime, entries: list[Entry], *, inhibit: bool, intervals: bool) -> None:
        self._part(Kind.STAMP, 0, layout.build_stamp(Stamp(now, len(entries), inhibit, intervals)))
        for number, entry in enumerate(entries, 1):
            self._part(Kind.ENTRY, number, to_record(entry))

    def add(self, number: int, record: bytes) -> None:
        self._records += 1
        self._part(Kind.DATA, number, record)

    def end(self) -> int:
        """Everything is there; how many records of data."""
        self._part(Kind.END, 0, layout.build_end(self._records, self._checksum))
        self._target.sync()
        return self._records

    def _part(self, kind: Kind, number: int, data: bytes) -> None:
        self._checksum = google_crc32c.extend(self._checksum, data)
        pieces = [data[at : at + self._longest] for at in range(0, len(data), self._longest)] or [b""]
        last = len(pieces) - 1
        self._target.append(layout.build(kind, number, piece, goes_on=at < last) for at, piece in enumerate(pieces))


@dataclass(frozen=True, slots=True)
class Exported:
    """What a portable data set holds, read to its end once: `records` reads it again."""

    stamp: Stamp
    entries: list[Entry]
    count: int
    _system: System
    _name: str

    @classmethod
    def open(cls, system: System, name: str) -> Exported:
        """Raises DataSetError for anything but a whole portable data set."""
        parts = _parts(system, name)
        kind, _, data = next(parts, (Kind.END, 0, b""))
        if kind is not Kind.STAMP:
            raise DataSetError("THIS IS NOT A PORTABLE DATA SET", data_set=name)
        stamp = layout.parse_stamp(data)
        checksum, count = google_crc32c.value(data), 0
        entries: list[Entry] = []
        for kind, _, data in parts:
            if kind is Kind.END:
                if layout.parse_end(data) != (count, checksum) or len(entries) != stamp.objects or next(parts, None):
                    break
                return cls(stamp, entries, count, system, name)
            checksum = google_crc32c.extend(checksum, data)
            if kind is Kind.ENTRY and not count:
                entries.append(_entry(data, name))
            elif kind is Kind.DATA:
                count += 1
            else:
                break
        raise DataSetError("THE PORTABLE DATA SET IS NOT WHOLE", data_set=name)

    def records(self) -> Iterator[tuple[int, bytes]]:
        """The records of the cluster or alternate index, each with its number. Raises Damaged where control intervals
        were exported that are none of its own."""
        parts = _parts(self._system, self._name)
        found = ((number, data) for kind, number, data in parts if kind is Kind.DATA)
        return whole_intervals.records(self.exported.definition, found) if self.stamp.intervals else found

    @property
    def exported(self) -> IndexableEntry:
        """What was exported. Raises DataSetError if that is neither a cluster nor an alternate index."""
        first = self.entries[0] if self.entries else None
        if not isinstance(first, IndexableEntry):
            raise DataSetError("IT HOLDS NEITHER A CLUSTER NOR AN ALTERNATE INDEX", data_set=self._name)
        return first


def _entry(record: bytes, name: str) -> Entry:
    """The entry that was exported. Raises DataSetError."""
    try:
        entry = from_record(record)
    except Damaged as error:
        raise DataSetError(f"AN ENTRY OF THE PORTABLE DATA SET IS DAMAGED: {error.what}", data_set=name) from None
    if not isinstance(entry, Entry):
        raise DataSetError("AN ENTRY OF THE PORTABLE DATA SET IS A COMPONENT'S", data_set=name)
    return entry


def _parts(system: System, name: str) -> Iterator[tuple[Kind, int, bytes]]:
    pieces: list[bytes] = []
    before = None
    for record in system.records(name):
        kind, number, data, goes_on = layout.parse(record)
        if pieces and before != (kind, number):
            raise DataSetError("A PART OF THE PORTABLE DATA SET IS MISSING", data_set=name)
        pieces.append(data)
        before = (kind, number)
        if not goes_on:
            yield kind, number, b"".join(pieces)
            pieces = []
    if pieces:
        raise DataSetError("THE PORTABLE DATA SET ENDS INSIDE A RECORD", data_set=name)
