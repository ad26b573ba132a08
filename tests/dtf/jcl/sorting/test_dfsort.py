"""SORT as decks use it: order, selection, editing, sums, reports, several outputs, variable records, what is wrong."""

from __future__ import annotations

import pytest

from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.sorting.steps import SALES, Run, Sort, printed, step

# --- order ------------------------------------------------------------------------------------------------


def test_records_are_sorted_by_several_fields(sort: Sort) -> None:
    assert [line[:13].split() for line in sort(" SORT FIELDS=(1,5,CH,A,8,6,CH,D)")] == [
        ["EAST", "APPLES"],
        ["NORTH", "PEARS"],
        ["NORTH", "APPLES"],
        ["SOUTH", "PEARS"],
    ]


def test_equal_keys_keep_their_order_and_format_may_be_said_once(sort: Sort) -> None:
    assert [line[7:13].strip() for line in sort(" SORT FORMAT=CH,FIELDS=(1,5,A)")] == [
        "APPLES",
        "APPLES",
        "PEARS",
        "PEARS",
    ]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("ZD", [b"\xf0\xf0\xd5", b"\xf0\xf0\xd1", b"\xf0\xf0\xf0", b"\xf0\xf1\xc2"]),
        ("PD", [b"\x00\x12\x3d", b"\x00\x00\x1d", b"\x00\x00\x0c", b"\x12\x34\x5f"]),
        ("FI", [b"\x80\x00\x00", b"\xff\xff\xff", b"\x00\x00\x01", b"\x7f\xff\xff"]),
        ("BI", [b"\x00\x00\x01", b"\x7f\xff\xff", b"\x80\x00\x00", b"\xff\xff\xff"]),
        ("FS", [t.encode("cp037") for t in (" -9", "-1 ", "  0", "+5 ")]),
        ("AC", [t.encode("cp037") for t in ("123", "ABC", "abc", "abd")]),
    ],
)
def test_formats_sort_by_what_they_are_worth(kind: str, values: list[bytes], run: Run, system: System) -> None:
    for name in ("A.IN", "A.OUT"):
        system.allocate(name, DataSetAttributes("FB", 3))
    with system.sequential("A.IN", "w") as source:
        source.append([values[2], values[0], values[3], values[1]])
    for order, expected in (("A", values), ("D", values[::-1])):
        sysin = ("//SYSIN DD *", f" SORT FIELDS=(1,3,{kind},{order})", "/*")
        dds = ("//SORTIN DD DSN=A.IN,DISP=SHR", "//SORTOUT DD DSN=A.OUT,DISP=OLD")
        assert run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *sysin, *dds).condition_code == 0
        assert list(system.records("A.OUT")) == expected, order


def test_altseq_gives_aq_fields_an_order_of_their_own_and_chalt_all_characters(sort: Sort) -> None:
    digits_first = " ALTSEQ CODE=(F0B0,F1B1,F2B2)"
    data = ("A", "2", "B", "0")
    assert sort(digits_first, " SORT FIELDS=(1,1,AQ,A)", data=data) == ["0", "2", "A", "B"]
    assert sort(digits_first, " SORT FIELDS=(1,1,AQ,D)", data=data) == ["B", "A", "2", "0"]
    assert sort(digits_first, " SORT FIELDS=(1,1,CH,A)", data=data) == ["A", "B", "0", "2"]
    assert sort(digits_first, " OPTION CHALT", " SORT FIELDS=(1,1,CH,A)", data=data) == ["0", "2", "A", "B"]
    assert sort(digits_first, " OPTION COPY", " INCLUDE COND=(1,1,AQ,LT,C'A')", data=data) == ["2", "0"]


def test_merge_of_sorted_inputs(run: Run) -> None:
    inputs = ("//SORTIN02 DD *", "B", "D", "/*", "//SORTIN01 DD *", "A", "C", "/*")
    lines = ("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", "//SORTOUT DD SYSOUT=*", *inputs)
    result = run(*lines, "//SYSIN DD *", " MERGE FIELDS=(1,1,CH,A)")
    assert printed(result, "SORTOUT") == ["A", "B", "C", "D"]


