"""A DTF that stays: works its queue and answers calls, in real time, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from dtf.node import Node
from dtf.node.calls import Call, Waitable, wait


class Door(Waitable, Protocol):
    """Something that lets callers in and serves them."""

    @property
    def calls(self) -> Iterable[Call]: ...

    def advance(self) -> bool: ...


def serve(node: Node, doors: Sequence[Door], stopping: Callable[[], bool]) -> None:
    """Take turns until `stopping` says so; what is under way then is dropped, and goes on at the next start."""
    while not stopping():
        moved = node.turn()
        for door in doors:
            moved |= door.advance()
        if not moved:
            answered = [call for door in doors for call in door.calls]
            moments = [moment for call in answered if (moment := call.deadline()) is not None]
            left = min(moments, default=float("inf")) - node.local.clock()
            wait([*doors, *answered, *node.calls], min(left, node.seconds_left()))
