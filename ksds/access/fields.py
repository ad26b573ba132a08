"""The fields that SHOWCB shows, by the names of the macro: those that mean something without addresses and buffers.

Source: z/OS DFSMS Macro Instructions for Data Sets, "SHOWCB".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from ksds.cluster.organizations import Cluster
from ksds.layout.control_interval import CIDF_LENGTH, RDF_LENGTH

Component = Literal["DATA", "INDEX"]


def chosen(fields: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Those of `fields` that are named, all if none is. Raises ValueError for a name that there is not."""
    wanted = [name.upper() for name in names] or list(fields)
    for name in wanted:
        if name not in fields:
            raise ValueError(f"{name[:20]} IS NOT A FIELD: {' '.join(fields)}")
    return {name: fields[name] for name in wanted}


def of_component(cluster: Cluster, component: Component) -> dict[str, int]:
    """What OBJECT=DATA or INDEX says of an open data set: sizes and RBAs in bytes, the rest counts. Raises ValueError
    for an index that there is not."""
    if component == "DATA":
        return _of_data(cluster)
    if component != "INDEX" or not cluster.definition.index_ci_size:
        raise ValueError(f"OBJECT={component[:20]} IS NOT A COMPONENT")
    statistics, ci_size = cluster.statistics, cluster.definition.index_ci_size
    used, allocated = statistics.index_high_used_rba, statistics.index_high_allocated_rba
    return {
        "AVSPAC": allocated - used,
        "CINV": ci_size,
        "ENDRBA": used,
        "HALCRBA": allocated,
        "LRECL": ci_size - CIDF_LENGTH - RDF_LENGTH,
        "NEXT": statistics.index_extents,
        "NIXL": statistics.levels,
        "NLOGR": statistics.index_records,
    }


def _of_data(cluster: Cluster) -> dict[str, int]:
    statistics, definition = cluster.statistics, cluster.definition
    return {
        "AVSPAC": statistics.free_space_bytes,
        "CINV": definition.ci_size,
        "ENDRBA": statistics.high_used_rba,
        "FS": definition.cis_per_ca * definition.free_ca_percent // 100,
        "HALCRBA": statistics.high_allocated_rba,
        "KEYLEN": definition.key_length,
        "LRECL": definition.maximum_record,
        "NCIS": statistics.ci_splits,
        "NDELR": statistics.deleted,
        "NEXCP": statistics.excps,
        "NEXT": statistics.extents,
        "NINSR": statistics.inserted,
        "NLOGR": statistics.records,
        "NRETR": statistics.retrieved,
        "NSSS": statistics.ca_splits,
        "NUPDR": statistics.updated,
        "RKP": definition.key_offset,
    }
