"""The program itself: its global options, its commands, and how every failure ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from typer.main import get_command

from dtf.errors import DtfError, ProcessError
from ksds.command_line import Commands, MessageIds, carried_out, failed, version_shown
from ksds.errors import KsdsError

IDS = MessageIds(usage="DTX431E", files="DTX432E", interrupted="DTX433E")


class DtfCommands(Commands):
    """What `dtf` can do; `begin` is for the processes that it starts."""

    places: ClassVar = {
        "replay": "dtf.jcl.replay_command:replay",
        "jobs": "dtf.jcl.spool_command:list_jobs",
        "spool": "dtf.jcl.spool_command:show_spool",
        "submit": "dtf.cli.working:submit",
        "run": "dtf.cli.working:run",
        "rehearse": "dtf.cli.rehearsing:rehearse",
        "repair": "dtf.cli.working:repair",
        "select": "dtf.cli.asking:select",
        "change": "dtf.cli.ordering:change",
        "suspend": "dtf.cli.ordering:suspend",
        "flush": "dtf.cli.ordering:flush",
        "delete": "dtf.cli.ordering:delete",
        "view": "dtf.cli.ordering:view",
        "checkpoints": "dtf.cli.asking:checkpoints",
        "timeline": "dtf.cli.asking:show_timeline",
        "statistics": "dtf.cli.ordering:statistics",
        "initparms": "dtf.cli.ordering:show_initparms",
        "stop": "dtf.cli.ordering:stop",
        "begin": "dtf.cli.begun_work:begin",
    }
    hidden_names = frozenset({"begin"})


class NodeCommands(Commands):
    """What `dtf node` can do."""

    places: ClassVar = {
        "start": "dtf.cli.working:node_start",
        "add": "dtf.cli.partners:node_add",
        "change": "dtf.cli.partners:node_change",
        "remove": "dtf.cli.partners:node_remove",
        "certificate": "dtf.cli.partners:node_certificate",
    }


app = typer.Typer(cls=DtfCommands, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(typer.Typer(cls=NodeCommands, help="This node and its partners."), name="node")


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
            from dtf.cli import prompting

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
