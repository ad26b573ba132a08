"""What the DTF reads that others wrote: frames, packed buffers, Process texts, commands, records of its clusters."""

from __future__ import annotations

import random
import struct

import google_crc32c
import pytest

from dtf import netmap, statistics_log, transmission_queue
from dtf.command_language import CommandError, parse_commands
from dtf.copying import checkpoint
from dtf.copying.checkpoint import CheckpointDamaged, CheckpointRecord, PositionSet
from dtf.copying.compression import Compression, CompressionError, packer, unpack
from dtf.errors import NodeError, ProcessError
from dtf.netmap import AdjacentNode, NetmapError
from dtf.process import Process, parse, resolve
from dtf.protocol import events as words
from dtf.protocol.events import Event
from dtf.protocol.fields import FrameError
from dtf.protocol.frames import HEADER_BYTES, decode_body, decode_data, decode_header, encode, encode_data
from dtf.statistics_log import Statistic
from dtf.transmission_queue import QueuedProcess, QueueError
from tests.fuzz.targets import Target, hammer

pytestmark = pytest.mark.fuzz

LIMIT = 65_536


# -- frames --------------------------------------------------------------------------------------------------


def a_frame(rng: random.Random) -> bytes:
    number = rng.randrange(1 << 40)
    side = words.FileSide("A.B", ("NEW", "CATLG", ""), words.FileAttributes("PS", "FB", 80, 800), (("SPACE", "(1)"),))
    event = rng.choice(
        [
            words.Hello("NYC", "LON", number, buffer_bytes=LIMIT),
            words.Characteristics("LON", buffer_bytes=LIMIT),
            words.Security("USER", "secret"),
            words.Accepted(),
            words.CopyRequest("PAYDAY", 7, number, 1, "STEP01", rng.choice("PS"), side, side, checkpoint_interval=9),
            words.CopyReply("A.B", checkpoint_interval=number),
            words.Positions("B", tuple(words.Position(number, n, n, n) for n in range(rng.randrange(5)))),
            words.Start(rng.choice((None, 0, 3)), "why", number),
            words.CheckpointMark(1, number, 2, 3),
            words.CheckpointTaken(4),
            words.EndOfData(number, 1, 2),
            words.StepEnd("SCPA000I", "done"),
            words.StepFailed("DTX200E", "no", 8),
            words.RunRequest("T", "PAYDAY", 7, number, 1, "T1", "IEFBR14", "PARM", (("&A", "B"),)),
            words.ProcessEnd("PAYDAY", 7),
            words.SessionEnd(8, "DTX102E", "bad"),
            words.Data(rng.randbytes(rng.randrange(1, 90)), 3, rng.choice((0, 400))),
        ]
    )
    return b"".join(encode_data(event, rng.random() < 0.5)) if isinstance(event, words.Data) else encode(event)


def read_frame(data: bytes) -> Event:
    if len(data) < HEADER_BYTES:
        raise FrameError("short")
    header = decode_header(data[:HEADER_BYTES], LIMIT)
    body = data[HEADER_BYTES:]
    if len(body) != header.length:
        raise FrameError("the link ended")
    return decode_data(header, body[:8], body[8:]) if header.event is words.Data else decode_body(header, body)


def write_frame(event: Event) -> bytes:
    return b"".join(encode_data(event, True)) if isinstance(event, words.Data) else encode(event)


def mend_frame(data: bytes) -> bytes:
    """The length, the check sum and the CRC put right."""
    if len(data) < HEADER_BYTES:
        return data
    head = (len(data) - HEADER_BYTES).to_bytes(4, "big") + data[4:8]
    crc = google_crc32c.value(head + data[HEADER_BYTES:]) if head[6] == 1 else 0
    return head + struct.pack(">II", google_crc32c.value(head), crc) + data[HEADER_BYTES:]


# -- packed buffers ------------------------------------------------------------------------------------------


def a_packed_buffer(rng: random.Random) -> bytes:
    kind = rng.choice("PE")
    data = b"".join(bytes([rng.randrange(4) * 64]) * rng.randrange(1, 90) for _ in range(rng.randrange(1, 30)))
    pack = packer(Compression(kind))
    assert pack is not None
    return kind.encode() + len(data).to_bytes(4, "big") + pack(data)


def read_packed_buffer(data: bytes) -> bytes:
    if len(data) < 5:
        raise CompressionError("short")
    declared = int.from_bytes(data[1:5], "big")
    found = unpack(data[5:], Compression("E" if data[:1] == b"E" else "P"), declared, LIMIT)
    assert len(found) == declared <= LIMIT
    return found


# -- texts ---------------------------------------------------------------------------------------------------

