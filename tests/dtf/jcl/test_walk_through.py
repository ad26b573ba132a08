"""The commands of docs/JCL.md, typed one after the other: each prints the lines that the page shows below it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from dtf.cli import carry_out

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = REPOSITORY / "docs" / "JCL.md"
TIME = re.compile(r"^\d\d\.\d\d\.\d\d ")


def commands() -> list[tuple[list[str], list[str]]]:
    """(words, lines shown), in the order of the page."""
    found: list[tuple[list[str], list[str]]] = []
    for block in re.findall(r"```\n(\$.*?)```", PAGE.read_text(), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ dtf "):
                found.append((shlex.split(line.removeprefix("$ dtf ")), []))
            else:
                found[-1][1].append(TIME.sub("", line))
    return found


def test_the_page_walks_through_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)
    typed = commands()
    assert len(typed) >= 9
    for words, shown in typed:
        assert carry_out(["--system", str(tmp_path / "nyc"), *words]) in (0, 4, 16), words
        printed = [TIME.sub("", line) for line in capsys.readouterr().out.splitlines()]
        assert [line for line in shown if line not in printed] == [], words
