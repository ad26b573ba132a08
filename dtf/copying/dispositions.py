"""The third DISP word: what becomes of a file when its side of a COPY abends (connect-direct.md 3.7).

The PNODE works out the words that hold and sends them; each node then does what the words of its file say. A target
that this COPY was to create goes with an abend if the third word is DELETE or absent, unless the Process is held for
restart. With THIRD.DISP.DELETE=NO the second word counts for the third.
"""

from __future__ import annotations

from dtf.errors import StepError

KEEP, CATLG, DELETE = "KEEP", "CATLG", "DELETE"


class NewGeneration(StepError):
    """A copy to a new generation cannot be tried again unless the third word is CATLG."""

    default_id = "DTX216E"


def of_target(coded: tuple[str, str, str], *, third_counts: bool, requeued: bool) -> tuple[str, str, str]:
    """The words of TO. `third_counts`: THIRD.DISP.DELETE=YES; `requeued`: a failed step is held for restart."""
    status, normal, abnormal = coded
    normal = normal or CATLG
    if not third_counts:
        return status, normal, normal
    if requeued and abnormal != CATLG:
        return status, normal, KEEP
    return status, normal, abnormal or DELETE


def of_source(coded: tuple[str, str, str], *, requeued: bool) -> tuple[str, str, str]:
    """The words of FROM: a source is kept unless DELETE is coded."""
    status, normal, abnormal = coded
    return status, normal or KEEP, KEEP if requeued else abnormal or KEEP


def check_retry(name: str, words: tuple[str, str, str]) -> None:
    """Raise NewGeneration if a restarted copy to `GROUP(+n)` must fail."""
    if name.endswith(")") and "(+" in name and words[2] != CATLG:
        raise NewGeneration(f"{name} was not catalogued by the first try: code DISP=(NEW,CATLG,CATLG)")
