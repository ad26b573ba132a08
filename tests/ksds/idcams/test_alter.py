"""ALTER: what changes, on whose name, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from ksds.catalog.entries import Status
from ksds.datasets import DataSetAttributes

KSDS = "DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80))"


def altered(console, text):
    """The first message of an ALTER."""
    return console.messages(text)[0][1:]


def records(console, count=3):
    console.sequential("A.IN", [b"%04d" % n + b" " * 76 for n in range(count)])
    assert console.run("REPRO IDS(A.IN) ODS(A.K)").max_cc == 0


def test_a_cluster_gets_another_name_and_keeps_its_records_and_components(console):
    console.run(KSDS)
    records(console)
    assert altered(console, "ALTER A.K NEWNAME(B.K)") == "IDC0531I ENTRY A.K ALTERED"
    assert len(console.records("B.K")) == 3
    assert [entry.name for entry in console.system.entries("*.K.**")] == ["A.K.DATA", "A.K.INDEX", "B.K"]
    assert console.system.entry("A.K.DATA").cluster.name == "B.K"
    assert console.run("DELETE B.K").max_cc == 0


def test_a_component_gets_another_name(console):
    console.run(KSDS)
    assert altered(console, "ALTER A.K.DATA NEWNAME(B.D)") == "IDC0531I ENTRY A.K.DATA ALTERED"
    assert console.system.entry("A.K").definition.data_name == "B.D"
    assert not console.system.exists("A.K.DATA")


def test_a_data_set_and_its_alias_get_other_names(console):
    console.sequential("A.B", [b"1" * 80])
    console.run("DEFINE ALIAS(NAME(A.X) RELATE(A.B))\nALTER A.B NEWNAME(A.C)\nALTER A.X NEWNAME(A.Y)")
    assert [entry.name for entry in console.system.entries()] == ["A.C", "A.Y"]
    assert console.records("A.Y") == [b"1" * 80]
    console.run("DELETE A.C")
    assert console.system.entries() == []


def test_a_generic_name_moves_everything_it_covers(console):
    for name in ("A.X.BAKER", "A.Y.BAKER", "A.Y.CHARLIE"):
        console.sequential(name, [])
    assert console.messages("ALTER A.*.BAKER NEWNAME(A.*.ABLE)")[:2] == [
        "0IDC0531I ENTRY A.X.BAKER ALTERED",
        "0IDC0531I ENTRY A.Y.BAKER ALTERED",
    ]
    assert [entry.name for entry in console.system.entries()] == ["A.X.ABLE", "A.Y.ABLE", "A.Y.CHARLIE"]


@pytest.mark.parametrize(
    "text", ["ALTER A.* NEWNAME(A.B)", "ALTER A.B NEWNAME(A.*)", "ALTER A.*.* NEWNAME(B.*.*)", "ALTER A.% NEWNAME(B.%)"]
)
def test_asterisks_must_agree(console, text):
    assert altered(console, text) == "IDC3536I INVALID USE OF * WITH THE NEWNAME PARAMETER"


def test_names_that_are_taken_or_not_there(console):
    console.sequential("A.B", [])
    console.sequential("A.C", [])
    messages = console.messages("ALTER A.B NEWNAME(A.C)")
    assert messages[0] == "0IDC3013I DUPLICATE DATA SET NAME"
    assert messages[2] == " IDC0532I **ENTRY A.B NOT ALTERED"
    assert messages[-1].endswith("WAS 8")
    messages = console.messages("ALTER A.Z OWNER(ME)")
    assert messages[:3] == [
        "0IDC3012I ENTRY A.Z NOT FOUND",
        " IDC3009I ** VSAM CATALOG RETURN CODE IS 8 - REASON CODE IS IGG0CLEG-42",
        " IDC0532I **ENTRY A.Z NOT ALTERED",
    ]


def test_attributes_of_a_data_component(console):
    console.run(KSDS)
    console.run("ALTER A.K.DATA FREESPACE(10 20) SHR(2 3) ERASE OWNER(BETTY) FOR(30)")
    entry = console.system.entry("A.K")
    made = entry.definition
    assert (made.free_ci_percent, made.free_ca_percent, made.cross_region, made.erase) == (10, 20, 2, True)
    assert (entry.owner, entry.expires) == ("BETTY", date(2026, 12, 23))
    console.run("ALTER A.K NULLIFY(OWNER RETENTION)")
    assert (console.system.entry("A.K").owner, console.system.entry("A.K").expires) == ("", None)


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("ALTER A.K FREESPACE(10)", "FREESPACE"),
        ("ALTER A.K LIMIT(5)", "LIMIT"),
        ("ALTER A.K.INDEX KEYS(4 0)", "KEYS"),
        ("ALTER A.K ROLLIN", "ROLLIN"),
        ("ALTER A.K UPGRADE", "UPGRADE"),
    ],
)
def test_parameters_that_do_not_fit_the_type(console, text, keyword):
    console.run(KSDS)
    messages = console.messages(text)
    assert messages[0] == f"0IDC3190I '{keyword}' PARAMETER INVALID WITH ENTRY TYPE"
    assert messages[-1].endswith("WAS 12")


def test_keys_and_record_size_change_only_from_the_defaults_and_while_empty(console):
    console.run("DEFINE CLUSTER(NAME(A.D) TRK(1 1))")
    assert console.run("ALTER A.D KEYS(8 2) RECSZ(80 100)").max_cc == 0
    made = console.system.entry("A.D").definition
    assert (made.key_length, made.key_offset, made.maximum_record) == (8, 2, 100)
    assert altered(console, "ALTER A.D KEYS(9 2)").startswith("IDC3539I")
    console.run(KSDS)
    records(console)
    assert altered(console, "ALTER A.K RECSZ(80 80)").startswith("IDC3545I")


def test_an_inhibited_cluster_is_for_input_only(console):
    console.run(KSDS)
    records(console)
    console.run("ALTER A.K.DATA INHIBIT")
    assert console.run("REPRO IDS(A.IN) ODS(A.K) REPLACE").max_cc == 12
    assert len(console.records("A.K")) == 3
    console.run("ALTER A.K.DATA UNINHIBIT")
    assert console.run("REPRO IDS(A.IN) ODS(A.K) REPLACE").max_cc == 0


def test_volumes_are_added_and_removed_in_words_only(console):
    console.run(KSDS)
    printed = console.messages("ALTER A.K.DATA ADDVOLUMES(V00002 V00003) REMOVEVOLUMES(V00004)")
    assert printed[:4] == [
        *(f"0IDC0526I ALTERED ALLOCATION STATUS FOR VOLUME V0000{number} IS 0" for number in (2, 3, 4)),
        "0IDC0531I ENTRY A.K.DATA ALTERED",
    ]
    printed = console.messages("ALTER A.K ADDVOLUMES(V00002)")
    assert printed[0] == "0IDC3190I 'ADDVOLUMES' PARAMETER INVALID WITH ENTRY TYPE"


def test_a_group_may_hold_more_from_the_next_generation_on(console):
    """Golden transcript T18."""
    console.run("DEFINE GDG(NAME(IBMUSER.JCLLAB12.GDG) LIMIT(2) SCRATCH)")
    base = "IBMUSER.JCLLAB12.GDG"

    def generation():
        name = console.system.generations.group(base).relative(1)
        console.system.allocate(name, DataSetAttributes("FB", 80))
        return len(console.system.generations.group(base).active)

    assert [generation(), generation()] == [1, 2]
    assert console.messages(f"ALTER {base} -\nLIMIT(5)") == [
        "0IDC0531I ENTRY IBMUSER.JCLLAB12.GDG ALTERED",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0",
    ]
    assert generation() == 3
    console.run(f"ALTER {base} LIMIT(3) EMPTY NOSCRATCH FIFO PURGE")
    assert len(console.system.generations.group(base).active) == 3
    assert generation() == 1
    entry = console.system.entry(base)
    assert (entry.empty, entry.scratch, entry.fifo, entry.purge) == (True, False, True, True)


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("SCRATCH", "0IDC0550I ENTRY (H) {} DELETED"),
        ("NOSCRATCH", "0KSD309I ENTRY (H) {} ROLLED OFF"),
        ("SCRATCH EMPTY", "0IDC0550I ENTRY (H) {} DELETED"),
    ],
)
def test_the_oldest_generations_above_a_lower_limit_roll_off_at_once(console, how, line):
    """Access Method Services Commands, ALTER, LIMIT: rolled off until the new limit is satisfied, and listed."""
    console.run(f"DEFINE GDG(NAME(A.G) LIMIT(5) {how})")
    names = [f"A.G.G{number:04}V00" for number in range(1, 6)]
    for name in names:
        console.sequential(name, [])
    with console.system.sequential(names[1]):  # in use: it is not scratched, as when a new generation rolls in
        printed = console.messages("ALTER A.G LIMIT(2)")
    lines = [line.format(name) for name in names[:3]]
    lines[1] = f"0KSD309I ENTRY (H) {names[1]} ROLLED OFF"
    assert printed[:4] == [*lines, "0IDC0531I ENTRY A.G ALTERED"]
    assert [entry.name for entry in console.system.generations.group("A.G").active] == names[3:]
    assert console.system.exists(names[0]) == (how == "NOSCRATCH")
    assert console.system.entry("A.G").limit == 2


def test_a_limit_above_255_needs_an_extended_group(console):
    console.run("DEFINE GDG(NAME(A.G) LIMIT(2))")
    assert altered(console, "ALTER A.G LIMIT(256)") == "IDC3221I CONSTANT '256' NOT WITHIN VALUE RANGE"


def test_a_deferred_generation_is_rolled_in(console):
    console.run("DEFINE GDG(NAME(A.G) LIMIT(2))")
    console.system.allocate("A.G.G0001V00", DataSetAttributes("FB", 80), deferred=True)
    assert altered(console, "ALTER A.G.G0001V00 ROLLIN") == "IDC0531I ENTRY A.G.G0001V00 ALTERED"
    assert console.system.entry("A.G.G0001V00").status is Status.ACTIVE


def test_a_name_moves_a_data_set_into_a_group_and_out(console):
    console.run("DEFINE GDG(NAME(A.G) LIMIT(2))")
    console.sequential("A.B", [])
    console.run("ALTER A.B NEWNAME(A.G.G0001V00)")
    assert len(console.system.generations.group("A.G").active) == 1
    console.run("ALTER A.G.G0001V00 NEWNAME(A.B)")
    assert console.system.entry("A.B").status is Status.CATALOGUED
    assert console.system.generations.group("A.G").active == ()


def test_a_member_gets_another_name(console):
    console.system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
    for member in ("ONE", "TWO"):
        console.system.sequential(f"A.LIB({member})", "w").close()
    assert altered(console, "ALTER A.LIB(ONE) NEWNAME(A.LIB(THREE))") == "IDC0535I MEMBER ONE RENAMED"
    messages = console.messages("ALTER A.LIB(ONE) NEWNAME(A.LIB(FOUR))")
    assert messages[1:3] == [" IDC3330I ** ONE      NOT FOUND", " IDC0534I **MEMBER ONE NOT RENAMED"]
    assert " IDC3331I ** THREE    ALREADY EXISTS" in console.messages("ALTER A.LIB(TWO) NEWNAME(A.LIB(THREE))")
    assert altered(console, "ALTER A.LIB(TWO) NEWNAME(A.NEW)").startswith("IDC3527I")


@pytest.fixture
def indexed(console):
    console.run(KSDS)
    records(console)
    console.run(
        "DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(2 2) RECSZ(50 200))\n"
        "BLDINDEX IDS(A.K) ODS(A.X)\nDEFINE PATH(NAME(A.P) PATHENTRY(A.X))"
    )
    assert len(console.records("A.P")) == 3
    return console


def test_what_is_over_a_cluster_follows_its_new_name(indexed):
    indexed.run("ALTER A.K NEWNAME(B.K)\nALTER A.X NEWNAME(B.X)\nALTER A.P NEWNAME(B.P)")
    assert indexed.system.entry("B.X").base == "B.K"
    assert indexed.system.entry("B.P").over == "B.X"
    assert len(indexed.records("B.P")) == 3
    with indexed.system.key_sequenced("B.K", "w") as cluster:
        cluster.insert(b"9999" + b" " * 76)
    assert len(indexed.records("B.P")) == 4
    assert indexed.run("DELETE B.K").max_cc == 0
    assert [entry.name for entry in indexed.system.entries("*.*")] == ["A.IN"]


def test_an_alternate_index_that_is_built_keeps_its_kind(indexed):
    assert altered(indexed, "ALTER A.X NOUPGRADE").startswith("IDC3538I")
    assert indexed.run("ALTER A.P NOUPDATE").max_cc == 0
    assert not indexed.system.entry("A.P").update


def test_an_alternate_index_that_is_empty_changes_its_kind(console):
    console.run(KSDS)
    records(console)
    console.run("DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(2 2) RECSZ(50 200))")
    assert console.run("ALTER A.X UNIQUEKEY NOUPGRADE").max_cc == 0
    alternate = console.system.entry("A.X").alternate
    assert (alternate.unique, alternate.upgrade) == (True, False)


def test_reclaim_of_control_areas_is_turned_off_and_on(console):
    console.run("DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80) CISZ(512))")
    console.run("DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(4 4))")
    records(console, 2000)

    def erased(first):
        with console.system.cluster("A.K", "w") as cluster:
            for number in range(first, first + 600):
                cluster.erase(b"%04d" % number)
            return cluster.statistics.ca_reclaims

    assert altered(console, "ALTER A.K NORECLAIMCA") == "IDC0531I ENTRY A.K ALTERED"
    assert any("CA-RECLAIM----------(NO)" in line for line in console.run("LISTCAT ENT(A.K) ALL").sysprint)
    assert erased(300) == 0
    console.run("ALTER A.K.DATA RECLAIMCA")
    assert not any("CA-RECLAIM" in line for line in console.run("LISTCAT ENT(A.K) CLUSTER ALL").sysprint)
    assert erased(1000) > 0
    console.run("ALTER A.X NORECLAIMCA")
    assert any("CA-RECLAIM----------(NO)" in line for line in console.run("LISTCAT ENT(A.X) ALL").sysprint)


@pytest.mark.parametrize("organization", ["NONINDEXED", "NUMBERED", "LINEAR"])
def test_only_key_sequenced_data_sets_reclaim(console, organization):
    console.run(
        f"DEFINE CLUSTER(NAME(A.E) TRK(1 1) {'' if organization == 'LINEAR' else 'RECSZ(80 80)'} {organization})"
    )
    assert "RECLAIMCA" in altered(console, "ALTER A.E NORECLAIMCA")
    assert console.run("ALTER A.E RECLAIMCA").max_cc == 12
