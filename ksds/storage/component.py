"""One component of a sphere: numbered control intervals (CIs), the space they stand in, their checksums.

A CI is looked for in this order: its newest image in the journal (`logged`), nothing yet (at or above `home_used`: it
is empty), its home in the component's file. Edits that recovery found in the journal for it are made on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType

import google_crc32c

from ksds.errors import Damaged, InvalidAccess, NoSpace, PhysicalError, VsamError
from ksds.layout import control_interval, index_edit, record_edit, sphere_state
from ksds.storage.checksums import Checksums
from ksds.storage.device import Device
from ksds.storage.journal import Journal
from ksds.storage.sphere_files import COMPONENT_NAMES, FULL, READ_CODE, WRITE_CODE

RUN_BYTES = 256 * 1024

EMPTY_AT = 0
"""In place of an image's offset: the control interval is empty."""

_MISMATCH = "the control interval does not match its checksum"


class Health:
    """Whether the sphere still answers. After an I/O error of unknown effect nothing does, until the next open.

    As a context manager it stands around what must not be left half done: if anything but a VSAM outcome comes up
    inside, be it an interrupt, nobody can say what memory holds, and the sphere answers no more.
    """

    def __init__(self) -> None:
        self.failed = False
        self.closed = False
        self.on_failure: list[Callable[[], None]] = []

    def refusal(self, component: int = 0) -> VsamError:
        """What a request gets once the sphere has failed or is closed."""
        if self.closed:
            return InvalidAccess("the data set is closed")
        feedback = WRITE_CODE[component % 2]
        what = "an earlier request was cut short or a write failed; close and open the data set again"
        return PhysicalError(what, feedback=feedback)

    def stop(self) -> None:
        """From here on nothing is answered, not from anybody's buffers either."""
        self.failed = True
        for forget in self.on_failure:
            forget()

    def cut_short(self, error: BaseException | None) -> None:
        """A request ends with this error: stop, unless it is a VSAM outcome, which leaves everything sound."""
        if error is not None and not isinstance(error, VsamError):
            self.stop()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.cut_short(error)

    def poison(self, component: int, error: OSError) -> PhysicalError:
        """Stop; the error to raise."""
        self.stop()
        kind = component % 2
        what = f"write failed: {error.strerror or error}"
        return PhysicalError(what, feedback=WRITE_CODE[kind], component=COMPONENT_NAMES[kind])

    def guard(self, component: int, action: Callable[[], None]) -> None:
        """Do something to a disk. Raises PhysicalError after an OSError."""
        try:
            action()
        except OSError as error:
            raise self.poison(component, error) from error


