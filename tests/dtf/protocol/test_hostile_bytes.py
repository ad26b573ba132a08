"""A partner that breaks the rules gets one clear answer and the session is over: nothing raises, nothing grows.

The same words are fed whole, byte by byte, and with garbage behind them, from every state (after h11's tests).
"""

from __future__ import annotations

import random
import tracemalloc

import google_crc32c
import pytest

from dtf.protocol.events import Data, Event, Hello, SessionEnd, SessionFailed, StepFailed
from dtf.protocol.frames import FRAMES, encode, encode_data
from dtf.protocol.session import Session
from dtf.protocol.states import OPEN_STATES, Role, State, is_in_flight, sayings
from tests.dtf.protocol.conversations import Pair, words

SEEDS = range(40)


def frame_of(event: Event, *, crc: bool = False) -> bytes:
    return b"".join(encode_data(event, crc)) if isinstance(event, Data) else encode(event)


def feed(session: Session, stream: bytes, slicing: int) -> list[Event | SessionFailed]:
    for start in range(0, len(stream), slicing):
        session.receive(stream[start : start + slicing], 1.0)
    return session.events()


def assert_refused_once(session: Session, events: list[Event | SessionFailed], identifier: str = "DTX102E") -> None:
    failures = [event for event in events if isinstance(event, SessionFailed)]
    assert len(failures) == 1
    assert events[-1] is failures[0]
    assert failures[0].message_id == identifier
    assert "\n" not in failures[0].text
    assert session.state is State.FAILED
    (answer,) = session.outgoing()
    other = Session(Role.SNODE, 0.0)
    other.receive(answer, 0.0)
    (said,) = other.events()
    assert isinstance(said, SessionEnd)
    assert (said.condition_code, said.message_id, said.text) == (8, identifier, failures[0].text)
    session.receive(encode(Hello("CD.LOCAL", "CD.BRANCH", 7, buffer_bytes=65536)), 2.0)
    assert session.events() == []
    assert session.outgoing() == []


@pytest.mark.parametrize("slicing", [1, 1_000_000], ids=["byte by byte", "whole"])
@pytest.mark.parametrize("direction", ["P", "S"])
@pytest.mark.parametrize("state", OPEN_STATES)
def test_every_word_in_every_state_is_understood_or_refused(state: State, direction: str, slicing: int) -> None:
    for role in (Role.PNODE, Role.SNODE):
        for event in words(direction):
            pair = Pair(direction=direction)
            pair.go(state)
            listener = pair.other(pair.side(role))
            copy_role = pair.side(role).copy_role
            events = feed(listener, frame_of(event), slicing)
            name = type(event).__name__
            if type(event) in sayings(role, copy_role, state) and name != "CheckpointTaken":
                assert events == [event]
            elif is_in_flight(role, copy_role, state, type(event)):
                assert events == []
                assert listener.state is state
            else:
                assert_refused_once(listener, events)
                assert name in events[-1].text


@pytest.mark.parametrize("slicing", [1, 5, 1_000_000])
@pytest.mark.parametrize("garbage", [b"\0" * 16, b"\xff" * 16, b"GET / HTTP/1.1\r\n\r\n", bytes(range(64))])
@pytest.mark.parametrize("state", [state for state in OPEN_STATES if state is not State.CALLING])
def test_garbage_after_good_frames_is_refused_and_the_good_frames_count(
    state: State, garbage: bytes, slicing: int
) -> None:
    pair = Pair()
    pair.go(state)
    good = [event for event in words() if type(event) in sayings(Role.PNODE, pair.pnode.copy_role, state)]
    good = [event for event in good if not isinstance(event, SessionEnd | StepFailed)][:1]
    events = feed(pair.snode, b"".join(map(frame_of, good)) + garbage, slicing)
    assert events[:-1] == good
    assert_refused_once(pair.snode, events)


def test_bytes_after_the_session_end_are_nobodys() -> None:
    pair = Pair()
    pair.go(State.READY)
    assert feed(pair.snode, encode(SessionEnd()) + b"\xff" * 100, 1_000_000) == [SessionEnd()]
    assert pair.snode.state is State.CLOSED
    assert pair.snode.outgoing() == []


@pytest.mark.parametrize("cut", [1, 11, 12, 13, 40])
def test_a_link_that_ends_inside_a_frame_is_a_lost_link(cut: int) -> None:
    snode = Session(Role.SNODE, 0.0)
    hello = encode(Hello("CD.LOCAL", "CD.BRANCH", 7, buffer_bytes=65536))
    snode.receive(hello[:cut], 0.0)
    snode.receive(b"", 0.0)
    assert snode.events() == [SessionFailed("DTX110E", "LINK LOST IN STATE CALLING")]


def with_crc(kind: int, subtype: int, body: bytes) -> bytes:
    head = len(body).to_bytes(4, "big") + bytes([kind, subtype, 1, 0])
    return head + b"".join(google_crc32c.value(part).to_bytes(4, "big") for part in (head, head + body)) + body


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (with_crc(0x68, 1, b""), "Hello"),
        (with_crc(0x68, 1, b"\0\2" + bytes(60)), "Hello"),
        (encode(Hello("CD.LOCAL", "CD.BRANCH", 7, buffer_bytes=1)), "buffer of 1 bytes"),
        (encode(Hello("CD.LOCAL", "CD.BRANCH", 7, buffer_bytes=1 << 31)), "buffer of 2147483648 bytes"),
        (encode(Hello("CD.LOCAL", "CD.BRANCH", 7, buffer_bytes=65536, version=9)), "version 9"),
        (with_crc(0x73, 0, b"abc"), "unknown frame X'73'"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x01\x02\x03\x04", "unknown frame"),  # a TLS client
    ],
)
def test_a_first_word_that_is_no_greeting_ends_the_session(stream: bytes, why: str) -> None:
    snode = Session(Role.SNODE, 0.0)
    events = feed(snode, stream, 3)
    assert why in events[-1].text
    assert_refused_once(snode, events)


