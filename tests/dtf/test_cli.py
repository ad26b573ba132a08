"""The program `dtf` as a user types it: what it prints, and how it ends."""

import json

import pytest

from dtf.cli import carry_out
from ksds import DataSetAttributes, System

PROCESS = """PAYDAY   PROCESS SNODE=LON
STEP01   COPY FROM (DSN=PAY.SRC) CKPT=50K TO (DSN=&DST DISP=(NEW,CATLG))
"""


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """A folder with two nodes and a data set, and a way to type commands: (status, output, errors)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KSDS_SYSTEM", "nyc")

    def run(line):
        capsys.readouterr()
        status = carry_out(line.split())
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    assert run("node add LON --folder lon")[0] == 0
    with System.open("nyc") as system:
        system.allocate("PAY.SRC", DataSetAttributes("FB", 100, 10000))
        with system.sequential("PAY.SRC", "w") as data_set:
            data_set.append(f"{n:0100d}".encode("cp037") for n in range(3000))
    (tmp_path / "payday.cdp").write_text(PROCESS, encoding="utf-8")
    return run


def test_a_day_with_the_program(typed):
    status, out, _ = typed("submit payday.cdp --set DST=PAY.DST")
    assert status == 0
    assert "SVTM052I        COMPLETED 00000000/SCPA000I" in out
    assert "PAYDAY" in typed("select statistics pnumber=1")[1]
    assert "=> SCPA000I" in typed("select statistics recids=CT --detail")[1]
    assert typed("select statistics recids=CT ccode=(gt,0) --json")[1] == ""
    assert "LON" in typed("select netmap")[1]
    assert json.loads(typed("select netmap --json")[1])["local"] == "NYC"
    assert "HOLDS NO RECORD" in typed("checkpoints")[1]
    assert typed("--system lon select statistics recids=CT")[1].count("P CT") == 1


def test_a_queued_process_is_run_later(typed):
    assert typed("submit payday.cdp --set DST=PAY.DST --no-wait")[0] == 0
    assert json.loads(typed("select process --json")[1])["status"] == "WC"
    assert typed("change process 1 hold")[0] == 0
    assert typed("run")[0] == 0
    for queue in ("HO", "hold", "(WA,HOLD)", "all"):
        assert "PAYDAY" in typed(f"select process queue={queue}")[1]
    assert "PAYDAY" not in typed("select process queue=(wait,TI,exec)")[1]
    assert typed("change process 1 release")[0] == 0
    assert typed("run")[0] == 0
    assert typed("select process --json")[1] == ""


def test_trouble_shows_in_the_exit_status_and_the_record_can_be_read(typed):
    status, out, err = typed("submit payday.cdp --set DST=PAY.DST --fault corrupt@250K")
    assert status == 8
    assert "HO RH" in err
    assert "####" in out
    status, out, _ = typed("--system lon checkpoints")
    assert "200000 BYTES SAFE" in out
    assert "SET 4" in out
    record = json.loads(typed("--system lon checkpoints --json")[1])
    assert (record["process_number"], record["positions"][0]["target"], record["mode"]) == (1, 200_000, "B")
    status, out, _ = typed("delete process 1")
    assert (status, "DTX215I" in out) == (0, False)  # the record is the receiver's, on the other node
    assert typed("--system lon checkpoints --json")[1] != ""


def test_keywords_of_submit_beat_those_of_the_process(typed):
    status, out, _ = typed("submit payday.cdp hold=yes newname=LATER prty=3 --set DST=PAY.DST --no-wait")
    assert (status, out) == (0, "DTX513I PROCESS LATER(000001) SUBMITTED\n")
    queued = json.loads(typed("select process --json")[1])
    assert (queued["name"], queued["queue"], queued["status"], queued["priority"]) == ("LATER", "HO", "HI", 3)
    status, _, err = typed("submit payday.cdp hold=maybe --set DST=PAY.DST")
    assert status == 8
    assert err.startswith("DTX001E HOLD OF SUBMIT: 'MAYBE' IS NOT ONE OF YES NO CALL")


def test_an_order_takes_several_numbers_and_says_what_it_did(typed):
    for _ in range(3):
        typed("submit payday.cdp --set DST=PAY.DST --no-wait")
    assert typed("change process 1 3 hold") == (0, "DTX514I 2 PROCESS(ES) CHANGED\n", "")
    held = typed("select process queue=hold --json")[1].splitlines()
    assert [json.loads(line)["number"] for line in held] == [1, 3]
    assert len(typed("select process queue=(wait,hold) --json")[1].splitlines()) == 3
    assert len(typed("select process queue=all --json")[1].splitlines()) == 3
    assert typed("select process queue=exec --json")[1] == ""
    assert typed("delete process 1 2 3") == (0, "DTX514I 3 PROCESS(ES) DELETED\n", "")
    assert typed("node remove LON") == (0, "DTX360I NYC: NODE LON DELETED\n", "")


def test_processes_are_chosen_by_their_partner_and_given_another(typed):
    typed("node add PAR --folder par")
    typed("submit payday.cdp --set DST=PAY.DST --no-wait")
    assert typed("change process snode=LON dest=PAR")[0] == 0
    assert typed("change process node=PAR prty=15")[0] == 0
    queued = json.loads(typed("select process --json")[1])
    assert (queued["snode"], queued["priority"]) == ("PAR", 15)


def test_a_fault_that_never_struck_is_told(typed):
    status, _, err = typed("submit payday.cdp --set DST=PAY.DST --fault session@record:5000")
    assert (status, err) == (0, "DTX341W FAULT session@record:5000 HAS NOT STRUCK\n")
    assert typed("run --fault kill-sender@3M")[2] == "DTX341W FAULT kill-sender@3000000 HAS NOT STRUCK\n"


def test_partners_are_selected_by_name(typed):
    typed("node add PAR --folder par")
    shown = json.loads(typed("select netmap node=P* --json")[1])
    assert [node["name"] for node in shown["adjacent"]] == ["PAR"]


def test_a_timeline_is_of_one_process_where_a_partner_has_one_of_the_same_number(typed, tmp_path):
    assert typed("submit payday.cdp --set DST=PAY.DST")[0] == 0
    assert "Process PAYDAY(000001)" in typed("--system lon timeline 1")[1], "a partner's, while there is no other"
    (tmp_path / "back.cdp").write_text("BACK PROCESS SNODE=NYC\nS COPY FROM (DSN=PAY.DST) TO (DSN=BACK.DST)\n")
    assert typed("--system lon submit back.cdp")[0] == 0
    drawn = typed("--system lon timeline 1")[1]
    assert "Process BACK(000001)" in drawn
    assert "STEP01" not in drawn


def test_initparms_for_programs(typed):
    assert json.loads(typed("initparms ckpt=1M --json")[1])["CKPT"] == "1M"
    assert json.loads(typed("initparms --json")[1])["WTRETRIES"] == "00:03:00"


@pytest.mark.parametrize(
    ("line", "status", "message"),
    [
        ("submit nowhere.cdp", 2, "DTX430E"),
        ("submit payday.cdp", 8, "DTX003E"),
        ("submit payday.cdp --set DST", 2, "DTX430E"),
        ("submit payday.cdp --set DST=A.B --fault explode@3M", 8, "DTX340E"),
        ("node add LON", 2, "DTX430E"),
        ("node add LON --at nowhere", 8, "DTX310E"),
        ("node add NYC --folder x", 8, "DTX310E"),
        ("select netmap colour=red", 8, "DTX322E"),
        ("select statistics archdsn=PAY.SRC", 8, "DTX330E PAY.SRC is no archive"),
        ("run --at 127.0.0.1:1364", 2, "DTX430E"),
        ("select planets", 2, "DTX431E"),
        ("select process colour=red", 8, "DTX322E"),
        ("select process red", 2, "DTX430E"),
        ("select process queue=held", 8, "DTX322E QUEUE=held is not ALL or any of EXEC WAIT TIMER HOLD"),
        ("change process 9 release", 8, "DTX321E"),
        ("change data 9 release", 2, "DTX430E"),
        ("delete process 9", 8, "DTX321E"),
        ("explode", 2, "DTX431E"),
    ],
)
def test_mistakes_are_one_line_with_an_id(typed, line, status, message):
    code, _, err = typed(line)
    assert code == status
    assert err.startswith(message)
    assert "Traceback" not in err


def test_initialization_parameters_are_shown_and_changed_for_programs_too(typed):
    shown = json.loads(typed("initparms --json")[1])
    assert shown["CKPT"] == "10M" and shown["FILE.READ"] == "()"
    assert json.loads(typed("initparms ckpt=1M --json")[1]) == {**shown, "CKPT": "1M"}
    assert typed("initparms ckpt=x --json")[1:] == (
        "",
        "DTX370E CKPT=x: not nK (up to 2147483K), nM (up to 2147M) or 0\n",
    )


def test_a_partner_that_is_added_again_is_said_to_be_replaced(typed):
    added = typed("node add LON --at 127.0.0.1:1364")[1]
    assert added.startswith("DTX360I NYC: NODE LON ADDED, 127.0.0.1:1364, INSTEAD OF folder ")
    assert typed("node add LON --at 127.0.0.1:1364")[1] == "DTX360I NYC: NODE LON ADDED, 127.0.0.1:1364\n"


def test_a_syntax_error_points_at_its_place(typed, tmp_path):
    (tmp_path / "bad.cdp").write_text("PAYDAY PROCESS SNODE=LON\nS COPY FROM DSN=\n", encoding="utf-8")
    status, _, err = typed("submit bad.cdp")
    assert status == 8
    assert "LINE 2" in err
    assert "^" in err


def test_a_second_dtf_on_one_system_is_refused(typed):
    with System.open("nyc") as system, system.relative_record("DTF.TCQ", "w"):
        status, _, err = typed("run")
    assert status == 12
    assert "168" in err


def test_the_progress_bar_follows_the_copy_on_a_terminal_only(typed, monkeypatch):
    assert typed("submit payday.cdp --set DST=PAY.ONE")[2] == ""
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes standard error for a terminal
    _, out, err = typed("submit payday.cdp --set DST=PAY.TWO")
    assert "100%" in err or "300.0/300.0 kB" in err
    assert "DTX351I" in out


def test_a_damaged_checkpoint_record_shows_in_the_exit_status(typed):
    """Once the listing named the damage and ended with 0."""
    typed("submit payday.cdp --set DST=PAY.DST --no-wait")
    with System.open("lon") as system, system.key_sequenced("DTF.CKPT", "w") as checkpoints:
        checkpoints.insert(b"K" * 28 + b"this is no checkpoint record" * 8)
    status, out, _ = typed("--system lon checkpoints")
    assert (status, out.count("DTX210E")) == (8, 1)
    assert typed("--system lon checkpoints --json")[0] == 8
    assert typed("checkpoints")[0] == 0
