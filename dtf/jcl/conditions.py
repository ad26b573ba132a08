"""COND: whether a step runs, given how the earlier ones ended.

A test (code,op) asks whether `code op RC`; if any test is true the step is bypassed. Without a step
name it asks every earlier step that produced a return code. After an abend only steps with EVEN or
ONLY run; ONLY runs only then; both still obey their return code tests.
Source: z/OS MVS JCL Reference, COND parameter of EXEC (tables 1 and 2) and of JOB.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dtf.jcl.cards import is_name
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.operands import Group, Keyword, Operand, Word, items_of, text_of

MAXIMUM_TESTS = 8
MAXIMUM_CODE = 4095
LOST_BY = frozenset({"S122", "S222", "S522"})
"""Cancelled, or out of time: the rest of the job is lost, whatever its steps ask for."""
_OPERATORS: Mapping[str, Callable[[int, int], bool]] = {
    "GT": operator.gt,
    "GE": operator.ge,
    "EQ": operator.eq,
    "LT": operator.lt,
    "LE": operator.le,
    "NE": operator.ne,
}


@dataclass(frozen=True, slots=True)
class ReturnCodeTest:
    """(code,operator[,step]): true if `code operator RC` of the step, or of any earlier step."""

    code: int
    operator: str
    step: str | None = None

    def holds(self, return_code: int) -> bool:
        return _OPERATORS[self.operator](self.code, return_code)

    def __str__(self) -> str:
        return f"({self.code},{self.operator}{',' + self.step if self.step else ''})"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The COND of one step, or of the job (which has neither step names nor EVEN and ONLY)."""

    tests: tuple[ReturnCodeTest, ...] = ()
    even: bool = False
    only: bool = False


class Verdict(enum.Enum):
    """What becomes of a step. The value is the message of JESYSMSG for a step that does not run."""

    RUN = ""
    BYPASSED = "IEF202I {} - STEP WAS NOT RUN BECAUSE OF CONDITION CODES"
    NO_ABEND = "IEF203I {} - STEP WAS NOT RUN BECAUSE COND = ONLY"
    AFTER_ABEND = "no message of its own"


class Ended(Protocol):
    """How an earlier step ended; `return_code` is None if it produced none (bypassed, abended, not run).

    `label` is STEP, or STEP.PROCSTEP for a step of a procedure; `abend` is Sxxx or Unnnn or empty.
    """

    @property
    def label(self) -> str: ...
    @property
    def abend(self) -> str: ...
    @property
    def return_code(self) -> int | None: ...
    @property
    def abended(self) -> bool: ...


def parse_conditions(value: Operand, *, for_job: bool = False) -> Conditions:
    """COND=(code,op[,step]) or a list of tests with EVEN or ONLY among them. Raises JclSyntaxError."""
    items = items_of(value)
    if items and _is_code(items[0]):
        items = (value,)
    tests: list[ReturnCodeTest] = []
    words: set[str] = set()
    for item in items:
        if isinstance(item, Word) and item.text in ("EVEN", "ONLY") and not for_job:
            words.add(item.text)
        else:
            tests.append(_parse_test(item, for_job))
    if len(tests) > MAXIMUM_TESTS or len(words) > 1 or not items:
        raise JclSyntaxError("DTX420E", "COND TAKES UP TO 8 TESTS AND EVEN OR ONLY", value.at)
    return Conditions(tuple(tests), even="EVEN" in words, only="ONLY" in words)


def _is_code(item: Operand) -> bool:
    return isinstance(item, Word) and item.text.isdecimal()


def _parse_test(item: Operand, for_job: bool) -> ReturnCodeTest:
    """test := "(" code "," operator [ "," step ] ")" """
    parts = [text_of(part) for part in item.items] if isinstance(item, Group) else []
    if len(parts) not in ((2,) if for_job else (2, 3)) or any(isinstance(part, Keyword) for part in items_of(item)):
        raise JclSyntaxError("DTX421E", f"COND TEST {text_of(item)[:40]} IS NOT (CODE,OPERATOR,STEP)", item.at)
    if not (parts[0].isascii() and parts[0].isdecimal() and len(parts[0]) <= 4 and int(parts[0]) <= MAXIMUM_CODE):
        raise JclSyntaxError("IEFC644I", "INVALID NUMERIC IN THE COND FIELD", item.at)
    if parts[1] not in _OPERATORS:
        raise JclSyntaxError("DTX422E", f"COND OPERATOR {parts[1][:8]!r} IS NOT GT GE EQ LT LE OR NE", item.at)
    step = parts[2] if len(parts) == 3 else None
    if step is not None and not all(is_name(part) for part in step.split(".")):
        raise JclSyntaxError("DTX421E", f"COND TEST NAMES STEP {step[:20]!r}", item.at)
    return ReturnCodeTest(int(parts[0]), parts[1], step)


def decide(conditions: Conditions, history: Sequence[Ended]) -> Verdict:
    """Whether the next step runs after `history`."""
    abended = any(step.abended for step in history)
    if abended and not (conditions.even or conditions.only):
        return Verdict.AFTER_ABEND
    if conditions.only and not abended:
        return Verdict.NO_ABEND
    if any_test_holds(conditions.tests, history):
        return Verdict.BYPASSED
    return Verdict.RUN


def any_test_holds(tests: Iterable[ReturnCodeTest], history: Sequence[Ended]) -> bool:
    """True if a test holds for a step that produced a return code; a name means the first step of that name."""
    return any(_holds(test, history) for test in tests)


def _holds(test: ReturnCodeTest, history: Sequence[Ended]) -> bool:
    if test.step is None:
        return any(step.return_code is not None and test.holds(step.return_code) for step in history)
    named = next((step for step in history if step.label == test.step), None)
    return named is not None and named.return_code is not None and test.holds(named.return_code)
