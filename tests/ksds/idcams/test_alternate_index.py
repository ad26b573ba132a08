"""Alternate indexes and paths as IDCAMS makes, builds, lists, reads and deletes them."""

from __future__ import annotations

import os

import pytest

from ksds.catalog import associations
from ksds.catalog.entries import ClusterEntry
from ksds.cluster.path import Path
from ksds.cluster.sphere import Sphere
from ksds.datasets import DD
from ksds.errors import DuplicateKey, OpenError
from ksds.idcams import alternate_index
from ksds.layout import aix_record
from ksds.storage.device import FileFolder
from ksds.storage.work_file import WorkFile
from tests.ksds.idcams.conftest import Console

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
PEOPLE = {
    "0001": ("SMITH", "NYC"),
    "0002": ("JONES", "LON"),
    "0003": ("SMITH", "LON"),
    "0004": ("DOE", "ROM"),
    "0005": ("SMITH", "NYC"),
}


def person(number: str, name: str, city: str) -> bytes:
    """Number 4, name 8, city 3, then 25 blanks: 40 bytes."""
    return f"{number}{name:<8}{city:<3}".ljust(40).encode("cp037")


def text(records: list[bytes]) -> list[str]:
    return [record.decode("cp037").rstrip() for record in records]


def path_of(console: Console, name: str, mode: str = "w") -> Path:
    found = console.system.cluster(name, mode)
    assert isinstance(found, Path)
    return found


CLUSTER = (
    "DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(4 0) RECSZ(40 80) CISZ(512)) -\n  DATA(NAME(A.B.D)) INDEX(NAME(A.B.I))"
)
BY_NAME = (
    "DEFINE AIX(NAME(A.NAME) RELATE(A.B) TRK(1 1) KEYS(8 4) -\n"
    "  RECSZ(40 1000) CISZ(512) NONUNIQUEKEY UPGRADE) -\n"
    "  DATA(NAME(A.NAME.D)) INDEX(NAME(A.NAME.I))"
)
PATH = "DEFINE PATH(NAME(A.PATH) PATHENTRY(A.NAME))"
BUILD = "BLDINDEX INDATASET(A.B) OUTDATASET(A.NAME)"


@pytest.fixture
def loaded(console: Console) -> Console:
    """A.B holds the people; nothing is over it."""
    assert console.run(CLUSTER).max_cc == 0
    with console.system.key_sequenced("A.B", "w") as cluster:
        cluster.load(person(number, *rest) for number, rest in PEOPLE.items())
    return console


@pytest.fixture
def built(loaded: Console) -> Console:
    """A.B with the alternate index A.NAME, built, and the path A.PATH."""
    assert loaded.run("\n".join((BY_NAME, PATH, BUILD))).max_cc == 0
    return loaded


def names_of(console: Console) -> dict[str, list[str]]:
    """What the alternate index says: name -> prime keys in order of arrival."""
    found = {}
    for record in console.records("A.NAME"):
        parsed = aix_record.parse(record)
        found[parsed.key.decode("cp037").rstrip()] = [pointer.decode("cp037") for pointer in parsed.pointers]
    return found


ALL_NAMES = {"DOE": ["0004"], "JONES": ["0002"], "SMITH": ["0001", "0003", "0005"]}

# -- defining and building ------------------------------------------------------------------------------


def test_an_index_is_defined_built_and_read_through_a_path(loaded: Console) -> None:
    assert loaded.messages("\n".join((BY_NAME, PATH, BUILD))) == [
        "0IDC0508I DATA ALLOCATION STATUS FOR VOLUME VOL001 IS 0",
        "0IDC0509I INDEX ALLOCATION STATUS FOR VOLUME VOL001 IS 0",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
        "0IDC0652I A.NAME SUCCESSFULLY BUILT",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0",
    ]
    assert names_of(loaded) == ALL_NAMES
    assert text(loaded.records("A.PATH")) == [
        "0004DOE     ROM",
        "0002JONES   LON",
        "0001SMITH   NYC",
        "0003SMITH   LON",
        "0005SMITH   NYC",
    ]


def test_names_of_components_are_made_up(loaded: Console) -> None:
    found = loaded.messages("DEFINE AIX(NAME(A.NAME) RELATE(A.B) TRK(1 1) KEYS(8 4))")
    assert "0IDC0512I NAME GENERATED-(D) A.NAME.DATA" in found
    assert "0IDC0512I NAME GENERATED-(I) A.NAME.INDEX" in found


