"""What two nodes say to each other: one frozen dataclass for each frame, and what a session reports about itself.

This is the vocabulary only. Who may say what, and when, is in `states`; the bytes are in `frames`. Names of the
frames (FMH68 ...) are IBM's, their contents as far as documented (`docs/PROTOCOL.md` says what is ours). All counts
are bytes unless named otherwise, all times nanoseconds since 1970 UTC. Text fields are short printable text; longer
or unprintable text is refused when sent (LocalProtocolError) and when received.

One COPY, read downwards (P = PNODE, S = SNODE, the sender is P or S by `CopyRequest.direction`):

    P  Hello                 FMH68      S  Characteristics  FMH70     P  Security  FMH72     S  Accepted
    P  CopyRequest           FMH71      S  CopyReply        FMH71     (or S StepFailed: refused)
    receiver  Positions      which position sets it could resume from, newest first; block or record mode
    sender    Start          which of them it takes, or none and why
    sender    Data, CheckpointMark ...  receiver  CheckpointTaken ...   sender  EndOfData
    receiver  StepEnd        FMH74-02: target closed and catalogued     sender    StepEnd
    P  CopyRequest again, or ProcessEnd FMH74-04, answered by the same, then SessionEnd FMH75

Either side may say StepFailed in the middle of a step; the other answers with its own StepFailed or StepEnd and the
step is over for both.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PROTOCOL_VERSION = 1
FAILING_CODE = 8  # condition codes from here on mean that the step failed


@dataclass(frozen=True, slots=True)
class Hello:
    """FMH68, PNODE to SNODE: the first header."""

    pnode: str  # the caller's node name, 1-16
    snode: str  # the name it calls the partner by
    session_id: int  # unique for the caller, rising: an older session may not write a checkpoint record
    platform: str = "KSDS-DTF"
    charset: str = "E"  # E = EBCDIC, A = ASCII
    buffer_bytes: int = 0  # largest Data payload the caller takes; filled in by the session
    version: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class Characteristics:
    """FMH70, SNODE to PNODE: who answered. The smaller `buffer_bytes` of the two holds for both."""

    snode: str
    platform: str = "KSDS-DTF"
    charset: str = "E"
    buffer_bytes: int = 0  # filled in by the session
    version: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class Security:
    """FMH72, PNODE to SNODE: the user for whom the work is done. The password is never shown."""

    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """FMH72 answer, SNODE to PNODE: the session stands. (A refusal is SessionEnd.)"""


@dataclass(frozen=True, slots=True)
class FileAttributes:
    """Attributes of a data set, as far as known: empty text and 0 mean not given."""

    dsorg: str = ""  # PS PO VS (KSDS ESDS RRDS LDS) or empty
    recfm: str = ""  # F FB V VB U ...
    lrecl: int = 0
    blksize: int = 0
    key_length: int = 0
    key_offset: int = 0


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What changes when a file is replaced or rewritten."""

    size: int = 0
    mtime_ns: int = 0
    token: int = 0  # inode, or a catalog token


@dataclass(frozen=True, slots=True)
class FileSide:
    """One side of a COPY: its name, its three DISP words (empty where absent), attributes, further operands as text."""

    name: str
    disposition: tuple[str, str, str] = ("", "", "")
    attributes: FileAttributes = FileAttributes()
    operands: tuple[tuple[str, str], ...] = ()  # (keyword, value), for example ("SPACE", "(CYL,(5,1))")


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """FMH71, PNODE to SNODE: one COPY step.

    When the PNODE sends, `source.attributes` and `identity` are those of the open file.
    """

    process_name: str
    process_number: int
    submit_tod: int  # ns; with PNODE and number the key of the checkpoint record
    step_number: int  # from 1
    step_label: str
    direction: str  # "P": the PNODE is the sender, "S": the SNODE is
    source: FileSide
    target: FileSide
    identity: FileIdentity = FileIdentity()
    checkpoint_interval: int = 0  # bytes asked for; 0 = no checkpoints
    compress: str = ""  # "", "P" prime character, "E" extended
    prime: int = 0x40
    level: int = 1  # of extended compression, with the two that follow
    window: int = 15
    memory: int = 8
    crc: bool = False  # a CRC-32C in each Data frame
    restart: bool = False  # the PNODE has run this step before


