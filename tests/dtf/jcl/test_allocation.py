"""Libraries, members, generations and clusters as DDs of a job."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from dtf.jcl.job_result import JobResult
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import stub
from dtf.jcl.runner import Replay
from ksds.catalog.entries import GdgEntry
from ksds.datasets import DataSetAttributes
from ksds.system import System

PRINT_NOTHING = ("//SYSPRINT DD DUMMY", "//SYSIN DD DUMMY")


def run(system: System, *lines: str) -> JobResult:
    programs = {**PROGRAMS, "RC0": stub(0), "RC8": stub(8)}
    replay = Replay(system=system, programs=programs, clock=lambda: datetime(2026, 11, 23, 5, 7, 9))
    [result] = replay.run("\n".join(("//J JOB MSGLEVEL=(1,1)", *lines)))
    return result


def copy(name: str, to: str, *records: str) -> tuple[str, ...]:
    """A step that writes records to a DD."""
    return (f"//{name} EXEC PGM=IEBGENER", *PRINT_NOTHING, f"//SYSUT2 DD {to}", "//SYSUT1 DD *", *records, "/*")


def lines_of(system: System, name: str) -> list[str]:
    return [record.decode("cp037").rstrip() for record in system.records(name)]


def messages(result: JobResult) -> list[str]:
    return [line[1:] for line in result.spool.messages.lines]


# --- libraries ----------------------------------------------------------------------------------------------


def test_a_library_is_made_filled_and_read_by_member(system: System) -> None:
    result = run(
        system,
        *("//A EXEC PGM=IEFBR14", "//L DD DSN=A.LIB,DISP=(,CATLG),SPACE=(TRK,(1,1,5)),RECFM=FB,LRECL=80"),
        *copy("B", "DSN=A.LIB(ONE),DISP=SHR", "FIRST"),
        *copy("C", "DSN=A.LIB(TWO),DISP=OLD", "SECOND"),
        *("//D EXEC PGM=IEBGENER", *PRINT_NOTHING, "//SYSUT1 DD DSN=A.LIB(TWO),DISP=SHR"),
        *("// DD DSN=A.LIB(ONE),DISP=SHR", "//SYSUT2 DD DSN=A.BOTH,DISP=(,CATLG)"),
    )
    assert result.condition_code == 0, messages(result)
    with system.library("A.LIB") as library:
        assert [member.name for member in library.members()] == ["ONE", "TWO"]
    assert lines_of(system, "A.BOTH") == ["SECOND", "FIRST"]


def test_a_new_library_with_its_first_member_and_a_temporary_one(system: System) -> None:
    result = run(
        system,
        *copy("A", "DSN=&&LIB(X),DISP=(,PASS),SPACE=(TRK,(1,1,1))", "HELLO"),
        *("//B EXEC PGM=IEBGENER", *PRINT_NOTHING, "//SYSUT1 DD DSN=&&LIB(X),DISP=(OLD,DELETE)"),
        *("//SYSUT2 DD DSN=A.LIB(Y),DISP=(,CATLG),DSNTYPE=LIBRARY",),
    )
    assert result.condition_code == 0, messages(result)
    assert lines_of(system, "A.LIB(Y)") == ["HELLO"]
    assert [entry.name for entry in system.entries()] == ["A.LIB"]


def test_a_member_that_is_not_there_is_abend_s013_18(system: System) -> None:
    run(system, "//A EXEC PGM=IEFBR14", "//L DD DSN=A.LIB,DISP=(,CATLG),DSORG=PO,RECFM=FB,LRECL=80")
    step = ("//A EXEC PGM=IEBGENER", *PRINT_NOTHING, "//SYSUT1 DD DSN=A.LIB(NO),DISP=SHR", "//SYSUT2 DD SYSOUT=*")
    result = run(system, *step)
    assert result.status == "ABEND S013"
    assert "IEF472I J A - COMPLETION CODE - SYSTEM=013 USER=0000 REASON=00000018" in messages(result)


@pytest.mark.parametrize("program", ["IEBGENER", "SORT"])
def test_a_data_set_whose_file_is_gone_is_abend_s213_04(system: System, tmp_path: Path, program: str) -> None:
    system.allocate("A.GONE", DataSetAttributes("FB", 80))
    for file in (tmp_path / "nyc" / "volumes" / "VOL001").glob("A.GONE*"):
        file.unlink()
    inputs = (f"//{name} DD DSN=A.GONE,DISP=SHR" for name in ("SYSUT1", "SORTIN"))
    outputs = (f"//{name} DD SYSOUT=*" for name in ("SYSUT2", "SORTOUT", "SYSOUT", "SYSPRINT"))
    control = () if program == "IEBGENER" else (" SORT FIELDS=COPY",)
    result = run(system, f"//A EXEC PGM={program}", *inputs, *outputs, "//SYSIN DD *", *control)
    assert result.status == "ABEND S213", messages(result)


def test_a_procedure_from_a_library_of_the_system(system: System) -> None:
    attributes = DataSetAttributes("FB", 80, dsorg="PO")
    system.allocate("MY.PROCLIB", attributes)
    run(system, *copy("A", "DSN=MY.PROCLIB(P),DISP=SHR", "X"))
    assert lines_of(system, "MY.PROCLIB(P)") == ["X"]


# --- generations --------------------------------------------------------------------------------------------


def group(system: System, limit: int = 2) -> None:
    system.generations.define(GdgEntry(name="A.LOG", limit=limit, scratch=True))


NEW = "DSN=A.LOG(+1),DISP=(,CATLG,DELETE),RECFM=FB,LRECL=80"


def test_plus_one_is_one_data_set_for_the_whole_job_and_zero_stays_what_it_was(system: System) -> None:
    group(system)
    run(system, *copy("A", NEW, "OLD"))
    result = run(
        system,
        *copy("A", NEW, "NEW"),
        *("//B EXEC PGM=IEBGENER", *PRINT_NOTHING, "//SYSUT2 DD DSN=A.SEEN,DISP=(,CATLG)"),
        *("//SYSUT1 DD DSN=A.LOG(+1),DISP=SHR", "// DD DSN=A.LOG(0),DISP=SHR"),
    )
    assert result.condition_code == 0, messages(result)
    assert lines_of(system, "A.SEEN") == ["NEW", "OLD"]
    assert lines_of(system, "A.LOG.G0002V00") == ["NEW"]
    assert "IEF285I   A.LOG.G0002V00                               CATALOGED" in messages(result)


def test_attributes_of_a_generation_serve_another_dd(system: System) -> None:
    group(system)
    lines = (*copy("A", NEW, "X"), "//B EXEC PGM=RC0", "//IN DD DSN=A.LOG(+1),DISP=SHR")
    assert run(system, *lines, "//OUT DD DSN=A.LIKE,DISP=(,CATLG),DCB=(*.IN)").condition_code == 0
    with system.sequential("A.LIKE") as data_set:
        assert (data_set.attributes.recfm, data_set.attributes.lrecl) == ("FB", 80)


def test_the_oldest_generation_rolls_off_beyond_the_limit(system: System) -> None:
    group(system)
    for text in ("ONE", "TWO", "THREE"):
        result = run(system, *copy("A", NEW, text))
    assert "IEF285I   A.LOG.G0001V00                               DELETED" in messages(result)
    assert not system.exists("A.LOG.G0001V00")
    assert [event.status for event in result.data_sets] == ["CATALOGED", "DELETED"]


def test_the_group_by_its_name_is_all_generations_newest_first(system: System) -> None:
    group(system)
    for text in ("ONE", "TWO"):
        run(system, *copy("A", NEW, text))
    lines = (
        "//A EXEC PGM=IEBGENER",
        *PRINT_NOTHING,
        "//SYSUT1 DD DSN=A.LOG,DISP=SHR",
        "//SYSUT2 DD DSN=A.ALL,DISP=(,CATLG)",
    )
    assert run(system, *lines).condition_code == 0
    assert lines_of(system, "A.ALL") == ["TWO", "ONE"]


def test_an_abend_deletes_the_new_generation_and_its_number_is_used_again(system: System) -> None:
    group(system)
    assert run(system, "//A EXEC PGM=NOSUCH", f"//N DD {NEW}").status == "ABEND S806"
    assert not system.exists("A.LOG.G0001V00")
    run(system, *copy("A", NEW, "X"))
    assert lines_of(system, "A.LOG.G0001V00") == ["X"]


def test_a_generation_that_was_never_cataloged_gives_way(system: System) -> None:
    group(system)
    run(system, "//A EXEC PGM=RC0", "//N DD DSN=A.LOG(+1),DISP=(,KEEP),RECFM=FB,LRECL=80")
    assert run(system, *copy("A", NEW, "X")).condition_code == 0
    assert lines_of(system, "A.LOG.G0001V00") == ["X"]


def test_generations_that_are_not_there(system: System) -> None:
    group(system)
    for name in ("A.LOG(0)", "A.LOG(-1)", "A.LOG", "NO.GROUP(0)"):
        result = run(system, "//A EXEC PGM=RC0", f"//D DD DSN={name},DISP=SHR")
        assert result.status == "JCL ERROR"
        assert "IEF212I J A D - DATA SET NOT FOUND" in messages(result), name


# --- clusters -----------------------------------------------------------------------------------------------


def test_a_dd_makes_a_cluster_and_an_abend_takes_it_away(system: System) -> None:
    dd = "DSN=A.KSDS,DISP=(,CATLG,DELETE),RECORG=KS,"
    more = "//  KEYLEN=8,KEYOFF=0,LRECL=80,SPACE=(TRK,(1,1))"
    assert run(system, "//A EXEC PGM=RC0", f"//K DD {dd}", more).condition_code == 0
    with system.key_sequenced("A.KSDS") as cluster:
        assert (cluster.definition.key_length, cluster.definition.maximum_record) == (8, 80)
    result = run(system, "//A EXEC PGM=NOSUCH", f"//K DD {dd.replace('A.KSDS', 'B.KSDS')}", more)
    assert result.status == "ABEND S806"
    assert not system.exists("B.KSDS")


# --- space --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("space", "dsn", "status"),
    [
        ("(TRK,(1,0))", "A.OUT", "ABEND SD37"),
        ("(TRK,(0,0))", "A.OUT", "ABEND SD37"),
        ("(TRK,(2,1))", "A.OUT", "CC 0000"),
        ("(TRK,(1,0,5))", "A.OUT(M)", "ABEND SE37"),
        ("(CYL,1)", "A.OUT", "CC 0000"),
    ],
)
def test_a_data_set_that_outgrows_its_space_is_an_abend_if_that_is_asked(
    system: System, space: str, dsn: str, status: str
) -> None:
    system.allocate("A.IN", DataSetAttributes("FB", 80))
    with system.sequential("A.IN", "w") as source:
        source.append([bytes(80)] * 800)
    out = f"//SYSUT2 DD DSN={dsn},DISP=(,CATLG,DELETE),SPACE={space}"
    lines = ("//J JOB", "//A EXEC PGM=IEBGENER", *PRINT_NOTHING, "//SYSUT1 DD DSN=A.IN,DISP=SHR", out)
    replay = Replay(system=system, programs=PROGRAMS, clock=lambda: datetime(2026, 11, 23), limit_space=True)
    [result] = replay.run("\n".join(lines))
    assert result.status == status
    assert system.exists("A.OUT") is (status == "CC 0000")


def test_a_dd_that_names_a_volume_and_no_data_set_allocates_the_volume(system: System) -> None:
    result = run(system, "//A EXEC PGM=IEFBR14", "//D DD UNIT=3390,VOL=SER=VOL001,DISP=OLD,SEP=(A,B)")
    assert result.condition_code == 0
    assert "IEF237I 0A80 ALLOCATED TO D" in messages(result)
    assert result.data_sets == []
