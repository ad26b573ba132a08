"""Partitioned data sets: members by name, aliases, statistics, space, and what a crash leaves."""

import errno
from datetime import date, datetime
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksds.datasets import DataSetAttributes, PartitionedDataSet, library_file, member_name, split_member
from ksds.errors import DataSetError, DuplicateMember, MemberNotFound
from ksds.layout.library import IspfStatistics, build_statistics
from ksds.storage.device import MemoryFolder

PDS = DataSetAttributes("FB", 80, dsorg="PO")
PDSE = DataSetAttributes("FB", 80, dsorg="PO", pdse=True)
BOTH = pytest.mark.parametrize("attributes", [PDS, PDSE], ids=["PDS", "PDSE"])


@pytest.fixture
def folder():
    folder = MemoryFolder()
    folder.open("lib", create=True).close()
    return folder


def opened(folder, attributes=PDS, *, writable=True):
    return PartitionedDataSet(folder.open("lib"), attributes, "PROD.JCL", writable=writable)


def write(library, name, *texts, **how):
    with library.create(name, **how) as member:
        member.append([text.encode("cp037").ljust(80, b"\x40") for text in texts])


def texts(library, name):
    return [record.decode("cp037").rstrip() for record in library.records(name)]


def names(library):
    return [member.name for member in library.members()]


@BOTH
def test_members_come_back_in_the_order_of_ebcdic(folder, attributes):
    with opened(folder, attributes) as library:
        for name in ("JOB2", "job1", "@INIT", "J"):
            write(library, name, f"//{name}")
    with opened(folder, attributes, writable=False) as library:
        assert names(library) == ["@INIT", "J", "JOB1", "JOB2"]
        assert texts(library, "JOB1") == ["//job1"]
        assert len(library) == 4
        assert "job2" in library


@BOTH
def test_a_member_is_replaced_as_a_whole(folder, attributes):
    with opened(folder, attributes) as library:
        write(library, "A", "ONE", "TWO")
    with opened(folder, attributes) as library:
        write(library, "A", "THREE")
    with opened(folder, attributes) as library:
        assert texts(library, "A") == ["THREE"]


def test_an_error_while_writing_leaves_the_member_as_it_was(folder):
    with opened(folder) as library:
        write(library, "A", "OLD")
        with pytest.raises(DataSetError, match="RECORD 1 HAS 3 BYTES"), library.create("A") as member:
            member.append([b"bad"])
        assert texts(library, "A") == ["OLD"]


def test_an_error_inside_the_library_changes_nothing(folder):
    with opened(folder) as library:
        write(library, "A", "OLD")
    with pytest.raises(MemberNotFound), opened(folder) as library:
        write(library, "B", "NEW")
        library.delete("NONE")
    assert names(opened(folder)) == ["A"]


def test_one_member_is_written_at_a_time(folder):
    library = opened(folder)
    writer = library.create("A")
    with pytest.raises(DataSetError, match="ANOTHER MEMBER"):
        library.create("B")
    with pytest.raises(DataSetError, match="STILL BEING WRITTEN"):
        library.commit()
    writer.close()
    library.close()
    assert names(opened(folder)) == ["A"]


def test_members_are_deleted_and_renamed(folder):
    with opened(folder) as library:
        for name in "ABC":
            write(library, name, name)
        assert library.delete("B") == ["B"]
        library.rename("C", "D")
        with pytest.raises(DuplicateMember):
            library.rename("D", "A")
        with pytest.raises(MemberNotFound, match=r"MEMBER B NOT FOUND IN PROD\.JCL"):
            library.open("B")
    with opened(folder) as library:
        assert names(library) == ["A", "D"]
        assert texts(library, "D") == ["C"]


def test_an_alias_of_a_pds_keeps_the_member_it_was_given_for(folder):
    with opened(folder, PDS) as library:
        write(library, "MAIN", "OLD")
        library.add_alias("ALSO", "MAIN")
        assert [(m.name, m.is_alias, m.alias_of) for m in library.members()] == [
            ("ALSO", True, "MAIN"),
            ("MAIN", False, ""),
        ]
        write(library, "MAIN", "NEW")
        assert texts(library, "ALSO") == ["OLD"]
        assert library.member("ALSO").alias_of == ""
        library.delete("MAIN")
        assert names(library) == ["ALSO"]


def test_an_alias_of_a_pdse_follows_its_member(folder):
    with opened(folder, PDSE) as library:
        write(library, "MAIN", "OLD")
        library.add_alias("ALSO", "MAIN")
        write(library, "MAIN", "NEW")
        assert texts(library, "ALSO") == ["NEW"]
        assert library.delete("MAIN") == ["MAIN", "ALSO"]
        assert names(library) == []


