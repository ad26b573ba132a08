"""The figures that people ask of a data set, as `ksds stat` shows them: table, JSON, picture (docs/FIGURES.md)."""

from ksds.figures.clusters import cluster_figures
from ksds.figures.data_sets import library_figures, sequential_figures
from ksds.figures.report import Figures, as_json, table

__all__ = ["Figures", "as_json", "cluster_figures", "library_figures", "sequential_figures", "table"]
