"""The catalog: entries by name, kept in a KSDS, whole after any crash."""

import errno
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksds.catalog.associations import MOST_ASSOCIATIONS
from ksds.catalog.catalog import LOCK, MARK, Catalog, catalog_definition
from ksds.catalog.entries import ClusterEntry, ComponentEntry, NonVsamEntry, to_record
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from ksds.errors import CatalogError, Damaged, DataSetNotFound, DuplicateName, InvalidName
from ksds.storage.device import MemoryFolder


def cluster(name, data_name=None):
    definition = ClusterDefinition(
        name=name,
        key_length=4,
        average_record=20,
        maximum_record=80,
        ci_size=512,
        index_ci_size=512,
        cis_per_ca=49,
        data_name=data_name or f"{name}.DATA",
        index_name=f"{name}.INDEX",
    )
    return ClusterEntry(name=name, definition=definition, stem=f"{name}.00000001")


def sequential(name, serial=1):
    return NonVsamEntry(name=name, attributes=DataSetAttributes("FB", 80), file_name=f"{name}.{serial:08x}")


@pytest.fixture
def catalog():
    return Catalog.open(MemoryFolder(), "NYC")


def names(catalog, pattern="**"):
    return [entry.name for entry in catalog.entries(pattern)]


def test_a_new_catalog_is_empty_and_keeps_its_name():
    folder = MemoryFolder()
    assert Catalog.open(folder, "NYC").name == "CATALOG.NYC"
    again = Catalog.open(folder, "LONDON")
    assert (again.system_name, again.entries()) == ("NYC", [])


def test_a_record_of_an_entry_with_everything_over_it_spans_intervals(catalog):
    entry = replace(cluster("PROD.ACCTS"), associations=tuple(f"PROD.PATH{n:035}" for n in range(MOST_ASSOCIATIONS)))
    for name in ("PROD.A", "PROD.Z"):
        catalog.add(sequential(name))
    catalog.add(entry)
    assert catalog.find("PROD.ACCTS.DATA").cluster == entry
    few = replace(entry, associations=entry.associations[:3])
    catalog.replace(entry, few)
    catalog.replace(few, entry)
    assert catalog.find("PROD.ACCTS") == entry
    catalog.remove(entry)
    assert names(catalog) == ["PROD.A", "PROD.Z"]
    assert catalog.inside().verify() == []


def test_a_cluster_is_found_by_each_of_its_names(catalog):
    entry = cluster("PROD.ACCTS")
    catalog.add(entry)
    assert catalog.find("PROD.ACCTS") == entry
    data = catalog.find("PROD.ACCTS.DATA")
    assert isinstance(data, ComponentEntry)
    assert (data.cluster, data.component) == (entry, "data")
    assert catalog.find("PROD.ACCTS.INDEX").type == "INDEX"


def test_entries_come_in_order_and_by_generic_name(catalog):
    catalog.add(sequential("PROD.UNLOAD"))
    catalog.add(cluster("PROD.ACCTS"))
    catalog.add(sequential("TEST.X"))
    assert names(catalog) == ["PROD.ACCTS", "PROD.ACCTS.DATA", "PROD.ACCTS.INDEX", "PROD.UNLOAD", "TEST.X"]
    assert names(catalog, "prod.*") == ["PROD.ACCTS", "PROD.UNLOAD"]
    assert names(catalog, "**.INDEX") == ["PROD.ACCTS.INDEX"]
    assert names(catalog, "NONE.**") == []
    with pytest.raises(InvalidName):
        catalog.entries("../*")


def test_a_name_is_taken_only_once_whatever_it_names(catalog):
    catalog.add(cluster("PROD.ACCTS"))
    catalog.add(sequential("PROD.X"))
    for entry in (
        cluster("PROD.ACCTS"),
        sequential("PROD.ACCTS.DATA"),
        sequential("PROD.X"),
        cluster("PROD.X"),
        cluster("PROD.NEW", data_name="PROD.X"),
        cluster("PROD.NEW", data_name="PROD.NEW"),
        sequential(catalog.name),
    ):
        with pytest.raises(DuplicateName, match="IDC3013I"):
            catalog.add(entry)
    assert "PROD.NEW" not in names(catalog)


