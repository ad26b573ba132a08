"""The map of a cluster's space, and the picture of it."""

from __future__ import annotations

import random
import re
from xml.etree import ElementTree

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.space_map import DAMAGED, NO_LEVEL, SpaceMap, space_map
from ksds.space_picture import LEVELS, PAPER, RAMP, RED, SPANNED, picture
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, record, tiny

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def folder() -> MemoryFolder:
    """Four control areas of four CIs of 512, one record of 1,300 bytes among them."""
    folder = MemoryFolder()
    SpannedKeySequenced.create(folder, STEM, shape())
    with SpannedKeySequenced.open(folder, STEM, shape(), mode="w") as cluster:
        cluster.load(record(number) for number in range(0, 400, 10))
        cluster.insert(record(395, 1300))
    return folder


def shape() -> ClusterDefinition:
    return tiny(spanned=True, maximum_record=1500)


def mapped(folder: MemoryFolder) -> SpaceMap:
    with SpannedKeySequenced.open(folder, STEM, shape()) as cluster:
        return space_map(cluster.image())


def spoil(folder: MemoryFolder, suffix: str, offset: int) -> None:
    folder.open(f"{STEM}.{suffix}").write(offset, b"\xee")


class TestMap:
    def test_every_interval_is_full_to_some_percent_or_free(self, folder: MemoryFolder) -> None:
        found = mapped(folder)
        assert [area.rba for area in found.areas] == [number * 2048 for number in range(len(found.areas))]
        assert found.areas[0].fill == [80, 80, 80, None], "four records of 100 and 10 bytes of control information"
        assert found.areas[0].picture == "888."
        assert sum(found.histogram) + found.count(None) == found.image.data_cis
        assert found.findings == []
        assert found.index_levels.count(1) == len(found.areas)

    def test_segments_of_a_spanned_record_are_marked(self, folder: MemoryFolder) -> None:
        spanned = [area for area in mapped(folder).areas if area.segments]
        assert [len(area.segments) for area in spanned] == [3]
        assert [spanned[0].fill[at] for at in sorted(spanned[0].segments)] == [100, 100, 59]

    def test_damage_is_on_the_map_of_data_and_index(self, folder: MemoryFolder) -> None:
        spoil(folder, "data", 512 + 3)
        spoil(folder, "index", 30)
        found = mapped(folder)
        assert found.areas[0].fill == [80, DAMAGED, 80, None]
        assert found.areas[0].picture == "8!8."
        assert found.index_levels[0] == NO_LEVEL
        assert {finding.component for finding in found.findings} == {"data", "index"}

    def test_slots_of_an_rrds_and_bytes_of_an_lds(self) -> None:
        folder = MemoryFolder()
        definition = ClusterDefinition(
            name="A.R", organization="NUMBERED", average_record=100, maximum_record=100, ci_size=512, cis_per_ca=4
        )
        RelativeRecord.create(folder, "R", definition)
        with RelativeRecord.open(folder, "R", definition, mode="w") as slots:
            slots.insert(1, bytes(100))
            assert space_map(slots.image()).areas[0].fill == [25, None, None, None]
        definition = ClusterDefinition(
            name="A.L", organization="LINEAR", average_record=0, maximum_record=0, ci_size=4096, cis_per_ca=12
        )
        Linear.create(folder, "L", definition)
        with Linear.open(folder, "L", definition, mode="w") as linear:
            linear.append(b"x" * 4096)
            linear.append(bytes(4096))
            assert space_map(linear.image()).areas[0].fill == [100, None]


class TestPicture:
    def test_it_is_well_formed_and_the_same_every_time(self, folder: MemoryFolder) -> None:
        drawn = picture(mapped(folder), "BANK.<ACCOUNTS>")
        assert drawn == picture(mapped(folder), "BANK.<ACCOUNTS>")
        root = ElementTree.fromstring(drawn)
        assert root.tag == f"{SVG}svg"
        assert root.findtext(f"{SVG}title") == "BANK.<ACCOUNTS>: control intervals"

    def test_each_interval_has_a_cell_and_nothing_lies_outside(self, folder: MemoryFolder) -> None:
        spoil(folder, "data", 512 + 3)
        found = mapped(folder)
        root = ElementTree.fromstring(picture(found, "A"))
        width, height = float(root.get("width", "0")), float(root.get("height", "0"))
        cells = {
            fill: sum(path.get("d", "").count("M") for path in root.iter(f"{SVG}path") if path.get("fill") == fill)
            for fill in (*RAMP, PAPER, RED, SPANNED, *LEVELS)
        }
        used = sum(found.histogram)
        assert sum(cells[colour] for colour in RAMP) == used
        assert cells[PAPER] == found.count(None)
        assert cells[RED] == found.count(DAMAGED) == 1
        assert cells[SPANNED] == 3 + 1, "and one in the legend"
        places = [
            (float(x), float(y))
            for path in root.iter(f"{SVG}path")
            for x, y in re.findall(r"M([\d.]+) ([\d.]+)", path.get("d", ""))
        ]
        assert all(0 <= x < width and 0 <= y < height for x, y in places)

    def test_words_and_figures_a_person_needs(self, folder: MemoryFolder) -> None:
        texts = [text.text or "" for text in ElementTree.fromstring(picture(mapped(folder), "A.B")).iter(f"{SVG}text")]
        assert texts[0] == "A.B"
        assert texts[1].startswith("41 records  ") and "4 CIs of 512 bytes a control area" in texts[1]
        for words in ("fill", "free", "damaged", "segment", "CA 0", "index"):
            assert words in texts

    def test_one_record_is_one(self) -> None:
        folder = MemoryFolder()
        KeySequenced.create(folder, STEM, tiny())
        with KeySequenced.open(folder, STEM, tiny(), mode="w") as cluster:
            cluster.insert(bytes(tiny().key_end))
            drawn = picture(space_map(cluster.image()), "A.B")
        assert ">1 record  " in drawn and "1 index level<" in drawn

    def test_a_data_set_never_loaded(self) -> None:
        folder = MemoryFolder()
        KeySequenced.create(folder, STEM, tiny())
        with KeySequenced.open(folder, STEM, tiny()) as cluster:
            assert "never loaded" in picture(space_map(cluster.image()), "A")

    @pytest.mark.parametrize("intervals", [1000, 3000, 20_000, 40_000])
    def test_cells_shrink_as_clusters_grow(self, intervals: int, folder: MemoryFolder) -> None:
        found = mapped(folder)
        dice = random.Random(5)
        area = found.areas[0]
        many = [
            type(area)(at, at, [dice.choice([None, 7, 100]) for _ in range(200)], frozenset())
            for at in range(intervals // 200)
        ]
        drawn = picture(SpaceMap(found.image, many, []), "A")
        assert len(drawn) < 60 * intervals + 60_000
        ElementTree.fromstring(drawn)
