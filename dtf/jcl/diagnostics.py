"""What the reader and the converter find wrong with a job, gathered and reported in one pass."""

from __future__ import annotations

from dataclasses import dataclass

from dtf.errors import DtfError
from dtf.jcl.cards import Position


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message about one statement, for JESYSMSG. Ids that end in W do not stop the job."""

    message_id: str
    text: str
    at: Position
    statement: int = 0
    """Statement number as JESJCL prints it; 0 = before the first statement."""

    @property
    def is_error(self) -> bool:
        return not self.message_id.endswith("W")

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
