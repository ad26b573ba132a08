"""What opening does after a crash, seen from outside: who may do it, and that it changes nothing that counts."""

from __future__ import annotations

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import Damaged, OpenError
from ksds.storage import pager as pager_module
from ksds.storage.device import MemoryFolder
from ksds.storage.recovery import open_pager
from tests.crashes.recording_device import RecordingFolder, memory_folder
from tests.crashes.store_trace import Judge, Trace
from tests.crashes.subjects import KSDS, STEM, Keyed, record, tiny

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
        cluster.pager.checkpoint()
    return folder.image()


EXPECTED = tuple(record(number) for number in range(30))


def content_of(folder: MemoryFolder) -> tuple[bytes, ...]:
    return tuple(data for _, data in KSDS.content_of(folder))


def test_a_reader_recovers_what_a_writer_left() -> None:
    folder = memory_folder(crashed())
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        assert tuple(cluster.browse()) == EXPECTED
        assert not cluster.pager.journal.pending, "it is home"
        with KeySequenced.open(folder, STEM, DEFINITION) as other:
            assert tuple(other.browse()) == EXPECTED


def test_recovery_needs_the_data_set_alone() -> None:
    folder = memory_folder(crashed())
    journal = folder.open("T.jnl")
    assert journal.lock(False), "some other reader that has not looked yet"
    with pytest.raises(OpenError) as caught:
        KeySequenced.open(folder, STEM, DEFINITION)
    assert caught.value.feedback == 168
    journal.close()
    assert content_of(folder) == EXPECTED


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
            count = cluster.pager.used[0 if component == "data" else 1]
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
        before = cluster.pager.commits
        cluster.commit()
        assert cluster.pager.commits == before + 1
        assert not cluster.pager.journal.pending
        assert not cluster.verify()


def test_a_pager_that_failed_to_open_holds_no_lock() -> None:
    folder = memory_folder(crashed())
    folder.remove("T.index")
    with pytest.raises(FileNotFoundError):
        open_pager(folder, STEM, 2, writable=True)
    assert folder.open("T.jnl").lock(True)
