"""What TO makes: attributes from DCB, TYPE= and LIKE=, SPACE=, libraries and clusters that are not there yet."""

import pytest

from ksds import DataSetAttributes
from tests.dtf.node_pair import define_keyed, fill, records_of
from tests.dtf.test_checkpoint_life import stopped
from tests.dtf.test_every_kind import define, got, library, members_of


def types(system, **members):
    system.allocate("DTF.TYPE", DataSetAttributes("FB", 80, 800, dsorg="PO"))
    with system.library("DTF.TYPE", "w") as target:
        for name, lines in members.items():
            with target.create(name) as writer:
                writer.append(line.encode("cp037").ljust(80, b"\x40") for line in lines)


def made(pair, operands, source="FROM (DSN=PAY.SRC)"):
    outcome = pair.copy(f"{source} TO (DSN=PAY.DST {operands})")
    assert outcome.condition_code == 0, outcome
    return pair.lon.entry("PAY.DST")


@pytest.mark.parametrize(
    ("operands", "attributes"),
    [
        ("TYPE=REPORT", ("VB", 137, 1370)),
        ("TYPE=REPORT DCB=(LRECL=200)", ("VB", 200, 27998)),
        ("TYPE=REPORT DCB=(RECFM=FB,LRECL=80,BLKSIZE=160)", ("FB", 80, 160)),
        ("LIKE=MODEL.SEQ", ("VB", 104, 2080)),
        ("DCB=(MODEL.SEQ,BLKSIZE=1040)", ("VB", 104, 1040)),
        ("LIKE=MODEL.SEQ TYPE=REPORT", ("VB", 137, 1370)),
        ("", ("FB", 80, 800)),
    ],
)
def test_what_is_coded_counts_more_than_the_type_and_the_type_more_than_the_model(pair, operands, attributes):
    types(pair.lon, REPORT=["DISP=(NEW,CATLG)", "DCB=(DSORG=PS,RECFM=VB,LRECL=137,BLKSIZE=1370)"])
    pair.lon.allocate("MODEL.SEQ", DataSetAttributes("VB", 104, 2080))
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    entry = made(pair, operands)
    assert (entry.attributes.recfm, entry.attributes.lrecl, entry.attributes.blksize) == attributes


def test_a_type_gives_the_first_word_of_disp_and_the_space(pair):
    types(pair.lon, AGAIN=["DISP=RPL SPACE=(CYL,(3,2))"])
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    entry = made(pair, "TYPE=AGAIN")
    assert (entry.space.unit, entry.space.primary, entry.space.secondary) == ("CYLINDER", 3, 2)
    made(pair, "TYPE=AGAIN")  # it is there now, and replaced


@pytest.mark.parametrize(
    ("space", "shown"),
    [("(TRK,(5,1))", ("TRACK", 5, 1)), ("(CYL,4)", ("CYLINDER", 4, 0)), ("(TRK,(15,15,20),RLSE)", ("TRACK", 15, 15))],
)
def test_space_of_a_new_data_set_and_of_a_new_library_is_catalogued(pair, space, shown):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    entry = made(pair, f"SPACE={space}")
    assert (entry.space.unit, entry.space.primary, entry.space.secondary) == shown
    library(pair.nyc, "A.LIB", {"ONE": ["line"]})
    assert pair.copy(f"FROM (DSN=A.LIB) TO (DSN=B.LIB SPACE={space} DSNTYPE=LIBRARY)").condition_code == 0
    entry = pair.lon.entry("B.LIB")
    assert (entry.space.unit, entry.space.primary, entry.space.secondary) == shown
    assert (entry.attributes.pdse, members_of(pair.lon, "B.LIB")) == (True, {"ONE": ["line"]})


KINDS = {
    "RECORG=KS KEYLEN=12 KEYOFF=0 LRECL=100": ("INDEXED", 12, 100),
    "RECORG=ES LRECL=100": ("NONINDEXED", 0, 100),
    "RECORG=RR LRECL=80": ("NUMBERED", 0, 80),
    "RECORG=RR DCB=(RECFM=VB,LRECL=100)": ("NUMBERED", 0, 100),
    "LIKE=MODEL.KSDS": ("INDEXED", 12, 80),
    "LIKE=MODEL.ESDS": ("NONINDEXED", 0, 100),
}


@pytest.mark.parametrize("fault", ["session@ckpt:2"])
@pytest.mark.parametrize("operands", KINDS)
def test_a_cluster_that_is_not_there_is_made_and_a_restart_finds_it(pair, operands, fault):
    define_keyed(pair.lon, "MODEL.KSDS", 80)
    define(pair.lon, "MODEL.ESDS", "ESDS")
    pair.nyc.allocate("PAY.SRC", DataSetAttributes("FB", 80, 800))
    records = [f"{n:012d}".encode("cp037").ljust(80, b"\x40") for n in range(1500)]
    with pair.nyc.sequential("PAY.SRC", "w") as data_set:
        data_set.append(records)
    copy = f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=(NEW,CATLG) {operands})"
    outcome = pair.copy(copy, *[fault] if fault else [])
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome
    definition = pair.lon.entry("PAY.DST").definition
    organization, key_length, longest = KINDS[operands]
    assert (definition.organization, definition.maximum_record) == (organization, longest)
    assert organization != "INDEXED" or definition.key_length == key_length
    assert got(pair.lon, "PAY.DST") == records
    assert pair.checkpoints() == []
    again = pair.copy(copy)
    assert (again.condition_code, again.message_id) == (8, "DTX202E")


def test_a_cluster_that_an_abandoned_copy_made_goes_again(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 8000)
    copy = "FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP=(NEW,CATLG,DELETE) RECORG=ES LRECL=80)"
    outcome = pair.run(f"P PROCESS SNODE=LON REQUEUE=NO\nS COPY {copy}\n", "disk-full@300K")
    assert (outcome.condition_code, outcome.message_id) == (16, "DTX240E")
    assert not pair.lon.exists("PAY.DST")
    number = stopped(pair, f"P PROCESS SNODE=LON\nS COPY {copy.replace('DELETE', 'CATLG')}\n", "session@ckpt:2")
    assert pair.lon.exists("PAY.DST")
    with pair.node() as node:
        node.release(number)
        node.run()
    assert got(pair.lon, "PAY.DST") == records_of(pair.nyc, "PAY.SRC")


@pytest.mark.parametrize(
    ("operands", "words"),
    [
        ("TYPE=NOBODY", "TYPE=NOBODY is no member of DTF.TYPE"),
        ("TYPE=BROKEN", "DTF.TYPE(BROKEN): DISP=ODD OF TO IS NOT ONE OF"),
        ("TYPE=NAMED", "DTF.TYPE(NAMED): DSN IS GIVEN TWICE"),
        ("LIKE=NO.SUCH", "LIKE=NO.SUCH: IDC3012I"),
        ("SPACE=(MILES,5)", "SPACE=(MILES,5) is not"),
        ("RECORG=KS KEYLEN=200 LRECL=100", "PAY.DST cannot be made"),
    ],
)
def test_what_cannot_be_made_is_one_error_and_leaves_nothing(pair, operands, words):
    types(pair.lon, BROKEN=["DISP=ODD"], NAMED=["DSN=OTHER.NAME"])
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    outcome = pair.copy(f"FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP=NEW {operands})")
    assert (outcome.condition_code, outcome.message_id, words in outcome.text) == (8, "DTX201E", True), outcome
    assert not pair.lon.exists("PAY.DST")
