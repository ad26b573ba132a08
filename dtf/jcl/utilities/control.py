"""Control statements of the data set utilities: `[label] OPERATION operands`, columns 1-71.

An operand field that ends in a comma, or a nonblank column 72, goes on in the next record, from column 4 to 16 on.
Source: z/OS DFSMSdfp Utilities, "Continuing utility control statements".
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from dtf.jcl.cards import LAST_STATEMENT_COLUMN, Field, Position
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.operands import Operand, Operands, parse_operands, text_of


class ControlError(Exception):
    """A control statement cannot be carried out: the text for SYSPRINT."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control statement."""

    operation: str
    operands: Operands
    line: int

    def keyword(self, *names: str) -> Operand | None:
        """The value of a keyword; of several names (synonyms) the first that is there."""
        return next((keyword.value for keyword in self.operands.keywords if keyword.name in names), None)

    def text(self, *names: str) -> str:
        value = self.keyword(*names)
        return "" if value is None else text_of(value)

    def all(self, name: str) -> list[Operand]:
        """The values of a keyword that may be repeated."""
        return [keyword.value for keyword in self.operands.keywords if keyword.name == name]

    def only(self, *allowed: str) -> None:
        """Raises ControlError for a keyword that is not among these."""
        for keyword in self.operands.keywords:
            if keyword.name not in allowed:
                raise ControlError(
                    f"LINE {self.line}: KEYWORD {keyword.name[:20]} OF {self.operation} IS NOT SUPPORTED"
                )


def require_dds(present: Container[str], *names: str) -> None:
    """Raises ControlError for the first DD of these that the step does not have."""
    for name in names:
        if name not in present:
            raise ControlError(f"DTX470E DD STATEMENT {name} IS MISSING")


def parse_control(records: Iterable[str]) -> list[Control]:
    """The statements of a SYSIN. Raises ControlError with the line."""
    statements: list[Control] = []
    pending = ""
    start = 0
    for number, record in enumerate(records, 1):
        if not record.strip() or (not pending and record.startswith("*")):
            continue
        body = record[:LAST_STATEMENT_COLUMN].rstrip()
        if not pending:
            start = number
        text = body if not pending else body.strip()
        end = _field_end(text, operands_only=bool(pending))
        pending += text[:end]
        if text[:end].endswith(",") or record[LAST_STATEMENT_COLUMN : LAST_STATEMENT_COLUMN + 1].strip():
            continue
        statements.append(_statement(pending, start))
        pending = ""
    if pending:
        statements.append(_statement(pending.rstrip(","), start))
    return statements


def _field_end(text: str, *, operands_only: bool) -> int:
    """Where the operand field ends: at a blank outside apostrophes; what follows is comment."""
    offset = 0 if operands_only else _operands_start(text)
    quoted = False
    for index in range(offset, len(text)):
        if text[index] == "'":
            quoted = not quoted
        elif text[index] == " " and not quoted:
            return index
    return len(text)


def _operands_start(text: str) -> int:
    words = text.split(None, 2)
    skipped = words[:2] if text[:1].strip() else words[:1]
    offset = 0
    for word in skipped:
        offset = text.index(word, offset) + len(word)
    return offset + len(text[offset:]) - len(text[offset:].lstrip())


def _statement(text: str, line: int) -> Control:
    words = text.split(None, 2) if text[:1].strip() else ["", *text.split(None, 1)]
    operation = words[1].upper() if len(words) > 1 else ""
    operands = words[2] if len(words) > 2 else ""
    try:
        parsed = parse_operands(Field(_upper_outside_quotes(operands), ((0, Position(line, 1)),)))
    except JclSyntaxError as error:
        raise ControlError(f"DTX474E LINE {line}: {error.what}") from error
    return Control(operation, parsed, line)


def _upper_outside_quotes(text: str) -> str:
    return "'".join(part if index % 2 else part.upper() for index, part in enumerate(text.split("'")))
