"""A system folder as its users see it: names in, data sets out, several programs at once."""

import errno
import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import ksds
from ksds.catalog.entries import AliasEntry
from ksds.errors import (
    CatalogError,
    DataSetError,
    DataSetNotFound,
    DuplicateName,
    InvalidAccess,
    InvalidName,
    MemberNotFound,
    OpenError,
    RecordNotFound,
)
from ksds.storage.device import FileFolder
from ksds.system import System

ROOT = Path(__file__).resolve().parents[2]
FB = ksds.DataSetAttributes("FB", 20)
VB = ksds.DataSetAttributes("VB", 24)
RECORDS = [b"%04d" % n + b"x" * 16 for n in range(100)]


def definition(name="PROD.ACCTS", **changes):
    values = {
        "name": name,
        "key_length": 4,
        "average_record": 20,
        "maximum_record": 80,
        "ci_size": 512,
        "index_ci_size": 512,
        "cis_per_ca": 49,
    }
    return ksds.ClusterDefinition(**values | changes)


@pytest.fixture
def system(tmp_path):
    with System.open(tmp_path / "nyc") as system:
        yield system


def files(system):
    return sorted(os.listdir(system.folder / "volumes" / "VOL001"))


# First use


def test_a_new_system_is_called_after_its_folder(tmp_path):
    for folder, name in (
        ("nyc", "NYC"),
        ("deep/er/boston", "BOSTON"),
        ("my-long.folder_name", "MYLONGFO"),
        ("2026", "SYS1"),
        ("\u00e9t\u00e9", "T"),
    ):
        with System.open(tmp_path / folder) as system:
            assert (system.name, system.catalog.name) == (name, f"CATALOG.{name}")


def test_a_system_keeps_its_name_when_its_folder_moves(tmp_path):
    System.open(tmp_path / "nyc").close()
    (tmp_path / "nyc").rename(tmp_path / "london")
    with System.open(tmp_path / "london") as system:
        assert system.name == "NYC"


def test_a_system_that_must_exist_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError, match="no system here"):
        System.open(tmp_path / "nowhere", create=False)
    assert not (tmp_path / "nowhere").exists()


def test_only_its_owner_may_enter(system):
    assert (system.folder / "catalog").stat().st_mode & 0o077 == 0


def test_a_catalog_that_is_gone_is_not_quietly_made_again(system):
    system.allocate("A.B", FB)
    for file in (system.folder / "catalog").iterdir():
        file.unlink()
    with pytest.raises(CatalogError, match=r"KSD103E .* HOLDS DATA SETS"):
        System.open(system.folder)


# Clusters


def test_a_cluster_lives_from_define_to_delete(system):
    entry = system.define_cluster(definition(), created=date(2026, 11, 23), owner="ME")
    assert [c.name for c in entry.components] == ["PROD.ACCTS.DATA", "PROD.ACCTS.INDEX"]
    assert files(system) == [f"{entry.stem}.{end}" for end in ("data", "index", "jnl", "sum")]
    with system.key_sequenced("prod.accts", "w") as cluster:
        cluster.load(RECORDS)
    with system.cluster("PROD.ACCTS") as cluster:
        assert cluster.get(b"0042") == RECORDS[42]
        with pytest.raises(RecordNotFound):
            cluster.get(b"0100")
    assert list(system.records("PROD.ACCTS")) == RECORDS
    assert system.delete("PROD.ACCTS")[-1] == entry
    assert files(system) == []
    assert not system.exists("PROD.ACCTS.DATA")


def test_the_other_organizations_open_as_what_they_are(system):
    none = {"key_length": 0, "index_ci_size": 0}
    system.define_cluster(definition("LOG", organization="NONINDEXED", **none))
    system.define_cluster(definition("QUEUE", organization="NUMBERED", **none | {"maximum_record": 20}))
    with system.entry_sequenced("LOG", "w") as log:
        log.append(b"first")
    with system.relative_record("QUEUE", "w") as queue:
        queue.put(3, RECORDS[3])
    assert list(system.records("LOG")) == [b"first"]
    assert list(system.records("QUEUE")) == [RECORDS[3]]
    assert [entry.name for entry in system.entries()] == ["LOG", "LOG.DATA", "QUEUE", "QUEUE.DATA"]
    with pytest.raises(OpenError, match="ACBERFLG 160"):
        system.key_sequenced("LOG")
    with system.entry_sequenced("LOG", "w"):
        pass  # the refused open let go of it
    for name in ("LOG", "QUEUE"):
        system.delete(name)
    assert files(system) == []


