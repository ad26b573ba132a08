"""Where REPRO and PRINT read: a cluster, a sequential data set or a DD, and the range of it that was asked for.

    KSDS         FROMKEY TOKEY            a key may be shorter than the data set's: it then stands for all it begins
    KSDS ESDS    FROMADDRESS TOADDRESS    byte addresses, in physical order; the first must be a record's
    component    FROMADDRESS TOADDRESS    of data: its records; of an index: the record of each control interval
    RRDS         FROMNUMBER TONUMBER      of fixed slots or of variable length
    LDS          FROMADDRESS TOADDRESS    PRINT only: the control intervals that hold these bytes
    any          SKIP COUNT               of a generation data group all generations, one after the other

Records come with a number: RBA, relative record number, or the position in the sequence, from 1.
Source: z/OS DFSMS Access Method Services Commands, REPRO and PRINT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice, takewhile
from typing import Literal, TypeVar

from ksds.catalog.entries import ComponentEntry, GdgEntry, NonVsamEntry
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import Cluster, Keyed, Numbered
from ksds.cluster.path import Path
from ksds.cluster.physical_order import browse
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes, split_member
from ksds.errors import EndOfData, InvalidRba, LogicalError, OpenError, RecordNotFound, VsamError
from ksds.idcams.commands import RangeOperands
from ksds.idcams.grammar import Key
from ksds.idcams.invocation import Invocation, Refusal, acting, opening
from ksds.layout.index_record import CONTROL_LENGTH

_Found = TypeVar("_Found")

LONGEST = 32760
"""REPRO, PRINT and EXPORT cannot move longer records; only spanned ones can be."""
BATCH = 1024
"""Records that are passed on together."""
IN_STREAM = DataSetAttributes("FB", 80, 80)

Organization = Literal["KSDS", "ESDS", "RRDS", "LDS", "SEQUENTIAL"]

_POSITIONING: dict[str, tuple[Organization, ...]] = {
    "KEY": ("KSDS",),
    "ADDRESS": ("KSDS", "ESDS", "LDS"),
    "NUMBER": ("RRDS",),
}


@dataclass(frozen=True, slots=True)
class RecordSource:
    """Records open for input. `attributes` are those of a sequential data set, where there is one.

    `physical` gives records from an RBA on, in physical order; without a `cluster` that is the only way to read.
    """

    name: str
    organization: Organization
    cluster: Cluster | None
    stream: Iterator[bytes]
    attributes: DataSetAttributes | None = None
    physical: Callable[[int], Iterator[tuple[int, bytes]]] | None = None

    def is_addressed(self, operands: RangeOperands) -> bool:
        """True if the numbers of the records are RBAs in physical order."""
        limits = (operands.start, operands.stop)
        by_address = any(limit is not None and limit[0].endswith("ADDRESS") for limit in limits)
        return self.physical is not None and (self.cluster is None or by_address)

    def batches(self, operands: RangeOperands) -> Iterator[list[bytes]]:
        """The records of the range, some hundred together. Raises Refusal if it cannot begin where it was told to."""
        if isinstance(self.cluster, Keyed) and not self.is_addressed(operands):
            self._check_range(operands)
            return self._limited(self._keyed(self.cluster, operands), operands)
        if self.cluster is None and self.physical is None:
            self._check_range(operands)
            return self._limited(self.stream, operands)
        return ([record for _, record in batch] for batch in self._numbered(operands))

    def runs(self, operands: RangeOperands, length: int) -> Iterator[bytes | list[bytes]] | None:
        """All records of a KSDS whose longest has `length` bytes, see `KeySequenced.runs`; None of other sources, and
        if only a range is wanted."""
        cluster = self.cluster
        if operands.start or operands.stop or not isinstance(cluster, KeySequenced):
            return None
        if cluster.definition.spanned or cluster.definition.maximum_record != length:
            return None
        return self._runs(cluster, length)

    def numbered(self, operands: RangeOperands) -> Iterator[tuple[int, bytes]]:
        """The records of the range, each with its number. Raises Refusal as `batches` does."""
        return chain.from_iterable(self._numbered(operands))

    def _numbered(self, operands: RangeOperands) -> Iterator[list[tuple[int, bytes]]]:
        self._check_range(operands)
        if self.physical is not None and self.is_addressed(operands):
            return self._limited(self._in_physical_order(self.physical, operands), operands)
        if isinstance(self.cluster, Keyed):
            found: Iterator[tuple[int, bytes]] = enumerate(self._keyed(self.cluster, operands), 1)
        elif self.cluster is not None:
            found = self._addressed(self.cluster, operands)
        else:
            found = enumerate(self.stream, 1)
        return self._limited(found, operands)

    def _check_range(self, operands: RangeOperands) -> None:
        for limit in (operands.start, operands.stop):
            needs = _POSITIONING.get(limit[0].removeprefix("FROM").removeprefix("TO")) if limit else None
            unreachable = limit is not None and limit[0].endswith("ADDRESS") and isinstance(self.cluster, Path)
            if limit and needs and (self.organization not in needs or unreachable):
                raise Refusal(("IDC3583I", limit[0]))

    def _keyed(self, cluster: Keyed, operands: RangeOperands) -> Iterator[bytes]:
        start, stop = _key(operands.start), _key(operands.stop)
        if any(key is not None and len(key) > cluster.definition.key_length for key in (start, stop)):
            raise Refusal(("IDC3302I", self.name), ("IDC3310I",))
        if start is not None:
            with acting(self.name):
                if next(cluster.browse(start), None) is None:
                    raise _positioning_error(self.name, RecordNotFound.feedback)
        return cluster.browse(start, stop)

    def _in_physical_order(
        self, physical: Callable[[int], Iterator[tuple[int, bytes]]], operands: RangeOperands
    ) -> Iterator[tuple[int, bytes]]:
        start, stop = _place(operands.start), _place(operands.stop)
        if start is not None:
            with acting(self.name):
                first = next(physical(start), None)
            if first is None or first[0] != start:
                raise _positioning_error(self.name, InvalidRba.feedback)
        return takewhile(lambda pair: stop is None or pair[0] <= stop, physical(start or 0))

    def _addressed(
        self, cluster: EntrySequenced | Numbered | Linear, operands: RangeOperands
    ) -> Iterator[tuple[int, bytes]]:
        start, stop = _place(operands.start), _place(operands.stop)
        if isinstance(cluster, Linear) and start is not None:
            start -= start % cluster.definition.ci_size
        found = cluster.browse()
        if start is not None:
            try:
                if isinstance(cluster, EntrySequenced):
                    cluster.get(start)
                found = cluster.browse(start)
            except LogicalError as error:
                raise _positioning_error(self.name, error.feedback) from error
            if isinstance(cluster, Numbered) and next(cluster.browse(start), None) is None:
                raise _positioning_error(self.name, RecordNotFound.feedback)
        return found if stop is None else takewhile(lambda pair: pair[0] <= stop, found)

    def _limited(self, found: Iterator[_Found], operands: RangeOperands) -> Iterator[list[_Found]]:
        """What is left behind SKIP and up to COUNT, some hundred together."""
        if operands.start and operands.start[0] == "SKIP":
            count = operands.start[1]
            with acting(self.name):
                if sum(1 for _ in islice(found, count)) < count:
                    raise _positioning_error(self.name, EndOfData.feedback)
        if operands.stop and operands.stop[0] == "COUNT":
            found = islice(found, operands.stop[1])
        return self._batches(found)

    def _batches(self, found: Iterator[_Found]) -> Iterator[list[_Found]]:
        """What can be read before an error comes before it."""
        batch: list[_Found] = []
        with self._named():
            try:
                while True:
                    batch.extend(islice(found, BATCH))
                    if not batch:
                        return
                    yield batch
                    batch = []
            except Exception:
                if batch:
                    yield batch
                raise

    def _runs(self, cluster: KeySequenced, length: int) -> Iterator[bytes | list[bytes]]:
        with self._named():
            yield from cluster.runs(length)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors inside say whose they are: the reader may be writing to another data set."""
        try:
            yield
        except VsamError as error:
            error.data_set = error.data_set or self.name
            raise


