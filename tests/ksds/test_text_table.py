"""Tables are the same text on a terminal and in a pipe, and say everything however narrow the terminal is."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout

import pytest

from ksds.text_table import print_table, table_lines

ROWS = [["BANK.ACCOUNTS.MASTER", "", "80", "ok"], ["BANK.[red]", "", "1024", "DAMAGED"]]
HEADINGS = ["Name", "Expires", "Lrecl", "State"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    """The lines of the table as a terminal of this width gets them."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with redirect_stdout(Terminal()) as screen:
        print_table(HEADINGS, ROWS, right=["Lrecl"], alarm="DAMAGED")
    return screen.getvalue().splitlines()


def plain(lines: list[str]) -> list[str]:
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]


def test_columns_are_as_wide_as_their_longest_cell_and_lines_end_without_blanks() -> None:
    assert table_lines(HEADINGS, ROWS, right=["Lrecl"]) == [
        "Name                  Expires  Lrecl  State",
        "BANK.ACCOUNTS.MASTER              80  ok",
        "BANK.[red]                      1024  DAMAGED",
    ]
    assert table_lines(["A", "B"], []) == ["A  B"]


def test_a_pipe_gets_all_columns_and_no_colour(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_table(HEADINGS, ROWS, alarm="DAMAGED")
    assert capsys.readouterr().out.splitlines() == table_lines(HEADINGS, ROWS)


def test_a_wide_terminal_shows_the_same_lines_with_bold_headings(monkeypatch) -> None:
    lines = on_terminal(monkeypatch, 200)
    assert plain(lines) == table_lines(HEADINGS, ROWS, right=["Lrecl"])
    assert lines[0].startswith("\x1b[1mName")
    assert "\x1b[1;31mDAMAGED\x1b[0m" in lines[2]


def test_a_narrow_terminal_leaves_out_columns_without_anything_and_cuts_nothing(monkeypatch) -> None:
    assert plain(on_terminal(monkeypatch, 30)) == [
        "Name                  Lrecl  State",
        "BANK.ACCOUNTS.MASTER     80  ok",
        "BANK.[red]             1024  DAMAGED",
    ]
