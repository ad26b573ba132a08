"""Control interval access, spanned records, and the organizations beside KSDS, ESDS and RRDS."""

from __future__ import annotations

import pytest

from ksds.cluster.physical_order import keys_of
from ksds.layout.control_interval import build, build_slots, empty, parse
from tests.ksds.access.requesting import (
    ALL,
    as_a_crash_leaves_it,
    code,
    entry_sequenced,
    everything,
    key_of,
    key_sequenced,
    keyed,
    linear,
    outcome,
    relative,
    variable,
)

SIZE = 512


def damage(data_set, rba: int) -> None:
    """Change a byte of the interval at this RBA."""
    file = data_set.folder.open("T.data")
    file.write(rba, bytes([file.read(rba, 1)[0] ^ 0xFF]))


def intervals(acb) -> list[bytes]:
    rpl = acb.rpl("CNV,SEQ")
    images = []
    while outcome(rpl.get).return_code == 0:
        images.append(rpl.outcome.record)
    assert code(rpl.outcome) == (8, 4)
    rpl.endreq()
    return images


@pytest.mark.parametrize(
    "data_set", [key_sequenced(range(60)), entry_sequenced(60), relative([1, 9]), variable([1, 9])]
)
def test_every_interval_is_read_in_order_as_its_bytes(data_set):
    with data_set.acb() as acb:
        expected = [acb.cluster.read_ci("data", number) for number in range(acb.cluster.data.used)]
        assert intervals(acb) == expected
        rpl = acb.rpl("CNV,DIR,LOC", arg=SIZE)
        assert rpl.get() == expected[1]
        assert rpl.outcome.rba == SIZE
        for wrong in (1, SIZE * 1000, b"\0\0"):
            rpl.modify(arg=wrong)
            assert code(outcome(rpl.get)) == (8, 32)


def test_point_at_an_interval():
    with entry_sequenced(60).acb() as acb:
        rpl = acb.rpl("CNV", arg=2 * SIZE)
        rpl.point()
        rpl.get()
        assert rpl.outcome.rba == 2 * SIZE
        assert code(outcome(rpl.get)) == (8, 4)


def test_an_interval_of_a_ksds_is_replaced_and_the_records_follow():
    with key_sequenced(range(0, 600, 10)).acb() as acb:
        rpl = acb.rpl("CNV,DIR,UPD", arg=SIZE)
        rpl.get()
        rpl.put(build([keyed(260), keyed(401, b"new")], SIZE))
        assert acb.cluster.get(b"0401") == keyed(401, b"new")
        assert len(acb.cluster) == 60 - 25 + 2
        assert acb.cluster.verify() == []


@pytest.mark.parametrize(
    "image",
    [
        build([keyed(10)], SIZE),
        build([keyed(260), keyed(990)], SIZE),
        build([keyed(270), keyed(260)], SIZE),
        b"\xff" * SIZE,
        build([b"000"], SIZE),
        build([b"0260".ljust(101)], SIZE),
    ],
    ids=["key too low", "key too high", "descending", "no CIDF", "shorter than its key", "longer than a record"],
)
def test_what_a_ksds_could_not_hold_there_is_refused(image):
    with key_sequenced(range(0, 700, 10)).acb() as acb:
        rpl = acb.rpl("CNV,DIR,UPD", arg=SIZE)
        old = rpl.get()
        left = outcome(rpl.put, image)
        assert (code(left), left.symbol) == ((8, 156), "RPLINCNV")
        assert code(outcome(rpl.put, old[1:])) == (8, 108)
        rpl.modify("NUP")
        assert rpl.get() == old


def test_the_boundary_of_the_interval_below_belongs_to_that_interval():
    with key_sequenced(range(0, 700, 10)).acb() as acb:
        below, highest = keys_of(acb.cluster, 1)
        rpl = acb.rpl("CNV,DIR,UPD", arg=SIZE)
        rpl.get()
        assert code(outcome(rpl.put, build([below + b"x"], SIZE))) == (8, 156)
        rpl.put(build([highest + b"x"], SIZE))
        assert acb.cluster.verify() == []


def test_a_free_interval_holds_no_records():
    with key_sequenced(range(10)).acb() as acb:
        rpl = acb.rpl("CNV,DIR,UPD", arg=3 * SIZE)
        assert rpl.get() == empty(SIZE)
        assert code(outcome(rpl.put, build([keyed(11)], SIZE))) == (8, 156)
        rpl.put(empty(SIZE))
        assert acb.cluster.verify() == []


