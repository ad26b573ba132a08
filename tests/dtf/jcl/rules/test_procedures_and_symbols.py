"""Rules of jcl.md, sections 10 to 12: procedures, INCLUDE, JCLLIB; symbols; generations in a job."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.rules.decks import STEP, Seen, converted, ids, job, names, parameter, run_all

See = Callable[..., Seen]
Put = Callable[..., None]
SHOW, PRINT = "//S EXEC PGM=SHOW", "//SYSPRINT DD SYSOUT=*"
PROCEDURE = (
    "//P PROC",
    "//A EXEC PGM=IEFBR14",
    "//D DD DSN=OLD.A,DISP=SHR,DCB=(RECFM=FB,LRECL=80)",
    "//B EXEC PGM=IEFBR14",
    "//D DD DUMMY,DISP=SHR",
    "// PEND",
    "//S EXEC P",
)


# --- 10. Procedures, INCLUDE, JCLLIB ------------------------------------------------------------------------


def test_10_an_in_stream_procedure_stands_before_its_call() -> None:
    """10: In-stream: //NAME PROC"""
    procedure = ("//P PROC X=1", "//A EXEC PGM=IEFBR14,PARM=&X", "// PEND")
    assert [step.parameter for step in job(*procedure, "//S EXEC P").steps] == ["1"]
    assert "IEFC612I" in ids("//S EXEC P", *procedure)


def test_10_where_procedures_are_looked_for(system: System, put: Put) -> None:
    """10: Search order for EXEC proc"""
    for library, text in (("A.LIB1", "ONE"), ("A.LIB2", "TWO"), ("SYS1.PROCLIB", "SYSTEM")):
        put(f"{library}(P)", f"//A EXEC PGM=SHOW,PARM={text}", PRINT)
    put("A.LIB2(Q)", "//A EXEC PGM=SHOW,PARM=LAST", PRINT)

    def found(*lines: str) -> list[str]:
        [seen] = run_all(system, "//J JOB", *lines)
        return seen.printed()

    order = "// JCLLIB ORDER=(A.LIB1,A.LIB2)"
    instream = ("//P PROC", "//A EXEC PGM=SHOW,PARM=HERE", PRINT, "// PEND")
    assert found(order, *instream, "//S EXEC P") == ["HERE"]
    assert found(order, "//S EXEC P", "//T EXEC Q") == ["ONE", "LAST"]
    assert found("// JCLLIB ORDER=(A.LIB2,A.LIB1)", "//S EXEC P") == ["TWO"]
    assert found("//S EXEC P") == ["SYSTEM"]


def test_10_jcllib_stands_once_and_early() -> None:
    """10: JCLLIB: once per job"""
    assert ids("// JCLLIB ORDER='A.B'", STEP) == []
    assert ids("// JCLLIB ORDER=A.B", "// JCLLIB ORDER=A.C", STEP) == ["DTX437E"]
    assert ids(STEP, "// JCLLIB ORDER=A.B") == ["DTX437E"]
    for wrong in ("&&T", "A.B(M)", "A.B(+1)"):
        assert ids(f"// JCLLIB ORDER={wrong}", STEP) == ["DTX437E"], wrong
    for count, found in ((15, []), (16, ["DTX437E"])):
        assert ids(f"// JCLLIB ORDER=({','.join(f'A{n}' for n in range(count))})", STEP) == found


def test_10_proclib_on_jcllib_is_warned_about() -> None:
    """10: PROCLIB=ddname on JCLLIB"""
    assert ids("// JCLLIB PROCLIB=PROC01", STEP) == ["DTX459W"]


def test_10_include(system: System, put: Put) -> None:
    """10: INCLUDE MEMBER=name: after JCLLIB"""
    put("A.INC(SETS)", "// SET A=INSIDE")
    put("A.INC(CALL)", "// INCLUDE MEMBER=SETS", "//T EXEC P")
    put("A.INC(P)", "//S EXEC PGM=SHOW,PARM=&A", PRINT)
    put("A.INC(BADJOB)", "//X JOB")
    put("A.INC(BADLIB)", "// JCLLIB ORDER=A.B")
    put("A.INC(BADPROC)", "//X PROC", "//A EXEC PGM=IEFBR14", "// PEND")
    [seen] = run_all(system, "//J JOB", "// JCLLIB ORDER=A.INC", "// INCLUDE MEMBER=CALL")
    assert seen.printed() == ["INSIDE"]
    for member in ("BADJOB", "BADLIB", "BADPROC"):
        [seen] = run_all(system, "//J JOB", "// JCLLIB ORDER=A.INC", f"// INCLUDE MEMBER={member}", STEP)
        assert seen.result.status == "JCL ERROR", member
    [seen] = run_all(system, "//J JOB", "// INCLUDE MEMBER=SETS", "// JCLLIB ORDER=A.INC", STEP)
    assert "DTX437E" in seen and "IEFC612I" in seen


