"""Numbers that items compute: fields, signed constants, operators and parentheses.

    expression := operand { operator operand }      MIN MAX bind closest, then MUL DIV MOD, then ADD SUB
    operand    := p,m,f | %nn,f | +n | -n | ( expression )

From left to right. DIV leaves the fraction out, the sign of MOD is that of what is divided; both give 0 where the
divisor is 0. A result, or a part of one, of more than 31 digits is 0.
Source: z/OS DFSORT Application Programming Guide, "OUTREC control statement", arithmetic expressions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dtf.jcl.sorting.context import Reach
from dtf.jcl.sorting.formats import NUMERIC, SMF, digits_of, number_of
from dtf.jcl.sorting.language import Cursor, Node, SortError, number

_SIGNED = re.compile(r"[+-]\d{1,31}")
_LIMIT = 10**31
_SHORT, _LONG = 15, 31
"""Digits of a result: the long ones if a part of it has more than the short."""
Places = Mapping[str, tuple[int, int]]
"""%nn -> (offset, length)."""


def _quotient(left: int, right: int) -> int:
    if not right:
        return 0
    value = abs(left) // abs(right)
    return -value if (left < 0) != (right < 0) else value


def _remainder(left: int, right: int) -> int:
    return left - right * _quotient(left, right) if right else 0


_OPERATORS: Mapping[str, Callable[[int, int], int]] = {
    "ADD": lambda left, right: left + right,
    "SUB": lambda left, right: left - right,
    "MUL": lambda left, right: left * right,
    "DIV": _quotient,
    "MOD": _remainder,
    "MIN": min,
    "MAX": max,
}
_RANKS = (("ADD", "SUB"), ("MUL", "DIV", "MOD"), ("MIN", "MAX"))


@dataclass(frozen=True, slots=True)
class Expression:
    """What a record's number is, and how many digits it is edited with."""

    value: Callable[[bytes], int]
    digits: int
    field: tuple[int, int] | None = None
    """Offset and length of a field that stands alone."""


def begins(cursor: Cursor, places: Places) -> bool:
    """True if an expression stands here: a list, a signed number, or a field with a numeric format."""
    first = cursor.peek()
    if not isinstance(first, str):
        return isinstance(first, list)
    if _SIGNED.fullmatch(first):
        return True
    kind = cursor.peek(1) if first in places else cursor.peek(2) if first.isdecimal() else ""
    return isinstance(kind, str) and kind in NUMERIC | SMF


def compile_expression(cursor: Cursor, places: Places, reach: Reach) -> Expression:
    """The expression at the cursor. Raises SortError. `reach` says what stands in front of the record."""
    return _Expressions(cursor, places, reach).level(0)


@dataclass(frozen=True, slots=True)
class _Expressions:
    cursor: Cursor
    places: Places
    reach: Reach

    def level(self, rank: int) -> Expression:
        if rank == len(_RANKS):
            return self._operand()
        left = self.level(rank + 1)
        while _is_one_of(self.cursor.peek(), _RANKS[rank]):
            operate = _OPERATORS[self.cursor.word()]
            left = _combined(operate, left, self.level(rank + 1))
        return left

    def _operand(self) -> Expression:
        first = self.cursor.take()
        if isinstance(first, list):
            inner = _Expressions(Cursor(first), self.places, self.reach)
            found = inner.level(0)
            if inner.cursor.more():
                raise SortError("ICE007A", "SYNTAX ERROR: AN ARITHMETIC EXPRESSION IS NOT OPERAND,OPERATOR,OPERAND")
            return found
        if isinstance(first, str) and _SIGNED.fullmatch(first):
            constant = int(first)
            return Expression(lambda record: constant, len(first) - 1)
        return self._field(first)

    def _field(self, first: Node) -> Expression:
        if isinstance(first, str) and first in self.places:
            position, length = self.places[first]
        else:
            position = number(first, "A POSITION") - 1 + self.reach.shift
            length = number(self.cursor.take(), "A LENGTH")
            self.reach.field(position, length)
        kind = self.cursor.word()
        worth, end = number_of(kind), position + length
        return Expression(lambda record: worth(record[position:end]), digits_of(kind, length), (position, length))


def _is_one_of(node: Node, words: tuple[str, ...]) -> bool:
    return isinstance(node, str) and node in words


def _combined(operate: Callable[[int, int], int], left: Expression, right: Expression) -> Expression:
    one, other = left.value, right.value

    def value(record: bytes) -> int:
        result = operate(one(record), other(record))
        return result if -_LIMIT < result < _LIMIT else 0

    return Expression(value, _LONG if max(left.digits, right.digits) > _SHORT else _SHORT)
