"""REPRO between sequential data sets, clusters and DDs; ranges; records that the target will not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksds.datasets import DD, DataSetAttributes
from ksds.idcams.record_source import BATCH
from ksds.layout.control_interval import parse

CARDDEMO = Path(__file__).resolve().parents[4] / "shared" / "data" / "carddemo"

DEFINE = "DEFINE CLUSTER(NAME(A.KSDS) CYL(1 1) KEYS(4 0) RECSZ(80 80))"


def record(key, filler="x"):
    return f"{key:<4}{filler * 76}".encode("cp037")


def keyed(*keys):
    return [record(f"{key:04}") for key in keys]


@pytest.fixture
def ksds(console):
    """An empty KSDS A.KSDS and a function that fills it."""
    console.run(DEFINE)

    def fill(records):
        with console.system.key_sequenced("A.KSDS", "w") as cluster:
            cluster.load(records)

    return fill


def test_load_and_unload_give_the_same_bytes(console, ksds):
    records = keyed(*range(500))
    console.sequential("A.IN", records)
    console.sequential("A.OUT", keyed(9999))
    assert console.run("REPRO INDATASET(A.IN) OUTDATASET(A.KSDS)\nREPRO IDS(A.KSDS) ODS(A.OUT)").max_cc == 0
    assert console.records("A.OUT") == records == console.records("A.KSDS")
    with console.system.key_sequenced("A.KSDS") as cluster:
        assert cluster.verify() == []


@pytest.mark.parametrize(("name", "lrecl", "key", "count"), [("ACCTDATA", 300, 11, 50), ("DALYTRAN", 350, 16, 300)])
def test_real_files_come_back_byte_for_byte(console, name, lrecl, key, count):
    if not CARDDEMO.is_dir():
        pytest.skip("reads ../shared and it is absent")
    data = (CARDDEMO / f"{name}.PS").read_bytes()
    console.sequential("A.IN", [data[at : at + lrecl] for at in range(0, len(data), lrecl)], lrecl=lrecl)
    console.sequential("A.OUT", [], lrecl=lrecl)
    messages = console.messages(
        f"DEFINE CLUSTER(NAME(A.KSDS) CYL(1 5) KEYS({key} 0) RECSZ({lrecl} {lrecl}))\n"
        "REPRO IDS(A.IN) ODS(A.KSDS)\nREPRO IDS(A.KSDS) ODS(A.OUT)"
    )
    assert messages.count(f"0IDC0005I NUMBER OF RECORDS PROCESSED WAS {count}") == 2
    with console.system.sequential("A.OUT") as data_set:
        assert data_set.read(0, data_set.size()) == data


def test_records_go_into_a_cluster_that_has_some(console, ksds):
    ksds(keyed(*range(0, 1000, 2)))
    console.sequential("A.IN", keyed(*range(999, 0, -2)))
    assert console.run("REPRO IDS(A.IN) ODS(A.KSDS)").max_cc == 0
    assert console.records("A.KSDS") == keyed(*range(1000))


def test_duplicates_are_rejected_one_by_one(console, ksds):
    ksds([record("0001", "a"), record("0003", "a")])
    console.sequential("A.IN", [record("0001", "b"), record("0002", "b"), record("0003", "b")])
    messages = console.messages("REPRO IDS(A.IN) ODS(A.KSDS)")
    assert messages == [
        "0IDC3302I  ACTION ERROR ON A.KSDS",
        " IDC3308I ** DUPLICATE RECORD F0F0F0F1",
        "0IDC3302I  ACTION ERROR ON A.KSDS",
        " IDC3308I ** DUPLICATE RECORD F0F0F0F3",
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 8",
        "0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 8",
    ]
    assert console.records("A.KSDS") == [record("0001", "a"), record("0002", "b"), record("0003", "a")]


def test_the_fourth_rejected_record_ends_the_command(console, ksds):
    ksds(keyed(1, 2, 3, 4, 5))
    console.sequential("A.IN", keyed(0, 1, 2, 3, 4, 5, 6))
    messages = console.messages("REPRO IDS(A.IN) ODS(A.KSDS)")
    assert messages.count("0IDC3302I  ACTION ERROR ON A.KSDS") == 4
    assert messages[8:11] == [
        "0IDC31467I MAXIMUM ERROR LIMIT REACHED.",
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1",
        "0IDC3003I FUNCTION TERMINATED. CONDITION CODE IS 12",
    ]
    assert console.records("A.KSDS") == keyed(0, 1, 2, 3, 4, 5)
    assert console.run("REPRO IDS(A.IN) ODS(A.KSDS) ERRORLIMIT(100)").max_cc == 8
    assert console.records("A.KSDS") == keyed(0, 1, 2, 3, 4, 5, 6)


def test_replace(console, ksds):
    ksds([record("0001", "a"), record("0003", "a")])
    console.sequential("A.IN", [record("0001", "b"), record("0002", "b")])
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 2" in console.messages("REPRO IDS(A.IN) ODS(A.KSDS) REPLACE")
    assert console.records("A.KSDS") == [record("0001", "b"), record("0002", "b"), record("0003", "a")]


def test_an_initial_load_passes_over_what_does_not_ascend(console, ksds):
    console.sequential("A.IN", keyed(1, 3, 3, 2, 4))
    messages = console.messages("REPRO IDS(A.IN) ODS(A.KSDS)")
    assert messages[:4] == [
        "0IDC3302I  ACTION ERROR ON A.KSDS",
        " IDC3308I ** DUPLICATE RECORD F0F0F0F3",
        "0IDC3314I RECORD F0F0F0F2 OUT OF SEQUENCE",
        "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 3",
    ]
    assert console.records("A.KSDS") == keyed(1, 3, 4)


def test_an_initial_load_ends_at_the_fourth_error_and_keeps_what_it_has(console, ksds):
    console.sequential("A.IN", keyed(5, 6, 1, 2, 3, 4, 7))
    messages = console.messages("REPRO IDS(A.IN) ODS(A.KSDS)")
    assert "0IDC31467I MAXIMUM ERROR LIMIT REACHED." in messages
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 2" in messages
    assert console.records("A.KSDS") == keyed(5, 6)


def test_lengths_that_do_not_fit(console, ksds):
    short, long = b"\xf0\xf0", record("0009") + b"y"
    console.sequential("A.IN", [record("0001"), short, long, record("0010")], "VB", 120)
    messages = console.messages("REPRO IDS(A.IN) ODS(A.KSDS)")
    assert messages[:4] == [
        "0IDC3302I  ACTION ERROR ON A.KSDS",
        " IDC3309I ** RECORD F0F0 NOT WRITTEN.  LENGTH INVALID",
        "0IDC3302I  ACTION ERROR ON A.KSDS",
        " IDC3309I ** RECORD F0F0F0F9 NOT WRITTEN.  LENGTH INVALID",
    ]
    assert messages[-1].endswith("WAS 8")
    assert console.records("A.KSDS") == keyed(1, 10)
    console.sequential("A.OUT", [], lrecl=80)
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 2" in console.messages("REPRO IDS(A.IN) ODS(A.OUT)")
    assert console.records("A.OUT") == keyed(1, 10)


@pytest.mark.parametrize(
    ("operands", "wanted"),
    [
        ("COUNT(3)", [0, 10, 20]),
        ("SKIP(97)", [970, 980, 990]),
        ("SKIP(5) COUNT(2)", [50, 60]),
        ("FROMKEY(0970)", [970, 980, 990]),
        ("FROMKEY(0971)", [980, 990]),
        ("TOKEY(0020)", [0, 10, 20]),
        ("FROMKEY(0500) TOKEY(0525)", [500, 510, 520]),
        ("FROMKEY(050) TOKEY(051)", [500, 510]),
        ("FROMKEY(050*) COUNT(1)", [500]),
        ("FROMKEY(X'F0F5') COUNT(1)", [500]),
    ],
)
def test_ranges_of_a_ksds(console, ksds, operands, wanted):
    ksds(keyed(*range(0, 1000, 10)))
    console.sequential("A.OUT", [])
    assert console.run(f"REPRO IDS(A.KSDS) ODS(A.OUT) {operands}").max_cc == 0
    assert console.records("A.OUT") == keyed(*wanted)


@pytest.mark.parametrize(
    ("operands", "messages"),
    [
        (
            "FROMKEY(9)",
            ["0IDC3302I  ACTION ERROR ON A.KSDS", " IDC3351I ** VSAM I/O RETURN CODE IS 16", "0IDC3006I FUNCTION TERM"],
        ),
        ("SKIP(11)", ["0IDC3302I  ACTION ERROR ON A.KSDS", " IDC3351I ** VSAM I/O RETURN CODE IS 4", "0IDC3006I "]),
        (
            "FROMKEY(00000)",
            ["0IDC3302I  ACTION ERROR ON A.KSDS", " IDC3310I ** KEY SUPPLIED IS LONGER THAN KEY LENGTH"],
        ),
        ("FROMNUMBER(1)", ["0IDC3583I 'FROMNUMBER' INCOMPATIBLE WITH INFILE DATA SET TYPE"]),
        ("TONUMBER(5)", ["0IDC3583I 'TONUMBER' INCOMPATIBLE WITH INFILE DATA SET TYPE"]),
    ],
)
def test_ranges_that_cannot_begin(console, ksds, operands, messages):
    ksds(keyed(*range(10)))
    console.sequential("A.OUT", keyed(7))
    printed = console.messages(f"REPRO IDS(A.KSDS) ODS(A.OUT) {operands}")
    for line, wanted in zip(printed, messages, strict=False):
        assert line.startswith(wanted)
    assert printed[-1].endswith("WAS 12")
    assert console.records("A.OUT") == keyed(7), "the target was not touched"


def test_esds_and_rrds(console):
    console.run(
        "DEFINE CLUSTER(NAME(A.E) TRK(1 1) NONINDEXED RECSZ(80 80))\n"
        "DEFINE CLUSTER(NAME(A.R) TRK(1 1) NUMBERED RECSZ(80 80))\n"
        "DEFINE CLUSTER(NAME(A.S) TRK(1 1) NUMBERED RECSZ(80 80))"
    )
    console.sequential("A.IN", keyed(3, 1, 2))
    console.sequential("A.OUT", [])
    assert console.run("REPRO IDS(A.IN) ODS(A.E)\nREPRO IDS(A.E) ODS(A.R)").max_cc == 0
    assert console.records("A.E") == keyed(3, 1, 2) == console.records("A.R")
    assert console.run("REPRO IDS(A.E) ODS(A.OUT) FROMADDRESS(80) TOADDRESS(80)").max_cc == 0
    assert console.records("A.OUT") == keyed(1)
    assert " IDC3351I ** VSAM I/O RETURN CODE IS 32" in console.messages("REPRO IDS(A.E) ODS(A.OUT) FADDR(81)")
    assert console.run("REPRO IDS(A.R) ODS(A.OUT) FROMNUMBER(2)").max_cc == 0
    assert console.records("A.OUT") == keyed(1, 2)
    with console.system.relative_record("A.R", "w") as cluster:
        cluster.erase(2)
    assert console.run("REPRO IDS(A.R) ODS(A.S)").max_cc == 0
    with console.system.relative_record("A.S") as cluster:
        assert list(cluster.browse()) == [(1, keyed(3)[0]), (3, keyed(2)[0])], "slots keep their numbers"
    messages = console.messages("REPRO IDS(A.IN) ODS(A.R)")
    assert messages[1] == " IDC3308I ** DUPLICATE RECORD 1"
    assert messages[4] == "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 1"
    assert console.run("REPRO IDS(A.IN) ODS(A.E)").max_cc == 0
    assert console.records("A.E") == keyed(3, 1, 2, 3, 1, 2), "an ESDS adds always"


def test_reuse(console, ksds):
    ksds(keyed(1))
    console.sequential("A.IN", keyed(2))
    messages = console.messages("REPRO IDS(A.IN) ODS(A.KSDS) REUSE")
    assert messages[:2] == ["0IDC3300I  ERROR OPENING A.KSDS", " IDC3351I ** VSAM OPEN RETURN CODE IS 232"]
    assert console.records("A.KSDS") == keyed(1)
    console.run("DEFINE CLUSTER(NAME(A.REUSE) TRK(1 1) KEYS(4 0) RECSZ(80 80) REUSE)\nREPRO IDS(A.KSDS) ODS(A.REUSE)")
    assert console.run("REPRO IDS(A.IN) ODS(A.REUSE) REUSE").max_cc == 0
    assert console.records("A.REUSE") == keyed(2)


def test_dds(console, ksds):
    spooled = []
    dds = {
        "IN": DD(name="IN", instream=tuple(keyed(1, 2))),
        "OUT": DD(name="OUT", data_sets=("A.KSDS",), disposition=("OLD", "KEEP", "KEEP")),
        "NONE": DD(name="NONE", dummy=True),
        "PRINTER": DD(name="PRINTER", spool=spooled.append),
        "BOTH": DD(name="BOTH", data_sets=("A.ONE", "A.TWO")),
        "MOD": DD(name="MOD", data_sets=("A.ONE",), disposition=("MOD", "KEEP", "KEEP")),
    }
    console.sequential("A.ONE", keyed(3))
    console.sequential("A.TWO", keyed(4))
    assert console.run("REPRO INFILE(IN) OUTFILE(OUT)", **dds).max_cc == 0
    assert console.run("REPRO INFILE(BOTH) OUTFILE(OUT)", **dds).max_cc == 0
    assert console.records("A.KSDS") == keyed(1, 2, 3, 4)
    assert console.run("REPRO INFILE(OUT) OUTFILE(PRINTER) COUNT(1)", **dds).max_cc == 0
    assert spooled == ["0001" + "x" * 76]
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 4" in console.messages("REPRO IFILE(OUT) OFILE(NONE)", **dds)
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 0" in console.messages("REPRO IFILE(NONE) OFILE(OUT)", **dds)
    assert console.run("REPRO INDATASET(A.TWO) OUTFILE(MOD)", **dds).max_cc == 0
    assert console.records("A.ONE") == keyed(3, 4)


def test_a_new_data_set_takes_attributes_from_its_dd_or_the_source(console, ksds):
    ksds(keyed(1))
    attributes = DataSetAttributes("VB", 200)
    new = ("NEW", "CATLG", "DELETE")
    dds = {
        "SAID": DD(name="SAID", data_sets=("A.SAID",), attributes=attributes, disposition=new),
        "LIKE": DD(name="LIKE", data_sets=("A.LIKE",), disposition=new),
    }
    assert console.run("REPRO IDS(A.KSDS) OUTFILE(SAID)\nREPRO IDS(A.KSDS) OUTFILE(LIKE)", **dds).max_cc == 0
    assert console.system.entry("A.SAID").attributes == attributes
    assert (console.system.entry("A.LIKE").attributes.recfm, console.system.entry("A.LIKE").attributes.lrecl) == (
        "FB",
        80,
    )
    assert console.records("A.SAID") == console.records("A.LIKE") == keyed(1)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("REPRO INFILE(NO) ODS(A.KSDS)", ["0IDC3300I  ERROR OPENING NO", " IDC3304I ** JCL STATEMENT MISSING"]),
        ("REPRO IDS(NO.SUCH) ODS(A.KSDS)", ["0IDC3012I ENTRY NO.SUCH NOT FOUND", " IDC3009I ** VSAM CATALOG RETURN"]),
        ("REPRO IDS(A.IN) ODS(NO.SUCH)", ["0IDC3012I ENTRY NO.SUCH NOT FOUND"]),
        (
            "REPRO IDS(A.KSDS) ODS(A.IN)",
            ["0IDC3300I  ERROR OPENING A.KSDS", " IDC3351I ** VSAM OPEN RETURN CODE IS 160"],
        ),
        ("REPRO IDS(A.KSDS.DATA) ODS(A.IN)", ["0IDC3300I  ERROR OPENING A.KSDS.DATA", " IDC3351I ** VSAM OPEN"]),
        ("REPRO IDS(A.IN) ODS(A.KSDS.DATA)", ["0IDC3300I  ERROR OPENING A.KSDS.DATA"]),
        ("REPRO IDS(A.IN) ODS(A.IN)", ["0IDC3300I  ERROR OPENING A.IN"]),
    ],
)
def test_what_cannot_be_opened(console, ksds, text, messages):
    console.sequential("A.IN", keyed(1))
    printed = console.messages(text)
    for line, wanted in zip(printed, messages, strict=False):
        assert line.startswith(wanted)
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 0" in printed
    assert printed[-1].endswith("WAS 12")
    assert console.records("A.IN") == keyed(1)


def test_a_cluster_in_use(console, ksds):
    ksds(keyed(1))
    console.sequential("A.IN", keyed(2))
    with console.system.cluster("A.KSDS", "w"):
        messages = console.messages("REPRO IDS(A.IN) ODS(A.KSDS)")
    assert messages[:2] == ["0IDC3300I  ERROR OPENING A.KSDS", " IDC3351I ** VSAM OPEN RETURN CODE IS 168"]


def flip(tmp_path, pattern, offset):
    (path,) = tmp_path.rglob(pattern)
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(("component", "feedback"), [("data", 4), ("index", 12)])
def test_a_damaged_source_is_named(console, ksds, tmp_path, component, feedback):
    ksds(keyed(*range(400)))
    console.run("DEFINE CLUSTER(NAME(A.NEW) TRK(1 1) KEYS(4 0) RECSZ(80 80))")
    flip(tmp_path, f"A.KSDS.*.{component}", 100)
    messages = console.messages("REPRO IDS(A.KSDS) ODS(A.NEW)")
    assert messages[:2] == ["0IDC3302I  ACTION ERROR ON A.KSDS", f" IDC3351I ** VSAM I/O RETURN CODE IS {feedback}"]
    assert messages[2].endswith(f"{component.upper()} RBA 0")
    assert messages[-1].endswith("WAS 12")
    with console.system.key_sequenced("A.NEW") as target:
        assert len(target) == 0 and target.verify() == []


def test_the_records_before_the_damage_are_kept(console, ksds, tmp_path):
    """Records are looked at some hundred together: once those of the batch with the damage would have been lost."""
    ksds(keyed(*range(2000)))
    console.sequential("A.OUT", [])
    with console.system.key_sequenced("A.KSDS") as cluster:
        size = cluster.definition.ci_size
        before = [record for number in range(7) for record in parse(cluster.read_ci("data", number))]
    assert len(before) % BATCH and len(before) > BATCH
    flip(tmp_path, "A.KSDS.*.data", 7 * size + 100)
    messages = console.messages("REPRO IDS(A.KSDS) ODS(A.OUT)")
    assert messages[:2] == ["0IDC3302I  ACTION ERROR ON A.KSDS", " IDC3351I ** VSAM I/O RETURN CODE IS 4"]
    assert f"0IDC0005I NUMBER OF RECORDS PROCESSED WAS {len(before)}" in messages
    assert console.records("A.OUT") == before


def test_records_of_another_length_among_those_of_the_target_are_told_and_left_out(console):
    """Where all fit they are copied as they stand in the control intervals; where one does not, one by one."""
    console.run("DEFINE CLUSTER(NAME(A.K) TRK(5 1) KEYS(4 0) RECSZ(80 80) CISZ(512))")
    short = {500, 501, 777}
    records = [record[: 79 if number in short else 80] for number, record in enumerate(keyed(*range(1000)))]
    with console.system.key_sequenced("A.K", "w") as cluster:
        cluster.load(records)
    console.sequential("A.OUT", [])
    messages = console.messages("REPRO IDS(A.K) ODS(A.OUT)")
    shown = [line.split()[3] for line in messages if "IDC3309I" in line]
    assert shown == [records[number][:5].hex().upper() for number in sorted(short)]
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 997" in messages
    assert console.records("A.OUT") == [record for record in records if len(record) == 80]
    messages = console.messages("REPRO IDS(A.K) ODS(A.OUT) ERRORLIMIT(2)")
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 500" in messages


def test_a_damaged_catalog_is_named(console, ksds, tmp_path):
    flip(tmp_path, "catalog.data", 50)
    messages = console.messages("REPRO IDS(A.KSDS) ODS(A.KSDS)")
    assert messages[:2] == ["0IDC3300I  ERROR OPENING CATALOG.TEST", " IDC3351I ** VSAM I/O RETURN CODE IS 4"]
    for text in ("DELETE A.KSDS", "LISTCAT", "DEFINE CLUSTER(NAME(A.B) TRK(1))", "VERIFY DS(A.KSDS)"):
        assert console.run(text).max_cc in (8, 12)


def test_many_records_are_loaded_and_counted(console, ksds):
    console.sequential("A.IN", keyed(*range(9999)))
    assert "0IDC0005I NUMBER OF RECORDS PROCESSED WAS 9999" in console.messages("REPRO IDS(A.IN) ODS(A.KSDS)")
