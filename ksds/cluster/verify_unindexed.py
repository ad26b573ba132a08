"""The data component of a cluster without an index: every control interval (CI) below the high-used RBA, in order."""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.findings import MAJOR, MINOR, Finding, why
from ksds.cluster.verify_data import as_built, unpaired
from ksds.errors import InconsistentSpanned, KsdsError, PhysicalError
from ksds.layout import segment
from ksds.layout.control_interval import Rdf, decode, parse_slots
from ksds.layout.segment import Segment


def _readable(image: ClusterImage, findings: list[Finding]) -> Iterator[tuple[int, bytes]]:
    for number in range(image.data_cis):
        try:
            yield number, image.read("data", number)
        except PhysicalError as error:
            findings.append(Finding(MAJOR, "data", number, error.what))


def check_readable(image: ClusterImage, findings: list[Finding]) -> int:
    """A linear data set is bytes: they can be read or not. It has no records."""
    for _ in _readable(image, findings):
        pass
    return 0


def check_slots(image: ClusterImage, findings: list[Finding]) -> int:
    """Every CI of a fixed RRDS has all its slots; how many are full."""
    count = 0
    for number, ci in _readable(image, findings):
        try:
            slots = parse_slots(ci, image.definition.maximum_record)
        except PhysicalError as error:
            findings.append(Finding(MAJOR, "data", number, error.what))
            continue
        if not slots:
            findings.append(Finding(MAJOR, "data", number, "software end of file below the high-used RBA"))
        count += len(slots) - slots.count(None)
    return count


def check_entries(image: ClusterImage, findings: list[Finding]) -> int:
    """Every CI of an ESDS holds records, or a segment of one, up to the end; how many records."""
    count = 0
    pending: list[Segment | None] = []
    for number, ci in _readable(image, findings):
        try:
            part = segment.parse(ci)
            if part is not None and part.place != segment.FIRST and pending:
                pending.append(part)
            else:
                _check_joined(number, pending, findings)
                pending = [part] if part else []
            if part is not None and part.place == segment.LAST:
                _check_joined(number, pending, findings)
                pending, count = [], count + 1
            elif part is None:
                count += _check_records(image, number, ci, findings)
        except KsdsError as error:
            findings.append(Finding(MAJOR, "data", number, why(error)))
    _check_joined(image.data_cis, pending, findings)
    return count


def _check_joined(number: int, pending: list[Segment | None], findings: list[Finding]) -> None:
    """The segments that end before or with CI `number` must be one record."""
    if pending:
        try:
            segment.join(pending)
        except InconsistentSpanned as error:
            findings.append(Finding(MAJOR, "data", number - len(pending), error.what))


def _check_records(image: ClusterImage, number: int, ci: bytes, findings: list[Finding]) -> int:
    records = as_built(ci)
    rdfs: list[Rdf] = []
    if records is None:
        interval = decode(ci)
        records, rdfs = interval.records, interval.rdfs
    if not records and not image.definition.spanned:  # before a record that needs the next control area
        findings.append(Finding(MAJOR, "data", number, "no records below the high-used RBA"))
    if unpaired(rdfs):
        what = "neighbours of equal length do not share a pair of RDFs"
        findings.append(Finding(MINOR, "data", number, what))
    longest = max(map(len, records), default=0)
    if longest > image.definition.maximum_record:
        findings.append(Finding(MAJOR, "data", number, f"a record of {longest} bytes"))
    end = number * image.definition.ci_size + sum(map(len, records))
    if number == image.data_cis - 1 and image.end is not None and end != image.end:
        findings.append(Finding(MAJOR, "data", number, f"data ends at RBA {end}, not at {image.end}"))
    return len(records)
