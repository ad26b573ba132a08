"""The options of an ACB (MACRF) and of an RPL (OPTCD), as programmers write them.

Each option belongs to a group of which one holds at a time: KEY, ADR or CNV; SEQ, SKP or DIR; and so on. Naming an
option replaces the one of its group and leaves the other groups as they were, which is what MODCB does. The first of
each group is its default.

Source: z/OS DFSMS Macro Instructions for Data Sets, "ACB" and "RPL".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

OPTCD_GROUPS: dict[str, tuple[str, ...]] = {
    "kind": ("KEY", "ADR", "CNV"),
    "order": ("SEQ", "SKP", "DIR"),
    "direction": ("FWD", "BWD"),
    "compare": ("KEQ", "KGE"),
    "search": ("FKS", "GEN"),
    "start": ("ARD", "LRD"),
    "purpose": ("NUP", "UPD", "NSP"),
    "mode": ("MVE", "LOC"),
    "wait": ("SYN", "ASY"),
    "exit": ("NWAITX", "WAITX"),
}
_GROUP_OF = {option: group for group, options in OPTCD_GROUPS.items() for option in options}

MACRF_KINDS = frozenset({"KEY", "ADR", "CNV"})
MACRF_ORDERS = frozenset({"SEQ", "SKP", "DIR"})
MACRF_OPTIONS = (
    *("KEY", "ADR", "CNV", "SEQ", "SKP", "DIR", "IN", "OUT", "NRS", "RST"),
    *("NRM", "AIX", "NSR", "LSR", "GSR", "NDF", "DFR", "NIS", "SIS", "NUB", "NCI", "NFX", "CFX", "DDN", "DSN"),
    *("LEW", "NLW"),
)
_EXCLUDE = (
    *(("RST", "NRS"), ("NSR", "LSR"), ("NSR", "GSR"), ("LSR", "GSR")),
    *(("NRM", "AIX"), ("NFX", "CFX"), ("NDF", "DFR"), ("DDN", "DSN"), ("LEW", "NLW")),
)


class InvalidOptionText(ValueError):
    """The text names an option that does not exist, or two of one group."""


@dataclass(frozen=True, slots=True)
class Optcd:
    """The options of one request, one of each group."""

    kind: str = "KEY"
    order: str = "SEQ"
    direction: str = "FWD"
    compare: str = "KEQ"
    search: str = "FKS"
    start: str = "ARD"
    purpose: str = "NUP"
    mode: str = "MVE"
    wait: str = "SYN"
    exit: str = "NWAITX"

    def changed(self, text: str | Iterable[str]) -> Optcd:
        """These options with those that `text` names, such as "KEY,DIR,UPD" or "(BWD, LRD)", in place of theirs.

        Raises InvalidOptionText.
        """
        chosen: dict[str, str] = {}
        for word in words(text):
            group = _GROUP_OF.get(word)
            if group is None:
                raise InvalidOptionText(f"OPTCD={word[:20]} IS NOT AN OPTION OF AN RPL")
            if chosen.setdefault(group, word) != word:
                raise InvalidOptionText(f"OPTCD=({chosen[group]},{word}) EXCLUDE EACH OTHER")
        return replace(self, **chosen)

    def __str__(self) -> str:
        return ",".join(getattr(self, group) for group in OPTCD_GROUPS)


@dataclass(frozen=True, slots=True)
class Macrf:
    """What an ACB is opened for. `index_itself`: of a path its alternate index, as a KSDS (AIX)."""

    kinds: frozenset[str]
    orders: frozenset[str]
    output: bool
    reset: bool
    shared_resources: bool
    deferred: bool
    sequential_insertion: bool
    index_itself: bool

    @classmethod
    def parse(cls, text: str | Iterable[str]) -> Macrf:
        """From "KEY,SEQ,DIR,OUT" and the like; nothing said means KEY, SEQ, IN. Raises InvalidOptionText."""
        given = set(words(text))
        for word in sorted(given - set(MACRF_OPTIONS)):
            raise InvalidOptionText(f"MACRF={word[:20]} IS NOT AN OPTION OF AN ACB")
        for one, other in _EXCLUDE:
            if {one, other} <= given:
                raise InvalidOptionText(f"MACRF=({one},{other}) EXCLUDE EACH OTHER")
        return cls(
            kinds=frozenset(given & MACRF_KINDS or {"KEY"}),
            orders=frozenset(given & MACRF_ORDERS or {"SEQ"}),
            output="OUT" in given,
            reset="RST" in given,
            shared_resources=bool(given & {"LSR", "GSR"}),
            deferred="DFR" in given,
            sequential_insertion="SIS" in given,
            index_itself="AIX" in given,
        )


def words(text: str | Iterable[str]) -> list[str]:
    """The options in `text`: separated by commas or blanks, parentheses around them or not, in any case."""
    if isinstance(text, str):
        return re.findall(r"[^\s,()]+", text.upper())
    return [word.upper() for word in text]
