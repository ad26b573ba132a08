"""The last steps of a copy, interrupted between any two: published once, recorded once, nothing sent again."""

import pytest

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.targets import SequentialTarget
from dtf.errors import SessionLost
from dtf.node.process_run import ProcessRun
from tests.dtf.node_pair import contents, fill, records_of

pytestmark = pytest.mark.parametrize("transport", ["memory", "tcp", "tls"])


def losing(method, *, before):
    """`method`, losing the session once, before or after it has done its work."""
    lost = []

    def wrapped(self, *arguments):
        if before and not lost:
            lost.append(True)
            raise SessionLost("the cable was pulled")
        result = method(self, *arguments)
        if not lost:
            lost.append(True)
            raise SessionLost("the cable was pulled")
        return result

    return wrapped


MOMENTS = [
    (SequentialTarget, "publish", True),
    (SequentialTarget, "publish", False),
    (ProcessRun, "_settle", True),
    (CheckpointFile, "remove", True),
]


@pytest.mark.parametrize("disposition", ["NEW", "RPL", "MOD"])
@pytest.mark.parametrize(("owner", "name", "before"), MOMENTS)
def test_the_end_interrupted_is_finished_not_repeated(pair, monkeypatch, owner, name, before, disposition):
    new = fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    old = [] if disposition == "NEW" else fill(pair.lon, "PAY.DST", "FB", 100, 10000, 250, seed=2)
    monkeypatch.setattr(owner, name, losing(getattr(owner, name), before=before))
    outcome = pair.copy(f"FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP={disposition})")
    assert (outcome.condition_code, outcome.queue) == (0, "")
    assert any("SVTM110I" in line for line in pair.console) or name == "remove"
    expected = old + new if disposition == "MOD" else new
    assert records_of(pair.lon, "PAY.DST") == expected
    assert pair.checkpoints() == []
    if name != "remove":
        assert pair.step()["BYXF"] == "0"
    left = [path.name for path in (pair.lon.folder / "volumes" / "VOL001").iterdir() if path.name.startswith("PAY")]
    assert len(left) == 1


@pytest.mark.parametrize(("owner", "name", "before"), MOMENTS[:3])
def test_the_same_when_the_pnode_receives(pair, monkeypatch, owner, name, before):
    fill(pair.lon, "PAY.SRC", "VB", 304, 3000, 2000)
    monkeypatch.setattr(owner, name, losing(getattr(owner, name), before=before))
    outcome = pair.copy("FROM (DSN=PAY.SRC SNODE) CKPT=100K TO (DSN=PAY.DST PNODE DISP=NEW)")
    assert (outcome.condition_code, outcome.queue) == (0, "")
    assert contents(pair.nyc, "PAY.DST") == contents(pair.lon, "PAY.SRC")
    assert pair.checkpoints(pair.nyc) == []
