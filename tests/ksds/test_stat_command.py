"""`ksds stat` as its users meet it. The figures themselves: tests/ksds/figures; the whole table: tests/golden."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ksds import cli
from ksds.cluster.definition import ClusterDefinition
from ksds.system import System


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder whose system holds A.K of 40 records, five to a CI."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    definition = ClusterDefinition(
        name="A.K", key_length=4, average_record=100, maximum_record=100, ci_size=512, index_ci_size=512, cis_per_ca=4
    )
    with System.open("system") as system:
        system.define_cluster(definition)
        with system.cluster("A.K", "w") as cluster:
            cluster.load(b"%04d" % number + bytes(96) for number in range(40))
    return tmp_path


def test_the_object_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["stat", "a.k", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["name"], found["organization"], found["damage"]) == (1, "A.K", "KSDS", [])
    assert found["records"]["count"] == 40
    assert found["histograms"]["ci_fill"][-1] == {"from": 99, "to": 100, "count": 8}


def test_pictures_instead_of_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["stat", "A.K", "--svg", "k.svg", "--png", "k.png"]) == 0
    assert capsys.readouterr().out == ""
    assert ElementTree.parse("k.svg").getroot().tag.endswith("svg")
    assert Path("k.png").read_bytes().startswith(b"\x89PNG")


def test_without_pillow_png_says_what_to_install(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "ksds.figures.png", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert cli.run(["stat", "A.K", "--png", "k.png"]) == 12
    assert capsys.readouterr().err == "KSD012E Pillow IS NOT INSTALLED: pip install 'ksds-dtf[png]'\n"
    assert not Path("k.png").exists()


def test_damage_is_named_and_decides_the_exit_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = (folder / "system").rglob("A.K*.data")
    content = bytearray(path.read_bytes())
    content[600] ^= 1
    path.write_bytes(content)
    assert cli.run(["stat", "A.K"]) == 8
    said = capsys.readouterr()
    assert said.err.startswith("KSD008W DATA RBA 512 TO 1023 lost: ") and said.err.count("\n") == 1
    assert "COUNT                         35" in said.out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["A.NONE"], 8, "IDC3012I ENTRY A.NONE NOT FOUND"),
        (["../x"], 12, "IDC3203I"),
        (["A.G"], 12, "GDG is not a cluster: name a generation, such as A.G(0)"),
        (["A.K", "--svg", "no/such/folder.svg"], 12, "KSD002E"),
    ],
)
def test_mistakes_are_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    Path("g").write_text(" DEFINE GDG(NAME(A.G) LIMIT(3))\n", encoding="utf-8")
    cli.run(["idcams", "g"])
    capsys.readouterr()
    assert cli.run(["stat", *words]) == status
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
