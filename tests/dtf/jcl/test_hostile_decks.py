"""Decks that nobody wrote on purpose: every one is read to its end, in time linear in its size, without a traceback."""

from __future__ import annotations

import random
import time

import pytest

from dtf.jcl.cards import read_cards
from dtf.jcl.converter import ConvertedJob, convert
from dtf.jcl.statements import read_jobs

MEBIBYTE = 1 << 20
SECONDS = 60  # of processor time: what else the machine does is no matter
"""Many times what it takes, and far less than anything quadratic would."""


def convert_all(deck: bytes | str) -> list[ConvertedJob]:
    return [convert(job) for job in read_jobs(read_cards(deck))]


LINES = {
    "blanks": " " * 79 + "\n",
    "one long line of parentheses": "(",
    "one long line of apostrophes": "'",
    "one long line of ampersands": "&",
    "continued parentheses": "//         " + "(" * 59 + ",\n",
    "continued closing parentheses": "//         " + ")" * 59 + ",\n",
    "continued apostrophes": "//" + " " * 13 + "''" * 20 + "\n",
    "continued open apostrophe": "//" + " " * 13 + "A" * 56 + "\n",
    "continued symbols": "//         " + "&A" * 29 + ",\n",
    "continued doubled ampersands": "//         " + "&" * 58 + ",\n",
    "continued commas": "//         " + "," * 60 + "\n",
    "continued keywords": "//         " + "A=" * 29 + ",\n",
    "continued keyword list": "//         A=(B,C),\n",
    "continued periods": "//         " + "." * 58 + ",\n",
    "comments behind a comma": "//* COMMENT\n",
    "null statements": "//\n",
    "delimiters": "/*\n",
    "data without an end": "//D DD *\n",
    "data ended by null statements": "//D DD *\n//\n",
    "data with a delimiter of its own": "//D DD DATA,DLM=ZZ\n",
    "jobs": "//J JOB\n",
    "steps": "//S EXEC PGM=A\n",
    "concatenations": "// DD DSN=A\n",
    "data definitions": "//D DD DSN=A\n",
    "sets": "// SET A=&A&A&A\n",
    "unknown operations": "//A B C\n",
    "conditional groups": "// IF RC=0 THEN\n",
    "ends of groups": "// ELSE\n// ENDIF\n",
    "a condition that never ends": "// IF RC=0 |\n",
    "procedures": "//P PROC A=1\n//S EXEC PGM=&A\n// PEND\n",
    "a procedure that never ends": "//P PROC\n",
    "calls of what is not there": "//S EXEC NOSUCH\n",
    "includes": "// INCLUDE MEMBER=X\n",
    "backward references": "//D DD DSN=*.S.D\n",
    "generated data": "DATA\n",
    "labels only": "//AAAAAAAA\n",
    "column 72": "//A EXEC PGM=B".ljust(71) + "X\n",
    "control characters": "\x00\x1b\x07\r\t",
    "text of other scripts": "//\u00c4\u00df \u4e2d\u6587 \U0001f600\n",
}


@pytest.mark.fuzz
@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("head", ["", "//J JOB\n// SET A=X\n//S EXEC PGM=X,PARM='&A',\n"])
def test_a_deck_of_anything_takes_linear_time(name: str, head: str) -> None:
    line = LINES[name]
    whole = head and name.startswith(("continued", "blanks", "one long", "column", "control"))
    size = MEBIBYTE if whole else MEBIBYTE // 8
    deck = head + line * (size // len(line.encode()))
    before = time.process_time()
    convert_all(deck)
    assert time.process_time() - before < SECONDS


GOOD_DECK = """\
//FUZZED   JOB (ACCT),'F. UZZ',CLASS=A,MSGLEVEL=(1,1),COND=(8,LT)
//* COMMENT
//         SET HLQ=DEMO,Q='A B'
//ONE      EXEC PGM=IDCAMS,PARM='LONG TEXT THAT RUNS TO THE VERY END OF CARD
//             AND ON',COND=((4,LT),(8,GE,ONE),EVEN)
//SYSPRINT DD SYSOUT=*
//SYSIN    DD *,DLM='@@'
 LISTCAT
/*
@@
//DATA     DD DSN=&HLQ..DATA,DISP=(NEW,CATLG,DELETE),UNIT=SYSDA,
//            SPACE=(CYL,(1,1),RLSE),DCB=(RECFM=FB,LRECL=80)
//         DD DSN=&&TEMP,DISP=(OLD,DELETE),VOL=SER=WORK01
/*
//TWO      EXEC PGM=IEFBR14
//OUT      DD DUMMY
//P        PROC WHAT=IEFBR14,HOW=
//X        EXEC PGM=&WHAT,PARM='&HOW'
//D        DD DSN=&HLQ..IN,DISP=SHR
//         PEND
//THEN     IF (ONE.RC = 0 & RC <= 4) OR ABENDCC = S0C7 THEN
//THREE    EXEC P,HOW='A',COND.X=(4,LT)
//X.D      DD DSN=*.ONE.DATA,DISP=(OLD,DELETE)
//X.E      DD DDNAME=LATER
//         ELSE
//FOUR     EXEC PGM=*.ONE.DATA
//         ENDIF
//
"""
SPICE = "()',&=.*/ \n-ABDDSNISP09@#$\x00\xff"


def spoiled(deck: str, random_: random.Random) -> str:
    text = list(deck)
    for _ in range(random_.randrange(1, 12)):
        place = random_.randrange(len(text))
        kind = random_.randrange(4)
        if kind == 0:
            text[place] = random_.choice(SPICE)
        elif kind == 1:
            text.insert(place, random_.choice(SPICE) * random_.randrange(1, 90))
        elif kind == 2:
            del text[place : place + random_.randrange(1, 90)]
        else:
            text[place:place] = text[random_.randrange(len(text)) :][: random_.randrange(1, 200)]
    return "".join(text)


@pytest.mark.fuzz
def test_a_spoiled_deck_is_a_job_or_a_list_of_errors_with_positions_in_the_deck() -> None:
    for seed in range(600):
        deck = spoiled(GOOD_DECK, random.Random(seed))
        lines = deck.count("\n") + 1
        for job in convert_all(deck):
            assert (job.job is None) == any(note.is_error for note in job.diagnostics), f"seed {seed}"
            for note in job.diagnostics:
                assert 1 <= note.at.line <= lines, f"seed {seed}: {note}"
                assert 1 <= note.at.column <= 81, f"seed {seed}: {note}"
                assert "\n" not in str(note), f"seed {seed}"


@pytest.mark.fuzz
def test_random_bytes_are_read_as_well() -> None:
    for seed in range(300):
        random_ = random.Random(seed)
        convert_all(random_.randbytes(random_.randrange(2000)))
        convert_all(b"//" + random_.randbytes(300))
        convert_all(b"\x61\x61" + random_.randbytes(300))


def test_the_good_deck_is_good() -> None:
    [job] = convert_all(GOOD_DECK)
    assert job.job is not None, [str(note) for note in job.diagnostics]
    assert [step.name for step in job.job.steps] == ["ONE", "TWO", "THREE", "FOUR"]
