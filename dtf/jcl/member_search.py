"""Members of procedure libraries, found in the order of JCLLIB, read into statements and counted.

Source: z/OS MVS JCL Reference, "JCLLIB statement".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from dtf.jcl.cards import Card
from dtf.jcl.diagnostics import Diagnostic, JclSyntaxError
from dtf.jcl.operands import Operands, items_of, text_of
from dtf.jcl.procedures import Procedure
from dtf.jcl.statements import Statement, read_member

MAXIMUM_LIBRARIES = 15
MAXIMUM_EXPANSION = 50_000
"""Statements that a job may take from procedures and INCLUDE groups, so that members that include each other end."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member found in a library; `library` is what messages call it."""

    name: str
    library: str
    cards: Sequence[Card]


class Libraries(Protocol):
    """Where procedures and INCLUDE groups come from."""

    def find(self, member: str, order: Sequence[str]) -> Member | None:
        """The member from the libraries of JCLLIB `order`, else from the system's own, or None."""
        ...


class NoLibraries:
    """A system without procedure libraries."""

    def find(self, member: str, order: Sequence[str]) -> Member | None:
        return None


@dataclass(slots=True)
class MemberSearch:
    """The libraries as one job sees them. `order` is JCLLIB's."""

    libraries: Libraries
    order: tuple[str, ...] = ()
    _taken: int = 0
    _read: dict[tuple[str, tuple[str, ...]], tuple[Procedure, list[Diagnostic]] | None] = field(default_factory=dict)

    def find(self, name: str) -> tuple[Procedure, list[Diagnostic]] | None:
        """The member of this name and what the reader found wrong with it, or None.

        Raises JclSyntaxError when the job has taken too many statements.
        """
        key = name, self.order
        if key not in self._read:
            self._read[key] = self._member(name)
        found = self._read[key]
        for part in found[0].statements if found else ():
            self.count(part)
        return found

    def _member(self, name: str) -> tuple[Procedure, list[Diagnostic]] | None:
        found = self.libraries.find(name, self.order)
        if found is None:
            return None
        group = read_member(found.cards)
        statements = tuple(replace(part, origin="XX", member=name) for part in group.statements)
        return Procedure(name, statements, found.library), group.diagnostics

    def count(self, part: Statement) -> None:
        """One more statement taken. Raises JclSyntaxError beyond MAXIMUM_EXPANSION."""
        self._taken += 1
        if self._taken > MAXIMUM_EXPANSION:
            text = f"PROCEDURES AND INCLUDE GROUPS HAVE MORE THAN {MAXIMUM_EXPANSION} STATEMENTS"
            raise JclSyntaxError("DTX436E", text, part.at)


def library_order(operands: Operands) -> tuple[str, ...]:
    """The names of ORDER=."""
    order = next((keyword for keyword in operands.keywords if keyword.name == "ORDER"), None)
    return tuple(text_of(item) for item in items_of(order.value)) if order else ()


def library_order_problem(operands: Operands) -> str:
    """What is wrong with the operands of a JCLLIB statement, or an empty text."""
    names = library_order(operands)
    unknown = [keyword for keyword in operands.keywords if keyword.name not in ("ORDER", "PROCLIB")]
    if unknown or operands.positionals or not operands.keywords or len(names) > MAXIMUM_LIBRARIES:
        return f"JCLLIB TAKES ORDER= WITH UP TO {MAXIMUM_LIBRARIES} LIBRARIES"
    if any(not name or name.startswith("&&") or name.endswith(")") for name in names):
        return "JCLLIB ORDER TAKES CATALOGED LIBRARIES, NO MEMBERS"
    return ""
