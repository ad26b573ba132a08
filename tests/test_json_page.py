"""docs/JSON.md lists the keys of every `--json`, with their types: no more and no less than the commands print."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from dtf.cli import carry_out as dtf
from dtf.cli.program import app as dtf_app
from ksds.cli import run as ksds
from ksds.cli.program import app as ksds_app
from ksds.cluster.definition import ClusterDefinition
from ksds.system import System
from tests.ksds.tensors import sets

PAGE = Path(__file__).resolve().parents[1] / "docs" / "JSON.md"
PROGRAMS = {"ksds": ksds, "dtf": dtf}
TYPES = {"string": str, "number": int, "boolean": bool, "list": list, "object": dict, "null": type(None)}
WITH_KEYS_OF_THEIR_OWN = {"fields", "conditions", "codes", "items"}
"""Objects whose keys are names of the user's: of fields, conditions, steps."""

STATEMENTS = """
 DEFINE CLUSTER(NAME(BANK.ACCOUNTS) KEYS(4 0) RECSZ(60 100) -
   TRK(1 1) CISZ(512) FREESPACE(10 10))
 DEFINE AIX(NAME(BANK.BYNAME) RELATE(BANK.ACCOUNTS) KEYS(4 5) TRK(1 1))
 DEFINE PATH(NAME(BANK.NAMES) PATHENTRY(BANK.BYNAME))
 DEFINE GDG(NAME(BANK.DAILY) LIMIT(3))
 DEFINE ALIAS(NAME(BANK.OTHER) RELATE(BANK.INPUT))
 DEFINE UCAT(NAME(BANK.UCAT) TRK(1 1) VOL(VOL001))
 REPRO INDATASET(BANK.INPUT) OUTDATASET(BANK.ACCOUNTS)
 BLDINDEX INDATASET(BANK.ACCOUNTS) OUTDATASET(BANK.BYNAME)
"""
COPYBOOK = """       01  ACCOUNT.
           05  ID            PIC 9(4).
           05  FILLER        PIC X.
           05  OWNER         PIC X(4).
               88  ANY-BODY  VALUE 'A' THRU 'Z'.
           05  RATE REDEFINES OWNER PIC S9(3) SIGN LEADING SEPARATE.
           05  N             PIC 9.
           05  TAIL          PIC X OCCURS 0 TO 9 DEPENDING ON N.
"""
PROCESS = "PAYDAY PROCESS SNODE=CHI\nSTEP01 COPY FROM (DSN=BANK.EXTRACT) CKPT=1K TO (DSN=PAY.DST DISP=RPL)\n"
JOB = "//PAYROLL JOB\n//STEP EXEC PGM=IEFBR14\n"
COMMANDS = {
    "ksds ls": ("ksds ls BANK --all", "ksds ls BANK --space"),
    "ksds listcat": ("ksds listcat",),
    "ksds members": ("ksds members BANK.JCL",),
    "ksds get, browse": (
        "ksds browse BANK.ACCOUNTS",
        "ksds browse BANK.INPUT",
        "ksds browse BANK.ACCOUNTS --copybook account.cpy",
    ),
    "ksds copybook": ("ksds copybook account.cpy",),
    "ksds rpl": ("ksds rpl BANK.ACCOUNTS requests",),
    "ksds ci": ("ksds ci BANK.ACCOUNTS 0", "ksds ci BANK.HURT 0"),
    "ksds map": ("ksds map BANK.ACCOUNTS",),
    "ksds examine, verify": ("ksds examine BANK.HURT",),
    "ksds tensors": ("ksds tensors train/model.ckpt-1 --verify",),
    "dtf spool": ("dtf spool 1",),
    "dtf select process": ("dtf select process",),
    "dtf select netmap": ("dtf select netmap",),
    "dtf checkpoints": ("dtf --system chi checkpoints",),
    "dtf checkpoints --orphans": ("dtf --system chi checkpoints --orphans",),
    "dtf statistics": ("dtf statistics",),
    "dtf rehearse": ("dtf rehearse payday.cd --cuts 1",),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two nodes: a bank's data sets, a job that ran, a copy that was interrupted and one that was given
    up."""
    folder = tmp_path_factory.mktemp("json")
    lines = "".join(f"{number:04} {'ABCD'[number % 4] * 4}2XY ACCOUNT OF SOMEBODY\n" for number in range(0, 180, 3))
    given = {"accounts.txt": lines, "define.idcams": STATEMENTS, "account.cpy": COPYBOOK, "payday.cd": PROCESS}
    given |= {"job1.jcl": JOB, "requests": "GET COUNT=2\nSHOWCB FIELDS=(LRECL)\nGET OPTCD=(KEY,DIR) ARG=9999\n"}
    for name, text in given.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "train").mkdir()
    sets.write(folder / "train", "model.ckpt-1", sets.some(), 2)
    setup = (
        "ksds allocate BANK.INPUT --recfm VB --lrecl 104 --from accounts.txt --text",
        "ksds allocate BANK.EXTRACT --blksize 800 --from accounts.txt --text",
        "ksds allocate BANK.JCL --dsorg PO",
        "ksds allocate BANK.JCL(JOB1) --from job1.jcl --text",
        "ksds idcams define.idcams",
        "ksds allocate BANK.DAILY(+1) --from accounts.txt --text",
        "dtf node add CHI --folder chi",
        "dtf replay job1.jcl",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("KSDS_SYSTEM", "nyc")
        for line in setup:
            assert carried_out(line) == 0, line
        for _ in range(2):
            assert carried_out("dtf submit payday.cd --fault corrupt@3K") == 8
        assert carried_out("dtf delete process 2") == 0
        hurt_a_cluster()
    return folder


def carried_out(line: str) -> int:
    name, *words = shlex.split(line)
    return PROGRAMS[name](words)


def hurt_a_cluster() -> None:
    """BANK.HURT: a cluster one byte of whose first control interval is wrong."""
    shape = {"key_length": 4, "average_record": 60, "maximum_record": 60, "ci_size": 512, "index_ci_size": 512}
    with System.open("nyc") as system:
        system.define_cluster(ClusterDefinition(name="BANK.HURT", cis_per_ca=5, **shape))
        with system.key_sequenced("BANK.HURT", "w") as cluster:
            cluster.load([b"%04d" % number + bytes(56) for number in range(20)])
    (path,) = Path("nyc/volumes").rglob("BANK.HURT*.data")
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


def documented(title: str) -> dict[str, tuple[type, ...]]:
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_0-9.]+)` \| ([a-z ]+) \|", section, re.MULTILINE)
    return {key: tuple(TYPES[word] for word in words.split(" or ")) for key, words in rows}


def found(value: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every key below `value`, dotted, with what it holds."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            for key, inner in one.items():
                yield prefix + key, inner
                if key not in WITH_KEYS_OF_THEIR_OWN or isinstance(inner, list):
                    yield from found(inner, f"{prefix}{key}.")


def printed(line: str, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, object]]:
    capsys.readouterr()
    carried_out(f"{line} --json")
    lines = capsys.readouterr().out.splitlines()
    assert lines, line
    return [pair for one in lines for pair in found(json.loads(one))]


@pytest.mark.parametrize("title", COMMANDS)
def test_the_page_lists_what_is_printed(
    title: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("KSDS_SYSTEM", "nyc")
    schema = documented(title)
    seen = [pair for line in COMMANDS[title] for pair in printed(line, capsys)]
    assert [(key, value) for key, value in seen if type(value) not in schema.get(key, ())] == []
    assert {key for key, _ in seen} == set(schema)


def commands_with_json(name: str, group: object) -> Iterator[str]:
    """`ksds ls` and all others that have the option."""
    for word, command in getattr(group, "commands", {}).items():
        yield from commands_with_json(f"{name} {word}", command)
        if any("--json" in parameter.opts for parameter in getattr(command, "params", ())):
            yield f"{name} {word}"


def test_every_command_with_json_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    titles = re.findall(r"^## (\w+) (.*)$", page, re.MULTILINE)
    named = {f"{program} {word}" for program, words in titles for word in words.split(", ")}
    named |= {title.rsplit(" ", 1)[0] for title in named if title.startswith("dtf select")}
    named |= set(re.findall(r"`((?:ksds|dtf) \w+)", page))
    found = {*commands_with_json("ksds", get_command(ksds_app)), *commands_with_json("dtf", get_command(dtf_app))}
    assert found - named == set()
