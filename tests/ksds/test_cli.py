"""The program `ksds` as its users meet it: what they type, what they read, the exit status."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from ksds import cli
from ksds.cluster.definition import ClusterDefinition
from ksds.codepage import code_page
from ksds.system import System
from tests.ksds.command_lines import Ksds, Outcome, one_line
from tests.ksds.tensors import sets

PAGE = code_page("cp037")
ACCOUNTS = "BANK.ACCOUNTS"
COMMANDS = (
    "allocate",
    "browse",
    "ci",
    "copybook",
    "erase",
    "examine",
    "export",
    "get",
    "idcams",
    "import",
    "listcat",
    "ls",
    "map",
    "members",
    "put",
    "rpl",
    "stat",
    "tensors",
    "verify",
)
RECORDS = [PAGE.pad(f"{number:04} ACCOUNT", 80) for number in range(0, 100, 3)]


@pytest.fixture
def accounts(folder: Path) -> Path:
    """34 accounts, keys 0000 to 0099 by threes, six to a CI of 512 bytes, five CIs to a control area."""
    definition = ClusterDefinition(
        name=ACCOUNTS,
        key_length=4,
        average_record=80,
        maximum_record=80,
        ci_size=512,
        index_ci_size=512,
        cis_per_ca=5,
    )
    with System.open(folder / "system") as system:
        system.define_cluster(definition)
        with system.key_sequenced(ACCOUNTS, "w") as cluster:
            cluster.load(RECORDS)
    return folder


# -- records ------------------------------------------------------------------------------------------------------


def test_a_record_is_found_by_its_key_typed_as_text_or_hex(accounts: Path, ksds: Ksds) -> None:
    assert ksds("get", ACCOUNTS, "0006").out == "0006 ACCOUNT".ljust(80) + "\n"
    assert ksds("get", ACCOUNTS.lower(), "F0F0F0F6", "--hex").out.startswith("0006")
    shown = json.loads(ksds("get", ACCOUNTS, "0099", "--json").out)
    assert shown == {"key": "0099", "rba": 2800, "ci": 5, "length": 80, "data": RECORDS[-1].hex().upper()}


def test_records_come_and_go(accounts: Path, ksds: Ksds) -> None:
    assert ksds("put", ACCOUNTS, "--text", typed=b"0007 NEW\n") == Outcome(0, "", "")
    assert ksds("get", ACCOUNTS, "0007").out == "0007 NEW\n"
    assert ksds("put", ACCOUNTS, "--text", "--update", typed=b"0007 CHANGED\n").status == 0
    assert ksds("get", ACCOUNTS, "0007", "--format", "hex").out == PAGE.encode("0007 CHANGED").hex().upper() + "\n"
    assert ksds("erase", ACCOUNTS, "0007").status == 0
    assert "FEEDBACK 16 (X'10')" in ksds("get", ACCOUNTS, "0007").err


def test_a_record_is_put_from_a_file_as_bytes_or_hex(accounts: Path, ksds: Ksds) -> None:
    Path("record").write_bytes(PAGE.encode("0001 BYTES"))
    assert ksds("put", ACCOUNTS, "record").status == 0
    assert ksds("put", ACCOUNTS, "--hex", typed=b"F0F0F0F2\n").status == 0
    assert ksds("browse", ACCOUNTS, "--from", "0001", "--to", "0002").out == "0001 BYTES\n0002\n"


def test_browse_reads_a_range_forward_and_backward(accounts: Path, ksds: Ksds) -> None:
    def keys(*words: str) -> list[str]:
        return [line[:4] for line in ksds("browse", ACCOUNTS, *words).out.splitlines()]

    assert keys() == [f"{number:04}" for number in range(0, 100, 3)]
    assert keys("--from", "005", "--count", "3") == ["0051", "0054", "0057"]
    assert keys("--from", "0050", "--to", "0060") == ["0051", "0054", "0057", "0060"]
    assert keys("--prefix", "009", "--reverse") == ["0099", "0096", "0093", "0090"]
    assert keys("--from", "1000") == []


def test_browse_for_programs_and_for_eyes(accounts: Path, ksds: Ksds) -> None:
    rows = [json.loads(line) for line in ksds("browse", ACCOUNTS, "--json").out.splitlines()]
    assert [bytes.fromhex(row["data"]) for row in rows] == RECORDS
    assert all(row["rba"] // 512 == row["ci"] and row["length"] == 80 for row in rows)
    dump = ksds("browse", ACCOUNTS, "--count", "1", "--format", "dump").out.splitlines()
    assert dump[:2] == ["0000, 80 BYTES", "     0  F0F0F0F0 40C1C3C3 D6E4D5E3 40404040  0000 ACCOUNT    "]


def test_raw_records_are_the_bytes_themselves(accounts: Path) -> None:
    done = program("browse", ACCOUNTS, "--format", "raw", folder=accounts)
    assert done.stdout == b"".join(RECORDS)


# -- looking inside -------------------------------------------------------------------------------------------------


def test_a_control_interval_is_shown_beside_its_meaning(accounts: Path, ksds: Ksds) -> None:
    lines = ksds("ci", ACCOUNTS, "0").out.splitlines()
    assert lines[0] == "DATA CI 0 OF BANK.ACCOUNTS, 512 BYTES"
    assert lines[1].endswith("record 1, 80 bytes, key 0000")
    assert lines[-3].split()[:2] == ["502", "080006"]
    assert lines[-1].split(maxsplit=3)[3] == "CIDF: free space at 480, 22 bytes"


def test_the_pieces_of_a_control_interval_cover_it(accounts: Path, ksds: Ksds) -> None:
    for component in ("data", "index"):
        shown = json.loads(ksds("ci", ACCOUNTS, "0", "--component", component, "--json").out)
        at = 0
        for field in shown["fields"]:
            assert field["offset"] == at
            at += field["length"]
        assert at == 512
        whole = bytes.fromhex("".join(field["data"] for field in shown["fields"]))
        with System.open("system") as system, system.key_sequenced(ACCOUNTS) as cluster:
            assert whole == cluster.read_ci(component, 0)


def test_the_map_shows_free_and_used_intervals(accounts: Path, ksds: Ksds) -> None:
    lines = ksds("map", ACCOUNTS).out.splitlines()
    assert lines[0] == "BANK.ACCOUNTS: 34 RECORDS, 5 CIS OF 512 BYTES A CA"
    assert lines[2:] == ["CA 0  RBA 0  5 OF 5 CIS IN USE", "  99999", "CA 1  RBA 2560  1 OF 5 CIS IN USE", "  6...."]
    areas = [json.loads(line) for line in ksds("map", ACCOUNTS, "--json").out.splitlines()]
    assert areas[1] == {"ca": 1, "rba": 2560, "used": 1, "percent": [64, None, None, None, None]}


# -- IDCAMS -------------------------------------------------------------------------------------------------------

DEFINE_AND_LOAD = b"""
  DEFINE CLUSTER (NAME(BANK.PEOPLE) INDEXED KEYS(4 0) -
    RECORDSIZE(20 20) TRACKS(1 1))
  REPRO INFILE(IN) OUTDATASET(BANK.PEOPLE)
  PRINT INDATASET(BANK.PEOPLE) CHARACTER COUNT(1)
