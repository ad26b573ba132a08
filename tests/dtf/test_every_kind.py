"""Copies between every kind of data set, each also cut in the middle: the same records, nothing twice."""

import itertools
from datetime import datetime

import pytest

from ksds import DataSetAttributes, idcams
from tests.dtf.node_pair import define_keyed, fill, records_of

RECORDS = [f"{n:06d}".encode("cp037") + bytes([n % 251]) * (40 + n % 30) for n in range(3000)]
FIXED = [record[:40].ljust(80, b"\x40") for record in RECORDS]


def run_idcams(system, text):
    result = idcams.run(system, text, now=datetime(2026, 1, 1))
    assert result.max_cc == 0, result


def define(system, name, kind):
    words = {
        "ESDS": "NONINDEXED RECORDSIZE(60 100)",
        "RRDS": "NUMBERED RECORDSIZE(80 80)",
        "VRRDS": "NUMBERED RECORDSIZE(60 100)",
        "LDS": "LINEAR",
    }
    run_idcams(system, f"  DEFINE CLUSTER(NAME({name}) {words[kind]} -\n  CYLINDERS(2 2) REUSE)\n")


def put(system, name, kind):
    """The data set of this kind with records in it; what they are."""
    if kind == "PS":
        return fill(system, name, "VB", 104, 6000, 3000)
    if kind == "KSDS":
        define_keyed(system, name, maximum=100, average=60)
        with system.key_sequenced(name, "w") as cluster:
            records = [f"{n:012d}".encode("cp037") + record for n, record in enumerate(RECORDS)]
            cluster.load(iter(records))
        return records
    define(system, name, kind)
    records = FIXED if kind == "RRDS" else RECORDS
    with system.cluster(name, "w") as cluster:
        for n, record in enumerate(records, 1):
            cluster.append(record) if kind == "ESDS" else cluster.insert(n, record)
    return records


def got(system, name):
    return list(system.records(name))


KINDS = ("PS", "KSDS", "ESDS", "RRDS")
PAIRS = [(s, t) for s, t in itertools.product(KINDS, KINDS) if t != "RRDS" or s == "RRDS"]


def target_for(pair, kind):
    if kind == "KSDS":
        define_keyed(pair.lon, "PAY.DST", maximum=120, average=60)
    elif kind != "PS":
        define(pair.lon, "PAY.DST", kind)


@pytest.mark.parametrize("fault", ["", "session@link:60000", "session@link:100000", "corrupt@link:90000"])
@pytest.mark.parametrize(("source", "target"), [p for p in PAIRS if p != ("ESDS", "KSDS") and p[1] != "KSDS"])
@pytest.mark.parametrize("disposition", ["RPL", "SHR"])
def test_records_arrive_once_whatever_happens(pair, source, target, disposition, fault):
    sent = put(pair.nyc, "PAY.SRC", source)
    target_for(pair, target)
    before = []
    if target == "PS" and disposition == "SHR":
        pair.lon.allocate("PAY.DST", DataSetAttributes("VB", 120, 6000))
    elif disposition == "SHR":
        before = FIXED[:7]
        with pair.lon.cluster("PAY.DST", "w") as cluster:
            for n, record in enumerate(before, 1):
                cluster.append(record) if target == "ESDS" else cluster.insert(n, record)
    copy = f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP={disposition})"
    outcome = pair.run(f"P PROCESS SNODE=LON CRC=ON\nS1 COPY {copy}\n", *[fault] if fault else [])
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert got(pair.lon, "PAY.DST") == before + sent
    assert pair.checkpoints() == []


@pytest.mark.parametrize("kind", ["ESDS", "RRDS"])
def test_a_killed_copy_into_a_cluster_that_only_grows_goes_on_behind_what_it_wrote(pair, kind):
    sent = put(pair.nyc, "PAY.SRC", kind)
    target_for(pair, kind)
    pair.run("P PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=SHR)\n", "session@ckpt:3")
    step = pair.step()
    assert (step["RSTR"], int(step["SRCB"]) > 50_000) == ("Y", True)
    assert got(pair.lon, "PAY.DST") == sent


