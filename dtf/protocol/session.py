"""One session between two nodes, without a socket, a clock or a thread: events in, bytes out; bytes in, events out.

    session.send(event, now)      say something                session.outgoing()   bytes for the link
    session.receive(data, now)    bytes from the link          session.events()     what the partner said
    session.tick(now)             the time has come            session.deadline()   when that is

The session keeps both nodes to the order of `states`, to the agreed buffer size and to the numbering of checkpoints;
it answers nothing by itself. What may not be said raises LocalProtocolError from `send`, and nothing was said. What
the partner may not say never raises: the session says SessionEnd, becomes FAILED, reports one SessionFailed, and
takes nothing more. The events that came before it remain valid.

Payloads pass through uncopied: `outgoing` hands out the very object given to `send`, and a chunk that is exactly a
payload is handed up as it came. The session never holds back data: whoever drives it stops sending while the link is
full.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from dtf.errors import LocalProtocolError, ProtocolError, RemoteProtocolError, SessionLost
from dtf.protocol.events import (
    PROTOCOL_VERSION,
    Characteristics,
    CheckpointMark,
    CheckpointTaken,
    CopyRequest,
    Data,
    Event,
    Hello,
    Positions,
    SessionEnd,
    SessionFailed,
    Start,
)
from dtf.protocol.fields import FrameError
from dtf.protocol.frames import (
    DATA_PREFIX_BYTES,
    HEADER_BYTES,
    Header,
    decode_body,
    decode_data,
    decode_header,
    encode,
    encode_data,
)
from dtf.protocol.receive_buffer import ReceiveBuffer
from dtf.protocol.states import HANDSHAKE_STATES, MOVER, OPEN_STATES, Role, State, is_in_flight, sayings

MINIMUM_BUFFER_BYTES = 32768  # the largest block of a sequential data set must fit
MAXIMUM_BUFFER_BYTES = 1048576


class Session:
    """One side of one session. `now` is seconds on any scale that does not go back.

    role           Role.PNODE, the caller, or Role.SNODE, the called
    is_open        neither closed nor failed
    copy_role      Role.SENDER or Role.RECEIVER from CopyRequest to the end of the step, else None
    state          where the talk stands (`states.State`)
    buffer_bytes   no Data payload is longer, nor what it expands to; agreed once FMH70 is said
    """

    def __init__(
        self,
        role: Role,
        now: float,
        *,
        buffer_bytes: int = 65536,
        handshake_seconds: float = 10.0,
        idle_seconds: float = 600.0,
        task_seconds: float = 0.0,
    ) -> None:
        if role not in (Role.PNODE, Role.SNODE):
            raise ValueError(f"a session is of a PNODE or an SNODE, not of a {role}")
        if not MINIMUM_BUFFER_BYTES <= buffer_bytes <= MAXIMUM_BUFFER_BYTES:
            raise ValueError(f"buffer of {buffer_bytes} bytes: {MINIMUM_BUFFER_BYTES} to {MAXIMUM_BUFFER_BYTES}")
        self.role = role
        self.copy_role: Role | None = None
        self.state = State.CALLING
        self.buffer_bytes = buffer_bytes
        self._handshake_deadline = now + handshake_seconds
        self._idle_seconds = idle_seconds
        self._task_seconds = task_seconds  # longest program of the PNODE's own, between two steps that we see
        self._last_word = now
        self._input = ReceiveBuffer()
        self._header: Header | None = None
        self._output: list[bytes] = []
        self._events: list[Event | SessionFailed] = []
        self._crc = False  # in the Data frames of this step
        self._offered = 0  # position sets offered in this step
        self._newest_mark = 0
        self._marks: deque[int] = deque()  # said and not taken yet
        self._may_say: Mapping[type[Event], State] = {}
        self._may_hear: Mapping[type[Event], State] = {}
        self._failure: ProtocolError | None = None
        self._enter(State.CALLING)

    # ---- the six verbs

    def send(self, event: Event, now: float) -> None:
        """Says one event.

        LocalProtocolError: out of order, wrong role, or does not fit its frame; SessionLost: the session is over.
        """
        kind = type(event)
        following = self._may_say.get(kind)
        if following is None:
            raise self._not_now(kind)
        try:
            if type(event) is Data:
                chunks: tuple[bytes, ...] = encode_data(event, self._crc)
            else:
                if type(event) is Hello or type(event) is Characteristics:
                    event = replace(event, buffer_bytes=self.buffer_bytes)
                chunks = (encode(event),)
            self._agree(event)
        except FrameError as error:
            raise LocalProtocolError(str(error)) from None
        self._output += chunks
        self._last_word = now
        if following is not self.state:
            self._enter(following)

    def outgoing(self) -> list[bytes]:
        """The bytes for the link since the last call, in order."""
        chunks, self._output = self._output, []
        return chunks

    def receive(self, data: bytes, now: float) -> None:
        """Takes bytes from the link, sliced anyhow; empty = the link has ended.

        Never raises for what a partner sent.
        """
        if not self.is_open:
            return
        if not data:
            self._fail(SessionLost(f"LINK LOST IN STATE {self.state}"))
            return
        self._input.append(data)
        try:
            while self.is_open and (event := self._next_event()) is not None:
                self._hear(event, now)
        except FrameError as error:
            self._refuse(RemoteProtocolError(f"{error} (STATE {self.state})"))
        except RemoteProtocolError as error:
            self._refuse(error)

    def events(self) -> list[Event | SessionFailed]:
        """What the partner said since the last call, in order; SessionFailed, if any, is last."""
        events, self._events = self._events, []
        return events

    def deadline(self) -> float | None:
        """When `tick` must be called at the latest, or None while the partner owes nothing, or runs a task."""
        mover = MOVER.get(self.state)
        if mover is None or self.state is State.RUNNING:
            return None
        mine = mover in (self.role, self.copy_role)
        if mine and not (self._marks and self.copy_role is Role.SENDER):
            return None
        if self.state in HANDSHAKE_STATES:
            return self._handshake_deadline
        patience = self._idle_seconds + (self._task_seconds if self.state is State.READY else 0.0)
        return self._last_word + patience

    def tick(self, now: float) -> None:
        """Tells the time: at the deadline the session fails with DTX111E."""
        deadline = self.deadline()
        if deadline is not None and now >= deadline:
            self._refuse(SessionLost(f"NO ANSWER FROM THE PARTNER IN STATE {self.state}", message_id="DTX111E"))

    # ---- inside

    def _enter(self, state: State) -> None:
        self.state = state
        self.is_open = state in OPEN_STATES
        if state is State.READY:
            self.copy_role = None
            self._marks.clear()
        self._may_say = sayings(self.role, self.copy_role, state)
        self._may_hear = sayings(self.role.other, self.copy_role and self.copy_role.other, state)

    def _next_event(self) -> Event | None:
        """The next whole frame of the input, or None."""
        header = self._header
        if header is None:
            if len(self._input) < HEADER_BYTES:
                return None
            header = self._header = decode_header(self._input.take(HEADER_BYTES), self.buffer_bytes)
        if len(self._input) < header.length:
            return None
        self._header = None
        if header.event is not Data:
            return decode_body(header, self._input.take(header.length))
        if (header.crc is not None) != self._crc:
            raise FrameError(f"Data {'without' if self._crc else 'with'} CRC, against the agreement")
        prefix = self._input.take(DATA_PREFIX_BYTES)
        return decode_data(header, prefix, self._input.take(header.length - DATA_PREFIX_BYTES))

    def _hear(self, event: Event, now: float) -> None:
        kind = type(event)
        following = self._may_hear.get(kind)
        if following is None:
            if is_in_flight(self.role.other, self.copy_role and self.copy_role.other, self.state, kind):
                return
            raise RemoteProtocolError(f"{kind.__name__} FROM THE {self._named(self.role.other)} IN STATE {self.state}")
        self._agree(event)
        self._last_word = now
        self._events.append(event)
        if following is not self.state:
            self._enter(following)

    def _agree(self, event: Event) -> None:
        """What an event, said or heard, must keep to beyond its order, and what it settles.

        FrameError leaves all as it was.
        """
        match event:
            case Data():
                if not event.payload:
                    raise FrameError("Data without payload")
                if len(event.payload) > self.buffer_bytes or event.expanded > self.buffer_bytes:
                    raise FrameError(
                        f"Data of {max(len(event.payload), event.expanded)} bytes, agreed are {self.buffer_bytes}"
                    )
            case CheckpointMark(sequence=sequence):
                if sequence <= self._newest_mark:
                    raise FrameError(f"CheckpointMark {sequence} after {self._newest_mark}")
                self._newest_mark = sequence
                self._marks.append(sequence)
            case CheckpointTaken(sequence=sequence):
                if sequence not in self._marks:
                    raise FrameError(f"CheckpointTaken {sequence} does not answer a mark")
                while self._marks.popleft() != sequence:
                    pass
            case Hello() | Characteristics():
                self._agree_buffer(event)
            case CopyRequest(direction=direction):
                self.copy_role = Role.SENDER if (direction == "P") == (self.role is Role.PNODE) else Role.RECEIVER
                self._crc = event.crc
                self._offered = self._newest_mark = 0
            case Positions(positions=positions):
                self._offered = len(positions)
            case Start(chosen=chosen):
                if chosen is not None and chosen >= self._offered:
                    raise FrameError(f"Start at position set {chosen} of {self._offered}")

    def _agree_buffer(self, event: Hello | Characteristics) -> None:
        if event.version != PROTOCOL_VERSION:
            raise FrameError(f"protocol version {event.version}, this node speaks {PROTOCOL_VERSION}")
        most = MAXIMUM_BUFFER_BYTES if type(event) is Hello else self.buffer_bytes
        if not MINIMUM_BUFFER_BYTES <= event.buffer_bytes <= most:
            raise FrameError(f"{type(event).__name__} with a buffer of {event.buffer_bytes} bytes")
        self.buffer_bytes = min(self.buffer_bytes, event.buffer_bytes)

    def _not_now(self, kind: type[Event]) -> ProtocolError:
        if self._failure is not None:
            return self._failure
        if self.state is State.CLOSED:
            return SessionLost("THE SESSION IS CLOSED")
        return LocalProtocolError(f"{kind.__name__} FROM THE {self._named(self.role)} IN STATE {self.state}")

    def _named(self, role: Role) -> str:
        """PNODE, or PNODE (SENDER) within a step."""
        copy_role = self.copy_role if role is self.role or self.copy_role is None else self.copy_role.other
        return f"{role} ({copy_role})" if copy_role else str(role)

    def _refuse(self, error: ProtocolError) -> None:
        """Tells the partner why, and fails."""
        text = error.what[:500]
        self._output.append(encode(SessionEnd(8, error.message_id, text if text.isascii() else ascii(text)[:500])))
        self._fail(error)

    def _fail(self, error: ProtocolError) -> None:
        self._failure = error
        self._enter(State.FAILED)
        self._input.clear()
        self._events.append(SessionFailed(error.message_id, error.what))
