"""Spanned clusters through IDCAMS: DEFINE SPANNED, REPRO, PRINT, VERIFY, EXAMINE, LISTCAT."""

from __future__ import annotations

import pytest

DEFINE = """DEFINE CLUSTER(NAME(A.{0}) TRK(1 1) {1} -
  RECSZ(300 2000) SPANNED) DATA(CISZ(512))
"""


def records():
    return [f"{key:04}".encode("cp037") + bytes([0xC1]) * (key * 137 % 1990) for key in range(40)]


@pytest.fixture
def spanned(console):
    """A.KSDS and A.ESDS, spanned, empty; A.IN holds the records."""
    console.run(DEFINE.format("KSDS", "KEYS(4 0)") + DEFINE.format("ESDS", "NIXD"))
    console.sequential("A.IN", records(), "VB", 2004)
    return console


def test_repro_there_and_back(spanned):
    """Loaded, copied to an ESDS, unloaded: the same records; the second REPRO meets only duplicates."""
    assert spanned.run("REPRO IDS(A.IN) ODS(A.KSDS)\nREPRO IDS(A.KSDS) ODS(A.ESDS)").max_cc == 0
    assert spanned.records("A.KSDS") == spanned.records("A.ESDS") == records()
    assert spanned.run("REPRO IDS(A.ESDS) ODS(A.KSDS) REPLACE").max_cc == 0
    assert spanned.records("A.KSDS") == records()
    spanned.run("DELETE A.IN")
    spanned.sequential("A.OUT", [], "VB", 2004)
    assert spanned.run("REPRO IDS(A.ESDS) ODS(A.OUT)").max_cc == 0
    assert spanned.records("A.OUT") == records()


def test_a_record_that_is_too_long_is_rejected(spanned):
    spanned.sequential("A.LONG", [b"\xf9" * 4 + bytes(2001)], "VB", 2100)
    spanned.run("REPRO IDS(A.IN) ODS(A.KSDS)")
    messages = spanned.messages("REPRO IDS(A.LONG) ODS(A.KSDS)")
    assert messages[1].startswith(" IDC3309I ** RECORD F9F9F9F9 NOT WRITTEN")


def test_verify_examine_and_listcat(spanned):
    spanned.run("REPRO IDS(A.IN) ODS(A.KSDS)")
    messages = spanned.messages("VERIFY DS(A.KSDS)\nEXAMINE NAME(A.KSDS) INDEXTEST DATATEST")
    assert "0IDC01709I DATATEST COMPLETE - NO ERRORS DETECTED" in messages
    assert " IDC01710I DATA COMPONENT CONTAINS 40 RECORDS" in messages
    longest = max(map(len, records()))
    assert f" IDC01712I MAXIMUM LENGTH DATA RECORD CONTAINS {longest} BYTES" in messages
    assert messages[-1].endswith("WAS 0")
    assert any("  SPANNED" in line for line in spanned.run("LISTCAT ENT(A.KSDS) ALL").sysprint)


def test_print_shows_whole_records(spanned):
    spanned.run("REPRO IDS(A.IN) ODS(A.ESDS)")
    lines = spanned.run("PRINT IDS(A.ESDS) HEX SKIP(4) COUNT(1)").sysprint
    at = next(number for number, line in enumerate(lines) if line.startswith("0RBA OF RECORD"))
    shown = "".join(line.strip() for line in lines[at + 1 : at + 11])
    assert shown == records()[4].hex().upper()


@pytest.mark.parametrize("command", ["REPRO IDS(A.BIG) ODS(A.KSDS)", "REPRO IDS(A.IN) ODS(A.BIG)", "PRINT IDS(A.BIG)"])
def test_records_over_32760_bytes_are_not_for_idcams(spanned, command):
    """They are stored and read all the same."""
    spanned.run("DEFINE CLUSTER(NAME(A.BIG) CYL(1) KEYS(4 0) RECSZ(300 100000) -\n SPANNED)")
    with spanned.system.key_sequenced("A.BIG", "w") as cluster:
        cluster.insert(b"LONG" + bytes(99996))
        assert cluster.get(b"LONG") == b"LONG" + bytes(99996)
    messages = spanned.messages(command)
    assert messages[:2] == [
        "0IDC3300I  ERROR OPENING A.BIG",
        " IDC3315I ** RECORD SIZE GREATER THAN 32760 NOT SUPPORTED",
    ]
