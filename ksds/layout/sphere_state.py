"""The state of a sphere that journal headers and groups carry: space of each component, then its owner's bytes.

    | components 2 | flags 2 | owner_length 2 | components x (ci_size, used, allocated, extents) | owner |

Flag X'8000' is the open-for-output flag: whoever had the sphere open for output has not closed it yet. Row c is
component c: 2m the data of member m, 2m + 1 its index. `used` and `allocated` count control intervals: high-used and
high-allocated RBA divided by the CI size. A row of zeros is a component that there is not. All numbers are big-endian
and unsigned.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from construct import Array, Bytes, Int16ub, Int32ub, Struct, this

from ksds.errors import Damaged

MAXIMUM_EXTENTS = 123
"""Extents of one component on one volume (Using Data Sets, "Allocating space")."""

MAXIMUM_BYTES = 0xFFFFFFFF

OPEN_FOR_OUTPUT = 0x8000

COMPONENT = Struct(
    "ci_size" / Int32ub,
    "used" / Int32ub,
    "allocated" / Int32ub,
    "extents" / Int32ub,
)
SPHERE_STATE = Struct(
    "components" / Int16ub,
    "flags" / Int16ub,
    "owner_length" / Int16ub,
    "rows" / Array(this.components, COMPONENT),
    "owner" / Bytes(this.owner_length),
)

_FRONT = struct.Struct(">HHH")
_ROW = struct.Struct(">IIII")


@dataclass(frozen=True, slots=True)
class Component:
    """Space of one component: size of its CIs in bytes, CIs used and allocated, extents."""

    ci_size: int
    used: int
    allocated: int
    extents: int


ABSENT = Component(0, 0, 0, 0)
"""The row of a component that there is not: an index that a member has no use for, or a member that is gone."""


@dataclass(frozen=True, slots=True)
class Sphere:
    """The state: a row for each component, and bytes that mean something to the owner only."""

    components: list[Component]
    owner: bytes
    open_for_output: bool = False


def build(sphere: Sphere) -> bytes:
    """The state as bytes."""
    rows = b"".join(_ROW.pack(row.ci_size, row.used, row.allocated, row.extents) for row in sphere.components)
    flags = OPEN_FOR_OUTPUT if sphere.open_for_output else 0
    return _FRONT.pack(len(sphere.components), flags, len(sphere.owner)) + rows + sphere.owner


def parse(data: bytes) -> Sphere:
    """What `build` was given. Raises Damaged if the lengths contradict each other."""
    count, flags, length = _FRONT.unpack(data[: _FRONT.size].ljust(_FRONT.size, b"\0"))
    at = _FRONT.size + count * _ROW.size
    if len(data) != at + length:
        what = f"a sphere state of {len(data)} bytes, not {at + length}"
        raise Damaged(what, feedback=Damaged.READ_DATA, component="data")
    rows = [Component(*row) for row in _ROW.iter_unpack(data[_FRONT.size : at])]
    return Sphere(rows, data[at:], bool(flags & OPEN_FOR_OUTPUT))
