"""docs/TENSORS.md says what the code does: its commands print what is shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ksds import cli
from tests.ksds.tensors import sets
from tests.ksds.tensors.sets import INT64, Made

PAGE = (Path(__file__).parents[3] / "docs" / "TENSORS.md").read_text(encoding="utf-8")


def commands() -> list[tuple[list[str], str]]:
    """Each command of the page in order, and what it shows."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for command, output in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE):
            found.append((shlex.split(command), output))
    return found


def test_the_commands_print_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    for folder in ("train", "restored"):
        (tmp_path / folder).mkdir()
    sets.write(tmp_path / "train", "model.ckpt-200", sets.some(), 2, meta=b"graph")
    step = (20).to_bytes(8, "little")
    sets.write(tmp_path / "train", "model.ckpt-20", [Made(b"global_step", INT64, (), step)])
    assert len(commands()) >= 4
    for (program, *arguments), output in commands():
        assert program == "ksds"
        assert cli.run(arguments) == 0
        assert capsys.readouterr().out == output
