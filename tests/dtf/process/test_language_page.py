"""The page that describes the language shows Processes that run, and names what the code knows."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from dtf.errors import ProcessError
from dtf.process import intrinsic_values, parse, resolve
from dtf.process.side_operands import CARRIED, CARRIED_WORDS
from dtf.process.statements import CONDITIONS
from dtf.process.symbols import INTRINSICS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "PROCESS_LANGUAGE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_are_processes(number: int) -> None:
    example = re.findall(r"```process\n(.*?)```", PAGE, re.DOTALL)[number]
    process = resolve(parse(example), {}, intrinsic_values(datetime(2026, 1, 31), pnode="CD.LOCAL"))
    assert process.name == "PAYDAY"
    first = process.copies[0]
    assert first.checkpoint == 10_000_000
    assert first.target.name == ("BR.PAY.D20260131", "BR.PAY.INPUT")[number]


def test_the_shown_error_is_what_is_printed() -> None:
    shown = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[0]
    with pytest.raises(ProcessError) as caught:
        resolve(parse("P PROCESS SNODE=A\n" + shown.splitlines()[1]))
    assert f"{caught.value}\n{caught.value.marked}\n" == shown


def test_every_known_word_is_on_the_page() -> None:
    words = set(re.findall(r"[A-Z0-9]+", PAGE))
    assert words >= set(CARRIED) | CARRIED_WORDS
    assert words >= INTRINSICS
    assert all(condition in PAGE for condition in CONDITIONS)
