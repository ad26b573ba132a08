"""INREC, OUTREC and OUTFIL: records built anew.

    BUILD=(item,...)  OUTREC=(...)  FIELDS=(...)     a new record from items, left to right
    OVERLAY=(c:item,...)                             items put over the record
    IFTHEN=(WHEN=INIT | (condition) | NONE, BUILD= | OVERLAY=, HIT=NEXT)   for records that a condition chooses
    FINDREP=(IN=C'..',OUT=C'..')                     text replaced
    PARSE=(%nn=(...),...) in front of BUILD or OVERLAY  pieces of free text as fields %nn (`parsing`)
    IFTHEN=(WHEN=GROUP,...)                          fields of the first record of a group in all (`grouping`)

    item := c: | p,m | p (the rest of the record) | nX | nZ | nC'text' | nX'hex' | p,m,HEX | p,m,TRAN=UTOL or LTOU
          | p,m,format [,EDIT=(mask) | ,Mn] [,LENGTH=n] [,TO=format] | p,m,CHANGE=(n,in,out,...),NOMATCH=(out)
          | p,m,JFY=(SHIFT=LEFT|RIGHT) | p,m,SQZ=(SHIFT=LEFT) | SEQNUM,n,format[,START=n][,INCR=n] | DATE1 ... | /

Source: z/OS DFSORT Application Programming Guide, "OUTREC control statement", "OUTFIL control statements".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from dtf.jcl.sorting.formats import AS_IT_IS, CHARACTER, NUMERIC, WRITTEN, edit, encode_number, mask_length, number_of
from dtf.jcl.sorting.grouping import compile_group
from dtf.jcl.sorting.language import Named, Node, SortError, SortStatement, listed, number
from dtf.jcl.sorting.parsing import Parse, compile_parse
from dtf.jcl.sorting.selection import Test, compile_condition, constant
from ksds.codepage import code_page

NOTHING_PARSED = Parse()
DESCRIPTOR_BYTES = 4
"""A variable record carries its length in front of its data."""
Build = Callable[[bytes], bytes]
Piece = Callable[[bytes], bytes]
_REPEATED = re.compile(r"(\d*)(X|Z)|(\d*)([CX]?'.*')", re.DOTALL)
_COLUMN = re.compile(r"(\d+):(.*)", re.DOTALL)
_DATES = {
    "DATE1": "%Y%m%d",
    "DATE2": "%Y%m",
    "DATE3": "%Y%j",
    "DATE4": "%Y-%m-%d-%H.%M.%S",
    "DATE5": "%Y-%m-%d-%H.%M.%S",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """An item with the column it begins in (from 0), or None behind the item before; "/" has no piece."""

    column: int | None
    piece: Piece | None


@dataclass(frozen=True, slots=True)
class Context:
    """What items need besides the record: the time of the run; the width for variable records' descriptor."""

    now: datetime
    variable: bool = False
    sequence: bytes = AS_IT_IS
    """The order of AQ fields."""


def compile_reformat(statement: SortStatement, context: Context) -> Build | None:
    """The one function that the operands of INREC, OUTREC or OUTFIL make of a record, or None. Raises SortError."""
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
        return build(compile_items(listed(fields), context, parse), context, parse)
    if overlay is not None:
        return overlaid(compile_items(listed(overlay), context, parse), parse)
    if replacing is not None:
        return _find_and_replace(listed(replacing))
    return _if_then([listed(branch) for branch in branches], context) if branches else None


def check_descriptor(items: Sequence[Node], operation: str) -> None:
    """A variable record is built from its descriptor on: the first item is 1,4 or longer, or 1 alone. Or SortError."""
    first, *rest = [*(item if isinstance(item, str) else "" for item in items[:2]), ""]
    length = rest[0] if rest else ""
    if first.rpartition(":")[2] != "1" or (length.isdecimal() and int(length) < DESCRIPTOR_BYTES):
        raise SortError("ICE251A", f"MISSING RDW OR DATA FOR *{operation}: IT DOES NOT BEGIN WITH 1,4")


def compile_items(items: Sequence[Node], context: Context, parse: Parse = NOTHING_PARSED) -> list[Placed]:
    """The items of a BUILD, OVERLAY or report line. Raises SortError."""
    return _Items(list(items), context, parse).parse()


def build(placed: list[Placed], context: Context, parse: Parse = NOTHING_PARSED) -> Build:
    """A record from items; columns count from 1, gaps are blank. Of variable records the length is put right."""
    blank = code_page().encode(" ")

    def built(record: bytes) -> bytes:
        record, output = parse.extended(record), b""
        for item in placed:
            if item.column is not None:
                output = output.ljust(item.column, blank)
            if item.piece is not None:
                output += item.piece(record)
        return with_descriptor(output) if context.variable else output

    return built


