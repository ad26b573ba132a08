"""`docs/FILE_FORMAT.md` accounts for every byte of a cluster's files.

Real files are walked by the documented layouts alone, from the first byte to the last: each layout must build the very
bytes it parsed, the claims must follow each other without gap or overlap, and every layout that the page lists for
these files must have been met. (`tests/test_documents.py` holds the tables equal to the layouts.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ksds import idcams
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.organizations import class_of
from ksds.codepage import code_page
from ksds.inspection import data_pieces, index_pieces
from ksds.layout import checksum_page, control_interval, index_record, journal_group
from ksds.system import System
from tests.crashes.recording_device import RecordingFolder
from tests.crashes.subjects import STEM, Model, Request, Subject, every_subject
from tests.test_documents import named

PAGE = Path(__file__).resolve().parents[2] / "docs" / "FILE_FORMAT.md"
SECTIONS = ("Data component", "Index component", "Checksums", "Journal")
CP037 = code_page("cp037")


@dataclass(frozen=True, slots=True)
class Claim:
    """Bytes of a file that the page explains, by a layout or (layout "") by a sentence."""

    offset: int
    length: int
    layout: str = ""


@dataclass(slots=True)
class Walk:
    """A file, and how far it is explained."""

    data: bytes
    definition: ClusterDefinition
    at: int = 0

    def layout(self, name: str, length: int | None = None) -> Iterator[Claim]:
        """The next bytes (`length` of them if it cannot tell) are of this layout: it builds what it parses."""
        layout = named(name)
        end = None if length is None else self.at + length
        built = layout.build(layout.parse(self.data[self.at : end]))
        assert self.data[self.at : self.at + len(built)] == built, f"{name} at {self.at}"
        yield from self.bytes(len(built), name)

    def bytes(self, length: int, name: str = "") -> Iterator[Claim]:
        yield Claim(self.at, length, name)
        self.at += length

    def zeros(self, length: int) -> Iterator[Claim]:
        """Space that is not used."""
        assert not any(self.data[self.at : self.at + length]), f"not zero at {self.at}"
        yield from self.bytes(length)


def walk_data(walk: Walk) -> Iterator[Claim]:
    """Control intervals to the end of the file; of a linear data set all bytes are data."""
    size = walk.definition.ci_size
    while walk.at < len(walk.data):
        ci = walk.data[walk.at : walk.at + size]
        if walk.definition.organization == "LINEAR" or not any(ci):
            yield from walk.bytes(size)
            continue
        tail = len(ci) - control_interval.CIDF_LENGTH
        for piece in data_pieces(ci, None, CP037):
            length = len(piece.data)
            if piece.offset == tail:
                yield from walk.layout("ksds.layout.control_interval.CIDF")
            elif piece.meaning.startswith("RDF"):
                yield from walk.layout("ksds.layout.control_interval.RDF")
            elif piece.meaning == "free space":
                yield from walk.zeros(length)
            else:
                yield from walk.bytes(length)


def walk_index(walk: Walk) -> Iterator[Claim]:
    """Index records to the end of the file: header, free CIs, unused bytes, entries, tail."""
    size = walk.definition.index_ci_size
    while walk.at < len(walk.data):
        ci = walk.data[walk.at : walk.at + size]
        if not any(ci):
            yield from walk.bytes(size)
            continue
        yield from walk.layout("ksds.layout.index_record.HEADER")
        for piece in index_pieces(ci, walk.definition.key_length, CP037):
            if piece.offset >= index_record.HEADER_LENGTH:
                yield from (walk.zeros if piece.meaning == "unused" else walk.bytes)(len(piece.data))


def walk_checksums(walk: Walk) -> Iterator[Claim]:
    while walk.at < len(walk.data):
        page = walk.data[walk.at : walk.at + checksum_page.PAGE_BYTES]
        if any(page):
            yield from walk.layout("ksds.layout.checksum_page.CHECKSUM_PAGE")
        else:
            yield from walk.bytes(len(page))


EDITS = ("ksds.layout.record_edit.RECORD_EDIT", "ksds.layout.index_edit.INDEX_EDIT")
"""What stands for a journal entry that is an edit, of a data and of an index component."""


def walk_journal(walk: Walk) -> Iterator[Claim]:
    """Two header copies, groups with the salt of the ruling one, each from a sector on, then what is of the past."""
    ruling = max((journal_group.parse_header(walk.data[at : at + 4096]) for at in (0, 4096)), key=epoch)
    assert ruling is not None
    for copy in (1, 2):
        header = journal_group.JOURNAL_HEADER.parse(walk.data[walk.at :])
        yield from walk.layout("ksds.layout.journal_group.JOURNAL_HEADER")
        yield from walk_state(walk, header.state_length)
        yield from walk.zeros(copy * journal_group.HEADER_BYTES - walk.at)
    sequence = ruling.sequence + 1
    while (group := journal_group.parse_group_header(walk.data[walk.at :])) and group.salt == ruling.salt:
        if group.sequence != sequence:
            break
        sequence += 1
        yield from walk.layout("ksds.layout.journal_group.GROUP_HEADER")
        yield from walk_state(walk, group.state_length)
        table = journal_group.GROUP_ENTRY[group.entries].parse(walk.data[walk.at :])
        for _ in table:
            yield from walk.layout("ksds.layout.journal_group.GROUP_ENTRY")
        for entry in table:
            if entry.kind == journal_group.EDIT:
                yield from walk.layout(EDITS[entry.component % 2], entry.length)
            else:
                assert entry.kind in (journal_group.IMAGE, journal_group.EMPTY)
                yield from walk.bytes(entry.length)
        yield from walk.bytes(-walk.at % journal_group.ALIGNMENT)
    yield from walk.bytes(len(walk.data) - walk.at)


def epoch(header: journal_group.JournalHeader | None) -> int:
    return header.epoch if header else -1


def walk_state(walk: Walk, length: int) -> Iterator[Claim]:
    """The sphere's state, whose last field are those of its members; a group that is continued has none."""
    if not length:
        return
    end = walk.at + length
    claims = list(walk.layout("ksds.layout.sphere_state.SPHERE_STATE"))
    assert walk.at == end
    state = named("ksds.layout.sphere_state.SPHERE_STATE").parse(walk.data[end - length : end])
    walk.at = end - len(state.owner)
    yield Claim(claims[0].offset, length - len(state.owner), claims[0].layout)
    while walk.at < end:
        yield from walk.layout("ksds.layout.cluster_state.CLUSTER_STATE")
    assert walk.at == end


