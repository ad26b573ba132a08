"""Parameters that make no difference here are checked all the same; those that IDCAMS does not know are refused."""

from __future__ import annotations

import pytest

from tests.ksds.idcams.test_parser import fails, operands

CLUSTER = "DEFINE CLUSTER(NAME(A.B) -\n {})"


@pytest.mark.parametrize(
    "text",
    [
        CLUSTER.format(
            "LOG(UNDO) LOGSTREAMID(A.LOG) FRLOG(REDO) -\n BWO(TYPECICS) RLSENABLE EATTR(OPT) KEYLABEL(A.KEY)"
        ),
        CLUSTER.format("ACCOUNT('D 123, BAY 4') DATACLASS(DC1) -\n EEXT(EXIT1) KEYRANGES((A M)(N Z)) IMBED FILE(DD1)"),
        CLUSTER.format("MASTERPW(SECRET) CODE('WHO GOES') ATTEMPTS(2) -\n AUTH(MYEXIT 'ANY TEXT')")
        + " CATALOG(A.C/PW)",
        "ALTER A.B LOG(REDO) NULLIFY(AUTHORIZATION(STRING) CODE)",
        "ALTER A.B BUFND(4) BUFNI(3) STRNO(2) BWO(NO) CCSID(1047) -\n FILEDATA(TEXT) LOCK SUSPEND RECLAIMCA",
        "BLDINDEX IDS(A.B) ODS(A.X) ESORT WORKFILES(DD1 DD2) -\n SORTMESSAGELEVEL(CRITICAL) WORKVOLUMES(V1 V2)",
        "DEFINE USERCATALOG(NAME(A.U) CYL(1 1) FSPC(10) -\n STRNO(3) MODEL(A.V A.W) ICFCATALOG)",
        "PARM TEST(TRACE AREAS(XX) FULL((A 1 2))) GRAPHICS(CHAIN(PN))",
    ],
)
def test_they_are_accepted(text):
    assert operands(text)


@pytest.mark.parametrize(
    ("text", "message", "insert"),
    [
        (CLUSTER.format("LOG(BANANA)"), "IDC3211I", "BANANA"),
        (CLUSTER.format("BWO(1/2)"), "IDC3217I", "1"),
        (CLUSTER.format("EEXT(MUCHTOOLONG)"), "IDC3201I", "MUCHTOOLONG"),
        (CLUSTER.format("EEXT(1EXIT)"), "IDC3203I", "1EXIT"),
        (CLUSTER.format("EATTR"), "IDC3208I", "EATTR"),
        (CLUSTER.format("WRITECHECK(YES)"), "IDC3212I", "WRITECHECK"),
        (CLUSTER.format("RLSENABLE RLSENABLE"), "IDC3213I", "RLSENABLE"),
        (CLUSTER.format("ATTEMPTS(8)"), "IDC3221I", "8"),
        (CLUSTER.format("") + " CATALOG(A..C)", "IDC3203I", "A..C"),
        ("ALTER A.B STRNO(0)", "IDC3221I", "0"),
        ("ALTER A.B BUFND(FEW)", "IDC3220I", "FEW"),
        ("ALTER A.B ADDVOLUMES(TOOLONG)", "IDC3201I", "TOOLONG"),
        ("ALTER A.B NULLIFY()", "IDC3225I", "NULLIFY"),
        ("ALTER A.B NULLIFY(AUTH(BOTH))", "IDC3211I", "BOTH"),
        ("ALTER A.B TYPE(KEYED)", "IDC3211I", "KEYED"),
        ("DELETE A.B FILE()", "IDC3225I", "FILE"),
        ("BLDINDEX IDS(A.B) ODS(A.X) WORKFILES(A B C)", "IDC3223I", "A"),
        ("IMPORT IFILE(X) ODS(A.B) OBJ((A.B MGMTCLAS(NINECHARS)))", "IDC3201I", "NINECHARS"),
    ],
)
def test_what_stands_behind_them_is_checked(text, message, insert):
    assert fails(text) == (message, insert)
