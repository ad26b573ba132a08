"""What the commands of the program `ksds` have in common: operands, the system."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from ksds.catalog.entries import ComponentEntry
from ksds.errors import KsdsError
from ksds.system import System


def data_set_names(context: typer.Context, incomplete: str) -> list[str]:
    """What a shell offers where a data set name belongs: the catalog's names that begin so, but for components.

    Who types small letters is offered small letters. A system that is not there is not made, and one that cannot be
    read offers nothing.
    """
    folder = context.find_root().params.get("system") or os.environ.get("KSDS_SYSTEM") or "system"
    try:
        with System.open(folder, create=False) as system:
            entries = [entry for entry in system.entries() if not isinstance(entry, ComponentEntry)]
    except (KsdsError, OSError):
        return []
    names = [entry.name.lower() if incomplete and incomplete == incomplete.lower() else entry.name for entry in entries]
    return [name for name in names if name.startswith(incomplete)]


DataSetName = Annotated[
    str,
    typer.Argument(metavar="DSN", help="Data set name, such as BANK.ACCOUNTS.", autocompletion=data_set_names),
]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Key as text, filled with blanks; RBA; or record number.")]
CodePageName = Annotated[str, typer.Option("--codepage", help="Code page of keys and text.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
HexKeys = Annotated[bool, typer.Option("--hex", help="Keys are hexadecimal digits.")]


def open_system(context: typer.Context) -> System:
    """The system that --system names."""
    return System.open(context.obj)
