"""A finished job as JSON: what `dtf replay --json` prints, and what the spool keeps beside the files of the job.

    {"job", "jobid", "status", "condition_code", "started", "ended",
     "steps":       [{"step", "procstep", "program", "code", "abend", "reason"}],
     "data_sets":   [{"step", "ddname", "name", "status", "created"}],
     "diagnostics": [{"id", "text", "statement", "line", "column", "member"}],
     "spool":       [{"number", "step", "ddname", "records", "carriage_control"}]}

The keys stay; new ones may be added. `code` is null for a step that returned none, `abend` then Sxxx or Unnnn;
`status` of a data set is CATALOGED, KEPT, PASSED, DELETED, UNCATALOGED or NOT DELETED 8.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from dtf.jcl.job_result import JobResult


def as_json(result: JobResult) -> dict[str, Any]:
    """The report of a job that has ended."""
    return {
        "job": result.name,
        "jobid": result.spool.job_id,
        "status": result.status,
        "condition_code": result.condition_code,
        "started": result.started.isoformat(timespec="seconds"),
        "ended": result.ended.isoformat(timespec="seconds"),
        "steps": _steps(result),
        "data_sets": [
            {
                "step": event.step,
                "ddname": event.ddname,
                "name": event.name,
                "status": event.status,
                "created": event.created,
            }
            for event in result.data_sets
        ],
        "diagnostics": [
            {
                "id": note.message_id,
                "text": note.text,
                "statement": note.statement,
                "line": note.at.line,
                "column": note.at.column,
                "member": note.member,
            }
            for note in result.converted.diagnostics
        ],
        "spool": [
            {
                "number": number,
                "step": file.step,
                "ddname": file.name,
                "records": len(file.lines),
                "carriage_control": file.carriage_control,
            }
            for number, file in enumerate(result.spool.files, 1)
        ],
    }


def _steps(result: JobResult) -> list[dict[str, Any]]:
    steps = []
    job = result.converted.job
    for step, ended in zip_longest(job.steps if job else (), result.steps):
        if step is not None:
            steps.append(
                {
                    "step": step.name,
                    "procstep": step.procstep,
                    "program": step.program,
                    "code": ended.return_code if ended else None,
                    "abend": ended.abend or None if ended else None,
                    "reason": ended.reason or None if ended else None,
                }
            )
    return steps
