"""One command from tokens to a model, driven by the model's own description of its keywords.

    command   = verb { operand } stop
    operand   = positional | keyword [ "(" ( constant { constant } | { operand } ) ")" ]
    positional= constant | "(" constant { constant } ")"

A right parenthesis missing at the end of the command is supplied, one too many is dropped, each with a warning.
Anything else that does not fit is one message; the rest of the command is then read over. Nesting is as deep as the
models are.

Source: z/OS MVS System Messages Vol 6, IDC3200I-IDC3226I; MVS 3.8J command scanner.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ksds.catalog.names import MAXIMUM_LENGTH, check_pattern, data_set_name
from ksds.datasets import check_member_pattern, member_name
from ksds.errors import DataSetError, InvalidName
from ksds.idcams.grammar import Constant, Key, Keyword, Level, Operands, Positional, level_of
from ksds.idcams.scanner import Kind, ScanError, Scanner, Token

_DDNAME = re.compile(r"[A-Z@#$][A-Z0-9@#$]*")
_PRINTABLE = re.compile(r"[!-~]+")
_CONSTANTS = (Kind.WORD, Kind.TEXT, Kind.HEX, Kind.BINARY)
_HIGHEST_DIGITS = 10
_MOST_SUBLISTS = 255


@dataclass(slots=True)
class Parsed:
    """A command's values, and the keywords in it that this version does not support."""

    operands: Operands | None
    unsupported: list[str] = field(default_factory=list)


