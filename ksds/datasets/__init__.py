"""Data sets that are not VSAM: their attributes, their blocks and records, and what a job hands to a program."""

from ksds.datasets.attributes import DataSetAttributes
from ksds.datasets.dd import DD
from ksds.datasets.partitioned import (
    Member,
    PartitionedDataSet,
    check_member_pattern,
    member_name,
    split_member,
)
from ksds.datasets.sequential import SequentialDataSet

__all__ = [
    "DD",
    "DataSetAttributes",
    "Member",
    "PartitionedDataSet",
    "SequentialDataSet",
    "check_member_pattern",
    "member_name",
    "split_member",
]
