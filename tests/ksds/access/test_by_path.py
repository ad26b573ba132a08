"""Requests through a path: GET in the order of alternate keys, reason 8, positions, updates."""

from __future__ import annotations

import pytest

from ksds.access.acb import Acb
from ksds.access.options import Macrf
from ksds.access.rpl import Rpl
from ksds.cluster.path import Path
from ksds.errors import (
    AddressedPath,
    EndOfData,
    InvalidErase,
    InvalidKeyLength,
    KeyChange,
    NoPosition,
    NotReadForUpdate,
    RecordNotFound,
)
from tests.ksds.cluster.test_upgrade import BY_NAME, UNIQUE, entries, keyed

PEOPLE = (b"09BB09", b"02AA02", b"03BB03", b"04CC04", b"01BB01")


@pytest.fixture(params=["keyed", "entries"])
def acb(request: pytest.FixtureRequest) -> Acb:
    """Records by bytes 2 and 3; those of BB arrived as 09, 03, 01. Record n of the ESDS is at RBA 6 n."""
    if request.param == "keyed":
        _, base = keyed(BY_NAME, UNIQUE)
        for person in PEOPLE:
            base.insert(person)
        path = Path("T.PATH", base, base.upgrades.indexes[0])
    else:
        over = entries()
        for person in PEOPLE:
            over.append(person)
        path = Path("T.PATH", over, over.upgrades.indexes[0])
    return Acb(path, Macrf.parse("KEY,SEQ,SKP,DIR,OUT"), strings=2)


def outcomes(acb: Acb, optcd: str, count: int, arg: bytes | None = None) -> list[tuple[bytes, int]]:
    """(record, reason) of so many GETs."""
    rpl = acb.rpl(optcd, arg=arg)
    found = []
    for _ in range(count):
        rpl.get()
        found.append((rpl.outcome.record, rpl.outcome.feedback))
    return found


def test_sequential_get_gives_reason_8_while_more_records_have_the_key(acb: Acb) -> None:
    assert outcomes(acb, "KEY,SEQ", 5) == [
        (b"02AA02", 0),
        (b"09BB09", 8),
        (b"03BB03", 8),
        (b"01BB01", 0),
        (b"04CC04", 0),
    ]


def test_the_end_and_what_is_not_there(acb: Acb) -> None:
    rpl = acb.rpl("KEY,SEQ")
    for _ in range(5):
        rpl.get()
    with pytest.raises(EndOfData):
        rpl.get()
    with pytest.raises(RecordNotFound):
        acb.rpl("KEY,DIR", arg=b"XX").get()
    with pytest.raises(InvalidKeyLength):
        acb.rpl("KEY,DIR", arg=b"BBB").get()


def test_direct_get_gives_the_first_to_arrive_and_nsp_goes_on_from_there(acb: Acb) -> None:
    rpl = acb.rpl("KEY,DIR,NSP", arg=b"BB")
    rpl.get()
    assert (rpl.outcome.record, rpl.outcome.feedback, rpl.outcome.identity) == (b"09BB09", 8, b"BB")
    rpl.modify("SEQ")
    assert [rpl.get() for _ in range(3)] == [b"03BB03", b"01BB01", b"04CC04"]


def test_generic_and_greater_keys(acb: Acb) -> None:
    assert acb.rpl("KEY,DIR,GEN,KEQ", arg=b"C", keylen=1).get() == b"04CC04"
    assert acb.rpl("KEY,DIR,KGE", arg=b"AB").get() == b"09BB09"
    with pytest.raises(RecordNotFound):
        acb.rpl("KEY,DIR,GEN,KEQ", arg=b"D", keylen=1).get()


