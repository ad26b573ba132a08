"""What has happened: the statistics log (ESDS) and its index (KSDS), in file pairs that are used in turn.

The bytes of both records are declared in `dtf.record_layouts`; offsets of type, time and date in the log are those of
connect-direct.md 6. The key of the index is Process number and RBA: generic by number it lists a Process.
The log is written first; an index that misses its last entries, after a crash, is completed at the next open.

A pair whose log has reached STAT.FILE.SIZE is full: the next one is erased and goes on, after the last one the first
(connect-direct.md 2.2). The first record of a pair says how many switches there were before it; the highest is the
active one. A pair that somebody reads cannot be erased: the old one goes on until it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, takewhile

from dtf.errors import NodeError, one_line
from dtf.record_layouts import STATISTICS_CODEC, STATISTICS_ENTRY_CODEC
from ksds import EntrySequenced
from ksds.closing import Closing
from ksds.errors import KsdsError
from ksds.system import System

BASE = "DTF.STATS"
FILE_BYTES = 4_000_000
SWITCHED = "DTX332I"


def names(pair: int) -> tuple[str, str]:
    """The log and the index of a pair, counted from 1."""
    return f"{BASE}.ESDS{pair:02d}", f"{BASE}.KSDS{pair:02d}"


def define(pair: int) -> str:
    """The IDCAMS statements that make a pair."""
    log, index = names(pair)
    return f"""  DEFINE CLUSTER(NAME({log}) NONINDEXED -
         RECORDSIZE(512 4089) CYLINDERS(5 5) SHAREOPTIONS(2 3) REUSE) -
         DATA(NAME({log}.DATA) CONTROLINTERVALSIZE(4096))
  DEFINE CLUSTER(NAME({index}) INDEXED KEYS(12 0) -
         RECORDSIZE(14 14) CYLINDERS(1 1) SHAREOPTIONS(2 3) REUSE) -
         DATA(NAME({index}.DATA) CONTROLINTERVALSIZE(4096)) -
         INDEX(NAME({index}.INDEX))
"""


_FIELD_LIMIT = 300
_RECORD_LIMIT = 4089


class StatisticsDamaged(NodeError):
    """A record of the log is not one."""

    default_id = "DTX330E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One event. `when` in ns since the epoch; `fields` in the order they are shown."""

    kind: str
    when: int
    number: int = 0
    name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """When it happened, in UTC."""
        return utc(self.when)

    @property
    def condition_code(self) -> int:
        text = self.fields.get("CCOD", "0")
        return int(text) if text.isdecimal() else 0

    def pairs(self) -> dict[str, str]:
        """The whole record as KEY -> value."""
        stamp = f"{self.moment:%Y/%m/%d %H:%M:%S}"
        return {"RECI": self.kind, "STAR": stamp, "PNAM": self.name, "PNUM": str(self.number), **self.fields}

    def line(self) -> str:
        """KEY=value|KEY=value|..."""
        return "".join(f"{key}={value}|" for key, value in self.pairs().items())


def utc(ns: int) -> datetime:
    """A moment in ns since the epoch."""
    return datetime.fromtimestamp(ns / 1e9, UTC)


class _Pair(Closing):
    """One open log and its index."""

    def __init__(self, system: System, number: int, mode: str) -> None:
        self.number = number
        log, index = names(number)
        self._log = system.entry_sequenced(log, mode)
        try:
            self._index = system.key_sequenced(index, mode)
        except KsdsError:
            self._log.close()
            raise

    def close(self) -> None:
        self._log.close()
        self._index.close()

    @property
    def size(self) -> int:
        return self._log.statistics.high_used_rba

    @property
    def switches(self) -> int:
        """How many switches there were before this pair; -1 if it is empty."""
        return _switches(self._log)

    def write(self, statistic: Statistic) -> None:
        rba = self._log.append(_encode(statistic))
        self._log.commit()
        self._index.insert(_entry(statistic, rba))
        self._index.commit()

    def all(self) -> Iterator[Statistic]:
        for _, record in self._log.browse():
            yield decode(record)

    def of_process(self, number: int) -> Iterator[Statistic]:
        if not self._is_complete:
            yield from (statistic for statistic in self.all() if statistic.number == number)
            return
        for entry in self._index.browse(prefix=number.to_bytes(4, "big")):
            yield decode(self._log.get(STATISTICS_ENTRY_CODEC.unpack(entry)[1]))

    def erase(self) -> None:
        """The index first: entries without their record would be taken for true."""
        self._index.reset()
        self._log.reset()

    @property
    def _is_complete(self) -> bool:
        return self._log.statistics.records == len(self._index)

    def complete_index(self) -> None:
        """Add the entries that a crash has left out."""
        if self._is_complete:
            return
        known = {STATISTICS_ENTRY_CODEC.unpack(entry)[1] for entry in self._index.browse()}
        for rba, record in self._log.browse():
            if rba not in known:
                self._index.insert(_entry(decode(record), rba))
        self._index.commit()


@dataclass(frozen=True, slots=True)
class FilePair:
    """What INQUIRE STATISTICS shows. Moments of its first and last record in ns since 1970, 0 if it is empty."""

    number: int
    log: str
    active: bool
    bytes: int
    first: int
    last: int


