"""The way to the data when the index set is damaged: along the sequence set.

Each sequence-set record says where the next one is, so that a chain which is whole, from one record that nobody points
to up to the infinitely high boundary, tells all that the index set knows. A chain with a gap tells nothing of the keys
in the gap, and is not used: a record would be called not found that is only out of reach (`ksds.cluster.salvage`
takes out what such a data set still holds).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NoReturn

from ksds.cluster.index_records import Area
from ksds.errors import Damaged
from ksds.layout.index_record import IndexRecord, decode


class OutOfReach(list[Area | None]):
    """In place of the areas of an index that cannot be trusted: gives the reason to whoever looks."""

    def __init__(self, error: Damaged) -> None:
        super().__init__()
        self._error = error

    def __getitem__(self, position: object) -> NoReturn:
        raise self._error

    def __len__(self) -> NoReturn:
        raise self._error


def chain(
    read: Callable[[int], bytes], count: int, ci_size: int, key_length: int, reclaimed: int, areas: int | None = None
) -> list[tuple[bytes, int]] | None:
    """(last boundary, index CI) of each sequence-set record in key order, out of `count` index CIs; None if the chain
    is not whole. `reclaimed` is that of the cluster's state: the records of control areas that wait to be used again
    have a chain of their own. Each of the `areas` has a record in one of the chains, or else the first may be lost;
    None: nobody knows how many there are."""
    records = {number: record for number in range(count) if (record := _sequence_record(read, number, key_length))}
    if areas is not None and len(records) != areas:
        return None
    following = {number: record.next_rba // ci_size for number, record in records.items() if record.next_rba}
    waiting: int | None = reclaimed - 1
    while waiting in records:
        del records[waiting]
        waiting = following.pop(waiting, None)
    heads = set(records) - set(following.values())
    if len(heads) != 1:
        return None
    number = heads.pop()
    found: list[tuple[bytes, int]] = []
    while number in records:
        found.append((records[number].entries[-1][0].ljust(key_length, b"\xff"), number))
        if number not in following or len(found) == len(records):
            break
        number = following[number]
    ascending = all(low < high for (low, _), (high, _) in pairwise(found))
    whole = ascending and len(found) == len(records) and found[-1][0] == b"\xff" * key_length
    return found if whole and found[-1][1] not in following else None


def _sequence_record(read: Callable[[int], bytes], number: int, key_length: int) -> IndexRecord | None:
    try:
        record = decode(read(number), key_length)
    except Damaged:
        return None
    return record if record.level == 1 and record.entries else None
