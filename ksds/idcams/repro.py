"""REPRO: records from a cluster, data set or DD to another.

An empty KSDS is loaded: keys must ascend, control intervals are filled in one pass. One that is not empty gets each
record inserted where it belongs. A record that the target will not have is reported and passed over; the fourth
(ERRORLIMIT) ends the command. What was written before stays. Everything written is durable before the command says so.

Source: z/OS DFSMS Access Method Services Commands, REPRO; System Messages Vol 6, IDC3302I-IDC3314I.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain

from ksds.catalog.entries import ComponentEntry, NonVsamEntry
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import Cluster, Numbered, unmaintained
from ksds.cluster.path import Path
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes, SequentialDataSet, split_member
from ksds.errors import DataSetError, DuplicateKey, InvalidLength, OpenError, OutOfSequence
from ksds.idcams.commands import Repro
from ksds.idcams.invocation import FAILED, Invocation, Refusal, acting, opening
from ksds.idcams.record_source import RecordSource, open_source, require_short_records

REJECTED = 8
"""Condition code when records were rejected, but fewer than the limit."""

_SHOWN_KEY = 5
_NEW = ("NEW", "MOD")


class Tally:
    """Records written, and records that the target would not have, which are reported as they come."""

    __slots__ = ("_invocation", "_limit", "rejected", "target", "written")

    def __init__(self, invocation: Invocation, limit: int) -> None:
        self.target = ""
        self.written = 0
        self.rejected = 0
        self._invocation = invocation
        self._limit = limit

    @property
    def exhausted(self) -> bool:
        """True if as many records were rejected as the limit allows."""
        return self.rejected >= self._limit

    def reject(self, message: str, shown: str) -> bool:
        """Report one record; True if it was one too many."""
        self.rejected += 1
        if message != "IDC3314I":
            self._invocation.listing.message("IDC3302I", self.target)
        self._invocation.listing.message(message, shown)
        return self.exhausted

    def counted(self, records: Iterator[bytes]) -> Iterator[bytes]:
        """Count each record as written once its reader comes back for the next."""
        for record in records:
            yield record
            self.written += 1


def repro(invocation: Invocation, command: Repro) -> int:
    """Copy the records of a range; the condition code."""
    tally = Tally(invocation, command.error_limit)
    code = 0
    try:
        with ExitStack() as opened:
            source = opened.enter_context(open_source(invocation, *command.source))
            _check_linear(source, command)
            batches = source.batches(command)
            _copy(invocation, command, source, batches, tally, opened)
        code = REJECTED if tally.rejected else 0
    except Refusal as refusal:
        code = max(FAILED, invocation.report(refusal))
    invocation.listing.message("IDC0005I", tally.written)
    return code


def _check_linear(source: RecordSource, command: Repro) -> None:
    """A linear data set is copied whole or not at all, and only its control intervals are its records."""
    if command.mode == "CIMODE" and source.organization != "LDS":
        raise Refusal(("KSD302E", "CIMODE"))
    limit = command.start or command.stop
    if source.organization == "LDS" and limit:
        raise Refusal(("IDC3583I", limit[0]))


def _copy(
    invocation: Invocation,
    command: Repro,
    source: RecordSource,
    batches: Iterator[list[bytes]],
    tally: Tally,
    opened: ExitStack,
) -> None:
    tally.target, dd = _target_name(invocation, command)
    if dd is not None and not dd.data_sets:
        with acting(source.name):
            _to_stream(dd, tally.counted(chain.from_iterable(batches)))
        return
    with opening(tally.target):
        target: Cluster | SequentialDataSet = _open_target(invocation, command, tally.target, dd, source)
        opened.callback(target.close)
    if not isinstance(target, SequentialDataSet):
        _warn(invocation, target)
    if source.cluster is not None and not isinstance(target, SequentialDataSet):
        _require_both_linear_or_none(source.cluster, target)
    with acting(tally.target):
        _fill(target, command, source, batches, tally)
    if tally.exhausted:
        raise Refusal(("IDC31467I",))


def _warn(invocation: Invocation, target: Cluster) -> None:
    if target.sphere.not_closed:
        invocation.listing.message("IDC3351I", "OPEN", OpenError.NOT_CLOSED)
    for name in unmaintained(target):
        invocation.listing.message("IDC3351I", "OPEN", OpenError.UPGRADE_EMPTY)
        invocation.listing.message("KSD304E", f"{name} WAS NEVER BUILT AND IS NOT KEPT UP TO DATE")


def _require_both_linear_or_none(source: Cluster, target: Cluster) -> None:
    if isinstance(source, Linear) != isinstance(target, Linear):
        raise Refusal(("IDC3582I",))


def _fill(
    target: Cluster | SequentialDataSet,
    command: Repro,
    source: RecordSource,
    batches: Iterator[list[bytes]],
    tally: Tally,
) -> None:
    """Every record into the target, then the target to the disk."""
    replace = command.replace == "REPLACE"
    if isinstance(target, SequentialDataSet):
        runs = source.runs(command, target.attributes.lrecl) if target.attributes.kind == "F" else None
        if runs is None:
            _write(target, batches, tally)
        else:
            _write_runs(target, runs, tally)
        target.sync()
        return
    records = chain.from_iterable(batches)
    if isinstance(target, Numbered):
        slots = source.numbered(command) if source.organization == "RRDS" else enumerate(records, 1)
        _number(target, slots, tally, replace=replace)
    elif isinstance(target, Path):
        if replace:
            raise Refusal(("IDC3302I", tally.target), ("IDC3326I",))
        _through(target, records, tally)
    elif isinstance(target, EntrySequenced | Linear):
        _append(target, records, tally)
    elif not target.data.used:
        tally.written = target.load(records, lambda error, key: tally.reject(_unloaded(error), _hex(key)))
    else:
        _insert(target, records, tally, replace=replace)
    target.commit()


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
    entry = system.entry(split_member(name)[0])
    if isinstance(entry, NonVsamEntry):
        return system.sequential(name, "a" if status == "MOD" else "w")
    if isinstance(entry, ComponentEntry):
        raise Refusal(("IDC3300I", name), ("IDC3318I",), ("KSD304E", f"{name} IS A COMPONENT, NOT A CLUSTER"))
    cluster = system.cluster(name, "w")
    try:
        require_short_records(name, cluster)
        if command.reuse == "REUSE":
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


def _to_stream(dd: DD, records: Iterator[bytes]) -> None:
    """SYSOUT gets text; DUMMY counts."""
    page = code_page()
    for record in records:
        if dd.spool is not None:
            dd.spool(page.printable(record))


def _write(target: SequentialDataSet, batches: Iterator[list[bytes]], tally: Tally) -> None:
    """Records to the end of a data set. It looks at their lengths itself, a batch together: only those among which
    there is one that it does not take are looked at one by one."""
    for batch in batches:
        try:
            target.append_batch(batch)
            tally.written += len(batch)
        except DataSetError:
            fitting = list(_fitting(target, batch, tally))
            if len(fitting) == len(batch):
                raise
            tally.written += target.append(fitting)
            if tally.exhausted:
                return


def _write_runs(target: SequentialDataSet, runs: Iterator[bytes | list[bytes]], tally: Tally) -> None:
    """Records as they stand in control intervals; one by one where there is one that does not fit."""
    for run in runs:
        if isinstance(run, bytes):
            tally.written += target.append_back_to_back(run)
            continue
        _write(target, iter([run]), tally)
        if tally.exhausted:
            return


def _fitting(target: SequentialDataSet, batch: list[bytes], tally: Tally) -> Iterator[bytes]:
    longest = target.attributes.maximum_data
    shortest = longest if target.attributes.kind == "F" else 0
    for record in batch:
        if shortest <= len(record) <= longest:
            yield record
        elif tally.reject("IDC3309I", _hex(record)):
            return


def _insert(target: KeySequenced, records: Iterator[bytes], tally: Tally, *, replace: bool) -> None:
    """Records into a data set that has some already. Ascending keys are inserted as VSAM's sequential strategy does."""
    low, high = target.definition.key_offset, target.definition.key_end
    last = b""
    for record in records:
        key = record[low:high]
        try:
            target.insert(record, sequential=key > last)
        except (DuplicateKey, InvalidLength) as error:
            if replace and isinstance(error, DuplicateKey) and not error.component_code:
                target.update(record)
            elif tally.reject(_refusal(error), _hex(key)):
                return
            else:
                continue
        last = key
        tally.written += 1


