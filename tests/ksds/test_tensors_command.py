"""`ksds tensors`: what a person sees of a checkpoint, and its index in a cluster and back, byte for byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksds import cli
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.errors import BundleError, RecordNotFound
from ksds.storage.device import FileFolder
from ksds.system import System
from ksds.tensor_cluster import load_index, stored_index
from ksds.tensors.bundle_files import Bundle
from ksds.tensors.tensor_index import TensorIndex
from tests.ksds.tensors import sets
from tests.ksds.tensors.sets import INT32, REAL, REAL_SETS, Made, needs_real_sets

LISTED = """\
Tensor              Type     Shape   Shard  Offset  Bytes  CRC-32C
conv/weights        float32  [256]       0       0   1024  EF2F3961
embedding           int32    [6, 2]                    48
  slice [0:2, 0:2]           [2, 2]      0    1024     16  B45A9E6A
  slice [2:5, 0:2]           [3, 2]      1       0     24  AD7BECC7
  slice [5:6, 0:2]           [1, 2]      0    1040      8  522D667E
global_step         int64    []          0    1048      8  7890AAFD
none                float32  [0, 4]      0    1056      0  A282EAD8
words               string   [2, 2]      0    1056    216  483EA91E
5 TENSORS, 1296 BYTES IN 2 DATA FILES
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    (tmp_path / "train").mkdir()
    sets.write(tmp_path / "train", "model.ckpt-200", sets.some(), 2, meta=b"graph")
    return tmp_path


