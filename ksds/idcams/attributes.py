"""What DEFINE says of a cluster and of an alternate index alike: space, records, names, dates.

Precedence: what DATA or INDEX say, then what CLUSTER or ALTERNATEINDEX says, then the default. CONTROLINTERVALSIZE of
the whole is that of data and index.

Source: z/OS DFSMS Access Method Services Commands, DEFINE CLUSTER and DEFINE ALTERNATEINDEX.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from ksds.catalog.entries import IndexableEntry
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.space import InvalidDefinition, SpaceQuantity, SpaceRequest
from ksds.idcams.define_operands import AlternateIndexOperands, ClusterOperands, DataOperands, Define, IndexOperands
from ksds.idcams.invocation import Invocation, Refusal
from ksds.system import VOLUME

Whole = ClusterOperands | AlternateIndexOperands

NONSPANNED_RECORDS, SPANNED_RECORDS = (4089, 4089), (4086, 32600)
"""RECORDSIZE where it is not coded; an alternate index is spanned."""
_YEARS = range(1900, 2156)
_Value = TypeVar("_Value")


def components(command: Define) -> tuple[DataOperands, IndexOperands]:
    """DATA(...) and INDEX(...), empty where they were not coded."""
    return command.data or DataOperands(), command.index or IndexOperands()


def space_request(
    whole: Whole, data: DataOperands, index: IndexOperands, *, record_size: tuple[int, int]
) -> SpaceRequest:
    """What was asked for, with defaults; `record_size` is that of RECORDSIZE.

    Raises Refusal for what this version cannot make, InvalidDefinition for what cannot be.
    """
    space = whole.space or data.space
    if space is None:
        raise InvalidDefinition("IDC3505I", "INCORRECT SPECIFICATION OF SPACE ALLOCATION", "NO SPACE WAS ASKED FOR")
    reuse = first(data.reuse, whole.reuse, "NOREUSE")
    if index.reuse is not None and index.reuse != reuse:
        raise Refusal(("IDC3519I",))
    key_length, key_offset = first(data.keys, whole.keys, (64, 0))
    average, maximum = first(data.record_size, whole.record_size, record_size)
    free_ci, free_ca = (*first(data.free_space, whole.free_space, (0, 0)), 0)[:2]
    cross_region, cross_system = (*first(data.share_options, whole.share_options, (1, 3)), 3)[:2]
    return SpaceRequest(
        name=whole.name,
        space=SpaceQuantity(*space),
        key_length=key_length,
        key_offset=key_offset,
        average_record=average,
        maximum_record=maximum,
        ci_size=data.ci_size or whole.ci_size,
        index_ci_size=index.ci_size or whole.ci_size,
        buffer_space=data.buffer_space or whole.buffer_space,
        free_ci_percent=free_ci,
        free_ca_percent=free_ca,
        cross_region=cross_region,
        cross_system=cross_system,
        reuse=reuse == "REUSE",
        spanned=first(data.spanned, whole.spanned, "NONSPANNED") == "SPANNED",
        erase=first(data.erase, whole.erase, "NOERASE") == "ERASE",
        speed=first(data.loading, whole.loading, "RECOVERY") == "SPEED",
        data_name=data.name or "",
        index_name=index.name or "",
    )


def with_what_is_listed(
    definition: ClusterDefinition, whole: Whole, data: DataOperands, index: IndexOperands
) -> ClusterDefinition:
    """The definition with the operands that only LISTCAT shows. A BUFFERSPACE that is too small counts as not coded."""
    buffers = first(data.buffer_space, whole.buffer_space, 0)
    return replace(
        definition,
        buffer_space=buffers if buffers >= definition.least_buffer_space else 0,
        write_check=first(data.write_check, whole.write_check, "NOWRITECHECK") == "WRITECHECK",
        index_write_check=first(index.write_check, whole.write_check, "NOWRITECHECK") == "WRITECHECK",
        exception_exit=first(data.exception_exit, whole.exception_exit, ""),
        index_exception_exit=first(index.exception_exit, whole.exception_exit, ""),
        account=(isinstance(whole, ClusterOperands) and whole.account) or "",
    )


def first(component: _Value | None, whole: _Value | None, default: _Value) -> _Value:
    """By precedence."""
    if component is not None:
        return component
    return default if whole is None else whole


def volume(volumes: tuple[str, ...]) -> str:
    """The first volume named; `*` and nothing leave the choice to the system."""
    return volumes[0] if volumes and volumes[0] != "*" else VOLUME


def expiration(coded: tuple[str, int] | None, today: date) -> date | None:
    """TO(yyyyddd), from today on, or EXPDT, any day: years 1900 to 2155, two digits are 19yy; FOR or RETPD(days).
    1999365 and 1999366 mean never, as do 9999 days and none coded. Raises Refusal.

    Source: Access Method Services Commands; MVS System Messages Vol 6, of an incorrect expiration date.
    """
    if coded is None:
        return None
    word, number = coded
    if word in ("FOR", "RETPD"):
        return today + timedelta(days=number) if number < 9999 else None
    year, day = divmod(number, 1000)
    year = year + 1900 if year < 100 else year
    if year == 1999 and day in (365, 366):
        return None
    found = date(year, 1, 1) + timedelta(days=day - 1) if year in _YEARS else date.min
    if found.year != year or (word == "TO" and found < today):
        raise Refusal(("IDC3221I", number))
    return found


def report_definition(invocation: Invocation, entry: IndexableEntry, data: DataOperands, index: IndexOperands) -> None:
    """What DEFINE says when it is done: where the components are, and the names that it made up."""
    message = invocation.listing.message
    message("IDC0508I", entry.volume, 0)
    if entry.definition.index_name:
        message("IDC0509I", entry.volume, 0)
    if data.name is None:
        message("IDC0512I", "D", entry.definition.data_name)
    if entry.definition.index_name and index.name is None:
        message("IDC0512I", "I", entry.definition.index_name)
