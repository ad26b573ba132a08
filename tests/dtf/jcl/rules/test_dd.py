"""Rules of jcl.md, sections 8 and 9: DD and DISP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dtf.jcl.job import DdKind, Disposition, SpaceRequest, UnixPath
from dtf.jcl.unix_files import UnixFiles
from ksds.system import System
from tests.dtf.jcl.rules.decks import STEP, Seen, dd, ids, job, names

See = Callable[..., Seen]
Put = Callable[..., None]
SHOW, PRINT = "//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*"


# --- 8. DD --------------------------------------------------------------------------------------------------


def test_8_a_blank_ddname_is_concatenated_to_the_one_above() -> None:
    """8: //ddname DD parameters"""
    assert names(STEP, "//A DD DSN=X,DISP=SHR", "// DD DSN=Y,DISP=SHR", "//B DD DUMMY") == {"A": ["X", "Y"], "B": [""]}
    assert ids(STEP, "//NAMEOF009 DD DUMMY") == ["IEFC662I"]
    assert job(STEP, "//NOPROC.DD1 DD DUMMY").steps[0].dds[0].name == "DD1"


@pytest.mark.parametrize("name", ["SYSABEND", "SYSUDUMP", "SYSMDUMP", "STEPLIB", "STEPCAT", "SYSCKEOV"])
def test_8_special_names(name: str, see: See) -> None:
    """8: //ddname DD parameters"""
    assert see(STEP, f"//{name} DD SYSOUT=*").codes == "S=0000"


@pytest.mark.parametrize("name", ["JESJCL", "JESMSGLG", "JESYSMSG"])
def test_8_names_of_jes2(name: str) -> None:
    """8: //ddname DD parameters"""
    assert ids(STEP, f"//{name} DD SYSOUT=*") == ["DTX409E"]


@pytest.mark.parametrize("operands", ["DSN=&&T,DISP=(,PASS)", "UNIT=SYSDA,DISP=(,PASS)", "DSN=&T,DISP=(,PASS)"])
def test_8_1_temporary_data_sets_live_for_the_job(operands: str, see: See, system: System) -> None:
    """8.1: &&NAME, or no DSN at all
    8.1: &NAME | symbol if NAME has a value"""
    seen = see("//A EXEC PGM=WRITE,PARM=HELLO", f"//OUT DD {operands}", SHOW, PRINT, "//IN DD DSN=*.A.OUT,DISP=OLD")
    assert seen.printed() == ["HELLO"]
    assert system.entries("SYS26327.**") == []


def test_8_1_one_ampersand_is_a_symbol_if_it_has_a_value() -> None:
    """8.1: &NAME | symbol if NAME has a value"""
    part = dd("// SET T=A.B", "//D DD DSN=&T,DISP=SHR")
    assert (part.kind, part.data_set) == (DdKind.DATA_SET, "A.B")


def test_8_1_references_to_an_earlier_dd(see: See, system: System, put: Put) -> None:
    """8.1: *.dd, *.step.dd, *.step.proc.dd
    8.1: Referback with *.: DSN, and from the earlier DD
    8.3: Backward reference to a concatenation sees the first"""
    put("A.ONE", "ONE")
    put("A.TWO", "TWO")
    procedure = ("//P PROC", "//B EXEC PGM=IEFBR14", "//X DD DSN=A.TWO,DISP=SHR", "// PEND", "//C EXEC P")
    first = ("//A EXEC PGM=IEFBR14", "//X DD DSN=A.ONE,DISP=SHR", "//  DD DSN=A.TWO,DISP=SHR")
    for reference, text in (("*.A.X", "ONE"), ("*.C.B.X", "TWO")):
        assert see(*first, *procedure, SHOW, PRINT, f"//IN DD DSN={reference},DISP=SHR").printed() == [text]
    assert names(STEP, "//X DD DSN=A.ONE,DISP=SHR", "//Y DD DSN=*.X,DISP=SHR") == {"X": ["A.ONE"], "Y": ["A.ONE"]}
    library = ("//X DD DSN=A.LIB(M),DISP=SHR", "//Y DD DSN=*.X,DISP=SHR")
    assert [part.member for d in job(STEP, *library).steps[0].dds for part in d.parts] == ["M", "M"]