def test_10_include_nests_to_15(system: System, put: Put) -> None:
    """10: INCLUDE MEMBER=name: after JCLLIB"""
    for number in range(1, 17):
        put(f"A.INC(M{number})", f"// INCLUDE MEMBER=M{number + 1}" if number < 16 else STEP)
    for first, status in ((2, "CC 0000"), (1, "JCL ERROR")):
        [seen] = run_all(system, "//J JOB", "// JCLLIB ORDER=A.INC", f"// INCLUDE MEMBER=M{first}")
        assert seen.result.status == status


def test_10_procedures_nest_to_15_and_overrides_reach_the_first() -> None:
    """10: Procedures nest (EXEC proc inside a proc)"""
    chain: list[str] = ["//P1 PROC", "//S1 EXEC PGM=IEFBR14", "// PEND"]
    for number in range(2, 17):
        chain += [f"//P{number} PROC", f"//S{number} EXEC P{number - 1}", "// PEND"]
    assert "DTX439E" not in ids(*chain, "//S EXEC P15")
    assert "DTX439E" in ids(*chain, "//S EXEC P16")
    assert "DTX442E" in ids(*chain, "//S EXEC P2", "//S2.D DD DUMMY")


# --- 10.1 Overrides -----------------------------------------------------------------------------------------


def overridden(*lines: str) -> list[tuple[str, str, int | None]]:
    """Kind, data set and LRECL of D in each step of the procedure."""
    parts = [dd.parts[0] for step in job(*PROCEDURE, *lines).steps for dd in step.dds if dd.name == "D"]
    return [(part.kind.value, part.data_set, part.dcb.lrecl) for part in parts]


def test_10_1_what_is_coded_replaces_and_the_rest_stays() -> None:
    """10.1: //procstep.dd DD"""
    assert overridden("//A.D DD DSN=NEW.A")[0] == ("data set", "NEW.A", 80)
    assert overridden("//A.D DD DCB=LRECL=100")[0] == ("data set", "OLD.A", 100)
    assert overridden("//A.D DD SYSOUT=*")[0] == ("sysout", "", 80)
    assert overridden("//A.D DD DUMMY")[0][0] == "dummy"
    nulled = job(*PROCEDURE, "//A.D DD DISP=").steps[0].dds[0].parts[0]
    assert nulled.disposition.filled(found=False).status == "NEW"


def test_10_1_what_takes_a_dummy_away() -> None:
    """10.1: Coding DSN= (not NULLFILE) or SYSOUT="""
    assert overridden("//B.D DD DSN=A.B")[1][0] == "data set"
    assert overridden("//B.D DD SYSOUT=*")[1][0] == "sysout"
    assert overridden("//B.D DD *", "X")[1][0] == "in-stream data"
    assert overridden("//B.D DD DSN=NULLFILE")[1][0] == "dummy"


def test_10_1_a_dd_that_is_not_there_is_added() -> None:
    """10.1: If dd does not exist it is added"""
    assert [dd.name for dd in job(*PROCEDURE, "//B.NEW DD DUMMY").steps[1].dds] == ["D", "NEW"]


def test_10_1_unqualified_names_belong_to_the_step_named_last_or_the_first() -> None:
    """10.1: Unqualified names apply to the step"""
    assert [dd.name for dd in job(*PROCEDURE, "//X DD DUMMY").steps[0].dds] == ["D", "X"]
    assert [dd.name for dd in job(*PROCEDURE, "//B.X DD DUMMY", "//Y DD DUMMY").steps[1].dds] == ["D", "X", "Y"]


def test_10_1_any_order_is_accepted() -> None:
    """10.1: Order: per procedure step in step order"""
    both = ("//B.D DD DSN=NEW.B", "//A.X DD DUMMY", "//A.D DD DSN=NEW.A")
    assert [found[1] for found in overridden(*both)] == ["NEW.A", "NEW.B"]


# --- 11. Symbols --------------------------------------------------------------------------------------------


def test_11_names_and_values() -> None:
    """11: &NAME, 1-8 characters"""
    assert parameter("// SET ABCDEFGH=X", "//S EXEC PGM=X,PARM=&ABCDEFGH") == "X"
    assert ids("// SET ABCDEFGHI=X", STEP) == ["DTX403E"]
    first, more = "// SET A='".ljust(71, "A"), "//".ljust(15) + "A" * 56
    for last, found in ((26, []), (27, ["DTX403E"])):
        assert ids(first, more, more, more, "//".ljust(15) + "A" * last + "'", STEP) == found


