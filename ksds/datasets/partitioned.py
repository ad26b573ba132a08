"""A partitioned data set: members, aliases and statistics by name. The bytes are `library_file`'s.

As on the real thing a PDS does not use the space of replaced and deleted members again, until it is copied (as IEBCOPY
does to compress one); a PDSE does. An alias is a second entry for the same place: after a member of a PDS is replaced
or deleted its alias still shows the old one; in a PDSE it follows, or goes too.

Writers have the library alone; readers share it. Nothing is durable before `commit` or `close`; after an error inside
`with` nothing was changed.

Source: z/OS DFSMS Using Data Sets, "Processing a Partitioned Data Set" and "Processing a PDSE".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from types import TracebackType

from ksds.codepage import code_page
from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.library_file import LibraryFile, Window
from ksds.datasets.sequential import SequentialDataSet
from ksds.errors import DataSetError, DuplicateMember, MemberNotFound
from ksds.layout import library
from ksds.layout.library import DirectoryEntry, IspfStatistics
from ksds.storage.device import Device, MemoryFolder

IN_MEMORY = 16 << 20
"""Bytes of the largest member that `open_member` copies."""

_PAGE = code_page("cp037")
_MEMBER_NAME = re.compile(r"[A-Z@#$][A-Z0-9@#${]{0,7}")
_MEMBER_PATTERN = re.compile(r"[A-Z0-9@#${*%]{1,8}")
_WITH_MEMBER = re.compile(r"([^()]*)\(([^()]*)\)")


def member_name(text: str) -> str:
    """`text` in upper case if it is a member name: 1 to 8 of A-Z 0-9 @ # $ { with no digit first. Or DataSetError."""
    name = text.upper() if text.isascii() else text
    if not _MEMBER_NAME.fullmatch(name):
        raise DataSetError(f"{text[:20]!r} IS NOT A MEMBER NAME")
    return name


def check_member_pattern(text: str) -> str:
    """`text` in upper case if it can be a generic member name: % for one character, * for any. Or DataSetError."""
    pattern = text.upper() if text.isascii() else text
    if not _MEMBER_PATTERN.fullmatch(pattern):
        raise DataSetError(f"{text[:20]!r} IS NOT A GENERIC MEMBER NAME")
    return pattern


def open_member(library: PartitionedDataSet, member: str, mode: str) -> SequentialDataSet:
    """A member that closes its library with itself: "r" to read, "w" to write anew. Raises what those raise.

    One to read that is not large is copied into memory, and the library is free for others at once: a job may copy a
    member within a library.
    """
    try:
        if mode == "a":
            raise DataSetError("RECORDS CANNOT BE ADDED TO A MEMBER", data_set=f"{library.name}({member.upper()})")
        if mode == "r":
            reader = library.open(member)
            if reader.size() > IN_MEMORY:
                reader.owns_library = True
                return reader
            copy = MemoryFolder().open(member, create=True)
            copy.write(0, reader.read(0, IN_MEMORY))
            library.close()
            return SequentialDataSet(copy, reader.attributes, reader.name)
        writer = library.create(member)
    except DataSetError:
        library.close()
        raise
    writer.owns_library = True
    return writer


def split_member(name: str) -> tuple[str, str]:
    """`A.LIB(MEM)` as ("A.LIB", "MEM"); a name without a member as (name, "")."""
    found = _WITH_MEMBER.fullmatch(name)
    return (found.group(1), found.group(2)) if found else (name, "")


@dataclass(frozen=True, slots=True)
class Member:
    """A member, or an alias of `alias_of` ("" if the member it belonged to was replaced). `size` in bytes of blocks."""

    name: str
    is_alias: bool
    alias_of: str
    size: int
    ttr: int
    user_data: bytes

    @property
    def statistics(self) -> IspfStatistics | None:
        """ISPF's, if it has them."""
        return library.parse_statistics(self.user_data)


