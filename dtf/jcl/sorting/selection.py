"""INCLUDE and OMIT: conditions on fields of a record.

    condition := comparison { ( AND | OR | & | "|" ) comparison }     AND binds closer than OR
    comparison:= "(" condition ")" | field operator ( field | constant | NUM )
    field     := position , length [ , format ]

Character comparisons pad the shorter side with blanks on the right; SS looks for the constant anywhere in the field,
or with a list of constants separated by commas for any of them.
Source: z/OS DFSORT Application Programming Guide, "INCLUDE control statement".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from dtf.jcl.sorting.formats import AS_IT_IS, CHARACTER, NUMERIC, is_number, number_of, to_ascii_order
from dtf.jcl.sorting.language import Node, SortError, number
from ksds.codepage import code_page

Test = Callable[[bytes], bool]
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
}
_AND, _OR = frozenset({"AND", "&"}), frozenset({"OR", "|"})
_Side = Callable[[bytes], object]


def compile_condition(items: list[Node], default_format: str = "", sequence: bytes = AS_IT_IS) -> Test:
    """The condition between the parentheses of COND=; AQ fields compare in `sequence`. Raises SortError."""
    if items == ["ALL"]:
        return lambda record: True
    if items == ["NONE"]:
        return lambda record: False
    return _Condition(items, default_format, sequence).parse()


def constant(text: str) -> bytes | int:
    """C'TEXT', X'00FF' or a number. Raises SortError."""
    if text.startswith(("C'", "'")) and text.endswith("'"):
        return code_page().encode(text[text.index("'") + 1 : -1].replace("''", "'"))
    if text.startswith("X'") and text.endswith("'"):
        try:
            return bytes.fromhex(text[2:-1])
        except ValueError:
            raise SortError("ICE221A", f"INVALID FIELD OR CONSTANT {text[:20]}") from None
    digits = text.removeprefix("+").removeprefix("-")
    if digits.isascii() and digits.isdecimal():
        return int(text)
    raise SortError("ICE221A", f"INVALID FIELD OR CONSTANT {text[:20]}")


class _Condition:
    def __init__(self, items: list[Node], default_format: str, sequence: bytes) -> None:
        self._items = items
        self._sequence = sequence
        self._format = default_format
        self._at = 0

    def parse(self) -> Test:
        test = self._either()
        if self._at < len(self._items):
            raise self._error()
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take(_OR):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._comparison()]
        while self._take(_AND):
            tests.append(self._comparison())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _take(self, words: frozenset[str]) -> bool:
        following = self._items[self._at] if self._at < len(self._items) else ""
        if isinstance(following, str) and following in words:
            self._at += 1
            return True
        return False

    def _comparison(self) -> Test:
        inner = self._next()
        if isinstance(inner, list):
            return _Condition(inner, self._format, self._sequence).parse()
        self._at -= 1
        position, length, kind = self._field()
        word = self._next()
        compare = _OPERATORS.get(word) if isinstance(word, str) else None
        if compare is None:
            raise self._error()
        if kind == "SS":
            return self._substring(position, length, word == "EQ")
        if self._at < len(self._items) and self._items[self._at] == "NUM":
            self._at += 1
            wanted = word == "EQ"
            return lambda record: is_number(kind, record[position : position + length]) is wanted
        return self._compared(position, length, kind, compare)

    def _compared(self, position: int, length: int, kind: str, compare: Callable[[Any, Any], bool]) -> Test:
        right = self._items[self._at] if self._at < len(self._items) else ""
        if isinstance(right, str) and right.isdecimal() and self._is_field():
            return self._two_fields(self._side(position, length, kind), self._field(), kind, compare)
        self._at += 1
        if not isinstance(right, str):
            raise self._error()
        value = constant(right)
        end = position + length
        if isinstance(value, int):
            if kind not in NUMERIC:
                raise self._error()
            worth = number_of(kind)
            return lambda record: compare(worth(record[position:end]), value)
        if kind in CHARACTER or kind == "BI":
            filler = code_page().encode(" ") if kind in CHARACTER else b"\0"
            fixed = value[:length].ljust(length, filler)
            fixed = to_ascii_order(fixed) if kind == "AC" else fixed
            fixed = fixed.translate(self._sequence) if kind == "AQ" else fixed
            left = self._side(position, length, kind)
            return lambda record: compare(left(record), fixed)
        raise self._error()

    def _two_fields(
        self, left: _Side, field: tuple[int, int, str], kind: str, compare: Callable[[Any, Any], bool]
    ) -> Test:
        if (kind in CHARACTER) != (field[2] in CHARACTER):
            raise self._error()
        if kind in CHARACTER:
            blank = code_page().encode(" ")
            right_side = self._side(*field)

            def padded(record: bytes) -> bool:
                one, other = left(record), right_side(record)
                assert isinstance(one, bytes)
                assert isinstance(other, bytes)
                width = max(len(one), len(other))
                return compare(one.ljust(width, blank), other.ljust(width, blank))

            return padded
        right = self._side(*field, numeric=True)
        return lambda record: compare(left(record), right(record))

    def _substring(self, position: int, length: int, wanted: bool) -> Test:
        text = self._next()
        if not isinstance(text, str):
            raise self._error()
        value = constant(text)
        if not isinstance(value, bytes):
            raise self._error()
        end = position + length
        parts = [value] if len(value) <= length else value.split(code_page().encode(","))
        return lambda record: any(part in record[position:end] for part in parts) is wanted

    def _is_field(self) -> bool:
        following = self._items[self._at + 1] if self._at + 1 < len(self._items) else ""
        return isinstance(following, str) and following.isdecimal()

    def _field(self) -> tuple[int, int, str]:
        """position,length[,format]; the format is the statement's FORMAT= if it is not coded."""
        position, length = number(self._next()), number(self._next())
        kind = self._format
        following = self._items[self._at] if self._at < len(self._items) else ""
        if isinstance(following, str) and (following in NUMERIC or following in CHARACTER):
            kind = following
            self._at += 1
        if not kind or position < 1 or length < 1:
            raise SortError("ICE018A", "INVALID OR MISSING FIELD FORMAT")
        return position - 1, length, kind

    def _side(self, position: int, length: int, kind: str, *, numeric: bool = False) -> _Side:
        """A field as something to compare: bytes for characters and binary, else a number."""
        end = position + length
        if kind == "AC":
            return lambda record: to_ascii_order(record[position:end])
        if kind == "AQ":
            return lambda record: record[position:end].translate(self._sequence)
        if kind in CHARACTER or (kind == "BI" and not numeric):
            return lambda record: record[position:end]
        worth = number_of(kind)
        return lambda record: worth(record[position:end])

    def _next(self) -> Node:
        if self._at >= len(self._items):
            raise self._error()
        self._at += 1
        return self._items[self._at - 1]

    def _error(self) -> SortError:
        near = self._items[min(self._at, len(self._items) - 1)] if self._items else ""
        return SortError("ICE007A", f"SYNTAX ERROR IN A CONDITION NEAR {near if isinstance(near, str) else '('!s:.20}")
