"""User catalogs as the manual's examples define them: there is one catalog here, and what describes others is checked.

Source: z/OS DFSMS Access Method Services Commands, DEFINE USERCATALOG.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "text",
    [
        "DEFINE UCAT(NAME(C.ONE) ICFCATALOG CYLINDERS(15 5) -\n VOLUMES(V1)) DATA(CYLINDERS(3 1))",
        "DEFINE UCAT(NAME(C.ONE) VOL(V1) CYL(1)) -\n INDEX(CISZ(4096) BUFNI(4)) DATA(CISZ(4096) BUFND(4) WCK)",
        "DEFINE UCAT(NAME(C.ONE) LOG(NONE) EATTR(OPT) RECONNECT -\n SUSPEND RLSQUIESCE)",
        "DEFINE MASTERCATALOG(NAME(C.ONE) CYL(1 1) VOLUME(V1))",
        "DEFINE USERCATALOG(NAME(C.ONE) VOLUME(V1) -\n MODEL(C.ZERO C.ZERO))",
    ],
)
def test_they_are_defined_and_can_have_aliases(console, text):
    assert console.run(text).max_cc == 0
    assert console.run("DEFINE ALIAS(NAME(PAY) RELATE(C.ONE))").max_cc == 0
    assert console.system.entry("C.ONE").type == "USERCATALOG"


def test_a_path_still_has_no_components(console):
    text = "DEFINE PATH(NAME(A.P) PATHENTRY(A.X)) DATA(TRK(1))"
    assert console.messages(text)[0] == "0IDC3226I INCONSISTENT PARAMETERS INVOLVING 'DATA'"


def test_a_zfs_aggregate_is_a_linear_data_set(console):
    assert console.run("DEFINE CLUSTER(NAME(A.ZFS) ZFS TRK(10 1))").max_cc == 0
    assert console.system.entry("A.ZFS").definition.organization == "LINEAR"


def test_a_model_gives_its_volume(console):
    console.run("DEFINE CLUSTER(NAME(A.E) NIXD TRK(1) RECSZ(80 80) VOL(VSER02))")
    printed = console.messages("DEFINE CLUSTER(NAME(A.F) MODEL(A.E))\nDEFINE CLUSTER(NAME(A.G) MODEL(A.E) VOL(V9))")
    assert [line for line in printed if "IDC0508I" in line] == [
        "0IDC0508I DATA ALLOCATION STATUS FOR VOLUME VSER02 IS 0",
        "0IDC0508I DATA ALLOCATION STATUS FOR VOLUME V9 IS 0",
    ]


@pytest.fixture
def aliased(console):
    console.run(
        "DEFINE UCAT(NAME(C.ONE) VOL(V1) CYL(1))\nDEFINE ALIAS(NAME(PAY) RELATE(C.ONE))\n"
        "DEFINE ALIAS(NAME(PAY.TEST) RELATE(C.ONE))\nDEFINE UCAT(NAME(C.TWO) VOL(V1) CYL(1))\n"
        "DEFINE ALIAS(NAME(HR) RELATE(C.TWO))"
    )
    return console


def test_a_user_catalog_is_listed_with_its_aliases(aliased):
    printed = aliased.run("LISTCAT ENT(C.ONE) ALL").sysprint
    at = printed.index("      ASSOCIATIONS")
    assert printed[at + 1 : at + 3] == ["        ALIAS----PAY", "        ALIAS----PAY.TEST"]


@pytest.mark.parametrize(
    ("command", "first"),
    [
        ("EXPORT C.ONE DISCONNECT", ["0IDC0622I  DISCONNECT OF USER CATALOG C.ONE SUCCESSFUL"]),
        (
            "DELETE C.ONE USERCATALOG",
            [
                "0IDC0550I ENTRY (X) PAY DELETED",
                "0IDC0550I ENTRY (X) PAY.TEST DELETED",
                "0IDC0550I ENTRY (U) C.ONE DELETED",
            ],
        ),
    ],
)
def test_the_aliases_of_a_user_catalog_go_with_it(aliased, command, first):
    """Access Method Services Commands, EXPORT DISCONNECT: its alias entries are deleted from the master catalog."""
    assert aliased.messages(command)[: len(first)] == first
    assert [entry.name for entry in aliased.system.entries()] == ["C.TWO", "HR"]


def test_a_user_catalog_is_deleted_only_by_that_word(aliased):
    """Access Method Services Commands, DELETE: USERCATALOG is required."""
    printed = aliased.messages("DELETE C.ONE")
    assert printed[0] == "0IDC2552I ENTRY TYPE IS INVALID FOR DELETE"
    assert aliased.system.exists("C.ONE") and aliased.system.exists("PAY")
    assert aliased.run("DELETE C.* UCAT").max_cc == 0
    assert aliased.system.entries() == []


def test_the_aliases_of_a_data_set_are_told_when_they_go_with_it(console):
    console.sequential("A.REAL", [])
    console.run("DEFINE ALIAS(NAME(A.X) RELATE(A.REAL))")
    assert console.messages("DELETE A.REAL")[:2] == [
        "0IDC0550I ENTRY (X) A.X DELETED",
        "0IDC0550I ENTRY (A) A.REAL DELETED",
    ]
    assert console.system.entries() == []
