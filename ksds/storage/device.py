"""The outside world in a few methods: a file, and a flat folder of files.

Everything that the store, the journal, the queue and the checkpoint data set do to a disk goes through
here, so that a test can stand in the way: record each call, cut the log anywhere, drop or tear what was
not synced. What the rest may assume of a disk, and nothing more:

1. Bytes written and then `sync`ed survive a crash. Unsynced writes may survive in any order, in part, or not.
2. A write is torn at multiples of 512 bytes at the finest; bytes outside its range are never touched.
3. A created, removed or renamed file survives only after `Folder.sync`.

A failed `sync` is final: the kernel may have dropped the pages, so it is never repeated (USENIX ATC 2020).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path
from typing import Protocol

WRITE_SLICE = 256 * 1024
"""Bytes a system call writes at most: larger calls were slower on new files (docs/PERFORMANCE.md)."""


class Device(Protocol):
    """One file of bytes. All methods may raise OSError."""

    def size(self) -> int: ...

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; shorter only at the end of the file."""
        ...

    def write(self, offset: int, data: bytes) -> None: ...

    def resize(self, size: int) -> None:
        """Cut, or grow with zeros that have space allocated (so ENOSPC comes now and not later)."""
        ...

    def write_back(self, offset: int, length: int) -> None:
        """What was written there may begin its way to the disk, so that the sync to come waits less. A hint: nothing is
        promised, and nothing is waited for."""
        ...

    def sync(self) -> None:
        """Make everything written durable. A failure is final."""
        ...

    def lock(self, exclusive: bool, *, wait: bool = False) -> bool:
        """Hold the file until `release` or `close`, alone or with other sharers. False if it is held elsewhere."""
        ...

    def release(self) -> None:
        """Hold the file no longer."""
        ...

    def close(self) -> None: ...


class Folder(Protocol):
    """One flat directory of devices."""

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> Device:
        """Raises FileNotFoundError, or with `create` FileExistsError; OSError if it is no regular file."""
        ...

    def exists(self, name: str) -> bool: ...

    def names(self) -> list[str]: ...

    def remove(self, name: str) -> None: ...

    def rename(self, old: str, new: str) -> None: ...

    def sync(self) -> None:
        """Make creations, removals and renames durable."""
        ...


