"""The program itself: its global options, its commands, and how every failure ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from dtf.cli import asking, job_entry, ordering, partners, prompting, rehearsing, working
from dtf.errors import DtfError, ProcessError
from dtf.jcl.replay_command import replay
from dtf.jcl.spool_command import list_jobs, show_spool
from ksds.command_line import MessageIds, carried_out, failed, version_shown
from ksds.errors import KsdsError

IDS = MessageIds(usage="DTX431E", files="DTX432E", interrupted="DTX433E")
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
node_app = typer.Typer(help="This node and its partners.")
app.add_typer(node_app, name="node")
COMMANDS: dict[str, Callable[..., int | None]] = {
    "replay": replay,
    "jobs": list_jobs,
    "spool": show_spool,
    "submit": working.submit,
    "run": working.run,
    "rehearse": rehearsing.rehearse,
    "repair": working.repair,
    "select": asking.select,
    "change": ordering.change,
    "suspend": ordering.suspend,
    "flush": ordering.flush,
    "delete": ordering.delete,
    "view": ordering.view,
    "checkpoints": asking.checkpoints,
    "timeline": asking.show_timeline,
    "statistics": ordering.statistics,
    "initparms": ordering.show_initparms,
    "stop": ordering.stop,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
app.command("begin", hidden=True)(job_entry.begin)
node_app.command("start")(working.node_start)
node_app.command("add")(partners.node_add)
node_app.command("change")(partners.node_change)
node_app.command("remove")(partners.node_remove)
node_app.command("certificate")(partners.node_certificate)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    system: Annotated[
        Path, typer.Option(envvar="KSDS_SYSTEM", metavar="DIR", help="Folder of the system; made on first use.")
    ] = Path("system"),
    version: Annotated[
        bool, typer.Option("--version", callback=version_shown("dtf"), is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Copy data sets between nodes, with checkpoint and restart. Without a command, on a terminal: a prompt."""
    context.obj = system
    if context.invoked_subcommand is None:
        if sys.stdin.isatty() and sys.stdout.isatty():
            raise typer.Exit(prompting.prompt(system))
        print(context.get_help())
        raise typer.Exit(2)


@cache
def _program() -> Callable[..., int | None]:
    """The commands as typer makes them: once a process, for that takes longer than most commands do."""
    return get_command(app)


def carry_out(arguments: list[str] | None = None) -> int:
    """Carry out a command line; the exit status. Every expected failure ends as one line on standard error."""
    try:
        return carried_out(lambda: _program()(arguments, prog_name="dtf", standalone_mode=False), IDS)
    except ProcessError as error:
        status = failed(str(error), error.condition_code)
        if error.marked:
            print(error.marked, file=sys.stderr)
        return status
    except (DtfError, KsdsError) as error:
        return failed(str(error), error.condition_code)


def main() -> None:
    sys.exit(carry_out())
