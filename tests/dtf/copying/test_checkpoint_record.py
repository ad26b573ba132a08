"""The checkpoint record: its layout, its ring, and when it may be believed (connect-direct.md section 11)."""

from dataclasses import replace

import construct as cs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtf.copying import checkpoint
from dtf.copying.checkpoint import CheckpointDamaged, CheckpointRecord, PositionSet, Shape, SourceIdentity

FIXED_OFFSETS = {  # the table of section 11.1
    "PNODE": 0, "PNUM": 16, "SUBTOD": 20, "EYE": 28, "VER": 32, "TYPE": 33, "STATE": 34, "FLAGS": 35, "RECLEN": 36,
    "CKSEQ": 38, "STEPNO": 42, "STEPLBL": 44, "SNODE": 52, "DIR": 68, "MODE": 69, "INTERVAL": 70, "CREATED": 78,
    "UPDATED": 86, "RETRY": 94, "SESSID": 96, "SOURCE": 104, "TARGET": 114, "SSIZE": 124, "SMTIME": 132,
    "SINODE": 140, "NSLOT": 148, "NVAR": 149, "RECCRC": 150,
}  # fmt: skip

TYPICAL = CheckpointRecord(
    pnode="CD.HOME",
    number=21,
    submitted=1_790_000_000_000_000_000,
    sequence=2,
    step_label="STEP01",
    snode="CD.BRANCH",
    interval=10_000_000,
    source_shape=Shape("PS", "FB", 300, 27900),
    target_shape=Shape("PS", "FB", 300, 27900),
    source=SourceIdentity(64_000_000, 1_790_000_000_000_000_001, 4711),
    sets=(PositionSet(800 << 32, 22_320_000, 800, 1), PositionSet(400 << 32, 11_160_000, 400, 2)),
    items={1: "PROD.ACCT.EXTRACT.DAY".encode("cp037"), 2: "BRANCH.ACCT.INPUT.DAY".encode("cp037")},
)

numbers = st.integers(0, 2**64 - 1)
shapes = st.builds(
    Shape,
    st.sampled_from(["", "PS", "PO", "VS"]),
    st.sampled_from(["", "F", "FB", "FBA", "V", "VB", "VBM", "U"]),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
)
words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@$", max_size=8)
records = st.builds(
    CheckpointRecord,
    pnode=words,
    number=st.integers(1, 99_999),
    submitted=numbers,
    kind=st.sampled_from("CT"),
    state=st.sampled_from("ODX"),
    flags=st.integers(0, 255),
    sequence=st.integers(0, 2**32 - 1),
    step_number=st.integers(0, 65535),
    step_label=words,
    snode=words,
    direction=st.sampled_from("PS"),
    mode=st.sampled_from("BR"),
    interval=numbers,
    created=numbers,
    updated=numbers,
    retries=st.integers(0, 65535),
    session=numbers,
    source_shape=shapes,
    target_shape=shapes,
    source=st.builds(SourceIdentity, numbers, numbers, numbers),
    sets=st.lists(st.builds(PositionSet, numbers, numbers, numbers, st.integers(0, 2**32 - 1)), max_size=4).map(tuple),
    items=st.dictionaries(st.integers(1, 11), st.binary(max_size=600), max_size=4),
)


def test_the_fixed_part_has_the_offsets_of_the_specification():
    at = 0
    for part in checkpoint.LAYOUT.subcons:
        if part.name in ("positions", "variable") or part.name is None:
            continue
        assert FIXED_OFFSETS[part.name] == at, part.name
        at += part.sizeof()
    assert at == checkpoint.FIXED_BYTES == 154
    assert checkpoint.SET_BYTES == 28


def test_a_typical_record_is_256_bytes():
    assert len(checkpoint.encode(TYPICAL)) == 256
    assert len(checkpoint.encode(replace(TYPICAL, sets=TYPICAL.sets[:1]))) == 228


def test_paths_of_1023_bytes_still_fit_one_control_interval():
    record = replace(TYPICAL, sets=TYPICAL.sets * 2, items={1: bytes(1023), 2: bytes(1023)})
    assert len(checkpoint.encode(record)) == 154 + 4 * 28 + 2 * (4 + 1023) < 4089


