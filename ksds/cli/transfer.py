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
from ksds.cli.libraries import load_member, load_members, write_members
from ksds.cli.operands import CodePageName, DataSetName, open_system
from ksds.cli.rescue import report_losses, rescue_of
from ksds.cluster.salvage import Salvage
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.datasets import DataSetAttributes, SequentialDataSet, split_member
from ksds.errors import DataSetError, DuplicateName
from ksds.host_files import Advance, RdwForm
from ksds.inspection import rows
from ksds.system import System


def allocate(
    context: typer.Context,
    dsn: DataSetName,
    recfm: Annotated[str, typer.Option(help="F, FB, V, VB or U.")] = "FB",
    lrecl: Annotated[int, typer.Option(help="Record length; for V and VB with the 4 bytes of the RDW.")] = 80,
    blksize: Annotated[int, typer.Option(help="Block size; 0 lets the system choose.")] = 0,
    dsorg: Annotated[str, typer.Option(help="PS, sequential; PO, a library of members.")] = "PS",
    pdse: Annotated[bool, typer.Option("--pdse", help="A library that uses the space of old members again.")] = False,
    source: Annotated[Path | None, typer.Option("--from", metavar="HOSTFILE", help="Load this host file.")] = None,
    text: Annotated[bool, typer.Option("--text", help="The host file is lines of text.")] = False,
    rdw: Annotated[RdwForm, typer.Option(help="How a host file of V records tells lengths.")] = RdwForm.NONE,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Catalog a sequential data set or a library, empty or loaded from a host file or folder.

    Without --text and --rdw the host file's bytes are the blocks of the data set, as export writes them. A folder
    becomes a library, each file a member. A.LIB(MEM) is one file as one member of a library that is there, A.LOG(+1)
    the next generation of a group.

    \b
    Examples:
      ksds allocate BANK.INPUT --recfm FB --lrecl 80 --from accounts.txt --text
      ksds allocate BANK.JCL --dsorg PO --from jcl --text
      ksds allocate "BANK.JCL(JOB1)" --from job1.jcl --text
      ksds allocate "BANK.LOG(+1)" --from accounts.txt --text
    """
    page = code_page(codepage)
    now = datetime.now()
    with open_system(context) as system, ExitStack() as undo:
        dsn = system.generations.absolute(dsn)
        library, member = split_member(dsn)
        if member:
            if source is None:
                raise typer.BadParameter("a member needs --from")
            attributes = _attributes_of(system, library)
        else:
            attributes = DataSetAttributes(recfm, lrecl, blksize, dsorg.upper(), pdse=pdse)
        advance = undo.enter_context(progress("loading", source.stat().st_size if source else 0))

        def fill(data_set: SequentialDataSet, path: Path) -> int:
            return _fill(data_set, path, page, advance, text=text, rdw=rdw)

        if member:
            assert source is not None
            load_member(undo.enter_context(system.library(library, "w")), member, source, fill, now)
        elif source is None:
            system.allocate(dsn, attributes, created=now.date())
        elif system.exists(dsn):
            raise DuplicateName(dsn.upper())
        elif attributes.dsorg == "PO":
            system.allocate(dsn, attributes, created=now.date())
            kept = undo.enter_context(ExitStack())
            kept.callback(system.delete, dsn)
            with system.library(dsn, "w") as opened:
                load_members(opened, source, fill, now)
            kept.pop_all()
        else:
            staged = system.stage(dsn, attributes)
            kept = undo.enter_context(ExitStack())
            kept.callback(system.discard_staged, staged.file_name)
            with staged.data_set as data_set:
                fill(data_set, source)
            system.publish(dsn, attributes, staged.file_name, created=now.date())
            kept.pop_all()


def _attributes_of(system: System, library: str) -> DataSetAttributes:
    entry = system.entry(library)
    if not isinstance(entry, NonVsamEntry):
        raise DataSetError("THIS IS NOT A PARTITIONED DATA SET", data_set=entry.name)
    return entry.attributes


def _fill(
    data_set: SequentialDataSet, source: Path, page: CodePage, advance: Advance, *, text: bool, rdw: RdwForm
) -> int:
    """Load a host file into a data set; the number of its records."""
    if text:
        lines = host_files.lines(source, advance)
        return data_set.append(host_files.records_from_lines(lines, data_set.attributes, page))
    if rdw is not RdwForm.NONE:
        data = b"".join(host_files.chunks(source, advance))
        return data_set.append(host_files.without_descriptors(data, rdw))
    for chunk in host_files.chunks(source, advance):
        data_set.write(data_set.size(), chunk)
    return sum(1 for _ in data_set.records())  # raises DataSetError where the blocks go wrong


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
    may differ in length, each goes behind an IBM record descriptor word. A library becomes a folder of files.

    With --salvage the exit status is 0 if nothing is damaged, 4 if only the index is, 8 if data is lost.

    \b
    Examples:
      ksds export BANK.INPUT accounts.ebcdic
      ksds export BANK.ACCOUNTS accounts.out --text
      ksds export BANK.ACCOUNTS rescued.out --salvage
      ksds export BANK.JCL jcl --text
    """
    page = code_page(codepage)
    with open_system(context) as system, ExitStack() as opened:
        rescue: Salvage | None = None
        dsn = system.generations.absolute(dsn)
        entry = system.entry(split_member(dsn)[0])
        if isinstance(entry, NonVsamEntry) and salvage:
            raise typer.BadParameter("--salvage is for clusters")
        if isinstance(entry, NonVsamEntry) and entry.attributes.dsorg == "PO" and not split_member(dsn)[1]:
            library = opened.enter_context(system.library(dsn))
            advance = opened.enter_context(progress("writing", sum(member.size for member in library.members())))
            write_members(library, target, page, advance, text=text)
            return 0
        if isinstance(entry, NonVsamEntry):
            data_set = opened.enter_context(system.sequential(dsn))
            records, size, form = data_set.records(), data_set.size(), rdw
            if not text and not rdw:
                records, form = (run for _, run in data_set.runs()), RdwForm.NONE
        elif salvage:
            rescue = rescue_of(system, dsn, opened)
            shape, size = rescue.image.definition, rescue.image.data_cis * rescue.image.definition.ci_size
            records = (record for _, record in rescue.rows())
            form = rdw or (RdwForm.NONE if shape.average_record == shape.maximum_record else RdwForm.IBM)
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
        return report_losses(rescue) if rescue else 0


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """A bar on standard error, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
