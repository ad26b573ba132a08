"""The control interval (CI): records from the left, their RDFs and the CIDF from the right.

    0                                                                        CISIZE
    | record 1 | record 2 | ... | record N |   free   | RDFm ... RDF2 RDF1 | CIDF |

Invariants, true of every CI that `build` makes and demanded by every reader here:
  * the records lie back to back from byte 0; the CIDF's first number is where they end;
  * free space is one hole, from there to the leftmost RDF; its length is the CIDF's second number;
  * the rightmost RDF describes the first record. Two or more neighbours of equal length share a
    pair of RDFs: the right one holds the length, the left one how many there are;
  * no record is empty.
A CIDF of zeros is the software end of file (SEOF), which is not the same as an empty CI (0, CISIZE - 4).
X'80' in the CIDF's third byte says that the CI is being split; the records are still readable.

`CIDF` and `RDF` declare the fields and `decode` reads by them: that is the specification. `parse`,
`parse_keyed` and `build` are the hot path and know the same bytes by heart; a property test holds both equal.
Source: z/OS DFSMS Using Data Sets, "Control Intervals", CIDF and RDF formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import eq
from struct import Struct as Packed
from typing import NoReturn

from construct import BitsInteger, BitStruct, Flag, Int16ub, Struct

from ksds.errors import Damaged

CIDF_LENGTH = 4
RDF_LENGTH = 3

CIDF = Struct(
    "free_offset" / Int16ub,
    "free_length" / Int16ub,  # X'8000' is the busy flag
)
RDF = Struct(
    "control"
    / BitStruct(
        "reserved_high" / Flag,
        "paired" / Flag,
        "spanning" / BitsInteger(2),
        "is_count" / Flag,
        "is_empty_slot" / Flag,
        "reserved_low" / BitsInteger(2),
    ),
    "number" / Int16ub,
)
SPANNING = ("not spanned", "first segment", "last segment", "intermediate segment")

_BUSY = 0x8000
_PAIRED, _COUNT, _EMPTY_SLOT = 0x40, 0x08, 0x04
_PAIR = bytes((_COUNT, _PAIRED))  # control bytes of a CI whose records are all of one length, left to right
_TAIL = Packed(">HH")
_ONE_RDF = Packed(">BH")
_TWO_RDFS = Packed(">BHBH")

# Up to this many plain RDFs are read or written by one cached format ("xH" skips or zeroes the control byte).
_MOST = 256
_FORMATS = [Packed(">" + "xH" * count) for count in range(_MOST)]
_UNPACK = [each.unpack_from for each in _FORMATS]
_PACK = [each.pack for each in _FORMATS]
_PLAIN = [bytes(count) for count in range(_MOST)]


@dataclass(frozen=True, slots=True)
class Rdf:
    """One record definition field, decoded."""

    paired: bool  # a count or update number stands in the RDF to the left
    spanning: int  # index into SPANNING
    is_count: bool  # `number` counts records (or spanned updates), it is not a length
    is_empty_slot: bool  # fixed RRDS: nothing in the slot
    number: int


@dataclass(frozen=True, slots=True)
class ControlInterval:
    """A CI for people. `records` holds every piece the RDFs describe: records, spanned segments, RRDS slots (also empty
    ones); `rdfs` the fields from right to left, so that rdfs[0] belongs to records[0]."""

    records: list[bytes]
    rdfs: list[Rdf]
    free_offset: int
    free_length: int
    busy: bool
    is_seof: bool


def control_bytes(lengths: Sequence[int]) -> int:
    """Bytes of RDFs and CIDF for records of these lengths in this order: never more than 4 + 3 * len(lengths)."""
    total = CIDF_LENGTH
    previous = -1
    paired = False
    for length in lengths:
        if length != previous:
            total += RDF_LENGTH
            previous = length
            paired = False
        elif not paired:
            total += RDF_LENGTH
            paired = True
    return total


def empty(ci_size: int) -> bytes:
    """A formatted CI without records. (`bytes(ci_size)` is the SEOF.)"""
    return bytes(ci_size - CIDF_LENGTH) + _TAIL.pack(0, ci_size - CIDF_LENGTH)


def build(records: Sequence[bytes], ci_size: int) -> bytes:
    """The CI that holds `records` in this order. ValueError if they do not fit or one of them is empty."""
    lengths = list(map(len, records))
    count = len(lengths)
    if count < _MOST and True not in map(eq, lengths, lengths[1:]):
        rdfs = _PACK[count](*lengths[::-1])
    else:
        rdfs = _paired_rdfs(lengths)
    body = b"".join(records)
    free = ci_size - CIDF_LENGTH - len(rdfs) - len(body)
    if free < 0 or not all(lengths):
        raise ValueError(f"{count} records of {len(body)} bytes, none empty, must fit in a CI of {ci_size}")
    return b"".join((body, bytes(free), rdfs, _TAIL.pack(len(body), free)))


def parse(ci: bytes) -> list[bytes]:
    """The records of a CI in physical order; none for an empty CI and for the SEOF. Damaged if it is not sound, or
    holds a spanned segment or RRDS slots flagged empty (see `decode`, `parse_slots`)."""
    records: list[bytes] = []
    add = records.append
    start = 0
    for length in _lengths(ci):
        end = start + length
        add(ci[start:end])
        start = end
    return records


def parse_run(ci: bytes, length: int) -> bytes | list[bytes]:
    """The records back to back if each has `length` bytes, else as `parse` gives them. Damaged as there."""
    lengths = _lengths(ci)
    if lengths.count(length) == len(lengths):
        return ci[: length * len(lengths)]
    return parse(ci)


def parse_keyed(ci: bytes, key_start: int, key_end: int) -> dict[bytes, bytes]:
    """The same as {key: record}, in physical, that is ascending order. Damaged also if a record is too short for its
    key or a key comes twice; the order of keys is checked by VERIFY and EXAMINE, not here."""
    lengths = _lengths(ci)
    if lengths and min(lengths) < key_end:
        _damaged(f"a record of {min(lengths)} bytes cannot hold the key that ends at {key_end}")
    keyed = {}
    start = 0
    for length in lengths:
        keyed[ci[start + key_start : start + key_end]] = ci[start : start + length]
        start += length
    if len(keyed) != len(lengths):
        _damaged("two records have the same key")
    return keyed


def slots_per_ci(slot_length: int, ci_size: int) -> int:
    """Fixed RRDS: how many slots every CI has (one RDF each, never paired)."""
    return (ci_size - CIDF_LENGTH) // (slot_length + RDF_LENGTH)


def build_slots(slots: Sequence[bytes | None], slot_length: int, ci_size: int) -> bytes:
    """Fixed RRDS: a CI of all its slots; None is an empty slot, stored as zeros. ValueError for a wrong length."""
    count = slots_per_ci(slot_length, ci_size)
    body = b"".join([bytes(slot_length) if slot is None else slot for slot in slots])
    if len(slots) != count or len(body) != count * slot_length:
        raise ValueError(f"a CI of {ci_size} holds {count} slots of {slot_length} bytes, not {len(slots)}")
    rdfs = [_ONE_RDF.pack(_EMPTY_SLOT if slot is None else 0, slot_length) for slot in reversed(slots)]
    free = ci_size - CIDF_LENGTH - RDF_LENGTH * count - len(body)
    return b"".join((body, bytes(free), *rdfs, _TAIL.pack(len(body), free)))


def parse_slots(ci: bytes, slot_length: int) -> list[bytes | None]:
    """Fixed RRDS: the slots of a CI, None where empty; no slots at all for the SEOF. Damaged if it is not sound."""
    used, at, end = _area(ci)
    if not used and not ci[end:].strip(b"\0"):
        return []
    count = slots_per_ci(slot_length, len(ci))
    if used != count * slot_length or end - at != RDF_LENGTH * count:
        _damaged(f"{used} bytes of data where {count} slots of {slot_length} belong")
    slots: list[bytes | None] = []
    for number in range(count):
        control, length = _ONE_RDF.unpack_from(ci, end - RDF_LENGTH * (number + 1))
        if length != slot_length or control & ~_EMPTY_SLOT:
            _damaged(f"RDF of slot {number} is {control:02X}{length:04X}")
        slots.append(None if control else ci[number * slot_length : (number + 1) * slot_length])
    return slots


def decode(ci: bytes) -> ControlInterval:
    """Everything a CI says about itself, by the declared layouts. Damaged if it contradicts itself."""
    used, at, end = _area(ci)
    tail = CIDF.parse(ci[end:])
    rdfs = [_rdf(ci[position - RDF_LENGTH : position]) for position in range(end, at, -RDF_LENGTH)]
    records: list[bytes] = []
    start = 0
    for length in _described(rdfs, used):
        records.append(ci[start : start + length])
        start += length
    if start != used or not all(records):
        _damaged(f"RDFs describe {start} bytes, the CIDF {used}")
    return ControlInterval(
        records=records,
        rdfs=rdfs,
        free_offset=used,
        free_length=tail.free_length & ~_BUSY,
        busy=bool(tail.free_length & _BUSY),
        is_seof=not used and not tail.free_length,
    )


def _rdf(field: bytes) -> Rdf:
    rdf = RDF.parse(field)
    bits = rdf.control
    if bits.reserved_high or bits.reserved_low:
        _damaged(f"RDF X'{field.hex().upper()}' has reserved bits set")
    return Rdf(bits.paired, bits.spanning, bits.is_count, bits.is_empty_slot, rdf.number)


def _described(rdfs: list[Rdf], used: int) -> list[int]:
    """Lengths of the pieces that the RDFs describe, first to last."""
    lengths: list[int] = []
    fields = iter(rdfs)
    for rdf in fields:
        many = 1
        if rdf.paired:
            left = next(fields, None)
            if left is None or not left.is_count or left.paired or left.spanning != rdf.spanning:
                _damaged("an RDF that says it is paired has no partner")
            if not rdf.spanning:
                many = left.number
                if many < 2 or many * rdf.number > used:
                    _damaged(f"a run of {many} records of {rdf.number} bytes")
        elif rdf.spanning:
            _damaged("a segment of a spanned record has no update number")
        if rdf.is_count:
            _damaged("a count stands where a length belongs")
        lengths += [rdf.number] * many
    return lengths


def _area(ci: bytes) -> tuple[int, int, int]:
    """Where data ends, where RDFs begin, where they end; the CIDF alone checked."""
    size = len(ci)
    if size < CIDF_LENGTH:
        _damaged(f"a CI of {size} bytes has no CIDF")
    end = size - CIDF_LENGTH
    used, free = _TAIL.unpack_from(ci, end)
    at = used + (free & ~_BUSY)
    if not used:
        if free and at != end:
            _damaged(f"CIDF {used:04X}{free:04X} of an empty CI of {size} bytes")
        return 0, end, end
    if at >= end or (end - at) % RDF_LENGTH:
        _damaged(f"CIDF {used:04X}{free:04X} leaves no whole number of RDFs in {size} bytes")
    return used, at, end


def _lengths(ci: bytes) -> Sequence[int]:
    """Lengths of the records, first to last, checked against the CIDF: each at least 1, their sum the data's length."""
    size = len(ci)
    if size < CIDF_LENGTH:
        _damaged(f"a CI of {size} bytes has no CIDF")
    end = size - CIDF_LENGTH
    used, free = _TAIL.unpack_from(ci, end)
    at = used + (free & 0x7FFF)
    count, rest = divmod(end - at, RDF_LENGTH)
    lengths: Sequence[int]
    if rest or count <= 0 or not used:
        _area(ci)
        return ()
    controls = ci[at:end:RDF_LENGTH]
    if count < _MOST and controls == _PLAIN[count]:
        lengths = _UNPACK[count](ci, at)[::-1]
    elif controls == _PAIR:
        _, many, _, length = _TWO_RDFS.unpack_from(ci, at)
        if many < 2 or many * length != used:
            _damaged(f"{many} records of {length} bytes do not fill {used}")
        return [length] * many
    else:
        lengths = _run_lengths(ci, at, end, used)
    if sum(lengths) != used or not all(lengths):
        _damaged(f"RDFs describe {sum(lengths)} bytes, the CIDF {used}")
    return lengths


