"""PUT and ERASE: inserting, updating after a read for update, exclusive control, load mode."""

from __future__ import annotations

import random

import pytest

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import NeverLoaded, OpenError
from ksds.layout.control_interval import parse
from tests.ksds.access.requesting import (
    ALL,
    as_a_crash_leaves_it,
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


# -- update and erase ----------------------------------------------------------------------------------------------


def test_a_record_read_for_update_is_replaced_and_its_length_may_change():
    with key_sequenced(TENS).acb() as acb:
        rpl = acb.rpl("DIR,UPD", arg=b"0050")
        rpl.get()
        rpl.put(b"0050" + b"long" * 20)
        rpl.modify("NUP")
        assert rpl.get() == b"0050" + b"long" * 20


def test_every_record_in_sequence_is_updated_or_erased():
    data_set = key_sequenced(TENS)
    with data_set.acb() as acb:
        rpl = acb.rpl("SEQ,UPD")
        while outcome(rpl.get).return_code == 0:
            if key_of(rpl.outcome.record) % 20:
                rpl.erase()
            else:
                rpl.put(rpl.outcome.record[:4] + b"changed")
    with data_set.acb() as acb:
        rpl = acb.rpl()
        assert [rpl.get() for _ in range(4)] == [b"%04dchanged" % key for key in (20, 40, 60, 80)]


@pytest.mark.parametrize("macro", ["put", "erase"])
def test_without_a_read_for_update_there_is_nothing_to_update(macro):
    with key_sequenced(TENS).acb() as acb:
        rpl = acb.rpl("DIR,UPD", arg=b"0050")
        operands = [keyed(50)] if macro == "put" else []
        assert code(outcome(getattr(rpl, macro), *operands)) == (8, 92)
        rpl.get()
        assert code(outcome(getattr(rpl, macro), *operands)) == (0, 0)
        assert code(outcome(getattr(rpl, macro), *operands)) == (8, 92)
        rpl.modify("NUP", arg=b"0060")
        rpl.get()
        rpl.modify("UPD")
        assert code(outcome(getattr(rpl, macro), *operands)) == (8, 92)


def test_another_get_lets_the_record_read_for_update_go():
    with key_sequenced(TENS).acb(strings=2) as acb:
        rpl, other = acb.rpl("SEQ,UPD"), acb.rpl("DIR,UPD", arg=b"0010")
        rpl.get()
        rpl.modify("NUP")
        rpl.get()
        rpl.modify("UPD")
        assert code(outcome(rpl.erase)) == (8, 92)
        assert key_of(other.get()) == 10


def test_an_update_may_not_change_the_key_and_may_be_tried_again():
    with key_sequenced(TENS).acb() as acb:
        rpl = acb.rpl("SEQ,UPD")
        rpl.get()
        assert code(outcome(rpl.put, keyed(11))) == (8, 96)
        rpl.put(keyed(10, b"better"))
        assert acb.cluster.get(b"0010") == keyed(10, b"better")


def test_a_read_for_update_need_not_be_followed_by_an_update():
    with key_sequenced(TENS).acb() as acb:
        assert everything(acb.rpl("SEQ,UPD")) == list(TENS)


def test_by_address_a_ksds_keeps_lengths_and_keys():
    with key_sequenced(TENS).acb() as acb:
        rpl = acb.rpl("ADR,DIR,UPD", arg=20)
        rpl.get()
        assert code(outcome(rpl.put, b"0020short")) == (8, 100)
        assert code(outcome(rpl.put, keyed(21))) == (8, 96)
        rpl.put(keyed(20, b"same"))
        rpl.modify(arg=40)
        rpl.get()
        rpl.erase()
        assert len(acb.cluster) == 8
        assert acb.cluster.get(b"0020") == keyed(20, b"same")
        rpl.modify("NUP")
        assert code(outcome(rpl.put, keyed(99))) == (8, 76)


def test_an_esds_grows_at_its_end_and_is_updated_in_place():
    with entry_sequenced(30).acb() as acb:
        rpl = acb.rpl("ADR,SEQ,UPD")
        rpl.get()
        rpl.put(keyed(0, b"new"))
        rpl.get()
        assert code(outcome(rpl.erase)) == (8, 80)
        rpl.modify("NUP")
        rpl.put(b"added")
        assert rpl.outcome.rba == 20 * 25 + 12 + 20 * 5  # a CI of 512 holds 25
        rpl.modify("DIR,UPD", arg=0)
        assert rpl.get() == keyed(0, b"new")
        assert code(outcome(rpl.put, b"short")) == (8, 100)


def test_rrds_slots():
    with relative([1, 2, 4]).acb() as acb:
        rpl = acb.rpl("SEQ")
        rpl.get()
        rpl.get()
        rpl.put(keyed(3))  # the slot behind the position
        assert rpl.outcome.identity == rpl.argument == 3
        assert code(outcome(rpl.put, keyed(4))) == (8, 8)
        rpl.modify("DIR,UPD", arg=(4).to_bytes(4, "big"))
        rpl.get()
        assert code(outcome(rpl.put, b"short")) == (8, 100)
        rpl.erase()
        rpl.modify("NUP")
        assert code(outcome(rpl.get)) == (8, 16)
        assert code(outcome(rpl.put, b"short")) == (8, 108)
        rpl.put(keyed(4))
        for wrong in (0, -1, 1 << 40):
            rpl.modify(arg=wrong)
            assert code(outcome(rpl.get)) == (8, 192)


# -- insertion -----------------------------------------------------------------------------------------------------


def test_in_sequence_keys_ascend_directly_they_need_not():
    with key_sequenced(TENS).acb() as acb:
        rpl = acb.rpl("SEQ")
        rpl.put(keyed(33))
        assert code(outcome(rpl.put, keyed(22))) == (8, 12)
        rpl.put(keyed(44))
        rpl.modify("DIR")
        rpl.put(keyed(22))
        assert [key_of(record) for record in acb.cluster.browse()] == sorted([*TENS, 22, 33, 44])


def test_the_insert_strategy_follows_the_order_of_the_request():
    """Golden fact 17: in sequence the new record stays in the full CI and all higher ones move; directly half move,
    unless MACRF=SIS says that direct requests are meant in sequence too."""

    def first_interval(order: str, macrf: str = f"{ALL},OUT") -> list[bytes]:
        with key_sequenced(range(0, 250, 10)).acb(macrf) as acb:  # one full CI of 25 records
            acb.rpl(order).put(keyed(15))
            return [record[:4] for record in acb.cluster.browse(stop=b"0240")][: _records_in_first(acb.cluster)]

    assert first_interval("SEQ") == [b"0000", b"0010", b"0015"]
    assert len(first_interval("DIR")) == 13
    assert first_interval("DIR", f"{ALL},OUT,SIS") == first_interval("SEQ")


def _records_in_first(cluster: KeySequenced) -> int:
    return sum(1 for record in cluster.browse() if cluster.locate(record[:4])[0] == 0)


def test_a_record_too_long_or_too_short_for_its_key():
    with key_sequenced(TENS).acb() as acb:
        rpl = acb.rpl("DIR")
        for record in (b"001", b"0011" + bytes(200), b""):
            assert code(outcome(rpl.put, record)) == (8, 108)


def test_space_added_is_told_by_reason_4_of_a_success():
    with key_sequenced().acb() as acb:
        rpl = acb.rpl("SEQ")
        reasons = []
        for key in range(200):
            rpl.put(keyed(key))
            reasons.append(code(rpl.outcome))
    assert reasons[0] == (0, 4)
    assert reasons[1] == (0, 0)
    assert set(reasons) == {(0, 0), (0, 4)}


# -- durability ----------------------------------------------------------------------------------------------------


def test_a_direct_put_is_durable_when_it_returns_a_sequential_one_after_endreq():
    data_set = key_sequenced(TENS)
    with data_set.acb() as acb:
        rpl = acb.rpl("DIR")
        rpl.put(keyed(15))
        assert len(as_a_crash_leaves_it(data_set)) == 10
        rpl.modify("SEQ")
        rpl.put(keyed(25))
        assert len(as_a_crash_leaves_it(data_set)) == 10
        rpl.endreq()
        assert len(as_a_crash_leaves_it(data_set)) == 11


def test_deferred_writes_wait_for_endreq():
    data_set = key_sequenced(TENS)
    with data_set.acb(f"{ALL},OUT,DFR") as acb:
        rpl = acb.rpl("DIR")
        rpl.put(keyed(15))
        assert len(as_a_crash_leaves_it(data_set)) == 9
        rpl.endreq()
        assert len(as_a_crash_leaves_it(data_set)) == 10


# -- strings and exclusive control -----------------------------------------------------------------------------------


def test_a_control_interval_read_for_update_is_closed_to_other_updates_not_to_readers():
    with key_sequenced(range(0, 1000, 10)).acb(strings=3) as acb:
        holder, other = acb.rpl("DIR,UPD", arg=b"0010"), acb.rpl("DIR,UPD", arg=b"0020")
        holder.get()
        left = outcome(other.get)
        assert (code(left), left.symbol, left.file_status) == ((8, 20), "RPLEXCL", "93")
        assert code(outcome(acb.rpl("DIR").put, keyed(15))) == (8, 20)
        assert key_of(acb.rpl("DIR,NUP", arg=b"0010").get()) == 10
        other.modify(arg=b"0900")
        other.get()


@pytest.mark.parametrize("end", ["put", "erase", "endreq", "get elsewhere"])
def test_exclusive_control_ends(end):
    with key_sequenced(range(0, 1000, 10)).acb(strings=2) as acb:
        holder, other = acb.rpl("DIR,UPD", arg=b"0010"), acb.rpl("DIR,UPD", arg=b"0020")
        holder.get()
        if end == "put":
            holder.put(keyed(10))
        elif end == "get elsewhere":
            holder.modify(arg=b"0900")
            holder.get()
        else:
            getattr(holder, end)()
        assert key_of(other.get()) == 20


@pytest.mark.parametrize("way", ["KEY", "ADR"])
def test_exclusive_control_follows_the_record_through_a_control_area_split(way):
    with key_sequenced(range(0, 600, 10), cis_per_ca=3).acb(strings=2) as acb:
        before, rba = acb.cluster.locate(b"0590")
        holder = acb.rpl(f"{way},DIR,UPD", arg={"KEY": b"0590", "ADR": rba}[way])
        writer = acb.rpl("DIR")
        holder.get()
        key = 1
        while acb.cluster.locate(b"0590")[0] == before:
            writer.put(keyed(key))
            key += 1 if key % 10 < 9 else 2
        assert code(outcome(writer.put, keyed(595))) == (8, 20)
        holder.put(keyed(590, b"kept"))
        writer.put(keyed(595))


def test_an_esds_whose_last_interval_is_full_and_held_grows_all_the_same():
    data_set = entry_sequenced(0, maximum_record=120)
    with data_set.acb("ADR,SEQ,OUT") as acb:
        rpl = acb.rpl("ADR,SEQ")
        for number in range(4):
            rpl.put(bytes([number]) * 120)
    with data_set.acb(strings=2) as acb:
        acb.rpl("ADR,DIR,UPD", arg=360).get()
        writer = acb.rpl("ADR,SEQ")
        assert code(outcome(writer.put, bytes(10))) == (8, 20)
        writer.put(bytes(120))
        assert writer.outcome.rba == 512


def test_as_many_positions_as_strings():
    with key_sequenced(TENS).acb(strings=2) as acb:
        first, second, third = (acb.rpl("SEQ", name=name) for name in "ABC")
        first.get()
        second.get()
        left = outcome(third.get)
        assert (code(left), left.symbol) == ((8, 64), "RPLNOPLH")
        first.endreq()
        third.modify("KGE", arg=b"0050")
        third.point()
        assert key_of(third.get()) == 50
        assert key_of(second.get()) == 20


# -- load mode -----------------------------------------------------------------------------------------------------


def test_an_empty_data_set_is_loaded_in_sequence_and_nothing_else():
    data_set = key_sequenced()
    with data_set.acb() as acb:
        assert acb.loading
        rpl = acb.rpl("SEQ")
        rpl.put(keyed(10))
        rpl.put(keyed(20))
        assert code(outcome(rpl.put, keyed(15))) == (8, 12)
        assert code(outcome(rpl.put, keyed(20))) == (8, 8)
        for macro in ("get", "point", "erase", "endreq"):
            assert code(outcome(getattr(rpl, macro))) == (8, 116)
        for options in ("SEQ,UPD", "NUP,DIR", "NUP,SKP"):
            rpl.modify(options)
            assert code(outcome(rpl.put, keyed(30))) == (8, 116)
    with data_set.acb() as acb:
        assert not acb.loading
        assert everything(acb.rpl()) == [10, 20]


@pytest.mark.parametrize(("interval", "area"), [(0, 0), (20, 0), (0, 30), (20, 50)])
def test_records_put_in_load_mode_lie_as_a_load_lays_them_and_keep_free_space(interval, area):
    """CIs with so many records each, free ones included."""

    def records_per_interval(data_set) -> list[int]:
        with data_set.acb("CNV,SEQ") as acb:
            rpl = acb.rpl("CNV")
            counts = []
            while outcome(rpl.get).return_code == 0:
                counts.append(len(parse(rpl.outcome.record)))
            return counts

    shape = {"free_ci_percent": interval, "free_ca_percent": area, "cis_per_ca": 10}
    put, loaded = key_sequenced(range(500), **shape), key_sequenced(**shape)
    with loaded.acb() as acb:
        acb.cluster.load(keyed(key) for key in range(500))
    counts = records_per_interval(put)
    assert counts == records_per_interval(loaded)
    assert (counts[0], counts[:10].count(0)) == (20 if interval else 25, 10 * area // 100)


def test_loading_an_rrds_directly_is_allowed():
    with relative().acb() as acb:
        rpl = acb.rpl("DIR", arg=7)
        rpl.put(keyed(7))
        rpl.modify("SEQ")
        rpl.put(keyed(1))
        assert acb.cluster.get(1) == keyed(1)


def test_what_open_asks_of_an_empty_data_set():
    empty = key_sequenced()
    with pytest.raises(NeverLoaded) as caught:
        empty.acb("KEY,IN")
    assert caught.value.feedback == 160
    for macrf, strings in ((f"{ALL},OUT,LSR", 1), (f"{ALL},OUT", 2), (f"{ALL},OUT", 0), (f"{ALL},IN,RST", 1)):
        with pytest.raises(OpenError) as refused:
            empty.acb(macrf, strings)
        assert refused.value.feedback == 160


def test_reset_empties_a_reusable_data_set_and_loads_it_again():
    data_set = key_sequenced(TENS, reuse=True)
    with data_set.acb(f"{ALL},OUT,RST") as acb:
        assert acb.loading
        acb.rpl().put(keyed(5))
    with data_set.acb() as acb:
        assert everything(acb.rpl()) == [5]
    with pytest.raises(OpenError) as refused:
        key_sequenced(TENS).acb(f"{ALL},OUT,RST")
    assert refused.value.feedback == 232


def test_records_that_strings_of_one_acb_insert_and_erase_at_random_are_those_of_a_dictionary():
    """Three strings, random requests with seed 20261123: whatever a request says, the records are what it says."""
    random_source = random.Random(20261123)
    data_set = key_sequenced(range(0, 500, 25))
    expected = {key: keyed(key) for key in range(0, 500, 25)}
    with data_set.acb(strings=3) as acb:
        rpls = [acb.rpl("DIR") for _ in range(3)]
        for number in range(1500):
            rpl, key = random_source.choice(rpls), random_source.randrange(500)
            rpl.modify(random_source.choice(("NUP", "UPD")), arg=b"%04d" % key)
            match random_source.choice(("insert", "read", "change", "erase", "endreq")):
                case "insert" if rpl.optcd.purpose == "NUP":
                    left = outcome(rpl.put, keyed(key, b"%d" % number))
                    if left.return_code == 0:
                        assert key not in expected
                        expected[key] = keyed(key, b"%d" % number)
                    else:
                        assert left.feedback == 20 or (left.feedback == 8 and key in expected)
                case "read":
                    left = outcome(rpl.get)
                    assert left.record == expected.get(key, b"") or left.feedback == 20
                case "change" | "erase" as verb if rpl.optcd.purpose == "UPD":
                    if outcome(rpl.get).return_code == 0 and verb == "erase":
                        rpl.erase()
                        del expected[key]
                    elif rpl.outcome.return_code == 0:
                        expected[key] = keyed(key, b"x" * (number % 80))
                        rpl.put(expected[key])
                case "endreq":
                    rpl.endreq()
        assert list(acb.cluster.browse()) == [expected[key] for key in sorted(expected)]
        assert acb.cluster.verify() == []


@pytest.mark.parametrize("order", ["SEQ", "DIR"])
def test_put_gives_reason_16_when_the_sequence_set_record_is_too_small(order):
    """Pairs of keys alike up to the last character leave few entries room: a new control area before this is full."""
    data_set = key_sequenced(key_length=100, maximum_record=400, cis_per_ca=60)
    with data_set.acb("KEY,SEQ,OUT") as acb:
        acb.rpl("KEY,SEQ").put(bytes(400))
    codes = []
    with data_set.acb() as acb:
        rpl = acb.rpl(f"KEY,{order}")
        for pair in range(8):
            for end in (b"1", b"2"):
                rpl.put(bytes([65 + pair]) * 99 + end + bytes(300))
                codes.append(code(rpl.outcome))
        assert acb.cluster.statistics.records == 17
    assert {(0, 0), (0, 16)} <= set(codes) <= {(0, 0), (0, 4), (0, 16)}
