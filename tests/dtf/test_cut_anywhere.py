"""A copy of every kind, its link cut or one bit of it turned at a byte drawn from a seed; every second one goes
over real sockets.

Whatever happens: the Process ends, the same bytes are there, nothing is left behind, and no more than an interval
and a buffer is sent again.
"""

import os
import random

import pytest

from dtf.simulation.faults import Fault
from dtf.transport import memory
from tests.dtf.cut_links import Undisturbed
from tests.dtf.kinds_of_copies import KINDS
from tests.dtf.node_pair import by_tcp

LINKS = max(4, round(20 * float(os.environ.get("KSDS_TEST_SCALE", "1"))))
"""Of each kind."""

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_cut_or_corrupted_at_any_byte_it_ends_the_same(tmp_path, kind):
    clean, rng = Undisturbed(kind, tmp_path), random.Random(kind.__name__)
    for link in range(LINKS):
        fault = Fault(("session", "corrupt")[link // 2 % 2], "link", rng.randrange(1, clean.ends[-1]))
        clean.again(fault, (memory.connect, by_tcp)[link % 2])
