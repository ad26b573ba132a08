"""Process texts from strangers: limits are said, time is linear, and only a ProcessError comes out."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtf.errors import ProcessError, ProcessSyntaxError
from dtf.process import parse, resolve
from dtf.process.tokens import LINE_LIMIT, TEXT_LIMIT, TOKEN_LIMIT

HEAD = "P PROCESS SNODE=CD.B\n"
COPY = "COPY FROM (DSN=A) TO (DSN=B)"
SEEDS = range(30)


def outcome(text: str) -> str:
    """ "" or the one line of the error."""
    try:
        resolve(parse(text), {"A": "X"}, {"JDATE": "2026001"})
    except ProcessError as error:
        assert str(error).startswith("DTX00")
        assert "\n" not in str(error)
        assert len(str(error)) < 300
        assert str(error).isprintable()
        assert error.line > 0
        assert "^" in error.marked
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD + " " * TEXT_LIMIT, "PROCESS TEXT IS LONGER THAN 1048576 BYTES"),
        (HEAD + "é" * (TEXT_LIMIT // 2), "PROCESS TEXT IS LONGER"),
        (HEAD + " " * (LINE_LIMIT + 1), "LINE IS LONGER THAN 4096 CHARACTERS AT LINE 2 COLUMN 4097"),
        (HEAD + "".join(f"S{n} {COPY}\n" for n in range(256)), "MORE THAN 255 STEPS AT LINE 257"),
        (HEAD + " EXIT\n" * 1024, "MORE THAN 1024 STATEMENTS"),
        (
            HEAD + "S " + COPY.replace("DSN=A", "DSN=A SYSOPTS='" + "x" * 2040 + "'"),
            "COPY STATEMENT IS LONGER THAN 2040",
        ),
        (HEAD + " COPY FROM (DSN" + "=A" * 1500, "PARENTHESES NESTED DEEPER THAN 16"),
        (HEAD + " COPY FROM " + "(" * 17, "PARENTHESES NESTED DEEPER THAN 16"),
        (HEAD + f"S {COPY}\n" + " IF (S = 0) THEN\n" * 17, "IF NESTED DEEPER THAN 16"),
        (HEAD + (", " * 2000 + "-\n") * 70, f"MORE THAN {TOKEN_LIMIT} WORDS"),
    ],
)
def test_limits_are_said(text: str, why: str) -> None:
    assert why in outcome(text)


def test_the_largest_allowed_process_is_read() -> None:
    steps = "".join(f"S{n} COPY FROM (DSN=A) TO (DSN=B SYSOPTS='{'x' * 1900}')\n" for n in range(255))
    assert len(resolve(parse(HEAD + steps)).copies) == 255
    deep = f"S {COPY}\n" + " IF (S = 0) THEN\n" * 16 + " EIF\n" * 16
    assert resolve(parse(HEAD + deep))
    assert outcome(HEAD + f" COPY FROM {'(' * 16}DSN=A{')' * 16} TO (DSN=B)")


RUNS = [
    *"(),=&'\"\\|-<>;*%/ ",
    "/*",
    "*/",
    "\\\\",
    "''",
    '""',
    "||",
    "a=",
    "a=(",
    "&a",
    "%JDATE",
    "(a",
    "a,",
    "a ",
    "X'",
]


@pytest.mark.parametrize("run", RUNS)
def test_a_megabyte_of_anything_is_answered_in_linear_time(run: str) -> None:
    """Processor time, so that a busy machine does not matter; a quadratic reader would need hours."""
    line = run * (4000 // len(run)) + " -"
    text = HEAD + "S COPY FROM (" + (line + "\n") * ((TEXT_LIMIT - 100) // (len(line) + 1))
    begin = time.process_time()
    outcome(text)
    assert time.process_time() - begin < 60


@given(st.text(max_size=200))
def test_any_text_is_a_process_or_a_process_error(text: str) -> None:
    outcome(text)
    outcome(HEAD + text)
    outcome(HEAD + "S COPY FROM (" + text)


SAMPLE = """\
PAYDAY PROCESS SNODE=CD.B &A=X PRTY=3 -   /* who */
       SNODEID=(U,P)
STEP1  COPY FROM (DSN=&A || .D%JDATE DISP=(SHR,KEEP)) CKPT=10M COMPRESS PRIMECHAR=X'40' -
       TO (DSN=LIB(MEM) DISP=(,CATLG) DCB=(RECFM=FB,LRECL=80) SYSOPTS="a &A" UNIT='x''y')
  IF (STEP1 >= 4) THEN
  GOTO STEP2
  ELSE
  EXIT
  EIF
STEP2  COPY FROM (FILE=\\'/a b'\\ SNODE) TO (DSN=Z PNODE)
"""


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_process_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    words = SAMPLE.replace("(", " ( ").replace(")", " ) ").split(" ")
    assert outcome(SAMPLE) == ""
    for _ in range(60):
        text = SAMPLE
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text) + 1)
            size = chance.randint(0, 12)
            new = chance.choice(
                [chance.choice(words), chance.choice("()=,&'\"\\|-%;*/\n "), "", text[at : at + size] * 2]
            )
            text = text[:at] + new + text[at + size :]
        outcome(text)


def test_an_error_never_carries_control_characters_into_a_log() -> None:
    with pytest.raises(ProcessSyntaxError) as caught:
        parse(HEAD + "S COPY FROM (DSN=A\x1b[31m)")
    assert str(caught.value).isprintable()
    assert all(line.isprintable() for line in caught.value.marked.splitlines())
