"""How a Process moves between the queues, as an operator sees it: HOLD, RETAIN, STARTT, retries, classes, commands."""

from dataclasses import replace

import pytest

from dtf import initparms
from dtf.errors import DtfError, SessionLost
from dtf.initparms import Initparms
from dtf.netmap import FOLDER, HOST, AdjacentNode, Netmap
from dtf.node import Node
from dtf.simulation.faults import Fault, FaultPlan
from dtf.statistics_log import StatisticsLog
from dtf.transmission_queue import TransmissionQueue
from dtf.transport import memory, tcp
from tests.dtf.cut_links import Frames
from tests.dtf.node_pair import NOW, fill, records_of
from tests.dtf.test_steps_without_data import Recorder

COPY = "STEP01 COPY FROM (DSN=PAY.SRC) TO (DSN=&DST DISP=RPL)\n"
DAY = 86_400


@pytest.fixture
def source(pair):
    return fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 500)


@pytest.fixture
def node(pair, source):
    with pair.node() as node:
        yield node


def submit(node, keywords="", dst="PAY.DST", text=COPY):
    return node.submit(f"PAYDAY PROCESS SNODE=LON {keywords}\n{text}", symbols={"DST": dst})


def stands(node, number):
    outcome = node.outcome(number)
    return f"{outcome.queue} {outcome.status}".strip()


def test_each_way_to_submit_has_its_queue_and_status(node):
    for keywords, where in {
        "": "WA WC",
        "HOLD=YES": "HO HI",
        "HOLD=CALL": "HO HC",
        "RETAIN=YES": "HO HR",
        "RETAIN=INITIAL": "HO HR",
        "STARTT=(TOMORROW,03:00)": "TI WC",
        "HOLD=YES STARTT=(TOMORROW)": "HO HI",
        "STARTT=(TODAY)": "WA WC",
    }.items():
        assert stands(node, submit(node, keywords)) == where, keywords


def test_what_submit_asks_of_the_netmap(node):
    """TLS where none is pinned, another PNODE, a partner by its address."""
    node.local.partners["TOK"] = AdjacentNode("TOK", HOST, "tokyo.example.com:1364")
    for keywords, why in {"SECURE=TLS13": "asks for TLS", "PNODE=PAR": "PNODE=PAR is not this node"}.items():
        with pytest.raises(DtfError, match=why):
            node.submit(f"P PROCESS SNODE=TOK {keywords}\n{COPY}", symbols={"DST": "X.Y"})
    with pytest.raises(DtfError, match="no node at ELSEWHERE;1 is in the netmap"):
        node.submit(f"P PROCESS SNODE=ELSEWHERE;1\n{COPY}", symbols={"DST": "X.Y"})
    node.submit(f"P PROCESS SNODE=TCPNAME=TOKYO.example.com;1364 HOLD=YES PNODE=NYC\n{COPY}", symbols={"DST": "X.Y"})
    assert [p.snode for p in node.processes()] == ["TOK"]
    submit(node, "SECURE=TLS13")  # LON is a folder here: nothing leaves the machine


def test_the_message_of_a_step_decides_what_comes_next(pair, node):
    modal = " IF (%MSGID NE SCPA000I) THEN\nSTEP02 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.SECOND)\n EIF\n"
    missing = "STEP01 COPY FROM (DSN=NOT.THERE) TO (DSN=&DST DISP=RPL)\n"
    for text, copied in ((COPY + modal, False), (missing + modal, True)):
        node.run(submit(node, text=text))
        assert pair.lon.exists("PAY.SECOND") is copied


def test_a_process_starts_at_its_time_and_not_before(pair, node):
    """NOW is 2026-09-21 14:13:20 UTC, a Monday."""
    number = submit(node, "STARTT=(,15:00)")
    node.turn()
    assert stands(node, number) == "TI WC"
    assert node.processes()[0].due == 1_790_002_800 * 10**9
    node.run(number)
    assert stands(node, number) == ""
    assert node.local.clock() >= 1_790_002_800


