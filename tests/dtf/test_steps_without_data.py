"""RUN TASK, RUN JOB and SUBMIT at work: allowed by name only, and a task is not run twice."""

import pytest

from dtf import initparms
from dtf.cli.job_entry import JobEntry
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.errors import SessionLost
from dtf.initparms import Initparms
from dtf.node import Node
from dtf.statistics_log import StatisticsLog
from dtf.transmission_queue import TransmissionQueue
from ksds import DataSetAttributes
from tests.dtf.node_pair import NOW, TRANSPORTS, fill

pytestmark = pytest.mark.parametrize("transport", ["memory", "tcp", "tls"])


class Ended:
    """A program that had ended before one could look."""

    def __init__(self, code, text=""):
        self.code, self.text = code, text

    def ended(self):
        return self.code

    def stop(self):
        """It has ended."""


class Recorder:
    """Programs that note what was run. `losing`: the session is lost while, or after, the first one runs."""

    def __init__(self, code=0, lost=""):
        self.ran = []
        self.code = code
        self.lost = lost

    def start_task(self, system, program, parameter):
        self.ran.append((system.name, program, parameter))
        if self.lost == "while it runs" and len(self.ran) == 1:
            raise SessionLost("the cable was pulled")
        return Ended(self.code)

    def start_job(self, system, name):
        self.ran.append((system.name, "JOB", name))
        return Ended(0, "NIGHT JOB00012")


def allow(system, **parameters):
    initparms.write(system, Initparms(**parameters))


def opened(pair, programs):
    connect = TRANSPORTS[pair.transport]
    return Node.open(pair.nyc, clock=lambda: NOW, connect=connect, log=pair.console.append, programs=programs)


def run(pair, text, programs):
    with opened(pair, programs) as node:
        number = node.submit(f"P PROCESS SNODE=LON\n{text}\n")
        node.run(number)
        return node.outcome(number), [s for s in node.statistics() if s.number == number]


@pytest.mark.parametrize(("where", "system"), [("PNODE", "NYC"), ("SNODE", "LON")])
def test_a_task_runs_where_it_is_told_to(pair, where, system):
    for one in (pair.nyc, pair.lon):
        allow(one, run_task=("IEFBR14",))
    programs = Recorder(code=4)
    outcome, statistics = run(pair, f"T1 RUN TASK (PGM=IEFBR14 PARM=(A,B)) {where}", programs)
    assert programs.ran == [(system, "IEFBR14", "A,B")]
    assert outcome.condition_code == 4
    (task,) = [s for s in statistics if s.kind == "RT"]
    assert (task.fields["SNAM"], task.fields["CCOD"]) == ("T1", "4")
    with StatisticsLog(pair.lon) as log:
        assert [s.fields["PNOD"] for s in log.all() if s.kind in ("RT", "PT")] == ["NYC"] * (1 + (where == "SNODE"))
    assert pair.checkpoints(pair.nyc) == pair.checkpoints(pair.lon) == []


@pytest.mark.parametrize("where", ["PNODE", "SNODE"])
@pytest.mark.parametrize("step", ['RUN TASK (PGM=IDCAMS SYSOPTS="x; rm -rf /")', "RUN JOB (DSN=A.B)"])
def test_nothing_runs_that_the_node_does_not_allow(pair, step, where):
    programs = Recorder()
    outcome, _ = run(pair, f"T1 {step} {where}", programs)
    assert programs.ran == []
    assert outcome.condition_code == 8
    assert outcome.message_id == "DTX260E"


def test_a_failing_task_is_a_code_that_if_can_test(pair):
    allow(pair.lon, run_task=("CHECK",))
    source = fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 10)
    text = "T1 RUN TASK (PGM=CHECK) SNODE\n IF (T1 EQ 12) THEN\nS1 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST)\n EIF"
    outcome, _ = run(pair, text, Recorder(code=12))
    assert outcome.condition_code == 12
    with pair.lon.sequential("PAY.DST") as data_set:
        assert list(data_set.records()) == source


def test_a_task_whose_result_got_lost_is_not_run_again(pair, monkeypatch):
    allow(pair.lon, run_task=("CHECK",))
    programs = Recorder(code=4)
    file, lost = CheckpointFile.file, []

    def file_and_lose(self, record):
        file(self, record)
        if record.state == "D" and not lost:
            lost.append(True)
            raise SessionLost("the cable was pulled")

    monkeypatch.setattr(CheckpointFile, "file", file_and_lose)
    outcome, _ = run(pair, "T1 RUN TASK (PGM=CHECK) SNODE", programs)
    assert len(programs.ran) == 1
    assert outcome.condition_code == 4
    assert "had ended with 4" in outcome.text
    assert pair.checkpoints() == []


