"""What DISPLAY and OCCUR of ICETOOL print: titles, headings, columns, figures below them.

    TITLE('text') DATE TIME PAGE     one line at the top of each page, in the order they are coded
    HEADER('a'[,'b'[,'c']]) | HEADER(NONE) | NOHEADER      for each ON; (p,m,f) without them
    BLANK  no leading zeros, a minus only   PLUS  no leading zeros, both signs   BETWEEN(n) INDENT(n) LINES(n)
    TOTAL('text') MAXIMUM('text') MINIMUM('text') AVERAGE('text') COUNT('text')    behind the records

Source: z/OS DFSORT Application Programming Guide, "DISPLAY operator", "OCCUR operator".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from dtf.jcl.sorting.tool_statements import Operator
from ksds.codepage import code_page

Value = bytes | int
_FIGURES: dict[str, Callable[[list[int]], int]] = {
    "TOTAL": sum,
    "MAXIMUM": lambda values: max(values, default=0),
    "MINIMUM": lambda values: min(values, default=0),
    "AVERAGE": lambda values: int(sum(values) / len(values)) if values else 0,
    "COUNT": len,
}
_LINES = 58


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the list: its name in the standard heading, numeric or not."""

    name: str
    numeric: bool
    signed: bool = True


def listing_lines(operator: Operator, columns: list[Column], rows: list[list[Value]], now: datetime) -> Iterator[str]:
    """The lines of the list with their carriage control."""
    shown = [[_shown(operator, value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    figures = _figures(operator, columns, rows)
    headings = _headings(operator, columns)
    widths = [
        max([len(text) for text in (*(line[index] for line in (*headings, *shown, *figures)), "")])
        for index in range(len(columns))
    ]
    if headings and not operator.has("NOHEADER") and operator.has("HEADER"):
        headings.append(["-" * width for width in widths])
    title = operator.has("TITLE", "DATE", "TIME", "PAGE")
    size = max(operator.number("LINES", default=_LINES) or _LINES, 10) - len(headings) - 2 * title
    body = [*shown, *figures]
    for number, start in enumerate(range(0, max(len(body), 1), size), 1):
        lines = [*([_title(operator, number, now), ""] if title else [])]
        lines += [_line(operator, columns, cells, widths) for cells in headings]
        lines += [_line(operator, columns, cells, widths) for cells in body[start : start + size]]
        yield from (f"{'1' if index == 0 else ' '}{line}" for index, line in enumerate(lines))


def _line(operator: Operator, columns: list[Column], cells: list[str], widths: list[int]) -> str:
    between = " " * (operator.number("BETWEEN", default=3) if operator.has("BETWEEN") else 3)
    texts = (
        cell.rjust(width) if column.numeric else cell.ljust(width)
        for cell, width, column in zip(cells, widths, columns, strict=True)
    )
    return (" " * operator.number("INDENT", default=0) + between.join(texts)).rstrip()


def _title(operator: Operator, page: int, now: datetime) -> str:
    titles = iter(operator.texts("TITLE"))
    texts = {"DATE": f"{now:%m/%d/%y}", "TIME": f"{now:%H:%M:%S}", "PAGE": f"- {page} -"}
    words = (word for word, _ in operator.operands if word in texts or word == "TITLE")
    return "   ".join(texts[word] if word in texts else next(titles, "") for word in words)


def _headings(operator: Operator, columns: list[Column]) -> list[list[str]]:
    """One to three lines of headings; none with NOHEADER."""
    if operator.has("NOHEADER"):
        return []
    texts = [_heading(value) for value in operator.all("HEADER")]
    if not texts:
        return [[column.name for column in columns], [""] * len(columns)]
    texts += [[""]] * (len(columns) - len(texts))
    depth = max(map(len, texts))
    return [
        [column[level] if level < len(column) else "" for column in texts[: len(columns)]] for level in range(depth)
    ]


def _heading(value: str) -> list[str]:
    """HEADER('a','b') has an element for each line; an empty one for NONE, and between two commas."""
    if value == "NONE":
        return [""]
    parts: list[str] = []
    quoted, current = False, ""
    for character in value:
        if character == "," and not quoted:
            parts.append(current)
            current = ""
            continue
        quoted ^= character == "'"
        current += character
    return [part.strip().removeprefix("'").removesuffix("'").replace("''", "'") for part in (*parts, current)]


def _shown(operator: Operator, value: Value, column: Column) -> str:
    if isinstance(value, bytes):
        return code_page().printable(value)
    if operator.has("BLANK"):
        return str(value)
    if operator.has("PLUS"):
        return f"{value:+d}"
    return f"{value:+016d}" if column.signed else f"{value:015d}"


def _figures(operator: Operator, columns: list[Column], rows: list[list[Value]]) -> list[list[str]]:
    """A line for each figure asked for, its name in the first column if that has no numbers."""
    lines: list[list[str]] = []
    for word, _ in operator.operands:
        if word not in _FIGURES or operator.name != "DISPLAY":
            continue
        name = (operator.texts(word) or [word])[0]
        cells = [
            _shown(operator, _FIGURES[word]([value for row in rows if isinstance(value := row[index], int)]), column)
            if column.numeric
            else ""
            for index, column in enumerate(columns)
        ]
        lines.append([name, *cells[1:]] if not columns[0].numeric else cells)
    return [[""] * len(columns), *lines] if lines else []
