"""Data sets from and to files of the host: `allocate`, `export`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from ksds import host_files
from ksds.catalog.entries import NonVsamEntry
from ksds.cli.operands import CodePageName, DataSetName, open_system, report_losses
from ksds.cluster.salvage import Salvage
from ksds.codepage import DEFAULT, code_page
from ksds.datasets.attributes import DataSetAttributes
from ksds.errors import DuplicateName
from ksds.host_files import Advance, RdwForm
from ksds.inspection import rows


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
    with open_system(context) as system:
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


def export(
    context: typer.Context,
    dsn: DataSetName,
    target: Annotated[Path, typer.Argument(metavar="HOSTFILE")],
    text: Annotated[bool, typer.Option("--text", help="Lines of text, trailing blanks dropped.")] = False,
    rdw: Annotated[RdwForm | None, typer.Option(help="Put a descriptor before each record.")] = None,
    salvage: Annotated[
        bool, typer.Option("--salvage", help="Take all that can be read of a damaged cluster; say what is lost.")
    ] = False,
    codepage: CodePageName = DEFAULT,
) -> int:
    """Write a data set or cluster to a host file.

    Without options a sequential data set is written as it is stored, a cluster record after record; if its records
    may differ in length, each goes behind an IBM record descriptor word.

    With --salvage the exit status is 0 if nothing is damaged, 4 if only the index is, 8 if data is lost.

    \b
    Examples:
      ksds export BANK.INPUT accounts.ebcdic
      ksds export BANK.ACCOUNTS accounts.out --text
      ksds export BANK.ACCOUNTS rescued.out --salvage
    """
    page = code_page(codepage)
    with open_system(context) as system, ExitStack() as opened:
        rescue: Salvage | None = None
        if isinstance(system.entry(dsn), NonVsamEntry):
            if salvage:
                raise typer.BadParameter("--salvage is for clusters")
            data_set = opened.enter_context(system.sequential(dsn))
            records, size, form = data_set.records(), data_set.size(), rdw
            if not text and not rdw:
                records, form = (run for _, run in data_set.runs()), RdwForm.NONE
        else:
            cluster = system.cluster(dsn)
            opened.callback(cluster.close)
            shape, size = cluster.definition, cluster.statistics.high_used_rba
            rescue = Salvage(cluster.image()) if salvage else None
            records = (record for _, record in rescue.rows()) if rescue else (row.data for row in rows(cluster))
            form = rdw or (RdwForm.NONE if shape.average_record == shape.maximum_record else RdwForm.IBM)
        advance = opened.enter_context(progress("writing", size))
        if text:
            pieces = host_files.lines_from_records(records, page)
        else:
            pieces = host_files.with_descriptors(records, form or RdwForm.NONE)
        host_files.write_whole(target, pieces, advance)
        return report_losses(rescue) if rescue else 0


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """A bar on standard error, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
