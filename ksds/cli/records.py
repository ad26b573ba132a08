"""Records by key: `get`, `put`, `erase`, `browse`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from ksds import host_files
from ksds.catalog.entries import NonVsamEntry
from ksds.cli.copybooks import (
    Choices,
    CopybookName,
    CopyLibraries,
    FaultReport,
    TableFormat,
    from_json,
    optional_view,
    table_pieces,
    view_through,
)
from ksds.cli.operands import AsJson, CodePageName, DataSetName, HexKeys, Key, open_system
from ksds.cli.rescue import report_losses
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.linear import Linear
from ksds.cluster.organizations import Keyed
from ksds.cluster.salvage import Salvage
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.copybook import Encoder, RecordView
from ksds.copybook.record_view import described as described_fault
from ksds.datasets.partitioned import split_member
from ksds.datasets.sequential import SequentialDataSet
from ksds.errors import Damaged, InvalidAccess, RecordNotFound
from ksds.inspection import Row, Source, dump_lines, find, place, rows, rows_past_damage, vertical_lines


class RecordFormat(StrEnum):
    """How a record is shown."""

    TEXT = "text"
    HEX = "hex"
    DUMP = "dump"
    VERT = "vert"
    RAW = "raw"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


TABLES = (RecordFormat.JSON, RecordFormat.CSV, RecordFormat.PARQUET)


def get(
    context: typer.Context,
    dsn: DataSetName,
    key: Key,
    hex_keys: HexKeys = False,
    form: Annotated[RecordFormat, typer.Option("--format")] = RecordFormat.TEXT,
    copybook: CopybookName = None,
    copylib: CopyLibraries = None,
    use: Choices = None,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> int:
    """Show the record with this key.

    \b
    Examples:
      ksds get BANK.ACCOUNTS 0006
      ksds get BANK.ACCOUNTS 0006 --format dump
      ksds get BANK.ACCOUNTS 0006 --copybook account.cpy
    """
    page = code_page(codepage)
    view = _view(context, copybook, copylib, use, form, page)
    with open_system(context) as system, system.cluster(dsn) as cluster:
        with filled_key_told(cluster, key, hex_keys):
            row = find(cluster, key_argument(cluster, key, hex_keys, page, whole=True))
        return show([row], cluster, form, page, as_json=as_json, view=view)


def put(
    context: typer.Context,
    dsn: DataSetName,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The record; standard input if absent.")] = None,
    text: Annotated[bool, typer.Option("--text", help="The record is a line of text.")] = False,
    hex_record: Annotated[bool, typer.Option("--hex", help="The record is hexadecimal digits.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Replace the record with this key.")] = False,
    copybook: CopybookName = None,
    copylib: CopyLibraries = None,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Add one record, as bytes, text or hexadecimal digits. An ESDS, RRDS or LDS tells where it went.

    With --copybook the record is a JSON object, as export writes it; fields that it lacks are what VALUE says, else
    zero or blank.

    \b
    Examples:
      echo "0007 NEW ACCOUNT" | ksds put BANK.ACCOUNTS --text
      echo "0007 CHANGED" | ksds put BANK.ACCOUNTS --text --update
      ksds put BANK.ACCOUNTS new.json --copybook account.cpy
    """
    data = b"".join(host_files.chunks(file or host_files.STANDARD, lambda count: None))
    if text or hex_record:
        line = data.decode("utf-8", errors="replace").rstrip("\r\n")
        data = from_hex(line) if hex_record else code_page(codepage).encode(line)
    elif copybook:
        view = view_through(context, copybook, copylib, None, code_page(codepage))
        data = Encoder(view.layout, view.page).encode(from_json(data))
    with open_system(context) as system, system.cluster(dsn, mode="w") as cluster:
        if isinstance(cluster, Keyed):
            (cluster.update if update else cluster.insert)(data)
        elif update:
            raise typer.BadParameter("--update is for key-sequenced data sets")
        elif isinstance(cluster, EntrySequenced | Linear):
            print(f"RBA {cluster.append(data)}")
        else:
            number = cluster.first_free()
            cluster.insert(number, data)
            print(f"RECORD {number}")
        cluster.commit()


