"""A small copy of every kind, its link lost behind every frame and one byte into the next.

Whatever happens: the Process ends well, the target is the same byte for byte, no more than an interval and a buffer is
sent again, and nothing is left behind at either node.
"""

import pytest

from dtf.simulation.faults import Fault
from tests.dtf.cut_links import Undisturbed
from tests.dtf.kinds_of_copies import KINDS

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_copy_cut_behind_any_frame_ends_as_if_nothing_had_happened(tmp_path, kind):
    clean = Undisturbed(kind, tmp_path)
    places = [*(end + torn for end in clean.ends[:-1] for torn in (0, 1)), clean.ends[-1]]
    for place in places:
        clean.again(Fault("session", "link", place))
    print(f"\n{kind.__name__}: cut at {len(places)} places of {clean.ends[-1]} bytes")
