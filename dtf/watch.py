"""What a command shows and injects while copies run: a progress bar and the faults of `--fault`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from dtf.copying.progress import Progress as CopyProgress
from dtf.simulation.faults import FaultPlan, parse_fault


class Watch(FaultPlan):
    """The faults of this run, and a progress bar on standard error if that is a terminal."""

    def __init__(self, specs: Iterable[str]) -> None:
        super().__init__(parse_fault(spec) for spec in specs)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        console = Console(stderr=True)
        self._bar = Progress(
            *columns,
            TimeRemainingColumn(),
            console=console,
            transient=True,  # what came of the copy is said in lines; the size of the source is no promise of its data
            disable=not console.is_terminal,
            redirect_stdout=sys.stdout.isatty(),  # on one terminal our lines go above the bar; in a pipe they stay ours
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("copying", total=None)

    def sent(self, progress: CopyProgress) -> None:
        self._bar.update(self._task, total=progress.total or None, completed=progress.sent)
        super().sent(progress)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The bar, while this lasts."""
        with self._bar:
            yield
