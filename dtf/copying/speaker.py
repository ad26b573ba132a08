"""One side of a session as a generator: it says events, and asks for the next one or for a turn.

A talk is straight-line code. `yield Need.EVENT` waits for the partner's next word; `yield Need.TURN` lets what was
said go out and comes back at once, with an event if one is there. The transport owns the loop: it takes
`outgoing()` to the partner, brings his bytes with `receive`, and calls `advance` while there is something to do.
Neither knows of sockets, threads or clocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from enum import Enum
from typing import TypeVar

from dtf.errors import DtfError, RemoteProtocolError, SessionLost
from dtf.protocol.events import Event, SessionEnd, SessionFailed, StepFailed
from dtf.protocol.session import Session

Result = TypeVar("Result")
Awaited = TypeVar("Awaited")


class Need(Enum):
    """What a talk waits for."""

    EVENT = "the partner's next word"
    TURN = "nothing: what was said may go out"
    LATER = "something of this node's own, such as a program that runs"


Talk = Generator[Need, Event | None, Result]


class StepRefused(DtfError):
    """The partner ended the step: `failure` is his word."""

    def __init__(self, failure: StepFailed) -> None:
        super().__init__(failure.text, message_id=failure.message_id, condition_code=failure.condition_code)
        self.failure = failure


class PartnerEnded(SessionLost):
    """The partner ended the session: `end` is his word."""

    def __init__(self, end: SessionEnd) -> None:
        text = f"the partner ended the session, code {end.condition_code}: {end.text or 'no reason given'}"
        super().__init__(text, message_id=end.message_id or None)
        self.end = end


class Line:
    """What a talk may do with its session: say something, know the time and the largest payload."""

    def __init__(self, session: Session, clock: Callable[[], float]) -> None:
        self.session = session
        self.clock = clock

    @property
    def buffer_bytes(self) -> int:
        return self.session.buffer_bytes

    def now_ns(self) -> int:
        return int(self.clock() * 1_000_000_000)

    def say(self, event: Event) -> None:
        """Raises LocalProtocolError for an event out of order."""
        self.session.send(event, self.clock())


class Speaker:
    """A session and the talk that runs over it. `finished` is set when the talk has returned."""

    def __init__(self, line: Line, talk: Talk[None]) -> None:
        self._line = line
        self._talk = talk
        self._heard: deque[Event] = deque()
        self._need = Need.TURN
        self.finished = False

    def receive(self, data: bytes) -> None:
        """Bytes from the partner; b"" = the link is gone. A dead session raises in the talk, where it is handled."""
        self._line.session.receive(data, self._line.clock())
        self._take_events()

    def tick(self) -> None:
        """Tell the session the time; at its deadline it is dead, as above."""
        self._line.session.tick(self._line.clock())
        self._take_events()

    @property
    def is_busy(self) -> bool:
        """It waits for something of its own node: nothing comes over the link to wake it."""
        return not self.finished and self._need is Need.LATER

    @property
    def backlog(self) -> int:
        """Events that have come and that the talk has not taken yet."""
        return len(self._heard)

    def _take_events(self) -> None:
        for event in self._line.session.events():
            if isinstance(event, SessionFailed):
                self.fail(SessionLost(event.text, message_id=event.message_id))
                return
            self._heard.append(event)

    def outgoing(self) -> list[bytes]:
        return self._line.session.outgoing()

    def advance(self) -> bool:
        """Let the talk go one step if it can; False if it waits for the partner or has finished."""
        if self.finished or (self._need is Need.EVENT and not self._heard):
            return False
        if self._need is Need.LATER:
            self._resume(lambda: self._talk.send(None))
            return self.finished or self._need is not Need.LATER
        self._resume(lambda: self._talk.send(self._heard.popleft() if self._heard else None))
        return True

    def start(self) -> None:
        """Run the talk up to its first need."""
        self._resume(lambda: next(self._talk))

    def fail(self, error: DtfError) -> None:
        """Raise `error` inside the talk, unless it has finished."""
        if not self.finished:
            self._resume(lambda: self._talk.throw(error))

    def _resume(self, step: Callable[[], Need]) -> None:
        self.finished = True
        try:
            self._need = step()
        except StopIteration:
            return
        self.finished = False


def expect(kind: type[Awaited]) -> Talk[Awaited]:
    """Wait for an event of `kind`. StepFailed raises StepRefused, an end of the session SessionLost."""
    event = yield Need.EVENT
    check(event)
    if not isinstance(event, kind):
        raise RemoteProtocolError(f"{type(event).__name__} came where {kind.__name__} was expected")
    return event


def check(event: Event | None) -> None:
    """Raise if the partner has ended the step (StepRefused) or the session (SessionLost)."""
    if isinstance(event, StepFailed):
        raise StepRefused(event)
    if isinstance(event, SessionEnd):
        raise PartnerEnded(event)
