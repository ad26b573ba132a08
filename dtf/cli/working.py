"""Commands that do work: submit, run, node start, repair."""

from __future__ import annotations

import getpass
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from dtf import console
from dtf.cli.operands import Faults, open_node, pairs
from dtf.cli.stopping import StopSignals
from dtf.console import Console, Request
from dtf.errors import ProcessError, UsageError
from dtf.netmap import host_address
from dtf.node import ProcessOutcome, install
from dtf.operations import Operations
from dtf.transmission_queue import HOLD, clear
from dtf.transmission_queue import repair as mend
from dtf.transport import tcp
from dtf.transport.service import serve
from dtf.watch import Watch
from ksds.system import System

PROCESS_LIMIT = 1 << 20
DEFAULT_ADDRESS = "127.0.0.1:1364"
ASK_AGAIN_SECONDS = 0.1

At = Annotated[str, typer.Option("--at", metavar="HOST:PORT", help="Where to listen; port 0 is any free one.")]
Cold = Annotated[bool, typer.Option("--cold", help="Begin with an empty queue: every Process in it is lost.")]


def submit(
    context: typer.Context,
    process: Annotated[
        Path, typer.Argument(metavar="PROCESS", help="Host file with the Process; - is standard input.")
    ],
    fault: Faults = None,
    keywords: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="As on SUBMIT: hold=yes prty=15 newname=TEST ..."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SYM=VAL", help="A symbolic. Repeatable.")
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Only put it in the queue.")] = False,
) -> int:
    """Submit a Process and run the DTF until it has ended. Exit status: its completion code.

    A DTF that listens here takes the Process and works it. A keyword beats that of the PROCESS statement.

    \b
    ACTION of a fault: session kill-sender kill-receiver disk-full corrupt corrupt-target corrupt-ckpt ckpt-full.
    WHERE: a byte offset (3M), ckpt:N, record:N (blocks in block mode), percent:N, random:SEED, link:N.

    \b
    Examples:
      dtf submit payday.cdp --set DSN1=PAY.EXTRACT
      dtf submit payday.cdp prty=15 'startt=(TOMORROW,03:00)' --no-wait
      dtf submit payday.cdp --fault session@percent:50
      dtf submit payday.cdp --fault kill-receiver@ckpt:2 ; dtf run
    """
    text = read_process(process)
    symbols = symbols_of(settings or [])
    user = getpass.getuser().upper()[:8]
    folder: Path = context.obj
    request = Request(text=text, keywords=pairs(keywords or []), symbols=symbols, submitter=user)
    answer = console.ask(folder, request)
    if answer is not None:
        if not answer.submitted:
            raise ProcessError(answer.text, message_id=answer.message_id)
        print(f"{answer.message_id} {answer.text}", flush=True)
        return 0 if no_wait else _watched(folder, answer.submitted)
    watch = Watch(fault or [])
    with System.open(folder) as system, open_node(system, watch) as node:
        operations = Operations(node, submitter=user)
        reply = operations.submit_text(text, symbols, request.keywords)
        print(f"{reply.message_id} {reply.text}", flush=True)
        if no_wait:
            return 0
        with watch.shown():
            node.run(operations.submitted)
        _tell_pending(watch)
        return _status(node.outcome(operations.submitted))


def run(
    context: typer.Context,
    fault: Faults = None,
    forever: Annotated[bool, typer.Option("--forever", help="Stay, listen and work until stopped.")] = False,
    at: At = "",
    cold: Cold = False,
) -> int:
    """Start the local DTF and work its queue until it is empty.

    What was executing when the DTF ended or died goes on from its checkpoint record.

    \b
    Examples:
      dtf run
      dtf --system nyc run --forever --at 127.0.0.1:1364
    """
    if at and not forever:
        raise UsageError("--at goes with --forever")
    if forever:
        return _serve(context.obj, at, fault or [], cold=cold)
    watch = Watch(fault or [])
    with System.open(context.obj) as system:
        if cold:
            _clear(system)
        with open_node(system, watch) as node:
            numbers = [process.number for process in node.processes()]
            with watch.shown():
                node.run()
            _tell_pending(watch)
            return max((_status(node.outcome(number)) for number in numbers), default=0)


