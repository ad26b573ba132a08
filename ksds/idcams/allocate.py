"""ALLOCATE: a new data set or cluster, and a ddname by which the commands behind it find it, or one that is there.

Source: z/OS DFSMS Access Method Services Commands, ALLOCATE.
"""

from __future__ import annotations

from dataclasses import replace

from ksds.catalog.entries import Entry, IndexableEntry, NonVsamEntry, Space
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.datasets import DD, DataSetAttributes, split_member
from ksds.idcams.allocate_operands import Allocate
from ksds.idcams.attributes import expiration
from ksds.idcams.invocation import Invocation, Refusal

_ORGANIZATIONS = {"KS": "INDEXED", "ES": "NONINDEXED", "RR": "NUMBERED", "LS": "LINEAR"}
_MULTIPLES = {"U": 1, "K": 1024, "M": 1024 * 1024}
_LONGEST_RECORD = 4089
_DEFAULT_SPACE = SpaceQuantity("TRACKS", 1, 1)


def allocate(invocation: Invocation, command: Allocate) -> int:
    """Make what is new, and let FILE name it from here on. Raises DataSetNotFound for what should be there."""
    for name in command.data_sets:
        library = split_member(name)[0]
        new = command.status == "NEW" or (command.status == "MOD" and not invocation.system.exists(library))
        if new:
            _make(invocation, command, library, is_member=library != name)
        else:
            invocation.system.entry(library)
    if command.ddname:
        status = "OLD" if command.status in (None, "NEW") else command.status
        invocation.dds[command.ddname] = DD(
            name=command.ddname,
            data_sets=command.data_sets,
            dummy=command.status == "DUMMY",
            disposition=(status, "KEEP", "KEEP"),
        )
    return 0


def _make(invocation: Invocation, command: Allocate, name: str, *, is_member: bool) -> None:
    today = invocation.now.date()
    expires = expiration(command.expiration, today)
    model = invocation.system.entry(command.like) if command.like else None
    if command.organization or isinstance(model, IndexableEntry):
        definition = _cluster(command, name, model)
        invocation.system.define_cluster(definition, created=today, expires=expires)
        return
    attributes = _attributes(command, model, is_member=is_member)
    invocation.system.allocate(name, attributes, space=_space(command, model), created=today, expires=expires)


def _cluster(command: Allocate, name: str, model: Entry | None) -> ClusterDefinition:
    """As RECORG describes it, or as the model is."""
    if not command.organization:
        assert isinstance(model, IndexableEntry)
        return replace(model.definition, name=name, data_name="", index_name="")
    length = command.lrecl or _LONGEST_RECORD
    return derive(
        SpaceRequest(
            name=name,
            space=_quantity(command) or _DEFAULT_SPACE,
            organization=_ORGANIZATIONS[command.organization],
            key_length=command.key_length,
            key_offset=command.key_offset,
            average_record=length,
            maximum_record=length,
        )
    )


def _quantity(command: Allocate) -> SpaceQuantity | None:
    """SPACE in tracks or cylinders; with AVGREC in records; in blocks, as the kilobytes that they take."""
    if command.space is None:
        return None
    primary, secondary = (*command.space, 0)[:2]
    if command.multiple:
        each = _MULTIPLES[command.multiple]
        return SpaceQuantity("RECORDS", primary * each, secondary * each)
    if isinstance(command.unit, tuple):
        _, block = command.unit
        return SpaceQuantity("KILOBYTES", -(-primary * block // 1024), -(-secondary * block // 1024))
    return SpaceQuantity(command.unit or "TRACKS", primary, secondary)


def _space(command: Allocate, model: Entry | None) -> Space:
    """What the catalog keeps for a data set: tracks or cylinders."""
    quantity = _quantity(command)
    if quantity is None:
        return model.space if isinstance(model, NonVsamEntry) else Space()
    unit = {"TRACKS": "TRACK", "CYLINDERS": "CYLINDER"}.get(quantity.unit, "")
    return Space(unit=unit, primary=quantity.primary, secondary=quantity.secondary) if unit else Space()


def _attributes(command: Allocate, model: Entry | None, *, is_member: bool) -> DataSetAttributes:
    """What was coded, completed from the model; RECFM=U if nothing describes the data set."""
    like = model.attributes if isinstance(model, NonVsamEntry) else None
    recfm = "".join(command.recfm) or (like.recfm if like else "FB" if command.lrecl else "U")
    lrecl = command.lrecl or (like.lrecl if like else 0)
    if recfm[0] in "FV" and not lrecl:
        raise Refusal(("IDC3225I", "LRECL"))
    same = like is not None and (recfm, lrecl) == (like.recfm, like.lrecl)
    blksize = command.blksize or (like.blksize if like and same else 0)
    coded = command.dsorg or ("PO" if is_member or command.directory or command.library else None)
    dsorg = coded or (like.dsorg if like else "PS")
    pdse = dsorg == "PO" and (command.library == "LIBRARY" or (command.library is None and bool(like and like.pdse)))
    return DataSetAttributes(recfm, lrecl, blksize, dsorg, pdse=pdse)
