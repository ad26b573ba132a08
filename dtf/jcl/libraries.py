"""Procedure libraries: partitioned data sets of the system, and folders of host files that stand for libraries.

    --proclib DIR                 the system's own procedure library
    --proclib MY.PROCLIB=DIR      library MY.PROCLIB, as JCLLIB ORDER= names it

A member NAME of a folder is a file NAME, NAME.jcl, NAME.prc, NAME.proc, NAME.cntl, NAME.ctl or NAME.txt, in either
case, or `LIB(NAME)` with one of these endings: the forms in which libraries are kept outside a mainframe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dtf.errors import UsageError
from dtf.jcl.cards import read_cards
from dtf.jcl.member_search import Member
from ksds.codepage import code_page
from ksds.errors import KsdsError
from ksds.system import System

MEMBER_LIMIT = 1 << 20
SYSTEM_LIBRARY = "SYS1.PROCLIB"
"""The data set that stands for the system's procedure library if there is no folder for it."""
_FILE = re.compile(
    r"(?:[^()]*\()?([A-Za-z@#$][A-Za-z0-9@#$]{0,7})\)?(?:\.(?:jcl|prc|proc|cntl|ctl|txt))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ProcedureLibraries:
    """Where `system` finds members. `folders`: library name ("" = the system's own) -> host folders, in order."""

    system: System
    folders: Mapping[str, Sequence[Path]] = field(default_factory=dict)

    def find(self, member: str, order: Sequence[str]) -> Member | None:
        """The member from the first library of `order` that has it, else from the system's own."""
        for library in (*order, ""):
            for folder in self.folders.get(library, ()):
                path = _member_file(folder, member)
                if path is not None:
                    return Member(member, library or SYSTEM_LIBRARY.partition(".")[2], read_cards(_content(path)))
            lines = self._lines(library or SYSTEM_LIBRARY, member)
            if lines is not None:
                return Member(member, library or SYSTEM_LIBRARY.partition(".")[2], read_cards("\n".join(lines)))
        return None

    def _lines(self, library: str, member: str) -> list[str] | None:
        """The records of a member of a partitioned data set, or None if there is no such library or member."""
        try:
            decode = code_page().decode
            return [decode(record) for record in self.system.records(f"{library}({member})")]
        except KsdsError:
            return None


def parse_folders(texts: Iterable[str]) -> dict[str, list[Path]]:
    """DIR and NAME=DIR of --proclib. Raises UsageError for what is no folder."""
    folders: dict[str, list[Path]] = {}
    for text in texts:
        name, equals, path = text.rpartition("=")
        folder = Path(path if equals else text)
        if not folder.is_dir():
            raise UsageError(f"--proclib: {str(folder)[:60]} IS NOT A FOLDER")
        folders.setdefault(name.upper(), []).append(folder)
    return folders


def _member_file(folder: Path, member: str) -> Path | None:
    """The file that holds a member; member names are no paths, so nothing outside the folder is reached."""
    for path in sorted(folder.iterdir()):
        found = _FILE.fullmatch(path.name)
        if found is not None and found[1].upper() == member and path.is_file():
            return path
    return None


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MEMBER_LIMIT + 1)
    if len(content) > MEMBER_LIMIT:
        raise UsageError(f"{path} IS LONGER THAN {MEMBER_LIMIT} BYTES")
    return content
