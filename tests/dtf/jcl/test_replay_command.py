"""`dtf replay` as people and scripts use it: options, exit status, one line for what is wrong, a killed process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dtf.cli import carry_out
from dtf.errors import UsageError
from dtf.jcl.replay_command import parse_stubs, parse_symbols, read_deck
from dtf.jcl.spool import reserve
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
    replay(tmp_path, deck(tmp_path, "// SET A=1", "//A EXEC PGM=IEFBR14"), "--why")
    out = capsys.readouterr().out
    assert "$HASP395 J        ENDED - RC=0000" in out
    assert "IEF142I J A - STEP WAS EXECUTED - COND CODE 0000" in out
    assert "Step A runs IEFBR14." in out


def test_json_is_one_object_a_job_with_the_keys_that_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (
        "//A EXEC PGM=IEFBR14",
        "//D DD DSN=A.NEW,DISP=(,CATLG)",
        "//B EXEC PGM=NOSUCH",
        "//J2 JOB",
        "//S EXEC FOO=1",
    )
    assert replay(tmp_path, deck(tmp_path, *lines), "--json") == 16
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["job"], first["jobid"], first["status"], first["condition_code"]) == (
        "J",
        "JOB00001",
        "ABEND S806",
        16,
    )
    assert first["steps"][1] == {
        **{"step": "B", "procstep": "", "program": "NOSUCH"},
        **{"code": None, "abend": "S806", "reason": None},
    }
    assert first["data_sets"] == [{"step": "A", "ddname": "D", "name": "A.NEW", "status": "CATALOGED", "created": True}]
    assert [file["ddname"] for file in first["spool"]] == ["JESMSGLG", "JESJCL", "JESYSMSG"]
    assert second["status"] == "JCL ERROR"
    assert second["diagnostics"][0]["id"] == "DTX402E"
    assert first.keys() == second.keys()


def test_explain_runs_nothing_and_graph_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ("//A EXEC PGM=IEFBR14", "//D DD DSN=A.NEW,DISP=(,CATLG)", "//E DD DSN=&&X<Y,DISP=(,PASS)")
    good, picture = deck(tmp_path, *lines[:2]), tmp_path / "job.svg"
    assert replay(tmp_path, good, "--explain", "--graph", str(picture)) == 0
    assert "Step A runs IEFBR14." in capsys.readouterr().out
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    with System.open(tmp_path / "nyc") as system:
        assert not system.exists("A.NEW")
    assert replay(tmp_path, good, "--graph", str(picture)) == 0
    text = picture.read_text()
    assert "A.NEW" in text
    assert "A IEFBR14 CC 0000" in text
    assert replay(tmp_path, deck(tmp_path, *lines), "--explain") == 16
    assert replay(tmp_path, good, "--graph", str(tmp_path / "no" / "such.svg")) in (2, 8)


def test_the_spool_is_kept_and_read_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = ("//G EXEC PGM=IEBGENER", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD DUMMY", "//SYSUT2 DD SYSOUT=*")
    replay(tmp_path, deck(tmp_path, *step, "//SYSUT1 DD *", "HELLO"))
    printed = capsys.readouterr().out
    dtf = ["--system", str(tmp_path / "nyc")]
    assert carry_out([*dtf, "spool", "1"]) == 0
    assert capsys.readouterr().out == printed
    assert carry_out([*dtf, "spool", "JOB00001", "g.sysut2"]) == 0
    assert capsys.readouterr().out == "HELLO\n"
    assert carry_out([*dtf, "spool", "1", "SYSUT2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"step": "G", "ddname": "SYSUT2", "lines": ["HELLO"]}]
    assert carry_out([*dtf, "jobs"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["JOB00001", "J"]
    assert carry_out([*dtf, "jobs", "OTHER", "--json"]) == 0
    assert capsys.readouterr().out == ""
    assert carry_out([*dtf, "spool", "2"]) == 8
    assert carry_out([*dtf, "spool", "1", "NODD"]) == 8


def test_a_job_whose_replay_was_killed_is_listed_as_not_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with System.open(tmp_path / "nyc") as system:
        reserve(system, "KILLED")
    assert carry_out(["--system", str(tmp_path / "nyc"), "jobs"]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith("NOT ENDED")


def test_procedures_from_a_folder_and_a_held_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    procs = tmp_path / "procs"
    procs.mkdir()
    (procs / "copyproc.jcl").write_text("//ONE EXEC PGM=IEFBR14\n")
    (procs / "MY.LIB(OTHER).prc").write_text("//TWO EXEC PGM=IEFBR14\n")
    lines = ("// JCLLIB ORDER=MY.LIB", "//S EXEC COPYPROC", "//T EXEC OTHER")
    assert replay(tmp_path, deck(tmp_path, *lines), "--proclib", str(procs), "--proclib", f"my.lib={procs}") == 0
    assert "PROCEDURE OTHER WAS EXPANDED USING PRIVATE LIBRARY MY.LIB" in capsys.readouterr().out
    assert replay(tmp_path, deck(tmp_path, *lines), "--proclib", str(tmp_path / "none")) in (2, 8)
    (tmp_path / "held").write_text("//H JOB TYPRUN=HOLD\n//S EXEC PGM=IEFBR14\n")
    assert replay(tmp_path, str(tmp_path / "held")) == 4
    assert replay(tmp_path, str(tmp_path / "held"), "--release") == 0


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
