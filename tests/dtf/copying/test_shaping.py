"""The rules both nodes follow from the attributes alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtf.copying.checkpoint import Shape
from dtf.copying.shaping import (
    ShapeError,
    effective_interval,
    mode_of,
    record_shaper,
    split_described,
    target_shape,
)

FB = Shape("PS", "FB", 100, 27900)
VB = Shape("PS", "VB", 104, 27998)
KSDS = Shape("VS", "V", 300, 0)


@pytest.mark.parametrize(
    ("source", "target", "mode"),
    [
        (FB, FB, "B"),
        (FB, Shape("PS", "FB", 100, 1000), "R"),
        (FB, Shape("PS", "FB", 50, 27900), "R"),
        (FB, Shape("PS", "FBA", 100, 27900), "R"),
        (Shape("PS", "U", 0, 900), Shape("PS", "U", 0, 900), "B"),
        (Shape("PS", "V", 104, 308), Shape("PS", "V", 304, 308), "B"),  # LRECL counts only if RECFM is blocked
        (KSDS, KSDS, "R"),
        (FB, KSDS, "R"),
    ],
)
def test_block_mode_needs_the_same_recfm_blksize_and_lrecl(source, target, mode):
    assert mode_of(source, target) == mode


@pytest.mark.parametrize("organization", ["VS", "RR", "LD", "PO", "HF", "HS"])
def test_block_mode_needs_a_sequential_data_set_at_both_nodes(organization):
    other = replace(FB, organization=organization)
    assert (mode_of(FB, FB), mode_of(FB, other), mode_of(other, FB), mode_of(other, other)) == ("B", "R", "R", "R")


@pytest.mark.parametrize("field", ["recfm", "blksize", "lrecl"])
@pytest.mark.parametrize("shape", [FB, VB, Shape("PS", "F", 100, 100), Shape("PS", "V", 104, 108)])
def test_block_mode_ends_with_any_difference_but_that_of_lrecl_without_blocking(shape, field):
    other = replace(shape, **{field: {"recfm": shape.recfm + "A", "blksize": 32000, "lrecl": 90}[field]})
    expected = "B" if field == "lrecl" and "B" not in shape.recfm else "R"
    assert (mode_of(shape, other), mode_of(other, shape)) == (expected, expected)


@pytest.mark.parametrize(
    ("source", "asked", "shape"),
    [
        (Shape("HF", "VB", 23036, 23040), Shape(), Shape("PS", "VB", 23036, 23040)),
        (Shape("HF", "U", 0, 23040), Shape(), Shape("PS", "U", 0, 23040)),
        (Shape("HF", "VB", 23036, 23040), Shape("", "FB", 80, 800), Shape("PS", "FB", 80, 800)),
        (Shape("RR", "F", 80, 0), Shape(), Shape("PS", "FB", 80, 27920)),
        (Shape("LD", "F", 4096, 0), Shape(), Shape("PS", "FB", 4096, 24576)),
        (FB, Shape("HF", "V"), Shape("HF", "V")),
        (FB, Shape("LD", "F", 4096), Shape("LD", "F", 4096)),
        (FB, Shape(), FB),
        (FB, Shape("", "", 0, 1000), Shape("PS", "FB", 100, 1000)),
        (FB, Shape("PS", "VB"), VB),
        (VB, Shape("", "FB"), FB),
        (KSDS, Shape(), Shape("PS", "VB", 304, 27998)),
        (Shape("VS", "F", 300, 0), Shape(), Shape("PS", "FB", 300, 27900)),
        (FB, KSDS, KSDS),
    ],
)
def test_a_target_gets_what_is_asked_and_the_rest_from_the_source(source, asked, shape):
    assert target_shape(source, asked) == shape


@pytest.mark.parametrize("asked", [Shape("", "FB", 100, 250), Shape("", "XB"), Shape("PO"), Shape("", "V", 40000)])
def test_attributes_that_can_not_be_are_refused(asked):
    with pytest.raises(ShapeError):
        target_shape(FB, asked)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (Shape("HS", "U"), Shape()),
        (Shape("HS", "U"), Shape("HF", "V")),
        (FB, Shape("HS", "U")),
        (VB, Shape("LD", "F", 4096)),
        (Shape("PO", "FB", 80, 800), Shape("HF", "V")),
        (Shape("PO", "FB", 80, 800), KSDS),
        (Shape("PO", "FB", 80, 800), Shape("PO", "VB", 80, 800)),
        (FB, Shape("PO", "FB", 100, 1000)),
    ],
)
def test_kinds_that_do_not_go_together_are_refused(source, asked):
    with pytest.raises(ShapeError):
        target_shape(source, asked)


@pytest.mark.parametrize(
    ("asked", "block", "effective"),
    [
        (0, 100, 0),
        (1, 27900, 27900),
        (100_000, 27900, 111_600),
        (97_000, 27900, 83_700),
        (10_000_000, 1000, 10_000_000),
    ],
)
def test_an_interval_is_rounded_to_the_nearest_block(asked, block, effective):
    assert effective_interval(asked, block) == effective


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_records_behind_rdws_come_apart_as_they_were(records):
    shape = record_shaper(VB)
    assert split_described(b"".join(map(shape, records))) == records


@given(st.binary(min_size=1, max_size=60))
def test_a_hostile_payload_is_records_or_one_error(payload):
    try:
        records = split_described(payload)
    except ShapeError:
        return
    assert sum(len(record) + 4 for record in records) == len(payload)