def test_a_released_process_with_a_start_time_still_waits_for_it(node):
    number = submit(node, "HOLD=YES STARTT=(TOMORROW)")
    node.release(number)
    assert stands(node, number) == "TI WC"


def test_a_retained_process_stays_and_runs_as_a_copy_each_time_it_is_released(pair, node, source):
    number = submit(node, "RETAIN=YES")
    assert "RUNS AS 2" in node.release(number)
    node.run()
    assert "RUNS AS 3" in node.release(number)
    node.run()
    assert [(p.number, p.queue, p.status) for p in node.processes()] == [(1, "HO", "HR")]
    assert node.outcome(2).condition_code == node.outcome(3).condition_code == 0
    assert records_of(pair.lon, "PAY.DST") == source


@pytest.mark.parametrize("lost", [False, True])
def test_a_process_that_is_to_be_retained_when_it_waits_already_runs_and_stays(pair, source, lost):
    with pair.node(*["session@5000"] * lost) as node:
        number = submit(node)
        if lost:
            while stands(node, number) != "TI RE":
                node.turn()
        node.change(number, {"RETAIN": "YES"})
        node.run()
        assert (stands(node, number), node.outcome(number).condition_code) == ("HO HR", 0)
        assert records_of(pair.lon, "PAY.DST") == source
        assert node.release(number).endswith(f"RUNS AS {number + 1}")
        node.run()
        assert [(p.number, p.status) for p in node.processes()] == [(number, "HR")]
        assert [s.number for s in node.statistics() if s.kind == "PT"] == [number, number + 1]


def test_a_retained_process_with_a_weekday_runs_every_week(node):
    number = submit(node, "RETAIN=YES STARTT=(TUESDAY,3PM)")
    assert stands(node, number) == "TI WC"
    first = node.processes()[0].due
    node.run(2) if node.processes()[-1].number == 2 else node.local.jump_to(first / 1e9)
    node.turn()
    assert sorted(p.number for p in node.processes()) == [1, 2]
    assert node.processes()[0].due == first + 7 * DAY * 10**9


def test_retain_initial_runs_at_every_start_of_the_dtf(pair, source):
    with pair.node() as node:
        submit(node, "RETAIN=INITIAL")
    for number in (2, 3):
        with pair.node() as node:
            node.run(number)
            assert node.outcome(number).condition_code == 0
            assert [p.number for p in node.processes()] == [1]


def test_hold_call_waits_for_any_session_with_the_partner(node):
    held, other = submit(node, "HOLD=CALL"), submit(node)
    node.run(other)
    assert stands(node, held) != "HO HC"
    node.run(held)
    assert node.outcome(held).condition_code == 0


def test_hold_call_is_released_when_the_partner_calls(pair, source):
    with pair.node() as node:
        held = submit(node, "HOLD=CALL")
        node.local.called("LON")
        assert stands(node, held) == "WA WC"


def unreachable(pair):
    with Netmap(pair.nyc, "w") as nodes:
        nodes.add(AdjacentNode("PAR", FOLDER, "/nowhere"))
    return Node.open(pair.nyc, clock=lambda: NOW, connect=memory.connect, log=pair.console.append)


def test_only_one_process_retries_and_the_others_wait_for_it(pair):
    with unreachable(pair) as node:
        numbers = [node.submit(f"P{n} PROCESS SNODE=PAR\n{COPY}", symbols={"DST": "X.Y"}) for n in range(3)]
        node.turn()
        assert [stands(node, n) for n in numbers] == ["TI RE", "HO RH", "HO RH"]
        node.run()
        assert [stands(node, n) for n in numbers] == ["HO WC"] * 3
        assert sum("SVTM110I" in line for line in pair.console) == 7
        assert node.local.clock() - NOW == 7 * 180


