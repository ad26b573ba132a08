"""Work files: runs of rows that come back, a file that nobody finds, errors with their codes."""

from __future__ import annotations

import errno

import pytest

from ksds.errors import NoSpace, PhysicalError
from ksds.storage import work_file
from ksds.storage.device import FileFolder, MemoryFolder
from ksds.storage.work_file import WorkFile


def rows(first: int, count: int) -> list[bytes]:
    return [b"%06d" % number for number in range(first, first + count)]


def test_runs_come_back_block_by_block(tmp_path, monkeypatch):
    monkeypatch.setattr(work_file, "BLOCK_BYTES", 60)
    with WorkFile(FileFolder(tmp_path), "A.work", 6) as work:
        runs = [work.spill(rows(0, 25)), work.spill([]), work.spill(rows(100, 10))]
        assert list(map(list, runs)) == [rows(0, 25), [], rows(100, 10)]
        assert list(tmp_path.iterdir()) == []


def test_what_a_crash_left_is_replaced(tmp_path):
    (tmp_path / "A.work").write_bytes(b"rest of an earlier life")
    with WorkFile(FileFolder(tmp_path), "A.work", 6) as work:
        assert list(work.spill(rows(0, 3))) == rows(0, 3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "kind", "feedback"), [(errno.ENOSPC, NoSpace, 28), (errno.EIO, PhysicalError, 16)])
@pytest.mark.parametrize("call", ["open", "write"])
def test_what_cannot_be_written(monkeypatch, call, number, kind, feedback):
    def fails(*operands, **options):
        raise OSError(number, "no")

    folder = MemoryFolder()
    with pytest.raises(kind) as caught:
        if call == "open":
            folder.open = fails
        work = WorkFile(folder, "A.work", 6)
        monkeypatch.setattr(work._device, "write", fails)
        work.spill(rows(0, 3))
    assert caught.value.feedback == feedback


def test_what_cannot_be_read(monkeypatch):
    def fails(*operands):
        raise OSError(errno.EIO, "no")

    work = WorkFile(MemoryFolder(), "A.work", 6)
    run = work.spill(rows(0, 3))
    monkeypatch.setattr(work._device, "read", fails)
    with pytest.raises(PhysicalError) as caught:
        list(run)
    assert caught.value.feedback == 4
