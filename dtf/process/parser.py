"""Tokens -> statements with operands. Nothing is resolved or checked for meaning here: that is `resolver`.

    draft    = { [label] verb operands }
    operands = { operand }
    operand  = word "=" value | value
    value    = text | operand | "(" [ operand { [","] operand } ] ")"     an operand may be left out between commas
    text     = piece { ["||"] piece }                   without || only when nothing stands between
    piece    = word | string | &name | "(" word ")"     the last only glued to a word after "=": DSN=LIB(MEMBER)

Every node knows the token it began with, so that a later error can point at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dtf.errors import ProcessSyntaxError
from dtf.process.tokens import Kind, Source, Token, tokenize

STATEMENT_LIMIT = 1024
NESTING_LIMIT = 16
COPY_LIMIT = 2040

VERBS = frozenset(["PROCESS", "COPY", "RUN", "SUBMIT", "SYMBOL", "IF", "ELSE", "EIF", "GOTO", "EXIT", "PEND"])
BARE_OPERANDS = {
    "COPY": ("COMPRESS", "EXTENDED", "EXT"),
    "RUN TASK": ("PNODE", "SNODE"),
    "RUN JOB": ("PNODE", "SNODE"),
}
"""Words that are operands by themselves: in free layout never the label of the statement that follows."""

_PIECES = (Kind.WORD, Kind.SYMBOL, Kind.LITERAL, Kind.QUOTED)


@dataclass(frozen=True, slots=True)
class Text:
    """Pieces to be joined once the symbolics are known."""

    pieces: tuple[Token, ...]

    @property
    def at(self) -> Token:
        return self.pieces[0]

    @property
    def is_quoted(self) -> bool:
        """Some of it is quoted: letters stay as they are."""
        return any(piece.kind in (Kind.LITERAL, Kind.QUOTED) for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Group:
    """What stood in parentheses; None where an operand was left out."""

    at: Token
    operands: tuple[Operand | None, ...]


Value = Text | Group


@dataclass(frozen=True, slots=True)
class Operand:
    """keyword=value; the keyword is upper case, or "" for a positional value."""

    at: Token
    keyword: str
    value: Value

    @property
    def word(self) -> str:
        """A bare word in upper case, or "" if this is anything else."""
        if self.keyword or not isinstance(self.value, Text) or len(self.value.pieces) != 1:
            return ""
        piece = self.value.pieces[0]
        return piece.text.upper() if piece.kind is Kind.WORD else ""


@dataclass(frozen=True, slots=True)
class Condition:
    """(label condition nn) of IF, as tokens."""

    step: Token
    comparison: str
    code: Token


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """One statement: label "" if none; an IF has its condition, and no operands."""

    label: str
    verb: str
    at: Token
    operands: tuple[Operand, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A Process as written, PROCESS first, symbolics open. `source` is kept for error messages."""

    source: Source
    statements: tuple[DraftStatement, ...]
    is_free: bool


def parse(text: str) -> Draft:
    """Reads the text of one Process. ProcessSyntaxError with line, column and marked span."""
    source = Source(text)
    tokens, free = tokenize(source)
    parser = _Parser(source, tokens, free)
    statements = parser.statements()
    if not statements:
        raise source.error("THE TEXT HOLDS NO PROCESS", 1, 1)
    return Draft(source, statements, free)


def parse_value(source: Source) -> Value:
    """One value on its own, as after the = of a keyword; for what comes from a command, such as (user,password)."""
    tokens, _ = tokenize(source)
    return _Parser(source, tokens, False).whole_value()


def is_label(text: str) -> bool:
    """1-8 letters and digits, a letter (or @ # $) first: a step label, a Process name."""
    if not 1 <= len(text) <= 8 or not text.isascii() or text[0].isdigit():
        return False
    return all(c.isalnum() or c in "@#$" for c in text)


