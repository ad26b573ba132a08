"""What opening does after a crash, seen from outside: who may do it, and that it changes nothing that counts."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from contextlib import closing

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.sphere import Sphere
from ksds.errors import Damaged, OpenError
from ksds.storage import pager as pager_module
from ksds.storage.device import Device, MemoryFolder
from ksds.storage.recovery import open_pager
from tests.crashes.recording_device import RecordingFolder, memory_folder
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import KSDS, LDS, STEM, Keyed, record, roomy, tiny

DEFINITION = tiny()


def crashed(*, checkpointed: bool = False) -> dict[str, bytes]:
    """Thirty records of which twenty are in the journal only."""
    folder = RecordingFolder()
    KeySequenced.create(folder, STEM, DEFINITION)
    cluster = KeySequenced.open(folder, STEM, DEFINITION, mode="w")
    cluster.load(record(number) for number in range(10))
    for number in range(10, 30):
        cluster.insert(record(number))
        cluster.commit()
    if checkpointed:
        cluster.sphere.checkpoint()
    return folder.image()


EXPECTED = tuple(record(number) for number in range(30))


def content_of(folder: MemoryFolder) -> tuple[bytes, ...]:
    return tuple(data for _, data in KSDS.content_of(folder))


def test_a_reader_sees_what_a_writer_left_and_changes_nothing() -> None:
    folder = RecordingFolder(crashed())
    with (
        KeySequenced.open(folder, STEM, DEFINITION) as cluster,
        KeySequenced.open(folder, STEM, DEFINITION) as other,
    ):
        assert tuple(cluster.browse()) == tuple(other.browse()) == EXPECTED
        assert not cluster.verify()
    assert folder.log == []
    assert content_of(memory_folder(folder.image())) == EXPECTED


def test_a_reader_beside_a_writer_keeps_what_it_saw_where_it_is() -> None:
    """The writer commits, wants to checkpoint, closes, opens again, splits everything: the reader's view stands."""
    folder = memory_folder(crashed())
    with KeySequenced.open(folder, STEM, DEFINITION, beside=True) as reader:
        for turn in range(3):
            with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as writer:
                for number in range(100 + turn * 20, 120 + turn * 20):
                    writer.insert(record(number, 300))
                    writer.commit()
                writer.sphere.checkpoint()
                assert writer.sphere.pager.journal.pending, "put off"
            assert tuple(reader.browse()) == EXPECTED
            assert not reader.verify()
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as writer:
        assert not writer.sphere.pager.journal.pending, "nobody is looking: the open brought it home"
        assert len(list(writer.browse())) == 90
        assert not writer.verify()


def test_a_data_set_is_not_reset_under_a_reader() -> None:
    folder = memory_folder(crashed())
    with (
        KeySequenced.open(folder, STEM, DEFINITION, beside=True) as reader,
        KeySequenced.open(folder, STEM, DEFINITION, mode="w") as writer,
    ):
        with pytest.raises(OpenError) as caught:
            writer.reset()
        assert caught.value.feedback == 168
        assert tuple(reader.browse()) == tuple(writer.browse()) == EXPECTED


def test_members_live_under_one_journal() -> None:
    """A second cluster joins the sphere, is filled with the first, is emptied, leaves."""
    folder = RecordingFolder(crashed())
    other = tiny(name="TEST.OTHER", cis_per_ca=3)
    number = Sphere.add_member(folder, STEM, KeySequenced.ci_sizes(other))
    assert number == 1
    with closing(Sphere.open(folder, STEM, writable=True)) as sphere:
        base = KeySequenced.join(sphere, 0, DEFINITION)
        second = KeySequenced.join(sphere, 1, other)
        second.load([record(n) for n in range(50)])
        base.insert(record(100))
        second.insert(record(60))
        base.commit()
        left = folder.image()
    for files in (left, folder.image()):
        with closing(Sphere.open(memory_folder(files), STEM, writable=False)) as sphere:
            base, second = KeySequenced.join(sphere, 0, DEFINITION), KeySequenced.join(sphere, 1, other)
            assert tuple(base.browse()) == (*EXPECTED, record(100))
            assert tuple(second.browse()) == tuple(record(n) for n in (*range(50), 60))
            assert not base.verify() and not second.verify()
    with closing(Sphere.open(folder, STEM, writable=True)) as sphere:
        base, second = KeySequenced.join(sphere, 0, DEFINITION), KeySequenced.join(sphere, 1, other)
        base.insert(record(101))
        second.reset()
        assert list(second.browse()) == [] and record(101) in base.browse()
    Sphere.remove_member(folder, STEM, 1)
    assert folder.names() == ["T.data", "T.index", "T.jnl", "T.sum"]
    assert content_of(memory_folder(folder.image())) == (*EXPECTED, record(100), record(101))


