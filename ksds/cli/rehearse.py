"""Requests as a VSAM program makes them: `rpl`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ksds import host_files
from ksds.access import Acb, Exits
from ksds.access.rehearsal import Rehearsal, Step
from ksds.access.request_script import parse
from ksds.cli.operands import AsJson, CodePageName, DataSetName, open_system
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.system import System

HEADING = "LINE  REQUEST RPL       R15 REASON           FS        RBA KEY"


def rpl(
    context: typer.Context,
    dsn: DataSetName,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Requests; standard input if absent.")] = None,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> int:
    """Rehearse the requests of a VSAM program.

    One on a line: GET PUT ERASE POINT GETIX PUTIX ENDREQ CHECK SHOWCB OPEN CLOSE with OPTCD, ARG, NXTRPL and the rest
    as in the macros. Each is answered with R15, reason code, COBOL file status, RBA and record. The exit status is the
    highest R15 that was not expected (EXPECT=R15/REASON). docs/REQUESTS.md describes the script.

    \b
    Examples:
      echo "GET OPTCD=(KEY,DIR) ARG=0006" | ksds rpl BANK.ACCOUNTS
      echo "GET OPTCD=(KEY,SEQ) COUNT=3" | ksds rpl BANK.ACCOUNTS --json
      echo "GET OPTCD=(KEY,DIR,UPD) ARG=9999 EXPECT=8/16" | ksds rpl BANK.ACCOUNTS
    """
    page = code_page(codepage)
    statements = parse(host_files.lines(file or host_files.STANDARD, lambda count: None))
    status = 0
    with open_system(context) as system:
        rehearsal = Rehearsal(partial(_open, system, dsn), page)
        with closing(rehearsal):
            for number, step in enumerate(rehearsal.run(statements)):
                status = max(status, step.condition_code)
                if not number and not as_json:
                    print(HEADING)
                print(json.dumps(described(step, page)) if as_json else line(step, page))
    return status


def _open(system: System, dsn: str, macrf: str, strings: int, exits: Exits) -> Acb:
    return system.acb(dsn, macrf, strings=strings, exits=exits)


def line(step: Step, page: CodePage) -> str:
    """A step as a row of the table; on a terminal cut to its width."""
    outcome = step.outcome
    reason = f"{outcome.feedback:3} {outcome.symbol}".rstrip() if outcome.feedback or outcome.return_code else ""
    rba = "" if outcome.rba is None else outcome.rba
    row = f"{step.statement.line or '':>4}  {step.statement.verb:7} {step.rpl:8}{outcome.return_code:>5} {reason:16} "
    row += f"{outcome.file_status} {rba:>10} " + "  ".join(details(step, page))
    if sys.stdout.isatty():
        row = row[: shutil.get_terminal_size().columns]
    return row.rstrip()


def details(step: Step, page: CodePage) -> Iterator[str]:
    """What stands behind the codes: key or number, the record, what went wrong, how it was meant."""
    outcome = step.outcome
    if outcome.identity is not None:
        yield str(outcome.identity) if isinstance(outcome.identity, int) else page.printable(outcome.identity)
    if outcome.record:
        yield f"({len(outcome.record)}) {page.printable(outcome.record)}"
    if step.fields:
        yield "  ".join(f"{name}={value}" for name, value in step.fields.items())
    if outcome.message:
        yield outcome.message
    if outcome.exit:
        yield f"EXIT {outcome.exit}"
    if step.as_expected is False:
        expected = "/".join(str(code) for code in step.statement.expected or () if code is not None)
        yield f"NOT AS EXPECTED: {expected}"


def described(step: Step, page: CodePage) -> dict[str, object]:
    """A step for programs: `key` is text in the code page or a number, `record` and `key_hex` hexadecimal digits."""
    outcome = step.outcome
    identity = outcome.identity
    return {
        "line": step.statement.line,
        "request": step.statement.verb,
        "rpl": step.rpl,
        "return_code": outcome.return_code,
        "reason": outcome.feedback,
        "symbol": outcome.symbol,
        "component": outcome.component_code,
        "file_status": outcome.file_status,
        "key": page.decode(identity) if isinstance(identity, bytes) else identity,
        "key_hex": identity.hex().upper() if isinstance(identity, bytes) else None,
        "rba": outcome.rba,
        "length": len(outcome.record),
        "record": outcome.record.hex().upper(),
        "message": outcome.message,
        "exit": outcome.exit,
        "fields": step.fields,
        "active_strings": step.active_strings,
        "as_expected": step.as_expected,
    }
