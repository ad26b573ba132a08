"""Elementary items: bytes to values and back.

A reader raises ValueError or LookupError for bytes that are no value of its field; a writer CopybookError for a value
that the field cannot hold. Numbers are exact: what a reader makes of the digits is said by `Exact`.

    zoned    a digit a byte, zone F; the sign is the zone of the last (LEADING: first) digit, C F A E plus, D B minus,
             or with SEPARATE a byte + or -. Without S in the PICTURE: F or C
    packed   two digits a byte, the last nibble is the sign, of the same values
    binary   two's complement, big-endian; all values of its bytes are taken, as with TRUNC(BIN)
    float    hexadecimal floating point of System/360: sign, exponent to 16 plus 64, fraction

Source: Enterprise COBOL for z/OS Programming Guide, "Formats for numeric data"; z/Architecture Principles of Operation,
"Decimal instructions", "Hexadecimal-floating-point".
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from ksds.codepage import CodePage
from ksds.copybook.items import Item, Usage
from ksds.copybook.picture import Category, Picture
from ksds.copybook.placement import elementary_length
from ksds.errors import DataSetError

_ABOVE_COMP_2 = 16.0**63
"""What the greatest numbers of 56 bits are read as: a double has 53."""

Value = str | int | float | Decimal | None
Reader = Callable[[bytes], Value]
Writer = Callable[[Value], bytes]
Exact = Callable[[int, int, int], Callable[[int], Value]]
"""Given the digits and scale of a field and the digits its bytes can hold: what makes a value of a scaled integer."""

JSON_DIGITS = 15
"""Digits that every JSON reader keeps, even one that reads all numbers as binary floating point."""

_PLUS, _MINUS = 0xC, 0xD
_PLUS_SIGNS, _MINUS_SIGNS = (0xC, 0xF, 0xA, 0xE), (0xD, 0xB)
_DIGITS = bytes(48 + byte - 0xF0 if 0xF0 <= byte <= 0xF9 else 0x78 for byte in range(256))
"""Zoned digits to ASCII; whatever is none becomes an x, which no number has."""
_UNITS = {zone << 4 | digit: b"%d" % digit for zone in (*_PLUS_SIGNS, *_MINUS_SIGNS) for digit in range(10)}
_NEGATIVE = frozenset(zone << 4 | digit for zone in _MINUS_SIGNS for digit in range(10))
_SIGN_NIBBLES = {**dict.fromkeys("cfae", 1), **dict.fromkeys("db", -1)}
_POINTERS = {Usage.POINTER, Usage.FUNCTION_POINTER, Usage.PROCEDURE_POINTER, Usage.OBJECT}


def decimal_text(number: int, scale: int) -> str:
    """A scaled integer with its decimal point: (-1234, 2) is -12.34. Never an exponent."""
    return _with_point(scale)(number)


def _with_point(scale: int) -> Callable[[int], str]:
    if scale <= 0:
        return lambda number: str(number * 10**-scale)
    shape: str = f"%d.%0{scale}d"
    factor: int = 10**scale

    def text(number: int) -> str:
        return shape % divmod(number, factor) if number >= 0 else "-" + shape % divmod(-number, factor)

    return text


def as_json(digits: int, scale: int, capacity: int) -> Callable[[int], Value]:
    """Whole numbers of at most 15 digits as numbers, all others as text with a decimal point."""
    if scale <= 0 and digits - scale <= JSON_DIGITS:
        return _whole(scale)
    return _with_point(scale)


def as_decimal(digits: int, scale: int, capacity: int) -> Callable[[int], Value]:
    """Whole numbers as int, all others as Decimal of the field's scale."""
    if scale <= 0:
        return _whole(scale)
    text = _with_point(scale)
    return lambda number: Decimal(text(number))


def _whole(scale: int) -> Callable[[int], Value]:
    factor: int = 10**-scale
    return int if factor == 1 else lambda number: number * factor


def capacity(item: Item) -> int:
    """Digits that the bytes of a numeric item can hold, which may be more than its PICTURE says."""
    shape, length = item.picture, elementary_length(item)
    if item.usage is Usage.INDEX or (shape is not None and item.usage in (Usage.BINARY, Usage.NATIVE)):
        return {2: 5, 4: 10, 8: 20}[length]
    assert shape is not None
    return 2 * length - 1 if item.usage is Usage.PACKED else shape.digits


def kind(item: Item) -> str:
    """What the bytes of an item should be, for messages."""
    if item.usage is Usage.PACKED:
        return "PACKED DECIMAL"
    if item.picture and item.picture.category is Category.NUMERIC and item.usage in (Usage.DISPLAY, Usage.NATIONAL):
        return "ZONED DECIMAL" if item.usage is Usage.DISPLAY else "NATIONAL DECIMAL"
    return "UTF-16" if item.usage is Usage.NATIONAL else str(item.usage)