def test_a_writer_that_was_never_asked_to_commit_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pages were too many for memory: they went ahead in the journal, and count with the commit that never came."""
    folder = RecordingFolder(crashed())
    writer = KeySequenced.open(folder, STEM, DEFINITION, mode="w", buffer_bytes=8 << 10)
    for n in range(100, 1000):
        writer.insert(record(n, 200))
    assert writer.sphere.pager.journal.unfinished
    assert content_of(memory_folder(folder.image())) == EXPECTED
    writer.commit()
    assert len(content_of(memory_folder(folder.image()))) == 930
    writer.close()
    assert len(content_of(memory_folder(folder.image()))) == 930


def test_nothing_to_recover_writes_nothing() -> None:
    folder = RecordingFolder(crashed())
    KeySequenced.open(folder, STEM, DEFINITION, mode="w").close()
    at_rest = folder.image()
    again = RecordingFolder(at_rest)
    for mode in ("r", "w"):
        KeySequenced.open(again, STEM, DEFINITION, mode=mode).close()
    assert again.log == []
    assert len(at_rest["T.jnl"]) == 8192, "a tidy journal is its two headers"


def test_homes_alone_are_enough_after_a_checkpoint() -> None:
    """The component files then hold every control interval: what is exported or compared byte for byte."""
    files = crashed(checkpointed=True)
    with KeySequenced.open(memory_folder(files), STEM, DEFINITION) as cluster:
        for component, suffix, size in (("data", "data", 512), ("index", "index", 512)):
            count = cluster.sphere.pager.rows[component == "index"].used
            images = b"".join(cluster.read_ci(component, number) for number in range(count))  # type: ignore[arg-type]
            assert images == files[f"T.{suffix}"][: count * size]


def test_a_component_shorter_than_its_high_used_rba_is_damage() -> None:
    files = crashed(checkpointed=True)
    for suffix, feedback in (("data", 4), ("index", 12)):
        folder = memory_folder({**files, f"T.{suffix}": files[f"T.{suffix}"][:500]})
        with pytest.raises(Damaged, match="shorter than its high-used RBA") as caught:
            KeySequenced.open(folder, STEM, tiny(), mode="w")
        assert caught.value.feedback == feedback
        with KeySequenced.open(folder, STEM, tiny()) as cluster:
            assert any(finding.severity == 8 for finding in cluster.verify()), "a reader sees what is left"


@pytest.mark.crash
def test_with_the_sizes_of_real_life() -> None:
    """No limit made small: the journal is written ahead by a mebibyte and no checkpoint comes before close."""
    subject = Keyed("KSDS", tiny(ci_size=4096, index_ci_size=2048, cis_per_ca=12, maximum_record=3000))
    trace = Trace.begin(subject).run(subject.requests(8, 25), buffer_bytes=1 << 20)
    assert not Judge(trace, 8).judge(most=60).bad


def test_a_group_of_many_intervals_is_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """More images than one slice of the journal's writes, then a checkpoint because the limit is passed."""
    monkeypatch.setattr(pager_module, "CHECKPOINT_BYTES", 100 << 10)
    folder = MemoryFolder()
    KeySequenced.create(folder, STEM, tiny(secondary=60))
    with KeySequenced.open(folder, STEM, tiny(secondary=60), mode="w") as cluster:
        for number in range(900):
            cluster.insert(record(number, 300))
        cluster.commit()
        assert not cluster.sphere.pager.journal.pending
        assert not cluster.verify()


def test_a_pager_that_failed_to_open_holds_no_lock() -> None:
    folder = memory_folder(crashed())
    folder.remove("T.index")
    with pytest.raises(FileNotFoundError):
        open_pager(folder, STEM, for_output=True)
    assert folder.open("T.jnl").lock(True)


