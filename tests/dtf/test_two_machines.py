"""Two operating system processes and a TCP connection: `dtf node start` on one side, `dtf submit` on the other.

Each of them is killed with SIGKILL, at chosen places and at random moments; the copy goes on from its record.
"""

import os
import random
import time

import pytest

from tests.dtf.forked_programs import Forked
from tests.dtf.two_machines import TwoMachines

SIZE = 6_000_000
INTERVAL = 502_200  # 500K to the nearest block of 27900
BUFFER = 256 * 1024
KILLS = max(4, round(8 * float(os.environ.get("KSDS_TEST_SCALE", "1"))))

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return TwoMachines(tmp_path_factory.mktemp("template"), SIZE, 27_900, "500K")


@pytest.fixture
def machines(template, tmp_path):
    machines = template.copied_to(tmp_path)
    yield machines
    machines.end()


def test_a_copy_goes_over_tcp_and_both_nodes_record_it(machines, capsys):
    machines.listen()
    code, said = machines.submit().finish()
    assert code == 0, said
    assert "COMPLETED 00000000/SCPA000I" in said
    assert "DTX381I LON ENDS" in machines.stop()
    machines.assert_done(capsys)
    for system in (machines.nyc, machines.lon):
        (step,) = machines.shown(capsys, system, "select", "statistics", "recids=CT")
        assert (step["CCOD"], step["BYXF"], step["CKNO"]) == ("0", str(SIZE), "11")


def test_nobody_listens(machines, capsys):
    machines.listen()
    machines.stop()
    code, said = machines.submit().finish()
    assert code == 8
    assert "SVTM105I" in said
    assert "Traceback" not in said
    (queued,) = machines.shown(capsys, machines.nyc, "select", "process")
    assert (queued["queue"], queued["status"]) == ("HO", "WC")


@pytest.mark.parametrize("fault", ["kill-receiver@ckpt:1", "kill-receiver@ckpt:7", "kill-receiver@3M"])
def test_the_receiver_dies(machines, fault, capsys):
    machines.listen("--fault", fault)
    code, said = machines.submit().finish()
    assert machines.listening.finish()[0] == -9
    assert code == 8, said  # all retries are used up: nobody is there
    (record,) = machines.shown(capsys, machines.lon, "checkpoints")
    machines.listen()
    code, said = machines.run()
    assert code == 0, said
    assert "RESTARTED FROM THE CHECKPOINT RECORD" in said
    machines.stop()
    machines.assert_done(capsys)
    (step,) = machines.shown(capsys, machines.nyc, "select", "statistics", "recids=CT")
    assert int(step["BYXF"]) == SIZE - record["positions"][0]["target"]


@pytest.mark.parametrize("fault", ["kill-sender@0", "kill-sender@ckpt:5", "kill-sender@percent:100"])
def test_the_sender_dies_and_the_receiver_goes_on_listening(machines, fault, capsys):
    machines.listen()
    code, said = machines.submit("--fault", fault).finish()
    assert code == -9, said
    code, said = machines.run()
    assert code == 0, said
    assert "WAS EXECUTING" in said
    assert "A CALL ENDED" in machines.stop()
    machines.assert_done(capsys)
    (step,) = machines.shown(capsys, machines.nyc, "select", "statistics", "recids=CT")
    safe = SIZE - int(step["BYXF"])
    reached = {"0": 0, "ckpt:5": 5 * INTERVAL, "percent:100": SIZE}[fault.partition("@")[2]]
    assert reached - safe <= INTERVAL + BUFFER


def test_a_dtf_that_stays_takes_commands_from_other_programs(machines, capsys):
    """NYC listens too: whoever submits, changes or stops something there asks it."""
    machines.listen()
    nyc = Forked(machines.nyc, "node", "start", "--at", "127.0.0.1:0")
    assert nyc.line("NYC LISTENS")
    code, said = machines.submit().finish()
    assert code == 0, said
    assert "ENDED, CODE 00000000 SCPA000I" in said

    held = machines.process.with_name("held.cdp")
    held.write_text(machines.process.read_text().replace("SNODE=LON", "SNODE=LON HOLD=YES").replace("PAY.DST", "B.C"))
    assert machines.dtf(machines.nyc, "submit", str(held)) == 0
    assert machines.dtf(machines.nyc, "change", "process", "2", "prty=15", "class=1") == 0
    assert machines.dtf(machines.nyc, "view", "process", "2") == 0
    assert "HOLD=YES" in capsys.readouterr().out
    assert machines.dtf(machines.nyc, "suspend", "process", "2") == 8
    assert "DTX324E" in capsys.readouterr().err
    assert machines.dtf(machines.nyc, "submit", __file__) == 8
    assert capsys.readouterr().err.startswith("DTX001E")
    assert machines.dtf(machines.nyc, "initparms", "maxretries=1", "wtretries=00:00:01") == 0
    assert "MAXRETRIES=1\n" in capsys.readouterr().out
    assert machines.dtf(machines.nyc, "initparms", "maxretries=1", "ckpt=lots") == 8
    assert machines.dtf(machines.nyc, "delete", "process", "pname=PAY*") == 0
    assert machines.dtf(machines.nyc, "stop") == 0
    assert nyc.finish()[0] == 0
    assert machines.dtf(machines.nyc, "stop") == 2
    machines.stop()
    machines.assert_done(capsys)


def test_a_console_socket_left_by_a_dead_dtf_is_nobody(machines, capsys):
    machines.listen()
    machines.listening.kill()
    machines.listening.finish()
    assert (machines.lon / "dtf.console").exists()
    assert machines.dtf(machines.lon, "stop") == 2
    machines.listen()
    assert machines.dtf(machines.lon, "stop") == 0
    assert machines.listening.finish()[0] == 0
    machines.listening = None


def test_a_folder_may_be_deep(template, tmp_path, capsys):
    """Its path is longer than the address of a socket can be."""
    machines = template.copied_to(tmp_path / ("a-folder-with-a-long-name-" * 5))
    try:
        machines.listen()
        assert machines.submit().finish()[0] == 0
        assert machines.dtf(machines.lon, "stop") == 0
        assert machines.listening.finish()[0] == 0
        machines.listening = None
        machines.assert_done(capsys)
        assert not (machines.lon / "dtf.console").exists()
    finally:
        machines.end()


@pytest.mark.parametrize("seed", range(KILLS))
def test_either_dies_at_any_moment(machines, seed, capsys):
    """KSDS_TEST_SCALE=12 for a hundred of them."""
    rng = random.Random(seed)
    machines.listen()
    sending = machines.submit()
    sending.line("DTX513I")  # it is in the queue
    time.sleep(rng.uniform(0, 0.2))
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
