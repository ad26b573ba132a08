"""`dtf replay DECK`: runs a JCL deck on the local system and prints its spool.

Exit status: the highest step code of all jobs, 16 for an abend or a JCL error. The wall clock is read here and
nowhere below. Registered by dtf.cli; `--system` is that program's option.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dtf.errors import UsageError
from dtf.jcl import explanation
from dtf.jcl.cards import is_name
from dtf.jcl.dmbatch import dmbatch
from dtf.jcl.job_graph import draw
from dtf.jcl.job_report import as_json as as_json_report
from dtf.jcl.job_result import ABEND_OR_JCL_ERROR, JobResult
from dtf.jcl.libraries import ProcedureLibraries, parse_folders
from dtf.jcl.program_list import PROGRAMS
from dtf.jcl.programs import Program, StepContext
from dtf.jcl.programs import stub as stub_for
from dtf.jcl.runner import Replay
from dtf.jcl.site_programs import load_programs
from dtf.jcl.symbols import check_symbol
from dtf.jcl.unix_files import UnixFiles, parse_mounts
from dtf.node import Node
from dtf.transport import memory
from dtf.watch import Watch
from ksds.system import System
from ksds.waiting import Waiting

DECK_LIMIT = 16 << 20


def read_deck(path: Path) -> bytes:
    """The deck's bytes; "-" is standard input. Raises UsageError if it cannot be read or is beyond 16 MiB."""
    try:
        deck = sys.stdin.buffer.read(DECK_LIMIT + 1) if str(path) == "-" else _read(path)
    except OSError as error:
        raise UsageError(f"CANNOT READ {path}: {error.strerror}") from error
    if len(deck) > DECK_LIMIT:
        raise UsageError(f"{path} IS LONGER THAN {DECK_LIMIT} BYTES")
    return deck


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(DECK_LIMIT + 1)


def parse_symbols(texts: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE of --set. Raises UsageError."""
    symbols = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.removeprefix("&").upper()
        problem = check_symbol(name, value) if equals else f"{text[:40]!r} IS NOT NAME=VALUE"
        if problem:
            raise UsageError(f"--set: {problem}")
        symbols[name] = value
    return symbols


def parse_stubs(texts: Iterable[str]) -> dict[str, Program]:
    """PGM=RC of --stub. Raises UsageError."""
    stubs = {}
    for text in texts:
        name, _, code = text.partition("=")
        if not is_name(name.upper()) or not (code.isascii() and code.isdecimal() and int(code[:5]) <= 4095):
            raise UsageError(f"--stub: {text[:40]!r} IS NOT PROGRAM=CODE, CODE 0 TO 4095")
        stubs[name.upper()] = stub_for(int(code), name.upper())
    return stubs


def replay(
    context: typer.Context,
    deck: Annotated[Path, typer.Argument(metavar="DECK", help="A host file of JCL; - is standard input.")],
    fault: Annotated[
        list[str] | None, typer.Option(metavar="SPEC", help="ACTION@WHERE, such as session@percent:50. Repeatable.")
    ] = None,
    restart: Annotated[str, typer.Option(metavar="STEP", help="Begin with this step.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SYM=VAL", help="A symbol; beats the deck's SET. Repeatable.")
    ] = None,
    stub: Annotated[
        list[str] | None, typer.Option(metavar="PGM=RC", help="Stand in for a program that is not there. Repeatable.")
    ] = None,
    programs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file of the site's own programs, the only ones allowed.")
    ] = None,
    proclib: Annotated[
        list[str] | None,
        typer.Option(metavar="[LIB=]DIR", help="A folder of procedures; with LIB= it stands for that library."),
    ] = None,
    unix: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[/PATH=]DIR", help="A folder of files for PATH=, the root or mounted at /PATH. Repeatable."
        ),
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="Run jobs that TYPRUN=HOLD holds.")] = False,
    limit_space: Annotated[
        bool, typer.Option("--limit-space", help="Abend B37, D37, E37 for new data sets that outgrow their SPACE.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print the expanded jobs in words, run nothing.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Say in words what happened and why.")] = False,
    graph: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw steps and data sets; with --explain nothing runs.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs: one job a line, no spool.")] = False,
) -> int:
    """Run a JCL deck: job log, SYSOUT, step codes. Exit status: the highest step code, 16 for abend or JCL error.

    \b
    Examples:
      dtf replay jcl_samples/cond_ladder.jcl --why
      dtf replay jcl_samples/cond_ladder.jcl --explain
      dtf replay jcl_samples/dispositions.jcl --graph job.svg
      dtf replay jcl_samples/first_light.jcl --fault session@percent:50
      dtf replay jcl_samples/abend.jcl --stub PAYROLL=0
    """
    watch, waiting = Watch(fault or ()), Waiting("replaying")
    symbols = parse_symbols(settings or ())
    folders = parse_folders(proclib or ())
    mounts = parse_mounts(unix or ())
    found = {**PROGRAMS, **dict.fromkeys(("DMBATCH", "DGADBATC"), dmbatch(partial(open_node, watch, waiting)))}
    own, exits = load_programs(programs) if programs else ({}, {})
    found |= own
    found |= parse_stubs(stub or ())
    text = read_deck(deck)
    highest = 0
    with System.open(context.obj) as system, waiting:
        run = Replay(
            system=system,
            programs=found,
            exits=exits,
            clock=datetime.now,
            symbols=symbols,
            restart=restart.upper(),
            libraries=ProcedureLibraries(system, folders),
            unix=UnixFiles(mounts),
            release=release,
            limit_space=limit_space,
            begins=waiting.now,
        )
        if explain:
            with waiting.silent():
                return _explain(run, text, graph)
        drawn = []
        for result in run.run(text):
            with waiting.silent():
                if as_json:
                    typer.echo(json.dumps(as_json_report(result)))
                else:
                    _print(result, why=why)
            drawn.append((result.converted, {step.label: str(step) for step in result.steps}))
            highest = max(highest, result.condition_code)
    if graph is not None:
        _write(graph, draw(drawn))
    return highest


def _explain(run: Replay, text: bytes, graph: Path | None) -> int:
    """Print what every job would do; 16 if one could not run."""
    converted = run.conversions(text)
    for job in converted:
        for line in explanation.plan(job, run.system):
            typer.echo(line)
    if graph is not None:
        _write(graph, draw((job, {}) for job in converted))
    return max(0 if job.job is not None else ABEND_OR_JCL_ERROR for job in converted)


def _print(result: JobResult, *, why: bool) -> None:
    for line in result.spool.printed():
        typer.echo(line)
    for line in explanation.explain(result) if why else ():
        typer.echo(line)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"CANNOT WRITE {path}: {error.strerror}") from error


@contextmanager
def open_node(watch: Watch, waiting: Waiting, step: StepContext, console: Callable[[str], None]) -> Iterator[Node]:
    """The local node for the time of one step, watched and disturbed as planned."""
    clock = partial(_seconds, step)
    node = Node.open(step.system, clock=clock, connect=memory.connect, log=console, observer=watch)
    with waiting.silent(), watch.shown(), node:
        yield node


def _seconds(step: StepContext) -> float:
    return step.now().timestamp()
