"""DEFINE with MODEL(entry): what was not coded is as in an entry that is there.

    CLUSTER, ALTERNATEINDEX   the model is one of the same type, or its data component
    DATA, INDEX               a component of the same kind; it goes before the model of the whole
    PATH                      a path: UPDATE or NOUPDATE

Precedence: what was coded anywhere, then the models, then the defaults. Names, owner and dates are never taken from a
model.

Source: z/OS DFSMS Access Method Services Commands, DEFINE, MODEL.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ksds.catalog.entries import AlternateIndexEntry, ClusterEntry, ComponentEntry, Entry, IndexableEntry, PathEntry
from ksds.idcams.define_operands import AlternateIndexOperands, ClusterOperands, DataOperands, IndexOperands
from ksds.idcams.invocation import Invocation, Refusal

Whole = TypeVar("Whole", bound=ClusterOperands | AlternateIndexOperands)


def after_model(
    invocation: Invocation, whole: Whole, data: DataOperands, index: IndexOperands
) -> tuple[Whole, DataOperands, IndexOperands]:
    """The operands completed from their models. Raises Refusal (IDC3501I) for a model of another type."""
    models = [_component(invocation, data.model, "data"), _whole(invocation, whole)]
    if isinstance(whole, ClusterOperands) and models[1] and "organization" not in whole.model_fields_set:
        whole = whole.model_copy(update={"organization": models[1].definition.organization})
    alternate = models[1].alternate if isinstance(models[1], AlternateIndexEntry) else None
    if isinstance(whole, AlternateIndexOperands) and alternate:
        words = {
            "unique": "UNIQUEKEY" if alternate.unique else "NONUNIQUEKEY",
            "upgrade": "UPGRADE" if alternate.upgrade else "NOUPGRADE",
        }
        whole = whole.model_copy(update={name: word for name, word in words.items() if name not in coded(whole)})
    organization = whole.organization if isinstance(whole, ClusterOperands) else "INDEXED"
    for model in models:
        values = _attributes(model, organization) if model else {}
        missing = {name: value for name, value in values.items() if not coded(whole, data) & {name}}
        data = data.model_copy(update=missing)
    for model in (_component(invocation, index.model, "index"), models[1]):
        values = _index_attributes(model) if model else {}
        missing = {name: value for name, value in values.items() if not coded(whole, index) & {name}}
        index = index.model_copy(update=missing)
    return whole, data, index


def path_after_model(invocation: Invocation, model: tuple[str, ...] | None) -> bool:
    """Whether a path is for update, as its model is; without one it is."""
    if model is None:
        return True
    entry = invocation.system.entry(model[0])
    if not isinstance(entry, PathEntry):
        raise _inconsistent(entry)
    return entry.update


def coded(*operands: ClusterOperands | AlternateIndexOperands | DataOperands | IndexOperands) -> set[str]:
    """The fields that were coded in any of these."""
    return {name for one in operands for name in one.model_fields_set if getattr(one, name) is not None}


def _whole(invocation: Invocation, whole: ClusterOperands | AlternateIndexOperands) -> IndexableEntry | None:
    if whole.model is None:
        return None
    entry = invocation.system.entry(whole.model[0])
    model = entry.cluster if isinstance(entry, ComponentEntry) else entry
    kind = AlternateIndexEntry if isinstance(whole, AlternateIndexOperands) else ClusterEntry
    if not isinstance(model, kind):
        raise _inconsistent(entry)
    return model


def _component(invocation: Invocation, model: tuple[str, ...] | None, component: str) -> IndexableEntry | None:
    """The owner of the component that is a component's model."""
    if model is None:
        return None
    entry = invocation.system.entry(model[0])
    if not isinstance(entry, ComponentEntry) or entry.component != component:
        raise _inconsistent(entry)
    return entry.cluster


def _inconsistent(entry: Entry) -> Refusal:
    return Refusal(("IDC3501I",), ("KSD304E", f"{entry.name} IS {entry.type}"))


def _attributes(model: IndexableEntry, organization: str) -> dict[str, Any]:
    """Those of a model that fit a data component of this organization, by field."""
    shape = model.definition
    values: dict[str, Any] = {
        "space": (f"{shape.space_unit}S", shape.primary, shape.secondary),
        "ci_size": shape.ci_size,
        "share_options": (shape.cross_region, shape.cross_system),
        "reuse": "REUSE" if shape.reuse else "NOREUSE",
        "erase": "ERASE" if shape.erase else "NOERASE",
        "loading": "SPEED" if shape.speed else "RECOVERY",
        "buffer_space": shape.buffer_space or None,
        "write_check": "WRITECHECK" if shape.write_check else "NOWRITECHECK",
        "exception_exit": shape.exception_exit or None,
        "volumes": (model.volume,),
    }
    if organization == shape.organization != "LINEAR":
        values["record_size"] = (shape.average_record, shape.maximum_record)
        values["spanned"] = "SPANNED" if shape.spanned else "NONSPANNED"
        if organization == "INDEXED":
            offset = model.alternate.key_offset if isinstance(model, AlternateIndexEntry) else shape.key_offset
            values["keys"] = (shape.key_length, offset)
            values["free_space"] = (shape.free_ci_percent, shape.free_ca_percent)
    return values


def _index_attributes(model: IndexableEntry) -> dict[str, Any]:
    """Those of a model's index component, by field."""
    shape = model.definition
    return {
        "ci_size": shape.index_ci_size or None,
        "write_check": "WRITECHECK" if shape.index_write_check else "NOWRITECHECK",
        "exception_exit": shape.index_exception_exit or None,
    }
