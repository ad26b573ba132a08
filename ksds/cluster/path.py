"""A path: the records of a base cluster by an alternate key, through an alternate index.

Reading is in order of the alternate keys; records that share one come in order of arrival, backward too. After `get`,
`more` tells whether other records have the same alternate key (R15 = 0, reason 8). Writing goes to the base, and with
it to the upgrade set. An update may change neither the prime key nor the path's own alternate key.

Source: z/OS DFSMS Using Data Sets, "Access to Records through Alternate Indexes"; macro IDARMRCD.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NoReturn

from ksds.closing import Closing
from ksds.cluster import browse as browsing
from ksds.cluster.alternate_index import AlternateIndex
from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.correspondence import disagreements
from ksds.cluster.findings import Finding
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.open_cluster import Statistics
from ksds.cluster.sphere import Sphere
from ksds.cluster.upgrade import UpgradedEntrySequenced, UpgradedKeySequenced
from ksds.errors import (
    InvalidErase,
    InvalidRba,
    KeyChange,
    NoBaseRecord,
    NotReadForUpdate,
    OpenError,
    RecordNotFound,
    VsamError,
)
from ksds.storage.component import Component
from ksds.storage.sphere_files import ComponentName

ALTERNATE_INDEX = 2
"""RPLCMPON: the path's alternate index was being processed."""

_ANY_INDEX = 32768  # a definition with a key says how large its index CIs are; what a path shows is no such index


