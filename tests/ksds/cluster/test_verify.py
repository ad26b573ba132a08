"""The checker finds what is wrong: structures are broken on purpose, checksums right, and each is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ksds.cluster.findings import Finding
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.verify import check
from ksds.errors import Damaged
from ksds.layout import index_record
from ksds.layout.control_interval import build, parse
from ksds.layout.index_record import IndexRecord
from ksds.layout.journal_group import IMAGE
from ksds.storage.device import MemoryFolder
from ksds.storage.sphere_files import ComponentName
from tests.crashes.subjects import STEM, record, tiny

DEFINITION = tiny(free_ci_percent=0)


class Workshop:
    """A sound cluster whose control intervals can be replaced by wrong ones under right checksums."""

    def __init__(self) -> None:
        self.folder = MemoryFolder()
        KeySequenced.create(self.folder, STEM, DEFINITION)
        with KeySequenced.open(self.folder, STEM, DEFINITION, mode="w") as cluster:
            cluster.load(record(number) for number in range(0, 400, 10))
            assert not cluster.verify()
            self.root = cluster.index.root
            self.first = cluster.index.numbers[0]

    def replace(self, component: ComponentName, number: int, image: bytes) -> None:
        with KeySequenced.open(self.folder, STEM, DEFINITION, mode="w") as cluster:
            side = 0 if component == "data" else 1
            cluster.sphere.pager.commit([(side, IMAGE, number, image)], cluster.sphere.state_bytes(), sync=True)

    def records(self, number: int) -> list[bytes]:
        with KeySequenced.open(self.folder, STEM, DEFINITION) as cluster:
            return parse(cluster.read_ci("data", number))

    def change_index(self, number: int, change: Callable[[IndexRecord], IndexRecord]) -> None:
        with KeySequenced.open(self.folder, STEM, DEFINITION) as cluster:
            old = index_record.decode(cluster.read_ci("index", number), DEFINITION.key_length)
        self.replace("index", number, index_record.encode(change(old), 512, DEFINITION.key_length))

    def findings(self, *, data: bool = True) -> list[Finding]:
        with KeySequenced.open(self.folder, STEM, DEFINITION) as cluster:
            return check(cluster.image(), data=data)

    def refuses_update_but_reads(self) -> None:
        """The index set is no way to the data; the sequence set is."""
        with Refused():
            KeySequenced.open(self.folder, STEM, DEFINITION, mode="w")
        with KeySequenced.open(self.folder, STEM, DEFINITION) as cluster:
            assert list(cluster.browse()) == [record(number) for number in range(0, 400, 10)]
            assert cluster.get(b"0390") == record(390)
            assert any(finding.severity == 8 for finding in cluster.verify())

    def one(self) -> str:
        """The first finding, which must be about the damage done."""
        found = self.findings()
        assert found, "nothing found"
        return str(found[0])


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


class TestData:
    def test_keys_out_of_order(self, workshop: Workshop) -> None:
        one, two, *rest = workshop.records(1)
        workshop.replace("data", 1, build([two, one, *rest], 512))
        assert "is not above the one before it" in workshop.one()

    def test_a_key_in_the_wrong_interval(self, workshop: Workshop) -> None:
        workshop.replace("data", 0, build([*workshop.records(0)[:-1], record(399)], 512))
        assert "above the CI's boundary in the index" in workshop.one()

    def test_a_record_too_many(self, workshop: Workshop) -> None:
        workshop.replace("data", 0, build(workshop.records(0)[:-1], 512))
        assert "39 records, but 40 are counted" in workshop.one()
        assert [finding.severity for finding in workshop.findings()] == [4]

    def test_a_record_too_short_for_its_key(self, workshop: Workshop) -> None:
        workshop.replace("data", 0, build([b"R:0", *workshop.records(0)[1:]], 512))
        assert "a record of 3 bytes" in workshop.one()

    def test_records_in_a_free_interval(self, workshop: Workshop) -> None:
        workshop.replace("data", 3, build([record(5)], 512))
        assert "holds records but is on the free list" in workshop.one()

    def test_a_busy_flag(self, workshop: Workshop) -> None:
        image = bytearray(build(workshop.records(0), 512))
        image[-2] |= 0x80
        workshop.replace("data", 0, bytes(image))
        assert "busy flag" in workshop.one()

    def test_control_information_that_makes_no_sense(self, workshop: Workshop) -> None:
        workshop.replace("data", 0, build(workshop.records(0), 512)[:-4] + b"\xff\xff\xff\xff")
        assert "cannot be read" in workshop.one()
        assert workshop.findings(data=False) == [], "an index test does not read the data"


class TestIndex:
    def test_a_free_pointer_missing(self, workshop: Workshop) -> None:
        workshop.change_index(workshop.first, lambda old: replace(old, free=old.free[:-1]))
        assert "not each CI of the control area once" in workshop.one()

    def test_a_wrong_horizontal_pointer(self, workshop: Workshop) -> None:
        workshop.change_index(workshop.first, lambda old: replace(old, next_rba=512 * 40))
        assert "horizontal pointer is RBA 20480" in workshop.one()

    def test_entries_out_of_order(self, workshop: Workshop) -> None:
        def swap(old: IndexRecord) -> IndexRecord:
            one, two, *rest = old.entries
            return replace(old, entries=[(one[0], two[1]), (two[0], one[1]), *rest])

        workshop.change_index(workshop.first, swap)
        assert "boundary" in workshop.one() or "not above" in workshop.one()

    def test_a_record_that_nothing_leads_to(self, workshop: Workshop) -> None:
        workshop.change_index(workshop.root, lambda old: replace(old, entries=[old.entries[-1]], sections=None))
        found = [str(finding) for finding in workshop.findings()]
        assert any("no entry leads to this record" in line for line in found)
        assert any("no sequence-set record governs this control area" in line for line in found)

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda old: replace(old, level=7),
            lambda old: replace(old, entries=[(boundary, 0xFFFFF) for boundary, _ in old.entries]),
            lambda old: replace(old, entries=[(boundary, old.entries[0][1]) for boundary, _ in old.entries]),
        ],
        ids=["wrong level", "past the end", "twice the same"],
    )
    def test_an_index_set_that_is_no_tree_is_not_followed(
        self, workshop: Workshop, wrong: Callable[[IndexRecord], IndexRecord]
    ) -> None:
        workshop.change_index(workshop.root, wrong)
        workshop.refuses_update_but_reads()

    def test_a_record_that_is_its_own_child(self, workshop: Workshop) -> None:
        root = workshop.root
        workshop.change_index(root, lambda old: replace(old, entries=[(bound, root) for bound, _ in old.entries]))
        workshop.refuses_update_but_reads()

    def test_neither_an_index_set_nor_a_whole_sequence_set(self, workshop: Workshop) -> None:
        """Then a search gives the code of the damage: it must not call a record not found that is out of reach."""
        workshop.change_index(workshop.first, lambda old: replace(old, next_rba=0))
        workshop.change_index(workshop.root, lambda old: replace(old, level=7))
        with KeySequenced.open(workshop.folder, STEM, DEFINITION) as cluster:
            for request in (cluster.get, cluster.locate, lambda key: list(cluster.browse(key))):
                with Refused():
                    request(b"0390")
            assert cluster.verify()
            assert cluster.statistics.records == 40

    def test_an_area_that_leads_outside_the_data(self, workshop: Workshop) -> None:
        workshop.change_index(workshop.first, lambda old: replace(old, base_rba=512 * 4000))
        with KeySequenced.open(workshop.folder, STEM, DEFINITION) as cluster:
            with Refused():
                cluster.get(b"0010")
            assert cluster.get(b"0390") == record(390), "other control areas stay readable"
            assert cluster.verify()


class Refused:
    """The block ends in Damaged with return code 12 and an index feedback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> bool:
        assert isinstance(error, Damaged), error
        assert (error.return_code, error.component) == (12, "index")
        assert error.feedback in (8, 12)
        return True


def test_a_finding_reads_as_one_line() -> None:
    assert str(Finding(8, "data", 3, "what is wrong")) == "data CI 3: what is wrong"
