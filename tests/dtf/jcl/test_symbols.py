"""SET symbols: where they end, where they are left alone, and where the replaced text came from."""

from __future__ import annotations

import pytest

from dtf.jcl.cards import Field, Position
from dtf.jcl.symbols import SymbolTable, check_symbol, substitute

SYMBOLS = SymbolTable(values={"HLQ": "PROD", "A": "ONE", "EMPTY": "", "SPC": "SYSDA,SPACE=(CYL,(1,1))"})


def replaced(text: str, symbols: SymbolTable = SYMBOLS) -> str:
    return substitute(Field(text, ((0, Position(1, 1)),)), symbols).text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("DSN=&HLQ..DATA", "DSN=PROD.DATA"),
        ("DSN=&HLQ.X", "DSN=PRODX"),
        ("DSN=&HLQ(MEM)", "DSN=PROD(MEM)"),
        ("DSN=&A.&A..B", "DSN=ONEONE.B"),
        ("DSN=&&TEMP", "DSN=&&TEMP"),
        ("DSN=&&HLQ", "DSN=&&HLQ"),
        ("DSN=&NOSUCH", "DSN=&NOSUCH"),
        ("DISP=(NEW&EMPTY,CATLG)", "DISP=(NEW,CATLG)"),
        ("UNIT=&SPC", "UNIT=SYSDA,SPACE=(CYL,(1,1))"),
        ("PARM='X=&A'", "PARM='X=ONE'"),
        ("PARM=('X=&A','&HLQ')", "PARM=('X=ONE','PROD')"),
        ("PARM='&&A'", "PARM='&&A'"),
        ("PARM.STEP='&A'", "PARM.STEP='ONE'"),
        ("DLM='&A'", "DLM='&A'"),
        ("&", "&"),
        ("DSN=&LONGNAME9", "DSN=&LONGNAME9"),
    ],
)
def test_substitution(text: str, result: str) -> None:
    assert replaced(text) == result


def test_the_result_is_not_scanned_again() -> None:
    assert replaced("X=&P", SymbolTable(values={"P": "&A", "A": "NO"})) == "X=&A"


def test_a_value_from_the_command_line_beats_every_set() -> None:
    symbols = SymbolTable(overrides={"HLQ": "TEST"})
    symbols.set("HLQ", "PROD")
    assert replaced("DSN=&HLQ..A", symbols) == "DSN=TEST.A"


def test_text_behind_a_symbol_keeps_its_own_column() -> None:
    field = substitute(Field("DSN=&HLQ..DATA,DISP=SHR", ((0, Position(3, 12)), (15, Position(4, 16)))), SYMBOLS)
    assert field.text == "DSN=PROD.DATA,DISP=SHR"
    assert field.at(0) == (3, 12)
    assert field.at(4) == (3, 16)
    assert field.at(field.text.index("DATA")) == (3, 22)
    assert field.at(field.text.index("DISP")) == (4, 16)


def test_a_field_without_symbols_is_the_same_object() -> None:
    field = Field("DSN=&&T", ((0, Position(1, 1)),))
    assert substitute(field, SYMBOLS) is field


def test_names_and_values_are_checked() -> None:
    assert check_symbol("HLQ", "A" * 255) is None
    assert "255" in str(check_symbol("HLQ", "A" * 256))
    assert "NAME" in str(check_symbol("TOOLONGNAME", "A"))
