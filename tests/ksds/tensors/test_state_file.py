"""The text file `checkpoint`: read as TensorFlow writes it, merged, and never believed further than it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import BundleError
from ksds.tensors.state_file import CheckpointState, format_state, parse_state, with_newest
from tests.ksds.tensors.sets import REAL, REAL_SETS, needs_real_sets

STAMPED = b"""model_checkpoint_path: "ckpt-2"
all_model_checkpoint_paths: "ckpt-1"
all_model_checkpoint_paths: "ckpt-2"
all_model_checkpoint_timestamps: 1795402859.1663642
all_model_checkpoint_timestamps: 1795402859.1761553
last_preserved_timestamp: 1795402858.1286807
"""


@needs_real_sets
@pytest.mark.parametrize("folder", REAL_SETS)
def test_a_real_state_file_is_written_again_byte_for_byte(folder: str) -> None:
    data = (REAL / folder / "checkpoint").read_bytes()
    state = parse_state(data)
    assert format_state(state) == data
    assert (state.newest, state.kept) == (REAL_SETS[folder][-1], REAL_SETS[folder])


def test_stamps_stay_as_they_were_written() -> None:
    assert format_state(parse_state(STAMPED)) == STAMPED


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_name_comes_back(newest: str, kept: list[str]) -> None:
    state = CheckpointState(newest, tuple(kept))
    assert parse_state(format_state(state)) == state


def test_a_quote_in_a_name_is_escaped() -> None:
    assert format_state(CheckpointState('a"b')) == b'model_checkpoint_path: "a\\"b"\n'


def test_a_set_that_comes_is_the_newest_and_the_others_stay() -> None:
    state = with_newest(parse_state(STAMPED), "ckpt-3", "1795402900")
    assert (state.newest, state.kept) == ("ckpt-3", ("ckpt-1", "ckpt-2", "ckpt-3"))
    assert state.stamps[-1] == "1795402900" and state.preserved == "1795402858.1286807"
    again = with_newest(state, "ckpt-1", "1795403000")
    assert again.kept == ("ckpt-2", "ckpt-3", "ckpt-1") and again.stamps[-1] == "1795403000"
    assert with_newest(None, "ckpt-1", "1") == CheckpointState("ckpt-1", ("ckpt-1",))
    assert with_newest(CheckpointState("old"), "new", "1") == CheckpointState("new", ("old", "new"))


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe", b"model_checkpoint_path: ckpt", b'model_checkpoint_path: "a', b'model_checkpoint_path: "\\q"',
     b'model_checkpoint_path: "a"\nmodel_checkpoint_path: "b"', b'model_checkpoint_path: "\\377"',
     b"last_preserved_timestamp: soon", b"{}", b"x" * (1 << 20) + b"x"],
)  # fmt: skip
def test_what_is_no_state_file(data: bytes) -> None:
    with pytest.raises(BundleError, match="IN checkpoint"):
        parse_state(data)
