"""The operator's commands in the SYSIN of DMBATCH, on a real node: what they print, what they do, how they end."""

import pytest

from dtf.batch import Batch
from dtf.command_language import parse_commands
from tests.dtf.node_pair import fill, records_of

PROCESS = "PAYDAY PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) TO (DSN=&DST DISP=RPL)\n"


@pytest.fixture
def typed(pair):
    """Run a SYSIN: (return code, lines)."""
    fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 100)
    with pair.node() as node:

        def run(*commands):
            lines = []
            batch = Batch(node=node, write=lines.append, read_process=lambda name: PROCESS, read_member=str)
            return batch.run(["  SIGNON USERID=(ME)", *(f"  {command}" for command in commands), "  SIGNOFF"]), lines

        run.node = node
        yield run


def test_a_process_is_held_changed_looked_at_and_released(pair, typed):
    code, lines = typed(
        "SUBMIT DSN=A.PROC HOLD=YES &DST=PAY.DST",
        "SELECT PROCESS WHERE(STATUS=HI) DETAIL=YES",
        "CHANGE PROCESS WHERE(PNUM=1) PRTY=15 CLASS=3",
        "VIEW PROC WHERE(PNAME=PAY*)",
        "CH PROC WHERE(PNUM=1) RELEASE",
        "SEL PROC",
    )
    assert code == 0, lines
    assert "Queue           => HO HI" in lines
    assert "PAYDAY PROCESS SNODE=LON" in lines
    assert any(
        line.split()[2:8] == ["WA", "WC", "LON", "3", "15", "S1"] for line in lines if line.startswith("PAYDAY  ")
    )
    typed.node.run()
    assert len(records_of(pair.lon, "PAY.DST")) == 100


def test_delete_and_flush_and_suspend_say_what_they_cannot_do(typed):
    assert typed("SUBMIT DSN=A.PROC HOLD=YES &DST=PAY.DST")[0] == 0
    code, lines = typed("SUSPEND PROCESS WHERE(PNUM=1)", "FLUSH PROCESS WHERE(PNUM=1) FORCE")
    assert code == 8
    assert sum("MSGID=DTX324E" in line for line in lines) == 2
    code, lines = typed("DELETE PROCESS WHERE(PNUM=1)")
    assert (code, any("1 PROCESS(ES) DELETED" in line for line in lines)) == (0, True)
    assert any("MSGID=DTX321E" in line for line in typed("DELETE PROCESS WHERE(PNUM=1)")[1])


def test_the_netmap_is_changed(typed):
    code, lines = typed(
        "INSERT NETMAP NODE=PARIS ADDRESS='paris.example.com:1364' PARSESS=(4,2)",
        "UPDATE NETMAP NODE=PARIS PARSESS=(8,1)",
        "SELECT NETMAP",
    )
    assert code == 0, lines
    assert any("PARIS" in line and "PARSESS=(8,1)" in line for line in lines)
    code, lines = typed("DELETE NETMAP NODE=PARIS", "SELECT NETMAP")
    assert code == 0
    assert not any("ADJACENT PARIS" in line for line in lines)


def test_a_node_with_processes_in_the_queue_stays_in_the_netmap(typed):
    assert typed("SUBMIT DSN=A.PROC HOLD=YES &DST=PAY.DST", "DELETE NETMAP NODE=LON")[0] == 8


def test_initialization_parameters_are_shown_and_changed_all_or_none(typed):
    assert "MAXRETRIES=7" in typed("INQUIRE INITPARMS")[1]
    code, lines = typed("MODIFY INITPARMS MAXRETRIES=2 CKPT=1M")
    assert (code, "MAXRETRIES=2" in lines, "CKPT=1M" in lines) == (0, True, True)
    assert typed("MODIFY INITPARMS MAXRETRIES=5 WTRETRIES=SOON")[0] == 8
    assert "MAXRETRIES=2" in typed("INQUIRE INITPARMS")[1]
    assert typed.node.local.parameters.ckpt == 1_000_000


@pytest.mark.parametrize(
    "command",
    [
        "CHANGE PROCESS PRTY=5",
        "CHANGE PROCESS WHERE(PNUM=1)",
        "CHANGE PROCESS WHERE(COLOUR=RED) PRTY=5",
        "SELECT PROCESS WHERE(PNUM=ABC)",
        "SELECT PROCESS WHERE(CCODE=(GT,ABC))",
        "SELECT STATISTICS WHERE(PNUM=(1,))",
        "FLUSH PROCESS WHERE(PNUM=1) GENTLY",
        "INSERT NETMAP NODE=LON ADDRESS='a:1'",
        "UPDATE NETMAP NODE=NOBODY ADDRESS='a:1'",
        "INSERT NETMAP NODE=ROME",
        "INSERT NETMAP NODE=ROME ADDRESS='a:1' PARSESS=(1,0)",
        "INSERT NETMAP NODE=NYC ADDRESS='a:1'",
        "DELETE NETMAP NODE=NOBODY",
        "SELECT TYPE",
        "INQUIRE SNMP",
    ],
)
def test_a_wrong_command_is_one_line_and_code_8(typed, command):
    code, lines = typed(command)
    assert code == 8
    assert sum("RC=00000008 MSGID=DTX" in line for line in lines) == 1


def test_verbs_may_be_cut_short():
    verbs = [
        command.verb for command in parse_commands([" SUS PROC", " FLU PROC", " INQ INITPARMS", " MOD X", " INS X"])
    ]
    assert verbs == ["SUSPEND", "FLUSH", "INQUIRE", "MODIFY", "INSERT"]
