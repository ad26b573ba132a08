"""The access method control block: a cluster opened for certain kinds of request, with its strings.

Order of checks of a request, first to last: options that exclude each other (104, 84), a way to records that this data
set does not have (72, 196), what MACRF does not allow (68), load mode (116), a free string (64), and only then the
request itself.

Load mode lasts from the OPEN of an empty data set for output to its CLOSE: PUT and CHECK only, in ascending sequence,
one string, no shared resources (z/OS DFSMS Using Data Sets, "Using a Program to Load a Data Set").
"""

from __future__ import annotations

from types import TracebackType
from weakref import WeakSet

from ksds.access import fields, file_status, requests
from ksds.access.addressing import Addressing, Argument, Found
from ksds.access.options import Macrf, Optcd
from ksds.access.placeholder import Strings, after_failure
from ksds.access.requests import Request
from ksds.access.rpl import NO_EXITS, Exits, Outcome, Rpl
from ksds.access.ways import way
from ksds.cluster.organizations import Cluster, unmaintained
from ksds.errors import InvalidAccess, LoadModeViolation, NeverLoaded, OpenError, PhysicalError, VsamError

MAXIMUM_STRINGS = 255
SPACE_ADDED = 4
DUPLICATE_KEY = 8
INDEX_FULL = 16
"""Reason codes of a success (R15 = 0): the data set was extended; other records have this alternate key; the
sequence-set record is too small for all control intervals of its control area."""