def test_an_emptied_interval_of_a_ksds_is_filled_again():
    with key_sequenced(range(0, 600, 10)).acb() as acb:
        rpl = acb.rpl("CNV,DIR,UPD", arg=SIZE)
        old = rpl.get()
        rpl.put(empty(SIZE))
        rpl.get()
        assert code(outcome(acb.rpl("DIR", arg=b"0300").get)) == (8, 64), "the only string holds the interval"
        rpl.put(old)
        assert len(acb.cluster) == 60
        assert acb.cluster.verify() == []


def test_a_number_that_goes_with_its_interval_is_free():
    with variable(range(1, 30)).acb() as acb:
        assert acb.cluster.first_free() == 30
        rpl = acb.rpl("CNV,DIR,UPD", arg=0)
        number, *others = parse(rpl.get())
        rpl.put(build(others, SIZE))
        assert acb.cluster.first_free() == int.from_bytes(number[:4]) == 1


def test_intervals_are_neither_inserted_into_a_ksds_nor_erased():
    with key_sequenced(range(10)).acb() as acb:
        rpl = acb.rpl("CNV,DIR", arg=0)
        assert code(outcome(rpl.put, empty(SIZE))) == (8, 76)
        rpl.modify("UPD")
        rpl.get()
        assert code(outcome(rpl.erase)) == (8, 80)


def test_an_esds_takes_intervals_at_its_end():
    with entry_sequenced(30).acb() as acb:
        rpl = acb.rpl("CNV,SEQ")
        rpl.put(build([b"one", b"two"], SIZE))
        assert rpl.outcome.rba == 2 * SIZE
        assert code(outcome(rpl.put, empty(SIZE))) == (8, 156)
        acb.cluster.append(b"three")
        assert [record for _, record in acb.cluster.browse(2 * SIZE)] == [b"one", b"two", b"three"]
        rpl.modify("DIR,UPD", arg=0)
        rpl.get()
        rpl.put(build([keyed(0, b"all")], SIZE))
        assert len(acb.cluster) == 9
        assert acb.cluster.verify() == []


def test_slots_are_filled_and_emptied_by_interval():
    with relative([1, 2, 5]).acb() as acb:
        rpl = acb.rpl("CNV,DIR,UPD", arg=0)
        rpl.get()
        slots = [None, keyed(2, b"changed"), keyed(3)] + [None] * 19
        rpl.put(build_slots(slots, 20, SIZE))
        assert list(acb.cluster.browse()) == [(2, keyed(2, b"changed")), (3, keyed(3))]
        assert acb.cluster.first_free() == 1
        assert code(outcome(rpl.put, bytes(SIZE))) == (8, 92)
        rpl.get()
        assert code(outcome(rpl.put, bytes(SIZE))) == (8, 156)


def test_a_linear_data_set_has_intervals_only():
    data_set = linear(3)
    with data_set.acb() as acb:
        assert intervals(acb) == [bytes([number]) * 4096 for number in range(3)]
        rpl = acb.rpl("CNV,DIR,UPD", arg=4096)
        rpl.get()
        rpl.put(b"x" * 4096)
        assert acb.cluster.get(4096) == b"x" * 4096
        for kind in ("KEY", "ADR"):
            rpl.modify(kind)
            assert code(outcome(rpl.get)) == (8, 104)


def test_a_vrrds_is_read_updated_and_erased_by_number():
    with variable([1, 5, 1000]).acb() as acb:
        rpl = acb.rpl("SEQ,UPD")
        assert key_of(rpl.get()) == 1
        rpl.put(b"0001 longer than before, as only here")
        assert key_of(rpl.get()) == 5
        rpl.erase()
        assert everything(rpl) == [1000]
        rpl.modify("NUP,BWD,LRD")
        rpl.point()
        assert everything(rpl) == [1000, 1]
        rpl.modify("FWD,ARD,DIR", arg=7)
        rpl.put(b"0007")
        assert code(outcome(rpl.put, b"0007")) == (8, 8)
        rpl.modify("SEQ,KGE", arg=2)
        rpl.point()
        assert everything(rpl) == [7, 1000]


