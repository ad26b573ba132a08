"""SYSPRINT: pages, page headings, the echo of commands, messages.

Every line begins with an ASA carriage control byte: 1 new page, blank next line, 0 skip one, - skip two. A page takes
53 lines. A page that a listing fills has a subtitle under its heading, and its first line is set off by one.

Source: a real SYSPRINT of z/OS (2022), described in z/OS DFSMS Access Method Services Commands.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ksds.idcams import messages

PAGE_LINES = 53
LINE_COLUMNS = 132
ECHO_COLUMNS = 80

_SPACING = {"1": 1, " ": 1, "0": 2, "-": 3}


def printable(line: str) -> str:
    """`line` with a period for every character that a printer or terminal might take for a command."""
    return line if line.isprintable() else "".join(c if c.isprintable() else "." for c in line)


class Listing:
    """Writes SYSPRINT lines to `write`, one at a time, breaking them into pages."""

    __slots__ = ("_heading", "_page", "_subtitle", "_used", "_write")

    def __init__(self, write: Callable[[str], None], now: datetime) -> None:
        self._write = write
        heading = f"{'IDCAMS  SYSTEM SERVICES':<66}TIME: {now:%H:%M:%S}"
        self._heading = f"{f'{heading:<88}{now:%m/%d/%y}':<101}PAGE"
        self._page = 0
        self._used = PAGE_LINES
        self._subtitle = ""

    def echo(self, record: str) -> None:
        """A record of the command stream, as it was read."""
        self.line(record[:ECHO_COLUMNS] if len(record) <= ECHO_COLUMNS else record[:LINE_COLUMNS])

    def message(self, number: str, *inserts: object) -> None:
        self.line(messages.text(number, *inserts), messages.control(number))

    def blank(self, control: str = " ") -> None:
        self.line("", control)

    def line(self, text: str, control: str = " ") -> None:
        spacing = _SPACING[control]
        if self._used + spacing > PAGE_LINES:
            self._new_page()
            if self._subtitle:
                control, spacing = "0", _SPACING["0"]
        self._used += spacing
        self._write(control + printable(text[:LINE_COLUMNS].rstrip()))

    def begin_listing(self, subtitle: str) -> None:
        """The next line goes to a new page with `subtitle` on top, as on every page until `end_command`."""
        self._subtitle = subtitle
        self._used = PAGE_LINES

    def keep_together(self, lines: int) -> None:
        """What comes next takes so many lines, with its spacing, and goes to a new page if this one has fewer left."""
        if self._subtitle and self._used + lines > PAGE_LINES:
            self._used = PAGE_LINES

    def end_command(self, *, functional: bool) -> None:
        """A command's messages are complete: set off what comes next, on a new page if the command filled pages."""
        if self._subtitle:
            self._subtitle = ""
            self._used = PAGE_LINES
        else:
            self.blank("0" if functional else " ")

    def _new_page(self) -> None:
        self._page += 1
        self._write(f"1{self._heading}{self._page:>7}")
        if self._subtitle:
            self._used = 1 + _SPACING["-"]
            self._write("-" + printable(self._subtitle[:LINE_COLUMNS]))
        else:
            self._used = 1 + _SPACING["0"]
            self._write("0")