def test_the_listing_counts_records(run: Run) -> None:
    result = run(*step(" SORT FIELDS=(1,5,CH,A)", dds=("//SORTOUT DD DSN=A.OUT,DISP=(,CATLG)",)))
    lines = printed(result)
    assert "ICE143I 0 BLOCKSET     SORT  TECHNIQUE SELECTED" in lines
    assert "           SORT FIELDS=(1,5,CH,A)" in lines
    assert lines[-3:] == [
        "ICE055I 0 INSERT 0, DELETE 0",
        "ICE054I 0 RECORDS - IN: 4, OUT: 4",
        "ICE052I 0 END OF DFSORT",
    ]


# --- selection --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("(1,5,CH,EQ,C'NORTH')", [0, 2]),
        ("(1,5,CH,NE,C'NORTH')", [1, 3]),
        ("(17,4,ZD,GE,12)", [0, 1]),
        ("(1,5,CH,EQ,C'NORTH',AND,8,5,CH,EQ,C'PEARS')", [2]),
        ("(1,1,CH,EQ,C'E',|,(8,1,CH,EQ,C'P',&,17,4,ZD,LT,50))", [2, 3]),
        ("(1,20,SS,EQ,C'PEAR')", [1, 2]),
        ("(1,5,SS,EQ,C'NORTH,EAST ')", [0, 2, 3]),
        ("(17,4,FS,EQ,NUM)", [0, 1, 2, 3]),
        ("(1,4,ZD,EQ,NUM)", []),
        ("(1,1,CH,LT,8,1,CH)", [2]),
        ("(1,1,BI,EQ,X'D5')", [0, 2]),
    ],
)
def test_include_and_omit(sort: Sort, condition: str, kept: list[int]) -> None:
    assert sort(" OPTION COPY", f" INCLUDE COND={condition}") == [SALES[index] for index in kept]
    assert sort(" OPTION COPY", f" OMIT COND={condition}") == [s for i, s in enumerate(SALES) if i not in kept]


def test_skiprec_and_stopaft(sort: Sort) -> None:
    assert sort(" SORT FIELDS=COPY,SKIPREC=1,STOPAFT=2") == list(SALES[1:3])


def test_options_of_parm_win(run: Run) -> None:
    lines = step(" OPTION COPY,SKIPREC=3,STOPAFT=9", dds=("//SORTOUT DD SYSOUT=*",))
    result = run("//S EXEC PGM=SORT,PARM='MSGPRT=ALL,SKIPREC=1,STOPAFT=2,SIZE=MAX'", *lines[1:])
    assert printed(result, "SORTOUT") == list(SALES[1:3])
    assert run("//S EXEC PGM=SORT,PARM='SKIPREC=X'", *lines[1:]).condition_code == 16


# --- editing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("OUTREC BUILD=(8,6,2X,1,5)", "APPLES  NORTH"),
        ("INREC FIELDS=(1,5,10:8,6)", "NORTH    APPLES"),
        ("OUTREC BUILD=(C'>',1,5,3C'-',X'5C')", ">NORTH---*"),
        ("OUTREC BUILD=(17,4,ZD,M10)", "   12"),
        ("OUTREC BUILD=(17,4,ZD,M11,LENGTH=6)", "000012"),
        ("OUTREC BUILD=(17,4,ZD,EDIT=(IIT.TT))", "  0.12"),
        ("OUTREC BUILD=(17,4,ZD,TO=ZD,LENGTH=6)", "00001B"),
        ("OUTREC BUILD=(1,2,HEX)", "D5D6"),
        ("OUTREC OVERLAY=(1:C'X',25:SEQNUM,3,ZD)", "XORTH  APPLES   0012    001"),
        ("OUTREC BUILD=(17,4,ZD,TO=ZDF,LENGTH=6)", "000012"),
        ("OUTREC BUILD=(1,5,TRAN=UTOL)", "north"),
        ("OUTREC BUILD=(1,5,CHANGE=(2,C'NORTH',C'N '),NOMATCH=(C'??'))", "N"),
        ("OUTREC FINDREP=(IN=C'NORTH',OUT=C'N')", "N  APPLES   0012"),
        ("OUTREC IFTHEN=(WHEN=(1,1,CH,EQ,C'N'),BUILD=(8,6)),IFTHEN=(WHEN=NONE,BUILD=(1,4))", "APPLES"),
        ("OUTREC BUILD=(1,5,JFY=(SHIFT=RIGHT),C'|')", "NORTH|"),
    ],
)
def test_reformatting(sort: Sort, statement: str, line: str) -> None:
    words = statement.split("),", 1)
    control = (
        [f" {words[0]}),", f"               {words[1]}"]
        if len(words) > 1 and len(statement) > 60
        else [f" {statement}"]
    )
    assert sort(" OPTION COPY", *control)[0] == line


