"""LISTCAT: the columns of a real listing, its numbers for real clusters, and which entries are listed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from ksds.datasets import DD, DataSetAttributes
from tests.ksds.idcams.conftest import NOW

DATA = """
0DATA ---------- {name}.DATA
      IN-CAT --- CATALOG.TEST
      HISTORY
        DATASET-OWNER-----(NULL)     CREATION--------2026.327
        RELEASE----------------2     EXPIRATION------0000.000
        ACCOUNT-INFO-----------------------------------(NULL)
      PROTECTION-PSWD-----(NULL)     RACF----------------(NO)
      ASSOCIATIONS
        CLUSTER--{name}
      ATTRIBUTES
        KEYLEN----------------11     AVGLRECL-------------300     BUFSPACE-----------37376     CISIZE-------------18432
        RKP--------------------0     MAXLRECL-------------300     EXCPEXIT----------(NULL)     CI/CA-----------------45
        SHROPTNS(2,3)   RECOVERY     UNIQUE           NOERASE     INDEXED       NOWRITECHK     UNORDERED        NOREUSE
        NONSPANNED
      STATISTICS
        REC-TOTAL-------------50     SPLITS-CI--------------0     EXCPS------------------*
        REC-DELETED------------0     SPLITS-CA--------------0     EXTENTS----------------1
        REC-INSERTED-----------0     FREESPACE-%CI----------0     SYSTEM-TIMESTAMP:
        REC-UPDATED------------0     FREESPACE-%CA----------0          X'0000000000000000'
        REC-RETRIEVED----------0     FREESPC-----------811008
      ALLOCATION
        SPACE-TYPE------CYLINDER     HI-A-RBA----------829440
        SPACE-PRI--------------1     HI-U-RBA----------829440
        SPACE-SEC--------------5
      VOLUME
        VOLSER------------YYYYO7     PHYREC-SIZE--------18432     HI-A-RBA----------829440     EXTENT-NUMBER----------1
        DEVTYPE------X'3010200F'     PHYRECS/TRK------------3     HI-U-RBA----------829440     EXTENT-TYPE--------X'00'
        VOLFLAG------------PRIME     TRACKS/CA-------------15
        EXTENTS:
        LOW-CCHH-----X'00000000'     LOW-RBA----------------0     TRACKS----------------15
        HIGH-CCHH----X'00000000'     HIGH-RBA----------829439
"""

INDEX = """
      ATTRIBUTES
        KEYLEN----------------11     AVGLRECL---------------0     BUFSPACE---------------0     CISIZE---------------512
        RKP--------------------0     MAXLRECL-------------505     EXCPEXIT----------(NULL)     CI/CA-----------------49
        SHROPTNS(2,3)   RECOVERY     UNIQUE           NOERASE     NOWRITECHK     UNORDERED     NOREUSE
      STATISTICS
        REC-TOTAL--------------1     SPLITS-CI--------------0     EXCPS------------------*     INDEX:
        REC-DELETED------------0     SPLITS-CA--------------0     EXTENTS----------------1     LEVELS-----------------1
        REC-INSERTED-----------0     FREESPACE-%CI----------0     SYSTEM-TIMESTAMP:            ENTRIES/SECT-----------6
        REC-UPDATED------------0     FREESPACE-%CA----------0          X'0000000000000000' SEQ-SET-RBA----------------0
        REC-RETRIEVED----------0     FREESPC------------24576                              HI-LEVEL-RBA---------------0
      ALLOCATION
        SPACE-TYPE---------TRACK     HI-A-RBA-----------25088
        SPACE-PRI--------------1     HI-U-RBA-------------512
        SPACE-SEC--------------1
      VOLUME
        VOLSER------------YYYYO7     PHYREC-SIZE----------512     HI-A-RBA-----------25088     EXTENT-NUMBER----------1
        DEVTYPE------X'3010200F'     PHYRECS/TRK-----------49     HI-U-RBA-------------512     EXTENT-TYPE--------X'00'
        VOLFLAG------------PRIME     TRACKS/CA--------------1
