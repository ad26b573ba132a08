"""IF expressions: operators, their priority, steps that did not run, the tables of the JCL Reference."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dtf.jcl.cards import Position
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.relational import asks_for_abends, parse_expression


@dataclass
class Ended:
    label: str
    return_code: int | None = None
    abend: str = ""

    @property
    def abended(self) -> bool:
        return bool(self.abend)


GOOD = [Ended("ONE", 4), Ended("TWO", 8), Ended("SKIPPED"), Ended("CALL.PS", 0)]
BAD = [Ended("ONE", 4), Ended("TWO", abend="S0C7")]


def holds(text: str, history: list[Ended]) -> bool:
    return parse_expression(text, Position(1, 1), str).holds(history)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RC = 8", True),
        ("(RC=8)", True),
        ("RC > 4", True),
        ("RC GT 8", False),
        ("RC LE 8", True),
        ("RC \u00ac= 8", False),
        ("RC ^> 8", True),
        ("RC NL 8", True),
        ("ONE.RC = 4", True),
        ("CALL.PS.RC EQ 0", True),
        ("SKIPPED.RC = 0", False),
        ("SKIPPED.RC NE 0", False),
        ("NOSUCH.RC = 0", False),
        ("ONE.RUN", True),
        ("SKIPPED.RUN", False),
        ("\u00acSKIPPED.RUN", True),
        ("SKIPPED.RUN = FALSE", True),
        ("ABEND", False),
        ("\u00acABEND", True),
        ("NOT ABEND", True),
        ("ABEND = FALSE", True),
        ("ABENDCC = S0C7", False),
        ("ONE.RC = 4 & TWO.RC = 8", True),
        ("ONE.RC = 0 OR TWO.RC = 8", True),
        ("ONE.RC = 4 | TWO.RC = 9 & ONE.RC = 0", True),
        ("(ONE.RC = 4 | TWO.RC = 9) AND ONE.RC = 0", False),
        ("NOT ONE.RC = 0 AND RC = 8", True),
    ],
)
def test_expressions_over_a_job_without_abend(text: str, expected: bool) -> None:
    assert holds(text, GOOD) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABEND", True),
        ("TWO.ABEND", True),
        ("ONE.ABEND", False),
        ("ABENDCC = S0C7", True),
        ("ABENDCC NE S0C7", False),
        ("TWO.ABENDCC = U0100", False),
        ("TWO.RC = 0", False),
        ("TWO.RUN", True),
        ("RC = 4", True),
    ],
)
def test_expressions_after_an_abend(text: str, expected: bool) -> None:
    assert holds(text, BAD) is expected


def test_before_the_first_step_the_code_is_zero() -> None:
    assert holds("RC = 0", [])


def test_only_abend_keywords_let_steps_run_after_an_abend() -> None:
    for text, expected in (
        ("RC = 0", False),
        ("RC = 0 | ABEND", True),
        ("\u00acABENDCC = U0001", True),
        ("A.RUN", False),
    ):
        assert asks_for_abends(parse_expression(text, Position(1, 1), str)) is expected, text


@pytest.mark.parametrize(
    "text",
    [
        *("", "RC", "RC = X", "RC = 4096", "RC = 4 5", "FOO = 1", "A.B.C.RC = 0", "(RC = 0", "RC = 0)"),
        *("ABENDCC > S0C7", "ABEND = YES", "ABENDCC = 0C7", "RC = 0 &", "RC % 4", "(" * 60 + "RC=0" + ")" * 60),
    ],
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(JclSyntaxError) as caught:
        holds(text, [])
    assert caught.value.message_id == "DTX423E"
