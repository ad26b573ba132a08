"""Every example that `dtf ... --help` shows runs, as it stands, in a folder where what it names is there.

The folder: system `nyc` (KSDS_SYSTEM) with partner CHI in folder `chi`, data set PAY.EXTRACT, `payday.cdp`, job
JOB00001, Process 1 that ended, Processes 2 and 3 held. Parts of a line between semicolons are commands of their own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from dtf.cli import carry_out
from dtf.cli.program import DtfCommands, NodeCommands
from ksds.cli import run as ksds

ROOT = Path(__file__).resolve().parents[2]
NAMES = [
    *(name for name in DtfCommands.places if name not in DtfCommands.hidden_names),
    *(f"node {name}" for name in NodeCommands.places),
]
PROCESS = """PAYDAY   PROCESS SNODE=CHI &DSN1=PAY.EXTRACT &DST=PAY.DST
STEP01   COPY FROM (DSN=&DSN1) CKPT=8K TO (DSN=&DST DISP=(RPL,CATLG))
"""
JOB = """//PAYROLL  JOB
//LOAD     EXEC PGM=IDCAMS
//SYSPRINT DD SYSOUT=*
//SYSIN    DD *
  LISTCAT LEVEL(PAY)
"""
OTHER_STATUS = {
    "dtf replay jcl_samples/cond_ladder.jcl --why": 8,
    "dtf suspend process 3": 8,
    "dtf suspend process 3 force": 8,
    "dtf flush process 3 force": 8,
}
"""What the sample is there to show; and Process 3 is not executing here."""
LISTENS = re.compile(r"node start|--forever")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("KSDS_SYSTEM", "nyc")
        (folder / "payday.cdp").write_text(PROCESS, encoding="utf-8")
        (folder / "payroll.jcl").write_text(JOB, encoding="utf-8")
        (folder / "jcl_samples").symlink_to(ROOT / "jcl_samples")
        shutil.copy(ROOT / "tests" / "dtf" / "transport" / "certificates" / "lon.pem", folder / "paris-certificate.pem")
        accounts = "ksds allocate {} --from jcl_samples/accounts.txt --text"
        for line in (
            "dtf node add CHI --folder chi",
            accounts.format("PAY.EXTRACT"),
            accounts.format("DEMO.ACCOUNTS.INPUT"),
            "dtf replay payroll.jcl",
            "dtf submit payday.cdp",
            "dtf submit payday.cdp --no-wait",
            "dtf change process 2 hold",
            "dtf submit payday.cdp --no-wait",
            "dtf change process 3 hold",
        ):
            program, *words = line.split()
            assert {"dtf": carry_out, "ksds": ksds}[program](words) == 0, line
    return folder


def examples(command: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert carry_out([*command.split(), "--help"]) == 0
    said = capsys.readouterr().out
    (block,) = re.findall(r"^  Examples?:\n((?:    .*\n)+)", said, re.MULTILINE)
    return [line.strip() for line in block.splitlines()]


def in_a_process(words: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from dtf.cli import main; main()", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def listening(words: list[str], running: ExitStack) -> None:
    """Start a DTF that listens, on any port that is free; it is stopped, and must end well, at the end."""
    child = in_a_process([word.replace(":1364", ":0") for word in words])

    def end() -> None:
        system = words[:2] if words[0] == "--system" else []
        carry_out([*system, "stop"])  # unless the example was to stop it
        out, _ = child.communicate(timeout=30)
        assert child.returncode == 0, out

    running.callback(end)
    assert child.stdout is not None
    while line := child.stdout.readline():
        if "LISTEN" in line:
            return
    raise AssertionError("it does not listen")


def carried_out(part: str, running: ExitStack, capsys: pytest.CaptureFixture[str]) -> int:
    """One command of an example; its exit status."""
    line, _, target = part.partition(" > ")
    program, *words = shlex.split(line)
    if program != "dtf":
        return subprocess.run(["bash", "-c", part], capture_output=True, check=False).returncode
    if LISTENS.search(line):
        listening(words, running)
        return 0
    if "kill-" in line:
        child = in_a_process(words)
        child.communicate(timeout=30)
        return 0 if child.returncode == -9 else 99
    if words[-1:] == ["stop"]:
        listening([*words[:-1], "node", "start", "--at", "127.0.0.1:0"], running)
    status = carry_out(words)
    said = capsys.readouterr()
    if target:
        Path(target).write_text(said.out, encoding="utf-8")
    assert status or not said.err, said.err
    return status


@pytest.mark.parametrize("command", NAMES)
def test_every_example_of_the_help_runs(
    command: str,
    prepared: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KSDS_SYSTEM", "nyc")
    shown = examples(command, capsys)
    assert shown
    for number, example in enumerate(shown):
        assert f"dtf {command}" in example or re.search(rf"dtf --system \w+ {command}", example) or "openssl" in example
        if not example.startswith(("cat ", "dtf node certificate")):  # those go on from the one before
            folder = tmp_path / str(number)
            shutil.copytree(prepared, folder, symlinks=True)
            monkeypatch.chdir(folder)
        with ExitStack() as running:
            for part in example.split(" ; "):
                status = carried_out(part, running, capsys)
                assert status == OTHER_STATUS.get(example, 0), f"{part}: {capsys.readouterr()}"
