"""`ksds rpl` as a VSAM programmer meets it: a script, a table of codes, an exit status."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ksds import cli, idcams
from ksds.cli.rehearse import HEADING
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.codepage import code_page
from ksds.system import System

PAGE = code_page("cp037")
NOW = datetime(2026, 11, 23)
CLUSTERS = {
    "BANK.ACCOUNTS": "INDEXED",
    "BANK.EMPTY": "INDEXED",
    "BANK.LOG": "NONINDEXED",
    "BANK.ROWS": "NUMBERED",
}
DETAILS = HEADING.index("KEY")
"""The column where key, record or message begin."""


@pytest.fixture
def rpl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs a script against BANK.ACCOUNTS: exit status, lines of output, line on standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    with System.open("system") as system:
        for name, organization in (
            ("ACCOUNTS", "INDEXED"),
            ("EMPTY", "INDEXED"),
            ("LOG", "NONINDEXED"),
            ("ROWS", "NUMBERED"),
        ):
            request = SpaceRequest(
                name=f"BANK.{name}",
                space=SpaceQuantity("TRACKS", 1, 1),
                organization=organization,
                key_length=4,
                average_record=40,
                maximum_record=40,
            )
            system.define_cluster(derive(request))
        with system.key_sequenced("BANK.ACCOUNTS", mode="w") as accounts:
            accounts.load(PAGE.pad(f"{number:04} ACCOUNT", 40) for number in range(0, 30, 3))

    def run(script: str, *arguments: str, dsn: str = "BANK.ACCOUNTS") -> tuple[int, list[str], str]:
        Path("script").write_text(script, encoding="utf-8")
        status = cli.run(["rpl", dsn, "script", *arguments])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.rstrip("\n")

    return run


def test_a_browse_from_a_key_to_the_end(rpl):
    status, lines, _ = rpl("POINT OPTCD=(KEY,SEQ,KGE) ARG=0022\nGET COUNT=*")
    assert status == 0
    assert lines == [
        "LINE  REQUEST RPL       R15 REASON           FS        RBA KEY",
        "      OPEN                0                  00",
        "   1  POINT   RPL1        0                  00        320 0024",
        "   2  GET     RPL1        0                  00        320 0024  (40) 0024 ACCOUNT",
        "   2  GET     RPL1        0                  00        360 0027  (40) 0027 ACCOUNT",
        "   2  GET     RPL1        8   4 RPLEODER     10            no more records",
    ]


def test_the_exit_status_is_the_worst_return_code_that_was_not_expected(rpl):
    assert rpl("GET OPTCD=DIR ARG=0003")[0] == 0
    assert rpl("GET OPTCD=DIR ARG=0004")[0] == 8
    assert rpl("GET OPTCD=DIR ARG=0004 EXPECT=8/16")[0] == 0
    status, lines, _ = rpl("GET OPTCD=DIR ARG=0003 EXPECT=8/16")
    assert status == 8
    assert lines[-1].endswith("NOT AS EXPECTED: 8/16")


def test_records_are_updated_and_erased(rpl):
    script = """
