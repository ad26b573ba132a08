"""The organizations under proof: the shape of a tiny data set of each, and seeded requests that fit it.

The control intervals are so small (512 bytes, a few to a control area) that some dozen requests meet CI and CA splits,
a second index level, reclaim, growth and checkpoints. A `Model` says what the data set has to hold: key to record,
where the key is the record's key, its place in the order of arrival, or its slot. `SUBJECTS` is the table that
every test of the proof runs through; a new organization is one more row.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import pytest
from sortedcontainers import SortedDict

from ksds.cluster import index as index_module
from ksds.cluster import key_sequenced as key_sequenced_module
from ksds.cluster import linear
from ksds.cluster import member as member_module
from ksds.cluster import open_cluster as open_cluster_module
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.spanned_entry_sequenced import SpannedEntrySequenced
from ksds.cluster.spanned_key_sequenced import SpannedKeySequenced
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.storage import journal as journal_module
from ksds.storage import pager as pager_module
from ksds.storage.device import Folder

KEY_LENGTH = 4
KEY_OFFSET = 2
STEM = "T"
MOST_RECORDS = 5000
"""Of a KSDS: its keys are numbers of four digits, and a long life would run out of them."""

Key = bytes | int
Model = SortedDict
Content = tuple[tuple[Key, bytes], ...]


class Request(NamedTuple):
    """What to do with which record. Of a load `key` is the number of records."""

    what: str
    key: Key = b""
    data: bytes = b""

    @property
    def hardens(self) -> bool:
        """True if a crash after it must not undo it."""
        return self.what in ("commit", "load", "reset", "reopen")


def small_limits(patch: pytest.MonkeyPatch, *, checkpoint_bytes: int = 24 << 10) -> None:
    """Make checkpoints, growth, pre-writing, full pools and commits of many groups happen in some dozen requests."""
    patch.setattr(pager_module, "CHECKPOINT_BYTES", checkpoint_bytes)
    patch.setattr(journal_module, "PREWRITTEN", 8 << 10)
    patch.setattr(index_module, "EXTENT_CIS", 4)
    patch.setattr(pager_module, "GROUP_CIS", 3)
    patch.setattr(member_module, "LEAST_PAGES", 3)
    patch.setattr(member_module, "UNLOGGED", 8)
    for module in (key_sequenced_module, open_cluster_module):
        patch.setattr(module, "LEAVING", 1)


def record(number: int, length: int = 100) -> bytes:
    """A record whose key is `number` in decimal, its body recognisable."""
    front = b"R:" + f"{number:04d}".encode()
    return front + bytes((number * 7 + length + at) % 251 for at in range(length - len(front)))


def key_of(data: bytes) -> bytes:
    return data[KEY_OFFSET : KEY_OFFSET + KEY_LENGTH]


def to_load(count: int) -> list[bytes]:
    """The records of a load request."""
    return [record(number, 60 + number % 90) for number in range(5, 5 + 20 * count, 20)]


def tiny(**changes: object) -> ClusterDefinition:
    """A KSDS in which four or so records fill a CI and four CIs a CA."""
    fields: dict[str, object] = {
        "name": "TEST.TINY", "key_length": KEY_LENGTH, "key_offset": KEY_OFFSET, "average_record": 100,
        "maximum_record": 400, "ci_size": 512, "index_ci_size": 512, "cis_per_ca": 4, "primary": 2, "secondary": 1,
        "free_ci_percent": 20, "free_ca_percent": 25, "reuse": True,
    }  # fmt: skip
    return ClusterDefinition(**{**fields, **changes})  # type: ignore[arg-type]


def unindexed(organization: str, *, maximum_record: int = 100, spanned: bool = False) -> ClusterDefinition:
    """An ESDS or RRDS in which four or so records fill a CI and two CIs a CA."""
    return ClusterDefinition(
        name="TEST.TINY", organization=organization, average_record=100, maximum_record=maximum_record, ci_size=512,
        cis_per_ca=2, primary=2, secondary=3, reuse=True, spanned=spanned,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject(ABC):
    """A data set of one organization. Its requests come from models alone, so that a list can be carried out again."""

    name: str
    definition: ClusterDefinition
    kind: ClassVar[Any]

    def __str__(self) -> str:
        return self.name

    def create(self, folder: Folder) -> None:
        self.kind.create(folder, STEM, self.definition)

    def open(
        self, folder: Folder, mode: str = "w", *, buffer_bytes: int = 0, beside: bool = False, in_turns: bool = False
    ) -> Any:
        return self.kind.open(
            folder, STEM, self.definition, mode=mode, buffer_bytes=buffer_bytes, beside=beside, in_turns=in_turns
        )

    def on_model(self, model: Model, request: Request) -> None:
        """What the request does to the model."""
        what, key, data = request
        if what == "reset":
            model.clear()
        elif what == "load":
            model.update((key_of(record), record) for record in to_load(key))
        elif what == "erase":
            del model[key]
        elif what not in ("commit", "peek", "reopen"):
            model[key] = data

    def count(self, cluster: Any) -> int:
        """How many records the cluster says it has."""
        return len(cluster)

    @abstractmethod
    def content(self, cluster: Any) -> Content:
        """Every record, as a browse gives it."""

    @abstractmethod
    def change(self, rng: random.Random, model: Model) -> Request:
        """A seeded request that changes a data set which holds `model`."""

    @abstractmethod
    def carry_out(self, cluster: Any, request: Request) -> None:
        """Do an organization's own request."""

    @abstractmethod
    def read_back(self, cluster: Any, content: Content) -> None:
        """Assert that direct requests find what a browse found."""

    def perform(self, cluster: Any, request: Request) -> None:
        """One request on an open cluster, except "reopen"."""
        if request.what == "commit":
            cluster.commit()
        elif request.what == "reset":
            cluster.reset()
        elif request.what == "peek":  # brings changed CIs into the journal without a sync
            if cluster.statistics.high_used_rba:
                cluster.read_ci("data", 0)
        else:
            self.carry_out(cluster, request)

    def content_of(self, folder: Folder) -> Content:
        """Every record, after a recovery if one is due."""
        with self.open(folder, "r") as cluster:
            return self.content(cluster)

    def requests(self, seed: int, count: int, content: Content | None = None) -> Iterator[Request]:
        """A seeded mix. `content` is what the data set holds at the start, None: it never held anything."""
        rng = random.Random(seed)
        model: Model = Model(content or ())
        if content is None:
            yield from self._first(rng, model)
        for _ in range(count):
            kind = rng.choices(("change", "commit", "peek", "reopen", "reset"), (64, 14, 4, 2, 0.7))[0]
            request = self.change(rng, model) if kind == "change" else Request(kind)
            self.on_model(model, request)
            yield request

    def _first(self, rng: random.Random, model: Model) -> Iterator[Request]:
        """What may be asked of an empty data set only."""
        yield from ()


