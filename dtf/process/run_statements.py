"""RUN TASK, RUN JOB and SUBMIT: the steps that move no data.

label RUN TASK (PGM=name [PARM=(a,b)] [SYSOPTS="text"])  PNODE|SNODE  RESTART=YES|NO   (PARM, SYSOPTS also outside)
label RUN JOB  (DSN=library(member))                     PNODE|SNODE
label SUBMIT   DSN=library(member) SUBNODE=PNODE|SNODE  keywords of the SUBMIT command  &symbol=value
"""

from __future__ import annotations

from dtf.process.operands import OperandReader
from dtf.process.parser import DraftStatement, Group, Operand, Value, is_label
from dtf.process.statements import RunJob, RunTask, Submit

SYSOPTS_LIMIT = 1816
SUBMIT_KEYWORDS = frozenset(
    [
        *("NEWNAME", "CASE", "CLASS", "HOLD", "PRTY", "NOTIFY", "REQUEUE", "RETAIN", "STARTT", "PLEXCLASS", "SNODE"),
        *("SNODEID", "PNODEID", "PACCT", "SACCT", "CRC", "DEBUG", "SECURE"),
    ]
)


def read_run_task(reader: OperandReader, draft: DraftStatement, number: int) -> RunTask:
    """RUN TASK. Raises ProcessError."""
    step = _Run(reader, draft)
    program = step.inside("PGM")
    if not is_label(program):
        raise reader.error(f"{program[:40]!a} IS NOT THE NAME OF A PROGRAM", draft.at)
    parameter, options = step.inside("PARM"), step.inside("SYSOPTS")
    if parameter and options:
        raise reader.error("PARM AND SYSOPTS EXCLUDE EACH OTHER", draft.at)
    if len(options) > SYSOPTS_LIMIT:
        raise reader.error(f"SYSOPTS IS LONGER THAN {SYSOPTS_LIMIT} BYTES", draft.at)
    step.no_more("PGM", "PARM", "SYSOPTS")
    return RunTask(
        label=draft.label,
        number=number,
        program=program,
        parameter=parameter.upper() or options,
        node=step.node,
        again=step.again,
        line=draft.at.line,
    )


def read_run_job(reader: OperandReader, draft: DraftStatement, number: int) -> RunJob:
    """RUN JOB. Raises ProcessError."""
    step = _Run(reader, draft)
    name = step.inside("DSN")
    if not name:
        raise reader.error("RUN JOB NEEDS (DSN=data set)", draft.at)
    step.no_more("DSN")
    return RunJob(label=draft.label, number=number, name=name, node=step.node, line=draft.at.line)


class _Run:
    """The operands of RUN: a list in parentheses, a node, RESTART."""

    def __init__(self, reader: OperandReader, draft: DraftStatement) -> None:
        self._reader = reader
        self._inside: dict[str, Operand] = {}
        self.node = "PNODE"
        self.again = True
        for operand in draft.operands:
            if isinstance(operand.value, Group) and not operand.keyword:
                self._take_list(operand.value)
            elif operand.word in ("PNODE", "SNODE"):
                self.node = operand.word
            elif operand.keyword == "RESTART" and draft.verb == "RUN TASK":
                self.again = reader.choice(operand.value, "YES", "NO", "Y", "N")[0] == "Y"
            elif operand.keyword in ("PARM", "SYSOPTS") and draft.verb == "RUN TASK":
                self._take_list(Group(operand.at, (operand,)))
            else:
                raise reader.error(f"THIS IS NOT AN OPERAND OF {draft.verb}", operand.at)

    def _take_list(self, group: Group) -> None:
        for item in group.operands:
            if item is None or not item.keyword or item.keyword in self._inside:
                raise self._reader.error("KEYWORD=VALUE, EACH ONCE, WAS EXPECTED", item.at if item else group.at)
            self._inside[item.keyword] = item

    def inside(self, keyword: str) -> str:
        """The value of a keyword of the list, "" without it. A list of values is joined with commas."""
        operand = self._inside.get(keyword)
        if operand is None:
            return ""
        value: Value = operand.value
        return self._reader.as_written(value)[1:-1] if isinstance(value, Group) else self._reader.text(value)

    def no_more(self, *known: str) -> None:
        for keyword, operand in self._inside.items():
            if keyword not in known:
                raise self._reader.error(f"{keyword[:40]} IS OUT OF PLACE", operand.at)


def read_submit(reader: OperandReader, draft: DraftStatement, number: int) -> Submit:
    """SUBMIT. Raises ProcessError."""
    name, node = "", "PNODE"
    keywords: dict[str, str] = {}
    symbols: dict[str, str] = {}
    for operand in draft.operands:
        key = operand.keyword
        if key == "DSN":
            name = reader.text(operand.value)
        elif key == "SUBNODE":
            node = reader.choice(operand.value, "PNODE", "SNODE")
        elif key.startswith("&"):
            symbols[key[1:]] = reader.text(operand.value)
        elif key in SUBMIT_KEYWORDS:
            keywords[key] = reader.as_written(operand.value)
        else:
            raise reader.error("THIS IS NOT AN OPERAND OF SUBMIT", operand.at)
    if not name:
        raise reader.error("SUBMIT NEEDS DSN=", draft.at)
    return Submit(
        label=draft.label,
        number=number,
        name=name,
        node=node,
        keywords=tuple(keywords.items()),
        symbols=tuple(symbols.items()),
        line=draft.at.line,
    )
