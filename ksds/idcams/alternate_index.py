"""DEFINE ALTERNATEINDEX, DEFINE PATH and BLDINDEX.

BLDINDEX reads the base once for each alternate index, sorts alternate keys and pointers in memory and loads the index.
A base record without the alternate key, a duplicate of a unique key and a pointer that its record cannot take are each
reported and left out; the index is built all the same, with code 4. If an index cannot be built the others are.

Source: z/OS DFSMS Access Method Services Commands; System Messages Vol 6, IDC0652I, IDC164nI, IDC1653I, IDC2654I.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ksds.catalog.entries import AlternateIndexEntry, Entry, PathEntry
from ksds.cluster.alternate_index import AlternateIndexDefinition, BuildReport
from ksds.cluster.space import InvalidDefinition, derive
from ksds.errors import KsdsError, NeverLoaded, OpenError
from ksds.idcams.attributes import (
    SPANNED_RECORDS,
    expiration,
    first,
    report_definition,
    space_request,
    volume,
    with_what_is_listed,
)
from ksds.idcams.commands import BuildIndex
from ksds.idcams.define_operands import AlternateIndexOperands, DataOperands, IndexOperands, PathOperands
from ksds.idcams.invocation import Invocation, Refusal, acting, opening
from ksds.idcams.model import after_model, path_after_model
from ksds.layout import segment
from ksds.layout.aix_record import HEADER_LENGTH, RBA_LENGTH, record_length

_WITH_ERRORS = 4
_SORT_BYTES = {"INTERNALSORT": 256 << 20, "EXTERNALSORT": 16 << 20}
"""Memory for sorting."""
_SHOWN_KEY = 10
"""Bytes of a key that a message shows, in hexadecimal digits."""


def define_alternate_index(
    invocation: Invocation, whole: AlternateIndexOperands, data: DataOperands, index: IndexOperands
) -> int:
    """Make an empty alternate index over a base cluster and catalog it."""
    associations, today = invocation.system.associations, invocation.now.date()
    base = associations.base(whole.base).definition
    whole, data, index = after_model(invocation, whole, data, index)
    request = space_request(whole, data, index, record_size=SPANNED_RECORDS)
    _, key_offset = first(data.keys, whole.keys, (64, 0))
    limit = segment.capacity(base.ci_size) if base.spanned else base.maximum_record
    if key_offset + request.key_length > min(limit, base.maximum_record):
        what = f"INCONSISTENT PARAMETERS INVOLVING 'KEYS({request.key_length} {key_offset})'"
        where = "THE FIRST SEGMENT OF A RECORD" if base.spanned else "A RECORD"
        raise InvalidDefinition("IDC3226I", what, f"{where} OF {base.name} HAS {limit} BYTES")
    store = derive(replace(request, key_offset=HEADER_LENGTH, spanned=True))
    shortest = record_length(request.key_length, base.key_length or RBA_LENGTH, 1)
    if store.maximum_record < shortest:
        what = f"INCONSISTENT PARAMETERS INVOLVING 'RECORDSIZE({store.average_record} {store.maximum_record})'"
        raise InvalidDefinition("IDC3226I", what, f"A RECORD WITH ONE POINTER HAS {shortest} BYTES")
    definition = AlternateIndexDefinition(
        store=with_what_is_listed(store, whole, data, index),
        key_offset=key_offset,
        prime_key_length=base.key_length,
        unique=whole.unique == "UNIQUEKEY",
        upgrade=whole.upgrade == "UPGRADE",
    )
    entry = associations.define_alternate_index(
        whole.base,
        definition,
        created=today,
        expires=expiration(whole.expiration, today),
        owner=whole.owner or data.owner or "",
        volume=volume(data.volumes or whole.volumes),
    )
    report_definition(invocation, entry, data, index)
    return 0


def define_path(invocation: Invocation, path: PathOperands) -> int:
    """Catalog a path over an alternate index or a cluster."""
    today = invocation.now.date()
    invocation.system.associations.define_path(
        path.name,
        path.over,
        update=path_after_model(invocation, path.model) if path.update is None else path.update == "UPDATE",
        created=today,
        expires=expiration(path.expiration, today),
        owner=path.owner or "",
    )
    return 0


def build_index(invocation: Invocation, command: BuildIndex) -> int:
    """Fill alternate indexes from their base cluster."""
    word, source = command.source
    base = _base_name(invocation, _data_set(invocation, source) if word == "INFILE" else source)
    code = 0
    keyword, *targets = command.targets
    for target in targets:
        name = _data_set(invocation, target) if keyword == "OUTFILE" else target
        try:
            code = max(code, _build_one(invocation, name, base, _SORT_BYTES[command.sort]))
        except Refusal as refusal:
            code = max(code, invocation.report(refusal))
            invocation.listing.message("IDC2654I", name)
    return code


def _data_set(invocation: Invocation, ddname: str) -> str:
    dd = invocation.dd(ddname)
    if len(dd.data_sets) != 1:
        raise Refusal(("IDC3300I", ddname), ("IDC3318I",))
    return dd.data_sets[0]


def _base_name(invocation: Invocation, name: str) -> str:
    """The base cluster that a cluster's or path's name leads to."""
    with opening(name):
        entry = _beneath(invocation, name)
    return entry.base if isinstance(entry, AlternateIndexEntry) else entry.name


def _beneath(invocation: Invocation, name: str) -> Entry:
    """The entry of a name; of a path, what it is over."""
    entry = invocation.system.entry(name)
    return invocation.system.entry(entry.over) if isinstance(entry, PathEntry) else entry


def _build_one(invocation: Invocation, name: str, base: str, sort_bytes: int) -> int:
    with opening(name):
        entry = _beneath(invocation, name)
    if not isinstance(entry, AlternateIndexEntry) or entry.base != base:
        raise Refusal(("IDC3300I", name), ("IDC3318I",), ("KSD304E", f"{name} IS NOT AN ALTERNATE INDEX OF {base}"))
    with _building(name, base):
        report = invocation.system.spheres.build(entry, sort_bytes=sort_bytes)
    if _report_left_out(invocation, entry, report):
        invocation.listing.message("IDC1653I", name)
        return _WITH_ERRORS
    invocation.listing.message("IDC0652I", name)
    return 0


@contextmanager
def _building(name: str, base: str) -> Iterator[None]:
    """Errors inside mean that `name` cannot be built: base empty, something not to be opened, a request failed."""
    try:
        yield
    except NeverLoaded:
        raise Refusal(("IDC3643I", base)) from None
    except OpenError:
        with opening(name):
            raise
    except (KsdsError, OSError):
        with acting(name):
            raise


def _report_left_out(invocation: Invocation, entry: AlternateIndexEntry, report: BuildReport) -> bool:
    """A message for each thing that is not in the index; True if there was any."""
    listing, by_key = invocation.listing, entry.alternate.prime_key_length
    kind = "KEY" if by_key else "RBA"

    def shown(pointer: bytes) -> str:
        return _hex(pointer) if by_key else str(int.from_bytes(pointer))

    for pointer in report.missing:
        listing.message("IDC1644I", shown(pointer))
    for key, pointer in report.duplicates:
        listing.message("IDC1645I", _hex(key))
        listing.line(f"{'':9}PRIME {kind} IS {shown(pointer)}")
    for key, count in report.excess:
        listing.message("IDC1646I", count, kind, _hex(key))
    return bool(report.missing or report.duplicates or report.excess)


def _hex(key: bytes) -> str:
    return key[:_SHOWN_KEY].hex().upper()
