"""A partner that keeps the order of the talk but lies in what it says.

The node that answers ends the step with one message, catalogs nothing, and is ready for an honest step afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from google_crc32c import value as crc_of

from dtf.copying.progress import Onlooker
from dtf.copying.speaker import Line, Need, Speaker, Talk, expect
from dtf.errors import SessionLost
from dtf.netmap import FOLDER, AdjacentNode, Netmap
from dtf.node import LocalNode, install
from dtf.node.answering import answer
from dtf.protocol.events import (
    Accepted,
    Characteristics,
    CheckpointMark,
    CopyReply,
    CopyRequest,
    Data,
    EndOfData,
    Event,
    FileAttributes,
    FileIdentity,
    FileSide,
    Hello,
    Positions,
    Security,
    SessionEnd,
    Start,
    StepEnd,
    StepFailed,
)
from dtf.protocol.session import Session
from dtf.protocol.states import Role, State
from dtf.transport import memory
from ksds.system import System

NOW = 1_767_225_600.0
BLOCK = bytes(range(256))[:160]
ATTRIBUTES = FileAttributes("PS", "FB", 80, 160)


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[LocalNode]:
    """Node B, which knows node CD.A."""
    with System.open(tmp_path / "B") as system:
        install(system, NOW)
        with Netmap(system, "w") as nodes:
            nodes.add(AdjacentNode("CD.A", FOLDER, str(tmp_path / "A")))
        with closing(LocalNode(system, lambda: NOW, lambda line: None, Onlooker())) as node:
            yield node


def request(**changes: object) -> CopyRequest:
    asked = CopyRequest(
        process_name="EVIL",
        process_number=1,
        submit_tod=1,
        step_number=1,
        step_label="S1",
        direction="P",
        source=FileSide("A.SOURCE", ("SHR", "", ""), ATTRIBUTES),
        target=FileSide("B.TARGET", ("NEW", "CATLG", "")),
        identity=FileIdentity(320, 1, 1),
        checkpoint_interval=1000,
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def greet(line: Line) -> Talk[None]:
    line.say(Hello("CD.A", "B", 1))
    yield from expect(Characteristics)
    line.say(Security("EVIL", ""))
    yield from expect(Accepted)


def step(line: Line, asked: CopyRequest, *said: Event) -> Talk[StepFailed | StepEnd]:
    """Asks, and if that is granted says all of `said`; the partner's end of the step."""
    line.say(asked)
    event = yield Need.EVENT
    if isinstance(event, CopyReply):
        yield from expect(Positions)
        line.say(Start(None))
        for word in said:
            line.say(word)
        event = yield Need.EVENT
        while not isinstance(event, StepFailed | StepEnd):
            event = yield Need.EVENT
    assert isinstance(event, StepFailed | StepEnd)
    if line.session.copy_role is not None:  # unless this side has said its end already
        line.say(StepEnd() if isinstance(event, StepEnd) else StepFailed("DTX200E", "so be it", 8))
    return event


HONEST = (
    Data(BLOCK, 1),
    CheckpointMark(1, 160, 1, crc_of(BLOCK)),
    Data(BLOCK, 1),
    EndOfData(320, 2, crc_of(BLOCK * 2)),
)


def try_out(node: LocalNode, asked: CopyRequest, *said: Event) -> StepFailed | StepEnd:
    """One lying step, then an honest one in the same session, which must do."""
    ends: list[StepFailed | StepEnd] = []
    session = Session(Role.PNODE, NOW)

    def talk(line: Line) -> Talk[None]:
        yield from greet(line)
        ends.append((yield from step(line, asked, *said)))
        honest = request(process_number=2, target=FileSide("B.HONEST", ("NEW", "CATLG", "")))
        ends.append((yield from step(line, honest, *HONEST)))
        line.say(SessionEnd())

    line = Line(session, lambda: NOW)
    called = Line(Session(Role.SNODE, NOW), lambda: NOW)
    memory.join(Speaker(line, talk(line)), Speaker(called, answer(node, called)))
    assert called.session.state is State.CLOSED
    assert isinstance(ends[1], StepEnd), ends[1]
    with node.system.sequential("B.HONEST") as data_set:
        assert data_set.read(0, 1000) == BLOCK * 2
    return ends[0]


