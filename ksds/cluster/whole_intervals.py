"""A cluster as its data control intervals (CI), and records out of them again, without its index.

The CIs come in the order of keys where there is an index, else in that of addresses, so that records and the segments
of spanned ones follow each other as a browse would give them. Free CIs of a keyed cluster do not come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ksds.cluster.definition import NUMBER_LENGTH, ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.layout import segment
from ksds.layout.control_interval import parse, parse_slots
from ksds.layout.segment import Segment

Whole = KeySequenced | EntrySequenced | RelativeRecord | VariableRelativeRecord | Linear


def intervals(cluster: Whole) -> Iterator[tuple[int, bytes]]:
    """(number, data CI) of every CI in use. Raises Damaged."""
    keyed = cluster.keyed if isinstance(cluster, VariableRelativeRecord) else cluster
    if not isinstance(keyed, KeySequenced):
        yield from ((number, keyed.read_ci("data", number)) for number in range(keyed.data.used))
        return
    for position in range(len(keyed.index.areas)):
        for number in keyed.index.area(position).cis:
            yield number, keyed.read_ci("data", number)


def records(definition: ClusterDefinition, found: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """(number, record): the relative record number where there is one, else the place from 1.

    Raises Damaged for a CI of no such cluster, InconsistentSpanned for segments that are not one record.
    """
    if definition.organization == "LINEAR":
        yield from enumerate((ci for _, ci in found), 1)
    elif definition.organization == "NUMBERED" and not definition.is_variable:
        for number, ci in found:
            slots = parse_slots(ci, definition.maximum_record)
            first = number * len(slots) + 1
            yield from ((at, slot) for at, slot in enumerate(slots, first) if slot is not None)
    else:
        for place, record in enumerate(_joined(ci for _, ci in found), 1):
            if definition.is_variable:
                yield int.from_bytes(record[:NUMBER_LENGTH]), record[NUMBER_LENGTH:]
            else:
                yield place, record


def _joined(cis: Iterable[bytes]) -> Iterator[bytes]:
    """The records of CIs, with segments put together."""
    pending: list[Segment | None] = []
    for ci in cis:
        part = segment.parse(ci)
        if pending or part is not None:
            pending.append(part)
            if part is None or part.place == segment.LAST:
                yield segment.join(pending)[0]
                pending = []
        else:
            yield from parse(ci)
    if pending:
        yield segment.join(pending)[0]
