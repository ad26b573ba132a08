"""How far a copy is, and who may look on or interfere: the progress bar and injected faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dtf.errors import SessionLost


@dataclass(slots=True)
class Progress:
    """Bytes and blocks or records delivered, checkpoints taken; `total` is the size of the source (0 = unknown)."""

    total: int = 0
    sent: int = 0
    records: int = 0
    checkpoints: int = 0


TARGET, CKPT = "target", "ckpt"


class LinkCut(SessionLost):
    """The link is lost in the middle of some bytes: `delivered` still arrived."""

    def __init__(self, what: str, delivered: bytes) -> None:
        super().__init__(what)
        self.delivered = delivered


class Observer(Protocol):
    """Called by the engine on its way. Each may raise (a fault strikes) or never return (the process dies)."""

    def sent(self, progress: Progress) -> None:
        """The sender has said one more buffer."""
        ...

    def payload(self, progress: Progress, payload: bytes) -> bytes:
        """The bytes that really go out."""
        ...

    def writing(self, progress: Progress) -> None:
        """The receiver is about to write."""
        ...

    def stored(self, progress: Progress, where: str, data: bytes) -> bytes:
        """The bytes that the disk of the receiver really gets, `where` TARGET or CKPT. May raise OSError."""
        ...

    def filed(self, progress: Progress) -> None:
        """A checkpoint record is durable on the receiver's side."""
        ...

    def carried(self, data: bytes) -> bytes:
        """The bytes that really go over a link of this node, either way. May raise LinkCut."""
        ...


class Onlooker:
    """An Observer that does nothing."""

    def sent(self, progress: Progress) -> None:
        """Nothing."""

    def payload(self, progress: Progress, payload: bytes) -> bytes:
        return payload

    def writing(self, progress: Progress) -> None:
        """Nothing."""

    def stored(self, progress: Progress, where: str, data: bytes) -> bytes:
        return data

    def filed(self, progress: Progress) -> None:
        """Nothing."""

    def carried(self, data: bytes) -> bytes:
        return data