@pytest.mark.parametrize("spoil", [lambda side: side.write(0, bytes(side.size())), lambda side: side.resize(0)])
def test_checksums_that_are_gone_cost_no_record(spoil: Callable[[Device], None]) -> None:
    """Nothing vouches for the control intervals, and VERIFY says so; a close writes the checksums anew."""
    folder = memory_folder(crashed(checkpointed=True))
    with closing(folder.open(f"{STEM}.sum")) as side:
        spoil(side)
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        assert tuple(cluster.browse()) == EXPECTED
        assert "checksum file was damaged" in str(cluster.verify()[0])
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w"):
        pass
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        assert tuple(cluster.browse()) == EXPECTED and cluster.verify() == []


def test_a_member_is_added_though_checksums_have_to_be_written_anew() -> None:
    folder = memory_folder(crashed(checkpointed=True))
    with closing(folder.open(f"{STEM}.sum")) as side:
        side.write(100, b"no checksum")
    assert Sphere.add_member(folder, STEM, [512, 512]) == 1
    with closing(Sphere.open(folder, STEM, writable=True)) as sphere:
        assert [row.ci_size for row in sphere.pager.rows] == [512] * 4 and len(sphere.states) == 2
    assert content_of(folder) == EXPECTED


@pytest.mark.parametrize("lost", ["data", "index", "sum"])
@pytest.mark.parametrize("crash", [False, True])
def test_a_member_whose_files_are_missing_keeps_nobody_from_reading_the_others(lost: str, crash: bool) -> None:
    """Update waits until the member is taken out of the sphere, which needs none of its files."""
    recording = RecordingFolder(crashed(checkpointed=True))
    Sphere.add_member(recording, STEM, [512, 512])
    sphere = Sphere.open(recording, STEM, writable=True)
    member = KeySequenced.join(sphere, 1, DEFINITION)
    for number in range(10):
        member.insert(record(number))
    member.commit()
    if not crash:
        member.close()
    folder = memory_folder(recording.image())
    folder.remove(f"{STEM}.m1.{lost}")
    with closing(Sphere.open(folder, STEM, writable=False)) as sphere:
        assert tuple(KeySequenced.join(sphere, 0, DEFINITION).browse()) == EXPECTED
        with pytest.raises(OpenError, match="missing"):
            KeySequenced.join(sphere, 1, DEFINITION)
    with pytest.raises(OpenError, match=f"{STEM}.m1.{lost} is missing"):
        Sphere.open(folder, STEM, writable=True)
    Sphere.remove_member(folder, STEM, 1)
    assert not [name for name in folder.names() if ".m1." in name]
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
        assert tuple(cluster.browse()) == EXPECTED and cluster.verify() == []
        assert len(cluster.sphere.states) == 2 and len(cluster.sphere.pager.rows) == 4


def test_a_reader_opens_the_files_of_what_it_reads_only() -> None:
    folder = RecordingFolder(crashed())
    for _ in range(3):
        Sphere.add_member(folder, STEM, [512, 512])
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        assert len(list(cluster.sphere.pager.present())) == 2 and tuple(cluster.browse()) == EXPECTED
    with closing(Sphere.open(folder, STEM, writable=False, members=[2])) as sphere:
        assert [component.number for component in sphere.pager.present()] == [0, 1, 4, 5]
        assert len(KeySequenced.join(sphere, 2, DEFINITION)) == 0
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
        assert len(list(cluster.sphere.pager.present())) == 8


def test_the_recovery_of_a_large_commit_takes_little_memory() -> None:
    """Images stay where they are until they are wanted, however many one commit has."""
    recording = RecordingFolder()
    LDS.create(recording)
    cluster = roomy(LDS).open(recording, buffer_bytes=1 << 20)
    interval = bytes(range(256)) * 16
    for _ in range(2000):
        cluster.append(interval)
    cluster.commit()
    folder = memory_folder(recording.image())
    tracemalloc.start()
    try:
        with LDS.open(folder, "r") as reader:
            peak = tracemalloc.get_traced_memory()[1]
            assert reader.size == 2000 * 4096 and reader.get(1999 * 4096) == interval
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20
