"""Every parser of the store on damaged input, 20,000 times each: see `tests.fuzz.targets`."""

from __future__ import annotations

import random
from array import array
from datetime import date
from typing import Any

import google_crc32c
import pytest

from ksds.catalog.entries import ClusterEntry, NonVsamEntry, from_record, to_record
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from ksds.errors import Damaged
from ksds.layout import (
    aix_record,
    catalog_record,
    checksum_page,
    cluster_state,
    control_interval,
    index_record,
    journal_group,
    record_edit,
    segment,
    sphere_state,
)
from tests.fuzz.targets import Mend, Target, hammer

pytestmark = pytest.mark.fuzz

# -- control intervals ---------------------------------------------------------------------------------------

CI = 512
SLOT = 60
KEYS = (2, 6)


def a_control_interval(rng: random.Random) -> bytes:
    if rng.random() < 0.1:
        return rng.choice((bytes(CI), control_interval.empty(CI)))
    lengths = [rng.choice((10, 10, 10, 33, 70, rng.randrange(6, 100)))]
    while sum(lengths) + control_interval.control_bytes(lengths) < CI - 110:
        lengths.append(rng.choice((lengths[-1], rng.randrange(6, 100))))
    return control_interval.build([rng.randbytes(length) for length in lengths], CI)


def read_control_interval(ci: bytes) -> list[bytes]:
    """What the hot path reads, held against the declared layout and against the other hot paths."""
    try:
        records: list[bytes] | None = control_interval.parse(ci)
    except Damaged:
        records = None
    try:
        declared = control_interval.decode(ci)
    except Damaged:
        declared = None
    plain = declared is not None and not any(rdf.spanning or rdf.is_empty_slot for rdf in declared.rdfs)
    assert (records is not None) == plain, "the hot path and the declared layout disagree on what is sound"
    if records is not None and declared is not None:
        assert records == declared.records
    try:
        keyed = control_interval.parse_keyed(ci, *KEYS)
    except Damaged:
        pass
    else:
        assert records is not None and list(keyed.values()) == records
    if records is None:
        raise Damaged("refused", feedback=Damaged.READ_DATA)
    return records


def slots(rng: random.Random) -> bytes:
    count = control_interval.slots_per_ci(SLOT, CI)
    return control_interval.build_slots([rng.choice((None, rng.randbytes(SLOT))) for _ in range(count)], SLOT, CI)


# -- index control intervals ---------------------------------------------------------------------------------

KEY = 8


def an_index_record(rng: random.Random) -> bytes:
    level = rng.choice((1, 1, 2, 3))
    stems = sorted({rng.choice((b"AAAA", b"AB", b"B")) + rng.randbytes(rng.randrange(1, 5)) for _ in range(24)})
    chosen = [b for b, after in zip(stems, [*stems[1:], b""], strict=True) if not after.startswith(b)]
    boundaries = [*sorted(b for b in chosen if b.ljust(KEY, b"\xff") < b"\xff" * KEY), b"\xff" * KEY]
    boundaries.sort(key=lambda boundary: boundary.ljust(KEY, b"\xff"))
    numbers = rng.sample(range(60), len(boundaries) + 5)
    width = index_record.pointer_bytes_for(rng.choice((60, 400))) if level == 1 else 3
    free = sorted(numbers[len(boundaries) :], reverse=True) if level == 1 else []
    pairs = list(zip(boundaries, numbers, strict=False))
    record = index_record.IndexRecord(level, 4096 * level, 512, width, pairs, free)
    return index_record.encode(record, 1024, KEY)


# -- side files ----------------------------------------------------------------------------------------------


def a_sphere(rng: random.Random) -> bytes:
    rows = [sphere_state.Component(512, *(rng.randrange(99) for _ in range(3))) for _ in range(rng.randrange(1, 5))]
    return sphere_state.build(sphere_state.Sphere(rows, rng.randbytes(rng.randrange(100))))


def a_cluster_state(rng: random.Random) -> bytes:
    return cluster_state.build([cluster_state.ClusterState(*(rng.randrange(9) for _ in range(12)))])


def a_journal_header(rng: random.Random) -> bytes:
    numbers = [rng.randrange(1 << 32) for _ in range(3)]
    return journal_group.build_header(journal_group.JournalHeader(*numbers, rng.randbytes(16), a_sphere(rng)))


def a_group_header(rng: random.Random) -> bytes:
    entries, state = rng.randrange(9), rng.randrange(200)
    least = state + entries * ENTRY
    numbers = [rng.randrange(1 << 32) for _ in range(3)]
    length, continued, crc = least + rng.randrange(9999), rng.random() < 0.5, rng.randrange(1 << 32)
    return journal_group.build_group_header(journal_group.GroupHeader(*numbers, length, entries, state, continued, crc))


ENTRY = journal_group.ENTRY_BYTES


def build_entries(rows: list[tuple[int, int, int, int]]) -> bytes:
    """As the journal does, from lengths instead of bytes of that length."""
    return journal_group.build_entries([(*row, range(length)) for *row, length in rows])


def entries(rng: random.Random) -> bytes:
    return build_entries([(rng.randrange(4), rng.randrange(2), rng.randrange(99), 512) for _ in range(5)])


def a_checksum_page(rng: random.Random) -> bytes:
    return checksum_page.build(1, 7, array("I", (rng.randrange(1 << 32) for _ in range(rng.randrange(1020)))))


