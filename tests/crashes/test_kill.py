"""SIGKILL to a real process that updates a cluster on a real file system.

The child announces "N requests are hard" on a pipe after each commit; the parent kills it at a seeded moment, opens
the data set, and compares it with its own idea of the first N requests (or a few more: those under way).
"""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ksds.errors import OpenError
from ksds.storage.device import FileFolder
from tests.crashes.subjects import KSDS, Content, Model, Request, Subject, every_subject, roomy, small_limits

pytestmark = pytest.mark.kill

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
KILLS = max(5, round(25 * SCALE))
"""Of each organization."""
GROUP = 7
"""Requests between two commits at most."""
KILLED = "wait status 0x0009\n"


def next_request(subject: Subject, model: Model, number: int) -> Request:
    """Request `number` of an endless fixed sequence; `model` is what the earlier ones left."""
    return subject.change(random.Random(number), model)


def find(subject: Subject, content: Content, model: Model, hard: int) -> int | None:
    """How many requests make `content`: `hard`, at which `model` stands, or a few more. Moves the model there."""
    for count in range(hard, hard + GROUP + 1):
        if tuple(model.items()) == content:
            return count
        subject.on_model(model, next_request(subject, model, count))
    return None


def work(subject: Subject, folder: FileFolder, start: int, model: Model, pipe: int) -> None:
    """Work for ever from request `start` on; every commit is announced as four bytes."""
    rng = random.Random(start)
    number = start
    cluster = subject.open(folder)
    while True:
        for _ in range(rng.randrange(1, GROUP + 1)):
            request = next_request(subject, model, number)
            subject.perform(cluster, request)
            subject.on_model(model, request)
            number += 1
        cluster.commit()
        os.write(pipe, number.to_bytes(4))
        if rng.random() < 0.02:
            cluster.close()
            cluster = subject.open(folder)


class Child:
    """A process of its own that works on the data set; `heard` are its announcements so far."""

    def __init__(self, subject: Subject, folder: FileFolder, start: int, model: Model) -> None:
        self.heard = b""
        self._last_words = os.open(folder.path / "last words", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self._pipe, pipe = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            try:
                os.close(self._pipe)
                faulthandler.enable(self._last_words)
                work(subject, folder, start, model, pipe)
            except BaseException:
                os.write(self._last_words, traceback.format_exc().encode())
            finally:
                os._exit(9)
        os.close(pipe)

    def await_commits(self, count: int) -> None:
        """Until there were so many: however slow the machine, work was done."""
        while len(self.heard) < 4 * count:
            more = os.read(self._pipe, 4 * count - len(self.heard))
            assert more, f"the child ended by itself: {self._end()}"
            self.heard += more

    def kill(self) -> int:
        """SIGKILL. The last number that it announced, -1 if there is none."""
        os.kill(self._process, signal.SIGKILL)
        end = self._end()
        assert end == KILLED, f"the child ended by itself: {end}"
        while more := os.read(self._pipe, 1 << 16):
            self.heard += more
        os.close(self._pipe)
        whole = len(self.heard) // 4 * 4
        return int.from_bytes(self.heard[whole - 4 : whole]) if whole else -1

    def _end(self) -> str:
        """Wait for it: its wait status, and what it said of an error."""
        _, status = os.waitpid(self._process, 0)
        said = os.pread(self._last_words, 1 << 20, 0).decode()
        os.close(self._last_words)
        return f"wait status {status:#06x}\n{said}"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[FileFolder]:
    """A directory of the real file system, for the children, too."""
    with closing(FileFolder(tmp_path)) as opened:
        yield opened


@every_subject
def test_a_killed_process_loses_nothing_it_announced(
    subject: Subject, folder: FileFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_limits(monkeypatch, checkpoint_bytes=64 << 10)
    subject = roomy(subject)
    subject.create(folder)
    rng = random.Random(2026)
    done, model = 0, Model()
    for kill in range(KILLS):
        child = Child(subject, folder, done, model)
        child.await_commits(rng.choice((0, 0, 1, 2, 5, 10, 20)))
        time.sleep(rng.uniform(0.0, 0.01))
        hard = max(done, child.kill())
        with subject.open(folder, rng.choice("rw")) as cluster:
            assert not cluster.verify(), f"kill {kill}"
            content = subject.content(cluster)
        for number in range(done, hard):
            subject.on_model(model, next_request(subject, model, number))
        reached = find(subject, content, model, hard)
        assert reached is not None, f"kill {kill}: content is none of {hard}..{hard + GROUP} requests"
        done = reached
    print(f"\n{KILLS} kills, {done} requests on a {subject}")
    assert done > KILLS


def test_a_dead_process_holds_no_lock_and_a_living_one_does(folder: FileFolder) -> None:
    KSDS.create(folder)
    child = Child(KSDS, folder, 0, Model())
    try:
        child.await_commits(1)
        with pytest.raises(OpenError) as caught:
            KSDS.open(folder, "r")
        assert caught.value.feedback == 168
    finally:
        child.kill()
    KSDS.open(folder).close()
