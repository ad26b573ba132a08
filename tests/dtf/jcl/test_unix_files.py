"""PATH= on a DD: files of the host in mounted folders, and nothing outside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dtf.errors import UsageError
from dtf.jcl.unix_files import UnixFiles, parse_mounts
from ksds.system import System
from tests.dtf.jcl.rules.decks import STEP, Seen, run_all

WRITE = "//W EXEC PGM=WRITE,PARM=HELLO"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "unix"
    (folder / "pay").mkdir(parents=True)
    return folder


def run(system: System, folder: Path, *lines: str) -> Seen:
    [seen] = run_all(system, "//J JOB", *lines, unix=UnixFiles({"/": folder}))
    return seen


def dd(path: str, options: str = "ORDONLY", more: str = "") -> tuple[str, str]:
    return f"//OUT DD PATH='{path}',", f"// PATHOPTS=({options}){more}"


def test_a_step_writes_a_file_with_the_lines_of_its_records(system: System, folder: Path) -> None:
    seen = run(system, folder, WRITE, *dd("/pay/out.txt", "OWRONLY,OCREAT", ",RECFM=FB,LRECL=80"))
    assert seen.codes == "W=0000"
    assert (folder / "pay" / "out.txt").read_text() == "HELLO\n"
    assert "DTX466I PATH /pay/out.txt OF OUT KEPT" in seen
    assert [path.name for path in (folder / "pay").iterdir()] == ["out.txt"]


def test_a_new_file_has_the_mode_that_is_asked_for_and_an_old_one_keeps_its_own(system: System, folder: Path) -> None:
    for name, mode, expected in (
        ("a", "", 0o644),
        ("b", ",PATHMODE=(SIRUSR,SIWUSR)", 0o600),
        ("c", ",PATHMODE=SIRWXU", 0o700),
    ):
        assert run(system, folder, WRITE, *dd(f"/{name}", "OWRONLY,OCREAT", mode)).codes == "W=0000"
        assert (folder / name).stat().st_mode & 0o777 == expected
    (folder / "a").chmod(0o640)
    assert run(system, folder, WRITE, *dd("/a", "OWRONLY,OTRUNC")).codes == "W=0000"
    assert (folder / "a").stat().st_mode & 0o777 == 0o640


def test_append_adds_truncate_begins_anew_exclusive_wants_it_gone(system: System, folder: Path) -> None:
    file = folder / "out.txt"
    for options, content in (
        ("OWRONLY,OCREAT", "HELLO\n"),
        ("OWRONLY,OAPPEND", "HELLO\nHELLO\n"),
        ("OWRONLY,OTRUNC", "HELLO\n"),
    ):
        assert run(system, folder, WRITE, *dd("/out.txt", options)).codes == "W=0000"
        assert file.read_text() == content
    assert run(system, folder, WRITE, *dd("/out.txt", "OWRONLY,OCREAT,OEXCL")).result.status == "JCL ERROR"
    assert file.read_text() == "HELLO\n"


def test_a_file_that_is_only_read_is_not_touched(system: System, folder: Path) -> None:
    (folder / "in.txt").write_text("no newline at the end")
    seen = run(system, folder, "//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*", "//IN DD PATH='/in.txt'")
    assert seen.printed() == ["no newline at the end"]
    assert (folder / "in.txt").read_text() == "no newline at the end"


def test_binary_files_are_cut_into_records_and_put_together_again(system: System, folder: Path) -> None:
    (folder / "in.bin").write_bytes(bytes(range(100)))
    copy = ("//C EXEC PGM=IEBGENER", "//SYSPRINT DD SYSOUT=*", "//SYSIN DD DUMMY")
    ends = (
        "//SYSUT1 DD PATH='/in.bin',FILEDATA=BINARY,RECFM=FB,LRECL=40",
        "//SYSUT2 DD PATH='/out.bin',FILEDATA=BINARY,RECFM=FB,LRECL=40,",
        "// PATHOPTS=(OWRONLY,OCREAT),PATHMODE=SIRWXU",
    )
    assert run(system, folder, *copy, *ends).codes == "C=0000"
    assert (folder / "out.bin").read_bytes() == bytes(range(100)) + bytes(20)


def test_a_unix_file_may_stand_in_a_concatenation(system: System, folder: Path) -> None:
    (folder / "in.txt").write_text("FILE\n")
    lines = ("//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*", "//IN DD *", "CARDS", "/*", "// DD PATH='/in.txt'")
    assert run(system, folder, *lines).printed() == ["CARDS", "FILE"]


@pytest.mark.parametrize("path", ["/gone.txt", "/../secret", "/link", "/pay", "/no/such/folder", "/pay/../../secret"])
def test_what_is_not_reached(system: System, folder: Path, path: str) -> None:
    secret = folder.parent / "secret"
    secret.write_text("SECRET")
    (folder / "link").symlink_to(secret)
    for options in ("ORDONLY", "OWRONLY,OTRUNC"):
        seen = run(system, folder, WRITE, *dd(path, options))
        assert seen.result.status == "JCL ERROR"
        assert "DTX460E" in seen
    assert secret.read_text() == "SECRET"


def test_nothing_is_left_of_a_step_that_could_not_be_allocated(system: System, folder: Path) -> None:
    seen = run(system, folder, STEP, *dd("/new.txt", "OWRONLY,OCREAT"), "//X DD DSN=NOT.THERE,DISP=SHR")
    assert seen.result.status == "JCL ERROR"
    assert not (folder / "new.txt").exists()


def test_without_a_mounted_folder_there_are_no_unix_files(system: System) -> None:
    [seen] = run_all(system, "//J JOB", STEP, "//D DD PATH='/etc/passwd'")
    assert "DTX460E PATH /etc/passwd IS IN NO FOLDER THAT --unix MOUNTS" in seen


def test_the_option(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir(), other.mkdir()
    assert parse_mounts([str(one), f"/u/pay/={other}"]) == {"/": one, "/u/pay": other}
    for wrong in ("/nowhere", f"/u={tmp_path}/x", f"u={one}"):
        with pytest.raises(UsageError, match="--unix"):
            parse_mounts([wrong])
