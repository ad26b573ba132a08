"""IF expressions: parsed when the job is converted, evaluated when it runs.

    expression := conjunction { ( OR | "|" ) conjunction }
    conjunction:= factor { ( AND | "&" ) factor }
    factor     := ( NOT | "¬" ) factor | "(" expression ")" | term
    term       := [ step "." [ procstep "." ] ] ( RC | ABENDCC ) comparison value
                | [ step "." [ procstep "." ] ] ( ABEND | RUN ) [ comparison ( TRUE | FALSE ) ]

RC alone is the highest code so far, 0 if there is none. A comparison with a step that did not run is false, whatever
it compares. The not sign may be written ¬ ^ ! or ~.
Source: z/OS MVS JCL Reference, IF/THEN/ELSE/ENDIF statement construct.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dtf.jcl.cards import Position
from dtf.jcl.conditions import MAXIMUM_CODE, Ended
from dtf.jcl.diagnostics import JclSyntaxError

MAXIMUM_DEPTH = 50
_TOKEN = re.compile(
    r"\s*(?:([A-Z@#$][A-Z0-9@#$]*(?:\.[A-Z@#$][A-Z0-9@#$]*)*)|(\d+)|([\u00ac^!~][=<>]|>=|<=|[=<>&|()\u00ac^!~]))"
)
_NOT = frozenset({"NOT", "\u00ac", "^", "!", "~"})
_COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    **dict.fromkeys(("=", "EQ"), operator.eq),
    **dict.fromkeys(("NE", "\u00ac=", "^=", "!=", "~="), operator.ne),
}
_ORDERINGS: Mapping[str, Callable[[int, int], bool]] = {
    **dict.fromkeys((">", "GT"), operator.gt),
    **dict.fromkeys(("<", "LT"), operator.lt),
    **dict.fromkeys((">=", "GE", "NL", "\u00ac<", "^<", "!<", "~<"), operator.ge),
    **dict.fromkeys(("<=", "LE", "NG", "\u00ac>", "^>", "!>", "~>"), operator.le),
}
_KEYWORDS = frozenset({"RC", "ABEND", "ABENDCC", "RUN"})
_ABEND_CODE = re.compile(r"S[0-9A-F]{3}|U\d{4}")
Resolve = Callable[[str], str]
"""A step as an expression names it (STEP or STEP.PROCSTEP) -> the label of that step in the job."""


@dataclass(frozen=True, slots=True)
class Term:
    """`step` is the label of the step asked, or empty for all steps so far."""

    keyword: str
    step: str
    comparison: str
    value: int | str | bool

    def holds(self, history: Sequence[Ended]) -> bool:
        asked = [ended for ended in history if not self.step or ended.label == self.step]
        if self.step:
            asked = asked[:1]
        if self.keyword == "RUN":
            return self._truth(any(_started(ended) for ended in asked))
        if self.step and not any(_started(ended) for ended in asked):
            return False
        if self.keyword == "ABEND":
            return self._truth(any(ended.abended for ended in asked))
        if self.keyword == "ABENDCC":
            codes = [ended.abend for ended in asked if ended.abended]
            return bool(codes) and _COMPARISONS[self.comparison](codes[-1], self.value)
        codes_returned = [ended.return_code for ended in asked if ended.return_code is not None]
        if self.step and not codes_returned:
            return False
        highest = max(codes_returned, default=0)
        assert isinstance(self.value, int)
        if self.comparison in _ORDERINGS:
            return _ORDERINGS[self.comparison](highest, self.value)
        return _COMPARISONS[self.comparison](highest, self.value)

    def _truth(self, found: bool) -> bool:
        return _COMPARISONS[self.comparison](found, self.value)


@dataclass(frozen=True, slots=True)
class Combination:
    """AND, OR or NOT of expressions."""

    word: str
    parts: tuple[Expression, ...]

    def holds(self, history: Sequence[Ended]) -> bool:
        if self.word == "NOT":
            return not self.parts[0].holds(history)
        return (all if self.word == "AND" else any)(part.holds(history) for part in self.parts)


Expression = Term | Combination


def _started(ended: Ended) -> bool:
    return ended.return_code is not None or ended.abended


def asks_for_abends(expression: Expression) -> bool:
    """True if ABEND or ABENDCC is in it: then its steps may run after an abend."""
    if isinstance(expression, Term):
        return expression.keyword in ("ABEND", "ABENDCC")
    return any(asks_for_abends(part) for part in expression.parts)


def parse_expression(text: str, at: Position, resolve: Resolve) -> Expression:
    """Parse the text between IF and THEN. Raises JclSyntaxError (DTX423E)."""
    return _Parser(text, at, resolve).parse()


class _Parser:
    def __init__(self, text: str, at: Position, resolve: Resolve) -> None:
        self._at = at
        self._resolve = resolve
        self._tokens: list[str] = []
        self._next = 0
        offset = 0
        text = text.rstrip()
        while offset < len(text):
            found = _TOKEN.match(text, offset)
            if found is None:
                raise self._error(f"{text[offset : offset + 10].strip()!r} CANNOT STAND IN AN IF EXPRESSION")
            self._tokens.append(found[0].strip())
            offset = found.end()

    def parse(self) -> Expression:
        if not self._tokens:
            raise self._error("THE IF STATEMENT HAS NO EXPRESSION")
        expression = self._either(0)
        if self._next < len(self._tokens):
            raise self._error(f"AND OR OR EXPECTED BEFORE {self._tokens[self._next][:20]}")
        return expression

    def _either(self, depth: int) -> Expression:
        if depth > MAXIMUM_DEPTH:
            raise self._error(f"PARENTHESES NESTED MORE THAN {MAXIMUM_DEPTH} DEEP")
        parts = [self._both(depth)]
        while self._take("OR", "|"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Combination("OR", tuple(parts))

    def _both(self, depth: int) -> Expression:
        parts = [self._factor(depth)]
        while self._take("AND", "&"):
            parts.append(self._factor(depth))
        return parts[0] if len(parts) == 1 else Combination("AND", tuple(parts))

    def _factor(self, depth: int) -> Expression:
        negated = False
        while self._take(*_NOT):
            negated = not negated
        if self._take("("):
            inner = self._either(depth + 1)
            if not self._take(")"):
                raise self._error("UNBALANCED PARENTHESIS IN THE IF EXPRESSION")
        else:
            inner = self._term()
        return Combination("NOT", (inner,)) if negated else inner

    def _term(self) -> Term:
        name = self._pop()
        step, _, keyword = name.rpartition(".")
        if keyword not in _KEYWORDS or step.count(".") > 1:
            raise self._error(f"{name[:20] or 'NOTHING'!r} IS NOT RC, ABEND, ABENDCC OR RUN")
        step = self._resolve(step) if step else ""
        following = self._tokens[self._next] if self._next < len(self._tokens) else ""
        if following not in _COMPARISONS and following not in _ORDERINGS:
            if keyword in ("ABEND", "RUN"):
                return Term(keyword, step, "=", True)
            raise self._error(f"A COMPARISON EXPECTED BEHIND {name[:20]}")
        comparison = self._pop()
        return Term(keyword, step, comparison, self._value(keyword, comparison, self._pop()))

    def _value(self, keyword: str, comparison: str, text: str) -> int | str | bool:
        if keyword == "RC":
            if text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MAXIMUM_CODE:
                return int(text)
        elif comparison in _COMPARISONS:
            if keyword == "ABENDCC" and _ABEND_CODE.fullmatch(text):
                return text
            if keyword in ("ABEND", "RUN") and text in ("TRUE", "FALSE"):
                return text == "TRUE"
        raise self._error(f"{keyword} CANNOT BE COMPARED WITH {comparison} {text[:20]}".rstrip())

    def _take(self, *words: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next] in words:
            self._next += 1
            return True
        return False

    def _pop(self) -> str:
        token = self._tokens[self._next] if self._next < len(self._tokens) else ""
        self._next += 1
        return token

    def _error(self, text: str) -> JclSyntaxError:
        return JclSyntaxError("DTX423E", text, self._at)
