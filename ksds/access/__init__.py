"""VSAM's macro interface: an ACB opened over a cluster, RPLs, and GET PUT ERASE POINT ENDREQ CHECK on them.

For programs (and people) that think in positions, strings and reason codes. Whoever only wants records uses the cluster
itself, which this package adds nothing to but the rules of requests.
"""

from ksds.access.acb import Acb
from ksds.access.rpl import Exits, Outcome, Rpl

__all__ = ["Acb", "Exits", "Outcome", "Rpl"]
