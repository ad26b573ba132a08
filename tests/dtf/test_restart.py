"""An interrupted copy goes on from its checkpoint record, exactly; and never from one that is not true any more."""

from dataclasses import replace

import pytest

from dtf.copying import checkpoint
from dtf.copying.checkpoint_file import CheckpointFile
from ksds import DataSetAttributes
from tests.dtf.node_pair import NOW, contents, define_keyed, fill, records_of

pytestmark = pytest.mark.parametrize("transport", ["memory", "tcp"])

BUFFER = 256 * 1024
INTERVAL = 50_000
COPY = "FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP=NEW)"


def rewrite(system, change):
    """Replace the one record in the CKPT file; `change` gets and gives its bytes."""
    with CheckpointFile(system) as file:
        ((raw, _),) = file.records()
    with system.key_sequenced("DTF.CKPT", "w") as cluster:
        cluster.update(change(raw))


def interrupted(pair, operands=COPY, fault="session@ckpt:5"):
    """A copy that lost its session once and was put on hold there; its Process number."""
    with pair.node(fault) as node:
        number = node.submit(f"PAYDAY PROCESS SNODE=LON\nSTEP01 COPY {operands}\n")
        while node.outcome(number).queue in ("WA", "EX"):
            node.turn()
        node.hold(number)
    return number


def released(pair, number):
    with pair.node() as node:
        node.release(number)
        node.run()
        return node.outcome(number)


@pytest.mark.parametrize("shape", [("FB", 100, 27900), ("F", 80, 80), ("VB", 304, 3000), ("U", 0, 900)])
@pytest.mark.parametrize(
    "fault", ["session@ckpt:3", "session@250K", "session@record:12", "session@percent:97", "session@0"]
)
def test_a_lost_session_is_retried_and_nothing_is_sent_twice_but_one_interval_and_a_buffer(pair, shape, fault):
    fill(pair.nyc, "PAY.SRC", *shape, 5000)
    outcome = pair.copy("FROM (DSN=PAY.SRC) CKPT=50K TO (DSN=PAY.DST DISP=NEW)", fault)
    assert (outcome.condition_code, outcome.queue) == (0, "")
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    assert any("SVTM110I" in line and "TI RE" in line for line in pair.console)
    step = pair.step()
    if step["RSTR"] == "Y":
        lost_at = {"ckpt:3": 150_000, "250K": 250_000}.get(fault.partition("@")[2], 0)
        kept = int(step["SBYR"]) - int(step["BYXF"])
        assert kept > 0
        assert kept >= lost_at - INTERVAL - shape[2] - min(BUFFER, INTERVAL + shape[2])
    else:
        assert step["RSTX"] == "no checkpoint record is filed"
    assert pair.checkpoints() == []


RECORD_COPIES = [
    (("VB", 304, 3000), "DCB=(RECFM=VB,LRECL=304,BLKSIZE=9000)"),
    (("FB", 100, 27900), "DCB=(RECFM=VB,LRECL=104,BLKSIZE=2000)"),
    (("FB", 100, 27900), "DCB=(LRECL=120)"),
]


@pytest.mark.parametrize(("shape", "dcb"), RECORD_COPIES)
@pytest.mark.parametrize("compress", ["", "COMPRESS EXT"])
def test_a_reblocked_copy_restarts_to_the_very_same_bytes(pair, shape, dcb, compress):
    fill(pair.nyc, "PAY.SRC", *shape, 4000)
    whole = f"FROM (DSN=PAY.SRC) {compress} CKPT=60K TO (DSN=PAY.WHOLE {dcb} DISP=NEW)"
    assert pair.copy(whole).condition_code == 0
    parts = f"FROM (DSN=PAY.SRC) {compress} CKPT=60K TO (DSN=PAY.PARTS {dcb} DISP=NEW)"
    assert pair.copy(parts, "session@ckpt:2", "session@ckpt:4").condition_code == 0
    assert contents(pair.lon, "PAY.PARTS") == contents(pair.lon, "PAY.WHOLE")
    assert pair.step()["RSTR"] == "Y"


