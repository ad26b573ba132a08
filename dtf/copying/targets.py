"""The file that a copy writes. Nothing of it is the user's before it is whole and durable.

A sequential target, whatever its DISP, is written to a staged file that no name leads to; `publish` catalogs it in
one step, replacing what had the name. (MOD begins the staged file with a copy of the old data set.) So the old data
set stays until the new one is complete, and an interrupted copy leaves only the staged file, whose name the
checkpoint record keeps.

A KSDS is written in place, each insert journaled: RPL empties it first (the cluster must have REUSE), any other DISP
adds to it. A record that is there already is compared after a restart, and is a duplicate otherwise.

`secure` makes everything written durable and returns the length (or count) to go back to. `verified` reads the
target again and says for each position set whether its prefix is there, with its CRC-32C.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from operator import eq
from typing import Protocol

from google_crc32c import extend as crc_extend

from dtf.copying.checkpoint import GENERATION, TARGET_TOKEN, PositionSet, Shape
from dtf.copying.prefixes import pieces, true_of_units
from dtf.copying.shaping import BLOCK, described, in_blocks, record_shaper, split_described
from dtf.errors import StepError
from ksds import KeySequenced
from ksds.catalog.entries import Space
from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.sequential import SequentialDataSet
from ksds.errors import DataSetError, DataSetNotFound, DuplicateKey, OpenError, OutOfSequence
from ksds.system import System

_NO_SPACE = Space()


class TargetExists(StepError):
    """DISP=NEW and the name is taken."""

    default_id = "DTX202E"


class Target(Protocol):
    """See above. `token` names the staged file, `last_key` the last record of a KSDS, both "" or b"" where unknown.

    `grows`: what was written stays written, so the checkpoint record must not be forgotten while the step is not over.
    """

    token: str
    last_key: bytes
    grows: bool

    def begin(self) -> None:
        """From zero: whatever an earlier try left is dropped."""
        ...

    def items(self) -> Mapping[int, bytes]:
        """What the checkpoint record must remember of the target, by tag."""
        ...

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        """Which of the sets of an earlier try are still true of the target."""
        ...

    def resume(self, position: PositionSet) -> None:
        """Go back to the end of `position`."""
        ...

    def write(self, payload: bytes) -> None: ...

    def secure(self) -> int:
        """Everything written is durable; the length of the target in bytes."""
        ...

    def accept(self) -> None:
        """All has arrived: raise a StepError if it cannot stand, before anything says that it is done. Then nothing of
        it is kept for a restart."""
        ...

    def publish(self, today: date) -> None:
        """The target is complete: give it its name. `today` is the creation date of a new data set."""
        ...

    def close(self, *, keep: bool) -> None:
        """Let go; an unpublished staged file stays only with `keep`."""
        ...


class SequentialTarget:
    """A data set staged under a token. `described`: payloads hold records behind RDWs, to be blocked here.

    `ending`: of the staged file's name, the step's own. So the step finds the file again though it was ended before
    anything was said of it, and knows a data set that it has published itself.
    """

    grows = False

    def __init__(
        self,
        system: System,
        name: str,
        shape: Shape,
        disposition: str,
        mode: str,
        token: str = "",
        generation: str = "",
        space: Space = _NO_SPACE,
        ending: str = "",
    ) -> None:
        self._system = system
        self._name = name
        self._generation = generation
        self._space = space
        self._attributes = DataSetAttributes(recfm=shape.recfm, lrecl=shape.lrecl, blksize=shape.blksize)
        self._shape = shape
        self._described = mode != BLOCK and described(shape)
        self._append = disposition == "MOD" and system.exists(name)
        self._data_set: SequentialDataSet | None = None
        self._published = False
        self.token = token
        self.last_key = b""
        self._ending = "" if ending and self._is_file(f"{name}.{ending}") else ending
        is_own = self._ending != ending or self._is_published()
        if disposition == "NEW" and system.exists(name) and not is_own:
            raise TargetExists(f"{name} exists and DISP=NEW was asked for")

    def begin(self) -> None:
        self.close(keep=False)
        try:
            staged = self._system.stage(self._name, self._attributes, self._ending)
        except OpenError:  # a session that does not know yet that it is lost has it open
            staged = self._system.stage(self._name, self._attributes)
        self.token, self._data_set, self._published = staged.file_name, staged.data_set, False
        if self._append:
            with self._system.sequential(self._name) as old:
                for _, run in old.runs():
                    self._data_set.append_run(run)

    def items(self) -> Mapping[int, bytes]:
        items = {TARGET_TOKEN: self.token, GENERATION: self._generation}
        return {tag: text.encode("cp037") for tag, text in items.items() if text}

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        if not self._reopen():
            return [False] * len(sets)
        base = self._old_size()
        ends = sorted({s.target for s in sets if base <= s.target <= self._open().size()})
        found = self._prefixes(base, ends)
        return [s.target in found and (self._published or found[s.target] == s.crc) for s in sets]

    def resume(self, position: PositionSet) -> None:
        if not self._published:
            self._open().truncate(position.target)

    def write(self, payload: bytes) -> None:
        if self._described and self._attributes.kind == "V":
            self._open().append_run(in_blocks(payload, self._shape))
        elif self._described:
            self._open().append(split_described(payload))
        else:
            self._open().append_run(payload)

    def secure(self) -> int:
        if not self._published:
            self._open().sync()
        return self._open().size()

    def accept(self) -> None:
        """Whatever came is right."""

    def publish(self, today: date) -> None:
        if not self._published:
            self._open().close()
            self._data_set = None
            self._system.publish(self._name, self._attributes, self.token, created=today, space=self._space)
            self._published = True

    def close(self, *, keep: bool) -> None:
        if self._data_set is not None:
            self._data_set.close()
            self._data_set = None
        if self.token and not keep and not self._is_published():
            self._system.discard_staged(self.token)
            self.token = ""

    def _open(self) -> SequentialDataSet:
        if self._data_set is None:
            raise StepError(f"{self._name}: the target is not open")
        return self._data_set

    def _is_published(self) -> bool:
        return bool(self.token) and self._is_file(self.token)

    def _is_file(self, file_name: str) -> bool:
        """Whether the data set has this file."""
        try:
            entry = self._system.entry(self._name)
        except DataSetNotFound:
            return False
        return getattr(entry, "file_name", "") == file_name

    def _reopen(self) -> bool:
        """Open what an earlier try left: the staged file, or the finished data set that it has become."""
        if self._data_set is None and self.token:
            self._published = self._is_published()
            try:
                if self._published:
                    self._data_set = self._system.sequential(self._name)
                else:
                    self._data_set = self._system.reopen_staged(self.token, self._attributes).data_set
            except DataSetError:
                return False
        return self._data_set is not None

    def _old_size(self) -> int:
        """Where this copy's bytes begin: behind the old data set with MOD, as far as it is still the beginning."""
        if not self._append or self._published:
            return 0
        with self._system.sequential(self._name) as old:
            size = old.size()
            here = pieces(self._open(), 0, size)
            return size if all(map(eq, pieces(old, 0, size), here)) else sys.maxsize

    def _prefixes(self, base: int, ends: Sequence[int]) -> dict[int, int]:
        """The CRC-32C of what was delivered between `base` and each of the ascending `ends`, up to where it is damaged.

        What stands behind the last end may be torn: it is not looked at.
        """
        crc, at, found = 0, base, dict[int, int]()
        for end in ends:
            try:
                for piece in self._described_pieces(at, end) if self._described else pieces(self._open(), at, end):
                    crc = crc_extend(crc, piece)
            except DataSetError:
                break
            at, found[end] = end, crc
        return found

    def _described_pieces(self, at: int, end: int) -> Iterator[bytes]:
        """Blocks as records behind RDWs: for V without the BDW, for U as they are."""
        skip = 4 if self._attributes.kind == "V" else 0
        for _, block in self._open().blocks(at, end):
            yield block[skip:]


