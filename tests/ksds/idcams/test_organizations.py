"""Variable-length RRDS and linear data sets through IDCAMS: DEFINE, REPRO, PRINT, LISTCAT, VERIFY, DELETE."""

from __future__ import annotations

import pytest


@pytest.fixture
def numbered(console):
    console.run("DEFINE CLUSTER(NAME(A.V) TRK(1 1) NUMBERED RECSZ(20 60) CISZ(2048))")
    return console


@pytest.fixture
def linear(console):
    console.run("DEFINE CLUSTER(NAME(A.L) TRK(1 1) LINEAR)")
    return console


def test_numbered_with_different_record_sizes_is_a_variable_length_rrds(numbered):
    definition = numbered.system.entry("A.V").definition
    assert definition.is_variable
    assert (definition.key_length, definition.key_offset, definition.index_ci_size > 0) == (4, 0, True)
    listing = "\n".join(numbered.run("LISTCAT ENTRIES(A.V) ALL").sysprint)
    for shown in ("A.V.INDEX", "KEYLEN-----------------4", "AVGLRECL--------------20", "MAXLRECL--------------60"):
        assert shown in listing
    assert "NUMBERED" in listing


def test_records_of_any_length_go_in_under_numbers_from_1(numbered):
    numbered.sequential("A.PS", [b"one", b"number two", b"3"], "VB", 100)
    messages = numbered.messages("REPRO IDS(A.PS) ODS(A.V)")
    assert messages[0] == "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 3"
    with numbered.system.cluster("A.V") as cluster:
        assert list(cluster.browse()) == [(1, b"one"), (2, b"number two"), (3, b"3")]
        assert cluster.verify() == []


def test_numbers_are_kept_from_one_relative_record_data_set_to_another(numbered):
    with numbered.system.cluster("A.V", "w") as cluster:
        cluster.load([(5, b"five"), (1000, b"a thousand")])
    numbered.run("DEFINE CLUSTER(NAME(A.W) TRK(1 1) NUMBERED RECSZ(20 60))\nREPRO IDS(A.V) ODS(A.W)")
    with numbered.system.cluster("A.W") as cluster:
        assert list(cluster.browse()) == [(5, b"five"), (1000, b"a thousand")]
    again = numbered.messages("REPRO IDS(A.V) ODS(A.W)")
    assert again[1] == " IDC3308I ** DUPLICATE RECORD 5"
    assert numbered.run("REPRO IDS(A.V) ODS(A.W) REPLACE FROMNUMBER(6)").max_cc == 0


def test_a_record_too_long_is_rejected_and_the_rest_loaded(numbered):
    numbered.sequential("A.PS", [b"short", bytes(61), b"short too"], "VB", 100)
    messages = numbered.messages("REPRO IDS(A.PS) ODS(A.V)")
    assert messages[1] == " IDC3309I ** RECORD 2 NOT WRITTEN.  LENGTH INVALID"
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 2" in messages


def test_print_shows_record_numbers(numbered):
    with numbered.system.cluster("A.V", "w") as cluster:
        cluster.load([(5, "FIVE".encode("cp037")), (9, "NINE".encode("cp037"))])
    lines = numbered.run("PRINT IDS(A.V) CHAR FROMNUMBER(6)").sysprint
    assert "0RELATIVE RECORD NUMBER - 9" in lines
    assert " NINE" in lines
    assert not any("FIVE" in line for line in lines)


def test_examine_and_verify_of_a_variable_length_rrds(numbered):
    with numbered.system.cluster("A.V", "w") as cluster:
        cluster.load([(5, b"five")])
    assert numbered.run("EXAMINE NAME(A.V) DATATEST\nVERIFY DS(A.V)").max_cc == 0


def test_a_linear_data_set_is_listed_verified_and_deleted(linear):
    assert linear.system.entry("A.L").definition.ci_size == 4096
    listing = "\n".join(linear.run("LISTCAT ENTRIES(A.L) ALL").sysprint)
    assert "LINEAR" in listing
    assert "AVGLRECL---------------0" in listing
    assert linear.messages("VERIFY DS(A.L)")[0] == "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0"
    assert linear.messages("DELETE A.L")[:2] == [
        "0IDC0550I ENTRY (D) A.L.DATA DELETED",
        "0IDC0550I ENTRY (C) A.L DELETED",
    ]


@pytest.mark.parametrize(("coded", "made"), [("CISZ(4097)", 8192), ("CISZ(512)", 4096), ("CISZ(32768)", 32768)])
def test_the_control_interval_size_is_rounded_up_to_a_multiple_of_4096(console, coded, made):
    console.run(f"DEFINE CLUSTER(NAME(A.L) CYL(1) LINEAR {coded})")
    assert console.system.entry("A.L").definition.ci_size == made


@pytest.mark.parametrize(
    ("operand", "keyword"),
    [
        ("RECSZ(80 80)", "RECORDSIZE"),
        ("KEYS(8 0)", "KEYS"),
        ("FREESPACE(10 10)", "FREESPACE"),
        ("SHR(2 4)", "SHAREOPTIONS"),
    ],
)
def test_what_a_linear_data_set_cannot_have(console, operand, keyword):
    messages = console.messages(f"DEFINE CLUSTER(NAME(A.L) TRK(1) LINEAR {operand})")
    assert messages[0] == f"0IDC3226I INCONSISTENT PARAMETERS INVOLVING '{keyword}'"
    assert console.run("DEFINE CLUSTER(NAME(A.L) TRK(1) LINEAR SHR(2 3))").max_cc == 0


def test_a_linear_data_set_is_copied_whole(linear):
    intervals = [bytes([letter]) * 4096 for letter in b"abc"]
    linear.sequential("A.PS", intervals, "FB", 4096)
    linear.run("DEFINE CLUSTER(NAME(A.M) TRK(1 1) LINEAR)\nREPRO IDS(A.PS) ODS(A.L)\nREPRO IDS(A.L) ODS(A.M)")
    assert linear.records("A.M") == intervals
    assert linear.messages("REPRO IDS(A.L) ODS(A.M) COUNT(1)")[0] == (
        "0IDC3583I 'COUNT' INCOMPATIBLE WITH INFILE DATA SET TYPE"
    )
    linear.sequential("A.SHORT", [bytes(80)], "FB", 80)
    assert linear.messages("REPRO IDS(A.SHORT) ODS(A.L)")[1].startswith(" IDC3309I ** RECORD")
    assert linear.messages("REPRO IDS(A.L) ODS(A.SHORT)")[1].startswith(" IDC3309I ** RECORD")


def test_print_of_a_linear_data_set_takes_whole_intervals(linear):
    with linear.system.cluster("A.L", "w") as data_set:
        for letter in b"abc":
            data_set.append(bytes([letter]) * 4096)
    lines = linear.run("PRINT IDS(A.L) HEX FROMADDRESS(4100) TOADDRESS(8191)").sysprint
    assert [line for line in lines if "RBA OF RECORD" in line] == ["0RBA OF RECORD - " + f"{4096:>16}"]
    assert linear.messages("PRINT IDS(A.L) FROMNUMBER(1)")[0].endswith(
        "'FROMNUMBER' INCOMPATIBLE WITH INFILE DATA SET TYPE"
    )
