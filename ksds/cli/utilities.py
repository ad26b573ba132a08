"""IDCAMS and the commands that are shorthands for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ksds import host_files, idcams
from ksds.catalog.entries import AlternateIndexEntry, ComponentEntry, Entry, NonVsamEntry
from ksds.cli import operands
from ksds.cli.operands import AsJson, DataSetName, open_system
from ksds.cluster.findings import Finding, highest
from ksds.command_line import failed
from ksds.datasets.dd import DD
from ksds.waiting import Waiting

LISTCAT_WORDS = {"ALL", "NAME", "HISTORY", "HIST", "VOLUME", "VOL", "ALLOCATION", "ALLOC", "CLUSTER", "CL"}
LISTCAT_WORDS |= {"DATA", "INDEX", "IX", "NONVSAM", "NVSAM", "ALTERNATEINDEX", "AIX", "PATH"}

OF_THE_STORE = {"stem", "member", "file_name"}
"""Fields of an entry that say where its files are, and are no promise."""
PARAMETER = re.compile(r"[A-Za-z0-9@#$.*%() -]{1,66}")


def run_idcams(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Statements; standard input if absent.")] = None,
    dd: Annotated[list[str] | None, typer.Option(metavar="NAME=DSN", help="A DD for INFILE and OUTFILE.")] = None,
) -> int:
    """Run IDCAMS statements; print SYSPRINT.

    The exit status is MAXCC. Statements stand in columns 2 to 72, as on the real thing.

    \b
    Example:
      echo " LISTCAT ALL" | ksds idcams
    """
    lines = list(host_files.lines(file or host_files.STANDARD, lambda count: None))
    for what in idcams.behind_the_margin(lines):
        failed(f"KSD014W {what}", 0)
    return issue(context, "\n".join(lines), dd or [])


def listcat(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DSN]... [KEYWORD]...",
            help="Entries, and keywords of LISTCAT.",
            autocompletion=operands.data_set_names,
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """List the catalog: names, or all fields of entries with ALL.

    \b
    Examples:
      ksds listcat
      ksds listcat BANK.ACCOUNTS ALL
      ksds listcat "LEVEL(BANK)"
      ksds listcat "BANK.*" --json
    """
    keywords = [word for word in words or [] if "(" in word or word.upper() in LISTCAT_WORDS]
    names = [word for word in words or [] if word not in keywords]
    if as_json:
        if keywords:
            raise typer.BadParameter("--json takes names only")
        with open_system(context) as system:
            for entry in (entry for name in names or ["**"] for entry in system.entries(name)):
                print(json.dumps(entry_fields(entry), default=str))
        return 0
    entries = ["ENTRIES(", *names, ")"] if names else []
    return issue(context, statement("LISTCAT", *entries, *keywords))


def entry_fields(entry: Entry) -> dict[str, object]:
    """A catalog entry for programs, as docs/JSON.md describes it; a component says whose it is."""
    fields: dict[str, object] = {"name": entry.name, "type": entry.type}
    if isinstance(entry, ComponentEntry):
        return fields | {"cluster": entry.cluster.name}
    fields |= {name: value for name, value in asdict(entry).items() if name not in OF_THE_STORE}
    if isinstance(entry, AlternateIndexEntry):
        del fields["alternate"]
        of_base = entry.alternate
        fields |= {"base_key_offset": of_base.key_offset, "unique": of_base.unique, "upgrade": of_base.upgrade}
    if isinstance(entry, NonVsamEntry):
        fields["status"] = entry.status.name
    return fields


def examine(context: typer.Context, dsn: DataSetName, as_json: AsJson = False) -> int:
    """Check the structure of a KSDS: index, then data.

    \b
    Examples:
      ksds examine BANK.ACCOUNTS
      ksds examine BANK.ACCOUNTS --json
    """
    if as_json:
        with open_system(context) as system, system.cluster(dsn) as cluster, Waiting("EXAMINE"):
            findings = cluster.verify()
        return print_findings(findings)
    return issue(context, statement("EXAMINE", f"NAME({dsn})", "INDEXTEST", "DATATEST"))


def verify(context: typer.Context, dsn: DataSetName, as_json: AsJson = False) -> int:
    """Bring a cluster that was not closed in order, and check it.

    It may be of any organization.

    \b
    Examples:
      ksds verify BANK.ACCOUNTS
      ksds verify BANK.ACCOUNTS --json
    """
    if as_json:
        with open_system(context) as system, system.cluster(dsn, "w") as cluster, Waiting("VERIFY"):
            findings = cluster.verify()
        return print_findings(findings)
    return issue(context, statement("VERIFY", f"DATASET({dsn})"))


def print_findings(findings: list[Finding]) -> int:
    """Findings for programs, one a line; the condition code."""
    for finding in findings:
        print(json.dumps(asdict(finding)))
    return highest(findings)


def statement(verb: str, *parameters: str) -> str:
    """One IDCAMS command, a parameter on each line. Nothing that a user typed may start another command: no
    terminator, comment or quotation, no line of its own."""
    for parameter in parameters:
        if not PARAMETER.fullmatch(parameter):
            raise typer.BadParameter(f"{parameter[:20]!r} is not a parameter of {verb}")
    return " -\n".join([f"  {verb}", *(f"    {parameter}" for parameter in parameters)]) + "\n"


def issue(context: typer.Context, text: str, dds: Iterable[str] = ()) -> int:
    """Run IDCAMS statements and print the listing; the condition code."""
    named = {}
    for word in dds:
        name, equals, dsn = word.partition("=")
        if not equals:
            raise typer.BadParameter(f"--dd {word} is not NAME=DSN")
        named[name.upper()] = DD(name=name.upper(), data_sets=(dsn,))
    with open_system(context) as system, Waiting("IDCAMS") as waiting:
        return idcams.run(system, text, dds=named, now=datetime.now(), sysprint=ListingPrinter(waiting)).max_cc


class ListingPrinter:
    """Prints SYSPRINT for people: carriage control bytes that skip lines (1, 0, -) become one blank line at most."""

    def __init__(self, waiting: Waiting) -> None:
        self._blank = True
        self._waiting = waiting

    def __call__(self, line: str) -> None:
        with self._waiting.silent():
            self._print(line)

    def _print(self, line: str) -> None:
        text = "".join(c if c.isprintable() else "." for c in line[1:].rstrip())
        if not self._blank and (line[:1] in "10-" or not text):
            print()
            self._blank = True
        if text:
            print(text)
            self._blank = False
