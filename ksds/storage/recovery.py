"""Opening a sphere: lock it, find the newest state after a crash, bring it home.

Commits of the journal are replayed in memory only: where the newest image of each CI stands, and which edits are to be
made to it. For a reader that is all. A writer then brings everything home by a checkpoint as always, or, while a reader
is there, goes on with the journal as it is. Replayed twice it says the same, so that a crash in here costs nothing but
another recovery.
"""

from __future__ import annotations

import google_crc32c

from ksds.errors import Damaged, OpenError, VsamError
from ksds.layout import sphere_state
from ksds.layout.journal_group import EDIT
from ksds.storage import sphere_files
from ksds.storage.checksums import PER_PAGE
from ksds.storage.component import Component, Health
from ksds.storage.device import Device, Folder
from ksds.storage.journal import Journal
from ksds.storage.pager import Pager
from ksds.storage.sphere_files import READ_CODE, SUM_BASE


def open_pager(folder: Folder, stem: str, *, writable: bool, beside: bool = False) -> Pager:
    """The pager of a sphere, with the newest committed state. `beside`: a reader that does not mind a writer.

    Raises OpenError(168) if another handle excludes this one, OpenError(184) after an I/O error, Damaged if the
    files contradict the journal or it cannot be trusted, FileNotFoundError if a file is missing.
    """
    opened: list[Device] = []
    try:
        journal_device, base_side = _open(folder, sphere_files.journal_file(stem), opened), None
        base_side = _open(folder, sphere_files.checksum_file(stem, 0), opened)
        sphere_files.lock(journal_device, base_side, writable=writable, beside=beside)
        journal, health = Journal.open(journal_device), Health()
        rows = sphere_state.parse(journal.header.state).components
        components = [
            Component(number, row, _open(folder, sphere_files.component_file(stem, number), opened), journal, health)
            if row.ci_size
            else None
            for number, row in enumerate(rows)
        ]
        sides = [base_side] + [
            _open(folder, sphere_files.checksum_file(stem, number // 2), opened) if components[number] else None
            for number in range(2, len(rows), 2)
        ]
        pager = Pager(components, sides, journal, health)
        _recover(pager, writable=writable)
    except BaseException as error:
        for device in opened:
            device.close()
        if isinstance(error, OSError) and not isinstance(error, VsamError | FileNotFoundError):
            raise OpenError(f"I/O error: {error.strerror or error}", feedback=OpenError.IO_ERROR) from error
        raise
    return pager


def _open(folder: Folder, name: str, opened: list[Device]) -> Device:
    opened.append(folder.open(name))
    return opened[-1]


def _recover(pager: Pager, *, writable: bool) -> None:
    for component in pager.present():
        _check_geometry(component)
        side = pager.sides[component.number // 2]
        assert side is not None
        component.checksums.load(side, component.used)
    replayed = _replay(pager)
    _rebuild_checksums(pager)
    if not writable:
        return
    pager.writable = True
    pager.journal.cut_tail()
    if replayed:
        with pager.alone() as alone:
            if alone:
                pager.checkpoint()


def _check_geometry(component: Component) -> None:
    if component.device.size() < component.used * component.ci_size:
        raise Damaged(
            "the file is shorter than its high-used RBA",
            feedback=READ_CODE[component.number % 2],
            component=component.name,
            rba=component.device.size(),
        )


def _replay(pager: Pager) -> bool:
    """Note what the journal says of each CI. True if it says anything."""
    found = False
    for commit in pager.journal.scan():
        found = True
        pager.take_state(commit.state)
        for number, kind, ci, offset, data in commit.entries:
            if number >= SUM_BASE:
                pager.component(number - SUM_BASE).checksums.restore(ci, data)
            elif kind == EDIT:
                pager.component(number).edited.setdefault(ci, []).append(data)
            else:
                pager.component(number).note(ci, offset, data)
    return found


def _rebuild_checksums(pager: Pager) -> None:
    """A checksum page damaged at rest says nothing about the CIs it covers: take them as they are."""
    for component in pager.present():
        size, checksums = component.ci_size, component.checksums
        for page in sorted(checksums.damaged):
            end = min((page + 1) * PER_PAGE, component.home_used)
            for number in range(page * PER_PAGE, end):
                if number not in component.logged:
                    checksums[number] = google_crc32c.value(component.device.read(number * size, size))
            pager.rebuilt.append((component, page))
