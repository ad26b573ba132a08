"""A picture made of boxes and words, and how it becomes SVG: the same bytes for the same picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape

Anchor = Literal["start", "middle", "end"]
"""Which part of the words stands at their x."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle. Pixels, from the upper left."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `y` is its base line, `size` in pixels."""

    x: float
    y: float
    text: str
    size: int
    fill: str
    bold: bool = False
    anchor: Anchor = "start"


@dataclass(slots=True)
class Drawing:
    """What is drawn so far, back to front, on `paper`."""

    title: str
    width: int
    height: int = 0
    paper: str = "#ffffff"
    boxes: list[Box] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


def svg(drawing: Drawing) -> str:
    """The SVG document."""
    size = f'viewBox="0 0 {drawing.width} {drawing.height}" width="{drawing.width}" height="{drawing.height}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, Arial, sans-serif" role="img">',
            f"<title>{escape(drawing.title)}</title>",
            _box(Box(0, 0, drawing.width, drawing.height, drawing.paper)),
            *map(_box, drawing.boxes),
            *map(_words, drawing.words),
            "</svg>\n",
        )
    )


def _box(box: Box) -> str:
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect {place} fill="{box.fill}"/>'


def _words(words: Words) -> str:
    weight = ' font-weight="700"' if words.bold else ""
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    style = f'font-size="{words.size}" fill="{words.fill}"{weight}{anchor}'
    return f'<text x="{words.x:g}" y="{words.y:g}" {style}>{escape(words.text)}</text>'
