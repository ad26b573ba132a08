"""Where a string stands after each request: what keeps a position, what gives it up, what an error does to it."""

from __future__ import annotations

import pytest

from ksds.access.acb import Acb
from ksds.access.options import Macrf
from ksds.access.placeholder import after_failure
from ksds.cluster.organizations import class_of
from ksds.errors import Damaged, DuplicateKey, EndOfData, ExclusiveControl, NoPosition, OpenError, RecordNotFound
from tests.ksds.access.requesting import (
    ALL,
    code,
    entry_sequenced,
    everything,
    key_of,
    key_sequenced,
    keyed,
    outcome,
    relative,
)

TENS = range(10, 100, 10)


@pytest.fixture
def acb():
    with key_sequenced(TENS).acb(strings=2) as opened:
        yield opened


def test_the_first_get_in_sequence_begins_at_the_first_record(acb):
    assert everything(acb.rpl("SEQ")) == list(TENS)


def test_with_shared_resources_the_first_get_in_sequence_needs_a_point():
    with key_sequenced(TENS).acb(f"{ALL},OUT,LSR") as acb:
        rpl = acb.rpl("SEQ", arg=b"0010")
        with pytest.raises(NoPosition):
            rpl.get()
        rpl.point()
        assert everything(rpl) == list(TENS)


def test_a_string_that_was_used_before_needs_a_point():
    with key_sequenced(TENS).acb() as acb:
        rpl = acb.rpl("DIR", arg=b"0050")
        rpl.get()
        rpl.modify("SEQ")
        assert code(outcome(rpl.get)) == (8, 88)


def test_point_reads_nothing_and_the_next_get_gives_the_record_it_found(acb):
    rpl = acb.rpl("SEQ", arg=b"0050")
    rpl.point()
    assert rpl.outcome.record == b""
    assert everything(rpl) == [50, 60, 70, 80, 90]


@pytest.mark.parametrize(
    ("optcd", "argument", "found"),
    [
        ("KEQ", b"0030", 30),
        ("KGE", b"0030", 30),
        ("KGE", b"0031", 40),
        ("KEQ,GEN", b"00", 10),
        ("KEQ,GEN", b"005", 50),
        ("KGE,GEN", b"0055", 60),
        ("KEQ", b"0031", (8, 16)),
        ("KEQ,GEN", b"01", (8, 16)),
        ("KGE", b"0091", (8, 4)),
        ("KEQ", b"0091", (8, 16)),
    ],
)
@pytest.mark.parametrize("macro", ["get", "point"])
def test_full_and_generic_keys_equal_or_greater(acb, optcd, argument, found, macro):
    rpl = acb.rpl(f"DIR,NSP,{optcd}", arg=argument)
    if macro == "point":
        left = outcome(rpl.point)
        rpl.modify("SEQ")
    left = outcome(rpl.get) if macro == "get" or left.return_code == 0 else left
    if isinstance(found, int):
        assert key_of(left.record) == found
    else:
        assert code(left) == found


@pytest.mark.parametrize(
    ("optcd", "keeps"),
    [
        ("SEQ,NUP", True),
        ("SKP,NUP", True),
        ("DIR,NUP", False),
        ("DIR,NSP", True),
        ("DIR,NUP,LOC", True),
        ("DIR,UPD", True),
    ],
)
def test_what_a_get_retains(acb, optcd, keeps):
    rpl = acb.rpl(f"{optcd}", arg=b"0010")
    rpl.get()
    assert acb.active_strings == keeps
    rpl.modify("SEQ,NUP,MVE")
    assert code(outcome(rpl.get)) == ((0, 0) if keeps else (8, 88))
    assert not keeps or key_of(rpl.outcome.record) == 20


def test_any_point_retains_the_position_and_a_direct_get_gives_it_up_again(acb):
    rpl = acb.rpl("DIR", arg=b"0040")
    rpl.point()
    assert acb.active_strings == 1
    rpl.get()
    assert acb.active_strings == 0


def test_a_direct_request_with_nsp_lets_the_rest_be_read_in_sequence(acb):
    rpl = acb.rpl("DIR,NSP,GEN", arg=b"007")
    assert key_of(rpl.get()) == 70
    rpl.modify("SEQ")
    assert everything(rpl) == [80, 90]


def test_get_for_update_lets_the_program_go_on_in_sequence(acb):
    rpl = acb.rpl("DIR,UPD", arg=b"0030")
    rpl.get()
    rpl.modify("SEQ,NUP")
    assert everything(rpl) == [40, 50, 60, 70, 80, 90]