def test_golden_fact_20_records_of_a_built_index(console: Console) -> None:
    """Alternate key of 2, three prime keys of 9: 34 bytes. Three RBAs: 19."""
    console.run(
        "DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(9 0) RECSZ(20 20))\n"
        "DEFINE CLUSTER(NAME(A.E) NONINDEXED TRK(1 1) RECSZ(20 20))\n"
        "DEFINE AIX(NAME(A.K.AIX) RELATE(A.K) TRK(1 1) KEYS(2 9))\n"
        "DEFINE AIX(NAME(A.E.AIX) RELATE(A.E) TRK(1 1) KEYS(2 9))"
    )
    students = [f"{number:09}TX".ljust(20).encode("cp037") for number in (1, 2, 3)]
    with console.system.key_sequenced("A.K", "w") as keyed, console.system.entry_sequenced("A.E", "w") as entries:
        keyed.load(students)
        for student in students:
            entries.append(student)
    assert console.run("BLDINDEX IDS(A.K) ODS(A.K.AIX)\nBIX IDS(A.E) ODS(A.E.AIX)").max_cc == 0

    assert [len(record) for record in console.records("A.K.AIX")] == [34]
    assert [len(record) for record in console.records("A.E.AIX")] == [19]


def test_a_unique_index_keeps_the_first_record_of_a_key(loaded: Console) -> None:
    loaded.run(BY_NAME.replace("NONUNIQUEKEY", "UNIQUEKEY"))
    result = loaded.run(BUILD)

    smith = b"SMITH   ".decode().encode("cp037").hex().upper()
    at = result.sysprint.index(f"0IDC1645I NONUNIQUE AIX KEY {smith}")
    assert result.sysprint[at + 1] == f" {'':9}PRIME KEY IS F0F0F0F3"
    assert "0IDC1653I A.NAME BUILT WITH ERRORS" in result.sysprint
    assert result.max_cc == 4
    assert names_of(loaded)["SMITH"] == ["0001"]


def test_a_record_takes_as_many_pointers_as_fit(loaded: Console) -> None:
    loaded.run(BY_NAME.replace("RECSZ(40 1000)", "RECSZ(20 21)"))
    result = loaded.run(BUILD)

    smith = "SMITH   ".encode("cp037").hex().upper()
    assert f"0IDC1646I 1 EXCESS PRIME KEY VALUES FOR AIX KEY {smith}" in result.sysprint
    assert result.max_cc == 4
    assert names_of(loaded)["SMITH"] == ["0001", "0003"]


def test_a_record_without_the_alternate_key_is_left_out(console: Console) -> None:
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(4 0) RECSZ(10 80))\n" + BY_NAME)
    with console.system.key_sequenced("A.B", "w") as cluster:
        cluster.load([b"0000 too", person("0001", "SMITH", "NYC")])
    result = console.run(BUILD)

    assert "0IDC1644I ALTERNATE INDEX KEY NOT IN BASE RECORD 30303030" in result.sysprint
    assert result.max_cc == 4
    assert names_of(console) == {"SMITH": ["0001"]}


def test_several_indexes_are_built_by_one_command_through_dds(loaded: Console) -> None:
    city = "DEFINE AIX(NAME(A.CITY) RELATE(A.B) TRK(1 1) KEYS(3 12))"
    dds = {"ONE": DD(name="ONE", data_sets=("A.NAME",)), "TWO": DD(name="TWO", data_sets=("A.CITY",))}
    result = loaded.run(
        f"{BY_NAME}\n{city}\nBLDINDEX INFILE(BASE) OUTFILE(ONE TWO) -\n EXTERNALSORT WORKFILES(W1 W2)",
        BASE=DD(name="BASE", data_sets=("A.B",)),
        **dds,
    )

    assert "0IDC0652I A.NAME SUCCESSFULLY BUILT" in result.sysprint
    assert "0IDC0652I A.CITY SUCCESSFULLY BUILT" in result.sysprint
    assert result.max_cc == 0


def test_an_empty_base_has_nothing_to_build_from(console: Console) -> None:
    console.run(CLUSTER + "\n" + BY_NAME)
    assert console.messages(BUILD)[:3] == [
        "0IDC3643I A.B IS EMPTY",
        "0IDC2654I A.NAME WAS NOT BUILT",
        "0IDC3003I FUNCTION TERMINATED. CONDITION CODE IS 12",
    ]


