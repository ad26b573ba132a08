"""IDCAMS itself: reads the command stream, keeps the condition codes, runs commands or passes over them.

    stream = { command }
    command= IF ( LASTCC | MAXCC ) comparison number THEN clause [ ELSE clause ]
           | SET ( LASTCC | MAXCC ) = number
           | a functional command
    clause = nothing | command | DO { command } END

A command in a branch not taken is scanned all the same: its syntax errors are printed, its effect is not. LASTCC is the
code of the last functional command, MAXCC the highest so far. 16 ends everything, and so do errors in IF, SET and END,
after which nobody could say which commands were meant.

Source: z/OS DFSMS Access Method Services Commands, "Using Modal Commands" and "Condition Codes".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from ksds.datasets import DD
from ksds.errors import KsdsError
from ksds.idcams.allocate import allocate
from ksds.idcams.allocate_operands import Allocate
from ksds.idcams.alter import alter
from ksds.idcams.alternate_index import build_index
from ksds.idcams.catalog_operands import Alter
from ksds.idcams.commands import (
    UNSUPPORTED_VERBS,
    VERBS,
    BuildIndex,
    Delete,
    Examine,
    ListCatalog,
    Parm,
    Print,
    Repro,
    Verify,
)
from ksds.idcams.define import define
from ksds.idcams.define_operands import Define
from ksds.idcams.delete import delete
from ksds.idcams.diagnose import diagnose
from ksds.idcams.examine import examine, verify
from ksds.idcams.export_import import export, import_
from ksds.idcams.export_operands import Diagnose, Export, Import
from ksds.idcams.grammar import Operands
from ksds.idcams.invocation import FAILED, Invocation, Refusal, refusal_of
from ksds.idcams.listcat import list_catalog
from ksds.idcams.listing import Listing
from ksds.idcams.parser import CommandParser
from ksds.idcams.print_records import print_records
from ksds.idcams.repro import repro
from ksds.idcams.scanner import DEFAULT_MARGINS, Kind, ScanError, Scanner, Token
from ksds.system import System

SEVERE = 16
MAXIMUM_NESTING = 10
_MARGINS_ASSUMED = 4

_RUNNERS: dict[type[Operands], Callable[[Invocation, Any], int]] = {
    Allocate: allocate,
    Alter: alter,
    Define: define,
    Delete: delete,
    Repro: repro,
    Print: print_records,
    ListCatalog: list_catalog,
    Verify: verify,
    Examine: examine,
    BuildIndex: build_index,
    Export: export,
    Import: import_,
    Diagnose: diagnose,
}
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    **dict.fromkeys(("=", "EQ"), operator.eq),
    **dict.fromkeys(("NE", "\u00ac=", "^=", "<>"), operator.ne),
    **dict.fromkeys((">", "GT"), operator.gt),
    **dict.fromkeys(("<", "LT"), operator.lt),
    **dict.fromkeys((">=", "GE"), operator.ge),
    **dict.fromkeys(("<=", "LE"), operator.le),
}


@dataclass(frozen=True, slots=True)
class Result:
    """`max_cc` is the step's condition code. Each line of `sysprint` begins with its ASA carriage control byte."""

    max_cc: int
    sysprint: list[str]


def run(
    system: System,
    text: str | Iterable[str],
    *,
    now: datetime,
    dds: dict[str, DD] | None = None,
    sysprint: Callable[[str], None] | None = None,
    parm: str = "",
    terminal: bool = False,
) -> Result:
    """Run a command stream: a text of lines, or records. Columns 2 to 72 count, as on the real thing.

    ALLOCATE adds to `dds`. `parm` is that of the EXEC statement: the operands of a PARM command. SYSPRINT goes to
    `sysprint` line by line as it is written, else into the result. On a `terminal` (as commands of TSO) a command ends
    with IDC0014I in place of IDC0001I, and the stream without IDC0002I. Nothing that the text says raises: every
    outcome is a message and a code.
    """
    collected: list[str] = []
    listing = Listing(sysprint or collected.append, now)
    records = StringIO(text, newline="\n") if isinstance(text, str) else text
    interpreter = Interpreter(Invocation(system, {} if dds is None else dds, listing, now), records, terminal=terminal)
    if parm:
        interpreter.set_options(parm)
    max_cc = interpreter.run()
    return Result(max_cc, collected)


