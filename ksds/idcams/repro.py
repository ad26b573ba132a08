"""REPRO: records from a cluster, data set or DD to another.

An empty KSDS is loaded: keys must ascend, control intervals are filled in one pass. One that is not empty gets each
record inserted where it belongs. A record that the target will not have is reported and passed over; the fourth
(ERRORLIMIT) ends the command. What was written before stays. Everything written is durable before the command says so.

Source: z/OS DFSMS Access Method Services Commands, REPRO; System Messages Vol 6, IDC3302I-IDC3314I.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from ksds.catalog.entries import ClusterEntry, NonVsamEntry
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.relative_record import RelativeRecord
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes, SequentialDataSet
from ksds.errors import DuplicateKey, InvalidLength
from ksds.idcams.commands import Repro
from ksds.idcams.invocation import FAILED, Invocation, Refusal, acting, opening
from ksds.idcams.record_source import Cluster, RecordSource, open_source

REJECTED = 8
"""Condition code when records were rejected, but fewer than the limit."""

_SHOWN_KEY = 5
_NEW = ("NEW", "MOD")


class Rejects:
    """Records that the target would not have, counted and reported."""

    __slots__ = ("_invocation", "_limit", "_target", "count")

    def __init__(self, invocation: Invocation, target: str, limit: int) -> None:
        self.count = 0
        self._invocation = invocation
        self._target = target
        self._limit = limit

    @property
    def exhausted(self) -> bool:
        return self.count >= self._limit

    def reject(self, message: str, shown: str) -> bool:
        """Report one record; True if it was one too many."""
        self.count += 1
        if message != "IDC3314I":
            self._invocation.listing.message("IDC3302I", self._target)
        self._invocation.listing.message(message, shown)
        return self.exhausted


def repro(invocation: Invocation, command: Repro) -> int:
    """Copy the records of a range; the condition code."""
    written = Written()
    code = 0
    try:
        with ExitStack() as opened:
            source = opened.enter_context(open_source(invocation, *command.source))
            records = source.records(command)
            code = _copy(invocation, command, source, records, written, opened)
    except Refusal as refusal:
        code = max(FAILED, invocation.report(refusal))
    invocation.listing.message("IDC0005I", written.count)
    return code


class Written:
    """How many records arrived, known even when the copy is cut short."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def counted(self, records: Iterator[bytes]) -> Iterator[bytes]:
        for record in records:
            yield record
            self.count += 1


def _copy(
    invocation: Invocation,
    command: Repro,
    source: RecordSource,
    records: Iterator[bytes],
    written: Written,
    opened: ExitStack,
) -> int:
    name, dd = _target_name(invocation, command)
    if dd is not None and not dd.data_sets:
        with acting(source.name):
            _to_stream(dd, records, written)
        return 0
    rejects = Rejects(invocation, name, command.error_limit)
    with opening(name):
        target: Cluster | SequentialDataSet = _open_target(invocation, command, name, dd, source)
        opened.callback(target.close)
    with acting(name):
        if isinstance(target, SequentialDataSet):
            target.append(written.counted(_of_fitting_length(target, records, rejects)))
            target.sync()
        else:
            if isinstance(target, RelativeRecord):
                slots = source.numbered(command) if source.organization == "RRDS" else enumerate(records, 1)
                _fill(target, command, slots, rejects, written)
            else:
                _to_cluster(target, command, records, rejects, written)
            target.commit()
    if rejects.exhausted:
        raise Refusal(("IDC31467I",))
    return REJECTED if rejects.count else 0


def _target_name(invocation: Invocation, command: Repro) -> tuple[str, DD | None]:
    word, name = command.target
    if word == "OUTDATASET":
        return name, None
    dd = invocation.dd(name)
    if len(dd.data_sets) > 1 or dd.instream is not None:
        raise Refusal(("IDC3300I", name), ("IDC3305I",))
    return (dd.data_sets[0] if dd.data_sets else name), dd


