"""The twenty golden facts about real VSAM data sets, each a test named after its number: `test_golden_NN_...`.

They stand beside the code that they are about; this table says what each is, and that none is missing.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent

FACTS = {
    1: "CIDF of an empty interval, of the software end of file, and the busy flag",
    2: "five records of 80 bytes in 512 share one pair of RDFs",
    3: "one record of 100 bytes; runs of lengths 50, 50, 60, 50",
    4: "505 bytes fit a CI of 512, 506 do not",
    5: "CISIZE 2050 becomes 2560; a record of 2560 makes 2560 become 3072",
    6: "20 percent of 4096 are 819 bytes; 10 percent leave 18 records of 200",
    7: "a spanned record of 1306 bytes in CIs of 512: 502, 502, 302",
    8: "the tail of an index CI and the masks of its pointers",
    9: "the header of the real index record F1",
    10: "F1 decodes to 33 ascending boundaries and each CI once",
    11: "F1 encodes to the same bytes",
    12: "sections of a real record; the base RBA of a second one",
    13: "12356 after 12345 drops three characters at the front",
    14: "used and free pointers of a sequence-set record are the CIs of the control area",
    15: "TRACKS(16 4) has control areas of 5 tracks, TRACKS(100 3) of 3",
    16: "blocks a track and a cylinder of a 3390",
    17: "sequential insertion into a full CI, inside and after its last record",
    18: "erasing empties a CI, but not that of the highest key of a control area",
    19: "feedback codes of requests",
    20: "the length of an alternate index record",
}


def golden_tests() -> dict[int, list[str]]:
    """By number: file and name of each test."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.FunctionDef) and re.match(r"test_golden_(?:fact_)?(\d\d)_", node.name)
            if isinstance(node, ast.FunctionDef) and named:
                found.setdefault(int(named[1]), []).append(f"{path.relative_to(TESTS)}::{node.name}")
    return found


def test_every_golden_fact_has_a_test_of_its_number() -> None:
    assert sorted(golden_tests()) == sorted(FACTS)
