"""The bytes of frames: construct declares them, struct writes the frequent ones, and both say the same."""

from __future__ import annotations

from typing import Any

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtf.protocol.events import (
    CheckpointMark,
    CheckpointTaken,
    CopyReply,
    CopyRequest,
    Data,
    EndOfData,
    Event,
    FileAttributes,
    FileIdentity,
    FileSide,
    Position,
    Positions,
    RunRequest,
    SessionEnd,
    Start,
    StepEnd,
    StepFailed,
)
from dtf.protocol.fields import FrameError
from dtf.protocol.frames import (
    BODIES,
    CONTROL_BODY_LIMIT,
    CRC_FLAG,
    DATA_PREFIX_BYTES,
    FRAMES,
    HEADER,
    HEADER_BYTES,
    decode_body,
    decode_data,
    decode_header,
    encode,
    encode_data,
)
from tests.dtf.protocol.conversations import words

U8, U16, U32, U64 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 64))
LIMIT = 65536


def names(length: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=length)


def texts(limit: int) -> st.SearchStrategy[str]:
    printable = st.characters(exclude_categories=("C", "Z"))
    return st.text(printable | st.just(" "), max_size=limit // 4)


ATTRIBUTES = st.builds(FileAttributes, names(4), names(4), U32, U32, U16, U16)
IDENTITIES = st.builds(FileIdentity, U64, U64, U64)
SIDES = st.builds(
    FileSide,
    texts(1024),
    st.tuples(names(8), names(8), names(8)),
    ATTRIBUTES,
    st.lists(st.tuples(texts(16), texts(200)), max_size=5).map(tuple),
)
POSITIONS = st.builds(Position, U64, U64, U64, U32)
REQUESTS = st.builds(
    CopyRequest,
    process_name=names(8),
    process_number=U32,
    submit_tod=U64,
    step_number=U16,
    step_label=names(8),
    direction=st.sampled_from("PS"),
    source=SIDES,
    target=SIDES,
    identity=IDENTITIES,
    checkpoint_interval=U64,
    compress=st.sampled_from(["", "P", "E"]),
    prime=U8,
    level=st.integers(1, 9),
    window=st.integers(9, 15),
    memory=st.integers(1, 9),
    crc=st.booleans(),
    restart=st.booleans(),
)
MARKS = st.builds(CheckpointMark, U32, U64, U64, U32)
TAKEN = st.builds(CheckpointTaken, U32)
CONTROL = st.one_of(
    REQUESTS,
    MARKS,
    TAKEN,
    st.builds(
        CopyReply,
        name=texts(1024),
        attributes=ATTRIBUTES,
        identity=IDENTITIES,
        checkpoint_interval=U64,
        condition_code=st.integers(0, 7),
        message_id=names(8),
        text=texts(512),
    ),
    st.builds(Positions, st.sampled_from("BR"), st.lists(POSITIONS, max_size=4).map(tuple)),
    st.builds(Start, st.none() | st.integers(0, 3), texts(512), U64),
    st.builds(EndOfData, U64, U64, U32),
    st.builds(StepEnd, names(8), texts(512), st.integers(0, 7), U64, U64),
    st.builds(StepFailed, names(8), texts(512), st.integers(8, 65535), U64, U64),
    st.builds(
        RunRequest,
        kind=st.sampled_from("TJS"),
        process_name=names(8),
        process_number=U32,
        submit_tod=U64,
        step_number=U16,
        step_label=names(8),
        name=texts(1024),
        parameter=texts(2040),
        operands=st.lists(st.tuples(texts(33), texts(100)), max_size=5).map(tuple),
        again=st.booleans(),
    ),
    st.builds(SessionEnd, U16, names(8), texts(512)),
    st.sampled_from([word for word in words() if not isinstance(word, Data)]),
)


def decode(frame: bytes) -> Event:
    header = decode_header(frame[:HEADER_BYTES], LIMIT)
    assert header.length == len(frame) - HEADER_BYTES
    return decode_body(header, frame[HEADER_BYTES:])


@given(CONTROL)
def test_every_event_comes_back_from_its_frame(event: Event) -> None:
    assert decode(encode(event)) == event


@given(CONTROL)
def test_struct_and_construct_write_the_same_bytes(event: Event) -> None:
    frame = encode(event)
    body = BODIES[type(event)].build({"event": event})
    declared = {
        "length": len(body),
        "kind": FRAMES[type(event)].kind,
        "subtype": FRAMES[type(event)].subtype,
        "flags": CRC_FLAG,
        "check": google_crc32c.value(frame[:8]),
        "crc": google_crc32c.value(frame[:8] + body),
    }
    assert frame == HEADER.build(declared) + body
    assert BODIES[type(event)].parse(frame[HEADER_BYTES:]).event == event


@given(st.binary(min_size=1, max_size=300), U32, st.integers(0, LIMIT), st.booleans())
def test_data_frames_agree_with_their_declaration(payload: bytes, records: int, expanded: int, crc: bool) -> None:
    event = Data(payload, records, expanded)
    head, body = encode_data(event, crc)
    assert body is payload
    frame = head + body
    assert frame[HEADER_BYTES:] == BODIES[Data].build({"event": event})
    header = HEADER.parse(frame)
    assert (header.length, header.kind, header.flags) == (len(payload) + DATA_PREFIX_BYTES, 0xD1, int(crc))
    assert header.check == google_crc32c.value(frame[:8])
    assert header.crc == (google_crc32c.value(frame[:8] + frame[HEADER_BYTES:]) if crc else 0)
    decoded = decode_data(decode_header(frame[:16], LIMIT), frame[16:24], frame[24:])
    assert decoded == event


def test_a_checkpoint_costs_about_what_the_product_says() -> None:
    """30 bytes for each checkpoint (connect-direct, cost of checkpoints); ours is 40 with its checks, 20 the answer."""
    mark = encode(CheckpointMark(1, 10_000_000, 358, 0xDEADBEEF))
    assert mark.hex() == "00000018d2000100" + mark[8:16].hex() + "0000000100000000009896800000000000000166deadbeef"
    assert (len(mark), len(encode(CheckpointTaken(1)))) == (40, 20)


def test_the_frames_have_ibm_numbers_where_ibm_gives_them() -> None:
    for event, frame in FRAMES.items():
        if frame.name.startswith("FMH"):
            assert frame.name == f"FMH{frame.kind:02X}", event
        else:
            assert frame.kind >= 0xD1
    codes = {(frame.kind, frame.subtype) for frame in FRAMES.values()}
    assert len(codes) == len(FRAMES) - 1  # StepEnd and StepFailed share theirs


# ---- what is no frame


def header(length: int = 4, kind: int = 0xD3, subtype: int = 0, flags: int = 1, zero: int = 0, crc: int = 0) -> bytes:
    head = length.to_bytes(4, "big") + bytes([kind, subtype, flags, zero])
    return head + google_crc32c.value(head).to_bytes(4, "big") + crc.to_bytes(4, "big")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (header(kind=0x73), "unknown frame X'73' X'00'"),
        (header(subtype=1), "unknown frame X'D3' X'01'"),
        (header(kind=0, length=0), "unknown frame"),
        (header(flags=2), "flags"),
        (header(flags=0x81), "flags"),
        (header(zero=1), "flags"),
        (header(flags=0), "flags"),  # only Data goes without CRC
        (header(kind=0xD1, length=9, flags=0, crc=1), "CRC"),
        (header(length=CONTROL_BODY_LIMIT + 1), "body of 32769 bytes"),
        (header(length=0xFFFFFFFF), "body of 4294967295 bytes"),
        (header(length=0x80000000), "body of 2147483648 bytes"),
        (header(kind=0xD1, length=LIMIT + DATA_PREFIX_BYTES + 1), "body of 65545 bytes"),
        (header(kind=0xD1, length=DATA_PREFIX_BYTES), "body of 8 bytes"),
        (header(kind=0xD1, length=0), "body of 0 bytes"),
        (b"GET / HTTP/1.1\r\n", "unknown frame"),
        (b"\xff" * 16, "unknown frame"),
    ],
)
def test_a_header_that_begins_no_frame_is_refused_before_its_body(raw: bytes, why: str) -> None:
    with pytest.raises(FrameError, match=why):
        decode_header(raw, LIMIT)