class Acb:
    """An open ACB: make RPLs with `rpl`, use it as a context manager. `loading` says that load mode lasts.

    `opened` is how OPEN went: R15 = 0, or 4 with the ACBERFLG of an attention: 100, an index of the upgrade set was
    never built; 118, the last one to have it open for output died, and what was committed is recovered.

    Unless MACRF has DFR, a direct PUT or ERASE is durable when it returns, as VSAM writes the buffer of a direct
    request at once; a sequential one is with ENDREQ or CLOSE.
    """

    def __init__(self, cluster: Cluster, macrf: Macrf, *, strings: int = 1, exits: Exits = NO_EXITS) -> None:
        """OPEN. The cluster must be open, for update if MACRF says OUT. Raises OpenError (ACBERFLG 160, 232)."""
        self.cluster = cluster
        self.name = cluster.definition.name
        self.macrf = macrf
        self.exits = exits
        self._require(1 <= strings <= MAXIMUM_STRINGS, f"STRNO={strings} is not 1 to {MAXIMUM_STRINGS}")
        self._require(macrf.output or not macrf.reset, "MACRF=RST needs OUT")
        self._require(not macrf.output or cluster.sphere.for_output, "MACRF=OUT of what is open for input")
        if macrf.reset:
            cluster.reset()
        empty = not cluster.data.used
        if empty and not macrf.output:
            raise NeverLoaded("the data set was never loaded", data_set=self.name)
        self.loading = empty
        self._require(not (empty and strings > 1), "an empty data set is loaded with STRNO=1")
        self._require(not (empty and macrf.shared_resources), "an empty data set is not loaded with LSR or GSR")
        self._strings = Strings(strings)
        self._ways: dict[str, Addressing] = {}
        self._rpls: WeakSet[Rpl] = WeakSet()
        self._made = 0
        self._open = True
        self.opened = _opened(cluster)

    def _extents(self) -> int:
        return sum(component.extents for component in self.cluster.sphere.pager.present())

    def _require(self, good: bool, what: str) -> None:
        if not good:
            raise OpenError(what, feedback=OpenError.INCONSISTENT, data_set=self.name)

    def __enter__(self) -> Acb:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._open:
            self._end()

    def rpl(
        self,
        optcd: str = "",
        *,
        arg: Argument = None,
        keylen: int | None = None,
        arealen: int | None = None,
        area: bytes | None = None,
        nxtrpl: Rpl | None = None,
        name: str = "",
    ) -> Rpl:
        """A request parameter list, as the macro RPL makes it; `name` is for messages. Raises InvalidOptionText."""
        self._made += 1
        rpl = Rpl(self, name or f"RPL{self._made}")
        rpl.modify(optcd, arg=arg, keylen=keylen, arealen=arealen, area=area, nxtrpl=nxtrpl)
        self._rpls.add(rpl)
        return rpl

    def rpl_like(self, other: Rpl) -> Rpl:
        """A request parameter list filled in as `other`, perhaps one of another ACB, but without its position."""
        optcd, keylen, arealen = str(other.optcd), other.key_length, other.area_length
        return self.rpl(
            optcd, arg=other.argument, keylen=keylen, arealen=arealen, area=other.area or None, name=other.name
        )

    def close(self) -> None:
        """CLOSE: end all positions, write everything, let the cluster go.

        Raises OpenError with ACBERFLG 4 if it is closed, 185 if an asynchronous request waits for its CHECK.
        """
        self._require_idle()
        self._end()

    def close_temporarily(self) -> None:
        """CLOSE TYPE=T: write everything as `close` does; positions, load mode and the ACB stay. Raises as `close`."""
        self._require_idle()
        if self.macrf.output:
            self._commit()

    def _require_idle(self) -> None:
        if not self._open:
            raise OpenError("not open", feedback=OpenError.OPEN_OR_CLOSED, data_set=self.name)
        busy = sorted(rpl.name for rpl in self._rpls if rpl.busy)
        if busy:
            raise OpenError(f"CHECK {', '.join(busy)} first", feedback=OpenError.STILL_ACTIVE, data_set=self.name)

    def _end(self) -> None:
        self._open = False
        self.cluster.close()

    @property
    def active_strings(self) -> int:
        """Strings that hold a position or a record."""
        return self._strings.active

    def showcb(self, *names: str, object: fields.Component = "DATA") -> dict[str, int]:
        """SHOWCB: fields of the ACB and of a component, all of them if none is named. Raises ValueError for one that
        there is not."""
        shown = fields.of_component(self.cluster, object)
        shown |= {"ERROR": self.opened.feedback, "STRNO": self._strings.count, "STRMAX": self._strings.most}
        return fields.chosen(shown, names)

    # -- requests ---------------------------------------------------------------------------------------

    def perform(self, rpl: Rpl, verb: str, record: bytes, owner: Rpl) -> Outcome:
        """Carry out one macro of one RPL with the string of `owner`. Raises VsamError; what becomes of the position
        then is in `placeholder`."""
        if not self._open:
            raise InvalidAccess("the ACB is not open")
        if verb == "ENDREQ":
            return self._end_request(rpl)
        addressing = self._permitted(rpl.optcd, verb)
        request = self._request(rpl, addressing, owner)
        extents, full = self._extents(), addressing.index_full
        try:
            self._see_others(rpl.optcd, verb)
            found = self._run(verb, request, record)
        except VsamError as error:
            _settle(request, verb, error)
            raise
        finally:
            if request.string.position is None and request.string.hold is None:
                self._strings.release(owner)
        request.string.used = True
        reasons = (
            (DUPLICATE_KEY, addressing.duplicate),
            (INDEX_FULL, addressing.index_full > full),
            (SPACE_ADDED, self._extents() > extents),
        )
        feedback = next((reason for reason, holds in reasons if holds), 0)
        return Outcome(
            verb,
            feedback=feedback,
            file_status=file_status.of_request(verb, rpl.optcd, None, feedback),
            identity=addressing.shown(found.place),
            rba=found.rba,
            pointers=addressing.pointers if verb == "GET" else 0,
            record=found.record if verb in ("GET", "GETIX") else b"",
        )

    def _permitted(self, optcd: Optcd, verb: str) -> Addressing:
        """The way to the records that the options ask for, if they may."""
        requests.require_options(optcd, verb)
        addressing = self._addressing("INDEX" if verb in requests.OF_THE_INDEX else optcd.kind)
        self._require_access(optcd, verb)
        if self.loading:
            _require_load_request(optcd, verb, addressing)
        return addressing

    def _request(self, rpl: Rpl, addressing: Addressing, owner: Rpl) -> Request:
        return Request(
            addressing,
            rpl.optcd,
            rpl.argument,
            rpl.key_length,
            rpl.area_length,
            self._strings,
            self._strings.of(owner),
            starts_itself=not self.macrf.shared_resources,
            inserts_in_sequence=self.macrf.sequential_insertion,
        )

    def _see_others(self, optcd: Optcd, verb: str) -> None:
        """SHAREOPTIONS 3 and 4: a change, from its GET UPD on, keeps other programs from theirs until it is committed;
        with 4 each direct request, too, sees what they have committed."""
        share = self.cluster.definition.cross_region
        if share > 2 and self._changes(optcd, verb):
            self.cluster.sphere.take_turn()
        elif share == 4 and optcd.order == "DIR":
            self.cluster.sphere.refresh()

    def _run(self, verb: str, request: Request, record: bytes) -> Found:
        if verb in ("GET", "GETIX"):
            return requests.get(request)
        if verb == "POINT":
            return requests.point(request)
        found = requests.erase(request) if verb == "ERASE" else requests.put(request, record)
        if request.optcd.order == "DIR" and not self.macrf.deferred:
            self._commit()
        return found

    def _end_request(self, rpl: Rpl) -> Outcome:
        if self.loading:
            raise LoadModeViolation("only PUT and CHECK until the data set is loaded and closed")
        self._strings.release(rpl)
        if self.macrf.output:
            self._commit()
        return Outcome("ENDREQ")

    def _commit(self) -> None:
        """Make everything durable. Other programs wait on while a string has a record for update."""
        if self._strings.holding:
            self.cluster.sphere.harden(sync=True)
        else:
            self.cluster.commit()

    def _addressing(self, kind: str) -> Addressing:
        found = self._ways.get(kind)
        if found is None:
            found = self._ways[kind] = way(self.cluster, kind)
        return found

    def _require_access(self, optcd: Optcd, verb: str) -> None:
        if optcd.kind not in self.macrf.kinds or optcd.order not in self.macrf.orders:
            raise InvalidAccess(f"the ACB is not open for {optcd.kind},{optcd.order}")
        if self._changes(optcd, verb) and not self.macrf.output:
            raise InvalidAccess("the ACB is open for input only")

    @staticmethod
    def _changes(optcd: Optcd, verb: str) -> bool:
        return verb in ("PUT", "PUTIX", "ERASE") or (verb in ("GET", "GETIX") and optcd.purpose == "UPD")


