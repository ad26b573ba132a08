"""Control intervals and control areas: `ci`, `map`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ksds import host_files
from ksds.cli.operands import AsJson, CodePageName, DataSetName, open_system
from ksds.cluster.findings import MAJOR, highest
from ksds.cluster.verify import check
from ksds.codepage import DEFAULT, code_page
from ksds.command_line import failed
from ksds.errors import InvalidRba
from ksds.inspection import control_interval_pieces, dump_lines
from ksds.space_map import space_map
from ksds.space_picture import picture
from ksds.waiting import Waiting

AREA_LINE = 60
"""Control intervals in a line of a map."""


class Component(StrEnum):
    """A component of a cluster."""

    DATA = "data"
    INDEX = "index"


def ci(
    context: typer.Context,
    dsn: DataSetName,
    number: Annotated[int, typer.Argument(metavar="N", min=0, help="Number of the control interval, from 0.")],
    component: Annotated[Component, typer.Option()] = Component.DATA,
    examined: Annotated[
        bool, typer.Option("--check", help="Check the cluster, and say what is found about this interval.")
    ] = False,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> int:
    """Show one control interval: its bytes beside what they mean.

    One that is damaged is shown as it stands, with what is wrong on standard error; the exit status is then 8.

    \b
    Examples:
      ksds ci BANK.ACCOUNTS 0
      ksds ci BANK.ACCOUNTS 0 --component index
      ksds ci BANK.ACCOUNTS 1 --check
    """
    page = code_page(codepage)
    with open_system(context) as system, system.cluster(dsn) as cluster:
        try:
            pieces, damage = control_interval_pieces(cluster, component.value, number, page)
        except IndexError as error:
            raise InvalidRba(str(error), component=component.value, data_set=dsn.upper()) from None
        with Waiting("checking"):
            findings = check(cluster.image()) if examined else []
    status = 0 if damage is None else failed(f"KSD008W {component} CI {number}: {damage.what}", MAJOR)
    for finding in findings:
        if (finding.component, finding.ci) == (component.value, number):
            status = max(status, failed(f"KSD008W {finding}", finding.severity))
    if as_json:
        fields = [
            {"offset": p.offset, "length": len(p.data), "data": p.data.hex(), "meaning": p.meaning} for p in pieces
        ]
        wrong = damage.what if damage else None
        print(json.dumps({"component": component, "ci": number, "damage": wrong, "fields": fields}))
        return status
    print(f"{component.upper()} CI {number} OF {dsn.upper()}, {sum(len(piece.data) for piece in pieces)} BYTES")
    for piece in pieces:
        if len(piece.data) > 16 and not any(piece.data):
            print(f"{piece.offset:6}  {f'00 x {len(piece.data)}':<53}  {piece.meaning}")
            continue
        first, *others = dump_lines(piece.data, page, piece.offset)
        print(f"{first:<61}  {piece.meaning}", *others, sep="\n")
    return status


def show_map(
    context: typer.Context,
    dsn: DataSetName,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Draw the map as a picture into this file.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Draw how full control areas and intervals are.

    An interval is `.` (free), 0 to 9 (tenths in use), # (full) or ! (damaged).

    What EXAMINE would say of a damaged cluster goes to standard error, its condition code is the exit status.

    \b
    Examples:
      ksds map BANK.ACCOUNTS
      ksds map BANK.ACCOUNTS --svg accounts.svg
    """
    with open_system(context) as system, system.cluster(dsn) as cluster, Waiting("mapping"):
        found, figures = space_map(cluster.image()), cluster.statistics
    for finding in found.findings:
        failed(f"KSD008W {finding}", finding.severity)
    if svg is not None:
        host_files.write_whole(svg, [picture(found, dsn.upper()).encode()], lambda count: None)
    elif as_json:
        for area in found.areas:
            print(json.dumps({"ca": area.number, "rba": area.rba, "used": area.used, "percent": area.fill}))
    else:
        shape = found.image.definition
        count = f"{figures.records} RECORD{'S' * (figures.records != 1)}"
        print(f"{dsn.upper()}: {count}, {shape.cis_per_ca} CIS OF {shape.ci_size} BYTES A CA")
        print(f"HURBA {figures.high_used_rba}, HARBA {figures.high_allocated_rba}", end=", ")
        print(f"INDEX LEVELS {figures.levels}, CI SPLITS {figures.ci_splits}, CA SPLITS {figures.ca_splits}")
        for area in found.areas:
            print(f"CA {area.number}  RBA {area.rba}  {area.used} OF {len(area.fill)} CIS IN USE")
            for at in range(0, len(area.picture), AREA_LINE):
                print(f"  {area.picture[at : at + AREA_LINE]}")
    return highest(found.findings)