WALKS: dict[str, Callable[[Walk], Iterator[Claim]]] = {
    "data": walk_data,
    "index": walk_index,
    "sum": walk_checksums,
    "jnl": walk_journal,
}
IMPLIED = {"ksds.layout.sphere_state.COMPONENT"}
"""Part of another layout, met with it."""


def files_of(subject: Subject, *, closed: bool) -> dict[str, bytes]:
    """What some dozen requests leave, closed or with the journal that a crash leaves."""
    folder, model = RecordingFolder(), Model()
    subject.create(folder)
    cluster = subject.open(folder)
    for request in [*subject.requests(3, 40), Request("commit")]:
        if request.what == "reopen":
            cluster.close()
            cluster = subject.open(folder)
        else:
            subject.perform(cluster, request)
        subject.on_model(model, request)
    if closed:
        cluster.close()
    return folder.image()


def claims_of(definition: ClusterDefinition, name: str, data: bytes) -> list[Claim]:
    suffix = name.rpartition(".")[2]
    claims = list(WALKS[suffix](Walk(data, definition)))
    at = 0
    for claim in claims:
        assert claim.offset == at, f"{name}: the page says nothing of bytes {at} to {claim.offset - 1}"
        at += claim.length
    assert at == len(data), f"{name}: the page says nothing of bytes {at} to {len(data) - 1}"
    return claims


@every_subject
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "crashed"])
def test_every_byte_is_accounted_for(subject: Subject, closed: bool) -> None:
    files = files_of(subject, closed=closed)
    assert {name.rpartition(".")[2] for name in files} <= set(WALKS)
    for name, data in files.items():
        claims_of(subject.definition, name, data)
    assert class_of(subject.definition) and f"{STEM}.jnl" in files


SPHERE = """
  DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(4 0) RECSZ(40 80) CISZ(512))
  DEFINE AIX(NAME(A.X) RELATE(A.B) TRK(1 1) KEYS(8 4) -
    RECSZ(100 500) CISZ(1024) UPGRADE)
"""
BUILD = "  BLDINDEX INDATASET(A.B) OUTDATASET(A.X)\n"


def test_every_byte_of_a_sphere_with_an_alternate_index(tmp_path: Path) -> None:
    """Two members under one journal, which is read while the base is open for update."""
    now = datetime(2026, 11, 23)
    with System.open(tmp_path / "test") as system:
        assert idcams.run(system, SPHERE, now=now).max_cc == 0
        with system.key_sequenced("A.B", "w") as base:
            base.load(f"{number:04}{number % 7:08}".encode() for number in range(0, 200, 2))
        assert idcams.run(system, BUILD, now=now).max_cc == 0
        shapes = {"A.B": system.entry("A.B").definition, "A.X": system.entry("A.X").definition}
        with system.key_sequenced("A.B", "w") as base:
            for number in range(1, 60, 2):
                base.insert(f"{number:04}{number % 5:08}".encode())
            base.commit()
            files = {path.name: path.read_bytes() for path in (tmp_path / "test" / "volumes").rglob("A.B.*")}
    members = {name: shapes["A.X" if ".m1." in name else "A.B"] for name in files}
    assert sum(".m1." in name for name in files) == 3 and len(files) == 7
    met = {claim.layout for name, data in files.items() for claim in claims_of(members[name], name, data)}
    assert {"ksds.layout.journal_group.GROUP_ENTRY", "ksds.layout.cluster_state.CLUSTER_STATE"} <= met


def test_every_documented_layout_of_these_files_is_met() -> None:
    text = PAGE.read_text(encoding="utf-8")
    documented = {
        layout
        for section in re.split(r"^## ", text, flags=re.MULTILINE)
        if section.startswith(SECTIONS)
        for layout in re.findall(r"^Layout: `([\w.]+)`", section, re.MULTILINE)
    }
    met = set(IMPLIED)
    for mark in every_subject.args[1]:
        subject = getattr(mark, "values", [mark])[0]
        for name, data in files_of(subject, closed=False).items():
            met |= {claim.layout for claim in claims_of(subject.definition, name, data) if claim.layout}
    assert met == documented
