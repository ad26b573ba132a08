"""The records of a node's own clusters: transmission queue (TCQ), netmap, statistics log and its index.

Each layout is declared once with construct, in capitals; the `_CODEC` beside it packs the same fields with struct up
to the first whose size varies, and is what runs. A property test holds the two equal, docs/FILE_FORMAT.md shows them.
All integers are big-endian and unsigned, text is EBCDIC (code page 037) unless it says otherwise.
"""

from __future__ import annotations

import struct

import construct as cs

QUEUE_RECORD_BYTES = 4089
QUEUE_BODY_BYTES = QUEUE_RECORD_BYTES - 4
QUEUE_VERSION = 3
CONTROL_EYE, HEAD_EYE, PIECE_EYE = (eye.encode("cp037") for eye in ("TCQC", "TCQH", "TCQT"))

QUEUE_RECORD = cs.Struct(
    "body" / cs.Bytes(QUEUE_BODY_BYTES),
    "crc" / cs.Int32ub,
)

QUEUE_CONTROL = cs.Struct(
    "eye" / cs.Const(CONTROL_EYE),
    "version" / cs.Const(QUEUE_VERSION, cs.Int8ub),
    "last_number" / cs.Int32ub,
    "last_session" / cs.Int64ub,
)
QUEUE_CONTROL_CODEC = struct.Struct(">4sBIQ")

QUEUE_RESULT = cs.Struct("label" / cs.Bytes(8), "code" / cs.Int16ub)
QUEUE_RESULT_CODEC = struct.Struct(">8sH")

QUEUE_HEAD = cs.Struct(
    "eye" / cs.Const(HEAD_EYE),
    "version" / cs.Const(QUEUE_VERSION, cs.Int8ub),
    "flags" / cs.Int8ub,
    "number" / cs.Int32ub,
    "submitted" / cs.Int64ub,
    "name" / cs.Bytes(8),
    "snode" / cs.Bytes(16),
    "submitter" / cs.Bytes(8),
    "queue" / cs.Bytes(2),
    "status" / cs.Bytes(2),
    "at" / cs.Int16ub,
    "step" / cs.Bytes(8),
    "class" / cs.Int8ub,
    "priority" / cs.Int8ub,
    "retries" / cs.Int16ub,
    "due" / cs.Int64ub,
    "condition_code" / cs.Int16ub,
    "message_id" / cs.Bytes(8),
    "text" / cs.Bytes(80),
    "step_message" / cs.Bytes(8),
    "length" / cs.Int32ub,
    "crc" / cs.Int32ub,
    "piece_count" / cs.Int8ub,
    "result_count" / cs.Int8ub,
    "pieces" / cs.Array(cs.this.piece_count, cs.Int32ub),
    "results" / cs.Array(cs.this.result_count, QUEUE_RESULT),
)
QUEUE_HEAD_CODEC = struct.Struct(">4sBBIQ8s16s8s2s2sH8sBBHQH8s80s8sIIBB")

QUEUE_PIECE = cs.Struct(
    "eye" / cs.Const(PIECE_EYE),
    "version" / cs.Const(QUEUE_VERSION, cs.Int8ub),
    "number" / cs.Int32ub,
    "part" / cs.Int8ub,
    "length" / cs.Int16ub,
    "document" / cs.Bytes(cs.this.length),
)
QUEUE_PIECE_CODEC = struct.Struct(">4sBIBH")

NETMAP_RECORD = cs.Struct(
    "type" / cs.Bytes(1),
    "name" / cs.Bytes(16),
    "kind" / cs.Bytes(1),
    "sessions" / cs.Int8ub,
    "default_class" / cs.Int8ub,
    "compression" / cs.Bytes(1),
    "length" / cs.Int16ub,
    "address" / cs.Bytes(cs.this.length),
    "certificate" / cs.GreedyBytes,
)
NETMAP_CODEC = struct.Struct(">1s16s1sBB1sH")

STATISTICS_RECORD = cs.Struct(
    "length" / cs.Int16ub,
    "type" / cs.Bytes(2),
    "time" / cs.Bytes(4),
    "date" / cs.Bytes(4),
    "number" / cs.Int32ub,
    "name" / cs.Bytes(8),
    "when" / cs.Int64ub,
    "fields" / cs.Bytes(cs.this.length - 32),
)
STATISTICS_CODEC = struct.Struct(">H2s4s4sI8sQ")

STATISTICS_ENTRY = cs.Struct("number" / cs.Int32ub, "rba" / cs.Int64ub, "type" / cs.Bytes(2))
STATISTICS_ENTRY_CODEC = struct.Struct(">IQ2s")
