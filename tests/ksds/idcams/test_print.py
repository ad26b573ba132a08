"""PRINT: three layouts, ranges, pages, and where it prints to."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ksds.datasets import DD
from ksds.idcams.print_records import dump_line, record_lines


def test_a_dump_line_in_its_columns():
    line = dump_line(bytes(range(0xC0, 0xE0)), 0)
    assert line[0:6] == "000000" and line[8:43] == "C0C1C2C3 C4C5C6C7 C8C9CACB CCCDCECF"
    assert line[46:81] == "D0D1D2D3 D4D5D6D7 D8D9DADB DCDDDEDF"
    assert (line[84], line[117], len(line)) == ("*", "*", 118)
    assert line[85:117].startswith("{ABCDEFGHI")
    assert dump_line(b"\xc1" * 33, 32) == f"000020  C1{' ' * 74}*A{' ' * 31}*"


def test_line_widths():
    record = b"\xc1" * 130
    assert [len(line) for line in record_lines(record, "CHARACTER")] == [120, 10]
    assert [len(line) for line in record_lines(record, "HEX")] == [120, 120, 20]
    assert len(list(record_lines(record, "DUMP"))) == 5
    assert list(record_lines(b"", "DUMP")) == []


@pytest.mark.parametrize(
    ("layout", "line"),
    [
        ("CHARACTER", "BBBBBBBBBB"),
        ("HEX", "C2C2C2C2C2C2C2C2C2C2"),
        ("DUMP", f"{'000000  C2C2C2C2 C2C2C2C2 C2C2':<84}*{'BBBBBBBBBB':<32}*"),
    ],
)
def test_layouts_of_a_sequential_data_set(console, layout, line):
    console.sequential("A.PS", [b"\xc1" * 10, b"\xc2" * 10, b"\xc3" * 10], "VB", 100)
    printed = console.run(f"PRINT IDS(A.PS) {layout} SKIP(1) COUNT(1)").sysprint
    at = printed.index("-LISTING OF DATA SET -A.PS")
    assert printed[at + 1 : at + 4] == [
        "0RECORD SEQUENCE NUMBER - 2",
        " " + line,
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1",
    ]


def test_counted_records_of_an_empty_data_set_are_code_4(console):
    console.sequential("A.PS", [], "FB", 80)
    result = console.run("PRINT IDS(A.PS) CHAR COUNT(1)")
    assert result.max_cc == 4
    assert any("IDC11462I REQUESTED RANGE END BEYOND END OF DATA SET." in line for line in result.sysprint)
    assert console.run("PRINT IDS(A.PS) CHAR").max_cc == 0


def test_keys_in_hexadecimal_and_in_characters(console):
    console.run("DEFINE CLUSTER(NAME(A.KSDS) TRK(1 1) KEYS(2 3) RECSZ(10 10))")
    with console.system.key_sequenced("A.KSDS", "w") as cluster:
        cluster.load([b"\xc1\xc1\xc1\xf0\x01\xc1\xc1"])
    assert "0KEY OF RECORD - F001" in console.run("PRINT IDS(A.KSDS) HEX").sysprint
    assert "0KEY OF RECORD - 0." in console.run("PRINT IDS(A.KSDS) CHAR").sysprint


def test_pages(console):
    console.sequential("A.PS", [b"\xc1" * 80] * 100)
    printed = console.run("PRINT IDS(A.PS) CHAR").sysprint
    headings = [at for at, line in enumerate(printed) if line.startswith("1IDCAMS  SYSTEM SERVICES")]
    assert len(headings) > 5
    for at, after in pairwise(headings[1:-1]):
        page = printed[at:after]
        assert page[1] == "-LISTING OF DATA SET -A.PS"
        assert page[2][0] == "0"
        assert sum({"1": 1, " ": 1, "0": 2, "-": 3}[line[0]] for line in page) in (52, 53)
    numbers = [int(printed[at][-7:]) for at in headings]
    assert numbers == list(range(1, len(headings) + 1))


def test_an_outfile_of_its_own(console):
    lines = []
    console.sequential("A.PS", [b"\xc1" * 80])
    result = console.run("PRINT IDS(A.PS) CHAR OUTFILE(LIST)", LIST=DD(name="LIST", spool=lines.append))
    assert lines[1:] == ["-LISTING OF DATA SET -A.PS", "0RECORD SEQUENCE NUMBER - 1", " " + "A" * 80]
    assert not any("RECORD SEQUENCE" in line for line in result.sysprint)
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1" in result.sysprint


def test_the_catalog_can_be_printed(console):
    console.sequential("A.PS", [])
    result = console.run(f"PRINT IDS({console.system.catalog.name}) CHAR")
    assert result.max_cc == 0
    assert any(line.startswith("0KEY OF RECORD - A.PS") for line in result.sysprint)


def test_control_characters_do_not_reach_the_listing(console):
    result = console.run("DELETE A.B /* \x1b[31m\x07\u2028 */")
    assert all(line.isprintable() for line in result.sysprint)
    assert any("/* .[31m.. */" in line for line in result.sysprint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("PRINT IDS(NO.SUCH)", "0IDC3012I ENTRY NO.SUCH NOT FOUND"),
        ("PRINT INFILE(NO)", " IDC3304I ** JCL STATEMENT MISSING"),
        ("PRINT IDS(A.PS) OUTFILE(NO)", " IDC3304I ** JCL STATEMENT MISSING"),
        ("PRINT IDS(A.PS) FROMKEY(A)", "0IDC3583I 'FROMKEY' INCOMPATIBLE WITH INFILE DATA SET TYPE"),
    ],
)
def test_what_cannot_be_printed(console, text, message):
    console.sequential("A.PS", [bytes(80)])
    messages = console.messages(text)
    assert message in messages
    assert messages[-1].endswith("WAS 12")


@pytest.mark.parametrize(("recfm", "lrecl"), [("FBA", 133), ("FB", 132), ("VBA", 125)])
def test_an_outfile_may_be_a_data_set(console, recfm, lrecl):
    console.sequential("A.IN", [b"\xc1" * 80])
    console.sequential("A.OUT", [], recfm, lrecl)
    dd = DD(name="OUT", data_sets=("A.OUT",), disposition=("OLD", "KEEP", "KEEP"))
    messages = console.messages("PRINT IDS(A.IN) CHAR OUTFILE(OUT)", OUT=dd)
    assert messages[0] == "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1"
    lines = [record.decode("cp037").rstrip() for record in console.records("A.OUT")]
    control = recfm.endswith("A")
    assert ("0" * control) + "RECORD SEQUENCE NUMBER - 1" in lines
    assert (" " * control) + "A" * 80 in lines