# -- readers -----------------------------------------------------------------------------------------------------


def reader(item: Item, page: CodePage, exact: Exact) -> Reader:
    """What reads an elementary item's bytes, of exactly its length."""
    usage, shape = item.usage, item.picture
    if usage in _POINTERS or usage is Usage.DBCS:
        return lambda raw: raw.hex().upper()
    if usage in (Usage.SHORT_FLOAT, Usage.LONG_FLOAT):
        return _read_float
    if usage is Usage.INDEX:
        return _binary_reader(signed=False, finish=exact(10, 0, 10))
    assert shape is not None
    if shape.category is not Category.NUMERIC:
        return _text_reader(item, page)
    finish = exact(shape.digits if usage is not Usage.NATIVE else capacity(item), shape.scale, capacity(item))
    if usage in (Usage.BINARY, Usage.NATIVE):
        return _binary_reader(signed=shape.signed, finish=finish)
    if usage is Usage.PACKED:
        return _packed_reader(signed=shape.signed, finish=finish)
    read = _display_reader(item, shape, finish)
    if usage is Usage.NATIONAL:
        return lambda raw: read(raw.decode("utf-16-be").encode("cp037"))
    if item.blank_when_zero:
        blanks = page.encode(" ") * shape.size
        return lambda raw: finish(0) if raw == blanks else read(raw)
    return read


def _text_reader(item: Item, page: CodePage) -> Reader:
    decode: Callable[[bytes], str] = page.decode
    if item.usage is Usage.NATIONAL:
        return lambda raw: raw.decode("utf-16-be").rstrip(" ")
    if item.justified:
        return lambda raw: decode(raw).lstrip(" ")
    return lambda raw: decode(raw).rstrip(" ")


def _binary_reader(*, signed: bool, finish: Callable[[int], Value]) -> Reader:
    from_bytes = int.from_bytes
    return lambda raw: finish(from_bytes(raw, "big", signed=signed))


def _packed_reader(*, signed: bool, finish: Callable[[int], Value]) -> Reader:
    signs = _SIGN_NIBBLES if signed else {"f": 1, "c": 1}

    def read(raw: bytes) -> Value:
        digits = raw.hex()
        return finish(int(digits[:-1]) * signs[digits[-1]])

    return read


def _display_reader(item: Item, shape: Picture, finish: Callable[[int], Value]) -> Reader:
    """Zoned decimals, with or without a sign; in UTF-16 the last digit of an unsigned one is a digit."""
    zones = (0xF,) if item.usage is Usage.NATIONAL else (0xF, 0xC)
    if not shape.signed:
        units = {byte: unit for byte, unit in _UNITS.items() if byte >> 4 in zones}
        return lambda raw: finish(int(raw[:-1].translate(_DIGITS) + units[raw[-1]]))
    if item.sign_separate:
        signs = {0x4E: 1, 0x60: -1}
        if item.sign_leading:
            return lambda raw: finish(int(raw[1:].translate(_DIGITS)) * signs[raw[0]])
        return lambda raw: finish(int(raw[:-1].translate(_DIGITS)) * signs[raw[-1]])

    def leading(raw: bytes) -> Value:
        number = int(_UNITS[raw[0]] + raw[1:].translate(_DIGITS))
        return finish(-number if raw[0] in _NEGATIVE else number)

    def trailing(raw: bytes) -> Value:
        last = raw[-1]
        number = int(raw[:-1].translate(_DIGITS) + _UNITS[last])
        return finish(-number if last in _NEGATIVE else number)

    return leading if item.sign_leading else trailing


def _read_float(raw: bytes) -> Value:
    fraction = int.from_bytes(raw[1:], "big")
    number = math.ldexp(fraction, 4 * ((raw[0] & 0x7F) - 64) - 8 * (len(raw) - 1))
    return -number if raw[0] & 0x80 else number


# -- writers -----------------------------------------------------------------------------------------------------


def writer(item: Item, page: CodePage) -> Writer:
    """What makes an elementary item's bytes of a value as `reader` gives it."""
    usage, shape, length = item.usage, item.picture, elementary_length(item)
    if usage in _POINTERS or usage is Usage.DBCS:
        return lambda value: _from_hex(item, value, length)
    if usage in (Usage.SHORT_FLOAT, Usage.LONG_FLOAT):
        return lambda value: _float_bytes(item, value, length)
    if shape is None or usage in (Usage.BINARY, Usage.NATIVE):
        scale, signed = (shape.scale, shape.signed) if shape else (0, False)
        return lambda value: _binary_bytes(item, scaled(item, value, scale), length, signed=signed)
    if shape.category is not Category.NUMERIC:
        return lambda value: _text_bytes(item, value, length, page)
    return lambda value: _decimal_bytes(item, shape, scaled(item, value, shape.scale), page)


