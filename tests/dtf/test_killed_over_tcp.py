"""A sender and a receiver over TCP, each in its own process, and one of the two killed with SIGKILL: behind a byte of
the link, or before a call that changes its files or makes them durable, both drawn from a seed over its whole life.

Then the DTF is started again: a Process that was submitted ends with SCPA000I, the same bytes are there, no checkpoint
record is left, and no more than an interval and a buffer was sent twice. KSDS_TEST_SCALE=10 for a thousand.
"""

import os
import random

import pytest

from tests.dtf.two_machines import TwoMachines

KILLS = max(8, round(100 * float(os.environ.get("KSDS_TEST_SCALE", "1"))))
SIZE, INTERVAL = 600_000, 50_000
AT_ONCE = 5
"""Kills of one test."""

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return TwoMachines(tmp_path_factory.mktemp("template"), SIZE, 10_000, "50K")


@pytest.fixture(scope="module")
def calls(template, tmp_path_factory):
    """How many calls sender and receiver make in a copy that nobody disturbs."""
    machines = template.copied_to(tmp_path_factory.mktemp("counted"))
    machines.listen(counts=True)
    _, sender = machines.submit(counts=True).finish()
    return {"sender": int(sender.split()[-1]), "receiver": int(machines.stop().split()[-1])}


def killed(machines, victim, rng, calls):
    """Submit the Process, and let one of the two die while it is worked. The byte of the link, 0 if it was a call, and
    whether SUBMIT had said that the Process is in the queue."""
    byte, how, fault = 0, {}, []
    if rng.random() < 0.5:
        byte = rng.randrange(1, SIZE)
        fault = ["--fault", f"kill-{victim}@link:{byte}"]
    else:
        how = {"dies_at": rng.randrange(1, calls[victim] + 1)}
    if victim == "sender":
        machines.listen()
        code, said = machines.submit(*fault, **how).finish()
    else:
        machines.listen(*fault, **how)
        sent, said = machines.submit().finish()
        assert sent in (0, 8), said
        machines.listening.stop()  # its last calls are those of a node that ends
        code, _ = machines.listening.finish()
        machines.listen()
    assert code == -9, (fault, how)
    return byte, "DTX513I" in said


def assert_little_was_sent_again(machines, byte, capsys):
    """`byte` of the link was reached; a buffer ends with its interval, and frames have heads."""
    step = machines.shown(capsys, machines.nyc, "select", "statistics", "recids=CT")[-1]
    safe = SIZE - int(step["BYXF"])
    assert byte - safe <= 2 * INTERVAL + SIZE // 50


@pytest.mark.parametrize("first", range(0, KILLS, AT_ONCE))
def test_whichever_dies_wherever_the_copy_goes_on(template, calls, tmp_path, capsys, first):
    for number in range(first, first + AT_ONCE):
        rng, victim = random.Random(number), ("sender", "receiver")[number % 2]
        machines = template.copied_to(tmp_path / str(number))
        try:
            byte, is_submitted = killed(machines, victim, rng, calls)
            is_queued = is_submitted or machines.shown(capsys, machines.nyc, "select", "process")
            code, said = machines.run() if is_queued else machines.submit().finish()
            assert code == 0, (number, said)
            assert "Traceback" not in said + machines.stop()
            machines.assert_done(capsys)
            assert_little_was_sent_again(machines, byte, capsys)
        finally:
            machines.end()
