"""DMBATCH in a job: Processes from DMPUBLIB and from data sets, on a real node."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from dtf.cli import carry_out
from dtf.jcl.dmbatch import dmbatch
from dtf.jcl.job_result import JobResult
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import StepContext
from dtf.jcl.runner import Replay
from dtf.netmap import FOLDER, AdjacentNode, Netmap
from dtf.node import Node, install
from dtf.transport import memory
from ksds.system import System

NOON = datetime(2026, 11, 23, 12)
PROCESS = (
    "SEND     PROCESS SNODE=CHI",
    "STEP01   COPY FROM (DSN=A.DATA PNODE DISP=SHR) -",
    "              TO (DSN=&TO SNODE DISP=RPL)",
)
Put = Callable[..., None]


def node_for_one_step(step: StepContext, console: Callable[[str], None]) -> Node:
    return Node.open(step.system, clock=NOON.timestamp, connect=memory.connect, log=console)


def run(system: System, *sysin: str, publib: str = "A.PROCESS") -> JobResult:
    replay = Replay(system=system, programs={**PROGRAMS, "DMBATCH": dmbatch(node_for_one_step)}, clock=lambda: NOON)
    dds = ("//DMPRINT DD SYSOUT=*", f"//DMPUBLIB DD DSN={publib},DISP=SHR", "//SYSIN DD *", *sysin, "/*")
    [result] = replay.run("\n".join(("//J JOB", "//S EXEC PGM=DMBATCH", *dds)))
    return result


def printed(result: JobResult) -> str:
    return "\n".join(line for file in result.spool.files if file.name == "DMPRINT" for line in file.lines)


@pytest.fixture
def partner(system: System, tmp_path: Path, put: Put) -> Path:
    """A node CHI, a data set to send, a Process in a library and one in a data set."""
    folder = tmp_path / "chi"
    with System.open(folder) as other:
        for one, name, where in ((system, "CHI", folder), (other, system.name, tmp_path / "nyc")):
            install(one, NOON.timestamp())
            with Netmap(one, "w") as nodes:
                nodes.add(AdjacentNode(name, FOLDER, str(where)))
    put("A.DATA", "ONE", "TWO")
    put("A.PROCESS(SEND)", *PROCESS)
    put("A.TEXT", *(f"{line:<72}{number:08d}" for number, line in enumerate(PROCESS)))
    return folder


@pytest.mark.parametrize("what", ["PROC=SEND", "DSN=A.TEXT", "DSN=A.PROCESS(SEND)"])
def test_a_process_from_a_library_or_a_data_set(system: System, partner: Path, what: str) -> None:
    """17: Shape of the step"""
    result = run(system, " SIGNON", f" SUBMIT {what} MAXDELAY=UNLIMITED -", "        &TO=CHI.DATA", " SIGNOFF")
    assert result.condition_code == 0, printed(result)
    with System.open(partner) as other:
        assert [record.decode("cp037").strip() for record in other.records("CHI.DATA")] == ["ONE", "TWO"]


def test_a_process_knows_the_job_that_submits_it(system: System, partner: Path, put: Put) -> None:
    put(
        "A.PROCESS(NAMES)",
        "PAYDAY   PROCESS SNODE=CHI",
        "S COPY FROM (DSN=%DD2DSN(IN)) TO (DSN=X.%JOBNM.%JOBID DISP=RPL)",
    )
    sysin = (" SIGNON", " SUBMIT PROC=NAMES MAXDELAY=UNLIMITED", " SIGNOFF", "/*", "//IN DD DSN=A.DATA,DISP=SHR")
    result = run(system, *sysin)
    assert result.condition_code == 0, printed(result)
    with System.open(partner) as other:
        assert [record.decode("cp037").strip() for record in other.records("X.J.JOB00001")] == ["ONE", "TWO"]


def test_a_process_that_is_not_in_the_library(system: System, partner: Path) -> None:
    result = run(system, " SIGNON", " SUBMIT PROC=NOSUCH", " SIGNOFF")
    assert result.condition_code == 8
    assert "DTX508E" in printed(result)


@pytest.mark.parametrize("program", ["DMBATCH", "DGADBATC"])
def test_both_names_of_the_program(program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """17: Batch interface program"""
    deck = tmp_path / "deck.jcl"
    commands = (" SIGNON USERID=(ANNA)", " SELECT PROCESS", " SIGNOFF")
    lines = ("//J JOB", f"//S EXEC PGM={program}", "//DMPRINT DD SYSOUT=*", "//SYSIN DD *", *commands, "/*")
    deck.write_text("\n".join(lines))
    carry_out(["--system", str(tmp_path / "nyc"), "replay", str(deck)])
    assert "SIGNOFF COMPLETE" in capsys.readouterr().out
