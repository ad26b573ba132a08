"""From the statements of a job to the job the runner executes, or to the reasons why it cannot run.

As the converter of z/OS: every statement is looked at, every error is noted with its statement number
and column, and one error is enough for nothing of the job to run. Symbols are replaced in the text of a
statement before it is parsed, in statement order, so a SET holds from where it stands.
Source: z/OS MVS JCL Reference: JOB, EXEC, DD, SET.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dtf.jcl.cards import Field, Position
from dtf.jcl.conditions import Conditions, parse_conditions
from dtf.jcl.data_definitions import convert_dd, not_supported, number_of
from dtf.jcl.diagnostics import Diagnostic, JclSyntaxError
from dtf.jcl.job import Dd, DdKind, DdPart, Job, Step
from dtf.jcl.operands import Group, Keyword, Operand, Operands, Word, items_of, parse_operands, text_of
from dtf.jcl.statements import JobDeck, Statement
from dtf.jcl.symbols import SymbolTable, check_symbol, substitute
from ksds.codepage import code_page
from ksds.errors import DataSetError

MAXIMUM_STEPS = 255
MAXIMUM_PARAMETER = 100
_JOB_RECORDED = frozenset(
    {"MSGCLASS", "PRTY", "ACCT", "LINES", "BYTES", "CARDS", "PAGES", "USER", "PASSWORD", "GROUP", "SECLABEL", "SCHENV"}
    | {"SYSTEM", "SYSAFF", "PERFORM", "MEMLIMIT", "REGION", "REGIONX", "ADDRSPC", "JESLOG", "EMAIL", "UJOBCORR"}
    | {"DSENQSHR", "CCSID", "ROLL", "TIME", "RD", "GDGBIAS"}
)
_EXEC_RECORDED = frozenset(
    {
        "REGION",
        "REGIONX",
        "TIME",
        "MEMLIMIT",
        "ACCT",
        "ADDRSPC",
        "DYNAMNBR",
        "PERFORM",
        "RLSTMOUT",
        "TVSMSG",
        "CCSID",
        "RD",
    }
)
_EXEC_REFUSED = frozenset({"PARMDD", "ABDISPCC", "PROC"})
_REFUSED_OPERATIONS = frozenset(
    {"PROC", "PEND", "IF", "ELSE", "ENDIF", "INCLUDE", "JCLLIB", "EXPORT", "CNTL", "ENDCNTL", "XMIT"}
    | {"JOBGROUP", "GJOB", "JOBSET", "SJOB", "ENDSET", "AFTER", "BEFORE", "CONCURRENT", "ENDGROUP"}
)
_RECORDED_OPERATIONS = frozenset({"OUTPUT", "COMMAND", "NOTIFY", "SCHEDULE"})
_DD_BEFORE_EXEC = frozenset({"JOBLIB", "JOBCAT", "SYSCHK"})
_CONCATENABLE = frozenset({DdKind.DATA_SET, DdKind.TEMPORARY, DdKind.DUMMY})
DEFAULT_SYMBOLS: Mapping[str, str] = {"SYSUID": "IBMUSER"}


@dataclass(frozen=True, slots=True)
class ConvertedJob:
    """What JESJCL and JESYSMSG show of a job before it runs. `job` is None if there is an error."""

    name: str
    job: Job | None
    statements: tuple[Statement, ...]
    substitutions: Mapping[int, str]
    """Statement number -> parameter field after substitution, for statements with symbols."""
    diagnostics: tuple[Diagnostic, ...]
    card_count: int
    message_level: tuple[int, int] = (1, 1)
    job_class: str = "A"


def convert(deck: JobDeck, symbols: Mapping[str, str] | None = None) -> ConvertedJob:
    """Convert one job. `symbols` come from the command line and beat the SETs of the deck."""
    return _Converter(deck, SymbolTable(dict(symbols or {}), dict(DEFAULT_SYMBOLS))).convert()


@dataclass(slots=True)
class _StepDraft:
    name: str
    statement: int
    at: Position
    program: str = ""
    parameter: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    dds: dict[str, list[DdPart]] = field(default_factory=dict)

    def step(self) -> Step:
        dds = tuple(Dd(name, tuple(parts)) for name, parts in self.dds.items())
        return Step(self.name, self.program, self.statement, self.at, self.parameter, self.conditions, dds)


class _Converter:
    def __init__(self, deck: JobDeck, symbols: SymbolTable) -> None:
        self._deck = deck
        self._symbols = symbols
        self._diagnostics = list(deck.diagnostics)
        self._substitutions: dict[int, str] = {}
        self._job = Job(name="", steps=())
        self._steps: list[_StepDraft] = []
        self._last_dd = ""
        self._number = 0
        self._operations: Mapping[str, Callable[[Statement, Operands], None]] = {
            "JOB": self._job_statement,
            "EXEC": self._exec_statement,
            "DD": self._dd_statement,
            "SET": self._set_statement,
        }

    def convert(self) -> ConvertedJob:
        for statement in self._deck.statements:
            if statement.number and (statement.operation or statement.name):
                self._number = statement.number
                self._statement(statement)
        self._check_whole_job()
        diagnostics = tuple(sorted(self._diagnostics, key=lambda diagnostic: (diagnostic.statement, diagnostic.at)))
        failed = any(diagnostic.is_error for diagnostic in diagnostics)
        job = replace(self._job, steps=tuple(step.step() for step in self._steps))
        return ConvertedJob(
            name=job.name,
            job=None if failed else job,
            statements=tuple(self._deck.statements),
            substitutions=self._substitutions,
            diagnostics=diagnostics,
            card_count=self._deck.card_count,
            message_level=job.message_level,
            job_class=job.job_class,
        )

    def _check_whole_job(self) -> None:
        at = self._deck.statements[0].at
        self._number = self._deck.statements[0].number
        if not self._steps:
            self._report(JclSyntaxError("DTX401E", "JOB HAS NO STEPS", at))
        if len(self._steps) > MAXIMUM_STEPS:
            self._report(JclSyntaxError("DTX406E", f"JOB HAS MORE THAN {MAXIMUM_STEPS} STEPS", at))
        if self._job.restart and all(step.name != self._job.restart for step in self._steps):
            self._report(JclSyntaxError("DTX407E", f"RESTART STEP {self._job.restart[:20]} IS NOT IN THE JOB", at))

    def _report(self, error: JclSyntaxError) -> None:
        self._diagnostics.append(error.diagnostic(self._number))

    def _warn(self, message_id: str, text: str, at: Position) -> None:
        self._diagnostics.append(Diagnostic(message_id, text, at, self._number))

    # --- statements -------------------------------------------------------------------------------

    def _statement(self, statement: Statement) -> None:
        operation = statement.operation
        if operation in _REFUSED_OPERATIONS:
            self._report(JclSyntaxError("DTX410E", f"{operation} STATEMENT IS NOT SUPPORTED", statement.at))
        elif operation in _RECORDED_OPERATIONS:
            self._warn("DTX459W", f"{operation} STATEMENT HAS NO EFFECT HERE", statement.at)
        elif operation not in self._operations:
            self._report(JclSyntaxError("IEFC605I", "UNIDENTIFIED OPERATION FIELD", statement.at))
        else:
            try:
                operands = parse_operands(self._substituted(statement))
            except JclSyntaxError as error:
                self._report(error)
                operands = Operands((), ())
                if operation not in ("EXEC", "JOB"):
                    return
            self._operations[operation](statement, operands)

    def _substituted(self, statement: Statement) -> Field:
        symbols = self._symbols
        if statement.operation == "JOB":
            symbols = SymbolTable({"SYSUID": symbols.get("SYSUID") or ""})
        result = substitute(statement.operand, symbols)
        if result is not statement.operand:
            self._substitutions[statement.number] = result.text
        return result

    def _guarded(self, read: Callable[[Keyword], None], keyword: Keyword) -> None:
        try:
            read(keyword)
        except JclSyntaxError as error:
            self._report(error)

    def _job_statement(self, statement: Statement, operands: Operands) -> None:
        programmer = text_of(operands.positionals[1]) if len(operands.positionals) > 1 else ""
        self._job = replace(self._job, name=statement.name, programmer=programmer)
        if not statement.name:
            self._report(JclSyntaxError("IEFC662I", "INVALID LABEL, A JOB NEEDS A NAME", statement.at))
        for keyword in operands.keywords:
            self._guarded(self._job_keyword, keyword)

    def _job_keyword(self, keyword: Keyword) -> None:
        job, value = self._job, keyword.value
        match keyword.name:
            case "COND":
                self._job = replace(job, conditions=parse_conditions(value, for_job=True))
            case "CLASS":
                self._job = replace(job, job_class=text_of(value)[:8] or "A")
            case "NOTIFY":
                self._job = replace(job, notify=text_of(value).rstrip(".")[:17])
            case "MSGLEVEL":
                self._job = replace(job, message_level=_message_level(value))
            case "RESTART":
                self._job = replace(job, restart=_restart_step(keyword))
            case "TYPRUN" if text_of(value) == "SCAN":
                self._job = replace(job, scan_only=True)
            case "JOBRC" if text_of(value) == "MAXRC":
                pass
            case "TYPRUN" | "JOBRC":
                raise not_supported(text_of(keyword), keyword)
            case name if name not in _JOB_RECORDED:
                raise JclSyntaxError("IEFC630I", f"UNIDENTIFIED KEYWORD {name[:20]}", keyword.at)

    def _exec_statement(self, statement: Statement, operands: Operands) -> None:
        draft = _StepDraft(statement.name, statement.number, statement.at)
        self._steps.append(draft)
        self._last_dd = ""
        if operands.positionals:
            error = not_supported(f"PROCEDURE {text_of(operands.positionals[0])}", operands.positionals[0])
            self._report(error)
            return
        names = {keyword.name for keyword in operands.keywords}
        if not names & {"PGM", "PROC"} and statement.operand.text == "":
            self._report(JclSyntaxError("DTX402E", "EXEC NEEDS PGM=", statement.at))
        elif operands.keywords and operands.keywords[0].name not in ("PGM", "PROC"):
            self._report(JclSyntaxError("DTX402E", "EXEC MUST BEGIN WITH PGM=", operands.keywords[0].at))
        for keyword in operands.keywords:
            self._guarded(lambda keyword: self._exec_keyword(draft, keyword), keyword)

    def _exec_keyword(self, draft: _StepDraft, keyword: Keyword) -> None:
        if keyword.name == "PGM":
            draft.program = _program_name(keyword)
        elif keyword.name == "PARM":
            draft.parameter = _parameter(keyword)
        elif keyword.name == "COND":
            draft.conditions = parse_conditions(keyword.value)
        elif keyword.name in _EXEC_REFUSED:
            raise not_supported(f"EXEC KEYWORD {text_of(keyword)}", keyword)
        elif keyword.name not in _EXEC_RECORDED:
            raise JclSyntaxError("IEFC630I", f"UNIDENTIFIED KEYWORD {keyword.name[:20]}", keyword.at)

    def _set_statement(self, statement: Statement, operands: Operands) -> None:
        for positional in operands.positionals:
            self._report(JclSyntaxError("DTX403E", f"{text_of(positional)[:20]!r} IS NOT NAME=VALUE", positional.at))
        for keyword in operands.keywords:
            value = text_of(keyword.value)
            problem = check_symbol(keyword.name, value)
            if problem:
                self._report(JclSyntaxError("DTX403E", problem, keyword.at))
            else:
                self._symbols.set(keyword.name, value)

    def _dd_statement(self, statement: Statement, operands: Operands) -> None:
        self._check_data(statement)
        part = convert_dd(statement, operands, self._report)
        name = statement.name.rpartition(".")[2]
        if not self._steps:
            if name not in _DD_BEFORE_EXEC:
                self._report(JclSyntaxError("IEFC019I", "MISPLACED DD STATEMENT", statement.at))
            return
        if name:
            self._new_dd(name, part, statement)
        else:
            self._concatenate(part, statement)

    def _check_data(self, statement: Statement) -> None:
        """In-stream data must have a place in the code page of the system."""
        for card in statement.data.cards if statement.data else ():
            if card.text.isascii():
                continue
            column = next((index for index, text in enumerate(card.text) if not _is_encodable(text)), None)
            if column is not None:
                at = Position(card.line, column + 1)
                text = f"CHARACTER U+{ord(card.text[column]):04X} IS NOT IN CODE PAGE {code_page().name}"
                self._report(JclSyntaxError("DTX408E", text, at))

    def _new_dd(self, name: str, part: DdPart, statement: Statement) -> None:
        dds = self._steps[-1].dds
        self._last_dd = name
        if name in dds:
            self._warn("DTX404W", f"DDNAME {name} IS CODED TWICE IN ONE STEP, THE FIRST IS USED", statement.at)
            self._last_dd = ""
        else:
            dds[name] = [part]

    def _concatenate(self, part: DdPart, statement: Statement) -> None:
        """A DD without a name goes behind the data set above it."""
        dds = self._steps[-1].dds
        if not dds:
            self._report(JclSyntaxError("IEFC019I", "MISPLACED DD STATEMENT", statement.at))
        elif self._last_dd:
            kinds = {dds[self._last_dd][0].kind, part.kind}
            if kinds <= _CONCATENABLE or kinds == {DdKind.INSTREAM}:
                dds[self._last_dd].append(part)
            else:
                text = "CONCATENATION OF DATA SETS WITH IN-STREAM DATA OR SYSOUT IS NOT SUPPORTED"
                self._report(JclSyntaxError("DTX410E", text, statement.at))


def _is_encodable(character: str) -> bool:
    try:
        code_page().encode(character)
    except DataSetError:
        return False
    return True


def _message_level(value: Operand) -> tuple[int, int]:
    levels = [number_of(item, "MSGLEVEL", digits=1) if text_of(item) else 1 for item in items_of(value)]
    statements, messages = [*levels, 1, 1][:2] if levels else (1, 1)
    if len(levels) > 2 or statements > 2 or messages > 1:
        raise JclSyntaxError("IEFC644I", "INVALID NUMERIC IN THE MSGLEVEL FIELD", value.at)
    return statements, messages


def _restart_step(keyword: Keyword) -> str:
    """RESTART=step or RESTART=*; a checkid would need program checkpoints."""
    words = [text_of(item) for item in items_of(keyword.value)]
    if len(words) != 1:
        raise not_supported(text_of(keyword), keyword)
    return "" if words[0] == "*" else words[0]


def _program_name(keyword: Keyword) -> str:
    name = text_of(keyword.value)
    if name.startswith("*."):
        raise not_supported(f"PGM={name}", keyword)
    if not name:
        raise JclSyntaxError("DTX402E", "EXEC NEEDS PGM=", keyword.at)
    if len(name) > 8:
        raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE PGM FIELD", keyword.at)
    return name


def _parameter(keyword: Keyword) -> str:
    """PARM='text' or PARM=(A,'B'): the list is joined with commas, && becomes one &."""
    value = keyword.value
    text = ",".join(text_of(item) for item in value.items) if isinstance(value, Group) else text_of(value)
    if isinstance(value, Word | Group):
        text = text.replace("&&", "&")
    if len(text) > MAXIMUM_PARAMETER:
        raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE PARM FIELD", keyword.at)
    return text
