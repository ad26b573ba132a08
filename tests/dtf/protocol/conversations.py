"""Two sessions joined by a wire, sample words, and the way to every state: shared by the tests of the protocol."""

from __future__ import annotations

from collections import deque

from dtf.protocol.events import (
    Accepted,
    Characteristics,
    CheckpointMark,
    CheckpointTaken,
    CopyReply,
    CopyRequest,
    Data,
    EndOfData,
    Event,
    FileAttributes,
    FileIdentity,
    FileSide,
    Hello,
    Position,
    Positions,
    ProcessEnd,
    RunRequest,
    Security,
    SessionEnd,
    SessionFailed,
    Start,
    StepEnd,
    StepFailed,
)
from dtf.protocol.session import Session
from dtf.protocol.states import TRANSITIONS, Role, State


def request(direction: str = "P", *, crc: bool = False) -> CopyRequest:
    return CopyRequest(
        process_name="PAYDAY",
        process_number=21,
        submit_tod=1_767_225_600_000_000_000,
        step_number=1,
        step_label="STEP01",
        direction=direction,
        source=FileSide("PROD.PAY.EXTRACT", ("SHR", "KEEP", ""), FileAttributes("PS", "FB", 80, 27920)),
        target=FileSide("BR.PAY.INPUT", ("NEW", "CATLG", "DELETE"), operands=(("SPACE", "(CYL,(5,1))"),)),
        identity=FileIdentity(27920, 1, 2),
        checkpoint_interval=10_000_000,
        crc=crc,
    )


def words(direction: str = "P", *, crc: bool = False) -> list[Event]:
    """One sample of every event, in the order of a copy that goes well, StepFailed last."""
    return [
        Hello("CD.LOCAL", "CD.BRANCH", 7, buffer_bytes=65536),
        Characteristics("CD.BRANCH", buffer_bytes=65536),
        Security("IBMUSER", "SECRET"),
        Accepted(),
        request(direction, crc=crc),
        CopyReply("BR.PAY.INPUT", FileAttributes("PS", "FB", 80, 27920), FileIdentity(0, 5, 6), 10_000_000),
        Positions("B", (Position(27920, 27920, 1, 99),)),
        Start(0, checkpoint_interval=10_000_000),
        Data(b"0123456789" * 8, 1),
        CheckpointMark(1, 27920, 1, 99),
        CheckpointTaken(1),
        EndOfData(55840, 2, 123),
        StepEnd("SCPA000I", "Copy step successful.", 0, 55840, 2),
        RunRequest("T", "PAYDAY", 21, 1_767_225_600_000_000_000, 2, "STEP02", "IEFBR14", "A,B", (("PRTY", "5"),)),
        ProcessEnd("PAYDAY", 21, 0, "SCPA000I"),
        SessionEnd(),
        StepFailed("DTX201E", "TARGET CANNOT BE WRITTEN", 8),
    ]


class Pair:
    """A PNODE and an SNODE. `say` moves what one says to the other at once; `heard` keeps what each heard."""

    def __init__(self, *, buffer_bytes: int = 65536, direction: str = "P", crc: bool = False) -> None:
        self.pnode = Session(Role.PNODE, 0.0, buffer_bytes=buffer_bytes)
        self.snode = Session(Role.SNODE, 0.0, buffer_bytes=buffer_bytes)
        self.direction = direction
        self.samples = {type(event): event for event in words(direction, crc=crc)}
        self.heard: dict[Session, list[Event | SessionFailed]] = {self.pnode: [], self.snode: []}

    def side(self, role: Role) -> Session:
        """The session that wears this hat."""
        if role in (Role.PNODE, Role.SNODE):
            return self.pnode if role is Role.PNODE else self.snode
        return self.pnode if (role is Role.SENDER) == (self.direction == "P") else self.snode

    def other(self, session: Session) -> Session:
        return self.snode if session is self.pnode else self.pnode

    def say(self, role: Role, event: Event, now: float = 0.0) -> None:
        self.side(role).send(event, now)
        self.carry(self.side(role), now)

    def carry(self, session: Session, now: float = 0.0) -> None:
        other = self.other(session)
        for chunk in session.outgoing():
            other.receive(chunk, now)
        self.heard[other] += other.events()

    def go(self, state: State) -> None:
        """Talks until both stand in `state`, by the shortest way the table knows."""
        for role, kind in path_to(state):
            self.say(role, self.samples[kind])
        assert self.pnode.state is state
        assert self.snode.state is state

    def copy_until_ready(self) -> None:
        """The rest of a step that has started."""
        self.say(Role.SENDER, EndOfData(0, 0, 0))
        self.say(Role.RECEIVER, StepEnd())
        self.say(Role.SENDER, StepEnd())


def path_to(goal: State) -> list[tuple[Role, type[Event]]]:
    """Who says what, from the first word to `goal`."""
    paths: dict[State, list[tuple[Role, type[Event]]]] = {State.CALLING: []}
    waiting = deque([State.CALLING])
    while waiting:
        state = waiting.popleft()
        for (role, at, event), following in TRANSITIONS.items():
            if at is state and following not in paths:
                paths[following] = [*paths[state], (role, event)]
                waiting.append(following)
    return paths[goal]
