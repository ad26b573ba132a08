"""The disk of the crash tests keeps exactly what `ksds.storage.device` promises: neither more nor less."""

from __future__ import annotations

import pytest

from tests.crashes.recording_device import Disk, RecordingFolder, crash_states
from tests.crashes.subjects import KSDS

pytestmark = pytest.mark.crash


def test_an_unsynced_write_may_be_missing_and_a_synced_one_not() -> None:
    folder = RecordingFolder()
    device = folder.open("F", create=True)
    folder.sync()
    device.write(0, b"old")
    device.sync()
    device.write(0, b"new")
    last = [state.files["F"] for position, state in crash_states({}, folder.log, seed=1) if position == len(folder.log)]
    assert set(last) == {b"old", b"new"}


def test_a_long_write_is_torn_at_sectors_only() -> None:
    folder = RecordingFolder({"F": bytes(1536)})
    folder.open("F").write(100, b"x" * 1200)
    found = {state.files["F"] for _, state in crash_states(folder.start, folder.log, seed=1)}
    sectors = {tuple(data[at : at + 512].count(b"x") for at in (0, 512, 1024)) for data in found}
    assert sectors <= {(a, b, c) for a in (0, 412) for b in (0, 512) for c in (0, 276)}
    assert len(sectors) >= 5


def test_a_name_is_durable_after_the_folder_is_synced() -> None:
    folder = RecordingFolder({"OLD": b"1"})
    folder.rename("OLD", "NEW")
    before = {tuple(state.files) for _, state in crash_states(folder.start, folder.log, seed=1)}
    folder.sync()
    disk = Disk.at_start(folder.start)
    for call in folder.log:
        disk.step(call)
    assert before == {("OLD",), ("NEW",)}
    assert {tuple(state.files) for state in disk.states(1)} == {("NEW",)}


def test_a_lock_excludes_as_between_processes() -> None:
    folder = RecordingFolder()
    KSDS.create(folder)
    one, two = folder.open("T.jnl"), folder.open("T.jnl")
    assert one.lock(True) and not two.lock(False)
    one.close()
    assert two.lock(False) and folder.open("T.jnl").lock(False)
