"""Control interval access: places are RBAs at which a control interval begins, records are whole intervals."""

from __future__ import annotations

from ksds.access.addressing import Addressing, Argument, Found, number_of
from ksds.access.options import Optcd
from ksds.cluster import interval
from ksds.cluster.organizations import Cluster
from ksds.errors import InvalidOptions, InvalidRba, LogicalError


class ByInterval(Addressing):
    """The data component of any cluster, interval by interval. They are added to an ESDS or LDS, and never erased."""

    kind = "CNV"

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster.definition.ci_size)
        self._cluster = cluster

    def is_spanned(self, found: Found) -> bool:
        return False

    def span(self, argument: Argument, optcd: Optcd, key_length: int | None) -> tuple[int, int]:
        rba = number_of(argument)
        if rba is None or rba < 0 or rba % self.ci_size:
            raise InvalidRba("ARG is not the RBA of a control interval", component="data")
        return rba, rba

    def first(self, low: int, high: int | None = None) -> Found | None:
        number = -(-low // self.ci_size)
        rba = number * self.ci_size
        if number >= interval.count(self._cluster) or (high is not None and rba > high):
            return None
        return Found(rba, interval.read(self._cluster, number), rba)

    def last(self, high: int | None, low: int = 0) -> Found | None:
        raise InvalidOptions("control intervals are not read backward")

    def past(self, number: int, *, forward: bool) -> int | None:
        return (number + 1) * self.ci_size if forward else number * self.ci_size - 1

    def absent(self, place: int) -> LogicalError:
        return InvalidRba(f"no control interval at RBA {place}", component="data")

    def interval(self, found: Found) -> int:
        return found.place // self.ci_size

    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        end = interval.count(self._cluster) * self.ci_size
        return Found(end, record, end)

    def insert(self, new: Found, *, sequential: bool) -> Found:
        rba = interval.append(self._cluster, new.record) * self.ci_size
        return Found(rba, new.record, rba)

    def replace(self, old: Found, record: bytes) -> Found:
        interval.replace(self._cluster, old.place // self.ci_size, record)
        return Found(old.place, record, old.rba)
