"""Component files from elsewhere: what they tell, what is found wrong with them, and the cluster made of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.foreign_image import ForeignFiles, ForeignImageError, adopt, foreign_image
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import class_of
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.cluster.verify import check
from ksds.errors import LoadModeViolation, VsamError
from ksds.layout import index_record
from ksds.layout.control_interval import build
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, record, tiny
from tests.ksds.layout.test_index_record import KEY_LENGTH, f1

RECORDS = [record(number, 60 + number % 90) for number in range(10, 700, 10)]


def made(definition: ClusterDefinition) -> MemoryFolder:
    """A folder with the cluster's files."""
    folder = MemoryFolder()
    class_of(definition).create(folder, STEM, definition)
    return folder


@pytest.fixture
def folder() -> MemoryFolder:
    folder = made(tiny())
    with KeySequenced.open(folder, STEM, tiny(), mode="w") as cluster:
        cluster.load(RECORDS)
        for number in range(15, 300, 10):
            cluster.insert(record(number))
    return folder


def files_of(folder: MemoryFolder, organization: str = "INDEXED", **known: int) -> ForeignFiles:
    """Only the component files; with an index, where its keys are."""
    keyed = organization == "INDEXED"
    files = ForeignFiles(
        name="FROM.AFAR",
        organization=organization,
        data=folder.open(f"{STEM}.data"),
        index=folder.open(f"{STEM}.index") if keyed else None,
        key_length=4 if keyed else 0,
        key_offset=2 if keyed else 0,
    )
    return replace(files, **known)  # type: ignore[arg-type]


def content(folder: MemoryFolder, name: str, size: int) -> bytes:
    return folder.open(name).read(0, size)


