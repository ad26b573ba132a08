"""docs/COPYBOOKS.md says what the commands do: each is run, and prints what stands below it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ksds import cli, host_files
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.system import System

PAGE = (Path(__file__).parents[3] / "docs" / "COPYBOOKS.md").read_text(encoding="utf-8")
BAD = "F0F0F1F0F0F3D7C1C2C3" + "40" * 22 + "F0F0"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """(command line, what it prints) in the order of the page."""
    return [
        (line, printed)
        for block in blocks("console")
        for line, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    for name, text in zip(("order.cpy", "ordline.cpy"), blocks("cobol"), strict=True):
        Path(name).write_text(text)
    (first,) = blocks("json")
    Path("first.json").write_text(first)
    space = SpaceQuantity("TRACKS", 1, 1)
    request = SpaceRequest(name="SHOP.ORDERS", space=space, key_length=6, average_record=60, maximum_record=194)
    with System.open("system") as system:
        system.define_cluster(derive(request))
    Path("bad.txt").write_text(BAD)


def test_the_commands_print_what_is_shown(
    shop: None, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(commands()) > 7
    for line, printed in commands():
        if line.startswith("cat "):
            assert Path(line.removeprefix("cat ")).read_text() == printed
            continue
        if line.startswith("echo "):
            said, line = line.removeprefix("echo ").split(" | ")
            Path("typed").write_text(shlex.split(said)[0])
            monkeypatch.setattr(host_files, "STANDARD_INPUT", Path("typed"))
        words = shlex.split(line)
        assert words[0] == "ksds"
        status = cli.run(words[1:])
        told = capfd.readouterr()
        assert [one.rstrip() for one in (told.out + told.err).splitlines()] == printed.splitlines(), line
        assert status == (4 if "KSD021W" in printed else 0)


def test_the_program_runs() -> None:
    (program,) = blocks("python")
    exec(compile(program, "COPYBOOKS.md", "exec"), {})  # noqa: S102 -- our own page
