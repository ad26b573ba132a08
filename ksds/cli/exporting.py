"""Data sets to files of the host: `export`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ksds import cobrix, host_files
from ksds.catalog.entries import Entry, NonVsamEntry
from ksds.cli.copybooks import (
    Choices,
    CopybookName,
    CopyLibraries,
    FaultReport,
    TableFormat,
    format_of,
    optional_view,
    require_no_table,
    table_pieces,
)
from ksds.cli.libraries import write_members
from ksds.cli.operands import CodePageName, DataSetName, open_system
from ksds.cli.rescue import report_losses, rescue_of
from ksds.cli.transfer import Bdw, BdwForm, RdwAdjustment, framing_of
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.salvage import Salvage
from ksds.cobrix import Options
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.copybook import RecordView
from ksds.datasets import DataSetAttributes, SequentialDataSet, split_member
from ksds.descriptors import Descriptor, Framing, Order, framed
from ksds.errors import DataSetError
from ksds.inspection import rows
from ksds.system import System
from ksds.waiting import progress

IBM = Framing(Descriptor.usual(Order.IBM))
IBM_BLOCKS = Framing(Descriptor.usual(Order.IBM), Descriptor.usual(Order.IBM))


class RdwForm(StrEnum):
    """What to put before each record of a host file."""

    NONE = "none"
    IBM = "ibm"
    COBRIX = "cobrix"


def export(
    context: typer.Context,
    dsn: DataSetName,
    target: Annotated[Path, typer.Argument(metavar="HOSTFILE")],
    text: Annotated[bool, typer.Option("--text", help="Lines of text, trailing blanks dropped.")] = False,
    rdw: Annotated[RdwForm | None, typer.Option(help="Put a descriptor of this form before each record.")] = None,
    rdw_adjustment: RdwAdjustment = None,
    bdw: Bdw = BdwForm.NONE,
    cobrix_wanted: Annotated[
        bool, typer.Option("--print-cobrix-options", help="Show how the Spark data source Cobrix reads the file.")
    ] = False,
    salvage: Annotated[
        bool, typer.Option("--salvage", help="Take all that can be read of a damaged cluster; say what is lost.")
    ] = False,
    copybook: CopybookName = None,
    copylib: CopyLibraries = None,
    use: Choices = None,
    table: Annotated[
        TableFormat | None, typer.Option("--format", help="With --copybook; else what HOSTFILE ends in, else json.")
    ] = None,
    codepage: CodePageName = DEFAULT,
) -> int:
    """Write a data set or cluster to a host file.

    Without options a sequential data set is written as it is stored, a cluster record after record; if its records
    may differ in length, each goes behind an IBM record descriptor word. A library becomes a folder of files.
    HOSTFILE may be -, for standard output.

    With --copybook each record becomes a JSON object on a line, a line of CSV or a row of a Parquet file. The exit
    status is 4 if fields do not hold what the copybook says; those records are written too, with all their bytes.
    Without it a file called .json, .jsonl, .csv or .parquet is refused, unless --text or --rdw says what is meant.

    With --salvage the exit status is 0 if nothing is damaged, 4 if only the index is, 8 if data is lost.

    \b
    Examples:
      ksds export BANK.INPUT accounts.ebcdic
      ksds export BANK.ACCOUNTS accounts.out --text
      ksds export BANK.ACCOUNTS accounts.rdw --rdw cobrix --print-cobrix-options
      ksds export BANK.ACCOUNTS rescued.out --salvage
      ksds export BANK.ACCOUNTS accounts.csv --copybook account.cpy
      ksds export BANK.JCL jcl --text
    """
    page = code_page(codepage)
    if text and rdw is not None:
        raise typer.BadParameter("--text does not go with --rdw")
    form: _Form | _Fields = _Form(page, text, framing_of(rdw, rdw_adjustment, bdw), bare=rdw is not None)
    view = optional_view(context, copybook, copylib, use, page, others=table is not None)
    if view is not None:
        if text or rdw or cobrix_wanted:
            raise typer.BadParameter("--copybook does not go with --text, --rdw and --print-cobrix-options")
        form = _Fields(view, format_of(target, table))
    elif not text and rdw is None:
        require_no_table(target)
    with open_system(context) as system, ExitStack() as opened:
        dsn = system.generations.absolute(dsn)
        entry = system.entry(split_member(dsn)[0])
        if isinstance(entry, NonVsamEntry) and salvage:
            raise typer.BadParameter("--salvage is for clusters")
        rescue = None
        if isinstance(entry, NonVsamEntry) and entry.attributes.dsorg == "PO" and not split_member(dsn)[1]:
            options = form.data_set_options(entry.attributes)
            _require_options(options, wanted=cobrix_wanted)
            library = opened.enter_context(system.library(dsn))
            advance = opened.enter_context(progress("writing", sum(member.size for member in library.members())))
            write_members(library, target, form.of_data_set, advance)
        else:
            leaving = _leaving(system, dsn, entry, form, opened, salvage=salvage)
            options, rescue = leaving.options, leaving.rescue
            _require_options(options, wanted=cobrix_wanted)
            advance = opened.enter_context(progress("writing", leaving.size))
            host_files.write_whole(target, leaving.pieces, advance)
        if cobrix_wanted and options is not None:
            print(cobrix.snippet(options, str(target), page))
        return max(form.status(), report_losses(rescue) if rescue else 0)


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What is written, its approximate size in bytes, and how Cobrix reads it, if it can."""

    pieces: Iterator[bytes]
    size: int
    options: Options | None
    rescue: Salvage | None = None


