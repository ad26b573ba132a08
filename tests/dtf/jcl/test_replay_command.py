"""`dtf replay` as people and scripts use it: options, exit status, one line for what is wrong, a killed process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dtf.cli import carry_out
from dtf.errors import UsageError
from dtf.jcl.replay_command import parse_stubs, parse_symbols, read_deck
from ksds.datasets import DataSetAttributes
from ksds.system import System

REPOSITORY = Path(__file__).resolve().parents[3]
FIRST_LIGHT = REPOSITORY / "jcl_samples" / "first_light.jcl"


def deck(folder: Path, *lines: str) -> str:
    path = folder / "deck.jcl"
    path.write_text("\n".join(["//J JOB MSGLEVEL=(0,0)", *lines]))
    return str(path)


def replay(folder: Path, *arguments: str) -> int:
    return carry_out(["--system", str(folder / "nyc"), "replay", *arguments])


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("//A EXEC PGM=IEFBR14",), 0),
        (("//A EXEC PGM=PAYROLL", "//B EXEC PGM=IEFBR14"), 8),
        (("//A EXEC PGM=NOSUCH",), 16),
        (("//A EXEC PGM=IEFBR14,FOO=BAR",), 16),
        (("//A EXEC PGM=IEFBR14", "//D DD DSN=NOT.THERE,DISP=SHR"), 16),
    ],
)
def test_the_exit_status_is_the_highest_code_or_16(lines: tuple[str, ...], status: int, tmp_path: Path) -> None:
    assert replay(tmp_path, deck(tmp_path, *lines), "--stub", "payroll=8") == status


def test_the_spool_goes_to_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay(tmp_path, deck(tmp_path, "// SET A=1", "//A EXEC PGM=IEFBR14"), "--explain")
    out = capsys.readouterr().out
    assert "$HASP395 J        ENDED - RC=0000" in out
    assert "IEF142I J A - STEP WAS EXECUTED - COND CODE 0000" in out
    assert "Step A runs IEFBR14." in out


def test_symbols_and_restart_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ("// SET Q=A", "//A EXEC PGM=NOSUCH", "//B EXEC PGM=IEFBR14", "//D DD DSN=&Q..X,DISP=(,CATLG)")
    assert replay(tmp_path, deck(tmp_path, *lines), "--set", "q=B", "--restart", "b") == 0
    with System.open(tmp_path / "nyc") as system:
        assert system.exists("B.X")


@pytest.mark.parametrize(
    "arguments",
    [
        ("no/such/deck",),
        (".",),
        ("DECK", "--set", "X"),
        ("DECK", "--set", "TOOLONGNAME=1"),
        ("DECK", "--stub", "A"),
        ("DECK", "--stub", "A=4096"),
        ("DECK", "--stub", "A=-1"),
        ("DECK", "--fault", "session"),
        ("DECK", "--colour"),
    ],
)
def test_what_is_wrong_with_the_command_line_is_one_line(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [deck(tmp_path, "//A EXEC PGM=IEFBR14") if word == "DECK" else word for word in arguments]
    assert replay(tmp_path, *words) in (2, 8)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "nyc").exists()


def test_an_empty_deck_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n\n")
    assert replay(tmp_path, str(empty)) == 16
    assert capsys.readouterr().err == "DTX400E THE DECK HOLDS NO JOB\n"


def test_option_values() -> None:
    assert parse_symbols(["&A=1", "b=X=Y", "C="]) == {"A": "1", "B": "X=Y", "C": ""}
    assert sorted(parse_stubs(["sort=4", "FTP=0"])) == ["FTP", "SORT"]


def test_a_deck_of_absurd_size_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(UsageError, match="LONGER THAN"):
        read_deck(large)


@pytest.mark.kill
@pytest.mark.parametrize("fault", ["kill-receiver@percent:60", "kill-sender@ckpt:3"])
def test_a_job_killed_in_its_copy_goes_on_from_the_checkpoint(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole process dies in step SEND. `dtf run` finishes the copy, `--restart` the job."""
    records = [
        line.ljust(80).encode("cp037") for line in (FIRST_LIGHT.parent / "accounts.txt").read_text().splitlines()
    ]
    with System.open(tmp_path / "nyc") as system:
        system.allocate("DEMO.ACCOUNTS.INPUT", DataSetAttributes("FB", 80))
        with system.sequential("DEMO.ACCOUNTS.INPUT", "w") as data_set:
            data_set.append(records)
    assert carry_out(["--system", str(tmp_path / "nyc"), "node", "add", "CHI", "--folder", str(tmp_path / "chi")]) == 0
    command = ["-c", "from dtf.cli import main; main()", "--system", str(tmp_path / "nyc"), "replay", str(FIRST_LIGHT)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    killed = subprocess.run(
        [sys.executable, *command, "--fault", fault], env=environment, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL

    capsys.readouterr()
    assert carry_out(["--system", str(tmp_path / "nyc"), "run"]) == 0
    assert "RESTARTED FROM THE CHECKPOINT RECORD" in capsys.readouterr().out
    assert replay(tmp_path, str(FIRST_LIGHT), "--restart", "UNLOAD") == 0
    with System.open(tmp_path / "nyc") as system, System.open(tmp_path / "chi") as partner:
        assert list(partner.records("CHI.ACCOUNTS")) == records
        assert list(system.records("DEMO.ACCOUNTS.UNLOAD")) == records
