"""What a Process copies arrives as it was, whatever the two files are."""

import pytest

from dtf.errors import NodeError, ProcessError
from dtf.netmap import NetmapError
from ksds import DataSetAttributes
from tests.dtf.node_pair import contents, define_keyed, fill, records_of

pytestmark = pytest.mark.parametrize("transport", ["memory", "tcp", "tls"])

FORMATS = [("FB", 100, 27900), ("F", 80, 80), ("VB", 304, 3000), ("V", 304, 308), ("U", 0, 900)]


def keyed_records(system, name):
    with system.key_sequenced(name) as cluster:
        return list(cluster.browse())


def load_keyed(system, name, records):
    with system.key_sequenced(name, "w") as cluster:
        for record in records:
            cluster.insert(record)


@pytest.mark.parametrize(("recfm", "lrecl", "blksize"), FORMATS)
def test_blocks_arrive_byte_for_byte(pair, recfm, lrecl, blksize):
    fill(pair.nyc, "PAY.SRC", recfm, lrecl, blksize, 2000)
    outcome = pair.copy("FROM (DSN=PAY.SRC) CKPT=50K TO (DSN=PAY.DST DISP=NEW)")
    assert (outcome.condition_code, outcome.message_id, outcome.queue) == (0, "SCPA000I", "")
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    assert pair.step()["MODE"] == "B"
    assert int(pair.step()["CKNO"]) > 1
    assert pair.checkpoints() == []


@pytest.mark.parametrize("compress", ["COMPRESS", "COMPRESS PRIMECHAR=X'00'", "COMPRESS EXTENDED"])
def test_compressed_data_arrive_the_same_and_travel_shorter(pair, compress):
    pair.nyc.allocate("PAY.SRC", DataSetAttributes("FB", 100, 27900))
    with pair.nyc.sequential("PAY.SRC", "w") as data_set:
        data_set.append(f"{n:06d}".encode("cp037").ljust(60, b"\0").ljust(100, b"\x40") for n in range(5000))
    assert pair.copy(f"FROM (DSN=PAY.SRC) {compress} TO (DSN=PAY.DST DISP=RPL)").condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    assert int(pair.step()["BYWR"]) * 3 < int(pair.step()["BYXF"])


@pytest.mark.parametrize(
    ("source", "dcb", "mode"),
    [
        (("FB", 100, 27900), "DCB=(RECFM=FB,LRECL=100,BLKSIZE=1000)", "R"),
        (("FB", 100, 27900), "DCB=(RECFM=VB,LRECL=104,BLKSIZE=2000)", "R"),
        (("VB", 304, 3000), "DCB=(RECFM=VB,LRECL=304,BLKSIZE=9000)", "R"),
        (("VB", 304, 3000), "DCB=(RECFM=V,LRECL=304)", "R"),
        (("VB", 304, 3000), "", "B"),
    ],
)
def test_records_are_blocked_again_for_another_shape(pair, source, dcb, mode):
    records = fill(pair.nyc, "PAY.SRC", *source, 2000)
    assert pair.copy(f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST {dcb} DISP=NEW)").condition_code == 0
    assert records_of(pair.lon, "PAY.DST") == records
    assert pair.step()["MODE"] == mode


def test_short_records_are_padded_with_blanks_and_long_ones_refused(pair):
    records = fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 50)
    assert pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.WIDE DCB=(LRECL=120) DISP=NEW)").condition_code == 0
    assert records_of(pair.lon, "PAY.WIDE") == [record + b"\x40" * 20 for record in records]
    outcome = pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.SHORT DCB=(LRECL=80) DISP=NEW)")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX203E")
    assert not pair.lon.exists("PAY.SHORT")


def test_a_partner_can_be_asked_to_send(pair):
    fill(pair.lon, "BRANCH.SRC", "FB", 100, 27900, 3000)
    outcome = pair.copy("FROM (DSN=BRANCH.SRC SNODE) CKPT=50K TO (DSN=HOME.DST PNODE DISP=(NEW,CATLG))")
    assert outcome.condition_code == 0
    assert contents(pair.nyc, "HOME.DST") == contents(pair.lon, "BRANCH.SRC")
    assert pair.checkpoints(pair.nyc) == []


def test_a_node_can_copy_to_itself(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 27900, 3000)
    text = "LOOP PROCESS SNODE=NYC\nS1 COPY FROM (DSN=PAY.SRC) CKPT=50K TO (DSN=PAY.COPY DISP=NEW)\n"
    assert pair.run(text).condition_code == 0
    assert contents(pair.nyc, "PAY.COPY") == contents(pair.nyc, "PAY.SRC")


