"""The request parameter list: what a program fills in, the macros that work on it, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from ksds.access import fields, file_status
from ksds.access.addressing import Argument
from ksds.access.options import Optcd
from ksds.cluster.organizations import Cluster
from ksds.errors import EndOfData, InvalidLocate, InvalidOptions, RplBusy, VsamError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request left in its RPL. `identity` is the record's key, number or RBA, `rba` its RBA, where known;
    `pointers` counts the records with the alternate key of the one that was read, `exit` is the exit that was taken."""

    verb: str
    return_code: int = 0
    feedback: int = 0
    symbol: str = ""
    component_code: int = 0
    file_status: str = file_status.SUCCESS
    identity: bytes | int | None = None
    rba: int | None = None
    pointers: int = 0
    record: bytes = b""
    message: str = ""
    exit: str = ""


Exit = Callable[["Rpl"], None]
"""Called with the RPL whose request failed, `outcome` filled in. If it returns, the request fails as it would have
without it; it may also go elsewhere, with an exception of its own."""


@dataclass(frozen=True, slots=True)
class Exits:
    """An EXLST: what to call at the end of data in sequence, after a logical, after a physical error. None: no such
    exit, or an inactive one. Source: z/OS DFSMS Using Data Sets, "VSAM User-Written Exit Routines"."""

    eodad: Exit | None = None
    lerad: Exit | None = None
    synad: Exit | None = None

    def after(self, error: VsamError, optcd: Optcd, *, again: bool) -> tuple[str, Exit] | None:
        """The exit for an error. The end of data is LERAD's without an EODAD, and once that was taken (`again`)."""
        if error.return_code == 12:
            return ("SYNAD", self.synad) if self.synad else None
        if isinstance(error, EndOfData) and optcd.order != "DIR" and self.eodad and not again:
            return "EODAD", self.eodad
        return ("LERAD", self.lerad) if self.lerad else None


NO_EXITS = Exits()


class Performer(Protocol):
    """What an RPL asks of its ACB."""

    name: str
    cluster: Cluster
    exits: Exits

    def perform(self, rpl: Rpl, verb: str, record: bytes, owner: Rpl) -> Outcome:
        """Do what the RPL says, with the string of `owner`, the head of its chain. Raises VsamError."""
        ...