class FileDevice:
    """A regular file, by descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._open = True

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def identity(self) -> tuple[int, int, int]:
        """Size in bytes, modification time in ns, inode."""
        status = os.fstat(self._descriptor)
        return status.st_size, status.st_mtime_ns, status.st_ino

    def read(self, offset: int, length: int) -> bytes:
        data = os.pread(self._descriptor, length, offset)
        if len(data) == length or not data:
            return data
        parts = [data]
        got = len(data)
        while got < length and (data := os.pread(self._descriptor, length - got, offset + got)):
            parts.append(data)
            got += len(data)
        return b"".join(parts)

    def write(self, offset: int, data: bytes) -> None:
        if len(data) <= WRITE_SLICE:
            written = os.pwrite(self._descriptor, data, offset)
            if written == len(data):
                return
        else:
            written = 0
        view = memoryview(data)
        while written < len(data):
            written += os.pwrite(self._descriptor, view[written : written + WRITE_SLICE], offset + written)

    def resize(self, size: int) -> None:
        now = self.size()
        if size < now:
            os.ftruncate(self._descriptor, size)
        elif size > now:
            os.posix_fallocate(self._descriptor, now, size - now)

    def write_back(self, offset: int, length: int) -> None:
        os.posix_fadvise(self._descriptor, offset, length, os.POSIX_FADV_DONTNEED)

    def sync(self) -> None:
        os.fdatasync(self._descriptor)

    def permit(self, mode: int) -> None:
        """Set the permission bits."""
        os.fchmod(self._descriptor, mode)

    def permitted(self) -> int:
        """The permission bits."""
        return stat.S_IMODE(os.fstat(self._descriptor).st_mode)

    def lock(self, exclusive: bool, *, wait: bool = False) -> bool:
        how = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            fcntl.flock(self._descriptor, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)


class FileFolder:
    """A directory of regular files, opened below its own descriptor; links and pipes are refused."""

    def __init__(self, path: Path | str, descriptor: int | None = None) -> None:
        self.path = Path(path)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        self._descriptor = os.open(self.path, flags) if descriptor is None else descriptor

    def inside(self, name: str) -> FileFolder:
        """A directory in this one. Raises OSError if it is a link, or no directory."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
        return FileFolder(self.path / name, os.open(_plain(name), flags, dir_fd=self._descriptor))

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> FileDevice:
        flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | (os.O_RDWR if writable else os.O_RDONLY)
        if create:
            flags |= os.O_CREAT | os.O_EXCL
        descriptor = os.open(_plain(name), flags, 0o600, dir_fd=self._descriptor)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            os.close(descriptor)
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
            raise OSError(errno.EPERM, "not a regular file with one link", name)
        return FileDevice(descriptor)

    def exists(self, name: str) -> bool:
        try:
            os.stat(_plain(name), dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        return sorted(os.listdir(self._descriptor))

    def files(self) -> list[str]:
        """The names of regular files only."""
        with os.scandir(self._descriptor) as entries:
            return sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))

    def folders(self) -> list[str]:
        """The names of directories only."""
        with os.scandir(self._descriptor) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))

    def remove(self, name: str) -> None:
        os.unlink(_plain(name), dir_fd=self._descriptor)

    def rename(self, old: str, new: str) -> None:
        os.rename(_plain(old), _plain(new), src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of the directory; devices opened in it stay open."""
        os.close(self._descriptor)


def _plain(name: str) -> str:
    if not name or "/" in name or "\0" in name or name in (".", ".."):
        raise OSError(errno.EINVAL, "not a plain file name", name)
    return name


class MemoryDevice:
    """A file in memory. Opens of one name share the bytes; locks work as between processes."""

    def __init__(self, content: _Content) -> None:
        self._content = content
        self._held: str | None = None

    def size(self) -> int:
        return len(self._content.data)

    def read(self, offset: int, length: int) -> bytes:
        return bytes(self._content.data[offset : offset + length])

    def write(self, offset: int, data: bytes) -> None:
        content = self._content.data
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data

    def resize(self, size: int) -> None:
        content = self._content.data
        if size < len(content):
            del content[size:]
        else:
            content.extend(bytes(size - len(content)))

    def write_back(self, offset: int, length: int) -> None:
        """Memory has no disk behind it."""

    def sync(self) -> None:
        """Memory is as durable as it gets."""

    def lock(self, exclusive: bool, *, wait: bool = False) -> bool:
        self.release()
        content = self._content
        if content.exclusive or (exclusive and content.sharers):
            if wait:
                raise OSError(errno.EDEADLK, "waiting for a lock in one thread")
            return False
        if exclusive:
            content.exclusive = True
        else:
            content.sharers += 1
        self._held = "exclusive" if exclusive else "shared"
        return True

    def release(self) -> None:
        if self._held == "exclusive":
            self._content.exclusive = False
        elif self._held == "shared":
            self._content.sharers -= 1
        self._held = None

    def close(self) -> None:
        self.release()


class _Content:
    __slots__ = ("data", "exclusive", "sharers")

    def __init__(self) -> None:
        self.data = bytearray()
        self.exclusive = False
        self.sharers = 0


class MemoryFolder:
    """A folder of memory devices, for tests and for data sets that need no disk."""

    def __init__(self) -> None:
        self._files: dict[str, _Content] = {}

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> MemoryDevice:
        if create:
            if name in self._files:
                raise FileExistsError(errno.EEXIST, "exists", name)
            self._files[_plain(name)] = _Content()
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        return MemoryDevice(self._files[name])

    def exists(self, name: str) -> bool:
        return name in self._files

    def names(self) -> list[str]:
        return sorted(self._files)

    def remove(self, name: str) -> None:
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        del self._files[name]

    def rename(self, old: str, new: str) -> None:
        if old not in self._files:
            raise FileNotFoundError(errno.ENOENT, "no such file", old)
        self._files[new] = self._files.pop(old)

    def sync(self) -> None:
        """Memory is as durable as it gets."""
