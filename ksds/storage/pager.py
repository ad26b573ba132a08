"""The components of a sphere under one redo journal.

A sphere is a set of component files of fixed-size control intervals (CIs), side files of checksums and a journal. The
pager makes changes to CIs durable; it knows no keys and no records.

States: OPEN -> FAILED (after an I/O error whose effect is unknown; nothing is answered any more, the next
open recovers) and OPEN -> closed. Invariants:

1. A home (the CI's place in its component file) holds the image of the last checkpoint, or, while a
   checkpoint runs, possibly a torn mix that the journal heals.
2. What was committed to a CI since then stands in the journal: as a whole image (or the word that it is empty), as
   edits of one record each to be made to its newest image, or as both. `Component.logged` says where the newest
   image is; whoever logs an edit keeps the CI in memory until a newer image is logged.
3. `Component.used` counts the CIs that may be referred to; their space was allocated, durably, before any group
   counts them. A CI at or above `home_used`, the count of the last checkpoint, has no home yet: it is empty unless
   the journal says otherwise, and the next checkpoint formats it.
4. The checksum in memory is that of the newest image. A read that does not match it is Damaged.

Order of a commit: images and edits and state in one group, one sync; many images go ahead in groups that are
`continued`, which count with the last one or not at all. `spill` writes such groups, too, to let go of CIs that memory
cannot hold. Order of a checkpoint, which begins right after a commit whose images leave no edit outstanding:
  a. journal the changed checksum pages (so that they, too, can be torn without loss) and sync the journal;
  b. write homes in CI order, write checksum pages; sync all component files and side files;
  c. forget: a new journal header with a new salt, synced.
A crash before c replays the same images. A load into an empty component writes homes directly, and only the
header of step c makes them count: a crash leaves it empty.

Several writers of one sphere take turns (`in_turns`): whoever changes something holds the journal from before its first
change to its commit, and first takes in what others have committed (`recovery.catch_up`). Between turns each is a
reader. As the others' edits meet its own in one CI, it notes its edits, too, instead of relying on its buffers.

`open_for_output` goes with every state written, until `close`: who finds it knows that a writer died (`not_closed`).

A reader beside a writer holds the lock on the checksums from before it reads the journal. A checkpoint needs that
lock alone; it is put off while a reader has it, so that homes, header and all groups the reader found stay as they
are, and the journal only grows. So it does over `close` and the next open: nothing but a checkpoint ends a journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

import google_crc32c

from ksds.errors import OpenError
from ksds.layout import checksum_page, sphere_state
from ksds.layout.journal_group import EMPTY, IMAGE, Entry
from ksds.storage.component import Component, Health
from ksds.storage.device import Device
from ksds.storage.journal import Journal
from ksds.storage.sphere_files import SUM_BASE

CHECKPOINT_BYTES = 256 << 20
"""A journal longer than this is due for a checkpoint. A CI changed many times in between goes home once; the price is
the time to replay the journal after a crash."""

GROUP_CIS = 256
"""Images in one group at most, so that a commit of any size needs little memory."""


class Pager:
    """Commits and checkpoints of one sphere. `components[c]` is None where a member has no index, or is gone, or was
    left out when the sphere was opened: then `left_out` has its row."""

    def __init__(
        self, components: list[Component | None], sides: list[Device | None], journal: Journal, health: Health
    ) -> None:
        self.components = components
        self.sides = sides
        self.journal = journal
        self.health = health
        self.writable = False
        self.version = 0
        self.rebuilt: list[tuple[Component, int]] = []
        self.left_out: dict[int, sphere_state.Component] = {}
        self.state = b""
        self.open_for_output = self.flagged = self.not_closed = False
        self.in_turns = False

    def present(self) -> Iterator[Component]:
        """The components that there are."""
        return (component for component in self.components if component is not None)

    def component(self, number: int) -> Component:
        """The component of this number, which there is."""
        component = self.components[number]
        assert component is not None
        return component

    def take_state(self, state: bytes) -> None:
        """The sphere's state as a journal header or commit carries it."""
        sphere = sphere_state.parse(state)
        for component, row in zip(self.components, sphere.components, strict=True):
            if component is not None:
                component.take(row.used)
                component.allocated, component.extents = row.allocated, row.extents
        self.left_out = {number: sphere.components[number] for number in self.left_out}
        self.state, self.flagged = sphere.owner, sphere.open_for_output

    @property
    def rows(self) -> list[sphere_state.Component]:
        """The space of each component."""
        return [
            self.left_out.get(number, sphere_state.ABSENT) if component is None else component.row
            for number, component in enumerate(self.components)
        ]

    def _sphere(self) -> bytes:
        return sphere_state.build(sphere_state.Sphere(self.rows, self.state, self.open_for_output))

    # -- commits ----------------------------------------------------------------------------------------

    def commit(self, images: Iterable[Entry], state: bytes, *, edits: Sequence[Entry] = (), sync: bool = False) -> None:
        """Log changes to CIs and the state after them, all or nothing. With `sync` they are durable on return."""
        self.require_sound()
        images = iter(images)
        batch = list(islice(images, GROUP_CIS))
        while len(batch) == GROUP_CIS:
            self.spill(batch)
            batch = list(islice(images, GROUP_CIS))
        self.state = state
        self._append([*edits, *batch], self._sphere(), continued=False)
        if sync:
            self.harden()

    def spill(self, entries: Sequence[Entry]) -> None:
        """Log changes that count from the next commit on. A read finds images at once."""
        self.require_sound()
        self._append(entries, b"", continued=True)

    def _append(self, entries: Sequence[Entry], state: bytes, *, continued: bool) -> None:
        try:
            offsets = self.journal.append(entries, state, continued=continued)
        except OSError as error:
            raise self.health.poison(0, error) from error
        self.version += 1
        if not continued:
            self.flagged = self.open_for_output
        for (component, kind, number, image), offset in zip(entries, offsets, strict=True):
            if kind == IMAGE:
                self.component(component).note(number, offset, google_crc32c.value(image))
            elif kind == EMPTY:
                self.component(component).note_empty(number)
            elif self.in_turns:
                self.component(component).note_edit(number, image)

    def harden(self) -> None:
        """Make every commit so far durable."""
        self.require_sound()
        self.health.guard(0, self.journal.sync)

    # -- checkpoints ------------------------------------------------------------------------------------

    @property
    def due(self) -> bool:
        """True if the journal is long enough for a checkpoint."""
        return self.journal.end > CHECKPOINT_BYTES

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Keep readers from opening. False if there is one, or another writer with whom we take turns."""
        side = self._base_side()
        alone = side.lock(True)
        try:
            yield alone
        finally:
            if self.in_turns:
                side.lock(False, wait=True)
            elif alone:
                side.release()

    def checkpoint(self) -> None:
        """Bring everything home (see the head of this file). The caller is `alone` and has just committed."""
        try:
            self._materialize()
            self._journal_checksums()
            for component in self.present():
                component.write_homes()
            self._retire()
        except OSError as error:
            raise self.health.poison(0, error) from error

    def _materialize(self) -> None:
        """CIs that recovery found edited get a whole image."""
        numbers = [(component, number) for component in self.present() for number in sorted(component.edited)]
        if numbers:
            self.commit(((c.number, IMAGE, number, c.read(number)) for c, number in numbers), self.state)

    def _journal_checksums(self) -> None:
        pages = [
            (SUM_BASE + component.number, IMAGE, page, data)
            for component in self.present()
            for page, data in component.checksums.dirty_pages()
        ]
        if pages:
            self.journal.append(pages, self._sphere())
        self.journal.sync()

    def _retire(self) -> None:
        """Homes are written: bring the checksum pages home, sync everything, forget the journal."""
        for component in self.present():
            side = self.sides[component.number // 2]
            assert side is not None
            for page, data in component.checksums.dirty_pages():
                side.write(checksum_page.page_offset(component.number, page), data)
            component.device.sync()
        for side in self.sides:
            if side is not None:
                side.sync()
        self.journal.forget(self._sphere())
        self.flagged = self.open_for_output
        for component in self.present():
            component.settled()

    # -- load: homes written directly --------------------------------------------------------------------

    def begin_load(self) -> None:
        """Before `Component.load`, whose end forgets the journal. Raises OpenError (168) if a reader keeps it."""
        self.require_sound()
        if self.journal.pending:
            raise _beside_a_reader()

    def finish_load(self, state: bytes) -> None:
        """Sync what was loaded and make it count."""
        self.require_sound()
        self.state = state
        self.health.guard(0, self._retire)

    def reset(self, members: Sequence[Component], state: bytes) -> None:
        """Forget every CI of some components (REUSE): high-used becomes zero, space stays allocated.

        Raises OpenError (168) while a reader may be looking at them.
        """
        self.require_sound()
        with self._settled():
            emptied = [
                replace(row, used=0) if any(c.number == number for c in members) else row
                for number, row in enumerate(self.rows)
            ]
            self._forget(emptied, state)
            for component in members:
                component.empty()
            self.state = state

    def reshape(self, rows: list[sphere_state.Component], state: bytes) -> None:
        """Give the sphere other components, durably. This pager knows the old ones, and does nothing after it.

        Raises OpenError (168) while a reader may be looking.
        """
        self.require_sound()
        self.open_for_output = False
        with self._settled():
            self._forget(rows, state)
        self.health.stop()

    def _forget(self, rows: list[sphere_state.Component], state: bytes) -> None:
        sphere = sphere_state.build(sphere_state.Sphere(rows, state, self.open_for_output))
        self.health.guard(0, lambda: self.journal.forget(sphere))
        self.flagged = self.open_for_output

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """Everything is home and nobody looks."""
        with self.alone() as alone:
            if not alone or self.journal.pending:
                raise _beside_a_reader()
            yield

    # -- ending -----------------------------------------------------------------------------------------

    def _base_side(self) -> Device:
        side = self.sides[0]
        assert side is not None
        return side

    def require_sound(self) -> None:
        """Raises PhysicalError after a failed write, InvalidAccess after `close`."""
        if self.health.failed:
            raise self.health.refusal()

    def close(self) -> None:
        """Let go. What is not home yet stays in the journal, for the next open."""
        try:
            if self.writable and not self.health.failed:
                self.health.guard(0, self.journal.tidy)
        finally:
            self.health.closed = True
            self.health.stop()
            for component in self.present():
                component.device.close()
            for side in self.sides:
                if side is not None:
                    side.close()
            self.journal.close()


def _beside_a_reader() -> OpenError:
    return OpenError("a reader has the data set open", feedback=OpenError.NOT_AVAILABLE)
