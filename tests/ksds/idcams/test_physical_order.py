"""REPRO and PRINT by address, and of the components of a cluster."""

from __future__ import annotations

import pytest


def record(number):
    return (b"%04d" % number).decode().encode("cp037") + b"\x40" * 76


@pytest.fixture
def split(console):
    """A KSDS in which a split has parted key order from physical order."""
    console.run(
        "DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80) -\n"
        "CISZ(512))\nDEFINE CLUSTER(NAME(A.E) TRK(1 1) NIXD RECSZ(80 80))"
    )
    with console.system.key_sequenced("A.K", "w") as cluster:
        cluster.load(record(number) for number in range(0, 24, 2))
        cluster.insert(record(1))
    return console


def numbers(console, name="A.E"):
    return [int(one[:4].decode("cp037")) for one in console.records(name)]


def test_a_ksds_is_copied_in_physical_order_by_address(split):
    assert split.run("REPRO IDS(A.K) ODS(A.E) FROMADDRESS(0)").max_cc == 0
    found = numbers(split)
    assert sorted(found) == numbers(split, "A.K")
    assert found != sorted(found)


def test_a_range_of_addresses(split):
    assert split.run("REPRO IDS(A.K) ODS(A.E) FADDR(80) TADDR(512)").max_cc == 0
    assert numbers(split) == [1, 2, 12]


def test_an_address_that_is_no_record_s(split):
    messages = split.messages("REPRO IDS(A.K) ODS(A.E) FADDR(81)")
    assert messages[:3] == [
        "0IDC3302I  ACTION ERROR ON A.K",
        " IDC3351I ** VSAM I/O RETURN CODE IS 32",
        "0IDC3006I FUNCTION TERMINATED DUE TO BEGINNING POSITIONING ERROR",
    ]


def test_addresses_print_with_their_rba(split):
    printed = split.run("PRINT IDS(A.K) CHAR FADDR(80) COUNT(1)").sysprint
    assert f"0RBA OF RECORD - {80:>16}" in printed
    assert any(line.startswith(" 0001") for line in printed)


def test_the_data_component_is_read_in_physical_order(split):
    assert split.run("REPRO IDS(A.K.DATA) ODS(A.E)").max_cc == 0
    assert numbers(split) != sorted(numbers(split))
    printed = split.run("PRINT IDS(A.K.DATA) CHAR COUNT(1)").sysprint
    assert f"0RBA OF RECORD - {0:>16}" in printed


def test_the_index_component_is_printed_by_control_interval(split):
    printed = split.run("PRINT IDS(A.K.INDEX)").sysprint
    identities = [line for line in printed if line.startswith("0RBA OF RECORD")]
    assert identities == [f"0RBA OF RECORD - {0:>16}"]
    assert any(line.startswith(" 000000  01F9") for line in printed)
    assert printed.count("0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1") == 1


def test_components_without_keys(console):
    for definition in ("NAME(A.R) NUMD", "NAME(A.E) NIXD"):
        console.run(f"DEFINE CLUSTER({definition} TRK(1 1) RECSZ(80 80))")
    with console.system.cluster("A.R", "w") as cluster:
        cluster.insert(3, record(3))
    assert console.run("REPRO IDS(A.R.DATA) ODS(A.E)\nREPRO IDS(A.E.DATA) ODS(A.R) REPLACE").max_cc == 0
    assert numbers(console, "A.E") == [3]


def test_a_component_cannot_be_written(split):
    assert "0IDC3300I  ERROR OPENING A.K.DATA" in split.messages("REPRO IDS(A.K) ODS(A.K.DATA)")
