"""The real thing: `dtf submit` is killed with SIGKILL at ten places, `dtf run` goes on, the bytes are the same."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dtf.cli import carry_out as dtf_program
from ksds import DataSetAttributes, System
from ksds.cli import run as ksds_program
from tests.dtf.forked_programs import Forked

ROOT = Path(__file__).resolve().parents[2]
SIZE = 6_000_000
INTERVAL = 502_200  # 500K to the nearest block of 27900
BUFFER = 256 * 1024
PLACES = [
    *("kill-receiver@ckpt:1", "kill-receiver@ckpt:5", "kill-sender@ckpt:11", "kill-sender@0", "kill-sender@1"),
    *("kill-receiver@1500K", "kill-sender@4M", "kill-receiver@record:100", "kill-receiver@percent:50"),
    "kill-sender@percent:100",
]

pytestmark = pytest.mark.kill


def program(*arguments: str, system: Path) -> int:
    """The exit status of `dtf` as a user starts it."""
    command = [sys.executable, "-m", "dtf", "--system", str(system), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, check=False, env=environment, timeout=120).returncode


def assert_same(nyc, lon):
    """PAY.DST has the bytes of PAY.SRC."""
    with System.open(nyc) as system, system.sequential("PAY.SRC") as data_set:
        sent = data_set.read(0, SIZE)
    with System.open(lon) as system, system.sequential("PAY.DST") as data_set:
        assert data_set.read(0, SIZE + 1) == sent


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """Two nodes; NYC holds a data set of some MiB; a Process that copies it."""
    folder = tmp_path_factory.mktemp("template")
    with System.open(folder / "nyc") as system:
        system.allocate("PAY.SRC", DataSetAttributes("FB", 100, 27900))
        with system.sequential("PAY.SRC", "w") as data_set:
            data_set.append(f"{n:010d}".encode("cp037") * 10 for n in range(SIZE // 100))
    copy = "STEP01 COPY FROM (DSN=PAY.SRC) CKPT=500K TO (DSN=PAY.DST DISP=(NEW,CATLG))"
    (folder / "payday.cdp").write_text(f"PAYDAY PROCESS SNODE=LON\n{copy}\n", encoding="utf-8")
    return folder


@pytest.fixture
def folders(template: Path, tmp_path: Path) -> tuple[Path, Path, Path]:
    """NYC, LON and the Process."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    nyc, lon = tmp_path / "nyc", tmp_path / "lon"
    assert dtf_program(["--system", str(nyc), "node", "add", "LON", "--folder", str(lon)]) == 0
    return nyc, lon, tmp_path / "payday.cdp"


def shown(capsys, run, system, *arguments):
    """What a command prints as JSON lines."""
    capsys.readouterr()
    assert run(["--system", str(system), *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("fault", PLACES)
def test_a_killed_copy_goes_on_from_its_record(folders, fault, capsys):
    nyc, lon, process = folders
    code, said = Forked(nyc, "submit", process, "--fault", fault).finish()
    assert code == -9, said
    (queued,) = shown(capsys, dtf_program, nyc, "select", "process")
    assert queued["queue"] == "EX"

    records = shown(capsys, dtf_program, lon, "checkpoints")
    browsed = shown(capsys, ksds_program, lon, "browse", "DTF.CKPT")
    assert [b["data"].lower() for b in browsed] == [record["data"] for record in records]
    positions = records[0]["positions"] if records else []
    safe = positions[0]["target"] if positions else 0
    where = fault.partition("@")[2]
    if where.startswith("ckpt:"):
        assert safe == int(where[5:]) * INTERVAL
    with System.open(lon) as target:
        assert not target.exists("PAY.DST")

    code, said = Forked(nyc, "run").finish()
    assert code == 0, said
    assert "WAS EXECUTING" in said
    (step,) = shown(capsys, dtf_program, nyc, "select", "statistics", "recids=CT")
    assert int(step["BYXF"]) == SIZE - safe
    assert step["RSTR"] == ("Y" if safe else "N")
    reached = {"1500K": 1_500_000, "4M": 4_000_000, "record:100": 2_790_000, "percent:50": 3_000_000}.get(where, safe)
    assert reached - safe <= INTERVAL + BUFFER
    assert_same(nyc, lon)
    assert shown(capsys, dtf_program, lon, "checkpoints") == []
    assert shown(capsys, dtf_program, nyc, "select", "process") == []


def test_killed_again_and_again_it_still_arrives(folders):
    nyc, lon, process = folders
    assert program("submit", str(process), "--fault", "kill-receiver@ckpt:2", system=nyc) == -9
    for fault in ("kill-sender@2M", "kill-receiver@ckpt:3", "kill-sender@percent:90"):
        assert program("run", "--fault", fault, system=nyc) == -9
    assert program("run", system=nyc) == 0
    assert_same(nyc, lon)
