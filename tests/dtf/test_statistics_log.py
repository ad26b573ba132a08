"""The statistics log: every event in order, every Process through the index, nothing a name could break."""

import pytest

from dtf import initparms
from dtf.initparms import Initparms
from dtf.selection import SelectorError
from dtf.statistics_listing import detail, listing, select
from dtf.statistics_log import Statistic, StatisticsLog
from ksds import DataSetAttributes
from tests.dtf.node_pair import fill

NS = 1_790_000_000_120_000_000


def statistic(number, kind="CT", **fields):
    return Statistic(kind=kind, when=NS + number, number=number, name="PAYDAY", fields=fields)


def test_records_come_back_in_order_and_by_process(pair):
    written = [statistic(n % 3 + 1, SNAM=f"S{n}", CCOD="0") for n in range(30)]
    with StatisticsLog(pair.nyc, "w") as log:
        for one in written:
            log.write(one)
    with StatisticsLog(pair.nyc) as log:
        assert list(log.all()) == written
        assert list(log.of_process(2)) == [s for s in written if s.number == 2]
        assert list(log.of_process(9)) == []


def test_the_record_begins_as_documented(pair):
    with StatisticsLog(pair.nyc, "w") as log:
        log.write(statistic(7, A="1"))
    with pair.nyc.entry_sequenced("DTF.STATS.ESDS01") as cluster:
        ((_, record),) = cluster.browse()
    assert int.from_bytes(record[:2], "big") == len(record)
    assert record[2:4].decode("cp037") == "CT"
    assert record[4:12].hex() == "141320122026264f"
    assert record[32:].decode("cp037") == "A=1|"


def test_an_index_that_missed_the_last_records_is_completed(pair):
    with StatisticsLog(pair.nyc, "w") as log:
        log.write(statistic(1))
        log.write(statistic(2))
    with pair.nyc.key_sequenced("DTF.STATS.KSDS01", "w") as index:
        last = list(index.browse())[-1]
        index.erase(last[:12])
    with StatisticsLog(pair.nyc, "w") as log:
        assert [s.number for s in log.of_process(2)] == [2]


def written(system, numbers, file_bytes=16_384):
    with StatisticsLog(system, "w", file_bytes) as log:
        for number in numbers:
            log.write(statistic(number, TEXT="x" * 300))


def kept(log):
    return [s.number for s in log.all() if s.number]


def test_a_full_file_pair_is_followed_by_the_next_and_the_oldest_is_erased(pair):
    """Some three dozen records fit a log of four control intervals."""
    written(pair.nyc, range(1, 101))
    with StatisticsLog(pair.nyc) as log:
        numbers = kept(log)
        assert numbers == list(range(numbers[0], 101))
        assert 30 < len(numbers) < 75
        switched = [s.fields for s in log.all() if s.kind == "WT"]
        assert [s["MSGI"] for s in switched] == ["DTX332I"] * 2
        assert int(switched[1]["SEQ"]) == int(switched[0]["SEQ"]) + 1
        assert [s.number for s in log.of_process(99)] == [99]
        assert list(log.of_process(1)) == []
    written(pair.nyc, [101])
    with StatisticsLog(pair.nyc) as log:
        assert kept(log)[-2:] == [100, 101]


def test_a_pair_that_is_read_is_not_erased(pair):
    written(pair.nyc, range(1, 60))
    with StatisticsLog(pair.nyc) as reader:
        before = reader.all()
        next(before)  # it reads the older pair
        written(pair.nyc, range(60, 200))
        before.close()
    with StatisticsLog(pair.nyc) as log:
        numbers = kept(log)
        assert numbers == list(range(numbers[0], 200))
        assert len(numbers) > 140


def test_a_switch_that_a_crash_cut_short_is_made_again(pair):
    written(pair.nyc, range(1, 50))
    with pair.nyc.key_sequenced("DTF.STATS.KSDS01", "w") as index:
        index.reset()  # the index of the older pair is erased already, its log is not
    with StatisticsLog(pair.nyc) as log:
        assert [s.number for s in log.of_process(3)] == [3]
    written(pair.nyc, range(50, 90))
    with StatisticsLog(pair.nyc) as log:
        assert kept(log)[-1] == 89
        assert [s.number for s in log.of_process(88)] == [88]


