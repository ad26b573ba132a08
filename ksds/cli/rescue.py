"""What `export --salvage` and `browse --past-damage` have in common: the way in, and the report of what is lost."""

from __future__ import annotations

from contextlib import ExitStack

from ksds.catalog.entries import ClusterEntry
from ksds.cluster.salvage import Salvage
from ksds.command_line import failed
from ksds.errors import Damaged, OpenError
from ksds.system import System


def rescue_of(system: System, name: str, opened: ExitStack) -> Salvage:
    """The salvage of a cluster: opened for input if it can be, else its component files as they are. One that is in use
    is not opened behind its user's back: OpenError (168)."""
    try:
        cluster = system.cluster(name)
    except (Damaged, OpenError) as error:
        entry = system.entry(name)
        lost_file = isinstance(error.__cause__, FileNotFoundError)
        if not isinstance(entry, ClusterEntry) or not (isinstance(error, Damaged) or lost_file):
            raise
        return Salvage(opened.enter_context(system.spheres.bare(entry)), bare=str(error))
    opened.callback(cluster.close)
    return Salvage(cluster.image())


def report_losses(rescue: Salvage) -> int:
    """Say what is lost, a line each; the condition code."""
    code = rescue.condition_code
    if rescue.bare:
        failed(f"KSD011W NOT OPENED, THE FILES ARE READ AS THEY ARE: {rescue.bare}", code)
    for loss in rescue.losses:
        failed(f"KSD006W {loss}", code)
    if code:
        lost = sum(loss.end - loss.start for loss in rescue.losses if loss.component == "data")
        failed(f"KSD007W {rescue.written} RECORDS SALVAGED, {lost} BYTES OF DATA LOST", code)
    return code