@pytest.mark.parametrize(
    ("text", "result"),
    [("&A.B", "VB"), ("&A..LIB", "V.LIB"), ("&A(M)", "V(M)"), ("&A-B", "V-B"), ("X&A", "XV"), ("&A.(+1)", "V(+1)")],
)
def test_11_where_a_name_ends(text: str, result: str) -> None:
    """11: End of a symbol name
    11: Period required when the fixed text begins"""
    assert parameter("// SET A=V", f"//S EXEC PGM=X,PARM='{text}'") == result


def test_11_exec_beats_proc_beats_set() -> None:
    """11: Precedence at a use"""
    procedure = ("// SET A=1", "//P PROC A=2", "//X EXEC PGM=X,PARM=&A", "// PEND")
    steps = job(*procedure, "//S EXEC P,A=3", "//T EXEC P", "//U EXEC PGM=X,PARM=&A", "// SET A=4").steps
    assert [step.parameter for step in steps] == ["3", "2", "1"]


def test_11_a_value_of_exec_lasts_for_its_procedure() -> None:
    """11: A value given on EXEC lasts"""
    inner = ("//Q PROC", "//X EXEC PGM=X,PARM=&A", "// PEND")
    outer = ("//P PROC", "//Y EXEC Q", "//Z EXEC PGM=X,PARM=&A", "// PEND")
    lines = ("// SET A=SET", *inner, *outer, "//S EXEC P,A=CALL", "//T EXEC PGM=X,PARM=&A")
    assert [step.parameter for step in job(*lines).steps] == ["CALL", "CALL", "SET"]


def test_11_nested_procedures() -> None:
    """11: Nested: inner PROC default beats"""
    inner = ("//Q PROC A=IN", "//X EXEC PGM=X,PARM=&A", "// PEND")
    outer = ("//P PROC A=OUT", "//Y EXEC Q", "//Z EXEC Q,A=&A..2", "// PEND")
    assert [step.parameter for step in job(*inner, *outer, "//S EXEC P").steps] == ["IN", "OUT.2"]


def test_11_the_first_of_two_values_counts() -> None:
    """11: Duplicate assignments of one symbol"""
    procedure = ("//P PROC", "//X EXEC PGM=X,PARM=&A", "// PEND")
    assert job(*procedure, "//S EXEC P,A=1,A=2").steps[0].parameter == "1"


def test_11_null_values() -> None:
    """11: SYM= (nothing) nullifies"""
    step = ("// SET N=", "//S EXEC PGM=X,PARM='A&N.B'", "//D DD DSN=A.B,&N,DISP=SHR", "//E DD DSN=A.C,DISP=SHR,&N")
    [found] = job(*step).steps
    assert found.parameter == "AB"
    assert [dd.parts[0].disposition.status for dd in found.dds] == ["SHR", "SHR"]


def test_11_values_with_special_characters() -> None:
    """11: Values with special characters"""
    assert names("// SET D='A.B,DISP=SHR'", STEP, "//D DD DSN=&D") == {"D": ["A.B"]}
    part = job("// SET S=(CYL,(1,2))", STEP, "//D DD DSN=A,DISP=(,CATLG),SPACE=&S").steps[0].dds[0].parts[0]
    assert part.space is not None and (part.space.primary, part.space.secondary) == (1, 2)


def test_11_all_symbols_of_a_record_at_once_and_no_second_scan() -> None:
    """11: All symbols on a record resolve"""
    assert parameter("// SET A='&B',B=X", "//S EXEC PGM=X,PARM='&A'") == "&B"
    assert parameter("// SET A=X", "// SET B=&A", "// SET A=Y", "//S EXEC PGM=X,PARM='&B'") == "X"


def test_11_inside_apostrophes() -> None:
    """11: Inside apostrophes symbols are replaced only"""
    lines = ("// SET A=V", "//S EXEC PGM=X,PARM='&A &&A',ACCT='&A'", "//D DD DSN='X.&A',DISP=SHR,AMP=('BUFND=&A')")
    result = converted(*lines, "//E DD DSN=&A'.&A',DISP=SHR")
    assert list(result.substitutions.values()) == [
        "PGM=X,PARM='V &&A',ACCT='V'",
        "DSN='X.&A',DISP=SHR,AMP=('BUFND=V')",
        "DSN=V'.V',DISP=SHR",
    ]
    assert result.job is None


def test_11_symbols_do_not_make_names_or_operations() -> None:
    """11: Not allowed to change identifier"""
    assert ids("// SET A=STEP", "//&A EXEC PGM=IEFBR14") == ["IEFC662I"]
    assert "IEFC605I" in ids("// SET A=EXEC", "//S &A PGM=IEFBR14")
    assert "DTX444W" in ids("//P PROC REGION=1M", STEP, "// PEND", "//T EXEC P,REGION=2M")