def test_an_index_is_built_again_only_if_it_is_reusable(built: Console) -> None:
    refused = built.messages(BUILD)
    assert refused[:2] == ["0IDC3300I  ERROR OPENING A.NAME", " IDC3351I ** VSAM OPEN RETURN CODE IS 232"]
    assert "0IDC2654I A.NAME WAS NOT BUILT" in refused
    assert names_of(built) == ALL_NAMES

    built.run("DELETE A.NAME\n" + BY_NAME.replace("UPGRADE)", "UPGRADE REUSE)") + "\n" + BUILD)
    assert built.run(BUILD).max_cc == 0
    assert names_of(built) == ALL_NAMES


def test_only_an_index_of_this_base_can_be_built_from_it(built: Console) -> None:
    built.run(CLUSTER.replace("A.B", "A.C"))
    assert " KSD304E ** A.NAME IS NOT AN ALTERNATE INDEX OF A.C" in built.messages("BIX IDS(A.C) ODS(A.NAME)")
    assert " KSD304E ** A.B IS NOT AN ALTERNATE INDEX OF A.B" in built.messages("BIX IDS(A.B) ODS(A.B)")
    assert names_of(built) == ALL_NAMES


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("NUMBERED TRK(1 1) RECSZ(40 40)", "IS NOT A KEY-SEQUENCED OR ENTRY-SEQUENCED CLUSTER"),
        ("LINEAR TRK(1 1)", "IS NOT A KEY-SEQUENCED OR ENTRY-SEQUENCED CLUSTER"),
        ("TRK(1 1) KEYS(4 0) RECSZ(40 40) REUSE", "IS REUSABLE AND CANNOT HAVE AN ALTERNATE INDEX"),
    ],
)
def test_not_every_cluster_can_have_an_alternate_index(console: Console, base: str, why: str) -> None:
    console.run(f"DEFINE CLUSTER(NAME(A.B) {base})")
    assert f" KSD304E ** A.B {why}" in console.messages(BY_NAME)
    assert not console.system.exists("A.NAME")


def test_an_alternate_key_must_lie_in_the_record(loaded: Console) -> None:
    found = loaded.messages(BY_NAME.replace("KEYS(8 4)", "KEYS(8 75)"))
    assert "0IDC3226I INCONSISTENT PARAMETERS INVOLVING 'KEYS(8 75)'" in found
    assert loaded.messages(BY_NAME.replace("A.B)", "A.X)"))[0] == "0IDC3012I ENTRY A.X NOT FOUND"
    assert not loaded.system.exists("A.NAME")


def test_a_record_must_hold_one_pointer(loaded: Console) -> None:
    found = loaded.messages(BY_NAME.replace("RECSZ(40 1000)", "RECSZ(16 16)"))
    assert found[:2] == [
        "0IDC3226I INCONSISTENT PARAMETERS INVOLVING 'RECORDSIZE(16 16)'",
        " KSD304E ** A RECORD WITH ONE POINTER HAS 17 BYTES",
    ]
    assert loaded.run(BY_NAME.replace("RECSZ(40 1000)", "RECSZ(17 17)")).max_cc == 0


def test_a_name_that_is_taken_leaves_nothing_behind(loaded: Console) -> None:
    taken = BY_NAME.replace("A.NAME.D", "A.B.I")
    assert loaded.messages(taken)[0] == "0IDC3013I DUPLICATE DATA SET NAME"
    assert loaded.run("\n".join((BY_NAME, BUILD))).max_cc == 0
    assert names_of(loaded) == ALL_NAMES


def test_a_path_needs_something_under_it(built: Console) -> None:
    assert built.messages("DEFINE PATH(NAME(A.P2) PATHENTRY(A.NONE))")[0] == "0IDC3012I ENTRY A.NONE NOT FOUND"
    found = built.messages("DEFINE PATH(NAME(A.P2) PATHENTRY(A.PATH))")
    assert " KSD304E ** A.PATH IS NEITHER A CLUSTER NOR AN ALTERNATE INDEX" in found
    assert built.messages(PATH)[0] == "0IDC3013I DUPLICATE DATA SET NAME"


def test_a_path_over_an_index_that_was_never_built_does_not_open(loaded: Console) -> None:
    loaded.run(f"{BY_NAME}\n{PATH}")
    with pytest.raises(OpenError) as error:
        loaded.system.cluster("A.PATH")
    assert error.value.feedback == 196
    assert " IDC3351I ** VSAM OPEN RETURN CODE IS 196" in loaded.messages("PRINT IDS(A.PATH)")


