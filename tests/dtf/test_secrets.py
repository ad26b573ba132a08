"""Threat model row 17: a password of a Process is in nothing that is shown, logged or recorded."""

import json

import pytest

from dtf.cli import carry_out
from tests.dtf.node_pair import fill

MARK = "S3CRETMARK"


@pytest.mark.parametrize("keyword", ["SNODEID", "PNODEID"])
def test_a_password_is_shown_nowhere(pair, capsys, keyword):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 20)
    text = (
        f"P PROCESS SNODE=LON {keyword} = (CLERK,{MARK},NEW{MARK}) HOLD=YES\nS1 COPY FROM (DSN=PAY.SRC) TO (DSN=B.C)\n"
    )
    with pair.node("session@0") as node:
        number = node.submit(text, submitter="CLERK")
        assert f"{keyword} = (CLERK,***)" in node.text(number)
        shown = [node.text(number), repr(node.processes())]
        node.release(number)
        node.run(number)
        assert node.outcome(number).condition_code == 0
        node.submit(text)
        shown += [repr(node.outcome(number)), *pair.console]
    system = ["--system", str(pair.nyc.folder)]
    for words in (
        ["select", "process", "--detail"],
        ["select", "process", "--json"],
        ["select", "statistics"],
        ["select", "statistics", "--raw"],
        ["select", "statistics", "--detail"],
        ["view", "process", "2"],
    ):
        assert carry_out([*system, *words]) == 0
    out, err = capsys.readouterr()
    assert "CLERK,***" in out
    for word in (*shown, out, err):
        assert MARK not in word
    for partner in (pair.nyc, pair.lon):
        assert carry_out(["--system", str(partner.folder), "checkpoints", "--json"]) == 0
    assert MARK not in json.dumps(capsys.readouterr())
