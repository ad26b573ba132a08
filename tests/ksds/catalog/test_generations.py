"""Generation data groups: relative numbers, rolling in, rolling off."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksds.catalog.catalog import Catalog
from ksds.catalog.entries import GdgEntry, NonVsamEntry, Status
from ksds.catalog.generations import GenerationGroups, parse_generation
from ksds.catalog.volume import Volume
from ksds.datasets import DataSetAttributes
from ksds.errors import CatalogError, DataSetNotFound, DuplicateName
from ksds.storage.device import MemoryFolder
from ksds.system import System

BASE = "PROD.LOG"
FB80 = DataSetAttributes("FB", 80)


@pytest.fixture
def system(tmp_path):
    with System.open(tmp_path / "nyc") as opened:
        yield opened


def define(system, limit=3, **options):
    system.generations.define(GdgEntry(name=BASE, limit=limit, **options))


def write(system, relative=1, text=b"", **how):
    """A new generation, as a job makes it."""
    name = system.generations.group(BASE).relative(relative)
    system.allocate(name, FB80, **how)
    if text:
        with system.sequential(name, "w") as data_set:
            data_set.append([text.ljust(80)])
    return name


def active(system):
    return [entry.name.removeprefix(f"{BASE}.") for entry in system.generations.group(BASE).active]


def files(system):
    return sorted(path.name.rsplit(".", 1)[0] for path in (system.folder / "volumes" / "VOL001").iterdir())


def test_relative_numbers_count_from_the_newest(system):
    define(system)
    assert write(system) == "PROD.LOG.G0001V00"
    assert write(system) == "PROD.LOG.G0002V00"
    group = system.generations.group("prod.log")
    assert [group.relative(n) for n in (-1, 0, 1, 2)] == [
        f"PROD.LOG.{name}" for name in ("G0001V00", "G0002V00", "G0003V00", "G0004V00")
    ]
    with pytest.raises(DataSetNotFound, match=r"PROD\.LOG\(-2\) NOT FOUND"):
        group.relative(-2)
    with pytest.raises(CatalogError, match="KSD107E"):
        group.relative(256)


def test_an_empty_group_has_no_newest_generation(system):
    define(system)
    with pytest.raises(DataSetNotFound):
        system.generations.group(BASE).relative(0)


def test_a_job_keeps_its_group_while_generations_come(system):
    define(system)
    write(system)
    anchor = system.generations.group(BASE)
    write(system)
    assert anchor.relative(0) == "PROD.LOG.G0001V00"
    assert anchor.relative(1) == "PROD.LOG.G0002V00"


def test_above_the_limit_the_oldest_rolls_off_and_scratch_deletes_it(system):
    define(system, limit=3, scratch=True)
    for _ in range(4):
        write(system)
    assert active(system) == ["G0002V00", "G0003V00", "G0004V00"]
    assert files(system) == [f"PROD.LOG.G000{n}V00" for n in (2, 3, 4)]
    assert not system.exists("PROD.LOG.G0001V00")


def test_noscratch_keeps_what_rolled_off_outside_the_group(system):
    define(system, limit=1)
    write(system, text=b"OLD")
    write(system)
    assert active(system) == ["G0002V00"]
    entry = system.entry("PROD.LOG.G0001V00")
    assert entry.status is Status.ROLLED_OFF
    assert [record.rstrip() for record in system.records(entry.name)] == [b"OLD"]


def test_empty_rolls_all_others_off_at_once(system):
    define(system, limit=2, scratch=True, empty=True)
    for _ in range(3):
        write(system)
    assert active(system) == ["G0003V00"]


def test_a_deferred_generation_joins_when_it_is_rolled_in(system):
    define(system, limit=1, scratch=True)
    write(system)
    name = write(system, deferred=True)
    assert system.entry(name).status is Status.DEFERRED
    assert active(system) == ["G0001V00"]
    assert [(gone.entry.name, gone.scratched) for gone in system.generations.roll_in(name)] == [
        ("PROD.LOG.G0001V00", True)
    ]
    assert active(system) == ["G0002V00"]
    assert system.generations.roll_in(name) == []


def test_a_deferred_generation_left_behind_gives_way_to_the_next_of_its_number(system):
    define(system)
    name = write(system, text=b"LEFT", deferred=True)
    assert write(system) == name
    assert list(system.records(name)) == []
    assert len(files(system)) == 1


def test_one_version_of_a_generation_counts(system):
    define(system, scratch=True)
    write(system)
    system.allocate("PROD.LOG.G0001V01", FB80)
    assert active(system) == ["G0001V01"]


def test_a_generation_older_than_a_full_group_is_rolled_off_at_once_and_kept(system):
    define(system, limit=2, scratch=True)
    for number in (5, 6, 2):
        system.allocate(f"PROD.LOG.G000{number}V00", FB80)
    assert active(system) == ["G0005V00", "G0006V00"]
    assert system.entry("PROD.LOG.G0002V00").status is Status.ROLLED_OFF


def test_an_unexpired_generation_is_not_scratched_unless_the_group_says_purge(system):
    define(system, limit=1, scratch=True)
    write(system, expires=date(2030, 1, 1))
    write(system, created=date(2026, 1, 1))
    assert system.entry("PROD.LOG.G0001V00").status is Status.ROLLED_OFF


def test_purge_scratches_before_the_date(system):
    define(system, limit=1, scratch=True, purge=True)
    write(system, expires=date(2030, 1, 1))
    write(system, created=date(2026, 1, 1))
    assert not system.exists("PROD.LOG.G0001V00")


def test_a_generation_in_use_is_rolled_off_but_not_scratched(system):
    define(system, limit=1, scratch=True)
    write(system, text=b"READ ME")
    with system.sequential("PROD.LOG.G0001V00") as data_set:
        write(system)
        assert [record.rstrip() for record in data_set.records()] == [b"READ ME"]
    assert system.entry("PROD.LOG.G0001V00").status is Status.ROLLED_OFF


def test_after_9999_comes_1_and_is_newer(system):
    define(system, limit=3, scratch=True)
    system.allocate("PROD.LOG.G9998V00", FB80)
    for _ in range(4):
        write(system)
    assert active(system) == ["G0001V00", "G0002V00", "G0003V00"]


def test_a_published_copy_becomes_a_generation(system):
    define(system)
    name = system.generations.group(BASE).relative(1)
    staged = system.stage(name, FB80)
    staged.data_set.append([b"COPIED".ljust(80)])
    staged.data_set.close()
    system.publish(name, FB80, staged.file_name)
    assert active(system) == ["G0001V00"]


def test_the_group_as_a_whole_is_read_newest_first_or_as_fifo_says(system):
    define(system)
    write(system)
    write(system)
    group = system.generations.group(BASE)
    assert group.names() == ["PROD.LOG.G0002V00", "PROD.LOG.G0001V00"]
    system.generations.define(GdgEntry(name="TEST.LOG", limit=2, fifo=True))
    for _ in range(2):
        system.allocate(system.generations.group("TEST.LOG").relative(1), FB80)
    assert system.generations.group("TEST.LOG").names() == ["TEST.LOG.G0001V00", "TEST.LOG.G0002V00"]


def test_a_name_of_the_form_without_a_base_is_an_ordinary_data_set(system):
    assert system.allocate("TEST.LOG.G0001V00", FB80).status is Status.CATALOGUED
    with pytest.raises(CatalogError, match="KSD106E"):
        system.generations.group("TEST.LOG.G0001V00")
    with pytest.raises(CatalogError, match="KSD106E"):
        system.generations.roll_in("TEST.LOG.G0001V00")


def test_a_base_with_generations_is_deleted_only_with_force_or_recovery(system):
    define(system)
    write(system)
    with pytest.raises(CatalogError, match="HAS 1 GENERATIONS"):
        system.generations.delete(BASE)
    assert [entry.letter for entry in system.generations.delete(BASE, force=True)] == ["H", "B"]
    assert files(system) == []
    assert not system.exists(BASE)


def test_recovery_leaves_the_generations_on_the_volume(system):
    define(system)
    name = write(system)
    system.generations.delete(BASE, recovery=True)
    assert not system.exists(name)
    assert files(system) == [name]
    with pytest.raises(DuplicateName):
        system.allocate(name, FB80)


@pytest.mark.parametrize("limit,extended", [(0, False), (256, False), (1000, True)])
def test_limits_are_1_to_255_or_999(system, limit, extended):
    with pytest.raises(ValueError, match="LIMIT"):
        define(system, limit=limit, extended=extended)


def test_a_base_name_leaves_room_for_its_generations(system):
    system.generations.define(GdgEntry(name="A2345678.B2345678.C2345678.D2345678", limit=1))
    with pytest.raises(CatalogError, match="IDC3523I"):
        system.generations.define(GdgEntry(name="A2345678.B2345678.C2345678.D2345678.E", limit=1))


def test_a_group_survives_in_the_catalog(tmp_path):
    with System.open(tmp_path / "nyc") as system:
        define(
            system, limit=7, scratch=True, empty=True, fifo=True, purge=True, extended=True, altered=date(2026, 2, 3)
        )
        before = system.entry(BASE)
    with System.open(tmp_path / "nyc") as system:
        assert system.entry(BASE) == before


@pytest.mark.parametrize("name", ["A.G0000V00", "A.G1V0", "A.G0001V00.X", "A.G00١1V00"])
def test_names_that_are_no_generations(name):
    assert parse_generation(name) is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 4), st.booleans())
def test_a_group_never_holds_more_than_its_limit_and_always_the_newest(steps, limit, empty):
    """Against a list that does what the manual says."""
    system = MemorySystem(limit, empty)
    expected: list[int] = []
    last = 0
    for skip in steps:
        last += skip + 1
        system.add(last)
        if len(expected) == limit:
            expected = [] if empty else expected[1:]
        expected.append(last)
        assert system.numbers() == expected


class MemorySystem:
    """A catalog and a volume without files."""

    def __init__(self, limit, empty):
        folder = MemoryFolder()
        self.groups = GenerationGroups(Catalog.open(folder, "NYC"), Volume(MemoryFolder()))
        self.groups.define(GdgEntry(name=BASE, limit=limit, empty=empty, scratch=True))

    def add(self, number):
        name = f"{BASE}.G{number:04}V00"
        self.groups.catalog(NonVsamEntry(name=name, attributes=FB80, file_name=f"{name}.00000001"))

    def numbers(self):
        return [parse_generation(entry.name).number for entry in self.groups.group(BASE).active]