def _opened(cluster: Cluster) -> Outcome:
    """The outcome of an OPEN that was good."""
    if cluster.sphere.not_closed:
        what = "whoever had it open for output did not close it; verified"
        return Outcome("OPEN", 4, OpenError.NOT_CLOSED, file_status=file_status.VERIFIED, message=what)
    names = unmaintained(cluster)
    if not names:
        return Outcome("OPEN")
    what = f"never built, so not kept up to date: {' '.join(names)}"
    return Outcome("OPEN", 4, OpenError.UPGRADE_EMPTY, message=what)


def _require_load_request(optcd: Optcd, verb: str, addressing: Addressing) -> None:
    """Raises LoadModeViolation (8/116)."""
    if verb != "PUT" or optcd.purpose == "UPD":
        raise LoadModeViolation("only PUT and CHECK until the data set is loaded and closed")
    if optcd.order != "SEQ" and not addressing.loads_directly:
        raise LoadModeViolation("records are loaded in sequence (SEQ)")


def _settle(request: Request, verb: str, error: VsamError) -> None:
    """Do with the position what the table of positions after errors says.

    After a data interval that cannot be read it is behind that one, so that a program may go on in sequence (Using Data
    Sets, "SYNAD Exit Routine to Analyze Physical Errors").
    """
    string, addressing = request.string, request.addressing
    after = after_failure(error, request.optcd.order)
    if after == "lost":
        string.forget()
        string.used = True
    elif after == "new" and request.reached is not None:
        string.hold = None
        request.stand(request.reached, passed=False)
    elif isinstance(error, PhysicalError) and error.feedback == PhysicalError.READ_DATA and error.rba is not None:
        forward = request.optcd.direction == "FWD"
        place = addressing.past(error.rba // addressing.ci_size, forward=forward)
        if verb == "GET" and request.retains and place is not None:
            string.hold = None
            request.stand(place, passed=False)
