"""DATATEST: the data component of a keyed cluster against its index.

Control intervals (CIs) are read as the index leads to them: keys must ascend from one to the next, a free CI holds
nothing, and the CIs whose entries have one boundary hold the segments of one spanned record.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from operator import ge, itemgetter

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.findings import MAJOR, MINOR, Finding, why
from ksds.cluster.verify_index import CheckedArea
from ksds.errors import Damaged, KsdsError
from ksds.layout import segment
from ksds.layout.control_interval import Rdf, build, decode, parse

SEQUENCE, IN_EMPTY = "IDC11733I", "IDC11728I"


def check_keyed_data(image: ClusterImage, areas: list[CheckedArea], findings: list[Finding]) -> int:
    """Append what is wrong with the data that `areas` lead to; how many records there are."""
    return _DataCheck(image, findings).run(areas)


class _DataCheck:
    def __init__(self, image: ClusterImage, findings: list[Finding]) -> None:
        self._image = image
        self._definition = image.definition
        self._findings = findings

    def _report(self, ci: int, message: str, message_id: str = "", severity: int = MAJOR) -> None:
        self._findings.append(Finding(severity, "data", ci, message, message_id))

    def run(self, areas: list[CheckedArea]) -> int:
        count = 0
        for area in areas:
            below = area.below
            for bound, entries in groupby(area.entries, key=itemgetter(0)):
                numbers = [number for _, number in entries]
                if len(numbers) > 1:
                    count += self._check_spanned(numbers, below, bound)
                else:
                    count += self._check_interval(numbers[0], below, bound)
                below = bound
            for number in area.free:
                if self._records(number):
                    self._report(number, "holds records but is on the free list", IN_EMPTY)
        return count

    def _records(self, number: int) -> list[bytes]:
        """The records, or pieces of one, in a CI; what is wrong with it alone is reported."""
        try:
            ci = self._image.read("data", number)
            records = as_built(ci)
            if records is not None:
                return records
            interval = decode(ci)
        except (KsdsError, IndexError) as error:
            self._report(number, f"cannot be read: {why(error)}")
            return []
        if interval.busy:
            self._report(number, "the busy flag of a split is on", severity=MINOR)
        if unpaired(interval.rdfs):
            self._report(number, "neighbours of equal length do not share a pair of RDFs", severity=MINOR)
        if any(rdf.spanning for rdf in interval.rdfs):
            self._report(number, "a segment of a spanned record whose others are not here")
        return interval.records

    def _check_interval(self, number: int, below: bytes, bound: bytes) -> int:
        records = self._records(number)
        if not self._sound(records, below, bound):
            previous = below
            for record in records:
                previous = self._check_record(number, record, previous, bound)
        return len(records)

    def _sound(self, records: list[bytes], below: bytes, bound: bytes) -> bool:
        """True if `_check_record` has nothing to say of any of them."""
        definition = self._definition
        if not records:
            return True
        start, end = definition.key_offset, definition.key_end
        keys = [record[start:end] for record in records]
        lengths = list(map(len, records))
        ascending = True not in map(ge, keys, keys[1:])
        fitting = end <= min(lengths) and max(lengths) <= definition.maximum_record
        return ascending and fitting and keys[0] > below and keys[-1] <= bound

    def _check_record(self, number: int, record: bytes, previous: bytes, bound: bytes) -> bytes:
        definition = self._definition
        key = record[definition.key_offset : definition.key_end]
        if not definition.key_end <= len(record) <= definition.maximum_record:
            self._report(number, f"a record of {len(record)} bytes")
        elif key <= previous and not (previous == b"" and key == b""):
            self._report(number, f"key {key.hex().upper()} is not above the one before it", SEQUENCE)
        elif key > bound:
            self._report(number, f"key {key.hex().upper()} is above the CI's boundary in the index", SEQUENCE)
        return key

    def _check_spanned(self, numbers: list[int], below: bytes, bound: bytes) -> int:
        if not self._definition.spanned:
            self._report(numbers[0], "a spanned record in a data set that has none")
        try:
            record, _ = segment.join([segment.parse(self._image.read("data", number)) for number in numbers])
        except (KsdsError, IndexError) as error:
            self._report(numbers[0], f"a spanned record of {len(numbers)} segments cannot be read: {why(error)}")
            return 0
        self._check_record(numbers[0], record, below, bound)
        return 1


def as_built(ci: bytes) -> list[bytes] | None:
    """The records of a CI that is byte for byte what they build: then there is nothing wrong with it alone, and no need
    to look at its fields one by one. Else None."""
    try:
        records = parse(ci)
    except Damaged:
        return None
    return records if build(records, len(ci)) == ci else None


def unpaired(rdfs: list[Rdf]) -> bool:
    """True if two neighbours of equal length are described apart: two lengths alike, next to each other."""
    lengths = [rdf for rdf in rdfs if not rdf.is_count]
    return any(one.number == other.number and not one.spanning for one, other in pairwise(lengths))
