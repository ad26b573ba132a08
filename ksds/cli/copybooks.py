"""Records through a COBOL copybook: `copybook`, and the options that other commands have for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ksds import host_files
from ksds.cli.operands import AsJson, CodePageName
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.command_line import failed
from ksds.copybook import Encoder, RecordView, parse
from ksds.copybook.copying import Library
from ksds.copybook.decoder import Fault
from ksds.copybook.listing import HEADINGS, objects, rows
from ksds.copybook.parquet_file import parquet_pieces
from ksds.copybook.scanner import LONGEST_TEXT
from ksds.datasets import split_member
from ksds.errors import CatalogError, CopybookError, MemberNotFound
from ksds.system import System
from ksds.text_table import print_table

ENDINGS = ("", ".cpy", ".cbl", ".cob", ".copy", ".inc", ".txt")
"""Of host files that hold a member of their name."""
FAULTS_TOLD = 20

CopybookName = Annotated[
    str | None,
    typer.Option("--copybook", metavar="FILE", help="Fields of a COBOL copybook: a host file, or LIB(MEMBER)."),
]
CopyLibraries = Annotated[
    list[str] | None,
    typer.Option("--copylib", metavar="LIB", help="Where COPY also looks: a folder or a library. May be repeated."),
]
Choices = Annotated[
    list[str] | None,
    typer.Option(
        "--use",
        metavar="CHOICE",
        help='Which redefinition or record: NAME, "NAME if FIELD=VALUE", "NAME if CONDITION". May be repeated.',
    ),
]


class TableFormat(StrEnum):
    """What `export --copybook` writes."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


_TABLE_ENDINGS = {
    ".json": TableFormat.JSON,
    ".jsonl": TableFormat.JSON,
    ".csv": TableFormat.CSV,
    ".parquet": TableFormat.PARQUET,
}


