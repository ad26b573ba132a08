"""IKJEFT01, IKJEFT1A, IKJEFT1B: TSO commands from SYSTSIN, what they say to SYSTSPRT.

    ALLOCATE DSNAME('A.B') NEW RECFM(F,B) LRECL(80) TRACKS SPACE(1,1)    DELETE 'A.B'    LISTDS 'A.B' MEMBERS
    RENAME 'A' 'B'    LISTALC    CALL 'A.LOAD(PGM)' 'PARM' or CALL *(PGM)    SUBMIT 'A.JCL(JOB)'
    DSN SYSTEM(DB2) with RUN PROGRAM(PGM) PLAN(P) PARMS('X') and END     WHEN SYSRC(NE 0) END
    FREE FILE(DD) or DSNAME('A.B') or ALL    SEND 'text' USER(U)    STATUS [JOB]   PROFILE, TIME: nothing to do   END
    every command of IDCAMS: LISTCAT, REPRO, DEFINE, PRINT ...

What is allocated to the terminal, DA(*), or to SYSOUT is printed with SYSTSPRT. A name without apostrophes gets the
prefix IBMUSER. A command that nobody knows is IKJ56500I, code 12; IKJEFT01 goes on behind it, 1A and 1B stop. The step
ends with the code of the last command, or of the one that stopped it. An abend of a program ends IKJEFT01 with code 12;
of 1A and 1B it is the step's. CALL and RUN find the programs of EXEC PGM=.
Source: z/OS TSO/E Customization, "Writing JCL for command execution"; TSO/E Command Reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dtf.errors import DtfError
from dtf.jcl import job_archive
from dtf.jcl.programs import Abend, StepContext
from ksds import idcams
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes
from ksds.errors import DataSetNotFound, KsdsError

PREFIX = "IBMUSER"
NOT_FOUND = 12
_IDCAMS = frozenset(
    {"DEFINE", "DEF", "DELETE", "DEL", "LISTCAT", "LISTC", "REPRO", "PRINT", "ALTER", "VERIFY", "EXAMINE", "IMPORT"}
    | {"EXPORT", "BLDINDEX", "BIX"}
)
_NOTHING_TO_DO = frozenset({"PROFILE", "PROF", "TIME", "END", "LOGOFF"})
_OPERAND = re.compile(r"([A-Z]+)\(((?:[^()']|'[^']*'|\([^()]*\))*)\)|('[^']*'|[A-Z0-9@#$.()+-]+)")
_CALL = re.compile(r"(?:\*|'[A-Z0-9@#$.]+|[A-Z0-9@#$.]*)\(([A-Z@#$][A-Z0-9@#$]{0,7})\)'?(?:\s+'((?:[^']|'')*)')?\s*")
_WHEN = re.compile(r"SYSRC\((EQ|NE|GT|GE|LT|LE|=|>|<|>=|<=)\s*(\d{1,4})\)\s*(\S.*)")
_FILES = ("FILE", "FI", "F", "DDNAME", "DD")
_NAMES = frozenset({"DSNAME", "DATASET", "DSN", "DA", "LIKE"})
"""Operands of ALLOCATE that take names of data sets."""
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    **dict.fromkeys(("EQ", "="), lambda code, value: code == value),
    "NE": lambda code, value: code != value,
    **dict.fromkeys(("GT", ">"), lambda code, value: code > value),
    **dict.fromkeys(("LT", "<"), lambda code, value: code < value),
    **dict.fromkeys(("GE", ">="), lambda code, value: code >= value),
    **dict.fromkeys(("LE", "<="), lambda code, value: code <= value),
}


class _Tso(Exception):
    """A command failed: what SYSTSPRT says and its code."""

    def __init__(self, text: str, code: int = NOT_FOUND) -> None:
        super().__init__(text)
        self.code = code


def ikjeft01(step: StepContext) -> int:
    """IKJEFT01: every command is carried out."""
    return _Session(step).run(stop=False)


def ikjeft1b(step: StepContext) -> int:
    """IKJEFT1A and IKJEFT1B: the first command with a code above 0 ends the step."""
    return _Session(step).run(stop=True)


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


@dataclass(slots=True)
class _Session:
    """One step's commands, from the first to the one that ends it."""

    step: StepContext
    lines: list[str] = field(default_factory=list)
    code: int = 0
    in_dsn: bool = False
    """Between DSN SYSTEM(...) and its END."""
    ended: bool = False
    of_the_job: frozenset[str] = frozenset()
    """The ddnames that no ALLOCATE made."""

    def __post_init__(self) -> None:
        self.of_the_job = frozenset(self.step.dds)

    def run(self, *, stop: bool) -> int:
        """The code of the step. With `stop` the first code above 0 ends it, and an abend is the step's own."""
        step = self.step
        texts = _joined(step.control_statements("SYSTSIN")) if "SYSTSIN" in step.dds else []
        try:
            for text in [step.parameter, *texts] if step.parameter else texts:
                self.lines.append("DSN" if self.in_dsn else "READY")
                self.lines.append(text)
                self.code = self._command(text)
                if self.ended or (stop and self.code):
                    break
        except Abend as abend:
            if stop:
                raise
            kind = "SYSTEM" if abend.code.startswith("S") else "USER"
            self.lines += ["IKJ56641I PROGRAM ENDED DUE TO ERROR+", f"{kind} ABEND CODE {abend.code[1:]}"]
            self.lines += abend.messages
            self.code = NOT_FOUND
        finally:
            shown = [part for line in (*self.lines, "READY") for part in line.split("\n")]
            step.print("SYSTSPRT", shown, carriage_control=False)
        return self.code

    def _command(self, text: str) -> int:
        """Carry out one command; its code."""
        verb, _, rest = text.partition(" ")
        verb, rest = verb.upper(), rest.strip()
        try:
            if self.in_dsn:
                return self._subcommand(verb, rest)
            if verb in _COMMANDS:
                return _COMMANDS[verb](self, rest)
            if verb in _IDCAMS:
                return self._idcams(text)
            if verb not in _NOTHING_TO_DO:
                raise _Tso(f"IKJ56500I COMMAND {verb[:20]} NOT FOUND")
            self.ended = verb in ("END", "LOGOFF")
        except _Tso as error:
            self.lines.append(str(error))
            return error.code
        except (KsdsError, DtfError) as error:
            self.lines.append(str(error))
            return NOT_FOUND
        return self.code if self.ended else 0

    def _idcams(self, text: str) -> int:
        step = self.step
        result = idcams.run(step.system, _quoted_out(text), dds=step.dds, now=step.now(), terminal=True)
        said = [line[1:] for line in result.sysprint if line[1:].strip() and "IDCAMS  SYSTEM" not in line]
        self.lines += said[1:]
        return result.max_cc

    def _subcommand(self, verb: str, rest: str) -> int:
        """RUN and END of DSN; Db2 itself is not there."""
        if verb == "END":
            self.in_dsn = False
            return self.code
        keywords, _ = _operands(rest)
        name = keywords.get("PROGRAM") or keywords.get("PROG") or ""
        if verb != "RUN" or not name:
            raise _Tso(f"DTX483E DSN SUBCOMMAND {verb[:20]} IS NOT SUPPORTED, ONLY RUN PROGRAM(...) AND END")
        parameter = re.search(r"PARMS?\('((?:[^']|'')*)'\)", rest, re.IGNORECASE)
        return self.step.call(name.strip("'")[:8], parameter[1].replace("''", "'") if parameter else "")

    def _dsn(self, rest: str) -> int:
        self.in_dsn = True
        return 0

    def _call(self, rest: str) -> int:
        """CALL 'LIB(PGM)' 'PARM'."""
        found = _CALL.fullmatch(rest) or _CALL.fullmatch(rest.upper())
        if found is None:
            raise _Tso("IKJ56700A ENTER PROGRAM NAME: CALL 'LIBRARY(PROGRAM)' 'PARM' OR CALL *(PROGRAM)")
        return self.step.call(found[1], (found[2] or "").replace("''", "'"))

    def _submit(self, rest: str) -> int:
        _, words = _operands(rest)
        if not words:
            raise _Tso("IKJ56700A ENTER DATA SET NAME")
        decode = code_page().decode
        deck = "\n".join(decode(record).rstrip() for record in self.step.system.records(_name(words[0])))
        self.step.submit(deck)
        self.lines.append(f"IKJ56250I {_name(words[0])} SUBMITTED")
        return 0

    def _rename(self, rest: str) -> int:
        _, words = _operands(rest)
        if len(words) != 2:
            raise _Tso("IKJ56700A ENTER OLD AND NEW NAME")
        old, new = _name(words[0]), _name(words[1])
        if not old.endswith(")"):
            return self._idcams(f"ALTER {old} NEWNAME({new})")
        library, _, member = old.rstrip(")").partition("(")
        with self.step.system.library(library, "w") as opened:
            opened.rename(member, new.rstrip(")").rpartition("(")[2])
        return 0

    def _list_allocated(self, rest: str) -> int:
        for dd in self.step.dds.values():
            names = dd.data_sets or (("SYSOUT",) if dd.spool else ("NULLFILE",) if dd.dummy else ("SYSIN",))
            self.lines += [f"{name:<44} {dd.name if index == 0 else ''}".rstrip() for index, name in enumerate(names)]
        return 0

    def _when(self, rest: str) -> int:
        found = _WHEN.fullmatch(rest.upper())
        if found is None:
            raise _Tso("IKJ56700A ENTER WHEN SYSRC(OPERATOR CODE) COMMAND")
        return self._command(rest[found.start(3) :]) if _COMPARE[found[1]](self.code, int(found[2])) else self.code

    def _allocate(self, rest: str) -> int:
        """The ALLOCATE of IDCAMS, with whole names; it says nothing if all is well."""
        keywords, words = _operands(rest)
        names = {word: keywords[word].replace(",", " ").split() for word in keywords.keys() & _NAMES}
        if "SYSOUT" in keywords.keys() | set(words) or ["*"] in names.values():
            for file in (keywords[word] for word in _FILES if word in keywords):
                self.step.dds[file] = DD(name=file, spool=self.lines.append)
            return 0
        keywords |= {word: " ".join(map(_name, given)) for word, given in names.items()}
        if not {"NEW", "MOD"} & set(words):
            for name in (_name(one) for word in names.keys() - {"LIKE"} for one in names[word]):
                if not self.step.system.exists(name.partition("(")[0]):
                    raise _Tso(f"IKJ56228I DATA SET {name} NOT IN CATALOG OR CATALOG CAN NOT BE ACCESSED")
        said = len(self.lines)
        code = self._idcams(" ".join(["ALLOCATE", *words, *(f"{word}({value})" for word, value in keywords.items())]))
        if not code:
            del self.lines[said:]
        return code

    def _free(self, rest: str) -> int:
        """FREE FILE(DD,...), DSNAME('A.B',...) or ALL: not the DDs of the job."""
        keywords, words = _operands(rest)
        given = {word: set(value.replace(",", " ").split()) for word, value in keywords.items()}
        files = set().union(*(given[word] for word in _FILES if word in given))
        names = {_name(name) for word in _NAMES & given.keys() for name in given[word]}
        for file in set(self.step.dds) - self.of_the_job:
            if "ALL" in words or file in files or names & set(self.step.dds[file].data_sets):
                del self.step.dds[file]
        return 0

    def _send(self, rest: str) -> int:
        """SEND 'text' USER(U): a line of the job log."""
        found = re.fullmatch(r"'((?:[^']|'')*)'\s*(.*)", rest, re.DOTALL)
        if found is None:
            raise _Tso("IKJ56700A ENTER MESSAGE TEXT IN APOSTROPHES")
        keywords, _ = _operands(found[2])
        to = keywords.get("USER") or keywords.get("U") or "OPERATOR"
        text = found[1].replace("''", "'")
        self.step.log(f"DTX486I {to[:20]}: {text[:115]}")
        return 0

    def _status(self, rest: str) -> int:
        """The jobs of the spool that have ended, or those with these names."""
        wanted = set(re.split(r"[ ,()]+", rest.upper())) - {""}
        for job in job_archive.jobs(self.step.system):
            if job.report and (not wanted or job.name in wanted):
                self.lines.append(f"IKJ56192I JOB {job.name}({job.job_id}) ON OUTPUT QUEUE")
        return 0

    def _list_data_set(self, rest: str) -> int:
        self.lines += _list_data_set(self.step, rest)
        return 0


_COMMANDS: Mapping[str, Callable[[_Session, str], int]] = {
    **dict.fromkeys(("ALLOCATE", "ALLOC"), _Session._allocate),
    **dict.fromkeys(("LISTDS", "LISTD"), _Session._list_data_set),
    **dict.fromkeys(("LISTALC", "LISTA"), _Session._list_allocated),
    **dict.fromkeys(("RENAME", "REN"), _Session._rename),
    **dict.fromkeys(("SUBMIT", "SUB"), _Session._submit),
    **dict.fromkeys(("FREE", "UNALLOC"), _Session._free),
    **dict.fromkeys(("SEND", "SE"), _Session._send),
    **dict.fromkeys(("STATUS", "ST"), _Session._status),
    "CALL": _Session._call,
    "DSN": _Session._dsn,
    "WHEN": _Session._when,
}


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
