"""EXPORT and IMPORT: there and back for every organization, what is marked, what is refused; DIAGNOSE."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksds.datasets import DD, DataSetAttributes
from ksds.errors import DataSetError
from ksds.idcams.portable import Exported

RECORDS = [b"%04d" % number + b"x" * (number % 70) for number in range(200)]
KSDS = "DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(40 80) -\nOWNER(ME) FOR(1))"


@pytest.fixture
def portable(console):
    console.system.allocate("A.PORT", DataSetAttributes("VB", 60, 600))
    return console


@pytest.fixture
def loaded(portable):
    portable.run(KSDS)
    with portable.system.key_sequenced("A.K", "w") as cluster:
        cluster.load(RECORDS)
    return portable


def test_a_cluster_goes_and_comes_back(loaded):
    before = loaded.system.entry("A.K")
    assert loaded.messages("EXPORT A.K ODS(A.PORT) PURGE") == [
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 200",
        "0IDC0550I ENTRY (D) A.K.DATA DELETED",
        "0IDC0550I ENTRY (I) A.K.INDEX DELETED",
        "0IDC0550I ENTRY (C) A.K DELETED",
        "0IDC0594I PORTABLE DATA SET CREATED SUCCESSFULLY ON 11/23/26 AT 14:13:41",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0",
    ]
    assert loaded.messages("IMPORT IDS(A.PORT) ODS(A.K)")[:4] == [
        "0IDC0604I DATA SET BEING IMPORTED WAS EXPORTED ON 11/23/26 AT 14:13:41",
        "0IDC0508I DATA ALLOCATION STATUS FOR VOLUME VOL001 IS 0",
        "0IDC0509I INDEX ALLOCATION STATUS FOR VOLUME VOL001 IS 0",
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 200",
    ]
    after = loaded.system.entry("A.K")
    assert (after.definition, after.owner, after.expires) == (before.definition, before.owner, before.expires)
    assert loaded.records("A.K") == RECORDS


@pytest.mark.parametrize("organization", ["NONINDEXED RECSZ(40 80)", "NUMBERED RECSZ(80 80)", "NUMBERED RECSZ(40 80)"])
def test_clusters_without_keys(portable, organization):
    portable.run(f"DEFINE CLUSTER(NAME(A.N) TRK(1 1) {organization})")
    records = [(number, b"%080d" % number) for number in (1, 2, 5, 9)]
    with portable.system.cluster("A.N", "w") as cluster:
        for number, record in records:
            if hasattr(cluster, "append"):
                cluster.append(record)
            else:
                cluster.insert(number, record)
    with portable.system.cluster("A.N") as cluster:
        before = list(cluster.browse())
    assert portable.run("EXPORT A.N ODS(A.PORT)\nIMPORT IDS(A.PORT) ODS(A.N)").max_cc == 0
    with portable.system.cluster("A.N") as cluster:
        assert list(cluster.browse()) == before


def test_a_linear_data_set(portable):
    portable.run("DEFINE CLUSTER(NAME(A.L) TRK(1 1) LINEAR)")
    with portable.system.cluster("A.L", "w") as cluster:
        cluster.append(b"\x11" * 4096)
        cluster.append(b"\x22" * 4096)
    assert portable.run("EXPORT A.L ODS(A.PORT) CIMODE\nIMPORT IDS(A.PORT) ODS(A.L)").max_cc == 0
    with portable.system.cluster("A.L") as cluster:
        assert [data[:1] for _, data in cluster.browse()] == [b"\x11", b"\x22"]


def test_a_temporary_export_keeps_the_source_marked_and_import_replaces_it(loaded):
    loaded.run("EXPORT A.K ODS(A.PORT) TEMPORARY INHIBITSOURCE")
    entry = loaded.system.entry("A.K")
    assert (entry.exported, entry.inhibited) == (True, True)
    assert any("TEMP-EXP" in line for line in loaded.run("LISTCAT ENT(A.K) ALL").sysprint)
    messages = loaded.messages("IMPORT IDS(A.PORT) ODS(A.K) PURGE")
    assert messages[1] == "0IDC0550I ENTRY (D) A.K.DATA DELETED"
    assert messages[4].startswith("0IDC0611I A.K")
    entry = loaded.system.entry("A.K")
    assert (entry.exported, entry.inhibited) == (False, False)
    assert loaded.records("A.K") == RECORDS


def test_an_inhibited_target_is_for_input_only(loaded):
    loaded.run("EXPORT A.K ODS(A.PORT) TEMPORARY INHIBITTARGET\nIMPORT IDS(A.PORT) ODS(A.K) PURGE")
    assert loaded.system.entry("A.K").inhibited
    assert loaded.records("A.K") == RECORDS


def test_objects_give_other_names(loaded):
    loaded.run("EXPORT A.K ODS(A.PORT) TEMP")
    text = (
        "IMPORT IDS(A.PORT) ODS(B.K) -\nOBJECTS((A.K NEWNAME(B.K) OWNER(YOU) VOL(V00002)) -\n"
        "(A.K.DATA NEWNAME(B.D)) (A.K.INDEX NEWNAME(B.I)))"
    )
    assert loaded.run(text).max_cc == 0
    entry = loaded.system.entry("B.K")
    assert (entry.owner, entry.volume) == ("YOU", "V00002")
    assert [component.name for component in entry.components] == ["B.D", "B.I"]
    assert loaded.records("B.K") == RECORDS


def test_paths_over_the_cluster_come_along(loaded):
    loaded.run("DEFINE PATH(NAME(A.P) PATHENTRY(A.K) NOUPDATE)")
    loaded.run("EXPORT A.K ODS(A.PORT) PURGE")
    assert not loaded.system.exists("A.P")
    text = "IMPORT IDS(A.PORT) ODS(A.K) -\nOBJECTS((A.P NEWNAME(A.Q)))"
    assert loaded.run(text).max_cc == 0
    path = loaded.system.entry("A.Q")
    assert (path.over, path.update) == ("A.K", False)
    assert loaded.records("A.Q") == RECORDS


def test_an_empty_cluster_is_filled_only_with_intoempty(loaded):
    loaded.run("EXPORT A.K ODS(A.PORT) PURGE")
    loaded.run(KSDS)
    assert loaded.messages("IMPORT IDS(A.PORT) ODS(A.K)")[1].startswith("0IDC3625I A.K")
    assert loaded.run("IMPORT IDS(A.PORT) ODS(A.K) INTOEMPTY").max_cc == 0
    assert loaded.records("A.K") == RECORDS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("EXPORT A.K ODS(A.PORT)", "IDC3014I CATALOG ERROR"),
        ("EXPORT A.NONE ODS(A.PORT)", "IDC3012I ENTRY A.NONE NOT FOUND"),
        ("EXPORT A.PORT ODS(A.PORT)", "KSD303E NONVSAM A.PORT IS NEITHER A CLUSTER NOR AN ALTERNATE INDEX"),
        ("EXPORT A.K", "IDC3225I REQUIRED (SUB)PARAMETER OF 'EXPORT' IS MISSING"),
        ("EXPORT A.K ODS(A.PORT) DISCONNECT", "IDC3226I INCONSISTENT PARAMETERS INVOLVING 'DISCONNECT'"),
        ("EXPORT A.K ODS(A.PORT) INHS", "IDC3226I INCONSISTENT PARAMETERS INVOLVING 'INHIBITSOURCE'"),
        ("EXPORT A.K ODS(A.FIXED) PURGE", "IDC3300I  ERROR OPENING A.FIXED"),
        ("IMPORT IDS(A.FIXED) ODS(A.K)", "IDC3300I  ERROR OPENING A.FIXED"),
        ("IMPORT IDS(A.PORT)", "IDC3225I REQUIRED (SUB)PARAMETER OF 'IMPORT' IS MISSING"),
        ("IMPORT CONNECT", "IDC3225I REQUIRED (SUB)PARAMETER OF 'CONNECT' IS MISSING"),
        ("IMPORT CONNECT OBJECTS((U.C) X)", "IDC3210I INVALID PARENTHESES FOR SPECIFYING REPEATED SUBPARAMETER LIST"),
    ],
)
def test_what_is_refused_leaves_the_cluster_alone(loaded, text, message):
    loaded.sequential("A.FIXED", [b" " * 80])
    messages = loaded.messages(text)
    assert messages[0] == f"0{message}"
    assert loaded.records("A.K") == RECORDS


def test_a_portable_data_set_without_its_end_defines_nothing(loaded):
    loaded.run("EXPORT A.K ODS(A.PORT) PURGE")
    records = loaded.records("A.PORT")
    with loaded.system.sequential("A.PORT", "w") as target:
        target.append(records[:-1])
    assert loaded.run("IMPORT IDS(A.PORT) ODS(A.K)").max_cc == 12
    assert not loaded.system.exists("A.K")


def test_a_new_portable_data_set_by_dd(loaded):
    dd = DD(name="OUT", data_sets=("A.NEW",), disposition=("NEW", "CATLG", "DELETE"))
    assert loaded.run("EXPORT A.K OUTFILE(OUT) TEMP", OUT=dd).max_cc == 0
    attributes = loaded.system.entry("A.NEW").attributes
    assert (attributes.recfm, attributes.blksize) == ("VB", 2048)


def test_user_catalogs_are_connected_and_disconnected(console):
    messages = console.messages("IMPORT CONNECT OBJECTS((UCAT.A DEVICETYPE(3390) VOLUMES(V1)))")
    assert messages[0] == "0IDC0603I  CONNECT FOR USER CATALOG UCAT.A SUCCESSFUL"
    assert console.system.entry("UCAT.A").volume == "V1"
    assert console.messages("EXPORT UCAT.A DISCONNECT")[0].startswith("0IDC0622I")
    assert not console.system.exists("UCAT.A")


@pytest.mark.fuzz
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_portable_data_set_with_bytes_changed_is_whole_or_refused(console, data):
    system = console.system
    if not system.exists("A.PORT"):
        system.allocate("A.PORT", DataSetAttributes("VB", 60, 600))
        console.run(KSDS)
        with system.key_sequenced("A.K", "w") as cluster:
            cluster.load(RECORDS[:20])
        console.run("EXPORT A.K ODS(A.PORT) TEMP")
        system.allocate("A.BAD", DataSetAttributes("VB", 60, 600))
    records = [bytearray(record) for record in console.records("A.PORT")]
    for _ in range(data.draw(st.integers(1, 3))):
        record = records[data.draw(st.integers(0, len(records) - 1))]
        if record:
            record[data.draw(st.integers(0, len(record) - 1))] ^= data.draw(st.integers(1, 255))
    with system.sequential("A.BAD", "w") as target:
        target.append(bytes(record) for record in records)
    result = console.run("IMPORT IDS(A.BAD) ODS(A.NEW) -\nOBJECTS((A.K NEWNAME(A.NEW)))")
    assert result.max_cc == 12
    assert not system.exists("A.NEW")


# -- control intervals --------------------------------------------------------------------------------------------

ORGANIZATIONS = {
    "KSDS": "KEYS(4 0) RECSZ(40 80) CISZ(512)",
    "spanned KSDS": "KEYS(4 0) RECSZ(40 2000) CISZ(512) SPANNED",
    "ESDS": "NONINDEXED RECSZ(40 80) CISZ(512)",
    "spanned ESDS": "NONINDEXED RECSZ(40 2000) CISZ(512) SPANNED",
    "RRDS": "NUMBERED RECSZ(80 80) CISZ(512)",
    "VRRDS": "NUMBERED RECSZ(40 80) CISZ(512)",
    "LDS": "LINEAR",
}


def fill(cluster, kind):
    """Records in an order that splits a keyed cluster, some of them long where they may span."""
    long = 1900 if "spanned" in kind else 70
    for number in (*range(1, 90, 2), *range(2, 90, 4)):
        record = b"%04d" % number + b"x" * (long if number % 9 == 0 else number % 70)
        if kind == "LDS":
            cluster.append(record.ljust(4096, b"."))
        elif "RRDS" in kind:
            cluster.insert(number, record if kind == "VRRDS" else record.ljust(80, b"."))
        elif "KSDS" in kind:
            cluster.insert(record)
        else:
            cluster.append(record)


def content(console, name):
    with console.system.cluster(name) as cluster:
        assert cluster.verify() == []
        return list(cluster.browse())


@pytest.mark.parametrize("kind", ORGANIZATIONS)
def test_control_intervals_bring_back_every_record_under_its_key_or_address(console, kind):
    portable = console
    portable.system.allocate("A.PORT", DataSetAttributes("VB", 2044, 2048))
    portable.run(f"DEFINE CLUSTER(NAME(A.N) TRK(5 5) -\n{ORGANIZATIONS[kind]})")
    with portable.system.cluster("A.N", "w") as cluster:
        fill(cluster, kind)
    before = content(portable, "A.N")
    assert portable.run("EXPORT A.N ODS(A.PORT) CIMODE").max_cc == 0
    assert Exported.open(portable.system, "A.PORT").stamp.intervals
    assert portable.run("IMPORT IDS(A.PORT) ODS(A.N)").max_cc == 0
    assert content(portable, "A.N") == before


def test_an_entry_sequenced_cluster_with_an_alternate_index_is_exported_by_record(portable):
    """Access Method Services Commands, EXPORT, CIMODE: logical records are processed, and a warning is issued."""
    portable.run("DEFINE CLUSTER(NAME(A.E) TRK(1 1) NIXD RECSZ(6 6))")
    with portable.system.cluster("A.E", "w") as cluster:
        cluster.append(b"000001")
    portable.run("DEFINE AIX(NAME(A.X) RELATE(A.E) TRK(1 1) KEYS(2 2) RECSZ(40 400))\nBLDINDEX IDS(A.E) ODS(A.X)")
    result = portable.run("EXPORT A.E ODS(A.PORT) CIMODE TEMPORARY")
    assert result.max_cc == 4
    assert "0KSD308W CIMODE NOT USED: A.E IS ENTRY-SEQUENCED AND HAS AN ALTERNATE INDEX" in result.sysprint
    assert not Exported.open(portable.system, "A.PORT").stamp.intervals
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1" in result.sysprint


def test_an_empty_cluster_has_no_control_intervals(portable):
    portable.run(KSDS)
    assert portable.run("EXPORT A.K ODS(A.PORT) PURGE CIMODE\nIMPORT IDS(A.PORT) ODS(A.K)").max_cc == 0
    with portable.system.cluster("A.K") as cluster:
        assert not cluster.data.used


# -- alternate indexes --------------------------------------------------------------------------------------------


@pytest.fixture
def indexed(loaded):
    loaded.run(
        "DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(2 2) -\nRECSZ(40 400) OWNER(HER))\n"
        "BLDINDEX IDS(A.K) ODS(A.X)\nDEFINE PATH(NAME(A.P) PATHENTRY(A.X))"
    )
    return loaded


@pytest.mark.parametrize("mode", ["RECORDMODE", "CIMODE"])
def test_an_alternate_index_goes_and_comes_back_with_its_path(indexed, mode):
    before, by_key = indexed.records("A.X"), indexed.records("A.P")
    printed = indexed.messages(f"EXPORT A.X ODS(A.PORT) {mode}")
    assert [line[:28] for line in printed[1:5]] == [
        "0IDC0550I ENTRY (R) A.P DELE",
        "0IDC0550I ENTRY (D) A.X.DATA",
        "0IDC0550I ENTRY (I) A.X.INDE",
        "0IDC0550I ENTRY (G) A.X DELE",
    ]
    assert indexed.system.entry("A.K").associations == ()
    assert indexed.run("IMPORT IDS(A.PORT) ODS(A.X)").max_cc == 0
    assert (indexed.records("A.X"), indexed.records("A.P")) == (before, by_key)
    assert (indexed.system.entry("A.X").owner, indexed.system.entry("A.X").base) == ("HER", "A.K")
    with indexed.system.key_sequenced("A.K", "w") as base:
        base.insert(b"999900")
    assert b"999900" in indexed.records("A.P")


def test_an_alternate_index_that_was_exported_for_a_while_is_replaced(indexed):
    before = indexed.records("A.X")
    indexed.run("EXPORT A.X ODS(A.PORT) TEMPORARY")
    assert indexed.system.entry("A.X").exported
    printed = indexed.messages("IMPORT IDS(A.PORT) ODS(A.X)")
    assert "0IDC0611I A.X DELETED FROM THE CATALOG, TO BE DEFINED AGAIN" in printed
    assert indexed.records("A.X") == before and not indexed.system.entry("A.X").exported
    assert indexed.system.exists("A.P")


def test_an_empty_alternate_index_takes_the_records_of_one_like_it(indexed):
    before = indexed.records("A.X")
    indexed.run("EXPORT A.X ODS(A.PORT) PERMANENT")
    indexed.run("DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(2 2) KEYS(2 2) RECSZ(40 400))")
    assert indexed.run("IMPORT IDS(A.PORT) ODS(A.X) INTOEMPTY").max_cc == 0
    assert indexed.records("A.X") == before
    indexed.run("DELETE A.X\nDEFINE AIX(NAME(A.X) RELATE(A.K) TRK(2 2) KEYS(2 3) RECSZ(40 400))")
    assert indexed.run("IMPORT IDS(A.PORT) ODS(A.X) INTOEMPTY").max_cc == 12
    with indexed.system.cluster("A.X") as index:
        assert not index.data.used


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        ("DELETE A.K PURGE", "0IDC3012I ENTRY A.K NOT FOUND"),
        (
            "DELETE A.K PURGE\nDEFINE CLUSTER(NAME(A.K) TRK(1) KEYS(5 0) RECSZ(40 80))",
            "0KSD303E A.K HAS OTHER KEYS THAN THE BASE OF WHAT WAS EXPORTED",
        ),
        ("DELETE A.X\nDEFINE CLUSTER(NAME(A.X) TRK(1))", "0IDC3013I DUPLICATE DATA SET NAME"),
    ],
)
def test_an_alternate_index_needs_its_base_and_its_name(indexed, prepare, message):
    indexed.run("EXPORT A.X ODS(A.PORT) TEMPORARY")
    indexed.run(prepare)
    names = [entry.name for entry in indexed.system.entries()]
    assert message in indexed.messages("IMPORT IDS(A.PORT) ODS(A.X)")
    assert [entry.name for entry in indexed.system.entries()] == names


# -- DIAGNOSE ----------------------------------------------------------------------------------------------------


def test_a_sound_catalog(loaded):
    messages = loaded.run("DIAGNOSE ICFCATALOG LIST").sysprint
    assert "0IDC01360I THE FOLLOWING ENTRIES HAD NO ERRORS:" in messages
    assert "           A.K (C)" in messages
    assert loaded.run("DIAGNOSE VVDS").max_cc == 0
    assert "           A.K (C)" in loaded.run("DIAGNOSE VVDS LIST").sysprint
    for text in ("DIAGNOSE VVDS", "DIAGNOSE ICFCATALOG"):
        assert not any("IDC01360I" in line for line in loaded.run(text).sysprint)


def test_a_file_that_is_gone_and_one_that_nobody_knows(loaded):
    folder = loaded.system.folder / "volumes" / "VOL001"
    (port,) = folder.glob("A.PORT.*")
    port.rename(folder / "A.LOST.00000000")
    result = loaded.run("DIAGNOSE ICFCAT")
    assert f"           REASON: FILE {port.name} NOT FOUND" in result.sysprint
    assert "0IDC21363I THE FOLLOWING ENTRIES HAD ERRORS:" in result.sysprint
    assert result.max_cc == 8
    assert "           ENTRY: A.LOST.00000000" in loaded.run("DIAGNOSE VVDS").sysprint


def test_only_whole_portable_data_sets_are_opened(loaded):
    loaded.run("EXPORT A.K ODS(A.PORT) TEMP")
    found = Exported.open(loaded.system, "A.PORT")
    assert (found.count, found.stamp.inhibit, found.exported.name) == (200, False, "A.K")
    with pytest.raises(DataSetError):
        Exported.open(loaded.system, "A.K")
