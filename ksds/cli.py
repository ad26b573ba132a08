"""The program `ksds`: one command for each thing a person does with a data set.

Results go to standard output, errors to standard error as one line. The exit status is the condition code: 0 4 8 12 16,
and 2 for a usage error of the command line itself.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from enum import StrEnum
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from ksds import host_files, idcams
from ksds.catalog.entries import NonVsamEntry
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.dd import DD
from ksds.datasets.sequential import SequentialDataSet
from ksds.errors import DuplicateName, InvalidAccess, InvalidRba, KsdsError
from ksds.host_files import Advance, RdwForm
from ksds.inspection import Row, Source, area_maps, control_interval_pieces, dump_lines, find, place, rows
from ksds.system import System

STANDARD_INPUT = Path("/dev/stdin")
AREA_LINE = 60
"""Control intervals in a line of a map."""

LISTCAT_WORDS = {"ALL", "NAME", "HISTORY", "HIST", "VOLUME", "VOL", "ALLOCATION", "ALLOC", "CLUSTER", "CL"}
LISTCAT_WORDS |= {"DATA", "INDEX", "IX", "NONVSAM", "NVSAM"}

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)

DataSetName = Annotated[str, typer.Argument(metavar="DSN", help="Data set name, such as BANK.ACCOUNTS.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Key as text, filled with blanks; RBA; or record number.")]
CodePageName = Annotated[str, typer.Option("--codepage", help="Code page of keys and text.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
HexKeys = Annotated[bool, typer.Option("--hex", help="Keys are hexadecimal digits.")]


class RecordFormat(StrEnum):
    TEXT = "text"
    HEX = "hex"
    DUMP = "dump"
    RAW = "raw"


class Component(StrEnum):
    DATA = "data"
    INDEX = "index"


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"ksds {version('ksds-dtf')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    system: Annotated[
        Path, typer.Option(envvar="KSDS_SYSTEM", metavar="DIR", help="Folder of the system; made on first use.")
    ] = Path("system"),
    version: Annotated[bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """VSAM data sets in a folder: define, load, look inside."""
    context.obj = system


# -- IDCAMS -----------------------------------------------------------------------------------------------------


@app.command("idcams")
def run_idcams(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Statements; standard input if absent.")] = None,
    dd: Annotated[list[str] | None, typer.Option(metavar="NAME=DSN", help="A DD for INFILE and OUTFILE.")] = None,
) -> int:
    """Run IDCAMS statements; SYSPRINT to standard output, exit status MAXCC.

    \b
    Example:
      echo " LISTCAT ALL" | ksds idcams
    """
    text = "\n".join(host_files.lines(file or STANDARD_INPUT, lambda count: None))
    return issue(context.obj, text, dd or [])


@app.command()
def listcat(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[DSN]... [KEYWORD]...", help="Entries, and keywords of LISTCAT.")
    ] = None,
) -> int:
    """List the catalog: names, or all fields of entries with ALL.

    \b
    Examples:
      ksds listcat
      ksds listcat BANK.ACCOUNTS ALL
      ksds listcat "LEVEL(BANK)"
    """
    keywords = [word for word in words or [] if "(" in word or word.upper() in LISTCAT_WORDS]
    names = [word for word in words or [] if word not in keywords]
    entries = [f"ENTRIES({' '.join(names)})"] if names else []
    return issue(context.obj, statement("LISTCAT", *entries, *keywords))


@app.command()
def examine(context: typer.Context, dsn: DataSetName) -> int:
    """Check the structure of a KSDS: index, then data.

    \b
    Example:
      ksds examine BANK.ACCOUNTS
    """
    return issue(context.obj, statement("EXAMINE", f"NAME({dsn})", "INDEXTEST", "DATATEST"))


@app.command()
def verify(context: typer.Context, dsn: DataSetName) -> int:
    """Bring a cluster that was not closed properly in order.

    \b
    Example:
      ksds verify BANK.ACCOUNTS
    """
    return issue(context.obj, statement("VERIFY", f"DATASET({dsn})"))


def statement(verb: str, *parameters: str) -> str:
    """One IDCAMS command, a parameter on each line. Nothing that a user typed may start another command."""
    for parameter in parameters:
        if not parameter.isprintable() or len(parameter) > 66:
            raise typer.BadParameter(f"{parameter[:20]!r} is not a parameter of {verb}")
    return " -\n".join([f"  {verb}", *(f"    {parameter}" for parameter in parameters)]) + "\n"


def issue(folder: Path, text: str, dds: Iterable[str] = ()) -> int:
    """Run IDCAMS statements and print the listing; the condition code."""
    named = {}
    for word in dds:
        name, equals, dsn = word.partition("=")
        if not equals:
            raise typer.BadParameter(f"--dd {word} is not NAME=DSN")
        named[name.upper()] = DD(name=name.upper(), data_sets=(dsn,))
    with System.open(folder) as system:
        return idcams.run(system, text, dds=named, now=datetime.now(), sysprint=ListingPrinter()).max_cc


class ListingPrinter:
    """Prints SYSPRINT for people: carriage control bytes that skip lines (1, 0, -) become one blank line at most."""

    def __init__(self) -> None:
        self._blank = True

    def __call__(self, line: str) -> None:
        text = "".join(c if c.isprintable() else "." for c in line[1:].rstrip())
        if not self._blank and (line[:1] in "10-" or not text):
            print()
            self._blank = True
        if text:
            print(text)
            self._blank = False


# -- host files ---------------------------------------------------------------------------------------------------


@app.command()
def allocate(
    context: typer.Context,
    dsn: DataSetName,
    recfm: Annotated[str, typer.Option(help="F, FB, V, VB or U.")] = "FB",
    lrecl: Annotated[int, typer.Option(help="Record length; for V and VB with the 4 bytes of the RDW.")] = 80,
    blksize: Annotated[int, typer.Option(help="Block size; 0 lets the system choose.")] = 0,
    dsorg: Annotated[str, typer.Option(help="PS, sequential.")] = "PS",
    source: Annotated[Path | None, typer.Option("--from", metavar="HOSTFILE", help="Load this host file.")] = None,
    text: Annotated[bool, typer.Option("--text", help="The host file is lines of text.")] = False,
    rdw: Annotated[RdwForm, typer.Option(help="How a host file of V records tells lengths.")] = RdwForm.NONE,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Catalog a sequential data set, empty or loaded from a host file.

    Without --text and --rdw the host file's bytes are the blocks of the data set, as export writes them.

    \b
    Example:
      ksds allocate BANK.INPUT --recfm FB --lrecl 80 --from accounts.txt --text
    """
    attributes = DataSetAttributes(recfm, lrecl, blksize, dsorg.upper())
    page = code_page(codepage)
    today = datetime.now().date()
    with System.open(context.obj) as system:
        if source is None:
            system.allocate(dsn, attributes, created=today)
            return
        if system.exists(dsn):
            raise DuplicateName(dsn.upper())
        with ExitStack() as undo, progress("loading", source.stat().st_size) as advance:
            staged = system.stage(dsn, attributes)
            undo.callback(system.discard_staged, staged.file_name)
            with staged.data_set as data_set:
                if text:
                    data_set.append(host_files.records_from_lines(host_files.lines(source, advance), attributes, page))
                elif rdw is not RdwForm.NONE:
                    data = b"".join(host_files.chunks(source, advance))
                    data_set.append(host_files.without_descriptors(data, rdw))
                else:
                    for chunk in host_files.chunks(source, advance):
                        data_set.write(data_set.size(), chunk)
                    for _ in data_set.records():  # raises DataSetError where the blocks go wrong
                        pass
            system.publish(dsn, attributes, staged.file_name, created=today)
            undo.pop_all()


