"""The target that is a window of bytes: an LDS, written in place.

RPL empties it first (the cluster must have REUSE); any other DISP writes behind what is there, and the checkpoint
record remembers where that was. A linear data set cannot be cut, so what an earlier try wrote beyond the end of what
comes now is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dtf.copying.appended_target import OtherRecord
from dtf.copying.checkpoint import TARGET_BASE, PositionSet
from dtf.copying.prefixes import true_of_bytes
from ksds.system import Linear


class LinearTarget:
    """See above. `filed`: the items of the record of an earlier try."""

    token = ""
    last_key = b""

    def __init__(self, cluster: Linear, disposition: str, filed: Mapping[int, bytes]) -> None:
        self._cluster = cluster
        self._replace = disposition == "RPL"
        self.grows = not self._replace
        base = filed.get(TARGET_BASE)
        self._base = int.from_bytes(base, "big") if base else 0 if self._replace else cluster.size
        self._end = self._base

    def begin(self) -> None:
        if self._replace:
            self._cluster.reset()
        self._end = self._base

    def items(self) -> Mapping[int, bytes]:
        return {TARGET_BASE: self._base.to_bytes(8, "big")}

    def verified(self, sets: Sequence[PositionSet]) -> list[bool]:
        return true_of_bytes(self._cluster, self._base, self._cluster.size, sets)

    def resume(self, position: PositionSet) -> None:
        self._end = position.target

    def write(self, payload: bytes) -> None:
        self._cluster.write(self._end, payload)
        self._end += len(payload)

    def secure(self) -> int:
        self._cluster.commit()
        return self._end

    def accept(self) -> None:
        size = self._cluster.definition.ci_size
        if self._cluster.size > -(-self._end // size) * size:
            name = self._cluster.definition.name
            raise OtherRecord(f"{name}: an earlier try has written {self._cluster.size} bytes, {self._end} came now")

    def publish(self, today: date) -> None:
        """The cluster has its name already."""

    def close(self, *, keep: bool) -> None:
        self._cluster.close()
