"""Two nodes talk: what may be said, what is refused, what is agreed, and when the partner has been silent too long."""

from __future__ import annotations

import pytest

from dtf.errors import LocalProtocolError, SessionLost
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
    Position,
    Positions,
    ProcessEnd,
    Security,
    SessionEnd,
    SessionFailed,
    Start,
    StepEnd,
    StepFailed,
)
from dtf.protocol.session import MAXIMUM_BUFFER_BYTES, MINIMUM_BUFFER_BYTES, Session
from dtf.protocol.states import OPEN_STATES, TRANSITIONS, Role, State, sayings
from tests.dtf.protocol.conversations import Pair, request, words

BOTH_WAYS = pytest.mark.parametrize("direction", ["P", "S"])


@BOTH_WAYS
def test_a_copy_from_first_header_to_last(direction: str) -> None:
    pair = Pair(direction=direction)
    pair.go(State.TRANSFERRING)
    assert pair.side(Role.SENDER).copy_role is Role.SENDER
    assert pair.side(Role.RECEIVER).copy_role is Role.RECEIVER
    for number in range(1, 4):
        pair.say(Role.SENDER, Data(b"x" * 27920, 1))
        pair.say(Role.SENDER, CheckpointMark(number, number * 27920, number, 0))
        pair.say(Role.RECEIVER, CheckpointTaken(number))
    pair.copy_until_ready()
    assert pair.pnode.copy_role is None
    pair.say(Role.PNODE, ProcessEnd("PAYDAY", 21))
    pair.say(Role.SNODE, ProcessEnd("PAYDAY", 21))
    pair.say(Role.PNODE, SessionEnd())
    assert pair.pnode.state is pair.snode.state is State.CLOSED
    heard = pair.heard[pair.side(Role.RECEIVER)]
    assert [event.payload for event in heard if isinstance(event, Data)] == [b"x" * 27920] * 3
    assert not any(isinstance(event, SessionFailed) for side in pair.heard.values() for event in side)


@BOTH_WAYS
@pytest.mark.parametrize("state", OPEN_STATES)
@pytest.mark.parametrize("role", [Role.PNODE, Role.SNODE])
def test_only_what_the_table_allows_can_be_said(role: Role, state: State, direction: str) -> None:
    """Every event in every state: refused without a trace, or said and understood."""
    for event in words(direction):
        pair = Pair(direction=direction)
        pair.go(state)
        session = pair.side(role)
        if type(event) not in sayings(role, session.copy_role, state):
            with pytest.raises(LocalProtocolError, match=f"DTX101E {type(event).__name__} FROM THE {role}"):
                session.send(event, 0.0)
            assert session.outgoing() == []
            assert session.state is state
        elif type(event) is not CheckpointTaken:  # needs a mark, see below
            pair.say(role, event)
            assert pair.heard[pair.other(session)][-1] == event
            assert pair.pnode.state is pair.snode.state
            assert pair.pnode.state is sayings(role, None, state).get(type(event), session.state)


def test_several_steps_and_processes_share_a_session() -> None:
    pair = Pair()
    pair.go(State.READY)
    for direction in "PSSP":
        pair.direction = direction
        pair.say(Role.PNODE, request(direction))
        pair.say(Role.SNODE, CopyReply("A.B"))
        pair.say(Role.RECEIVER, Positions())
        pair.say(Role.SENDER, Start())
        pair.say(Role.SENDER, CheckpointMark(1, 0, 0, 0))  # numbered from the start in each step
        pair.copy_until_ready()
        pair.say(Role.PNODE, ProcessEnd("PAYDAY", 21))
        pair.say(Role.SNODE, ProcessEnd("PAYDAY", 21))
    assert pair.snode.state is State.READY


# ---- ends


@BOTH_WAYS
def test_a_refused_copy_is_a_step_that_failed_at_once(direction: str) -> None:
    pair = Pair(direction=direction)
    pair.go(State.REQUESTED)
    pair.say(Role.SNODE, StepFailed("DTX210E", "DATA SET NOT FOUND", 8))
    pair.say(Role.PNODE, StepFailed("DTX211E", "REFUSED BY THE PARTNER", 8))
    assert pair.pnode.state is pair.snode.state is State.READY


