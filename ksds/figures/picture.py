"""The figures of a data set as a drawing: groups as cards, three or four in a row, below them histograms in pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ksds.figures.drawing import Box, Drawing, Words
from ksds.figures.report import Bar, Figures, Group, Histogram, Value, text, words

WIDTH = 1000
MARGIN = 28
GAP = 16
LINE = 19
PANELS = 2
PANEL_HEIGHT = 230

INK, FAINT, CARD, ACCENT, RULE, RED = "#1d2733", "#6b7a89", "#f4f7fa", "#135fa7", "#d5dce3", "#c62828"
RAMP = (
    *("#dbe9f6", "#c5dcf0", "#abcfe6", "#8bc0dd", "#6aaed6", "#4f9bcb", "#3787c0"),
    *("#2171b5", "#135fa7", "#084d96", "#08306b"),
)
"""Colours of the classes of a histogram of percentages, empty to full; those of the map of control intervals."""
BAR = "#3787c0"


def draw(figures: Figures) -> Drawing:
    """The picture of a data set's figures."""
    page = Drawing(f"{figures.name}: figures", WIDTH)
    page.words.append(Words(MARGIN, MARGIN + 20, figures.name, 24, INK, bold=True))
    page.words.append(Words(MARGIN, MARGIN + 44, figures.summary, 14, FAINT))
    y = MARGIN + 62
    if figures.damage:
        damage = f"{len(figures.damage)} damaged: the figures are those of what can be read"
        page.words.append(Words(WIDTH - MARGIN, MARGIN + 20, damage, 14, RED, bold=True, anchor="end"))
    groups = list(figures.groups.items())
    columns = 4 if len(groups) == 4 else 3
    for at in range(0, len(groups), columns):
        y += _cards(page, y, groups[at : at + columns], _width(columns)) + GAP
    histograms = list(figures.histograms.values())
    for at in range(0, len(histograms), PANELS):
        for column, histogram in enumerate(histograms[at : at + PANELS]):
            _panel(page, MARGIN + column * (_width(PANELS) + GAP), y, histogram)
        y += PANEL_HEIGHT + GAP
    page.height = int(y - GAP + MARGIN)
    return page


def _width(columns: int) -> float:
    return (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns


def _cards(page: Drawing, y: float, groups: list[tuple[str, Group]], width: float) -> int:
    """A row of groups, each so wide, all as high as the highest; the height."""
    rows = [[(words(key), value) for key, value in group.items() if value is not None] for _, group in groups]
    height = 40 + LINE * max(map(len, rows)) + 6
    for column, ((name, _), lines) in enumerate(zip(groups, rows, strict=True)):
        x = MARGIN + column * (width + GAP)
        page.boxes += [Box(x, y, width, height, CARD), Box(x, y, 3, height, ACCENT)]
        page.words.append(Words(x + 16, y + 25, words(name)[:1].upper() + words(name)[1:], 15, ACCENT, bold=True))
        page.words += _lines(x + 16, x + width - 16, y + 28, lines)
    return height


def _lines(left: float, right: float, y: float, lines: Sequence[tuple[str, Value]]) -> Iterator[Words]:
    for at, (name, value) in enumerate(lines, 1):
        yield Words(left, y + at * LINE, name, 13, FAINT)
        yield Words(right, y + at * LINE, text(value), 13, INK, anchor="end")


def _panel(page: Drawing, x: float, y: float, histogram: Histogram) -> None:
    width, floor, top = _width(PANELS), y + PANEL_HEIGHT - 34, y + 56
    page.boxes.append(Box(x, y, width, PANEL_HEIGHT, CARD))
    page.words.append(Words(x + 16, y + 25, histogram.title, 15, INK, bold=True))
    page.words.append(Words(x + width - 16, y + 25, f"{histogram.total:,} in all", 13, FAINT, anchor="end"))
    largest = max((bar.count for bar in histogram.bars), default=0)
    if not largest:
        page.words.append(Words(x + width / 2, (top + floor) / 2, "nothing", 14, FAINT, anchor="middle"))
        return
    step = (width - 32) / max(len(histogram.bars), 4)
    first = x + (width - step * len(histogram.bars)) / 2
    page.boxes.append(Box(x + 16, floor, width - 32, 1, RULE))
    for at, bar in enumerate(histogram.bars):
        left, middle = first + at * step + step * 0.1, first + (at + 0.5) * step
        if bar.count:
            height = max(2.0, (floor - top) * bar.count / largest)
            colour = RAMP[at] if histogram.unit == "%" else BAR
            page.boxes.append(Box(left, floor - height, step * 0.8, height, colour))
            page.words.append(Words(middle, floor - height - 5, short(bar.count), 11, INK, anchor="middle"))
        page.words.append(Words(middle, floor + 15, _edge(histogram, bar), 11, FAINT, anchor="middle"))
    if histogram.unit != "%":
        page.words.append(Words(x + width / 2, floor + 28, _axis(histogram), 10, FAINT, anchor="middle"))


def _edge(histogram: Histogram, bar: Bar) -> str:
    """What stands under a bar: where its class begins."""
    if histogram.unit == "%":
        return "full" if histogram.label(bar) == "full" else f"{bar.low}%"
    return short(bar.low)


def _axis(histogram: Histogram) -> str:
    """The unit of the classes, and how wide they are."""
    width = histogram.bars[0].high - histogram.bars[0].low + 1
    return histogram.unit if width == 1 else f"{histogram.unit}, {short(width)} a bar"


def short(number: int) -> str:
    """A number in few characters: 123,456 as 123K."""
    for unit, suffix in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "K")):
        if number >= 100 * unit:
            return f"{number // unit:,}{suffix}"
    return f"{number:,}"