# -- reading and writing --------------------------------------------------------------------------------


def test_print_shows_a_path_by_its_alternate_key_and_an_index_as_a_ksds(built: Console) -> None:
    through = built.run("PRINT IDS(A.PATH) CHARACTER FROMKEY(JONES) TOKEY(S)").sysprint
    assert [line.rstrip() for line in through if "KEY OF RECORD" in line] == [
        "0KEY OF RECORD - JONES",
        *["0KEY OF RECORD - SMITH"] * 3,
    ]
    index = built.run("PRINT IDS(A.NAME) HEX COUNT(1)").sysprint
    assert any(line.startswith("0KEY OF RECORD - C4D6C5") for line in index)
    assert any(line.startswith(" 010400010" + "8C4D6C5") for line in index)


def test_repro_reads_and_writes_through_a_path(built: Console) -> None:
    built.sequential("A.OUT", [], lrecl=40)
    assert built.run("REPRO IDS(A.PATH) ODS(A.OUT)").max_cc == 0
    assert text(built.records("A.OUT"))[0] == "0004DOE     ROM"

    built.sequential("A.IN", [person("0007", "ADAMS", "OSL"), person("0001", "TWICE", "OSL")], lrecl=40)
    found = built.messages("REPRO IDS(A.IN) ODS(A.PATH)")
    assert found[:2] == ["0IDC3302I  ACTION ERROR ON A.PATH", " IDC3308I ** DUPLICATE RECORD F0F0F0F1"]
    assert text(built.records("A.B"))[-1] == "0007ADAMS   OSL"
    assert names_of(built) == {"ADAMS": ["0007"], **ALL_NAMES}
    assert " IDC3326I ** REPLACE INVALID FOR OUTPUT THROUGH A PATH" in built.messages(
        "REPRO IDS(A.IN) ODS(A.PATH) REPLACE"
    )


def test_repro_reports_what_the_upgrade_set_refuses(loaded: Console) -> None:
    loaded.run("DELETE A.B\n" + CLUSTER)
    with loaded.system.key_sequenced("A.B", "w") as cluster:
        cluster.load([person("0001", "SMITH", "NYC")])
    loaded.run(BY_NAME.replace("NONUNIQUEKEY", "UNIQUEKEY") + "\n" + BUILD)
    loaded.sequential("A.IN", [person("0002", "SMITH", "LON"), person("0003", "DOE", "LON")], lrecl=40)

    found = loaded.messages("REPRO IDS(A.IN) ODS(A.B)")
    assert found[:2] == [
        "0IDC3302I  ACTION ERROR ON A.B",
        " IDC3327I ** DUPLICATE RECORD IN UPGRADE SET - BASE RECORD F0F0F0F2",
    ]
    assert text(loaded.records("A.B")) == ["0001SMITH   NYC", "0003DOE     LON"]
    assert names_of(loaded) == {"DOE": ["0003"], "SMITH": ["0001"]}


def test_verify_and_examine_take_an_index_and_a_path(built: Console) -> None:
    assert built.run("VERIFY DATASET(A.NAME)\nVERIFY DATASET(A.PATH)\nEXAMINE NAME(A.NAME) ITEST DTEST").max_cc == 0


# -- deleting -------------------------------------------------------------------------------------------


def test_deleting_a_cluster_takes_everything_over_it(built: Console) -> None:
    assert built.messages("DELETE A.B")[:-2] == [
        "0IDC0550I ENTRY (R) A.PATH DELETED",
        "0IDC0550I ENTRY (D) A.NAME.D DELETED",
        "0IDC0550I ENTRY (I) A.NAME.I DELETED",
        "0IDC0550I ENTRY (G) A.NAME DELETED",
        "0IDC0550I ENTRY (D) A.B.D DELETED",
        "0IDC0550I ENTRY (I) A.B.I DELETED",
        "0IDC0550I ENTRY (C) A.B DELETED",
    ]
    assert built.system.entries() == []
    assert list((built.system.folder / "volumes" / "VOL001").iterdir()) == []


