"""ALTER: other names and other attributes for what is catalogued.

    what is altered               on the name of
    NEWNAME OWNER TO FOR          anything; with an asterisk NEWNAME moves every name that the generic one covers
    FREESPACE                     a data component
    SHAREOPTIONS ERASE INHIBIT    a component, and then of the whole cluster here
    WRITECHECK EXCEPTIONEXIT      a component
    BUFFERSPACE                   a data component; ACCOUNT: that or the cluster
    RECLAIMCA                     a key-sequenced cluster, an alternate index, or the data component of one
    KEYS RECORDSIZE REUSE         a cluster or data component; the first two as long as it is empty
    UPGRADE UNIQUEKEY             an empty alternate index
    TYPE(LINEAR)                  an entry-sequenced cluster: its control intervals are now all data
    UPDATE                        a path
    LIMIT EMPTY FIFO SCRATCH ...  a generation data group; what is above a lower limit rolls off at once
    ROLLIN                        a generation that was deferred or rolled off
    ADDVOLUMES REMOVEVOLUMES      a component or data set; said to be done, for there is one volume
    NEWNAME(LIB(NEW))             a member

Source: z/OS DFSMS Access Method Services Commands, ALTER; messages of MVS 3.8J.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from ksds.catalog.changes import with_definition
from ksds.catalog.entries import (
    AlternateIndexEntry,
    ComponentEntry,
    Entry,
    GdgEntry,
    IndexableEntry,
    PathEntry,
)
from ksds.catalog.names import MAXIMUM_LENGTH
from ksds.cluster.definition import LINEAR_UNIT, ClusterDefinition
from ksds.cluster.linear import Linear
from ksds.datasets import split_member
from ksds.errors import (
    CatalogError,
    DataSetError,
    DataSetNotFound,
    DuplicateMember,
    DuplicateName,
    MemberNotFound,
    VsamError,
)
from ksds.idcams.attributes import NONSPANNED_RECORDS, SPANNED_RECORDS, expiration
from ksds.idcams.catalog_operands import Alter
from ksds.idcams.invocation import Invocation, Line, Refusal, catalog_code

_BYPASSED = 8
_ALLOWED: dict[str, tuple[str, frozenset[str]]] = {
    "free_space": ("FREESPACE", frozenset({"DATA"})),
    "share_options": ("SHAREOPTIONS", frozenset({"DATA", "INDEX"})),
    "erase": ("ERASE", frozenset({"DATA", "INDEX"})),
    "write_check": ("WRITECHECK", frozenset({"DATA", "INDEX", "USERCATALOG"})),
    "exception_exit": ("EXCEPTIONEXIT", frozenset({"DATA", "INDEX"})),
    "buffer_space": ("BUFFERSPACE", frozenset({"DATA", "USERCATALOG"})),
    "account": ("ACCOUNT", frozenset({"CLUSTER", "DATA", "NONVSAM"})),
    "inhibit": ("INHIBIT", frozenset({"DATA", "INDEX"})),
    "keys": ("KEYS", frozenset({"CLUSTER", "AIX", "DATA"})),
    "record_size": ("RECORDSIZE", frozenset({"CLUSTER", "AIX", "DATA"})),
    "reuse": ("REUSE", frozenset({"CLUSTER", "AIX", "DATA"})),
    "reclaim": ("RECLAIMCA", frozenset({"CLUSTER", "AIX", "DATA"})),
    "unique": ("UNIQUEKEY", frozenset({"AIX"})),
    "kind": ("TYPE", frozenset({"CLUSTER", "DATA"})),
    "upgrade": ("UPGRADE", frozenset({"AIX"})),
    "update": ("UPDATE", frozenset({"PATH"})),
    "volumes_added": ("ADDVOLUMES", frozenset({"DATA", "INDEX", "NONVSAM"})),
    "volumes_removed": ("REMOVEVOLUMES", frozenset({"DATA", "INDEX", "NONVSAM"})),
    "limit": ("LIMIT", frozenset({"GDG"})),
    "empty": ("EMPTY", frozenset({"GDG"})),
    "order": ("FIFO", frozenset({"GDG"})),
    "scratch": ("SCRATCH", frozenset({"GDG"})),
    "purge": ("PURGE", frozenset({"GDG"})),
    "roll_in": ("ROLLIN", frozenset({"NONVSAM"})),
}
_OWNED = ("owner", "expiration", "nullify")
_ONLY_EMPTY = ("keys", "record_size", "unique", "upgrade")
_GROUP = {"empty": "EMPTY", "order": "FIFO", "scratch": "SCRATCH", "purge": "PURGE"}
_DEFAULT_KEYS = (64, 0)
_DEFAULT_RECORDS = (NONSPANNED_RECORDS, SPANNED_RECORDS)


def alter(invocation: Invocation, command: Alter) -> int:
    """Alter an entry, a member, or every entry that a generic name covers."""
    (wanted,) = command.entries
    name, member = split_member(wanted)
    if member:
        return _alter_member(invocation, command, name, member)
    code = 0
    for one, new in _pairs(invocation, command, wanted):
        try:
            _alter_one(invocation, command, one, new)
            for volume in (*command.volumes_added, *command.volumes_removed):
                invocation.listing.message("IDC0526I", volume, 0)
            invocation.listing.message("IDC0531I", one)
        except (CatalogError, VsamError) as error:
            code = max(code, _not_altered(invocation, one, error))
    return code


def _pairs(invocation: Invocation, command: Alter, wanted: str) -> list[tuple[str, str | None]]:
    """The names to alter, each with the name it gets. Raises Refusal (IDC3536I, IDC3529I)."""
    new = command.new_name
    if "%" in wanted or (new is not None and ("%" in new or wanted.count("*") != new.count("*"))):
        raise Refusal(("IDC3536I",))
    if "*" not in wanted:
        return [(wanted, new)]
    before, _, behind = wanted.partition("*")
    if "*" in behind or (new is not None and new.partition("*")[0].count(".") != before.count(".")):
        raise Refusal(("IDC3536I",))
    names = [entry.name for entry in invocation.system.entries(wanted)]
    if not names:
        return [(wanted, new)]
    pairs: list[tuple[str, str | None]] = []
    for name in names:
        one = name[len(before) : len(name) - len(behind)]
        renamed = new.replace("*", one) if new is not None else None
        if renamed is not None and len(renamed) > MAXIMUM_LENGTH:
            raise Refusal(("IDC3529I", renamed))
        pairs.append((name, renamed))
    return pairs


def _alter_one(invocation: Invocation, command: Alter, name: str, new: str | None) -> None:
    changes = invocation.system.changes
    entry = invocation.system.catalog.find(name)
    coded = {field for field in (*_ALLOWED, *_OWNED) if getattr(command, field) not in (None, ())}
    limited = coded & set(_ALLOWED) | ({"exception_exit"} if _nullifies_exit(command) else set())
    for field in sorted(limited):
        keyword, types = _ALLOWED[field]
        if entry.type not in types:
            raise Refusal(("IDC3190I", keyword), ("IDC0532I", name))
    if command.roll_in:
        invocation.system.generations.roll_in(name, today=invocation.now.date())
    if command.kind:
        _require_what_can_be_linear(entry)
    if coded & set(_ONLY_EMPTY):
        _require_empty(invocation, entry, command)
    if command.share_options:
        owner = entry.cluster if isinstance(entry, ComponentEntry) else entry
        assert isinstance(owner, IndexableEntry)
        invocation.system.spheres.require_free(owner)  # all who have it open agree on who may
    if isinstance(entry, GdgEntry):
        _alter_group(invocation, command, name)
    elif coded - {"roll_in"}:
        changes.alter(name, _changer(invocation, command, name))
    if command.kind:
        _forget_records(invocation, name)
    if new is not None:
        changes.rename(name, new)


def _changer(invocation: Invocation, command: Alter, name: str) -> Callable[[Entry], Entry]:
    today = invocation.now.date()
    expires = _expires(command, name, today)

    def changed(entry: Entry) -> Entry:
        if command.owner is not None:
            entry = replace(entry, owner=command.owner)
        if command.expiration is not None:
            entry = replace(entry, expires=expires)
        for word in command.nullify.what if command.nullify else ():
            if word == "OWNER":
                entry = replace(entry, owner="")
            elif word == "RETENTION":
                entry = replace(entry, expires=None)
        if isinstance(entry, GdgEntry):
            return replace(_altered_group(entry, command), altered=today)
        if isinstance(entry, PathEntry) and command.update:
            return replace(entry, update=command.update == "UPDATE")
        return _altered_cluster(entry, command, name) if isinstance(entry, IndexableEntry) else entry

    return changed


def _expires(command: Alter, name: str, today: date) -> date | None:
    try:
        return expiration(command.expiration, today)
    except Refusal as refusal:
        raise Refusal(*refusal.lines, ("IDC0532I", name)) from None


def _alter_group(invocation: Invocation, command: Alter, name: str) -> None:
    """Generations above a lower limit roll off; each is listed."""
    change, today = _changer(invocation, command, name), invocation.now.date()
    for generation, scratched in invocation.system.generations.alter(name, change, today=today):
        invocation.listing.message("IDC0550I" if scratched else "KSD309I", generation.letter, generation.name)


def _altered_group(entry: GdgEntry, command: Alter) -> GdgEntry:
    options = {("fifo" if field == "order" else field): word for field, word in _GROUP.items()}
    coded = {"fifo" if field == "order" else field: getattr(command, field) for field in _GROUP}
    entry = replace(entry, **{name: value == options[name] for name, value in coded.items() if value is not None})
    if command.limit is None:
        return entry
    if command.limit > 255 and not entry.extended:
        raise Refusal(("IDC3221I", command.limit), ("IDC0532I", entry.name))
    return replace(entry, limit=command.limit)


def _changes_that_are_listed(definition: ClusterDefinition, command: Alter, name: str) -> dict[str, object]:
    """Of what only LISTCAT shows, some of it for each component by itself."""
    prefix = "index_" if name == definition.index_name else ""
    changes: dict[str, object] = {}
    if command.write_check:
        changes[f"{prefix}write_check"] = command.write_check == "WRITECHECK"
    if command.exception_exit is not None or _nullifies_exit(command):
        changes[f"{prefix}exception_exit"] = command.exception_exit or ""
    if command.buffer_space is not None:
        changes["buffer_space"] = command.buffer_space if command.buffer_space >= definition.least_buffer_space else 0
    if command.account is not None:
        changes["account"] = command.account
    return changes


def _nullifies_exit(command: Alter) -> bool:
    return command.nullify is not None and "EXCEPTIONEXIT" in command.nullify.what


def _altered_cluster(entry: IndexableEntry, command: Alter, name: str) -> IndexableEntry:
    changes = _changes_that_are_listed(entry.definition, command, name)
    if command.free_space:
        changes["free_ci_percent"], changes["free_ca_percent"] = (*command.free_space, 0)[:2]
    if command.share_options:
        changes["cross_region"], changes["cross_system"] = (*command.share_options, 3)[:2]
    if command.keys:
        changes["key_length"], changes["key_offset"] = command.keys
    if command.record_size:
        changes["average_record"], changes["maximum_record"] = command.record_size
    if command.erase:
        changes["erase"] = command.erase == "ERASE"
    if command.reclaim:
        if entry.definition.organization != "INDEXED":
            raise Refusal(("IDC3190I", "RECLAIMCA"), ("IDC0532I", name))
        changes["no_ca_reclaim"] = command.reclaim == "NORECLAIMCA"
    if command.reuse:
        changes["reuse"] = command.reuse == "REUSE"
    if command.kind:
        changes |= {"organization": "LINEAR", "average_record": 0, "maximum_record": 0}
    try:
        entry = with_definition(entry, replace(entry.definition, **changes))  # type: ignore[arg-type]
    except ValueError as error:
        raise Refusal(("IDC3545I",), ("KSD304E", error), ("IDC0532I", name)) from None
    if command.inhibit:
        entry = replace(entry, inhibited=command.inhibit == "INHIBIT")
    if isinstance(entry, AlternateIndexEntry) and (command.unique or command.upgrade):
        alternate = entry.alternate
        unique = alternate.unique if command.unique is None else command.unique == "UNIQUEKEY"
        upgrade = alternate.upgrade if command.upgrade is None else command.upgrade == "UPGRADE"
        entry = replace(entry, alternate=replace(alternate, unique=unique, upgrade=upgrade))
    return entry


def _require_what_can_be_linear(entry: Entry) -> None:
    """An entry-sequenced cluster whose control intervals have the size of a linear one's, with nothing over it."""
    whole = entry.cluster if isinstance(entry, ComponentEntry) else entry
    assert isinstance(whole, IndexableEntry)
    definition = whole.definition
    entry_sequenced = definition.organization == "NONINDEXED" and not definition.spanned
    if not entry_sequenced or definition.ci_size % LINEAR_UNIT or whole.associations:
        why = f"{whole.name} IS NOT ENTRY-SEQUENCED, UNSPANNED, OF CISIZE {LINEAR_UNIT} AND WITHOUT INDEXES AND PATHS"
        raise Refusal(("KSD303E", why), ("IDC0532I", entry.name))


