"""Index records: a real one decoded and rebuilt byte for byte, key compression, and bytes that nobody should trust."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import Damaged
from ksds.layout.index_record import (
    HEADER,
    IndexRecord,
    decode,
    encode,
    entry_bytes,
    pointer_bytes_for,
    rear_compressed,
    section_lengths,
    whole_sections,
)

# Fixture F1: a complete sequence-set record of a real catalog-like data set, key length 22, index CISIZE 1024.
F1_HEADER = "03F9030100000000 0000000000000000 0100002402530263 2C2B2A2928272625 24232221"
F1_ENTRIES = """
0000140010E7E8E9D3C9E2E34000001D000B20E6C5C24040000000000FA0C4C6C8E6C2C1C8031206E3C5D9D4
4000000000123AD3F2D4F4030F04E2C903020BD7C9D7C540000000000FA0C4C6C8D7C9E2D5F1031305D4D84040400000
00001388C3D2C4D3030F03D3C9E2E340000031030802C9E2C34040000000000FA0C4C6C8C3D9E24003120EC5C4C64040
000000001318030B01C4C3E3C740000000001770C3D1030D13F7000000001388C3E6C2F6070B12F3000000001388C3E2
D7D8070B11D6D4D7F2000000000005040A07C3D3030208C1C4C5E3400000000000030A0FE6C5C240000000000FA0C4C6
C8F0E6C2C804110DD7C6D3C1000000001388D7C1040C0AC6C9D3C10000000003040909C4C2F240000000000FA0C4E2D5
F8C3D7F704110CC3D5E2D30000000011040910C2D4E2D7000000001388D7D7D2040D15C4C6C85BC1C3C3E30000000003
20000E1DE9D111021CE8C8D113031BE4C5C3C511041AE3C8120219C6C9C5E8120418C5C4C35BC5C6C5D10E08177CC611
0216E45BC5E7C5D110061EE3C1C212031FC3C5C54040404040000000000FA0C3C5C5E2C5C1E3C8001600
"""
F1_DECODED = """
00:0/22 1F:18/3 1E:16/6 16:17/2 17:14/8 18:18/4 19:18/2 1A:17/4 1B:19/3 1C:17/2 1D:0/14 15:4/13 10:4/9 0C:4/17 09:4/9
0A:4/12 0D:4/17 0F:3/10 08:3/2 07:4/10 11:7/11 12:7/11 13:3/13 01:3/11 0E:3/18 02:3/8 03:3/15 05:3/19 0B:3/2 04:3/15
06:3/18 20:0/11 14:0/0
"""
KEY_LENGTH = 22

# Worked example A: the lowest section of a record in a CI of 1536, key length 22; characters and F L P, lowest first.
EXAMPLE_A = """
C3C5C54040404040000000000FA0C3C5C5E2C4D3C7 001500
E2C1 120201
E45BC5C5 100402
C9C3C5 120303
F3C5C5 110304
C5C4C35BC5D2C5D2 0E0805
C6D3 120206
E2D3C6 120307
C3C5C54040404040000000000FA0C5C4C3E4C1C9C5 001508
"""


def f1() -> bytes:
    header, entries = bytes.fromhex(F1_HEADER), bytes.fromhex(F1_ENTRIES)
    assert len(entries) == 0x3F9 - 0x253
    return header.ljust(0x253, b"\0") + entries + bytes.fromhex("0003F9 03F90000")


def entries_of(*rows: str) -> bytes:
    return b"".join(bytes.fromhex(row) for row in reversed(rows))


@st.composite
def records(draw: st.DrawFn) -> tuple[IndexRecord, int]:
    """A record of ascending boundaries, each as rear compression would leave it, in sections of any sizes."""
    key_length = draw(st.integers(2, 24))
    keys = sorted(draw(st.sets(st.binary(min_size=key_length, max_size=key_length), min_size=1, max_size=60)))
    boundaries = [rear_compressed(key, following) for key, following in pairwise(keys)]
    boundaries.append(draw(st.sampled_from((b"", keys[-1]))) if boundaries else b"")
    numbers = draw(st.permutations(range(len(boundaries) + 12)))
    sections: list[int] = []
    while sum(sections) < len(boundaries):
        sections.append(draw(st.integers(1, len(boundaries) - sum(sections))))
    record = IndexRecord(
        level=draw(st.integers(1, 3)),
        base_rba=draw(st.integers(0, 2**32 - 1)),
        next_rba=draw(st.integers(0, 2**32 - 1)),
        pointer_bytes=draw(st.integers(1, 3)),
        entries=list(zip(boundaries, numbers, strict=False)),
        free=sorted(numbers[len(boundaries) :], reverse=True),
        sections=sections,
    )
    return record, key_length


class TestGoldenFacts:
    def test_golden_08_tail_of_an_index_ci_and_the_pointer_masks(self):
        for width, mask in ((1, 1), (2, 3), (3, 7)):
            ci = encode(IndexRecord(2, 0, 0, width, [(b"", 0)]), 1024, 8)
            assert len(ci) == 1024
            assert ci[:2] == bytes.fromhex("03F9")
            assert ci[-7:] == bytes.fromhex("0003F9 03F9 0000")
            assert (ci[2], ci[3]) == (width + 2, mask)

    def test_golden_09_header_of_f1(self):
        header = HEADER.parse(f1())
        assert (header.record_length, header.control_length, header.pointer_mask) == (1017, 3, 1)
        assert (header.base_rba, header.next_rba, header.level) == (0, 0, 1)
        assert (header.unused_offset, header.highest_offset, header.section_offset) == (36, 595, 611)
        assert decode(f1(), KEY_LENGTH).free == list(range(0x2C, 0x20, -1))

    def test_golden_10_f1_has_33_ascending_boundaries(self):
        record = decode(f1(), KEY_LENGTH)
        filled = [boundary.ljust(KEY_LENGTH, b"\xff") for boundary, _ in record.entries]
        assert all(one < other for one, other in pairwise(filled))
        assert sorted(pointer for _, pointer in record.entries) == list(range(33))
        assert record.entries[-1] == (b"", 0x14)
        assert record.sections == [32, 1]
        expected = [
            tuple(int(n, base) for n, base in zip(row.replace(":", "/").split("/"), (16, 10, 10), strict=True))
            for row in F1_DECODED.split()
        ]
        assert [(p, f + n) for p, f, n in expected] == [(p, len(b)) for b, p in record.entries]

    def test_golden_11_f1_is_rebuilt_byte_for_byte(self):
        assert encode(decode(f1(), KEY_LENGTH), 1024, KEY_LENGTH) == f1()

    def test_golden_12_example_a_and_the_second_real_header(self):
        stored = entries_of(*EXAMPLE_A.split("\n"))
        lowest_section = decode(in_record(stored, key_length=22, ci_size=1536), 22)
        boundaries = [boundary for boundary, _ in lowest_section.entries]
        first = bytes.fromhex("C3C5C54040404040000000000FA0C3C5C5E2C4D3C7")
        assert boundaries[0] == first
        assert boundaries[1] == first[:18] + bytes.fromhex("E2C1")
        assert len(boundaries[5]) == 22
        assert boundaries[8] == bytes.fromhex("C3C5C54040404040000000000FA0C5C4C3E4C1C9C5")
        # The section's highest F byte is at 5B0, the next section's X'0072' bytes below it, at 53E.
        higher = [(bytes((0xC4, n)) + bytes(6 + (n > 1)), 8 + n) for n in range(1, 9)]  # eight of 8 + 3 bytes
        higher.append((bytes.fromhex("C4C6C85B") + bytes(17), 17))
        grown = IndexRecord(1, 0, 0, 1, [*lowest_section.entries, *higher], [], [9, 9])
        ci = encode(grown, 1536, 22)
        header = HEADER.parse(ci)
        assert header.section_offset == 0x5B0
        assert int.from_bytes(ci[0x599:0x59B], "big") == 0x72
        assert header.highest_offset == 0x53E
        second = HEADER.parse(bytes.fromhex("03F9 03 01 0003C000 00000000 00000000 01 00 0030 035B 03DB"))
        assert second.base_rba == 245760 == 60 * 4096
        assert second.unused_offset - 24 == 24

    def test_golden_13_12356_after_12345_drops_three_characters(self):
        ci = encode(IndexRecord(1, 0, 0, 1, [(b"12345", 0), (b"12356", 1), (b"", 2)], [], [3]), 512, 5)
        assert b"56" + bytes((3, 2, 1)) + b"12345" + bytes((0, 5, 0)) in ci
        assert entry_bytes(b"12345", b"12356", 1) == 2 + 2 + 1

    def test_golden_14_used_and_free_are_the_cis_of_the_control_area(self):
        record = decode(f1(), KEY_LENGTH)
        assert len(record.entries) + len(record.free) == 45


class TestCompression:
    def test_example_b_two_byte_pointers(self):
        entries = [(b"\xc1\xc4\xc5", 0), (b"\xc1\xc6", 1), (b"\xc1\xd3\xc2", 2), (b"", 3)]
        ci = encode(IndexRecord(1, 0, 0, 2, entries, [], [4]), 12288, 22)
        stored = "D3C2 01020002 C6 01010001 C1C4C5 00030000 002FF9 2FF90000"
        assert ci.endswith(bytes.fromhex(stored))

    def test_rear_compression_keeps_the_first_differing_character(self):
        assert rear_compressed(b"12345", b"12356") == b"1234"
        assert rear_compressed(b"A\x00", b"B\x00") == b"A"

    def test_the_highest_entry_of_a_section_looks_at_the_highest_of_the_section_before(self):
        entries = [(b"AA", 0), (b"ABC1", 1), (b"ABC2", 2), (b"ABD", 3), (b"", 4)]
        ci = encode(IndexRecord(1, 0, 0, 1, entries, [], [2, 2, 1]), 512, 4)
        stored = "0000 000004 0006 44020103 32030102 000D 41424331000401 4141000200"
        assert ci[:505].endswith(bytes.fromhex(stored))
        assert decode(ci, 4).entries == entries

    def test_a_boundary_may_be_the_beginning_of_the_one_before(self):
        """Stored with L = 0: the fill makes it the higher of the two."""
        entries = [(b"ABCD", 0), (b"AB", 1), (b"", 2)]
        assert decode(encode(IndexRecord(1, 0, 0, 1, entries, [], [3]), 512, 4), 4).entries == entries
        assert entry_bytes(b"ABCD", b"AB", 1) == 3

    def test_sections_are_the_square_root_of_all_cis(self):
        assert section_lengths(27, 63) == [9, 9, 9]
        assert section_lengths(66, 429) == [22, 22, 22]
        assert section_lengths(10, 0) == [3, 3, 3, 1]
        assert section_lengths(1, 0) == [1]

    @pytest.mark.parametrize(("cis", "width"), [(1, 1), (180, 1), (256, 1), (257, 2), (735, 2), (65537, 3)])
    def test_pointer_width_follows_the_size_of_a_control_area(self, cis: int, width: int):
        assert pointer_bytes_for(cis) == width

    @given(records())
    def test_what_is_encoded_is_decoded(self, case: tuple[IndexRecord, int]):
        record, key_length = case
        ci = encode(record, 4096, key_length)
        assert decode(ci, key_length) == record
        header = HEADER.parse(ci)
        assert HEADER.build(header) == ci[:24]
        assert (header.level, header.base_rba, header.next_rba) == (record.level, record.base_rba, record.next_rba)

    @given(records())
    def test_an_entry_takes_the_bytes_entry_bytes_says(self, case: tuple[IndexRecord, int]):
        record, key_length = case
        one_section = IndexRecord(1, 0, 0, record.pointer_bytes, record.entries, [], [len(record.entries)])
        ci = encode(one_section, 4096, key_length)
        boundaries = [b"", *(boundary for boundary, _ in record.entries)]
        lengths = [entry_bytes(one, other, record.pointer_bytes) for one, other in pairwise(boundaries)]
        highest = entry_bytes(b"", boundaries[-1], record.pointer_bytes)
        starts_at = HEADER.parse(ci).highest_offset - len(boundaries[-1])
        assert 4089 - starts_at == sum(lengths[:-1]) + highest


class TestRefusals:
    @pytest.mark.parametrize(
        ("record", "says"),
        [
            (IndexRecord(1, 0, 0, 1, []), "not .* sections"),
            (IndexRecord(1, 0, 0, 1, [(b"A", 0), (b"", 1)], [], [1]), "not .* sections"),
            (IndexRecord(1, 0, 0, 1, [(b"B", 0), (b"A", 1)]), "do not ascend"),
            (IndexRecord(2, 0, 0, 3, [(b"A", 0), (b"A", 1)]), "do not ascend"),
            (IndexRecord(1, 0, 0, 1, [(b"AAAAA", 0)]), "longer than 4"),
            (IndexRecord(1, 0, 0, 1, [(b"A", 256)]), "a pointer than 1"),
            (IndexRecord(1, 0, 0, 1, [(b"", 0)], list(range(250, 0, -1)) * 2), "bytes more than"),
        ],
    )
    def test_what_cannot_be_stored(self, record: IndexRecord, says: str):
        with pytest.raises(ValueError, match=says):
            encode(record, 512, 4)


class TestSpannedRecords:
    """Each segment has an entry; all have the record's boundary, and the first one of a section carries it."""

    ENTRIES = ((b"AB", 3), (b"C1", 0), (b"C1", 7), (b"C1", 2), (b"", 5), (b"", 6))

    def test_segments_after_the_first_repeat_its_boundary(self):
        ci = encode(IndexRecord(1, 0, 0, 1, list(self.ENTRIES), [4, 1], [4, 2]), 512, 4)
        high_section = self.entry(b"", 0, 6) + self.entry(b"", 0, 5)
        low_section = (
            self.entry(b"C1", 0, 2) + self.entry(b"", 2, 7) + self.entry(b"C1", 0, 0) + self.entry(b"AB", 0, 3)
        )
        assert ci[:505].endswith(b"\0\0" + high_section + bytes.fromhex("000A") + low_section)
        assert decode(ci, 4).entries == list(self.ENTRIES)

    @staticmethod
    def entry(characters: bytes, front: int, pointer: int) -> bytes:
        return characters + bytes((front, len(characters), pointer))

    def test_a_section_holds_whole_records(self):
        boundaries = [boundary for boundary, _ in self.ENTRIES]
        assert whole_sections(boundaries, 3) == [4, 2]
        assert whole_sections([b"A"] * 9, 0) == [9]
        assert whole_sections([b"%02d" % number for number in range(90)], 0) == section_lengths(90, 0)

    def test_nothing_repeats_in_the_index_set(self):
        ci = bytearray(encode(IndexRecord(1, 0, 0, 3, list(self.ENTRIES)), 512, 4))
        ci[16] = 2
        with pytest.raises(Damaged, match="ascend"):
            decode(bytes(ci), 4)