@pytest.mark.parametrize("disposition", ["RPL", "MOD"])
def test_a_keyed_target_goes_on_behind_its_last_key(pair, disposition):
    define_keyed(pair.lon, "PAY.KSDS", 20)
    pair.nyc.allocate("PAY.SEQ", DataSetAttributes("FB", 20, 200))
    records = [f"{n:012d}".encode("cp037") + bytes(8) for n in range(4000)]
    with pair.nyc.sequential("PAY.SEQ", "w") as data_set:
        data_set.append(records)
    operands = f"FROM (DSN=PAY.SEQ) CKPT=10K TO (DSN=PAY.KSDS DISP={disposition})"
    outcome = pair.copy(operands, "session@ckpt:2", "session@65K")
    assert outcome.condition_code == 0
    assert pair.step()["RSTR"] == "Y"
    with pair.lon.key_sequenced("PAY.KSDS") as cluster:
        assert list(cluster.browse()) == records


def test_a_keyed_source_is_read_again_up_to_its_position(pair):
    define_keyed(pair.nyc, "PAY.KSDS", 300, 100)
    records = [f"{n:012d}".encode("cp037") + bytes(n % 280) for n in range(2000)]
    with pair.nyc.key_sequenced("PAY.KSDS", "w") as cluster:
        for record in records:
            cluster.insert(record)
    operands = "FROM (DSN=PAY.KSDS) CKPT=40K TO (DSN=PAY.DST DISP=NEW)"
    assert pair.copy(operands, "session@ckpt:3").condition_code == 0
    assert pair.step()["RSTR"] == "Y"
    assert records_of(pair.lon, "PAY.DST") == records


@pytest.mark.parametrize("average", [300, 100])
def test_percents_of_a_cluster_are_of_its_records_not_of_its_space(pair, average):
    """A cluster with much space was copied before half of its space would have been sent: the fault never struck."""
    define_keyed(pair.nyc, "PAY.KSDS", 300, average)
    records = [f"{n:012d}".encode("cp037") + bytes(288 if average == 300 else n % 280) for n in range(2000)]
    with pair.nyc.key_sequenced("PAY.KSDS", "w") as cluster:
        for record in records:
            cluster.insert(record)
    operands = "FROM (DSN=PAY.KSDS) CKPT=20K TO (DSN=PAY.DST DISP=NEW)"
    assert pair.copy(operands, "session@percent:50").condition_code == 0
    step = pair.step()
    assert step["RSTR"] == "Y"
    assert 0.3 < int(step["BYXF"]) / sum(map(len, records)) < 0.7


def test_mod_restarts_behind_the_old_records(pair):
    old = fill(pair.lon, "PAY.LOG", "FB", 100, 1000, 333)
    new = fill(pair.nyc, "PAY.SRC", "FB", 100, 1000, 4000, seed=2)
    operands = "FROM (DSN=PAY.SRC) CKPT=50K TO (DSN=PAY.LOG DISP=MOD)"
    assert pair.copy(operands, "session@ckpt:3").condition_code == 0
    assert records_of(pair.lon, "PAY.LOG") == old + new
    assert pair.step()["RSTR"] == "Y"


