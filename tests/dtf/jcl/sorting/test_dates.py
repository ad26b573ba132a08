"""Dates: formats with two and four digits of the year, the century window, conversions, the calendar, dates of the run.

The jobs run on Monday 2026-11-23 at 05:07:09.
"""

from __future__ import annotations

import pytest

from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.sorting.steps import Run, Sort, printed, step


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ("DATE1", "20261123"),
        ("&DATE1", "20261123"),
        ("DATE1(/)", "2026/11/23"),
        ("DATE1-23", "20261031"),
        ("DATE1(-)+10", "2026-12-03"),
        ("DATE2", "202611"),
        ("DATE2(.)-11", "2025.12"),
        ("DATE3", "2026327"),
        ("DATE3(-)+40", "2027-002"),
        ("DATE4", "2026-11-23-05.07.09"),
        ("DATE5", "2026-11-23-05.07.09.000000"),
        ("DATE1P,HEX", ""),
        ("TIME1(:)", "05:07:09"),
        ("TIME2", "0507"),
        ("TIME3", "05"),
        ("DATE=(DM4.)", "23.11.2026"),
        ("DATENS=(YMD)", "261123"),
        ("YDDD=(4D-)", "2026-327"),
        ("YDDDNS=(DY)", "32726"),
        ("TIME=(24:)", "05:07:09"),
        ("TIME=(12.)", "05.07.09 am"),
    ],
)
def test_the_date_and_time_of_the_run(run: Run, item: str, shown: str) -> None:
    result = run(*step(" OPTION COPY", f" OUTREC BUILD=({item},C'|')", dds=("//SORTOUT DD SYSOUT=*",), data=("X",)))
    assert result.condition_code == (0 if shown else 16)
    assert not shown or printed(result, "SORTOUT") == [f"{shown}|"]


def test_a_packed_date_of_the_run(run: Run, system: System) -> None:
    dds = ("//SORTOUT DD DSN=A.OUT,DISP=(,CATLG)",)
    assert run(*step(" OPTION COPY", " OUTREC BUILD=(DATE1P,TIME1P)", dds=dds, data=("X",))).condition_code == 0
    assert [record.hex() for record in system.records("A.OUT")] == ["020261123c" + "0050709c"]


def test_dates_of_the_run_in_conditions(sort: Sort) -> None:
    data = ("20261101 261101", "20261122 261122", "20261123 261123")
    assert sort(" OPTION COPY", " INCLUDE COND=(1,8,CH,EQ,DATE1-1)", data=data) == [data[1]]
    assert sort(" OPTION COPY", " INCLUDE COND=(1,8,ZD,GE,DATE1P)", data=data) == [data[2]]
    assert sort(" OPTION COPY", " INCLUDE COND=(10,6,Y2T,LT,Y'DATE1'-2)", data=data) == [data[0]]
    assert sort(" OPTION COPY", " INCLUDE COND=(10,6,Y2T,GE,Y'261122')", data=data) == list(data[1:])
    assert sort(" OPTION COPY", " INCLUDE COND=(1,8,Y4T,EQ,10,6,Y2T)", data=data) == list(data)


def test_two_digits_of_the_year_sort_in_the_century_window_and_indicators_around_them(sort: Sort) -> None:
    data = ("999999 E", "700101 C", "250101 D", "       A", "000000 B", "460101 F")
    by_default = [line[-1] for line in sort(" SORT FIELDS=(1,6,Y2T,A)", data=data)]
    assert by_default == ["A", "B", "F", "C", "D", "E"]
    fixed = [line[-1] for line in sort(" OPTION Y2PAST=1947", " SORT FIELDS=(1,6,Y2T,A)", data=data)]
    assert fixed == ["A", "B", "C", "D", "F", "E"]
    assert [line[-1] for line in sort(" SORT FIELDS=(1,6,Y2T,D)", data=data)] == by_default[::-1]