"""


def test_idcams_defines_loads_and_prints(folder: Path, ksds: Ksds) -> None:
    Path("people.txt").write_text("0001 ADA\n0002 GRACE\n")
    ksds("allocate", "BANK.INPUT", "--recfm", "FB", "--lrecl", "20", "--from", "people.txt", "--text")
    outcome = ksds("idcams", "--dd", "IN=BANK.INPUT", typed=DEFINE_AND_LOAD)
    assert (outcome.status, outcome.err) == (0, "")
    assert "IDC0005I NUMBER OF RECORDS PROCESSED WAS 2" in outcome.out
    assert "IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS 0" in outcome.out
    assert ksds("browse", "BANK.PEOPLE").out.split() == ["0001", "ADA", "0002", "GRACE"]


def test_a_listing_for_people_has_no_carriage_control(folder: Path, ksds: Ksds) -> None:
    lines = ksds("listcat").out.splitlines()
    assert lines[0].startswith("IDCAMS  SYSTEM SERVICES")
    assert not any(first == second == "" for first, second in pairwise(lines))


def test_what_idcams_does_not_read_of_a_line_is_said(folder: Path, ksds: Ksds) -> None:
    numbered = f"{' LISTCAT':72}00000100\n"
    long = ksds("idcams", typed=(numbered + f"{' LISTCAT':72}LEVEL(A)\n").encode())
    assert long.err == "KSD014W LINE 2 GOES ON BEHIND COLUMN 72, WHICH IS NOT READ: LEVEL(A)\n"
    assert long.status == 0
    assert ksds("idcams", typed=numbered.encode()).err == ""
    assert ksds("idcams", typed=(" PARM MARGINS(2 100)\n" + f"{' LISTCAT':72}LEVEL(A)\n").encode()).err == ""


def test_shorthands_are_idcams_commands(accounts: Path, ksds: Ksds) -> None:
    assert "KEYLEN-----------------4" in ksds("listcat", ACCOUNTS, "ALL").out
    assert ACCOUNTS in ksds("listcat", "LEVEL(BANK)").out
    assert ksds("examine", ACCOUNTS).status == 0
    assert ksds("verify", ACCOUNTS).status == 0
    names = [f"{'ABCDEFGH.' * 4}N{number}" for number in range(5)]
    assert ksds("listcat", ACCOUNTS, *names, "ALL").out.count("NOT FOUND") == 5, "many long names are no long line"


@pytest.mark.parametrize("word", [f"A) ; DELETE {ACCOUNTS}", f"LEVEL(A) ; DELETE {ACCOUNTS}", "A /* B", "A\nB", "'A'"])
def test_a_word_of_listcat_starts_no_other_command(accounts: Path, ksds: Ksds, word: str) -> None:
    """Once the first of these deleted the cluster."""
    assert ksds("listcat", word).status == 2
    assert ksds("get", ACCOUNTS, "0006").status == 0


def test_the_catalog_and_findings_for_programs(accounts: Path, ksds: Ksds) -> None:
    entries = [json.loads(line) for line in ksds("listcat", "BANK.**", "--json").out.splitlines()]
    assert [(entry["name"], entry["type"]) for entry in entries] == [
        (ACCOUNTS, "CLUSTER"),
        (f"{ACCOUNTS}.DATA", "DATA"),
        (f"{ACCOUNTS}.INDEX", "INDEX"),
    ]
    assert entries[0]["definition"]["key_length"] == 4
    assert ksds("examine", ACCOUNTS, "--json") == Outcome(0, "", "")
    (path,) = Path("system/volumes").rglob("BANK.ACCOUNTS*.data")
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    outcome = ksds("examine", ACCOUNTS, "--json")
    assert outcome.status == 8
    assert json.loads(outcome.out.splitlines()[0])["ci"] == 0


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        (b" DELETE BANK.NONE\n", 8, "IDC3012I ENTRY BANK.NONE NOT FOUND"),
        (b" FROBNICATE X\n", 12, "IDC3219I VERB NAME 'FROBNICATE' UNKNOWN"),
        (b" DEFINE CLUSTER (NAME(A.B) TRACKS(1 1) KEYS(300 0))\n", 12, "IDC3"),
        (b" PRINT\n", 12, "IDC32"),
        (b"\xff\xfe", 12, "IS NOT TEXT IN UTF-8"),
    ],
)
def test_a_wrong_statement_gets_its_message(folder: Path, ksds: Ksds, typed: bytes, status: int, said: str) -> None:
    outcome = ksds("idcams", typed=typed)
    assert outcome.status == status
    assert said in outcome.out + outcome.err
    assert "Traceback" not in outcome.out + outcome.err


def test_a_shorthand_cannot_smuggle_in_another_command(accounts: Path, ksds: Ksds) -> None:
    outcome = ksds("examine", f"X)\n DELETE {ACCOUNTS}\n VERIFY DATASET(X")
    assert outcome.status == 2 and one_line(outcome.err)
    assert ksds("get", ACCOUNTS, "0000").status == 0


# -- host files ---------------------------------------------------------------------------------------------------


def test_text_becomes_records_and_text_again(folder: Path, ksds: Ksds) -> None:
    Path("in.txt").write_text("FIRST\nSECOND LINE\n\n")
    assert ksds("allocate", "A.TEXT", "--recfm", "FB", "--lrecl", "20", "--from", "in.txt", "--text").status == 0
    assert ksds("browse", "A.TEXT").out == "FIRST".ljust(20) + "\n" + "SECOND LINE".ljust(20) + "\n" + " " * 20 + "\n"
    assert ksds("export", "A.TEXT", "out.txt", "--text").status == 0
    assert Path("out.txt").read_text() == "FIRST\nSECOND LINE\n\n"
    ksds("export", "A.TEXT", "out.bin")
    assert Path("out.bin").read_bytes() == PAGE.pad("FIRST", 20) + PAGE.pad("SECOND LINE", 20) + PAGE.pad("", 20)


@pytest.mark.parametrize("recfm", ["FB", "VB", "U"])
def test_the_bytes_of_a_data_set_make_the_same_round_trip(recfm: str, folder: Path, ksds: Ksds) -> None:
    Path("in.txt").write_text("ONE\nTWO\n")
    lrecl = "0" if recfm == "U" else "20"
    ksds("allocate", "A.ONE", "--recfm", recfm, "--lrecl", lrecl, "--from", "in.txt", "--text")
    assert ksds("export", "A.ONE", "raw").status == 0
    assert ksds("allocate", "A.TWO", "--recfm", recfm, "--lrecl", lrecl, "--from", "raw").status == 0
    assert ksds("browse", "A.TWO").out.split() == ["ONE", "TWO"]


def test_a_cluster_leaves_record_after_record(accounts: Path, ksds: Ksds) -> None:
    assert ksds("export", ACCOUNTS, "out").status == 0
    assert Path("out").read_bytes() == b"".join(RECORDS)
    assert list(Path().glob(".out*")) == []


# -- what can go wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "typed", "status", "said"),
    [
        (["get", "BANK.NONE", "1"], b"", 8, "IDC3012I ENTRY BANK.NONE NOT FOUND"),
        (["browse", "../etc"], b"", 12, "IDC3203I"),
        (["get", ACCOUNTS, "0001"], b"", 8, "no record with key F0F0F0F1 IN BANK.ACCOUNTS\n"),
        (
            ["get", ACCOUNTS, "1"],
            b"",
            8,
            "no record with key F1404040; '1' was filled with blanks to the 4 bytes of the",
        ),
        (["erase", ACCOUNTS, "1"], b"", 8, "RPLNOREC: no record with key F1404040; '1' was filled with blanks"),
        (["get", ACCOUNTS, "00010"], b"", 8, "FEEDBACK 112 (X'70') RPLKEYLC"),
        (["browse", ACCOUNTS, "--from", "00010"], b"", 8, "FEEDBACK 112 (X'70') RPLKEYLC"),
        (["erase", ACCOUNTS, "0001"], b"", 8, "FEEDBACK 16 (X'10') RPLNOREC"),
        (["put", ACCOUNTS, "--text"], b"0003 TWICE", 8, "FEEDBACK 8 (X'08') RPLDUP"),
        (["put", ACCOUNTS, "--text", "--update"], b"0004 NONE", 8, "FEEDBACK 16 (X'10') RPLNOREC"),
        (["put", ACCOUNTS], b"abc", 8, "FEEDBACK 108 (X'6C') RPLINLEN"),
        (["put", ACCOUNTS, "--text"], b"0004" + b"x" * 77, 8, "FEEDBACK 108 (X'6C') RPLINLEN"),
        (["put", ACCOUNTS, "--text"], "0004 €".encode(), 12, "CHARACTER U+20AC"),
        (["put", ACCOUNTS, "no-such-file"], b"", 12, "KSD002E no-such-file: No such file or directory"),
        (["put", ACCOUNTS, "--hex"], b"F0F", 2, "KSD001E"),
        (["ci", ACCOUNTS, "10"], b"", 8, "FEEDBACK 32 (X'20') RPLINRBA"),
        (["ci", "BANK.NONE", "0"], b"", 8, "IDC3012I"),
        (["get", ACCOUNTS], b"", 2, "KSD001E Missing argument 'KEY'"),
        (["frobnicate"], b"", 2, "KSD001E No such command 'frobnicate'"),
        (["browse", ACCOUNTS, "--count", "x"], b"", 2, "KSD001E"),
        (["browse", ACCOUNTS, "--codepage", "utf-8"], b"", 12, "CODE PAGE utf-8"),
        (["allocate", "A.B", "--recfm", "ZZ"], b"", 12, "RECFM ZZ"),
        (["allocate", "A.B", "--recfm", "FB", "--lrecl", "80", "--blksize", "81"], b"", 12, "BLKSIZE 81"),
        (["allocate", "A.B", "--from", "no-such-file"], b"", 12, "KSD002E no-such-file"),
        (["allocate", ACCOUNTS], b"", 8, "IDC3013I DUPLICATE DATA SET NAME BANK.ACCOUNTS"),
        (["export", ACCOUNTS, "no/such/folder"], b"", 12, "KSD002E"),
    ],
)
def test_a_mistake_is_answered_in_one_line(
    accounts: Path, ksds: Ksds, words: list[str], typed: bytes, status: int, said: str
) -> None:
    before = ksds("browse", ACCOUNTS, "--json").out
    outcome = ksds(*words, typed=typed)
    assert (outcome.status, outcome.out) == (status, "")
    assert said in outcome.err and one_line(outcome.err), outcome.err
    assert ksds("browse", ACCOUNTS, "--json").out == before


@pytest.mark.parametrize(
    ("recfm", "extra", "content", "said"),
    [
        ("FB", [], b"x" * 79, "OFFSET"),
        ("FB", ["--text"], b"x" * 81, "LINE 1 HAS 81 CHARACTERS, A RECORD HOLDS 80"),
        ("FB", ["--text"], b"\xff\xfe\n", "LINE 1 OF bad IS NOT TEXT IN UTF-8"),
        ("FB", ["--text"], "ok\n€\n".encode(), "LINE 2: CHARACTER U+20AC"),
        ("VB", [], b"\x00\x09\x00\x00\x00\x09\x00\x00A", "KSD101E"),
        ("VB", ["--rdw", "ibm"], b"\x00\x03\x00\x00", "OFFSET 0"),
        ("VB", ["--rdw", "cobrix"], b"\x00\x00\x01\x00A\x00\x00\x05\x00A", "OFFSET 5"),
    ],
)
def test_a_bad_host_file_leaves_no_data_set(
    folder: Path, ksds: Ksds, recfm: str, extra: list[str], content: bytes, said: str
) -> None:
    Path("bad").write_bytes(content)
    outcome = ksds("allocate", "A.B", "--recfm", recfm, "--lrecl", "80", "--from", "bad", *extra)
    assert outcome.status == 12
    assert said in outcome.err and one_line(outcome.err), outcome.err
    assert "IDC3012I" in ksds("browse", "A.B").err
    assert list(Path("system/volumes").rglob("A.B*")) == []


@pytest.mark.fuzz
@pytest.mark.parametrize("suffix", [".data", ".index", ".sum", ".jnl"])
def test_a_flipped_byte_is_reported_or_harmless(accounts: Path, ksds: Ksds, suffix: str) -> None:
    """Every read either gives the right records or one line with a VSAM code, never a traceback or a wrong record."""
    (path,) = Path("system/volumes").rglob(f"BANK.ACCOUNTS*{suffix}")
    whole = path.read_bytes()
    right = ksds("browse", ACCOUNTS, "--format", "hex").out
    for offset in range(0, min(len(whole), 9000), max(1, min(len(whole), 9000) // 40)):
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0x41]) + whole[offset + 1 :])
        outcome = ksds("browse", ACCOUNTS, "--format", "hex")
        if outcome.status == 0:
            assert outcome.out == right, f"{suffix} offset {offset}"
        else:
            assert outcome.status in (8, 12), f"{suffix} offset {offset}"
            assert one_line(outcome.err), outcome.err
            assert right.startswith(outcome.out), f"{suffix} offset {offset}"


def damage(folder: Path, offset: int) -> None:
    (path,) = folder.rglob(f"{ACCOUNTS}.*.data")
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(data)


def test_what_a_damaged_cluster_still_holds_is_salvaged_and_the_rest_named(accounts: Path, ksds: Ksds) -> None:
    assert ksds("export", ACCOUNTS, "whole", "--salvage") == Outcome(0, "", "")
    damage(accounts, 5)
    refused = ksds("export", ACCOUNTS, "out")
    assert (refused.status, (accounts / "out").exists()) == (12, False)
    rescued = ksds("export", ACCOUNTS, "out", "--salvage")
    assert rescued.status == 8
    lost, summary = rescued.err.splitlines()
    assert re.match(r"KSD006W DATA RBA 0 TO \d+ lost: the control interval does not match its checksum, keys", lost)
    left = (accounts / "out").read_bytes()
    assert left and (accounts / "whole").read_bytes().endswith(left)
    assert summary.startswith(f"KSD007W {len(left) // 80} RECORDS SALVAGED, ")
    browsed = ksds("browse", ACCOUNTS, "--past-damage", "--format", "hex", "--from", "0090")
    assert browsed.status == 8 and browsed.out.splitlines() == [data.hex().upper() for data in RECORDS[30:]]
    assert "KSD006W" in browsed.err
    assert ksds("browse", ACCOUNTS, "--past-damage", "--reverse").status == 2


def test_the_map_marks_a_damaged_interval(accounts: Path, ksds: Ksds) -> None:
    (path,) = Path("system/volumes").rglob("BANK.ACCOUNTS*.data")
    content = bytearray(path.read_bytes())
    content[512 * 2 + 7] ^= 1
    path.write_bytes(content)
    outcome = ksds("map", ACCOUNTS)
    assert outcome.status == 8
    assert "  99!99" in outcome.out.splitlines()
    assert outcome.err.startswith("KSD008W data CI 2: cannot be read: ") and one_line(outcome.err)


@pytest.mark.parametrize(
    ("suffix", "what"),
    [("jnl", "journal"), ("index", "missing"), ("sum", "missing"), ("jnl", "missing")],
    ids=["journal spoiled", "index gone", "checksums gone", "journal gone"],
)
def test_a_cluster_that_does_not_open_is_salvaged_from_its_files(
    accounts: Path, ksds: Ksds, suffix: str, what: str
) -> None:
    assert ksds("export", ACCOUNTS, "whole").status == 0
    (path,) = accounts.rglob(f"{ACCOUNTS}.*.{suffix}")
    if what == "missing":
        path.unlink()
    else:
        path.write_bytes(bytes(path.stat().st_size))
    assert ksds("export", ACCOUNTS, "out").status == 12
    rescued = ksds("export", ACCOUNTS, "out", "--salvage")
    assert rescued.status == 4
    assert rescued.err.startswith("KSD011W NOT OPENED, THE FILES ARE READ AS THEY ARE: ")
    assert (accounts / "out").read_bytes() == (accounts / "whole").read_bytes()


def test_a_cluster_in_use_is_not_read_behind_its_users_back(accounts: Path, ksds: Ksds) -> None:
    with System.open("system") as system, system.cluster(ACCOUNTS, "w"):
        assert "ACBERFLG 168" in ksds("export", ACCOUNTS, "out", "--salvage").err


def test_a_damaged_interval_is_shown_as_it_stands(accounts: Path, ksds: Ksds) -> None:
    damage(accounts, 512 * 2 + 7)
    shown = ksds("ci", ACCOUNTS, "2")
    assert shown.status == 8
    assert shown.err == "KSD008W data CI 2: the control interval does not match its checksum\n"
    assert shown.out.startswith("DATA CI 2 OF BANK.ACCOUNTS, 512 BYTES") and "CIDF" in shown.out
    assert ksds("ci", ACCOUNTS, "1", "--check").status == 0
    checked = ksds("ci", ACCOUNTS, "2", "--check")
    assert (checked.status, len(checked.err.splitlines())) == (8, 2)
    damage(accounts, 512 * 2 + 510)
    assert "cannot be decoded" in ksds("ci", ACCOUNTS, "2").out


def test_intervals_of_the_other_organizations(folder: Path, ksds: Ksds) -> None:
    define = "  DEFINE CLUSTER(NAME({}) TRK(1 1) {})\n"
    ksds("idcams", typed=(define.format("A.V", "NUMBERED RECSZ(20 60)") + define.format("A.L", "LINEAR")).encode())
    assert ksds("put", "A.V", "--text", typed=b"VARIABLE").out == "RECORD 1\n"
    assert ksds("put", "A.L", typed=bytes(4096)).out == "RBA 0\n"
    assert "record 1, 12 bytes, number 1" in ksds("ci", "A.V", "0").out
    assert ksds("ci", "A.L", "0").out.splitlines()[1].endswith("data")
    assert ksds("ci", "A.V", "0", "--component", "index").status == 0
    assert ksds("get", "A.V", "1").out == "VARIABLE\n"
    assert json.loads(ksds("get", "A.V", "1", "--json").out)["ci"] == 0
    assert ksds("erase", "A.V", "1").status == 0
    assert ksds("erase", "A.L", "0").status == 8
    assert ksds("map", "A.L").status == ksds("map", "A.V").status == 0
    assert ksds("export", "A.L", "linear").status == 0
    assert (folder / "linear").read_bytes() == bytes(4096)


def test_the_map_is_drawn_for_a_damaged_cluster_too(accounts: Path, ksds: Ksds) -> None:
    assert ksds("map", ACCOUNTS, "--svg", "sound.svg") == Outcome(0, "", "")
    damage(accounts, 512 * 2 + 7)
    assert ksds("map", ACCOUNTS, "--svg", "damaged.svg").status == 8
    sound, damaged = ((accounts / name).read_text() for name in ("sound.svg", "damaged.svg"))
    assert sound.startswith("<svg ") and damaged.count("#d32f2f") == sound.count("#d32f2f") + 1


def test_a_foreign_variable_length_rrds(folder: Path, ksds: Ksds) -> None:
    ksds("idcams", typed=b"  DEFINE CLUSTER(NAME(A.V) TRK(1 1) NUMBERED RECSZ(20 60))\n")
    for words in (b"ONE", b"NUMBER TWO"):
        ksds("put", "A.V", "--text", typed=words)
    paths = {path.suffix: str(path) for path in folder.rglob("A.V.*")}
    words = ("--data", paths[".data"], "--index", paths[".index"], "--organization", "vrrds")
    assert ksds("import", "A.W", *words).status == 0
    assert ksds("browse", "A.W").out == ksds("browse", "A.V").out == "ONE\nNUMBER TWO\n"


def test_a_foreign_cluster_is_examined_and_taken_over(accounts: Path, ksds: Ksds) -> None:
    for component in ("data", "index"):
        (path,) = accounts.rglob(f"{ACCOUNTS}.*.{component}")
        (accounts / component).write_bytes(path.read_bytes())
    words = ("--data", "data", "--index", "index", "--keys", "4", "0")
    taken = ksds("import", "BANK.TAKEN", *words)
    assert (taken.status, taken.err) == (0, "")
    assert taken.out.splitlines() == [
        "BANK.TAKEN: 34 RECORDS, 10 CIS OF 512 BYTES, 5 A CA",
        "RECORDSIZE(80 80), INDEX CISIZE 512",
    ]
    assert ksds("browse", "BANK.TAKEN", "--format", "hex").out == ksds("browse", ACCOUNTS, "--format", "hex").out
    assert ksds("examine", "BANK.TAKEN").status == 0
    assert "IDC3013I" in ksds("import", "BANK.TAKEN", *words).err
    assert ksds("import", "BANK.OTHER", "--data", "data").status == 2
    assert ksds("import", "BANK.OTHER", "--data", "nowhere", "--index", "index", "--keys", "4", "0").status == 12
    spoiled = bytearray((accounts / "data").read_bytes())
    spoiled[505:512] = b"\xff" * 7
    (accounts / "data").write_bytes(spoiled)
    refused = ksds("import", "BANK.OTHER", *words)
    assert refused.status == 8
    assert refused.err.splitlines()[0].startswith("KSD008W data CI 0: cannot be read: ")
    assert refused.err.splitlines()[-1] == "KSD010E 1 FINDINGS: BANK.OTHER IS NOT IMPORTED"
    assert ksds("listcat", "BANK.OTHER").status != 0


# -- the program itself ---------------------------------------------------------------------------------------------


def program(*words: str, folder: Path, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The real program in a process of its own."""
    command = [sys.executable, "-m", "ksds", *words]
    environment = {"PYTHONPATH": str(Path(cli.__file__).parents[2]), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=environment, input=typed, capture_output=True, check=False)


