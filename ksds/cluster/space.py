"""The arithmetic of DEFINE: how many control intervals a 3390 track holds, and what follows from it.

A cluster's space is still reckoned in tracks and cylinders of a 3390 disk. From the request come, in this order: the
data CISIZE, the control area (CA) in tracks, quantities rounded to whole CAs, the CIs of a CA, the index CISIZE.

Sources: z/OS DFSMS Using Data Sets, "Optimizing Control Interval Size", "Optimizing Control Area Size", "How VSAM
Adjusts Control Interval Size"; 3390 reference summary (track capacity). Where they are silent the choice is the
largest yield of a cylinder, which gives every CISIZE seen on a real system (docs/FIDELITY.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from math import isqrt
from typing import NoReturn

from ksds.cluster.definition import LINEAR_UNIT, NUMBER_LENGTH, SPANNING, ClusterDefinition, is_ci_size
from ksds.errors import KsdsError
from ksds.layout import segment
from ksds.layout.index_record import CONTROL_LENGTH, HEADER_LENGTH, pointer_bytes_for

TRACKS_PER_CYLINDER = 15
CA_TRACKS = (1, 3, 5, 7, 9, 15)
"""The control area sizes a disk allows."""
CI_SIZES = tuple(size for size in range(512, 32768 + 1, 512) if is_ci_size(size))
MAXIMUM_RECORD = CI_SIZES[-1] - 7
MAXIMUM_DATA_SET = (1 << 32) - 1
"""Bytes: an RBA has four of them."""

LEAST_KEYS = 4
"""Whole keys that a record of the index set has room for, however badly they compress."""

_CELLS_PER_TRACK = 1729
_CELL = 34
_LARGEST_UNSPLIT = 26624


class InvalidDefinition(KsdsError, ValueError):
    """The operands of DEFINE contradict each other or what a cluster can be.

    `message_id` and `what` are the IDC message; `detail` says more where IBM's text does not.
    """

    def __init__(self, message_id: str, what: str, detail: str = "") -> None:
        super().__init__(what)
        self.message_id = message_id
        self.what = what
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message_id} {self.what}" + (f": {self.detail}" if self.detail else "")


def _refuse_space(why: str) -> NoReturn:
    raise InvalidDefinition("IDC3505I", "INCORRECT SPECIFICATION OF SPACE ALLOCATION", why)


@dataclass(frozen=True, slots=True)
class SpaceQuantity:
    """CYLINDERS, TRACKS, RECORDS, KILOBYTES or MEGABYTES with its primary and secondary quantity."""

    unit: str
    primary: int
    secondary: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceRequest:
    """What DEFINE CLUSTER said. None = not coded; sizes in bytes; empty names are generated.

    `buffer_space` is BUFFERSPACE: it can lower a coded data CISIZE.
    """

    name: str
    space: SpaceQuantity
    organization: str = "INDEXED"
    key_length: int = 64
    key_offset: int = 0
    average_record: int = 4089
    maximum_record: int = 4089
    ci_size: int | None = None
    index_ci_size: int | None = None
    buffer_space: int | None = None
    free_ci_percent: int = 0
    free_ca_percent: int = 0
    cross_region: int = 1
    cross_system: int = 3
    reuse: bool = False
    spanned: bool = False
    speed: bool = False
    erase: bool = False
    data_name: str = ""
    index_name: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Space in whole units, as LISTCAT shows it: SPACE-TYPE (CYLINDER or TRACK), SPACE-PRI, SPACE-SEC, TRACKS/CA."""

    unit: str
    primary: int
    secondary: int
    ca_tracks: int


