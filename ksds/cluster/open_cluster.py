"""The life of an open cluster of any organization: open, change pages in memory, commit, close.

A request changes pages (and index records) in memory only. `commit`, or a buffer pool full of changes between two
requests, turns everything changed into one journal group, so what a crash leaves is always the state between two
requests. `pager.used` may run ahead of what is committed, but only together with changed pages for the new control
intervals, which leave in the same group.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Generic, Self, TypeVar

from ksds.cluster.cluster_image import ClusterImage, Component
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.verify import Verifiable
from ksds.errors import InvalidAccess, KsdsError, OpenError, VsamError
from ksds.layout import cluster_state
from ksds.storage import sphere_files
from ksds.storage.buffer_pool import BufferPool
from ksds.storage.checksums import PER_PAGE
from ksds.storage.device import Folder
from ksds.storage.pager import Pager
from ksds.storage.recovery import open_pager
from ksds.storage.sphere_files import DATA, INDEX

DEFAULT_BUFFER_BYTES = 256 << 20

Page = TypeVar("Page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """LISTCAT's figures of a cluster. RBAs in bytes, the rest counts; those of an index are 0 where there is none."""

    records: int
    inserted: int
    deleted: int
    updated: int
    retrieved: int
    ci_splits: int
    ca_splits: int
    excps: int
    extents: int
    high_used_rba: int
    high_allocated_rba: int
    free_space_bytes: int
    levels: int = 0
    index_records: int = 0
    index_extents: int = 0
    index_high_used_rba: int = 0
    index_high_allocated_rba: int = 0
    high_level_index_rba: int = 0
    sequence_set_rba: int = 0