def test_11_system_symbols(see: See) -> None:
    """11: System symbols (&SYSNAME"""
    show = (f"{SHOW},", "// PARM='&SYSNAME &SYSNAME(1:2)X &SYSNAME(-1:1) &LYYMMDD &SYSR1'", PRINT)
    assert see(*show).printed() == ["NYC NYX C 261123 VOL001"]
    assert see("// SET SYSNAME=MINE", *show).printed() == ["MINE MINE(1:2)X MINE(-1:1) 261123 VOL001"]


def test_11_a_symbol_that_nothing_used() -> None:
    """11: Symbol left unused"""
    procedure = ("//P PROC", "//X EXEC PGM=X", "// PEND")
    assert ids(*procedure, "//S EXEC P,A=1") == ["IEFC001I", "IEFC657I"]
    assert ids("// SET A=1", STEP) == []


# --- 12. Generations ----------------------------------------------------------------------------------------


@pytest.fixture
def group(system: System) -> System:
    [seen] = run_all(
        system, "//J JOB", "//D EXEC PGM=IDCAMS", PRINT, "//SYSIN DD *", " DEFINE GDG (NAME(A.G) LIMIT(5) SCRATCH)"
    )
    assert seen.codes == "D=0000"
    return system


MAKE = ("DISP=(NEW,CATLG,DELETE),DCB=(RECFM=FB,LRECL=80)",)


def make(number: str, text: str, step: str = "W") -> tuple[str, str]:
    return f"//{step} EXEC PGM=WRITE,PARM={text}", f"//OUT DD DSN=A.G({number}),{MAKE[0]}"


def test_12_a_relative_number_is_an_absolute_name(group: System, see: See) -> None:
    """12: Relative number"""
    assert see(*make("+1", "A")).fates == ["A.G.G0001V00 CATALOGED"]
    assert see(*make("+3", "B")).fates == ["A.G.G0004V00 CATALOGED"]


def test_12_the_anchor_does_not_move_within_a_job(group: System, see: See) -> None:
    """12: Within one job the anchor does not move
    12: Next job sees it as (0)
    12: The relative number is resolved from the base"""
    see(*make("+1", "OLD"))
    read = (SHOW, PRINT, "//IN DD DSN=A.G(+1),DISP=SHR", "//  DD DSN=A.G(0),DISP=SHR")
    assert see(*make("+1", "NEW"), *read).printed() == ["NEW", "OLD"]
    assert see(SHOW, PRINT, "//IN DD DSN=A.G(0),DISP=SHR").printed() == ["NEW"]
    assert see(*make("+1", "ONE"), *make("+2", "TWO", "V")).fates == [
        "A.G.G0003V00 CATALOGED",
        "A.G.G0004V00 CATALOGED",
    ]


def test_12_what_was_not_cataloged_stays_out(group: System, see: See) -> None:
    """12: Next job sees it as (0)"""
    see(*make("+1", "A"))
    keep = ("//W EXEC PGM=WRITE,PARM=B", "//OUT DD DSN=A.G(+1),DISP=(NEW,KEEP),DCB=(RECFM=FB,LRECL=80)")
    assert see(*keep).codes == "W=0000"
    assert see(SHOW, PRINT, "//IN DD DSN=A.G(0),DISP=SHR").printed() == ["A"]


def test_12_a_cluster_is_no_generation(group: System, see: See) -> None:
    """12: A VSAM data set cannot be a generation"""
    seen = see(STEP, "//D DD DSN=A.G(+1),DISP=(NEW,CATLG),RECORG=KS,KEYLEN=5,LRECL=80")
    assert seen.result.status == "JCL ERROR"
    assert [entry.name for entry in group.entries("A.G.**")] == ["A.G"]


def test_12_the_group_must_be_there(see: See, system: System) -> None:
    """12: IDCAMS DEFINE GENERATIONDATAGROUP must come before"""
    assert see(*make("+1", "A")).result.status == "JCL ERROR"
    define = ("//D EXEC PGM=IDCAMS", PRINT, "//SYSIN DD *", " DEFINE GDG (NAME(A.G) LIMIT(5))")
    assert see(*define, *make("+1", "A")).codes == "D=0000 W=0000"
    system.allocate("A.MODEL", DataSetAttributes("FB", 80))
    lines = ("//W EXEC PGM=WRITE,PARM=X", "//OUT DD DSN=A.G(+1),DISP=(NEW,CATLG),DCB=A.MODEL")
    assert see(*lines).codes == "W=0000"
