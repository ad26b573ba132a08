"""The operands of JOB and EXEC as values; what only has meaning on a real machine is read and passed over.

Source: z/OS MVS JCL Reference, JOB statement, EXEC statement.
"""

from __future__ import annotations

from dataclasses import replace

from dtf.jcl.cards import is_name
from dtf.jcl.conditions import MAXIMUM_CODE, ReturnCodeTest, parse_conditions
from dtf.jcl.data_definitions import not_supported, number_of
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.job import Job
from dtf.jcl.operands import Group, Keyword, Operand, Word, items_of, text_of
from dtf.jcl.recorded_values import check_recorded

MAXIMUM_PARAMETER = 100
_JOB_RECORDED = frozenset(
    {"MSGCLASS", "PRTY", "ACCT", "LINES", "BYTES", "CARDS", "PAGES", "USER", "PASSWORD", "GROUP", "SECLABEL", "SCHENV"}
    | {"SYSTEM", "SYSAFF", "PERFORM", "MEMLIMIT", "REGION", "REGIONX", "ADDRSPC", "JESLOG", "EMAIL", "UJOBCORR"}
    | {"DSENQSHR", "CCSID", "ROLL", "TIME", "GDGBIAS", "RUNTIME", "XFER", "JES", "SECURE"}
)
EXEC_RECORDED = frozenset(
    {"REGION", "REGIONX", "TIME", "MEMLIMIT", "ACCT", "ADDRSPC", "DYNAMNBR", "PERFORM", "RLSTMOUT", "TVSMSG", "CCSID"}
    | {"DPRTY"}
)
_RESTARTS = frozenset({"R", "RNC", "NR", "NC"})
_TYPES_OF_RUN = frozenset({"SCAN", "HOLD", "JCLHOLD", "COPY"})


def job_keyword(job: Job, keyword: Keyword) -> Job:
    """The job with one keyword of its JOB statement. Raises JclSyntaxError."""
    value = keyword.value
    match keyword.name:
        case "COND":
            return replace(job, conditions=parse_conditions(value, for_job=True))
        case "CLASS":
            return replace(job, job_class=text_of(value)[:8] or "A")
        case "NOTIFY":
            return replace(job, notify=text_of(value).rstrip(".")[:17])
        case "MSGLEVEL":
            return replace(job, message_level=_message_level(value))
        case "RESTART":
            return replace(job, restart=_restart_step(keyword))
        case "TYPRUN" if text_of(value) in _TYPES_OF_RUN:
            return replace(job, type_of_run=text_of(value))
        case "TYPRUN":
            raise not_supported(text_of(keyword), keyword)
        case "RD":
            check_restart_definition(keyword)
        case "JOBRC":
            return replace(job, return_code_of=_return_code_of(value))
        case name if name not in _JOB_RECORDED:
            raise JclSyntaxError("IEFC630I", f"UNIDENTIFIED KEYWORD {name[:20]}", keyword.at)
        case _:
            check_recorded(keyword)
    return job


def check_restart_definition(keyword: Keyword) -> None:
    """RD=R, RNC, NR or NC: nothing here restarts by itself, so the value is only checked."""
    if text_of(keyword.value) not in _RESTARTS:
        raise JclSyntaxError("DTX419E", f"RD={text_of(keyword.value)[:8]} IS NOT R, RNC, NR OR NC", keyword.at)


def _message_level(value: Operand) -> tuple[int, int]:
    levels = [number_of(item, "MSGLEVEL", digits=1) if text_of(item) else 1 for item in items_of(value)]
    statements, messages = [*levels, 1, 1][:2] if levels else (1, 1)
    if len(levels) > 2 or statements > 2 or messages > 1:
        raise JclSyntaxError("IEFC644I", "INVALID NUMERIC IN THE MSGLEVEL FIELD", value.at)
    return statements, messages


def _restart_step(keyword: Keyword) -> str:
    """RESTART=step, RESTART=step.procstep or RESTART=*; a checkid would need program checkpoints."""
    words = [text_of(item) for item in items_of(keyword.value)]
    if len(words) != 1:
        raise not_supported(text_of(keyword), keyword)
    return "" if words[0] == "*" else words[0]


def _return_code_of(value: Operand) -> str:
    """JOBRC=MAXRC, LASTRC or (STEP,name[.procstep])."""
    words = [text_of(item) for item in items_of(value)]
    if words == ["MAXRC"]:
        return ""
    if words == ["LASTRC"]:
        return "*"
    if len(words) == 2 and words[0] == "STEP" and all(map(is_name, words[1].split("."))):
        return words[1]
    raise JclSyntaxError("DTX424E", "JOBRC IS NOT MAXRC, LASTRC OR (STEP,NAME)", value.at)


def program_name(keyword: Keyword) -> str:
    """PGM=name. Raises JclSyntaxError."""
    name = text_of(keyword.value)
    if not name:
        raise JclSyntaxError("DTX402E", "EXEC NEEDS PGM=", keyword.at)
    if len(name) > 8:
        raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE PGM FIELD", keyword.at)
    return name


def parameter(keyword: Keyword) -> str:
    """PARM='text' or PARM=(A,'B'): the list is joined with commas, && becomes one &."""
    value = keyword.value
    text = ",".join(text_of(item) for item in value.items) if isinstance(value, Group) else text_of(value)
    if isinstance(value, Word | Group):
        text = text.replace("&&", "&")
    if len(text) > MAXIMUM_PARAMETER:
        raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE PARM FIELD", keyword.at)
    return text


def ddname_of(keyword: Keyword) -> str:
    """PARMDD=ddname."""
    name = text_of(keyword.value)
    if not is_name(name):
        raise JclSyntaxError("DTX414E", f"{keyword.name} NEEDS ONE DDNAME", keyword.at)
    return name


def abnormal_codes(keyword: Keyword) -> ReturnCodeTest:
    """ABDISPCC=(code,GT) or (code,GE): return codes above take the third word of DISP."""
    words = [text_of(item) for item in items_of(keyword.value)]
    if len(words) != 2 or words[1] not in ("GT", "GE") or not words[0].isdecimal() or int(words[0][:5]) > MAXIMUM_CODE:
        raise JclSyntaxError("DTX425E", "ABDISPCC IS NOT (CODE,GT) OR (CODE,GE)", keyword.at)
    return ReturnCodeTest(int(words[0]), {"GT": "LT", "GE": "LE"}[words[1]])