def require_short_records(name: str, cluster: Cluster) -> None:
    """Raises Refusal for a data set of records that IDCAMS cannot move."""
    if cluster.definition.maximum_record > LONGEST:
        raise Refusal(("IDC3300I", name), ("IDC3315I",))


def _key(limit: tuple[str, Key] | tuple[str, int] | None) -> bytes | None:
    """The bytes of FROMKEY or TOKEY. Raises DataSetError for characters that the code page lacks."""
    if limit is None or not isinstance(limit[1], Key):
        return None
    key = limit[1]
    return key.data if key.data is not None else code_page().encode(key.text)


def _place(limit: tuple[str, Key] | tuple[str, int] | None) -> int | None:
    """The number of FROMADDRESS, TOADDRESS, FROMNUMBER or TONUMBER."""
    if limit is None or limit[0] in ("SKIP", "COUNT") or isinstance(limit[1], Key):
        return None
    return limit[1]


def _positioning_error(name: str, feedback: int) -> Refusal:
    return Refusal(("IDC3302I", name), ("IDC3351I", "I/O", feedback), ("IDC3006I",))


@contextmanager
def open_source(invocation: Invocation, word: str, name: str) -> Iterator[RecordSource]:
    """INFILE(ddname) or INDATASET(name), open for input. Raises Refusal."""
    if word == "INFILE":
        dd = invocation.dd(name)
        if len(dd.data_sets) != 1 or dd.instream is not None or dd.dummy:
            yield _stream(invocation, dd)
            return
        name = dd.data_sets[0]
    with ExitStack() as opened:
        with opening(name):
            source = _open(invocation, name, opened)
        yield source