def _run_lengths(ci: bytes, at: int, end: int, used: int) -> list[int]:
    lengths: list[int] = []
    position = end
    while position > at:
        position -= RDF_LENGTH
        control, length = _ONE_RDF.unpack_from(ci, position)
        if control == 0:
            lengths.append(length)
            continue
        position -= RDF_LENGTH
        if control != _PAIRED or position < at or ci[position] != _COUNT:
            _damaged(f"RDF X'{control:02X}{length:04X}' where whole records belong")
        _, many = _ONE_RDF.unpack_from(ci, position)
        if many < 2 or many * length > used:
            _damaged(f"a run of {many} records of {length} bytes")
        lengths += [length] * many
    return lengths


def _paired_rdfs(lengths: list[int]) -> bytes:
    fields: list[bytes] = []
    first = 0
    while first < len(lengths):
        length = lengths[first]
        after = first + 1
        while after < len(lengths) and lengths[after] == length:
            after += 1
        many = after - first
        fields.append(_ONE_RDF.pack(0 if many == 1 else _PAIRED, length & 0xFFFF))
        if many > 1:
            fields.append(_ONE_RDF.pack(_COUNT, many & 0xFFFF))
        first = after
    return b"".join(reversed(fields))


def _damaged(what: str) -> NoReturn:
    raise Damaged(what, feedback=Damaged.READ_DATA, component="data")
