"""ICETOOL: its operators, one after the other, and the code of the step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.job_result import JobResult

Run = Callable[..., JobResult]
DATA = ("//IN DD *", "A 003", "B 010", "A 001", "C 002", "/*")


def tool(run: Run, *toolin: str, dds: tuple[str, ...] = ("//OUT DD SYSOUT=*",)) -> JobResult:
    heads = ("//T EXEC PGM=ICETOOL", "//TOOLMSG DD SYSOUT=*", "//DFSMSG DD SYSOUT=*")
    return run(*heads, *DATA, *dds, "//TOOLIN DD *", *toolin, "/*")


def printed(result: JobResult, name: str) -> list[str]:
    return next(list(file.printed()) for file in result.spool.files if file.name == name)


def test_sort_and_copy_with_control_statements_of_their_own(run: Run) -> None:
    cntl = ("//CTL1CNTL DD *", " SORT FIELDS=(1,5,CH,A)", "/*", "//OUT DD SYSOUT=*", "//ALL DD SYSOUT=*")
    result = tool(run, " SORT FROM(IN) TO(OUT) USING(CTL1)", " COPY FROM(IN) TO(ALL)", dds=cntl)
    assert result.condition_code == 0, printed(result, "TOOLMSG")
    assert printed(result, "OUT") == ["A 001", "A 003", "B 010", "C 002"]
    assert len(printed(result, "ALL")) == 4


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        ("FIRST", ["A 003", "B 010", "C 002"]),
        ("LAST", ["A 001", "B 010", "C 002"]),
        ("ALLDUPS", ["A 003", "A 001"]),
        ("NODUPS", ["B 010", "C 002"]),
        ("HIGHER(1)", ["A 003", "A 001"]),
    ],
)
def test_select(run: Run, criterion: str, expected: list[str]) -> None:
    result = tool(run, " SELECT FROM(IN) TO(OUT) ON(1,1,CH) -", f"    {criterion}")
    assert printed(result, "OUT") == expected


def test_select_discards_the_others(run: Run) -> None:
    dds = ("//OUT DD SYSOUT=*", "//REST DD SYSOUT=*")
    result = tool(run, " SELECT FROM(IN) TO(OUT) ON(1,1,CH) FIRST DISCARD(REST)", dds=dds)
    assert printed(result, "REST") == ["A 001"]


@pytest.mark.parametrize(
    ("test", "code"), [("", 0), ("EMPTY", 0), ("NOTEMPTY", 12), ("HIGHER(3)", 12), ("LOWER(4)", 0)]
)
def test_count_sets_the_code(run: Run, test: str, code: int) -> None:
    result = tool(run, f" COUNT FROM(IN) {test}")
    assert result.condition_code == code
    assert "ICE628I 0 RECORD COUNT:  000000000000004" in printed(result, "TOOLMSG")


def test_an_operator_that_ends_with_12_stops_the_rest(run: Run) -> None:
    result = tool(run, " COUNT FROM(IN) NOTEMPTY", " COPY FROM(IN) TO(OUT)")
    assert printed(result, "OUT") == []


def test_mode_continue_goes_on_behind_an_error(run: Run) -> None:
    result = tool(run, " MODE CONTINUE", " COUNT FROM(NOSUCH)", " COPY FROM(IN) TO(OUT)")
    assert result.condition_code == 16
    assert len(printed(result, "OUT")) > 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("WITH(3,1)", ["A Z", "B Y"]),
        ("WITH(3,1) WITHALL", ["A Y", "A Z", "B Y"]),
        ("WITH(3,1) WITH(5,1) WITHEACH", ["A Y Z", "B Y"]),
        ("WITH(3,1) KEEPNODUPS", ["A Z", "B Y", "C X"]),
        ("WITH(3,1) KEEPBASE", ["A X", "A Z", "B X", "B Y"]),
    ],
)
def test_splice_puts_fields_of_the_later_records_over_the_first(run: Run, words: str, expected: list[str]) -> None:
    data = ("A X", "B X", "A Y", "C X", "A Z Z", "B Y")
    lines = ("//IN DD *", *data, "/*", "//OUT DD SYSOUT=*", "//TOOLMSG DD SYSOUT=*", "//DFSMSG DD SYSOUT=*")
    control = ("//TOOLIN DD *", " SPLICE FROM(IN) TO(OUT) ON(1,1,CH) -", f"   {words}")
    result = run("//T EXEC PGM=ICETOOL", *lines, *control)
    assert result.condition_code == 0, printed(result, "TOOLMSG")
    assert printed(result, "OUT") == expected


def test_range_counts_values(run: Run) -> None:
    result = tool(run, " RANGE FROM(IN) ON(3,3,ZD) HIGHER(1)")
    assert any(line.startswith("ICE631I") for line in printed(result, "TOOLMSG"))


def test_stats_unique_occur_and_display(run: Run) -> None:
    result = tool(
        run,
        " STATS FROM(IN) ON(3,3,ZD)",
        " UNIQUE FROM(IN) ON(1,1,CH)",
        " OCCUR FROM(IN) LIST(OUT) ON(1,1,CH) ON(VALCNT)",
        " DISPLAY FROM(IN) LIST(RPT) ON(1,1,CH) ON(3,3,ZD) -",
        "   TITLE('SALES') HEADER('K') HEADER('N')",
        dds=("//OUT DD SYSOUT=*", "//RPT DD SYSOUT=*"),
    )
    assert result.condition_code == 0, printed(result, "TOOLMSG")
    said = printed(result, "TOOLMSG")
    assert "ICE609I 0 TOTAL: +000000000000016" in said
    assert "ICE648I 0 NUMBER OF UNIQUE VALUES:  000000000000003" in said
    assert printed(result, "OUT")[:3] == ["(1,1,CH)       VALUE COUNT", "", "A          000000000000002"]
    assert printed(result, "RPT")[:5] == [
        *("SALES", "", "K                  N", "-   ----------------", "A   +000000000000003"),
    ]


@pytest.mark.parametrize(
    ("toolin", "message"),
    [
        (" RESIZE FROM(IN)", "ICE613A"),
        (" DEFAULTS LIST(OUT)", "ICE611A"),
        (" SELECT FROM(IN) TO(OUT) ON(1,1,CH) FIRSTDUPS", "ICE614A"),
        (" COPY FROM(IN) TO(OUT) JKFROM", "ICE614A"),
        (" SPLICE FROM(IN) TO(OUT) ON(1,1,CH)", "ICE613A"),
        (" SPLICE FROM(IN) TO(OUT) ON(1,1,CH) WITH(A,B)", "ICE614A"),
        (" SELECT FROM(IN) TO(OUT) FIRST", "ICE613A"),
        (" STATS FROM(IN) ON(1,X,CH)", "ICE614A"),
        (" COUNT FROM(NOSUCH)", "ICE056A"),
    ],
)
def test_what_is_wrong_is_code_12_or_16(run: Run, toolin: str, message: str) -> None:
    result = tool(run, toolin)
    assert result.condition_code == (12 if message.startswith("ICE6") else 16)
    assert any(line.startswith(message) for line in printed(result, "TOOLMSG"))


FILE = ("//IN DD *", "H1", "B 2", "A 1", "C 3", "T9", "/*", "//OUT DD SYSOUT=*", "//REST DD SYSOUT=*")


def tool_on_file(run: Run, *toolin: str, cntl: tuple[str, ...] = (), dds: tuple[str, ...] = FILE) -> JobResult:
    heads = ("//T EXEC PGM=ICETOOL", "//TOOLMSG DD SYSOUT=*", "//DFSMSG DD SYSOUT=*", *dds)
    return run(*heads, "//CTL1CNTL DD *", *cntl, "/*", "//TOOLIN DD *", *toolin, "/*")


@pytest.mark.parametrize(
    ("words", "kept", "rest"),
    [
        ("REMOVE INPUT HEADER TRAILER", ["B 2", "A 1", "C 3"], ["H1", "T9"]),
        ("KEEP INPUT FIRST(2)", ["H1", "B 2"], ["A 1", "C 3", "T9"]),
        ("KEEP OUTPUT LAST(2) RRN(1)", ["H1", "C 3", "T9"], ["B 2", "A 1"]),
        ("KEEP INPUT RRN(4,*)", ["C 3", "T9"], ["H1", "B 2", "A 1"]),
        ("REMOVE INPUT RRN(4,2)", ["H1", "T9"], ["B 2", "A 1", "C 3"]),
    ],
)
def test_subset_keeps_or_removes_what_its_criteria_name(run: Run, words: str, kept: list[str], rest: list[str]) -> None:
    result = tool_on_file(run, f" SUBSET FROM(IN) TO(OUT) DISCARD(REST) {words}")
    assert result.condition_code == 0, printed(result, "TOOLMSG")
    assert printed(result, "OUT") == kept
    assert printed(result, "REST") == rest


def test_subset_of_the_output_counts_sorted_records(run: Run) -> None:
    control = (" SORT FIELDS=(1,1,CH,D)",)
    result = tool_on_file(run, " SUBSET FROM(IN) TO(OUT) KEEP OUTPUT FIRST(2) USING(CTL1)", cntl=control)
    assert printed(result, "OUT") == ["T9", "H1"]
    result = tool_on_file(run, " SUBSET FROM(IN) TO(OUT) REMOVE INPUT FIRST LAST USING(CTL1)", cntl=control)
    assert printed(result, "OUT") == ["C 3", "B 2", "A 1"]


def test_datasort_leaves_the_ends_where_they_are(run: Run) -> None:
    control = (" SORT FIELDS=(1,1,CH,A)", " INREC OVERLAY=(5:C'X')", " OUTFIL FNAMES=OUT,OVERLAY=(7:C'Y')")
    result = tool_on_file(run, " DATASORT FROM(IN) TO(OUT) HEADER TRAILER(1) USING(CTL1)", cntl=control)
    assert printed(result, "OUT") == ["H1    Y", "A 1 X Y", "B 2 X Y", "C 3 X Y", "T9    Y"]


def test_resize_puts_records_together_and_cuts_them(run: Run, put: Callable[..., None]) -> None:
    put("A.SHORT", "AAAA", "BBBB", "CCCC", lrecl=4)
    dds = ("//IN DD DSN=A.SHORT,DISP=SHR", "//OUT DD SYSOUT=*")
    assert printed(tool_on_file(run, " RESIZE FROM(IN) TO(OUT) TOLEN(10)", dds=dds), "OUT") == ["AAAABBBB", "CCCC"]
    assert printed(tool_on_file(run, " RESIZE FROM(IN) TO(OUT) TOLEN(3)", dds=dds), "OUT")[:3] == ["AAA", "A", "BBB"]
    assert tool_on_file(run, " RESIZE FROM(IN) TO(OUT) TOLEN(4)", dds=dds).condition_code == 12


def test_jkfrom_takes_the_two_files_that_joinkeys_names(run: Run) -> None:
    files = ("//ONE DD *", "A1", "B2", "/*", "//TWO DD *", "B9", "/*", "//OUT DD SYSOUT=*")
    control = (
        *(" JOINKEYS F1=ONE,FIELDS=(1,1,A)", " JOINKEYS F2=TWO,FIELDS=(1,1,A)"),
        " REFORMAT FIELDS=(F1:1,2,F2:2,1)",
    )
    result = tool_on_file(run, " COPY JKFROM TO(OUT) USING(CTL1)", cntl=control, dds=files)
    assert result.condition_code == 0, printed(result, "DFSMSG")
    assert printed(result, "OUT") == ["B29"]


def test_verify_names_what_is_not_decimal(run: Run) -> None:
    result = tool_on_file(run, " VERIFY FROM(IN) ON(3,1,ZD) LIMIT(5)")
    assert result.condition_code == 12
    assert "ICE618I 0 INVALID (3,1,ZD) VALUE - RECORD: 000000000000001, HEX VALUE: 40" in printed(result, "TOOLMSG")


def test_count_writes_its_number_and_sets_the_code_asked_for(run: Run) -> None:
    result = tool_on_file(run, " COUNT FROM(IN) SUB(2) WRITE(OUT) TEXT('DATA ') DIGITS(4) -", "   NOTEMPTY RC4")
    assert result.condition_code == 4
    assert printed(result, "OUT") == ["DATA 0003"]


def test_using_chooses_what_count_select_and_display_see(run: Run) -> None:
    control = (" OMIT COND=(1,1,CH,EQ,C'H',OR,1,1,CH,EQ,C'T')",)
    result = tool_on_file(run, " COUNT FROM(IN) USING(CTL1) EQUAL(3) RC8", cntl=control)
    assert result.condition_code == 8
    control = (*control, " OUTFIL FNAMES=OUT,BUILD=(3,1)")
    result = tool_on_file(run, " SELECT FROM(IN) TO(OUT) ON(1,1,CH) NODUPS USING(CTL1)", cntl=control)
    assert printed(result, "OUT") == ["1", "2", "3"]


def test_select_takes_as_many_of_each_as_asked_for(run: Run) -> None:
    data = ("//IN DD *", "A1", "A2", "A3", "B1", "/*", "//OUT DD SYSOUT=*")
    assert printed(tool_on_file(run, " SELECT FROM(IN) TO(OUT) ON(1,1,CH) FIRST(2)", dds=data), "OUT") == [
        *("A1", "A2", "B1"),
    ]


def test_a_list_has_pages_figures_and_headings_of_its_own(run: Run) -> None:
    result = tool_on_file(
        run,
        " DISPLAY FROM(IN) LIST(OUT) PAGE TITLE('LETTERS') DATE BLANK -",
        "   HEADER('LETTER','HERE') ON(1,1,CH) HEADER(NONE) ON(3,1,UFF) -",
        "   TOTAL('SUM') INDENT(2) BETWEEN(1)",
    )
    assert result.condition_code == 0, printed(result, "TOOLMSG")
    assert printed(result, "OUT") == [
        *("- 1 -   LETTERS   11/23/26", "", "  LETTER", "  HERE", "  ------ -"),
        *("  H      0", "  B      2", "  A      1", "  C      3", "  T      0", "", "  SUM    6"),
    ]


@pytest.mark.parametrize(
    "operator", ["DISPLAY FROM(IN) LIST(OUT) ON(78,5,CH)", "SELECT FROM(IN) TO(OUT) ON(78,5,CH) FIRST"]
)
def test_on_names_a_field_that_the_records_have(run: Run, operator: str) -> None:
    """DISPLAY operator, ON(p,m,f): a field must not extend beyond the end of a record."""
    result = tool(run, f" {operator}")
    assert result.condition_code == 16
    assert "80 BYTE FIXED RECORD IS SHORTER THAN 82 BYTE MINIMUM" in "\n".join(printed(result, "TOOLMSG"))


@pytest.mark.parametrize(
    ("operator", "said", "code"),
    [
        ("DISPLAY FROM(IN) LIST(NONE) ON(1,1,CH)", "ICE056A 0 NONE NOT DEFINED", 16),
        ("OCCUR FROM(IN) LIST(NONE) ON(1,1,CH)", "ICE056A 0 NONE NOT DEFINED", 16),
        ("COPY FROM(IN) TO(OUT) USING(NONE)", "ICE056A 0 NONECNTL NOT DEFINED", 16),
        ("COUNT FROM(IN) USING(NONE)", "ICE056A 0 NONECNTL NOT DEFINED", 16),
        ("SELECT FROM(IN) TO(OUT) ON(1,1,CH)", "ICE613A", 12),
    ],
)
def test_what_an_operator_names_must_be_there(run: Run, operator: str, said: str, code: int) -> None:
    result = tool(run, f" {operator}")
    assert result.condition_code == code
    assert said in "\n".join(printed(result, "TOOLMSG"))


def test_the_mode_that_is_in_effect_is_shown(run: Run) -> None:
    result = tool(run, " COUNT FROM(IN)", " MODE CONTINUE", " COUNT FROM(IN)")
    shown = [line.split()[-1] for line in printed(result, "TOOLMSG") if "ICE630I" in line]
    assert shown == ["STOP", "STOP", "CONTINUE"]
