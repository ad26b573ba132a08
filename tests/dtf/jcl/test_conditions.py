"""COND, with the tables of the JCL Reference: code, operator, return code; EVEN and ONLY."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dtf.jcl.cards import Field, Position
from dtf.jcl.conditions import Conditions, Verdict, any_test_holds, decide, parse_conditions
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.operands import parse_operands


@dataclass
class Ended:
    label: str
    return_code: int | None
    abended: bool = False
    abend: str = ""


def cond(text: str, *, for_job: bool = False) -> Conditions:
    [keyword] = parse_operands(Field(f"COND={text}", ((0, Position(1, 1)),))).keywords
    return parse_conditions(keyword.value, for_job=for_job)


@pytest.mark.parametrize(
    ("operator", "bypassed_for"),
    [("GT", (0, 4)), ("GE", (0, 4, 8)), ("EQ", (8,)), ("LT", (12, 16)), ("LE", (8, 12, 16)), ("NE", (0, 4, 12, 16))],
)
def test_the_test_asks_code_operator_return_code(operator: str, bypassed_for: tuple[int, ...]) -> None:
    conditions = cond(f"(8,{operator})")
    for code in (0, 4, 8, 12, 16):
        expected = Verdict.BYPASSED if code in bypassed_for else Verdict.RUN
        assert decide(conditions, [Ended("S1", code)]) is expected, code


def test_without_a_step_name_every_earlier_step_is_asked() -> None:
    assert decide(cond("(4,LT)"), [Ended("S1", 8), Ended("S2", 0)]) is Verdict.BYPASSED
    assert decide(cond("(4,LT)"), [Ended("S1", 4), Ended("S2", 0)]) is Verdict.RUN


def test_with_a_step_name_only_that_step_and_the_first_of_that_name() -> None:
    history = [Ended("S1", 8), Ended("S2", 0), Ended("S2", 8)]
    assert decide(cond("(4,LT,S2)"), history) is Verdict.RUN
    assert decide(cond("(4,LT,S1)"), history) is Verdict.BYPASSED


def test_a_bypassed_or_unknown_step_makes_its_test_false() -> None:
    assert decide(cond("(0,NE,S1)"), [Ended("S1", None)]) is Verdict.RUN
    assert decide(cond("(0,EQ,NOSUCH)"), [Ended("S1", 0)]) is Verdict.RUN


def test_for_the_first_step_there_is_nothing_to_compare() -> None:
    assert decide(cond("(0,LE)"), []) is Verdict.RUN


def test_any_of_several_tests_bypasses() -> None:
    conditions = cond("((16,GE),(90,LE,STEP1))")
    assert [str(test) for test in conditions.tests] == ["(16,GE)", "(90,LE,STEP1)"]
    assert decide(conditions, [Ended("STEP1", 17)]) is Verdict.RUN
    assert decide(conditions, [Ended("STEP1", 16)]) is Verdict.BYPASSED
    assert decide(conditions, [Ended("STEP1", 90)]) is Verdict.BYPASSED


@pytest.mark.parametrize(
    ("text", "abended", "code", "verdict"),
    [
        ("(4,LT)", True, 0, Verdict.AFTER_ABEND),
        ("EVEN", False, 0, Verdict.RUN),
        ("EVEN", True, 0, Verdict.RUN),
        ("((4,LT),EVEN)", True, 8, Verdict.BYPASSED),
        ("((4,LT),EVEN)", True, 0, Verdict.RUN),
        ("ONLY", False, 0, Verdict.NO_ABEND),
        ("ONLY", True, 0, Verdict.RUN),
        ("((4,LT),ONLY)", True, 8, Verdict.BYPASSED),
        ("((4,LT),ONLY)", False, 8, Verdict.NO_ABEND),
    ],
)
def test_even_and_only(text: str, abended: bool, code: int, verdict: Verdict) -> None:
    history = [Ended("S1", code), Ended("S2", None, abended)]
    assert decide(cond(text), history) is verdict


def test_job_conditions_have_no_step_names() -> None:
    assert any_test_holds(cond("((4,LT),(8,EQ))", for_job=True).tests, [Ended("S1", 8)])
    for text in ("(4,LT,S1)", "EVEN"):
        with pytest.raises(JclSyntaxError):
            cond(text, for_job=True)


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("(4096,LT)", "IEFC644I"),
        ("(-1,LT)", "DTX421E"),
        ("((-1,LT),EVEN)", "IEFC644I"),
        ("(4,XX)", "DTX422E"),
        ("(4,LT,1BAD)", "DTX421E"),
        ("(4)", "DTX421E"),
        ("(4,LT,A,B)", "DTX421E"),
        ("(EVEN,ONLY)", "DTX420E"),
        ("", "DTX420E"),
        ("(" + ",".join(["(4,LT)"] * 9) + ")", "DTX420E"),
        ("((4,LT=5))", "DTX421E"),
    ],
)
def test_what_is_not_a_condition(text: str, message_id: str) -> None:
    with pytest.raises(JclSyntaxError) as caught:
        cond(text)
    assert caught.value.message_id == message_id