def test_free_text_is_parsed_into_fields(sort: Sort) -> None:
    data = ("apple,12,'a,b' x", "fig,7", 'kiwi,003,"q"')
    build = " INREC PARSE=(%01=(ENDBEFR=C',',FIXLEN=6),%02=(ENDBEFR=C',',FIXLEN=3),"
    fields = "    %03=(ENDBEFR=BLANKS,PAIR=APOST,FIXLEN=5)),"
    assert sort(" OPTION COPY", build, fields, "    BUILD=(%02,UFF,M11,LENGTH=4,X,%01,1,2,%03)", data=data) == [
        "0012 apple ap'a,b'",
        "0007 fig   fi",
        '0003 kiwi  ki"q"',
    ]
    between = (" OUTREC PARSE=(%1=(STARTAFT=C'<',ENDBEFR=C'>',FIXLEN=4)),", "    OVERLAY=(20:%1)")
    assert sort(" OPTION COPY", *between, data=("a <b> c", "none")) == ["a <b> c            b", "none"]
    absolute = (
        " OUTREC PARSE=(%1=(ABSPOS=3,FIXLEN=2),%=(ADDPOS=1),",
        "   %2=(STARTAT=C'=',ENDAT=C';',FIXLEN=6)),BUILD=(%2,%1)",
    )
    assert sort(" OPTION COPY", *absolute, data=("abcdef=gh;i",)) == ["=gh;  cd"]


def test_a_group_has_the_fields_of_its_first_record(sort: Sort) -> None:
    data = ("H1", "a", "b", "T", "x", "H2", "c")
    group = " OUTREC IFTHEN=(WHEN=GROUP,BEGIN=(1,1,CH,EQ,C'H'),END=(1,1,CH,EQ,C'T'),"
    lines = sort(" OPTION COPY", group, "   PUSH=(5:2,1,7:ID=2,10:SEQ=2))", data=data)
    assert lines == ["H1  1 01 01", "a   1 01 02", "b   1 01 03", "T   1 01 04", "x", "H2  2 02 01", "c   2 02 02"]
    pairs = " OUTREC IFTHEN=(WHEN=GROUP,RECORDS=2,PUSH=(3:1,1))"
    assert sort(" OPTION COPY", pairs, data=("a", "b", "c")) == ["a a", "b a", "c c"]
    keys = " OUTREC IFTHEN=(WHEN=GROUP,KEYBEGIN=(1,1),PUSH=(5:ID=1,6:SEQ=1))"
    assert sort(" OPTION COPY", keys, data=("a1", "a2", "b1")) == ["a1  11", "a2  12", "b1  21"]


def test_sequence_numbers_begin_anew_for_each_data_set(run: Run) -> None:
    dds = ("//A DD SYSOUT=*", "//B DD SYSOUT=*")
    outfil = " OUTFIL FNAMES=(A,B),OVERLAY=(22:SEQNUM,2,ZD)"
    result = run(*step(" OPTION COPY", outfil, dds=dds))
    assert (
        [line[21:] for line in printed(result, "A")]
        == [line[21:] for line in printed(result, "B")]
        == [
            "01",
            "02",
            "03",
            "04",
        ]
    )


def test_symbols_name_fields_and_constants(sort: Sort) -> None:
    symnames = ("//SYMNAMES DD *", "REGION,1,5,CH", "SKIP,2", "FRUIT,*,6,CH", "AMOUNT,17,4,ZD", "N,C'NORTH'", "/*")
    control = (" SORT FIELDS=(AMOUNT,D)", " INCLUDE COND=(REGION,EQ,N)", " OUTREC BUILD=(FRUIT)")
    assert sort(*control, dds=symnames) == ["APPLES", "PEARS"]


# --- sums and outputs -------------------------------------------------------------------------------------


def test_sum_adds_up_and_none_takes_duplicates_out(sort: Sort) -> None:
    lines = sort(" SORT FIELDS=(1,5,CH,A)", " SUM FIELDS=(17,4,ZD)", " OUTREC BUILD=(1,5,17,4,ZD,M11)")
    assert lines == ["EAST 0001", "NORTH0019", "SOUTH0100"]
    assert len(sort(" SORT FIELDS=(8,6,CH,A)", " SUM FIELDS=NONE")) == 2


