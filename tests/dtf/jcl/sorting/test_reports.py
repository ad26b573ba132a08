"""OUTFIL: reports with pages, levels and running totals, records that become several, texts that move, lengths."""

from __future__ import annotations

import pytest

from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.sorting.steps import Run, Sort, printed, step

SHOPS = ("N A 010", "N B 020", "S A 005", "S A 001")


def test_sections_of_two_levels_end_together(sort: Sort) -> None:
    control = (
        " SORT FIELDS=(1,3,CH,A)",
        " OUTFIL REMOVECC,NODETAIL,",
        "  SECTIONS=(1,1,TRAILER3=('REGION ',1,1,X,TOT=(5,3,ZD,M10,LENGTH=4)),",
        "    3,1,HEADER3=('SHOP ',3,1),",
        "        TRAILER3=('  ',MAX=(5,3,ZD,M11,LENGTH=3),X,",
        "                  SUBTOT=(5,3,ZD,M11,LENGTH=3)))",
    )
    assert sort(*control, data=SHOPS) == [
        *("SHOP A", "  010 010", "SHOP B", "  020 030", "REGION N   30"),
        *("SHOP A", "  005 036", "REGION S    6"),
    ]


def test_a_report_has_carriage_control_and_recfm_fba(run: Run, system: System) -> None:
    control = (
        " OPTION COPY",
        " OUTFIL LINES=4,HEADER2=('PAGE',PAGE=(M11,LENGTH=2)),BUILD=(1,3),",
        "  TRAILER2=('FOOT',COUNT=(M11,LENGTH=2)),",
        "  TRAILER1=('ALL',COUNT,COUNT+1=(M10,LENGTH=3))",
    )
    result = run(*step(*control, dds=("//SORTOUT DD DSN=A.OUT,DISP=(,CATLG)",), data=SHOPS))
    assert result.condition_code == 0, printed(result)
    lines = [record.decode("cp037").rstrip() for record in system.records("A.OUT")]
    assert lines == [
        *("1PAGE01", " N A", " N B", " FOOT02"),
        *("1PAGE02", " S A", " S A", " ALL       4  5", " FOOT02"),
    ]
    assert system.entry("A.OUT").attributes == DataSetAttributes("FBA", 15)  # type: ignore[union-attr]


def test_a_header_may_stay_on_its_page(sort: Sort) -> None:
    control = (" OPTION COPY", " OUTFIL BLKCCH2,BLKCCH1,HEADER1=('A'),HEADER2=('B'),BUILD=(1,1)")
    assert sort(*control, data=SHOPS[:1]) == [" A", " B", " N"]


def test_a_character_format_may_stand_in_front_of_a_change(sort: Sort) -> None:
    control = (" OPTION COPY", " OUTREC BUILD=(1,1,CH,CHANGE=(2,C'N',C'NO'),NOMATCH=(C'??'))")
    assert sort(*control, data=SHOPS[1:3]) == ["NO", "??"]


def test_a_slash_in_build_begins_another_record_and_repeat_writes_them_again(sort: Sort) -> None:
    control = (" OPTION COPY", " OUTFIL BUILD=(1,1,/,C'-',3,1,2/,SEQNUM,2,ZD),ENDREC=2")
    assert sort(*control, data=SHOPS) == ["N", "-A", "", "01", "N", "-B", "", "02"]
    control = (" OPTION COPY", " OUTFIL REPEAT=2,ACCEPT=1,BUILD=(1,3,X,SEQNUM,2,ZD)")
    assert sort(*control, data=SHOPS) == ["N A 01", "N A 02"]


def test_sample_takes_so_many_of_each_group(sort: Sort) -> None:
    assert sort(" OPTION COPY", " OUTFIL SAMPLE=(3,2)", data=SHOPS) == [SHOPS[0], SHOPS[1], SHOPS[3]]


def test_sequence_numbers_begin_anew_with_a_field(sort: Sort) -> None:
    control = (" OPTION COPY", " OUTREC OVERLAY=(10:SEQNUM,2,ZD,START=5,INCR=5,RESTART=(1,1))")
    assert [line[9:] for line in sort(*control, data=SHOPS)] == ["05", "10", "05", "10"]


@pytest.mark.parametrize(
    ("item", "data", "shown"),
    [
        ("1,6,JFY=(SHIFT=LEFT)", "  ab", "ab    "),
        ("1,6,JFY=(SHIFT=RIGHT,LEAD=C'<',TRAIL=C'>',LENGTH=8)", " ab c", "  <ab c>"),
        ("1,6,JFY=(SHIFT=LEFT,PREBLANK=C'*-')", "**a-b", "a b   "),
        ("1,8,SQZ=(SHIFT=LEFT,MID=C',')", "a  b c", "a,b,c   "),
        ("1,8,SQZ=(SHIFT=RIGHT)", "a  b c", "     abc"),
        ("1,12,SQZ=(SHIFT=LEFT,PAIR=QUOTE)", 'a "b  c" d', 'a"b  c"d    '),
        ("1,2,TRAN=HEX", "AB", "C1C2"),
        ("1,4,TRAN=UNHEX", "C1C2", "AB"),
        ("1,1,TRAN=BIT", "A", "11000001"),
        ("1,8,TRAN=UNBIT", "11000001", "A"),
        ("1,3,TRAN=LTOU", "aBc", "ABC"),
        ("1,2,CHANGE=(3,C'NY',C'NYC',C'LA',(4,3)),NOMATCH=(C'?')", "LA xy", "xy "),
        ("1,2,CHANGE=(3,C'NY',C'NYC'),NOMATCH=(4,3)", "SF xy", "xy "),
    ],
)
def test_texts_are_shifted_squeezed_and_translated(sort: Sort, item: str, data: str, shown: str) -> None:
    assert sort(" OPTION COPY", f" OUTREC BUILD=({item},", "  C'|')", data=(data,)) == [f"{shown}|"]


