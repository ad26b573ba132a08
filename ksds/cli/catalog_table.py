"""The catalog as a table of data sets, like ISPF's data set list: `ls`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ksds.catalog.entries import ComponentEntry, Entry, GdgEntry, IndexableEntry, NonVsamEntry
from ksds.cli.operands import AsJson, data_set_names, open_system
from ksds.errors import KsdsError
from ksds.figures import tracks
from ksds.system import System
from ksds.text_table import print_table
from ksds.waiting import Waiting

_COLUMNS = ("name", "type", "dsorg", "recfm", "lrecl", "blksize", "volume", "created", "expires", "status")
_RIGHT = ("Lrecl", "Blksize", "Tracks", "%Used", "XT")
_SPACE = ("tracks", "used", "extents")
_TITLES = {"used": "%Used", "extents": "XT"}


def show_list(
    context: typer.Context,
    pattern: Annotated[
        str,
        typer.Argument(metavar="[PATTERN]", help="Generic name: A.*, A.**, A.B%.", autocompletion=data_set_names),
    ] = "**",
    components: Annotated[bool, typer.Option("--all", help="Data and index components too.")] = False,
    space: Annotated[
        bool, typer.Option("--space", help="Tracks of a 3390, percent used, extents; each data set is opened for it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List data sets by generic name.

    * stands for any characters of a qualifier, ** for any qualifiers, % for one character. A name without any of these
    is a level, as in ISPF's 3.4: that data set and all below it. The columns are those of 3.4. LRECL and BLKSIZE of
    VSAM are the longest record and CISIZE; the space of a cluster is that of its data component.

    \b
    Examples:
      ksds ls
      ksds ls BANK
      ksds ls "BANK.*" --all --json
      ksds ls "BANK.**" --space
    """
    columns = (*_COLUMNS, *_SPACE) if space else _COLUMNS
    if not set(pattern) & set("*%"):
        pattern += ".**"
    with open_system(context) as system, Waiting("listing"):
        listed = [one for one in system.entries(pattern) if components or not isinstance(one, ComponentEntry)]
        found = [_described(one) | (_track_use(system, one) if space else {}) for one in listed]
    if as_json:
        for one in found:
            print(json.dumps(one))
        return
    rows = [[str(value) if (value := one[name]) is not None else "" for name in columns] for one in found]
    titles = [_TITLES.get(name, name.capitalize()) for name in columns]
    print_table(titles, rows, right=_RIGHT)


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
        found |= {"dsorg": "VS", "blksize": size, "lrecl": whole.definition.maximum_record}
        if index or whole.definition.organization == "LINEAR":
            found["lrecl"] = None
        found["status"] = "INHIBITED" if whole.inhibited else None
    elif isinstance(entry, NonVsamEntry):
        shape = entry.attributes
        found |= {"dsorg": "PO-E" if shape.pdse else shape.dsorg, "recfm": shape.recfm}
        found |= {"lrecl": shape.lrecl, "blksize": shape.blksize}
        found["status"] = entry.status.name.replace("_", " ") if entry.is_generation else None
    elif isinstance(entry, GdgEntry):
        found["status"] = f"LIMIT {entry.limit}"
    return found


def _track_use(system: System, entry: Entry) -> dict[str, object]:
    """Of a cluster that of its data component; null where there is none, or the data set is in use or damaged."""
    try:
        if isinstance(entry, IndexableEntry | ComponentEntry):
            component = entry.components[0] if isinstance(entry, IndexableEntry) else entry
            with system.spheres.open(component.cluster) as cluster:
                use = tracks.of_component(component, cluster.statistics)
        elif not isinstance(entry, NonVsamEntry):
            return dict.fromkeys(_SPACE)
        elif entry.attributes.dsorg == "PO":
            with system.library(entry.name) as library:
                use = tracks.of_data_set(entry, library.space()[0])
        else:
            with system.sequential(entry.name) as data_set:
                use = tracks.of_data_set(entry, data_set.size())
    except KsdsError:
        return dict.fromkeys(_SPACE)
    return {"tracks": use.tracks, "used": use.percent, "extents": use.extents}