def node_start(context: typer.Context, at: At = "", fault: Faults = None, cold: Cold = False) -> int:
    """Start the local DTF and stay.

    It answers other nodes, works the queue and takes commands.

    `dtf stop`, SIGTERM or Ctrl-C ends it; nothing is lost.

    \b
    Examples:
      dtf --system london node start --at 127.0.0.1:1364
      dtf --system london node start --fault kill-receiver@ckpt:2
    """
    return _serve(context.obj, at, fault or [], cold=cold)


def repair(context: typer.Context) -> int:
    """Remove what is damaged from the transmission queue.

    The rest can be worked then. The exit status is 4 if there was any damage.

    \b
    Example:
      dtf repair
    """
    with System.open(context.obj) as system:
        install(system, time.time())
        lines = mend(system)
    for line in lines:
        print(f"DTX359W {line}")
    return 4 if lines else 0


def _serve(folder: Path, at: str, faults: list[str], *, cold: bool) -> int:
    """The DTF in the foreground until it is stopped."""
    watch = Watch(faults)
    address = host_address(at, lowest_port=0) if at else DEFAULT_ADDRESS
    with ExitStack() as opened:
        stop = opened.enter_context(StopSignals())
        system = opened.enter_context(System.open(folder))
        if cold:
            _clear(system)
        node = opened.enter_context(open_node(system, watch))
        listener = opened.enter_context(closing(tcp.Listener(node.local, address)))
        operations = Operations(node)
        desk = opened.enter_context(closing(Console(folder, operations, node)))
        host, port = listener.address
        node.local.record("SD", 0, "", TEXT=f"LISTENS AT {host}:{port}")
        print(f"DTX380I {node.name} LISTENS AT {host}:{port}", flush=True)
        serve(node, [listener, desk, stop], lambda: operations.stopping or stop.asked)
        operations.stopping = True
        node.local.record("ST", 0, "", TEXT="ENDS")
        print(f"DTX381I {node.name} ENDS", flush=True)
    return 0


def _clear(system: System) -> None:
    install(system, time.time())
    for process in clear(system):
        print(f"DTX359W PROCESS {process.name}({process.number:06d}) IS LOST BY THE COLD START", flush=True)


def _watched(folder: Path, number: int) -> int:
    """Wait for a Process that the DTF of this folder works; its status."""
    while True:
        answer = console.ask(folder, Request(outcome=number))
        if answer is None or not answer.outcome:
            raise UsageError(f"the DTF in {folder} has ended before Process {number}")
        outcome = console.outcome_of(answer)
        if outcome.queue in ("", HOLD):
            if not outcome.queue:
                code = f"{outcome.condition_code:08d} {outcome.message_id}"
                print(f"DTX351I PROCESS {outcome.name}({number:06d}) ENDED, CODE {code}".rstrip())
            return _status(outcome)
        time.sleep(ASK_AGAIN_SECONDS)


def _tell_pending(watch: Watch) -> None:
    """A rehearsal that did not happen looks like one that went well."""
    for fault in watch.pending:
        print(f"DTX341W FAULT {fault} HAS NOT STRUCK", file=sys.stderr)


def _status(outcome: ProcessOutcome) -> int:
    """The exit status for one Process: its code; at least 8 where it is held in trouble."""
    held = outcome.queue == HOLD and outcome.status not in ("HI", "HC", "HO", "HR", "HS")
    if held or outcome.status == "WT":
        stands = f"{outcome.queue} {outcome.status}"
        print(
            f"DTX355W PROCESS {outcome.name}({outcome.number:06d}) STANDS IN {stands}: {outcome.text}",
            file=sys.stderr,
        )
        return max(8, outcome.condition_code)
    return outcome.condition_code


def read_process(path: Path) -> str:
    """The text of a Process. Raises ProcessError, UsageError."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(PROCESS_LIMIT + 1)
        else:
            with path.open("rb") as file:
                data = file.read(PROCESS_LIMIT + 1)
        if len(data) > PROCESS_LIMIT:
            raise ProcessError(f"{path} is longer than {PROCESS_LIMIT} bytes")
        return data.decode()
    except UnicodeDecodeError:
        raise ProcessError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None


def symbols_of(settings: list[str]) -> dict[str, str]:
    """NAME=VALUE of --set. Raises UsageError."""
    symbols = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {setting[:40]!r} is not NAME=VALUE")
        symbols[name.removeprefix("&").upper()] = value
    return symbols