def test_deleting_an_index_takes_its_paths_and_files(built: Console) -> None:
    assert built.messages("DELETE A.NAME ALTERNATEINDEX")[:-2] == [
        "0IDC0550I ENTRY (R) A.PATH DELETED",
        "0IDC0550I ENTRY (D) A.NAME.D DELETED",
        "0IDC0550I ENTRY (I) A.NAME.I DELETED",
        "0IDC0550I ENTRY (G) A.NAME DELETED",
    ]
    assert [entry.name for entry in built.system.entries()] == ["A.B", "A.B.D", "A.B.I"]
    assert not [path for path in (built.system.folder / "volumes" / "VOL001").iterdir() if ".m1." in path.name]
    with built.system.key_sequenced("A.B", "w") as cluster:
        cluster.insert(person("0009", "NEW", "OSL"))
    assert len(built.records("A.B")) == 6


def test_deleting_a_path_leaves_the_rest(built: Console) -> None:
    assert built.messages("DELETE A.PATH PATH")[0] == "0IDC0550I ENTRY (R) A.PATH DELETED"
    assert names_of(built) == ALL_NAMES
    assert built.run("LISTCAT ENTRIES(A.NAME) ALL").max_cc == 0
    assert built.messages("DELETE A.NAME PATH")[0] == "0IDC3012I ENTRY A.NAME NOT FOUND"


def test_a_generic_name_deletes_nothing_twice(built: Console) -> None:
    found = built.messages("DELETE A.** MASK")
    assert len([line for line in found if "IDC0550I" in line]) == 7
    assert found[-1].endswith("CODE WAS 0")


def test_what_is_in_use_is_not_deleted(built: Console) -> None:
    with built.system.cluster("A.PATH"):
        assert built.run("DELETE A.NAME").max_cc == 8
        assert built.run("DELETE A.B").max_cc == 8
    assert names_of(built) == ALL_NAMES


# -- other names and attributes ---------------------------------------------------------------------------


def test_everything_over_a_cluster_follows_it_to_its_new_name(built: Console) -> None:
    names = (("A.B", "B.NEW"), ("A.NAME", "B.NAMES"), ("A.PATH", "B.PATH"))
    assert built.run("\n".join(f"ALTER {old} NEWNAME({new})" for old, new in names)).max_cc == 0
    with path_of(built, "B.PATH") as path:
        path.insert(person("0000", "ZOE", "NYC"))
    assert text(built.records("B.PATH"))[-1] == "0000ZOE     NYC"
    with path_of(built, "B.PATH", "r") as path:
        assert path.verify() == []
    assert len([line for line in built.messages("DELETE B.NEW") if "IDC0550I" in line]) == 7


def test_an_index_is_inhibited_with_its_base(built: Console) -> None:
    built.run("ALTER A.B.D INHIBIT")
    for name in ("A.B", "A.PATH"):
        with pytest.raises(OpenError):
            built.system.cluster(name, "w")
    assert len(built.records("A.PATH")) == 5


def test_keys_altered_before_anything_was_loaded(console: Console) -> None:
    """The pointers of an index are the prime keys that the base has when the index is built."""
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(64 0) RECSZ(80 80))\n" + BY_NAME + "\nALTER A.B.DATA KEYS(4 0)")
    with console.system.key_sequenced("A.B", "w") as cluster:
        key_length = cluster.definition.key_length
        cluster.load([person("0001", "SMITH", "NYC").ljust(80)])
    assert console.run(BUILD).max_cc == 0
    (record,) = console.records("A.NAME")
    assert len(aix_record.parse(record).pointers[0]) == key_length
    assert console.run(PATH).max_cc == 0 and len(console.records("A.PATH")) == 1


def test_keys_altered_beyond_what_an_index_record_holds(console: Console) -> None:
    console.run(
        "DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(64 0) RECSZ(80 80))\n"
        + BY_NAME.replace("RECSZ(40 1000)", "RECSZ(77 77)")
        + "\nALTER A.B.DATA KEYS(70 0)"
    )
    with pytest.raises(OpenError) as error:
        console.system.cluster("A.B", "w")
    assert (error.value.feedback, error.value.data_set) == (160, "A.NAME")
    with console.system.cluster("A.B") as cluster:
        assert cluster.definition.key_length == 70


def test_what_a_crash_during_define_left_is_cleared_by_the_next(loaded: Console) -> None:
    """A member of the sphere that the catalog does not know."""
    entry = loaded.system.entry("A.B")
    assert isinstance(entry, ClusterEntry)
    volume = loaded.system.folder / "volumes" / "VOL001"
    folder = FileFolder(volume)
    assert Sphere.add_member(folder, entry.stem, [512, 512]) == 1
    folder.close()

    assert loaded.run("\n".join((BY_NAME, PATH, BUILD))).max_cc == 0
    assert names_of(loaded) == ALL_NAMES
    assert not [path for path in volume.iterdir() if ".m2." in path.name]


