"""Clusters from elsewhere: `import`."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ksds.cli.operands import DataSetName, open_system
from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.definition import NUMBER_LENGTH, ClusterDefinition
from ksds.cluster.findings import MAJOR, highest
from ksds.cluster.foreign_image import ForeignFiles, adopt, foreign_image
from ksds.cluster.variable_record import numbered_form
from ksds.cluster.verify import check
from ksds.command_line import failed
from ksds.errors import DuplicateName
from ksds.storage.device import Device, FileFolder
from ksds.system import System
from ksds.waiting import Waiting, progress


class Organization(StrEnum):
    """What the files to be imported can be."""

    KSDS = "ksds"
    ESDS = "esds"
    RRDS = "rrds"
    VRRDS = "vrrds"
    LDS = "lds"


WORDS = {
    Organization.KSDS: "INDEXED",
    Organization.ESDS: "NONINDEXED",
    Organization.RRDS: "NUMBERED",
    Organization.VRRDS: "INDEXED",
    Organization.LDS: "LINEAR",
}


def import_cluster(
    context: typer.Context,
    dsn: DataSetName,
    data: Annotated[Path, typer.Option(metavar="FILE", help="The data component: its control intervals.")],
    index: Annotated[Path | None, typer.Option(metavar="FILE", help="The index component of a KSDS or VRRDS.")] = None,
    keys: Annotated[
        tuple[int, int], typer.Option(metavar="LENGTH OFFSET", help="Where the key of a KSDS is, as in KEYS.")
    ] = (0, 0),
    organization: Annotated[Organization, typer.Option(help="What the cluster is.")] = Organization.KSDS,
    ci_size: Annotated[int, typer.Option("--cisize", help="Data CISIZE, where the files do not tell it.")] = 0,
    record_size: Annotated[
        tuple[int, int],
        typer.Option("--recordsize", metavar="AVERAGE MAXIMUM", help="RECORDSIZE; else that of what is there."),
    ] = (0, 0),
) -> int:
    """Take over the component files of a cluster from elsewhere.

    The files are examined first, as EXAMINE does. If they are damaged, the findings are told, nothing is imported and
    the exit status is 8; 4 if something is only odd.

    \b
    Example:
      ksds import BANK.COPY --data copy.data --index copy.index --keys 4 0
    """
    if organization is Organization.VRRDS:
        keys = (NUMBER_LENGTH, 0)
    if WORDS[organization] == "INDEXED" and (index is None or not keys[0]):
        raise typer.BadParameter("a KSDS needs --index and --keys, a VRRDS --index")
    with open_system(context) as system, ExitStack() as opened:
        if system.exists(dsn):
            raise DuplicateName(dsn.upper())
        files = ForeignFiles(
            name=dsn.upper(),
            organization=WORDS[organization],
            data=device(data, opened),
            index=device(index, opened) if index else None,
            key_length=keys[0],
            key_offset=keys[1],
            ci_size=ci_size,
            average_record=record_size[0],
            maximum_record=record_size[1],
        )
        with Waiting("examining"):
            image = foreign_image(files)
            findings = check(image)
        for finding in findings:
            failed(f"KSD008W {finding}", finding.severity)
        if highest(findings) >= MAJOR:
            return failed(f"KSD010E {len(findings)} FINDINGS: {dsn.upper()} IS NOT IMPORTED", MAJOR)
        shape = numbered_form(image.definition) if organization is Organization.VRRDS else image.definition
        count = take_over(system, shape, image)
    print(f"{shape.name}: {count} RECORDS, {image.data_cis} CIS OF {shape.ci_size} BYTES, {shape.cis_per_ca} A CA")
    print(f"RECORDSIZE({shape.average_record} {shape.maximum_record}), INDEX CISIZE {shape.index_ci_size}")
    return highest(findings)


def take_over(system: System, shape: ClusterDefinition, image: ClusterImage) -> int:
    """Catalog the cluster and give it its control intervals; nothing stays if that fails."""
    name = system.define_cluster(shape, created=datetime.now().date()).name
    try:
        size = image.data_cis * shape.ci_size + image.index_cis * shape.index_ci_size
        with system.cluster(name, "w") as cluster, progress("importing", size) as advance:
            return adopt(cluster, image, advance)
    except BaseException:
        system.delete(name)
        raise


def device(path: Path, opened: ExitStack) -> Device:
    """A host file, to read."""
    real = path.resolve()
    folder = FileFolder(real.parent)
    opened.callback(folder.close)
    found = folder.open(real.name, writable=False)
    opened.callback(found.close)
    return found