class Path(Closing):
    """An open path. `definition` describes the base's records as they look from here: by the alternate key."""

    def __init__(self, name: str, base: UpgradedKeySequenced | UpgradedEntrySequenced, index: AlternateIndex) -> None:
        alternate = index.definition
        self.base = base
        self.index = index
        self.more = False
        self.definition = replace(
            base.definition,
            name=name,
            organization="INDEXED",
            key_length=alternate.store.key_length,
            key_offset=alternate.key_offset,
            index_ci_size=_ANY_INDEX,
        )

    def __len__(self) -> int:
        return len(self.base)

    # -- what is the base's ---------------------------------------------------------------------------------

    @property
    def data(self) -> Component:
        """The base's data component."""
        return self.base.data

    @property
    def sphere(self) -> Sphere:
        """What base and indexes are committed with."""
        return self.base.sphere

    @property
    def statistics(self) -> Statistics:
        """The base's figures."""
        return self.base.statistics

    def commit(self) -> None:
        """Make every request so far durable, in base and upgrade set. Raises PhysicalError."""
        self.base.commit()

    def close(self) -> None:
        """Commit, and let the whole sphere go."""
        self.base.close()

    def read_ci(self, component: ComponentName, number: int) -> bytes:
        """A control interval of the base. Raises IndexError past the end."""
        return self.base.read_ci(component, number)

    def image(self) -> ClusterImage:
        """The base as the checker looks at it."""
        return self.base.image()

    def verify(self) -> list[Finding]:
        """Everything that is wrong with base and alternate index, and where they disagree; empty if all is sound."""
        return self.base.verify() or self.index.store.verify() or disagreements(self.index, self.base)

    def reset(self) -> NoReturn:
        """Nothing that has an alternate index is reusable: OpenError (ACBERFLG 232)."""
        what = "a base cluster is not reusable"
        raise OpenError(what, feedback=OpenError.NOT_REUSABLE, data_set=self.definition.name)

    # -- reading ------------------------------------------------------------------------------------------

    def get(self, key: bytes) -> bytes:
        """The first record with this alternate key. Raises RecordNotFound (8/16), NoBaseRecord (8/144)."""
        pointers = self.pointers(key)
        self.more = len(pointers) > 1
        return self.at(pointers[0])

    def pointers(self, key: bytes) -> tuple[bytes, ...]:
        """Where the records with this alternate key are, in order of arrival: prime keys or RBAs of 4 bytes.

        Raises RecordNotFound (8/16), InvalidKeyLength (8/112).
        """
        with _processing_the_index():
            return self.index.get(key).pointers

    def at(self, pointer: bytes) -> bytes:
        """The base record that a pointer leads to. Raises NoBaseRecord (8/144) if there is none."""
        base = self.base
        try:
            return base.get(pointer) if isinstance(base, KeySequenced) else base.get(int.from_bytes(pointer))
        except (RecordNotFound, InvalidRba):
            what = f"pointer {pointer.hex().upper()} leads to no record"
            error = NoBaseRecord(what, data_set=self.index.definition.name)
            error.component_code = ALTERNATE_INDEX
            raise error from None

    def browse(
        self,
        start: bytes | None = None,
        stop: bytes | None = None,
        *,
        prefix: bytes | None = None,
        reverse: bool = False,
    ) -> Iterator[bytes]:
        """Records in order of their alternate keys; the arguments are those of `KeySequenced.browse`."""
        return (record for _, record in self.pointed(start, stop, prefix=prefix, reverse=reverse))

    def pointed(
        self,
        start: bytes | None = None,
        stop: bytes | None = None,
        *,
        prefix: bytes | None = None,
        reverse: bool = False,
    ) -> Iterator[tuple[bytes, bytes]]:
        """`browse` with the pointer of each record in front."""
        low, high = browsing.limits(self.definition.key_length, start, stop, prefix)
        return _pointed(self, low, high, reverse=reverse)

    def locate(self, pointer: bytes) -> tuple[int, int]:
        """(CI number, RBA) in the base of the record that a pointer leads to. Raises RecordNotFound."""
        if isinstance(self.base, KeySequenced):
            return self.base.locate(pointer)
        rba = int.from_bytes(pointer)
        return rba // self.definition.ci_size, rba

    # -- writing ------------------------------------------------------------------------------------------

    def insert(self, record: bytes, *, sequential: bool = False) -> None:
        """Add a record to the base: where its prime key belongs, or at the end. Raises what the base raises."""
        if isinstance(self.base, KeySequenced):
            self.base.insert(record, sequential=sequential)
        else:
            self.base.append(record)

    def update(self, record: bytes, pointer: bytes | None = None) -> None:
        """Replace the base record at `pointer`; without one, that with the same prime key or, of an entry-sequenced
        base, the only one with the same alternate key.

        Raises KeyChange (8/96) if prime key or alternate key would change, NotReadForUpdate (8/92) if several records
        could be meant, RecordNotFound (8/16).
        """
        self.sphere.take_turn()
        base, key_of = self.base, self.index.definition.key_of
        if isinstance(base, KeySequenced):
            prime = record[base.definition.key_offset : base.definition.key_end]
            if pointer is not None and pointer != prime:
                raise KeyChange("an update may not change the prime key", data_set=self.definition.name)
            pointer = prime
        elif pointer is None:
            pointer = self._only_pointer(key_of(record) or b"")
        old = base.get(pointer) if isinstance(base, KeySequenced) else base.get(int.from_bytes(pointer))
        if key_of(old) != key_of(record):
            what = "an update through a path may not change its alternate key"
            raise KeyChange(what, data_set=self.definition.name)
        if isinstance(base, KeySequenced):
            base.update(record)
        else:
            base.update(int.from_bytes(pointer), record)

    def _only_pointer(self, key: bytes) -> bytes:
        pointer, *others = self.pointers(key)
        if others:
            what = f"{1 + len(others)} records have this alternate key: read the one to update first"
            raise NotReadForUpdate(what, data_set=self.definition.name)
        return pointer

    def erase(self, key: bytes) -> bytes:
        """Remove the first record with this alternate key and return it.

        Raises RecordNotFound (8/16), InvalidErase (8/80) if the base is entry-sequenced.
        """
        self.sphere.take_turn()
        return self.erase_at(self.pointers(key)[0])

    def erase_at(self, pointer: bytes) -> bytes:
        """Remove the record that a pointer leads to and return it. Raises NoBaseRecord (8/144), InvalidErase (8/80)."""
        if not isinstance(self.base, KeySequenced):
            raise InvalidErase("records of an entry-sequenced base cannot be erased", data_set=self.definition.name)
        self.sphere.take_turn()
        self.at(pointer)
        return self.base.erase(pointer)

    @property
    def duplicate_created(self) -> bool:
        """True if the last request that wrote gave a nonunique alternate key a second record (R15 = 0, reason 8)."""
        return self.base.upgrades.duplicate


def _pointed(path: Path, low: bytes | None, high: bytes | None, *, reverse: bool) -> Iterator[tuple[bytes, bytes]]:
    records = path.index.browse(low, high, reverse=reverse)
    while True:
        with _processing_the_index():
            record = next(records, None)
        if record is None:
            return
        for pointer in record.pointers:
            yield pointer, path.at(pointer)


@contextmanager
def _processing_the_index() -> Iterator[None]:
    """Errors inside are the alternate index's, unless they say otherwise."""
    try:
        yield
    except VsamError as error:
        error.component_code = error.component_code or ALTERNATE_INDEX
        raise
