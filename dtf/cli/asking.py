"""Commands that look (select, checkpoints, view) and that order (change, suspend, flush, delete, initparms, stop).

Looking reads the files of the node. An order goes to the DTF that listens in this folder, or else is carried out here.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dtf import console, statistics_log, timeline, transmission_queue
from dtf.cli.operands import AsJson, Selectors, open_node, pairs
from dtf.console import Answer, Request
from dtf.copying import checkpoint_listing
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.errors import DtfError, UsageError
from dtf.netmap import AdjacentNode, Netmap
from dtf.node import install
from dtf.node import orphans as left_behind
from dtf.operations import COMPLETE, Operations
from dtf.selection import check_selectors, is_selected
from dtf.statistics_log import StatisticsLog
from dtf.transmission_queue import SELECTORS, TransmissionQueue
from dtf.watch import Watch
from ksds.system import System
from ksds.text_table import print_table

FAILED = 8
"""The lowest condition code of an answer that says nothing was done."""
NODE_NAME = Annotated[str, typer.Argument(metavar="NAME", help="The partner's node name.")]
PROCESS_WORD = Annotated[str, typer.Argument(metavar="process", help="The word process.")]
Which = Annotated[
    list[str], typer.Argument(metavar="[PNUMBER|KEY=VALUE|WORD]...", help="A number or pname=PAY* snode=LON ...")
]


class Selected(StrEnum):
    """What SELECT shows."""

    PROCESS = "process"
    STATISTICS = "statistics"
    NETMAP = "netmap"


def select(
    context: typer.Context,
    what: Annotated[Selected, typer.Argument(metavar="process|statistics|netmap", help="What to show.")],
    where: Selectors = None,
    detail: Annotated[bool, typer.Option("--detail", help="Every field.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Statistics as KEY=value|KEY=value|...")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the queue, what has happened, or the partners.

    Selectors of process: pname pnumber queue status snode submitter ccode. Of statistics: type (or recids) pname
    pnumber snode ccode msgid user fname startt stopt exclude archdsn. A value may end in *, or be a list: (A,B). Queues
    are exec, wait, timer and hold; exclude takes wto, notwto and member.

    \b
    Examples:
      dtf select process
      dtf select process queue=hold --detail
      dtf select statistics pnumber=1 --detail
      dtf select statistics type=CT 'ccode=(gt,0)' fname=PAY.* startt=2026/01/31
      dtf select statistics exclude=wto 'startt=(01/31/2026,3PM)' --detail
      dtf select statistics --raw
      dtf select netmap
    """
    selectors = pairs(where or [])
    with System.open(context.obj) as system:
        install(system, time.time())
        if what is Selected.PROCESS:
            _show_processes(system, selectors, detail=detail, as_json=as_json)
        elif what is Selected.STATISTICS:
            _show_statistics(system, selectors, detail=detail, raw=raw, as_json=as_json)
        else:
            _show_netmap(system, as_json)


def checkpoints(
    context: typer.Context,
    as_json: AsJson = False,
    orphans: Annotated[
        bool, typer.Option("--orphans", help="Only what no Process needs any more. Exit status 4 if there is any.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="With --orphans: delete it.")] = False,
) -> int:
    """Show every field of every record in the CKPT cluster.

    The exit status is 8 if one is damaged.

    \b
    Examples:
      dtf checkpoints
      dtf --system london checkpoints --json
      dtf checkpoints --orphans
      dtf checkpoints --orphans --remove
    """
    if remove and not orphans:
        raise UsageError("--remove goes with --orphans")
    if orphans:
        return _show_orphans(context.obj, as_json=as_json, remove=remove)
    with System.open(context.obj) as system:
        install(system, time.time())
        with CheckpointFile(system) as file:
            filed = file.records()
    for raw, record in filed:
        if as_json:
            print(json.dumps(checkpoint_listing.as_json(raw)))
            continue
        print(checkpoint_listing.title(raw))
        if not isinstance(record, DtfError):
            rows = [(str(f.offset), str(f.length), f.name, f.value) for f in checkpoint_listing.fields(raw)]
            print_table(["OFFSET", "LENGTH", "FIELD", "VALUE"], rows, right=("OFFSET", "LENGTH"))
    if not filed and not as_json:
        print("DTX214I THE CKPT FILE HOLDS NO RECORD")
    return max((record.condition_code for _, record in filed if isinstance(record, DtfError)), default=0)


def _show_orphans(folder: Path, *, as_json: bool, remove: bool) -> int:
    """Checkpoint records and staged files to which no Process belongs."""
    with System.open(folder) as system:
        install(system, time.time())
        found = left_behind.find(system)
        if remove:
            left_behind.remove(system, found)
    if as_json:
        for o in found:
            print(json.dumps({"kind": o.kind, "name": o.name, "what": o.what, "removed": remove}))
    elif found:
        print_table(["KIND", "NAME", "WHAT"], [(o.kind, o.name, o.what) for o in found])
    else:
        print("DTX217I NOTHING IS LEFT BEHIND")
    if found and remove and not as_json:
        print(f"DTX218I {len(found)} REMOVED")
    return 4 if found and not remove else 0


def show_timeline(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="PNUMBER", help="The Process number.")],
) -> None:
    """Draw a Process as SVG on standard output.

    It shows data, checkpoints, lost sessions, and what was sent again.

    \b
    Example:
      dtf timeline 1 > process1.svg
    """
    with System.open(context.obj) as system:
        install(system, time.time())
        with StatisticsLog(system) as log:
            statistics = list(log.of_process(number))
    name = next((statistic.name for statistic in statistics), "")
    print(timeline.svg(statistics, f"Process {name}({number:06d})"), end="")


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
    return _told(answer)


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
        return _told(ordered(context.obj, Request(verb="STATISTICS", words=["SWITCH"])))
    with System.open(context.obj) as system:
        install(system, time.time())
        with StatisticsLog(system) as log:
            file_pairs = log.pairs()
    if as_json:
        for pair in file_pairs:
            print(json.dumps(asdict(pair)))
    else:
        print("\n".join(statistics_log.pairs_listing(file_pairs)))
    return 0


