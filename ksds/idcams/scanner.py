"""The command stream as tokens: margins, continuation, comments, apostrophes, command ends.

    record   = column 1, then the scanned columns 2-72 (the margins), then a sequence number
    mark     = `-` or `+` as the last character that is not blank: the command goes on in the next record;
               after `+` the next record's leading blanks and comments are dropped, so a value goes on as well
    token    = word | 'text' | X'hex' | B'binary' | ( | ) | operator (only in IF and SET) | stop
    stop     = `;` or the end of a record without a mark

Records are read one at a time, when the first of their characters is wanted, and echoed then: a command's messages must
come after its last record and before the next command's first. Every character is looked at once; nothing backtracks.

Source: z/OS DFSMS Access Method Services Commands, "How to Code IDCAMS Commands"; MVS 3.8J scanner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple

from ksds.idcams.messages import QUOTED_ITEM

DEFAULT_MARGINS = (2, 72)

_BLANKS = re.compile(r"[ \t]*")
_WORD = re.compile(r"[^ \t,();']+")
_MODAL_WORD = re.compile(r"\d+|[^ \t,();'=<>\u00ac^]+")
_PLAIN = re.compile(r"[^;'/]*")
_OPERATORS = re.compile(r"[=<>\u00ac^]+")
_TO_UPPER = {ord(c): c.upper() for c in "abcdefghijklmnopqrstuvwxyz"}


class Kind(Enum):
    """What a token of the command stream is."""

    WORD = "word"
    TEXT = "text in apostrophes"
    HEX = "hexadecimal"
    BINARY = "binary"
    LEFT = "("
    RIGHT = ")"
    OPERATOR = "operator"
    STOP = "end of command"
    FILE_END = "end of input"


class Token(NamedTuple):
    """`text` is folded to upper case in a word and untouched in apostrophes."""

    kind: Kind
    text: str


_DELIMITERS = {"(": Token(Kind.LEFT, "("), ")": Token(Kind.RIGHT, ")"), ";": Token(Kind.STOP, ";")}
_STOP = _DELIMITERS[";"]
_FILE_END = Token(Kind.FILE_END, "")


class ScanError(Exception):
    """The text cannot be what it begins to be. `number` is the message, `insert` its text."""

    def __init__(self, number: str, insert: str = "") -> None:
        super().__init__(number, insert)
        self.number = number
        self.insert = insert[:QUOTED_ITEM]


def fold(word: str) -> str:
    """Upper case, a to z only."""
    return word.translate(_TO_UPPER)


class Scanner:
    """Tokens of `records`. `echo` gets every record read, `warn` the number of a message that stops nothing."""

    __slots__ = ("_at", "_back", "_echo", "_ended", "_mark", "_records", "_text", "_warn", "margins")

    def __init__(self, records: Iterable[str], echo: Callable[[str], None], warn: Callable[[str], None]) -> None:
        self.margins = DEFAULT_MARGINS
        self._records = iter(records)
        self._echo = echo
        self._warn = warn
        self._text: str | None = None
        self._at = 0
        self._mark = ""
        self._back: list[Token] = []
        self._ended = True

    def token(self, *, modal: bool = False) -> Token:
        """The next token. `modal` splits words at = < > and the not sign. Raises ScanError."""
        token = self._back.pop() if self._back else self._scan(modal)
        self._ended = token.kind in (Kind.STOP, Kind.FILE_END)
        return token

    def _scan(self, modal: bool) -> Token:
        if self._text is None and not self._next_record():
            return _FILE_END
        character = self._skip_separators()
        if character == "":
            self._text = None
            return _STOP
        delimiter = _DELIMITERS.get(character)
        if delimiter is not None:
            self._at += 1
            return delimiter
        if character == "'":
            return Token(Kind.TEXT, self._apostrophes())
        if modal and (operator := self._run(_OPERATORS)):
            return Token(Kind.OPERATOR, operator)
        word = fold(self._run(_MODAL_WORD if modal else _WORD))
        if word in ("X", "B") and self._character() == "'":
            return Token(Kind.HEX if word == "X" else Kind.BINARY, fold(self._apostrophes()))
        return Token(Kind.WORD, word)

    def give_back(self, token: Token) -> None:
        """The next call of `token` returns this one again; the last one given back comes first."""
        self._back.append(token)
        self._ended = False

    def skip_command(self) -> None:
        """Read to the end of the command, unless that was the last token."""
        while self._back and not self._ended:
            self.token()
        while not self._ended:
            self._skip_part()

    def _skip_part(self) -> None:
        """Read over a piece of the command that has no end in it."""
        character = self._character()
        if character == "":
            self._text = None
            self._ended = True
        elif character == ";":
            self._at += 1
            self._ended = True
        elif character == "'":
            try:
                self._apostrophes()
            except ScanError as error:
                if error.number == "IDC4236I":
                    raise
        else:
            assert self._text is not None
            if self._text.startswith("/*", self._at):
                self._skip_comment()
            else:
                found = _PLAIN.match(self._text, self._at + 1)
                self._at = found.end() if found else self._at + 1

    def _next_record(self) -> bool:
        record = next(self._records, None)
        if record is None:
            return False
        record = record.rstrip("\r\n")
        self._echo(record.replace("\t", " "))
        left, right = self.margins
        body = record[left - 1 : right].rstrip(" \t")
        self._mark = body[-1:] if body[-1:] in ("-", "+") else ""
        self._text = body[:-1] if self._mark else body
        self._at = 0
        return True

    def _character(self) -> str:
        """The character at hand, in the next record where a mark says so; "" at the end of the command."""
        while self._text is not None:
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._mark:
                return ""
            joins = self._mark == "+"
            if not self._next_record():
                self._mark = ""
                raise ScanError("IDC4236I")
            if joins:
                self._skip_joined()
            else:
                self._text = " " + self._text
        return ""

    def _skip_joined(self) -> None:
        """After `+`: the leading blanks and comments of the record."""
        while self._text is not None:
            if self._text.startswith((" ", "\t"), self._at):
                self._at = _end_of_blanks(self._text, self._at)
            elif self._text.startswith("/*", self._at):
                self._skip_comment()
            else:
                return

    def _skip_separators(self) -> str:
        """Read over blanks, commas and comments; the character behind them, "" at the end of the command."""
        commas = 0
        while (character := self._character()) != "":
            assert self._text is not None
            if character in " \t":
                self._at = _end_of_blanks(self._text, self._at)
            elif character == ",":
                self._at += 1
                commas += 1
                if commas == 2:
                    self._warn("IDC0206I")
            elif character == "/" and self._text.startswith("/*", self._at):
                self._skip_comment()
            else:
                break
        return character

    def _skip_comment(self) -> None:
        """From `/*` behind `*/`, or to the end of the command if that comes first."""
        self._at += 2
        while self._text is not None:
            end = self._text.find("*/", self._at)
            if end >= 0:
                self._at = end + 2
                return
            self._at = len(self._text)
            if not self._mark:
                return
            if not self._next_record():
                self._mark = ""
                raise ScanError("IDC4236I")

    def _run(self, pattern: re.Pattern[str]) -> str:
        """Characters of one class, on through `+` marks; a comment ends them."""
        parts = []
        while self._character() != "":
            assert self._text is not None
            found = pattern.match(self._text, self._at)
            if not found:
                break
            comment = self._text.find("/*", self._at, found.end() + 1)
            end = found.end() if comment < 0 else comment
            parts.append(self._text[self._at : end])
            self._at = end
            if end < len(self._text):
                break
        return "".join(parts)

    def _apostrophes(self) -> str:
        """The text between apostrophes, two for one inside. Raises ScanError if the second is missing."""
        parts: list[str] = []
        self._at += 1
        while self._character() != "":
            assert self._text is not None
            end = self._text.find("'", self._at)
            stop = end if end >= 0 else len(self._text)
            if ";" in self._text[self._at : stop]:
                self._warn("IDC0222I")
            parts.append(self._text[self._at : stop])
            self._at = stop
            if end >= 0:
                self._at += 1
                if self._character() != "'":
                    return "".join(parts)
                self._at += 1
                parts.append("'")
        raise ScanError("IDC3203I", "'" + "".join(parts))


def _end_of_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