* 0003 changes, 0006 goes, 0007 is new
GET    OPTCD=(KEY,DIR,UPD) ARG=0003
PUT    RECORD='0003 CHANGED' RECLEN=40
GET    ARG=0006
ERASE
PUT    OPTCD=NUP RECORD='0007 NEW' RECLEN=40
ENDREQ
"""
    assert rpl(script)[0] == 0
    _, lines, _ = rpl("GET COUNT=4 OPTCD=SEQ")
    assert [line[DETAILS:].split("  ")[1] for line in lines[2:]] == [
        "(40) 0000 ACCOUNT",
        "(40) 0003 CHANGED",
        "(40) 0007 NEW",
        "(40) 0009 ACCOUNT",
    ]


def test_put_without_a_record_writes_back_what_was_read(rpl):
    assert rpl("GET OPTCD=(DIR,UPD) ARG=0003\nPUT")[0] == 0


def test_two_requests_at_once_meet_exclusive_control(rpl):
    status, lines, _ = rpl("GET RPL=A OPTCD=(DIR,UPD) ARG=0000\nGET RPL=B OPTCD=(DIR,UPD) ARG=0003 EXPECT=8/20")
    assert status == 0
    assert " 20 RPLEXCL      93 " in lines[-1]


def test_an_asynchronous_request_is_busy_until_check(rpl):
    script = (
        "GET OPTCD=(SEQ,ASY)\nGET EXPECT=4\nCHECK\nGET OPTCD=(DIR,ASY) ARG=0001\nCLOSE EXPECT=8/185\nCHECK EXPECT=8/16"
    )
    status, lines, _ = rpl(script)
    assert status == 0
    assert "0000 ACCOUNT" not in lines[2]
    assert "0000 ACCOUNT" in lines[4]


def test_an_empty_data_set_opens_for_load_or_not_at_all(rpl):
    status, lines, _ = rpl("OPEN MACRF=IN", dsn="BANK.EMPTY")
    assert status == 8
    assert lines[-1] == "   1  OPEN                8 160              35            the data set was never loaded"
    script = "PUT RECORD='0002' RECLEN=40\nPUT RECORD='0001' RECLEN=40 EXPECT=8/12\nGET EXPECT=8/116\n"
    assert rpl(script + "CLOSE\nOPEN\nGET EXPECT=0", dsn="BANK.EMPTY")[0] == 0


def test_an_esds_and_an_rrds_take_numbers(rpl):
    script = "PUT OPTCD=(ADR,SEQ) RECORD='FIRST'\nPUT RECORD='SECOND'\nCLOSE\nOPEN MACRF=(ADR,DIR)\nGET OPTCD=DIR ARG=5"
    status, lines, _ = rpl(script, dsn="BANK.LOG")
    assert (status, lines[-1][DETAILS:]) == (0, "5  (6) SECOND"), "an RPL outlives its ACB"
    status, lines, _ = rpl("GET", dsn="BANK.LOG")
    assert status == 8
    assert " 72 RPLINKEY" in lines[-1]
    script = "PUT OPTCD=DIR ARG=7 RECORD='SEVENTH'\nCLOSE\nOPEN MACRF=(KEY,SEQ)\nGET OPTCD=SEQ"
    status, lines, _ = rpl(script, dsn="BANK.ROWS")
    assert (status, lines[-1][DETAILS:].split("  ")[:2]) == (0, ["7", "(40) SEVENTH"])


def test_for_programs(rpl):
    status, lines, _ = rpl("GET OPTCD=DIR ARG=0003\nGET ARG=X'F0F0F0F4' EXPECT=8/16", "--json")
    assert status == 0
    opened, found, missing = map(json.loads, lines)
    assert opened["request"] == "OPEN"
    assert found == {
        "line": 1,
        "request": "GET",
        "rpl": "RPL1",
        "return_code": 0,
        "reason": 0,
        "symbol": "",
        "component": 0,
        "file_status": "00",
        "key": "0003",
        "key_hex": "F0F0F0F3",
        "rba": 40,
        "length": 40,
        "record": PAGE.pad("0003 ACCOUNT", 40).hex().upper(),
        "message": "",
        "exit": "",
        "fields": {},
        "active_strings": 0,
        "as_expected": None,
    }
    assert (missing["reason"], missing["file_status"], missing["as_expected"]) == (16, "23", True)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("GET OPTCD=(KEY,ADR)", "KSD401E LINE 1: OPTCD=(KEY,ADR) EXCLUDE EACH OTHER"),
        ("OPEN MACRF=(KEY,RLSX)", "KSD401E LINE 1: MACRF=RLSX IS NOT AN OPTION OF AN ACB"),
        ("GET OPTCD=DIR ARG=0003 COUNT=*", "KSD401E LINE 1: COUNT=* IS FOR OPTCD=SEQ, WHICH COMES TO AN END"),
        ("CLOSE\nGET", "KSD401E LINE 2: GET WITHOUT OPEN"),
        ("GET RPL=A\nGET RPL=B\nGET", "KSD401E LINE 3: RPL= IS ONE OF A B"),
        ("GET OPTCD=ADR ARG=TEN", "KSD401E LINE 1: ARG=TEN IS NOT A NUMBER"),
        ("GET ARG='漢'", "KSD401E LINE 1: CHARACTER U+6F22 AT 1 IS NOT IN CODE PAGE cp037"),
    ],
)
def test_a_statement_that_makes_no_sense_ends_the_script(rpl, script, message):
    status, _, err = rpl(script)
    assert (status, err) == (12, message)


def test_a_data_set_that_is_not_there(rpl):
    assert rpl("GET", dsn="BANK.NOTHING")[::2] == (8, "IDC3012I ENTRY BANK.NOTHING NOT FOUND")


def test_chains_exits_the_index_and_fields(rpl):
    status, lines, error = rpl(
        """OPEN MACRF=(KEY,CNV,SEQ,DIR,OUT) STRNO=2 EXLST=(EODAD,LERAD)
        RPL RPL=B OPTCD=(KEY,SEQ) RECORD='0002 NEW' RECLEN=40
        RPL RPL=A OPTCD=(KEY,SEQ) NXTRPL=B
        PUT RPL=A RECORD='0001 NEW' RECLEN=40
        ENDREQ RPL=A
        RPL RPL=A NXTRPL=0
        POINT RPL=A ARG=0018
        RPL RPL=A NXTRPL=B
        GET RPL=A COUNT=*
        RPL RPL=A NXTRPL=0
        GET RPL=A EXPECT=8/4
        GETIX RPL=C OPTCD=(CNV,DIR) ARG=0
        CLOSE TYPE=T
        SHOWCB FIELDS=(NLOGR,KEYLEN,STRNO)
        SHOWCB RPL=C FIELDS=(RECLEN,RBA)
        CLOSE
        OPEN MACRF=(KEY,SEQ,IN)
        GET RPL=A OPTCD=NUP COUNT=1
        """
    )
    assert (status, error) == (0, "")
    assert [line[6:22].split() for line in lines[2:13]] == [
        *[["PUT", "A"], ["PUT", "B"], ["ENDREQ", "A"], ["POINT", "A"]],
        *[["GET", name] for name in "ABABAA"],
        ["GETIX", "C"],
    ]
    assert [line[DETAILS:].split("  ")[1] for line in lines[10:12]] == ["EXIT EODAD", "EXIT LERAD"]
    assert lines[-5][DETAILS:] == "NLOGR=12  KEYLEN=4  STRNO=2"
    assert lines[-4][DETAILS:].startswith("RECLEN=")
    assert lines[-1][DETAILS:].startswith("0000")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("OPEN EXLST=(EODAD,JRNAD)", "KSD401E LINE 1: EXLST=JRNAD IS NOT ONE OF EODAD LERAD SYNAD"),
        ("GET RPL=A NXTRPL=B", "KSD401E LINE 1: NXTRPL=B IS NOT AN RPL SO FAR"),
        ("RPL RPL=A\nRPL RPL=A NXTRPL=A", "KSD401E LINE 2: the chain of A would come back to it"),
        ("OPEN\nCLOSE TYPE=X", "KSD401E LINE 2: TYPE IS T OR LEFT OUT"),
        ("SHOWCB FIELDS=SIZE", "KSD401E LINE 1: SIZE IS NOT A FIELD: AVSPAC CINV ENDRBA FS HALCRBA"),
    ],
)
def test_what_they_cannot_mean(rpl, script, message):
    status, _, error = rpl(script)
    assert status == 12 and error.startswith(message)


def test_open_with_an_index_that_was_never_built(rpl):
    with System.open("system") as system:
        idcams.run(system, [" DEFINE AIX(NAME(BANK.NAME) RELATE(BANK.ACCOUNTS) TRK(1 1) KEYS(4 5))"], now=NOW)
    status, lines, _ = rpl("OPEN MACRF=(KEY,OUT) EXPECT=4/100\nGET")
    assert status == 0
    assert lines[1].split(maxsplit=4)[2:] == [
        "4",
        "100",
        "00            never built, so not kept up to date: BANK.NAME",
    ]
    assert rpl("PUT OPTCD=DIR RECORD=0001")[0] == 4