@app.command()
def export(
    context: typer.Context,
    dsn: DataSetName,
    target: Annotated[Path, typer.Argument(metavar="HOSTFILE")],
    text: Annotated[bool, typer.Option("--text", help="Lines of text, trailing blanks dropped.")] = False,
    rdw: Annotated[RdwForm | None, typer.Option(help="Put a descriptor before each record.")] = None,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Write a data set or cluster to a host file.

    Without options a sequential data set is written as it is stored, a cluster record after record; if its records
    may differ in length, each goes behind an IBM record descriptor word.

    \b
    Examples:
      ksds export BANK.INPUT accounts.ebcdic
      ksds export BANK.ACCOUNTS accounts.out --text
    """
    page = code_page(codepage)
    with System.open(context.obj) as system, ExitStack() as opened:
        if isinstance(system.entry(dsn), NonVsamEntry):
            data_set = opened.enter_context(system.sequential(dsn))
            records, size, form = data_set.records(), data_set.size(), rdw
            if not text and not rdw:
                records, form = (run for _, run in data_set.runs()), RdwForm.NONE
        else:
            cluster = system.cluster(dsn)
            opened.callback(cluster.close)
            shape, size = cluster.definition, cluster.statistics.high_used_rba
            records = (row.data for row in rows(cluster))
            form = rdw or (RdwForm.NONE if shape.average_record == shape.maximum_record else RdwForm.IBM)
        advance = opened.enter_context(progress("writing", size))
        if text:
            pieces = host_files.lines_from_records(records, page)
        else:
            pieces = host_files.with_descriptors(records, form or RdwForm.NONE)
        host_files.write_whole(target, pieces, advance)


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """A bar on standard error, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


# -- records ------------------------------------------------------------------------------------------------------


@app.command()
def get(
    context: typer.Context,
    dsn: DataSetName,
    key: Key,
    hex_keys: HexKeys = False,
    form: Annotated[RecordFormat, typer.Option("--format")] = RecordFormat.TEXT,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Show the record with this key.

    \b
    Examples:
      ksds get BANK.ACCOUNTS 0006
      ksds get BANK.ACCOUNTS 0006 --format dump
    """
    page = code_page(codepage)
    with System.open(context.obj) as system, system.cluster(dsn) as cluster:
        row = find(cluster, key_argument(cluster, key, hex_keys, page, whole=True))
        show([row], cluster, form, page, as_json=as_json)


@app.command()
def put(
    context: typer.Context,
    dsn: DataSetName,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The record; standard input if absent.")] = None,
    text: Annotated[bool, typer.Option("--text", help="The record is a line of text.")] = False,
    hex_record: Annotated[bool, typer.Option("--hex", help="The record is hexadecimal digits.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Replace the record with this key.")] = False,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Add one record, as bytes, text or hexadecimal digits. An ESDS or RRDS tells where it went.

    \b
    Examples:
      echo "0007 NEW ACCOUNT" | ksds put BANK.ACCOUNTS --text
      echo "0007 CHANGED" | ksds put BANK.ACCOUNTS --text --update
    """
    data = b"".join(host_files.chunks(file or STANDARD_INPUT, lambda count: None))
    if text or hex_record:
        line = data.decode("utf-8", errors="replace").rstrip("\r\n")
        data = from_hex(line) if hex_record else code_page(codepage).encode(line)
    with System.open(context.obj) as system, system.cluster(dsn, mode="w") as cluster:
        if isinstance(cluster, KeySequenced):
            (cluster.update if update else cluster.insert)(data)
        elif update:
            raise typer.BadParameter("--update is for key-sequenced data sets")
        elif isinstance(cluster, EntrySequenced):
            print(f"RBA {cluster.append(data)}")
        else:
            number = cluster.first_free()
            cluster.insert(number, data)
            print(f"RECORD {number}")
        cluster.commit()


@app.command()
def erase(
    context: typer.Context, dsn: DataSetName, key: Key, hex_keys: HexKeys = False, codepage: CodePageName = DEFAULT
) -> None:
    """Erase the record with this key (KSDS) or number (RRDS).

    \b
    Example:
      ksds erase BANK.ACCOUNTS 0007
    """
    with System.open(context.obj) as system, system.cluster(dsn, mode="w") as cluster:
        wanted = key_argument(cluster, key, hex_keys, code_page(codepage), whole=True)
        if isinstance(cluster, KeySequenced):
            assert isinstance(wanted, bytes)
            cluster.erase(wanted)
        elif isinstance(cluster, EntrySequenced):
            raise InvalidAccess("records of an entry-sequenced data set cannot be erased", data_set=dsn.upper())
        else:
            cluster.erase(int(wanted))
        cluster.commit()


@app.command()
def browse(
    context: typer.Context,
    dsn: DataSetName,
    start: Annotated[str | None, typer.Option("--from", metavar="K", help="First key, may be generic.")] = None,
    stop: Annotated[str | None, typer.Option("--to", metavar="K", help="Last key, may be generic.")] = None,
    prefix: Annotated[str | None, typer.Option(metavar="K", help="Only keys that begin so.")] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="From the last to the first.")] = False,
    count: Annotated[int | None, typer.Option(metavar="N", min=0, help="At most this many.")] = None,
    hex_keys: HexKeys = False,
    form: Annotated[RecordFormat, typer.Option("--format")] = RecordFormat.TEXT,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Show records in key order; of an ESDS by RBA, of an RRDS or a sequential data set by number.

    \b
    Examples:
      ksds browse BANK.ACCOUNTS --from 0005 --count 3
      ksds browse BANK.ACCOUNTS --prefix 000 --reverse --format hex
      ksds browse BANK.ACCOUNTS --json
    """
    page = code_page(codepage)
    with System.open(context.obj) as system, ExitStack() as opened:
        is_sequential = isinstance(system.entry(dsn), NonVsamEntry)
        source: Source = system.sequential(dsn) if is_sequential else system.cluster(dsn)
        opened.callback(source.close)
        if not isinstance(source, KeySequenced) and (prefix is not None or reverse):
            raise typer.BadParameter("--prefix and --reverse are for key-sequenced data sets")
        low, high, generic = (
            None if text is None else key_argument(source, text, hex_keys, page) for text in (start, stop, prefix)
        )
        assert not isinstance(generic, int)
        found = rows(source, low, high, prefix=generic, reverse=reverse)
        show(islice(found, count), source, form, page, as_json=as_json)


def key_argument(source: Source, text: str, hex_keys: bool, page: CodePage, *, whole: bool = False) -> bytes | int:
    """A key as typed: text in the code page (a whole key is filled with blanks), hexadecimal digits, or a number."""
    if isinstance(source, KeySequenced):
        key = from_hex(text) if hex_keys else page.encode(text)
        return key + page.encode(" ") * (source.definition.key_length - len(key)) if whole and not hex_keys else key
    if not text.isdecimal():
        raise typer.BadParameter(f"{text[:20]!r} is not a number")
    return int(text)


def from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise typer.BadParameter(f"{text[:20]!r} is not a row of hexadecimal digits in pairs") from None


def show(found: Iterable[Row], source: Source, form: RecordFormat, page: CodePage, *, as_json: bool) -> None:
    """Print records: JSON, one a line; or as `form` says, on a terminal with their keys in front."""
    out = sys.stdout
    wide = out.isatty() and form in (RecordFormat.TEXT, RecordFormat.HEX)
    for row in found:
        if as_json:
            out.write(json.dumps(described(row, source, page)) + "\n")
        elif form is RecordFormat.RAW:
            out.buffer.write(row.data)
        elif form is RecordFormat.DUMP:
            out.write(f"{shown_key(row, page)}, {len(row.data)} BYTES\n")
            out.writelines(f"{line}\n" for line in dump_lines(row.data, page))
        else:
            text = page.printable(row.data) if form is RecordFormat.TEXT else row.data.hex().upper()
            out.write(f"{shown_key(row, page)}  {len(row.data):>6}  {text}\n" if wide else f"{text}\n")


def shown_key(row: Row, page: CodePage) -> str:
    return f"{row.key:>10}" if isinstance(row.key, int) else page.printable(row.key)


def described(row: Row, source: Source, page: CodePage) -> dict[str, object]:
    """A record for programs: key (text in the code page, or a number), rba, ci, length, data in hexadecimal digits."""
    key = row.key if isinstance(row.key, int) else page.decode(row.key)
    ci, rba = (None, None) if isinstance(source, SequentialDataSet) else place(source, row)
    return {"key": key, "rba": rba, "ci": ci, "length": len(row.data), "data": row.data.hex().upper()}


# -- looking inside -------------------------------------------------------------------------------------------------


@app.command()
def ci(
    context: typer.Context,
    dsn: DataSetName,
    number: Annotated[int, typer.Argument(metavar="N", min=0, help="Number of the control interval, from 0.")],
    component: Annotated[Component, typer.Option()] = Component.DATA,
    as_json: AsJson = False,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Show one control interval: its bytes beside what they mean.

    \b
    Examples:
      ksds ci BANK.ACCOUNTS 0
      ksds ci BANK.ACCOUNTS 0 --component index
    """
    page = code_page(codepage)
    with System.open(context.obj) as system, system.cluster(dsn) as cluster:
        try:
            pieces = control_interval_pieces(cluster, component.value, number, page)
        except IndexError as error:
            raise InvalidRba(str(error), component=component.value, data_set=dsn.upper()) from None
    if as_json:
        fields = [
            {"offset": p.offset, "length": len(p.data), "data": p.data.hex(), "meaning": p.meaning} for p in pieces
        ]
        print(json.dumps({"component": component, "ci": number, "fields": fields}))
        return
    print(f"{component.upper()} CI {number} OF {dsn.upper()}, {sum(len(piece.data) for piece in pieces)} BYTES")
    for piece in pieces:
        if len(piece.data) > 16 and not any(piece.data):
            print(f"{piece.offset:6}  {f'00 x {len(piece.data)}':<53}  {piece.meaning}")
            continue
        first, *others = dump_lines(piece.data, page, piece.offset)
        print(f"{first:<61}  {piece.meaning}", *others, sep="\n")


@app.command("map")
def show_map(context: typer.Context, dsn: DataSetName, as_json: AsJson = False) -> int:
    """Show how full control areas and intervals are: `.` free, 0 to 9 tenths in use, # full, ! damaged.

    \b
    Example:
      ksds map BANK.ACCOUNTS
    """
    with System.open(context.obj) as system, system.cluster(dsn) as cluster:
        shape, figures = cluster.definition, cluster.statistics
        if not as_json:
            print(f"{dsn.upper()}: {figures.records} RECORDS, {shape.cis_per_ca} CIS OF {shape.ci_size} BYTES A CA")
            print(f"HURBA {figures.high_used_rba}, HARBA {figures.high_allocated_rba}", end=", ")
            print(f"INDEX LEVELS {figures.levels}, CI SPLITS {figures.ci_splits}, CA SPLITS {figures.ca_splits}")
        status = 0
        for area in area_maps(cluster):
            for error in area.damaged:
                status = failed(str(error), error.condition_code)
            if as_json:
                print(json.dumps({"ca": area.number, "rba": area.rba, "used": area.used, "percent": area.fill}))
                continue
            print(f"CA {area.number}  RBA {area.rba}  {area.used} OF {len(area.fill)} CIS IN USE")
            for at in range(0, len(area.picture), AREA_LINE):
                print(f"  {area.picture[at : at + AREA_LINE]}")
        return status


# -- the program ----------------------------------------------------------------------------------------------------


def run(arguments: list[str] | None = None) -> int:
    """Carry out a command line; the exit status. Every expected failure ends as one line on standard error."""
    try:
        return app(arguments, prog_name="ksds", standalone_mode=False) or 0
    except KsdsError as error:
        return failed(str(error), error.condition_code)
    except typer.TyperException as error:
        return failed(f"KSD001E {error.format_message()}", 2)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return failed(f"KSD002E {error.filename or 'INPUT OR OUTPUT'}: {error.strerror or error}", 12)
    except (KeyboardInterrupt, typer.Abort):
        return failed("KSD003E INTERRUPTED", 16)


def failed(message: str, status: int) -> int:
    print(" ".join(message.split()), file=sys.stderr)
    return status


def main() -> None:
    sys.exit(run())