@pytest.mark.parametrize("setting", [{"STARTT": "(TOMORROW,03:00)"}, {"DEST": "LON"}, {"HOLD": "YES"}])
def test_another_retries_when_the_one_that_did_is_changed(pair, source, setting):
    with unreachable(pair) as node:
        numbers = [node.submit(f"P{n} PROCESS SNODE=PAR\n{COPY}", symbols={"DST": "X.Y"}) for n in range(3)]
        node.turn()
        node.change(numbers[0], setting)
        assert [stands(node, n) for n in numbers[1:]] == ["WA WC", "WA WC"]
        while node.turn():
            pass
        assert [stands(node, n) for n in numbers[1:]] == ["TI RE", "HO RH"]
        assert stands(node, numbers[0]) == {"STARTT": "TI WC", "DEST": "", "HOLD": "HO HO"}[next(iter(setting))]


def test_one_that_waited_for_the_retries_of_another_need_not_wait_for_them_at_another_partner(pair, source):
    with unreachable(pair) as node:
        numbers = [node.submit(f"P{n} PROCESS SNODE=PAR\n{COPY}", symbols={"DST": "X.Y"}) for n in range(2)]
        node.turn()
        node.change(numbers[1], {"DEST": "LON"})
        while node.turn():
            pass
        assert [stands(node, n) for n in numbers] == ["TI RE", ""]
        assert node.outcome(numbers[1]).condition_code == 0


def test_one_that_gets_through_takes_the_others_along(pair, node):
    waiting, held = submit(node), submit(node)
    node._control.retry(node._control.found(waiting), DtfError("no line"))
    assert [stands(node, n) for n in (waiting, held)] == ["TI RE", "HO RH"]
    node.run()
    assert [node.outcome(n).condition_code for n in (waiting, held)] == [0, 0]
    assert node.processes() == []


def test_retries_follow_the_initialization_parameters(pair):
    with unreachable(pair) as node:
        node.local.parameters = type(node.local.parameters)(maxretries=2, wtretries=10)
        number = node.submit(f"P PROCESS SNODE=PAR\n{COPY}", symbols={"DST": "X.Y"})
        node.run()
        assert stands(node, number) == "HO WC"
        assert node.local.clock() - NOW == 20


def test_a_partner_with_one_session_takes_one_process_at_a_time(node):
    first, second = submit(node), submit(node, dst="PAY.TWO")
    node.turn()
    assert [stands(node, n)[:2] for n in (first, second)] == ["EX", "WA"]
    node.turn()
    assert stands(node, second) == "WA WP"
    node.run()
    assert [node.outcome(n).condition_code for n in (first, second)] == [0, 0]


def test_classes_share_the_sessions_of_a_partner(pair, node):
    node.local.partners["LON"] = AdjacentNode("LON", FOLDER, str(pair.lon.folder), sessions=3, default_class=2)
    high = [submit(node, "CLASS=3", dst=f"PAY.A{n}") for n in range(2)]
    low = submit(node, dst="PAY.LOW")
    urgent = submit(node, "CLASS=1", dst="PAY.URGENT")
    node.turn()
    running = {n: running.slot for n, running in node._running.items()}
    assert running == {high[0]: 3, low: 2, urgent: 1}
    node.run()
    assert [node.outcome(n).condition_code for n in (*high, low, urgent)] == [0] * 4


def test_priority_decides_who_goes_first(pair, node):
    numbers = [submit(node, f"PRTY={p}", dst=f"PAY.P{p}") for p in (3, 15, 9)]
    node.run()
    ended = [s.number for s in node.statistics() if s.kind == "PT"]
    assert ended == [numbers[1], numbers[2], numbers[0]]


def under_way(node, number):
    while stands(node, number) != "EX EX":
        node.turn()


TWO_STEPS = COPY + "STEP02 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.SECOND DISP=RPL)\n"


def test_suspend_stops_after_the_step_and_release_goes_on_with_the_next(pair, node):
    number = submit(node, text=TWO_STEPS)
    under_way(node, number)
    node.stop(number, "SUSPEND")
    node.run(number)
    assert stands(node, number) == "HO HS"
    assert not pair.lon.exists("PAY.SECOND")
    node.release(number)
    node.run(number)
    assert [s.fields["SNAM"] for s in node.statistics() if s.kind == "CT"] == ["STEP01", "STEP02"]


