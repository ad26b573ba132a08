"""DEFINE's arithmetic against numbers read off real systems and IBM's own examples."""

from __future__ import annotations

import random

import pytest

from ksds.catalog.names import data_set_name
from ksds.cluster.definition import is_ci_size
from ksds.cluster.space import (
    CA_TRACKS,
    CI_SIZES,
    Allocation,
    InvalidDefinition,
    SpaceQuantity,
    SpaceRequest,
    allocation,
    blocks_per_track,
    cis_per_ca,
    default_ci_size,
    derive,
    generated_name,
    index_allocation,
    physical_record,
    round_ci_size,
)


def request(unit="CYLINDERS", primary=1, secondary=5, **rest):
    values = {"name": "A.B", "key_length": 16, "average_record": 50, "maximum_record": 50, **rest}
    return SpaceRequest(space=SpaceQuantity(unit, primary, secondary), **values)


@pytest.mark.parametrize(
    ("ci_size", "per_track", "per_cylinder"),
    [
        (512, 49, 735),
        (1024, 33, 495),
        (1536, 26, 390),
        (2048, 21, 315),
        (2560, 17, 255),
        (3072, 15, 225),
        (3584, 13, 195),
        (4096, 12, 180),
        (4608, 10, 150),
        (5120, 9, 135),
        (5632, 9, 135),
        (6144, 8, 120),
        (6656, 7, 105),
        (7168, 7, 105),
        (8192, 6, 90),
        (10240, 5, 75),
        (12288, 4, 60),
        (14336, 3, 45),
        (16384, 3, 45),
        (18432, 3, 45),
        (20480, 2, 30),
        (22528, 2, 30),
        (24576, 2, 30),
        (26624, 2, 30),
    ],
)
def test_a_3390_track_holds(ci_size, per_track, per_cylinder):
    assert blocks_per_track(ci_size) == per_track
    assert cis_per_ca(ci_size, 15) == per_cylinder
    assert physical_record(ci_size) == ci_size


def test_golden_16_capacity_of_a_3390():
    assert [(blocks_per_track(size), cis_per_ca(size, 15)) for size in (4096, 18432)] == [(12, 180), (3, 45)]
    assert [blocks_per_track(size) for size in (56664, 56665, 27998, 27999)] == [1, 0, 2, 1]


def test_the_largest_blocks_of_a_track():
    assert blocks_per_track(56664) == 1 and blocks_per_track(56665) == 0
    assert blocks_per_track(27998) == 2 and blocks_per_track(27999) == 1


def test_a_large_ci_is_stored_in_smaller_blocks_that_straddle_tracks():
    assert physical_record(32768) == 16384
    assert cis_per_ca(32768, 15) == 22
    assert cis_per_ca(32768, 1) == 1
    for size in CI_SIZES:
        assert size % physical_record(size) == 0 and is_ci_size(physical_record(size))
        for tracks in CA_TRACKS:
            assert cis_per_ca(size, tracks) >= 1


def test_odd_ci_sizes_are_rounded_up():
    assert round_ci_size(2050) == 2560
    assert round_ci_size(1) == 512
    assert round_ci_size(8193) == 10240
    assert round_ci_size(32768) == 32768
    for wrong in (0, -1, 32769):
        with pytest.raises(InvalidDefinition, match=f"IDC3221I CONSTANT '{wrong}'"):
            round_ci_size(wrong)


def test_golden_05_how_define_adjusts_a_control_interval_size():
    assert derive(request(ci_size=2050)).ci_size == 2560
    assert derive(request(ci_size=2560, average_record=2560, maximum_record=2560)).ci_size == 3072


def test_a_ci_that_cannot_hold_the_record_is_raised():
    assert derive(request(ci_size=2560, average_record=2560, maximum_record=2560)).ci_size == 3072
    assert derive(request(ci_size=512, average_record=505, maximum_record=505)).ci_size == 512
    assert derive(request(ci_size=512, average_record=506, maximum_record=506)).ci_size == 1024


def test_too_little_buffer_space_lowers_the_ci():
    lowered = derive(request(ci_size=2048, index_ci_size=512, buffer_space=4096))
    assert lowered.ci_size == 1536
    assert derive(request(ci_size=2048, buffer_space=100_000)).ci_size == 2048
    assert derive(request(ci_size=2048, buffer_space=0, average_record=900, maximum_record=900)).ci_size == 1024


