"""The Process language: text -> draft -> Process.

draft = parse(text)                                        syntax; nothing resolved
process = resolve(draft, symbols, intrinsics, overrides)   at submission: a value with no symbolics left
at = next_step(process, 0, codes)                          at run time: which step comes next
"""

from dtf.process.parser import parse
from dtf.process.resolver import resolve
from dtf.process.statements import Copy, CopySide, If, Modal, Process, RunJob, RunTask, Step, Submit, next_step
from dtf.process.symbols import NO_JOB, SubmittingJob, intrinsic_values

__all__ = [
    "NO_JOB",
    "Copy",
    "CopySide",
    "If",
    "Modal",
    "Process",
    "RunJob",
    "RunTask",
    "Step",
    "Submit",
    "SubmittingJob",
    "intrinsic_values",
    "next_step",
    "parse",
    "resolve",
]
