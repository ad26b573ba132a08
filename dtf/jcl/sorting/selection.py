"""INCLUDE and OMIT: conditions on fields of a record.

    condition := comparison { ( AND | OR | & | "|" ) comparison }     AND binds closer than OR
    comparison:= "(" condition ")" | field operator ( field | constant | NUM ) | field bits mask
    field     := position , length [ , format ]
    constant  := C'TEXT' X'HEX' +n -n n | DATE1 TIME1 ... of the run | Y'yymmdd' Y'DATE1'-n for dates | B'1..0'
    bits      := ALL SOME NONE NOTALL NOTSOME NOTNONE (BO BM BZ ...)    which bits of B'mask' or X'mask' are on

Character comparisons pad the shorter side with blanks on the right; SS looks for the constant anywhere in the field,
or with a list of constants separated by commas for any of them.
Source: z/OS DFSORT Application Programming Guide, "INCLUDE control statement".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dtf.jcl.sorting import dates
from dtf.jcl.sorting.context import Context, long_enough
from dtf.jcl.sorting.dates import DATES, Reading, Shape, date_field
from dtf.jcl.sorting.formats import CHARACTER, NUMERIC, is_number, number_of, to_ascii_order
from dtf.jcl.sorting.language import Cursor, Node, SortError, number
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
_BITS: Mapping[str, Callable[[int, int], bool]] = {
    **dict.fromkeys(("ALL", "BO"), lambda on, mask: on == mask),
    **dict.fromkeys(("SOME", "BM"), lambda on, mask: 0 != on != mask),
    **dict.fromkeys(("NONE", "BZ"), lambda on, mask: on == 0),
    **dict.fromkeys(("NOTALL", "BNO"), lambda on, mask: on != mask),
    **dict.fromkeys(("NOTSOME", "BNM"), lambda on, mask: on in (0, mask)),
    **dict.fromkeys(("NOTNONE", "BNZ"), lambda on, mask: on != 0),
}
_YEAR_CONSTANT = re.compile(r"Y'(DATE[123]|\d{2,8})'([+-]\d{1,4})?")
_Side = Callable[[bytes], object]


def compile_condition(items: list[Node], context: Context, default_format: str = "") -> Test:
    """The condition between the parentheses of COND=. Raises SortError."""
    if items == ["ALL"]:
        return lambda record: True
    if items == ["NONE"]:
        return lambda record: False
    return _Condition(Cursor(items), context, default_format).parse()


def compile_selection(items: list[Node], context: Context, default_format: str = "", *, omit: bool = False) -> Test:
    """What INCLUDE takes, or with `omit` OMIT leaves; short variable records as VLSCMP and VLSHRT say. Or SortError."""
    own = context.of_length(context.reach.length)
    test, wanted = compile_condition(items, own, default_format), not omit
    end = own.reach.end
    if not context.variable or not end:
        return (lambda record: not test(record)) if omit else test
    if context.pads_comparisons:
        return lambda record: test(record.ljust(end, b"\0")) is wanted
    if context.takes_short:
        return lambda record: (len(record) >= end and test(record)) is wanted

    def checked(record: bytes) -> bool:
        long_enough(record, end)
        return test(record) is wanted

    return checked


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
    def __init__(self, cursor: Cursor, context: Context, default_format: str) -> None:
        self._cursor = cursor
        self._context = context
        self._format = default_format

    def parse(self) -> Test:
        test = self._either()
        if self._cursor.more():
            raise self._error()
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._cursor.skip("OR", "|"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._comparison()]
        while self._cursor.skip("AND", "&"):
            tests.append(self._comparison())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _comparison(self) -> Test:
        inner = self._cursor.peek()
        if isinstance(inner, list):
            self._cursor.take()
            return _Condition(Cursor(inner), self._context, self._format).parse()
        position, length, kind = self._field()
        word = self._cursor.word()
        if word in _BITS:
            return self._bits(position, length, word)
        compare = _OPERATORS.get(word)
        if compare is None:
            raise self._error()
        if kind == "SS":
            return self._substring(position, length, word == "EQ")
        if self._cursor.skip("NUM"):
            wanted = word == "EQ"
            return lambda record: is_number(kind, record[position : position + length]) is wanted
        return self._compared(position, length, kind, compare)

    def _compared(self, position: int, length: int, kind: str, compare: Callable[[Any, Any], bool]) -> Test:
        right = self._cursor.peek()
        if isinstance(right, str) and right.isdecimal() and self._is_field():
            return self._two_fields(self._side(position, length, kind), self._field(), kind, compare)
        text = self._cursor.word() if self._cursor.more() else ""
        if kind in DATES:
            wanted = _date_constant(text, position, length, kind, self._context).order()
            dated = self._side(position, length, kind)
            return lambda record: compare(dated(record), wanted)
        if text.startswith("B'") and text.endswith("'"):
            return _bit_pattern(text[2:-1], position, compare)
        now = dates.current(text, self._context)
        value: bytes | int = constant(text) if now is None else int(now.text) if now.number else now.encoded()
        return self._with_constant(position, length, kind, compare, value)

    def _with_constant(
        self, position: int, length: int, kind: str, compare: Callable[[Any, Any], bool], value: bytes | int
    ) -> Test:
        end = position + length
        if isinstance(value, int):
            if kind not in NUMERIC or (kind == "BI" and value < 0):
                raise _invalid_comparison()
            worth = number_of(kind)
            return lambda record: compare(worth(record[position:end]), value)
        if kind not in CHARACTER and kind != "BI":
            raise _invalid_comparison()
        filler = code_page().encode(" ") if kind in CHARACTER else b"\0"
        fixed = value[:length].ljust(length, filler)
        fixed = to_ascii_order(fixed) if kind == "AC" else fixed
        fixed = fixed.translate(self._context.sequence) if kind == "AQ" else fixed
        left = self._side(position, length, kind)
        return lambda record: compare(left(record), fixed)

    def _two_fields(
        self, left: _Side, field: tuple[int, int, str], kind: str, compare: Callable[[Any, Any], bool]
    ) -> Test:
        if (kind in CHARACTER) != (field[2] in CHARACTER) or (kind in DATES) != (field[2] in DATES):
            raise _invalid_comparison()
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
        value = constant(self._cursor.word())
        if not isinstance(value, bytes):
            raise self._error()
        end = position + length
        parts = [value] if len(value) <= length else value.split(code_page().encode(","))
        return lambda record: any(part in record[position:end] for part in parts) is wanted

    def _bits(self, position: int, length: int, word: str) -> Test:
        """The bits of a field that are on in the mask, by word: all of them on, some but not all, none ..."""
        text = self._cursor.word()
        data = _bit_bytes(text[2:-1]) if text.startswith("B'") else constant(text)
        if not isinstance(data, bytes) or not data:
            raise self._error()
        mask, end, test = int.from_bytes(data[:length].ljust(length, b"\0"), "big"), position + length, _BITS[word]
        return lambda record: test(int.from_bytes(record[position:end], "big") & mask, mask)

    def _is_field(self) -> bool:
        following = self._cursor.peek(1)
        return isinstance(following, str) and following.isdecimal()

    def _field(self) -> tuple[int, int, str]:
        """position,length[,format]; the format is the statement's FORMAT= if it is not coded."""
        position, length = number(self._cursor.take()), number(self._cursor.take())
        kind = self._format
        following = self._cursor.peek()
        if isinstance(following, str) and following in NUMERIC | CHARACTER | DATES:
            kind = self._cursor.word()
        if not kind or position < 1 or length < 1:
            raise SortError("ICE018A", "INVALID OR MISSING FIELD FORMAT")
        self._context.reach.field(position - 1, length)
        return position - 1, length, kind

    def _side(self, position: int, length: int, kind: str, *, numeric: bool = False) -> _Side:
        """A field as something to compare: bytes for characters, dates and binary, else a number."""
        end = position + length
        if kind in DATES:
            field = date_field(position, length, kind, self._context)
            return lambda record: field.read(record).order()
        if kind == "AC":
            return lambda record: to_ascii_order(record[position:end])
        if kind == "AQ":
            return lambda record: record[position:end].translate(self._context.sequence)
        if kind in CHARACTER or (kind == "BI" and not numeric):
            return lambda record: record[position:end]
        worth = number_of(kind)
        return lambda record: worth(record[position:end])

    def _error(self) -> SortError:
        near = self._cursor.peek()
        return SortError("ICE007A", f"SYNTAX ERROR IN A CONDITION NEAR {near if isinstance(near, str) else '('!s:.20}")


