"""A copy of a kind again and again from the same beginning, each time with its link cut or corrupted somewhere else.

The systems of both nodes are in memory, only files of the host are real; the link is one in memory or real sockets.
"""

from functools import cache

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.step import COMPLETED
from dtf.node import Node, orphans
from dtf.simulation.faults import FaultPlan
from dtf.transport import memory
from tests.dtf.crashes.machine import CopyOnWrite, Machine, the_only_disk
from tests.dtf.node_pair import NOW


class Frames(FaultPlan):
    """Notes behind which byte of the link each frame, or part of one, ends."""

    def __init__(self, faults=()):
        super().__init__(faults)
        self.ends = []

    def carried(self, data):
        data = super().carried(data)
        self.ends.append(self.link_bytes)
        return data


class Undisturbed:
    """What a copy is without trouble: `ends` of its frames on the link, the bytes of data sent, what is there then."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.out, self.into = folder / "out", folder / "into"
        for path in (self.out, self.into):
            path.mkdir()
        machine = Machine(CopyOnWrite(installed()))
        self._story(machine).prepare()
        self._start = machine.disk.image()
        plan, _, self.expected = self._copied()
        self.ends, self.data_bytes = plan.ends, plan.data_bytes

    def again(self, fault, connect=memory.connect):
        """The same copy with a fault. Whatever happens it ends well, with the same bytes at the target; no more than an
        interval and a buffer is sent again, nothing is left behind at either node."""
        plan, step, found = self._copied((fault,), connect)
        what = (self.kind.__name__, str(fault), step)
        assert plan.pending == (), what
        assert found == self.expected, what
        again, unit = plan.data_bytes - self.data_bytes, self.kind.unit
        interval = -(-int(step["CKIV"]) // unit) * unit
        assert again <= 2 * interval + 2000, (again, what)  # a buffer ends with its interval

    def _story(self, machine):
        return self.kind(machine.nyc, machine.lon, self.out, self.into)

    def _copied(self, faults=(), connect=memory.connect):
        """The plan with what it noted, the fields of the CT record, what the target then holds."""
        for path in self.into.iterdir():
            path.unlink()
        machine, plan = Machine(CopyOnWrite(self._start)), Frames(faults)
        story = self._story(machine)
        copy = story.copy.format(out=self.out, into=self.into)
        with the_only_disk(machine.disk):
            with Node.open(machine.nyc, clock=lambda: NOW, connect=connect, observer=plan) as node:
                number = node.submit(f"P PROCESS SNODE=LON CRC=ON\nS1 COPY {copy}\n")
                node.run(number)
                outcome = node.outcome(number)
                step = [s.fields for s in node.statistics() if s.kind == "CT"][-1]
            what = (self.kind.__name__, faults, outcome, step)
            assert (outcome.condition_code, outcome.queue, outcome.message_id) == (0, "", COMPLETED), what
            for system in (machine.nyc, machine.lon):
                with CheckpointFile(system) as file:
                    assert file.records() == [], what
                assert orphans.find(system) == [], what
        return plan, step, story.found()


@cache
def installed():
    """The files of two nodes that know each other, without any data."""
    return Machine.installed().disk.image()
