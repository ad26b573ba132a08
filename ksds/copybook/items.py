"""What a copybook describes: a tree of items, each with the clauses that are in force for it.

An item's `usage`, SIGN and SYNCHRONIZED are its own, else those of the group it is in.

Source: Enterprise COBOL for z/OS Language Reference, "Data division - data description entry".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from ksds.copybook.picture import Category, Picture
from ksds.copybook.scanner import Token
from ksds.errors import CopybookError

RECORD_LEVELS = (1, 77)
RENAMES, CONDITION = 66, 88


class Usage(StrEnum):
    """USAGE: how the bytes of an item hold its value."""

    DISPLAY = "DISPLAY"
    BINARY = "COMP"
    SHORT_FLOAT = "COMP-1"
    LONG_FLOAT = "COMP-2"
    PACKED = "COMP-3"
    NATIVE = "COMP-5"
    NATIONAL = "NATIONAL"
    DBCS = "DISPLAY-1"
    INDEX = "INDEX"
    POINTER = "POINTER"
    FUNCTION_POINTER = "FUNCTION-POINTER"
    PROCEDURE_POINTER = "PROCEDURE-POINTER"
    OBJECT = "OBJECT REFERENCE"


USAGES = {
    **{usage.value: usage for usage in Usage if usage is not Usage.OBJECT},
    **{f"COMPUTATIONAL{end}": Usage(f"COMP{end}") for end in ("", "-1", "-2", "-3", "-5")},
    **{"BINARY": Usage.BINARY, "COMP-4": Usage.BINARY, "COMPUTATIONAL-4": Usage.BINARY},
    **{"PACKED-DECIMAL": Usage.PACKED, "POINTER-32": Usage.POINTER},
}
WITHOUT_PICTURE = set(Usage) - {
    *(Usage.DISPLAY, Usage.BINARY, Usage.PACKED, Usage.NATIVE, Usage.NATIONAL, Usage.DBCS),
}


@dataclass(frozen=True, slots=True)
class Occurs:
    """`least` equals `most` unless the number depends on the item called `depending` (its name, then qualifiers)."""

    least: int
    most: int
    depending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition-name: true if the item holds one of the values, each a pair (from, through) of literals."""

    name: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of level 01 to 49 or 77 with what is below it; level 66 with `renames` (first, last)."""

    level: int
    name: str
    token: Token
    picture: Picture | None = None
    usage: Usage | None = None
    occurs: Occurs | None = None
    redefines: str = ""
    sign_leading: bool | None = None
    sign_separate: bool = False
    synchronized: bool = False
    justified: bool = False
    blank_when_zero: bool = False
    values: tuple[tuple[str, str], ...] = ()
    renames: tuple[str, str] | None = None
    conditions: tuple[Condition, ...] = ()
    children: tuple[Item, ...] = ()

    def error(self, what: str) -> CopybookError:
        return self.token.error(f"{self.name or 'FILLER'} {what}")


@dataclass(slots=True)
class _Branch:
    item: Item
    conditions: list[Condition] = field(default_factory=list)
    children: list[Item] = field(default_factory=list)

    def closed(self) -> Item:
        return replace(self.item, conditions=tuple(self.conditions), children=tuple(self.children))


def forest(found: list[Item]) -> list[Item]:
    """The items of the highest levels, from entries in the order of the text. Raises CopybookError for clauses that do
    not go together."""
    roots: list[Item] = []
    open_branches: list[_Branch] = []

    def close(level: int) -> None:
        while open_branches and open_branches[-1].item.level >= level:
            done = open_branches.pop().closed()
            (open_branches[-1].children if open_branches else roots).append(done)

    for item in found:
        if item.level == CONDITION:
            if not open_branches:
                raise item.error("IS A CONDITION-NAME OF NOTHING")
            open_branches[-1].conditions.append(Condition(item.name, item.values))
        elif item.level == RENAMES:
            if not open_branches:
                raise item.error("RENAMES NOTHING")
            open_branches[0].children.append(item)
        else:
            close(1 if item.level in RECORD_LEVELS else item.level)
            open_branches.append(_Branch(_inheriting(item, [branch.item for branch in open_branches])))
    close(0)
    return [_checked(root) for root in roots]


def _inheriting(item: Item, groups: list[Item]) -> Item:
    """The item with the USAGE, SIGN and SYNCHRONIZED of the group around it where it has none of its own."""
    if not groups:
        return item
    group = groups[-1]
    if group.usage and item.usage and group.usage is not item.usage:
        raise item.error(f"IS {item.usage} IN A GROUP THAT IS {group.usage}")
    own_sign = item.sign_leading is not None
    return replace(
        item,
        usage=item.usage or group.usage,
        sign_leading=item.sign_leading if own_sign else group.sign_leading,
        sign_separate=item.sign_separate if own_sign else group.sign_separate,
        synchronized=item.synchronized or group.synchronized,
    )


def _checked(item: Item) -> Item:
    """The item, if its clauses go together; groups from the inside out."""
    if item.level == RENAMES:
        return item
    if any(child.level != RENAMES for child in item.children):
        if item.picture:
            raise item.error("HAS A PICTURE AND ITEMS BELOW IT")
        return replace(item, children=tuple(map(_checked, item.children)))
    usage = item.usage or _implied_usage(item.picture)
    if item.picture is None:
        if usage not in WITHOUT_PICTURE:
            raise item.error("HAS NEITHER A PICTURE NOR ITEMS BELOW IT")
        return replace(item, usage=usage)
    category = item.picture.category
    suits: dict[Usage, set[Category]] = {
        Usage.DISPLAY: {Category.TEXT, Category.NUMERIC, Category.EDITED},
        Usage.NATIONAL: {Category.NATIONAL, Category.NUMERIC, Category.EDITED},
        Usage.DBCS: {Category.DBCS, Category.NATIONAL},
    }
    if category not in suits.get(usage, {Category.NUMERIC}) or usage in WITHOUT_PICTURE:
        raise item.error(f"IS {usage}, AND PICTURE {item.picture.text} IS NOT FOR THAT")
    if usage in (Usage.BINARY, Usage.NATIVE) and item.picture.digits > 18:
        raise item.error(f"IS {usage} WITH MORE THAN 18 DIGITS")
    if usage is Usage.NATIONAL and item.picture.signed and not item.sign_separate:
        raise item.error("IS NATIONAL AND SIGNED WITHOUT SIGN SEPARATE")
    return replace(item, usage=usage)


def _implied_usage(shape: Picture | None) -> Usage:
    if shape is None:
        return Usage.DISPLAY
    return {Category.NATIONAL: Usage.NATIONAL, Category.DBCS: Usage.DBCS}.get(shape.category, Usage.DISPLAY)
