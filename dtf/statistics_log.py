"""What has happened: the statistics log (ESDS) and its index (KSDS), in file pairs that are used in turn.

The bytes of both records are declared in `dtf.record_layouts`; offsets of type, time and date in the log are those of
connect-direct.md 6. The key of the index is Process number and RBA: generic by number it lists a Process.
The log is written first; an index that misses its last entries, after a crash, is completed at the next open.

A pair whose log has reached STAT.FILE.SIZE is full: the next one is erased and goes on, after the last one the first
(connect-direct.md 2.2). The first record of a pair says how many switches there were before it; the highest is the
active one. A pair that somebody reads cannot be erased: the old one goes on until it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, takewhile

from dtf.errors import NodeError, one_line
from dtf.record_layouts import STATISTICS_CODEC, STATISTICS_ENTRY_CODEC
from dtf.selection import check_selectors, is_selected
from ksds import EntrySequenced
from ksds.closing import Closing
from ksds.errors import KsdsError
from ksds.system import System

BASE = "DTF.STATS"
PAIRS = 2
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


TYPES: Mapping[str, str] = {
    "CT": "copy termination",
    "CI": "copy step start",
    "PS": "Process submitted",
    "RT": "run task",
    "RJ": "run job",
    "PT": "Process termination",
    "IF": "modal IF",
    "GO": "modal GOTO, ELSE, EXIT",
    "CH": "change process",
    "DP": "delete process",
    "FP": "flush process",
    "FS": "suspend process",
    "SD": "start Connect:Direct",
    "ST": "stop Connect:Direct",
    "WT": "write to operator",
    "SP": "select process",
    "SS": "select statistics",
    "SN": "select netmap",
    "IT": "inquire initparm",
    "IA": "inquire statistics",
    "CS": "statistics command",
    "SI": "signon",
    "SO": "signoff",
}
UNIX_IDS: Mapping[str, str] = {
    "CT": "CTRC",
    "CI": "LSST",
    "PS": "SUBP",
    "RT": "RTED",
    "RJ": "RJED",
    "PT": "PRED",
    "IF": "IFED",
    "CH": "CHCG",
    "DP": "DELP",
    "FP": "PFLS",
    "SD": "NUIC",
    "ST": "STOP",
    "IT": "IPPR",
}
"""The four-letter ids of the Unix product for the same events, where it has one: RECIDS= takes either."""
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
        return _moment(self.when)

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


def _moment(ns: int) -> datetime:
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
            yield _decode(record)

    def of_process(self, number: int) -> Iterator[Statistic]:
        if not self._is_complete:
            yield from (statistic for statistic in self.all() if statistic.number == number)
            return
        for entry in self._index.browse(prefix=number.to_bytes(4, "big")):
            yield _decode(self._log.get(STATISTICS_ENTRY_CODEC.unpack(entry)[1]))

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
                self._index.insert(_entry(_decode(record), rba))
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
    return int(_decode(first[1]).fields.get("SEQ", "0")) if first else -1


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


def _decode(record: bytes) -> Statistic:
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


_RULE = "=" * 79
_PROCESS_RECORDS = ("CT", "CI", "PT", "PS", "RT", "RJ")


def listing(statistics: Iterable[Statistic]) -> list[str]:
    """SELECT STATISTICS, short form (connect-direct.md 5.2): P for a record of a Process, E for an event."""
    lines = [
        _RULE,
        "                           SELECT  STATISTICS",
        _RULE,
        "P RECID LOG TIME            PNAME        PNUMBER  STEPNAME   CCOD FDBK MSGID",
        "E RECID LOG TIME            MESSAGE TEXT",
        "-" * 79,
    ]
    for s in statistics:
        stamp = f"{s.moment:%m/%d/%Y %H:%M:%S}"
        if s.kind in _PROCESS_RECORDS:
            step, message = s.fields.get("SNAM", ""), s.fields.get("MSGI", "")
            process = f"{s.name:<12} {s.number:7d}  {step:<8} {s.condition_code:6d}"
            lines.append(f"P {s.kind:<5} {stamp} {process}      {message}".rstrip())
        else:
            said = [s.fields[key] for key in ("SNAM", "MSGI", "MSST", "TEXT") if s.fields.get(key)]
            if "MSGI" not in s.fields:
                said = [value if key == "TEXT" else f"{key}={value}" for key, value in s.fields.items()]
            text = " ".join(said)
            lines.append(f"E {s.kind:<5} {stamp} {TYPES.get(s.kind, '')} {s.name}({s.number}) {text}".rstrip())
    return [*lines, _RULE, "Select Statistics Completed Successfully."]


def pairs_listing(pairs: Iterable[FilePair]) -> list[str]:
    """INQUIRE STATISTICS: a line for each file pair."""
    lines = ["PAIR  LOG                    ACTIVE     BYTES  FROM                 TO"]
    for pair in pairs:
        first, last = (f"{_moment(at):%Y/%m/%d %H:%M:%S}" if at else "" for at in (pair.first, pair.last))
        active = "YES" if pair.active else "NO"
        lines.append(f"{pair.number:4d}  {pair.log:<22} {active:<6} {pair.bytes:9d}  {first:<20} {last}".rstrip())
    return lines


def detail(statistic: Statistic) -> list[str]:
    """One record in full: a copy as connect-direct.md 5.2 has it, any other a line for each field."""
    if statistic.kind == "CT":
        return _copy_detail(statistic)
    head = f"{statistic.kind} {TYPES.get(statistic.kind, '')}"
    return [head, *(f"  {key:<5}=> {value}" for key, value in statistic.pairs().items()), ""]


_FLAGS = (("Ckpt", "CKPT"), ("Lkfl", "LKFL"), ("Rstr", "RSTR"), ("Xlat", "XLAT"), ("Scmp", "SCMP"), ("Ecmp", "ECMP"))


def _copy_detail(statistic: Statistic) -> list[str]:
    """L fields are this node's, O fields the other's; the sender is the source."""
    fields = statistic.pairs()
    flags = "  ".join(f"{name}=>{fields.get(key, 'N')}" for name, key in (*_FLAGS, ("CRC", "CRC")))
    local_is_source = (fields.get("FROM") == "P") == (fields.get("LNOD") != fields.get("SNOD"))
    source, target = ("L", "O") if local_is_source else ("O", "L")

    def row(left: str, left_value: str, right: str, right_value: str) -> str:
        return f" {left:<11}=>{left_value:<16}{right:<13}=>{right_value}".rstrip()

    moved, wire, blocks = (fields.get(key, "") for key in ("BYXF", "BYWR", "RECC"))
    return [
        f"Process Name    => {fields['PNAM']:<20} Stat Log Time => {fields['STAR'][11:]}",
        f"Process Number  => {fields['PNUM']:<20} Stat Log Date => {fields['STAR'][:10]}",
        f"Step Name       => {fields.get('SNAM', '')}",
        f"Step Start      => {fields.get('SSTA', ''):<20} Step Stop     => {fields.get('STOP', '')}",
        f"Step Elapsed    => {fields.get('STPT', '')}",
        f"From node       => {fields.get('FROM', ''):<20} SNODE         => {fields.get('SNOD', '')}",
        f"Completion Code => {fields.get('CCOD', '')}",
        f"Message Id      => {fields.get('MSGI', '')}",
        f"Short Text      => {fields.get('MSST', '')}",
        flags,
        f"Local node      => {fields.get('LNOD', ''):<20} Mode          => {fields.get('MODE', '')}",
        f"Src File        => {fields.get('SFIL', '')}",
        f"Dest File       => {fields.get('DFIL', '')}",
        f"Checkpoints     => {fields.get('CKNO', '0'):<20} Interval      => {fields.get('CKIV', '0')}",
        f"Restarted From  => {fields.get('SRCB', '0')} {fields.get('RSTX', '')}".rstrip(),
        "     Source                     Destination",
        row("Ccode", fields.get(f"{source}CCD", ""), "Ccode", fields.get(f"{target}CCD", "")),
        row("Msgid", fields.get(f"{source}MSG", ""), "Msgid", fields.get(f"{target}MSG", "")),
        row("Bytes Read", fields.get("SBYR", "0"), "Bytes Written", fields.get("DBYW", "0")),
        row("Recs  Read", blocks, "Recs  Written", blocks),
        row("Bytes Sent", wire, "Bytes Recvd", wire),
        row("Rus   Sent", fields.get("RUSX", ""), "Rus   Recvd", fields.get("RUSX", "")),
        f" Ru    Size =>{fields.get('RUSZ', '')}",
        f" Data  Moved=>{moved}",
        "",
    ]


SELECTORS = (
    *("TYPE", "RECIDS", "PNAME", "PNUM", "PNUMBER", "SNODE", "CCODE", "MSGID", "USER", "FNAME"),
    *("STARTT", "STOPT", "EXCLUDE", "ARCHDSN"),
)


def select(
    everything: Callable[[], Iterable[Statistic]], archive: Callable[[str], Iterable[bytes]], where: Mapping[str, str]
) -> list[Statistic]:
    """SELECT STATISTICS: of `everything`, or of the archives that ARCHDSN= names, what is selected.

    `archive` gives the records of a data set to which the log of a file pair was copied: an ESDS, or variable-length
    records. Raises SelectorError, StatisticsDamaged, and what `archive` raises.
    """
    check_selectors(where, SELECTORS)
    selectors = {key.upper(): value for key, value in where.items()}
    names = selectors.pop("ARCHDSN", "")
    archived = (s for name in names.strip("()").upper().split(",") for s in _archived(name, archive))
    return [s for s in (archived if names else everything()) if is_selected(selectable(s), selectors)]


def _archived(name: str, archive: Callable[[str], Iterable[bytes]]) -> Iterator[Statistic]:
    for record in archive(name):
        try:
            yield _decode(record)
        except (StatisticsDamaged, UnicodeDecodeError):
            raise StatisticsDamaged(f"{name} is no archive of statistics") from None


def selectable(statistic: Statistic) -> dict[str, str]:
    """What SELECT STATISTICS may select by."""
    stamp = f"{statistic.moment:%Y/%m/%d %H:%M:%S}"
    ids, fields = f"{statistic.kind} {UNIX_IDS.get(statistic.kind, '')}".strip(), statistic.fields
    return {
        "TYPE": ids,
        "RECIDS": ids,
        "EXCLUDE": statistic.kind,
        "MSGID": fields.get("MSGI", ""),
        "USER": f"{fields.get('SUBM', '')} {fields.get('SBID', '')}".strip(),
        "PNAME": statistic.name,
        "PNUM": str(statistic.number),
        "PNUMBER": str(statistic.number),
        "SNODE": statistic.fields.get("SNOD", ""),
        "CCODE": str(statistic.condition_code),
        "STARTT": stamp,
        "STOPT": stamp,
        "FNAME": f"{statistic.fields.get('SFIL', '')} {statistic.fields.get('DFIL', '')}".strip(),
    }
