"""Field formats: what the bytes of a field are worth, and keys whose bytes sort as the fields do.

    CH characters   AC in ASCII order   AQ in the order of ALTSEQ
    BI binary   FI fixed-point, signed   PD packed   PD0 without its first digit and its sign   ZD (CTO, OT) zoned
    CLO (OL) zoned, the sign in the first byte
    FS (CSF) digits with a floating sign   CSL (LS), CST (TS) with one in the first, in the last byte
    UFF digits found anywhere   SFF the same with a sign
    DT1 DT2 DT3 a date of SMF (0cyydddF) as yyyymmdd, yyyymm, yyyyddd   TM1-TM4 a time: hhmmss, hhmm, hh, hhmmssxx

A decimal field that holds no digits ends the program with S0C7, as decimal instructions do; SUM also wants a sign from
A to F. Sorting takes each half byte as what it is.
Source: z/OS DFSORT Application Programming Guide, "SORT control statement", "Data format descriptions".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import reduce
from operator import itemgetter

from dtf.jcl.programs import Abend
from dtf.jcl.sorting.language import SortError
from ksds.codepage import code_page

NUMERIC = frozenset({"BI", "FI", "PD", "PD0", "ZD", "FS", "CSF", "UFF", "SFF"})
NUMERIC |= {"CLO", "OL", "CTO", "OT", "CSL", "LS", "CST", "TS"}
SMF = frozenset({"DT1", "DT2", "DT3", "TM1", "TM2", "TM3", "TM4"})
"""What only editing knows, not sorting."""
WRITTEN = frozenset({"BI", "FI", "PD", "PDF", "PDC", "ZD", "ZDF", "ZDC", "FS", "CSF"})
"""Formats that TO= may ask for."""
CHARACTER = frozenset({"CH", "AC", "AQ", "SS"})
AS_IT_IS = bytes(range(256))
"""The order of characters without ALTSEQ."""
_INVERTED = bytes(255 - byte for byte in range(256))
_NEGATIVE = frozenset("BD")
_POSITIVE = frozenset("ACEF")
_ODD_SIGNS = frozenset({0xB, 0xD, 9, 7, 5, 3, 1})
_LEAST_SIGN = 0xA
_SYNONYMS = {"CSF": "FS", "OL": "CLO", "CTO": "ZD", "OT": "ZD", "LS": "CSL", "TS": "CST"}
Extract = Callable[[bytes], bytes]
Number = Callable[[bytes], int]


def _bad(data: bytes) -> Abend:
    return Abend("S0C7", 7, f"DTX475E FIELD X'{data[:16].hex().upper()}' IS NOT DECIMAL")


def packed(data: bytes) -> int:
    """PD: digits, the sign in the last half byte. Raises Abend S0C7."""
    digits = data.hex().upper()
    body, sign = digits[:-1], digits[-1:]
    if not body.isdecimal() or sign not in _NEGATIVE | _POSITIVE:
        raise _bad(data)
    return -int(body) if sign in _NEGATIVE else int(body)


def zoned(data: bytes) -> int:
    """ZD: a digit in the low half of each byte, the sign in the high half of the last. Raises Abend S0C7."""
    digits = "".join(f"{byte & 15:X}" for byte in data)
    if not digits.isdecimal():
        raise _bad(data)
    return -int(digits) if data[-1] >> 4 in _ODD_SIGNS else int(digits)


def packed_middle(data: bytes) -> int:
    """PD0: the digits between the first half byte and the last. Raises Abend S0C7."""
    digits = data.hex()[1:-1]
    if not digits.isdecimal():
        raise _bad(data)
    return int(digits)


def overpunched(data: bytes) -> int:
    """CLO: as ZD, but the sign is in the high half of the first byte. Raises Abend S0C7."""
    value = zoned(bytes(byte | 0xF0 for byte in data))
    return -value if data[:1] and data[0] >> 4 in _ODD_SIGNS else value


def separate_sign(data: bytes, *, trailing: bool) -> int:
    """CST, CSL: digits behind or in front of a sign of their own. Raises Abend S0C7."""
    text = code_page().decode(data).strip()
    return signed_text(code_page().encode(text[-1:] + text[:-1])) if trailing else signed_text(data)


def signed_text(data: bytes) -> int:
    """FS: blanks, a sign, digits; all blank is 0. Raises Abend S0C7."""
    text = code_page().decode(data).strip()
    try:
        return int(text.replace(" ", "") or "0")
    except ValueError:
        raise _bad(data) from None


def free_unsigned(data: bytes) -> int:
    """UFF: all digits in the field, whatever stands between them."""
    return int(re.sub(r"[^0-9]", "", code_page().decode(data)) or "0")


def free_signed(data: bytes) -> int:
    """SFF: as UFF, negative if a minus sign or a closing parenthesis is there."""
    text = code_page().decode(data)
    value = int(re.sub(r"[^0-9]", "", text) or "0")
    return -value if "-" in text or ")" in text else value


def smf_date(data: bytes, pattern: str) -> int:
    """The date of an SMF record, P'cyyddd' with c the centuries since 1900, as the digits of `pattern`; 0 for zeros."""
    digits = data.hex()[:-1]
    if not digits.isdecimal():
        raise _bad(data)
    if not int(digits):
        return 0
    day = date(1900 + int(digits[:-3]), 1, 1) + timedelta(int(digits[-3:]) - 1)
    return int(day.strftime(pattern))


def smf_time(data: bytes, divisor: int) -> int:
    """The time of an SMF record, hundredths of a second since midnight, as hhmmssxx without its last digits."""
    seconds, hundredths = divmod(int.from_bytes(data, "big"), 100)
    hours, rest = divmod(seconds, 3600)
    return (hours * 1000000 + rest // 60 * 10000 + rest % 60 * 100 + hundredths) // divisor


_NUMBERS: dict[str, Number] = {
    "BI": lambda data: int.from_bytes(data, "big"),
    "FI": lambda data: int.from_bytes(data, "big", signed=True),
    "PD": packed,
    "ZD": zoned,
    "FS": signed_text,
    "UFF": free_unsigned,
    "SFF": free_signed,
    "PD0": packed_middle,
    "CLO": overpunched,
    "CSL": lambda data: separate_sign(data, trailing=False),
    "CST": lambda data: separate_sign(data, trailing=True),
    "DT1": lambda data: smf_date(data, "%Y%m%d"),
    "DT2": lambda data: smf_date(data, "%Y%m"),
    "DT3": lambda data: smf_date(data, "%Y%j"),
    "TM1": lambda data: smf_time(data, 100),
    "TM2": lambda data: smf_time(data, 10000),
    "TM3": lambda data: smf_time(data, 1000000),
    "TM4": lambda data: smf_time(data, 1),
}
_BINARY_DIGITS = {1: 3, 2: 5, 3: 8, 4: 10}
_SMF_DIGITS = {"DT1": 8, "DT2": 6, "DT3": 7, "TM1": 6, "TM2": 4, "TM3": 2, "TM4": 8}


def digits_of(kind: str, length: int) -> int:
    """How many decimal digits a field of `length` bytes can have."""
    if kind in ("BI", "FI"):
        return _BINARY_DIGITS.get(length, 20)
    return {"PD": 2 * length - 1, "PD0": 2 * length - 2, **_SMF_DIGITS}.get(kind, length)


def default_length(kind: str, digits: int) -> int:
    """The bytes of a field that TO= makes of so many digits, without LENGTH=."""
    if kind.startswith("PD"):
        return digits // 2 + 1
    if kind in ("BI", "FI"):
        return 4 if digits < 10 else 8
    return digits + 1 if kind in ("FS", "CSF") else digits


def number_of(kind: str) -> Number:
    """What a numeric field is worth. Raises SortError (ICE018A) for another format."""
    found = _NUMBERS.get(_SYNONYMS.get(kind, kind))
    if found is None:
        raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind[:8]}")
    return found


def sorted_by(kind: str) -> Number:
    """What a field is worth in a key: never an error. Raises SortError for a format that is none."""
    strict = number_of(kind)
    if kind not in ("PD", "ZD"):
        return strict

    def value(data: bytes) -> int:
        try:
            return strict(data)
        except Abend:
            halves = [int(half, 16) for half in data.hex()]
            digits, sign = (halves[:-1], halves[-1]) if kind == "PD" else (halves[1::2], halves[-2])
            worth = reduce(lambda worth, digit: worth * 10 + digit, digits, 0)
            return -worth if sign in _ODD_SIGNS else worth

    return value


def summed(kind: str) -> Number:
    """What a field is worth to SUM, which wants a sign from A to F. Raises Abend S0C7."""
    worth = number_of(kind)
    if kind != "ZD":
        return worth

    def value(data: bytes) -> int:
        if data[-1] >> 4 < _LEAST_SIGN:
            raise _bad(data)
        return worth(data)

    return value


def is_number(kind: str, data: bytes) -> bool:
    """True if the field holds what its format promises (the NUM test)."""
    try:
        if kind == "ZD" and (any(byte >> 4 != 0xF for byte in data[:-1]) or data[-1:] < b"\xa0"):
            return False
        number_of(kind)(data)
    except Abend:
        return False
    return True


def encode_number(value: int, kind: str, length: int) -> bytes | None:
    """A number as a field of `length` bytes, or None if it does not fit.

    PDF and ZDF are PD and ZD with F as the sign of what is not negative, PDC and ZDC, and plain PD and ZD, with C.
    """
    kind = _SYNONYMS.get(kind, kind)
    digits = str(abs(value))
    plus = "F" if kind.endswith("DF") or kind not in ("ZD", "ZDC", "PD", "PDC") else "C"
    if kind in ("BI", "FI"):
        try:
            return value.to_bytes(length, "big", signed=kind == "FI")
        except OverflowError:
            return None
    if kind in ("PD", "PDC", "PDF"):
        text = digits.rjust(2 * length - 1, "0") + ("D" if value < 0 else plus)
        return bytes.fromhex(text) if len(text) == 2 * length else None
    if kind == "FS":
        text = ("-" if value < 0 else "") + digits
        return code_page().encode(text.rjust(length)) if len(text) <= length else None
    text = digits.rjust(length, "0")
    if len(text) > length:
        return None
    data = bytearray(0xF0 | int(digit) for digit in text)
    data[-1] = (0xD0 if value < 0 else int(plus, 16) << 4) | data[-1] & 15
    return bytes(data)


def to_ascii_order(data: bytes) -> bytes:
    """Characters whose bytes compare as those of ASCII."""
    return code_page().decode(data).encode("latin-1")


def key_part(position: int, length: int, kind: str, order: str, sequence: bytes = AS_IT_IS) -> Extract:
    """Bytes of one sort field that compare as the field does; `position` from 0. Raises SortError."""
    kind = _SYNONYMS.get(kind, kind)
    end = position + length
    take: Extract
    if kind == "AQ" and sequence != AS_IT_IS:
        table = sequence if order == "A" else sequence.translate(_INVERTED)
        return lambda record: record[position:end].translate(table)
    if kind in ("CH", "BI", "AQ"):
        if order == "A":
            return itemgetter(slice(position, end))
        return lambda record: record[position:end].translate(_INVERTED)
    if kind == "AC":
        take = lambda record: to_ascii_order(record[position:end])  # noqa: E731
    else:
        value, width, bias = sorted_by(kind), length + 1, 1 << (8 * length + 7)
        take = lambda record: (value(record[position:end]) + bias).to_bytes(width, "big")  # noqa: E731
    return take if order == "A" else inverted(take)


def inverted(take: Extract) -> Extract:
    """Bytes that sort the other way round."""
    return lambda record: take(record).translate(_INVERTED)
