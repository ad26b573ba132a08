"""IFTHEN=(WHEN=GROUP,...): fields of the first record of a group pushed into all its records.

    IFTHEN=(WHEN=GROUP,BEGIN=(1,3,CH,EQ,C'HDR'),END=(...),RECORDS=n,KEYBEGIN=(p,m),PUSH=(20:5,8,30:ID=3,35:SEQ=2))

A group begins where BEGIN holds, or where the key of KEYBEGIN changes, or, with neither, at the first record and behind
each end; it ends behind the record where END holds, or after RECORDS of them. ID is the number of the group, SEQ that
of the record in it, both zoned decimal. Records of no group stay as they are. One pass over the records each.
Source: z/OS DFSORT Application Programming Guide, "OUTREC control statement", WHEN=GROUP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dtf.jcl.sorting.context import Context, check_column
from dtf.jcl.sorting.formats import encode_number
from dtf.jcl.sorting.language import Named, Node, SortError, SortStatement, listed, number, size
from dtf.jcl.sorting.records import with_descriptor
from dtf.jcl.sorting.selection import Test, compile_condition
from ksds.codepage import code_page

_PLACED = re.compile(r"(?:(\d+):)?(.*)")
_OPERANDS = ("WHEN", "BEGIN", "END", "RECORDS", "KEYBEGIN", "PUSH")


@dataclass(frozen=True, slots=True)
class _Push:
    """What is put at `column` (from 0): a field of the first record, or with `counter` ID or SEQ a number."""

    column: int
    position: int = 0
    length: int = 0
    counter: str = ""


def compile_group(branch: list[Node], context: Context) -> Groups:
    """What WHEN=GROUP does to the records that come by, in their order. Raises SortError."""
    statement = SortStatement("IFTHEN", branch, 0)
    statement.only(*_OPERANDS)
    begin, end = (_condition(statement.value(word), context) for word in ("BEGIN", "END"))
    records, key = statement.value("RECORDS"), listed(statement.value("KEYBEGIN"))
    if key and (len(key) != 2 or begin is not None):
        raise SortError("ICE007A", "SYNTAX ERROR: KEYBEGIN IS NOT (POSITION,LENGTH) WITHOUT BEGIN")
    pushes = _compile_pushes(listed(statement.value("PUSH")), context)
    if not pushes:
        raise SortError("ICE007A", "SYNTAX ERROR: WHEN=GROUP NEEDS PUSH")
    limit = number(records) if records is not None else None
    place = (number(key[0]) - 1, number(key[1])) if key else None
    if place is not None:
        context.reach.field(*place)
    return Groups(begin, end, limit, place, pushes, variable=context.variable)


def _condition(node: Node | None, context: Context) -> Test | None:
    return None if node is None else compile_condition(listed(node), context)


def _compile_pushes(items: list[Node], context: Context) -> list[_Push]:
    """What is pushed where: an item without a column stands behind the one before, the first one at column 1."""
    pushes: list[_Push] = []
    at = behind = 0
    while at < len(items):
        item = items[at]
        at += 1
        found = _PLACED.fullmatch(item.name if isinstance(item, Named) else item if isinstance(item, str) else "")
        if found is None:
            raise SortError("ICE007A", "SYNTAX ERROR: PUSH IS NOT (COLUMN:POSITION,LENGTH,COLUMN:ID=N,...)")
        column = size(found[1], "A COLUMN") - 1 if found[1] else behind
        check_column(column, context)
        if isinstance(item, Named):
            if found[2] not in ("ID", "SEQ"):
                raise SortError("ICE007A", f"SYNTAX ERROR: PUSH {found[2][:8]} IS NOT ID OR SEQ")
            pushes.append(_Push(column, length=size(item.value), counter=found[2]))
            behind = column + pushes[-1].length
            continue
        length = number(items[at] if at < len(items) else "", "A LENGTH")
        at += 1
        pushes.append(_Push(column, number(found[2], "A POSITION") - 1, length))
        context.reach.field(pushes[-1].position, length)
        behind = column + length
    return pushes


class Groups:
    """Remembers the group that the records are in."""

    def __init__(
        self,
        begin: Test | None,
        end: Test | None,
        limit: int | None,
        key: tuple[int, int] | None,
        pushes: list[_Push],
        *,
        variable: bool,
    ) -> None:
        self._begin, self._end, self._limit, self._key, self._pushes = begin, end, limit, key, pushes
        self.width = max(push.column + push.length for push in pushes)
        """How long the pushed fields make a record at least."""
        self._variable = variable
        self._first = b""
        self._inside = False
        self._number = 0
        self._count = 0

    def __call__(self, record: bytes) -> bytes:
        if self._begins(record):
            self._first, self._inside, self._count = record, True, 0
            self._number += 1
        if not self._inside:
            return record
        self._count += 1
        if (self._end is not None and self._end(record)) or self._count == self._limit:
            self._inside = False
        return self._pushed(record)

    def _begins(self, record: bytes) -> bool:
        if self._begin is not None:
            return self._begin(record)
        if self._key is not None:
            position, length = self._key
            end = position + length
            return not self._number or record[position:end] != self._first[position:end]
        return not self._inside

    def _pushed(self, record: bytes) -> bytes:
        output, blank = bytearray(record), code_page().encode(" ")
        for push in self._pushes:
            if push.counter:
                value = self._number if push.counter == "ID" else self._count
                data = encode_number(value % 10**push.length, "UZ", push.length) or b""
            else:
                data = self._first[push.position : push.position + push.length].ljust(push.length, blank)
            output += blank * (push.column - len(output))
            output[push.column : push.column + len(data)] = data
        return with_descriptor(bytes(output)) if self._variable else bytes(output)
