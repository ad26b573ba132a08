"""SDSF in batch (SDSF, ISFAFD): a stand-in that lists the jobs of the spool; commands from ISFIN, screens to ISFOUT.

    ST [prefix]   H [prefix]   O [prefix]       jobs that have ended: name, number, status
    PREFIX text*   OWNER text*   SET ...          PREFIX holds from there on; the others have nothing to choose
    END   EXIT

Any other command is shown as not carried out, code 4.
Source: z/OS SDSF Operation and Customization, "Using SDSF in batch" (names of DDs and commands only).
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from dtf.jcl import job_archive
from dtf.jcl.programs import StepContext

NOT_CARRIED_OUT = 4
_PANELS = {"ST": "STATUS", "H": "HELD OUTPUT", "O": "OUTPUT"}
_WITHOUT_EFFECT = frozenset({"OWNER", "SET"})
_ENDS = frozenset({"END", "EXIT", "QUIT"})


def sdsf(step: StepContext) -> int:
    """SDSF as a step program: 0, or 4 if a command was not carried out."""
    lines: list[str] = []
    code = 0
    prefix = "*"
    for record in step.control_statements("ISFIN"):
        verb, _, operand = record[:72].strip().upper().partition(" ")
        if verb in _ENDS:
            break
        if verb == "PREFIX":
            prefix = operand.strip() or "*"
        elif verb in _PANELS:
            lines += _panel(step, _PANELS[verb], operand.strip() or prefix)
        elif verb and verb not in _WITHOUT_EFFECT:
            lines.append(f" DTX482W COMMAND {record[:72].strip()[:60]} NOT CARRIED OUT")
            code = NOT_CARRIED_OUT
    step.print("ISFOUT", lines)
    return code


def _panel(step: StepContext, title: str, prefix: str) -> Iterator[str]:
    found = [job for job in job_archive.jobs(step.system) if fnmatchcase(job.name, prefix) and job.report]
    yield f"1SDSF {title} DISPLAY {step.system.name:<8} LINES 1-{len(found)} ({len(found)})"
    yield " NP   JOBNAME  JOBID    STATUS"
    yield from (f"      {job.name:<8} {job.job_id} {job.status}" for job in found)
