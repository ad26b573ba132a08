"""The tables of order have no dead ends and no double meanings, and the document shows them as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dtf.protocol.events import ProcessEnd, SessionEnd, StepEnd, StepFailed
from dtf.protocol.frames import FRAMES
from dtf.protocol.states import (
    IN_FLIGHT,
    MOVER,
    OPEN_STATES,
    SPEAKERS,
    STEP_STATES,
    TRANSITIONS,
    Role,
    State,
    is_in_flight,
    sayings,
)
from tests.dtf.protocol.conversations import Pair, path_to

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("state", [state for state in State if state is not State.FAILED])
def test_every_state_can_be_reached(state: State) -> None:
    if state is State.CLOSED:
        assert path_to(state)
    else:
        Pair().go(state)


@pytest.mark.parametrize("state", OPEN_STATES)
def test_whoever_is_to_move_has_something_to_say(state: State) -> None:
    mover = MOVER[state]
    forward = set(sayings(mover, None, state)) - {SessionEnd, StepFailed}
    assert forward


def test_an_event_means_one_thing_whichever_hat_says_it() -> None:
    """The hats of one speaker never disagree about what follows."""
    for (role, state, event), following in TRANSITIONS.items():
        for other in Role:
            if other is not role and (other, state, event) in TRANSITIONS and event is not StepFailed:
                assert TRANSITIONS[other, state, event] is following


def test_a_step_can_be_ended_early_from_both_sides_in_each_of_its_states() -> None:
    for state in STEP_STATES:
        assert TRANSITIONS[Role.SENDER, state, StepFailed] is State.SENDER_ENDED
        assert TRANSITIONS[Role.RECEIVER, state, StepFailed] is State.RECEIVER_ENDED
    assert [state for role, state, event in TRANSITIONS if event is StepEnd and role is Role.RECEIVER] == [
        State.DRAINING,
        State.SENDER_ENDED,
    ]


@pytest.mark.parametrize("session_role", [Role.PNODE, Role.SNODE])
@pytest.mark.parametrize("copy_role", [Role.SENDER, Role.RECEIVER])
def test_everything_a_side_could_say_before_it_heard_the_end_is_in_flight(session_role: Role, copy_role: Role) -> None:
    ended = State.RECEIVER_ENDED if copy_role is Role.SENDER else State.SENDER_ENDED
    for state in STEP_STATES:
        for event in set(sayings(session_role, copy_role, state)) - {StepEnd, StepFailed, SessionEnd}:
            assert is_in_flight(session_role, copy_role, ended, event), (state, event)


def test_nothing_is_both_legal_and_in_flight() -> None:
    for (role, state), events in IN_FLIGHT.items():
        assert not set(sayings(role, None, state)) & events
    assert not is_in_flight(Role.PNODE, None, State.READY, ProcessEnd)
    assert {event for _, _, event in TRANSITIONS} == set(SPEAKERS) == set(FRAMES)


def diagram() -> str:
    """The transitions as a mermaid state diagram. SessionEnd is drawn from READY only, and what ends a step early once
    for all of its states."""
    said: dict[tuple[State, State], list[str]] = {}
    early: set[tuple[str, State]] = set()
    for (role, state, event), following in TRANSITIONS.items():
        if event is StepFailed and state in STEP_STATES:
            early.add((role, following))
        elif event is not SessionEnd:
            said.setdefault((state, following), []).append(f"{role} {event.__name__}")
    arrows = {ends: f"    {ends[0]} --> {ends[1]}: {', '.join(who)}" for ends, who in said.items()}
    lines = [
        "stateDiagram-v2",
        f"    [*] --> {State.CALLING}",
        *(arrow for ends, arrow in arrows.items() if not set(STEP_STATES).issuperset(ends)),
        "    state STEP {",
        *(f"    {arrow}" for ends, arrow in arrows.items() if set(STEP_STATES).issuperset(ends)),
        "    }",
        *sorted(f"    STEP --> {following}: {role} StepFailed" for role, following in early),
        f"    {State.READY} --> {State.CLOSED}: PNODE SessionEnd, SNODE SessionEnd",
        f"    {State.CLOSED} --> [*]",
    ]
    return "\n".join(lines) + "\n"


def test_the_diagram_in_the_document_is_current() -> None:
    assert f"```mermaid\n{diagram()}```" in PAGE


def test_the_table_of_frames_in_the_document_is_current() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([A-Z0-9 ]+) \| X'(\w\w)' \| X'(\w\w)' \|", PAGE, re.MULTILINE)
    assert rows == [
        (event.__name__, frame.name, f"{frame.kind:02X}", f"{frame.subtype:02X}") for event, frame in FRAMES.items()
    ]
