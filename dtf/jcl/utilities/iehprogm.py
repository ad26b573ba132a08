"""IEHPROGM: scratch and rename data sets and members.

    SCRATCH DSNAME=A.B,VOL=...[,MEMBER=M][,PURGE]
    RENAME  DSNAME=A.B,VOL=...,NEWNAME=C[,MEMBER=M]
    CATLG   DSNAME=A.B,VOL=dev=ser                     a data set that is on its volume and not cataloged
    UNCATLG DSNAME=A.B                                 the data set stays

Source: z/OS DFSMSdfp Utilities, IEHPROGM.
"""

from __future__ import annotations

import re

from dtf.jcl.programs import StepContext
from dtf.jcl.utilities.control import Control, ControlError, parse_control
from ksds import idcams
from ksds.errors import KsdsError

_FLAG = re.compile(r",(PURGE|SYS)(?=[ ,]|$)")
"""Words without a value that stand behind keywords."""


def iehprogm(step: StepContext) -> int:
    """IEHPROGM as a step program: 0, or 8 if a request failed; the others are carried out all the same."""
    lines = [f"1{'SYSTEM SUPPORT UTILITIES - IEHPROGM':<99}PAGE 1"]
    code = 0
    try:
        for statement in parse_control(_FLAG.sub(r",\1=YES", line) for line in step.control_statements("SYSIN")):
            lines.append(f"0{statement.operation} {statement.text('DSNAME')}")
            try:
                _carry_out(step, statement)
                lines.append(" NORMAL END OF TASK RETURNED FROM SCRATCH/RENAME")
            except (ControlError, KsdsError) as error:
                lines.append(f" {error}")
                code = 8
    except ControlError as error:
        lines.append(f" {error}")
        code = 12
    lines.append("0UTILITY END")
    step.print("SYSPRINT", lines)
    return code


def _carry_out(step: StepContext, statement: Control) -> None:
    statement.only("DSNAME", "VOL", "MEMBER", "NEWNAME", "PURGE", "SYS", "CVOL")
    name, member, new = (statement.text(word) for word in ("DSNAME", "MEMBER", "NEWNAME"))
    if not name or statement.operation not in ("SCRATCH", "RENAME", "CATLG", "UNCATLG"):
        raise ControlError(f"DTX474E LINE {statement.line}: {statement.operation[:10]} IS NOT SUPPORTED")
    if member:
        with step.system.library(name, "w") as library:
            library.delete(member) if statement.operation == "SCRATCH" else library.rename(member, new)
    elif statement.operation == "SCRATCH":
        step.system.delete(name, purge=bool(statement.text("PURGE")), today=step.now().date())
    else:
        device, _, volume = statement.text("VOL").partition("=")
        command = {
            "RENAME": f" ALTER {name} NEWNAME({new})",
            "UNCATLG": f" DELETE {name} NOSCRATCH PURGE",
            "CATLG": f" DEFINE NONVSAM(NAME({name}) DEVICETYPES({device}) VOLUMES({volume}))",
        }[statement.operation]
        if idcams.run(step.system, [command], dds={}, now=step.now()).max_cc:
            raise ControlError(f"DTX479E {statement.operation} OF {name} COULD NOT BE CARRIED OUT")
