"""The catalog: a KSDS of entries, opened for each request and closed after it.

Many programs share a system, so nobody keeps the catalog open: each request takes the kernel lock on `catalog.lock`
(waiting for whoever has it; requests are short), opens the cluster, does its work, closes it. What is on disk after
each request is all that anyone knows.

A cluster's record describes its whole sphere. The records of its data and index names come first and go last, and count
only while the cluster's record names them: a crash between two of them leaves nothing half defined and no name taken.

First use: the cluster's files, then the mark, by rename. Without the mark nothing was ever catalogued, and what a crash
left of the files is removed and made again. With it they are never made again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ksds.catalog.entries import ClusterEntry, ComponentEntry, Entry, NonVsamEntry, from_record, to_record
from ksds.catalog.names import check_pattern, fixed_part, matches
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.codepage import code_page
from ksds.errors import CatalogError, DataSetNotFound, DuplicateName, RecordNotFound, VsamError
from ksds.layout import catalog_record
from ksds.storage.device import Device, Folder

STEM = "catalog"
LOCK = "catalog.lock"
MARK = "catalog.mark"

_MARK_LINE = re.compile(rb"KSDS CATALOG 1 ([A-Z@#$][A-Z0-9@#$]{0,7})\n")


def catalog_definition(name: str) -> ClusterDefinition:
    """The catalog's own shape, the same for every system of this format version."""
    return ClusterDefinition(
        name=name,
        key_length=catalog_record.KEY_LENGTH,
        average_record=256,
        maximum_record=catalog_record.MAXIMUM_RECORD,
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

    @property
    def own_entry(self) -> ClusterEntry:
        """The entry of the catalog itself, which has no record."""
        return ClusterEntry(name=self.name, definition=self.definition, stem=STEM, volume="")

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
        KeySequenced.destroy(self._folder, STEM)
        KeySequenced.create(self._folder, STEM, self.definition)
        new_mark = f"{MARK}.new"
        if self._folder.exists(new_mark):
            self._folder.remove(new_mark)
        device = self._folder.open(new_mark, create=True)
        device.write(0, f"KSDS CATALOG 1 {self.system_name}\n".encode("ascii"))
        device.sync()
        device.close()
        self._folder.rename(new_mark, MARK)
        self._folder.sync()

    def find(self, name: str) -> Entry:
        """The entry of `name`. Raises DataSetNotFound (IDC3012I)."""
        with self._store("r") as store:
            entry = _find(store, name)
        if entry is None:
            raise DataSetNotFound(name)
        return entry

    def entries(self, pattern: str = "**") -> list[Entry]:
        """The entries whose names `pattern` covers, in the order of their names in EBCDIC. Raises InvalidName."""
        pattern = check_pattern(pattern)
        prefix = code_page().encode(fixed_part(pattern))
        with self._store("r") as store:
            found = [_resolve(store, record) for record in store.browse(prefix=prefix or None)]
        return [entry for entry in found if entry is not None and matches(pattern, entry.name)]

    def add(self, entry: ClusterEntry | NonVsamEntry) -> None:
        """Catalog a data set with all its names. Durable on return. Raises DuplicateName (IDC3013I)."""
        with self._store("w") as store:
            wanted = _records_of(entry)
            names = [self.name, *(one.name for one in wanted)]
            for at, name in enumerate(names[1:], 1):
                if name in names[:at] or _find(store, name) is not None:
                    raise DuplicateName(name)
            for one in wanted:
                _put(store, one)
            store.commit()

    def replace(self, old: NonVsamEntry | None, new: NonVsamEntry) -> None:
        """Put `new` in the place of `old`, or of nothing. Durable on return.

        Raises DuplicateName if the name no longer has the entry `old`: somebody else was quicker.
        """
        with self._store("w") as store:
            if _find(store, new.name) != old:
                raise DuplicateName(new.name)
            _put(store, new)
            store.commit()

    def remove(self, entry: ClusterEntry | NonVsamEntry) -> None:
        """Forget a data set and all its names. Durable on return. Raises DataSetNotFound unless `entry` is current."""
        with self._store("w") as store:
            if _find(store, entry.name) != entry:
                raise DataSetNotFound(entry.name)
            for one in reversed(_records_of(entry)):
                store.erase(catalog_record.key(one.name))
            store.commit()

    def inside(self) -> KeySequenced:
        """The catalog's own cluster as it is now, for people who want to look inside; for input."""
        return KeySequenced.open(self._folder, STEM, self.definition, beside=True)

    @contextmanager
    def _store(self, mode: str) -> Iterator[KeySequenced]:
        try:
            with _locked(self._folder), KeySequenced.open(self._folder, STEM, self.definition, mode=mode) as store:
                yield store
        except VsamError as error:
            error.data_set = error.data_set or self.name
            raise


def _records_of(entry: ClusterEntry | NonVsamEntry) -> list[ClusterEntry | NonVsamEntry | ComponentEntry]:
    """The entries that have a record of their own, in the order in which they are written."""
    return [*entry.components, entry] if isinstance(entry, ClusterEntry) else [entry]


def _find(store: KeySequenced, name: str) -> Entry | None:
    record = _get(store, name)
    return None if record is None else _resolve(store, record)


def _resolve(store: KeySequenced, record: bytes) -> Entry | None:
    """The entry of a record; None for a component's record that its cluster does not know of."""
    entry = from_record(record)
    if isinstance(entry, Entry):
        return entry
    sphere = _get(store, entry)
    cluster = from_record(sphere) if sphere is not None else None
    if not isinstance(cluster, ClusterEntry):
        return None
    return next(
        (c for c in cluster.components if catalog_record.key(c.name) == record[: catalog_record.KEY_LENGTH]), None
    )


def _get(store: KeySequenced, name: str) -> bytes | None:
    try:
        return store.get(catalog_record.key(name))
    except RecordNotFound:
        return None


def _put(store: KeySequenced, entry: Entry) -> None:
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
        return folder.open(name)


def _read_mark(folder: Folder) -> str:
    device = folder.open(MARK, writable=False)
    try:
        line = device.read(0, 64)
    finally:
        device.close()
    found = _MARK_LINE.fullmatch(line)
    if not found:
        raise CatalogError("KSD102E", f"THE CATALOG MARK DOES NOT SAY KSDS CATALOG 1: X'{line[:16].hex().upper()}'")
    return found.group(1).decode("ascii")
