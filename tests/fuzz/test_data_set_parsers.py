"""What else strangers can hand in, 20,000 times each: command streams, names, portable data sets, libraries, blocks.

See `tests.fuzz.targets`. Most inputs are bytes of files; a command stream is text in code page 037, as in a library.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import google_crc32c
import pytest

from ksds.catalog.entries import (
    AliasEntry,
    AlternateIndexEntry,
    ClusterEntry,
    Entry,
    GdgEntry,
    PathEntry,
    UserCatalogEntry,
    from_record,
    to_record,
)
from ksds.catalog.names import check_pattern, data_set_name, matches
from ksds.cluster.alternate_index import AlternateIndexDefinition
from ksds.cluster.definition import ClusterDefinition
from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes, PartitionedDataSet, split_member
from ksds.datasets.blocking import Blocker, Deblocker
from ksds.errors import DataSetError, InvalidName, KsdsError
from ksds.idcams.commands import VERBS
from ksds.idcams.parser import CommandParser
from ksds.idcams.portable import Exported
from ksds.idcams.scanner import Kind, ScanError, Scanner, Token
from ksds.layout import catalog_record, library, portable_record
from ksds.layout.portable_record import Stamp
from ksds.storage.device import MemoryFolder
from tests.fuzz.targets import Target, hammer

pytestmark = pytest.mark.fuzz

PAGE = code_page("cp037")

# -- command streams ------------------------------------------------------------------------------------------

STATEMENTS = """
 DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(4,0) RECSZ(80 80) -
   VOL(VOL001)) DATA(NAME(A.B.D) CISZ(4096)) INDEX(NAME(A.B.I))
 DEF AIX(NAME(A.X) REL(A.B) CYL(1) KEYS(1 2) UNQK) CATALOG(C/PW)
 DEFINE PATH (NAME(A.P) PENT(A.X)) ; DEF GDG(NAME(A.G) LIM(3) SCR)
 DELETE (A.*.C D.E(MEM)) NVSAM PRG /* A COMMENT -
   THAT GOES ON */ SCRATCH
 ALTER A.B.D FSPC(10 20) SHR(2,3) NEWNAME('A.B.E') NULLIFY(OWNER)
 REPRO IFILE(IN) ODS(A.B) FKEY(X'C1C2') TOKEY('IT''S') ELIMIT(9)
 PRINT IDS('A.B') HEX SKIP(3) COUNT(B'101') OFILE(OUT)
 LISTC ENT(A.%.C B.*) ALL CREAT(3) EXPIR(9999)
 IMPORT IDS(P.Q) ODS(A.B) OBJECTS((A.B NEWNAME(C.D) VOL(V1)) -
   (A.P NEWNAME(C.P)))
 EXPORT A.B OFILE(X) TEMP INHS CIMODE
 EXAMINE NAME(A.B) ITEST DTEST ELIMIT(3)
 PARM MARGINS(2 72) TEST(TRACE) GRAPHICS(CHAIN(PN))
"""


def a_command(rng: random.Random) -> bytes:
    """One command of the stream above, with the records it goes on in."""
    lines = STATEMENTS.strip("\n").split("\n")
    starts = [at for at, line in enumerate(lines) if line[1] != " "]
    at = rng.randrange(len(starts))
    return "\n".join(lines[starts[at] : [*starts, len(lines)][at + 1]]).encode("latin-1")


def read_commands(data: bytes) -> list[str] | None:
    """Each command that is one, as its operands; None if there is none."""
    found: list[str] = []
    scanner = Scanner(data.decode("latin-1").split("\n"), lambda record: None, lambda number: None)
    refused: ScanError | None = None
    while (token := scanner.token()).kind is not Kind.FILE_END:
        if token.kind is not Kind.STOP:
            try:
                found.append(_command(scanner, token))
            except ScanError as error:
                if error.number == "IDC4236I":
                    raise
                refused = error
                scanner.skip_command()
    if refused is not None:
        raise refused
    return found or None


def _command(scanner: Scanner, verb: Token) -> str:
    if verb.kind is not Kind.WORD or verb.text not in VERBS:
        raise ScanError("IDC3219I", verb.text)
    return repr(CommandParser(scanner, lambda number: None).parse(verb, VERBS[verb.text]))


# -- names ----------------------------------------------------------------------------------------------------


def a_name(rng: random.Random) -> bytes:
    return rng.choice(
        (b"A.B", b"PROD.ACCTS.G0001V00", b"A2345678." * 4 + b"A2345678", b"A.*.C", b"**.D%", b"A.LIB(MEM)")
    )


def read_name(data: bytes) -> str:
    """A data set name, a generic name or one with a member; a plain one could be no path."""
    text = data.decode("latin-1")
    name, _ = split_member(text)
    if "*" in name or "%" in name:
        pattern = check_pattern(name)
        matches(pattern, "A.B.C.D")
        return pattern
    plain = data_set_name(name)
    assert plain == plain.strip() and not set(plain) & set("/\\\0 ") and ".." not in plain
    return plain


# -- portable data sets ---------------------------------------------------------------------------------------

VB60 = DataSetAttributes("VB", 60, 600)
KSDS = ClusterDefinition(
    name="A.K", key_length=4, average_record=20, maximum_record=80, ci_size=512, index_ci_size=512, cis_per_ca=49,
    data_name="A.K.DATA", index_name="A.K.INDEX",
)  # fmt: skip


class Blocks:
    """Stands in for a system: one data set of variable records, as its bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def records(self, name: str) -> Iterator[bytes]:
        return iter(Deblocker(VB60, name).records(self._data))


