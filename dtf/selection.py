"""Selectors of the SELECT commands: KEY=value, ABC* (generic), (A,B) (a list), QUEUE=HOLD, CCODE=(op,number), STARTT=
STOPT=."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping

from dtf.errors import NodeError

_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    **dict.fromkeys(("EQ", "=", "=="), operator.eq),
    **dict.fromkeys(("NE", "!="), operator.ne),
    **dict.fromkeys(("LT", "<"), operator.lt),
    **dict.fromkeys(("LE", "<=", "=<"), operator.le),
    **dict.fromkeys(("GT", ">"), operator.gt),
    **dict.fromkeys(("GE", ">=", "=>"), operator.ge),
}


_QUEUES = {"EXEC": "EX", "WAIT": "WA", "TIMER": "TI", "HOLD": "HO"}
_MOMENT = re.compile(
    r"\(?(?:(?P<date>\d{4}/\d\d/\d\d)|(?P<month>\d\d)/(?P<day>\d\d)/(?P<year>\d{4}))"
    r"(?:[ ,](?P<time>\d\d:\d\d(?::\d\d)?|\d{1,2}(?::\d\d(?::\d\d)?)?[AP]M))?\)?",
    re.IGNORECASE,
)
_KINDS_LEFT_OUT: Mapping[str, Callable[[str], bool]] = {
    "MEMBER": lambda kind: kind == "MC",
    "MCR": lambda kind: kind == "MC",
    "WTO": lambda kind: kind == "WT",
    "NOTWTO": lambda kind: kind != "WT",
}


class SelectorError(NodeError):
    """A selector is unknown or has no sensible value."""

    default_id = "DTX322E"


def check_selectors(where: Mapping[str, str], known: Iterable[str]) -> None:
    """Raises SelectorError for a selector that is not `known` or senseless, even if there is nothing to select from."""
    names = list(known)
    for key, wanted in where.items():
        if key.upper() not in names:
            raise SelectorError(f"{key[:20]!r} is not a selector here: {' '.join(names)}")
        _holds(key, "", wanted)


def is_selected(values: Mapping[str, str], where: Mapping[str, str]) -> bool:
    """Whether something with these values satisfies every selector. Raises SelectorError for a senseless value."""
    return all(_holds(key, values.get(key.upper(), ""), wanted) for key, wanted in where.items())


def _holds(key: str, value: str, wanted: str) -> bool:
    return _RULES.get(key.upper(), _word_holds)(value, wanted)


def _word_holds(value: str, wanted: str) -> bool:
    value = value.upper()
    choices = wanted.strip("()").upper().split(",")
    return any(value == choice or (choice.endswith("*") and value.startswith(choice[:-1])) for choice in choices)


def _number_holds(value: str, wanted: str) -> bool:
    numbers = [word.strip() for word in wanted.strip("()").split(",")]
    if not all(number.isdecimal() for number in numbers):
        raise SelectorError(f"{wanted[:20]!r} is not a Process number or a list of them")
    return int(value or 0) in map(int, numbers)


def _queue_holds(value: str, wanted: str) -> bool:
    return value in _queues(wanted)


def _queues(wanted: str) -> set[str]:
    """The queues that are meant. Raises SelectorError."""
    meant: set[str] = set()
    for word in wanted.strip("()").upper().split(","):
        found = {queue for name, queue in _QUEUES.items() if word in ("ALL", "*", queue, name)}
        if not found:
            raise SelectorError(f"QUEUE={wanted[:20]} is not ALL or any of {' '.join(_QUEUES)}")
        meant |= found
    return meant


def _from_holds(value: str, wanted: str) -> bool:
    return value >= _moment(wanted)


def _until_holds(value: str, wanted: str) -> bool:
    return value[: len(_moment(wanted))] <= _moment(wanted)


def _moment(wanted: str) -> str:
    """yyyy/mm/dd[ hh:mm[:ss]] or (mm/dd/yyyy[,hh:mm[:ss]]) as it sorts."""
    match = _MOMENT.fullmatch(wanted.strip())
    if not match:
        raise SelectorError(f"{wanted[:30]!r} is not yyyy/mm/dd hh:mm:ss or (mm/dd/yyyy,hh:mm:ss)")
    date = match["date"] or f"{match['year']}/{match['month']}/{match['day']}"
    return f"{date} {_clock(match['time'] or '')}".rstrip()


def _clock(text: str) -> str:
    """hh:mm[:ss]; of a time with AM or PM that of the day's 24 hours."""
    if text[-1:].upper() != "M":
        return text
    hour, *rest = text[:-2].split(":")
    return ":".join([f"{int(hour) % 12 + 12 * (text[-2].upper() == 'P'):02d}", *(rest or ["00"])])


def _code_holds(value: str, wanted: str) -> bool:
    code = int(value or 0)
    word, _, number = wanted.strip("()").upper().rpartition(",")
    compare = _COMPARE.get(word or "EQ")
    if compare is None or not number.strip().isdecimal():
        raise SelectorError(f"CCODE={wanted[:20]!r} is not (op,number)")
    return compare(code, int(number))


def _any_word_holds(value: str, wanted: str) -> bool:
    return any(_word_holds(name, wanted) for name in value.split())


def _is_left(kind: str, wanted: str) -> bool:
    """EXCLUDE=: MEMBER (or its beginning), MCR, WTO, NOTWTO, or a list of them."""
    for word in wanted.strip("()").upper().split(","):
        rules = [rule for name, rule in _KINDS_LEFT_OUT.items() if len(word) >= 3 and name.startswith(word)]
        if not rules:
            raise SelectorError(f"EXCLUDE={wanted[:20]} is not any of {' '.join(_KINDS_LEFT_OUT)}")
        if rules[0](kind):
            return False
    return True


_RULES: Mapping[str, Callable[[str, str], bool]] = {
    "QUEUE": _queue_holds,
    **dict.fromkeys(("PNUM", "PNUMBER"), _number_holds),
    "CCODE": _code_holds,
    "STARTT": _from_holds,
    "STOPT": _until_holds,
    "EXCLUDE": _is_left,
    **dict.fromkeys(("FNAME", "RECIDS", "TYPE", "USER"), _any_word_holds),
}
