"""DEFINE GDG, NONVSAM, ALIAS, USERCATALOG; DELETE of every type; members."""

from __future__ import annotations

import pytest

from ksds.datasets import DataSetAttributes

FB80 = DataSetAttributes("FB", 80)


def names(console):
    return [entry.name for entry in console.system.entries() if entry.type not in ("DATA", "INDEX")]


def generation(console, number=1, base="A.LOG"):
    name = console.system.generations.group(base).relative(number)
    console.system.allocate(name, FB80)
    return name


def files(console):
    return sorted(path.name[:-9] for path in (console.system.folder / "volumes" / "VOL001").iterdir())


def library(console, *members):
    console.system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
    for member in members:
        with console.system.sequential(f"A.LIB({member})", "w") as data_set:
            data_set.append([member.encode("cp037").ljust(80, b"\x40")])


# -- DEFINE ------------------------------------------------------------------------------------------------------


def test_a_group_is_defined_with_the_defaults_of_the_manual(console):
    assert console.messages("DEFINE GDG(NAME(A.LOG) LIMIT(5))")[0].startswith("0IDC0001I")
    base = console.system.entry("A.LOG")
    assert (base.limit, base.scratch, base.empty, base.fifo, base.purge, base.extended) == (5, *[False] * 5)


def test_a_group_with_everything(console):
    console.run("DEF GENERATIONDATAGROUP(NAME(A.LOG) LIM(999) EXTENDED EMP -\nSCR FIFO PRG OWNER(ME) FOR(10))")
    base = console.system.entry("A.LOG")
    assert (base.limit, base.scratch, base.empty, base.fifo, base.purge, base.extended) == (999, *[True] * 5)
    assert (base.owner, f"{base.expires:%Y.%j}") == ("ME", "2026.337")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("DEFINE GDG(NAME(A.LOG) LIMIT(0))", "IDC3221I CONSTANT '0' NOT WITHIN VALUE RANGE"),
        ("DEFINE GDG(NAME(A.LOG) LIMIT(256))", "IDC3221I CONSTANT '256' NOT WITHIN VALUE RANGE"),
        ("DEFINE GDG(NAME(A.LOG))", "IDC3225I REQUIRED (SUB)PARAMETER OF 'GDG' IS MISSING"),
        ("DEFINE GDG(NAME(A.LOG) LIMIT(5) SCR NSCR)", "IDC3226I INCONSISTENT PARAMETERS INVOLVING 'NSCR'"),
        (
            "DEFINE GDG(NAME(A2345678.B2345678.C2345678.D2345678.E) LIMIT(1))",
            "IDC3523I GENERATION DATA GROUP NAMES CANNOT EXCEED 35 CHARACTERS",
        ),
        ("DEFINE GDG(NAME(A.LOG) LIMIT(5)) DATA(NAME(X))", "IDC3226I INCONSISTENT PARAMETERS INVOLVING 'DATA'"),
        ("DEFINE ALIAS(NAME(A.X) RELATE(A.Y))", "IDC3012I ENTRY A.Y NOT FOUND"),
        ("DEFINE NONVSAM(NAME(A.X) VOL(V1))", "IDC3225I REQUIRED (SUB)PARAMETER OF 'NONVSAM' IS MISSING"),
    ],
)
def test_what_cannot_be_defined(console, text, message):
    messages = console.messages(text)
    assert messages[0] == f"0{message}"
    assert messages[-1].endswith("WAS 12")
    assert names(console) == []


def test_a_name_that_is_taken(console):
    console.run("DEFINE GDG(NAME(A.LOG) LIMIT(5))")
    for text in ("GDG(NAME(A.LOG) LIMIT(1))", "ALIAS(NAME(A.LOG) RELATE(A.LOG))", "USERCATALOG(NAME(A.LOG) CYL(1))"):
        assert console.run(f"DEFINE {text}").max_cc == 12


def test_an_alias_is_read_and_written_through(console):
    console.sequential("A.REAL", [b"1" * 80])
    console.run("DEFINE ALIAS(NAME(A.OTHER) RELATE(A.REAL))")
    assert console.records("A.OTHER") == [b"1" * 80]
    assert console.messages("DELETE A.OTHER ALIAS")[0] == "0IDC0550I ENTRY (X) A.OTHER DELETED"
    assert names(console) == ["A.REAL"]


def test_a_data_set_takes_its_aliases_along(console):
    console.sequential("A.REAL", [])
    console.run("DEFINE ALIAS(NAME(A.OTHER) RELATE(A.REAL))")
    assert console.run("DELETE A.REAL").max_cc == 0
    assert names(console) == []


