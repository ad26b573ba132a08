"""Any sequence of what an operator, the clock, a partner and a power cut do to the queue, beside a model of its rules.

The model knows where a Process stands after each of them (connect-direct.md 3.9, 3.10) and nothing of records: of the
Processes for a partner that cannot be reached one tries again, MAXRETRIES times, while the others wait for it. After
each step the node, and a reader of its queue, say the same as the model.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from dtf.errors import NodeError
from dtf.netmap import FOLDER, AdjacentNode, Netmap
from dtf.node import Node, local
from dtf.transmission_queue import TransmissionQueue
from dtf.transport import memory
from tests.dtf.crashes.machine import NOW, CopyOnWrite, Machine, Opener

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EXAMPLES, STEPS = max(5, round(60 * SCALE)), 40
DAY, WAIT_SECONDS, MOST_RETRIES = 86_400, 60, 2

TEXT = "P PROCESS SNODE={} PRTY={} {}\nS1 COPY FROM (DSN=NOT.THERE) TO (DSN=C.D DISP=RPL)\n"
"""Its only step ends with code 8 at once: what counts here is when it runs."""
WAYS = {
    "": "WA WC",
    "HOLD=YES": "HO HI",
    "HOLD=CALL": "HO HC",
    "RETAIN=YES": "HO HR",
    "STARTT=(TOMORROW,03:00)": "TI WC",
    "HOLD=YES STARTT=(TOMORROW,03:00)": "HO HI",
}


@dataclass(slots=True)
class Modelled:
    """Where a Process stands. `due` is a start time that has not come, or the end of a wait; `waits` for another's."""

    number: int
    partner: str
    where: str
    priority: int
    retained: bool = False
    due: float = 0
    retries: int = 0
    waits: bool = False