class PartitionedDataSet:
    """The members of one data set on `device`, which `close` closes. One user at a time."""

    def __init__(self, device: Device, attributes: DataSetAttributes, name: str = "", *, writable: bool) -> None:
        self.attributes = attributes
        self.name = name
        self._file = LibraryFile(device, name)
        self._writable = writable
        self._writing = False
        self._entries = {entry.name: entry for entry in self._file.committed}

    def __enter__(self) -> PartitionedDataSet:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self._writable = False
        self.close()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: str) -> bool:
        return _encoded(name) in self._entries

    # -- looking ------------------------------------------------------------------------------------------

    def members(self) -> list[Member]:
        """All members and aliases, in the order of their names in EBCDIC."""
        main = {entry.ttr: entry.name for entry in self._entries.values() if not entry.alias}
        return [self._member(entry, main.get(entry.ttr, b"")) for entry in self._in_order()]

    def member(self, name: str) -> Member:
        """Raises MemberNotFound."""
        entry = self._entry(name)
        main = (other.name for other in self._entries.values() if other.ttr == entry.ttr and not other.alias)
        return self._member(entry, next(main, b""))

    def open(self, name: str) -> MemberReader:
        """A member to read. Raises MemberNotFound, DataSetError if its bytes are damaged."""
        return MemberReader(self, self._file.member(self._entry(name).ttr), self._full(name))

    def records(self, name: str) -> Iterator[bytes]:
        """The records of a member."""
        return self.open(name).records()

    def space(self) -> tuple[int, int]:
        """(bytes of the library, bytes of them that deleted and replaced members have left), as last committed."""
        return self._file.space()

    # -- changing -----------------------------------------------------------------------------------------

    def create(self, name: str, user_data: bytes = b"") -> MemberWriter:
        """A new member, written with `append`; `close` puts it into the directory, in the place of one of that name.

        `user_data`: such as `layout.library.build_statistics` makes. One member at a time.
        """
        self._require_update()
        if self._writing:
            raise DataSetError("ANOTHER MEMBER IS BEING WRITTEN", data_set=self._full(name))
        member, user_data = member_name(name), _checked(user_data)
        with self._final():
            window = self._file.begin_member()
        writer = MemberWriter(self, window, member, user_data)
        self._writing = True
        return writer

    def stow(self, name: str, written: Window | None, user_data: bytes) -> None:
        """The end of `create`: enter what was written, or with None forget it."""
        self._writing = False
        if written is None:
            return
        entries = self._entries.values()
        with self._final():
            ttr = self._file.finish_member(written, entries, reuse_space=self.attributes.pdse)
        old = self._entries.get(_encoded(name))
        if self.attributes.pdse and old is not None and not old.alias:
            for other in [entry for entry in entries if entry.alias and entry.ttr == old.ttr]:
                self._put(replace(other, ttr=ttr))
        self._put(DirectoryEntry(_encoded(name), ttr, False, user_data))

    def delete(self, name: str) -> list[str]:
        """Forget a member; in a PDSE its aliases too. Returns the names deleted. Raises MemberNotFound."""
        self._require_update()
        entry = self._entry(name)
        gone = [entry.name]
        if self.attributes.pdse and not entry.alias:
            gone += [other.name for other in self._entries.values() if other.ttr == entry.ttr and other.alias]
        for one in gone:
            del self._entries[one]
        return [_decoded(one) for one in gone]

    def rename(self, old: str, new: str) -> None:
        """Raises MemberNotFound, DuplicateMember."""
        self._require_update()
        entry = self._entry(old)
        if new in self:
            raise DuplicateMember(member_name(new), self.name)
        del self._entries[entry.name]
        self._put(replace(entry, name=_encoded(new)))

    def add_alias(self, alias: str, name: str) -> None:
        """A second name for a member. Raises MemberNotFound, DuplicateMember."""
        self._require_update()
        if alias in self:
            raise DuplicateMember(member_name(alias), self.name)
        self._put(replace(self._entry(name), name=_encoded(alias), alias=True))

    def set_user_data(self, name: str, user_data: bytes) -> None:
        """The user data of a directory entry, an even number of bytes up to 62. Raises MemberNotFound."""
        self._require_update()
        self._put(replace(self._entry(name), user_data=_checked(user_data)))

    def commit(self) -> None:
        """Make every change durable, all or none. A failure is final."""
        self._require_update()
        if self._writing:
            raise DataSetError("A MEMBER IS STILL BEING WRITTEN", data_set=self.name or None)
        entries = self._in_order()
        if entries == self._file.committed:
            return
        with self._final():
            self._file.commit(entries)

    def close(self) -> None:
        """Commit and let the file go. A second close does nothing."""
        try:
            if self._writable:
                self.commit()
        finally:
            self._writable = False
            self._file.close()

    @contextmanager
    def _final(self) -> Iterator[None]:
        """A failed write or sync ends the library for this user; what was committed before stands."""
        try:
            yield
        except OSError as error:
            self._writable = False
            raise DataSetError(f"WRITE FAILED: {error.strerror or error}", data_set=self.name or None) from error

    def _in_order(self) -> list[DirectoryEntry]:
        return [entry for _, entry in sorted(self._entries.items())]

    def _member(self, entry: DirectoryEntry, main: bytes) -> Member:
        alias_of = _decoded(main) if entry.alias and main else ""
        size = self._file.length(entry.ttr)
        return Member(_decoded(entry.name), entry.alias, alias_of, size, entry.ttr, entry.user_data)

    def _entry(self, name: str) -> DirectoryEntry:
        entry = self._entries.get(_encoded(name))
        if entry is None:
            raise MemberNotFound(member_name(name), self.name)
        return entry

    def _put(self, entry: DirectoryEntry) -> None:
        self._entries[entry.name] = entry

    def _full(self, name: str) -> str:
        return f"{self.name}({name.upper()})"

    def _require_update(self) -> None:
        if not self._writable:
            raise DataSetError("THE LIBRARY IS NOT OPEN FOR UPDATE", data_set=self.name or None)


