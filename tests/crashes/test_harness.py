"""Who watches the watchman: bugs planted in the engine, each of which the crash states must bring to light.

If one of these tests fails, the harness has gone blind; the promises that the other tests report mean nothing then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ksds.layout import journal_group
from ksds.storage.journal import Journal
from ksds.storage.pager import Pager
from tests.crashes.recording_device import Disk, RecordingFolder, crash_states
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import KSDS, Keyed, Request, key_of, record, small_limits, tiny

pytestmark = pytest.mark.crash

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def acknowledge_without_sync(patch: Patch) -> None:
    patch.setattr(Journal, "sync", lambda journal: None)


def forget_before_homes_are_synced(patch: Patch) -> None:
    def retire(pager: Pager) -> None:
        pager.journal.forget(pager._sphere())
        original(pager)

    original = Pager._retire
    patch.setattr(Pager, "_retire", retire)


def homes_before_the_journal_is_synced(patch: Patch) -> None:
    def checkpoint(pager: Pager) -> None:
        for component in pager.present():
            component.write_homes()
        original(pager)

    original = Pager.checkpoint
    patch.setattr(Pager, "checkpoint", checkpoint)


def believe_the_body_of_a_group(patch: Patch) -> None:
    def group_at(journal: Journal, offset: int, sequence: int) -> tuple[journal_group.GroupHeader, bytes] | None:
        header = journal_group.parse_group_header(journal._device.read(offset, journal_group.GROUP_HEADER_BYTES))
        if header is None or header.salt != journal.header.salt or header.sequence != sequence:
            return None
        return header, journal._device.read(offset + journal_group.GROUP_HEADER_BYTES, header.body_length)

    patch.setattr(Journal, "_group_at", group_at)


def a_split_in_two_groups(patch: Patch) -> None:
    def append(
        journal: Journal, entries: Sequence[journal_group.Entry], state: bytes, *, continued: bool = False
    ) -> list[int]:
        half = len(entries) // 2
        first = original(journal, entries[:half], state, continued=continued)
        return first + original(journal, entries[half:], state, continued=continued)

    original = Journal.append
    patch.setattr(Journal, "append", append)


def header_without_sync(patch: Patch) -> None:
    def forget(journal: Journal, state: bytes) -> None:
        device, journal._device = journal._device, _Unsynced(journal._device)  # type: ignore[assignment]
        original(journal, state)
        journal._device = device

    original = Journal.forget
    patch.setattr(Journal, "forget", forget)


class _Unsynced:
    """A device whose sync does nothing."""

    def __init__(self, device: object) -> None:
        self._device = device

    def __getattr__(self, name: str) -> object:
        return (lambda: None) if name == "sync" else getattr(self._device, name)


BUGS = [
    acknowledge_without_sync,
    forget_before_homes_are_synced,
    homes_before_the_journal_is_synced,
    believe_the_body_of_a_group,
    a_split_in_two_groups,
    header_without_sync,
]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found(bug: Callable[[Patch], None], monkeypatch: Patch) -> None:
    bug(monkeypatch)
    for seed in (1, 3, 0, 5):
        judge = Judge(Trace.begin(KSDS).run(KSDS.requests(seed, 40)), seed)
        for _ in judge.in_batches(150):
            if judge.bad:
                return
    pytest.fail(f"{bug.__name__}: no crash state shows it")


def test_a_checksum_page_that_is_not_journaled_is_found(monkeypatch: Patch) -> None:
    """It takes more than 124 CIs for a page to reach into a second sector: only then can it be torn."""
    subject = Keyed("KSDS", tiny(free_ci_percent=100, free_ca_percent=0))
    updates = [Request("update", key_of(data), data) for data in (record(5, 30), record(3005, 30))]
    requests = [Request("load", 160), *updates]
    trace = Trace.begin(subject).run(requests)
    assert not Judge(trace, 1).judge(most=100).bad
    monkeypatch.setattr(Pager, "_journal_checksums", lambda pager: pager.journal.sync())
    trace = Trace.begin(subject).run(requests)
    assert any("checksum file" in line for line in Judge(trace, 1).judge(most=100).bad)


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
