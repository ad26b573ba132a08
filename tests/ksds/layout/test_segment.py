"""Segments of spanned records: golden fact 7, two codecs held equal, segments that are not one record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import Damaged, InconsistentSpanned
from ksds.layout import segment
from ksds.layout.control_interval import SPANNING, build, decode, empty, parse

ci_sizes = st.sampled_from([512, 1024, 4096, 32768])


@st.composite
def spanned(draw: st.DrawFn) -> tuple[bytes, int, int]:
    """(record, CISIZE, update number) of a record too long for a CI."""
    size = draw(ci_sizes)
    length = draw(st.integers(size - 6, 5 * size))
    return bytes(at % 251 for at in range(length)), size, draw(st.integers(0, segment.UPDATES - 1))


class TestGoldenFacts:
    def test_golden_07_1306_bytes_in_512_byte_cis(self):
        """Segments of 502, 502 and 302 bytes, 200 free; two RDFs each (Using Data Sets, spanned RDFs)."""
        images = segment.build(bytes(range(256)) * 5 + bytes(26), 512, update=5)
        assert [image[-10:].hex(" ", 1).upper() for image in images] == [
            "18 00 05 50 01 F6 01 F6 00 00",
            "38 00 05 70 01 F6 01 F6 00 00",
            "28 00 05 60 01 2E 01 2E 00 C8",
        ]
        for image in images:
            decoded = decode(image)
            assert (len(decoded.rdfs), len(decoded.records)) == (2, 1), "no other record in the CI"
        assert [SPANNING[decode(image).rdfs[0].spanning] for image in images] == [
            "first segment",
            "intermediate segment",
            "last segment",
        ]

    def test_a_record_spans_only_if_it_must(self):
        assert [segment.count(length, 512) for length in (1, 505, 506, 1004, 1005, 1306)] == [1, 1, 2, 2, 3, 3]


class TestRecordsComeBack:
    @given(spanned())
    def test_what_was_built_is_read(self, case: tuple[bytes, int, int]):
        record, size, update = case
        images = segment.build(record, size, update)
        assert len(images) == segment.count(len(record), size)
        assert {len(image) for image in images} == {size}
        assert segment.join([segment.parse(image) for image in images]) == (record, update)

    @given(spanned())
    def test_both_codecs_see_the_same_segment(self, case: tuple[bytes, int, int]):
        for image in segment.build(*case):
            decoded, found = decode(image), segment.parse(image)
            assert found is not None
            assert decoded.records == [found.data]
            assert (decoded.rdfs[0].spanning << 4, decoded.rdfs[1].number) == (found.place, found.update)

    def test_update_numbers_begin_again_after_65535(self):
        assert segment.join(list(map(segment.parse, segment.build(bytes(600), 512, 65536)))) == (bytes(600), 0)

    @pytest.mark.parametrize("ci", [empty(512), bytes(512), build([b"A" * 100], 512), build([b"A" * 80] * 5, 512)])
    def test_other_cis_hold_no_segment(self, ci: bytes):
        assert segment.parse(ci) is None

    def test_whole_records_are_not_read_from_a_segment(self):
        with pytest.raises(Damaged):
            parse(segment.build(bytes(600), 512, 0)[0])


class TestNotOneRecord:
    def test_segments_of_two_states(self):
        old, new = (list(map(segment.parse, segment.build(bytes(1200), 512, update))) for update in (7, 8))
        with pytest.raises(InconsistentSpanned) as caught:
            segment.join([old[0], new[1], new[2]])
        assert caught.value.feedback == 140

    @pytest.mark.parametrize("places", [(0, 1), (0, 2, 1), (1, 2), (0, 0, 2), (2, 0)])
    def test_segments_out_of_order(self, places: tuple[int, ...]):
        segments = list(map(segment.parse, segment.build(bytes(1400), 512, 1)))
        with pytest.raises(InconsistentSpanned):
            segment.join([segments[place] for place in places])

    def test_something_else_in_a_segments_place(self):
        first, last = map(segment.parse, segment.build(bytes(600), 512, 1))
        with pytest.raises(InconsistentSpanned):
            segment.join([first, None, last])

    @pytest.mark.parametrize("tail", ["180005 500100 01F6 0000", "080005 5001F6 01F6 0000", "180005 5001F0 01F0 0006",
                                      "180005 7001F6 01F6 0000", "280005 60012E 012E 00C7"])  # fmt: skip
    def test_half_a_segment_is_damage(self, tail: str):
        with pytest.raises(Damaged):
            segment.parse(bytes(502) + bytes.fromhex(tail))

    @given(st.binary(min_size=512, max_size=512))
    def test_any_bytes(self, ci: bytes):
        try:
            found = segment.parse(ci)
        except Damaged:
            return
        if found is not None:
            assert decode(ci).records == [found.data]