def blocks_per_track(block_bytes: int) -> int:
    """How many keyless blocks of `block_bytes` a 3390 track of 1729 cells holds; 0 if not even one."""
    parts = -(-(block_bytes + 6) // 232)
    cells = 19 + -(-(block_bytes + 6 * parts + 6) // _CELL)
    return _CELLS_PER_TRACK // cells


def round_ci_size(size: int) -> int:
    """The smallest valid CISIZE that is at least `size`. Raises InvalidDefinition above 32768 and below 1."""
    if size >= 1:
        for valid in CI_SIZES:
            if valid >= size:
                return valid
    raise InvalidDefinition("IDC3221I", f"CONSTANT '{size}' NOT WITHIN VALUE RANGE")


def physical_record(ci_size: int) -> int:
    """PHYREC-SIZE: the block that a CI is stored in; a CI too large for two a track is cut into equal blocks."""
    if ci_size <= _LARGEST_UNSPLIT:
        return ci_size
    blocks = [ci_size // count for count in range(2, 17) if ci_size % count == 0 and is_ci_size(ci_size // count)]
    return max(blocks, key=lambda block: (_cis_in(ci_size, block, TRACKS_PER_CYLINDER), block))


def cis_per_ca(ci_size: int, ca_tracks: int) -> int:
    """CIs in a control area of `ca_tracks` tracks; a CI of several blocks may straddle two of them."""
    return _cis_in(ci_size, physical_record(ci_size), ca_tracks)


def _cis_in(ci_size: int, block: int, tracks: int) -> int:
    return blocks_per_track(block) * tracks * block // ci_size


def default_ci_size(record: int) -> int:
    """The CISIZE that puts most bytes on a cylinder among those that hold a record of `record` bytes."""
    fitting = [size for size in CI_SIZES if size >= record + 7]
    if not fitting:
        what = "SPANNED ATTRIBUTE REQUIRED FOR RECORDSIZE GREATER THAN 32,761"
        raise InvalidDefinition("IDC3522I", what)
    return max(fitting, key=lambda size: (size * cis_per_ca(size, TRACKS_PER_CYLINDER), -size))


def default_index_ci_size(key_length: int, cis: int) -> int | None:
    """The smallest CISIZE of an index whose record addresses `cis` CIs when keys compress three to one.

    None if even the largest is too small.
    """
    entry = -(-key_length // 3) + 2 + pointer_bytes_for(cis)
    sections = max(1, isqrt(cis))
    needed = HEADER_LENGTH + cis * entry + 2 * sections + CONTROL_LENGTH
    return round_ci_size(needed) if needed <= CI_SIZES[-1] else None


def allocation(space: SpaceQuantity, ci_size: int, average_record: int) -> Allocation:
    """Round a space request to whole control areas.

    The CA is the smaller of primary and secondary, at most a cylinder, rounded up to a size that disks allow. Raises
    InvalidDefinition (IDC3505I) for no space at all or more than an RBA can address.
    """
    if space.primary < 1 or space.secondary < 0:
        _refuse_space("THE PRIMARY QUANTITY MUST BE AT LEAST 1")
    primary = _tracks(space.unit, space.primary, ci_size, average_record)
    secondary = _tracks(space.unit, space.secondary, ci_size, average_record)
    smaller = min(primary, secondary) if secondary else primary
    ca_tracks = next((size for size in CA_TRACKS if size >= smaller), TRACKS_PER_CYLINDER)
    primary_cas, secondary_cas = -(-primary // ca_tracks), -(-secondary // ca_tracks)
    if primary_cas * cis_per_ca(ci_size, ca_tracks) * ci_size > MAXIMUM_DATA_SET:
        _refuse_space("MORE THAN 4 GIGABYTES")
    if ca_tracks == TRACKS_PER_CYLINDER:
        return Allocation("CYLINDER", primary_cas, secondary_cas, ca_tracks)
    return Allocation("TRACK", primary_cas * ca_tracks, secondary_cas * ca_tracks, ca_tracks)


def _tracks(unit: str, quantity: int, ci_size: int, average_record: int) -> int:
    per_track = cis_per_ca(ci_size, TRACKS_PER_CYLINDER) * ci_size / TRACKS_PER_CYLINDER
    if unit == "CYLINDERS":
        return quantity * TRACKS_PER_CYLINDER
    if unit == "TRACKS":
        return quantity
    if unit == "KILOBYTES":
        return int(-(-quantity * 1024 // per_track))
    if unit == "MEGABYTES":
        return int(-(-quantity * 1024 * 1024 // per_track))
    if unit == "RECORDS":
        records_per_ci = max(1, (ci_size - 10) // max(1, average_record))
        cis = -(-quantity // records_per_ci) * segment.count(average_record, ci_size)
        return int(-(-cis * ci_size // per_track))
    return _refuse_space(f"{unit} IS NOT A UNIT OF SPACE")


def index_allocation(definition: ClusterDefinition) -> Allocation:
    """The space of the index component, which DEFINE works out: tracks for one record a CA and the levels above."""
    tracks = []
    for quantity in (definition.primary, definition.secondary):
        cas = quantity if definition.space_unit == "CYLINDER" else -(-quantity // definition.ca_tracks)
        records = cas + isqrt(cas) if cas > 1 else cas
        tracks.append(max(1, -(-records // cis_per_ca(definition.index_ci_size, 1))))
    return Allocation("TRACK", tracks[0], tracks[1], 1)


def derive(request: SpaceRequest) -> ClusterDefinition:
    """The cluster that DEFINE makes of a request. Raises InvalidDefinition with the IDC message for what cannot be."""
    _check_records(request)
    request, indexed = _with_its_key(request)
    ci_size = _data_ci_size(request, indexed=indexed)
    space = allocation(request.space, ci_size, request.average_record)
    cis = cis_per_ca(ci_size, space.ca_tracks)
    index_ci_size = 0
    if indexed:
        index_ci_size, cis = _index_ci_size(request, cis)
    if request.spanned and request.maximum_record > cis * segment.capacity(ci_size):
        what = f"INCONSISTENT PARAMETERS INVOLVING 'RECORDSIZE({request.average_record} {request.maximum_record})'"
        longest = f"A CONTROL AREA HOLDS {cis} SEGMENTS OF {segment.capacity(ci_size)} BYTES"
        raise InvalidDefinition("IDC3226I", what, longest)
    return ClusterDefinition(
        name=request.name,
        organization=request.organization,
        key_length=request.key_length,
        key_offset=request.key_offset,
        average_record=request.average_record,
        maximum_record=request.maximum_record,
        ci_size=ci_size,
        index_ci_size=index_ci_size,
        cis_per_ca=cis,
        space_unit=space.unit,
        primary=space.primary,
        secondary=space.secondary,
        ca_tracks=space.ca_tracks,
        free_ci_percent=request.free_ci_percent if indexed else 0,
        free_ca_percent=request.free_ca_percent if indexed else 0,
        cross_region=request.cross_region,
        cross_system=request.cross_system,
        reuse=request.reuse,
        spanned=request.spanned,
        speed=request.speed,
        erase=request.erase,
        data_name=request.data_name or generated_name(request.name, "DATA"),
        index_name=(request.index_name or generated_name(request.name, "INDEX")) if indexed else "",
    )


def generated_name(cluster: str, component: str) -> str:
    """The name DEFINE gives a component, DATA or INDEX, of at most 44 characters.

    In the place of a last qualifier CLUSTER, else behind the name, as one letter if that is longer than 38 characters.
    Behind the first four qualifiers of a name longer than 42 stands one that no other name has: here made of the name.

    Source: z/OS DFSMS Using Data Sets, "Naming a Cluster".
    """
    whole, _, last = cluster.rpartition(".")
    if whole and last == "CLUSTER":
        return f"{whole}.{component}"
    if len(cluster) <= 38:
        return f"{cluster}.{component}"
    if len(cluster) <= 42:
        return f"{cluster}.{component[0]}"
    return ".".join([*cluster.split(".")[:4], _qualifier_of(f"{cluster} {component}")])


def _qualifier_of(text: str) -> str:
    """T and seven letters and digits that only this text gives, as far as anybody will see."""
    number, digits = int.from_bytes(sha256(text.encode()).digest()), ""
    while len(digits) < 7:
        number, digit = divmod(number, 36)
        digits += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit]
    return f"T{digits}"


def _check_records(request: SpaceRequest) -> None:
    average, maximum = request.average_record, request.maximum_record
    if average > maximum:
        raise InvalidDefinition("IDC3515I", "AVERAGE RECORD SIZE EXCEEDS MAXIMUM RECORD SIZE")
    if request.organization == "INDEXED" and request.key_offset + request.key_length > maximum:
        keys = f"KEYS({request.key_length} {request.key_offset})"
        raise InvalidDefinition("IDC3226I", f"INCONSISTENT PARAMETERS INVOLVING '{keys}'", f"RECORDSIZE IS {maximum}")
    if request.spanned and request.organization == "NUMBERED":
        raise InvalidDefinition("IDC3521I", "SPANNED ATTRIBUTE INVALID FOR A RELATIVE RECORD DATA SET")
    if request.spanned and request.organization not in SPANNING:
        why = f"RECORDS OF A {request.organization} CLUSTER MAY NOT SPAN CONTROL INTERVALS"
        raise InvalidDefinition("IDC3226I", "INCONSISTENT PARAMETERS INVOLVING 'SPANNED'", why)


def _with_its_key(request: SpaceRequest) -> tuple[SpaceRequest, bool]:
    """The request with the key that its organization has, and whether there is an index.

    NUMBERED with records of different lengths is a variable-length RRDS, whose key is the record number.
    """
    if request.organization == "INDEXED":
        return request, True
    if request.organization == "NUMBERED" and request.average_record != request.maximum_record:
        return replace(request, key_length=NUMBER_LENGTH, key_offset=0), True
    if request.organization == "LINEAR":
        request = replace(request, average_record=0, maximum_record=0)
    return replace(request, key_length=0, key_offset=0), False


def _data_ci_size(request: SpaceRequest, *, indexed: bool) -> int:
    """The data CISIZE: coded or chosen for the longest record (SPANNED: the average one), lowered to what BUFFERSPACE
    allows, raised to hold the longest record (SPANNED: a first segment with the prime key)."""
    if request.organization == "LINEAR":
        return -(-round_ci_size(request.ci_size or LINEAR_UNIT) // LINEAR_UNIT) * LINEAR_UNIT
    needed = usual = request.maximum_record + (NUMBER_LENGTH if request.organization == "NUMBERED" and indexed else 0)
    if request.spanned:
        needed = request.key_offset + request.key_length + 3 if indexed else 1
        usual = max(needed, min(request.average_record, MAXIMUM_RECORD))
    if request.ci_size is None:
        return default_ci_size(usual)
    size = round_ci_size(request.ci_size)
    smallest = next((ci for ci in CI_SIZES if ci >= needed + 7), 0)
    if not smallest:
        return default_ci_size(needed)
    if request.buffer_space is not None:
        index = round_ci_size(request.index_ci_size or CI_SIZES[0]) if indexed else 0
        room = (request.buffer_space - index) // 2
        size = max((ci for ci in CI_SIZES if ci <= min(room, size)), default=smallest)
    return max(size, smallest)


def _index_ci_size(request: SpaceRequest, cis: int) -> tuple[int, int]:
    """The index CISIZE, raised until a record addresses a whole CA; else CIs of the CA are given up."""
    coded = round_ci_size(request.index_ci_size) if request.index_ci_size is not None else CI_SIZES[0]
    while (needed := default_index_ci_size(request.key_length, cis)) is None:
        cis -= 1
    least = round_ci_size(LEAST_KEYS * (request.key_length + 5) + HEADER_LENGTH + CONTROL_LENGTH)
    return max(coded, needed, least), cis
