"""SELECT and EXCLUDE: which members go, by the four steps of precedence."""

import pytest

from dtf.copying.members import SelectionError, chosen

NAMES = ["ACCT", "ADDR", "PAY01", "PAY02", "PAYDAY", "ZULU"]


@pytest.mark.parametrize(
    ("operands", "there"),
    [
        ({}, NAMES),
        ({"SELECT": "(PAY*)"}, ["PAY01", "PAY02", "PAYDAY"]),
        ({"SELECT": "PAY01"}, ["PAY01"]),
        ({"SELECT": "(*)"}, NAMES),
        ({"SELECT": "((A/B))"}, ["ACCT", "ADDR"]),
        ({"SELECT": "(PAY*)", "EXCLUDE": "(PAY0*)"}, ["PAYDAY"]),
        ({"SELECT": "(PAY01,PAY*)", "EXCLUDE": "(PAY0*)"}, ["PAY01", "PAYDAY"]),
        ({"SELECT": "(PAY01)", "EXCLUDE": "(PAY01)"}, []),
        ({"EXCLUDE": "((PAY01/ZULU))"}, ["ACCT", "ADDR"]),
        ({"SELECT": "(acct, zulu)"}, ["ACCT", "ZULU"]),
    ],
)
def test_precedence(operands, there):
    assert list(chosen(NAMES, operands)) == there


def test_new_names_and_what_is_said_of_replacing():
    found = chosen(NAMES, {"SELECT": "((ACCT,NEWACCT,NR),(ADDR,ADDR,R),(ZULU,Z))"})
    assert {old: (new.name, new.replace) for old, new in found.items()} == {
        "ACCT": ("NEWACCT", "NR"),
        "ADDR": ("ADDR", "R"),
        "ZULU": ("Z", ""),
    }


@pytest.mark.parametrize(
    "text", ["(", "(A/B)", "((A/))", "((A,B,MAYBE))", "(../../ETC)", "(TOOLONGNAME)", "(A B C;)", "(A**)", "((((A))))"]
)
def test_what_is_no_selection_is_said_so(text):
    with pytest.raises(SelectionError):
        chosen([*NAMES, "A", "ABC"], {"SELECT": text})
