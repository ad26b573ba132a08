"""The program itself: its global options, its commands, and how every failure ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from ksds.cli import (
    catalog_table,
    copybooks,
    exporting,
    figures,
    importing,
    inside,
    libraries,
    records,
    rehearse,
    tensors,
    transfer,
    utilities,
)
from ksds.command_line import MessageIds, carried_out, failed, version_shown
from ksds.errors import KsdsError

IDS = MessageIds(usage="KSD001E", files="KSD002E", interrupted="KSD003E")
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
COMMANDS: dict[str, Callable[..., int | None]] = {
    "idcams": utilities.run_idcams,
    "listcat": utilities.listcat,
    "ls": catalog_table.show_list,
    "examine": utilities.examine,
    "verify": utilities.verify,
    "allocate": transfer.allocate,
    "export": exporting.export,
    "import": importing.import_cluster,
    "get": records.get,
    "put": records.put,
    "erase": records.erase,
    "browse": records.browse,
    "rpl": rehearse.rpl,
    "ci": inside.ci,
    "map": inside.show_map,
    "stat": figures.stat,
    "members": libraries.members,
    "tensors": tensors.tensors,
    "copybook": copybooks.copybook,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


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