class StatisticsLog(Closing):
    """The open file pairs; mode "w" to write, "r" to look. A log of `file_bytes` is full.

    `filled` is told the name of a log that is not written to any more.
    """

    def __init__(
        self,
        system: System,
        mode: str = "r",
        file_bytes: int = FILE_BYTES,
        filled: Callable[[str], None] | None = None,
    ) -> None:
        self._system = system
        self._file_bytes = file_bytes
        self._filled = filled
        numbers = list(takewhile(lambda number: system.exists(names(number)[0]), count(1)))
        order = sorted(numbers, key=lambda number: (self._switches(number), -number))
        self._older, self._ring = order[:-1], numbers
        self._active = _Pair(system, order[-1], mode)
        if mode == "w":
            self._active.complete_index()

    def close(self) -> None:
        self._active.close()

    def write(self, statistic: Statistic) -> None:
        """Add a record, durably."""
        if self._active.size >= self._file_bytes and len(self._ring) > 1:
            self.switch(statistic.when)
        self._active.write(statistic)

    def all(self) -> Iterator[Statistic]:
        """Every record of every pair in the order of time."""
        for number in self._older:
            with _Pair(self._system, number, "r") as pair:
                yield from pair.all()
        yield from self._active.all()

    def of_process(self, number: int) -> Iterator[Statistic]:
        """The records of one Process number, through the indexes."""
        for older in self._older:
            with _Pair(self._system, older, "r") as pair:
                yield from pair.of_process(number)
        yield from self._active.of_process(number)

    def _switches(self, number: int) -> int:
        with self._system.entry_sequenced(names(number)[0]) as log:
            return _switches(log)

    def pairs(self) -> list[FilePair]:
        """All of them in the order of their numbers."""
        return [self._described(number) for number in self._ring]

    def _described(self, number: int) -> FilePair:
        if number == self._active.number:
            return _describe(self._active, active=True)
        with _Pair(self._system, number, "r") as pair:
            return _describe(pair, active=False)

    def switch(self, when: int) -> bool:
        """Erase the next pair and go on with it; False, and nothing is done, while somebody reads it."""
        following = self._ring[(self._ring.index(self._active.number) + 1) % len(self._ring)]
        try:
            pair = _Pair(self._system, following, "w")
        except KsdsError:
            return False
        switches = self._active.switches + 1
        try:
            pair.erase()
            text = {"MSGI": SWITCHED, "TEXT": f"STATISTICS GO ON IN FILE PAIR {following}", "SEQ": str(switches)}
            pair.write(Statistic(kind="WT", when=when, fields=text))
        except KsdsError:
            pair.close()
            return False
        full = self._active.number
        self._active.close()
        self._older = [number for number in (*self._older, full) if number != following]
        self._active = pair
        if self._filled is not None:
            self._filled(names(full)[0])
        return True


def _describe(pair: _Pair, *, active: bool) -> FilePair:
    moments = [statistic.when for statistic in pair.all()] or [0]
    return FilePair(pair.number, names(pair.number)[0], active, pair.size, moments[0], moments[-1])


def _switches(log: EntrySequenced) -> int:
    """How many switches there were before this log; -1 if it is empty."""
    first = next(log.browse(), None)
    return int(decode(first[1]).fields.get("SEQ", "0")) if first else -1


def _entry(statistic: Statistic, rba: int) -> bytes:
    return STATISTICS_ENTRY_CODEC.pack(statistic.number, rba, statistic.kind.encode("cp037"))


def _encode(statistic: Statistic) -> bytes:
    moment = statistic.moment
    time = bytes.fromhex(f"{moment:%H%M%S}{moment.microsecond // 10_000:02d}")
    date = bytes.fromhex(f"{moment:%Y%j}F")
    pairs = [f"{key}={one_line(str(value))[:_FIELD_LIMIT]}|" for key, value in statistic.fields.items()]
    text = "".join(pair[:-1].replace("|", "\\x7c") + "|" for pair in pairs).encode("cp037", "backslashreplace")
    text = text[: _RECORD_LIMIT - STATISTICS_CODEC.size]
    name = statistic.name.encode("cp037", "replace")[:8].ljust(8, b"\x40")
    kind = statistic.kind.encode("cp037")
    return (
        STATISTICS_CODEC.pack(
            STATISTICS_CODEC.size + len(text), kind, time, date, statistic.number, name, statistic.when
        )
        + text
    )


def decode(record: bytes) -> Statistic:
    """The event in a record of a log. Raises StatisticsDamaged, UnicodeDecodeError."""
    if len(record) < STATISTICS_CODEC.size or STATISTICS_CODEC.unpack_from(record)[0] != len(record):
        raise StatisticsDamaged("a record of the statistics log has a wrong length")
    _, kind, _, _, number, name, when = STATISTICS_CODEC.unpack_from(record)
    fields = [pair.partition("=") for pair in record[STATISTICS_CODEC.size :].decode("cp037").split("|") if pair]
    return Statistic(
        kind=kind.decode("cp037"),
        when=when,
        number=number,
        name=name.decode("cp037").rstrip(),
        fields={key: value for key, _, value in fields},
    )
