"""From cards to statements: fields, continuation, comments, delimiters, in-stream data; a deck split into jobs.

The reader is a small state machine. Outside data every card starting // opens a statement, which takes
its continuation cards with it; a DD * or DD DATA then swallows the data records that follow, because
only the reader can know which // cards are data. Nothing here knows what a keyword means, except those
two and DLM.

Ends of in-stream data (JCL Reference, "DLM parameter"; JES2):
    DD *             /* or any // card           DD *,DLM=xx      xx or any // card
    DD DATA          /*                          DD DATA,DLM=xx   xx only
    (and always the end of the deck)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dtf.jcl.cards import (
    LAST_STATEMENT_COLUMN,
    Card,
    CardKind,
    Field,
    FieldBuilder,
    Position,
    is_name,
)
from dtf.jcl.diagnostics import Diagnostic, JclSyntaxError
from dtf.jcl.operands import Keyword, Operand, Word, parse_operands, text_of

_LAST_RESUME_COLUMN = 16
GENERATED_JOB_NAME = "REPLAY"
_WITHOUT_OPERANDS = frozenset({"ELSE", "ENDIF", "PEND", "ENDCNTL"})
_GROUPS_OF_JOBS = frozenset(
    {"JOBGROUP", "GJOB", "JOBSET", "SJOB", "ENDSET", "AFTER", "BEFORE", "CONCURRENT", "ENDGROUP"}
)
_THEN = re.compile(r"(?:^|(?<=[\s)]))THEN(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One job control statement with all its cards. Comments between statements have operation "*", number 0."""

    number: int
    name: str
    operation: str
    operand: Field
    at: Position
    cards: tuple[Card, ...]
    data: tuple[Card, ...] | None = None
    """The records behind a DD * or DD DATA, None if it has none of its own."""
    origin: str = "//"
    """What JESJCL shows in columns 1-2: // as submitted, XX of a library, ++ of an in-stream procedure, X/ and +/
    overridden."""
    member: str = ""
    """The library member that the statement comes from."""


@dataclass(slots=True)
class JobDeck:
    """The statements of one job, its JOB statement first, and what the reader has to say about them."""

    statements: list[Statement] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    card_count: int = 0


def read_jobs(cards: Sequence[Card]) -> list[JobDeck]:
    """Split a deck into jobs. A deck whose first statement is not JOB gets a generated JOB statement."""
    return _Reader(cards).read()


def read_member(cards: Sequence[Card]) -> JobDeck:
    """The statements of a procedure or INCLUDE group, which have no JOB statement of their own."""
    group = JobDeck()
    _Reader(cards, group).read()
    return group