def test_point_then_forward_and_backward(acb: Acb) -> None:
    forward = acb.rpl("KEY,SEQ", arg=b"BB")
    forward.point()
    assert [forward.get() for _ in range(4)] == [b"09BB09", b"03BB03", b"01BB01", b"04CC04"]
    backward = acb.rpl("KEY,SEQ,BWD,LRD")
    backward.point()
    assert [backward.get() for _ in range(5)] == [b"04CC04", b"09BB09", b"03BB03", b"01BB01", b"02AA02"]
    with pytest.raises(EndOfData):
        backward.get()
    backward.modify("FWD,ARD")
    with pytest.raises(NoPosition):
        backward.get()


def test_an_update_keeps_its_place_among_the_records_of_the_key(acb: Acb) -> None:
    rpl = acb.rpl("KEY,SEQ,UPD", arg=b"BB")
    rpl.point()
    rpl.get()
    rpl.put(b"09BBxx")
    rpl.get()
    with pytest.raises(KeyChange):
        rpl.put(b"03CC03")
    reader = acb.rpl("KEY,DIR", arg=b"BB")
    assert reader.get() == b"09BBxx"
    with pytest.raises(NotReadForUpdate):
        acb.rpl("KEY,DIR,UPD").put(b"04CC04")


def test_erase_goes_on_with_the_next_record_of_the_key(acb: Acb) -> None:
    rpl = acb.rpl("KEY,SEQ,UPD", arg=b"BB")
    rpl.point()
    rpl.get()
    rpl.get()
    if not isinstance(acb.cluster.base, type(keyed()[1])):  # type: ignore[union-attr]
        with pytest.raises(InvalidErase):
            rpl.erase()
        return
    rpl.erase()
    assert rpl.get() == b"01BB01"
    assert outcomes(acb, "KEY,SEQ", 4) == [(b"02AA02", 0), (b"09BB09", 8), (b"01BB01", 0), (b"04CC04", 0)]


@pytest.fixture
def two_strings() -> tuple[Rpl, Rpl]:
    """Of a path over a KSDS; one has read 09 and 03 and erased 03."""
    _, base = keyed(BY_NAME)
    for person in PEOPLE:
        base.insert(person)
    acb = Acb(Path("T.PATH", base, base.upgrades.indexes[0]), Macrf.parse("KEY,SEQ,DIR,OUT"), strings=2)
    one, other = (acb.rpl("KEY,SEQ,UPD", arg=b"BB") for _ in range(2))
    one.point()
    assert [one.get(), one.get()] == [b"09BB09", b"03BB03"]
    one.erase()
    return one, other


def test_a_string_behind_an_erased_record_misses_none_when_another_erases_one_before_it(
    two_strings: tuple[Rpl, Rpl],
) -> None:
    one, other = two_strings
    other.point()
    assert other.get() == b"09BB09"
    other.erase()
    assert [one.get(), one.get()] == [b"01BB01", b"04CC04"]


def test_nor_when_the_erased_record_comes_back_behind_the_others(two_strings: tuple[Rpl, Rpl]) -> None:
    one, other = two_strings
    other.modify("DIR,NUP")
    other.put(b"03BBnn")
    assert [one.get(), one.get(), one.get()] == [b"01BB01", b"03BBnn", b"04CC04"]


def test_an_insert_that_creates_a_duplicate_says_so(acb: Acb) -> None:
    rpl = acb.rpl("KEY,DIR")
    rpl.put(b"05CC05")
    assert rpl.outcome.feedback == 8
    rpl.put(b"06DD06")
    assert rpl.outcome.feedback == 0
    assert outcomes(acb, "KEY,SEQ", 7)[-3:] == [(b"04CC04", 8), (b"05CC05", 0), (b"06DD06", 0)]


def test_a_path_has_no_addresses(acb: Acb) -> None:
    for kind in ("ADR", "CNV"):
        acb.macrf = Macrf.parse(f"{kind},SEQ,DIR,IN")
        with pytest.raises(AddressedPath) as error:
            acb.rpl(f"{kind},SEQ").get()
        assert error.value.feedback == 200
