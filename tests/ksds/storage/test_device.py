"""Files, memory and the recording stand-in keep one contract."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ksds.storage.device import FileFolder, Folder, MemoryFolder
from tests.crashes.faulty_device import FaultyFolder
from tests.crashes.recording_device import RecordingFolder

Make = Callable[[Path], Folder]
FOLDERS: dict[str, Make] = {
    "file": FileFolder,
    "memory": lambda path: MemoryFolder(),
    "recording": lambda path: RecordingFolder(),
    "faulty": lambda path: FaultyFolder(),
}


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return FOLDERS[request.param](tmp_path)


def test_bytes_written_are_read(folder: Folder) -> None:
    device = folder.open("F", create=True)
    device.write(3, b"abc")
    device.write(4, b"X")
    assert device.size() == 6
    assert device.read(0, 100) == b"\0\0\0aXc"
    assert device.read(6, 1) == device.read(99, 1) == b""
    device.sync()
    again = folder.open("F")
    assert again.read(3, 2) == b"aX"


def test_a_large_write_arrives_whole(folder: Folder) -> None:
    data = os.urandom(700_001)
    device = folder.open("F", create=True)
    device.write(5, data)
    assert device.read(5, len(data) + 9) == data


def test_bytes_on_their_way_to_the_disk_are_read_as_ever(folder: Folder) -> None:
    device = folder.open("A", create=True)
    device.write(0, b"x" * 100_000)
    device.write_back(0, 100_000)
    device.write(50_000, b"y")
    device.sync()
    assert device.read(49_999, 3) == b"xyx"


def test_resize_cuts_and_grows_with_zeros(folder: Folder) -> None:
    device = folder.open("F", create=True)
    device.write(0, b"abcdef")
    device.resize(2)
    device.resize(5)
    assert device.read(0, 9) == b"ab\0\0\0"
    device.resize(5)
    assert device.size() == 5


def test_names(folder: Folder) -> None:
    folder.open("B", create=True).close()
    folder.open("A", create=True).write(0, b"a")
    folder.rename("A", "C")
    folder.sync()
    assert folder.names() == ["B", "C"]
    assert folder.exists("C") and not folder.exists("A")
    assert folder.open("C").read(0, 1) == b"a"
    folder.remove("B")
    assert folder.names() == ["C"]


def test_what_is_there_or_not_there(folder: Folder) -> None:
    folder.open("A", create=True).close()
    with pytest.raises(FileExistsError):
        folder.open("A", create=True)
    for action in (lambda: folder.open("Z"), lambda: folder.remove("Z"), lambda: folder.rename("Z", "Y")):
        with pytest.raises(FileNotFoundError):
            action()


def test_locks_are_shared_or_alone(folder: Folder) -> None:
    folder.open("L", create=True).close()
    one, two, three = (folder.open("L") for _ in range(3))
    assert one.lock(False) and two.lock(False) and not three.lock(True)
    one.close()
    assert two.lock(True), "the only sharer may have it alone"
    assert not three.lock(False)
    assert two.lock(False) and three.lock(False)
    two.close()
    three.close()
    assert folder.open("L").lock(True)


def test_a_closed_device_may_be_closed_again(folder: Folder) -> None:
    device = folder.open("F", create=True)
    device.close()
    device.close()


class TestHostileFiles:
    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/passwd", "a\0b"])
    def test_a_name_is_one_plain_name(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(OSError):
            FileFolder(tmp_path).open(name, create=True)
        assert list(tmp_path.iterdir()) == []

    def test_links_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"x")
        (tmp_path / "symbolic").symlink_to(tmp_path / "real")
        os.link(tmp_path / "real", tmp_path / "hard")
        for name in ("symbolic", "hard", "real"):
            with pytest.raises(OSError):
                FileFolder(tmp_path).open(name)

    def test_what_is_no_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "directory").mkdir()
        with pytest.raises(OSError):
            FileFolder(tmp_path).open("directory")

    def test_a_new_file_is_private(self, tmp_path: Path) -> None:
        FileFolder(tmp_path).open("F", create=True).close()
        assert (tmp_path / "F").stat().st_mode & 0o077 == 0
