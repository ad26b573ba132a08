"""ALLOCATE: data sets and clusters made by it, ddnames for the commands behind it, and what it refuses.

Source: z/OS DFSMS Access Method Services Commands, ALLOCATE.
"""

from __future__ import annotations

import pytest

from ksds.catalog.entries import ClusterEntry, NonVsamEntry, Space


def made(console, text):
    """The entry of D.NEW that ALLOCATE makes."""
    assert console.messages(f"ALLOC DSN(D.NEW) NEW -\n {text}")[0].endswith("HIGHEST CONDITION CODE WAS 0")
    return console.system.entry("D.NEW")


def test_a_data_set_as_described(console):
    entry = made(
        console, "CATALOG SPACE(10,5) TRACKS -\n BLKSIZE(1000) LRECL(100) DSORG(PS) RECFM(F,B) UNIT(3380) VOL(V1)"
    )
    assert isinstance(entry, NonVsamEntry)
    shape = entry.attributes
    assert (shape.recfm, shape.lrecl, shape.blksize, shape.dsorg) == ("FB", 100, 1000, "PS")
    assert entry.space == Space(unit="TRACK", primary=10, secondary=5)


def test_names_may_stand_in_apostrophes_and_have_no_prefix(console):
    assert console.run("ALLOCATE DA('D.NEW') NEW LRECL(80)").max_cc == 0
    assert console.system.exists("D.NEW")


@pytest.mark.parametrize(
    ("text", "library", "pdse"),
    [
        ("RECFM(F B) LRECL(80) DIR(10) CYL SP(2 2)", True, False),
        ("RECFM(FB) LRECL(80) DSORG(PO)", True, False),
        ("RECFM(FB) LRECL(80) DSNTYPE(LIBRARY)", True, True),
        ("RECFM(V,B,A) LRECL(137)", False, False),
    ],
)
def test_directory_blocks_dsorg_and_dsntype_make_a_library(console, text, library, pdse):
    shape = made(console, text).attributes
    assert (shape.dsorg == "PO", shape.pdse) == (library, pdse)


def test_nothing_said_is_undefined_records(console):
    assert made(console, "DATACLAS(STANDARD) STORCLAS(FAST)").attributes.recfm == "U"


@pytest.mark.parametrize(
    ("text", "organization", "keys"),
    [
        ("RECORG(KS) KEYLEN(10) KEYOFF(5) LRECL(200) SPACE(5 1) CYL", "INDEXED", (10, 5)),
        ("RECORG(ES) LRECL(80) SPACE(10,2) AVBLOCK(80) AVGREC(K)", "NONINDEXED", (0, 0)),
        ("RECORG(RR) LRECL(80)", "NUMBERED", (0, 0)),
        ("RECORG(LS)", "LINEAR", (0, 0)),
    ],
)
def test_recorg_makes_a_cluster(console, text, organization, keys):
    entry = made(console, text)
    assert isinstance(entry, ClusterEntry)
    shape = entry.definition
    assert (shape.organization, (shape.key_length, shape.key_offset)) == (organization, keys)
    assert shape.data_name == "D.NEW.DATA"


def test_space_in_records_is_as_large_as_that_of_define(console):
    entry = made(console, "RECORG(ES) LRECL(80) SPACE(10,2) AVBLOCK(80) AVGREC(K)")
    console.run("DEFINE CLUSTER(NAME(D.SAME) NONINDEXED RECORDS(10240 2048) -\n RECSZ(80 80))")
    same = console.system.entry("D.SAME").definition
    shape = entry.definition
    assert (shape.space_unit, shape.primary, shape.secondary) == (same.space_unit, same.primary, same.secondary)


def test_space_in_blocks_is_the_tracks_that_hold_them(console):
    shape = made(console, "RECORG(ES) LRECL(80) SPACE(100) BLOCK(55296)").definition
    assert (shape.space_unit, shape.primary) == ("CYLINDER", 7)


def test_like_a_data_set_and_like_a_cluster(console):
    console.run("ALLOC DA(D.LIB) NEW DIR(5) RECFM(F,B) LRECL(80) BLKSIZE(800) -\n SPACE(3) CYL")
    entry = made(console, "LIKE(D.LIB)")
    assert (entry.attributes, entry.space) == (
        console.system.entry("D.LIB").attributes,
        Space(unit="CYLINDER", primary=3),
    )
    console.run("DEFINE CLUSTER(NAME(D.K) KEYS(7 3) RECSZ(90 90) TRK(4))")
    assert console.run("ALLOC DA(D.K2) LIKE(D.K) NEW").max_cc == 0
    twin = console.system.entry("D.K2").definition
    assert (twin.key_length, twin.key_offset, twin.data_name) == (7, 3, "D.K2.DATA")


