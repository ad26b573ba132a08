"""Two speakers over real sockets on the loopback: the same stories as in one process, and what only a network does."""

import socket
import time
from contextlib import closing

import pytest

from dtf.copying.progress import Onlooker
from dtf.copying.speaker import Line, Need, Speaker, expect
from dtf.errors import SessionLost
from dtf.netmap import HOST, AdjacentNode, NetmapError
from dtf.node.local import LocalNode
from dtf.protocol.events import Accepted, Characteristics, Hello, ProcessEnd, Security, SessionEnd
from dtf.protocol.session import Session
from dtf.protocol.states import Role
from dtf.transport import tcp
from dtf.transport.tcp import STRANGER_LIMIT, Listener, TcpCall, connect


class Clock:
    """Real time, which a test may move on."""

    def __init__(self):
        self.skipped = 0.0

    def __call__(self):
        return time.time() + self.skipped


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def london(pair, clock):
    """LON, listening."""
    console = []
    with closing(LocalNode(pair.lon, clock, console.append, Onlooker())) as node:
        node.partners["NYC"] = AdjacentNode("NYC", HOST, "127.0.0.1:1")
        with closing(Listener(node, "127.0.0.1:0")) as listener:
            listener.console = console
            yield listener


@pytest.fixture
def york(pair, clock):
    with closing(LocalNode(pair.nyc, clock, lambda line: None, Onlooker())) as node:
        yield node


def at(listener, name="LON"):
    return AdjacentNode(name, HOST, "{}:{}".format(*listener.address))


def until(condition, *parts, seconds=5):
    """Let the parts go on until `condition` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing more happens"
        moved = [part.advance() for part in parts]
        if not any(moved):
            time.sleep(0.001)


def greets(line, name="NYC", to="LON", session=1):
    line.say(Hello(name, to, session))
    yield from expect(Characteristics)
    line.say(Security("ME"))
    yield from expect(Accepted)


def calls(line):
    yield from greets(line)
    line.say(ProcessEnd("PAYDAY", 1))
    yield from expect(ProcessEnd)
    line.say(SessionEnd())


def stays(line, session=1):
    yield from greets(line, session=session)
    yield Need.EVENT


def strange(line, hello):
    line.say(hello)
    yield from expect(Characteristics)


def test_a_session_runs_to_its_end(london, york):
    call = connect(york, at(london), calls)
    until(lambda: call.finished and not london.calls, call, london)
    assert call.error is None
    assert london.console == []


def test_a_partner_who_is_not_there_is_a_lost_session(york):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    call = connect(york, AdjacentNode("LON", HOST, f"localhost:{port}"), calls)
    until(lambda: call.finished, call)
    assert isinstance(call.error, SessionLost)
    assert "refused" in str(call.error)


def test_a_name_without_an_address_is_a_lost_session(york):
    with pytest.raises(SessionLost, match="no address"):
        connect(york, AdjacentNode("LON", HOST, "nowhere.invalid:1364"), calls)


@pytest.mark.parametrize(
    ("hello", "why"),
    [
        (Hello("NOBODY", "LON", 1), "not in the netmap"),
        (Hello("NYC", "TOKYO", 1), "this node is LON"),
    ],
)
def test_a_stranger_is_sent_away_and_told_why(london, york, hello, why):
    call = connect(york, at(london), lambda line: strange(line, hello))
    until(lambda: call.finished and not london.calls, call, london)
    assert call.error.message_id == "DTX311E"
    assert why in str(call.error)
    assert why in london.console[0]


def test_a_known_name_from_another_address_is_sent_away(london, york):
    london._node.partners["NYC"] = AdjacentNode("NYC", HOST, "192.0.2.7:1364")
    call = connect(york, at(london), calls)
    until(lambda: call.finished, call, london)
    assert "does not call from 127.0.0.1" in str(call.error)


def test_the_same_session_twice_is_refused(london, york):
    first = connect(york, at(london), stays)
    until(lambda: london._node.answered, first, london)
    second = connect(york, at(london), stays)
    until(lambda: second.finished, first, second, london)
    assert "is there already" in str(second.error)
    first.close()
    until(lambda: not london._node.answered, london)


def test_one_partner_has_eight_sessions_at_most(london, york):
    held = [connect(york, at(london), lambda line, n=n: stays(line, n)) for n in range(1, 10)]
    for call in held:
        until(lambda call=call: len(london._node.answered) == 8 or call.fileno() >= 0, call, london)
        until(lambda call=call: call.finished or not any(c.is_stranger for c in london.calls), *held, london)
    until(lambda: any(call.finished for call in held), *held, london)
    assert [str(call.error).endswith("8 sessions already") for call in held if call.finished] == [True]
    for call in held:
        call.close()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"\xff" * 100_000,
        bytes(36),
    ],
    ids=["HTTP", "TLS", "ones", "zeros"],
)
def test_bytes_of_another_protocol_are_answered_with_the_end_of_the_session(london, data):
    with socket.create_connection(london.address) as link:
        link.sendall(data)
        until(lambda: london.console, london)
        link.setblocking(False)
        answer = []
        until(lambda: answer or answer.append(received(link)) or answer[-1], london)
        assert b"DTX102E" in answer[-1]
    until(lambda: not london.calls, london)
    assert "DTX361I A CALL ENDED: DTX102E" in london.console[0]


def received(link):
    try:
        return link.recv(1000)
    except BlockingIOError:
        return b""


def test_who_says_nothing_is_hung_up_on_after_ten_seconds(london, clock):
    with socket.create_connection(london.address):
        until(lambda: london.calls, london)
        clock.skipped += 9
        london.advance()
        assert london.console == []
        clock.skipped += 2
        until(lambda: london.console, london)
        assert "DTX111E" in london.console[0]
        clock.skipped += 3
        until(lambda: not london.calls, london)


def test_who_sends_a_byte_now_and_then_is_hung_up_on_too(london, clock):
    with socket.create_connection(london.address) as link:
        for _ in range(11):
            link.sendall(b"\x00")
            clock.skipped += 1
            london.advance()
        until(lambda: london.console, london)
        assert "DTX111E" in london.console[0]


def test_beyond_four_strangers_a_call_is_not_taken(london):
    links = [socket.create_connection(london.address) for _ in range(STRANGER_LIMIT + 2)]
    until(lambda: london.refused == 2, london)
    assert len(london.calls) == STRANGER_LIMIT
    assert "DTX363W" in london.console[-1]
    for link in links:
        link.close()
    until(lambda: not london.calls, london)


def test_a_partner_that_reads_nothing_is_given_up(york, clock):
    """It greets and then lets our words pile up until the kernel takes no more."""

    def floods(line):
        line.say(Hello("NYC", "LON", 1))
        while True:
            yield Need.TURN
            line.session._output.append(bytes(1 << 20))

    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(Session(Role.PNODE, clock(), handshake_seconds=1e6), clock)
        call = TcpCall(line, Speaker(line, floods(line)), observer=Onlooker(), addresses=[server.getsockname()])
        for _ in range(200):
            call.advance()
        assert not call.finished
        clock.skipped += tcp.STALL_SECONDS + 1
        call.advance()
        assert call.error.message_id == "DTX111E"
        clock.skipped += tcp.LINGER_SECONDS + 1
        call.advance()
        assert call.finished


def test_plain_tcp_does_not_leave_this_machine_unless_it_may(york):
    with pytest.raises(NetmapError, match="plain TCP"):
        connect(york, AdjacentNode("LON", HOST, "192.0.2.1:1364"), calls)
    with pytest.raises(NetmapError, match="plain TCP"):
        Listener(york, "0.0.0.0:0")
