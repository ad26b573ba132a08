"""What a person looks at: one control interval taken to pieces, records under their keys, bytes beside their text.

Nothing here changes a data set, and nothing imports it but the command line. A control interval becomes a list of
`Piece`s that cover it from first to last byte without gap or overlap, so that hex stands beside its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import Cluster, Keyed, Numbered
from ksds.cluster.path import Path
from ksds.cluster.salvage import Salvage
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.codepage import CodePage
from ksds.datasets.sequential import SequentialDataSet
from ksds.errors import Damaged
from ksds.layout import control_interval, index_record
from ksds.layout.control_interval import CIDF_LENGTH, RDF_LENGTH, SPANNING, Rdf
from ksds.storage.sphere_files import ComponentName

Source = Cluster | SequentialDataSet

BYTES_A_LINE = 16
COLUMNS = 80
"""Bytes in a line of the vertical form."""
WITH_KEY = (SPANNING.index("not spanned"), SPANNING.index("first segment"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of bytes of a control interval and what it is. `offset` counts from the start of the CI."""

    offset: int
    data: bytes
    meaning: str


@dataclass(frozen=True, slots=True)
class Row:
    """A record under its key: key bytes of a KSDS, RBA of an ESDS or LDS (whose records are its control intervals),
    number of an RRDS or sequential record, from 1. Through a path the key is the alternate one, and
    `pointer` leads to the record in the base."""

    key: bytes | int
    data: bytes
    pointer: bytes = b""


def rows(
    source: Source,
    start: bytes | int | None = None,
    stop: bytes | int | None = None,
    *,
    prefix: bytes | None = None,
    reverse: bool = False,
) -> Iterator[Row]:
    """The records from `start` to `stop`, both included, in order of their keys. Only a KSDS has prefixes and reverse.

    Raises InvalidKeyLength for a key argument longer than the key, Damaged at a CI that cannot be read.
    """
    if isinstance(source, Keyed):
        key = slice(source.definition.key_offset, source.definition.key_end)
        assert not isinstance(start, int) and not isinstance(stop, int)
        if isinstance(source, Path):
            for pointer, record in source.pointed(start, stop, prefix=prefix, reverse=reverse):
                yield Row(record[key], record, pointer)
            return
        for record in source.browse(start, stop, prefix=prefix, reverse=reverse):
            yield Row(record[key], record)
        return
    first, last = int(start or 0), None if stop is None else int(stop)
    if isinstance(source, EntrySequenced | Linear):
        pairs = source.browse(first)
    elif isinstance(source, Numbered):
        pairs = source.browse(max(1, first))
    else:
        pairs = islice(enumerate(source.records(), 1), max(0, first - 1), None)
    for number, record in pairs:
        if last is not None and number > last:
            return
        yield Row(number, record)


def rows_past_damage(
    salvage: Salvage,
    start: bytes | int | None = None,
    stop: bytes | int | None = None,
    *,
    prefix: bytes | None = None,
) -> Iterator[Row]:
    """As `rows`, of all that can be read; `salvage` then knows what could not."""
    definition = salvage.image.definition
    keyed = definition.index_ci_size and not salvage.image.prefix
    key = slice(definition.key_offset, definition.key_end)
    low, high = (prefix, prefix) if prefix is not None else (start, stop)
    if isinstance(high, bytes):
        high = high.ljust(definition.key_length, b"\xff")
    for place, record in salvage.rows():
        row = Row(record[key] if keyed else place, record)
        if (low is None or row.key >= low) and (high is None or row.key <= high):  # type: ignore[operator]
            yield row


def find(cluster: Cluster, key: bytes | int) -> Row:
    """The record with this key. Raises RecordNotFound, InvalidKeyLength, InvalidRba, InvalidRecordNumber."""
    if isinstance(cluster, Path):
        assert isinstance(key, bytes)
        return Row(key, cluster.get(key), cluster.pointers(key)[0])
    if isinstance(cluster, Keyed):
        assert isinstance(key, bytes)
        return Row(key, cluster.get(key))
    return Row(key, cluster.get(int(key)))


