"""The index record: one per index CI, of the sequence set (level 1) or the index set (levels 2 and up).

    0        24                                                      LL     LL+3   CISIZE = LL + 7
    | header | free CIs -> |  unused  | <- entries, highest ... lowest | RDF | CIDF |

An entry leads to one data CI of the control area (sequence set) or one index CI of the level below. Its key is a
*boundary*: the leading characters of the highest key that belongs there, understood as filled up with X'FF'
(rear compression). b"" is the infinitely high boundary, of the last entry of all. The segments of a spanned record
have an entry each, all with the record's boundary: a search meets the first segment first.

Stored, an entry is `key characters, F, L, P`: F characters are those of the preceding boundary (front compression),
L more follow here, P is the vertical pointer. Entries are grouped into *sections* so that a search can skip:
  * the highest entry of a section is compressed against the highest of the section before, not against its
    neighbour; the highest entry of the first section and the lowest of all are not compressed at the front;
  * two bytes to the left of a section's highest entry tell how far below its F byte the F byte of the next
    section's highest entry is; zero in the last section.

Boundaries in an `IndexRecord` are whole again (front characters put back), ascending, lowest first; `sections` counts
entries from the lowest section on. Offsets of F bytes ("control info") are what header fields LEO and SEO hold.
Source: z/OS DFSMS Using Data Sets, "Format of an Index Record", checked against dumps of real records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from math import isqrt
from operator import ge, gt, sub
from struct import Struct as Packed
from typing import NoReturn

from construct import Int8ub, Int16ub, Int32ub, Struct

from ksds.errors import Damaged

HEADER = Struct(
    "record_length" / Int16ub,  # LL = CISIZE - 7
    "control_length" / Int8ub,  # bytes of F, L and P together
    "pointer_mask" / Int8ub,  # X'01', X'03', X'07': P has 1, 2, 3 bytes
    "base_rba" / Int32ub,  # sequence set: RBA of the control area; index set: 0
    "next_rba" / Int32ub,  # the next record of this level, 0 after the last
    "reserved" / Int32ub,
    "level" / Int8ub,
    "flags" / Int8ub,
    "unused_offset" / Int16ub,  # where the list of free CIs ends
    "highest_offset" / Int16ub,  # LEO: F byte of the highest entry
    "section_offset" / Int16ub,  # SEO: F byte of the highest entry of the lowest section
)
HEADER_LENGTH = 24
CONTROL_LENGTH = 7  # the one RDF and the CIDF behind the record
NOT_ASCENDING = "the boundaries do not ascend"
SAME_INTERVAL = "two pointers lead to the same CI"
_LEVEL_AT = 16

_HEADER = Packed(">HBBIIIBBHHH")
_TAIL = Packed(">BHHH")
_MASKS = {1: 0x01, 2: 0x03, 3: 0x07}


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """What an index CI says. Pointers are CI numbers inside the control area (level 1) or index CI numbers."""

    level: int
    base_rba: int
    next_rba: int
    pointer_bytes: int
    entries: list[tuple[bytes, int]]
    free: list[int] = field(default_factory=list)  # free CIs of the control area, descending: take from the end
    sections: list[int] | None = None  # entries per section, lowest first; None: see `section_lengths`


def pointer_bytes_for(cis_per_ca: int) -> int:
    """Width of the pointers of a sequence-set record; in the index set it is always 3."""
    return 1 if cis_per_ca <= 1 << 8 else 2 if cis_per_ca <= 1 << 16 else 3


def bytes_for_run(cis: int, key_length: int) -> int:
    """Size of an index CI whose record leads to one spanned record in all `cis` CIs of its control area."""
    return HEADER_LENGTH + cis * (2 + pointer_bytes_for(cis)) + key_length + 2 + CONTROL_LENGTH


def rear_compressed(high_key: bytes, following_key: bytes) -> bytes:
    """The boundary between two CIs: `high_key` up to and including the first character that differs from the first
    key of the next CI. Both keys have the same length, high_key < following_key."""
    return high_key[: _common(high_key, following_key) + 1]


def entry_bytes(previous_boundary: bytes, boundary: bytes, pointer_bytes: int) -> int:
    """Bytes of an entry compressed against `previous_boundary`; a section needs two more."""
    return len(boundary) - _common(previous_boundary, boundary) + 2 + pointer_bytes


def section_lengths(entries: int, free: int) -> list[int]:
    """Entries per section of a record written afresh: the square root, rounded down, of the CIs it can lead to (used
    and free). Only the highest section may be shorter. Agrees with real records (9 of 90, 22 of 495); IBM's rounding
    is not published."""
    each = isqrt(entries + free) or 1
    whole, rest = divmod(entries, each)
    return [each] * whole + [rest] * (rest > 0)


def whole_sections(boundaries: Sequence[bytes], free: int) -> list[int]:
    """As `section_lengths`, but the entries of a spanned record, which have one boundary, are in one section."""
    each = isqrt(len(boundaries) + free) or 1
    sections: list[int] = []
    first = 0
    for at in range(1, len(boundaries)):
        if at - first >= each and boundaries[at] != boundaries[at - 1]:
            sections.append(at - first)
            first = at
    return [*sections, len(boundaries) - first]


def encode(record: IndexRecord, ci_size: int, key_length: int) -> bytes:
    """The whole index CI. ValueError if boundaries descend, or repeat above the sequence set, are longer than keys or
    do not fit in the CI, or `sections` does not count them."""
    entries = record.entries
    sections = record.sections or section_lengths(len(entries), len(record.free))
    if not entries or sum(sections) != len(entries) or not all(sections):
        raise ValueError(f"{len(entries)} entries are not {sections} sections")
    width = record.pointer_bytes
    wrong = gt if record.level == 1 else ge
    parts = _compressed(entries, sections, width, key_length, wrong)
    area, highs = _sectioned(parts, sections, width + 2)
    length = ci_size - CONTROL_LENGTH
    free = b"".join([number.to_bytes(width, "big") for number in record.free])
    unused = length - HEADER_LENGTH - len(free) - len(area)
    if unused < 0:
        raise ValueError(f"{len(entries)} entries need {-unused} bytes more than an index CI of {ci_size} has")
    header = _HEADER.pack(
        length,
        width + 2,
        _MASKS[width],
        record.base_rba,
        record.next_rba,
        0,
        record.level,
        0,
        HEADER_LENGTH + len(free),
        length - highs[-1],
        length - highs[0],
    )
    return b"".join((header, free, bytes(unused), area, _TAIL.pack(0, length, length, 0)))


def encode_fitting(record: IndexRecord, ci_size: int, key_length: int) -> bytes:
    """As `encode`, in one section where the sections of the record leave no room. Raises ValueError."""
    try:
        return encode(record, ci_size, key_length)
    except ValueError:
        return encode(replace(record, sections=[len(record.entries)]), ci_size, key_length)


def _compressed(
    entries: list[tuple[bytes, int]],
    sections: Sequence[int],
    width: int,
    key_length: int,
    wrong: Callable[[int, int], bool],
) -> list[bytes]:
    """Each entry as stored, lowest first. Boundaries become numbers: the leading zero bytes of the exclusive or of two
    of them are their common characters. `wrong` tells neighbours that may not follow each other."""
    boundaries, pointers = zip(*entries, strict=True)
    lengths = list(map(len, boundaries))
    if max(lengths) > key_length or max(pointers) >> 8 * width:
        raise ValueError(f"a boundary is longer than {key_length} characters or a pointer than {width} bytes")
    number = int.from_bytes
    filled = [number(boundary.ljust(key_length, b"\xff"), "big") for boundary in boundaries]
    if True in map(wrong, filled, filled[1:]):
        raise ValueError("the boundaries do not ascend")
    fronts = [key_length - ((one ^ other).bit_length() + 7 >> 3) for one, other in pairwise(filled)]
    fronts.insert(0, 0)
    highs = list(accumulate(sections, initial=-1))[1:]
    fronts[highs[0]] = 0
    for before, high in pairwise(highs):
        fronts[high] = key_length - ((filled[before] ^ filled[high]).bit_length() + 7 >> 3)
    if True in map(gt, fronts, lengths):  # the fill agreed too
        fronts = list(map(min, fronts, lengths))
    front_at, kept_at = 8 * width + 8, 8 * width
    return [
        boundary[front:] + (front << front_at | length - front << kept_at | pointer).to_bytes(width + 2, "big")
        for boundary, pointer, front, length in zip(boundaries, pointers, fronts, lengths, strict=True)
    ]


def _sectioned(parts: list[bytes], sections: Sequence[int], control: int) -> tuple[bytes, list[int]]:
    """The entries from right to left with the sections' fields between them; and how far from the right end the F
    byte of each section's highest entry is."""
    lengths = list(map(len, parts))
    highs: list[int] = []
    used = first = 0
    for many in sections:
        last = first + many - 1
        used += sum(lengths[first:last])
        highs.append(used + control)
        used += lengths[last] + 2
        first = last + 1
    pieces: list[bytes] = []
    first = 0
    for many, distance in zip(sections, [*map(sub, highs[1:], highs), 0], strict=True):
        pieces += parts[first : first + many]
        pieces.append(distance.to_bytes(2, "big"))
        first += many
    pieces.reverse()
    return b"".join(pieces), highs


