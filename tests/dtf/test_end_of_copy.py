"""The last steps of a copy, interrupted between any two: published once, recorded once, nothing sent again."""

import pytest

from dtf.copying.checkpoint import key_of
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.host_target import token_of
from dtf.copying.targets import SequentialTarget
from dtf.errors import SessionLost
from dtf.node import orphans
from dtf.node.process_run import ProcessRun
from dtf.statistics_log import StatisticsLog
from ksds import DataSetAttributes, System
from ksds.errors import NoSpace
from tests.dtf.node_pair import NOW, contents, fill, records_of
from tests.dtf.test_every_kind import CODE, define, group, library

pytestmark = pytest.mark.parametrize("transport", ["memory", "tcp", "tls"])


def losing(method, *, before):
    """`method`, losing the session once, before or after it has done its work."""
    lost = []

    def wrapped(self, *arguments):
        if before and not lost:
            lost.append(True)
            raise SessionLost("the cable was pulled")
        result = method(self, *arguments)
        if not lost:
            lost.append(True)
            raise SessionLost("the cable was pulled")
        return result

    return wrapped


MOMENTS = [
    (SequentialTarget, "publish", True),
    (SequentialTarget, "publish", False),
    (ProcessRun, "_settle", True),
    (CheckpointFile, "remove", True),
]


@pytest.mark.parametrize("disposition", ["NEW", "RPL", "MOD"])
@pytest.mark.parametrize(("owner", "name", "before"), MOMENTS)
def test_the_end_interrupted_is_finished_not_repeated(pair, monkeypatch, owner, name, before, disposition):
    new = fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    old = [] if disposition == "NEW" else fill(pair.lon, "PAY.DST", "FB", 100, 10000, 250, seed=2)
    monkeypatch.setattr(owner, name, losing(getattr(owner, name), before=before))
    outcome = pair.copy(f"FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP={disposition})")
    assert (outcome.condition_code, outcome.queue) == (0, "")
    assert any("SVTM110I" in line for line in pair.console) or name == "remove"
    expected = old + new if disposition == "MOD" else new
    assert records_of(pair.lon, "PAY.DST") == expected
    assert pair.checkpoints() == []
    if name != "remove":
        assert pair.step()["BYXF"] == "0"
    left = [path.name for path in (pair.lon.folder / "volumes" / "VOL001").iterdir() if path.name.startswith("PAY")]
    assert len(left) == 1


@pytest.mark.parametrize(("owner", "name", "before"), MOMENTS[:3])
def test_the_same_when_the_pnode_receives(pair, monkeypatch, owner, name, before):
    fill(pair.lon, "PAY.SRC", "VB", 304, 3000, 2000)
    monkeypatch.setattr(owner, name, losing(getattr(owner, name), before=before))
    outcome = pair.copy("FROM (DSN=PAY.SRC SNODE) CKPT=100K TO (DSN=PAY.DST PNODE DISP=NEW)")
    assert (outcome.condition_code, outcome.queue) == (0, "")
    assert contents(pair.nyc, "PAY.DST") == contents(pair.lon, "PAY.SRC")
    assert pair.checkpoints(pair.nyc) == []


@pytest.mark.parametrize(("owner", "name", "before"), MOMENTS[:3])
@pytest.mark.parametrize("sender", ["PNODE", "SNODE"])
def test_a_source_that_is_to_go_stays_until_the_pnode_has_settled_the_step(
    pair, monkeypatch, owner, name, before, sender
):
    there, here = (pair.nyc, pair.lon) if sender == "PNODE" else (pair.lon, pair.nyc)
    sent = fill(there, "PAY.SRC", "VB", 304, 3000, 2000)
    monkeypatch.setattr(owner, name, losing(getattr(owner, name), before=before))
    receiver = "SNODE" if sender == "PNODE" else "PNODE"
    copy = f"FROM (DSN=PAY.SRC DISP=(OLD,DELETE) {sender}) CKPT=100K TO (DSN=PAY.DST {receiver} DISP=NEW)"
    outcome = pair.copy(copy)
    assert (outcome.condition_code, outcome.queue, outcome.message_id) == (0, "", "SCPA000I"), outcome
    assert records_of(here, "PAY.DST") == sent
    assert pair.checkpoints(here) == []
    assert not there.exists("PAY.SRC") or (name, before) == ("_settle", False)


@pytest.mark.parametrize("sender", ["PNODE", "SNODE"])
def test_a_node_that_cannot_settle_the_step_keeps_the_source(pair, monkeypatch, sender):
    there = pair.nyc if sender == "PNODE" else pair.lon
    fill(there, "PAY.SRC", "FB", 100, 1000, 200)
    write, full = StatisticsLog.write, []

    def full_once(self, statistic):
        if statistic.kind == "CT" and "PNOD" not in statistic.fields and not full:
            full.append(True)
            raise NoSpace("PAY.SRC")
        write(self, statistic)

    monkeypatch.setattr(StatisticsLog, "write", full_once)
    receiver = "SNODE" if sender == "PNODE" else "PNODE"
    outcome = pair.copy(f"FROM (DSN=PAY.SRC DISP=(OLD,DELETE) {sender}) CKPT=10K TO (DSN=PAY.DST {receiver} DISP=NEW)")
    assert full
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert not there.exists("PAY.SRC")