class _Reader:
    """Reads jobs, or with `group` the statements of one library member into that."""

    def __init__(self, cards: Sequence[Card], group: JobDeck | None = None) -> None:
        self._cards = cards
        self._next = 0
        self._jobs: list[JobDeck] = [group] if group else []
        self._in_member = group is not None
        self._step_has: str = ""
        self._group_of_jobs: list[Diagnostic] = []
        self._between_jobs = False
        self._number = 0
        self._warned: set[tuple[int, str]] = set()

    def read(self) -> list[JobDeck]:
        while self._next < len(self._cards):
            card = self._cards[self._next]
            self._next += 1
            kind = card.kind
            if kind is CardKind.STATEMENT:
                self._statement(card)
            elif kind is CardKind.NULL:
                self._null(card)
            elif not self._between_jobs:
                self._other(card, kind)
        return self._jobs

    def _statement(self, card: Card) -> None:
        start, name, operation, column = _name_and_operation(card)
        if operation == "JOB" and not self._in_member:
            self._begin_job()
        elif operation in _GROUPS_OF_JOBS and (self._between_jobs or not self._jobs):
            text = f"{operation} STATEMENT HAS NO EFFECT HERE"
            self._group_of_jobs.append(Diagnostic("DTX459W", text, Position(card.line, start)))
            return
        elif self._between_jobs:
            return
        elif not self._jobs:
            self._generate_job(card)
        self._number += 1
        self._note_slips(card)
        if name and not _is_label(name, operation):
            self._note(card, "IEFC662I", f"INVALID LABEL {name[:20]}", 3)
        operand, cards = self._rest(operation, card, column)
        self._follow_step(operation, name)
        at, data = Position(card.line, start), self._data(operation, operand)
        job = self._jobs[-1]
        job.statements.append(Statement(self._number, name, operation, operand, at, tuple(cards), data))
        job.card_count += len(cards) + len(data or ())

    def _follow_step(self, operation: str, name: str) -> None:
        """Keep in mind which DDs the step has, if we are in one."""
        if operation == "EXEC":
            self._step_has = "EXEC"
        elif operation != "DD":
            self._step_has = ""
        elif self._step_has:
            self._step_has += f" {name}"

    def _begin_job(self) -> None:
        self._jobs.append(JobDeck(diagnostics=self._group_of_jobs))
        self._group_of_jobs = []
        self._between_jobs = False
        self._number = 0

    def _generate_job(self, card: Card) -> None:
        at = Position(card.line, 1)
        image = Card(card.line, f"//{GENERATED_JOB_NAME:<8} JOB")
        statement = Statement(1, GENERATED_JOB_NAME, "JOB", Field("", ((0, at),)), at, (image,))
        self._jobs.append(JobDeck([statement]))
        self._number = 1
        self._note(card, "DTX451W", "THE DECK HAS NO JOB STATEMENT, ONE IS GENERATED", 1)

    def _note_slips(self, card: Card) -> None:
        """Warn of what a card reader would not have let through; each only once a job."""
        if card.cut:
            self._note(card, "DTX452W", "TEXT BEYOND COLUMN 80 IS NOT READ", 81)
        if card.tabs:
            self._note(card, "DTX448W", "TABS GO TO THE NEXT MULTIPLE OF 8 COLUMNS", 1)
        if card.carriage_return:
            self._note(card, "DTX449W", "LINES END WITH CR LF, THE CR IS NOT READ", 1)
        if card.stripped:
            self._note(card, "DTX450W", "LINE NUMBERS IN FRONT OF THE STATEMENTS ARE NOT READ", 1)

    def _null(self, card: Card) -> None:
        """A null statement ends the job; what follows it, up to the next JOB, is passed over."""
        if self._in_member:
            self._note(card, "DTX447W", "A NULL STATEMENT IN A LIBRARY MEMBER IS PASSED OVER", 1)
            return
        if not self._jobs or self._between_jobs:
            return
        job = self._jobs[-1]
        self._number += 1
        job.card_count += 1
        at = Position(card.line, 1)
        job.statements.append(Statement(self._number, "", "", Field("", ((0, at),)), at, (card,)))
        self._between_jobs = True
        following = self._next_statement_card()
        if following is not None and _name_and_operation(following)[2] != "JOB":
            self._note(following, "DTX453W", "STATEMENTS BETWEEN A NULL STATEMENT AND THE NEXT JOB ARE NOT READ", 1)

    def _other(self, card: Card, kind: CardKind) -> None:
        if not card.text:
            return
        if not self._jobs:
            if kind in (CardKind.COMMENT, CardKind.JES_CONTROL, CardKind.DELIMITER):
                return
            self._generate_job(card)
        job = self._jobs[-1]
        if kind is CardKind.OTHER and self._step_has and "SYSIN" not in self._step_has.split():
            self._generate_sysin(card)
            return
        job.card_count += 1
        if kind in (CardKind.COMMENT, CardKind.JES_CONTROL):
            at = Position(card.line, 1)
            job.statements.append(Statement(0, "", "*", Field("", ((0, at),)), at, (card,)))
        elif kind is CardKind.OTHER:
            self._note(card, "DTX454W", "RECORD IS NEITHER JOB CONTROL NOR DATA OF A DD STATEMENT, PASSED OVER", 1)

    def _generate_sysin(self, card: Card) -> None:
        """Data that no DD announces belongs to a DD that JES2 generates: //SYSIN DD *."""
        self._number += 1
        self._step_has += " SYSIN"
        self._next -= 1
        at = Position(card.line, 1)
        operand = Field("*", ((0, at),))
        image = Card(card.line, f"{'//SYSIN    DD *':<40}GENERATED STATEMENT")
        self._note(card, "DTX446W", "DATA WITHOUT A DD STATEMENT, SYSIN DD * IS GENERATED", 1)
        data = self._data("DD", operand)
        self._jobs[-1].statements.append(Statement(self._number, "SYSIN", "DD", operand, at, (image,), data))
        self._jobs[-1].card_count += len(data or ())

    def _next_statement_card(self) -> Card | None:
        rest = (self._cards[index] for index in range(self._next, len(self._cards)))
        return next((card for card in rest if card.kind is CardKind.STATEMENT), None)

    # --- the parameter field and its continuation -------------------------------------------------

    def _rest(self, operation: str, card: Card, column: int) -> tuple[Field, list[Card]]:
        """What follows the operation at `column`, and the cards of the whole statement."""
        if operation == "IF":
            return self._condition(card, column)
        if operation in _WITHOUT_OPERANDS:
            return Field("", ((0, Position(card.line, column)),)), [card]
        return self._operand(card, column)

    def _operand(self, card: Card, column: int) -> tuple[Field, list[Card]]:
        """Gather the parameter field of the statement that starts on `card`, at or after `column`."""
        cards = [card]
        builder = FieldBuilder()
        start = Position(card.line, column)
        state = _Scan(card, column)
        lower_case = state.add_to(builder)
        while state.continues:
            following = self._continuation(cards)
            if following is None:
                self._missing_continuation(cards)
                break
            state = _Scan(following, self._resume_column(following, state.in_quotes), state.in_quotes)
            lower_case |= state.add_to(builder)
        if state.overflows:
            self._note(
                state.card, "IEFC618I", "OPERAND FIELD DOES NOT TERMINATE IN COMMA OR BLANK", LAST_STATEMENT_COLUMN
            )
        if lower_case:
            self._note(card, "DTX455W", "LOWER CASE OUTSIDE APOSTROPHES IS READ AS UPPER CASE", column)
        self._skip_continued_comment(cards, state.card)
        return builder.build(start), cards

    def _condition(self, card: Card, column: int) -> tuple[Field, list[Card]]:
        """The expression of an IF statement, up to THEN; it breaks at any blank and goes on in columns 4-16."""
        cards = [card]
        builder = FieldBuilder()
        start = Position(card.line, column)
        offset = column - 1
        while True:
            text = _upper(cards[-1].body[offset:])
            then = _THEN.search(text)
            if then is not None:
                builder.add(text[: then.start()].rstrip(), Position(cards[-1].line, offset + 1))
                return builder.build(start), cards
            builder.add(text.rstrip() + " ", Position(cards[-1].line, offset + 1))
            following = self._continuation(cards)
            if following is None or _name_and_operation(following)[2] in _OPERATIONS:
                cards.remove(following) if following else None
                self._next -= 1 if following else 0
                self._note(cards[-1], "DTX426E", "THE IF STATEMENT HAS NO THEN", column)
                return builder.build(start), cards
            offset = len(following.body) - len(following.body[2:].lstrip())

    def _continuation(self, cards: list[Card]) -> Card | None:
        """The next continuation card, taking the comment cards before it along; None if there is none."""
        index = self._next
        while index < len(self._cards) and self._cards[index].kind is CardKind.COMMENT:
            index += 1
        if index == len(self._cards):
            return None
        card = self._cards[index]
        if card.kind is not CardKind.STATEMENT or card.text[2] != " ":
            return None
        cards.extend(self._cards[self._next : index + 1])
        self._next = index + 1
        return card

    def _missing_continuation(self, cards: list[Card]) -> None:
        """A null statement here is read as an empty comment and ends the statement; anything else is an error."""
        if self._next < len(self._cards) and self._cards[self._next].kind is CardKind.NULL:
            cards.append(self._cards[self._next])
            self._next += 1
            return
        self._note(cards[-1], "IEFC621I", "EXPECTED CONTINUATION NOT RECEIVED", len(cards[-1].body) + 1)

    def _resume_column(self, card: Card, in_quotes: bool) -> int:
        first = 3 + len(card.body[2:]) - len(card.body[2:].lstrip())
        if not in_quotes:
            if first > _LAST_RESUME_COLUMN:
                self._note(card, "DTX456W", "CONTINUATION STARTS AFTER COLUMN 16, READ AS PARAMETERS", first)
            return first
        if first < _LAST_RESUME_COLUMN:
            self._note(card, "DTX457W", "A QUOTED VALUE MUST CONTINUE IN COLUMN 16", first)
            return first
        return _LAST_RESUME_COLUMN

    def _skip_continued_comment(self, cards: list[Card], last: Card) -> None:
        """A nonblank column 72 continues the comment on cards with // and a blank; they carry nothing else."""
        while last.continues_comment and self._next < len(self._cards):
            card = self._cards[self._next]
            if card.kind is not CardKind.STATEMENT or card.text[2] != " ":
                return
            _, _, operation, _ = _name_and_operation(card)
            if operation in _OPERATIONS:
                return
            cards.append(card)
            self._next += 1
            last = card

    # --- in-stream data ---------------------------------------------------------------------------

    def _data(self, operation: str, operand: Field) -> tuple[Card, ...] | None:
        if operation not in ("DD", "XMIT"):
            return None
        kind, delimiter = _data_kind(operand) if operation == "DD" else ("XMIT", _delimiter_in(operand))
        if kind is None:
            return None
        cards: list[Card] = []
        while self._next < len(self._cards):
            card = self._cards[self._next]
            if card.text.startswith(delimiter or "/*"):
                self._next += 1
                return tuple(cards)
            if kind == "*" and card.text.startswith("//"):
                self._take_null_as_delimiter(card)
                return tuple(cards)
            cards.append(card)
            self._next += 1
        return tuple(cards)

    def _take_null_as_delimiter(self, card: Card) -> None:
        """A null statement right behind data only ends the data, unless the job ends there anyway."""
        if card.kind is not CardKind.NULL:
            return
        self._next += 1
        following = self._next_statement_card()
        if following is None or _name_and_operation(following)[2] == "JOB":
            self._next -= 1
            return
        self._note(card, "DTX458W", "NULL STATEMENT AFTER DATA ENDS THE DATA, NOT THE JOB", 1)

    def _note(self, card: Card, message_id: str, text: str, column: int) -> None:
        """Note a diagnostic; of each kind of warning only the first in a job."""
        diagnostic = Diagnostic(message_id, text, Position(card.line, column), self._number)
        key = (len(self._jobs), message_id)
        if diagnostic.is_error or key not in self._warned:
            self._warned.add(key)
            self._jobs[-1].diagnostics.append(diagnostic)


