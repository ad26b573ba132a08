"""Two speakers in one process: words reach the other side, and trouble reaches both."""

import pytest

from dtf.copying.speaker import Line, Need, PartnerEnded, Speaker, expect
from dtf.errors import RemoteProtocolError, SessionLost
from dtf.protocol.events import Accepted, Characteristics, Hello, ProcessEnd, Security, SessionEnd
from dtf.protocol.session import Session
from dtf.protocol.states import Role
from dtf.transport.memory import join
from ksds.errors import DataSetNotFound


def speaker(role, talk, *arguments):
    line = Line(Session(role, 0.0), lambda: 0.0)
    return Speaker(line, talk(line, *arguments))


def calls(line, ending=None):
    line.say(Hello("NYC", "LON", 1))
    answer = yield from expect(Characteristics)
    assert answer.snode == "LON"
    line.say(Security("ME"))
    yield from expect(Accepted)
    if ending:
        raise ending
    line.say(ProcessEnd("PAYDAY", 1))
    yield from expect(ProcessEnd)
    line.say(SessionEnd())


def answers(line, seen):
    try:
        hello = yield from expect(Hello)
        line.say(Characteristics("LON"))
        yield from expect(Security)
        line.say(Accepted())
        seen.append(hello.pnode)
        line.say((yield from expect(ProcessEnd)))
        assert isinstance((yield Need.EVENT), SessionEnd)
        seen.append("ended")
    except SessionLost:
        seen.append("lost")
        raise


def test_a_session_runs_to_its_end_on_both_sides():
    seen = []
    first, second = speaker(Role.PNODE, calls), speaker(Role.SNODE, answers, seen)
    join(first, second)
    assert seen == ["NYC", "ended"]
    assert first.finished
    assert second.finished


@pytest.mark.parametrize("trouble", [SessionLost("cable"), DataSetNotFound("A.B"), OSError(5, "disk")])
def test_trouble_on_one_side_is_a_lost_session_on_the_other(trouble):
    seen = []
    with pytest.raises(SessionLost):
        join(speaker(Role.PNODE, calls, trouble), speaker(Role.SNODE, answers, seen))
    assert seen == ["NYC", "lost"]


def refuses(line):
    yield from expect(Hello)
    line.say(SessionEnd(8, "DTX311E", "not in the netmap"))


def test_a_refusal_carries_the_partners_reason():
    with pytest.raises(PartnerEnded, match="not in the netmap") as refused:
        join(speaker(Role.PNODE, calls), speaker(Role.SNODE, refuses))
    assert refused.value.message_id == "DTX311E"


def silent(line):
    yield Need.EVENT
    yield Need.EVENT


def test_two_that_wait_for_each_other_are_not_left_waiting():
    with pytest.raises(SessionLost, match="wait"):
        join(speaker(Role.PNODE, calls), speaker(Role.SNODE, silent))


def surprised(line):
    yield from expect(Accepted)


def test_a_word_that_was_not_expected_is_a_protocol_error():
    with pytest.raises(RemoteProtocolError, match="Hello"):
        join(speaker(Role.PNODE, calls), speaker(Role.SNODE, surprised))
