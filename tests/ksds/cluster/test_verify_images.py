"""The checker on images of every organization: sound ones are silent, and each thing that can be wrong is named.

An image's control intervals are replaced one at a time; nothing has a checksum here, so that it is the structure that
must tell. `message_id` is EXAMINE's number, where its text is documented.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.findings import Finding
from ksds.cluster.verify import check
from ksds.errors import Damaged
from ksds.layout import index_record, segment
from ksds.layout.control_interval import build, build_slots, parse, parse_slots
from ksds.layout.index_record import IndexRecord
from ksds.storage.device import MemoryFolder
from ksds.storage.sphere_files import ComponentName
from tests.crashes.subjects import KSDS, Model, Request, Subject, every_subject, record


def image_of(subject: Subject) -> ClusterImage:
    """The image of some dozen requests' work, its intervals copied out."""
    folder, model = MemoryFolder(), Model()
    subject.create(folder)
    cluster = subject.open(folder)
    for request in [*subject.requests(3, 60), Request("commit")]:
        if request.what != "reopen":
            subject.perform(cluster, request)
            subject.on_model(model, request)
    image: ClusterImage = cluster.image()
    held: dict[ComponentName, list[bytes]] = {
        "data": [image.read("data", number) for number in range(image.data_cis)],
        "index": [image.read("index", number) for number in range(image.index_cis)],
    }
    cluster.close()
    return replace(image, read=lambda component, number: held[component][number])


def with_interval(image: ClusterImage, component: ComponentName, number: int, ci: bytes | None) -> ClusterImage:
    """The image with one interval replaced; None: it cannot be read."""

    def read(side: ComponentName, at: int) -> bytes:
        if (side, at) != (component, number):
            return image.read(side, at)
        if ci is None:
            raise Damaged("gone", feedback=4, component=side)
        return ci

    return replace(image, read=read)


@every_subject
class TestEveryOrganization:
    def test_a_sound_one_is_silent(self, subject: Subject) -> None:
        assert check(image_of(subject)) == []

    def test_an_interval_that_cannot_be_read_is_named(self, subject: Subject) -> None:
        image = image_of(subject)
        counts: dict[ComponentName, int] = {"data": image.data_cis, "index": image.index_cis}
        for component, count in counts.items():
            for number in range(count):
                found = check(with_interval(image, component, number, None))
                assert any(finding.severity == 8 for finding in found), f"{component} {number}"

    def test_any_byte_changed_is_found_or_could_have_been_so(self, subject: Subject) -> None:
        """What the checker passes, the engine can use: every record has its key where the index says."""
        image, dice = image_of(subject), random.Random(4)
        silent = 0
        for _ in range(60):
            number = dice.randrange(image.data_cis)
            ci = bytearray(image.read("data", number))
            ci[-1 - dice.randrange(12)] ^= 1 << dice.randrange(8)
            silent += not check(with_interval(image, "data", number, bytes(ci)))
        assert silent < 60 if subject.definition.organization != "LINEAR" else silent == 60

    def test_a_high_used_rba_above_the_high_allocated_one(self, subject: Subject) -> None:
        image = image_of(subject)
        (found,) = check(replace(image, data_allocated=image.data_cis - 1))
        assert (found.severity, found.component) == (8, "data")
        if image.index_cis:
            (found,) = check(replace(image, index_allocated=0))
            assert found.message_id == "IDC11727I"

    def test_records_that_nobody_counted(self, subject: Subject) -> None:
        image = image_of(subject)
        assert image.records is not None
        (found,) = check(replace(image, records=image.records + 1))
        assert (found.severity, "are counted" in found.message) == (4, True)
        assert check(replace(image, records=None)) == []


def first_area(image: ClusterImage) -> tuple[int, IndexRecord]:
    """A sequence-set record with at least two entries and a free CI, and its index CI."""
    for number in range(image.index_cis):
        found = index_record.decode(image.read("index", number), image.definition.key_length)
        if found.level == 1 and len(found.entries) > 1 and found.free:
            return number, found
    raise AssertionError("no such area")


def changed_index(image: ClusterImage, change: Callable[[IndexRecord], IndexRecord]) -> list[Finding]:
    number, found = first_area(image)
    ci = index_record.encode(change(found), image.definition.index_ci_size, image.definition.key_length)
    return check(with_interval(image, "index", number, ci))