class MemberWriter(SequentialDataSet):
    """A member being written: `close` enters it into the directory, an error inside `with` forgets it."""

    __slots__ = ("_closed", "_library", "_member", "_user_data", "_window", "owns_library")

    def __init__(self, owner: PartitionedDataSet, window: Window, member: str, user_data: bytes) -> None:
        super().__init__(window, owner.attributes, f"{owner.name}({member})")
        self._library = owner
        self._window = window
        self._member = member
        self._user_data = user_data
        self._closed = False
        self.owns_library = False
        """The library is closed, which commits, together with this member."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def close(self) -> None:
        """Enter the member as it is. A second close does nothing."""
        if self._closed:
            return
        try:
            self.flush()
        except BaseException:
            self.discard()
            raise
        self._leave(self._window)

    def discard(self) -> None:
        """Forget what was written; the library stays as it was."""
        if not self._closed:
            self._leave(None)

    def _leave(self, written: Window | None) -> None:
        self._closed = True
        try:
            self._library.stow(self._member, written, self._user_data)
        finally:
            if self.owns_library:
                self._library.close()


class MemberReader(SequentialDataSet):
    """A member to read."""

    __slots__ = ("_library", "owns_library")

    def __init__(self, owner: PartitionedDataSet, window: Window, name: str) -> None:
        super().__init__(window, owner.attributes, name)
        self._library = owner
        self.owns_library = False

    def close(self) -> None:
        """Let go; with `owns_library` of the library too."""
        if self.owns_library:
            self._library.close()


def _checked(user_data: bytes) -> bytes:
    if len(user_data) > library.MAXIMUM_USER_DATA or len(user_data) % 2:
        raise DataSetError(f"{len(user_data)} BYTES OF USER DATA ARE NOT AN EVEN NUMBER UP TO 62")
    return user_data


@lru_cache(maxsize=4096)
def _encoded(name: str) -> bytes:
    return _PAGE.pad(member_name(name), library.NAME_LENGTH)


def _decoded(name: bytes) -> str:
    return _PAGE.decode(name).rstrip(" ")