@BOTH_WAYS
@pytest.mark.parametrize("quitter", [Role.SENDER, Role.RECEIVER])
def test_what_is_under_way_when_a_step_is_ended_is_dropped(quitter: Role, direction: str) -> None:
    """One side ends the step; the other's words cross it on the wire, and the next step is not confused by them."""
    pair = Pair(direction=direction)
    pair.go(State.TRANSFERRING)
    pair.say(Role.SENDER, CheckpointMark(1, 0, 0, 0))
    other = pair.side(quitter.other)
    if quitter is Role.RECEIVER:
        for event in (Data(b"late", 1), CheckpointMark(2, 4, 1, 0), EndOfData(4, 1, 0)):
            other.send(event, 0.0)
    else:
        other.send(CheckpointTaken(1), 0.0)
    pair.side(quitter).send(StepFailed("DTX299E", "STOPPED BY THE OPERATOR", 8), 0.0)
    pair.heard[pair.side(quitter)].clear()
    pair.carry(other)
    assert pair.heard[pair.side(quitter)] == []  # dropped
    pair.carry(pair.side(quitter))
    pair.say(quitter.other, StepFailed("DTX200E", "THE PARTNER STOPPED", 8))
    assert pair.pnode.state is pair.snode.state is State.READY
    pair.say(Role.PNODE, request(direction))


@BOTH_WAYS
def test_both_sides_may_end_a_step_at_the_same_moment(direction: str) -> None:
    pair = Pair(direction=direction)
    pair.go(State.TRANSFERRING)
    for session in (pair.pnode, pair.snode):
        session.send(StepFailed("DTX299E", "STOPPED", 8), 0.0)
    pair.carry(pair.pnode)
    pair.carry(pair.snode)
    assert pair.pnode.state is pair.snode.state is State.READY


def test_an_end_that_crosses_success_leaves_both_ready() -> None:
    pair = Pair()
    pair.go(State.DRAINING)
    pair.side(Role.RECEIVER).send(StepEnd("SCPA000I"), 0.0)
    pair.side(Role.SENDER).send(StepFailed("DTX299E", "STOPPED", 8), 0.0)
    pair.carry(pair.pnode)
    pair.carry(pair.snode)
    assert pair.pnode.state is pair.snode.state is State.READY


def test_success_cannot_be_claimed_before_the_end_of_data() -> None:
    pair = Pair()
    pair.go(State.TRANSFERRING)
    with pytest.raises(LocalProtocolError):
        pair.snode.send(StepEnd(), 0.0)
    with pytest.raises(ValueError, match="say StepFailed"):
        StepEnd(condition_code=8)
    with pytest.raises(ValueError, match="say StepEnd"):
        StepFailed("DTX200E", "", condition_code=4)


def test_nothing_is_said_or_heard_after_the_session_end() -> None:
    pair = Pair()
    pair.go(State.READY)
    pair.say(Role.SNODE, SessionEnd(0, "", "SHUTDOWN"))
    with pytest.raises(SessionLost, match="CLOSED"):
        pair.pnode.send(request(), 0.0)
    pair.pnode.receive(b"anything", 0.0)
    pair.pnode.receive(b"", 0.0)
    assert pair.pnode.events() == []
    assert pair.pnode.deadline() is None


def test_a_lost_link_is_reported_once_and_refuses_further_words() -> None:
    pair = Pair()
    pair.go(State.TRANSFERRING)
    pair.pnode.receive(b"", 0.0)
    pair.pnode.receive(b"", 0.0)
    assert pair.pnode.events() == [SessionFailed("DTX110E", "LINK LOST IN STATE TRANSFERRING")]
    assert pair.pnode.outgoing() == []
    with pytest.raises(SessionLost, match="DTX110E LINK LOST"):
        pair.pnode.send(Data(b"x", 1), 0.0)


