"""From the statements of a deck to the statements that count, in the order in which JESJCL numbers them.

INCLUDE groups and procedures are put in, symbols replaced in the text of each statement before it is parsed, the DD and
EXEC overrides of a caller merged. A statement comes out exactly once: the overriding DD takes the place of the
overridden one, which is only listed (X/ or +/).

    level := { statement | INCLUDE -> its member, in place | EXEC procedure { DD } -> a level of its own }

Source: z/OS MVS JCL Reference, "PROC statement", "INCLUDE statement", "JCLLIB statement", "SET statement".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from dtf.jcl.cards import Field, is_name
from dtf.jcl.diagnostics import Diagnostic, JclSyntaxError
from dtf.jcl.member_search import Libraries, MemberSearch, library_order, library_order_problem
from dtf.jcl.operands import Keyword, Operands, Word, parse_operands, text_of, words_of
from dtf.jcl.procedures import EXEC_KEYWORDS, Call, Override, Procedure, merge_dd, split_call
from dtf.jcl.statements import JobDeck, Statement
from dtf.jcl.symbols import SymbolTable, check_symbol, substitute

MAXIMUM_NESTING = 15
Sink = Callable[[Statement, Operands, Call | None], None]
_NOTHING = Operands((), ())
_NOT_IN_MEMBERS = frozenset({"JOB", "JCLLIB", "XMIT"})
_STEP_ENDS = frozenset({"EXEC", "IF", "ELSE", "ENDIF", "PEND"})
_IS_LABEL_ONLY = frozenset({"ELSE", "ENDIF", "PEND", "ENDCNTL"})


class Expansion:
    """Expands one job. `sink` takes every statement that counts, with its operands and the procedure call it is in."""

    def __init__(self, deck: JobDeck, symbols: SymbolTable, libraries: Libraries, sink: Sink) -> None:
        self.listing: list[Statement] = []
        """Every statement and comment as JESJCL shows it."""
        self.substitutions: dict[int, str] = {}
        self.diagnostics: list[Diagnostic] = []
        self._deck = deck
        self._symbols = symbols
        self._search = MemberSearch(libraries)
        self._sink = sink
        self._procedures: dict[str, Procedure] = {}
        self._includes = 0
        self._depth = 0
        self._number = 0
        self._numbers: dict[int, int] = {}
        self._steps_begun = False

    def run(self) -> None:
        """Expand the whole job; what is wrong is in `diagnostics`."""
        try:
            self._level(deque(self._deck.statements), None)
        except JclSyntaxError as error:
            self.report(error, self.listing[-1])
        for diagnostic in self._deck.diagnostics:
            number = self._numbers.get(diagnostic.statement, diagnostic.statement)
            self.diagnostics.append(replace(diagnostic, statement=number))

    def report(self, error: JclSyntaxError, statement: Statement) -> None:
        """Note what is wrong with a statement."""
        found = error.diagnostic(statement.number)
        self.diagnostics.append(replace(found, member=statement.member))

    def warn(self, message_id: str, text: str, statement: Statement) -> None:
        self.diagnostics.append(Diagnostic(message_id, text, statement.at, statement.number, statement.member))

    # --- statements ------------------------------------------------------------------------------------

    def _level(self, pending: deque[Statement], call: Call | None) -> None:
        """Expand the statements of the job itself, or of one procedure."""
        while pending:
            statement = pending.popleft()
            if not statement.number or not (statement.operation or statement.name):
                self.listing.append(statement) if not statement.number else self._numbered(statement)
                continue
            if call is not None and statement.operation in _STEP_ENDS:
                self._end_step(call)
            if statement.operation == "PROC" and call is None and not statement.member:
                self._define(statement, pending)
            elif statement.operation == "INCLUDE":
                self._include(self._numbered(statement), pending)
            elif statement.operation == "EXEC":
                self._exec(statement, pending, call)
            elif statement.operation == "DD" and call is not None:
                self._procedure_dd(statement, call)
            else:
                self._plain(self._numbered(statement), call)

    def _plain(self, statement: Statement, call: Call | None) -> None:
        if statement.member and statement.operation in _NOT_IN_MEMBERS:
            text = f"{statement.operation} STATEMENT IS NOT ALLOWED IN A LIBRARY MEMBER"
            self.report(JclSyntaxError("DTX434E", text, statement.at), statement)
            return
        operands = self._operands(statement)
        if operands is None:
            if statement.operation == "JOB":
                self._sink(statement, _NOTHING, call)
        elif statement.operation == "SET":
            self._assign(operands, statement)
        elif statement.operation == "JCLLIB":
            self._jcllib(statement, operands)
        elif statement.operation in ("PEND", "PROC") and call is None:
            self.report(
                JclSyntaxError("DTX435E", f"MISPLACED {statement.operation} STATEMENT", statement.at), statement
            )
        elif statement.operation not in ("PEND", "PROC"):
            self._sink(statement, operands, call)

    def _operands(self, statement: Statement) -> Operands | None:
        """The operands after substitution, or None if they cannot be read."""
        if statement.operation in _IS_LABEL_ONLY:
            return _NOTHING
        try:
            text = self._substituted(statement)
            return Operands((Word(text.text, text.at(0)),), ()) if statement.operation == "IF" else parse_operands(text)
        except JclSyntaxError as error:
            self.report(error, statement)
            return None

    def _substituted(self, statement: Statement) -> Field:
        symbols = self._symbols
        if statement.operation == "JOB":
            symbols = SymbolTable({"SYSUID": symbols.get("SYSUID") or ""})
        result = substitute(statement.operand, symbols)
        if result is not statement.operand:
            self.substitutions[statement.number] = result.text
        return result

    def _assign(self, operands: Operands, statement: Statement) -> None:
        """SET name=value: every value counts for the statements behind, those of this statement use the old ones."""
        for positional in operands.positionals:
            error = JclSyntaxError("DTX403E", f"{text_of(positional)[:20]!r} IS NOT NAME=VALUE", positional.at)
            self.report(error, statement)
        for name, value in self._values(operands.keywords, statement).items():
            self._symbols.set(name, value)

    def _values(self, keywords: Iterable[Keyword], statement: Statement) -> dict[str, str]:
        """Values of symbols; of two for one symbol the first counts."""
        values: dict[str, str] = {}
        for keyword in keywords:
            value = text_of(keyword.value)
            if not any(word.quoted for word in words_of(keyword.value)):
                value = value.replace("&&", "&")
            problem = check_symbol(keyword.name, value)
            if problem:
                self.report(JclSyntaxError("DTX403E", problem, keyword.at), statement)
            else:
                values.setdefault(keyword.name, value)
        return values

    # --- numbers and the listing ------------------------------------------------------------------------

    def _numbered(self, statement: Statement) -> Statement:
        """The statement with its number in the expanded job, listed."""
        self._number += 1
        if not statement.member:
            self._numbers[statement.number] = self._number
        numbered = statement if statement.number == self._number else replace(statement, number=self._number)
        self.listing.append(numbered)
        return numbered

    # --- libraries --------------------------------------------------------------------------------------

    def _jcllib(self, statement: Statement, operands: Operands) -> None:
        problem = library_order_problem(operands)
        if self._search.order or self._steps_begun or self._includes:
            problem = "JCLLIB STANDS ONCE, BEFORE THE FIRST EXEC AND INCLUDE"
        if problem:
            self.report(JclSyntaxError("DTX437E", problem, statement.at), statement)
        elif any(keyword.name == "PROCLIB" for keyword in operands.keywords):
            self.warn("DTX459W", "PROCLIB= OF JCLLIB HAS NO EFFECT HERE", statement)
        self._search.order = self._search.order or library_order(operands)

    def _include(self, statement: Statement, pending: deque[Statement]) -> None:
        """INCLUDE MEMBER=name: its statements come next."""
        self._includes += 1
        operands = self._operands(statement)
        if operands is None:
            return
        name = next((text_of(keyword.value) for keyword in operands.keywords if keyword.name == "MEMBER"), "")
        if not is_name(name) or len(operands.keywords) > 1:
            self.report(JclSyntaxError("DTX438E", "INCLUDE TAKES MEMBER=NAME", statement.at), statement)
            return
        if len([1 for part in statement.member.split("/") if part]) >= MAXIMUM_NESTING:
            text = f"INCLUDE GROUPS NESTED MORE THAN {MAXIMUM_NESTING} DEEP"
            self.report(JclSyntaxError("DTX439E", text, statement.at), statement)
            return
        found = self._member(name, statement)
        if found is None:
            self.report(JclSyntaxError("IEFC612I", f"PROCEDURE {name} WAS NOT FOUND", statement.at), statement)
            return
        self.warn("IEFC002I", f"INCLUDE GROUP {name} WAS EXPANDED USING {_library(found)}", statement)
        inside = f"{statement.member}/{name}" if statement.member else name
        pending.extendleft(replace(part, member=inside) for part in reversed(found.statements))

    def _member(self, name: str, statement: Statement) -> Procedure | None:
        """A member as a procedure, what the reader found wrong with it noted."""
        found = self._search.find(name)
        if found is None:
            return None
        procedure, diagnostics = found
        self.diagnostics += [replace(note, statement=statement.number, member=name) for note in diagnostics]
        return procedure

    def _define(self, statement: Statement, pending: deque[Statement]) -> None:
        """PROC ... PEND in the deck."""
        first = self._numbered(statement)
        if not is_name(statement.name):
            self.report(JclSyntaxError("IEFC662I", "INVALID LABEL, A PROCEDURE NEEDS A NAME", first.at), first)
        body = [replace(statement, origin="++")]
        while pending and pending[0].operation != "PEND":
            part = pending.popleft()
            if not part.number or not (part.operation or part.name):
                self.listing.append(part)
            elif part.operation in ("PROC", "JOB", "JCLLIB"):
                self.report(JclSyntaxError("DTX435E", f"MISPLACED {part.operation} STATEMENT", part.at), part)
                self._numbered(part)
                continue
            else:
                self._numbered(part)
            body.append(replace(part, origin="++"))
        if pending:
            self._numbered(pending.popleft())
        else:
            self.report(JclSyntaxError("DTX440E", f"PROCEDURE {statement.name} HAS NO PEND", first.at), first)
        self._procedures.setdefault(statement.name, Procedure(statement.name, tuple(body)))

    # --- calls --------------------------------------------------------------------------------------------

    def _exec(self, statement: Statement, pending: deque[Statement], call: Call | None) -> None:
        self._steps_begun = True
        statement = self._numbered(statement)
        operands = self._operands(statement)
        if operands is None:
            if call is not None:
                call.begin_step(statement.name, nested=False)
            self._sink(statement, _NOTHING, call)
            return
        name = _called(operands)
        if call is not None:
            operands = call.exec_operands(statement.name, operands)
            call.begin_step(statement.name, nested=bool(name))
        if not name:
            self._sink(statement, operands, call)
            return
        overrides = self._take_overrides(pending, statement)
        self._call(statement, name, operands, overrides)

    def _take_overrides(self, pending: deque[Statement], caller: Statement) -> dict[str, dict[str, list[Override]]]:
        """The DD statements behind a calling EXEC, by step and ddname; comments between them are listed."""
        taken: dict[str, dict[str, list[Override]]] = {}
        step, last = "", None
        while pending:
            comments = []
            while pending and not pending[0].number:
                comments.append(pending.popleft())
            if pending and pending[0].operation == "INCLUDE":
                self._include(self._numbered(pending.popleft()), pending)
                continue
            if not pending or pending[0].operation not in ("DD", "OUTPUT"):
                pending.extendleft(reversed(comments))
                break
            self.listing += comments
            statement = pending.popleft()
            if statement.operation == "OUTPUT":
                self._plain(self._numbered(statement), None)
                continue
            qualifier, dot, ddname = statement.name.rpartition(".")
            step = qualifier if dot else step
            if ddname:
                last = taken.setdefault(step, {}).setdefault(ddname, [])
            elif last is None:
                self.report(JclSyntaxError("IEFC019I", "MISPLACED DD STATEMENT", statement.at), caller)
                continue
            last.append(Override(statement, substitute(statement.operand, self._symbols)))
        return taken

    def _override_operands(self, override: Override, statement: Statement) -> Operands | None:
        if override.operand is not statement.operand:
            self.substitutions[statement.number] = override.operand.text
        try:
            return parse_operands(override.operand)
        except JclSyntaxError as error:
            self.report(error, statement)
            return None

    def _call(
        self, statement: Statement, name: str, operands: Operands, overrides: dict[str, dict[str, list[Override]]]
    ) -> None:
        """Expand procedure `name` in place of the EXEC statement that calls it."""
        procedure = self._procedures.get(name) or self._member(name, statement)
        if procedure is None or self._depth >= MAXIMUM_NESTING:
            too_deep = f"PROCEDURES NESTED MORE THAN {MAXIMUM_NESTING} DEEP"
            error = JclSyntaxError("IEFC612I", f"PROCEDURE {name[:20]} WAS NOT FOUND", statement.at)
            self.report(error if procedure is None else JclSyntaxError("DTX439E", too_deep, statement.at), statement)
            return
        source = _library(procedure) if procedure.library else "INSTREAM PROCEDURE DEFINITION"
        self.warn("IEFC001I", f"PROCEDURE {name} WAS EXPANDED USING {source}", statement)
        parameters, symbols = split_call(operands.keywords)
        parameters = tuple(keyword for keyword in parameters if keyword.name not in ("PGM", "PROC"))
        values = self._values(symbols, statement)
        call = Call(statement.name, procedure, parameters, overrides)
        body = deque(procedure.statements)
        self._depth += 1
        self._open(call, body, values, statement)
        self._level(body, call)
        self._end_step(call)
        self._close(call, statement)
        self._depth -= 1

    def _open(self, call: Call, body: deque[Statement], values: dict[str, str], statement: Statement) -> None:
        """The PROC statement, if there is one, gives the symbols their defaults; then the caller's values hold."""
        while body and not body[0].number:
            self.listing.append(body.popleft())
        defaults: dict[str, str] = {}
        if body and body[0].operation == "PROC":
            first = self._numbered(body.popleft())
            operands = self._operands(first)
            defaults = self._values(operands.keywords, first) if operands else {}
            for name in defaults.keys() & EXEC_KEYWORDS:
                self.warn("DTX444W", f"{name} IS A PARAMETER OF EXEC, NO CALLER CAN SET THE SYMBOL", first)
        if not call.procedure.library:
            for part in call.procedure.statements:
                self._search.count(part)
        self._symbols.enter(defaults | values)

    def _close(self, call: Call, statement: Statement) -> None:
        for name in self._symbols.leave():
            self.report(JclSyntaxError("IEFC657I", f"THE SYMBOL {name} WAS NOT USED", statement.at), statement)
        for keyword in call.keywords:
            step = keyword.name.partition(".")[2]
            if step and step not in call.steps:
                text = f"STEP {step[:20]} IS NOT IN PROCEDURE {call.procedure.name}"
                self.report(JclSyntaxError("DTX441E", text, keyword.at), statement)
        for step in call.overrides.keys() - call.steps - {""}:
            for override in (part for parts in call.overrides[step].values() for part in parts):
                text = f"STEP {step[:20]} IS NOT IN PROCEDURE {call.procedure.name}"
                at = self._numbered(override.statement)
                self.report(JclSyntaxError("DTX441E", text, at.at), at)

    # --- DD statements of a procedure -----------------------------------------------------------------------

    def _procedure_dd(self, statement: Statement, call: Call) -> None:
        """A DD of the procedure: as it is, or as the caller's override makes it."""
        ddname = statement.name.rpartition(".")[2]
        if ddname:
            self._end_dd(call)
            call.ddname, call.index = ddname, 0
        else:
            call.index += 1
        parts = call.waiting().get(call.ddname, [])
        if call.index >= len(parts):
            self._plain(self._numbered(statement), call)
            return
        change = parts[call.index]
        override = self._numbered(change.statement)
        self.listing.append(replace(statement, number=0, origin=f"{statement.origin[0]}/"))
        over, base = self._override_operands(change, override), self._operands(replace(statement, number=0))
        if over is None or base is None:
            return
        merged = merge_dd(base, over)
        data = override.data if override.data is not None else statement.data
        self._sink(replace(override, name=ddname, data=data), merged, call)

    def _end_dd(self, call: Call) -> None:
        """Overrides for more DDs than the concatenation has are added to it."""
        parts = call.waiting().pop(call.ddname, []) if call.ddname else []
        for override in parts[call.index + 1 :]:
            self._add(override, "", call)
        call.ddname, call.index = "", 0

    def _end_step(self, call: Call) -> None:
        """DDs of the caller that the step does not have are added to it."""
        self._end_dd(call)
        waiting = call.waiting()
        for ddname in list(waiting):
            for index, override in enumerate(waiting.pop(ddname)):
                self._add(override, ddname if index == 0 else "", call)
        call.current = None

    def _add(self, override: Override, ddname: str, call: Call) -> None:
        statement = self._numbered(override.statement)
        if call.nested:
            text = "A DD STATEMENT CHANGES STEPS OF THE PROCEDURE CALLED, NOT OF ONE THAT THIS CALLS"
            self.report(JclSyntaxError("DTX442E", text, statement.at), statement)
            return
        operands = self._override_operands(override, statement)
        if operands is not None:
            self._sink(replace(statement, name=ddname), operands, call)


def _library(found: Procedure) -> str:
    return f"PRIVATE LIBRARY {found.library}" if "." in found.library else f"SYSTEM LIBRARY {found.library}"


def _called(operands: Operands) -> str:
    """The procedure that an EXEC names, or "" if it runs a program."""
    if operands.positionals and text_of(operands.positionals[0]):
        return text_of(operands.positionals[0])
    first = operands.keywords[0] if operands.keywords else None
    return text_of(first.value) if first is not None and first.name == "PROC" else ""
