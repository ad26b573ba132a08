"""NYC sends, LON listens, each in its own processes, with a TCP connection between them."""

import json
import shutil

from dtf.cli import carry_out as dtf_program
from ksds import DataSetAttributes, System
from tests.dtf.forked_programs import Forked


class TwoNodes:
    """Two nodes in `folder`, and `process`, a file with a Process for NYC."""

    def __init__(self, folder, text):
        self.folder, self.nyc, self.lon = folder, folder / "nyc", folder / "lon"
        self.listening = None
        for system, partner in ((self.lon, "NYC"), (self.nyc, "LON")):
            assert self.dtf(system, "node", "add", partner, "--at", "127.0.0.1:1") == 0
        self.process = folder / "payday.cdp"
        self.process.write_text(text, encoding="utf-8")

    @staticmethod
    def dtf(system, *arguments):
        """The status of a command that is carried out in this process."""
        return dtf_program(["--system", str(system), *arguments])

    def listen(self, *arguments, **how):
        """Start LON at a new port, and tell NYC of it, if it does not die before."""
        self.listening = Forked(self.lon, "node", "start", "--at", "127.0.0.1:0", *arguments, **how)
        line = self.listening.line("DTX380I LON LISTENS AT")
        assert line or how, self.listening.finish()
        if line:
            assert self.dtf(self.nyc, "node", "add", "LON", "--at", line.split()[-1]) == 0

    def submit(self, *arguments, **how):
        return Forked(self.nyc, "submit", self.process, *arguments, **how)

    def run(self):
        """Start the DTF of NYC again, and let it work its queue."""
        return Forked(self.nyc, "run").finish()

    def stop(self):
        """End LON in peace; what it said."""
        if self.listening is None:
            return ""
        self.listening.stop()
        code, said = self.listening.finish()
        assert code == 0, said
        self.listening = None
        return said

    def end(self):
        """Whatever still runs is killed."""
        if self.listening is not None:
            self.listening.kill()
            self.listening.finish()

    def shown(self, capsys, system, *arguments):
        """What a command prints as JSON lines."""
        capsys.readouterr()
        assert self.dtf(system, *arguments, "--json") == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def assert_ended(self, capsys):
        """Nothing is left behind on either side, and the Process has ended with SCPA000I."""
        for system in (self.nyc, self.lon):
            assert self.shown(capsys, system, "checkpoints") == []
        assert self.shown(capsys, self.nyc, "select", "process") == []
        ended = self.shown(capsys, self.nyc, "select", "statistics", "recids=PT")[-1]
        assert (ended["CCOD"], ended["MSGI"]) == ("0", "SCPA000I"), ended


class TwoMachines(TwoNodes):
    """The Process copies PAY.SRC of NYC, `size` bytes, to PAY.DST of LON."""

    def __init__(self, folder, size, block, interval):
        copy = f"STEP01 COPY FROM (DSN=PAY.SRC) CKPT={interval} TO (DSN=PAY.DST DISP=(NEW,CATLG))"
        super().__init__(folder, f"PAYDAY PROCESS SNODE=LON\n{copy}\n")
        self.size = size
        with System.open(self.nyc) as system:
            system.allocate("PAY.SRC", DataSetAttributes("FB", 100, block))
            with system.sequential("PAY.SRC", "w") as data_set:
                data_set.append(f"{n:010d}".encode("cp037") * 10 for n in range(size // 100))
            with system.sequential("PAY.SRC") as data_set:
                self.sent = data_set.read(0, size)

    def copied_to(self, folder):
        """The same two in another folder, before anything has happened."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        other = object.__new__(TwoMachines)
        other.__dict__.update(self.__dict__, folder=folder, nyc=folder / "nyc", lon=folder / "lon")
        other.process = folder / self.process.name
        return other

    def assert_done(self, capsys):
        """The same bytes are there, and `assert_ended`."""
        with System.open(self.lon) as system, system.sequential("PAY.DST") as data_set:
            assert data_set.read(0, self.size + 1) == self.sent
        self.assert_ended(capsys)
