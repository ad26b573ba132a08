"""Listings of real systems, line by line, carriage control included where the source shows it.

Names, dates and volumes are those of the sources; trailing blanks are dropped, as they are in our listing.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from ksds import idcams
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from tests.ksds.idcams.conftest import is_message

HEADING = "1IDCAMS  SYSTEM SERVICES" + " " * 43 + "TIME: {}        {}     PAGE{:7}"


def listing(system, text, now=datetime(2023, 4, 19, 14, 13, 41)):
    """SYSPRINT of records that are taken as they are."""
    return idcams.run(system, text.removeprefix("\n").removesuffix("\n").split("\n"), now=now).sysprint


def lines(text):
    return text.removeprefix("\n").removesuffix("\n").split("\n")


def body(printed):
    """Without page headings, blank records and the echo: what a browse of a listing shows of messages."""
    return [line for line in printed if line[1:4] == "IDC" and line[4:5].isdigit()]


@pytest.fixture
def loaded(system):
    """A cluster as a test needs one, with a few records."""

    def make(name, definition, records):
        system.define_cluster(ClusterDefinition(name=name, **definition))
        with system.cluster(name, "w") as cluster:
            if hasattr(cluster, "load"):
                cluster.load(records)
            elif definition.get("organization") == "NUMBERED":
                for number, record in enumerate(records, 1):
                    cluster.insert(number, record)
            else:
                for record in records:
                    cluster.append(record)

    return make


def test_t1_define_with_generated_names(system):
    printed = listing(
        system,
        """
    DEFINE CLUSTER(NAME(TECN93.VVH2.SPANED)+                            00214004
    TRK(1,1)+                                                           00215004
    VOLUMES(ZAPRD6)+                                                    00216004
    KEYS(4,0)+                                                          00216104
    RECORDSIZE(80,80)+                                                  00217004
    CISZ(4096)+                                                         00219004
    INDEXED)                                                            00219104
""",
    )
    assert printed[2] == "     DEFINE CLUSTER(NAME(TECN93.VVH2.SPANED)+                            00214004"
    assert [line[1:] for line in printed[9:]] == lines(
        """
IDC0508I DATA ALLOCATION STATUS FOR VOLUME ZAPRD6 IS 0
IDC0509I INDEX ALLOCATION STATUS FOR VOLUME ZAPRD6 IS 0
IDC0512I NAME GENERATED-(D) TECN93.VVH2.SPANED.DATA
IDC0512I NAME GENERATED-(I) TECN93.VVH2.SPANED.INDEX
IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0

IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0
"""
    )


T2 = """
 DEFINE CLUSTER -
 (NAME(OMEG.X) -
 INDEXED -
 MEGABYTES(5 1) -
 VOLUMES(P2P0D5) -
 SHR(2) -
 FREESPACE(10 10) -
 RECORDSIZE(4089 32760) -
 REUSE) -
 DATA -
 (NAME(OMEG.X.DATA) -
 CONTROLINTERVALSIZE(32768) -
 KEYS(52 0)) -
 INDEX -
 (NAME(OMEG.X.INDEX))
"""


def test_t2_define_with_coded_names(system):
    printed = listing(system, T2)
    assert printed[-5:] == lines(
        """
0IDC0508I DATA ALLOCATION STATUS FOR VOLUME P2P0D5 IS 0
0IDC0509I INDEX ALLOCATION STATUS FOR VOLUME P2P0D5 IS 0
0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0
0
0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0
"""
    )
    definition = system.entry("OMEG.X").definition
    assert (definition.ci_size, definition.key_length, definition.reuse) == (32768, 52, True)
    assert (definition.cross_region, definition.cross_system) == (2, 3)


def test_t3_the_same_define_again(system):
    listing(system, T2)
    assert listing(system, T2)[-5:] == lines(
        """
0IDC3013I DUPLICATE DATA SET NAME
 IDC3009I ** VSAM CATALOG RETURN CODE IS 8 - REASON CODE IS IGG0CLEH-38
0IDC3003I FUNCTION TERMINATED. CONDITION CODE IS 12
0
0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 12
"""
    )


def test_t4_delete_a_ksds(system):
    listing(system, T2)
    assert listing(system, " DELETE OMEG.X")[3:7] == lines(
        """
