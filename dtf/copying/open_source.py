"""The FROM file of a COPY while it is open, whatever it is: a `with` closes it; then DISP may say that it goes."""

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

    @abstractmethod
    def cursor(self, target: Shape, mode: str, there: FileSide) -> Source:
        """The file as units in the form of this target; `there`: the TO side. Raises StepError, KsdsError."""

    def delete(self) -> None:
        """DISP=(,DELETE) on FROM, once it is closed: the step is over by then, so what cannot be deleted stays."""
        with suppress(StepError, KsdsError, OSError):
            self._remove()

    @abstractmethod
    def _remove(self) -> None:
        """Delete the file."""
