"""The catalog: a KSDS of entries, opened for each request and closed after it.

Many programs share a system, so nobody keeps the catalog open: each request takes the kernel lock on `catalog.lock`
(waiting for whoever has it; requests are short), opens the cluster, does its work, closes it. What is on disk after
each request is all that anyone knows; an entry that was found before is known while the journal, which every change
gives another header, is byte for byte the same and holds no group.

A cluster's record describes its whole sphere; the records of its data and index names count only while the cluster's
record names them. All changes of a turn are one group of the catalog's journal: a crash leaves all of them or none.

First use: the cluster's files, then the mark, by rename. Without the mark nothing was ever catalogued, and what a crash
left of the files is removed and made again. With it they are never made again.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ksds.catalog.entries import (
    AliasEntry,
    ClusterEntry,
    Entry,
    IndexableEntry,
    NonVsamEntry,
    UserCatalogEntry,
    from_record,
    to_record,
)
from ksds.catalog.names import check_pattern, fixed_part, matches
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.codepage import code_page
from ksds.errors import CatalogError, DataSetNotFound, DuplicateName, RecordNotFound, VsamError
from ksds.layout import catalog_record
from ksds.storage import sphere_files
from ksds.storage.device import Device, Folder

STEM = "catalog"
LOCK = "catalog.lock"
MARK = "catalog.mark"
MAXIMUM_ALIASES = 16
REMEMBERED = 4096
"""Names whose entries are kept in memory."""

_MARK_LINE = re.compile(rb"KSDS CATALOG 2 ([A-Z@#$][A-Z0-9@#$]{0,7})\n")
_OTHER_MARK_LINE = re.compile(rb"KSDS CATALOG ([013-9]|[1-9][0-9]{1,3}) ")


def catalog_definition(name: str) -> ClusterDefinition:
    """The catalog's own shape, the same for every system of this format version."""
    return ClusterDefinition(
        name=name,
        key_length=catalog_record.KEY_LENGTH,
        average_record=256,
        maximum_record=catalog_record.MAXIMUM_RECORD,
        spanned=True,
        ci_size=4096,
        index_ci_size=1024,
        cis_per_ca=12,
        primary=10,
        secondary=10,
        cross_region=3,
        cross_system=4,
        data_name=name,
        index_name=f"{name}.CATINDEX",
    )


