"""Text to EBCDIC and back, one byte a character, and only through tables proved to lose nothing.

A code page is taken only if all 256 bytes decode to different characters and encode back to themselves:
keys and records then survive any number of conversions. cp037 is the default; 1047 (UNIX System Services)
is not in Python's codecs and is built here from 037, of which it is a permutation of six code points.

Source: IBM CDRA, CCSID 037 and 1047.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from ksds.errors import DataSetError

DEFAULT = "cp037"

_NAME = re.compile(r"[A-Za-z0-9_-]{1,30}")
_SWAPPED_IN_1047 = {0xAD: "[", 0xBD: "]", 0xBA: "\u00dd", 0xBB: "\u00a8", 0x5F: "^", 0xB0: "\u00ac"}
_ALL_BYTES = bytes(range(256))


class CodePage:
    """A proved single-byte code page: `decode` never fails, `encode` fails only for characters it lacks."""

    __slots__ = ("_from_text", "_printable", "_to_text", "name")

    def __init__(self, name: str, table: str) -> None:
        """`table` holds the character of each byte 0..255. Raises DataSetError unless it round-trips."""
        if len(table) != 256 or len(set(table)) != 256:
            raise DataSetError(f"CODE PAGE {name} DOES NOT MAP 256 BYTES TO 256 DIFFERENT CHARACTERS")
        self.name = name
        self._to_text = table
        self._from_text = codecs.charmap_build(table)
        self._printable = "".join(c if c.isprintable() else "." for c in table)
        if self.encode(self.decode(_ALL_BYTES)) != _ALL_BYTES:
            raise DataSetError(f"CODE PAGE {name} DOES NOT GIVE BACK THE BYTES IT WAS GIVEN")

    def __repr__(self) -> str:
        return f"CodePage({self.name!r})"

    def decode(self, data: bytes) -> str:
        return codecs.charmap_decode(data, "strict", self._to_text)[0]

    def encode(self, text: str) -> bytes:
        """Raises DataSetError naming the first character that the code page lacks."""
        try:
            return codecs.charmap_encode(text, "strict", self._from_text)[0]
        except UnicodeEncodeError as error:
            what = f"CHARACTER U+{ord(text[error.start]):04X} AT {error.start + 1} IS NOT IN CODE PAGE {self.name}"
            raise DataSetError(what) from None

    def pad(self, text: str, length: int) -> bytes:
        """`text` filled with blanks to `length` bytes; DataSetError if it is longer."""
        data = self.encode(text)
        if len(data) > length:
            raise DataSetError(f"TEXT OF {len(data)} BYTES IS LONGER THAN {length}")
        return data + self.encode(" ") * (length - len(data))

    def printable(self, data: bytes) -> str:
        """`data` as text for people: a period for each byte that does not print. Same length as `data`."""
        return codecs.charmap_decode(data, "strict", self._printable)[0]


@lru_cache(maxsize=32)
def code_page(name: str = DEFAULT) -> CodePage:
    """The code page called `name`: "cp037", "cp1047" (or "1047", "IBM-1047") or any single-byte Python codec.

    Raises DataSetError if there is none or it does not round-trip all 256 bytes.
    """
    if not _NAME.fullmatch(name):
        raise DataSetError("A CODE PAGE NAME HAS 1 TO 30 LETTERS, DIGITS, HYPHENS OR UNDERSCORES")
    plain = re.sub(r"^(cp|ibm)?[-_]?0*", "", name.lower())
    if plain == "1047":
        return CodePage("cp1047", _table_1047())
    number = f"cp{int(plain):03d}" if plain.isdigit() else name
    try:
        table = _ALL_BYTES.decode(number)
    except UnicodeDecodeError as error:
        missing = f"BYTE X'{error.object[error.start]:02X}' HAS NO CHARACTER"
        raise DataSetError(f"CODE PAGE {name} IS NOT A COMPLETE SINGLE-BYTE CODE PAGE: {missing}") from None
    except (LookupError, UnicodeError, ValueError):
        raise DataSetError(f"CODE PAGE {name} IS UNKNOWN, NOT A COMPLETE SINGLE-BYTE CODE PAGE") from None
    return CodePage(number, table)


def _table_1047() -> str:
    table = list(_ALL_BYTES.decode("cp037"))
    for byte, character in _SWAPPED_IN_1047.items():
        table[byte] = character
    return "".join(table)
