"""Programs of the site: Python entry points, external commands, stubs, and what the file may not say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from dtf.cli import carry_out
from dtf.errors import UsageError
from dtf.jcl.job_result import JobResult
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.runner import Replay
from dtf.jcl.site_programs import load_programs
from ksds.system import System

LinesOf = Callable[[str], list[str]]


def run(system: System, folder: Path, toml: str, *lines: str) -> JobResult:
    file = folder / "programs.toml"
    file.write_text(toml)
    programs, exits = load_programs(file)
    replay = Replay(system=system, programs={**PROGRAMS, **programs}, exits=exits, clock=lambda: datetime(2026, 11, 23))
    [result] = replay.run("\n".join(("//J JOB", *lines)))
    return result


def log(result: JobResult) -> str:
    return "\n".join(result.spool.message_log.lines)


def test_a_python_callable_gets_the_context_of_the_step(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "payroll.py").write_text(
        "def main(step):\n    return sum(1 for _ in step.system.records(step.dds['IN']))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    toml = '[programs.PAYROLL]\nentry = "payroll:main"\n'
    assert run(system, tmp_path, toml, "//S EXEC PGM=PAYROLL", "//IN DD *", "A", "B").condition_code == 2


def test_exits_of_sort_change_leave_out_and_add_records(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sorting.py").write_text(
        "def check(records):\n    yield from (r for r in records if r[:1] != b'\\xc2')\n"
        "def last(records):\n    yield from records\n    yield b'\\xe9'.ljust(80, b'\\x40')\n"
        "def wrong(records):\n    return [1 / 0 for r in records]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    toml = "".join(f'[exits.{name}]\nentry = "sorting:{name.lower()}"\n' for name in ("CHECK", "LAST", "WRONG"))
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTOUT DD SYSOUT=*", "//SORTIN DD *", "B", "C", "A", "/*", "//SYSIN DD *")

    def sort(mods: str) -> JobResult:
        sysin = (" SORT FIELDS=(1,1,CH,A)", f" MODS {mods}")
        return run(system, tmp_path, toml, "//S EXEC PGM=SORT", *dds, *sysin)

    result = sort("E15=(CHECK,1000),E35=(LAST,1000,MODLIB)")
    assert [line for file in result.spool.files if file.name == "SORTOUT" for line in file.lines] == ["A", "C", "Z"]
    assert sort("E15=(NOWHERE,1)").status == "ABEND S806"
    raised = sort("E35=WRONG")
    assert raised.status == "ABEND U4038"
    assert "DTX480E sorting:wrong RAISED ZeroDivisionError" in log(raised)


def test_an_exit_may_be_all_there_is_of_input_or_output(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines_of: LinesOf
) -> None:
    (tmp_path / "feeding.py").write_text(
        "def feed(records):\n    return [b'\\xf3\\xf3', b'\\xf1\\xf1', b'\\xf2\\xf2']\n"
        "def eat(records):\n    return iter([r for r in records if False])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    toml = "".join(f'[exits.{name}]\nentry = "feeding:{name.lower()}"\n' for name in ("FEED", "EAT"))
    sysin = ("//SYSIN DD *", " SORT FIELDS=(1,1,CH,A)", " RECORD TYPE=F,LENGTH=2", " MODS E15=(FEED,1)")
    out = ("//SYSOUT DD SYSOUT=*", "//SORTOUT DD DSN=A.OUT,DISP=(,CATLG)")
    assert run(system, tmp_path, toml, "//S EXEC PGM=SORT", *out, *sysin).condition_code == 0
    assert lines_of("A.OUT") == ["11", "22", "33"]
    lines = (*out[:1], *sysin[:-1], " MODS E15=(FEED,1),E35=(EAT,1)")
    assert run(system, tmp_path, toml, "//S EXEC PGM=SORT", *lines).condition_code == 0


def test_what_a_callable_raises_is_an_abend(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raising.py").write_text("def main(step):\n    return step.dds['NOT.THERE']\n")
    monkeypatch.syspath_prepend(tmp_path)
    result = run(system, tmp_path, '[programs.BAD]\nentry = "raising:main"\n', "//S EXEC PGM=BAD")
    assert result.status == "ABEND U4038"
    assert "RAISED KeyError" in log(result)


def test_a_command_finds_its_dds_as_files_and_fills_its_outputs(
    system: System, tmp_path: Path, lines_of: LinesOf
) -> None:
    script = tmp_path / "up.sh"
    script.write_text('#!/bin/sh\ntr a-z A-Z <"$DD_IN" >"$DD_OUT"\necho "PARM IS $PARM"\necho oops >&2\nexit 4\n')
    script.chmod(0o755)
    dds = ("//IN DD *", "small", "/*", "//OUT DD DSN=A.OUT,DISP=(,CATLG)", "//SYSPRINT DD SYSOUT=*")
    toml = '[programs.UP]\ncommand = ["./up.sh"]\n'
    result = run(system, tmp_path, toml, "//S EXEC PGM=UP,PARM='X Y'", *dds)
    assert result.condition_code == 4
    assert lines_of("A.OUT") == ["SMALL"]
    assert result.spool.files[3].lines == ["PARM IS X Y"]
    assert "+oops" in log(result)


@pytest.mark.parametrize(
    ("body", "status"),
    [("exit 200", "ABEND U4038"), ("kill -9 $$", "ABEND U4038"), ("sleep 5", "ABEND S322"), ("exit 12", "CC 0012")],
)
def test_how_a_command_ends(system: System, tmp_path: Path, body: str, status: str) -> None:
    toml = f'[programs.X]\ncommand = ["sh", "-c", "{body}"]\nseconds = 1\n'
    assert run(system, tmp_path, toml, "//S EXEC PGM=X").status == status


def test_a_command_that_is_not_there_is_s806_and_a_stub_only_a_code(system: System, tmp_path: Path) -> None:
    toml = '[programs.X]\ncommand = ["./nosuch"]\n[programs.ftp]\ncode = 4\n'
    assert run(system, tmp_path, toml, "//S EXEC PGM=X").status == "ABEND S806"
    assert run(system, tmp_path, toml, "//S EXEC PGM=FTP").status == "CC 0004"


@pytest.mark.parametrize(
    "toml",
    [
        "programs = 1",
        "[programs.X]",
        "[programs.X]\ncode = 4096",
        "[programs.X]\ncode = 0\nentry = 'a:b'",
        "[programs.X]\nentry = 'no.such.module:main'",
        "[programs.X]\nentry = 'os'",
        "[programs.X]\ncommand = 'rm'",
        "[programs.X]\ncommand = ['a']\nseconds = 0",
        "[programs.X]\ncommand = ['a']\nshell = true",
        "[programs.TOOLONGNAME]\ncode = 0",
        "[[[",
    ],
)
def test_what_a_file_may_not_say(tmp_path: Path, toml: str) -> None:
    file = tmp_path / "programs.toml"
    file.write_text(toml)
    with pytest.raises(UsageError):
        load_programs(file)


def test_the_option_of_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deck.jcl").write_text("//J JOB\n//S EXEC PGM=MINE\n")
    (tmp_path / "p.toml").write_text("[programs.MINE]\ncode = 8\n")
    command = ["--system", str(tmp_path / "nyc"), "replay", str(tmp_path / "deck.jcl")]
    assert carry_out([*command, "--programs", str(tmp_path / "p.toml")]) == 8
    assert carry_out([*command, "--programs", str(tmp_path / "none.toml")]) in (2, 8)
    assert "CANNOT READ" in capsys.readouterr().err