class OpenCluster(Verifiable, Generic[Page]):
    """An open cluster. Use as a context manager; leaving it closes it, which commits.

    After an I/O error on the way to the disk every request raises PhysicalError (R15 = 12) until the data set is
    opened again, which recovers everything that `commit` had acknowledged.
    """

    components: ClassVar[int] = 1

    def __init__(self, pager: Pager, definition: ClusterDefinition, *, writable: bool, buffer_bytes: int) -> None:
        self.definition = definition
        self.pager = pager
        self.state = cluster_state.parse(pager.state)
        self._most_dirty = max(16, buffer_bytes // definition.page_bytes)
        self.pool: BufferPool[Page] = BufferPool(self._most_dirty, self._load_page)
        self._writable = writable
        self._open = True
        pager.on_failure = self._forget_buffers

    # -- life -------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Folder, stem: str, definition: ClusterDefinition) -> None:
        """Make the empty data set's files (see `ksds.storage.sphere_files`), durably. Raises FileExistsError."""
        state = cluster_state.build(cluster_state.ClusterState())
        sphere_files.create(folder, stem, _ci_sizes(definition, cls.components), state)

    @classmethod
    def open(
        cls,
        folder: Folder,
        stem: str,
        definition: ClusterDefinition,
        *,
        mode: str = "r",
        buffer_bytes: int = DEFAULT_BUFFER_BYTES,
    ) -> Self:
        """Open for input ("r") or update ("w"), recovering what a crash left.

        Raises OpenError (ACBERFLG 168) if another handle excludes this one, Damaged if the data set's
        journal or index set cannot be trusted.
        """
        if mode not in ("r", "w"):
            raise ValueError(f"mode {mode!r} is not 'r' or 'w'")
        try:
            pager = open_pager(folder, stem, cls.components, writable=mode == "w")
        except VsamError as error:
            error.data_set = definition.name
            raise
        except FileNotFoundError as error:
            raise OpenError(f"{error.filename} is missing", feedback=OpenError.NOT_AVAILABLE) from error
        try:
            if pager.ci_sizes != _ci_sizes(definition, cls.components):
                what = "the files have other CI sizes than the catalog says"
                raise OpenError(what, feedback=OpenError.INCONSISTENT, data_set=definition.name)
            cluster = cls(pager, definition, writable=mode == "w", buffer_bytes=buffer_bytes)
            cluster._opened()
        except KsdsError:
            pager.close()
            raise
        return cluster

    @classmethod
    def destroy(cls, folder: Folder, stem: str) -> None:
        """Remove the data set's files."""
        sphere_files.destroy(folder, stem)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __len__(self) -> int:
        return self.state.records

    def commit(self) -> None:
        """Make every request so far durable: one journal group, one sync. Raises PhysicalError."""
        self._require_update()
        self._harden(sync=True)

    def close(self) -> None:
        """Commit, bring everything home, let go. A second close does nothing."""
        if not self._open:
            return
        self._open = False
        try:
            if self._writable and not self.pager.failed:
                self._harden(sync=False)
        finally:
            self.pager.close()

    def reset(self) -> None:
        """Empty a REUSE data set. Raises OpenError (ACBERFLG 232) if it is not reusable and not empty."""
        self._require_update()
        if not self.definition.reuse and self.pager.used[DATA]:
            what = "the data set is not empty and not defined with REUSE"
            raise OpenError(what, feedback=OpenError.NOT_REUSABLE, data_set=self.definition.name)
        empty = cluster_state.ClusterState()
        self.pager.reset(cluster_state.build(empty))
        self._emptied()
        self.pool.clear()
        self.state = empty

    # -- looking inside ---------------------------------------------------------------------------------

    @property
    def statistics(self) -> Statistics:
        """The figures as of the last request."""
        state, pager, size = self.state, self.pager, self.definition.ci_size
        return Statistics(
            records=state.records,
            inserted=state.inserted,
            deleted=state.deleted,
            updated=state.updated,
            retrieved=state.retrieved,
            ci_splits=state.ci_splits,
            ca_splits=state.ca_splits,
            excps=state.excps,
            extents=pager.extents[DATA],
            high_used_rba=pager.used[DATA] * size,
            high_allocated_rba=pager.allocated[DATA] * size,
            free_space_bytes=(pager.allocated[DATA] - pager.used[DATA]) * size,
        )

    def read_ci(self, component: Component, number: int) -> bytes:
        """A control interval as it is or, for changed ones, will be on disk. Raises IndexError past the end."""
        side = DATA if component == "data" else INDEX
        used = self.pager.used[side] if side < self.components else 0
        if not 0 <= number < used:
            raise IndexError(f"{component} control interval {number} is not below {used}")
        if self._writable:
            self._harden(sync=False)
        return self.pager.read(side, number)

    def image(self) -> ClusterImage:
        if self._writable:
            self._harden(sync=False)
        pager, state, indexed = self.pager, cluster_state.parse(self.state_bytes()), self.components > 1
        return ClusterImage(
            definition=self.definition,
            read=self.read_ci,
            data_cis=pager.used[DATA],
            data_allocated=pager.allocated[DATA],
            index_cis=pager.used[INDEX] if indexed else 0,
            index_allocated=pager.allocated[INDEX] if indexed else 0,
            root=state.root,
            levels=state.levels,
            records=state.records,
            end=state.end,
            rebuilt=tuple(("index" if side else "data", page * PER_PAGE) for side, page in pager.rebuilt),
        )

    # -- what an organization says of itself --------------------------------------------------------------

    @abstractmethod
    def _decode(self, image: bytes) -> Page:
        """The page of a control interval's bytes. Raises Damaged."""

    @abstractmethod
    def _image(self, page: Page) -> bytes:
        """The control interval's bytes of a page."""

    def _opened(self) -> None:
        """The pager answers: read what is kept in memory from open to close."""

    def _emptied(self) -> None:
        """The data set is about to be empty: forget what is kept in memory beside pages."""

    def _images(self) -> list[tuple[int, int, bytes]]:
        """(component, CI number, image) of everything that changed; of what is no page, given once."""
        return [(DATA, number, self._image(page)) for number, page in self.pool.dirty.items()]

    def state_bytes(self) -> bytes:
        """The cluster's part of the sphere state, current."""
        return cluster_state.build(self.state)

    # -- for the organizations ----------------------------------------------------------------------------

    def extend_data(self, cis: int) -> int:
        """Add CIs at the high-used end of the data component; the first of them. Raises NoSpace.

        Whoever calls changes a page for each CI that is to hold records.
        """
        definition = self.definition
        tracks = 15 if definition.space_unit == "CYLINDER" else 1
        units = definition.secondary if self.pager.allocated[DATA] else definition.primary
        unit = -(-units * tracks // definition.ca_tracks) * definition.cis_per_ca
        try:
            return self.pager.extend(DATA, cis, unit=unit)
        except VsamError as error:
            error.data_set = definition.name
            raise

    def place(self, error: VsamError, number: int) -> None:
        """Let an error name this data set and, if it names no place yet, data CI `number`."""
        error.data_set = self.definition.name
        if error.rba is None:
            error.rba = number * self.definition.ci_size

    def _load_page(self, number: int) -> Page:
        self.state.excps += 1
        try:
            return self._decode(self.pager.read(DATA, number))
        except VsamError as error:
            self.place(error, number)
            raise

    def _harden(self, *, sync: bool) -> None:
        images = self._images()
        if images:
            self.state.excps += len(images)
            self.pager.commit(images, self.state_bytes(), sync=sync)
            self.pool.clean()
        elif sync:
            self.pager.harden()

    def _forget_buffers(self) -> None:
        """The pager answers no more: nothing may be answered from memory either."""
        self.pool.clear()

    def _require_update(self) -> None:
        if not self._open:
            raise InvalidAccess("the data set is closed", data_set=self.definition.name)
        if not self._writable:
            raise InvalidAccess("the data set is open for input only", data_set=self.definition.name)
        self.pager.require_sound()


def _ci_sizes(definition: ClusterDefinition, components: int) -> list[int]:
    return [definition.ci_size, definition.index_ci_size][:components]
