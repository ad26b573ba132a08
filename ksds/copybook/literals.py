"""Literals of VALUE clauses as the text or number that they stand for.

Source: Enterprise COBOL for z/OS Language Reference, "Literals", "Figurative constants", "VALUE clause".
"""

from __future__ import annotations

from ksds.codepage import CodePage
from ksds.copybook.elementary import Value
from ksds.copybook.items import Item, Usage
from ksds.copybook.picture import Category
from ksds.copybook.placement import Field

_FIGURATIVES = {
    **dict.fromkeys(("ZERO", "ZEROS", "ZEROES"), b"\xf0"),
    **dict.fromkeys(("SPACE", "SPACES"), b"\x40"),
    **dict.fromkeys(("LOW-VALUE", "LOW-VALUES", "NULL", "NULLS"), b"\x00"),
    **dict.fromkeys(("HIGH-VALUE", "HIGH-VALUES"), b"\xff"),
    **dict.fromkeys(("QUOTE", "QUOTES"), b"\x7f"),
}
_FLOATS = (Usage.SHORT_FLOAT, Usage.LONG_FLOAT)
HEXADECIMAL = (Usage.POINTER, Usage.FUNCTION_POINTER, Usage.PROCEDURE_POINTER, Usage.OBJECT, Usage.DBCS)


def is_number(item: Item) -> bool:
    """True if the item's values are numbers."""
    if item.picture is None:
        return item.usage not in HEXADECIMAL
    return item.picture.category is Category.NUMERIC


def plain(text: str, field: Field, page: CodePage) -> str:
    """A literal as written, as the text it stands for; figurative constants and ALL as long as the field. Raises
    CopybookError for X'...' that is not hexadecimal."""
    repeated = text.startswith("ALL ")
    text = text.removeprefix("ALL ")
    if text in _FIGURATIVES:
        found, repeated = page.decode(_FIGURATIVES[text]), True
    elif text[:2].upper() in ("X'", 'X"'):
        try:
            found = page.decode(bytes.fromhex(text[2:-1]))
        except ValueError:
            raise field.item.error(f"CANNOT BE {text[:40]}") from None
    elif text[-1:] in ("'", '"'):
        quote = text[-1]
        found = text[text.index(quote) + 1 : -1].replace(quote * 2, quote)
    else:
        found = text
    if not repeated or not found:
        return found
    characters = field.length // 2 if field.item.usage is Usage.NATIONAL else field.length
    return (found * (characters // len(found) + 1))[:characters]


def initial(field: Field, page: CodePage) -> Value:
    """What an elementary field holds if nobody says anything: its VALUE, else zero or blanks. Raises CopybookError for
    a literal that is no value of it."""
    item = field.item
    if item.usage in HEXADECIMAL:
        return "00" * field.length
    if not item.values:
        return 0.0 if item.usage in _FLOATS else 0 if is_number(item) else ""
    text = plain(item.values[0][0], field, page)
    if item.usage not in _FLOATS:
        return text
    try:
        return float(text)
    except ValueError:
        raise item.error(f"CANNOT HOLD {text[:40]!r}: NOT A NUMBER") from None
