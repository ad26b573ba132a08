"""STARTT=(day,time): the moment a Process may start, and the next one of a Process that is retained.

    day     TODAY, TOMORROW, a weekday (three letters do; today's name means next week), mm/dd/yyyy, yyyyddd, or nothing
    time    hh:mm, hh:mm:ss, with AM or PM if wanted (3PM), NOON, MIDNIGHT, or nothing: midnight

Times are UTC, like everything that is fixed at submission. A moment that has passed means at once, except that a
time without a day then means tomorrow. Source: connect-direct.md 3.10, 4.2; the last rule is ours.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from dtf.errors import NodeError

_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_TIME = re.compile(r"(\d{1,2})(?::([0-5]\d))?(?::([0-5]\d))?(AM|PM)?")
_WORDS = {"": time(0), "MIDNIGHT": time(0), "NOON": time(12)}


class StartTimeError(NodeError):
    """STARTT names no day or no time."""

    default_id = "DTX371E"


def first_start(startt: tuple[str, str], now: datetime) -> datetime:
    """When a Process submitted `now` is to start. Raises StartTimeError."""
    day, clock = startt[0].upper(), _time(startt[1].upper())
    if not day:
        today = datetime.combine(now.date(), clock)
        return today if today > now or not startt[1] else today + timedelta(days=1)
    return datetime.combine(_day(day, now.date()), clock)


def next_start(startt: tuple[str, str], last: datetime) -> datetime | None:
    """When a retained Process that started at `last` starts again: a week or a day later, or never after a date."""
    day = startt[0].upper()
    if _weekday(day) is not None:
        return last + timedelta(days=7)
    return None if day[:1].isdecimal() else last + timedelta(days=1)


def _day(day: str, today: date) -> date:
    if day in ("TODAY", "TOMORROW"):
        return today + timedelta(days=day == "TOMORROW")
    weekday = _weekday(day)
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    for form in ("%m/%d/%Y", "%Y%j"):
        try:
            return datetime.strptime(day, form).date()
        except ValueError:
            continue
    raise StartTimeError(f"STARTT: {day[:20]!r} is no day")


def _weekday(day: str) -> int | None:
    return next((n for n, name in enumerate(_WEEKDAYS) if len(day) >= 3 and name.startswith(day)), None)


def _time(text: str) -> time:
    if text in _WORDS:
        return _WORDS[text]
    match = _TIME.fullmatch(text)
    if match:
        hour, half = int(match[1]), match[4]
        if (match[2] or half) and (1 <= hour <= 12 if half else hour <= 23):
            hour = hour % 12 + 12 * (half == "PM") if half else hour
            return time(hour, int(match[2] or 0), int(match[3] or 0))
    raise StartTimeError(f"STARTT: {text[:20]!r} is no time")
