"""A code page is a permutation of 256 bytes, or it is refused."""

import encodings
import pkgutil

import pytest

from ksds.codepage import code_page
from ksds.errors import DataSetError

EVERY_BYTE = bytes(range(256))


@pytest.mark.parametrize("name", ["cp037", "037", "cp1047", "IBM-1047", "cp500", "cp1140", "cp273", "latin-1"])
def test_every_byte_comes_back(name):
    page = code_page(name)
    assert page.encode(page.decode(EVERY_BYTE)) == EVERY_BYTE
    assert len(set(page.decode(EVERY_BYTE))) == 256


def test_every_ebcdic_page_of_python_is_proved_or_refused():
    taken, refused = set(), set()
    for module in pkgutil.iter_modules(encodings.__path__):
        try:
            is_ebcdic = "A1".encode(module.name) == b"\xc1\xf1"
        except (LookupError, UnicodeError):
            continue
        if is_ebcdic:
            try:
                page = code_page(module.name)
            except DataSetError:
                refused.add(module.name)
            else:
                taken.add(module.name)
                assert page.encode(page.decode(EVERY_BYTE)) == EVERY_BYTE
    assert taken >= {"cp037", "cp273", "cp500", "cp1026", "cp1140"}
    assert refused == {"cp424", "cp875"}


@pytest.mark.parametrize("name", ["cp037", "cp1047", "cp273", "cp500", "cp1140", "cp1026"])
def test_control_characters_are_those_of_every_ebcdic_page(name):
    """X'15' is NEL and X'25' is LF, in 1047 too: the other way round is a habit of z/OS UNIX tools, not of the page."""
    assert code_page(name).decode(bytes.fromhex("0D152505")) == "\r\u0085\n\t"


def test_the_default_is_037_as_python_has_it():
    assert code_page().name == "cp037"
    assert code_page().decode(EVERY_BYTE) == EVERY_BYTE.decode("cp037")


def test_brackets_and_circumflex_tell_1047_from_037():
    assert code_page("1047").encode("[]^\u00ac\u00dd\u00a8") == bytes.fromhex("ADBD5FB0BABB")
    assert code_page("037").encode("[]^\u00ac\u00dd\u00a8") == bytes.fromhex("BABBB05FADBD")
    same = set(EVERY_BYTE) - set(bytes.fromhex("ADBD5FB0BABB"))
    assert all(code_page("1047").decode(bytes([b])) == code_page("037").decode(bytes([b])) for b in same)


@pytest.mark.parametrize(
    "name", ["ascii", "utf-8", "utf-16", "cp1252", "cp99999", "rot13", "hex", "idna", "undefined", "nothing-like-it"]
)
def test_what_is_no_complete_single_byte_code_page_is_refused(name):
    with pytest.raises(DataSetError, match="NOT A COMPLETE SINGLE-BYTE CODE PAGE"):
        code_page(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "cp037\0", "os.path", "x" * 31, "cp 037"])
def test_a_name_that_is_no_name_is_refused_before_it_is_looked_up(name):
    with pytest.raises(DataSetError, match="CODE PAGE NAME"):
        code_page(name)


def test_a_character_that_is_missing_is_named_with_its_place():
    with pytest.raises(DataSetError, match=r"CHARACTER U\+20AC AT 4 IS NOT IN CODE PAGE cp037"):
        code_page().encode("100\u20ac")


def test_text_is_padded_with_ebcdic_blanks():
    assert code_page().pad("AB", 4) == bytes.fromhex("C1C24040")
    with pytest.raises(DataSetError, match="LONGER THAN 2"):
        code_page().pad("ABC", 2)


def test_people_see_a_period_for_what_does_not_print():
    assert code_page().printable(bytes.fromhex("C1000D15F0FF")) == "A...0."
    assert len(code_page().printable(EVERY_BYTE)) == 256
