"""Command streams that nobody meant well: every one ends with a code, in a time that grows with its length only."""

from __future__ import annotations

import random
import re
import time

import pytest

from ksds import idcams
from ksds.datasets import DataSetAttributes
from ksds.idcams.commands import VERBS
from ksds.idcams.grammar import level_of
from ksds.idcams.parser import CommandParser
from ksds.idcams.scanner import ScanError, Scanner
from tests.ksds.idcams.conftest import NOW

MEBIBYTE = 1 << 20
SECONDS = 60  # of processor time: what else the machine does is no matter
"""Far above what a linear scanner needs on a slow machine, far below what a quadratic one would."""


def run(system, text):
    return idcams.run(system, text, now=NOW)


CLASSES = ["A", " ", "'", "(", ")", ",", ";", "-", "+", "/*", "*/", "X'", "B'1", "\x00", "\u00e4", ".", "=", "1", "A("]


@pytest.mark.fuzz
@pytest.mark.parametrize("piece", CLASSES)
@pytest.mark.parametrize(("mark", "size"), [(" -", MEBIBYTE), ("+", MEBIBYTE // 16), ("", MEBIBYTE // 16)])
def test_much_of_one_class_of_characters(system, piece, mark, size):
    line = " " + (piece * 70)[:68] + mark
    text = "\n".join([" DELETE A -", *[line] * (size // (len(line) + 1))])
    begin = time.process_time()
    result = run(system, text)
    assert time.process_time() - begin < SECONDS
    assert result.max_cc in (0, 4, 8, 12, 16)


def test_one_endless_record(system):
    assert run(system, " DELETE A.B" + "(" * MEBIBYTE).max_cc == 12
    assert all(len(line) <= 133 for line in run(system, "A" * MEBIBYTE).sysprint)


WORDS = [
    *("DEFINE", "CLUSTER", "(", ")", "NAME", "A.B", "TRK", "1", "KEYS", "4", "0", "RECSZ", "80", "REPRO", "IDS", "ODS"),
    *(
        "PRINT",
        "LISTCAT",
        "ALL",
        "ENT",
        "LEVEL",
        "DELETE",
        "VERIFY",
        "DS",
        "EXAMINE",
        "SET",
        "MAXCC",
        "LASTCC",
        "=",
        "4",
    ),
    *(
        "IF",
        "THEN",
        "ELSE",
        "DO",
        "END",
        ";",
        ",",
        "'",
        "X'00'",
        "/*",
        "*/",
        "-",
        "+",
        "\n",
        "\n ",
        "A.*",
        "COUNT",
        "99",
    ),
]


def keywords(model):
    """Every word of a command, nested ones too."""
    found = set()
    for name, (_, keyword) in level_of(model).keywords.items():
        found.add(name)
        if keyword.parameters is not None:
            found |= keywords(keyword.parameters)
    return found


CONSTANTS = [
    "(",
    ")",
    "(A.B)",
    "(1 2)",
    "(A.LIB(M))",
    "A.B",
    "A.*",
    "5",
    "X'00'",
    "'A B'",
    "(",
    ")",
    "((A)(B))",
    "/",
    "OUT/PW",
]


@pytest.mark.fuzz
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_command_of_its_own_words_in_any_order(verb):
    """The parser alone: operands, or one syntax error."""
    seed = 20261123
    print("seed", seed)
    dice = random.Random(seed)
    words = [*sorted(keywords(VERBS[verb])), *CONSTANTS * 3]
    for _ in range(1500):
        text = " ".join([verb, *dice.choices(words, k=dice.randint(1, 14))])
        scanner = Scanner([f" {text[:71]}"], lambda _: None, lambda _: None)
        try:
            CommandParser(scanner, lambda _: None).parse(scanner.token(), VERBS[verb])
        except ScanError as error:
            assert re.fullmatch(r"IDC[34]2\d\dI", error.number), text


NAMES = [
    "  DEFINE GDG(NAME(A.G) LIMIT(2) SCRATCH)\n  DEFINE NONVSAM(NAME(A.G.G0001V00) DEVT(3390) VOL(V1))\n"
    "  ALTER A.G LIMIT(5) NOEMPTY\n  LISTCAT ENT(A.G) ALL\n  DELETE A.G GDG FORCE\n",
    "  DEFINE CLUSTER(NAME(A.K) TRK(1) KEYS(4 0) RECSZ(80 80))\n  EXPORT A.K ODS(A.P) TEMP\n"
    "  IMPORT IDS(A.P) ODS(A.N) OBJECTS((A.K NEWNAME(A.N)))\n  DELETE A.* MASK TEST\n  DIAGNOSE ICFCAT LIST\n",
    "  ALTER A.LIB(M) NEWNAME(A.LIB(N))\n  DELETE A.LIB(N*)\n  REPRO IDS(A.LIB(M)) ODS(A.LIB(N))\n",
]


@pytest.mark.fuzz
@pytest.mark.parametrize("good", NAMES)
def test_streams_about_names_with_one_character_changed(system, good):
    seed = 1974
    print("seed", seed)
    dice = random.Random(seed)
    system.allocate("A.P", DataSetAttributes("VB", 2044, 2048))
    system.allocate("A.LIB", DataSetAttributes("FB", 80, dsorg="PO"))
    for _ in range(40):
        at = dice.randrange(len(good))
        text = good[:at] + dice.choice("()'-+;*/,= AX1%\n") + good[at + 1 :]
        assert run(system, text).max_cc in (0, 4, 8, 12, 16)
    assert not any(one.errors for one in system.diagnosis.entries())
    assert system.diagnosis.left_over() == []


@pytest.mark.fuzz
def test_words_in_any_order(system):
    seed = 20261123
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(300):
        text = " " + " ".join(dice.choices(WORDS, k=dice.randint(1, 40)))
        result = run(system, text)
        assert result.max_cc in (0, 4, 8, 12, 16)
        assert result.sysprint[-1].endswith(f"MAXIMUM CONDITION CODE WAS {result.max_cc}")
        assert all(line[:1] in "10 -" and line.isprintable() for line in result.sysprint)


@pytest.mark.fuzz
def test_bytes_in_any_order(system):
    seed = 4236
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(300):
        text = "".join(chr(dice.choice((dice.randrange(256), dice.randrange(0x3000)))) for _ in range(300))
        assert run(system, text).max_cc in (0, 4, 8, 12, 16)


@pytest.mark.fuzz
def test_a_good_stream_with_one_character_changed(system):
    good = (
        "  DEFINE CLUSTER(NAME(A.B) TRK(1 1) KEYS(4 0) -\n     RECSZ(80 80)) DATA(NAME(A.B.D))\n"
        "  IF LASTCC = 0 THEN DO\n  LISTCAT ENT(A.B) ALL\n  END\n  ELSE SET MAXCC = 4\n  DELETE A.B PURGE\n"
    )
    seed = 99
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(80):
        at = dice.randrange(len(good))
        text = good[:at] + dice.choice("()'-+;*/,= AX1\n") + good[at + 1 :]
        assert run(system, text).max_cc in (0, 4, 8, 12, 16)
        run(system, " DELETE ** MASK PURGE")