def node_change(
    context: typer.Context,
    name: NODE_NAME,
    at: Annotated[str, typer.Option("--at", metavar="HOST:PORT", help="Where it listens now.")] = "",
    sessions: Annotated[str, typer.Option(metavar="N,CLASS", help="PARSESS: most sessions, default class.")] = "",
    compress: Annotated[str, typer.Option(metavar="RULE", help="allow, disallow or force COMPRESS.")] = "",
) -> int:
    """Change a partner in the netmap, as UPDATE NETMAP does.

    \b
    Examples:
      dtf node change CHI --sessions 4,1
      dtf node change CHI --compress disallow
    """
    given = {"ADDRESS": at, "PARSESS": f"({sessions})" if sessions else "", "COMPRESS": compress.upper()}
    keywords = {"NODE": name, **{key: value for key, value in given.items() if value}}
    return _told(ordered(context.obj, Request(verb="UPDATE", words=["NETMAP"], keywords=keywords)))


def node_remove(context: typer.Context, name: NODE_NAME) -> int:
    """Take a partner out of the netmap.

    It stays if a Process for it is in the queue.

    \b
    Example:
      dtf node add PAR --at paris.example.com:1364 ; dtf node remove PAR
    """
    return _told(ordered(context.obj, Request(verb="DELETE", words=["NETMAP"], keywords={"NODE": name})))


def stop(context: typer.Context) -> int:
    """End the DTF that listens in this folder. What it was doing goes on when it is started again.

    \b
    Example:
      dtf --system london stop
    """
    answer = console.ask(context.obj, Request(verb="STOP", words=["CD"]))
    if answer is None:
        raise UsageError(f"no DTF listens in {context.obj}")
    return _told(answer)


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
    return _told(ordered(folder, Request(verb=verb, words=words, keywords=keywords, where=where)))


def _told(answer: Answer) -> int:
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


def _show_processes(system: System, selectors: dict[str, str], *, detail: bool, as_json: bool) -> None:
    check_selectors(selectors, transmission_queue.SELECTORS)
    with TransmissionQueue(system) as queue:
        chosen = [p for p in queue.processes() if is_selected(transmission_queue.selectable(p), selectors)]
    if as_json:
        for process in chosen:
            print(json.dumps(transmission_queue.as_json(process)))
        return
    for line in transmission_queue.detail(chosen) if detail else transmission_queue.listing(chosen):
        print(line)


def _show_statistics(system: System, selectors: dict[str, str], *, detail: bool, raw: bool, as_json: bool) -> None:
    with StatisticsLog(system) as log:
        chosen = statistics_log.select(log.all, system.records, selectors)
    if as_json:
        for statistic in chosen:
            print(json.dumps(statistic.pairs()))
    elif raw:
        for statistic in chosen:
            print(statistic.line())
    elif detail:
        for statistic in chosen:
            print("\n".join(statistics_log.detail(statistic)))
    else:
        print("\n".join(statistics_log.listing(chosen)))


def _show_netmap(system: System, as_json: bool) -> None:
    with Netmap(system) as nodes:
        local, partners = nodes.local, nodes.nodes()
    if as_json:
        print(json.dumps({"local": local, "adjacent": [_described(node) for node in partners]}))
        return
    rows = [("LOCAL", local, str(system.folder), "", "")]
    rows += [("ADJACENT", n.name, n.location, f"({n.sessions},{n.default_class})", n.compression) for n in partners]
    print_table(["KIND", "NAME", "WHERE", "PARSESS", "COMPRESS"], rows)


def _described(node: AdjacentNode) -> dict[str, object]:
    """A partner for programs, as docs/JSON.md describes it."""
    return {
        "name": node.name,
        "kind": node.kind,
        "address": node.address,
        "sessions": node.sessions,
        "default_class": node.default_class,
        "certificate": node.certificate.hex(),
        "compression": node.compression,
    }
