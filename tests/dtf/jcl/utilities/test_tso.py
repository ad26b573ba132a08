"""IKJEFT01 and its kin: the commands that batch jobs use, and what becomes of the others; SDSF in batch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.job_result import JobResult
from ksds.system import System
from tests.dtf.jcl.rules.decks import Seen, run_all
from tests.dtf.jcl.utilities.outputs import printed

Run = Callable[..., JobResult]
Put = Callable[..., None]


def tso(run: Run, *commands: str, program: str = "IKJEFT01") -> JobResult:
    return run(f"//T EXEC PGM={program}", "//SYSTSPRT DD SYSOUT=*", "//SYSTSIN DD *", *commands, "/*")


def test_tso_commands_make_list_and_delete(run: Run, system: System) -> None:
    result = tso(
        run,
        "ALLOC DA('A.LIB') NEW DIR(5) RECFM(F,B) LRECL(80) -",
        "  SPACE(1,1) TRACKS",
        "ALLOC DA(MINE) NEW",
        "LISTDS 'A.LIB' MEMBERS",
        "DELETE MINE",
    )
    assert "  FB    80    27920   PO" in printed(result, "SYSTSPRT"), printed(result, "SYSTSPRT")
    assert system.exists("A.LIB")
    assert system.exists("IBMUSER.MINE") is (result.condition_code != 0)


def test_a_command_that_nobody_knows_stops_1b_and_not_01(run: Run, system: System) -> None:
    lines = ("%MYREXX", "ALLOC DA('A.NEW') NEW")
    assert tso(run, *lines, program="IKJEFT1B").condition_code == 12
    assert not system.exists("A.NEW")
    result = tso(run, *lines)
    assert result.condition_code == 0
    assert "IKJ56500I COMMAND %MYREXX NOT FOUND" in printed(result, "SYSTSPRT")
    assert system.exists("A.NEW")
    assert tso(run, "LISTDS 'NO.SUCH'").condition_code == 12
    assert tso(run, "ALLOC DA('NO.SUCH') SHR").condition_code == 12


@pytest.mark.parametrize(
    "command",
    [
        "ALLOC DA('A.B') NEW LRECL(X)",
        "ALLOC DA('A.B') NEW LIKE('NOT.THERE')",
        "ALLOC DA('A..B') NEW",
        "ALLOC DA('A.B') NEW COLOUR(RED)",
        "ALLOC DA('A.B') NEW RECFM(Q)",
        "LISTDS 'A.B(",
        "LISTDS",
        "RENAME 'A' 'B' 'C'",
        "RENAME 'A(M)' 'A(N)'",
        "CALL",
        "SUBMIT",
        "SUBMIT 'NO.SUCH'",
        "WHEN SYSRC(XX 4) END",
        "DELETE 'NO.SUCH'",
    ],
)
def test_what_is_wrong_with_a_command_is_a_line_and_a_code(run: Run, system: System, command: str) -> None:
    result = tso(run, command)
    assert result.condition_code in (8, 12)
    assert len(printed(result, "SYSTSPRT")) > 2
    assert not system.exists("A.B")


def test_allocate_like_another(run: Run, system: System, put: Put) -> None:
    put("A.MODEL(M)", "X", lrecl=120)
    assert (
        tso(run, "ALLOC DA('A.B') LIKE('A.MODEL') NEW", "ALLOC DA('A.C') LIKE('A.B') LRECL(60) NEW").condition_code == 0
    )
    shapes = [system.entry(name).attributes for name in ("A.B", "A.C")]  # type: ignore[union-attr]
    assert [(shape.dsorg, shape.lrecl) for shape in shapes] == [("PO", 120), ("PO", 60)]


def test_a_ddname_that_allocate_gives_is_there_for_the_commands_behind_it(run: Run, system: System, put: Put) -> None:
    put("A.IN", "ONE")
    result = tso(
        run,
        "ALLOC FI(IN) DA('A.IN') SHR REU",
        "ALLOC F(OUT) DA(COPY) NEW LIKE('A.IN') SPACE(1,1) TRACKS",
        "ALLOC F(SYSPRINT) DA(*)",
        "REPRO INFILE(IN) OUTFILE(OUT)",
        "LISTALC",
    )
    assert result.condition_code == 0, printed(result, "SYSTSPRT")
    assert list(system.records("IBMUSER.COPY")) == list(system.records("A.IN"))
    assert "IBMUSER.COPY".ljust(45) + "OUT" in printed(result, "SYSTSPRT")


# --- programs under TSO -----------------------------------------------------------------------------------


def session(system: System, *commands: str, dds: tuple[str, ...] = ()) -> Seen:
    dds = ("//SYSTSPRT DD SYSOUT=*", "//SYSPRINT DD SYSOUT=*", *dds)
    return run_all(system, "//J JOB", "//T EXEC PGM=IKJEFT01", *dds, "//SYSTSIN DD *", *commands, "/*")[0]


@pytest.mark.parametrize(
    "command",
    [
        "CALL 'A.LOAD(SHOW)' 'IT''S'",
        "call *(show) 'IT''S'",
        "DSN SYSTEM(DB2P)\n  RUN PROGRAM(SHOW) PLAN(P) -\n  LIB('A.LOAD') PARMS('IT''S')\n  END",
    ],
)
def test_a_program_is_called_with_its_parm_and_the_dds_of_the_step(system: System, command: str) -> None:
    seen = session(system, *command.split("\n"), dds=("//IN DD *", "DATA", "/*"))
    assert seen.codes == "T=0000"
    assert seen.printed() == ["IT'S", "DATA"]


def test_the_code_of_the_last_command_counts_and_when_asks_for_it(system: System) -> None:
    assert session(system, "CALL *(RC8)").codes == "T=0008"
    assert session(system, "CALL *(RC8)", "CALL *(RC4)").codes == "T=0004"
    assert session(system, "CALL *(RC8)", "WHEN SYSRC(GE 8) END", "CALL *(RC0)").codes == "T=0008"
    assert session(system, "CALL *(RC4)", "WHEN SYSRC(GE 8) END", "CALL *(RC0)").codes == "T=0000"
    assert session(system, "DSN SYSTEM(D)", "RUN PROGRAM(RC8) PLAN(P)", "END").codes == "T=0008"


def test_db2_itself_and_unknown_programs_are_not_there(system: System) -> None:
    seen = session(system, "DSN SYSTEM(D)", "BIND PLAN(P)")
    assert seen.codes == "T=0012"
    assert "DTX483E DSN SUBCOMMAND BIND" in "".join(seen.printed("SYSTSPRT"))
    unknown = session(system, "CALL *(NOWHERE)")
    assert unknown.codes == "T=0012"
    assert "CSV003I REQUESTED MODULE NOWHERE  NOT FOUND" in unknown.printed("SYSTSPRT")


def test_rename_listalc_and_submit(system: System, put: Put) -> None:
    put("A.OLD", "X")
    put("A.LIB(ONE)", "X")
    put("A.JCL(JOB)", "//K JOB", "//S EXEC PGM=RC4")
    commands = ("RENAME 'A.OLD' 'A.NEW'", "RENAME 'A.LIB(ONE)' 'A.LIB(TWO)'", "LISTALC", "SUBMIT 'A.JCL(JOB)'")
    deck = ("//T EXEC PGM=IKJEFT01", "//SYSTSPRT DD SYSOUT=*", "//IN DD DSN=A.LIB,DISP=SHR", "//SYSTSIN DD *")
    first, second = run_all(system, "//J JOB", *deck, *commands)
    assert first.codes == "T=0000"
    assert system.exists("A.NEW") and not system.exists("A.OLD")
    with system.library("A.LIB") as library:
        assert [member.name for member in library.members()] == ["TWO"]
    assert f"{'A.LIB':<44} IN" in first.printed("SYSTSPRT")
    assert (second.result.name, second.codes) == ("K", "S=0004")


# --- SDSF -------------------------------------------------------------------------------------------------


def test_sdsf_lists_jobs_and_says_what_it_does_not_do(system: System) -> None:
    for name in ("PAY1", "PAY2", "OTHER"):
        run_all(system, f"//{name} JOB", "//S EXEC PGM=RC4")
    lines = ("//ISFOUT DD SYSOUT=*", "//ISFIN DD *", "PREFIX PAY*", "ST", "/*")
    [seen] = run_all(system, "//J JOB", "//S EXEC PGM=SDSF", *lines)
    assert seen.codes == "S=0000"
    assert [line.split() for line in seen.printed("ISFOUT")[2:]] == [
        ["PAY1", "JOB00001", "CC", "0004"],
        ["PAY2", "JOB00002", "CC", "0004"],
    ]
    [refused] = run_all(system, "//J JOB", "//S EXEC PGM=SDSF", "//ISFOUT DD SYSOUT=*", "//ISFIN DD *", "/D T", "END")
    assert refused.codes == "S=0004"
    assert refused.printed("ISFOUT") == [" DTX482W COMMAND /D T NOT CARRIED OUT"]


def test_what_allocate_names_is_a_dd_for_commands_and_programs_until_it_is_freed(
    run: Run, put: Put, lines_of: Callable[[str], list[str]]
) -> None:
    put("A.IN", "B", "A")
    put("A.CTL", " SORT FIELDS=(1,1,CH,A)")
    result = tso(
        run,
        "ALLOC F(SORTIN) DA('A.IN') SHR REUSE",
        "ALLOC DD(SORTOUT) DSN('A.OUT') NEW CATALOG TRACKS SPACE(1 1) LRECL(80) -",
        "  RECFM(F B) DSORG(PS)",
        "ALLOC F(SYSIN) DA('A.CTL') SHR",
        "ALLOC F(SYSOUT) DA(*)",
        "CALL *(SORT)",
        "REPRO INFILE(SORTOUT) OUTDATASET('A.COPY')",
        "FREE FI(SORTIN,SYSIN)",
        "REPRO INFILE(SORTIN) OUTDATASET('A.COPY')",
    )
    assert lines_of("A.OUT") == ["A", "B"]
    said = printed(result, "SYSTSPRT")
    assert any(line.startswith("ICE052I") for line in said)
    assert result.condition_code == 12
    assert any("IDC3300I" in line for line in said)


def test_send_and_status(run: Run) -> None:
    result = tso(run, "SEND 'IT''S DONE' USER(OPER1) LOGON", "STATUS")
    assert result.condition_code == 0
    assert any("DTX486I OPER1: IT'S DONE" in line for line in result.spool.message_log.printed())
    assert tso(run, "SEND HELLO").condition_code == 12