def test_endreq_gives_the_position_up(acb):
    rpl = acb.rpl("SEQ")
    rpl.get()
    rpl.endreq()
    assert acb.active_strings == 0
    assert code(outcome(rpl.get)) == (8, 88)


def test_backward_from_the_last_record(acb):
    rpl = acb.rpl("SEQ,BWD,LRD")
    rpl.point()
    assert everything(rpl) == sorted(TENS, reverse=True)


def test_backward_from_a_key(acb):
    rpl = acb.rpl("SEQ,BWD", arg=b"0030")
    rpl.point()
    assert everything(rpl) == [30, 20, 10]


def test_a_direct_get_of_the_last_record(acb):
    assert key_of(acb.rpl("DIR,BWD,LRD").get()) == 90


def test_backward_needs_a_point_even_at_first(acb):
    assert code(outcome(acb.rpl("SEQ,BWD").get)) == (8, 88)


@pytest.mark.parametrize(("pointed", "asked"), [("FWD", "BWD"), ("BWD", "FWD"), ("KEY", "ADR")])
def test_a_get_in_sequence_asks_for_the_mode_that_the_position_was_taken_in(acb, pointed, asked):
    rpl = acb.rpl(f"SEQ,{pointed}", arg=b"0050")
    rpl.point()
    rpl.modify(asked)
    assert code(outcome(rpl.get)) == (8, 88)
    rpl.modify(pointed)
    assert key_of(rpl.get()) == 50


def test_skip_sequential_goes_onward_only(acb):
    rpl = acb.rpl("SKP", arg=b"0020")
    assert key_of(rpl.get()) == 20
    rpl.modify(arg=b"0060")
    assert key_of(rpl.get()) == 60
    for earlier in (b"0060", b"0030"):
        rpl.modify(arg=earlier)
        assert code(outcome(rpl.get)) == (8, 12)
    rpl.modify("SEQ")
    assert key_of(rpl.get()) == 70


def test_skip_sequential_may_have_the_record_that_point_found(acb):
    rpl = acb.rpl("SEQ", arg=b"0020")
    rpl.point()
    rpl.modify("SKP")
    assert key_of(rpl.get()) == 20


def test_end_of_data_keeps_the_position_so_that_a_record_added_later_is_found(acb):
    reader, writer = acb.rpl("SEQ"), acb.rpl("DIR")
    assert everything(reader) == list(TENS)
    assert code(outcome(reader.get)) == (8, 4)
    writer.put(keyed(95))
    assert everything(reader) == [95]


def test_a_record_not_found_loses_the_position(acb):
    rpl = acb.rpl("SEQ")
    rpl.get()
    rpl.modify("SKP", arg=b"0055")
    assert code(outcome(rpl.get)) == (8, 16)
    rpl.modify("SEQ")
    assert code(outcome(rpl.get)) == (8, 88)


def test_a_duplicate_in_skip_sequence_leaves_the_string_at_the_record_that_is_there(acb):
    rpl = acb.rpl("SKP")
    rpl.put(keyed(15))
    assert code(outcome(rpl.put, keyed(40))) == (8, 8)
    rpl.modify("SEQ")
    assert key_of(rpl.get()) == 40


def test_a_duplicate_in_sequence_keeps_the_position(acb):
    rpl = acb.rpl("SEQ")
    rpl.put(keyed(15))
    assert code(outcome(rpl.put, keyed(40))) == (8, 8)
    assert key_of(rpl.get()) == 20


def test_too_small_an_area_keeps_the_position_in_sequence_and_takes_it_directly(acb):
    rpl = acb.rpl("SEQ", arealen=10)
    assert code(outcome(rpl.get)) == (8, 44)
    rpl.modify(arealen=20)
    assert key_of(rpl.get()) == 10
    rpl.modify("DIR", arg=b"0070", arealen=10)
    assert code(outcome(rpl.get)) == (8, 44)
    rpl.modify("SEQ", arealen=20)
    assert key_of(rpl.get()) == 70


def test_the_table_of_positions_after_errors():
    """DFSMStvs Administration Guide, "Positioning following logical errors": SEQ, DIR, SKP."""
    table = {
        EndOfData: ("kept", "lost", "kept"),
        DuplicateKey: ("kept", "lost", "new"),
        RecordNotFound: ("lost", "lost", "lost"),
        NoPosition: ("kept", "kept", "kept"),
        Damaged: ("kept", "kept", "kept"),
    }
    for error, row in table.items():
        assert (
            tuple(after_failure(error("x", feedback=error.feedback or 4), order) for order in ("SEQ", "DIR", "SKP"))
            == row
        )