def test_a_ksds_is_copied_to_a_ksds_in_key_order(pair):
    define_keyed(pair.nyc, "PAY.KSDS", 300, 100)
    define_keyed(pair.lon, "PAY.KSDS", 300, 100)
    records = [f"{n:012d}".encode("cp037") + bytes(n % 280) for n in range(1500)]
    load_keyed(pair.nyc, "PAY.KSDS", reversed(records))
    assert pair.copy("FROM (DSN=PAY.KSDS) CKPT=30K TO (DSN=PAY.KSDS DISP=RPL)").condition_code == 0
    assert keyed_records(pair.lon, "PAY.KSDS") == records


def test_a_ksds_unloads_to_a_new_data_set_and_loads_back(pair):
    define_keyed(pair.nyc, "PAY.KSDS", 300, 100)
    records = [f"{n:012d}".encode("cp037") + bytes(n % 280) for n in range(1000)]
    load_keyed(pair.nyc, "PAY.KSDS", records)
    assert pair.copy("FROM (DSN=PAY.KSDS) CKPT=30K TO (DSN=PAY.SEQ DISP=NEW)").condition_code == 0
    assert records_of(pair.lon, "PAY.SEQ") == records
    with pair.lon.sequential("PAY.SEQ") as data_set:
        assert (data_set.attributes.recfm, data_set.attributes.lrecl) == ("VB", 304)
    define_keyed(pair.nyc, "PAY.BACK", 300, 100)
    back = "FROM (DSN=PAY.SEQ SNODE) CKPT=30K TO (DSN=PAY.BACK PNODE DISP=RPL)"
    assert pair.copy(back).condition_code == 0
    assert keyed_records(pair.nyc, "PAY.BACK") == records


def test_rpl_replaces_a_ksds_and_other_dispositions_add_to_it(pair):
    define_keyed(pair.lon, "PAY.KSDS", 20)
    old = [f"{n:012d}".encode("cp037") + bytes(8) for n in range(0, 100, 2)]
    new = [f"{n:012d}".encode("cp037") + bytes(8) for n in range(1, 100, 2)]
    load_keyed(pair.lon, "PAY.KSDS", old)
    pair.nyc.allocate("PAY.SEQ", DataSetAttributes("FB", 20, 200))
    with pair.nyc.sequential("PAY.SEQ", "w") as data_set:
        data_set.append(new)
    assert pair.copy("FROM (DSN=PAY.SEQ) TO (DSN=PAY.KSDS DISP=MOD)").condition_code == 0
    assert keyed_records(pair.lon, "PAY.KSDS") == sorted(old + new)
    outcome = pair.copy("FROM (DSN=PAY.SEQ) TO (DSN=PAY.KSDS DISP=MOD)")
    assert outcome.condition_code == 8
    assert "RPLDUP" in outcome.text
    assert keyed_records(pair.lon, "PAY.KSDS") == sorted(old + new)
    assert pair.copy("FROM (DSN=PAY.SEQ) TO (DSN=PAY.KSDS DISP=RPL)").condition_code == 0
    assert keyed_records(pair.lon, "PAY.KSDS") == new


def test_unsorted_records_do_not_load_a_ksds(pair):
    define_keyed(pair.lon, "PAY.KSDS", 20)
    pair.nyc.allocate("PAY.SEQ", DataSetAttributes("FB", 20, 200))
    with pair.nyc.sequential("PAY.SEQ", "w") as data_set:
        data_set.append(f"{n:012d}".encode("cp037") + bytes(8) for n in (1, 3, 2))
    outcome = pair.copy("FROM (DSN=PAY.SEQ) TO (DSN=PAY.KSDS DISP=RPL)")
    assert outcome.condition_code == 8
    assert "RPLSEQCK" in outcome.text


def test_mod_adds_behind_what_is_there(pair):
    old = fill(pair.lon, "PAY.LOG", "FB", 100, 1000, 33)
    new = fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 44, seed=2)
    assert pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.LOG DISP=MOD)").condition_code == 0
    assert records_of(pair.lon, "PAY.LOG") == old + new


def test_new_does_not_overwrite_and_old_needs_something_to_overwrite(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 10)
    old = fill(pair.lon, "PAY.DST", "FB", 100, 1000, 5, seed=2)
    assert pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP=NEW)").message_id == "DTX202E"
    assert records_of(pair.lon, "PAY.DST") == old
    assert pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.OTHER DISP=OLD)").message_id == "DTX201E"
    assert pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP=OLD)").condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")


def test_delete_on_from_deletes_the_source_after_success_only(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 10)
    fill(pair.lon, "PAY.DST", "FB", 100, 1000, 5)
    pair.copy("FROM (DSN=PAY.SRC DISP=(OLD,DELETE)) TO (DSN=PAY.DST DISP=NEW)")
    assert pair.nyc.exists("PAY.SRC")
    assert pair.copy("FROM (DSN=PAY.SRC DISP=(OLD,DELETE)) TO (DSN=PAY.DST DISP=RPL)").condition_code == 0
    assert not pair.nyc.exists("PAY.SRC")