class Catalog:
    """The entries of one system, in `folder`. Holds no file between requests."""

    def __init__(self, folder: Folder, system_name: str) -> None:
        self.system_name = system_name
        self.name = f"CATALOG.{system_name}"
        self.definition = catalog_definition(self.name)
        self._folder = folder
        self._known: dict[str, Entry | None] = {}
        self._known_at = b""

    @property
    def own_entry(self) -> ClusterEntry:
        """The entry of the catalog itself, which has no record."""
        return ClusterEntry(name=self.name, definition=self.definition, stem=STEM, volume="")

    def own(self, name: str) -> Entry | None:
        """The catalog's own entry, or that of its index component, if `name` is its name."""
        if name == self.name:
            return self.own_entry
        return self.own_entry.components[-1] if name == self.definition.index_name else None

    @classmethod
    def exists(cls, folder: Folder) -> bool:
        """True once a catalog was completely made in `folder`."""
        return folder.exists(MARK)

    @classmethod
    def open(cls, folder: Folder, system_name: str) -> Catalog:
        """The catalog in `folder`; if there is none it is made, for a system called `system_name`.

        A catalog that is there keeps its own name. Raises CatalogError if its mark is damaged.
        """
        with _locked(folder):
            if not cls.exists(folder):
                cls(folder, system_name)._create()
            return cls(folder, _read_mark(folder))

    def _create(self) -> None:
        SpannedKeySequenced.destroy(self._folder, STEM)
        SpannedKeySequenced.create(self._folder, STEM, self.definition)
        new_mark = f"{MARK}.new"
        if self._folder.exists(new_mark):
            self._folder.remove(new_mark)
        device = self._folder.open(new_mark, create=True)
        device.write(0, f"KSDS CATALOG 2 {self.system_name}\n".encode("ascii"))
        device.sync()
        device.close()
        self._folder.rename(new_mark, MARK)
        self._folder.sync()

    def find(self, name: str) -> Entry:
        """The entry of `name`. Raises DataSetNotFound (IDC3012I); CatalogError for the catalog, which has no record."""
        (entry,) = self._look_up([name])
        if self.own(name) is not None:
            raise CatalogError("KSD119E", f"{name} IS THE SYSTEM'S OWN CATALOG")
        if entry is None or entry.is_hidden:
            raise DataSetNotFound(name)
        return entry

    def find_all(self, names: Iterable[str]) -> list[Entry]:
        """The entries of those names that the catalog has, in their order."""
        found = self._look_up(list(names))
        return [entry for entry in found if entry is not None and not entry.is_hidden]

    def _look_up(self, names: Sequence[str]) -> list[Entry | None]:
        """What the catalog has under each name; it is not opened for names looked up since it was last changed."""
        with self._alone():
            rest = sphere_files.at_rest(self._folder, STEM)
            if not rest or rest != self._known_at or len(self._known) > REMEMBERED:
                self._known, self._known_at = {}, rest
            if any(name not in self._known for name in names):
                with self._opened("r") as store:
                    self._known.update((name, _find(store, name)) for name in names)
            return [self._known[name] for name in names]

    def entries(self, pattern: str = "**") -> list[Entry]:
        """The entries whose names `pattern` covers, in the order of their names in EBCDIC. Raises InvalidName."""
        pattern = check_pattern(pattern)
        with self._store("r") as store:
            found = _below(store, fixed_part(pattern))
        return [entry for entry in found if not entry.is_hidden and matches(pattern, entry.name)]

    @contextmanager
    def turn(self, mode: str = "w") -> Iterator[Turn]:
        """Alone with the catalog, to look and then to change: the changes become durable together at the end."""
        with self._store(mode) as store:
            turn = Turn(store, frozenset((self.name, self.definition.index_name)))
            yield turn
            turn.finish()

    def add(self, entry: Entry) -> None:
        """Catalog a data set with all its names. Durable on return. Raises DuplicateName (IDC3013I)."""
        with self.turn() as turn:
            turn.add(entry)

    def add_alias(self, entry: AliasEntry) -> None:
        """Another name for a data set or a user catalog. Raises DuplicateName, DataSetNotFound, CatalogError."""
        with self.turn() as turn:
            related = turn.get(entry.related)
            if related is None or related.is_hidden:
                raise DataSetNotFound(entry.related)
            if not isinstance(related, NonVsamEntry | UserCatalogEntry):
                raise CatalogError("KSD109E", f"{related.type} {related.name} CANNOT HAVE AN ALIAS")
            turn.add(entry)
            if isinstance(related, NonVsamEntry):
                if len(related.aliases) == MAXIMUM_ALIASES:
                    raise CatalogError("KSD108E", f"{related.name} HAS {MAXIMUM_ALIASES} ALIASES, WHICH IS ALL IT CAN")
                turn.put(replace(related, aliases=(*related.aliases, entry.name)))

    def replace(self, old: Entry | None, new: Entry) -> None:
        """Put `new` in the place of `old`, or of nothing. Durable on return.

        Raises DuplicateName if the name no longer has the entry `old`: somebody else was quicker.
        """
        with self.turn() as turn:
            if turn.get(new.name) != old:
                raise DuplicateName(new.name)
            turn.put(new)

    def aliases(self, entry: Entry) -> list[AliasEntry]:
        """The other names of a data set or a user catalog."""
        with self.turn("r") as turn:
            return _aliases(turn, entry)

    def remove(self, entry: Entry) -> list[Entry]:
        """Forget an entry and its aliases; returns what is gone, aliases first. Durable on return.

        Raises DataSetNotFound unless `entry` is current.
        """
        with self.turn() as turn:
            if turn.get(entry.name) != entry:
                raise DataSetNotFound(entry.name)
            if isinstance(entry, AliasEntry):
                related = turn.get(entry.related)
                if isinstance(related, NonVsamEntry):
                    turn.put(replace(related, aliases=tuple(name for name in related.aliases if name != entry.name)))
            gone = [*_aliases(turn, entry), entry]
            for one in gone:
                turn.erase(one)
        return gone

    def inside(self) -> SpannedKeySequenced:
        """The catalog's own cluster as it is now, for people who want to look inside; for input."""
        return SpannedKeySequenced.open(self._folder, STEM, self.definition, beside=True)

    @contextmanager
    def _store(self, mode: str) -> Iterator[SpannedKeySequenced]:
        with self._alone(), self._opened(mode) as store:
            yield store

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with _locked(self._folder):
                yield
        except VsamError as error:
            error.data_set = error.data_set or self.name
            raise

    def _opened(self, mode: str) -> SpannedKeySequenced:
        return SpannedKeySequenced.open(self._folder, STEM, self.definition, mode=mode)


