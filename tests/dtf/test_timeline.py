"""The picture of a Process: a bar a try, ticks for checkpoints, a cross where the session was lost."""

import xml.etree.ElementTree as ElementTree

import pytest

from dtf.errors import NodeError
from dtf.timeline import svg, tries
from tests.dtf.node_pair import fill

NAMESPACE = "{http://www.w3.org/2000/svg}"


def statistics(pair, *faults):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 5000)
    with pair.node(*faults) as node:
        number = node.submit("PAYDAY PROCESS SNODE=LON\nS1 COPY FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST)\n")
        node.run(number)
        return [s for s in node.statistics() if s.number == number]


def test_a_lost_session_and_its_retry_are_two_bars(pair):
    first, second = tries(statistics(pair, "session@ckpt:2"))
    assert (first.begin, first.lost, second.lost) == (0, True, False)
    assert (second.begin, second.end) == (200_000, 500_000)
    assert second.ticks == (300_000, 400_000, 500_000)
    assert (second.started - first.ended).total_seconds() == 180


def test_the_picture_is_well_formed_and_shows_it(pair):
    picture = ElementTree.fromstring(svg(statistics(pair, "session@ckpt:2"), "Process <PAYDAY>"))
    classes = [element.get("class") for element in picture.iter()]
    assert classes.count("sent") == 2
    assert classes.count("safe") == 1
    assert classes.count("lost") == 1
    assert classes.count("tick") >= 3
    texts = "".join(element.text or "" for element in picture.iter(f"{NAMESPACE}text"))
    assert "300000 bytes sent from 200000" in texts
    assert "(after 180 s)" in texts


def test_an_undisturbed_copy_is_one_bar(pair):
    (one,) = tries(statistics(pair))
    assert (one.begin, one.end, len(one.ticks), one.message) == (0, 500_000, 5, "0 SCPA000I")


def test_without_a_copy_there_is_no_picture():
    with pytest.raises(NodeError, match="no COPY"):
        svg([], "Process X")
