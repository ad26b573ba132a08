"""One session between two nodes, without a socket, a clock or a thread: events in, bytes out; bytes in, events out.

Signatures first; the working body follows shortly.
"""

from __future__ import annotations

from dtf.protocol.events import Event, SessionFailed
from dtf.protocol.states import Role, State


class Session:
    """role: Role.PNODE (the caller) or Role.SNODE (the called). `now` is seconds on any steady scale.

    state, copy_role (SENDER, RECEIVER or None), buffer_bytes (agreed after FMH70: no Data payload is longer),
    frames_sent, frames_received, bytes_sent, bytes_received, unacknowledged_marks are plain attributes to read.
    """

    role: Role
    copy_role: Role | None
    state: State
    buffer_bytes: int

    def __init__(
        self,
        role: Role,
        now: float,
        *,
        buffer_bytes: int = 65536,
        handshake_seconds: float = 10.0,
        idle_seconds: float = 600.0,
    ) -> None: ...

    def receive(self, data: bytes, now: float) -> None:
        """Takes bytes from the link, any slicing; b"" = the link has ended. Never raises: trouble becomes one SessionFailed event."""

    def tick(self, now: float) -> None:
        """Tells the time; at or after deadline() the session fails with DTX111E."""

    def deadline(self) -> float | None:
        """When tick() must be called at the latest; None = the partner owes nothing."""

    def events(self) -> list[Event | SessionFailed]:
        """What the partner said since the last call, in order; SessionFailed last."""

    def send(self, event: Event, now: float) -> None:
        """Says one event. LocalProtocolError (nothing said) if it is out of order, of the wrong role, or does not fit its frame."""

    def outgoing(self) -> list[bytes]:
        """The bytes to put on the link since the last call, in order, payloads not copied."""
