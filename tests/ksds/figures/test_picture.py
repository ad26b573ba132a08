"""The picture of a data set's figures: SVG and PNG show the same."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from ksds.figures.drawing import Box, Drawing, Words, svg
from ksds.figures.picture import BAR, RAMP, draw, short
from ksds.figures.png import SCALE, png
from ksds.figures.report import Figures, Histogram, percent_classes, value_classes

SVG = "{http://www.w3.org/2000/svg}"


def figures(damage: list[str] | None = None) -> Figures:
    return Figures(
        "A.<B>",
        "KSDS",
        "KSDS KEYS(4 0)",
        {name: {"count": 123456, "average": 1.5, "nothing": None} for name in ("records", "space", "index", "splits")},
        {
            "ci_fill": Histogram("How full", "%", percent_classes(Counter({5: 3, 99: 1}))),
            "record_length": Histogram("Lengths", "bytes", value_classes(Counter({80: 2, 100: 4}))),
            "records_per_ci": Histogram("Records", "records", []),
        },
        damage or [],
    )


def test_the_drawing_holds_every_figure_and_bar() -> None:
    drawing = draw(figures())
    said = [words.text for words in drawing.words]
    assert said.count("123,456") == 4 and said.count("1.5") == 4 and "nothing" in said
    assert {"A.<B>", "How full", "3", "full", "Lengths", "80", "100", "nothing"} <= set(said)
    bars = [box for box in drawing.boxes if box.fill in (RAMP[0], RAMP[10], BAR)]
    heights = [round(box.height, 3) for box in bars]
    assert heights[0] == pytest.approx(3 * heights[1], abs=0.01), "as high as its share of the largest"
    assert heights[3] == pytest.approx(2 * heights[2], abs=0.01)


def test_nothing_is_drawn_outside_or_over_each_other() -> None:
    drawing = draw(figures())
    for box in drawing.boxes:
        assert box.x >= 0 and box.x + box.width <= drawing.width and box.y + box.height <= drawing.height
    places = [(words.x, words.y) for words in drawing.words]
    assert len(places) == len(set(places))


def test_the_svg_is_well_formed_and_always_the_same() -> None:
    document = svg(draw(figures()))
    root = ElementTree.fromstring(document)
    assert root.find(f"{SVG}title").text == "A.<B>: figures"
    assert len(root.findall(f"{SVG}rect")) == len(draw(figures()).boxes) + 1
    assert document == svg(draw(figures()))
    assert not re.search(r"\d\.\d{6}", document), "no digits that nobody sees"


def test_the_png_shows_the_boxes_of_the_drawing() -> None:
    drawing = Drawing("T", 40, 30, boxes=[Box(10, 5, 20, 10, "#ff0000")], words=[Words(2, 28, "A", 10, "#0000ff")])
    image = Image.open(BytesIO(png(drawing)))
    assert image.size == (40 * SCALE, 30 * SCALE)
    assert image.getpixel((20 * SCALE, 10 * SCALE)) == (255, 0, 0)
    assert image.getpixel((35 * SCALE, 10 * SCALE)) == (255, 255, 255)
    assert image.crop((0, 36, 20, 60)).getextrema()[0][0] < 255, "the letter"


def test_damage_is_said_in_the_picture() -> None:
    said = [words.text for words in draw(figures(["DATA RBA 0"])).words]
    assert "1 damaged: the figures are those of what can be read" in said


def test_short_numbers() -> None:
    numbers = (0, 99_999, 123_456, 99_999_999, 123_456_789)
    assert [short(number) for number in numbers] == ["0", "99,999", "123K", "99,999K", "123M"]


def test_the_document_names_every_figure() -> None:
    """docs/FIGURES.md promises the JSON; what the code can put there is in it."""
    page = (Path(__file__).parents[3] / "docs" / "FIGURES.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", page))
    source = "".join(
        (Path(__file__).parents[3] / "ksds" / "figures" / name).read_text(encoding="utf-8")
        for name in ("clusters.py", "data_sets.py")
    )
    put = set(re.findall(r'^ +"([a-z_]+)": ', source, re.MULTILINE)) | set(re.findall(r', "([a-z_]+)"', source))
    assert len(put) > 40
    assert put - named == set()