def test_a_cluster_cannot_have_an_alias(console):
    console.run("DEFINE CLUSTER(NAME(A.K) TRK(1))")
    assert console.run("DEFINE ALIAS(NAME(A.X) RELATE(A.K))").max_cc == 12


def test_a_user_catalog_is_accepted_and_may_have_aliases(console):
    console.run("DEFINE USERCATALOG(NAME(UCAT.A) CYL(5 5) VOLUME(V1) ICFCATALOG)\nDEFINE ALIAS(NAME(PROD) REL(UCAT.A))")
    assert names(console) == ["PROD", "UCAT.A"]
    printed = console.messages("DELETE UCAT.A UCAT")
    assert printed[:2] == ["0IDC0550I ENTRY (X) PROD DELETED", "0IDC0550I ENTRY (U) UCAT.A DELETED"]


def test_a_data_set_catalogued_elsewhere(console):
    assert console.run("DEFINE NONVSAM(NAME(A.TAPE) DEVT(3490) VOL(T00001))").max_cc == 0
    assert console.system.entry("A.TAPE").volume == "T00001"
    assert console.run("PRINT IDS(A.TAPE)").max_cc == 12
    assert console.run("DELETE A.TAPE NONVSAM").max_cc == 0


def test_a_data_set_goes_out_of_the_catalog_and_comes_back(console):
    console.sequential("A.B", [b"1" * 80])
    assert console.messages("DELETE A.B NOSCRATCH")[0] == "0IDC0550I ENTRY (A) A.B DELETED"
    assert (names(console), files(console)) == ([], ["A.B"])
    assert console.run("DEFINE NONVSAM(NAME(A.B) DEVT(3390) VOL(VOL001))").max_cc == 0
    assert console.records("A.B") == [b"1" * 80]


# -- DELETE ------------------------------------------------------------------------------------------------------


def test_a_group_with_generations_wants_force(console):
    console.run("DEFINE GDG(NAME(A.LOG) LIMIT(5))")
    generation(console)
    messages = console.messages("DELETE A.LOG GDG")
    assert messages[0] == "0IDC3014I CATALOG ERROR"
    assert messages[2:4] == [" IDC0551I ** ENTRY A.LOG NOT DELETED", messages[3]]
    assert messages[-1].endswith("WAS 8")
    assert console.messages("DELETE A.LOG GDG FORCE")[:2] == [
        "0IDC0550I ENTRY (H) A.LOG.G0001V00 DELETED",
        "0IDC0550I ENTRY (B) A.LOG DELETED",
    ]
    assert files(console) == []


def test_recovery_keeps_the_generations_for_a_new_base(console):
    console.run("DEFINE GDG(NAME(A.LOG) LIMIT(5))")
    name = generation(console)
    assert console.run("DELETE A.LOG GDG RECOVERY").max_cc == 0
    assert (names(console), files(console)) == ([], [name])
    console.run(f"DEFINE GDG(NAME(A.LOG) LIMIT(5))\nDEFINE NONVSAM(NAME({name}) DEVT(3390) VOL(VOL001))")
    assert [entry.name for entry in console.system.generations.group("A.LOG").active] == [name]


def test_a_mask_reaches_across_qualifiers(console):
    console.run("DEFINE GDG(NAME(A.LOG) LIMIT(5))")
    generation(console)
    for name in ("A.B.C", "A.BX", "A.BY.Z", "B.B"):
        console.sequential(name, [])
    assert console.run("DELETE A.B% MASK").max_cc == 0
    assert names(console) == ["A.B.C", "A.BY.Z", "A.LOG", "A.LOG.G0001V00", "B.B"]
    assert "0KSD307I ENTRY (A) A.B.C WOULD BE DELETED" in console.messages("DELETE A.** MASK TEST")
    assert console.run("DELETE A.** MASK EXCLUDE(A.BY.*)").max_cc == 0
    assert names(console) == ["A.BY.Z", "B.B"]


@pytest.mark.parametrize("pattern", ["A.**", "A.B*", "A.%", "*.*"])
def test_without_mask_one_qualifier_may_be_an_asterisk(console, pattern):
    console.sequential("A.B", [])
    messages = console.messages(f"DELETE {pattern}")
    assert messages[:2] == [f"0IDC3568I {pattern} INVALID USE OF *", f" IDC0551I ** ENTRY {pattern} NOT DELETED"]
    assert messages[-1].endswith("WAS 12")
    assert names(console) == ["A.B"]


