"""Data set names: the grammar that every name passes before anything is looked up, and the generic forms.

    name       = qualifier { "." qualifier }            at most 44 characters
    qualifier  = first { other }                        1 to 8 characters
    first      = A-Z @ # $
    other      = first | 0-9 | - | {               the last is X'C0'
    pattern    = a name in which % stands for one character, * for any number of them within a qualifier,
                 and the qualifier ** for any number of qualifiers, none included

Nothing that passes can leave its folder: no slash, no empty or dot-only part, no control character.
Source: z/OS MVS JCL Reference, "Data set name"; Access Method Services Commands, DELETE MASK.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ksds.errors import InvalidName

MAXIMUM_LENGTH = 44

_QUALIFIER = re.compile(r"[A-Z@#$][A-Z0-9@#${-]{0,7}")
_PATTERN_CHARACTERS = re.compile(r"[A-Z0-9@#${.%*-]+")


def data_set_name(text: str) -> str:
    """`text` in upper case if it is a data set name. Raises InvalidName, saying what is wrong with it."""
    name = text.upper() if text.isascii() else text
    if not 1 <= len(name) <= MAXIMUM_LENGTH:
        raise InvalidName(text, f"{len(name)} CHARACTERS, NOT 1 TO {MAXIMUM_LENGTH}")
    for qualifier in name.split("."):
        if not _QUALIFIER.fullmatch(qualifier):
            raise InvalidName(
                text, f"QUALIFIER {qualifier[:12]!r} IS NOT 1 TO 8 OF A-Z 0-9 @ # $ - BEGINNING WITH A LETTER OR @ # $"
            )
    return name


def matches(pattern: str, name: str) -> bool:
    """True if the generic `pattern` covers `name`. `A.**` covers A as well."""
    reached = {0}  # how many qualifiers of the name the pattern so far may stand for
    qualifiers = name.split(".")
    for wanted in pattern.split("."):
        if wanted == "**":
            reached = set(range(min(reached), len(qualifiers) + 1)) if reached else reached
        else:
            fits = _qualifier_matcher(wanted)
            reached = {at + 1 for at in reached if at < len(qualifiers) and fits(qualifiers[at])}
    return len(qualifiers) in reached


def check_pattern(text: str) -> str:
    """`text` in upper case if it can be a generic name. Raises InvalidName."""
    pattern = text.upper() if text.isascii() else text
    if len(pattern) > MAXIMUM_LENGTH or not _PATTERN_CHARACTERS.fullmatch(pattern):
        raise InvalidName(text, "NOT A GENERIC NAME")
    return pattern


def fixed_part(pattern: str) -> str:
    """What every name that `pattern` covers begins with."""
    return re.split(r"[*%]", pattern, maxsplit=1)[0].rstrip(".")


@lru_cache(maxsize=256)
def _qualifier_matcher(wanted: str) -> Callable[[str], object]:
    shape = re.escape(re.sub(r"\*+", "*", wanted)).replace(r"\*", ".*").replace("%", ".")
    return re.compile(shape).fullmatch
