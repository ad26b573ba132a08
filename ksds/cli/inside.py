"""Control intervals and control areas: `ci`, `map`."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from ksds.cli.operands import AsJson, CodePageName, DataSetName, failed, open_system
from ksds.codepage import DEFAULT, code_page
from ksds.errors import InvalidRba
from ksds.inspection import area_maps, control_interval_pieces, dump_lines

AREA_LINE = 60
"""Control intervals in a line of a map."""


class Component(StrEnum):
    DATA = "data"
    INDEX = "index"


def ci(
    context: typer.Context,
    dsn: DataSetName,
    number: Annotated[int, typer.Argument(metavar="N", min=0, help="Number of the control interval, from 0.")],
    component: Annotated[Component, typer.Option()] = Component.DATA,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Show one control interval: its bytes beside what they mean.

    \b
    Examples:
      ksds ci BANK.ACCOUNTS 0
      ksds ci BANK.ACCOUNTS 0 --component index
    """
    page = code_page(codepage)
    with open_system(context) as system, system.cluster(dsn) as cluster:
        try:
            pieces = control_interval_pieces(cluster, component.value, number, page)
        except IndexError as error:
            raise InvalidRba(str(error), component=component.value, data_set=dsn.upper()) from None
    if as_json:
        fields = [
            {"offset": p.offset, "length": len(p.data), "data": p.data.hex(), "meaning": p.meaning} for p in pieces
        ]
        print(json.dumps({"component": component, "ci": number, "fields": fields}))
        return
    print(f"{component.upper()} CI {number} OF {dsn.upper()}, {sum(len(piece.data) for piece in pieces)} BYTES")
    for piece in pieces:
        if len(piece.data) > 16 and not any(piece.data):
            print(f"{piece.offset:6}  {f'00 x {len(piece.data)}':<53}  {piece.meaning}")
            continue
        first, *others = dump_lines(piece.data, page, piece.offset)
        print(f"{first:<61}  {piece.meaning}", *others, sep="\n")


def show_map(context: typer.Context, dsn: DataSetName, as_json: AsJson = False) -> int:
    """Show how full control areas and intervals are: `.` free, 0 to 9 tenths in use, # full, ! damaged.

    \b
    Example:
      ksds map BANK.ACCOUNTS
    """
    with open_system(context) as system, system.cluster(dsn) as cluster:
        shape, figures = cluster.definition, cluster.statistics
        if not as_json:
            print(f"{dsn.upper()}: {figures.records} RECORDS, {shape.cis_per_ca} CIS OF {shape.ci_size} BYTES A CA")
            print(f"HURBA {figures.high_used_rba}, HARBA {figures.high_allocated_rba}", end=", ")
            print(f"INDEX LEVELS {figures.levels}, CI SPLITS {figures.ci_splits}, CA SPLITS {figures.ca_splits}")
        status = 0
        for area in area_maps(cluster):
            for error in area.damaged:
                status = failed(str(error), error.condition_code)
            if as_json:
                print(json.dumps({"ca": area.number, "rba": area.rba, "used": area.used, "percent": area.fill}))
                continue
            print(f"CA {area.number}  RBA {area.rba}  {area.used} OF {len(area.fill)} CIS IN USE")
            for at in range(0, len(area.picture), AREA_LINE):
                print(f"  {area.picture[at : at + AREA_LINE]}")
        return status
