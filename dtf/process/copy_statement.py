"""The COPY statement: its two sides and what stands between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dtf.process.operands import OperandReader
from dtf.process.parser import DraftStatement, Group, Operand, Value, parse_value
from dtf.process.side_operands import CARRIED, CARRIED_WORDS
from dtf.process.statements import Copy, CopySide
from dtf.process.symbols import Symbols
from dtf.process.tokens import Kind, Source, Token

STATUSES = {"FROM": ("OLD", "SHR"), "TO": ("NEW", "OLD", "MOD", "RPL", "SHR")}
ENDINGS = {"FROM": ("KEEP", "DELETE"), "TO": ("KEEP", "CATLG")}
ABNORMAL_ENDINGS = {"FROM": ("KEEP", "DELETE"), "TO": ("KEEP", "CATLG", "DELETE")}
RECORD_FORMATS = frozenset(
    [
        "F",
        "FB",
        "FA",
        "FBA",
        "FM",
        "FBM",
        "FS",
        "FBS",
        "V",
        "VB",
        "VA",
        "VBA",
        "VM",
        "VBM",
        "VS",
        "VBS",
        "U",
        "UA",
        "UM",
    ]
)
ORGANIZATIONS = frozenset(["PS", "PO", "DA", "VSAM", "VS"])


def read_copy(reader: OperandReader, draft: DraftStatement, number: int) -> Copy:
    """COPY FROM (...) TO (...) with CKPT= and COMPRESS. Raises ProcessError."""
    statement = _CopyStatement(reader)
    operands = list(reversed(draft.operands))
    while operands:
        statement.take(operands)
    source, target = statement.source, statement.target
    if source is None or target is None:
        raise reader.error("COPY NEEDS FROM (...) AND TO (...)", draft.at)
    if source.node == target.node:
        raise reader.error(f"FROM AND TO ARE BOTH AT THE {source.node}", draft.at)
    return Copy(label=draft.label, number=number, source=source, target=target, line=draft.at.line, **statement.values)


def target_defaults(text: str) -> CopySide:
    """Operands of TO on their own, as a type for TYPE= holds them; the `name` means nothing. Raises ProcessError."""
    source = Source(f"({text})")
    reader = OperandReader(source, Symbols(source, {}, {}), keep_paths=False)
    return _Side(reader, "TO", Token(Kind.WORD, "TO", 1, 1, 1, False)).defaults(parse_value(source))


class _CopyStatement:
    """Collects the operands of COPY."""

    def __init__(self, reader: OperandReader) -> None:
        self._reader = reader
        self.source: CopySide | None = None
        self.target: CopySide | None = None
        self.values: dict[str, Any] = {}

    def take(self, operands: list[Operand]) -> None:
        """Takes one operand off the end of the list, or a word and what belongs to it."""
        operand = operands.pop()
        match operand.keyword or operand.word:
            case "FROM" | "TO" as which:
                self._side(which, operand, operands)
            case "CKPT":
                self._put("checkpoint", self._reader.checkpoint(operand.value), operand)
            case "COMPRESS" if not operand.keyword:
                self._put("compress", "P", operand)
            case "PRIMECHAR" | "PRIME":
                self._need_compress(operand)
                self._put("prime", self._reader.prime_character(operand.value), operand)
            case "EXTENDED" | "EXT":
                self._need_compress(operand)
                self.values["compress"] = "E"
                if operand.keyword:
                    self._extended(operand)
            case "SECURE":
                self._put("secure", self._reader.secure(operand.value), operand)
            case _:
                raise self._reader.error("THIS IS NOT AN OPERAND OF COPY", operand.at)

    def _side(self, which: str, operand: Operand, operands: list[Operand]) -> None:
        if operand.keyword:
            value = operand.value
        elif operands:
            value = operands.pop().value
        else:
            raise self._reader.error(f"{which} MUST BE FOLLOWED BY OPERANDS IN PARENTHESES", operand.at)
        if (self.source if which == "FROM" else self.target) is not None:
            raise self._reader.error(f"{which} IS GIVEN TWICE", operand.at)
        side = _Side(self._reader, which, operand.at).read(value)
        if which == "FROM":
            self.source = side
        else:
            self.target = side

    def _need_compress(self, operand: Operand) -> None:
        if "compress" not in self.values:
            raise self._reader.error("THIS OPERAND FOLLOWS COMPRESS", operand.at)

    def _extended(self, operand: Operand) -> None:
        if not isinstance(operand.value, Group):
            raise self._reader.error("EXTENDED=(CMPRLEVEL=n,WINDOWSIZE=n,MEMLEVEL=n)", operand.at)
        for item in operand.value.operands:
            if item is None:
                raise self._reader.error("AN OPERAND IS MISSING BETWEEN COMMAS", operand.at)
            match item.keyword:
                case "CMPRLEVEL" | "CMP":
                    self._put("level", self._reader.number(item.value, 1, 9), item)
                case "WINDOWSIZE" | "WIN":
                    self._put("window", self._reader.number(item.value, 9, 15), item)
                case "MEMLEVEL" | "MEM":
                    self._put("memory", self._reader.number(item.value, 1, 9), item)
                case _:
                    raise self._reader.error("NOT AN OPERAND OF EXTENDED", item.at)

    def _put(self, name: str, value: object, operand: Operand) -> None:
        if name in self.values:
            raise self._reader.error(f"{operand.keyword or operand.word} IS GIVEN TWICE", operand.at)
        self.values[name] = value


@dataclass(slots=True)
class _Attributes:
    dsorg: str = ""
    recfm: str = ""
    lrecl: int = 0
    blksize: int = 0


class _Side:
    """Collects the operands of one side."""

    def __init__(self, reader: OperandReader, which: str, at: Token) -> None:
        self._reader = reader
        self._which = which
        self._at = at
        self._name: str | None = None
        self._is_path = False
        self._node = ""
        self._disposition: tuple[str, str, str] = ("", "", "")
        self._attributes = _Attributes()
        self._carried: list[tuple[str, str]] = []
        self._seen: set[str] = set()
        self._rules: dict[str, Callable[[Value], None]] = {
            "DSN": self._take_dsn,
            "FILE": self._take_file,
            "DISP": self._take_disposition,
            "DCB": self._take_dcb,
        }

    def defaults(self, group: Value) -> CopySide:
        """The operands of a side that names no file."""
        self._name = "-"
        self._seen = {"DSN", "FILE", "node", "TYPE"}
        return self.read(group)

    def read(self, group: Value) -> CopySide:
        """The operands of FROM or TO."""
        if not isinstance(group, Group):
            raise self._reader.error(f"{self._which} MUST BE FOLLOWED BY OPERANDS IN PARENTHESES", group.at)
        for operand in group.operands:
            if operand is None:
                raise self._reader.error("AN OPERAND IS MISSING BETWEEN COMMAS", group.at)
            self._take(operand)
        return self._finish()

    def _take(self, operand: Operand) -> None:
        """One operand; a second of the same name is an error."""
        word = operand.word
        key = operand.keyword or ("node" if word in ("PNODE", "SNODE") else word)
        if key in self._seen:
            raise self._reader.error(f"{operand.keyword or word} IS GIVEN TWICE", operand.at)
        self._seen.add(key)
        if operand.keyword in self._rules:
            self._rules[operand.keyword](operand.value)
        elif operand.keyword in CARRIED:
            self._carried.append((operand.keyword, CARRIED[operand.keyword](self._reader, operand.value)))
        elif word in ("PNODE", "SNODE"):
            self._node = word
        elif word in CARRIED_WORDS:
            self._carried.append((word, ""))
        else:
            shown = operand.keyword or word or "A VALUE WITHOUT KEYWORD"
            raise self._reader.error(f"{shown[:40]} IS NOT AN OPERAND OF {self._which}", operand.at)

    def _finish(self) -> CopySide:
        if not self._name:
            raise self._reader.error(f"{self._which} HAS NO DSN= OR FILE=", self._at)
        name, member = self._name, ""
        if not self._is_path and name.endswith(")"):
            name, _, member = name[:-1].partition("(")
        return CopySide(
            name=name,
            is_path=self._is_path,
            member=member,
            node=self._node or ("PNODE" if self._which == "FROM" else "SNODE"),
            disposition=self._disposition,
            dsorg=self._attributes.dsorg,
            recfm=self._attributes.recfm,
            lrecl=self._attributes.lrecl,
            blksize=self._attributes.blksize,
            operands=tuple(self._carried),
        )

    def _take_dsn(self, value: Value) -> None:
        self._take_name(self._reader.text(value), value)

    def _take_file(self, value: Value) -> None:
        self._take_name(self._reader.path(value), value)
        self._is_path = True

    def _take_name(self, name: str, value: Value) -> None:
        if self._name is not None:
            raise self._reader.error("DSN AND FILE EXCLUDE EACH OTHER", value.at)
        if not name:
            raise self._reader.error("THE NAME IS EMPTY", value.at)
        self._name = name

    def _take_disposition(self, value: Value) -> None:
        status, normal, abnormal = (word.upper() for word in self._reader.texts(value, 3, fold=True))
        for word, allowed in ((status, STATUSES), (normal, ENDINGS), (abnormal, ABNORMAL_ENDINGS)):
            if word and word not in allowed[self._which]:
                raise self._reader.error(
                    f"DISP={word[:40]} OF {self._which} IS NOT ONE OF {' '.join(allowed[self._which])}", value.at
                )
        self._disposition = (status, normal, abnormal)

    def _take_dcb(self, value: Value) -> None:
        if not isinstance(value, Group):
            raise self._reader.error("DCB NEEDS A LIST: DCB=(RECFM=FB,LRECL=80)", value.at)
        for operand in value.operands:
            if operand is not None and operand.keyword:
                self._take_dcb_operand(operand)
            elif operand is not None:
                self._carried.append(("LIKE", CARRIED["LIKE"](self._reader, operand.value)))

    def _take_dcb_operand(self, operand: Operand) -> None:
        reader, value = self._reader, operand.value
        match operand.keyword:
            case "DSORG":
                self._attributes.dsorg = reader.choice(value, *sorted(ORGANIZATIONS))
            case "RECFM":
                self._attributes.recfm = reader.choice(value, *sorted(RECORD_FORMATS))
            case "LRECL":
                self._attributes.lrecl = reader.number(value, 1, 32760)
            case "BLKSIZE":
                self._attributes.blksize = reader.number(value, 0, 32760)
            case "NCP" | "BUFNO" | "DEN" | "TRTCH" | "OPTCD" | "LIMCT" | "RKP" | "KEYLEN":
                self._carried.append((operand.keyword, reader.as_written(value)))
            case _:
                raise reader.error(f"{operand.keyword[:40]} IS NOT AN OPERAND OF DCB", operand.at)