def is_chosen(one, where):
    return select(lambda: [one], lambda name: (), where) == [one]


def test_records_are_selected_by_either_form_of_their_id():
    assert is_chosen(statistic(1), {"RECIDS": "CT"})
    assert is_chosen(statistic(1), {"RECIDS": "(SUBP,CTRC)"})
    assert not is_chosen(statistic(1), {"RECIDS": "PRED"})


@pytest.mark.parametrize("value", ["a|b", "line\nbreak", "\x1b[31m", "日本", "x" * 5000])
def test_a_value_can_not_make_new_fields_or_lines(pair, value):
    with StatisticsLog(pair.nyc, "w") as log:
        log.write(statistic(1, MSST=value, CCOD="8"))
        (back,) = log.all()
    assert back.condition_code == 8
    assert set(back.fields) == {"MSST", "CCOD"}
    assert all(len(line.splitlines()) == 1 for line in [back.line(), *detail(back)[:-1]])


def test_the_short_listing_looks_like_select_statistics():
    lines = listing([statistic(21, SNAM="STEP01", CCOD="0", MSGI="SCPA000I")])
    assert lines[1].strip() == "SELECT  STATISTICS"
    assert lines[6] == "P CT    09/21/2026 14:13:20 PAYDAY            21  STEP01        0      SCPA000I"
    assert lines[-1] == "Select Statistics Completed Successfully."


def test_a_copy_in_full_has_source_and_destination_side_by_side():
    fields = {"CCOD": "0", "MSGI": "SCPA000I", "LCCD": "0", "OCCD": "8", "FROM": "P", "LNOD": "NYC", "SNOD": "LON"}
    lines = detail(statistic(21, **fields, CKPT="Y", SBYR="100"))
    assert "Ckpt=>Y  Lkfl=>N  Rstr=>N  Xlat=>N  Scmp=>N  Ecmp=>N  CRC=>N" in lines
    assert " Ccode      =>0               Ccode        =>8" in lines
    assert " Bytes Read =>100             Bytes Written=>0" in lines
    there = detail(statistic(21, **{**fields, "LNOD": "LON"}))
    assert " Ccode      =>8               Ccode        =>0" in there


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({"PNUMBER": "21"}, True),
        ({"pnum": "(20,21)"}, True),
        ({"PNAME": "PAY*"}, True),
        ({"TYPE": "(CT,PT)", "EXCLUDE": "WTO"}, True),
        ({"EXCLUDE": "(MEMB,NOTWTO)"}, False),
        ({"MSGID": "SCPA*", "USER": "MARY"}, True),
        ({"MSGID": "SVTM*"}, False),
        ({"USER": "(PETER,JOHN)"}, False),
        ({"STARTT": "(09/21/2026,2PM)", "STOPT": "(09/21/2026,2:30PM)"}, True),
        ({"STARTT": "(09/21/2026,12:30AM)"}, True),
        ({"STARTT": "(09/21/2026,3PM)"}, False),
        ({"PNAME": "PAY"}, False),
        ({"RECIDS": "(CT,PT)"}, True),
        ({"CCODE": "(gt,4)"}, True),
        ({"CCODE": "(GT,8)"}, False),
        ({"CCODE": "8"}, True),
        ({"PNAME": "PAYDAY", "PNUM": "1"}, False),
        ({"FNAME": "PAY.*"}, True),
        ({"FNAME": "BR.IN"}, True),
        ({"FNAME": "OTHER.*"}, False),
        ({"STARTT": "2026/09/21"}, True),
        ({"STARTT": "(09/21/2026,14:13)"}, True),
        ({"STARTT": "2026/09/21 14:13:21"}, False),
        ({"STOPT": "2026/09/21"}, True),
        ({"STOPT": "2026/09/20"}, False),
        ({"STARTT": "2026/09/21", "STOPT": "(09/21/2026,14:13:20)"}, True),
    ],
)
def test_selectors_choose(where, holds):
    one = statistic(21, CCOD="8", SFIL="PAY.SRC", DFIL="BR.IN", MSGI="SCPA000I", SBID="MARY")
    assert is_chosen(one, where) is holds


@pytest.mark.parametrize(
    "where", [{"COLOUR": "RED"}, {"CCODE": "(XX,1)"}, {"CCODE": "(GT,ONE)"}, {"STARTT": "yesterday"}, {"EXCLUDE": "CT"}]
)
def test_a_selector_that_makes_no_sense_is_said_so(where):
    with pytest.raises(SelectorError):
        select(list, lambda name: (), where)


