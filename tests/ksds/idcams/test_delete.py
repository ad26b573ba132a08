"""DELETE of every type of entry: by name, with its keyword, with another, generic name, by MASK; what ERASE leaves."""

from __future__ import annotations

import pytest

from ksds.datasets import DataSetAttributes
from ksds.storage import sphere_files

RECORDS = [f"{number:04}{'SECRET':76}".encode("cp037") for number in range(1, 30)]
THE_SYSTEM = """
DEFINE CLUSTER(NAME(A.KSDS) TRK(1 1) KEYS(4 0) RECSZ(80 80))
DEFINE CLUSTER(NAME(A.ESDS) TRK(1 1) NONINDEXED RECSZ(80 80))
DEFINE CLUSTER(NAME(A.RRDS) TRK(1 1) NUMBERED RECSZ(80 80))
DEFINE CLUSTER(NAME(A.LDS) TRK(1 1) LINEAR)
REPRO IDS(A.SEQ) ODS(A.KSDS)
REPRO IDS(A.SEQ) ODS(A.ESDS)
REPRO IDS(A.SEQ) ODS(A.RRDS)
REPRO IDS(A.SEQ) ODS(A.LIB(MEM))
DEFINE AIX(NAME(A.AIX) RELATE(A.KSDS) TRK(1 1) KEYS(2 2) -
  RECSZ(40 400))
BLDINDEX IDS(A.KSDS) ODS(A.AIX)
DEFINE PATH(NAME(A.PATH) PATHENTRY(A.AIX))
DEFINE GDG(NAME(A.GDG) LIMIT(3))
DEFINE NONVSAM(NAME(A.GDG.G0001V00) DEVT(3390) VOL(VOL001))
DEFINE ALIAS(NAME(A.ALIAS) RELATE(A.SEQ))
DEFINE USERCATALOG(NAME(A.UCAT) VOL(VOL001) CYL(1))
"""
# what goes with a name: letters and names in the order of the messages
GONE = {
    "A.KSDS": "R A.PATH D A.AIX.DATA I A.AIX.INDEX G A.AIX D A.KSDS.DATA I A.KSDS.INDEX C A.KSDS",
    "A.ESDS": "D A.ESDS.DATA C A.ESDS",
    "A.RRDS": "D A.RRDS.DATA C A.RRDS",
    "A.LDS": "D A.LDS.DATA C A.LDS",
    "A.AIX": "R A.PATH D A.AIX.DATA I A.AIX.INDEX G A.AIX",
    "A.PATH": "R A.PATH",
    "A.GDG.G0001V00": "H A.GDG.G0001V00",
    "A.SEQ": "X A.ALIAS A A.SEQ",
    "A.LIB": "A A.LIB",
    "A.ALIAS": "X A.ALIAS",
    "A.UCAT": "U A.UCAT",
}
KEYWORDS = {
    **dict.fromkeys(("A.KSDS", "A.ESDS", "A.RRDS", "A.LDS"), "CLUSTER"),
    **dict.fromkeys(("A.SEQ", "A.LIB", "A.GDG.G0001V00"), "NONVSAM"),
    **{"A.AIX": "ALTERNATEINDEX", "A.PATH": "PATH", "A.ALIAS": "ALIAS", "A.UCAT": "USERCATALOG"},
}


@pytest.fixture
def full(console):
    console.sequential("A.SEQ", RECORDS)
    console.system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
    assert console.run(THE_SYSTEM).max_cc == 0
    return console


def deleted(result) -> str:
    """What IDC0550I says."""
    lines = [line for line in result.sysprint if line.startswith("0IDC0550I ENTRY (")]
    return " ".join(f"{line[17]} {line[20:].removesuffix(' DELETED')}" for line in lines)