def test_records_erased_or_inserted_by_another_string_do_not_upset_a_position(acb):
    reader, writer = acb.rpl("SEQ"), acb.rpl("DIR,UPD")
    assert [key_of(reader.get()) for _ in range(2)] == [10, 20]
    for key in (b"0020", b"0030"):
        writer.modify("UPD", arg=key)
        writer.get()
        writer.erase()
    writer.modify("NUP")
    writer.put(keyed(21))
    assert everything(reader) == [21, 40, 50, 60, 70, 80, 90]


def test_a_position_survives_splits():
    with key_sequenced(range(0, 1000, 10), cis_per_ca=4).acb(strings=2) as acb:
        reader, writer = acb.rpl("SEQ"), acb.rpl("DIR")
        keys = [key_of(reader.get()) for _ in range(5)]
        for key in range(995, 0, -10):
            writer.put(keyed(key))
        assert acb.cluster.statistics.ca_splits
        assert keys + everything(reader) == [*range(0, 41, 10), *range(45, 1000, 5)]


# -- other organizations -------------------------------------------------------------------------------------------


def test_an_esds_is_read_both_ways_by_address():
    with entry_sequenced(60).acb() as acb:
        rpl = acb.rpl("ADR")
        assert everything(rpl) == list(range(60))
        rpl.modify("BWD,LRD")
        rpl.point()
        assert everything(rpl) == list(range(59, -1, -1))


def test_an_esds_record_by_its_rba_and_the_next_ones():
    with entry_sequenced(60).acb() as acb:
        rpl = acb.rpl("ADR,DIR,NSP", arg=(40).to_bytes(4, "big"))
        assert (key_of(rpl.get()), rpl.outcome.rba) == (2, 40)
        rpl.modify("SEQ")
        assert key_of(rpl.get()) == 3
        rpl.modify("DIR", arg=41)
        assert code(outcome(rpl.get)) == (8, 32)
        rpl.modify("SEQ")
        assert code(outcome(rpl.get)) == (8, 88)


def test_a_ksds_by_address_comes_in_physical_order():
    data_set = key_sequenced(range(0, 400, 10))
    with data_set.acb() as acb:
        rpl = acb.rpl("DIR")
        for key in range(5, 100, 10):
            rpl.put(keyed(key))
    with data_set.acb() as acb:
        physical = everything(acb.rpl("ADR,SEQ"))
    keys = sorted({*range(0, 400, 10), *range(5, 100, 10)})
    assert physical != keys
    assert sorted(physical) == keys


def test_an_rrds_is_read_both_ways_by_number():
    with relative([3, 5, 300]).acb() as acb:
        rpl = acb.rpl()
        assert everything(rpl) == [3, 5, 300]
        rpl.modify("BWD,LRD")
        rpl.point()
        assert everything(rpl) == [300, 5, 3]
        rpl.modify("FWD,ARD,KGE", arg=(4).to_bytes(4, "big"))
        rpl.point()
        assert everything(rpl) == [5, 300]


def test_a_lost_interval_of_a_deadlocked_update_is_given_up(acb):
    """Direct requests that meet exclusive control (20) lose their position, sequential ones stay where they are."""
    holder, other = acb.rpl("DIR,UPD", arg=b"0010"), acb.rpl("DIR,UPD", arg=b"0020")
    holder.get()
    with pytest.raises(ExclusiveControl):
        other.get()
    assert acb.active_strings == 1


def test_point_is_for_seq_and_dir_only(acb):
    rpl = acb.rpl("SKP", arg=b"0050")
    assert code(outcome(rpl.point)) == (8, 104)
    rpl.modify("DIR")
    rpl.point()
    rpl.modify("SEQ")
    assert everything(rpl)[0] == 50


def test_nothing_is_opened_for_output_over_a_cluster_that_is_open_for_input():
    data_set = entry_sequenced(3)
    with (
        class_of(data_set.definition).open(data_set.folder, "T", data_set.definition) as cluster,
        pytest.raises(OpenError) as error,
    ):
        Acb(cluster, Macrf.parse("CNV,OUT"))
    assert error.value.feedback == 160
