"""The catalog itself under its own names: looked at as any key-sequenced data set, changed by nobody, its names taken.

Source: z/OS DFSMS Access Method Services Commands, EXAMINE and VERIFY of catalogs.
"""

from __future__ import annotations

import pytest

CATALOG = "CATALOG.TEST"
INDEX = "CATALOG.TEST.CATINDEX"
DEFINE = "DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(44 0) RECSZ(256 4000))"


@pytest.mark.parametrize(
    "text",
    [
        f"EXAMINE NAME({CATALOG}) INDEXTEST DATATEST",
        f"EXAMINE NAME({INDEX})",
        f"VERIFY DATASET({CATALOG})",
        f"LISTCAT ENTRIES({CATALOG}) ALL",
        f"LISTCAT ENTRIES({INDEX}) NAME",
        f"PRINT INDATASET({CATALOG}) CHARACTER COUNT(1)",
        f"PRINT INDATASET({INDEX}) COUNT(1)",
        f"REPRO INDATASET({CATALOG}) OUTDATASET(A.K)",
    ],
)
def test_it_can_be_looked_at(console, text):
    console.run(DEFINE)
    assert console.run(text).max_cc == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"DELETE {CATALOG}", 8),
        (f"DELETE {CATALOG} USERCATALOG FORCE", 8),
        (f"ALTER {CATALOG} NEWNAME(X.Y)", 8),
        (f"ALTER {INDEX} BUFNI(3)", 8),
        (f"EXPORT {CATALOG} OUTDATASET(A.SEQ) TEMPORARY", 12),
        (f"DEFINE PATH(NAME(A.P) PATHENTRY({CATALOG}))", 12),
    ],
)
def test_nothing_changes_it(console, text, code):
    console.sequential("A.SEQ", [], "VB", 2048)
    result = console.run(text)
    name = INDEX if INDEX in text else CATALOG
    assert (result.max_cc, f" KSD304E ** {name} IS THE SYSTEM'S OWN CATALOG" in result.sysprint) == (code, True)


@pytest.mark.parametrize("name", [CATALOG, INDEX])
@pytest.mark.parametrize(
    "text",
    [
        "DEFINE NONVSAM(NAME({}) DEVT(3390) VOL(V1))",
        "DEFINE CLUSTER(NAME({}) TRK(1))",
        "DEFINE CLUSTER(NAME(A.Z) TRK(1)) -\n DATA(NAME({}))",
        "DEFINE GDG(NAME({}) LIMIT(3))",
        "DEFINE ALIAS(NAME({}) RELATE(A.SEQ))",
        "DEFINE UCAT(NAME({}) VOL(V1) CYL(1))",
        "ALLOCATE DATASET({}) NEW RECFM(F,B) LRECL(80)",
        "ALTER A.K NEWNAME({})",
        "ALTER A.K.DATA NEWNAME({})",
        "ALTER A.SEQ NEWNAME({})",
    ],
)
def test_nobody_takes_its_names(console, text, name):
    """Once DEFINE NONVSAM and NEWNAME did: the name was another entry's then, and the catalog's no more."""
    console.run(DEFINE)
    console.sequential("A.SEQ", [])
    before = console.system.entries()
    result = console.run(text.format(name))
    assert (result.max_cc in (8, 12), "0IDC3013I DUPLICATE DATA SET NAME" in result.sysprint) == (True, True)
    assert console.system.entries() == before
