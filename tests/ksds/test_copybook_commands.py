"""`ksds copybook`, and `browse`, `get`, `put` and `export` through a copybook, as their users meet them."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest

from ksds import cli
from ksds.codepage import code_page
from ksds.copybook.record_view import PIECE
from ksds.system import System
from tests.ksds.command_lines import Ksds, Outcome, one_line

CARDDEMO = Path(__file__).resolve().parents[3] / "shared" / "data" / "carddemo"
PAGE = code_page("cp037")
COPYBOOK = """
       01  ORDER-RECORD.
           05  ORDER-ID            PIC 9(4).
           05  STATUS-CODE         PIC X.
               88  IS-OPEN         VALUE 'O'.
               88  IS-CLOSED       VALUES 'C' 'X'.
           05  AMOUNT              PIC S9(5)V99 COMP-3.
           05  LINE-COUNT          PIC 9.
           05  LINE-ITEM OCCURS 0 TO 3 TIMES DEPENDING ON LINE-COUNT.
               10  QUANTITY        PIC S9(4) COMP.
               10  ARTICLE         PIC X(3).
"""
GOOD = PAGE.encode("0001O") + bytes.fromhex("0012345D") + PAGE.encode("1") + b"\0\7" + PAGE.encode("ABC")
BAD = PAGE.encode("0002X") + bytes.fromhex("40404040") + PAGE.encode("0")


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(folder: Path) -> Path:
    """A working folder with a copybook."""
    (folder / "order.cpy").write_text(COPYBOOK)
    return folder


@pytest.fixture
def orders(ksds: Ksds) -> None:
    """The same two records in every organization that has records of its own."""
    assert ksds("allocate", "SHOP.ORDERS", "--recfm", "VB", "--lrecl", "104").status == 0
    define = (
        " DEFINE CLUSTER (NAME(SHOP.KSDS) KEYS(4 0) RECORDSIZE(15 30) TRACKS(1 1))\n"
        " DEFINE CLUSTER (NAME(SHOP.ESDS) NONINDEXED RECORDSIZE(15 30) TRACKS(1 1))\n"
    )
    assert ksds("idcams", typed=define.encode()).status == 0
    with System.open("system") as system:
        with system.sequential("SHOP.ORDERS", "w") as data_set:
            data_set.append([GOOD, BAD])
        with system.cluster("SHOP.KSDS", "w") as keyed:
            keyed.load([GOOD, BAD])  # type: ignore[union-attr]
        with system.cluster("SHOP.ESDS", "w") as ordered:
            for record in (GOOD, BAD):
                ordered.append(record)  # type: ignore[union-attr]


def test_a_copybook_is_shown_as_a_table_and_as_objects(ksds: Ksds) -> None:
    lines = ksds("copybook", "order.cpy").out.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["Level", "Name", "Picture", "Usage", "Offset", "Length", "Remarks"],
        ["01", "ORDER-RECORD", "0", "25-"],
        ["05", "ORDER-ID", "9(4)", "DISPLAY", "0", "4"],
        ["05", "STATUS-CODE", "X", "DISPLAY", "4", "1"],
    ]
    assert lines[5].split() == ["88", "IS-CLOSED", "VALUE", "'C'", "'X'"]
    assert lines[8].split(maxsplit=4) == ["05", "LINE-ITEM", "10", "15-", "OCCURS 0 TO 3 DEPENDING ON LINE-COUNT"]
    found = [json.loads(line) for line in ksds("copybook", "order.cpy", "--json").out.splitlines()]
    assert found[5] == {
        "level": 5,
        "name": "LINE-ITEM",
        "path": "LINE-ITEM",
        "picture": None,
        "usage": None,
        "offset": 10,
        "length": 5,
        "moves": False,
        "occurs": {"least": 0, "most": 3, "depending": ["LINE-COUNT"]},
        "redefines": None,
        "sign": None,
        "conditions": {},
    }


def test_every_object_of_a_layout_has_the_same_members(ksds: Ksds) -> None:
    Path("all.cpy").write_text("01 A. 05 B PIC X. 05 PIC X. 66 C RENAMES B. 01 D PIC 9. 77 E COMP-1.")
    found = [json.loads(line) for line in ksds("copybook", "all.cpy", "--json").out.splitlines()]
    assert len({tuple(sorted(one)) for one in found}) == 1
    assert [(one["name"], one["path"]) for one in found] == [
        *(("A", "A"), ("B", "A.B"), (None, None), ("D", "D"), ("E", "E"), ("C", None))
    ]
    assert ksds("copybook", "all.cpy").out.splitlines()[-1].split() == ["66", "C", "0", "1", "RENAMES"]


@pytest.mark.parametrize("dsn", ["SHOP.ORDERS", "SHOP.KSDS", "SHOP.ESDS"])
def test_records_are_browsed_field_by_field(orders: None, ksds: Ksds, dsn: str) -> None:
    outcome = ksds("browse", dsn, "--copybook", "order.cpy")
    assert outcome.status == 4
    lines = outcome.out.splitlines()
    assert lines[0].endswith(", 15 BYTES")
    assert [line.split() for line in lines[1:8]] == [
        ["ORDER-ID", "1"],
        ["STATUS-CODE", "O", "IS-OPEN"],
        ["AMOUNT", "-123.45"],
        ["LINE-COUNT", "1"],
        ["LINE-ITEM(1)"],
        ["QUANTITY", "7"],
        ["ARTICLE", "ABC"],
    ]
    assert lines[9].split() == ["ORDER-ID", "2"] and lines[10].split() == ["STATUS-CODE", "X", "IS-CLOSED"]
    assert lines[11].split(maxsplit=1) == [
        "AMOUNT",
        "** X'40404040' IS NOT PACKED DECIMAL",
    ]
    assert lines[13].startswith("     0  F0F0F0F2 E7404040 40F0")
    key = {"SHOP.KSDS": "0002", "SHOP.ESDS": "15"}.get(dsn, "2")
    assert outcome.err == f"KSD021W RECORD {key}: AMOUNT AT OFFSET 5: X'40404040' IS NOT PACKED DECIMAL\n"


def test_browse_gives_objects_with_fields_and_errors(orders: None, ksds: Ksds) -> None:
    outcome = ksds("browse", "SHOP.KSDS", "--copybook", "order.cpy", "--json", "--from", "0002")
    (shown,) = [json.loads(line) for line in outcome.out.splitlines()]
    assert shown["key"] == "0002" and bytes.fromhex(shown["data"]) == BAD
    assert shown["fields"] == {"ORDER-ID": 2, "STATUS-CODE": "X", "AMOUNT": None, "LINE-COUNT": 0, "LINE-ITEM": []}
    assert shown["errors"] == [{"field": "AMOUNT", "offset": 5, "what": "X'40404040' IS NOT PACKED DECIMAL"}]
    assert ksds("get", "SHOP.KSDS", "0001", "--copybook", "order.cpy").out.splitlines()[3].split()[1] == "-123.45"


@pytest.mark.parametrize("dsn", ["SHOP.ORDERS", "SHOP.KSDS", "SHOP.ESDS"])
def test_a_data_set_becomes_json_csv_and_parquet(orders: None, ksds: Ksds, dsn: str) -> None:
    for target in ("out.json", "out.csv", "out.parquet"):
        outcome = ksds("export", dsn, target, "--copybook", "order.cpy")
        assert (outcome.status, outcome.out) == (4, "") and one_line(outcome.err)
    good, bad = map(json.loads, Path("out.json").read_text().splitlines())
    assert good == {
        **{"ORDER-ID": 1, "STATUS-CODE": "O", "AMOUNT": "-123.45", "LINE-COUNT": 1},
        "LINE-ITEM": [{"QUANTITY": 7, "ARTICLE": "ABC"}],
    }
    assert bad["AMOUNT"] is None and bad["_raw"] == BAD.hex().upper() and bad["_errors"][0]["field"] == "AMOUNT"
    head, *rows = csv.reader(io.StringIO(Path("out.csv").read_text()))
    assert head[3:6] == ["LINE-COUNT", "LINE-ITEM(1).QUANTITY", "LINE-ITEM(1).ARTICLE"] and len(head) == 12
    assert rows[0] == ["1", "O", "-123.45", "1", "7", "ABC", *[""] * 6]
    assert rows[1][10:] == ["AMOUNT AT OFFSET 5: X'40404040' IS NOT PACKED DECIMAL", BAD.hex().upper()]
    table = pyarrow.parquet.read_table("out.parquet")
    assert str(table.schema.field("AMOUNT").type) == "decimal128(7, 2)"
    first, second = table.to_pylist()
    assert first["AMOUNT"] == Decimal("-123.45") and first["LINE-ITEM"] == [{"QUANTITY": 7, "ARTICLE": "ABC"}]
    assert second["AMOUNT"] is None and second["_raw"] == BAD and len(second["_errors"]) == 1


def test_a_range_becomes_a_table_on_standard_output(orders: None, ksds: Ksds) -> None:
    words = ("browse", "SHOP.KSDS", "--copybook", "order.cpy", "--to", "0001", "--format")
    assert json.loads(ksds(*words, "json").out)["AMOUNT"] == "-123.45"
    assert len(ksds(*words, "csv").out.splitlines()) == 2
    assert ksds("browse", "SHOP.KSDS", "--copybook", "order.cpy", "--format", "csv").status == 4
    assert ksds("get", "SHOP.KSDS", "0001", "--copybook", "order.cpy", "--format", "csv").out.startswith("ORDER-ID,")
    assert ksds("browse", "SHOP.KSDS", "--format", "json").status == 2


def test_parquet_goes_to_a_file_and_to_no_terminal(orders: None, ksds: Ksds, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["browse", "SHOP.KSDS", "--copybook", "order.cpy", "--to", "0001", "--format", "parquet"]
    for kind, status in ((io.TextIOWrapper, 0), (Terminal, 2)):
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", kind(written))
        assert cli.run(words) == status
        if status == 0:
            assert pyarrow.parquet.read_table(io.BytesIO(written.getvalue()))["ORDER-ID"].to_pylist() == [1]
        else:
            assert written.getvalue() == b""


def test_many_records_come_in_their_order(ksds: Ksds) -> None:
    count = 30_000
    assert count * len("00000,,") > PIECE
    Path("many.txt").write_text("".join(f"{number:06}\n" for number in range(count)))
    Path("n.cpy").write_text("01 N PIC 9(6).")
    assert ksds("allocate", "A.B", "--lrecl", "6", "--from", "many.txt", "--text").status == 0
    for form in ("json", "csv", "parquet"):
        assert ksds("export", "A.B", "out", "--copybook", "n.cpy", "--format", form).status == 0
        if form == "json":
            found = [json.loads(line)["N"] for line in Path("out").read_text().splitlines()]
        elif form == "csv":
            found = [int(row["N"]) for row in csv.DictReader(Path("out").read_text().splitlines())]
        else:
            found = pyarrow.parquet.read_table("out")["N"].to_pylist()
        assert found == list(range(count))


def test_a_record_is_put_as_an_object_and_read_back(orders: None, ksds: Ksds) -> None:
    typed = b'{"ORDER-ID": 7, "AMOUNT": 12.30, "LINE-COUNT": 1, "LINE-ITEM": [{"QUANTITY": -1, "ARTICLE": "XYZ"}]}'
    assert ksds("put", "SHOP.KSDS", "--copybook", "order.cpy", typed=typed) == Outcome(0, "", "")
    shown = json.loads(ksds("get", "SHOP.KSDS", "0007", "--copybook", "order.cpy", "--json").out)
    assert shown["fields"] == {**json.loads(typed), "STATUS-CODE": "", "AMOUNT": "12.30"}
    for wrong in (b"", b"[]", b'{"X": 1}', b'{"ORDER-ID": 1' + b"[" * 100_000, b'{"ORDER-ID": 12345}', b"\xff"):
        outcome = ksds("put", "SHOP.KSDS", "--copybook", "order.cpy", typed=wrong)
        assert outcome.status == 12 and outcome.err.startswith("KSD121E") and one_line(outcome.err)


def test_what_was_exported_can_be_loaded_again_wrong_records_too(orders: None, ksds: Ksds) -> None:
    assert ksds("export", "SHOP.ORDERS", "out.json", "--copybook", "order.cpy").status == 4
    words = ("--recfm", "VB", "--lrecl", "104", "--copybook", "order.cpy")
    assert ksds("allocate", "SHOP.AGAIN", "--from", "out.json", *words) == Outcome(0, "", "")
    with System.open("system") as system:
        assert list(system.records("SHOP.AGAIN")) == [GOOD, BAD]
    for text, what in (
        ('{"ORDER-ID": 1}\n{"ORDER-ID": "x"}\n', "ORDER-ID CANNOT HOLD 'x': NOT A NUMBER IN HOST FILE LINE 2"),
        ('{"ORDER-ID": 1}\n\n', "THE RECORD IS NOT JSON"),
        ('{"_raw": "4"}\n', "_raw IS NOT HEXADECIMAL IN HOST FILE LINE 1"),
    ):
        Path("wrong.json").write_text(text)
        outcome = ksds("allocate", "SHOP.WRONG", "--from", "wrong.json", *words)
        assert outcome.status == 12 and what in outcome.err and one_line(outcome.err)
        assert ksds("browse", "SHOP.WRONG").status == 8
    assert ksds("allocate", "SHOP.WRONG", "--from", "out.json", "--text", *words).status == 2


def test_members_for_copy_are_found_beside_the_copybook_and_in_libraries(orders: None, ksds: Ksds) -> None:
    Path("outer.cpy").write_text("01 R. COPY Part1. COPY PART2.")
    Path("PART1.CPY").write_text("05 A PIC X(3).")
    Path("lib").mkdir()
    Path("lib/part2").write_text("       05 B PIC X(4).")
    wrong = ksds("copybook", "outer.cpy")
    assert (wrong.status, wrong.err) == (12, "KSD121E COPY MEMBER PART2 NOT FOUND IN outer.cpy LINE 1\n")
    assert len(ksds("copybook", "outer.cpy", "--copylib", "lib").out.splitlines()) == 4
    assert ksds("allocate", "SHOP.COPYLIB", "--dsorg", "PO", "--from", "lib", "--text").status == 0
    assert len(ksds("copybook", "outer.cpy", "--copylib", "shop.copylib").out.splitlines()) == 4
    Path("all.txt").write_text("       01 R.\n           COPY PART2.\n")
    assert ksds("allocate", "SHOP.COPYLIB(OUTER)", "--from", "all.txt", "--text").status == 0
    assert len(ksds("copybook", "SHOP.COPYLIB(OUTER)").out.splitlines()) == 3
    assert ksds("browse", "SHOP.ORDERS", "--copybook", "shop.copylib(outer)", "--count", "1").status == 4


def test_a_copybook_may_be_in_latin_1(ksds: Ksds) -> None:
    Path("old.cpy").write_bytes("      * Stra\xdfe\n       01 A PIC X.\n".encode("latin-1"))
    assert ksds("copybook", "old.cpy").out.splitlines()[1].split() == ["01", "A", "X", "DISPLAY", "0", "1"]


def test_a_table_on_a_terminal_shows_every_character(ksds: Ksds, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("odd.cpy").write_text("01 A PIC X. 88 B VALUE '[bold]'.")
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(shown, write_through=True))
    assert cli.run(["copybook", "odd.cpy"]) == 0
    assert "VALUE '[bold]'" in shown.getvalue().decode()


def test_a_copybook_that_is_not_there_makes_no_system(ksds: Ksds) -> None:
    assert one_line(ksds("copybook", "NO.SUCH(MEMBER)").err)
    assert ksds("copybook", "order.cpy").status == 0
    assert not Path("system").exists()


def test_a_file_that_is_no_copybook_is_not_read_to_its_end(ksds: Ksds) -> None:
    with Path("huge").open("wb") as file:
        file.truncate(1 << 40)
    outcome = ksds("copybook", "huge")
    assert outcome == Outcome(12, "", "KSD121E MORE THAN 4194304 BYTES ARE NO COPYBOOK IN huge\n")


def test_a_copybook_comes_through_a_pipe(orders: None, ksds: Ksds, folder: Path) -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_text, args=(COPYBOOK,))
    writer.start()
    outcome = ksds("get", "SHOP.KSDS", "0001", "--copybook", "pipe")
    writer.join()
    assert outcome.status == 0 and "IS-OPEN" in outcome.out


def test_a_character_that_ends_lines_elsewhere_does_not_end_a_json_line(ksds: Ksds) -> None:
    Path("data").write_bytes(bytes.fromhex("C11525C2 C1FC40C2"))
    Path("t.cpy").write_text("01 T PIC X(4).")
    assert ksds("allocate", "A.B", "--lrecl", "4", "--from", "data").status == 0
    assert ksds("export", "A.B", "out", "--copybook", "t.cpy").status == 0
    text = Path("out").read_text(encoding="utf-8")
    assert text.splitlines() == ['{"T": "A\\u0085\\nB"}', '{"T": "A\u00dc B"}']


def test_a_choice_shows_one_redefinition(orders: None, ksds: Ksds) -> None:
    Path("two.cpy").write_text("01 R. 05 ID PIC X(4). 05 S PIC X. 05 A PIC X(4). 05 B REDEFINES A PIC S9(7) COMP-3.")
    outcome = ksds("browse", "SHOP.KSDS", "--copybook", "two.cpy", "--use", "B if S=O", "--use", "A", "--json")
    first, second = [json.loads(line)["fields"] for line in outcome.out.splitlines()]
    assert (first["B"], "A" in first) == (-12345, False)
    assert (second["A"], "B" in second) == ("", False)


def test_faults_are_told_up_to_a_number_and_counted(ksds: Ksds) -> None:
    Path("many.txt").write_text("x\n" * 50)
    Path("n.cpy").write_text("01 N PIC 9(4).")
    assert ksds("allocate", "A.B", "--lrecl", "4", "--from", "many.txt", "--text").status == 0
    outcome = ksds("export", "A.B", "out.csv", "--copybook", "n.cpy")
    assert outcome.status == 4
    assert len(outcome.err.splitlines()) == 21
    assert outcome.err.endswith("KSD022W 50 RECORDS WITH WRONG FIELDS\n")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["browse", "SHOP.KSDS", "--copybook", "none.cpy"], 12, "KSD121E none.cpy IS NEITHER A HOST FILE NOR"),
        (["browse", "SHOP.KSDS", "--copybook", "SHOP.NONE(X)"], 12, "KSD121E SHOP.NONE(X) IS NEITHER"),
        (["copybook", "bad.cpy"], 12, "KSD121E PICTURE Q HAS NO SYMBOL Q IN bad.cpy LINE 2"),
        (["browse", "SHOP.KSDS", "--copybook", "order.cpy", "--format", "dump"], 2, "KSD001E"),
        (
            ["browse", "SHOP.KSDS", "--use", "X"],
            2,
            "KSD001E Invalid value: --copylib, --use and --format",
        ),
        (["browse", "SHOP.KSDS", "--copybook", "order.cpy", "--use", "NO"], 12, "KSD121E NO IS NEITHER"),
        (["export", "SHOP.KSDS", "out", "--copybook", "order.cpy", "--text"], 2, "KSD001E"),
        (["export", "SHOP.KSDS", "out", "--format", "csv"], 2, "KSD001E"),
        (["export", "SHOP.KSDS", "out.csv"], 2, "KSD001E Invalid value: out.csv would hold no .csv without --copybook"),
        (["export", "SHOP.KSDS", "out.jsonl"], 2, "KSD001E Invalid value: out.jsonl would hold no .jsonl without"),
        (["export", "SHOP.KSDS", "out.Parquet", "--salvage"], 2, "KSD001E Invalid value: out.Parquet would hold no"),
        (
            ["export", "SHOP.KSDS", "out.csv", "--copybook", "wide.cpy"],
            12,
            "KSD121E A TABLE WOULD HAVE MORE THAN 16384",
        ),
    ],
)
def test_what_cannot_be_is_one_line(orders: None, ksds: Ksds, words: list[str], status: int, message: str) -> None:
    Path("bad.cpy").write_text("01 R.\n  05 A PIC Q.\n")
    Path("wide.cpy").write_text("01 R. 05 A PIC X OCCURS 20000.")
    outcome = ksds(*words)
    assert outcome.status == status and outcome.err.startswith(message) and one_line(outcome.err)
    assert not Path("out").exists() and not Path("out.csv").exists()


def test_lines_and_bare_bytes_may_have_the_name_of_a_table_when_that_is_said(orders: None, ksds: Ksds) -> None:
    """A data set may hold lines of CSV; bytes as they are must be asked for."""
    assert ksds("export", "SHOP.KSDS", "lines.csv", "--text").status == 0
    assert ksds("export", "SHOP.KSDS", "bytes.json", "--rdw", "none").status == 0
    assert ksds("export", "SHOP.KSDS", "bytes.bin").status == 0


def test_parquet_without_pyarrow_is_one_line(orders: None, ksds: Ksds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    outcome = ksds("export", "SHOP.KSDS", "out.parquet", "--copybook", "order.cpy")
    assert outcome.status == 12 and one_line(outcome.err) and "pip install 'ksds-dtf[parquet]'" in outcome.err
    assert not Path("out.parquet").exists()


# -- real data ----------------------------------------------------------------------------------------------------

MONEY = "PIC S9(10)V99"
ACCOUNT = f"""
       01  ACCOUNT-RECORD.
           05 ID PIC 9(11). 05 STATUS-CODE PIC X.
           05 BALANCE {MONEY}.
           05 CREDIT-LIMIT {MONEY}.
           05 CASH-LIMIT {MONEY}.
           05 OPENED PIC X(10). 05 EXPIRES PIC X(10).
           05 REISSUED PIC X(10). 05 CYCLE-CREDIT {MONEY}.
           05 CYCLE-DEBIT {MONEY}. 05 ZIP PIC X(10).
           05 GROUP-ID PIC X(10). 05 FILLER PIC X(178).
