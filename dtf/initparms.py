"""Initialization parameters of the DTF: KEY=value lines in the sequential data set DTF.INITPARM, all optional.

    MAXRETRIES=7             retries of a session before its Process is held (0-512, 0 = none)
    WTRETRIES=00:03:00       wait between two of them
    CKPT=10M                 interval of a COPY that codes none; 0 = no checkpoints
    CKPT.DAYS=4              days that a checkpoint record is kept
    CKPT.MODE=(RECORD BLOCK PDS NOPDS VSAM VSAM)   kinds checkpointed on LU0 sessions, which are not here: no effect
    THIRD.DISP.DELETE=YES    NO: an abend leaves a target as its second DISP word says, not the third
    ALLOC.CODES=(DTX241E)    messages of a step for which allocation is tried again (ours: a data set is in use)
    ALLOC.RETRIES=20         how often
    ALLOC.WAIT=00:03:00      wait between two of them
    REQUEUE=YES              what happens to a failed Process that codes nothing
    TCP.FMH.TIMER=00:10:00   longest silence of a partner within a session
    STAT.FILE.PAIRS=2        file pairs of the statistics (2-20), used in turn
    STAT.FILE.SIZE=4M        bytes of a log that is full
    STAT.SWITCH.SUBMIT=A.B   Process (a data set or member) submitted when one is full, with its name as &EDSN
    PLAIN.TCP=NO             YES allows TCP without TLS beyond this machine
    RUN.JOB=NO               YES lets Processes run jobs of this system
    RUN.TASK=(A,B)           programs that RUN TASK may run here; none unless named
    RUN.TASK.TIME=01:00:00   longest time of one of them; then it is ended with code 16
    FILE.READ=(/a,/b)        folders of the host whose files a COPY may read; none unless named
    FILE.WRITE=(/c)          the same for files that a COPY may make and replace

Names and defaults are the product's (connect-direct.md 3.2) except PLAIN.TCP, RUN.JOB, RUN.TASK, RUN.TASK.TIME,
STAT.FILE.SIZE and FILE, which are ours. A line that begins with an asterisk is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace

from dtf.errors import NodeError
from ksds import DataSetAttributes
from ksds.catalog.names import data_set_name
from ksds.codepage import code_page
from ksds.datasets.partitioned import member_name, split_member
from ksds.errors import DataSetError, DataSetNotFound, KsdsError
from ksds.system import System

NAME = "DTF.INITPARM"
LINE_LIMIT = 4096
_UNITS = {"K": 1_000, "M": 1_000_000}
_LARGEST = {"K": 2_147_483, "M": 2_147}
_MODES = (("RECORD", "BLOCK"),) * 2 + (("PDS", "NOPDS"),) * 2 + (("VSAM", "NOVSAM"),) * 2


class InitparmError(NodeError):
    """A parameter is unknown, or its value is not one; nothing was changed."""

    default_id = "DTX370E"


@dataclass(frozen=True, slots=True)
class Initparms:
    """The parameters in force. Times in seconds, the interval in bytes."""

    maxretries: int = 7
    wtretries: int = 180
    ckpt: int = 10_000_000
    ckpt_days: int = 4
    ckpt_mode: tuple[str, ...] = ("RECORD", "BLOCK", "PDS", "NOPDS", "VSAM", "VSAM")
    third_disp_delete: bool = True
    alloc_codes: tuple[str, ...] = ("DTX241E",)
    alloc_retries: int = 20
    alloc_wait: int = 180
    requeue: bool = True
    tcp_fmh_timer: int = 600
    stat_file_pairs: int = 2
    stat_file_size: int = 4_000_000
    stat_switch_submit: str = ""
    plain_tcp: bool = False
    run_job: bool = False
    run_task: tuple[str, ...] = ()
    run_task_time: int = 3600
    file_read: tuple[str, ...] = ()
    file_write: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """As KEY=value, every parameter."""
        return [f"{_key(f.name)}={_shown(f.name, getattr(self, f.name))}" for f in fields(self)]


def read(system: System) -> Initparms:
    """What DTF.INITPARM says, defaults where it says nothing. Raises InitparmError."""
    decode = code_page().decode
    try:
        lines = [decode(record).strip() for record in system.records(NAME)]
    except DataSetNotFound:
        return Initparms()
    return changed(Initparms(), [line for line in lines if line and not line.startswith("*")])


def write(system: System, parameters: Initparms) -> None:
    """Make `parameters` what DTF.INITPARM says, whole or not at all."""
    attributes = DataSetAttributes("VB", 4 + LINE_LIMIT, 27998)
    staged = system.stage(NAME, attributes)
    with staged.data_set as data_set:
        data_set.append(code_page().encode(line) for line in parameters.lines())
        data_set.sync()
    system.publish(NAME, attributes, staged.file_name)


def changed(parameters: Initparms, settings: Iterable[str]) -> Initparms:
    """`parameters` with every KEY=value of `settings`. One wrong one, and none counts: InitparmError."""
    values: dict[str, object] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        name = key.strip().lower().replace(".", "_")
        reader = _READERS.get(name)
        if not equals or reader is None:
            raise InitparmError(f"{key.strip()[:40]!r} is not one of {' '.join(map(_key, _READERS))}")
        try:
            values[name] = reader(text.strip() if name in _KEEP_CASE else text.strip().upper())
        except ValueError as error:
            raise InitparmError(f"{_key(name)}={text.strip()[:40]}: {error}") from None
    return replace(parameters, **values)  # type: ignore[arg-type]


def _key(name: str) -> str:
    return name.upper().replace("_", ".")


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "YES" if value else "NO"
    if isinstance(value, tuple):
        return f"({(' ' if name == 'ckpt_mode' else ',').join(value)})"
    if name in ("ckpt", "stat_file_size") and isinstance(value, int):
        return f"{value // 1_000_000}M" if not value % 1_000_000 else f"{value // 1_000}K"
    if name in ("wtretries", "alloc_wait", "tcp_fmh_timer", "run_task_time") and isinstance(value, int):
        return f"{value // 3600:02d}:{value // 60 % 60:02d}:{value % 60:02d}"
    return str(value) if value != "" else "()"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read_number(text: str) -> int:
        if not text.isdecimal() or not low <= int(text[:12]) <= high:
            raise ValueError(f"not a number from {low} to {high}")
        return int(text)

    return read_number


def _duration(text: str) -> int:
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d):([0-5]\d)", text)
    if not match:
        raise ValueError("not hh:mm:ss")
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])


def _interval(text: str) -> int:
    match = re.fullmatch(r"(\d{1,10})([KM])|0", text)
    if not match or (match[1] and int(match[1]) > _LARGEST[match[2]]):
        raise ValueError("not nK (up to 2147483K), nM (up to 2147M) or 0")
    return int(match[1]) * _UNITS[match[2]] if match[1] else 0


def _mode(text: str) -> tuple[str, ...]:
    words = tuple(text.removeprefix("(").removesuffix(")").replace(",", " ").split())
    if len(words) != len(_MODES) or any(word not in pair for word, pair in zip(words, _MODES, strict=True)):
        raise ValueError(f"not one of each of {' '.join('|'.join(pair) for pair in _MODES)}")
    return words


def _yes_or_no(text: str) -> bool:
    if text not in ("YES", "NO"):
        raise ValueError("not YES or NO")
    return text == "YES"


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.strip("()").split(",") if name.strip())
    if any(not re.fullmatch(r"[A-Z@#$][A-Z0-9@#$]{0,7}", name) for name in names):
        raise ValueError("not a list of program names")
    return names


def _data_set(text: str) -> str:
    """A data set or member; () is none."""
    if text == "()":
        return ""
    name, member = split_member(text)
    try:
        return f"{data_set_name(name)}({member_name(member)})" if member else data_set_name(name)
    except KsdsError as error:
        raise ValueError(str(error)) from None


def _folders(text: str) -> tuple[str, ...]:
    """Absolute paths; what cannot be written to DTF.INITPARM again is refused here."""
    folders = tuple(
        part.strip().rstrip("/") for part in text.removeprefix("(").removesuffix(")").split(",") if part.strip()
    )
    if any(not re.fullmatch(r"(?:/(?!\.{1,2}(?:/|$))[^/,()\0-\x1f]+)+", folder) for folder in folders):
        raise ValueError("not a list of folders by absolute path, such as (/pay/out,/pay/in)")
    if len(text) > LINE_LIMIT - 20:
        raise ValueError(f"longer than {LINE_LIMIT - 20} characters")
    try:
        code_page().encode(text)
    except DataSetError as error:
        raise ValueError(error.what) from None
    return folders


_KEEP_CASE = ("file_read", "file_write")
_READERS: Mapping[str, Callable[[str], object]] = {
    "maxretries": _whole(0, 512),
    "wtretries": _duration,
    "ckpt": _interval,
    "ckpt_days": _whole(0, 9999),
    "ckpt_mode": _mode,
    "third_disp_delete": _yes_or_no,
    "alloc_codes": _names,
    "alloc_retries": _whole(0, 512),
    "alloc_wait": _duration,
    "requeue": _yes_or_no,
    "tcp_fmh_timer": _duration,
    "stat_file_pairs": _whole(2, 20),
    "stat_file_size": _interval,
    "stat_switch_submit": _data_set,
    "plain_tcp": _yes_or_no,
    "run_job": _yes_or_no,
    "run_task": _names,
    "run_task_time": _duration,
    "file_read": _folders,
    "file_write": _folders,
}
