"""OUTFIL: one pass over the sorted records into several data sets, with selection, editing and reports.

    FNAMES= FILES=           where to; INCLUDE= OMIT= SAVE  STARTREC= ENDREC= ACCEPT=n  SAMPLE=n SAMPLE=(n,m)
    SPLIT SPLITBY=n SPLIT1R=n   REPEAT=n   NULLOFL=RC0|RC4|RC16
    BUILD= OUTREC= OVERLAY= IFTHEN= FINDREP= PARSE= IFOUTLEN=    a slash among the items of BUILD begins a new record
    VTOF, CONVERT: variable to fixed, VLFILL=byte   FTOV: fixed to variable   VLTRIM=byte
    HEADER1= ... TRAILER1= SECTIONS= LINES= REMOVECC NODETAIL    reports (`report`)

Source: z/OS DFSORT Application Programming Guide, "OUTFIL control statements".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from dtf.jcl.sorting.context import Context
from dtf.jcl.sorting.language import Named, Node, SortError, SortStatement, listed, number
from dtf.jcl.sorting.reformatting import Build, Reformat, compile_reformat
from dtf.jcl.sorting.report import Report, compile_report, in_lines
from dtf.jcl.sorting.selection import Test, compile_selection, constant

_OPERANDS = (
    *("FNAMES", "FILES", "INCLUDE", "OMIT", "SAVE", "STARTREC", "ENDREC", "ACCEPT", "SAMPLE"),
    *("SPLIT", "SPLITBY", "SPLIT1R", "REPEAT", "NULLOFL", "BUILD", "OUTREC", "OVERLAY", "IFTHEN", "IFOUTLEN"),
    *("FINDREP", "PARSE", "HEADER1", "HEADER2", "TRAILER1", "TRAILER2", "SECTIONS", "LINES", "REMOVECC", "NODETAIL"),
    *("BLKCCH1", "BLKCCH2", "BLKCCT1"),
    *("VTOF", "CONVERT", "VLFILL", "FTOV", "VLTRIM"),
)
_BUILDS = frozenset({"BUILD", "OUTREC"})


@dataclass(slots=True)
class Outfil:
    """One OUTFIL statement at work."""

    names: list[str]
    test: Test | None
    save: bool
    lines: Callable[[], list[Build]]
    """Makes what builds the records that one becomes; sequence numbers and groups begin anew for each data set."""
    length: Callable[[int], int]
    """How long they may be."""
    start: int = 1
    end: int | None = None
    accept: int | None = None
    sample: int = 1
    sampled: int = 1
    split: int = 0
    """Records that each data set gets in turn; 0 = all get all."""
    split_once: bool = False
    repeat: int = 1
    report: Report | None = None
    to_fixed: bool = False
    to_variable: bool = False
    changed: bool = False
    """Records are built anew."""
    trim: bytes = b""
    """A byte that variable records lose at their end."""
    null_code: int = 0
    """The code of the step if nothing is left for this OUTFIL."""

    def takes(self, record: bytes, place: int, taken: bool) -> bool:
        """Whether the record at `place` (from 1) goes here; `taken` says whether another OUTFIL took it."""
        if self.save and taken:
            return False
        inside = self.start <= place and (self.end is None or place <= self.end)
        return inside and (place - self.start) % self.sample < self.sampled and (self.test is None or self.test(record))

    def target(self, index: int) -> list[str]:
        """The data sets that the record number `index` (from 0) taken here goes to."""
        if self.accept is not None and index >= self.accept:
            return []
        if not self.split:
            return self.names
        turn = index // self.split
        return [self.names[min(turn, len(self.names) - 1) if self.split_once else turn % len(self.names)]]


def compile_outfil(statement: SortStatement, context: Context) -> Outfil:
    """An OUTFIL statement ready to run. Raises SortError."""
    statement.only(*_OPERANDS)
    names = [str(name) for name in listed(statement.value("FNAMES"))]
    names += [f"SORTOF{name}" for name in listed(statement.value("FILES"))]
    split_by, once = statement.value("SPLITBY"), statement.value("SPLIT1R")
    to_fixed = context.variable and (statement.value("VTOF") or statement.value("CONVERT")) is not None
    if to_fixed and statement.value("BUILD", "OUTREC") is None:
        raise SortError("ICE007A", "SYNTAX ERROR: VTOF AND CONVERT NEED BUILD OR OUTREC")
    fill = _one_byte(statement, "VLFILL")
    own = replace(
        context, variable=context.variable and not to_fixed, fill=fill or context.fill, fills=to_fixed or bool(fill)
    )
    made = _compile_lines(statement, own)
    sample = [number(part) for part in listed(statement.value("SAMPLE") or "1")]
    if not sample[0]:
        raise SortError("ICE007A", "SYNTAX ERROR: SAMPLE=0")
    return Outfil(
        names or ["SORTOUT"],
        _selection(statement, context),
        save=statement.value("SAVE") is not None,
        lines=lambda: [line.build for line in _compile_lines(statement, own)],
        length=partial(_longest, made),
        start=number(statement.value("STARTREC") or "1"),
        end=_optional(statement, "ENDREC"),
        accept=_optional(statement, "ACCEPT"),
        sample=sample[0],
        sampled=sample[1] if len(sample) > 1 else 1,
        split=number(split_by or once or "1") if split_by or once else int(statement.value("SPLIT") is not None),
        split_once=once is not None,
        repeat=number(statement.value("REPEAT") or "1"),
        report=compile_report(statement, context),
        to_fixed=to_fixed,
        to_variable=statement.value("FTOV") is not None,
        changed=bool(made),
        trim=_one_byte(statement, "VLTRIM"),
        null_code=null_code(statement.value("NULLOFL")),
    )


def null_code(node: Node | None) -> int:
    """NULLOFL= and NULLOUT=: RC0, RC4, RC16. Raises SortError."""
    if node is None:
        return 0
    if node not in ("RC0", "RC4", "RC16"):
        raise SortError("ICE007A", "SYNTAX ERROR: THE CODE FOR NO RECORDS IS NOT RC0, RC4 OR RC16")
    return int(str(node)[2:])


def _optional(statement: SortStatement, word: str) -> int | None:
    value = statement.value(word)
    return None if value is None else number(value)


def _selection(statement: SortStatement, context: Context) -> Test | None:
    omit, include = statement.value("OMIT"), statement.value("INCLUDE")
    if omit is not None:
        return compile_selection(listed(omit), context, omit=True)
    return compile_selection(listed(include), context) if include is not None else None


def _compile_lines(statement: SortStatement, context: Context) -> list[Reformat]:
    """One Reformat, or one for each part of a BUILD with slashes; none if records stay as they are."""
    parts = in_lines(listed(statement.value("BUILD", "OUTREC")))
    made = [compile_reformat(_with_build(statement, part), context) for part in parts] if len(parts) > 1 else []
    whole = compile_reformat(statement, context) if len(parts) == 1 else None
    return [line for line in (*made, whole) if line is not None]


def _with_build(statement: SortStatement, items: list[Node]) -> SortStatement:
    others: list[Node] = [item for item in statement.items if getattr(item, "name", "") not in _BUILDS]
    return SortStatement(statement.operation, [*others, Named("BUILD", items or ["X"])], statement.line)


def _longest(made: list[Reformat], record: int) -> int:
    return max((line.length(record) for line in made), default=record)


def _one_byte(statement: SortStatement, word: str) -> bytes:
    value = statement.value(word)
    byte = constant(str(value)) if value is not None else b""
    if not isinstance(byte, bytes) or (value is not None and len(byte) != 1):
        raise SortError("ICE007A", f"SYNTAX ERROR: {word} IS NOT ONE BYTE")
    return byte
