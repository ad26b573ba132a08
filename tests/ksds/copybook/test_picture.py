"""PICTURE character-strings: the tables of the Language Reference, and strings that say nothing."""

from __future__ import annotations

import pytest

from ksds.copybook.picture import Category, picture


@pytest.mark.parametrize(
    ("text", "digits", "scale", "signed"),
    [
        ("9", 1, 0, False),
        ("S9(7)V99", 9, 2, True),
        ("9(4)V9(4)", 8, 4, False),
        ("V999", 3, 3, False),
        ("S99V", 2, 0, True),
        ("999PPP", 3, -3, False),
        ("S9P(2)V", 1, -2, True),
        ("PPP999", 3, 6, False),
        ("VPP9", 1, 3, False),
        ("SP(5)9(2)", 2, 7, True),
        ("9(31)", 31, 0, False),
    ],
)
def test_numbers_have_digits_a_scale_and_maybe_a_sign(text: str, digits: int, scale: int, signed: bool) -> None:
    found = picture(text)
    assert (found.category, found.digits, found.scale, found.signed) == (Category.NUMERIC, digits, scale, signed)
    assert found.size == digits


@pytest.mark.parametrize(
    ("text", "category", "size"),
    [
        ("X", Category.TEXT, 1),
        ("X(30)", Category.TEXT, 30),
        ("AAXX9", Category.TEXT, 5),
        ("N(8)", Category.NATIONAL, 8),
        ("G(4)", Category.DBCS, 4),
        ("Z,ZZ9.99-", Category.EDITED, 9),
        ("$$$,$$9.99CR", Category.EDITED, 12),
        ("-(7)9V99", Category.EDITED, 10),
        ("**,**9.99DB", Category.EDITED, 11),
        ("99/99/9999", Category.EDITED, 10),
        ("XXBXX0X", Category.EDITED, 7),
        ("+9.9(4)E+99", Category.EDITED, 11),
    ],
)
def test_text_and_edited_pictures_count_characters(text: str, category: Category, size: int) -> None:
    found = picture(text)
    assert (found.category, found.size) == (category, size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "()",
        "X(",
        "X(0)",
        "X(1)(2)",
        "9S",
        "S",
        "V",
        "PP",
        "9P9",
        "9V9V9",
        "9(32)",
        "P(30)99",
        "Q",
        "XU",
        "X(9999999)",
        ",.",
    ],
)
def test_strings_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z]"):
        picture(text)