@pytest.mark.parametrize(
    ("space", "request_"),
    [
        ("(TRK,0)", SpaceRequest("TRK", 0, 0)),
        ("(TRK,20,,CONTIG)", SpaceRequest("TRK", 20, 0)),
        ("(CYL,(1,2,3),RLSE,MXIG,ROUND)", SpaceRequest("CYL", 1, 2, 3)),
        ("(,(,,5))", SpaceRequest("TRK", 0, 0, 5)),
        ("(ABSTR,(10,20))", SpaceRequest("ABSTR", 10, 0)),
        ("(800,(5,1))", SpaceRequest("800", 5, 1)),
    ],
)
def test_8_2_forms_of_space(space: str, request_: SpaceRequest) -> None:
    """8.2: SPACE=(TRK / CYL"""
    assert dd(f"//D DD DSN=A,DISP=(,CATLG),SPACE={space}").space == request_


def test_8_2_avgrec_goes_with_record_lengths_only() -> None:
    """8.2: AVGREC=U/K/M"""
    assert ids(STEP, "//D DD DSN=A,DISP=(,CATLG),SPACE=(80,(5,1)),AVGREC=K") == []
    assert ids(STEP, "//D DD DSN=A,DISP=(,CATLG),SPACE=(TRK,(5,1)),AVGREC=K") == ["DTX412E"]
    assert ids(STEP, "//D DD DSN=A,DISP=(,CATLG),SPACE=(80,(5,1)),AVGREC=X") == ["DTX419E"]


def test_8_2_dummy_reads_nothing_and_ends_a_concatenation(see: See, put: Put) -> None:
    """8.2: DUMMY | reads give end of file"""
    put("A.ONE", "ONE")
    one, dummy = "DSN=A.ONE,DISP=SHR", "DUMMY,DSN=NOT.THERE,DISP=SHR"
    assert see(SHOW, PRINT, f"//IN DD {dummy}").printed() == []
    assert see(SHOW, PRINT, f"//IN DD {one}", f"// DD {dummy}", f"// DD {one}").printed() == ["ONE"]
    assert see("//W EXEC PGM=WRITE,PARM=X", "//OUT DD DUMMY").codes == "W=0000"


def test_8_2_path_names_a_unix_file(see: See, tmp_path: Path) -> None:
    """8.2: PATH=, PATHOPTS="""
    (tmp_path / "in.txt").write_text("one\ntwo\n")
    unix = UnixFiles({"/u/pay": tmp_path})
    read = (SHOW, PRINT, "//IN DD PATH='/u/pay/in.txt',PATHOPTS=(ORDONLY),", "// PATHDISP=(KEEP,DELETE),FILEDATA=TEXT")
    assert see(*read, unix=unix).printed() == ["one", "two"]
    assert see("//A EXEC PGM=XS0C7", *read[2:], unix=unix).codes == "A=S0C7"
    assert not (tmp_path / "in.txt").exists()
    assert ids(STEP, "//D DD PATH='/u/x',PATHDISP=(CATLG)") == ["DTX419E"]
    assert dd("//D DD PATH='/u/x',PATHDISP=DELETE").unix == UnixPath("/u/x", normal="DELETE", abnormal="DELETE")
    assert dd("//D DD PATH='/u/x'").unix == UnixPath("/u/x")
    assert ids(STEP, "//D DD PATH='/u/x',PATHMODE=(SIRWXU,RWX)") == ["DTX419E"]