def test_sums_of_zoned_fields_are_printable_unless_told_otherwise(sort: Sort) -> None:
    control = (" SORT FIELDS=(1,5,CH,A)", " SUM FIELDS=(17,4),FORMAT=ZD")
    assert [line[16:] for line in sort(*control)] == ["0001", "0019", "0100"]
    assert [line[16:] for line in sort(*control, " OPTION NZDPRINT")] == ["0001", "001I", "0100"]


def test_a_sum_that_does_not_fit_leaves_both_records(sort: Sort) -> None:
    assert len(sort(" SORT FIELDS=(1,1,CH,A)", " SUM FIELDS=(2,1,ZD)", data=("A9", "A9"))) == 2


def test_outfil_splits_by_condition_and_save_takes_the_rest(run: Run) -> None:
    outfil = (
        " OUTFIL FNAMES=N,INCLUDE=(1,5,CH,EQ,C'NORTH')",
        " OUTFIL FNAMES=BIG,INCLUDE=(17,4,ZD,GT,50),BUILD=(8,6)",
        " OUTFIL FNAMES=REST,SAVE",
    )
    dds = tuple(f"//{name} DD SYSOUT=*" for name in ("N", "BIG", "REST"))
    result = run(*step(" SORT FIELDS=(1,5,CH,A)", *outfil, dds=dds))
    assert printed(result, "N") == [SALES[0], SALES[2]]
    assert printed(result, "BIG") == ["PEARS"]
    assert printed(result, "REST") == [SALES[3]]


def test_outfil_split_startrec_and_sample(run: Run) -> None:
    dds = tuple(f"//{name} DD SYSOUT=*" for name in ("A", "B", "C"))
    control = (" OPTION COPY", " OUTFIL FNAMES=(A,B),SPLIT", " OUTFIL FNAMES=C,STARTREC=2,SAMPLE=2")
    result = run(*step(*control, dds=dds))
    assert [printed(result, name) for name in "ABC"] == [
        [SALES[0], SALES[2]],
        [SALES[1], SALES[3]],
        [SALES[1], SALES[3]],
    ]


def test_a_report_with_sections_and_totals(run: Run) -> None:
    control = (
        " SORT FIELDS=(1,5,CH,A,8,6,CH,A)",
        " OUTFIL FNAMES=RPT,REMOVECC,BUILD=(3:8,6,12:17,4,ZD,M10),",
        "   HEADER1=('SALES',15:'TODAY'),",
        "   SECTIONS=(1,5,HEADER3=(1,5),",
        "     TRAILER3=(3:'SUM',12:TOT=(17,4,ZD,M10,LENGTH=5))),",
        "   TRAILER1=('ALL',12:TOT=(17,4,ZD,M10,LENGTH=5),",
        "     20:COUNT=(M11,LENGTH=2))",
    )
    result = run(*step(*control, dds=("//RPT DD SYSOUT=*",)))
    assert result.condition_code == 0, printed(result)
    assert printed(result, "RPT") == [
        "SALES         TODAY",
        *("EAST", "  APPLES       1", "  SUM          1"),
        *("NORTH", "  APPLES      12", "  PEARS        7", "  SUM         19"),
        *("SOUTH", "  PEARS      100", "  SUM        100"),
        "ALL          120   04",
    ]


def test_variable_records_have_their_positions_behind_the_descriptor(run: Run, system: System) -> None:
    system.allocate("V.IN", DataSetAttributes("VB", 104))
    with system.sequential("V.IN", "w") as source:
        source.append([text.encode("cp037") for text in ("CCC", "A", "BB")])
    sysin = ("//SYSIN DD *", " SORT FIELDS=(5,1,CH,A)", " OUTREC BUILD=(1,4,C'<',5)", "/*")
    dds = ("//SORTIN DD DSN=V.IN,DISP=SHR", "//SORTOUT DD DSN=V.OUT,DISP=(,CATLG)")
    assert run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *sysin, *dds).condition_code == 0
    assert [record.decode("cp037") for record in system.records("V.OUT")] == ["<A", "<BB", "<CCC"]


