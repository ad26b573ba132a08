"""Sessions under way: what the node asks of each, whatever carries its bytes, and how it waits for them all.

A node has one thread. It lets every call go on in turn and waits only when none can: for a socket, for the next
timer, for a deadline.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable
from typing import Protocol

from dtf.copying.speaker import Line, Talk
from dtf.errors import DtfError
from dtf.netmap import AdjacentNode
from dtf.node.local import LocalNode

LONGEST_WAIT = 3600.0  # seconds; the clock is looked at again at least so often
BUSY_WAIT = 0.05
"""How often a call is asked that waits for a program of its own node, in seconds."""


class Waitable(Protocol):
    """Something that a socket may wake."""

    def fileno(self) -> int:
        """The descriptor to wait for, -1 if there is none."""
        ...

    def poll_mask(self) -> int:
        """What may wake it: select.POLLIN, select.POLLOUT."""
        ...


class Call(Waitable, Protocol):
    """One session. It never raises: what ended it before its time is in `error` once it has `finished`."""

    @property
    def finished(self) -> bool: ...

    @property
    def error(self) -> DtfError | None: ...

    def advance(self) -> bool:
        """Carry what can be carried; False if it waits for the partner."""
        ...

    def deadline(self) -> float | None:
        """When `advance` must be called at the latest, in seconds since 1970."""
        ...

    def close(self) -> None:
        """Drop the link, whatever is under way."""
        ...


class Connector(Protocol):
    """Begins a session to `partner` in which `talk` speaks as PNODE. Raises SessionLost if that is plain at once."""

    def __call__(self, node: LocalNode, partner: AdjacentNode, talk: Callable[[Line], Talk[None]]) -> Call: ...


def wait(waiting: Iterable[Waitable], seconds: float) -> None:
    """Until one of them can go on, but not longer than `seconds`."""
    poll = select.poll()
    for one in waiting:
        if one.fileno() >= 0:
            poll.register(one.fileno(), one.poll_mask())
    poll.poll(max(0.0, min(seconds, LONGEST_WAIT)) * 1000)