0IDC0550I ENTRY (D) OMEG.X.DATA DELETED
0IDC0550I ENTRY (I) OMEG.X.INDEX DELETED
0IDC0550I ENTRY (C) OMEG.X DELETED
0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0
"""
    )
    assert system.entries() == []


def test_t5_delete_what_is_not_there(system):
    assert listing(system, " DELETE OMEG.X")[3:] == lines(
        """
0IDC3012I ENTRY OMEG.X NOT FOUND
 IDC3009I ** VSAM CATALOG RETURN CODE IS 8 - REASON CODE IS IGG0CLEG-42
 IDC0551I ** ENTRY OMEG.X NOT DELETED
0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 8
0
0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 8
"""
    )


def test_t6_a_whole_listing(system):
    system.allocate("ANSIBL1.DUMMY01", DataSetAttributes("FB", 80))
    printed = listing(system, "          DELETE ANSIBL1.DUMMY01 NONVSAM\n          SET MAXCC=0")
    assert printed == [
        HEADING.format("14:13:41", "04/19/23", 1),
        "0",
        "           DELETE ANSIBL1.DUMMY01 NONVSAM",
        "0IDC0550I ENTRY (A) ANSIBL1.DUMMY01 DELETED",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
        "0",
        "           SET MAXCC=0",
        " ",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0",
    ]


def test_t7_listcat_of_what_is_not_there(system):
    printed = listing(system, " LISTCAT ENTRIES(MATEDK.TOO.GOOD) ALL")[3:]
    assert printed[:3] == lines(
        """
0IDC3012I ENTRY MATEDK.TOO.GOOD NOT FOUND
 IDC3009I ** VSAM CATALOG RETURN CODE IS 8 - REASON CODE IS IGG0CLEG-42
0         THE NUMBER OF ENTRIES PROCESSED WAS:
"""
    )
    assert printed[-4:] == lines(
        """