def test_variable_records_become_fixed_and_fixed_ones_variable(run: Run, system: System) -> None:
    system.allocate("V.IN", DataSetAttributes("VB", 20))
    with system.sequential("V.IN", "w") as data_set:
        data_set.append(text.encode("cp037") for text in ("CCC", "A"))
    inputs = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=V.IN,DISP=SHR", "//F DD DSN=F.OUT,DISP=(,CATLG)")
    control = (" SORT FIELDS=(5,1,CH,A)", " OUTFIL FNAMES=F,VTOF,BUILD=(5,5)")
    assert run("//S EXEC PGM=SORT", *inputs, "//SYSIN DD *", *control).condition_code == 0
    assert [record.decode("cp037") for record in system.records("F.OUT")] == ["A    ", "CCC  "]
    inputs = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=F.OUT,DISP=SHR", "//V DD DSN=V.OUT,DISP=(,CATLG)")
    control = (" OPTION COPY", " OUTFIL FNAMES=V,FTOV,VLTRIM=C' '")
    assert run("//S EXEC PGM=SORT", *inputs, "//SYSIN DD *", *control).condition_code == 0
    assert [record.decode("cp037") for record in system.records("V.OUT")] == ["A", "CCC"]
    assert system.entry("V.OUT").attributes == DataSetAttributes("VB", 9)  # type: ignore[union-attr]


@pytest.mark.parametrize("build", ["(5,3)", "(1,3,5)", "(C'X',1)"])
def test_variable_records_are_built_from_their_descriptor_on(run: Run, system: System, build: str) -> None:
    system.allocate("V.IN", DataSetAttributes("VB", 20))
    dds = ("//SYSOUT DD SYSOUT=*", "//SORTIN DD DSN=V.IN,DISP=SHR", "//SORTOUT DD SYSOUT=*")
    result = run("//S EXEC PGM=SORT", *dds, "//SYSIN DD *", " OPTION COPY", f" OUTREC BUILD={build}")
    assert result.condition_code == 16
    assert printed(result)[-2].startswith("ICE251A")


def test_a_cluster_is_sorted_into_a_cluster(run: Run, system: System) -> None:
    text = "  DEFINE CLUSTER (NAME({}) KEYS(2 {}) RECORDSIZE(6 6) TRACKS(1 1))"
    define = [text.format("A.K", 0), text.format("A.L", 4)]
    assert run("//D EXEC PGM=IDCAMS", "//SYSPRINT DD DUMMY", "//SYSIN DD *", *define).condition_code == 0
    with system.key_sequenced("A.K", "w") as cluster:
        for text in ("01--ZZ", "02--AA"):
            cluster.insert(text.encode("cp037"))
        cluster.commit()
    dds = ("//SORTIN DD DSN=A.K,DISP=SHR", "//SORTOUT DD DSN=A.L,DISP=SHR")
    sort = ("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *dds, "//SYSIN DD *", " SORT FIELDS=(9,2,CH,A)")
    assert run(*sort).condition_code == 0
    assert [record.decode("cp037") for record in system.records("A.L")] == ["02--AA", "01--ZZ"]
    result = run(*sort)
    assert result.condition_code == 16
    assert any(line.startswith("ICE046A") for line in printed(result))


def test_records_of_a_cluster_are_fixed_if_sortout_is(run: Run, system: System) -> None:
    define = "  DEFINE CLUSTER (NAME(A.K) KEYS(2 0) RECORDSIZE(6 6) TRACKS(1 1))"
    assert run("//D EXEC PGM=IDCAMS", "//SYSPRINT DD DUMMY", "//SYSIN DD *", define).condition_code == 0
    with system.key_sequenced("A.K", "w") as cluster:
        for text in ("01--ZZ", "02--AA"):
            cluster.insert(text.encode("cp037"))
        cluster.commit()
    dds = ("//SORTIN DD DSN=A.K,DISP=SHR", "//SORTOUT DD DSN=A.OUT,DISP=(,CATLG),RECFM=FB,LRECL=6")
    sysin = ("//SYSIN DD *", " SORT FIELDS=(5,2,CH,A)", " OUTREC FIELDS=(5,2,1,4)")
    assert run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *dds, *sysin).condition_code == 0
    assert [record.decode("cp037") for record in system.records("A.OUT")] == ["AA02--", "ZZ01--"]


