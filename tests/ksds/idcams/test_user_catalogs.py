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
