"""The Process language cut into tokens, in one pass from left to right.

Two layouts are read. In the z/OS layout a statement is a line, continued when a line ends with ` -`, and a label
stands in column 1. In the free layout of Unix and Windows a newline is a blank; a text is in free layout if its last
token is `;` (`pend;`).

Comments: `*` in column 1; `/* ... */` where a token could begin, over several lines if need be, but its end may not
stand in column 1. Strings: 'literal', "with symbolics", \\literal, quotes kept\\ (two backslashes are one). A string
ends on its line. No expression with nested repetition is used: time is linear in the text whatever it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dtf.errors import ProcessSyntaxError

TEXT_LIMIT = 1_048_576
LINE_LIMIT = 4096
TOKEN_LIMIT = 131_072
SYMBOL_LIMIT_FIXED = 8
SYMBOL_LIMIT_FREE = 32


class Kind(Enum):
    """What a token is, in words for people."""

    WORD = "a word"
    SYMBOL = "a symbolic"
    LITERAL = "a literal string"
    QUOTED = "a string in double quotes"
    OPEN = "'('"
    CLOSE = "')'"
    COMMA = "','"
    EQUALS = "'='"
    JOIN = "'||'"
    COMPARE = "a comparison"
    HYPHEN = "a hyphen"
    SEMICOLON = "';'"
    END = "the end of the statement"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is the value: without quotes, without &. `glued`: no blank before it. Lines and columns count from 1."""

    kind: Kind
    text: str
    line: int
    column: int
    end: int  # column after its last character
    glued: bool


_SINGLE = {"(": Kind.OPEN, ")": Kind.CLOSE, ",": Kind.COMMA}
_COMPARING = "<>=!¬"
_STOPS = frozenset(" \t(),'\"\\&;|" + _COMPARING)
_BLANKS = " \t"


