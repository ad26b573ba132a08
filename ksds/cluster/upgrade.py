"""The upgrade set: alternate indexes that change together with their base cluster, all or nothing.

A request on the base changes the set in this order:

  1. the pointers that will go are read, so that damage is met while nothing is changed;
  2. the pointers of the new record go into each index. Whatever can be refused is refused here: a unique key that
     exists (8/8), a record with no room for a pointer (8/148), no space (8/28);
  3. the base changes;
  4. the pointers of the old record come out.

If 2 or 3 is refused, what went in comes out again, last first, and the request has not happened. Taking a pointer out
needs no space and nothing that was not read before; should it fail all the same, nobody can say what memory holds, so
the handle ends there, as when any request is cut short: what was committed is what the next open finds. Nothing is
committed while this runs, and one commit holds what base and indexes changed (`ksds.cluster.sphere`), so no crash can
leave one without the other.

Source of the rules: z/OS DFSMS Using Data Sets, "Maintaining Alternate Indexes"; macro IDARMRCD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ksds.cluster.alternate_index import AlternateIndex
from ksds.cluster.correspondence import disagreements
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.findings import Finding
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.load import Reject
from ksds.cluster.spanned_entry_sequenced import SpannedEntrySequenced
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.cluster.sphere import Sphere
from ksds.errors import DuplicateKey, LoadModeViolation, VsamError
from ksds.layout.aix_record import RBA_LENGTH

UPGRADE_SET = 4
"""RPLCMPON: the upgrade set refused, and is correct."""


class UpgradeSet:
    """The alternate indexes to keep up to date: those that were built, `empty` ones once somebody else has built them.

    `duplicate` tells whether the last request gave a key a second pointer: R15 = 0, reason 8.
    """

    __slots__ = ("_built", "_empty", "duplicate")

    def __init__(self, indexes: Sequence[AlternateIndex], empty: Sequence[AlternateIndex] = ()) -> None:
        self._built = tuple(indexes)
        self._empty = tuple(empty)
        self.duplicate = False

    @property
    def indexes(self) -> tuple[AlternateIndex, ...]:
        """Those that are kept up to date."""
        if self._empty:
            self._built += tuple(index for index in self._empty if not index.is_empty)
            self._empty = tuple(index for index in self._empty if index.is_empty)
        return self._built

    @property
    def unmaintained(self) -> tuple[str, ...]:
        """The names of those that belong to the set, but were never built."""
        return tuple(index.definition.name for index in self._empty if index.is_empty)

    @contextmanager
    def change(
        self, cluster: KeySequenced | EntrySequenced, pointer: bytes, old: bytes | None, new: bytes | None
    ) -> Iterator[None]:
        """Around the base's own change of the record at `pointer` from `old` to `new`; None = not there."""
        going, coming = self._differences(old, new)
        self.duplicate = False
        added: list[tuple[AlternateIndex, bytes]] = []
        try:
            for index, key in going:
                with _upgrading():
                    index.check(key)
            for index, key in coming:
                self._add(index, key, pointer, added)
            yield
        except VsamError:
            self.duplicate = False
            self._take_out(cluster, reversed(added), pointer)
            raise
        self._take_out(cluster, going, pointer)

    def _differences(
        self, old: bytes | None, new: bytes | None
    ) -> tuple[list[tuple[AlternateIndex, bytes]], list[tuple[AlternateIndex, bytes]]]:
        """(index, alternate key) of the pointers that go and of those that come."""
        going, coming = [], []
        for index in self.indexes:
            before = None if old is None else index.definition.key_of(old)
            after = None if new is None else index.definition.key_of(new)
            if before != after:
                going += [] if before is None else [(index, before)]
                coming += [] if after is None else [(index, after)]
        return going, coming

    def verify(self, cluster: KeySequenced | EntrySequenced) -> list[Finding]:
        """What is wrong with the indexes, and where they disagree with their base."""
        return [
            finding for index in self.indexes for finding in (index.store.verify() or disagreements(index, cluster))
        ]

    def _add(
        self, index: AlternateIndex, key: bytes, pointer: bytes, added: list[tuple[AlternateIndex, bytes]]
    ) -> None:
        with _upgrading():
            count = index.add(key, pointer)
        if count:
            added.append((index, key))
        self.duplicate |= count > 1

    def _take_out(
        self,
        cluster: KeySequenced | EntrySequenced,
        pointers: Iterable[tuple[AlternateIndex, bytes]],
        pointer: bytes,
    ) -> None:
        try:
            for index, key in pointers:
                with _upgrading():
                    index.remove(key, pointer)
        except BaseException:
            cluster.sphere.pager.health.stop()
            raise


