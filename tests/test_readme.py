"""The README does what it says: its commands are those of the tests, and what it shows is what they print today."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

SHELL, TEXT = (re.findall(rf"^```{kind}\n(.*?)^```", README, re.MULTILINE | re.DOTALL) for kind in ("sh", "text"))
(CONSOLE,) = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)

CHANGING = (
    (r"\d\d\.\d\d\.\d\d", "hh.mm.ss"),
    (r"[A-Z]+DAY, +\d+ [A-Z]{3} \d{4}", "day"),
    (r"folder /\S*/demo", "folder demo"),
    (r"(?<=  )[0-9A-F ]{35}(?=  )", "hexadecimal"),
    (r"(?<=hexadecimal  ).*", "text"),
    (r"[ \t]+$", ""),
)


def settled(text: str) -> list[str]:
    """The lines of an output with times, paths and random names made equal."""
    for pattern, word in CHANGING:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text.splitlines()


def assert_shown(shown: str, printed: str) -> None:
    """The lines shown were printed, in this order; `...` stands for lines left out, elsewhere nothing is."""
    rest = settled(printed)
    for part in shown.split("...\n"):
        lines = settled(part)
        places = [at for at in range(len(rest)) if rest[at : at + len(lines)] == lines]
        assert places, "not printed:\n" + "\n".join(lines) + "\nbut:\n" + printed
        rest = rest[places[0] + len(lines) :]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `ksds` and `dtf` are this source, and a folder with the samples."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "bin").mkdir()
    for program in ("ksds", "dtf"):
        script = folder / "bin" / program
        script.write_text(f'#!/bin/sh\nexec {sys.executable} -m {program} "$@"\n')
        script.chmod(0o755)
    (folder / "jcl_samples").symlink_to(ROOT / "jcl_samples")
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return {"PWD": str(folder), "PATH": path, "PYTHONPATH": str(ROOT), "KSDS_SYSTEM": "demo/nyc", "HOME": str(folder)}


def printed(command: str, environment: dict[str, str]) -> str:
    folder = environment["PWD"]
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE, check=False)
    return done.stdout.decode()


def test_the_first_command_prints_what_is_shown(shell: dict[str, str]) -> None:
    setup, _, job = SHELL[0].partition("rm -rf demo && ")
    assert "pip install" in setup
    assert_shown(TEXT[0], printed(job, shell))


def test_the_console_shows_what_is_printed(shell: dict[str, str]) -> None:
    """After the first command, in the same folder: a killed process, its checkpoint record, the restart."""
    if not Path(shell["PWD"], "demo").exists():
        printed(SHELL[0].partition("rm -rf demo && ")[2], shell)
    for part in CONSOLE.split("$ ")[1:]:
        command, _, output = part.partition("\n")
        assert_shown(output, printed(command, shell))


def test_the_second_command_is_what_ci_runs() -> None:
    assert SHELL[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_python_example_runs(shell: dict[str, str]) -> None:
    if not Path(shell["PWD"], "demo").exists():
        printed(SHELL[0].partition("rm -rf demo && ")[2], shell)
    (example,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], cwd=shell["PWD"], env=shell, capture_output=True, check=True)
    assert done.stdout.startswith(b"1000")


@pytest.mark.parametrize("program", ["ksds", "dtf"])
def test_every_command_is_named(program: str, shell: dict[str, str]) -> None:
    commands = re.findall(r"^  ([a-z]+)  ", printed(f"{program} --help", shell), re.MULTILINE)
    assert commands
    assert [command for command in commands if not re.search(rf"`({program} )?{command}\b", README)] == []