def a_portable_data_set(rng: random.Random) -> bytes:
    parts = [
        (portable_record.Kind.STAMP, portable_record.build_stamp(Stamp(datetime(2026, 11, 23), 1))),
        (portable_record.Kind.ENTRY, to_record(ClusterEntry(name="A.K", definition=KSDS, stem="A.K.00000001"))),
        *((portable_record.Kind.DATA, rng.randbytes(rng.choice((5, 80)))) for _ in range(rng.randrange(4))),
    ]
    checksum = 0
    for _, data in parts:
        checksum = google_crc32c.extend(checksum, data)
    parts.append((portable_record.Kind.END, portable_record.build_end(len(parts) - 2, checksum)))
    blocker = Blocker(VB60)
    for number, (kind, data) in enumerate(parts):
        pieces = [data[at : at + 50] for at in range(0, len(data), 50)]
        last = len(pieces) - 1
        blocker.add([portable_record.build(kind, number, one, goes_on=at < last) for at, one in enumerate(pieces)])
    blocker.end_block()
    return blocker.take()


def read_portable_data_set(data: bytes) -> object:
    found = Exported.open(Blocks(data), "A.PORT")  # type: ignore[arg-type]
    try:
        records = list(found.records())
    except KsdsError as error:
        assert found.stamp.intervals, "only control intervals can be wrong by now"
        raise DataSetError(str(error)) from error
    assert len(records) == found.count or found.stamp.intervals
    assert found.exported.definition
    return found.stamp, found.entries, records


def mend_portable_data_set(data: bytes) -> bytes:
    """Put the checksum right, if the parts can be told apart."""
    try:
        parts = [portable_record.parse(record) for record in Deblocker(VB60).records(data)]
    except DataSetError:
        return data
    whole = b"".join(part for kind, _, part, _ in parts if kind is not portable_record.Kind.END)
    return data[:-4] + google_crc32c.value(whole).to_bytes(4)


def a_stamp(rng: random.Random) -> bytes:
    when = datetime(rng.randrange(1901, 2999), 2, 28, rng.randrange(24), 59, rng.randrange(60))
    return portable_record.build_stamp(Stamp(when, rng.randrange(9), rng.random() < 0.5, rng.random() < 0.5))


# -- libraries ------------------------------------------------------------------------------------------------

FB80 = DataSetAttributes("FB", 80, dsorg="PO")


def a_library(rng: random.Random) -> bytes:
    folder = MemoryFolder()
    with PartitionedDataSet(folder.open("lib", create=True), FB80, "A.LIB", writable=True) as made:
        for number in range(rng.randrange(1, 4)):
            with made.create(f"M{number}", rng.choice((b"", statistics(rng)))) as member:
                member.append([rng.randbytes(80)] * rng.randrange(3))
    device = folder.open("lib")
    return device.read(0, device.size())


def read_library(data: bytes) -> list[tuple[str, object]]:
    folder = MemoryFolder()
    folder.open("lib", create=True).write(0, data)
    with PartitionedDataSet(folder.open("lib"), FB80, "A.LIB", writable=False) as opened:
        return [(member.name, (member.statistics, _content(opened, member.name))) for member in opened.members()]


def _content(opened: PartitionedDataSet, name: str) -> list[bytes] | str:
    try:
        return list(opened.records(name))
    except DataSetError as error:
        return str(error)


def mend_library(data: bytes) -> bytes:
    """Put the checksums of headers and directory right."""
    changed = bytearray(data.ljust(2 * library.HEADER_BYTES, b"\0"))
    for at in (0, library.HEADER_BYTES):
        fields = (
            library.LIBRARY_HEADER.parse(bytes(changed[at : at + library.HEADER_BYTES]))
            if _is_header(changed, at)
            else None
        )
        if fields is not None:
            start = fields.directory * library.UNIT
            checksum = google_crc32c.value(bytes(changed[start : start + fields.blocks * library.UNIT]))
            header = library.Header(fields.sequence, fields.directory, fields.blocks, fields.end, checksum)
            changed[at : at + library.HEADER_BYTES] = library.build_header(header)
    return bytes(changed)


