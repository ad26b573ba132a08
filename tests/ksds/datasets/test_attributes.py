"""RECFM, LRECL and BLKSIZE: what fits together, what the system chooses, what is refused."""

import pytest

from ksds.datasets import DataSetAttributes
from ksds.errors import DataSetError


@pytest.mark.parametrize(
    ("recfm", "lrecl", "blksize"),
    [
        ("FB", 80, 27920),
        ("FB", 300, 27900),
        ("F", 80, 80),
        ("FB", 20000, 20000),
        ("VB", 304, 27998),
        ("V", 304, 308),
        ("VB", 32000, 32004),
        ("U", 0, 32760),
        ("FBA", 133, 27930),
    ],
)
def test_the_system_determines_a_block_size_for_half_a_track(recfm, lrecl, blksize):
    assert DataSetAttributes(recfm, lrecl).blksize == blksize


def test_a_block_size_that_was_given_is_kept():
    assert DataSetAttributes("fb", 80, 800) == DataSetAttributes("FB", 80, 800)
    assert DataSetAttributes("FB", 80, 800).blksize == 800


@pytest.mark.parametrize(
    ("recfm", "lrecl", "blksize", "why"),
    [
        ("X", 80, 0, "RECFM X"),
        ("", 80, 0, "RECFM"),
        ("VBS", 80, 0, "RECFM VBS"),
        ("F" * 1000, 80, 0, "RECFM FFFFFFFF IS"),
        ("FB", 0, 0, "LRECL 0 IS NOT 1 TO 32760"),
        ("FB", 32761, 0, "LRECL 32761"),
        ("FB", -80, 0, "LRECL -80"),
        ("VB", 4, 0, "LRECL 4 IS NOT 5 TO 32756"),
        ("FB", 80, 100, "NOT A MULTIPLE OF LRECL 80"),
        ("F", 80, 160, "UNBLOCKED"),
        ("VB", 100, 103, "CANNOT HOLD"),
        ("FB", 80, 32800, "BLKSIZE 32800 IS NOT 1 TO 32760"),
        ("U", 0, -1, "BLKSIZE -1"),
    ],
)
def test_attributes_that_cannot_be_are_refused(recfm, lrecl, blksize, why):
    with pytest.raises(DataSetError, match=why):
        DataSetAttributes(recfm, lrecl, blksize)


def test_only_sequential_organization_is_known_here():
    with pytest.raises(DataSetError, match="DSORG DA"):
        DataSetAttributes("FB", 80, dsorg="DA")


def test_data_bytes_exclude_the_record_descriptor():
    assert DataSetAttributes("FB", 80).maximum_data == 80
    assert DataSetAttributes("VB", 84).maximum_data == 80
    assert DataSetAttributes("U", 0, 1000).maximum_data == 1000
    assert DataSetAttributes("U", 80, 1000).lrecl == 0