def _forget_records(invocation: Invocation, name: str) -> None:
    """Behind the change of the catalog: if it does not come to this, VERIFY says that records are counted."""
    entry = invocation.system.entry(name)
    with invocation.system.cluster(entry.cluster.name if isinstance(entry, ComponentEntry) else name, "w") as cluster:
        assert isinstance(cluster, Linear)
        cluster.forget_records()


def _require_empty(invocation: Invocation, entry: Entry, command: Alter) -> None:
    """KEYS and RECORDSIZE: as long as the data set is empty and has the defaults. UPGRADE and UNIQUEKEY: empty."""
    whole = entry.cluster if isinstance(entry, ComponentEntry) else entry
    assert isinstance(whole, IndexableEntry)
    definition = whole.definition
    with invocation.system.cluster(whole.name) as cluster:
        empty = not cluster.statistics.high_used_rba
    if isinstance(whole, AlternateIndexEntry) and not empty and (command.unique or command.upgrade):
        raise Refusal(("IDC3538I",), ("IDC0532I", entry.name))
    keys = (definition.key_length, definition.key_offset)
    if command.keys and (not empty or (keys != _DEFAULT_KEYS and keys != command.keys)):
        raise Refusal(("IDC3539I",), ("IDC0532I", entry.name))
    records = (definition.average_record, definition.maximum_record)
    if command.record_size and (not empty or (records not in _DEFAULT_RECORDS and records != command.record_size)):
        raise Refusal(("IDC3545I",), ("IDC0532I", entry.name))


