"""Numbered control intervals under one redo journal.

A sphere is a set of component files of fixed-size control intervals (CIs), a side file of checksums and a
journal. The pager reads CIs and makes groups of new images durable; it knows no keys and no records.

States: OPEN -> FAILED (after an I/O error whose effect is unknown; nothing is answered any more, the next
open recovers) and OPEN -> closed. Invariants:

1. A home (the CI's place in its component file) holds the image of the last checkpoint, or, while a
   checkpoint runs, possibly a torn mix that the journal heals.
2. Every CI committed since then has its whole image in the journal; `_logged` says where. A read looks
   there first.
3. `used[c]` counts the CIs of component c that may be referred to; their space was allocated, durably, before
   any group counts them. A CI at or above `_home_used[c]`, the count of the last checkpoint, has no home yet:
   it is empty unless the journal holds an image, and the next checkpoint formats it.
4. The checksum in memory is that of the newest image. A read that does not match it is Damaged.

Order of a commit: images and state in one group, one sync. Order of a checkpoint:
  a. journal the changed checksum pages (so that they, too, can be torn without loss) and sync the journal;
  b. write homes in CI order, write checksum pages; sync all component files and the side file;
  c. forget: a new journal header with a new salt, synced.
A crash before c replays the same images. A load into an empty sphere writes homes directly, and only the
header of step c makes them count: a crash leaves an empty sphere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import google_crc32c

from ksds.errors import Damaged, InvalidAccess, NoSpace, PhysicalError, VsamError
from ksds.layout import checksum_page, control_interval, sphere_state
from ksds.storage.checksums import Checksums
from ksds.storage.device import Device
from ksds.storage.journal import Journal
from ksds.storage.sphere_files import COMPONENT_NAMES, FULL, READ_CODE, SUM_BASE, WRITE_CODE

CHECKPOINT_BYTES = 256 << 20
"""A commit that leaves the journal longer than this is followed by a checkpoint. A CI changed many times in
between goes home once; the price is the time to replay the journal after a crash."""

RUN_BYTES = 256 * 1024
_MISMATCH = "the control interval does not match its checksum"


class Pager:
    """The control intervals of one sphere. Component 0 is data, component 1 index."""

    def __init__(self, devices: list[Device], side: Device, journal: Journal, *, writable: bool) -> None:
        self.devices = devices
        self.side = side
        self.journal = journal
        self.writable = writable
        self.failed = False
        self.closed = False
        self.on_failure: Callable[[], None] = lambda: None
        self.commits = 0
        self.rebuilt: list[tuple[int, int]] = []
        self.checksums = [Checksums(component) for component in range(len(devices))]
        self.logged: list[dict[int, int]] = [{} for _ in devices]
        self.take_state(journal.header.state)
        self.home_used = list(self.used)

    def take_state(self, state: bytes) -> None:
        """The sphere's state as a journal header or group carries it."""
        sphere = sphere_state.parse(state)
        self.ci_sizes = [row.ci_size for row in sphere.components]
        self.used = [row.used for row in sphere.components]
        self.allocated = [row.allocated for row in sphere.components]
        self.extents = [row.extents for row in sphere.components]
        self.state = sphere.owner

    def note_empty(self, component: int, first: int, end: int) -> None:
        """CIs from `first` to below `end` are new: empty until an image says otherwise."""
        crc = google_crc32c.value(control_interval.empty(self.ci_sizes[component]))
        for number in range(first, end):
            self.checksums[component][number] = crc

    # -- reading ----------------------------------------------------------------------------------------

    def read(self, component: int, number: int) -> bytes:
        """The newest image of a CI. Raises Damaged (R15 = 12) if it does not match its checksum."""
        if self.failed:
            raise self._refusal(component)
        size = self.ci_sizes[component]
        try:
            offset = self.logged[component].get(number)
            if offset is not None:
                image = self.journal.read(offset, size)
            elif number >= self.home_used[component]:
                return control_interval.empty(size)
            else:
                image = self.devices[component].read(number * size, size)
        except OSError as error:
            raise self._unreadable(component, number, f"read failed: {error.strerror}") from error
        if len(image) != size or google_crc32c.value(image) != self.checksums[component][number]:
            raise self._unreadable(component, number, _MISMATCH)
        return image

    def read_run(self, component: int, number: int, count: int) -> list[bytes]:
        """`count` images from consecutive CIs, in one device read where the journal holds none of them."""
        logged = self.logged[component]
        homeless = number + count > self.home_used[component]
        if homeless or (logged and any(n in logged for n in range(number, number + count))):
            return [self.read(component, n) for n in range(number, number + count)]
        if self.failed:
            raise self._refusal(component)
        size = self.ci_sizes[component]
        try:
            data = self.devices[component].read(number * size, count * size)
        except OSError as error:
            raise self._unreadable(component, number, f"read failed: {error.strerror}") from error
        images = [data[at : at + size] for at in range(0, count * size, size)]
        value, checksums = google_crc32c.value, self.checksums[component]
        for at, image in enumerate(images):
            if value(image) != checksums[number + at]:
                raise self._unreadable(component, number + at, _MISMATCH)
        return images

    def _unreadable(self, component: int, number: int, what: str) -> Damaged:
        return Damaged(
            what,
            feedback=READ_CODE[component],
            component=COMPONENT_NAMES[component],
            rba=number * self.ci_sizes[component],
        )

    def _refusal(self, component: int = 0) -> VsamError:
        if self.closed:
            return InvalidAccess("the data set is closed")
        return PhysicalError(
            "an earlier write failed; close and open the data set again", feedback=WRITE_CODE[component]
        )

    # -- writing ----------------------------------------------------------------------------------------

    def extend(self, component: int, count: int, *, unit: int) -> int:
        """Add `count` empty CIs at the high-used end and return the number of the first.

        Space grows by `unit` CIs at a time. The CIs are part of the sphere from the next commit on. Raises
        NoSpace (feedback 28).
        """
        self.reserve(component, count, unit=unit)
        first = self.used[component]
        self.note_empty(component, first, first + count)
        self.used[component] = first + count
        return first

    def reserve(self, component: int, count: int, *, unit: int) -> None:
        """Allocate, durably, so that `count` more CIs can follow. Raises NoSpace (feedback 28)."""
        self.require_sound()
        needed = self.used[component] + count
        if needed <= self.allocated[component]:
            return
        if unit < 1 or self.extents[component] >= sphere_state.MAXIMUM_EXTENTS:
            raise NoSpace("no secondary space or no more extents", component=COMPONENT_NAMES[component])
        allocated = self.allocated[component]
        target = allocated + max(unit, -(-(needed - allocated) // unit) * unit)
        if target * self.ci_sizes[component] > sphere_state.MAXIMUM_BYTES:
            raise NoSpace("the data set would pass 4 GiB", component=COMPONENT_NAMES[component])
        try:
            self.devices[component].resize(target * self.ci_sizes[component])
        except OSError as error:
            if error.errno not in FULL:
                raise self._poison(component, error) from error
            raise NoSpace("the volume is full", component=COMPONENT_NAMES[component]) from error
        self._guard(component, self.devices[component].sync)
        self.allocated[component] = target
        self.extents[component] += 1

    def commit(self, images: Sequence[tuple[int, int, bytes]], state: bytes, *, sync: bool) -> None:
        """Append one group of (component, CI number, image). With `sync` it is durable on return."""
        self.require_sound()
        self.state = state
        try:
            offsets = self.journal.append(images, self._sphere())
            if sync:
                self.journal.sync()
        except OSError as error:
            raise self._poison(0, error) from error
        self.commits += 1
        value, logged, checksums = google_crc32c.value, self.logged, self.checksums
        for (component, number, image), offset in zip(images, offsets, strict=True):
            logged[component][number] = offset
            checksums[component][number] = value(image)
        if self.journal.end > CHECKPOINT_BYTES:
            self.checkpoint()

    def harden(self) -> None:
        """Make every group committed so far durable."""
        self.require_sound()
        self._guard(0, self.journal.sync)

    def _sphere(self) -> bytes:
        rows = [
            sphere_state.Component(*row)
            for row in zip(self.ci_sizes, self.used, self.allocated, self.extents, strict=True)
        ]
        return sphere_state.build(sphere_state.Sphere(rows, self.state))

    def checkpoint(self) -> None:
        """Bring everything home (see the head of this file)."""
        try:
            self._journal_checksums()
            for component in range(len(self.devices)):
                self._write_homes(component)
            self._retire()
        except OSError as error:
            raise self._poison(0, error) from error

    def _journal_checksums(self) -> None:
        pages = [
            (SUM_BASE + component, page, data)
            for component, checksums in enumerate(self.checksums)
            for page, data in checksums.dirty_pages()
        ]
        if pages:
            self.journal.append(pages, self._sphere())
        self.journal.sync()

    def _write_homes(self, component: int) -> None:
        size, logged = self.ci_sizes[component], self.logged[component]
        empty = control_interval.empty(size)
        run: list[bytes] = []
        start = 0
        for number in sorted({*logged, *range(self.home_used[component], self.used[component])}):
            if run and (number != start + len(run) or len(run) * size >= RUN_BYTES):
                self.devices[component].write(start * size, b"".join(run))
                run = []
            if not run:
                start = number
            offset = logged.get(number)
            run.append(empty if offset is None else self.journal.read(offset, size))
        if run:
            self.devices[component].write(start * size, b"".join(run))

    def _retire(self) -> None:
        """Homes are written: bring the checksum pages home, sync everything, forget the journal."""
        for component, checksums in enumerate(self.checksums):
            for page, data in checksums.dirty_pages():
                self.side.write(checksum_page.page_offset(component, page), data)
        for device in (*self.devices, self.side):
            device.sync()
        self.journal.forget(self._sphere())
        for checksums in self.checksums:
            checksums.written()
        self.logged = [{} for _ in self.devices]
        self.home_used = list(self.used)

    # -- load: homes written directly --------------------------------------------------------------------

    def write_homes(self, component: int, first: int, images: Iterable[bytes]) -> None:
        """Load only: write consecutive CIs of a component that nothing refers to yet. Not synced."""
        images = list(images)
        value, checksums = google_crc32c.value, self.checksums[component]
        for number, image in enumerate(images, first):
            checksums[number] = value(image)
        data = b"".join(images)
        self._guard(component, lambda: self.devices[component].write(first * self.ci_sizes[component], data))

    def finish_load(self, state: bytes) -> None:
        """Sync what `write_homes` wrote and make it count."""
        self.state = state
        self._guard(0, self._retire)

    def reset(self, state: bytes) -> None:
        """Forget every CI of the sphere (REUSE): high-used becomes zero, space stays allocated."""
        self.require_sound()
        before, self.used = self.used, [0 for _ in self.used]
        self.state = state
        try:
            self.journal.forget(self._sphere())
        except OSError as error:
            self.used = before  # so that every request gets as far as the refusal
            raise self._poison(0, error) from error
        self.home_used = list(self.used)
        self.checksums = [Checksums(component) for component in range(len(self.devices))]
        self.logged = [{} for _ in self.devices]

    # -- ending -----------------------------------------------------------------------------------------

    def require_sound(self) -> None:
        """Raises PhysicalError after a failed write, InvalidAccess after `close`."""
        if self.failed:
            raise self._refusal()

    def _guard(self, component: int, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            raise self._poison(component, error) from error

    def _poison(self, component: int, error: OSError) -> PhysicalError:
        self._stop()
        return PhysicalError(
            f"write failed: {error.strerror or error}",
            feedback=WRITE_CODE[component],
            component=COMPONENT_NAMES[component],
        )

    def _stop(self) -> None:
        """From here on nothing is answered, not from the owner's buffers either (`on_failure` empties them)."""
        self.failed = True
        self.on_failure()

    def close(self) -> None:
        """Bring everything home and let go. After a failure only let go: the next open recovers."""
        try:
            if self.writable and not self.failed:
                if self.journal.pending or self.rebuilt:
                    self.checkpoint()
                self._guard(0, self.journal.tidy)
        finally:
            self.closed = True
            self._stop()
            for device in (*self.devices, self.side):
                device.close()
            self.journal.close()
