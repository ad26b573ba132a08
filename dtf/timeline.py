"""A picture of a Process as SVG: each try of each COPY a bar over the bytes of its file.

What was sent is filled, what an earlier try had left safe is hatched, a checkpoint is a tick, a lost session a cross;
the wait before a retry stands between the bars. Drawn from the statistics records alone (CT, and WT of a try that lost
its session or that the operator stopped), so it can be drawn long after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from dtf.errors import NodeError
from dtf.statistics_log import Statistic

INTERRUPTED = ("SVTM110I", "DTX357I")
_WIDTH, _LEFT, _ROW, _BAR, _TOP = 960, 210, 44, 18, 64
_ROOM = _WIDTH - _LEFT - 20
_STAMP = "%Y/%m/%d %H:%M:%S"
_STYLE = (
    "text{font:12px monospace;fill:#222}.sent{fill:#3b7dd8}.safe{fill:url(#hatch)}.all{fill:none;stroke:#999}"
    ".tick{stroke:#0a2a55}.lost{stroke:#c0392b;stroke-width:3}.wait{fill:#777}"
)


@dataclass(frozen=True, slots=True)
class Try:
    """One session's part of a COPY: bytes `begin` to `end` of its file were sent, `ticks` are its checkpoints."""

    step: str
    started: datetime
    ended: datetime
    begin: int
    end: int
    ticks: tuple[int, ...]
    message: str
    lost: bool


def tries(statistics: Iterable[Statistic]) -> list[Try]:
    """The tries among the records of one Process, in the order of time."""
    found = []
    for statistic in statistics:
        fields = statistic.fields
        lost = statistic.kind == "WT" and fields.get("MSGI") in INTERRUPTED and "BYXF" in fields
        if statistic.kind != "CT" and not lost:
            continue
        begin, sent = int(fields.get("SRCB", "0")), int(fields.get("BYXF", "0"))
        interval, count = int(fields.get("CKIV", "0")), int(fields.get("CKNO", "0"))
        ticks = tuple(begin + n * interval for n in range(1, count + 1)) if interval else ()
        started, ended = (datetime.strptime(fields[key], _STAMP) for key in ("SSTA", "STOP"))
        message = f"{fields.get('CCOD', '')} {fields.get('MSGI', '')}".strip()
        found.append(Try(fields.get("SNAM", ""), started, ended, begin, begin + sent, ticks, message, lost))
    return found


def svg(statistics: Iterable[Statistic], title: str) -> str:
    """The picture of one Process. Raises NodeError if it has copied nothing."""
    rows = tries(statistics)
    if not rows:
        raise NodeError(f"{title}: no COPY of it is in the statistics", message_id="DTX331E")
    height = _TOP + _ROW * len(rows) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0 6L6 0" stroke="#3b7dd8"/></pattern></defs>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/><text x="16" y="26">{escape(title)}</text>',
        f'<text x="{_LEFT}" y="48" class="wait">0</text>',
        f'<text x="{_LEFT + _ROOM}" y="48" class="wait" text-anchor="end">all bytes</text>',
    ]
    before: dict[str, Try] = {}
    for n, one in enumerate(rows):
        size = max((other.end for other in rows if other.step == one.step), default=0) or 1
        parts += _row(one, size, _TOP + n * _ROW, before.get(one.step))
        before[one.step] = one
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(one: Try, size: int, top: int, earlier: Try | None) -> list[str]:
    def x(position: int) -> float:
        return round(_LEFT + _ROOM * position / size, 1)

    label = f"{one.step or 'STEP':<8} {one.started:%H:%M:%S}"
    parts = [
        f'<text x="16" y="{top + 13}">{escape(label)}</text>',
        f'<rect class="all" x="{_LEFT}" y="{top}" width="{_ROOM}" height="{_BAR}"/>',
    ]
    if one.begin:
        parts.append(f'<rect class="safe" x="{_LEFT}" y="{top}" width="{x(one.begin) - _LEFT:.1f}" height="{_BAR}"/>')
    width = x(one.end) - x(one.begin)
    parts.append(f'<rect class="sent" x="{x(one.begin)}" y="{top}" width="{width:.1f}" height="{_BAR}"/>')
    parts += [f'<path class="tick" d="M{x(tick)} {top - 3}v{_BAR + 6}"/>' for tick in one.ticks]
    if one.lost:
        at = x(one.end)
        parts.append(f'<path class="lost" d="M{at - 5} {top + 4}l10 10m0 -10l-10 10"/>')
    said = f"{one.end - one.begin} bytes sent"
    said += f" from {one.begin}" if one.begin else ""
    said += f", {len(one.ticks)} checkpoints, {one.message}"
    if earlier is not None:
        said += f" (after {max(0, int((one.started - earlier.ended).total_seconds()))} s)"
    parts.append(f'<text x="{_LEFT}" y="{top + _BAR + 14}" class="wait">{escape(said)}</text>')
    return parts
