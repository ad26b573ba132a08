from __future__ import annotations

import pytest

from tests.dtf.jcl.sorting.steps import SALES, Run, Sort, printed, step


@pytest.fixture
def sort(run: Run) -> Sort:
    """Sort with these control statements; the lines of SORTOUT."""

    def one(*control: str, data: tuple[str, ...] = SALES, dds: tuple[str, ...] = ()) -> list[str]:
        result = run(*step(*control, data=data, dds=("//SORTOUT DD SYSOUT=*", *dds)))
        assert result.condition_code == 0, printed(result)
        return printed(result, "SORTOUT")

    return one
