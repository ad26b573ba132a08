"""Bits that turn on disks, and full disks, at the receiver: the copy ends well all the same, or says why not."""

import random

import pytest

from dtf import initparms
from dtf.initparms import Initparms
from tests.dtf.node_pair import contents, define_keyed, fill
from tests.dtf.test_checkpoint_life import stopped
from tests.dtf.test_every_kind import define, got, put
from tests.dtf.test_restart import released

COPY = "FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP=NEW)"
FETCH = "FROM (DSN=PAY.SRC SNODE) CKPT=100K TO (DSN=PAY.DST PNODE DISP=NEW)"


@pytest.mark.parametrize("operands", [COPY, FETCH])
@pytest.mark.parametrize(("at", "from_there"), [("250K", 200_000), ("0", 0), ("random:5", None)])
def test_a_bit_that_the_targets_disk_turned_costs_what_was_written_since_the_last_true_position(
    pair, operands, at, from_there
):
    here, there = (pair.nyc, pair.lon) if operands == COPY else (pair.lon, pair.nyc)
    fill(here, "PAY.SRC", "FB", 100, 10000, 6000)
    outcome = pair.copy(operands, f"corrupt-target@{at}", "session@ckpt:4")
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert contents(there, "PAY.DST") == contents(here, "PAY.SRC")
    step = pair.step()
    assert from_there is None or int(step["SRCB"]) == from_there
    assert (step["RSTR"] == "Y") == bool(int(step["SRCB"]))


def test_a_bit_turned_in_a_file_of_the_host_is_found_as_well(pair, tmp_path):
    initparms.write(pair.lon, Initparms(file_write=(str(tmp_path),)))
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 6000)
    to = f"TO (FILE='{tmp_path}/x' SYSOPTS=\"DATATYPE=BINARY\")"
    outcome = pair.copy(f"FROM (DSN=PAY.SRC) CKPT=100K {to}", "corrupt-target@350K", "session@ckpt:5")
    assert outcome.condition_code == 0
    assert (tmp_path / "x").read_bytes() == contents(pair.nyc, "PAY.SRC")
    assert int(pair.step()["SRCB"]) == 300_000


@pytest.mark.parametrize("operands", [COPY, FETCH])
@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_checkpoint_record_is_not_believed(pair, operands, seed):
    here, there = (pair.nyc, pair.lon) if operands == COPY else (pair.lon, pair.nyc)
    fill(here, "PAY.SRC", "FB", 100, 10000, 6000)
    at = ["ckpt:3", "210K", "record:21", "percent:35"][seed]
    outcome = pair.copy(operands, f"corrupt-ckpt@{at}", "session@ckpt:3")
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert contents(there, "PAY.DST") == contents(here, "PAY.SRC")
    assert pair.step()["RSTX"].startswith("the checkpoint record is damaged")
    assert pair.checkpoints(there) == []


def test_a_target_that_grew_is_not_added_to_again_when_nobody_knows_where_it_began(pair):
    put(pair.nyc, "PAY.SRC", "ESDS")
    define(pair.lon, "PAY.DST", "ESDS")
    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=SHR)"
    outcome = pair.copy(copy, "corrupt-ckpt@ckpt:3", "session@ckpt:3")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX221E")
    there = got(pair.lon, "PAY.DST")
    assert there == got(pair.nyc, "PAY.SRC")[: len(there)]


@pytest.mark.parametrize("operands", [COPY, FETCH])
def test_a_full_checkpoint_file_holds_the_process_in_error_and_it_goes_on_from_the_last_one_that_was_filed(
    pair, operands
):
    here, there = (pair.nyc, pair.lon) if operands == COPY else (pair.lon, pair.nyc)
    fill(here, "PAY.SRC", "FB", 100, 10000, 6000)
    outcome = pair.copy(operands, "ckpt-full@ckpt:3")
    assert (outcome.queue, outcome.status, outcome.message_id) == ("HO", "HE", "DTX222E")
    assert "No space left" in outcome.text
    assert released(pair, outcome.number).condition_code == 0
    assert contents(there, "PAY.DST") == contents(here, "PAY.SRC")
    assert int(pair.step()["SRCB"]) == 200_000


@pytest.mark.parametrize("operands", [COPY, FETCH])
def test_a_full_disk_at_either_node(pair, operands):
    here, there = (pair.nyc, pair.lon) if operands == COPY else (pair.lon, pair.nyc)
    fill(here, "PAY.SRC", "FB", 100, 10000, 6000)
    outcome = pair.copy(operands, "disk-full@random:3")
    assert (outcome.condition_code, outcome.message_id) == (16, "DTX240E")
    if outcome.queue:
        assert released(pair, outcome.number).condition_code == 0
        assert contents(there, "PAY.DST") == contents(here, "PAY.SRC")


# ---- while the node is down


def turned(path, place):
    data = bytearray(path.read_bytes())
    data[place // 8] ^= 1 << place % 8
    path.write_bytes(data)


@pytest.mark.parametrize("seed", range(2))
def test_a_bit_turned_in_the_checkpoint_file_at_rest_holds_the_process_until_the_file_is_defined_anew(pair, seed):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 6000)
    number = stopped(pair, f"P PROCESS SNODE=LON\nS COPY {COPY}\n", "session@ckpt:4")
    (path,) = (pair.lon.folder / "volumes" / "VOL001").glob("DTF.CKPT.*.data")
    with pair.lon.key_sequenced("DTF.CKPT") as cluster:
        (raw,) = cluster.browse()
        _, rba = cluster.locate(raw[:28])
    turned(path, rba * 8 + random.Random(seed).randrange(len(raw) * 8))
    outcome = released(pair, number)
    assert (outcome.queue, outcome.status, outcome.message_id) == ("HO", "HE", "DTX219E")
    assert "DTF.CKPT DATA RBA" in "".join(pair.console)
    pair.lon.delete("DTF.CKPT")
    assert released(pair, number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    assert pair.step()["RSTX"] == "no checkpoint record is filed"


@pytest.mark.parametrize("seed", range(2))
def test_a_bit_turned_in_a_keyed_target_at_rest_is_found(pair, seed):
    put(pair.nyc, "PAY.SRC", "KSDS")
    define_keyed(pair.lon, "PAY.DST", maximum=100, average=60)
    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=RPL)"
    number = stopped(pair, f"P PROCESS SNODE=LON\nS COPY {copy}\n", "session@ckpt:4")
    (path,) = (pair.lon.folder / "volumes" / "VOL001").glob("PAY.DST.*.data")
    turned(path, random.Random(seed).randrange(30_000 * 8))
    outcome = released(pair, number)
    assert (outcome.condition_code > 0) or list(pair.lon.records("PAY.DST")) == list(pair.nyc.records("PAY.SRC"))
