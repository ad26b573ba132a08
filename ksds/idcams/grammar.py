"""How a command's operands are described: keywords with their abbreviations, constants with their ranges.

A command is a pydantic model. Each field carries, as annotations, the keywords that fill it: one keyword, or several of
which at most one may be coded. The parser reads these; the model checks what takes more than one operand to check.

    keyword alone            the field gets the keyword's name
    one constant             the field gets the constant
    list of constants        the field gets a list
    several keywords         the field gets [keyword's name, constants ...], or the name alone if none takes constants
    several, Collected       the field gets the list of the names coded
    sub-list                 the field gets the values of the sub-list's own model; of a repeated one, a list of them
    several, sub-lists       the field gets [keyword's name, the values]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

ConstantKind = Literal["number", "name", "generic name", "ddname", "word", "text", "choice", "key"]


@dataclass(frozen=True, slots=True)
class Constant:
    """One value in parentheses. `low` and `high` bound a number, or count the characters of anything else.

    With `member` a name may be that of a library with a member behind it: `A.LIB(MEM)`. A choice is one of `words`.
    """

    kind: ConstantKind
    low: int = 1
    high: int = 44
    member: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword and what may stand in its parentheses.

    `least` constants must be coded (default: all); the last constant may be repeated, up to `most` in all.
    `parameters` is the model of a sub-list; `repeated` says that it is one of several, each in parentheses of its own.
    `standing`: "used"; "ignored", checked, but without effect; "unread", without effect, and what stands in parentheses
    behind it is not looked at; "unsupported", unread, and known to IDCAMS but not to this version.
    """

    word: str
    short: tuple[str, ...] = ()
    constants: tuple[Constant, ...] = ()
    least: int = -1
    most: int = 0
    parameters: type[Operands] | None = None
    repeated: bool = False
    standing: Literal["used", "ignored", "unread", "unsupported"] = "used"

    @property
    def fewest(self) -> int:
        return len(self.constants) if self.least < 0 else self.least

    @property
    def maximum(self) -> int:
        return max(self.most, len(self.constants))


@dataclass(frozen=True, slots=True)
class Positional:
    """The field takes what stands first, without a keyword: one constant, or a list of up to `most` in parentheses."""

    constant: Constant
    most: int


@dataclass(frozen=True, slots=True)
class Collected:
    """The field takes any number of its keywords."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key or the beginning of one: characters as typed, or the bytes of X'..'."""

    text: str
    data: bytes | None = None


class Operands(BaseModel):
    """A command's operands or a sub-list's. Fields without default must be coded; `ALSO`: keywords without a field."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ALSO: ClassVar[tuple[Keyword, ...]] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """The keywords of one level of a command, by every name they have, each with its field; "" for `ALSO`."""

    keywords: dict[str, tuple[str, Keyword]]
    several: frozenset[str]
    collected: frozenset[str]
    required: tuple[str, ...]
    positional: tuple[str, Positional] | None


@cache
def level_of(model: type[Operands]) -> Level:
    """Read a model's annotations."""
    keywords = {name: ("", mark) for mark in model.ALSO for name in (mark.word, *mark.short)}
    several, collected, positional = set(), set(), None
    for field, info in model.model_fields.items():
        coded = [mark for mark in info.metadata if isinstance(mark, Keyword)]
        keywords |= {name: (field, mark) for mark in coded for name in (mark.word, *mark.short)}
        if len(coded) > 1:
            several.add(field)
        for mark in info.metadata:
            if isinstance(mark, Collected):
                collected.add(field)
            elif isinstance(mark, Positional):
                positional = (field, mark)
    required = tuple(field for field, info in model.model_fields.items() if info.is_required())
    return Level(keywords, frozenset(several), frozenset(collected), required, positional)


def number(low: int, high: int) -> Constant:
    """A number from `low` to `high`."""
    return Constant("number", low, high)


def word(characters: int) -> Constant:
    """Anything of up to `characters`: an owner, a volume serial."""
    return Constant("word", 1, characters)


def text(characters: int) -> Constant:
    """Any characters at all, up to so many."""
    return Constant("text", 1, characters)


def choice(*words: str) -> Constant:
    """One of these words."""
    return Constant("choice", words=words)


def ignored(*names: str, takes: tuple[Constant, ...] = (), least: int = -1, most: int = 0) -> Keyword:
    """A keyword that makes no difference here; its values are checked."""
    return Keyword(names[0], names[1:], takes, least=least, most=most, standing="ignored")


def unread(*names: str) -> Keyword:
    """A keyword that makes no difference here, whatever it says."""
    return Keyword(names[0], names[1:], standing="unread")


def unsupported(*names: str) -> Keyword:
    """A keyword that is known and refused (KSD302E)."""
    return Keyword(names[0], names[1:], standing="unsupported")
