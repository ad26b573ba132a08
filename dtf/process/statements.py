"""What a Process says, as values: a PROCESS statement and a list of statements run by a program counter.

Nothing symbolic is left in here: every `&name` and `%name` was replaced when the Process was submitted, so that a
step which restarts tomorrow still means the data set it meant today. IF, ELSE and EIF have become jumps: `next_step`
walks them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

CONDITIONS = {"EQ": "EQ", "=": "EQ", "==": "EQ", "NE": "NE", "!=": "NE", "¬=": "NE", "<>": "NE"}
CONDITIONS |= {"LT": "LT", "<": "LT", "LE": "LE", "<=": "LE", "=<": "LE", "GT": "GT", ">": "GT"}
CONDITIONS |= {"GE": "GE", ">=": "GE", "=>": "GE"}
HIGHEST = "%MAXRC"
LAST_MESSAGE = "%MSGID"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySide:
    """FROM or TO. Attributes not coded are "" or 0."""

    name: str  # the data set name without member, or a path
    is_path: bool = False  # coded as FILE=
    member: str = ""  # what stood in parentheses after a DSN: a member, or a relative generation such as +1
    node: str  # PNODE or SNODE: where the file is
    disposition: tuple[str, str, str] = ("", "", "")
    dsorg: str = ""
    recfm: str = ""
    lrecl: int = 0
    blksize: int = 0
    operands: tuple[tuple[str, str], ...] = ()  # the others, (keyword, text as coded): SPACE UNIT VOL SYSOPTS ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One COPY step. `number` counts the steps from 1 in the order of the text; `line` is where it begins."""

    label: str
    number: int
    source: CopySide
    target: CopySide
    checkpoint: int | None = None  # bytes; 0 = switched off; None = not coded, the node's own default counts
    compress: str = ""  # "", "P" prime character, "E" extended
    prime: int = 0x40
    level: int = 1  # CMPrlevel, WINdowsize, MEMlevel of EXTended
    window: int = 15
    memory: int = 8
    secure: bool = False  # only over an encrypted session
    line: int = 0

    @property
    def direction(self) -> str:
        """P: the PNODE sends; S: the SNODE sends."""
        return "P" if self.source.node == "PNODE" else "S"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTask:
    """One RUN TASK step: a program of the node `node`, with its PARM or SYSOPTS. `again`: RESTART=YES."""

    label: str
    number: int
    program: str
    parameter: str = ""
    node: str = "PNODE"
    again: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJob:
    """One RUN JOB step: the job in data set `name` is submitted at `node`; nobody waits for it."""

    label: str
    number: int
    name: str
    node: str = "PNODE"
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """One SUBMIT step: the Process in data set `name` is submitted at `node`, with keywords and symbolics."""

    label: str
    number: int
    name: str
    node: str = "PNODE"
    keywords: tuple[tuple[str, str], ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()
    line: int = 0


Step = Copy | RunTask | RunJob | Submit


@dataclass(frozen=True, slots=True)
class If:
    """Go on with the next statement if the test holds, else at index `otherwise`."""

    step: str  # label of an earlier step, %MAXRC or %MSGID
    condition: str  # EQ NE LT LE GT GE
    code: int
    otherwise: int
    message_id: str = ""  # what %MSGID is compared with, by EQ or NE

    def holds(self, codes: Mapping[str, int], message_id: str = "") -> bool:
        """`codes`: label -> condition code of the steps that have run; `message_id`: of the last of them.

        A step that has not run satisfies no test.
        """
        if self.step == LAST_MESSAGE:
            return bool(codes) and (message_id == self.message_id) is (self.condition == "EQ")
        known = max(codes.values(), default=0) if self.step == HIGHEST else codes.get(self.step)
        if known is None:
            return False
        return {
            "EQ": known == self.code,
            "NE": known != self.code,
            "LT": known < self.code,
            "LE": known <= self.code,
            "GT": known > self.code,
            "GE": known >= self.code,
        }[self.condition]


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on at index `target`, always forward. Written as GOTO, or the end of a THEN part."""

    target: int


@dataclass(frozen=True, slots=True)
class Exit:
    """The Process ends here."""


Statement = Step | If | Goto | Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A submitted Process. Keywords not coded have the product's defaults, None where the node decides."""

    name: str
    snode: str
    pnode: str = ""
    statements: tuple[Statement, ...] = ()
    hold: str = "NO"  # NO YES CALL
    retain: str = "NO"  # NO YES INITIAL
    requeue: bool | None = None
    priority: int = 10
    class_: int | None = None
    crc: bool = False
    secure: bool = False  # SECURE= on PROCESS or on a COPY: only over an encrypted session
    maxdelay: str = ""  # "", UNLIMITED, QUEUED, 0, hh:mm:ss
    startt: tuple[str, str] | None = None  # (day, time) as coded
    notify: str = ""
    pacct: str = ""
    sacct: str = ""
    pnodeid: tuple[str, str] = field(default=("", ""), repr=False)  # (user, password)
    snodeid: tuple[str, str] = field(default=("", ""), repr=False)
    symbols: tuple[tuple[str, str], ...] = ()  # every symbolic and its value, in order

    @property
    def copies(self) -> tuple[Copy, ...]:
        """Its COPY steps in the order of the text."""
        return tuple(statement for statement in self.statements if isinstance(statement, Copy))

    def step_name(self, index: int) -> str:
        """What the step at an index is called: its label, or STEPn. "" if none stands there."""
        statement = self.statements[index] if index < len(self.statements) else None
        return "" if statement is None or isinstance(statement, Modal) else statement.label or f"STEP{statement.number}"


Modal = If | Goto | Exit


def _unseen(modal: Modal, leads_to: int) -> None:
    """Nobody asks which way was taken."""


def next_step(
    process: Process,
    index: int,
    codes: Mapping[str, int],
    message_id: str = "",
    met: Callable[[Modal, int], None] = _unseen,
) -> int | None:
    """The index of the step to run when the program counter stands at `index`; None: the Process has ended.

    Start with 0; after the step at index i go on with i + 1. `codes` holds the condition code of each labelled step
    that has run, `message_id` is the message of the last one. `met` is told each modal on the way, and the index that
    it leads to. Jumps only go forward, so this ends.
    """
    while index < len(process.statements):
        statement = process.statements[index]
        match statement:
            case Copy() | RunTask() | RunJob() | Submit():
                return index
            case If():
                index = index + 1 if statement.holds(codes, message_id) else statement.otherwise
            case Goto(target=target):
                index = target
            case Exit():
                index = len(process.statements)
        met(statement, index)
    return None
