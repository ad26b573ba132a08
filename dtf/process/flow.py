"""IF, ELSE, EIF, GOTO and EXIT become jumps in a flat list: a program counter is all that a restart must remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dtf.errors import ProcessError
from dtf.process.copy_statement import read_copy
from dtf.process.operands import OperandReader
from dtf.process.parser import Condition, DraftStatement
from dtf.process.run_statements import read_run_job, read_run_task, read_submit
from dtf.process.statements import CONDITIONS, HIGHEST, LAST_MESSAGE, Exit, Goto, If, Statement, Step

STEP_LIMIT = 255
IF_NESTING_LIMIT = 16


ReadStep = Callable[[OperandReader, DraftStatement, int], Step]
_STEPS: Mapping[str, ReadStep] = {
    "COPY": read_copy,
    "RUN JOB": read_run_job,
    "RUN TASK": read_run_task,
    "SUBMIT": read_submit,
}


@dataclass(slots=True)
class _OpenIf:
    """An IF whose EIF has not come yet: where its jump is to be filled in, and the jump over an ELSE part."""

    at: int
    draft: DraftStatement
    skip: int | None = None


@dataclass(slots=True)
class _PendingGoto:
    at: int
    label: str
    draft: DraftStatement


class Flow:
    """Turns the statements after PROCESS into a flat list with jumps."""

    def __init__(self, reader: OperandReader) -> None:
        self._reader = reader
        self._statements: list[Statement] = []
        self._labels: dict[str, int] = {}
        self._step_labels: set[str] = set()
        self._open: list[_OpenIf] = []
        self._gotos: list[_PendingGoto] = []
        self._steps = 0

    def run(self, drafts: tuple[DraftStatement, ...]) -> tuple[Statement, ...]:
        """All statements, all jumps filled in."""
        for draft in drafts:
            self._one(draft)
        if self._open:
            raise self._error("IF HAS NO EIF", self._open[-1].draft)
        for goto in self._gotos:
            self._fill(goto)
        return tuple(self._statements)

    def _one(self, draft: DraftStatement) -> None:
        if draft.label:
            if draft.label in self._labels:
                raise self._error(f"LABEL {draft.label} IS USED TWICE", draft)
            self._labels[draft.label] = len(self._statements)
        match draft.verb:
            case "COPY" | "RUN JOB" | "RUN TASK" | "SUBMIT":
                self._step(draft, _STEPS[draft.verb])
            case "SYMBOL":
                self._symbol(draft)
            case "IF":
                self._if(draft)
            case "ELSE":
                self._else(draft)
            case "EIF":
                self._eif(draft)
            case "GOTO":
                self._goto(draft)
            case "EXIT":
                self._without_operands(draft)
                self._statements.append(Exit())
            case "PEND":
                self._without_operands(draft)
            case _:
                raise self._error(f"{draft.verb} IS OUT OF PLACE", draft)

    def _step(self, draft: DraftStatement, read: ReadStep) -> None:
        self._steps += 1
        if self._steps > STEP_LIMIT:
            raise self._error(f"MORE THAN {STEP_LIMIT} STEPS", draft)
        self._statements.append(read(self._reader, draft, self._steps))
        self._step_labels.add(draft.label)

    def _symbol(self, draft: DraftStatement) -> None:
        if not draft.operands:
            raise self._error("SYMBOL NEEDS &name=value", draft)
        for operand in draft.operands:
            if not operand.keyword.startswith("&"):
                raise self._reader.error("SYMBOL NEEDS &name=value", operand.at)
            self._reader.symbols.define(operand.keyword[1:], self._reader.text(operand.value), operand.at)

    def _if(self, draft: DraftStatement) -> None:
        condition = draft.condition
        if condition is None:
            raise self._error("IF NEEDS (label condition nn) THEN", draft)
        if len(self._open) == IF_NESTING_LIMIT:
            raise self._error(f"IF NESTED DEEPER THAN {IF_NESTING_LIMIT}", draft)
        comparison = CONDITIONS.get(condition.comparison)
        if comparison is None:
            raise self._reader.error(f"{condition.comparison[:40]!a} IS NOT A CONDITION", condition.step)
        step = condition.step.text.upper()
        if step == LAST_MESSAGE:
            self._if_message(draft, condition, comparison)
            return
        code = condition.code.text
        if not code.isascii() or not code.isdigit() or len(code) > 8:
            raise self._reader.error(f"{code[:40]!a} IS NOT A COMPLETION CODE", condition.code)
        if step != HIGHEST and step not in self._step_labels:
            raise self._reader.error(f"{step[:40]!a} IS NOT THE LABEL OF AN EARLIER STEP", condition.step)
        self._open.append(_OpenIf(len(self._statements), draft))
        self._statements.append(If(step, comparison, int(code), 0))

    def _if_message(self, draft: DraftStatement, condition: Condition, comparison: str) -> None:
        """IF (%MSGID = SCPA000I): the message of the step before."""
        wanted = condition.code.text.upper()
        if comparison not in ("EQ", "NE"):
            raise self._reader.error(f"{LAST_MESSAGE} IS COMPARED BY EQ OR NE", condition.step)
        if not (len(wanted) <= 8 and wanted.isascii() and wanted.isalnum()):
            raise self._reader.error(f"{wanted[:40]!a} IS NOT A MESSAGE ID", condition.code)
        self._open.append(_OpenIf(len(self._statements), draft))
        self._statements.append(If(LAST_MESSAGE, comparison, 0, 0, wanted))

    def _else(self, draft: DraftStatement) -> None:
        self._without_operands(draft)
        if not self._open or self._open[-1].skip is not None:
            raise self._error("ELSE WITHOUT IF", draft)
        innermost = self._open[-1]
        innermost.skip = len(self._statements)
        self._statements.append(Goto(0))
        self._set_otherwise(innermost)

    def _eif(self, draft: DraftStatement) -> None:
        self._without_operands(draft)
        if not self._open:
            raise self._error("EIF WITHOUT IF", draft)
        innermost = self._open.pop()
        if innermost.skip is None:
            self._set_otherwise(innermost)
        else:
            self._statements[innermost.skip] = Goto(len(self._statements))

    def _set_otherwise(self, innermost: _OpenIf) -> None:
        condition = self._statements[innermost.at]
        if isinstance(condition, If):
            self._statements[innermost.at] = replace(condition, otherwise=len(self._statements))

    def _goto(self, draft: DraftStatement) -> None:
        label = draft.operands[0].word if len(draft.operands) == 1 else ""
        if not label:
            raise self._error("GOTO NEEDS ONE LABEL", draft)
        self._gotos.append(_PendingGoto(len(self._statements), label, draft))
        self._statements.append(Goto(0))

    def _fill(self, goto: _PendingGoto) -> None:
        target = self._labels.get(goto.label)
        if target is None:
            raise self._error(f"GOTO {goto.label[:40]}: NO SUCH LABEL", goto.draft)
        if target <= goto.at:
            raise self._error(f"GOTO {goto.label} GOES BACKWARD", goto.draft)
        self._statements[goto.at] = Goto(target)

    def _without_operands(self, draft: DraftStatement) -> None:
        if draft.operands:
            raise self._reader.error(f"{draft.verb} HAS NO OPERANDS", draft.operands[0].at)

    def _error(self, what: str, draft: DraftStatement) -> ProcessError:
        return self._reader.error(what, draft.at)
