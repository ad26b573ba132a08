"""Programs of a site: a TOML file says which names of EXEC PGM= run what. Nothing that is not in it ever runs.

    [programs.PAYROLL]
    entry = "payroll.batch:main"          # a Python callable: gets the StepContext, returns the condition code

    [programs.REPORT]
    command = ["./report.sh", "--pdf"]    # an external command, without a shell; relative to the folder of the file
    text = true                           # DDs as text lines (default); false: raw records
    seconds = 60                          # S322 behind that (default 600)

    [programs.FTP]
    code = 0                              # a stub

    [exits.CHECK]
    entry = "payroll.sorting:check"       # MODS E15=(CHECK,...) or E35= of SORT: gets an iterator of records, gives one

A command finds each DD as a file: DD_SYSUT1=/tmp/.../SYSUT1 in its environment, PARM in PARM. What it leaves in the
file of an output DD (NEW, MOD, OLD, or SYSOUT) becomes that DD's content; its standard output goes to SYSPRINT or
SYSOUT, or the job log. Its exit status is the condition code; 128 and above, or a signal, is abend U4038.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from dtf.errors import DtfError, UsageError
from dtf.jcl.cards import is_name
from dtf.jcl.programs import Abend, Program, RecordExit, StepContext, fit, stub
from dtf.jcl.sorting.language import SortError
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes
from ksds.errors import KsdsError

HIGHEST_EXIT = 127
DEFAULT_SECONDS = 600
_KEYS = frozenset({"entry", "command", "text", "seconds", "code"})


def load_programs(path: Path) -> tuple[dict[str, Program], dict[str, RecordExit]]:
    """The programs and the exits of a TOML file, by name. Raises UsageError for one that is wrong."""
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"CANNOT READ {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    programs, exits = (content.get(word, {}) for word in ("programs", "exits"))
    for word, tables in (("programs", programs), ("exits", exits)):
        if not isinstance(tables, dict):
            raise UsageError(f"{path}: {word} IS NOT A TABLE")
    return (
        {name.upper(): _program(path, name, table) for name, table in programs.items()},
        {name.upper(): _exit(path, name, table) for name, table in exits.items()},
    )


def _exit(path: Path, name: str, table: Any) -> RecordExit:
    wrong = partial(_wrong, path, name)
    if not is_name(name.upper()) or not isinstance(table, dict) or set(table) != {"entry"}:
        raise wrong("NOT THE NAME OF AN EXIT WITH entry")
    entry = str(table["entry"])
    found: RecordExit = _callable(entry, wrong)

    def run(records: Iterator[bytes]) -> Iterator[bytes]:
        with _Abends(entry):
            yield from found(records)

    return run


def _guarded_program(entry: str, wrong: Callable[[str], UsageError]) -> Program:
    found: Program = _callable(entry, wrong)

    def run(step: StepContext) -> int:
        with _Abends(entry):
            return int(found(step))

    return run


@dataclass(frozen=True, slots=True)
class _Abends:
    """Around a site's code: what it raises and does not catch is abend U4038, as an unhandled condition is."""

    entry: str

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, Abend | SortError | KsdsError | DtfError | OSError):
            detail = f"{type(error).__name__}: {error}".splitlines()[0]
            raise Abend("U4038", 1, f"DTX480E {self.entry} RAISED {detail[:100]}") from error


def _wrong(path: Path, name: str, what: str) -> UsageError:
    return UsageError(f"{path}: {name[:20]}: {what}")


def _program(path: Path, name: str, table: Any) -> Program:
    wrong = partial(_wrong, path, name)
    if not is_name(name.upper()) or not isinstance(table, dict) or table.keys() - _KEYS:
        raise wrong("NOT A PROGRAM NAME WITH entry, command OR code")
    kinds = table.keys() & {"entry", "command", "code"}
    if len(kinds) != 1:
        raise wrong("SAY ONE OF entry, command AND code")
    if "code" in kinds:
        if not isinstance(table["code"], int) or not 0 <= table["code"] <= 4095:
            raise wrong("code IS NOT 0 TO 4095")
        return stub(table["code"], name.upper())
    if "entry" in kinds:
        return _guarded_program(str(table["entry"]), wrong)
    command, seconds = table["command"], table.get("seconds", DEFAULT_SECONDS)
    if not isinstance(command, list) or not command or not all(isinstance(word, str) for word in command):
        raise wrong("command IS NOT A LIST OF WORDS")
    if not isinstance(seconds, int) or seconds < 1:
        raise wrong("seconds IS NOT A NUMBER ABOVE 0")
    folder = path.parent.resolve()
    words = [str(folder / command[0]) if "/" in command[0] else command[0], *command[1:]]
    return _External(tuple(words), folder, bool(table.get("text", True)), seconds)


