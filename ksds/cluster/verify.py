"""The one checker, behind VERIFY and EXAMINE, the command line, the import of foreign clusters and every crash test.

It reads control intervals (CIs) of a `ClusterImage` and trusts nothing that an engine keeps in memory. What it proves
of a sound cluster:
  any      data and index below the high-used RBA, that below the high-allocated one; every data CI can be read, its
           RDFs describe its data; the records counted are the records there
  keyed    the index is a tree that reaches each CI once (`ksds.cluster.verify_index`); every data CI is used or free,
           not both, a free one is empty; keys ascend and lie above the boundary before and not above their CI's own;
           the segments of a spanned record are all there, in order and of one update (`ksds.cluster.verify_data`)
  others   what their pages must be: records up to the end of an ESDS, every slot of an RRDS

IDCAMS EXAMINE INDEXTEST is the index part, DATATEST the data part.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.findings import MAJOR, MINOR, Finding
from ksds.cluster.verify_data import check_keyed_data
from ksds.cluster.verify_index import check_index
from ksds.cluster.verify_unindexed import check_entries, check_readable, check_slots

_UNINDEXED: dict[str, Callable[[ClusterImage, list[Finding]], int]] = {
    "NONINDEXED": check_entries,
    "NUMBERED": check_slots,
    "LINEAR": check_readable,
}


class Verifiable(ABC):
    """Has an image, and so can be checked."""

    @abstractmethod
    def image(self) -> ClusterImage:
        """The data set as the checker, maps and salvage see it, as of the last request."""

    def verify(self) -> list[Finding]:
        """Everything that is wrong with the data set; empty if it is sound."""
        return check(self.image())


def check(image: ClusterImage, *, data: bool = True) -> list[Finding]:
    """Everything that is wrong with the index and, unless `data` is off, with the data; none if they are sound."""
    what = "its page of the checksum file was damaged and is rebuilt"
    findings = [Finding(MINOR, component, ci, what) for component, ci in image.rebuilt]
    _check_space(image, findings)
    if image.definition.organization == "INDEXED":
        areas = check_index(image, findings)
        if data:
            _check_count(image, check_keyed_data(image, areas, findings), findings)
    elif data:
        _check_count(image, _UNINDEXED[image.definition.organization](image, findings), findings)
    return findings


def _check_space(image: ClusterImage, findings: list[Finding]) -> None:
    if image.index_cis > image.index_allocated:
        what = f"{image.index_cis} control intervals in use, {image.index_allocated} allocated"
        findings.append(Finding(MAJOR, "index", image.index_allocated, what, "IDC11727I"))
    if image.data_cis > image.data_allocated:
        what = f"{image.data_cis} control intervals in use, {image.data_allocated} allocated"
        findings.append(Finding(MAJOR, "data", image.data_allocated, what))
    if image.definition.organization in ("INDEXED", "NUMBERED") and image.data_cis % image.definition.cis_per_ca:
        what = f"the high-used RBA is not at the end of a control area of {image.definition.cis_per_ca}"
        findings.append(Finding(MAJOR, "data", image.data_cis, what))


def _check_count(image: ClusterImage, count: int, findings: list[Finding]) -> None:
    """A wrong count is worth a word only where nothing else explains it."""
    if image.records is not None and count != image.records and all(one.severity < MAJOR for one in findings):
        findings.append(Finding(MINOR, "data", 0, f"{count} records, but {image.records} are counted"))
