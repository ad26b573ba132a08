"""Fields that a record has not, and statements that say one thing twice: what DFSORT's guide makes of them."""

from __future__ import annotations

import pytest

from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.sorting.steps import Run, Sort, printed, step

COPY = " OPTION COPY"
VARIABLE = "//SORTIN DD DSN=A.VAR,DISP=SHR"


@pytest.fixture
def variable(system: System) -> None:
    """Records of 10 and 30 bytes of data: the texts of the guide's example, and one that has all fields."""
    system.allocate("A.VAR", DataSetAttributes("VB", 84))
    with system.sequential("A.VAR", "w") as data:
        data.append(text.encode("cp037") for text in ("##T1######", "####".ljust(15, "#") + "AB###AB".ljust(15)))


def failed(run: Run, *control: str, dds: tuple[str, ...] = ()) -> str:
    """What a sort of FB 80 (or of `dds`) with code 16 says behind its control statements."""
    result = run(*step(*control, data=("A", "B"), dds=("//SORTOUT DD SYSOUT=*", *dds)))
    assert result.condition_code == 16, printed(result, "SORTOUT")
    return "\n".join(line for line in printed(result) if "ICE" in line)


# --- fields behind the end of the records -----------------------------------------------------------------


@pytest.mark.parametrize(
    "control",
    [
        (" SORT FIELDS=(76,6,CH,A)",),
        (" SORT FIELDS=(1,1,CH,A)", " SUM FIELDS=(76,6,ZD)"),
        (COPY, " INCLUDE COND=(76,6,CH,EQ,C' ')"),
        (COPY, " INREC FIELDS=(1,4,76,6)"),
        (COPY, " OUTREC OVERLAY=(1:76,6)"),
        (COPY, " OUTREC BUILD=(76,6,ZD,ADD,+1,EDIT=(TTT))"),
        (COPY, " OUTREC BUILD=(74,8,Y4T,TOJUL=Y4T)"),
        (COPY, " OUTREC IFTHEN=(WHEN=(76,6,CH,EQ,C' '),OVERLAY=(1:C'X'))"),
        (COPY, " OUTREC IFTHEN=(WHEN=GROUP,KEYBEGIN=(76,6),PUSH=(90:ID=2))"),
        (COPY, " OUTFIL INCLUDE=(76,6,CH,EQ,C' ')"),
        (COPY, " OUTFIL TRAILER1=(TOT=(76,6,ZD))"),
        (COPY, " OUTFIL SECTIONS=(76,6)"),
    ],
    ids=lambda control: control[-1].split()[-2],
)
def test_no_field_of_fixed_records_lies_beyond_their_end(run: Run, control: tuple[str, ...]) -> None:
    """Application Programming Guide, DISPLAY operator, ON(p,m,f): nor beyond the end of a record."""
    assert "ICE218A 0 80 BYTE FIXED RECORD IS SHORTER THAN 81 BYTE MINIMUM FOR FIELDS" in failed(run, *control)


def test_fields_are_those_of_the_records_that_a_statement_sees(sort: Sort, run: Run) -> None:
    """INREC statement notes: what comes behind it refers to the reformatted record."""
    assert sort(COPY, " INREC OVERLAY=(81:SEQNUM,2,ZD)", " OUTREC BUILD=(81,2)", data=("A", "B")) == ["01", "02"]
    longer = (" OUTREC IFTHEN=(WHEN=INIT,OVERLAY=(81:C'X')),", "   IFTHEN=(WHEN=(81,1,CH,EQ,C'X'),BUILD=(81,1))")
    assert [line.strip() for line in sort(COPY, *longer, data=("A",))] == ["X"]
    assert "10 BYTE FIXED" in failed(run, " SORT FIELDS=(11,1,CH,A)", " INREC BUILD=(1,10)")


@pytest.mark.usefixtures("variable")
def test_a_variable_record_that_is_too_short_ends_the_sort(run: Run) -> None:
    """INCLUDE control statement, example 4: NOVLSCMP and NOVLSHRT; sorting and summing, NOVLSHRT."""
    text = "ICE218A 0 14 BYTE VARIABLE RECORD IS SHORTER THAN 26 BYTE MINIMUM FOR FIELDS"
    for control in (
        (" SORT FIELDS=(25,2,CH,A)",),
        (" SORT FIELDS=(5,1,CH,A)", " SUM FIELDS=(25,2,ZD)"),
        (COPY, " OMIT COND=(7,2,CH,EQ,C'T1',OR,20,2,CH,EQ,25,2,CH)"),
        (COPY, " OUTREC BUILD=(1,4,25,2)"),
        (COPY, " OUTFIL BUILD=(1,4,25,2)"),
    ):
        dds = (VARIABLE, "//SORTOUT DD SYSOUT=*", "//SYSOUT DD SYSOUT=*", "//SYSIN DD *", *control)
        result = run("//S EXEC PGM=SORT", *dds)
        assert result.condition_code == 16, control
        assert text in "\n".join(printed(result)), control


