"""DFSORT control statements: text to trees.

    statement := [label] OPERATION operands         columns 2-71; * in column 1 is a comment
    operands  := item { "," item }
    item      := [ column ":" ] name "=" value | value
    value     := "(" operands ")" | word            10  5:C'TEXT'  3X  X'00FF'  M11  DATE1(/)  Y4T(-)
    item      := column ":" value                   a list may have a column, too: its name is then "21:"

An operand field that ends in a comma, or a nonblank column 72, goes on in the next record. Names from SYMNAMES are
replaced by what they stand for before the operands are parsed.
Source: z/OS DFSORT Application Programming Guide, "General coding rules", "Using symbols for fields and constants".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MAXIMUM_POSITION = 32752
"""No field, column or record reaches beyond it."""
MAXIMUM_NESTING = 30
_NAME = re.compile(r"((?:\d+:)?&?[A-Z][A-Z0-9]*(?:[+-]\d+)?|%\d{0,3})=")
_PLACED_LIST = re.compile(r"(\d+:)(?=\()")
_SEPARATED = re.compile(r"(?:\d+:)?(?:&?(?:DATE|TIME)[1-3]|Y[24][T-Y])\([^ ]\)(?:[+-]\d+)?")
"""A word that takes one character in parentheses: what stands between the parts of a date."""
_SYMBOL = re.compile(r"'(?:[^']|'')*'|[A-Za-z@#$_][A-Za-z0-9@#$_-]*(?![A-Za-z0-9@#$_'-])")
_FIELD = re.compile(r"(\*|=|[1-9]\d{0,4})(?:,(=|\d{1,5})(?:,([A-Z][A-Z0-9]{1,2}))?)?")
_CONSTANT = re.compile(r"[CX]?'|[+-]?\d+$|S'")


class SortError(Exception):
    """A control statement cannot be carried out: message id and text for the listing; the code is 16."""

    def __init__(self, message_id: str, text: str) -> None:
        super().__init__(f"{message_id} {text}")
        self.message_id = message_id
        self.text = text


@dataclass(frozen=True, slots=True)
class Named:
    """name=value."""

    name: str
    value: Node


Node = str | list["Node"] | Named


@dataclass(frozen=True, slots=True)
class SortStatement:
    """One control statement; `items` its operands."""

    operation: str
    items: list[Node]
    line: int

    def value(self, *names: str) -> Node | None:
        """The value of an operand, under any of these names; a bare word is its own value."""
        for item in self.items:
            if isinstance(item, Named) and item.name in names:
                return item.value
            if isinstance(item, str) and item in names:
                return item
        return None

    def values(self, name: str) -> list[Node]:
        return [item.value for item in self.items if isinstance(item, Named) and item.name == name]

    def only(self, *allowed: str) -> None:
        """Raises SortError for an operand that is not among these."""
        for item in self.items:
            name = item.name if isinstance(item, Named) else item if isinstance(item, str) else ""
            if name not in allowed:
                raise SortError("ICE007A", f"SYNTAX ERROR: {name[:20] or '('} OF {self.operation} IS NOT SUPPORTED")


def parse_statements(records: Iterable[str], symbols: Mapping[str, str] | None = None) -> list[SortStatement]:
    """The statements of SYSIN up to END. Raises SortError."""
    statements: list[SortStatement] = []
    pending, start = "", 0
    for number, record in enumerate(records, 1):
        if record.startswith("*") or not record[:71].strip():
            continue
        body = record[:71].rstrip()
        start = start if pending else number
        text = body.strip() if pending else body
        end = _end(text, 0 if pending else _operands_at(text))
        pending += text[:end]
        if text[:end].endswith((",", ":")) or record[71:72].strip():
            continue
        statements.append(_statement(pending, start, symbols or {}))
        pending = ""
        if statements[-1].operation == "END":
            return statements[:-1]
    if pending:
        statements.append(_statement(pending.rstrip(","), start, symbols or {}))
    return [statement for statement in statements if statement.operation != "END"]


def _operands_at(text: str) -> int:
    """The offset of the operand field in a record that begins a statement."""
    skipped = 2 if text[:1].strip() else 1
    offset = 0
    for word in text.split(None, skipped)[:skipped]:
        offset = text.index(word, offset) + len(word)
    return offset + len(text[offset:]) - len(text[offset:].lstrip())


def _end(text: str, start: int) -> int:
    """The end of the operand field: a blank outside apostrophes."""
    quoted = False
    for index in range(start, len(text)):
        if text[index] == "'":
            quoted = not quoted
        elif text[index] == " " and not quoted:
            return index
    return len(text)


def _statement(text: str, line: int, symbols: Mapping[str, str]) -> SortStatement:
    words = text.split(None, 2) if text[:1].strip() else ["", *text.split(None, 1)]
    operation = words[1].upper() if len(words) > 1 else ""
    operands = _substitute(words[2], symbols) if len(words) > 2 else ""
    return SortStatement(operation, _Parser(operands, line).parse() if operands else [], line)


def _substitute(text: str, symbols: Mapping[str, str]) -> str:
    if not symbols:
        return text
    return _SYMBOL.sub(lambda found: symbols.get(found[0], found[0]), text)


class _Parser:
    def __init__(self, text: str, line: int) -> None:
        self._text = text
        self._line = line
        self._at = 0

    def parse(self) -> list[Node]:
        items = self._items(0)
        if self._at < len(self._text):
            raise self._error()
        return items

    def _items(self, depth: int) -> list[Node]:
        if depth > MAXIMUM_NESTING:
            raise self._error()
        items = [self._item(depth)]
        while self._text[self._at : self._at + 1] == ",":
            self._at += 1
            items.append(self._item(depth))
        return items

    def _item(self, depth: int) -> Node:
        name = _NAME.match(self._text, self._at) or _PLACED_LIST.match(self._text, self._at)
        if name is None:
            return self._value(depth)
        self._at = name.end()
        return Named(name[1], self._value(depth))

    def _value(self, depth: int) -> Node:
        if self._text[self._at : self._at + 1] != "(":
            return self._word()
        self._at += 1
        items = self._items(depth + 1)
        if self._text[self._at : self._at + 1] != ")":
            raise self._error()
        self._at += 1
        return items

    def _word(self) -> str:
        separated = _SEPARATED.match(self._text, self._at)
        if separated is not None:
            self._at = separated.end()
            return separated[0]
        start, quoted = self._at, False
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "'":
                quoted = not quoted
            elif not quoted and character in ",()":
                break
            self._at += 1
        if quoted:
            raise self._error()
        return self._text[start : self._at]

    def _error(self) -> SortError:
        return SortError("ICE007A", f"SYNTAX ERROR IN LINE {self._line} NEAR {self._text[self._at : self._at + 10]!r}")


def parse_symbols(records: Iterable[str]) -> dict[str, str]:
    """SYMNAMES: NAME,position,length[,format] or NAME,constant; * is the place behind the last field. Or SortError."""
    symbols: dict[str, str] = {}
    position, length = 1, 0
    for number, record in enumerate(records, 1):
        text = record[:80].strip()
        if not text or record.startswith("*"):
            continue
        name, _, rest = text[: _end(text, 0)].partition(",")
        if name.upper() in ("POSITION", "SKIP") and rest.isdecimal():
            position = int(rest) if name.upper() == "POSITION" else position + length + int(rest)
            length = 0
        elif _CONSTANT.match(rest):
            symbols[name] = rest
        else:
            found = _FIELD.fullmatch(rest)
            if found is None:
                raise SortError("ICE161A", f"ERROR IN SYMNAMES STATEMENT {number}")
            where, size, kind = found.groups()
            position = position + length if where == "*" else position if where == "=" else int(where)
            length = length if size in (None, "=") else int(size)
            symbols[name] = ",".join([str(position), *([str(length)] if size else []), *([kind] if kind else [])])
    return symbols


class Cursor:
    """A way along the operands of a list; it may put another node in the place where it stands."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = list(nodes)
        self._at = 0

    def more(self) -> bool:
        return self._at < len(self._nodes)

    def peek(self, ahead: int = 0) -> Node:
        """The node here or further on, an empty word behind the last."""
        place = self._at + ahead
        return self._nodes[place] if place < len(self._nodes) else ""

    def take(self) -> Node:
        """The node here; the cursor goes on. Raises SortError behind the last."""
        if not self.more():
            raise SortError("ICE007A", "SYNTAX ERROR: AN ITEM IS NOT COMPLETE")
        self._at += 1
        return self._nodes[self._at - 1]

    def word(self) -> str:
        node = self.take()
        if not isinstance(node, str):
            raise SortError("ICE007A", f"SYNTAX ERROR: {_shown(node)} WHERE A WORD IS NEEDED")
        return node

    def skip(self, *words: str) -> bool:
        """True, and past it, if one of these words is here."""
        node = self.peek()
        found = isinstance(node, str) and node in words and self.more()
        self._at += found
        return found

    def replace(self, node: Node) -> None:
        self._nodes[self._at] = node


def size(node: Node, what: str = "A LENGTH") -> int:
    """A length, a column or how often something is repeated: no more than a record can hold. Raises SortError."""
    found = number(node, what)
    if found > MAXIMUM_POSITION:
        raise SortError("ICE007A", f"SYNTAX ERROR: {found} IS MORE THAN {MAXIMUM_POSITION}")
    return found


def number(node: Node, what: str = "A NUMBER") -> int:
    """An unsigned number. Raises SortError."""
    if isinstance(node, str) and node.isascii() and node.isdecimal() and len(node) <= 15:
        return int(node)
    raise SortError("ICE007A", f"SYNTAX ERROR: {_shown(node)!r} IS NOT {what}")


def listed(node: Node | None) -> list[Node]:
    """The elements of a list; one word needs no parentheses."""
    if node is None:
        return []
    return node if isinstance(node, list) else [node]


def _shown(node: Node) -> str:
    return node[:20] if isinstance(node, str) else f"{node.name}=" if isinstance(node, Named) else "(...)"