class Keyed(Subject):
    """A KSDS."""

    __slots__ = ()
    kind = KeySequenced

    def content(self, cluster: KeySequenced) -> Content:
        return tuple((key_of(data), data) for data in cluster.browse())

    def change(self, rng: random.Random, model: Model) -> Request:
        kind = rng.choices(("insert", "sequential", "append", "update", "erase"), (20, 8, 14, 12, 10))[0]
        if len(model) > MOST_RECORDS:
            kind = "erase"
        if kind in ("update", "erase") and model:
            key = rng.choice(model.keys()[:6] if rng.random() < 0.4 else model.keys())
            if kind == "erase":
                return Request("erase", key)
            return Request("update", key, record(int(key), self.length(rng, (20, 60, 140, 230, 399))))
        number = rng.randrange(1000)
        if kind == "append":
            number = max(1000, int(model.keys()[-1]) if model else 0) + rng.randrange(1, 5)
        if number >= 9000:
            number = rng.randrange(1000)
        while f"{number:04d}".encode() in model:
            number += 1
        way = "insert" if kind == "insert" or rng.random() < 0.5 else "sequential"
        data = record(number, self.length(rng, (30, 90, 150, 240, 390)))
        return Request(way, key_of(data), data)

    def length(self, rng: random.Random, lengths: tuple[int, ...]) -> int:
        return rng.choice(lengths)

    def carry_out(self, cluster: KeySequenced, request: Request) -> None:
        what, key, data = request
        if what in ("insert", "sequential"):
            cluster.insert(data, sequential=what == "sequential")
        elif what == "update":
            cluster.update(data)
        elif what == "erase":
            assert key_of(cluster.erase(key)) == key
        else:
            assert what == "load" and cluster.load(to_load(key)) == key

    def read_back(self, cluster: KeySequenced, content: Content) -> None:
        assert tuple(cluster.browse(reverse=True)) == tuple(data for _, data in content[::-1])
        for key, data in content[:: max(1, len(content) // 8)]:
            assert cluster.get(key) == data

    def _first(self, rng: random.Random, model: Model) -> Iterator[Request]:
        if rng.random() < 0.4:
            request = Request("load", rng.randrange(3, 30))
            self.on_model(model, request)
            yield request


class SpannedKeyed(Keyed):
    """A KSDS with records of up to three control intervals."""

    __slots__ = ()
    kind = SpannedKeySequenced

    def length(self, rng: random.Random, lengths: tuple[int, ...]) -> int:
        return rng.choice((*lengths, 600, 900, 1100, 1400))


class Arriving(Subject):
    """An ESDS. Its keys are places in the order of arrival; RBAs belong to the cluster."""

    __slots__ = ()
    kind = EntrySequenced

    def content(self, cluster: EntrySequenced) -> Content:
        return tuple(enumerate(data for _, data in cluster.browse()))

    def change(self, rng: random.Random, model: Model) -> Request:
        if model and rng.random() < 0.25:
            key = rng.choice(model.keys())
            return Request("update", key, rng.randbytes(len(model[key])))
        return Request("append", len(model), rng.randbytes(self.length(rng)))

    def length(self, rng: random.Random) -> int:
        return rng.choice((10, 10, 60, 100))

    def carry_out(self, cluster: EntrySequenced, request: Request) -> None:
        what, key, data = request
        if what == "append":
            cluster.append(data)
        else:
            assert what == "update"
            cluster.update([rba for rba, _ in cluster.browse()][key], data)

    def read_back(self, cluster: EntrySequenced, content: Content) -> None:
        rbas = [rba for rba, _ in cluster.browse()]
        assert rbas == sorted(set(rbas))
        for at in range(0, len(content), max(1, len(content) // 8)):
            assert cluster.get(rbas[at]) == content[at][1]


class SpannedArriving(Arriving):
    """An ESDS with records of up to two control intervals, which are all that a control area has."""

    __slots__ = ()
    kind = SpannedEntrySequenced

    def length(self, rng: random.Random) -> int:
        return rng.choice((10, 60, 300, 505, 506, 900))


class Numbered(Subject):
    """An RRDS. Its keys are slots."""

    __slots__ = ()
    kind = RelativeRecord

    def content(self, cluster: RelativeRecord) -> Content:
        return tuple(cluster.browse())

    def change(self, rng: random.Random, model: Model) -> Request:
        draw = rng.random()
        if model and draw < 0.5:
            key = rng.choice(model.keys())
            return Request("erase", key) if draw < 0.35 else Request("update", key, self.record(rng))
        free = next(number for number in range(1, len(model) + 2) if number not in model)
        number = rng.choice((free, rng.randrange(1, 40)))
        return Request("put", number, self.record(rng))

    def record(self, rng: random.Random) -> bytes:
        return rng.randbytes(self.definition.maximum_record)

    def carry_out(self, cluster: RelativeRecord, request: Request) -> None:
        what, key, data = request
        if what == "put":
            cluster.put(key, data)
        elif what == "update":
            cluster.update(key, data)
        else:
            assert what == "erase"
            cluster.erase(key)

    def read_back(self, cluster: RelativeRecord, content: Content) -> None:
        for key, data in content:
            assert cluster.get(key) == data


class VariableNumbered(Numbered):
    """A VRRDS."""

    __slots__ = ()
    kind = VariableRelativeRecord

    def record(self, rng: random.Random) -> bytes:
        return rng.randbytes(rng.choice((1, 20, 60, 140, 230, 399)))


class Linear(Subject):
    """An LDS. Its keys are the numbers of its control intervals."""

    __slots__ = ()
    kind = linear.Linear

    def count(self, cluster: linear.Linear) -> int:
        return cluster.size // self.definition.ci_size

    def content(self, cluster: linear.Linear) -> Content:
        return tuple((rba // self.definition.ci_size, data) for rba, data in cluster.browse())

    def change(self, rng: random.Random, model: Model) -> Request:
        size = self.definition.ci_size
        fill = rng.randbytes(16)
        kind = rng.choices(("append", "update", "window"), (5, 5, 3))[0]
        if kind == "append" or not model:
            return Request("append", len(model), fill * (size // 16))
        if kind == "update":
            return Request("update", rng.randrange(len(model)), fill * (size // 16))
        return Request("window", rng.randrange(len(model) * size), fill * rng.randrange(1, 3 * size // 16))

    def on_model(self, model: Model, request: Request) -> None:
        if request.what != "window":
            Subject.on_model(self, model, request)
            return
        size, offset = self.definition.ci_size, int(request.key)
        whole = bytearray(b"".join(model.values()))
        whole[offset : offset + len(request.data)] = request.data
        whole += bytes(-len(whole) % size)
        model.update((at // size, bytes(whole[at : at + size])) for at in range(0, len(whole), size))

    def carry_out(self, cluster: linear.Linear, request: Request) -> None:
        what, key, data = request
        if what == "append":
            cluster.append(data)
        elif what == "update":
            cluster.update(key * self.definition.ci_size, data)
        else:
            assert what == "window"
            cluster.write(key, data)

    def read_back(self, cluster: linear.Linear, content: Content) -> None:
        assert cluster.read(0, cluster.size) == b"".join(data for _, data in content)


KSDS = Keyed("KSDS", tiny())
SPANNED_KSDS = SpannedKeyed("spanned KSDS", tiny(spanned=True, maximum_record=1400))
ESDS = Arriving("ESDS", unindexed("NONINDEXED"))
SPANNED_ESDS = SpannedArriving("spanned ESDS", unindexed("NONINDEXED", maximum_record=900, spanned=True))
RRDS = Numbered("RRDS", unindexed("NUMBERED"))
VRRDS = VariableNumbered("VRRDS", tiny(organization="NUMBERED", key_offset=0))
LDS = Linear(
    "LDS",
    ClusterDefinition(
        name="TEST.TINY", organization="LINEAR", average_record=0, maximum_record=0, ci_size=4096, cis_per_ca=2,
        primary=2, secondary=3, reuse=True,
    ),
)  # fmt: skip
SUBJECTS: list[Subject] = [KSDS, SPANNED_KSDS, ESDS, SPANNED_ESDS, RRDS, VRRDS, LDS]
every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


def roomy(subject: Subject) -> Subject:
    """With space for whatever is written before the last kill."""
    return replace(subject, definition=replace(subject.definition, secondary=2000))
