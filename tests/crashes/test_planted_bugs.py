"""Who watches the watchman: bugs planted in the engine, each of which the proof must bring to light.

A planted bug replaces one named function; `BUGS` says which part of the proof has to find it. If one of these tests
fails, the harness has gone blind; the promises that the other tests report mean nothing then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import pytest

from ksds.catalog.catalog import Turn
from ksds.catalog.changes import CatalogChanges
from ksds.catalog.entries import ClusterEntry, Entry, NonVsamEntry
from ksds.catalog.generations import GenerationGroups
from ksds.catalog.spheres import Openable, Spheres
from ksds.catalog.volume import Volume
from ksds.cluster.member import Member
from ksds.cluster.organizations import class_of
from ksds.datasets import SequentialDataSet
from ksds.layout import journal_group
from ksds.storage import sphere_files
from ksds.storage.buffer_pool import BufferPool
from ksds.storage.component import Component, Health
from ksds.storage.journal import Commit, Journal
from ksds.storage.pager import Pager
from tests.crashes import test_commands, test_interrupts, test_turns
from tests.crashes.recording_device import RecordingFolder, crash_states
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import KSDS, STEM, Keyed, Request, key_of, record, roomy, small_limits, tiny
from tests.crashes.test_readers import MeddledFolder, Writer, read_beside

pytestmark = pytest.mark.crash

Patch = pytest.MonkeyPatch
Hunt = Callable[[], bool]


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


# -- the parts of the proof, as small as will do --------------------------------------------------------------


def crash_states_show_it() -> bool:
    for seed in (1, 3, 0, 5):
        judge = Judge(Trace.begin(KSDS).run(KSDS.requests(seed, 40)), seed)
        for _ in judge.in_batches(100, most=800):
            if judge.bad:
                return True
    return False


def a_crash_after_creation_shows_it() -> bool:
    folder = RecordingFolder()
    KSDS.create(folder)
    last = [state for position, state in crash_states({}, folder.log, seed=1) if position == len(folder.log)]
    return any(f"{STEM}.jnl" not in state.files for state in last)


def readers_show_it() -> bool:
    for seed in range(60):
        writer = Writer(roomy(KSDS), MeddledFolder(), seed)
        rng = random.Random(seed)
        try:
            for reader in range(5):
                for _ in range(rng.randrange(6)):
                    writer.step()
                read_beside(writer, rng, f"reader {reader}")
        except Exception:
            return True
    return False


def a_torn_checksum_page_shows_it() -> bool:
    """It takes more than 124 CIs for a page to reach into a second sector: only then can it be torn."""
    subject = Keyed("KSDS", tiny(free_ci_percent=100, free_ca_percent=0))
    updates = [Request("update", key_of(data), data) for data in (record(5, 30), record(3005, 30))]
    trace = Trace.begin(subject).run([Request("load", 160), *updates])
    return bool(Judge(trace, 1).judge(most=100).bad)


def commands_show_it(*names: str) -> Hunt:
    """Hunt with these rows of the commands that take several steps."""

    def hunt() -> bool:
        for row in test_commands.ROWS:
            if row[0] in names:
                test_commands.judge(*row)
        return False

    hunt.__name__ = f"crashes under {' and '.join(names)} show it"
    return hunt


def interrupts_show_it() -> bool:
    test_interrupts.test_an_interrupt_leaves_no_half_of_a_request(KSDS)
    return False


def a_failed_sync_in_another_ones_turn_shows_it() -> bool:
    test_turns.test_a_commit_behind_a_failed_sync_of_another_program_is_there_after_a_crash("a turn")
    return False


# -- bugs -----------------------------------------------------------------------------------------------------


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


def growth_without_sync(patch: Patch) -> None:
    def reserve(component: Component, count: int, *, unit: int) -> None:
        device, component.device = component.device, _Unsynced(component.device)  # type: ignore[assignment]
        try:
            original(component, count, unit=unit)
        finally:
            component.device = device

    original = Component.reserve
    patch.setattr(Component, "reserve", reserve)


def a_commit_that_stops_halfway_counts(patch: Patch) -> None:
    def scan(journal: Journal) -> Iterator[Commit]:
        yield from original(journal)
        while (group := journal._group_at(journal._end, journal._sequence + 1)) is not None:
            yield Commit(journal.header.state, journal._entries(*group, journal._end))
            journal._sequence += 1
            journal._end += journal_group.aligned(journal_group.GROUP_HEADER_BYTES + group[0].body_length)

    original = Journal.scan
    patch.setattr(Journal, "scan", scan)


def an_image_left_out_of_a_commit(patch: Patch) -> None:
    patch.setattr(KSDS.kind, "_index_changes", lambda cluster: ([], []))


def edits_that_never_get_an_image(patch: Patch) -> None:
    def unmaterialized(member: Member[object]) -> Iterator[object]:
        member.pool.dirty.clear()
        yield from ()

    patch.setattr(Member, "unmaterialized", unmaterialized)


def changed_pages_that_leave_unlogged(patch: Patch) -> None:
    def evict(pool: BufferPool[object]) -> dict[int, object]:
        original(pool)
        return {}

    original = BufferPool.evict
    patch.setattr(BufferPool, "evict", evict)


def names_that_are_not_durable(patch: Patch) -> None:
    def make(folder: RecordingFolder, names: Sequence[str], sphere: bytes) -> None:
        sync, folder.sync = folder.sync, lambda: None  # type: ignore[method-assign]
        original(folder, names, sphere)
        folder.sync = sync  # type: ignore[method-assign]

    original = sphere_files._make
    patch.setattr(sphere_files, "_make", make)


def a_reader_that_holds_no_lock(patch: Patch) -> None:
    def lock(journal: object, checksums: object, *, writable: bool, beside: bool) -> None:
        if writable or not beside:
            original(journal, checksums, writable=writable, beside=beside)  # type: ignore[arg-type]

    original = sphere_files.lock
    patch.setattr(sphere_files, "lock", lock)


def a_group_just_written_is_damage(patch: Patch) -> None:
    def next_group(journal: Journal, offset: int, sequence: int) -> object:
        group = journal._group_at(offset, sequence)
        if group is None and journal._depends_on(sequence, offset):
            raise AssertionError("damaged")
        return group

    patch.setattr(Journal, "_next_group", next_group)


def checksum_pages_past_the_journal(patch: Patch) -> None:
    patch.setattr(Pager, "_journal_checksums", lambda pager: pager.journal.sync())


def files_that_go_before_their_entry(patch: Patch) -> None:
    def delete(spheres: Spheres, entry: Openable, *, erase: bool | None = None) -> list[Entry]:
        assert isinstance(entry, ClusterEntry)
        class_of(entry.definition).destroy(spheres._volume.folder, entry.stem)
        return spheres._associations.forget(entry)

    patch.setattr(Spheres, "delete", delete)


def an_entry_before_its_file_is_durable(patch: Patch) -> None:
    def create(volume: Volume, file_name: str) -> None:
        volume.folder.open(file_name, create=True).close()

    patch.setattr(Volume, "create", create)


def a_new_name_and_its_group_in_two_turns(patch: Patch) -> None:
    def enter(groups: GenerationGroups, turn: Turn, entry: NonVsamEntry, *how: object, **more: object) -> list[object]:
        turn.put(entry)
        return []

    def rename(changes: CatalogChanges, old: str, new: str) -> Entry:
        original(changes, old, new)
        changes._generations.roll_in(new)
        return changes._catalog.find(new)

    original = CatalogChanges.rename
    patch.setattr(GenerationGroups, "enter", enter)
    patch.setattr(CatalogChanges, "rename", rename)


def a_source_that_goes_before_its_copy_is_durable(patch: Patch) -> None:
    def sync(data_set: SequentialDataSet) -> None:
        data_set.flush()
        data_set._unsynced = False

    patch.setattr(SequentialDataSet, "sync", sync)


def a_request_cut_short_that_counts(patch: Patch) -> None:
    patch.setattr(Health, "cut_short", lambda health, error: None)


def commits_of_others_left_to_the_cache(patch: Patch) -> None:
    patch.setattr(Journal, "write_again", lambda journal: None)


BUGS: list[tuple[Callable[[Patch], None], Hunt]] = [
    (acknowledge_without_sync, crash_states_show_it),
    (forget_before_homes_are_synced, crash_states_show_it),
    (homes_before_the_journal_is_synced, crash_states_show_it),
    (believe_the_body_of_a_group, crash_states_show_it),
    (a_split_in_two_groups, crash_states_show_it),
    (header_without_sync, crash_states_show_it),
    (growth_without_sync, crash_states_show_it),
    (a_commit_that_stops_halfway_counts, crash_states_show_it),
    (an_image_left_out_of_a_commit, crash_states_show_it),
    (edits_that_never_get_an_image, crash_states_show_it),
    (changed_pages_that_leave_unlogged, crash_states_show_it),
    (names_that_are_not_durable, a_crash_after_creation_shows_it),
    (a_reader_that_holds_no_lock, readers_show_it),
    (a_group_just_written_is_damage, readers_show_it),
    (checksum_pages_past_the_journal, a_torn_checksum_page_shows_it),
    (files_that_go_before_their_entry, commands_show_it("DELETE")),
    (an_entry_before_its_file_is_durable, commands_show_it("a generation that scratches the oldest")),
    (a_new_name_and_its_group_in_two_turns, commands_show_it("NEWNAME into a group")),
    (a_source_that_goes_before_its_copy_is_durable, commands_show_it("EXPORT PERMANENT")),
    (a_request_cut_short_that_counts, interrupts_show_it),
    (commits_of_others_left_to_the_cache, a_failed_sync_in_another_ones_turn_shows_it),
]


def test_without_a_bug_nothing_is_found() -> None:
    assert not any(hunt() for hunt in (a_crash_after_creation_shows_it, readers_show_it, a_torn_checksum_page_shows_it))


@pytest.mark.parametrize(("bug", "hunt"), BUGS, ids=lambda part: part.__name__)
def test_a_planted_bug_is_found(bug: Callable[[Patch], None], hunt: Hunt, monkeypatch: Patch) -> None:
    bug(monkeypatch)
    try:
        found = hunt()
    except Exception as error:  # the work itself goes wrong: that is finding it, too
        print(f"{bug.__name__}: {error!r}")
        found = True
    assert found, f"{bug.__name__}: {hunt.__name__}: no"