def test_what_a_full_log_holds_is_found_in_its_archive(pair):
    """STAT.SWITCH.SUBMIT gets the name of the log as &EDSN, and copies it away before its turn comes."""
    text = "ARCHIVE PROCESS SNODE=LON\nSTEP01 COPY FROM (DSN=&EDSN DISP=SHR) TO (DSN=OLD.STATS DISP=MOD)\n"
    pair.nyc.allocate("A.PROC", DataSetAttributes("FB", 80, 8000))
    with pair.nyc.sequential("A.PROC", "w") as data_set:
        data_set.append(line.ljust(80).encode("cp037") for line in text.splitlines())
    initparms.write(pair.nyc, Initparms(stat_file_size=16_384, stat_switch_submit="A.PROC"))
    with pair.node() as node:
        first = 1
        while not node.processes():
            node.record("SP", f"USER{first}", "x" * 300)
            first += 1
        node.run()
        kept = [s.fields["SUBM"] for s in node.statistics() if s.kind == "SP"]
    archived = select(list, pair.lon.records, {"archdsn": "OLD.STATS", "type": "SP"})
    assert [s.fields["SUBM"] for s in archived] == [f"USER{n}" for n in range(1, first - 1)] == kept[:-1]
    assert len(select(list, pair.lon.records, {"ARCHDSN": "(OLD.STATS,OLD.STATS)", "USER": "USER3"})) == 2


def test_an_archive_process_that_is_not_there_is_told_and_nothing_else_happens(pair):
    initparms.write(pair.nyc, Initparms(stat_switch_submit="NO.PROC"))
    with pair.node() as node:
        assert node.local.statistics.switch(node.local.now_ns())
        assert [p.active for p in node.local.statistics.pairs()] == [False, True]
        (said,) = [s for s in node.statistics() if s.fields.get("MSGI") == "DTX333E"]
        assert "DTF.STATS.ESDS01 is not archived" in said.fields["MSST"]
    assert any(line.startswith("DTX333E STAT.SWITCH.SUBMIT=NO.PROC") for line in pair.console)


@pytest.mark.parametrize("value", ["(A.B)", "A..B", "9.A", "A.B(TOOLONGMEMBER)"])
def test_stat_switch_submit_names_a_data_set_or_member(value):
    with pytest.raises(initparms.InitparmError):
        initparms.changed(Initparms(), [f"STAT.SWITCH.SUBMIT={value}"])
    for good in ("A.B", "A.B(MEM)", "()"):
        parameters = initparms.changed(Initparms(), [f"STAT.SWITCH.SUBMIT={good}"])
        assert initparms.changed(Initparms(), parameters.lines()) == parameters


def test_which_way_a_process_took_and_why_is_in_the_statistics(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 5)
    text = """FLOW PROCESS SNODE=LON
S1 COPY FROM (DSN=NO.SUCH) TO (DSN=A.B)
   IF (S1 GT 4) THEN
S2   COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST)
   ELSE
S3   COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST)
   EIF
   IF (%MSGID = DTX201E) THEN
     EXIT
   EIF
   GOTO S5
S4 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST)
S5 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP=RPL)
   IF (S4 = 0) THEN
     GOTO S6
   EIF
   EXIT
S6 COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST)
"""
    assert pair.run(text).condition_code == 8
    with StatisticsLog(pair.nyc) as log:
        kinds = ("IF", "GO", "CT")
        way = [(s.kind, s.fields.get("TEXT") or s.fields["SNAM"]) for s in log.all() if s.kind in kinds]
        assert any(line.endswith("modal IF FLOW(1) (S1 GT 4) IS TRUE") for line in listing(log.all()))
    assert way == [
        ("CT", "S1"),
        ("IF", "(S1 GT 4) IS TRUE"),
        ("CT", "S2"),
        ("GO", "TO STATEMENT 6"),
        ("IF", "(%MSGID EQ DTX201E) IS FALSE"),
        ("GO", "TO S5"),
        ("CT", "S5"),
        ("IF", "(S4 EQ 0) IS FALSE"),
        ("GO", "TO THE END"),
    ]
