"""A drawing as PNG, by Pillow: the one module that needs it (docs/decisions/0007-pillow-for-png.md)."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from ksds.figures.drawing import Drawing, Words

SCALE = 2
"""Pixels of the image for one of the drawing."""
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(drawing: Drawing) -> bytes:
    """The image file."""
    image = Image.new("RGB", (drawing.width * SCALE, drawing.height * SCALE), drawing.paper)
    canvas = ImageDraw.Draw(image)
    for box in drawing.boxes:
        left, top = round(box.x * SCALE), round(box.y * SCALE)
        right, bottom = round((box.x + box.width) * SCALE), round((box.y + box.height) * SCALE)
        if right > left and bottom > top:
            canvas.rectangle((left, top, right - 1, bottom - 1), fill=box.fill)
    for words in drawing.words:
        _write(canvas, words)
    file = BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def _write(canvas: ImageDraw.ImageDraw, words: Words) -> None:
    """Bold is a thin outline: the font that Pillow brings has one weight."""
    canvas.text(
        (words.x * SCALE, words.y * SCALE),
        words.text,
        fill=words.fill,
        font=_font(words.size * SCALE),
        anchor=_ANCHORS[words.anchor],
        stroke_width=0.5 if words.bold else 0,
    )


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
