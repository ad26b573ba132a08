"""Ranges of REPRO and PRINT on everything that holds records: what comes, and what is no range there.

A listing of PRINT is read again: in HEX and DUMP all bytes of the records must stand in it, in CHARACTER their text.
"""

from __future__ import annotations

import re

import pytest

from ksds.datasets import DataSetAttributes
from tests.ksds.idcams.test_combinations import CLUSTERS, RECORDS, fill, made

KEYED = {
    "": slice(0, 7),
    "FROMKEY(0003)": slice(2, 7),
    "TOKEY(0003)": slice(0, 3),
    "FROMKEY(0002) TOKEY(0004)": slice(1, 4),
    "FROMKEY(X'F0F0F0F5') COUNT(2)": slice(4, 6),
    "FROMKEY('0006') TOKEY(000*)": slice(5, 7),
    "TOKEY(0000)": slice(0, 0),
    "FROMKEY(9)": "IDC3006I",
    "FROMKEY(00001)": "IDC3310I",
    "FROMNUMBER(1)": "IDC3583I",
}
ADDRESSED = {
    "": slice(0, 7),
    "FROMADDRESS(160)": slice(2, 7),
    "TOADDRESS(160)": slice(0, 3),
    "FROMADDRESS(80) TOADDRESS(240)": slice(1, 4),
    "FROMADDRESS(80) COUNT(2)": slice(1, 3),
    "FROMADDRESS(81)": "IDC3006I",
    "FROMADDRESS(99999)": "IDC3006I",
    "FROMNUMBER(1)": "IDC3583I",
}
NUMBERED = {
    "": slice(0, 7),
    "FROMNUMBER(3)": slice(2, 7),
    "TONUMBER(3)": slice(0, 3),
    "FROMNUMBER(2) TONUMBER(4)": slice(1, 4),
    "FROMNUMBER(2) COUNT(1)": slice(1, 2),
    "FROMNUMBER(8)": "IDC3006I",
    "FROMKEY(1)": "IDC3583I",
    "FROMADDRESS(0)": "IDC3583I",
}
ANY = {
    "SKIP(2)": slice(2, 7),
    "COUNT(3)": slice(0, 3),
    "SKIP(2) COUNT(3)": slice(2, 5),
    "SKIP(6) COUNT(9)": slice(6, 7),
    "SKIP(8)": "IDC3006I",
}
PLAIN = {
    "": slice(0, 7),
    "FROMKEY(1)": "IDC3583I",
    "TOADDRESS(80)": "IDC3583I",
    "FROMNUMBER(1)": "IDC3583I",
}
RANGES = {
    "KSDS": KEYED | ADDRESSED | ANY,
    "PATH": {"": slice(0, 7), "FROMKEY(03)": slice(2, 7), "TOADDRESS(0)": "IDC3583I"} | ANY,
    "ESDS": {**ADDRESSED, "TOKEY(1)": "IDC3583I"} | ANY,
    "RRDS": NUMBERED | ANY,
    "VRRDS": NUMBERED | ANY,
    "SEQ": PLAIN | ANY,
    "VAR": PLAIN | ANY,
    "MEMBER": PLAIN | ANY,
}
IDENTITY = re.compile(
    r"0(KEY OF RECORD - |RBA OF RECORD - +|RELATIVE RECORD NUMBER - |RECORD SEQUENCE NUMBER - )([0-9A-Z ]+)"
)


@pytest.fixture(params=RANGES)
def held(console, request):
    """A data set of each kind with seven records."""
    name = made(console, request.param, "FROM")
    if request.param != "PATH":
        fill(console, name)
    return console, name, RANGES[request.param]


def test_repro_copies_the_range(held):
    console, name, ranges = held
    console.system.allocate("INTO.SEQ", DataSetAttributes("FB", 80))
    for operands, wanted in ranges.items():
        before = console.records("INTO.SEQ")
        result = console.run(f"REPRO IDS({name}) ODS(INTO.SEQ) -\n{operands}")
        if isinstance(wanted, str):
            assert any(line[1:9] == wanted for line in result.sysprint), operands
            assert (result.max_cc, console.records("INTO.SEQ")) == (12, before), operands
        else:
            assert (result.max_cc, console.records("INTO.SEQ")) == (0, RECORDS[wanted]), operands


