"""PICTURE character-strings: what a field holds, in how many characters, digits and decimal places.

Source: Enterprise COBOL for z/OS Language Reference, "PICTURE clause".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 1 << 20
"""Characters of a field."""
MOST_DIGITS = 31
"""With the compiler option ARITH(EXTEND)."""

_SYMBOL = re.compile(r"(CR|DB|[^()])(?:\((\d{1,9})\))?")
_EDITING = set("B0/,.+-Z*$£€¥E")
_LEFT_P = re.compile(r"S?(V?P+|P+V)9+")
_RIGHT_P = re.compile(r"S?9+P+V?")


class Category(StrEnum):
    """The category that a PICTURE gives an item."""

    TEXT = "text"
    NUMERIC = "numeric"
    EDITED = "edited"
    NATIONAL = "national"
    DBCS = "dbcs"


@dataclass(frozen=True, slots=True)
class Picture:
    """`size` counts character positions; `digits` those of a number, whose value is the digits times 10**-scale."""

    text: str
    category: Category
    size: int
    digits: int = 0
    scale: int = 0
    signed: bool = False


def picture(text: str) -> Picture:
    """What a character-string such as S9(7)V99 says. Raises ValueError with the reason if it says nothing."""
    counts: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        found = _SYMBOL.match(text, at)
        if found is None:
            raise ValueError(f"IS WRONG AT {text[at : at + 10]}")
        counts.append((found[1], int(found[2]) if found[2] else 1))
        at = found.end()
    if sum(count for _, count in counts) > LONGEST or not all(count for _, count in counts):
        raise ValueError(f"DOES NOT HAVE 1 TO {LONGEST} CHARACTERS")
    symbols = {symbol for symbol, _ in counts}
    if symbols <= set("S9VP"):
        return _numeric(text, counts)
    size = sum(count * len(symbol) for symbol, count in counts if symbol not in "VP")
    if symbols <= set("XA9"):
        return Picture(text, Category.TEXT, size)
    if "N" in symbols and symbols <= set("NB0/"):
        return Picture(text, Category.NATIONAL, size)
    if "G" in symbols and symbols <= set("GB"):
        return Picture(text, Category.DBCS, size)
    unknown = symbols - _EDITING - {"CR", "DB"} - set("XA9VP")
    if unknown:
        raise ValueError(f"HAS NO SYMBOL {min(unknown)}")
    if not symbols & set("XA9Z*+-$£€¥"):
        raise ValueError("HOLDS NEITHER CHARACTERS NOR DIGITS")
    return Picture(text, Category.EDITED, size)


def _numeric(text: str, counts: list[tuple[str, int]]) -> Picture:
    digits = sum(count for symbol, count in counts if symbol == "9")
    assumed = sum(count for symbol, count in counts if symbol == "P")
    if not 1 <= digits <= digits + assumed <= MOST_DIGITS:
        raise ValueError(f"DOES NOT HAVE 1 TO {MOST_DIGITS} DIGITS")
    plain = "".join(symbol * count for symbol, count in counts)
    if assumed:
        if _LEFT_P.fullmatch(plain):
            scale = digits + assumed
        elif _RIGHT_P.fullmatch(plain):
            scale = -assumed
        else:
            raise ValueError("HAS P IN THE WRONG PLACE")
    elif re.fullmatch(r"S?9*V?9*", plain):
        scale = len(plain.partition("V")[2])
    else:
        raise ValueError("HAS S OR V IN THE WRONG PLACE")
    return Picture(text, Category.NUMERIC, digits, digits, scale, "S" in plain)
