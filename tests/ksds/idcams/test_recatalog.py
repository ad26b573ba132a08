"""DELETE NOSCRATCH and DEFINE RECATALOG: out of the catalog and in again, with everything over a cluster."""

from __future__ import annotations

import pytest

RECORDS = [b"%04d%076d" % (number, number % 7) for number in range(1, 40)]
THE_SYSTEM = """
DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80) FOR(9))
REPRO IDS(A.IN) ODS(A.K)
DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(3 77) RECSZ(40 400))
BLDINDEX IDS(A.K) ODS(A.X)
DEFINE PATH(NAME(A.P) PATHENTRY(A.X))
DEFINE PATH(NAME(A.Q) PATHENTRY(A.K) NOUPDATE)
"""
NAMES = ["A.K", "A.K.DATA", "A.K.INDEX", "A.P", "A.Q", "A.X", "A.X.DATA", "A.X.INDEX"]


@pytest.fixture
def indexed(console):
    console.sequential("A.IN", RECORDS)
    assert console.run(THE_SYSTEM).max_cc == 0
    return console


def listed(console):
    return [entry.name for entry in console.system.entries() if entry.name != "A.IN"]


def test_a_cluster_goes_with_everything_over_it_and_comes_back_as_it_was(indexed):
    before = indexed.system.entries()
    by_key, by_path = indexed.records("A.K"), indexed.records("A.P")
    printed = indexed.messages("DELETE A.K NOSCRATCH PURGE")
    assert sorted(line.split()[3] for line in printed if "IDC0550I" in line) == NAMES
    assert listed(indexed) == []
    assert indexed.messages("PRINT IDS(A.K)")[0] == "0IDC3012I ENTRY A.K NOT FOUND"
    assert indexed.messages("DIAGNOSE VVDS\nDIAGNOSE ICFCATALOG")[-1].endswith("WAS 0")
    text = (
        "DEFINE CLUSTER(NAME(A.K) VOL(VOL001) INDEXED RECATALOG)\n"
        "DEFINE AIX(NAME(A.X) RELATE(A.K) VOL(VOL001) RCTLG)\n"
        "DEFINE PATH(NAME(A.P) PATHENTRY(A.X) RECATALOG)"
    )
    assert indexed.run(text).max_cc == 0
    assert indexed.system.entries() == before
    assert (indexed.records("A.K"), indexed.records("A.P")) == (by_key, by_path)
    with indexed.system.cluster("A.K", "w") as base:
        base.erase(b"0007")
    assert RECORDS[6] not in indexed.records("A.P")


@pytest.mark.parametrize(
    ("text", "message", "code"),
    [
        ("DELETE A.K NOSCRATCH", "0IDC3014I CATALOG ERROR", 8),
        ("DELETE A.X NOSCRATCH", "0IDC2557I SCRATCH NOT ALLOWED FOR TYPE OF OBJECT TO BE DELETED", 8),
        ("DEFINE CLUSTER(NAME(A.K) RECATALOG)", "0IDC3013I DUPLICATE DATA SET NAME", 12),
        ("DEFINE CLUSTER(NAME(A.NO) RECATALOG)", "0IDC3012I ENTRY A.NO NOT FOUND", 12),
        ("DEFINE AIX(NAME(A.Y) RELATE(A.K) RECATALOG)", "0IDC3012I ENTRY A.Y NOT FOUND", 12),
        (
            "DEFINE PATH(NAME(A.P) PATHENTRY(A.K) RECATALOG)",
            "0KSD303E PATH A.P IS NOT WHAT IS TO BE RECATALOGUED OVER A.K",
            12,
        ),
    ],
)
def test_what_cannot_go_or_come(indexed, text, message, code):
    result = indexed.run(text)
    assert message in result.sysprint and result.max_cc == code
    assert listed(indexed) == NAMES


def test_what_was_set_aside_keeps_its_name_and_its_organization(indexed):
    indexed.run("DELETE A.K NOSCRATCH PURGE")
    assert indexed.messages("DEFINE CLUSTER(NAME(A.K) TRK(1))")[0] == "0IDC3013I DUPLICATE DATA SET NAME"
    printed = indexed.messages("DEFINE CLUSTER(NAME(A.K) NONINDEXED RECATALOG)")
    assert printed[:2] == ["0IDC3014I CATALOG ERROR", " KSD304E ** A.K IS INDEXED, NOT NONINDEXED"]
    assert listed(indexed) == []


def test_a_data_set_comes_back_only_if_it_is_there(indexed):
    text = "DEFINE NONVSAM(NAME({}) DEVT(3390) VOL(VOL001) RECATALOG)"
    indexed.run("DELETE A.IN NOSCRATCH")
    assert indexed.messages(text.format("A.NO"))[0] == "0IDC3012I ENTRY A.NO NOT FOUND"
    assert indexed.run(text.format("A.IN")).max_cc == 0
    assert indexed.records("A.IN") == RECORDS


# -- ALTER TYPE(LINEAR) ------------------------------------------------------------------------------------------


def test_the_control_intervals_of_an_esds_become_data(console):
    console.run("DEFINE CLUSTER(NAME(A.E) TRK(1 1) NONINDEXED -\nRECSZ(80 80) CISZ(4096))")
    console.sequential("A.IN", RECORDS)
    console.run("REPRO IDS(A.IN) ODS(A.E)")
    with console.system.cluster("A.E") as cluster:
        before = cluster.read_ci("data", 0)
    assert console.run("ALTER A.E TYPE(LINEAR)").max_cc == 0
    assert console.system.entry("A.E").definition.organization == "LINEAR"
    with console.system.cluster("A.E", "w") as cluster:
        assert list(cluster.browse()) == [(0, before)]
        cluster.append(bytes(4096))
    result = console.run("VERIFY DATASET(A.E)\nLISTCAT ENT(A.E) ALL")
    assert result.max_cc == 0 and any("REC-TOTAL--------------0 " in line for line in result.sysprint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ALTER A.K TYPE(LINEAR)", "0KSD303E A.K IS NOT ENTRY-SEQUENCED"),
        ("ALTER A.P TYPE(LINEAR)", "0IDC3190I 'TYPE' PARAMETER INVALID WITH ENTRY TYPE"),
        ("ALTER A.K TYPE(KEYED)", "0IDC3211I KEYWORD 'KEYED' IS IMPROPER"),
        ("ALTER A.K EXTENDEDADDRESSABLE", "0KSD302E PARAMETER 'EXTENDEDADDRESSABLE' IS NOT SUPPORTED"),
    ],
)
def test_what_cannot_be_linear(indexed, text, message):
    before = indexed.system.entries()
    result = indexed.run(text)
    assert any(line.startswith(message) for line in result.sysprint) and result.max_cc == 12
    assert indexed.system.entries() == before