def _invalid_comparison() -> SortError:
    """For a field and a constant, or another field, that do not compare: numbers with numbers, texts with texts."""
    return SortError("ICE114A", "INVALID COMPARISON")


def _date_constant(text: str, position: int, length: int, kind: str, context: Context) -> Reading:
    """Y'yymmdd' as the field has it, Y'DATE1' with its days (months for DATE2) more or less, or plain digits."""
    field = date_field(position, length, kind, context)
    found = _YEAR_CONSTANT.fullmatch(text)
    if found is None:
        raise SortError("ICE221A", f"INVALID FIELD OR CONSTANT {text[:20]}")
    if found[1].startswith("DATE"):
        now = dates.current(f"{found[1]}{found[2] or ''}", context)
        assert now is not None
        parts = {"DATE1": "YMD", "DATE2": "YM", "DATE3": "YJ"}[found[1]]
        if sorted(parts) != sorted(field.shape.parts):
            raise SortError("ICE221A", f"INVALID FIELD OR CONSTANT {text[:20]}")
        return dates.parsed(now.text, Shape(parts, 4, packed=False), context)
    if len(found[1]) != replace(field.shape, packed=False).length():
        raise SortError("ICE221A", f"INVALID FIELD OR CONSTANT {text[:20]}")
    return dates.parsed(found[1], field.shape, context)


def _bit_bytes(bits: str) -> bytes | None:
    if not bits or len(bits) % 8 or set(bits) - {"0", "1"}:
        return None
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def _bit_pattern(bits: str, position: int, compare: Callable[[Any, Any], bool]) -> Test:
    """A field against B'1..0': a period is a bit that does not count. Only EQ and NE."""
    wanted, cared = (
        _bit_bytes("".join(table.get(bit, bit) for bit in bits)) for table in ({".": "0"}, {".": "0", "0": "1"})
    )
    if wanted is None or cared is None or compare not in (operator.eq, operator.ne):
        raise SortError("ICE221A", f"INVALID FIELD OR CONSTANT B'{bits[:20]}'")
    mask, value, end = int.from_bytes(cared, "big"), int.from_bytes(wanted, "big"), position + len(wanted)
    return lambda record: compare(int.from_bytes(record[position:end], "big") & mask, value)
