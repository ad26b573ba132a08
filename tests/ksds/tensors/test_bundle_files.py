"""The set of files of a prefix: found by exact names, whole or not, each tensor's data held against its checksum."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import BundleError, TensorDamaged
from ksds.storage.device import FileFolder, MemoryFolder
from ksds.tensors import table
from ksds.tensors.bundle_files import Bundle, members
from ksds.tensors.dtypes import dtype_name
from ksds.tensors.tensor_data import DataFile
from ksds.tensors.tensor_index import TensorIndex, shown
from tests.ksds.tensors import sets
from tests.ksds.tensors.sets import INT32, REAL, REAL_SETS, Made, needs_real_sets


def nothing(count: int) -> None:
    """Nobody watches."""


def opened(folder: Path, stem: str) -> Bundle:
    return Bundle.open(FileFolder(folder), stem)


def damaged(bundle: Bundle) -> set[bytes]:
    return {tensor.name for tensor, found in bundle.damage(nothing) if found}


def in_memory(rows: list[table.Pair], files: list[bytes]) -> Bundle:
    folder = MemoryFolder()
    names = {f"m.data-{n:05d}-of-{len(files):05d}": data for n, data in enumerate(files)}
    for name, data in {**names, "m.index": table.build(rows)}.items():
        folder.open(name, create=True).write(0, data)
    return Bundle.open(folder, "m")


# -- real sets -----------------------------------------------------------------------------------------------------


def contents(bundle: Bundle, name: bytes) -> bytes:
    """A tensor's bytes, slices put together; of strings each behind its length, as the expected digests have it."""
    (tensor,) = [tensor for tensor in bundle.index.tensors if tensor.name == name]

    def data(shard: int) -> DataFile:
        return bundle.folder.open(bundle.shard_name(shard), writable=False)

    if tensor.parts:
        columns = tensor.entry.shape[1] * tensor.places[0].size // max(1, len_of(tensor.places[0].shape))
        out = bytearray(columns * tensor.entry.shape[0])
        for (rows, cols), part in tensor.parts:
            (top, bottom), (left, right) = rows.within(tensor.entry.shape[0]), cols.within(tensor.entry.shape[1])
            width = columns // tensor.entry.shape[1]
            piece = data(part.shard).read(part.offset, part.size)
            wide = (right - left) * width
            for row in range(top, bottom):
                at = row * columns + left * width
                out[at : at + wide] = piece[(row - top) * wide : (row - top + 1) * wide]
        return bytes(out)
    return data(tensor.entry.shard).read(tensor.entry.offset, tensor.entry.size)


