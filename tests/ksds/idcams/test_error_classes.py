"""Every class of error that IDCAMS can tell: a statement that has it, the message line, the condition code.

The table is held against the messages: each of class 1 to 4 (IDC1nnnI to IDC4nnnI) and each of ours has a row.
EXAMINE finds damage that no statement makes: `test_examine.py` and the tests of `ksds.cluster.verify`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ksds import idcams
from ksds.datasets import DD, DataSetAttributes
from ksds.idcams import messages
from ksds.storage.device import FileDevice
from ksds.system import System
from tests.ksds.idcams.conftest import NOW, Console, is_message

FB80 = DataSetAttributes("FB", 80)
RECORDS = [f"{number:04}{'XY'[number % 2]}{'':75}".encode("cp037") for number in range(1, 7)]
THE_SYSTEM = """
DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80))
DEFINE CLUSTER(NAME(A.NEW) TRK(1 1) KEYS(4 0) RECSZ(80 80))
DEFINE CLUSTER(NAME(A.E) TRK(1 1) NONINDEXED RECSZ(10 80))
DEFINE CLUSTER(NAME(A.R) TRK(1 1) NUMBERED RECSZ(80 80))
DEFINE CLUSTER(NAME(A.L) TRK(1 1) LINEAR)
DEFINE CLUSTER(NAME(A.LONG) TRK(9 9) KEYS(4 0) SPANNED -
       RECSZ(40000 40000))
REPRO IFILE(CARDS) ODS(A.K)
REPRO IFILE(CARDS) ODS(A.R)
DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(1 4) RECSZ(20 200))
DEFINE AIX(NAME(A.U) RELATE(A.E) TRK(1 1) KEYS(2 1) -
       RECSZ(16 16) UNIQUEKEY)
DEFINE AIX(NAME(A.V) RELATE(A.K) TRK(1 1) KEYS(1 4) RECSZ(10 10) -
       NOUPGRADE)
