"""The items of BUILD, OVERLAY and report lines: pieces of a new record, from left to right.

    item := c: | p,m | p (the rest of the record) | nX | nZ | nC'text' | nX'hex' | p,m,HEX | p,m,TRAN=... (`texts`)
          | expression [,EDIT=(mask)[,SIGNS=(...)] | ,Mn] [,LENGTH=n] [,TO=format]   fields and numbers (`arithmetic`)
          | p,m,CHANGE=(n,in,out,...),NOMATCH=(out) | p,m,JFY=(...) | p,m,SQZ=(...) (`texts`)
          | p,m,Yxx ... (`date_items`) | DATE1 TIME1 &DATE4 DATE=(MD4/) YDDD=(D4-) TIME=(24:) ... (`dates`)
          | SEQNUM,n,format[,START=n][,INCR=n][,RESTART=(p,m)] | %nn a field of PARSE (`parsing`)

A field without mask and TO= stays as it is, another number is shown through M0. TO= without LENGTH= has room for the
digits of its field.
Source: z/OS DFSORT Application Programming Guide, "OUTREC control statement", "OUTFIL control statements".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from dtf.jcl.sorting import arithmetic, dates
from dtf.jcl.sorting.arithmetic import Expression
from dtf.jcl.sorting.context import Context
from dtf.jcl.sorting.date_items import compile_date, field_of, is_date, numeric_value
from dtf.jcl.sorting.editing import NAMES, Mask, named_mask, pattern_mask
from dtf.jcl.sorting.formats import CHARACTER, WRITTEN, default_length, encode_number
from dtf.jcl.sorting.language import Cursor, Named, Node, SortError, listed, number, size
from dtf.jcl.sorting.parsing import Parse
from dtf.jcl.sorting.selection import constant
from dtf.jcl.sorting.texts import shifting, translation
from ksds.codepage import code_page

NOTHING_PARSED = Parse()
Piece = Callable[[bytes], bytes]
_REPEATED = re.compile(r"(\d*)(X|Z)|(\d*)([CX]?'.*')", re.DOTALL)
_COLUMN = re.compile(r"(\d+):(.*)", re.DOTALL)
_EDITING = frozenset({"EDIT", "SIGNS", "LENGTH", "TO"})
_COUNTING = frozenset({"START", "INCR", "RESTART"})
_ORDERED = frozenset({"DATE", "DATENS", "YDDD", "YDDDNS", "TIME", "TIMENS"})


@dataclass(frozen=True, slots=True)
class Placed:
    """An item with the column it begins in (from 0), or None behind the item before."""

    column: int | None
    piece: Piece | None
    """None for a column alone."""
    width: int | None = 0
    """Its bytes; None for all of the record from byte `start` (from 0) on."""
    start: int = 0

    def length(self, record: int) -> int:
        """Its bytes if the record has `record` of them."""
        return self.width if self.width is not None else max(record - self.start, 0)


def compile_items(items: Sequence[Node], context: Context, parse: Parse = NOTHING_PARSED) -> list[Placed]:
    """The items of a BUILD, OVERLAY or report line. Raises SortError."""
    return _Items(Cursor(items), context, parse).compiled()


def built(placed: list[Placed], record: bytes) -> bytes:
    """The items one behind the other; gaps are blank."""
    blank, output = code_page().encode(" "), b""
    for item in placed:
        if item.column is not None:
            output = output.ljust(item.column, blank)
        if item.piece is not None:
            output += item.piece(record)
    return output


class _Items:
    def __init__(self, cursor: Cursor, context: Context, parse: Parse) -> None:
        self._cursor = cursor
        self._context = context
        self._parse = parse

    def compiled(self) -> list[Placed]:
        placed: list[Placed] = []
        while self._cursor.more():
            column = self._column()
            placed.append(self._item(column))
        return placed

    def _column(self) -> int | None:
        """The column in front of the item here, which is left without it."""
        node = self._cursor.peek()
        text = node if isinstance(node, str) else node.name if isinstance(node, Named) else ""
        found = _COLUMN.fullmatch(text)
        if found is None:
            return None
        self._cursor.replace(found[2] if isinstance(node, str) else self._without(node, found[2]))
        return size(found[1], "A COLUMN") - 1

    def _without(self, node: Node, name: str) -> Node:
        assert isinstance(node, Named)
        return Named(name, node.value) if name else node.value

    def _item(self, column: int | None) -> Placed:
        if arithmetic.begins(self._cursor, self._parse.places):
            found = arithmetic.compile_expression(self._cursor, self._parse.places, self._context.reach)
            options = self._options(_EDITING)
            if found.field is not None and not options:
                return Placed(column, *self._field(*found.field))
            return Placed(column, *number_piece(found, options))
        node = self._cursor.take()
        if isinstance(node, Named) and node.name in _ORDERED:
            return self._fixed(column, dates.ordered(node.name, _joined(node.value), self._context), node.name)
        if not isinstance(node, str):
            raise SortError("ICE007A", f"SYNTAX ERROR: {node.name if isinstance(node, Named) else '('} IS NO ITEM")
        return self._word(column, node)

    def _fixed(self, column: int | None, text: str | None, what: str) -> Placed:
        if text is None:
            raise SortError("ICE007A", f"SYNTAX ERROR: {what[:20]} IS NO ITEM")
        data = code_page().encode(text)
        return Placed(column, lambda record: data, len(data))

    def _word(self, column: int | None, text: str) -> Placed:
        if not text:
            return Placed(column, None)
        if text == "SEQNUM":
            return Placed(column, *self._sequence())
        if (now := dates.current(text, self._context)) is not None:
            stamp = now.encoded()
            return Placed(column, lambda record: stamp, len(stamp))
        if repeated := _REPEATED.fullmatch(text):
            data = _repeated(repeated)
            return Placed(column, lambda record: data, len(data))
        if text in self._parse.places:
            return Placed(column, *self._field(*self._parse.places[text]))
        position = number(text, "A POSITION") - 1 + self._parse.width
        following = self._cursor.peek()
        if not (isinstance(following, str) and following.isdecimal()):
            return Placed(column, lambda record: record[position:], None, position - self._parse.width)
        return Placed(column, *self._field(position, number(self._cursor.take(), "A LENGTH")))

    def _field(self, position: int, length: int) -> tuple[Piece, int]:
        """What follows position and length: a character format, HEX, TRAN, CHANGE, JFY, SQZ, a date or nothing."""
        end, fill = position + length, self._context.fill
        self._context.reach.field(position, length)
        if is_date(self._cursor.peek()):
            return self._date(position, length)
        self._cursor.skip(*CHARACTER)
        following = self._cursor.peek()
        if self._cursor.skip("HEX"):
            following = Named("TRAN", "HEX")
        elif isinstance(following, Named) and following.name in ("TRAN", "CHANGE", "JFY", "SQZ"):
            self._cursor.take()
        else:
            return (lambda record: record[position:end].ljust(length, fill)), length
        if following.name == "CHANGE":
            return self._lookup(position, length, listed(following.value))
        change: Piece
        if following.name == "TRAN":
            change, width = translation(str(following.value), length, self._context.sequence)
        else:
            change, width = shifting(following, length)
        return (lambda record: change(record[position:end].ljust(length, fill))), width

    def _date(self, position: int, length: int) -> tuple[Piece, int]:
        """A date: edited as a number, or one of the forms of `date_items`."""
        word = self._cursor.word()
        field = field_of(position, length, word, self._context)
        following = self._cursor.peek()
        edited = isinstance(following, Named) and following.name in _EDITING
        if edited or (isinstance(following, str) and following in NAMES):
            return number_piece(Expression(*numeric_value(field)), self._options(_EDITING))
        return compile_date(self._cursor, field, word, self._parse.places)

    def _options(self, allowed: frozenset[str]) -> dict[str, Node]:
        """The named operands behind an item, a mask as EDIT."""
        options: dict[str, Node] = {}
        while self._cursor.more():
            item = self._cursor.peek()
            if isinstance(item, Named) and item.name in allowed:
                options[item.name] = item.value
            elif isinstance(item, str) and item in NAMES and "EDIT" in allowed:
                options["EDIT"] = item
            elif isinstance(item, str) and item in WRITTEN and "TO" in allowed:
                options["TO"] = item
            else:
                break
            self._cursor.take()
        return options

    def _lookup(self, position: int, length: int, values: list[Node]) -> tuple[Piece, int]:
        """CHANGE=(width,in,out,...),NOMATCH=(out or p,m)."""
        width = size(values[0]) if values else 0
        blank = code_page().encode(" ")
        outputs = [compile_items(listed(value), self._context, self._parse) for value in values[2::2]]
        table = {_key(value, length): made for value, made in zip(values[1::2], outputs, strict=False)}
        nomatch = compile_items(
            listed(self._options(frozenset({"NOMATCH"})).get("NOMATCH")), self._context, self._parse
        )

        def changed(record: bytes) -> bytes:
            made = table.get(record[position : position + length], nomatch)
            return built(made, record)[:width].ljust(width, blank)

        return changed, width

    def _sequence(self) -> tuple[Piece, int]:
        """SEQNUM: START, START+INCR ... over again when the field of RESTART changes; only the digits that fit."""
        length, kind = size(self._cursor.take()), self._cursor.word()
        kind = "ZDF" if kind == "ZD" else kind
        options = self._options(_COUNTING)
        first, step = number(options.get("START", "1")), number(options.get("INCR", "1"))
        if encode_number(0, kind, length) is None:
            raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: SEQNUM,{length},{kind[:8]}")
        limit: int = (
            256**length if kind in ("BI", "FI") else 10 ** (2 * length - 1 if kind.startswith("PD") else length)
        )
        field = listed(options.get("RESTART"))
        if len(field) not in (0, 2):
            raise SortError("ICE007A", "SYNTAX ERROR: RESTART= IS NOT (POSITION,LENGTH)")
        if not field:
            numbers = count(first, step)
            return (lambda record: encode_number(next(numbers) % limit, kind, length) or b""), length
        place = number(field[0]) - 1 + self._parse.width
        self._context.reach.field(place, number(field[1]))
        return _Restarted(first, step, kind, length, limit, slice(place, place + number(field[1]))).piece, length


class _Restarted:
    """Sequence numbers that begin anew whenever a field changes."""

    def __init__(self, first: int, step: int, kind: str, length: int, limit: int, field: slice) -> None:
        self._first, self._step, self._kind, self._length, self._limit = first, step, kind, length, limit
        self._field = field
        self._last: bytes | None = None
        self._next = first

    def piece(self, record: bytes) -> bytes:
        if record[self._field] != self._last:
            self._last, self._next = record[self._field], self._first
        value = self._next % self._limit
        self._next += self._step
        return encode_number(value, self._kind, self._length) or b""


def number_piece(expression: Expression, options: dict[str, Node]) -> tuple[Piece, int]:
    """A number of a record as its options show it; how many bytes that has. Raises SortError."""
    write, width = number_writer(expression.digits, options)
    value = expression.value
    return (lambda record: write(value(record))), width


def number_writer(digits: int, options: dict[str, Node]) -> tuple[Callable[[int], bytes], int]:
    """Shows numbers of so many digits through a mask, or in another format; the bytes of each. Raises SortError."""
    if "TO" in options:
        return _converter(str(options["TO"]), digits, options)
    mask, width = compile_mask(options, digits)
    return (lambda value: code_page().encode(mask.text(value, width))), width


def compile_mask(options: dict[str, Node], digits: int) -> tuple[Mask, int]:
    """The mask that EDIT=, SIGNS= and Mn ask for (M0), and its LENGTH=. Raises SortError."""
    edit, length = options.get("EDIT", "M0"), options.get("LENGTH")
    if isinstance(edit, str) and edit in NAMES:
        mask = named_mask(edit)
        width = size(length) if length is not None else mask.width(digits)
        return mask.narrowed(width), width
    pattern = _joined(edit)
    mask = pattern_mask(pattern, [str(sign) for sign in listed(options.get("SIGNS"))])
    return mask, size(length) if length is not None else len(pattern)


def _converter(kind: str, digits: int, options: dict[str, Node]) -> tuple[Callable[[int], bytes], int]:
    """TO=format: what does not fit loses its first digits."""
    if kind not in WRITTEN:
        raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind[:8]}")
    width = size(options["LENGTH"]) if "LENGTH" in options else default_length(kind, digits)
    if encode_number(0, kind, width) is None:
        raise SortError("ICE018A", f"INVALID OR MISSING FIELD FORMAT: {kind} WITH LENGTH {width}")
    bytes_kept: int = 256**width
    kept: int = 10 ** {"PD": 2 * width - 1, "FS": width - 1, "CS": width - 1}.get(kind[:2], width)

    def converted(value: int) -> bytes:
        data = encode_number(value, kind, width)
        if data is None and kind in ("BI", "FI"):
            return (value % bytes_kept).to_bytes(width, "big")
        short = abs(value) % kept
        return data or encode_number(-short if value < 0 else short, kind, width) or b""

    return converted, width


def _joined(node: Node | None) -> str:
    """A mask or a date's letters as coded: a comma is one of them."""
    return ",".join(part for part in listed(node) if isinstance(part, str))


def _key(node: Node, length: int) -> bytes:
    """What CHANGE= looks for, filled to the length of the field."""
    value = constant(str(node))
    if not isinstance(value, bytes):
        raise SortError("ICE007A", "SYNTAX ERROR: CHANGE= LOOKS FOR TEXTS")
    return value.ljust(length, code_page().encode(" "))


def _repeated(found: re.Match[str]) -> bytes:
    """nX, nZ, nC'text' or nX'hex'."""
    if found[2]:
        return (code_page().encode(" ") if found[2] == "X" else b"\0") * size(found[1] or "1", "A NUMBER")
    value = constant(found[4])
    assert isinstance(value, bytes)
    return value * size(found[3] or "1", "A NUMBER")
