"""IDCAMS: the command processor for clusters and the catalog."""

from ksds.idcams.execute import Result, run
from ksds.idcams.margins import behind_the_margin

__all__ = ["Result", "behind_the_margin", "run"]
