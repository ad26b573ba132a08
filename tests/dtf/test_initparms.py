"""The initialization parameters of copies and checkpoints: limits, and what is shown is what can be set."""

import pytest

from dtf import initparms
from dtf.initparms import InitparmError, Initparms


@pytest.mark.parametrize(
    ("text", "interval"),
    [("10M", 10_000_000), ("0", 0), ("0K", 0), ("2147M", 2_147_000_000), ("2147483K", 2_147_483_000), ("50k", 50_000)],
)
def test_the_interval(text, interval):
    parameters = initparms.changed(Initparms(), [f"CKPT={text}"])
    assert parameters.ckpt == interval
    assert initparms.changed(Initparms(), parameters.lines()) == parameters


@pytest.mark.parametrize("text", ["10", "2148M", "2147484K", "1G", "-1K", "1.5M", "", "K"])
def test_an_interval_that_is_none_is_refused(text):
    with pytest.raises(InitparmError, match="not nK"):
        initparms.changed(Initparms(), [f"CKPT={text}"])


@pytest.mark.parametrize(
    "text",
    ["(BLOCK RECORD NOPDS PDS NOVSAM NOVSAM)", "(RECORD,BLOCK,PDS,NOPDS,VSAM,VSAM)", "block block pds pds vsam vsam"],
)
def test_ckpt_mode_takes_one_of_each_pair(text):
    parameters = initparms.changed(Initparms(), [f"CKPT.MODE={text}"])
    assert initparms.changed(Initparms(), parameters.lines()) == parameters


@pytest.mark.parametrize("text", ["", "(RECORD BLOCK PDS NOPDS VSAM)", "(PDS BLOCK PDS NOPDS VSAM VSAM)", "YES"])
def test_ckpt_mode_that_is_none_is_refused(text):
    with pytest.raises(InitparmError):
        initparms.changed(Initparms(), [f"CKPT.MODE={text}"])