@pytest.mark.parametrize(("restart", "times", "message"), [("YES", 2, "SCPA000I"), ("NO", 1, "DTX262W")])
def test_an_interrupted_task_is_run_again_or_skipped(pair, restart, times, message):
    allow(pair.lon, run_task=("CHECK",))
    programs = Recorder(lost="while it runs")
    outcome, _ = run(pair, f"T1 RUN TASK (PGM=CHECK) SNODE RESTART={restart}", programs)
    assert len(programs.ran) == times
    assert (outcome.condition_code, outcome.message_id) == (0, message)


def text_data_set(system, name, text):
    system.allocate(name, DataSetAttributes("FB", 80, 8000))
    with system.sequential(name, "w") as data_set:
        data_set.append(line.encode("cp037").ljust(80, b"\x40") for line in text.splitlines())


def test_a_job_is_handed_over_and_nobody_waits(pair):
    """17: From a Process: RUN JOB"""
    allow(pair.lon, run_job=True)
    text_data_set(pair.lon, "A.JCL", "//NIGHT JOB\n//S1 EXEC PGM=IEFBR14\n")
    programs = Recorder()
    outcome, statistics = run(pair, "J1 RUN JOB (DSN=A.JCL) SNODE", programs)
    assert programs.ran == [("LON", "JOB", "A.JCL")]
    assert "NIGHT JOB00012" in outcome.text
    assert [s.kind for s in statistics if s.fields.get("SNAM") == "J1"] == ["RJ"]


def test_the_command_lines_job_entry_runs_real_programs_and_jobs(pair):
    text_data_set(
        pair.lon,
        "A.JCL",
        "//NIGHT JOB\n//S1 EXEC PGM=IEFBR14\n//DD1 DD DSN=NEW.ONE,DISP=(NEW,CATLG),\n// SPACE=(TRK,1)\n",
    )
    allow(pair.lon, run_job=True, run_task=("IDCAMS", "NOSUCH"))
    outcome, _ = run(pair, "J1 RUN JOB (DSN=A.JCL) SNODE", JobEntry())
    assert "NIGHT CC 0000" in outcome.text
    assert pair.lon.exists("NEW.ONE")
    outcome, _ = run(pair, 'T1 RUN TASK (PGM=IDCAMS SYSOPTS=" DELETE NEW.ONE") SNODE', JobEntry())
    assert outcome.condition_code == 0
    assert not pair.lon.exists("NEW.ONE")
    outcome, _ = run(pair, "T1 RUN TASK (PGM=NOSUCH) SNODE", JobEntry())
    assert outcome.condition_code == 8


def test_a_process_submits_another_here(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 10)
    text_data_set(pair.nyc, "A.PROC", "NEXT PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) TO (DSN=&DST)\n")
    with opened(pair, None) as node:
        number = node.submit("P PROCESS SNODE=LON\nS1 SUBMIT DSN=A.PROC SUBNODE=PNODE PRTY=3 &DST=PAY.DST\n")
        node.run()
        assert node.outcome(number).text == "submitted as Process 2 of node NYC"
        assert node.outcome(2).condition_code == 0
    assert pair.lon.exists("PAY.DST")


def test_a_process_submitted_at_a_partner_waits_there(pair, transport):
    if transport != "memory":
        return  # a node that listens has a queue of its own: tests/dtf/test_two_machines.py
    text_data_set(pair.lon, "A.PROC", "BACK PROCESS SNODE=NYC\nS1 COPY FROM (DSN=A.B) TO (DSN=C.D)\n")
    outcome, _ = run(pair, "S1 SUBMIT DSN=A.PROC SUBNODE=SNODE", None)
    assert outcome.text == "submitted as Process 1 of node LON"
    with TransmissionQueue(pair.lon) as queue:
        assert [(p.name, p.snode) for p in queue.processes()] == [("BACK", "NYC")]


def test_a_process_that_cannot_be_read_is_a_failed_step(pair):
    outcome, _ = run(pair, "S1 SUBMIT DSN=NOT.THERE SUBNODE=PNODE", None)
    assert outcome.condition_code == 8
