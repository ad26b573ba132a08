"""COBOL source text to tokens: words, literals, periods and pseudo-text.

Fixed format has a sequence number in columns 1-6, an indicator in 7 (`*` and `/` comment, `D` debugging line, `-`
continuation) and text in 8-72; what stands behind column 72 is not read. Text is free format if some line cannot be
fixed: characters in columns 1-6 that are no sequence number, or no indicator in column 7. Text with a line longer than
80 columns is in the extended format, where the text goes on to the end of the line.

Source: Enterprise COBOL for z/OS Language Reference, "Reference format", "Character-strings"; Programming Guide,
"SRCFORMAT".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ksds.errors import CopybookError

LONGEST_TEXT = 1 << 20
"""Characters of a copybook."""

INDICATOR, TEXT, END, CARD = 6, 7, 72, 80
"""Columns of fixed format, counted from 0."""
COMMENTS, DEBUGGING = {"*", "/", "$"}, {"D", "d"}

_TOKEN = re.compile(
    r"""(?P<blank>[\s]+|[,;](?=\s|['"]|$)|\*>[^\n]*)
      | ==(?P<pseudo>.*?)==
      | (?P<literal>(?:NX|[XNZGB])?(?:'(?:[^'\n]|'')*'|"(?:[^"\n]|"")*"))
      | (?P<period>\.(?=\s|$))
      | (?P<word>(?:(?!==)[^\s'"])+)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


class Kind(Enum):
    """What a token of a copybook is."""

    WORD = auto()
    LITERAL = auto()
    PERIOD = auto()
    PSEUDO = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A word in upper case, a literal as written, a period, or the inside of `==pseudo-text==`; and where it stood."""

    kind: Kind
    text: str
    source: str
    line: int
    cut: bool = False
    """This line or the one before has characters in columns 73 to 80."""

    def error(self, what: str) -> CopybookError:
        hint = " (COLUMNS 73 TO 80 ARE NOT READ)" if self.cut else ""
        return CopybookError(what + hint, source=self.source, line=self.line)


@dataclass(frozen=True, slots=True)
class _Source:
    """Logical lines one after the other: where each begins in `text`, and the number of its line."""

    name: str
    text: str
    starts: list[int]
    numbers: list[int]
    cut: frozenset[int] = frozenset()

    def line(self, at: int) -> int:
        return self.numbers[bisect_right(self.starts, at) - 1]

    def token(self, kind: Kind, text: str, at: int) -> Token:
        line = self.line(at)
        return Token(kind, text, self.name, line, bool(self.cut and {line, line - 1} & self.cut))


def scan(text: str, source: str) -> list[Token]:
    """The tokens of a copybook. Raises CopybookError for a literal or pseudo-text without end, or too much text."""
    if len(text) > LONGEST_TEXT:
        raise CopybookError(f"{len(text)} CHARACTERS, A COPYBOOK HAS AT MOST {LONGEST_TEXT}", source=source)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(8).split("\n")
    cut: set[int] = set()
    end = max((len(line.rstrip()) for line in lines if not _is_comment(line)), default=0)
    if not all(map(_may_be_fixed, lines)):
        logical = _free_lines(lines)
    elif end > CARD:
        logical = _fixed_lines(lines, end)
    else:
        logical = _fixed_lines(lines, END)
        cut.update(number for number, line in enumerate(lines, 1) if line[END:].strip() and not _is_comment(line))
    starts: list[int] = []
    numbers: list[int] = []
    parts: list[str] = []
    at = 0
    for number, line in logical:
        starts.append(at)
        numbers.append(number)
        parts.append(line)
        at += len(line) + 1
    return list(_tokens(_Source(source, "\n".join(parts), starts, numbers, frozenset(cut))))


def scan_within(text: str, near: Token) -> list[Token]:
    """The tokens of text that stands inside another token, such as pseudo-text."""
    return list(_tokens(_Source(near.source, text, [0], [near.line])))


def _tokens(source: _Source) -> Iterator[Token]:
    at, text = 0, source.text
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            what = "PSEUDO-TEXT WITHOUT ITS SECOND ==" if text[at] == "=" else "A LITERAL WITHOUT ITS SECOND QUOTE"
            raise source.token(Kind.WORD, "", at).error(what)
        if found.lastgroup == "word":
            yield from _word(found["word"].upper(), source, at)
        elif found.lastgroup != "blank":
            kind = Kind[str(found.lastgroup).upper()]
            yield source.token(kind, found[found.lastgroup or 0], at)
        at = found.end()


def _word(text: str, source: _Source, at: int) -> Iterator[Token]:
    """A run of characters, and the period that ends an entry if it is the last of them."""
    word = text.rstrip(",;")
    ends = word == text and word.endswith(".")
    if ends:
        word = word[:-1]
    if word:
        yield source.token(Kind.WORD, word, at)
    if ends:
        yield source.token(Kind.PERIOD, ".", at)


def _free_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    """(line number, text) without comments and directives."""
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith(("*", ">>", "/")):
            yield number, line


def _fixed_lines(lines: list[str], end: int) -> Iterator[tuple[int, str]]:
    """(line number, text) without comments and sequence numbers, continued lines joined to the first; `end` is the
    column behind the text."""
    begun, number = "", 0
    for count, line in enumerate(lines, 1):
        if _is_comment(line):
            continue
        content = line[TEXT:end]
        if line[INDICATOR:TEXT] == "-" and number:
            begun = _joined(begun, content)
            continue
        if number:
            yield number, begun
        begun, number = content, count
    if number:
        yield number, begun


def _may_be_fixed(line: str) -> bool:
    front, indicator = line[:INDICATOR], line[INDICATOR:TEXT]
    if _is_comment(line):
        return True
    if front.strip() and (" " in front or len(line) <= INDICATOR):
        return False
    return indicator in {"", " ", "-"}


def _is_comment(line: str) -> bool:
    """Of fixed format. An asterisk in column 1 is no compiler's habit, but many writers'; a D that begins a word is no
    indicator."""
    indicator = line[INDICATOR : TEXT + 1]
    marked = indicator[:1] in COMMENTS or indicator.rstrip() in DEBUGGING
    return line.startswith("*") or (indicator != "" and marked and line[:INDICATOR].count(" ") in (0, INDICATOR))


def _joined(begun: str, content: str) -> str:
    """A continued line. An open literal goes on in column 72, behind the quote that opens the continuation."""
    quote = ""
    for character in begun:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    if not quote:
        return begun.rstrip() + content.lstrip()
    return begun.ljust(END - TEXT) + content.lstrip().removeprefix(quote)