def test_a_pdse_uses_the_space_of_replaced_members_again_and_a_pds_does_not(folder):
    sizes = {}
    for attributes in (PDS, PDSE):
        folder.remove("lib")
        folder.open("lib", create=True).close()
        for _ in range(20):
            with opened(folder, attributes) as library:
                write(library, "A", *["X"] * 100)
        sizes[attributes.pdse] = folder.open("lib").size()
    assert sizes[False] > 20 * 8000
    assert sizes[True] < 4 * 8000


def test_statistics_come_back_as_ispf_wrote_them(folder):
    statistics = IspfStatistics(
        1, 3, date(1999, 12, 31), datetime(2026, 11, 23, 14, 13, 41), 12, 10, 2, "IBMUSER".encode("cp037")
    )
    with opened(folder) as library:
        write(library, "A", "X", user_data=build_statistics(statistics))
        write(library, "B", "X", user_data=b"SSI!")
    with opened(folder) as library:
        assert library.member("A").statistics == statistics
        assert library.member("B").statistics is None
        library.set_user_data("A", b"")
        assert library.member("A").user_data == b""


def test_statistics_are_laid_out_as_documented():
    data = build_statistics(
        IspfStatistics(1, 3, date(1999, 12, 31), datetime(2026, 11, 23, 14, 13, 41), 70000, 10, 2, b"\xc1")
    )
    assert data.hex().upper() == "010300410099365F0126327F1413FFFF000A0002C1404040404040404040"


@pytest.mark.parametrize("recfm,lrecl", [("F", 80), ("VB", 84), ("U", 0)])
def test_members_keep_the_record_format_of_the_library(folder, recfm, lrecl):
    attributes = DataSetAttributes(recfm, lrecl, dsorg="PO")
    records = [b"A" * 80, b"B" * 80]
    with opened(folder, attributes) as library, library.create("A") as member:
        member.append(records)
    assert list(opened(folder, attributes).records("A")) == records


def test_an_empty_member_is_a_member(folder):
    with opened(folder) as library:
        library.create("EMPTY").close()
    assert opened(folder).member("EMPTY").size == 0


def test_a_library_for_input_refuses_changes(folder):
    library = opened(folder, writable=False)
    for change in (lambda: library.create("A"), lambda: library.delete("A"), lambda: library.rename("A", "B")):
        with pytest.raises(DataSetError, match="NOT OPEN FOR UPDATE"):
            change()


@pytest.mark.parametrize("name", ["", "ABCDEFGHI", "1A", "A.B", "A/B", "A*", "Ä"])
def test_names_that_are_no_member_names(name):
    with pytest.raises(DataSetError, match="IS NOT A MEMBER NAME"):
        member_name(name)


def test_a_data_set_name_with_a_member():
    assert split_member("A.LIB(MEM)") == ("A.LIB", "MEM")
    assert split_member("A.LIB") == ("A.LIB", "")
    assert split_member("A.LIB(MEM)X") == ("A.LIB(MEM)X", "")


def test_a_full_directory_block_continues_in_the_next(folder):
    with opened(folder) as library:
        for number in range(100):
            write(library, f"M{number:04}", str(number), user_data=bytes(62))
    with opened(folder) as library:
        assert len(library) == 100
        assert texts(library, "M0099") == ["99"]


# -- damage and crashes ---------------------------------------------------------------------------------------


def test_a_damaged_member_is_reported_and_the_others_are_not_touched(folder):
    with opened(folder) as library:
        write(library, "A", "ONE")
        write(library, "B", "TWO")
        place = library.member("A").ttr * 256 + 16
    folder.open("lib").write(place, b"X")
    library = opened(folder)
    with pytest.raises(DataSetError, match=r"CONTRADICT THEIR CHECKSUM.*PROD\.JCL"):
        library.open("A")
    assert texts(library, "B") == ["TWO"]


def test_one_torn_header_leaves_the_state_before(folder):
    with opened(folder) as library:
        write(library, "A", "ONE")
    with opened(folder) as library:
        write(library, "B", "TWO")
    folder.open("lib").write(600, b"torn")
    assert names(opened(folder)) == ["A"]
    folder.open("lib").write(100, b"torn")
    with pytest.raises(DataSetError, match="NEITHER HEADER"):
        opened(folder)