def files(folder: Path | str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def test_the_list_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tensors", "train/model.ckpt-200"]) == 0
    assert capsys.readouterr().out == LISTED


def test_json_has_a_stable_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tensors", "train/model.ckpt-200", "--json", "--verify"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["conv/weights", "embedding", "global_step", "none", "words"]
    assert all(row["verified"] is True for row in rows)
    assert list(rows[2]) == ["name", "key", "dtype", "shape", "shard", "offset", "size", "crc32c", "slices", "verified"]
    assert rows[2] == {
        "name": "global_step", "key": b"global_step".hex(), "dtype": "int64", "shape": [], "shard": 0, "offset": 1048,
        "size": 8, "crc32c": sets.masked(sets.crc_of((200).to_bytes(8, "little"))), "slices": [], "verified": True,
    }  # fmt: skip
    assert (rows[1]["shard"], rows[1]["size"]) == (None, 48)
    assert [piece["extents"] for piece in rows[1]["slices"]] == [[[0, 2], [0, 2]], [[2, 5], [0, 2]], [[5, 6], [0, 2]]]
    assert cli.run(["tensors", "train/model.ckpt-200", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["verified"] is None


def test_a_folder_means_the_newest_set_of_its_state_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tensors", "train"]) == 12
    assert capsys.readouterr().err == "KSD201E train IS A FOLDER WITHOUT A STATE FILE, checkpoint: NAME A SET IN IT\n"
    (here / "train" / "checkpoint").write_text("")
    assert cli.run(["tensors", "train"]) == 12
    assert capsys.readouterr().err == "KSD201E train IS A FOLDER WHOSE STATE FILE NAMES NO SET: NAME ONE\n"
    (here / "train" / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-200"\n')
    assert cli.run(["tensors", "train"]) == 0
    (here / "train" / "checkpoint").write_text(f'model_checkpoint_path: "{here}/train/model.ckpt-200"\n')
    assert cli.run(["tensors", "train"]) == 0
    (here / "train" / "checkpoint").write_text('model_checkpoint_path: "../../etc/model"\n')
    assert cli.run(["tensors", "train"]) == 12
    assert "WHICH IS NOT IN ITS FOLDER" in capsys.readouterr().err


def test_damage_is_named_and_the_other_tensors_are_sound(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = here / "train" / "model.ckpt-200.data-00000-of-00002"
    data = bytearray(shard.read_bytes())
    data[1050] ^= 4
    shard.write_bytes(data)
    assert cli.run(["tensors", "train/model.ckpt-200"]) == 0
    assert cli.run(["tensors", "train/model.ckpt-200", "--verify"]) == 8
    said = capsys.readouterr()
    assert [line.split()[-1] for line in said.out.splitlines()[-10:] if line.endswith(("ok", "DAMAGED"))] == [
        "ok", "ok", "DAMAGED", "ok", "ok"
    ]  # fmt: skip
    assert said.err.startswith("KSD202E TENSOR global_step: 8 BYTES HAVE THE CHECKSUM ")
    assert said.err.count("\n") == 1


def test_a_set_with_a_data_file_missing_is_listed_with_code_8(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "train" / "model.ckpt-200.data-00001-of-00002").unlink()
    assert cli.run(["tensors", "train/model.ckpt-200"]) == 8
    said = capsys.readouterr()
    assert "5 TENSORS" in said.out
    assert said.err == "KSD201E THE DATA FILE model.ckpt-200.data-00001-of-00002 IS NOT THERE\n"


def test_a_damaged_index_is_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = here / "train" / "model.ckpt-200.index"
    index.write_bytes(index.read_bytes()[:-1])
    assert cli.run(["tensors", "train/model.ckpt-200"]) == 12
    error = capsys.readouterr().err
    assert error.startswith("KSD201E ") and "IN model.ckpt-200.index AT OFFSET" in error and error.count("\n") == 1


def test_load_and_store_give_the_same_files(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "model.tensors", "--verify"]) == 0
    assert capsys.readouterr().out == "model.ckpt-200: 9 RECORDS IN MODEL.TENSORS, WHICH WAS DEFINED\n"
    (here / "copy").mkdir()
    assert cli.run(["tensors", "copy/other", "--store", "MODEL.TENSORS"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "copy/other.index"
    wanted = {name.replace("model.ckpt-200", "other"): data for name, data in files("train").items()}
    assert files("copy") == wanted
    assert cli.run(["tensors", "copy/other", "--verify"]) == 0
    (here / "as it was").mkdir()
    assert cli.run(["tensors", "as it was", "--store", "MODEL.TENSORS"]) == 0
    assert files("as it was") == files("train")


def test_a_folder_that_is_not_there_is_no_prefix(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "MODEL.TENSORS"]) == 0
    capsys.readouterr()
    for words in (["out/"], ["out/", "--store", "MODEL.TENSORS"]):
        assert cli.run(["tensors", *words]) == 12
        assert capsys.readouterr().err == "KSD002E out/: Not a directory\n"
    assert not list(here.glob("out*"))


def test_store_finds_data_that_moved_where_it_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "MODEL.TENSORS"]) == 0
    (here / "copy").mkdir()
    (here / "train").rename(here / "moved")
    assert cli.run(["tensors", "copy/m", "--store", "MODEL.TENSORS"]) == 12
    assert "KSD002E" in capsys.readouterr().err
    assert cli.run(["tensors", "copy/m", "--store", "MODEL.TENSORS", "--data", "moved/model.ckpt-200"]) == 0
    assert cli.run(["tensors", "copy/m", "--store", "MODEL.TENSORS", "--data", "moved/model.ckpt-200"]) == 12
    assert "THERE IS A SET m ALREADY" in capsys.readouterr().err


def test_store_leaves_nothing_if_the_data_are_not_those_of_the_index(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "MODEL.TENSORS"]) == 0
    (here / "copy").mkdir()
    shard = here / "train" / "model.ckpt-200.data-00001-of-00002"
    shard.write_bytes(b"X" + shard.read_bytes()[1:])
    assert cli.run(["tensors", "copy/m", "--store", "MODEL.TENSORS"]) == 8
    assert capsys.readouterr().err.startswith("KSD202E TENSOR embedding: ")
    assert files("copy") == {}


def test_a_tensor_erased_from_the_cluster_is_gone_from_the_set(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the data lie only the index is written; it can be loaded again over what the cluster held."""
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "MODEL.TENSORS"]) == 0
    key = b"words".ljust(255, b"\0")
    assert cli.run(["erase", "MODEL.TENSORS", key.hex(), "--hex"]) == 0
    before = files("train")
    assert cli.run(["tensors", "train/model.ckpt-200", "--store", "MODEL.TENSORS"]) == 0
    after = files("train")
    assert {name for name in before if before[name] != after[name]} == {"model.ckpt-200.index"}
    assert set(before) == set(after)
    capsys.readouterr()
    assert cli.run(["tensors", "train/model.ckpt-200", "--verify"]) == 0
    assert "4 TENSORS" in capsys.readouterr().out
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "MODEL.TENSORS"]) == 0
    assert capsys.readouterr().out == "model.ckpt-200: 8 RECORDS IN MODEL.TENSORS\n"
    with (
        System.open("system") as system,
        system.key_sequenced("MODEL.TENSORS") as cluster,
        pytest.raises(RecordNotFound),
    ):
        cluster.get(key)


def test_a_cluster_of_something_else_is_no_index(capsys: pytest.CaptureFixture[str]) -> None:
    with System.open("system") as system:
        define(system, "A.B", 4)
        with system.key_sequenced("A.B", "w") as cluster:
            cluster.insert(b"0001 a record of another kind")
            cluster.commit()
    assert cli.run(["tensors", "train/x", "--store", "A.B"]) == 12
    assert "KSD201E RECORD X'30303031" in capsys.readouterr().err
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "A.B"]) == 12
    assert "ARE TOO LONG FOR A KEY OF 4" in capsys.readouterr().err
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "A.B", "--store", "A.B"]) == 2


def define(system: System, name: str, key_length: int) -> None:
    request = SpaceRequest(
        name=name, space=SpaceQuantity("TRACKS", 1, 1), key_length=key_length, average_record=80, maximum_record=2041
    )
    system.define_cluster(derive(request))


def test_a_cluster_with_records_and_without_reuse_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with System.open("system") as system:
        define(system, "A.B", 40)
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "A.B"]) == 0
    assert cli.run(["tensors", "train/model.ckpt-200", "--load", "A.B"]) == 12
    assert "ACBERFLG 232" in capsys.readouterr().err
    assert cli.run(["tensors", "train/m", "--store", "A.B", "--data", "train/model.ckpt-200"]) == 0


def test_keys_that_only_zeros_tell_apart_are_refused(here: Path) -> None:
    sets.write(here, "m", [Made(b"a", INT32, (), b"1234"), Made(b"a\0", INT32, (), b"1234")])
    with System.open("system") as system, pytest.raises(BundleError, match="THE SAME IN A CLUSTER"):
        load_index(system, "A.B", Bundle.open(FileFolder(here), "m").index, "", None)
    with System.open("system") as system:
        assert not system.exists("A.B")


def test_an_index_of_another_layout_is_loaded_with_a_warning(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as other:
        other.setattr("ksds.tensors.table.RESTART_INTERVAL", 2)
        sets.write(here, "m", sets.some())
    assert cli.run(["tensors", "m", "--load", "A.B"]) == 4
    assert capsys.readouterr().err.startswith("KSD203W ")


def test_a_tensor_of_thousands_of_slices_is_a_spanned_record(here: Path) -> None:
    rows = 4000
    sets.write(here, "m", [Made(b"w", INT32, (rows, 1), bytes(4 * rows), cuts=tuple(range(1, rows)))])
    assert cli.run(["tensors", "m", "--load", "A.B"]) == 0
    (here / "copy").mkdir()
    assert cli.run(["tensors", "copy", "--store", "A.B"]) == 0
    assert (here / "copy" / "m.index").read_bytes() == (here / "m.index").read_bytes()


@needs_real_sets
@pytest.mark.parametrize("folder", REAL_SETS)
def test_a_real_set_comes_back_byte_for_byte(here: Path, folder: str) -> None:
    (here / "copy").mkdir()
    for stem in REAL_SETS[folder]:
        assert cli.run(["tensors", str(REAL / folder / stem), "--load", "MODEL.TENSORS"]) == 0
        assert cli.run(["tensors", f"copy/{stem}", "--store", "MODEL.TENSORS"]) == 0
    wanted = files(REAL / folder)
    del wanted["checkpoint"]
    assert files("copy") == wanted


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(1, 3).flatmap(lambda n: st.tuples(st.just(n), sets.tensor_lists(n))))
def test_any_index_comes_back_byte_for_byte(here: Path, made: tuple[int, list[Made]]) -> None:
    shards, tensors = made
    index = TensorIndex.from_pairs(sets.rows_and_data(tensors, shards)[0])
    shutil.rmtree(here / "z", ignore_errors=True)
    with System.open(here / "z") as system:
        try:
            load_index(system, "A.B", index, "/train/m", None)
        except BundleError as error:
            assert "THE SAME IN A CLUSTER" in str(error)
            return
        back, origin = stored_index(system, "a.b")
    assert back.to_bytes() == index.to_bytes() and origin == "/train/m"


def test_on_a_terminal_names_are_no_markup(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sets.write(here, "m", [Made(b"[red]w[/red]", INT32, (), b"1234"), Made(b"\x1b[31mw", INT32, (), b"1234")])
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.run(["tensors", "m"]) == 0
    shown = capsys.readouterr().out
    assert "[red]w[/red]" in shown and "\\x1b[31mw" in shown and "\x1b[31mw" not in shown