def test_8_2_ddname_waits_for_a_later_dd(see: See, put: Put) -> None:
    """8.2: DDNAME=x | postpone to later DD x"""
    put("A.ONE", "ONE")
    lines = (SHOW, PRINT, "//IN DD DDNAME=LATER", "//LATER DD *", "TEXT")
    assert see(*lines).printed() == ["TEXT"]
    tail = (SHOW, PRINT, "//IN DD DDNAME=L", "//B DD DUMMY", "//L DD *", "TEXT", "// DD DSN=A.ONE,DISP=SHR")
    assert {name: len(dds) for name, dds in names(*tail).items()} == {"SYSPRINT": 1, "IN": 1, "B": 2}


# --- 8.3 Concatenation --------------------------------------------------------------------------------------


def test_8_3_order_is_kept_and_output_is_refused(see: See, put: Put) -> None:
    """8.3: Input only; order kept"""
    put("A.ONE", "ONE")
    put("A.TWO", "TWO")
    both = ("DSN=A.TWO,DISP=SHR", "//  DD DSN=A.ONE,DISP=SHR")
    assert see(SHOW, PRINT, f"//IN DD {both[0]}", both[1]).printed() == ["TWO", "ONE"]
    assert see("//W EXEC PGM=WRITE", f"//OUT DD {both[0]}", both[1]).codes == "W=0012"


def test_8_3_the_first_library_that_has_the_member_wins(see: See, put: Put) -> None:
    """8.3: Types: partitioned (PDS/PDSE/directories"""
    put("A.LIB1(ONLY1)", "1")
    put("A.LIB2(BOTH)", "2")
    put("A.LIB3(BOTH)", "3")
    lines = ("//C EXEC PGM=IEBUPDTE,PARM=MOD", "//SYSPRINT DD SYSOUT=*", "//SYSUT1 DD DSN=A.LIB1,DISP=SHR")
    assert see(*lines, "//SYSUT2 DD DSN=A.LIB1,DISP=OLD", "//SYSIN DD *", "./ REPRO NAME=ONLY1").codes == "C=0000"
    copy = ("//C EXEC PGM=IEBCOPY", PRINT, "//SYSUT1 DD DSN=A.LIB1,DISP=SHR", "//  DD DSN=A.LIB2,DISP=SHR")
    out = ("//  DD DSN=A.LIB3,DISP=SHR", "//SYSUT2 DD DSN=A.OUT,DISP=(,CATLG),DCB=(RECFM=FB,LRECL=80,DSORG=PO)")
    assert see(*copy, *out).codes == "C=0000"
    show = (SHOW, PRINT, "//IN DD DSN=A.OUT(ONLY1),DISP=SHR", "//  DD DSN=A.OUT(BOTH),DISP=SHR")
    assert see(*show).printed() == ["1", "2"]


def test_8_3_the_first_dd_gives_the_attributes(see: See, put: Put, system: System) -> None:
    """8.3: "In general most logical attributes of the first"""
    put("A.ONE", "ONE")
    put("A.TWO", "TWO")
    copy = ("//C EXEC PGM=IEBGENER", PRINT, "//SYSIN DD DUMMY", "//SYSUT1 DD DSN=A.ONE,DISP=SHR")
    assert see(*copy, "//  DD DSN=A.TWO,DISP=SHR", "//SYSUT2 DD DSN=A.BOTH,DISP=(,CATLG)").codes == "C=0000"
    assert system.entry("A.BOTH").attributes.lrecl == 80  # type: ignore[union-attr]


def test_8_3_one_overriding_dd_for_each_member(see: See, put: Put) -> None:
    """8.3: To override one member of a concatenation
    10.1: Concatenation override: see 8.3"""
    for name in ("A.ONE", "A.TWO", "A.NEW"):
        put(name, name)
    procedure = ("//P PROC", SHOW, PRINT, "//IN DD DSN=A.ONE,DISP=SHR", "//  DD DSN=A.TWO,DISP=SHR", "// PEND")
    second = ("//T EXEC P", "//S.IN DD", "//     DD DSN=A.NEW,DISP=SHR")
    assert see(*procedure, *second).printed() == ["A.ONE", "A.NEW"]
    first = ("//T EXEC P", "//S.IN DD DSN=A.NEW,DISP=SHR")
    assert see(*procedure, *first).printed() == ["A.NEW", "A.TWO"]


