"""Re-blocking of variable records: the fast ways of both nodes do what record by record would do."""

import random

import pytest

from dtf.copying.checkpoint import Shape
from dtf.copying.shaping import ShapeError, block_fills, in_blocks, record_shaper
from dtf.copying.sources import shaped
from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.blocking import Blocker


def blocks_of(records, attributes):
    blocker = Blocker(attributes)
    blocker.add(records)
    blocker.end_block()
    run = blocker.take()
    blocks, at = [], 0
    while at < len(run):
        length = int.from_bytes(run[at : at + 2], "big")
        blocks.append(run[at : at + length])
        at += length
    return blocks


@pytest.mark.parametrize("seed", range(30))
def test_blocks_become_fills_and_fills_become_blocks_as_record_by_record(seed):
    rng = random.Random(seed)
    source = DataSetAttributes(rng.choice(["V", "VB"]), 104, rng.choice([108, 300, 5000]))
    blksize = rng.choice([124, 333, 4000])
    target = Shape("PS", rng.choice(["V", "VB"]), 120, blksize)
    records = [rng.randbytes(rng.choice([0, 1, 50, 99, 100])) for _ in range(rng.randrange(200))]
    expected = list(shaped(iter(records), target))
    found = list(block_fills(blocks_of(records, source), target))
    assert found == expected, seed
    attributes = DataSetAttributes(target.recfm, target.lrecl, target.blksize)
    taken = rng.randrange(len(found) + 1)
    payloads = [b"".join(unit for unit, _ in found[:taken]), b"".join(unit for unit, _ in found[taken:])]
    whole = b"".join(in_blocks(payload, target) for payload in payloads)
    assert whole == b"".join(blocks_of(records, attributes)), seed


TARGET = Shape("PS", "VB", 104, 500)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"\0", "X'00' at 0"),
        (b"\0\3\0\0", "at 0 of a buffer is wrong"),
        (b"\0\5\0\0a\0\x09\0\0a", "at 5 of a buffer is wrong"),
        (b"\0\5\0\1a", "at 0 of a buffer is wrong"),
        (record_shaper(Shape("PS", "VB", 204, 500))(bytes(101)), "record of 101 bytes, the target takes 100"),
    ],
)
def test_what_is_no_record_of_the_target_is_refused_at_its_place(payload, words):
    with pytest.raises(ShapeError, match=words):
        in_blocks(payload, TARGET)
    with pytest.raises(ShapeError):
        list(block_fills([b"\0\0\0\0" + payload], TARGET))
