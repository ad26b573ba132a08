"""SYSOPTS of a host file, and what they do to text: lines of the host to records of a data set, and back.

    DATATYPE      TEXT (the default): lines; BINARY: bytes as they are
    XLATE         YES (the default for text): from one code page to the other; NO: only lines become records
    CODEPAGE      (from,to), as the data go; else UTF-8 on the host and cp037 in the data set
    STRIP.BLANKS  blanks at the end of a line written here are dropped: YES, the default, if the source is a data set
    PERMISS       permission bits of a new file, octal

Written `:datatype=text:xlate=no:` (Unix), `DATATYPE(TEXT) XLATE(NO)` (Windows) or `DATATYPE=TEXT XLATE=NO` (z/OS).
Between two files of the host text is bytes as they are, unless CODEPAGE or STRIP.BLANKS asks for more.

Source: IBM Connect:Direct, UNIX and Windows Sysopts Syntax (names, defaults of DATATYPE and XLATE).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dtf.errors import StepError
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.errors import DataSetError

LONGEST_LINE = 32700
"""Bytes of a line with its end: less than the smallest buffer of a session."""

_UTF_8 = ("UTF-8", "UTF8")
_OPTION = re.compile(r"[\s:,]*([A-Za-z][A-Za-z.]*)\s*(?:=\s*\(([^()]*)\)|=\s*([^\s:,()]+)|\(([^()]*)\))[\s:]*")
_NAMES = {"STRIPBLANKS": "STRIP.BLANKS"}
_CHOICES = {"DATATYPE": ("TEXT", "BINARY"), "XLATE": ("YES", "NO"), "STRIP.BLANKS": ("YES", "NO")}


class HostTextError(StepError):
    """SYSOPTS cannot be read, or a line is not text in its code page or does not fit."""

    default_id = "DTX208E"


@dataclass(frozen=True, slots=True)
class HostOptions:
    """SYSOPTS of one side, read. None where nothing was said. `code_pages`: (from, to)."""

    text: bool = True
    translate: bool = True
    strip: bool | None = None
    code_pages: tuple[str, str] | None = None
    permissions: int | None = None


def host_options(operands: Mapping[str, str]) -> HostOptions:
    """The options of a side with FILE=. Raises HostTextError."""
    found = _read(operands.get("SYSOPTS", ""))
    pages = found.get("CODEPAGE")
    permissions = found.get("PERMISS")
    if permissions is not None and not re.fullmatch("0?[0-7]{3}", permissions):
        raise HostTextError(f"SYSOPTS PERMISS={permissions[:20]} is not three octal digits")
    text = found.get("DATATYPE", "TEXT") == "TEXT"
    return HostOptions(
        text=text,
        translate=text and found.get("XLATE", "YES") == "YES",
        strip={"YES": True, "NO": False}.get(found.get("STRIP.BLANKS", "")),
        code_pages=None if pages is None else _pair(pages),
        permissions=None if permissions is None else int(permissions, 8),
    )


def _read(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip(" :")):
        match = _OPTION.match(text, at)
        if match is None:
            raise HostTextError(f"SYSOPTS: {text[at : at + 30]!r} is no option with a value")
        name = _NAMES.get(match[1].upper(), match[1].upper())
        value = (match[2] or match[3] or match[4] or "").strip()
        allowed = _CHOICES.get(name)
        if name not in (*_CHOICES, "CODEPAGE", "PERMISS"):
            raise HostTextError(f"SYSOPTS: {name[:20]} is not one of {' '.join(_CHOICES)} CODEPAGE PERMISS")
        if allowed and value.upper() not in allowed:
            raise HostTextError(f"SYSOPTS: {name}={value[:20]} is not {' or '.join(allowed)}")
        if name in found:
            raise HostTextError(f"SYSOPTS: {name} is given twice")
        found[name] = value.upper() if allowed else value
        at = match.end()
    return found


def _pair(pages: str) -> tuple[str, str]:
    names = [name.strip() for name in pages.split(",")]
    if len(names) != 2 or not all(names):
        raise HostTextError("SYSOPTS CODEPAGE=(from,to)")
    return names[0], names[1]


class Translation:
    """From one code page to another, each UTF-8 or one byte a character. Raises HostTextError for an unknown one."""

    def __init__(self, source: str, target: str) -> None:
        self._decode: Callable[[bytes], str] = _decoder(source)
        self._encode: Callable[[str], bytes] = _encoder(target)
        self.names = source, target

    def __call__(self, data: bytes, number: int) -> bytes:
        """The same text in the other code page. `number` names the line in the error."""
        try:
            return self._encode(self._decode(data))
        except UnicodeDecodeError:
            raise HostTextError(f"line {number} is not text in {self.names[0]}") from None
        except DataSetError as error:
            raise HostTextError(f"line {number}: {error.what}") from None


def lines_to_records(lines: Iterable[bytes], options: HostOptions) -> Iterator[bytes]:
    """What a data set gets of the lines of a host file."""
    if not options.translate:
        yield from lines
        return
    translate = Translation(*(options.code_pages or ("UTF-8", DEFAULT)))
    for number, line in enumerate(lines, 1):
        yield translate(line, number)


def records_to_lines(records: Iterable[bytes], options: HostOptions) -> Iterator[bytes]:
    """What a host file gets of the records of a data set: lines with their ends, or the bytes of each."""
    if not options.text:
        yield from records
        return
    pages = options.code_pages or (DEFAULT, "UTF-8")
    translate = Translation(*pages) if options.translate else None
    plain = Translation("UTF-8", pages[1])
    blank, end = (plain(b" ", 0), plain(b"\n", 0)) if translate else (b" ", b"\n")
    for number, record in enumerate(records, 1):
        line = translate(record, number) if translate else record
        if options.strip is not False:
            line = line.rstrip(blank)
        if end in line:
            raise HostTextError(f"record {number} holds a line end and cannot be a line")
        yield _fitting(line + end, number)


def lines_to_lines(lines: Iterable[bytes], source: HostOptions, target: HostOptions) -> Iterator[bytes] | None:
    """What a host file gets of another's lines, or None: the bytes as they are."""
    pages = target.code_pages or source.code_pages
    if not (source.text and target.text) or not (pages or target.strip):
        return None
    return _changed(lines, Translation(*pages) if pages and target.translate else None, strip=bool(target.strip))


