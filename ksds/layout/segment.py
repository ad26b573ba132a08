"""Segments of spanned records: each lies alone in a control interval (CI), described by two RDFs.

    0                                                         CISIZE
    | segment |  free (last segment only)  | RDF2 RDF1 | CIDF |

RDF1, at the right, holds the segment's length, RDF2 the record's update number, which every segment of a record has
in common: it rises by one with each update, so that segments of two states of a record cannot be taken for one. All
segments but the last fill their CI but for these 10 bytes. `ksds.layout.control_interval.decode` shows the same fields;
a property test holds both equal.
Source: z/OS DFSMS Using Data Sets, "Control Field Values for Spanned Key-Sequenced and Entry-Sequenced Data Sets".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

from ksds.errors import Damaged, InconsistentSpanned

CONTROL_LENGTH = 10
"""Bytes of a segment's CI that are not data: two RDFs and the CIDF."""
UPDATES = 1 << 16
"""Update numbers run from 0 to here and begin again."""

FIRST, LAST, INTERMEDIATE = 0x10, 0x20, 0x30
_LENGTH, _UPDATE = 0x40, 0x08
_TAIL = Struct(">BHBHHH")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment as its CI holds it. `place` is FIRST, LAST or INTERMEDIATE."""

    place: int
    update: int
    data: bytes


def capacity(ci_size: int) -> int:
    """Bytes of a record in a CI that a segment fills."""
    return ci_size - CONTROL_LENGTH


def count(length: int, ci_size: int) -> int:
    """How many CIs a record of `length` bytes takes in a data set that allows spanning: 1 if it need not span."""
    return 1 if length <= ci_size - 7 else -(-length // capacity(ci_size))


def build(record: bytes, ci_size: int, update: int) -> list[bytes]:
    """The CIs of a record that is too long for one, in the order of its segments."""
    each = capacity(ci_size)
    images = []
    for start in range(0, len(record), each):
        data = record[start : start + each]
        place = FIRST if not start else INTERMEDIATE if start + each < len(record) else LAST
        free = each - len(data)
        tail = _TAIL.pack(place | _UPDATE, update % UPDATES, place | _LENGTH, len(data), len(data), free)
        images.append(b"".join((data, bytes(free), tail)))
    return images


def parse(ci: bytes) -> Segment | None:
    """The segment that a CI holds, None if it holds something else. Damaged if it is half a segment."""
    at = len(ci) - CONTROL_LENGTH
    if at < 0:
        raise Damaged(f"a CI of {len(ci)} bytes", feedback=Damaged.READ_DATA, component="data")
    update_control, update, control, length, used, free = _TAIL.unpack_from(ci, at)
    place = control & INTERMEDIATE
    if not used or not place:
        return None
    sound = update_control == place | _UPDATE and control == place | _LENGTH
    if not sound or length != used or used + free != at or (free and place != LAST):
        what = f"a segment with RDFs {update_control:02X}{update:04X} {control:02X}{length:04X}, {used} bytes"
        raise Damaged(what, feedback=Damaged.READ_DATA, component="data")
    return Segment(place, update, ci[:length])


def join(segments: Sequence[Segment | None]) -> tuple[bytes, int]:
    """(record, update number) of the segments of one record, in order.

    Raises InconsistentSpanned (8/140) if they are not: a place is taken by something else, or an update is torn.
    """
    found = [segment for segment in segments if segment is not None]
    places = [FIRST, *[INTERMEDIATE] * (len(segments) - 2), LAST]
    if [segment.place for segment in found] != places:
        raise InconsistentSpanned(f"{len(segments)} control intervals do not hold one record's segments in order")
    if len({segment.update for segment in found}) > 1:
        raise InconsistentSpanned("the segments' update numbers differ")
    return b"".join([segment.data for segment in found]), found[0].update
