"""The catalog as a table of data sets, like ISPF's data set list: `ls`."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ksds.catalog.entries import ComponentEntry, Entry, GdgEntry, IndexableEntry, NonVsamEntry
from ksds.cli.operands import AsJson, data_set_names, open_system

_COLUMNS = ("name", "type", "dsorg", "recfm", "lrecl", "blksize", "volume", "created", "expires", "status")
_RIGHT = ("lrecl", "blksize")


def show_list(
    context: typer.Context,
    pattern: Annotated[
        str,
        typer.Argument(metavar="[PATTERN]", help="Generic name: A.*, A.**, A.B%.", autocompletion=data_set_names),
    ] = "**",
    components: Annotated[bool, typer.Option("--all", help="Data and index components too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List data sets by generic name: * any characters of a qualifier, ** any qualifiers, % one character.

    \b
    Examples:
      ksds ls
      ksds ls "BANK.**"
      ksds ls "BANK.*" --all --json
    """
    with open_system(context) as system:
        found = [
            _described(one) for one in system.entries(pattern) if components or not isinstance(one, ComponentEntry)
        ]
    if as_json:
        for one in found:
            print(json.dumps(one))
        return
    rows = [[str(value) if (value := one[name]) is not None else "" for name in _COLUMNS] for one in found]
    if sys.stdout.isatty():
        table = Table(box=None, header_style="bold")
        for name in _COLUMNS:
            table.add_column(name.capitalize(), justify="right" if name in _RIGHT else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        Console().print(table)
        return
    titles = [name.capitalize() for name in _COLUMNS]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in [titles, *rows]:
        cells = (
            f"{text:>{width}}" if name in _RIGHT else f"{text:<{width}}"
            for text, width, name in zip(row, widths, _COLUMNS, strict=True)
        )
        print("  ".join(cells).rstrip())


def _described(entry: Entry) -> dict[str, object]:
    """The JSON object is a promise; null where nothing applies. Of VSAM: VS, the longest record, CISIZE."""
    found: dict[str, object] = dict.fromkeys(_COLUMNS)
    found |= {"name": entry.name, "type": entry.type, "volume": entry.volume or None}
    found["created"] = entry.created and entry.created.isoformat()
    found["expires"] = entry.expires and entry.expires.isoformat()
    whole = entry.cluster if isinstance(entry, ComponentEntry) else entry
    if isinstance(whole, IndexableEntry):
        index = isinstance(entry, ComponentEntry) and entry.component == "index"
        size = whole.definition.index_ci_size if index else whole.definition.ci_size
        found |= {"dsorg": "VS", "blksize": size, "lrecl": None if index else whole.definition.maximum_record}
        found["status"] = "INHIBITED" if whole.inhibited else None
    elif isinstance(entry, NonVsamEntry):
        shape = entry.attributes
        found |= {"dsorg": "PO-E" if shape.pdse else shape.dsorg, "recfm": shape.recfm}
        found |= {"lrecl": shape.lrecl, "blksize": shape.blksize}
        found["status"] = entry.status.name.replace("_", " ") if entry.is_generation else None
    elif isinstance(entry, GdgEntry):
        found["status"] = f"LIMIT {entry.limit}"
    return found