class Component:
    """CIs of one size, counted from 0; `used` of them may be referred to, `allocated` have durable space."""

    def __init__(self, number: int, ci_size: int, device: Device, journal: Journal, health: Health) -> None:
        self.number = number
        self.name = COMPONENT_NAMES[number % 2]
        self.ci_size = ci_size
        self.used = self.home_used = 0
        self.allocated = self.extents = 0
        self.device = device
        self.checksums = Checksums(number)
        self.logged: dict[int, int] = {}
        self.edited: dict[int, list[bytes]] = {}
        self._empty_crc = google_crc32c.value(control_interval.empty(ci_size))
        self._edit = (record_edit.apply, index_edit.apply)[number % 2]
        self._journal = journal
        self._health = health

    @property
    def row(self) -> sphere_state.Component:
        """Its part of the sphere's state."""
        return sphere_state.Component(self.ci_size, self.used, self.allocated, self.extents)

    # -- reading ----------------------------------------------------------------------------------------

    def read(self, number: int) -> bytes:
        """The newest image of a CI. Raises Damaged (R15 = 12) if it does not match its checksum."""
        if self._health.failed:
            raise self._health.refusal(self.number)
        size = self.ci_size
        try:
            offset = self.logged.get(number)
            if offset:
                image = self._journal.read(offset, size)
            elif offset == EMPTY_AT or number >= self.home_used:
                image = control_interval.empty(size)
            else:
                image = self.device.read(number * size, size)
        except OSError as error:
            raise self._unreadable(number, f"read failed: {error.strerror}") from error
        if len(image) != size or google_crc32c.value(image) != self.checksums[number]:
            raise self._unreadable(number, _MISMATCH, image)
        edits = self.edited.get(number) if self.edited else None
        return self._edit(image, edits) if edits else image

    def read_run(self, first: int, count: int) -> list[bytes]:
        """`count` images from consecutive CIs, in one device read where all are at home."""
        size, elsewhere = self.ci_size, self.logged.keys() | self.edited.keys() if self.edited else self.logged
        if first + count > self.home_used or (elsewhere and any(n in elsewhere for n in range(first, first + count))):
            return [self.read(number) for number in range(first, first + count)]
        if self._health.failed:
            raise self._health.refusal(self.number)
        try:
            data = self.device.read(first * size, count * size)
        except OSError as error:
            raise self._unreadable(first, f"read failed: {error.strerror}") from error
        if len(data) < count * size:
            return [self.read(number) for number in range(first, first + count)]
        images = [data[at : at + size] for at in range(0, count * size, size)]
        value, checksums = google_crc32c.value, self.checksums
        for number, image in enumerate(images, first):
            if value(image) != checksums[number]:
                raise self._unreadable(number, _MISMATCH, image)
        return images

    def _unreadable(self, number: int, what: str, image: bytes = b"") -> Damaged:
        error = Damaged(what, feedback=READ_CODE[self.number % 2], component=self.name, rba=number * self.ci_size)
        error.image = image
        return error

    # -- space ------------------------------------------------------------------------------------------

    def extend(self, count: int, *, unit: int) -> int:
        """Add `count` empty CIs at the high-used end and return the number of the first.

        Space grows by `unit` CIs at a time. The CIs are part of the sphere from the next commit on. Raises
        NoSpace (feedback 28).
        """
        self.reserve(count, unit=unit)
        first = self.used
        self.take(first + count)
        return first

    def begin(self, row: sphere_state.Component, side: Device) -> None:
        """All CIs are at home, and `row` and the checksum file tell of them."""
        self.used = self.home_used = row.used
        self.allocated, self.extents = row.allocated, row.extents
        self.logged, self.edited = {}, {}
        self.checksums.load(side, row.used)

    def take(self, used: int) -> None:
        """CIs up to `used` are in use; new ones are empty until an image says otherwise."""
        if used > self.used:
            for number in range(self.used, used):
                self.checksums[number] = self._empty_crc
        self.used = used

    def reserve(self, count: int, *, unit: int) -> None:
        """Allocate, durably, so that `count` more CIs can follow. Raises NoSpace (feedback 28)."""
        if self._health.failed:
            raise self._health.refusal(self.number)
        needed = self.used + count
        if needed <= self.allocated:
            return
        if unit < 1 or self.extents >= sphere_state.MAXIMUM_EXTENTS:
            raise NoSpace("no secondary space or no more extents", component=self.name)
        target = self.allocated + max(unit, -(-(needed - self.allocated) // unit) * unit)
        if target * self.ci_size > sphere_state.MAXIMUM_BYTES:
            raise NoSpace("the data set would pass 4 GiB", component=self.name)
        try:
            self.device.resize(target * self.ci_size)
        except OSError as error:
            if error.errno not in FULL:
                raise self._health.poison(self.number, error) from error
            raise NoSpace("the volume is full", component=self.name) from error
        self._health.guard(self.number, self.device.sync)
        self.allocated = target
        self.extents += 1

    # -- writing ----------------------------------------------------------------------------------------

    def note(self, number: int, offset: int, crc: int) -> None:
        """The newest image of a CI, of this CRC-32C, stands in the journal."""
        self.logged[number] = offset
        self.checksums[number] = crc
        self.edited.pop(number, None)

    def note_edit(self, number: int, edit: bytes) -> None:
        """The journal holds one more edit of a CI, which nobody keeps in memory."""
        self.edited.setdefault(number, []).append(edit)

    def note_empty(self, number: int) -> None:
        """The journal says that a CI is empty."""
        self.note(number, EMPTY_AT, self._empty_crc)

    def load(self, first: int, images: Iterable[bytes]) -> None:
        """Load only (`Pager.begin_load`): write consecutive CIs that nothing refers to yet, home. Not synced."""
        images = list(images)
        value, checksums = google_crc32c.value, self.checksums
        for number, image in enumerate(images, first):
            checksums[number] = value(image)
        data = b"".join(images)
        self._health.guard(self.number, lambda: self.device.write(first * self.ci_size, data))

    def write_homes(self) -> None:
        """Bring home what the journal holds, in CI order, and write CIs that never had a home as empty. Not synced.

        Raises OSError.
        """
        size, logged, journal = self.ci_size, self.logged, self._journal
        empty = control_interval.empty(size)
        run: list[bytes] = []
        start = 0
        for number in sorted({*logged, *range(self.home_used, self.used)}):
            if run and (number != start + len(run) or len(run) * size >= RUN_BYTES):
                self.device.write(start * size, b"".join(run))
                run = []
            if not run:
                start = number
            offset = logged.get(number)
            run.append(journal.read(offset, size) if offset else empty)
        if run:
            self.device.write(start * size, b"".join(run))

    def settled(self) -> None:
        """Everything is home and the journal forgotten."""
        self.checksums.written()
        self.logged = {}
        self.home_used = self.used

    def empty(self) -> None:
        """No CI is in use; space stays allocated."""
        self.used = self.home_used = 0
        self.checksums = Checksums(self.number)
        self.logged, self.edited = {}, {}
