"""What GET, POINT, PUT and ERASE do with a string's position, whatever the data set and the way to its records.

Rules of position (z/OS DFSMS Using Data Sets, "Retaining and Positioning Data Buffers", "POINT Macro for Positioning"):
  * SEQ goes to the record behind the position, or to the one POINT found; it asks for the kind of access (KEY ADR CNV)
    and the direction in which the position was taken. A string that was never used begins at the first record.
  * SKP and DIR search by argument; SKP only onward.
  * A position is kept by SEQ and SKP, by DIR with NSP or LOC, by GET UPD and by POINT; all else gives it up.
  * PUT UPD and ERASE work on the record that GET UPD read last, which is held exclusively until then.
"""

from __future__ import annotations

from dataclasses import dataclass

from ksds.access.addressing import Addressing, Argument, Found
from ksds.access.options import Optcd
from ksds.access.placeholder import Hold, Placeholder, Position, Strings
from ksds.errors import (
    AreaTooSmall,
    BackwardInsertion,
    EndOfData,
    InvalidLocate,
    InvalidOptions,
    NoPosition,
    NotReadForUpdate,
    OutOfSequence,
    SpannedAddressed,
    SpannedLocate,
)


@dataclass(slots=True)
class Request:
    """One request on its way: what the RPL says, the string it has, the way to the records.

    `starts_itself` is false with shared resources, where a first SEQ needs a POINT; `inserts_in_sequence` is MACRF=SIS,
    by which direct insertion, too, splits at the new record. `reached` becomes the place of the
    record in question, if the request gets so far.
    """

    addressing: Addressing
    optcd: Optcd
    argument: Argument
    key_length: int | None
    area_length: int | None
    strings: Strings
    string: Placeholder
    starts_itself: bool
    inserts_in_sequence: bool
    reached: int | None = None

    @property
    def retains(self) -> bool:
        """True for a GET that leaves a position behind. For GETIX NSP is as NUP."""
        optcd = self.optcd
        if self.addressing.kind == "INDEX":
            return optcd.purpose == "UPD" or optcd.mode == "LOC"
        return optcd.order != "DIR" or optcd.purpose != "NUP" or optcd.mode != "MVE"

    def span(self) -> tuple[int, int]:
        """The places that the search argument means."""
        return self.addressing.span(self.argument, self.optcd, self.key_length)

    def stand(self, place: int, *, passed: bool) -> None:
        """Position the string."""
        self.string.position = Position(self.addressing.kind, self.optcd.direction, place, passed)


ADDRESS_LENGTH = 4
"""Bytes of the address that locate mode leaves in the area."""
OF_THE_INDEX = ("GETIX", "PUTIX")


def require_options(optcd: Optcd, verb: str) -> None:
    """Raises InvalidOptions (8/104), InvalidLocate (8/84) for options that no data set could honour together."""
    backward = optcd.direction == "BWD"
    if optcd.order == "SKP" and (optcd.kind != "KEY" or backward):
        raise InvalidOptions("SKP is for keyed access, forward")
    if optcd.order == "SKP" and verb == "POINT":
        raise InvalidOptions("POINT is for SEQ and DIR")
    if backward and optcd.kind == "CNV":
        raise InvalidOptions("control intervals are not read backward")
    if optcd.start == "LRD" and not backward:
        raise InvalidOptions("LRD needs BWD")
    if optcd.mode == "LOC" and (verb in ("PUT", "PUTIX", "ERASE") or (optcd.purpose == "UPD" and verb != "GETIX")):
        raise InvalidLocate("locate mode is for reading without update")
    if verb in OF_THE_INDEX and (optcd.kind, optcd.order) != ("CNV", "DIR"):
        raise InvalidOptions(f"{verb} needs CNV,DIR")
    if verb == "PUTIX" and optcd.purpose != "UPD":
        raise InvalidOptions("PUTIX needs UPD")


def get(request: Request) -> Found:
    """GET: the record that the options ask for."""
    optcd, string = request.optcd, request.string
    found = _next(request) if optcd.order == "SEQ" else _direct(request)
    request.reached = found.place
    _require_readable(request, found)
    update = optcd.purpose == "UPD"
    if update:
        request.strings.require_interval(string, request.addressing.interval(found))
    string.hold = Hold(request.addressing, found) if update else None
    request.stand(found.place, passed=True)
    if not request.retains:
        string.forget()
    return found


