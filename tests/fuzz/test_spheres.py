"""Whole data sets with a file damaged on purpose, every checksum put right again: what a stranger could hand us.

OPEN, VERIFY, a browse, direct requests and an update may fail with the codes of a VSAM error, and with nothing else: no
other exception, no hang (five seconds of processor time), no gigabyte. `KSDS_TEST_SCALE` multiplies the 400 mutations
of each file of each organization.
"""

from __future__ import annotations

import os
import random
import resource
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager

import google_crc32c
import pytest

from ksds.errors import VsamError
from ksds.layout import checksum_page, journal_group
from tests.crashes.recording_device import RecordingFolder, memory_folder
from tests.crashes.subjects import STEM, Model, Request, Subject, every_subject
from tests.fuzz.alarm import Hang, alarm, one_more
from tests.fuzz.mutations import mutated

pytestmark = pytest.mark.fuzz

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EXECUTIONS = max(50, round(400 * SCALE))
MOST_MEMORY = 1 << 30

Files = dict[str, bytes]


def build(subject: Subject, *, closed: bool) -> Files:
    """A data set of some dozen records, closed or as a crash left it, without the zeros written ahead."""
    folder, model = RecordingFolder(), Model()
    subject.create(folder)
    cluster = subject.open(folder)
    for request in [*subject.requests(3, 40), Request("commit")]:
        if request.what == "reopen":
            cluster.close()
            cluster = subject.open(folder)
        else:
            subject.perform(cluster, request)
        subject.on_model(model, request)
    if closed:
        cluster.close()
    files = folder.image()
    journal = files[f"{STEM}.jnl"]
    files[f"{STEM}.jnl"] = journal[: max(journal_group.GROUPS_AT, len(journal.rstrip(b"\0")) + 512)]
    return files


def mended(files: Files, name: str, ci_size: int) -> Files:
    """`files` with checksums that agree with the content of `name`."""
    suffix = name.rpartition(".")[2]
    if suffix == "jnl":
        return {**files, name: mended_journal(files[name])}
    if suffix == "sum":
        return {**files, name: b"".join(mended_page(page) for page in pages(files[name]))}
    number = ("data", "index").index(suffix)
    data = files[name]
    intervals = (data[at : at + ci_size] for at in range(0, len(data), ci_size))
    page = checksum_page.build(number, 0, array("I", map(google_crc32c.value, intervals)))
    side, at = files[f"{STEM}.sum"], checksum_page.page_offset(number, 0)
    return {**files, f"{STEM}.sum": side[:at].ljust(at, b"\0") + page + side[at + len(page) :]}


def pages(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), checksum_page.PAGE_BYTES):
        yield data[at : at + checksum_page.PAGE_BYTES]


def with_crc(data: bytes, at: int) -> bytes:
    """`data` with the CRC-32C of all of it, counted with its own four bytes zero, at `at`."""
    crc = google_crc32c.value(data[:at] + bytes(4) + data[at + 4 :])
    return data[:at] + crc.to_bytes(4) + data[at + 4 :]


def mended_page(page: bytes) -> bytes:
    return with_crc(page, 12) if len(page) == checksum_page.PAGE_BYTES and page.strip(b"\0") else page


def mended_journal(journal: bytes) -> bytes:
    data = bytearray(journal)
    crc_at = journal_group.JOURNAL_HEADER.sizeof() - 4
    for at in range(0, min(len(data), journal_group.GROUPS_AT), journal_group.HEADER_BYTES):
        copy = bytes(data[at : at + journal_group.HEADER_BYTES])
        data[at : at + len(copy)] = with_crc(copy, crc_at)
    size = journal_group.GROUP_HEADER_BYTES
    for at in range(journal_group.GROUPS_AT, len(data) - size, journal_group.ALIGNMENT):
        if data[at : at + 4] == journal_group.GROUP_MAGIC:
            header = bytes(data[at : at + size])
            length = journal_group.GROUP_HEADER.parse(header).body_length
            body_crc = google_crc32c.value(bytes(data[at + size : at + size + length]))
            data[at : at + size] = with_crc(header[: size - 8] + body_crc.to_bytes(4) + header[size - 4 :], size - 4)
    return bytes(data)


@contextmanager
def little_memory() -> Iterator[None]:
    """No more than a gibibyte beyond what is in use now."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as status:
        in_use = int(status.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MOST_MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def use(subject: Subject, files: Files) -> bool:
    """Do everything one does with a data set; True if it could be opened."""
    for mode in ("r", "w"):
        try:
            cluster = subject.open(memory_folder(files), mode)
        except VsamError as error:
            assert "\n" not in str(error)
            return False
        with cluster:
            cluster.verify()
            try:
                model = Model(subject.content(cluster))
                subject.read_back(cluster, tuple(model.items()))
                if mode == "w":
                    subject.perform(cluster, subject.change(random.Random(len(model)), model))
            except (VsamError, AssertionError, ValueError) as error:
                assert isinstance(error, VsamError | AssertionError), error
    return True


@every_subject
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "crashed"])
def test_files_made_to_deceive_end_with_a_code(subject: Subject, closed: bool) -> None:
    files = build(subject, closed=closed)
    rng = random.Random(zlib.crc32(f"{subject} {closed}".encode()))
    sizes = {"data": subject.definition.ci_size, "index": subject.definition.index_ci_size}
    opened = 0
    with alarm(), little_memory():
        assert use(subject, files)
        for name, turn in ((name, turn) for name in files for turn in range(EXECUTIONS // len(files))):
            damaged = {**files, name: mutated(files[name], list(files.values()), rng)}
            if turn % 4:
                damaged = mended(damaged, name, sizes.get(name.rpartition(".")[2], 0))
            one_more()
            try:
                opened += use(subject, damaged)
            except (Exception, Hang) as error:
                raise AssertionError(f"{subject}, {name}, turn {turn}: {error!r}") from error
    print(f"\n{subject}: {EXECUTIONS} damaged data sets, {opened} could be opened")
    assert opened
