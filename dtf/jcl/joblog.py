"""What the system itself writes about a job: JESMSGLG, JESJCL and JESYSMSG.

Layouts and message texts are those of real listings (reference listings of z/OS 2.x); where a listing
carries what an installation adds (security messages, accounting), only the step table is kept. Lines
have their control character in column 1, JESJCL none.
"""

from __future__ import annotations

from datetime import datetime

from dtf.jcl.converter import ConvertedJob
from dtf.jcl.diagnostics import Diagnostic
from dtf.jcl.spool import Spool
from dtf.jcl.statements import Statement

_CPU_TIME = "         CPU:     0 HR  00 MIN  00.00 SEC    SRB:     0 HR  00 MIN  00.00 SEC"
_IMAGE_COLUMNS = 72


class JobLog:
    """The three system files of one job. Every method that writes takes `now` where a time is shown."""

    def __init__(self, spool: Spool, system_name: str, converted: ConvertedJob) -> None:
        self._spool = spool
        self._system = system_name
        self._job = spool.job
        self._class = converted.job_class
        self._level = converted.message_level
        self._allocation: list[int] = []
        self._tabulated = False

    # --- JESMSGLG ---------------------------------------------------------------------------------

    def log(self, message: str, now: datetime) -> None:
        """A console message of this job."""
        self._spool.message_log.write(f" {now:%H.%M.%S} {self._spool.job_id}  {message}")

    def continue_log(self, text: str) -> None:
        """The second line of the console message above."""
        self._line(f" {'':8} {'':8}  {text}")

    def open(self, now: datetime) -> None:
        system = " ".join(self._system)
        self._line(f"1                       J E S 2  J O B  L O G  --  S Y S T E M  {system}  --  N O D E  {system}")
        self._line("0")
        day = f"{now:%A},".upper()
        self._line(f" {now:%H.%M.%S} {self._spool.job_id} ---- {day:<11}{now:%d %b %Y} ----".upper())

    def started(self, now: datetime) -> None:
        self.log(f"$HASP373 {self._job:<8} STARTED - INIT 1    - CLASS {self._class:<8} - SYS {self._system}", now)
        self.log(f"IEF403I {self._job} - STARTED - TIME={now:%H.%M.%S}", now)

    def tabulate(self, step: str, procstep: str, code: str, now: datetime) -> None:
        """A row of the step table that installations add: RC of two digits or more, FLUSH, or *S806."""
        if not self._tabulated:
            self.log("-JOBNAME  STEPNAME PROCSTEP    RC", now)
            self._tabulated = True
        self.log(f"-{self._job:<8} {step:<8} {procstep:<8} {code:>5}", now)

    def ended(self, now: datetime, how: str) -> None:
        """`how` is " - RC=0000", " - ABEND=S806" or empty after a JCL error."""
        self.log(f"IEF404I {self._job} - ENDED - TIME={now:%H.%M.%S}", now)
        self.log(f"$HASP395 {self._job:<8} ENDED{how}", now)

    def statistics(self, cards: int, now: datetime, started: datetime) -> None:
        """The JES2 job statistics, last of all, since they count the lines of every other file."""
        records = self._spool.record_count + 7
        kilobytes = (self._spool.size + 1023) // 1024
        minutes = (now - started).total_seconds() / 60
        self._line("0------ JES2 JOB STATISTICS ------")
        self._line(f"-{f'{now:%d %b %Y}'.upper():>13} JOB EXECUTION DATE")
        for value, what in (
            (f"{cards:,}", "CARDS READ"),
            (f"{records:,}", "SYSOUT PRINT RECORDS"),
            ("0", "SYSOUT PUNCH RECORDS"),
            (f"{kilobytes:,}", "SYSOUT SPOOL KBYTES"),
            (f"{minutes:.2f}", "MINUTES EXECUTION TIME"),
        ):
            self._line(f"-{value:>13} {what}")

    def _line(self, line: str) -> None:
        self._spool.message_log.write(line)

    # --- JESJCL -----------------------------------------------------------------------------------

    def list_statements(self, converted: ConvertedJob) -> None:
        """The statements as submitted, numbered; MSGLEVEL=0 lists the JOB statement only."""
        for index, statement in enumerate(converted.statements):
            if index and self._level[0] == 0:
                return
            self._list_statement(statement, first=index == 0)
            text = converted.substitutions.get(statement.number)
            if text and statement.number:
                self._spool.jcl.write(f"{'':10}IEFC653I SUBSTITUTION JCL - {text}")

    def _list_statement(self, statement: Statement, *, first: bool) -> None:
        for index, card in enumerate(statement.cards):
            number = str(statement.number) if index == 0 and statement.number else ""
            image = f"{statement.origin}{card.text[2:_IMAGE_COLUMNS]}" if card.text[:2] == "//" else card.text
            image = image[:_IMAGE_COLUMNS]
            if first and index == 0:
                image = f"{image:<{_IMAGE_COLUMNS}}{self._spool.job_id}"
            self._spool.jcl.write(f"{number:>9} {image}")

    # --- JESYSMSG ---------------------------------------------------------------------------------

    def say(self, message: str) -> None:
        self._spool.messages.write(f" {message}")

    def say_allocation(self, message: str) -> None:
        """A message that MSGLEVEL=(,0) keeps out of the listing of a job that ends well."""
        self._allocation.append(len(self._spool.messages.lines))
        self.say(message)

    def explain(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """The STMT NO. MESSAGE block. Line and column of the deck are ours, behind the message."""
        if not diagnostics:
            return
        self.say(" STMT NO. MESSAGE")
        for diagnostic in diagnostics:
            where = f" ({diagnostic.where})" if diagnostic.is_error or diagnostic.message_id.endswith("W") else ""
            self.say(f"{diagnostic.statement:>9} {diagnostic}{where}")

    def step_started(self, step: str, now: datetime) -> None:
        self.say_allocation(f"IEF373I STEP/{step:<8}/START {now:%Y%j.%H%M}")

    def step_stopped(self, step: str, now: datetime) -> None:
        self.say_allocation(f"IEF032I STEP/{step:<8}/STOP  {now:%Y%j.%H%M}")
        self.say_allocation(_CPU_TIME[1:])

    def job_stopped(self, started: datetime, now: datetime) -> None:
        self.say(f"IEF375I  JOB/{self._job:<8}/START {started:%Y%j.%H%M}")
        self.say(f"IEF033I  JOB/{self._job:<8}/STOP  {now:%Y%j.%H%M}")
        self.say(_CPU_TIME[1:])

    def drop_allocation_messages(self) -> None:
        """MSGLEVEL=(,0) and no abend: take the allocation messages out again."""
        if self._level[1] == 0:
            dropped = set(self._allocation)
            lines = self._spool.messages.lines
            lines[:] = [line for index, line in enumerate(lines) if index not in dropped]
