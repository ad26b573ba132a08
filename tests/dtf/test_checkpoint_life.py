"""The life of checkpoint records as an operator sees it: reasons, advice, what is left behind and how it goes."""

import json
from pathlib import Path

import pytest

from dtf import initparms
from dtf.cli import carry_out
from dtf.copying.checkpoint_file import DEFINE, CheckpointFile
from dtf.initparms import Initparms
from dtf.node import Node, orphans
from dtf.transport import memory
from tests.dtf.node_pair import NOW, contents, fill

REPOSITORY = Path(__file__).resolve().parents[2]
COPY = "FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP=NEW)"


def stopped(pair, text, fault="session@ckpt:5"):
    """A Process that was interrupted and stands on hold; its number."""
    with pair.node(fault) as node:
        number = node.submit(text)
        while node.outcome(number).queue in ("WA", "EX"):
            node.turn()
        node.hold(number)
    return number


# ---- why there is no checkpoint, why a restart began at zero


@pytest.mark.parametrize(
    ("interval", "parameter", "reason"),
    [
        ("CKPT=0K", "10M", "CKPT=0 on the COPY or in the initialization parameters"),
        ("", "0", "CKPT=0 on the COPY or in the initialization parameters"),
        ("CKPT=2M", "10M", "less than one interval was sent"),
        ("CKPT=100K", "0", ""),
    ],
)
def test_a_copy_without_a_checkpoint_says_why_at_both_nodes(pair, interval, parameter, reason):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    initparms.write(pair.nyc, initparms.changed(Initparms(), [f"CKPT={parameter}"]))
    assert pair.copy(f"FROM (DSN=PAY.SRC) {interval} TO (DSN=PAY.DST DISP=NEW)").condition_code == 0
    assert pair.step().get("CKNX", "") == reason
    assert any(line.endswith(f"NO CHECKPOINT: {reason}") for line in pair.console) == bool(reason)


def test_a_copy_that_failed_before_its_first_checkpoint_says_so(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    assert pair.copy(COPY, "corrupt@50K").condition_code == 8
    assert pair.step()["CKNX"] == "the step ended before the first"


def test_a_purged_record_is_the_reason_why_a_restart_begins_at_zero(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    number = stopped(pair, f"P PROCESS SNODE=LON\nS COPY {COPY}\n")
    with CheckpointFile(pair.lon, "w") as file:
        file.purge(int(NOW + 5 * 86_400) * 10**9)
    with pair.node() as node:
        node.release(number)
        node.run()
    assert (pair.step()["RSTR"], pair.step()["RSTX"]) == ("N", "no checkpoint record is filed")
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")


# ---- advice


@pytest.mark.parametrize(
    ("interval", "ncp", "words"),
    [
        ("20K", "", ["BELOW BLKSIZE x NCP x 10, 10000 x 1 x 10", "NO MULTIPLE OF THE BUFFER, 262144"]),
        ("120K", "", ["NO MULTIPLE OF THE BUFFER"]),
        ("120K", ",NCP=2", ["BELOW BLKSIZE x NCP x 10, 10000 x 2 x 10"]),
        ("500K", "", []),
    ],
)
def test_a_poor_interval_is_advised_against_in_one_message(pair, interval, ncp, words):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 16000)
    dcb = f"DCB=(RECFM=FB{ncp})"
    assert pair.copy(f"FROM (DSN=PAY.SRC {dcb}) CKPT={interval} TO (DSN=PAY.DST DISP=NEW)").condition_code == 0
    advice = [line for line in pair.console if line.startswith("DTX251W")]
    assert len(advice) == bool(words)
    assert all(word in advice[0] for word in words)


# ---- purge, and what is left behind


@pytest.mark.parametrize(("days", "later", "left"), [(4, 3.9, 1), (4, 4.1, 0), (9, 8.9, 1), (0, 0.1, 0)])
def test_ckpt_days_decides_at_the_start_of_the_dtf_what_is_purged(pair, days, later, left):
    fill(pair.lon, "PAY.SRC", "FB", 100, 10000, 5000)
    stopped(pair, "P PROCESS SNODE=LON\nS COPY FROM (DSN=PAY.SRC SNODE) CKPT=100K TO (DSN=PAY.DST PNODE)\n")
    initparms.write(pair.nyc, Initparms(ckpt_days=days))
    console = []
    with Node.open(pair.nyc, clock=lambda: NOW + later * 86_400, connect=memory.connect, log=console.append):
        assert sum(line.startswith("DTX213I") for line in console) == 1 - left
    assert len(pair.checkpoints(pair.nyc)) == left


def test_what_a_deleted_process_leaves_is_found_and_removed(pair, tmp_path, capsys):
    into = tmp_path / "in"
    (into / "deep").mkdir(parents=True)
    initparms.write(pair.lon, Initparms(file_write=(str(into),)))
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    numbers = [stopped(pair, f"P PROCESS SNODE=LON\nS COPY {COPY}\n")]
    path = f"TO (FILE='{into}/deep/x' SYSOPTS=\"DATATYPE=BINARY\")"
    numbers.append(stopped(pair, f"P PROCESS SNODE=LON\nS COPY FROM (DSN=PAY.SRC) CKPT=100K {path}\n"))
    assert orphans.find(pair.lon) == []
    with pair.node() as node:
        for number in numbers:
            assert not node.delete(number)  # the records are at the receiver
    found = orphans.find(pair.lon)
    assert [(o.kind, o.name) for o in found[:2]] == [("RECORD", f"NYC {number}") for number in numbers]
    assert sorted(o.kind for o in found[2:]) == ["DATA SET", "FILE"]
    assert carry_out(["--system", str(pair.lon.folder), "checkpoints", "--orphans"]) == 4
    assert "PAY.SRC TO PAY.DST" in capsys.readouterr().out
    assert carry_out(["--system", str(pair.lon.folder), "checkpoints", "--orphans", "--remove", "--json"]) == 0
    assert [json.loads(line)["removed"] for line in capsys.readouterr().out.splitlines()] == [True] * 4
    assert carry_out(["--system", str(pair.lon.folder), "checkpoints", "--orphans"]) == 0
    assert capsys.readouterr().out == "DTX217I NOTHING IS LEFT BEHIND\n"
    assert pair.checkpoints() == []
    assert list((into / "deep").iterdir()) == []
    assert not [p for p in (pair.lon.folder / "volumes" / "VOL001").iterdir() if p.name.startswith("PAY.DST")]


def test_the_record_of_a_task_and_of_a_partner_elsewhere_are_judged_by_the_right_queue(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    number = stopped(pair, f"P PROCESS SNODE=LON\nS COPY {COPY}\n")
    with pair.node() as node:
        node.delete(number)
    assert [o.kind for o in orphans.find(pair.lon)] == ["RECORD", "DATA SET"]
    pair.nyc.folder.rename(pair.nyc.folder.with_name("away"))
    assert orphans.find(pair.lon) == []
    pair.nyc.folder.with_name("away").rename(pair.nyc.folder)


def test_remove_goes_with_orphans_only(pair, capsys):
    assert carry_out(["--system", str(pair.lon.folder), "checkpoints", "--remove"]) == 2
    assert "--remove goes with --orphans" in capsys.readouterr().err


def test_the_sample_deck_defines_what_the_code_defines():
    deck = (REPOSITORY / "jcl_samples" / "define_ckpt.jcl").read_text()
    assert DEFINE in deck
