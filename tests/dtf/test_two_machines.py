"""Two operating system processes and a TCP connection: `dtf node start` on one side, `dtf submit` on the other.

Each of them is killed with SIGKILL, at chosen places and at random moments; the copy goes on from its record.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dtf.cli import carry_out as dtf_program
from ksds import DataSetAttributes, System

ROOT = Path(__file__).resolve().parents[2]
SIZE = 6_000_000
INTERVAL = 502_200  # 500K to the nearest block of 27900
BUFFER = 256 * 1024
KILLS = max(4, round(8 * float(os.environ.get("KSDS_TEST_SCALE", "1"))))

pytestmark = pytest.mark.kill


def begin(system: Path, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-c", "from dtf.cli import main; main()", "--system", str(system), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finish(process: subprocess.Popen) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


class TwoMachines:
    """NYC sends, LON listens; each in its own process."""

    def __init__(self, folder: Path) -> None:
        self.nyc, self.lon = folder / "nyc", folder / "lon"
        self.listening: subprocess.Popen | None = None
        with System.open(self.nyc) as system:
            system.allocate("PAY.SRC", DataSetAttributes("FB", 100, 27900))
            with system.sequential("PAY.SRC", "w") as data_set:
                data_set.append(f"{n:010d}".encode("cp037") * 10 for n in range(SIZE // 100))
            with system.sequential("PAY.SRC") as data_set:
                self.sent = data_set.read(0, SIZE)
        assert self.dtf(self.lon, "node", "add", "NYC", "--at", "127.0.0.1:1") == 0
        self.process = folder / "payday.cdp"
        copy = "STEP01 COPY FROM (DSN=PAY.SRC) CKPT=500K TO (DSN=PAY.DST DISP=(NEW,CATLG))"
        self.process.write_text(f"PAYDAY PROCESS SNODE=LON\n{copy}\n", encoding="utf-8")

    @staticmethod
    def dtf(system: Path, *arguments: str) -> int:
        return dtf_program(["--system", str(system), *arguments])

    def listen(self, *arguments: str) -> None:
        """Start LON at a new port, and tell NYC of it."""
        self.listening = begin(self.lon, "node", "start", "--at", "127.0.0.1:0", *arguments)
        line = self.listening.stdout.readline()
        assert line.startswith("DTX380I LON LISTENS AT 127.0.0.1:"), self.listening.stderr.read()
        assert self.dtf(self.nyc, "node", "add", "LON", "--at", line.split()[-1]) == 0

    def stop(self) -> str:
        if self.listening is None:
            return ""
        self.listening.send_signal(signal.SIGTERM)
        code, said = finish(self.listening)
        assert code == 0, said
        self.listening = None
        return said

    def shown(self, capsys, system, *arguments):
        capsys.readouterr()
        assert self.dtf(system, *arguments, "--json") == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def assert_done(self, capsys) -> None:
        """The same bytes there, nothing left behind on either side."""
        with System.open(self.lon) as system, system.sequential("PAY.DST") as data_set:
            assert data_set.read(0, SIZE + 1) == self.sent
        assert self.shown(capsys, self.lon, "checkpoints") == []
        assert self.shown(capsys, self.nyc, "select", "process") == []


@pytest.fixture
def machines(tmp_path: Path):
    machines = TwoMachines(tmp_path)
    yield machines
    if machines.listening is not None:
        machines.listening.kill()
        machines.listening.communicate()


def test_a_copy_goes_over_tcp_and_both_nodes_record_it(machines, capsys):
    machines.listen()
    code, said = finish(begin(machines.nyc, "submit", str(machines.process)))
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
    code, said = finish(begin(machines.nyc, "submit", str(machines.process)))
    assert code == 8
    assert "SVTM105I" in said
    assert "Traceback" not in said
    (queued,) = machines.shown(capsys, machines.nyc, "select", "process")
    assert (queued["queue"], queued["status"]) == ("HO", "WC")


@pytest.mark.parametrize("fault", ["kill-receiver@ckpt:1", "kill-receiver@ckpt:7", "kill-receiver@3M"])
def test_the_receiver_dies(machines, fault, capsys):
    machines.listen("--fault", fault)
    code, said = finish(begin(machines.nyc, "submit", str(machines.process)))
    assert machines.listening.wait() == -9
    assert code == 8, said  # all retries are used up: nobody is there
    machines.listening.communicate()
    (record,) = machines.shown(capsys, machines.lon, "checkpoints")
    machines.listen()
    code, said = finish(begin(machines.nyc, "run"))
    assert code == 0, said
    assert "RESTARTED FROM THE CHECKPOINT RECORD" in said
    machines.stop()
    machines.assert_done(capsys)
    (step,) = machines.shown(capsys, machines.nyc, "select", "statistics", "recids=CT")
    assert int(step["BYXF"]) == SIZE - record["positions"][0]["target"]


@pytest.mark.parametrize("fault", ["kill-sender@0", "kill-sender@ckpt:5", "kill-sender@percent:100"])
def test_the_sender_dies_and_the_receiver_goes_on_listening(machines, fault, capsys):
    machines.listen()
    code, said = finish(begin(machines.nyc, "submit", str(machines.process), "--fault", fault))
    assert code == -9, said
    code, said = finish(begin(machines.nyc, "run"))
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
    nyc = begin(machines.nyc, "node", "start", "--at", "127.0.0.1:0")
    assert "NYC LISTENS" in nyc.stdout.readline()
    code, said = finish(begin(machines.nyc, "submit", str(machines.process)))
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
    assert nyc.wait(timeout=20) == 0
    nyc.communicate()
    assert machines.dtf(machines.nyc, "stop") == 2
    machines.stop()
    machines.assert_done(capsys)


def test_a_console_socket_left_by_a_dead_dtf_is_nobody(machines, capsys):
    machines.listen()
    machines.listening.kill()
    machines.listening.communicate()
    assert (machines.lon / "dtf.console").exists()
    assert machines.dtf(machines.lon, "stop") == 2
    machines.listen()
    assert machines.dtf(machines.lon, "stop") == 0
    finish(machines.listening)
    machines.listening = None


@pytest.mark.parametrize("seed", range(KILLS))
def test_either_dies_at_any_moment(machines, seed, capsys):
    """KSDS_TEST_SCALE=12 for a hundred of them."""
    rng = random.Random(seed)
    machines.listen()
    sending = begin(machines.nyc, "submit", str(machines.process))
    sending.stdout.readline()  # DTX513I: it is in the queue
    time.sleep(rng.uniform(0, 0.2))
    victim = sending if seed % 2 else machines.listening
    victim.kill()
    finish(sending)
    if victim is machines.listening:
        machines.listening.communicate()
        machines.listen()
    code, said = finish(begin(machines.nyc, "run"))
    assert code == 0, (seed, said)
    machines.stop()
    machines.assert_done(capsys)
