"""Every parser of job text on damaged input: it reads it or says what is wrong with it, in its own words; nothing else.

Each target makes sound inputs from the pieces below and gets 20,000 mutations of them (`KSDS_TEST_SCALE` multiplies).
Beyond "no other exception": places of messages lie in the input, and what is accepted runs on a record. A parser that
takes five seconds of processor time for one input hangs.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import google_crc32c
import pytest

from dtf import library_unload
from dtf.jcl.cards import Card, Field, Position, read_cards
from dtf.jcl.converter import convert
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.member_search import Member
from dtf.jcl.operands import parse_operands
from dtf.jcl.programs import Abend
from dtf.jcl.relational import parse_expression
from dtf.jcl.sorting.context import Context
from dtf.jcl.sorting.language import SortError, parse_statements, parse_symbols
from dtf.jcl.sorting.plan import compile_plan
from dtf.jcl.statements import read_jobs
from dtf.jcl.symbols import SymbolTable, substitute, substitute_data, system_symbols
from dtf.jcl.utilities.control import ControlError, parse_control
from ksds.errors import DataSetError
from tests.fuzz.alarm import Hang, alarm, one_more
from tests.fuzz.mutations import mutated

pytestmark = pytest.mark.fuzz

EXECUTIONS = max(1000, round(20_000 * float(os.environ.get("KSDS_TEST_SCALE", "1"))))
SEEDS = 56
NOON = datetime(2026, 11, 23, 12)
Make = Callable[[random.Random], str]
Read = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    """`refuses`: the errors in which the parser says that it cannot read the input."""

    name: str
    make: Make
    read: Read
    refuses: tuple[type[Exception], ...]


def lines_of(*texts: str) -> Make:
    """Some of these lines, in any order."""
    return lambda rng: "\n".join(rng.sample(texts, rng.randrange(1, min(5, len(texts)))))


def one_of(*texts: str) -> Make:
    return lambda rng: rng.choice(texts)


# -- JCL -----------------------------------------------------------------------------------------------------

DECK = lines_of(
    "//ONE      EXEC PGM=IDCAMS,PARM='A''B &HLQ',COND=((4,LT),(8,GE,ONE),EVEN)",
    "//S        EXEC P,A='X',COND.X=(4,LT)\n//X.D      DD DSN=*.ONE.DATA,DISP=(OLD,DELETE)\n//X.E DD *\nDATA\n/*",
    "//DATA     DD DSN=&HLQ..DATA(+1),DISP=(NEW,CATLG,DELETE),UNIT=SYSDA,\n"
    "//  SPACE=(CYL,(1,1),RLSE),DCB=(RECFM=FB,LRECL=80)",
    "//D        DD DSN=&&TEMP,DISP=(OLD,DELETE),VOL=SER=WORK01\n//         DD DSN=A.B(M),DISP=SHR",
    "//SYSIN    DD *,DLM='@@',SYMBOLS=(JCLONLY,LOG)\n &HLQ\n/*\n@@",
    "//U        DD PATH='/u/&HLQ',PATHOPTS=(OWRONLY,OCREAT),PATHDISP=(KEEP,DELETE),FILEDATA=TEXT",
    "//         SET HLQ=DEMO,Q='A B',N=",
    "//         EXPORT SYMLIST=(HLQ,Q)",
    "//         IF (ONE.RC = 0 & RC <= 4) OR ABENDCC = S0C7 THEN\n//TWO EXEC PGM=IEFBR14\n//  ELSE\n// ENDIF",
    "//Q        PROC WHAT=IEFBR14\n//X        EXEC PGM=&WHAT,PARM='&SYSNAME(1:2)'\n//  PEND",
    "//         INCLUDE MEMBER=I",
    "//         JCLLIB ORDER=(A.B,'C.D')",
    "//L        EXEC PGM=X,PARM='".ljust(71, "A") + "\n//".ljust(16) + "B C',TIME=(1,30)",
    "//* COMMENT\n//\n/*JOBPARM LINES=1\n//K JOB (A),'B',RESTART=ONE,JOBRC=(STEP,ONE)",
)
MEMBERS = {
    "P": "//P PROC A=1\n//X EXEC PGM=IEFBR14,PARM=&A\n//D DD DUMMY\n// PEND",
    "I": "// SET Z=1\n//Y EXEC PGM=IEFBR14",
}


class Library:
    """Two members, in every library."""

    def find(self, member: str, order: object) -> Member | None:
        text = MEMBERS.get(member)
        return Member(member, "A.LIB", cards(text)) if text else None


def cards(text: str) -> list[Card]:
    return read_cards(text)


def read_deck(text: str) -> None:
    lines = text.count("\n") + 3
    for deck in read_jobs(read_cards(f"//J JOB\n//S EXEC PGM=A\n{text}")):
        job = convert(deck, {"ANY": "1"}, Library(), system_symbols("NYC", "VOL001", NOON))
        assert (job.job is None) == any(note.is_error for note in job.diagnostics), "errors and no errors"
        for note in job.diagnostics:
            assert note.member or 1 <= note.at.line <= lines, note
            assert 1 <= note.at.column <= 81, note
            assert str(note).isprintable(), note


OPERANDS = one_of(
    "DSN=A.B(+1),DISP=(NEW,CATLG),DCB=(RECFM=FB,LRECL=80)",
    "(ACCT,1),'O''HARA',CLASS=A",
    "PARM=('A','B',C),COND=((4,LT,S.P),EVEN)",
    "*,DLM='@@'",
    "A=(B,(C,(D,E)),F=G),,H",
)


def read_operands(text: str) -> None:
    parse_operands(Field(text, ((0, Position(1, 1)),)))


EXPRESSIONS = one_of(
    "(A.RC = 0 AND B.C.RC LE 4095) OR NOT (RC > 8)",
    "ABENDCC = S0C7 | ¬ABEND & STEP.RUN",
    "A.ABEND=TRUE ! ^X.RUN = FALSE",
)


def read_expression(text: str) -> None:
    parse_expression(text, Position(1, 1), str).holds([])


# -- symbols -------------------------------------------------------------------------------------------------

SYMBOLS = lines_of(
    "DSN=&HLQ..DATA(&GEN),PARM='&A &&B &SYSNAME(2:1)X',DCB=&NULL",
    "&A&A&A..&A'&A'&A(M)",
    "AMP=('&A'),PATH='/u/&A/&SYSNAME(-1:1)'",
)
VALUES = {"HLQ": "DEMO.X", "A": "&B", "GEN": "+1", "NULL": "", "Q": "'A,B'"}


def read_symbols(text: str) -> None:
    """Every character of the result has a place in the field, and in-stream data loses nothing that is no symbol."""
    field = Field(text, ((0, Position(3, 5)),))
    result = substitute(field, SymbolTable(values=dict(VALUES), system={"SYSNAME": "NYC"}))
    if "&" not in text:
        assert result is field
    for offset in range(len(result.text) + 1):
        line, column = result.at(offset)
        assert line == 3
        assert 5 <= column <= 5 + len(text) + 255
    assert substitute_data(text, {}) == text


# -- control statements of programs ----------------------------------------------------------------------------

ORDERS = one_of(
    " SORT FIELDS=(1,5,CH,A,6,4,BI,D),SKIPREC=2,STOPAFT=10,EQUALS",
    " MERGE FORMAT=AQ,FIELDS=(1,5,A,10,2,D)",
    " OPTION COPY,CHALT",
    " JOINKEYS FILE=F1,FIELDS=(1,5,A),SORTED\n JOIN UNPAIRED,F1,ONLY\n REFORMAT FIELDS=(F1:1,5,F2:1,3,?)\n OPTION COPY",
)
OTHERS = lines_of(
    " INCLUDE COND=(1,5,CH,EQ,C'IT''S',AND,(6,4,ZD,GT,-12,OR,1,2,BI,NE,X'00FF'))",
    " OMIT COND=(1,20,SS,EQ,C'A,B'),FORMAT=CH\n ALTSEQ CODE=(F0B0,C1C2)",
    " INREC BUILD=(1,5,10:6,4,PD,EDIT=(SIII,IIT.TT),SIGNS=(+,-),C'X',3Z,SEQNUM,4,ZD)",
    " OUTREC OVERLAY=(5:1,3,TRAN=LTOU,20:1,2,CHANGE=(1,C'A',C'B'),NOMATCH=(C'?'))",
    " OUTREC IFTHEN=(WHEN=(1,1,CH,EQ,C'A'),BUILD=(1,4,2X),HIT=NEXT),IFTHEN=(WHEN=NONE,OVERLAY=(1:C'Z'))",
    " INREC PARSE=(%01=(ENDBEFR=C',',FIXLEN=5),%=(STARTAFT=BLANKS),%02=(ENDAT=C'X',PAIR=APOST,FIXLEN=3)),"
    "BUILD=(%02,%01)",
    " OUTREC IFTHEN=(WHEN=GROUP,BEGIN=(1,1,CH,EQ,C'A'),RECORDS=3,PUSH=(20:1,5,30:ID=3,35:SEQ=2))",
    " OUTREC BUILD=(5:(1,2,BI,ADD,+3),MUL,6,4,PD,EDIT=(SII,IIT.T),SIGNS=(,-),X,6,4,PD,MOD,-7,TO=FI,LENGTH=4,+5,M11)",
    " INREC OVERLAY=(20:1,8,Y4T,ADDDAYS,+5,TOJUL=Y2W(-),40:DATE1(/)-7,50:1,6,Y2W,WEEKDAY=CHAR3,60:6,4,PD,DIV,+2)",
    " OUTREC FINDREP=(INOUT=(C'A',C'BB',C'C',C''),DO=2,STARTPOS=3,SHIFT=NO),IFOUTLEN=90",
    " OUTFIL FNAMES=A,REPEAT=2,ACCEPT=5,BUILD=(1,4,/,SEQNUM,3,PD,RESTART=(1,2),1,4,SQZ=(SHIFT=LEFT,MID=C'-'))",
    " INCLUDE COND=(1,8,Y4T,GT,Y'20260101',OR,1,1,BI,ALL,B'11000000',AND,2,1,BI,EQ,B'1.0.....')",
    " MODS E15=(CHECK,100),E35=LAST",
    " OUTFIL FNAMES=(A,B),INCLUDE=(1,1,CH,EQ,C'A'),SPLITBY=3,STARTREC=2,ENDREC=9,SAMPLE=2,FTOV,VLTRIM=X'40'",
    " OUTFIL FILES=01,HEADER1=('H',2/,DATE),SECTIONS=(1,2,SKIP=3L,HEADER3=(1,2),"
    "TRAILER3=(TOT=(6,4,PD,M10),COUNT=(M11,LENGTH=3))),TRAILER1=(5:AVG=(6,4,PD))",
)
RECORD = bytes(range(0x40, 0x45)) + bytes.fromhex("0001234C") + bytes(range(0x49, 0x40 + 100))


def sort(rng: random.Random) -> str:
    return "\n".join(map(carded, f"{ORDERS(rng)}\n{OTHERS(rng)}".split("\n")))


def carded(line: str) -> str:
    """A statement in columns 1-71, broken behind commas."""
    cards = [""]
    for part in line.split(","):
        if len(cards[-1]) + len(part) > 69:
            cards.append("   ")
        cards[-1] += f"{part},"
    return "\n".join(cards)[:-1]


def read_sort(text: str) -> None:
    plan = compile_plan(parse_statements(text.split("\n")), Context(NOON))
    plan.key(RECORD)
    for made in (plan.inrec, plan.outrec):
        if made is not None:
            made.build(RECORD)
            made.length(len(RECORD))
    for build in (build for outfil in plan.outfils for build in outfil.lines()):
        build(RECORD)
    if plan.keep is not None:
        plan.keep(RECORD)
    for outfil in plan.outfils:
        outfil.takes(RECORD, 1, False)
        outfil.target(5)
        if outfil.report is not None:
            list(outfil.report.printed([(RECORD, [RECORD])] * 3))


NAMES = lines_of("REGION,1,6,CH", "N,C'X'", "A,*,4,ZD", "SKIP,3", "POSITION,5", "B,=,=,PD")
CONTROL = lines_of(
    "  COPY OUTDD=A,INDD=((B,R),C)\n  SELECT MEMBER=((A,,R),B)",
    "L RECORD FIELD=(1,'A''B',,3),IDENT=(2,'X',1)",
    " SCRATCH DSNAME=A.B,VOL=3390=V,PURGE",
    " GENERATE MAXNAME=3,MAXGPS=2",
)


# -- a library that was unloaded -------------------------------------------------------------------------------


def unloaded(rng: random.Random) -> str:
    """The bytes of a stream, each as a character."""
    parts = [
        (library_unload.HEADER, library_unload.HEADER_CODEC.pack(library_unload.MAGIC, b"\xc6\xc2\x40\x40", 80, 0, 0))
    ]
    for _ in range(rng.randrange(3)):
        parts.append((library_unload.MEMBER, b"\xc1".ljust(8, b"\x40") + rng.randbytes(rng.choice((0, 2, 30)))))
        parts += [(library_unload.RECORD, rng.randbytes(rng.randrange(40)))] * rng.randrange(3)
    body = b"".join(library_unload.PART_CODEC.pack(kind, len(data)) + data for kind, data in parts)
    return ended(body, sum(kind == library_unload.RECORD for kind, _ in parts)).decode("latin-1")


def ended(body: bytes, records: int) -> bytes:
    """A stream whose end is right: a checksum shows accidents, it does not prove that the bytes are meant well."""
    end = library_unload.END_CODEC.pack(records, google_crc32c.value(body))
    return body + library_unload.PART_CODEC.pack(library_unload.END, len(end)) + end


def read_unloaded(text: str) -> None:
    data = text.encode("latin-1", errors="replace")
    for records in range(6):
        body = data[: -len(ended(b"", 0))]
        stream = ended(body, records) if records else data
        try:
            parts = list(library_unload.read(stream[at : at + 80] for at in range(0, len(stream), 80)))
        except DataSetError as error:
            if records == 5:
                raise
            assert str(error).isprintable()
            continue
        assert parts[0].kind == library_unload.HEADER
        assert sum(part.kind == library_unload.RECORD for part in parts) <= len(data)
        return


TARGETS = [
    Target("a deck", DECK, read_deck, ()),
    Target("operands", OPERANDS, read_operands, (JclSyntaxError,)),
    Target("IF expressions", EXPRESSIONS, read_expression, (JclSyntaxError,)),
    Target("symbols", SYMBOLS, read_symbols, (JclSyntaxError,)),
    Target("SORT statements", sort, read_sort, (SortError, Abend)),
    Target("SYMNAMES", NAMES, lambda text: void(parse_symbols(text.split("\n"))), (SortError,)),
    Target("utility statements", CONTROL, lambda text: void(parse_control(text.split("\n"))), (ControlError,)),
    Target("an unloaded library", unloaded, read_unloaded, (DataSetError,)),
]


def void(value: object) -> None:
    """What was read needs no closer look."""


def read_or_refused(target: Target, text: str) -> bool:
    """True if the input was read; any other error than the parser's own escapes."""
    one_more()
    try:
        target.read(text)
    except target.refuses:
        return False
    return True


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_text_is_read_or_refused(target: Target) -> None:
    rng = random.Random(target.name)
    sound = [target.make(rng).encode("latin-1", errors="replace") for _ in range(SEEDS)]
    accepted = 0
    with alarm():
        for number in range(EXECUTIONS):
            text = mutated(rng.choice(sound), sound, rng).decode("latin-1")
            try:
                accepted += read_or_refused(target, text)
            except (Exception, Hang) as error:
                raise AssertionError(f"execution {number}: {type(error).__name__} {error}\n{text!r}") from error
    assert accepted > 0, "nothing was read: the seeds are not sound"


@pytest.mark.parametrize("target", TARGETS[:-1], ids=lambda target: target.name)
def test_sound_text_is_read(target: Target) -> None:
    rng = random.Random(1)
    read = sum(read_or_refused(target, target.make(rng)) for _ in range(SEEDS))
    assert read > SEEDS // 4
