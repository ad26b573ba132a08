"""The sorted table: what TensorFlow writes is read and written again byte for byte; nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import BundleError
from ksds.tensors import table
from ksds.tensors.checksums import masked_crc
from ksds.tensors.varints import varint
from tests.ksds.tensors.sets import REAL, REAL_SETS, needs_real_sets

PAIRS = [(b"", b"header"), *((f"layer{n:03}/weights".encode(), bytes([n])) for n in range(40)), (b"vocab", b"")]


def raw_block(body: bytes, kind: int = 0) -> bytes:
    return body + bytes([kind]) + masked_crc(body + bytes([kind])).to_bytes(4, "little")


def raw_entry(shared: int, key: bytes, value: bytes) -> bytes:
    return varint(shared) + varint(len(key)) + varint(len(value)) + key + value


def raw_table(data: bytes, index_key: bytes = b"z", meta: bytes = bytes(4) + b"\1\0\0\0", kind: int = 0) -> bytes:
    """A table of one data block with these bytes, everything around it sound."""
    block = raw_block(data, kind)
    metaindex = raw_block(meta)
    index = raw_block(raw_entry(0, index_key, varint(0) + varint(len(data))) + bytes(4) + b"\1\0\0\0")
    at = len(block) + len(metaindex)
    handles = varint(len(block)) + varint(len(meta)) + varint(at) + varint(len(index) - 5)
    return block + metaindex + index + handles.ljust(40, b"\0") + table.MAGIC_BYTES


def block_of(*entries: bytes, restarts: tuple[int, ...] = (0,)) -> bytes:
    return b"".join(entries) + b"".join(r.to_bytes(4, "little") for r in (*restarts, len(restarts)))


@needs_real_sets
@pytest.mark.parametrize("path", [f"{folder}/{stem}" for folder, stems in REAL_SETS.items() for stem in stems])
def test_a_table_of_tensorflow_is_written_again_byte_for_byte(path: str) -> None:
    image = (REAL / f"{path}.index").read_bytes()
    assert table.build(table.parse(image)) == image


@given(st.dictionaries(st.binary(max_size=30), st.binary(max_size=60), max_size=60))
def test_what_is_written_is_read(rows: dict[bytes, bytes]) -> None:
    pairs = sorted(rows.items())
    assert table.parse(table.build(pairs)) == pairs


def test_blocks_are_closed_at_256_kib_and_long_values_stand_alone() -> None:
    pairs = [(bytes([n]) * 3, bytes(size)) for n, size in enumerate((10, 200_000, 70_000, 5, 600_000, 7), 1)]
    image = table.build(pairs)
    assert table.parse(image) == pairs
    ends = [image.find(key) for key, _ in pairs]
    assert ends[3] - ends[2] > 70_000 + 5, "the third entry fills the block: a trailer follows it"
    assert ends[4] - ends[3] > 5 + 3 + 5, "the long one does not go into the block of the fourth"


def test_keys_of_the_index_block_are_short() -> None:
    image = table.build([(b"aaa/weights", bytes(262144)), (b"abc/weights", bytes(262144)), (b"vocab", b"")])
    index = image[-200:]
    assert b"aaa/weights" in index, "nothing shorter lies between aaa/weights and abc/weights"
    assert b"\x00\x01\x05b" in index.replace(b"\x00\x01\x06b", b"\x00\x01\x05b"), "b, above abc/weights, below vocab"
    assert table.parse(image)[2] == (b"vocab", b"")


def test_every_flipped_bit_is_noticed() -> None:
    image = table.build(PAIRS)
    for at in range(len(image)):
        for bit in range(8):
            damaged = bytearray(image)
            damaged[at] ^= 1 << bit
            with pytest.raises(BundleError):
                table.parse(bytes(damaged))


def test_a_table_cut_anywhere_is_refused() -> None:
    image = table.build(PAIRS)
    for size in range(len(image)):
        with pytest.raises(BundleError):
            table.parse(image[:size])


A, B = raw_entry(0, b"a", b"1"), raw_entry(0, b"b", b"2")
HOSTILE = {
    "keys descend": raw_table(block_of(B, A)),
    "a key twice": raw_table(block_of(A, A)),
    "more shared than there is": raw_table(block_of(A, raw_entry(2, b"b", b"2"))),
    "shared at a restart": raw_table(block_of(A, raw_entry(1, b"b", b"2"), restarts=(0, len(A)))),
    "a value past the end": raw_table(block_of(varint(0) + varint(1) + varint(99) + b"a1")),
    "a length of 2**63": raw_table(block_of(varint(0) + varint(1) + varint(1 << 63) + b"a1")),
    "a length without an end": raw_table(block_of(b"\xff" * 12)),
    "a restart inside an entry": raw_table(block_of(A, B, restarts=(0, 2))),
    "restarts that descend": raw_table(block_of(A, B, restarts=(0, len(A), len(A)))),
    "no restart": raw_table(A + bytes(4)),
    "2**31 restarts": raw_table(A + (1 << 31).to_bytes(4, "little")),
    "a restart behind an empty block": raw_table(block_of(restarts=(0, 4))),
    "a compressed block": raw_table(block_of(A, B), kind=1),
    "an unknown type of block": raw_table(block_of(A, B), kind=7),
    "an index key below the block's last": raw_table(block_of(A, B), index_key=b"a"),
    "a metaindex": raw_table(block_of(A, B), meta=raw_entry(0, b"filter", b"") + bytes(4) + b"\1\0\0\0"),
    "an empty block": raw_table(block_of()),
}


def test_the_hostile_tables_would_be_sound_without_their_fault() -> None:
    assert table.parse(raw_table(block_of(A, B))) == [(b"a", b"1"), (b"b", b"2")]


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_table_is_one_error_that_says_where(what: str) -> None:
    with pytest.raises(BundleError) as caught:
        table.parse(HOSTILE[what])
    assert str(caught.value).startswith("KSD201E ") and "\n" not in str(caught.value)


def test_a_compressed_block_is_refused_by_name() -> None:
    with pytest.raises(BundleError, match="SNAPPY"):
        table.parse(HOSTILE["a compressed block"])


def test_keys_that_grow_without_bytes_of_their_own_do_not_fill_the_memory() -> None:
    entries = [raw_entry(0, b"k" * 30_000, b"")]
    entries += [raw_entry(30_000 + n, b"k", b"") for n in range(20_000)]
    with pytest.raises(BundleError, match="TOO LONG TOGETHER"):
        table.parse(raw_table(block_of(*entries)))


def test_a_block_handle_leads_to_the_next_block_only() -> None:
    image = table.build(PAIRS)
    footer = len(image) - 48
    for meta_offset in (0, footer, 1 << 40, (1 << 64) - 1):
        handles = varint(meta_offset) + varint(8) + varint(meta_offset + 13) + varint(20)
        with pytest.raises(BundleError):
            table.parse(image[:footer] + handles.ljust(40, b"\0")[:40] + table.MAGIC_BYTES)
