"""What a TO side leaves to others: TYPE= and LIKE=, SPACE= of what is made, and clusters made by RECORG=.

TYPE=KEY takes defaults from member KEY of the library DTF.TYPE at the target's node: operands of TO, as in a Process.
LIKE= (or a data set named first in DCB=) gives the attributes of a data set or cluster that is there. What is coded
counts more than TYPE, and TYPE more than LIKE.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dtf.copying.checkpoint import Shape
from dtf.copying.places import EndpointError
from dtf.errors import ProcessError
from dtf.process.copy_statement import target_defaults
from dtf.protocol.events import FileAttributes, FileSide
from ksds import ClusterDefinition, SpaceQuantity, SpaceRequest, derive
from ksds.catalog.entries import ClusterEntry, NonVsamEntry, Space
from ksds.codepage import code_page
from ksds.errors import KsdsError, MemberNotFound
from ksds.system import System

TYPES = "DTF.TYPE"
_SPACE = re.compile(r"\((CYL|TRK|[0-9]{1,5}),\(?([0-9]{1,7})?(?:,([0-9]{1,7})?)?(?:,[0-9]{0,7})?\)?(?:,[A-Z,]*)?\)")
_UNITS = {"CYL": "CYLINDER", "TRK": "TRACK"}
_RECORG = {"KS": "INDEXED", "ES": "NONINDEXED", "RR": "NUMBERED", "LS": "LINEAR"}
_OF_CLUSTER = {"INDEXED": "VS", "NONINDEXED": "VS", "NUMBERED": "RR", "LINEAR": "LD"}


def completed(system: System, side: FileSide) -> FileSide:
    """`side` with what TYPE= and LIKE= say. Raises EndpointError if there is no such type or data set."""
    operands = dict(side.operands)
    if "TYPE" in operands:
        side = _with_type(system, side, operands["TYPE"])
        operands = dict(side.operands)
    if operands.get("LRECL") and not side.attributes.lrecl:
        side = replace(side, attributes=replace(side.attributes, lrecl=int(operands["LRECL"])))
    return _with_model(system, side, operands["LIKE"]) if "LIKE" in operands else side


def space_of(side: FileSide) -> Space:
    """SPACE=, empty if it was not coded. Raises EndpointError."""
    text = dict(side.operands).get("SPACE", "").upper().replace(" ", "")
    if not text:
        return Space()
    found = _SPACE.fullmatch(text)
    if not found:
        raise EndpointError(f"SPACE={text[:40]} is not (TRK or CYL or n,(primary,secondary))")
    return Space(unit=_UNITS.get(found[1], ""), primary=int(found[2] or 0), secondary=int(found[3] or 0))


def new_cluster(system: System, side: FileSide) -> ClusterDefinition | None:
    """The cluster that TO is to make by RECORG= or LIKE=, None if it is no cluster. Raises EndpointError."""
    operands = dict(side.operands)
    if "RECORG" not in operands:
        model = system.entry(operands["LIKE"]) if "LIKE" in operands else None
        if not isinstance(model, ClusterEntry) or side.attributes.dsorg in ("PS", "PO"):
            return None
        return replace(model.definition, name=side.name, data_name="", index_name="")
    space, longest = space_of(side), side.attributes.lrecl or 4089
    fixed = operands["RECORG"] == "RR" and side.attributes.recfm[:1] != "V"
    quantity = SpaceQuantity(f"{space.unit}S", max(1, space.primary), space.secondary)
    try:
        return derive(
            SpaceRequest(
                name=side.name,
                organization=_RECORG[operands["RECORG"]],
                space=quantity if space.unit else SpaceQuantity("CYLINDERS", 1, 1),
                key_length=int(operands.get("KEYLEN") or 64),
                key_offset=int(operands.get("KEYOFF") or 0),
                average_record=longest if fixed else max(1, longest // 2),
                maximum_record=longest,
            )
        )
    except (KsdsError, ValueError) as error:
        raise EndpointError(f"{side.name} cannot be made: {error}") from None


def shape_of_new(definition: ClusterDefinition) -> Shape:
    """As `places.shape_of` will show the cluster."""
    if definition.organization == "LINEAR":
        return Shape("LD", "F", definition.ci_size, 0)
    kind = "F" if definition.average_record == definition.maximum_record else "V"
    return Shape(_OF_CLUSTER[definition.organization], kind, definition.maximum_record, 0)


def _with_type(system: System, side: FileSide, key: str) -> FileSide:
    try:
        with system.sequential(f"{TYPES}({key})") as member:
            text = " ".join(code_page().decode(record).rstrip() for record in member.records())
    except (KsdsError, MemberNotFound) as error:
        raise EndpointError(f"TYPE={key} is no member of {TYPES}: {error}") from None
    try:
        defaults = target_defaults(text)
    except ProcessError as error:
        raise EndpointError(f"{TYPES}({key}): {error.what}") from None
    coded = dict(side.operands)
    words = (side.disposition[0] or defaults.disposition[0], *side.disposition[1:])
    given = FileAttributes(defaults.dsorg, defaults.recfm, defaults.lrecl, defaults.blksize)
    operands = side.operands + tuple(pair for pair in defaults.operands if pair[0] not in coded)
    return replace(side, disposition=words, attributes=_filled(side.attributes, given), operands=operands)


def _with_model(system: System, side: FileSide, model: str) -> FileSide:
    try:
        entry = system.entry(model)
    except KsdsError as error:
        raise EndpointError(f"LIKE={model}: {error}") from None
    if not isinstance(entry, NonVsamEntry):
        return side
    there = entry.attributes
    given = FileAttributes(there.dsorg, there.recfm, there.lrecl, there.blksize)
    return replace(side, attributes=_filled(side.attributes, given))


def _filled(coded: FileAttributes, given: FileAttributes) -> FileAttributes:
    """What is coded, else what is given; a block size only with the records that it was made for."""
    same = coded.recfm in ("", given.recfm) and coded.lrecl in (0, given.lrecl)
    return FileAttributes(
        coded.dsorg or given.dsorg,
        coded.recfm or given.recfm,
        coded.lrecl or given.lrecl,
        coded.blksize or (given.blksize if same else 0),
    )
