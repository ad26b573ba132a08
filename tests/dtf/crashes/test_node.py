"""Power cuts under a whole node at work: data sets, CKPT, TCQ, statistics and catalog of both ends on one disk.

A copy of each kind is run with every call on every file in one log. The log is cut behind every call; of what was not
synced, any part arrives (`tests/crashes/recording_device.py`). Then the DTF is started again: a Process that was
submitted ends with SCPA000I, its target is the same byte for byte, nothing is left in the queue or in either CKPT file,
and no more than an interval and a buffer is sent again. `KSDS_TEST_SCALE=10` tries some 50,000 states.
"""

from __future__ import annotations

import itertools
import os
import time

import pytest

from dtf.transport import memory
from ksds.catalog import volume
from ksds.storage import journal, pager
from tests.dtf.crashes.machine import CopyOnWrite
from tests.dtf.crashes.power_cuts import BUFFER, Restart, Run
from tests.dtf.crashes.stories import STORIES

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
STATES_OF_A_PLACE = max(4, round(12 * SCALE))
RECOVERY_CUT_EVERY = 70


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short journals and buffers; file names that are the same in every run."""
    names = itertools.count()
    monkeypatch.setattr(volume.secrets, "token_hex", lambda size: f"{next(names):08x}")
    monkeypatch.setattr(journal, "PREWRITTEN", 8 << 10)
    monkeypatch.setattr(pager, "CHECKPOINT_BYTES", 256 << 10)
    monkeypatch.setattr(memory, "BUFFER_BYTES", BUFFER)


@pytest.mark.parametrize("kind", STORIES)
def test_a_copy_survives_a_power_cut_anywhere(kind: str) -> None:
    began, seed = time.perf_counter(), sorted(STORIES).index(kind)
    run = Run.of(STORIES[kind])
    known: dict[object, Restart] = {}
    judged = cut_again = 0
    for position, state in run.states(seed, STATES_OF_A_PLACE):
        key = state.key()
        try:
            if key not in known:
                known[key] = run.restarted(CopyOnWrite(state.files))
                if len(known) % RECOVERY_CUT_EVERY == 0:
                    cut_again += run.cut_again(position, state, seed)
            run.judge(position, known[key])
        except Exception as error:
            where = f"{kind}: seed {seed}, position {position} of {len(run.folder.log)}: {state.choice}"
            raise AssertionError(f"{where}: {error!r}") from error
        judged += 1
    rate = len(known) / (time.perf_counter() - began)
    places = f"{len(run.folder.log)} calls, judged at {judged} places, {cut_again} cut again"
    print(f"\n{kind}: {len(known)} crash states of {places}, {rate:.0f} a second")
