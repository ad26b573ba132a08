"""Opening a sphere: lock it, find the newest state after a crash, bring it home.

Commits of the journal are replayed in memory only: where the newest image of each CI stands, and which edits are to be
made to it. For a reader that is all. A writer then brings everything home by a checkpoint as always, or, while a reader
is there, goes on with the journal as it is. Replayed twice it says the same, so that a crash in here costs nothing but
another recovery.

Writers that take turns open like readers, and recover in each turn what has been committed since the one before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import google_crc32c

from ksds.errors import Damaged, OpenError, VsamError
from ksds.layout import checksum_page, sphere_state
from ksds.layout.journal_group import EDIT, EMPTY
from ksds.storage import sphere_files
from ksds.storage.checksums import PER_PAGE
from ksds.storage.component import Component, Health
from ksds.storage.device import Device, Folder
from ksds.storage.journal import Journal
from ksds.storage.pager import Pager
from ksds.storage.sphere_files import READ_CODE, SUM_BASE


def open_pager(
    folder: Folder,
    stem: str,
    *,
    for_output: bool,
    in_turns: bool = False,
    beside: bool = False,
    partial: bool = False,
    members: Collection[int] | None = None,
) -> Pager:
    """The pager of a sphere, with the newest committed state. `in_turns`: for output as others may, too. `beside`: a
    reader that does not mind a writer. Left out are, but not the base, members that are not among `members` (a
    reader's; None: all), and with `partial` those whose files are missing.

    Raises OpenError(168) if another handle excludes this one, OpenError(184) after an I/O error, Damaged if the
    files contradict the journal or it cannot be trusted, FileNotFoundError if a file is missing.
    """
    opened: list[Device] = []
    writable, beside = for_output and not in_turns, beside or in_turns

    def opening(name: str) -> Device:
        opened.append(folder.open(name, writable=for_output))
        return opened[-1]

    try:
        journal_device = opening(sphere_files.journal_file(stem))
        base_side = opening(sphere_files.checksum_file(stem, 0))
        sphere_files.lock(journal_device, base_side, writable=writable, beside=beside)
        journal, health = Journal.open(journal_device), Health()
        rows = sphere_state.parse(journal.header.state).components
        left_out: dict[int, sphere_state.Component] = {}
        for member in range(1, len(rows) // 2):
            wanted = members is None or member in members
            if not wanted or (partial and not _there(folder, stem, member, rows)):
                left_out |= _rows_of(member, rows)
        components = [
            Component(number, row.ci_size, opening(sphere_files.component_file(stem, number)), journal, health)
            if row.ci_size and number not in left_out
            else None
            for number, row in enumerate(rows)
        ]
        sides: list[Device | None] = [base_side]
        for number in range(2, len(rows), 2):
            sides.append(opening(sphere_files.checksum_file(stem, number // 2)) if components[number] else None)
        pager = Pager(components, sides, journal, health)
        pager.left_out = left_out
        _begin(pager, writable=writable)
        replayed = _replay(pager)
        _rebuild_checksums(pager)
        pager.not_closed = pager.flagged and (writable or not beside)
        if writable:
            go_on(pager, replayed=replayed)
            pager.open_for_output = True
    except BaseException as error:
        for device in opened:
            device.close()
        if isinstance(error, OSError) and not isinstance(error, VsamError | FileNotFoundError):
            raise OpenError(f"I/O error: {error.strerror or error}", feedback=OpenError.IO_ERROR) from error
        raise
    return pager


def _there(folder: Folder, stem: str, member: int, rows: Sequence[sphere_state.Component]) -> bool:
    """True if no file of a member is missing."""
    sizes = [row.ci_size for row in _rows_of(member, rows).values()]
    return all(map(folder.exists, sphere_files.member_files(stem, member, sizes))) if sizes else True


def _rows_of(member: int, rows: Sequence[sphere_state.Component]) -> dict[int, sphere_state.Component]:
    """Component number and row of what a member has."""
    return {number: rows[number] for number in (2 * member, 2 * member + 1) if rows[number].ci_size}


def go_on(pager: Pager, *, replayed: bool) -> None:
    """From here on this handle writes."""
    pager.writable = True
    pager.journal.cut_tail()
    if replayed:
        with pager.alone() as alone:
            if alone:
                pager.checkpoint()


def catch_up(pager: Pager) -> bool:
    """Take in what other writers have committed since this handle looked last. True if there is anything.

    Raises Damaged, OSError.
    """
    anew = pager.journal.look_again()
    if anew:
        _begin(pager, writable=True)
    replayed = _replay(pager)
    if anew:
        _rebuild_checksums(pager)
    return anew or replayed


def _begin(pager: Pager, *, writable: bool) -> None:
    """Everything as the journal's header says. A reader may have files that are cut short: the CIs that are gone are
    Damaged when they are read."""
    sphere = sphere_state.parse(pager.journal.header.state)
    pager.state, pager.flagged = sphere.owner, sphere.open_for_output
    for component in pager.present():
        row, side = sphere.components[component.number], _side(pager, component)
        _check_geometry(component, row.used, cut_short_below=None if writable else side.size())
        component.begin(row, side)


def _side(pager: Pager, component: Component) -> Device:
    side = pager.sides[component.number // 2]
    assert side is not None
    return side


def _check_geometry(component: Component, used: int, *, cut_short_below: int | None = None) -> None:
    """A file that is cut short passes if its checksum file, of so many bytes, shows that it was longer."""
    if component.device.size() < used * component.ci_size:
        last_page = (used - 1) // PER_PAGE
        if cut_short_below is None or cut_short_below <= checksum_page.page_offset(component.number, last_page):
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
        _check_state(pager, commit.state)
        pager.take_state(commit.state)
        for number, kind, ci, offset, length, crc, edit in commit.entries:
            if number % SUM_BASE in pager.left_out:
                continue
            if number >= SUM_BASE:
                _component(pager, number - SUM_BASE).checksums.restore(ci, pager.journal.read(offset, length))
            elif kind == EDIT:
                _place(pager, number, ci).note_edit(ci, edit)
            elif kind == EMPTY:
                _place(pager, number, ci).note_empty(ci)
            elif length == _place(pager, number, ci).ci_size:
                pager.component(number).note(ci, offset, crc)
            else:
                raise _lies(f"an image of {length} bytes", number, ci)
    return found


def _check_state(pager: Pager, state: bytes) -> None:
    """Components stay what they are, and have the space that the state counts."""
    rows = sphere_state.parse(state).components
    if [row.ci_size for row in rows] != [row.ci_size for row in pager.rows]:
        raise Damaged("the journal's states are of different components", feedback=Damaged.READ_DATA, component="data")
    for component in pager.present():
        _check_geometry(component, rows[component.number].used)


def _component(pager: Pager, number: int) -> Component:
    component = pager.components[number] if number < len(pager.components) else None
    if component is None:
        raise _lies("something", number, 0)
    return component


def _place(pager: Pager, number: int, ci: int) -> Component:
    """The component of a CI that the state counts."""
    component = _component(pager, number)
    if ci >= component.used:
        raise _lies("something", number, ci)
    return component


def _lies(what: str, number: int, ci: int) -> Damaged:
    where = f"control interval {ci} of component {number}"
    return Damaged(f"a journal group holds {what} for {where}", feedback=Damaged.READ_DATA)


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