def overlaid(placed: list[Placed], parse: Parse) -> Build:
    blank = code_page().encode(" ")

    def over(record: bytes) -> bytes:
        output, place = bytearray(record), 0
        record = parse.extended(record)
        for item in placed:
            place = item.column if item.column is not None else place
            data = item.piece(record) if item.piece is not None else b""
            output += blank * (place - len(output))
            output[place : place + len(data)] = data
            place += len(data)
        return bytes(output)

    return over


def with_descriptor(record: bytes) -> bytes:
    """A variable record whose first two bytes say how long it is."""
    return len(record).to_bytes(2, "big") + b"\0\0" + record[4:]


def _find_and_replace(items: list[Node]) -> Build:
    values = {item.name: item.value for item in items if isinstance(item, Named)}
    out = constant(str(values.get("OUT", "C''")))
    sources = [constant(str(value)) for value in listed(values.get("IN"))]
    if not sources or not isinstance(out, bytes) or values.keys() - {"IN", "OUT"}:
        raise SortError("ICE007A", "SYNTAX ERROR: FINDREP IS NOT (IN=CONSTANT,OUT=CONSTANT)")
    texts = [source for source in sources if isinstance(source, bytes)]

    def replaced(record: bytes) -> bytes:
        length = len(record)
        for text in texts:
            record = record.replace(text, out)
        return record[:length].ljust(length, code_page().encode(" "))

    return replaced


def _if_then(branches: list[list[Node]], context: Context) -> Build:
    """All INITs in order, then the first branch whose condition holds (more with HIT=NEXT), NONE if none did."""
    always: list[Build] = []
    chosen: list[tuple[Test, Build, bool]] = []
    otherwise: list[Build] = []
    for branch in branches:
        statement = SortStatement("IFTHEN", branch, 0)
        if statement.value("WHEN") == "GROUP":
            always.append(compile_group(branch, context.sequence))
            continue
        statement.only("WHEN", "BUILD", "OVERLAY", "FINDREP", "HIT", "PARSE")
        made = compile_reformat(SortStatement("IFTHEN", branch, 0), context)
        when = statement.value("WHEN")
        if made is None or when is None:
            raise SortError("ICE007A", "SYNTAX ERROR: IFTHEN IS NOT (WHEN=,BUILD= OR OVERLAY=)")
        if when == "INIT":
            always.append(made)
        elif when == "NONE":
            otherwise.append(made)
        else:
            test = compile_condition(listed(when), sequence=context.sequence)
            chosen.append((test, made, statement.value("HIT") == "NEXT"))

    def reformatted(record: bytes) -> bytes:
        for made in always:
            record = made(record)
        hit = False
        for test, made, go_on in chosen:
            if test(record):
                record, hit = made(record), True
                if not go_on:
                    return record
        for made in () if hit else otherwise:
            record = made(record)
        return record

    return reformatted


