"""Copies of RRDS and VRRDS, whose empty slots stay empty, and of linear data sets."""

import random

import pytest

from dtf import initparms
from dtf.initparms import Initparms
from tests.dtf.node_pair import fill
from tests.dtf.test_every_kind import FIXED, define, got, put

FAULTS = ["session@ckpt:2", "session@percent:100"]
SPARSE = {n * 3 + n % 2: record for n, record in enumerate(FIXED[:1200], 1)}


def slots(system, name):
    with system.cluster(name) as cluster:
        return dict(cluster.browse())


def sparse(system, name, kind, records):
    define(system, name, kind)
    with system.cluster(name, "w") as cluster:
        for number, record in records.items():
            cluster.insert(number, record)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("source", "target"), [("RRDS", "RRDS"), ("VRRDS", "VRRDS"), ("RRDS", "VRRDS")])
@pytest.mark.parametrize("disposition", ["RPL", "SHR"])
def test_empty_slots_stay_empty_and_numbers_count_from_the_end_of_what_was_there(
    pair, source, target, disposition, fault
):
    sparse(pair.nyc, "PAY.SRC", source, SPARSE)
    before = {1: FIXED[0], 7: FIXED[1]}
    sparse(pair.lon, "PAY.DST", target, before)
    copy = f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP={disposition})"
    outcome = pair.run(f"P PROCESS SNODE=LON\nS1 COPY {copy}\n", *[fault] if fault else [])
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    expected = SPARSE if disposition == "RPL" else before | {number + 7: record for number, record in SPARSE.items()}
    assert slots(pair.lon, "PAY.DST") == expected
    assert pair.checkpoints() == []
    if fault == "session@ckpt:2":
        assert pair.step()["RSTR"] == "Y"


@pytest.mark.parametrize("fault", ["", "session@ckpt:3"])
@pytest.mark.parametrize(
    ("source", "target"), [("PS", "VRRDS"), ("KSDS", "VRRDS"), ("VRRDS", "PS"), ("VRRDS", "ESDS"), ("ESDS", "VRRDS")]
)
def test_other_records_are_numbered_as_they_come_and_numbers_are_left_behind(pair, source, target, fault):
    sent = put(pair.nyc, "PAY.SRC", source)
    if target != "PS":
        define(pair.lon, "PAY.DST", target)
    disposition = "NEW" if target == "PS" else "RPL"
    copy = f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP={disposition})"
    outcome = pair.run(f"P PROCESS SNODE=LON\nS1 COPY {copy}\n", *[fault] if fault else [])
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert got(pair.lon, "PAY.DST") == sent
    if target == "VRRDS":
        assert list(slots(pair.lon, "PAY.DST")) == list(range(1, len(sent) + 1))


# ---- linear


def linear(system, name, data=b""):
    define(system, name, "LDS")
    if data:
        with system.cluster(name, "w") as cluster:
            cluster.write(0, data)


def window(system, name):
    with system.cluster(name) as cluster:
        return cluster.read(0, cluster.size)


@pytest.mark.parametrize("fault", ["", *FAULTS, "corrupt@link:90000"])
@pytest.mark.parametrize("disposition", ["RPL", "SHR"])
def test_a_linear_data_set_goes_as_a_window_of_bytes(pair, disposition, fault):
    data, old = random.Random(5).randbytes(4096 * 60), random.Random(6).randbytes(4096 * 3)
    linear(pair.nyc, "PAY.SRC", data)
    linear(pair.lon, "PAY.DST", old)
    copy = f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP={disposition})"
    outcome = pair.run(f"P PROCESS SNODE=LON CRC=ON\nS1 COPY {copy}\n", *[fault] if fault else [])
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    assert window(pair.lon, "PAY.DST") == (old if disposition == "SHR" else b"") + data
    assert pair.checkpoints() == []
    if fault == "session@ckpt:2":
        assert (pair.step()["RSTR"], int(pair.step()["SRCB"])) == ("Y", 40_960)


def test_a_linear_data_set_goes_to_a_file_and_comes_back_and_takes_records_of_one_length(pair, tmp_path):
    initparms.write(pair.lon, Initparms(file_read=(str(tmp_path),), file_write=(str(tmp_path),)))
    data = random.Random(5).randbytes(4096 * 3)
    linear(pair.nyc, "PAY.SRC", data)
    linear(pair.nyc, "PAY.DST")
    binary = f"file='{tmp_path}/image' sysopts=\"datatype=binary\""
    assert pair.copy(f"FROM (DSN=PAY.SRC) TO ({binary})").condition_code == 0
    assert (tmp_path / "image").read_bytes() == data
    assert pair.copy(f"FROM ({binary} SNODE) TO (DSN=PAY.DST PNODE DISP=RPL)").condition_code == 0
    assert window(pair.nyc, "PAY.DST") == data
    sent = fill(pair.nyc, "PAY.FIXED", "FB", 1024, 8192, 6)
    linear(pair.lon, "PAY.DST")
    assert pair.copy("FROM (DSN=PAY.FIXED) TO (DSN=PAY.DST DISP=RPL)").condition_code == 0
    assert window(pair.lon, "PAY.DST") == b"".join(sent).ljust(8192, b"\0")
    assert pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.BACK DISP=NEW)").condition_code == 0
    assert got(pair.lon, "PAY.BACK") == [data[at : at + 4096] for at in range(0, len(data), 4096)]


def test_a_linear_data_set_takes_no_records_of_several_lengths(pair):
    put(pair.nyc, "PAY.SRC", "ESDS")
    linear(pair.lon, "PAY.DST")
    outcome = pair.copy("FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP=RPL)")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX203E")