def _alter_member(invocation: Invocation, command: Alter, name: str, member: str) -> int:
    """NEWNAME gives a member another name in its library."""
    other = split_member(command.new_name or "")
    if other[0] != name or not other[1]:
        raise Refusal(("IDC3527I",), ("IDC0534I", member))
    try:
        with invocation.system.library(name, "w") as library:
            library.rename(member, other[1])
    except DataSetNotFound as error:
        return _not_altered(invocation, name, error)
    except (MemberNotFound, DuplicateMember) as error:
        number = "IDC3330I" if isinstance(error, MemberNotFound) else "IDC3331I"
        refusal = Refusal(("IDC3302I", name), (number, f"{error.member:<8}"), ("IDC0534I", member), code=_BYPASSED)
        return invocation.report(refusal)
    except DataSetError as error:
        return invocation.report(
            Refusal(("IDC3302I", name), ("KSD304E", error.what), ("IDC0534I", member), code=_BYPASSED)
        )
    invocation.listing.message("IDC0535I", member)
    return 0


def _not_altered(invocation: Invocation, name: str, error: CatalogError | VsamError) -> int:
    lines: list[Line]
    if isinstance(error, DataSetNotFound):
        lines = [("IDC3012I", name), catalog_code(8, "IGG0CLEG-42")]
    elif isinstance(error, DuplicateName):
        lines = [("IDC3013I",), catalog_code(8, "IGG0CLEH-38")]
    else:
        lines = [("IDC3014I",), ("KSD304E", error.what)]
    return invocation.report(Refusal(*lines, ("IDC0532I", name), code=_BYPASSED))
