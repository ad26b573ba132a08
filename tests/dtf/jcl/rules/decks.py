"""What the tests of the rules look at: a deck converted, a deck run, and what its spool says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dtf.jcl.cards import read_cards
from dtf.jcl.converter import ConvertedJob, convert
from dtf.jcl.job import DdPart, Job
from dtf.jcl.job_result import JobResult
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import Abend, Program, StepContext, stub
from dtf.jcl.runner import Replay
from dtf.jcl.statements import JobDeck, Statement, read_jobs
from ksds.system import System

MORNING = datetime(2026, 11, 23, 5, 7, 9)
STEP = "//S        EXEC PGM=IEFBR14"


def decks(*lines: str) -> list[JobDeck]:
    return read_jobs(read_cards("\n".join(lines)))


def converted(*lines: str) -> ConvertedJob:
    """One job, whose JOB statement is put in front."""
    [deck] = decks("//J        JOB", *lines)
    return convert(deck)


def job(*lines: str) -> Job:
    result = converted(*lines)
    assert result.job is not None, [str(note) for note in result.diagnostics]
    return result.job


def ids(*lines: str) -> list[str]:
    """The ids of all messages about a job."""
    return [note.message_id for note in converted(*lines).diagnostics]


def statement(*lines: str) -> Statement:
    """The statement behind JOB."""
    [deck] = decks("//J        JOB", *lines)
    return deck.statements[1]


def parameter(*lines: str) -> str:
    """What PARM of the only step becomes."""
    [step] = job(*lines).steps
    return step.parameter


def dd(*lines: str) -> DdPart:
    """The first DD statement of a step."""
    return job(STEP, *lines).steps[0].dds[0].parts[0]


def data(*lines: str) -> dict[str, tuple[str, ...]]:
    """In-stream records by ddname, of one step."""
    [step] = job(STEP, *lines).steps
    return {dd.name: dd.parts[0].records for dd in step.dds}


def names(*lines: str) -> dict[str, list[str]]:
    """Data set names by ddname, of all steps."""
    return {dd.name: [part.data_set for part in dd.parts] for step in job(*lines).steps for dd in step.dds}


def show(step: StepContext) -> int:
    """SHOW: its PARM and the records of IN, to SYSPRINT."""
    records = step.system.records(step.dds["IN"]) if "IN" in step.dds else ()
    lines = [step.parameter, *(record.decode("cp037").rstrip() for record in records)]
    step.print("SYSPRINT", [line for line in lines if line], carriage_control=False)
    return 0


def write(step: StepContext) -> int:
    """WRITE: its PARM as a record of OUT."""
    step.write("OUT", [step.parameter.ljust(80).encode("cp037")], step.attributes(step.dds["OUT"]))
    return 0


def ends_in(code: str) -> Program:
    def abend(step: StepContext) -> int:
        raise Abend(code)

    return abend


SHOWING: Mapping[str, Program] = {
    **PROGRAMS,
    **{f"RC{code}": stub(code) for code in (0, 4, 6, 8, 12, 16)},
    **{f"X{code}": ends_in(code) for code in ("S0C7", "S222", "U0100")},
    "SHOW": show,
    "WRITE": write,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A job that has run, as people look at it."""

    result: JobResult

    @property
    def codes(self) -> str:
        """S1=0000 S2=FLUSH S3=S0C7"""
        return " ".join(f"{step.label}={str(step).split()[-1]}" for step in self.result.steps)

    @property
    def log(self) -> list[str]:
        return [line[20:].rstrip() for line in self.result.spool.message_log.lines if line[1:2].isdigit()]

    @property
    def messages(self) -> list[str]:
        return [line[1:].rstrip() for line in self.result.spool.messages.lines]

    @property
    def listing(self) -> list[str]:
        return self.result.spool.jcl.lines

    @property
    def fates(self) -> list[str]:
        """Data set names and what became of them, in order."""
        return [f"{event.name} {event.status}" for event in self.result.data_sets]

    def printed(self, ddname: str = "SYSPRINT") -> list[str]:
        return [line for file in self.result.spool.files if file.name == ddname for line in file.lines]

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in (*self.log, *self.messages))


def run_all(system: System, *lines: str, **more: Any) -> list[Seen]:
    """Run a deck of any jobs."""
    replay = Replay(system=system, programs=SHOWING, clock=lambda: MORNING, **more)
    return [Seen(result) for result in replay.run("\n".join(lines))]