class Source:
    """The text of a Process, kept for error messages."""

    def __init__(self, text: str) -> None:
        if len(text) > TEXT_LIMIT or len(text.encode("utf-8", "surrogatepass")) > TEXT_LIMIT:
            what = f"PROCESS TEXT IS LONGER THAN {TEXT_LIMIT} BYTES"
            raise ProcessSyntaxError(what, line=1, column=1, marked="\n^")
        self.lines = [line.rstrip("\r") for line in text.split("\n")]
        for number, line in enumerate(self.lines, 1):
            if len(line) > LINE_LIMIT:
                raise self.error(f"LINE IS LONGER THAN {LINE_LIMIT} CHARACTERS", number, LINE_LIMIT + 1)
            if not line.isprintable() and not line.replace("\t", " ").isprintable():
                column = next(i for i, c in enumerate(line, 1) if not c.isprintable() and c != "\t")
                raise self.error("CONTROL CHARACTER IN THE TEXT", number, column)

    def error(self, what: str, line: int, column: int, end: int | None = None) -> ProcessSyntaxError:
        """An error that shows its line with the span from `column` up to `end` marked."""
        return ProcessSyntaxError(what, line=line, column=column, marked=self.marked(line, column, end))

    def marked(self, line: int, column: int, end: int | None = None) -> str:
        """The line, cut to a window of 100 characters, and below it ^^^ under the span."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        start = max(0, column - 61)
        width = max(1, min((end or column + 1) - column, 100 - (column - 1 - start)))
        shown = "".join(c if c.isprintable() else " " for c in text[start : start + 100])
        return shown + "\n" + " " * (column - 1 - start) + "^" * width


def tokenize(source: Source) -> tuple[list[Token], bool]:
    """Tokens of the whole text and whether it is in free layout. Without free layout, END closes each statement."""
    tokens = _Tokenizer(source).run()
    free = bool(tokens) and tokens[-1].kind is Kind.SEMICOLON
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1].line if index + 1 < len(tokens) else None
        if token.kind is Kind.HYPHEN:
            if following == token.line:
                raise source.error("A HYPHEN CONTINUES A LINE ONLY AT ITS END", token.line, token.column)
            continue
        if token.kind is Kind.SYMBOL and len(token.text) > (SYMBOL_LIMIT_FREE if free else SYMBOL_LIMIT_FIXED):
            raise source.error(f"SYMBOLIC NAME {token.text[:40]} IS TOO LONG", token.line, token.column, token.end)
        kept.append(token)
        if not free and following != token.line:
            kept.append(Token(Kind.END, "", token.line, token.end, token.end, False))
    if not free and tokens and tokens[-1].kind is Kind.HYPHEN:
        raise source.error("NOTHING FOLLOWS THE CONTINUATION", tokens[-1].line, tokens[-1].column)
    return kept, free


class _Tokenizer:
    """Walks the lines; `_line` and `_at` (from 0) say where."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._line = 0
        self._at = 0
        self._text = ""
        self._tokens: list[Token] = []
        self._comment: tuple[int, int] | None = None  # where an open comment began

    def run(self) -> list[Token]:
        for line in self._source.lines:
            self._line += 1
            self._text = line
            self._at = 0
            if self._comment is None and self._text.startswith("*"):
                continue
            self._scan_line()
        if self._comment is not None:
            raise self._source.error("COMMENT IS NOT CLOSED", *self._comment)
        return self._tokens

    def _scan_line(self) -> None:
        text, size = self._text, len(self._text)
        while self._at < size:
            if self._comment is not None:
                self._skip_comment()
            elif text[self._at] in _BLANKS:
                self._at += 1
            elif text.startswith("/*", self._at):
                self._comment = (self._line, self._at + 1)
                self._at += 2
            else:
                self._scan_token(text[self._at])

    def _skip_comment(self) -> None:
        closing = self._text.find("*/", self._at)
        if closing == 0:
            raise self._source.error("THE END OF A COMMENT MAY NOT STAND IN COLUMN 1", self._line, 1, 3)
        if closing < 0:
            self._at = len(self._text)
        else:
            self._at = closing + 2
            self._comment = None

    def _scan_token(self, first: str) -> None:
        if first in _SINGLE:
            self._add(_SINGLE[first], first, 1)
        elif first in "'\"\\":
            self._scan_string(first)
        elif first == "&":
            self._scan_symbol()
        elif first == "|":
            if not self._text.startswith("||", self._at):
                raise self._error("A SINGLE VERTICAL BAR")
            self._add(Kind.JOIN, "||", 2)
        elif first == ";":
            self._add(Kind.SEMICOLON, ";", 1)
        elif first in _COMPARING:
            length = self._run_of(_COMPARING)
            run = self._text[self._at : self._at + length]
            self._add(Kind.EQUALS if run == "=" else Kind.COMPARE, run, length)
        else:
            self._scan_word()

    def _scan_word(self) -> None:
        text, end = self._text, self._at
        while end < len(text) and (text[end] not in _STOPS or self._is_port(end)):
            end += 1
        word = text[self._at : end]
        self._add(Kind.HYPHEN if word == "-" else Kind.WORD, word, end - self._at)

    def _is_port(self, at: int) -> bool:
        """host;port is one word: a semicolon between two word characters."""
        return self._text[at] == ";" and self._text[at + 1 : at + 2].isdigit()

    def _scan_symbol(self) -> None:
        end = self._at + 1
        while end < len(self._text) and (self._text[end].isalnum() or self._text[end] in "@#$_"):
            end += 1
        name = self._text[self._at + 1 : end]
        if not name or not name.isascii():
            raise self._error("A SYMBOLIC NAME MUST FOLLOW THE AMPERSAND")
        self._add(Kind.SYMBOL, name.upper(), end - self._at)

    def _scan_string(self, quote: str) -> None:
        pieces: list[str] = []
        start = self._at + 1
        while True:
            closing = self._text.find(quote, start)
            if closing < 0:
                raise self._source.error(
                    "STRING IS NOT CLOSED ON ITS LINE", self._line, self._at + 1, len(self._text) + 1
                )
            pieces.append(self._text[start:closing])
            if not self._text.startswith(quote, closing + 1):
                break
            pieces.append(quote)  # doubled: one of them is meant
            start = closing + 2
        kind = Kind.QUOTED if quote == '"' else Kind.LITERAL
        self._add(kind, "".join(pieces), closing + 1 - self._at)

    def _run_of(self, characters: str) -> int:
        end = self._at
        while end < len(self._text) and self._text[end] in characters:
            end += 1
        return end - self._at

    def _add(self, kind: Kind, text: str, length: int) -> None:
        if len(self._tokens) == TOKEN_LIMIT:
            raise self._error(f"MORE THAN {TOKEN_LIMIT} WORDS AND SIGNS")
        glued = self._at > 0 and self._text[self._at - 1] not in _BLANKS
        self._tokens.append(Token(kind, text, self._line, self._at + 1, self._at + length + 1, glued))
        self._at += length

    def _error(self, what: str) -> ProcessSyntaxError:
        return self._source.error(what, self._line, self._at + 1)
