"""Offsets and lengths: as IBM's compiler lists them."""

from __future__ import annotations

import pytest

from ksds.copybook import parse
from ksds.copybook.items import Usage
from ksds.copybook.listing import rows
from ksds.errors import CopybookError
from tests.ksds.copybook.reading import fields, places


@pytest.mark.parametrize(
    ("clauses", "length"),
    [
        ("PIC S9(4) COMP", 2),
        ("PIC 9(5) BINARY", 4),
        ("PIC S9(9) COMP-4", 4),
        ("PIC S9(10) COMPUTATIONAL", 8),
        ("PIC S9(18) COMP-5", 8),
        ("PIC 9(1) COMP-5", 2),
        ("COMP-1", 4),
        ("COMPUTATIONAL-2", 8),
        ("PIC S9(7)V99 COMP-3", 5),
        ("PIC 9(4) PACKED-DECIMAL", 3),
        ("PIC S9(4)", 4),
        ("PIC S9(4) SIGN IS LEADING SEPARATE CHARACTER", 5),
        ("PIC S9(4) SIGN TRAILING", 4),
        ("PIC S9(4) USAGE NATIONAL SIGN TRAILING SEPARATE", 10),
        ("PIC N(5)", 10),
        ("PIC G(5) DISPLAY-1", 10),
        ("PIC ZZ9.99CR", 8),
        ("INDEX", 4),
        ("USAGE IS POINTER", 4),
        ("PROCEDURE-POINTER", 8),
        ("OBJECT REFERENCE", 4),
        ("PIC 9(5) BLANK WHEN ZEROS", 5),
    ],
)
def test_an_elementary_item_has_the_bytes_of_its_usage(clauses: str, length: int) -> None:
    assert places(f"01 A {clauses}.")["A"] == (0, length)


def test_items_follow_each_other_and_groups_add_up() -> None:
    text = """
       01  R.
           05  A        PIC X(5).
           05  G.
               10  B    PIC 9(3) COMP-3.
               10  C    OCCURS 4 TIMES INDEXED BY IX PIC X(2).
           05  D        PIC X.
       77  ALONE        PIC S9(4) COMP.
    """
    assert places(text) == {
        "R": (0, 16), "A": (0, 5), "G": (5, 10), "B": (5, 2), "C": (7, 2), "D": (15, 1), "ALONE": (0, 2),
    }  # fmt: skip


def test_the_usage_sign_and_sync_of_a_group_are_those_of_its_items() -> None:
    found = fields("01 R. 05 G COMP-3. 10 A PIC S9(7). 05 H SIGN LEADING SEPARATE. 10 B PIC S9(2). 10 C PIC 9.")
    assert (found["A"].item.usage, found["A"].length) == (Usage.PACKED, 4)
    assert (found["B"].length, found["C"].length) == (3, 1)
    assert places("01 R SYNC. 05 A PIC X. 05 B PIC S9(9) COMP.")["B"] == (4, 4)


def test_redefinitions_share_storage_and_the_longest_counts() -> None:
    text = "01 R. 05 A PIC X(4). 05 B REDEFINES A PIC 9(6) COMP-3. 05 C REDEFINES B. 10 C1 PIC X(6). 05 D PIC X."
    assert places(text) == {"R": (0, 7), "A": (0, 4), "B": (0, 4), "C": (0, 6), "C1": (0, 6), "D": (6, 1)}


def test_slack_bytes_are_those_of_the_language_reference() -> None:
    """Its examples of "Slack bytes within records" and "between records"."""
    first = "01 FIELD-A. 05 FIELD-B PIC X(5). 05 FIELD-C. 10 FIELD-D PIC XX. 10 FIELD-E PIC S9(6) COMP SYNC."
    assert places(first)["FIELD-E"] == (8, 4)
    assert places(first)["FIELD-C"] == (5, 7)
    second = "01 FIELD-L. 05 FIELD-M PIC X(5). 05 FIELD-N PIC XX. 05 FIELD-O. 10 FIELD-P PIC S9(6) COMP SYNC."
    assert places(second)["FIELD-O"] == (8, 4)
    table = """01 WORK-RECORD. 05 WORK-CODE PIC X. 05 COMP-TABLE OCCURS 10 TIMES. 10 COMP-TYPE PIC X.
        10 COMP-PAY PIC S9(4)V99 COMP SYNC. 10 COMP-HOURS PIC S9(3) COMP SYNC. 10 COMP-NAME PIC X(5)."""
    found = places(table)
    assert (found["COMP-TABLE"], found["COMP-PAY"], found["COMP-NAME"]) == ((1, 16), (4, 4), (10, 5))
    between = """01 COMP-RECORD. 05 A-1 PIC X(5). 05 A-2 PIC X(3). 05 A-3 PIC X(3). 05 B-1 PIC S9999 USAGE COMP
        SYNCHRONIZED. 05 B-2 PIC S99999 USAGE COMP SYNCHRONIZED. 05 B-3 PIC S9999 USAGE COMP SYNCHRONIZED."""
    assert [places(between)[name] for name in ("B-1", "B-2", "B-3")] == [(12, 2), (16, 4), (20, 2)]
    assert places("01 R. 05 A PIC X. 05 B COMP-2 SYNC. 05 C PIC X. 05 D PIC S9(18) COMP SYNC.")["D"] == (20, 8)
    assert places("01 R. 05 A PIC X. 05 B PIC S9(4) COMP SYNC RIGHT. 05 C PIC S9(3) COMP-3 SYNC.")["C"] == (4, 2)


