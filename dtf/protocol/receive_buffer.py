"""Bytes that have arrived and are not used yet, whatever the slicing they came in."""

from __future__ import annotations

from collections import deque


class ReceiveBuffer:
    """A queue of chunks read as one stream.

    `take` copies each byte at most once, and not at all when a chunk is exactly what is wanted.
    """

    __slots__ = ("_chunks", "_length", "_used")

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._used = 0  # bytes already taken from the first chunk
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, chunk: bytes) -> None:
        """Adds bytes at the end."""
        if chunk:
            self._chunks.append(chunk)
            self._length += len(chunk)

    def take(self, length: int) -> bytes:
        """Removes and returns the first `length` bytes, which must be there."""
        if length > self._length:
            raise IndexError(f"{length} bytes wanted, {self._length} there")
        if length == 0:
            return b""
        self._length -= length
        first = self._chunks[0]
        end = self._used + length
        if end < len(first):
            piece = first[self._used : end]
            self._used = end
            return piece
        if end == len(first):
            piece = first[self._used :] if self._used else first
            self._chunks.popleft()
            self._used = 0
            return piece
        return self._join(length)

    def _join(self, length: int) -> bytes:
        pieces: list[memoryview] = []
        while length:
            rest = memoryview(self._chunks[0])[self._used :]
            if len(rest) > length:
                pieces.append(rest[:length])
                self._used += length
                break
            pieces.append(rest)
            length -= len(rest)
            self._chunks.popleft()
            self._used = 0
        return b"".join(pieces)

    def clear(self) -> None:
        """Drops everything."""
        self._chunks.clear()
        self._length = self._used = 0
