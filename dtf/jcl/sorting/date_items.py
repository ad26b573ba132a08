"""Items that show a date of a record: with four digits of the year, in another form, or moved through the calendar.

    p,m,Y2x   p,m,Y2x(c)   p,m,Y2xP            as characters, with a separator, packed: the year in four digits
    p,m,Yxx,TOJUL=Yaa   TOGREG=Yaa   Yaa(c)      as a day of the year, as year, month and day
    p,m,Yxx,WEEKDAY=CHAR3|CHAR9|DIGIT1   WEEKNUM=USA|ISO   DT=(abcd)   DTNS=(abc)
    p,m,Yxx,ADDDAYS|ADDMONS|ADDYEARS|SUBDAYS|SUBMONS|SUBYEARS,number,TO...   number a signed constant or p,m,f
    p,m,Yxx,NEXTDSUN ... PREVDSAT,TO...   LASTDAYW|M|Q|Y,TO...
    p,m,Yxx,DATEDIFF,p,m,Yxx                   days between them: a sign and seven digits

Indicators stay what they are; a date that no calendar has becomes asterisks (zeros if packed).
Source: z/OS DFSORT Application Programming Guide, "INREC control statement", date fields and examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from dtf.jcl.sorting.arithmetic import Places, compile_expression
from dtf.jcl.sorting.context import Context, Reach
from dtf.jcl.sorting.dates import (
    DATES,
    DAYS,
    FULL,
    DateField,
    Reading,
    Shape,
    date_field,
    days_later,
    last_day,
    months_later,
    week_number,
    weekday_text,
)
from dtf.jcl.sorting.language import Cursor, Named, Node, SortError, listed
from ksds.codepage import code_page

Piece = Callable[[bytes], bytes]
_KIND = re.compile(r"(Y[24][A-Z])(P)?(?:\((.)\))?")
_MOVED = re.compile(r"(?:ADD|SUB)(?:DAYS|MONS|YEARS)")
_NEIGHBOUR = re.compile(r"(NEXTD|PREVD)(SUN|MON|TUE|WED|THU|FRI|SAT)|LASTDAY([WMQY])")
_LETTERS = re.compile(r"(?=.{3})(?!.*(.).*\1)[MDY4]{3}")
DIFFERENCE_BYTES = 8
_FARTHEST = 4_000_000
"""Days between the ends of the calendar, and some more: what is farther leads out of it."""


def is_date(node: Node) -> bool:
    """True for a date format, with what may stand behind its name."""
    found = _KIND.fullmatch(node) if isinstance(node, str) else None
    return found is not None and found[1] in DATES


def numeric_value(field: DateField) -> tuple[Callable[[bytes], int], int]:
    """A date as the number its digits make, the year in four, and how many digits that is: for EDIT= and masks."""
    shape = replace(field.shape, year_digits=4, packed=False)

    def value(record: bytes) -> int:
        reading = field.read(record)
        if reading.indicator:
            return int(reading.indicator * shape.length()) if reading.indicator.isdecimal() else 0
        return int(shape.digits(reading.values))

    return value, shape.length()


def field_of(position: int, length: int, word: str, context: Context) -> DateField:
    """The field of a format with or without (c) or P. Raises SortError."""
    found = _KIND.fullmatch(word)
    assert found is not None
    return date_field(position, length, found[1], context)


def compile_date(cursor: Cursor, field: DateField, word: str, places: Places) -> tuple[Piece, int]:
    """The item whose field and format stand behind the cursor, and how many bytes it has. Raises SortError."""
    following = cursor.peek()
    if isinstance(following, str) and following == "DATEDIFF":
        cursor.take()
        return _difference(field, _second_field(cursor, field)), DIFFERENCE_BYTES
    change = _compile_change(cursor, places, field.context.reach)
    following = cursor.peek()
    if isinstance(following, Named) and following.name in _FORMS:
        cursor.take()
        form = _FORMS[following.name](following)
        return _changed(field, change, form), form.shape.length(form.separator)
    if change is not None:
        raise SortError("ICE007A", "SYNTAX ERROR: A DATE THAT IS CHANGED NEEDS TOJUL= OR TOGREG=")
    return _transformed(field, word)


def _transformed(field: DateField, word: str) -> tuple[Piece, int]:
    """The same parts in the same order, the year in four digits."""
    found = _KIND.fullmatch(word)
    assert found is not None
    shape, separator = replace(field.shape, year_digits=4, packed=bool(found[2])), found[3] or ""

    def piece(record: bytes) -> bytes:
        reading = field.read(record)
        if reading.indicator:
            return shape.filled(reading.indicator, separator)
        return shape.encoded(shape.digits(reading.values, separator))

    return piece, shape.length(separator)


# --- forms of a date ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    """How a date is shown: by its shape and separator, or as words of its own."""

    shape: Shape
    separator: str = ""
    words: Callable[[date], str] | None = None

    def of(self, day: date) -> bytes:
        if self.words is not None:
            return code_page().encode(self.words(day))
        values = {"Y": day.year, "M": day.month, "D": day.day, "J": day.timetuple().tm_yday}
        return self.shape.encoded(self.shape.digits(values, self.separator))

    def all_of(self, character: str) -> bytes:
        return self.shape.filled(character, self.separator)

    def wrong(self) -> bytes:
        """What stands for a date that there is not."""
        if self.shape.packed:
            return self.shape.filled("0")
        return code_page().encode("*" * self.shape.length(self.separator))


def _output(item: Named, letters: str, orders: dict[str, str]) -> _Form:
    """TOJUL=Yaa or TOGREG=Yaa with or without (c)."""
    text = item.value if isinstance(item.value, str) else str(listed(item.value)[0])
    found = _KIND.fullmatch(text)
    if found is None or found[1] not in FULL or found[1][2] not in letters or found[2]:
        raise SortError("ICE007A", f"SYNTAX ERROR: {item.name}={text[:10]}")
    shape = Shape(orders[found[1][2]], 4 if found[1][1] == "4" else 2, packed=found[1][2] in "UVXY")
    if shape.packed and found[3]:
        raise SortError("ICE007A", f"SYNTAX ERROR: {text[:10]} IS PACKED AND HAS A SEPARATOR")
    return _Form(shape, found[3] or "")


def _one_of(item: Named, lengths: dict[str, int], words: Callable[[date, str], str]) -> _Form:
    how = item.value if isinstance(item.value, str) else ""
    if how not in lengths:
        raise SortError("ICE007A", f"SYNTAX ERROR: {item.name}={how[:10]}")
    return _Form(Shape("X" * lengths[how], 2, packed=False), words=lambda day: words(day, how))


def _lettered(item: Named) -> _Form:
    """DT=(abcd), DTNS=(abc): M, D and Y or 4 in any order, and a separator."""
    text = "".join(part for part in listed(item.value) if isinstance(part, str))
    letters, separator = (text, "") if item.name == "DTNS" else (text[:3], text[3:])
    if not _LETTERS.fullmatch(letters) or {"Y", "4"} <= set(letters) or (len(separator) != (item.name == "DT")):
        raise SortError("ICE007A", f"SYNTAX ERROR: {item.name}=({text[:10]})")
    return _Form(Shape(letters.replace("4", "Y"), 4 if "4" in letters else 2, packed=False), separator)


_FORMS: dict[str, Callable[[Named], _Form]] = {
    "TOJUL": lambda item: _output(item, "TUWX", {"T": "YJ", "U": "YJ", "W": "JY", "X": "JY"}),
    "TOGREG": lambda item: _output(item, "TVWY", {"T": "YMD", "V": "YMD", "W": "MDY", "Y": "MDY"}),
    "WEEKDAY": lambda item: _one_of(item, {"CHAR3": 3, "CHAR9": 9, "DIGIT1": 1}, weekday_text),
    "WEEKNUM": lambda item: _one_of(item, {"USA": 2, "ISO": 2}, week_number),
    "DT": _lettered,
    "DTNS": _lettered,
}


# --- dates that are moved -----------------------------------------------------------------------------

_Change = Callable[[bytes, date], date | None]


def _compile_change(cursor: Cursor, places: Places, reach: Reach) -> _Change | None:
    """ADDDAYS and its like, NEXTDday, PREVDday, LASTDAYx; None if no such word is here."""
    word = cursor.peek()
    if not isinstance(word, str):
        return None
    if _MOVED.fullmatch(word):
        cursor.take()
        amount = compile_expression(cursor, places, reach).value
        sign = 1 if word.startswith("ADD") else -1
        months = {"MONS": 1, "YEARS": 12}.get(word[3:], 0)

        def moved(record: bytes, day: date) -> date | None:
            number = sign * amount(record)
            if abs(number) > _FARTHEST:
                return None
            return months_later(day, number * months) if months else days_later(day, number)

        return moved
    found = _NEIGHBOUR.fullmatch(word)
    if found is None:
        return None
    cursor.take()
    if found[3]:
        return lambda record, day: last_day(day, found[3])
    weekday, step = DAYS.index(found[2]), 1 if found[1] == "NEXTD" else -1
    return lambda record, day: days_later(day, step * ((step * (weekday - day.weekday()) - 1) % 7 + 1))


def _changed(field: DateField, change: _Change | None, form: _Form) -> Piece:
    def piece(record: bytes) -> bytes:
        reading = field.read(record)
        if reading.indicator:
            return form.all_of(reading.indicator)
        day = reading.day()
        if day is not None and change is not None:
            day = change(record, day)
        return form.wrong() if day is None else form.of(day)

    return piece


def _second_field(cursor: Cursor, field: DateField) -> DateField:
    position, length, kind = cursor.word(), cursor.word(), cursor.word()
    if not (position.isdecimal() and length.isdecimal() and is_date(kind)):
        raise SortError("ICE007A", "SYNTAX ERROR: DATEDIFF IS NOT P,M,YXX,DATEDIFF,P,M,YXX")
    return field_of(int(position) - 1 + field.context.reach.shift, int(length), kind, field.context)


def _difference(one: DateField, other: DateField) -> Piece:
    def piece(record: bytes) -> bytes:
        readings: tuple[Reading, Reading] = one.read(record), other.read(record)
        first, second = (reading.day() for reading in readings)
        text = "*" * DIFFERENCE_BYTES if first is None or second is None else f"{(first - second).days:+08d}"
        return code_page().encode(text)

    return piece
