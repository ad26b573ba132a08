"""Every way the DTF can fail, and whose fault it was.

    DtfError                      message id, one line, condition code
    |-- ProcessError              the text of a Process
    |   |-- ProcessSyntaxError      cannot be read: line, column, marked span      DTX001E ..
    |   |-- SymbolError             a symbolic without a value
    |-- ProtocolError             the talk between two nodes
    |   |-- LocalProtocolError      this node tried to say what it may not say     DTX101E
    |   |-- RemoteProtocolError     the partner did: its bytes or their order      DTX102E ..
    |   |-- SessionLost             the link ended, or the partner fell silent     DTX110E, DTX111E
    |-- StepError                 a step ended with a code above 4; the Process may go on   DTX2xxE
    |-- NodeError                 netmap, queue, statistics, commands of this node          DTX3xxE
    |-- UsageError                a word of the command line: exit status 2                 DTX430E

A local fault is a defect or a refusal on this side and nothing was sent; a remote fault ends the session.
IBM's ids (SCPA000I, SVTM052I, ...) are used only where a document gives them; all others begin with DTX:
0xx Process language, 1xx protocol, 2xx copying and checkpoints, 3xx node, 4xx JCL, 5xx batch interface. The last letter
is I, W or E.
"""

from __future__ import annotations

from typing import ClassVar


def one_line(text: str) -> str:
    """`text` with every control character escaped: names from strangers must not start new log lines."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def in_words(error: BaseException) -> str:
    """What an exception says; of an error of the operating system its words and the file, not its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


class DtfError(Exception):
    """Base of every error that this package raises on purpose. `str()` is one line: id and text."""

    default_id: ClassVar[str] = "DTX000E"
    default_condition_code: ClassVar[int] = 8

    def __init__(self, what: str, *, message_id: str | None = None, condition_code: int | None = None) -> None:
        super().__init__(what)
        self.what = one_line(what)
        self.message_id = message_id or self.default_id
        self.condition_code = self.default_condition_code if condition_code is None else condition_code

    def __str__(self) -> str:
        return f"{self.message_id} {self.what}"


class ProcessError(DtfError, ValueError):
    """The text of a Process is wrong. `line` and `column` count from 1; `marked` shows the span, two lines."""

    default_id = "DTX001E"

    def __init__(
        self,
        what: str,
        *,
        line: int = 0,
        column: int = 0,
        marked: str = "",
        message_id: str | None = None,
    ) -> None:
        super().__init__(what, message_id=message_id)
        self.line = line
        self.column = column
        self.marked = marked

    def __str__(self) -> str:
        where = f" AT LINE {self.line} COLUMN {self.column}" if self.line else ""
        return f"{self.message_id} {self.what}{where}"


class ProcessSyntaxError(ProcessError):
    """The text is not the Process language, or a limit is exceeded."""


class SymbolError(ProcessError, KeyError):
    """A symbolic has no value, or its name or value is not allowed."""

    default_id = "DTX003E"


class ProtocolError(DtfError):
    """The talk between two nodes went wrong."""


class LocalProtocolError(ProtocolError):
    """This node tried to send an event that it may not send now, or that does not fit its frame. Nothing was sent."""

    default_id = "DTX101E"


class RemoteProtocolError(ProtocolError):
    """The partner sent bytes that are no frame, a frame out of order, or a frame of the wrong role.

    The session is over.
    """

    default_id = "DTX102E"


class SessionLost(ProtocolError, ConnectionError):
    """The link ended in the middle (DTX110E), or the partner said nothing for too long (DTX111E)."""

    default_id = "DTX110E"


class TransportMissing(SessionLost):
    """This node cannot use the transport that its partner wants: no retry helps until that is put right."""

    default_id = "DTX314E"


class StepError(DtfError):
    """A step failed with a message id and a condition code; the Process decides what comes next."""

    default_id = "DTX200E"


class NodeError(DtfError, ValueError):
    """A request to this node names something unknown or not allowed (Process number, partner, data set of its own)."""

    default_id = "DTX300E"


class UsageError(DtfError):
    """A word of the command line is wrong: exit status 2."""

    default_id = "DTX430E"
    default_condition_code = 2
