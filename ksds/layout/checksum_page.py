"""The side file of checksums: one CRC-32C for each control interval, kept outside it.

A VSAM control interval has no spare field, and a checksum inside a page cannot show that a write was
lost (the old page is consistent with itself). So each component has pages of 4096 bytes here:

    | magic 4 | component 2 | reserved 2 | page 4 | crc 4 | 1020 x CRC-32C |

Each member of a sphere has a file of its own: page p of component c stands at page number 2p + (c mod 2).
All numbers are big-endian.
"""

from __future__ import annotations

import struct
import sys
from array import array

import google_crc32c
from construct import Array, Bytes, Const, Int16ub, Int32ub, Struct

PAGE_BYTES = 4096
PER_PAGE = 1020
MAGIC = b"KSUM"

CHECKSUM_PAGE = Struct(
    "magic" / Const(MAGIC),
    "component" / Int16ub,
    "reserved" / Bytes(2),
    "page" / Int32ub,
    "crc" / Int32ub,
    "checksums" / Array(PER_PAGE, Int32ub),
)

_HEADER = struct.Struct(">4sH2sII")


def page_offset(component: int, page: int) -> int:
    """Where page `page` of a component stands in the side file."""
    return (2 * page + component % 2) * PAGE_BYTES


def build(component: int, page: int, checksums: array[int]) -> bytes:
    """A page of up to 1020 checksums, the rest zero."""
    body = array("I", checksums)
    body.extend([0] * (PER_PAGE - len(body)))
    if sys.byteorder == "little":
        body.byteswap()
    raw = body.tobytes()
    blank = _HEADER.pack(MAGIC, component, bytes(2), page, 0) + raw
    return _HEADER.pack(MAGIC, component, bytes(2), page, google_crc32c.value(blank)) + raw


def parse(data: bytes, component: int, page: int) -> array[int] | None:
    """The page's 1020 checksums, or None where it is damaged."""
    if len(data) != PAGE_BYTES:
        return None
    magic, owner, reserved, number, crc = _HEADER.unpack_from(data)
    if (magic, owner, reserved, number) != (MAGIC, component, bytes(2), page):
        return None
    if google_crc32c.value(data[: _HEADER.size - 4] + bytes(4) + data[_HEADER.size :]) != crc:
        return None
    body = array("I", data[_HEADER.size :])
    if sys.byteorder == "little":
        body.byteswap()
    return body
