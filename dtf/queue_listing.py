"""The queue as it is selected and shown: lines for people, values for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from dtf.selection import check_selectors, is_selected
from dtf.transmission_queue import QueuedProcess

SELECTORS = ("PNAME", "PNUM", "PNUMBER", "QUEUE", "STATUS", "SNODE", "SUBMITTER", "CCODE")


def select(everything: Callable[[], Iterable[QueuedProcess]], where: Mapping[str, str]) -> list[QueuedProcess]:
    """Those of `everything` that satisfy the selectors of WHERE. Raises SelectorError before it looks at any."""
    check_selectors(where, SELECTORS)
    return [process for process in everything() if is_selected(_selectable(process), where)]


def _selectable(process: QueuedProcess) -> dict[str, str]:
    return {
        "PNAME": process.name,
        "PNUM": str(process.number),
        "PNUMBER": str(process.number),
        "QUEUE": process.queue,
        "STATUS": process.status,
        "SNODE": process.snode,
        "SUBMITTER": process.submitter,
        "CCODE": str(process.condition_code),
    }


def listing(processes: Iterable[QueuedProcess]) -> list[str]:
    """SELECT PROCESS as lines: one for each Process."""
    lines = ["PNAME    PNUMBER  QUEUE STATUS SNODE            CLASS PRTY STEP     RETRY  CCOD MSGID    TEXT"]
    for p in processes:
        lines.append(
            f"{p.name:<8} {p.number:7d}  {p.queue:<5} {p.status:<6} {p.snode:<16} {p.class_:5d} {p.priority:4d} "
            f"{p.step:<8} {p.retries:5d} {p.condition_code:5d} {p.message_id:<8} {p.text}".rstrip()
        )
    return lines


def detail(processes: Iterable[QueuedProcess]) -> list[str]:
    """SELECT PROCESS DETAIL=YES: every field of each Process."""
    lines: list[str] = []
    for p in processes:
        values = {
            "Process Name": p.name,
            "Process Number": p.number,
            "Submitted": _utc(p.submitted),
            "Submitter": p.submitter,
            "SNODE": p.snode,
            "Queue": f"{p.queue} {p.status}",
            "Priority": p.priority,
            "Class": p.class_,
            "Retain": p.retain,
            "Requeue": "YES" if p.requeue else "NO",
            "Starts At": _utc(p.due) if p.due else "",
            "Step Name": p.step,
            "Retries": p.retries,
            "Restart": "YES" if p.restart else "NO",
            "Completion Code": p.condition_code,
            "Message Id": p.message_id,
            "Text": p.text,
            "Step Codes": " ".join(f"{label}={code}" for label, code in p.codes.items()),
        }
        lines += [f"{name:<16}=> {value}".rstrip() for name, value in values.items() if value != ""] + [""]
    return lines


def as_json(process: QueuedProcess) -> dict[str, object]:
    """A Process in the queue for programs, as docs/JSON.md describes it."""
    return {
        "number": process.number,
        "name": process.name,
        "submitted": process.submitted,
        "submitter": process.submitter,
        "snode": process.snode,
        "queue": process.queue,
        "status": process.status,
        "class": process.class_,
        "priority": process.priority,
        "requeue": process.requeue,
        "retain": process.retain,
        "at": process.at,
        "step": process.step,
        "restart": process.restart,
        "retries": process.retries,
        "due": process.due,
        "condition_code": process.condition_code,
        "message_id": process.message_id,
        "text": process.text,
        "step_message": process.step_message,
        "codes": dict(process.codes),
    }


def _utc(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns / 1e9, UTC):%Y/%m/%d %H:%M:%S}"
