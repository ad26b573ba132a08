"""What the control statements of a sort ask for: statements to a plan that is ready to run.

Each operation but OUTFIL counts once; the last of two wins, and OPTION over SORT and MERGE. They are compiled in the
order in which records meet them, so that each knows what records it sees. Records are bytes, variable ones with their
descriptor.
Source: z/OS DFSORT Application Programming Guide, "Using DFSORT program control statements".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from dtf.jcl.cards import is_name
from dtf.jcl.sorting.context import CENTURY, SLIDING, Context, long_enough
from dtf.jcl.sorting.dates import DATES, date_field
from dtf.jcl.sorting.external_merge import SumField
from dtf.jcl.sorting.formats import CHARACTER, NUMERIC, Extract, inverted, key_part
from dtf.jcl.sorting.language import Named, Node, SortError, SortStatement, listed, number
from dtf.jcl.sorting.outfil import Outfil, compile_outfil, null_code
from dtf.jcl.sorting.reformatting import Reformat, compile_reformat
from dtf.jcl.sorting.selection import Test, compile_selection

_PAIR = re.compile(r"[0-9A-F]{4}")
_OPERATIONS = frozenset(
    {"SORT", "MERGE", "INCLUDE", "OMIT", "INREC", "OUTREC", "SUM", "OPTION", "OUTFIL", "RECORD", "DEBUG"}
    | {"ALTSEQ", "MODS"}
)
_OPTIONS = (
    *("COPY", "SKIPREC", "STOPAFT", "EQUALS", "NOEQUALS", "VLSHRT", "NOVLSHRT", "DYNALLOC", "NODYNALLOC", "MSGPRT"),
    *("LIST", "NOLIST", "LISTX", "NOLISTX", "FILSZ", "SIZE", "MAINSIZE", "NOBLKSET", "ZDPRINT", "NZDPRINT"),
    *("SPANINC", "NOSPANINC", "SORTDD", "SORTIN", "SORTOUT", "ABEND", "NOABEND", "CKPT", "VERIFY", "NOVERIFY"),
    *("RESET", "NORESET", "OVFLO", "PAD", "TRUNC", "SOLRF", "HIPRMAX", "CHALT", "NOCHALT", "Y2PAST", "VLSCMP"),
    *("NOVLSCMP", "VLLONG", "NOVLLONG", "NULLOUT", "AVGRLEN", "CINV", "NOCINV", "COBEXIT", "DSA", "DSPSIZE"),
    *("DYNSPC", "MOSIZE", "MOWRK", "NOMOWRK", "USEWKDD", "WRKREL", "NOWRKREL", "WRKSEC", "NOWRKSEC", "OUTREL"),
    *("NOOUTREL", "ODMAXBF", "SDB", "SZERO", "NOSZERO", "RESALL", "RESINV", "ARESALL", "ARESINV", "SMF", "STIMER"),
    *("NOSTIMER", "EXITCK", "EFS"),
)
_OF_JOINS = frozenset({"JOINKEYS", "JOIN", "REFORMAT"})
"""Statements that say what the joined records are: they are no part of the plan for them."""
_STAGES = {"INCLUDE": 1, "OMIT": 1, "INREC": 2, "SORT": 3, "MERGE": 3, "SUM": 4, "OUTREC": 5, "OUTFIL": 6, "OPTION": 7}
"""When records meet a statement; exits and orders of characters are known before all, OPTION has the last word."""


@dataclass(slots=True)
class Plan:
    """What the control statements ask for."""

    kind: str = ""
    """SORT, MERGE or COPY."""
    key: Callable[[bytes], bytes] = bytes
    keep: Test | None = None
    inrec: Reformat | None = None
    outrec: Reformat | None = None
    sums: list[SumField] | None = None
    outfils: list[Outfil] = field(default_factory=list)
    skip: int = 0
    stop: int | None = None
    inputs: list[str] = field(default_factory=list)
    output: str = "SORTOUT"
    exits: dict[str, str] = field(default_factory=dict)
    """E15 and E35: the names of the exits of the site that see each record going in, and coming out."""
    null_code: int = 0
    """The code of the step if there is nothing to write to SORTOUT."""


def compile_plan(statements: list[SortStatement], context: Context, kind: str = "") -> Plan:
    """Turn statements into a plan; each operation but OUTFIL counts once. Raises SortError."""
    plan = Plan(kind=kind)
    _check_operations({statement.operation for statement in statements})
    context = replace(
        context,
        sequence=_compile_sequence(statements),
        past=_compile_window(statements),
        takes_short=_is_on("VLSHRT", statements),
        pads_comparisons=_is_on("VLSCMP", statements),
    )
    changed = any(statement.operation == "OPTION" and statement.value("CHALT") for statement in statements)
    for statement in sorted(statements, key=lambda one: _STAGES.get(one.operation, 0)):
        operation = statement.operation
        if operation in ("SORT", "MERGE"):
            _compile_order(plan, statement, context, changed=changed)
        elif operation in ("INCLUDE", "OMIT"):
            plan.keep = _compile_selection(statement, context)
        elif operation == "INREC":
            plan.inrec = compile_reformat(statement, context)
            context = _behind(plan.inrec, context)
        elif operation == "OUTREC":
            plan.outrec = compile_reformat(statement, context)
            context = _behind(plan.outrec, context)
        elif operation == "SUM":
            printable = not any(other.operation == "OPTION" and other.value("NZDPRINT") for other in statements)
            own = context.of_length(context.reach.length)
            plan.sums = _compile_sums(listed(statement.value("FIELDS")), statement, own, printable=printable)
            if context.variable:
                plan.key = _short_or_not(plan.key, own.reach.end, takes_short=context.takes_short)
        elif operation == "OUTFIL":
            plan.outfils.append(compile_outfil(statement, context.of_length(None) if "E35" in plan.exits else context))
        elif operation == "OPTION":
            statement.only(*_OPTIONS)
        elif operation == "MODS":
            plan.exits = _compile_exits(statement)
            context = context.of_length(None) if "E15" in plan.exits else context
        if operation in ("SORT", "MERGE", "OPTION"):
            _compile_options(plan, statement)
    if not plan.kind:
        raise SortError("ICE010A", "NO SORT OR MERGE CONTROL STATEMENT")
    if plan.sums is not None and plan.kind == "COPY":
        raise SortError("ICE110A", "SUM OPERATOR WITH COPY")
    return plan


def _check_operations(operations: set[str]) -> None:
    unknown = sorted(operations - _OPERATIONS - _OF_JOINS)
    if unknown:
        raise SortError("ICE005A", f"STATEMENT DEFINER ERROR: {unknown[0][:10]}")
    if {"INCLUDE", "OMIT"} <= operations:
        raise SortError("ICE007A", "SYNTAX ERROR: INCLUDE AND OMIT IN ONE RUN")


def _is_on(option: str, statements: list[SortStatement]) -> bool:
    """Whether the last of `option` and its opposite with NO in front says so."""
    said = [word for one in statements for word in (option, f"NO{option}") if one.value(word) is not None]
    return said[-1:] == [option]


def _behind(made: Reformat | None, context: Context) -> Context:
    """For what sees the records that INREC or OUTREC makes."""
    length = context.reach.length
    return context if made is None or length is None else context.of_length(made.length(length))


def _compile_options(plan: Plan, statement: SortStatement) -> None:
    if statement.value("COPY") is not None:
        plan.kind = "COPY"
    skip, stop = statement.value("SKIPREC"), statement.value("STOPAFT")
    plan.skip = number(skip) if skip is not None else plan.skip
    plan.stop = number(stop) if stop is not None else plan.stop
    plan.null_code = null_code(statement.value("NULLOUT")) or plan.null_code


def _compile_window(statements: list[SortStatement]) -> int:
    """Y2PAST of OPTION, SORT or MERGE: 0 to 100 years ago, or a year from 1000 to 3000."""
    values = [found for statement in statements if (found := statement.value("Y2PAST")) is not None]
    if not values or values[-1] == "Y2PAST":
        return SLIDING
    past = number(values[-1])
    if not (past <= CENTURY or 1000 <= past <= 3000):
        raise SortError("ICE007A", f"SYNTAX ERROR: Y2PAST={past}")
    return past


def _compile_sequence(statements: list[SortStatement]) -> bytes:
    """ALTSEQ CODE=(fftt,...): 256 bytes, at each character the one whose place it takes in the order of AQ fields."""
    sequence = bytearray(range(256))
    for statement in statements:
        if statement.operation != "ALTSEQ":
            continue
        statement.only("CODE")
        for pair in listed(statement.value("CODE")):
            if not isinstance(pair, str) or not _PAIR.fullmatch(pair):
                raise SortError("ICE007A", "SYNTAX ERROR: ALTSEQ CODE IS NOT (FFTT,...) IN HEXADECIMAL")
            sequence[int(pair[:2], 16)] = int(pair[2:], 16)
    return bytes(sequence)


def _compile_exits(statement: SortStatement) -> dict[str, str]:
    """MODS E15=(name,size,...),E35=(name,size,...)."""
    statement.only("E15", "E35")
    exits: dict[str, str] = {}
    for item in statement.items:
        name = listed(item.value)[0] if isinstance(item, Named) and listed(item.value) else ""
        if not isinstance(item, Named) or not isinstance(name, str) or not is_name(name):
            raise SortError("ICE007A", "SYNTAX ERROR: MODS IS NOT E15=(NAME,SIZE) OR E35=(NAME,SIZE)")
        exits[item.name] = name
    return exits


def _compile_order(plan: Plan, statement: SortStatement, context: Context, *, changed: bool) -> None:
    statement.only("FIELDS", "FORMAT", *_OPTIONS)
    fields = listed(statement.value("FIELDS"))
    plan.kind = statement.operation
    if fields == ["COPY"]:
        plan.kind = "COPY"
        return
    default = statement.value("FORMAT")
    own = context.of_length(context.reach.length)
    plan.key = compile_key(fields, own, str(default) if default is not None else "", changed=changed)
    if context.variable:
        plan.key = _short_or_not(plan.key, own.reach.end, takes_short=context.takes_short)


def _short_or_not(key: Extract, end: int, *, takes_short: bool) -> Extract:
    """The key of variable records; one that does not reach to `end` is filled up, or an error."""
    if takes_short:
        return lambda record: key(record.ljust(end, b"\0"))

    def checked(record: bytes) -> bytes:
        long_enough(record, end)
        return key(record)

    return checked


def compile_key(
    fields: list[Node], context: Context, default: str = "", *, changed: bool = False
) -> Callable[[bytes], bytes]:
    """The bytes that sort as FIELDS=(p,m,f,s,...) says, or (p,m,s,...) with FORMAT=f. Raises SortError.

    With `changed` (OPTION CHALT) CH fields have the order of AQ fields.
    """
    width = 3 if default else 4
    if not fields or len(fields) % width:
        raise SortError("ICE007A", "SYNTAX ERROR: FIELDS IS NOT (POSITION,LENGTH,FORMAT,ORDER,...)")
    parts = []
    for at in range(0, len(fields), width):
        position, length, *rest = fields[at : at + width]
        kind, order = (default, rest[0]) if default else (rest[0], rest[1])
        if not isinstance(kind, str) or kind not in NUMERIC | CHARACTER | DATES or order not in ("A", "D"):
            raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind!s:.8}")
        kind = "AQ" if kind == "CH" and changed else kind
        context.reach.field(number(position) - 1, number(length))
        parts.append(_key_part(number(position) - 1, number(length), kind, str(order), context))
    if len(parts) == 1:
        return parts[0]
    return lambda record: b"".join([part(record) for part in parts])


def _key_part(position: int, length: int, kind: str, order: str, context: Context) -> Extract:
    if kind not in DATES:
        return key_part(position, length, kind, order, context.sequence)
    field = date_field(position, length, kind, context)
    return (
        inverted(lambda record: field.read(record).order())
        if order == "D"
        else lambda record: field.read(record).order()
    )


def _compile_selection(statement: SortStatement, context: Context) -> Test:
    statement.only("COND", "FORMAT")
    default = str(statement.value("FORMAT") or "")
    condition = listed(statement.value("COND"))
    return compile_selection(condition, context, default, omit=statement.operation == "OMIT")


def _compile_sums(fields: list[Node], statement: SortStatement, context: Context, *, printable: bool) -> list[SumField]:
    """FIELDS=(p,m,f,...), or (p,m,...) with FORMAT=f. Sums of ZD are `printable`: their sign is F."""
    statement.only("FIELDS", "FORMAT")
    default = statement.value("FORMAT")
    if fields == ["NONE"]:
        return []
    width = 2 if default is not None else 3
    if not fields or len(fields) % width:
        raise SortError("ICE007A", "SYNTAX ERROR: SUM FIELDS IS NOT (POSITION,LENGTH,FORMAT,...)")
    sums = []
    for at in range(0, len(fields), width):
        kind = default if default is not None else fields[at + 2]
        if kind not in ("BI", "FI", "PD", "ZD"):
            raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind!s:.8}")
        written = "ZDF" if kind == "ZD" and printable else str(kind)
        sums.append(SumField(number(fields[at]) - 1, number(fields[at + 1]), str(kind), written))
        context.reach.field(sums[-1].position, sums[-1].length)
    return sums
