"""The stores measured side by side, each behind the same nine verbs and each made durable at `commit`.

A KSDS record carries its key, as VSAM's do; sqlite3 and lmdb hold key and body apart, so that each store keeps the same
bytes. Read caches are 256 MiB where a store has such a setting. Every commit ends in fsync or fdatasync.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Protocol

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.storage.device import FileFolder
from tests.benchmarks.records import KEY_BYTES, LONGEST, MEAN

CACHE_BYTES = 256 << 20
CI_SIZE, CIS_PER_CYLINDER = 4096, 180


class Store(Protocol):
    """One keyed store in one folder, made for about `count` records unless it is there.

    `load` wants ascending keys and an empty store.
    """

    def load(self, records: Iterable[bytes]) -> None: ...
    def insert(self, records: Iterable[bytes]) -> None: ...
    def update(self, records: Iterable[bytes]) -> None: ...
    def erase(self, keys: Iterable[bytes]) -> None: ...
    def commit(self) -> None: ...
    def get(self, keys: Iterable[bytes]) -> int: ...
    def browse(self) -> int: ...
    def ranges(self, starts: Iterable[bytes], length: int) -> int: ...
    def close(self) -> None: ...


class Ksds:
    """`ksds.cluster.KeySequenced`: control intervals of 4096 bytes, no free space; reads return whole records."""

    def __init__(self, folder: Path, count: int) -> None:
        cylinders = 1 + count * MEAN * 106 // 100 // (CIS_PER_CYLINDER * CI_SIZE)
        definition = ClusterDefinition(
            name="BENCH.KSDS",
            key_length=KEY_BYTES,
            key_offset=0,
            average_record=MEAN,
            maximum_record=LONGEST,
            ci_size=CI_SIZE,
            index_ci_size=4096,
            cis_per_ca=CIS_PER_CYLINDER,
            space_unit="CYLINDER",
            primary=cylinders,
            secondary=1 + cylinders // 20,
            ca_tracks=15,
            free_ci_percent=0,
            free_ca_percent=0,
            reuse=False,
            speed=True,
            data_name="BENCH.KSDS.DATA",
            index_name="BENCH.KSDS.INDEX",
        )
        files = FileFolder(folder)
        if not files.names():
            KeySequenced.create(files, "BENCH", definition)
        self.cluster = KeySequenced.open(files, "BENCH", definition, mode="w", buffer_bytes=CACHE_BYTES)

    def load(self, records: Iterable[bytes]) -> None:
        self.cluster.load(records)

    def insert(self, records: Iterable[bytes]) -> None:
        insert = self.cluster.insert
        for record in records:
            insert(record)

    def update(self, records: Iterable[bytes]) -> None:
        update = self.cluster.update
        for record in records:
            update(record)

    def erase(self, keys: Iterable[bytes]) -> None:
        erase = self.cluster.erase
        for key in keys:
            erase(key)

    def commit(self) -> None:
        self.cluster.commit()

    def get(self, keys: Iterable[bytes]) -> int:
        get, total = self.cluster.get, 0
        for key in keys:
            total += len(get(key))
        return total

    def browse(self) -> int:
        total = 0
        for record in self.cluster.browse():
            total += len(record)
        return total

    def ranges(self, starts: Iterable[bytes], length: int) -> int:
        found = 0
        for start in starts:
            found += len(list(islice(self.cluster.browse(start), length)))
        return found

    def close(self) -> None:
        self.cluster.close()


class Sqlite:
    """sqlite3, WITHOUT ROWID, write-ahead log, synchronous=FULL."""

    def __init__(self, folder: Path, count: int) -> None:
        self.connection = sqlite3.connect(folder / "records.sqlite", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"cache_size=-{CACHE_BYTES >> 10}"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"
        )

    def begin(self) -> None:
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN")

    def load(self, records: Iterable[bytes]) -> None:
        self.insert(records)
        self.commit()

    def insert(self, records: Iterable[bytes]) -> None:
        self.begin()
        rows = ((record[:KEY_BYTES], record[KEY_BYTES:]) for record in records)
        self.connection.executemany("INSERT INTO records VALUES (?, ?)", rows)

    def update(self, records: Iterable[bytes]) -> None:
        self.begin()
        rows = ((record[KEY_BYTES:], record[:KEY_BYTES]) for record in records)
        self.connection.executemany("UPDATE records SET body = ? WHERE key = ?", rows)

    def erase(self, keys: Iterable[bytes]) -> None:
        self.begin()
        self.connection.executemany("DELETE FROM records WHERE key = ?", ((key,) for key in keys))

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def get(self, keys: Iterable[bytes]) -> int:
        execute, total = self.connection.execute, 0
        for key in keys:
            total += len(execute("SELECT body FROM records WHERE key = ?", (key,)).fetchone()[0]) + KEY_BYTES
        return total

    def browse(self) -> int:
        total = 0
        for key, body in self.connection.execute("SELECT key, body FROM records ORDER BY key"):
            total += len(key) + len(body)
        return total

    def ranges(self, starts: Iterable[bytes], length: int) -> int:
        execute, found = self.connection.execute, 0
        query = "SELECT key, body FROM records WHERE key >= ? ORDER BY key LIMIT ?"
        for start in starts:
            found += len(execute(query, (start, length)).fetchall())
        return found

    def close(self) -> None:
        self.connection.close()


STORES: dict[str, Callable[[Path, int], Store]] = {"ksds": Ksds, "sqlite3": Sqlite}