def copybook(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A host file, or LIB(MEMBER) of a library data set.")],
    libraries: CopyLibraries = None,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Show the record layout that a COBOL copybook describes.

    An offset with + and a length with - are at most that: they depend on an OCCURS DEPENDING ON.

    \b
    Examples:
      ksds copybook account.cpy
      ksds copybook "BANK.COPYLIB(ACCOUNT)" --json
    """
    layout = view_through(context, file, libraries, None, code_page(codepage)).layout
    if as_json:
        for one in objects(layout):
            print(json.dumps(one))
        return
    print_table(HEADINGS, list(rows(layout)), right=("Offset", "Length"))


def view_through(
    context: typer.Context, name: str, libraries: list[str] | None, choices: list[str] | None, page: CodePage
) -> RecordView:
    """The copybook called `name`, a host file or a member. Raises CopybookError."""
    path = Path(name)
    places = list(libraries or [])
    if path.exists() and not path.is_dir():
        text, source = _host_text(path), path.name
        places.insert(0, str(path.parent))
    else:
        found = _member_text(context, name, page)
        if found is None:
            raise CopybookError(f"{name[:100]} IS NEITHER A HOST FILE NOR A DATA SET OR MEMBER WITH RECORDS")
        text, source = found, name.upper()
        places.insert(0, split_member(name)[0])
    view = RecordView(parse(text, source, _library(context, places, page)), page, tuple(choices or ()))
    view.decoder()  # raises for a choice that makes no sense
    return view


def optional_view(
    context: typer.Context,
    name: str | None,
    libraries: list[str] | None,
    choices: list[str] | None,
    page: CodePage,
    *,
    others: bool = False,
) -> RecordView | None:
    """None without a copybook; `others`: an option is given that goes with one. Raises BadParameter, CopybookError."""
    if name is not None:
        return view_through(context, name, libraries, choices, page)
    if libraries or choices or others:
        raise typer.BadParameter("--copylib, --use and --format json, csv, parquet go with --copybook")
    return None


def _host_text(path: Path) -> str:
    """UTF-8, else Latin-1, in which any byte is a character."""
    data = _bounded(host_files.chunks(path, lambda count: None), path.name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _member_text(context: typer.Context, name: str, page: CodePage) -> str | None:
    """The records of a data set or member as lines; None if there is none of that name, or no system."""
    try:
        with (
            System.open(context.obj, create=False) as system,
            system.sequential(system.generations.absolute(name)) as data_set,
        ):
            return page.decode(_bounded((record + page.encode("\n") for record in data_set.records()), name))
    except (CatalogError, MemberNotFound, FileNotFoundError):
        return None


def _bounded(pieces: Iterable[bytes], source: str) -> bytes:
    """All of it, unless it is too much for a copybook even if every character were four bytes."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > 4 * LONGEST_TEXT:
            raise CopybookError(f"MORE THAN {4 * LONGEST_TEXT} BYTES ARE NO COPYBOOK", source=source)
    return bytes(data)


def _library(context: typer.Context, places: list[str], page: CodePage) -> Library:
    """Looks for a member in each place: a host folder, by file name without its ending, or a library data set."""

    def find(member: str, library: str) -> tuple[str, str] | None:
        wanted = {f"{member}{ending}".casefold() for ending in ENDINGS}
        for place in places:
            folder = Path(place)
            if folder.is_dir():
                for path in sorted(folder.iterdir()):
                    if path.name.casefold() in wanted and path.is_file():
                        return path.name, _host_text(path)
                continue
            text = _member_text(context, f"{place}({member})", page)
            if text is not None:
                return f"{place}({member})".upper(), text
        return None

    return find


def from_json(data: bytes | str) -> dict[str, object]:
    """A JSON object; its numbers stay exact. Raises CopybookError."""
    try:
        found = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise CopybookError(f"THE RECORD IS NOT JSON: {error}") from None
    if not isinstance(found, dict):
        raise CopybookError("THE RECORD IS NOT A JSON OBJECT")
    return found


def records_from_json(lines: Iterable[str], view: RecordView) -> Iterator[bytes]:
    """The records of JSON lines as export writes them: the values, or all the bytes where there is `_raw`. Raises
    CopybookError with the number of the line."""
    encode = Encoder(view.layout, view.page).encode
    for number, line in enumerate(lines, 1):
        try:
            values = from_json(line)
            raw = values.get("_raw")
            yield encode(values) if raw is None else bytes.fromhex(str(raw))
        except CopybookError as error:
            raise CopybookError(error.what, source="HOST FILE", line=number) from None
        except ValueError:
            raise CopybookError("_raw IS NOT HEXADECIMAL", source="HOST FILE", line=number) from None


class FaultReport:
    """Says on standard error what is wrong in which record: the first twenty, and how many there are."""

    def __init__(self) -> None:
        self.records = 0
        self._told = 0

    def __call__(self, record: int | str, faults: list[Fault]) -> None:
        self.records += 1
        for fault in faults:
            if self._told < FAULTS_TOLD:
                self._told += 1
                failed(f"KSD021W RECORD {record}: {fault}", 0)

    def status(self) -> int:
        """The exit status: 4 if any record had a fault."""
        if self._told == FAULTS_TOLD:
            failed(f"KSD022W {self.records} RECORDS WITH WRONG FIELDS", 0)
        return 4 if self.records else 0


def table_pieces(view: RecordView, records: Iterable[bytes], form: TableFormat, report: FaultReport) -> Iterator[bytes]:
    """The bytes of a host file with these records as a table."""
    if form is TableFormat.PARQUET:
        return parquet_pieces(view, records, report)
    return view.csv_lines(records, report) if form is TableFormat.CSV else view.json_lines(records, report)


def format_of(target: Path, form: TableFormat | None) -> TableFormat:
    """What is asked for, else what the ending of the host file says, else JSON lines."""
    return form or _TABLE_ENDINGS.get(target.suffix.lower(), TableFormat.JSON)


def require_no_table(target: Path) -> None:
    """Without a copybook there are no fields to make a table of: raises BadParameter if the name promises one."""
    if target.suffix.lower() in _TABLE_ENDINGS:
        what = f"{target.name} would hold no {target.suffix} without --copybook; --text writes lines, --rdw none bytes"
        raise typer.BadParameter(what)
