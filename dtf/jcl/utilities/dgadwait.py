"""DGADWAIT: waits, and ends with a return code: PARM='time,code' or PARM='ABEND,code'.

    time := nnnn or Snnnn seconds | Mnnn minutes | Hnn hours          code := 0 to 4095, - for -1 (shown as 4095)

Nothing here sleeps: the wait is virtual and stands in the job log. ABEND ends with that user code.
Source: Connect:Direct for z/OS, "Run Task Wait Program (DGADWAIT)".
"""

from __future__ import annotations

import re

from dtf.jcl.programs import Abend, StepContext

INVALID = 16
_TIME = re.compile(r"(S?)(\d{1,4})|(M)(\d{1,3})|(H)(\d{1,2})")
_SECONDS = {"S": 1, "M": 60, "H": 3600}
_HIGHEST = 4095


def dgadwait(step: StepContext) -> int:
    """DGADWAIT as a step program; 16 for a PARM that means nothing."""
    time, _, code = (part.strip() for part in step.parameter.strip("()").partition(","))
    found = _TIME.fullmatch(time or "0")
    wanted = _HIGHEST if code == "-" else int(code or "0") if (code or "0").isdecimal() and len(code) <= 4 else -1
    if not 0 <= wanted <= _HIGHEST or (found is None and time != "ABEND"):
        step.log(f"DTX484E PARM OF DGADWAIT IS NOT (TIME,CODE): {step.parameter[:40]!r}")
        return INVALID
    if found is None:
        raise Abend(f"U{wanted:04d}")
    unit, amount = next((found[index] or "S", found[index + 1]) for index in (1, 3, 5) if found[index + 1])
    step.log(f"DTX484I DGADWAIT WAITED {int(amount) * _SECONDS[unit]} SECONDS, VIRTUALLY")
    return wanted
