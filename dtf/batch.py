"""The batch interface (DMBATCH, DGADBATC): commands to the DTF from the SYSIN of a job step.

    SIGNON USERID=(user)               first; SIGNOFF is last
    SUBMIT DSN=A.B MAXDELAY=UNLIMITED  queues a Process; with MAXDELAY waits for it and takes its completion code
    SELECT PROCESS                     and every other command of `dtf.operations`
    SIGNOFF

PARM (default YYSLYNN) says what is printed: 1 the command, 2 return code and message id, 3 the text after code 0 (S,
L or N), 4 the text after a higher one. Without MAXDELAY the Process stays in the queue and the code says only that it
got there. Sources: Connect:Direct for z/OS, "Batch interface job requirements", "DGADBATC EXEC parameters".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dtf.command_language import Command, CommandError, parse_commands
from dtf.errors import DtfError
from dtf.node import Node
from dtf.operations import Operations, Reply
from dtf.process import NO_JOB, SubmittingJob
from ksds.errors import CatalogError, KsdsError

DEFAULT_PARAMETER = "YYSLYNN"


@dataclass(slots=True)
class Batch:
    """Runs the commands of one step. `write` takes the lines of the report, `node` stands from SIGNON to SIGNOFF.

    `read_process` gives the text of a Process by data set name, `read_member` by member of DMPUBLIB; both may
    raise KsdsError or DtfError.
    """

    node: Node
    write: Callable[[str], None]
    read_process: Callable[[str], str]
    read_member: Callable[[str], str]
    parameter: str = DEFAULT_PARAMETER
    submitter: str = ""
    job: SubmittingJob = NO_JOB
    highest_code: int = 0
    _signed_on: bool = field(default=False, init=False)

    def run(self, records: Sequence[str]) -> int:
        """All commands in order; the return code is the highest of any command."""
        try:
            commands = parse_commands(records)
        except CommandError as error:
            self._result(8, error.message_id, error.what)
            return self.highest_code
        for command in commands:
            if self._option(0) == "Y":
                self.write(command.shown)
            try:
                self._command(command)
            except (DtfError, KsdsError) as error:
                self._failed(error)
            if command.verb == "SIGNOFF":
                break
        if not commands:
            self._result(8, "DTX502E", "SYSIN HOLDS NO COMMAND")
        return self.highest_code

    def _option(self, index: int) -> str:
        text = self.parameter.strip("()") or DEFAULT_PARAMETER
        return (text + DEFAULT_PARAMETER[len(text) :])[index].upper()

    def _result(self, code: int, message_id: str, text: str = "") -> None:
        self.highest_code = max(self.highest_code, code)
        line = f"  RC={code:08d} MSGID={message_id}" if self._option(1) == "Y" else " "
        if self._option(2 if code == 0 else 3) in "SL":
            line += f" {text}"
        if line.strip():
            self.write(line)

    def _failed(self, error: DtfError | KsdsError) -> None:
        code = max(error.condition_code, 8)
        if isinstance(error, DtfError | CatalogError):
            self._result(code, error.message_id, str(error).removeprefix(error.message_id).strip())
        else:
            self._result(code, "DTX507E", str(error))

    def _command(self, command: Command) -> None:
        if command.verb == "SIGNON":
            self._signed_on = True
            self.node.record("SI", self.submitter)
            self._result(0, "DTX510I", "SIGNON COMPLETE")
        elif not self._signed_on:
            raise CommandError("THE FIRST COMMAND MUST BE SIGNON", message_id="DTX503E")
        elif command.verb == "SIGNOFF":
            self.node.record("SO", self.submitter)
            self._result(0, "DTX511I", "SIGNOFF COMPLETE")
        else:
            operations = Operations(self.node, self.read_process, self.read_member, self.submitter, self.job)
            self._told(operations.carry_out(command))
            if command.verb == "SUBMIT" and "MAXDELAY" in command.keywords:
                self._told(operations.wait())

    def _told(self, reply: Reply) -> None:
        for line in reply.lines:
            self.write(line)
        self._result(reply.code, reply.message_id, reply.text)
