"""Power cuts under commands that take several steps: what is catalogued and what is on the volume always agree.

Each row below is a command, and what other programs may find before, during and after it: every data set with how many
records it has. The log of the command is cut at every call, over both folders; what was not synced arrives in parts.
Each time one of those states is found, from the end of the command on the last one; the catalog is sound, DIAGNOSE
finds no entry without its files, and the command can be given again where it had not begun.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import datetime

import pytest

from ksds import idcams
from ksds.catalog.entries import ComponentEntry, Entry, GdgEntry, IndexableEntry, NonVsamEntry, PathEntry
from ksds.cluster.findings import MAJOR
from ksds.datasets import DD, DataSetAttributes
from ksds.errors import DataSetError, KsdsError, OpenError
from ksds.layout import portable_record
from ksds.system import System
from tests.crashes.recording_device import Call, CrashState, RecordingFolder, crash_states, memory_folder
from tests.crashes.recording_system import opened

pytestmark = pytest.mark.crash

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
MOST_STATES = max(40, round(40 * SCALE))
SEED = 20261123
NOW = datetime(2026, 11, 23, 14, 13, 41)
RECORDS = [f"{number:04}{'AB'[number % 2]}{'':15}".encode("cp037") for number in range(5)]
FB20 = DataSetAttributes("FB", 20)
CARDS = DD(name="CARDS", instream=tuple(RECORDS))
BASE = """
DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(20 20) CISZ(512))
REPRO IFILE(CARDS) ODS(A.K)
"""
INDEXED = (
    BASE
    + """
DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(1 4) RECSZ(20 80) -
  CISZ(512))
