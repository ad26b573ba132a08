"""The program itself: its global options, its commands, and how every failure ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from typer.main import get_command

from ksds.command_line import Commands, MessageIds, carried_out, failed, version_shown
from ksds.errors import KsdsError

IDS = MessageIds(usage="KSD001E", files="KSD002E", interrupted="KSD003E")


class KsdsCommands(Commands):
    """What `ksds` can do."""

    places: ClassVar = {
        "idcams": "ksds.cli.utilities:run_idcams",
        "listcat": "ksds.cli.utilities:listcat",
        "ls": "ksds.cli.catalog_table:show_list",
        "examine": "ksds.cli.utilities:examine",
        "verify": "ksds.cli.utilities:verify",
        "allocate": "ksds.cli.transfer:allocate",
        "export": "ksds.cli.exporting:export",
        "import": "ksds.cli.importing:import_cluster",
        "get": "ksds.cli.records:get",
        "put": "ksds.cli.records:put",
        "erase": "ksds.cli.records:erase",
        "browse": "ksds.cli.records:browse",
        "rpl": "ksds.cli.rehearse:rpl",
        "ci": "ksds.cli.inside:ci",
        "map": "ksds.cli.inside:show_map",
        "stat": "ksds.cli.figures:stat",
        "members": "ksds.cli.libraries:members",
        "tensors": "ksds.cli.tensors:tensors",
        "copybook": "ksds.cli.copybooks:copybook",
    }


app = typer.Typer(cls=KsdsCommands, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    system: Annotated[
        Path, typer.Option(envvar="KSDS_SYSTEM", metavar="DIR", help="Folder of the system; made on first use.")
    ] = Path("system"),
    version: Annotated[
        bool, typer.Option("--version", callback=version_shown("ksds"), is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """VSAM data sets in a folder: define, load, look inside."""
    context.obj = system
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)


@cache
def _program() -> Callable[..., int | None]:
    """The commands as typer makes them: once a process, for that takes longer than most commands do."""
    return get_command(app)


def run(arguments: list[str] | None = None) -> int:
    """Carry out a command line; the exit status. Every expected failure ends as one line on standard error."""
    try:
        return carried_out(lambda: _program()(arguments, prog_name="ksds", standalone_mode=False), IDS)
    except KsdsError as error:
        return failed(str(error), error.condition_code)


def main() -> None:
    sys.exit(run())