# ---- what is agreed


def test_the_smaller_buffer_holds_for_both() -> None:
    pair = Pair()
    pair.snode = Session(Role.SNODE, 0.0, buffer_bytes=40_000)
    pair.heard[pair.snode] = []
    pair.go(State.TRANSFERRING)
    assert pair.pnode.buffer_bytes == pair.snode.buffer_bytes == 40_000
    pair.say(Role.SENDER, Data(bytes(40_000), 1))
    with pytest.raises(LocalProtocolError, match="Data of 40001 bytes, agreed are 40000"):
        pair.pnode.send(Data(bytes(40_001), 1), 0.0)
    with pytest.raises(LocalProtocolError, match="Data of 40001 bytes"):
        pair.pnode.send(Data(b"tiny", 1, expanded=40_001), 0.0)
    with pytest.raises(LocalProtocolError, match="Data without payload"):
        pair.pnode.send(Data(b"", 1), 0.0)
    assert pair.pnode.outgoing() == []


@pytest.mark.parametrize("size", [0, MINIMUM_BUFFER_BYTES - 1, MAXIMUM_BUFFER_BYTES + 1])
def test_a_buffer_must_hold_a_block(size: int) -> None:
    with pytest.raises(ValueError, match="buffer"):
        Session(Role.PNODE, 0.0, buffer_bytes=size)
    with pytest.raises(ValueError, match="PNODE or an SNODE"):
        Session(Role.SENDER, 0.0)


def test_marks_rise_and_are_taken_once() -> None:
    pair = Pair()
    pair.go(State.TRANSFERRING)
    for number in (3, 4, 9):
        pair.say(Role.SENDER, CheckpointMark(number, 0, 0, 0))
    with pytest.raises(LocalProtocolError, match="CheckpointMark 9 after 9"):
        pair.pnode.send(CheckpointMark(9, 0, 0, 0), 0.0)
    with pytest.raises(LocalProtocolError, match="CheckpointTaken 5 does not answer a mark"):
        pair.snode.send(CheckpointTaken(5), 0.0)
    pair.say(Role.RECEIVER, CheckpointTaken(4))  # covers 3
    with pytest.raises(LocalProtocolError, match="CheckpointTaken 3"):
        pair.snode.send(CheckpointTaken(3), 0.0)
    pair.say(Role.RECEIVER, CheckpointTaken(9))


def test_the_sender_chooses_among_the_offered_positions() -> None:
    pair = Pair()
    pair.go(State.POSITIONING)
    pair.say(Role.RECEIVER, Positions("R", (Position(1, 2, 3, 4), Position(0, 0, 1, 1))))
    with pytest.raises(LocalProtocolError, match="position set 2 of 2"):
        pair.pnode.send(Start(2), 0.0)
    pair.say(Role.SENDER, Start(1))
    assert pair.pnode.state is State.TRANSFERRING


@pytest.mark.parametrize(
    "event",
    [
        Hello("A NODE", "CD.BRANCH", 7),
        Hello("N" * 17, "CD.BRANCH", 7),
        Hello("CD.LOCAL", "CD.BRANCH", -1),
        Hello("CD.LOCAL", "CD.BRANCH", 1 << 64),
        Hello("CD.LOCAL", "CD.BRANCH", 7, charset="X"),
        Hello("CD.LOCAL", "CD.BRANCH", 7, platform="new\nline"),
        Hello("CD.LOCAL", "CD.BRANCH", 7, version=2),
    ],
)
def test_an_event_that_does_not_fit_its_frame_is_not_said(event: Event) -> None:
    session = Session(Role.PNODE, 0.0)
    with pytest.raises(LocalProtocolError):
        session.send(event, 0.0)
    assert session.outgoing() == []
    session.send(Hello("CD.LOCAL", "CD.BRANCH", 7), 0.0)


def test_a_password_is_not_shown() -> None:
    assert "SECRET" not in repr(Security("IBMUSER", "SECRET"))


# ---- payloads


