"""IEBCOPY unloads a library into a sequential data set and loads it from there; the layout is the declared one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtf import library_unload as layouts
from dtf.jcl.job_result import JobResult
from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.utilities.outputs import members, printed

Run = Callable[..., JobResult]
Put = Callable[..., None]
LinesOf = Callable[[str], list[str]]


def copy(run: Run, source: str, target: str, *control: str) -> JobResult:
    sysin = ("//SYSIN DD *", *control, "/*") if control else ("//SYSIN DD DUMMY",)
    ends = (f"//SYSUT1 DD DSN={source},DISP=SHR", f"//SYSUT2 DD DSN={target}")
    return run("//C EXEC PGM=IEBCOPY", "//SYSPRINT DD SYSOUT=*", *ends, *sysin)


@pytest.mark.parametrize("dcb", ["", ",RECFM=FB,LRECL=80", ",RECFM=VB,LRECL=255", ",RECFM=U"])
def test_a_library_is_unloaded_and_loaded_again(
    run: Run, put: Put, lines_of: LinesOf, system: System, dcb: str
) -> None:
    put("A.LIB(ONE)", *(f"LINE {number}" for number in range(500)))
    put("A.LIB(TWO)")
    with system.library("A.LIB", "w") as library:
        library.add_alias("UNO", "ONE")
        library.set_user_data("TWO", b"STATISTICS")
    result = copy(run, "A.LIB", f"A.BACKUP,DISP=(,CATLG){dcb}")
    assert result.condition_code == 0
    assert "IEB154I ONE HAS BEEN SUCCESSFULLY UNLOADED" in printed(result)
    result = copy(run, "A.BACKUP", "A.NEW,DISP=(,CATLG),SPACE=(TRK,(1,1,5))")
    assert result.condition_code == 0
    assert "IEB154I ONE HAS BEEN SUCCESSFULLY LOADED" in printed(result)
    assert lines_of("A.NEW(ONE)") == lines_of("A.LIB(ONE)")
    with system.library("A.NEW") as library:
        assert library.attributes == DataSetAttributes("FB", 80, dsorg="PO")
        assert [(member.name, member.alias_of) for member in library.members()] == [
            ("ONE", ""),
            ("TWO", ""),
            ("UNO", "ONE"),
        ]
        assert library.member("TWO").user_data == b"STATISTICS"


def test_members_are_selected_on_the_way_out_and_in(run: Run, put: Put, system: System) -> None:
    for name in ("ONE", "TWO", "THREE"):
        put(f"A.LIB({name})", name)
    control = ("  COPY OUTDD=SYSUT2,INDD=SYSUT1",)
    assert copy(run, "A.LIB", "A.BACKUP,DISP=(,CATLG)", *control, "  EXCLUDE MEMBER=TWO").condition_code == 0
    new = "A.NEW,DISP=(,CATLG),SPACE=(TRK,(1,1,5))"
    assert copy(run, "A.BACKUP", new, *control, "  SELECT MEMBER=((THREE,DREI),TWO)").condition_code == 4
    assert members(system, "A.NEW") == ["DREI"]


def test_what_is_no_whole_unloaded_library_loads_nothing(run: Run, put: Put, system: System) -> None:
    put("A.LIB(ONE)", *("X",) * 100)
    put("A.CARDS", "NO LIBRARY AT ALL")
    assert copy(run, "A.LIB", "A.BACKUP,DISP=(,CATLG),RECFM=FB,LRECL=80").condition_code == 0
    records = list(system.records("A.BACKUP"))
    for name, kept in (("A.SHORT", records[:-1]), ("A.WRONG", [*records[:9], bytes(80), *records[10:]])):
        system.allocate(name, DataSetAttributes("FB", 80))
        with system.sequential(name, "w") as data_set:
            data_set.append(kept)
    system.allocate("A.NEW", DataSetAttributes("FB", 80, dsorg="PO"))
    for source, text in (
        ("A.CARDS", "HOLDS NO UNLOADED LIBRARY"),
        ("A.SHORT", "HAS NO END"),
        ("A.WRONG", "IS DAMAGED"),
    ):
        result = copy(run, source, "A.NEW,DISP=OLD")
        assert result.condition_code == 8
        assert text in "\n".join(printed(result)), source
    assert members(system, "A.NEW") == []
    assert copy(run, "A.BACKUP", "A.CARDS,DISP=OLD").condition_code == 8


@given(kind=st.integers(1, 5), data=st.binary(max_size=40))
def test_a_part_is_as_declared(kind: int, data: bytes) -> None:
    written = layouts.PART_CODEC.pack(kind, len(data)) + data
    assert layouts.UNLOAD_PART.build({"kind": kind, "length": len(data), "data": data}) == written


@given(lrecl=st.integers(0, 32760), blksize=st.integers(0, 32760), pdse=st.booleans(), records=st.integers(0, 1 << 60))
def test_header_and_end_are_as_declared(lrecl: int, blksize: int, pdse: bool, records: int) -> None:
    recfm = "FB".encode("cp037").ljust(4, b"\x40")
    fields = {"recfm": recfm, "lrecl": lrecl, "blksize": blksize, "pdse": pdse}
    packed = layouts.HEADER_CODEC.pack(layouts.MAGIC, recfm, lrecl, blksize, pdse)
    assert layouts.UNLOAD_HEADER.build(fields) == packed
    end = {"records": records, "checksum": lrecl}
    assert layouts.UNLOAD_END.build(end) == layouts.END_CODEC.pack(records, lrecl)


def test_members_in_the_stream_are_as_declared(put: Put, system: System) -> None:
    put("A.LIB(ONE)", "X")
    with system.library("A.LIB", "w") as library:
        library.add_alias("UNO", "ONE")
        library.set_user_data("ONE", b"DATA")
        parts = list(layouts.read(layouts.unload(library, {"ONE"})))
    ones = {part.kind: part.data for part in parts}
    assert [part.kind for part in parts] == [layouts.HEADER, layouts.MEMBER, layouts.RECORD, layouts.ALIAS]
    assert layouts.UNLOAD_MEMBER.parse(ones[layouts.MEMBER]).user_data == b"DATA"
    alias = layouts.UNLOAD_ALIAS.parse(ones[layouts.ALIAS])
    assert (alias.name.decode("cp037"), alias.member.decode("cp037")) == ("UNO     ", "ONE     ")
