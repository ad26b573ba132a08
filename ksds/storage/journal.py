"""The redo journal of one sphere: append groups, find them again, forget them.

Order of writes of one `append`: the body first, in slices, then the group header in front of it. Nothing
relies on that order: a group counts only if header CRC, body CRC, salt and sequence all agree, so a crash
anywhere leaves either the whole group or the end of the journal.

A commit may be several groups, all but its last `continued`. `scan` takes it as a whole: groups that no last one
follows belong to a commit that never happened, and are cut off like a torn tail.

`forget` writes a new header, with a new salt, over one copy and syncs it, then over the other. Until the first
is durable the old one rules and its groups are replayed once more, which changes nothing: whatever has come home
since is an image that they hold, too. At rest both copies are equal, so that damage to one of them loses nothing.

A state that outgrows its headers (a sphere with nothing pending was given one more member) makes them wide. The second
wide copy is written first and synced: it stands beyond both narrow ones, which rule while one of them is whole. Then
the first one takes their place.

A break in the middle is told from a torn tail by the `durable` field: each group names the newest group
that was synced before it was written. A broken group that a later one calls durable is damage, and damage
is reported, never skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import google_crc32c

from ksds.errors import Damaged
from ksds.layout import journal_group as layout
from ksds.storage.device import Device

PREWRITTEN = 1 << 20
"""Bytes that are at most written ahead of small groups: overwriting is synced faster than appending. A journal that was
short until now is doubled: whoever commits once and closes waits for less."""

_FIRST_WRITTEN = 64 << 10

_SLICE = 64
_LOOK_AHEAD = 128 << 10
"""Bytes read at once in search of a later group: what was written ahead is mostly empty."""


class Found(NamedTuple):
    """An entry found by `scan`. Of an image or a checksum page `edit` is empty: it stands at `offset` of the file, and
    its CRC-32C is `crc`, so that a commit of any size needs little memory."""

    component: int
    kind: int
    number: int
    offset: int
    length: int
    crc: int
    edit: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """A whole commit found by `scan`: the sphere's state after it, and its entries, oldest first."""

    state: bytes
    entries: list[Found]


