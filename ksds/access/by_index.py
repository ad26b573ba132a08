"""The index component by control interval, as GETIX and PUTIX see it: places are RBAs of the index.

PUTIX changes nothing: VSAM keeps its index itself, so what is put back must say what the index record says.

Source: z/OS DFSMS Using Data Sets, "Access to an Index with GETIX and PUTIX".
"""

from __future__ import annotations

from ksds.access.addressing import Addressing, Argument, Found, number_of
from ksds.access.options import Optcd
from ksds.cluster.keyed_cluster import KeyedCluster
from ksds.errors import Damaged, InvalidInsertion, InvalidInterval, InvalidOptions, InvalidRba, LogicalError
from ksds.layout import index_record


class ByIndex(Addressing):
    """The index records of a KSDS or VRRDS, each as its control interval."""

    kind = "INDEX"

    def __init__(self, cluster: KeyedCluster) -> None:
        super().__init__(cluster.definition.index_ci_size)
        self._cluster = cluster

    def is_spanned(self, found: Found) -> bool:
        return False

    def span(self, argument: Argument, optcd: Optcd, key_length: int | None) -> tuple[int, int]:
        rba = number_of(argument)
        if rba is None or rba < 0 or rba % self.ci_size:
            raise InvalidRba("ARG is not the RBA of an index control interval", component="index")
        return rba, rba

    def first(self, low: int, high: int | None = None) -> Found | None:
        number = low // self.ci_size
        if number >= self._cluster.index.component.used:
            return None
        return Found(low, self._cluster.read_ci("index", number), low)

    def last(self, high: int | None, low: int = 0) -> Found | None:
        raise InvalidOptions("GETIX reads forward")

    def absent(self, place: int) -> LogicalError:
        return InvalidRba(f"no index control interval at RBA {place}", component="index")

    def interval(self, found: Found) -> int:
        """Index control intervals count below zero: none of them is one of the data."""
        return -1 - found.place // self.ci_size

    def intended(self, record: bytes, argument: Argument, optcd: Optcd, after: int | None) -> Found:
        raise InvalidOptions("PUTIX needs UPD")

    def insert(self, new: Found, *, sequential: bool) -> Found:
        raise InvalidInsertion("nothing is inserted into an index")

    def replace(self, old: Found, record: bytes) -> Found:
        key_length = self._cluster.definition.key_length
        now = self._cluster.read_ci("index", old.place // self.ci_size)
        try:
            same = index_record.decode(record, key_length) == index_record.decode(now, key_length)
        except Damaged as error:
            raise InvalidInterval(error.what, component="index") from error
        if not same:
            raise InvalidInterval("it is not what the index record says", component="index")
        return Found(old.place, record, old.rba)