@pytest.mark.parametrize("crc", [False, True])
def test_payloads_pass_through_uncopied(crc: bool) -> None:
    pair = Pair(crc=crc, buffer_bytes=262_144)
    pair.go(State.TRANSFERRING)
    payload = bytes(range(256)) * 1024
    pair.pnode.send(Data(payload, 1), 0.0)
    head, body = pair.pnode.outgoing()
    assert body is payload
    pair.snode.receive(head, 0.0)
    pair.snode.receive(body, 0.0)
    (event,) = pair.snode.events()
    assert isinstance(event, Data)
    assert event.payload is payload


@pytest.mark.parametrize("slicing", [1, 7, 100, 4096, 1_000_000])
def test_any_slicing_gives_the_same_events(slicing: int) -> None:
    pair = Pair(crc=True)
    pair.go(State.TRANSFERRING)
    said = [Data(bytes([n]) * 3000, n) for n in range(1, 8)]
    for event in said:
        pair.pnode.send(event, 0.0)
    stream = b"".join(pair.pnode.outgoing())
    for start in range(0, len(stream), slicing):
        pair.snode.receive(stream[start : start + slicing], 0.0)
    assert pair.snode.events() == said


# ---- time


def test_the_handshake_has_a_deadline() -> None:
    snode = Session(Role.SNODE, 100.0, handshake_seconds=10.0)
    assert snode.deadline() == 110.0
    snode.tick(109.9)
    assert snode.state is State.CALLING
    snode.receive(b"\0", 109.95)  # a byte now and then does not buy time
    snode.tick(110.0)
    assert snode.events() == [SessionFailed("DTX111E", "NO ANSWER FROM THE PARTNER IN STATE CALLING")]
    assert Session(Role.PNODE, 100.0).deadline() is None  # its own move


def test_silence_is_measured_from_the_last_word() -> None:
    pair = Pair()
    pair.go(State.REQUESTED)
    assert pair.snode.deadline() is None
    assert pair.pnode.deadline() == 600.0
    pair.say(Role.SNODE, CopyReply("A.B"), now=500.0)
    assert pair.pnode.deadline() == 1100.0  # the receiver's move; the SNODE receives
    pair.say(Role.RECEIVER, Positions(), now=1000.0)
    assert pair.pnode.deadline() is None
    pair.say(Role.SENDER, Start(), now=1010.0)
    assert pair.pnode.deadline() is None
    pair.say(Role.SENDER, CheckpointMark(1, 0, 0, 0), now=1020.0)
    assert pair.pnode.deadline() == 1620.0  # an acknowledgement is due
    assert pair.snode.deadline() == 1620.0
    pair.pnode.tick(1620.0)
    assert pair.pnode.state is State.FAILED
    pair.carry(pair.pnode)
    assert pair.heard[pair.snode][-1] == SessionEnd(8, "DTX111E", "NO ANSWER FROM THE PARTNER IN STATE TRANSFERRING")


def test_between_two_steps_the_partner_may_run_a_program_of_its_own() -> None:
    for state, deadline in ((State.READY, 4200.0), (State.POSITIONED, 600.0)):
        pair = Pair()
        pair.snode = Session(Role.SNODE, 0.0, task_seconds=3600.0)
        pair.heard[pair.snode] = []
        pair.go(state)
        assert pair.snode.deadline() == deadline


def test_dropped_words_do_not_buy_time() -> None:
    pair = Pair()
    pair.go(State.TRANSFERRING)
    pair.snode.send(StepFailed("DTX299E", "STOPPED", 8), 5.0)
    pair.pnode.send(Data(b"x", 1), 300.0)
    for chunk in pair.pnode.outgoing():
        pair.snode.receive(chunk, 300.0)
    assert pair.snode.deadline() == 605.0


def test_every_kind_of_word_is_said_in_these_tests() -> None:
    assert {type(event) for event in words()} == {kind for _, _, kind in TRANSITIONS}
    assert {Accepted, Characteristics, CopyRequest} <= {type(event) for event in words()}