class CommandParser:
    """Reads the operands of one command, behind its verb."""

    __slots__ = ("_closed", "_scanner", "_unsupported", "_warn")

    def __init__(self, scanner: Scanner, warn: Callable[[str], None]) -> None:
        self._scanner = scanner
        self._warn = warn
        self._closed = False
        self._unsupported: list[str] = []

    def parse(self, verb: Token, model: type[Operands]) -> Parsed:
        """The operands up to the end of the command. Raises ScanError; the rest of the command is then unread."""
        values = self._operands(level_of(model), verb, nested=False)
        if self._unsupported:
            return Parsed(None, self._unsupported)
        self._require(level_of(model), values, verb)
        try:
            return Parsed(model.model_validate(values))
        except ValidationError as error:
            errors = error.errors(include_url=False)
            first = next((one for one in errors if one["type"].startswith("IDC")), errors[0])
            if first["type"].startswith("IDC"):
                raise ScanError(first["type"], str(first["ctx"]["keyword"])) from None
            item = first["input"] if isinstance(first["input"], str) else first["loc"][0] if first["loc"] else verb.text
            raise ScanError("IDC3203I", str(item)) from None

    # -- one level ----------------------------------------------------------------------------------------

    def _operands(self, level: Level, owner: Token, *, nested: bool) -> dict[str, Any]:
        """Operands up to the parenthesis that closes them, or the end of the command."""
        values: dict[str, Any] = {}
        seen: set[str] = set()
        behind_positional: Token | None = None
        while not self._closed:
            token = self._scanner.token()
            if token.kind in (Kind.STOP, Kind.FILE_END):
                self._close(nested)
            elif token.kind is Kind.RIGHT and nested:
                break
            elif token.kind is Kind.RIGHT:
                self._warn("IDC0233I")
            elif level.positional and not values and not seen and token.kind in (Kind.LEFT, *_CONSTANTS):
                values[level.positional[0]] = self._positional(level.positional[1], token, owner)
                behind_positional = token
                continue
            elif token.kind is Kind.LEFT:
                raise ScanError("IDC3205I", "(")
            elif token.kind is not Kind.WORD or token.text not in level.keywords:
                if behind_positional is not None:
                    raise ScanError("IDC3200I", behind_positional.text)
                raise ScanError("IDC3211I", token.text)
            else:
                self._keyword(level, token, values, seen)
            behind_positional = None
        return values

    def _close(self, nested: bool) -> None:
        """The command has ended; inside parentheses it should not have."""
        if nested:
            self._warn("IDC0234I")
        self._closed = True

    def _require(self, level: Level, values: dict[str, Any], owner: Token) -> None:
        if any(name not in values for name in level.required):
            raise ScanError("IDC3225I", owner.text)

    def _keyword(self, level: Level, token: Token, values: dict[str, Any], seen: set[str]) -> None:
        name, keyword = level.keywords[token.text]
        if keyword.word in seen:
            raise ScanError("IDC3213I", token.text)
        if name in values and name not in level.collected:
            raise ScanError("IDC3226I", token.text)
        seen.add(keyword.word)
        if keyword.standing == "ignored":
            self._value(keyword, token, among_several=False)
        elif keyword.standing != "used":
            self._skip_parentheses()
            if keyword.standing == "unsupported":
                self._unsupported.append(keyword.word)
        elif name in level.collected:
            values.setdefault(name, []).append(keyword.word)
        else:
            values[name] = self._value(keyword, token, among_several=name in level.several)

    def _value(self, keyword: Keyword, token: Token, *, among_several: bool) -> Any:
        if not keyword.constants and keyword.parameters is None:
            self._refuse_parentheses(token)
            return keyword.word
        if self._scanner.token().kind is not Kind.LEFT:
            raise ScanError("IDC3208I", token.text)
        if keyword.parameters is not None and keyword.repeated:
            return self._repeated(keyword.parameters, token)
        if keyword.parameters is not None:
            level = level_of(keyword.parameters)
            values = self._operands(level, token, nested=True)
            if not self._unsupported:
                self._require(level, values, token)
            return [keyword.word, values] if among_several else values
        constants = self._constants(keyword, token)
        if among_several:
            return [keyword.word, *constants]
        return constants[0] if keyword.maximum == 1 else constants

    def _repeated(self, model: type[Operands], owner: Token) -> list[dict[str, Any]]:
        """Sub-lists, each in parentheses of its own; one alone may do without."""
        level, found = level_of(model), []
        behind = self._scanner.token()
        alone = behind.kind is not Kind.LEFT
        if alone:
            self._scanner.give_back(behind)
        while not self._closed:
            values = self._operands(level, owner, nested=True)
            self._require(level, values, owner)
            found.append(values)
            if alone or self._closed:
                break
            behind = self._scanner.token()
            if behind.kind is Kind.RIGHT:
                break
            if behind.kind in (Kind.STOP, Kind.FILE_END):
                self._close(nested=True)
            elif behind.kind is not Kind.LEFT:
                raise ScanError("IDC3210I")
            elif len(found) == _MOST_SUBLISTS:
                raise ScanError("IDC3218I")
        return found

    def _refuse_parentheses(self, token: Token) -> None:
        behind = self._scanner.token()
        if behind.kind is Kind.LEFT:
            raise ScanError("IDC3212I", token.text)
        self._scanner.give_back(behind)

    def _skip_parentheses(self) -> None:
        """Read over what stands in parentheses, if anything does."""
        token = self._scanner.token()
        if token.kind is not Kind.LEFT:
            self._scanner.give_back(token)
            return
        depth = 1
        while depth:
            token = self._scanner.token()
            if token.kind in (Kind.STOP, Kind.FILE_END):
                self._close(nested=True)
                return
            depth += {Kind.LEFT: 1, Kind.RIGHT: -1}.get(token.kind, 0)

    # -- constants ----------------------------------------------------------------------------------------

    def _constants(self, keyword: Keyword, owner: Token) -> list[Any]:
        found: list[Any] = []
        first: Token | None = None
        while not self._closed:
            token = self._scanner.token()
            if token.kind in (Kind.STOP, Kind.FILE_END):
                self._close(nested=True)
            elif token.kind is Kind.RIGHT:
                break
            elif token.kind not in _CONSTANTS:
                raise ScanError("IDC3210I")
            elif first is not None and len(found) == keyword.maximum:
                raise ScanError("IDC3223I", first.text)
            else:
                first = first or token
                found.append(self._constant(keyword.constants[min(len(found), len(keyword.constants) - 1)], token))
        if len(found) < keyword.fewest:
            raise ScanError("IDC3225I", owner.text)
        return found

    def _positional(self, positional: Positional, token: Token, owner: Token) -> list[Any]:
        if token.kind is not Kind.LEFT:
            return [self._constant(positional.constant, token)]
        listed = Keyword("", (), (positional.constant,), most=positional.most)
        return self._constants(listed, owner)

    def _constant(self, constant: Constant, token: Token) -> Any:
        text, password, _ = token.text.partition("/")
        if password and token.kind is Kind.WORD and constant.kind in ("number", "word", "choice", "key"):
            raise ScanError("IDC3217I", text)
        if password and token.kind is Kind.WORD and constant.kind == "ddname":
            token = Token(Kind.WORD, text)
        if constant.kind == "number":
            return _number(constant, token)
        if constant.kind == "key":
            return _key(constant, token)
        if token.kind not in (Kind.WORD, Kind.TEXT):
            raise ScanError("IDC3203I", token.text)
        if constant.kind in ("name", "generic name"):
            return self._name(token, constant)
        if constant.kind == "choice":
            if token.text not in constant.words:
                raise ScanError("IDC3211I", token.text)
            return token.text
        if len(token.text) > constant.high:
            raise ScanError("IDC3201I", token.text)
        if constant.kind == "text":
            return token.text
        if not (_DDNAME if constant.kind == "ddname" else _PRINTABLE).fullmatch(token.text):
            raise ScanError("IDC3203I", token.text)
        return token.text

    def _name(self, token: Token, constant: Constant) -> str:
        """An entry name, without the password that old jobs put behind a slash; with its member where one may be."""
        text, _, quoted = token.text.partition("(") if token.kind is Kind.TEXT else (token.text, "", "")
        name, generic = text.partition("/")[0], constant.kind == "generic name"
        if len(name) > MAXIMUM_LENGTH:
            raise ScanError("IDC3201I", token.text)
        member = quoted.removesuffix(")") if quoted else self._member(token)
        if member is not None and not constant.member:
            raise ScanError("IDC3212I", token.text)
        try:
            name = check_pattern(name) if generic and ("*" in name or "%" in name) else data_set_name(name)
            if member is None:
                return name
            if generic and set(member) & set("*%"):
                return f"{name}({check_member_pattern(member)})"
            return f"{name}({member_name(member)})"
        except (InvalidName, DataSetError):
            raise ScanError("IDC3203I", token.text if member is None else f"{name}({member})") from None

    def _member(self, owner: Token) -> str | None:
        """What stands in parentheses behind a name; None if nothing does."""
        behind = self._scanner.token()
        if behind.kind is not Kind.LEFT:
            self._scanner.give_back(behind)
            return None
        member, right = self._scanner.token(), self._scanner.token()
        if member.kind is not Kind.WORD:
            raise ScanError("IDC3212I", owner.text)
        if right.kind is not Kind.RIGHT:
            raise ScanError("IDC3209I", member.text)
        return member.text