def test_a_record_that_somebody_else_has_put_there_meanwhile_is_not_passed_over(pair):
    put(pair.nyc, "PAY.SRC", "ESDS")
    define(pair.lon, "PAY.DST", "ESDS")
    with pair.node("session@ckpt:2") as node:
        number = node.submit("P PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=SHR)\n")
        while node.outcome(number).queue in ("WA", "EX"):
            node.turn()
    with pair.lon.cluster("PAY.DST", "w") as cluster:
        cluster.append(b"from somebody else")
    (held,) = pair.resume()
    assert (held.queue, held.status, held.message_id) == ("HO", "RH", "DTX204E")


@pytest.mark.parametrize("fault", ["", "session@ckpt:2"])
@pytest.mark.parametrize("target", ["KSDS", "ESDS", "VRRDS"])
def test_blocks_of_recfm_u_which_has_no_lrecl_are_the_records_of_a_cluster(pair, target, fault):
    sent = fill(pair.nyc, "PAY.SRC", "U", 0, 100, 1500)
    target_for(pair, target)
    outcome = pair.copy("FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=RPL)", *[fault] if fault else [])
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert got(pair.lon, "PAY.DST") == sent


# ---- libraries


def library(system, name, members, recfm="FB", lrecl=80, blksize=800):
    system.allocate(name, DataSetAttributes(recfm, lrecl, blksize, dsorg="PO"))
    with system.library(name, "w") as target:
        for member, lines in members.items():
            with target.create(member, b"\x01\x02") as writer:
                writer.append(line.encode("cp037").ljust(80, b"\x40") for line in lines)


def members_of(system, name):
    with system.library(name) as target:
        return {m.name: [r.decode("cp037").rstrip() for r in target.records(m.name)] for m in target.members()}


CODE = {"ALPHA": ["A 1", "A 2"], "BETA": [f"B {n}" for n in range(2000)], "BYTE": [], "GAMMA": ["G"] * 300}


@pytest.mark.parametrize("fault", ["", "session@link:2000", "session@link:100000", "session@link:180000"])
def test_a_library_goes_whole(pair, fault):
    library(pair.nyc, "A.LIB", CODE)
    with pair.nyc.library("A.LIB", "w") as source:
        source.add_alias("ALIAS", "BETA")
    outcome = pair.copy("FROM (DSN=A.LIB) CKPT=20K TO (DSN=B.LIB DISP=(NEW,CATLG))", *[fault] if fault else [])
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert members_of(pair.lon, "B.LIB") == {**CODE, "ALIAS": CODE["BETA"]}
    with pair.lon.library("B.LIB") as target:
        assert target.member("ALIAS").alias_of == "BETA"
        assert target.member("ALPHA").user_data == b"\x01\x02"
    assert pair.checkpoints() == []


@pytest.mark.parametrize(
    ("operands", "there"),
    [
        ("SELECT=(ALPHA,GAMMA)", {"ALPHA", "GAMMA"}),
        ("SELECT=(B*)", {"BETA", "BYTE"}),
        ("SELECT=((ALPHA/BETA))", {"ALPHA", "BETA"}),
        ("SELECT=(B*,ALPHA) EXCLUDE=(BYTE)", {"ALPHA", "BETA"}),
        ("EXCLUDE=(B*)", {"ALPHA", "GAMMA"}),
        ("EXCLUDE=((A/BETA)) SELECT=(ALPHA)", {"ALPHA"}),
        ("SELECT=((ALPHA,OMEGA),BETA)", {"OMEGA", "BETA"}),
    ],
)
def test_select_and_exclude(pair, operands, there):
    library(pair.nyc, "A.LIB", CODE)
    outcome = pair.copy(f"FROM (DSN=A.LIB {operands}) TO (DSN=B.LIB DISP=NEW)")
    assert outcome.condition_code == 0, outcome
    assert set(members_of(pair.lon, "B.LIB")) == there


@pytest.mark.parametrize(
    ("target", "select", "code", "alpha"),
    [
        ("DISP=SHR", "", 0, ["A 1", "A 2"]),
        ("DISP=SHR NOREPLACE", "", 8, ["old"]),
        ("DISP=SHR", "SELECT=((ALPHA,ALPHA,NR))", 8, ["old"]),
        ("DISP=SHR NOREPLACE", "SELECT=((ALPHA,ALPHA,R))", 0, ["A 1", "A 2"]),
    ],
)
def test_members_that_are_there_are_replaced_or_the_library_stays_as_it_was(pair, target, select, code, alpha):
    library(pair.nyc, "A.LIB", CODE)
    library(pair.lon, "B.LIB", {"ALPHA": ["old"], "OTHER": ["kept"]})
    assert pair.copy(f"FROM (DSN=A.LIB {select}) TO (DSN=B.LIB {target})").condition_code == code
    there = members_of(pair.lon, "B.LIB")
    assert (there["ALPHA"], there["OTHER"]) == (alpha, ["kept"])
    if code:
        assert set(there) == {"ALPHA", "OTHER"}


