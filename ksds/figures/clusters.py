"""The figures of a cluster: one pass over its control intervals (CIs) for how full they are, one over its records.

Both passes go on past damage and say where it is; a checker's findings are not here, EXAMINE has them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import SPANNING, ClusterDefinition
from ksds.cluster.open_cluster import Statistics
from ksds.cluster.organizations import Cluster
from ksds.cluster.salvage import Salvage
from ksds.figures.report import Figures, Group, Histogram, percent_classes, value_classes
from ksds.layout.control_interval import slots_per_ci
from ksds.space_map import DAMAGED, areas

ORGANIZATIONS = {"INDEXED": "KSDS", "NONINDEXED": "ESDS", "NUMBERED": "RRDS", "LINEAR": "LDS"}


@dataclass(slots=True)
class _Contents:
    """What the two passes count."""

    lengths: Counter[int] = field(default_factory=Counter)
    ci_fill: Counter[int] = field(default_factory=Counter)
    ca_fill: Counter[int] = field(default_factory=Counter)
    per_ci: Counter[int] = field(default_factory=Counter)
    free: int = 0
    damaged: int = 0
    segments: int = 0


def cluster_figures(cluster: Cluster, name: str, organization: str = "") -> Figures:
    """Of a cluster or alternate index; of a path, those of its base. `organization` where the definition does not tell
    it: AIX."""
    image, statistics = cluster.image(), cluster.statistics
    definition = image.definition
    rescue = Salvage(replace(image, prefix=0))
    contents = _contents(image, rescue)
    kind = organization or ("VRRDS" if image.prefix else ORGANIZATIONS[definition.organization])
    groups = {
        "attributes": _attributes(definition, image.prefix),
        "records": _records(contents, definition),
        "space": _space(image, statistics, contents),
        "index": _index(definition, statistics),
        "splits": _some(statistics, "ci_splits", "ca_splits", "ca_reclaims", "ca_reuses"),
        "requests": _some(statistics, "inserted", "deleted", "updated", "retrieved", "excps"),
    }
    histograms = {
        "ci_fill": Histogram("How full control intervals are", "%", percent_classes(contents.ci_fill)),
        "ca_fill": Histogram("Control intervals in use, of each control area", "%", percent_classes(contents.ca_fill)),
        "records_per_ci": Histogram("Records a control interval", "records", value_classes(contents.per_ci)),
        "record_length": Histogram("Length of records", "bytes", value_classes(contents.lengths)),
    }
    if not definition.index_ci_size:
        del groups["index"], groups["splits"]
    return Figures(
        name,
        kind,
        _summary(kind, definition, image.prefix),
        {name: group for name, group in groups.items() if group},
        histograms,
        damage=[str(loss) for loss in rescue.losses],
        condition_code=rescue.condition_code,
    )


def _contents(image: ClusterImage, rescue: Salvage) -> _Contents:
    """`rescue.losses` are complete behind this."""
    found, size = _Contents(), image.definition.ci_size
    for area in areas(image):
        found.ca_fill[100 * area.used // image.definition.cis_per_ca] += 1
        found.ci_fill.update(percent for percent in area.fill if percent is not None and percent != DAMAGED)
        found.free += area.fill.count(None)
        found.damaged += area.fill.count(DAMAGED)
        found.segments += len(area.segments)
    numbered, linear = image.definition.organization == "NUMBERED", image.definition.organization == "LINEAR"
    slots = slots_per_ci(image.definition.maximum_record, size) if numbered else 0
    holding = Counter[int]()
    for place, record in rescue.rows():
        if not linear:
            found.lengths[len(record) - image.prefix] += 1
            holding[(place - 1) // slots if slots else place // size] += 1
    found.per_ci.update(holding.values())
    return found


def _summary(kind: str, definition: ClusterDefinition, prefix: int) -> str:
    words = [kind]
    if definition.key_length and not prefix:
        words.append(f"KEYS({definition.key_length} {definition.key_offset})")
    if kind != "LDS":
        words.append(f"RECORDSIZE({definition.average_record - prefix} {definition.maximum_record - prefix})")
    words.append(f"CISIZE({definition.ci_size})")
    return " ".join(words)


def _attributes(definition: ClusterDefinition, prefix: int) -> Group:
    keyed = definition.organization == "INDEXED" and not prefix
    linear = definition.organization == "LINEAR"
    return {
        "key_length": definition.key_length if keyed else None,
        "key_offset": definition.key_offset if keyed else None,
        "average_record": None if linear else definition.average_record - prefix,
        "maximum_record": None if linear else definition.maximum_record - prefix,
        "spanned": ("yes" if definition.spanned else "no") if definition.organization in SPANNING else None,
        "free_ci_percent": definition.free_ci_percent if definition.index_ci_size else None,
        "free_ca_percent": definition.free_ca_percent if definition.index_ci_size else None,
        "cross_region": definition.cross_region,
        "cross_system": definition.cross_system,
    }


def _records(contents: _Contents, definition: ClusterDefinition) -> Group:
    if definition.organization == "LINEAR":
        return {}
    lengths, per_ci = contents.lengths, contents.per_ci
    size = sum(length * count for length, count in lengths.items())
    intervals = per_ci.total()
    return {
        "count": lengths.total(),
        "bytes": size,
        "shortest": min(lengths, default=None),
        "average": size / lengths.total() if lengths else None,
        "longest": max(lengths, default=None),
        "fewest_a_ci": min(per_ci, default=None),
        "average_a_ci": sum(n * count for n, count in per_ci.items()) / intervals if intervals else None,
        "most_a_ci": max(per_ci, default=None),
    }


def _space(image: ClusterImage, statistics: Statistics, contents: _Contents) -> Group:
    definition, used = image.definition, image.data_cis - contents.free
    filled = sum(percent * count for percent, count in contents.ci_fill.items())
    return {
        "ci_size": definition.ci_size,
        "cis_a_ca": definition.cis_per_ca,
        "cas": contents.ca_fill.total(),
        "cis_in_use": used,
        "cis_free": contents.free,
        "cis_damaged": contents.damaged,
        "cis_of_segments": contents.segments if definition.spanned else None,
        "average_fill": filled / contents.ci_fill.total() if contents.ci_fill else None,
        "free_space": statistics.free_space_bytes,
        "high_used_rba": statistics.high_used_rba,
        "high_allocated_rba": statistics.high_allocated_rba,
        "extents": statistics.extents,
    }


def _index(definition: ClusterDefinition, statistics: Statistics) -> Group:
    return {
        "levels": statistics.levels,
        "records": statistics.index_records,
        "ci_size": definition.index_ci_size,
        "high_used_rba": statistics.index_high_used_rba,
        "high_allocated_rba": statistics.index_high_allocated_rba,
        "high_level_rba": statistics.high_level_index_rba,
        "sequence_set_rba": statistics.sequence_set_rba,
        "extents": statistics.index_extents,
    }


def _some(statistics: Statistics, *names: str) -> Group:
    found = asdict(statistics)
    return {name: found[name] for name in names}