def test_free_space_drops_the_fraction():
    definition = derive(request(ci_size=4096, free_ci_percent=20))
    assert definition.ci_size - definition.ci_load_limit == 819
    definition = derive(request(ci_size=4096, free_ci_percent=10, average_record=200, maximum_record=200))
    assert (definition.ci_load_limit - 10) // 200 == 18


@pytest.mark.parametrize(
    ("unit", "primary", "secondary", "expected"),
    [
        ("TRACKS", 16, 4, Allocation("TRACK", 20, 5, 5)),
        ("TRACKS", 100, 3, Allocation("TRACK", 102, 3, 3)),
        ("TRACKS", 3, 100, Allocation("TRACK", 3, 102, 3)),
        ("TRACKS", 1, 1, Allocation("TRACK", 1, 1, 1)),
        ("TRACKS", 45, 15, Allocation("CYLINDER", 3, 1, 15)),
        ("TRACKS", 4, 0, Allocation("TRACK", 5, 0, 5)),
        ("CYLINDERS", 5, 10, Allocation("CYLINDER", 5, 10, 15)),
        ("CYLINDERS", 1, 0, Allocation("CYLINDER", 1, 0, 15)),
        ("KILOBYTES", 100, 50, Allocation("TRACK", 2, 1, 1)),
        ("MEGABYTES", 5, 1, Allocation("CYLINDER", 7, 2, 15)),
    ],
)
def test_space_is_rounded_to_control_areas(unit, primary, secondary, expected):
    assert allocation(SpaceQuantity(unit, primary, secondary), 18432, 50) == expected


def test_golden_15_control_areas_in_tracks():
    sixteen = derive(request("TRACKS", 16, 4))
    assert (sixteen.space_unit, sixteen.ca_tracks, sixteen.primary, sixteen.secondary) == ("TRACK", 5, 20, 5)
    assert derive(request("TRACKS", 100, 3)).ca_tracks == 3


def test_records_become_tracks():
    ten_a_track = allocation(SpaceQuantity("RECORDS", 2000, 5), 18432, 5000)  # three a CI, nine a track
    assert ten_a_track == Allocation("TRACK", 223, 1, 1)


def test_space_that_cannot_be():
    for unit, primary, secondary in (
        ("TRACKS", 0, 1),
        ("TRACKS", 1, -1),
        ("CYLINDERS", 16_777_215, 0),
        ("MILES", 1, 1),
    ):
        with pytest.raises(InvalidDefinition, match="IDC3505I INCORRECT SPECIFICATION OF SPACE ALLOCATION"):
            derive(request(unit, primary, secondary))


# RECORDSIZE, KEYS length, unit, primary, secondary, CISZ -> CISIZE, CI/CA, BUFSPACE, index CISIZE and CI/CA, HI-A-RBA
LISTCAT_OF_A_REAL_SYSTEM = [
    (50, 16, "CYLINDERS", 1, 5, None, 18432, 45, 37376, 512, 49, 829440),
    (300, 11, "CYLINDERS", 1, 5, None, 18432, 45, 37376, 512, 49, 829440),
    (500, 9, "CYLINDERS", 1, 5, None, 18432, 45, 37376, 512, 49, 829440),
    (350, 16, "CYLINDERS", 1, 5, None, 18432, 45, 37376, 512, 49, 829440),
    (350, 26, "CYLINDERS", 5, 1, None, 18432, 45, 37888, 1024, 33, 4147200),
    (80, 8, "TRACKS", 45, 15, 8192, 8192, 90, 24576, 8192, 6, 2211840),
]


@pytest.mark.parametrize("row", LISTCAT_OF_A_REAL_SYSTEM)
def test_the_sizes_that_a_real_listcat_shows(row):
    record, key, unit, primary, secondary, coded, ci_size, cis, buffers, index_ci, index_cis, allocated = row
    made = derive(
        request(
            unit,
            primary,
            secondary,
            key_length=key,
            average_record=record,
            maximum_record=record,
            ci_size=coded,
            index_ci_size=coded,
        )
    )
    assert (made.ci_size, made.cis_per_ca, made.index_ci_size) == (ci_size, cis, index_ci)
    assert 2 * made.ci_size + made.index_ci_size == buffers
    assert cis_per_ca(made.index_ci_size, 1) == index_cis
    assert made.space_unit == "CYLINDER"
    assert made.primary * made.ca_bytes == allocated
    index = index_allocation(made)
    assert (index.unit, index.primary, index.secondary) == ("TRACK", 1, 1)


