"""A Process rehearsed: cut anywhere in its life, it ends as the undisturbed one did, and nothing real is touched."""

import json

import pytest

from dtf import initparms
from dtf.cli import carry_out
from dtf.initparms import Initparms
from dtf.simulation.rehearsal import Rehearsal, RehearsalError, Script
from dtf.transport import memory
from tests.dtf.node_pair import NOW, define_keyed, fill

INTERVAL, BUFFER = 100_000, 262_144


def rehearsal(pair, tmp_path, text, **symbols):
    return Rehearsal(Script(text, symbols, memory.connect, lambda: NOW), pair.nyc.folder, tmp_path / "scratch")


def test_cut_at_any_place_the_copy_ends_the_same(pair, tmp_path):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 10_000)
    text = "PAYDAY PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST)\n"
    played = rehearsal(pair, tmp_path, text)
    assert (played.clean.condition_code, played.clean.data_bytes) == (0, 1_000_000)
    cuts = list(played.cuts(25))
    assert all(cut.equal for cut in cuts)
    assert all(cut.status == "TI RE" for cut in cuts[:-1])
    assert all(cut.sent_again <= INTERVAL + BUFFER for cut in cuts)
    starts = [cut.restarted_from for cut in cuts]
    assert starts == sorted(starts)
    assert starts[-1] >= 800_000
    assert not pair.lon.exists("PAY.DST")
    with pair.node() as node:
        assert node.processes() == []
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("direction", ["from here", "from there"])
def test_records_of_a_cluster_too(pair, tmp_path, direction):
    sender, receiver = (pair.nyc, pair.lon) if direction == "from here" else (pair.lon, pair.nyc)
    fill(sender, "PAY.SRC", "VB", 300, 6000, 3000)
    define_keyed(receiver, "PAY.KSDS")
    sides = ("", "") if direction == "from here" else (" SNODE", " PNODE")
    copy = f"FROM (DSN=PAY.SRC{sides[0]}) CKPT=100K TO (DSN=PAY.KSDS DISP=RPL{sides[1]})"
    played = rehearsal(pair, tmp_path, f"P PROCESS SNODE=LON\nS1 COPY {copy}\n")
    cuts = list(played.cuts(10))
    assert all(cut.equal for cut in cuts), cuts
    assert any(cut.restarted_from for cut in cuts)


def test_a_process_without_checkpoints_begins_again(pair, tmp_path):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5_000)
    played = rehearsal(pair, tmp_path, "P PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) CKPT=0 TO (DSN=PAY.DST)\n")
    (cut,) = played.cuts(1)
    assert cut.equal
    assert cut.restarted_from == 0
    assert cut.sent_again >= 262_144 // 2


def test_what_does_not_end_is_not_rehearsed(pair, tmp_path):
    with pytest.raises(RehearsalError, match="HO HI"):
        rehearsal(pair, tmp_path, "P PROCESS SNODE=LON HOLD=YES\nS1 COPY FROM (DSN=A.B) TO (DSN=C.D)\n")


def test_the_command_prints_a_table(pair, tmp_path, capsys):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5_000)
    process = tmp_path / "payday.cdp"
    process.write_text("PAYDAY PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=&DST)\n")
    command = ["--system", str(pair.nyc.folder), "rehearse", str(process), "--set", "DST=PAY.DST", "--cuts", "4"]
    assert carry_out(command) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("DTX391I UNDISTURBED: CODE 0, 500000 BYTES")
    assert lines[1].split("  ")[0] == "CUT AT"
    assert len(lines) == 6
    assert all(line.endswith("equal") for line in lines[2:])
    assert err == ""
    assert carry_out([*command, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert sorted(shown["cuts"][0]) == ["at", "condition_code", "equal", "restarted_from", "sent_again", "status"]


def test_a_process_that_writes_a_file_of_the_host_is_not_rehearsed_and_the_file_stays(pair, tmp_path):
    into = tmp_path / "in"
    into.mkdir()
    (into / "x").write_text("the user's\n")
    initparms.write(pair.lon, Initparms(file_write=(str(into),)))
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    text = f"P PROCESS SNODE=LON\nS COPY FROM (DSN=PAY.SRC) TO (FILE='{into}/x' DISP=RPL)\n"
    with pytest.raises(RehearsalError, match="only read in a rehearsal"):
        rehearsal(pair, tmp_path, text)
    assert (into / "x").read_text() == "the user's\n"
