"""Two nodes in one operating system process: their sessions joined without a socket.

Bytes are moved from one side to the other as soon as they are said, and the talks go on in turns, the partner first:
so nothing piles up, and a buffer is written before the next is read. A failure on either side ends the link for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from dtf.copying.progress import LinkCut, Observer, Onlooker
from dtf.copying.speaker import Line, Speaker, Talk
from dtf.errors import DtfError, SessionLost, in_words
from dtf.netmap import FOLDER, AdjacentNode
from dtf.node.answering import answer
from dtf.node.calls import BUSY_WAIT
from dtf.node.local import BUFFER_BYTES, LocalNode, Submitter
from dtf.node.work import Node
from dtf.protocol.session import Session
from dtf.protocol.states import Role
from dtf.transmission_queue import TransmissionQueue
from ksds.errors import KsdsError


class MemoryCall:
    """Two speakers joined. `first` is the one whose end ends the call; `hung_up` is called when it has ended."""

    def __init__(
        self,
        first: Speaker,
        second: Speaker,
        hung_up: Callable[[], None],
        observer: Observer,
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._first, self._second = first, second
        self._observer = observer
        self._hung_up = hung_up
        self._started = False
        self.finished = False
        self.error: DtfError | None = None

    def fileno(self) -> int:
        return -1

    def poll_mask(self) -> int:
        return 0

    def deadline(self) -> float | None:
        """There is no silence to wait out, for the partner is here; but he may be waiting for a program of his."""
        return self._clock() + BUSY_WAIT if self._is_busy else None

    @property
    def _is_busy(self) -> bool:
        return self._first.is_busy or self._second.is_busy

    def close(self) -> None:
        if not self.finished:
            self._end(SessionLost("link lost: this node ends"))

    def advance(self) -> bool:
        if not self.finished:
            try:
                return self._round()
            except (DtfError, KsdsError, OSError) as error:
                self._end(error)
        return True

    def _round(self) -> bool:
        first, second = self._first, self._second
        if not self._started:
            self._started = True
            first.start()
            second.start()
        self._carry(first, second)
        moved = second.advance()
        moved |= self._carry(second, first)
        moved |= first.advance()
        if first.finished:
            self._carry(first, second)
            while second.advance():
                self._carry(second, first)
            self.finished = True
            self._hung_up()
        elif not (moved or self._carry(first, second)):
            if self._is_busy:
                return False
            raise SessionLost("both sides wait for the other")
        return True

    def _carry(self, source: Speaker, sink: Speaker) -> bool:
        chunks = source.outgoing()
        for chunk in chunks:
            try:
                sink.receive(self._observer.carried(chunk))
            except LinkCut as cut:
                if cut.delivered:
                    sink.receive(cut.delivered)
                raise
        return bool(chunks)

    def _end(self, error: DtfError | KsdsError | OSError) -> None:
        """Both sides learn of it; the error is this node's word for why."""
        for side in (self._first, self._second):
            with suppress(DtfError, KsdsError, OSError):
                side.fail(SessionLost(f"link lost: {in_words(error)}"))
        self.error = error if isinstance(error, DtfError) else SessionLost(f"a node failed: {in_words(error)}")
        self.finished = True
        self._hung_up()


def connect(node: LocalNode, partner: AdjacentNode, talk: Callable[[Line], Talk[None]]) -> MemoryCall:
    """Call the node in the partner's folder (or `node` itself). Raises SessionLost if it cannot be opened."""
    if partner.name == node.name:
        return _joined(node, node, talk, _nothing_to_close)
    if partner.kind != FOLDER:
        raise SessionLost(f"node {partner.name} at {partner.address} is not a folder")
    other = node.neighbour(partner.address, partner.name)
    other.submit = _to_queue_of(other)
    return _joined(node, other, talk, lambda: node.leave(partner.address))


def join(first: Speaker, second: Speaker) -> None:
    """Carry bytes between two speakers until the first has finished. Raises what ended the link."""
    call = MemoryCall(first, second, _nothing_to_close, Onlooker(), lambda: 0.0)
    while not call.finished:
        call.advance()
    if call.error is not None:
        raise call.error


def _joined(
    node: LocalNode, other: LocalNode, talk: Callable[[Line], Talk[None]], hung_up: Callable[[], None]
) -> MemoryCall:
    calling = Line(Session(Role.PNODE, node.clock(), buffer_bytes=BUFFER_BYTES), node.clock)
    called = Line(Session(Role.SNODE, node.clock(), buffer_bytes=BUFFER_BYTES), node.clock)
    first, second = Speaker(calling, talk(calling)), Speaker(called, answer(other, called))
    return MemoryCall(first, second, hung_up, node.observer, node.clock)


def _to_queue_of(other: LocalNode) -> Submitter:
    """SUBMIT at a node whose DTF does not run: the Process waits in its queue."""

    def submit(text: str, symbols: Mapping[str, str], overrides: Mapping[str, str]) -> int:
        with TransmissionQueue(other.system, "w") as queue:
            return Node(other, queue, connect).submit(text, symbols=symbols, overrides=overrides)

    return submit


def _nothing_to_close() -> None:
    """Nothing was opened for this call."""