def test_an_attribute_that_is_coded_beats_the_model(console):
    console.run("ALLOC DA(D.OLD) NEW RECFM(F,B) LRECL(80) BLKSIZE(800)")
    shape = made(console, "LIKE(D.OLD) LRECL(100)").attributes
    assert (shape.lrecl, shape.blksize) == (100, 27900)


def test_dates(console):
    made(console, "LRECL(80) RETPD(30)")
    console.run("ALLOC DA(D.DAY) NEW LRECL(80) EXPDT(2027001)")
    assert [f"{console.system.entry(name).expires:%Y.%j}" for name in ("D.NEW", "D.DAY")] == ["2026.357", "2027.001"]


def test_a_ddname_is_known_to_the_commands_behind_it(console):
    console.sequential("A.SEQ", [b"1".ljust(80), b"2".ljust(80)])
    deck = [
        "ALLOC DDN(IN1) SHR REUSE DSN('A.SEQ')",
        "ALLOC FILE(OUT1) NEW DA(A.OUT) RECFM(F,B) LRECL(80)",
        "ALLOC F(NOWHERE) DUMMY",
        "REPRO INFILE(IN1) OUTFILE(OUT1)",
        "REPRO IFILE(IN1) OFILE(NOWHERE)",
    ]
    assert console.run("\n".join(deck)).max_cc == 0
    assert console.records("A.OUT") == console.records("A.SEQ")


def test_mod_makes_what_is_not_there_and_adds_to_what_is(console):
    console.sequential("A.SEQ", [b"1".ljust(80)])
    deck = "ALLOC F(OUT) MOD DA(A.OUT) RECFM(F,B) LRECL(80)\nREPRO IDS(A.SEQ) OFILE(OUT)"
    for count in (1, 2):
        assert console.run(deck).max_cc == 0
        assert len(console.records("A.OUT")) == count


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ALLOC F(X) DA(A.NONE) SHR", "0IDC3012I ENTRY A.NONE NOT FOUND"),
        ("ALLOC DA(A.SEQ) NEW LRECL(80)", "0IDC3013I DUPLICATE DATA SET NAME"),
        ("ALLOC DA(A.NEW) NEW RECFM(Q) LRECL(80)", "0KSD303E RECFM Q IS NOT ONE OF F FB V VB U (WITH A OR M)"),
        ("ALLOC DA(A.NEW) NEW RECFM(V,B)", "0IDC3225I REQUIRED (SUB)PARAMETER OF 'LRECL' IS MISSING"),
        ("ALLOC F(X)", "0IDC3225I REQUIRED (SUB)PARAMETER OF 'ALLOCATE' IS MISSING"),
        ("ALLOC DUMMY", "0IDC3225I REQUIRED (SUB)PARAMETER OF 'DUMMY' IS MISSING"),
        ("ALLOC DA(A.N1 A.N2) NEW LRECL(80)", "0IDC3226I INCONSISTENT PARAMETERS INVOLVING 'NEW'"),
        ("ALLOC DA(A.NEW) NEW LIKE(A.NONE)", "0IDC3012I ENTRY A.NONE NOT FOUND"),
        ("ALLOC F(X) SYSOUT(A) DA(A.NEW)", "0KSD302E PARAMETER 'SYSOUT' IS NOT SUPPORTED BY THIS VERSION"),
        ("ALLOC DA(A.NEW) NEW RECORG(XX)", "0IDC3211I KEYWORD 'XX' IS IMPROPER"),
        ("ALLOC DA(A.NEW) NEW RECORG(KS) LRECL(10)", "0IDC3226I INCONSISTENT PARAMETERS INVOLVING 'KEYS(64 0)'"),
    ],
)
def test_what_it_refuses_leaves_nothing(console, text, message):
    console.sequential("A.SEQ", [])
    before = [entry.name for entry in console.system.entries()]
    result = console.run(text)
    assert (result.max_cc, message in result.sysprint) == (12, True)
    assert [entry.name for entry in console.system.entries()] == before