@pytest.mark.parametrize("sender", ["PNODE", "SNODE"])
def test_suspend_stops_a_copy_at_its_next_checkpoint_and_nothing_is_sent_again(pair, node, sender):
    here, there = (pair.nyc, pair.lon) if sender == "PNODE" else (pair.lon, pair.nyc)
    records = fill(here, "PAY.BIG", "FB", 100, 10000, 30000)
    sides = ("PNODE", "SNODE") if sender == "PNODE" else ("SNODE", "PNODE")
    operands = "FROM (DSN=PAY.BIG {}) CKPT=100K TO (DSN=PAY.DST {})".format(*sides)
    number = node.submit(f"PAYDAY PROCESS SNODE=LON\nSTEP01 COPY {operands}\n")
    under_way(node, number)
    node.stop(number, "SUSPEND")
    node.run(number)
    assert stands(node, number) == "HO HS"
    stopped = [s.fields for s in node.statistics() if s.kind == "WT"][-1]
    assert (stopped["MSGI"], stopped["CKNO"]) == ("DTX357I", "1")
    with StatisticsLog(pair.lon) as log:
        assert [s.kind for s in log.all()] == [], "for the partner it has not ended"
    node.release(number)
    node.run(number)
    step = [s.fields for s in node.statistics() if s.kind == "CT"][-1]
    assert (step["RSTR"], step["SRCB"]) == ("Y", "100000")
    assert records_of(there, "PAY.DST") == records


def test_a_session_lost_before_the_process_was_suspended_is_not_tried_again(pair, source):
    with pair.node("session@5000") as node:
        number = submit(node)
        under_way(node, number)
        node.stop(number, "SUSPEND")
        node.run(number)
        assert stands(node, number) == "HO HS"
        node.release(number)
        node.run(number)
        assert stands(node, number) == ""
    assert records_of(pair.lon, "PAY.DST") == source


def test_a_process_that_ends_is_told_in_the_statistics_of_both_nodes(pair, node):
    number = submit(node)
    node.run(number)
    with StatisticsLog(pair.lon) as log:
        end = list(log.all())[-1]
    assert (end.kind, end.number, end.fields["PNOD"], end.fields["CCOD"]) == ("PT", number, "NYC", "0")
    step = next(s.fields for s in node.statistics() if s.kind == "CT")
    assert step["DBYW"] == step["SBYR"] == step["BYXF"] != "0"


def test_suspend_with_force_stops_in_the_middle_and_the_copy_goes_on_from_its_checkpoint(pair, node):
    fill(pair.nyc, "PAY.BIG", "FB", 100, 10000, 30000)
    number = node.submit("PAYDAY PROCESS SNODE=LON\nS COPY FROM (DSN=PAY.BIG) CKPT=100K TO (DSN=PAY.DST)\n")
    under_way(node, number)
    while not any(record for record in node.local.neighbour(str(pair.lon.folder), "LON").checkpoints.records()):
        node.turn()
    for _ in range(8):
        node.turn()
    node.stop(number, "SUSPEND", force=True)
    assert stands(node, number) == "HO HS"
    node.release(number)
    node.run(number)
    step = [s.fields for s in node.statistics() if s.kind == "CT"][-1]
    assert (step["RSTR"], step["CCOD"]) == ("Y", "0")


@pytest.mark.parametrize("force", [False, True])
def test_a_flushed_process_leaves_the_queue(pair, node, force):
    number = submit(node, text=TWO_STEPS)
    under_way(node, number)
    node.stop(number, "FLUSH", force=force)
    node.run()
    assert node.processes() == []
    assert node.outcome(number).message_id == "DTX357I"
    assert [s.kind for s in node.statistics()][-3:] == ["FP", "WT" if force else "CT", "PT"]
    assert [s.fields["CCOD"] for s in ends(pair)] == ["8"] if force else ["8", "8"]
    node.close()
    with pair.node() as later:
        assert later.outcome(number).condition_code == 8