class QueueMachine(RuleBasedStateMachine):
    """NYC and its two partners: LON answers, PAR cannot be reached."""

    start: dict[str, bytes]

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.model: dict[int, Modelled] = {}
        self.last = 0
        self.now = NOW
        self.open(CopyOnWrite(self.start))

    def open(self, disk: CopyOnWrite) -> None:
        """Start the DTF, as after the end of the one before."""
        self.machine = Machine(disk)
        self.patch.setattr(local, "System", Opener(disk))
        self.node = Node.open(self.machine.nyc, clock=lambda: self.now, connect=memory.connect)
        self.node.local.parameters = type(self.node.local.parameters)(maxretries=MOST_RETRIES, wtretries=WAIT_SECONDS)

    def teardown(self) -> None:
        self.node.close()
        self.patch.undo()

    def chosen(self, draw: int) -> Modelled:
        return list(self.model.values())[draw % len(self.model)]

    # -- the operator

    @rule(way=st.sampled_from(sorted(WAYS)), partner=st.sampled_from(["LON", "PAR"]), priority=st.integers(0, 15))
    def submit(self, way: str, partner: str, priority: int) -> None:
        self.last += 1
        assert self.node.submit(TEXT.format(partner, priority, way)) == self.last
        due = (self.now // DAY + 1) * DAY + 3 * 3600 if "STARTT" in way else 0
        self.model[self.last] = Modelled(self.last, partner, WAYS[way], priority, "RETAIN" in way, due)

    @precondition(lambda self: self.model)
    @rule(draw=st.integers(0, 99), call=st.booleans())
    def hold(self, draw: int, call: bool) -> None:
        process = self.chosen(draw)
        self.node.change(process.number, {"HOLD": "CALL" if call else "YES"})
        tried = process.where == "TI RE"
        process.where, process.waits = "HO HC" if call else "HO HO", False
        if tried:
            process.due = 0
            self.relieve(process.partner)

    def relieve(self, partner: str) -> None:
        """The one that tried does so no longer: those that waited for it may."""
        for process in self.model.values():
            if process.partner == partner and process.waits:
                process.where, process.retries, process.waits = "WA WC", 0, False

    @precondition(lambda self: self.model)
    @rule(draw=st.integers(0, 99))
    def release(self, draw: int) -> None:
        process = self.chosen(draw)
        if not process.where.startswith("HO"):
            with pytest.raises(NodeError, match="is not held"):
                self.node.release(process.number)
        elif process.retained:
            self.last += 1
            assert f"RUNS AS {self.last}" in self.node.release(process.number)
            self.model[self.last] = Modelled(self.last, process.partner, "WA WC", process.priority)
        else:
            self.node.release(process.number)
            process.where = "TI WC" if process.due > self.now else "WA WC"
            process.retries, process.waits = 0, False

    @precondition(lambda self: self.model)
    @rule(draw=st.integers(0, 99), priority=st.integers(0, 15))
    def change_priority(self, draw: int, priority: int) -> None:
        process = self.chosen(draw)
        self.node.change(process.number, {"PRTY": str(priority)})
        process.priority = priority

    @precondition(lambda self: self.model)
    @rule(draw=st.integers(0, 99))
    def change_start(self, draw: int) -> None:
        process = self.chosen(draw)
        self.node.change(process.number, {"STARTT": "(,03:00)"})
        tried = process.where == "TI RE"
        process.due = (self.now // DAY + 1) * DAY + 3 * 3600
        if not process.where.startswith("HO"):
            process.where = "TI WC"
        if tried:
            self.relieve(process.partner)

    @precondition(lambda self: self.model)
    @rule(draw=st.integers(0, 99), partner=st.sampled_from(["LON", "PAR"]))
    def change_partner(self, draw: int, partner: str) -> None:
        process = self.chosen(draw)
        self.node.change(process.number, {"DEST": partner})
        if partner == process.partner:
            return
        tried, before = process.where == "TI RE", process.partner
        process.partner = partner
        if tried or process.waits:
            process.where, process.retries, process.waits, process.due = "WA WC", 0, False, 0
        if tried:
            self.relieve(before)

    @precondition(lambda self: self.model)
    @rule(draw=st.integers(0, 99))
    def delete(self, draw: int) -> None:
        process = self.chosen(draw)
        self.node.delete(process.number)
        del self.model[process.number]
        if process.where == "TI RE":
            self.relieve(process.partner)

    # -- the clock, the partner, the power

    @rule()
    def work(self) -> None:
        """The DTF does what can be done now."""
        while self.node.turn():
            pass
        for process in self.model.values():
            if process.where.startswith("TI") and process.due <= self.now:
                process.where, process.due = "WA WC", 0
        if any(self.waiting("LON")):
            self.free("LON")
            for process in list(self.waiting("LON")):
                del self.model[process.number]
        self.try_in_vain("PAR")

    def waiting(self, partner: str) -> Iterator[Modelled]:
        there = [p for p in self.model.values() if p.partner == partner and p.where.startswith("WA")]
        yield from sorted(there, key=lambda p: (-p.priority, p.number))

    def free(self, partner: str) -> None:
        """A session with the partner stands."""
        for process in self.model.values():
            if process.partner == partner and (process.where in ("HO WC", "HO HC") or process.waits):
                process.where, process.retries, process.waits = "WA WC", 0, False

    def try_in_vain(self, partner: str) -> None:
        one, *others = [*self.waiting(partner), None]
        if one is None:
            return
        retrying = any(p.where == "TI RE" and p.partner == partner for p in self.model.values())
        waiting = [p for p in [one, *others] if p is not None]
        if not retrying and one.retries < MOST_RETRIES:
            one.where, one.due, one.retries = "TI RE", self.now + WAIT_SECONDS, one.retries + 1
            waiting.remove(one)
        elif not retrying:
            for process in self.model.values():
                if process.partner == partner and (process.waits or process in waiting):
                    process.where, process.waits = "HO WC", False
            return
        for process in waiting:
            process.where, process.waits = "HO RH", True

    @rule(seconds=st.sampled_from([30, 60, 60, DAY]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(partner=st.sampled_from(["LON", "PAR"]))
    def the_partner_calls(self, partner: str) -> None:
        self.node.local.called(partner)
        self.free(partner)

    @rule(killed=st.booleans())
    def the_dtf_starts_again(self, killed: bool) -> None:
        disk = self.machine.disk
        if killed:
            disk = CopyOnWrite({name: bytes(data) for name, data in disk.files.items()})
        else:
            self.node.close()
        self.open(disk)
        for process in self.model.values():
            if process.where == "HO WC" or process.waits:
                process.where, process.retries, process.waits = "WA WC", 0, False

    # -- what must hold

    @invariant()
    def the_queue_is_as_the_model_says(self) -> None:
        expected = {p.number: (p.where, p.priority, p.due) for p in self.model.values()}
        found = self.node.processes()
        assert {p.number: (f"{p.queue} {p.status}", p.priority, p.due / 1e9) for p in found} == expected
        with TransmissionQueue(self.machine.nyc) as reader:
            assert reader.processes() == found


def test_the_queue_behaves_as_its_model() -> None:
    installed = Machine.installed()
    with Netmap(installed.nyc, "w") as nodes:
        nodes.add(AdjacentNode("PAR", FOLDER, "/par"))
    QueueMachine.start = {name: bytes(data) for name, data in installed.disk.files.items()}
    run_state_machine_as_test(QueueMachine, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS))
