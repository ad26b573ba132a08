"""Data sets from files of the host: `allocate`."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ksds import host_files
from ksds.cli.copybooks import CopybookName, CopyLibraries, optional_view, records_from_json
from ksds.cli.libraries import Fill, load_member, load_members
from ksds.cli.operands import CodePageName, DataSetName, open_system
from ksds.codepage import DEFAULT, CodePage, code_page
from ksds.copybook import RecordView
from ksds.datasets import DataSetAttributes, SequentialDataSet, split_member
from ksds.descriptors import Descriptor, Framing, Order
from ksds.errors import DataSetError, DuplicateName
from ksds.host_files import Advance
from ksds.system import System
from ksds.waiting import progress


class RdwForm(StrEnum):
    """What stands before each record of a host file; `auto`, of a file to be loaded, whatever fits."""

    NONE = "none"
    IBM = "ibm"
    COBRIX = "cobrix"
    AUTO = "auto"


class BdwForm(StrEnum):
    """What stands before each block of records of a host file."""

    NONE = "none"
    IBM = "ibm"
    COBRIX = "cobrix"


RdwAdjustment = Annotated[
    int | None,
    typer.Option(metavar="N", help="What the length in an RDW lacks to be that of the data: ibm -4, cobrix 0."),
]
Bdw = Annotated[BdwForm, typer.Option(help="Blocks of records behind RDWs, each behind a descriptor.")]


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
    rdw: Annotated[RdwForm, typer.Option(help="Each record stands behind a descriptor of this form.")] = RdwForm.NONE,
    rdw_adjustment: RdwAdjustment = None,
    bdw: Bdw = BdwForm.NONE,
    copybook: CopybookName = None,
    copylib: CopyLibraries = None,
    codepage: CodePageName = DEFAULT,
) -> None:
    """Catalog a sequential data set or a library, and load it.

    Without --text and --rdw the host file's bytes are the blocks of the data set, as export writes them. --rdw auto
    finds out how records tell their lengths, and says so. A folder becomes a library, each file a member. A.LIB(MEM) is
    one file as one member of a library that is there, A.LOG(+1) the next generation of a group. With --copybook the
    host file is JSON, an object a line, as export --copybook writes it.

    \b
    Examples:
      ksds allocate BANK.INPUT --recfm FB --lrecl 80 --from accounts.txt --text
      ksds allocate BANK.JCL --dsorg PO --from jcl --text
      ksds allocate "BANK.JCL(JOB1)" --from job1.jcl --text
      ksds allocate "BANK.LOG(+1)" --from accounts.txt --text
      ksds allocate BANK.TEST --from accounts.json --copybook account.cpy
    """
    page = code_page(codepage)
    now = datetime.now()
    view = optional_view(context, copybook, copylib, None, page)
    if (view is not None) + text + (rdw is not RdwForm.NONE) > 1:
        raise typer.BadParameter("--copybook, --text and --rdw do not go together")
    form = _Form(page, text, view, framing_of(rdw, rdw_adjustment, bdw), detects=rdw is RdwForm.AUTO)
    with open_system(context) as system, progress("loading", host_files.size(source) if source else 0) as advance:

        def fill(data_set: SequentialDataSet, path: Path) -> int:
            return form.fill(data_set, path, advance)

        dsn = system.generations.absolute(dsn)
        library, member = split_member(dsn)
        if member:
            if source is None:
                raise typer.BadParameter("a member needs --from")
            with system.library(library, "w") as opened:
                load_member(opened, member, source, fill, now)
            return
        attributes = DataSetAttributes(recfm, lrecl, blksize, dsorg.upper(), pdse=pdse)
        if source is None:
            system.allocate(dsn, attributes, created=now.date())
        else:
            _load_new(system, dsn, attributes, source, fill, now)


@dataclass(frozen=True, slots=True)
class _Form:
    """How a host file becomes records: JSON through a copybook, lines of text, behind descriptors (`detects`: whichever
    fit), or blocks as they are."""

    page: CodePage
    text: bool
    view: RecordView | None
    framing: Framing | None
    detects: bool

    def fill(self, data_set: SequentialDataSet, source: Path, advance: Advance) -> int:
        """Load a host file into a data set; the number of its records."""
        if self.view:
            return data_set.append(records_from_json(host_files.lines(source, advance), self.view))
        if self.text:
            lines = host_files.lines(source, advance)
            return data_set.append(host_files.records_from_lines(lines, data_set.attributes, self.page))
        framing = self.framing
        if self.detects:
            found = host_files.detect(source, data_set.attributes)
            framing = found.framing
            print(f"KSD013I {source.name} READ AS {framing}, {found.records} RECORDS")
        if framing:
            return data_set.append(host_files.framed_records(source, framing, data_set.attributes, advance))
        return _fill_with_blocks(data_set, source, advance)


def _load_new(system: System, dsn: str, attributes: DataSetAttributes, source: Path, fill: Fill, now: datetime) -> None:
    """A new data set or library from a host file or folder; nothing of it is left if that fails."""
    if system.exists(dsn):
        raise DuplicateName(dsn.upper())
    with ExitStack() as undo:
        if attributes.dsorg == "PO":
            system.allocate(dsn, attributes, created=now.date())
            undo.callback(system.delete, dsn)
            with system.library(dsn, "w") as opened:
                load_members(opened, source, fill, now)
        else:
            staged = system.stage(dsn, attributes)
            undo.callback(system.discard_staged, staged.file_name)
            with staged.data_set as data_set:
                fill(data_set, source)
            system.publish(dsn, attributes, staged.file_name, created=now.date())
        undo.pop_all()


def framing_of(rdw: StrEnum | None, adjustment: int | None, bdw: BdwForm) -> Framing | None:
    """What the options say; None without descriptors, and for `auto`. Raises BadParameter if they contradict."""
    if rdw in (None, RdwForm.NONE, RdwForm.AUTO):
        if adjustment is not None or bdw is not BdwForm.NONE:
            raise typer.BadParameter("--rdw-adjustment and --bdw need --rdw ibm or --rdw cobrix")
        return None
    block = None if bdw is BdwForm.NONE else Descriptor.usual(Order(bdw))
    return Framing(Descriptor.usual(Order(rdw), adjustment), block)


def _fill_with_blocks(data_set: SequentialDataSet, source: Path, advance: Advance) -> int:
    """The host file's bytes as they are. DataSetError where they are no blocks, with the way to read them if there is
    one."""
    for chunk in host_files.chunks(source, advance):
        data_set.write(data_set.size(), chunk)
    try:
        return sum(1 for _ in data_set.records())
    except DataSetError as error:
        try:
            framing = host_files.detect(source, data_set.attributes).framing
        except DataSetError:
            raise error from None
        what = f"{error.what}, BUT {source.name} CAN BE READ WITH {framing}"
        raise DataSetError(what, data_set=error.data_set, offset=error.offset) from None
