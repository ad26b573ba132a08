"""`dtf` commands in processes of their own, forked from one that has everything imported.

    nyc = Forked(folder / "nyc", "submit", "payday.cdp")
    nyc.line("SUBMITTED")           the line with this in it, as soon as it is said
    nyc.kill()                      SIGKILL
    code, said = nyc.finish()

They are processes like any other, with files and sockets of their own; what is saved is half a second of imports for
each. `dies_at=n` is SIGKILL before the nth call that changes a file or folder of the system, or makes it durable.
"""

import os
import signal
import sys
from contextlib import redirect_stdout
from functools import wraps
from io import StringIO
from multiprocessing import get_context

from dtf.cli import carry_out
from ksds.storage.device import FileDevice, FileFolder

PATIENCE = 120
"""Seconds that nothing may be heard before a program counts as hung."""
CALLS = {FileDevice: ("write", "resize", "sync"), FileFolder: ("remove", "rename", "sync")}

with redirect_stdout(StringIO()):
    carry_out(["--help"])  # the commands are made once a process: before the fork

processes = get_context("forkserver")
processes.set_forkserver_preload(["pytest", __name__])


class Forked:
    """A command that runs. With `counts` its last line is the number of its calls, as `dies_at` counts them."""

    def __init__(self, system, *arguments, dies_at=0, counts=False):
        self._said = b""
        self._pipe, other_end = processes.Pipe(duplex=False)
        command = ["--system", str(system), *map(str, arguments)]
        self._process = processes.Process(target=_run, args=(command, other_end, dies_at, counts), daemon=True)
        self._process.start()
        other_end.close()

    def line(self, text):
        """The first line that has `text` in it, as soon as it is said; empty if it ends without one."""
        while True:
            whole = self._said.decode().split("\n")[:-1]
            said = next((line for line in whole if text in line), "")
            if said or not self._hear():
                return said

    def finish(self):
        """Exit status, -9 if it was killed, and all that it said."""
        while self._hear():
            pass
        self._process.join()
        return self._process.exitcode, self._said.decode()

    def kill(self):
        """SIGKILL."""
        self._process.kill()

    def stop(self):
        """SIGTERM."""
        self._process.terminate()

    def _hear(self):
        assert self._pipe.poll(PATIENCE), f"a program hangs; it said {self._said!r}"
        data = os.read(self._pipe.fileno(), 65536)
        self._said += data
        return bool(data)


def _run(command, pipe, dies_at, counts):
    """In the child: the command, with both outputs through the pipe."""
    for output in (sys.stdout, sys.stderr):
        os.dup2(pipe.fileno(), output.fileno())
    pipe.close()
    made = _counted(dies_at) if dies_at or counts else None
    status = carry_out(command)
    if counts:
        print(*made, flush=True)
    sys.exit(status)


def _counted(dies_at):
    """Count the calls from now on, in a list of one number; die before number `dies_at`."""
    made = [0]

    def counting(call):
        @wraps(call)
        def counted(*arguments):
            made[0] += 1
            if made[0] == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments)

        return counted

    for kind, names in CALLS.items():
        for name in names:
            setattr(kind, name, counting(getattr(kind, name)))
    return made