def _number(constant: Constant, token: Token) -> int:
    digits, base = token.text, {Kind.WORD: 10, Kind.HEX: 16, Kind.BINARY: 2}.get(token.kind, 0)
    allowed = "0123456789ABCDEF"[:base]
    if not base or not digits or any(digit not in allowed for digit in digits):
        raise ScanError("IDC3220I" if token.kind is Kind.WORD else "IDC3214I", digits)
    significant = digits.lstrip("0")
    if len(significant) > _HIGHEST_DIGITS * (4 if base == 2 else 1):
        raise ScanError("IDC3221I", digits)
    value = int(significant or "0", base)
    if not constant.low <= value <= constant.high:
        raise ScanError("IDC3221I", digits)
    return value


def _key(constant: Constant, token: Token) -> Key:
    if len(token.text) > constant.high * (2 if token.kind is Kind.HEX else 1):
        raise ScanError("IDC3201I", token.text)
    if not token.text:
        raise ScanError("IDC3203I", token.text)
    if token.kind is Kind.WORD and len(token.text) > 1:
        return Key(token.text.removesuffix("*"))
    if token.kind in (Kind.WORD, Kind.TEXT):
        return Key(token.text)
    if token.kind is Kind.HEX and len(token.text) % 2 == 0 and all(c in "0123456789ABCDEF" for c in token.text):
        return Key("", bytes.fromhex(token.text))
    raise ScanError("IDC3214I")
