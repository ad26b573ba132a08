"""What the reader and the converter find wrong with a job, gathered and reported in one pass."""

from __future__ import annotations

from dataclasses import dataclass

from dtf.errors import DtfError
from dtf.jcl.cards import Position

_INFORMATION = frozenset({"IEFC001I", "IEFC002I"})


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message about one statement, for JESYSMSG. Ids that end in W, IEFC001I and IEFC002I do not stop the job."""

    message_id: str
    text: str
    at: Position
    statement: int = 0
    """Statement number as JESJCL prints it; 0 = before the first statement."""
    member: str = ""
    """The library member that `at` is a place in; empty for the deck."""

    @property
    def is_error(self) -> bool:
        return not self.message_id.endswith("W") and self.message_id not in _INFORMATION

    @property
    def where(self) -> str:
        """The place for people: member, line, column."""
        member = f"MEMBER {self.member} " if self.member else ""
        return f"{member}LINE {self.at.line} COLUMN {self.at.column}"

    def __str__(self) -> str:
        return f"{self.message_id} {self.text}"


class JclSyntaxError(DtfError, ValueError):
    """A statement cannot be read further. Caught by the converter, which notes it and goes on with the next one."""

    default_condition_code = 16

    def __init__(self, message_id: str, text: str, at: Position) -> None:
        super().__init__(text, message_id=message_id)
        self.at = at

    def diagnostic(self, statement: int) -> Diagnostic:
        return Diagnostic(self.message_id, self.what, self.at, statement)
