"""Errors of the DTF are one line with an own id, and Python programmers can catch them as what they expect."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import dtf
from dtf import errors
from dtf.errors import DtfError, ProcessError, SessionLost, StepError, SymbolError, UsageError, one_line

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DtfError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_own_id_and_a_condition_code(kind: type[DtfError]) -> None:
    error = kind("SOMETHING IS WRONG")
    assert re.fullmatch(r"DTX\d{3}[IWE] SOMETHING IS WRONG", str(error))
    assert error.condition_code == (2 if kind is UsageError else 8), "2 is the exit status of a wrong command line"


def test_names_from_strangers_do_not_start_new_lines() -> None:
    assert str(DtfError("DATA SET A\nDTX000I ALL IS WELL\x1b[2J")) == r"DTX000E DATA SET A\nDTX000I ALL IS WELL\x1b[2J"
    assert one_line("GRÜSSE") == "GRÜSSE"
    assert one_line("a\x00b\u202ec") == r"a\x00b\u202ec"


def test_they_are_also_what_python_has_for_such_a_case() -> None:
    assert issubclass(ProcessError, ValueError)
    assert issubclass(SymbolError, KeyError)
    assert issubclass(SessionLost, ConnectionError)
    assert str(SymbolError("X", line=2, column=5)) == "DTX003E X AT LINE 2 COLUMN 5"
    assert str(StepError("X", message_id="SVTM045I", condition_code=16)) == "SVTM045I X"


def test_no_two_errors_share_an_id() -> None:
    """Whoever reads an id in a log must know what it was."""
    for module in pkgutil.walk_packages(dtf.__path__, "dtf."):
        importlib.import_module(module.name)
    owners: dict[str, list[str]] = {}
    pending = [DtfError]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if "default_id" in vars(kind):
            owners.setdefault(kind.default_id, []).append(f"{kind.__module__}.{kind.__name__}")
    assert {message: names for message, names in owners.items() if len(names) > 1} == {}
