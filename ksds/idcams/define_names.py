"""DEFINE GDG, NONVSAM, ALIAS and USERCATALOG: entries without files of their own.

Source: z/OS DFSMS Access Method Services Commands.
"""

from __future__ import annotations

from dataclasses import replace

from ksds.catalog.entries import AliasEntry, GdgEntry, NonVsamEntry, UserCatalogEntry
from ksds.datasets import DataSetAttributes
from ksds.idcams.attributes import expiration
from ksds.idcams.catalog_operands import AliasOperands, GdgOperands, NonVsamOperands, UserCatalogOperands
from ksds.idcams.invocation import Invocation

_UNKNOWN = DataSetAttributes("U")
"""Of a data set that is catalogued here but kept elsewhere."""

NameOperands = GdgOperands | NonVsamOperands | AliasOperands | UserCatalogOperands


def define_name(invocation: Invocation, operands: NameOperands) -> int:
    """Catalog what was asked for."""
    today, system = invocation.now.date(), invocation.system
    if isinstance(operands, AliasOperands):
        system.catalog.add_alias(AliasEntry(name=operands.name, created=today, related=operands.related[1]))
        return 0
    expires = expiration(operands.expiration, today)
    owner = operands.owner or ""
    if isinstance(operands, GdgOperands):
        group = _group(operands)
        system.generations.define(replace(group, created=today, altered=today, expires=expires, owner=owner))
    elif isinstance(operands, NonVsamOperands):
        system.changes.catalog(
            NonVsamEntry(
                name=operands.name,
                created=today,
                expires=expires,
                owner=owner,
                volume=operands.volumes[0],
                attributes=_UNKNOWN,
                file_name="",
            ),
            today=today,
            again=operands.recatalog == "RECATALOG",
        )
    else:
        volume = operands.volume or ""
        entry = UserCatalogEntry(name=operands.name, created=today, expires=expires, owner=owner, volume=volume)
        system.catalog.add(entry)
    return 0


def _group(operands: GdgOperands) -> GdgEntry:
    return GdgEntry(
        name=operands.name,
        limit=operands.limit,
        scratch=operands.scratch == "SCRATCH",
        empty=operands.empty == "EMPTY",
        fifo=operands.order == "FIFO",
        purge=operands.purge == "PURGE",
        extended=operands.extended == "EXTENDED",
    )