_OPERATIONS = frozenset(
    {"JOB", "EXEC", "DD", "PROC", "PEND", "IF", "ELSE", "ENDIF", "SET", "INCLUDE", "JCLLIB", "EXPORT", "OUTPUT"}
    | {"COMMAND", "CNTL", "ENDCNTL", "XMIT", "NOTIFY", "SCHEDULE"}
)


@dataclass(slots=True)
class _Scan:
    """The part of a parameter field on one card: up to the first blank outside apostrophes, or column 71."""

    card: Card
    column: int
    in_quotes: bool = False
    text: str = ""
    overflows: bool = False

    def __post_init__(self) -> None:
        body = self.card.body
        start = min(self.column - 1, len(body))
        end = start
        while end < len(body) and (self.in_quotes or body[end] != " "):
            if body[end] == "'":
                self.in_quotes = not self.in_quotes
            end += 1
        self.text = body[start:end]
        if self.in_quotes:
            self.text = body.ljust(LAST_STATEMENT_COLUMN)[start:]
        elif end == LAST_STATEMENT_COLUMN and self.card.continues_comment and not self.text.endswith(","):
            self.overflows = True

    @property
    def continues(self) -> bool:
        return self.in_quotes or self.text.endswith(",")

    def add_to(self, builder: FieldBuilder) -> bool:
        """Add the text, in upper case outside apostrophes; True if that changed it."""
        parts = self.text.split("'")
        inside = self.in_quotes != (len(parts) % 2 == 0)
        for index in range(len(parts)):
            if (index % 2 == 1) == inside:
                parts[index] = _upper(parts[index])
        folded = "'".join(parts)
        builder.add(folded, Position(self.card.line, self.column))
        return folded != self.text


