"""Numbers that items compute: operators, their order, parentheses, masks and formats of the result."""

from __future__ import annotations

import pytest

from dtf.jcl.sorting.editing import named_mask, pattern_mask
from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.sorting.steps import Run, Sort, printed, step


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("1,3,ZD,ADD,+5,M11,LENGTH=4", "0017"),
        ("1,3,ZD,SUB,5,3,ZD,M11,LENGTH=4", "0007"),
        ("1,3,ZD,MUL,5,3,ZD,M10,LENGTH=4", "  60"),
        ("1,3,ZD,DIV,5,3,ZD,M11,LENGTH=2", "02"),
        ("1,3,ZD,MOD,5,3,ZD,M11,LENGTH=2", "02"),
        ("1,3,ZD,MIN,5,3,ZD,M11,LENGTH=2", "05"),
        ("1,3,ZD,MAX,5,3,ZD,M11,LENGTH=2", "12"),
        ("1,3,ZD,ADD,5,3,ZD,MUL,+2,M11,LENGTH=3", "022"),
        ("(1,3,ZD,ADD,5,3,ZD),MUL,+2,M11,LENGTH=3", "034"),
        ("1,3,ZD,MUL,+2,MAX,+3,M11,LENGTH=3", "036"),
        ("((1,3,ZD,ADD,+1),SUB,(5,3,ZD,SUB,+1)),M11,LENGTH=3", "009"),
        ("1,3,ZD,DIV,+0,M11,LENGTH=3", "000"),
        ("1,3,ZD,MOD,+0,M11,LENGTH=3", "000"),
        ("-7,DIV,+2,M12,LENGTH=4", "  -3"),
        ("-7,MOD,+2,M12,LENGTH=4", "  -1"),
        ("5,3,ZD,SUB,1,3,ZD,EDIT=(SIIT.T),SIGNS=(+,-)", "  -0.7"),
        ("1,3,ZD,SUB,+20,TO=FS,LENGTH=4", "  -8"),
        ("1,3,ZD,MUL,+10,TO=ZDF", "000000000000120"),
        ("1,3,ZD,ADD,+1", "             13 "),
        ("+42,M11,LENGTH=3", "042"),
    ],
)
def test_arithmetic_of_fields_and_constants(sort: Sort, expression: str, shown: str) -> None:
    assert sort(" OPTION COPY", f" OUTREC BUILD=({expression},C'|')", data=("012 005",)) == [f"{shown}|"]


def test_a_result_of_more_than_31_digits_is_zero_and_long_operands_make_31(sort: Sort) -> None:
    nines = "9" * 20
    lines = sort(" OPTION COPY", " OUTREC BUILD=(1,20,ZD,MUL,1,20,ZD,M11)", data=(nines,))
    assert lines == ["0" * 31]
    assert sort(" OPTION COPY", " OUTREC BUILD=(1,20,ZD,ADD,+1,M11)", data=(nines,)) == ["1".rjust(11, "0") + "0" * 20]


def test_arithmetic_in_overlay_behind_a_column_and_in_ifthen(sort: Sort) -> None:
    control = (
        " OPTION COPY",
        " INREC IFTHEN=(WHEN=(1,1,CH,EQ,C'A'),",
        "         OVERLAY=(10:(2,3,ZD,MUL,+2),M11,LENGTH=4)),",
        "       IFTHEN=(WHEN=NONE,OVERLAY=(10:2,3,ZD,SUB,+1,M11,LENGTH=4))",
    )
    assert sort(*control, data=("A012", "B012")) == ["A012     0024", "B012     0011"]


def test_parsed_fields_take_part_in_arithmetic(sort: Sort) -> None:
    control = (
        " OPTION COPY",
        " OUTREC PARSE=(%01=(ENDBEFR=C',',FIXLEN=5),%02=(FIXLEN=5)),",
        "   BUILD=(%1,UFF,ADD,%02,UFF,M10,LENGTH=6)",
    )
    assert sort(*control, data=("12,30", "7,9")) == ["    42", "    16"]


def test_one_definition_of_parse_repeats(sort: Sort) -> None:
    control = (
        " OPTION COPY",
        " OUTREC PARSE=(%=(ENDBEFR=C';',REPEAT=2),",
        "               %10=(ENDBEFR=C';',FIXLEN=2,REPEAT=3)),",
        "   BUILD=(%12,%11,%10)",
    )
    assert sort(*control, data=("a;b;c;d;e",)) == ["e d c"]


def test_to_without_length_has_room_for_the_digits_of_the_field(run: Run, system: System) -> None:
    """z/OS DFSORT Getting Started: four bytes of BI become ten of ZD, eleven of FS."""
    system.allocate("A.IN", DataSetAttributes("FB", 4))
    with system.sequential("A.IN", "w") as source:
        source.append([(1234).to_bytes(4, "big")])
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=A.IN,DISP=SHR", "//SORTOUT DD SYSOUT=*")
    control = (" OPTION COPY", " OUTREC BUILD=(1,4,BI,TO=ZDF,C'|',1,4,BI,FS)")
    assert printed(run("//S EXEC PGM=SORT", *dds, "//SYSIN DD *", *control), "SORTOUT") == ["0000001234|       1234"]


@pytest.mark.parametrize(
    ("mask", "value", "text"),
    [
        ("M0", -12, "       12-"),
        ("M3", -1234567, "12,345.67CR"),
        ("M4", 1234567, "+12,345.67"),
        ("M5", -1234567, "(12,345.67)"),
        ("M13", -1234, "    -1.234"),
        ("M17", 1234567, " 1'234'567"),
        ("M19", -123456, " -1.234,56"),
        ("M25", -7, "        -7"),
        ("M26", 7, "+000000007"),
    ],
)
def test_masks(mask: str, value: int, text: str) -> None:
    assert named_mask(mask).narrowed(len(text)).text(value, len(text)) == text


def test_signs_of_a_pattern_in_front_and_behind() -> None:
    assert pattern_mask("SIIT", ["+", "-"]).text(-5, 4) == "  -5"
    assert pattern_mask("SIITS", ["", "(", "", ")"]).text(-5, 5) == "  (5)"
    assert pattern_mask("IITS", []).text(-5, 4) == "  5-"
    assert named_mask("M12").width(5) == 7


@pytest.mark.parametrize("item", ["1,3,ZD,ADD", "1,3,ZD,ADD,(+1", "(1,3,ZD,+1)", "1,3,ZD,TO=XX", "1,3,ZD,ADD,1,3"])
def test_what_is_no_expression_is_refused(run: Run, item: str) -> None:
    result = run(*step(" OPTION COPY", f" OUTREC BUILD=({item})", dds=("//SORTOUT DD SYSOUT=*",)))
    assert result.condition_code == 16
    assert printed(result)[-2][:8] in ("ICE007A ", "ICE018A ")
