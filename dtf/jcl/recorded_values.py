"""Values that have no effect here are looked at all the same: a deck that the real system refuses is refused.

Source: z/OS MVS JCL Reference, syntax of TIME, REGION, PRTY, ADDRSPC, EXPDT, RETPD, FREE, HOLD.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.operands import Keyword, text_of

_SYNTAX: Mapping[str, tuple[re.Pattern[str], str]] = {
    "TIME": (
        re.compile(r"\d{1,6}|\(\d{0,6}(,[0-5]?\d)?\)|NOLIMIT|MAXIMUM"),
        "MINUTES, (MINUTES,SECONDS), NOLIMIT OR MAXIMUM",
    ),
    "REGION": (re.compile(r"\d{1,7}K|\d{1,4}M"), "A NUMBER WITH K OR M"),
    "PRTY": (re.compile(r"\d|1[0-5]"), "0 TO 15"),
    "ADDRSPC": (re.compile(r"VIRT|REAL"), "VIRT OR REAL"),
    "EXPDT": (re.compile(r"\d{5}|\d{4}/\d{3}"), "YYDDD OR YYYY/DDD"),
    "RETPD": (re.compile(r"\d{1,5}"), "A NUMBER OF DAYS"),
    "FREE": (re.compile(r"CLOSE|END"), "CLOSE OR END"),
    "HOLD": (re.compile(r"YES|NO|Y|N"), "YES OR NO"),
}


def check_recorded(keyword: Keyword) -> None:
    """A keyword that is only recorded; nothing behind the equals sign takes it away. Raises JclSyntaxError."""
    text = text_of(keyword.value)
    pattern, what = _SYNTAX.get(keyword.name, (None, ""))
    if pattern is not None and text and not pattern.fullmatch(text):
        raise JclSyntaxError("DTX419E", f"{keyword.name}={text[:20]} IS NOT {what}", keyword.at)