def len_of(shape: tuple[int, ...]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


@needs_real_sets
@pytest.mark.parametrize("folder", REAL_SETS)
def test_a_real_set_says_what_tensorflow_says_of_it(folder: str) -> None:
    expected = json.loads((REAL / f"{folder}.expected.json").read_text(encoding="utf-8"))["bundles"]
    assert set(expected) == set(REAL_SETS[folder])
    for stem, wanted in expected.items():
        bundle = opened(REAL / folder, stem)
        bundle.check_whole()
        bundle.check_data(nothing)
        assert [pair[0].hex() for pair in bundle.index.pairs[1:]] == [row["key_hex"] for row in wanted["index"]]
        found = {shown(tensor.name): tensor for tensor in bundle.index.tensors}
        assert set(found) == set(wanted["tensors"])
        for name, says in wanted["tensors"].items():
            entry = found[name].entry
            assert (dtype_name(entry.dtype), list(entry.shape)) == (says["dtype"], says["shape"])
            if says["dtype"] != "string":
                assert hashlib.sha256(contents(bundle, found[name].name)).hexdigest() == says["sha256"], name


@needs_real_sets
@pytest.mark.parametrize("folder", REAL_SETS)
def test_the_files_of_one_prefix_are_not_those_of_its_neighbour(folder: str) -> None:
    for stem in REAL_SETS[folder]:
        names = opened(REAL / folder, stem).names()
        assert names[-1] == f"{stem}.index"
        assert sorted(names) == [path.name for path in sorted((REAL / folder).iterdir()) if path.stem == stem]


# -- what is there, and whole --------------------------------------------------------------------------------------


def test_a_set_is_found_by_exact_names(tmp_path: Path) -> None:
    for stem in ("model.ckpt-2", "model.ckpt-20"):
        sets.write(tmp_path, stem, sets.some(), 2, meta=b"graph")
    for name in ("model.ckpt-2.data-00000-of-00002.tempstate123", "model.ckpt-2.index~", "model.ckpt-2"):
        (tmp_path / name).write_bytes(b"x")
    endings = ("data-00000-of-00002", "data-00001-of-00002", "index", "meta")
    assert members(FileFolder(tmp_path), "model.ckpt-2") == [f"model.ckpt-2.{ending}" for ending in endings]


@pytest.mark.parametrize(
    ("stem", "says"),
    [("model.ckpt-1.index", "NAME THE SET, model.ckpt-1"), ("model.ckpt-1.data-00000-of-00001", "NAME THE SET"),
     ("old", "FORMAT V1"), ("model.ckpt", "model.ckpt.index IS NOT THERE")],
)  # fmt: skip
def test_whoever_names_no_set_is_told_why(tmp_path: Path, stem: str, says: str) -> None:
    sets.write(tmp_path, "model.ckpt-1", sets.some())
    (tmp_path / "old").write_bytes(b"x")
    with pytest.raises(BundleError, match=says):
        opened(tmp_path, stem)


def test_a_missing_or_short_data_file_is_found_before_anything_is_read(tmp_path: Path) -> None:
    sets.write(tmp_path, "m", sets.some(), 2)
    opened(tmp_path, "m").check_whole()
    shard = tmp_path / "m.data-00001-of-00002"
    data = shard.read_bytes()
    shard.write_bytes(data[:-1])
    with pytest.raises(BundleError, match=f"{len(data) - 1} BYTES, THE INDEX NEEDS {len(data)} IN m.data-00001"):
        opened(tmp_path, "m").check_whole()
    shard.unlink()
    with pytest.raises(BundleError, match=r"m\.data-00001-of-00002 IS NOT THERE"):
        opened(tmp_path, "m").check_whole()


def test_a_data_file_that_no_tensor_needs_may_be_absent(tmp_path: Path) -> None:
    sets.write(tmp_path, "m", [Made(b"a", INT32, (1,), b"1234", shard=1)], 3)
    (tmp_path / "m.data-00000-of-00003").unlink()
    bundle = opened(tmp_path, "m")
    bundle.check_whole()
    assert bundle.names() == ["m.data-00001-of-00003", "m.index"]


def test_every_flipped_bit_of_the_data_is_noticed_and_only_its_tensor_suffers() -> None:
    rows, files = sets.rows_and_data(sets.some(), 2)
    rng = random.Random("bits")
    for shard, data in enumerate(files):
        places = range(len(data)) if len(data) < 400 else sorted(rng.sample(range(len(data)), 400))
        for at in places:
            changed = bytearray(data)
            changed[at] ^= 1 << rng.randrange(8)
            bundle = in_memory(rows, [bytes(changed) if n == shard else file for n, file in enumerate(files)])
            hit = {
                tensor.name
                for tensor in bundle.index.tensors
                for e in tensor.places
                if e.shard == shard and e.offset <= at < e.offset + e.size
            }
            assert damaged(bundle) == hit and len(hit) == 1


def test_the_error_names_tensor_file_and_both_checksums() -> None:
    rows, (data,) = sets.rows_and_data([Made(b"w", INT32, (2,), b"abcdefgh")])
    bundle = in_memory(rows, [b"Abcdefgh"])
    right, wrong = (f"{sets.masked(sets.crc_of(bytes_)):08X}" for bytes_ in (data, b"Abcdefgh"))
    with pytest.raises(TensorDamaged) as caught:
        bundle.check_data(nothing)
    assert str(caught.value) == (
        f"KSD202E TENSOR w: 8 BYTES HAVE THE CHECKSUM {wrong}, NOT {right} IN m.data-00000-of-00001 AT OFFSET 0"
    )


@given(st.integers(1, 3).flatmap(lambda n: st.tuples(st.just(n), sets.tensor_lists(n))), st.booleans())
def test_any_set_that_a_saver_could_write_is_whole(made: tuple[int, list[Made]], big: bool) -> None:
    shards, tensors = made
    rows, files = sets.rows_and_data(tensors, shards, big=big)
    bundle = in_memory(rows, files)
    bundle.check_whole()
    bundle.check_data(nothing)
    assert sorted(t.name for t in bundle.index.tensors) == sorted(t.name for t in tensors)
    assert bundle.index.to_bytes() == bundle.image


# -- rows that contradict each other -------------------------------------------------------------------------------

GOOD = [(b"", sets.header(1)), (b"a", sets.entry(INT32, (2,), size=8, crc=5))]
HOSTILE = {
    "no header": GOOD[1:],
    "nothing": [],
    "shard 9 of 1": [*GOOD, (b"b", sets.entry(INT32, (1,), shard=9, size=4))],
    "a size that is not that of its shape": [*GOOD, (b"b", sets.entry(INT32, (3,), size=8))],
    "a product beyond 64 bits": [*GOOD, (b"b", sets.entry(INT32, [1 << 40] * 8, size=8))],
    "more strings than bytes": [*GOOD, (b"b", sets.entry(sets.STRING, (1 << 40,), size=8))],
    "more variants than bytes": [*GOOD, (b"b", sets.entry(sets.VARIANT, (2,), size=9))],
    "a slice of no tensor": [GOOD[0], (b"\0a\0\1\1\1\x80\x81", sets.entry(INT32, (1,), size=4)), *GOOD[1:]],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_rows_that_contradict_each_other(what: str) -> None:
    assert TensorIndex.from_pairs(GOOD).tensors
    with pytest.raises(BundleError):
        TensorIndex.from_pairs(HOSTILE[what])


def sliced(*boxes: tuple[tuple[int, int | None], ...], shape: tuple[int, ...] = (6, 4)) -> list[table.Pair]:
    """A tensor of int32 with these slices: (start, length) a dimension."""
    rows = {b"": sets.header(1)}
    extents = [tuple(sets.Extent(*side) for side in box) for box in boxes]
    for found in extents:
        sides = [end - start for start, end in (e.within(n) for e, n in zip(found, shape, strict=False))]
        rows[sets.slice_key(b"t", found)] = sets.entry(INT32, sides, size=4 * max(0, len_of(tuple(sides))))
    rows[b"t"] = sets.entry(INT32, shape, slices=extents)
    return sorted(rows.items())


ALL = (0, None)
TILINGS = [
    [((0, 2), ALL), ((2, 4), ALL)],
    [((0, 6), (0, 1)), ((0, 6), (1, 3))],
    [((0, 3), (0, 2)), ((3, 3), (0, 2)), ((0, 2), (2, 2)), ((2, 4), (2, 2))],
]
NOT_TILINGS = {
    "a gap": [((0, 2), ALL), ((3, 3), ALL)],
    "an overlap": [((0, 3), ALL), ((2, 4), ALL)],
    "an overlap that fills a gap": [((0, 3), ALL), ((1, 3), ALL)],
    "an overlap in two dimensions": [((0, 3), (0, 2)), ((3, 3), (0, 2)), ((0, 4), (2, 2)), ((3, 2), (2, 2))],
    "the same twice": [((0, 3), ALL), ((0, 3), (0, 4))],
    "out of range": [((0, 2), ALL), ((2, 5), ALL)],
    "too few dimensions": [((0, 6),)],
}


@pytest.mark.parametrize("boxes", TILINGS)
def test_slices_cover_their_tensor(boxes: list[tuple[tuple[int, int | None], ...]]) -> None:
    (tensor,) = TensorIndex.from_pairs(sliced(*boxes)).tensors
    assert tensor.size == 96 and len(tensor.parts) == len(boxes)


@pytest.mark.parametrize("what", NOT_TILINGS)
def test_slices_that_do_not_cover_their_tensor_once(what: str) -> None:
    with pytest.raises(BundleError):
        TensorIndex.from_pairs(sliced(*NOT_TILINGS[what]))


def test_a_slice_that_is_listed_must_be_there() -> None:
    rows = sliced(*TILINGS[0])
    del rows[1]
    with pytest.raises(BundleError, match="NOT THERE"):
        TensorIndex.from_pairs(rows)


def test_tensors_may_not_share_some_of_their_bytes_but_all_of_them() -> None:
    crc = sets.masked(sets.crc_of(b"abcd"))
    same = [(name, sets.entry(INT32, (1,), 0, 0, 4, crc)) for name in (b"a", b"tied")]
    bundle = in_memory([GOOD[0], *same], [b"abcdefgh"])
    bundle.check_whole()
    bundle.check_data(nothing)
    bundle = in_memory([GOOD[0], *same, (b"x", sets.entry(INT32, (1,), 0, 2, 4))], [b"abcdefgh"])
    with pytest.raises(BundleError, match="SHARE SOME OF THEIR BYTES"):
        bundle.check_whole()


def test_strings_whose_lengths_lie() -> None:
    data, crc = sets.string_data([b"one", b"two"])
    for changed in (b"\x04" + data[1:], b"\x02" + data[1:], b"\xff" * 6 + data[6:], data[:2] + b"\0\0\0\0" + data[6:]):
        bundle = in_memory([GOOD[0], (b"s", sets.entry(sets.STRING, (2,), 0, 0, len(data), crc))], [changed])
        assert damaged(bundle) == {b"s"}


def test_an_unknown_type_is_listed_and_checked_a_variant_is_not_checked() -> None:
    crc = sets.masked(sets.crc_of(b"abcdefgh"))
    rows = [GOOD[0], (b"new", sets.entry(99, (3,), 0, 0, 8, crc)), (b"v", sets.entry(sets.VARIANT, (1,), 0, 8, 8, 1))]
    bundle = in_memory(rows, [b"abcdefghVARIANTS"])
    bundle.check_data(nothing)
    assert [dtype_name(t.entry.dtype) for t in bundle.index.tensors] == ["dtype 99", "variant"]


@pytest.mark.parametrize(
    ("name", "text"),
    [(b"net/w", "net/w"), ("größe".encode(), "größe"), (b"\xffx", "\\xffx"), (b"a\0b\n", "a\\x00b\\n"),
     (b"../../etc/passwd", "../../etc/passwd"), ("a\u202eb".encode(), "a\\u202eb")],
)  # fmt: skip
def test_names_are_shown_so_that_they_do_no_harm(name: bytes, text: str) -> None:
    assert shown(name) == text