class KeyedTarget:
    """A KSDS, written in place. `again`: this step ran before, so records that are there may be its own."""

    grows = False

    def __init__(self, cluster: KeySequenced, disposition: str, last_key: bytes, *, again: bool) -> None:
        self._cluster = cluster
        self._replace = disposition == "RPL"
        self._again = again
        self._start, self._end = cluster.definition.key_offset, cluster.definition.key_end
        self._largest = b""
        self.token = ""
        self.last_key = last_key

    def begin(self) -> None:
        if self._replace:
            self._cluster.reset()
        self._largest = self.last_key = b""

    def items(self) -> Mapping[int, bytes]:
        return {}

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        if self._replace:
            shape = record_shaper(Shape("VS", "", self._cluster.definition.maximum_record))
            return true_of_units(map(shape, self._cluster.browse()), sets)
        there = bool(self.last_key) and next(self._cluster.browse(self.last_key, self.last_key), None) is not None
        return [there and s.records <= len(self._cluster) for s in sets]

    def resume(self, position: PositionSet) -> None:
        """Records behind the position stay; they are compared when they come again."""
        if self._replace:
            record = next(islice(self._cluster.browse(), position.records - 1, None))
            self._largest = record[self._start : self._end]

    def write(self, payload: bytes) -> None:
        for record in split_described(payload):
            key = record[self._start : self._end]
            if self._replace and key <= self._largest:
                raise OutOfSequence(f"key {key.hex().upper()} does not ascend", data_set=self._cluster.definition.name)
            try:
                self._cluster.insert(record, sequential=self._replace)
            except DuplicateKey:
                if not self._again or self._cluster.get(key) != record:
                    raise
            self._largest = self.last_key = key

    def secure(self) -> int:
        self._cluster.commit()
        return self._cluster.statistics.high_used_rba

    def accept(self) -> None:
        """Whatever came is right."""

    def publish(self, today: date) -> None:
        """The cluster has its name already."""

    def close(self, *, keep: bool) -> None:
        self._cluster.close()
