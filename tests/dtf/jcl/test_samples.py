"""Every deck of jcl_samples runs and prints what its golden file says, byte for byte, at a fixed time of day.

After a wanted change: WRITE_GOLDEN=1 python -m pytest tests/dtf/jcl/test_samples.py, and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from dtf.cli import carry_out as dtf
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.jcl.dmbatch import dmbatch
from dtf.jcl.libraries import ProcedureLibraries
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import StepContext
from dtf.jcl.runner import Replay
from dtf.netmap import FOLDER, AdjacentNode, Netmap
from dtf.node import Node, install
from dtf.simulation.faults import FaultPlan, parse_fault
from dtf.transport import memory
from ksds.cli import run as ksds
from ksds.datasets import DataSetAttributes
from ksds.system import System

REPOSITORY = Path(__file__).resolve().parents[3]
SAMPLES = REPOSITORY / "jcl_samples"
GOLDEN = REPOSITORY / "tests" / "golden"
NOON = datetime(2026, 11, 23, 12, 0, 0)
DECKS = {
    "cond_ladder": (["cond_ladder"], 8),
    "instream_data": (["instream_data"], 0),
    "dispositions": (["dispositions", "dispositions"], 0),
    "abend": (["abend"], 16),
    "jcl_errors": (["jcl_errors"], 16),
    "ksds_load": (["ksds_load"], 0),
    "alternate_index": (["alternate_index"], 0),
    "unload": (["ksds_load", "unload"], 0),
    "aix_path": (["aix_path"], 8),
    "join": (["join"], 0),
    "library_backup": (["library_backup"], 0),
    "gdg_rotation": (["gdg_rotation", "gdg_rotation", "gdg_rotation"], 0),
    "proc_override": (["proc_override"], 0),
    "proclib": (["proclib"], 0),
    "if_else": (["if_else"], 16),
    "sort_report": (["sort_report"], 0),
    "sort_outputs": (["sort_outputs"], 0),
    "restart_step": (["restart_step"], 0),
    "symbols": (["symbols"], 0),
    "references": (["references"], 0),
    "library_members": (["library_members"], 8),
    "generate_fields": (["generate_fields"], 0),
    "internal_reader": (["internal_reader"], 0),
    "icetool": (["icetool"], 0),
    "tso_batch": (["tso_batch"], 12),
    "scan_and_hold": (["scan_and_hold"], 4),
    "slips": (["slips"], 4),
    "esds_rrds": (["esds_rrds"], 0),
    "define_ckpt": (["define_ckpt", "define_ckpt"], 0),
}
"""Golden file -> the decks to run before and including it, and the exit status of the last, which it shows."""


def compare(name: str, lines: list[str]) -> None:
    golden = GOLDEN / f"{name}.txt"
    text = "".join(f"{line}\n" for line in lines)
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("name", DECKS)
def test_a_sample_prints_its_golden_spool(name: str, tmp_path: Path) -> None:
    decks, expected = DECKS[name]
    with System.open(tmp_path / "nyc") as system:
        libraries = ProcedureLibraries(system)
        replay = Replay(system=system, programs=PROGRAMS, clock=lambda: NOON, libraries=libraries)
        for deck in decks:
            results = list(replay.run((SAMPLES / f"{deck}.jcl").read_bytes()))
    assert max(result.condition_code for result in results) == expected
    compare(name, [line for result in results for line in result.spool.printed()])


def node_for_one_step(step: StepContext, console: Callable[[str], None]) -> Node:
    faults = FaultPlan([parse_fault("session@percent:50")])
    return Node.open(step.system, clock=NOON.timestamp, connect=memory.connect, log=console, observer=faults)


def test_first_light_loads_copies_loses_its_session_resumes_and_unloads(tmp_path: Path) -> None:
    here, there = tmp_path / "nyc", tmp_path / "chi"
    programs = {**PROGRAMS, "DMBATCH": dmbatch(node_for_one_step)}
    with System.open(here) as system, System.open(there) as partner:
        for one, other in ((system, there), (partner, here)):
            install(one, NOON.timestamp())
            with Netmap(one, "w") as nodes:
                nodes.add(AdjacentNode(other.name.upper(), FOLDER, str(other)))
        system.allocate("DEMO.ACCOUNTS.INPUT", DataSetAttributes("FB", 80))
        records = [line.ljust(80).encode("cp037") for line in (SAMPLES / "accounts.txt").read_text().splitlines()]
        with system.sequential("DEMO.ACCOUNTS.INPUT", "w") as data_set:
            data_set.append(records)
        replay = Replay(system=system, programs=programs, clock=lambda: NOON)
        [result] = replay.run((SAMPLES / "first_light.jcl").read_bytes())
        compare("first_light", list(result.spool.printed()))
        assert result.condition_code == 0
        assert list(system.records("DEMO.ACCOUNTS.UNLOAD")) == records
        assert list(partner.records("CHI.ACCOUNTS")) == records
        with CheckpointFile(partner) as checkpoints:
            assert checkpoints.records() == []


def test_the_sample_process_runs_as_its_first_lines_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = str(tmp_path / "nyc")
    accounts = ["--recfm", "FB", "--lrecl", "80", "--from", str(SAMPLES / "accounts.txt"), "--text"]
    assert ksds(["--system", here, "allocate", "DEMO.ACCOUNTS.INPUT", *accounts]) == 0
    assert dtf(["--system", here, "node", "add", "CHI", "--folder", str(tmp_path / "chi")]) == 0
    process = str(SAMPLES / "send_accounts.cdp")
    assert dtf(["--system", here, "submit", process, "--fault", "session@percent:50"]) == 0
    assert "RESTARTED FROM THE CHECKPOINT RECORD" in capsys.readouterr().out
    with System.open(here) as system, System.open(tmp_path / "chi") as partner:
        assert list(partner.records("CHI.ACCOUNTS.INPUT")) == list(system.records("DEMO.ACCOUNTS.INPUT"))


def test_every_sample_deck_is_tested() -> None:
    tested = {deck for decks, _ in DECKS.values() for deck in decks} | {"first_light"}
    assert {path.stem for path in SAMPLES.glob("*.jcl")} == tested


def test_sample_decks_are_cards() -> None:
    for path in SAMPLES.glob("*.jcl"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= 71, f"{path.name}:{number}"
            assert line.isascii(), f"{path.name}:{number}"
