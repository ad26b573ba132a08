"""CRC-32C as TensorFlow stores it: masked, so that a checksum of bytes that hold checksums is still worth something."""

from __future__ import annotations

from google_crc32c import value as crc32c

MASK = 0xA282EAD8
"""Also the masked checksum of no bytes."""


def masked(crc: int) -> int:
    """The stored form of a CRC-32C."""
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def masked_crc(data: bytes) -> int:
    """The stored form of the CRC-32C of `data`."""
    return masked(crc32c(data))
