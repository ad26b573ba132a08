"""BUFFERSPACE, WRITECHECK, EXCEPTIONEXIT, ACCOUNT: no difference here, but the catalog keeps and LISTCAT shows them.

Source: z/OS DFSMS Access Method Services Commands, DEFINE CLUSTER, DEFINE ALTERNATEINDEX, ALTER.
"""

from __future__ import annotations

import pytest

DEFINE = "DEFINE CLUSTER(NAME(A.K) TRK(1 1) KEYS(4 0) RECSZ(80 80) CISZ(4096) -\n {}) -\n DATA({}) -\n INDEX({})"
DEFAULT = 2 * 4096 + 4096


def define(console, cluster="FOR(0)", data="NAME(A.K.DATA)", index="NAME(A.K.INDEX)"):
    assert console.run(DEFINE.format(cluster, data, index)).max_cc == 0


def listed(console, component="DATA", name="A.K"):
    """The words and cells of LISTCAT ALL of a component, in one text."""
    lines = console.run(f"LISTCAT ENTRIES({name}.{component}) ALL").sysprint
    return "\n".join(lines)


def cell(name, value):
    return f"{name}{value!s:->{24 - len(name)}}"


def account(value):
    return f"        ACCOUNT-INFO{value:->41}"


def test_what_is_not_coded_is_listed_with_its_default(console):
    define(console)
    data, index = listed(console), listed(console, "INDEX")
    assert cell("BUFSPACE", DEFAULT) in data
    assert cell("BUFSPACE", 0) in index
    assert account("(NULL)") in data.splitlines()
    for text in (data, index):
        assert cell("EXCPEXIT", "(NULL)") in text
        assert "NOWRITECHK" in text


def test_what_is_coded_for_the_cluster_is_that_of_both_components(console):
    define(console, "BUFSP(50000) WCK EEXT(EXIT1) ACCT('D123 BAY 4')")
    data, index = listed(console), listed(console, "INDEX")
    assert cell("BUFSPACE", 50000) in data
    assert account("D123 BAY 4") in data.splitlines()
    for text in (data, index):
        assert cell("EXCPEXIT", "EXIT1") in text
        assert " WRITECHK" in text


def test_a_component_may_say_otherwise(console):
    define(console, "WCK EEXT(EXIT1) BUFSP(50000)", "NWCK BUFSPC(60000)", "EXCEPTIONEXIT(EXIT2)")
    data, index = listed(console), listed(console, "INDEX")
    assert cell("BUFSPACE", 60000) in data
    assert "NOWRITECHK" in data
    assert " WRITECHK" in index
    assert cell("EXCPEXIT", "EXIT1") in data
    assert cell("EXCPEXIT", "EXIT2") in index


@pytest.mark.parametrize("size", [1, 2 * 18432 + 511])
def test_a_bufferspace_that_is_too_small_counts_as_not_coded(console, size):
    console.run(f"DEFINE CLUSTER(NAME(A.K) CYL(1 1) KEYS(16 0) RECSZ(50 50) -\n BUFFERSPACE({size}))")
    assert cell("BUFSPACE", 2 * 18432 + 512) in listed(console)


def test_they_can_be_altered(console):
    define(console)
    assert console.run("ALTER A.K.DATA BUFFERSPACE(X'10000') WRITECHECK EEXT(MINE)").max_cc == 0
    assert console.run("ALTER A.K.INDEX EXCEPTIONEXIT(OTHER)").max_cc == 0
    assert console.run("ALTER A.K ACCOUNT(BAY5)").max_cc == 0
    data, index = listed(console), listed(console, "INDEX")
    assert cell("BUFSPACE", 65536) in data
    assert " WRITECHK" in data
    assert "NOWRITECHK" in index
    assert (cell("EXCPEXIT", "MINE") in data, cell("EXCPEXIT", "OTHER") in index) == (True, True)
    assert account("BAY5") in data.splitlines()
    assert console.run("ALTER A.K.DATA NOWRITECHECK NULLIFY(EXCEPTIONEXIT) -\n BUFFERSPACE(512)").max_cc == 0
    data = listed(console)
    assert "NOWRITECHK" in data
    assert (cell("EXCPEXIT", "(NULL)") in data, cell("BUFSPACE", DEFAULT) in data) == (True, True)
    assert cell("EXCPEXIT", "OTHER") in listed(console, "INDEX")


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("ALTER A.K WRITECHECK", "WRITECHECK"),
        ("ALTER A.K EEXT(MINE)", "EXCEPTIONEXIT"),
        ("ALTER A.K NULLIFY(EEXT)", "EXCEPTIONEXIT"),
        ("ALTER A.K.INDEX BUFSP(99999)", "BUFFERSPACE"),
        ("ALTER A.K.INDEX ACCOUNT(X)", "ACCOUNT"),
    ],
)
def test_each_belongs_to_certain_entries(console, text, keyword):
    define(console)
    assert f"0IDC3190I '{keyword}' PARAMETER INVALID WITH ENTRY TYPE" in console.messages(text)


def test_an_alternate_index_has_them_too(console):
    define(console)
    index = "DEFINE AIX(NAME(A.X) RELATE(A.K) TRK(1 1) KEYS(4 4) -\n WCK EEXT(EXIT3) BUFSP(300000))"
    assert console.run(index).max_cc == 0
    data = listed(console, name="A.X")
    assert (cell("EXCPEXIT", "EXIT3") in data, cell("BUFSPACE", 300000) in data, " WRITECHK" in data) == (True,) * 3


def test_a_model_gives_them(console):
    define(console, "BUFSP(50000) WCK EEXT(EXIT1)", index="NWCK EEXT(EXIT2)")
    assert console.run("DEFINE CLUSTER(NAME(A.L) MODEL(A.K))").max_cc == 0
    data, index = listed(console, name="A.L"), listed(console, "INDEX", "A.L")
    assert (cell("BUFSPACE", 50000) in data, " WRITECHK" in data, cell("EXCPEXIT", "EXIT1") in data) == (True,) * 3
    assert ("NOWRITECHK" in index, cell("EXCPEXIT", "EXIT2") in index) == (True, True)


def test_they_travel_with_an_exported_cluster(console):
    define(console, "BUFSP(50000) WCK EEXT(EXIT1) ACCT(BAY4)")
    with console.system.key_sequenced("A.K", "w") as cluster:
        cluster.load([b"0001".ljust(80)])
    console.sequential("A.OUT", [], "VB", 4096)
    assert console.run("EXPORT A.K OUTDATASET(A.OUT) PERMANENT").max_cc == 0
    assert console.run("IMPORT INDATASET(A.OUT) OUTDATASET(A.K)").max_cc == 0
    data = listed(console)
    assert (cell("BUFSPACE", 50000) in data, " WRITECHK" in data, cell("EXCPEXIT", "EXIT1") in data) == (True,) * 3
    assert account("BAY4") in data.splitlines()
