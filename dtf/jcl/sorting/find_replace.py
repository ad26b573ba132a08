"""FINDREP=: texts found in a record and replaced by others, from left to right.

    FINDREP=(IN=C'a',OUT=C'b')   IN=(C'a',C'b')   INOUT=(C'a',C'x',C'b',C'y')
             [,STARTPOS=n][,ENDPOS=n][,DO=n][,MAXLEN=n][,OVERRUN=ERROR|TRUNC][,SHIFT=YES|NO]

Where several texts fit, the one named first is taken; what was put in is not looked at again. Fixed records keep their
length: the rest moves, blanks come in behind it, and what is pushed out is lost. With SHIFT=NO nothing moves.
Source: z/OS DFSORT Application Programming Guide, "INREC control statement", FINDREP.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dtf.jcl.sorting.context import Context
from dtf.jcl.sorting.language import Named, Node, SortError, listed, number, size
from dtf.jcl.sorting.records import DESCRIPTOR_BYTES, with_descriptor
from dtf.jcl.sorting.selection import constant
from ksds.codepage import code_page

_OPERANDS = frozenset({"IN", "OUT", "INOUT", "STARTPOS", "ENDPOS", "DO", "MAXLEN", "OVERRUN", "SHIFT"})


def compile_find_replace(items: list[Node], context: Context) -> tuple[Callable[[bytes], bytes], int | None]:
    """What FINDREP=(...) does to a record, and its MAXLEN. Raises SortError."""
    values = {item.name: item.value for item in items if isinstance(item, Named)}
    if values.keys() - _OPERANDS or len(values) < len(items):
        raise SortError("ICE007A", "SYNTAX ERROR: FINDREP IS NOT (IN=TEXT,OUT=TEXT,...)")
    pairs = _pairs(values)
    blank, variable = code_page().encode(" "), context.variable
    if values.get("SHIFT") == "NO":
        pairs = [(source, target[: len(source)].ljust(len(source), blank)) for source, target in pairs]
    table = dict(reversed(pairs))
    pattern = re.compile(b"|".join(re.escape(source) for source, _ in pairs), re.DOTALL)
    first = number(values.get("STARTPOS", "5" if variable else "1")) - 1
    end = number(values["ENDPOS"]) if "ENDPOS" in values else None
    times = number(values.get("DO", "0"))
    longest = size(values["MAXLEN"]) if "MAXLEN" in values else None

    def replaced(record: bytes) -> bytes:
        start = max(first, DESCRIPTOR_BYTES) if variable else first
        middle = pattern.sub(lambda found: table[found[0]], record[start:end], count=times)
        output = record[:start] + middle + (record[end:] if end is not None else b"")
        if variable:
            return with_descriptor(output[:longest])
        length = longest or len(record)
        return output[:length].ljust(length, blank)

    return replaced, longest


def _pairs(values: dict[str, Node]) -> list[tuple[bytes, bytes]]:
    """What is looked for, with what replaces it."""
    both = [_text(value) for value in listed(values.get("INOUT"))]
    sources = [_text(value) for value in listed(values.get("IN"))]
    pairs = list(zip(both[::2], both[1::2], strict=False))
    if sources and "OUT" in values:
        pairs += [(source, _text(values["OUT"])) for source in sources]
    if not pairs or len(both) % 2 or not all(source for source, _ in pairs):
        raise SortError("ICE007A", "SYNTAX ERROR: FINDREP IS NOT (IN=TEXT,OUT=TEXT,...)")
    return pairs


def _text(node: Node) -> bytes:
    value = constant(str(node))
    if not isinstance(value, bytes):
        raise SortError("ICE007A", f"SYNTAX ERROR: FINDREP {node!s:.20} IS NOT A TEXT")
    return value
