"""A cluster that the COPY itself makes (DISP=NEW with RECORG= or LIKE=), and that goes again if the copy is given up.

The checkpoint record says that it was made here, so a restart may find it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from dtf.copying.checkpoint import CREATED, PositionSet
from dtf.copying.targets import Target


class NewClusterTarget:
    """`target` writes the cluster; `destroy` removes it, closed."""

    last_key = property(lambda self: self._target.last_key)
    token = ""
    grows = False

    def __init__(self, target: Target, destroy: Callable[[], object]) -> None:
        self._target = target
        self._destroy = destroy
        self._complete = False

    def begin(self) -> None:
        self._target.begin()

    def items(self) -> Mapping[int, bytes]:
        return {**self._target.items(), CREATED: b"\1"}

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        return self._target.verified(sets)

    def resume(self, position: PositionSet) -> None:
        self._target.resume(position)

    def write(self, payload: bytes) -> None:
        self._target.write(payload)

    def secure(self) -> int:
        return self._target.secure()

    def accept(self) -> None:
        self._target.accept()

    def publish(self, today: date) -> None:
        self._target.publish(today)
        self._complete = True

    def close(self, *, keep: bool) -> None:
        self._target.close(keep=keep)
        if not keep and not self._complete:
            self._destroy()
