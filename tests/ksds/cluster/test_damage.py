"""One wrong bit anywhere in a cluster's files: never a wrong record, never a strange exception.

Each flip is either harmless (unused bytes, or a second copy answers), or ends in one VSAM error with the code of the
component it hit, while every control interval it did not hit stays readable. The one thing that no checksum can tell
from a torn write is a flip inside the very last group of a journal that a crash left: there the data set may come
back as it was before that group.
"""

from __future__ import annotations

import os
import random
from contextlib import closing
from dataclasses import dataclass

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import Damaged, OpenError, PhysicalError, VsamError
from ksds.layout import journal_group
from ksds.storage.device import MemoryFolder
from tests.crashes.recording_device import RecordingFolder, memory_folder
from tests.crashes.subjects import STEM, key_of, record, tiny

pytestmark = pytest.mark.fuzz

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
FLIPS = max(50, round(300 * SCALE))
"""Bytes flipped of each file; every byte once where the file is not longer."""

DEFINITION = tiny()
Content = tuple[bytes, ...]


def content_of(folder: MemoryFolder, definition: ClusterDefinition) -> Content:
    with KeySequenced.open(folder, STEM, definition) as cluster:
        return tuple(cluster.browse())


@dataclass(frozen=True, slots=True)
class Victim:
    """Files of a sound cluster, what it holds, and what it held at each commit before."""

    files: dict[str, bytes]
    content: Content
    earlier: tuple[Content, ...]


def build(*, crashed: bool) -> Victim:
    folder = RecordingFolder()
    KeySequenced.create(folder, STEM, DEFINITION)
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
        cluster.load(record(number, 60 + number % 90) for number in range(10, 700, 10))
    cluster = KeySequenced.open(folder, STEM, DEFINITION, mode="w")
    earlier = [tuple(cluster.browse())]
    for number in (15, 333, 401, 699, 55):
        cluster.insert(record(number, 350))
        cluster.erase(f"{number // 10 * 10:04d}".encode())
        cluster.commit()
        earlier.append(tuple(cluster.browse()))
    if not crashed:
        cluster.close()
    assert cluster.state.levels >= 2
    files = folder.image()
    used = max(journal_group.GROUPS_AT, len(files["T.jnl"].rstrip(b"\0")) + 512)
    files["T.jnl"] = files["T.jnl"][:used]  # less of the zeros written ahead
    return Victim(files, earlier[-1], tuple(earlier[:-1]))


CLOSED, CRASHED = build(crashed=False), build(crashed=True)


def flipped(victim: Victim, suffix: str, offset: int, mask: int) -> dict[str, bytes]:
    name = f"{STEM}.{suffix}"
    data = bytearray(victim.files[name])
    data[offset] ^= mask
    return {**victim.files, name: bytes(data)}


def flips(victim: Victim, suffix: str) -> list[tuple[int, int]]:
    """(offset, bits to change), seeded."""
    rng = random.Random(f"{suffix} {len(victim.files)}")
    size = len(victim.files[f"{STEM}.{suffix}"])
    offsets = range(size) if size <= FLIPS else rng.sample(range(size), FLIPS)
    return [(offset, 1 << rng.randrange(8)) for offset in offsets]


def is_proper(error: VsamError) -> bool:
    if isinstance(error, OpenError):
        return error.feedback in (160, 168, 184)
    return isinstance(error, PhysicalError) and error.feedback in (4, 8, 12) and "\n" not in str(error)


def unreadable(folder: MemoryFolder, victim: Victim, where: str) -> set[bytes] | None:
    """Keys that GET cannot give; None if OPEN refuses. Whatever is given is compared."""
    try:
        cluster = KeySequenced.open(folder, STEM, DEFINITION)
    except VsamError as error:
        assert is_proper(error), f"{where}: {error!r}"
        return None
    with cluster:
        lost = set()
        for wanted in victim.content:
            try:
                assert cluster.get(key_of(wanted)) == wanted, where
            except Damaged as error:
                assert is_proper(error), f"{where}: {error!r}"
                lost.add(key_of(wanted))
        seen = []
        try:
            for found in cluster.browse():
                seen.append(found)
        except Damaged as error:
            assert is_proper(error), f"{where}: {error!r}"
        assert tuple(seen) == victim.content[: len(seen)], where
        assert lost or len(seen) == len(victim.content), where
        if lost:
            assert any(finding.severity == 8 for finding in cluster.verify()), where
    return lost


def neighbours(victim: Victim) -> list[set[bytes]]:
    """The keys of each data CI."""
    groups: dict[int, set[bytes]] = {}
    with KeySequenced.open(memory_folder(victim.files), STEM, DEFINITION) as cluster:
        for data in victim.content:
            groups.setdefault(cluster.locate(key_of(data))[0], set()).add(key_of(data))
    return list(groups.values())