BLDINDEX IDS(A.K) ODS(A.X)
DEFINE PATH(NAME(A.P) PATHENTRY(A.X))
DEFINE GDG(NAME(A.G) LIMIT(2))
DEFINE NONVSAM(NAME(A.G.G0001V00) DEVT(3390) VOL(VOL001))
DEFINE USERCATALOG(NAME(A.UCAT) VOL(VOL001) CYL(1))
DEFINE CLUSTER(NAME(A.LATER) TRK(1 1) FOR(9))
REPRO IFILE(CARDS) ODS(A.LIB(M))
REPRO IFILE(CARDS) ODS(A.LIB(N))
REPRO IFILE(SHORT) ODS(A.E)
EXPORT A.NEW ODS(A.PORT) TEMPORARY
"""


def card(text: str) -> bytes:
    return f"{text:80}".encode("cp037")


DDS = {
    "CARDS": DD(name="CARDS", instream=tuple(RECORDS)),
    "TWICE": DD(name="TWICE", instream=(RECORDS[0], RECORDS[0])),
    "BACK": DD(name="BACK", instream=(RECORDS[1], RECORDS[0])),
    "SEVEN": DD(name="SEVEN", instream=(card("0007X"),)),
    "SHORT": DD(name="SHORT", instream=(b"A", b"BBB", b"CBB")),
    "BOTH": DD(name="BOTH", data_sets=("A.SEQ", "A.K")),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("errors") / "nyc"
    with System.open(folder) as system:
        system.allocate("A.SEQ", FB80)
        system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
        system.allocate("A.PORT", DataSetAttributes("VB", 2044, 2048))
        result = idcams.run(system, [f" {line}" for line in THE_SYSTEM.split("\n")], dds=DDS, now=NOW)
        assert result.max_cc <= 4, [line for line in result.sysprint if is_message(line)]
    return folder


@pytest.fixture
def system(made: Path, tmp_path: Path):
    shutil.copytree(made, tmp_path / "nyc")
    with System.open(tmp_path / "nyc") as opened:
        yield opened


# the statement, the code of the step, lines of SYSPRINT that must be there
ROWS: list[tuple[str, int, tuple[str, ...]]] = [
    # -- the scanner ------------------------------------------------------------------------------------------------
    ("LISTCAT ENT(A.K),,NAME", 0, ("0IDC0206I IMPROPERLY PLACED COMMA HAS BEEN FOUND AND IGNORED",)),
    (
        "PRINT IDS(A.K) FROMKEY('0;')",
        0,
        ("0IDC0222I WARNING: COMMAND-END DELIMITER APPEARS WITHIN APOSTROPHES",),
    ),
    ("LISTCAT ENT(A.K) )", 0, ("0IDC0233I TOO MANY RIGHT PARENTHESES FOUND.  EXCESS IGNORED",)),
    (
        "LISTCAT ENT(A.K",
        0,
        ("0IDC0234I WARNING: TOO FEW RIGHT PARENTHESES FOUND AT END OF COMMAND",),
    ),
    ("DELETE A.K A.E", 12, ("0IDC3200I TOO MANY POSITIONAL PARAMETERS AFTER 'A.K'",)),
    ("LISTCAT ENT(A.K) OUTFILE(MUCHTOOLONG)", 12, ("0IDC3201I CONSTANT 'MUCHTOOLONG' EXCEEDS LENGTH LIMIT",)),
    (
        "LISTCAT ENT(1A)",
        12,
        (
            "0IDC3203I ITEM '1A' DOES NOT ADHERE TO RESTRICTIONS",
            "0IDC3202I ABOVE TEXT BYPASSED UNTIL NEXT COMMAND. CONDITION CODE IS 12",
        ),
    ),
    ("LISTCAT (A.K)", 12, ("0IDC3205I DELIMITER '(' IS NOT PROPERLY PRECEDED BY A CONSTANT OR KEYWORD",)),
    ("LISTCAT ENT A.K", 12, ("0IDC3208I LEFT PARENTHESIS MISSING FOLLOWING KEYWORD 'ENT'",)),
    ("DELETE A.LIB(M N)", 12, ("0IDC3209I RIGHT PARENTHESIS MISSING AFTER 'M'",)),
    (
        "IMPORT CONNECT OBJECTS((A.B) C)",
        12,
        ("0IDC3210I INVALID PARENTHESES FOR SPECIFYING REPEATED SUBPARAMETER LIST",),
    ),
    ("LISTCAT ENTR(A.K)", 12, ("0IDC3211I KEYWORD 'ENTR' IS IMPROPER",)),
    ("LISTCAT ALL(A.K)", 12, ("0IDC3212I INVALID LEFT PARENTHESIS AFTER 'ALL'",)),
    ("LISTCAT ENT(A.K) ENT(A.E)", 12, ("0IDC3213I KEYWORD 'ENT' APPEARS TOO OFTEN",)),
    ("PRINT IDS(A.K) FROMKEY(X'0')", 12, ("0IDC3214I HEX OR BINARY CONSTANT SPECIFIED IMPROPERLY",)),
    (
        "IF MAXCC = 4 THEN LISTCAT NONSENSE",
        0,
        ("0IDC3211I KEYWORD 'NONSENSE' IS IMPROPER", "0IDC3216I ABOVE TEXT BYPASSED UNTIL NEXT COMMAND"),
    ),
    ("IF MAXCC = 4 THEN LISTCAT", 0, ("0IDC0204I PRECEDING COMMAND BYPASSED DUE TO CONDITION CODES",)),
    ("PRINT IDS(A.K) COUNT(1/SECRET)", 12, ("0IDC3217I PASSWORD IMPROPER AFTER '1'",)),
    (
        "IMPORT CONNECT OBJECTS(" + "(A.B)-\n" * 256 + ")",
        12,
        ("0IDC3218I TOO MANY REPEATED SUBPARAMETER LISTS APPEAR",),
    ),
    ("LISTKAT", 12, ("0IDC3219I VERB NAME 'LISTKAT' UNKNOWN",)),
    ("PRINT IDS(A.K) COUNT(1A)", 12, ("0IDC3220I IMPROPER NUMERIC DIGIT FOUND IN '1A'",)),
    ("PRINT IDS(A.K) COUNT(0)", 12, ("0IDC3221I CONSTANT '0' NOT WITHIN VALUE RANGE",)),
    ("PRINT IDS(A.K A.E)", 12, ("0IDC3223I TOO MANY CONSTANTS IN LIST BEGINNING AT 'A.K'",)),
    ("PRINT CHARACTER", 12, ("0IDC3225I REQUIRED (SUB)PARAMETER OF 'PRINT' IS MISSING",)),
    ("PRINT IDS(A.K) SKIP(1) FROMKEY(1)", 12, ("0IDC3226I INCONSISTENT PARAMETERS INVOLVING 'FROMKEY'",)),
    # -- modal commands: nothing behind them is read ------------------------------------------------------------------
    (
        "ELSE",
        16,
        ("0IDC4227I AN 'ELSE' COMMAND APPEARS IMPROPERLY", "0IDC3207I REMAINDER OF COMMAND INPUT STREAM IGNORED"),
    ),
    ("END", 16, ("0IDC4228I AN 'END' COMMAND IS INVALID",)),
    ("IF MAXCC > X THEN", 16, ("0IDC4229I 'IF' COMMAND HAS INVALID RELATIONAL EXPRESSION",)),
    ("SET MAXCC 4", 16, ("0IDC4230I 'SET' COMMAND HAS INVALID ASSIGNMENT EXPRESSION",)),
    ("IF MAXCC = 0 LISTCAT", 16, ("0IDC4232I IMPROPER OR MISSING 'THEN' KEYWORD",)),
    ("LISTCAT -", 16, ("0IDC4236I INPUT STREAM END-OF-FILE FOUND BEFORE END OF COMMAND",)),
    ("IF MAXCC=0 THEN -\n" * 11 + "LISTCAT", 16, ("0IDC4237I TOO MANY LEVELS OF 'IF' COMMAND NESTING",)),
    (
        "PARM MARGINS(9 9)",
        4,
        ("0IDC1927I  INVALID 'MARGINS' VALUES SPECIFIED.  DEFAULT MARGINS ASSUMED",),
    ),
    ("DCOLLECT OFILE(X)", 12, ("0KSD301E COMMAND 'DCOLLECT' IS NOT SUPPORTED BY THIS VERSION",)),
    ("REPRO IDS(A.K) ODS(A.E) ENCIPHER", 12, ("0KSD302E PARAMETER 'ENCIPHER' IS NOT SUPPORTED BY THIS VERSION",)),
    # -- DEFINE -------------------------------------------------------------------------------------------------------
    (
        "DEFINE CLUSTER(NAME(A.K) TRK(1))",
        12,
        (
            "0IDC3013I DUPLICATE DATA SET NAME",
            " IDC3009I ** VSAM CATALOG RETURN CODE IS 8 - REASON CODE IS IGG0CLEH-38",
            "0IDC3003I FUNCTION TERMINATED. CONDITION CODE IS 12",
        ),
    ),
    (
        "DEFINE CLUSTER(NAME(B.K) MODEL(A.X))",
        12,
        ("0IDC3501I  MODEL ENTYPE IS NOT CONSISTENT WITH THE OBJECT BEING DEFINED",),
    ),
    ("DEFINE CLUSTER(NAME(B.K))", 12, ("0IDC3505I INCORRECT SPECIFICATION OF SPACE ALLOCATION",)),
    (
        "DEFINE CLUSTER(NAME(B.K) TRK(1) RECSZ(9 8))",
        12,
        ("0IDC3515I AVERAGE RECORD SIZE EXCEEDS MAXIMUM RECORD SIZE",),
    ),
    (
        "DEFINE CLUSTER(NAME(B.K) TRK(1) REUSE) INDEX(NOREUSE)",
        12,
        ("0IDC3519I REUSE ATTRIBUTE CONFLICT BETWEEN DATA AND INDEX",),
    ),
    (
        "DEFINE CLUSTER(NAME(B.R) TRK(1) NUMBERED SPANNED)",
        12,
        ("0IDC3521I SPANNED ATTRIBUTE INVALID FOR A RELATIVE RECORD DATA SET",),
    ),
    (
        "DEFINE CLUSTER(NAME(B.K) TRK(1) RECSZ(40000 40000))",
        12,
        ("0IDC3522I SPANNED ATTRIBUTE REQUIRED FOR RECORDSIZE GREATER THAN 32,761",),
    ),
    (
        "DEFINE GDG(NAME(A2345678.B2345678.C2345678.D2345678) LIMIT(1))",
        0,
        ("0IDC0001I FUNCTION COMPLETED, HIGHEST CONDITION CODE WAS 0",),
    ),
    (
        "DEFINE GDG(NAME(A2345678.B2345678.C2345678.D2345678.E) LIMIT(1))",
        12,
        ("0IDC3523I GENERATION DATA GROUP NAMES CANNOT EXCEED 35 CHARACTERS",),
    ),
    ("DEFINE PATH(NAME(B.P) PATHENTRY(A.SEQ))", 12, ("0IDC3014I CATALOG ERROR",)),
    # -- DELETE and ALTER ---------------------------------------------------------------------------------------------
    (
        "DELETE A.NO",
        8,
        (
            "0IDC3012I ENTRY A.NO NOT FOUND",
            " IDC3009I ** VSAM CATALOG RETURN CODE IS 8 - REASON CODE IS IGG0CLEG-42",
            " IDC0551I ** ENTRY A.NO NOT DELETED",
        ),
    ),
    ("DELETE A.G", 8, ("0IDC3014I CATALOG ERROR", " KSD304E ** A.G HAS 1 GENERATIONS, SAY FORCE OR RECOVERY")),
    ("DELETE A.LATER", 8, ("0IDC3014I CATALOG ERROR", " KSD304E ** A.LATER EXPIRES 2026.336")),
    ("DELETE A.K.DATA", 8, ("0IDC2552I ENTRY TYPE IS INVALID FOR DELETE",)),
    ("DELETE A.G ERASE", 8, ("0IDC2553I ERASE OPTION IS INVALID FOR ENTRY TYPE",)),
    ("DELETE A.X NOSCRATCH", 8, ("0IDC2557I SCRATCH NOT ALLOWED FOR TYPE OF OBJECT TO BE DELETED",)),
    ("DELETE A.*(M)", 8, ("0IDC2559I MEMBER CAN NOT BE SPECIFIED WITH A GENERIC NAME",)),
    ("DELETE A.*.*", 12, ("0IDC3568I A.*.* INVALID USE OF *",)),
    (
        "DELETE A.LIB(NO)",
        8,
        ("0IDC3302I  ACTION ERROR ON A.LIB", " IDC3330I ** NO       NOT FOUND", " IDC0548I ** MEMBER NO NOT DELETED"),
    ),
    ("DELETE A.UC* USERCATALOG MASK TEST", 0, ("0KSD307I ENTRY (U) A.UCAT WOULD BE DELETED",)),
    (
        "ALTER A.K FREESPACE(10)",
        12,
        ("0IDC3190I 'FREESPACE' PARAMETER INVALID WITH ENTRY TYPE", " IDC0532I **ENTRY A.K NOT ALTERED"),
    ),
    (
        "ALTER A.LIB(M) NEWNAME(B.LIB(M))",
        12,
        ("0IDC3527I ALTER WAS UNABLE TO LOCATE THE OBJECT TO BE MODIFIED", " IDC0534I **MEMBER M NOT RENAMED"),
    ),
    ("ALTER A.LIB(M) NEWNAME(A.LIB(N))", 8, (" IDC3331I ** N        ALREADY EXISTS",)),
    (
        "ALTER A.* NEWNAME(A2345678.B2345678.C2345678.D2345678.*)",
        12,
        ("0IDC3536I INVALID USE OF * WITH THE NEWNAME PARAMETER",),
    ),
    ("ALTER A.X UNIQUEKEY", 12, ("0IDC3538I THE ALTERNATE INDEX IS NOT EMPTY",)),
    (
        "ALTER A.K KEYS(5 0)",
        12,
        ("0IDC3539I KEYS CAN BE ALTERED ONLY FROM THE DEFAULT, AND ONLY WHILE THE DATA SET IS EMPTY",),
    ),
    (
        "ALTER A.K RECORDSIZE(70 70)",
        12,
        ("0IDC3545I RECORDSIZE CAN BE ALTERED ONLY FROM THE DEFAULT, AND ONLY WHILE THE DATA SET IS EMPTY",),
    ),
    # -- opening ------------------------------------------------------------------------------------------------------
    ("PRINT IFILE(NODD)", 12, ("0IDC3300I  ERROR OPENING NODD", " IDC3304I ** JCL STATEMENT MISSING")),
    ("REPRO IDS(A.K) OFILE(CARDS)", 12, ("0IDC3300I  ERROR OPENING CARDS", " IDC3305I ** CANNOT BE OPENED FOR OUTPUT")),
    ("VERIFY FILE(BOTH)", 12, ("0IDC3300I  ERROR OPENING BOTH", " IDC3318I ** INVALID DATA SET SPECIFICATION")),
    ("VERIFY DATASET(A.SEQ)", 12, ("0IDC3300I  ERROR OPENING A.SEQ", " IDC3322I ** DATA SET ORGANIZATION IS NOT VSAM")),
    ("PRINT IDS(A.LIB)", 12, ("0IDC3300I  ERROR OPENING A.LIB", " IDC3312I ** SYSTEM UNABLE TO OPEN")),
    (
        "PRINT IDS(A.NEW)",
        12,
        ("0IDC3300I  ERROR OPENING A.NEW", " IDC3351I ** VSAM OPEN RETURN CODE IS 160"),
    ),
    (
        "PRINT IDS(A.LONG)",
        12,
        ("0IDC3300I  ERROR OPENING A.LONG", " IDC3351I ** VSAM OPEN RETURN CODE IS 160"),
    ),
    (
        "REPRO IDS(A.K) ODS(A.LONG)",
        12,
        ("0IDC3300I  ERROR OPENING A.LONG", " IDC3315I ** RECORD SIZE GREATER THAN 32760 NOT SUPPORTED"),
    ),
    ("REPRO IDS(A.K) ODS(A.R) REUSE", 12, (" IDC3351I ** VSAM OPEN RETURN CODE IS 232",)),
    ("REPRO IDS(A.K) ODS(A.L)", 12, ("0IDC3582I INPUT DATA SET ORGANIZATION INCOMPATIBLE WITH OUTPUT DATA SET",)),
    ("PRINT IDS(A.K) FROMNUMBER(1)", 12, ("0IDC3583I 'FROMNUMBER' INCOMPATIBLE WITH INFILE DATA SET TYPE",)),
    # -- records ------------------------------------------------------------------------------------------------------
    (
        "PRINT IDS(A.K) FROMKEY(9999)",
        12,
        (
            "0IDC3302I  ACTION ERROR ON A.K",
            " IDC3351I ** VSAM I/O RETURN CODE IS 16",
            "0IDC3006I FUNCTION TERMINATED DUE TO BEGINNING POSITIONING ERROR",
        ),
    ),
    (
        "PRINT IDS(A.K) FROMKEY(00001)",
        12,
        (" IDC3310I ** KEY SUPPLIED IS LONGER THAN KEY LENGTH OF DATA SET",),
    ),
    ("REPRO IFILE(TWICE) ODS(A.NEW)", 8, (" IDC3308I ** DUPLICATE RECORD F0F0F0F1",)),
    ("REPRO IFILE(SHORT) ODS(A.NEW)", 8, (" IDC3309I ** RECORD 41 NOT WRITTEN.  LENGTH INVALID",)),
    ("REPRO IFILE(BACK) ODS(A.NEW)", 8, ("0IDC3314I RECORD F0F0F0F1 OUT OF SEQUENCE",)),
    ("REPRO IFILE(CARDS) ODS(A.K)", 12, ("0IDC31467I MAXIMUM ERROR LIMIT REACHED.",)),
    ("REPRO IFILE(SEVEN) ODS(A.P) REPLACE", 12, (" IDC3326I ** REPLACE INVALID FOR OUTPUT THROUGH A PATH",)),
    # -- LISTCAT ------------------------------------------------------------------------------------------------------
    ("LISTCAT ENT(A.NO)", 4, ("0IDC3012I ENTRY A.NO NOT FOUND",)),
    ("LISTCAT ENT(A.K) NONVSAM", 4, ("0IDC1565I A.K NOT A REQUESTED TYPE", " IDC1566I ** A.K NOT LISTED")),
    ("LISTCAT ALIAS EXPIRATION(9)", 4, ("0IDC1569I EXPIRATION PARAMETER DOES NOT APPLY TO ENTRY TYPE(S)",)),
    ("LISTCAT GDG VOLUME", 8, ("0IDC2563I ALLOCATION/VOLUME PARAMETER IS INVALID FOR ENTRY TYPE(S)",)),
    # -- alternate indexes --------------------------------------------------------------------------------------------
    (
        "BLDINDEX IDS(A.E) ODS(A.U)",
        4,
        (
            "0IDC1644I ALTERNATE INDEX KEY NOT IN BASE RECORD 0",
            "0IDC1645I NONUNIQUE AIX KEY 4242",
            "0IDC1653I A.U BUILT WITH ERRORS",
        ),
    ),
    ("BLDINDEX IDS(A.K) ODS(A.V)", 4, ("0IDC1646I 2 EXCESS PRIME KEY VALUES FOR AIX KEY E7",)),
    ("BLDINDEX IDS(A.K) ODS(A.U)", 12, ("0IDC2654I A.U WAS NOT BUILT",)),
    # -- the rest -----------------------------------------------------------------------------------------------------
    ("EXPORT A.P ODS(A.PORT)", 12, ("0KSD303E PATH A.P IS NEITHER A CLUSTER NOR AN ALTERNATE INDEX",)),
    (
        "DEFINE CLUSTER(NAME(B.K) TRK(1) KEYS(4 0) RECSZ(80 80))\n"
        "IMPORT IDS(A.PORT) ODS(B.K) -\nOBJECTS((A.NEW NEWNAME(B.K)))",
        12,
        ("0IDC3625I B.K IS EMPTY: INTOEMPTY WAS NOT SPECIFIED",),
    ),
    ("IMPORT IDS(A.SEQ) ODS(A.B)", 12, ("0IDC3300I  ERROR OPENING A.SEQ",)),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "code", "lines"), ROWS, ids=lambda value: str(value)[:40])
def test_an_error_has_its_message_and_code(system, statement, code, lines):
    result = Console(system).run(statement, **DDS)
    printed = [line for line in result.sysprint if is_message(line)]
    assert [line for line in lines if line not in printed] == [], printed
    assert result.max_cc == code
    assert result.sysprint[-1] == f"0IDC0002I IDCAMS PROCESSING COMPLETE. MAXIMUM CONDITION CODE WAS {code}"


def test_every_class_of_error_is_in_the_table():
    known = {number for number in messages.TEXTS if re.match(r"IDC[1-4]\d{3}I|IDC3\d{4}I|KSD30[1-4]E", number)}
    shown = {line[1:].split(" ")[0] for _, _, lines in ROWS for line in lines}
    elsewhere = {"IDC3317I", "IDC3327I", "IDC3529I", "IDC3643I"}  # below
    assert known - shown - elsewhere == set()


def test_a_request_that_the_upgrade_set_refuses(system):
    console = Console(system)
    console.run("ALTER A.V UNIQUEKEY UPGRADE\nDEFINE CLUSTER(NAME(A.K2) MODEL(A.K))", **DDS)
    console.run("DEFINE AIX(NAME(A.X2) RELATE(A.K2) MODEL(A.X) UNIQUEKEY)\nREPRO IFILE(SEVEN) ODS(A.K2)", **DDS)
    console.run("BLDINDEX IDS(A.K2) ODS(A.X2)", **DDS)
    printed = console.messages("REPRO IFILE(CARDS) ODS(A.K2) ERRORLIMIT(9)", **DDS)
    assert " IDC3327I ** DUPLICATE RECORD IN UPGRADE SET - BASE RECORD F0F0F0F2" in printed


def test_a_base_without_keys_is_named_by_address(system):
    printed = Console(system).run("BLDINDEX IDS(A.E) ODS(A.U)").sysprint
    assert printed[printed.index("0IDC1645I NONUNIQUE AIX KEY 4242") + 1] == f" {'':9}PRIME RBA IS 4"


def test_an_empty_base_has_nothing_to_build_from(system):
    printed = Console(system).messages("DEFINE AIX(NAME(A.Y) RELATE(A.NEW) MODEL(A.X))\nBLDINDEX IDS(A.NEW) ODS(A.Y)")
    assert "0IDC3643I A.NEW IS EMPTY" in printed and "0IDC2654I A.Y WAS NOT BUILT" in printed


def test_a_generic_name_that_would_become_too_long(system):
    system.allocate("A.B2345678.C", FB80)
    wanted = "A2345678.*.C2345678.D2345678.E2345678.F"
    result = Console(system).run(f"ALTER A.*.C NEWNAME({wanted})")
    assert result.max_cc == 12
    assert f"0IDC3529I {wanted.replace('*', 'B2345678')} IS LONGER THAN 44 CHARACTERS" in result.sysprint


def test_a_disk_that_cannot_be_read(system, monkeypatch):
    with system.sequential("A.SEQ", "w") as data_set:
        data_set.append(RECORDS)

    def fail(self: FileDevice, offset: int, length: int) -> bytes:
        raise OSError(5, "Input/output error")

    opened = System.sequential

    def then_fail(self: System, name: str, mode: str = "r"):
        data_set = opened(self, name, mode)
        monkeypatch.setattr(FileDevice, "read", fail)
        return data_set

    monkeypatch.setattr(System, "sequential", then_fail)
    printed = Console(system).messages("PRINT IDS(A.SEQ)")
    assert printed[:2] == ["0IDC3302I  ACTION ERROR ON A.SEQ", " IDC3317I ** PERMANENT I/O ERROR"]
    assert printed[-1].endswith("WAS 12")