class _Flush(Exception):
    """Nothing more of the stream is to be read. The condition code is 16."""


class Interpreter:
    """One pass over a command stream."""

    def __init__(self, invocation: Invocation, records: Iterable[str], *, terminal: bool = False) -> None:
        self.last_cc = 0
        self.max_cc = 0
        self._invocation = invocation
        self._listing = invocation.listing
        self._terminal = terminal
        self._warned: set[str] = set()
        self._scanner = Scanner(records, self._listing.echo, self._warn)

    def run(self) -> int:
        """Run all; the highest condition code."""
        try:
            while self._command(self._scanner.token(), taken=True, nesting=0):
                pass
        except _Flush:
            self.max_cc = SEVERE
        except ScanError as error:
            self._modal_error(error)
        if not self._terminal:
            self._listing.message("IDC0002I", self.max_cc)
        return self.max_cc

    def set_options(self, parm: str) -> None:
        """What PARM= of the EXEC statement says, before the first record is read; a wrong one changes nothing."""
        scanner = Scanner([f" {parm}"], lambda record: None, self._warn)
        scanner.margins = (2, len(parm) + 1)
        verb = Token(Kind.WORD, "PARM")
        try:
            operands = CommandParser(scanner, self._warn).parse(verb, Parm).operands
            assert isinstance(operands, Parm)
            self.max_cc = max(self.max_cc, self._set_margins(operands))
        except ScanError as error:
            self._say(error)
            self._listing.message("IDC3202I")
            self.max_cc = FAILED

    def _warn(self, number: str) -> None:
        """A warning, once a command."""
        if number not in self._warned:
            self._warned.add(number)
            self._listing.message(number)

    def _say(self, error: ScanError) -> None:
        self._listing.message(error.number, *([error.insert] if error.insert else []))

    def _modal_error(self, error: ScanError) -> None:
        self._say(error)
        self._listing.message("IDC3207I")
        self.max_cc = SEVERE

    def _command(self, token: Token, *, taken: bool, nesting: int) -> bool:
        """One command that begins with `token`; False at the end of the stream. Raises ScanError for modal errors."""
        if token.kind is Kind.FILE_END:
            return False
        if token.kind is Kind.STOP:
            return True
        self._warned.clear()
        modal = token.text if token.kind is Kind.WORD else ""
        if modal == "IF":
            self._if(taken=taken, nesting=nesting + 1)
        elif modal == "SET":
            self._set(taken=taken)
        elif modal == "ELSE":
            raise ScanError("IDC4227I")
        elif modal == "END":
            raise ScanError("IDC4228I")
        else:
            self._functional(token, taken=taken)
        return True

    # -- modal commands -------------------------------------------------------------------------------------

    def _if(self, *, taken: bool, nesting: int) -> None:
        if nesting > MAXIMUM_NESTING:
            raise ScanError("IDC4237I")
        first = self._scanner.token(modal=True)
        if first.kind in (Kind.STOP, Kind.FILE_END):
            return
        holds = self._relation(first)
        then = self._scanner.token()
        if then.kind is not Kind.WORD or then.text != "THEN":
            raise ScanError("IDC4232I")
        self._clause(taken=taken and holds, nesting=nesting)
        otherwise = self._scanner.token()
        if otherwise.kind is Kind.WORD and otherwise.text == "ELSE":
            self._clause(taken=taken and not holds, nesting=nesting)
        else:
            self._scanner.give_back(otherwise)

    def _relation(self, variable: Token) -> bool:
        comparison, number = self._scanner.token(modal=True), self._scanner.token(modal=True)
        compare = _COMPARISONS.get(comparison.text)
        if variable.text not in ("LASTCC", "MAXCC") or compare is None:
            raise ScanError("IDC4229I")
        value = _condition_code(number, "IDC4229I")
        return compare(self.last_cc if variable.text == "LASTCC" else self.max_cc, value)

    def _clause(self, *, taken: bool, nesting: int) -> None:
        token = self._scanner.token()
        if token.kind is not Kind.WORD or token.text != "DO":
            self._command(token, taken=taken, nesting=nesting)
            return
        while True:
            token = self._scanner.token()
            if token.kind is Kind.FILE_END:
                raise ScanError("IDC4236I")
            if token.kind is Kind.WORD and token.text == "END":
                self._end_of_group()
                return
            self._command(token, taken=taken, nesting=nesting)

    def _end_of_group(self) -> None:
        """Behind END a command may follow; else END has a stop of its own. `END IF` is taken for END."""
        behind = self._scanner.token()
        if behind.kind is Kind.WORD and behind.text == "IF":
            first = self._scanner.token()
            if first.kind not in (Kind.STOP, Kind.FILE_END):
                self._scanner.give_back(first)
                self._scanner.give_back(behind)
                return
            behind = first
        if behind.kind is not Kind.STOP:
            self._scanner.give_back(behind)
        self._listing.end_command(functional=False)

    def _set(self, *, taken: bool) -> None:
        variable, equals, number = (self._scanner.token(modal=True) for _ in range(3))
        if variable.text not in ("LASTCC", "MAXCC") or equals.text not in ("=", "EQ"):
            raise ScanError("IDC4230I")
        value = min(_condition_code(number, "IDC4230I"), SEVERE)
        if self._scanner.token().kind not in (Kind.STOP, Kind.FILE_END):
            raise ScanError("IDC4230I")
        if taken and variable.text == "MAXCC":
            self.max_cc = value
        elif taken:
            self.last_cc = value
            self.max_cc = max(self.max_cc, value)
        self._listing.end_command(functional=False)
        if taken and value == SEVERE:
            raise _Flush

    # -- functional commands ----------------------------------------------------------------------------------

    def _functional(self, verb: Token, *, taken: bool) -> None:
        try:
            code = self._parsed(verb, taken=taken)
        except ScanError as error:
            if error.number == "IDC4236I":
                raise
            self._say(error)
            self._scanner.skip_command()
            self._listing.message("IDC3202I" if taken else "IDC3216I")
            code = FAILED
        if taken:
            self.last_cc = code
            self.max_cc = max(self.max_cc, code)
        self._listing.end_command(functional=taken)
        if taken and code >= SEVERE:
            raise _Flush

    def _parsed(self, verb: Token, *, taken: bool) -> int:
        model = VERBS.get(verb.text) if verb.kind is Kind.WORD else None
        if model is None and verb.text in UNSUPPORTED_VERBS:
            self._scanner.skip_command()
            return self._refused(Refusal(("KSD301E", verb.text))) if taken else self._bypassed()
        if model is None:
            raise ScanError("IDC3219I", verb.text)
        parsed = CommandParser(self._scanner, self._warn).parse(verb, model)
        if not taken:
            return self._bypassed()
        if parsed.operands is None:
            return self._refused(Refusal(*(("KSD302E", word) for word in parsed.unsupported)))
        return self._executed(parsed.operands)

    def _bypassed(self) -> int:
        self._listing.message("IDC0204I")
        return 0

    def _refused(self, refusal: Refusal) -> int:
        return self._completed(self._invocation.report(refusal))

    def _completed(self, code: int) -> int:
        done = "IDC0014I" if self._terminal else "IDC0001I"
        self._listing.message(done if code < FAILED else "IDC3003I", code)
        return code

    def _executed(self, operands: Operands) -> int:
        try:
            if isinstance(operands, Parm):
                return self._completed(self._set_margins(operands))
            return self._completed(_RUNNERS[type(operands)](self._invocation, operands))
        except Refusal as refusal:
            return self._refused(refusal)
        except (KsdsError, OSError) as error:
            return self._refused(refusal_of(error))

    def _set_margins(self, parm: Parm) -> int:
        left, right = parm.margins or DEFAULT_MARGINS
        if left >= right:
            self._scanner.margins = DEFAULT_MARGINS
            self._listing.message("IDC1927I")
            return _MARGINS_ASSUMED
        if parm.margins:
            self._scanner.margins = (left, right)
        return 0


def _condition_code(token: Token, message: str) -> int:
    if token.kind is not Kind.WORD or not token.text.isdecimal() or not token.text.isascii() or len(token.text) > 10:
        raise ScanError(message)
    return int(token.text)
