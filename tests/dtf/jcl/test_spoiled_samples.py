"""The sample decks, spoiled at random and run: every one ends with codes and messages, never with a traceback."""

from __future__ import annotations

import os
import random
from datetime import datetime
from pathlib import Path

import pytest

from dtf.errors import DtfError
from dtf.jcl.libraries import ProcedureLibraries
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.runner import Replay
from ksds.system import System

SAMPLES = sorted((Path(__file__).resolve().parents[3] / "jcl_samples").glob("*.jcl"))
SEEDS = int(os.environ.get("FUZZ_SEEDS", "2"))
SPICE = "()',&=.*/ -ABDCHNSIPZ0919@+:|\x00"


def spoiled(deck: str, random_: random.Random) -> str:
    text = list(deck)
    for _ in range(random_.randrange(1, 8)):
        place = random_.randrange(len(text))
        kind = random_.randrange(5)
        if kind == 0:
            text[place] = random_.choice(SPICE)
        elif kind == 1:
            text.insert(place, random_.choice(SPICE))
        elif kind == 2:
            del text[place : place + random_.randrange(1, 4)]
        elif kind == 3:
            text[place] = random_.choice("0123456789")
        else:
            del text[place : place + random_.randrange(1, 90)]
    return "".join(text)


@pytest.mark.fuzz
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_spoiled_sample_ends_with_a_code(sample: Path, tmp_path: Path) -> None:
    deck = sample.read_text()
    for seed in range(SEEDS):
        text = spoiled(deck, random.Random(f"{sample.stem} {seed}"))
        with System.open(tmp_path / f"s{seed}") as system:
            replay = Replay(
                system=system,
                programs=PROGRAMS,
                clock=lambda: datetime(2026, 11, 23),
                libraries=ProcedureLibraries(system),
                release=True,
            )
            try:
                for result in replay.run(text):
                    assert 0 <= result.condition_code <= 4095, f"seed {seed}"
            except DtfError as error:
                assert error.message_id in ("DTX400E", "DTX467E"), f"seed {seed}: {error}"
            except Exception as error:
                raise AssertionError(f"seed {seed}: {type(error).__name__} {error}\n{text}") from error
