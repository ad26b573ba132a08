"""What every command works with, and how a failure becomes messages.

A command either returns its condition code or raises. `Refusal` carries the messages itself; an error of the layers
below is put into IBM's words here, always the message, then the VSAM or catalog code, then our own line saying what.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from ksds.cluster.space import InvalidDefinition
from ksds.datasets import DD
from ksds.errors import (
    CatalogError,
    DataSetError,
    DataSetNotFound,
    DuplicateName,
    InvalidName,
    KsdsError,
    OpenError,
    VsamError,
)
from ksds.idcams.listing import Listing
from ksds.system import System

FAILED = 12

Line = tuple[object, ...] | str


class Refusal(Exception):
    """A command cannot go on. `lines` are (message number, inserts ...) or whole texts; `code` its condition code."""

    def __init__(self, *lines: Line, code: int = FAILED) -> None:
        super().__init__(lines)
        self.lines = lines
        self.code = code


@dataclass(slots=True)
class Invocation:
    """One run of IDCAMS: the system, the DDs of the step (ALLOCATE adds to them), SYSPRINT, and the time it is."""

    system: System
    dds: dict[str, DD]
    listing: Listing
    now: datetime

    def dd(self, name: str) -> DD:
        """The DD called `name`. Raises Refusal (IDC3304I) if the step has none."""
        found = self.dds.get(name)
        if found is None:
            raise Refusal(("IDC3300I", name), ("IDC3304I",))
        return found

    def report(self, refusal: Refusal) -> int:
        """Print a refusal's messages; its condition code."""
        for line in refusal.lines:
            if isinstance(line, str):
                self.listing.line(line, "0")
            else:
                self.listing.message(str(line[0]), *line[1:])
        return refusal.code


@contextmanager
def opening(name: str) -> Iterator[None]:
    """Errors inside mean that `name` cannot be opened: IDC3300I and, for VSAM, IDC3351I with ACBERFLG or feedback."""
    try:
        yield
    except DataSetNotFound as error:
        raise refusal_of(error) from error
    except VsamError as error:
        raise Refusal(("IDC3300I", error.data_set or name), *_vsam_lines(error)) from error
    except (KsdsError, OSError) as error:
        raise Refusal(("IDC3300I", name), ("IDC3312I",), ("KSD304E", _said(error))) from error


@contextmanager
def acting(name: str) -> Iterator[None]:
    """Errors inside mean that a request on `name` failed: IDC3302I and, for VSAM, IDC3351I with the feedback."""
    try:
        yield
    except VsamError as error:
        raise Refusal(("IDC3302I", error.data_set or name), *_vsam_lines(error)) from error
    except KsdsError as error:
        raise Refusal(("IDC3302I", name), ("KSD304E", _said(error))) from error
    except OSError as error:
        raise Refusal(("IDC3302I", name), ("IDC3317I",), ("KSD304E", _said(error))) from error


def _said(error: KsdsError | OSError) -> str:
    """What an error says of itself, without a message id of its own."""
    return error.detail if isinstance(error, DataSetError) else str(error)


def _vsam_lines(error: VsamError) -> tuple[Line, Line]:
    request = "OPEN" if isinstance(error, OpenError) else "I/O"
    component = f" {error.component.upper()}" if error.component else ""
    rba = f" RBA {error.rba}" if error.rba is not None else ""
    return ("IDC3351I", request, error.feedback), ("KSD304E", f"{error.what.upper()}{component}{rba}")


def refusal_of(error: KsdsError | OSError) -> Refusal:
    """The messages of an error that no command put into words of its own."""
    if isinstance(error, DataSetNotFound):
        return Refusal(("IDC3012I", error.name), catalog_code(8, "IGG0CLEG-42"))
    if isinstance(error, DuplicateName):
        return Refusal(("IDC3013I",), catalog_code(8, "IGG0CLEH-38"))
    if isinstance(error, InvalidDefinition):
        detail: list[Line] = [("KSD304E", error.detail)] if error.detail else []
        return Refusal(f"{error.message_id} {error.what}", *detail)
    if isinstance(error, InvalidName):
        return Refusal(("IDC3203I", error.name[:20]), ("KSD304E", error.what))
    if isinstance(error, CatalogError) and error.message_id.startswith("IDC35"):
        return Refusal(str(error))
    if isinstance(error, CatalogError):
        return Refusal(("IDC3014I",), ("KSD304E", error.what))
    return Refusal(("KSD303E", _said(error)))


def catalog_code(return_code: int, reason: str) -> tuple[object, ...]:
    """IDC3009I."""
    return ("IDC3009I", return_code, reason)