def test_a_second_define_fails_and_leaves_no_files(system):
    system.define_cluster(definition())
    before = files(system)
    for name in ("PROD.ACCTS", "PROD.ACCTS.DATA"):
        with pytest.raises(DuplicateName):
            system.define_cluster(definition(name))
        with pytest.raises(DuplicateName):
            system.allocate(name, FB)
    with pytest.raises(DuplicateName):
        system.define_cluster(definition("PROD.NEW", data_name="PROD.ACCTS"))
    assert files(system) == before


def test_the_catalog_is_a_cluster_that_people_can_read(system):
    system.define_cluster(definition())
    with system.cluster("CATALOG.NYC") as catalog:
        names = [record[:44].decode("cp037").rstrip() for record in catalog.browse()]
    assert names == ["PROD.ACCTS", "PROD.ACCTS.DATA", "PROD.ACCTS.INDEX"]
    assert next(system.records("CATALOG.NYC"))[:4] == "PROD".encode("cp037")
    assert system.entry("CATALOG.NYC").definition.key_length == 44
    with pytest.raises(OpenError, match="for input only"):
        system.cluster("CATALOG.NYC", "w")
    with pytest.raises(DuplicateName):
        system.define_cluster(definition("CATALOG.NYC"))
    with pytest.raises(CatalogError, match="IS THE SYSTEM'S OWN CATALOG"):
        system.delete("CATALOG.NYC")
    assert system.exists("PROD.ACCTS")


def test_delete_minds_the_expiration_date(system):
    system.define_cluster(definition(), expires=date(2026, 12, 31))
    for today in (None, date(2026, 12, 30)):
        with pytest.raises(CatalogError, match=r"IDC3009I PROD\.ACCTS EXPIRES 2026\.365"):
            system.delete("PROD.ACCTS", today=today)
    system.delete("PROD.ACCTS", today=date(2026, 12, 31))
    system.allocate("A.B", FB, expires=date(2026, 12, 31))
    system.delete("A.B", purge=True)
    assert system.entries() == []


def test_a_component_is_not_deleted_alone(system):
    system.define_cluster(definition())
    with pytest.raises(CatalogError, match=r"THE INDEX COMPONENT OF PROD\.ACCTS"):
        system.delete("PROD.ACCTS.INDEX")


@pytest.mark.parametrize(
    ("defined", "asked", "erased"), [(True, None, True), (True, False, False), (False, True, True)]
)
def test_erase_leaves_zeros_behind(system, defined, asked, erased):
    entry = system.define_cluster(definition(erase=defined))
    with system.key_sequenced("PROD.ACCTS", "w") as cluster:
        cluster.load(RECORDS)
    path = system.folder / "volumes" / "VOL001" / f"{entry.stem}.data"
    with path.open("rb") as kept:
        system.delete("PROD.ACCTS", erase=asked)
        left = kept.read()
    assert not path.exists()
    assert any(left) is not erased


def test_what_is_open_is_not_deleted(system):
    system.define_cluster(definition())
    system.allocate("A.B", FB)
    with system.cluster("PROD.ACCTS"), system.sequential("A.B"):
        for name in ("PROD.ACCTS", "A.B"):
            with pytest.raises(OpenError, match="ACBERFLG 168"):
                system.delete(name)
    for name in ("PROD.ACCTS", "A.B"):
        system.delete(name)


def test_a_cluster_that_lost_its_files_can_still_be_deleted(system):
    entry = system.define_cluster(definition())
    (system.folder / "volumes" / "VOL001" / f"{entry.stem}.jnl").unlink()
    with pytest.raises(OpenError, match="is missing"):
        system.cluster("PROD.ACCTS")
    system.delete("PROD.ACCTS")
    assert files(system) == []


# Sharing


def test_with_shareoptions_2_many_read_while_one_updates(system):
    system.define_cluster(definition(cross_region=2))
    with system.key_sequenced("PROD.ACCTS", "w") as writer:
        writer.insert(RECORDS[1])
        writer.commit()
        writer.insert(RECORDS[2])
        with system.key_sequenced("PROD.ACCTS") as reader:
            assert list(reader.browse()) == [RECORDS[1]]
            writer.commit()
            assert list(reader.browse()) == [RECORDS[1]], "as of the moment of its open"
        with pytest.raises(OpenError, match="168"):
            system.key_sequenced("PROD.ACCTS", "w")
        with pytest.raises(InvalidAccess), system.key_sequenced("PROD.ACCTS") as reader:
            reader.insert(RECORDS[3])
    assert list(system.records("PROD.ACCTS")) == RECORDS[1:3]


