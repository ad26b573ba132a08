"""Classes of histograms, and figures as people and programs read them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ksds.figures.report import (
    CLASSES,
    Bar,
    Figures,
    Histogram,
    as_json,
    percent_classes,
    table,
    value_classes,
)


@given(st.dictionaries(st.integers(0, 10**9), st.integers(1, 1000), min_size=1))
def test_every_value_is_in_one_class_of_a_round_width(values: dict[int, int]) -> None:
    bars = value_classes(Counter(values))
    assert 1 <= len(bars) <= CLASSES
    assert sum(bar.count for bar in bars) == sum(values.values())
    assert len({bar.high - bar.low for bar in bars}) == 1
    assert str(bars[0].high - bars[0].low + 1).rstrip("0") in ("1", "2", "5")
    assert all(left.high + 1 == right.low for left, right in pairwise(bars))
    assert bars[0].count and bars[-1].count, "no empty class at either end"


@given(st.dictionaries(st.integers(0, 100), st.integers(1, 1000)))
def test_percentages_are_tenths_and_full(values: dict[int, int]) -> None:
    bars = percent_classes(Counter(values))
    assert [(bar.low, bar.high) for bar in bars[-3:]] == [(80, 89), (90, 98), (99, 100)]
    assert [bar.count for bar in bars][-1] == values.get(99, 0) + values.get(100, 0)
    assert sum(bar.count for bar in bars) == sum(values.values())


def test_the_largest_figures_stand_apart_from_their_names() -> None:
    figures = Figures("A.B", "KSDS", "KSDS", {"space": {"high_allocated_rba": 0xFFFFFFFF}}, {})
    assert list(table(figures))[-1] == "  HIGH ALLOCATED RBA 4,294,967,295"


def test_few_values_have_a_class_each() -> None:
    assert value_classes(Counter({80: 5})) == [Bar(80, 80, 5)]
    assert value_classes(Counter({3: 1, 5: 2})) == [Bar(3, 3, 1), Bar(4, 4, 0), Bar(5, 5, 2)]
    assert value_classes(Counter()) == []


def test_a_table_and_an_object() -> None:
    figures = Figures(
        "A.B",
        "KSDS",
        "KSDS KEYS(4 0)",
        {"records": {"count": 1234, "average": 80.25, "longest": None}, "space": {"cis_free": 0}},
        {
            "record_length": Histogram("Length of records", "bytes", [Bar(0, 999, 1), Bar(1000, 1999, 3)]),
            "ci_fill": Histogram("How full", "%", percent_classes(Counter())),
        },
    )
    assert list(table(figures)) == [
        "A.B: KSDS KEYS(4 0)",
        "",
        "RECORDS                               SPACE",
        "  COUNT                      1,234      CIS FREE                       0",
        "  AVERAGE                     80.2",
        "",
        "LENGTH OF RECORDS",
        "        0-999           1  #################",
        "  1,000-1,999           3  ##################################################",
    ]
    assert list(table(figures, 71))[2:4] == ["RECORDS", "  COUNT                      1,234"]
    assert list(table(figures, 72)) == list(table(figures, 500)) == list(table(figures))
    found = as_json(figures)
    assert (found["schema"], found["organization"]) == (1, "KSDS")
    assert found["records"] == {"count": 1234, "average": 80.25, "longest": None}
    assert found["histograms"]["record_length"][1] == {"from": 1000, "to": 1999, "count": 3}
