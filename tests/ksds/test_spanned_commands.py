"""The command line on spanned records: get, browse, ci, map, examine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ksds import cli
from ksds.cluster.definition import ClusterDefinition
from ksds.codepage import code_page
from ksds.system import System

NAME = "BANK.LETTERS"
PAGE = code_page()
RECORDS = [PAGE.encode(f"{number:04}") + PAGE.encode("A") * (number * 300) for number in range(6)]


@pytest.fixture
def system(tmp_path: Path) -> str:
    """A system folder with a spanned KSDS of records of 4 to 1504 bytes in control intervals of 512."""
    definition = ClusterDefinition(
        name=NAME, key_length=4, key_offset=0, average_record=500, maximum_record=2000, ci_size=512, index_ci_size=512,
        cis_per_ca=20, spanned=True,
    )  # fmt: skip
    with System.open(tmp_path / "s") as system:
        system.define_cluster(definition, created=date(2026, 1, 1))
        with system.key_sequenced(NAME, "w") as cluster:
            cluster.load(RECORDS)
    return str(tmp_path / "s")


def shown(system: str, capfd: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert cli.run(["--system", system, *words]) == 0
    return capfd.readouterr().out.splitlines()


def test_get_gives_the_whole_record(system: str, capfd: pytest.CaptureFixture[str]) -> None:
    (line,) = shown(system, capfd, "get", NAME, "0004")
    assert line == "0004" + "A" * 1200


def test_browse_gives_each_record_once(system: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert [line[:4] for line in shown(system, capfd, "browse", NAME)] == [f"{number:04}" for number in range(6)]


def test_ci_says_which_segment_it_is(system: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The record of 604 bytes begins CI 1: CI 0 holds the two shorter ones."""
    first, last = (" ".join(shown(system, capfd, "ci", NAME, number)) for number in ("1", "2"))
    assert "first segment of a record, 502 bytes, key 0002" in first
    assert "RDF 2: update number 0" in first
    assert "RDF 1: length 502, first segment" in first
    assert "last segment of a record, 102 bytes" in last and "key" not in last


def test_map_and_examine_know_segments(system: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Segments but the last of a record fill their intervals."""
    lines = shown(system, capfd, "map", NAME)
    assert lines[-1] == "  6#2#8##4###........."
    assert any("NO ERRORS DETECTED" in line for line in shown(system, capfd, "examine", NAME))
