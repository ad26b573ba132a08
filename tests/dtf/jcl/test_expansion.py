"""Procedures, INCLUDE, JCLLIB, symbols and overrides: what JCL becomes before it is converted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dtf.jcl.cards import read_cards
from dtf.jcl.converter import ConvertedJob, convert
from dtf.jcl.job import DdKind, DdPart, Job
from dtf.jcl.member_search import Member
from dtf.jcl.statements import read_jobs


class Shelf:
    """Members by (library, name); library "" is the system's own."""

    def __init__(self, members: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self._members = members

    def find(self, member: str, order: Sequence[str]) -> Member | None:
        for library in (*order, ""):
            lines = self._members.get((library, member))
            if lines is not None:
                return Member(member, library or "PROCLIB", read_cards("\n".join(lines)))
        return None


def converted(*lines: str, members: Mapping[tuple[str, str], Sequence[str]] | None = None) -> ConvertedJob:
    [deck] = read_jobs(read_cards("\n".join(("//J JOB", *lines))))
    return convert(deck, libraries=Shelf(members or {}))


def job(*lines: str, members: Mapping[tuple[str, str], Sequence[str]] | None = None) -> Job:
    result = converted(*lines, members=members)
    assert result.job is not None, [str(note) for note in result.diagnostics]
    return result.job


def errors(*lines: str, members: Mapping[tuple[str, str], Sequence[str]] | None = None) -> list[tuple[str, int]]:
    found = converted(*lines, members=members).diagnostics
    return [(note.message_id, note.statement) for note in found if note.is_error]


def parts(job: Job) -> dict[str, list[DdPart]]:
    """STEP/DD -> its parts."""
    return {f"{step.label}/{dd.name}": list(dd.parts) for step in job.steps for dd in step.dds}


COPY = ("//COPY PROC HLQ=PROD,OUT=", "//READ EXEC PGM=IEBGENER", "//SYSUT1 DD DSN=&HLQ..IN&OUT,DISP=SHR", "// PEND")


def test_an_in_stream_procedure_is_put_in_where_it_is_called() -> None:
    result = job(*COPY, "//S EXEC COPY")
    [step] = result.steps
    assert (step.name, step.procstep, step.program, step.label) == ("S", "READ", "IEBGENER", "S.READ")
    assert parts(result)["S.READ/SYSUT1"][0].data_set == "PROD.IN"


def test_the_listing_shows_where_each_statement_comes_from() -> None:
    result = converted(*COPY, "//S EXEC COPY,HLQ=TEST", "//READ.SYSUT1 DD DISP=OLD", "//READ.NEW DD DUMMY")
    shown = [(s.number, s.origin, s.operation) for s in result.statements][1:]
    assert shown == [
        *[(2, "//", "PROC"), (3, "//", "EXEC"), (4, "//", "DD"), (5, "//", "PEND")],
        *[(6, "//", "EXEC"), (7, "++", "PROC"), (8, "++", "EXEC"), (9, "//", "DD"), (0, "+/", "DD"), (10, "//", "DD")],
    ]
    assert [str(note) for note in result.diagnostics] == [
        "IEFC001I PROCEDURE COPY WAS EXPANDED USING INSTREAM PROCEDURE DEFINITION"
    ]


def test_a_catalogued_procedure_comes_from_the_first_library_that_has_it() -> None:
    members = {
        ("A.LIB", "P"): ["//ANY PROC", "//X EXEC PGM=FROMA"],
        ("B.LIB", "P"): ["//X EXEC PGM=FROMB"],
        ("", "P"): ["//X EXEC PGM=SYSTEM"],
    }
    calls = ("// JCLLIB ORDER=(A.LIB,B.LIB)", "//S EXEC PROC=P")
    assert job(*calls, members=members).steps[0].program == "FROMA"
    del members["A.LIB", "P"]
    result = converted(*calls, members=members)
    assert result.job is not None
    assert result.job.steps[0].program == "FROMB"
    assert result.statements[-1].origin == "XX"
    assert "PRIVATE LIBRARY B.LIB" in str(result.diagnostics[0])
    assert job("//S EXEC P", members=members).steps[0].program == "SYSTEM"


def test_a_procedure_that_is_not_there_is_an_error() -> None:
    assert errors("//S EXEC NOSUCH") == [("IEFC612I", 2)]


def test_exec_value_beats_proc_default_beats_set() -> None:
    def program(*lines: str) -> str:
        return job(*lines, "//X EXEC PGM=&A", "// PEND", "//S EXEC P").steps[0].program

    assert program("// SET A=SET", "//P PROC A=DEFAULT") == "DEFAULT"
    assert program("// SET A=SET", "//P PROC") == "SET"
    lines = ("// SET A=SET", "//P PROC A=DEFAULT", "//X EXEC PGM=&A", "// PEND", "//S EXEC P,A=EXEC,A=SECOND")
    assert job(*lines, "//T EXEC PGM=&A").steps[0].program == "EXEC"
    assert job(*lines, "//T EXEC PGM=&A").steps[1].program == "SET"


def test_a_later_set_holds_from_where_it_stands_and_a_null_value_is_empty() -> None:
    result = job(*COPY, "//S EXEC COPY,OUT=", "// SET HLQ=LATER", "//T EXEC COPY,OUT='.X'")
    assert [p[0].data_set for p in parts(result).values()] == ["PROD.IN", "PROD.IN.X"]


NESTED = (
    *("//INNER PROC A=INNERDEF", "//X EXEC PGM=&A", "// PEND"),
    *("//NODEF PROC", "//X EXEC PGM=&A", "// PEND"),
    *("//OUTER PROC A=OUTERDEF", "//C1 EXEC INNER", "//C2 EXEC INNER,A=&A", "//C3 EXEC NODEF", "// PEND"),
)


def test_a_nested_procedure_prefers_its_own_default_and_inherits_what_it_does_not_define() -> None:
    result = job(*NESTED, "//S EXEC OUTER")
    assert [(step.name, step.program) for step in result.steps] == [
        ("C1", "INNERDEF"),
        ("C2", "OUTERDEF"),
        ("C3", "OUTERDEF"),
    ]


def test_a_symbol_that_nothing_uses_is_an_error_for_exec_and_proc_and_none_for_set() -> None:
    assert errors("// SET A=1", "//P PROC B=2", "//X EXEC PGM=Y", "// PEND", "//S EXEC P,C=3") == [
        ("IEFC657I", 6),
        ("IEFC657I", 6),
    ]


def test_procedures_that_call_themselves_end() -> None:
    assert ("DTX439E", 17) in errors("//S EXEC P", members={("", "P"): ["//X EXEC P"]})
    doubling = {("", f"P{n}"): [f"//A EXEC P{n + 1}", f"//B EXEC P{n + 1}"] for n in range(20)}
    assert "DTX439E" in [code for code, _ in errors("//S EXEC P0", members=doubling)]


def test_include_groups_that_include_each_other_end() -> None:
    ring = {("", "A"): ["// INCLUDE MEMBER=B", "// INCLUDE MEMBER=B"], ("", "B"): ["// INCLUDE MEMBER=A"] * 9}
    codes = [code for code, _ in errors("// INCLUDE MEMBER=A", "//S EXEC PGM=X", members=ring)]
    assert "DTX439E" in codes or "DTX436E" in codes


# --- EXEC overrides -------------------------------------------------------------------------------------

TWO_STEPS = (
    *("//P PROC", "//A EXEC PGM=ONE,PARM='A',COND=(4,LT)", "//D DD DSN=A.D,DISP=SHR"),
    *("//B EXEC PGM=TWO,PARM='B',COND=(4,LT,A)", "//D DD DSN=B.D,DISP=SHR", "// PEND"),
)


def test_parm_without_a_step_goes_to_the_first_and_nulls_the_others() -> None:
    assert [step.parameter for step in job(*TWO_STEPS, "//S EXEC P,PARM='NEW'").steps] == ["NEW", ""]
    assert [step.parameter for step in job(*TWO_STEPS, "//S EXEC P,PARM.B='NEW'").steps] == ["A", "NEW"]


def test_cond_without_a_step_goes_to_every_step_and_cond_with_nothing_takes_it_away() -> None:
    def tests(keyword: str) -> list[list[str]]:
        return [
            [str(test) for test in step.conditions.tests] for step in job(*TWO_STEPS, f"//S EXEC P,{keyword}").steps
        ]

    assert tests("COND=(0,NE)") == [["(0,NE)"], ["(0,NE)"]]
    assert tests("COND.A=") == [[], ["(4,LT,S.A)"]]
    assert tests("COND.B=EVEN") == [["(4,LT)"], []]


def test_a_condition_in_a_procedure_names_steps_of_the_same_call() -> None:
    result = job(*TWO_STEPS, "//S EXEC P", "//T EXEC P", "//U EXEC PGM=X,COND=(8,LT,T.B)")
    assert [test.step for step in result.steps for test in step.conditions.tests] == [None, "S.A", None, "T.A", "T.B"]


def test_an_override_for_a_step_that_the_procedure_lacks_is_an_error() -> None:
    assert errors(*TWO_STEPS, "//S EXEC P,PARM.NO=X") == [("DTX441E", 8)]
    assert errors(*TWO_STEPS, "//S EXEC P", "//NO.D DD DUMMY")[0][0] == "DTX441E"


# --- DD overrides ---------------------------------------------------------------------------------------


def test_an_override_merges_keyword_by_keyword_and_dcb_by_subparameter() -> None:
    result = job(
        "//P PROC",
        "//A EXEC PGM=X",
        "//D DD DSN=A.D,DISP=(NEW,CATLG),UNIT=SYSDA,",
        "//     DCB=(RECFM=FB,LRECL=80,BLKSIZE=800)",
        "// PEND",
        "//S EXEC P",
        "//A.D DD DSN=NEW.NAME,UNIT=,DCB=(LRECL=100,BLKSIZE=1000)",
    )
    [part] = parts(result)["S.A/D"]
    assert (part.data_set, part.disposition.normal) == ("NEW.NAME", "CATLG")
    assert (part.dcb.recfm, part.dcb.lrecl, part.dcb.blksize) == ("FB", 100, 1000)


def test_what_displaces_what() -> None:
    base = {"X": "DSN=A.D,DISP=SHR", "Y": "DUMMY,DCB=(LRECL=80,RECFM=F)", "Z": "SYSOUT=A", "W": "DDNAME=IN"}

    def merged(dd: str, override: str) -> DdPart:
        lines = ("//P PROC", "//A EXEC PGM=X", f"//{dd} DD {base[dd]}", "// PEND", "//S EXEC P")
        return parts(job(*lines, f"//A.{dd} DD {override}", *(["DATA"] if override == "*" else [])))[f"S.A/{dd}"][0]

    assert merged("X", "SYSOUT=*").kind is DdKind.SYSOUT
    assert merged("X", "DUMMY").kind is DdKind.DUMMY
    assert merged("X", "*").records == ("DATA",)
    assert merged("Y", "DSN=B.D,DISP=SHR").kind is DdKind.DATA_SET
    assert merged("Y", "DSN=NULLFILE").kind is DdKind.DUMMY
    assert merged("Y", "BLKSIZE=80").kind is DdKind.DUMMY
    assert merged("Z", "DSN=B.D,DISP=SHR").kind is DdKind.DATA_SET
    assert merged("W", "DSN=B.D,DISP=SHR").data_set == "B.D"


def test_dds_are_added_and_ddname_in_the_procedure_receives_them() -> None:
    result = job(
        *("//P PROC", "//A EXEC PGM=X", "//SYSIN DD DDNAME=CARDS", "// PEND"),
        *("//S EXEC P", "//A.CARDS DD *", "ONE", "/*", "//A.MORE DD DSN=M,DISP=SHR", "// DD DSN=N,DISP=SHR"),
    )
    assert parts(result)["S.A/SYSIN"][0].records == ("ONE",)
    assert [part.data_set for part in parts(result)["S.A/MORE"]] == ["M", "N"]


def test_an_unqualified_override_goes_to_the_step_named_last_or_the_first() -> None:
    result = job(*TWO_STEPS, "//S EXEC P", "//D DD DSN=X.A,DISP=SHR", "//B.D DD DSN=X.B,DISP=SHR", "//E DD DUMMY")
    assert {name: found[0].data_set for name, found in parts(result).items()} == {
        "S.A/D": "X.A",
        "S.B/D": "X.B",
        "S.B/E": "",
    }


def test_overrides_may_come_in_any_order_of_steps() -> None:
    result = job(*TWO_STEPS, "//S EXEC P", "//B.D DD DSN=X.B,DISP=SHR", "//A.D DD DSN=X.A,DISP=SHR")
    assert [found[0].data_set for found in parts(result).values()] == ["X.A", "X.B"]


def test_one_member_of_a_concatenation_is_overridden_by_its_place() -> None:
    procedure = ("//P PROC", "//A EXEC PGM=X", "//D DD DSN=ONE,DISP=SHR", "// DD DSN=TWO,DISP=SHR", "// PEND")

    def names(*override: str) -> list[str]:
        return [part.data_set for part in parts(job(*procedure, "//S EXEC P", *override))["S.A/D"]]

    assert names("//A.D DD DSN=NEW,DISP=SHR") == ["NEW", "TWO"]
    assert names("//A.D DD", "// DD DSN=NEW") == ["ONE", "NEW"]
    assert names("//A.D DD", "// DD", "// DD DSN=THREE,DISP=SHR") == ["ONE", "TWO", "THREE"]


def test_overrides_do_not_reach_steps_of_a_procedure_that_the_procedure_calls() -> None:
    assert errors(*NESTED, "//S EXEC OUTER", "//C1.D DD DUMMY")[0][0] == "DTX442E"


def test_symbols_of_an_override_are_those_of_the_caller() -> None:
    result = job("// SET HLQ=CALLER", *COPY, "//S EXEC COPY", "//READ.SYSUT1 DD DSN=&HLQ..X")
    assert parts(result)["S.READ/SYSUT1"][0].data_set == "CALLER.X"


# --- INCLUDE and JCLLIB ---------------------------------------------------------------------------------


def test_an_include_group_stands_in_place_of_its_statement_and_its_sets_stay_in_force() -> None:
    members = {("", "DDS"): ["//IN DD DSN=&Q..IN,DISP=SHR", "// SET Q=AFTER"], ("", "VARS"): ["// SET Q=BEFORE"]}
    result = job(
        "// INCLUDE MEMBER=VARS", "//S EXEC PGM=X", "// INCLUDE MEMBER=DDS", "//E DD DSN=&Q,DISP=SHR", members=members
    )
    assert [found[0].data_set for found in parts(result).values()] == ["BEFORE.IN", "AFTER"]


def test_an_include_group_may_call_a_procedure_and_may_hold_in_stream_data() -> None:
    members = {("", "STEPS"): ["//S EXEC P", "//T EXEC PGM=X", "//D DD *", "ONE", "/*"], ("", "P"): ["//A EXEC PGM=Y"]}
    result = job("// INCLUDE MEMBER=STEPS", members=members)
    assert [step.label for step in result.steps] == ["S.A", "T"]
    assert parts(result)["T/D"][0].records == ("ONE",)


def test_an_error_in_a_member_names_the_member_and_its_line() -> None:
    result = converted("//S EXEC P", members={("", "P"): ["//* COMMENT", "//A EXEC PGM=X,FOO=1"]})
    [error] = [note for note in result.diagnostics if note.is_error]
    assert (error.message_id, error.statement, error.where) == ("IEFC630I", 3, "MEMBER P LINE 2 COLUMN 16")


def test_a_member_holds_no_job_and_no_jcllib() -> None:
    members = {("", "P"): ["//A EXEC PGM=X", "//K JOB", "// JCLLIB ORDER=A.B"]}
    assert errors("//S EXEC P", members=members) == [("DTX434E", 4), ("DTX434E", 5)]


def test_sets_and_syntax_errors_in_a_branch_not_taken_count_all_the_same() -> None:
    lines = ("// IF RC = 99 THEN", "// SET A=INSIDE", "//S EXEC PGM=X", "// ENDIF", "//T EXEC PGM=&A")
    assert job(*lines).steps[1].program == "INSIDE"
    assert errors("// IF RC = 99 THEN", "//S EXEC PGM=X,FOO=1", "// ENDIF") == [("IEFC630I", 3)]
