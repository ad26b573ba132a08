"""What a job step hands to a program under one ddname.

Source: z/OS MVS JCL Reference, DD statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ksds.datasets.attributes import DataSetAttributes


@dataclass(frozen=True, slots=True, kw_only=True)
class DD:
    """One DD: data sets (more than one = concatenated), in-stream records, a spool file, or DUMMY.

    `instream` holds 80-byte records in the system's code page. `spool` takes one line of output at a time.
    `attributes` are those of the DCB operands, for a data set still to be made. `disposition` is (status, normal,
    abnormal).
    """

    name: str
    data_sets: tuple[str, ...] = ()
    instream: tuple[bytes, ...] | None = None
    spool: Callable[[str], None] | None = None
    dummy: bool = False
    attributes: DataSetAttributes | None = None
    disposition: tuple[str, str, str] = ("SHR", "KEEP", "KEEP")
