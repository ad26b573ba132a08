"""The FROM file of a COPY while it is open, whatever it is: a `with` closes it, and deletes it if DISP says so."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress

from dtf.copying.checkpoint import Shape, SourceIdentity
from dtf.copying.sources import Source
from dtf.errors import StepError
from dtf.protocol.events import FileSide
from ksds.closing import Closing
from ksds.errors import KsdsError


class OpenSource(Closing):
    """`shape` and `identity` are those of the file when it was opened."""

    shape: Shape
    identity: SourceIdentity
    _delete = False

    @abstractmethod
    def cursor(self, target: Shape, mode: str, there: FileSide) -> Source:
        """The file as units in the form of this target; `there`: the TO side. Raises StepError, KsdsError."""

    def delete_when_closed(self) -> None:
        """DISP=(,DELETE) on FROM."""
        self._delete = True

    def close(self) -> None:
        self._let_go()
        if self._delete:
            with suppress(StepError, KsdsError, OSError):  # the step is over: what cannot be deleted stays
                self._remove()

    @abstractmethod
    def _let_go(self) -> None:
        """Close what is open."""

    @abstractmethod
    def _remove(self) -> None:
        """Delete the file, which is closed by now."""
