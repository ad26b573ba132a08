"""The program `dtf`: Processes, the local node, and what is in its files.

Console lines and tables go to standard output, errors to standard error as one line. The exit status is the
condition code: 0 4 8 12 16, and 2 for a usage error of the command line itself. The wall clock is read here only.
"""

from __future__ import annotations

import getpass
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from enum import StrEnum
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dtf import statistics_log, transmission_queue
from dtf.copying import checkpoint_listing
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.errors import DtfError, ProcessError, UsageError
from dtf.jcl.replay_command import replay
from dtf.netmap import FOLDER, HOST, AdjacentNode, Netmap, NetmapError, host_address, node_name
from dtf.node import Node, install
from dtf.selection import check_selectors, is_selected
from dtf.statistics_log import StatisticsLog
from dtf.transmission_queue import HOLD, TransmissionQueue
from dtf.transport import tcp
from dtf.transport.service import serve
from dtf.watch import Watch
from ksds.errors import KsdsError
from ksds.system import System

PROCESS_LIMIT = 1 << 20
DEFAULT_ADDRESS = "127.0.0.1:1364"

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
node_app = typer.Typer(help="The partners of this node.")
app.add_typer(node_app, name="node")
app.command()(replay)

AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
Faults = Annotated[
    list[str] | None, typer.Option("--fault", metavar="SPEC", help="ACTION@WHERE, such as session@3M. Repeatable.")
]
Selectors = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="pnumber=3 pname=PAY* snode=LON queue=HO ...")
]
At = Annotated[str, typer.Option("--at", metavar="HOST:PORT", help="Where to listen; port 0 is any free one.")]
PROCESS_WORD = Annotated[str, typer.Argument(metavar="process", help="The word process.")]


