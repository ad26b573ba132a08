"""The prompt: an operator types, one command a line."""

import pytest

from dtf.cli.prompting import WORDS, completion, prompt
from ksds import DataSetAttributes
from tests.dtf.node_pair import fill, records_of


@pytest.fixture
def session(pair, tmp_path, capsys):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 8000, 100)
    process = tmp_path / "payday.cdp"
    process.write_text("PAYDAY PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) TO (DSN=&DST DISP=RPL)\n")

    def typed(*lines):
        left = iter(line.replace("PROCESS.CDP", str(process)) for line in lines)

        def read(prompt_text):
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        code = prompt(pair.nyc.folder, read)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return typed


def test_a_process_is_submitted_looked_at_and_run(session, pair):
    code, out, err = session(
        "submit file='PROCESS.CDP' &DST=PAY.DST", "select process", "run", "select process", "quit", "nothing after it"
    )
    assert (code, err) == (0, "")
    assert "DTX513I PROCESS PAYDAY(000001) SUBMITTED" in out
    assert "SVTM052I        COMPLETED 00000000/SCPA000I" in out
    assert "0 PROCESS(ES) LEFT" in out
    assert len(records_of(pair.lon, "PAY.DST")) == 100


def test_a_mistake_is_one_line_and_the_next_command_runs(session):
    code, out, err = session("explode", "select process where(", "submit file='/nowhere'", "", "inquire initparms")
    assert code == 8
    assert len(err.splitlines()) == 3
    assert "MAXRETRIES=7" in out


def test_tab_completes(session):
    assert completion("se", 0) == "select process"
    assert completion("SELECT S", 0) == "select statistics"
    assert completion("se", 3) is None
    assert all(completion(word, 0) == word for word in WORDS)


def test_a_process_in_a_library_is_submitted_by_its_name(session, pair):
    pair.nyc.allocate("CD.PROCESS", DataSetAttributes("FB", 80, 8000, dsorg="PO"))
    text = "PAYDAY PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) TO (DSN=&DST DISP=RPL)\n"
    with pair.nyc.library("CD.PROCESS", "w") as library, library.create("PAY") as member:
        numbered = [f"{line:<72}{n:08d}" for n, line in enumerate(text.splitlines(), 1)]
        member.append(line.encode("cp037") for line in numbered)
    code, _, err = session("submit dsn=CD.PROCESS(PAY) &DST=PAY.DST", "run")
    assert (code, err) == (0, "")
    assert len(records_of(pair.lon, "PAY.DST")) == 100
    assert "SUBMIT DSN=LIBRARY(PAY)" in session("submit proc=pay")[2]


def test_help_lists_the_commands(session):
    out = session("help")[1]
    assert {"select process", "statistics switch", "stop cd", "quit"} <= set(out.splitlines())