def test_what_runs_is_not_changed_and_what_waits_is_not_stopped(node):
    running, waiting = submit(node), submit(node)
    under_way(node, running)
    for command in (node.hold, node.delete, lambda n: node.change(n, {"PRTY": "3"})):
        with pytest.raises(DtfError, match="DTX323E"):
            command(running)
    with pytest.raises(DtfError, match="DTX324E"):
        node.stop(waiting, "SUSPEND")


@pytest.mark.parametrize(
    "settings",
    [
        {"PRTY": "16"},
        {"CLASS": "0"},
        {"HOLD": "MAYBE"},
        {"STARTT": "(SOMEDAY)"},
        {"STARTT": "(,25:00)"},
        {"DEST": "NOWHERE"},
        {"COLOUR": "RED"},
        {"RESTART": "MAYBE"},
        {"PRTY": "3", "CLASS": "X"},
    ],
)
def test_a_wrong_setting_changes_nothing(node, settings):
    number = submit(node)
    before = node.processes()
    with pytest.raises(DtfError):
        node.change(number, settings)
    assert node.processes() == before


def test_change_process_sets_priority_class_and_start_time(node):
    number = submit(node)
    node.change(number, {"PRTY": "15", "CLASS": "4", "STARTT": "(TOMORROW,03:00)"})
    (process,) = node.processes()
    assert (process.priority, process.class_, process.queue, process.status) == (15, 4, "TI", "WC")
    node.hold(number)
    assert stands(node, number) == "HO HO"


def test_a_hundred_processes_share_eight_sessions(pair, node, source):
    node.local.partners["LON"] = AdjacentNode("LON", FOLDER, str(pair.lon.folder), sessions=8, default_class=1)
    numbers = [submit(node, f"CLASS={n % 8 + 1}", dst=f"PAY.D{n}") for n in range(100)]
    most = 0
    while node.turn():
        most = max(most, len(node._running))
    assert most == 8
    assert {node.outcome(n).condition_code for n in numbers} == {0}
    assert all(records_of(pair.lon, f"PAY.D{n}") == source for n in (0, 50, 99))


@pytest.mark.parametrize(("rule", "coded", "used"), [("DISALLOW", "COMPRESS EXTENDED", "N"), ("FORCE", "", "Y")])
def test_the_netmap_decides_about_compression(pair, node, source, rule, coded, used):
    node.local.partners["LON"] = replace(node.local.partners["LON"], compression=rule)
    node.run(submit(node, text=f"STEP01 COPY FROM (DSN=PAY.SRC) {coded} TO (DSN=&DST DISP=RPL)\n"))
    (step,) = [s.fields for s in node.statistics() if s.kind == "CT"]
    assert (step["ECMP"], step["CCOD"]) == (used, "0")
    assert records_of(pair.lon, "PAY.DST") == source


def test_a_data_set_that_is_in_use_is_waited_for(pair, node, source):
    """Allocation retry: TI RE, ALLOC.WAIT apart; nobody waits for it as for a partner."""
    with pair.nyc.sequential("PAY.SRC", "a"):
        number, other = submit(node), submit(node, text="S1 RUN JOB (DSN=NO.JOB) PNODE\n")
        while stands(node, number) != "TI RE":
            node.turn()
        assert node.processes()[0].due == int((NOW + 180) * 1e9)
        while stands(node, other):
            node.turn()
        assert node.outcome(other).message_id == "DTX260E"
    node.run(number)
    assert node.outcome(number).condition_code == 0
    assert records_of(pair.lon, "PAY.DST") == source
    assert any("ALLOCATION RETRY 1" in line for line in pair.console)