@contextmanager
def _upgrading() -> Iterator[None]:
    """Errors inside are the upgrade set's."""
    try:
        yield
    except VsamError as error:
        error.component_code = UPGRADE_SET
        raise


class UpgradedKeySequenced(KeySequenced):
    """A KSDS that keeps the alternate indexes in `upgrades` up to date. Every request may also raise what they do:
    DuplicateKey (8/8), TooManyPointers (8/148), NoSpace (8/28) with RPLCMPON 4, and then has not happened."""

    upgrades: UpgradeSet = UpgradeSet(())

    def insert(self, record: bytes, *, sequential: bool = False) -> None:
        key = self._key_of(record)
        if self._stored(key) is not None:
            raise DuplicateKey(f"key {key.hex().upper()} exists", data_set=self.definition.name)
        with self.health, self.upgrades.change(self, key, None, record):
            super().insert(record, sequential=sequential)

    def update(self, record: bytes) -> None:
        key = self._key_of(record)
        with self.health, self.upgrades.change(self, key, self._present(key), record):
            super().update(record)

    def erase(self, key: bytes) -> bytes:
        self._require_update()
        with self.health, self.upgrades.change(self, key, self._present(key), None):
            return super().erase(key)

    def load(self, records: Iterable[bytes], reject: Reject | None = None) -> int:
        """Raises LoadModeViolation (8/116) if there is a built index: a base that was never loaded has none."""
        if self.upgrades.indexes:
            raise LoadModeViolation("load needs a base without built indexes", data_set=self.definition.name)
        return super().load(records, reject)

    def verify(self) -> list[Finding]:
        return super().verify() or self.upgrades.verify(self)

    def _stored(self, key: bytes) -> bytes | None:
        return self.find(key)[3].records.get(key) if self.index.levels else None

    def _present(self, key: bytes) -> bytes:
        record = self._stored(key) if len(key) == self.definition.key_length else None
        if record is None:
            raise self._not_found(key)
        return record


class UpgradedEntrySequenced(EntrySequenced):
    """An ESDS that keeps the alternate indexes in `upgrades` up to date, as `UpgradedKeySequenced`."""

    upgrades: UpgradeSet = UpgradeSet(())

    def append(self, record: bytes) -> int:
        self._require_update()
        pointer = self.next_rba(record).to_bytes(RBA_LENGTH)
        with self.health, self.upgrades.change(self, pointer, None, record):
            return super().append(record)

    def update(self, rba: int, record: bytes) -> None:
        self._require_update()
        page, at = self._find(rba)
        with self.health, self.upgrades.change(self, rba.to_bytes(RBA_LENGTH), page[at], record):
            super().update(rba, record)

    def verify(self) -> list[Finding]:
        return super().verify() or self.upgrades.verify(self)


class UpgradedSpannedKeySequenced(UpgradedKeySequenced, SpannedKeySequenced):
    """The same with spanned records."""


class UpgradedSpannedEntrySequenced(UpgradedEntrySequenced, SpannedEntrySequenced):
    """The same with spanned records."""


Upgraded = UpgradedKeySequenced | UpgradedEntrySequenced

_CLASSES: dict[tuple[str, bool], type[UpgradedKeySequenced] | type[UpgradedEntrySequenced]] = {
    ("INDEXED", False): UpgradedKeySequenced,
    ("INDEXED", True): UpgradedSpannedKeySequenced,
    ("NONINDEXED", False): UpgradedEntrySequenced,
    ("NONINDEXED", True): UpgradedSpannedEntrySequenced,
}


def join_base(sphere: Sphere, definition: ClusterDefinition) -> Upgraded:
    """Open the base of an open sphere, with an upgrade set that is empty as yet. Raises OpenError (160)."""
    return _CLASSES[definition.organization, definition.spanned].join(sphere, 0, definition)


def made_duplicate(cluster: KeySequenced | EntrySequenced) -> bool:
    """True if the last request that wrote gave an alternate key a second record: R15 = 0, reason 8."""
    return isinstance(cluster, Upgraded) and cluster.upgrades.duplicate
