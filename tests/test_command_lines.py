"""Both command lines: what they list, and what they answer to a line that is wrong."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import pytest
from typer.main import get_command

from dtf.cli import program as dtf_program
from ksds import command_line
from ksds.cli import program as ksds_program

PROGRAMS = {"ksds": (ksds_program.app, ksds_program.run), "dtf": (dtf_program.app, dtf_program.carry_out)}
NARROW = "80"


@pytest.mark.parametrize("words", ["ksds", "dtf", "dtf node"])
def test_the_list_of_commands_says_what_each_does_in_a_line_of_80_columns(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", NARROW)
    monkeypatch.setenv("TERMINAL_WIDTH", NARROW)
    name, *rest = words.split()
    assert PROGRAMS[name][1]([*rest, "--help"]) == 0
    listed = capsys.readouterr().out.split("Commands:\n")[1].splitlines()
    assert len(listed) > 3
    assert [line for line in listed if "..." in line or not line[:3].strip()] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_command_has_a_first_sentence_of_its_own(name: str) -> None:
    commands = get_command(PROGRAMS[name][0]).commands  # type: ignore[attr-defined]
    sentences = [command.get_short_help_str(200) for command in commands.values() if not command.hidden]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ksds get A.B", "KSD001E Missing argument 'KEY'; see ksds get --help\n"),
        ("ksds frobnicate", "KSD001E No such command 'frobnicate'; see ksds --help\n"),
        ("ksds browse A.B --format foo", "KSD001E Invalid value for '--format': 'foo' is not one of 'text', "),
        ("ksds tensors x --load A.B --json", "KSD001E Invalid value: --json goes with a list of tensors"),
        ("dtf select planets", "DTX431E Invalid value for 'process|statistics|netmap': 'planets' is not one of "),
        ("dtf change process", "DTX431E Missing argument '[PNUMBER|KEY=VALUE|WORD]...'; see dtf change --help\n"),
        ("dtf node ad LON", "DTX431E No such command 'ad'"),
    ],
)
def test_a_wrong_command_line_is_answered_in_one_line_that_says_where_help_is(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *rest = line.split()
    assert PROGRAMS[name][1](rest) == 2
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert told.count("\n") == 1 and told.endswith("--help\n")


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_version_is_told_also_where_nothing_is_installed(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(distribution: str) -> str:
        raise PackageNotFoundError(distribution)

    monkeypatch.setattr(command_line, "version", lambda distribution: "1.2.3")
    assert PROGRAMS[name][1](["--version"]) == 0
    assert capsys.readouterr().out == f"{name} 1.2.3\n"
    monkeypatch.setattr(command_line, "version", unknown)
    assert PROGRAMS[name][1](["--version"]) == 0
    assert capsys.readouterr().out == f"{name}, from a source tree that is not installed\n"
