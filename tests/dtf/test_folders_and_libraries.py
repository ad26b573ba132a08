"""A library becomes a folder of files, and files of a folder become members of a library."""

from datetime import date

import pytest

from dtf.copying.checkpoint import Shape
from dtf.copying.library_rows import LibraryError, member_row
from dtf.copying.library_target import LibraryTarget, NewLibrary
from ksds import DataSetAttributes
from ksds.catalog.entries import Space
from tests.dtf.test_every_kind import CODE, library, members_of
from tests.dtf.test_host_files import copy, ended_well, names


@pytest.mark.parametrize("fault", ["", "session@ckpt:1", "session@link:30000", "session@percent:100"])
def test_members_become_files_of_their_names(pair, folders, fault):
    _, into = folders
    library(pair.nyc, "A.LIB", CODE)
    with pair.nyc.library("A.LIB", "w") as source:
        source.add_alias("ALIAS", "BETA")
    ended_well(copy(pair, f"from (dsn=A.LIB) ckpt=10k to (file={into}/)", *[fault] if fault else []))
    found = {path.name: path.read_text().splitlines() for path in into.iterdir()}
    assert found == CODE
    assert pair.checkpoints() == []


def test_select_renames_and_sysopts_count(pair, folders):
    _, into = folders
    library(pair.nyc, "A.LIB", CODE)
    select = "select=((ALPHA,OMEGA),GAMMA) exclude=(GAMMA)"
    ended_well(copy(pair, f'from (dsn=A.LIB {select}) to (file={into}/ sysopts=":datatype=binary:permiss=640:")'))
    assert names(into) == ["OMEGA"]
    assert (into / "OMEGA").read_bytes() == b"".join(line.ljust(80).encode("cp037") for line in CODE["ALPHA"])
    assert (into / "OMEGA").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("fault", ["", "session@ckpt:2", "session@link:60000", "session@percent:100"])
@pytest.mark.parametrize("target", ["disp=rpl", "disp=new dcb=(dsorg=po,recfm=vb,lrecl=84)"])
def test_files_become_members(pair, folders, fault, target):
    out, _ = folders
    for name, lines in CODE.items():
        (out / f"{name.lower()}.txt").write_text("".join(f"{line}\n" for line in lines))
    before = {}
    if "rpl" in target:
        before = {"OTHER": ["kept"], "ALPHA": ["old"]}
        library(pair.lon, "B.LIB", before)
    operands = f"from (file={out}/*.txt) ckpt=10k to (dsn=B.LIB {target})"
    ended_well(copy(pair, operands, *[fault] if fault else []))
    assert members_of(pair.lon, "B.LIB") == before | CODE
    assert pair.lon.entry("B.LIB").attributes.recfm == ("FB" if before else "VB")
    assert pair.checkpoints() == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["toolongname.txt"], "is no name of a member"),
        (["1st.txt"], "is no name of a member"),
        (["a.txt", "A.txt"], "would both be member A"),
    ],
)
def test_a_name_that_cannot_be_a_member_is_an_error_and_the_library_stays(pair, folders, files, words):
    out, _ = folders
    for name in files:
        (out / name).write_text("line\n")
    library(pair.lon, "B.LIB", {"OTHER": ["kept"]})
    outcome = copy(pair, f"from (file={out}/*) to (dsn=B.LIB disp=rpl)")
    assert (outcome.condition_code, outcome.message_id, words in outcome.text) == (8, "DTX207E", True), outcome
    assert members_of(pair.lon, "B.LIB") == {"OTHER": ["kept"]}


def test_a_line_that_is_too_long_for_the_library_is_an_error(pair, folders):
    out, _ = folders
    (out / "a").write_text("x" * 81 + "\n")
    pair.lon.allocate("B.LIB", DataSetAttributes("FB", 80, 800, dsorg="PO"))
    outcome = copy(pair, f"from (file={out}/*) to (dsn=B.LIB disp=rpl)")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX203E")


def test_a_new_library_needs_its_records_described(pair, folders):
    out, _ = folders
    (out / "a").write_text("x\n")
    for dcb, words in (("dsorg=po", "several files"), ("dsorg=po,recfm=fb", "LRECL 0")):
        outcome = copy(pair, f"from (file={out}/*) to (dsn=B.LIB disp=new dcb=({dcb}))")
        assert (outcome.condition_code, outcome.message_id, words in outcome.text) == (8, "DTX203E", True), outcome


def test_a_file_that_is_no_text_is_named(pair, folders):
    out, _ = folders
    (out / "a.txt").write_text("line\n")
    (out / "b.bin").write_bytes(b"\xff\xfe")
    outcome = copy(pair, f"from (file={out}/*) to (dsn=B.LIB disp=new dcb=(dsorg=po,recfm=vb,lrecl=84))")
    assert outcome.text == "b.bin: line 1 is not text in UTF-8"


@pytest.mark.parametrize("fault", ["", "session@ckpt:2", "session@link:70000"])
@pytest.mark.parametrize(("recfm", "lrecl", "blksize"), [("FB", 1, 27920), ("FB", 32700, 32700), ("VB", 32704, 32708)])
def test_members_of_short_and_of_long_records_arrive(pair, recfm, lrecl, blksize, fault):
    attributes = DataSetAttributes(recfm, lrecl, blksize, dsorg="PO")
    longest = attributes.maximum_data
    lengths = [longest] * 4 if recfm == "FB" else [longest, 0, 1, longest, 80]
    sent = {"A": [bytes([n]) * length for n, length in enumerate(lengths * (1 if longest > 1 else 9000), 1) if n < 256]}
    sent |= {"B": [], "C": sent["A"][:3]}
    pair.nyc.allocate("A.LIB", attributes)
    with pair.nyc.library("A.LIB", "w") as library:
        for name, records in sent.items():
            with library.create(name) as member:
                member.append(records)
    ended_well(copy(pair, "from (dsn=A.LIB) ckpt=10k to (dsn=B.LIB disp=new)", *[fault] if fault else []))
    with pair.lon.library("B.LIB") as library:
        assert {member.name: list(library.records(member.name)) for member in library.members()} == sent


@pytest.mark.parametrize("row", ["C681", "C6" + "81" * 81])
@pytest.mark.parametrize(("recfm", "lrecl"), [("FB", 80), ("VB", 84)])
def test_a_row_of_fixed_records_that_does_not_divide_is_refused(pair, row, recfm, lrecl):
    """From a partner that may send anything."""
    pair.lon.allocate("B.LIB", DataSetAttributes(recfm, lrecl, dsorg="PO"))
    shape, made = Shape("PO", recfm, lrecl, 0), NewLibrary(Space(), pdse=False)
    target = LibraryTarget(pair.lon, "B.LIB", shape, "RPL", "", made, replacing=True, complete=False)
    target.begin()
    for data in (member_row("A"), bytes.fromhex(row)):
        target.write((len(data) + 4).to_bytes(2, "big") + bytes(2) + data)
    target.secure()
    with pytest.raises(LibraryError, match=r"B.LIB\(A\): \d+ bytes are no records of"):
        target.publish(date(2026, 11, 23))
    target.close(keep=False)
    assert members_of(pair.lon, "B.LIB") == {}
