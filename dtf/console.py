"""The console of a DTF that stays: a socket in the system folder through which commands reach it.

A node's files belong to its DTF; while that listens, another program of the same user that wants to submit, change or
stop something asks it here. One request a connection: a line of JSON with a command (`Request`), a line of JSON with
what came of it (`Answer`). The socket file is readable by its owner only. A request is at most `REQUEST_LIMIT` bytes.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dtf.command_language import Command
from dtf.errors import DtfError, NodeError
from dtf.node import Node, ProcessOutcome
from dtf.node.calls import Call
from dtf.operations import Operations, Reply
from ksds.errors import KsdsError

SOCKET_NAME = "dtf.console"
REQUEST_LIMIT = 4 << 20
ASK_SECONDS = 60.0
LONGEST_ADDRESS = 103
"""Bytes of a path that every system takes as the address of a socket."""
_BACKLOG = 16
READ_SECONDS = 1.0


class ConsoleError(NodeError):
    """The DTF that runs cannot be asked, or has refused."""

    default_id = "DTX382E"


class Request(BaseModel):
    """A command; `text` is the Process of a SUBMIT that brings it along; `outcome` asks how a Process stands."""

    model_config = ConfigDict(extra="forbid", strict=True)

    verb: str = ""
    words: list[str] = Field(default_factory=list)
    keywords: dict[str, str] = Field(default_factory=dict)
    symbols: dict[str, str] = Field(default_factory=dict)
    where: dict[str, str] = Field(default_factory=dict)
    text: str = ""
    submitter: str = ""
    outcome: int = 0


class Answer(BaseModel):
    """What came of it: a `Reply`; `submitted` is the number of a new Process; `outcome` if that was asked for."""

    lines: list[str] = Field(default_factory=list)
    code: int = 0
    message_id: str = ""
    text: str = ""
    submitted: int = 0
    outcome: list[int | str] = Field(default_factory=list)


def carry_out(operations: Operations, node: Node, request: Request) -> Answer:
    """One request; what goes wrong is in the answer."""
    try:
        if request.outcome:
            o = node.outcome(request.outcome)
            stands: list[int | str] = [o.number, o.name, o.condition_code, o.message_id, o.text, o.queue, o.status]
            return Answer(outcome=stands)
        operations.submitted = 0
        reply = _reply(operations, request)
    except DtfError as error:
        return Answer(code=error.condition_code, message_id=error.message_id, text=_text(error))
    except KsdsError as error:
        return Answer(code=max(8, error.condition_code), message_id="DTX507E", text=str(error))
    return Answer(
        lines=list(reply.lines),
        code=reply.code,
        message_id=reply.message_id,
        text=reply.text,
        submitted=operations.submitted,
    )


def outcome_of(answer: Answer) -> ProcessOutcome:
    """The outcome that an answer carries."""
    number, name, code, message_id, text, queue, status = answer.outcome
    return ProcessOutcome(int(number), str(name), int(code), str(message_id), str(text), str(queue), str(status))


def ask(folder: Path, request: Request) -> Answer | None:
    """Ask the DTF that runs in this system folder; None if there is none. Raises ConsoleError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(ASK_SECONDS)
        try:
            with _address(folder) as address:
                link.connect(address)
        except OSError:
            return None
        try:
            link.sendall(request.model_dump_json().encode() + b"\n")
            data = b"".join(iter(lambda: link.recv(65536), b""))
            return Answer.model_validate_json(data)
        except (OSError, ValidationError) as error:
            raise ConsoleError(f"the DTF in {folder} does not answer: {error}") from None


class Console:
    """The listening side: a door of `dtf.transport.service.serve`."""

    def __init__(self, folder: Path, operations: Operations, node: Node) -> None:
        self._path = str(folder / SOCKET_NAME)
        self._operations = operations
        self._node = node
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with suppress(FileNotFoundError):
                os.unlink(self._path)  # of a DTF that was killed: this one holds the queue, so that one is gone
            before = os.umask(0o177)
            try:
                with _address(folder) as address:
                    self._door.bind(address)
            finally:
                os.umask(before)
            self._door.listen(_BACKLOG)
        except OSError as error:
            self._door.close()
            raise ConsoleError(f"no console at {self._path}: {error.strerror or error}") from None
        self._door.setblocking(False)

    def fileno(self) -> int:
        return self._door.fileno()

    def poll_mask(self) -> int:
        return select.POLLIN

    @property
    def calls(self) -> Iterable[Call]:
        """No sessions come in here."""
        return ()

    def advance(self) -> bool:
        """Answer whoever has asked; False if nobody has."""
        try:
            link, _ = self._door.accept()
        except OSError:
            return False
        with link:
            link.settimeout(READ_SECONDS)  # its owner is our user: nobody else can hold us up, and he only so long
            with suppress(OSError):
                link.sendall(self._answer(link).model_dump_json().encode())
        return True

    def _answer(self, link: socket.socket) -> Answer:
        data = bytearray()
        while not data.endswith(b"\n") and len(data) <= REQUEST_LIMIT:
            piece = link.recv(65536)
            if not piece:
                break
            data += piece
        try:
            request = Request.model_validate_json(bytes(data))
        except ValidationError:
            return Answer(code=8, message_id=ConsoleError.default_id, text="that is no request")
        return carry_out(self._operations, self._node, request)

    def close(self) -> None:
        self._door.close()
        with suppress(FileNotFoundError):
            os.unlink(self._path)


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """The path of the socket; where no address has room for it, one that goes through a descriptor of the folder."""
    path = str(folder / SOCKET_NAME)
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET_NAME}"
    finally:
        os.close(descriptor)


def _reply(operations: Operations, request: Request) -> Reply:
    if request.text:
        return operations.submit_text(request.text, request.symbols, request.keywords, request.submitter)
    parts = (request.keywords, request.symbols, request.where)
    return operations.carry_out(Command(request.verb, tuple(request.words), *parts, line=0, shown=""))


def _text(error: DtfError) -> str:
    return str(error).removeprefix(error.message_id).strip()
