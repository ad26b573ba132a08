"""Carries a script of requests out against a data set: each statement gives a step with its outcome.

A request that fails does not end the script, for failing is often what is rehearsed. A statement that makes no sense
for this data set does (RequestScriptError).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile

from ksds.access import file_status
from ksds.access.acb import Acb
from ksds.access.addressing import Argument
from ksds.access.options import InvalidOptionText, words
from ksds.access.request_script import RequestScriptError, Statement
from ksds.access.rpl import NO_EXITS, Exits, Outcome, Rpl
from ksds.cluster.relative_record import RelativeRecord
from ksds.codepage import CodePage
from ksds.errors import DataSetError, OpenError, VsamError

Opener = Callable[[str, int, Exits], Acb]
"""Opens an ACB for this MACRF with so many strings and these exits."""

EVERYTHING = "KEY,ADR,CNV,SEQ,SKP,DIR"


@dataclass(frozen=True, slots=True)
class Step:
    """What a statement did. `active_strings` hold a position or a record behind it; `as_expected` is None if its author
    expected nothing; `fields` is what SHOWCB shows."""

    statement: Statement
    rpl: str
    outcome: Outcome
    active_strings: int
    as_expected: bool | None
    fields: dict[str, int] = field(default_factory=dict)

    @property
    def condition_code(self) -> int:
        """R15, 0 for what was expected, at least 8 for what was not."""
        if self.as_expected is None:
            ends = self.statement.text("COUNT") == "*" and (self.outcome.return_code, self.outcome.feedback) == (8, 4)
            return 0 if ends else self.outcome.return_code
        return 0 if self.as_expected else max(8, self.outcome.return_code)


class Rehearsal:
    """One run of a script. Close it in the end: an ACB that the script left open is closed."""

    def __init__(self, opener: Opener, page: CodePage) -> None:
        self._opener = opener
        self._page = page
        self._acb: Acb | None = None
        self._rpls: dict[str, Rpl] = {}

    def close(self) -> None:
        """Let the data set go."""
        if self._acb is not None:
            with self._acb:
                self._acb = None

    def run(self, statements: list[Statement]) -> Iterator[Step]:
        """The steps, one for each request. Without an OPEN of its own a script gets one for all it may need. It ends
        at an OPEN that fails.

        Raises RequestScriptError, and what OPEN raises for a data set that is not there.
        """
        if statements and statements[0].verb != "OPEN":
            statements = [_open_for(statements), *statements]
        for statement in statements:
            try:
                yield from self._step(statement)
            except InvalidOptionText as error:
                raise RequestScriptError(statement.line, str(error)) from error
            if self._acb is None and statement.verb == "OPEN":
                return

    def _step(self, statement: Statement) -> Iterator[Step]:
        if statement.verb == "OPEN":
            yield self._done(statement, "", self._open(statement))
        elif statement.verb == "CLOSE":
            yield self._done(statement, "", self._close(statement))
        elif statement.verb == "SHOWCB":
            yield self._shown(statement)
        else:
            rpl = self._rpl(statement)
            self._modify(rpl, statement)
            if statement.verb != "RPL":
                yield from self._requests(rpl, statement)

    def _open(self, statement: Statement) -> Outcome:
        if self._acb is not None:
            error = OpenError("open already", feedback=OpenError.OPEN_OR_CLOSED, data_set=self._acb.name)
            return _of_open("OPEN", error)
        try:
            self._acb = self._opener(statement.text("MACRF"), statement.number("STRNO") or 1, _exits(statement))
        except OpenError as error:
            return _of_open("OPEN", error)
        before = self._rpls
        self._rpls = {name: self._acb.rpl_like(rpl) for name, rpl in before.items()}
        for name, rpl in before.items():
            if rpl.next is not None:
                self._rpls[name].modify(nxtrpl=self._rpls[rpl.next.name])
        return self._acb.opened

    def _close(self, statement: Statement) -> Outcome:
        acb, kind = self._opened(statement), statement.text("TYPE").upper()
        if kind not in ("", "T"):
            raise RequestScriptError(statement.line, "TYPE IS T OR LEFT OUT")
        try:
            if kind:
                acb.close_temporarily()
            else:
                acb.close()
                self._acb = None
        except OpenError as error:
            return _of_open("CLOSE", error)
        return Outcome("CLOSE")

    def _shown(self, statement: Statement) -> Step:
        acb, names = self._opened(statement), words(statement.text("FIELDS"))
        try:
            if "RPL" in statement.operands:
                rpl = self._rpl(statement)
                return replace(self._done(statement, rpl.name, Outcome("SHOWCB")), fields=rpl.showcb(*names))
            shown = acb.showcb(*names, object="INDEX" if statement.text("OBJECT").upper() == "INDEX" else "DATA")
        except ValueError as error:
            raise RequestScriptError(statement.line, str(error)) from error
        return replace(self._done(statement, "", Outcome("SHOWCB")), fields=shown)

    def _done(self, statement: Statement, rpl: str, outcome: Outcome) -> Step:
        expected = statement.expected
        as_expected = None
        if expected is not None:
            as_expected = outcome.return_code == expected[0] and expected[1] in (None, outcome.feedback)
        return Step(statement, rpl, outcome, self._acb.active_strings if self._acb else 0, as_expected)

    def _opened(self, statement: Statement) -> Acb:
        if self._acb is None:
            raise RequestScriptError(statement.line, f"{statement.verb} WITHOUT OPEN")
        return self._acb

    def _rpl(self, statement: Statement) -> Rpl:
        acb = self._opened(statement)
        name = statement.text("RPL").upper() or next(iter(self._rpls), "RPL1")
        if "RPL" not in statement.operands and len(self._rpls) > 1:
            raise RequestScriptError(statement.line, f"RPL= IS ONE OF {' '.join(self._rpls)}")
        if name not in self._rpls:
            self._rpls[name] = acb.rpl(name=name)
        return self._rpls[name]

    def _modify(self, rpl: Rpl, statement: Statement) -> None:
        rpl.modify(
            statement.text("OPTCD"),
            keylen=statement.number("KEYLEN"),
            arealen=statement.number("AREALEN"),
        )
        if "ARG" in statement.operands:
            rpl.modify(arg=self._argument(rpl, statement))
        if statement.verb == "RPL" and "RECORD" in statement.operands:
            rpl.modify(area=self._record(rpl, statement))
        if "NXTRPL" in statement.operands:
            self._chain(rpl, statement)

    def _chain(self, rpl: Rpl, statement: Statement) -> None:
        """NXTRPL=name, 0 for none."""
        name = statement.text("NXTRPL").upper()
        if name == "0":
            rpl.unchain()
        elif name not in self._rpls:
            raise RequestScriptError(statement.line, f"NXTRPL={name[:20]} IS NOT AN RPL SO FAR")
        else:
            try:
                rpl.modify(nxtrpl=self._rpls[name])
            except ValueError as error:
                raise RequestScriptError(statement.line, str(error)) from error

    def _argument(self, rpl: Rpl, statement: Statement) -> Argument:
        """ARG as bytes or number: of a KSDS text in the code page, filled with blanks unless generic; else a number."""
        value, cluster = statement.operands["ARG"], rpl.acb.cluster
        if isinstance(value, bytes):
            return value
        if rpl.optcd.kind == "KEY" and cluster.definition.key_length and not cluster.definition.is_variable:
            key = self._encoded(value, statement)
            return key if rpl.optcd.search == "GEN" else self._filled(key, cluster.definition.key_length)
        if not value.isdecimal() or len(value) > 10:
            raise RequestScriptError(statement.line, f"ARG={value[:20]} IS NOT A NUMBER")
        return int(value)

    def _requests(self, rpl: Rpl, statement: Statement) -> Iterator[Step]:
        count = statement.text("COUNT", "1")
        if count == "*" and rpl.optcd.order != "SEQ":
            raise RequestScriptError(statement.line, "COUNT=* IS FOR OPTCD=SEQ, WHICH COMES TO AN END")
        done = 0
        while count == "*" or done < int(count):
            steps = list(self._steps(rpl, statement))
            yield from steps
            if steps[-1].outcome.return_code:
                return
            done += 1

    def _steps(self, rpl: Rpl, statement: Statement) -> Iterator[Step]:
        """One for each RPL of a chain up to the one that failed; what was expected is the last one's."""
        outcome = self._request(rpl, statement)
        if rpl.next is not None and outcome is rpl.outcome and statement.verb != "ENDREQ":
            before = replace(statement, expected=None)
            while not outcome.return_code and rpl.next is not None:
                yield self._done(before, rpl.name, outcome)
                rpl = rpl.next
                outcome = rpl.outcome
        yield self._done(statement, rpl.name, outcome)

    def _request(self, rpl: Rpl, statement: Statement) -> Outcome:
        record = self._record(rpl, statement) if statement.verb in ("PUT", "PUTIX") else b""
        try:
            match statement.verb:
                case "GET":
                    rpl.get()
                case "PUT":
                    rpl.put(record)
                case "ERASE":
                    rpl.erase()
                case "POINT":
                    rpl.point()
                case "GETIX":
                    rpl.getix()
                case "PUTIX":
                    rpl.putix(record)
                case "ENDREQ":
                    rpl.endreq()
                case _:
                    rpl.check()
        except VsamError as error:
            return rpl.outcome if error.return_code > 4 else _busy(statement, error)
        return Outcome(statement.verb) if rpl.busy else rpl.outcome

    def _record(self, rpl: Rpl, statement: Statement) -> bytes:
        """What PUT writes: RECORD, cut or filled with blanks to RECLEN; without RECORD what this RPL was given or read
        last."""
        value, cluster = statement.operands.get("RECORD"), rpl.acb.cluster
        if value is None:
            return rpl.area or rpl.outcome.record
        record = value if isinstance(value, bytes) else self._encoded(value, statement)
        length = statement.number("RECLEN")
        if length is None and isinstance(cluster, RelativeRecord) and isinstance(value, str):
            length = cluster.definition.maximum_record
        return record if length is None else self._filled(record, length)[:length]

    def _filled(self, data: bytes, length: int) -> bytes:
        return data + self._page.encode(" ") * (length - len(data))

    def _encoded(self, text: str, statement: Statement) -> bytes:
        try:
            return self._page.encode(text)
        except DataSetError as error:
            raise RequestScriptError(statement.line, error.what) from error


