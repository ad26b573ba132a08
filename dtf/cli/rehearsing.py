"""The command rehearse: what would happen if the session were lost, here or there or anywhere?"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from dtf.cli.operands import AsJson
from dtf.cli.working import read_process, symbols_of
from dtf.simulation.rehearsal import Cut, Rehearsal, Script
from dtf.transport import tcp
from ksds.text_table import print_table

HEADINGS = ("CUT AT", "STATUS", "RESTARTED FROM", "SENT AGAIN", "CODE", "RESULT")


def rehearse(
    context: typer.Context,
    process: Annotated[
        Path, typer.Argument(metavar="PROCESS", help="Host file with the Process; - is standard input.")
    ],
    cuts: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="Runs that lose their session.")] = 10,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SYM=VAL", help="A symbolic. Repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Try a Process on copies of the systems with its session cut.

    It runs once undisturbed and N times cut, each time at another place. The exit status is 8 if a run ended in
    another way than the undisturbed one, or left other records.

    \b
    Examples:
      dtf rehearse payday.cdp --cuts 4
      dtf rehearse payday.cdp --set DST=PAY.DST --json
    """
    script = Script(read_process(process), symbols_of(settings or []), tcp.connect, time.time)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="rehearse-") as scratch:
        rehearsal = Rehearsal(script, context.obj, Path(scratch))
        quiet = not console.is_terminal
        done = list(track(rehearsal.cuts(cuts), "rehearsing", cuts, console=console, disable=quiet))
    clean = rehearsal.clean
    if as_json:
        print(json.dumps({"clean": asdict(clean), "cuts": [asdict(cut) for cut in done]}))
    else:
        told = f"CODE {clean.condition_code}, {clean.data_bytes} BYTES, {clean.link_bytes} ON THE LINK"
        print(f"DTX391I UNDISTURBED: {told}")
        print_table(HEADINGS, [_row(cut) for cut in done], right=("CUT AT", "SENT AGAIN", "CODE"))
    bad = [cut for cut in done if not cut.equal]
    for cut in bad:
        print(f"DTX392E CUT AT {cut.at} DIFFERS: dtf submit --fault session@link:{cut.at}", file=sys.stderr)
    return 8 if bad else 0


def _row(cut: Cut) -> tuple[str, ...]:
    result = "equal" if cut.equal else "DIFFERENT"
    begin = str(cut.restarted_from) if cut.restarted_from else "the beginning"
    return str(cut.at), cut.status, begin, str(cut.sent_again), str(cut.condition_code), result
