"""Disks that say no: each read, write, resize and sync of real work fails in turn, once or for good.

Required every time: the caller gets a VSAM error with the right code, never another exception; after a failure
whose effect is unknown the handle answers nothing any more; opening again finds everything acknowledged, each
request whole; and no later success was a lie, so a power cut right after it loses nothing.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sortedcontainers import SortedDict

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import Damaged, NoSpace, OpenError, PhysicalError, VsamError
from tests.crashes.faulty_device import KINDS, Fault, FaultyFolder
from tests.crashes.recording_device import crash_states, memory_folder
from tests.crashes.store_trace import (
    STEM,
    Content,
    Request,
    content_of,
    key_of,
    perform,
    random_requests,
    record,
    recover_and_go_on,
    small_limits,
    tiny,
)

pytestmark = pytest.mark.fault

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EACH = max(4, round(40 * SCALE))
"""Call numbers tried of each kind."""

DEFINITION = tiny()


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


@dataclass(slots=True)
class Run:
    """One trace under one fault: contents that may be found afterwards, and the error that ended it."""

    folder: FaultyFolder
    model: SortedDict = field(default_factory=SortedDict)
    allowed: list[Content] = field(default_factory=lambda: [()])
    error: VsamError | None = None

    def carry_out(self, requests: list[Request]) -> Run:
        try:
            cluster = KeySequenced.open(self.folder, STEM, DEFINITION, mode="w", buffer_bytes=0)
        except VsamError as error:
            self.error = error
            return self
        for what, data in requests:
            if what == "reopen":
                continue
            after = self.model.copy()
            try:
                perform(cluster, after, what, data)
            except VsamError as error:
                self.error = error
                self._after_failure(cluster, what, data)
                return self
            self.model = after
            self.allowed.append(tuple(after.values()))
            if what in ("commit", "load", "reset"):
                del self.allowed[:-1]
        self._close(cluster)
        return self

    def _after_failure(self, cluster: KeySequenced, what: str, data: bytes) -> None:
        if cluster.pager.failed:
            self.allowed.append(self._if_it_had_worked(what, data))
            assert isinstance(self.error, PhysicalError), self.error
            everything_is_refused(cluster, self.model)
            cluster.close()
        else:
            self.folder.fault = None
            assert tuple(cluster.browse()) == tuple(self.model.values()), "a request that failed left a trace"
            assert not cluster.verify()
            cluster.close()
            self.allowed = [tuple(self.model.values())]

    def _if_it_had_worked(self, what: str, data: bytes) -> Content:
        """The content with the request that failed: it may or may not be found."""
        folder = memory_folder({})
        KeySequenced.create(folder, STEM, DEFINITION)
        after = self.model.copy()
        with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
            if self.model:
                cluster.load(self.model.values())
            perform(cluster, after, what, data)
        return tuple(after.values())

    def _close(self, cluster: KeySequenced) -> None:
        try:
            cluster.close()
        except VsamError as error:
            self.error = error
        else:
            del self.allowed[:-1]


def everything_is_refused(cluster: KeySequenced, model: SortedDict) -> None:
    """After an unknown failure no request is answered, not even from memory."""
    key = model.keys()[0] if model else b"0001"
    requests: list[Callable[[], object]] = [cluster.commit, lambda: cluster.insert(record(7777))]
    if cluster.index.levels:
        requests += [lambda: cluster.get(key), lambda: list(cluster.browse()), lambda: cluster.erase(key)]
    for request in requests:
        with pytest.raises(PhysicalError) as caught:
            request()
        assert caught.value.return_code == 12


def fresh_folder() -> FaultyFolder:
    folder = FaultyFolder()
    KeySequenced.create(folder, STEM, DEFINITION)
    folder.calls.clear()
    return folder


def requests_of(seed: int) -> list[Request]:
    return list(random_requests(seed, 30, DEFINITION))


def judge(run: Run, where: str) -> None:
    """Open again without the fault; then cut the power."""
    run.folder.fault = None
    with KeySequenced.open(run.folder, STEM, DEFINITION, mode="w", buffer_bytes=0) as cluster:
        assert not cluster.verify(), where
        content = tuple(cluster.browse())
        assert content in run.allowed, where
        model = SortedDict((key_of(data), data) for data in content)
        perform(cluster, model, "insert", record(8888))
        cluster.commit()
        left = run.folder.after_power_cut()
        assert content_of(memory_folder(left), DEFINITION) == tuple(model.values()), f"{where}: acknowledged, then lost"
    recover_and_go_on(memory_folder(run.folder.image()), DEFINITION)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 3])
def test_every_call_fails_once_and_for_good(kind: str, seed: int) -> None:
    requests = requests_of(seed)
    count = Run(fresh_folder()).carry_out(requests).folder.calls[kind]
    numbers = random.Random(seed).sample(range(count), min(EACH, count))
    ended = 0
    for at in numbers:
        for number in (errno.EIO, errno.ENOSPC):
            for sticky in (False, True):
                folder = fresh_folder()
                folder.fault = Fault(kind, at, number, sticky)
                run = Run(folder).carry_out(requests)
                judge(run, f"seed {seed}, {folder.fault or (kind, at, number, sticky)}: {run.error}")
                assert folder.faults
                ended += run.error is not None
    assert ended == 4 * len(numbers), "a failure went unnoticed"


@pytest.mark.parametrize("outcome", ["lost", "reverts", "arrives"])
def test_a_failed_sync_is_final_whatever_it_left(outcome: str) -> None:
    requests = requests_of(5)
    count = Run(fresh_folder()).carry_out(requests).folder.calls["sync"]
    for at in range(count):
        folder = fresh_folder()
        folder.fault = Fault("sync", at, errno.EIO, outcome=outcome)
        run = Run(folder).carry_out(requests)
        assert isinstance(run.error, PhysicalError)
        assert folder.calls["sync"] == at + 1, "a failed sync was tried again"
        judge(run, f"{outcome}, sync {at}")


@pytest.mark.parametrize("outcome", ["lost", "reverts"])
def test_power_fails_while_a_failed_sync_is_being_recovered(outcome: str) -> None:
    """The cache shows journal groups that the disk does not hold. Recovery must not build homes on them alone."""
    requests = requests_of(5)
    count = Run(fresh_folder()).carry_out(requests).folder.calls["sync"]
    for at in range(count):
        folder = fresh_folder()
        folder.fault = Fault("sync", at, errno.EIO, outcome=outcome)
        run = Run(folder).carry_out(requests)
        folder.fault = None
        failed = len(folder.log)
        KeySequenced.open(folder, STEM, DEFINITION, mode="w").close()
        states = {state.key(): state for _, state in crash_states({}, folder.log, seed=at, begin=failed)}
        for key in random.Random(at).sample(sorted(states), min(len(states), max(1, round(40 * SCALE)))):
            content = content_of(states[key].folder(), DEFINITION)
            assert content in run.allowed, f"{outcome}, sync {at}: {states[key].choice}"


def test_a_full_volume_is_feedback_28_and_the_data_set_goes_on() -> None:
    folder = fresh_folder()
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
        for number in range(0, 40, 2):
            cluster.insert(record(number, 200))
        before = tuple(cluster.browse())
        folder.fault = Fault("resize", folder.calls["resize"], errno.ENOSPC, sticky=True)
        with pytest.raises(NoSpace) as caught:
            for number in range(100, 400):
                cluster.insert(record(number, 200))
        assert (caught.value.return_code, caught.value.feedback) == (8, 28)
        assert tuple(cluster.browse(stop=b"0098")) == before
        cluster.update(record(2, 199))
        folder.fault = None
        cluster.insert(record(999, 200))
        assert not cluster.verify()
    assert len(content_of(folder, DEFINITION)) > 21


def test_an_unreadable_interval_is_damage_and_the_handle_lives_on() -> None:
    folder = fresh_folder()
    with KeySequenced.open(folder, STEM, DEFINITION, mode="w") as cluster:
        cluster.load(record(number) for number in range(50))
    with KeySequenced.open(folder, STEM, DEFINITION) as cluster:
        cluster.get(b"0000")
        folder.fault = Fault("read", folder.calls["read"], errno.EIO)
        with pytest.raises(Damaged) as caught:
            cluster.get(b"0049")
        assert (caught.value.return_code, caught.value.feedback) in ((12, 4), (12, 12))
        assert cluster.get(b"0049") == record(49)


@pytest.mark.parametrize("kind", ["read", "write", "sync"])
def test_open_fails_by_code_and_leaves_no_lock(kind: str) -> None:
    """OPEN after a crash reads, writes and syncs; each failure is an OPEN error (ACBERFLG 184) or a physical error."""
    files = crashed_files()
    count = FaultyFolder(files)
    KeySequenced.open(count, STEM, DEFINITION, mode="w")
    for at in range(count.calls[kind]):
        folder = FaultyFolder(files)
        folder.fault = Fault(kind, at, errno.EIO)
        with pytest.raises(VsamError) as caught:
            KeySequenced.open(folder, STEM, DEFINITION, mode="w")
        error = caught.value
        assert isinstance(error, PhysicalError) or (isinstance(error, OpenError) and error.feedback == 184)
        folder.fault = None
        assert len(content_of(folder, DEFINITION)) == 20, f"{kind} {at}"


def crashed_files() -> dict[str, bytes]:
    """Twenty records, ten of them in the journal only."""
    folder = FaultyFolder()
    KeySequenced.create(folder, STEM, DEFINITION)
    cluster = KeySequenced.open(folder, STEM, DEFINITION, mode="w")
    cluster.load(record(number) for number in range(10))
    for number in range(10, 20):
        cluster.insert(record(number))
    cluster.commit()
    return folder.image()


@pytest.mark.parametrize("kind", ["write", "sync"])
def test_a_failed_creation_leaves_nothing(kind: str) -> None:
    for at in range(2 if kind == "write" else 4):
        folder = FaultyFolder()
        folder.fault = Fault(kind, at, errno.ENOSPC)
        with pytest.raises(NoSpace):
            KeySequenced.create(folder, STEM, DEFINITION)
        assert folder.names() == []
