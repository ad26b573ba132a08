"""The statistics as they are selected and shown: SELECT STATISTICS and INQUIRE STATISTICS as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from dtf.selection import check_selectors, is_selected
from dtf.statistics_log import FilePair, Statistic, StatisticsDamaged, decode, utc

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
    return [s for s in (archived if names else everything()) if is_selected(_selectable(s), selectors)]


def _archived(name: str, archive: Callable[[str], Iterable[bytes]]) -> Iterator[Statistic]:
    for record in archive(name):
        try:
            yield decode(record)
        except (StatisticsDamaged, UnicodeDecodeError):
            raise StatisticsDamaged(f"{name} is no archive of statistics") from None


def _selectable(statistic: Statistic) -> dict[str, str]:
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
        first, last = (f"{utc(at):%Y/%m/%d %H:%M:%S}" if at else "" for at in (pair.first, pair.last))
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
