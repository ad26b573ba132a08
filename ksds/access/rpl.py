"""The request parameter list: what a program fills in, the macros that work on it, and what they leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ksds.access import file_status
from ksds.access.addressing import Argument
from ksds.access.options import Optcd
from ksds.cluster.organizations import Cluster
from ksds.errors import RplBusy, VsamError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request left in its RPL. `identity` is the record's key, number or RBA, `rba` its RBA, where known."""

    verb: str
    return_code: int = 0
    feedback: int = 0
    symbol: str = ""
    component_code: int = 0
    file_status: str = file_status.SUCCESS
    identity: bytes | int | None = None
    rba: int | None = None
    record: bytes = b""
    message: str = ""


class Performer(Protocol):
    """What an RPL asks of its ACB."""

    name: str
    cluster: Cluster

    def perform(self, rpl: Rpl, verb: str, record: bytes) -> Outcome:
        """Do what the RPL says. Raises VsamError."""
        ...


class Rpl:
    """One request parameter list of an open ACB; `Acb.rpl` makes it.

    Each macro raises the VsamError of an R15 other than 0 and leaves the same in `outcome`. With OPTCD=ASY it returns
    nothing and CHECK gives the outcome; until then the RPL is busy (R15 = 4). `argument` is ARG (key bytes; RBA or
    record number as a number or as four bytes), `key_length` KEYLEN, `area_length` AREALEN.
    """

    def __init__(self, acb: Performer, name: str = "") -> None:
        self.acb = acb
        self.name = name
        self.optcd = Optcd()
        self.argument: Argument = None
        self.key_length: int | None = None
        self.area_length: int | None = None
        self.outcome = Outcome("")
        self._unchecked: tuple[VsamError | None] | None = None

    def modify(
        self,
        optcd: str = "",
        *,
        arg: Argument = None,
        keylen: int | None = None,
        arealen: int | None = None,
    ) -> None:
        """MODCB: set what is given, leave the rest. Raises InvalidOptionText."""
        self.optcd = self.optcd.changed(optcd)
        self.argument = self.argument if arg is None else arg
        self.key_length = self.key_length if keylen is None else keylen
        self.area_length = self.area_length if arealen is None else arealen

    def get(self) -> bytes:
        """GET: the record. Raises EndOfData (8/4), RecordNotFound (8/16), ExclusiveControl (8/20), NoPosition (8/88) or
        any other code of the request."""
        return self._request("GET")

    def put(self, record: bytes) -> None:
        """PUT: insert a record (NUP, NSP) or replace the one read for update (UPD). Raises DuplicateKey (8/8),
        OutOfSequence (8/12), NotReadForUpdate (8/92), KeyChange (8/96), LoadModeViolation (8/116) ..."""
        self._request("PUT", record)

    def erase(self) -> None:
        """ERASE: remove the record read for update. Raises NotReadForUpdate (8/92), InvalidErase (8/80)."""
        self._request("ERASE")

    def point(self) -> None:
        """POINT: stand before a record. Raises RecordNotFound (8/16), EndOfData (8/4), InvalidRba (8/32) ..."""
        self._request("POINT")

    def endreq(self) -> None:
        """ENDREQ: give up position and exclusive control, write what was changed. Raises RplBusy, PhysicalError."""
        self._request("ENDREQ")

    def check(self) -> bytes:
        """CHECK: wait for an asynchronous request; the record of a GET. Raises what the request would have raised."""
        unchecked, self._unchecked = self._unchecked, None
        if unchecked and unchecked[0]:
            raise unchecked[0]
        return self.outcome.record

    @property
    def busy(self) -> bool:
        """True while an asynchronous request waits for its CHECK."""
        return self._unchecked is not None

    def _request(self, verb: str, record: bytes = b"") -> bytes:
        if self.busy:
            raise RplBusy("CHECK the request before", data_set=self.acb.name)
        error: VsamError | None = None
        try:
            self.outcome = self.acb.perform(self, verb, record)
            self._return_number()
        except VsamError as failure:
            error = failure
            error.data_set = error.data_set or self.acb.name
            self.outcome = _failed(verb, self.optcd, error)
        if self.optcd.wait == "ASY" and verb != "ENDREQ":
            self._unchecked = (error,)
            return b""
        if error is not None:
            raise error
        return self.outcome.record

    def _return_number(self) -> None:
        """A request in sequence leaves the relative record number in ARG."""
        number = self.outcome.identity
        if isinstance(number, int) and self.optcd.kind == "KEY" and self.optcd.order == "SEQ":
            self.argument = number


def _failed(verb: str, optcd: Optcd, error: VsamError) -> Outcome:
    return Outcome(
        verb,
        return_code=error.return_code,
        feedback=error.feedback,
        symbol=error.symbol,
        component_code=error.component_code,
        file_status=file_status.of_request(verb, optcd, error),
        rba=error.rba,
        message=error.what,
    )
