"""What the scanner makes of records: margins, marks, comments, apostrophes, ends of commands."""

from __future__ import annotations

import pytest

from ksds.idcams.scanner import Kind, ScanError, Scanner


def scan(*records, margins=None):
    """(tokens as text with | for the end of a command, echoed records, warnings)."""
    echoed, warnings, texts = [], [], []
    scanner = Scanner(records, echoed.append, warnings.append)
    if margins:
        scanner.margins = margins
    while (token := scanner.token()).kind is not Kind.FILE_END:
        texts.append("|" if token.kind is Kind.STOP else token.text)
    return texts, echoed, warnings


def tokens(*records):
    return scan(*(" " + record for record in records))[0]


def test_only_the_margins_are_scanned_and_all_is_echoed():
    record = "XDELETE A.B" + " " * 61 + "00214004"
    texts, echoed, _ = scan(record)
    assert texts == ["DELETE", "A.B", "|"]
    assert echoed == [record]
    assert scan("DELETE A.B", margins=(1, 80))[0] == ["DELETE", "A.B", "|"]


def test_blanks_commas_and_comments_separate():
    assert tokens("KEYS(4,0)") == tokens("KEYS ( 4 /* length */ 0 )") == ["KEYS", "(", "4", "0", ")", "|"]
    assert tokens("NAME(A)TRK(1,1)") == ["NAME", "(", "A", ")", "TRK", "(", "1", "1", ")", "|"]


def test_words_are_folded_apostrophes_are_not():
    assert tokens("delete 'a.b'") == ["DELETE", "a.b", "|"]
    assert tokens("'IT''S'") == ["IT'S", "|"]
    assert tokens("x'0fA' B'101' 'X'") == ["0FA", "101", "X", "|"]


def test_a_command_ends_with_its_record_or_a_semicolon():
    assert tokens("SET MAXCC=0; LISTCAT") == ["SET", "MAXCC=0", "|", "LISTCAT", "|"]
    assert tokens("A", "", "B") == ["A", "|", "|", "B", "|"]


def test_a_hyphen_continues_the_command():
    assert tokens("REPRO-", "  IDS(A)  -   ", "ODS(B)") == tokens("REPRO IDS(A) ODS(B)")


def test_a_plus_continues_the_value():
    assert tokens("ENTR+", "   Y3") == ["ENTRY3", "|"]
    assert tokens("ENTR+", "  /* here */ Y3") == ["ENTRY3", "|"]
    assert tokens("TRK(1,1)+", "VOL(X)+", "") == ["TRK", "(", "1", "1", ")", "VOL", "(", "X", ")", "|"]
    assert tokens("INDEXED+", "KEYS(1)") == ["INDEXEDKEYS", "(", "1", ")", "|"]
    assert tokens("'LONG T+", "   EXT'") == ["LONG TEXT", "|"]


def test_a_comment_spans_records_only_by_marks():
    assert tokens("A /* one -", " two */ B") == ["A", "B", "|"]
    assert tokens("A /* one", " two */") == ["A", "|", "TWO", "*/", "|"]


def test_a_blank_record_inside_a_command_ends_it():
    assert tokens("DELETE -", "", "A.B") == ["DELETE", "|", "A.B", "|"]


def test_an_end_of_file_behind_a_mark():
    with pytest.raises(ScanError, match="IDC4236I"):
        tokens("DELETE A.B -")


def test_an_apostrophe_too_few():
    with pytest.raises(ScanError, match="IDC3203I"):
        tokens("FROMKEY('ABC)")


def test_warnings():
    assert scan(" A,,B")[2] == ["IDC0206I"]
    assert scan(" 'A;B'")[2] == ["IDC0222I"]


def test_operators_count_in_modal_commands_only():
    scanner = Scanner([" LASTCC>=12 A=B"], lambda _: None, lambda _: None)
    modal = [scanner.token(modal=True).text for _ in range(3)]
    assert [*modal, scanner.token().text] == ["LASTCC", ">=", "12", "A=B"]


def test_a_command_is_read_over_to_its_end_and_no_further():
    scanner = Scanner([" A ( -", " 'B C", " NEXT"], lambda _: None, lambda _: None)
    scanner.token()
    scanner.skip_command()
    scanner.skip_command()
    assert scanner.token().text == "NEXT"
