"""The CKPT cluster: what is filed is found, what is damaged is named."""

from dataclasses import replace

import pytest

from dtf.copying.checkpoint import CheckpointDamaged, CheckpointRecord, PositionSet, Shape, key_of
from dtf.copying.checkpoint_file import NAME, CheckpointFile
from dtf.copying.checkpoint_listing import as_json, fields, title

RECORD = CheckpointRecord(
    pnode="NYC",
    number=7,
    submitted=1_790_000_000_000_000_000,
    step_label="STEP01",
    snode="LON",
    interval=100_000,
    updated=1_790_000_000_000_000_000,
    sequence=2,
    source_shape=Shape("PS", "FB", 100, 10000),
    target_shape=Shape("PS", "FB", 100, 10000),
    sets=(PositionSet(20 << 32, 200_000, 20, 0xABCD), PositionSet(10 << 32, 100_000, 10, 0x1234)),
    items={1: "PAY.SRC".encode("cp037"), 2: "PAY.DST".encode("cp037"), 7: b"\x01\x02"},
)


def test_a_record_is_filed_replaced_and_removed(pair):
    with CheckpointFile(pair.nyc, "w") as file:
        file.file(RECORD)
        file.file(replace(RECORD, sequence=3))
        file.file(replace(RECORD, number=8))
    with CheckpointFile(pair.nyc, "w") as file:
        assert file.find(RECORD.key) == replace(RECORD, sequence=3)
        assert [record.number for _, record in file.records()] == [7, 8]
        assert file.remove("NYC", 7, RECORD.submitted)
        assert not file.remove("NYC", 7, RECORD.submitted)
        assert file.find(RECORD.key) is None


def test_only_a_done_record_goes_when_its_process_has_ended(pair):
    with CheckpointFile(pair.nyc, "w") as file:
        file.file(RECORD)
        file.file(replace(RECORD, submitted=1, state="D"))
        file.remove_done("NYC", 7)
        assert [record.submitted for _, record in file.records()] == [RECORD.submitted]


def test_a_damaged_record_is_shown_as_damaged_and_can_be_replaced(pair):
    with pair.nyc.key_sequenced(NAME, "w") as cluster:
        cluster.insert(key_of("NYC", 7, RECORD.submitted) + bytes(200))
    with CheckpointFile(pair.nyc, "w") as file:
        ((raw, record),) = file.records()
        assert isinstance(record, CheckpointDamaged)
        assert "DTX210E" in title(raw)
        assert as_json(raw)["damage"]
        with pytest.raises(CheckpointDamaged):
            file.find(RECORD.key)
        file.file(RECORD)
        assert file.find(RECORD.key) == RECORD


def test_the_listing_shows_every_byte_of_the_record_once(pair):
    with CheckpointFile(pair.nyc, "w") as file:
        file.file(RECORD)
        ((raw, _),) = file.records()
    lines = fields(raw)
    at = 0
    for line in lines:
        assert line.offset == at, line
        at += line.length
    assert at == len(raw)
    shown = {line.name: line.value for line in lines}
    assert shown["PNODE"] == "NYC"
    assert shown["DIR"] == "P PNODE sends"
    assert shown["SET 1"] == "source block 20, target 200000 bytes, 20 blocks, CRC-32C 0000ABCD"
    assert shown["ITEM 7"] == "last key: 0102"
    assert as_json(raw)["positions"][1] == {"source": 10 << 32, "target": 100_000, "records": 10, "crc": "00001234"}
