"""Continuation, comments, delimiters, in-stream data, several jobs: the reader's part of the JCL Reference."""

from __future__ import annotations

from dtf.jcl.cards import read_cards
from dtf.jcl.statements import JobDeck, Statement, read_jobs


def jobs(*lines: str) -> list[JobDeck]:
    return read_jobs(read_cards("\n".join(lines)))


def statements(*lines: str) -> list[Statement]:
    [job] = jobs("//J JOB", *lines)
    return [statement for statement in job.statements if statement.number][1:]


def notes(job: JobDeck) -> list[tuple[str, int]]:
    return [(note.message_id, note.at.line) for note in job.diagnostics]


def data(statement: Statement) -> list[str]:
    assert statement.data is not None
    return [card.text for card in statement.data]


def test_name_operation_and_parameters_may_stand_anywhere_behind_a_blank() -> None:
    [statement] = statements("//STEP1      EXEC     PGM=IEFBR14   THE REST IS COMMENT")
    assert (statement.name, statement.operation, statement.operand.text) == ("STEP1", "EXEC", "PGM=IEFBR14")
    assert statement.at == (2, 14)
    assert statement.operand.at(4) == (2, 27)


def test_a_comma_at_the_end_continues_on_the_next_card() -> None:
    [statement] = statements("//D DD DSN=A.B,   A COMMENT AFTER THE COMMA", "//* EVEN A COMMENT CARD", "//  DISP=SHR")
    assert statement.operand.text == "DSN=A.B,DISP=SHR"
    assert statement.operand.at(len("DSN=A.B,DISP=")) == (4, 10)
    assert len(statement.cards) == 3


def test_a_quoted_value_runs_to_column_71_and_goes_on_in_column_16() -> None:
    first = "//S EXEC PGM=X,PARM='".ljust(71, "A")
    [statement] = statements(first, "//" + " " * 13 + "BBB  C'")
    assert statement.operand.text == "PGM=X,PARM='" + "A" * 50 + "BBB  C'"


def test_blanks_of_a_continued_quoted_value_are_kept_up_to_column_71() -> None:
    first = "//S EXEC PGM=X,PARM='ONE"
    [statement] = statements(first, "//" + " " * 13 + "TWO'")
    assert statement.operand.text == "PGM=X,PARM='ONE" + " " * (71 - len(first)) + "TWO'"


def test_the_next_statement_instead_of_a_continuation_is_an_error_but_is_read() -> None:
    [job] = jobs("//J JOB", "//D DD DSN=A,", "//S EXEC PGM=B")
    assert notes(job) == [("IEFC621I", 2)]
    assert [statement.operation for statement in job.statements] == ["JOB", "DD", "EXEC"]


def test_a_null_statement_where_a_continuation_is_due_just_ends_the_statement() -> None:
    [job] = jobs("//J JOB", "//S EXEC PGM=A,", "//", "//T EXEC PGM=B")
    assert notes(job) == []
    assert [statement.name for statement in job.statements] == ["J", "S", "T"]


def test_parameters_running_into_column_72_are_an_error() -> None:
    [job] = jobs("//J JOB", "//D DD DSN=" + "A" * 64)
    assert notes(job) == [("IEFC618I", 2)]


def test_a_nonblank_column_72_continues_a_comment() -> None:
    first = "//S EXEC PGM=IEFBR14   A LONG COMMENT".ljust(71) + "X"
    [step, dd] = statements(first, "//     THAT GOES ON HERE", "//D DD DUMMY")
    assert len(step.cards) == 2
    assert dd.operation == "DD"


def test_in_stream_data_ends_at_a_delimiter_or_at_the_next_statement() -> None:
    [one, two, three] = statements("//A DD *", "ONE", "/*", "//B DD *", "TWO", "//C DD DUMMY")
    assert (data(one), data(two)) == (["ONE"], ["TWO"])
    assert three.data is None


def test_a_comment_card_ends_in_stream_data_too() -> None:
    [statement] = statements("//A DD *", "ONE", "//* NOT DATA")
    assert data(statement) == ["ONE"]


def test_dd_data_may_hold_a_whole_job() -> None:
    [statement, after] = statements("//A DD DATA", "//X JOB", "//Y EXEC PGM=Z", "/*", "//B DD DUMMY")
    assert data(statement) == ["//X JOB", "//Y EXEC PGM=Z"]
    assert after.name == "B"