def test_a_member_goes_to_a_data_set_and_back_into_a_member(pair):
    library(pair.nyc, "A.LIB", CODE)
    library(pair.lon, "B.LIB", {"OTHER": ["kept"]})
    assert pair.copy("FROM (DSN=A.LIB(BETA)) CKPT=20K TO (DSN=PAY.DST DISP=NEW)", "session@50K").condition_code == 0
    assert [r.decode("cp037").rstrip() for r in records_of(pair.lon, "PAY.DST")] == CODE["BETA"]
    back = "FROM (DSN=A.LIB(BETA)) CKPT=20K TO (DSN=B.LIB(NEWONE) DISP=RPL)"
    assert pair.copy(back, "session@ckpt:3").condition_code == 0
    assert members_of(pair.lon, "B.LIB") == {"OTHER": ["kept"], "NEWONE": CODE["BETA"]}


@pytest.mark.parametrize(
    "operands",
    [
        "FROM (DSN=A.LIB) TO (DSN=PAY.DST DISP=NEW DCB=(DSORG=PS))",
        "FROM (DSN=A.LIB SELECT=(NOBODY)) TO (DSN=B.LIB DISP=NEW)",
        "FROM (DSN=A.LIB SELECT=(/ETC)) TO (DSN=B.LIB DISP=NEW)",
        "FROM (DSN=A.LIB(NOBODY)) TO (DSN=PAY.DST DISP=NEW)",
        "FROM (DSN=A.LIB(ALPHA)) TO (DSN=NO.LIB(ALPHA) DISP=RPL)",
        "FROM (DSN=PAY.SRC) TO (DSN=C.LIB DISP=SHR)",
        "FROM (DSN=A.LIB) TO (DSN=D.LIB DISP=SHR)",
    ],
)
def test_what_does_not_go_together_is_one_error_and_leaves_nothing(pair, operands):
    library(pair.nyc, "A.LIB", CODE)
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 10)
    library(pair.lon, "C.LIB", {})
    library(pair.lon, "D.LIB", {}, lrecl=120, blksize=1200)
    outcome = pair.copy(operands)
    assert outcome.condition_code == 8
    assert outcome.message_id.startswith("DTX2")
    assert not pair.lon.exists("PAY.DST")
    assert not pair.lon.exists("B.LIB")
    assert members_of(pair.lon, "C.LIB") == {}


# ---- generations


def group(system, limit=5):
    run_idcams(system, f"  DEFINE GENERATIONDATAGROUP(NAME(A.GDG) LIMIT({limit}) SCRATCH)\n")


@pytest.mark.parametrize("fault", ["", "session@ckpt:2", "session@percent:100"])
def test_a_new_generation_is_made_once(pair, fault):
    sent = fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 5000)
    group(pair.lon)
    for number in (1, 2):
        copy = "FROM (DSN=PAY.SRC) CKPT=80K TO (DSN=A.GDG(+1) DISP=(NEW,CATLG,CATLG))"
        outcome = pair.copy(copy, *[fault] if fault else [])
        assert (outcome.condition_code, outcome.queue) == (0, "")
        names = [entry.name for entry in pair.lon.generations.group("A.GDG").active]
        assert names == [f"A.GDG.G{n:04d}V00" for n in range(1, number + 1)]
    assert records_of(pair.lon, "A.GDG.G0002V00") == sent


def test_the_newest_and_an_older_generation_are_sources(pair):
    group(pair.nyc)
    for number, count in ((1, 10), (2, 20)):
        fill(pair.nyc, f"A.GDG.G{number:04d}V00", "FB", 80, 800, count)
    for relative, count in (("0", 20), ("-1", 10)):
        assert pair.copy(f"FROM (DSN=A.GDG({relative})) TO (DSN=PAY.DST DISP=RPL)").condition_code == 0
        assert len(records_of(pair.lon, "PAY.DST")) == count
    assert pair.copy("FROM (DSN=A.GDG(-7)) TO (DSN=PAY.DST DISP=RPL)").condition_code == 8