def erase(
    context: typer.Context, dsn: DataSetName, key: Key, hex_keys: HexKeys = False, codepage: CodePageName = DEFAULT
) -> None:
    """Erase the record with this key (KSDS) or number (RRDS).

    \b
    Example:
      ksds erase BANK.ACCOUNTS 0007
    """
    with open_system(context) as system, system.cluster(dsn, mode="w") as cluster:
        wanted = key_argument(cluster, key, hex_keys, code_page(codepage), whole=True)
        if isinstance(cluster, Keyed):
            assert isinstance(wanted, bytes)
            with filled_key_told(cluster, key, hex_keys):
                cluster.erase(wanted)
        elif isinstance(cluster, EntrySequenced | Linear):
            raise InvalidAccess("nothing in a data set without keys or numbers can be erased", data_set=dsn.upper())
        else:
            cluster.erase(int(wanted))
        cluster.commit()


def browse(
    context: typer.Context,
    dsn: DataSetName,
    start: Annotated[str | None, typer.Option("--from", metavar="K", help="First key, may be generic.")] = None,
    stop: Annotated[str | None, typer.Option("--to", metavar="K", help="Last key, may be generic.")] = None,
    prefix: Annotated[str | None, typer.Option(metavar="K", help="Only keys that begin so.")] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="From the last to the first.")] = False,
    count: Annotated[int | None, typer.Option(metavar="N", min=0, help="At most this many.")] = None,
    past_damage: Annotated[
        bool, typer.Option("--past-damage", help="Go on past what cannot be read, and say what that is.")
    ] = False,
    hex_keys: HexKeys = False,
    form: Annotated[RecordFormat, typer.Option("--format")] = RecordFormat.TEXT,
    copybook: CopybookName = None,
    copylib: CopyLibraries = None,
    use: Choices = None,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> int:
    """Show records, a range or all.

    They come in key order; those of an ESDS or LDS by RBA, of an RRDS or a sequential data set by number.

    --format vert is ISPF's HEX ON: text, and the two digits of each byte below it. --format json, csv and parquet are
    tables of the fields of a copybook, as export writes them; --json has the key and the bytes of each record, too.

    \b
    Examples:
      ksds browse BANK.ACCOUNTS --from 0005 --count 3
      ksds browse BANK.ACCOUNTS --count 2 --format vert
      ksds browse BANK.ACCOUNTS --prefix 000 --reverse --format hex
      ksds browse BANK.ACCOUNTS --json
      ksds browse BANK.ACCOUNTS --past-damage --from 0005
      ksds browse BANK.ACCOUNTS --copybook account.cpy --count 2
      ksds browse BANK.ACCOUNTS --copybook account.cpy --from 0050 --format csv
    """
    page = code_page(codepage)
    view = _view(context, copybook, copylib, use, form, page)
    with open_system(context) as system, ExitStack() as opened:
        dsn = system.generations.absolute(dsn)
        is_sequential = isinstance(system.entry(split_member(dsn)[0]), NonVsamEntry)
        source: Source = system.sequential(dsn) if is_sequential else system.cluster(dsn)
        opened.callback(source.close)
        if not isinstance(source, Keyed) and (prefix is not None or reverse):
            raise typer.BadParameter("--prefix and --reverse are for key-sequenced data sets")
        low, high, generic = (
            None if text is None else key_argument(source, text, hex_keys, page) for text in (start, stop, prefix)
        )
        assert not isinstance(generic, int)
        if not past_damage:
            found = rows(source, low, high, prefix=generic, reverse=reverse)
            return show(islice(found, count), source, form, page, as_json=as_json, view=view)
        if reverse or isinstance(source, SequentialDataSet):
            raise typer.BadParameter("--past-damage is for clusters, and reads forward")
        rescue = Salvage(source.image())
        found = rows_past_damage(rescue, low, high, prefix=generic)
        status = show(islice(found, count), source, form, page, as_json=as_json, view=view)
        return max(status, report_losses(rescue))


def key_argument(source: Source, text: str, hex_keys: bool, page: CodePage, *, whole: bool = False) -> bytes | int:
    """A key as typed: text in the code page (a whole key is filled with blanks), hexadecimal digits, or a number."""
    if isinstance(source, Keyed):
        key = from_hex(text) if hex_keys else page.encode(text)
        return key + page.encode(" ") * (source.definition.key_length - len(key)) if whole and not hex_keys else key
    if not text.isdecimal():
        raise typer.BadParameter(f"{text[:20]!r} is not a number")
    return int(text)


