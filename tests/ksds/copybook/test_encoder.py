"""Values to records: what is not given, and what a field cannot hold."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ksds.errors import CopybookError
from tests.ksds.copybook.reading import decoded, ebcdic, encoded

TEXT = """01 R. 05 A PIC X(3) VALUE 'abc'. 05 B PIC S9(3)V9 COMP-3. 05 C PIC 9(2) VALUE 7. 05 PIC X VALUE '-'.
    05 D PIC X(2) VALUE ALL '*'. 05 E PIC S9(4) COMP."""


def test_what_is_not_given_is_what_value_says_or_zero_or_blank() -> None:
    assert encoded(TEXT, {}) == ebcdic("abc") + bytes.fromhex("00000C") + ebcdic("07-**") + bytes(2)
    record = encoded(TEXT, {"A": "X", "B": Decimal("-1.5"), "C": "12", "D": None, "E": -1})
    assert record == ebcdic("X  ") + bytes.fromhex("00015D") + ebcdic("12-**") + b"\xff\xff"
    assert encoded("01 R. 05 A PIC 99 OCCURS 2 VALUE 3. 05 B COMP-1. 05 C POINTER.", {}) == ebcdic("0303") + bytes(8)


def test_a_table_has_as_many_occurrences_as_its_counter_says() -> None:
    text = "01 R. 05 N PIC 9. 05 T PIC X OCCURS 1 TO 3 DEPENDING ON N."
    assert encoded(text, {"N": 2, "T": ["A", "B"]}) == ebcdic("2AB")
    assert encoded(text, {"N": 2}) == ebcdic("2  ")
    for values, what in (({"N": 2, "T": ["A"]}, "N SAYS 2"), ({"T": []}, "0 OCCURRENCES"), ({"N": 4}, "4 OCCURR")):
        with pytest.raises(CopybookError, match=what):
            encoded(text, values)


def test_of_alternatives_the_one_that_is_given_counts() -> None:
    text = "01 R. 05 A PIC X(4). 05 B REDEFINES A PIC 9(2)."
    assert encoded(text, {"B": 7}) == ebcdic("07  ")
    assert encoded(text, {"A": "AB"}) == ebcdic("AB  ")
    records = "01 H. 05 A PIC X. 01 D. 05 B PIC 9(2)."
    assert encoded(records, {"D": {"B": 5}}) == ebcdic("05")
    with pytest.raises(CopybookError, match="ONE OF H, D"):
        encoded(records, {"X": {}})


@pytest.mark.parametrize("number", [0.0, 1.0, -1.0, 0.1, 3.5e40, -7.25e-60, 1 / 3, 255.0, 1e75])
def test_floating_point_keeps_what_it_can(number: float) -> None:
    text = "01 R. 05 A COMP-1. 05 B COMP-2."
    found = decoded(text, encoded(text, {"A": number, "B": number}))
    assert found["B"] == number
    assert found["A"] == pytest.approx(number, rel=2**-20)


def test_floating_point_is_rounded_to_the_next_that_fits() -> None:
    assert encoded("01 A COMP-1.", {"A": 1 - 2**-30}) == bytes.fromhex("41100000")
    assert encoded("01 A COMP-1.", {"A": 0.1}) == bytes.fromhex("4019999A")
    assert encoded("01 A COMP-2.", {"A": -0.1}) == bytes.fromhex("C01999999999999A")


@pytest.mark.parametrize("raw", ["7FFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF"])
def test_high_values_in_a_comp_2_come_back(raw: str) -> None:
    """Their 56 bits round up to a number that hexadecimal floating point has no longer."""
    text, record = "01 R. 05 A COMP-2.", bytes.fromhex(raw)
    assert encoded(text, decoded(text, record)) == record


def test_what_is_too_small_for_floating_point_is_zero_and_zero_may_be_blanks() -> None:
    assert encoded("01 A COMP-1.", {"A": 1e-90}) == bytes(4)
    assert encoded("01 A PIC 9(3) BLANK WHEN ZERO.", {"A": 0}) == ebcdic("   ")


def test_slack_bytes_are_zero() -> None:
    text = "01 R. 05 A PIC X. 05 B PIC S9(9) COMP SYNC. 05 C PIC X."
    assert encoded(text, {"A": "A", "B": 1, "C": "C"}) == bytes.fromhex("C100000000000001C3")


@pytest.mark.parametrize(
    ("clauses", "value", "what"),
    [
        ("PIC X(2)", "ABC", "A CANNOT HOLD TEXT OF 3 BYTES, IT HAS 2"),
        ("PIC X(2)", "\u4e2d", "U+4E2D"),
        ("PIC X(2)", 5, "NOT TEXT"),
        ("PIC 9(2)", 100, "A CANNOT HOLD 100"),
        ("PIC 9(2)", -1, "A CANNOT HOLD -1"),
        ("PIC 9(2)", "1.5", "ITS SCALE IS 0"),
        ("PIC 9(2)V9", "NaN", "CANNOT HOLD NaN"),
        ("PIC 9(2)V9", "1e999999999", "CANNOT HOLD 1e999999999"),
        ("PIC 9(2)V9", "1." + "0" * 5000, "CANNOT HOLD 1.000"),
        ("PIC 9(2)V9", "x", "NOT A NUMBER"),
        ("PIC 9(2)", True, "NOR A TRUTH VALUE"),
        ("PIC 9(2)", {}, "NEITHER A GROUP"),
        ("PIC S9(4) COMP", 32768, "A CANNOT HOLD 32768 IN 2 BYTES"),
        ("PIC S9(3) COMP-3", 1000, "A CANNOT HOLD 1000"),
        ("COMP-1", 1e80, "CANNOT HOLD 1e+80"),
        ("COMP-2", float("inf"), "CANNOT HOLD inf"),
        ("COMP-2", "1", "NOT A NUMBER"),
        ("POINTER", "xy", "NOT 8 HEXADECIMAL DIGITS"),
        ("POINTER", "12", "NOT 8 HEXADECIMAL DIGITS"),
        ("PIC N", "\ud800", "NOT UTF-16"),
        ("PIC X OCCURS 2", "AB", "NOT GIVEN AS A LIST"),
        ("PIC X OCCURS 2", ["A", "B", "C"], "CANNOT HAVE 3 OCCURRENCES"),
    ],
)
def test_a_value_that_the_field_cannot_hold_is_refused(clauses: str, value: object, what: str) -> None:
    with pytest.raises(CopybookError) as error:
        encoded(f"01 R. 05 A {clauses}.", {"A": value})
    assert what in str(error.value) and "\n" not in str(error.value)


def test_a_value_clause_that_its_field_cannot_hold_is_refused() -> None:
    for clauses in ("COMP-1 VALUE 'abc'", "PIC 9 VALUE 'x'", "PIC X VALUE 'ab'", "PIC X VALUE X'C'"):
        with pytest.raises(CopybookError, match="A CANNOT"):
            encoded(f"01 R. 05 A {clauses}.", {})


def test_a_name_that_is_no_fields_is_refused() -> None:
    with pytest.raises(CopybookError, match="'B' IS NOT A FIELD OF R"):
        encoded("01 R. 05 A PIC X.", {"A": "X", "B": "Y"})
    with pytest.raises(CopybookError, match="NOT GIVEN AS AN OBJECT"):
        encoded("01 R. 05 G. 10 A PIC X.", {"G": "X"})