@dataclass(frozen=True, slots=True)
class CopyReply:
    """FMH71 answer, SNODE to PNODE: its file is allocated.

    When the SNODE sends, attributes and identity are the source's.
    """

    name: str  # the data set really allocated (a GDG's absolute name)
    attributes: FileAttributes = FileAttributes()
    identity: FileIdentity = FileIdentity()
    checkpoint_interval: int = 0  # bytes the SNODE agrees to; 0 = none
    condition_code: int = 0  # 0, or 4 with a warning
    message_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """One position set: both files, what was delivered up to there, and its rolling CRC-32C in delivered order."""

    source: int
    target: int
    records: int
    crc: int


@dataclass(frozen=True, slots=True)
class Positions:
    """Receiver to sender: the sets it could resume from, newest first, at most 4; empty = from the beginning.

    The receiver knows both attribute groups now, so it also says the mode: "B" block, "R" record.
    """

    mode: str = "R"
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """Sender to receiver: the index of the set it resumes from, or None (from the beginning) and why."""

    chosen: int | None = None
    reason: str = ""
    checkpoint_interval: int = 0  # effective, after rounding to block boundaries; 0 = none


@dataclass(frozen=True, slots=True)
class Data:
    """Sender to receiver: whole blocks (mode B) or whole records (mode R).

    Records travel back to back when fixed, with RDW when variable. `records` counts the records (R) or blocks (B) in
    it. `expanded` is 0 for plain bytes, else the length that the payload has after decompression.
    """

    payload: bytes
    records: int = 0
    expanded: int = 0


@dataclass(frozen=True, slots=True)
class CheckpointMark:
    """Sender to receiver: all data before this point may be made safe now. Sequence numbers rise."""

    sequence: int
    source: int  # source position
    records: int  # delivered since the beginning of the file
    crc: int  # rolling CRC-32C since the beginning of the file


@dataclass(frozen=True, slots=True)
class CheckpointTaken:
    """Receiver to sender: target and checkpoint record are durable up to that mark."""

    sequence: int


@dataclass(frozen=True, slots=True)
class EndOfData:
    """Sender to receiver: totals of the whole file, restarted part included."""

    byte_count: int
    records: int
    crc: int


@dataclass(frozen=True, slots=True)
class StepEnd:
    """FMH74-02, both ways: this side's part of the step ended well (condition code 0 or 4)."""

    message_id: str = ""
    text: str = ""
    condition_code: int = 0
    byte_count: int = 0  # read or written by this side
    records: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.condition_code < FAILING_CODE:
            raise ValueError(f"StepEnd with condition code {self.condition_code}: say StepFailed")


@dataclass(frozen=True, slots=True)
class StepFailed:
    """FMH74-02, both ways: this side ends the step with condition code 8 or more (also: refuses it)."""

    message_id: str
    text: str
    condition_code: int = 8
    byte_count: int = 0
    records: int = 0

    def __post_init__(self) -> None:
        if self.condition_code < FAILING_CODE:
            raise ValueError(f"StepFailed with condition code {self.condition_code}: say StepEnd")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """PNODE to SNODE: do a step that moves no data. The answer is StepEnd or StepFailed."""

    kind: str  # T = RUN TASK, J = RUN JOB, S = SUBMIT
    process_name: str
    process_number: int
    submit_tod: int
    step_number: int
    step_label: str
    name: str  # the program, or the data set that holds the job or the Process
    parameter: str = ""
    operands: tuple[tuple[str, str], ...] = ()  # of SUBMIT: keywords, and symbolics with their &
    again: bool = True  # RESTART=YES: a task that was interrupted is run again


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """FMH74-04, PNODE to SNODE: no more steps in this Process; and back: all of it is settled here."""

    process_name: str
    process_number: int
    condition_code: int = 0
    message_id: str = ""
    submit_tod: int = 0


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """FMH75, either way, at any time: the session is over. Code 0 = by agreement."""

    condition_code: int = 0
    message_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """Never sent.

    The session reports once that it is over: the partner broke the protocol, fell silent, or the link was lost.
    """

    message_id: str
    text: str


Event = (
    Hello
    | Characteristics
    | Security
    | Accepted
    | CopyRequest
    | CopyReply
    | Positions
    | Start
    | Data
    | CheckpointMark
    | CheckpointTaken
    | EndOfData
    | StepEnd
    | StepFailed
    | RunRequest
    | ProcessEnd
    | SessionEnd
)
