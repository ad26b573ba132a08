"""Programs that take their time: the node goes on meanwhile, and none is run twice."""

from dataclasses import replace

import pytest

from tests.dtf.node_pair import NOW, fill
from tests.dtf.test_steps_without_data import Ended, allow, opened


class Slow(Ended):
    """A program that runs until it is told to end."""

    running, stopped = True, False

    def ended(self):
        return None if self.running else self.code

    def stop(self):
        self.running, self.stopped = False, True


class OneSlow:
    """Programs with one slow program."""

    def __init__(self):
        self.task = Slow(4)
        self.started = 0

    def start_task(self, system, program, parameter):
        self.started += 1
        return self.task


@pytest.mark.parametrize("where", ["PNODE", "SNODE"])
def test_while_a_task_runs_the_node_goes_on_with_its_other_sessions(pair, where):
    for one in (pair.nyc, pair.lon):
        allow(one, run_task=("SLOW",))
    sent = fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 500)
    programs = OneSlow()
    with opened(pair, programs) as node:
        node.local.partners["LON"] = replace(node.local.partners["LON"], sessions=2)
        slow = node.submit(f"P PROCESS SNODE=LON\nT1 RUN TASK (PGM=SLOW) {where}\n")
        while node.local.tasks == {} and node.outcome(slow).queue and programs.started == 0:
            node.turn()
        copy = node.submit("Q PROCESS SNODE=LON CLASS=2\nS1 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST)\n")
        node.run(copy)
        assert (node.outcome(copy).condition_code, node.outcome(slow).queue) == (0, "EX")
        assert list(pair.lon.records("PAY.DST")) == sent
        assert not node.turn(), "a task that runs is waited for, not asked for ever"
        assert node.seconds_left() <= 0.05
        programs.task.running = False
        node.run(slow)
        assert (node.outcome(slow).condition_code, programs.started) == (4, 1)


def test_a_restart_waits_for_the_task_that_still_runs(pair):
    """The session is lost, the node of the program lives: the second try finds the first one's program."""
    allow(pair.nyc, run_task=("SLOW",))
    programs = OneSlow()
    with opened(pair, programs) as node:
        number = node.submit("P PROCESS SNODE=LON\nT1 RUN TASK (PGM=SLOW) PNODE\n")
        while programs.started == 0:
            node.turn()
        node._running[number].call.close()
        while node.outcome(number).queue == "EX":
            node.turn()
        assert (node.outcome(number).queue, node.outcome(number).status) == ("TI", "RE")
        node.local.jump_to(NOW + 200)
        for _ in range(50):
            node.turn()
        assert (node.outcome(number).queue, programs.started) == ("EX", 1)
        programs.task.running = False
        node.run(number)
        assert (node.outcome(number).condition_code, programs.started) == (4, 1)


def test_a_task_that_takes_too_long_is_ended(pair):
    allow(pair.nyc, run_task=("SLOW",), run_task_time=60)
    programs = OneSlow()
    with opened(pair, programs) as node:
        number = node.submit("P PROCESS SNODE=LON\nT1 RUN TASK (PGM=SLOW) PNODE\n")
        while programs.started == 0:
            node.turn()
        node.local.jump_to(NOW + 61)
        node.run(number)
        assert (node.outcome(number).condition_code, programs.task.stopped) == (16, True)


def test_a_program_is_ended_with_its_node(pair):
    allow(pair.nyc, run_task=("SLOW",))
    programs = OneSlow()
    with opened(pair, programs) as node:
        node.submit("P PROCESS SNODE=LON\nT1 RUN TASK (PGM=SLOW) PNODE\n")
        while programs.started == 0:
            node.turn()
    assert programs.task.stopped