def test_the_system_is_named_before_the_command_or_by_the_environment(
    folder: Path, ksds: Ksds, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ksds("--system", "here", "allocate", "A.B").status == 0
    monkeypatch.setenv("KSDS_SYSTEM", "here")
    assert ksds("browse", "A.B").status == 0
    monkeypatch.delenv("KSDS_SYSTEM")
    assert ksds("browse", "A.B").status == 8


def test_the_program_reads_standard_input_and_sets_the_exit_status(accounts: Path) -> None:
    done = program("put", ACCOUNTS, "--text", folder=accounts, typed=b"0050 PIPED\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    done = program("put", ACCOUNTS, "--text", folder=accounts, typed=b"0050 PIPED\n")
    assert done.returncode == 8
    assert done.stderr.startswith(b"VSAM RETURN CODE 8 FEEDBACK 8 (X'08') RPLDUP")
    assert one_line(done.stderr.decode())


def test_a_dash_is_standard_input(folder: Path, ksds: Ksds) -> None:
    lines = ("allocate", "A.B", "--recfm", "FB", "--lrecl", "10", "--from", "-", "--text")
    assert ksds(*lines, typed=b"ONE\nTWO\n") == Outcome(0, "", "")
    assert ksds("idcams", "-", typed=b" PRINT IDS(A.B) CHARACTER\n").out.count("RECORD SEQUENCE NUMBER") == 2
    assert ksds("allocate", "A.C", "--recfm", "FB", "--lrecl", "3", "--from", "-", typed=b"abcdef").status == 0
    assert ksds("browse", "A.C", "--format", "raw").out == "abcdef"


def test_without_a_command_the_help_is_shown(ksds: Ksds) -> None:
    outcome = ksds()
    assert (outcome.status, outcome.err) == (2, "")
    assert outcome.out == ksds("--help").out


def test_a_reader_that_stops_early_is_no_error(accounts: Path) -> None:
    script = f"{sys.executable} -m ksds browse {ACCOUNTS} | head -n 1"
    environment = {"PYTHONPATH": str(Path(cli.__file__).parents[2]), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", script], cwd=accounts, env=environment, capture_output=True, check=True)
    assert done.stdout.startswith(b"0000 ACCOUNT") and done.stderr == b""


def test_every_command_has_help_with_examples_that_run(accounts: Path, ksds: Ksds) -> None:
    Path("accounts.txt").write_text("0001 ONE\n0002 TWO\n")
    Path("job1.jcl").write_text("//JOB1 JOB\n")
    Path("jcl").mkdir()
    Path("account.cpy").write_text("01 ACCOUNT. 05 ID PIC 9(4). 05 PIC X. 05 NAME PIC X(75).")
    Path("accounts.json").write_text('{"ID": 1}\n{"ID": 2}\n')
    Path("new.json").write_text('{"ID": 8, "NAME": "NEW ACCOUNT"}')
    for folder in ("train", "restored", "copylib"):
        Path(folder).mkdir()
    sets.write(Path("train"), "model.ckpt-200", sets.some())
    Path("copylib/account").write_text("       01 ACCOUNT PIC X(80).")
    ksds("allocate", "BANK.COPYLIB", "--dsorg", "PO", "--from", "copylib", "--text")
    ksds("idcams", typed=b" DEFINE GDG(NAME(BANK.LOG) LIMIT(3))\n")
    for component in ("data", "index"):
        (path,) = accounts.rglob(f"{ACCOUNTS}.*.{component}")
        Path(f"copy.{component}").write_bytes(path.read_bytes())
    listed = re.findall(r"^  ([a-z]+)  ", ksds("--help").out, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
    for command in listed:
        examples = re.findall(r'^    (?:echo "(.*)" \| )?ksds (.*)$', ksds(command, "--help").out, re.MULTILINE)
        assert examples, command
        for typed, words in examples:
            outcome = ksds(*shlex.split(words), typed=f"{typed}\n".encode())
            assert (outcome.status, outcome.err) == (0, ""), f"ksds {words}"


def test_a_folder_of_files_becomes_a_library_and_a_folder_again(folder: Path, ksds: Ksds) -> None:
    source = folder / "jcl"
    source.mkdir()
    for name in ("job1.jcl", "proc2.jcl"):
        (source / name).write_text(f"//{name[:4].upper()}\n// EXEC\n", encoding="utf-8")
    assert ksds("allocate", "BANK.JCL", "--dsorg", "PO", "--from", "jcl", "--text").status == 0
    (folder / "one.txt").write_text("//ONE\n", encoding="utf-8")
    assert ksds("allocate", "BANK.JCL(ONE)", "--from", "one.txt", "--text").status == 0
    listed = [json.loads(line) for line in ksds("members", "BANK.JCL", "--json").out.splitlines()]
    assert [(one["name"], one["statistics"]["lines"], one["bytes"]) for one in listed] == [
        ("JOB1", 2, 160),
        ("ONE", 1, 80),
        ("PROC2", 2, 160),
    ]
    lines = ksds("members", "BANK.JCL").out.splitlines()
    assert lines[0].split() == ["Name", "VV.MM", "Created", "Changed", "Size", "Init", "Mod", "ID"]
    assert lines[1].startswith("JOB1   01.00  20")
    assert ksds("browse", "BANK.JCL(ONE)").out.rstrip() == "//ONE"
    assert ksds("export", "BANK.JCL", "out", "--text").status == 0
    assert (folder / "out" / "JOB1").read_text(encoding="utf-8") == "//JOB1\n// EXEC\n"
    assert ksds("export", "BANK.JCL(PROC2)", "proc2").status == 0
    assert (folder / "proc2").stat().st_size == 160


def test_a_library_that_cannot_be_loaded_is_not_there(folder: Path, ksds: Ksds) -> None:
    source = folder / "jcl"
    source.mkdir()
    (source / "toolonganame.jcl").write_text("X\n", encoding="utf-8")
    outcome = ksds("allocate", "BANK.JCL", "--dsorg", "PO", "--from", "jcl", "--text")
    assert outcome.status == 12
    assert one_line(outcome.err)
    assert ksds("members", "BANK.JCL").status == 8


def test_aliases_of_members_for_people(folder: Path, ksds: Ksds) -> None:
    assert ksds("allocate", "BANK.LIB", "--dsorg", "PO", "--pdse").status == 0
    with System.open(folder / "system") as system, system.library("BANK.LIB", "w") as library:
        library.create("MAIN").close()
        library.add_alias("ALSO", "MAIN")
    assert "ALSO" in ksds("members", "BANK.LIB").out
    assert "alias of MAIN" in ksds("members", "BANK.LIB").out
    assert one_line(ksds("allocate", "BANK.LIB(X)").err)


def test_data_sets_are_listed_by_generic_name(accounts: Path, ksds: Ksds) -> None:
    ksds("allocate", "BANK.LIB", "--dsorg", "PO", "--pdse", "--recfm", "VB", "--lrecl", "84")
    ksds("idcams", typed=b" DEFINE GDG(NAME(BANK.LOG) LIMIT(3))\n")
    ksds("allocate", "BANK.LOG.G0001V00")
    lines = ksds("ls", "BANK.**").out.splitlines()
    assert lines[0].split() == [
        *("Name", "Type", "Dsorg", "Recfm", "Lrecl", "Blksize", "Volume", "Created", "Expires", "Status")
    ]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["BANK.ACCOUNTS", "CLUSTER", "VS"],
        ["BANK.LIB", "NONVSAM", "PO-E"],
        ["BANK.LOG", "GDG", lines[3].split()[2]],
        ["BANK.LOG.G0001V00", "NONVSAM", "PS"],
    ]
    found = [json.loads(line) for line in ksds("ls", "BANK.ACC*.**", "--all", "--json").out.splitlines()]
    assert [(one["type"], one["lrecl"], one["blksize"]) for one in found] == [
        ("CLUSTER", 80, 512),
        ("DATA", 80, 512),
        ("INDEX", None, 512),
    ]
    assert json.loads(ksds("ls", "BANK.LOG.*", "--json").out)["status"] == "ACTIVE"
    assert ksds("ls", "NONE.**").status == 0
    for level, below in (("BANK", 4), ("bank.log", 2), ("BANK.LOG.G0001V00", 1), ("BANK.L", 0), ("BAN", 0)):
        assert len(ksds("ls", level).out.splitlines()) == 1 + below, level
    assert one_line(ksds("ls", "../*").err)


def test_generations_by_relative_number(folder: Path, ksds: Ksds) -> None:
    ksds("idcams", typed=b" DEFINE GDG(NAME(BANK.LOG) LIMIT(2) SCRATCH)\n")
    for text in ("ONE", "TWO", "THREE"):
        (folder / "log.txt").write_text(f"{text}\n", encoding="utf-8")
        assert ksds("allocate", "BANK.LOG(+1)", "--from", "log.txt", "--text").status == 0
    assert ksds("browse", "BANK.LOG(0)").out.rstrip() == "THREE"
    assert ksds("browse", "bank.log(-1)").out.rstrip() == "TWO"
    assert ksds("export", "BANK.LOG(0)", "out", "--text").status == 0
    assert (folder / "out").read_text(encoding="utf-8") == "THREE\n"
    outcome = ksds("browse", "BANK.LOG(-2)")
    assert (outcome.status, outcome.err) == (8, "IDC3012I ENTRY BANK.LOG(-2) NOT FOUND\n")
    assert one_line(ksds("browse", "NO.LOG(0)").err)
