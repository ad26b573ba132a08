"""A copy of every kind, its link cut or one bit of it turned at a byte drawn from a seed; every second one goes
over real sockets. KSDS_TEST_SCALE=10 for 480 of them.

Whatever happens: the Process ends, the records are there once, nothing is left behind, and no more than an interval
and a buffer is sent again.
"""

import os
import random

import pytest

from dtf.node import Node
from dtf.simulation.faults import FaultPlan, parse_fault
from dtf.transport import memory
from tests.dtf.node_pair import NOW, by_tcp, define_keyed, fill
from tests.dtf.test_every_kind import CODE, define, library, members_of, put

CUTS = max(14, round(48 * float(os.environ.get("KSDS_TEST_SCALE", "1"))))
INTERVAL, BUFFER = 20_000, 27_000  # a buffer ends with its interval, or a unit behind it
KINDS = ("PS", "KSDS", "ESDS", "RRDS", "LIBRARY", "MEMBER", "from there")
LINK_BYTES = {"PS": 180_000, "LIBRARY": 190_000, "MEMBER": 160_000, "RRDS": 250_000}

pytestmark = pytest.mark.fault


def prepare(pair, kind):
    """What is copied, the Process's COPY, and how to look at the target."""
    if kind in ("LIBRARY", "MEMBER"):
        library(pair.nyc, "A.LIB", CODE)
        library(pair.lon, "B.LIB", {"OTHER": ["kept"]})
        member = "(BETA)" if kind == "MEMBER" else ""
        there = {"OTHER": ["kept"], **({"BETA": CODE["BETA"]} if member else CODE)}
        copy = f"FROM (DSN=A.LIB{member}) CKPT=20K TO (DSN=B.LIB{member} DISP=RPL)"
        return there, copy, lambda: members_of(pair.lon, "B.LIB")
    if kind == "from there":
        sent = fill(pair.lon, "PAY.SRC", "VB", 104, 6000, 3000)
        return (
            sent,
            "FROM (DSN=PAY.SRC SNODE) CKPT=20K TO (DSN=PAY.DST PNODE)",
            lambda: list(pair.nyc.records("PAY.DST")),
        )
    sent = put(pair.nyc, "PAY.SRC", kind)
    if kind == "KSDS":
        define_keyed(pair.lon, "PAY.DST", maximum=100, average=60)
    elif kind != "PS":
        define(pair.lon, "PAY.DST", kind)
    disposition = "NEW" if kind == "PS" else "SHR" if kind in ("ESDS", "RRDS") else "RPL"
    copy = f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP={disposition})"
    return sent, copy, lambda: list(pair.lon.records("PAY.DST"))


@pytest.mark.parametrize("seed", range(CUTS))
def test_cut_or_corrupted_at_any_byte_it_ends_the_same(pair, seed):
    rng = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    expected, copy, found = prepare(pair, kind)
    over_tcp = seed % 2 == 0
    action = rng.choice(["session", "corrupt"])
    faults = [parse_fault(f"{action}@link:{rng.randrange(1, LINK_BYTES.get(kind, 200_000))}")]
    plan = FaultPlan(faults)
    story = (seed, kind, str(faults[0]))
    connect = by_tcp if over_tcp else memory.connect
    with Node.open(pair.nyc, clock=lambda: NOW, connect=connect, log=pair.console.append, observer=plan) as node:
        number = node.submit(f"P PROCESS SNODE=LON CRC=ON\nS1 COPY {copy}\n")
        node.run(number)
        outcome = node.outcome(number)
        (step,) = [s.fields for s in node.statistics() if s.kind == "CT"]
    assert (outcome.condition_code, outcome.queue) == (0, ""), (story, outcome)
    assert found() == expected, story
    assert pair.checkpoints(pair.nyc) == pair.checkpoints(pair.lon) == [], story
    again = plan.data_bytes - int(step["BYXF"]) - int(step["SRCB"])
    assert again <= INTERVAL + BUFFER, story
