"""Numbers as text: the masks M0 to M26 of DFSORT, and patterns of EDIT=(...).

    I a digit, blank as long as only zeros stood before it   T a digit   S at either end: the place of a sign
    any other character stands for itself behind the first digit that is shown, else it is blank

SIGNS=(lp,ln,tp,tn) are the signs of what is not negative and what is, in front and behind. A sign in front stands
next to the first digit shown. What is too long loses its leading characters.
Source: z/OS DFSORT Application Programming Guide, "OUTREC control statement", edit masks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

LARGEST_DIGITS = 31
Signs = tuple[str, str]
"""Positive, negative."""


@dataclass(frozen=True, slots=True)
class Mask:
    """A pattern without its S, and the signs at its ends."""

    body: str
    leading: Signs | None = None
    trailing: Signs | None = None

    def text(self, value: int, width: int) -> str:
        places = sum(character in "IT" for character in self.body)
        digits = str(abs(value)).rjust(places, "0")[-places:] if places else ""
        output, significant, index = "", False, 0
        for character in self.body:
            if character in "IT":
                significant = significant or character == "T" or digits[index] != "0"
                output += digits[index] if significant else " "
                index += 1
            else:
                output += character if significant else " "
        if self.leading is not None:
            shown = output.lstrip()
            output = " " * (len(output) - len(shown)) + self.leading[value < 0] + shown
        if self.trailing is not None:
            output += self.trailing[value < 0]
        return output[-width:].rjust(width)

    def width(self, digits: int) -> int:
        """The characters that the last `digits` of the pattern take, with its signs."""
        places = 0
        for character in reversed(self.body):
            if digits == 0:
                break
            places += 1
            digits -= character in "IT"
        return places + self._signs()

    def narrowed(self, width: int) -> Mask:
        """So much of the pattern's end that it takes `width` characters with its signs."""
        places = max(width - self._signs(), 0)
        return replace(self, body=self.body[len(self.body) - places :] if places < len(self.body) else self.body)

    def _signs(self) -> int:
        return sum(len(sign[1]) for sign in (self.leading, self.trailing) if sign is not None)


def _grouped(separator: str, decimals: str = "") -> str:
    """Digits in threes, at least one in front of the decimals."""
    whole = LARGEST_DIGITS - decimals.count("T")
    text = "I" * (whole - 1) + "T"
    head = text[: whole % 3]
    threes = [text[at : at + 3] for at in range(whole % 3, whole, 3)]
    return separator.join([*([head] if head else []), *threes]) + decimals


_PLUS_MINUS, _MINUS, _PARENTHESES, _CREDIT = ("+", "-"), (" ", "-"), ((" ", "("), (" ", ")")), ("  ", "CR")
_MASKS = {
    "M0": Mask("I" * 30 + "T", trailing=_MINUS),
    "M1": Mask("T" * 31, trailing=_MINUS),
    "M2": Mask(_grouped(",", ".TT"), trailing=_MINUS),
    "M3": Mask(_grouped(",", ".TT"), trailing=_CREDIT),
    "M4": Mask(_grouped(",", ".TT"), _PLUS_MINUS),
    "M5": Mask(_grouped(",", ".TT"), *_PARENTHESES),
    "M6": Mask("III-TTT-TTTT"),
    "M7": Mask("TTT-TT-TTTT"),
    "M8": Mask("IT:TT:TT"),
    "M9": Mask("IT/TT/TT"),
    "M10": Mask(_grouped(",")),
    "M11": Mask("T" * 31),
    "M12": Mask(_grouped(","), _MINUS),
    "M13": Mask(_grouped("."), _MINUS),
    "M14": Mask(_grouped(" "), *_PARENTHESES),
    "M15": Mask(_grouped(" "), trailing=_MINUS),
    "M16": Mask(_grouped(" "), _MINUS),
    "M17": Mask(_grouped("'"), _MINUS),
    "M18": Mask(_grouped(",", ".TT"), _MINUS),
    "M19": Mask(_grouped(".", ",TT"), _MINUS),
    "M20": Mask(_grouped(" ", ",TT"), *_PARENTHESES),
    "M21": Mask(_grouped(" ", ",TT"), trailing=_MINUS),
    "M22": Mask(_grouped(" ", ",TT"), _MINUS),
    "M23": Mask(_grouped("'", ".TT"), _MINUS),
    "M24": Mask(_grouped("'", ",TT"), _MINUS),
    "M25": Mask("I" * 30 + "T", _MINUS),
    "M26": Mask("T" * 31, _PLUS_MINUS),
}
NAMES = frozenset(_MASKS)


def named_mask(name: str) -> Mask:
    """M0 to M26."""
    return _MASKS[name]


def pattern_mask(pattern: str, signs: list[str]) -> Mask:
    """EDIT=(pattern) with SIGNS=(...), up to four; a sign in front that is not said is a blank or a minus."""
    positive, negative, behind_positive, behind_negative = [*signs, "", "", "", ""][:4]
    leading = (positive or " ", negative or ("-" if not any(signs) else " "))
    trailing = (behind_positive or " ", behind_negative or ("-" if not any(signs[2:]) and not negative else " "))
    mask = Mask(pattern.removeprefix("S"), leading if pattern.startswith("S") else None)
    if mask.body.endswith("S"):
        mask = replace(mask, body=mask.body[:-1], trailing=trailing)
    return mask