@given(CONTROL, st.data())
def test_one_wrong_bit_is_noticed(event: Event, data: Any) -> None:
    frame = bytearray(encode(event))
    bit = data.draw(st.integers(0, len(frame) * 8 - 1))
    frame[bit // 8] ^= 0x80 >> bit % 8
    with pytest.raises(FrameError):
        found = decode_header(bytes(frame[:HEADER_BYTES]), LIMIT)
        assert found.length == len(frame) - HEADER_BYTES
        decode_body(found, bytes(frame[HEADER_BYTES:]))


@given(st.builds(Data, st.binary(min_size=1, max_size=300)), st.booleans(), st.integers(0, 16 * 8 - 1))
def test_one_wrong_bit_in_a_header_of_data_is_noticed_without_its_body(event: Data, crc: bool, bit: int) -> None:
    """A damaged length would else be waited for. A wrong CRC of the body is told once the body is there."""
    head = bytearray(encode_data(event, crc)[0][:HEADER_BYTES])
    head[bit // 8] ^= 0x80 >> bit % 8
    if bit >= 12 * 8 and crc:
        assert decode_header(bytes(head), LIMIT).length == len(event.payload) + DATA_PREFIX_BYTES
    else:
        with pytest.raises(FrameError):
            decode_header(bytes(head), LIMIT)


@given(st.sampled_from(words()), st.binary(max_size=200))
def test_a_body_of_other_bytes_is_refused_or_means_something(sample: Event, body: bytes) -> None:
    """With a right CRC, so that the layouts themselves are tried. What they accept is written back as it was."""
    kind = type(sample)
    head = len(body).to_bytes(4, "big") + bytes([FRAMES[kind].kind, FRAMES[kind].subtype, CRC_FLAG, 0])
    raw = head + b"".join(google_crc32c.value(part).to_bytes(4, "big") for part in (head, head + body))
    if kind is Data:
        return
    try:
        event = decode_body(decode_header(raw, LIMIT), body)
    except FrameError as error:
        assert "\n" not in str(error)
    else:
        assert encode(event) == raw + body


@pytest.mark.parametrize(
    "event",
    [
        SessionEnd(8, "DTX102E", "x" * 513),
        SessionEnd(8, "DTX102E", "two\nlines"),
        SessionEnd(8, "DTX102E", "\x1b[31m"),
        SessionEnd(8, "TOOLONGID", ""),
        SessionEnd(65536, "", ""),
        SessionEnd(-1, "", ""),
        Positions("B", (Position(0, 0, 0, 0),) * 5),
        Positions("X"),
        Positions("B", (Position(-1, 0, 0, 0),)),
        CheckpointMark(1 << 32, 0, 0, 0),
        CheckpointTaken(-1),
        CopyReply("A.B", condition_code=8),
        Start(4),
        EndOfData(1 << 64, 0, 0),
    ],
    ids=repr,
)
def test_what_does_not_fit_is_not_written(event: Event) -> None:
    with pytest.raises(FrameError) as caught:
        encode(event)
    assert "\n" not in str(caught.value)
    with pytest.raises(FrameError):
        encode_data(Data(b"x", 1 << 32), False)
