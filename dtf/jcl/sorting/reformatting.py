"""INREC, OUTREC and OUTFIL: records built anew.

    BUILD=(item,...)  OUTREC=(...)  FIELDS=(...)     a new record from items, left to right (`items`)
    OVERLAY=(c:item,...)                             items put over the record
    IFTHEN=(WHEN=INIT | ANY | (condition) | NONE, BUILD= | OVERLAY= | FINDREP=, HIT=NEXT)   for records that are chosen
    IFTHEN=(WHEN=GROUP,...)                          fields of the first record of a group in all (`grouping`)
    FINDREP=(...)                                    text replaced (`find_replace`)
    PARSE=(%nn=(...),...) in front of BUILD or OVERLAY  pieces of free text as fields %nn (`parsing`)
    IFOUTLEN=n                                       how long fixed records are behind IFTHEN

Fixed records that IFTHEN makes longer or shorter are all as long as the longest that a clause can make.
Source: z/OS DFSORT Application Programming Guide, "OUTREC control statement", "OUTFIL control statements".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from dtf.jcl.sorting.context import Context, check_column, long_enough
from dtf.jcl.sorting.find_replace import compile_find_replace
from dtf.jcl.sorting.grouping import compile_group
from dtf.jcl.sorting.items import Placed, built, compile_items
from dtf.jcl.sorting.language import Node, SortError, SortStatement, listed, size
from dtf.jcl.sorting.parsing import Parse, compile_parse
from dtf.jcl.sorting.records import DESCRIPTOR_BYTES, with_descriptor
from dtf.jcl.sorting.selection import Test, compile_condition
from ksds.codepage import code_page

Build = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Reformat:
    """What becomes of a record, and how long it may be then if it has so many bytes before."""

    build: Build
    length: Callable[[int], int]


def compile_reformat(statement: SortStatement, context: Context) -> Reformat | None:
    """What the operands of INREC, OUTREC or OUTFIL make of a record, or None. Raises SortError."""
    fields = statement.value("FIELDS", "BUILD", "OUTREC")
    overlay = statement.value("OVERLAY")
    branches = statement.values("IFTHEN")
    replacing = statement.value("FINDREP")
    parse = compile_parse(listed(statement.value("PARSE")), variable=context.variable)
    if sum(bool(part) for part in (fields, overlay, branches, replacing)) > 1:
        raise SortError("ICE007A", "SYNTAX ERROR: ONLY ONE OF BUILD, OVERLAY, IFTHEN AND FINDREP")
    if fields is not None:
        if context.variable:
            check_descriptor(listed(fields), statement.operation)
        context = context.of_length(context.reach.length, parse.width)
        return _building(compile_items(listed(fields), context, parse), context, parse)
    if overlay is not None:
        context = context.of_length(context.reach.length, parse.width)
        return _overlaying(compile_items(listed(overlay), context, parse), context, parse)
    if replacing is not None:
        replaced, longest = compile_find_replace(listed(replacing), context)
        return Reformat(replaced, lambda length: longest or length)
    if not branches:
        return None
    whole = statement.value("IFOUTLEN")
    return _if_then([listed(branch) for branch in branches], context, size(whole) if whole is not None else None)


def check_descriptor(items: Sequence[Node], operation: str) -> None:
    """A variable record is built from its descriptor on: the first item is 1,4 or longer, or 1 alone. Or SortError."""
    first, *rest = [*(item if isinstance(item, str) else "" for item in items[:2]), ""]
    length = rest[0] if rest else ""
    if first.rpartition(":")[2] != "1" or (length.isdecimal() and int(length) < DESCRIPTOR_BYTES):
        raise SortError("ICE251A", f"MISSING RDW OR DATA FOR *{operation}: IT DOES NOT BEGIN WITH 1,4")


def _building(placed: list[Placed], context: Context, parse: Parse) -> Reformat:
    """A record from items; columns count from 1, gaps are blank. Of variable records the length is put right.

    A variable record without all of the fields is an error unless they are filled.
    """
    least = context.reach.end if context.variable and not context.fills else 0

    def build(record: bytes) -> bytes:
        if least:
            long_enough(record, least)
        output = built(placed, parse.extended(record))
        return with_descriptor(output) if context.variable else output

    def length(record: int) -> int:
        at = 0
        for item in placed:
            at = max(at, item.column or 0) + item.length(record)
        return at

    return Reformat(build, length)


def _overlaying(placed: list[Placed], context: Context, parse: Parse) -> Reformat:
    blank = code_page().encode(" ")
    for index, item in enumerate(placed):
        if item.column is not None or not index:
            check_column(item.column or 0, context)

    def over(record: bytes) -> bytes:
        output, place = bytearray(record), 0
        record = parse.extended(record)
        for item in placed:
            place = item.column if item.column is not None else place
            data = item.piece(record) if item.piece is not None else b""
            output += blank * (place - len(output))
            output[place : place + len(data)] = data
            place += len(data)
        return with_descriptor(bytes(output)) if context.variable else bytes(output)

    def length(record: int) -> int:
        place, longest = 0, record
        for item in placed:
            place = (item.column if item.column is not None else place) + item.length(record)
            longest = max(longest, place)
        return longest

    return Reformat(over, length)


@dataclass(frozen=True, slots=True)
class _Clause:
    """IFTHEN=(WHEN=(condition),...): `goes_on` with HIT=NEXT."""

    test: Test
    made: Reformat
    goes_on: bool


def _if_then(branches: list[list[Node]], context: Context, whole: int | None) -> Reformat:
    """All INITs and GROUPs in order, then the first clause whose condition holds (more with HIT=NEXT), ANY, NONE."""
    always: list[Reformat] = []
    chosen: list[_Clause] = []
    after_any: list[Reformat] = []
    otherwise: list[Reformat] = []
    context = replace(context, fills=True)
    for branch in branches:
        statement = SortStatement("IFTHEN", branch, 0)
        when = statement.value("WHEN")
        if when == "GROUP":
            groups = compile_group(branch, context)
            always.append(Reformat(groups, partial(max, groups.width)))
            context = _longer(context, always[-1])
            continue
        statement.only("WHEN", "BUILD", "OVERLAY", "FINDREP", "HIT", "PARSE")
        made = compile_reformat(statement, context)
        if made is None or when is None:
            raise SortError("ICE007A", "SYNTAX ERROR: IFTHEN IS NOT (WHEN=,BUILD= OR OVERLAY=)")
        if when in ("INIT", "ANY", "NONE"):
            {"INIT": always, "ANY": after_any, "NONE": otherwise}[str(when)].append(made)
        else:
            chosen.append(_Clause(compile_condition(listed(when), context), made, statement.value("HIT") == "NEXT"))
        context = _longer(context, made)
    others = [*(clause.made for clause in chosen), *after_any, *otherwise]
    length = cache(lambda record: whole or _longest(record, always, others))
    return Reformat(_choosing(always, chosen, after_any, otherwise, None if context.variable else length), length)


def _longer(context: Context, made: Reformat) -> Context:
    """For the clauses behind one that may make fixed records longer."""
    length = context.reach.length
    return context if length is None else context.of_length(max(length, made.length(length)))


def _longest(length: int, always: list[Reformat], others: list[Reformat]) -> int:
    for made in always:
        length = made.length(length)
    return max([length, *(made.length(length) for made in others)])


def _choosing(
    always: list[Reformat],
    chosen: list[_Clause],
    after_any: list[Reformat],
    otherwise: list[Reformat],
    length: Callable[[int], int] | None,
) -> Build:
    """What the clauses make of a record; with `length` all of them are made as long as that says."""
    blank = code_page().encode(" ")

    def reformatted(record: bytes) -> bytes:
        whole, hit = length(len(record)) if length is not None else 0, False
        for made in always:
            record = made.build(record)
        for clause in chosen:
            if clause.test(record):
                record, hit = clause.made.build(record), True
                if not clause.goes_on:
                    break
        for made in after_any if hit else otherwise:
            record = made.build(record)
        return record[:whole].ljust(whole, blank) if whole else record

    return reformatted