def _leaving(
    system: System, dsn: str, entry: Entry, form: _Form | _Fields, opened: ExitStack, *, salvage: bool
) -> _Leaving:
    """Of a sequential data set, a member or a cluster."""
    if isinstance(entry, NonVsamEntry):
        data_set = opened.enter_context(system.sequential(dsn))
        return _Leaving(form.of_data_set(data_set), data_set.size(), form.data_set_options(entry.attributes))
    if salvage:
        rescue = rescue_of(system, dsn, opened)
        image = rescue.image
        found = form.of_cluster((record for _, record in rescue.rows()), image.definition)
        size = image.data_cis * image.definition.ci_size
        return _Leaving(found, size, form.cluster_options(image.definition), rescue)
    cluster = system.cluster(dsn)
    opened.callback(cluster.close)
    found = form.of_cluster((row.data for row in rows(cluster)), cluster.definition)
    return _Leaving(found, cluster.statistics.high_used_rba, form.cluster_options(cluster.definition))


def _require_options(options: Options | None, *, wanted: bool) -> None:
    if wanted and options is None:
        raise typer.BadParameter("Cobrix cannot read records of different lengths without --rdw or --text")


@dataclass(frozen=True, slots=True)
class _Form:
    """How records leave: as lines of text, behind descriptors, `bare`, or, if nothing is said, as they are stored.

    The options are Cobrix's; None where it has no way to read what is written.
    """

    page: CodePage
    text: bool
    framing: Framing | None
    bare: bool

    def status(self) -> int:
        """The exit status, of what was written."""
        return 0

    def of_data_set(self, data_set: SequentialDataSet) -> Iterator[bytes]:
        """What is written of a sequential data set or a member."""
        if self._changed(data_set.attributes):
            return self._pieces(data_set.records())
        return (run for _, run in data_set.runs())

    def data_set_options(self, shape: DataSetAttributes) -> Options | None:
        if self._changed(shape):
            return self._options()
        return {"F": cobrix.fixed_options(shape.lrecl), "V": cobrix.framed_options(IBM_BLOCKS)}.get(shape.kind)

    def of_cluster(self, records: Iterator[bytes], shape: ClusterDefinition) -> Iterator[bytes]:
        """What is written of a cluster."""
        if self.text or self.framing or self.bare:
            return self._pieces(records)
        return _of_one_length(records, _length(shape)) if _is_fixed(shape) else framed(records, IBM)

    def cluster_options(self, shape: ClusterDefinition) -> Options | None:
        if self.text or self.framing:
            return self._options()
        if _is_fixed(shape):
            return cobrix.fixed_options(_length(shape))
        return None if self.bare else cobrix.framed_options(IBM)

    def _changed(self, shape: DataSetAttributes) -> bool:
        return self.text or self.framing is not None or (self.bare and shape.kind != "F")

    def _pieces(self, records: Iterable[bytes]) -> Iterator[bytes]:
        if self.text:
            return host_files.lines_from_records(records, self.page)
        return framed(records, self.framing) if self.framing else iter(records)

    def _options(self) -> Options | None:
        if self.text:
            return cobrix.text_options()
        return cobrix.framed_options(self.framing) if self.framing else None


@dataclass(frozen=True, slots=True)
class _Fields:
    """How records leave through a copybook; otherwise as `_Form`. No option of Cobrix reads that."""

    view: RecordView
    table: TableFormat
    report: FaultReport = field(default_factory=FaultReport)

    def status(self) -> int:
        return self.report.status()

    def of_data_set(self, data_set: SequentialDataSet) -> Iterator[bytes]:
        return table_pieces(self.view, data_set.records(), self.table, self.report)

    def of_cluster(self, records: Iterator[bytes], shape: ClusterDefinition) -> Iterator[bytes]:
        return table_pieces(self.view, records, self.table, self.report)

    def data_set_options(self, shape: DataSetAttributes) -> Options | None:
        return None

    def cluster_options(self, shape: ClusterDefinition) -> Options | None:
        return None


def _is_fixed(shape: ClusterDefinition) -> bool:
    return shape.organization == "LINEAR" or shape.average_record == shape.maximum_record


def _length(shape: ClusterDefinition) -> int:
    return shape.ci_size if shape.organization == "LINEAR" else shape.maximum_record


def _of_one_length(records: Iterator[bytes], length: int) -> Iterator[bytes]:
    """RECORDSIZE(80 80) lets a record be shorter; one after the other their lengths would be lost."""
    for number, record in enumerate(records, 1):
        if len(record) != length:
            what = f"RECORD {number} HAS {len(record)} BYTES, OTHERS {length}: EXPORT WITH --rdw ibm OR --rdw none"
            raise DataSetError(what)
        yield record
