"""DTF.USERS: who of a partner's users may do what here. Threat model row 4: no entry, no work."""

import pytest

from dtf import user_table
from dtf.errors import DtfError
from dtf.user_table import ANYBODY, UserTable
from ksds import DataSetAttributes
from tests.dtf.node_pair import fill
from tests.dtf.test_steps_without_data import allow


def users(system, *lines):
    system.allocate("DTF.USERS", DataSetAttributes("FB", 80, 8000))
    with system.sequential("DTF.USERS", "w") as data_set:
        data_set.append(line.encode("cp037").ljust(80, b"\x40") for line in lines)


def run(pair, step, options=""):
    with pair.node() as node:
        number = node.submit(f"P PROCESS SNODE=LON {options}\n{step}\n", submitter="CLERK")
        while node.outcome(number).queue in ("WA", "EX"):
            node.turn()
        return node.outcome(number)


UP = "S1 COPY FROM (DSN=PAY.SRC) TO (DSN={} DISP=RPL)"


@pytest.mark.parametrize("transport", ["memory", "tcp"])
def test_a_user_writes_and_reads_what_his_profile_says(pair, transport):
    sent = fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    fill(pair.lon, "SECRET.ONE", "FB", 80, 800, 20)
    users(pair.lon, "* comment", "NODE=NYC USER=CLERK LOCAL=PAYUSER UPLOAD=(PAY.*,BR.IN) DOWNLOAD=PAY.*")
    assert run(pair, UP.format("PAY.DST")).condition_code == 0
    assert list(pair.lon.records("PAY.DST")) == sent
    assert run(pair, UP.format("BR.IN")).condition_code == 0
    for step, what in (
        (UP.format("SECRET.TWO"), "SECRET.TWO may not be written by CLERK of NYC"),
        ("S1 COPY FROM (DSN=SECRET.ONE SNODE) TO (DSN=A.B PNODE)", "SECRET.ONE may not be read"),
        ("S1 SUBMIT DSN=PAY.DST SUBNODE=SNODE", "SUBMIT is not allowed"),
        ("S1 RUN TASK (PGM=X) SNODE", "RUN is not allowed"),
    ):
        outcome = run(pair, step)
        assert (outcome.condition_code, outcome.message_id) == (8, "DTX313E"), outcome
        assert what in outcome.text
    assert not pair.lon.exists("SECRET.TWO")
    assert not pair.nyc.exists("A.B")


def test_a_user_without_a_profile_gets_no_session(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    users(pair.lon, "NODE=NYC USER=BOSS UPLOAD=*", "NODE=PARIS USER=* UPLOAD=*")
    outcome = run(pair, UP.format("PAY.DST"))
    assert (outcome.queue, outcome.status, outcome.message_id) == ("HO", "HP", "DTX312E")
    assert not pair.lon.exists("PAY.DST")
    assert run(pair, UP.format("PAY.DST"), "SNODEID=(BOSS)").condition_code == 0


def test_run_and_submit_are_rights_of_their_own(pair):
    users(pair.lon, "NODE=N* USER=* RUN=YES")
    allow(pair.lon, run_task=("X",))
    outcome = run(pair, "S1 RUN TASK (PGM=X) SNODE")
    assert "no programs are run here" in outcome.text


@pytest.mark.parametrize("line", ["NODE=NYC", "USER=A NODE=B COLOUR=RED", "NODE=A USER=B UPLOAD=(A", "nonsense"])
def test_a_line_that_is_none_stops_the_dtf(pair, line):
    users(pair.nyc, line)
    with pytest.raises(DtfError, match="DTX373E"), pair.node():
        pass


def test_without_a_table_everybody_has_every_right(pair):
    assert user_table.read(pair.nyc) == UserTable()
    assert UserTable().profile("ANY", "") is ANYBODY
    assert UserTable(()).profile("ANY", "") is None
