"""Scripts of requests: what a line means, and one clear message for each line that means nothing."""

from __future__ import annotations

import random

import pytest

from ksds.access.request_script import RequestScriptError, parse


def only(text: str):
    (statement,) = parse(text.splitlines())
    return statement


def test_a_statement_is_a_verb_with_operands():
    statement = only("get rpl=a, optcd=(KEY,SEQ) ARG=0006 COUNT=3")
    assert (statement.line, statement.verb) == (1, "GET")
    assert statement.operands == {"RPL": "a", "OPTCD": "(KEY,SEQ)", "ARG": "0006", "COUNT": "3"}


def test_values_are_words_text_or_bytes():
    statement = only("PUT RECORD='IT''S (HERE), SO' ARG=X'0000000A' RECLEN=80")
    assert statement.operands == {"RECORD": "IT'S (HERE), SO", "ARG": b"\0\0\0\x0a", "RECLEN": "80"}
    assert only("PUT RECORD=C'A'").operands == {"RECORD": "A"}
    assert only("PUT RECORD=''").operands == {"RECORD": ""}


def test_comments_and_empty_lines_are_no_statements_but_count():
    statements = parse(["* the first three", "", "  * do nothing", "CLOSE"])
    assert [(statement.line, statement.verb) for statement in statements] == [(4, "CLOSE")]


def test_modcb_is_another_word_for_rpl():
    assert only("MODCB RPL=A OPTCD=BWD").verb == "RPL"


@pytest.mark.parametrize(
    ("written", "expected"), [("0", (0, None)), ("8/16", (8, 16)), ("(8,88)", (8, 88)), ("12/4", (12, 4))]
)
def test_what_the_author_expects(written, expected):
    assert only(f"GET EXPECT={written}").expected == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("FETCH ARG=1", "FETCH IS NOT ONE OF OPEN RPL GET PUT ERASE POINT GETIX PUTIX ENDREQ CHECK SHOWCB CLOSE"),
        ("GET MACRF=IN", "GET HAS NO OPERAND MACRF"),
        ("GET ARG", "NOT AN OPERAND: ARG"),
        ("GET ARG='0006", "NOT AN OPERAND: ARG='0006"),
        ("GET ARG='A'B", "NOT AN OPERAND: ARG='A'B"),
        ("GET ARG=1 ARG=2", "ARG TWICE"),
        ("GET ARG=X'0G'", "ARG IS NOT A ROW OF HEXADECIMAL DIGITS IN PAIRS"),
        ("GET COUNT=0", "COUNT IS NEITHER A NUMBER NOR *"),
        ("GET KEYLEN=-1", "KEYLEN IS NOT A NUMBER UP TO 255"),
        ("GET KEYLEN=X'01'", "KEYLEN IS NOT TEXT"),
        ("PUT RECLEN=1000001", "RECLEN IS NOT A NUMBER UP TO 1000000"),
        ("GET EXPECT=8/16/4", "EXPECT IS R15 OR R15/REASON"),
        ("PUT RECORD=" + "A" * 80_000, "LONGER THAN 70000 CHARACTERS"),
    ],
)
def test_a_line_that_means_nothing_is_named(line, message):
    with pytest.raises(RequestScriptError) as caught:
        parse(["* heading", line])
    assert str(caught.value) == f"KSD401E LINE 2: {message}"


def test_damaged_scripts_are_refused_or_understood_never_more():
    """2,000 scripts with a few characters changed at random, seed 4711."""
    source = random.Random(4711)
    script = "GET RPL=A OPTCD=(KEY,SEQ,KGE) ARG='0006' COUNT=* EXPECT=(8,16)"
    for _ in range(2000):
        characters = list(script)
        for _ in range(source.randrange(1, 5)):
            characters[source.randrange(len(characters))] = source.choice("=(),'X* \0é9")
        try:
            parse(["".join(characters)])
        except RequestScriptError as error:
            assert str(error).startswith("KSD401E LINE 1: ")
