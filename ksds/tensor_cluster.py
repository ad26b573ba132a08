"""The index of a TensorFlow checkpoint in a KSDS, one record for each row, and back.

    load_index    rows into the cluster, which is made if it is not there
    stored_index  the rows of the cluster, held against each other as those of a file are

A record keeps the row as it is in the index (`ksds.layout.tensor_record`), so what is written back is what was read,
byte for byte, with all that a later TensorFlow may add to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ksds.cluster.definition import MAXIMUM_KEY_LENGTH
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.errors import BundleError
from ksds.layout.tensor_record import TensorRecord, build, parse
from ksds.system import System
from ksds.tensors.tensor_index import TensorIndex, shown

AVERAGE_RECORD = 320
USUAL_RECORD = 2041
LONGEST_UNSPANNED = 32761
"""Bytes of a record in the largest control interval; a tensor of thousands of slices takes more."""


def load_index(system: System, name: str, index: TensorIndex, origin: str, today: date) -> bool:
    """Load the rows into cluster `name`; what it held is replaced (the cluster must have REUSE, or be empty).

    `origin` is the prefix of the data files. True if the cluster was made for it. Raises BundleError if the rows do
    not fit the cluster, before it is touched, OpenError, VsamError.
    """
    made = not system.exists(name)
    if made:
        records = list(_records(index, origin, MAXIMUM_KEY_LENGTH))
        _define(system, name, max(map(len, records)), today)
    with system.key_sequenced(name, "w") as cluster:
        records = list(_records(index, origin, _key_width(cluster)))
        cluster.reset()
        cluster.load(records)
    return made


def stored_index(system: System, name: str) -> tuple[TensorIndex, str]:
    """The index in cluster `name`, and the prefix of its data files. Raises BundleError, OpenError, VsamError."""
    with system.key_sequenced(name) as cluster:
        width = _key_width(cluster)
        records = [parse(record, width) for record in cluster.browse()]
    try:
        index = TensorIndex.from_pairs((record.key, record.value) for record in records)
        return index, records[0].origin.decode("utf-8")
    except BundleError as error:
        raise BundleError(error.what, file=name.upper()) from None
    except UnicodeDecodeError:
        raise BundleError("THE HEADER NAMES NO PREFIX", file=name.upper()) from None


def _records(index: TensorIndex, origin: str, width: int) -> Iterator[bytes]:
    """The records of a cluster of KEYS(width 0), in its order. Raises BundleError for keys that look alike there."""
    before: bytes | None = None
    for key, value in index.pairs:
        if len(key) > width:
            raise BundleError(f"TENSOR {shown(key)}: {len(key)} BYTES ARE TOO LONG FOR A KEY OF {width}")
        if before is not None and before == key.rstrip(b"\0"):
            raise BundleError(f"KEYS {shown(before)} AND {shown(key)} ARE THE SAME IN A CLUSTER")
        before = key.rstrip(b"\0")
        yield build(TensorRecord(key, value, origin.encode() if not key else b""), width)


def _key_width(cluster: KeySequenced) -> int:
    definition = cluster.definition
    if definition.key_offset:
        raise BundleError(f"{definition.name} HAS ITS KEYS AT {definition.key_offset}, A TENSOR INDEX NEEDS 0")
    return definition.key_length


def _define(system: System, name: str, longest: int, today: date) -> None:
    request = SpaceRequest(
        name=name.upper(),
        space=SpaceQuantity("CYLINDERS", 1, 1),
        key_length=MAXIMUM_KEY_LENGTH,
        average_record=AVERAGE_RECORD,
        maximum_record=max(USUAL_RECORD, longest),
        reuse=True,
        spanned=longest > LONGEST_UNSPANNED,
        cross_region=2,
    )
    system.define_cluster(derive(request), created=today)
