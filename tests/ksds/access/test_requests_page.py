"""docs/REQUESTS.md says what the code does: its program runs, its script prints what is shown, its codes are right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksds import cli
from ksds import errors as all_errors
from ksds.access import file_status
from ksds.access.options import Optcd
from ksds.access.placeholder import after_failure
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.codepage import code_page
from ksds.errors import LogicalError
from ksds.system import System

PAGE = (Path(__file__).parents[3] / "docs" / "REQUESTS.md").read_text(encoding="utf-8")
ORDERS = ("SEQ", "DIR", "SKP")


def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return found


def table(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading."""
    (found,) = re.findall(rf"^\| {re.escape(heading)}.*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found.splitlines()]


def codes(kind: type[LogicalError] = LogicalError) -> Iterator[type[LogicalError]]:
    for error in kind.__subclasses__():
        if error.symbol and error.__module__ == all_errors.__name__:
            yield error
        yield from codes(error)


def test_the_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block("python"), "REQUESTS.md", "exec"), {})  # noqa: S102 -- our own page


def test_the_script_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    request = SpaceRequest(
        name="TEST.DATA", space=SpaceQuantity("TRACKS", 1, 1), key_length=4, average_record=20, maximum_record=80
    )
    with System.open("system") as system:
        system.define_cluster(derive(request))
        with system.key_sequenced("TEST.DATA", mode="w") as data:
            data.load(code_page("cp037").pad(f"{key:04} RECORD", 20) for key in (0, 10, 20))
    Path("script").write_text(block("script"), encoding="utf-8")
    assert cli.run(["rpl", "TEST.DATA", "script"]) == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == block("text").splitlines()


def test_every_code_is_listed_with_symbol_and_file_status() -> None:
    listed = {int(row[0]): row for row in table("reason | hex")}
    options = [Optcd(kind=kind, order=order) for kind in ("KEY", "ADR", "CNV") for order in ORDERS]
    for error in codes():
        reason, hexadecimal, symbol, statuses, _ = listed.pop(error.feedback)
        assert (int(hexadecimal, 16), symbol) == (int(reason), error.symbol)
        expected = {
            file_status.of_request(verb, optcd, error("x"))
            for verb in ("GET", "PUT", "ERASE", "POINT")
            for optcd in options
        }
        assert set(statuses.split()) == expected, f"reason {reason}"
    assert not listed, "codes of nothing"


def test_the_positions_after_errors_are_those_of_the_code() -> None:
    for reason, *row in table("reason | SEQ"):
        feedback = 104 if reason == "all others" else int(reason)
        failure = LogicalError("x", feedback=feedback)
        assert row == [after_failure(failure, order) for order in ORDERS]