def _open_target(
    invocation: Invocation, command: Repro, name: str, dd: DD | None, source: RecordSource
) -> Cluster | SequentialDataSet:
    """The target, open for output; a new one that the DD asks for is made first."""
    system = invocation.system
    status = dd.disposition[0] if dd else "OLD"
    if dd and status in _NEW and not system.exists(name):
        system.allocate(name, dd.attributes or _like(source), created=invocation.now.date())
    entry = system.entry(name)
    if isinstance(entry, NonVsamEntry):
        return system.sequential(name, "a" if status == "MOD" else "w")
    if not isinstance(entry, ClusterEntry):
        raise Refusal(("IDC3300I", name), ("IDC3318I",), ("KSD304E", f"{name} IS A COMPONENT, NOT A CLUSTER"))
    cluster = system.cluster(name, "w")
    if command.reuse == "REUSE":
        try:
            cluster.reset()
        except BaseException:
            cluster.close()
            raise
    return cluster


def _like(source: RecordSource) -> DataSetAttributes:
    """Attributes for a new data set that says none: those of the source, or variable records as long as its longest."""
    if source.attributes is not None:
        return source.attributes
    if source.cluster is None:
        return DataSetAttributes("VB", 32756)
    definition = source.cluster.definition
    if definition.average_record == definition.maximum_record:
        return DataSetAttributes("FB", definition.maximum_record)
    return DataSetAttributes("VB", min(definition.maximum_record + 4, 32756))


def _to_stream(dd: DD, records: Iterator[bytes], written: Written) -> None:
    """SYSOUT gets text; DUMMY counts."""
    page = code_page()
    for record in written.counted(records):
        if dd.spool is not None:
            dd.spool(page.printable(record))


def _of_fitting_length(target: SequentialDataSet, records: Iterator[bytes], rejects: Rejects) -> Iterator[bytes]:
    longest = target.attributes.maximum_data
    shortest = longest if target.attributes.kind == "F" else 0
    for record in records:
        if shortest <= len(record) <= longest:
            yield record
        elif rejects.reject("IDC3309I", _hex(record)):
            return


def _to_cluster(
    target: KeySequenced | EntrySequenced,
    command: Repro,
    records: Iterator[bytes],
    rejects: Rejects,
    written: Written,
) -> None:
    if isinstance(target, KeySequenced) and not target.pager.used[0]:
        written.count = target.load(_ascending(target, records, rejects))
    elif isinstance(target, KeySequenced):
        _insert(target, command, records, rejects, written)
    else:
        _append(target, records, rejects, written)


def _ascending(target: KeySequenced, records: Iterator[bytes], rejects: Rejects) -> Iterator[bytes]:
    """The records that an initial load can take: fitting, each key above the one before."""
    definition = target.definition
    low, high, longest = definition.key_offset, definition.key_end, definition.maximum_record
    last: bytes | None = None
    for record in records:
        key = record[low:high]
        if not high <= len(record) <= longest:
            enough = rejects.reject("IDC3309I", _hex(key))
        elif last is None or key > last:
            last = key
            yield record
            continue
        else:
            enough = rejects.reject("IDC3308I" if key == last else "IDC3314I", _hex(key))
        if enough:
            return


def _insert(target: KeySequenced, command: Repro, records: Iterator[bytes], rejects: Rejects, written: Written) -> None:
    """Records into a data set that has some already. Ascending keys are inserted as VSAM's sequential strategy does."""
    low, high = target.definition.key_offset, target.definition.key_end
    replace = command.replace == "REPLACE"
    last = b""
    for record in records:
        key = record[low:high]
        try:
            target.insert(record, sequential=key > last)
        except DuplicateKey:
            if not replace:
                if rejects.reject("IDC3308I", _hex(key)):
                    return
                continue
            target.update(record)
        except InvalidLength:
            if rejects.reject("IDC3309I", _hex(key)):
                return
            continue
        last = key
        written.count += 1


def _append(target: EntrySequenced, records: Iterator[bytes], rejects: Rejects, written: Written) -> None:
    for record in records:
        try:
            target.append(record)
        except InvalidLength:
            if rejects.reject("IDC3309I", _hex(record)):
                return
            continue
        written.count += 1


def _fill(
    target: RelativeRecord, command: Repro, slots: Iterator[tuple[int, bytes]], rejects: Rejects, written: Written
) -> None:
    """Records into their slots: those they come from, or 1, 2, 3 ..."""
    for number, record in slots:
        try:
            if command.replace == "REPLACE":
                target.put(number, record)
            else:
                target.insert(number, record)
        except DuplicateKey:
            if rejects.reject("IDC3308I", str(number)):
                return
            continue
        except InvalidLength:
            if rejects.reject("IDC3309I", str(number)):
                return
            continue
        written.count += 1


def _hex(key: bytes) -> str:
    return key[:_SHOWN_KEY].hex().upper()