def test_removing_a_cluster_frees_all_its_names(catalog):
    entry = cluster("PROD.ACCTS")
    catalog.add(entry)
    catalog.remove(entry)
    assert names(catalog) == []
    for name in ("PROD.ACCTS", "PROD.ACCTS.DATA"):
        with pytest.raises(DataSetNotFound, match=f"IDC3012I ENTRY {name} NOT FOUND"):
            catalog.find(name)
    catalog.add(sequential("PROD.ACCTS.DATA"))


def test_an_entry_that_changed_meanwhile_is_neither_replaced_nor_removed(catalog):
    first, second, third = (sequential("A.B", serial) for serial in (1, 2, 3))
    catalog.add(first)
    catalog.replace(first, second)
    with pytest.raises(DuplicateName):
        catalog.replace(first, third)
    with pytest.raises(DuplicateName):
        catalog.replace(None, third)
    with pytest.raises(DataSetNotFound):
        catalog.remove(first)
    assert catalog.find("A.B") == second


class Watched(MemoryFolder):
    """Notes which files are opened."""

    def __init__(self):
        super().__init__()
        self.opened = []

    def open(self, name, *, create=False, writable=True):
        device = super().open(name, create=create, writable=writable)
        self.opened.append(name)
        return device


def test_a_name_looked_up_before_costs_a_look_at_the_journal():
    catalog = Catalog.open(folder := Watched(), "NYC")
    catalog.add(sequential("PROD.A"))
    catalog.find("PROD.A")
    folder.opened.clear()
    assert catalog.find("PROD.A") == sequential("PROD.A")
    assert folder.opened == [LOCK, "catalog.jnl"]


def test_what_another_program_has_changed_is_seen_at_once(catalog):
    other = Catalog.open(catalog._folder, "NYC")
    for entry in (sequential("PROD.A"), sequential("PROD.B")):
        with pytest.raises(DataSetNotFound):
            catalog.find(entry.name)
        other.add(entry)
        assert catalog.find(entry.name) == entry
    other.replace(sequential("PROD.A"), sequential("PROD.A", 2))
    assert catalog.find_all(["PROD.A", "PROD.B"]) == [sequential("PROD.A", 2), sequential("PROD.B")]
    other.remove(sequential("PROD.B"))
    assert catalog.find_all(["PROD.A", "PROD.B"]) == [sequential("PROD.A", 2)]


def test_what_a_program_committed_before_it_died_is_seen(catalog):
    """Its commit stands in the journal only, behind headers that are what they were."""
    catalog.add(sequential("PROD.A"))
    assert catalog.find("PROD.A") == sequential("PROD.A")
    store = catalog._opened("w")
    store.update(to_record(sequential("PROD.A", 2)))
    store.commit()
    store.sphere.pager.close()
    assert catalog.find("PROD.A") == sequential("PROD.A", 2)


def test_people_look_at_a_copy(catalog):
    catalog.add(sequential("A.B"))
    with catalog.inside() as store:
        catalog.add(sequential("A.C"))
        assert len(list(store.browse())) == 1
        assert store.verify() == []


def test_hundreds_of_entries_split_the_catalog(catalog):
    wanted = [f"Q{n:03}.D{n * 7919 % 1000:03}" for n in range(300)]
    for name in sorted(wanted, key=lambda name: name[5:]):
        catalog.add(sequential(name))
    assert names(catalog) == sorted(wanted)
    assert len(names(catalog, "Q00*.**")) == 10
    with catalog.inside() as store:
        assert store.verify() == []
        assert store.statistics.ci_splits > 0


@pytest.mark.parametrize("mark", [b"", b"KSDS CATALOG 1 NYC\n", b"KSDS CATALOG 2 ../X\n", b"\0" * 4096])
def test_a_damaged_mark_is_told(mark):
    folder = MemoryFolder()
    Catalog.open(folder, "NYC")
    device = folder.open(MARK)
    device.resize(0)
    device.write(0, mark)
    with pytest.raises(CatalogError, match="KSD102E"):
        Catalog.open(folder, "NYC")


def test_a_catalog_with_a_mark_is_never_made_again():
    folder = MemoryFolder()
    catalog = Catalog.open(folder, "NYC")
    catalog.add(sequential("A.B"))
    folder.open("catalog.data").write(100, b"\xff")
    with pytest.raises(Damaged) as damaged:
        Catalog.open(folder, "NYC").find("A.B")
    assert damaged.value.data_set == "CATALOG.NYC"


