"""What stands behind the right margin of IDCAMS statements, and is not read: on the real thing nothing tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ksds.idcams.scanner import DEFAULT_MARGINS

MARGIN = DEFAULT_MARGINS[1]
_SEQUENCE_NUMBER = 8
"""Columns behind it, where editors put numbers."""
_SETS_MARGINS = re.compile(r"\bMARGINS?\s*\(", re.IGNORECASE)
_SHOWN = 20


def behind_the_margin(lines: Sequence[str], parm: str = "") -> Iterator[str]:
    """A sentence for each line that goes on behind the right margin with what is no sequence number. None where the
    statements, or `parm` of the EXEC statement, set the margins themselves."""
    if any(_SETS_MARGINS.search(line) for line in (parm, *lines)):
        return
    for number, line in enumerate(lines, 1):
        unread = line[MARGIN:].strip()
        if unread and not (unread.isdecimal() and len(unread) <= _SEQUENCE_NUMBER):
            yield f"LINE {number} GOES ON BEHIND COLUMN {MARGIN}, WHICH IS NOT READ: {unread[:_SHOWN]}"