@pytest.mark.parametrize("second", ["PS", "ESDS", "GDG"])
def test_what_the_record_says_of_one_step_is_not_taken_for_the_next(pair, monkeypatch, second):
    """NYC has settled STEP01 and the session is lost before LON hears of it: its record is of STEP01 still."""
    sent = fill(pair.nyc, "PAY.SRC", "VB", 104, 3000, 600)
    define(pair.lon, "PAY.ONE", "ESDS")
    group(pair.lon)
    to = {"PS": "PAY.DST DISP=NEW", "ESDS": "PAY.DST DISP=MOD", "GDG": "A.GDG(+1) DISP=(NEW,CATLG)"}[second]
    old = []
    if second == "ESDS":
        define(pair.lon, "PAY.DST", "ESDS")
        old = [b"was there before"] * 9
        with pair.lon.cluster("PAY.DST", "w") as cluster:
            for record in old:
                cluster.append(record)
    monkeypatch.setattr(ProcessRun, "_settle", losing(ProcessRun._settle, before=False))
    one = {"PS": "PAY.ONE2 DISP=NEW", "ESDS": "PAY.ONE DISP=MOD", "GDG": "A.GDG(+1) DISP=(NEW,CATLG,CATLG)"}[second]
    steps = [f"STEP0{n} COPY FROM (DSN=PAY.SRC) CKPT=20K TO (DSN={name})\n" for n, name in enumerate((one, to), 1)]
    outcome = pair.run(f"PAYDAY PROCESS SNODE=LON\n{''.join(steps)}")
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert list(pair.lon.records("A.GDG.G0002V00" if second == "GDG" else "PAY.DST")) == old + sent
    assert pair.checkpoints() == []
    assert orphans.find(pair.lon) == []


@pytest.mark.parametrize("kind", ["PS", "library", "member"])
def test_what_a_node_had_staged_when_it_was_ended_is_found_again(pair, monkeypatch, transport, kind):
    """LON has staged a file, and ends before its record names it."""
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 500)
    library(pair.nyc, "A.LIB", CODE)
    library(pair.lon, "B.LIB", {})
    copy = {
        "PS": "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=NEW)",
        "library": "FROM (DSN=A.LIB) CKPT=20K TO (DSN=C.LIB DISP=NEW)",
        "member": "FROM (DSN=A.LIB(BETA)) CKPT=20K TO (DSN=B.LIB(NEWONE) DISP=NEW)",
    }[kind]
    begin, close, ended = SequentialTarget.begin, SequentialTarget.close, []

    def begin_and_end(self):
        begin(self)
        if not ended:
            ended.append(self)
            raise SessionLost("the node has ended")

    def close_nothing(self, *, keep):
        if self in ended:
            self._data_set.close()
        else:
            close(self, keep=keep)

    monkeypatch.setattr(SequentialTarget, "begin", begin_and_end)
    monkeypatch.setattr(SequentialTarget, "close", close_nothing)
    outcome = pair.copy(copy)
    assert ended
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert orphans.find(pair.lon) == []


@pytest.mark.parametrize("sender", ["PNODE", "SNODE"])
def test_a_new_data_set_that_was_complete_is_known_again_without_a_checkpoint(pair, monkeypatch, sender):
    there, here = (pair.nyc, pair.lon) if sender == "PNODE" else (pair.lon, pair.nyc)
    sent = fill(there, "PAY.SRC", "FB", 80, 800, 500)
    monkeypatch.setattr(ProcessRun, "_settle", losing(ProcessRun._settle, before=True))
    receiver = "SNODE" if sender == "PNODE" else "PNODE"
    outcome = pair.copy(f"FROM (DSN=PAY.SRC {sender}) CKPT=0 TO (DSN=PAY.DST {receiver} DISP=NEW)")
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert records_of(here, "PAY.DST") == sent
    assert orphans.find(here) == []


def test_a_staged_file_that_a_session_still_has_open_is_left_to_it(pair):
    """NYC has lost the session and calls again, LON does not know yet that it is lost."""
    sent = fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 500)
    ending = token_of(key_of("NYC", 1, int(NOW) * 1_000_000_000), 1)[-8:]
    with pair.lon.stage("PAY.DST", DataSetAttributes("FB", 80, 800), ending).data_set:
        outcome = pair.copy("FROM (DSN=PAY.SRC) CKPT=0 TO (DSN=PAY.DST DISP=NEW)")
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert records_of(pair.lon, "PAY.DST") == sent
    assert [orphan.name for orphan in orphans.find(pair.lon)] == [f"PAY.DST.{ending}"]


@pytest.mark.parametrize("interval", ["20K", "0"])
def test_a_cluster_that_a_node_had_made_when_it_was_ended_is_made_anew(pair, monkeypatch, interval):
    sent = fill(pair.nyc, "PAY.SRC", "VB", 104, 3000, 600)
    ended = []

    def define_and_end(self, definition, **more):
        define_cluster(self, definition, **more)
        if not ended:
            ended.append(True)
            with self.entry_sequenced("PAY.DST", "w") as cluster:
                cluster.append(b"of the first try")
            raise SessionLost("the node has ended")

    define_cluster = System.define_cluster
    monkeypatch.setattr(System, "define_cluster", define_and_end)
    outcome = pair.copy(f"FROM (DSN=PAY.SRC) CKPT={interval} TO (DSN=PAY.DST DISP=NEW RECORG=ES LRECL=200)")
    assert ended
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert list(pair.lon.records("PAY.DST")) == sent


def test_a_cluster_of_somebody_else_stays_as_it_is(pair):
    fill(pair.nyc, "PAY.SRC", "VB", 104, 3000, 600)
    define(pair.lon, "PAY.DST", "ESDS")
    copy = "FROM (DSN=PAY.SRC) CKPT=0 TO (DSN=PAY.DST DISP=NEW RECORG=ES LRECL=200)"
    assert (outcome := pair.copy(copy, "session@link:100")).message_id == "DTX202E", outcome
    assert pair.lon.exists("PAY.DST")