SMALL_NAMES = [f"{high}.{low}" for high in "AB" for low in ("X", "Y", "DATA")] + ["A", "B"]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(["cluster", "sequential", "replace", "remove"]), st.sampled_from(SMALL_NAMES)))
)
def test_any_history_leaves_what_a_dictionary_would_hold(history):
    catalog = Catalog.open(MemoryFolder(), "NYC")
    model = {}  # every name -> the entry that owns it
    for serial, (request, name) in enumerate(history):
        owner = model.get(name)
        entry = cluster(name) if request == "cluster" else sequential(name, serial)
        taken = {name, f"{name}.DATA", f"{name}.INDEX"} if request == "cluster" else {name}
        if request in ("cluster", "sequential"):
            if taken & model.keys():
                with pytest.raises(DuplicateName):
                    catalog.add(entry)
            else:
                catalog.add(entry)
                model |= dict.fromkeys(taken, entry)
        elif request == "replace" and isinstance(owner, NonVsamEntry):
            catalog.replace(owner, entry)
            model[name] = entry
        elif request == "remove" and owner is not None and owner.name == name:
            catalog.remove(owner)
            model = {other: kept for other, kept in model.items() if kept is not owner}
    found = catalog.entries()
    assert [entry.name for entry in found] == sorted(model)
    assert all(entry == model[entry.name] or entry.cluster == model[entry.name] for entry in found)


# Crashes: the folder stops after any number of changes; what survives is everything, or only what was synced.


class Crash(Exception):
    pass


class CrashingFolder(MemoryFolder):
    """A folder that dies before change number `lives` + 1, and remembers what was made durable."""

    def __init__(self, before=None, lives=10**9):
        super().__init__()
        self.lives = lives
        self.listed = set()
        self.synced = {}
        for name, content in (before or {}).items():
            super().open(name, create=True).write(0, content)
            self.synced[self._files[name]] = content
        self.listed = set(before or {})

    def live(self):
        if self.lives <= 0:
            raise Crash
        self.lives -= 1

    def open(self, name, *, create=False, writable=True):
        if create:
            self.live()
        return CrashingDevice(super().open(name, create=create), self, self._files[name])

    def remove(self, name):
        self.live()
        super().remove(name)

    def rename(self, old, new):
        self.live()
        super().rename(old, new)

    def sync(self):
        self.live()
        self.listed = set(self._files)

    def survivors(self, only_synced):
        if not only_synced:
            return {name: bytes(content.data) for name, content in self._files.items()}
        return {name: self.synced.get(self._files[name], b"") for name in self.listed if name in self._files}


class CrashingDevice:
    def __init__(self, device, folder, content):
        self.device, self.folder, self.content = device, folder, content

    def __getattr__(self, name):
        return getattr(self.device, name)

    def write(self, offset, data):
        self.folder.live()
        self.device.write(offset, data)

    def resize(self, size):
        self.folder.live()
        self.device.resize(size)

    def sync(self):
        self.folder.live()
        self.folder.synced[self.content] = bytes(self.content.data)


def crash_states(before, action):
    """What a disk may hold after `action` was cut short at any point, and after it came to its end."""
    lives = 0
    while True:
        folder = CrashingFolder(before, lives)
        try:
            action(folder)
        except Crash:
            pass
        else:
            yield True, folder.survivors(only_synced=True)
            return
        for only_synced in (False, True):
            yield False, folder.survivors(only_synced)
        lives += 1


def files(folder):
    return folder.survivors(only_synced=False)


@pytest.mark.crash
def test_a_crash_at_first_use_leaves_no_or_an_empty_catalog():
    states = 0
    for _, disk in crash_states({}, lambda folder: Catalog.open(folder, "NYC")):
        catalog = Catalog.open(CrashingFolder(disk), "NYC")
        assert catalog.entries() == []
        catalog.add(sequential("A.B"))
        assert names(catalog) == ["A.B"]
        states += 1
    assert states > 20


def made(*entries):
    folder = CrashingFolder()
    catalog = Catalog.open(folder, "NYC")
    for entry in entries:
        catalog.add(entry)
    return files(folder)