def place(cluster: Cluster, row: Row) -> tuple[int, int]:
    """(CI number, RBA) of a record that is there."""
    size = cluster.definition.ci_size
    if isinstance(cluster, Path):
        return cluster.locate(row.pointer)
    if isinstance(cluster, Keyed):
        assert isinstance(row.key, bytes)
        return cluster.locate(row.key)
    number = int(row.key)
    if isinstance(cluster, EntrySequenced | Linear):
        return number // size, number
    if isinstance(cluster, VariableRelativeRecord):
        return cluster.locate(number)
    length = cluster.definition.maximum_record
    ci, slot = divmod(number - 1, control_interval.slots_per_ci(length, size))
    return ci, ci * size + slot * length


def control_interval_pieces(
    cluster: Cluster, component: ComponentName, number: int, page: CodePage
) -> tuple[list[Piece], Damaged | None]:
    """A control interval of the data or the index component, decoded; and what is wrong with it, if anything is: then
    its bytes are shown as they are. Raises IndexError past the end of the component, Damaged if it cannot be read."""
    if component == "index" and not cluster.definition.index_ci_size:
        raise IndexError("the data set has no index component")
    damage: Damaged | None = None
    try:
        ci = cluster.read_ci(component, number)
    except Damaged as error:
        if not error.image:
            raise
        damage, ci = error, error.image
    try:
        return _pieces(cluster, component, ci, page), damage
    except Damaged as error:
        return [Piece(0, ci, "cannot be decoded")], damage or error


def _pieces(cluster: Cluster, component: ComponentName, ci: bytes, page: CodePage) -> list[Piece]:
    if component == "index":
        return index_pieces(ci, cluster.definition.key_length, page)
    if isinstance(cluster, Linear):
        return [Piece(0, ci, "data")]
    key = slice(cluster.definition.key_offset, cluster.definition.key_end)
    numbered = isinstance(cluster, VariableRelativeRecord)
    return data_pieces(ci, key if cluster.definition.index_ci_size else None, page, numbered=numbered)


def data_pieces(ci: bytes, key: slice | None, page: CodePage, *, numbered: bool = False) -> list[Piece]:
    """The records, free space, RDFs and CIDF of a data CI; `key` says where a record's key, or `numbered` its record
    number is, if it has one."""
    decoded = control_interval.decode(ci)
    pieces: list[Piece] = []
    offset = 0
    for number, record in enumerate(decoded.records, 1):
        place = decoded.rdfs[0].spanning
        what = f"{SPANNING[place]} of a record" if place else f"record {number}"
        shown = key if place in WITH_KEY else None
        text = f"{what}, {len(record)} bytes"
        if shown:
            key_bytes = record[shown]
            text += f", number {int.from_bytes(key_bytes)}" if numbered else f", key {page.printable(key_bytes)}"
        pieces.append(Piece(offset, record, text))
        offset += len(record)
    cidf_at = len(ci) - CIDF_LENGTH
    rdfs_at = cidf_at - RDF_LENGTH * len(decoded.rdfs)
    if rdfs_at > offset:
        pieces.append(Piece(offset, ci[offset:rdfs_at], "free space"))
    for number in range(len(decoded.rdfs), 0, -1):
        at = cidf_at - RDF_LENGTH * number
        pieces.append(Piece(at, ci[at : at + RDF_LENGTH], f"RDF {number}: {rdf_meaning(decoded.rdfs[number - 1])}"))
    meaning = f"CIDF: free space at {decoded.free_offset}, {decoded.free_length} bytes"
    if decoded.is_seof:
        meaning = "CIDF: software end of file"
    pieces.append(Piece(cidf_at, ci[cidf_at:], meaning + (", being split" if decoded.busy else "")))
    return pieces


