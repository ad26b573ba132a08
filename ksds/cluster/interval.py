"""Control interval access: a data CI read and written whole, as its bytes.

What is written must be a CI that the data set could hold there: sound, its keys (KSDS) in order and between those of
its neighbours, as many slots (RRDS) as any. Then the counts of records follow it. A CI with a segment of a spanned
record is read only. What is stored has the same records; its free space is zeros and its RDFs are paired.

Source: z/OS DFSMS Using Data Sets, "Control Interval Access".
"""

from __future__ import annotations

from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import Cluster
from ksds.cluster.page import Page
from ksds.cluster.path import Path
from ksds.cluster.physical_order import keys_of
from ksds.cluster.relative_record import RelativeRecord
from ksds.errors import AddressedPath, Damaged, InvalidInsertion, InvalidInterval, InvalidLength, InvalidRba
from ksds.layout import segment
from ksds.layout.control_interval import parse, parse_keyed, parse_slots


def count(cluster: Cluster) -> int:
    """Control intervals of the data component in use."""
    return cluster.data.used


def read(cluster: Cluster, number: int) -> bytes:
    """The bytes of a CI. Raises InvalidRba (8/32) past the end, Damaged (12)."""
    if not 0 <= number < count(cluster):
        raise InvalidRba(f"no control interval {number}", component="data")
    return cluster.read_ci("data", number)


def replace(cluster: Cluster, number: int, image: bytes) -> None:
    """Put `image` in place of a CI. Raises InvalidInterval (8/156), InvalidLength (8/108), InvalidRba (8/32)."""
    if isinstance(cluster, Path):
        raise AddressedPath("a path leads to records by key only")
    old = read(cluster, number)
    if len(image) != len(old):
        raise InvalidLength(f"{len(image)} bytes for a control interval of {len(old)}")
    if isinstance(cluster, Linear):
        cluster.update(number * len(image), image)
        return
    try:
        if segment.parse(image) or segment.parse(old):
            raise InvalidInterval("a segment of a spanned record")
        with cluster.sphere.pager.health:
            if isinstance(cluster, RelativeRecord):
                _replace_slots(cluster, number, image)
            elif isinstance(cluster, EntrySequenced):
                _replace_entries(cluster, number, image)
            elif isinstance(cluster, KeySequenced):
                _replace_keyed(cluster, number, image)
            else:
                _replace_keyed(cluster.keyed, number, image)
                cluster.look_for_free_again()
    except Damaged as error:
        raise InvalidInterval(error.what) from error


def append(cluster: Cluster, image: bytes) -> int:
    """Add a CI at the end of an ESDS or LDS; its number. Raises InvalidInsertion (8/76) for others, or as `replace`."""
    if isinstance(cluster, Linear):
        return cluster.append(image) // cluster.definition.ci_size
    if not isinstance(cluster, EntrySequenced):
        raise InvalidInsertion("control intervals are added to an ESDS or LDS only")
    if len(image) != cluster.definition.ci_size:
        raise InvalidLength(f"{len(image)} bytes for a control interval of {cluster.definition.ci_size}")
    try:
        records = parse(image)
    except Damaged as error:
        raise InvalidInterval(error.what) from error
    _require_entries(records)
    with cluster.health:
        number = cluster.extend_data(1)
        cluster.pool.change(number, records)
        cluster.state.inserted += len(records)
        _count_entries(cluster, number, records, 0)
    return number


def _replace_slots(cluster: RelativeRecord, number: int, image: bytes) -> None:
    slots = parse_slots(image, cluster.definition.maximum_record)
    if not slots:
        raise InvalidInterval("software end of file instead of slots")
    for record_number, record in enumerate(slots, number * len(slots) + 1):
        if record is not None:
            cluster.put(record_number, record)
        elif (cluster.full_from(record_number) or (0,))[0] == record_number:
            cluster.erase(record_number)


def _replace_entries(cluster: EntrySequenced, number: int, image: bytes) -> None:
    records = parse(image)
    _require_entries(records)
    before = len(cluster.pool.find(number))
    cluster.pool.change(number, records)
    _count_entries(cluster, number, records, before)


def _require_entries(records: list[bytes]) -> None:
    if not records:
        raise InvalidInterval("no records")


def _count_entries(cluster: EntrySequenced, number: int, records: list[bytes], before: int) -> None:
    cluster.state.records += len(records) - before
    if number == count(cluster) - 1:
        cluster.state.end = number * cluster.definition.ci_size + sum(map(len, records))


def _replace_keyed(cluster: KeySequenced, number: int, image: bytes) -> None:
    definition = cluster.definition
    records = parse_keyed(image, definition.key_offset, definition.key_end)
    keys = list(records)
    if keys != sorted(keys):
        raise InvalidInterval("keys do not ascend")
    may_hold = keys_of(cluster, number)
    if may_hold is None:
        if keys:
            raise InvalidInterval("the control interval is free: the index does not lead to it")
        return
    below, highest = may_hold
    if keys and ((below is not None and keys[0] <= below) or keys[-1] > highest):
        raise InvalidInterval("keys that belong into other control intervals")
    if any(len(record) > definition.maximum_record for record in records.values()):
        raise InvalidInterval(f"a record longer than {definition.maximum_record}")
    cluster.state.records += len(records) - len(cluster.pool.find(number).records)
    cluster.rewrite(number, Page(records))
