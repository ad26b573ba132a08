"""Every deck of jcl_samples runs and prints what its golden file says, byte for byte, at a fixed time of day.

After a wanted change: WRITE_GOLDEN=1 python -m pytest tests/dtf/jcl/test_samples.py, and read the difference.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from dtf.jcl.programs import PROGRAMS
from dtf.jcl.runner import Replay
from ksds.system import System

REPOSITORY = Path(__file__).resolve().parents[3]
SAMPLES = REPOSITORY / "jcl_samples"
GOLDEN = REPOSITORY / "tests" / "golden"
NOON = datetime(2026, 11, 23, 12, 0, 0)
DECKS = {
    "cond_ladder": (["cond_ladder"], 8),
    "instream_data": (["instream_data"], 0),
    "dispositions": (["dispositions", "dispositions"], 0),
    "abend": (["abend"], 16),
    "jcl_errors": (["jcl_errors"], 16),
    "ksds_load": (["ksds_load"], 0),
    "unload": (["ksds_load", "unload"], 0),
}
"""Golden file -> the decks to run before and including it, and the exit status of the last."""


def compare(name: str, lines: list[str]) -> None:
    golden = GOLDEN / f"{name}.txt"
    text = "".join(f"{line}\n" for line in lines)
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("name", DECKS)
def test_a_sample_prints_its_golden_spool(name: str, tmp_path: Path) -> None:
    decks, expected = DECKS[name]
    with System.open(tmp_path / "nyc") as system:
        replay = Replay(system=system, programs=PROGRAMS, clock=lambda: NOON)
        for deck in decks:
            [result] = replay.run((SAMPLES / f"{deck}.jcl").read_bytes())
    assert result.condition_code == expected
    compare(name, list(result.spool.printed()))


def test_every_sample_deck_is_tested() -> None:
    tested = {deck for decks, _ in DECKS.values() for deck in decks} | {"first_light"}
    assert {path.stem for path in SAMPLES.glob("*.jcl")} == tested


def test_sample_decks_are_cards() -> None:
    for path in SAMPLES.glob("*.jcl"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= 71, f"{path.name}:{number}"
            assert line.isascii(), f"{path.name}:{number}"