class TestKeyed:
    def test_the_files_tell_what_the_catalog_would(self, folder: MemoryFolder) -> None:
        with KeySequenced.open(folder, STEM, tiny()) as cluster:
            own = cluster.image()
        image = foreign_image(files_of(folder))
        shape = image.definition
        assert (shape.ci_size, shape.index_ci_size, shape.cis_per_ca) == (512, 512, 4)
        assert (shape.maximum_record, shape.spanned) == (max(map(len, RECORDS)), False)
        assert (image.root, image.levels) == (own.root, own.levels)
        assert (image.data_cis, image.index_cis) == (own.data_cis, own.index_cis)
        assert check(image) == []

    def test_a_cluster_made_of_them_holds_the_same_intervals_and_goes_on(self, folder: MemoryFolder) -> None:
        image = foreign_image(files_of(folder))
        taken = made(image.definition)
        with KeySequenced.open(taken, STEM, image.definition, mode="w") as cluster:
            count = adopt(cluster, image)
        for suffix, size in (("data", image.data_cis * 512), ("index", image.index_cis * 512)):
            assert content(taken, f"{STEM}.{suffix}", size) == content(folder, f"{STEM}.{suffix}", size)
        with KeySequenced.open(folder, STEM, tiny()) as original:
            whole = list(original.browse())
        with KeySequenced.open(taken, STEM, image.definition, mode="w") as cluster:
            assert list(cluster.browse()) == whole and len(cluster) == count == len(whole)
            assert cluster.verify() == []
            for number in range(301, 400, 2):
                cluster.insert(record(number))
            cluster.commit()
            assert cluster.verify() == []

    def test_one_control_area_is_enough_to_know_the_sizes(self) -> None:
        folder = made(tiny())
        with KeySequenced.open(folder, STEM, tiny(), mode="w") as cluster:
            cluster.load(RECORDS[:8])
        image = foreign_image(files_of(folder))
        assert (image.definition.ci_size, image.data_cis, check(image)) == (512, 4, [])

    def test_spanned_records_make_a_spanned_data_set(self) -> None:
        definition = tiny(spanned=True, maximum_record=1500)
        folder = made(definition)
        with SpannedKeySequenced.open(folder, STEM, definition, mode="w") as cluster:
            for data in (record(1), record(2, 1300), record(3)):
                cluster.insert(data)
        image = foreign_image(files_of(folder))
        assert (image.definition.spanned, image.definition.maximum_record, check(image)) == (True, 1300, [])

    def test_a_record_size_that_is_said_is_taken_and_one_too_small_is_found(self, folder: MemoryFolder) -> None:
        said = foreign_image(files_of(folder, average_record=90, maximum_record=300))
        assert (said.definition.average_record, said.definition.maximum_record) == (90, 300)
        assert any(
            "a record of" in finding.message for finding in check(foreign_image(files_of(folder, maximum_record=70)))
        )

    @pytest.mark.parametrize("suffix", ["data", "index"])
    def test_damage_is_found_before_anything_is_made(self, folder: MemoryFolder, suffix: str) -> None:
        found = 0
        for offset in range(500, 512 * 5, 512):
            device = folder.open(f"{STEM}.{suffix}")
            before = device.read(offset, 12)
            device.write(offset, b"\xff" * 12)
            try:
                found += any(finding.severity == 8 for finding in check(foreign_image(files_of(folder))))
            except ForeignImageError:
                found += 1
            device.write(offset, before)
        assert found == 5

    def test_what_is_no_cluster_is_refused(self, folder: MemoryFolder) -> None:
        for name, data in (("T.index", b""), ("T.index", b"\1\2\3"), ("T.index", bytes(4096)), ("T.data", b"x" * 999)):
            broken = MemoryFolder()
            for other in ("T.data", "T.index"):
                whole = content(folder, other, folder.open(other).size())
                broken.open(other, create=True).write(0, data if other == name else whole)
            try:
                assert any(finding.severity == 8 for finding in check(foreign_image(files_of(broken))))
            except ForeignImageError as error:
                assert str(error).startswith("KSD009E ") and "\n" not in str(error)
        with pytest.raises(ForeignImageError, match="INDEX FILE"):
            foreign_image(replace(files_of(folder), index=None))
        with pytest.raises(ForeignImageError):
            foreign_image(files_of(folder, key_length=300))

    def test_files_made_to_deceive_end_in_findings_or_one_line(self, folder: MemoryFolder) -> None:
        """What passes the checker can be adopted, and is sound."""
        seed = 12
        print("seed", seed)
        dice, taken = random.Random(seed), 0
        for _ in range(150):
            spoiled = MemoryFolder()
            for name in ("T.data", "T.index"):
                data = bytearray(content(folder, name, folder.open(name).size()))
                for _ in range(dice.randint(0, 2)):
                    data[dice.randrange(len(data))] = dice.choice([0, 1, 0x7F, 0xFF, dice.randrange(256)])
                spoiled.open(name, create=True).write(
                    0, bytes(data[: dice.choice([len(data), dice.randrange(len(data))])])
                )
            try:
                image = foreign_image(files_of(spoiled))
                if any(finding.severity == 8 for finding in check(image)):
                    continue
                made_of_it = made(image.definition)
                with KeySequenced.open(made_of_it, STEM, image.definition, mode="w") as cluster:
                    adopt(cluster, image)
            except (ForeignImageError, VsamError) as error:
                assert "\n" not in str(error)
                continue
            with KeySequenced.open(made_of_it, STEM, image.definition) as cluster:
                assert all(finding.severity < 8 for finding in cluster.verify())
                taken += 1
        assert 0 < taken < 150

    def test_a_cluster_that_is_not_empty_is_not_overwritten(self, folder: MemoryFolder) -> None:
        image = foreign_image(files_of(folder))
        with (
            KeySequenced.open(folder, STEM, tiny(), mode="w") as cluster,
            pytest.raises(LoadModeViolation, match="FEEDBACK 116"),
        ):
            adopt(cluster, image)


