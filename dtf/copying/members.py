"""SELECT= and EXCLUDE= of a library: which members go, and under which names.

    (A,B*,(LO/HI),(OLD,NEW,R))      a member, a generic name, a range, a member with a new name and R or NR

An exclusion of a member beats its selection, which beats an exclusion by generic name or range, which beats such a
selection (connect-direct.md 4.3). Without SELECT every member is selected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dtf.errors import StepError

_NAME = r"[A-Z@#$][A-Z0-9@#$]{0,7}"
_ITEM = re.compile(
    rf"\((?P<low>{_NAME})/(?P<high>{_NAME})\)"
    rf"|\((?P<old>{_NAME}),(?P<new>{_NAME})(?:,(?P<replace>NR|R))?\)"
    rf"|(?P<generic>(?:{_NAME})?)\*"
    rf"|\(?(?P<member>{_NAME})\)?"
)


class SelectionError(StepError):
    """The text is no selection of members."""

    default_id = "DTX205E"


@dataclass(slots=True)
class Chosen:
    """One member that goes: its name there, and R or NR where that is said for it alone."""

    name: str
    replace: str = ""


@dataclass(slots=True)
class _Rule:
    """One of SELECT and EXCLUDE, read."""

    members: dict[str, Chosen] = field(default_factory=dict)
    ranges: list[tuple[str, str]] = field(default_factory=list)
    generics: list[str] = field(default_factory=list)

    def covers(self, name: str) -> bool:
        return any(low <= name <= high for low, high in self.ranges) or any(map(name.startswith, self.generics))


def chosen(names: Iterable[str], operands: Mapping[str, str]) -> dict[str, Chosen]:
    """The members among `names` that SELECT and EXCLUDE let go. Raises SelectionError."""
    select, exclude = _read(operands.get("SELECT", "")), _read(operands.get("EXCLUDE", ""))
    found = {}
    for name in names:
        if name in exclude.members:
            continue
        if name in select.members:
            found[name] = select.members[name]
        elif not exclude.covers(name) and ("SELECT" not in operands or select.covers(name)):
            found[name] = Chosen(name)
    missing = sorted(select.members.keys() - set(found) - exclude.members.keys())
    if missing:
        raise SelectionError(f"member {missing[0]} is selected and not in the library")
    return found


def _read(text: str) -> _Rule:
    rule = _Rule()
    text = text.upper().replace(" ", "")
    at, end = 0, len(text)
    if text.startswith("(") and text.endswith(")"):
        at, end = 1, end - 1
    while at < end:
        match = _ITEM.match(text, at, end)
        if match is None or match.end() == at:
            raise SelectionError(f"{text[at : at + 20]!r} is no member, generic name, range or (old,new)")
        if match["low"]:
            rule.ranges.append((match["low"], match["high"]))
        elif match["old"]:
            rule.members[match["old"]] = Chosen(match["new"], match["replace"] or "")
        elif match["member"]:
            rule.members[match["member"]] = Chosen(match["member"])
        else:
            rule.generics.append(match["generic"] or "")
        at = match.end()
        if at < end and text[at] != ",":
            raise SelectionError(f"{text[at : at + 20]!r} where a comma was expected")
        at += 1
    return rule
