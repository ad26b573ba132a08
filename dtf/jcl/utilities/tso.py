"""IKJEFT01, IKJEFT1A, IKJEFT1B: TSO commands from SYSTSIN, what they say to SYSTSPRT.

    ALLOCATE DSNAME('A.B') NEW RECFM(F,B) LRECL(80) TRACKS SPACE(1,1)    DELETE 'A.B'    LISTDS 'A.B' MEMBERS
    every command of IDCAMS: LISTCAT, REPRO, DEFINE, PRINT ...           PROFILE, FREE: nothing to do     END

A name without apostrophes gets the prefix IBMUSER. A command that nobody knows is IKJ56500I, code 12; IKJEFT01 goes on
behind it, 1A and 1B stop. The step ends with the code of the last command, or of the one that stopped it.
Source: z/OS TSO/E Customization, "Executing the Terminal Monitor Program"; TSO/E Command Reference.
"""

from __future__ import annotations

import re

from dtf.jcl.programs import StepContext
from ksds import idcams
from ksds.datasets import DataSetAttributes
from ksds.errors import DataSetNotFound, KsdsError

PREFIX = "IBMUSER"
NOT_FOUND = 12
_IDCAMS = frozenset(
    {"DEFINE", "DEF", "DELETE", "DEL", "LISTCAT", "LISTC", "REPRO", "PRINT", "ALTER", "VERIFY", "EXAMINE", "IMPORT"}
    | {"EXPORT", "BLDINDEX", "BIX"}
)
_NOTHING_TO_DO = frozenset({"PROFILE", "PROF", "FREE", "UNALLOC", "TIME", "END", "LOGOFF"})
_OPERAND = re.compile(r"([A-Z]+)\(((?:[^()']|'[^']*'|\([^()]*\))*)\)|('[^']*'|[A-Z0-9@#$.()+-]+)")


class _Tso(Exception):
    """A command failed: what SYSTSPRT says and its code."""

    def __init__(self, text: str, code: int = NOT_FOUND) -> None:
        super().__init__(text)
        self.code = code


def ikjeft01(step: StepContext) -> int:
    """IKJEFT01: every command is carried out."""
    return _commands(step, stop=False)


def ikjeft1b(step: StepContext) -> int:
    """IKJEFT1A and IKJEFT1B: the first command with a code above 0 ends the step."""
    return _commands(step, stop=True)


def _commands(step: StepContext, *, stop: bool) -> int:
    lines: list[str] = []
    code = 0
    texts = _joined(step.control_statements("SYSTSIN")) if "SYSTSIN" in step.dds else []
    for text in [step.parameter, *texts] if step.parameter else texts:
        lines.append(f"READY\n{text}")
        code = _command(step, text, lines)
        if stop and code:
            break
        if text.split()[0].upper() in ("END", "LOGOFF"):
            break
    lines.append("READY")
    step.print("SYSTSPRT", [part for line in lines for part in line.split("\n")], carriage_control=False)
    return code


def _joined(records: list[str]) -> list[str]:
    """The commands: a hyphen or plus sign at the end of a record goes on in the next."""
    commands, pending = [], ""
    for record in records:
        text = pending + record[:72].strip()
        if text.endswith(("-", "+")):
            pending = text[:-1].rstrip() + " "
            continue
        pending = ""
        if text and not text.startswith("/*"):
            commands.append(text)
    return commands + ([pending.strip()] if pending.strip() else [])


def _command(step: StepContext, text: str, lines: list[str]) -> int:
    verb, _, rest = text.partition(" ")
    verb = verb.upper()
    try:
        if verb in ("ALLOCATE", "ALLOC"):
            _allocate(step, rest)
        elif verb in ("LISTDS", "LISTD"):
            lines += _list_data_set(step, rest)
        elif verb in _IDCAMS:
            result = idcams.run(step.system, _quoted_out(text), dds=step.dds, now=step.now())
            lines += [line[1:] for line in result.sysprint if line[1:].strip() and "IDCAMS  SYSTEM" not in line][1:]
            return result.max_cc
        elif verb not in _NOTHING_TO_DO:
            raise _Tso(f"IKJ56500I COMMAND {verb[:20]} NOT FOUND")
    except _Tso as error:
        lines.append(str(error))
        return error.code
    except KsdsError as error:
        lines.append(str(error))
        return NOT_FOUND
    return 0


def _quoted_out(text: str) -> list[str]:
    """A TSO command as IDCAMS reads it: names without apostrophes, lines of 70 columns."""
    words = re.sub(r"'([A-Za-z0-9@#$.()-]+)'", r"\1", text).split()
    lines, line = [], " "
    for word in words:
        if len(line) + len(word) > 68:
            lines.append(f"{line} -")
            line = " "
        line += f" {word}"
    return [*lines, line]


def _operands(text: str) -> tuple[dict[str, str], list[str]]:
    """KEYWORD(value) pairs and bare words."""
    keywords, words = {}, []
    for found in _OPERAND.finditer(text.upper()):
        if found[1]:
            keywords[found[1]] = found[2]
        else:
            words.append(found[3])
    return keywords, words


def _name(text: str) -> str:
    return text.strip("'") if text.startswith("'") else f"{PREFIX}.{text}"


def _allocate(step: StepContext, text: str) -> None:
    """Make a new data set; SHR, OLD and SYSOUT have nothing to do, since no later command uses their FILE."""
    keywords, words = _operands(text)
    name = keywords.get("DSNAME") or keywords.get("DATASET") or keywords.get("DA") or keywords.get("DSN") or ""
    if name and "NEW" not in words and not step.system.exists(_name(name).partition("(")[0]):
        raise _Tso(f"IKJ56228I DATA SET {_name(name)} NOT IN CATALOG OR CATALOG CAN NOT BE ACCESSED")
    if "NEW" not in words or not name:
        return
    recfm = re.sub(r"[^A-Z]", "", keywords.get("RECFM", "FB"))
    dsorg = "PO" if keywords.get("DSORG") == "PO" or "DIR" in keywords else "PS"
    lrecl, blksize = (int(keywords.get(word, default)) for word, default in (("LRECL", "80"), ("BLKSIZE", "0")))
    attributes = DataSetAttributes(recfm, lrecl, blksize, dsorg)
    step.system.allocate(_name(name), attributes, created=step.now().date())


def _list_data_set(step: StepContext, text: str) -> list[str]:
    """LISTDS: RECFM, LRECL, BLKSIZE, DSORG, the volume, and with MEMBERS the directory."""
    _, words = _operands(text)
    if not words:
        raise _Tso("IKJ56700A ENTER DATA SET NAME")
    name = _name(words[0])
    try:
        entry = step.system.entry(name)
    except DataSetNotFound:
        raise _Tso(f"IKJ58503I DATA SET {name} NOT IN CATALOG") from None
    lines = [name, "--RECFM-LRECL-BLKSIZE-DSORG"]
    attributes = getattr(entry, "attributes", None)
    if isinstance(attributes, DataSetAttributes):
        shape = f"  {attributes.recfm:<5} {attributes.lrecl:<5} {attributes.blksize:<7} {attributes.dsorg}"
    else:
        shape = "  **    **    **      VSAM"
    lines += [shape, "--VOLUMES--", f"  {entry.volume}"]
    if "MEMBERS" in words and isinstance(attributes, DataSetAttributes) and attributes.dsorg == "PO":
        with step.system.library(name) as library:
            lines += ["--MEMBERS--", *(f"  {member.name}" for member in library.members())]
    return lines
