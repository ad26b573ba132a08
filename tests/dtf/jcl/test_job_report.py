"""What `dtf replay --json` prints has the keys and types that docs/JCL.md lists, for every kind of end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dtf.jcl.job_report import as_json
from ksds.system import System
from tests.dtf.jcl.rules.decks import run_all

PAGE = Path(__file__).resolve().parents[3] / "docs" / "JCL.md"
TYPES = {"string": str, "number": int, "boolean": bool, "list": list, "null": type(None)}
GOOD = ("//A EXEC PGM=RC4", "//D DD DSN=A.B,DISP=(,CATLG)", "//P PROC", "//X EXEC PGM=RC0", "// PEND", "//S EXEC P")
ABEND = ("//A EXEC PGM=XS0C7", "//B EXEC PGM=RC0", "//C EXEC PGM=RC0,COND=EVEN")


def documented() -> dict[str, tuple[type, ...]]:
    table = re.findall(r"^\| `([a-z_.]+)` \| ([a-z ]+) \|", PAGE.read_text(), re.MULTILINE)
    return {key: tuple(TYPES[word] for word in words.split(" or ")) for key, words in table}


def found(report: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in report.items():
        yield prefix + key, value
        for item in value if isinstance(value, list) else ():
            yield from found(item, f"{key}.")


@pytest.mark.parametrize(
    "lines",
    [
        ("//J JOB", *GOOD),
        ("//J JOB", *ABEND),
        ("//J JOB", "//A EXEC PGM=RC0,COLOUR=RED"),
        ("//J JOB TYPRUN=HOLD", "//A EXEC PGM=RC0"),
        ("//J JOB", "//A EXEC PGM=RC0", "//D DD DSN=NOT.THERE,DISP=SHR"),
    ],
)
def test_every_key_and_its_type_is_documented(lines: tuple[str, ...], system: System) -> None:
    schema = documented()
    [seen] = run_all(system, *lines)
    report = json.loads(json.dumps(as_json(seen.result)))
    wrong = [(key, value) for key, value in found(report) if type(value) not in schema.get(key, ())]
    assert wrong == []
    assert list(report) == [key for key in schema if "." not in key]


def test_every_documented_key_is_there(system: System) -> None:
    reports = [as_json(run_all(system, "//J JOB", *lines)[0].result) for lines in (GOOD, ABEND)]
    assert {key for report in reports for key, _ in found(report)} == set(documented())
