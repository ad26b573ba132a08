"""A catalog record: the key, what every entry has, then a part by type.

    0   44  name            the key, EBCDIC 037, blank-padded
    44   1  type            EBCDIC letter: C cluster, G alternate index, D data, I index, R path, A non-VSAM, B GDG,
                            X alias, U user catalog
    45   1  version         2
    46   2  reserved
    48   4  created         yyyyddd, 0 = unknown
    52   4  expires         yyyyddd, 0 = never
    56   8  owner
    64   6  volume
    70      the part of the type: CLUSTER_PART, AIX_PART, COMPONENT_PART, PATH_PART, NONVSAM_PART, GDG_PART, ALIAS_PART,
            USERCATALOG_PART

A cluster's record describes its whole sphere, so that defining or deleting one is one request; the records of its data
and index names only say whose they are. All numbers are big-endian and unsigned; text is blank-padded EBCDIC 037.
Ours, not IBM's: the real layout of a BCS record is not published.

The constructs declare the fields; `parse`, the hot path, reads by formats made of them; a test holds both equal.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from construct import (
    Bytes,
    Const,
    Construct,
    ConstructError,
    ExprAdapter,
    FormatField,
    GreedyRange,
    Int8ub,
    Int16ub,
    Int32ub,
    Padded,
    Padding,
    Struct,
    Switch,
    Terminated,
    this,
)

from ksds.codepage import code_page
from ksds.errors import Damaged, DataSetError

KEY_LENGTH = 44
FILE_NAME_LENGTH = 56
MAXIMUM_RECORD = 32400
"""Longer than a control interval of 4,096 bytes: the catalog has spanned records, as a BCS has."""
FORMAT_VERSION = 2

_PAGE = code_page("cp037")


def _text(length: int) -> Construct:
    """Blank-padded text of a fixed length."""
    return ExprAdapter(
        Bytes(length),
        lambda data, context: _PAGE.decode(data).rstrip(" "),
        lambda text, context: _PAGE.pad(text, length),
    )


CATALOG_HEADER = Struct(
    "name" / _text(KEY_LENGTH),
    "type" / _text(1),
    "version" / Const(FORMAT_VERSION, Int8ub),
    "reserved" / Padding(2),
    "created" / Int32ub,
    "expires" / Int32ub,
    "owner" / _text(8),
    "volume" / _text(6),
)
CLUSTER_PART = Struct(
    "organization" / _text(1),  # I indexed, N nonindexed, R numbered, L linear
    "options" / Int8ub,  # X'80' reuse 40 spanned 20 speed 10 erase 08 inhibited 04 exported 02 on the volume only
    # 01 control areas are not reclaimed
    "key_length" / Int16ub,
    "key_offset" / Int32ub,
    "average_record" / Int32ub,
    "maximum_record" / Int32ub,
    "ci_size" / Int32ub,
    "index_ci_size" / Int32ub,
    "cis_per_ca" / Int32ub,
    "space_unit" / _text(1),  # C cylinders, T tracks
    "ca_tracks" / Int8ub,
    "primary" / Int32ub,
    "secondary" / Int32ub,
    "free_ci_percent" / Int8ub,
    "free_ca_percent" / Int8ub,
    "cross_region" / Int8ub,
    "cross_system" / Int8ub,
    "data_name" / _text(KEY_LENGTH),
    "index_name" / _text(KEY_LENGTH),
    "file_name" / _text(FILE_NAME_LENGTH),
    "buffer_space" / Int32ub,  # 0 = two data control intervals and one of the index
    "write_checks" / Int8ub,  # X'80' of the data, X'40' of the index
    "reserved" / Padding(3),
    "exception_exit" / _text(8),
    "index_exception_exit" / _text(8),
    "account" / _text(32),
    "associations" / GreedyRange(_text(KEY_LENGTH)),  # of its alternate indexes and paths
)
AIX_PART = Struct(
    "base" / _text(KEY_LENGTH),
    "options" / Int8ub,  # X'80' unique keys, X'40' upgrade
    "member" / Int8ub,  # number in the sphere of its base, from 1
    "prime_key_length" / Int16ub,  # of the base, 0 if that is entry-sequenced
    "alternate_offset" / Int32ub,  # of the alternate key in a base record
    "store" / CLUSTER_PART,
)
COMPONENT_PART = Struct(
    "cluster" / _text(KEY_LENGTH),
)
PATH_PART = Struct(
    "over" / _text(KEY_LENGTH),  # an alternate index, or a cluster
    "options" / Int8ub,  # X'80' update, X'40' on the volume only
    "reserved" / Padding(3),
)
NONVSAM_PART = Struct(
    "dsorg" / _text(2),
    "recfm" / _text(4),
    "lrecl" / Int32ub,
    "blksize" / Int32ub,
    "space_unit" / _text(1),  # C cylinders, T tracks, blank = not given
    "status" / Int8ub,  # 0 catalogued, 1 active generation, 2 deferred, 3 rolled off, 4 on the volume only
    "library" / Int8ub,  # 1 = PDSE
    "reserved" / Padding(1),
    "primary" / Int32ub,
    "secondary" / Int32ub,
    "file_name" / _text(FILE_NAME_LENGTH),
    "aliases" / GreedyRange(_text(KEY_LENGTH)),
)
GDG_PART = Struct(
    "limit" / Int16ub,
    "options" / Int8ub,  # X'80' scratch, X'40' empty, X'20' FIFO, X'10' purge, X'08' extended
    "reserved" / Padding(1),
    "altered" / Int32ub,  # yyyyddd
)
ALIAS_PART = Struct(
    "related" / _text(KEY_LENGTH),
)
USERCATALOG_PART = Struct(
    "device" / _text(8),
)
PARTS: dict[str, Construct] = {
    "C": CLUSTER_PART,
    "G": AIX_PART,
    "R": PATH_PART,
    "D": COMPONENT_PART,
    "I": COMPONENT_PART,
    "A": NONVSAM_PART,
    "B": GDG_PART,
    "X": ALIAS_PART,
    "U": USERCATALOG_PART,
}

CATALOG_RECORD = Struct(
    "header" / CATALOG_HEADER,
    "part" / Switch(this.header.type, PARTS),
    Terminated,
)


def key(name: str) -> bytes:
    """The catalog key of a data set name."""
    return _PAGE.pad(name, KEY_LENGTH)


def build(header: Mapping[str, Any], part: Mapping[str, Any]) -> bytes:
    """The record of fields named as the layouts name them."""
    record: bytes = CATALOG_RECORD.build({"header": header, "part": part})
    return record


def parse(record: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of the header and of the part. Raises Damaged for a record that no `build` made."""
    return _parse_flat(record) or parse_declared(record)