def decode(ci: bytes, key_length: int) -> IndexRecord:
    """What an index CI says; boundaries as far as they are stored, not filled up. Damaged if it contradicts itself:
    lengths, the chain of sections, keys that descend (above the sequence set: or repeat), two pointers to one CI."""
    if len(ci) < HEADER_LENGTH + CONTROL_LENGTH:
        _damaged(f"an index CI of {len(ci)} bytes", 0)
    length, control, mask, base, following, _, level, _, unused, highest, section = _HEADER.unpack_from(ci)
    width = control - 2
    if length != len(ci) - CONTROL_LENGTH or _TAIL.unpack_from(ci, length) != (0, length, length, 0):
        _damaged(f"header length {length} or the RDF and CIDF are not those of a CI of {len(ci)} bytes", level)
    if _MASKS.get(width) != mask or not level:
        _damaged(f"level {level}, pointers of mask X'{mask:02X}' in {control} bytes of control information", level)
    if not HEADER_LENGTH <= unused <= highest <= section <= length - control or (unused - HEADER_LENGTH) % width:
        _damaged(f"offsets {unused}, {highest}, {section} do not follow each other in {length} bytes", level)
    entries, sections = _scan(ci, length - control, section, highest, unused, width)
    free = [int.from_bytes(ci[at : at + width], "big") for at in range(HEADER_LENGTH, unused, width)]
    _check(entries, free, key_length, level)
    return IndexRecord(level, base, following, width, entries, free, sections)


