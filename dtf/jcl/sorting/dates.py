"""Dates in records: the formats Y2x and Y4x, what they are worth, and dates of the run.

    characters  Y2T yyx yymm yyddd yymmdd    Y2W xyy mmyy dddyy mmddyy    Y2C Y2Z Y2S yy        the length says which
    packed      Y2U yyx yyddd  Y2V yymm yymmdd  Y2X xyy dddyy  Y2Y mmyy mmddyy  Y2P yy    Y2D yy in a byte   Y2B binary
    Y4T Y4U Y4V Y4W Y4X Y4Y                   the same with four digits of the year

All zeros, all nines, and in characters blanks, X'00' and X'FF' are no dates but indicators: they sort in front of dates
or behind them, and keep their shape when a date is changed or written anew.
Source: z/OS DFSORT Application Programming Guide, "SORT control statement", "OUTREC control statement", "INCLUDE
control statement"; DFSORT's Year 2000 Features.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from dtf.jcl.programs import Abend
from dtf.jcl.sorting.context import Context
from dtf.jcl.sorting.formats import packed
from dtf.jcl.sorting.language import SortError
from ksds.codepage import code_page

YEARS = frozenset({"Y2C", "Y2Z", "Y2S", "Y2P", "Y2D", "Y2B"})
FULL = frozenset(f"Y{digits}{letter}" for digits in "24" for letter in "TUVWXY")
DATES = YEARS | FULL
_WIDTHS = {"Y": 2, "M": 2, "D": 2, "J": 3, "X": 1}
_ORDERS = {
    "T": {3: "YX", 4: "YM", 5: "YJ", 6: "YMD"},
    "W": {3: "XY", 4: "MY", 5: "JY", 6: "MDY"},
    "U": {3: "YX", 5: "YJ"},
    "V": {4: "YM", 6: "YMD"},
    "X": {3: "XY", 5: "JY"},
    "Y": {4: "MY", 6: "MDY"},
}
"""Letter of a format -> digits of it, with two for the year -> its parts: X a digit, J the day of the year."""
_INDICATORS = ("\0", " ", "0", "", "9", "\xff")
"""In the order in which they sort; a date has none."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a date is written: its parts in order, the digits of the year, packed or not."""

    parts: str
    year_digits: int
    packed: bool

    def digits(self, values: dict[str, int], separator: str = "") -> str:
        widths = {**_WIDTHS, "Y": self.year_digits}
        return separator.join(str(values[part] % 10 ** widths[part]).rjust(widths[part], "0") for part in self.parts)

    def length(self, separator: str = "") -> int:
        """Characters, or bytes if it is packed."""
        digits = sum(self.year_digits if part == "Y" else _WIDTHS[part] for part in self.parts)
        return digits // 2 + 1 if self.packed else digits + len(separator) * (len(self.parts) - 1)

    def encoded(self, digits: str) -> bytes:
        if not self.packed:
            return code_page().encode(digits)
        return bytes.fromhex(digits.rjust(2 * self.length() - 1, "0") + "C")

    def filled(self, character: str, separator: str = "") -> bytes:
        """A date all of one character; zeros and nines keep the separators."""
        widths = [self.year_digits if part == "Y" else _WIDTHS[part] for part in self.parts]
        if self.packed:
            return self.encoded((character if character.isdecimal() else "0") * sum(widths))
        if character in ("\0", "\xff"):
            return character.encode("latin-1") * self.length(separator)
        joint = separator if character.isdecimal() else character * len(separator)
        return code_page().encode(joint.join(character * width for width in widths))