def test_a_spanned_record_is_read_by_key_in_move_mode():
    data_set = key_sequenced(spanned=True, maximum_record=1500, cis_per_ca=8)
    long = b"0050" + b"spanned " * 160
    with data_set.acb() as acb:
        rpl = acb.rpl()
        for record in (keyed(10), long, keyed(90)):
            rpl.put(record)
    with data_set.acb() as acb:
        rpl = acb.rpl("DIR", arg=b"0050")
        assert rpl.get() == long
        rba = rpl.outcome.rba
        rpl.modify("LOC")
        assert code(outcome(rpl.get)) == (8, 132)
        rpl.modify("MVE,ADR", arg=rba)
        assert code(outcome(rpl.get)) == (8, 136)
        rpl.modify("ADR,SEQ", arg=rba + 1)
        assert code(outcome(rpl.point)) == (8, 32)
        rpl.modify("CNV", arg=rba)
        rpl.point()
        rpl.modify("UPD")
        segment = rpl.get()
        assert code(outcome(rpl.put, segment)) == (8, 156)


def test_addresses_in_a_ksds_with_spanned_records_pass_over_segments():
    data_set = key_sequenced(spanned=True, maximum_record=1500, cis_per_ca=8)
    with data_set.acb() as acb:
        rpl = acb.rpl()
        for record in (keyed(10), b"0050" + bytes(1200), keyed(90)):
            rpl.put(record)
        rpl.modify("SEQ")
    with data_set.acb() as acb:
        rpl = acb.rpl("ADR,SEQ")
        assert key_of(rpl.get()) == 10
        assert code(outcome(rpl.get)) == (8, 136)
        rpl.modify("BWD,LRD")
        rpl.point()
        assert key_of(rpl.get()) == 90


def test_a_spanned_record_of_an_esds_is_read_by_address():
    data_set = entry_sequenced(spanned=True, maximum_record=1500)
    with data_set.acb() as acb:
        rpl = acb.rpl("ADR")
        for record in (b"short", b"long" * 300, b"end"):
            rpl.put(record)
    with data_set.acb() as acb:
        rpl = acb.rpl("ADR")
        assert [rpl.get() for _ in range(3)] == [b"short", b"long" * 300, b"end"]
        rpl.modify("BWD,LRD")
        rpl.point()
        assert [rpl.get() for _ in range(3)] == [b"end", b"long" * 300, b"short"]


# -- what cannot be asked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data_set", "optcd", "macro", "expected"),
    [
        (key_sequenced(range(5)), "SKP,ADR", "get", 104),
        (key_sequenced(range(5)), "SKP,BWD", "get", 104),
        (key_sequenced(range(5)), "CNV,BWD", "get", 104),
        (key_sequenced(range(5)), "LRD", "point", 104),
        (key_sequenced(range(5)), "DIR,UPD,LOC", "get", 84),
        (key_sequenced(range(5)), "LOC", "put", 84),
        (key_sequenced(range(5)), "BWD", "put", 204),
        (key_sequenced(range(5)), "ADR", "put", 76),
        (entry_sequenced(5), "KEY", "get", 72),
        (entry_sequenced(5), "KEY", "put", 72),
        (relative([1]), "ADR", "get", 196),
        (relative([1]), "CNV", "put", 76),
        (variable([1]), "ADR", "get", 196),
        (key_sequenced(range(5)), "DIR,GEN", "get", 112),
        (relative([1]), "DIR", "get", 192),
        (entry_sequenced(5), "ADR,DIR", "get", 32),
    ],
)
def test_options_that_a_data_set_does_not_know(data_set, optcd, macro, expected):
    with data_set.acb() as acb:
        rpl = acb.rpl(optcd)
        left = outcome(rpl.put, keyed(7)) if macro == "put" else outcome(getattr(rpl, macro))
        assert code(left) == (8, expected)