def _scan(
    ci: bytes, at: int, section_high: int, highest: int, unused: int, width: int
) -> tuple[list[tuple[bytes, int]], list[int]]:
    """Entries and section lengths, right to left from the F byte `at`. Every step moves left, so it ends."""
    control = width + 2
    entries: list[tuple[bytes, int]] = []
    sections: list[int] = []
    previous = previous_high = b""
    counted = 0
    while True:
        while at > section_high:
            front = ci[at]
            start = at - ci[at + 1]
            if start < unused or front > len(previous):
                _damaged(f"the entry at {at} is longer than its place or than the key before it", ci[_LEVEL_AT])
            previous = previous[:front] + ci[start:at]
            entries.append((previous, ci[at + 2] if width == 1 else int.from_bytes(ci[at + 2 : at + control], "big")))
            at = start - control
        front = ci[at]
        start = at - ci[at + 1]
        if at != section_high or start - 2 < unused or front > len(previous_high):
            _damaged(f"no highest entry of a section at {section_high}", ci[_LEVEL_AT])
        previous = previous_high = previous_high[:front] + ci[start:at]
        entries.append((previous, int.from_bytes(ci[at + 2 : at + control], "big")))
        sections.append(len(entries) - counted)
        counted = len(entries)
        distance = int.from_bytes(ci[start - 2 : start], "big")
        if not distance:
            break
        section_high -= distance
        at = start - 2 - control
    if section_high != highest:
        _damaged(f"the sections end at {section_high}, not at {highest}", ci[_LEVEL_AT])
    return entries, sections


def _check(entries: list[tuple[bytes, int]], free: list[int], key_length: int, level: int) -> None:
    filled = [boundary.ljust(key_length, b"\xff") for boundary, _ in entries]
    if max(map(len, filled)) > key_length:
        _damaged(f"a boundary is longer than the key, {key_length} bytes", level)
    if True in map(gt if level == 1 else ge, filled, filled[1:]):
        _damaged(NOT_ASCENDING, level)
    if len({pointer for _, pointer in entries}.union(free)) != len(entries) + len(free):
        _damaged(SAME_INTERVAL, level)


def _common(one: bytes, other: bytes) -> int:
    """Length of the common prefix."""
    shorter = min(len(one), len(other))
    difference = int.from_bytes(one[:shorter], "big") ^ int.from_bytes(other[:shorter], "big")
    return shorter - (difference.bit_length() + 7 >> 3)


def _damaged(what: str, level: int) -> NoReturn:
    feedback = Damaged.READ_SEQUENCE_SET if level == 1 else Damaged.READ_INDEX_SET
    raise Damaged(what, feedback=feedback, component="index")