def test_a_path_is_read_beside_a_writer(loaded: Console) -> None:
    """SHAREOPTIONS(2 3): the reader sees what was committed when it opened."""
    loaded.run("\n".join((BY_NAME, PATH, BUILD, "ALTER A.B.D SHAREOPTIONS(2 3)")))
    with path_of(loaded, "A.PATH") as writer:
        writer.insert(person("0009", "ADAMS", "OSL"))
        writer.commit()
        writer.insert(person("0010", "AARON", "OSL"))
        assert text(loaded.records("A.PATH"))[0] == "0009ADAMS   OSL"
    assert text(loaded.records("A.PATH"))[0] == "0010AARON   OSL"


def test_a_path_is_the_same_file_as_its_base(built: Console) -> None:
    identity = built.system.identity
    assert identity("A.PATH") == identity("A.B") == identity("A.B.D")
    assert identity("A.NAME") == identity("A.NAME.D") != identity("A.B")


def test_erase_overwrites_the_data_of_an_index(built: Console) -> None:
    volume = built.system.folder / "volumes" / "VOL001"
    (data,) = volume.glob("*.m1.data")
    seen = data.open("rb")
    assert built.run("DELETE A.NAME ERASE").max_cc == 0
    assert not any(seen.read())
    seen.close()


@pytest.mark.parametrize("mode", ["r", "w"])
def test_a_base_in_use_gets_no_index_and_loses_none(built: Console, mode: str) -> None:
    built.run("ALTER A.B.D SHAREOPTIONS(2 3)")
    second = BY_NAME.replace("A.NAME", "A.MORE")
    with built.system.key_sequenced("A.B", mode) as cluster:
        assert built.run(second).max_cc == 12
        assert built.run("DELETE A.NAME").max_cc == 8
        assert len(list(cluster.browse())) == 5
    assert names_of(built) == ALL_NAMES
    assert built.run(second + "\nDELETE A.NAME").max_cc == 0


# -- listing --------------------------------------------------------------------------------------------

LISTED_INDEX = """
0AIX ----------- A.NAME
      IN-CAT --- CATALOG.TEST
      HISTORY
        DATASET-OWNER-----(NULL)     CREATION--------2026.327
        RELEASE----------------2     EXPIRATION------0000.000
        SMS MANAGED---------(NO)
        CA-RECLAIM---------(YES)
      PROTECTION-PSWD-----(NULL)     RACF----------------(NO)
      ATTRIBUTES
        UPGRADE
      ASSOCIATIONS
        DATA-----A.NAME.D
        INDEX----A.NAME.I
        CLUSTER--A.B
        PATH-----A.PATH
0   DATA ------- A.NAME.D
"""
LISTED_PATH = """
0   PATH ------- A.PATH
      IN-CAT --- CATALOG.TEST
      HISTORY
        DATASET-OWNER-----(NULL)     CREATION--------2026.327
        RELEASE----------------2     EXPIRATION------0000.000
      PROTECTION-PSWD-----(NULL)     RACF----------------(NO)
      ASSOCIATIONS
        AIX------A.NAME
        DATA-----A.NAME.D
        INDEX----A.NAME.I
        DATA-----A.B.D
        INDEX----A.B.I
      ATTRIBUTES
        UPDATE
"""


def test_listcat_shows_an_index_its_components_and_its_path(built: Console) -> None:
    listing = "\n".join(built.run("LISTCAT ENTRIES(A.NAME) ALL").sysprint)
    assert LISTED_INDEX in listing
    assert LISTED_PATH in listing
    for line in (
        "        AIX------A.NAME",
        "        RKP--------------------5     MAXLRECL------------1000     EXCPEXIT----------(NULL)     CI/CA",
        "        AXRKP------------------4\n",
        "        SPANNED       NONUNIQKEY\n",
        "        REC-TOTAL--------------3     ",
    ):
        assert f"\n{line}" in listing


def test_listcat_of_a_cluster_names_what_is_over_it(built: Console) -> None:
    built.run("DEFINE PATH(NAME(A.DIRECT) PATHENTRY(A.B) NOUPDATE)")
    listing = built.run("LISTCAT ENTRIES(A.B) ALL").sysprint
    at = listing.index("       DATA-----A.B.D".rjust(22))
    assert [line.strip() for line in listing[at : at + 4]] == [
        "DATA-----A.B.D",
        "INDEX----A.B.I",
        "AIX------A.NAME",
        "PATH-----A.DIRECT",
    ]
    direct = "\n".join(built.run("LISTCAT ENTRIES(A.DIRECT) ALL").sysprint)
    assert "CLUSTER--A.B" in direct and "NOUPDATE" in direct