@pytest.mark.parametrize(("requeue", "where"), [("YES", "HO RA"), ("NO", "")])
def test_after_the_last_allocation_retry_it_is_held_or_the_step_has_failed(pair, node, requeue, where):
    node.local.parameters = replace(node.local.parameters, alloc_retries=2, alloc_wait=60)
    with pair.nyc.sequential("PAY.SRC", "a"):
        number = submit(node, f"REQUEUE={requeue}")
        node.run(number)
    assert stands(node, number) == where
    assert (node.outcome(number).condition_code, node.outcome(number).message_id) == (8, "DTX241E")
    assert node.local.clock() - NOW == 120
    if where:
        node.release(number)
        node.run(number)
        assert stands(node, number) == ""


def test_a_process_that_restarts_stands_in_rs(pair, node):
    fill(pair.nyc, "PAY.BIG", "FB", 100, 10000, 30000)
    number = node.submit("P PROCESS SNODE=LON\nS COPY FROM (DSN=PAY.BIG) CKPT=100K TO (DSN=PAY.DST)\n")
    under_way(node, number)
    for _ in range(20):
        node.turn()
    node.stop(number, "SUSPEND", force=True)
    node.release(number)
    seen = set()
    while stands(node, number):
        seen.add(stands(node, number))
        node.turn()
    assert "EX RS" in seen


@pytest.mark.parametrize(("restart", "flag"), [("", "Y"), ("NO", "N"), ("FIRST=SER=VOL001", "Y"), ("VOLCNT=3", "Y")])
def test_change_restart_no_begins_the_step_at_its_beginning(pair, node, restart, flag):
    fill(pair.nyc, "PAY.BIG", "FB", 100, 10000, 30000)
    number = node.submit("P PROCESS SNODE=LON\nS COPY FROM (DSN=PAY.BIG) CKPT=100K TO (DSN=PAY.DST)\n")
    under_way(node, number)
    while not any(record.sets for _, record in node.local.neighbour(str(pair.lon.folder), "LON").checkpoints.records()):
        node.turn()
    node.stop(number, "SUSPEND", force=True)
    if restart:
        node.change(number, {"RESTART": restart})
    node.release(number)
    node.run(number)
    step = [s.fields for s in node.statistics() if s.kind == "CT"][-1]
    assert (step["RSTR"], step["CCOD"]) == (flag, "0")


def test_a_partner_that_wants_tls_of_a_node_without_a_certificate_waits_in_wt(pair):
    with Netmap(pair.nyc, "w") as nodes:
        nodes.add(AdjacentNode("TOK", HOST, "127.0.0.1:1", certificate=b"pinned"))
    for turn in range(2):
        with Node.open(pair.nyc, clock=lambda: NOW, connect=tcp.connect, log=pair.console.append) as node:
            if turn == 0:
                node.submit(f"P PROCESS SNODE=TOK\n{COPY}", symbols={"DST": "X.Y"})
            node.run(1)
            assert stands(node, 1) == "WA WT"
            assert not node.turn()
    assert sum("WA WT" in line for line in pair.console) == 2


class Partner:
    """A way to LON that is lost when the Process is about to end, and not there for some calls after that."""

    def __init__(self, pair, absent):
        self.absent, self.link, self.calls = absent, memory.connect, 0
        self.at_its_end = Frames()
        with Node.open(pair.nyc, clock=lambda: NOW, connect=self.link, observer=self.at_its_end) as node:
            node.run(submit(node, dst="PAY.CLEAN"))

    def connect(self, node, partner, talk):
        self.calls += 1
        if 1 < self.calls <= 1 + self.absent:
            raise SessionLost("nobody there")
        return self.link(node, partner, talk)

    def node(self, pair):
        plan = FaultPlan([Fault("session", "link", self.at_its_end.ends[-3])])
        return Node.open(pair.nyc, clock=lambda: NOW, connect=self.connect, observer=plan)


def test_a_process_that_lost_its_partner_at_its_end_ends_with_the_message_of_its_step(pair, source):
    """After all retries it stood in HO WC and said why; that is over once the partner is there again."""
    with (partner := Partner(pair, absent=7)).node(pair) as node:
        node.run(number := submit(node))
        held = node.outcome(number)
        assert (held.queue, held.status, held.message_id, held.text) == ("HO", "WC", "SVTM105I", "nobody there")
    with partner.node(pair) as node:
        node.run(number)
        ended = node.outcome(number)
        assert (ended.condition_code, ended.message_id, ended.text) == (0, "SCPA000I", "Copy step successful.")
        assert [s.fields["MSGI"] for s in node.statistics() if s.kind == "PT"] == ["SCPA000I", "SCPA000I"]


