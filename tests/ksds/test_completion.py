"""What the shell offers when a user presses the tabulator key: commands, options, data set names of the catalog."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dtf.cli import carry_out
from ksds import cli
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from ksds.system import System

ROOT = Path(__file__).resolve().parents[2]
SHAPE = {"average_record": 8, "maximum_record": 8, "ci_size": 512, "index_ci_size": 512, "cis_per_ca": 4}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two systems: `system` holds a bank, `other` A.B."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    with System.open("system") as system:
        system.define_cluster(ClusterDefinition(name="BANK.ACCOUNTS", key_length=4, **SHAPE))
        system.allocate("BANK.INPUT", DataSetAttributes("FB", 80))
    with System.open("other") as system:
        system.allocate("A.B", DataSetAttributes("FB", 80))
    return tmp_path


@pytest.fixture
def offered(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The words offered for the last, perhaps empty, word of a command line, as bash asks for them."""

    def ask(line: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        program = line.split()[0]
        monkeypatch.setenv(f"_{program.upper()}_COMPLETE", "complete_bash")
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            {"ksds": cli.run, "dtf": carry_out}[program]([])
        assert ended.value.code == 0
        said = capsys.readouterr()
        assert said.err == ""
        return said.out.split()

    return ask


def test_data_set_names_come_from_the_catalog_without_components(offered) -> None:
    assert offered("ksds browse ") == ["BANK.ACCOUNTS", "BANK.INPUT"]
    assert offered("ksds stat BANK.I") == ["BANK.INPUT"]
    assert offered("ksds export bank.a") == ["bank.accounts"]
    assert offered("ksds listcat BANK.ACCOUNTS BANK.I") == ["BANK.INPUT"]
    assert offered("ksds get BANK.X") == []


def test_the_system_is_the_one_in_use(offered, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered("ksds --system other browse ") == ["A.B"]
    monkeypatch.setenv("KSDS_SYSTEM", "other")
    assert offered("ksds ls ") == ["A.B"]


def test_asking_makes_no_system_and_passes_over_a_damaged_one(offered, folder: Path) -> None:
    assert offered("ksds --system nowhere browse ") == []
    assert not (folder / "nowhere").exists()
    for path in (folder / "other" / "catalog").glob("catalog.*"):
        path.write_bytes(b"damaged")
    assert offered("ksds --system other browse ") == []


def test_commands_options_and_words(offered) -> None:
    assert offered("ksds st") == ["stat"]
    assert {"text", "hex", "dump", "vert", "raw"} <= set(offered("ksds browse BANK.INPUT --format "))
    assert "--rdw-adjustment" in offered("ksds export BANK.INPUT out --rdw")
    assert offered("dtf re") == ["replay", "rehearse", "repair"]


def test_dtf_offers_the_jobs_there_were(offered, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered("dtf spool ") == []
    (folder / "job.jcl").write_text("//SMALL JOB\n//S EXEC PGM=IEFBR14\n", encoding="utf-8")
    monkeypatch.delenv("_DTF_COMPLETE")
    assert carry_out(["replay", "job.jcl"]) == 0
    assert offered("dtf spool J") == ["JOB00001"]


def test_bash_takes_the_script(folder: Path) -> None:
    """The real thing: the script that --show-completion prints, and the function that bash then calls."""
    program = folder / "ksds"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from ksds.cli import main; main()'\n", encoding="utf-8")
    program.chmod(0o755)
    script = """
        source <(env _KSDS_COMPLETE=source_bash ksds)
        COMP_WORDS=(ksds browse BANK.A) COMP_CWORD=2
        _ksds_completion ksds
        echo "${COMPREPLY[*]}"
    """
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("BANK.ACCOUNTS", "")


@pytest.mark.parametrize("run", [cli.run, carry_out])
def test_the_help_says_how_to_install_it(run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    assert "--install-completion" in said and "--show-completion" in said
