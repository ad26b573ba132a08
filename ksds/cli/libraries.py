"""Libraries, which are partitioned data sets: `members`, and a folder of host files as a library and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import typer

from ksds import host_files
from ksds.cli.operands import AsJson, DataSetName, open_system
from ksds.datasets import Member, PartitionedDataSet, SequentialDataSet, member_name
from ksds.host_files import Advance
from ksds.layout.library import IspfStatistics, build_statistics
from ksds.text_table import print_table

USER = "KSDS"
"""Who is said to have changed a member that was loaded from a host file."""

Fill = Callable[[SequentialDataSet, Path], int]
"""Loads a host file into a data set; the number of its records."""

Pieces = Callable[[SequentialDataSet], Iterator[bytes]]
"""What a host file made of a data set holds."""

_COLUMNS = ("Name", "VV.MM", "Created", "Changed", "Size", "Init", "Mod", "ID")
_RIGHT = ("Size", "Init", "Mod")


def members(context: typer.Context, dsn: DataSetName, as_json: AsJson = False) -> None:
    """List the members of a library with their statistics.

    \b
    Example:
      ksds members BANK.JCL
    """
    with open_system(context) as system, system.library(dsn) as library:
        found = library.members()
        described = [_described(member) for member in found]
    if as_json:
        for one in described:
            print(json.dumps(one))
        return
    print_table(_COLUMNS, [_cells(one) for one in described], right=_RIGHT)


def _described(member: Member) -> dict[str, object]:
    """The members of the JSON object are a promise: name, alias_of, bytes, statistics (null, or an object)."""
    found = member.statistics
    statistics = found and {
        "version": found.version,
        "modification": found.modification,
        "created": found.created.isoformat(),
        "changed": found.changed.isoformat(sep=" "),
        "lines": found.lines,
        "initial": found.initial,
        "modified": found.modified,
        "user": found.user.decode("cp037").rstrip(),
    }
    alias = (member.alias_of or "?") if member.is_alias else None
    return {"name": member.name, "alias_of": alias, "bytes": member.size, "statistics": statistics}


def _cells(one: dict[str, object]) -> list[str]:
    found = one["statistics"]
    if not isinstance(found, dict):
        return [str(one["name"]), *[""] * 6, f"alias of {one['alias_of']}" if one["alias_of"] else ""]
    version = f"{found['version']:02}.{found['modification']:02}"
    figures = [str(found[name]) for name in ("created", "changed", "lines", "initial", "modified", "user")]
    return [str(one["name"]), version, *figures]


def load_members(library: PartitionedDataSet, folder: Path, fill: Fill, now: datetime) -> None:
    """Each file of a host folder becomes a member called after it, without its ending."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            load_member(library, path.stem, path, fill, now)


def load_member(library: PartitionedDataSet, name: str, path: Path, fill: Fill, now: datetime) -> None:
    """A host file becomes a member, with statistics as if it had been edited now."""
    name = member_name(name)
    with library.create(name) as member:
        lines = fill(member, path)
    now = now.replace(microsecond=0)
    statistics = IspfStatistics(1, 0, now.date(), now, lines, lines, 0, USER.encode("cp037"))
    library.set_user_data(name, build_statistics(statistics))


def write_members(library: PartitionedDataSet, folder: Path, pieces: Pieces, advance: Advance) -> None:
    """Each member becomes a host file called after it, all or none."""
    files = ((member.name, pieces(library.open(member.name))) for member in library.members())
    host_files.write_folder(folder, files, advance)
