"""Data set names: what passes, what never does, and what generic names cover."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksds.catalog.names import check_pattern, data_set_name, matches
from ksds.errors import InvalidName


@pytest.mark.parametrize("name", ["A", "SYS1.LINKLIB", "@X.#Y.$Z", "A.B-C.D9", "A2345678." * 4 + "A2345678", "#"])
def test_names_of_the_trade_pass(name):
    assert data_set_name(name) == name
    assert data_set_name(name.lower()) == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "..",
            "A.",
            ".A",
            "A..B",
            "A/B",
            "../A",
            "/etc/passwd",
            "A\\B",
            "C:A",
            "A\0",
            "A\n",
            "A B",
            " A",
            "A*",
        ),
        *(
            "1A",
            "-A",
            "A.1B",
            "A.-B",
            "ABCDEFGHI",
            "A2345678." * 4 + "A23456789",
            "\u00c4B",
            "\u00df",
            "\u0130",
            "A(B)",
        ),
        "A" * 100_000,
    ],
)
def test_what_is_no_name_is_refused_in_one_line(name):
    with pytest.raises(InvalidName) as refused:
        data_set_name(name)
    assert str(refused.value).startswith("IDC3203I ")
    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)
    assert "\0" not in str(refused.value)


@given(st.text(max_size=50))
def test_whatever_passes_is_a_harmless_file_name(text):
    try:
        name = data_set_name(text)
    except InvalidName:
        return
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$-.")
    assert "" not in name.split(".")


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("A.*", ["A.B", "A.D"], ["A", "A.A.B", "B.A", "AB"]),
        ("A.**", ["A", "A.B", "A.B.C"], ["AB", "B.A"]),
        ("**", ["A", "A.B.C"], []),
        ("**.D", ["D", "A.D", "A.B.D"], ["A.D.E"]),
        ("A.**.D", ["A.D", "A.B.D", "A.B.C.D"], ["A", "D", "A.B"]),
        ("A.*.C", ["A.B.C"], ["A.C", "A.B.B.C"]),
        ("A.B%", ["A.BC"], ["A.B", "A.BCD"]),
        ("A.P*D", ["A.PROD", "A.PD"], ["A.PRODX", "A.P.D"]),
        ("A.B", ["A.B"], ["A.BC", "A"]),
        ("A.$B", ["A.$B"], ["A.B"]),
    ],
)
def test_generic_names(pattern, covered, not_covered):
    assert [name for name in covered + not_covered if matches(pattern, name)] == covered


@pytest.mark.parametrize("pattern", ["", "A(B)", "A B", "A/..", "A" * 45, "[A]", "A\n"])
def test_what_is_no_generic_name_is_refused(pattern):
    with pytest.raises(InvalidName):
        check_pattern(pattern)


def test_a_nasty_pattern_costs_no_time():
    assert not matches("A*A*A*A*A*A*A*A*A*A*A*A*A*A*A*A*A*A*A*A*A*AB", "A" * 8)
    assert not matches(".".join(["**"] * 14) + ".B", ".".join(["A"] * 22))