def _callable(text: str, wrong: Callable[[str], UsageError]) -> Any:
    """The callable that "package.module:name" names."""
    module, colon, name = text.partition(":")
    try:
        found = getattr(importlib.import_module(module), name) if colon else None
    except (ImportError, AttributeError, ValueError) as error:
        raise wrong(f"{text} CANNOT BE LOADED: {error}") from error
    if not callable(found):
        raise wrong(f"{text} IS NOT A CALLABLE")
    return found


@dataclass(frozen=True, slots=True)
class _External:
    """An external command as a program."""

    command: tuple[str, ...]
    folder: Path
    text: bool
    seconds: int

    def __call__(self, step: StepContext) -> int:
        with tempfile.TemporaryDirectory(prefix="dtf-step-") as name:
            folder = Path(name)
            for dd in step.dds.values():
                self._unload(step, dd, folder / dd.name)
            environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
            environment |= {f"DD_{dd}": str(folder / dd) for dd in step.dds} | {"PARM": step.parameter}
            ended = self._run(environment, step)
            for dd in step.dds.values():
                if dd.spool is not None or dd.disposition[0] in ("NEW", "MOD", "OLD"):
                    self._load(step, dd, folder / dd.name)
        self._print(step, ended.stdout.decode(errors="replace"))
        for line in ended.stderr.decode(errors="replace").splitlines():
            step.log(f"+{line[:100]}")
        if not 0 <= ended.returncode <= HIGHEST_EXIT:
            raise Abend("U4038", 1, f"DTX480E {self.command[0]} ENDED WITH STATUS {ended.returncode}")
        return ended.returncode

    def _run(self, environment: Mapping[str, str], step: StepContext) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                self.command,
                cwd=self.folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Abend("S322", 0, f"DTX480E {self.command[0]} RAN LONGER THAN {self.seconds} SECONDS") from None
        except OSError as error:
            raise Abend("S806", 4, f"DTX480E {self.command[0]}: {error.strerror}") from error

    def _unload(self, step: StepContext, dd: DD, path: Path) -> None:
        """The DD's records as a file; what is new, or goes to the spool, is an empty one."""
        with path.open("wb") as file:
            if dd.spool is not None or dd.disposition[0] == "NEW":
                return
            decode = code_page().decode
            for record in step.system.records(dd):
                file.write(f"{decode(record).rstrip()}\n".encode() if self.text else record)

    def _load(self, step: StepContext, dd: DD, path: Path) -> None:
        """What the command left in the file, as the content of the DD."""
        with path.open("rb") as file:
            content = file.read()
        if dd.spool is not None:
            for line in content.decode(errors="replace").splitlines():
                dd.spool(line)
            return
        if not dd.data_sets:
            return
        lines = content.decode(errors="replace").splitlines()
        step.reshape(dd.name, DataSetAttributes("FB", max((len(line) for line in lines), default=80) or 80))
        shape = step.attributes(dd)
        if self.text:
            records = [fit(line, shape) for line in lines]
        else:
            length = shape.lrecl or max(len(content), 1)
            records = [content[at : at + length] for at in range(0, len(content), length)]
        with step.system.sequential(dd.data_sets[0], "w") as output:
            output.append(records)

    def _print(self, step: StepContext, text: str) -> None:
        lines = text.splitlines()
        ddname = next((name for name in ("SYSPRINT", "SYSOUT") if name in step.dds), "")
        if ddname:
            step.print(ddname, lines, carriage_control=False)
        else:
            for line in lines:
                step.log(f"+{line[:100]}")
