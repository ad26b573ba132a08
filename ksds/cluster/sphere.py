"""The clusters under one journal: a base, member 0, and the alternate indexes opened with it.

Members change pages in memory only; `harden` turns what all of them changed since the last time into one commit, so
that a crash leaves base and indexes of one moment. `spill` lets go of pages that memory has no room for: their images
go ahead in the journal and count with the next commit, so that no request is made durable before somebody asks.

A commit logs a page as the edits made to it, if they are few, and keeps it in memory; `checkpoint` gives all such
pages an image first (see `ksds.storage.pager`).

With SHAREOPTIONS 3 and 4 several programs may have a sphere open for output. They take turns: a turn begins with the
first request that changes something, when what others have committed is taken in and all buffers are forgotten, and
ends with the commit. Meanwhile the others' changes are refused (8/20); between its turns a program sees the sphere as
it was at the end of its last one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from itertools import chain
from typing import Any

from ksds.cluster.member import Member
from ksds.errors import ExclusiveControl, OpenError
from ksds.layout import cluster_state, sphere_state
from ksds.layout.cluster_state import ClusterState
from ksds.storage import sphere_files
from ksds.storage.component import Component
from ksds.storage.device import Folder
from ksds.storage.pager import Pager
from ksds.storage.recovery import catch_up, go_on, open_pager


class Sphere:
    """An open sphere: its pager and those of its members that are open."""

    def __init__(self, pager: Pager) -> None:
        self.pager = pager
        self.states = cluster_state.parse(pager.state)
        self._members: dict[int, Member[Any]] = {}
        self._had_a_turn = False

    @classmethod
    def open(
        cls,
        folder: Folder,
        stem: str,
        *,
        writable: bool,
        beside: bool = False,
        in_turns: bool = False,
        partial: bool = False,
        members: Collection[int] | None = None,
    ) -> Sphere:
        """Lock and recover; `in_turns` lets other writers change it, too. For input only the base and `members` are
        opened (None: all). For input, or if it may be `partial`, a member whose files are missing is left out.

        Raises as `open_pager`; OpenError (168) for a missing file.
        """
        in_turns = writable and in_turns
        try:
            pager = open_pager(
                folder,
                stem,
                for_output=writable,
                in_turns=in_turns,
                beside=beside,
                partial=partial or not writable,
                members=None if writable else members,
            )
        except FileNotFoundError as error:
            raise OpenError(f"{error.filename} is missing", feedback=OpenError.NOT_AVAILABLE) from error
        pager.in_turns = in_turns
        return cls(pager)

    def join(self, number: int, member: Member[Any]) -> None:
        """From now on `member`, opened as member `number`, takes part in every commit."""
        self._members[number] = member
        self.pager.health.on_failure.append(member.forget_buffers)

    @property
    def writable(self) -> bool:
        """True while members may be changed without asking."""
        return self.pager.writable

    @property
    def for_output(self) -> bool:
        """True if it is open for output, be it that others are, too."""
        return self.pager.writable or self.pager.in_turns

    @property
    def in_turns(self) -> bool:
        """True if others may have it open for output, too."""
        return self.pager.in_turns

    @property
    def not_closed(self) -> bool:
        """True if whoever had it open for output before did not close it: OPEN recovered what was committed."""
        return self.pager.not_closed

    def state_bytes(self) -> bytes:
        """The states of all members, current."""
        for number, member in self._members.items():
            self.states[number] = member.current_state()
        return cluster_state.build(self.states)

    # -- turns ------------------------------------------------------------------------------------------

    def take_turn(self) -> bool:
        """Before a change: be the one who writes. False if this sphere was not opened for output.

        Raises ExclusiveControl (8/20) while another program has its turn, Damaged, PhysicalError.
        """
        pager = self.pager
        pager.require_sound()
        if pager.in_turns and not pager.writable:
            if not pager.journal.take_turn():
                raise ExclusiveControl("another program is changing the data set")
            try:
                pager.health.guard(0, self._begin_turn)
            except BaseException:
                pager.health.stop()
                pager.journal.end_turn()
                raise
        return pager.writable

    def _begin_turn(self) -> None:
        pager, first = self.pager, not self._had_a_turn
        changed = catch_up(pager)
        pager.writable = self._had_a_turn = True
        for member in self._members.values():
            member.writable = True
        if first:
            go_on(pager, replayed=pager.journal.pending)
        else:
            pager.journal.write_again()
        self._take_in(changed or first)

    def refresh(self) -> None:
        """Between turns, or beside a writer: see what has been committed by now. Raises Damaged, PhysicalError."""
        pager = self.pager
        pager.require_sound()
        if not pager.writable:
            with pager.health:
                pager.health.guard(0, lambda: self._take_in(catch_up(pager)))

    def _take_in(self, changed: bool) -> None:
        """The pager tells of new commits."""
        if changed:
            self.states = cluster_state.parse(self.pager.state)
            for number, member in self._members.items():
                member.refresh(self.states[number])

    def end_turn(self) -> None:
        """Everything is committed: let others write."""
        pager = self.pager
        if pager.in_turns and pager.writable:
            pager.writable = False
            for member in self._members.values():
                member.writable = False
            pager.journal.end_turn()

    # -- writing ----------------------------------------------------------------------------------------

    def harden(self, *, sync: bool) -> None:
        """Commit what the members changed; with `sync`, durable on return. Raises PhysicalError."""
        pager = self.pager
        with pager.health:
            changes = [change for change in [member.changes() for member in self._members.values()] if change]
            if changes or pager.journal.unfinished:
                edits = [edit for some, _ in changes for edit in some]
                images = chain.from_iterable(some for _, some in changes)
                pager.commit(images, self.state_bytes(), edits=edits, sync=sync)
                if pager.due:
                    self.checkpoint()
            elif sync:
                pager.harden()

    def spill(self) -> None:
        """Log edits noted so far, and pages that memory has no room for."""
        with self.pager.health:
            for member in self._members.values():
                entries = member.evicted()
                if entries:
                    self.pager.spill(entries)

    def begin_load(self) -> None:
        """Before an empty member is loaded: commit and bring home what members changed.

        Raises OpenError (168) while a reader forbids that.
        """
        self._settle()
        self.pager.begin_load()

    def _settle(self) -> None:
        self.harden(sync=False)
        if self.pager.journal.pending:
            self.checkpoint()

    def finish_load(self) -> None:
        """Make what was loaded count, durably."""
        with self.pager.health:
            self.pager.finish_load(self.state_bytes())

    def reset(self, number: int, components: Sequence[Component]) -> None:
        """Empty a member, durably; what others changed is committed. Raises OpenError (168) beside a reader."""
        self._settle()
        states = [*self.states]
        states[number] = ClusterState()
        with self.pager.health:
            self.pager.reset(components, cluster_state.build(states))
        self.states = states

    def checkpoint(self) -> None:
        """Bring everything home that is committed; put off while a reader is there."""
        with self.pager.health, self.pager.alone() as alone:
            if alone:
                images = chain.from_iterable(member.unmaterialized() for member in self._members.values())
                self.pager.commit(images, self.state_bytes())
                self.pager.checkpoint()

    def close(self) -> None:
        """Commit, bring home what can be, let go. Without a turn the data set is left to those who take theirs."""
        pager = self.pager
        try:
            with suppress(ExclusiveControl):
                if not pager.health.failed and self.take_turn():
                    self._finish()
        finally:
            pager.close()

    def _finish(self) -> None:
        pager = self.pager
        pager.open_for_output = False
        self.harden(sync=False)
        if pager.journal.pending or pager.rebuilt or pager.flagged:
            self.checkpoint()
            if pager.journal.pending:  # somebody else is there
                pager.commit((), self.state_bytes(), sync=True)

    # -- members ----------------------------------------------------------------------------------------

    @classmethod
    def add_member(cls, folder: Folder, stem: str, ci_sizes: Sequence[int]) -> int:
        """Give a sphere that nobody has open one more member, empty, durably; its number.

        Raises OpenError (168) if it is in use, NoSpace (8/28), PhysicalError (12).
        """
        with closing(cls.open(folder, stem, writable=True)) as sphere:
            rows, states = sphere.pager.rows, list(sphere.states)
            rows += [sphere_state.ABSENT] * (len(rows) % 2)
            number = next((n for n in range(1, len(states)) if not rows[2 * n].ci_size), len(states))
            sphere_files.create_member(folder, stem, number, ci_sizes)
            new = [sphere_state.Component(size, 0, 0, 0) for size in ci_sizes]
            rows[2 * number : 2 * number + 2] = new + [sphere_state.ABSENT] * (2 - len(new))
            states[number : number + 1] = [ClusterState()]
            sphere.pager.reshape(rows, cluster_state.build(states))
            return number

    @classmethod
    def remove_member(cls, folder: Folder, stem: str, number: int) -> None:
        """Take member `number` out of a sphere that nobody has open, then remove its files."""
        with closing(cls.open(folder, stem, writable=True, partial=True)) as sphere:
            rows, states = sphere.pager.rows, list(sphere.states)
            rows[2 * number : 2 * number + 2] = [sphere_state.ABSENT] * 2
            states[number] = ClusterState()
            sphere.pager.reshape(rows, cluster_state.build(states))
        sphere_files.destroy_member(folder, stem, number)