0         THE NUMBER OF PROTECTED ENTRIES SUPPRESSED WAS 0
0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 4
0
0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 4
"""
    )


def test_t10_the_listing_begins_on_a_page_of_its_own(system):
    system.allocate("AWS.M2.CARDDEMO.ACCTDATA.PS", DataSetAttributes("FB", 300))
    text = "   LISTCAT LEVEL(AWS.M2.CARDDEMO)  -\n           ALL"
    printed = listing(system, text, datetime(2022, 9, 1, 15, 36, 44))
    assert printed[:7] == [
        HEADING.format("15:36:44", "09/01/22", 1),
        "0",
        "    LISTCAT LEVEL(AWS.M2.CARDDEMO)  -",
        "            ALL",
        HEADING.format("15:36:44", "09/01/22", 2),
        f"-                             LISTING FROM CATALOG -- {system.catalog.name}",
        "0NONVSAM ------- AWS.M2.CARDDEMO.ACCTDATA.PS",
    ]
    assert printed[-3:] == [
        HEADING.format("15:36:44", "09/01/22", 3),
        "0",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0",
    ]


KSDS = {"key_length": 4, "average_record": 80, "maximum_record": 80, "ci_size": 4096, "index_ci_size": 512}
KSDS |= {"cis_per_ca": 12}
ESDS = {"organization": "NONINDEXED", "average_record": 80, "maximum_record": 80, "ci_size": 4096, "cis_per_ca": 12}
RRDS = ESDS | {"organization": "NUMBERED"}


def test_t11_repro_by_names(system, loaded):
    loaded("TECN93.VVH2.KSDS", KSDS, [b"\xc1%03d" % n + bytes(76) for n in range(10)])
    loaded("TECN93.VVH2.VSAM.ESDS", ESDS, [])
    printed = listing(system, " REPRO-\n    IDS (TECN93.VVH2.KSDS)-\n    ODS (TECN93.VVH2.VSAM.ESDS)")
    assert [line[1:] for line in body(printed)][:2] == [
        "IDC0005I NUMBER OF RECORDS PROCESSED WAS 10",
        "IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
    ]


def test_t12_print_characters(system, loaded):
    records = [f"{key} {'NAME ONE':<76}"[:80].encode("cp037") for key in ("A001", "A002")]
    records[1] = records[1][:70] + b"\x00" * 10
    loaded("TECN93.VVH2.KSDS", KSDS, records)
    assert listing(system, " PRINT IDS (TECN93.VVH2.KSDS)CHAR")[4:] == [
        "-LISTING OF DATA SET -TECN93.VVH2.KSDS",
        "0KEY OF RECORD - A001",
        " A001 NAME ONE",
        "0KEY OF RECORD - A002",
        f" {'A002 NAME ONE':<70}..........",
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 2",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
        HEADING.format("14:13:41", "04/19/23", 3),
        "0",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0",
    ]


def test_t13_identity_of_records_without_keys(system, loaded):
    loaded("A.ESDS", ESDS, [bytes([n]) * 80 for n in range(154)])
    loaded("A.RRDS", RRDS, [bytes(80)])
    printed = listing(system, " PRINT IDS(A.ESDS) CHAR\n PRINT IDS(A.RRDS) CHAR")
    identities = [line[1:] for line in printed if " OF RECORD -" in line or "RECORD NUMBER" in line]
    assert identities[0] == "RBA OF RECORD -                0"
    assert identities[1] == "RBA OF RECORD -               80"
    assert "RBA OF RECORD -            12288" in identities
    assert identities[-1] == "RELATIVE RECORD NUMBER - 1"


def test_t14_and_t15_dump_is_the_default(system, loaded):
    record = bytes.fromhex(
        "C1F0F0F140D5C1D4C540D6D5C54040F0F0F0F0F0F0F0F0F0F040C5D5C7C9D540"
        "C5D9404040404040404040404040404040404040404040404040404040404040F0F0F0F0F1F0F0F040404040404040C1"
    )
    loaded("TECN93.VVH2.KSDS", KSDS, [record])
    assert listing(system, " PRINT IDS(TECN93.VVH2.KSDS)")[4:9] == [
        "-LISTING OF DATA SET -TECN93.VVH2.KSDS",
        "0KEY OF RECORD - C1F0F0F1",
        " 000000  C1F0F0F1 40D5C1D4 C540D6D5 C54040F0   F0F0F0F0 F0F0F0F0 F040C5D5 C7C9D540".ljust(85)
        + "*A001 NAME ONE  0000000000 ENGIN *",
        " 000020  C5D94040 40404040 40404040 40404040   40404040 40404040 40404040 40404040".ljust(85)
        + "*ER                              *",
        " 000040  F0F0F0F0 F1F0F0F0 40404040 404040C1".ljust(85) + "*00001000       A                *",
    ]


def test_t16_an_else_that_a_mark_swallowed(system):
    records = [
        "     IF LASTCC=4-                                                       00240002",
        "     THEN-                                                              00250002",
        "    DO SET MAXCC=0                                                      00251002",
        "    PRINT-                                                              00252005",
        "    IDS (TECN93.VVH2.VSAM.ESDS)CHAR-                                    00253005",
        "    ELSE                                                                00270005",
        "    LISTCAT ALL ENTRIES(TECN93.VVH2.KSDS1)                              00280005",
        "    END IF                                                              00310005",
    ]
    printed = listing(system, "\n".join(records))
    assert [line[1:] for line in printed[2:]] == [
        *records[:3],
        "",
        *records[3:6],
        "IDC3211I KEYWORD 'ELSE' IS IMPROPER",
        "IDC3216I ABOVE TEXT BYPASSED UNTIL NEXT COMMAND",
        "",
        records[6],
        "IDC0204I PRECEDING COMMAND BYPASSED DUE TO CONDITION CODES",
        "",
        records[7],
        "",
        "IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0",
    ]


def test_t17_delete_and_forget(system):
    text = "   DELETE AWS.M2.CARDDEMO.ACCTDATA.VSAM.KSDS -\n          CLUSTER\n   IF MAXCC LE 08 THEN SET MAXCC = 0"
    assert listing(system, text)[-1].endswith("MAXIMUM CONDITION CODE WAS 0")


def test_t19_delete_of_a_member_that_is_not_there_as_a_command_of_tso(system):
    system.allocate("TEST.DELETE3", DataSetAttributes("FB", 80, dsorg="PO"))
    result = idcams.run(system, " DELETE TEST.DELETE3(TESTMEM1)", now=datetime(2023, 4, 19), terminal=True)
    assert [line[1:] for line in result.sysprint if is_message(line)] == [
        "IDC3302I  ACTION ERROR ON TEST.DELETE3",
        "IDC3330I ** TESTMEM1 NOT FOUND",
        "IDC0548I ** MEMBER TESTMEM1 NOT DELETED",
        "IDC0014I LASTCC=8",
    ]
    assert result.max_cc == 8
