"""How a job and its steps ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dtf.jcl.converter import ConvertedJob
from dtf.jcl.job_data_sets import DataSetEvent
from dtf.jcl.spool import Spool

ABEND_OR_JCL_ERROR = 16
HELD = 4
"""Exit status for a job that TYPRUN holds."""
FLUSHED = "flushed"
"""Why a step did not run that has no message of its own: after an abend, after a JCL error."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step ended. `return_code` None: it produced none. `reason` says why it did not run."""

    name: str
    return_code: int | None = None
    abend: str = ""
    reason: str = ""
    procstep: str = ""

    @property
    def label(self) -> str:
        """STEP, or STEP.PROCSTEP for a step of a procedure."""
        return f"{self.name}.{self.procstep}" if self.procstep else self.name

    @property
    def abended(self) -> bool:
        return bool(self.abend)

    def __str__(self) -> str:
        if self.abend:
            return f"ABEND {self.abend}"
        return f"CC {self.return_code:04d}" if self.return_code is not None else "FLUSH"


@dataclass(slots=True)
class JobResult:
    """A finished job. `status` is CC nnnn, ABEND Sxxx, JCL ERROR or HELD; `condition_code` is the exit status."""

    name: str
    spool: Spool
    converted: ConvertedJob
    started: datetime
    steps: list[StepResult] = field(default_factory=list)
    ended: datetime = datetime.min
    jcl_error: bool = False
    held: bool = False
    submitted: list[str] = field(default_factory=list)
    """Decks that its steps wrote to the internal reader."""
    data_sets: list[DataSetEvent] = field(default_factory=list)
    """What became of data sets, in order."""

    @property
    def status(self) -> str:
        if self.jcl_error:
            return "JCL ERROR"
        if self.held:
            return "HELD"
        abended = next((step for step in self.steps if step.abended), None)
        return str(abended) if abended else f"CC {self.return_code:04d}"

    @property
    def return_code(self) -> int:
        """The highest code of the steps, or what JOBRC= asks for."""
        ended = [step for step in self.steps if step.return_code is not None]
        wanted = self.converted.job.return_code_of if self.converted.job else ""
        if wanted == "*":
            ended = ended[-1:]
        elif wanted:
            ended = [step for step in ended if step.label == wanted] or ended
        return max((step.return_code for step in ended if step.return_code is not None), default=0)

    @property
    def failed(self) -> bool:
        """Abended, or not run (to its end) because of a JCL error. A high return code is no failure."""
        return self.jcl_error or any(step.abended for step in self.steps)

    @property
    def condition_code(self) -> int:
        if self.held:
            return HELD
        return ABEND_OR_JCL_ERROR if self.failed else self.return_code