@pytest.mark.usefixtures("variable")
@pytest.mark.parametrize(
    ("option", "statement", "expected"),
    [
        ("VLSCMP", "INCLUDE", ["##T1", "####"]),
        ("VLSHRT", "INCLUDE", ["####"]),
        ("VLSCMP,VLSHRT", "INCLUDE", ["##T1", "####"]),
        ("VLSCMP", "OMIT", []),
        ("VLSHRT", "OMIT", ["##T1"]),
    ],
)
def test_vlscmp_and_vlshrt_take_short_records(run: Run, option: str, statement: str, expected: list[str]) -> None:
    """INCLUDE control statement, example 4: with VLSCMP the first test counts, with VLSHRT the condition is false."""
    control = (f" OPTION COPY,{option}", f" {statement} COND=(7,2,CH,EQ,C'T1',OR,20,2,CH,EQ,25,2,CH)")
    result = run(
        "//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", VARIABLE, "//SORTOUT DD SYSOUT=*", "//SYSIN DD *", *control
    )
    assert [line[:4] for line in printed(result, "SORTOUT")] == expected, printed(result)


@pytest.mark.usefixtures("variable")
def test_vlshrt_sorts_short_keys_as_if_zeros_followed(run: Run) -> None:
    control = (" SORT FIELDS=(20,2,CH,A)", " OPTION VLSHRT")
    result = run(
        "//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", VARIABLE, "//SORTOUT DD SYSOUT=*", "//SYSIN DD *", *control
    )
    assert [line[:4] for line in printed(result, "SORTOUT")] == ["##T1", "####"]


@pytest.mark.usefixtures("variable")
def test_vlfill_and_vtof_fill_short_records(run: Run) -> None:
    """OUTFIL control statements, example 11."""
    for operands, expected in (("BUILD=(1,4,25,2),VLFILL=C'*'", ["**", "AB"]), ("VTOF,BUILD=(25,2)", ["", "AB"])):
        sysin = ("//SYSIN DD *", COPY, f" OUTFIL {operands}")
        result = run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", VARIABLE, "//SORTOUT DD SYSOUT=*", *sysin)
        assert printed(result, "SORTOUT") == expected, printed(result)


@pytest.mark.usefixtures("variable")
@pytest.mark.parametrize(
    "operands",
    ["OVERLAY=(5,3,TRAN=UTOL)", "OVERLAY=(8:5,3,2:9,2)", "IFTHEN=(WHEN=GROUP,BEGIN=(5,1,CH,EQ,C'#'),PUSH=(5,2))"],
)
def test_nothing_is_put_over_the_descriptor_of_a_variable_record(run: Run, operands: str) -> None:
    """Getting Started, RDW: OVERLAY and PUSH begin at position 5; an item without column begins at 1."""
    dds = (VARIABLE, "//SORTOUT DD SYSOUT=*", "//SYSOUT DD SYSOUT=*", "//SYSIN DD *", COPY, f" OUTREC {operands}")
    result = run("//S EXEC PGM=SORT", *dds)
    assert result.condition_code == 16
    assert "ICE251A" in "\n".join(printed(result))


def test_an_item_of_push_without_column_stands_behind_the_one_before(sort: Sort) -> None:
    group = " OUTREC IFTHEN=(WHEN=GROUP,KEYBEGIN=(1,1),PUSH=(5:ID=2,SEQ=1,1,1))"
    assert sort(COPY, group, data=("A", "A", "B")) == ["A   011A", "A   012A", "B   021B"]


# --- statements -------------------------------------------------------------------------------------------


def test_long_decimal_keys_sort(sort: Sort) -> None:
    data = tuple(f"{digit}{'0' * 68}{digit}" for digit in "312")
    assert [line[0] for line in sort(" SORT FIELDS=(1,70,ZD,D)", data=data)] == ["3", "2", "1"]


@pytest.mark.usefixtures("variable")
@pytest.mark.parametrize("field", ["1,0", "1,32753", "32753,1", "1,999999999999999", "999999999999999,1"])
def test_a_field_has_a_length_and_ends_at_32752(run: Run, field: str) -> None:
    """DISPLAY operator, ON(p,m,f): a field must not extend beyond position 32752."""
    dds = (VARIABLE, "//SORTOUT DD SYSOUT=*", "//SYSOUT DD SYSOUT=*", "//SYSIN DD *", f" SORT FIELDS=({field},ZD,A)")
    result = run("//S EXEC PGM=SORT", *dds)
    assert result.condition_code == 16
    assert "ICE221A" in "\n".join(printed(result))