def test_an_honest_partner_is_served(answering: LocalNode) -> None:
    end = try_out(answering, request(), *HONEST)
    assert isinstance(end, StepEnd)
    assert answering.system.exists("B.TARGET")


LIES = {
    "blocks of another size": (request(), [Data(BLOCK[:100], 1)]),
    "a mark with a wrong CRC": (request(), [Data(BLOCK, 1), CheckpointMark(1, 160, 1, 0)]),
    "a mark with a wrong count": (request(), [Data(BLOCK, 1), CheckpointMark(1, 160, 9, crc_of(BLOCK))]),
    "a mark far away": (request(), [Data(BLOCK, 1), CheckpointMark(1, 2**64 - 1, 2**64 - 1, crc_of(BLOCK))]),
    "totals of more": (request(), [Data(BLOCK, 1), EndOfData(320, 2, crc_of(BLOCK * 2))]),
    "totals of other bytes": (request(), [Data(BLOCK, 1), EndOfData(160, 1, 0)]),
    "packed nonsense": (request(compress="E"), [Data(b"nonsense", 1, 160)]),
    "packed, not agreed": (request(), [Data(b"nonsense", 1, 160)]),
    "a run that unpacks to more": (request(compress="P"), [Data(b"\xbf" * 10, 1, 160)]),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_about_the_data_end_the_step_and_leave_nothing(answering: LocalNode, lie: str) -> None:
    asked, said = LIES[lie]
    end = try_out(answering, asked, *said)
    assert isinstance(end, StepFailed), end
    assert end.condition_code >= 8
    assert end.message_id.startswith("DTX")
    assert end.text.isprintable()
    assert not answering.system.exists("B.TARGET")


def test_a_partner_that_gives_up_leaves_nothing_behind(answering: LocalNode) -> None:
    """Without a checkpoint there is nothing to go on from, so nothing is kept."""
    end = try_out(answering, request(checkpoint_interval=0), Data(BLOCK, 1), StepFailed("DTX299E", "NO MORE", 8))
    assert isinstance(end, StepFailed)
    assert (end.message_id, end.text) == ("DTX299E", "NO MORE")
    assert not answering.system.exists("B.TARGET")


@pytest.mark.parametrize(
    "name",
    ["../../ETC/PASSWD", "/etc/passwd", "A..B", "A" * 9, "A." * 22 + "AAAA", "A.B\\C", "A.É", "CON:", "-", ""],
)
@pytest.mark.parametrize("direction", ["P", "S"])
def test_names_that_are_no_data_set_names_are_refused(answering: LocalNode, name: str, direction: str) -> None:
    side = FileSide(name, ("", "", ""), ATTRIBUTES)
    asked = request(direction=direction, **{"target" if direction == "P" else "source": side})
    end = try_out(answering, asked)
    assert isinstance(end, StepFailed), end


@pytest.mark.parametrize(
    "attributes",
    [
        FileAttributes("PS", "FB", 0, 0),
        FileAttributes("PS", "FB", 80, 81),
        FileAttributes("PS", "FB", 2**32 - 1, 2**32 - 1),
        FileAttributes("PS", "XX", 80, 160),
        FileAttributes("VS", "F", 2**31, 0),
        FileAttributes("", "", 0, 0),
        FileAttributes("PS", "VB", 3, 160),
    ],
)
def test_attributes_that_cannot_be_are_refused(answering: LocalNode, attributes: FileAttributes) -> None:
    source = FileSide("A.SOURCE", ("SHR", "", ""), attributes)
    end = try_out(answering, request(source=source), Data(BLOCK, 1), EndOfData(160, 1, crc_of(BLOCK)))
    assert isinstance(end, StepFailed), end
    assert not answering.system.exists("B.TARGET")


def test_a_stranger_and_a_wrong_address_are_sent_away(answering: LocalNode) -> None:
    for hello in (Hello("CD.X", "B", 1), Hello("CD.A", "CD.Y", 1)):
        session = Session(Role.PNODE, NOW)

        def talk(line: Line, hello: Hello = hello) -> Talk[None]:
            line.say(hello)
            yield from expect(Characteristics)

        line = Line(session, lambda: NOW)
        called = Line(Session(Role.SNODE, NOW), lambda: NOW)
        with pytest.raises(SessionLost, match="DTX311E"):
            memory.join(Speaker(line, talk(line)), Speaker(called, answer(answering, called)))