@given(records)
def test_struct_and_construct_agree_both_ways(record):
    raw = checkpoint.encode(record)
    seen = checkpoint.LAYOUT.parse(raw)
    assert (
        record.number,
        record.submitted,
        len(raw),
        record.sequence,
    ) == (seen.PNUM, seen.SUBTOD, seen.RECLEN, seen.CKSEQ)
    assert [(s.SRCPOS, s.DSTPOS, s.RECS, s.DATACRC) for s in seen.positions] == [
        (s.source, s.target, s.records, s.crc) for s in record.sets
    ]
    assert {item.tag: item.data for item in seen.variable} == record.items
    assert checkpoint.LAYOUT.build(seen) == raw
    assert checkpoint.decode(raw) == record


@given(records, st.data())
def test_one_turned_bit_anywhere_is_found(record, data):
    raw = bytearray(checkpoint.encode(record))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CheckpointDamaged):
        checkpoint.decode(bytes(raw))


@given(st.binary(max_size=400))
def test_noise_is_refused_in_one_line(noise):
    with pytest.raises(CheckpointDamaged) as refused:
        checkpoint.decode(noise)
    assert "\n" not in str(refused.value)


def test_lengths_that_lie_inside_a_sound_checksum_are_refused():
    raw = bytearray(checkpoint.encode(TYPICAL))
    for at, value in ((148, 5), (148, 3), (149, 200), (211, 255)):
        damaged = bytearray(raw)
        damaged[at] = value
        damaged[150:154] = bytes(4)
        damaged[150:154] = checkpoint.crc32c(bytes(damaged)).to_bytes(4, "big")
        with pytest.raises(CheckpointDamaged):
            checkpoint.decode(bytes(damaged))


@pytest.mark.parametrize("change", [{"number": 2**32}, {"pnode": "N" * 17}, {"interval": -1}, {"pnode": "日本"}])
def test_a_value_too_big_for_its_field_is_not_written(change):
    with pytest.raises(CheckpointDamaged):
        checkpoint.encode(replace(TYPICAL, **change))


def test_the_ring_keeps_the_four_newest_sets():
    record = replace(TYPICAL, sets=(), sequence=0, session=9)
    for n in range(1, 7):
        record = checkpoint.with_position(record, PositionSet(n, n, n, n), now=n, last_key=b"K%d" % n)
    assert [s.source for s in record.sets] == [6, 5, 4, 3]
    assert (record.sequence, record.updated, record.session, record.items[checkpoint.LAST_KEY]) == (6, 6, 9, b"K6")


def test_the_key_orders_processes_and_never_names_the_step():
    assert TYPICAL.key == checkpoint.encode(TYPICAL)[:28]
    assert replace(TYPICAL, step_number=2, step_label="STEP02").key == TYPICAL.key
    assert replace(TYPICAL, number=22).key > TYPICAL.key


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"step_number": 2}, "step 1"),
        ({"number": 22}, "Process"),
        ({"submitted": 1}, "Process"),
        ({"direction": "S"}, "direction"),
        ({"mode": "R"}, "mode"),
        ({"items": {1: b"x", 2: TYPICAL.items[2]}}, "source name"),
        ({"items": {1: TYPICAL.items[1], 2: b"x"}}, "target name"),
        ({"source_shape": Shape("PS", "FB", 300, 3000)}, "source attributes"),
        ({"target_shape": Shape("PS", "VB", 304, 27900)}, "target attributes"),
        ({"source": SourceIdentity(1, 1_790_000_000_000_000_001, 4711)}, "source size"),
        ({"source": SourceIdentity(64_000_000, 1, 4711)}, "time of change"),
        ({"source": SourceIdentity(64_000_000, 1_790_000_000_000_000_001, 1)}, "inode"),
    ],
)
def test_a_record_of_something_else_is_not_used_and_says_why(change, reason):
    assert checkpoint.mismatch(TYPICAL, TYPICAL) is None
    assert reason in checkpoint.mismatch(TYPICAL, replace(TYPICAL, **change))


def test_interval_session_and_retries_may_differ():
    assert checkpoint.mismatch(TYPICAL, replace(TYPICAL, interval=1, session=5, retries=3, sets=())) is None


def test_construct_refuses_a_foreign_eye_catcher():
    raw = bytearray(checkpoint.encode(TYPICAL))
    raw[28:32] = b"XXXX"
    with pytest.raises(cs.ConstError):
        checkpoint.LAYOUT.parse(bytes(raw))