class _Items:
    def __init__(self, items: list[Node], context: Context, parse: Parse) -> None:
        self._items = items
        self._context = context
        self._parse = parse
        self._at = 0

    def parse(self) -> list[Placed]:
        placed: list[Placed] = []
        while self._at < len(self._items):
            text = self._word()
            column = None
            found = _COLUMN.fullmatch(text)
            if found is not None:
                column, text = int(found[1]) - 1, found[2]
            placed.append(Placed(column, self._piece(text) if text else None))
        return placed

    def _word(self) -> str:
        if self._at >= len(self._items):
            raise SortError("ICE007A", "SYNTAX ERROR: AN ITEM IS NOT COMPLETE")
        node = self._items[self._at]
        self._at += 1
        if not isinstance(node, str):
            raise SortError("ICE007A", "SYNTAX ERROR: AN ITEM CANNOT BE A LIST HERE")
        return node

    def _piece(self, text: str) -> Piece:
        if text == "SEQNUM":
            return self._sequence()
        if text in _DATES:
            stamp = code_page().encode(self._context.now.strftime(_DATES[text]))
            return lambda record: stamp
        repeated = _REPEATED.fullmatch(text)
        if repeated is not None:
            return _repeated(repeated)
        if text in self._parse.places:
            return self._field(*self._parse.places[text])
        position = number(text, "A POSITION") - 1 + self._parse.width
        following = self._items[self._at] if self._at < len(self._items) else ""
        if not (isinstance(following, str) and following.isdecimal()):
            return lambda record: record[position:]
        length = number(self._word(), "A LENGTH")
        return self._field(position, length)

    def _field(self, position: int, length: int) -> Piece:
        """What follows position and length: a format, HEX, TRAN, CHANGE, JFY, SQZ or nothing."""
        blank = code_page().encode(" ")
        end = position + length
        following = self._items[self._at] if self._at < len(self._items) else ""
        if isinstance(following, str) and (following in NUMERIC or following in CHARACTER):
            self._at += 1
            if following in NUMERIC:
                return self._number(position, length, following)
        elif following == "HEX":
            self._at += 1
            return lambda record: code_page().encode(record[position:end].hex().upper())
        elif isinstance(following, Named) and following.name in ("TRAN", "CHANGE", "JFY", "SQZ"):
            self._at += 1
            return self._changed(position, length, following)
        return lambda record: record[position:end].ljust(length, blank)

    def _options(self) -> dict[str, Node]:
        """EDIT=, SIGNS=, LENGTH=, TO= and masks behind a field."""
        options: dict[str, Node] = {}
        while self._at < len(self._items):
            item = self._items[self._at]
            if isinstance(item, Named) and item.name in ("EDIT", "SIGNS", "LENGTH", "TO", "START", "INCR", "NOMATCH"):
                options[item.name] = item.value
            elif isinstance(item, str) and re.fullmatch(r"M\d{1,2}", item):
                options["EDIT"] = item
            else:
                break
            self._at += 1
        return options

    def _number(self, position: int, length: int, kind: str) -> Piece:
        return number_piece(number_of(kind), position, length, kind, self._options())

    def _changed(self, position: int, length: int, how: Named) -> Piece:
        end = position + length
        page = code_page()
        if how.name == "TRAN" and how.value in ("LTOU", "UTOL"):
            upper = how.value == "LTOU"
            return lambda record: page.encode(
                page.decode(record[position:end]).upper() if upper else page.decode(record[position:end]).lower()
            )
        if how.name == "CHANGE":
            return self._lookup(position, length, listed(how.value))
        values = {item.name: item.value for item in listed(how.value) if isinstance(item, Named)}
        left, squeeze = values.get("SHIFT") == "LEFT", how.name == "SQZ"

        def shifted(record: bytes) -> bytes:
            text = page.decode(record[position:end])
            text = "".join(text.split()) if squeeze else text.strip()
            return page.encode(text.ljust(length) if left else text.rjust(length))

        return shifted

    def _lookup(self, position: int, length: int, values: list[Node]) -> Piece:
        """CHANGE=(width,in,out,...),NOMATCH=(out or p,m)."""
        width = number(values[0]) if values else 0
        pairs = [constant(str(value)) for value in values[1:]]
        table = dict(zip(pairs[::2], pairs[1::2], strict=False))
        blank = code_page().encode(" ")
        nomatch = listed(self._options().get("NOMATCH"))
        default: Piece = lambda record: b""  # noqa: E731
        if nomatch:
            default = build(compile_items(nomatch, self._context, self._parse), Context(self._context.now))

        def changed(record: bytes) -> bytes:
            field = record[position : position + length]
            for source, target in table.items():
                if isinstance(source, bytes) and isinstance(target, bytes) and field == source.ljust(length, blank):
                    return target[:width].ljust(width, blank)
            return default(record)[:width].ljust(width, blank)

        return changed

    def _sequence(self) -> Piece:
        length, kind = number(self._word()), self._word()
        kind = "ZDF" if kind == "ZD" else kind
        options = self._options()
        start = number(options.get("START", "1"))
        numbers = count(start, number(options.get("INCR", "1")))
        return lambda record: encode_number(next(numbers), kind, length) or encode_number(0, kind, length) or b""


def number_piece(
    worth: Callable[[bytes], int], position: int, length: int, kind: str, options: dict[str, Node]
) -> Piece:
    """A numeric field as it is, through a mask, or in another format."""
    end = position + length
    if "EDIT" in options:
        mask_node = options["EDIT"]
        mask = "".join(part for part in listed(mask_node) if isinstance(part, str))
        if isinstance(mask_node, list) and len(mask_node) > 1:
            mask = ",".join(part for part in mask_node if isinstance(part, str))
        width = number(options["LENGTH"]) if "LENGTH" in options else mask_length(mask, kind, length)
        signs = [*(str(sign) for sign in listed(options.get("SIGNS"))), "", ""][:2]
        return lambda record: code_page().encode(edit(worth(record[position:end]), mask, (signs[0], signs[1]), width))
    if "TO" in options or "LENGTH" in options:
        target = str(options.get("TO", "ZD"))
        width = number(options["LENGTH"]) if "LENGTH" in options else max(length, 1)
        if target not in WRITTEN:
            raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {target[:8]}")
        largest = encode_number(0, target, width) or b""
        return lambda record: encode_number(worth(record[position:end]), target, width) or largest
    return lambda record: record[position:end].ljust(length, b"\0")


def _repeated(found: re.Match[str]) -> Piece:
    """nX, nZ, nC'text' or nX'hex'."""
    if found[2]:
        filler = code_page().encode(" ") if found[2] == "X" else b"\0"
        data = filler * int(found[1] or 1)
    else:
        value = constant(found[4])
        assert isinstance(value, bytes)
        data = value * int(found[3] or 1)
    return lambda record: data
