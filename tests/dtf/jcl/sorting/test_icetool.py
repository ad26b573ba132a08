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
    assert printed(result, "OUT")[0] == "A   000000000000002"
    assert printed(result, "RPT")[:2] == ["SALES", "K   N"]


@pytest.mark.parametrize(
    ("toolin", "message"),
    [
        (" RESIZE FROM(IN)", "ICE611A"),
        (" SELECT FROM(IN) TO(OUT) ON(1,1,CH) FIRSTDUPS", "ICE614A"),
        (" COPY FROM(IN) TO(OUT) JKFROM", "ICE614A"),
        (" SPLICE FROM(IN) TO(OUT) ON(1,1,CH)", "ICE613A"),
        (" SPLICE FROM(IN) TO(OUT) ON(1,1,CH) WITH(A,B)", "ICE614A"),
        (" SELECT FROM(IN) TO(OUT) FIRST", "ICE613A"),
        (" STATS FROM(IN) ON(1,X,CH)", "ICE614A"),
        (" COUNT FROM(NOSUCH)", "ICE056A"),
    ],
)
def test_what_is_wrong_is_code_16(run: Run, toolin: str, message: str) -> None:
    result = tool(run, toolin)
    assert result.condition_code == 16
    assert any(line.startswith(message) for line in printed(result, "TOOLMSG"))