def test_with_shareoptions_1_an_update_keeps_readers_out(system):
    system.define_cluster(definition(cross_region=1))
    with system.key_sequenced("PROD.ACCTS", "w"), pytest.raises(OpenError, match="168"):
        system.key_sequenced("PROD.ACCTS")


INSERT_UNTIL_KILLED = """
import sys, ksds
with ksds.System.open(sys.argv[1]) as system, system.key_sequenced("PROD.ACCTS", "w") as cluster:
    print("ready", flush=True)
    for n in range(10_000):
        cluster.insert(b"%04d" % (n * 7919 % 10_000) + b"%04d" % n + bytes(40))
        cluster.commit()
"""


def test_what_a_reader_sees_beside_a_busy_writer_is_whole(system):
    system.define_cluster(definition(cross_region=2))
    command = [sys.executable, "-c", INSERT_UNTIL_KILLED, str(system.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        counts: list[int] = []
        while len(counts) < 30 or counts[-1] == counts[0]:  # however slow the disk is for the writer
            with system.key_sequenced("PROD.ACCTS") as reader:
                turns = sorted(int(record[4:8]) for record in reader.browse())
                assert turns == list(range(len(turns)))
                assert reader.verify() == []
                counts.append(len(turns))
        program.kill()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


# Sequential data sets


def test_a_sequential_data_set_lives_from_allocate_to_delete(system):
    entry = system.allocate("PROD.UNLOAD", FB, created=date(2026, 11, 23))
    assert list(system.records("PROD.UNLOAD")) == []
    with system.sequential("PROD.UNLOAD", "w") as data_set:
        data_set.append(RECORDS)
    with system.sequential("PROD.UNLOAD", "a") as data_set:
        data_set.append(RECORDS[:2])
    with system.sequential("PROD.UNLOAD") as data_set:
        assert (data_set.record_count(), data_set.name) == (102, "PROD.UNLOAD")
    with system.sequential("PROD.UNLOAD", "w") as data_set:
        assert data_set.size() == 0
    assert system.delete("PROD.UNLOAD") == [entry]
    with pytest.raises(DataSetNotFound):
        system.sequential("PROD.UNLOAD")


def test_many_read_and_one_writes(system):
    system.allocate("A.B", FB)
    with system.sequential("A.B"), system.sequential("A.B"), pytest.raises(DataSetError, match="IN USE"):
        system.sequential("A.B", "a")
    with system.sequential("A.B", "a"), pytest.raises(DataSetError, match="IN USE"):
        system.sequential("A.B")


def test_the_wrong_kind_of_open_is_told(system):
    system.define_cluster(definition())
    system.allocate("A.B", FB)
    with pytest.raises(DataSetError, match="CLUSTER IS NOT A SEQUENTIAL DATA SET IN PROD"):
        system.sequential("PROD.ACCTS")
    with pytest.raises(OpenError, match="NONVSAM is not a cluster"):
        system.cluster("A.B")
    with pytest.raises(ValueError, match="mode 'x'"):
        system.sequential("A.B", "x")


@pytest.mark.parametrize("name", ["A.LIB(M)", "A.G(0)"])
def test_a_member_or_a_generation_is_no_cluster(system, name):
    with pytest.raises(OpenError, match="a member or a generation is not a cluster") as raised:
        system.cluster(name)
    assert raised.value.feedback == OpenError.NO_CLUSTER


def test_a_dd_reads_as_one_stream(system):
    system.define_cluster(definition())
    with system.key_sequenced("PROD.ACCTS", "w") as cluster:
        cluster.load(RECORDS)
    system.allocate("A.B", VB)
    with system.sequential("A.B", "a") as data_set:
        data_set.append([b"from a sequential one"[:20]])
    both = ksds.DD(name="IN", data_sets=("A.B", "PROD.ACCTS"))
    assert list(system.records(both)) == [b"from a sequential on", *RECORDS]
    assert list(system.records(ksds.DD(name="IN", instream=(b"card",)))) == [b"card"]
    assert list(system.records(ksds.DD(name="IN", dummy=True, data_sets=("A.B",)))) == []


# Staged files


def test_a_staged_file_becomes_a_data_set(system):
    staged = system.stage("PROD.NEW", FB)
    staged.data_set.append(RECORDS[:50])
    staged.data_set.close()
    assert not system.exists("PROD.NEW")
    with system.reopen_staged(staged.file_name, FB).data_set as data_set:
        data_set.append(RECORDS[50:])
    entry = system.publish("PROD.NEW", FB, staged.file_name)
    assert entry == system.entry("PROD.NEW")
    assert list(system.records("PROD.NEW")) == RECORDS
    assert files(system) == [staged.file_name]


def test_publishing_replaces_the_old_file(system):
    system.allocate("PROD.NEW", FB, created=date(2026, 11, 1))
    staged = system.stage("PROD.NEW", VB)
    staged.data_set.append([b"new"])
    staged.data_set.close()
    with system.sequential("PROD.NEW"), pytest.raises(OpenError, match="168"):
        system.publish("PROD.NEW", VB, staged.file_name)
    system.publish("PROD.NEW", VB, staged.file_name)
    assert list(system.records("PROD.NEW")) == [b"new"]
    entry = system.entry("PROD.NEW")
    assert (entry.attributes, entry.created) == (VB, date(2026, 11, 1))
    assert files(system) == [staged.file_name]


def test_publishing_again_changes_nothing(system):
    staged = system.stage("PROD.NEW", FB)
    staged.data_set.close()
    entry = system.publish("PROD.NEW", FB, staged.file_name)
    assert system.publish("PROD.NEW", FB, staged.file_name) == entry


def test_a_staged_file_has_one_user_at_a_time(system):
    staged = system.stage("PROD.NEW", FB)
    with pytest.raises(DataSetError, match="IN USE"):
        system.reopen_staged(staged.file_name, FB)
    with pytest.raises(DataSetError, match="IN USE"):
        system.publish("PROD.NEW", FB, staged.file_name)
    with pytest.raises(OpenError):
        system.discard_staged(staged.file_name)
    staged.data_set.close()
    system.discard_staged(staged.file_name)
    system.discard_staged(staged.file_name)
    assert files(system) == []
    with pytest.raises(DataSetError, match="CANNOT BE OPENED"):
        system.reopen_staged(staged.file_name, FB)


def test_a_catalogued_file_is_never_taken_for_a_staged_one(system):
    entry = system.allocate("A.B", FB)
    for request in (system.discard_staged, lambda name: system.reopen_staged(name, FB)):
        with pytest.raises(DataSetError, match="CATALOGUED"):
            request(entry.file_name)
    other = system.stage("A.C", FB)
    other.data_set.close()
    with pytest.raises(DataSetError, match="NOT STAGED FOR"):
        system.publish("A.B", FB, other.file_name)
    system.define_cluster(definition("A.C"))
    with pytest.raises(DuplicateName):
        system.publish("A.C", FB, other.file_name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        "../x.01234567",
        "A.0123456",
        "A.0123456G",
        "a.01234567",
        "/etc/passwd",
        "A.B.01234567/..",
        "A\0.01234567",
    ],
)
def test_a_file_name_that_no_stage_gave_is_refused(system, name):
    with pytest.raises(DataSetError, match="IS NOT THE FILE OF A DATA SET"):
        system.reopen_staged(name, FB)
    with pytest.raises(DataSetError, match="IS NOT THE FILE OF A DATA SET"):
        system.discard_staged(name)


def test_identity_tells_a_changed_data_set(system):
    system.allocate("A.B", FB)
    first = system.identity("A.B")
    assert first == system.identity("A.B")
    with system.sequential("A.B", "a") as data_set:
        data_set.append(RECORDS)
    second = system.identity("A.B")
    assert (second.size, second.inode) == (2000, first.inode)
    assert second != first
    system.define_cluster(definition())
    assert system.identity("PROD.ACCTS").size == 0
    assert system.identity("PROD.ACCTS.DATA") == system.identity("PROD.ACCTS")


# Names and links


@pytest.mark.parametrize("name", ["../escape", "A/B", "", "A" * 45, "A\0B", "A..B", "1ABC"])
def test_names_are_checked_before_anything_happens(system, name):
    for request in (
        system.entry,
        system.exists,
        system.cluster,
        system.sequential,
        system.delete,
        system.identity,
        lambda name: system.stage(name, FB),
        lambda name: system.allocate(name, FB),
        lambda name: system.define_cluster(definition(name)),
        lambda name: list(system.records(name)),
    ):
        with pytest.raises(InvalidName):
            request(name)
    assert files(system) == []


def test_a_planted_link_is_not_followed(system, tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"secret" * 20)
    entry = system.allocate("A.B", FB)
    path = system.folder / "volumes" / "VOL001" / entry.file_name
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(DataSetError, match="CANNOT BE OPENED"):
        system.sequential("A.B")
    path.unlink()
    os.link(outside, path)
    with pytest.raises(DataSetError, match="CANNOT BE OPENED"):
        system.sequential("A.B", "w")
    assert outside.read_bytes() == b"secret" * 20


def test_a_linked_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "nyc").mkdir()
    (tmp_path / "nyc" / "catalog").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        System.open(tmp_path / "nyc")
    assert list((tmp_path / "elsewhere").iterdir()) == []


