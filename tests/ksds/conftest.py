"""A working folder, and command lines of `ksds` in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksds import cli, host_files
from tests.ksds.command_lines import Ksds, Outcome


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder; the system is made inside it on first use."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    return tmp_path


@pytest.fixture
def ksds(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ksds:
    """Runs one command line in this process; `typed` is what comes on standard input."""

    def run(*words: str, typed: bytes = b"") -> Outcome:
        given = folder / "typed"
        given.write_bytes(typed)
        monkeypatch.setattr(host_files, "STANDARD_INPUT", given)
        status = cli.run(list(words))
        captured = capfd.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run