def test_dlm_lets_the_data_hold_the_usual_delimiter() -> None:
    [star] = statements("//A DD *,DLM='@@'", "ONE", "/*", "@@")
    [words] = statements("//A DD DATA,DLM=ZZ", "//ONE", "/*", "ZZ")
    assert data(star) == ["ONE", "/*"]
    assert data(words) == ["//ONE", "/*"]


def test_dlm_with_dd_star_still_ends_at_a_statement() -> None:
    [statement, after] = statements("//A DD *,DLM=ZZ", "ONE", "//B DD DUMMY")
    assert data(statement) == ["ONE"]
    assert after.name == "B"


def test_a_dd_in_error_has_the_default_delimiter() -> None:
    [statement] = statements("//A DD *,FOO=((,DLM=ZZ", "ONE", "/*", "ZZ")
    assert data(statement) == ["ONE"]


def test_data_that_is_never_ended_reaches_to_the_end_of_the_deck() -> None:
    [statement] = statements("//A DD DATA,DLM=ZZ", "ONE", "//")
    assert data(statement) == ["ONE", "//"]


def test_a_delimiter_without_data_is_passed_over() -> None:
    [job] = jobs("//J JOB", "//S EXEC PGM=IEFBR14", "/*", "/* AGAIN", "//D DD DUMMY")
    assert notes(job) == []
    assert job.statements[-1].name == "D"


def test_comments_and_jes_control_cards_are_listed_without_a_number() -> None:
    [job] = jobs("//J JOB", "/*JOBPARM SYSAFF=*", "//* HELLO", "//S EXEC PGM=IEFBR14")
    assert [(statement.number, statement.operation) for statement in job.statements] == [
        (1, "JOB"),
        (0, "*"),
        (0, "*"),
        (2, "EXEC"),
    ]


def test_a_null_statement_ends_the_job_and_the_rest_up_to_the_next_job_is_not_read() -> None:
    first, second = jobs("//J JOB", "//S EXEC PGM=A", "//", "//T EXEC PGM=B", "NOISE", "//K JOB", "//U EXEC PGM=C")
    assert [statement.name for statement in first.statements] == ["J", "S", ""]
    assert notes(first) == [("DTX453W", 4)]
    assert [statement.name for statement in second.statements] == ["K", "U"]
    assert second.statements[0].number == 1


def test_a_null_statement_right_behind_data_ends_the_data_and_only_then_perhaps_the_job() -> None:
    [job] = jobs("//J JOB", "//S EXEC PGM=A", "//D DD *", "DATA", "//", "//E DD DUMMY")
    assert notes(job) == [("DTX458W", 5)]
    assert job.statements[-1].name == "E"
    first, second = jobs("//J JOB", "//S EXEC PGM=A", "//D DD *", "DATA", "//", "//K JOB")
    assert notes(first) == []
    assert [statement.name for statement in second.statements] == ["K"]


def test_a_member_without_a_job_card_gets_one() -> None:
    [job] = jobs("//S EXEC PGM=IEFBR14")
    assert [statement.name for statement in job.statements] == ["REPLAY", "S"]
    assert notes(job) == [("DTX451W", 1)]


def test_lower_case_is_folded_outside_apostrophes_and_told_once() -> None:
    [job] = jobs("//j job", "//s exec pgm=x,parm='Keep This'", "//d dd dsn=a.b,disp=shr")
    assert job.statements[1].operand.text == "PGM=X,PARM='Keep This'"
    assert job.statements[2].name == "D"
    assert notes(job) == [("DTX455W", 2)]


def test_labels() -> None:
    [job] = jobs("//J JOB", "//1BAD EXEC PGM=A", "//S.D DD DUMMY", "//S.D EXEC PGM=A", "//TOOLONGNAME DD DUMMY")
    assert notes(job) == [("IEFC662I", 2), ("IEFC662I", 4), ("IEFC662I", 5)]


def test_lines_that_are_no_job_control_are_passed_over_with_a_warning() -> None:
    [job] = jobs("//J JOB", "NOISE", "MORE NOISE", "", "//S EXEC PGM=A")
    assert notes(job) == [("DTX454W", 2)]
