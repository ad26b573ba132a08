"""The figures of a data set: `stat`."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from ksds import host_files
from ksds.catalog.entries import AlternateIndexEntry, NonVsamEntry
from ksds.cli.operands import AsJson, DataSetName, open_system
from ksds.command_line import failed
from ksds.datasets import split_member
from ksds.errors import MissingExtra
from ksds.figures import Figures, as_json, cluster_figures, library_figures, sequential_figures, table
from ksds.figures.drawing import Drawing, svg
from ksds.figures.picture import draw
from ksds.system import System
from ksds.waiting import Waiting


def stat(
    context: typer.Context,
    dsn: DataSetName,
    svg_file: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Draw the figures into this file.")
    ] = None,
    png_file: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="The same picture as PNG; needs Pillow.")
    ] = None,
    json_wanted: AsJson = False,
) -> int:
    """Show the figures of a data set: records, splits, free space.

    Everything is read; damage of a cluster is passed over and named on standard error, and the exit status is 4 or 8.
    docs/FIGURES.md says what each figure means, and describes the JSON.

    \b
    Examples:
      ksds stat BANK.ACCOUNTS
      ksds stat BANK.ACCOUNTS --json
      ksds stat BANK.ACCOUNTS --svg accounts.svg
    """
    with open_system(context) as system, Waiting("counting"):
        found = figures_of(system, system.generations.absolute(dsn))
    for line in found.damage:
        failed(f"KSD008W {line}", found.condition_code)
    if svg_file is not None:
        host_files.write_whole(svg_file, [svg(draw(found)).encode()], lambda count: None)
    if png_file is not None:
        host_files.write_whole(png_file, [_png(draw(found))], lambda count: None)
    if json_wanted:
        print(json.dumps(as_json(found)))
    elif svg_file is None and png_file is None:
        width = get_terminal_size().columns if sys.stdout.isatty() else 0
        print(*table(found, width), sep="\n")
    return found.condition_code


def _png(drawing: Drawing) -> bytes:
    """The picture as PNG; KSD012E where Pillow is not installed."""
    try:
        drawn: bytes = import_module("ksds.figures.png").png(drawing)
    except ImportError:
        raise MissingExtra("Pillow", "png") from None
    return drawn


def figures_of(system: System, dsn: str) -> Figures:
    """Of whatever has that name; of a path, those of its base."""
    library, member = split_member(dsn)
    entry = system.entry(library)
    if isinstance(entry, NonVsamEntry):
        if entry.attributes.dsorg == "PO" and not member:
            with system.library(dsn) as opened:
                return library_figures(opened, dsn.upper())
        with system.sequential(dsn) as data_set:
            return sequential_figures(data_set, dsn.upper())
    with system.cluster(dsn) as cluster:
        return cluster_figures(cluster, dsn.upper(), "AIX" if isinstance(entry, AlternateIndexEntry) else "")