def scaled(item: Item, value: Value, scale: int) -> int:
    """The digits of a value. Raises CopybookError for what is no number, or has too many decimal places."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise item.error(f"CANNOT HOLD {str(value)[:40]!r}: NOT A NUMBER") from None
    sign, digits, exponent = number.as_tuple()
    if not number.is_finite() or abs(number.adjusted()) > 60 or len(digits) > 120:
        raise item.error(f"CANNOT HOLD {str(value)[:40]}")
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits)))
    shift: int = 10 ** abs(exponent + scale)
    if exponent + scale < 0 and whole % shift:
        raise item.error(f"CANNOT HOLD {str(value)[:40]}: ITS SCALE IS {scale}")
    whole = whole * shift if exponent + scale >= 0 else whole // shift
    return -whole if sign else whole


def _decimal_bytes(item: Item, shape: Picture, number: int, page: CodePage) -> bytes:
    if abs(number) >= 10**shape.digits or (number < 0 and not shape.signed):
        raise item.error(f"CANNOT HOLD {decimal_text(number, shape.scale)}")
    digits = f"{abs(number):0{shape.digits}}"
    nibble = (_MINUS if number < 0 else _PLUS) if shape.signed else 0xF
    if item.usage is Usage.PACKED:
        return bytes.fromhex(f"{digits}{nibble:x}".rjust(2 * (shape.digits // 2 + 1), "0"))
    if item.blank_when_zero and not number:
        return page.encode(" ") * elementary_length(item)
    zoned = bytearray(digits.encode("cp037"))
    if shape.signed and item.sign_separate:
        sign = b"\x60" if number < 0 else b"\x4e"
        zoned[0 if item.sign_leading else len(zoned) : 0 if item.sign_leading else len(zoned)] = sign
    elif shape.signed:
        zoned[0 if item.sign_leading else -1] &= nibble << 4 | 0xF
    return zoned.decode("cp037").encode("utf-16-be") if item.usage is Usage.NATIONAL else bytes(zoned)


def _binary_bytes(item: Item, number: int, length: int, *, signed: bool) -> bytes:
    try:
        return number.to_bytes(length, "big", signed=signed)
    except OverflowError:
        raise item.error(f"CANNOT HOLD {number} IN {length} BYTES") from None


def _text_bytes(item: Item, value: Value, length: int, page: CodePage) -> bytes:
    if not isinstance(value, str):
        raise item.error(f"CANNOT HOLD {str(value)[:40]}: NOT TEXT")
    try:
        data = value.encode("utf-16-be") if item.usage is Usage.NATIONAL else page.encode(value)
    except (UnicodeEncodeError, DataSetError) as error:
        raise item.error(f"CANNOT HOLD {value[:40]!r}: {getattr(error, 'what', 'NOT UTF-16')}") from None
    if len(data) > length:
        raise item.error(f"CANNOT HOLD TEXT OF {len(data)} BYTES, IT HAS {length}")
    blank = b"\0 " if item.usage is Usage.NATIONAL else page.encode(" ")
    padding = blank * ((length - len(data)) // len(blank))
    return padding + data if item.justified else data + padding


def _from_hex(item: Item, value: Value, length: int) -> bytes:
    try:
        data = bytes.fromhex(str(value))
    except ValueError:
        data = b""
    if len(data) != length:
        raise item.error(f"CANNOT HOLD {str(value)[:40]!r}: NOT {2 * length} HEXADECIMAL DIGITS")
    return data


def _float_bytes(item: Item, value: Value, length: int) -> bytes:
    if isinstance(value, str | None) or not math.isfinite(value):
        raise item.error(f"CANNOT HOLD {str(value)[:40]}: NOT A NUMBER")
    mantissa, exponent = math.frexp(abs(float(value)))
    if not mantissa:
        return bytes(length)
    hexadecimal = -(-exponent // 4)
    bits = 8 * (length - 1)
    fraction = round(math.ldexp(mantissa, bits + exponent - 4 * hexadecimal))
    if fraction >> bits:
        fraction, hexadecimal = fraction >> 4, hexadecimal + 1
    if hexadecimal < -64:
        return bytes(length)
    if abs(value) == _ABOVE_COMP_2 and bits > sys.float_info.mant_dig:
        fraction, hexadecimal = (1 << bits) - 1, 63
    if hexadecimal > 63:
        raise item.error(f"CANNOT HOLD {value}")
    return bytes([(value < 0) << 7 | hexadecimal + 64]) + fraction.to_bytes(length - 1)


def error_of(item: Item, raw: bytes) -> str:
    """Why these bytes are no value of the field."""
    return f"X'{raw[:20].hex().upper()}{'...' if len(raw) > 20 else ''}' IS NOT {kind(item)}"
