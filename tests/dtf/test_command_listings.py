"""What dtf's commands print for people, line by line, as it stands in tests/golden, with clocks and checksums masked.

After a wanted change: WRITE_GOLDEN=1 python -m pytest tests/dtf/test_command_listings.py, and read the difference.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from dtf.cli import carry_out
from ksds.cli import run as ksds

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
PROCESS = """PAYDAY   PROCESS SNODE=CHI &DSN1=PAY.EXTRACT &DST=PAY.DST
STEP01   COPY FROM (DSN=&DSN1) CKPT=8K TO (DSN=&DST DISP=(RPL,CATLG))
"""
JOB = """//PAYROLL  JOB
//LOAD     EXEC PGM=IDCAMS
//SYSPRINT DD SYSOUT=*
//SYSIN    DD *
  DELETE PAY.NOTHING
"""
LISTINGS = {
    "queue": ("select process", "select process --detail", "view process 3", "change process 3 hold"),
    "statistics": ("select statistics", "select statistics recids=CT --detail", "select statistics ccode=(gt,0)"),
    "netmap": ("select netmap", "initparms"),
    "checkpoints": ("--system chi checkpoints", "checkpoints"),
    "jobs": ("jobs", "spool 1 SYSPRINT"),
}
CHANGING = (
    (r"\d\d\d\d([-/])\d\d\1\d\d|\d\d/\d\d/\d\d\d\d|\d\d/\d\d/\d\d\b", "<date>"),
    (r"\d\d:\d\d:\d\d(\.\d+)?(?!\S)", "<time>"),
    (r"(?<=Elapsed    => )\S+", "<seconds>"),
    (r"(?<=Submitter       => )\S+", "<user>"),
    (r"(?<=CRC-32C )[0-9A-F]{8}", "<sum>"),
    (r"(?<=SINODE    )\d+|(?<=RECCRC    )[0-9A-F]+", "<number>"),
    (r"(?<=PAY\.DST\.)[0-9a-f]{8}", "<suffix>"),
    (r"/\S+/(?=chi\b)", "<folder>/"),
    (r"(?<=WHERE) +(?=PARSESS)", "  "),  # as wide as the folder's name
    (r"[ \t]+$", ""),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Node NYC with partner CHI: Process 1 ended, 2 stopped at a damaged buffer, 3 waits; a job that ended with 8."""
    folder = tmp_path_factory.mktemp("nodes")
    (folder / "payday.cdp").write_text(PROCESS, encoding="utf-8")
    (folder / "payroll.jcl").write_text(JOB, encoding="utf-8")
    (folder / "accounts.txt").symlink_to(ROOT / "jcl_samples" / "accounts.txt")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("KSDS_SYSTEM", "nyc")
        assert carry_out(["node", "add", "CHI", "--folder", "chi"]) == 0
        assert ksds(["allocate", "PAY.EXTRACT", "--from", "accounts.txt", "--text"]) == 0
        assert carry_out(["submit", "payday.cdp"]) == 0
        assert carry_out(["submit", "payday.cdp", "--fault", "corrupt@40K"]) == 8
        assert carry_out(["submit", "payday.cdp", "--no-wait"]) == 0
        assert carry_out(["replay", "payroll.jcl"]) == 8
    return folder


@pytest.mark.parametrize("name", LISTINGS)
def test_what_a_command_prints_is_as_it_was(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("KSDS_SYSTEM", "nyc")
    capsys.readouterr()
    printed = []
    for line in LISTINGS[name]:
        assert carry_out(shlex.split(line)) == 0
        said = capsys.readouterr().out
        for pattern, word in CHANGING:
            said = re.sub(pattern, word, said, flags=re.MULTILINE)
        printed.append(f"$ dtf {line}\n{said}")
    path = GOLDEN / f"dtf_{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text("\n".join(printed), encoding="utf-8")
    assert "\n".join(printed) == path.read_text(encoding="utf-8")
