"""What the commands print for people, byte for byte, as it stands in tests/golden: a change there is a change of what
people see.

After a wanted change: WRITE_GOLDEN=1 python -m pytest tests/ksds/test_command_listings.py, and read the difference.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from ksds import cli, host_files

GOLDEN = Path(__file__).resolve().parents[1] / "golden"

DEFINE = """
 DEFINE CLUSTER(NAME(BANK.ACCOUNTS) KEYS(4 0) RECSZ(60 100) -
   TRK(1 1) CISZ(512) FREESPACE(10 10))
 DEFINE CLUSTER(NAME(BANK.LOG) NONINDEXED RECORDSIZE(60 100) TRK(1 1))
 DEFINE CLUSTER(NAME(BANK.SLOTS) NUMBERED RECORDSIZE(20 20) TRK(1 1))
 DEFINE AIX(NAME(BANK.BYNAME) RELATE(BANK.ACCOUNTS) KEYS(4 5) TRK(1 1))
 DEFINE PATH(NAME(BANK.NAMES) PATHENTRY(BANK.BYNAME))
 DEFINE GDG(NAME(BANK.DAILY) LIMIT(3))
 REPRO INDATASET(BANK.INPUT) OUTDATASET(BANK.ACCOUNTS)
 REPRO INDATASET(BANK.INPUT) OUTDATASET(BANK.LOG)
 BLDINDEX INDATASET(BANK.ACCOUNTS) OUTDATASET(BANK.BYNAME)
"""
REQUESTS = """POINT OPTCD=(KEY,SEQ,KGE) ARG=0005
GET COUNT=3
GET OPTCD=(KEY,DIR,KEQ) ARG=0001 EXPECT=8/16
"""
LISTINGS = {
    "ls": ("ls", "ls BANK.** --space --all", "ls BANK.D* --json", "ls NONE.**"),
    "members": ("members BANK.JCL",),
    "browse": (
        "browse BANK.ACCOUNTS --from 0100 --count 2",
        "browse BANK.ACCOUNTS --count 1 --format hex",
        "browse BANK.ACCOUNTS --count 1 --format dump",
        "browse BANK.ACCOUNTS --count 2 --format vert",
        "browse BANK.JCL(JOB1) --format vert",
        "browse BANK.INPUT --from 3 --to 3 --format vert",
        "browse BANK.NAMES --count 2",
        "get BANK.ACCOUNTS 0006 --json",
    ),
    "map": ("map BANK.ACCOUNTS", "map BANK.ACCOUNTS --json", "map BANK.SLOTS"),
    "ci": ("ci BANK.ACCOUNTS 0", "ci BANK.ACCOUNTS 0 --component index"),
    "rpl": ("rpl BANK.ACCOUNTS requests",),
    "stat": (
        "stat BANK.ACCOUNTS",
        "stat BANK.LOG",
        "stat BANK.SLOTS",
        "stat BANK.INPUT",
        "stat BANK.JCL",
        "stat BANK.BYNAME",
    ),
}
TODAY = re.compile(r"20\d\d-\d\d-\d\d( \d\d:\d\d:\d\d)?|\d\d\d\d/\d\d/\d\d( \d\d:\d\d(:\d\d)?)?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a system: a bank's data sets of several kinds."""
    folder = tmp_path_factory.mktemp("bank")
    lines = (f"{number:04} {'ABCD'[number % 4] * (number % 7 + 4)} ACCOUNT\n" for number in range(0, 180, 3))
    (folder / "accounts.txt").write_text("".join(lines), encoding="utf-8")
    (folder / "jcl").mkdir()
    (folder / "jcl" / "job1.jcl").write_text("//JOB1 JOB\n// EXEC PGM=IEFBR14\n", encoding="utf-8")
    (folder / "jcl" / "job2.jcl").write_text("//JOB2 JOB\n", encoding="utf-8")
    (folder / "requests").write_text(REQUESTS, encoding="utf-8")
    (folder / "define.idcams").write_text(DEFINE, encoding="utf-8")
    setup = (
        "allocate BANK.INPUT --recfm VB --lrecl 104 --from accounts.txt --text",
        "allocate BANK.JCL --dsorg PO --from jcl --text",
        "idcams define.idcams",
        "allocate BANK.DAILY(+1) --from accounts.txt --text",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in setup:
            assert cli.run(shlex.split(line)) == 0, line
    return folder


@pytest.mark.parametrize("name", LISTINGS)
def test_what_a_command_prints_is_as_it_was(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(host_files, "STANDARD_INPUT", folder / "accounts.txt")
    printed = []
    for line in LISTINGS[name]:
        assert cli.run(shlex.split(line)) == 0
        said = capsys.readouterr()
        assert said.err == ""
        printed.append(f"$ ksds {line}\n{TODAY.sub(lambda day: '*' * len(day[0]), said.out)}")
    path = GOLDEN / f"ksds_{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text("\n".join(printed), encoding="utf-8")
    assert "\n".join(printed) == path.read_text(encoding="utf-8")
