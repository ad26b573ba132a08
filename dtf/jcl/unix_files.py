"""UNIX files of a job: PATH='/u/pay/in.txt' means a file of the host, in a folder that the command line mounts.

    --unix DIR              DIR is the root of the job's UNIX files
    --unix /u/pay=DIR       DIR is mounted at /u/pay

Nothing outside these folders is reached, by no `..` and no link. A file is read into a work data set when its step
begins; if PATHOPTS opens it for output it is written when the step ends, whole or not at all, whatever the step did.
FILEDATA=TEXT (the default here): lines of UTF-8 to records in the code page and back; BINARY and RECORD: bytes, cut
to the record length.
Source: z/OS MVS JCL Reference, PATH, PATHOPTS, PATHDISP and FILEDATA parameters.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dtf.errors import DtfError, UsageError
from dtf.jcl.job import UnixPath
from dtf.jcl.programs import MAXIMUM_LRECL, fit
from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes

ROOT = "/"
FILE_LIMIT = 64 << 20
NARROWEST = 80
"""The shortest record that a text file without DCB gets."""
_CREATE, _EXCLUSIVE, _TRUNCATE, _APPEND = "OCREAT", "OEXCL", "OTRUNC", "OAPPEND"
_WRITING = frozenset({"OWRONLY", "ORDWR", _APPEND, _TRUNCATE})


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file of a step: what its DD says, where it is, and the shape of its records."""

    said: UnixPath
    host: Path
    attributes: DataSetAttributes
    records: tuple[bytes, ...]
    """What it held when the step began."""

    @property
    def is_output(self) -> bool:
        return bool(self.said.options & _WRITING)

    @property
    def status(self) -> str:
        """The status that programs see."""
        return "MOD" if _APPEND in self.said.options else "OLD" if self.is_output else "SHR"

    def write(self, records: Iterable[bytes]) -> None:
        """Put records into the file. Raises OSError with the file as it was."""
        if self.said.is_text:
            decode = code_page().decode
            records = [f"{decode(record).rstrip()}\n".encode() for record in records]
        mode = stat.S_IMODE(self.host.stat().st_mode) if self.host.exists() else self.said.mode
        _replace(self.host, b"".join(records), mode)

    def remove(self) -> None:
        self.host.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class UnixFiles:
    """The folders that PATH= reaches: where they are mounted -> folder."""

    mounts: Mapping[str, Path] = field(default_factory=dict)

    def open(self, said: UnixPath, attributes: DataSetAttributes | None) -> OpenFile:
        """The file as a step finds it; with OCREAT it need not be there yet. Raises DtfError (DTX460E), OSError."""
        host = self._host(said.path)
        there = host.exists()
        if there and not host.is_file():
            raise _refused(said, "IS NO FILE")
        if not there and _CREATE not in said.options:
            raise _refused(said, "DOES NOT EXIST")
        if there and said.options >= {_CREATE, _EXCLUSIVE}:
            raise _refused(said, "EXISTS ALREADY")
        content = b""
        if there and _TRUNCATE not in said.options:
            with host.open("rb") as file:
                content = file.read(FILE_LIMIT + 1)
        if len(content) > FILE_LIMIT:
            raise _refused(said, f"IS LONGER THAN {FILE_LIMIT} BYTES")
        return _opened(said, host, attributes, content)

    def _host(self, path: str) -> Path:
        """The file of the host. Raises DtfError for what no mounted folder holds."""
        pure = PurePosixPath(path)
        mounts = [mount for mount in self.mounts if pure.is_relative_to(mount)]
        if mounts and ".." not in pure.parts:
            mount = max(mounts, key=len)
            folder = self.mounts[mount].resolve()
            host = (folder / pure.relative_to(mount)).resolve()
            if host.is_relative_to(folder) and host.parent.is_dir():
                return host
        raise DtfError(f"PATH {path[:60]} IS IN NO FOLDER THAT --unix MOUNTS", message_id="DTX460E", condition_code=16)


def parse_mounts(texts: Iterable[str]) -> dict[str, Path]:
    """DIR and /PATH=DIR of --unix. Raises UsageError for what is no folder."""
    mounts: dict[str, Path] = {}
    for text in texts:
        mount, equals, path = text.partition("=")
        folder = Path(path if equals else text)
        if not folder.is_dir() or (equals and not mount.startswith(ROOT)):
            raise UsageError(f"--unix: {text[:60]!r} IS NOT A FOLDER, NOR /PATH=FOLDER")
        mounts[(mount.rstrip("/") or ROOT) if equals else ROOT] = folder
    return mounts


def _refused(said: UnixPath, why: str) -> DtfError:
    return DtfError(f"PATH {said.path[:60]} {why}", message_id="DTX460E", condition_code=16)


def _opened(said: UnixPath, host: Path, attributes: DataSetAttributes | None, content: bytes) -> OpenFile:
    if said.is_text:
        lines = content.decode(errors="replace").splitlines()
        longest = max(map(len, lines), default=MAXIMUM_LRECL - 4 if _CREATE in said.options else 0)
        shape = attributes or DataSetAttributes("VB", min(max(longest, NARROWEST) + 4, MAXIMUM_LRECL))
        return OpenFile(said, host, shape, tuple(fit(line, shape) for line in lines))
    shape = attributes or DataSetAttributes("FB", NARROWEST)
    length = shape.maximum_data or len(content) or 1
    records = [content[at : at + length] for at in range(0, len(content), length)]
    if records and shape.kind == "F":
        records[-1] = records[-1].ljust(length, b"\0")
    return OpenFile(said, host, shape, tuple(records))


def _replace(host: Path, content: bytes, mode: int) -> None:
    """Write a file whole: beside its place, synced, then under its name."""
    descriptor, name = tempfile.mkstemp(dir=host.parent, prefix=f".{host.name[:40]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(name, host)
    except BaseException:
        os.unlink(name)
        raise
