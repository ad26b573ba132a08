"""Chained RPLs, exits, CLOSE TYPE=T, GETIX and PUTIX, SHOWCB: what programs do around their requests.

Sources: z/OS DFSMS Using Data Sets, "Chaining Request Parameter Lists", "EODAD Exit Routine to Process End of Data",
"LERAD Exit Routine to Analyze Logical Errors", "Access to an Index with GETIX and PUTIX"; Macro Instructions for Data
Sets, CLOSE and SHOWCB.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from ksds.access.rpl import Exits, Rpl
from ksds.errors import OpenError, VsamError
from ksds.layout import index_record
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


def chained(*rpls: Rpl) -> Rpl:
    """The first of RPLs that lead from one to the next."""
    for rpl, following in pairwise(rpls):
        rpl.modify(nxtrpl=following)
    return rpls[0]


class TestChains:
    def test_one_get_reads_a_record_for_each_rpl_and_the_position_is_behind_the_last(self):
        with key_sequenced(range(9)).acb() as acb:
            head = chained(*(acb.rpl("KEY,SEQ") for _ in range(3)))
            for expected in ([0, 1, 2], [3, 4, 5]):
                assert key_of(head.get()) == expected[0]
                assert [key_of(rpl.outcome.record) for rpl in head.chain] == expected
            assert acb.active_strings == 1, "a chain is one request"
            rest = chained(head)
            rest.unchain()
            assert everything(rest) == [6, 7, 8]

    def test_each_rpl_has_its_own_argument(self):
        with key_sequenced(range(9)).acb() as acb:
            head = chained(*(acb.rpl("KEY,DIR", arg=b"%04d" % key) for key in (7, 2, 5)))
            head.get()
            assert [key_of(rpl.outcome.record) for rpl in head.chain] == [7, 2, 5]

    def test_one_put_stores_the_area_of_each_rpl(self):
        with key_sequenced(range(0, 9, 3)).acb() as acb:
            rpls = [acb.rpl("KEY,SEQ", area=keyed(key)) for key in (1, 2, 4)]
            chained(*rpls).put()
            rpls[0].endreq()
            rpl = acb.rpl("KEY,SEQ", arg=b"0000")
            rpl.point()
            assert everything(rpl) == [0, 1, 2, 3, 4, 6]

    def test_rpls_behind_the_one_in_error_are_not_processed(self):
        with key_sequenced(range(9)).acb() as acb:
            head = chained(*(acb.rpl("KEY,DIR", arg=b"%04d" % key) for key in (7, 99, 5)))
            with pytest.raises(VsamError) as caught:
                head.get()
            assert (caught.value.return_code, caught.value.feedback) == (8, 16)
            assert [code(rpl.outcome) for rpl in head.chain] == [(0, 0), (8, 16), (0, 0)]
            assert [len(rpl.outcome.record) for rpl in head.chain] == [20, 0, 0]

    @pytest.mark.parametrize(
        ("verb", "optcd", "expected"),
        [("get", "KEY,DIR,UPD", 104), ("get", "KEY,DIR,NUP,LOC", 84), ("erase", "KEY,DIR,UPD", 104)],
    )
    def test_a_chain_neither_updates_nor_locates(self, verb, optcd, expected):
        with key_sequenced(range(9)).acb() as acb:
            head = chained(*(acb.rpl(optcd, arg=b"0002") for _ in range(2)))
            assert code(outcome(getattr(head, verb))) == (8, expected)
            assert acb.active_strings == 0

    def test_a_chain_does_not_come_back_to_itself_nor_leave_its_acb(self):
        with key_sequenced(range(9)).acb("KEY,SEQ") as acb:
            one, two = acb.rpl(), acb.rpl()
            one.modify(nxtrpl=two)
            for following in (one, two):
                with pytest.raises(ValueError, match="chain"):
                    two.modify(nxtrpl=following)
        with key_sequenced(range(9)).acb("KEY,SEQ") as other, pytest.raises(ValueError, match="another ACB"):
            two.modify(nxtrpl=other.rpl())

    def test_an_asynchronous_chain_is_checked_at_its_head(self):
        with key_sequenced(range(9)).acb() as acb:
            head = chained(*(acb.rpl("KEY,SEQ,ASY") for _ in range(2)))
            head.get()
            with pytest.raises(OpenError) as caught:
                acb.close()
            assert caught.value.feedback == 185
            assert key_of(head.check()) == 0
            assert [key_of(rpl.outcome.record) for rpl in head.chain] == [0, 1]


class TestExits:
    def taken(self, macro, *operands) -> str:
        return outcome(macro, *operands).exit

    def test_each_kind_of_error_has_its_exit_and_the_request_fails_as_ever(self):
        seen: list[tuple[str, int]] = []
        exits = Exits(
            eodad=lambda rpl: seen.append(("EODAD", rpl.outcome.feedback)),
            lerad=lambda rpl: seen.append(("LERAD", rpl.outcome.feedback)),
        )
        with key_sequenced(range(2)).acb(exits=exits) as acb:
            rpl = acb.rpl("KEY,SEQ")
            everything(rpl)
            assert rpl.outcome.exit == "EODAD"
            assert self.taken(rpl.get) == "LERAD", "EODAD returned, and another GET is issued"
            rpl.modify("DIR", arg=b"9999")
            assert self.taken(rpl.get) == "LERAD"
            rpl.modify("KGE")
            assert self.taken(rpl.get) == "LERAD", "EODAD is for access in sequence"
        assert seen == [("EODAD", 4), ("LERAD", 4), ("LERAD", 16), ("LERAD", 4)]

    def test_end_of_data_goes_to_lerad_where_there_is_no_eodad(self):
        with key_sequenced(range(2)).acb(exits=Exits(lerad=lambda rpl: None)) as acb:
            rpl = acb.rpl("KEY,SEQ")
            everything(rpl)
            assert rpl.outcome.exit == "LERAD"

    def test_a_physical_error_goes_to_synad(self):
        data_set = key_sequenced(range(200))
        data_set.folder.open("T.data").write(512, bytes(512))
        with data_set.acb("KEY,SEQ", exits=Exits(synad=lambda rpl: None)) as acb:
            rpl = acb.rpl("KEY,SEQ")
            while not rpl.outcome.return_code:
                outcome(rpl.get)
            assert (code(rpl.outcome), rpl.outcome.exit) == ((12, 4), "SYNAD")

    def test_an_exit_need_not_come_back(self):
        class Restarted(Exception):
            pass

        def restart(rpl: Rpl) -> None:
            raise Restarted(rpl.name)

        with key_sequenced(range(2)).acb(exits=Exits(lerad=restart)) as acb, pytest.raises(Restarted, match="MINE"):
            acb.rpl("KEY,DIR", arg=b"9999", name="MINE").get()

    def test_of_an_asynchronous_request_it_is_taken_by_check(self):
        with key_sequenced(range(2)).acb(exits=Exits(lerad=lambda rpl: None)) as acb:
            rpl = acb.rpl("KEY,DIR,ASY", arg=b"9999")
            rpl.get()
            assert rpl.outcome.exit == ""
            with pytest.raises(VsamError):
                rpl.check()
            assert rpl.outcome.exit == "LERAD"

    def test_without_exits_none_is_taken(self):
        with key_sequenced(range(2)).acb() as acb:
            assert self.taken(acb.rpl("KEY,DIR", arg=b"9999").get) == ""


class TestTemporaryClose:
    def test_what_was_put_survives_and_requests_go_on_where_they_stood(self):
        data_set = key_sequenced(range(5))
        with data_set.acb() as acb:
            reader, writer = acb.rpl("KEY,SEQ"), acb.rpl("KEY,SEQ", name="W")
            reader.get()
            reader.endreq()
            writer.put(keyed(7))
            acb.close_temporarily()
            left = as_a_crash_leaves_it(data_set)
            assert [key_of(record) for record in left.browse()] == [0, 1, 2, 3, 4, 7]
            writer.put(keyed(8))

    def test_load_mode_lasts(self):
        with key_sequenced().acb() as acb:
            rpl = acb.rpl("KEY,SEQ")
            rpl.put(keyed(1))
            acb.close_temporarily()
            assert acb.loading and code(outcome(rpl.get)) == (8, 116)
            rpl.put(keyed(2))

    def test_not_of_a_closed_acb_nor_while_a_request_runs(self):
        acb = key_sequenced(range(5)).acb()
        rpl = acb.rpl("KEY,SEQ,ASY")
        rpl.get()
        for expected in (185, 4):
            with pytest.raises(OpenError) as caught:
                acb.close_temporarily()
            assert caught.value.feedback == expected
            if expected == 185:
                rpl.check()
                acb.close()


class TestIndexIntervals:
    def test_the_index_is_read_by_rba_record_by_record(self):
        with key_sequenced(range(300)).acb() as acb:
            rpl = acb.rpl("CNV,DIR", arg=0)
            levels = set()
            while True:
                left = outcome(rpl.getix)
                if left.return_code:
                    break
                levels.add(index_record.decode(left.record, 4).level)
                rpl.modify(arg=rpl.argument + 512)
            assert code(left) == (8, 32)
            assert levels == {1, 2}

    @pytest.mark.parametrize(("optcd", "strings"), [("NUP", 0), ("NSP", 0), ("LOC", 1), ("UPD", 1), ("UPD,LOC", 1)])
    def test_what_getix_keeps(self, optcd, strings):
        with key_sequenced(range(9)).acb() as acb:
            acb.rpl(f"CNV,DIR,{optcd}", arg=0).getix()
            assert acb.active_strings == strings

    @pytest.mark.parametrize("data_set", [entry_sequenced(3), relative([1]), linear(1)], ids=str)
    def test_there_is_no_index(self, data_set):
        with data_set.acb() as acb:
            assert code(outcome(acb.rpl("CNV,DIR", arg=0).getix)) == (8, 72)

    def test_a_vrrds_has_one(self):
        with variable(range(1, 9)).acb() as acb:
            assert index_record.decode(acb.rpl("CNV,DIR", arg=0).getix(), 4).level == 1

    @pytest.mark.parametrize(
        ("verb", "optcd", "arealen", "expected"),
        [
            ("getix", "KEY,DIR", None, 104),
            ("getix", "CNV,SEQ", None, 104),
            ("getix", "CNV,DIR", 511, 44),
            ("putix", "CNV,DIR,UPD", None, 92),
            ("putix", "CNV,DIR,NUP", None, 104),
            ("putix", "CNV,DIR,UPD,LOC", None, 84),
        ],
    )
    def test_what_they_cannot_do(self, verb, optcd, arealen, expected):
        with key_sequenced(range(9)).acb() as acb:
            rpl = acb.rpl(optcd, arg=0, arealen=arealen)
            operands = [bytes(512)] if verb == "putix" else []
            assert code(outcome(getattr(rpl, verb), *operands)) == (8, expected)

    def test_only_with_cnv_in_macrf_and_output_for_update(self):
        data_set = key_sequenced(range(9))
        with data_set.acb("KEY,DIR,OUT") as acb:
            assert code(outcome(acb.rpl("CNV,DIR", arg=0).getix)) == (8, 68)
        with data_set.acb("CNV,DIR,IN") as acb:
            assert code(outcome(acb.rpl("CNV,DIR,UPD", arg=0).getix)) == (8, 68)

    def test_putix_takes_the_record_that_was_read_and_no_other(self):
        data_set = key_sequenced(range(300))
        with data_set.acb(strings=2) as acb:
            rpl, other = acb.rpl("CNV,DIR,UPD", arg=0), acb.rpl("CNV,DIR,UPD", arg=0)
            image = rpl.getix()
            assert code(outcome(other.getix)) == (8, 20)
            assert code(outcome(rpl.putix, bytes(512))) == (8, 156)
            assert code(outcome(rpl.putix, image[:24] + image[25:] + b"\0")) == (8, 156)
            assert code(outcome(rpl.put, image)) == (8, 92), "what PUT stores must come from GET"
            rpl.putix(image)
            assert len(other.getix()) == 512
        with data_set.acb() as acb:
            assert everything(acb.rpl("KEY,SEQ")) == [*range(300)]


class TestLocateMode:
    def test_the_area_holds_an_address_of_four_bytes(self):
        with key_sequenced(range(9)).acb() as acb:
            rpl = acb.rpl("KEY,DIR,LOC", arg=b"0003", arealen=4)
            assert key_of(rpl.get()) == 3
            rpl.modify(arealen=3)
            assert code(outcome(rpl.get)) == (8, 44)


class TestShowing:
    def test_fields_of_an_acb(self):
        with key_sequenced(range(300)).acb(f"{ALL},OUT", strings=3) as acb:
            one, two = acb.rpl("KEY,SEQ"), acb.rpl("KEY,SEQ")
            one.get(), two.get()
            two.endreq()
            shown = acb.showcb("NLOGR", "NRETR", "KEYLEN", "RKP", "LRECL", "CINV", "STRNO", "STRMAX")
            assert shown == {
                "NLOGR": 300, "NRETR": 2, "KEYLEN": 4, "RKP": 0, "LRECL": 100, "CINV": 512, "STRNO": 3, "STRMAX": 2,
            }  # fmt: skip
            index = acb.showcb("CINV", "LRECL", "NIXL", "ENDRBA", object="INDEX")
            statistics = acb.cluster.statistics
            assert index == {
                "CINV": 512, "LRECL": 505, "NIXL": statistics.levels, "ENDRBA": statistics.index_high_used_rba,
            }  # fmt: skip

    def test_fields_of_an_rpl(self):
        with key_sequenced(range(9)).acb() as acb:
            rpl = acb.rpl("KEY,DIR", arg=b"0003", arealen=100)
            rpl.get()
            assert rpl.showcb("FDBK", "FTNCD", "RBA", "RECLEN", "AREALEN", "KEYLEN") == {
                "FDBK": 0, "FTNCD": 0, "RBA": 60, "RECLEN": 20, "AREALEN": 100, "KEYLEN": 0,
            }  # fmt: skip

    def test_a_field_that_there_is_not(self):
        with key_sequenced(range(9)).acb() as acb:
            for show in (acb.showcb, acb.rpl().showcb):
                with pytest.raises(ValueError, match="NONSENSE"):
                    show("NONSENSE")