@pytest.mark.parametrize(
    ("text", "keyword"),
    [("DELETE (A.* B.*) MASK", "MASK"), ("DELETE A.* EXCLUDE(A.B)", "EXCLUDE"), ("DELETE A.* TEST", "TEST")],
)
def test_mask_parameters_go_together(console, text, keyword):
    assert console.messages(text)[0] == f"0IDC3226I INCONSISTENT PARAMETERS INVOLVING '{keyword}'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("DELETE A.LOG ERASE", "IDC2553I ERASE OPTION IS INVALID FOR ENTRY TYPE"),
        ("DELETE A.*(MEM)", "IDC2559I MEMBER CAN NOT BE SPECIFIED WITH A GENERIC NAME"),
    ],
)
def test_options_that_do_not_fit(console, text, message):
    console.run("DEFINE GDG(NAME(A.LOG) LIMIT(5))\nDEFINE CLUSTER(NAME(A.K) TRK(1))")
    messages = console.messages(text)
    assert messages[0] == f"0{message}"
    assert messages[-1].endswith("WAS 8")
    assert names(console) == ["A.K", "A.LOG"]


def test_erase_overwrites_what_is_deleted(console, monkeypatch):
    wiped = []
    volume = console.system._volume
    monkeypatch.setattr(volume, "wipe", lambda name: wiped.append(name[:-9]))
    console.sequential("A.B", [b"1" * 80])
    console.sequential("A.C", [b"1" * 80])
    console.run("DELETE A.B ERASE\nDELETE A.C")
    assert wiped == ["A.B"]


def test_members_are_deleted_by_name_and_by_pattern(console):
    library(console, "JOB1", "JOB2", "PROC")
    assert console.messages("DELETE A.LIB(PROC)")[0] == "0IDC0549I MEMBER PROC DELETED"
    assert console.messages("DELETE A.LIB(JOB*)")[:2] == [
        "0IDC0549I MEMBER JOB1 DELETED",
        "0IDC0549I MEMBER JOB2 DELETED",
    ]


def test_a_member_that_is_not_there(console):
    library(console)
    messages = console.messages("DELETE A.LIB(TESTMEM1)")
    assert messages[:3] == [
        "0IDC3302I  ACTION ERROR ON A.LIB",
        " IDC3330I ** TESTMEM1 NOT FOUND",
        " IDC0548I ** MEMBER TESTMEM1 NOT DELETED",
    ]
    assert messages[-1].endswith("WAS 8")
    assert console.run("DELETE A.NONE(X)").max_cc == 8


def test_records_go_into_members_and_out(console):
    library(console)
    console.sequential("A.IN", [b"1" * 80, b"2" * 80])
    assert console.run("REPRO IDS(A.IN) ODS(A.LIB(NEW))").max_cc == 0
    assert console.messages("REPRO IDS(A.LIB(NEW)) ODS('A.LIB(COPY)') SKIP(1)")[-1].endswith("WAS 0")
    assert console.records("A.LIB(COPY)") == [b"2" * 80]
    assert any("RECORD SEQUENCE NUMBER - 1" in line for line in console.run("PRINT IDS(A.LIB(NEW)) CHAR").sysprint)


@pytest.mark.parametrize("text", ["LISTCAT ENT(A.B(C))", "DEFINE GDG(NAME(A.B(C)) LIMIT(1))", "VERIFY DS(A.B(C))"])
def test_a_member_where_none_may_be(console, text):
    assert console.messages(text)[0] == "0IDC3212I INVALID LEFT PARENTHESIS AFTER 'A.B'"


@pytest.mark.parametrize(("order", "expected"), [("LIFO", [b"3", b"2", b"1"]), ("FIFO", [b"1", b"2", b"3"])])
def test_a_group_is_read_as_a_whole(console, order, expected):
    console.run(f"DEFINE GDG(NAME(A.LOG) LIMIT(5) {order})")
    for text in sorted(expected):
        with console.system.sequential(generation(console), "w") as data_set:
            data_set.append([text.ljust(80)])
    console.sequential("A.OUT", [])
    assert console.run("REPRO IDS(A.LOG) ODS(A.OUT)").max_cc == 0
    assert [record.rstrip() for record in console.records("A.OUT")] == expected


def test_an_empty_group_cannot_be_read(console):
    console.run("DEFINE GDG(NAME(A.LOG) LIMIT(5))")
    assert console.messages("PRINT IDS(A.LOG)")[0] == "0IDC3012I ENTRY A.LOG(0) NOT FOUND"
