"""A map of a cluster's space as a picture: SVG, the same bytes for the same cluster.

A cell is a control interval (CI), filled from below as far as the CI is; a panel is a control area (CA). Free CIs are
outlines, damaged ones red with a cross, segments of spanned records have a bar at the left. The legend counts them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from ksds.space_map import DAMAGED, NO_LEVEL, AreaMap, SpaceMap, tenths

WIDTH = 1000
MARGIN = 24
LABEL = 150
GAP = 2
SIZES = ((1500, 18), (6000, 12), (30_000, 7))
"""(CIs of a cluster up to which, side of a cell in pixels); more than all of these: SMALLEST."""
SMALLEST = 4

RAMP = (
    *("#dbe9f6", "#c5dcf0", "#abcfe6", "#8bc0dd", "#6aaed6", "#4f9bcb", "#3787c0"),
    *("#2171b5", "#135fa7", "#084d96", "#08306b"),
)
"""Colours of eleven steps of fill, empty to full."""
LEVELS = ("#c62828", "#66a182", "#d9a441", "#8d6a9f", "#4e6e81")
"""Colours of index CIs: damaged, sequence set, index set level 2, 3, higher."""
INK, FAINT, PAPER, EMPTY, RED, SPANNED = "#1d2733", "#6b7a89", "#ffffff", "#f0f3f6", "#d32f2f", "#e08a1e"


@dataclass(slots=True)
class _Page:
    """What is drawn so far, and how far down."""

    parts: list[str]
    y: int

    def text(self, x: float, words: str, *, size: int = 12, colour: str = INK, weight: str = "400") -> None:
        style = f'font-size="{size}" fill="{colour}" font-weight="{weight}"'
        self.parts.append(f'<text x="{x:g}" y="{self.y}" {style}>{escape(words)}</text>')

    def box(self, x: float, y: float, side: float, fill: str, stroke: str = "none") -> None:
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{side:g}" height="{side:g}" fill="{fill}" stroke="{stroke}"/>'
        )


def picture(found: SpaceMap, name: str) -> str:
    """The SVG document."""
    page = _Page([], MARGIN + 18)
    _heading(page, found, name)
    _legend(page, found)
    _index_strip(page, found)
    side = _side(sum(len(area.fill) for area in found.areas))
    for area in found.areas:
        _panel(page, area, side)
    if not found.areas:
        page.y += 20
        page.text(MARGIN, "No control area is in use: the data set was never loaded.", colour=FAINT)
    height = page.y + MARGIN
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            ' font-family="Helvetica, Arial, sans-serif" role="img">',
            f"<title>{escape(name)}: control intervals</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
            *page.parts,
            "</svg>\n",
        )
    )


def _side(intervals: int) -> int:
    return next((side for most, side in SIZES if intervals <= most), SMALLEST)


def _heading(page: _Page, found: SpaceMap, name: str) -> None:
    image, shape = found.image, found.image.definition
    page.text(MARGIN, name, size=22, weight="700")
    page.y += 22
    figures = [
        f"{shape.cis_per_ca} CIs of {shape.ci_size:,} bytes a control area",
        f"high-used RBA {image.data_cis * shape.ci_size:,} of {image.data_allocated * shape.ci_size:,}",
    ]
    if image.records is not None and shape.organization != "LINEAR":
        figures.insert(0, f"{image.records:,} record{'s' * (image.records != 1)}")
    if image.levels:
        figures.append(f"{image.levels} index level{'s' * (image.levels > 1)}")
    page.text(MARGIN, "  \u00b7  ".join(figures), size=13, colour=FAINT)
    page.y += 14


def _legend(page: _Page, found: SpaceMap) -> None:
    """Steps of fill with how many CIs each has, then free, damaged and spanned ones."""
    page.y += 18
    x, side = float(MARGIN), 20
    top = page.y - 14
    page.text(x, "fill", colour=FAINT)
    x += 30
    for step, count in enumerate(found.histogram):
        _cell(page, x, top, side, step)
        words = "full" if step == 10 else f"{step * 10}%"
        page.parts.append(_caption(x + side / 2, top + side + 12, words))
        page.parts.append(_caption(x + side / 2, top + side + 25, f"{count:,}" if count else "\u2013"))
        x += 46
    x += 12
    segments = sum(len(area.segments) for area in found.areas)
    for words, count in (("free", found.count(None)), ("damaged", found.count(DAMAGED)), ("segment", segments)):
        _special(page, x, top, side, words)
        page.parts.append(_caption(x + side / 2, top + side + 12, words))
        page.parts.append(_caption(x + side / 2, top + side + 25, f"{count:,}" if count else "\u2013"))
        x += 66
    page.y = top + side + 36


def _caption(x: float, y: float, words: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="11" fill="{FAINT}" text-anchor="middle">{escape(words)}</text>'


def _cell(page: _Page, x: float, y: float, side: int, step: int) -> None:
    page.box(x, y, side, EMPTY)
    height = max(1, round(side * max(step, 0.5) / 10))
    page.parts.append(
        f'<rect x="{x:g}" y="{y + side - height:g}" width="{side}" height="{height}" fill="{RAMP[step]}"/>'
    )


def _special(page: _Page, x: float, y: float, side: int, words: str) -> None:
    if words == "free":
        page.box(x + 0.5, y + 0.5, side - 1, PAPER, "#c3ccd5")
    elif words == "damaged":
        page.box(x, y, side, RED)
        page.parts.append(f'<path d="{_cross(x, y, side)}" stroke="{PAPER}" stroke-width="2"/>')
    else:
        _cell(page, x, y, side, 7)
        page.parts.append(f'<path d="M{x:g} {y:g}h4v{side}h-4z" fill="{SPANNED}"/>')


def _cross(x: float, y: float, side: float) -> str:
    inset, length = side / 4, side / 2
    return f"M{x + inset:g} {y + inset:g}l{length:g} {length:g}m0 -{length:g}l-{length:g} {length:g}"


def _index_strip(page: _Page, found: SpaceMap) -> None:
    """One small cell an index CI, coloured by level."""
    if not found.index_levels:
        return
    side = 10 if len(found.index_levels) <= 600 else 5
    per_row = (WIDTH - 2 * MARGIN - LABEL) // (side + GAP)
    top = page.y + 8
    page.y = top + 9
    page.text(MARGIN, "index", weight="700")
    paths: dict[str, list[str]] = defaultdict(list)
    for at, level in enumerate(found.index_levels):
        x = MARGIN + LABEL + at % per_row * (side + GAP)
        y = top + at // per_row * (side + GAP)
        paths[LEVELS[min(level, len(LEVELS) - 1)]].append(f"M{x} {y}h{side}v{side}h-{side}z")
    page.parts += [f'<path fill="{colour}" d="{"".join(marks)}"/>' for colour, marks in paths.items()]
    page.y = top + -(-len(found.index_levels) // per_row) * (side + GAP) + 12
    at_x = MARGIN + LABEL
    for level in sorted(set(found.index_levels)):
        words = {NO_LEVEL: "damaged", 1: "sequence set"}.get(level, f"level {level}")
        page.parts.append(f'<path fill="{LEVELS[min(level, len(LEVELS) - 1)]}" d="M{at_x} {page.y - 8}h8v8h-8z"/>')
        page.text(at_x + 13, f"{words} {found.index_levels.count(level):,}", size=11, colour=FAINT)
        at_x += 120
    page.y += 8


def _panel(page: _Page, area: AreaMap, side: int) -> None:
    """A CA: its number, RBA and use at the left, its cells at the right under a line."""
    step, left = side + GAP, MARGIN + LABEL
    per_row = (WIDTH - MARGIN - left) // step
    top = page.y + 10
    page.parts.append(f'<path d="M{MARGIN} {page.y + 4}H{WIDTH - MARGIN}" stroke="#d5dce3"/>')
    page.y = top + 11
    page.text(MARGIN, f"CA {area.number}", size=12, weight="700")
    rows = -(-len(area.fill) // per_row)
    if rows * step >= 24:
        page.y += 14
        page.text(MARGIN, f"RBA {area.rba:,}", size=11, colour=FAINT)
        page.y += 13
        page.text(MARGIN, f"{area.used:,} of {len(area.fill):,} CIs in use", size=11, colour=FAINT)
    else:
        page.text(MARGIN + 52, f"{area.used:,} of {len(area.fill):,}", size=11, colour=FAINT)
    page.parts += _cells(area, left, top, side, per_row)
    page.y = max(page.y, top + rows * step) + 4


def _cells(area: AreaMap, left: int, top: int, side: int, per_row: int) -> Iterator[str]:
    """One path for all cells of a look: grounds, each step of fill, outlines of free CIs, damage, segments."""
    paths: dict[str, list[str]] = defaultdict(list)
    for at, percent in enumerate(area.fill):
        x, y = left + at % per_row * (side + GAP), top + at // per_row * (side + GAP)
        square = f"M{x} {y}h{side}v{side}h-{side}z"
        if percent is None:
            paths["free"].append(f"M{x + 0.5} {y + 0.5}h{side - 1}v{side - 1}h-{side - 1}z")
            continue
        if percent == DAMAGED:
            paths["damaged"].append(square)
            paths["crosses"].append(_cross(x, y, side))
            continue
        paths["ground"].append(square)
        height = max(1, round(side * percent / 100))
        paths[RAMP[tenths(percent)]].append(f"M{x} {y + side}h{side}v-{height}h-{side}z")
        if at in area.segments:
            paths["segments"].append(f"M{x} {y}h{max(1, side // 4)}v{side}h-{max(1, side // 4)}z")
    looks = {
        "ground": f'fill="{EMPTY}"',
        **{colour: f'fill="{colour}"' for colour in RAMP},
        "free": f'fill="{PAPER}" stroke="#c3ccd5"',
        "damaged": f'fill="{RED}"',
        "crosses": f'stroke="{PAPER}" stroke-width="{max(1, side // 9)}"',
        "segments": f'fill="{SPANNED}"',
    }
    yield from (f'<path {look} d="{"".join(paths[key])}"/>' for key, look in looks.items() if key in paths)