@pytest.mark.parametrize(
    ("operands", "message"),
    [
        ("FROM (DSN=NO.SUCH) TO (DSN=PAY.DST DISP=NEW)", "DTX201E"),
        ("FROM (DSN=NO.SUCH SNODE) TO (DSN=PAY.DST PNODE DISP=NEW)", "DTX201E"),
        ("FROM (DSN=PAY.SRC(MEMBER)) TO (DSN=PAY.DST DISP=NEW)", "DTX201E"),
        ("FROM (DSN=PAY.NONE(+1)) TO (DSN=PAY.DST DISP=NEW)", "DTX200E"),
        ("FROM (DSN=PAY.SRC) TO (FILE='/etc/passwd' DISP=RPL)", "DTX207E"),
        ("FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DCB=(RECFM=FB,LRECL=100,BLKSIZE=250) DISP=NEW)", "DTX203E"),
        ("FROM (DSN=PAY.SRC) CKPT=0 TO (DSN=DTF.CKPT DISP=RPL)", "DTX201E"),
        ("FROM (DSN=DTF.CKPT.DATA) TO (DSN=PAY.DST DISP=NEW)", "DTX201E"),
    ],
)
def test_what_cannot_be_copied_is_refused_in_one_line_and_nothing_is_left(pair, operands, message):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 10)
    before = sorted(entry.name for entry in pair.lon.entries())
    outcome = pair.copy(operands)
    assert (outcome.condition_code, outcome.message_id, outcome.queue) == (8, message, "")
    assert "\n" not in outcome.text
    assert sorted(entry.name for entry in pair.lon.entries()) == before
    assert pair.checkpoints() == pair.checkpoints(pair.nyc) == []


def test_an_if_decides_by_the_code_of_an_earlier_step(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 10)
    text = """FLOW     PROCESS SNODE=LON
ONE      COPY FROM (DSN=NO.SUCH) TO (DSN=PAY.ONE DISP=NEW)
         IF (ONE GT 4) THEN
TWO      COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.TWO DISP=NEW)
         ELSE
THREE    COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.THREE DISP=NEW)
         EIF
FOUR     COPY FROM (DSN=PAY.SRC) TO (DSN=&LAST DISP=NEW)
"""
    assert pair.run(text, LAST="PAY.FOUR").condition_code == 8
    names = {entry.name for entry in pair.lon.entries("PAY.*")}
    assert names == {"PAY.TWO", "PAY.FOUR"}


def test_a_console_line_says_what_svtm052i_says(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 10)
    pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP=NEW)")
    report = [line for line in pair.console if line.startswith("SVTM052I")]
    assert report == [
        "SVTM052I STEP01   COPY  PAYDAY(000001) SNODE=LON CLASS=001",
        "SVTM052I   FROM PAY.SRC",
        "SVTM052I   TO   PAY.DST",
        "SVTM052I        COMPLETED 00000000/SCPA000I",
    ]
    pair.copy("FROM (DSN=NO.SUCH) TO (DSN=PAY.DST DISP=NEW)")
    assert "####        COMPLETED 00000008/DTX201E" in pair.console


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("PAYDAY PROCESS SNODE=NOWHERE\nS COPY FROM (DSN=A.B) TO (DSN=C.D)\n", NetmapError),
        ("PAYDAY PROCESS\n", ProcessError),
        ("this is no Process", ProcessError),
        ("PAYDAY PROCESS SNODE=LON RETAIN=INITIAL STARTT=(TODAY)\nS COPY FROM (DSN=A.B) TO (DSN=C.D)\n", ProcessError),
    ],
)
def test_a_bad_process_does_not_enter_the_queue(pair, text, error):
    with pair.node() as node:
        with pytest.raises(error):
            node.submit(text)
        assert node.processes() == []


def test_a_held_process_waits_for_its_release(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 10)
    text = "PAYDAY PROCESS SNODE=LON HOLD=YES\nS COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP=NEW)\n"
    outcome = pair.run(text)
    assert (outcome.queue, outcome.status) == ("HO", "HI")
    with pair.node() as node:
        node.release(outcome.number)
        node.run()
        assert node.outcome(outcome.number).queue == ""
        with pytest.raises(NodeError):
            node.release(outcome.number)
    assert pair.lon.exists("PAY.DST")


def test_the_higher_priority_runs_first(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 10)
    with pair.node() as node:
        for name, priority in (("LOW", 1), ("HIGH", 15), ("MIDDLE", 7)):
            copy = f"S COPY FROM (DSN=PAY.SRC) TO (DSN=PAY.{name} DISP=NEW)"
            node.submit(f"{name} PROCESS SNODE=LON PRTY={priority}\n{copy}\n")
        node.run()
        ended = [s.name for s in node.statistics() if s.kind == "PT"]
    assert ended == ["HIGH", "MIDDLE", "LOW"]
