"""Power cuts under the catalog: a request on it is durable when it returns, and there or not there when it does not.

Traces of seeded requests from the first use on; the write log is cut at every call, as for clusters. After each cut the
catalog opens, lists what it held before or after the request under way, is sound, and takes and forgets another entry.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

import pytest

from ksds.catalog.catalog import Catalog
from ksds.catalog.entries import ClusterEntry, Entry, NonVsamEntry
from ksds.cluster.definition import ClusterDefinition
from ksds.datasets import DataSetAttributes
from ksds.storage.device import Folder
from tests.crashes.recording_device import RecordingFolder, crash_states
from tests.crashes.subjects import small_limits

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
TRACES = max(1, round(3 * SCALE))
REQUESTS = 10
MOST_STATES = max(100, round(700 * SCALE))


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


Listing = tuple[Entry, ...]


def cluster(name: str) -> ClusterEntry:
    definition = ClusterDefinition(
        name=name, key_length=4, average_record=20, maximum_record=80, ci_size=512, index_ci_size=512, cis_per_ca=49,
        data_name=f"{name}.DATA", index_name=f"{name}.INDEX",
    )  # fmt: skip
    return ClusterEntry(name=name, definition=definition, stem=f"{name}.00000001")


def sequential(name: str, serial: int = 1) -> NonVsamEntry:
    return NonVsamEntry(name=name, attributes=DataSetAttributes("FB", 80), file_name=f"{name}.{serial:08x}")


def listing(catalog: Catalog) -> Listing:
    return tuple(catalog.entries())


@dataclass(slots=True)
class Trace:
    """Catalog requests on a recording folder: (log position after, listing then) of each."""

    folder: RecordingFolder = field(default_factory=RecordingFolder)
    steps: list[tuple[int, Listing]] = field(default_factory=list)

    def run(self, seed: int) -> Trace:
        rng = random.Random(seed)
        catalog = Catalog.open(self.folder, "NYC")
        held: dict[str, ClusterEntry | NonVsamEntry] = {}
        self._note(catalog)
        for serial in range(REQUESTS):
            name = f"A.B{rng.randrange(5)}"
            old = held.get(name)
            if old is None:
                held[name] = rng.choice((cluster, sequential))(name)
                catalog.add(held[name])
            elif isinstance(old, NonVsamEntry) and rng.random() < 0.5:
                held[name] = sequential(name, serial + 2)
                catalog.replace(old, held[name])
            else:
                catalog.remove(held.pop(name))
            self._note(catalog)
        return self

    def _note(self, catalog: Catalog) -> None:
        position = len(self.folder.log)
        self.steps.append((position, listing(catalog)))

    def allowed(self, position: int) -> set[Listing]:
        """The listing of the last request that was done, and of the one under way."""
        done = [at for at, (end, _) in enumerate(self.steps) if end <= position]
        last = done[-1] if done else -1
        found = {self.steps[at][1] for at in (last, last + 1) if 0 <= at < len(self.steps)}
        return found if done else found | {()}


def opened_and_used(folder: Folder) -> Listing:
    catalog = Catalog.open(folder, "NYC")
    content = listing(catalog)
    with catalog.inside() as store:
        assert store.verify() == []
    one_more = cluster("Z.ONE.MORE")
    catalog.add(one_more)
    assert {entry.name for entry in listing(catalog)} >= {one_more.name, *one_more.definition.data_name.split()}
    catalog.remove(one_more)
    assert listing(Catalog.open(folder, "NYC")) == content
    return content


@pytest.mark.parametrize("seed", range(TRACES))
def test_a_crash_under_the_catalog_leaves_each_request_done_or_not(seed: int) -> None:
    trace = Trace().run(seed)
    keyed = {state.key(): (position, state) for position, state in crash_states({}, trace.folder.log, seed=seed)}
    chosen = random.Random(seed).sample(sorted(keyed), min(MOST_STATES, len(keyed)))
    for key in chosen:
        position, state = keyed[key]
        where = f"seed {seed} position {position} of {len(trace.folder.log)}: {state.choice}"
        try:
            found = opened_and_used(state.folder())
        except Exception as error:
            raise AssertionError(f"{where}: {error!r}") from error
        assert found in trace.allowed(position), where
    print(f"\ncatalog seed {seed}: {len(chosen)} of {len(keyed)} distinct crash states")
