"""EXAMINE and VERIFY of sound and damaged clusters."""

from __future__ import annotations

import pytest

from ksds.layout.control_interval import build, parse
from ksds.layout.journal_group import IMAGE


@pytest.fixture
def cluster(console):
    console.run("DEFINE CLUSTER(NAME(A.KSDS) TRK(1 1) KEYS(4 0) RECSZ(80 80) CISZ(2048))")
    with console.system.key_sequenced("A.KSDS", "w") as opened:
        opened.load([f"{key:04}{'x' * 76}".encode("cp037") for key in range(100)])
    return console


def flip(tmp_path, suffix, offset):
    (path,) = tmp_path.rglob(f"A.KSDS.*.{suffix}")
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x10
    path.write_bytes(data)


def test_a_sound_cluster(cluster):
    assert cluster.messages("EXAMINE NAME(A.KSDS) INDEXTEST DATATEST")[:-1] == [
        "0IDC01700I INDEXTEST BEGINS",
        "0IDC01724I INDEXTEST COMPLETE - NO ERRORS DETECTED",
        "0IDC01701I DATATEST BEGINS",
        "0IDC01709I DATATEST COMPLETE - NO ERRORS DETECTED",
        " IDC01708I 21 CONTROL INTERVALS ENCOUNTERED",
        " IDC01710I DATA COMPONENT CONTAINS 100 RECORDS",
        " IDC01711I DATA COMPONENT CONTAINS 17 DELETED CONTROL INTERVALS",
        " IDC01712I MAXIMUM LENGTH DATA RECORD CONTAINS 80 BYTES",
        " IDC01722I 80 PERCENT FREE SPACE",
        "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",
    ]


def test_the_index_is_the_default(cluster):
    messages = cluster.messages("EXAMINE NAME(A.KSDS)")
    assert messages[:2] == ["0IDC01700I INDEXTEST BEGINS", "0IDC01724I INDEXTEST COMPLETE - NO ERRORS DETECTED"]
    assert "0IDC01701I DATATEST BEGINS" not in messages
    assert cluster.messages("EXAMINE NAME(A.KSDS) NOITEST DTEST")[0] == "0IDC01701I DATATEST BEGINS"


def test_damaged_data(cluster, tmp_path):
    flip(tmp_path, "data", 2048 + 7)
    messages = cluster.messages("EXAMINE NAME(A.KSDS) DATATEST")
    assert messages[2] == "0IDC01701I DATATEST BEGINS"
    assert messages[3].startswith(" KSD305E DATA CONTROL INTERVAL 1: ")
    assert any(line.startswith("0KSD306E DATATEST COMPLETE - ") for line in messages)
    assert messages[-1].endswith("WAS 8")
    limited = cluster.messages("EXAMINE NAME(A.KSDS) DATATEST ERRORLIMIT(0)")
    assert not any(line.startswith(" KSD305E") for line in limited)
    assert limited[-1].endswith("WAS 8")


@pytest.mark.parametrize("offset", [0, 5, 20, 100, 400, 510])
def test_a_damaged_index_is_one_clear_outcome(cluster, tmp_path, offset):
    flip(tmp_path, "index", offset)
    messages = cluster.messages("EXAMINE NAME(A.KSDS) DATATEST")
    assert messages[-1].endswith(("WAS 8", "WAS 12"))
    assert not any("DATATEST BEGINS" in line for line in messages), "a damaged index ends it before the data"


def test_the_data_are_tested_against_the_sequence_set(cluster, tmp_path):
    (path,) = (tmp_path / "test" / "volumes" / "VOL001").glob("A.KSDS.*.index")
    content = bytearray(path.read_bytes())
    content[40] ^= 0x40
    path.write_bytes(content)
    messages = cluster.messages("EXAMINE NAME(A.KSDS) NOINDEXTEST DATATEST")
    assert messages[:2] == ["0IDC01701I DATATEST BEGINS", "0IDC11724I DATA COMPONENT CA NOT KNOWN TO SEQUENCE SET"]
    assert messages[-1].endswith("WAS 4")