def _append(target: EntrySequenced | Linear, records: Iterator[bytes], tally: Tally) -> None:
    for record in records:
        try:
            target.append(record)
        except (DuplicateKey, InvalidLength) as error:
            if tally.reject(_refusal(error), _hex(record)):
                return
            continue
        tally.written += 1


def _through(path: Path, records: Iterator[bytes], tally: Tally) -> None:
    """Records through a path into its base."""
    low, high = path.base.definition.key_offset, path.base.definition.key_end or None
    for record in records:
        try:
            path.insert(record)
        except (DuplicateKey, InvalidLength) as error:
            if tally.reject(_refusal(error), _hex(record[low:high])):
                return
            continue
        tally.written += 1


def _unloaded(error: InvalidLength | DuplicateKey | OutOfSequence) -> str:
    """The message of a record that an initial load passes over."""
    return "IDC3314I" if isinstance(error, OutOfSequence) else _refusal(error)


def _refusal(error: DuplicateKey | InvalidLength) -> str:
    """The message of a record that the target will not have."""
    if isinstance(error, InvalidLength):
        return "IDC3309I"
    return "IDC3327I" if error.component_code else "IDC3308I"


def _number(target: Numbered, slots: Iterator[tuple[int, bytes]], tally: Tally, *, replace: bool) -> None:
    """Records under their numbers: those they come from, or 1, 2, 3 ... An empty variable-length RRDS is loaded."""
    if not isinstance(target, RelativeRecord) and not target.data.used:
        tally.written = target.load(_of_record_length(target, slots, tally))
        return
    store = target.put if replace else target.insert
    for number, record in slots:
        try:
            store(number, record)
        except (DuplicateKey, InvalidLength) as error:
            if tally.reject(_refusal(error), str(number)):
                return
            continue
        tally.written += 1


def _of_record_length(
    target: VariableRelativeRecord, records: Iterator[tuple[int, bytes]], tally: Tally
) -> Iterator[tuple[int, bytes]]:
    for number, record in records:
        if 1 <= len(record) <= target.definition.maximum_record:
            yield number, record
        elif tally.reject("IDC3309I", str(number)):
            return


def _hex(key: bytes) -> str:
    return key[:_SHOWN_KEY].hex().upper()