# --- what is wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "message"),
    [
        (" SORT FIELDS=(1,5,CH", "ICE007A"),
        (" SORT FIELDS=(1,5,XX,A)", "ICE018A"),
        (" SORT FIELDS=(1,5,CH)", "ICE007A"),
        (" SORT FIELDS=(A,5,CH,A)", "ICE007A"),
        (" SORT FIELDS=(1,5,CH,A),COLOUR=RED", "ICE007A"),
        (" SROT FIELDS=(1,5,CH,A)", "ICE005A"),
        (" INCLUDE COND=(1,5,CH,EQ,C'A')", "ICE010A"),
        (" OPTION COPY\n INCLUDE COND=(1,5,EQ,C'A')", "ICE018A"),
        (" OPTION COPY\n INCLUDE COND=(1,5,CH,EQ)", "ICE221A"),
        (" OPTION COPY\n INCLUDE COND=(1,5,CH,EQ,X'0')", "ICE221A"),
        (" OPTION COPY\n OUTFIL FNAMES=NOSUCH", "ICE056A"),
        (" OPTION COPY\n OUTREC BUILD=(1,5,Q)", "ICE007A"),
        (" SORT FIELDS=(1,5,CH,A)\n SUM FIELDS=(1,2)", "ICE007A"),
        (" SORT FIELDS=(1,5,CH,A)\n ALTSEQ CODE=(F0)", "ICE007A"),
        (" OPTION COPY\n OUTREC PARSE=(%1=(ENDBEFR=C','),%2=(FIXLEN=1)),BUILD=(%1)", "ICE007A"),
        (" OPTION COPY\n OUTREC PARSE=(%1=(FIXLEN=1,BAD=2)),BUILD=(%1)", "ICE007A"),
        (" OPTION COPY\n OUTREC PARSE=(%1=(FIXLEN=1)),BUILD=(%2)", "ICE007A"),
        (" OPTION COPY\n OUTREC IFTHEN=(WHEN=GROUP,RECORDS=2)", "ICE007A"),
        (" OPTION COPY\n OUTREC IFTHEN=(WHEN=GROUP,KEYBEGIN=(1),PUSH=(1:1,1))", "ICE007A"),
        (" OPTION COPY\n OUTREC IFTHEN=(WHEN=GROUP,RECORDS=2,PUSH=(1:XX=1))", "ICE007A"),
        (" SORT FIELDS=(1,5,CH,A)\n MODS E15=(1X,1)", "ICE007A"),
        (" SORT FIELDS=(1,5,CH,A)\n MODS E61=(A,1)", "ICE007A"),
    ],
)
def test_what_is_wrong_is_code_16_with_its_message_and_nothing_written(
    run: Run, system: System, control: str, message: str
) -> None:
    result = run(*step(*control.split("\n"), dds=("//SORTOUT DD DSN=A.OUT,DISP=(,CATLG),RECFM=FB,LRECL=80",)))
    assert result.condition_code == 16
    assert any(line.startswith(message) for line in printed(result)), printed(result)
    assert list(system.records("A.OUT")) == []


def test_a_decimal_field_without_digits_is_abend_s0c7(run: Run) -> None:
    control = (" OPTION COPY", " INCLUDE COND=(1,5,PD,GT,0)")
    result = run(*step(*control, dds=("//SORTOUT DD SYSOUT=*",)))
    assert result.status == "ABEND S0C7"


def test_without_sortin_there_is_nothing_to_sort(run: Run) -> None:
    sysin = ("//SYSIN DD *", " SORT FIELDS=(1,5,CH,A)")
    result = run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", "//SORTOUT DD SYSOUT=*", *sysin)
    assert (result.condition_code, "ICE056A 0 SORTIN NOT DEFINED" in printed(result)) == (16, True)


def test_records_of_a_longer_sortout_are_filled_with_zeros_those_of_outfil_with_blanks(
    run: Run, system: System
) -> None:
    dds = ("//SORTOUT DD DSN=A.OUT,DISP=(,CATLG),RECFM=FB,LRECL=82", "//B DD DSN=B.OUT,DISP=(,CATLG),RECFM=FB,LRECL=82")
    assert run(*step(" OPTION COPY", dds=dds[:1], data=("X",))).condition_code == 0
    assert run(*step(" OPTION COPY", " OUTFIL FNAMES=B", dds=dds[1:], data=("X",))).condition_code == 0
    assert [record[80:] for name in ("A.OUT", "B.OUT") for record in system.records(name)] == [b"\0\0", b"\x40\x40"]