def test_the_old_data_set_stays_until_the_new_one_is_complete(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    old = fill(pair.lon, "PAY.DST", "FB", 100, 27900, 7, seed=2)
    number = interrupted(pair, COPY.replace("NEW", "RPL"))
    assert records_of(pair.lon, "PAY.DST") == old
    assert released(pair, number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")


def test_the_record_says_where_the_copy_stands(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    number = interrupted(pair)
    ((raw, record),) = pair.checkpoints()
    assert (record.pnode, record.number, record.snode, record.step_label) == ("NYC", number, "LON", "STEP01")
    assert (record.source_name, record.target_name, record.mode, record.interval) == (
        "PAY.SRC",
        "PAY.DST",
        "B",
        100_000,
    )
    assert [s.records for s in record.sets] == [50, 40, 30, 20]
    assert [s.source >> 32 for s in record.sets] == [50, 40, 30, 20]
    assert [s.target for s in record.sets] == [500_000, 400_000, 300_000, 200_000]
    assert 228 <= len(raw) <= 320
    with pair.lon.key_sequenced("DTF.CKPT") as cluster:
        assert list(cluster.browse()) == [raw]


def test_a_changed_source_is_copied_from_zero_and_the_reason_is_said(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    number = interrupted(pair)
    with pair.nyc.sequential("PAY.SRC", "a") as data_set:
        data_set.append([bytes(100)])
    assert released(pair, number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    step = pair.step()
    assert (step["RSTR"], "source size was 800000, now 800100" in step["RSTX"]) == ("N", True)
    assert any("FROM THE BEGINNING: the checkpoint record does not match" in line for line in pair.console)


def damage_bit(raw):
    return raw[:120] + bytes([raw[120] ^ 1]) + raw[121:]


def forged(**changes):
    return lambda raw: checkpoint.encode(replace(checkpoint.decode(raw), **changes))


def moved(by, crc=0):
    def change(raw):
        record = checkpoint.decode(raw)
        sets = [replace(s, target=s.target + by, crc=s.crc ^ crc) for s in record.sets]
        return checkpoint.encode(replace(record, sets=tuple(sets)))

    return change


TAMPERED = [
    (damage_bit, "fails its CRC-32C"),
    (forged(direction="S"), "direction"),
    (forged(source=checkpoint.SourceIdentity(1, 2, 3)), "source size"),
    (forged(items={1: b"\xc1", 2: b"\xc2"}), "source name"),
    (forged(state="X"), "rejected"),
    (moved(100_000), "no position of the checkpoint record matches the target"),
    (moved(10**15), "no position of the checkpoint record matches the target"),
    (moved(0, crc=1), "no position of the checkpoint record matches the target"),
]


@pytest.mark.parametrize(("change", "reason"), TAMPERED)
def test_a_record_that_does_not_match_its_files_is_not_believed_and_nothing_is_lost(pair, change, reason):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    number = interrupted(pair)
    rewrite(pair.lon, change)
    outcome = released(pair, number)
    assert (outcome.condition_code, outcome.queue) == (0, "")
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    assert pair.step()["RSTR"] == "N"
    assert reason in pair.step()["RSTX"]


def staged_file(pair, record):
    return pair.lon.folder / "volumes" / "VOL001" / record.target_token


@pytest.mark.parametrize(
    ("harm", "restart_at"),
    [
        (lambda data: data[:450_000], 400_000),  # newest set beyond the end: the older one is taken
        (lambda data: data[:250_000] + b"X" + data[250_001:], 200_000),  # prefix of the two newest damaged
        (lambda data: b"X" + data[1:], 0),
        (lambda data: b"", 0),
    ],
)
def test_a_damaged_target_falls_back_to_the_newest_set_that_is_still_true(pair, harm, restart_at):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    number = interrupted(pair)
    ((_, record),) = pair.checkpoints()
    path = staged_file(pair, record)
    path.write_bytes(harm(path.read_bytes()))
    assert released(pair, number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    step = pair.step()
    assert int(step["SBYR"]) - int(step["BYXF"]) == restart_at


def test_a_target_that_is_gone_is_written_from_zero(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    number = interrupted(pair)
    ((_, record),) = pair.checkpoints()
    staged_file(pair, record).unlink()
    assert released(pair, number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")


def test_a_flipped_bit_on_the_way_never_reaches_a_checkpoint(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    text = f"PAYDAY PROCESS SNODE=LON\nSTEP01 COPY {COPY}\n"
    outcome = pair.run(text, "corrupt@450K")
    assert (outcome.queue, outcome.status, outcome.message_id) == ("HO", "RH", "DTX220E")
    assert released(pair, outcome.number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    step = pair.step()
    assert (step["RSTR"], int(step["SBYR"]) - int(step["BYXF"])) == ("Y", 400_000)


def test_a_full_disk_holds_the_process_in_error_and_release_goes_on(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    outcome = pair.run(f"PAYDAY PROCESS SNODE=LON\nSTEP01 COPY {COPY}\n", "disk-full@450K")
    assert (outcome.queue, outcome.status, outcome.message_id) == ("HO", "HE", "DTX240E")
    assert not pair.lon.exists("PAY.DST")
    assert released(pair, outcome.number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    assert pair.step()["RSTR"] == "Y"


def test_without_requeue_the_other_steps_run(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    text = f"PAYDAY PROCESS SNODE=LON REQUEUE=NO\nONE COPY {COPY}\nTWO COPY {COPY.replace('DST', 'TWO')}\n"
    outcome = pair.run(text, "corrupt@450K")
    assert (outcome.queue, outcome.condition_code) == ("", 8)
    assert pair.lon.exists("PAY.TWO")
    assert not pair.lon.exists("PAY.DST")


def test_without_checkpoints_a_restart_begins_at_the_beginning(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    assert pair.copy("FROM (DSN=PAY.SRC) CKPT=0K TO (DSN=PAY.DST DISP=NEW)", "session@percent:50").condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")
    assert (pair.step()["CKPT"], pair.step()["RSTX"]) == ("N", "checkpointing is off")
    left = [path.name for path in (pair.lon.folder / "volumes" / "VOL001").iterdir() if path.name.startswith("PAY")]
    assert len(left) == 1


def test_another_interval_after_the_restart_is_as_good(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    text = "PAYDAY PROCESS SNODE=LON\nS COPY FROM (DSN=PAY.SRC) CKPT=&I TO (DSN=PAY.DST DISP=NEW)\n"
    outcome = pair.run(text, "corrupt@450K", I="50K")
    assert outcome.status == "RH"
    rewrite(pair.lon, forged(interval=70_000))
    assert released(pair, outcome.number).condition_code == 0
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")


def test_after_all_retries_the_process_is_held_and_the_next_start_of_the_dtf_takes_it_up(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 100)
    folder = pair.lon.folder
    away = folder.rename(folder.with_name("away"))
    outcome = pair.copy(COPY)
    assert (outcome.queue, outcome.status, outcome.message_id) == ("HO", "WC", "SVTM105I")
    assert sum("SVTM110I" in line for line in pair.console) == 7
    away.rename(folder)
    assert pair.resume() == []
    assert contents(pair.lon, "PAY.DST") == contents(pair.nyc, "PAY.SRC")


def test_a_partner_that_does_not_know_us_holds_the_process(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 100)
    with pair.lon.key_sequenced("DTF.NETMAP", "w") as cluster:
        cluster.erase("ANYC".ljust(17).encode("cp037"))
    outcome = pair.copy(COPY)
    assert (outcome.queue, outcome.status, outcome.message_id) == ("HO", "HP", "DTX311E")


def test_deleting_a_process_leaves_its_record_until_ckpt_days_have_passed(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    number = interrupted(pair, COPY.replace("(DSN=PAY.SRC)", "(DSN=PAY.SRC)"))
    with pair.node() as node:
        node.delete(number)
        assert node.processes() == []
    assert len(pair.checkpoints()) == 1
    day = 86_400_000_000_000
    with CheckpointFile(pair.lon, "w") as file:
        assert file.purge(int(NOW) * 10**9 + 3 * day) == []
        assert [record.number for record in file.purge(int(NOW) * 10**9 + 5 * day)] == [number]
        assert file.records() == []


def test_an_older_session_may_not_overwrite_the_record_of_a_younger(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    interrupted(pair)
    with CheckpointFile(pair.lon, "w") as file:
        ((_, record),) = file.records()
        file.file(replace(record, session=record.session + 1))
        with pytest.raises(Exception, match="younger session"):
            file.file(record)
