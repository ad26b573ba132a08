"""Control intervals: golden facts about RDFs and CIDF, two codecs held equal, bytes that nobody should trust."""

from __future__ import annotations

import random
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import Damaged
from ksds.layout import control_interval
from ksds.layout.control_interval import CIDF, RDF, build, control_bytes, decode, empty, parse, parse_keyed

CI_SIZES = (512, 1024, 4096, 8192)


def of_lengths(*lengths: int) -> list[bytes]:
    return [bytes([number % 255 + 1]) * length for number, length in enumerate(lengths)]


def tail(ci: bytes, expected: str) -> str:
    """As many bytes from the end as `expected` shows, written the same way."""
    return ci[-len(bytes.fromhex(expected)) :].hex(" ").upper()


def spaced(text: str) -> str:
    return bytes.fromhex(text).hex(" ").upper()


@st.composite
def filled(draw: st.DrawFn) -> tuple[int, list[bytes]]:
    """A CI size and records that fit: some runs of one length, some lengths alone."""
    size = draw(st.sampled_from(CI_SIZES))
    lengths: list[int] = []
    runs = st.tuples(st.integers(1, 400), st.sampled_from((1, 1, 1, 2, 3, 40)))
    for length, many in draw(st.lists(runs, max_size=40)):
        more = lengths + [length] * many
        if sum(more) + control_bytes(more) <= size:
            lengths = more
    rng = random.Random(draw(st.integers(0, 2**32)))
    return size, [rng.randbytes(length) for length in lengths]


class TestGoldenFacts:
    def test_golden_01_empty_seof_and_busy(self):
        assert tail(empty(512), "000001FC") == "00 00 01 FC"
        assert decode(empty(512)).is_seof is False
        assert decode(bytes(512)).is_seof is True
        assert parse(empty(512)) == parse(bytes(512)) == []
        busy = bytearray(build(of_lengths(100), 512))
        busy[-2] |= 0x80
        assert decode(bytes(busy)).busy is True
        assert decode(bytes(busy)).free_length == 405
        assert parse(bytes(busy)) == of_lengths(100)

    def test_golden_02_five_records_of_80_share_one_pair_of_rdfs(self):
        expected = "080005 400050 0190 0066"
        assert tail(build(of_lengths(80, 80, 80, 80, 80), 512), expected) == spaced(expected)

    def test_golden_03_one_record_and_a_run_before_different_lengths(self):
        expected = "000064 0064 0195"
        assert tail(build(of_lengths(100), 512), expected) == spaced(expected)
        expected = "000032 00003C 080002 400032 00D2 011E"
        assert tail(build(of_lengths(50, 50, 60, 50), 512), expected) == spaced(expected)

    def test_golden_04_the_largest_record_is_cisize_less_7(self):
        expected = "0001F9 01F9 0000"
        assert tail(build(of_lengths(505), 512), expected) == spaced(expected)
        with pytest.raises(ValueError, match="must fit in a CI of 512"):
            build(of_lengths(506), 512)

    def test_golden_06_how_many_200_byte_records_a_10_percent_freespace_leaves(self):
        reserve = 4096 * 10 // 100
        fitting = [n for n in range(1, 30) if 200 * n + control_bytes([200] * n) <= 4096 - reserve]
        assert max(fitting) == 18
        expected = "080012 4000C8 0E10 01E6"
        assert tail(build(of_lengths(*[200] * 18), 4096), expected) == spaced(expected)
        assert 4096 * 20 // 100 == 819

    def test_a_ci_filled_without_free_space(self):
        expected = "080033 400050 0FF0 0006"
        assert tail(build(of_lengths(*[80] * 51), 4096), expected) == spaced(expected)

    def test_spanned_segments_are_shown_but_are_not_records(self):
        """The middle third of IBM's 1306-byte example: 502 bytes, update number 7."""
        ci = bytes(502) + bytes.fromhex("380007 7001F6 01F6 0000")
        seen = decode(ci)
        assert [len(piece) for piece in seen.records] == [502]
        assert control_interval.SPANNING[seen.rdfs[0].spanning] == "intermediate segment"
        assert (seen.rdfs[1].is_count, seen.rdfs[1].number) == (True, 7)
        with pytest.raises(Damaged, match="whole records"):
            parse(ci)


class TestRecordsComeBack:
    @given(filled())
    def test_both_codecs_read_what_was_built(self, case: tuple[int, list[bytes]]):
        size, records = case
        ci = build(records, size)
        assert len(ci) == size
        assert parse(ci) == decode(ci).records == records

    @given(filled())
    def test_control_bytes_is_exactly_what_build_uses(self, case: tuple[int, list[bytes]]):
        size, records = case
        lengths = [len(record) for record in records]
        seen = decode(build(records, size))
        assert seen.free_length == size - sum(lengths) - control_bytes(lengths)
        assert 4 + 3 * len(seen.rdfs) == control_bytes(lengths) <= 4 + 3 * len(lengths)

    @given(filled())
    def test_the_declared_fields_build_the_same_rdfs(self, case: tuple[int, list[bytes]]):
        size, records = case
        fields = b""
        for length, run in groupby(records, len):
            many = len(list(run))
            fields = rdf(length, paired=many > 1) + fields
            fields = (rdf(many, is_count=True) if many > 1 else b"") + fields
        used = sum(map(len, records))
        free = size - 4 - len(fields) - used
        declared = fields + CIDF.build({"free_offset": used, "free_length": free})
        assert build(records, size)[used + free :] == declared

    @given(st.sets(st.binary(min_size=4, max_size=4), max_size=30), st.integers(0, 2**32))
    def test_keyed_reading_keeps_the_order(self, keys: set[bytes], seed: int):
        rng = random.Random(seed)
        records = [b"PRE" + key + rng.randbytes(rng.randrange(90)) for key in sorted(keys)]
        keyed = parse_keyed(build(records, 4096), 3, 7)
        assert list(keyed) == sorted(keys)
        assert list(keyed.values()) == records

    def test_a_large_ci_of_many_short_records(self):
        records = [bytes([65 + n % 2]) * (1 + n % 2) for n in range(3000)]
        assert parse(build(records, 32768)) == records

    def test_an_empty_record_is_refused(self):
        with pytest.raises(ValueError, match="none empty"):
            build([b"A", b""], 512)


