"""The figures of every organization, of a data set whose contents are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksds.cluster.definition import ClusterDefinition
from ksds.figures import Figures, cluster_figures
from ksds.figures.report import Bar
from ksds.system import System


@pytest.fixture
def system(tmp_path: Path):
    with System.open(tmp_path / "system") as opened:
        yield opened


def made(system: System, fill, **attributes) -> Figures:
    """The figures of a cluster of CIs of 512 bytes, four to a CA, after `fill`."""
    shape = {"average_record": 100, "maximum_record": 100, "ci_size": 512, "cis_per_ca": 4} | attributes
    system.define_cluster(ClusterDefinition(name="A.B", **shape))
    with system.cluster("A.B", "w") as cluster:
        fill(cluster)
    with system.cluster("A.B") as cluster:
        return cluster_figures(cluster, "A.B")


def bars(figures: Figures, name: str) -> dict[tuple[int, int], int]:
    return {(bar.low, bar.high): bar.count for bar in figures.histograms[name].bars if bar.count}


KEYED = {"key_length": 4, "index_ci_size": 512}


def keyed(number: int, length: int = 100) -> bytes:
    return b"%04d" % number + bytes(length - 4)


def test_a_ksds_after_a_load_and_splits(system: System) -> None:
    def fill(cluster) -> None:
        cluster.load(keyed(number) for number in range(0, 400, 10))
        for number in range(201, 206):
            cluster.insert(keyed(number, 60))
        cluster.erase(keyed(0)[:4])

    found = made(system, fill, **KEYED, average_record=90, free_ci_percent=10)
    assert (found.organization, found.summary) == ("KSDS", "KSDS KEYS(4 0) RECORDSIZE(90 100) CISIZE(512)")
    records, space = found.groups["records"], found.groups["space"]
    assert records["count"] == 44
    assert records["bytes"] == 39 * 100 + 5 * 60
    assert (records["shortest"], records["longest"]) == (60, 100)
    assert records["average"] == pytest.approx(4200 / 44)
    assert (records["fewest_a_ci"], records["most_a_ci"]) == (3, 6)
    assert found.groups["splits"]["ci_splits"] == 1
    requests = found.groups["requests"]
    assert (requests["inserted"], requests["deleted"], requests["updated"], requests["retrieved"]) == (5, 1, 0, 0)
    assert space["cis_in_use"] + space["cis_free"] == space["cas"] * 4
    assert bars(found, "record_length") == {(60, 64): 5, (100, 104): 39}
    assert found.histograms["records_per_ci"].total == space["cis_in_use"]
    assert found.histograms["ca_fill"].total == space["cas"] == space["high_used_rba"] / 2048
    assert found.groups["attributes"]["free_ci_percent"] == 10
    assert found.groups["index"]["levels"] == 2


def test_how_full_is_counted_to_the_byte(system: System) -> None:
    """Five records of 100 and 10 bytes of control information are 510 of 512, one and 7 are 107: 20%."""
    found = made(system, lambda cluster: cluster.load(map(keyed, range(6))), **KEYED)
    assert bars(found, "ci_fill") == {(99, 100): 1, (20, 29): 1}
    assert bars(found, "records_per_ci") == {(5, 5): 1, (1, 1): 1}
    assert bars(found, "ca_fill") == {(50, 59): 1}
    assert found.groups["space"]["average_fill"] == pytest.approx((99 + 20) / 2)


def test_an_esds(system: System) -> None:
    def fill(cluster) -> None:
        for length in (10, 20, 100, 100, 100, 100, 100):
            cluster.append(bytes(length))

    found = made(system, fill, organization="NONINDEXED")
    assert (found.organization, found.groups["records"]["count"]) == ("ESDS", 7)
    assert "index" not in found.groups and "splits" not in found.groups
    assert found.groups["attributes"]["key_length"] is None
    assert bars(found, "record_length") == {(10, 19): 1, (20, 29): 1, (100, 109): 5}


def test_slots_of_an_rrds(system: System) -> None:
    def fill(cluster) -> None:
        for number in (1, 2, 5, 9):
            cluster.insert(number, bytes(100))

    found = made(system, fill, organization="NUMBERED")
    assert (found.organization, found.groups["records"]["count"]) == ("RRDS", 4)
    assert bars(found, "records_per_ci") == {(2, 2): 1, (1, 1): 2}, "four slots a CI: 1 2, 5, 9"
    assert bars(found, "ci_fill") == {(50, 59): 1, (20, 29): 2}


def test_a_vrrds_shows_its_records_without_their_numbers(system: System) -> None:
    def fill(cluster) -> None:
        cluster.insert(3, bytes(50))
        cluster.insert(7, bytes(90))

    found = made(
        system, fill, organization="NUMBERED", index_ci_size=512, key_length=4, average_record=50, maximum_record=100
    )
    assert (found.organization, found.summary) == ("VRRDS", "VRRDS RECORDSIZE(50 100) CISIZE(512)")
    assert (found.groups["records"]["shortest"], found.groups["records"]["bytes"]) == (50, 140)
    assert found.groups["attributes"]["key_length"] is None


def test_an_lds_has_no_records(system: System) -> None:
    def fill(cluster) -> None:
        cluster.append(bytes([1]) * 4096)
        cluster.append(bytes(4096))

    found = made(system, fill, organization="LINEAR", ci_size=4096, average_record=0, maximum_record=0)
    assert (found.organization, found.summary) == ("LDS", "LDS CISIZE(4096)")
    assert "records" not in found.groups
    assert (found.groups["space"]["cis_in_use"], found.groups["space"]["cis_free"]) == (1, 1)


def test_spanned_records_count_where_they_begin(system: System) -> None:
    def fill(cluster) -> None:
        cluster.load([keyed(1), keyed(2, 1300), keyed(3)])

    found = made(system, fill, **KEYED, maximum_record=1500, spanned=True)
    assert found.groups["space"]["cis_of_segments"] == 3
    assert bars(found, "record_length") == {(0, 199): 2, (1200, 1399): 1}
    assert bars(found, "records_per_ci") == {(1, 1): 3}


def test_a_data_set_never_loaded_is_all_zeros(system: System) -> None:
    found = made(system, lambda cluster: None, **KEYED)
    assert found.groups["records"]["count"] == 0 and found.groups["records"]["average"] is None
    assert found.groups["index"]["levels"] == 0
    assert all(histogram.total == 0 for histogram in found.histograms.values())


def test_of_a_damaged_cluster_what_can_be_read_is_counted(system: System) -> None:
    made(system, lambda cluster: cluster.load(map(keyed, range(40))), **KEYED)
    (path,) = (system.folder / "volumes").rglob("A.B*.data")
    content = bytearray(path.read_bytes())
    content[600] ^= 1
    path.write_bytes(content)
    with system.cluster("A.B") as cluster:
        found = cluster_figures(cluster, "A.B")
    assert found.groups["records"]["count"] == 35
    assert found.groups["space"]["cis_damaged"] == 1
    assert len(found.damage) == 1 and found.damage[0].startswith("DATA RBA 512 TO 1023 lost")
    assert found.condition_code == 8
    assert Bar(0, 9, 0) in found.histograms["ci_fill"].bars
