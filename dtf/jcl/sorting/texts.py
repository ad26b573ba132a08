"""Items that change characters: TRAN=, JFY= and SQZ= behind p,m.

    TRAN=LTOU|UTOL|ATOE|ETOA|ALTSEQ     letters, ASCII to EBCDIC and back, the table of the ALTSEQ statement
    TRAN=HEX|UNHEX|BIT|UNBIT            bytes as hexadecimal digits, as bits, and back
    JFY=(SHIFT=LEFT|RIGHT[,LEAD=text][,TRAIL=text][,PREBLANK=text][,LENGTH=n])     justified
    SQZ=(... [,MID=text][,PAIR=APOST|QUOTE])                                      blanks between words taken out, too

PREBLANK makes blanks of its characters first; LEAD and TRAIL stand next to the text, MID between its words; PAIR leaves
what stands between two of its characters as it is.
Source: z/OS DFSORT Application Programming Guide, "OUTREC control statement", TRAN, JFY, SQZ.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dtf.jcl.sorting.language import Named, SortError, listed, size
from dtf.jcl.sorting.selection import constant
from ksds.codepage import code_page

Change = Callable[[bytes], bytes]
_PAIRS = {"APOST": "'", "QUOTE": '"'}
_SHIFTED = frozenset({"SHIFT", "LEAD", "TRAIL", "PREBLANK", "LENGTH"})


def translation(how: str, length: int, sequence: bytes) -> tuple[Change, int]:
    """What TRAN= does to a field of `length` bytes, and how long that becomes. Raises SortError."""
    page = code_page()
    changes: dict[str, tuple[Change, int]] = {
        "LTOU": (lambda data: page.encode(page.decode(data).upper()), length),
        "UTOL": (lambda data: page.encode(page.decode(data).lower()), length),
        "ATOE": (lambda data: page.encode(data.decode("latin-1")), length),
        "ETOA": (lambda data: page.decode(data).encode("latin-1"), length),
        "ALTSEQ": (lambda data: data.translate(sequence), length),
        "HEX": (lambda data: page.encode(data.hex().upper()), 2 * length),
        "BIT": (lambda data: page.encode("".join(f"{byte:08b}" for byte in data)), 8 * length),
        "UNHEX": (lambda data: _unhex(page.decode(data)), (length + 1) // 2),
        "UNBIT": (lambda data: _unbit(page.decode(data)), (length + 7) // 8),
    }
    if how not in changes:
        raise SortError("ICE007A", f"SYNTAX ERROR: TRAN={how[:10]}")
    return changes[how]


def _unhex(text: str) -> bytes:
    """Two digits a byte; a character that is none counts as 0."""
    digits = "".join(character if character in "0123456789ABCDEF" else "0" for character in text)
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def _unbit(text: str) -> bytes:
    bits = "".join("1" if character == "1" else "0" for character in text)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def shifting(how: Named, length: int) -> tuple[Change, int]:
    """What JFY= or SQZ= does to a field of `length` bytes, and how long that becomes. Raises SortError."""
    squeeze = how.name == "SQZ"
    values = {item.name: str(item.value) for item in listed(how.value) if isinstance(item, Named)}
    allowed = _SHIFTED | {"MID", "PAIR"} if squeeze else _SHIFTED
    shift, pair = values.get("SHIFT"), values.get("PAIR", "")
    if shift not in ("LEFT", "RIGHT") or values.keys() - allowed or (pair and pair not in _PAIRS):
        raise SortError("ICE007A", f"SYNTAX ERROR: {how.name}=(SHIFT=LEFT OR RIGHT,...)")
    lead, trail, middle, blanked = (_text(values.get(word)) for word in ("LEAD", "TRAIL", "MID", "PREBLANK"))
    width = size(values["LENGTH"]) if "LENGTH" in values else length
    page, kept = code_page(), _PAIRS.get(pair, "")

    def changed(data: bytes) -> bytes:
        text = page.decode(data)
        for character in blanked:
            text = text.replace(character, " ")
        text = middle.join(_words(text, kept)) if squeeze else text.strip(" ")
        text = f"{lead}{text}{trail}"[:width]
        return page.encode(text.ljust(width) if shift == "LEFT" else text.rjust(width))

    return changed, width


def _words(text: str, pair: str) -> list[str]:
    """The parts between blanks; one between two `pair` characters counts as it is."""
    if not pair:
        return text.split()
    return re.findall(rf"(?:{pair}[^{pair}]*(?:{pair}|$)|[^ {pair}])+", text)


def _text(value: str | None) -> str:
    data = constant(value) if value is not None else b""
    if not isinstance(data, bytes):
        raise SortError("ICE007A", f"SYNTAX ERROR: {value!s:.20} IS NOT A TEXT")
    return code_page().decode(data)
