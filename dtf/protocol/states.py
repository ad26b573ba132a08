"""Who may say what, and when: the whole order of the protocol as tables.

A key that is missing is the protocol error; there is no other rule about order. The diagram in docs/PROTOCOL.md is
drawn from here.

Both nodes walk the same states. A speaker wears two hats: PNODE or SNODE for the life of the session, SENDER or
RECEIVER within one COPY (`CopyRequest.direction` says which is which). Each event belongs to one hat.

Events cross only in two ways, and each has its answer here:

* The sender streams while the receiver acknowledges: both keep the state, so the order of crossing does not matter.
* A side ends the step early (StepFailed) while the other still speaks. The step is over when *both* have said StepEnd
  or StepFailed. After its own word a side only waits for the other's, and drops what was under way (`IN_FLIGHT`);
  after the other's word a side may only say its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from dtf.protocol.events import (
    Accepted,
    Characteristics,
    CheckpointMark,
    CheckpointTaken,
    CopyReply,
    CopyRequest,
    Data,
    EndOfData,
    Event,
    Hello,
    Positions,
    ProcessEnd,
    RunRequest,
    Security,
    SessionEnd,
    Start,
    StepEnd,
    StepFailed,
)


class Role(StrEnum):
    """The hats of a speaker."""

    PNODE = "PNODE"
    SNODE = "SNODE"
    SENDER = "SENDER"
    RECEIVER = "RECEIVER"

    @property
    def other(self) -> Role:
        """The partner's hat."""
        return _OTHER[self]


_OTHER = {
    Role.PNODE: Role.SNODE,
    Role.SNODE: Role.PNODE,
    Role.SENDER: Role.RECEIVER,
    Role.RECEIVER: Role.SENDER,
}


class State(StrEnum):
    """Where the talk stands. All but the last two are open."""

    CALLING = "CALLING"  # nothing said yet
    GREETED = "GREETED"  # FMH68 said
    INTRODUCED = "INTRODUCED"  # FMH70 said
    IDENTIFIED = "IDENTIFIED"  # FMH72 said
    READY = "READY"  # between steps; the PNODE has Process control
    REQUESTED = "REQUESTED"  # FMH71 said
    POSITIONING = "POSITIONING"  # both files open; the receiver looks for its checkpoint
    POSITIONED = "POSITIONED"  # the sender chooses where to begin
    TRANSFERRING = "TRANSFERRING"
    DRAINING = "DRAINING"  # all data said; the receiver closes its file
    SENDER_ENDED = "SENDER_ENDED"  # the sender has said its end of the step, the receiver not yet
    RECEIVER_ENDED = "RECEIVER_ENDED"
    RUNNING = "RUNNING"  # the SNODE does a step without data: for as long as it takes
    PROCESS_ENDED = "PROCESS_ENDED"  # the PNODE has said that there are no more steps, the SNODE settles it
    CLOSED = "CLOSED"  # FMH75 said
    FAILED = "FAILED"  # a protocol error, silence, or a lost link


OPEN_STATES = tuple(s for s in State if s not in (State.CLOSED, State.FAILED))
HANDSHAKE_STATES = (State.CALLING, State.GREETED, State.INTRODUCED, State.IDENTIFIED)
STEP_STATES = (State.REQUESTED, State.POSITIONING, State.POSITIONED, State.TRANSFERRING, State.DRAINING)

Key = tuple[Role, State, type[Event]]

_SESSION: dict[Key, State] = {
    (Role.PNODE, State.CALLING, Hello): State.GREETED,
    (Role.SNODE, State.GREETED, Characteristics): State.INTRODUCED,
    (Role.PNODE, State.INTRODUCED, Security): State.IDENTIFIED,
    (Role.SNODE, State.IDENTIFIED, Accepted): State.READY,
    (Role.PNODE, State.READY, ProcessEnd): State.PROCESS_ENDED,
    (Role.SNODE, State.PROCESS_ENDED, ProcessEnd): State.READY,
    (Role.PNODE, State.READY, RunRequest): State.RUNNING,
    (Role.SNODE, State.RUNNING, StepEnd): State.READY,
    (Role.SNODE, State.RUNNING, StepFailed): State.READY,
}