# --- 9. DISP ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coded", "found", "filled"),
    [
        (None, False, ("NEW", "DELETE", "DELETE")),
        ("(,CATLG)", False, ("NEW", "CATLG", "CATLG")),
        ("OLD", True, ("OLD", "KEEP", "KEEP")),
        ("(,PASS)", False, ("NEW", "PASS", "DELETE")),
        ("(OLD,PASS)", True, ("OLD", "PASS", "KEEP")),
        ("MOD", False, ("NEW", "DELETE", "DELETE")),
        ("(MOD,CATLG)", True, ("MOD", "CATLG", "CATLG")),
    ],
)
def test_9_defaults(coded: str | None, found: bool, filled: tuple[str, str, str]) -> None:
    """9: Defaults: no DISP = (NEW,DELETE,DELETE)"""
    part = dd("//D DD DSN=A" + (f",DISP={coded}" if coded else ""))
    assert part.disposition.filled(found=found) == Disposition(*filled)


@pytest.mark.parametrize("coded", ["SHR", "(,CATLG)", "(OLD,,DELETE)", "(SHR)", "SHARE", "(NEW,CATLG,DELETE)"])
def test_9_spelling(coded: str) -> None:
    """9: Spelling: DISP=SHR"""
    assert ids(STEP, f"//D DD DSN=A,DISP={coded}") == []
    assert ids(STEP, "//D DD DSN=A,DISP=CATLG") == ["DTX417E"]


def test_9_only_an_abend_is_abnormal(see: See, system: System) -> None:
    """9: Which third column is used"""
    made = "//D DD DSN=A.B,DISP=(NEW,CATLG,DELETE)"
    assert see("//A EXEC PGM=XS0C7", made).fates == ["A.B DELETED"]
    assert see("//A EXEC PGM=RC16", made).fates == ["A.B CATALOGED"]


def test_9_mod_adds_at_the_end_or_makes(see: See, put: Put, lines_of: Callable[[str], list[str]]) -> None:
    """9: MOD | exists"""
    for text in ("ONE", "TWO"):
        see(f"//A EXEC PGM=WRITE,PARM={text}", "//OUT DD DSN=A.B,DISP=(MOD,CATLG),", "// DCB=(RECFM=FB,LRECL=80)")
    assert lines_of("A.B") == ["ONE", "TWO"]
    idiom = (STEP, "//D DD DSN=A.{},DISP=(MOD,DELETE,DELETE),SPACE=(TRK,0)")
    assert see(idiom[0], idiom[1].format("B")).fates == ["A.B DELETED"]
    assert see(idiom[0], idiom[1].format("C")).fates == ["A.C DELETED"]


def test_9_keep_of_a_new_data_set_catalogs_it(see: See, system: System) -> None:
    """9: KEEP | keep, catalog unchanged"""
    assert see(STEP, "//D DD DSN=A.B,DISP=(NEW,KEEP)").fates == ["A.B KEPT"]
    assert system.exists("A.B")


def test_9_what_is_passed(see: See, system: System, put: Put) -> None:
    """9: PASS chain: each receiving DD"""
    put("A.OLD", "X")
    lines = (STEP, "//N DD DSN=A.NEW,DISP=(NEW,PASS)", "//O DD DSN=A.OLD,DISP=(OLD,PASS)")
    assert see(*lines).fates[2:] == ["A.NEW DELETED", "A.OLD KEPT"]
    taken = see(*lines[:2], "//T EXEC PGM=IEFBR14", "//N DD DSN=A.NEW,DISP=(OLD,CATLG)")
    assert taken.fates == ["A.NEW PASSED", "A.NEW CATALOGED"]
    system.delete("A.NEW")
    assert see("//T EXEC PGM=XS0C7", lines[1]).fates == ["A.NEW DELETED"]