def test_what_is_behind_a_table_of_variable_length_moves() -> None:
    found = fields("01 R. 05 N PIC 99. 05 T OCCURS 1 TO 5 TIMES DEPENDING ON N OF R PIC X(3). 05 Z PIC X.")
    assert (found["Z"].offset, found["Z"].shifted, found["T"].shifted) == (17, True, False)
    assert found["T"].counter == found["N"].number


def test_names_of_values_are_all_different() -> None:
    text = "01 R. 05 A PIC X. 05 FILLER. 10 B PIC X. 05 PIC X. 05 A PIC X. 05 A-2 PIC X. 05 FILLER. 10 A PIC X."
    keys = [field.key for field in parse(text).records[0].children()]
    assert keys == ["A", "FILLER-1", "", "A-3", "A-2", "FILLER-2"]


def test_items_without_a_level_01_are_one_record() -> None:
    assert places("05 A PIC X(3). 05 B PIC X.")["B"] == (3, 1)


def test_renames_are_places_without_storage() -> None:
    layout = parse("01 R. 05 A PIC X(2). 05 B PIC X(3). 05 C PIC X(4). 66 BC RENAMES B THRU C. 66 A2 RENAMES A OF R.")
    assert [(one.name, one.offset, one.length) for one in layout.renamings] == [("BC", 2, 7), ("A2", 0, 2)]
    assert layout.records[0].length == 9


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "NO DATA DESCRIPTION ENTRY"),
        ("01 A", "THE LAST ENTRY DOES NOT END WITH A PERIOD"),
        ("01 A.", "A HAS NEITHER A PICTURE NOR ITEMS BELOW IT"),
        ("01 A PIC X. 05 B PIC X.", "A HAS A PICTURE AND ITEMS BELOW IT"),
        ("50 A PIC X.", "50 IS NOT A LEVEL NUMBER"),
        ("MOVE A TO B.", "MOVE IS NOT A LEVEL NUMBER"),
        ("01 A PIC X OCCURS 3.", "IS OF LEVEL 01 AND CANNOT OCCUR"),
        ("01 A PICTURE.", "HAS AN EMPTY PICTURE"),
        ("01 A PIC Q.", "PICTURE Q HAS NO SYMBOL Q"),
        ("01 A PIC X COMP.", "A IS COMP, AND PICTURE X IS NOT FOR THAT"),
        ("01 A PIC 9(19) COMP.", "MORE THAN 18 DIGITS"),
        ("01 A PIC X COMP-6.", "COMP-6 IS NOT A CLAUSE"),
        ("01 A USAGE COMP-X.", "USAGE COMP-X IS NOT KNOWN"),
        ("01 A COMP. 05 B PIC 9 COMP-3.", "B IS COMP-3 IN A GROUP THAT IS COMP"),
        ("01 A. 05 B PIC X OCCURS 0.", "OCCURS 0 TO 0 TIMES"),
        ("01 A. 05 B PIC X OCCURS 2 TO 3.", "WITHOUT DEPENDING ON"),
        ("01 A. 05 B PIC X OCCURS 3 DEPENDING ON N.", "DEPENDS ON N, WHICH IS NOT BEFORE IT"),
        ("01 A. 05 N PIC X. 05 B PIC X OCCURS 3 DEPENDING ON N.", "N, WHICH IS NOT A WHOLE NUMBER"),
        ("01 A. 05 B PIC X. 05 C REDEFINES D PIC X.", "C REDEFINES D, WHICH IS NOT RIGHT BEFORE IT"),
        ("01 A. 05 N PIC 9. 05 B PIC X. 05 C REDEFINES B. 10 D PIC X OCCURS 3 DEPENDING ON N.", "HAS AN OCCURS DEP"),
        ("88 A VALUE 1.", "IS A CONDITION-NAME OF NOTHING"),
        ("01 A PIC X. 88 B.", "CONDITION WITHOUT NAME OR VALUE"),
        ("01 A PIC X. 66 B RENAMES C.", "B RENAMES C, WHICH IS NOT IN THE RECORD"),
        ("01 A. 05 B PIC X(1048576). 05 C PIC X(1000000).", "C ENDS BEHIND THE LAST OF 1048576 BYTES"),
        ("01 A PIC S9 NATIONAL.", "NATIONAL AND SIGNED WITHOUT SIGN SEPARATE"),
        ("01 A BLANK WHEN ONE.", "BLANK WHEN WHAT?"),
        ("01 A. 05 B PIC X OCCURS MANY.", "MANY IS NOT A NUMBER"),
        ("01 A PIC X. 66 B A.", "B IS OF LEVEL 66 AND DOES NOT RENAME"),
        ("66 B RENAMES A.", "B RENAMES NOTHING"),
        ("01 A. 05 B PIC X. 05 C PIC X. 66 D RENAMES C THRU B.", "D RENAMES C THROUGH B, WHICH IS BEFORE IT"),
        ("01 A PIC S9 SIGN SEPARATE.", "SIGN IS NEITHER LEADING NOR TRAILING"),
        ("01 A PIC X VALUE ==B==.", "VALUE IS NOT A LITERAL"),
        ("01 A GROUP-USAGE COMP. 05 B PIC X.", "GROUP-USAGE IS NOT NATIONAL"),
        ("01 A. " + "05 B PIC X. " * 20_000, "IS ENTRY 20001"),
        ("01 A PIC X VALUE.", "VALUE OF NOTHING"),
        ("01 " + "A" * 70 + " PIC X.", "IS NOT A NAME"),
        (" ".join(["01 A."] + [f"{level:02} A OCCURS 2." for level in range(2, 10)] + ["20 B PIC X."]), "DIMENSIONS"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(text: str, what: str) -> None:
    with pytest.raises(CopybookError) as error:
        parse(text, "T.cpy")
    assert what in str(error.value) and "\n" not in str(error.value)
    assert str(error.value).startswith("KSD121E ") and ("IN T.cpy" in str(error.value) or not text)


def test_clauses_that_say_nothing_of_the_bytes_are_read() -> None:
    text = """01 R IS GLOBAL. 05 T OCCURS 2 TIMES ASCENDING KEY IS A B DESCENDING C INDEXED BY X Y. 10 A PIC X.
        10 B PIC X.
        10 C OBJECT REFERENCE ACCOUNT. 05 G GROUP-USAGE IS NATIONAL. 10 N PIC 9(2). 10 M PIC N(3) VOLATILE."""
    assert places(text) == {
        **{"R": (0, 22), "T": (0, 6), "A": (0, 1), "B": (1, 1), "C": (2, 4), "G": (12, 10), "N": (12, 4), "M": (16, 6)},
    }


def test_the_table_of_a_layout_tells_what_matters_for_the_bytes() -> None:
    text = """01 R. 05 A PIC S9(3) LEADING SEPARATE. 05 B PIC S9(3) LEADING. 05 C PIC S9(4) COMP SYNC. 05 D PIC X JUST.
        05 E PIC 9 BLANK ZERO. 05 F PIC S9 SIGN TRAILING SEPARATE OCCURS 3. 05 G PIC S9. 88 NEG VALUES -9 THRU -1 0."""
    assert {cells[1].strip(): cells[6] for cells in rows(parse(text))} == {
        **{
            "R": "",
            "A": "SIGN LEADING SEPARATE",
            "B": "SIGN LEADING",
            "C": "SYNC",
            "D": "JUST",
            "E": "BLANK WHEN ZERO",
        },
        **{"F": "OCCURS 3, SIGN TRAILING SEPARATE", "G": "", "NEG": "VALUE -9 THRU -1 0"},
    }


def test_entries_that_describe_no_data_are_passed_over() -> None:
    text = "FD ACCOUNTS RECORDING MODE F. TITLE 'X'. EJECT SKIP1. 01 A EXTERNAL. 05 B PIC X VALUE SPACE GLOBAL."
    assert places(text)["B"] == (0, 1)
