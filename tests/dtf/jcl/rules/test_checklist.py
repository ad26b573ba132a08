"""Every rule of jcl.md that a document states, and every trap of its section 19, has a test that names it.

A test names a rule in its docstring: `SECTION: first words of the rule`. Rules that show in nothing that a job prints
or leaves are listed here, with the reason. The sheet lies beside the repository, in ../shared/reference.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]
SHEET = Path(__file__).resolve().parents[5] / "shared" / "reference" / "jcl.md"
TRAPS = "19"
_NAMED = re.compile(r"(\d+(?:\.\d+)?): (\S.*)")

SHOWS_IN_NOTHING = {
    ("2.1", "Substitution is done when the data set is read by the program"): "the records are the same either way",
}


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[*`]", "", text)).strip()


def rules() -> list[tuple[str, str]]:
    """(section, text) of each bullet, table row and paragraph that is marked as documented, and of each trap."""
    items: list[list[str]] = []
    section = ""
    for line in SHEET.read_text(encoding="utf-8").partition("\n## Sources")[0].splitlines():
        heading = re.match(r"#{2,3} (\d+(?:\.\d+)?)", line)
        section = heading[1] if heading else section
        if heading or not items or not line.strip() or line.startswith(("- ", "| ", "#", "```")):
            items.append([section, line])
        else:
            items[-1][1] += f" {line}"
    documented = [item for item in items if item[0] and re.search(r"\[[^\]]*\bdoc\b", item[1])]
    traps = [item for item in items if item[0] == TRAPS and item[1].startswith("- ")]
    return [(section, plain(text)) for section, text in documented + traps]


def named() -> list[tuple[str, str, str]]:
    """(section, words, test) of everything that docstrings of tests name."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            lines = (ast.get_docstring(node) or "").splitlines() if isinstance(node, ast.FunctionDef) else ()
            for rule in (_NAMED.fullmatch(line.strip()) for line in lines):
                if rule is not None:
                    found.append((rule[1], plain(rule[2]), f"{path.relative_to(TESTS)}::{node.name}"))
    return found


@pytest.mark.skipif(not SHEET.is_file(), reason="../shared/reference is absent: the list of rules is not there")
def test_every_documented_rule_and_every_trap_has_a_test() -> None:
    spoken_for = [(section, words) for section, words, _ in named()] + [(s, plain(w)) for s, w in SHOWS_IN_NOTHING]
    missing = [
        f"{section}: {text[:90]}"
        for section, text in rules()
        if not any(section == where and words in text for where, words in spoken_for)
    ]
    assert missing == []


@pytest.mark.skipif(not SHEET.is_file(), reason="../shared/reference is absent: the list of rules is not there")
def test_what_the_tests_name_is_in_the_sheet() -> None:
    sheet = rules()
    stray = [
        f"{test} names {section}: {words}"
        for section, words, test in named()
        if not any(section == where and words in text for where, text in sheet)
    ]
    assert stray == []


def test_there_are_rules_with_tests_for_every_section() -> None:
    sections = {int(section.partition(".")[0]) for section, _, _ in named()}
    assert sections == set(range(1, 20))
