"""The program `ksds` on alternate indexes and paths: the same commands, by another key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ksds import cli

STATEMENTS = """
 DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(4 0) RECSZ(40 80))
 DEFINE AIX(NAME(A.NAME) RELATE(A.B) TRK(1 1) KEYS(8 4))
 DEFINE PATH(NAME(A.PATH) PATHENTRY(A.NAME))
"""


class Shell:
    """Runs command lines in one system and gives back what they printed. `given` goes into a file, the last operand."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str, given: str = "", status: int = 0) -> str:
        if given:
            Path("given").write_text(given)
            words = (*words, "given")
        self._capsys.readouterr()
        found = cli.run([*words])
        out, err = self._capsys.readouterr()
        assert found == status, err
        return out + err


@pytest.fixture
def ksds(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A.B with three people, the index A.NAME, the path A.PATH."""
    monkeypatch.chdir(tmp_path)
    shell = Shell(capsys)
    shell("idcams", given=STATEMENTS)
    for person in ("0001SMITH   NYC", "0002JONES   LON", "0003SMITH   LON"):
        shell("put", "A.B", "--text", given=person)
    shell("idcams", given=" BLDINDEX INDATASET(A.B) OUTDATASET(A.NAME)")
    return shell


def test_get_and_browse_by_the_alternate_key(ksds: Shell) -> None:
    assert ksds("get", "A.PATH", "JONES") == "0002JONES   LON\n"
    assert ksds("browse", "A.PATH").split("\n")[:3] == ["0002JONES   LON", "0001SMITH   NYC", "0003SMITH   LON"]
    assert ksds("browse", "A.PATH", "--prefix", "J") == "0002JONES   LON\n"
    assert "FEEDBACK 16" in ksds("get", "A.PATH", "NOBODY", status=8)


def test_json_says_where_each_record_is_in_the_base(ksds: Shell) -> None:
    found = [json.loads(line) for line in ksds("browse", "A.PATH", "--json", "--prefix", "SM").splitlines()]
    assert [(one["key"], one["ci"], one["rba"]) for one in found] == [("SMITH   ", 0, 0), ("SMITH   ", 0, 30)]


def test_put_and_erase_through_a_path_change_base_and_index(ksds: Shell) -> None:
    ksds("put", "A.PATH", "--text", given="0007DOE     OSL")
    ksds("put", "A.PATH", "--text", "--update", given="0007DOE     ROM")
    assert "FEEDBACK 96" in ksds("put", "A.PATH", "--text", "--update", given="0007ROE     ROM", status=8)
    ksds("erase", "A.PATH", "SMITH")
    assert ksds("browse", "A.B").splitlines() == ["0002JONES   LON", "0003SMITH   LON", "0007DOE     ROM"]
    assert ksds("browse", "A.PATH").splitlines() == ["0007DOE     ROM", "0002JONES   LON", "0003SMITH   LON"]
    assert ksds("examine", "A.PATH", "--json") == ""


def test_an_index_under_its_own_name_is_a_ksds(ksds: Shell) -> None:
    assert ksds("get", "A.NAME", "JONES", "--format", "hex") == "0104000108D1D6D5C5E2404040F0F0F0F2\n"
    assert ksds("map", "A.NAME").startswith("A.NAME: 2 RECORDS")


def test_examine_of_a_path_shows_where_index_and_base_disagree(ksds: Shell) -> None:
    """An index that a program writes into behind its base's back."""
    ksds("erase", "A.NAME", "JONES")
    found = json.loads(ksds("examine", "A.PATH", "--json", status=8))
    assert found["message"] == "A.NAME: alternate key D1D6D5C5E2404040 is missing"


def test_listcat_of_types(ksds: Shell) -> None:
    found = ksds("listcat", "AIX", "PATH")
    assert "AIX ----------- A.NAME" in found and "PATH ------- A.PATH" in found and "CLUSTER ---" not in found[:200]
    assert json.loads(ksds("listcat", "A.PATH", "--json"))["over"] == "A.NAME"
