"""Power cuts while a checkpoint set comes to a folder: who looks finds the old set, none, or the new one, whole.

The write log of staging, publishing and naming the set in `checkpoint` is cut at every call. After each cut no reader
is shown a mixture, other sets are as they were, the state file is the old or the new one; and publishing once more,
with what the crash left of complete staging, ends as without the crash.
"""

from __future__ import annotations

import pytest

from ksds.storage.device import Folder
from ksds.tensors import publication, table
from ksds.tensors.bundle_files import Bundle
from ksds.tensors.state_file import CheckpointState, format_state, parse_state, with_newest
from tests.crashes.recording_device import RecordingFolder, crash_states
from tests.ksds.tensors import sets

pytestmark = pytest.mark.crash

SEED = 20261123
STEM = "model.ckpt-2"

Files = dict[str, bytes]


def image(stem: str, kilobytes: int, shards: int, meta: bytes | None) -> Files:
    rows, data = sets.rows_and_data(sets.some(kilobytes), shards)
    found = {f"{stem}.data-{n:05d}-of-{shards:05d}": file for n, file in enumerate(data)}
    return {**found, **({f"{stem}.meta": meta} if meta else {}), f"{stem}.index": table.build(rows)}


NEIGHBOUR = image("model.ckpt-20", 1, 2, b"graph of 20")
OLD = image(STEM, 2, 2, b"old graph")
NEW = image(STEM, 3, 1, None)
OTHER = image(STEM, 3, 3, b"new graph")
STATE = format_state(CheckpointState("model.ckpt-20", ("model.ckpt-20",)))
LATER = format_state(with_newest(parse_state(STATE), STEM, ""))


def stage(folder: Folder, new: Files) -> None:
    for name, data in new.items():
        publication.write_durably(folder, publication.staging_name(name, "t1"), data)
    folder.sync()


def finish(folder: Folder) -> None:
    names = {n[1:-3]: n for n in folder.names() if n.endswith(".t1")}
    waiting = {name: staging for name, staging in names.items() if name != "checkpoint"}
    publication.publish(folder, STEM, waiting)
    state = publication.read_state(folder)
    publication.write_state(folder, with_newest(state, STEM, ""), "t1")


def seen(folder: Folder, stem: str) -> Files | None:
    """What a reader is shown: None if there is no index; every tensor checked."""
    if not folder.exists(f"{stem}.index"):
        return None
    bundle = Bundle.open(folder, stem)
    bundle.check_whole()
    bundle.check_data(lambda count: None)
    return {name: folder.open(name).read(0, 1 << 20) for name in bundle.names()}


def look(folder: Folder, before: Files | None, new: Files) -> None:
    assert seen(folder, "model.ckpt-20") == NEIGHBOUR
    assert seen(folder, STEM) in (None, new, before)
    assert folder.open("checkpoint").read(0, 999) in (STATE, LATER)
    if folder.open("checkpoint").read(0, 999) == LATER:
        assert seen(folder, STEM) == new, "the state file names a set that is not there"


@pytest.mark.parametrize("new", [NEW, OTHER], ids=["one shard", "three shards"])
@pytest.mark.parametrize("before", [None, OLD], ids=["a new prefix", "a prefix that is there"])
def test_a_set_is_never_seen_in_part(before: Files | None, new: Files) -> None:
    start = {**NEIGHBOUR, **(before or {}), "checkpoint": STATE}
    recorded = RecordingFolder(start)
    stage(recorded, new)
    complete = len(recorded.log)
    finish(recorded)
    assert recorded.image() == {**NEIGHBOUR, **new, "checkpoint": LATER}
    states = finished = 0
    for position, state in crash_states(start, recorded.log, seed=SEED):
        states += 1
        folder = state.folder()
        look(folder, before, new)
        if position < complete:
            continue
        finish(folder)
        finished += 1
        assert seen(folder, STEM) == new, state.choice
        assert set(folder.names()) == {*NEIGHBOUR, *new, "checkpoint"}, state.choice
        assert folder.open("checkpoint").read(0, 999) == LATER
    print(f"\n{states} crash states, {finished} rolled forward")
    assert finished


def test_a_set_without_tensors_replaces_one_with_some() -> None:
    folder = RecordingFolder({**OLD, "checkpoint": STATE})
    none = {f"{STEM}.index": table.build([(b"", sets.header(1))])}
    stage(folder, none)
    finish(folder)
    assert folder.image() == {**none, "checkpoint": LATER}