def ends(pair):
    """The PT records of both nodes."""
    with StatisticsLog(pair.nyc) as here, StatisticsLog(pair.lon) as there:
        return [s for log in (here, there) for s in log.all() if s.kind == "PT"]


def test_a_process_whose_session_is_lost_at_its_end_ends_once_in_the_statistics_of_both_nodes(pair, source):
    frames = Frames()
    with Node.open(pair.nyc, clock=lambda: NOW, connect=memory.connect, observer=frames) as node:
        node.run(submit(node))
    for number, at in enumerate(range(frames.ends[-4], frames.ends[-1], 20), 2):
        with pair.node(f"session@link:{at}") as node:
            node.run(submit(node))
            assert node.outcome(number).condition_code == 0
        assert [(s.number, s.fields.get("PNOD", "")) for s in ends(pair) if s.number == number] == [
            (number, ""),
            (number, "NYC"),
        ]


def test_a_dtf_that_ended_just_when_a_process_had_does_not_end_it_twice(pair, source, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), pair.node() as node:
        patch.setattr(TransmissionQueue, "remove", interrupted)
        node.run(submit(node))
    assert pair.resume() == []
    assert len(ends(pair)) == 2


def interrupted(queue, process):
    raise KeyboardInterrupt


def test_a_process_that_is_held_for_restart_stays_held_though_its_session_is_lost_then(pair, source):
    copy = "STEP01 COPY FROM (DSN=PAY.SRC) CKPT=10K TO (DSN=PAY.DST DISP=RPL)\n"
    for number, behind in enumerate((1, 20, 30), 1):
        with pair.node("corrupt@percent:60") as node:
            node.run(submit(node, "REQUEUE=YES", text=copy))
            node.delete(2 * number - 1)
            whole = node.local.observer.link_bytes
        with pair.node("corrupt@percent:60", f"session@link:{whole - behind}") as node:
            node.run(submit(node, "REQUEUE=YES", text=copy))
            assert node.local.observer.pending == ()
            assert stands(node, 2 * number) == "HO RH"
            node.delete(2 * number)


def test_a_step_that_ends_well_after_all_leaves_its_process_the_code_of_the_others(pair):
    initparms.write(pair.nyc, Initparms(run_task=("CHECK",)))
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    plan = FaultPlan([Fault("disk-full", "percent", 50)])
    with Node.open(
        pair.nyc, clock=lambda: NOW, connect=memory.connect, observer=plan, programs=Recorder(code=4)
    ) as node:
        steps = "T RUN TASK (PGM=CHECK)\nS COPY FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST)\n"
        node.run(number := submit(node, text=steps))
        assert (stands(node, number), node.outcome(number).condition_code) == ("HO HE", 16)
        node.release(number)
        assert (stands(node, number), node.outcome(number).condition_code) == ("WA WC", 4)
        node.run(number)
        ended = node.outcome(number)
    assert (ended.condition_code, ended.text) == (4, "CHECK ended with 4")
    assert [s.fields["CCOD"] for s in ends(pair)] == ["4", "4"]


def test_a_lost_session_does_not_lose_the_message_that_decides_what_comes_next(pair, source):
    """STEP01 has ended well, and only the end of the Process was lost: STEP02, for the other case, is not run."""
    modal = " IF (%MSGID NE SCPA000I) THEN\nSTEP02 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.SECOND)\n EIF\n"
    with (partner := Partner(pair, absent=1)).node(pair) as node:
        node.run(number := submit(node, text=COPY + modal))
        assert node.outcome(number).condition_code == 0
        assert partner.calls == 3
        assert not pair.lon.exists("PAY.SECOND")
