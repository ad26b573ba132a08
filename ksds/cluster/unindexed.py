"""What clusters without an index share: one component of control intervals, from open to close.

A request changes pages in memory only. `commit` (or too many changed pages, between two requests) turns them into
one journal group, so a crash leaves the state between two requests. `pager.used` may run ahead of what is
committed, but only together with changed pages for the new CIs, which leave in the same group.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import DATA, DEFAULT_BUFFER_BYTES, Statistics
from ksds.cluster.verify import Finding
from ksds.errors import InvalidAccess, OpenError, PhysicalError, VsamError
from ksds.layout import cluster_state
from ksds.storage import sphere_files
from ksds.storage.buffer_pool import BufferPool
from ksds.storage.checksums import PER_PAGE
from ksds.storage.device import Folder
from ksds.storage.pager import Pager

READ_AHEAD = 64

Page = TypeVar("Page")


class Unindexed(ABC, Generic[Page]):
    """An open cluster of one component. Use as a context manager; leaving it closes it, which commits.

    After an I/O error on the way to the disk every request raises PhysicalError (R15 = 12) until the data set is
    opened again, which recovers everything that `commit` had acknowledged.
    """

    def __init__(self, pager: Pager, definition: ClusterDefinition, *, writable: bool, buffer_bytes: int) -> None:
        self.definition = definition
        self.pager = pager
        self.state = cluster_state.parse(pager.state)
        capacity = max(16, buffer_bytes // definition.ci_size)
        self.pool: BufferPool[Page] = BufferPool(capacity, self._load_page)
        self._most_dirty = capacity // 2
        self._writable = writable
        self._open = True
        pager.on_failure = self.pool.clear

    @classmethod
    def create(cls, folder: Folder, stem: str, definition: ClusterDefinition) -> None:
        """Make the empty data set's files (`stem`.data .sum .jnl), durably. Raises FileExistsError."""
        state = cluster_state.build(cluster_state.ClusterState())
        sphere_files.create(folder, stem, (definition.ci_size,), state)

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

        Raises OpenError (ACBERFLG 168) if another handle excludes this one, Damaged if the data set's journal
        cannot be trusted.
        """
        if mode not in ("r", "w"):
            raise ValueError(f"mode {mode!r} is not 'r' or 'w'")
        try:
            pager = Pager.open(folder, stem, 1, writable=mode == "w")
        except VsamError as error:
            error.data_set = definition.name
            raise
        except FileNotFoundError as error:
            raise OpenError(f"{error.filename} is missing", feedback=OpenError.NOT_AVAILABLE) from error
        if pager.ci_sizes != [definition.ci_size]:
            pager.close()
            what = "the files have another CI size than the catalog says"
            raise OpenError(what, feedback=OpenError.INCONSISTENT, data_set=definition.name)
        return cls(pager, definition, writable=mode == "w", buffer_bytes=buffer_bytes)

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
        self.pool.clear()
        self.state = cluster_state.ClusterState()
        self.pager.reset(cluster_state.build(self.state))

    @property
    def statistics(self) -> Statistics:
        """The figures as of the last request; those of an index are 0."""
        state, pager, size = self.state, self.pager, self.definition.ci_size
        return Statistics(
            records=state.records,
            inserted=state.inserted,
            deleted=state.deleted,
            updated=state.updated,
            retrieved=state.retrieved,
            ci_splits=0,
            ca_splits=0,
            excps=state.excps,
            levels=0,
            index_records=0,
            extents=pager.extents[DATA],
            index_extents=0,
            high_used_rba=pager.used[DATA] * size,
            high_allocated_rba=pager.allocated[DATA] * size,
            index_high_used_rba=0,
            index_high_allocated_rba=0,
            high_level_index_rba=0,
            sequence_set_rba=0,
            free_space_bytes=(pager.allocated[DATA] - pager.used[DATA]) * size,
        )

    def read_ci(self, component: Literal["data"], number: int) -> bytes:
        """A control interval as it is or, for changed ones, will be on disk. Raises IndexError past the end."""
        if component != "data" or not 0 <= number < self.pager.used[DATA]:
            raise IndexError(f"{component} control interval {number} is not below {self.pager.used[DATA]}")
        if self._writable:
            self._harden(sync=False)
        return self.pager.read(DATA, number)

    def verify(self) -> list[Finding]:
        """Everything that is wrong with the data set; empty if it is sound."""
        damaged = [page * PER_PAGE for _, page in self.pager.rebuilt]
        findings = [
            Finding(4, "data", ci, "its page of the checksum file was damaged and is rebuilt") for ci in damaged
        ]
        records = 0
        for number in range(self.pager.used[DATA]):
            try:
                page = self._decode(self.read_ci("data", number))
            except PhysicalError as error:
                findings.append(Finding(8, "data", number, error.what))
                continue
            records += self._count(page)
            what = self._wrong_with(number, page)
            if what:
                findings.append(Finding(8, "data", number, what))
        if not any(finding.severity > 4 for finding in findings) and records != self.state.records:
            what = f"{records} records found, {self.state.records} counted"
            findings.append(Finding(4, "data", 0, what))
        return findings

    # -- what an organization says about its pages ---------------------------------------------------------

    @abstractmethod
    def _decode(self, image: bytes) -> Page:
        """The page of a control interval's bytes. Raises Damaged."""

    @abstractmethod
    def _image(self, page: Page) -> bytes:
        """The control interval's bytes of a page."""

    @abstractmethod
    def _count(self, page: Page) -> int:
        """Records in a page."""

    @abstractmethod
    def _wrong_with(self, number: int, page: Page) -> str:
        """What is wrong with a page that could be decoded; empty if nothing."""

    # -- for the organizations ---------------------------------------------------------------------------------

    def _pages(self, number: int) -> Iterator[tuple[int, Page]]:
        """The pages from CI `number` to the end, read ahead where memory does not hold them."""
        ahead: dict[int, Page] = {}
        ahead_at = -1
        while number < self.pager.used[DATA]:
            page = self.pool.peek(number)
            if page is None:
                if number not in ahead or ahead_at != self.pager.commits:
                    ahead, ahead_at = self._read_ahead(number), self.pager.commits
                page = ahead.pop(number)
            yield number, page
            number += 1

    def _read_ahead(self, first: int) -> dict[int, Page]:
        count = 1
        most = min(READ_AHEAD, self.pager.used[DATA] - first)
        while count < most and first + count not in self.pool.dirty:
            count += 1
        self.state.excps += 1
        try:
            images = self.pager.read_run(DATA, first, count)
            return {first + at: self._decode(image) for at, image in enumerate(images)}
        except VsamError:
            return {first: self._load_page(first)}

    def _load_page(self, number: int) -> Page:
        self.state.excps += 1
        try:
            return self._decode(self.pager.read(DATA, number))
        except VsamError as error:
            error.data_set = self.definition.name
            if error.rba is None:
                error.rba = number * self.definition.ci_size
            raise

    def _extend(self, cis: int) -> int:
        """Add CIs at the high-used end; the first of them. The caller changes a page for each. Raises NoSpace."""
        definition, allocated = self.definition, self.pager.allocated[DATA]
        tracks = 15 if definition.space_unit == "CYLINDER" else 1
        units = definition.secondary if allocated else definition.primary
        unit = -(-units * tracks // definition.ca_tracks) * definition.cis_per_ca
        try:
            return self.pager.extend(DATA, cis, unit=unit)
        except VsamError as error:
            error.data_set = definition.name
            raise

    def _change(self, number: int, page: Page) -> None:
        """A request is done and changed this page."""
        self.pool.change(number, page)
        if len(self.pool.dirty) > self._most_dirty:
            self._harden(sync=False)

    def _harden(self, *, sync: bool) -> None:
        images = [(DATA, number, self._image(page)) for number, page in self.pool.dirty.items()]
        if images:
            self.state.excps += len(images)
            self.pager.commit(images, cluster_state.build(self.state), sync=sync)
            self.pool.clean()
        elif sync:
            self.pager.harden()

    def _require_update(self) -> None:
        if not self._open:
            raise InvalidAccess("the data set is closed", data_set=self.definition.name)
        if not self._writable:
            raise InvalidAccess("the data set is open for input only", data_set=self.definition.name)
