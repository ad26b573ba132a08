"""What a cluster is to somebody who only looks: its control intervals, and what is kept about them elsewhere.

The checker, EXAMINE, `ksds map` and salvage read through this and trust nothing of it. It comes from an open cluster,
or from the files of a foreign one (`ksds.cluster.foreign_image`), about which nothing else is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ksds.cluster.definition import ClusterDefinition
from ksds.storage.sphere_files import ComponentName


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterImage:
    """`read` gives a control interval (CI) by component and number and raises Damaged for one that cannot be trusted.

    `definition` is the stored form: of a variable-length RRDS that of the KSDS underneath. `data_cis` and `index_cis`
    are CIs below the high-used RBA, `..._allocated` below the high-allocated one. `root` is the index CI of the top
    record, `levels` 0 = never loaded; `reclaimed` and `emptied` are those of the cluster's state; `records` and `end`
    (of an ESDS) are None where nobody counted.
    """

    definition: ClusterDefinition
    read: Callable[[ComponentName, int], bytes]
    data_cis: int
    data_allocated: int
    index_cis: int = 0
    index_allocated: int = 0
    root: int = 0
    levels: int = 0
    reclaimed: int = 0
    emptied: int = 0
    records: int | None = None
    end: int | None = None
    prefix: int = 0
    """Bytes of the record number before each record of a variable-length RRDS, else 0."""
    rebuilt: tuple[tuple[ComponentName, int], ...] = ()
    """(component, first CI) of each page of the checksum file that was damaged and is rebuilt."""
