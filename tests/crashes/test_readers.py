"""Readers beside a writer: each sees the data set as it was last committed when it opened, whatever comes between.

The writer steps in between any two calls that a reader makes to the disk, at seeded places: it changes, commits, closes
and opens again, and may die. Nothing a reader does is written, and no checkpoint takes its files from under it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from ksds.errors import OpenError
from tests.crashes.recording_device import RecordingDevice, RecordingFolder
from tests.crashes.subjects import Content, Model, Request, Subject, every_subject, roomy, small_limits

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
DATA_SETS = max(2, round(80 * SCALE))
"""Of each organization."""
STEPS = 30
"""Of the writer in one reader's life, at most."""
READERS = 5
"""Beside the writer of each data set, one after the other."""


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


class MeddledFolder(RecordingFolder):
    """Before each read through it, `between` is called; not within itself."""

    def __init__(self) -> None:
        super().__init__()
        self.between: Callable[[], None] | None = None

    def open(self, name: str, *, create: bool = False, writable: bool = True) -> RecordingDevice:
        return MeddledDevice(self, super().open(name, create=create, writable=writable).inode)

    def meddle(self) -> None:
        if self.between is not None:
            between, self.between = self.between, None
            try:
                between()
            except OSError as error:
                raise AssertionError(f"the writer met {error!r}") from error
            self.between = between


class MeddledDevice(RecordingDevice):
    _folder: MeddledFolder

    def read(self, offset: int, length: int) -> bytes:
        self._folder.meddle()
        return super().read(offset, length)

    def size(self) -> int:
        self._folder.meddle()
        return super().size()


class Writer:
    """Works on in small steps; `possible` are the contents since the last commit before `forget_the_past`, which a
    death or a reader that opens may show."""

    def __init__(self, subject: Subject, folder: MeddledFolder, seed: int) -> None:
        self.subject, self.folder = subject, folder
        self.rng = random.Random(seed)
        self.model: Model = Model()
        self.possible: list[Content] = [()]
        self.committed = 0
        self.refused = 0
        subject.create(folder)
        self.cluster: Any = subject.open(folder)

    def step(self) -> None:
        kind = self.rng.choices(("change", "commit", "peek", "reset", "reopen", "die"), (20, 12, 4, 0.5, 2, 1))[0]
        if kind == "reopen":
            self.cluster.close()
            self.cluster = self.subject.open(self.folder)
            self._could_be_seen(hard=True)
        elif kind == "die":
            self._die()
        else:
            self._carry_out(self.subject.change(self.rng, self.model) if kind == "change" else Request(kind))

    def _carry_out(self, request: Request) -> None:
        try:
            self.subject.perform(self.cluster, request)
        except OpenError as error:  # REUSE while a reader looks
            assert request.what == "reset" and error.feedback == 168
            self.refused += 1
            self.cluster.close()
            self.cluster = self.subject.open(self.folder)
        else:
            self.subject.on_model(self.model, request)
        self._could_be_seen(hard=request.hardens)

    def _could_be_seen(self, *, hard: bool) -> None:
        self.possible.append(tuple(self.model.items()))
        if hard:
            self.committed = len(self.possible) - 1

    def forget_the_past(self) -> None:
        del self.possible[: self.committed]
        self.committed = 0

    def _die(self) -> None:
        """As SIGKILL does it: locks go, memory goes, what was written stays."""
        for component in self.cluster.sphere.pager.present():
            component.device.close()
        for device in self.cluster.sphere.pager.sides:
            if device is not None:
                device.close()
        self.cluster.sphere.pager.journal.close()
        self.cluster = self.subject.open(self.folder)
        content = self.subject.content(self.cluster)
        assert content in self.possible[self.committed :]
        self.model = Model(content)
        self._could_be_seen(hard=True)


@every_subject
def test_a_reader_sees_one_commit_from_open_to_close(subject: Subject) -> None:
    calls = refused = 0
    for seed in range(DATA_SETS):
        folder = MeddledFolder()
        writer = Writer(roomy(subject), folder, seed)
        rng = random.Random(seed)
        for reader in range(READERS):
            for _ in range(rng.randrange(6)):
                writer.step()
            read_beside(writer, rng, f"{subject}, seed {seed}, reader {reader}")
        assert writer.cluster.verify() == []
        calls, refused = calls + len(folder.log), refused + writer.refused
    print(f"\n{subject}: {DATA_SETS * READERS} readers, {calls} calls of the writers, {refused} resets refused")


def read_beside(writer: Writer, rng: random.Random, where: str) -> None:
    """One reader from open to close, the writer at work in between."""
    subject, folder = writer.subject, writer.folder
    writer.forget_the_past()
    often = rng.choice((0.02, 0.1, 0.3))
    steps = iter(range(STEPS))
    folder.between = lambda: writer.step() if rng.random() < often and next(steps, None) is not None else None
    with subject.open(folder, "r", beside=True) as reader:
        seen = subject.content(reader)
        assert seen in writer.possible, f"{where} sees what never was"
        folder.meddle()
        assert subject.content(reader) == seen, f"{where}: the content changed under it"
        assert [str(finding) for finding in reader.verify()] == [], where
        subject.read_back(reader, seen)
    folder.between = None