def _changed(lines: Iterable[bytes], translate: Translation | None, *, strip: bool) -> Iterator[bytes]:
    for number, line in enumerate(lines, 1):
        whole = (line.rstrip(b" ") if strip else line) + b"\n"
        yield _fitting(translate(whole, number) if translate else whole, number)


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file without their ends (LF or CR LF). A line is at most LONGEST_LINE bytes long."""
    rest = b""
    number = 1
    for chunk in chunks:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield _fitting(line.removesuffix(b"\r"), number)
            number += 1
        _fitting(rest, number)
    if rest:
        yield rest.removesuffix(b"\r")


def _fitting(line: bytes, number: int) -> bytes:
    if len(line) > LONGEST_LINE:
        raise HostTextError(f"line {number} is longer than {LONGEST_LINE} bytes: copy the file with DATATYPE=BINARY")
    return line


def _decoder(name: str) -> Callable[[bytes], str]:
    return _utf_8_text if name.upper() in _UTF_8 else _page(name).decode


def _encoder(name: str) -> Callable[[str], bytes]:
    return str.encode if name.upper() in _UTF_8 else _page(name).encode


def _page(name: str) -> CodePage:
    try:
        return code_page(name)
    except DataSetError as error:
        raise HostTextError(f"SYSOPTS CODEPAGE: {error.what}") from None


def _utf_8_text(data: bytes) -> str:
    return data.decode("utf-8")
