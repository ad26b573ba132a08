"""One DD statement as a value: DSN, DISP, DCB, SPACE, SYSOUT, *, DATA, DUMMY; and what is refused.

Three kinds of keyword: those that mean something here, those that are accepted because nothing in
this system depends on them (UNIT, VOL, LABEL ...), and those whose absence of effect would change what
the step does (SUBSYS ...), which are refused by name.
Source: z/OS MVS JCL Reference, DD statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dtf.jcl.cards import Position, is_name
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.job import DcbOperands, DdKind, DdPart, Disposition, SpaceRequest, UnixPath, VsamOperands
from dtf.jcl.operands import Group, Keyword, Operand, Operands, Word, items_of, text_of
from dtf.jcl.path_operands import DEFAULT_MODE, check_path, file_data, path_fates, path_mode, path_options
from dtf.jcl.recorded_values import check_recorded
from dtf.jcl.statements import Statement

MAXIMUM_DATA_SET_NAME = 44
RECORDED = frozenset(
    {"UNIT", "LABEL", "EXPDT", "RETPD", "DATACLAS", "STORCLAS", "MGMTCLAS", "HOLD", "DEST", "COPIES"}
    | {"OUTPUT", "OUTLIM", "FREE", "AMP", "SPIN", "TERM", "CHARS", "FCB", "UCS", "CHKPT", "PROTECT", "DSID", "DLM"}
    | {"BUFNO", "BUFL", "BUFOFF", "NCP", "OPTCD", "EROPT", "DEN", "TRTCH", "SECMODEL", "ACCODE", "EATTR"}
    | {"BLKSZLIM", "MAXGENS", "RLS", "ROACCESS", "DSKEYLBL", "FREEVOL", "SEGMENT", "FLASH", "BURST", "MODIFY", "QNAME"}
    | {"CCSID", "BFALN", "BFTEK", "BUFIN", "BUFMAX", "BUFOUT", "BUFSIZE", "CPRI", "CYLOFL", "DIAGNS", "FUNC", "GNCP"}
    | {"INTVL", "LIMCT", "MODE", "NTM", "PCI", "PRTSP", "RESERVE", "RKP", "STACK", "THRESH", "KEYLABL1", "KEYENCD1"}
    | {"SEP", "AFF", "CNTL"}
)
REFUSED = frozenset({"SUBSYS", "SYMLIST", "LGSTREAM"})
MAXIMUM_SERIAL = 6
MAXIMUM_RECORD = 32761
_RECFM = re.compile(r"UT?[AM]?|[FVD]B?S?T?[AM]?")
_CLASS = re.compile(r"[A-Z0-9*]?")
_SPACE_WORDS = (("", "RLSE"), ("", "CONTIG", "MXIG", "ALX"), ("", "ROUND"))
NULL_PATHS = frozenset({"/dev/null"})
_OF_JES2 = frozenset({"JESJCL", "JESMSGLG", "JESYSMSG"})
_TRACKS = frozenset({"TRK", "CYL", "ABSTR"})
_SYNONYMS = {"DSNAME": "DSN", "VOLUME": "VOL"}
_STATUS = frozenset({"", "NEW", "OLD", "SHR", "SHARE", "MOD"})
_ABNORMAL = frozenset({"", "DELETE", "KEEP", "CATLG", "UNCATLG"})
_NORMAL = _ABNORMAL | {"PASS"}
_GENERATION = re.compile(r"[+-]?\d{1,3}")
_ORGANIZATIONS = {"PS": "PS", "PSU": "PS", "PO": "PO", "POU": "PO"}
Report = Callable[[JclSyntaxError], None]
Resolve = Callable[[str, Position], DdPart]
"""What a backward reference (*.DD, *.STEP.DD, *.STEP.PROCSTEP.DD) refers to. Raises JclSyntaxError."""


def not_supported(what: str, operand: Operand) -> JclSyntaxError:
    """The error for an operand that is known and cannot be had here (DTX410E)."""
    return JclSyntaxError("DTX410E", f"{what[:60]} IS NOT SUPPORTED", operand.at)


def number_of(operand: Operand, keyword: str, *, digits: int = 8) -> int:
    """A decimal number. Raises IEFC644I."""
    text = text_of(operand)
    if not (text.isascii() and text.isdecimal() and len(text) <= digits):
        raise JclSyntaxError("IEFC644I", f"INVALID NUMERIC IN THE {keyword} FIELD", operand.at)
    return int(text)


def convert_dd(statement: Statement, operands: Operands, report: Report, resolve: Resolve) -> DdPart:
    """Convert one DD statement; every problem goes to `report`, and reading goes on with the next parameter."""
    draft = _Draft(report, resolve)
    for word in operands.positionals:
        _guarded(_positional, draft, word, report)
    seen: set[str] = set()
    for keyword in operands.keywords:
        name = _SYNONYMS.get(keyword.name, keyword.name)
        if name in seen:
            report(JclSyntaxError("DTX411E", f"KEYWORD {name[:20]} IS CODED TWICE", keyword.at))
        seen.add(name)
        _guarded(_reader_of(name), draft, keyword, report)
    _check_together(draft, statement, seen)
    return draft.part(statement)


def _check_together(draft: _Draft, statement: Statement, coded: set[str]) -> None:
    """What one keyword says about another."""
    if {"EXPDT", "RETPD"} <= coded:
        draft.report(JclSyntaxError("DTX412E", "EXPDT AND RETPD EXCLUDE EACH OTHER", statement.at))
    if "DLM" in coded and draft.kind is not DdKind.INSTREAM:
        draft.report(JclSyntaxError("DTX412E", "DLM GOES WITH * OR DATA", statement.at))
    if draft.average and draft.space is not None and draft.space.unit in _TRACKS:
        draft.report(JclSyntaxError("DTX412E", "AVGREC GOES WITH A RECORD LENGTH, NOT WITH TRK OR CYL", statement.at))
    if draft.organization and draft.generation is not None:
        draft.report(JclSyntaxError("DTX412E", "A VSAM DATA SET CANNOT BE A GENERATION", statement.at))
    if statement.name.rpartition(".")[2] in _OF_JES2:
        draft.report(JclSyntaxError("DTX409E", f"DDNAME {statement.name} IS RESERVED FOR JES2", statement.at))


@dataclass(slots=True)
class _Draft:
    report: Report
    resolve: Resolve
    kind: DdKind | None = None
    data_set: str = ""
    member: str = ""
    generation: int | None = None
    serial: int = 0
    later: str = ""
    model: str = ""
    referred: DcbOperands = field(default_factory=DcbOperands)
    organization: str = ""
    internal_reader: bool = False
    volume: bool = False
    """VOL= is coded."""
    disposition: Disposition = field(default_factory=Disposition)
    recfm: str = ""
    dsorg: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    space: SpaceRequest | None = None
    sysout_class: str = ""
    symbols: tuple[str, str] = ("", "")
    average: str = ""
    path: str = ""
    path_options: frozenset[str] = frozenset()
    path_fates: tuple[str, str] = ("KEEP", "KEEP")
    path_mode: int = DEFAULT_MODE
    file_data: str = "TEXT"

    def part(self, statement: Statement) -> DdPart:
        return DdPart(
            kind=self.kind or self._without_name(),
            statement=statement.number,
            at=statement.at,
            data_set=self.data_set,
            disposition=self.disposition,
            dcb=self._attributes(),
            space=self.space,
            records=tuple(card.text for card in statement.data or ()),
            sysout_class=self.sysout_class,
            member=self.member,
            generation=self.generation,
            vsam=self._vsam(),
            serial=self.serial or statement.number,
            internal_reader=self.internal_reader,
            later=self.later,
            unix=self._unix(),
            symbols=self.symbols[0],
            symbol_log=self.symbols[1],
        )

    def _without_name(self) -> DdKind:
        """A volume that is there (VOL= with OLD or SHR) is allocated for itself; else the data set is temporary."""
        return DdKind.VOLUME if self.volume and self.disposition.status in ("OLD", "SHR") else DdKind.TEMPORARY

    def _attributes(self) -> DcbOperands:
        own = DcbOperands(self.recfm, self.sizes.get("LRECL"), self.sizes.get("BLKSIZE"), self.dsorg, self.model)
        return own.over(self.referred)

    def _unix(self) -> UnixPath | None:
        if self.kind is not DdKind.PATH:
            return None
        normal, abnormal = self.path_fates
        is_text = self.file_data == "TEXT"
        return UnixPath(self.path, self.path_options, normal, abnormal, is_text=is_text, mode=self.path_mode)

    def _vsam(self) -> VsamOperands | None:
        if not self.organization:
            return None
        return VsamOperands(self.organization, self.sizes.get("KEYLEN", 0), self.sizes.get("KEYOFF", 0))

    def become(self, kind: DdKind, operand: Operand) -> None:
        """A DD is one thing: data set, SYSOUT, in-stream data or DUMMY (DUMMY hides a data set name)."""
        if DdKind.DUMMY in (kind, self.kind):
            self.kind = DdKind.DUMMY
            return
        if self.kind is DdKind.INSTREAM and kind is DdKind.TEMPORARY:
            return
        if self.kind is not None and self.kind is not kind:
            text = f"A DD CANNOT BE BOTH {self.kind.value.upper()} AND {kind.value.upper()}"
            raise JclSyntaxError("DTX412E", text, operand.at)
        self.kind = kind


_KeywordReader = Callable[[_Draft, Operand], None]


def _guarded(read: _KeywordReader, draft: _Draft, operand: Operand, report: Report) -> None:
    try:
        read(draft, operand)
    except JclSyntaxError as error:
        report(error)


def _positional(draft: _Draft, word: Operand) -> None:
    text = text_of(word)
    if text in ("*", "DATA"):
        draft.become(DdKind.INSTREAM, word)
    elif text == "DUMMY":
        draft.become(DdKind.DUMMY, word)
    elif text and text != "DYNAM":
        raise JclSyntaxError("DTX413E", f"POSITIONAL PARAMETER {text[:20]!r} IS NOT * DATA OR DUMMY", word.at)


def _reader_of(name: str) -> _KeywordReader:
    if name in _READERS:
        return _READERS[name]
    if name in RECORDED:
        return _recorded
    return _refused if name in REFUSED else _unidentified


def _value(operand: Operand) -> Operand:
    return operand.value if isinstance(operand, Keyword) else operand


def _recorded(draft: _Draft, operand: Operand) -> None:
    """Accepted without effect."""
    if isinstance(operand, Keyword):
        check_recorded(operand)


def _volume(draft: _Draft, operand: Operand) -> None:
    """VOL=: which one makes no difference, there is one."""
    items = items_of(_value(operand))
    draft.volume = bool(items)
    for item in items:
        serials = items_of(item.value) if isinstance(item, Keyword) and item.name == "SER" else ()
        if any(len(text_of(serial)) > MAXIMUM_SERIAL for serial in serials):
            raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE SER FIELD", item.at)


def _refused(draft: _Draft, operand: Operand) -> None:
    raise not_supported(f"DD KEYWORD {text_of(operand)}", operand)


def _unidentified(draft: _Draft, operand: Operand) -> None:
    name = operand.name if isinstance(operand, Keyword) else text_of(operand)
    raise JclSyntaxError("IEFC630I", f"UNIDENTIFIED KEYWORD {name[:20]}", operand.at)


def _data_set_name(draft: _Draft, operand: Operand) -> None:
    """DSN=A.B.C, DSN=&&NAME, DSN=&NAME (a symbol without value), DSN=NULLFILE."""
    value = _value(operand)
    text = text_of(value)
    if not isinstance(value, Word) or not text:
        raise JclSyntaxError("DTX414E", "DSN NEEDS ONE NAME", operand.at)
    if text == "NULLFILE":
        draft.become(DdKind.DUMMY, value)
        return
    if text.startswith("*."):
        _refer(draft, text, value)
        return
    name, suffix = _without_suffix(text, value)
    if name.startswith("&"):
        name = name.lstrip("&")
        if not is_name(name):
            raise JclSyntaxError("DTX415E", f"{text[:20]!r} IS NOT A TEMPORARY DATA SET NAME", value.at)
        draft.become(DdKind.TEMPORARY, value)
    else:
        _check_data_set_name(name, value)
        draft.become(DdKind.DATA_SET, value)
    draft.data_set = name
    if _GENERATION.fullmatch(suffix):
        draft.generation = int(suffix)
    elif suffix and not is_name(suffix):
        raise JclSyntaxError("DTX416E", f"{suffix[:20]!r} IS NEITHER A MEMBER NOR A GENERATION", value.at)
    else:
        draft.member = suffix


def _without_suffix(text: str, value: Word) -> tuple[str, str]:
    """A.B(X) -> A.B and X; X is a member or a relative generation number."""
    if not text.endswith(")"):
        return text, ""
    name, parenthesis, suffix = text[:-1].partition("(")
    if not parenthesis or not suffix:
        raise JclSyntaxError("DTX416E", f"{text[:60]!r} IS NOT A DATA SET NAME", value.at)
    return name, suffix


def _refer(draft: _Draft, text: str, value: Word) -> None:
    """DSN=*.DD: the data set of an earlier DD, with its kind."""
    earlier = draft.resolve(text, value.at)
    draft.become(earlier.kind, value)
    draft.data_set, draft.member = earlier.data_set, earlier.member
    draft.generation, draft.serial = earlier.generation, earlier.serial
    if earlier.unix is not None:
        raise not_supported("A REFERENCE TO A UNIX FILE", value)


def _check_data_set_name(text: str, value: Word) -> None:
    if len(text) > MAXIMUM_DATA_SET_NAME:
        raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE DSNAME FIELD", value.at)
    if not all(is_name(part.replace("-", "A")) and part[0] != "-" for part in text.split(".")):
        raise JclSyntaxError("DTX416E", f"{text[:60]!r} IS NOT A DATA SET NAME", value.at)


def _disposition(draft: _Draft, operand: Operand) -> None:
    value = _value(operand)
    words = [text_of(item) for item in items_of(value)]
    words += [""] * (3 - len(words))
    status, normal, abnormal = words[:3]
    if len(words) > 3 or status not in _STATUS or normal not in _NORMAL or abnormal not in _ABNORMAL:
        raise JclSyntaxError("DTX417E", f"DISP={text_of(value)[:40]} IS NOT (STATUS,NORMAL,ABNORMAL)", value.at)
    if "UNCATLG" in words:
        text = "UNCATLG IS TAKEN AS KEEP, EVERY DATA SET HERE IS MANAGED BY SMS"
        draft.report(JclSyntaxError("DTX445W", text, value.at))
        normal, abnormal = normal.replace("UNCATLG", "KEEP"), abnormal.replace("UNCATLG", "KEEP")
    draft.disposition = Disposition("SHR" if status == "SHARE" else status, normal, abnormal)


def _dcb(draft: _Draft, operand: Operand) -> None:
    """DCB=(RECFM=FB,LRECL=80), DCB=BLKSIZE=80, DCB=*.STEP.DD, DCB=A.MODEL, DCB=(A.MODEL,LRECL=100)."""
    for index, item in enumerate(items_of(_value(operand))):
        if isinstance(item, Keyword):
            if item.name not in _READERS and item.name not in RECORDED:
                raise not_supported(f"DCB SUBPARAMETER {text_of(item)}", item)
            _reader_of(item.name)(draft, item)
        elif index == 0 and isinstance(item, Word):
            _model(draft, item)
        elif text_of(item):
            raise not_supported(f"DCB SUBPARAMETER {text_of(item)}", item)


def _model(draft: _Draft, operand: Operand) -> None:
    """Attributes as those of an earlier DD (*.STEP.DD) or of a cataloged data set."""
    value = _value(operand)
    text = text_of(value)
    if text.startswith("*."):
        earlier = draft.resolve(text, value.at)
        named = earlier.data_set if earlier.kind is DdKind.DATA_SET and not earlier.dcb.model else ""
        if named and earlier.generation is not None:
            named += f"({earlier.generation})"
        draft.referred = earlier.dcb.over(DcbOperands(model=named))
    elif isinstance(value, Word) and text:
        _check_data_set_name(text, value)
        draft.model = text


def _recfm(draft: _Draft, operand: Operand) -> None:
    text = text_of(_value(operand))
    if text and not _RECFM.fullmatch(text):
        raise JclSyntaxError("DTX419E", f"RECFM={text[:8]} IS NOT F, V OR U WITH B S T A M", operand.at)
    draft.recfm = text


def _dsorg(draft: _Draft, operand: Operand) -> None:
    text = text_of(_value(operand))
    if text not in _ORGANIZATIONS:
        raise not_supported(f"DSORG={text}", operand)
    draft.dsorg = draft.dsorg if draft.dsorg == "PDSE" else _ORGANIZATIONS[text]


def _dsntype(draft: _Draft, operand: Operand) -> None:
    """LIBRARY makes a PDSE, PDS a PDS; the rest does not matter here."""
    words = [text_of(item) for item in items_of(_value(operand))]
    if words and words[0] in ("LIBRARY", "PDS"):
        draft.dsorg = "PDSE" if words[0] == "LIBRARY" else "PO"


def _record_organization(draft: _Draft, operand: Operand) -> None:
    text = text_of(_value(operand))
    if text not in ("KS", "ES", "RR", "LS"):
        raise JclSyntaxError("DTX419E", f"RECORG={text[:8]} IS NOT KS, ES, RR OR LS", operand.at)
    draft.organization = text


def _path(draft: _Draft, operand: Operand) -> None:
    """PATH='/absolute/name'; /dev/null is a dummy."""
    text = text_of(_value(operand))
    check_path(text, operand)
    draft.path = text
    draft.become(DdKind.DUMMY if text in NULL_PATHS else DdKind.PATH, operand)


def _path_options(draft: _Draft, operand: Operand) -> None:
    draft.path_options = path_options(_value(operand))


def _path_disposition(draft: _Draft, operand: Operand) -> None:
    draft.path_fates = path_fates(_value(operand))


def _path_mode(draft: _Draft, operand: Operand) -> None:
    draft.path_mode = path_mode(_value(operand))


def _file_data(draft: _Draft, operand: Operand) -> None:
    draft.file_data = file_data(_value(operand))


def _ddname(draft: _Draft, operand: Operand) -> None:
    text = text_of(_value(operand))
    if not is_name(text):
        raise JclSyntaxError("DTX414E", "DDNAME NEEDS ONE DDNAME", operand.at)
    draft.become(DdKind.DEFERRED, operand)
    draft.later = text


def _size(draft: _Draft, operand: Operand) -> None:
    assert isinstance(operand, Keyword)
    size = number_of(operand.value, operand.name, digits=5)
    if operand.name == "LRECL" and size > MAXIMUM_RECORD:
        raise JclSyntaxError("IEFC644I", "INVALID NUMERIC IN THE LRECL FIELD", operand.at)
    draft.sizes[operand.name] = size


def _space(draft: _Draft, operand: Operand) -> None:
    """SPACE=(unit,(primary,secondary,directory),RLSE,...) or SPACE=(unit,primary,...)."""
    value = _value(operand)
    items = items_of(value)
    if not isinstance(value, Group) or not 2 <= len(items) <= 5:
        raise JclSyntaxError("DTX418E", "SPACE IS NOT (UNIT,(PRIMARY,SECONDARY,DIRECTORY))", value.at)
    unit = text_of(items[0])
    if unit and unit not in ("TRK", "CYL", "ABSTR"):
        number_of(items[0], "SPACE")
    for item, words in zip(items[2:], _SPACE_WORDS, strict=False):
        if text_of(item) not in words:
            raise JclSyntaxError("DTX418E", f"SPACE DOES NOT TAKE {text_of(item)[:10]}", item.at)
    quantities = [number_of(item, "SPACE") if text_of(item) else 0 for item in items_of(items[1])]
    primary, secondary, directory = [*quantities, 0, 0, 0][:3]
    draft.space = SpaceRequest(unit or "TRK", primary, 0 if unit == "ABSTR" else secondary, directory)


def _sysout(draft: _Draft, operand: Operand) -> None:
    """SYSOUT=class or (class,writer,form); the writer INTRDR makes a job of what is written."""
    value = _value(operand)
    words = [text_of(item) for item in items_of(value)]
    if words and not _CLASS.fullmatch(words[0]):
        raise JclSyntaxError("DTX419E", f"SYSOUT={words[0][:8]} IS NOT A CLASS", operand.at)
    draft.internal_reader = "INTRDR" in words[1:2]
    draft.become(DdKind.SYSOUT, value)
    draft.sysout_class = words[0] if words else "*"


def _symbols(draft: _Draft, operand: Operand) -> None:
    """SYMBOLS=level or (level,ddname of a log)."""
    level, log, *more = [*(text_of(item) for item in items_of(_value(operand))), "", ""]
    if level not in ("JCLONLY", "EXECSYS", "CNVTSYS") or any(more) or (log and not is_name(log)):
        raise JclSyntaxError("DTX419E", f"SYMBOLS={level[:8]} IS NOT JCLONLY, EXECSYS OR CNVTSYS", operand.at)
    draft.symbols = level, log


def _average(draft: _Draft, operand: Operand) -> None:
    draft.average = text_of(_value(operand))
    if draft.average not in ("U", "K", "M"):
        raise JclSyntaxError("DTX419E", f"AVGREC={draft.average[:8]} IS NOT U, K OR M", operand.at)


_READERS: Mapping[str, _KeywordReader] = {
    "DSN": _data_set_name,
    "DISP": _disposition,
    "DCB": _dcb,
    "RECFM": _recfm,
    "LRECL": _size,
    "BLKSIZE": _size,
    "DSORG": _dsorg,
    "SPACE": _space,
    "SYSOUT": _sysout,
    "LIKE": _model,
    "REFDD": _model,
    "KEYLEN": _size,
    "KEYOFF": _size,
    "RECORG": _record_organization,
    "DSNTYPE": _dsntype,
    "PATH": _path,
    "PATHOPTS": _path_options,
    "PATHDISP": _path_disposition,
    "PATHMODE": _path_mode,
    "FILEDATA": _file_data,
    "DDNAME": _ddname,
    "SYMBOLS": _symbols,
    "AVGREC": _average,
    "VOL": _volume,
}