def states_after_each_write(folder, change):
    """What a library shows (members and their records) after each of the writes of `change`, from the first on."""
    before = bytes(folder.open("lib").read(0, 1 << 20))
    log = []
    device = folder.open("lib")
    write_through = device.write
    device.write = lambda offset, data: (log.append((offset, data)), write_through(offset, data))
    with PartitionedDataSet(device, PDSE, "PROD.JCL", writable=True) as library:
        change(library)
    for cut in range(len(log) + 1):
        folder.remove("lib")
        after = folder.open("lib", create=True)
        after.write(0, before)
        for offset, data in log[:cut]:
            after.write(offset, data)
        library = opened(folder, PDSE)
        yield {name: texts(library, name) for name in names(library)}


def test_a_crash_at_any_write_leaves_the_library_before_or_after(folder):
    def first(library):
        write(library, "A", "OLD")
        write(library, "B", "OTHER")

    def second(library):
        write(library, "A", "NEW")
        library.delete("B")

    *before, after = states_after_each_write(folder, first)
    assert all(state == {} for state in before)
    assert after == {"A": ["OLD"], "B": ["OTHER"]}
    *before, changed = states_after_each_write(folder, second)
    assert all(state == after for state in before)
    assert changed == {"A": ["NEW"]}


@pytest.mark.parametrize("failing", ["write", "sync"])
def test_a_failed_write_ends_the_library_and_keeps_what_was_committed(folder, failing):
    with opened(folder) as library:
        write(library, "A", "OLD")
    device = folder.open("lib")

    def fail(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    library = PartitionedDataSet(device, PDS, "PROD.JCL", writable=True)
    setattr(device, failing, fail)
    with pytest.raises(DataSetError, match="FAILED: No space left on device"):
        write(library, "A", "NEW")
        library.commit()
    library.close()
    assert texts(opened(folder), "A") == ["OLD"]


@pytest.mark.fuzz
@settings(deadline=None)
@given(st.data())
def test_a_library_with_any_bytes_changed_is_read_or_refused(data):
    folder = MemoryFolder()
    folder.open("lib", create=True).close()
    with opened(folder) as library:
        write(library, "A", "ONE", user_data=bytes(30))
        library.add_alias("B", "A")
    device = folder.open("lib")
    for _ in range(data.draw(st.integers(1, 4))):
        device.write(data.draw(st.integers(0, device.size() - 1)), data.draw(st.binary(min_size=1, max_size=8)))
    try:
        library = opened(folder, writable=False)
        for member in library.members():
            assert member.statistics is None or member.statistics
            texts(library, member.name)
    except DataSetError as error:
        assert "\n" not in str(error)


def test_short_members_that_follow_each_other_are_written_at_once(folder):
    device = folder.open("lib")
    lengths = []
    write_through = device.write
    device.write = lambda offset, data: (lengths.append(len(data)), write_through(offset, data))
    with PartitionedDataSet(device, PDS, "PROD.JCL", writable=True) as library:
        for n in range(1000):
            write(library, f"M{n}", f"LINE {n}")
        assert texts(library, "M999") == ["LINE 999"]
    assert len(lengths) < 8
    assert [texts(opened(folder), f"M{n}") for n in (0, 500, 999)] == [["LINE 0"], ["LINE 500"], ["LINE 999"]]


def test_a_member_that_was_deleted_before_it_was_written_does_not_damage_its_successor(folder, monkeypatch):
    """A gap of a PDSE that a short member was to fill, and then a long one did."""
    monkeypatch.setattr(library_file, "RUN_BYTES", 1000)
    with opened(folder, PDSE) as library:
        write(library, "OLD", *["X"] * 100)
    with opened(folder, PDSE) as library:
        library.delete("OLD")
    with opened(folder, PDSE) as library:
        write(library, "SHORT", "S")
        library.delete("SHORT")
        write(library, "LONG", *["L"] * 100)
    assert texts(opened(folder, PDSE), "LONG") == ["L"] * 100


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(-1, 40)), max_size=6), max_size=8), st.booleans()
)
def test_a_library_is_a_dictionary_of_members(commits, pdse):
    """Against a dict, through commits of several changes: negative sizes delete. Members above 12 records are long."""
    attributes = PDSE if pdse else PDS
    folder = MemoryFolder()
    folder.open("lib", create=True).close()
    expected = {}
    with patch.object(library_file, "RUN_BYTES", 1000):
        for steps in commits:
            with opened(folder, attributes) as library:
                for name, size in steps:
                    if size >= 0:
                        write(library, name, *[f"{name}{size}"] * size)
                        expected[name] = [f"{name}{size}"] * size
                    elif name in expected:
                        library.delete(name)
                        del expected[name]
                assert {name: texts(library, name) for name in names(library)} == expected
            library = opened(folder, attributes, writable=False)
            assert {name: texts(library, name) for name in names(library)} == expected