@pytest.mark.crash
def test_a_crash_while_adding_leaves_all_names_or_none():
    before = made(sequential("A.A"))
    added = cluster("PROD.ACCTS")
    for done, disk in crash_states(before, lambda folder: Catalog.open(folder, "NYC").add(added)):
        catalog = Catalog.open(CrashingFolder(disk), "NYC")
        found = names(catalog)
        assert found in (["A.A"], ["A.A", "PROD.ACCTS", "PROD.ACCTS.DATA", "PROD.ACCTS.INDEX"])
        assert not done or len(found) == 4
        if len(found) == 1:
            catalog.add(sequential("PROD.ACCTS.DATA"))
        with catalog.inside() as store:
            assert store.verify() == []


@pytest.mark.crash
def test_a_crash_while_removing_leaves_all_names_or_none():
    removed = cluster("PROD.ACCTS")
    before = made(removed, sequential("Z.Z"))
    for done, disk in crash_states(before, lambda folder: Catalog.open(folder, "NYC").remove(removed)):
        catalog = Catalog.open(CrashingFolder(disk), "NYC")
        found = names(catalog)
        assert found in (["Z.Z"], ["PROD.ACCTS", "PROD.ACCTS.DATA", "PROD.ACCTS.INDEX", "Z.Z"])
        assert not done or len(found) == 1
        if len(found) == 1:
            catalog.add(removed)


@pytest.mark.crash
def test_a_crash_while_replacing_leaves_the_old_or_the_new_file():
    old, new = sequential("A.B", 1), sequential("A.B", 2)
    before = made(old)
    for done, disk in crash_states(before, lambda folder: Catalog.open(folder, "NYC").replace(old, new)):
        found = Catalog.open(CrashingFolder(disk), "NYC").find("A.B")
        assert found in ((new,) if done else (old, new))


@pytest.mark.crash
def test_component_records_that_a_crash_left_alone_count_for_nothing():
    """Component records come first; had only they reached the disk, their names would still be free."""
    folder = MemoryFolder()
    catalog = Catalog.open(folder, "NYC")
    entry = cluster("PROD.ACCTS")
    with catalog._store("w") as store:
        for component in entry.components:
            store.insert(to_record(component))
    assert names(catalog) == []
    with pytest.raises(DataSetNotFound):
        catalog.find("PROD.ACCTS.DATA")
    catalog.add(sequential("PROD.ACCTS.DATA"))
    catalog.add(cluster("PROD.ACCTS", data_name="PROD.ACCTS.D"))
    assert names(catalog) == ["PROD.ACCTS", "PROD.ACCTS.D", "PROD.ACCTS.DATA", "PROD.ACCTS.INDEX"]


@pytest.mark.fault
def test_a_full_disk_while_adding_is_an_error_and_leaves_the_catalog_as_it_was():
    class Full(MemoryFolder):
        full = False

        def open(self, name, *, create=False, writable=True):
            device = super().open(name, create=create)
            if self.full and name == "catalog.jnl":

                def refuse(offset, data):
                    raise OSError(errno.ENOSPC, "No space left on device")

                device.write = refuse
            return device

    folder = Full()
    catalog = Catalog.open(folder, "NYC")
    catalog.add(sequential("A.B"))
    folder.full = True
    with pytest.raises(OSError, match=r"CATALOG\.NYC"):
        catalog.add(sequential("A.C"))
    folder.full = False
    assert names(catalog) == ["A.B"]


def test_the_catalog_lock_is_free_between_requests(catalog):
    catalog.add(sequential("A.B"))
    assert catalog._folder.open(LOCK).lock(True)


def test_the_definition_is_that_of_a_version():
    definition = catalog_definition("CATALOG.NYC")
    assert (definition.key_length, definition.key_offset, definition.ci_size) == (44, 0, 4096)


def test_a_system_of_another_version_says_so():
    folder = MemoryFolder()
    Catalog.open(folder, "NYC")
    folder.open(MARK).write(0, b"KSDS CATALOG 1 NYC\n")
    with pytest.raises(CatalogError, match="KSD102E THIS SYSTEM IS OF CATALOG VERSION 1, NOT 2: TAKE ITS DATA OUT"):
        Catalog.open(folder, "NYC")
