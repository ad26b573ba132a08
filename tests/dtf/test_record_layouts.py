"""Two codecs, one truth: what struct packs for a node's own clusters is what construct declares."""

from google_crc32c import value as crc32c
from hypothesis import given
from hypothesis import strategies as st

from dtf import netmap, statistics_listing, statistics_log, transmission_queue
from dtf import record_layouts as layouts
from dtf.netmap import AdjacentNode
from dtf.statistics_log import Statistic
from dtf.transmission_queue import QueuedProcess


def uint(size):
    return st.integers(0, 256**size - 1)


def upper(width):
    return st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$", max_size=width)


def blank_padded(text, width):
    return text.encode("cp037").ljust(width, b"\x40")


def sealed(body):
    """A whole record of the queue: zeros to its end, then the CRC-32C."""
    body = body.ljust(layouts.QUEUE_BODY_BYTES, b"\0")
    record = layouts.QUEUE_RECORD.build({"body": body, "crc": crc32c(body)})
    assert len(record) == layouts.QUEUE_RECORD_BYTES == 4089
    return record


def agree(layout, codec, record):
    """Both read the same values from `record` and write it from them again; construct also what varies in size."""
    seen, values = layout.parse(record), codec.unpack_from(record)
    assert tuple(seen[member.name] for member in layout.subcons[: len(values)]) == values
    assert layout.build(seen) == record
    assert codec.pack(*values) == record[: codec.size]


@given(uint(4), uint(8))
def test_the_control_record_is_the_same_to_both(number, session):
    record = layouts.QUEUE_CONTROL_CODEC.pack(layouts.CONTROL_EYE, layouts.QUEUE_VERSION, number, session)
    agree(layouts.QUEUE_CONTROL, layouts.QUEUE_CONTROL_CODEC, record)


@given(uint(4), uint(1), st.binary(max_size=4073))
def test_a_piece_of_a_document_is_the_same_to_both_and_fits_its_record(number, part, document):
    head = (layouts.PIECE_EYE, layouts.QUEUE_VERSION, number, part, len(document))
    piece = layouts.QUEUE_PIECE_CODEC.pack(*head) + document
    agree(layouts.QUEUE_PIECE, layouts.QUEUE_PIECE_CODEC, piece)
    assert transmission_queue._sealed(piece) == sealed(piece)


@given(st.binary(min_size=10, max_size=10))
def test_a_result_is_the_same_to_both(record):
    agree(layouts.QUEUE_RESULT, layouts.QUEUE_RESULT_CODEC, record)


@st.composite
def queued_processes(draw):
    codes = draw(st.dictionaries(upper(8), uint(2), max_size=255))
    texts = {name: draw(upper(width)) for name, width in {"name": 8, "snode": 16, "submitter": 8}.items()}
    return QueuedProcess(
        **texts,
        number=draw(uint(4)),
        submitted=draw(uint(8)),
        queue=draw(st.sampled_from(["EX", "WA", "TI", "HO"])),
        status=draw(upper(2)),
        at=draw(uint(2)),
        step=draw(upper(8)),
        class_=draw(uint(1)),
        priority=draw(uint(1)),
        requeue=draw(st.booleans()),
        restart=draw(st.booleans()),
        retain=draw(st.sampled_from(["NO", "YES", "INITIAL"])),
        retries=draw(uint(2)),
        due=draw(uint(8)),
        condition_code=draw(uint(2)),
        message_id=draw(upper(8)),
        text=draw(upper(80)),
        step_message=draw(upper(8)),
        codes=codes,
        slot=2,
        pieces=tuple(draw(st.lists(uint(4), max_size=42))),
        length=draw(uint(4)),
        crc=draw(uint(4)),
    )


@given(queued_processes())
def test_a_queued_process_is_the_declared_head_zeros_and_a_crc(process):
    head = layouts.QUEUE_HEAD.build(
        {
            "flags": 0x80 * process.requeue
            | 0x40 * process.restart
            | {"NO": 0, "YES": 0x20, "INITIAL": 0x10}[process.retain],
            "number": process.number,
            "submitted": process.submitted,
            "name": blank_padded(process.name, 8),
            "snode": blank_padded(process.snode, 16),
            "submitter": blank_padded(process.submitter, 8),
            "queue": blank_padded(process.queue, 2),
            "status": blank_padded(process.status, 2),
            "at": process.at,
            "step": blank_padded(process.step, 8),
            "class": process.class_,
            "priority": process.priority,
            "retries": process.retries,
            "due": process.due,
            "condition_code": process.condition_code,
            "message_id": blank_padded(process.message_id, 8),
            "text": blank_padded(process.text, 80),
            "step_message": blank_padded(process.step_message, 8),
            "length": process.length,
            "crc": process.crc,
            "piece_count": len(process.pieces),
            "result_count": len(process.codes),
            "pieces": process.pieces,
            "results": [{"label": blank_padded(label, 8), "code": code} for label, code in process.codes.items()],
        }
    )
    agree(layouts.QUEUE_HEAD, layouts.QUEUE_HEAD_CODEC, head)
    record = sealed(head)
    assert transmission_queue._encode(process) == record
    assert transmission_queue._decode(2, record) == process


@given(
    upper(16),
    st.sampled_from("FH"),
    st.text(max_size=100),
    uint(1),
    uint(1),
    st.binary(max_size=50),
    st.sampled_from("LA"),
)
def test_a_node_is_the_declared_netmap_record(name, kind, address, sessions, default_class, certificate, type_):
    node = AdjacentNode(name, kind, address, sessions, default_class, certificate)
    record = layouts.NETMAP_RECORD.build(
        {
            "type": type_.encode("cp037"),
            "name": blank_padded(name, 16),
            "kind": kind.encode("cp037"),
            "sessions": sessions,
            "default_class": default_class,
            "compression": "A".encode("cp037"),
            "length": len(address.encode()),
            "address": address.encode(),
            "certificate": certificate,
        }
    )
    agree(layouts.NETMAP_RECORD, layouts.NETMAP_CODEC, record)
    assert netmap._encode(type_.encode("cp037"), node) == record
    assert netmap._decode(record) == node


@given(
    st.sampled_from(list(statistics_listing.TYPES)),
    st.integers(0, 4 * 10**18),
    uint(4),
    upper(8),
    st.dictionaries(upper(4).filter(bool), upper(20), max_size=8),
    uint(8),
)
def test_an_event_is_the_declared_log_record_and_index_entry(kind, when, number, name, fields, rba):
    statistic = Statistic(kind=kind, when=when, number=number, name=name, fields=fields)
    text = "".join(f"{key}={value}|" for key, value in fields.items()).encode("cp037")
    moment = statistic.moment
    head = {"type": kind.encode("cp037"), "number": number}
    record = layouts.STATISTICS_RECORD.build(
        {
            **head,
            "length": 32 + len(text),
            "time": bytes.fromhex(f"{moment:%H%M%S}{moment.microsecond // 10_000:02d}"),
            "date": bytes.fromhex(f"{moment:%Y%j}F"),
            "name": blank_padded(name, 8),
            "when": when,
            "fields": text,
        }
    )
    agree(layouts.STATISTICS_RECORD, layouts.STATISTICS_CODEC, record)
    assert statistics_log._encode(statistic) == record
    assert statistics_log.decode(record) == statistic
    entry = layouts.STATISTICS_ENTRY.build({**head, "rba": rba})
    agree(layouts.STATISTICS_ENTRY, layouts.STATISTICS_ENTRY_CODEC, entry)
    assert statistics_log._entry(statistic, rba) == entry
