"""DSORG, RECFM, LRECL and BLKSIZE: what the bytes of a data set, or of a library's members, mean.

Source: z/OS DFSMS Using Data Sets, "Record formats of non-VSAM data sets", and MVS JCL Reference, DCB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ksds.errors import DataSetError

MAXIMUM_BLOCK = 32760
HALF_TRACK = 27998
"""Largest block of which a 3390 track holds two: what the system-determined block size aims at."""

_RECFM = re.compile(r"(F|FB)S?[AM]?|(V|VB|U)[AM]?")


@dataclass(frozen=True, slots=True)
class DataSetAttributes:
    """A sequential data set's shape. LRECL and BLKSIZE in bytes; BLKSIZE 0 asks for the system-determined one.

    RECFM is F, FB, V, VB or U; A or M (control characters) and, for fixed, S (standard) may follow.
    LRECL counts the RDW of variable records and is 0 for U. DSORG is PS, or PO for a library of members; `pdse` says
    that a library gives the space of replaced members back by itself. Raises DataSetError for what cannot be.
    """

    recfm: str
    lrecl: int = 0
    blksize: int = 0
    dsorg: str = "PS"
    pdse: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "recfm", self.recfm.upper())
        if self.dsorg not in ("PS", "PO"):
            raise DataSetError(f"DSORG {self.dsorg[:8]} IS NOT PS OR PO")
        if self.pdse and self.dsorg != "PO":
            raise DataSetError("ONLY A PARTITIONED DATA SET CAN BE A PDSE")
        if not _RECFM.fullmatch(self.recfm):
            raise DataSetError(f"RECFM {self.recfm[:8]} IS NOT ONE OF F FB V VB U (WITH A OR M)")
        self._check_lrecl()
        if self.blksize == 0:
            object.__setattr__(self, "blksize", self._system_determined())
        self._check_blksize()

    def _check_lrecl(self) -> None:
        lowest, highest = {"F": (1, MAXIMUM_BLOCK), "V": (5, MAXIMUM_BLOCK - 4), "U": (0, 0)}[self.kind]
        if self.kind == "U" and self.lrecl:
            object.__setattr__(self, "lrecl", 0)
        elif not lowest <= self.lrecl <= highest:
            raise DataSetError(f"LRECL {self.lrecl} IS NOT {lowest} TO {highest} FOR RECFM {self.recfm}")

    def _system_determined(self) -> int:
        if self.kind == "U":
            return MAXIMUM_BLOCK
        if not self.blocked:
            return self.lrecl if self.kind == "F" else self.lrecl + 4
        if self.kind == "F":
            return max(1, HALF_TRACK // self.lrecl) * self.lrecl
        return max(HALF_TRACK, self.lrecl + 4)

    def _check_blksize(self) -> None:
        if not 1 <= self.blksize <= MAXIMUM_BLOCK:
            raise DataSetError(f"BLKSIZE {self.blksize} IS NOT 1 TO {MAXIMUM_BLOCK}")
        if self.kind == "F" and self.blksize % self.lrecl:
            raise DataSetError(f"BLKSIZE {self.blksize} IS NOT A MULTIPLE OF LRECL {self.lrecl}")
        if self.kind == "F" and not self.blocked and self.blksize != self.lrecl:
            raise DataSetError(f"BLKSIZE {self.blksize} IS NOT LRECL {self.lrecl} FOR UNBLOCKED RECFM {self.recfm}")
        if self.kind == "V" and self.blksize < self.lrecl + 4:
            raise DataSetError(f"BLKSIZE {self.blksize} CANNOT HOLD A BDW AND A RECORD OF LRECL {self.lrecl}")

    @property
    def kind(self) -> str:
        """The first letter of RECFM: F, V or U."""
        return self.recfm[0]

    @property
    def blocked(self) -> bool:
        """True if several records share a block."""
        return self.recfm[1:2] == "B"

    @property
    def maximum_data(self) -> int:
        """Bytes of data that a record can carry, without its RDW."""
        return {"F": self.lrecl, "V": self.lrecl - 4, "U": self.blksize}[self.kind]