def crc_at(offset: int, size: int) -> Mend:
    """A function that puts the CRC-32C at this offset right for the first `size` bytes, counted with the field zero."""

    def mend(data: bytes) -> bytes:
        data = data.ljust(size, b"\0")
        whole = data[:offset] + bytes(4) + data[offset + 4 : size]
        return data[:offset] + google_crc32c.value(whole).to_bytes(4) + data[offset + 4 :]

    return mend


# -- spanned records, alternate indexes, edits ---------------------------------------------------------------


def a_segment(rng: random.Random) -> bytes:
    return rng.choice(segment.build(rng.randbytes(rng.randrange(CI, 3 * CI)), CI, rng.randrange(1 << 16)))


def read_segment(ci: bytes) -> tuple[int, bytes, int] | None:
    found = segment.parse(ci)
    if found is None:
        return None
    assert len(found.data) <= segment.capacity(len(ci))
    return found.place, found.data, found.update


def an_edit(rng: random.Random) -> bytes:
    front = b"??" + rng.choice((b"AAAA", b"AAAB", b"MMMM", b"ZZZZ"))
    return (
        record_edit.erase(2, 4) + front[2:] if rng.random() < 0.3 else record_edit.put(2, 4) + front + rng.randbytes(50)
    )


EDITED = control_interval.build([b"??AAAA" + bytes(60), b"??MMMM" + bytes(200)], CI)


def apply_edit(edit: bytes) -> list[bytes]:
    """What a control interval holds after it."""
    image = record_edit.apply(EDITED, [edit])
    assert len(image) == CI
    return control_interval.parse(image)


def an_aix_record(rng: random.Random) -> bytes:
    prime = rng.random() < 0.5
    length = rng.choice((4, 8, 255)) if prime else aix_record.RBA_LENGTH
    pointers = tuple(rng.randbytes(length) for _ in range(rng.randrange(1, 9)))
    return aix_record.build(aix_record.AixRecord(rng.randbytes(rng.choice((1, 5, 30))), pointers, prime))


# -- the catalog ---------------------------------------------------------------------------------------------


def a_catalog_record(rng: random.Random) -> bytes:
    name = rng.choice(("A", "PROD.ACCTS", "A2345678." * 4 + "A2345678"))
    day = rng.choice((None, date(2026, 11, 23), date(1999, 12, 31)))
    if rng.random() < 0.4:
        attributes = DataSetAttributes(rng.choice(("FB", "VB")), rng.choice((80, 304)))
        return to_record(NonVsamEntry(name=name, created=day, attributes=attributes, file_name=f"{name}.01234567"))
    definition = ClusterDefinition(
        name=name, key_length=rng.choice((1, 11, 255)), average_record=300, maximum_record=300,
        ci_size=rng.choice((512, 4096)), index_ci_size=512, cis_per_ca=rng.choice((1, 45)), reuse=rng.random() < 0.5,
        data_name=f"{name[:38]}.DATA", index_name=f"{name[:37]}.INDEX",
    )  # fmt: skip
    entry = ClusterEntry(name=name, created=day, definition=definition, stem=f"{name}.0123abcd")
    return to_record(rng.choice((entry, *entry.components)))


def read_catalog_record(data: bytes) -> Any:
    """The fields; what the catalog makes of them may be Damaged, too, and nothing else."""
    from_record(data)
    return tuple({name: fields[name] for name in fields if name[0] != "_"} for fields in catalog_record.parse(data))


TARGETS = [
    Target("control interval", a_control_interval, read_control_interval, lambda v: control_interval.build(v, CI)),
    Target(
        "relative-record control interval",
        slots,
        lambda data: control_interval.parse_slots(data, SLOT),
        lambda v: control_interval.build_slots(v, SLOT, CI) if v else bytes(CI),
    ),
    Target(
        "index control interval",
        an_index_record,
        lambda data: index_record.decode(data, KEY),
        lambda v: index_record.encode(v, 1024, KEY),
    ),
    Target(
        "journal header",
        a_journal_header,
        journal_group.parse_header,
        journal_group.build_header,
        crc_at(journal_group.JOURNAL_HEADER.sizeof() - 4, journal_group.HEADER_BYTES),
    ),
    Target(
        "journal group header",
        a_group_header,
        journal_group.parse_group_header,
        journal_group.build_group_header,
        crc_at(journal_group.GROUP_HEADER_BYTES - 4, journal_group.GROUP_HEADER_BYTES),
    ),
    Target(
        "journal entries",
        entries,
        lambda data: journal_group.parse_entries(data[: len(data) // ENTRY * ENTRY]),
        build_entries,
    ),
    Target(
        "checksum page",
        a_checksum_page,
        lambda data: checksum_page.parse(data, 1, 7),
        lambda v: checksum_page.build(1, 7, v),
        crc_at(12, checksum_page.PAGE_BYTES),
    ),
    Target("segment", a_segment, read_segment, None),
    Target("record edit", an_edit, apply_edit, None),
    Target("alternate index record", an_aix_record, aix_record.parse, aix_record.build),
    Target("sphere state", a_sphere, sphere_state.parse, sphere_state.build),
    Target("cluster state", a_cluster_state, cluster_state.parse, cluster_state.build),
    Target("catalog record", a_catalog_record, read_catalog_record, lambda v: catalog_record.build(*v)),
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_input_is_refused_or_means_what_it_says(target: Target) -> None:
    hammer(target)
