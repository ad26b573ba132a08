"""What a command shows and injects while copies run: a progress bar and the faults of `--fault`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dtf.copying.progress import Progress as CopyProgress
from dtf.simulation.faults import FaultPlan, parse_fault
from ksds.waiting import byte_bar


class Watch(FaultPlan):
    """The faults of this run, and a progress bar on standard error if that is a terminal."""

    def __init__(self, specs: Iterable[str]) -> None:
        super().__init__(parse_fault(spec) for spec in specs)
        self._bar = byte_bar()
        self._task = self._bar.add_task("copying", total=None)

    def sent(self, progress: CopyProgress) -> None:
        self._bar.update(self._task, total=progress.total or None, completed=progress.sent)
        super().sent(progress)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The bar, while this lasts."""
        with self._bar:
            yield