def parse_declared(record: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """`parse` by the declarations alone: for parts with layouts inside, and to say what is wrong with a record."""
    try:
        fields = CATALOG_RECORD.parse(record)
    except (ConstructError, DataSetError) as error:
        raise Damaged(
            f"catalog record is malformed: {str(error).splitlines()[-1]}", feedback=4, component="data"
        ) from None
    if fields.part is None:
        raise Damaged(f"catalog record has the unknown type {fields.header.type!r}", feedback=4, component="data")
    return dict(fields.header), dict(fields.part)


class _Flat:
    """A layout without layouts inside, read by one `struct` format that is made of its declaration. A list of names at
    its end takes the rest of the record."""

    __slots__ = ("_format", "_names", "_tail", "size")

    def __init__(self, layout: Construct) -> None:
        fields = layout.subcons
        self._tail = fields[-1].name if isinstance(fields[-1].subcon, GreedyRange) else ""
        fields = fields[:-1] if self._tail else fields
        self._names = [field.name for field in fields if not isinstance(field.subcon, Padded)]
        self._format = struct.Struct(">" + "".join(map(_format_of, fields)))
        self.size = self._format.size

    def read(self, record: bytes, at: int) -> dict[str, Any]:
        """The fields from offset `at`; the record is long enough."""
        values = self._format.unpack_from(record, at)
        fields = dict(zip(self._names, [_decoded(v) if isinstance(v, bytes) else v for v in values], strict=True))
        if self._tail:
            rest = range(at + self.size, len(record), KEY_LENGTH)
            fields[self._tail] = [_decoded(record[place : place + KEY_LENGTH]) for place in rest]
        return fields

    def fits(self, size: int) -> bool:
        """True for the size of a part of this layout."""
        return size == self.size or (bool(self._tail) and size > self.size and not (size - self.size) % KEY_LENGTH)


def _format_of(field: Construct) -> str:
    kind, size = field.subcon, field.sizeof()
    kind = kind.subcon if isinstance(kind, Const) else kind
    if isinstance(kind, FormatField):
        return str(kind.fmtstr[1:])
    return f"{size}x" if isinstance(kind, Padded) else f"{size}s"


def _decoded(text: bytes) -> str:
    return _PAGE.decode(text).rstrip(" ")


_HEADER = _Flat(CATALOG_HEADER)
_FLAT = {key(kind)[:1]: _Flat(part) for kind, part in PARTS.items() if kind != "G"}
_TYPE_AT, _VERSION_AT = KEY_LENGTH, KEY_LENGTH + 1


def _parse_flat(record: bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """None for a record that is not plainly one of a flat part."""
    part = _FLAT.get(record[_TYPE_AT:_VERSION_AT])
    if part is None or not part.fits(len(record) - _HEADER.size) or record[_VERSION_AT] != FORMAT_VERSION:
        return None
    return _HEADER.read(record, 0), part.read(record, _HEADER.size)
