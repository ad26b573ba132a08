"""Journal, checksum and state layouts: what `struct` does on the hot path is what `construct` declares."""

from __future__ import annotations

from array import array
from dataclasses import asdict, astuple

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.errors import Damaged
from ksds.layout import (
    checksum_page,
    cluster_state,
    control_interval,
    index_edit,
    journal_group,
    record_edit,
    sphere_state,
)
from ksds.layout.index_record import IndexRecord, decode, encode

u16, u32, u64 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)

headers = st.builds(
    journal_group.JournalHeader, salt=u32, epoch=u64, sequence=u64, sphere=st.binary(min_size=16, max_size=16),
    state=st.binary(max_size=200) | st.integers(4000, 0xFFFF - 60).map(bytes),
)  # fmt: skip
states = st.builds(cluster_state.ClusterState, u32, u16, u16, *[u64] * 9)
components = st.builds(sphere_state.Component, u32, u32, u32, u32)
spheres = st.builds(sphere_state.Sphere, st.lists(components, max_size=4), st.binary(max_size=100))


@st.composite
def groups(draw: st.DrawFn) -> journal_group.GroupHeader:
    entries, state_length = draw(st.integers(0, 1000)), draw(u16)
    least = state_length + entries * journal_group.ENTRY_BYTES
    length = least + draw(st.integers(0, 2**40))
    return journal_group.GroupHeader(
        draw(u32), draw(u64), draw(u64), length, entries, state_length, draw(st.booleans()), draw(u32)
    )


class TestJournal:
    @given(headers)
    def test_header_is_as_declared(self, header: journal_group.JournalHeader) -> None:
        raw = journal_group.build_header(header)
        declared = journal_group.JOURNAL_HEADER.parse(raw)
        assert len(raw) == journal_group.header_bytes(len(header.state))
        assert (declared.version, declared.state_length) == (journal_group.FORMAT_VERSION, len(header.state))
        assert (declared.salt, declared.epoch, declared.sequence) == (header.salt, header.epoch, header.sequence)
        assert declared.sphere == header.sphere
        size = journal_group.JOURNAL_HEADER.sizeof()
        assert raw[size : size + len(header.state)] == header.state
        assert declared.crc == google_crc32c.value(raw[: size - 4] + bytes(4) + raw[size:])
        assert journal_group.parse_header(raw) == header

    @given(headers, st.integers(0, journal_group.WIDE_HEADER_BYTES - 1), st.integers(1, 255))
    def test_no_byte_of_a_header_can_change_unseen(
        self, header: journal_group.JournalHeader, offset: int, mask: int
    ) -> None:
        raw = bytearray(journal_group.build_header(header))
        raw[offset % len(raw)] ^= mask
        assert journal_group.parse_header(bytes(raw)) is None

    @given(groups())
    def test_group_header_is_as_declared(self, group: journal_group.GroupHeader) -> None:
        raw = journal_group.build_group_header(group)
        declared = journal_group.GROUP_HEADER.parse(raw)
        assert len(raw) == journal_group.GROUP_HEADER.sizeof() == journal_group.GROUP_HEADER_BYTES
        assert {name: declared[name] for name in asdict(group)} == asdict(group)
        assert journal_group.parse_group_header(raw) == group

    @given(groups(), st.integers(0, journal_group.GROUP_HEADER_BYTES - 1), st.integers(1, 255))
    def test_no_byte_of_a_group_header_can_change_unseen(
        self, group: journal_group.GroupHeader, offset: int, mask: int
    ) -> None:
        raw = bytearray(journal_group.build_group_header(group))
        raw[offset] ^= mask
        assert journal_group.parse_group_header(bytes(raw)) is None

    @given(st.lists(st.tuples(u16, st.integers(0, 1), u32, st.binary(max_size=40)), max_size=20))
    def test_entries_are_as_declared(self, entries: list[journal_group.Entry]) -> None:
        raw = journal_group.build_entries(entries)
        declared = journal_group.GROUP_ENTRY[len(entries)].parse(raw)
        rows = [(component, kind, number, len(data)) for component, kind, number, data in entries]
        assert [(one.component, one.kind, one.number, one.length) for one in declared] == rows
        assert journal_group.parse_entries(raw) == rows

    def test_an_entry_of_a_later_version_is_not_guessed_at(self) -> None:
        raw = bytearray(journal_group.build_entries([(0, journal_group.IMAGE, 1, bytes(512))]))
        raw[2] = 9
        assert journal_group.parse_entries(bytes(raw)) is None

    @given(st.binary(max_size=200))
    def test_strangers_bytes_are_no_header(self, data: bytes) -> None:
        assert journal_group.parse_group_header(data) is None
        assert journal_group.parse_header(data.ljust(journal_group.HEADER_BYTES, b"\0")) is None

    def test_groups_start_at_sectors(self) -> None:
        assert [journal_group.aligned(length) for length in (0, 1, 512, 513)] == [0, 512, 512, 1024]


