"""A row of host files as one stream of units, and the files that it becomes in a folder.

    unit = kind (1) + length of its body (4, big-endian) + body
    N    a file begins; the body is its name in UTF-8
    D    the next bytes of it: PIECE_BYTES in each unit but the last of the file

Files come in the order of their names, so what has arrived can be told from the staged files alone, read again, and
compared: a restart is exact to the unit, not to the file.

Each file is staged beside its place, and no name is given before all are there and durable and the checkpoint record
says so (state D). Then one after the other gets its name, in the order that `order` says. A crash in the middle leaves
some staged: with the record in state D those are all that is still to be done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from struct import Struct

from dtf.copying.checkpoint import TARGET_TOKEN, PositionSet, SourceIdentity
from dtf.copying.host_paths import HostFileError
from dtf.copying.prefixes import true_of_units
from dtf.copying.targets import TargetExists
from dtf.errors import StepError
from ksds.host_folder import FileDevice, FileFolder

PIECE_BYTES = 32_000
NAME_LIMIT = 255  # bytes, of a file of the host

_HEAD = Struct(">cI")
_NAME, _DATA = b"N", b"D"


class SetDamaged(StepError):
    """The units are no row of files."""

    default_id = "DTX209E"


@dataclass(frozen=True, slots=True)
class FileRow:
    """The files of these names in a folder; `path` is what the COPY calls them, for messages."""

    folder: FileFolder
    names: Sequence[str]
    path: str

    def open(self, name: str) -> FileDevice:
        """One of them, to be read. Raises HostFileError."""
        try:
            return self.folder.open(name, writable=False)
        except OSError as error:
            raise HostFileError(f"{self.path}: {name} cannot be read: {error.strerror}") from None

    def identity(self) -> SourceIdentity:
        """The sum of the sizes, the newest time, and a digest of everything. Raises HostFileError."""
        total = newest = 0
        digest = hashlib.sha256()
        for name in self.names:
            with closing(self.open(name)) as file:
                size, time, inode = file.identity()
            total, newest = total + size, max(newest, time)
            digest.update(f"{name}/{size}/{time}/{inode}/".encode("utf-8", "surrogateescape"))
        return SourceIdentity(total, newest, int.from_bytes(digest.digest()[:8], "big"))

    def units(self) -> Iterator[tuple[bytes, int]]:
        """The stream. Raises HostFileError."""
        return units_of(sorted(self.names, key=_bytes_of), self.open)


def units_of(names: Iterable[str], open_file: Callable[[str], FileDevice]) -> Iterator[tuple[bytes, int]]:
    """The stream, unit by unit, each with the count 1."""
    for name in names:
        yield _unit(_NAME, _bytes_of(name))
        with closing(open_file(name)) as file:
            offset = 0
            while piece := file.read(offset, PIECE_BYTES):
                offset += len(piece)
                yield _unit(_DATA, piece)


def piece_units(name: str, parts: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """The units of one file whose bytes come in parts of any length."""
    yield _unit(_NAME, _bytes_of(name))
    held = bytearray()
    for part in parts:
        held += part
        while len(held) >= PIECE_BYTES:
            yield _unit(_DATA, held[:PIECE_BYTES])
            del held[:PIECE_BYTES]
    if held:
        yield _unit(_DATA, held)


def _unit(kind: bytes, body: bytes | bytearray) -> tuple[bytes, int]:
    return _HEAD.pack(kind, len(body)) + body, 1


class SetTarget:
    """Files in `folder`, which is closed with it, staged under `token` until all are there.

    `order` says in which order they get their names. With `new` none of the names may be there before; `complete`: an
    earlier try has received all. Raises TargetExists, SetDamaged, HostFileError.
    """

    grows = False
    last_key = b""

    def __init__(
        self,
        folder: FileFolder,
        token: str,
        *,
        new: bool = False,
        complete: bool = False,
        order: Callable[[list[str]], list[str]] = list,
        permissions: int | None = None,
    ) -> None:
        self.token = token
        self._folder = folder
        self._new = new
        self._order = order
        self._permissions = permissions
        self._file: FileDevice | None = None
        self._name = ""
        self._end = 0
        self._before = 0  # bytes of the files that are complete
        self._complete = complete

    def begin(self) -> None:
        self._discard()

    def items(self) -> Mapping[int, bytes]:
        return {TARGET_TOKEN: self.token.encode("cp037")}

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        if self._complete:
            self._before = sets[0].target
            return [s == sets[0] for s in sets]
        return true_of_units((unit for unit, _ in units_of(self._staged(), self._open_staged)), sets)

    def resume(self, position: PositionSet) -> None:
        """Cut the file in which the position is, and drop those behind it."""
        if self._complete:
            return
        left = position.records
        for name in self._staged():
            if left <= 0:
                self._folder.remove(self._staged_name(name))
                continue
            file = self._open_staged(name, writable=True)
            size = file.size()
            units = 1 + -(-size // PIECE_BYTES)
            self._before += self._end
            self._take(name, file, min(size, (left - 1) * PIECE_BYTES))
            left -= units
        if self._file is not None and self._file.size() > self._end:
            self._file.resize(self._end)

    def write(self, payload: bytes) -> None:
        at, end = 0, len(payload)
        while at < end:
            kind, length = _HEAD.unpack_from(payload, at) if end - at >= _HEAD.size else (b"", 0)
            body = payload[at + _HEAD.size : at + _HEAD.size + length]
            if kind not in (_NAME, _DATA) or not length or len(body) != length:
                raise SetDamaged(
                    f"X'{payload[at : at + 5].hex().upper()}' at {at} of a buffer is no unit of a row of files"
                )
            if kind == _NAME:
                self._next_file(_checked_name(body))
            elif self._file is None or self._end % PIECE_BYTES or length > PIECE_BYTES:
                raise SetDamaged(f"{length} bytes that belong to no file")
            else:
                self._file.write(self._end, body)
                self._end += length
            at += _HEAD.size + length
        if self._file is not None:
            self._file.write_back(max(0, self._end - end), end)

    def secure(self) -> int:
        if self._complete:
            return self._before
        if self._file is not None:
            self._file.sync()
        self._folder.sync()
        return self._before + self._end

    def accept(self) -> None:
        """Whatever came is right."""

    def publish(self, today: date) -> None:
        self._let_go()
        names = self._order(self._staged())
        if not self._complete:
            self._check_free(names)
        for name in names:
            self._folder.rename(self._staged_name(name), name)
            self._folder.sync()

    def close(self, *, keep: bool) -> None:
        self._let_go()
        if not keep:
            self._discard()
        self._folder.close()

    def _next_file(self, name: str) -> None:
        if _bytes_of(name) <= _bytes_of(self._name):
            raise SetDamaged(f"file {name!r} comes behind {self._name!r}")
        self._check_free([name])
        if self._file is not None:
            self._file.sync()
        self._before += self._end
        staged = self._staged_name(name)
        try:
            self._take(name, self._folder.open(staged, create=True), 0)
        except OSError as error:
            raise HostFileError(f"{self._folder.path / name} cannot be made: {error.strerror}") from error

    def _take(self, name: str, file: FileDevice, end: int) -> None:
        self._let_go()
        self._file, self._name, self._end = file, name, end
        if self._permissions is not None:
            file.permit(self._permissions)

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _check_free(self, names: Sequence[str]) -> None:
        there = next((name for name in names if self._new and self._folder.exists(name)), None)
        if there is not None:
            raise TargetExists(f"{self._folder.path / there} exists and DISP=NEW was asked for")

    def _staged_name(self, name: str) -> str:
        return f".{name}.{self.token}"

    def _staged(self) -> list[str]:
        """The names of the files that are staged, in the order in which they came."""
        end = f".{self.token}"
        found = [n[1 : -len(end)] for n in self._folder.files() if n.startswith(".") and n.endswith(end)]
        return sorted((name for name in found if name), key=_bytes_of)

    def _open_staged(self, name: str, *, writable: bool = False) -> FileDevice:
        return self._folder.open(self._staged_name(name), writable=writable)

    def _discard(self) -> None:
        self._let_go()
        for name in self._staged():
            self._folder.remove(self._staged_name(name))
        self._folder.sync()
        self._name, self._end, self._before, self._complete = "", 0, 0, False


def _bytes_of(name: str) -> bytes:
    """A name as the host has it; names are in the order of these bytes."""
    return name.encode("utf-8", "surrogateescape")


def _checked_name(body: bytes) -> str:
    try:
        name = body.decode("utf-8")
    except UnicodeDecodeError:
        name = "/"
    if "/" in name or "\0" in name or name in (".", "..") or len(body) > NAME_LIMIT or not name.isprintable():
        raise HostFileError(f"X'{body[:40].hex().upper()}' is no name of a file")
    return name
