"""DELETE: names out of the catalog, and what they name off the volume.

    A.*.C          a whole qualifier that may be anything
    A.** MASK      as in LISTCAT of ISPF: ** any qualifiers, * any characters of one, % one character; EXCLUDE, TEST
    A.LIB(M*)      members
    GDG            FORCE deletes the generations too, RECOVERY leaves them on the volume
    NOSCRATCH      a data set stays on the volume, a cluster with everything over it

One entry that cannot be deleted does not keep the others. Order on the way out: catalog first, then files.

Source: z/OS DFSMS Access Method Services Commands, DELETE; messages of MVS 3.8J.
"""

from __future__ import annotations

from collections.abc import Sequence

from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ClusterEntry,
    ComponentEntry,
    Entry,
    GdgEntry,
    NonVsamEntry,
    UserCatalogEntry,
)
from ksds.catalog.names import matches
from ksds.datasets import split_member
from ksds.errors import CatalogError, DataSetError, DataSetNotFound, MemberNotFound, VsamError
from ksds.idcams.commands import Delete
from ksds.idcams.invocation import FAILED, Invocation, Line, Refusal, catalog_code

_BYPASSED = 8
_TYPES = {"ALTERNATEINDEX": "AIX", "GENERATIONDATAGROUP": "GDG"}


def delete(invocation: Invocation, command: Delete) -> int:
    """Delete each entry or member named, or each that a generic name covers; the rest goes on when one cannot be."""
    code = 0
    for wanted in command.entries:
        name, member = split_member(wanted)
        if member:
            code = max(code, _delete_members(invocation, name, member))
        elif "*" in name or "%" in name:
            code = max(code, _delete_covered(invocation, command, name))
        else:
            code = max(code, _attempt(invocation, command, name))
    return code


def _delete_covered(invocation: Invocation, command: Delete, pattern: str) -> int:
    if command.mask == "NOMASK" and not _is_one_qualifier(pattern):
        return invocation.report(Refusal(("IDC3568I", pattern), ("IDC0551I", pattern), code=FAILED))
    covered = [
        entry
        for entry in invocation.system.entries(pattern)
        if not isinstance(entry, ComponentEntry) and not any(matches(mask, entry.name) for mask in command.exclude)
    ]
    if command.object_type:
        covered = [entry for entry in covered if entry.type == _TYPES.get(command.object_type, command.object_type)]
    else:
        covered = [entry for entry in covered if not isinstance(entry, UserCatalogEntry)]
    if not covered:
        return _not_deleted(invocation, pattern, DataSetNotFound(pattern))
    if command.test:
        for entry in covered:
            invocation.listing.message("KSD307I", entry.letter, entry.name)
        return 0
    generations_first = sorted(covered, key=lambda entry: isinstance(entry, GdgEntry))
    gone: set[str] = set()
    code = 0
    for entry in generations_first:
        if entry.name not in gone:
            code = max(code, _attempt(invocation, command, entry.name, gone))
    return code


def _is_one_qualifier(pattern: str) -> bool:
    return pattern.count("*") == 1 and "%" not in pattern and "*" in pattern.split(".")


def _attempt(invocation: Invocation, command: Delete, name: str, gone: set[str] | None = None) -> int:
    try:
        deleted = _delete_one(invocation, command, name)
    except (CatalogError, VsamError, DataSetError) as error:
        return _not_deleted(invocation, name, error)
    except Refusal as refusal:
        return max(invocation.report(refusal), invocation.report(Refusal(("IDC0551I", name), code=_BYPASSED)))
    for entry in deleted:
        invocation.listing.message("IDC0550I", entry.letter, entry.name)
    if gone is not None:
        gone.update(entry.name for entry in deleted)
    return 0


def _delete_one(invocation: Invocation, command: Delete, name: str) -> Sequence[Entry]:
    """What is gone, in the order of the messages."""
    system = invocation.system
    entry = system.catalog.find(name)
    wanted = _TYPES.get(command.object_type or "", command.object_type)
    if wanted and entry.type != wanted:
        raise DataSetNotFound(name)
    if isinstance(entry, ComponentEntry):
        raise Refusal(("IDC2552I",), ("KSD304E", f"{name} BELONGS TO {entry.cluster.name}"), code=_BYPASSED)
    if command.erase and isinstance(entry, GdgEntry | AliasEntry | UserCatalogEntry):
        raise Refusal(("IDC2553I",), code=_BYPASSED)
    if command.scratch == "NOSCRATCH" and isinstance(entry, AlternateIndexEntry):
        raise Refusal(("IDC2557I",), code=_BYPASSED)
    if isinstance(entry, UserCatalogEntry) and not wanted:
        raise Refusal(("IDC2552I",), ("KSD304E", f"{name} IS A USER CATALOG, SAY USERCATALOG"), code=_BYPASSED)
    if isinstance(entry, AliasEntry | UserCatalogEntry):
        return system.catalog.remove(entry)
    if isinstance(entry, GdgEntry):
        return system.generations.delete(name, force=command.force == "FORCE", recovery=command.recovery == "RECOVERY")
    if isinstance(entry, NonVsamEntry) and command.scratch == "NOSCRATCH":
        return [*system.catalog.aliases(entry), system.changes.uncatalog(name)]
    if isinstance(entry, ClusterEntry) and command.scratch == "NOSCRATCH":
        if entry.expires and entry.expires > invocation.now.date() and command.purge == "NOPURGE":
            raise CatalogError("IDC3009I", f"{name} EXPIRES {entry.expires:%Y.%j}", return_code=84)
        return system.associations.set_aside(entry)
    erase = None if command.erase is None else command.erase == "ERASE"
    return system.delete(name, purge=command.purge == "PURGE", today=invocation.now.date(), erase=erase)


def _delete_members(invocation: Invocation, name: str, member: str) -> int:
    if "*" in name or "%" in name:
        return invocation.report(Refusal(("IDC2559I",), ("IDC0548I", member), code=_BYPASSED))
    try:
        with invocation.system.library(name, "w") as library:
            wanted = [member]
            if "*" in member or "%" in member:
                wanted = [one.name for one in library.members() if matches(member, one.name)]
            if not wanted:
                raise MemberNotFound(member, name)
            gone: list[str] = []
            for one in wanted:
                gone += library.delete(one) if one not in gone else []
    except DataSetNotFound as error:
        return _not_deleted(invocation, name, error)
    except DataSetError as error:
        missing = isinstance(error, MemberNotFound)
        detail: Line = ("IDC3330I", f"{member:<8}") if missing else ("KSD304E", error.what)
        return invocation.report(Refusal(("IDC3302I", name), detail, ("IDC0548I", member), code=_BYPASSED))
    for one in gone:
        invocation.listing.message("IDC0549I", one)
    return 0


def _not_deleted(invocation: Invocation, name: str, error: CatalogError | VsamError | DataSetError) -> int:
    lines: list[Line]
    if isinstance(error, DataSetNotFound):
        lines = [("IDC3012I", name), catalog_code(8, "IGG0CLEG-42")]
    else:
        lines = [("IDC3014I",), ("KSD304E", error.what)]
    return invocation.report(Refusal(*lines, ("IDC0551I", name), code=_BYPASSED))
