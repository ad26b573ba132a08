"""From the statements of a job to the job the runner executes, or to the reasons why it cannot run.

As the converter of z/OS: every statement is looked at, every error is noted with its statement number
and column, and one error is enough for nothing of the job to run. `dtf.jcl.expansion` puts procedures in and replaces
symbols; here steps, IF groups and references between them take shape.
Source: z/OS MVS JCL Reference: JOB, EXEC, DD, IF, EXPORT, OUTPUT.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dtf.jcl.cards import Position
from dtf.jcl.conditions import Conditions, ReturnCodeTest, parse_conditions
from dtf.jcl.data_definitions import convert_dd
from dtf.jcl.ddnames import CONCATENABLE, resolve_ddnames
from dtf.jcl.diagnostics import Diagnostic, JclSyntaxError
from dtf.jcl.expansion import Expansion
from dtf.jcl.job import Branch, Dd, DdKind, DdPart, Job, Step
from dtf.jcl.job_operands import (
    EXEC_RECORDED,
    abnormal_codes,
    check_restart_definition,
    ddname_of,
    job_keyword,
    parameter,
    program_name,
)
from dtf.jcl.member_search import Libraries, NoLibraries
from dtf.jcl.operands import Keyword, Operands, items_of, text_of
from dtf.jcl.procedures import Call
from dtf.jcl.recorded_values import check_recorded
from dtf.jcl.relational import parse_expression
from dtf.jcl.statements import JobDeck, Statement
from dtf.jcl.symbols import SymbolTable, substitute_data
from ksds.codepage import code_page
from ksds.errors import DataSetError

MAXIMUM_STEPS = 255
MAXIMUM_IFS = 15
MAXIMUM_SYMLIST = 142
_RECORDED_OPERATIONS = frozenset(
    {"OUTPUT", "COMMAND", "NOTIFY", "SCHEDULE", "XMIT", "CNTL", "ENDCNTL"}
    | {"JOBGROUP", "GJOB", "JOBSET", "SJOB", "ENDSET", "AFTER", "BEFORE", "CONCURRENT", "ENDGROUP"}
)
_OPERATOR_COMMANDS = frozenset(
    {
        "CANCEL",
        "CONTROL",
        "DISPLAY",
        "HOLD",
        "LOG",
        "MODIFY",
        "MOUNT",
        "RELEASE",
        "REPLY",
        "RESET",
        "SEND",
        "START",
        "STOP",
    }
    | {"SWITCH", "UNLOAD", "VARY", "WRITELOG"}
)
"""Operator commands on a statement of their own, without a name."""
_JES_NOTIFY = "/*NOTIFY "
"""The JES2 statement that beats NOTIFY= of JOB."""
_DD_BEFORE_EXEC = frozenset({"JOBLIB", "JOBCAT", "SYSCHK"})
DEFAULT_SYMBOLS: Mapping[str, str] = {"SYSUID": "IBMUSER"}


@dataclass(frozen=True, slots=True)
class ConvertedJob:
    """What JESJCL and JESYSMSG show of a job before it runs. `job` is None if there is an error."""

    name: str
    job: Job | None
    statements: tuple[Statement, ...]
    """As JESJCL lists them: procedures and INCLUDE groups expanded."""
    substitutions: Mapping[int, str]
    """Statement number -> parameter field after substitution, for statements with symbols."""
    diagnostics: tuple[Diagnostic, ...]
    card_count: int
    message_level: tuple[int, int] = (1, 1)
    job_class: str = "A"


def convert(
    deck: JobDeck,
    symbols: Mapping[str, str] | None = None,
    libraries: Libraries | None = None,
    system: Mapping[str, str] | None = None,
) -> ConvertedJob:
    """Convert one job. `symbols` come from the command line and beat the deck's SETs; `system` has the system's."""
    own = {"JOBNAME": deck.statements[0].name, "SYSJOBNM": deck.statements[0].name}
    table = SymbolTable(dict(symbols or {}), dict(DEFAULT_SYMBOLS), {**(system or {}), **own})
    return _Converter(deck, table, libraries or NoLibraries()).convert()


@dataclass(slots=True)
class _StepDraft:
    name: str
    statement: Statement
    call: Call | None = None
    procstep: str = ""
    program: str = ""
    parameter: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    branches: tuple[Branch, ...] = ()
    parameter_dd: str = ""
    abnormal_codes: ReturnCodeTest | None = None
    dds: dict[str, list[DdPart]] = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    """Exported JCL symbols as they are when the step begins."""

    @property
    def label(self) -> str:
        return f"{self.name}.{self.procstep}" if self.procstep else self.name

    def step(self) -> Step:
        return Step(
            name=self.name,
            program=self.program,
            statement=self.statement.number,
            at=self.statement.at,
            parameter=self.parameter,
            conditions=self.conditions,
            dds=tuple(Dd(name, tuple(parts)) for name, parts in self.dds.items()),
            procstep=self.procstep,
            branches=self.branches,
            parameter_dd=self.parameter_dd,
            abnormal_codes=self.abnormal_codes,
        )


class _Converter:
    def __init__(self, deck: JobDeck, symbols: SymbolTable, libraries: Libraries) -> None:
        self._deck = deck
        self._symbols = symbols
        self._expansion = Expansion(deck, symbols, libraries, self._take)
        self._job = Job(name="", steps=())
        self._steps: list[_StepDraft] = []
        self._labels: dict[str, _StepDraft] = {}
        self._last_dd = ""
        self._statement = deck.statements[0]
        self._branches: list[Branch] = []
        self._groups = 0
        self._in_cntl = False
        self._operations: Mapping[str, Callable[[Statement, Operands, Call | None], None]] = {
            "JOB": self._job_statement,
            "EXEC": self._exec_statement,
            "DD": self._dd_statement,
            "IF": self._if_statement,
            "ELSE": self._else_statement,
            "ENDIF": self._endif_statement,
            "EXPORT": self._export_statement,
        }

    def convert(self) -> ConvertedJob:
        expansion = self._expansion
        expansion.run()
        for step in self._steps:
            self._statement = step.statement
            resolve_ddnames(step.dds, lambda text: self._warn("DTX443W", text))
        self._check_whole_job()
        found = sorted(expansion.diagnostics, key=lambda diagnostic: (diagnostic.statement, diagnostic.at))
        failed = any(diagnostic.is_error for diagnostic in found)
        job = replace(self._job, steps=tuple(step.step() for step in self._steps))
        return ConvertedJob(
            name=job.name,
            job=None if failed else job,
            statements=tuple(expansion.listing),
            substitutions=expansion.substitutions,
            diagnostics=tuple(found),
            card_count=self._deck.card_count,
            message_level=job.message_level,
            job_class=job.job_class,
        )

    def _check_whole_job(self) -> None:
        self._statement = self._deck.statements[0]
        at = self._statement.at
        if not self._steps and not any(note.is_error for note in self._expansion.diagnostics):
            self._report(JclSyntaxError("DTX401E", "JOB HAS NO STEPS", at))
        if len(self._steps) > MAXIMUM_STEPS:
            self._report(JclSyntaxError("DTX406E", f"JOB HAS MORE THAN {MAXIMUM_STEPS} STEPS", at))
        if self._job.restart and not any(is_named(step, self._job.restart) for step in self._steps):
            self._report(JclSyntaxError("DTX407E", f"RESTART STEP {self._job.restart[:20]} IS NOT IN THE JOB", at))
        for branch in self._branches:
            text = f"THE IF OF STATEMENT {branch.statement} HAS NO ENDIF"
            self._report(JclSyntaxError("DTX426E", text, at))

    def _report(self, error: JclSyntaxError) -> None:
        self._expansion.report(error, self._statement)

    def _warn(self, message_id: str, text: str) -> None:
        self._expansion.warn(message_id, text, self._statement)

    # --- statements -------------------------------------------------------------------------------

    def _take(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        """A statement of the expanded job."""
        self._statement = statement
        operation = statement.operation
        if operation in _RECORDED_OPERATIONS:
            self._in_cntl = operation == "CNTL"
            self._warn("DTX459W", f"{operation} STATEMENT HAS NO EFFECT HERE")
        elif self._in_cntl and operation not in ("EXEC", "DD"):
            return
        elif operation in _OPERATOR_COMMANDS and not statement.name:
            self._warn("DTX459W", f"OPERATOR COMMAND {operation} HAS NO EFFECT HERE")
        elif operation not in self._operations:
            self._report(JclSyntaxError("IEFC605I", "UNIDENTIFIED OPERATION FIELD", statement.at))
        else:
            self._in_cntl = False
            self._operations[operation](statement, operands, call)

    def _guarded(self, read: Callable[[Keyword], None], keyword: Keyword) -> None:
        try:
            read(keyword)
        except JclSyntaxError as error:
            self._report(error)

    def _job_statement(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        programmer = text_of(operands.positionals[1]) if len(operands.positionals) > 1 else ""
        self._job = replace(self._job, name=statement.name, programmer=programmer)
        if not statement.name:
            self._report(JclSyntaxError("IEFC662I", "INVALID LABEL, A JOB NEEDS A NAME", statement.at))
        self._check_once(operands)
        for keyword in operands.keywords:
            self._guarded(self._job_keyword, keyword)
        for card in (part.cards[0] for part in self._deck.statements if part.operation == "*"):
            if card.text.startswith(_JES_NOTIFY):
                user = card.text.removeprefix(_JES_NOTIFY).split()
                self._job = replace(self._job, notify=user[0][:17] if user else self._job.notify)

    def _check_once(self, operands: Operands) -> None:
        seen: set[str] = set()
        for keyword in operands.keywords:
            if keyword.name in seen:
                self._report(JclSyntaxError("DTX411E", f"KEYWORD {keyword.name[:20]} IS CODED TWICE", keyword.at))
            seen.add(keyword.name)

    def _job_keyword(self, keyword: Keyword) -> None:
        self._job = job_keyword(self._job, keyword)

    def _exec_statement(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        draft = _StepDraft(statement.name, statement, branches=tuple(self._branches))
        if call is not None:
            draft.name, draft.procstep, draft.call = call.step, statement.name, call
        self._last_dd = ""
        draft.symbols = {**DEFAULT_SYMBOLS, **self._symbols.exported()}
        names = {keyword.name for keyword in operands.keywords}
        if not names & {"PGM", "PROC"} and statement.operand.text == "":
            self._report(JclSyntaxError("DTX402E", "EXEC NEEDS PGM=", statement.at))
        elif operands.keywords and operands.keywords[0].name not in ("PGM", "PROC"):
            self._report(JclSyntaxError("DTX402E", "EXEC MUST BEGIN WITH PGM=", operands.keywords[0].at))
        self._check_once(operands)
        for keyword in operands.keywords:
            self._guarded(lambda keyword: self._exec_keyword(draft, keyword), keyword)
        self._steps.append(draft)
        self._labels.setdefault(draft.label, draft)

    def _exec_keyword(self, draft: _StepDraft, keyword: Keyword) -> None:
        match keyword.name:
            case "PGM" if text_of(keyword.value).startswith("*."):
                draft.program = self._program_of_dd(keyword, draft)
            case "PGM":
                draft.program = program_name(keyword)
            case "PARM":
                draft.parameter = parameter(keyword)
            case "PARMDD":
                draft.parameter_dd = ddname_of(keyword)
            case "COND":
                conditions = parse_conditions(keyword.value)
                tests = (replace(test, step=self._label(test.step, draft.call)) for test in conditions.tests)
                draft.conditions = replace(conditions, tests=tuple(tests))
            case "RD":
                check_restart_definition(keyword)
            case "ABDISPCC":
                draft.abnormal_codes = abnormal_codes(keyword)
            case name if name not in EXEC_RECORDED:
                raise JclSyntaxError("IEFC630I", f"UNIDENTIFIED KEYWORD {name[:20]}", keyword.at)
            case _:
                check_recorded(keyword)

    def _program_of_dd(self, keyword: Keyword, draft: _StepDraft) -> str:
        """PGM=*.STEP.DD: the member that the DD names is the program."""
        part = self._referred(text_of(keyword.value), keyword.at, draft.call)
        return part.member or part.data_set.rpartition(".")[2]

    def _export_statement(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        for keyword in operands.keywords:
            if keyword.name != "SYMLIST":
                self._report(JclSyntaxError("IEFC630I", f"UNIDENTIFIED KEYWORD {keyword.name[:20]}", keyword.at))
                continue
            if len(text_of(keyword.value).strip("()")) > MAXIMUM_SYMLIST:
                text = "EXCESSIVE PARAMETER LENGTH IN THE SYMLIST FIELD"
                self._report(JclSyntaxError("IEFC642I", text, keyword.at))
            self._symbols.export(text_of(item) for item in items_of(keyword.value))

    # --- IF groups --------------------------------------------------------------------------------

    def _if_statement(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        text, at = text_of(operands.positionals[0]), operands.positionals[0].at
        if len(self._branches) >= MAXIMUM_IFS:
            self._report(JclSyntaxError("DTX427E", f"IF NESTED MORE THAN {MAXIMUM_IFS} DEEP", statement.at))
        try:
            expression = parse_expression(text, at, lambda step: self._label(step, call) or "")
        except JclSyntaxError as error:
            self._report(error)
            expression = parse_expression("RC=0", at, str)
        self._groups += 1
        self._branches.append(Branch(self._groups, statement.number, expression, taken_if=True))

    def _else_statement(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        if not self._branches or not self._branches[-1].taken_if:
            self._report(JclSyntaxError("DTX428E", "ELSE WITHOUT IF", statement.at))
        else:
            self._branches[-1] = replace(self._branches[-1], taken_if=False)

    def _endif_statement(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        if not self._branches:
            self._report(JclSyntaxError("DTX428E", "ENDIF WITHOUT IF", statement.at))
        else:
            self._branches.pop()

    # --- references -------------------------------------------------------------------------------

    def _label(self, name: str | None, call: Call | None) -> str | None:
        """The label of the step that a condition names: in a procedure first one of the same call."""
        if name is None or call is None or "." in name:
            return name
        draft = self._labels.get(f"{call.step}.{name}")
        return draft.label if draft is not None and draft.call is call else name

    def _referred(self, text: str, at: Position, call: Call | None) -> DdPart:
        """The first DD statement under the ddname that *.DD, *.STEP.DD or *.STEP.PROCSTEP.DD names."""
        step, _, ddname = text[2:].rpartition(".")
        here = self._steps[-1] if self._steps else None
        draft = self._labels.get(self._label(step, call) or "") if step else here
        parts = draft.dds.get(ddname) if draft is not None else None
        if not parts:
            raise JclSyntaxError("DTX429E", f"BACKWARD REFERENCE {text[:40]} FINDS NO DD STATEMENT", at)
        return parts[0]

    # --- DD ---------------------------------------------------------------------------------------

    def _dd_statement(self, statement: Statement, operands: Operands, call: Call | None) -> None:
        self._check_data(statement)
        part = convert_dd(statement, operands, self._report, lambda text, at: self._referred(text, at, call))
        name = statement.name.rpartition(".")[2]
        if part.symbols and self._steps:
            part = self._with_symbols(name or self._last_dd, part)
        if not self._steps:
            self._last_dd = name or self._last_dd
            if self._last_dd not in _DD_BEFORE_EXEC:
                self._report(JclSyntaxError("IEFC019I", "MISPLACED DD STATEMENT", statement.at))
        elif name == "JOBLIB":
            self._report(JclSyntaxError("IEFC019I", "MISPLACED DD STATEMENT", statement.at))
        elif name:
            self._new_dd(name, part)
        else:
            self._concatenate(part)

    def _with_symbols(self, name: str, part: DdPart) -> DdPart:
        """The in-stream data with its symbols replaced; each change in the log that SYMBOLS= asks for."""
        symbols = dict(self._symbols.system if part.symbols != "JCLONLY" else {}) | dict(self._steps[-1].symbols)
        records = tuple(substitute_data(record, symbols) for record in part.records)
        changes: list[str] = []
        for number, (old, new) in enumerate(zip(part.records, records, strict=True), 1):
            changes += [f"{name} RECORD {number}: {text}" for text in (old, new) if new != old]
        return replace(part, records=records, symbol_changes=tuple(changes))

    def _check_data(self, statement: Statement) -> None:
        """In-stream data must have a place in the code page of the system."""
        for card in statement.data or ():
            if card.text.isascii():
                continue
            column = next((index for index, text in enumerate(card.text) if not _is_encodable(text)), None)
            if column is not None:
                at = Position(card.line, column + 1)
                text = f"CHARACTER U+{ord(card.text[column]):04X} IS NOT IN CODE PAGE {code_page().name}"
                self._report(JclSyntaxError("DTX408E", text, at))

    def _new_dd(self, name: str, part: DdPart) -> None:
        dds = self._steps[-1].dds
        self._last_dd = name
        if name in dds:
            self._warn("DTX404W", f"DDNAME {name} IS CODED TWICE IN ONE STEP, THE FIRST IS USED")
            self._last_dd = ""
        else:
            dds[name] = [part]

    def _concatenate(self, part: DdPart) -> None:
        """A DD without a name goes behind the data set above it."""
        dds = self._steps[-1].dds
        if not dds:
            self._report(JclSyntaxError("IEFC019I", "MISPLACED DD STATEMENT", self._statement.at))
        elif self._last_dd:
            kinds = {dds[self._last_dd][0].kind, part.kind} - {DdKind.DEFERRED}
            if kinds <= CONCATENABLE:
                dds[self._last_dd].append(part)
            else:
                text = "CONCATENATION WITH SYSOUT IS NOT SUPPORTED"
                self._report(JclSyntaxError("DTX410E", text, self._statement.at))


def is_named(step: _StepDraft | Step, name: str) -> bool:
    """True if RESTART=name means this step: STEP.PROCSTEP, or STEP for a step without procedure or its first."""
    return name in (step.label, step.name)


def _is_encodable(character: str) -> bool:
    try:
        code_page().encode(character)
    except DataSetError:
        return False
    return True
