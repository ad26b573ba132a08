"""The spool: what a job printed, one file per SYSOUT DD, behind the three files of the system.

Lines carry an ASA control character in column 1 where the writer of the file says so (JESMSGLG,
JESYSMSG, listings of utilities): blank next line, 0 skip one, - skip two, 1 new page, + overprint.
A finished job is kept in the system's spool folder (`dtf.jcl.job_archive`) under its job number, which is reserved by
creating its first file exclusively, so two jobs never share one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ksds.system import System

HIGHEST_JOB_NUMBER = 99999
PAGE_WIDTH = 80
_SYSTEM_STEP = "JES2"


def _visible(text: str) -> str:
    """Without trailing blanks, and a period for what a terminal would take for a command."""
    return "".join(character if character.isprintable() else "." for character in text).rstrip()


@dataclass(slots=True)
class SpoolFile:
    """The lines written to one SYSOUT DD of one step."""

    step: str
    name: str
    carriage_control: bool = False
    lines: list[str] = field(default_factory=list)

    def write(self, line: str) -> None:
        self.lines.append(line)

    def printed(self) -> Iterator[str]:
        """The lines as people read them: no control characters, skipped lines shown as one blank line at most."""
        if not self.carriage_control:
            yield from map(_visible, self.lines)
            return
        blank = True
        previous = " "
        for line in self.lines:
            control, text = line[:1], _visible(line[1:])
            skips = control in "01" or (control == "-" and previous != "-")
            if not blank and (skips or not text):
                yield ""
            if text:
                yield text
            blank, previous = not text, control


@dataclass(slots=True)
class Spool:
    """All spool files of one job, in the order in which they were opened."""

    number: int
    job: str
    files: list[SpoolFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("JESMSGLG", "JESJCL", "JESYSMSG"):
            self.files.append(SpoolFile(_SYSTEM_STEP, name, carriage_control=name != "JESJCL"))

    @property
    def job_id(self) -> str:
        return f"JOB{self.number:05d}"

    @property
    def message_log(self) -> SpoolFile:
        return self.files[0]

    @property
    def jcl(self) -> SpoolFile:
        return self.files[1]

    @property
    def messages(self) -> SpoolFile:
        return self.files[2]

    def open(self, step: str, name: str) -> SpoolFile:
        file = SpoolFile(step, name)
        self.files.append(file)
        return file

    @property
    def record_count(self) -> int:
        return sum(len(file.lines) for file in self.files)

    @property
    def size(self) -> int:
        """Bytes of all lines."""
        return sum(len(line) + 1 for file in self.files for line in file.lines)

    def printed(self) -> Iterator[str]:
        """Every file that has lines, each below a line with job, step and ddname."""
        for file in self.files:
            if file.lines:
                step = "" if file.step == _SYSTEM_STEP else f"{file.step}."
                yield f"---- {self.job} ({self.job_id}) {step}{file.name} ".ljust(PAGE_WIDTH, "-")
                yield from file.printed()
                yield ""


def reserve(system: System, job: str) -> Spool:
    """A spool with the next free job number. Raises OSError if the folder is full or not writable."""
    folder = system.spool
    numbers = [int(name[3:8]) for name in folder.names() if name.startswith("JOB") and name[3:8].isdecimal()]
    for number in range(max(numbers, default=0) + 1, HIGHEST_JOB_NUMBER + 1):
        spool = Spool(number, job)
        try:
            folder.open(f"{spool.job_id}.001.{_SYSTEM_STEP}.JESMSGLG", create=True).close()
        except FileExistsError:
            continue
        return spool
    raise OSError("the spool has no free job number")