class TestRecordEdit:
    @given(st.binary(min_size=30, max_size=60), st.integers(0, 20), st.integers(1, 10))
    def test_is_as_declared(self, record: bytes, offset: int, length: int) -> None:
        for operation, data, raw in (
            (record_edit.PUT, record, record_edit.put(offset, length) + record),
            (record_edit.ERASE, record[:length], record_edit.erase(offset, length) + record[:length]),
        ):
            declared = record_edit.RECORD_EDIT.parse(raw)
            assert (declared.operation, declared.data) == (operation, data)
            assert (declared.key_length, declared.key_offset) == (length, offset)

    def test_edits_are_made_in_their_order(self) -> None:
        image = control_interval.build([b"1aaa", b"3ccc"], 512)
        edits = [
            record_edit.put(0, 1) + b"2bbb", record_edit.put(0, 1) + b"3c", record_edit.erase(0, 1) + b"1",
            record_edit.put(0, 1) + b"2BBBB",
        ]  # fmt: skip
        assert record_edit.apply(image, edits) == control_interval.build([b"2BBBB", b"3c"], 512)
        assert record_edit.apply(image, []) == image

    @pytest.mark.parametrize(
        "edit",
        [record_edit.put(0, 1) + b"2" + bytes(505), b"\x03\x01\0\x002", b"\x01\x02\0\0002"],
    )
    def test_edits_that_cannot_be_are_damage(self, edit: bytes) -> None:
        with pytest.raises(Damaged):
            record_edit.apply(control_interval.build([b"1aaa"], 512), [edit])


class TestChecksumPage:
    @given(st.integers(0, 1), u32, st.lists(u32, max_size=40))
    def test_is_as_declared(self, component: int, page: int, values: list[int]) -> None:
        raw = checksum_page.build(component, page, array("I", values))
        declared = checksum_page.CHECKSUM_PAGE.parse(raw)
        assert len(raw) == checksum_page.CHECKSUM_PAGE.sizeof() == checksum_page.PAGE_BYTES
        assert (declared.component, declared.page) == (component, page)
        filled = values + [0] * (checksum_page.PER_PAGE - len(values))
        assert list(declared.checksums) == filled
        parsed = checksum_page.parse(raw, component, page)
        assert parsed is not None and list(parsed) == filled

    @given(st.integers(0, checksum_page.PAGE_BYTES - 1), st.integers(1, 255))
    def test_no_byte_can_change_unseen(self, offset: int, mask: int) -> None:
        raw = bytearray(checksum_page.build(1, 7, array("I", range(1020))))
        raw[offset] ^= mask
        assert checksum_page.parse(bytes(raw), 1, 7) is None

    def test_a_page_belongs_to_its_place(self) -> None:
        raw = checksum_page.build(1, 7, array("I"))
        assert checksum_page.parse(raw, 0, 7) is None
        assert checksum_page.parse(raw, 1, 8) is None
        assert checksum_page.parse(raw[:-1], 1, 7) is None

    def test_zeros_are_no_page(self) -> None:
        assert checksum_page.parse(bytes(4096), 0, 3) is None

    def test_pages_of_the_components_alternate(self) -> None:
        assert [checksum_page.page_offset(c, p) // 4096 for p in (0, 1, 2) for c in (0, 1)] == [0, 1, 2, 3, 4, 5]


class TestState:
    @given(states)
    def test_cluster_state_is_as_declared(self, state: cluster_state.ClusterState) -> None:
        raw = cluster_state.build([state])
        declared = cluster_state.CLUSTER_STATE.parse(raw)
        assert len(raw) == cluster_state.CLUSTER_STATE.sizeof()
        assert {name: declared[name] for name in asdict(state)} == asdict(state)
        assert cluster_state.parse(raw) == [state]

    @given(st.lists(states, min_size=1, max_size=5))
    def test_states_of_members_stand_behind_each_other(self, members: list[cluster_state.ClusterState]) -> None:
        assert cluster_state.parse(cluster_state.build(members)) == members

    @given(spheres)
    def test_sphere_state_is_as_declared(self, sphere: sphere_state.Sphere) -> None:
        raw = sphere_state.build(sphere)
        declared = sphere_state.SPHERE_STATE.parse(raw)
        assert [(r.ci_size, r.used, r.allocated, r.extents) for r in declared.rows] == [
            astuple(row) for row in sphere.components
        ]
        assert declared.owner == sphere.owner
        assert sphere_state.parse(raw) == sphere


class TestIndexEdit:
    record = IndexRecord(1, 0, 0, 1, [(b"AB", 0), (b"", 1)], [3, 2])

    def test_it_parts_an_entry(self) -> None:
        edits = [index_edit.part(4, 0, 2, b"AA"), index_edit.part(4, 2, 3, b"C")]
        after = decode(index_edit.apply(encode(self.record, 512, 4), edits), 4)
        assert after.entries == [(b"AA", 0), (b"AB", 2), (b"C", 1), (b"", 3)] and after.free == []

    def test_none_is_none(self) -> None:
        assert index_edit.apply(b"anything", []) == b"anything"

    @pytest.mark.parametrize(
        "edit",
        [
            b"",
            index_edit.part(4, 0, 2, b"AA")[:7],
            index_edit.part(4, 2, 2, b"AA"),
            index_edit.part(4, 0, 1, b"AA"),
            index_edit.part(4, 0, 2, b"AC"),
            index_edit.part(4, 0, 2, b"AAAAA"),
        ],
    )
    def test_one_that_cannot_be_is_damage(self, edit: bytes) -> None:
        with pytest.raises(Damaged) as error:
            index_edit.apply(encode(self.record, 512, 4), [edit])
        assert (error.value.return_code, error.value.feedback, error.value.component) == (12, 12, "index")
