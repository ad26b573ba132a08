"""SIGKILL to a real process that updates a cluster on a real file system.

The child announces "N requests are hard" on a pipe after each commit; the parent kills it at a seeded moment, opens
the data set, and compares it with its own idea of the first N requests (or a few more: those under way).
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from sortedcontainers import SortedDict

from ksds.cluster.key_sequenced import KeySequenced
from ksds.errors import OpenError
from ksds.storage.device import FileFolder
from tests.crashes.store_trace import STEM, perform, record, small_limits, tiny

pytestmark = pytest.mark.kill

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
KILLS = max(5, round(40 * SCALE))
GROUP = 7
"""Requests between two commits at most."""

DEFINITION = tiny(cis_per_ca=6, index_ci_size=1024)


def apply_request(cluster: KeySequenced | None, model: SortedDict, number: int) -> None:
    """Request `number` of an endless fixed sequence, on the model and, where given, on the cluster."""
    rng = random.Random(number)
    key = rng.randrange(300)
    if f"{key:04d}".encode() not in model:
        request = "insert", record(key, rng.randrange(10, 400))
    elif rng.random() < 0.5:
        request = "update", record(key, rng.randrange(10, 400))
    else:
        request = "erase", f"{key:04d}".encode()
    if cluster is not None:
        perform(cluster, model, *request)
    elif request[0] == "erase":
        del model[request[1]]
    else:
        model[request[1][2:6]] = request[1]


def find(content: list[bytes], model: SortedDict, hard: int) -> int | None:
    """How many requests make `content`: `hard`, at which `model` stands, or a few more. Moves the model there."""
    for count in range(hard, hard + GROUP + 1):
        if list(model.values()) == content:
            return count
        apply_request(None, model, count)
    return None


def child(path: Path, start: int, model: SortedDict, pipe: int) -> None:
    """Work for ever from request `start` on; every commit is announced as four bytes."""
    rng = random.Random(start)
    number = start
    cluster = KeySequenced.open(FileFolder(path), STEM, DEFINITION, mode="w")
    while True:
        for _ in range(rng.randrange(1, GROUP + 1)):
            apply_request(cluster, model, number)
            number += 1
        cluster.commit()
        os.write(pipe, number.to_bytes(4))
        if rng.random() < 0.02:
            cluster.close()
            cluster = KeySequenced.open(FileFolder(path), STEM, DEFINITION, mode="w")


def start_child(path: Path, start: int, model: SortedDict) -> tuple[int, int]:
    """(process id, the pipe's reading end)."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reading)
            child(path, start, model, writing)
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


def test_a_killed_process_loses_nothing_it_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch, checkpoint_bytes=64 << 10)
    KeySequenced.create(FileFolder(tmp_path), STEM, DEFINITION)
    rng = random.Random(2026)
    done, model = 0, SortedDict()
    for kill in range(KILLS):
        process, reading = start_child(tmp_path, done, model)
        heard = await_commits(reading, rng.choice((0, 0, 1, 2, 5, 10, 20)))
        time.sleep(rng.uniform(0.0, 0.01))
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL, f"kill {kill}: the child ended by itself with {status}"
        hard = max(done, announced(reading, heard))
        with KeySequenced.open(FileFolder(tmp_path), STEM, DEFINITION, mode=rng.choice("rw")) as cluster:
            assert not cluster.verify(), f"kill {kill}"
            content = list(cluster.browse())
        for number in range(done, hard):
            apply_request(None, model, number)
        reached = find(content, model, hard)
        assert reached is not None, f"kill {kill}: content is none of {hard}..{hard + GROUP} requests"
        done = reached
    print(f"\n{KILLS} kills, {done} requests")
    assert done > KILLS


def test_a_dead_process_holds_no_lock_and_a_living_one_does(tmp_path: Path) -> None:
    KeySequenced.create(FileFolder(tmp_path), STEM, DEFINITION)
    process, reading = start_child(tmp_path, 0, SortedDict())
    try:
        os.read(reading, 4)
        with pytest.raises(OpenError) as caught:
            KeySequenced.open(FileFolder(tmp_path), STEM, DEFINITION)
        assert caught.value.feedback == 168
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(reading)
    KeySequenced.open(FileFolder(tmp_path), STEM, DEFINITION, mode="w").close()
