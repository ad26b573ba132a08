"""The life of an open cluster of any organization: open, change pages in memory, commit, close.

A request changes pages (and index records) in memory only. `commit` turns everything changed into one commit of the
journal, so what a crash leaves is always the state between two requests. `Component.used` may run ahead of what is
committed, but only together with changed pages for the new control intervals, which leave in the same commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from ksds.closing import Closing
from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.member import Member
from ksds.cluster.sphere import Sphere
from ksds.cluster.verify import Verifiable
from ksds.errors import InvalidAccess, OpenError, VsamError
from ksds.layout import cluster_state
from ksds.layout.cluster_state import ClusterState
from ksds.storage import sphere_files
from ksds.storage.buffer_pool import LEAVING
from ksds.storage.checksums import PER_PAGE
from ksds.storage.device import Folder
from ksds.storage.sphere_files import ComponentName

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
    ca_reclaims: int = 0
    ca_reuses: int = 0
    levels: int = 0
    index_records: int = 0
    index_extents: int = 0
    index_high_used_rba: int = 0
    index_high_allocated_rba: int = 0
    high_level_index_rba: int = 0
    sequence_set_rba: int = 0


class OpenCluster(Member[Page], Verifiable, Closing):
    """An open cluster. Use as a context manager; leaving it closes it, which commits.

    After an I/O error on the way to the disk, or an interrupt (Ctrl-C) in the middle of a request that changes
    something, every request raises PhysicalError (R15 = 12) until the data set is opened again, which recovers
    everything that `commit` had acknowledged.
    """

    components: ClassVar[int] = 1

    def __init__(self, sphere: Sphere, member: int, definition: ClusterDefinition, *, buffer_bytes: int) -> None:
        super().__init__(sphere.pager.component(2 * member), definition, sphere.states[member], buffer_bytes)
        self.sphere = sphere
        self.health = sphere.pager.health
        self._member = member
        self._open = True

    # -- life -------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Folder, stem: str, definition: ClusterDefinition) -> None:
        """Make the empty data set's files (see `ksds.storage.sphere_files`), durably. Raises FileExistsError."""
        sphere_files.create(folder, stem, cls.ci_sizes(definition), cluster_state.build([ClusterState()]))

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
        """Open for input ("r") or update ("w"), recovering what a crash left. `beside` lets another handle update the
        data set meanwhile: this one goes on seeing it as it was last committed when it was opened. `in_turns` lets
        others update it in turn with this one (`ksds.cluster.sphere`).

        Raises OpenError (ACBERFLG 168) if another handle excludes this one, Damaged if the data set's
        journal or index set cannot be trusted.
        """
        if mode not in ("r", "w"):
            raise ValueError(f"mode {mode!r} is not 'r' or 'w'")
        try:
            sphere = Sphere.open(folder, stem, writable=mode == "w", beside=beside, in_turns=in_turns, members=())
        except VsamError as error:
            error.data_set = definition.name
            raise
        try:
            return cls.join(sphere, 0, definition, buffer_bytes=buffer_bytes)
        except BaseException:
            sphere.pager.close()
            raise

    @classmethod
    def join(
        cls,
        sphere: Sphere,
        member: int,
        definition: ClusterDefinition,
        *,
        buffer_bytes: int = DEFAULT_BUFFER_BYTES,
    ) -> Self:
        """Open member number `member` of an open sphere. Raises OpenError (160) if it is not what `definition` says."""
        if 2 * member in sphere.pager.left_out:
            raise OpenError("a file of it is missing", feedback=OpenError.NOT_AVAILABLE, data_set=definition.name)
        components = sphere.pager.components[2 * member : 2 * member + cls.components]
        if [component.ci_size if component else 0 for component in components] != cls.ci_sizes(definition):
            what = "the files have other CI sizes than the catalog says"
            raise OpenError(what, feedback=OpenError.INCONSISTENT, data_set=definition.name)
        cluster = cls(sphere, member, definition, buffer_bytes=buffer_bytes)
        cluster.writable = sphere.writable
        cluster._opened()
        sphere.join(member, cluster)
        return cluster

    @classmethod
    def destroy(cls, folder: Folder, stem: str) -> None:
        """Remove the data set's files."""
        sphere_files.destroy(folder, stem)

    @classmethod
    def ci_sizes(cls, definition: ClusterDefinition) -> list[int]:
        """CI size of each component, data first."""
        return [definition.ci_size, definition.index_ci_size][: cls.components]

    def __len__(self) -> int:
        return self.state.records

    def commit(self) -> None:
        """Make every request so far durable, for all members of the sphere: one commit, one sync.

        Raises PhysicalError.
        """
        if self.writable or not self.sphere.pager.in_turns:
            self._require_update()
            self.sphere.harden(sync=True)
            self.sphere.end_turn()

    def close(self) -> None:
        """Commit, bring everything home, let go of the sphere. A second close does nothing."""
        if self._open:
            self._open = False
            self.sphere.close()

    def reset(self) -> None:
        """Empty a REUSE data set. Raises OpenError (ACBERFLG 232) if it is not reusable and not empty."""
        self._require_update()
        if not self.definition.reuse and self.data.used:
            what = "the data set is not empty and not defined with REUSE"
            raise OpenError(what, feedback=OpenError.NOT_REUSABLE, data_set=self.definition.name)
        with self.health:
            self.sphere.reset(self._member, self._components())
            self._emptied()
            self.pool.clear()
            self.state = self.sphere.states[self._member]

    # -- looking inside ---------------------------------------------------------------------------------

    @property
    def statistics(self) -> Statistics:
        """The figures as of the last request."""
        state, data, size = self.state, self.data, self.definition.ci_size
        return Statistics(
            records=state.records,
            inserted=state.inserted,
            deleted=state.deleted,
            updated=state.updated,
            retrieved=state.retrieved,
            ci_splits=state.ci_splits,
            ca_splits=state.ca_splits,
            excps=state.excps,
            extents=data.extents,
            high_used_rba=data.used * size,
            high_allocated_rba=data.allocated * size,
            free_space_bytes=(data.allocated - data.used) * size,
        )

    def read_ci(self, component: ComponentName, number: int) -> bytes:
        """A control interval as it is or, for changed ones, will be on disk. Raises IndexError past the end."""
        found = next((one for one in self._components() if one.name == component), None)
        used = found.used if found else 0
        if found is None or not 0 <= number < used:
            there = f"only 0 to {used - 1}" if used else "the data set is empty"
            raise IndexError(f"there is no {component} control interval {number}, {there}")
        if self.writable:
            self.sphere.harden(sync=False)
        if component == "data" and number in self.pool.dirty:
            return self._image(self.pool.dirty[number])
        return (self._index_image(number) if component == "index" else None) or found.read(number)

    def image(self) -> ClusterImage:
        """The data set as the checker, maps and salvage see it, as of the last request."""
        if self.writable:
            self.sphere.harden(sync=False)
        state, components = self.current_state(), self._components()
        index = components[1] if len(components) > 1 else None
        return ClusterImage(
            definition=self.definition,
            read=self.read_ci,
            data_cis=self.data.used,
            data_allocated=self.data.allocated,
            index_cis=index.used if index else 0,
            index_allocated=index.allocated if index else 0,
            root=state.root,
            levels=state.levels,
            reclaimed=state.reclaimed,
            emptied=state.emptied,
            records=state.records,
            end=state.end,
            rebuilt=tuple((c.name, page * PER_PAGE) for c, page in self.sphere.pager.rebuilt if c in components),
        )

    def refresh(self, state: ClusterState) -> None:
        super().refresh(state)
        self._opened()

    def _opened(self) -> None:
        """The pager answers: read what is kept in memory from open to close, or from one turn to the next."""

    def _emptied(self) -> None:
        """The data set is about to be empty: forget what is kept in memory beside pages."""

    # -- for the organizations ----------------------------------------------------------------------------

    def extend_data(self, cis: int) -> int:
        """Add CIs at the high-used end of the data component; the first of them. Raises NoSpace.

        Whoever calls changes a page for each CI that is to hold records.
        """
        definition = self.definition
        tracks = 15 if definition.space_unit == "CYLINDER" else 1
        units = definition.secondary if self.data.allocated else definition.primary
        unit = -(-units * tracks // definition.ca_tracks) * definition.cis_per_ca
        try:
            return self.data.extend(cis, unit=unit)
        except VsamError as error:
            error.data_set = definition.name
            raise

    def _spill_if_full(self) -> None:
        """Between two requests: log pages that memory has no room for."""
        if len(self.pool.leaving) > LEAVING or len(self.edits) > self.most_edits:
            self.sphere.spill()

    def _require_update(self) -> None:
        if not self._open:
            raise InvalidAccess("the data set is closed", data_set=self.definition.name)
        try:
            if not self.sphere.take_turn():
                raise InvalidAccess("the data set is open for input only")
        except VsamError as error:
            error.data_set = self.definition.name
            raise