TEXTS = (
    "* a comment\nPAYDAY   PROCESS SNODE=LON &DAY=%SUBDATE1 PRTY=5 - /* x */\n     CLASS=2 STARTT=(TUESDAY,3PM)\n"
    "S1 COPY FROM (DSN=A.B(+1) DISP=SHR) CKPT=10M COMPRESS PRIMECHAR=X'40' TO (DSN=C.D&DAY -\n"
    "   DISP=(NEW,CATLG,DELETE) DCB=(RECFM=FB,LRECL=80) SPACE=(CYL,(5,1)))\n"
    "  IF (S1 > 4) THEN\n  EXIT\n  ELSE\nS2 RUN TASK (PGM=X PARM=(A,'b c')) SNODE\n  EIF\n",
    'payday process snode=LON;1364 secure=tls13\n step1 copy from (file=/a/b* pnode sysopts=":datatype=text:")\n'
    "  ckpt=1m compress extended=(cmp=4,win=12) to (dsn=A.B snode disp=rpl)\n"
    " if (%msgid = SCPA000I) then goto step3 eif\n step3 submit dsn=A.B(C) subnode=snode &x=\\'y'\\ pend;\n",
    "P PROCESS SNODE=TCPNAME=H;1 SNODEID=(U,P)\n SYMBOL &A=X || Y\n"
    "S COPY FROM (DSN=&A SELECT=((A,B,R),C*,(D/E)) SNODE) TO (DSN='L.M' PNODE REPLACE)\n",
)


def a_text(rng: random.Random) -> bytes:
    return rng.choice(TEXTS).encode()


def read_text(data: bytes) -> Process:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ProcessError("no text") from None
    try:
        return resolve(parse(text), {"X": "1"}, {"SUBDATE1": "20260101"})
    except ProcessError as error:
        assert error.line > 0, error
        assert "^" in error.marked, error
        assert str(error).isprintable()
        raise


COMMANDS = (
    " SIGNON USERID=(ME,secret)\n SUBMIT PROC=PAYDAY MAXDELAY=UNLIMITED -\n   &DSN1='A.B' CLASS=4\n SIGNOFF\n",
    " SELECT STATISTICS WHERE(CCODE=(GT,4) PNAME=(A*,B) STARTT=(01/31/2026,08:00)) DETAIL=YES\n",
    "L CHANGE PROCESS WHERE(PNUM=3) RELEASE\n* x\n INSERT NETMAP NODE=LON ADDRESS='h:1364' PARSESS=(4,2)\n",
)


def read_commands(data: bytes) -> list[str]:
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise CommandError("no text") from None
    return [command.shown for command in parse_commands(lines)]


# -- records of the DTF's clusters ---------------------------------------------------------------------------


def a_queue_head(rng: random.Random) -> bytes:
    process = QueuedProcess(
        number=rng.randrange(1, 99_999),
        submitted=rng.randrange(1 << 60),
        name="PAYDAY",
        snode="LON",
        queue=rng.choice(("EX", "WA", "TI", "HO")),
        codes={f"S{n}": n for n in range(rng.randrange(9))},
        slot=2,
        pieces=tuple(range(3, 3 + rng.randrange(1, 43))),
    )
    return transmission_queue._encode(process)


def mend_queue_head(data: bytes) -> bytes:
    body = data[:-4]
    return body + google_crc32c.value(body).to_bytes(4, "big") if len(data) > 4 else data


def a_netmap_record(rng: random.Random) -> bytes:
    node = AdjacentNode(
        f"N{rng.randrange(99)}", "H", "host.example.com:1364", rng.randrange(1, 255), 1, rng.randbytes(9)
    )
    return netmap._encode(netmap._ADJACENT, node)


def a_statistic(rng: random.Random) -> bytes:
    fields = {"SNAM": "S1", "CCOD": str(rng.randrange(16)), "MSGI": "SCPA000I", "MSST": "text | bar"}
    return statistics_log._encode(Statistic(kind="CT", when=rng.randrange(1 << 60), number=7, name="P", fields=fields))


def a_checkpoint(rng: random.Random) -> bytes:
    record = CheckpointRecord(
        pnode="NYC",
        number=rng.randrange(1, 99_999),
        submitted=rng.randrange(1 << 60),
        step_number=1,
        step_label="S1",
        snode="LON",
        direction="P",
        mode="B",
        sets=tuple(PositionSet(n, n, n, n) for n in range(rng.randrange(5))),
        items={checkpoint.SOURCE_NAME: b"A.B", checkpoint.TARGET_NAME: rng.randbytes(rng.randrange(300))},
    )
    return checkpoint.encode(record)


def mend_checkpoint(data: bytes) -> bytes:
    if len(data) < 154:
        return data
    data = data[:36] + len(data).to_bytes(2, "big") + data[38:150] + bytes(4) + data[154:]
    return data[:150] + google_crc32c.value(data).to_bytes(4, "big") + data[154:]


TARGETS = [
    Target("frame", a_frame, read_frame, write_frame, mend_frame, FrameError),
    Target("packed buffer", a_packed_buffer, read_packed_buffer, None, refusal=CompressionError),
    Target("Process text", a_text, read_text, None, refusal=ProcessError),
    Target("commands", lambda rng: rng.choice(COMMANDS).encode(), read_commands, None, refusal=CommandError),
    Target(
        "queue head",
        a_queue_head,
        lambda data: transmission_queue._decode(2, data),
        transmission_queue._encode,
        mend_queue_head,
        QueueError,
    ),
    Target("netmap record", a_netmap_record, netmap._decode, None, refusal=NetmapError),
    Target("statistics record", a_statistic, statistics_log.decode, None, refusal=NodeError),
    Target("checkpoint record", a_checkpoint, checkpoint.decode, None, mend_checkpoint, CheckpointDamaged),
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_input_is_refused_or_means_what_it_says(target: Target) -> None:
    hammer(target)