@contextmanager
def filled_key_told(source: Source, text: str, hex_keys: bool) -> Iterator[None]:
    """If there is no record with a key that was filled with blanks, say that it was."""
    try:
        yield
    except RecordNotFound as error:
        if not isinstance(source, Keyed) or hex_keys or len(text) >= source.definition.key_length:
            raise
        filled = f"; {text!r} was filled with blanks to the {source.definition.key_length} bytes of the key"
        raise RecordNotFound(error.what + filled, data_set=error.data_set, component=error.component) from None


def from_hex(text: str) -> bytes:
    """The bytes that hexadecimal digits stand for. Raises typer.BadParameter."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise typer.BadParameter(f"{text[:20]!r} is not a row of hexadecimal digits in pairs") from None


def _view(
    context: typer.Context,
    copybook: str | None,
    copylib: list[str] | None,
    use: list[str] | None,
    form: RecordFormat,
    page: CodePage,
) -> RecordView | None:
    if copybook is not None and form not in (RecordFormat.TEXT, *TABLES):
        raise typer.BadParameter("--copybook shows fields, --format hex, dump, vert and raw show bytes")
    if form is RecordFormat.PARQUET and sys.stdout.isatty():
        raise typer.BadParameter("--format parquet is not for a terminal: write it to a file with > or export")
    return optional_view(context, copybook, copylib, use, page, others=form in TABLES)


def show(
    found: Iterable[Row],
    source: Source,
    form: RecordFormat,
    page: CodePage,
    *,
    as_json: bool,
    view: RecordView | None = None,
) -> int:
    """Print records: JSON, one a line; through a copybook; or as `form` says, on a terminal with their keys in front.
    The exit status is 4 if fields do not hold what the copybook says."""
    out = sys.stdout
    wide = out.isatty() and form in (RecordFormat.TEXT, RecordFormat.HEX)
    if view is not None and form in TABLES and not as_json:
        report = FaultReport()
        out.flush()
        out.buffer.writelines(table_pieces(view, (row.data for row in found), TableFormat(form), report))
        return report.status()
    if view is not None:
        return _show_fields(found, source, view, as_json=as_json)
    for row in found:
        if as_json:
            out.write(json.dumps(described(row, source, page)) + "\n")
        elif form is RecordFormat.RAW:
            out.buffer.write(row.data)
        elif form in (RecordFormat.DUMP, RecordFormat.VERT):
            lines = dump_lines if form is RecordFormat.DUMP else vertical_lines
            out.write(f"{shown_key(row, page).strip()}, {len(row.data)} BYTES\n")
            out.writelines(f"{line}\n" for line in lines(row.data, page))
        else:
            text = page.printable(row.data) if form is RecordFormat.TEXT else row.data.hex().upper()
            out.write(f"{shown_key(row, page)}  {len(row.data):>6}  {text}\n" if wide else f"{text}\n")
    return 0


def _show_fields(found: Iterable[Row], source: Source, view: RecordView, *, as_json: bool) -> int:
    """As `described`, with `fields` and `errors`; or the fields below each other, with the bytes of a wrong record."""
    decode, report, out = view.decoder().decode, FaultReport(), sys.stdout
    for row in found:
        values, faults = decode(row.data)
        key = shown_key(row, view.page).strip()
        if as_json:
            errors = [described_fault(fault) for fault in faults]
            out.write(json.dumps(described(row, source, view.page) | {"fields": values, "errors": errors}) + "\n")
        else:
            out.write(f"{key}, {len(row.data)} BYTES\n")
            out.writelines(f"  {line}\n" for line in view.text_lines(values, faults))
            if faults:
                out.writelines(f"{line}\n" for line in dump_lines(row.data, view.page))
        if faults:
            report(key, faults)
    return report.status()


def shown_key(row: Row, page: CodePage) -> str:
    """The key as people see it: text, or a number set to the right."""
    return f"{row.key:>10}" if isinstance(row.key, int) else page.printable(row.key)


def _place(source: Source, row: Row) -> tuple[int | None, int | None]:
    """(CI number, RBA), where there are some and the index can tell."""
    try:
        return (None, None) if isinstance(source, SequentialDataSet) else place(source, row)
    except Damaged:
        return None, None


def described(row: Row, source: Source, page: CodePage) -> dict[str, object]:
    """A record for programs: key (text in the code page, or a number), rba, ci, length, data in hexadecimal digits."""
    key = row.key if isinstance(row.key, int) else page.decode(row.key)
    ci, rba = _place(source, row)
    return {"key": key, "rba": rba, "ci": ci, "length": len(row.data), "data": row.data.hex().upper()}
