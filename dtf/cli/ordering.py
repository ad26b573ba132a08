"""Commands that order: change, suspend, flush, delete, initparms, stop and the like.

An order goes to the DTF that listens in this folder, or else is carried out here.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dtf import console, statistics_listing
from dtf.cli.operands import AsJson, open_node, pairs
from dtf.console import Answer, Request
from dtf.errors import DtfError, UsageError
from dtf.node import install
from dtf.operations import COMPLETE, Operations
from dtf.queue_listing import SELECTORS
from dtf.statistics_log import StatisticsLog
from dtf.watch import Watch
from ksds.system import System

FAILED = 8
"""The lowest condition code of an answer that says nothing was done."""
PROCESS_WORD = Annotated[str, typer.Argument(metavar="process", help="The word process.")]
Which = Annotated[
    list[str], typer.Argument(metavar="[PNUMBER|KEY=VALUE|WORD]...", help="A number or pname=PAY* snode=LON ...")
]


def change(context: typer.Context, process: PROCESS_WORD, which: Which) -> int:
    """Release or hold a Process, or change it.

    It must not be executing. Priority, class, start time and destination can be changed.

    \b
    Examples:
      dtf change process 3 release ; dtf run
      dtf change process 3 hold
      dtf change process pname=PAY* prty=15 'startt=(TOMORROW,03:00)'
    """
    return _order(context.obj, "CHANGE", process, which)


def suspend(context: typer.Context, process: PROCESS_WORD, which: Which) -> int:
    """Stop an executing Process; it stays in the queue.

    It stops at its next checkpoint or after its step, or at once with force. It then stands in HO HS, and can be
    released.

    \b
    Examples:
      dtf suspend process 3
      dtf suspend process 3 force
    """
    return _order(context.obj, "SUSPEND", process, which)


def flush(context: typer.Context, process: PROCESS_WORD, which: Which) -> int:
    """Stop an executing Process; it leaves the queue.

    It stops at its next checkpoint or after its step, or at once with force.

    \b
    Examples:
      dtf flush process 3 force
    """
    return _order(context.obj, "FLUSH", process, which)


def delete(context: typer.Context, process: PROCESS_WORD, which: Which) -> int:
    """Delete a Process from the queue.

    Its checkpoint record stays until CKPT.DAYS have passed, and is named.

    \b
    Example:
      dtf delete process 3
    """
    return _order(context.obj, "DELETE", process, which)


def view(context: typer.Context, process: PROCESS_WORD, which: Which) -> int:
    """Show the text of a queued Process as it was submitted.

    \b
    Example:
      dtf view process 3
    """
    return _order(context.obj, "VIEW", process, which)


def show_initparms(
    context: typer.Context,
    settings: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Changes; all or none.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show the initialization parameters, or change them.

    \b
    Examples:
      dtf initparms
      dtf initparms ckpt=1M maxretries=2 wtretries=00:00:10
      dtf initparms --json
    """
    verb = "MODIFY" if settings else "INQUIRE"
    answer = ordered(context.obj, Request(verb=verb, words=["INITPARMS"], keywords=pairs(settings or [])))
    if as_json and answer.code < FAILED:
        answer.lines = [json.dumps(dict(line.split("=", 1) for line in answer.lines))]
    return told(answer)


def statistics(
    context: typer.Context,
    order: Annotated[str, typer.Argument(metavar="[switch]", help="Go on in the next file pair.")] = "",
    as_json: AsJson = False,
) -> int:
    """Show the file pairs of the statistics, or go on in the next.

    \b
    Examples:
      dtf statistics
      dtf statistics switch
    """
    if order not in ("", "switch"):
        raise UsageError(f"{order[:40]!r} is not switch")
    if order:
        return told(ordered(context.obj, Request(verb="STATISTICS", words=["SWITCH"])))
    with System.open(context.obj) as system:
        install(system, time.time())
        with StatisticsLog(system) as log:
            file_pairs = log.pairs()
    if as_json:
        for pair in file_pairs:
            print(json.dumps(asdict(pair)))
    else:
        print("\n".join(statistics_listing.pairs_listing(file_pairs)))
    return 0


def stop(context: typer.Context) -> int:
    """End the DTF that listens in this folder. What it was doing goes on when it is started again.

    \b
    Example:
      dtf --system london stop
    """
    answer = console.ask(context.obj, Request(verb="STOP", words=["CD"]))
    if answer is None:
        raise UsageError(f"no DTF listens in {context.obj}")
    return told(answer)


def ordered(folder: Path, request: Request) -> Answer:
    """What came of a request: of the DTF that listens, else carried out here."""
    answer = console.ask(folder, request)
    if answer is not None:
        return answer
    with System.open(folder) as system, open_node(system, Watch([])) as node:
        return console.carry_out(Operations(node), node, request)


def _order(folder: Path, verb: str, process: str, which: list[str]) -> int:
    """`which` holds numbers and selectors, settings, and the words release, hold and force."""
    if process != "process":
        raise UsageError(f"say: dtf {verb.lower()} process PNUMBER")
    where: dict[str, str] = {}
    keywords: dict[str, str] = {}
    words = ["PROCESS"]
    numbers = [word for word in which if word.isdecimal()]
    if numbers:
        where["PNUM"] = f"({','.join(numbers)})"
    for word in which:
        if word.isdecimal():
            continue
        if "=" in word:
            (key, value), *_ = pairs([word]).items()
            (where if key in (*SELECTORS, "NODE") else keywords)[key] = value
        elif word.lower() == "hold":
            keywords["HOLD"] = "YES"
        elif word.lower() in ("release", "force"):
            words.append(word.upper())
        else:
            raise UsageError(f"{word[:40]!r} is not a Process number, KEY=VALUE, release, hold or force")
    return told(ordered(folder, Request(verb=verb, words=words, keywords=keywords, where=where)))


def told(answer: Answer) -> int:
    """Print an answer; its condition code. What was asked for speaks for itself; what was done is said in a line.

    A failure is one line on standard error.
    """
    if answer.code >= FAILED:
        raise DtfError(answer.text, message_id=answer.message_id, condition_code=answer.code)
    for line in answer.lines:
        print(line)
    if answer.message_id != COMPLETE:
        print(f"{answer.message_id} {answer.text}")
    return answer.code