class Selected(StrEnum):
    PROCESS = "process"
    STATISTICS = "statistics"
    NETMAP = "netmap"


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"dtf {installed_version('ksds-dtf')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    system: Annotated[
        Path, typer.Option(envvar="KSDS_SYSTEM", metavar="DIR", help="Folder of the system; made on first use.")
    ] = Path("system"),
    version: Annotated[bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Copy data sets between nodes, with checkpoint and restart."""
    context.obj = system
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)


@app.command()
def submit(
    context: typer.Context,
    process: Annotated[
        Path, typer.Argument(metavar="PROCESS", help="Host file with the Process; - is standard input.")
    ],
    fault: Faults = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SYM=VAL", help="A symbolic. Repeatable.")
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Only put it in the queue.")] = False,
) -> int:
    """Submit a Process and run the DTF until it has ended. Exit status: its completion code.

    \b
    Examples:
      dtf submit payday.cdp --set DSN1=PAY.EXTRACT
      dtf submit payday.cdp --fault session@3M
      dtf submit payday.cdp --fault kill-receiver@ckpt:2 ; dtf run
    """
    text = _read_process(process)
    symbols = _symbols(settings or [])
    watch = Watch(fault or [])
    with System.open(context.obj) as system, _node(system, watch) as node:
        number = node.submit(text, symbols=symbols, submitter=getpass.getuser().upper()[:8])
        print(f"DTX513I PROCESS {node.outcome(number).name}({number:06d}) SUBMITTED", flush=True)
        if no_wait:
            return 0
        with watch.shown():
            node.run(number)
        return _status(node, number)


@app.command()
def run(
    context: typer.Context,
    fault: Faults = None,
    forever: Annotated[bool, typer.Option("--forever", help="Stay, listen and work until interrupted.")] = False,
    at: At = "",
) -> int:
    """Start the local DTF: recover the queue after a crash, work it until it is empty.

    \b
    Examples:
      dtf run
      dtf --system nyc run --forever --at 127.0.0.1:1364
    """
    if forever:
        return _serve(context.obj, at, fault or [])
    watch = Watch(fault or [])
    with System.open(context.obj) as system, _node(system, watch) as node:
        numbers = [process.number for process in node.processes()]
        with watch.shown():
            node.run()
        return max((_status(node, number) for number in numbers), default=0)


@node_app.command("start")
def node_start(context: typer.Context, at: At = "", fault: Faults = None) -> int:
    """Start the local DTF and stay: answer other nodes, work the queue. SIGTERM or Ctrl-C ends it, nothing is lost.

    \b
    Examples:
      dtf --system london node start --at 127.0.0.1:1364
      dtf --system london node start --fault kill-receiver@ckpt:2
    """
    return _serve(context.obj, at, fault or [])


@node_app.command("add")
def node_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The partner's node name, 1-16 characters.")],
    at: Annotated[str, typer.Option("--at", metavar="HOST:PORT", help="Where it listens.")] = "",
    folder: Annotated[Path | None, typer.Option("--folder", metavar="DIR", help="Its system folder, here.")] = None,
) -> None:
    """Add a partner to the netmap. A partner in a folder is made there if it is new, and learns of this node.

    \b
    Examples:
      dtf node add LONDON --folder london
      dtf node add TOKYO --at tokyo.example.com:1364
    """
    if bool(at) == (folder is not None):
        raise UsageError("give either --at HOST:PORT or --folder DIR")
    name = node_name(name)
    with System.open(context.obj) as system:
        install(system, time.time())
        with Netmap(system, "w") as nodes:
            if name == nodes.local:
                raise NetmapError(f"{name} is this node itself")
            if folder is None:
                nodes.add(AdjacentNode(name, HOST, host_address(at)))
            else:
                _introduce(name, folder, nodes.local, Path(context.obj))
                nodes.add(AdjacentNode(name, FOLDER, str(folder.resolve())))
            print(f"DTX360I {nodes.local}: NODE {name} ADDED, {nodes.find(name).location}")


@app.command()
def select(
    context: typer.Context,
    what: Annotated[Selected, typer.Argument(metavar="process|statistics|netmap", help="What to show.")],
    where: Selectors = None,
    detail: Annotated[bool, typer.Option("--detail", help="Every field of the statistics.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the queue, what has happened, or the partners.

    \b
    Examples:
      dtf select process
      dtf select process queue=HO
      dtf select statistics pnumber=1 --detail
      dtf select statistics recids=CT 'ccode=(gt,0)'
      dtf select netmap
    """
    selectors = _selectors(where or [])
    with System.open(context.obj) as system:
        install(system, time.time())
        if what is Selected.PROCESS:
            _show_processes(system, selectors, as_json)
        elif what is Selected.STATISTICS:
            _show_statistics(system, selectors, detail, as_json)
        else:
            _show_netmap(system, as_json)


@app.command()
def checkpoints(context: typer.Context, as_json: AsJson = False) -> int:
    """Decode the CKPT cluster: every field of every checkpoint record. Exit status 8 if one is damaged.

    \b
    Examples:
      dtf checkpoints
      dtf --system london checkpoints --json
    """
    with System.open(context.obj) as system:
        install(system, time.time())
        with CheckpointFile(system) as file:
            filed = file.records()
    for raw, record in filed:
        if as_json:
            print(json.dumps(checkpoint_listing.as_json(raw)))
            continue
        print(checkpoint_listing.title(raw))
        if not isinstance(record, DtfError):
            rows = [(str(f.offset), str(f.length), f.name, f.value) for f in checkpoint_listing.fields(raw)]
            _table(["OFFSET", "LENGTH", "FIELD", "VALUE"], rows)
    if not filed and not as_json:
        print("DTX214I THE CKPT FILE HOLDS NO RECORD")
    return max((record.condition_code for _, record in filed if isinstance(record, DtfError)), default=0)


@app.command()
def change(
    context: typer.Context,
    process: PROCESS_WORD,
    number: Annotated[int, typer.Argument(metavar="PNUMBER", help="Process number.")],
    action: Annotated[str, typer.Argument(metavar="release|hold", help="What to do with it.")],
) -> int:
    """Release a held Process, which then runs when the DTF does, or hold one.

    \b
    Examples:
      dtf change process 3 release ; dtf run
      dtf change process 3 hold
    """
    if process != "process" or action not in ("release", "hold"):
        raise UsageError("say: change process PNUMBER release|hold")
    with System.open(context.obj) as system, _node(system, Watch([])) as node:
        node.release(number) if action == "release" else node.hold(number)
        return 0


@app.command()
def delete(
    context: typer.Context,
    process: PROCESS_WORD,
    number: Annotated[int, typer.Argument(metavar="PNUMBER", help="Process number.")],
) -> int:
    """Delete a Process from the queue. Its checkpoint record stays until CKPT.DAYS have passed, and is named.

    \b
    Example:
      dtf delete process 3
    """
    if process != "process":
        raise UsageError("say: delete process PNUMBER")
    with System.open(context.obj) as system, _node(system, Watch([])) as node:
        if node.delete(number):
            print(f"DTX215I THE CHECKPOINT RECORD OF PROCESS {number} STAYS IN THE CKPT FILE")
        return 0


def _node(system: System, watch: Watch) -> Node:
    return Node.open(
        system, clock=time.time, connect=tcp.connect, log=lambda line: print(line, flush=True), observer=watch
    )


def _serve(folder: Path, at: str, faults: list[str]) -> int:
    """The DTF in the foreground until SIGTERM or Ctrl-C."""
    watch = Watch(faults)
    address = host_address(at, lowest_port=0) if at else DEFAULT_ADDRESS
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as opened:
        system = opened.enter_context(System.open(folder))
        node = opened.enter_context(_node(system, watch))
        listener = opened.enter_context(closing(tcp.Listener(node.local, address)))
        host, port = listener.address
        print(f"DTX380I {node.name} LISTENS AT {host}:{port}", flush=True)
        try:
            serve(node, [listener], lambda: False)
        except KeyboardInterrupt:
            print(f"DTX381I {node.name} ENDS", flush=True)
    return 0


def _status(node: Node, number: int) -> int:
    """The exit status for one Process: its code; at least 8 where it is held in trouble."""
    outcome = node.outcome(number)
    if outcome.queue == HOLD and outcome.status not in ("HI", "HC", "HO"):
        print(
            f"DTX355W PROCESS {outcome.name}({number:06d}) STANDS IN HO {outcome.status}: {outcome.text}",
            file=sys.stderr,
        )
        return max(8, outcome.condition_code)
    return outcome.condition_code


def _read_process(path: Path) -> str:
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


def _symbols(settings: list[str]) -> dict[str, str]:
    symbols = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {setting[:40]!r} is not NAME=VALUE")
        symbols[name.removeprefix("&").upper()] = value
    return symbols


def _selectors(words: list[str]) -> dict[str, str]:
    selectors = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise UsageError(f"{word[:40]!r} is not KEY=VALUE")
        selectors[key.upper()] = value
    return selectors


def _introduce(name: str, folder: Path, local: str, here: Path) -> None:
    """Make the partner's node in its folder, give it its name if it is new, and let it know this node."""
    with System.open(folder) as partner:
        install(partner, time.time())
        with Netmap(partner, "w") as nodes:
            if nodes.local != name and nodes.nodes():
                raise NetmapError(f"the node in {folder} is {nodes.local}, not {name}")
            nodes.name_local(name)
            nodes.add(AdjacentNode(local, FOLDER, str(here.resolve())))


def _show_processes(system: System, selectors: dict[str, str], as_json: bool) -> None:
    check_selectors(selectors, transmission_queue.SELECTORS)
    with TransmissionQueue(system) as queue:
        chosen = [p for p in queue.processes() if is_selected(transmission_queue.selectable(p), selectors)]
    if as_json:
        for process in chosen:
            print(json.dumps({**asdict(process), "codes": dict(process.codes)}))
        return
    for line in transmission_queue.listing(chosen):
        print(line)


def _show_statistics(system: System, selectors: dict[str, str], detail: bool, as_json: bool) -> None:
    check_selectors(selectors, statistics_log.SELECTORS)
    with StatisticsLog(system) as log:
        chosen = [s for s in log.all() if is_selected(statistics_log.selectable(s), selectors)]
    if as_json:
        for statistic in chosen:
            print(json.dumps(statistic.pairs()))
    elif detail:
        for statistic in chosen:
            print("\n".join(statistics_log.detail(statistic)))
    else:
        print("\n".join(statistics_log.listing(chosen)))


def _show_netmap(system: System, as_json: bool) -> None:
    with Netmap(system) as nodes:
        local, partners = nodes.local, nodes.nodes()
    if as_json:
        print(json.dumps({"local": local, "adjacent": [asdict(node) for node in partners]}))
        return
    rows = [("LOCAL", local, str(system.folder))]
    _table(["KIND", "NAME", "WHERE"], rows + [("ADJACENT", node.name, node.location) for node in partners])


def _table(heads: list[str], rows: Sequence[tuple[str, ...]]) -> None:
    """A table on a terminal, columns of plain text when piped."""
    if sys.stdout.isatty():
        table = Table(*heads)
        for row in rows:
            table.add_row(*row)
        Console().print(table, markup=False)
        return
    widths = [max(len(row[n]) for row in [tuple(heads), *rows]) for n in range(len(heads))]
    for row in [tuple(heads), *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def failed(message: str, status: int) -> int:
    """Say what went wrong in one line; the exit status."""
    print(" ".join(message.split()), file=sys.stderr)
    return status


def carry_out(arguments: list[str] | None = None) -> int:
    """Carry out a command line; the exit status. Every expected failure ends as one line on standard error."""
    try:
        return app(arguments, prog_name="dtf", standalone_mode=False) or 0
    except ProcessError as error:
        status = failed(str(error), error.condition_code)
        if error.marked:
            print(error.marked, file=sys.stderr)
        return status
    except (DtfError, KsdsError) as error:
        return failed(str(error), error.condition_code)
    except typer.TyperException as error:
        return failed(f"DTX431E {error.format_message()}", 2)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return failed(f"DTX432E {error.filename or 'INPUT OR OUTPUT'}: {error.strerror or error}", 12)
    except (KeyboardInterrupt, typer.Abort):
        return failed("DTX433E INTERRUPTED", 16)


def main() -> None:
    sys.exit(carry_out())
