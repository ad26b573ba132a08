"""Figures in groups, histograms below them; as a table and as JSON. docs/FIGURES.md says what each means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

SCHEMA = 1
"""Rises when a figure changes its name, place or meaning; new figures may appear without."""

Value = int | float | str | None
Group = dict[str, Value]

ACROSS = 3
"""Groups side by side in a table."""
CELL = 34
GAP = 4
BAR = 50
"""Characters of the longest bar."""
CLASSES = 10
_ABBREVIATIONS = {"ci": "CI", "cis": "CIs", "ca": "CA", "cas": "CAs", "rba": "RBA", "excps": "EXCPs"}
FULL = 99
"""Percent from which on something counts as full."""
_ROUND = [digit * 10**power for power in range(20) for digit in (1, 2, 5)]


@dataclass(frozen=True, slots=True)
class Bar:
    """How many values lie from `low` to `high`, both included."""

    low: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """What is counted, in which unit its classes are, and the classes, ascending, without gaps."""

    title: str
    unit: str
    bars: list[Bar]

    @property
    def total(self) -> int:
        """What all classes count together."""
        return sum(bar.count for bar in self.bars)

    def label(self, bar: Bar) -> str:
        """The class as people read it."""
        if self.unit == "%":
            return "full" if bar.low >= FULL else f"{bar.low}-{bar.high}%"
        return f"{bar.low:,}" if bar.low == bar.high else f"{bar.low:,}-{bar.high:,}"


@dataclass(frozen=True, slots=True)
class Figures:
    """A data set's figures. `groups` and `histograms` are by the names they have in JSON; None does not apply.

    `damage` says in a line each what could not be read: the figures are then those of the rest, and `condition_code` is
    4 or, if data is lost, 8.
    """

    name: str
    organization: str
    summary: str
    groups: dict[str, Group]
    histograms: dict[str, Histogram]
    damage: list[str] = field(default_factory=list)
    condition_code: int = 0


def percent_classes(values: Counter[int]) -> list[Bar]:
    """Tenths from 0-9% to 90-98%, then what is full."""
    edges = [*range(0, 100, 10), FULL]
    return _bars(values, [*zip(edges, [edge - 1 for edge in edges[1:]], strict=False), (FULL, 100)])


def value_classes(values: Counter[int]) -> list[Bar]:
    """At most `CLASSES` classes of one round width, from the smallest value to the largest; none without values."""
    if not values:
        return []
    low, high = min(values), max(values)
    width = next(width for width in _ROUND if high // width - low // width < CLASSES)
    first = low // width * width
    return _bars(values, [(edge, edge + width - 1) for edge in range(first, high + 1, width)])


def _bars(values: Counter[int], classes: list[tuple[int, int]]) -> list[Bar]:
    return [Bar(low, high, sum(n for value, n in values.items() if low <= value <= high)) for low, high in classes]


def as_json(figures: Figures) -> dict[str, object]:
    """The object that `--json` prints: a promise, see docs/FIGURES.md."""
    histograms = {
        name: [{"from": bar.low, "to": bar.high, "count": bar.count} for bar in histogram.bars]
        for name, histogram in figures.histograms.items()
    }
    found: dict[str, object] = {"schema": SCHEMA, "name": figures.name, "organization": figures.organization}
    return found | figures.groups | {"histograms": histograms, "damage": figures.damage}


def table(figures: Figures, width: int = 0) -> Iterator[str]:
    """The lines of the table: a heading, the groups side by side, those histograms that are not empty. With a `width`
    as many groups stand side by side as fit it, if that is fewer than usual."""
    yield f"{figures.name}: {figures.summary}"
    names = list(figures.groups)
    across = min(ACROSS, max(1, (width + GAP) // (CELL + GAP))) if width else ACROSS
    for at in range(0, len(names), across):
        yield ""
        columns = [_column(name, figures.groups[name]) for name in names[at : at + across]]
        for cells in zip_longest(*columns, fillvalue=""):
            yield (" " * GAP).join(f"{cell:<{CELL}}" for cell in cells).rstrip()
    for histogram in figures.histograms.values():
        if histogram.total:
            yield from ("", histogram.title.upper())
            yield from bar_lines(histogram)


def _column(name: str, group: Group) -> list[str]:
    shown = [(words(key).upper(), text(value)) for key, value in group.items() if value is not None]
    return [words(name).upper(), *(f"  {key}{value:>{CELL - 2 - len(key)}}" for key, value in shown)]


def words(name: str) -> str:
    """A figure's name in JSON as people read it."""
    return " ".join(_ABBREVIATIONS.get(word, word) for word in name.split("_"))


def text(value: Value) -> str:
    """A figure as people read it."""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def bar_lines(histogram: Histogram) -> Iterator[str]:
    """A bar a line: its class, how many, as long as its share of the largest. Of a histogram that is not empty."""
    largest = max(bar.count for bar in histogram.bars)
    labels = [histogram.label(bar).upper() for bar in histogram.bars]
    width = max(map(len, labels))
    for bar, label in zip(histogram.bars, labels, strict=True):
        length = -(-BAR * bar.count // largest)
        yield f"  {label:>{width}}  {bar.count:>10,}  {'#' * length}".rstrip()