# Several programs


DEFINE_TWENTY = """
import sys, ksds
with ksds.System.open(sys.argv[1]) as system:
    for n in range(20):
        system.allocate(f"{sys.argv[2]}.D{n}", ksds.DataSetAttributes("FB", 80))
"""


def test_programs_take_turns_with_the_catalog(tmp_path):
    started = [
        subprocess.Popen([sys.executable, "-c", DEFINE_TWENTY, str(tmp_path / "nyc"), owner], cwd=ROOT)
        for owner in ("ONE", "TWO", "THREE")
    ]
    assert [program.wait(timeout=60) for program in started] == [0, 0, 0]
    with System.open(tmp_path / "nyc") as system:
        assert len(system.entries()) == 60


def test_a_program_that_keeps_a_system_open_shuts_nobody_out(system):
    system.define_cluster(definition())
    with system.key_sequenced("PROD.ACCTS", "w") as cluster:
        cluster.insert(RECORDS[0])
        code = "import sys, ksds; print(len(ksds.System.open(sys.argv[1]).entries()))"
        listing = subprocess.run(
            [sys.executable, "-c", code, str(system.folder)], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert (listing.returncode, listing.stdout) == (0, "3\n"), listing.stderr
        use = "import sys, ksds; ksds.System.open(sys.argv[1]).cluster('PROD.ACCTS')"
        refused = subprocess.run(
            [sys.executable, "-c", use, str(system.folder)], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert "ACBERFLG 168" in refused.stderr


WORK_UNTIL_KILLED = """
import sys, itertools, ksds
FB = ksds.DataSetAttributes("FB", 20)
shape = ksds.ClusterDefinition(name="A.KSDS", key_length=4, average_record=20, maximum_record=80, ci_size=512,
                               index_ci_size=512, cis_per_ca=49)
print("ready", flush=True)
with ksds.System.open(sys.argv[1]) as system:
    for turn in itertools.count():
        if system.exists("A.KSDS"):
            system.delete("A.KSDS")
        system.define_cluster(shape)
        with system.key_sequenced("A.KSDS", "w") as cluster:
            cluster.load(b"%04d" % n + bytes(16) for n in range(50))
        staged = system.stage("A.COPY", FB)
        staged.data_set.append(b"%20d" % turn for _ in range(100))
        staged.data_set.close()
        system.publish("A.COPY", FB, staged.file_name)
"""


@pytest.mark.kill
def test_a_program_killed_at_any_time_leaves_whole_data_sets(tmp_path):
    seed = 20261123
    print(f"seed {seed}")
    delays = random.Random(seed)
    System.open(tmp_path / "nyc").close()
    for _ in range(8):
        command = [sys.executable, "-c", WORK_UNTIL_KILLED, str(tmp_path / "nyc")]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as program:
            program.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                program.wait(timeout=delays.uniform(0, 0.2))
            program.kill()
        with System.open(tmp_path / "nyc") as system:
            for entry in system.entries():
                records = list(system.records(entry.name)) if entry.type in ("CLUSTER", "NONVSAM") else None
                if entry.type == "CLUSTER":
                    assert len(records) in (0, 50)
                    with system.cluster(entry.name) as cluster:
                        assert cluster.verify() == []
                elif entry.type == "NONVSAM":
                    assert len(records) == 100
                    assert len(set(records)) == 1
            with system.cluster(system.catalog.name) as catalog:
                assert catalog.verify() == []


# -- libraries ---------------------------------------------------------------------------------------------------


def a_library(system, **how):
    system.allocate("PROD.JCL", ksds.DataSetAttributes("FB", 80, dsorg="PO", **how))


def write_member(system, name, *texts):
    with system.sequential(name, "w") as member:
        member.append([text.ljust(80) for text in texts])


def test_a_member_opens_like_a_sequential_data_set(system):
    a_library(system)
    write_member(system, "prod.jcl(job1)", b"//JOB1", b"//STEP")
    write_member(system, "PROD.JCL(JOB2)", b"//JOB2")
    assert [record.rstrip() for record in system.records("PROD.JCL(JOB1)")] == [b"//JOB1", b"//STEP"]
    with system.library("PROD.JCL") as library:
        assert [member.name for member in library.members()] == ["JOB1", "JOB2"]
    with system.sequential("PROD.JCL(JOB2)") as member:
        assert member.record_count() == 1


def test_the_library_is_free_again_whatever_became_of_the_member(system):
    a_library(system)
    with pytest.raises(MemberNotFound):
        system.sequential("PROD.JCL(NONE)")
    with pytest.raises(DataSetError, match="CANNOT BE ADDED TO A MEMBER"):
        system.sequential("PROD.JCL(NONE)", "a")
    with pytest.raises(ZeroDivisionError), system.sequential("PROD.JCL(A)", "w"):
        raise ZeroDivisionError
    with system.library("PROD.JCL", "w") as library:
        assert len(library) == 0


def test_a_library_being_written_is_in_use(system):
    a_library(system)
    with system.sequential("PROD.JCL(A)", "w"), pytest.raises(DataSetError, match="IN USE"):
        system.library("PROD.JCL")


def test_libraries_and_sequential_data_sets_are_not_confused(system):
    a_library(system, pdse=True)
    system.allocate("PROD.SEQ", ksds.DataSetAttributes("FB", 80))
    with pytest.raises(DataSetError, match="NAME A MEMBER"):
        system.sequential("PROD.JCL")
    with pytest.raises(DataSetError, match="NOT A PARTITIONED"):
        system.sequential("PROD.SEQ(A)")


def test_a_library_is_found_by_its_alias(system):
    a_library(system)
    write_member(system, "PROD.JCL(A)", b"X")
    system.catalog.add_alias(AliasEntry(name="OLD.JCL", related="PROD.JCL"))
    assert len(list(system.records("OLD.JCL(A)"))) == 1
    system.delete("PROD.JCL")
    assert not system.exists("OLD.JCL")


def test_an_acb_opens_nothing_but_clusters(system):
    """ACBERFLG 188 (IEC161I return code 076)."""
    system.allocate("A.SEQ", FB)
    for opener in (system.acb, system.cluster):
        with pytest.raises(OpenError) as caught:
            opener("A.SEQ")
        assert caught.value.feedback == 188


def test_a_system_on_a_read_only_file_system_can_be_looked_at(tmp_path, monkeypatch):
    """An archived system, or one mounted read-only: readers opened their files as if to write, for the locks."""
    with System.open(tmp_path / "s") as system:
        system.allocate("A.PS", FB)
        with system.sequential("A.PS", "w") as data_set:
            data_set.append(RECORDS)
        system.define_cluster(definition())
        with system.key_sequenced("PROD.ACCTS", "w") as cluster:
            for record in RECORDS:
                cluster.insert(record)
            cluster.commit()
            crashed = {path: path.read_bytes() for path in (tmp_path / "s").rglob("*") if path.is_file()}
    for path, data in crashed.items():
        path.write_bytes(data)
    opening = FileFolder.open

    def refuse_to_write(folder, name, *, create=False, writable=True):
        if writable and not (create and folder.exists(name)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), name)
        return opening(folder, name, create=create, writable=writable)

    monkeypatch.setattr(FileFolder, "open", refuse_to_write)
    with System.open(tmp_path / "s") as system:
        assert [entry.name for entry in system.entries("**.*S")] == ["A.PS", "PROD.ACCTS"]
        assert list(system.records("A.PS")) == list(system.records("PROD.ACCTS")) == RECORDS
        with pytest.raises(OpenError, match="Read-only file system"):
            system.key_sequenced("PROD.ACCTS", "w")
        with pytest.raises(DataSetError, match=r"Read-only file system.*PROD.ACCTS"):
            system.delete("PROD.ACCTS")
        with pytest.raises(DataSetError, match=r"Read-only file system.*A.PS"):
            system.sequential("A.PS", "a")
    assert {path: path.read_bytes() for path in crashed} == crashed
