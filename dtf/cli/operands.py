"""What several commands take and show: selectors, settings, the local node opened for a command."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from dtf.cli.job_entry import JobEntry
from dtf.errors import UsageError
from dtf.node import Node
from dtf.transport import tcp
from dtf.watch import Watch
from ksds.system import System

AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
Faults = Annotated[
    list[str] | None, typer.Option("--fault", metavar="SPEC", help="ACTION@WHERE, such as session@3M. Repeatable.")
]
Selectors = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="pnumber=3 pname=PAY* snode=LON queue=HO ...")
]


def open_node(system: System, watch: Watch) -> Node:
    """The DTF of `system`, its console on standard output."""
    return Node.open(
        system,
        clock=time.time,
        connect=tcp.connect,
        log=lambda line: print(line, flush=True),
        observer=watch,
        programs=JobEntry(),
    )


def pairs(words: Sequence[str]) -> dict[str, str]:
    """KEY=VALUE words, keys in upper case. Raises UsageError."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise UsageError(f"{word[:40]!r} is not KEY=VALUE")
        found[key.upper()] = value
    return found