def _open_for(statements: list[Statement]) -> Statement:
    """The OPEN that a script without one gets: for output if it writes, with a string for each RPL until the CLOSE."""
    statements = list(takewhile(lambda statement: statement.verb != "CLOSE", statements))
    writes = any(
        statement.verb in ("PUT", "PUTIX", "ERASE") or "UPD" in words(statement.text("OPTCD"))
        for statement in statements
    )
    names = {statement.text("RPL").upper() for statement in statements if "RPL" in statement.operands}
    macrf = f"{EVERYTHING},{'OUT' if writes else 'IN'}"
    return Statement(0, "OPEN", {"MACRF": macrf, "STRNO": str(max(1, len(names)))})


def _exits(statement: Statement) -> Exits:
    """EXLST=(EODAD,LERAD,SYNAD), those that the script has; the step that takes one says so."""
    names = words(statement.text("EXLST"))
    for name in names:
        if name not in ("EODAD", "LERAD", "SYNAD"):
            raise RequestScriptError(statement.line, f"EXLST={name[:20]} IS NOT ONE OF EODAD LERAD SYNAD")
    return Exits(**{name.lower(): _return for name in names}) if names else NO_EXITS


def _return(rpl: Rpl) -> None:
    """An exit that goes back to VSAM."""


def _busy(statement: Statement, error: VsamError) -> Outcome:
    return Outcome(statement.verb, error.return_code, file_status=file_status.LOGIC_ERROR, message=error.what)


def _of_open(verb: str, error: OpenError) -> Outcome:
    return Outcome(verb, error.return_code, error.feedback, file_status=file_status.of_open(error), message=error.what)
