"""Which files of the host a COPY may read and write: FILE.READ and FILE.WRITE of the node, folders by absolute path.

Nothing is allowed unless it is named. A path is absolute, holds no `.` or `..`, and is looked up below the longest
folder of the list that it begins with; below that no link is followed (`ksds.host_folder`). The node's own system
folder is never reached so, whatever the list says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dtf.errors import StepError
from ksds.host_folder import FileFolder, open_below

WILDCARDS = "*?"


class HostFileError(StepError):
    """A file of the host may not be touched, is not there, or is none."""

    default_id = "DTX207E"


@dataclass(frozen=True, slots=True)
class HostPaths:
    """The allow-lists of one node; `own` is its system folder."""

    own: Path
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()

    def readable(self, path: str) -> tuple[FileFolder, str]:
        """The folder of `path`, open, and the name in it. Raises HostFileError."""
        return self._open(path, self.read, "FILE.READ")

    def writable(self, path: str) -> tuple[FileFolder, str]:
        """The same for a target. Its name is "" where the folder itself is meant: the path ends with a slash, or
        is one of the list."""
        if _parts(path) in map(_parts, self.write):
            path = path.rstrip("/") + "/"
        return self._open(path, self.write, "FILE.WRITE")

    def _open(self, path: str, roots: Sequence[str], parameter: str) -> tuple[FileFolder, str]:
        parts = _parts(path)
        if path.endswith("/"):
            parts.append("")
        fitting = [root for root in map(_parts, roots) if parts[: len(root)] == root and len(parts) > len(root)]
        if not fitting:
            raise HostFileError(
                f"{path}: {parameter} of this node does not name its folder; {_advice(path, roots, parameter)}"
            )
        longest = max(fitting, key=len)
        root, below = Path("/", *longest), parts[len(longest) :]
        if root.resolve().joinpath(*below).is_relative_to(self.own.resolve()):
            raise HostFileError(f"{path}: this is inside the node's own system")
        try:
            return open_below(root, below[:-1]), below[-1]
        except OSError as error:
            raise HostFileError(f"{path}: its folder cannot be opened: {error.strerror}") from None


def _advice(path: str, roots: Sequence[str], parameter: str) -> str:
    """What may help: most often a path without quotes, in a Process of the z/OS form, has become capitals."""
    if any(path.startswith(f"{root.upper()}/") and root != root.upper() for root in roots):
        return "a path in capitals was folded: put it in quotes, or code CASE=YES"
    return f"to allow it: dtf initparms {parameter.lower()}=FOLDER"


def has_wildcards(name: str) -> bool:
    """True if `name` stands for several files."""
    return any(sign in name for sign in WILDCARDS)


def _parts(path: str) -> list[str]:
    """The names on the way from `/`. Raises HostFileError for a path that is not plain and absolute."""
    parts = path.rstrip("/").split("/")[1:] if path != "/" else []
    if not path.startswith("/") or any(part in ("", ".", "..") for part in parts) or "\0" in path:
        raise HostFileError(f"{path}: a path begins with / and has no empty step, no . and no ..")
    return parts
