"""The records of a portable data set: what EXPORT writes and IMPORT reads.

    STAMP, then one ENTRY for the cluster or alternate index and one for each path over it, then DATA in its order, then
    END. A part of DATA is a record, or with CIMODE a data control interval.

A part longer than the data set's records goes on in records of the same kind and number; all but its last are marked.
IMPORT believes nothing before END has come with the right count and checksum. Ours: the real layout is not published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from construct import Bytes, Const, ConstructError, GreedyBytes, Int8ub, Int16ub, Int32ub, Int64ub, Struct

from ksds.errors import DataSetError

HEADER_BYTES = 6
GOES_ON = 0x80
INHIBIT_TARGET = 0x80
WHOLE_INTERVALS = 0x40

PORTABLE_RECORD = Struct(
    "kind" / Int8ub,  # 1 stamp, 2 entry, 3 data, 4 end
    "flags" / Int8ub,  # X'80' goes on in the next record
    "number" / Int32ub,  # of a relative record or control interval; of another record, its place from 1
    "data" / GreedyBytes,
)
STAMP = Struct(
    "magic" / Const("KSDSEXP1".encode("cp037")),
    "date" / Int32ub,  # yyyyddd
    "time" / Int32ub,  # hhmmss
    "objects" / Int16ub,
    "flags" / Int8ub,  # X'80' inhibit the target, X'40' DATA is control intervals
    "reserved" / Bytes(1),
)
END = Struct(
    "records" / Int64ub,
    "checksum" / Int32ub,  # CRC-32C of the parts before, whole, one after the other
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When it was exported, how many entries follow, whether the target is for input only, whether DATA is control
    intervals."""

    when: datetime
    objects: int
    inhibit: bool = False
    intervals: bool = False


class Kind(IntEnum):
    """What a record of a portable data set holds."""

    STAMP = 1
    ENTRY = 2
    DATA = 3
    END = 4


def build(kind: Kind, number: int, data: bytes, *, goes_on: bool = False) -> bytes:
    """One record."""
    fields = {"kind": kind, "flags": GOES_ON if goes_on else 0, "number": number, "data": data}
    record: bytes = PORTABLE_RECORD.build(fields)
    return record


def parse(record: bytes) -> tuple[Kind, int, bytes, bool]:
    """Kind, number, data, and whether more of the part follows. Raises DataSetError."""
    try:
        fields = PORTABLE_RECORD.parse(record)
        return Kind(fields.kind), fields.number, fields.data, bool(fields.flags & GOES_ON)
    except (ConstructError, ValueError):
        raise DataSetError("THIS IS NOT A RECORD OF A PORTABLE DATA SET") from None


def build_stamp(stamp: Stamp) -> bytes:
    """The part of kind STAMP."""
    now = stamp.when
    data: bytes = STAMP.build(
        {
            "date": now.year * 1000 + now.timetuple().tm_yday,
            "time": now.hour * 10000 + now.minute * 100 + now.second,
            "objects": stamp.objects,
            "flags": (INHIBIT_TARGET if stamp.inhibit else 0) | (WHOLE_INTERVALS if stamp.intervals else 0),
            "reserved": bytes(1),
        }
    )
    return data


def parse_stamp(data: bytes) -> Stamp:
    """Raises DataSetError."""
    try:
        fields = STAMP.parse(data)
        when = datetime.strptime(f"{fields.date:07}{fields.time:06}", "%Y%j%H%M%S")
    except (ConstructError, ValueError):
        raise DataSetError("THIS IS NOT A PORTABLE DATA SET") from None
    return Stamp(when, fields.objects, bool(fields.flags & INHIBIT_TARGET), bool(fields.flags & WHOLE_INTERVALS))


def build_end(records: int, checksum: int) -> bytes:
    """The last record's content: how many data records came before it, and their checksum."""
    data: bytes = END.build({"records": records, "checksum": checksum})
    return data


def parse_end(data: bytes) -> tuple[int, int]:
    """Records of data, checksum. Raises DataSetError."""
    try:
        fields = END.parse(data)
    except ConstructError:
        raise DataSetError("THE END OF THE PORTABLE DATA SET IS DAMAGED") from None
    return fields.records, fields.checksum
