"""Disks that say no: each read, write, resize and sync of real work fails in turn, once or for good.

Required every time: the caller gets a VSAM error with the right code, never another exception; after a failure
whose effect is unknown the handle answers nothing any more; opening again finds everything acknowledged, each
request whole; and no later success was a lie, so a power cut right after it loses nothing.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ksds.errors import Damaged, NoSpace, OpenError, PhysicalError, VsamError
from tests.crashes.faulty_device import KINDS, Fault, FaultyFolder
from tests.crashes.recording_device import crash_states, memory_folder
from tests.crashes.store_trace import recover_and_go_on
from tests.crashes.subjects import (
    KSDS,
    Content,
    Model,
    Request,
    Subject,
    every_subject,
    record,
    small_limits,
)

pytestmark = pytest.mark.fault

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EACH = max(4, round(60 * SCALE))
"""Call numbers tried of each kind."""
STATES_OF_A_RECOVERY = max(1, round(40 * SCALE))


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


@dataclass(slots=True)
class Run:
    """One trace under one fault: contents that may be found afterwards, and the error that ended it."""

    subject: Subject
    folder: FaultyFolder
    model: Model = field(default_factory=Model)
    allowed: list[Content] = field(default_factory=lambda: [()])
    error: VsamError | None = None

    def carry_out(self, requests: list[Request]) -> Run:
        try:
            cluster = self.subject.open(self.folder)
        except VsamError as error:
            self.error = error
            return self
        for request in requests:
            after = self.model.copy()
            self.subject.on_model(after, request)
            try:
                self.subject.perform(cluster, request)
            except VsamError as error:
                self.error = error
                self._after_failure(cluster, after)
                return self
            self.model = after
            self.allowed.append(tuple(after.items()))
            if request.hardens:
                del self.allowed[:-1]
        self._close(cluster)
        return self

    def _after_failure(self, cluster: Any, after: Model) -> None:
        """Either the handle is poisoned, and the request that failed may be found done; or nothing happened at all."""
        if cluster.sphere.pager.health.failed:
            self.allowed.append(tuple(after.items()))
            assert isinstance(self.error, PhysicalError), self.error
            everything_is_refused(self.subject, cluster, self.model)
            cluster.close()
        else:
            self.folder.fault = None
            assert self.subject.content(cluster) == tuple(self.model.items()), "a request that failed left a trace"
            assert not cluster.verify()
            cluster.close()
            self.allowed = [tuple(self.model.items())]

    def _close(self, cluster: Any) -> None:
        try:
            cluster.close()
        except VsamError as error:
            self.error = error
        else:
            del self.allowed[:-1]


def everything_is_refused(subject: Subject, cluster: Any, model: Model) -> None:
    """After an unknown failure no request is answered, not even from memory."""
    change = subject.change(random.Random(1), model)
    requests: list[Callable[[], object]] = [cluster.commit, lambda: subject.perform(cluster, change)]
    if model:
        requests.append(lambda: subject.content(cluster))
    for request in requests:
        with pytest.raises(PhysicalError) as caught:
            request()
        assert caught.value.return_code == 12


def fresh_folder(subject: Subject) -> FaultyFolder:
    folder = FaultyFolder()
    subject.create(folder)
    folder.calls.clear()
    return folder


def requests_of(subject: Subject, seed: int) -> list[Request]:
    return [request for request in subject.requests(seed, 30) if request.what != "reopen"]


def judge(run: Run, where: str) -> None:
    """Open again without the fault; then cut the power."""
    subject = run.subject
    run.folder.fault = None
    with subject.open(run.folder) as cluster:
        assert not cluster.verify(), where
        content = subject.content(cluster)
        assert content in run.allowed, where
        model = Model(content)
        request = subject.change(random.Random(len(content)), model)
        subject.perform(cluster, request)
        subject.on_model(model, request)
        cluster.commit()
        left = run.folder.after_power_cut()
        assert subject.content_of(memory_folder(left)) == tuple(model.items()), f"{where}: acknowledged, then lost"
    recover_and_go_on(subject, memory_folder(run.folder.image()))


@every_subject
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 3])
def test_every_call_fails_once_and_for_good(subject: Subject, kind: str, seed: int) -> None:
    """A read that failed once may have been tried again; nothing else goes unnoticed."""
    requests = requests_of(subject, seed)
    count = Run(subject, fresh_folder(subject)).carry_out(requests).folder.calls[kind]
    numbers = random.Random(seed).sample(range(count), min(EACH, count))
    for at in numbers:
        for number in (errno.EIO, errno.ENOSPC):
            for sticky in (False, True):
                folder = fresh_folder(subject)
                folder.fault = Fault(kind, at, number, sticky)
                run = Run(subject, folder).carry_out(requests)
                where = f"{subject} seed {seed}, {(kind, at, number, sticky)}: {run.error}"
                judge(run, where)
                assert folder.faults
                assert run.error or (kind == "read" and not sticky), f"{where}: a failure went unnoticed"
    print(f"\n{subject} seed {seed}: {4 * len(numbers)} runs, a {kind} fails")


def failed_syncs(subject: Subject, seed: int, outcome: str) -> Iterator[tuple[str, Run]]:
    """(where, the run it ended) for each sync of a trace."""
    requests = requests_of(subject, seed)
    count = Run(subject, fresh_folder(subject)).carry_out(requests).folder.calls["sync"]
    for at in range(count):
        folder = fresh_folder(subject)
        folder.fault = Fault("sync", at, errno.EIO, outcome=outcome)
        run = Run(subject, folder).carry_out(requests)
        where = f"{subject} seed {seed}, {outcome}, sync {at}"
        assert isinstance(run.error, PhysicalError), where
        assert folder.calls["sync"] == at + 1, f"{where}: a failed sync was tried again"
        yield where, run


@every_subject
@pytest.mark.parametrize("outcome", ["lost", "reverts", "arrives"])
@pytest.mark.parametrize("seed", range(max(1, round(5 * SCALE))))
def test_a_failed_sync_is_final_whatever_it_left(subject: Subject, outcome: str, seed: int) -> None:
    for where, run in failed_syncs(subject, seed, outcome):
        judge(run, where)


@every_subject
@pytest.mark.parametrize("outcome", ["lost", "reverts"])
def test_power_fails_while_a_failed_sync_is_being_recovered(subject: Subject, outcome: str) -> None:
    """The cache shows journal groups that the disk does not hold. Recovery must not build homes on them alone."""
    judged = 0
    for where, run in failed_syncs(subject, 5, outcome):
        folder = run.folder
        folder.fault = None
        failed = len(folder.log)
        subject.open(folder).close()
        states = {state.key(): state for _, state in crash_states({}, folder.log, seed=failed, begin=failed)}
        chosen = random.Random(failed).sample(sorted(states), min(len(states), STATES_OF_A_RECOVERY))
        for key in chosen:
            content = subject.content_of(states[key].folder())
            assert content in run.allowed, f"{where}: {states[key].choice}"
        judged += len(chosen)
    print(f"\n{subject}, {outcome}: {judged} crash states of recoveries after a failed sync")


@every_subject
@pytest.mark.parametrize("kind", KINDS)
def test_recovery_itself_meets_a_bad_disk(subject: Subject, kind: str) -> None:
    """Each call of a recovery fails, once and for good: an error by code and no lock left, or all is well; then, with
    the disk mended, or with the power gone, the next recovery finds the same content."""
    for seed in range(max(1, round(3 * SCALE))):
        files, expected = crashed_files(subject, seed)
        count = FaultyFolder(files)
        subject.open(count).close()
        for at in range(count.calls[kind]):
            for number, sticky in ((errno.EIO, False), (errno.EIO, True), (errno.ENOSPC, True)):
                folder = FaultyFolder(files)
                folder.fault = Fault(kind, at, number, sticky)
                where = f"{subject} seed {seed}, {(kind, at, number, sticky)}"
                with pytest.raises(VsamError) as caught:
                    subject.open(folder).close()
                error = caught.value
                assert isinstance(error, PhysicalError) or (isinstance(error, OpenError) and error.feedback == 184)
                folder.fault = None
                assert subject.content_of(memory_folder(folder.after_power_cut())) == expected, where
                assert subject.content_of(folder) == expected, where


def crashed_files(subject: Subject, seed: int) -> tuple[dict[str, bytes], Content]:
    """The files and content of a data set that is open and has commits in its journal only."""
    folder, model = FaultyFolder(), Model()
    subject.create(folder)
    cluster = subject.open(folder)
    for request in [*requests_of(subject, 40 + seed), Request("commit")]:
        subject.perform(cluster, request)
        subject.on_model(model, request)
    return folder.image(), tuple(model.items())


def test_a_full_volume_is_feedback_28_and_the_data_set_goes_on() -> None:
    folder = fresh_folder(KSDS)
    with KSDS.open(folder) as cluster:
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
    assert len(KSDS.content_of(folder)) > 21


def test_an_unreadable_interval_is_damage_and_the_handle_lives_on() -> None:
    folder = fresh_folder(KSDS)
    with KSDS.open(folder) as cluster:
        cluster.load(record(number) for number in range(50))
    with KSDS.open(folder, "r") as cluster:
        cluster.get(b"0000")
        folder.fault = Fault("read", folder.calls["read"], errno.EIO)
        with pytest.raises(Damaged) as caught:
            cluster.get(b"0049")
        assert (caught.value.return_code, caught.value.feedback) in ((12, 4), (12, 12))
        assert cluster.get(b"0049") == record(49)


@every_subject
@pytest.mark.parametrize("kind", ["open", "write", "sync", "names"])
def test_a_failed_creation_leaves_nothing(subject: Subject, kind: str) -> None:
    counting = FaultyFolder()
    subject.create(counting)
    for at in range(counting.calls[kind]):
        folder = FaultyFolder()
        folder.fault = Fault(kind, at, errno.ENOSPC)
        with pytest.raises(NoSpace):
            subject.create(folder)
        assert folder.names() == [], f"{subject}, {kind} {at}"


def test_a_failed_creation_that_cannot_be_undone_either_tells_the_first_error(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FaultyFolder()
    folder.fault = Fault("sync", 1, errno.ENOSPC)

    def refused(name: str) -> None:
        raise OSError(errno.EIO, name)

    monkeypatch.setattr(folder, "remove", refused)
    with pytest.raises(NoSpace):
        KSDS.create(folder)


@every_subject
@pytest.mark.parametrize("number", [errno.EMFILE, errno.EROFS, errno.EACCES], ids=os.strerror)
@pytest.mark.parametrize("mode", ["r", "w"])
def test_a_file_that_cannot_be_opened_is_an_open_error(subject: Subject, number: int, mode: str) -> None:
    """No descriptor left, a file system that became read-only, no permission: ACBERFLG 184, and no lock is left."""
    files, expected = crashed_files(subject, 0)
    counting = FaultyFolder(files)
    subject.open(counting, mode).close()
    for at in range(counting.calls["open"]):
        folder = FaultyFolder(files)
        folder.fault = Fault("open", at, number)
        with pytest.raises(OpenError) as caught:
            subject.open(folder, mode)
        assert (caught.value.feedback, caught.value.data_set) == (184, subject.definition.name)
        folder.fault = None
        assert subject.content_of(folder) == expected
