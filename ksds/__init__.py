"""Data at rest: byte-true VSAM clusters, a catalog, sequential data sets, IDCAMS.

    import ksds

    with ksds.System.open("mysystem") as system:
        system.define_cluster(ksds.derive(ksds.SpaceRequest(
            name="TEST.ACCOUNTS", space=ksds.SpaceQuantity("CYLINDERS", 1, 1),
            key_length=8, average_record=80, maximum_record=80)))
        with system.key_sequenced("TEST.ACCOUNTS", mode="w") as accounts:
            accounts.insert(b"00000001" + bytes(72))
            accounts.commit()
            record = accounts.get(b"00000001")

These names are public and stay; everything else is reached by its module and may change.
"""

from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.entry_sequenced import EntrySequenced
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.relative_record import RelativeRecord
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.codepage import code_page
from ksds.datasets import DD, DataSetAttributes, SequentialDataSet
from ksds.errors import (
    CatalogError,
    DataSetError,
    DataSetNotFound,
    DuplicateKey,
    KsdsError,
    RecordNotFound,
    VsamError,
)
from ksds.system import System

__all__ = [
    "DD",
    "CatalogError",
    "ClusterDefinition",
    "DataSetAttributes",
    "DataSetError",
    "DataSetNotFound",
    "DuplicateKey",
    "EntrySequenced",
    "KeySequenced",
    "KsdsError",
    "RecordNotFound",
    "RelativeRecord",
    "SequentialDataSet",
    "SpaceQuantity",
    "SpaceRequest",
    "System",
    "VsamError",
    "code_page",
    "derive",
]