def test_examine_wants_a_ksds(console):
    console.run("DEFINE CLUSTER(NAME(A.E) TRK(1 1) NONINDEXED RECSZ(80 80))")
    console.sequential("A.PS", [])
    assert console.messages("EXAMINE NAME(A.E)")[0].startswith("0KSD303E A.E IS NOT KEY-SEQUENCED")
    assert console.messages("EXAMINE NAME(A.PS)")[:2] == [
        "0IDC3300I  ERROR OPENING A.PS",
        " IDC3322I ** DATA SET ORGANIZATION IS NOT VSAM",
    ]
    assert console.messages("EXAMINE NAME(NO.SUCH)")[0] == "0IDC3012I ENTRY NO.SUCH NOT FOUND"


@pytest.mark.parametrize("name", ["A.KSDS.DATA", "A.KSDS.INDEX", "A.PATH"])
def test_components_and_paths_stand_for_their_cluster(cluster, name):
    cluster.run("DEFINE PATH(NAME(A.PATH) PATHENTRY(A.KSDS))")
    assert cluster.run(f"VERIFY DATASET({name})").max_cc == 0
    assert "0IDC01724I INDEXTEST COMPLETE - NO ERRORS DETECTED" in cluster.messages(f"EXAMINE NAME({name})")


def test_a_damaged_index_record_is_displayed_once(cluster, tmp_path):
    flip(tmp_path, "index", 510)
    lines = cluster.run("EXAMINE NAME(A.KSDS)").sysprint
    (at,) = [number for number, line in enumerate(lines) if "IDC01720I" in line]
    assert lines[at].endswith("INDEX CONTROL INTERVAL DISPLAY AT RBA 0 FOLLOWS")
    assert lines[at + 1].startswith(" 000000  07F90301 "), "LL 2041, three bytes of control information, one of pointer"
    assert lines[at + 16].startswith(" 0001E0  ")
    assert not any("IDC01720I" in line for line in cluster.run("EXAMINE NAME(A.KSDS) ERRORLIMIT(0)").sysprint)


def test_examine_gives_its_own_messages_for_broken_structures(cluster):
    with cluster.system.cluster("A.KSDS", "w") as opened:
        records = parse(opened.read_ci("data", 0))
        wrong = build([*records[1:], records[0]], 2048)
        opened.sphere.pager.commit([(0, IMAGE, 0, wrong)], opened.sphere.state_bytes(), sync=True)
    messages = cluster.messages("EXAMINE NAME(A.KSDS) DATATEST")
    assert messages[3:5] == [
        "0IDC11733I DATA COMPONENT KEY SEQUENCE ERROR",
        " KSD305E DATA CONTROL INTERVAL 0: KEY F0F0F0F0 IS NOT ABOVE THE ONE BEFORE IT",
    ]
    assert messages[-1].endswith("WAS 8")


def test_verify_says_what_is_damaged_of_any_organization(cluster, tmp_path):
    flip(tmp_path, "data", 2048 + 7)
    messages = cluster.messages("VERIFY DS(A.KSDS)")
    assert messages[0].startswith(" KSD305E DATA CONTROL INTERVAL 1: CANNOT BE READ: ")
    assert messages[1] == "0KSD306E VERIFY COMPLETE - 1 ERRORS DETECTED"
    assert messages[2] == "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 8"


def test_verify(cluster):
    console = cluster
    console.sequential("A.PS", [])
    assert console.messages("VERIFY DATASET(A.KSDS)")[0] == "0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0"
    assert console.run("VFY DS(A.KSDS) RECOVER").max_cc == 0
    assert console.messages("VERIFY DS(A.PS)")[1] == " IDC3322I ** DATA SET ORGANIZATION IS NOT VSAM"
    assert console.messages("VERIFY FILE(NO)")[1] == " IDC3304I ** JCL STATEMENT MISSING"
    assert console.run("VERIFY DS(NO.SUCH)").max_cc == 12
    with console.system.cluster("A.KSDS", "w"):
        assert console.messages("VERIFY DS(A.KSDS)")[1] == " IDC3351I ** VSAM OPEN RETURN CODE IS 168"
