"""REPRO from everything that holds records into everything that takes them."""

from __future__ import annotations

import pytest

from ksds.datasets import DD, DataSetAttributes

RECORDS = [f"{number:04}{'RECORD':76}".encode("cp037") for number in range(1, 8)]
CLUSTERS = {
    "KSDS": "INDEXED KEYS(4 0) RECSZ(80 80)",
    "ESDS": "NONINDEXED RECSZ(80 80)",
    "RRDS": "NUMBERED RECSZ(80 80)",
    "VRRDS": "NUMBERED RECSZ(40 80)",
}
SOURCES = [*CLUSTERS, "SEQ", "VAR", "MEMBER", "AIX", "PATH", "CARDS", "NOTHING"]
TARGETS = [*CLUSTERS, "SEQ", "VAR", "MEMBER", "NOTHING"]


def made(console, kind, qualifier):
    """The name of an empty data set of a kind."""
    name = f"{qualifier}.{kind}"
    if kind in CLUSTERS:
        assert console.run(f"DEFINE CLUSTER(NAME({name}) TRK(1 1) -\n{CLUSTERS[kind]})").max_cc == 0
    elif kind in ("AIX", "PATH"):
        base = made(console, "KSDS", f"{qualifier}.BASE")
        fill(console, base)
        console.run(f"DEFINE AIX(NAME({qualifier}.AIX) RELATE({base}) -\nTRK(1 1) KEYS(2 2) RECSZ(50 200))")
        assert console.run(f"BLDINDEX IDS({base}) ODS({qualifier}.AIX)").max_cc == 0
        assert console.run(f"DEFINE PATH(NAME({qualifier}.PATH) -\nPATHENTRY({qualifier}.AIX))").max_cc == 0
    elif kind == "MEMBER":
        console.system.allocate(f"{qualifier}.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
        name = f"{qualifier}.LIB(MEMBER)"
    else:
        console.system.allocate(name, DataSetAttributes("FB" if kind == "SEQ" else "VB", 80 if kind == "SEQ" else 84))
    return name


def fill(console, name):
    console.sequential("FILL.IN", RECORDS)
    assert console.run(f"REPRO IDS(FILL.IN) ODS({name})\nDELETE FILL.IN").max_cc == 0


def source(console, kind):
    if kind == "CARDS":
        return DD(name="IN", instream=tuple(RECORDS))
    if kind == "NOTHING":
        return DD(name="IN", dummy=True)
    name = made(console, kind, "FROM")
    if kind not in ("AIX", "PATH"):
        fill(console, name)
    return DD(name="IN", data_sets=(name,))


@pytest.mark.parametrize("kind", SOURCES)
def test_records_arrive_whatever_holds_them(console, kind):
    given = source(console, kind)
    records = list(console.system.records(given))
    assert len(records) == (0 if kind == "NOTHING" else len(RECORDS))
    for into in TARGETS:
        name = "" if into == "NOTHING" else made(console, into, "INTO")
        taken = DD(name="OUT", data_sets=(name,) if name else (), dummy=not name, disposition=("OLD", "KEEP", "KEEP"))
        printed = console.run("REPRO INFILE(IN) OUTFILE(OUT)", IN=given, OUT=taken).sysprint
        if kind == "AIX" and into in ("SEQ", "MEMBER", "RRDS", "KSDS"):  # too short, or all with one key there
            assert any("IDC3309I" in line or "IDC3308I" in line for line in printed), into
            continue
        assert f"0IDC0005I NUMBER OF RECORDS PROCESSED WAS {len(records)}" in printed, into
        assert printed[-1].endswith("WAS 0"), into
        if name and kind != "AIX":
            assert console.records(name) == records, into


def test_linear_data_sets_go_into_linear_data_sets_only(console):
    for name in ("A.L", "B.L"):
        console.run(f"DEFINE CLUSTER(NAME({name}) TRK(1 1) LINEAR)")
    with console.system.cluster("A.L", "w") as cluster:
        cluster.append(b"\x11" * 4096)
    assert console.run("REPRO IDS(A.L) ODS(B.L)").max_cc == 0
    console.run(f"DEFINE CLUSTER(NAME(A.K) TRK(1 1) {CLUSTERS['KSDS']})")
    printed = console.messages("REPRO IDS(A.L) ODS(A.K)")
    assert printed[0] == "0IDC3582I INPUT DATA SET ORGANIZATION INCOMPATIBLE WITH OUTPUT DATA SET"
    assert console.run("REPRO IDS(A.K) ODS(B.L)").max_cc == 12
    assert (
        console.run("DELETE B.L\nDEFINE CLUSTER(NAME(B.L) TRK(1) LINEAR)\nREPRO IDS(A.L) ODS(B.L) CIMODE").max_cc == 0
    )
    assert console.messages("REPRO IDS(A.FILL) ODS(A.K) CIMODE")[0] == "0IDC3012I ENTRY A.FILL NOT FOUND"
    fill(console, "A.K")
    printed = console.messages("REPRO IDS(A.K) ODS(A.K) CIMODE")
    assert printed[0] == "0KSD302E PARAMETER 'CIMODE' IS NOT SUPPORTED BY THIS VERSION"