def _is_label(name: str, operation: str) -> bool:
    """A name; on a DD statement it may be qualified by a step (stepname.ddname)."""
    qualifiers = name.split(".") if operation == "DD" else [name]
    return len(qualifiers) <= 2 and all(is_name(qualifier) for qualifier in qualifiers)


def _upper(text: str) -> str:
    """Upper case that never changes the length (German sharp s stays as it is)."""
    upper = text.upper()
    return upper if len(upper) == len(text) else "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


def _name_and_operation(card: Card) -> tuple[int, str, str, int]:
    """(column of the operation, name, operation, column where the parameter field may start)."""
    fields: Iterator[tuple[int, str]] = _fields(card.body)
    name = ""
    if card.text[2:3].strip():
        name = _upper(next(fields)[1])
    column, operation = next(fields, (len(card.body) + 1, ""))
    after = column + len(operation)
    rest = card.body[after - 1 :]
    return column, name, _upper(operation), after + len(rest) - len(rest.lstrip())


def _fields(body: str) -> Iterator[tuple[int, str]]:
    """The first two blank-separated words from column 3 on, with their columns."""
    offset = 2
    for word in body[2:].split(None, 2)[:2]:
        offset = body.index(word, offset)
        yield offset + 1, word
        offset += len(word)


def _data_kind(operand: Field) -> tuple[str | None, str]:
    """("*" or "DATA" or None, the DLM characters or ""). A statement in error has the default delimiters."""
    if not operand.text.startswith(("*", "DATA")):
        return None, ""
    kind = "*" if operand.text.startswith("*") else "DATA"
    rest = operand.text[len(kind) : len(kind) + 1]
    if rest not in ("", ","):
        return None, ""
    return kind, _delimiter_in(operand)


def _delimiter_in(operand: Field) -> str:
    """The two characters of DLM=, or "" if there is none or the statement is in error."""
    try:
        operands = parse_operands(operand)
    except JclSyntaxError:
        return ""
    return next((_delimiter(keyword) for keyword in operands.keywords if keyword.name == "DLM"), "")


def _delimiter(keyword: Keyword) -> str:
    value: Operand = keyword.value
    text = text_of(value)
    return text if isinstance(value, Word) and len(text) == 2 else ""
