"""Tracks, percent used and extents: those that LISTCAT shows of the same data set."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from ksds import idcams
from ksds.catalog.entries import ComponentEntry, NonVsamEntry, Space
from ksds.datasets import DataSetAttributes
from ksds.figures.tracks import TrackUse, of_component, of_data_set
from ksds.system import System


@pytest.mark.parametrize("space", ["TRK(2 1)", "CYL(1 1)", "TRK(5 3)"])
@pytest.mark.parametrize("count", [0, 100, 5000])
def test_components_have_the_tracks_that_listcat_shows(tmp_path: Path, space: str, count: int) -> None:
    with System.open(tmp_path / "system") as system:

        def run(text: str) -> str:
            lines: list[str] = []
            assert idcams.run(system, text, now=datetime(2026, 1, 1), sysprint=lines.append).max_cc == 0
            return "\n".join(lines)

        run(f" DEFINE CLUSTER(NAME(A.K) KEYS(4 0) RECSZ(80 80) {space})\n")
        with system.cluster("A.K", "w") as cluster:
            cluster.load(b"%04d" % number + bytes(76) for number in range(count))
        for component in ("DATA", "INDEX"):
            listed = run(f" LISTCAT ENTRIES(A.K) {component} ALL\n")
            (entry,) = system.entries(f"A.K.{component}")
            assert isinstance(entry, ComponentEntry)
            with system.cluster("A.K") as cluster:
                use = of_component(entry, cluster.statistics)
            assert use.tracks == sum(map(int, re.findall(r"TRACKS-+(\d+)$", listed, re.MULTILINE)))
            assert use.extents == int(re.findall(r"EXTENTS-+(\d+)", listed)[0])
            used, there = (int(re.findall(rf"{name}-+(\d+)", listed)[0]) for name in ("HI-U-RBA", "HI-A-RBA"))
            assert use.used == -(-used * use.tracks // there)


def entry(unit: str, primary: int, secondary: int) -> NonVsamEntry:
    space = Space(unit=unit, primary=primary, secondary=secondary)
    return NonVsamEntry(name="A.B", attributes=DataSetAttributes("FB", 80, 27920), file_name="a.b", space=space)


@pytest.mark.parametrize(
    ("asked", "blocks", "expected"),
    [
        (("", 0, 0), 0, TrackUse(0, 0, 1)),
        (("", 0, 0), 3, TrackUse(2, 2, 1)),
        (("TRACK", 10, 5), 0, TrackUse(10, 0, 1)),
        (("TRACK", 10, 5), 3, TrackUse(10, 2, 1)),
        (("TRACK", 10, 5), 21, TrackUse(15, 11, 2)),
        (("CYLINDER", 1, 1), 100, TrackUse(60, 50, 4)),
        (("TRACK", 2, 0), 10, TrackUse(5, 5, 1)),
    ],
)
def test_a_data_set_grows_by_its_secondary_quantity(asked, blocks: int, expected: TrackUse) -> None:
    """Two blocks of half a track to a track."""
    assert of_data_set(entry(*asked), blocks * 27920) == expected
    assert expected.percent == (100 * expected.used // expected.tracks if expected.tracks else 0)
