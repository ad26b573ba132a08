"""A work file: rows of one length, written in runs and read back. It loses its name as soon as it is open, so that
nothing but a crash in between, which `WorkFile` cleans up after, can leave it behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ksds.closing import Closing
from ksds.errors import NoSpace, PhysicalError
from ksds.storage.device import Folder
from ksds.storage.sphere_files import FULL

BLOCK_BYTES = 1 << 18


class WorkFile(Closing):
    """Runs of rows of `length` bytes in a file of `folder`. Use as a context manager."""

    def __init__(self, folder: Folder, name: str, length: int) -> None:
        """Raises NoSpace (8/28), PhysicalError (12/16)."""
        self._rows = max(1, BLOCK_BYTES // length)
        self._length = length
        self._end = 0
        try:
            if folder.exists(name):
                folder.remove(name)
            self._device = folder.open(name, create=True)
            folder.remove(name)
        except OSError as error:
            raise _failed(error) from error

    def close(self) -> None:
        self._device.close()

    def spill(self, rows: Sequence[bytes]) -> Iterable[bytes]:
        """Write a run; what reads it back, block by block. Raises NoSpace (8/28), PhysicalError (12)."""
        begin = self._end
        try:
            for at in range(0, len(rows), self._rows):
                block = b"".join(rows[at : at + self._rows])
                self._device.write(self._end, block)
                self._end += len(block)
        except OSError as error:
            raise _failed(error) from error
        return self._read(begin, self._end)

    def _read(self, begin: int, end: int) -> Iterator[bytes]:
        length = self._length
        for at in range(begin, end, self._rows * length):
            try:
                block = self._device.read(at, min(self._rows * length, end - at))
            except OSError as error:
                what = f"the work file cannot be read: {error.strerror or error}"
                raise PhysicalError(what, feedback=PhysicalError.READ_DATA, component="data") from error
            for row in range(0, len(block), length):
                yield block[row : row + length]


def _failed(error: OSError) -> NoSpace | PhysicalError:
    if error.errno in FULL:
        return NoSpace("the volume is full", component="data")
    what = f"the work file cannot be written: {error.strerror or error}"
    return PhysicalError(what, feedback=PhysicalError.WRITE_DATA, component="data")
