"""What a damaged cluster still holds comes out, and what is lost is said by its addresses."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.salvage import Salvage
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.cluster.spanned_page import SpannedPage
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.layout import index_record
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, Model, Request, Subject, every_subject, record, tiny

RECORDS = [record(number, 60 + number % 90) for number in range(10, 700, 10)]


@pytest.fixture
def folder() -> MemoryFolder:
    """A key-sequenced cluster of two index levels."""
    folder = MemoryFolder()
    KeySequenced.create(folder, STEM, tiny())
    with KeySequenced.open(folder, STEM, tiny(), mode="w") as cluster:
        cluster.load(RECORDS)
        assert cluster.index.levels >= 2
    return folder


def spoil(folder: MemoryFolder, suffix: str, offset: int) -> None:
    device = folder.open(f"{STEM}.{suffix}")
    device.write(offset, bytes([device.read(offset, 1)[0] ^ 0x10]))


def salvaged(folder: MemoryFolder) -> tuple[list[bytes], Salvage]:
    with KeySequenced.open(folder, STEM, tiny()) as cluster:
        salvage = Salvage(cluster.image())
        return [data for _, data in salvage.rows()], salvage


def test_a_sound_cluster_gives_all_it_holds(folder: MemoryFolder) -> None:
    found, salvage = salvaged(folder)
    assert (found, salvage.losses, salvage.written, salvage.condition_code) == (RECORDS, [], len(RECORDS), 0)


def test_a_bad_data_interval_costs_its_own_records(folder: MemoryFolder) -> None:
    with KeySequenced.open(folder, STEM, tiny()) as cluster:
        before = [cluster.locate(b"0010")[0], cluster.locate(b"0100")[0]]
        gone = [data for data in RECORDS if cluster.locate(data[2:6])[0] == before[1]]
        bounds = cluster.index.area(0).bounds
    spoil(folder, "data", before[1] * 512 + 3)
    found, salvage = salvaged(folder)
    assert found == [data for data in RECORDS if data not in gone]
    assert salvage.condition_code == 8
    (loss,) = salvage.losses
    at = before[1]
    assert (loss.component, loss.first, loss.start, loss.end) == ("data", at, at * 512, at * 512 + 512)
    assert loss.keys == (bounds[at - 1].rstrip(b"\xff").ljust(4, b"\xff"), bounds[at])
    assert str(loss).startswith(f"DATA RBA {at * 512} TO {at * 512 + 511} lost: the control interval does not match")


def test_neighbours_that_are_lost_make_one_range(folder: MemoryFolder) -> None:
    for number in (0, 1, 2):
        spoil(folder, "data", number * 512)
    _, salvage = salvaged(folder)
    (loss,) = salvage.losses
    assert (loss.first, loss.last, loss.start, loss.end) == (0, 2, 0, 1536)


def test_the_whole_index_can_be_gone(folder: MemoryFolder) -> None:
    device = folder.open(f"{STEM}.index")
    device.write(0, bytes(device.size()))
    found, salvage = salvaged(folder)
    assert found == RECORDS
    assert salvage.condition_code == 4
    (loss,) = salvage.losses
    assert (loss.component, loss.start) == ("index", 0)
    assert "only the index is damaged" in str(loss)


def test_an_index_and_a_data_file_that_are_cut_short(folder: MemoryFolder) -> None:
    folder.open(f"{STEM}.index").resize(100)
    folder.open(f"{STEM}.data").resize(4 * 512 + 7)
    found, salvage = salvaged(folder)
    assert found and found == RECORDS[: len(found)]
    assert salvage.condition_code == 8
    assert [loss.start for loss in salvage.losses if loss.component == "data"] == [4 * 512]


def test_any_damage_anywhere_gives_a_part_of_the_truth_and_says_so(folder: MemoryFolder) -> None:
    seed = 3
    print("seed", seed)
    dice = random.Random(seed)
    for suffix in ("data", "index"):
        size = folder.open(f"{STEM}.{suffix}").size()
        for offset in dice.sample(range(size), 40):
            spoil(folder, suffix, offset)
            found, salvage = salvaged(folder)
            spoil(folder, suffix, offset)
            assert set(found) <= set(RECORDS) and found == sorted(found), f"{suffix} {offset}"
            assert (len(found) < len(RECORDS)) <= (salvage.condition_code == 8), f"{suffix} {offset}"
            assert suffix == "data" or found == RECORDS


def shape(organization: str, **changes: object) -> ClusterDefinition:
    fields: dict[str, object] = {
        "name": "TEST.OTHER", "organization": organization, "average_record": 100, "maximum_record": 100,
        "ci_size": 512, "cis_per_ca": 4, "primary": 4, "secondary": 4,
    }  # fmt: skip
    return ClusterDefinition(**{**fields, **changes})  # type: ignore[arg-type]


NUMBERED = shape("NUMBERED", key_length=4, average_record=90, index_ci_size=512)
LINEAR = shape("LINEAR", ci_size=4096, average_record=0, maximum_record=0)
KINDS = [
    pytest.param(EntrySequenced, shape("NONINDEXED"), id="ESDS"),
    pytest.param(RelativeRecord, shape("NUMBERED"), id="RRDS"),
    pytest.param(VariableRelativeRecord, NUMBERED, id="VRRDS"),
    pytest.param(Linear, LINEAR, id="LDS"),
]


@pytest.mark.parametrize(("kind", "definition"), KINDS)
def test_every_organization(
    kind: type[EntrySequenced] | type[RelativeRecord] | type[VariableRelativeRecord] | type[Linear],
    definition: ClusterDefinition,
) -> None:
    folder, size = MemoryFolder(), definition.ci_size
    kind.create(folder, STEM, definition)
    with kind.open(folder, STEM, definition, mode="w") as cluster:
        for number in range(1, 31):
            data = bytes([number]) * (size if isinstance(cluster, Linear) else 100)
            if isinstance(cluster, EntrySequenced | Linear):
                cluster.append(data)
            else:
                cluster.insert(number, data)
        whole = list(cluster.browse())
        image = cluster.image()
    with kind.open(folder, STEM, definition) as cluster:
        assert list(Salvage(cluster.image()).rows()) == whole
    spoil(folder, "data", size + 9)
    with kind.open(folder, STEM, definition) as cluster:
        salvage = Salvage(cluster.image())
        found = list(salvage.rows())
    lost = [row for row in whole if row not in found]
    assert lost and len(found) + len(lost) == len(whole)
    assert [(loss.start, loss.end) for loss in salvage.losses] == [(size, 2 * size)]
    assert image.data_cis > 2


@every_subject
def test_any_damage_to_any_organization_gives_a_part_of_the_truth_and_says_so(subject: Subject) -> None:
    """Files of real work, some bytes changed: nothing comes out that was not there, and nothing is missing unsaid."""
    folder, model = MemoryFolder(), Model()
    subject.create(folder)
    cluster = subject.open(folder)
    for request in [*subject.requests(5, 50), Request("commit")]:
        if request.what != "reopen":
            subject.perform(cluster, request)
            subject.on_model(model, request)
    cluster.close()
    with subject.open(folder, "r") as cluster:
        truth = {data for _, data in Salvage(cluster.image()).rows()}
    dice, spoiled = random.Random(21), 0
    for turn in range(25):
        suffixes = [suffix for suffix in ("data", "index") if folder.exists(f"{STEM}.{suffix}")]
        places = [
            (suffix, dice.randrange(folder.open(f"{STEM}.{suffix}").size()))
            for suffix in dice.choices(suffixes, k=dice.randint(1, 4))
        ]
        for place in places:
            spoil(folder, *place)
        with subject.open(folder, "r") as cluster:
            salvage = Salvage(cluster.image())
            found = {data for _, data in salvage.rows()}
        for place in places:
            spoil(folder, *place)
        assert found <= truth, f"turn {turn}"
        assert found == truth or salvage.condition_code == 8, f"turn {turn}"
        spoiled += salvage.condition_code > 0
    assert spoiled


class TestSpanned:
    """The sequence set says where the segments of a record are; without it they are lost, and said to be."""

    DEFINITION = tiny(spanned=True, maximum_record=1500)
    RECORDS = (record(1), record(2, 1300), record(3), record(4, 700))

    @pytest.fixture
    def folder(self) -> MemoryFolder:
        folder = MemoryFolder()
        SpannedKeySequenced.create(folder, STEM, self.DEFINITION)
        with SpannedKeySequenced.open(folder, STEM, self.DEFINITION, mode="w") as cluster:
            for data in self.RECORDS:
                cluster.insert(data)
            assert cluster.verify() == []
            assert len(index_record.decode(cluster.read_ci("index", 0), 4).entries) > 3
        return folder

    def salvaged(self, folder: MemoryFolder) -> tuple[list[bytes], Salvage]:
        with SpannedKeySequenced.open(folder, STEM, self.DEFINITION) as cluster:
            salvage = Salvage(cluster.image())
            return [data for _, data in salvage.rows()], salvage

    def segments(self, folder: MemoryFolder) -> list[list[int]]:
        """The CIs of each spanned record."""
        with SpannedKeySequenced.open(folder, STEM, self.DEFINITION) as cluster:
            found = {key: cluster.find(key)[3] for key in (b"0002", b"0004")}
            return [page.numbers for page in found.values() if isinstance(page, SpannedPage)]

    def test_all_of_a_sound_one(self, folder: MemoryFolder) -> None:
        found, salvage = self.salvaged(folder)
        assert (tuple(found), salvage.losses) == (self.RECORDS, [])

    def test_a_record_with_a_lost_segment_is_lost_as_a_whole(self, folder: MemoryFolder) -> None:
        first, _ = self.segments(folder)
        spoil(folder, "data", first[1] * 512)
        found, salvage = self.salvaged(folder)
        assert found == [self.RECORDS[0], self.RECORDS[2], self.RECORDS[3]]
        assert {number for loss in salvage.losses for number in range(loss.first, loss.last + 1)} == set(first)
        assert salvage.condition_code == 8

    def test_segments_that_no_index_record_names(self, folder: MemoryFolder) -> None:
        lost = {number for numbers in self.segments(folder) for number in numbers}
        folder.open(f"{STEM}.index").write(0, bytes(folder.open(f"{STEM}.index").size()))
        found, salvage = self.salvaged(folder)
        assert found == [self.RECORDS[0], self.RECORDS[2]]
        data = [loss for loss in salvage.losses if loss.component == "data"]
        assert {number for loss in data for number in range(loss.first, loss.last + 1)} == lost