"""

CLUSTER = """
0CLUSTER ------- {name}
      IN-CAT --- CATALOG.TEST
      HISTORY
        DATASET-OWNER-----(NULL)     CREATION--------2026.327
        RELEASE----------------2     EXPIRATION------0000.000
        BWO STATUS--------(NULL)     BWO TIMESTAMP-----(NULL)
        BWO---------------(NULL)
      PROTECTION-PSWD-----(NULL)     RACF----------------(NO)
      ASSOCIATIONS
        DATA-----{name}.DATA
        INDEX----{name}.INDEX
"""

ACCOUNTS = "AWS.M2.CARDDEMO.ACCTDATA.VSAM.KSDS"


def expected(text):
    return text.format(name=ACCOUNTS).removeprefix("\n").removesuffix("\n").split("\n")


def without_pages(printed):
    """The lines of a listing as if it were one page. EXCPS depends on the buffers, so it shows an asterisk."""
    lines = []
    after_heading = False
    for line in printed:
        if line[0] == "1":
            after_heading = True
        elif line[0] != "-":
            in_group = after_heading and line.startswith("0 ")
            lines.append(" " + line[1:] if in_group and "THE NUMBER" not in line else line)
            after_heading = False
    return [line[:66] + f"EXCPS{'*':->19}" + line[90:] if line[66:71] == "EXCPS" else line for line in lines]


def contains(lines, wanted):
    return any(lines[at : at + len(wanted)] == wanted for at in range(len(lines)))


@pytest.fixture
def accounts(console):
    console.run(
        f"DEFINE CLUSTER(NAME({ACCOUNTS}) -\n"
        "CYL(1 5) VOLUMES(YYYYO7) KEYS(11 0) RECORDSIZE(300 300) -\n"
        "SHAREOPTIONS(2 3) INDEXED)"
    )
    records = [f"{number:011}{'x' * 289}".encode("cp037") for number in range(50)]
    with console.system.key_sequenced(ACCOUNTS, "w") as cluster:
        cluster.load(records)
    return console


def test_all_of_a_loaded_cluster(accounts):
    lines = without_pages(accounts.run("LISTCAT LEVEL(AWS.M2) ALL").sysprint)
    for part in (CLUSTER, DATA, INDEX):
        for line in expected(part):
            assert line in lines
        assert contains(lines, expected(part))


# RECORDSIZE, KEYS, space, more -> what a real LISTCAT shows before and after one CI of records
NUMBERS = [
    (50, "16 0", "CYL(1 5)", "", ["CISIZE-------------18432", "CI/CA-----------------45", "BUFSPACE-----------37376"]),
    (350, "26 5", "CYL(5 1)", "", ["BUFSPACE-----------37888", "CISIZE--------------1024", "MAXLRECL------------1017"]),
    (350, "26 5", "CYL(5 1)", "", ["HI-A-RBA---------4147200", "CI/CA-----------------33", "ENTRIES/SECT-----------6"]),
    (80, "8 0", "TRK(45 15)", "CISZ(8192)", ["SPACE-PRI--------------3", "CI/CA-----------------90", "SPACE-SEC-----"]),
    (
        80,
        "8 0",
        "TRK(45 15)",
        "CISZ(8192)",
        ["HI-A-RBA---------2211840", "ENTRIES/SECT-----------9", "CI/CA----------"],
    ),
    (80, "8 0", "TRK(45 15)", "CISZ(8192)", ["MAXLRECL------------8185", "HI-U-RBA----------737280", "REC-TOTAL-----"]),
    (80, "8 0", "TRK(45 15)", "CISZ(8192)", ["FREESPC----------2203648", "SPACE-TYPE------CYLINDER", "TRACKS/CA-----"]),
    (80, "4 0", "TRK(1 1)", "CISZ(4096)", ["HI-A-RBA-----------49152", "TRACKS/CA--------------1", "SPACE-TYPE-----"]),
]


@pytest.mark.parametrize(("record", "keys", "space", "more", "fields"), NUMBERS)
def test_numbers_of_real_listings(console, record, keys, space, more, fields):
    console.run(f"DEFINE CLUSTER(NAME(A.B) {space} {more} -\nKEYS({keys}) RECSZ({record} {record}))")
    with console.system.key_sequenced("A.B", "w") as cluster:
        cluster.load([bytes([number]) * record for number in range(10)])
    text = "\n".join(console.run("LISTCAT ENT(A.B) ALL").sysprint)
    for field in fields:
        assert field in text


def test_a_cluster_that_was_never_loaded(console):
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1 1) CISZ(4096) RECSZ(80 80) KEYS(4 0))")
    text = "\n".join(console.run("LISTCAT ENT(A.B) ALL").sysprint)
    for field in ("REC-TOTAL--------------0", "HI-A-RBA-----------49152", "HI-U-RBA---------------0"):
        assert field in text
    assert "FREESPC------------49152" in text


@pytest.fixture
def several(console):
    console.run("DEFINE CLUSTER(NAME(A.C.K) TRK(1 1))\nDEFINE CLUSTER(NAME(A.E) TRK(1 1) NONINDEXED)")
    for name in ("A.B", "A.C", "A.C.D", "A.C.D.E", "B.A"):
        console.sequential(name, [])
    return console


def names(result):
    """Entry lines only, as "TYPE name"; a type that is indented begins with blanks."""
    entry = re.compile(r"0((?:   )?(?:CLUSTER|DATA|INDEX|NONVSAM)) -+ (\S+)")
    return [f"{found[1]} {found[2]}" for line in result.sysprint if (found := entry.fullmatch(line))]


@pytest.mark.parametrize(
    ("operands", "listed"),
    [
        ("ENTRIES(A.B)", ["NONVSAM A.B"]),
        ("ENTRIES(A.E)", ["CLUSTER A.E", "   DATA A.E.DATA"]),
        ("ENTRIES(A.E.DATA)", ["DATA A.E.DATA"]),
        ("ENTRIES(B.A A.B)", ["NONVSAM B.A", "NONVSAM A.B"]),
        ("ENTRIES(A.*) NONVSAM", ["NONVSAM A.B", "NONVSAM A.C"]),
        ("ENTRIES(A.*.D)", ["NONVSAM A.C.D"]),
        ("ENTRIES(A.C.K) CLUSTER", ["CLUSTER A.C.K"]),
        ("ENTRIES(A.C.K) DATA", ["   DATA A.C.K.DATA"]),
        ("LEVEL(A.C) NONVSAM", ["NONVSAM A.C.D", "NONVSAM A.C.D.E"]),
        ("LEVEL(A.C.K)", ["DATA A.C.K.DATA", "INDEX A.C.K.INDEX"]),
        ("LEVEL(A.*.D)", ["NONVSAM A.C.D.E"]),
        ("LEVEL(A) PATH", []),
        ("NONVSAM", ["NONVSAM A.B", "NONVSAM A.C", "NONVSAM A.C.D", "NONVSAM A.C.D.E", "NONVSAM B.A"]),
    ],
)
def test_which_entries_are_listed(several, operands, listed):
    result = several.run(f"LISTCAT {operands}")
    assert result.max_cc == 0
    assert names(result) == listed
    total = next(line for line in result.sysprint if line.startswith(f"{'':20}TOTAL"))
    assert total == f"{'':20}TOTAL {len(listed):->18}"


def test_without_operands_everything_is_listed_by_name(several):
    printed = several.run("LISTCAT").sysprint
    assert "0CLUSTER ------- A.C.K" in printed
    assert printed[printed.index("0CLUSTER ------- A.C.K") + 1] == "      IN-CAT --- CATALOG.TEST"
    assert "0   DATA ------- A.C.K.DATA" in printed and "0   INDEX ------ A.C.K.INDEX" in printed
    assert f"{'':20}TOTAL ----------------10" in printed


def test_other_depths(several):
    history = several.run("LISTCAT ENT(A.B A.C.K) HISTORY").sysprint
    assert "        BWO STATUS--------(NULL)     BWO TIMESTAMP-----(NULL)" in history
    assert any("ACCOUNT-INFO" in line for line in history)
    assert "        DATASET-OWNER-----(NULL)     CREATION--------0000.000" in history
    assert not any("VOLSER" in line for line in history)
    volume = several.run("LISTCAT ENT(A.B) VOLUME").sysprint
    assert "        VOLSER------------VOL001     DEVTYPE------X'3010200F'     FSEQN------------------0" in volume
    allocation = several.run("LISTCAT ENT(A.E) ALLOCATION").sysprint
    assert any("SPACE-TYPE---------TRACK" in line for line in allocation)
    assert sum("DATASET-OWNER" in line for line in allocation) == 2  # of cluster and data, as IBM's example shows
    assert not any("REC-TOTAL" in line for line in allocation)


def test_some_names_are_not_there(several):
    result = several.run("LISTCAT ENTRIES(A.B NO.SUCH A.C)")
    assert result.max_cc == 4
    assert "0IDC3012I ENTRY NO.SUCH NOT FOUND" in result.sysprint
    assert names(result) == ["NONVSAM A.B", "NONVSAM A.C"]


def test_a_load_counts_what_it_writes(console):
    console.sequential("A.IN", [b"%04d" % n + b" " * 76 for n in range(1000)])
    console.run("DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80) CISZ(4096))\nREPRO IDS(A.IN) ODS(A.K)")
    printed = console.run("LISTCAT ENT(A.K) ALL").sysprint
    written = 24 + 2 + 1  # the control intervals of two control areas of twelve, and the index records over them
    assert any(f"EXCPS{written:->19}" in line for line in printed)


def test_a_cluster_in_use_is_listed_as_it_was_last_committed(several):
    with several.system.cluster("A.C.K", "w") as cluster:
        length = cluster.definition.maximum_record
        cluster.insert(b"1" * length)
        cluster.commit()
        cluster.insert(b"2" * length)
        result = several.run("LISTCAT ENT(A.C.K) ALL")
    assert result.max_cc == 0
    assert any("REC-TOTAL--------------1" in line for line in result.sysprint)


def test_a_cluster_that_lost_its_files_is_listed_without_its_figures(several):
    (path,) = (several.system.folder / "volumes" / "VOL001").glob("A.C.K.*.data")
    path.unlink()
    result = several.run("LISTCAT ENT(A.C.K) ALL")
    assert result.max_cc == 4
    assert any(line.startswith("0KSD303E NO STATISTICS OF A.C.K: OPEN") for line in result.sysprint)
    assert any("CISIZE-------------18432" in line for line in result.sysprint)
    assert not any("REC-TOTAL" in line for line in result.sysprint)


def test_a_group_lists_its_generations_under_it(console):
    console.run("DEFINE GDG(NAME(USER.GDGBASE) LIMIT(5) SCRATCH)")
    for _ in range(2):
        name = console.system.generations.group("USER.GDGBASE").relative(1)
        console.system.allocate(name, DataSetAttributes("FB", 80))
    printed = console.run("LISTCAT ENTRIES(USER.GDGBASE) ALL").sysprint
    assert contains(
        printed,
        [
            "0GDG BASE ------ USER.GDGBASE",
            "      IN-CAT --- CATALOG.TEST",
            "      HISTORY",
            "        DATASET-OWNER-----(NULL)     CREATION--------2026.327",
            "        RELEASE----------------2     LAST ALTER------2026.327",
            "      ATTRIBUTES",
            "        LIMIT------------------5      SCRATCH    NOEMPTY    LIFO       NOPURGE    NOEXTENDED",
            "      ASSOCIATIONS",
            "        NONVSAM--USER.GDGBASE.G0001V00",
            "        NONVSAM--USER.GDGBASE.G0002V00",
            "0   NONVSAM ---- USER.GDGBASE.G0001V00",
        ],
    )
    assert "        STATUS------------ACTIVE" in printed
    assert f"{'':20}GDG {1:->20}" in printed
    assert f"{'':20}NONVSAM {2:->16}" in printed


def test_t8_generations_by_generic_name(console):
    console.run("DEFINE GDG(NAME(USER.GDGBASE) LIMIT(6))")
    for number in range(1, 7):
        console.system.allocate(f"USER.GDGBASE.G{number:04}V00", DataSetAttributes("FB", 80))
    result = console.run("LISTCAT -\nENTRIES(USER.GDGBASE.*) /* ALL OF THEM */ -\nNAME /* ONLY */ -\nCATALOG(ICFUCAT1)")
    assert names(result) == [f"NONVSAM USER.GDGBASE.G{number:04}V00" for number in range(1, 7)]
    assert f"{'':20}TOTAL {6:->18}" in result.sysprint
    assert result.max_cc == 0


def test_aliases_and_user_catalogs(console):
    console.sequential("A.REAL", [])
    console.run("DEFINE ALIAS(NAME(A.OTHER) RELATE(A.REAL))\nDEFINE UCAT(NAME(UCAT.A) CYL(1) VOL(V1))")
    printed = console.run("LISTCAT ALL").sysprint
    head = ["0ALIAS --------- A.OTHER", "      IN-CAT --- CATALOG.TEST", "      HISTORY"]
    assert contains(
        printed, [*head, "        RELEASE----------------2", "      ASSOCIATIONS", "        NONVSAM--A.REAL"]
    )
    console.run("DEFINE ALIAS(NAME(OTHER) RELATE(UCAT.A))")
    assert "        USERCAT--UCAT.A" in console.run("LISTCAT ENT(OTHER) ALL").sysprint
    assert contains(printed, ["      ASSOCIATIONS", "        ALIAS----A.OTHER", "      ATTRIBUTES"])
    assert "0USERCATALOG --- UCAT.A" in printed


@pytest.mark.parametrize("name", ["A.**", "A.*.*", "A.B*", "*A.B"])
def test_an_asterisk_stands_for_one_qualifier(several, name):
    result = several.run(f"LISTCAT ENTRIES({name} A.B)")
    assert f"0IDC3568I {name} INVALID USE OF *" in result.sysprint
    assert (result.max_cc, names(result)) == (12, ["NONVSAM A.B"])


@pytest.mark.parametrize("name", ["A.*", "*"])
def test_a_level_does_not_end_in_an_asterisk(several, name):
    result = several.run(f"LISTCAT LEVEL({name})")
    assert f"0IDC3568I {name} INVALID USE OF *" in result.sysprint
    assert (result.max_cc, names(result)) == (12, [])


def test_an_entry_of_another_type_than_asked_for(several):
    result = several.run("LISTCAT ENTRIES(A.B) CLUSTER")
    assert contains(result.sysprint, ["0IDC1565I A.B NOT A REQUESTED TYPE", " IDC1566I ** A.B NOT LISTED"])
    assert result.max_cc == 4


@pytest.mark.parametrize(
    ("operands", "message", "code"),
    [
        ("ALIAS VOLUME", "IDC2563I ALLOCATION/VOLUME PARAMETER IS INVALID FOR ENTRY TYPE(S)", 8),
        ("GDG PATH ALLOCATION", "IDC2563I ALLOCATION/VOLUME PARAMETER IS INVALID FOR ENTRY TYPE(S)", 8),
        ("ALIAS EXPIRATION(1)", "IDC1569I EXPIRATION PARAMETER DOES NOT APPLY TO ENTRY TYPE(S)", 4),
    ],
)
def test_details_that_the_types_asked_for_do_not_have(several, operands, message, code):
    result = several.run(f"LISTCAT {operands}")
    assert f"0{message}" in result.sysprint
    assert result.max_cc == code


def test_dates_of_creation_and_expiration(console):
    for name, created, expires in (("A.OLD", 10, 5), ("A.NEW", 1, None), ("A.LONG", 20, 400)):
        day = NOW.date() - timedelta(days=created)
        until = NOW.date() + timedelta(days=expires) if expires else None
        console.system.allocate(name, DataSetAttributes("FB", 80), created=day, expires=until)
    assert names(console.run("LISTCAT CREATION(10)")) == ["NONVSAM A.LONG", "NONVSAM A.OLD"]
    assert names(console.run("LISTCAT EXPIRATION(30)")) == ["NONVSAM A.OLD"]
    assert len(names(console.run("LISTCAT EXPIR(9999) CREAT(0)"))) == 3


def test_outfile_takes_the_listing_to_a_data_set(several):
    dd = DD(name="OUT", data_sets=("A.LIST",), disposition=("NEW", "CATLG", "CATLG"))
    result = several.run("LISTCAT ENT(A.B NO.SUCH) OUTFILE(OUT)", OUT=dd)
    assert names(result) == []
    assert "0IDC3012I ENTRY NO.SUCH NOT FOUND" in result.sysprint
    entry = several.system.entry("A.LIST")
    assert (entry.attributes.recfm, entry.attributes.lrecl, entry.attributes.blksize) == ("VBA", 125, 629)
    lines = [record.decode("cp037") for record in several.records("A.LIST")]
    assert lines[0].startswith("1IDCAMS  SYSTEM SERVICES")
    assert "0NONVSAM ------- A.B" in lines


def test_inhibited_and_exported_show_in_the_attributes(accounts):
    accounts.run(f"ALTER {ACCOUNTS}.DATA INHIBIT")
    printed = accounts.run(f"LISTCAT ENT({ACCOUNTS}) ALL").sysprint
    assert "        NONSPANNED    INH-UPDATE" in printed


def test_extents_are_listed_one_by_one(console):
    console.run("DEFINE CLUSTER(NAME(A.B) TRK(1 1) CISZ(4096) RECSZ(80 80) KEYS(4 0))")
    with console.system.key_sequenced("A.B", "w") as cluster:
        cluster.load([b"%04d" % number + b"x" * 76 for number in range(1500)])
    text = "\n".join(console.run("LISTCAT ENT(A.B) ALL").sysprint)
    assert "EXTENTS----------------3" in text
    assert "LOW-RBA------------98304     TRACKS-----------------1" in text
    assert "HIGH-RBA----------147455" in text


def test_slots_of_a_relative_record_data_set(console):
    console.run("DEFINE CLUSTER(NAME(A.R) TRK(1 1) CISZ(4096) RECSZ(80 80) NUMBERED)")
    printed = console.run("LISTCAT ENT(A.R) ALL").sysprint
    assert any(line.startswith("        RECORDS/CI------------49     MAXRECS---------51380175") for line in printed)


# The table of idcams.md 4.6: what LISTCAT ALL showed of real clusters.
ORACLE = [
    (50, "16 0", "CYL(1 5)", "", 50, (18432, 45, 37376, 512, 505, 49, 6, 829440, 829440, 811008)),
    (300, "11 0", "CYL(1 5)", "", 50, (18432, 45, 37376, 512, 505, 49, 6, 829440, 829440, 811008)),
    (500, "9 0", "CYL(1 5)", "", 50, (18432, 45, 37376, 512, 505, 49, 6, 829440, 829440, 792576)),
    (350, "16 0", "CYL(1 5)", "", 311, (18432, 45, 37376, 512, 505, 49, 6, 829440, 829440, 718848)),
    (350, "26 5", "CYL(5 1)", "", 39, (18432, 45, 37888, 1024, 1017, 33, 6, 4147200, 829440, 4128768)),
    (80, "8 0", "TRK(45 15)", "CISZ(8192)", 10, (8192, 90, 24576, 8192, 8185, 6, 9, 2211840, 737280, 2203648)),
]


@pytest.mark.parametrize(("record", "keys", "space", "more", "count", "figures"), ORACLE)
def test_the_six_clusters_of_the_oracle(console, record, keys, space, more, count, figures):
    console.run(f"DEFINE CLUSTER(NAME(A.B) {space} {more} -\nKEYS({keys}) RECSZ({record} {record}))")
    with console.system.key_sequenced("A.B", "w") as cluster:
        cluster.load([b"?" * 5 + b"%03d" % number + b"x" * (record - 8) for number in range(count)])
    text = "\n".join(console.run("LISTCAT ENT(A.B) ALL").sysprint)
    data, index = text.split("INDEX ------ A.B.INDEX")
    cisize, per_ca, buffers, index_cisize, longest, index_per_ca, section, allocated, used, free = figures
    for name, value in {
        **{"CISIZE": cisize, "CI/CA": per_ca, "BUFSPACE": buffers, "REC-TOTAL": count},
        **{"HI-A-RBA": allocated, "HI-U-RBA": used, "FREESPC": free},
    }.items():
        assert f"{name}{value:->{24 - len(name)}}" in data
    for name, value in {
        "CISIZE": index_cisize,
        "MAXLRECL": longest,
        "CI/CA": index_per_ca,
        "ENTRIES/SECT": section,
    }.items():
        assert f"{name}{value:->{24 - len(name)}}" in index