def shape_of(kind: str, length: int) -> Shape:
    """The shape of a field of a format with `length` bytes. Raises SortError."""
    if kind in YEARS:
        return Shape("Y", 2, packed=False)
    letter, long = kind[2], kind[1] == "4"
    is_packed = letter in "UVXY"
    most = 2 * length - 1 if is_packed else length
    candidates = (most, most - 1) if is_packed else (most,)
    found = next((_ORDERS[letter][size] for n in candidates if (size := n - 2 * long) in _ORDERS[letter]), None)
    if found is None:
        raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind} WITH LENGTH {length}")
    return Shape(found, 4 if long else 2, packed=is_packed)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a field says: the parts of a date by letter, or an indicator."""

    values: dict[str, int]
    indicator: str = ""

    def day(self) -> date | None:
        """The day of the calendar; None for an indicator, and for what no calendar has."""
        values = self.values
        try:
            if "J" in values:
                day = date(values["Y"], 1, 1) + timedelta(values["J"] - 1)
                return day if day.year == values["Y"] else None
            return date(values["Y"], values["M"], values["D"])
        except (ValueError, KeyError, OverflowError):
            return None

    def order(self) -> bytes:
        """Bytes that sort as the dates do."""
        rank = _INDICATORS.index(self.indicator)
        return bytes([rank]) + b"".join(self.values.get(part, 0).to_bytes(2, "big") for part in "YMDJX")


@dataclass(frozen=True, slots=True)
class DateField:
    """A date in a record; `position` from 0."""

    position: int
    length: int
    kind: str
    shape: Shape
    context: Context

    def read(self, record: bytes) -> Reading:
        """What the field says. Raises Abend S0C7 for what is not made of digits."""
        data = record[self.position : self.position + self.length]
        if self.kind in YEARS:
            return _year(data, self.kind, self.context)
        text = _digits(data, is_packed=self.shape.packed)
        digits = sum(self.shape.year_digits if part == "Y" else _WIDTHS[part] for part in self.shape.parts)
        return parsed(text[-digits:] if self.shape.packed else text, self.shape, self.context)


def date_field(position: int, length: int, kind: str, context: Context) -> DateField:
    """A field of one of DATES. Raises SortError for a length that the format has not."""
    context.reach.field(position, length)
    return DateField(position, length, kind, shape_of(kind, length), context)


def parsed(text: str, shape: Shape, context: Context) -> Reading:
    """Digits in the order of a shape, or an indicator. Raises Abend S0C7."""
    if len(set(text)) == 1 and text[0] in _INDICATORS:
        return Reading({}, text[0])
    if not text.isdecimal():
        raise Abend("S0C7", 7, f"DTX475E {text[:16]!r} IS NOT A DATE")
    values, at = {}, 0
    for part in shape.parts:
        width = shape.year_digits if part == "Y" else _WIDTHS[part]
        values[part] = int(text[at : at + width])
        at += width
    if shape.year_digits == 2:
        values["Y"] = context.year(values["Y"])
    return Reading(values)


def _digits(data: bytes, *, is_packed: bool) -> str:
    if is_packed:
        packed(data)
        return data.hex()[:-1]
    if len(set(data)) == 1 and data[0] in (0x00, 0x40, 0xFF):
        return {0x00: "\0", 0x40: " ", 0xFF: "\xff"}[data[0]] * len(data)
    return "".join(f"{byte & 15:X}" for byte in data)


def _year(data: bytes, kind: str, context: Context) -> Reading:
    """A year of two digits; only Y2S has indicators."""
    if kind == "Y2S" and len(set(data)) == 1 and data[0] in (0x00, 0x40, 0xFF):
        return Reading({}, {0x00: "\0", 0x40: " ", 0xFF: "\xff"}[data[0]])
    if kind == "Y2B":
        return Reading({"Y": context.year(data[0] % 100 if data else 0)})
    text = data.hex()[-3:-1] if kind == "Y2P" else data.hex() if kind == "Y2D" else _digits(data, is_packed=False)
    if not text.isdecimal():
        raise Abend("S0C7", 7, f"DTX475E FIELD X'{data.hex().upper()}' IS NOT A YEAR")
    return Reading({"Y": context.year(int(text))})


# --- the date of the run ------------------------------------------------------------------------------

_CURRENT = re.compile(r"&?(?:(DATE[1-5])|(TIME[1-3]))(P)?(?:\((.)\))?([+-]\d{1,4})?")
_PATTERNS = {
    "DATE1": ("%Y", "%m", "%d"),
    "DATE2": ("%Y", "%m"),
    "DATE3": ("%Y", "%j"),
    "DATE4": ("%Y-%m-%d-%H.%M.%S",),
    "DATE5": ("%Y-%m-%d-%H.%M.%S.%f",),
    "TIME1": ("%H", "%M", "%S"),
    "TIME2": ("%H", "%M"),
    "TIME3": ("%H",),
}


@dataclass(frozen=True, slots=True)
class Current:
    """A date or time of the run as its digits or characters; `number` if it is asked for as a packed number."""

    text: str
    number: bool

    def encoded(self) -> bytes:
        if not self.number:
            return code_page().encode(self.text)
        return bytes.fromhex(self.text.rjust(len(self.text) // 2 * 2 + 1, "0") + "C")


def current(word: str, context: Context) -> Current | None:
    """DATE1 to DATE5, TIME1 to TIME3, with (c) or P, dates with +n or -n days, DATE2 months; None for another word."""
    found = _CURRENT.fullmatch(word)
    if found is None:
        return None
    name, number, separator, offset = found[1] or found[2], found[3], found[4] or "", int(found[5] or 0)
    if (number and separator) or (name in ("DATE4", "DATE5") and found.end() > len(name) + (word[0] == "&")):
        return None
    if offset and found[2]:
        return None
    moved = months_later(context.now.date(), offset) if name == "DATE2" else days_later(context.now.date(), offset)
    if moved is None:
        raise SortError("ICE007A", f"SYNTAX ERROR: {word[:20]} IS NO DATE")
    then = context.now.replace(year=moved.year, month=moved.month, day=moved.day)
    return Current(separator.join(then.strftime(part) for part in _PATTERNS[name]), bool(number))


def ordered(name: str, how: str, context: Context) -> str | None:
    """DATE=(abcd) DATENS=(abc) YDDD=(abc) YDDDNS=(ab) TIME=(abc) TIMENS=(ab): parts in the order asked for, or None."""
    letters = how if name.endswith("NS") else how[:-1]
    separator = "" if name.endswith("NS") else how[-1:]
    parts = {"M": "%m", "D": "%d", "Y": "%y", "4": "%Y"}
    if name in ("DATE", "DATENS") and sorted(letters.replace("4", "Y")) == ["D", "M", "Y"]:
        return separator.join(context.now.strftime(parts[letter]) for letter in letters)
    if name in ("YDDD", "YDDDNS") and sorted(letters.replace("4", "Y")) == ["D", "Y"]:
        parts["D"] = "%j"
        return separator.join(context.now.strftime(parts[letter]) for letter in letters)
    if name in ("TIME", "TIMENS") and letters in ("12", "24"):
        hour, half = ("%H", "") if letters == "24" else ("%I", context.now.strftime(" %p").lower())
        return separator.join(context.now.strftime(part) for part in (hour, "%M", "%S")) + half
    return None


# --- the calendar -------------------------------------------------------------------------------------


def days_later(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days)
    except OverflowError:
        return None


def months_later(day: date, months: int) -> date | None:
    """The same day of another month, or the last one that month has; None outside the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day(day: date, period: str) -> date | None:
    """LASTDAYW, M, Q, Y: the last day of the week (Saturday), month, quarter, year that a day is in."""
    if period == "W":
        return days_later(day, (5 - day.weekday()) % 7)
    month = {"M": day.month, "Q": (day.month + 2) // 3 * 3, "Y": 12}[period]
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NAMES = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def weekday_text(day: date, how: str) -> str:
    """WEEKDAY=CHAR3, CHAR9 or DIGIT1 (1 is Sunday)."""
    number = day.weekday()
    return {"CHAR3": DAYS[number], "CHAR9": _NAMES[number].ljust(9), "DIGIT1": str((number + 1) % 7 + 1)}[how]


def week_number(day: date, how: str) -> str:
    """WEEKNUM=ISO, or USA: weeks begin on Sunday, the first one has January 1."""
    if how == "ISO":
        return f"{day.isocalendar().week:02d}"
    first = date(day.year, 1, 1)
    return f"{((day - first).days + (first.weekday() + 1) % 7) // 7 + 1:02d}"