def test_listcat_counts_and_filters_types(built: Console) -> None:
    def counted(command: str) -> list[str]:
        lines = built.run(command).sysprint
        return [line.split()[0] for line in lines if line.startswith(" " * 20) and not line.endswith("-0")]

    assert counted("LISTCAT") == ["AIX", "CLUSTER", "DATA", "INDEX", "PATH", "TOTAL"]
    assert counted("LISTCAT AIX PATH") == ["AIX", "PATH", "TOTAL"]


# -- the upgrade set through IDCAMS ---------------------------------------------------------------------


def test_a_base_keeps_only_built_indexes_with_upgrade_up_to_date(built: Console) -> None:
    city = "DEFINE AIX(NAME(A.CITY) RELATE(A.B) TRK(1 1) -\n KEYS(3 12) NOUPGRADE)\nBIX IDS(A.B) ODS(A.CITY)"
    later = "DEFINE AIX(NAME(A.LATER) RELATE(A.B) TRK(1 1) KEYS(3 12))"
    assert built.run(f"{city}\n{later}").max_cc == 0
    with built.system.key_sequenced("A.B", "w") as cluster:
        cluster.insert(person("0006", "SMITH", "OSL"))

    assert names_of(built)["SMITH"] == ["0001", "0003", "0005", "0006"]
    assert len(built.records("A.CITY")) == 3
    with built.system.key_sequenced("A.LATER") as never_built:
        assert len(never_built) == 0


def test_macrf_aix_opens_the_index_of_a_path_itself(built: Console) -> None:
    with built.system.acb("A.PATH", "KEY,AIX") as acb:
        assert aix_record.parse(acb.rpl("KEY,SEQ").get()).key == "DOE".ljust(8).encode("cp037")
    with built.system.acb("A.PATH", "KEY,DIR,NRM") as acb:
        rpl = acb.rpl("KEY,DIR", arg="SMITH".ljust(8).encode("cp037"))
        rpl.get()
        assert rpl.showcb("AIXPC", "RECLEN") == {"AIXPC": 3, "RECLEN": 40}
    with built.system.acb("A.PATH", "KEY,NRM") as acb:
        assert acb.rpl("KEY,SEQ").get() == person("0004", *PEOPLE["0004"])


def test_an_upgrade_index_that_was_never_built_is_told_at_open(built: Console) -> None:
    """ACBERFLG 100 and R15 = 4 (IEC161I return code 039): the base opens, the index is not kept up to date."""
    later = "DEFINE AIX(NAME(A.LATER) RELATE(A.B) TRK(1 1) KEYS(3 12))\nDEFINE PATH(NAME(A.BASE) PENT(A.B))"
    assert built.run(later).max_cc == 0
    for name, macrf, expected in (
        *[("A.B", "KEY,OUT", (4, 100)), ("A.B", "KEY,IN", (0, 0)), ("A.BASE", "KEY,OUT", (4, 100))],
        *[("A.PATH", "KEY,OUT", (4, 100)), ("A.NAME", "KEY,IN", (0, 0))],
    ):
        with built.system.acb(name, macrf) as acb:
            assert (acb.opened.return_code, acb.showcb("ERROR")["ERROR"]) == expected
            assert ("A.LATER" in acb.opened.message) is (expected[1] == 100)
    built.sequential("A.IN", [person("0009", "ROE", "OSL")], lrecl=40)
    assert built.messages("REPRO IDS(A.IN) ODS(A.B)")[:4] == [
        " IDC3351I ** VSAM OPEN RETURN CODE IS 100",
        " KSD304E ** A.LATER WAS NEVER BUILT AND IS NOT KEPT UP TO DATE",
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
    ]


def test_noupdate_leaves_the_upgrade_set_alone(built: Console) -> None:
    built.run("DEFINE PATH(NAME(A.ASIDE) PATHENTRY(A.B) NOUPDATE)\nDEFINE PATH(NAME(A.P2) PENT(A.NAME) NUPD)")
    with built.system.key_sequenced("A.ASIDE", "w") as cluster:
        cluster.insert(person("0006", "SMITH", "OSL"))
    with path_of(built, "A.P2") as path:
        path.insert(person("0007", "SMITH", "OSL"))

    assert len(built.records("A.B")) == 7
    assert names_of(built) == ALL_NAMES


