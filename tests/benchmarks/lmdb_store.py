"""lmdb as one of the stores of the key-value benchmark: apart, because it comes with the `bench` extra only."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import lmdb

from tests.benchmarks.records import KEY_BYTES


class Lmdb:
    """lmdb as it comes: one write transaction a commit, synced."""

    def __init__(self, folder: Path, count: int) -> None:
        self.environment = lmdb.open(str(folder), map_size=max(1 << 28, count * 4096), subdir=True)
        self.writing: lmdb.Transaction[bytes] | None = None

    def write(self) -> lmdb.Transaction[bytes]:
        if self.writing is None:
            self.writing = self.environment.begin(write=True)
        return self.writing

    def load(self, records: Iterable[bytes]) -> None:
        put = self.write().put
        for record in records:
            put(record[:KEY_BYTES], record[KEY_BYTES:], append=True)
        self.commit()

    def insert(self, records: Iterable[bytes]) -> None:
        put = self.write().put
        for record in records:
            put(record[:KEY_BYTES], record[KEY_BYTES:], overwrite=False)

    def update(self, records: Iterable[bytes]) -> None:
        put = self.write().put
        for record in records:
            put(record[:KEY_BYTES], record[KEY_BYTES:])

    def erase(self, keys: Iterable[bytes]) -> None:
        delete = self.write().delete
        for key in keys:
            delete(key)

    def commit(self) -> None:
        self.write().commit()
        self.writing = None

    def get(self, keys: Iterable[bytes]) -> int:
        total = 0
        with self.environment.begin() as reading:
            get = reading.get
            for key in keys:
                total += len(get(key, b"")) + KEY_BYTES
        return total

    def browse(self) -> int:
        total = 0
        with self.environment.begin() as reading:
            for key, body in reading.cursor():
                total += len(key) + len(body)
        return total

    def ranges(self, starts: Iterable[bytes], length: int) -> int:
        found = 0
        with self.environment.begin() as reading:
            cursor = reading.cursor()
            for start in starts:
                cursor.set_range(start)
                found += len(list(islice(cursor, length)))
        return found

    def close(self) -> None:
        self.environment.close()