_STEP: dict[Key, State] = {
    (Role.PNODE, State.READY, CopyRequest): State.REQUESTED,
    (Role.SNODE, State.REQUESTED, CopyReply): State.POSITIONING,
    (Role.RECEIVER, State.POSITIONING, Positions): State.POSITIONED,
    (Role.SENDER, State.POSITIONED, Start): State.TRANSFERRING,
    (Role.SENDER, State.TRANSFERRING, Data): State.TRANSFERRING,
    (Role.SENDER, State.TRANSFERRING, CheckpointMark): State.TRANSFERRING,
    (Role.RECEIVER, State.TRANSFERRING, CheckpointTaken): State.TRANSFERRING,
    (Role.SENDER, State.TRANSFERRING, EndOfData): State.DRAINING,
    (Role.RECEIVER, State.DRAINING, CheckpointTaken): State.DRAINING,
    (Role.RECEIVER, State.DRAINING, StepEnd): State.RECEIVER_ENDED,
    (Role.SENDER, State.RECEIVER_ENDED, StepEnd): State.READY,
    (Role.SENDER, State.RECEIVER_ENDED, StepFailed): State.READY,
    (Role.RECEIVER, State.SENDER_ENDED, StepEnd): State.READY,
    (Role.RECEIVER, State.SENDER_ENDED, StepFailed): State.READY,
}

_EARLY_END: dict[Key, State] = {
    **{(Role.SENDER, state, StepFailed): State.SENDER_ENDED for state in STEP_STATES},
    **{(Role.RECEIVER, state, StepFailed): State.RECEIVER_ENDED for state in STEP_STATES},
}

_CLOSE: dict[Key, State] = {
    (role, state, SessionEnd): State.CLOSED for role in (Role.PNODE, Role.SNODE) for state in OPEN_STATES
}

TRANSITIONS: Mapping[Key, State] = MappingProxyType({**_SESSION, **_STEP, **_EARLY_END, **_CLOSE})

# Heard, never said: what a partner had already said when it learned that this side has ended the step. It is dropped.
IN_FLIGHT: Mapping[tuple[Role, State], frozenset[type[Event]]] = MappingProxyType(
    {
        (Role.SENDER, State.RECEIVER_ENDED): frozenset({CopyReply, Start, Data, CheckpointMark, EndOfData}),
        (Role.RECEIVER, State.SENDER_ENDED): frozenset({CopyReply, Positions, CheckpointTaken}),
    }
)

# Which hats say an event at all.
SPEAKERS: Mapping[type[Event], frozenset[Role]] = MappingProxyType(
    {event: frozenset(role for role, _, said in TRANSITIONS if said is event) for _, _, event in TRANSITIONS}
)


@cache
def sayings(role: Role, copy_role: Role | None, state: State) -> Mapping[type[Event], State]:
    """What a speaker with these hats may say in this state, and the state that follows."""
    return MappingProxyType(
        {event: after for (hat, at, event), after in TRANSITIONS.items() if at is state and hat in (role, copy_role)}
    )


def is_in_flight(role: Role, copy_role: Role | None, state: State, event: type[Event]) -> bool:
    """Whether this event, heard from a partner with these hats, was under way when this side ended the step."""
    if copy_role is None or event not in IN_FLIGHT.get((copy_role, state), ()):
        return False
    return not SPEAKERS[event].isdisjoint((role, copy_role))


# Whose word brings the talk forward: the other side may set a timer on it.
MOVER: Mapping[State, Role] = MappingProxyType(
    {
        State.CALLING: Role.PNODE,
        State.GREETED: Role.SNODE,
        State.INTRODUCED: Role.PNODE,
        State.IDENTIFIED: Role.SNODE,
        State.READY: Role.PNODE,
        State.REQUESTED: Role.SNODE,
        State.POSITIONING: Role.RECEIVER,
        State.POSITIONED: Role.SENDER,
        State.TRANSFERRING: Role.SENDER,
        State.DRAINING: Role.RECEIVER,
        State.SENDER_ENDED: Role.RECEIVER,
        State.RECEIVER_ENDED: Role.SENDER,
        State.PROCESS_ENDED: Role.SNODE,
        State.RUNNING: Role.SNODE,
    }
)