@pytest.mark.parametrize(
    ("kind", "data", "years"),
    [
        ("Y2C", [b"\xf9\xf9", b"\xf0\xf1"], ["1999", "2001"]),
        ("Y2P", [b"\x09\x9c", b"\x00\x1c"], ["1999", "2001"]),
        ("Y2D", [b"\x99", b"\x01"], ["1999", "2001"]),
        ("Y2B", [b"\x63", b"\x01"], ["1999", "2001"]),
    ],
)
def test_years_alone(kind: str, data: list[bytes], years: list[str], run: Run, system: System) -> None:
    system.allocate("A.IN", DataSetAttributes("FB", len(data[0])))
    with system.sequential("A.IN", "w") as source:
        source.append(reversed(data))
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=A.IN,DISP=SHR", "//SORTOUT DD SYSOUT=*")
    control = (f" SORT FIELDS=(1,{len(data[0])},{kind},A)", f" OUTREC BUILD=(1,{len(data[0])},{kind})")
    result = run("//S EXEC PGM=SORT", *dds, "//SYSIN DD *", *control)
    assert printed(result, "SORTOUT") == years, printed(result)


@pytest.mark.parametrize(
    ("item", "data", "shown"),
    [
        ("1,6,Y2T", "960512", "19960512"),
        ("1,6,Y2T(/)", "000628", "2000/06/28"),
        ("1,6,Y2W", "062800", "06282000"),
        ("1,6,Y2T", "      ", "        "),
        ("1,6,Y2T(-)", "000000", "0000-00-00"),
        ("1,4,Y2T", "9605", "199605"),
        ("1,5,Y2T,EDIT=(TTTT/TTT)", "96133", "1996/133"),
        ("1,6,Y2W,TOJUL=Y4T", "120409", "2009338"),
        ("1,6,Y2W,WEEKDAY=CHAR3", "120409", "FRI"),
        ("1,6,Y2W,WEEKDAY=CHAR9", "120209", "WEDNESDAY"),
        ("1,7,Y4T,TOGREG=Y4T(/)", "2003235", "2003/08/23"),
        ("1,7,Y4T,TOGREG=Y2W", "2003235", "082303"),
        ("1,7,Y4T,WEEKDAY=DIGIT1", "1999014", "5"),
        ("1,8,Y4T,WEEKNUM=ISO", "20270101", "53"),
        ("1,8,Y4T,WEEKNUM=USA", "20270103", "02"),
        ("1,6,Y2W,TOJUL=Y4W(-)", "999999", "999-9999"),
        ("1,6,Y2W,WEEKDAY=CHAR3", "000000", "000"),
        ("1,8,Y4T,TOGREG=Y4T", "20091325", "********"),
        ("1,8,Y4T,TOGREG=Y4T(-)", "20230229", "**********"),
        ("1,8,Y4T,DT=(DM4/)", "20230228", "28/02/2023"),
        ("1,8,Y4T,DTNS=(MDY)", "20230228", "022823"),
        ("1,8,Y4T,ADDDAYS,+50,TOGREG=Y4T", "20070305", "20070424"),
        ("1,8,Y4T,SUBMONS,+7,TOGREG=Y4T", "20100930", "20100228"),
        ("1,8,Y4T,ADDYEARS,+2,TOGREG=Y4T", "20080229", "20100228"),
        ("1,8,Y4T,ADDDAYS,10,2,ZD,TOJUL=Y4T", "20101230 05", "2011004"),
        ("1,8,Y4T,ADDYEARS,+9000,TOGREG=Y4T", "20101230", "********"),
        ("1,8,Y4T,NEXTDFRI,TOGREG=Y4T", "20050325", "20050401"),
        ("1,8,Y4T,PREVDSUN,TOGREG=Y4T", "20050325", "20050320"),
        ("1,8,Y4T,LASTDAYW,TOGREG=Y4T", "20050325", "20050326"),
        ("1,8,Y4T,LASTDAYM,TOGREG=Y4T", "20240203", "20240229"),
        ("1,8,Y4T,LASTDAYQ,TOGREG=Y4T", "20240203", "20240331"),
        ("1,8,Y4T,LASTDAYY,TOJUL=Y4T", "20240203", "2024366"),
        ("1,8,Y4T,DATEDIFF,10,8,Y4T", "20240301 20240228", "+0000002"),
        ("1,8,Y4T,DATEDIFF,10,8,Y4T", "20240228 20240301", "-0000002"),
    ],
)
def test_dates_are_shown_converted_and_moved(sort: Sort, item: str, data: str, shown: str) -> None:
    assert sort(" OPTION COPY", f" OUTREC BUILD=({item},C'|')", data=(data,)) == [f"{shown}|"]