class TestMessages:
    """EXAMINE's own numbers."""

    @pytest.fixture
    def image(self) -> ClusterImage:
        return image_of(KSDS)

    def test_a_key_out_of_sequence(self, image: ClusterImage) -> None:
        _, area = first_area(image)
        number = area.base_rba // image.definition.ci_size + area.entries[0][1]
        records = parse(image.read("data", number))
        wrong = build([*records, b"R:\xff\xff\xff\xfe" + bytes(8)], image.definition.ci_size)
        assert ids(check(with_interval(image, "data", number, wrong))) == {"IDC11733I"}

    def test_records_in_a_free_interval(self, image: ClusterImage) -> None:
        _, area = first_area(image)
        number = area.base_rba // image.definition.ci_size + area.free[0]
        wrong = build([record(5)], image.definition.ci_size)
        assert ids(check(with_interval(image, "data", number, wrong))) == {"IDC11728I"}

    def test_a_control_area_that_the_sequence_set_forgot(self, image: ClusterImage) -> None:
        per_ca = image.definition.cis_per_ca
        more = replace(image, data_cis=image.data_cis + per_ca, data_allocated=image.data_cis + per_ca)
        (found,) = check(replace(more, read=lambda side, number: image.read(side, number)))
        assert (found.severity, found.message_id) == (4, "IDC11724I")

    def test_a_sequence_set_record_of_another_control_area(self, image: ClusterImage) -> None:
        found = changed_index(image, lambda area: replace(area, base_rba=area.base_rba + 512))
        assert "IDC11725I" in ids(found)

    def test_a_boundary_that_repeats_without_spanned_records(self, image: ClusterImage) -> None:
        def repeated(area: IndexRecord) -> IndexRecord:
            (bound, first), (_, second), *rest = area.entries
            return replace(area, entries=[(bound, first), (bound, second), *rest], sections=None)

        assert "IDC11703I" in ids(changed_index(image, repeated))

    def test_a_pointer_that_comes_twice(self, image: ClusterImage) -> None:
        def twice(area: IndexRecord) -> IndexRecord:
            return replace(area, free=[*area.free[:-1], area.entries[0][1]])

        assert "IDC11705I" in ids(changed_index(image, twice))

    def test_an_index_record_that_nothing_leads_to(self, image: ClusterImage) -> None:
        count = image.index_cis + 1
        more = replace(image, index_cis=count, index_allocated=count)
        found = check(replace(more, read=lambda side, number: image.read(side, min(number, image.index_cis - 1))))
        assert (4, image.index_cis, "IDC11711I") in [(one.severity, one.ci, one.message_id) for one in found]


def ids(findings: list[Finding]) -> set[str]:
    assert findings
    return {finding.message_id for finding in findings}


def shape(organization: str, **changes: object) -> ClusterDefinition:
    fields: dict[str, object] = {
        "name": "TEST.OTHER", "organization": organization, "average_record": 100, "maximum_record": 100,
        "ci_size": 512, "cis_per_ca": 2,
    }  # fmt: skip
    return ClusterDefinition(**{**fields, **changes})  # type: ignore[arg-type]


def made_of(definition: ClusterDefinition, intervals: list[bytes], **changes: object) -> ClusterImage:
    """An image of these data intervals."""
    fields: dict[str, object] = {
        "definition": definition, "read": lambda component, number: intervals[number], "data_cis": len(intervals),
        "data_allocated": len(intervals),
    }  # fmt: skip
    return ClusterImage(**{**fields, **changes})  # type: ignore[arg-type]


class TestEntrySequenced:
    SPANNED = shape("NONINDEXED", maximum_record=1300, spanned=True, cis_per_ca=3)
    LONG = segment.build(b"x" * 1300, 512, 7)
    SHORT = build([b"a" * 80, b"b" * 90], 512)

    def test_records_and_segments_in_order(self) -> None:
        assert check(made_of(self.SPANNED, [self.SHORT, *self.LONG, self.SHORT], records=5)) == []

    @pytest.mark.parametrize(
        ("intervals", "what"),
        [
            ([SHORT, LONG[1], LONG[2]], "segments in order"),
            ([LONG[0], SHORT], "segments in order"),
            ([LONG[0], LONG[1]], "segments in order"),
            ([LONG[0], *segment.build(b"x" * 1300, 512, 8)[1:]], "update numbers differ"),
            ([build([b"c" * 100] * 2, 512)[:-10] + b"\0\0\x64\0\0\x64" + b"\0\xc8\1\x2e"], "share a pair"),
        ],
    )
    def test_what_does_not_belong_together(self, intervals: list[bytes], what: str) -> None:
        found = check(made_of(self.SPANNED, intervals))
        assert found and any(part in found[0].message for part in what.split("|")), found

    def test_an_interval_without_records(self) -> None:
        (found,) = check(made_of(shape("NONINDEXED"), [self.SHORT, build([], 512)]))
        assert found.message == "no records below the high-used RBA"

    def test_the_end_is_where_the_data_end(self) -> None:
        assert check(made_of(self.SPANNED, [self.SHORT], end=170)) == []
        (found,) = check(made_of(self.SPANNED, [self.SHORT], end=171))
        assert found.message == "data ends at RBA 170, not at 171"

    def test_a_record_too_long_for_its_data_set(self) -> None:
        (found,) = check(made_of(shape("NONINDEXED"), [build([b"x" * 101], 512)]))
        assert found.message == "a record of 101 bytes"


class TestSlots:
    FULL = build_slots([b"x" * 100] * 4, 100, 512)

    def test_slots_of_the_wrong_size_or_none(self) -> None:
        assert check(made_of(shape("NUMBERED"), [self.FULL, self.FULL], records=8)) == []
        (found,) = check(made_of(shape("NUMBERED"), [self.FULL, bytes(512)]))
        assert "software end of file" in found.message
        (found,) = check(made_of(shape("NUMBERED"), [build([b"x" * 99] * 4, 512), self.FULL]))
        assert "slots" in found.message
        (found,) = check(made_of(shape("NUMBERED"), [self.FULL]))
        assert "not at the end of a control area" in found.message
        assert parse_slots(self.FULL, 100) == [b"x" * 100] * 4