def test_a_unique_upgrade_index_refuses_a_second_record(loaded: Console) -> None:
    loaded.run("DELETE A.B\n" + CLUSTER)
    with loaded.system.key_sequenced("A.B", "w") as cluster:
        cluster.load([person("0001", "SMITH", "NYC")])
    loaded.run(BY_NAME.replace("NONUNIQUEKEY", "UNIQUEKEY") + "\n" + BUILD)
    with loaded.system.key_sequenced("A.B", "w") as cluster:
        with pytest.raises(DuplicateKey) as refused:
            cluster.insert(person("0002", "SMITH", "LON"))
        assert (refused.value.feedback, refused.value.component_code) == (8, 4)
        assert refused.value.data_set == "A.NAME"
    assert text(loaded.records("A.B")) == ["0001SMITH   NYC"]


def test_more_alternate_indexes_than_small_headers_of_the_journal_hold(
    loaded: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the 29th ended in a ValueError. `KSDS_TEST_SCALE` 8 defines all 255."""
    count = min(255, max(32, round(32 * SCALE)))
    monkeypatch.setattr(associations, "MOST_INDEXES", count)
    names = [f"A.LONG.NAME.OF.ALTER.INDEX.NUMBER.X{number:03}.A" for number in range(count)]
    define = "DEFINE AIX(NAME({}) -\n RELATE(A.B) TRK(1 1) KEYS(3 12) RECSZ(40 1000) CISZ(512))"
    result = loaded.run("\n".join([*map(define.format, names), define.format("A.ONE.TOO.MANY")]))
    assert result.max_cc == 12
    assert any(f"A.B HAS {count} ALTERNATE INDEXES, THE MOST THERE CAN BE" in line for line in result.sysprint)
    assert loaded.run(f"BLDINDEX INDATASET(A.B) -\n OUTDATASET({names[-1]})").max_cc == 0
    with loaded.system.cluster("A.B", "w") as cluster:
        cluster.insert(person("0009", "SMITH", "OSL"))
    listing = "\n".join(loaded.run("LISTCAT ENTRIES(A.B) ALL").sysprint)
    assert all(name in listing for name in names)
    with loaded.system.key_sequenced(names[-1]) as index:
        assert "OSL" in [aix_record.parse(record).key.decode("cp037") for record in index.browse()]
    assert loaded.run("DELETE A.B CLUSTER").max_cc == 0
    assert loaded.system.entries("A.**") == []


@pytest.mark.parametrize("unique", [True, False])
def test_an_index_too_large_for_memory_is_the_same(
    console: Console, monkeypatch: pytest.MonkeyPatch, unique: bool
) -> None:
    """EXTERNALSORT with room for next to nothing, against INTERNALSORT: the same records, the same report."""
    monkeypatch.setitem(alternate_index._SORT_BYTES, "EXTERNALSORT", 1)
    spilled: list[int] = []
    spill = WorkFile.spill
    monkeypatch.setattr(WorkFile, "spill", lambda work, rows: spilled.append(len(rows)) or spill(work, rows))
    assert console.run(CLUSTER).max_cc == 0
    with console.system.key_sequenced("A.B", "w") as cluster:
        cluster.load(person(f"{number:04}", f"N{number * 7919 % 5000}", "NYC") for number in range(9_999))
    define = "DEFINE AIX(NAME({}) RELATE(A.B) TRK(9 9) -\nKEYS(8 4) RECSZ(60 60) {})\nBIX IDS(A.B) ODS({}) {}"
    found = []
    for name, sort in (("A.NAME", "INTERNALSORT"), ("A.SAME", "ESORT")):
        kind = "UNIQUEKEY" if unique else "NONUNIQUEKEY"
        result = console.messages(define.format(name, kind, name, sort))
        found.append([line.replace(name, "") for line in result])
        assert bool(spilled) is (sort == "ESORT")
    assert found[0] == found[1]
    assert console.records("A.NAME") == console.records("A.SAME")
    assert sum(spilled) == 9_999 and len(spilled) > 2
    assert not [name for name in console.system.spheres._volume.folder.names() if name.endswith(".work")]


def test_a_build_sorts_one_way(loaded: Console) -> None:
    loaded.run(BY_NAME)
    assert loaded.run(f"{BUILD} INTERNALSORT EXTERNALSORT").max_cc == 12
