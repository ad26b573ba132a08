"""COPY members [OF library] [REPLACING ...]: their tokens in the place of the statement. REPLACE: other tokens up to
the next REPLACE.

REPLACING compares whole words. `LEADING` and `TRAILING` compare the beginning or end of a word, and so does an operand
in colons or parentheses, such as `==:TAG:==`, with any part of it. EXEC SQL INCLUDE copies too; other EXEC blocks are
left out.

Source: Enterprise COBOL for z/OS Language Reference, "COPY statement", "REPLACE statement".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ksds.copybook.scanner import Kind, Token, scan, scan_within

DEEPEST_COPY = 20
MOST_TOKENS = 200_000

Library = Callable[[str, str], tuple[str, str] | None]
"""Given the names of a member and of its library ("" if none is said): what to call it in messages, and its text."""

_TAG = re.compile(r":[^:]+:|\([^()]+\)")


def no_library(member: str, library: str) -> None:
    """No member is anywhere."""
    return


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is looked for and what takes its place: `how` is "" for whole words, else LEADING, TRAILING or INSIDE."""

    how: str
    old: tuple[str, ...]
    new: tuple[Token, ...]
    new_text: str


def expanded(tokens: list[Token], library: Library, depth: int = 0) -> list[Token]:
    """The tokens with every COPY carried out. Raises CopybookError for a member that is not there."""
    result: list[Token] = []
    source = iter(tokens)
    for token in source:
        if token.kind is Kind.WORD and token.text == "COPY":
            result += _copied(token, _until(source, token, "."), library, depth)
        elif token.kind is Kind.WORD and token.text == "EXEC":
            block = _until(source, token, "END-EXEC")
            if [word.text for word in block[:2]] == ["SQL", "INCLUDE"] and len(block) > 2:
                result += _member(block[2], "", library, depth)
        else:
            result.append(token)
        if len(result) > MOST_TOKENS:
            raise token.error(f"MORE THAN {MOST_TOKENS} WORDS")
    return result


def after_replace(tokens: list[Token]) -> list[Token]:
    """The tokens as the REPLACE statements among them change them, each until the next one; OFF: no more."""
    result: list[Token] = []
    behind: list[Token] = []
    replacements: list[Replacement] = []
    source = iter(tokens)
    for token in source:
        if token.kind is not Kind.WORD or token.text != "REPLACE":
            behind.append(token)
            continue
        result += _replaced(behind, replacements)
        behind, operands = [], _until(source, token, ".")
        if not operands:
            raise token.error("REPLACE WITHOUT old BY new")
        replacements = [] if [one.text for one in operands] == ["OFF"] else list(_replacements(operands))
    return result + _replaced(behind, replacements)


def _until(source: Iterator[Token], first: Token, end: str) -> list[Token]:
    found: list[Token] = []
    for token in source:
        if token.text == end and token.kind in (Kind.PERIOD, Kind.WORD):
            return found
        found.append(token)
    raise first.error(f"{first.text} WITHOUT {'PERIOD' if end == '.' else end}")


def _member(name: Token, library_name: str, library: Library, depth: int) -> list[Token]:
    member = name.text.strip("'\"")
    if depth == DEEPEST_COPY:
        raise name.error(f"COPY {member} IS NESTED DEEPER THAN {DEEPEST_COPY}")
    found = library(member, library_name)
    if found is None:
        raise name.error(f"COPY MEMBER {member} NOT FOUND")
    source, text = found
    return expanded(scan(text, source), library, depth + 1)


def _copied(statement: Token, operands: list[Token], library: Library, depth: int) -> list[Token]:
    if not operands:
        raise statement.error("COPY WITHOUT MEMBER NAME")
    name, *rest = operands
    library_name = ""
    if len(rest) > 1 and rest[0].text in ("OF", "IN"):
        library_name, rest = rest[1].text.strip("'\""), rest[2:]
    if rest and rest[0].text == "SUPPRESS":
        rest = rest[1:]
    tokens = _member(name, library_name, library, depth)
    if not rest:
        return tokens
    if rest[0].text != "REPLACING" or len(rest) < 4:
        raise rest[0].error(f"{rest[0].text} IN COPY IS NOT REPLACING old BY new")
    return _replaced(tokens, list(_replacements(rest[1:])))


def _replacements(operands: list[Token]) -> Iterator[Replacement]:
    at = 0
    while at < len(operands):
        how = ""
        if operands[at].text in ("LEADING", "TRAILING") and operands[at].kind is Kind.WORD:
            how = operands[at].text
            at += 1
        if len(operands) < at + 3 or operands[at + 1].text != "BY":
            raise operands[min(at, len(operands) - 1)].error("REPLACING IS NOT old BY new")
        old, new = operands[at], operands[at + 2]
        at += 3
        words = tuple(token.text for token in _words(old))
        if not words:
            raise old.error("REPLACING NOTHING")
        if not how and len(words) == 1 and _TAG.fullmatch(words[0]):
            how = "INSIDE"
        yield Replacement(how, words, tuple(_words(new)), new.text.strip().upper())


def _words(operand: Token) -> list[Token]:
    return scan_within(operand.text, operand) if operand.kind is Kind.PSEUDO else [operand]


def _replaced(tokens: list[Token], replacements: list[Replacement]) -> list[Token]:
    result: list[Token] = []
    texts = tuple(token.text for token in tokens)
    at = 0
    while at < len(tokens):
        for one in replacements:
            if not one.how and texts[at : at + len(one.old)] == one.old:
                result += one.new
                at += len(one.old)
                break
        else:
            result += _partly_replaced(tokens[at], replacements)
            at += 1
        if len(result) > MOST_TOKENS:
            raise tokens[at - 1].error(f"MORE THAN {MOST_TOKENS} WORDS")
    return result


def _partly_replaced(token: Token, replacements: list[Replacement]) -> list[Token]:
    if token.kind is not Kind.WORD:
        return [token]
    text = token.text
    for one in replacements:
        (old, *_) = one.old
        if one.how == "LEADING" and text.startswith(old):
            text = one.new_text + text.removeprefix(old)
        elif one.how == "TRAILING" and text.endswith(old):
            text = text.removesuffix(old) + one.new_text
        elif one.how == "INSIDE":
            text = text.replace(old, one.new_text)
        if len(text) > MOST_TOKENS:
            raise token.error("REPLACING MAKES A WORD TOO LONG")
    return [token] if text == token.text else scan_within(text, token)
