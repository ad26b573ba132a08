"""The element types of tensors. Source: tensorflow core/framework/types.proto."""

from __future__ import annotations

STRING = 7
VARIANT = 21

_FIXED = {
    **{1: ("float32", 4), 2: ("float64", 8), 3: ("int32", 4), 4: ("uint8", 1), 5: ("int16", 2), 6: ("int8", 1)},
    **{8: ("complex64", 8), 9: ("int64", 8), 10: ("bool", 1), 11: ("qint8", 1), 12: ("quint8", 1), 13: ("qint32", 4)},
    **{14: ("bfloat16", 2), 15: ("qint16", 2), 16: ("quint16", 2), 17: ("uint16", 2), 18: ("complex128", 16)},
    **{19: ("float16", 2), 22: ("uint32", 4), 23: ("uint64", 8), 24: ("float8_e5m2", 1), 25: ("float8_e4m3fn", 1)},
    **{26: ("float8_e4m3fnuz", 1), 27: ("float8_e4m3b11fnuz", 1), 28: ("float8_e5m2fnuz", 1)},
}
_OTHERS = {7: "string", 20: "resource", 21: "variant", 29: "int4", 30: "uint4", 31: "int2", 32: "uint2", 33: "float4"}


def dtype_name(number: int) -> str:
    """What people call the type; `dtype 99` if there is none."""
    return _FIXED[number][0] if number in _FIXED else _OTHERS.get(number, f"dtype {number}")


def element_bytes(number: int) -> int | None:
    """Bytes of one element; None where they are not whole, differ, or the type is not known."""
    return _FIXED[number][1] if number in _FIXED else None
