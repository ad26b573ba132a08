"""Reading in key order: ranges, generic keys, both directions, and what happens when the ground moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import InvalidKeyLength
from ksds.layout.control_interval import parse
from ksds.storage.device import MemoryFolder
from tests.crashes.subjects import STEM, key_of, record, tiny

KEYS = range(0, 3000, 7)


@pytest.fixture
def cluster() -> Iterator[KeySequenced]:
    folder = MemoryFolder()
    KeySequenced.create(folder, STEM, tiny(secondary=50))
    with KeySequenced.open(folder, STEM, tiny(secondary=50), mode="w", buffer_bytes=0) as cluster:
        cluster.load(record(number) for number in KEYS)
        yield cluster


def numbers(records: Iterator[bytes]) -> list[int]:
    return [int(key_of(data)) for data in records]


def test_everything_forward_and_backward(cluster: KeySequenced) -> None:
    assert numbers(cluster.browse()) == list(KEYS)
    assert numbers(cluster.browse(reverse=True)) == list(KEYS)[::-1]


@pytest.mark.parametrize(
    "start, stop, expected",
    [
        (b"0700", b"0714", [700, 707, 714]),
        (b"0701", b"0713", [707]),
        (b"0708", b"0713", []),
        (b"0714", b"0700", []),
        (None, b"0010", [0, 7]),
        (b"2988", None, [2989, 2996]),
        (b"9", None, []),
        (None, b"\x00", []),
        (b"298", b"298", [n for n in KEYS if 2980 <= n < 2990]),
        (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", list(KEYS)),
    ],
)
def test_a_range_includes_both_ends(
    cluster: KeySequenced, start: bytes | None, stop: bytes | None, expected: list[int]
) -> None:
    assert numbers(cluster.browse(start, stop)) == expected
    assert numbers(cluster.browse(start, stop, reverse=True)) == expected[::-1]


def test_a_generic_key_stands_for_all_keys_that_begin_with_it(cluster: KeySequenced) -> None:
    assert numbers(cluster.browse(prefix=b"14")) == [n for n in KEYS if 1400 <= n < 1500]
    assert numbers(cluster.browse(prefix=b"1400")) == [1400]
    assert numbers(cluster.browse(prefix=b"14", reverse=True)) == [n for n in KEYS if 1400 <= n < 1500][::-1]
    assert numbers(cluster.browse(prefix=b"5")) == []
    assert numbers(cluster.browse(b"14", b"15")) == [n for n in KEYS if 1400 <= n < 1600]


@pytest.mark.parametrize("argument", [b"", b"00000"])
def test_key_arguments_are_1_to_the_key_length(cluster: KeySequenced, argument: bytes) -> None:
    requests: list[Callable[[], Iterator[bytes]]] = [
        lambda: cluster.browse(argument),
        lambda: cluster.browse(stop=argument),
        lambda: cluster.browse(prefix=argument),
    ]
    for request in requests:
        with pytest.raises(InvalidKeyLength) as caught:
            list(request())
        assert caught.value.feedback == 112
    with pytest.raises(ValueError, match="prefix"):
        cluster.browse(b"1", prefix=b"2")


def test_an_empty_data_set_has_nothing_to_give() -> None:
    folder = MemoryFolder()
    KeySequenced.create(folder, STEM, tiny())
    with KeySequenced.open(folder, STEM, tiny()) as cluster:
        assert list(cluster.browse()) == list(cluster.browse(reverse=True)) == list(cluster.browse(prefix=b"1")) == []


def test_empty_intervals_on_the_way_are_passed(cluster: KeySequenced) -> None:
    for number in KEYS:
        if 500 < number < 2500:
            cluster.erase(b"%04d" % number)
    left = [number for number in KEYS if not 500 < number < 2500]
    assert numbers(cluster.browse()) == left
    assert numbers(cluster.browse(reverse=True)) == left[::-1]
    assert numbers(cluster.browse(b"0600", b"2400")) == numbers(cluster.browse(b"0600", b"2400", reverse=True)) == []


@pytest.mark.parametrize("reverse", [False, True])
def test_splits_under_way_lose_and_repeat_nothing(cluster: KeySequenced, reverse: bool) -> None:
    """Every record read is followed by an insert next to it that splits its CI."""
    seen = []
    for data in cluster.browse(reverse=reverse):
        number = int(key_of(data))
        seen.append(number)
        if number % 7 == 0:
            cluster.insert(record(number + (1 if number % 2 else 5), 350))
    assert [number for number in seen if number % 7 == 0] == list(KEYS)[:: -1 if reverse else 1]
    assert seen == sorted(set(seen), reverse=reverse)
    assert not cluster.verify()


def test_keys_of_a_reclaimed_interval_are_not_read_twice(cluster: KeySequenced) -> None:
    """The CI just read is emptied and freed, so its keys belong to the next one. A key put back there was once
    read again, after higher ones."""
    first, _ = cluster.locate(b"0000")
    seen, again = [], False
    for data in cluster.browse():
        seen.append(int(key_of(data)))
        cluster.erase(key_of(data))
        if not again and not parse(cluster.read_ci("data", first)):
            cluster.insert(record(1))
            again = True
    assert again
    assert seen == sorted(seen)
    assert numbers(cluster.browse()) == [1]


@pytest.mark.parametrize("reverse", [False, True])
def test_a_reset_under_way_ends_the_browse(cluster: KeySequenced, reverse: bool) -> None:
    browse = cluster.browse(reverse=reverse)
    first = list(islice(browse, 1))
    cluster.reset()
    assert first
    assert len(list(browse)) < 5, "no more than the interval that was read already"


def test_a_browse_shows_what_is_not_committed_yet(cluster: KeySequenced) -> None:
    cluster.insert(record(1))
    cluster.erase(b"0007")
    assert numbers(islice(cluster.browse(), 4)) == [0, 1, 14, 21]


def test_a_long_scan_of_a_cold_data_set() -> None:
    """More CIs than are pooled: the scan reads ahead, runs over free CIs and over CIs that the journal holds."""
    folder, definition = MemoryFolder(), tiny(cis_per_ca=100)
    KeySequenced.create(folder, STEM, definition)
    with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
        cluster.load(record(number, 300) for number in range(0, 2000, 4))
    with KeySequenced.open(folder, STEM, definition, mode="w", buffer_bytes=0) as cluster:
        for number in range(801, 1000, 50):
            cluster.insert(record(number, 300))
        expected = sorted([*range(0, 2000, 4), *range(801, 1000, 50)])
        assert numbers(cluster.browse()) == expected
        assert numbers(cluster.browse(reverse=True)) == expected[::-1]
        assert cluster.statistics.retrieved == 2 * len(expected)


@pytest.mark.parametrize("odd", [[], [0], [100, 101, 250], [299], list(range(300))])
def test_runs_are_the_records_back_to_back_but_where_one_is_shorter(odd: list[int]) -> None:
    """Of keys in the order of splits, with some erased, too."""
    folder, definition = MemoryFolder(), tiny(secondary=50)
    longest = definition.maximum_record
    KeySequenced.create(folder, STEM, definition)
    with KeySequenced.open(folder, STEM, definition, mode="w") as cluster:
        for number in [*range(0, 300, 3), *range(1, 300, 3), *range(2, 300, 3)]:
            length = longest - 5 if number in odd else longest
            cluster.insert(record(number)[: definition.key_end].ljust(length, b"r"))
        for number in range(40, 60):
            cluster.erase(key_of(record(number)))
    with KeySequenced.open(folder, STEM, definition) as cluster:
        expected = list(cluster.browse())
        before = cluster.statistics.retrieved
        found: list[bytes] = []
        for run in cluster.runs(longest):
            if isinstance(run, bytes):
                found += [run[at : at + longest] for at in range(0, len(run), longest)]
            else:
                assert any(len(one) != longest for one in run)
                found += run
        assert found == expected
        assert cluster.statistics.retrieved - before == len(expected)
