from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ksds.system import System
from tests.dtf.jcl.rules.decks import Seen, run_all


@pytest.fixture
def see(system: System) -> Callable[..., Seen]:
    """Runs one job, whose JOB statement is put in front."""

    def see_one(*lines: str, **more: Any) -> Seen:
        [seen] = run_all(system, "//J        JOB", *lines, **more)
        return seen

    return see_one