def _stream(invocation: Invocation, dd: DD) -> RecordSource:
    """In-stream records, DUMMY, or data sets one after the other."""
    if dd.spool is not None:
        raise Refusal(("IDC3300I", dd.name), ("IDC3318I",))
    attributes = dd.attributes
    if dd.instream is not None:
        attributes = IN_STREAM
    elif dd.data_sets:
        with opening(dd.data_sets[0]):
            first = invocation.system.entry(split_member(dd.data_sets[0])[0])
        attributes = first.attributes if isinstance(first, NonVsamEntry) else None
    return RecordSource(dd.name, "SEQUENTIAL", None, invocation.system.records(dd), attributes)


def _open(invocation: Invocation, name: str, opened: ExitStack) -> RecordSource:
    library = split_member(name)[0]
    entry = invocation.system.entry(library) if name != invocation.system.catalog.name else None
    if isinstance(entry, GdgEntry):
        newest = invocation.system.entry(invocation.system.generations.group(name).relative(0))
        attributes = newest.attributes if isinstance(newest, NonVsamEntry) else None
        return RecordSource(name, "SEQUENTIAL", None, invocation.system.records(name), attributes)
    if isinstance(entry, NonVsamEntry):
        data_set = opened.enter_context(invocation.system.sequential(name))
        attributes = replace(entry.attributes, dsorg="PS", pdse=False)
        return RecordSource(name, "SEQUENTIAL", None, data_set.records(), attributes)
    component = entry.component if isinstance(entry, ComponentEntry) else ""
    cluster: Cluster = invocation.system.cluster(entry.cluster.name if isinstance(entry, ComponentEntry) else name)
    opened.callback(cluster.close)
    if not cluster.data.used:
        raise OpenError("the data set was never loaded", feedback=OpenError.INCONSISTENT, data_set=name)
    if component == "index":
        return RecordSource(name, "ESDS", None, iter(()), physical=partial(_index_records, cluster))
    require_short_records(name, cluster)
    physical = partial(browse, cluster) if isinstance(cluster, KeySequenced | EntrySequenced) else None
    if component and physical:
        return RecordSource(name, "ESDS", None, iter(()), physical=physical)
    return RecordSource(name, organization_of(cluster), cluster, iter(()), physical=physical)


def _index_records(cluster: Cluster, rba: int) -> Iterator[tuple[int, bytes]]:
    """The record of each index control interval, which is all of it but the control information."""
    size = cluster.definition.index_ci_size
    for number in range(-(-rba // size), cluster.statistics.index_high_used_rba // size):
        yield number * size, cluster.read_ci("index", number)[: size - CONTROL_LENGTH]


def organization_of(cluster: Cluster) -> Organization:
    """KSDS (a path too), ESDS, RRDS (variable-length ones too) or LDS."""
    if isinstance(cluster, Keyed):
        return "KSDS"
    if isinstance(cluster, Linear):
        return "LDS"
    return "ESDS" if isinstance(cluster, EntrySequenced) else "RRDS"