@pytest.mark.parametrize("victim", [CLOSED, CRASHED], ids=["closed", "crashed"])
def test_a_flip_in_the_data_costs_one_interval_at_most(victim: Victim) -> None:
    intervals = neighbours(victim)
    hit = 0
    for offset, mask in flips(victim, "data"):
        where = f"data, offset {offset}, bits {mask:02X}"
        lost = unreadable(memory_folder(flipped(victim, "data", offset, mask)), victim, where)
        assert lost is not None, f"{where}: OPEN must not read the data"
        assert not lost or lost in intervals, where
        hit += bool(lost)
    assert hit


@pytest.mark.parametrize("victim", [CLOSED, CRASHED], ids=["closed", "crashed"])
def test_a_flip_in_the_index_costs_one_area_or_the_open_for_update(victim: Victim) -> None:
    """A damaged index set costs a reader nothing: the way is along the sequence set. A writer is refused."""
    outcomes = set()
    for offset, mask in flips(victim, "index"):
        where, folder = f"index, offset {offset}", memory_folder(flipped(victim, "index", offset, mask))
        lost = unreadable(folder, victim, where)
        assert lost is not None and len(lost) <= 8 * DEFINITION.cis_per_ca, where
        updatable = opens_for_update(folder, where)
        assert updatable or not lost, where
        outcomes.add("one area" if lost else "harmless" if updatable else "refused")
    assert outcomes >= {"refused", "one area"} if victim is CLOSED else outcomes


@pytest.mark.parametrize("which", [0, 1, -1], ids=["first", "second", "last"])
def test_no_record_is_called_not_found_when_index_set_and_sequence_set_are_damaged(which: int) -> None:
    """Without the index set nothing but the chain tells where the keys of a lost sequence-set record were."""
    folder = memory_folder(CLOSED.files)
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        lost = [cluster.index.root, cluster.index.numbers[which]]
    with closing(folder.open(f"{STEM}.index")) as index:
        for number in lost:
            index.write(number * DEFINITION.index_ci_size, bytes(DEFINITION.index_ci_size))
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        for wanted in CLOSED.content:
            with pytest.raises(Damaged):
                cluster.get(key_of(wanted))
        with pytest.raises(Damaged):
            list(cluster.browse())


