"""The programs that EXEC PGM= finds: a plain mapping from names to callables.

DMBATCH comes from whoever has a node (replay_command), programs of the site from `dtf.jcl.site_programs`.
"""

from __future__ import annotations

from collections.abc import Mapping

from dtf.jcl.programs import Program, iefbr14, run_idcams
from dtf.jcl.sorting.dfsort import dfsort
from dtf.jcl.utilities.iebgener import iebgener

PROGRAMS: Mapping[str, Program] = {
    "IEFBR14": iefbr14,
    "IEBGENER": iebgener,
    "ICEGENER": iebgener,
    "IDCAMS": run_idcams,
    **dict.fromkeys(("SORT", "DFSORT", "ICEMAN", "SYNCSORT"), dfsort),
}