class _Parser:
    """Recursive descent over the tokens; `_next` is the index of the token to read."""

    def __init__(self, source: Source, tokens: list[Token], free: bool) -> None:
        self._source = source
        last = tokens[-1].line if tokens else 1
        column = tokens[-1].end if tokens else 1
        self._tokens = [*tokens, *[Token(Kind.END, "", last, column, column, False)] * 3]
        self._count = len(tokens)
        self._free = free
        self._next = 0
        self._depth = 0

    # ---- statements

    def statements(self) -> tuple[DraftStatement, ...]:
        """draft = { [label] verb operands }"""
        found: list[DraftStatement] = []
        if self._free:
            self._skip_submit()
        while self._next < self._count:
            if self._is_break(self._here):
                self._next += 1
                continue
            if found and found[-1].verb == "PEND":
                raise self._error("NOTHING MAY FOLLOW PEND")
            if len(found) == STATEMENT_LIMIT:
                raise self._error(f"MORE THAN {STATEMENT_LIMIT} STATEMENTS")
            found.append(self._statement())
        return tuple(found)

    def _skip_submit(self) -> None:
        """The Unix command may stand before the Process: submit NAME process ..."""
        words = [token.text.upper() for token in self._tokens[:3]]
        if words[0] == "SUBMIT" and words[2] == "PROCESS":
            self._next = 1

    def _statement(self) -> DraftStatement:
        label, first = self._label(), self._next
        begin = self._here
        verb = begin.text.upper()
        if begin.kind is not Kind.WORD or verb not in VERBS:
            hint = "" if self._free else "; IS THE HYPHEN MISSING ON THE LINE BEFORE, OR PEND; AT THE END?"
            raise self._error(f"A STATEMENT WAS EXPECTED, NOT {self._shown(begin)}{hint}")
        self._next += 1
        if verb == "RUN":
            verb = self._run_verb()
        if verb == "IF":
            return DraftStatement(label, verb, begin, (), self._condition())
        operands: list[Operand] = []
        if verb == "GOTO" and not self._is_break(self._here):
            operands.append(self._operand())  # even before a verb, where a word else is the label of what follows
        while self._here_is_one_of(BARE_OPERANDS.get(verb, ())) or not self._at_end_of_statement():
            operands.append(self._operand())
        if verb == "COPY":
            self._check_copy_length(first)
        return DraftStatement(label, verb, begin, tuple(operands))

    def _label(self) -> str:
        """A word in column 1 (z/OS), or a word before a verb (free layout)."""
        token = self._here
        if token.kind is not Kind.WORD:
            return ""
        stands_there = self._is_verb(self._next + 1) if self._free else token.column == 1
        bare_verb = token.text.upper() in VERBS and (self._free or self._is_break(self._tokens[self._next + 1]))
        if not stands_there or bare_verb:
            return ""
        label = token.text.upper()
        if not is_label(label):
            raise self._error(f"{token.text[:40]!a} IS NOT A LABEL (1-8 LETTERS AND DIGITS, A LETTER FIRST)")
        self._next += 1
        return label

    def _run_verb(self) -> str:
        word = self._here.text.upper()
        if self._here.kind is not Kind.WORD or word not in ("JOB", "TASK"):
            raise self._error("RUN MUST BE FOLLOWED BY JOB OR TASK")
        self._next += 1
        return f"RUN {word}"

    def _condition(self) -> Condition:
        """( label condition nn ) THEN"""
        self._expect(Kind.OPEN, "'(' AFTER IF")
        step = self._expect(Kind.WORD, "THE LABEL OF A STEP")
        comparison = self._here
        if comparison.kind not in (Kind.WORD, Kind.COMPARE, Kind.EQUALS):
            raise self._error("A CONDITION WAS EXPECTED (EQ NE LT LE GT GE = < > ...)")
        self._next += 1
        code = self._expect(Kind.WORD, "A NUMBER")
        self._expect(Kind.CLOSE, "')'")
        then = self._expect(Kind.WORD, "THEN")
        if then.text.upper() != "THEN":
            raise self._source.error("THEN WAS EXPECTED", then.line, then.column, then.end)
        if not self._at_end_of_statement():
            raise self._error("THE STATEMENT AFTER THEN BEGINS ON ITS OWN LINE")
        return Condition(step, comparison.text.upper(), code)

    def _check_copy_length(self, first: int) -> None:
        begin = self._tokens[first]
        length = sum(token.end - token.column + 1 for token in self._tokens[first : self._next])
        if length > COPY_LIMIT:
            raise self._source.error(
                f"COPY STATEMENT IS LONGER THAN {COPY_LIMIT} BYTES", begin.line, begin.column, begin.end
            )

    # ---- operands

    def _operand(self) -> Operand:
        """operand = word "=" value | value"""
        token = self._here
        if not self._is_keyword():
            return Operand(token, "", self._value(after_equals=False))
        self._next += 2
        keyword = token.text.upper() if token.kind is Kind.WORD else "&" + token.text
        return Operand(token, keyword, self._value(after_equals=True))

    def _is_keyword(self) -> bool:
        token, following = self._here, self._tokens[self._next + 1]
        return token.kind in (Kind.WORD, Kind.SYMBOL) and following.kind is Kind.EQUALS

    def _value(self, *, after_equals: bool) -> Value:
        """value = text | "(" ... ")" | operand, which is then read as the only one of a list: VOL=SER=A"""
        if after_equals and self._here.kind is Kind.WORD and self._here.glued and self._is_keyword():
            begin = self._here
            self._deeper(1)
            inner = self._operand()
            self._deeper(-1)
            return Group(begin, (inner,))
        if self._here.kind is Kind.OPEN:
            return self._group()
        return self._text(with_member=after_equals)

    def _group(self) -> Group:
        """ "(" [ operand { [","] operand } ] ")" """
        begin = self._expect(Kind.OPEN, "'('")
        self._deeper(1)
        operands: list[Operand | None] = []
        after_comma = True
        while self._here.kind is not Kind.CLOSE:
            if self._is_break(self._here) or self._next >= self._count:
                raise self._source.error("PARENTHESIS IS NOT CLOSED", begin.line, begin.column, begin.end)
            if self._here.kind is Kind.COMMA:
                if after_comma:
                    operands.append(None)
                after_comma = True
                self._next += 1
            else:
                operands.append(self._operand())
                after_comma = False
        self._next += 1
        self._deeper(-1)
        return Group(begin, tuple(operands))

    def _deeper(self, step: int) -> None:
        self._depth += step
        if self._depth > NESTING_LIMIT:
            raise self._error(f"PARENTHESES NESTED DEEPER THAN {NESTING_LIMIT}")

    def _text(self, *, with_member: bool) -> Text:
        """text = piece { ["||"] piece }"""
        pieces = [self._piece()]
        while True:
            token = self._here
            if token.kind is Kind.JOIN:
                self._next += 1
                pieces.append(self._piece())
            elif token.kind in _PIECES and token.glued:
                pieces.append(self._piece())
            elif with_member and token.kind is Kind.OPEN and token.glued:
                pieces += self._member()
            else:
                return Text(tuple(pieces))

    def _member(self) -> list[Token]:
        """ "(" word ")" glued to a name: the parentheses stay part of the text."""
        begin = self._expect(Kind.OPEN, "'('")
        pieces = [begin, self._piece()]
        while self._here.kind in _PIECES:
            pieces.append(self._piece())
        pieces.append(self._expect(Kind.CLOSE, "')' AFTER THE MEMBER"))
        return pieces

    def _piece(self) -> Token:
        if self._here.kind not in _PIECES:
            raise self._error(f"A VALUE WAS EXPECTED, NOT {self._shown(self._here)}")
        self._next += 1
        return self._tokens[self._next - 1]

    def whole_value(self) -> Value:
        """A value and nothing after it."""
        value = self._value(after_equals=True)
        if not self._is_break(self._here):
            raise self._error(f"NOTHING WAS EXPECTED AFTER THE VALUE, NOT {self._shown(self._here)}")
        return value

    # ---- tokens

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _is_break(self, token: Token) -> bool:
        return token.kind in (Kind.END, Kind.SEMICOLON)

    def _is_verb(self, index: int) -> bool:
        token = self._tokens[index]
        if token.kind is not Kind.WORD or token.text.upper() not in VERBS:
            return False
        return self._tokens[index + 1].kind not in (Kind.EQUALS, Kind.JOIN)

    def _here_is_one_of(self, words: Sequence[str]) -> bool:
        return self._next < self._count and self._here.kind is Kind.WORD and self._here.text.upper() in words

    def _at_end_of_statement(self) -> bool:
        """In free layout a statement ends where the next one begins."""
        if self._next >= self._count or self._is_break(self._here):
            return True
        return self._free and (
            self._is_verb(self._next) or (self._here.kind is Kind.WORD and self._is_verb(self._next + 1))
        )

    def _expect(self, kind: Kind, words: str) -> Token:
        token = self._here
        if token.kind is not kind or self._next >= self._count:
            raise self._error(f"{words} WAS EXPECTED, NOT {self._shown(token)}")
        self._next += 1
        return token

    def _shown(self, token: Token) -> str:
        return f"{token.text[:40]!a}" if token.kind is Kind.WORD else token.kind.value.upper()

    def _error(self, what: str) -> ProcessSyntaxError:
        token = self._here
        return self._source.error(what, token.line, token.column, token.end)
