"""DEFINE CLUSTER and DELETE: what is made, what is refused, what is left."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from ksds.datasets import DataSetAttributes


def definition(console, text):
    assert console.run(text).max_cc == 0
    (entry,) = [entry for entry in console.system.entries() if entry.type == "CLUSTER"]
    return entry.definition


def test_defaults(console):
    made = definition(console, "DEFINE CLUSTER(NAME(A.B) CYLINDERS(1))")
    assert (made.organization, made.key_length, made.key_offset) == ("INDEXED", 64, 0)
    assert (made.average_record, made.maximum_record) == (4089, 4089)
    assert (made.free_ci_percent, made.free_ca_percent, made.cross_region, made.cross_system) == (0, 0, 1, 3)
    assert (made.reuse, made.speed, made.data_name, made.index_name) == (False, False, "A.B.DATA", "A.B.INDEX")


def test_components_override_the_cluster(console):
    made = definition(
        console,
        "DEFINE CLUSTER(NAME(A.B) TRACKS(1 1) KEYS(4 0) RECORDSIZE(80 80) -\n"
        "CISZ(4096) FREESPACE(5)) DATA(KEYS(8 2) CISZ(2048) FREESPACE(20 30) -\n"
        "RECORDSIZE(40 60) NAME(A.B.D)) INDEX(CISZ(1024) NAME(A.B.I))",
    )
    assert (made.key_length, made.key_offset, made.maximum_record) == (8, 2, 60)
    assert (made.ci_size, made.index_ci_size) == (2048, 1024)
    assert (made.free_ci_percent, made.free_ca_percent) == (20, 30)
    assert (made.data_name, made.index_name) == ("A.B.D", "A.B.I")


@pytest.mark.parametrize("where", ["CLUSTER(NAME(A.B) {}) DATA({} SPANNED)", "CLUSTER(NAME(A.B) {} SPND) DATA({})"])
def test_spanned_records_need_no_ci_of_their_length(console, where):
    """CISIZE goes by the average record; the longest needs a control area of segments."""
    made = definition(console, "DEFINE " + where.format("TRK(1 1) KEYS(5 0) -\n", "RECSZ(500 2000) CISZ(512) -\n"))
    assert (made.spanned, made.ci_size, made.maximum_record, made.cis_per_ca) == (True, 512, 2000, 49)


def test_the_prime_key_lies_in_the_first_segment(console):
    made = definition(console, "DEFINE CLUSTER(NAME(A.B) CYL(1) KEYS(20 500) -\nRECSZ(600 60000) CISZ(512) SPANNED)")
    assert made.ci_size == 1024


def test_space_may_stand_in_data(console):
    made = definition(console, "DEFINE CLUSTER(NAME(A.B)) DATA(CYL(2 1))")
    assert (made.space_unit, made.primary, made.secondary) == ("CYLINDER", 2, 1)


@pytest.mark.parametrize(("word", "organization"), [("NONINDEXED", "NONINDEXED"), ("NUMBERED", "NUMBERED")])
def test_clusters_without_an_index(console, word, organization):
    messages = console.messages(f"DEFINE CLUSTER(NAME(A.B) TRK(1 1) {word} RECSZ(80 80))")
    assert messages[:3] == [
        "0IDC0508I DATA ALLOCATION STATUS FOR VOLUME VOL001 IS 0",
        "0IDC0512I NAME GENERATED-(D) A.B.DATA",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
    ]
    assert console.system.entry("A.B").definition.organization == organization


def test_spanned_records_are_longer_unless_recordsize_is_coded(console):
    """Access Method Services Commands, DEFINE CLUSTER, RECORDSIZE: 4089 4089, with SPANNED 4086 32600."""
    console.run("DEFINE CLUSTER(NAME(A.B) CYL(1) SPANNED)\nDEFINE CLUSTER(NAME(A.C) CYL(1)) DATA(SPANNED)")
    for name in ("A.B", "A.C"):
        made = console.system.entry(name).definition
        assert (made.spanned, made.average_record, made.maximum_record) == (True, 4086, 32600)


def test_owner_expiration_and_volume(console):
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1) OWNER(BETTY) FOR(30) VOL(V00001))")
    entry = console.system.entry("A.B")
    assert (entry.owner, entry.expires, entry.volume) == ("BETTY", date(2026, 12, 23), "V00001")
    console.run("DEFINE CLUSTER(NAME(A.C) TRK(1) TO(2027031))\nDEFINE CLUSTER(NAME(A.D) TRK(1) TO(99365))")
    assert console.system.entry("A.C").expires == date(2027, 1, 31)
    assert console.system.entry("A.D").expires is None
    assert "0IDC3221I CONSTANT '2027366' NOT WITHIN VALUE RANGE" in console.messages(
        "DEFINE CLUSTER(NAME(A.E) TRK(1) TO(2027366))"
    )


@pytest.mark.parametrize("day", ["2026326", "99364", "2156001", "1899365", "2027000", "2027367", "1999001"])
def test_an_expiration_date_is_one_from_today_to_2155(console, day):
    """MVS System Messages Vol 6, of an incorrect expiration date: years 1900 to 2155, day 1 to 366, none past."""
    console.run("DEFINE CLUSTER(NAME(A.A) TRK(1))")
    for text in (f"DEFINE CLUSTER(NAME(A.B) TRK(1) TO({day}))", f"ALTER A.A TO({day})"):
        result = console.run(text)
        assert result.max_cc == 12 and f"0IDC3221I CONSTANT '{day}' NOT WITHIN VALUE RANGE" in result.sysprint
    assert " IDC0532I **ENTRY A.A NOT ALTERED" in result.sysprint
    assert not console.system.exists("A.B") and console.system.entry("A.A").expires is None


@pytest.mark.parametrize(("day", "expires"), [("2026327", date(2026, 11, 23)), ("2155365", date(2155, 12, 31))])
def test_the_first_and_the_last_expiration_date(console, day, expires):
    assert console.run(f"DEFINE CLUSTER(NAME(A.B) TRK(1) TO({day}))").max_cc == 0
    assert console.system.entry("A.B").expires == expires


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("", "IDC3505I INCORRECT SPECIFICATION OF SPACE ALLOCATION"),
        ("TRK(1) RECSZ(100 80)", "IDC3515I AVERAGE RECORD SIZE EXCEEDS MAXIMUM RECORD SIZE"),
        ("TRK(1) RECSZ(40000 40000)", "IDC3522I SPANNED ATTRIBUTE REQUIRED FOR RECORDSIZE GREATER THAN 32,761"),
        ("TRK(1) KEYS(10 75) RECSZ(80 80)", "IDC3226I INCONSISTENT PARAMETERS INVOLVING 'KEYS(10 75)'"),
        ("CYL(9999999)", "IDC3505I INCORRECT SPECIFICATION OF SPACE ALLOCATION"),
        ("TRK(1) NUMBERED RECSZ(80 80) SPANNED", "IDC3521I SPANNED ATTRIBUTE INVALID FOR A RELATIVE RECORD DATA SET"),
        ("TRK(1) RECSZ(300 90000) SPANNED", "IDC3226I INCONSISTENT PARAMETERS INVOLVING 'RECORDSIZE(300 90000)'"),
    ],
)
def test_what_cannot_be_defined(console, parameters, message):
    messages = console.messages(f"DEFINE CLUSTER(NAME(A.B) {parameters})")
    assert messages[0] == f"0{message}"
    assert messages[-2:] == [
        "0IDC3003I FUNCTION TERMINATED. CONDITION CODE IS 12",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 12",
    ]
    assert console.system.entries() == []


def test_reuse_of_data_and_index_must_agree(console):
    messages = console.messages("DEFINE CLUSTER(NAME(A.B) TRK(1) REUSE) INDEX(NOREUSE)")
    assert messages[0] == "0IDC3519I REUSE ATTRIBUTE CONFLICT BETWEEN DATA AND INDEX"


def test_component_names_that_are_taken(console):
    assert console.run("DEFINE CLUSTER(NAME(A.B) TRK(1)) DATA(NAME(A.B))").max_cc == 12
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1))")
    assert console.run("DEFINE CLUSTER(NAME(A.C) TRK(1)) DATA(NAME(A.B.INDEX))").max_cc == 12
    assert [entry.name for entry in console.system.entries()] == ["A.B", "A.B.DATA", "A.B.INDEX"]


def test_delete_lists_and_generic_names(console):
    for name in ("A.X.C", "A.Y.C", "A.Y.D", "B.B"):
        console.sequential(name, [])
    console.run("DEFINE CLUSTER(NAME(A.K.C) TRK(1))")
    messages = console.messages("DELETE (A.*.C B.B)")
    assert messages[:6] == [
        "0IDC0550I ENTRY (D) A.K.C.DATA DELETED",
        "0IDC0550I ENTRY (I) A.K.C.INDEX DELETED",
        "0IDC0550I ENTRY (C) A.K.C DELETED",
        "0IDC0550I ENTRY (A) A.X.C DELETED",
        "0IDC0550I ENTRY (A) A.Y.C DELETED",
        "0IDC0550I ENTRY (A) B.B DELETED",
    ]
    assert [entry.name for entry in console.system.entries()] == ["A.Y.D"]
    assert "0IDC3012I ENTRY Z.* NOT FOUND" in console.messages("DELETE Z.*")
    assert console.run("DELETE A.** MASK").max_cc == 0


def test_delete_goes_on_behind_a_name_that_is_not_there(console):
    console.sequential("A.B", [])
    messages = console.messages("DELETE (A.A A.B)")
    assert " IDC0551I ** ENTRY A.A NOT DELETED" in messages
    assert "0IDC0550I ENTRY (A) A.B DELETED" in messages
    assert messages[-1].endswith("WAS 8")


def test_delete_wants_the_right_type(console):
    console.sequential("A.B", [])
    assert console.run("DELETE A.B CLUSTER").max_cc == 8
    assert console.run("DELETE A.B NONVSAM").max_cc == 0


def test_delete_refuses_components_and_what_has_not_expired(console):
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1) FOR(30))")
    refusals = {"DELETE A.B.DATA": "IDC2552I ENTRY TYPE IS INVALID FOR DELETE", "DELETE A.B": "IDC3014I CATALOG ERROR"}
    for text, refusal in refusals.items():
        messages = console.messages(text)
        assert messages[0] == f"0{refusal}"
        assert messages[-1].endswith("WAS 8")
    assert console.run("DELETE A.B PURGE").max_cc == 0


def test_delete_refuses_what_is_in_use(console):
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1))")
    with console.system.cluster("A.B", "w"):
        assert console.run("DELETE A.B").max_cc == 8
    assert console.run("DELETE A.B").max_cc == 0


def test_hostile_names_never_reach_a_file(console, tmp_path):
    before = sorted(path.name for path in tmp_path.rglob("*"))
    names = ["../../X", "/ETC/PASSWD", "A.B\x00C", "A\\B", "A" * 9, "..", "A.B.", "\u00c4.B", "A;B", "-A"]
    for name in names:
        assert console.run(f"DEFINE CLUSTER(NAME('{name}') TRK(1))").max_cc == 12
        assert console.run(f"DELETE '{name}'").max_cc in (8, 12)
    assert sorted(path.name for path in tmp_path.rglob("*") if "lock" not in path.name) == [
        name for name in before if "lock" not in name
    ]


def test_any_define_makes_a_cluster_or_says_why(console):
    seed = 7
    print("seed", seed)
    dice = random.Random(seed)
    words = ["CYL(1 1)", "TRK(3 1)", "REC(100 10)", "KB(50)", "KEYS(4 0)", "KEYS(200 50)", "RECSZ(80 80)", "CISZ(600)"]
    words += ["RECSZ(10 5)", "REUSE", "NONINDEXED", "NUMBERED", "FREESPACE(50 50)", "SHR(4 4)", "FOR(1)", "BUFSP(1)"]
    for number in range(120):
        chosen = " -\n".join(dice.sample(words, dice.randint(1, 6)))
        result = console.run(f"DEFINE CLUSTER(NAME(A.B{number}) -\n{chosen})")
        assert console.system.exists(f"A.B{number}") == (result.max_cc == 0)


def test_a_data_set_of_attributes_keeps_its_name(console):
    console.system.allocate("A.B", DataSetAttributes("VB", 255))
    assert console.run("DEFINE CLUSTER(NAME(A.B) TRK(1))").max_cc == 12
    assert console.system.entry("A.B").type == "NONVSAM"


def test_a_model_gives_what_was_not_coded(console):
    console.run(
        "DEFINE CLUSTER(NAME(A.M) TRK(2 3) KEYS(8 2) RECSZ(60 80) CISZ(2048) -\n"
        "FREESPACE(10 20) SHR(2 3) REUSE ERASE SPEED OWNER(BETTY) FOR(30)) -\n"
        "INDEX(CISZ(1024))"
    )
    assert console.run("DEFINE CLUSTER(NAME(A.B) MODEL(A.M))").max_cc == 0
    model, made = console.system.entry("A.M"), console.system.entry("A.B")
    names = {"name": "A.M", "data_name": "A.M.DATA", "index_name": "A.M.INDEX"}
    assert replace(made.definition, **names) == model.definition
    assert (made.owner, made.expires) == ("", None)


def test_what_was_coded_goes_before_the_model(console):
    console.run("DEFINE CLUSTER(NAME(A.M) TRK(2 3) KEYS(8 2) RECSZ(60 80) CISZ(2048))")
    console.run("DEFINE CLUSTER(NAME(A.B) MODEL(A.M.DATA CAT.X) CYL(1)) -\nDATA(RECSZ(100 100) CISZ(4096))")
    made = console.system.entry("A.B").definition
    assert (made.space_unit, made.maximum_record, made.ci_size, made.key_length) == ("CYLINDER", 100, 4096, 8)
    console.run("DEFINE CLUSTER(NAME(A.E) MODEL(A.M) NONINDEXED RECSZ(50 50))")
    made = console.system.entry("A.E").definition
    primary = console.system.entry("A.M").definition.primary
    assert (made.organization, made.primary, made.maximum_record) == ("NONINDEXED", primary, 50)


def test_a_model_must_be_a_cluster(console):
    console.sequential("A.SEQ", [])
    messages = console.messages("DEFINE CLUSTER(NAME(A.B) MODEL(A.SEQ) TRK(1))")
    assert messages[0] == "0IDC3501I  MODEL ENTYPE IS NOT CONSISTENT WITH THE OBJECT BEING DEFINED"
    assert console.messages("DEFINE CLUSTER(NAME(A.B) MODEL(A.NO) TRK(1))")[0] == "0IDC3012I ENTRY A.NO NOT FOUND"
