"""`dtf` alone on a terminal: the operator's commands, one a line, with completion by TAB and history.

    dtf> submit file='payday.cdp' &DST=PAY.DST
    dtf> select process
    dtf> run
    dtf> change process where(pnum=3) release
    dtf> quit

The commands are those of DMBATCH (`dtf.operations`), without SIGNON. A DTF that listens in the folder carries them out;
without one this program does, and RUN works the queue.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from dtf.cli.operands import open_node
from dtf.cli.ordering import ordered
from dtf.cli.working import read_process
from dtf.command_language import Command, parse_commands
from dtf.console import Answer, Request, ask
from dtf.errors import DtfError, UsageError
from dtf.operations import COMPLETE
from dtf.watch import Watch
from ksds.errors import KsdsError
from ksds.system import System

try:
    import readline
except ImportError:  # a Python without it: no completion, no history
    READLINE = False
else:
    READLINE = True

WORDS = (
    *(
        "submit file='",
        "submit dsn=",
        "select process",
        "select statistics",
        "select netmap",
        "change process where(pnum=",
    ),
    *("suspend process where(pnum=", "flush process where(pnum=", "delete process where(pnum="),
    *("view process where(pnum=", "insert netmap node=", "update netmap node=", "delete netmap node="),
    *("inquire initparms", "inquire statistics", "modify initparms ", "statistics switch", "run", "stop cd", "quit"),
)


WELCOME = "TAB completes a command, help lists them, quit ends."


def prompt(folder: Path, read: Callable[[str], str] = input) -> int:
    """Take commands from `read` until quit or the end of the input; the highest code of any."""
    print(WELCOME)
    if READLINE:
        readline.set_completer(completion)
        readline.set_completer_delims("")
        readline.parse_and_bind("tab: complete")
    highest = 0
    while True:
        try:
            line = read("dtf> ").strip()
        except EOFError:
            return highest
        if line.lower() in ("quit", "exit"):
            return highest
        if line.lower() in ("help", "?"):
            print("\n".join(sorted(word.rstrip(" ='(") for word in WORDS)))
            continue
        try:
            for command in parse_commands([f"  {line}"]):
                highest = max(highest, _shown(_carried_out(folder, command)))
        except (DtfError, KsdsError) as error:
            highest = max(highest, error.condition_code)
            print(error, file=sys.stderr)


def completion(text: str, state: int) -> str | None:
    """The `state`th command that begins with `text`."""
    found = [word for word in WORDS if word.startswith(text.lower())]
    return found[state] if state < len(found) else None


def _carried_out(folder: Path, command: Command) -> Answer:
    if command.verb == "RUN":
        return _run(folder)
    keywords = dict(command.keywords)
    path = keywords.pop("FILE", "") if command.verb == "SUBMIT" else ""
    if path:
        text, user = read_process(Path(path)), getpass.getuser().upper()[:8]
        return ordered(folder, Request(text=text, keywords=keywords, symbols=dict(command.symbols), submitter=user))
    request = Request(
        verb=command.verb,
        words=list(command.words),
        keywords=keywords,
        symbols=dict(command.symbols),
        where=dict(command.where),
    )
    return ordered(folder, request)


def _run(folder: Path) -> Answer:
    if ask(folder, Request(verb="INQUIRE", words=["INITPARMS"])) is not None:
        raise UsageError(f"the DTF that listens in {folder} works its queue by itself")
    with System.open(folder) as system, open_node(system, Watch([])) as node:
        node.run()
        return Answer(message_id=COMPLETE, text=f"{len(node.processes())} PROCESS(ES) LEFT IN THE QUEUE")


def _shown(answer: Answer) -> int:
    for line in answer.lines:
        print(line)
    print(f"{answer.message_id} {answer.text}", file=sys.stderr if answer.code >= 8 else sys.stdout)
    return answer.code
