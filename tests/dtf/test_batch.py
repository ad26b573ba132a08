"""The batch interface: how commands are written, and what a step makes of the answers of its node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from dtf.batch import Batch
from dtf.command_language import Command, CommandError, parse_commands
from dtf.errors import NodeError
from dtf.process import NO_JOB, SubmittingJob
from dtf.statistics_log import Statistic
from dtf.transmission_queue import QueuedProcess
from ksds.errors import DataSetNotFound


@dataclass
class Outcome:
    name: str = "SEND"
    condition_code: int = 0
    message_id: str = "SCPA000I"
    text: str = "Copy step successful."
    queue: str = ""
    status: str = ""


@dataclass
class FakeNode:
    """A node that remembers what it was asked."""

    answer: Outcome = field(default_factory=Outcome)
    submitted: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    worked: list[int | None] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)

    def record(self, kind: str, submitter: str, text: str = "") -> None:
        self.recorded.append(kind)

    def submit(
        self,
        text: str,
        *,
        symbols: Mapping[str, str] | None = None,
        submitter: str = "",
        overrides: Mapping[str, str] | None = None,
        job: SubmittingJob = NO_JOB,
    ) -> int:
        self.submitted.append((text, dict(symbols or {}), dict(overrides or {})))
        return 7

    def run(self, number: int | None = None) -> None:
        self.worked.append(number)

    def outcome(self, number: int) -> Outcome:
        return self.answer

    def processes(self) -> list[QueuedProcess]:
        return [QueuedProcess(number=n, submitted=0, name=name, snode="CHI") for n, name in ((1, "SEND"), (2, "PULL"))]

    def statistics(self) -> list[Statistic]:
        return [Statistic(kind="CT", when=0, number=n, name="SEND", fields={"CCOD": str(n)}) for n in (0, 8)]


def process(name: str) -> str:
    if name == "NOT.THERE":
        raise DataSetNotFound(name)
    return f"TEXT OF {name}"


def run(*records: str, node: FakeNode | None = None, parameter: str = "") -> tuple[int, list[str]]:
    lines: list[str] = []
    batch = Batch(
        node=node or FakeNode(),
        write=lines.append,
        read_process=process,
        read_member=process,
        parameter=parameter,
    )
    return batch.run(records), lines


def command(*records: str) -> Command:
    [one] = parse_commands(records)
    return one


def test_a_command_continues_behind_a_hyphen_and_takes_symbols() -> None:
    submit = command("  SUBMIT DSN=A.B MAXDELAY=UNLIMITED -", "         &FROM=X.Y &TO='Lower Case'")
    assert submit.verb == "SUBMIT"
    assert submit.keywords == {"DSN": "A.B", "MAXDELAY": "UNLIMITED"}
    assert submit.symbols == {"FROM": "X.Y", "TO": "Lower Case"}


def test_column_one_is_a_label_and_an_asterisk_there_a_comment() -> None:
    assert command("HERE SIGNOFF").verb == "SIGNOFF"
    assert parse_commands(["* SIGNON", "LABEL"]) == []


def test_abbreviations_members_and_lists() -> None:
    assert command(" SUB DSN=LIB(MEMBER)").keywords == {"DSN": "LIB(MEMBER)"}
    select = command(" SEL PROC WHERE(PNAME=(A,B))")
    assert (select.verb, select.words, select.where) == ("SELECT", ("PROC",), {"PNAME": "(A,B)"})


def test_pieces_are_joined_and_sequence_numbers_dropped() -> None:
    assert command("  SUBMIT PROC=X &A='ONE' || 'TWO'").symbols == {"A": "ONETWO"}
    assert command("  SIGNOFF".ljust(72) + "00010000").words == ()


def test_passwords_are_not_shown() -> None:
    assert command("  SIGNON USERID=(IBMUSER,SECRET) ESF=YES").shown == "SIGNON USERID=(IBMUSER,***) ESF=YES"


@pytest.mark.parametrize(
    "record",
    [
        "  SUBMIT DSN=(A",
        "  SUBMIT &A=&B",
        "  (X)",
        "  SUBMIT DSN=A DSN=B",
        "  SUBMIT DSN='A",
        "  SEL PROC WHERE(",
        "  X " + "A=B " * 2000,
    ],
)
def test_what_is_no_command_is_an_error_with_its_place(record: str) -> None:
    with pytest.raises(CommandError, match="DTX501E"):
        parse_commands([record])


@pytest.mark.parametrize("maxdelay", ["UNLIMITED", "QUEUED", "0", "00:05:00"])
def test_submit_takes_what_a_process_statement_takes_too(maxdelay: str) -> None:
    """17: SUBMIT keywords: PROC= or DSN="""
    node = FakeNode()
    submit = (
        f"  SUBMIT PROC=SEND MAXDELAY={maxdelay} NEWNAME=OTHER HOLD=NO -",
        "    RETAIN=NO REQUEUE=YES PRTY=9 CLASS=2 PNODE=NYC SNODE=CHI -",
        "    STARTT=(,12:00) SNODEID=(ANNA) &TO=A.B",
    )
    code, lines = run("  SIGNON", *submit, node=node)
    assert code == 0, lines
    [(text, symbols, given)] = node.submitted
    assert (text, symbols) == ("TEXT OF SEND", {"TO": "A.B"})
    assert given.items() >= {"NEWNAME": "OTHER", "REQUEUE": "YES", "PRTY": "9", "CLASS": "2", "SNODE": "CHI"}.items()
    assert "MAXDELAY" not in given


def test_without_maxdelay_the_process_stays_queued_and_the_code_says_only_that() -> None:
    """17: Without MAXDELAY the SUBMIT is asynchronous"""
    node = FakeNode(Outcome(condition_code=8))
    code, lines = run("  SIGNON", "  SUBMIT DSN=A.B", "  SIGNOFF", node=node)
    assert code == 0
    assert node.submitted == [("TEXT OF A.B", {}, {})]
    assert node.worked == []
    assert any("SUBMITTED" in line for line in lines)


def test_with_maxdelay_the_step_waits_and_takes_the_code_of_the_process() -> None:
    """17: Without MAXDELAY the SUBMIT is asynchronous"""
    node = FakeNode(Outcome(condition_code=8, message_id="DTX220E", text="DAMAGED"))
    code, lines = run("  SIGNON", "  SUBMIT DSN=A.B MAXDELAY=UNLIMITED SNODE=CHI &X=1", "  SIGNOFF", node=node)
    assert code == 8
    assert node.submitted == [("TEXT OF A.B", {"X": "1"}, {"SNODE": "CHI"})]
    assert node.worked == [7]
    assert "  RC=00000008 MSGID=DTX220E PROCESS SEND(000007) ENDED. DAMAGED" in lines


def test_a_process_that_ends_up_in_hold_is_no_success() -> None:
    node = FakeNode(Outcome(queue="HO", status="WC", message_id="SVTM105I", text="RETRIES USED"))
    code, lines = run("  SIGNON", "  SUBMIT DSN=A.B MAXDELAY=00:10:00", node=node)
    assert code == 8
    assert any("MSGID=SVTM105I" in line and "QUEUE HO STATUS WC" in line for line in lines)


@pytest.mark.parametrize(
    ("record", "message_id"),
    [
        ("  SUBMIT", "DTX505E"),
        ("  SUBMIT DSN=A PROC=B", "DTX505E"),
        ("  SUBMIT DSN=A COLOUR=RED", "DTX505E"),
        ("  SUBMIT DSN=A MAXDELAY=SOON", "DTX505E"),
        ("  SUBMIT DSN=NOT.THERE", "IDC3012I"),
        ("  INSERT USER", "DTX504E"),
    ],
)
def test_a_bad_command_is_code_8_and_the_next_one_runs(record: str, message_id: str) -> None:
    node = FakeNode()
    code, lines = run("  SIGNON", record, "  SUBMIT DSN=A.B", "  SIGNOFF", node=node)
    assert code == 8
    assert any(f"MSGID={message_id}" in line for line in lines)
    assert len(node.submitted) == 1


def test_signon_comes_first_and_nothing_runs_after_signoff() -> None:
    """17: First command SIGNON, last SIGNOFF"""
    assert run("  SUBMIT DSN=A.B")[0] == 8
    node = FakeNode()
    assert run("  SIGNON", "  SIGNOFF", "  SUBMIT DSN=A.B", node=node)[0] == 0
    assert node.submitted == []
    assert run()[0] == 8


def test_a_syntax_error_anywhere_and_no_command_is_carried_out() -> None:
    node = FakeNode()
    assert run("  SIGNON", "  SUBMIT DSN=A.B", "  SUBMIT DSN=(", node=node)[0] == 8
    assert node.submitted == []


def test_select_process_and_statistics_with_their_selectors() -> None:
    def lines(select: str) -> list[str]:
        return [line for line in run("  SIGNON", select, "  SIGNOFF")[1] if "SEND" in line or "PULL" in line]

    assert [line.split()[0] for line in lines("  SELECT PROCESS")] == ["SEND", "PULL"]
    assert len(lines("  SEL PROC WHERE (PNAME=S* PNUM=1)")) == 1
    assert len(lines("  SELECT STATISTICS")) == 2
    assert len(lines("  SELECT STATISTICS WHERE(CCODE=(GT,4))")) == 1
    assert run("  SIGNON", "  SELECT TYPE")[0] == 8
    assert run("  SIGNON", "  SELECT PROCESS WHERE(COLOUR=RED)")[0] == 8


def test_parm_says_what_is_printed() -> None:
    """17: EXEC PGM=DMBATCH,PARM=(YYSLYNN)"""
    records = ("  SIGNON", "  SUBMIT DSN=NOT.THERE")
    assert any(line.startswith("SIGNON") for line in run(*records)[1])
    assert not any(line.startswith("SIGNON") for line in run(*records, parameter="NYSLYNN")[1])
    assert not any("SIGNON COMPLETE" in line for line in run(*records, parameter="YYNLYNN")[1])
    assert not any("RC=" in line for line in run(*records, parameter="(YN)")[1])


def test_a_node_that_fails_is_told_with_its_own_code() -> None:
    class Failing(FakeNode):
        def run(self, number: int | None = None) -> None:
            raise NodeError("the queue is damaged", condition_code=12)

    code, lines = run("  SIGNON", "  SUBMIT DSN=A.B MAXDELAY=0", node=Failing())
    assert code == 12
    assert any("MSGID=DTX300E the queue is damaged" in line for line in lines)


def test_what_the_step_did_is_in_the_statistics() -> None:
    node = FakeNode()
    run("  SIGNON", "  SELECT PROCESS", "  SELECT STATISTICS", "  SIGNOFF", node=node)
    assert node.recorded == ["SI", "SP", "SS", "SO"]