@pytest.mark.parametrize("layout", ["CHARACTER", "HEX", "DUMP"])
def test_print_shows_the_range_and_can_be_read_again(held, layout):
    console, name, ranges = held
    for operands, wanted in ranges.items():
        result = console.run(f"PRINT IDS({name}) {layout} -\n{operands}")
        if isinstance(wanted, str):
            assert any(line[1:9] == wanted for line in result.sysprint), operands
            assert result.max_cc == 12, operands
            continue
        records = RECORDS[wanted]
        assert read_again(result.sysprint, layout) == records, operands
        assert f"0IDC0005I NUMBER OF RECORDS PROCESSED WAS {len(records)}" in result.sysprint, operands


def read_again(printed: list[str], layout: str) -> list[bytes]:
    """The records of a listing. The first line of a page is double-spaced, whatever it is."""
    records: list[bytes] = []
    for line in printed:
        if IDENTITY.match(line):
            records.append(b"")
        elif records and line[0] in " 0" and line[1:].strip() and line[1:4] != "IDC":
            if layout == "CHARACTER":
                records[-1] = line[1:].ljust(80).encode("cp037")
            else:
                digits = line[1:] if layout == "HEX" else line[9:84]
                records[-1] += bytes.fromhex(digits.replace(" ", ""))
    return records


def test_a_linear_data_set_is_printed_by_control_interval(console):
    console.run("DEFINE CLUSTER(NAME(A.L) TRK(1 1) LINEAR)")
    with console.system.cluster("A.L", "w") as cluster:
        for number in range(3):
            cluster.append(bytes([number]) * 4096)
    printed = console.run("PRINT IDS(A.L) DUMP FROMADDRESS(4100) TOADDRESS(4200)").sysprint
    assert read_again(printed, "DUMP") == [b"\x01" * 4096]


# -- REPRO through a path and into what has records ---------------------------------------------------------------


@pytest.mark.parametrize("kind", [*CLUSTERS, "SEQ", "MEMBER"])
def test_records_go_through_a_path_into_its_base(console, kind):
    base = made(console, "KSDS", "BASE")
    console.sequential("BASE.IN", [f"9{number:03}{'RECORD':76}".encode("cp037") for number in range(3)])
    console.run(f"REPRO IDS(BASE.IN) ODS({base})")
    console.run(f"DEFINE AIX(NAME(BASE.AIX) RELATE({base}) -\nTRK(1 1) KEYS(2 2) RECSZ(50 200))")
    console.run(f"BLDINDEX IDS({base}) ODS(BASE.AIX)\nDEFINE PATH(NAME(BASE.PATH) -\nPATHENTRY(BASE.AIX))")
    source = made(console, kind, "FROM")
    fill(console, source)
    assert console.run(f"REPRO IDS({source}) ODS(BASE.PATH)").max_cc == 0
    assert console.records(base)[:7] == RECORDS
    assert sorted(console.records("BASE.PATH")) == sorted(console.records(base))
    again = console.run(f"REPRO IDS({source}) ODS(BASE.PATH) ERRORLIMIT(99)")
    assert again.max_cc == 8 and sum("IDC3308I" in line for line in again.sysprint) == 7


@pytest.mark.parametrize(("kind", "replaced"), [("KSDS", True), ("RRDS", True), ("VRRDS", True), ("ESDS", False)])
def test_replace_puts_records_in_the_place_of_their_like(console, kind, replaced):
    name = made(console, kind, "INTO")
    fill(console, name)
    changed = [record[:4] + b"\xd5" * 76 for record in RECORDS[2:5]]
    numbered = [RECORDS[0], RECORDS[1], *changed] if "RRDS" in kind else changed
    console.sequential("A.IN", numbered)
    assert console.run(f"REPRO IDS(A.IN) ODS({name}) REPLACE").max_cc == 0
    expected = RECORDS[:2] + changed + RECORDS[5:] if replaced else RECORDS + changed
    assert console.records(name) == expected
