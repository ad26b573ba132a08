"""EXPORT and IMPORT: a cluster or alternate index into a portable data set and back; user catalogs disconnected and
connected.

EXPORT marks or deletes its source only when the portable data set is durable; the paths over it go along. With CIMODE
the parts are control intervals, not records. IMPORT reads the portable data set to its end, checksum included, before
it defines anything; what it defined goes again if it cannot be filled. An alternate index needs its base to be there.

Source: z/OS DFSMS Access Method Services Commands, EXPORT and IMPORT; messages of MVS 3.8J.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from ksds.catalog.changes import with_definition
from ksds.catalog.entries import AlternateIndexEntry, Entry, IndexableEntry, NonVsamEntry, PathEntry, UserCatalogEntry
from ksds.cluster import whole_intervals
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import Cluster, Keyed
from ksds.cluster.path import Path
from ksds.datasets import SequentialDataSet, split_member
from ksds.errors import DataSetNotFound, DuplicateName
from ksds.idcams.attributes import report_definition
from ksds.idcams.define_operands import DataOperands, IndexOperands
from ksds.idcams.export_operands import Export, Import, ImportedObject
from ksds.idcams.invocation import Invocation, Refusal, acting, opening
from ksds.idcams.portable import DEFAULT, Exported, PortableWriter

_WARNING = 4
_BYPASSED = 8


def export(invocation: Invocation, command: Export) -> int:
    """Copy a cluster into a portable data set; the source stays, marked (TEMPORARY), or goes (PERMANENT)."""
    (name,) = command.entries
    system = invocation.system
    entry = system.catalog.find(name)
    if command.disconnect:
        if not isinstance(entry, UserCatalogEntry):
            raise Refusal(("KSD303E", f"{entry.type} {name} IS NOT A USER CATALOG"))
        system.catalog.remove(entry)
        invocation.listing.message("IDC0622I", name)
        return 0
    if not isinstance(entry, IndexableEntry):
        raise Refusal(("KSD303E", f"{entry.type} {name} IS NEITHER A CLUSTER NOR AN ALTERNATE INDEX"))
    today = invocation.now.date()
    leaves = command.kind == "PERMANENT"
    if leaves and entry.expires and entry.expires > today and command.purge == "NOPURGE":
        raise Refusal(("IDC3014I",), ("KSD304E", f"{name} EXPIRES {entry.expires:%Y.%j}"), code=_BYPASSED)
    code = 0
    if command.mode == "CIMODE" and _leaves_by_record(invocation, entry):
        invocation.listing.message("KSD308W", name)
        command, code = command.model_copy(update={"mode": "RECORDMODE"}), _WARNING
    count = _write(invocation, command, entry)
    invocation.listing.message("IDC0005I", count)
    if leaves:
        erase = None if command.erase is None else command.erase == "ERASE"
        for gone in system.delete(name, purge=True, today=today, erase=erase):
            invocation.listing.message("IDC0550I", gone.letter, gone.name)
    else:
        system.changes.alter(name, lambda one: _exported(one, inhibit=command.inhibit_source == "INHIBITSOURCE"))
    invocation.listing.message("IDC0594I", f"{invocation.now:%m/%d/%y}", f"{invocation.now:%H:%M:%S}")
    return code


def _leaves_by_record(invocation: Invocation, entry: IndexableEntry) -> bool:
    """As the manual says, without a reason: an entry-sequenced cluster that has an alternate index."""
    over = invocation.system.associations.directly_over(entry)
    indexed = any(isinstance(one, AlternateIndexEntry) for one in over)
    return indexed and entry.definition.organization == "NONINDEXED"


def _exported(entry: Entry, *, inhibit: bool) -> Entry:
    assert isinstance(entry, IndexableEntry)
    return replace(entry, exported=True, inhibited=entry.inhibited or inhibit)


def _write(invocation: Invocation, command: Export, entry: IndexableEntry) -> int:
    """The portable data set; how many records or control intervals are in it."""
    with opening(entry.name):
        source = invocation.system.cluster(entry.name)
    with closing(source):
        name = _name_of(invocation, command.target)
        with opening(name), closing(_portable(invocation, command, name)) as target, acting(name):
            writer = PortableWriter(target)
            whole = replace(entry, associations=(), inhibited=False, exported=False)
            over = invocation.system.associations.directly_over(entry)
            paths = [path for path in over if isinstance(path, PathEntry)]
            writer.begin(
                invocation.now,
                [whole, *paths],
                inhibit=command.inhibit_target == "INHIBITTARGET",
                intervals=command.mode == "CIMODE",
            )
            for number, data in _parts(source, command):
                writer.add(number, data)
            return writer.end()


def _parts(source: Cluster, command: Export) -> Iterator[tuple[int, bytes]]:
    """Records, or with CIMODE control intervals, each with its number."""
    if command.mode == "CIMODE" and not isinstance(source, Path):
        return whole_intervals.intervals(source)
    if isinstance(source, Keyed):
        return enumerate(source.browse(), 1)
    if isinstance(source, EntrySequenced | Linear):
        return enumerate((record for _, record in source.browse()), 1)
    return source.browse()


def _name_of(invocation: Invocation, operand: tuple[str, str] | None) -> str:
    """The data set that OUTFILE, INFILE, OUTDATASET or INDATASET names."""
    assert operand is not None
    word, name = operand
    if word.endswith("DATASET"):
        return name
    dd = invocation.dd(name)
    if len(dd.data_sets) != 1:
        raise Refusal(("IDC3300I", name), ("IDC3318I",))
    return dd.data_sets[0]


def _portable(invocation: Invocation, command: Export, name: str) -> SequentialDataSet:
    """The portable data set, emptied; a new one that the DD asks for is made first."""
    assert command.target is not None
    dd = invocation.dds.get(command.target[1]) if command.target[0] == "OUTFILE" else None
    system = invocation.system
    if dd and dd.disposition[0] in ("NEW", "MOD") and not system.exists(split_member(name)[0]):
        system.allocate(name, dd.attributes or DEFAULT, created=invocation.now.date())
    entry = system.entry(split_member(name)[0])
    if not isinstance(entry, NonVsamEntry) or entry.attributes.kind == "F":
        raise Refusal(("IDC3300I", name), ("IDC3318I",))
    return system.sequential(name, "w")


def import_(invocation: Invocation, command: Import) -> int:
    """Define the cluster of a portable data set and fill it, or fill an empty one; or connect user catalogs."""
    if command.connect:
        return _connect(invocation, command)
    source = _name_of(invocation, command.source)
    with opening(source):
        exported = Exported.open(invocation.system, source)
        entry = exported.exported
    stamp = exported.stamp
    invocation.listing.message("IDC0604I", f"{stamp.when:%m/%d/%y}", f"{stamp.when:%H:%M:%S}")
    paths = [path for path in exported.entries if isinstance(path, PathEntry)]
    new_names = {wanted.entry[0]: wanted for wanted in command.objects}
    entry = _renamed(entry, new_names, paths)
    wanted = _name_of(invocation, command.target)
    if wanted not in [entry.name, *(component.name for component in entry.components)]:
        raise Refusal(("KSD303E", f"{wanted} IS NOT {entry.name}, WHICH IS TO BE IMPORTED"))
    new = _make_room(invocation, command, entry)
    if new:
        made = _define(invocation, entry)
        names = DataOperands(name=made.definition.data_name), IndexOperands(name=made.definition.index_name)
        report_definition(invocation, made, *names)
    try:
        with opening(entry.name), closing(invocation.system.cluster(entry.name, "w")) as cluster, acting(entry.name):
            _fill(cluster, exported)
    except Refusal:
        if new:
            invocation.system.delete(entry.name, purge=True)
        raise
    if stamp.inhibit:
        invocation.system.changes.alter(entry.name, _inhibited)
    for path in paths if new else []:
        _define_path(invocation, path, entry, new_names.get(path.name))
    invocation.listing.message("IDC0005I", exported.count)
    return 0


def _define(invocation: Invocation, entry: IndexableEntry) -> IndexableEntry:
    system, today = invocation.system, invocation.now.date()
    if isinstance(entry, AlternateIndexEntry):
        _require_its_base(invocation, entry)
        return system.associations.define_alternate_index(
            entry.base,
            entry.alternate,
            created=today,
            expires=entry.expires,
            owner=entry.owner,
            volume=entry.volume,
        )
    return system.define_cluster(
        entry.definition, created=today, expires=entry.expires, owner=entry.owner, volume=entry.volume
    )


def _require_its_base(invocation: Invocation, entry: AlternateIndexEntry) -> None:
    """A base with keys of that length, or entry-sequenced as it was. Raises Refusal, DataSetNotFound."""
    base = invocation.system.associations.base(entry.base)
    if base.definition.key_length != entry.alternate.prime_key_length:
        raise Refusal(("KSD303E", f"{base.name} HAS OTHER KEYS THAN THE BASE OF WHAT WAS EXPORTED"))


def _inhibited(entry: Entry) -> Entry:
    assert isinstance(entry, IndexableEntry)
    return replace(entry, inhibited=True)


def _define_path(invocation: Invocation, path: PathEntry, entry: IndexableEntry, wanted: ImportedObject | None) -> None:
    name = (wanted and wanted.new_name) or path.name
    owner = (wanted and wanted.owner) or path.owner
    today = invocation.now.date()
    invocation.system.associations.define_path(
        name, entry.name, update=path.update, created=today, expires=path.expires, owner=owner
    )


def _renamed(entry: IndexableEntry, objects: dict[str, ImportedObject], paths: list[PathEntry]) -> IndexableEntry:
    """The entry as OBJECTS wants it here. Raises DataSetNotFound for a name that was not exported."""
    definition = entry.definition
    known = {entry.name: "name", definition.data_name: "data_name", definition.index_name: "index_name"}
    names: dict[str, str] = {}
    for name, wanted in objects.items():
        if name in known:
            names[known[name]] = wanted.new_name or name
            entry = replace(entry, volume=wanted.volumes[0] if wanted.volumes else entry.volume)
        elif name not in [path.name for path in paths]:
            raise DataSetNotFound(name)
    owner = objects[entry.name].owner if entry.name in objects else None
    definition = replace(definition, **names)  # type: ignore[arg-type]
    entry = with_definition(entry, definition)
    return replace(entry, name=definition.name, owner=owner or entry.owner)


def _make_room(invocation: Invocation, command: Import, entry: IndexableEntry) -> bool:
    """See what has the name already: False if it is empty and to be filled, True if one is to be defined."""
    system = invocation.system
    if not system.exists(entry.name):
        return True
    old = system.entry(entry.name)
    if not isinstance(old, IndexableEntry) or old.type != entry.type:
        raise DuplicateName(entry.name)
    if old.exported:
        erase = None if command.erase is None else command.erase == "ERASE"
        for gone in system.delete(old.name, purge=command.purge == "PURGE", today=invocation.now.date(), erase=erase):
            invocation.listing.message("IDC0550I", gone.letter, gone.name)
        invocation.listing.message("IDC0611I", old.name)
        return True
    with opening(old.name), closing(system.cluster(old.name)) as cluster:
        empty = not cluster.statistics.high_used_rba
    if not empty:
        raise DuplicateName(entry.name)
    if command.into_empty is None:
        raise Refusal(("IDC3625I", old.name))
    if _shape(old) != _shape(entry):
        raise Refusal(("KSD303E", f"{old.name} HAS OTHER KEYS OR RECORDS THAN WHAT WAS EXPORTED"))
    return False


def _shape(entry: IndexableEntry) -> tuple[object, ...]:
    """What two entries must have in common if one is to take the records of the other."""
    definition = entry.definition
    shape = definition.organization, definition.key_length, definition.key_offset, definition.maximum_record
    if isinstance(entry, AlternateIndexEntry):
        alternate = entry.alternate
        return (*shape, entry.base, alternate.prime_key_length, alternate.key_offset, alternate.unique)
    return shape


def _fill(cluster: Cluster, exported: Exported) -> None:
    if isinstance(cluster, KeySequenced):
        cluster.load(record for _, record in exported.records())
    elif isinstance(cluster, EntrySequenced | Linear):
        for _, record in exported.records():
            cluster.append(record)
    else:
        assert not isinstance(cluster, Path)
        for number, record in exported.records():
            cluster.insert(number, record)
    cluster.commit()


def _connect(invocation: Invocation, command: Import) -> int:
    code = 0
    for wanted in command.objects:
        (name,) = wanted.entry
        volume = wanted.volumes[0] if wanted.volumes else ""
        entry = UserCatalogEntry(name=name, created=invocation.now.date(), owner=wanted.owner or "", volume=volume)
        try:
            invocation.system.catalog.add(entry)
            invocation.listing.message("IDC0603I", name)
        except DuplicateName:
            code = max(code, invocation.report(Refusal(("IDC3013I",), ("KSD304E", name), code=12)))
    return code