@pytest.mark.parametrize(
    ("macrf", "optcd", "macro", "status"),
    [
        ("KEY,SEQ,IN", "DIR", "get", "47"),
        ("KEY,SEQ,IN", "ADR", "get", "47"),
        ("KEY,SEQ,IN", "UPD", "get", "47"),
        ("KEY,SEQ,IN", "SEQ", "put", "48"),
        ("KEY,SEQ,IN", "SEQ", "erase", "49"),
        ("ADR,SEQ,OUT", "SEQ", "point", "47"),
    ],
)
def test_what_macrf_does_not_allow(macrf, optcd, macro, status):
    with key_sequenced(range(5)).acb(macrf) as acb:
        rpl = acb.rpl(optcd, arg=b"0001")
        left = outcome(rpl.put, keyed(7)) if macro == "put" else outcome(getattr(rpl, macro))
        assert (code(left), left.file_status) == ((8, 68), status)


@pytest.mark.parametrize(("keylen", "argument"), [(0, b"0001"), (5, b"00011"), (3, b"00"), (None, b"")])
def test_generic_key_lengths(keylen, argument):
    with key_sequenced(range(5)).acb() as acb:
        rpl = acb.rpl("DIR,GEN", arg=argument, keylen=keylen)
        assert code(outcome(rpl.get)) == (8, 112)
        rpl.modify("FKS", arg=b"00012")
        assert code(outcome(rpl.get)) == (8, 112)


def test_requests_after_close():
    acb = key_sequenced(range(5)).acb(f"{ALL},IN")
    rpl = acb.rpl()
    acb.close()
    assert code(outcome(rpl.get)) == (8, 68)


def test_an_interval_written_is_durable_like_any_direct_put():
    data_set = key_sequenced(range(0, 300, 10))
    with data_set.acb() as acb:
        rpl = acb.rpl("DIR,UPD", arg=b"0010")
        rpl.get()
        rpl.put(keyed(10, b"first"))
        rpl.modify("CNV", arg=0)
        rpl.get()
        rpl.put(build([keyed(5), keyed(10, b"second")], SIZE))
        with as_a_crash_leaves_it(data_set) as left:
            assert left.get(b"0010") == keyed(10, b"second")
            assert left.verify() == []


def test_a_damaged_interval_gives_12_4_and_the_others_stay_readable():
    data_set = key_sequenced(range(0, 600, 10))
    damage(data_set, SIZE)
    with data_set.acb() as acb:
        left = outcome(acb.rpl("DIR", arg=b"0300").get)
        assert (code(left), left.file_status, left.rba) == ((12, 4), "30", SIZE)
        assert key_of(acb.rpl("DIR", arg=b"0500").get()) == 500


@pytest.mark.parametrize(
    ("data_set", "optcd", "first", "lost"),
    [
        (key_sequenced(range(0, 1000, 10)), "KEY", range(0, 250, 10), range(250, 500, 10)),
        (variable(range(1, 100)), "KEY", range(1, 21), range(21, 41)),
        (relative(range(1, 89)), "KEY", range(1, 23), range(23, 45)),
        (key_sequenced(range(0, 1000, 10)), "ADR", range(0, 250, 10), range(250, 500, 10)),
        (entry_sequenced(100), "ADR", range(25), range(25, 50)),
    ],
    ids=["KSDS", "VRRDS", "RRDS", "KSDS by address", "ESDS"],
)
def test_a_program_may_go_on_in_sequence_behind_a_damaged_interval(data_set, optcd, first, lost):
    """Using Data Sets, "SYNAD Exit Routine": after a physical error VSAM is positioned at the next control interval."""
    with data_set.acb(f"{ALL},IN") as acb:
        sound = everything(acb.rpl(optcd))
    assert sound[: len(first)] == [*first]
    damage(data_set, SIZE)
    with data_set.acb(f"{ALL},IN") as acb:
        rpl = acb.rpl(optcd)
        assert [key_of(rpl.get()) for _ in first] == [*first]
        assert code(outcome(rpl.get)) == (12, 4)
        assert everything(rpl) == [key for key in sound if key not in first and key not in lost]
        rpl.modify("BWD,LRD")
        rpl.point()
        while outcome(rpl.get).return_code == 0:
            pass
        assert code(rpl.outcome) == (12, 4)
        assert everything(rpl) == [*reversed(first)]


def test_intervals_behind_a_damaged_one_are_read():
    data_set = entry_sequenced(100)
    damage(data_set, SIZE)
    with data_set.acb("CNV,SEQ") as acb:
        rpl = acb.rpl("CNV")
        codes = [code(outcome(rpl.get)) for _ in range(5)]
    assert codes == [(0, 0), (12, 4), (0, 0), (0, 0), (8, 4)]
