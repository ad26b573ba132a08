"""The programs that EXEC PGM= finds: a plain mapping from names to callables.

DMBATCH comes from whoever has a node (replay_command), programs of the site from `dtf.jcl.site_programs`.
"""

from __future__ import annotations

from collections.abc import Mapping

from dtf.jcl.programs import Program, iefbr14, run_idcams
from dtf.jcl.sorting.dfsort import dfsort
from dtf.jcl.sorting.icetool import icetool
from dtf.jcl.utilities.dgadwait import dgadwait
from dtf.jcl.utilities.iebcompr import iebcompr
from dtf.jcl.utilities.iebcopy import iebcopy
from dtf.jcl.utilities.iebdg import iebdg
from dtf.jcl.utilities.iebgener import icegener, iebgener
from dtf.jcl.utilities.iebptpch import iebptpch
from dtf.jcl.utilities.iebupdte import iebupdte
from dtf.jcl.utilities.iehlist import iehlist
from dtf.jcl.utilities.iehprogm import iehprogm
from dtf.jcl.utilities.sdsf import sdsf
from dtf.jcl.utilities.tso import ikjeft01, ikjeft1b

PROGRAMS: Mapping[str, Program] = {
    "IEFBR14": iefbr14,
    "IEBGENER": iebgener,
    "ICEGENER": icegener,
    "ICETOOL": icetool,
    "SYNCTOOL": icetool,
    "IEBCOPY": iebcopy,
    "IEBCOMPR": iebcompr,
    "IEBDG": iebdg,
    "IEBPTPCH": iebptpch,
    "IEBUPDTE": iebupdte,
    "IEHLIST": iehlist,
    "IEHPROGM": iehprogm,
    "IKJEFT01": ikjeft01,
    "IKJEFT1A": ikjeft1b,
    "IKJEFT1B": ikjeft1b,
    "IDCAMS": run_idcams,
    "DGADWAIT": dgadwait,
    **dict.fromkeys(("SDSF", "ISFAFD"), sdsf),
    **dict.fromkeys(("SORT", "DFSORT", "ICEMAN", "SYNCSORT"), dfsort),
}