class TestSlots:
    def test_every_ci_has_the_same_slots_and_one_rdf_each(self):
        assert control_interval.slots_per_ci(500, 1536) == 3
        slots = [b"\xc1" * 500, None, b"\xc2" * 500]
        ci = control_interval.build_slots(slots, 500, 1536)
        expected = "0001F4 0401F4 0001F4 05DC 0017"
        assert tail(ci, expected) == spaced(expected)
        assert control_interval.parse_slots(ci, 500) == slots
        assert [field.is_empty_slot for field in decode(ci).rdfs] == [False, True, False]

    def test_seof_has_no_slots_and_an_empty_ci_does_not_belong_in_an_rrds(self):
        assert control_interval.parse_slots(bytes(512), 80) == []
        with pytest.raises(Damaged, match="6 slots of 80"):
            control_interval.parse_slots(empty(512), 80)

    @given(st.lists(st.one_of(st.none(), st.binary(min_size=80, max_size=80)), min_size=6, max_size=6))
    def test_slots_come_back(self, slots: list[bytes | None]):
        ci = control_interval.build_slots(slots, 80, 512)
        assert control_interval.parse_slots(ci, 80) == slots
        assert [b"" if slot is None else slot for slot in slots] == [
            b"" if field.is_empty_slot else piece
            for field, piece in zip(decode(ci).rdfs, decode(ci).records, strict=True)
        ]

    def test_wrong_slots_are_refused(self):
        with pytest.raises(ValueError, match="holds 6 slots"):
            control_interval.build_slots([None] * 5, 80, 512)
        with pytest.raises(ValueError, match="holds 6 slots"):
            control_interval.build_slots([b"short", *[None] * 5], 80, 512)


class TestBytesNobodyShouldTrust:
    """Whatever the bytes are: records, or Damaged. Never another exception, never two answers."""

    @given(filled(), st.data())
    def test_any_flipped_byte(self, case: tuple[int, list[bytes]], data: st.DataObject):
        size, records = case
        ci = bytearray(build(records, size))
        from_end = data.draw(st.integers(1, 4 + 3 * len(records) + 3))
        ci[-from_end] ^= data.draw(st.integers(1, 255))
        judge(bytes(ci))

    @given(st.binary(max_size=600))
    def test_random_bytes(self, ci: bytes):
        judge(ci)

    @given(st.binary(max_size=40))
    def test_random_control_fields_under_a_sound_cidf(self, fields: bytes):
        fields = fields[: len(fields) // 3 * 3]
        judge(bytes(200) + fields + CIDF.build({"free_offset": 200, "free_length": 0}))

    @pytest.mark.parametrize(
        "fields",
        [
            "000001 0001 01F7",
            "08FFFF 400001 0064 0192",
            "080001 400064 0064 0192",
            "400064 0064 0195",
            "000000 000064 0064 0192",
        ],
        ids=["gap between data and CIDF", "run beyond the data", "run of one", "pair without partner", "empty record"],
    )
    def test_contradictions_are_named(self, fields: str):
        control = bytes.fromhex(fields)
        with pytest.raises(Damaged) as caught:
            parse(b"\x01" * (512 - len(control)) + control)
        assert (caught.value.return_code, caught.value.feedback, caught.value.component) == (12, 4, "data")

    def test_records_too_short_for_their_key(self):
        with pytest.raises(Damaged, match="cannot hold the key"):
            parse_keyed(build([b"LONGKEY1", b"SHORT"], 512), 0, 8)

    def test_the_same_key_twice(self):
        with pytest.raises(Damaged, match="same key"):
            parse_keyed(build([b"KEY1A", b"KEY1B"], 512), 0, 4)


def rdf(number: int, *, paired: bool = False, is_count: bool = False) -> bytes:
    control = {
        "reserved_high": False,
        "paired": paired,
        "spanning": 0,
        "is_count": is_count,
        "is_empty_slot": False,
        "reserved_low": 0,
    }
    return bytes(RDF.build({"control": control, "number": number}))


def judge(ci: bytes) -> None:
    try:
        seen = decode(ci)
    except Damaged:
        seen = None
    plain = seen is not None and not any(field.spanning or field.is_empty_slot for field in seen.rdfs)
    try:
        records = parse(ci)
    except Damaged:
        assert not plain, "parse refuses what decode finds sound"
    else:
        assert seen is not None and plain and records == seen.records, "parse accepts what decode does not"
    for hostile_reader in (lambda: parse_keyed(ci, 2, 6), lambda: control_interval.parse_slots(ci, 20)):
        try:
            hostile_reader()
        except Damaged:
            continue