class Journal:
    """Groups of entries on one device. Knows sequence numbers and salts, not what entries mean."""

    def __init__(self, device: Device, header: layout.JournalHeader, slot: int) -> None:
        self._device = device
        self._slot = slot
        self.header = header
        self._end = self._found_from = self._groups_at
        self._written_to = device.size()
        self._sequence = header.sequence
        self._durable = header.sequence
        self.unfinished = False

    @classmethod
    def create(cls, device: Device, state: bytes) -> None:
        """Write both header copies of a new sphere and sync them."""
        sphere = os.urandom(16)
        salt = int.from_bytes(os.urandom(4))
        header = layout.JournalHeader(salt, 0, 0, sphere, state)
        copy = layout.build_header(header)
        for slot in (0, 1):
            device.write(slot * len(copy), copy)
        device.sync()

    @classmethod
    def open(cls, device: Device) -> Journal:
        """Choose the ruling header. Raises Damaged if neither copy is valid."""
        copies = _copies(device, layout.HEADER_BYTES) or _copies(device, layout.WIDE_HEADER_BYTES)
        if not copies:
            raise Damaged("both header copies of the journal are damaged", feedback=Damaged.READ_DATA, rba=0)
        _, slot, header = max(copies)
        journal = cls(device, header, slot)
        if len(copies) == 1:
            journal._refuse_groups_of_a_lost_header()
        return journal

    @property
    def _header_bytes(self) -> int:
        return layout.header_bytes(len(self.header.state))

    @property
    def _groups_at(self) -> int:
        return 2 * self._header_bytes

    def look_again(self) -> bool:
        """Another writer may have been at work. True if the journal began anew: then the header is another, and
        nothing that was found before counts. `scan` goes on from where this journal stands."""
        now = Journal.open(self._device)
        self._written_to = now._written_to
        if now.header.epoch == self.header.epoch:
            return False
        self.header, self._slot = now.header, now._slot
        self._end, self._sequence, self._durable = now._end, now._sequence, now._durable
        return True

    def take_turn(self) -> bool:
        """Hold the journal alone until `end_turn`. False if somebody else does."""
        return self._device.lock(True)

    def end_turn(self) -> None:
        """Let others write."""
        self._device.release()

    def _refuse_groups_of_a_lost_header(self) -> None:
        """A torn header has no groups yet. If there are some, the copy that rules them was damaged later."""
        first = layout.parse_group_header(self._device.read(self._groups_at, layout.GROUP_HEADER_BYTES))
        if first is not None and first.salt == _next_salt(self.header.salt):
            raise Damaged("a header copy of the journal is damaged", feedback=Damaged.READ_DATA, rba=0)

    @property
    def end(self) -> int:
        """Offset at which the next group will stand."""
        return self._end

    @property
    def pending(self) -> bool:
        """True if there are groups that `forget` has not retired. `unfinished`: the last of them is continued."""
        return self._end > self._groups_at

    def append(self, entries: Sequence[layout.Entry], state: bytes, *, continued: bool = False) -> list[int]:
        """Write a group and return the offset of each entry's bytes. Not yet synced."""
        front = state + layout.build_entries(entries)
        at = self._end + layout.GROUP_HEADER_BYTES
        crc = google_crc32c.value(front)
        offsets = []
        position = at + len(front)
        length = len(front) + sum(len(data) for _, _, _, data in entries)
        if not self.pending:
            self._write_header(self._slot)  # again, in case a failed sync left it in the cache only
        self._write_ahead(at + length)
        first = front
        for start in range(0, len(entries), _SLICE):
            batch = entries[start : start + _SLICE]
            body = b"".join([data for _, _, _, data in batch])
            crc = google_crc32c.extend(crc, body)
            for _, _, _, data in batch:
                offsets.append(position)
                position += len(data)
            self._device.write(at, first + body)
            at += len(first) + len(body)
            first = b""
        if first:
            self._device.write(at, first)
        header = layout.GroupHeader(
            self.header.salt, self._sequence + 1, self._durable, length, len(entries), len(state), continued, crc
        )
        self._device.write(self._end, layout.build_group_header(header))
        self._sequence += 1
        self._end = layout.aligned(position)
        self._written_to = max(self._written_to, position)
        self.unfinished = continued
        return offsets

    def _write_ahead(self, end: int) -> None:
        ahead = min(PREWRITTEN, max(_FIRST_WRITTEN, self._written_to))
        if end > self._written_to and end - self._end < ahead // 4:
            self._device.write(self._written_to, bytes(ahead))
            self._written_to += ahead

    def sync(self) -> None:
        """Make all appended groups durable."""
        if self._durable < self._sequence:
            self._device.sync()
            self._durable = self._sequence

    def read(self, offset: int, length: int) -> bytes:
        """An image at an offset that `append` or `scan` gave."""
        return self._device.read(offset, length)

    def scan(self) -> Iterator[Commit]:
        """Every whole commit of the ruling header, oldest first; positions the journal after the last.

        Raises Damaged for a broken group that a later one knew to be durable.
        """
        end, sequence = self._end, self._sequence
        self._found_from = end
        entries: list[Found] = []
        while (group := self._next_group(end, sequence + 1)) is not None:
            header, body = group
            entries += _entries(header, body, end)
            sequence += 1
            end = layout.aligned(end + layout.GROUP_HEADER_BYTES + header.body_length)
            if not header.continued:
                self._end, self._sequence = end, sequence
                yield Commit(body[: header.state_length], entries)
                entries = []

    def _next_group(self, offset: int, sequence: int) -> tuple[layout.GroupHeader, bytes] | None:
        """The group at `offset`, None at the end of the journal. A writer may be at work: what was not there when we
        looked, and has a later group that depends on it when we look again, must be there by now."""
        group = self._group_at(offset, sequence)
        if group is None and self._depends_on(sequence, offset):
            group = self._group_at(offset, sequence)
            if group is None:
                what = f"journal group {sequence} is damaged and later groups depend on it"
                raise Damaged(what, feedback=Damaged.READ_DATA, rba=offset)
        return group

    def cut_tail(self) -> None:
        """Make durable what `scan` found, and nothing after it. For the writer, before its first group.

        What was found is written again. Then the rest is cut off: behind a lost group a later one may have
        arrived whole, and would count again once a new group of the lost one's length stood before it. In this
        order, because the rest may be what an older header, alone on the disk, still needs.
        """
        if self._device.size() <= self._groups_at:
            return
        self._write_header(self._slot)
        self._found_from = self._groups_at
        self.write_again()
        self._device.sync()
        self._device.resize(self._end)
        self._device.sync()
        self._written_to = self._end
        self._durable = self._sequence

    def write_again(self) -> None:
        """Write what the last `scan` found in its place, for the next sync to take along: after a failed sync, or the
        death of a process, the cache may show what the disk does not hold and no other sync would write."""
        for at in range(self._found_from, self._end, PREWRITTEN):
            self._device.write(at, self._device.read(at, min(PREWRITTEN, self._end - at)))

    def _group_at(self, offset: int, sequence: int) -> tuple[layout.GroupHeader, bytes] | None:
        header = layout.parse_group_header(self._device.read(offset, layout.GROUP_HEADER_BYTES))
        if header is None or header.salt != self.header.salt or header.sequence != sequence:
            return None
        start = offset + layout.GROUP_HEADER_BYTES
        if header.body_length > self._device.size() - start:
            return None
        body = self._device.read(start, header.body_length)
        return (header, body) if google_crc32c.value(body) == header.body_crc else None

    def _depends_on(self, sequence: int, offset: int) -> bool:
        """True if a group behind `offset` knew group `sequence` to be durable."""
        return any(
            header.salt == self.header.salt and header.durable >= sequence
            for at in range(offset, self._device.size(), _LOOK_AHEAD)
            for header in layout.group_headers(self._device.read(at, _LOOK_AHEAD))
        )

    def forget(self, state: bytes) -> None:
        """Everything is home: start anew behind a new header that carries `state`. Synced."""
        old = self.header
        self.header = layout.JournalHeader(_next_salt(old.salt), old.epoch + 1, self._sequence, old.sphere, state)
        if self._header_bytes > layout.header_bytes(len(old.state)):
            self._slot = 0
        other, self._slot = self._slot, self._slot ^ 1
        for slot in (self._slot, other):
            self._write_header(slot)
            self._device.sync()
        self._end = self._groups_at
        self._durable = self._sequence

    def _write_header(self, slot: int) -> None:
        self._device.write(slot * self._header_bytes, layout.build_header(self.header))

    def tidy(self) -> None:
        """Cut the file to its headers if nothing is left to replay."""
        if not self.pending and self._device.size() > self._groups_at:
            self._device.resize(self._groups_at)

    def close(self) -> None:
        """Let go of the file."""
        self._device.close()


def _copies(device: Device, size: int) -> list[tuple[int, int, layout.JournalHeader]]:
    """(epoch, slot, header) of each valid copy of this size."""
    found = [(slot, layout.parse_header(device.read(slot * size, size))) for slot in (0, 1)]
    return [(header.epoch, slot, header) for slot, header in found if header is not None]


def _entries(header: layout.GroupHeader, body: bytes, group_at: int) -> list[Found]:
    at = header.state_length + header.entries * layout.ENTRY_BYTES
    rows = layout.parse_entries(body[header.state_length : at])
    if rows is None or at + sum(length for _, _, _, length in rows) != header.body_length:
        raise Damaged("a journal group contradicts its own table", feedback=Damaged.READ_DATA, rba=group_at)
    found = []
    body_at = group_at + layout.GROUP_HEADER_BYTES
    for component, kind, number, length in rows:
        data = body[at : at + length]
        edit, crc = (data, 0) if kind == layout.EDIT else (b"", google_crc32c.value(data))
        found.append(Found(component, kind, number, body_at + at, length, crc, edit))
        at += length
    return found


def _next_salt(salt: int) -> int:
    return (salt + 0x9E3779B1) & 0xFFFFFFFF
