"""IDCAMS: the command processor for clusters and the catalog."""

from ksds.idcams.execute import Result, run

__all__ = ["Result", "run"]
