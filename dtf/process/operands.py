"""Values of operands: texts, lists, numbers, intervals, with the symbolics put in."""

from __future__ import annotations

from dtf.errors import ProcessSyntaxError
from dtf.process.parser import Group, Operand, Text, Value
from dtf.process.symbols import Symbols
from dtf.process.tokens import Kind, Source, Token

_PROTOCOLS = frozenset({"SSL", "TLS", "TLS10", "TLS11", "TLS12", "TLS13"})
_SECURITY = frozenset({"ENCRYPT.DATA", "ENC"})
CHECKPOINT_LIMITS = {"K": (1_000, 2_147_483), "M": (1_000_000, 2_147)}


class OperandReader:
    """Reads values with the symbolics of one Process; every complaint points at its token."""

    def __init__(self, source: Source, symbols: Symbols, *, keep_paths: bool) -> None:
        self._source = source
        self.symbols = symbols
        self._keep_paths = keep_paths

    # ---- simple values

    def text(self, value: Value, *, fold: bool | None = None) -> str:
        """One text; parentheses round a single text may be there."""
        while isinstance(value, Group):
            inner = value.operands
            if len(inner) != 1 or inner[0] is None or inner[0].keyword:
                raise self.error("ONE VALUE WAS EXPECTED, NOT A LIST", value.at)
            value = inner[0].value
        return self.symbols.text(value, fold=fold)

    def texts(self, value: Value, count: int, *, fold: bool | None = None) -> tuple[str, ...]:
        """A list of at most `count` texts, filled up with ""."""
        items: tuple[Operand | None, ...]
        items = value.operands if isinstance(value, Group) else (Operand(value.at, "", value),)
        if len(items) > count:
            raise self.error(f"AT MOST {count} VALUES", value.at)
        found = []
        for item in items:
            if item is not None and item.keyword:
                raise self.error(f"KEYWORD {item.keyword} IS OUT OF PLACE", item.at)
            found.append("" if item is None else self.text(item.value, fold=fold))
        return (*found, *[""] * (count - len(found)))

    def number(self, value: Value, low: int, high: int) -> int:
        """A decimal number within bounds."""
        text = self.text(value)
        if not text.isascii() or not text.isdigit() or len(text) > 10 or not low <= int(text) <= high:
            raise self.error(f"{text[:40]!a} IS NOT A NUMBER FROM {low} TO {high}", value.at)
        return int(text)

    def choice(self, value: Value, *allowed: str) -> str:
        """One of a few words."""
        text = self.text(value, fold=True)
        if text not in allowed:
            raise self.error(f"{text[:40]!a} IS NOT ONE OF {' '.join(allowed)}", value.at)
        return text

    def as_written(self, value: Value) -> str:
        """A value as text again, symbolics replaced: (CYL,(5,1)). Strings lose their quotes."""
        if isinstance(value, Text):
            return self.symbols.text(value)
        parts = ("" if item is None else self._item_as_written(item) for item in value.operands)
        return f"({','.join(parts)})"

    def _item_as_written(self, item: Operand) -> str:
        return (f"{item.keyword}=" if item.keyword else "") + self.as_written(item.value)

    # ---- values with a meaning of their own

    def checkpoint(self, value: Value) -> int:
        """CKPT=nK | nM | 0 | NO, in bytes; K is 1,000 and M 1,000,000."""
        text = self.text(value, fold=True)
        if text in ("NO", "0"):
            return 0
        unit, high = CHECKPOINT_LIMITS.get(text[-1:], (0, 0))
        digits = text[:-1]
        if not unit or not digits.isascii() or not digits.isdigit() or len(digits) > 10 or int(digits) > high:
            raise self.error(f"CKPT={text[:40]} IS NOT nK (UP TO 2147483K), nM (UP TO 2147M) OR 0", value.at)
        return int(digits) * unit

    def prime_character(self, value: Value) -> int:
        """X'40' or C'c' (code page 037)."""
        pieces = value.pieces if isinstance(value, Text) else ()
        if len(pieces) == 2 and pieces[0].kind is Kind.WORD and pieces[1].kind is Kind.LITERAL:
            form, content = pieces[0].text.upper(), pieces[1].text
            if form == "X" and len(content) == 2 and all(c in "0123456789abcdefABCDEF" for c in content):
                return int(content, 16)
            if form == "C" and len(content) == 1 and content.isascii():
                return content.encode("cp037")[0]
        raise self.error("PRIMECHAR MUST BE X'hh' OR C'c'", value.at)

    def secure(self, value: Value) -> bool:
        """SECURE=OFF | protocol | ENCRYPT.DATA=Y|N | (several): whether the session must be encrypted."""
        items = value.operands if isinstance(value, Group) else (Operand(value.at, "", value),)
        wanted = False
        for item in items:
            if item is None:
                continue
            text = self.text(item.value, fold=True)
            if item.keyword in _SECURITY and text in ("Y", "N", "YES", "NO"):
                wanted |= text[0] == "Y"
            elif not item.keyword and text in _PROTOCOLS:
                wanted = True
            elif item.keyword or text != "OFF":
                raise self.error("SECURE IS OFF, SSL, TLS10 TO TLS13, ENCRYPT.DATA=Y OR N, OR A LIST", item.at)
        return wanted

    def path(self, value: Value) -> str:
        """A file name: its letters stay as they are in free layout."""
        return self.text(value, fold=False if self._keep_paths else None)

    # ---- complaints

    def error(self, what: str, at: Token) -> ProcessSyntaxError:
        return self._source.error(what, at.line, at.column, at.end)