class Turn:
    """One program's turn with the catalog. Entries come as they were at its beginning, hidden ones included."""

    __slots__ = ("_changes", "_own_names", "_store")

    def __init__(self, store: SpannedKeySequenced, own_names: frozenset[str]) -> None:
        self._store = store
        self._own_names = own_names
        self._changes: dict[str, Entry | None] = {}

    def get(self, name: str) -> Entry | None:
        return _find(self._store, name)

    def below(self, prefix: str) -> list[Entry]:
        """Entries whose names begin so."""
        return _below(self._store, prefix)

    def add(self, entry: Entry) -> None:
        """A new entry with all its names. Raises DuplicateName if one of them is taken."""
        taken: list[str] = []
        for one in _records_of(entry):
            if one.name in taken or self.get(one.name) is not None or self._changes.get(one.name) is not None:
                raise DuplicateName(one.name)
            taken.append(one.name)
        self.put(entry)

    def put(self, entry: Entry) -> None:
        """The entry, with all its names, whatever they had. Raises DuplicateName for a name of the catalog itself."""
        records = list(_records_of(entry))
        for one in records:
            if one.name in self._own_names:
                raise DuplicateName(one.name)
        self._changes.update((one.name, one) for one in records)

    def erase(self, entry: Entry) -> None:
        """The entry goes, with all its names."""
        self._changes.update((one.name, None) for one in _records_of(entry))

    def finish(self) -> None:
        """Make the changes, in one group."""
        if not self._changes:
            return
        for name, entry in self._changes.items():
            if entry is not None:
                _put(self._store, entry)
            elif _get(self._store, name) is not None:
                self._store.erase(catalog_record.key(name))
        self._store.commit()


def _aliases(turn: Turn, entry: Entry) -> list[AliasEntry]:
    """A data set knows its aliases, a user catalog does not."""
    found: Iterable[Entry | None] = ()
    if isinstance(entry, NonVsamEntry):
        found = map(turn.get, entry.aliases)
    elif isinstance(entry, UserCatalogEntry):
        found = turn.below("")
    return [one for one in found if isinstance(one, AliasEntry) and one.related == entry.name]


def _records_of(entry: Entry) -> list[Entry]:
    """The entries that have a record of their own: a cluster's components and itself, a data set and its aliases."""
    if isinstance(entry, IndexableEntry):
        return [*entry.components, entry]
    if isinstance(entry, NonVsamEntry):
        return [entry, *(AliasEntry(name=name, created=entry.created, related=entry.name) for name in entry.aliases)]
    return [entry]


def _below(store: SpannedKeySequenced, prefix: str) -> list[Entry]:
    known: dict[str, dict[bytes, Entry]] = {}
    records = store.browse(prefix=code_page().encode(prefix) or None)
    return [entry for record in records if (entry := _resolve(store, record, known)) is not None]


def _find(store: SpannedKeySequenced, name: str) -> Entry | None:
    record = _get(store, name)
    return None if record is None else _resolve(store, record, {})


def _resolve(store: SpannedKeySequenced, record: bytes, known: dict[str, dict[bytes, Entry]]) -> Entry | None:
    """The entry of a record; None for a component's record that its cluster does not know of.

    `known` keeps the components of clusters met before, by cluster and key: they mostly come behind it.
    """
    entry = from_record(record)
    if isinstance(entry, IndexableEntry):
        known[entry.name] = _components(entry)
    if isinstance(entry, Entry):
        return entry
    if entry not in known:
        sphere = _get(store, entry)
        cluster = from_record(sphere) if sphere is not None else None
        known[entry] = _components(cluster) if isinstance(cluster, IndexableEntry) else {}
    return known[entry].get(record[: catalog_record.KEY_LENGTH])


def _components(entry: IndexableEntry) -> dict[bytes, Entry]:
    return {catalog_record.key(component.name): component for component in entry.components}


def _get(store: SpannedKeySequenced, name: str) -> bytes | None:
    try:
        return store.get(catalog_record.key(name))
    except RecordNotFound:
        return None


def _put(store: SpannedKeySequenced, entry: Entry) -> None:
    if _get(store, entry.name) is None:
        store.insert(to_record(entry))
    else:
        store.update(to_record(entry))


@contextmanager
def _locked(folder: Folder) -> Iterator[None]:
    """Alone with the catalog. Waits for other programs."""
    lock = _open_or_create(folder, LOCK)
    try:
        lock.lock(exclusive=True, wait=True)
        yield
    finally:
        lock.close()


def _open_or_create(folder: Folder, name: str) -> Device:
    try:
        return folder.open(name, create=True)
    except FileExistsError:
        pass
    try:
        return folder.open(name)
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES):
            raise
        return folder.open(name, writable=False)  # a system that can be looked at and no more


def _read_mark(folder: Folder) -> str:
    device = folder.open(MARK, writable=False)
    try:
        line = device.read(0, 64)
    finally:
        device.close()
    found = _MARK_LINE.fullmatch(line)
    other = _OTHER_MARK_LINE.match(line)
    if other and not found:
        what = f"THIS SYSTEM IS OF CATALOG VERSION {int(other[1])}, NOT 2: TAKE ITS DATA OUT WITH THE KSDS THAT MADE IT"
        raise CatalogError("KSD102E", what)
    if not found:
        raise CatalogError("KSD102E", f"THE CATALOG MARK DOES NOT SAY KSDS CATALOG 2: X'{line[:16].hex().upper()}'")
    return found.group(1).decode("ascii")