def test_a_one_track_cluster():
    made = derive(request("TRACKS", 1, 1, ci_size=4096, key_length=4, average_record=80, maximum_record=80))
    assert (made.cis_per_ca, made.ca_tracks, made.primary * made.ca_bytes) == (12, 1, 49152)


def test_default_ci_sizes_hold_the_record():
    assert default_ci_size(1) == default_ci_size(18425) == 18432
    assert default_ci_size(18426) == 26624
    assert default_ci_size(32761) == 32768
    with pytest.raises(InvalidDefinition, match="IDC3522I"):
        default_ci_size(32762)
    with pytest.raises(InvalidDefinition, match="IDC3522I"):
        derive(request(ci_size=512, average_record=40000, maximum_record=40000))


def test_operands_that_contradict_each_other():
    with pytest.raises(InvalidDefinition, match="IDC3515I AVERAGE"):
        derive(request(average_record=100, maximum_record=80))
    with pytest.raises(InvalidDefinition, match="IDC3226I"):
        derive(request(key_length=16, key_offset=40))


def test_component_names():
    assert generated_name("A.B", "DATA") == "A.B.DATA"
    assert generated_name("SALES.REGION2.CLUSTER", "INDEX") == "SALES.REGION2.INDEX"
    assert generated_name("CLUSTER", "DATA") == "CLUSTER.DATA"
    four = ".".join(["ABCDEFGH"] * 4)
    assert generated_name(f"{four}.AB", "INDEX") == f"{four}.AB.INDEX"
    assert generated_name(f"{four}.ABC", "DATA") == f"{four}.ABC.D"
    assert generated_name(f"{four}.ABCDEF", "INDEX") == f"{four}.ABCDEF.I"
    entry_sequenced = derive(request(organization="NONINDEXED"))
    assert (entry_sequenced.index_name, entry_sequenced.index_ci_size, entry_sequenced.key_length) == ("", 0, 0)


def test_component_names_of_the_longest_clusters_differ():
    four = ".".join(["ABCDEFGH"] * 4)
    clusters = [f"{four}.ABCDEFG", f"{four}.ABCDEFGH", f"{four}.ABCDEFG1", f"{four}.A.B.C.D"]
    names = {generated_name(cluster, component) for cluster in clusters for component in ("DATA", "INDEX")}
    assert len(names) == 8
    for name in names:
        assert name.startswith(f"{four}.T") and data_set_name(name) == name and len(name) == 44


def test_any_request_gives_a_sound_definition_or_a_message():
    seed = 20261123
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(2000):
        maximum = dice.randint(1, 33000)
        wanted = SpaceRequest(
            name="A.B",
            space=SpaceQuantity(
                dice.choice(["CYLINDERS", "TRACKS", "RECORDS", "KILOBYTES", "MEGABYTES"]),
                dice.randint(0, 3000),
                dice.randint(0, 300),
            ),
            organization=dice.choice(["INDEXED", "NONINDEXED", "NUMBERED", "LINEAR"]),
            key_length=dice.randint(1, 255),
            key_offset=dice.randint(0, 500),
            average_record=dice.choice([maximum, dice.randint(1, maximum)]),
            maximum_record=maximum,
            ci_size=dice.choice([None, dice.randint(1, 32768)]),
            index_ci_size=dice.choice([None, dice.randint(1, 32768)]),
            buffer_space=dice.choice([None, dice.randint(0, 70000)]),
        )
        try:
            made = derive(wanted)
        except InvalidDefinition as error:
            assert str(error).startswith("IDC3")
        else:
            assert made.maximum_record + (11 if made.is_variable else 7) <= made.ci_size
            assert made.ca_tracks in CA_TRACKS
            assert made.primary * made.ca_bytes < 1 << 32
