"""Selectors of the SELECT commands: KEY=value, KEY=ABC* (generic), KEY=(A,B) (a list), CCODE=(op,number)."""

from __future__ import annotations

import operator
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


class SelectorError(NodeError):
    """A selector is unknown or has no sensible value."""

    default_id = "DTX322E"


def check_selectors(where: Mapping[str, str], known: Iterable[str]) -> None:
    """Raises SelectorError for a selector that is not `known`, even if there is nothing to select from."""
    names = list(known)
    for key in where:
        if key.upper() not in names:
            raise SelectorError(f"{key[:20]!r} is not a selector here: {' '.join(names)}")


def is_selected(values: Mapping[str, str], where: Mapping[str, str]) -> bool:
    """Whether something with these values satisfies every selector. Raises SelectorError for a senseless value."""
    for key, wanted in where.items():
        value = values.get(key.upper(), "")
        holds = _code_holds(int(value or 0), wanted) if key.upper() == "CCODE" else _word_holds(value.upper(), wanted)
        if not holds:
            return False
    return True


def _word_holds(value: str, wanted: str) -> bool:
    choices = wanted.strip("()").upper().split(",")
    return any(value == choice or (choice.endswith("*") and value.startswith(choice[:-1])) for choice in choices)


def _code_holds(code: int, wanted: str) -> bool:
    word, _, number = wanted.strip("()").upper().rpartition(",")
    compare = _COMPARE.get(word or "EQ")
    if compare is None or not number.strip().isdecimal():
        raise SelectorError(f"CCODE={wanted[:20]!r} is not (op,number)")
    return compare(code, int(number))