def test_packed_dates(run: Run, system: System) -> None:
    system.allocate("A.IN", DataSetAttributes("FB", 7))
    with system.sequential("A.IN", "w") as source:
        source.append([bytes.fromhex("96133C" + "0960512C")])
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=A.IN,DISP=SHR", "//SORTOUT DD SYSOUT=*")
    control = (" OPTION COPY", " OUTREC BUILD=(1,3,Y2U,TOGREG=Y4T(-),X,4,4,Y2V,X,4,4,Y2V(/))")
    result = run("//S EXEC PGM=SORT", *dds, "//SYSIN DD *", *control)
    assert printed(result, "SORTOUT") == ["1996-05-12 19960512 1996/05/12"]
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=A.IN,DISP=SHR", "//SORTOUT DD DSN=A.OUT,DISP=(,CATLG)")
    control = (" OPTION COPY", " OUTREC BUILD=(4,4,Y2VP,1,3,Y2U,TOGREG=Y4Y)")
    assert run("//S EXEC PGM=SORT", *dds, "//SYSIN DD *", *control).condition_code == 0
    assert [record.hex() for record in system.records("A.OUT")] == ["019960512c" + "005121996c"]


def test_dates_and_times_of_smf_records(run: Run, system: System) -> None:
    system.allocate("A.IN", DataSetAttributes("FB", 8))
    with system.sequential("A.IN", "w") as source:
        source.append([bytes.fromhex("0126327F") + (1842905).to_bytes(4, "big")])
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=A.IN,DISP=SHR", "//SORTOUT DD SYSOUT=*")
    build = " OUTREC BUILD=(1,4,DT1,EDIT=(TTTT-TT-TT),X,5,4,TM1,EDIT=(TT:TT:TT))"
    result = run("//S EXEC PGM=SORT", *dds, "//SYSIN DD *", " OPTION COPY", build)
    assert printed(result, "SORTOUT") == ["2026-11-23 05:07:09"]


@pytest.mark.parametrize(
    "item",
    [
        "1,7,Y2T",
        "1,8,Y4T,TOJUL=Y4V",
        "1,8,Y4T,ADDDAYS,+5",
        "1,8,Y4T,WEEKDAY=CHAR4",
        "1,8,Y4T,DT=(DDM/)",
        "1,8,Y4T,DATEDIFF,1,8",
        "1,8,Y4T,TOGREG=Y4V(/)",
        "DATE4-1",
        "TIME1-1",
        "DATE=(XYZ/)",
    ],
)
def test_what_is_no_date_is_refused_before_anything_is_read(run: Run, item: str) -> None:
    result = run(*step(" OPTION COPY", f" OUTREC BUILD=({item})", dds=("//SORTOUT DD SYSOUT=*",), data=("20260101",)))
    assert result.condition_code == 16
    assert printed(result)[-2][:8] in ("ICE007A ", "ICE018A ")


def test_a_date_that_is_no_number_is_a_data_exception(run: Run) -> None:
    control = (" OPTION COPY", " OUTREC BUILD=(1,8,Y4T,TOJUL=Y4T)")
    result = run(*step(*control, dds=("//SORTOUT DD SYSOUT=*",), data=("20XX.101",)))
    assert result.steps[0].abend == "S0C7"
