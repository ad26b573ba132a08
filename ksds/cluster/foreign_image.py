"""A cluster from elsewhere: component files alone, without catalog, checksums or journal.

What the catalog would say is read off the files: the index CISIZE from the length of the first index record, the
control area from the pointers of the sequence set, the data CISIZE from what decodes, the root from the levels, the
high-used RBA from the last control area or the software end of file. Nothing is believed: the checker judges the image
before anything is made of it, and `adopt` then takes the control intervals (CIs) over as they are, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import LINEAR_UNIT, ClusterDefinition
from ksds.cluster.index import EXTENT_CIS
from ksds.cluster.organizations import Cluster
from ksds.cluster.salvage import Salvage
from ksds.cluster.space import CA_TRACKS, CI_SIZES, cis_per_ca
from ksds.errors import Damaged, KsdsError, LoadModeViolation
from ksds.layout import cluster_state, index_record, segment
from ksds.layout.control_interval import decode
from ksds.layout.index_record import IndexRecord
from ksds.storage.component import Component
from ksds.storage.device import Device
from ksds.storage.sphere_files import ComponentName

BATCH = 64
TRACK_CIS = 12
"""CIs of a control area where no index tells, if whole ones fit: a track of CIs of 4096 bytes."""


class ForeignImageError(KsdsError, ValueError):
    """The files do not tell what the cluster is."""

    def __str__(self) -> str:
        return f"KSD009E {self.args[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFiles:
    """Files and what their owner knows. `ci_size`, `average_record` and `maximum_record` are 0 where he does not."""

    name: str
    organization: str
    data: Device
    index: Device | None = None
    key_length: int = 0
    key_offset: int = 0
    ci_size: int = 0
    average_record: int = 0
    maximum_record: int = 0


def foreign_image(files: ForeignFiles) -> ClusterImage:
    """The image of the files, with the definition that they suggest. Raises ForeignImageError, OSError."""
    if files.organization == "INDEXED":
        return _keyed_image(files)
    size = files.ci_size or (LINEAR_UNIT if files.organization == "LINEAR" else _decodable_size(files, 0))
    count, rest = divmod(files.data.size(), size)
    if rest:
        raise ForeignImageError(f"THE DATA FILE IS NOT A WHOLE NUMBER OF CONTROL INTERVALS OF {size} BYTES")
    read = _reader(files, size, 0)
    if files.organization != "LINEAR":
        count = next((number for number in range(count) if not any(read("data", number)[-4:])), count)
    definition = _definition(files, size, 0, count if count % TRACK_CIS else TRACK_CIS, count)
    image = ClusterImage(definition=definition, read=read, data_cis=count, data_allocated=count)
    return replace(image, definition=_with_records(image, files))


def bare_image(definition: ClusterDefinition, data: Device, index: Device | None) -> ClusterImage:
    """The image of a cluster's component files whose definition is known but nothing else: no checksum and no journal
    vouches for what stands in them. `definition` is the stored form; without an index file the index is empty."""
    files = ForeignFiles(name=definition.name, organization=definition.organization, data=data, index=index)
    data_cis = data.size() // definition.ci_size
    index_cis = index.size() // definition.index_ci_size if index is not None else 0
    return ClusterImage(
        definition=definition,
        read=_reader(files, definition.ci_size, definition.index_ci_size),
        data_cis=data_cis,
        data_allocated=data_cis,
        index_cis=index_cis,
        index_allocated=index_cis,
    )


# -- keyed ----------------------------------------------------------------------------------------------------


def _keyed_image(files: ForeignFiles) -> ClusterImage:
    if files.index is None:
        raise ForeignImageError("A KEY-SEQUENCED DATA SET HAS AN INDEX FILE, TOO")
    index_size = int.from_bytes(files.index.read(0, 2), "big") + index_record.CONTROL_LENGTH
    if index_size not in CI_SIZES:
        raise ForeignImageError("THE INDEX FILE DOES NOT BEGIN WITH AN INDEX RECORD")
    records, index_cis = _index_records(files, index_size)
    sequence_set = [record for record in records.values() if record.level == 1]
    top = max((record.level for record in records.values()), default=0)
    roots = [number for number, record in records.items() if record.level == top]
    if not sequence_set or len(roots) != 1:
        raise ForeignImageError(f"THE INDEX HAS {len(roots)} RECORDS OF THE HIGHEST LEVEL, {top}")
    sizes = {len(record.entries) + len(record.free) for record in sequence_set}
    per_ca = max(sizes)
    pointer = sequence_set[0].entries[0][1]
    bases = [record.base_rba for record in sequence_set]
    size = files.ci_size or _keyed_size(files, bases, per_ca, pointer)
    data_cis = max(bases) // size + per_ca
    if data_cis * size > files.data.size():
        what = f"THE INDEX LEADS TO RBA {data_cis * size - 1}, THE DATA FILE HAS {files.data.size()} BYTES"
        raise ForeignImageError(what)
    read = _reader(files, size, index_size)
    image = ClusterImage(
        definition=_definition(files, size, index_size, per_ca, data_cis),
        read=read,
        data_cis=data_cis,
        data_allocated=data_cis,
        index_cis=index_cis,
        index_allocated=index_cis,
        root=roots[0],
        levels=top,
    )
    return replace(image, definition=_with_records(image, files))


def _index_records(files: ForeignFiles, size: int) -> tuple[dict[int, IndexRecord], int]:
    """The index records that decode, and how many CIs there are up to the software end of file."""
    assert files.index is not None
    records: dict[int, IndexRecord] = {}
    count = files.index.size() // size
    for number in range(count):
        ci = files.index.read(number * size, size)
        if not any(ci[-4:]):
            return records, number
        try:
            records[number] = index_record.decode(ci, files.key_length)
        except Damaged:
            continue
    return records, count


def _keyed_size(files: ForeignFiles, bases: list[int], per_ca: int, pointer: int) -> int:
    """The data CISIZE: what the first of several control areas takes, divided; else what decodes."""
    second = min((base for base in bases if base), default=0)
    if second and second % per_ca == 0 and second // per_ca in CI_SIZES:
        return second // per_ca
    return _decodable_size(files, pointer)


def _decodable_size(files: ForeignFiles, number: int) -> int:
    """The one CISIZE with which the CI and its neighbours make sense. Raises ForeignImageError for none or several."""
    found = [size for size in CI_SIZES if _makes_sense(files.data, size, number)]
    if len(found) != 1:
        raise ForeignImageError("THE FILES DO NOT TELL THE DATA CISIZE; SAY IT")
    return found[0]


def _makes_sense(data: Device, size: int, number: int) -> bool:
    intervals = [data.read(at * size, size) for at in (number, *range(8))]
    if len(intervals[0]) < size:
        return False
    try:
        decoded = [decode(ci) for ci in intervals if len(ci) == size]
    except Damaged:
        return False
    return any(interval.records for interval in decoded)


# -- what files say of themselves --------------------------------------------------------------------------------


def _reader(files: ForeignFiles, size: int, index_size: int) -> Callable[[ComponentName, int], bytes]:
    def read(component: ComponentName, number: int) -> bytes:
        device, length = (files.data, size) if component == "data" else (files.index, index_size)
        ci = device.read(number * length, length) if device is not None else b""
        if len(ci) < length:
            code = Damaged.READ_DATA if component == "data" else Damaged.READ_SEQUENCE_SET
            raise Damaged("the file ends before it", feedback=code, component=component, rba=number * length)
        return ci

    return read


def _definition(files: ForeignFiles, size: int, index_size: int, per_ca: int, count: int) -> ClusterDefinition:
    """Space that holds what there is, in control areas of a disk if they are of that size; records not known yet."""
    tracks = next((tracks for tracks in CA_TRACKS if cis_per_ca(size, tracks) == per_ca), CA_TRACKS[0])
    areas = max(1, -(-count // max(1, per_ca)))
    linear = files.organization == "LINEAR"
    try:
        return ClusterDefinition(
            name=files.name,
            organization=files.organization,
            key_length=files.key_length if index_size else 0,
            key_offset=files.key_offset if index_size else 0,
            average_record=0 if linear else 1,
            maximum_record=0 if linear else max(1, files.key_offset + files.key_length),
            spanned=files.key_offset + files.key_length > size - 7,
            ci_size=size,
            index_ci_size=index_size,
            cis_per_ca=max(1, per_ca),
            primary=areas * tracks,
            secondary=tracks,
            ca_tracks=tracks,
        )
    except ValueError as error:
        raise ForeignImageError(str(error).upper()) from None


def _with_records(image: ClusterImage, files: ForeignFiles) -> ClusterDefinition:
    """The definition with RECORDSIZE: what was said, else what is found; and SPANNED if segments are."""
    definition = image.definition
    if definition.organization == "LINEAR":
        return definition
    lengths = sorted(_lengths(image)) or [definition.maximum_record]
    maximum = files.maximum_record or lengths[-1]
    average = files.average_record or (maximum if lengths[0] == maximum else sum(lengths) // len(lengths))
    spanned = any(map(_is_segment, _intervals(image)))
    try:
        return replace(
            definition,
            average_record=min(average, maximum),
            maximum_record=maximum,
            spanned=spanned or definition.spanned,
        )
    except ValueError as error:
        raise ForeignImageError(str(error).upper()) from None


def _lengths(image: ClusterImage) -> Iterator[int]:
    if image.definition.organization != "NUMBERED":
        yield from (len(record) for _, record in Salvage(image).rows())
        return
    for ci in _intervals(image):
        try:
            yield from (len(slot) for slot in decode(ci).records)
        except Damaged:
            continue


def _intervals(image: ClusterImage) -> Iterator[bytes]:
    for number in range(image.data_cis):
        try:
            yield image.read("data", number)
        except Damaged:
            continue


def _is_segment(ci: bytes) -> bool:
    try:
        return segment.parse(ci) is not None
    except Damaged:
        return False


# -- taking over ---------------------------------------------------------------------------------------------------


def adopt(cluster: Cluster, image: ClusterImage, advance: Callable[[int], object] = lambda count: None) -> int:
    """Make the CIs of a checked image those of an empty cluster of its definition; how many records. `advance` is told
    the bytes written as it goes.

    Nothing counts before all is written, as in a load. The handle is good for nothing but `close` afterwards. Raises
    LoadModeViolation (8/116) if the cluster is not empty, NoSpace, PhysicalError.
    """
    sphere, definition = cluster.sphere, image.definition
    data, index = sphere.pager.components[0], sphere.pager.components[-1]
    assert data is not None and index is not None
    if data.used:
        raise LoadModeViolation("import needs an empty data set", data_set=definition.name)
    unit = -(-definition.primary // definition.ca_tracks) * definition.cis_per_ca
    sphere.begin_load()
    data.extend(image.data_cis, unit=unit)
    _write(image, data, image.data_cis, advance)
    if image.index_cis:
        index.extend(image.index_cis, unit=EXTENT_CIS)
        _write(image, index, image.index_cis, advance)
    count = 0 if definition.organization == "LINEAR" else sum(1 for _ in Salvage(image).rows())
    end = _end(image) if definition.organization == "NONINDEXED" else 0
    state = cluster_state.ClusterState(root=image.root, levels=image.levels, records=count, end=end)
    sphere.pager.open_for_output = False  # nothing but `close` follows
    sphere.pager.finish_load(cluster_state.build([state]))
    return count


def _end(image: ClusterImage) -> int:
    """RBA after the last record of an ESDS."""
    if not image.data_cis:
        return 0
    last = image.data_cis - 1
    return last * image.definition.ci_size + decode(image.read("data", last)).free_offset


def _write(image: ClusterImage, component: Component, count: int, advance: Callable[[int], object]) -> None:
    for first in range(0, count, BATCH):
        images = [image.read(component.name, at) for at in range(first, min(first + BATCH, count))]
        component.load(first, images)
        advance(len(images) * component.ci_size)
