"""The figures of sequential data sets, members and libraries: everything is read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ksds.cluster.space import blocks_per_track
from ksds.datasets import DataSetAttributes, PartitionedDataSet, SequentialDataSet
from ksds.figures.report import Figures, Group, Histogram, percent_classes, value_classes

DESCRIPTOR = 4
"""Bytes of the descriptor in front of a block of V and U records."""


def sequential_figures(data_set: SequentialDataSet, name: str) -> Figures:
    """Of a sequential data set or member. Raises DataSetError where its blocks go wrong."""
    shape = data_set.attributes
    lengths, blocks = _read([data_set])
    groups = {
        "attributes": _attributes(shape),
        "records": _records(lengths),
        "space": _space(blocks, shape) | {"bytes": data_set.size()},
    }
    return Figures(name, shape.dsorg, _summary("PS", shape), groups, _histograms(lengths, blocks, shape))


def library_figures(library: PartitionedDataSet, name: str) -> Figures:
    """Of a library: the members together. Raises DataSetError for one that is damaged."""
    shape, found = library.attributes, library.members()
    members = [member for member in found if not member.is_alias]
    lengths, blocks = _read(library.open(member.name) for member in members)
    kind = "PO-E" if shape.pdse else "PO"
    size, lost = library.space()
    sizes = Counter(member.size for member in members)
    groups: dict[str, Group] = {
        "attributes": _attributes(shape),
        "members": {
            "count": len(members),
            "aliases": len(found) - len(members),
            "with_statistics": sum(member.statistics is not None for member in members),
            "largest": max(sizes, default=None),
            "average": sum(sizes.elements()) / len(members) if members else None,
        },
        "records": _records(lengths),
        "space": _space(blocks, shape) | {"bytes": size, "bytes_lost": lost},
    }
    histograms = {"member_size": Histogram("Size of members", "bytes", value_classes(sizes))}
    return Figures(name, kind, _summary(kind, shape), groups, histograms | _histograms(lengths, blocks, shape))


def _read(data_sets: Iterable[SequentialDataSet]) -> tuple[Counter[int], Counter[int]]:
    """How many records of each length there are, and how many blocks."""
    lengths, blocks = Counter[int](), Counter[int]()
    for data_set in data_sets:
        lengths.update(map(len, data_set.records()))
        blocks.update(len(block) for _, block in data_set.blocks())
    return lengths, blocks


def _summary(kind: str, shape: DataSetAttributes) -> str:
    return f"{kind} RECFM={shape.recfm} LRECL={shape.lrecl} BLKSIZE={shape.blksize}"


def _attributes(shape: DataSetAttributes) -> Group:
    return {"recfm": shape.recfm, "lrecl": shape.lrecl, "blksize": shape.blksize}


def _records(lengths: Counter[int]) -> Group:
    size = sum(length * count for length, count in lengths.items())
    return {
        "count": lengths.total(),
        "bytes": size,
        "shortest": min(lengths, default=None),
        "average": size / lengths.total() if lengths else None,
        "longest": max(lengths, default=None),
    }


def _space(blocks: Counter[int], shape: DataSetAttributes) -> Group:
    """`tracks` is what the blocks take on a 3390, were they all of BLKSIZE."""
    count = blocks.total()
    filled = sum(size * number for size, number in blocks.items())
    return {
        "blocks": count,
        "average_block": filled / count if count else None,
        "tracks": -(-count // blocks_per_track(shape.blksize)),
    }


def _histograms(lengths: Counter[int], blocks: Counter[int], shape: DataSetAttributes) -> dict[str, Histogram]:
    whole = shape.blksize + (DESCRIPTOR if shape.kind == "U" else 0)
    fill = Counter[int]()
    for size, count in blocks.items():
        fill[min(100, 100 * size // whole)] += count
    return {
        "block_fill": Histogram("How full blocks are", "%", percent_classes(fill)),
        "record_length": Histogram("Length of records", "bytes", value_classes(lengths)),
    }
