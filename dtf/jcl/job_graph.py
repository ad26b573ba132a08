"""A job as a picture: its steps from top to bottom, the data sets they read on the left, those they make on the right.

SVG, drawn here: boxes and curves, a colour for how a step ended, one for writing and one for reading. Text from decks
is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from dtf.jcl.converter import ConvertedJob
from dtf.jcl.job import DdKind, DdPart, Step

ROW, BOX, STEP_WIDTH, NAME_WIDTH = 46, 30, 190, 330
LEFT, MIDDLE = 20, 20 + NAME_WIDTH + 130
RIGHT = MIDDLE + STEP_WIDTH + 130
WIDTH = RIGHT + NAME_WIDTH + 20
_COLOURS = {"CC": "#d7f0d7", "ABEND": "#f4c7c3", "FLUSH": "#e3e3e3", "": "#dbe7f7"}
_EDGES = {"writes": "#b0501e", "reads": "#4a6fa5"}
_WRITTEN = frozenset({"NEW", "MOD", "OLD"})


@dataclass(frozen=True, slots=True)
class _Edge:
    """A DD: data set `name` read or written by step number `step`."""

    name: str
    step: int
    ddname: str
    writes: bool


def draw(jobs: Iterable[tuple[ConvertedJob, Mapping[str, str]]]) -> str:
    """The picture of jobs below each other. The mapping gives how steps ended by label: CC 0000, ABEND S806, FLUSH."""
    parts: list[str] = []
    top = 10
    for converted, outcomes in jobs:
        steps = converted.job.steps if converted.job else ()
        drawn, height = _draw_job(converted, steps, outcomes, top)
        parts += drawn
        top += height
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" '
        'font-family="monospace" font-size="12">'
    )
    markers = [
        f'<marker id="{word}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{colour}"/></marker>'
        for word, colour in _EDGES.items()
    ]
    return "\n".join([head, "<defs>", *markers, "</defs>", *parts, "</svg>", ""])


def _draw_job(
    converted: ConvertedJob, steps: Sequence[Step], outcomes: Mapping[str, str], top: int
) -> tuple[list[str], int]:
    edges = [edge for number, step in enumerate(steps) for edge in _edges(number, step)]
    made = {edge.name for edge in edges if edge.writes}
    left = list(dict.fromkeys(edge.name for edge in edges if edge.name not in made))
    right = list(dict.fromkeys(edge.name for edge in edges if edge.name in made))
    first = top + 34
    places = {name: (LEFT, first + row * ROW) for row, name in enumerate(left)}
    places |= {name: (RIGHT, first + row * ROW) for row, name in enumerate(right)}
    parts = [f'<text x="{LEFT}" y="{top + 18}" font-size="15" font-weight="bold">{escape(converted.name)}</text>']
    for place, (word, colour) in enumerate(_EDGES.items()):
        parts.append(f'<text x="{RIGHT + place * 70}" y="{top + 18}" fill="{colour}">{word} →</text>')
    if converted.job is None:
        parts += _box(MIDDLE, first, STEP_WIDTH, "NOT RUN: JCL ERROR", _COLOURS["ABEND"], round_=6)
    parts += _curves(edges, places, first)
    for number, step in enumerate(steps):
        outcome = outcomes.get(step.label, "")
        text = f"{step.label} {step.program}" + (f" {outcome}" if outcome else "")
        colour = _COLOURS.get(outcome.partition(" ")[0], _COLOURS[""])
        parts += _box(MIDDLE, first + number * ROW, STEP_WIDTH, text, colour, round_=6)
    for data_set, (x, y) in places.items():
        parts += _box(x, y, NAME_WIDTH, data_set, "#fff7df", round_=14)
    return parts, 34 + ROW * max(len(steps), len(left), len(right), 1) + 10


def _edges(number: int, step: Step) -> Iterator[_Edge]:
    for dd in step.dds:
        for part in dd.parts:
            if part.unix is not None:
                yield _Edge(part.unix.path, number, dd.name, not part.unix.options.isdisjoint(_OPENED_FOR_OUTPUT))
            elif part.kind in (DdKind.DATA_SET, DdKind.TEMPORARY):
                yield _Edge(shown_name(part), number, dd.name, _writes(dd.name, part))


def _writes(ddname: str, part: DdPart) -> bool:
    """Who has a data set for himself writes it, as a rule: not under a name of input, nor what goes when he is done."""
    status = part.disposition.status or "NEW"
    used_up = status == "OLD" and part.disposition.normal == "DELETE"
    return status in _WRITTEN and not used_up and ddname not in _INPUTS and not ddname.startswith(_ALSO_INPUTS)


_OPENED_FOR_OUTPUT = frozenset({"OWRONLY", "ORDWR"})
_INPUTS = frozenset({"SYSUT1", "SORTIN", "STEPLIB", "JOBLIB", "SYSIN", "INPUT"})
_ALSO_INPUTS = ("SORTIN", "SORTJNF")


def shown_name(part: DdPart) -> str:
    """The data set as the DD names it: &&T, A.B(MEM), A.B(+1)."""
    name = f"&&{part.data_set}" if part.kind is DdKind.TEMPORARY else part.data_set
    if part.generation is not None:
        return f"{name}({part.generation:+d})" if part.generation else f"{name}(0)"
    return f"{name}({part.member})" if part.member else name


def _curves(edges: Sequence[_Edge], places: Mapping[str, tuple[int, int]], first: int) -> Iterator[str]:
    for edge in edges:
        x, y = places[edge.name]
        y += BOX // 2
        step_y = first + edge.step * ROW + BOX // 2
        on_left = x == LEFT
        data_x = LEFT + NAME_WIDTH if on_left else RIGHT
        step_x = MIDDLE if on_left else MIDDLE + STEP_WIDTH
        start, end = ((step_x, step_y), (data_x, y)) if edge.writes else ((data_x, y), (step_x, step_y))
        bend = (start[0] + end[0]) // 2
        path = f"M{start[0]} {start[1]} C{bend} {start[1]} {bend} {end[1]} {end[0]} {end[1]}"
        title = f"<title>{escape(edge.ddname)}</title>"
        word = "writes" if edge.writes else "reads"
        yield f'<path d="{path}" fill="none" stroke="{_EDGES[word]}" marker-end="url(#{word})">{title}</path>'


def _box(x: int, y: int, width: int, text: str, colour: str, *, round_: int) -> Iterator[str]:
    limit = (width - 12) // 7
    shown = text if len(text) <= limit else f"{text[: limit - 1]}…"
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{BOX}" rx="{round_}" fill="{colour}" stroke="#555"/>'
    yield f'<text x="{x + 7}" y="{y + 20}">{escape(shown)}<title>{escape(text)}</title></text>'