@pytest.mark.parametrize(
    "comparison",
    ["1,1,CH,EQ,5", "1,1,ZD,EQ,C'5'", "1,1,PD,EQ,X'05'", "1,1,BI,GT,-5", "1,1,CH,EQ,2,1,ZD", "1,8,ZD,GT,DATE1"],
)
def test_numbers_compare_with_numbers_and_texts_with_texts(run: Run, comparison: str) -> None:
    """INCLUDE control statement, Constants: permissible field-to-constant comparisons."""
    assert "ICE114A 0 INVALID COMPARISON" in failed(run, COPY, f" INCLUDE COND=({comparison})")


def test_include_and_omit_exclude_each_other(run: Run) -> None:
    """INCLUDE control statement: either an INCLUDE or an OMIT statement in one run, not both."""
    both = (" INCLUDE COND=(1,1,CH,EQ,C'A')", " OMIT COND=(1,1,CH,EQ,C'B')")
    assert "INCLUDE AND OMIT" in failed(run, COPY, *both)


def test_option_wins_over_sort_wherever_it_stands(sort: Sort) -> None:
    """OPTION control statement, example 3."""
    control = (" OPTION SKIPREC=1", " SORT FIELDS=(1,1,CH,A),SKIPREC=2")
    assert sort(*control, data=("C", "B", "A")) == ["A", "B"]


def test_dfsparm_takes_the_place_of_statements_and_its_options_win(sort: Sort, run: Run) -> None:
    """Directly invoked DFSORT: DFSPARM overrides SYSIN and PARM, SORT and MERGE, INCLUDE and OMIT correspond."""
    above = ("//DFSPARM DD *", " SORT FIELDS=(1,1,CH,D)", " OMIT COND=(1,1,CH,EQ,C'C')", " OPTION STOPAFT=2", "/*")
    control = (" SORT FIELDS=(1,1,CH,A),STOPAFT=1", " INCLUDE COND=(1,1,CH,EQ,C'C')", " OUTREC BUILD=(1,1,C'!')")
    assert sort(*control, data=("A", "C", "B", "D"), dds=above) == ["B!", "A!"]
    both = " INCLUDE COND=ALL"
    assert "INCLUDE AND OMIT" in failed(run, " SORT FIELDS=(1,1,CH,A)", dds=(*above[:-1], both, "/*"))


def test_records_to_be_merged_are_in_order(run: Run) -> None:
    inputs = ("//SORTIN01 DD *", "A", "C", "/*", "//SORTIN02 DD *", "D", "B", "/*")
    heads = ("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", "//SORTOUT DD SYSOUT=*")
    result = run(*heads, *inputs, "//SYSIN DD *", " MERGE FIELDS=(1,1,CH,A)")
    assert result.condition_code == 16
    assert "ICE068A 0 OUT OF SEQUENCE SORTIN02" in "\n".join(printed(result))


def test_fixed_records_of_one_input_have_one_length(run: Run, system: System) -> None:
    """Concatenating data sets: the attributes of the first apply to all; ICE043A."""
    for length in (80, 100):
        system.allocate(f"A.L{length}", DataSetAttributes("FB", length))
    dds = ("//SORTIN DD DSN=A.L80,DISP=SHR", "//       DD DSN=A.L100,DISP=SHR", "//SORTOUT DD SYSOUT=*")
    result = run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *dds, "//SYSIN DD *", COPY)
    assert result.condition_code == 16
    assert "ICE043A 0 INVALID DATA SET ATTRIBUTES: SORTIN LRECL" in "\n".join(printed(result))


@pytest.mark.usefixtures("variable")
@pytest.mark.parametrize(
    ("source", "recfm", "control", "code"),
    [
        ("DSN=A.VAR", "FB,LRECL=80", (), 16),
        ("DSN=A.VAR", "FB,LRECL=80", (" OUTFIL VTOF,BUILD=(5,10)",), 0),
        ("DSN=A.VAR", "FB,LRECL=80", (" OUTFIL BUILD=(1,14)",), 16),
        ("DSN=A.VAR", "VB,LRECL=84", (" OUTFIL VTOF,BUILD=(5,10)",), 16),
        ("DSN=A.FIXED", "VB,LRECL=84", (), 16),
        ("DSN=A.FIXED", "VB,LRECL=84", (" OUTFIL FTOV",), 0),
    ],
)
def test_only_outfil_turns_fixed_records_into_variable_ones_and_back(
    run: Run, system: System, source: str, recfm: str, control: tuple[str, ...], code: int
) -> None:
    """Sorting or copying records: else an output data set must be the same type as the input data set."""
    system.allocate("A.FIXED", DataSetAttributes("FB", 80))
    dds = (f"//SORTIN DD {source},DISP=SHR", f"//SORTOUT DD DSN=A.OUT,DISP=(,CATLG),RECFM={recfm}")
    result = run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *dds, "//SYSIN DD *", COPY, *control)
    assert result.condition_code == code, printed(result)
    assert ("ICE043A 0 INVALID DATA SET ATTRIBUTES: SORTOUT RECFM" in "\n".join(printed(result))) is (code == 16)