@pytest.mark.parametrize("name", GONE)
def test_an_entry_goes_with_what_depends_on_it(full, name):
    before = {entry.name for entry in full.system.entries()}
    result = full.run(f"DELETE {name} {KEYWORDS[name]}")
    assert (deleted(result), result.max_cc) == (GONE[name], 0)
    assert {entry.name for entry in full.system.entries()} == before - set(GONE[name].split()[1::2])
    assert full.system.diagnosis.left_over() == []
    assert [one.errors for one in full.system.diagnosis.entries() if one.errors] == []


@pytest.mark.parametrize("name", GONE)
def test_an_entry_of_another_type_stays(full, name):
    before = full.system.entries()
    wrong = "CLUSTER" if KEYWORDS[name] != "CLUSTER" else "NONVSAM"
    result = full.run(f"DELETE {name} {wrong}")
    assert f"0IDC3012I ENTRY {name} NOT FOUND" in result.sysprint and result.max_cc == 8
    assert full.system.entries() == before


def test_a_group_goes_when_it_is_empty(full):
    assert full.run("DELETE A.GDG GDG").max_cc == 8
    result = full.run("DELETE A.GDG.* NONVSAM\nDELETE A.GDG GENERATIONDATAGROUP")
    assert (deleted(result), result.max_cc) == ("H A.GDG.G0001V00 B A.GDG", 0)


NAMES = [
    "A.AIX",
    "A.ALIAS",
    "A.ESDS",
    "A.GDG",
    "A.GDG.G0001V00",
    "A.KSDS",
    "A.LDS",
    "A.LIB",
    "A.PATH",
    "A.RRDS",
    "A.SEQ",
]
NAMES += ["A.UCAT"]


@pytest.mark.parametrize(
    ("statement", "code", "gone"),
    [
        ("DELETE A.*", 8, {*NAMES} - {"A.GDG", "A.GDG.G0001V00", "A.UCAT"}),
        ("DELETE A.GDG.*", 0, {"A.GDG.G0001V00"}),
        ("DELETE A.** MASK FORCE", 0, {*NAMES} - {"A.UCAT"}),
        ("DELETE A.* CLUSTER", 0, {"A.KSDS", "A.ESDS", "A.RRDS", "A.LDS", "A.AIX", "A.PATH"}),
        ("DELETE A.* ALTERNATEINDEX", 0, {"A.AIX", "A.PATH"}),
        ("DELETE A.*DS MASK", 0, {"A.KSDS", "A.ESDS", "A.RRDS", "A.LDS", "A.AIX", "A.PATH"}),
        ("DELETE A.%%%% MASK EXCLUDE(A.U* A.%S*)", 0, {"A.PATH", "A.RRDS"}),
        ("DELETE A.** MASK ALIAS", 0, {"A.ALIAS"}),
        ("DELETE B.** MASK", 8, set()),
    ],
)
def test_generic_names_and_masks(full, statement, code, gone):
    assert full.run(statement).max_cc == code
    left = {entry.name for entry in full.system.entries() if entry.type not in ("DATA", "INDEX")}
    assert {*NAMES} - left == gone
    assert full.system.diagnosis.left_over() == []


@pytest.mark.parametrize("name", ["A.KSDS", "A.ESDS", "A.RRDS", "A.SEQ", "A.LIB"])
def test_erase_writes_over_the_data_before_the_file_goes(full, name):
    """Who still holds the files open, the journal too, finds none of it."""
    secret = "SECRET".encode("cp037")
    held = [path.open("rb") for path in (full.system.folder / "volumes" / "VOL001").glob(f"{name}.*")]
    assert any(secret in file.read() for file in held)
    assert full.run(f"DELETE {name} ERASE").max_cc == 0
    for file in held:
        file.seek(0)
        assert secret not in file.read(), file.name
        file.close()


def test_an_index_is_erased_with_its_base_or_alone(full):
    entry = full.system.entry("A.AIX")
    file_name = sphere_files.component_file(entry.stem, 2 * entry.member)
    with (full.system.folder / "volumes" / "VOL001" / file_name).open("rb") as held:
        before = held.read()
        assert any(before)
        assert full.run("DELETE A.AIX ERASE").max_cc == 0
        held.seek(0)
        assert not any(held.read())
