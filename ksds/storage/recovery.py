"""Opening a sphere: lock it, find the newest state after a crash, bring it home.

Groups of the journal are replayed in memory only, then a checkpoint writes them home as always. Being full
images they may be replayed any number of times, so that a crash in here costs nothing but another recovery.
"""

from __future__ import annotations

import google_crc32c

from ksds.errors import Damaged, OpenError, VsamError
from ksds.layout import checksum_page
from ksds.storage import sphere_files
from ksds.storage.checksums import PER_PAGE
from ksds.storage.device import Device, Folder
from ksds.storage.journal import Journal
from ksds.storage.pager import Pager
from ksds.storage.sphere_files import COMPONENT_NAMES, READ_CODE, SUM_BASE


def open_pager(folder: Folder, stem: str, components: int, *, writable: bool) -> Pager:
    """The pager of a sphere of one or two components, with the newest committed state.

    Raises OpenError(168) if another handle excludes this one, OpenError(184) after an I/O error, Damaged if the
    files contradict the journal or it cannot be trusted, FileNotFoundError if a file is missing.
    """
    opened: list[Device] = []
    try:
        for device in sphere_files.open_locked(folder, stem, components, writable=writable):
            opened.append(device)
        journal_device, side, *devices = opened
        pager = Pager(devices, side, Journal.open(journal_device), writable=writable)
        _recover(pager, journal_device)
    except BaseException as error:
        for device in opened:
            device.close()
        if isinstance(error, OSError) and not isinstance(error, VsamError | FileNotFoundError):
            raise OpenError(f"I/O error: {error.strerror or error}", feedback=OpenError.IO_ERROR) from error
        raise
    return pager


def _recover(pager: Pager, journal_device: Device) -> None:
    """A reader needs the sphere alone if there is anything to bring home: OpenError(168) if it is not. It may have
    files that are cut short as long as it writes nothing: the CIs that are gone are Damaged when they are read."""
    _check_geometry(pager, cut_short=not pager.writable)
    for checksums, used in zip(pager.checksums, pager.used, strict=True):
        checksums.load(pager.side, used)
    replayed = _replay(pager)
    _rebuild_checksums(pager)
    if not replayed and not pager.writable:
        return
    if not pager.writable and not journal_device.lock(True):
        raise OpenError("recovery needs the data set alone", feedback=OpenError.NOT_AVAILABLE)
    pager.journal.cut_tail()
    if replayed:
        pager.checkpoint()
    if not pager.writable:
        journal_device.lock(False)


def _check_geometry(pager: Pager, *, cut_short: bool) -> None:
    """A file that is `cut_short` passes if the checksum file shows that it was longer: else the state lies."""
    for component, device in enumerate(pager.devices):
        used = pager.used[component]
        if device.size() < used * pager.ci_sizes[component] and not (cut_short and _has_checksums(pager, component)):
            raise Damaged(
                "the file is shorter than its high-used RBA",
                feedback=READ_CODE[component],
                component=COMPONENT_NAMES[component],
                rba=device.size(),
            )


def _has_checksums(pager: Pager, component: int) -> bool:
    last_page = (pager.used[component] - 1) // PER_PAGE
    return pager.side.size() > checksum_page.page_offset(component, last_page)


def _replay(pager: Pager) -> bool:
    """Note where the newest image of each CI is. True if there was anything."""
    found = False
    for group in pager.journal.scan():
        found = True
        before = pager.used
        pager.take_state(group.state)
        _check_geometry(pager, cut_short=False)
        for component, count in enumerate(before):
            pager.note_empty(component, count, pager.used[component])
        for component, number, offset, length in group.images:
            image = pager.journal.read(offset, length)
            if component >= SUM_BASE:
                pager.checksums[component - SUM_BASE].restore(number, image)
            else:
                _check_place(pager, component, number, length)
                pager.logged[component][number] = offset
                pager.checksums[component][number] = google_crc32c.value(image)
    return found


def _check_place(pager: Pager, component: int, number: int, length: int) -> None:
    """An image that a group holds is of a CI that its state counts."""
    if component >= len(pager.devices) or number >= pager.used[component] or length != pager.ci_sizes[component]:
        what = f"a journal group holds {length} bytes for control interval {number} of component {component}"
        raise Damaged(what, feedback=Damaged.READ_DATA)


def _rebuild_checksums(pager: Pager) -> None:
    """A checksum page damaged at rest says nothing about the CIs it covers: take them as they are."""
    for component, checksums in enumerate(pager.checksums):
        size, logged = pager.ci_sizes[component], pager.logged[component]
        for page in sorted(checksums.damaged):
            end = min((page + 1) * PER_PAGE, pager.home_used[component])
            for number in range(page * PER_PAGE, end):
                if number not in logged:
                    image = pager.devices[component].read(number * size, size)
                    checksums[number] = google_crc32c.value(image)
            pager.rebuilt.append((component, page))
