"""Commands that look: select, checkpoints, timeline. They read the files of the node, which a DTF may be using."""

from __future__ import annotations

import json
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dtf import netmap, queue_listing, statistics_listing, timeline
from dtf.cli.operands import AsJson, Selectors, pairs
from dtf.copying import checkpoint_listing
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.errors import DtfError, UsageError
from dtf.netmap import AdjacentNode, Netmap
from dtf.node import install
from dtf.node import orphans as left_behind
from dtf.selection import check_selectors, is_selected
from dtf.statistics_log import StatisticsLog
from dtf.transmission_queue import TransmissionQueue
from ksds.system import System
from ksds.text_table import print_table


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
    are exec, wait, timer and hold; exclude takes wto, notwto and member. Of netmap: node.

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
            _show_netmap(system, selectors, as_json=as_json)


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
        with StatisticsLog(system) as log, Netmap(system) as nodes:
            statistics, local = list(log.of_process(number)), nodes.local
    own = [statistic for statistic in statistics if statistic.fields.get("PNOD", local) == local]
    statistics = own or statistics  # a partner's Process may have the same number
    name = next((statistic.name for statistic in statistics), "")
    print(timeline.svg(statistics, f"Process {name}({number:06d})"), end="")


def _show_processes(system: System, selectors: dict[str, str], *, detail: bool, as_json: bool) -> None:
    with TransmissionQueue(system) as queue:
        chosen = queue_listing.select(queue.processes, selectors)
    if as_json:
        for process in chosen:
            print(json.dumps(queue_listing.as_json(process)))
        return
    for line in queue_listing.detail(chosen) if detail else queue_listing.listing(chosen):
        print(line)


def _show_statistics(system: System, selectors: dict[str, str], *, detail: bool, raw: bool, as_json: bool) -> None:
    with StatisticsLog(system) as log:
        chosen = statistics_listing.select(log.all, system.records, selectors)
    if as_json:
        for statistic in chosen:
            print(json.dumps(statistic.pairs()))
    elif raw:
        for statistic in chosen:
            print(statistic.line())
    elif detail:
        for statistic in chosen:
            print("\n".join(statistics_listing.detail(statistic)))
    else:
        print("\n".join(statistics_listing.listing(chosen)))


def _show_netmap(system: System, selectors: dict[str, str], *, as_json: bool) -> None:
    check_selectors(selectors, netmap.SELECTORS)
    with Netmap(system) as nodes:
        local, partners = nodes.local, [n for n in nodes.nodes() if is_selected({"NODE": n.name}, selectors)]
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
