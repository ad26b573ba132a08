"""A variable-length relative-record data set (VRRDS): records of any length under numbers from 1.

It is a key-sequenced data set that is used as a relative-record one: what its control intervals hold is the record
number, four bytes, and behind it the record. So it has an index, free space and splits, and no slots; a number that was
erased may be used again. The prefix is ours to put and take: nobody outside sees it but `ksds ci`.

Source: z/OS DFSMS Using Data Sets, "Variable-Length Relative-Record Data Sets"; the stored form is not published
(docs/FIDELITY.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Self

from ksds.closing import Closing
from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import NUMBER_LENGTH, ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.open_cluster import DEFAULT_BUFFER_BYTES, Statistics
from ksds.cluster.verify import Verifiable
from ksds.errors import DuplicateKey, InvalidLength, InvalidRecordNumber, RecordNotFound
from ksds.storage.device import Folder
from ksds.storage.sphere_files import ComponentName

HIGHEST_NUMBER = (1 << 8 * NUMBER_LENGTH) - 1


class VariableRelativeRecord(Verifiable, Closing):
    """An open VRRDS: `ksds.cluster.open_cluster.OpenCluster` says how it lives; `keyed` is the KSDS underneath."""

    def __init__(self, keyed: KeySequenced, definition: ClusterDefinition) -> None:
        self.keyed = keyed
        self.data, self.sphere = keyed.data, keyed.sphere
        self.definition = definition
        self._lowest = 1  # no number below this one is free

    # -- life -------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Folder, stem: str, definition: ClusterDefinition) -> None:
        """Make the empty data set's files, durably. Raises FileExistsError."""
        KeySequenced.create(folder, stem, stored_form(definition))

    @classmethod
    def open(
        cls,
        folder: Folder,
        stem: str,
        definition: ClusterDefinition,
        *,
        mode: str = "r",
        beside: bool = False,
        in_turns: bool = False,
        buffer_bytes: int = DEFAULT_BUFFER_BYTES,
    ) -> Self:
        """Open for input ("r") or update ("w"). Raises OpenError, Damaged."""
        form = stored_form(definition)
        keyed = KeySequenced.open(
            folder, stem, form, mode=mode, beside=beside, in_turns=in_turns, buffer_bytes=buffer_bytes
        )
        return cls(keyed, definition)

    @classmethod
    def destroy(cls, folder: Folder, stem: str) -> None:
        """Remove the data set's files."""
        KeySequenced.destroy(folder, stem)

    def __len__(self) -> int:
        return len(self.keyed)

    def commit(self) -> None:
        """Make every request so far durable. Raises PhysicalError."""
        self.keyed.commit()

    def close(self) -> None:
        """Commit, bring everything home, let go."""
        self.keyed.close()

    def reset(self) -> None:
        """Empty a REUSE data set. Raises OpenError (ACBERFLG 232)."""
        self.keyed.reset()
        self._lowest = 1

    # -- requests ---------------------------------------------------------------------------------------

    def get(self, number: int) -> bytes:
        """The record with this number. Raises RecordNotFound (8/16), InvalidRecordNumber (8/192)."""
        try:
            return self.keyed.get(self._key(number))[NUMBER_LENGTH:]
        except RecordNotFound:
            raise _not_found(number, self.definition) from None

    def insert(self, number: int, record: bytes, *, sequential: bool = False) -> None:
        """Store a record under a number that is free; `sequential` as in a KSDS. Raises DuplicateKey (8/8),
        InvalidLength (8/108), InvalidRecordNumber (8/192), NoSpace (8/28)."""
        try:
            self.keyed.insert(self._stored(number, record), sequential=sequential)
        except DuplicateKey:
            raise DuplicateKey(f"record {number} exists", data_set=self.definition.name) from None

    def update(self, number: int, record: bytes) -> None:
        """Replace the record with this number; its length may change. Raises RecordNotFound (8/16) and as `insert`."""
        try:
            self.keyed.update(self._stored(number, record))
        except RecordNotFound:
            raise _not_found(number, self.definition) from None

    def put(self, number: int, record: bytes) -> None:
        """Store a record, whether the number is free or not. Raises as `insert`."""
        stored = self._stored(number, record)
        try:
            self.keyed.update(stored)
        except RecordNotFound:
            self.keyed.insert(stored)

    def erase(self, number: int) -> bytes:
        """Remove the record with this number and return it. Raises RecordNotFound (8/16), InvalidRecordNumber."""
        try:
            record = self.keyed.erase(self._key(number))[NUMBER_LENGTH:]
        except RecordNotFound:
            raise _not_found(number, self.definition) from None
        self._lowest = min(self._lowest, number)
        return record

    def load(self, records: Iterable[tuple[int, bytes]]) -> int:
        """Fill an empty data set from (number, record) in ascending order, keeping FREESPACE. The count.

        Raises as `KeySequenced.load`: an error leaves the data set empty.
        """
        return self.keyed.load(self._stored(number, record) for number, record in records)

    def browse(self, start: int = 1) -> Iterator[tuple[int, bytes]]:
        """(number, record), ascending, from number `start`. Raises InvalidRecordNumber (8/192)."""
        stored = self.keyed.browse(self._key(start))
        return ((int.from_bytes(record[:NUMBER_LENGTH], "big"), record[NUMBER_LENGTH:]) for record in stored)

    def first_free(self) -> int:
        """The lowest number that no record has."""
        if self.sphere.in_turns:
            self.look_for_free_again()  # others may have erased records
        for number, _ in self.browse(self._lowest):
            if number != self._lowest:
                break
            self._lowest += 1
        return self._lowest

    def look_for_free_again(self) -> None:
        """Any number may have become free."""
        self._lowest = 1

    def locate(self, number: int) -> tuple[int, int]:
        """(CI number, RBA) of the record with this number, its prefix. Raises RecordNotFound."""
        return self.keyed.locate(self._key(number))

    # -- looking inside ---------------------------------------------------------------------------------

    @property
    def statistics(self) -> Statistics:
        """The figures as of the last request."""
        return self.keyed.statistics

    def read_ci(self, component: ComponentName, number: int) -> bytes:
        """A control interval as it is or will be on disk. Raises IndexError past the end, Damaged."""
        return self.keyed.read_ci(component, number)

    def image(self) -> ClusterImage:
        return replace(self.keyed.image(), prefix=NUMBER_LENGTH)

    # -- the prefix -------------------------------------------------------------------------------------

    def _key(self, number: int) -> bytes:
        if not 1 <= number <= HIGHEST_NUMBER:
            raise InvalidRecordNumber(f"relative record number {number}", data_set=self.definition.name)
        return number.to_bytes(NUMBER_LENGTH, "big")

    def _stored(self, number: int, record: bytes) -> bytes:
        key = self._key(number)
        if not 1 <= len(record) <= self.definition.maximum_record:
            what = f"record of {len(record)} bytes, not 1 to {self.definition.maximum_record}"
            raise InvalidLength(what, data_set=self.definition.name)
        return key + record


def stored_form(definition: ClusterDefinition) -> ClusterDefinition:
    """The key-sequenced data set that a VRRDS is on disk: each record behind its number."""
    return replace(
        definition,
        organization="INDEXED",
        average_record=definition.average_record + NUMBER_LENGTH,
        maximum_record=definition.maximum_record + NUMBER_LENGTH,
        no_ca_reclaim=True,
    )


def numbered_form(stored: ClusterDefinition) -> ClusterDefinition:
    """The VRRDS that a key-sequenced data set of records behind their numbers is: `stored_form` backwards."""
    return replace(
        stored,
        organization="NUMBERED",
        average_record=max(1, stored.average_record - NUMBER_LENGTH),
        maximum_record=max(1, stored.maximum_record - NUMBER_LENGTH),
        no_ca_reclaim=False,
    )


def _not_found(number: int, definition: ClusterDefinition) -> RecordNotFound:
    return RecordNotFound(f"no record {number}", data_set=definition.name)