def _is_header(data: bytearray, at: int) -> bool:
    try:
        fields = library.LIBRARY_HEADER.parse(bytes(data[at : at + library.HEADER_BYTES]))
    except Exception:  # whatever construct says: there is nothing to mend
        return False
    return fields.blocks * library.UNIT <= len(data)


def a_directory(rng: random.Random) -> bytes:
    names = sorted({PAGE.pad(f"M{rng.randrange(999)}", 8) for _ in range(rng.choice((2, 5, 9, 30)))})
    data = (b"", b"XY", statistics(rng))
    return library.build_directory(
        [library.DirectoryEntry(name, rng.randrange(1 << 24), rng.random() < 0.2, rng.choice(data)) for name in names]
    )


def statistics(rng: random.Random) -> bytes:
    made = library.IspfStatistics(
        1,
        0,
        date(2026, 11, 23),
        datetime(2026, 11, 23, rng.randrange(24), 13, 41),
        7,
        7,
        0,
        b"\xd4\xc5".ljust(7, b"\x40"),
    )
    return library.build_statistics(made)


# -- blocks ---------------------------------------------------------------------------------------------------

FORMATS = {
    "fixed": DataSetAttributes("FB", 40, 200),
    "variable": DataSetAttributes("VB", 40, 200),
    "undefined": DataSetAttributes("U", 0, 60),
}


def blocks(attributes: DataSetAttributes) -> Target:
    def make(rng: random.Random) -> bytes:
        lengths = [rng.randrange(1, 37) if attributes.kind != "F" else 40 for _ in range(rng.randrange(1, 9))]
        return write([rng.randbytes(length) for length in lengths])

    def write(records: list[bytes]) -> bytes:
        blocker = Blocker(attributes)
        blocker.add(records)
        blocker.end_block()
        return blocker.take()

    name = next(name for name, known in FORMATS.items() if known is attributes)
    return Target(
        f"{name} blocks", make, lambda data: Deblocker(attributes).records(data) or None, write, refusal=DataSetError
    )


# -- the catalog ----------------------------------------------------------------------------------------------


def any_entry(rng: random.Random) -> Entry:
    store = ClusterDefinition(
        name="A.X", key_length=4, key_offset=5, average_record=50, maximum_record=200, ci_size=512, index_ci_size=512,
        cis_per_ca=49, spanned=True, data_name="A.X.DATA", index_name="A.X.INDEX",
    )  # fmt: skip
    alternate = AlternateIndexDefinition(store=store, key_offset=rng.randrange(60), prime_key_length=4)
    day = rng.choice((None, date(2026, 11, 23)))
    return rng.choice(
        (
            AlternateIndexEntry(
                name="A.X", definition=store, stem="A.K.00000001", base="A.K", member=rng.randrange(1, 9),
                alternate=alternate, associations=("A.P",), uncatalogued=rng.random() < 0.5,
            ),
            PathEntry(name="A.P", over="A.X", update=rng.random() < 0.5, created=day),
            GdgEntry(name="A.G", limit=rng.randrange(1, 256), scratch=rng.random() < 0.5, altered=day),
            AliasEntry(name="A.Y", related="A.B"),
            UserCatalogEntry(name="U.C", owner="ME", volume="V1"),
        )
    )  # fmt: skip


def read_any_entry(data: bytes) -> Any:
    from_record(data)
    return tuple(_plain(fields) for fields in catalog_record.parse(data))


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(dict(value)) if name == "store" else value for name, value in fields.items() if name[0] != "_"}


TARGETS = [
    Target("command stream", a_command, read_commands, None, refusal=ScanError),
    Target("data set name", a_name, read_name, str.encode, refusal=InvalidName),
    Target(
        "portable data set", a_portable_data_set, read_portable_data_set, None, mend_portable_data_set, DataSetError
    ),
    Target("stamp", a_stamp, portable_record.parse_stamp, portable_record.build_stamp, refusal=DataSetError),
    Target("library", a_library, read_library, None, mend_library, DataSetError),
    Target("directory", a_directory, library.parse_directory, library.build_directory, refusal=DataSetError),
    Target("member statistics", statistics, library.parse_statistics, library.build_statistics, refusal=DataSetError),
    *map(blocks, FORMATS.values()),
    Target(
        "other catalog records",
        lambda rng: to_record(any_entry(rng)),
        read_any_entry,
        lambda v: catalog_record.build(*v),
    ),
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_is_handed_in_is_refused_or_means_what_it_says(target: Target) -> None:
    hammer(target)
