"""The reader of `.index` files on damaged input: one BundleError, or an index that is written and read as the same.

A third of the 20,000 inputs (`KSDS_TEST_SCALE` multiplies) are a sound file changed anywhere; a third have the
checksums of their blocks put right again, as whoever means harm would; a third are a sound table around changed rows.
The data of each index that is accepted are checked, too, against data files of random length.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress

import pytest

from ksds.errors import BundleError
from ksds.storage.device import MemoryFolder
from ksds.tensors import table
from ksds.tensors.bundle_files import Bundle, shard_name
from ksds.tensors.checksums import masked_crc
from ksds.tensors.state_file import CheckpointState, format_state, parse_state
from ksds.tensors.tensor_index import TensorIndex
from tests.fuzz.alarm import Hang, alarm, one_more
from tests.fuzz.mutations import mutated
from tests.ksds.tensors import sets
from tests.ksds.tensors.sets import FLOAT, INT32, INT64, STRING, Made

pytestmark = pytest.mark.fuzz

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EXECUTIONS = max(1000, round(20_000 * SCALE))
SEEDS = 40

Rows = list[table.Pair]


def some_rows(rng: random.Random) -> Rows:
    """A sound index of a few tensors, one of them partitioned, one of strings."""
    shards = rng.randrange(1, 4)
    made = []
    for n in range(rng.randrange(1, 12)):
        rows = rng.randrange(1, 6)
        name, shard = f"layer{n}/{rng.choice(('w', 'bias', 'weights/Momentum'))}".encode(), rng.randrange(shards)
        cuts = tuple(sorted(rng.sample(range(1, rows), rng.randrange(rows)))) if rows > 1 else ()
        made.append(Made(name, rng.choice((FLOAT, INT32)), (rows, 2), rng.randbytes(8 * rows), shard, cuts))
    made.append(Made(b"words", STRING, (3,), (b"", b"one", rng.randbytes(150))))
    made.append(Made(b"global_step", INT64, (), bytes(8)))
    return sets.rows_and_data(made, shards)[0]


def mended(data: bytes) -> bytes:
    """The checksums of the blocks put right, as far as the footer still tells where blocks are."""
    found = bytearray(data)
    if len(data) < table.FOOTER_BYTES:
        return data
    try:
        footer = len(data) - table.FOOTER_BYTES
        meta, at = table._handle(data, footer, footer + table.HANDLES_BYTES)
        index, _ = table._handle(data, at, footer + table.HANDLES_BYTES)
    except BundleError:
        return data
    for offset, size in ((0, meta[0] - table.TRAILER_BYTES), meta, index):
        end = offset + size + 1
        if 0 <= offset < end <= len(found) - 4:
            found[end : end + 4] = masked_crc(bytes(found[offset:end])).to_bytes(4, "little")
    return bytes(found)


def changed_rows(rows: Rows, others: list[bytes], rng: random.Random) -> bytes:
    """A sound table whose rows are not: one value changed, a key too now and then."""
    found = dict(rows)
    key = rng.choice(list(found))
    value = mutated(found.pop(key), others, rng)
    found[mutated(key, others, rng) if rng.random() < 0.3 else key] = value
    return table.build(sorted(found.items()))


def judge(data: bytes, rng: random.Random) -> bool:
    """True if the input was accepted. Raises on any oddity."""
    one_more()
    try:
        index = TensorIndex.from_bytes(data)
    except BundleError as error:
        assert error.condition_code == 12 and "\n" not in str(error)
        return False
    assert TensorIndex.from_bytes(index.to_bytes()) == index, "written again it reads differently"
    folder = MemoryFolder()
    for shard in sorted(index.shard_bytes())[:4]:
        folder.open(shard_name("m", shard, index.header.shards), create=True).write(
            0, rng.randbytes(rng.randrange(400))
        )
    bundle = Bundle(folder, "m", index, data)
    with suppress(BundleError):
        bundle.check_whole()
    for _, found in bundle.damage(lambda count: None):
        assert found is None or "\n" not in str(found)
    return True


def test_a_damaged_index_is_refused_or_means_what_it_says() -> None:
    rng = random.Random("tensor index")
    rows = [some_rows(rng) for _ in range(SEEDS)]
    images = [table.build(found) for found in rows]
    values = [value for found in rows for _, value in found]
    accepted = [0, 0, 0]
    with alarm():
        assert all(judge(image, rng) for image in images)
        for turn in range(EXECUTIONS):
            if turn % 3 == 2:
                data = changed_rows(rng.choice(rows), values, rng)
            else:
                data = mutated(rng.choice(images), images, rng)
                data = mended(data) if turn % 3 else data
            try:
                accepted[turn % 3] += judge(data, rng) and data not in images
            except (Exception, Hang) as error:
                raise AssertionError(f"turn {turn}: {error!r} on X'{data.hex().upper()}'") from error
    print(f"\n{EXECUTIONS} inputs; of damaged, mended, changed rows accepted: {accepted}")
    assert accepted[0] == 0, "a changed file passed for a sound one"
    assert 0 < accepted[1] < EXECUTIONS // 3 and 0 < accepted[2] < EXECUTIONS // 3


def test_a_damaged_state_file_is_refused_or_means_what_it_says() -> None:
    rng = random.Random("state file")
    texts = [
        format_state(CheckpointState(f"model-{n}", tuple(f"m'\"\\{k}" for k in range(n)), ("1.5",) * n, "7"))
        for n in range(5)
    ]
    accepted = 0
    with alarm():
        for turn in range(EXECUTIONS // 4):
            data = mutated(rng.choice(texts), texts, rng)
            one_more()
            try:
                state = parse_state(data)
            except BundleError:
                continue
            except (Exception, Hang) as error:
                raise AssertionError(f"turn {turn}: {error!r} on {data!r}") from error
            assert parse_state(format_state(state)) == state
            accepted += 1
    assert 0 < accepted < EXECUTIONS // 4
