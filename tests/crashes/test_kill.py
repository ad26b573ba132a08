"""SIGKILL to a real process that updates a cluster on a real file system.

The child announces "N requests are hard" on a pipe after each commit; the parent kills it at a seeded moment, opens
the data set, and compares it with its own idea of the first N requests (or a few more: those under way).
"""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
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


def child(subject: Subject, path: Path, start: int, model: Model, pipe: int) -> None:
    """Work for ever from request `start` on; every commit is announced as four bytes."""
    rng = random.Random(start)
    number = start
    cluster = subject.open(FileFolder(path))
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
            cluster = subject.open(FileFolder(path))


def start_child(subject: Subject, path: Path, start: int, model: Model) -> tuple[int, int]:
    """(process id, the pipe's reading end)."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reading)
            child(subject, path, start, model, writing)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(9)
    os.close(writing)
    return process, reading


def await_commits(reading: int, count: int) -> bytes:
    """What the child announced once there were `count` commits: however slow the machine, work was done."""
    data = b""
    while len(data) < 4 * count:
        more = os.read(reading, 4 * count - len(data))
        assert more, "the child ended by itself"
        data += more
    return data


def announced(reading: int, data: bytes) -> int:
    """The last number on a pipe whose writer is dead, `data` being read already; -1 if there is none."""
    while more := os.read(reading, 1 << 16):
        data += more
    os.close(reading)
    whole = len(data) // 4 * 4
    return int.from_bytes(data[whole - 4 : whole]) if whole else -1


@every_subject
def test_a_killed_process_loses_nothing_it_announced(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_limits(monkeypatch, checkpoint_bytes=64 << 10)
    subject = roomy(subject)
    subject.create(FileFolder(tmp_path))
    rng = random.Random(2026)
    done, model = 0, Model()
    for kill in range(KILLS):
        process, reading = start_child(subject, tmp_path, done, model)
        heard = await_commits(reading, rng.choice((0, 0, 1, 2, 5, 10, 20)))
        time.sleep(rng.uniform(0.0, 0.01))
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL, f"kill {kill}: the child ended by itself with {status}"
        hard = max(done, announced(reading, heard))
        with subject.open(FileFolder(tmp_path), rng.choice("rw")) as cluster:
            assert not cluster.verify(), f"kill {kill}"
            content = subject.content(cluster)
        for number in range(done, hard):
            subject.on_model(model, next_request(subject, model, number))
        reached = find(subject, content, model, hard)
        assert reached is not None, f"kill {kill}: content is none of {hard}..{hard + GROUP} requests"
        done = reached
    print(f"\n{KILLS} kills, {done} requests on a {subject}")
    assert done > KILLS


def test_a_dead_process_holds_no_lock_and_a_living_one_does(tmp_path: Path) -> None:
    KSDS.create(FileFolder(tmp_path))
    process, reading = start_child(KSDS, tmp_path, 0, Model())
    try:
        os.read(reading, 4)
        with pytest.raises(OpenError) as caught:
            KSDS.open(FileFolder(tmp_path), "r")
        assert caught.value.feedback == 168
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(reading)
    KSDS.open(FileFolder(tmp_path)).close()
