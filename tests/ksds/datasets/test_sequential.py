"""Sequential data sets: the bytes in the file are those of the real blocks, and wrong bytes are told by offset."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.datasets import DataSetAttributes, SequentialDataSet
from ksds.errors import DataSetError
from ksds.storage.device import MemoryFolder


def new(attributes, content=b""):
    device = MemoryFolder().open("DATA", create=True)
    device.write(0, content)
    return SequentialDataSet(device, attributes, "TEST")


def raw(data_set):
    return data_set.read(0, data_set.size())


FB = DataSetAttributes("FB", 10, 30)
VB = DataSetAttributes("VB", 14, 40)
U = DataSetAttributes("U", 0, 20)


def test_fixed_records_lie_back_to_back():
    data_set = new(FB)
    assert data_set.append([b"0123456789", b"abcdefghij"]) == 2
    assert data_set.size() == 0, "gathered, not yet written"
    data_set.flush()
    assert raw(data_set) == b"0123456789abcdefghij"
    assert data_set.record_count() == 2
    assert list(data_set.records()) == [b"0123456789", b"abcdefghij"]


def test_variable_records_stand_behind_descriptors_in_blocks():
    data_set = new(VB)
    data_set.append([b"A" * 10, b"B" * 10, b"C" * 10, b""])
    data_set.flush()
    first = bytes.fromhex("00200000 000E0000") + b"A" * 10 + bytes.fromhex("000E0000") + b"B" * 10
    second = bytes.fromhex("00160000 000E0000") + b"C" * 10 + bytes.fromhex("00040000")
    assert raw(data_set) == first + second
    assert list(data_set.blocks()) == [(0, first), (32, second)]
    assert list(data_set.records()) == [b"A" * 10, b"B" * 10, b"C" * 10, b""]


def test_unblocked_variable_records_have_a_block_each():
    data_set = new(DataSetAttributes("V", 14, 40))
    data_set.append([b"A", b"B"])
    data_set.flush()
    assert raw(data_set) == bytes.fromhex("00090000 00050000 41 00090000 00050000 42")


def test_undefined_records_are_blocks_behind_their_length():
    data_set = new(U)
    data_set.append([b"load", b"module"])
    data_set.flush()
    assert raw(data_set) == b"\0\x08\0\0load\0\x0a\0\0module"
    assert list(data_set.records()) == [b"load", b"module"]
    assert data_set.record_count() == 2


@given(
    st.sampled_from([FB, VB, U, DataSetAttributes("V", 14), DataSetAttributes("FB", 10), DataSetAttributes("VB", 14)]),
    st.lists(st.tuples(st.binary(min_size=1, max_size=10), st.booleans()), max_size=60),
    st.integers(1, 100),
)
def test_records_come_back_whatever_the_blocks(attributes, writes, run_bytes):
    data_set = new(attributes)
    wanted = []
    for data, flush in writes:
        record = data.ljust(10) if attributes.kind == "F" else data
        data_set.append([record])
        wanted.append(record)
        if flush:
            data_set.flush()
    data_set.flush()
    assert list(data_set.records()) == wanted
    assert data_set.record_count() == len(wanted)
    assert b"".join(block for _, block in data_set.blocks()) == raw(data_set)
    runs = list(data_set.runs(length=run_bytes))
    assert b"".join(run for _, run in runs) == raw(data_set)
    assert [record for start, run in runs for record in data_set.split(run, start)] == wanted
    for start, _ in data_set.blocks():
        assert list(data_set.records(start)) == wanted[len(wanted) - len(list(data_set.records(start))) :]
    copy = new(attributes)
    for _, run in runs:
        copy.append_run(run)
    assert raw(copy) == raw(data_set)


def test_blocks_up_to_an_end_do_not_look_behind_it():
    data_set = SequentialDataSet(MemoryFolder().open("X", create=True), DataSetAttributes("VB", 20, 40))
    data_set.append([b"a" * 16] * 4)
    data_set.flush()
    good = list(data_set.blocks())
    data_set.write(data_set.size(), bytes(20))
    assert list(data_set.blocks(0, good[-1][0] + len(good[-1][1]))) == good
    with pytest.raises(DataSetError, match="BLOCK DESCRIPTOR"):
        list(data_set.blocks())
    with pytest.raises(DataSetError, match="END INSIDE A BLOCK"):
        list(data_set.blocks(0, good[-1][0] + 5))


def test_runs_longer_than_one_read_are_cut_between_blocks():
    attributes = DataSetAttributes("VB", 1004, 5000)
    data_set = new(attributes)
    records = [bytes([n % 251]) * (n % 1000) for n in range(2000)]
    data_set.append(records)
    data_set.flush()
    runs = list(data_set.runs())
    assert len(runs) > 2
    assert [r for start, run in runs for r in data_set.split(run, start)] == records


def test_appending_goes_on_where_the_file_ended():
    folder = MemoryFolder()
    folder.open("DATA", create=True).close()
    for record in (b"one", b"two"):
        with SequentialDataSet(folder.open("DATA"), VB) as data_set:
            data_set.append([record])
    with SequentialDataSet(folder.open("DATA"), VB) as data_set:
        assert list(data_set.records()) == [b"one", b"two"]
        assert len(list(data_set.blocks())) == 2


def test_what_was_gathered_is_dropped_when_the_user_fails():
    folder = MemoryFolder()
    folder.open("DATA", create=True).close()
    with pytest.raises(RuntimeError), SequentialDataSet(folder.open("DATA"), VB) as data_set:
        data_set.append([b"half done"])
        raise RuntimeError
    assert folder.open("DATA").size() == 0


def test_a_restart_cuts_the_file_and_writes_on():
    data_set = new(FB)
    data_set.append([b"0123456789"] * 5)
    data_set.flush()
    data_set.append([b"lost lost "])
    data_set.truncate(20)
    data_set.append([b"abcdefghij"])
    data_set.sync()
    assert raw(data_set) == b"01234567890123456789abcdefghij"
    with pytest.raises(DataSetError, match="CANNOT CUT 30 BYTES TO 31"):
        data_set.truncate(31)
    with pytest.raises(DataSetError, match="WRITE BEYOND THE END"):
        data_set.write(40, b"x")


# Bad records


def test_a_fixed_record_of_another_length_is_refused_with_its_number():
    data_set = new(FB)
    with pytest.raises(DataSetError, match="RECORD 3 HAS 9 BYTES, NOT 10 IN TEST"):
        data_set.append([b"0123456789", b"0123456789", b"012345678"])
    data_set.flush()
    assert data_set.size() == 0, "nothing of the batch"


def test_a_variable_record_longer_than_lrecl_allows_is_refused():
    with pytest.raises(DataSetError, match="RECORD 1 HAS 11 BYTES, NOT 0 TO 10"):
        new(VB).append([b"A" * 11])


@pytest.mark.parametrize("record", [b"", b"A" * 21])
def test_an_undefined_block_is_neither_empty_nor_longer_than_blksize(record):
    with pytest.raises(DataSetError, match="NOT 1 TO 20"):
        new(U).append([record])


# Bad bytes


def test_bytes_after_the_last_fixed_record_are_an_error():
    data_set = new(FB, b"0123456789abc")
    with pytest.raises(DataSetError, match="3 BYTES AFTER THE LAST WHOLE RECORD OF 10 IN TEST AT OFFSET 10"):
        list(data_set.records())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("0000", r"BLOCK DESCRIPTOR|INSIDE A BLOCK, AFTER 2"),
        ("00000000", "BLOCK DESCRIPTOR X'00000000' IS NOT 8 TO 40 IN TEST AT OFFSET 0"),
        ("00030000", "BLOCK DESCRIPTOR X'00030000'"),
        ("00040000", "BLOCK DESCRIPTOR X'00040000'"),
        ("FFFF0000", "BLOCK DESCRIPTOR X'FFFF0000'"),
        ("00290000", "BLOCK DESCRIPTOR X'00290000'"),
        ("80090000 0005000041", "BLOCK DESCRIPTOR X'80090000'"),
        ("00090001 0005000041", "BLOCK DESCRIPTOR X'00090001'"),
        ("000A0000 0005000041", "INSIDE A BLOCK, AFTER 9 BYTES"),
        ("00090000 0005000041 0009", "INSIDE A BLOCK, AFTER 2 BYTES OF IT IN TEST AT OFFSET 9"),
        ("00090000 0003000041", "RECORD DESCRIPTOR X'00030000' IS NOT 4 TO 5 IN TEST AT OFFSET 4"),
        ("00090000 0000000041", "RECORD DESCRIPTOR X'00000000'"),
        ("00090000 0006000041", "RECORD DESCRIPTOR X'00060000'"),
        ("00090000 FFFF000041", "RECORD DESCRIPTOR X'FFFF0000'"),
        ("00090000 0005010041", "RECORD DESCRIPTOR X'00050100'"),
        ("000A0000 000500004141", "1 BYTES WHERE A RECORD DESCRIPTOR BELONGS IN TEST AT OFFSET 9"),
        ("00170000 00130000" + "41" * 15, "RECORD DESCRIPTOR X'00130000' IS NOT 4 TO 14"),
    ],
)
def test_a_wrong_descriptor_is_told_with_its_offset(content, why):
    data_set = new(VB, bytes.fromhex(content))
    with pytest.raises(DataSetError, match=why):
        list(data_set.records())


def test_blocks_before_a_wrong_one_are_handed_out():
    good = bytes.fromhex("00090000 0005000041")
    data_set = new(VB, good + bytes.fromhex("00090000 0000000041"))
    seen = []
    with pytest.raises(DataSetError, match="AT OFFSET 13"):
        for _, block in data_set.blocks():
            seen += data_set.split(block, len(seen) * 9)
    assert seen == [b"A"]


@given(st.sampled_from([VB, U]), st.binary(max_size=200))
def test_no_bytes_make_a_reader_fail_otherwise(attributes, content):
    try:
        records = list(new(attributes, content).records())
    except DataSetError:
        return
    again = new(attributes)
    again.append(records)
    assert all(len(record) <= attributes.maximum_data for record in records)


def test_a_run_is_checked_before_it_is_added():
    data_set = new(VB)
    with pytest.raises(DataSetError, match="INSIDE A BLOCK"):
        data_set.append_run(bytes.fromhex("00090000 0005000041 00090000"))
    with pytest.raises(DataSetError, match="AFTER THE LAST WHOLE RECORD"):
        new(FB).append_run(b"01234567890")
    assert data_set.size() == 0


# Bad disks


class FullDisk:
    def __init__(self, device):
        self.device = device
        self.calls = []

    def __getattr__(self, name):
        return getattr(self.device, name)

    def write(self, offset, data):
        self.calls.append("write")
        raise OSError(errno.ENOSPC, "No space left on device")

    def sync(self):
        self.calls.append("sync")
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.fault
def test_a_full_disk_is_one_error_and_nothing_is_tried_again():
    disk = FullDisk(MemoryFolder().open("DATA", create=True))
    data_set = SequentialDataSet(disk, FB, "TEST")
    data_set.append([b"0123456789"])
    with pytest.raises(DataSetError, match="WRITE FAILED: No space left on device IN TEST AT OFFSET 0"):
        data_set.flush()
    data_set.close()
    assert disk.calls == ["write"]


@pytest.mark.parametrize(
    ("use", "synced"),
    [
        (lambda data_set: None, 0),
        (lambda data_set: list(data_set.records()), 0),
        (lambda data_set: data_set.append([b"0123456789"]), 1),
        (lambda data_set: data_set.truncate(0), 1),
        (lambda data_set: (data_set.append([b"0123456789"]), data_set.sync()), 1),
    ],
)
def test_closing_makes_durable_what_was_written(use, synced):
    device = MemoryFolder().open("DATA", create=True)
    device.write(0, b"0123456789")
    calls = []
    device.sync = lambda: calls.append("sync")
    with SequentialDataSet(device, FB) as data_set:
        use(data_set)
    data_set.close()
    assert len(calls) == synced


def test_long_runs_begin_their_way_to_the_disk_at_once():
    device = MemoryFolder().open("DATA", create=True)
    begun = []
    device.write_back = lambda offset, length: begun.append((offset, length))
    data_set = SequentialDataSet(device, FB)
    data_set.append_run(bytes(30))
    data_set.append_run(bytes(120_000))
    data_set.append_run(bytes(90_000))
    assert begun == [(30, 120_000), (120_030, 90_000)]


@pytest.mark.fault
def test_a_failed_sync_is_told():
    with pytest.raises(DataSetError, match="SYNC FAILED: Input/output error"):
        SequentialDataSet(FullDisk(MemoryFolder().open("DATA", create=True)), FB).sync()
