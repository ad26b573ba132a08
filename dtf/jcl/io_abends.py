"""Abends that come from data sets: what is said of them, and when space is used up.

    IEC143I 213-04,IFG0194D,job,step,ddname[-#],unit,volume,data set     # counts in a concatenation, from 2

Source: z/OS MVS System Messages, IEC030I, IEC031I, IEC032I, IEC141I, IEC143I.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from dtf.jcl.allocation import DISK_UNIT, StepAllocation
from dtf.jcl.job import Step
from dtf.jcl.programs import Abend
from ksds.system import VOLUME

_SPACE_MESSAGES = {"SB37": "IEC030I B37-04", "SD37": "IEC031I D37-04", "SE37": "IEC032I E37-04"}


def check_space(allocation: StepAllocation) -> None:
    """Raises Abend B37, D37 or E37 if a new data set of the step has become too large."""
    full = allocation.overflow()
    if full is not None:
        code, data_set = full
        raise Abend(code, 4, f"{_SPACE_MESSAGES[code]},IFG0554A", data_set=data_set)


def io_abend(error: OSError) -> Abend:
    """A full disk is D37; any other refusal of the host's file system is an I/O error, 001."""
    detail = f"DTX465E {error.strerror or error}: {error.filename or 'a file of the system'}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Abend("SD37", 4, "IEC031I D37-04,IFG0554A", detail)
    return Abend("S001", 0, detail)


def placed_messages(abend: Abend, job: str, step: Step, allocation: StepAllocation) -> Iterator[str]:
    """The messages of an abend, an IEC message with job, step, ddname, unit, volume and data set behind it."""
    for message in abend.messages:
        if message.startswith("IEC"):
            message += f",{job},{step.name}"
            if abend.data_set:
                ddname = allocation.ddname_of(abend.data_set)
                message += f",{ddname},{DISK_UNIT},{VOLUME},{abend.data_set}"
        yield message
