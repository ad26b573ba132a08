"""The copy of a checkpoint set, cut at every frame, and its processes killed: nobody who looks sees half a set."""

import itertools
import os
import random
import time

import pytest

from dtf import initparms
from dtf.initparms import Initparms
from dtf.node import Node
from dtf.simulation.faults import FaultPlan, parse_fault
from dtf.transport import memory
from ksds import System
from tests.dtf.crashes.machine import CopyOnWrite, Machine, the_only_disk
from tests.dtf.cut_links import installed
from tests.dtf.node_pair import NOW, Pair
from tests.dtf.test_tensor_sets import STEM, files_of, leftovers, seen, state_of
from tests.dtf.two_machines import TwoNodes
from tests.ksds.tensors import sets

INTERVAL, UNIT, BUFFER = 64_010, 32_005, 262_144
KILLS = int(os.environ.get("KSDS_KILLS", "2"))


class Onlooker(FaultPlan):
    """Looks into the folder whenever bytes go over the link; notes where the frames end."""

    def __init__(self, faults, look):
        super().__init__(faults)
        self._look = look
        self.ends = []

    def carried(self, data):
        self._look()
        carried = super().carried(data)
        self.ends.append(self.link_bytes)
        return carried


def run_cut(pair, out, into, before, *faults):
    """One COPY; what its observer noted, and what was sent again."""

    def look():
        assert seen(into) in (None, before, sent), "half a set is seen"
        assert state_of(into).newest != STEM or seen(into) == sent

    sent = files_of(out)
    plan = Onlooker([parse_fault(fault) for fault in faults], look)
    with Node.open(pair.nyc, clock=lambda: NOW, connect=memory.connect, log=pair.console.append, observer=plan) as node:
        copy = f"copy from (file={out}/{STEM}) ckpt=64k to (file={into}/{STEM} disp=rpl)"
        number = node.submit(f"p process snode=LON crc=on\n s {copy}\npend;")
        node.run(number)
        outcome = node.outcome(number)
        step = [s.fields for s in node.statistics() if s.kind == "CT"][-1]
    assert (outcome.condition_code, outcome.queue) == (0, ""), (faults, outcome)
    assert seen(into) == sent and state_of(into).newest == STEM, faults
    assert leftovers(into) == [] and pair.checkpoints() == [], faults
    return plan, plan.data_bytes - int(step["BYXF"]) - int(step["SRCB"])


@pytest.fixture
def pair():
    """The systems are in memory; the folders of the sets are real."""
    machine = Machine(CopyOnWrite(installed()))
    with the_only_disk(machine.disk):
        yield Pair(machine.nyc, machine.lon)


@pytest.fixture
def folders(pair, tmp_path):
    out, into = tmp_path / "out", tmp_path / "in"
    out.mkdir()
    into.mkdir()
    initparms.write(pair.nyc, Initparms(file_read=(str(out),)))
    initparms.write(pair.lon, Initparms(file_write=(str(into),)))
    sets.write(out, STEM, sets.some(150), 3, meta=b"graph" * 4000)
    return out, into


def prepared(into, before):
    for path in into.iterdir():
        path.unlink()
    (into / "checkpoint").write_bytes(b'model_checkpoint_path: "model.ckpt-1"\n')
    if before:
        sets.write(into, STEM, sets.some(2), before)
    return seen(into)


@pytest.mark.fault
@pytest.mark.parametrize("before", [0, 2], ids=["a new prefix", "over a set that is there"])
def test_cut_at_every_frame_it_ends_the_same(pair, folders, before):
    out, into = folders
    plan, again = run_cut(pair, out, into, prepared(into, before))
    ends = sorted(set(plan.ends))
    assert again == 0 and len(ends) > 15
    print(f"\n{len(ends)} cuts")
    for end in ends[:-1]:
        _, again = run_cut(pair, out, into, prepared(into, before), f"session@link:{end}")
        assert again <= INTERVAL + UNIT + BUFFER, end


@pytest.mark.fault
@pytest.mark.parametrize("seed", range(6))
def test_cut_or_corrupted_at_any_byte_it_ends_the_same(pair, folders, seed):
    out, into = folders
    rng = random.Random(seed)
    fault = f"{rng.choice(['session', 'corrupt'])}@link:{rng.randrange(1, 175_000)}"
    _, again = run_cut(pair, out, into, prepared(into, seed % 3), fault)
    assert again <= INTERVAL + UNIT + BUFFER, fault


# ---- two operating system processes


class TwoMachines(TwoNodes):
    """NYC sends the set, LON listens."""

    def __init__(self, folder):
        self.out, self.into = folder / "out", folder / "in"
        copy = f"copy from (file={self.out}/{STEM}) ckpt=500k to (file={self.into}/{STEM})"
        super().__init__(folder, f"serve process snode=LON\n step01 {copy}\npend;\n")
        self.out.mkdir()
        self.into.mkdir()
        sets.write(self.out, STEM, sets.some(6000), 3, meta=b"graph" * 4000)
        for system, parameters in (
            (self.nyc, Initparms(file_read=(str(self.out),))),
            (self.lon, Initparms(file_write=(str(self.into),))),
        ):
            with System.open(system) as opened:
                initparms.write(opened, parameters)

    def assert_done(self, capsys):
        assert seen(self.into) == files_of(self.out) and state_of(self.into).newest == STEM
        assert leftovers(self.into) == []
        self.assert_ended(capsys)


@pytest.fixture
def machines(tmp_path):
    machines = TwoMachines(tmp_path)
    yield machines
    machines.end()


@pytest.mark.kill
@pytest.mark.parametrize("fault", ["kill-receiver@ckpt:4", "kill-receiver@percent:100"])
def test_the_receiver_dies(machines, capsys, fault):
    machines.listen("--fault", fault)
    code, said = machines.submit().finish()
    assert (machines.listening.finish()[0], code) == (-9, 8), said
    assert seen(machines.into) is None and not (machines.into / "checkpoint").exists()
    (record,) = machines.shown(capsys, machines.lon, "checkpoints")
    assert record["source"]["name"] == f"{machines.out}/{STEM}"
    machines.listen()
    code, said = machines.run()
    assert code == 0 and "RESTARTED FROM THE CHECKPOINT RECORD" in said, said
    machines.stop()
    machines.assert_done(capsys)


@pytest.mark.kill
@pytest.mark.parametrize("seed", range(KILLS))
def test_either_dies_at_any_moment(machines, capsys, seed):
    """KSDS_KILLS=100 for more of them."""
    rng = random.Random(seed)
    machines.listen()
    sending = machines.submit()
    sending.line("DTX513I")  # it is in the queue
    until = time.monotonic() + rng.uniform(0, 0.3)
    for _ in itertools.takewhile(lambda _: time.monotonic() < until, itertools.repeat(0)):
        assert seen(machines.into) in (None, files_of(machines.out))
    victim = sending if seed % 2 else machines.listening
    victim.kill()
    sending.finish()
    if victim is machines.listening:
        machines.listening.finish()
        machines.listen()
    code, said = machines.run()
    assert code == 0, (seed, said)
    machines.stop()
    machines.assert_done(capsys)
