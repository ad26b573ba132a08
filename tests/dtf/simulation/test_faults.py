"""Fault SPECs: what they mean, and that each strikes once at its place."""

import errno
import subprocess
import sys

import pytest

from dtf.copying.progress import LinkCut, Progress
from dtf.errors import SessionLost
from dtf.simulation.faults import Fault, FaultPlan, FaultSpecError, flip_bit, parse_fault


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("session@3M", Fault("session", "byte", 3_000_000)),
        ("SESSION@4k", Fault("session", "byte", 4_000)),
        ("kill-receiver@ckpt:2", Fault("kill-receiver", "ckpt", 2)),
        ("kill-sender@record:500", Fault("kill-sender", "record", 500)),
        ("disk-full@percent:40", Fault("disk-full", "percent", 40)),
        ("corrupt@random:7", Fault("corrupt", "random", 7)),
        ("session@0", Fault("session", "byte", 0)),
        ("session@link:70000", Fault("session", "link", 70_000)),
    ],
)
def test_specs_of_the_design_are_understood(spec, fault):
    assert parse_fault(spec) == fault
    assert parse_fault(str(fault)) == fault


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "session",
        "@3M",
        "explode@3M",
        "session@",
        "session@-1",
        "session@3X",
        "session@ckpt:",
        "session@percent:101",
        "session@" + "9" * 30,
    ],
)
def test_anything_else_is_one_clear_line(spec):
    with pytest.raises(FaultSpecError) as refused:
        parse_fault(spec)
    assert "\n" not in str(refused.value)


def test_the_link_is_cut_behind_the_very_byte():
    plan = FaultPlan([parse_fault("session@link:25")])
    assert plan.carried(b"0123456789") == b"0123456789"
    assert plan.carried(b"0123456789") == b"0123456789"
    with pytest.raises(LinkCut) as cut:
        plan.carried(b"0123456789")
    assert cut.value.delivered == b"01234"
    assert plan.carried(b"0123456789") == b"0123456789"


def test_one_bit_of_the_very_byte_is_turned():
    plan = FaultPlan([parse_fault("corrupt@link:13")])
    assert plan.carried(bytes(10)) == bytes(10)
    damaged = plan.carried(bytes(10))
    assert [n for n, byte in enumerate(damaged) if byte] == [2]
    assert damaged[2].bit_count() == 1
    assert plan.pending == ()


def test_a_fault_strikes_once_and_only_when_its_place_is_reached():
    plan = FaultPlan([parse_fault("session@100")])
    plan.sent(Progress(total=1000, sent=99))
    with pytest.raises(SessionLost, match="session@100"):
        plan.sent(Progress(total=1000, sent=100))
    plan.sent(Progress(total=1000, sent=500))
    assert plan.pending == ()


@pytest.mark.parametrize(
    ("spec", "before", "after"),
    [
        ("session@ckpt:2", Progress(checkpoints=1), Progress(checkpoints=2)),
        ("session@record:7", Progress(records=6), Progress(records=7)),
        ("session@percent:50", Progress(total=10, sent=4), Progress(total=10, sent=5)),
    ],
)
def test_each_unit_counts_its_own_thing(spec, before, after):
    plan = FaultPlan([parse_fault(spec)])
    plan.sent(before)
    with pytest.raises(SessionLost):
        plan.filed(after)


def strikes(plan, progress):
    try:
        plan.sent(progress)
    except SessionLost:
        return True
    return False


def test_a_random_place_is_the_same_for_the_same_seed():
    places = []
    for _ in range(2):
        plan = FaultPlan([parse_fault("session@random:5")])
        places.append(next(n for n in range(1001) if strikes(plan, Progress(total=1000, sent=n))))
    assert places[0] == places[1] < 1000


def test_kill_ends_the_process_at_once():
    program = (
        "from dtf.simulation.faults import *\n"
        "from dtf.copying.progress import LinkCut, Progress\n"
        "try: FaultPlan([parse_fault('kill-sender@0')]).sent(Progress())\n"
        "finally: print('a handler ran', flush=True)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert ended.returncode == -9
    assert ended.stdout == b""


def test_a_full_disk_is_the_system_error_and_strikes_once():
    plan = FaultPlan([parse_fault("disk-full@record:2")])
    plan.writing(Progress(records=1))
    with pytest.raises(OSError, match="injected disk-full") as full:
        plan.writing(Progress(records=2))
    assert full.value.errno == errno.ENOSPC
    plan.writing(Progress(records=3))


def test_corruption_turns_one_bit_of_one_payload():
    plan = FaultPlan([parse_fault("corrupt@10")])
    sent = [plan.payload(Progress(sent=n), b"abcdef") for n in (0, 10, 20)]
    assert sent[0] == sent[2] == b"abcdef" != sent[1]


def test_a_flipped_bit_is_exactly_one():
    data = bytes(100)
    damaged = flip_bit(data, 3)
    assert sum(byte.bit_count() for byte in damaged) == 1
