"""Control statements that nobody wrote on purpose: a plan, or one message; never another exception."""

from __future__ import annotations

import os
import random
from datetime import datetime

import pytest

from dtf.jcl.programs import Abend
from dtf.jcl.sorting.language import SortError, parse_statements, parse_symbols
from dtf.jcl.sorting.plan import compile_plan
from dtf.jcl.sorting.reformatting import Context
from dtf.jcl.utilities.control import ControlError, parse_control

SEEDS = int(os.environ.get("FUZZ_SEEDS", "4000"))
STATEMENTS = (
    " SORT FIELDS=(1,5,CH,A,6,4,PD,D),SKIPREC=2,STOPAFT=10,EQUALS",
    " INCLUDE COND=(1,5,CH,EQ,C'IT''S',AND,(6,4,ZD,GT,-12,OR,1,2,BI,NE,X'00FF'))",
    " OMIT COND=(1,20,SS,EQ,C'A,B'),FORMAT=CH",
    " INREC BUILD=(1,5,10:6,4,PD,EDIT=(SIII,IIT.TT),SIGNS=(+,-),C'X',3Z,SEQNUM,4,ZD)",
    " OUTREC OVERLAY=(5:1,3,TRAN=LTOU,20:1,2,CHANGE=(1,C'A',C'B'),NOMATCH=(C'?'))",
    " OUTREC IFTHEN=(WHEN=(1,1,CH,EQ,C'A'),BUILD=(1,4,2X),HIT=NEXT),IFTHEN=(WHEN=NONE,OVERLAY=(1:C'Z'))",
    " SUM FIELDS=(6,4,PD)",
    " OUTFIL FNAMES=(A,B),INCLUDE=(1,1,CH,EQ,C'A'),SPLITBY=3,STARTREC=2,ENDREC=9,SAMPLE=2",
    " OUTFIL FILES=01,HEADER1=('H',2/,DATE),SECTIONS=(1,2,SKIP=3L,HEADER3=(1,2),",
    "   TRAILER3=(TOT=(6,4,PD,M10),COUNT=(M11,LENGTH=3))),TRAILER1=(5:AVG=(6,4,PD))",
)
SPICE = "()',=:/CXPDZ0919ABM- \x00"


def spoiled(random_: random.Random) -> list[str]:
    lines = [list(line) for line in random_.sample(STATEMENTS[:-2], random_.randrange(1, 4))]
    lines += [list(line) for line in STATEMENTS[-2:]] if random_.random() < 0.3 else []
    for line in lines:
        for _ in range(random_.randrange(4)):
            place = random_.randrange(len(line))
            if random_.random() < 0.5:
                line[place] = random_.choice(SPICE)
            else:
                del line[place : place + random_.randrange(1, 5)]
            line = line or [" "]
    return ["".join(line) for line in lines]


@pytest.mark.fuzz
def test_spoiled_statements_are_a_plan_or_a_message() -> None:
    record = bytes(range(0x40, 0x40 + 100))
    for seed in range(SEEDS):
        lines = spoiled(random.Random(seed))
        try:
            plan = compile_plan(parse_statements(lines), Context(datetime(2026, 11, 23)))
            plan.key(record)
            for build in (plan.inrec, plan.outrec, *(outfil.build for outfil in plan.outfils)):
                if build is not None:
                    build(record)
            if plan.keep is not None:
                plan.keep(record)
            for outfil in plan.outfils:
                outfil.takes(record, 1, False)
                outfil.target(5)
                if outfil.report is not None:
                    list(outfil.report.printed([(record, record)] * 3))
        except (SortError, Abend):
            pass
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__} {error}\n" + "\n".join(lines)) from error


@pytest.mark.fuzz
def test_spoiled_symbols_and_utility_statements_are_read_or_refused() -> None:
    texts = (
        "REGION,1,6,CH",
        "N,C'X'",
        "A,*,4,ZD",
        "SKIP,3",
        " COPY OUTDD=A,INDD=((B,R),C)",
        "L RECORD FIELD=(1,'A',,3)",
    )
    for seed in range(SEEDS):
        random_ = random.Random(seed)
        line = list(random_.choice(texts))
        for _ in range(random_.randrange(1, 4)):
            line[random_.randrange(len(line))] = random_.choice(SPICE)
        for read, expected in ((parse_symbols, SortError), (parse_control, ControlError)):
            try:
                read(["".join(line)])
            except expected:
                pass
            except Exception as error:
                raise AssertionError(f"seed {seed}: {type(error).__name__} {error} {''.join(line)!r}") from error
