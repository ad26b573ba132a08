"""One DD statement as a value: DSN, DISP, DCB, SPACE, SYSOUT, *, DATA, DUMMY; and what is refused.

Three kinds of keyword: those that mean something here, those that are accepted because nothing in
this system depends on them (UNIT, VOL, LABEL ...), and those whose absence of effect would change what
the step does (LIKE, PATH, DDNAME ...), which are refused by name.
Source: z/OS MVS JCL Reference, DD statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dtf.jcl.cards import is_name
from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.job import DcbOperands, DdKind, DdPart, Disposition, SpaceRequest
from dtf.jcl.operands import Group, Keyword, Operand, Operands, Word, items_of, text_of
from dtf.jcl.statements import Statement

MAXIMUM_DATA_SET_NAME = 44
RECORDED = frozenset(
    {"UNIT", "VOL", "LABEL", "EXPDT", "RETPD", "DATACLAS", "STORCLAS", "MGMTCLAS", "AVGREC", "HOLD", "DEST", "COPIES"}
    | {"OUTPUT", "OUTLIM", "FREE", "AMP", "SPIN", "TERM", "CHARS", "FCB", "UCS", "CHKPT", "PROTECT", "DSID", "DLM"}
    | {"BUFNO", "BUFL", "BUFOFF", "NCP", "OPTCD", "EROPT", "DEN", "TRTCH", "SECMODEL", "ACCODE", "EATTR"}
)
REFUSED = frozenset(
    {"LIKE", "REFDD", "RECORG", "KEYLEN", "KEYOFF", "PATH", "PATHOPTS", "PATHMODE", "PATHDISP", "FILEDATA", "DDNAME"}
    | {"SUBSYS", "SYMBOLS", "SYMLIST", "DSNTYPE", "CCSID", "LGSTREAM"}
)
_SYNONYMS = {"DSNAME": "DSN", "VOLUME": "VOL"}
_STATUS = frozenset({"", "NEW", "OLD", "SHR", "SHARE", "MOD"})
_ABNORMAL = frozenset({"", "DELETE", "KEEP", "CATLG", "UNCATLG"})
_NORMAL = _ABNORMAL | {"PASS"}
Report = Callable[[JclSyntaxError], None]


def not_supported(what: str, operand: Operand) -> JclSyntaxError:
    return JclSyntaxError("DTX410E", f"{what[:60]} IS NOT SUPPORTED", operand.at)


def number_of(operand: Operand, keyword: str, *, digits: int = 8) -> int:
    """A decimal number. Raises IEFC644I."""
    text = text_of(operand)
    if not (text.isascii() and text.isdecimal() and len(text) <= digits):
        raise JclSyntaxError("IEFC644I", f"INVALID NUMERIC IN THE {keyword} FIELD", operand.at)
    return int(text)


def convert_dd(statement: Statement, operands: Operands, report: Report) -> DdPart:
    """Convert one DD statement; every problem goes to `report`, and reading goes on with the next parameter."""
    draft = _Draft()
    for word in operands.positionals:
        _guarded(_positional, draft, word, report)
    seen: set[str] = set()
    for keyword in operands.keywords:
        name = _SYNONYMS.get(keyword.name, keyword.name)
        if name in seen:
            report(JclSyntaxError("DTX411E", f"KEYWORD {name[:20]} IS CODED TWICE", keyword.at))
        seen.add(name)
        _guarded(_reader_of(name), draft, keyword, report)
    return draft.part(statement)


@dataclass(slots=True)
class _Draft:
    kind: DdKind | None = None
    data_set: str = ""
    disposition: Disposition = field(default_factory=Disposition)
    recfm: str = ""
    dsorg: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    space: SpaceRequest | None = None
    sysout_class: str = ""

    def part(self, statement: Statement) -> DdPart:
        return DdPart(
            kind=self.kind or DdKind.TEMPORARY,
            statement=statement.number,
            at=statement.at,
            data_set=self.data_set,
            disposition=self.disposition,
            dcb=DcbOperands(self.recfm, self.sizes.get("LRECL"), self.sizes.get("BLKSIZE"), self.dsorg),
            space=self.space,
            records=tuple(card.text for card in statement.data.cards) if statement.data else (),
            sysout_class=self.sysout_class,
        )

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
    elif text:
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
    if text.startswith("&"):
        name = text.lstrip("&")
        if not is_name(name):
            raise JclSyntaxError("DTX415E", f"{text[:20]!r} IS NOT A TEMPORARY DATA SET NAME", value.at)
        draft.become(DdKind.TEMPORARY, value)
        draft.data_set = name
        return
    _check_data_set_name(text, value)
    draft.become(DdKind.DATA_SET, value)
    draft.data_set = text


def _check_data_set_name(text: str, value: Word) -> None:
    if text.startswith("*."):
        raise not_supported(f"BACKWARD REFERENCE {text}", value)
    if text.endswith(")"):
        raise not_supported(f"MEMBER OR GENERATION {text}", value)
    if len(text) > MAXIMUM_DATA_SET_NAME:
        raise JclSyntaxError("IEFC642I", "EXCESSIVE PARAMETER LENGTH IN THE DSNAME FIELD", value.at)
    if not all(is_name(part.replace("-", "A")) and part[0] != "-" for part in text.split(".")):
        raise JclSyntaxError("DTX416E", f"{text!r} IS NOT A DATA SET NAME", value.at)


def _disposition(draft: _Draft, operand: Operand) -> None:
    value = _value(operand)
    words = [text_of(item) for item in items_of(value)]
    words += [""] * (3 - len(words))
    status, normal, abnormal = words[:3]
    if len(words) > 3 or status not in _STATUS or normal not in _NORMAL or abnormal not in _ABNORMAL:
        raise JclSyntaxError("DTX417E", f"DISP={text_of(value)[:40]} IS NOT (STATUS,NORMAL,ABNORMAL)", value.at)
    if "UNCATLG" in words:
        raise not_supported("DISPOSITION UNCATLG (EVERY DATA SET HERE IS CATALOGED)", value)
    draft.disposition = Disposition("SHR" if status == "SHARE" else status, normal, abnormal)


def _dcb(draft: _Draft, operand: Operand) -> None:
    """DCB=(RECFM=FB,LRECL=80) or DCB=BLKSIZE=80; a model data set is refused."""
    for item in items_of(_value(operand)):
        if not isinstance(item, Keyword):
            raise not_supported(f"DCB MODEL {text_of(item)}", item)
        if item.name in _READERS or item.name in RECORDED:
            _reader_of(item.name)(draft, item)
        else:
            raise not_supported(f"DCB SUBPARAMETER {text_of(item)}", item)


def _recfm(draft: _Draft, operand: Operand) -> None:
    draft.recfm = text_of(_value(operand))


def _dsorg(draft: _Draft, operand: Operand) -> None:
    draft.dsorg = text_of(_value(operand))
    if draft.dsorg != "PS":
        raise not_supported(f"DSORG={draft.dsorg}", operand)


def _size(draft: _Draft, operand: Operand) -> None:
    assert isinstance(operand, Keyword)
    draft.sizes[operand.name] = number_of(operand.value, operand.name, digits=5)


def _space(draft: _Draft, operand: Operand) -> None:
    """SPACE=(unit,(primary,secondary,directory),RLSE,...) or SPACE=(unit,primary,...)."""
    value = _value(operand)
    items = items_of(value)
    if not isinstance(value, Group) or not 2 <= len(items) <= 5:
        raise JclSyntaxError("DTX418E", "SPACE IS NOT (UNIT,(PRIMARY,SECONDARY))", value.at)
    unit = text_of(items[0])
    if unit == "ABSTR":
        raise not_supported("SPACE=(ABSTR,...)", value)
    if unit not in ("TRK", "CYL"):
        number_of(items[0], "SPACE")
    quantities = [number_of(item, "SPACE") if text_of(item) else 0 for item in items_of(items[1])]
    if len(quantities) > 2 and quantities[2]:
        raise not_supported("A DIRECTORY QUANTITY IN SPACE (PARTITIONED DATA SET)", value)
    primary, secondary = [*quantities, 0, 0][:2]
    draft.space = SpaceRequest(unit, primary, secondary)


def _sysout(draft: _Draft, operand: Operand) -> None:
    """SYSOUT=class or (class,writer,form); INTRDR would submit a job and is refused."""
    value = _value(operand)
    words = [text_of(item) for item in items_of(value)]
    if "INTRDR" in words:
        raise not_supported("SYSOUT WRITER INTRDR", value)
    draft.become(DdKind.SYSOUT, value)
    draft.sysout_class = words[0] if words else "*"


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
}