def rdf_meaning(rdf: Rdf) -> str:
    """An RDF in words."""
    if rdf.is_count:
        return f"update number {rdf.number}" if rdf.spanning else f"{rdf.number} records of the length at the right"
    words = [f"length {rdf.number}"]
    words += ["empty slot"] if rdf.is_empty_slot else []
    words += [SPANNING[rdf.spanning]] if rdf.spanning else []
    words += ["paired with the RDF to the left"] if rdf.paired else []
    return ", ".join(words)


def index_pieces(ci: bytes, key_length: int, page: CodePage) -> list[Piece]:
    """The header, free CIs, entries and sections of an index CI. Raises Damaged."""
    record = index_record.decode(ci, key_length)
    pieces = list(_index_header(ci))
    at = index_record.HEADER_LENGTH
    width = record.pointer_bytes
    for number in record.free:
        pieces.append(Piece(at, ci[at : at + width], f"free CI {number}"))
        at += width
    entries = sorted(_index_entries(ci, record, page), key=lambda piece: piece.offset)
    first = entries[0].offset if entries else len(ci) - index_record.CONTROL_LENGTH
    if first > at:
        pieces.append(Piece(at, ci[at:first], "unused"))
    end = len(ci) - index_record.CONTROL_LENGTH
    rdf = Piece(end, ci[end : end + RDF_LENGTH], f"RDF 1: length {end}")
    cidf = Piece(end + RDF_LENGTH, ci[end + RDF_LENGTH :], f"CIDF: free space at {end}, 0 bytes")
    return [*pieces, *entries, rdf, cidf]


def _index_header(ci: bytes) -> Iterator[Piece]:
    header = index_record.HEADER.parse(ci)
    at = 0
    for field in index_record.HEADER.subcons:
        size = field.sizeof()
        yield Piece(at, ci[at : at + size], f"{field.name} {header[field.name]}")
        at += size


def _index_entries(ci: bytes, record: index_record.IndexRecord, page: CodePage) -> Iterator[Piece]:
    """Walks the entries as a search does, from the right end to the left."""
    control = record.pointer_bytes + 2
    at = len(ci) - index_record.CONTROL_LENGTH - control
    entries = iter(record.entries)
    for section, count in enumerate(record.sections or [], 1):
        for _ in range(count):
            boundary, pointer = next(entries)
            front, kept = ci[at], ci[at + 1]
            shown = f"up to {page.printable(boundary)} (X'{boundary.hex().upper()}')" if boundary else "up to the end"
            meaning = f"CI {pointer}: F {front} L {kept}, {shown}"
            yield Piece(at - kept, ci[at - kept : at + control], meaning)
            at -= kept + control
        field = at + control - 2
        yield Piece(field, ci[field : field + 2], f"end of section {section}: {count} entries")
        at -= 2


def dump_lines(data: bytes, page: CodePage, start: int = 0) -> Iterator[str]:
    """Offset, 16 bytes in hex by groups of four, their text."""
    for at in range(0, len(data), BYTES_A_LINE):
        part = data[at : at + BYTES_A_LINE]
        yield f"{start + at:6}  {part.hex(' ', -4).upper():<35}  {page.printable(part)}"


def ruler(start: int, length: int) -> str:
    """ISPF's column ruler over columns `start` and on: ----+----1----+----2."""
    return "".join(_mark(column) for column in range(start, start + length))


def _mark(column: int) -> str:
    return str(column // 10 % 10) if not column % 10 else "+" if not column % 5 else "-"


def vertical_lines(data: bytes, page: CodePage) -> Iterator[str]:
    """As ISPF shows a record with HEX ON: a ruler, the text, the first digits of the bytes, the second ones below them.
    The number in front is the column of the first byte in the line."""
    for at in range(0, len(data), COLUMNS):
        part = data[at : at + COLUMNS]
        digits = part.hex().upper()
        yield f"{'':8}{ruler(at + 1, len(part))}"
        yield f"{at + 1:6}  {page.printable(part)}"
        yield f"{'':8}{digits[::2]}"
        yield f"{'':8}{digits[1::2]}"
