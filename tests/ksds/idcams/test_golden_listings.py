"""Whole listings, byte for byte, as they stand in tests/golden: a change there is a change of what people see.

After a wanted change: WRITE_GOLDEN=1 python -m pytest tests/ksds/idcams/test_golden_listings.py, and read the
difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ksds.datasets import DD, DataSetAttributes

GOLDEN = Path(__file__).resolve().parents[2] / "golden"

GROUPS = """
DEFINE GDG(NAME(PROD.LOG) LIMIT(2) SCRATCH)
DEFINE NONVSAM(NAME(PROD.LOG.G0001V00) DEVT(3390) VOL(VOL001))
DEFINE NONVSAM(NAME(PROD.LOG.G0002V00) DEVT(3390) VOL(VOL001))
DEFINE NONVSAM(NAME(PROD.LOG.G0003V00) DEVT(3390) VOL(VOL001))
DEFINE ALIAS(NAME(PROD.NEWEST) RELATE(PROD.LOG.G0003V00))
LISTCAT ENTRIES(PROD.LOG PROD.NEWEST) ALL
ALTER PROD.LOG LIMIT(5) NOSCRATCH
DELETE PROD.LOG GDG
IF LASTCC = 8 THEN -
  DELETE PROD.LOG GDG FORCE
"""
CLUSTERS = """
DEFINE CLUSTER(NAME(PROD.K) TRK(1 1) KEYS(4 0) RECSZ(80 80) -
       CISZ(4096)) DATA(NAME(PROD.K.D)) INDEX(NAME(PROD.K.I))
REPRO INFILE(IN) OUTDATASET(PROD.K)
ALTER PROD.K.D FREESPACE(10 10) SHAREOPTIONS(2 3)
LISTCAT LEVEL(PROD) ALL
PRINT INDATASET(PROD.K) CHARACTER FROMKEY(0002) COUNT(2)
PRINT INDATASET(PROD.K.D) COUNT(1)
EXPORT PROD.K OUTDATASET(PROD.PORT) TEMPORARY
IMPORT INDATASET(PROD.PORT) OUTDATASET(NEW.K) -
       OBJECTS((PROD.K NEWNAME(NEW.K)) (PROD.K.D NEWNAME(NEW.D)) -
               (PROD.K.I NEWNAME(NEW.I)))
EXAMINE NAME(NEW.K) INDEXTEST DATATEST
VERIFY DATASET(NEW.K) RECOVER
DELETE (NEW.K PROD.K) PURGE
"""
MISTAKES = """
DEFINE CLUSTER(NAME(A.B) SPANED TRK(1 1))
DEFINE GDG(NAME(A.G) LIMIT(0))
DELETE (A.** B.C)
ALTER A.* NEWNAME(B)
LISTCAT ENTRIES(A.*.* NO.SUCH)
REPRO INDATASET(NO.SUCH) OUTFILE(NODD)
IMPORT CONNECT OBJECTS((U.C) X)
DIAGNOSE
VERIFY DATASET(A.B(C))
PRINT INFILE(IN) TOKEY(1)
IF MAXCC GE 12 THEN DO
  SET MAXCC = 4
END
"""


@pytest.mark.parametrize(("name", "text"), [("groups", GROUPS), ("clusters", CLUSTERS), ("mistakes", MISTAKES)])
def test_a_whole_listing_is_as_it_was(console, name, text):
    console.sequential("OLD.IN", [f"{number:04}{'':76}".encode("cp037") for number in range(5)])
    console.system.allocate("PROD.PORT", DataSetAttributes("VB", 2044, 2048))
    source = DD(name="IN", data_sets=("OLD.IN",))
    printed = "\n".join(console.run(text.strip("\n"), IN=source).sysprint) + "\n"
    path = GOLDEN / f"idcams_{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")