def test_the_rest_of_a_cluster_with_a_bad_interval_can_be_updated() -> None:
    """A request that needs the interval fails with 12, 4 and changes nothing; every other one goes on."""
    victim = CLOSED.content[0]
    with KeySequenced.open(memory_folder(CLOSED.files), STEM, DEFINITION) as cluster:
        at = cluster.locate(key_of(victim))[0] * DEFINITION.ci_size
    (bad,) = [keys for keys in neighbours(CLOSED) if key_of(victim) in keys]
    folder = memory_folder(flipped(CLOSED, "data", at + 1, 1))
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
        for wanted in CLOSED.content:
            if key_of(wanted) in bad:
                for request in (cluster.erase, cluster.get):
                    with pytest.raises(Damaged, match="RETURN CODE 12 FEEDBACK 4"):
                        request(key_of(wanted))
                with pytest.raises(Damaged):
                    cluster.update(wanted)
            elif int(key_of(wanted)) // 10 % 2:
                cluster.erase(key_of(wanted))
            else:
                cluster.update(wanted[:-1] + b"!")
        cluster.commit()
        left = len(cluster)
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        assert len(cluster) == left < len(CLOSED.content)
        kept = [data for data in CLOSED.content if key_of(data) not in bad and int(key_of(data)) // 10 % 2 == 0]
        assert kept and [cluster.get(key_of(data)) for data in kept] == [data[:-1] + b"!" for data in kept]
        assert {finding.ci for finding in cluster.verify() if finding.severity == 8} == {at // DEFINITION.ci_size}


def opens_for_update(folder: MemoryFolder, where: str) -> bool:
    try:
        KeySequenced.open(folder, STEM, DEFINITION, mode="w").close()
    except VsamError as error:
        assert is_proper(error), f"{where}: {error!r}"
        return False
    return True


@pytest.mark.parametrize("victim", [CLOSED, CRASHED], ids=["closed", "crashed"])
def test_a_flip_in_the_checksums_costs_nothing(victim: Victim) -> None:
    """The damaged page is rebuilt from the intervals; VERIFY tells once."""
    told = 0
    for offset, mask in flips(victim, "sum"):
        folder = memory_folder(flipped(victim, "sum", offset, mask))
        assert unreadable(folder, victim, f"sum, offset {offset}") == set()
        with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
            told += [finding.severity for finding in cluster.verify()] == [4]
        with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
            assert not cluster.verify(), f"sum, offset {offset}: still damaged after an update run"
    assert told or victim is CRASHED


def test_a_flip_in_the_journal_of_a_closed_cluster_costs_nothing() -> None:
    """At rest there are two equal header copies and no groups."""
    for offset, mask in flips(CLOSED, "jnl"):
        lost = unreadable(memory_folder(flipped(CLOSED, "jnl", offset, mask)), CLOSED, f"jnl, offset {offset}")
        assert lost == set()


def test_a_flip_in_the_journal_of_a_crashed_cluster_is_seen() -> None:
    journal = CRASHED.files[f"{STEM}.jnl"]
    places = range(journal_group.GROUPS_AT, len(journal), 512)
    groups = [(at, header) for at in places if (header := journal_group.parse_group_header(journal[at:]))]
    ends = [at for at, header in groups if not header.continued]
    assert len(ends) == 5
    last_commit = min(at for at, _ in groups if at > ends[-2])
    refused = 0
    for offset, mask in flips(CRASHED, "jnl"):
        folder = memory_folder(flipped(CRASHED, "jnl", offset, mask))
        where = f"jnl, offset {offset}, bits {mask:02X}"
        if offset >= last_commit:
            with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
                assert tuple(cluster.browse()) in (CRASHED.content, CRASHED.earlier[-1]), where
        else:
            lost = unreadable(folder, CRASHED, where)
            assert lost is None or lost == set(), where
            refused += lost is None
    assert refused


@pytest.mark.parametrize("suffix", ["data", "index", "sum", "jnl"])
def test_a_file_cut_short_is_refused_or_harmless(suffix: str) -> None:
    for victim in (CLOSED, CRASHED):
        data = victim.files[f"{STEM}.{suffix}"]
        for length in {0, 1, 511, 512, len(data) // 2, len(data) - 1}:
            folder = memory_folder({**victim.files, f"{STEM}.{suffix}": data[:length]})
            try:
                with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
                    content = tuple(cluster.browse())
            except VsamError as error:
                assert is_proper(error), f"{suffix} of {length} bytes: {error!r}"
            else:
                assert content == victim.content or (suffix == "jnl" and content in victim.earlier)


@pytest.mark.parametrize("suffix", ["data", "index", "sum", "jnl"])
def test_a_missing_file_is_an_open_error(suffix: str) -> None:
    files = {name: data for name, data in CLOSED.files.items() if not name.endswith(suffix)}
    with pytest.raises(OpenError, match=f"T.{suffix} is missing"):
        content_of(memory_folder(files), DEFINITION)


def test_files_of_another_shape_are_refused() -> None:
    other: ClusterDefinition = tiny(ci_size=1024)
    with pytest.raises(OpenError) as caught:
        content_of(memory_folder(CLOSED.files), other)
    assert caught.value.feedback == OpenError.INCONSISTENT
    with pytest.raises(VsamError):
        content_of(memory_folder({name: os.urandom(9000) for name in CLOSED.files}), DEFINITION)


def test_swapped_intervals_are_seen() -> None:
    """Each is sound by itself; only the checksum outside it can tell."""
    data = CLOSED.files[f"{STEM}.data"]
    swapped = data[512:1024] + data[:512] + data[1024:]
    lost = unreadable(memory_folder({**CLOSED.files, f"{STEM}.data": swapped}), CLOSED, "swapped")
    assert lost and lost >= {key_of(CLOSED.content[0])}


@pytest.mark.parametrize(("root", "feedback"), [(True, Damaged.READ_INDEX_SET), (False, Damaged.READ_SEQUENCE_SET)])
def test_a_damaged_index_record_is_named_by_its_place_in_the_tree(root: bool, feedback: int) -> None:
    """Feedback 8 above, 12 at the bottom. Once both said 12, and neither named the data set."""
    files = dict(build(crashed=False).files)
    with KeySequenced.open(memory_folder(files), STEM, DEFINITION) as cluster:
        number = cluster.index.root if root else cluster.index.numbers[0]
    spoiled = bytearray(files["T.index"])
    spoiled[number * DEFINITION.index_ci_size + 100] ^= 1
    folder = memory_folder({**files, "T.index": bytes(spoiled)})
    with pytest.raises(Damaged) as caught, KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
        next(cluster.browse())
    assert (caught.value.return_code, caught.value.feedback) == (12, feedback)
    assert caught.value.rba == number * DEFINITION.index_ci_size
    assert caught.value.data_set == DEFINITION.name