class TestBytesNobodyShouldTrust:
    """Whatever the bytes are: a record that can be encoded again, or Damaged. It always ends."""

    @pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
    def test_any_byte_of_f1_flipped(self, flip: int):
        for at in range(1024):
            ci = bytearray(f1())
            ci[at] ^= flip
            judge(bytes(ci))

    @given(records(), st.integers(0, 2**32))
    def test_many_bytes_changed(self, case: tuple[IndexRecord, int], seed: int):
        record, key_length = case
        rng = random.Random(seed)
        ci = bytearray(encode(record, 2560, key_length))
        for _ in range(rng.randrange(1, 5)):
            ci[rng.choice((rng.randrange(24), rng.randrange(2560), 2552 - rng.randrange(300)))] = rng.randrange(256)
        judge(bytes(ci), key_length)

    @given(st.binary(max_size=600))
    def test_random_bytes(self, ci: bytes):
        judge(ci)

    def test_the_error_says_which_part_of_the_index(self):
        sequence_set = bytearray(f1())
        sequence_set[0x263] ^= 0xFF
        with pytest.raises(Damaged) as caught:
            decode(bytes(sequence_set), KEY_LENGTH)
        assert (caught.value.component, caught.value.feedback) == ("index", 12)
        with pytest.raises(Damaged) as caught:
            decode(bytes(1024), KEY_LENGTH)
        assert caught.value.feedback == 8

    def test_two_pointers_to_one_ci(self):
        ci = bytearray(encode(IndexRecord(1, 0, 0, 1, [(b"A", 0), (b"", 1)], [5], [2]), 512, 4))
        ci[24] = 1
        with pytest.raises(Damaged, match="same CI"):
            decode(bytes(ci), 4)


def in_record(stored: bytes, *, key_length: int, ci_size: int) -> bytes:
    """The stored entries as the only section of a record."""
    length = ci_size - 7
    highest = length - len(stored) + key_length - 1
    header = HEADER.build(
        {
            "record_length": length,
            "control_length": 3,
            "pointer_mask": 1,
            "base_rba": 0,
            "next_rba": 0,
            "reserved": 0,
            "level": 1,
            "flags": 0,
            "unused_offset": 24,
            "highest_offset": highest,
            "section_offset": highest,
        }
    )
    rdf_and_cidf = b"\0" + length.to_bytes(2, "big") * 2 + b"\0\0"
    return header + bytes(length - 24 - len(stored)) + stored + rdf_and_cidf


def judge(ci: bytes, key_length: int = KEY_LENGTH) -> None:
    try:
        record = decode(ci, key_length)
    except Damaged as error:
        assert error.component == "index"
        return
    assert decode(encode(record, 4096, key_length), key_length) == record