BLDINDEX IDS(A.K) ODS(A.X)
DEFINE PATH(NAME(A.P) PATHENTRY(A.X))
"""
)
GROUP = """
DEFINE GDG(NAME(A.G) LIMIT(2) {})
REPRO IFILE(CARDS) OFILE(G1)
REPRO IFILE(CARDS) OFILE(G2)
"""


def new(name: str, attributes: DataSetAttributes | None) -> DD:
    """A DD that makes a data set."""
    return DD(name="OUT", data_sets=(name,), disposition=("NEW", "CATLG", "DELETE"), attributes=attributes)


DDS = {
    "CARDS": CARDS,
    "PORT": new("A.PORT", None),
    "SEQ": new("A.SEQ", FB20),
    **{f"G{number}": new(f"A.G.G000{number}V00", FB20) for number in (1, 2, 3)},
}

# name, what is there, the command, what others may find in the order in which it comes to be
ROWS = [
    ("DEFINE CLUSTER", "", "DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(20 20))", ["", "A.K-"]),
    (
        "DEFINE AIX",
        BASE,
        "DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(1 4) RECSZ(20 80))",
        ["A.K=5", "A.K=5 A.X-"],
    ),
    (
        "BLDINDEX",
        INDEXED.replace("BLDINDEX IDS(A.K) ODS(A.X)", ""),
        "BLDINDEX IDS(A.K) ODS(A.X)",
        ["A.K=5 A.P- A.X-", "A.K=5 A.P=5 A.X=2"],
    ),
    ("DELETE", INDEXED, "DELETE A.K", ["A.K=5 A.P=5 A.X=2", ""]),
    ("DELETE ERASE", INDEXED, "DELETE A.K ERASE", ["A.K=5 A.P=5 A.X=2", ""]),
    ("DELETE AIX", INDEXED, "DELETE A.X", ["A.K=5 A.P=5 A.X=2", "A.K=5"]),
    ("DELETE NOSCRATCH", INDEXED, "DELETE A.K NOSCRATCH", ["A.K=5 A.P=5 A.X=2", ""]),
    (
        "RECATALOG",
        INDEXED + "DELETE A.K NOSCRATCH",
        "DEFINE CLUSTER(NAME(A.K) RECATALOG)",
        ["", "A.K=5 A.P=5 A.X=2"],
    ),
    ("NEWNAME", INDEXED, "ALTER A.K NEWNAME(B.K)", ["A.K=5 A.P=5 A.X=2", "A.P=5 A.X=2 B.K=5"]),
    ("NEWNAME of an index", INDEXED, "ALTER A.X NEWNAME(B.X)", ["A.K=5 A.P=5 A.X=2", "A.K=5 A.P=5 B.X=2"]),
    ("NEWNAME of a component", BASE, "ALTER A.K.DATA NEWNAME(B.D)", ["A.K=5", "A.K=5 B.D"]),
    (
        "EXPORT PERMANENT",
        BASE,
        "EXPORT A.K OFILE(PORT)",
        ["A.K=5", "A.K=5 A.PORT=0", "A.K=5 A.PORT=?", "A.K=5 A.PORT=8", "A.PORT=8"],
    ),
    (
        "IMPORT",
        BASE + "EXPORT A.K OFILE(PORT)",
        "IMPORT IDS(A.PORT) ODS(A.K)",
        ["A.PORT=8", "A.K- A.PORT=8", "A.K=5 A.PORT=8"],
    ),
    (
        "IMPORT over what was exported",
        BASE + "EXPORT A.K OFILE(PORT) TEMPORARY",
        "IMPORT IDS(A.PORT) ODS(A.K)",
        ["A.K=5* A.PORT=8", "A.PORT=8", "A.K- A.PORT=8", "A.K=5 A.PORT=8"],
    ),
    (
        "IMPORT of an index",
        INDEXED + "EXPORT A.X OFILE(PORT)",
        "IMPORT IDS(A.PORT) ODS(A.X)",
        ["A.K=5 A.PORT=6", "A.K=5 A.PORT=6 A.X-", "A.K=5 A.PORT=6 A.X=2", "A.K=5 A.P=5 A.PORT=6 A.X=2"],
    ),
    (
        "a generation that scratches the oldest",
        GROUP.format("SCRATCH"),
        "REPRO IFILE(CARDS) OFILE(G3)",
        [
            "A.G.G0001V00=5 A.G.G0002V00=5",
            "A.G.G0002V00=5 A.G.G0003V00=0",
            "A.G.G0002V00=5 A.G.G0003V00=?",
            "A.G.G0002V00=5 A.G.G0003V00=5",
        ],
    ),
    (
        "a generation that empties the group",
        GROUP.format("EMPTY SCRATCH"),
        "REPRO IFILE(CARDS) OFILE(G3)",
        ["A.G.G0001V00=5 A.G.G0002V00=5", "A.G.G0003V00=0", "A.G.G0003V00=?", "A.G.G0003V00=5"],
    ),
    (
        "NEWNAME into a group",
        GROUP.format("SCRATCH") + "REPRO IFILE(CARDS) OFILE(SEQ)",
        "ALTER A.SEQ NEWNAME(A.G.G0003V00)",
        ["A.G.G0001V00=5 A.G.G0002V00=5 A.SEQ=5", "A.G.G0002V00=5 A.G.G0003V00=5"],
    ),
    (
        "a lower LIMIT",
        GROUP.format("SCRATCH"),
        "ALTER A.G LIMIT(1)",
        ["A.G.G0001V00=5 A.G.G0002V00=5", "A.G.G0002V00=5"],
    ),
    ("DELETE GDG FORCE", GROUP.format(""), "DELETE A.G GDG FORCE", ["A.G.G0001V00=5 A.G.G0002V00=5", ""]),
    (
        "TYPE(LINEAR)",
        "DEFINE CLUSTER(NAME(A.E) TRK(1 1) NONINDEXED -\nCISZ(4096) RECSZ(20 20))\nREPRO IFILE(CARDS) ODS(A.E)",
        "ALTER A.E TYPE(LINEAR)",
        ["A.E=5", "A.E=1"],
    ),
]  # fmt: skip


def run(system: System, text: str) -> int:
    result = idcams.run(system, [f" {line}" for line in text.split("\n")], dds=DDS, now=NOW)
    return result.max_cc


def seen(system: System) -> str:
    """Each data set that another program finds, with how many records it has; - if it was never loaded, * if it was
    exported for a while, ? if it is a sequential one with other content, as it may be until a command ends. A component
    is mentioned only where it has a name of its own."""
    found = []
    for entry in system.entries():
        if isinstance(entry, ComponentEntry):
            found += [] if entry.name.startswith("A.") else [entry.name]
        elif not isinstance(entry, GdgEntry):
            found.append(f"{entry.name}{_content(system, entry)}")
    with system.catalog.inside() as store:
        assert store.verify() == []
    assert [(one.entry.name, one.errors) for one in system.diagnosis.entries() if one.errors] == []
    return " ".join(found)


def _content(system: System, entry: Entry) -> str:
    if isinstance(entry, NonVsamEntry):
        try:
            records = list(system.records(entry.name))
        except DataSetError:
            return "=?"
        plain = not records or records == RECORDS or records[-1][:1] == bytes([portable_record.Kind.END])
        return f"={len(records)}" if plain else "=?"
    try:
        cluster = system.cluster(entry.name)
    except OpenError as error:
        assert error.feedback == OpenError.EMPTY_PATH
        return "-"
    with cluster:
        if isinstance(entry, PathEntry):
            return f"={len(list(system.records(entry.name)))}"
        assert all(finding.severity < MAJOR for finding in cluster.verify())
        records = list(system.records(entry.name))
        assert entry.type != "CLUSTER" or not records or len(records[0]) > 20 or records == RECORDS
        mark = "*" if isinstance(entry, IndexableEntry) and entry.exported else ""
        return f"={len(records)}{mark}" if cluster.data.used else "-"


def chosen_states(name: str, start: dict[str, bytes], log: list[Call]) -> Iterator[tuple[int, CrashState]]:
    """Behind every call what a killed process leaves and what was synced alone; of the others as many as are tried."""
    rest: dict[object, tuple[int, CrashState]] = {}
    met = set()
    for position, state in crash_states(start, log, seed=SEED):
        if state.choice in ("all pending", "none pending"):
            if (position == len(log), state.key()) not in met:
                met.add((position == len(log), state.key()))
                yield position, state
        else:
            rest[state.key()] = position, state
    keys = sorted(rest, key=repr)
    for key in random.Random(SEED).sample(keys, min(MOST_STATES, len(keys))):
        yield rest[key]
    print(f"\n{name}: {len(met)} boundaries, {min(MOST_STATES, len(keys))} of {len(keys)} others; {len(log)} calls")


def judge(name: str, prepare: str, command: str, states: list[str]) -> None:
    """Cut the command everywhere. Raises AssertionError for a state that nobody should meet."""
    made = RecordingFolder()
    with opened(made) as system:
        assert run(system, prepare) == 0 and seen(system) == states[0]
    start = made.image()
    trace = RecordingFolder(start)
    with opened(trace) as system:
        assert run(system, command) == 0 and seen(system) == states[-1]
    end = len(trace.log)
    met = set()
    for turn, (position, state) in enumerate(chosen_states(name, start, trace.log)):
        where = f"{name}, seed {SEED} position {position} of {end}: {state.choice}"
        try:
            with opened(memory_folder(state.files)) as system:
                found = seen(system)
                assert found in (states if position < end else states[-1:]), where
                if found == states[0] and turn % 4 == 0:
                    assert run(system, command) == 0 and seen(system) == states[-1], where
        except (KsdsError, OSError) as error:
            raise AssertionError(f"{where}: {error!r}") from error
        met.add(found)
    assert met >= {state for state in states if "?" not in state}


@pytest.mark.parametrize(("name", "prepare", "command", "states"), ROWS, ids=[row[0] for row in ROWS])
def test_a_crash_at_any_call_leaves_one_of_the_states(name: str, prepare: str, command: str, states: list[str]) -> None:
    judge(name, prepare, command, states)