def test_joined_records_are_not_merged(run: Run) -> None:
    join = (" JOINKEYS F1=SORTIN,FIELDS=(1,1,A)", " JOINKEYS F2=SORTIN,FIELDS=(1,1,A)", " REFORMAT FIELDS=(F1:1,1)")
    assert "MERGE OF JOINED RECORDS" in failed(run, *join, " MERGE FIELDS=(1,1,CH,A)")


@pytest.mark.parametrize(
    "control",
    [
        (" JOINKEYS F1=SORTIN,FIELDS=(80,2,A)", " JOINKEYS F2=SORTIN,FIELDS=(1,2,A)", " REFORMAT FIELDS=(F1:1,1)"),
        (" JOINKEYS F1=SORTIN,FIELDS=(1,2,A)", " JOINKEYS F2=SORTIN,FIELDS=(1,2,A)", " REFORMAT FIELDS=(F2:80,2)"),
    ],
    ids=["key", "REFORMAT"],
)
def test_a_join_takes_no_fields_beyond_the_end_of_its_files(run: Run, control: tuple[str, ...]) -> None:
    assert "80 BYTE FIXED RECORD IS SHORTER THAN 81 BYTE" in failed(run, COPY, *control)


# --- fields without digits --------------------------------------------------------------------------------


def test_sorting_takes_fields_without_digits(sort: Sort) -> None:
    """DFSORT data formats, ZD: signs from 0 to 9 and other digits are an error for SUM processing."""
    data = ("  A", "1.B", "01C", "  D")
    assert sort(" SORT FIELDS=(1,2,ZD,A)", data=data) == ["  A", "  D", "01C", "1.B"]
    assert sort(" SORT FIELDS=(1,2,PD,D)", data=("01B", "  A")) == ["  A", "01B"]


@pytest.mark.parametrize("field", ["  ", "1."])
def test_sum_of_a_field_without_digits_is_s0c7(run: Run, field: str) -> None:
    """DFSORT data formats, ZD: a data exception, 0C7 abend; blanks have the sign 4."""
    control = (" SORT FIELDS=(3,1,CH,A)", " SUM FIELDS=(1,2,ZD)")
    result = run(*step(*control, data=("01A", f"{field}A"), dds=("//SORTOUT DD SYSOUT=*",)))
    assert result.status == "ABEND S0C7"


# --- sizes that no record can have ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operand",
    [
        "BUILD=(SEQNUM,999999999999999,BI)",
        "BUILD=(999999999999999X)",
        "BUILD=(999999999999999C'AB')",
        "BUILD=(999999999999999:1,1)",
        "BUILD=(1,1,ZD,TO=BI,LENGTH=999999999999999)",
        "BUILD=(1,1,ZD,M0,LENGTH=999999999999999)",
        "BUILD=(1,1,CHANGE=(999999999999999,C'A',C'B'))",
        "BUILD=(1,1,JFY=(SHIFT=LEFT,LENGTH=999999999999999))",
        "IFTHEN=(WHEN=GROUP,RECORDS=1,PUSH=(5:ID=999999999999999))",
        "IFTHEN=(WHEN=INIT,OVERLAY=(5:X)),IFOUTLEN=999999999999999",
        "FINDREP=(IN=C'A',OUT=C'B',MAXLEN=999999999999999)",
        "PARSE=(%01=(FIXLEN=999999999999999)),BUILD=(%01)",
    ],
)
def test_a_size_that_no_record_can_have_is_an_error_of_the_statement(run: Run, operand: str) -> None:
    assert "ICE007A" in failed(run, COPY, f" OUTREC {operand}")


@pytest.mark.parametrize("trailer", ["TOT=(1,1,ZD,LENGTH=999999999999999)", "999999999999999/", "COUNT99999"])
def test_a_report_line_too(run: Run, trailer: str) -> None:
    assert "ICE007A" in failed(run, COPY, f" OUTFIL TRAILER1=({trailer})")