class Rpl:
    """One request parameter list of an open ACB; `Acb.rpl` makes it.

    Each macro raises the VsamError of an R15 other than 0 and leaves the same in `outcome`. With OPTCD=ASY it returns
    nothing and CHECK gives the outcome; until then the RPL is busy (R15 = 4). `argument` is ARG (key bytes; RBA or
    record number as a number or as four bytes), `key_length` KEYLEN, `area_length` AREALEN, `area` what PUT stores if
    it is not told.

    A macro of an RPL with NXTRPL works through its chain, one string for all of it, until one fails: GET (the records
    are in the outcomes), PUT (of areas) and POINT. The RPLs behind the one that failed are left as after a success.
    """

    def __init__(self, acb: Performer, name: str = "") -> None:
        self.acb = acb
        self.name = name
        self.optcd = Optcd()
        self.argument: Argument = None
        self.key_length: int | None = None
        self.area_length: int | None = None
        self.area = b""
        self.next: Rpl | None = None
        self.outcome = Outcome("")
        self._ended = False
        self._unchecked: tuple[tuple[Rpl, VsamError] | None] | None = None

    def modify(
        self,
        optcd: str = "",
        *,
        arg: Argument = None,
        keylen: int | None = None,
        arealen: int | None = None,
        area: bytes | None = None,
        nxtrpl: Rpl | None = None,
    ) -> None:
        """MODCB: set what is given, leave the rest. Raises InvalidOptionText, ValueError for a chain that comes back to
        itself or leaves its ACB."""
        self.optcd = self.optcd.changed(optcd)
        self.argument = self.argument if arg is None else arg
        self.key_length = self.key_length if keylen is None else keylen
        self.area_length = self.area_length if arealen is None else arealen
        self.area = self.area if area is None else area
        if nxtrpl is not None:
            if nxtrpl.acb is not self.acb:
                raise ValueError(f"{nxtrpl.name} is of another ACB")
            if self in nxtrpl.chain:
                raise ValueError(f"the chain of {self.name} would come back to it")
            self.next = nxtrpl

    def unchain(self) -> None:
        """MODCB NXTRPL=0."""
        self.next = None

    @property
    def chain(self) -> list[Rpl]:
        """This RPL and all that follow it by NXTRPL."""
        found, rpl = [self], self.next
        while rpl is not None:
            found.append(rpl)
            rpl = rpl.next
        return found

    def get(self) -> bytes:
        """GET: the record. Raises EndOfData (8/4), RecordNotFound (8/16), ExclusiveControl (8/20), NoPosition (8/88) or
        any other code of the request."""
        return self._request("GET")

    def put(self, record: bytes | None = None) -> None:
        """PUT: insert a record (NUP, NSP) or replace the one read for update (UPD). Raises DuplicateKey (8/8),
        OutOfSequence (8/12), NotReadForUpdate (8/92), KeyChange (8/96), LoadModeViolation (8/116) ..."""
        self._request("PUT", record)

    def getix(self) -> bytes:
        """GETIX: the index control interval at RBA ARG. Raises InvalidRba (8/32), InvalidKeyedRequest (8/72) without an
        index, InvalidOptions (8/104) unless OPTCD=(CNV,DIR)."""
        return self._request("GETIX")

    def putix(self, image: bytes | None = None) -> None:
        """PUTIX: put back what was read with GETIX UPD. Raises NotReadForUpdate (8/92), InvalidInterval (8/156) if it
        says anything else than the index record does."""
        self._request("PUTIX", image)

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
        if unchecked:
            self._raise(unchecked[0])
        return self.outcome.record

    def showcb(self, *names: str) -> dict[str, int]:
        """SHOWCB: fields of this RPL, all of them if none is named. Raises ValueError for one that there is not."""
        outcome = self.outcome
        shown = {
            "AIXPC": outcome.pointers,
            "AREALEN": self.area_length or 0,
            "FDBK": outcome.feedback,
            "FTNCD": outcome.component_code,
            "KEYLEN": self.key_length or 0,
            "RBA": outcome.rba or 0,
            "RECLEN": len(outcome.record),
        }
        return fields.chosen(shown, names)

    @property
    def busy(self) -> bool:
        """True while an asynchronous request waits for its CHECK."""
        return self._unchecked is not None

    def _request(self, verb: str, record: bytes | None = None) -> bytes:
        chain = self.chain if verb != "ENDREQ" else [self]
        if any(rpl.busy for rpl in chain):
            raise RplBusy("CHECK the request before", data_set=self.acb.name)
        failed: tuple[Rpl, VsamError] | None = None
        for rpl in chain:
            error = None
            if failed:
                rpl.outcome = Outcome(verb)
            else:
                error = rpl._perform(verb, record if rpl is self and record is not None else rpl.area, self)
            failed = (rpl, error) if error else failed
        if self.optcd.wait == "ASY" and verb != "ENDREQ":
            self._unchecked = (failed,)
            return b""
        self._raise(failed)
        return self.outcome.record

    def _perform(self, verb: str, record: bytes, head: Rpl) -> VsamError | None:
        try:
            if head.next is not None and verb != "ENDREQ":
                self._require_chainable(verb)
            self.outcome = self.acb.perform(self, verb, record, head)
            self._return_number()
            self._ended = False
        except VsamError as error:
            error.data_set = error.data_set or self.acb.name
            self.outcome = _failed(verb, self.optcd, error)
            return error
        return None

    def _require_chainable(self, verb: str) -> None:
        if verb == "ERASE" or self.optcd.purpose == "UPD":
            raise InvalidOptions("a chain does not update")
        if self.optcd.mode == "LOC":
            raise InvalidLocate("a chain does not locate")

    def _raise(self, failed: tuple[Rpl, VsamError] | None) -> None:
        """Take the exit for the error of an RPL of the chain, then raise it."""
        if failed is None:
            return
        rpl, error = failed
        found = self.acb.exits.after(error, rpl.optcd, again=rpl._ended)
        if found is not None:
            name, routine = found
            rpl._ended = isinstance(error, EndOfData)
            rpl.outcome = replace(rpl.outcome, exit=name)
            routine(rpl)
        raise error

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
