"""Field formats: what the bytes of a field are worth, and keys whose bytes sort as the fields do.

    CH characters   AC in ASCII order   AQ in the order of ALTSEQ
    BI binary   FI fixed-point, signed   PD packed   ZD zoned
    FS (CSF) digits with a leading sign   UFF digits found anywhere   SFF the same with a sign

A decimal field that holds no digits ends the program with S0C7, as decimal instructions do.
Source: z/OS DFSORT Application Programming Guide, "SORT control statement", "Data format descriptions".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter

from dtf.jcl.programs import Abend
from dtf.jcl.sorting.language import SortError
from ksds.codepage import code_page

NUMERIC = frozenset({"BI", "FI", "PD", "ZD", "FS", "CSF", "UFF", "SFF", "CLO", "CSL", "CST"})
WRITTEN = NUMERIC | {"PDF", "PDC", "ZDF", "ZDC"}
"""Formats that TO= may ask for."""
CHARACTER = frozenset({"CH", "AC", "AQ", "SS"})
_KEY_BYTES = 17
_BIAS = 1 << (8 * _KEY_BYTES - 1)
AS_IT_IS = bytes(range(256))
"""The order of characters without ALTSEQ."""
_INVERTED = bytes(255 - byte for byte in range(256))
_NEGATIVE = frozenset("BD")
_POSITIVE = frozenset("ACEF")
_SYNONYMS = {"CSF": "FS", "CLO": "ZD", "CSL": "FS", "CST": "FS"}
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
    return -int(digits) if data[-1] >> 4 in (0xB, 0xD) else int(digits)


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


_NUMBERS: dict[str, Number] = {
    "BI": lambda data: int.from_bytes(data, "big"),
    "FI": lambda data: int.from_bytes(data, "big", signed=True),
    "PD": packed,
    "ZD": zoned,
    "FS": signed_text,
    "UFF": free_unsigned,
    "SFF": free_signed,
}


def number_of(kind: str) -> Number:
    """What a numeric field is worth. Raises SortError (ICE018A) for another format."""
    found = _NUMBERS.get(_SYNONYMS.get(kind, kind))
    if found is None:
        raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind[:8]}")
    return found


def is_number(kind: str, data: bytes) -> bool:
    """True if the field holds what its format promises (the NUM test)."""
    try:
        if kind == "ZD" and any(byte >> 4 != 0xF for byte in data[:-1]):
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
        value = number_of(kind)
        take = lambda record: (value(record[position:end]) + _BIAS).to_bytes(_KEY_BYTES, "big")  # noqa: E731
    if order == "A":
        return take
    return lambda record: take(record).translate(_INVERTED)


# --- editing numbers ----------------------------------------------------------------------------------

_MASKS = {
    "M0": "I" * 14 + "TS",
    "M1": "T" * 15 + "S",
    "M2": "I,III,III,III,IIT.TTS",
    "M4": "SI,III,III,III,IIT.TT",
    "M6": "III-TTT-TTTT",
    "M7": "TTT-TT-TTTT",
    "M8": "IT:TT:TT",
    "M9": "IT/TT/TT",
    "M10": "III,III,III,III,IIT",
    "M11": "T" * 15,
    "M12": "SIII,III,III,III,IIT",
    "M13": "SIII.III.III.III.IIT",
}
"""Editing masks: I a digit or blank, T a digit, S a sign; others stand for themselves behind the first digit."""


def edit(value: int, mask: str, signs: tuple[str, str] = ("", ""), length: int | None = None) -> str:
    """A number through a mask of DFSORT (Mn or EDIT=pattern), right-adjusted to `length`.

    M0 M1 M11 take as many digits as `length` says; signs are (positive, negative), S stands for them at either end.
    """
    pattern = _MASKS.get(mask, mask)
    leading = pattern.startswith("S")
    trailing = pattern.endswith("S") and len(pattern) > 1
    body = pattern.strip("S")
    digits = str(abs(value)).rjust(sum(character in "IT" for character in body), "0")[
        -body.count("I") - body.count("T") :
    ]
    output, significant, index = "", False, 0
    for character in body:
        if character in "IT":
            significant = significant or character == "T" or digits[index] != "0"
            output += digits[index] if significant else " "
            index += 1
        else:
            output += character if significant else " "
    sign = (signs[1] or "-") if value < 0 else (signs[0] or " ")
    if leading:
        stripped = output.lstrip()
        output = " " * (len(output) - len(stripped)) + sign + stripped
    if trailing:
        output += sign
    return output if length is None else output[-length:].rjust(length)


def mask_length(mask: str, kind: str, length: int) -> int:
    """How many characters a mask needs for a field: its digits, and what stands between them."""
    if mask not in _MASKS:
        return len(mask)
    digits = {"PD": 2 * length - 1, "BI": 10, "FI": 10}.get(kind, length)
    pattern = _MASKS[mask]
    if mask in ("M0", "M1", "M11"):
        return digits + pattern.count("S")
    body = pattern.replace("S", "")
    taken, places = 0, 0
    for character in reversed(body):
        if taken == digits:
            break
        places += 1
        taken += character in "IT"
    return places + pattern.count("S")