class TestARealIndexRecord:
    """F1, the sequence-set record of a real z/OS data set, over data intervals made to fit it: the engine searches,
    inserts and splits through bytes that IBM's VSAM wrote."""

    SIZE = 2048

    @pytest.fixture
    def records(self) -> dict[int, list[bytes]]:
        """By CI: one record at the CI's boundary and one just below it."""
        entries = index_record.decode(f1(), KEY_LENGTH).entries
        keys = {pointer: boundary.ljust(KEY_LENGTH, b"\xff") for boundary, pointer in entries}
        return {at: [key[:-1] + bytes([key[-1] - 1]) + b"LOWER", key + b"UPPER RECORD"] for at, key in keys.items()}

    @pytest.fixture
    def image(self, records: dict[int, list[bytes]]) -> ClusterImage:
        folder = MemoryFolder()
        data = b"".join(build(records.get(number, []), self.SIZE) for number in range(45))
        for suffix, content in (("data", data), ("index", f1() + bytes(1024))):
            folder.open(f"{STEM}.{suffix}", create=True).write(0, content)
        return foreign_image(files_of(folder, key_length=KEY_LENGTH, key_offset=0))

    def test_it_is_understood_and_sound(self, image: ClusterImage) -> None:
        shape = image.definition
        assert (shape.ci_size, shape.index_ci_size, shape.cis_per_ca) == (self.SIZE, 1024, 45)
        assert (image.data_cis, image.index_cis, image.root, image.levels) == (45, 1, 0, 1)
        assert check(image) == []

    def test_the_engine_works_on_it(self, image: ClusterImage, records: dict[int, list[bytes]]) -> None:
        whole = sorted(record for pair in records.values() for record in pair)
        folder = made(image.definition)
        with KeySequenced.open(folder, STEM, image.definition, mode="w") as cluster:
            assert adopt(cluster, image) == 66
        assert content(folder, f"{STEM}.index", 1024) == f1(), "IBM's bytes, unchanged"
        with KeySequenced.open(folder, STEM, image.definition, mode="w") as cluster:
            assert list(cluster.browse()) == whole
            assert all(cluster.get(data[:KEY_LENGTH]) == data for data in whole)
            added = [bytes([letter]) * KEY_LENGTH + bytes(12) for letter in range(0xC1, 0xF0)]
            for data in added:
                cluster.insert(data)
            assert list(cluster.browse()) == sorted([*whole, *added])
            assert cluster.verify() == []


def shape(organization: str, **changes: object) -> ClusterDefinition:
    fields: dict[str, object] = {
        "name": "TEST.OTHER", "organization": organization, "average_record": 100, "maximum_record": 100,
        "ci_size": 512, "cis_per_ca": 4, "primary": 4, "secondary": 4,
    }  # fmt: skip
    return ClusterDefinition(**{**fields, **changes})  # type: ignore[arg-type]


def filled(definition: ClusterDefinition) -> tuple[MemoryFolder, list[tuple[int, bytes]]]:
    """Thirty records or intervals, and what a browse gives of them."""
    folder = made(definition)
    with class_of(definition).open(folder, STEM, definition, mode="w") as cluster:
        for number in range(1, 31):
            if isinstance(cluster, EntrySequenced):
                cluster.append(bytes([number]) * (40 + number))
            elif isinstance(cluster, RelativeRecord):
                cluster.insert(2 * number, bytes([number]) * 100)
            elif isinstance(cluster, Linear):
                cluster.append(bytes([number]) * definition.ci_size)
        return folder, list(rows_of(cluster))


def rows_of(cluster: object) -> Iterator[tuple[int, bytes]]:
    assert isinstance(cluster, EntrySequenced | RelativeRecord | Linear)
    return cluster.browse()


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param(shape("NONINDEXED"), id="ESDS"),
        pytest.param(shape("NUMBERED"), id="RRDS"),
        pytest.param(shape("LINEAR", ci_size=4096, average_record=0, maximum_record=0), id="LDS"),
    ],
)
def test_the_other_organizations(definition: ClusterDefinition) -> None:
    folder, whole = filled(definition)
    with class_of(definition).open(folder, STEM, definition) as cluster:
        used, records = cluster.image().data_cis, cluster.statistics.records
    folder.open(f"{STEM}.data").resize(used * definition.ci_size)
    image = foreign_image(files_of(folder, definition.organization))
    assert check(image) == []
    assert image.definition.ci_size == definition.ci_size
    taken = made(image.definition)
    with class_of(image.definition).open(taken, STEM, image.definition, mode="w") as cluster:
        assert adopt(cluster, image) == records
    with class_of(image.definition).open(taken, STEM, image.definition, mode="w") as cluster:
        assert list(rows_of(cluster)) == whole
        assert cluster.verify() == []
