"""Records to values: every usage by known bytes, tables, alternatives, and what is said of bytes that are no value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ksds.copybook.elementary import as_decimal
from ksds.errors import CopybookError
from tests.ksds.copybook.reading import decoded, ebcdic, encoded, faults, view


@pytest.mark.parametrize(
    ("clauses", "raw", "value"),
    [
        ("PIC X(5)", "C1C24040 40", "AB"),
        ("PIC X(5) JUST RIGHT", "4040 40C1C2", "AB"),
        ("PIC A(2)", "C181", "Aa"),
        ("PIC ZZ9.99-", "4040F14BF5F060", "  1.50-"),
        ("PIC 9(4)", "F0F0F4F2", 42),
        ("PIC 9(4)", "F0F0F4C2", 42),
        ("PIC S9(4)", "F0F0F4D2", -42),
        ("PIC S9(4)", "F0F0F4C2", 42),
        ("PIC S9(4)", "F0F0F4F2", 42),
        ("PIC S9(4)", "F0F0F4B2", -42),
        ("PIC S9(3) LEADING", "D0F4F2", -42),
        ("PIC S9(3) LEADING SEPARATE", "60F0F4F2", -42),
        ("PIC S9(3) TRAILING SEPARATE", "F0F4F24E", 42),
        ("PIC S9(3)V99", "F1F2F3F4D5", "-123.45"),
        ("PIC SV99", "F0D5", "-0.05"),
        ("PIC 9PPP", "F7", 7000),
        ("PIC PP99", "F4F2", "0.0042"),
        ("PIC 9(5) BLANK WHEN ZERO", "4040404040", 0),
        ("PIC 9(15)", "F9" * 15, 999999999999999),
        ("PIC 9(16)", "F9" * 16, "9999999999999999"),
        ("PIC S9(5) COMP-3", "12345D", -12345),
        ("PIC S9(5) COMP-3", "12345C", 12345),
        ("PIC S9(5) COMP-3", "12345A", 12345),
        ("PIC 9(5) COMP-3", "12345F", 12345),
        ("PIC 9(5) COMP-3", "12345C", 12345),
        ("PIC S9(3)V9 COMP-3", "01234B", "-123.4"),
        ("PIC 9(10)P(6)", "F0" * 9 + "F7", "7000000"),
        ("PIC 9(15) COMP-5", "0000000000000007", "7"),
        ("PIC 9(15) COMP", "0000000000000007", 7),
        ("PIC S9(4) COMP", "FFFE", -2),
        ("PIC 9(4) COMP", "FFFE", 65534),
        ("PIC S9(9) BINARY", "80000000", -2147483648),
        ("PIC S9(5)V99 COMP", "FFFFFF9C", "-1.00"),
        ("PIC 9(18) COMP-5", "FFFFFFFFFFFFFFFF", "18446744073709551615"),
        ("COMP-1", "42640000", 100.0),
        ("COMP-1", "C1100000", -1.0),
        ("COMP-1", "40800000", 0.5),
        ("COMP-2", "4110000000000000", 1.0),
        ("COMP-2", "0000000000000000", 0.0),
        ("PIC N(3)", "004100DF0020", "Aß"),
        ("PIC S9(2) NATIONAL SIGN TRAILING SEPARATE", "00340032002D", -42),
        ("PIC G(1) DISPLAY-1", "41C1", "41C1"),
        ("POINTER", "0000ABCD", "0000ABCD"),
        ("INDEX", "00000010", 16),
    ],
)
def test_an_elementary_field_says_what_its_bytes_mean(clauses: str, raw: str, value: object) -> None:
    found = decoded(f"01 R. 05 A {clauses}.", bytes.fromhex(raw))["A"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("clauses", "raw", "what"),
    [
        ("PIC 9(4)", "F0F04040", "X'F0F04040' IS NOT ZONED DECIMAL"),
        ("PIC 9(4)", "C1F0F0F0", "IS NOT ZONED DECIMAL"),
        ("PIC 9(4)", "F0F0F0D1", "IS NOT ZONED DECIMAL"),
        ("PIC S9(4)", "F0F0F061", "IS NOT ZONED DECIMAL"),
        ("PIC 9(2)", "F06D", "IS NOT ZONED DECIMAL"),
        ("PIC S9(3) LEADING SEPARATE", "F0F0F4F2", "IS NOT ZONED DECIMAL"),
        ("PIC S9(5) COMP-3", "1234FF", "IS NOT PACKED DECIMAL"),
        ("PIC 9(4)", "F0F0F0A1", "IS NOT ZONED DECIMAL"),
        ("PIC S9(5) COMP-3", "404040", "X'404040' IS NOT PACKED DECIMAL"),
        ("PIC S9(5) COMP-3", "1234E5", "IS NOT PACKED DECIMAL"),
        ("PIC 9(5) COMP-3", "12345A", "IS NOT PACKED DECIMAL"),
        ("PIC 9(5) COMP-3", "12345D", "IS NOT PACKED DECIMAL"),
        ("PIC N(1)", "D800", "X'D800' IS NOT UTF-16"),
        ("PIC 9(2) NATIONAL", "00310041", "IS NOT NATIONAL DECIMAL"),
    ],
)
def test_bytes_that_are_no_value_are_a_fault_with_path_and_offset(clauses: str, raw: str, what: str) -> None:
    text = f"01 R. 05 G. 10 X PIC X(3). 10 A {clauses}. 05 Z PIC X."
    values, found = faults(text, ebcdic("ABC") + bytes.fromhex(raw) + ebcdic("Z"))
    assert values == {"G": {"X": "ABC", "A": None}, "Z": "Z"}
    (fault,) = found
    assert (fault.path, fault.offset) == ("G.A", 3)
    assert what in str(fault) and str(fault).startswith("G.A AT OFFSET 3: ")


def test_slack_bytes_and_unnamed_fields_are_no_values() -> None:
    text = "01 R. 05 A PIC X. 05 B PIC S9(9) COMP SYNC. 05 FILLER PIC X(2). 05 C PIC X."
    assert decoded(text, ebcdic("A...") + (7).to_bytes(4) + ebcdic("??C")) == {"A": "A", "B": 7, "C": "C"}


TABLE = (
    "01 R. 05 N PIC 9. 05 LINE-ITEM OCCURS 0 TO 3 DEPENDING ON N. 10 QTY PIC 99. 10 CODES PIC X OCCURS 2. 05 Z PIC X."
)


def test_each_occurrence_ends_with_its_slack_bytes() -> None:
    text = "01 R. 05 T OCCURS 2. 10 A PIC S9(4) COMP SYNC. 10 B PIC X. 05 Z PIC X."
    record = bytes.fromhex("0001C1000002C200E9")
    assert decoded(text, record) == {"T": [{"A": 1, "B": "A"}, {"A": 2, "B": "B"}], "Z": "Z"}


def test_a_counter_is_the_last_of_its_name_or_the_one_that_is_qualified() -> None:
    text = "01 R. 05 G. 10 N PIC 9. 05 H. 10 N PIC 9. 05 T PIC X OCCURS 0 TO 9 DEPENDING ON N{}. 05 Z PIC X."
    assert decoded(text.format(""), ebcdic("12ABZ"))["T"] == ["A", "B"]
    assert decoded(text.format(" OF G IN R"), ebcdic("12AZ"))["T"] == ["A"]


def test_tables_are_lists_as_long_as_their_counter_says() -> None:
    assert decoded(TABLE, ebcdic("212AB34CDZ")) == {
        "N": 2,
        "LINE-ITEM": [{"QTY": 12, "CODES": ["A", "B"]}, {"QTY": 34, "CODES": ["C", "D"]}],
        "Z": "Z",
    }
    assert decoded(TABLE, ebcdic("0Z")) == {"N": 0, "LINE-ITEM": [], "Z": "Z"}


def test_a_fault_in_a_table_names_the_occurrence() -> None:
    values, found = faults(TABLE, ebcdic("212ABxxCDZ"))
    assert [str(fault) for fault in found] == ["LINE-ITEM(2).QTY AT OFFSET 5: X'A7A7' IS NOT ZONED DECIMAL"]
    assert values["Z"] == "Z"
    deep = "01 R. 05 A OCCURS 2. 10 B OCCURS 2. 15 C PIC 9 OCCURS 2."
    assert [fault.path for fault in faults(deep, ebcdic("12345?78"))[1]] == ["A(2).B(1).C(2)"]


def test_a_counter_that_says_nonsense_is_a_fault_and_the_nearest_number_is_taken() -> None:
    values, found = faults(TABLE, ebcdic("912AB34CD56EFZ"))
    assert [str(fault) for fault in found] == ["LINE-ITEM AT OFFSET 1: N IS 9, NOT 0 TO 3"]
    assert values["Z"] == "Z"
    least = "01 R. 05 N PIC 9. 05 T PIC X OCCURS 2 TO 3 DEPENDING ON N."
    values, found = faults(least, ebcdic("1AB"))
    assert [str(fault) for fault in found] == ["T AT OFFSET 1: N IS 1, NOT 2 TO 3"] and values["T"] == ["A", "B"]
    values, found = faults(TABLE, ebcdic("?Z"))
    assert [fault.path for fault in found] == ["N"] and values["LINE-ITEM"] == []


def test_a_table_in_a_table_may_depend_on_a_counter_of_its_row() -> None:
    text = "01 R. 05 ROW OCCURS 2. 10 N PIC 9. 10 V PIC X OCCURS 0 TO 9 DEPENDING ON N. 05 Z PIC X."
    assert decoded(text, ebcdic("2AB1CZ")) == {"ROW": [{"N": 2, "V": ["A", "B"]}, {"N": 1, "V": ["C"]}], "Z": "Z"}


def test_a_record_that_is_too_short_or_too_long_is_shown_as_far_as_it_goes() -> None:
    text = "01 R. 05 A PIC X(2). 05 B PIC 9(3). 05 C PIC X OCCURS 3. 05 D PIC X."
    values, found = faults(text, ebcdic("AB12"))
    assert values == {"A": "AB", "B": None, "C": [], "D": None}
    assert [str(one) for one in found] == ["B AT OFFSET 2: THE RECORD ENDS AT 4, BEFORE THE END OF THIS FIELD"]
    values, found = faults(text, ebcdic("AB123XY"))
    assert values["C"] == ["X", "Y"] and found[0].offset == 7
    one_more = "R AT OFFSET 9: 1 BYTES BEHIND THE LAST FIELD, X'5A'"
    assert [str(one) for one in faults(text, ebcdic("AB123XYZD!"))[1]] == [one_more]
    values, found = faults(text, ebcdic("AB123XYZD!!"))
    assert values["D"] == "D"
    assert [str(one) for one in found] == ["R AT OFFSET 9: 2 BYTES BEHIND THE LAST FIELD, X'5A5A'"]


def test_unnamed_bytes_at_the_end_may_be_missing() -> None:
    assert decoded("01 R. 05 A PIC X(2). 05 FILLER PIC X(9).", ebcdic("AB")) == {"A": "AB"}


def test_a_record_of_nothing_but_faults_is_not_told_field_by_field() -> None:
    text = "01 R. 05 T PIC 9 OCCURS 5000. 05 U PIC 9 OCCURS 9. 05 V REDEFINES U PIC X(9)."
    values, found = faults(text, bytes(5009))
    assert values["T"] == [None] * 5000
    assert [str(fault) for fault in found[-2:]] == [
        "T(1000) AT OFFSET 999: X'00' IS NOT ZONED DECIMAL",
        "THE RECORD AT OFFSET 0: 4000 MORE FIELDS ARE WRONG",
    ]
    text = "01 R. 05 T OCCURS 600. 10 U PIC 9. 10 V REDEFINES U PIC S9(1) COMP-3."
    assert str(faults(text, bytes(600))[1][-1]) == "THE RECORD AT OFFSET 0: 200 MORE FIELDS ARE WRONG"


def test_the_end_of_a_record_is_said_once() -> None:
    text = "01 R. 05 A PIC X(2). 05 B PIC X(3). 05 C PIC X(2). 05 D REDEFINES C PIC 99. 05 E PIC X OCCURS 2."
    values, found = faults(text, ebcdic("AB"))
    assert [fault.path for fault in found] == ["B"] and values == {"A": "AB", **dict.fromkeys("BCD"), "E": []}
    assert [fault.path for fault in faults(text, ebcdic("ABxyz"))[1]] == ["C", "D"]


REDEFINED = """01 R. 05 KIND PIC X. 88 IS-NUMBER VALUE 'N'. 88 IS-OTHER VALUES 'A' THRU 'C', 'X'.
    05 AS-TEXT PIC X(4). 05 AS-NUMBER REDEFINES AS-TEXT PIC 9(4). 05 FILLER REDEFINES AS-TEXT. 10 LOW PIC 9(2)."""


def test_all_redefinitions_are_given_and_one_without_fault_is_enough() -> None:
    assert decoded(REDEFINED, ebcdic("N0042")) == {
        "KIND": "N",
        "AS-TEXT": "0042",
        "AS-NUMBER": 42,
        "FILLER-1": {"LOW": 0},
    }
    assert decoded(REDEFINED, ebcdic("ATEXT"))["AS-NUMBER"] is None
    numbers = "01 R. 05 A PIC 9(2). 05 B REDEFINES A PIC S9(3) COMP-3."
    assert [fault.path for fault in faults(numbers, ebcdic("??"))[1]] == ["A", "B"]


def test_a_choice_leaves_one_redefinition() -> None:
    assert decoded(REDEFINED, ebcdic("N0042"), "as-number") == {"KIND": "N", "AS-NUMBER": 42}
    assert [fault.path for fault in faults(REDEFINED, ebcdic("ATEXT"), "AS-NUMBER")[1]] == ["AS-NUMBER"]
    by_value = ("AS-NUMBER if KIND=N", "AS-TEXT if KIND = 'A'")
    assert decoded(REDEFINED, ebcdic("N0042"), *by_value) == {"KIND": "N", "AS-NUMBER": 42}
    assert decoded(REDEFINED, ebcdic("ATEXT"), *by_value) == {"KIND": "A", "AS-TEXT": "TEXT"}
    assert len(decoded(REDEFINED, ebcdic("Z0042"), *by_value)) == 4
    assert "AS-TEXT" not in decoded(REDEFINED, ebcdic("N0042"), "AS-NUMBER IF IS-NUMBER", "AS-TEXT")
    assert "AS-NUMBER" not in decoded(REDEFINED, ebcdic("B0042"), "AS-NUMBER if IS-NUMBER", "AS-TEXT")
    assert "AS-NUMBER" not in decoded(REDEFINED, ebcdic("B0042"), "AS-TEXT if IS-OTHER")


def test_a_choice_in_a_table_is_made_for_each_occurrence() -> None:
    text = "01 R. 05 T OCCURS 2. 10 K PIC 9. 10 A PIC X(2). 10 B REDEFINES A PIC 99."
    assert decoded(text, ebcdic("1AB205"), "B if K=2", "A if K=1") == {"T": [{"K": 1, "A": "AB"}, {"K": 2, "B": 5}]}


def test_a_condition_is_that_of_the_alternative_or_the_nearest_before_it() -> None:
    text = "01 R. 05 G. 10 K PIC X. 05 H. 10 K PIC X. 05 A PIC X. 05 B REDEFINES A PIC X."
    assert decoded(text, ebcdic("12?"), "B if K=2") == {"G": {"K": "1"}, "H": {"K": "2"}, "B": "?"}
    text = "01 R. 05 A PIC X. 05 B PIC X(4). 88 IS-IT VALUE 'it''s'. 05 C REDEFINES B PIC X(4)."
    assert "B" not in decoded(text, ebcdic(" it's"), "C if IS-IT", "B")


@pytest.mark.parametrize(
    ("kind", "values", "sound", "wrong"),
    [
        ("9(3)", "ZERO", "000", "001"),
        ("9(3)", "5 THRU 7, 100", "006", "008"),
        ("9(3)", "+012", "012", "013"),
        ("X(3)", "SPACES", "   ", "  a"),
        ("X(3)", "LOW-VALUES", "\0\0\0", "\0\0 "),
        ("X(3)", "ALL 'ab'", "aba", "abb"),
        ("X(3)", "X'C1C2'", "AB ", "AC "),
        ("X(3)", "'AB' THRU 'AD'", "ACZ", "AE "),
        ("X(3)", "QUOTE", '"' * 3, "'" * 3),
        ("G(1) DISPLAY-1", "'C1C2'", "AB", "AC"),
    ],
)
def test_conditions_compare_numbers_by_value_and_text_with_blanks(
    kind: str, values: str, sound: str, wrong: str
) -> None:
    text = f"01 R. 05 N PIC {kind}. 88 YES VALUES {values}. 05 A PIC X. 05 B REDEFINES A PIC X."
    assert "A" not in decoded(text, ebcdic(f"{sound}?"), "B if YES")
    assert "A" in decoded(text, ebcdic(f"{wrong}?"), "B if YES")


RECORDS = """01 HEADER. 05 H-TYPE PIC X. 05 H-DATE PIC 9(4). 01 DETAIL. 05 D-TYPE PIC X. 88 IS-DETAIL VALUE 'D'.
    05 D-AMOUNT PIC S9(3)V99 COMP-3. 01 TRAILER REDEFINES HEADER. 05 T-TYPE PIC X. 05 T-COUNT PIC 9(2)."""


def test_several_records_are_alternatives() -> None:
    detail = ebcdic("D") + bytes.fromhex("12345D")
    found = decoded(RECORDS, detail)
    assert found["DETAIL"] == {"D-TYPE": "D", "D-AMOUNT": "-123.45"} and list(found) == ["HEADER", "DETAIL", "TRAILER"]
    choices = ("HEADER if H-TYPE=H", "DETAIL if IS-DETAIL", "TRAILER if T-TYPE=T")
    assert decoded(RECORDS, ebcdic("H2611"), *choices) == {"HEADER": {"H-TYPE": "H", "H-DATE": 2611}}
    assert decoded(RECORDS, detail, *choices) == {"DETAIL": found["DETAIL"]}
    assert decoded(RECORDS, ebcdic("T07"), *choices) == {"TRAILER": {"T-TYPE": "T", "T-COUNT": 7}}
    assert [fault.path for fault in faults(RECORDS, ebcdic("Hxxxx"), *choices)[1]] == ["HEADER.H-DATE"]


@pytest.mark.parametrize(
    ("choice", "what"),
    [
        ("NOWHERE", "NOWHERE IS NEITHER A REDEFINITION"),
        ("KIND", "KIND IS NEITHER A REDEFINITION"),
        ("AS-TEXT if NOTHING=1", "FIELD NOTHING IS NOT IN AS-TEXT"),
        ("AS-TEXT if NOTHING", "CONDITION NOTHING IS NOT IN AS-TEXT"),
        ("AS-TEXT when X", "IS NOT NAME, NAME if"),
        ("AS-TEXT if KIND=TOO-LONG", "KIND CANNOT BE 'TOO-LONG'"),
        ("AS-NUMBER if AS-NUMBER=X", "AS-NUMBER CANNOT BE 'X'"),
    ],
)
def test_a_choice_that_makes_no_sense_is_said(choice: str, what: str) -> None:
    with pytest.raises(CopybookError) as error:
        view(REDEFINED, choice).decoder()
    assert what in str(error.value)


def test_decimals_for_programs_are_exact() -> None:
    text = "01 R. 05 A PIC S9(29)V99. 05 B PIC 9(31)."
    raw = ebcdic("1" * 31 + "9" * 31)
    values, _ = view(text).decoder(as_decimal).decode(raw)
    assert values == {"A": Decimal("1" * 29 + ".11"), "B": int("9" * 31)}


def test_values_become_the_bytes_they_came_from() -> None:
    raw = ebcdic("N0042")
    assert encoded(REDEFINED, decoded(REDEFINED, raw)) == raw
    assert encoded(TABLE, decoded(TABLE, ebcdic("212AB34CDZ"))) == ebcdic("212AB34CDZ")
