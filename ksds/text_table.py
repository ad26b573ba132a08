"""Tables for people: the same columns of plain text on a terminal and in a pipe.

Nothing is ever cut or folded. On a terminal the headings are bold, and where the table is wider than the terminal the
columns that hold nothing are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

from rich.console import Console
from rich.text import Text


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[str] = (), alarm: str = ""
) -> None:
    """Print `rows` below `headings`. Columns whose heading is in `right` are set to the right; on a terminal the word
    `alarm` is red."""
    lines = table_lines(headings, rows, right)
    if not sys.stdout.isatty():
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return
    console = Console(highlight=False, markup=False)
    if max(map(len, lines)) > console.width:
        filled = [n for n, column in enumerate(zip(*rows, strict=True)) if any(column)]
        lines = table_lines([headings[n] for n in filled], [[row[n] for n in filled] for row in rows], right)
    for number, line in enumerate(lines):
        text = Text(line, "" if number else "bold")
        if alarm:
            text.highlight_words([alarm], "bold red")
        console.print(text, soft_wrap=True)


def table_lines(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str] = ()) -> list[str]:
    """The lines of a table, headings first: two blanks between columns, none at the end of a line."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    sides = [">" if heading in right else "<" for heading in headings]
    formed = (
        (f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True))
        for row in [headings, *rows]
    )
    return ["  ".join(cells).rstrip() for cells in formed]
