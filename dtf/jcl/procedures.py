"""Procedures: where they come from, and how a calling EXEC changes them.

A procedure is in-stream (PROC ... PEND in the deck) or a member of a library. The caller's keywords are EXEC
parameters for its steps (`COND=` for all, `COND.STEP=` for one, PARM without a step for the first alone) or values of
symbols; DD statements behind the EXEC change or add DDs (`//STEP.DD DD ...`).
Sources: z/OS MVS JCL Reference, "All procedure statements", "Coding an overriding OUTPUT JCL or DD statement";
Language Environment Programming Guide, "Overriding and adding DD statements" (what displaces what).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dtf.jcl.cards import Field
from dtf.jcl.operands import Group, Keyword, Operand, Operands, Word, items_of, text_of
from dtf.jcl.statements import Statement

EXEC_KEYWORDS = frozenset(
    {"PGM", "PROC", "PARM", "PARMDD", "COND", "REGION", "REGIONX", "TIME", "MEMLIMIT", "ACCT", "ADDRSPC", "DYNAMNBR"}
    | {"PERFORM", "RLSTMOUT", "TVSMSG", "CCSID", "RD", "ABDISPCC", "DPRTY"}
)
_ONLY_FIRST_STEP = frozenset({"PARM", "TIME"})
_MERGED = frozenset({"DCB", "AMP"})
_WHAT_IT_IS = frozenset({"DSN", "DSNAME", "SYSOUT", "DDNAME", "PATH", "SUBSYS"})
_EXCLUDING = {"EXPDT": "RETPD", "RETPD": "EXPDT"}
_OF_DATA_SETS = frozenset({"DISP", "SPACE", "UNIT", "VOL", "VOLUME", "LABEL"})


@dataclass(frozen=True, slots=True)
class Procedure:
    """The statements of a procedure, the PROC statement (if it has one) first. In-stream ones have no library."""

    name: str
    statements: tuple[Statement, ...]
    library: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A DD statement behind a calling EXEC; `operand` is its parameter field with the caller's symbols."""

    statement: Statement
    operand: Field


@dataclass(slots=True)
class Call:
    """A procedure being expanded: who called it, what the caller changes, how far it is."""

    step: str
    procedure: Procedure
    keywords: tuple[Keyword, ...] = ()
    overrides: dict[str, dict[str, list[Override]]] = field(default_factory=dict)
    """Step of the procedure ("" = its first) -> ddname -> one override for each DD of a concatenation."""
    current: str | None = None
    """The step of the procedure that is being expanded."""
    nested: bool = False
    """The current step calls a procedure itself."""
    steps: set[str] = field(default_factory=set)
    ddname: str = ""
    index: int = 0

    def begin_step(self, name: str, *, nested: bool) -> None:
        """From here on overrides belong to this step; those that named no step go to the first."""
        if not self.steps and "" in self.overrides:
            self.overrides.setdefault(name, {}).update(self.overrides.pop(""))
        self.steps.add(name)
        self.current, self.nested, self.ddname, self.index = name, nested, "", 0

    def waiting(self) -> dict[str, list[Override]]:
        """The overrides that the current step has not used yet."""
        return self.overrides.get(self.current or "", {}) if self.current is not None else {}

    def exec_operands(self, name: str, operands: Operands) -> Operands:
        """The EXEC of step `name` as the caller's keywords make it. Called before `begin_step`."""
        changes: dict[str, Keyword | None] = {}
        for keyword in self.keywords:
            word, _, step = keyword.name.partition(".")
            if step and step != name:
                continue
            if not step and word in _ONLY_FIRST_STEP and self.steps:
                changes.setdefault(word, None)
            else:
                changes[word] = Keyword(word, keyword.value, keyword.at)
        kept = [changes.pop(keyword.name, keyword) for keyword in operands.keywords]
        changed = [keyword for keyword in (*kept, *changes.values()) if keyword is not None]
        return Operands(operands.positionals, tuple(keyword for keyword in changed if not _is_null(keyword.value)))


def split_call(keywords: Iterable[Keyword]) -> tuple[tuple[Keyword, ...], tuple[Keyword, ...]]:
    """The keywords of a calling EXEC behind the procedure's name: (EXEC parameters, values of symbols)."""
    parameters, symbols = [], []
    for keyword in keywords:
        if keyword.name.partition(".")[0] in EXEC_KEYWORDS:
            parameters.append(keyword)
        else:
            symbols.append(keyword)
    return tuple(parameters), tuple(symbols)


def merge_dd(base: Operands, over: Operands) -> Operands:
    """The operands of a procedure's DD as an overriding DD changes them.

    A keyword replaces its like, without a value it takes it away, DCB and AMP merge by subparameter; a new kind of
    DD (data set, SYSOUT, in-stream data, DUMMY, DDNAME) displaces the old one.
    """
    names = {keyword.name for keyword in over.keywords if not _is_null(keyword.value)}
    positionals = tuple(word for word in over.positionals if text_of(word))
    displaced = _displaced(names, {text_of(word) for word in positionals})
    changes = {_name(keyword): keyword for keyword in over.keywords}
    keywords: list[Keyword] = []
    for keyword in base.keywords:
        if keyword.name in displaced:
            continue
        change = changes.pop(_name(keyword), None)
        keywords.append(keyword if change is None else _changed(keyword, change))
    keywords += changes.values()
    keep_positionals = () if names & _WHAT_IT_IS and not _is_nullfile(over) else base.positionals
    return Operands(
        positionals or keep_positionals, tuple(keyword for keyword in keywords if not _is_null(keyword.value))
    )


def _displaced(names: set[str], positionals: set[str]) -> frozenset[str]:
    """The keywords of the old DD that do not go with what the new one is."""
    excluded = {_EXCLUDING[name] for name in names & _EXCLUDING.keys()} | ({"DLM"} if names & _WHAT_IT_IS else set())
    if positionals & {"*", "DATA"} or names & {"SYSOUT", "DDNAME", "SUBSYS"}:
        return (_WHAT_IT_IS | _OF_DATA_SETS | excluded) - names
    if names & {"DSN", "DSNAME", "PATH"}:
        return _WHAT_IT_IS - {"DSN", "DSNAME"} | excluded
    return frozenset(excluded)


def _changed(old: Keyword, new: Keyword) -> Keyword:
    if old.name not in _MERGED or _is_null(new.value):
        return new
    items = {_name(item): item for item in (*items_of(old.value), *items_of(new.value))}
    return Keyword(new.name, Group(tuple(items.values()), new.at), new.at)


def _name(operand: Operand) -> str:
    name = operand.name if isinstance(operand, Keyword) else text_of(operand)
    return {"DSNAME": "DSN", "VOLUME": "VOL"}.get(name, name)


def _is_null(value: Operand) -> bool:
    return isinstance(value, Word) and not value.text and not value.quoted


def _is_nullfile(operands: Operands) -> bool:
    return any(
        keyword.name in ("DSN", "DSNAME") and text_of(keyword.value) == "NULLFILE" for keyword in operands.keywords
    )