def point(request: Request) -> Found:
    """POINT: stand before the record that the argument names. It is not read."""
    found = _search(request, *request.span()) if request.optcd.start == "ARD" else _last(request)
    request.string.hold = None
    request.stand(found.place, passed=False)
    return Found(found.place, b"", found.rba)


def put(request: Request, record: bytes) -> Found:
    """PUT: replace the record read for update, or insert a new one."""
    if request.optcd.purpose != "UPD":
        return _insert(request, record)
    hold = _held(request)
    found = hold.addressing.replace(hold.found, record)
    _done_with_update(request)
    return found


def erase(request: Request) -> Found:
    """ERASE: remove the record read for update."""
    hold = _held(request)
    hold.addressing.erase(hold.found)
    _done_with_update(request)
    return Found(hold.found.place, b"", hold.found.rba)


def _next(request: Request) -> Found:
    position, addressing = request.string.position, request.addressing
    forward = request.optcd.direction == "FWD"
    if position is None:
        if request.string.used or not request.starts_itself or not forward:
            raise NoPosition("POINT first")
        found = addressing.first(0)
    else:
        _require_same_mode(request, position)
        place = position.next_place
        found = addressing.first(place) if forward else addressing.last(place) if place >= 0 else None
    if found is None:
        raise EndOfData("no more records")
    return found


def _require_readable(request: Request, found: Found) -> None:
    length = len(found.record)
    if request.addressing.is_spanned(found):
        if not request.addressing.reads_spanned:
            raise SpannedAddressed("a spanned record is read by key")
        if request.optcd.mode == "LOC":
            raise SpannedLocate("a spanned record is in no one buffer")
    needed = ADDRESS_LENGTH if request.optcd.mode == "LOC" else length
    if request.area_length is not None and needed > request.area_length:
        raise AreaTooSmall(f"record of {length} bytes, AREALEN is {request.area_length}")


def _require_same_mode(request: Request, position: Position) -> None:
    optcd = request.optcd
    if (position.kind, position.direction) != (request.addressing.kind, optcd.direction):
        taken = f"{position.kind},{position.direction}"
        raise NoPosition(f"the position was taken with {taken}, not {optcd.kind},{optcd.direction}: POINT again")


def _direct(request: Request) -> Found:
    optcd, position = request.optcd, request.string.position
    if optcd.start == "LRD":
        return _last(request)
    low, high = request.span()
    if optcd.order == "SKP" and position is not None and position.kind == "KEY" and low < position.next_place:
        raise OutOfSequence("SKP goes onward only, and the argument does not")
    return _search(request, low, high)


def _search(request: Request, low: int, high: int) -> Found:
    addressing, optcd = request.addressing, request.optcd
    if optcd.direction == "BWD":
        found = addressing.last(high, low)
    elif optcd.compare == "KGE" and optcd.kind == "KEY":
        found = addressing.first(low)
        if found is None:
            raise EndOfData("the argument is above the highest record")
    else:
        found = addressing.first(low, high)
    if found is None:
        raise addressing.absent(low)
    return found


def _last(request: Request) -> Found:
    found = request.addressing.last(None)
    if found is None:
        raise EndOfData("the data set holds no records")
    return found


def _insert(request: Request, record: bytes) -> Found:
    addressing, optcd, string = request.addressing, request.optcd, request.string
    if optcd.direction == "BWD":
        raise BackwardInsertion("PUT inserts forward only")
    onward = optcd.order != "DIR"
    position = string.position if onward else None
    if position is not None:
        _require_same_mode(request, position)
    new = addressing.intended(record, request.argument, optcd, position.next_place if position else None)
    if position is not None and new.place < position.place:
        raise OutOfSequence("the new record belongs before the position")
    request.reached = new.place
    request.strings.require_interval(string, addressing.interval(new))
    found = addressing.insert(new, sequential=onward or request.inserts_in_sequence)
    string.hold = None
    request.stand(found.place, passed=True)
    if not onward and optcd.purpose != "NSP":
        string.forget()
    return found


def _held(request: Request) -> Hold:
    hold = request.string.hold
    if hold is None or hold.addressing.kind != request.addressing.kind:
        raise NotReadForUpdate("no record was read with GET UPD before")
    return hold


def _done_with_update(request: Request) -> None:
    request.string.hold = None
    if request.optcd.order == "DIR":
        request.string.forget()