@pytest.mark.parametrize(
    ("operands", "data", "shown"),
    [
        ("IN=C'ab',OUT=C'x'", "ab-ab", "x-x"),
        ("IN=(C'ab',C'-'),OUT=C''", "ab-ab|", "|"),
        ("INOUT=(C'a',C'b',C'b',C'a')", "abba", "baab"),
        ("IN=C'a',OUT=C'z',DO=1", "aaa", "zaa"),
        ("IN=C'a',OUT=C'z',STARTPOS=2,ENDPOS=3", "aaaa", "azza"),
        ("IN=C'ab',OUT=C'z',SHIFT=NO", "abab", "z z"),
        ("IN=C'a',OUT=C'a.a'", "aa", "a.aa.a"),
    ],
)
def test_texts_are_found_and_replaced(sort: Sort, operands: str, data: str, shown: str) -> None:
    assert sort(" OPTION COPY", f" INREC FINDREP=({operands})", data=(data,)) == [shown]


def test_variable_records_keep_a_true_length_when_texts_are_replaced_or_put_over(run: Run, system: System) -> None:
    system.allocate("V.IN", DataSetAttributes("VB", 24))
    with system.sequential("V.IN", "w") as source:
        source.append(text.encode("cp037") for text in ("a-b-c", "-"))
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=V.IN,DISP=SHR", "//SORTOUT DD DSN=V.OUT,DISP=(,CATLG)")
    control = (" OPTION COPY", " INREC FINDREP=(IN=C'-',OUT=C'')", " OUTREC OVERLAY=(9:C'X')")
    assert run("//S EXEC PGM=SORT", *dds, "//SYSIN DD *", *control).condition_code == 0
    assert [record.decode("cp037") for record in system.records("V.OUT")] == ["abc X", "    X"]


def test_what_ifthen_makes_longer_decides_the_length_of_all(run: Run, system: System) -> None:
    control = (" OPTION COPY", " OUTREC IFTHEN=(WHEN=(1,1,CH,EQ,C'S'),OVERLAY=(81:C'SOUTH'))")
    dds = ("//SORTOUT DD DSN=A.OUT,DISP=(,CATLG)",)
    assert run(*step(*control, dds=dds, data=SHOPS)).condition_code == 0
    records = [record.decode("cp037") for record in system.records("A.OUT")]
    assert [len(record) for record in records] == [85] * 4
    assert [record[80:].strip() for record in records] == ["", "", "SOUTH", "SOUTH"]
    control = (*control[:1], f"{control[1]},", "  IFOUTLEN=10")
    assert run(*step(*control, dds=("//SORTOUT DD DSN=B.OUT,DISP=(,CATLG)",), data=SHOPS)).condition_code == 0
    assert {len(record) for record in system.records("B.OUT")} == {10}


def test_when_any_follows_a_clause_that_held(sort: Sort) -> None:
    control = (
        " OPTION COPY",
        " OUTREC IFTHEN=(WHEN=(1,1,CH,EQ,C'N'),OVERLAY=(1:C'n'),HIT=NEXT),",
        "        IFTHEN=(WHEN=(3,1,CH,EQ,C'A'),OVERLAY=(3:C'a'),HIT=NEXT),",
        "        IFTHEN=(WHEN=ANY,OVERLAY=(8:C'!'))",
    )
    assert sort(*control, data=("N A 010", "S B 020")) == ["n a 010!", "S B 020"]


def test_fields_that_short_variable_records_have_not_are_filled(run: Run, system: System) -> None:
    system.allocate("V.IN", DataSetAttributes("VB", 20))
    with system.sequential("V.IN", "w") as data_set:
        data_set.append(text.encode("cp037") for text in ("CCC", "A"))
    inputs = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=V.IN,DISP=SHR", "//F DD DSN=F.OUT,DISP=(,CATLG)")
    control = (" OPTION COPY", " OUTFIL FNAMES=F,VTOF,BUILD=(5,4),VLFILL=C'*'")
    assert run("//S EXEC PGM=SORT", *inputs, "//SYSIN DD *", *control).condition_code == 0
    assert [record.decode("cp037") for record in system.records("F.OUT")] == ["CCC*", "A***"]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("(1,1,BI,ALL,B'11000001')", "AC"),
        ("(1,1,BI,NONE,X'02')", "AD"),
        ("(1,1,BI,SOME,X'03')", "AB"),
        ("(1,1,BI,NOTALL,X'03')", "ABD"),
        ("(1,1,BI,EQ,B'.......1')", "AC"),
        ("(1,1,BI,NE,B'110000.1')", "BD"),
    ],
)
def test_bits_are_tested(sort: Sort, condition: str, kept: str) -> None:
    assert sort(" OPTION COPY", f" INCLUDE COND={condition}", data=("A", "B", "C", "D")) == list(kept)


def test_nothing_to_write_may_have_a_code(run: Run) -> None:
    none = (" OPTION COPY,NULLOUT=RC4", " INCLUDE COND=(1,1,CH,EQ,C'?')")
    assert run(*step(*none, dds=("//SORTOUT DD SYSOUT=*",))).condition_code == 4
    none = (" OPTION COPY", " OUTFIL FNAMES=A,NULLOFL=RC16,INCLUDE=(1,1,CH,EQ,C'?')", " OUTFIL FNAMES=B")
    assert run(*step(*none, dds=("//A DD SYSOUT=*", "//B DD SYSOUT=*"))).condition_code == 16