@pytest.mark.parametrize("wrong", ["payload", "crc", "no crc"])
def test_a_data_frame_with_a_wrong_crc_ends_the_session(wrong: str) -> None:
    pair = Pair(crc=True)
    pair.go(State.TRANSFERRING)
    head, payload = encode_data(Data(b"payload", 1), wrong != "no crc")
    if wrong == "payload":
        payload = b"Payload"
    elif wrong == "crc":
        head = head[:12] + b"\0\0\0\0" + head[16:]
    events = feed(pair.snode, head + payload, 1_000_000)
    assert "Data" in events[-1].text
    assert "CRC" in events[-1].text
    assert_refused_once(pair.snode, events)


def test_more_data_than_agreed_is_refused_at_its_header() -> None:
    pair = Pair(buffer_bytes=40_000)
    pair.go(State.TRANSFERRING)
    head, _ = encode_data(Data(bytes(40_001), 1), False)
    events = feed(pair.snode, head[:16], 1_000_000)
    assert "limit is 40008" in events[-1].text
    assert_refused_once(pair.snode, events)


def test_a_compressed_payload_may_not_announce_more_than_a_buffer() -> None:
    pair = Pair(buffer_bytes=40_000)
    pair.go(State.TRANSFERRING)
    events = feed(pair.snode, frame_of(Data(b"bomb", 1, expanded=4_000_000_000)), 1_000_000)
    assert_refused_once(pair.snode, events)


def test_a_payload_in_single_bytes_takes_bounded_memory() -> None:
    pair = Pair(buffer_bytes=1_048_576)
    pair.go(State.TRANSFERRING)
    stream = frame_of(Data(bytes(60_000), 1))
    tracemalloc.start()
    try:
        for at in range(len(stream) - 1):
            pair.snode.receive(stream[at : at + 1], 0.0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    pair.snode.receive(stream[-1:], 0.0)
    assert [len(event.payload) for event in pair.snode.events() if isinstance(event, Data)] == [60_000]
    assert peak < 1_000_000


# ---- seeded damage to a whole conversation


def transcript(role: Role) -> bytes:
    """What `role` says in a copy from beginning to end, with a CRC in each frame."""
    pair = Pair(crc=True)
    said: list[bytes] = []
    session = pair.side(role)
    outgoing = session.outgoing

    def recorded() -> list[bytes]:
        chunks = outgoing()
        said.extend(chunks)
        return chunks

    session.outgoing = recorded  # type: ignore[method-assign]
    pair.go(State.TRANSFERRING)
    for number in range(5):
        pair.say(Role.SENDER, Data(bytes([number]) * 100, 1))
    pair.copy_until_ready()
    pair.say(Role.PNODE, SessionEnd())
    return b"".join(said)


def damage(stream: bytes, chance: random.Random) -> bytes:
    raw = bytearray(stream)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0:
                raw[at] ^= 1 << chance.randrange(8)
            case 1:
                raw[at : at + 4] = chance.choice([b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0"])
            case 2:
                del raw[at : at + chance.randint(1, 40)]
            case 3:
                raw[at:at] = chance.randbytes(chance.randint(1, 40))
            case _:
                raw[at:at] = raw[at : at + chance.randint(1, 200)]
        if not raw:
            return b"\0"
    return bytes(raw)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_conversation_ends_in_one_error(seed: int) -> None:
    """The listener plays its part honestly as far as the damaged words let it."""
    chance = random.Random(seed)
    stream = transcript(Role.PNODE)
    for _ in range(25):
        damaged = damage(stream, chance)
        snode = Session(Role.SNODE, 0.0)
        failures = 0
        while damaged:
            size = chance.choice([1, 12, 50, 1000])
            snode.receive(damaged[:size], 0.0)
            damaged = damaged[size:]
            for event in snode.events():
                failures += isinstance(event, SessionFailed)
                _answer(snode)
        assert failures <= 1, f"seed {seed}"
        assert (snode.state is State.FAILED) == (failures == 1), f"seed {seed}"


_SNODE_WORDS = {
    kind for kind in FRAMES if kind.__name__ in ("Characteristics", "Accepted", "CopyReply", "Positions", "StepEnd")
}


def _answer(snode: Session) -> None:
    for event in words():
        may_say = sayings(Role.SNODE, snode.copy_role, snode.state)
        if type(event) in _SNODE_WORDS and type(event) in may_say:
            snode.send(event, 0.0)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", SEEDS)
def test_noise_never_becomes_a_conversation(seed: int) -> None:
    chance = random.Random(seed)
    for role in (Role.PNODE, Role.SNODE):
        session = Session(role, 0.0)
        if role is Role.PNODE:
            session.send(Hello("CD.LOCAL", "CD.BRANCH", 7), 0.0)
            session.outgoing()
        events = feed(session, chance.randbytes(200), chance.choice([1, 7, 200]))
        assert_refused_once(session, events)
