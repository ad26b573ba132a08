"""What the commands of the program `ksds` have in common: operands, one-line errors, the system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ksds.system import System

STANDARD_INPUT = Path("/dev/stdin")

DataSetName = Annotated[str, typer.Argument(metavar="DSN", help="Data set name, such as BANK.ACCOUNTS.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Key as text, filled with blanks; RBA; or record number.")]
CodePageName = Annotated[str, typer.Option("--codepage", help="Code page of keys and text.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
HexKeys = Annotated[bool, typer.Option("--hex", help="Keys are hexadecimal digits.")]


def open_system(context: typer.Context) -> System:
    """The system that --system names."""
    return System.open(context.obj)


def failed(message: str, status: int) -> int:
    """Say what went wrong in one line; the exit status."""
    print(" ".join(message.split()), file=sys.stderr)
    return status