"""
TRANSACTION = """
       01  TRANSACTION-RECORD.
           05 ID PIC X(16). 05 KIND PIC X(2). 05 CATEGORY PIC 9(4).
           05 ORIGIN PIC X(10). 05 DESCRIPTION PIC X(100).
           05 AMOUNT PIC S9(9)V99.
           05 MERCHANT. 10 ID PIC 9(9). 10 NAME PIC X(50).
              10 CITY PIC X(50). 10 ZIP PIC X(10).
           05 CARD PIC X(16). 05 MADE PIC X(26).
           05 PROCESSED PIC X(26). 05 FILLER PIC X(20).
"""


@pytest.mark.skipif(not CARDDEMO.is_dir(), reason="../shared/data/carddemo is absent: real z/OS files are not tested")
def test_real_files_read_without_a_fault(ksds: Ksds) -> None:
    for name, length, text, count in (("ACCTDATA", 300, ACCOUNT, 50), ("DALYTRAN", 350, TRANSACTION, 300)):
        Path("real.cpy").write_text(text)
        source = str(CARDDEMO / f"{name}.PS")
        assert ksds("allocate", f"REAL.{name}", "--lrecl", str(length), "--from", source).status == 0
        assert ksds("export", f"REAL.{name}", f"{name}.json", "--copybook", "real.cpy") == Outcome(0, "", "")
        assert len(Path(f"{name}.json").read_text().splitlines()) == count
    accounts = [json.loads(line) for line in Path("ACCTDATA.json").read_text().splitlines()]
    assert [account["ID"] for account in accounts] == list(range(1, 51))
    assert (accounts[0]["BALANCE"], accounts[0]["CREDIT-LIMIT"], accounts[0]["OPENED"]) == (
        *("194.00", "2020.00", "2014-11-20"),
    )
    transactions = [json.loads(line) for line in Path("DALYTRAN.json").read_text().splitlines()]
    assert [one["ID"] for one in transactions] == sorted(one["ID"] for one in transactions)
    amounts = [Decimal(one["AMOUNT"]) for one in transactions]
    assert min(amounts) < 0 < max(amounts) and all(one["MERCHANT"]["ID"] == 800000000 for one in transactions)
