"""JOINKEYS: two files joined by their keys, as decks use it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.job_result import JobResult
from ksds.datasets import DataSetAttributes
from ksds.system import System
from tests.dtf.jcl.sorting.steps import printed

Run = Callable[..., JobResult]
Joined = Callable[..., list[str]]
OWNERS = ("C ANN", "A BOB", "B EVE", "B TOM")
ACCOUNTS = ("10 B", "20 A", "30 D", "40 B")
KEYS = (" JOINKEYS FILES=F1,FIELDS=(1,1,A)", " JOINKEYS FILES=F2,FIELDS=(4,1,A)")
PAIR = " REFORMAT FIELDS=(F1:1,5,F2:1,2,?)"


@pytest.fixture
def joined(run: Run) -> Joined:
    """Join with these control statements; the lines of SORTOUT."""

    def one(*control: str, one: tuple[str, ...] = OWNERS, other: tuple[str, ...] = ACCOUNTS, **dds: str) -> list[str]:
        files = ("//SORTJNF1 DD *", *one, "/*", "//SORTJNF2 DD *", *other, "/*")
        more = [line for name, text in dds.items() for line in (f"//{name} DD *", *text.split("\n"), "/*")]
        outputs = ("//SYSOUT DD SYSOUT=*", "//SORTOUT DD SYSOUT=*")
        result = run("//S EXEC PGM=SORT", *outputs, *files, *more, "//SYSIN DD *", *control)
        assert result.condition_code == 0, printed(result)
        assert f"ICE421I 0 JOINED RECORDS: COUNT={len(printed(result, 'SORTOUT'))}" in printed(result)
        return printed(result, "SORTOUT")

    return one


def test_pairs_come_in_the_order_of_the_keys_each_with_each(joined: Joined) -> None:
    assert joined(*KEYS, PAIR, " OPTION COPY") == [
        "A BOB20B",
        "B EVE10B",
        "B EVE40B",
        "B TOM10B",
        "B TOM40B",
    ]


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("UNPAIRED,F1,F2", ["A BOB20B", "B EVE10B", "B EVE40B", "B TOM10B", "B TOM40B", "C ANN**1", "*****302"]),
        ("UNPAIRED", ["A BOB20B", "B EVE10B", "B EVE40B", "B TOM10B", "B TOM40B", "C ANN**1", "*****302"]),
        ("UNPAIRED,F1", ["A BOB20B", "B EVE10B", "B EVE40B", "B TOM10B", "B TOM40B", "C ANN**1"]),
        ("UNPAIRED,F1,F2,ONLY", ["C ANN**1", "*****302"]),
        ("UNPAIRED,F2,ONLY", ["*****302"]),
    ],
)
def test_what_has_no_partner(joined: Joined, join: str, expected: list[str]) -> None:
    reformat = " REFORMAT FIELDS=(F1:1,5,F2:1,2,?),FILL=C'*'"
    assert joined(*KEYS, f" JOIN {join}", reformat, " OPTION COPY") == expected


def test_without_reformat_the_records_stay_as_they_are(joined: Joined) -> None:
    assert joined(*KEYS, " JOIN UNPAIRED,F1,ONLY", " OPTION COPY") == ["C ANN"]


def test_several_keys_one_descending_and_fields_of_one_file_after_the_other(joined: Joined) -> None:
    keys = (" JOINKEYS FILE=F1,FIELDS=(1,1,D,2,1,A)", " JOINKEYS FILE=F2,FIELDS=(4,1,D,3,1,A)")
    assert joined(*keys, " REFORMAT FIELDS=(F2:4,1,1,2,F1:3,3)", " OPTION COPY")[0] == "B10EVE"


def test_the_joined_records_are_sorted_selected_and_split(joined: Joined) -> None:
    sort = (" SORT FIELDS=(6,2,CH,D)", " OMIT COND=(3,3,CH,EQ,C'TOM')", " OUTREC BUILD=(6,2,X,3,3)")
    assert joined(*KEYS, PAIR, " OPTION COPY,STOPAFT=2") == ["A BOB20B", "B EVE10B"]
    with pytest.raises(AssertionError, match="ICE421I"):
        joined(*KEYS, PAIR, *sort)


def test_each_file_has_control_statements_and_a_selection_of_its_own(joined: Joined) -> None:
    keys = (
        " JOINKEYS FILES=F1,FIELDS=(1,1,A),TASKID=T1",
        " JOINKEYS FILES=F2,FIELDS=(4,1,A),",
        "  INCLUDE=(1,2,ZD,GT,10),STOPAFT=2",
    )
    control = {"T1F1CNTL": " OMIT COND=(3,3,CH,EQ,C'EVE')\n INREC OVERLAY=(3:C'X')"}
    assert joined(*keys, PAIR, " OPTION COPY", **control) == ["A XOB20B"]


def test_sorted_files_are_checked_unless_told_otherwise(run: Run, joined: Joined) -> None:
    def keys(more: str) -> tuple[str, str]:
        return f" JOINKEYS FILE=F1,FIELDS=(1,1,A),SORTED{more}", KEYS[1]

    assert len(joined(*keys(",NOSEQCK"), PAIR, " OPTION COPY", one=("A BOB", "B EVE"))) == 3
    assert len(joined(*keys(""), PAIR, " OPTION COPY", one=("A BOB", "B EVE"))) == 3
    files = ("//SORTJNF1 DD *", *OWNERS, "/*", "//SORTJNF2 DD *", *ACCOUNTS, "/*")
    lines = ("//SYSOUT DD SYSOUT=*", "//SORTOUT DD DUMMY", *files, "//SYSIN DD *", *keys(""), PAIR, " OPTION COPY")
    result = run("//S EXEC PGM=SORT", *lines)
    assert (result.condition_code, "ICE068A 0 OUT OF SEQUENCE SORTJNF1" in printed(result)) == (16, True)


def test_variable_records_keep_their_length(run: Run, system: System) -> None:
    for name, texts in (("A.ONE", ("A1", "B22")), ("A.TWO", ("Bxyz", "Aq"))):
        system.allocate(name, DataSetAttributes("VB", 84))
        with system.sequential(name, "w") as data_set:
            data_set.append(text.encode("cp037") for text in texts)
    keys = (" JOINKEYS F1=ONE,FIELDS=(5,1,A)", " JOINKEYS F2=TWO,FIELDS=(5,1,A)")
    control = (*keys, " REFORMAT FIELDS=(F1:1,5,F2:5,1,F1:6,F2:6)", " OPTION COPY")
    dds = ("//ONE DD DSN=A.ONE,DISP=SHR", "//TWO DD DSN=A.TWO,DISP=SHR", "//SORTOUT DD DSN=A.OUT,DISP=(,CATLG)")
    assert run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *dds, "//SYSIN DD *", *control).condition_code == 0
    assert [record.decode("cp037") for record in system.records("A.OUT")] == ["AA1q", "BB22xyz"]
    control = (*keys, " REFORMAT FIELDS=(F1:5,1,F2:6)", " OPTION COPY")
    result = run("//S EXEC PGM=SORT", "//SYSOUT DD SYSOUT=*", *dds[:2], "//SORTOUT DD DUMMY", "//SYSIN DD *", *control)
    assert (result.condition_code, printed(result)[-2][:7]) == (16, "ICE251A")


@pytest.mark.parametrize(
    ("control", "message"),
    [
        ((KEYS[0], PAIR, " OPTION COPY"), "ICE007A"),
        ((*KEYS, " OPTION COPY"), "ICE007A"),
        ((KEYS[0], " JOINKEYS FILE=F2,FIELDS=(4,2,A)", PAIR, " OPTION COPY"), "ICE007A"),
        ((*KEYS, " JOIN F1", PAIR, " OPTION COPY"), "ICE007A"),
        ((*KEYS, " REFORMAT FIELDS=(F3:1,5)", " OPTION COPY"), "ICE007A"),
        ((*KEYS, " REFORMAT FIELDS=(F1:1,5),FILL=C'AB'", " OPTION COPY"), "ICE007A"),
        ((KEYS[0], " JOINKEYS F2=NOWHERE,FIELDS=(4,1,A)", PAIR, " OPTION COPY"), "ICE056A"),
        ((*KEYS, PAIR), "ICE010A"),
    ],
)
def test_what_is_wrong_is_code_16(run: Run, control: tuple[str, ...], message: str) -> None:
    files = ("//SORTJNF1 DD *", *OWNERS, "/*", "//SORTJNF2 DD *", *ACCOUNTS, "/*")
    lines = ("//SYSOUT DD SYSOUT=*", "//SORTOUT DD DUMMY", *files, "//SYSIN DD *", *control)
    result = run("//S EXEC PGM=SORT", *lines)
    assert result.condition_code == 16
    assert any(line.startswith(message) for line in printed(result)), printed(result)
