"""The threat model in docs/TESTING.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_row_of_the_threat_table_names_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "TESTING.md").read_text(encoding="utf-8")
    table = page[page.index("## Threats to the DTF") :].split("\n## ")[0]
    rows = [line for line in table.splitlines() if ROW.match(line)]
    assert [int(ROW.match(row)[1]) for row in rows] == list(range(1, 23))
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        for path, name in named:
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), (path, name)
