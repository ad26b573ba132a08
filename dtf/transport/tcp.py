"""Two nodes in two operating system processes: a session over a TCP connection, as caller or as called.

No thread, nothing blocks: `TcpCall.advance` does what can be done now. Three things could keep a node waiting for
nothing, and each has its limit: a partner that says nothing (the deadlines of the session), one that does not read
(`STALL_SECONDS` without a byte taken), one that does not hang up (`LINGER_SECONDS` after our last word, so that he
has time to read it). At most `SESSION_LIMIT` calls are answered at a time, `STRANGER_LIMIT` of them before they have
said who they are: whoever comes above that is hung up on at once.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from errno import EINPROGRESS

from dtf.copying.progress import LinkCut, Observer
from dtf.copying.speaker import Line, Speaker, Talk
from dtf.errors import DtfError, SessionLost, in_words
from dtf.netmap import HOST, AdjacentNode, NetmapError, split_address
from dtf.node.answering import LOOPBACK, Caller, answer
from dtf.node.calls import BUSY_WAIT, Call
from dtf.node.local import BUFFER_BYTES, LocalNode
from dtf.protocol.session import Session
from dtf.protocol.states import HANDSHAKE_STATES, Role
from dtf.transport import memory, tls
from ksds.errors import KsdsError

STALL_SECONDS = 60.0
LINGER_SECONDS = 2.0
SESSION_LIMIT = 64
STRANGER_LIMIT = 4
BACKLOG = 64
RECEIVE_BYTES = 512 * 1024
EVENTS_A_TURN = 16

Address = tuple[str, int]


Secure = Callable[[socket.socket], tuple[socket.socket, bool]]
"""Goes on with the handshake of TLS; the socket to use from now on, and whether it is done."""


class TcpCall:
    """One session over one socket. `addresses` are tried in turn by the caller; who was called has the socket."""

    def __init__(
        self,
        line: Line,
        speaker: Speaker,
        *,
        observer: Observer,
        secure: Secure | None = None,
        link: socket.socket | None = None,
        addresses: Sequence[Address] = (),
    ) -> None:
        self._line = line
        self._observer = observer
        self._secure = secure
        self._speaker = speaker
        self._untried = deque(addresses)
        self._link = link
        self._connecting = link is None
        self._wants = select.POLLIN
        self._unsent: deque[memoryview] = deque()
        self._hang_up_at: float | None = None
        self._stalled_at = 0.0
        self.finished = False
        self.error: DtfError | None = None
        self._started = False

    # -- what the node asks of a call

    def fileno(self) -> int:
        return self._link.fileno() if self._link is not None and not self.finished else -1

    def poll_mask(self) -> int:
        if self._connecting:
            return select.POLLOUT
        if self._secure is not None:
            return self._wants
        hears = select.POLLIN if self._hang_up_at is not None or not self._speaker.backlog else 0
        return hears | (select.POLLOUT if self._unsent else 0)

    def deadline(self) -> float | None:
        if self._hang_up_at is not None:
            return self._hang_up_at
        known = [self._line.session.deadline(), self._stalled_at + STALL_SECONDS if self._unsent else None]
        known.append(self._line.clock() + BUSY_WAIT if self._speaker.is_busy else None)
        return min((moment for moment in known if moment is not None), default=None)

    @property
    def is_stranger(self) -> bool:
        """Not yet past the handshake."""
        return self._hang_up_at is None and self._line.session.state in HANDSHAKE_STATES

    def close(self) -> None:
        if not self.finished:
            with suppress(DtfError, KsdsError, OSError):
                self._speaker.fail(SessionLost("link lost: this node ends"))
            self._finish()

    def advance(self) -> bool:
        if self.finished:
            return False
        try:
            return self._linger() if self._hang_up_at is not None else self._go_on()
        except (DtfError, KsdsError, OSError) as error:
            self._break_off(error)
            return True

    # -- the link

    def _go_on(self) -> bool:
        if not self._started:
            self._started = True
            self._speaker.start()
        if (self._connecting and not self._connected()) or not self._secured():
            self._check_time()
            return False
        moved = self._hear()
        for _ in range(EVENTS_A_TURN):
            if self._unsent or not self._speaker.advance():
                break
            moved = True
            self._collect()
        moved |= self._send()
        if self._speaker.finished and not self._unsent:
            self._say_goodbye()
        elif not moved:
            self._check_time()
        return moved

    def _connected(self) -> bool:
        """Whether the connection stands by now. Goes on to the next address where one refuses."""
        while True:
            code = self._dial() if self._link is None else self._outcome(self._link)
            if code == EINPROGRESS:
                return False
            if self._link is not None and code == 0:
                self._connecting = False
                prepare(self._link)
                self._collect()
                return True
            if self._link is not None:
                self._link.close()
                self._link = None
            if not self._untried:
                raise SessionLost(f"no connection: {os.strerror(code)}")

    def _dial(self) -> int:
        """Begin to connect to the next address; the error number, EINPROGRESS while it lasts."""
        host, port = self._untried.popleft()
        self._link = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self._link.setblocking(False)
        return self._link.connect_ex((host, port))

    def _outcome(self, link: socket.socket) -> int:
        try:
            link.getpeername()
        except OSError:
            return link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or EINPROGRESS
        return 0

    def _secured(self) -> bool:
        """Whether TLS stands, or there is to be none."""
        if self._secure is not None and self._link is not None:
            try:
                before = self._link
                self._link, done = self._secure(before)
                if self._link is not before and not done:
                    self._link, done = self._secure(self._link)
            except ssl.SSLWantReadError:
                self._wants = select.POLLIN
                return False
            except ssl.SSLWantWriteError:
                self._wants = select.POLLOUT
                return False
            except ssl.SSLError as error:
                raise SessionLost(f"TLS: {error.reason or error}") from None
            if not done:
                self._wants = select.POLLIN
                return False
            self._secure = None
        return True

    def _hear(self) -> bool:
        """Take what has come, unless the talk has not used up what came before."""
        if self._speaker.backlog:
            return False
        data = self._read()
        if data is None:
            return False
        try:
            self._speaker.receive(self._observer.carried(data) if data else data)
        except LinkCut as cut:
            if cut.delivered:
                self._speaker.receive(cut.delivered)
            raise
        self._collect()
        return True

    def _read(self) -> bytes | None:
        """Bytes, b"" at the end of the link, None if there are none yet."""
        if self._link is None:
            return b""
        try:
            return self._link.recv(RECEIVE_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def _collect(self) -> None:
        chunks = self._speaker.outgoing()
        if chunks and not self._unsent:
            self._stalled_at = self._line.clock()
        for chunk in chunks:
            try:
                self._unsent.append(memoryview(self._observer.carried(chunk)))
            except LinkCut as cut:
                self._unsent.append(memoryview(cut.delivered))
                raise

    def _send(self) -> bool:
        """Hand the link as much as it takes."""
        moved = False
        while self._unsent and self._link is not None:
            try:
                count = self._write(self._link)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            moved = True
            self._stalled_at = self._line.clock()
            while count:
                first = self._unsent.popleft()
                if count < len(first):
                    self._unsent.appendleft(first[count:])
                count -= min(count, len(first))
        return moved

    def _write(self, link: socket.socket) -> int:
        if isinstance(link, ssl.SSLSocket):
            return link.send(self._unsent[0])
        return link.sendmsg(list(self._unsent)[:64])

    def _check_time(self) -> None:
        now = self._line.clock()
        if self._unsent and not self._connecting and now >= self._stalled_at + STALL_SECONDS:
            raise SessionLost("THE PARTNER TAKES NOTHING MORE", message_id="DTX111E")
        self._speaker.tick()

    # -- the end

    def _say_goodbye(self) -> None:
        """All is said and sent. The partner has a moment to read it and to hang up."""
        self._hang_up_at = self._line.clock() + LINGER_SECONDS
        if self._link is not None:
            with suppress(OSError):
                self._link.shutdown(socket.SHUT_WR)

    def _linger(self) -> bool:
        try:
            data = self._read()
        except OSError:
            data = b""
        if data == b"" or self._line.clock() >= (self._hang_up_at or 0.0):
            self._finish()
            return True
        return data is not None

    def _break_off(self, error: DtfError | KsdsError | OSError) -> None:
        """Something ended the session; if the session has a last word on it, that goes out."""
        if self.error is None:
            lost = error if isinstance(error, DtfError) else SessionLost(f"link lost: {in_words(error)}")
            self.error = lost
            with suppress(DtfError, KsdsError, OSError):
                self._speaker.fail(SessionLost(f"link lost: {in_words(error)}"))
        with suppress(OSError):
            self._collect()
        with suppress(OSError):
            self._send()
        if self._link is None or self._connecting or not isinstance(error, DtfError | KsdsError):
            self._finish()
        else:
            self._say_goodbye()

    def _finish(self) -> None:
        self.finished = True
        if self._link is not None:
            self._link.close()


def prepare(link: socket.socket) -> None:
    """Small words go out at once; a partner that vanished is found out by the kernel."""
    link.setblocking(False)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def addresses_of(address: str) -> list[Address]:
    """The numeric addresses of host:port. Raises SessionLost if there are none."""
    try:
        found = socket.getaddrinfo(*split_address(address), type=socket.SOCK_STREAM)
    except OSError as error:
        raise SessionLost(f"{address} has no address: {error.strerror or error}") from None
    return [(str(entry[4][0]), int(entry[4][1])) for entry in found]


def is_loopback(address: Address) -> bool:
    """True for an address of this machine that nobody else can reach."""
    return address[0] in LOOPBACK or address[0].startswith("127.")


def connect(node: LocalNode, partner: AdjacentNode, talk: Callable[[Line], Talk[None]]) -> Call:
    """Call a partner where its netmap entry says: by TCP, or in its folder. Raises SessionLost, NetmapError."""
    if partner.kind != HOST:
        return memory.connect(node, partner, talk)
    addresses = addresses_of(partner.address)
    if not (partner.certificate or node.parameters.plain_tcp or all(map(is_loopback, addresses))):
        raise NetmapError(f"node {partner.name} is elsewhere, plain TCP is not allowed: pin its certificate")
    line = _line(node, Role.PNODE)
    secure = _Calling(tls.calling(node, partner.certificate), partner.certificate) if partner.certificate else None
    speaker = Speaker(line, talk(line))
    return TcpCall(line, speaker, observer=node.observer, secure=secure, addresses=addresses)


class _Calling:
    """TLS as the caller: the partner must show the pinned certificate."""

    def __init__(self, context: ssl.SSLContext, pinned: bytes) -> None:
        self._context = context
        self._pinned = pinned

    def __call__(self, link: socket.socket) -> tuple[socket.socket, bool]:
        if not isinstance(link, ssl.SSLSocket):
            return self._context.wrap_socket(link, do_handshake_on_connect=False), False
        link.do_handshake()
        if link.getpeercert(binary_form=True) != self._pinned:
            raise SessionLost("the partner shows another certificate than the pinned one")
        return link, True


class _Called:
    """TLS as the called, if the caller begins it; who shows which certificate is looked at when he says his name."""

    def __init__(self, node: LocalNode, caller: Caller) -> None:
        self._node = node
        self._caller = caller

    def __call__(self, link: socket.socket) -> tuple[socket.socket, bool]:
        if isinstance(link, ssl.SSLSocket):
            link.do_handshake()
            self._caller.certificate = link.getpeercert(binary_form=True) or b""
            return link, True
        try:
            first = link.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return link, False
        if first != tls.CLIENT_HELLO or tls.own_certificate(self._node.system.folder) is None:
            return link, True
        context = tls.called(self._node)
        return context.wrap_socket(link, server_side=True, do_handshake_on_connect=False), False


class Listener:
    """The door of a node: answers calls at an address, each as SNODE. Port 0 takes any free one."""

    def __init__(self, node: LocalNode, address: str) -> None:
        self._node = node
        chosen = addresses_of(address)[0]
        has_certificate = tls.own_certificate(node.system.folder) is not None
        if not (has_certificate or node.parameters.plain_tcp or is_loopback(chosen)):
            what = f"{address} is not of this machine alone: plain TCP is not allowed there"
            raise NetmapError(f"{what}; dtf node certificate --use PEM, or PLAIN.TCP=YES")
        family = socket.AF_INET6 if ":" in chosen[0] else socket.AF_INET
        self._door = socket.create_server(chosen, family=family, backlog=BACKLOG)
        self._door.setblocking(False)
        self._calls: list[TcpCall] = []
        self.refused = 0
        name = self._door.getsockname()
        self.address: Address = (name[0], name[1])

    def fileno(self) -> int:
        return self._door.fileno()

    def poll_mask(self) -> int:
        return select.POLLIN

    @property
    def calls(self) -> Iterable[Call]:
        """The sessions under way."""
        return self._calls

    def advance(self) -> bool:
        """Take new calls, let those under way go on; False if nothing moved."""
        moved = self._accept()
        for call in self._calls:
            moved |= call.advance()
            if call.finished and call.error is not None:
                self._node.log(f"DTX361I A CALL ENDED: {call.error}")
        self._calls = [call for call in self._calls if not call.finished]
        return moved

    def close(self) -> None:
        self._door.close()
        for call in self._calls:
            call.close()

    def _accept(self) -> bool:
        try:
            link, caller = self._door.accept()
        except BlockingIOError:
            return False
        except OSError as error:
            self._node.log(f"DTX362W A CALL WAS NOT TAKEN: {error.strerror or error}")
            return False
        strangers = sum(call.is_stranger for call in self._calls)
        if len(self._calls) >= SESSION_LIMIT or strangers >= STRANGER_LIMIT:
            self.refused += 1
            self._node.log(f"DTX363W CALL FROM {caller[0]} REFUSED, TOO MANY SESSIONS ({self.refused} SO FAR)")
            link.close()
            return True
        prepare(link)
        line = _line(self._node, Role.SNODE)
        origin = Caller(caller[0])
        speaker = Speaker(line, answer(self._node, line, origin))
        secure = _Called(self._node, origin)
        self._calls.append(TcpCall(line, speaker, observer=self._node.observer, secure=secure, link=link))
        return True


def _line(node: LocalNode, role: Role) -> Line:
    parameters = node.parameters
    session = Session(
        role,
        node.clock(),
        buffer_bytes=BUFFER_BYTES,
        idle_seconds=parameters.tcp_fmh_timer,
        task_seconds=parameters.run_task_time,
    )
    return Line(session, node.clock)
