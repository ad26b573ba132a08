"""LISTCAT: the columns of a real listing, its numbers for real clusters, and which entries are listed."""

from __future__ import annotations

import re

import pytest

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
    history = several.run("LISTCAT ENT(A.B) HISTORY").sysprint
    assert "        DATASET-OWNER-----(NULL)     CREATION--------0000.000" in history
    assert not any("VOLSER" in line for line in history)
    volume = several.run("LISTCAT ENT(A.B) VOLUME").sysprint
    assert "        VOLSER------------VOL001     DEVTYPE------X'3010200F'     FSEQN------------------0" in volume
    allocation = several.run("LISTCAT ENT(A.E) ALLOCATION").sysprint
    assert any("SPACE-TYPE---------TRACK" in line for line in allocation)
    assert not any("REC-TOTAL" in line for line in allocation)


def test_some_names_are_not_there(several):
    result = several.run("LISTCAT ENTRIES(A.B NO.SUCH A.C)")
    assert result.max_cc == 4
    assert "0IDC3012I ENTRY NO.SUCH NOT FOUND" in result.sysprint
    assert names(result) == ["NONVSAM A.B", "NONVSAM A.C"]


def test_a_cluster_in_use_is_listed_without_its_figures(several):
    with several.system.cluster("A.C.K", "w"):
        result = several.run("LISTCAT ENT(A.C.K) ALL")
    assert result.max_cc == 4
    assert any(line.startswith("0KSD303E NO STATISTICS OF A.C.K: OPEN") for line in result.sysprint)
    assert any("CISIZE-------------18432" in line for line in result.sysprint)
    assert not any("REC-TOTAL" in line for line in result.sysprint)
