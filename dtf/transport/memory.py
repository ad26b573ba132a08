"""Two nodes in one operating system process: their sessions joined without a socket.

The loop moves bytes from one side to the other as soon as they are said, and lets the talks go on in turns, the
partner first: so nothing piles up, and a buffer is written before the next is read. A failure on either side ends the
link for both.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress

from dtf.copying.speaker import Line, Speaker, Talk
from dtf.errors import DtfError, SessionLost
from dtf.netmap import FOLDER, AdjacentNode
from dtf.node.answering import answer
from dtf.node.local import BUFFER_BYTES, LocalNode
from dtf.protocol.session import Session
from dtf.protocol.states import Role
from ksds.errors import KsdsError
from ksds.system import System


def connect(node: LocalNode, partner: AdjacentNode, talk: Callable[[Line], Talk[None]]) -> None:
    """Run `talk` as PNODE against the node in the partner's folder (or `node` itself).

    Raises SessionLost if the partner cannot be opened or either side fails.
    """
    if partner.name == node.name:
        _converse(node, node, talk)
        return
    if partner.kind != FOLDER:
        raise SessionLost(f"node {partner.name} at {partner.address}: this release reaches folders only")
    try:
        system = System.open(partner.address, create=False)
    except (FileNotFoundError, NotADirectoryError, KsdsError) as error:
        raise SessionLost(f"node {partner.name} cannot be reached: {error}") from None
    with system:
        try:
            other = LocalNode(system, node.clock, _unheard, node.observer)
        except (DtfError, KsdsError) as error:
            raise SessionLost(f"node {partner.name} cannot be reached: {error}") from None
        with closing(other):
            _converse(node, other, talk)


def _unheard(line: str) -> None:
    """The partner's console: its own operator would read it."""


def _converse(node: LocalNode, other: LocalNode, talk: Callable[[Line], Talk[None]]) -> None:
    calling = Line(Session(Role.PNODE, node.clock(), buffer_bytes=BUFFER_BYTES), node.clock)
    called = Line(Session(Role.SNODE, node.clock(), buffer_bytes=BUFFER_BYTES), node.clock)
    join(Speaker(calling, talk(calling)), Speaker(called, answer(other, called)))


def join(first: Speaker, second: Speaker) -> None:
    """Carry bytes between two speakers until the first has finished. Raises what ended the link."""
    try:
        first.start()
        second.start()
        while not first.finished:
            _carry(first, second)
            moved = second.advance()
            moved |= _carry(second, first)
            moved |= first.advance()
            if not (moved or _carry(first, second)):
                raise SessionLost("both sides wait for the other")
        _carry(first, second)
        while second.advance():
            _carry(second, first)
    except (DtfError, KsdsError, OSError) as error:
        for side in (first, second):
            with suppress(DtfError, KsdsError, OSError):
                side.fail(SessionLost(f"link lost: {error}"))
        if isinstance(error, DtfError):
            raise
        raise SessionLost(f"a node failed: {error}") from error


def _carry(source: Speaker, sink: Speaker) -> bool:
    chunks = source.outgoing()
    for chunk in chunks:
        sink.receive(chunk)
    return bool(chunks)
